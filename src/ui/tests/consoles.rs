//! The console screen: one, several, ended, full, alone, and the questions.

use super::*;
use crate::app::consoles::{ConsoleNews, Cursor, Ink, Place, Row, Run, State, Style, View};

/// A console beside the overview, as its program left it.
fn with_console() -> Model {
    let mut model = site::model(80, 24);
    press(&mut model, &[Key::char(':')]);
    press(&mut model, &"shell".chars().map(Key::char).collect::<Vec<_>>());
    press(&mut model, &[Key::plain(KeyName::Enter)]);
    let plain = |text: &str| Run { text: text.to_owned(), style: Style::default() };
    let red = Style { fore: Ink::Indexed(1), bold: true, ..Style::default() };
    let screen = vec![
        Row { runs: vec![plain("operator@bastion0:~$ ls -l keyrings/")] },
        Row { runs: vec![plain("日本語 │ "), Run { text: "error".to_owned(), style: red }] },
        Row { runs: vec![plain("operator@bastion0:~$")] },
    ];
    let view = View {
        columns: 76,
        rows: 12,
        screen,
        cursor: Some(Cursor { column: 21, row: 2 }),
        state: State::Open,
        recorded: "recorded".to_owned(),
        ..View::default()
    };
    site::tell(&mut model, Msg::Console(ConsoleNews::View(1, Box::new(view))));
    model.consoles.open[0].lines = vec!["ls -l keyrings/".to_owned(), "df -h".to_owned()];
    model
}

fn shows(model: &mut Model, change: impl FnOnce(&mut View)) {
    let mut view = model.consoles.front().expect("a console").view.clone();
    change(&mut view);
    site::tell(model, Msg::Console(ConsoleNews::View(1, Box::new(view))));
}

#[test]
fn consoles() {
    keep("console", &with_console());
    let mut model = with_console();
    site::tell(&mut model, Msg::Console(ConsoleNews::Bar));
    keep("console_bar", &model);
    press(&mut model, &[Key::char('q')]);
    keep("console_closing", &model);
    press(&mut model, &[Key::plain(KeyName::Esc)]);
    site::tell(&mut model, Msg::Console(ConsoleNews::Bar));
    press(&mut model, &[Key::char('z')]);
    keep("console_full", &model);
    site::tell(&mut model, Msg::Console(ConsoleNews::Bar));
    keep("console_full_bar", &model);
    let mut model = with_console();
    site::tell(&mut model, Msg::Console(ConsoleNews::Bar));
    press(&mut model, &[Key::char('d'), Key::char('c')]);
    keep("consoles", &model);
}

#[test]
fn a_console_that_ended() {
    let mut model = with_console();
    shows(&mut model, |view| {
        (view.state, view.cursor) = (State::Ended("the line was cut".to_owned()), None);
    });
    model.now = model.now.plus_millis(252_000);
    keep("console_ended", &model);
    model.consoles.is_full = true;
    keep("console_ended_full", &model);
}

#[test]
fn several_consoles_and_leaving_them() {
    let mut model = with_console();
    let place = Place::Local(vec!["top".to_owned()]);
    crate::app::consoles::open_place(&mut model, place);
    let mut view = model.consoles.open[0].view.clone();
    view.title = "top".to_owned();
    site::tell(&mut model, Msg::Console(ConsoleNews::View(2, Box::new(view))));
    keep("console_of_two", &model);
    site::tell(&mut model, Msg::Console(ConsoleNews::Bar));
    keep("console_of_two_bar", &model);
    press(&mut model, &[Key::char('d'), Key::char('q')]);
    model.now = model.now.plus_millis(252_000);
    press(&mut model, &[Key::plain(KeyName::Esc), Key::char('q')]);
    keep("leaving_consoles", &model);
}

#[test]
fn a_console_alone_and_in_a_terminal_of_20x5() {
    let mut model = with_console();
    model.consoles.alone = true;
    keep("console_alone", &model);
    site::tell(&mut model, Msg::Console(ConsoleNews::Bar));
    keep("console_alone_bar", &model);
    // Smaller than anything: one sentence, whole.
    let mut small = resized(with_console(), 20, 5);
    let text = |model: &Model| picture::screen_text(&drawn(model, "mono ascii none")).join(" ");
    assert!(text(&small).contains("needs 60x15"), "{}", text(&small));
    site::tell(&mut small, Msg::Console(ConsoleNews::Bar));
    assert!(text(&small).contains("d leaves it"), "{}", text(&small));
    press(&mut small, &[Key::char('d'), Key::char('q')]);
    assert!(text(&small).contains("y leaves"), "{}", text(&small));
}
