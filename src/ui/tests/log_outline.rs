//! The log view on real runs of Ansible, at the sizes that are kept.

use std::path::Path;

use super::*;
use crate::app::logs::LogNews;
use crate::app::screens::logs::room;
use crate::domain::Stamp;
use crate::logs::outliner::Outliner;
use crate::logs::source::Source;
use crate::logs::view::View;

/// The log view with a file open, as the log view's thread would tell of it.
struct Opened {
    view: View,
    outliner: Outliner,
}

impl Opened {
    fn new(file: &Path) -> Opened {
        let mut view = View::default();
        view.add(Source::open(file).unwrap());
        let mut outliner = Outliner::default();
        while !outliner.is_idle(&view) {
            outliner.step(&view);
        }
        Opened { view, outliner }
    }

    fn tell(&mut self, model: &mut Model) {
        let tell = |model: &mut Model, news| site::tell(model, Msg::Log(news));
        tell(model, LogNews::Sources(self.view.source_lines()));
        tell(model, LogNews::Outline(Box::new(self.outliner.panel(&self.view))));
        if let Some(room) = room(model) {
            self.view.shape = model.logs.shape;
            assert_eq!(model.logs.shape.rows, room.rows.height, "the window fits the screen");
            let window = self.view.window(&|| true).unwrap();
            tell(model, LogNews::Window(Box::new(window), false));
        }
    }

    /// Keeps the screen at every size, after these keys.
    fn keep(&mut self, name: &str, now: Stamp, keys: &[Key]) {
        for (columns, rows, words) in SIZES {
            let mut model = site::model(columns, rows);
            model.navigation.here = Route::screen("logs");
            model.now = now;
            self.tell(&mut model);
            press(&mut model, keys);
            self.tell(&mut model);
            keep_at(name, &model, words);
        }
    }
}

fn keep_at(name: &str, model: &Model, words: &str) {
    let text = picture::screen_text(&drawn(model, words)).join("\n");
    let (columns, rows) = (model.size.columns, model.size.rows);
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("../snapshots");
    settings.bind(|| insta::assert_snapshot!(format!("{name}@{columns}x{rows}"), text));
}

fn capture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ansible").join(name)
}

#[test]
fn a_run_that_failed() {
    let mut opened = Opened::new(&capture("profile-tasks-color.log"));
    let now = site::model(80, 24).now;
    opened.keep("log_ansible", now, &[Key::char('o')]);
    let mut lines = Opened::new(&capture("profile-tasks-color.log"));
    lines.keep("log_ansible_lines", now, &[]);
}

#[test]
fn a_run_that_waits() {
    let scratch = tempfile::tempdir().unwrap();
    let output = scratch.path().join("output");
    // The capture without its end: the operator did not stop it yet.
    let text = std::fs::read_to_string(capture("interrupted-color.log")).unwrap();
    let text: String = text
        .lines()
        .filter(|line| !line.contains("[ERROR]"))
        .map(|line| format!("{line}\n"))
        .collect();
    std::fs::write(&output, &text).unwrap();
    // One line every two and a half seconds: ten between two tries of a host.
    let start = site::model(80, 24).now.0 - 400_000;
    let (mut offset, mut times) = (0, String::new());
    for (at, line) in (0..).zip(text.split_inclusive('\n')) {
        times += &format!("{offset} {}\n", start + at * 2_500);
        offset += line.len();
    }
    std::fs::write(scratch.path().join("output.times"), times).unwrap();
    let mut opened = Opened::new(&output);
    opened.keep("log_ansible_waits", Stamp(start + 400_000), &[Key::char('o')]);
}

#[test]
fn enter_leads_to_the_line_and_space_lists_the_hosts() {
    let mut opened = Opened::new(&capture("default-color.log"));
    let mut model = site::model(80, 24);
    model.navigation.here = Route::screen("logs");
    opened.tell(&mut model);
    press(&mut model, &[Key::plain(KeyName::Tab), Key::char('j')]);
    let row = &model.logs.outline.rows[1];
    assert_eq!(row.text, "Failed: OSD creation");
    let offset = row.place.unwrap().offset;
    let effects =
        crate::app::update(&mut model, Msg::Input(Input::Key(Key::plain(KeyName::Enter))));
    let wanted = crate::app::logs::order(crate::app::logs::LogOrder::Show((0, offset)));
    assert!(effects.contains(&wanted), "{effects:?}");
    assert_eq!(model.state().panel.as_deref(), Some("text"));
    let text = std::fs::read(capture("default-color.log")).unwrap();
    assert!(text[offset as usize..].starts_with(b"TASK [OSD creation]"));

    // The hosts of a task that went well.
    let task =
        model.logs.outline.rows.iter().find(|row| row.text == "Check the kernel").unwrap().task;
    opened.outliner.unfolded = task;
    opened.tell(&mut model);
    let at = model.logs.outline.rows.iter().position(|row| row.text == "Check the kernel").unwrap();
    let hosts: Vec<&str> =
        model.logs.outline.rows[at + 1..at + 6].iter().map(|row| row.text.as_str()).collect();
    assert_eq!(
        hosts,
        ["node-002: ok", "node-001: ok", "node-003: ok", "node-004: ok", "node-005: ok"]
    );
}

#[test]
fn a_log_of_something_else_has_no_outline_to_go_to() {
    let mut opened = Opened::new(&capture("list-hosts.log"));
    let mut model = site::model(80, 24);
    model.navigation.here = Route::screen("logs");
    opened.tell(&mut model);
    press(&mut model, &[Key::plain(KeyName::Tab)]);
    assert_eq!(model.state().panel.as_deref(), Some("sources"));
}
