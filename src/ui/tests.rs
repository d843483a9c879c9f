//! Every screen at every size that is kept, and at all the others without a panic.

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::look::{Look, LookChoice, LookEnv};
use super::test_site as site;
use super::{draw, picture};
use crate::app::overlay::{Act, Confirm, Menu, Secret, Since};
use crate::app::{Input, Key, KeyName, Model, Msg, Overlay, Route, Size, screens};

/// A look by its words.
fn look(words: &str) -> Look {
    let env = LookEnv { wanted: LookChoice::from_words(words), ..LookEnv::default() };
    let chosen = Look::choose(&env);
    assert_eq!(chosen.problems, Vec::<String>::new());
    chosen.look
}

/// The sizes that are kept (design section 8).
const SIZES: [(u16, u16, &str); 5] = [
    (80, 24, "mono ascii none"),
    (120, 40, "dark unicode 256"),
    (160, 48, "dark unicode 256"),
    (200, 60, "dark unicode 256"),
    (60, 15, "mono ascii none"),
];

fn drawn(model: &Model, words: &str) -> Buffer {
    let area = Rect::new(0, 0, model.size.columns, model.size.rows);
    let mut buffer = Buffer::empty(area);
    draw(model, &look(words), area, &mut buffer);
    buffer
}

fn resized(mut model: Model, columns: u16, rows: u16) -> Model {
    site::tell(&mut model, Msg::Input(Input::Resize(columns, rows)));
    model
}

fn press(model: &mut Model, keys: &[Key]) {
    for key in keys {
        site::tell(model, Msg::Input(Input::Key(*key)));
    }
}

fn keep(name: &str, model: &Model) {
    for (columns, rows, words) in SIZES {
        let model = resized(model.clone(), columns, rows);
        let text = picture::screen_text(&drawn(&model, words)).join("\n");
        let settings = {
            let mut settings = insta::Settings::clone_current();
            settings.set_omit_expression(true);
            settings.set_prepend_module_to_snapshot(false);
            settings.set_snapshot_path("snapshots");
            settings
        };
        settings.bind(|| insta::assert_snapshot!(format!("{name}@{columns}x{rows}"), text));
    }
}

fn at(route: Route) -> Model {
    let mut model = site::model(80, 24);
    model.navigation.here = route;
    model
}

#[test]
fn overview() {
    keep("overview", &site::model(80, 24));
}

#[test]
fn overview_when_all_is_well() {
    keep("overview_well", &site::well_model(80, 24));
}

#[test]
fn overview_in_the_first_second() {
    keep("overview_looking", &site::looking_model(80, 24));
}

#[test]
fn overview_without_an_inventory() {
    keep("overview_empty", &site::empty_model(80, 24));
}

#[test]
fn rack() {
    let mut model = at(Route::screen("rack"));
    press(&mut model, &[Key::plain(KeyName::Right)]);
    press(&mut model, &[Key::char('j'); 11]);
    keep("rack", &model);
}

#[test]
fn rack_without_units() {
    let mut model = at(Route::screen("rack"));
    press(&mut model, &[Key::plain(KeyName::Left)]);
    keep("rack_list", &model);
}

#[test]
fn layers() {
    keep("hosts", &at(Route::screen("hosts")));
    let mut model = at(Route::screen("hosts"));
    press(&mut model, &[Key::char('o'), Key::char('!')]);
    keep("hosts_by_target", &model);
    keep("power", &at(Route::screen("power")));
    keep("fabric", &at(Route::screen("fabric")));
    keep("ceph", &at(Route::screen("ceph")));
}

#[test]
fn a_target() {
    keep("target", &at(Route::target("gpu-07".into())));
    keep("target_gone", &at(Route::target("gpu-99".into())));
}

#[test]
fn pages() {
    keep("code", &at(Route::check("HOST-05".into())));
    keep("keys", &at(Route::screen("keys")));
    keep("look", &at(Route::screen("look")));
    for screen in ["install", "logs", "timeline", "inventory"] {
        keep(screen, &at(Route::screen(screen)));
    }
    let mut model = site::empty_model(80, 24);
    model.navigation.here = Route::screen("install");
    keep("install_empty", &model);
}

#[test]
fn overlays() {
    let mut model = site::model(80, 24);
    press(&mut model, &[Key::char('?')]);
    keep("help", &model);
    let mut model = site::model(80, 24);
    press(
        &mut model,
        &[Key::char(':'), Key::char('g'), Key::char('p'), Key::char('u'), Key::char('7')],
    );
    keep("palette", &model);
    let mut model = site::model(80, 24);
    press(&mut model, &[Key::char('.')]);
    keep("actions", &model);
    let mut model = site::model(80, 24);
    press(&mut model, &[Key::plain(KeyName::Tab), Key::char('t')]);
    keep("since", &model);
    let mut model = site::model(80, 24);
    press(&mut model, &[Key::ctrl('c')]);
    keep("stop", &model);
    let mut model = site::model(80, 24);
    model.overlay = Some(Overlay::Secret(Secret {
        name: "ssh-key /home/ops/.ssh/id_ed25519".into(),
        length: 12,
    }));
    keep("secret", &model);
    let mut model = site::model(80, 24);
    model.overlay = Some(Overlay::Confirm(confirm()));
    keep("confirm", &model);
    let mut model = site::model(80, 24);
    press(&mut model, &[Key::char('/'), Key::char('g'), Key::char('p'), Key::char('u')]);
    keep("filter", &model);
}

fn confirm() -> Confirm {
    Confirm {
        title: "Accept a changed host key of ceph-03".into(),
        lines: vec![
            "known_hosts has another key for ceph-03. If nobody reinstalled it, somebody may stand between.".into(),
            "offered  SHA256:qZ4v4gkB3VhQ8yF0Yw7P1sX9mB2nT6cL5dR8eK1uJ3o".into(),
            "Compare it at the console of ceph-03 before you go on.".into(),
        ],
        button: "Accept the key of ceph-03".into(),
        wanted: "ceph-03".into(),
        typed: "ceph-".into(),
        act: Act::AcceptHostKey("ceph-03".into(), "SHA256:qZ4v4gkB3VhQ8yF0Yw7P1sX9mB2nT6cL5dR8eK1uJ3o".into()),
    }
}

#[test]
fn too_small() {
    for (columns, rows) in [(52, 12), (30, 3), (59, 40)] {
        let model = resized(site::model(80, 24), columns, rows);
        let text = picture::screen_text(&drawn(&model, "mono ascii none")).join("\n");
        let mut settings = insta::Settings::clone_current();
        settings.set_omit_expression(true);
        settings.set_prepend_module_to_snapshot(false);
        settings.bind(|| insta::assert_snapshot!(format!("too_small@{columns}x{rows}"), text));
    }
}
