//! Every screen at every size that is kept, and at all the others without a panic.

mod consoles;
mod log_outline;
mod runs;

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::look::{Look, LookChoice, LookEnv, StyleRole};
use super::test_site as site;
use super::{draw, picture};
use crate::app::history::{HistoryNews, PLOT_COLUMNS, Plot, SeriesPast, Step};
use crate::app::overlay::{Act, Confirm, Secret};
use crate::app::plans::PlanNews;
use crate::app::scenes;
use crate::app::{Input, Key, KeyName, Model, Msg, Overlay, Route, screens};
use crate::domain::KeyName as FactName;

/// A look by its words.
fn look(words: &str) -> Look {
    let env = LookEnv { wanted: LookChoice::from_words(words), ..LookEnv::default() };
    let chosen = Look::choose(&env);
    assert_eq!(chosen.problems, Vec::<String>::new());
    chosen.look
}

/// The sizes that are kept: the smallest, that of every terminal, and where the layout changes.
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
fn racks_by_heat_and_without_units() {
    let mut model = at(Route::screen("rack"));
    press(&mut model, &[Key::plain(KeyName::Right), Key::char('H'), Key::char('R')]);
    keep("rack_heat", &model);
    press(&mut model, &[Key::plain(KeyName::Right), Key::plain(KeyName::Right)]);
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
    keep("fact", &at(Route::fact("router-box".into(), FactName::fixed("router.domains"))));
    keep("target_gone", &at(Route::target("gpu-99".into())));
}

#[test]
fn pages() {
    keep("code", &at(Route::check("HOST-55".into())));
    keep("code_rule", &at(Route::check("V-CEPH-01".into())));
    keep("keys", &at(Route::screen("keys")));
    keep("look", &at(Route::screen("look")));
    for screen in ["install", "logs", "timeline", "inventory"] {
        keep(screen, &at(Route::screen(screen)));
    }
    let mut model = site::empty_model(80, 24);
    model.navigation.here = Route::screen("install");
    keep("install_empty", &model);
    let mut model = at(Route::screen("install"));
    site::tell(&mut model, Msg::Plan(PlanNews::Read(scenes::plans(), Vec::new())));
    press(&mut model, &[Key::plain(KeyName::Down), Key::plain(KeyName::Enter)]);
    keep("install_plan", &model);
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
    press(&mut model, &[Key::char('q'), Key::char('q'), Key::plain(KeyName::Enter)]);
    keep("filter_none", &model);
}

/// Help, opened, at every selection: what a person can come to see of it.
fn help_pages(columns: u16, rows: u16) -> Vec<String> {
    let mut model = resized(at(Route::screen("rack")), columns, rows);
    press(&mut model, &[Key::char('?')]);
    let count = match &model.overlay {
        Some(Overlay::Help(menu)) => menu.commands.len(),
        other => panic!("{other:?}"),
    };
    let mut pages = Vec::new();
    for _ in 0..count {
        pages.extend(picture::screen_text(&drawn(&model, "mono ascii none")));
        press(&mut model, &[Key::plain(KeyName::Down)]);
    }
    pages
}

#[test]
fn nothing_of_help_is_cut_on_a_narrow_screen() {
    for (columns, rows) in [(80, 24), (60, 15)] {
        let pages = help_pages(columns, rows);
        let is_box = |line: &&String| line.starts_with('|');
        for line in pages.iter().filter(is_box) {
            assert!(!line.replace("~ old", "").contains('~'), "{columns}x{rows}: {line}");
        }
        // A reason of several lines has its last word too.
        let all = pages.join("\n");
        for word in ["Previous match", "for; / begins", "off or not wanted", ":keys every"] {
            assert!(all.contains(word), "no `{word}` at {columns}x{rows}:\n{all}");
        }
    }
}

#[test]
fn a_confirmation_that_does_not_fit_is_read_to_its_end() {
    let mut model = resized(site::model(80, 24), 60, 15);
    let lines = (0..30).map(|n| format!("line {n} says what an operator must know before it"));
    model.overlay = Some(Overlay::Confirm(Confirm { lines: lines.collect(), ..confirm() }));
    let mut seen = String::new();
    for _ in 0..12 {
        let text = picture::screen_text(&drawn(&model, "mono ascii none")).join("\n");
        assert!(text.contains("more below") || text.contains("below") || text.contains("above"));
        assert!(text.contains("Type ceph-03") && text.contains("Esc "), "{text}");
        seen.push_str(&text);
        press(&mut model, &[Key::plain(KeyName::PageDown)]);
    }
    assert!((0..30).all(|n| seen.contains(&format!("line {n} says"))), "{seen}");
}

/// `t` on the inlet temperature of a controller, and what the store tells of it.
fn since_with_plot() -> Model {
    let mut model = at(Route::target("bmc:gpu-10".into()));
    press(&mut model, &[Key::plain(KeyName::Tab), Key::char('t')]);
    let question = match &model.overlay {
        Some(Overlay::Since(since)) => since.question.clone().expect("a question"),
        other => panic!("{other:?}"),
    };
    let [series, probe] = question.series.as_slice() else { panic!("{question:?}") };
    let step = |ago, words: &str, unwatched_since| Step {
        at: site::ago(ago),
        words: Some(words.to_owned()),
        unwatched_since,
    };
    let column = |at: usize| {
        let value = 22.0 + ((at as f64) / 20.0).sin() * 3.0;
        // Nobody watched for a while, and the oldest part is thinned.
        let spread = if at < 60 { 1.5 } else { 0.0 };
        (!(90..120).contains(&at)).then_some((value - spread, value + spread))
    };
    let of_fact = SeriesPast {
        series: series.clone(),
        steps: vec![
            step(60, "23.1 C", None),
            step(9_000, "22.8 C", Some(site::ago(20_000))),
            step(93_600, "21.5 C", None),
        ],
        gaps: Vec::new(),
        plot: Some(Plot {
            from: site::ago(86_400),
            to: site::NOW,
            columns: (0..PLOT_COLUMNS).map(column).collect(),
            thinned: Some((site::ago(64_800), 5)),
            range: ("17.5 C".into(), "26.5 C".into()),
        }),
    };
    let of_probe = SeriesPast {
        series: probe.clone(),
        steps: vec![step(93_600, "answers", None)],
        gaps: vec![(site::ago(20_000), site::ago(9_000))],
        plot: None,
    };
    let told = HistoryNews::Since(question, Ok(vec![of_fact, of_probe]));
    site::tell(&mut model, Msg::History(told));
    model
}

#[test]
fn since_when_with_numbers_over_time() {
    keep("since_plot", &since_with_plot());
    // The glyphs of the other tables.
    for words in ["mono ascii none", "linux-console linux 8"] {
        let text = picture::screen_text(&drawn(&resized(since_with_plot(), 80, 24), words));
        assert!(text.iter().any(|line| line.contains("####")), "{text:#?}");
    }
}

fn confirm() -> Confirm {
    Confirm {
        top: 0,
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

/// Everything that can be in front: every screen, every overlay, several states of the site.
fn scenes() -> Vec<(String, Model)> {
    let mut scenes = Vec::new();
    let sites = [
        ("start", site::start(80, 24)),
        ("empty", site::empty_model(80, 24)),
        ("looking", site::looking_model(80, 24)),
        ("incident", site::model(80, 24)),
    ];
    for (name, model) in sites {
        for screen in screens::all() {
            let mut model = model.clone();
            model.navigation.here = match screen.id {
                "target" => Route::target("gpu-07".into()),
                "code" => Route::check("HOST-55".into()),
                "fact" => Route::fact("router-box".into(), FactName::fixed("router.domains")),
                id => Route::screen(id),
            };
            scenes.push((format!("{name} {}", screen.id), model));
        }
        for key in [Key::char('?'), Key::char(':'), Key::char('.'), Key::char('t'), Key::ctrl('c')]
        {
            let mut model = model.clone();
            press(&mut model, &[key]);
            scenes.push((format!("{name} {key:?}"), model.clone()));
            press(&mut model, &[Key::plain(KeyName::Down); 7]);
            scenes.push((format!("{name} {key:?}, moved"), model));
        }
        scenes.push((format!("{name} with a plot"), since_with_plot()));
        for overlay in [
            Overlay::Confirm(confirm()),
            Overlay::Secret(Secret { name: "vault default".into(), length: 4000 }),
        ] {
            let mut model = model.clone();
            model.overlay = Some(overlay);
            scenes.push((format!("{name} with an overlay"), model));
        }
    }
    scenes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn no_size_makes_drawing_panic_or_write_outside(
        columns in 0u16..=300,
        rows in 0u16..=100,
        x in 0u16..=20,
        y in 0u16..=20,
        words in prop::sample::select(vec!["mono ascii none", "light unicode true", "linux-console linux 8"]),
        end in prop::sample::select(vec![KeyName::End, KeyName::Home, KeyName::PageDown]),
    ) {
        let look = look(words);
        for (_, model) in scenes() {
            let mut model = resized(model, columns, rows);
            press(&mut model, &[Key::plain(KeyName::Tab), Key::plain(end)]);
            // The buffer is larger than the area: nothing may be written around it.
            let whole = Rect::new(0, 0, columns + x + 3, rows + y + 3);
            let mut buffer = Buffer::empty(whole);
            let area = Rect::new(x, y, columns, rows);
            draw(&model, &look, area, &mut buffer);
            for (at, cell) in buffer.content().iter().enumerate() {
                let (cx, cy) = buffer.pos_of(at);
                prop_assert!(
                    area.contains((cx, cy).into()) || *cell == ratatui::buffer::Cell::EMPTY,
                    "{cx},{cy} is outside"
                );
            }
            // And an area larger than the buffer is cut to it.
            let mut small = Buffer::empty(Rect::new(0, 0, columns / 2, rows / 2));
            draw(&model, &look, area, &mut small);
        }
    }
}

#[test]
fn every_size_up_to_a_small_one_is_drawn() {
    let model = site::model(80, 24);
    for columns in 0..=90 {
        for rows in 0..=30 {
            let model = resized(model.clone(), columns, rows);
            assert_eq!(drawn(&model, "mono ascii none").area.width, columns);
        }
    }
}

#[test]
fn the_ascii_table_draws_ascii_alone_whatever_the_site_says() {
    for (name, mut model) in scenes() {
        for target in &mut model.site.targets {
            target.serial = Some("Größe \u{202e}日本".into());
        }
        model.site.name = "sité-\u{1b}[31mа".into();
        let buffer = drawn(&model, "mono ascii none");
        for cell in buffer.content() {
            assert!(cell.symbol().is_ascii(), "{name}: {:?}", cell.symbol());
            assert!(!cell.symbol().contains('\u{1b}'), "{name}");
        }
    }
}

#[test]
fn colourless_looks_draw_no_colour() {
    use ratatui::style::Color;
    for (name, model) in scenes() {
        for cell in drawn(&model, "mono unicode none").content() {
            assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{name}");
        }
    }
}

#[test]
fn the_header_keeps_what_a_wrong_key_is_stopped_by_and_the_word_has_its_colour() {
    let mut model = site::model(80, 24);
    model.site.name = "a-site-with-a-very-long-name-that-nobody-can-say".into();
    model.site.word = Some("PROD".into());
    model.site.colour = Some("fail".into());
    for (columns, rows, words) in SIZES {
        let model = resized(model.clone(), columns, rows);
        let line = picture::screen_text(&drawn(&model, words)).remove(0);
        for part in [" PROD ", "LIVE", "look only", &model.now.hms()] {
            assert!(line.contains(part), "{part} at {columns}: {line}");
        }
        assert_eq!(line.contains("AI Factory"), columns >= 160, "{line}");
    }
    let colour = |colour: Option<&str>, words: &str| {
        let mut model = model.clone();
        model.site.colour = colour.map(str::to_owned);
        let buffer = drawn(&model, words);
        let cells = buffer.content().iter().take(80);
        let at =
            cells.clone().collect::<Vec<_>>().windows(4).position(|four| {
                four.iter().map(|cell| cell.symbol()).collect::<String>() == "PROD"
            });
        buffer.content()[at.expect("the word")].style()
    };
    let of = |words: &str, role| look(words).style(role).fg;
    let dark = "dark unicode 256";
    assert_eq!(colour(Some("fail"), dark).fg, of(dark, StyleRole::Fail));
    assert_ne!(colour(Some("#00ff00"), dark).fg, colour(Some("fail"), dark).fg);
    assert_eq!(colour(Some("no such thing"), dark), colour(None, dark));
}

#[test]
fn the_worst_is_named_on_the_first_screen_without_colour() {
    let text = picture::screen_text(&drawn(&site::model(80, 24), "mono ascii none")).join("\n");
    for words in ["X FAIL", "HOST-02", "gpu-10", "?  ??", "ceph-03", "! HOST-55", "gpu-19"] {
        assert!(text.contains(words), "{words} is not in\n{text}");
    }
}

#[test]
fn a_secret_shows_its_length_and_drawing_is_the_same_twice() {
    let mut model = site::model(80, 24);
    model.overlay = Some(Overlay::Secret(Secret { name: "vault default".into(), length: 9 }));
    let first = drawn(&model, "dark unicode true");
    assert_eq!(first, drawn(&model, "dark unicode true"));
    let text = picture::screen_text(&first).join("\n");
    assert!(text.contains("9 characters") && text.contains("vault default"), "{text}");
}

#[test]
fn the_test_card_fits_its_lines() {
    let model = at(Route::screen("look"));
    assert!(super::screens::card_lines(&model, &look("dark unicode true")) <= screens::look::LINES);
}

#[test]
fn every_command_can_be_selected_on_the_screen_that_lists_them() {
    let mut model = at(Route::screen("keys"));
    for _ in 0..crate::app::commands::all().count() {
        press(&mut model, &[Key::char('j')]);
        drawn(&model, "mono ascii none");
    }
    let text = picture::screen_text(&drawn(&model, "mono ascii none")).join("\n");
    assert!(text.contains("more above") && !text.contains("below"), "{text}");
}
