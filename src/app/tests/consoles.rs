//! Consoles: who has the keys, the key bar, the list, the size.

use super::super::consoles::{
    Choice, ConsoleNews, ConsoleOrder, InRunConsole, InRuns, Mode, Place, State, View, choices,
    farewell, is_release, open_place, title,
};
use super::super::scenes::*;
use super::super::{Effect, Input, Key, Model, Msg, Overlay};

fn orders(effects: &[Effect]) -> Vec<&ConsoleOrder> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Console(order) => Some(order),
            _ => None,
        })
        .collect()
}

fn said(model: &Model) -> &str {
    model.status.as_ref().map_or("", |status| status.sentence.as_str())
}

fn shows(model: &mut Model, id: u32, state: State) {
    let view = View { columns: 80, rows: 10, state, ..View::default() };
    tell(model, Msg::Console(ConsoleNews::View(id, Box::new(view))));
}

/// A model with a shell on this machine in front.
fn with_shell(columns: u16, rows: u16) -> Model {
    let mut model = looked_at(&["leaf-01", "gpu-07"], columns, rows);
    press(&mut model, ":");
    type_text(&mut model, "shell");
    press(&mut model, "Enter");
    assert_eq!(model.consoles.shown, Some(1));
    shows(&mut model, 1, State::Open);
    model
}

fn bar(model: &mut Model, key: Key) -> Vec<Effect> {
    tell(model, Msg::Console(ConsoleNews::Bar));
    tell(model, Msg::Input(Input::Key(key)))
}

#[test]
fn a_run_that_lives_can_hold_a_console_and_the_words_say_so() {
    let mut model = looked_at(&["leaf-01", "gpu-07"], 120, 40);
    let one = InRunConsole { run: 8, number: 2, name: "bastion".into(), keys: None, ended: None };
    let in_runs = InRuns { host: Some(8), list: vec![one] };
    tell(&mut model, Msg::Console(ConsoleNews::InRuns(in_runs)));
    let offered = choices(&model);
    let words: Vec<String> = offered.items.iter().map(|item| item.words(&model).1).collect();
    assert!(words[0].contains("console 2, outlives this screen"), "{words:?}");
    assert!(
        words.iter().any(|words| words.starts_with("outlives this screen; opens")),
        "{words:?}"
    );
    assert!(words.iter().any(|words| words == "opens a shell on this machine"), "{words:?}");
    let effects = open_place(&mut model, Place::Local(Vec::new()).in_run(8));
    assert!(
        matches!(orders(&effects)[..], [ConsoleOrder::Open(1, place, _)] if place.run() == Some(8))
    );
    shows(&mut model, 1, State::Open);
    assert_eq!(super::super::header::header(&model).leave, "you type in the run");
    let front = model.consoles.front().unwrap();
    assert!(title(front, 80).contains("outlives this screen"));
    assert!(title(front, 10).contains("(outlives screen)"));
    assert!(!front.ends_with_screen());
    assert_eq!(farewell(&model), None, "it has no number yet");
    tell(&mut model, Msg::Console(ConsoleNews::Numbered(1, 3, "this machine".into())));
    assert!(farewell(&model).unwrap().contains("console 3 of run 8 goes on"));
    let effects = bar(&mut model, Key::char('+'));
    assert_eq!(orders(&effects), [&ConsoleOrder::Keys(1, true)]);
}

#[test]
fn an_open_console_has_the_keys_until_ctrl_backslash() {
    let mut model = with_shell(80, 24);
    assert!(model.console_has_keys());
    assert_eq!(super::super::header::header(&model).leave, "you type in console");
    tell(&mut model, Msg::Console(ConsoleNews::Bar));
    assert!(!model.console_has_keys());
    press(&mut model, "Esc");
    assert!(model.console_has_keys());
    let effects = bar(&mut model, Key::ctrl('\\'));
    assert_eq!(orders(&effects), [&ConsoleOrder::SendRelease(1)]);
    assert!(model.console_has_keys());
    bar(&mut model, Key::char('x'));
    assert_eq!(model.consoles.mode, Mode::Bar, "a wrong key says which are right");
    assert!(said(&model).contains("Esc goes back"));
}

#[test]
fn the_key_that_leaves_is_the_operators_own() {
    let mut model = with_shell(80, 24);
    let own = "[keys]\n\"console.focus\" = \"F12\"\n";
    model.keymap = super::super::Keymap::from_toml(own, std::path::Path::new("keys.toml")).unwrap();
    let key = Key::plain(crate::app::KeyName::F(12));
    assert!(is_release(&model, key) && !is_release(&model, Key::ctrl('\\')));
    assert_eq!(super::super::consoles::bar(&model, false)[1], ("F12".to_owned(), "send"));
    let effects = bar(&mut model, key);
    assert_eq!(orders(&effects), [&ConsoleOrder::SendRelease(1)]);
    bar(&mut model, Key::plain(crate::app::KeyName::Tab));
    assert!(said(&model).contains("F12 comes back"));
    tell(&mut model, Msg::Input(Input::Key(key)));
    assert!(model.console_has_keys());
}

#[test]
fn the_size_of_its_window_follows_the_screen_and_the_key_bar() {
    let mut model = with_shell(80, 24);
    let size = |model: &Model| model.consoles.front().unwrap().size;
    assert_eq!(size(&model), (76, 12), "the sketch of 80x24");
    let effects = bar(&mut model, Key::char('z'));
    assert_eq!(orders(&effects), [&ConsoleOrder::Resize(1, 80, 23)]);
    let effects = tell(&mut model, Msg::Input(Input::Resize(100, 30)));
    assert_eq!(orders(&effects), [&ConsoleOrder::Resize(1, 100, 29)]);
    bar(&mut model, Key::char('z'));
    let before = size(&model);
    bar(&mut model, Key::char('s'));
    assert!(size(&model).1 < before.1);
}

#[test]
fn detached_it_goes_on_and_c_comes_back_and_q_asks() {
    let mut model = with_shell(120, 40);
    let effects = bar(&mut model, Key::char('d'));
    assert_eq!(orders(&effects), [&ConsoleOrder::Show(1, false)]);
    assert!(said(&model).contains("goes on"));
    press(&mut model, "c");
    let Some(Overlay::Consoles(choices)) = &model.overlay else { panic!("no list") };
    assert_eq!(choices.items[0], Choice::Return(1));
    press(&mut model, "Home");
    let effects = press(&mut model, "Enter");
    assert_eq!(orders(&effects), [&ConsoleOrder::Show(1, true)]);
    for keeps in ["Esc", "n"] {
        let effects = bar(&mut model, Key::char('q'));
        assert!(orders(&effects).is_empty() && model.consoles.mode == Mode::Closing);
        assert_eq!(press(&mut model, "q"), [], "a key that bounces ends nothing");
        press(&mut model, keeps);
        assert!(model.consoles.open.len() == 1 && model.console_has_keys());
    }
    bar(&mut model, Key::char('q'));
    let effects = press(&mut model, "y");
    assert_eq!(orders(&effects), [&ConsoleOrder::Close(1)]);
    assert!(model.consoles.open.is_empty() && model.ending.is_none());
}

#[test]
fn looking_back_moves_and_finds_and_ends_where_it_began() {
    let mut model = with_shell(80, 24);
    bar(&mut model, Key::char('['));
    assert!(!model.console_has_keys());
    assert!(matches!(orders(&press(&mut model, "PgUp"))[0], ConsoleOrder::Scroll(1, _)));
    press(&mut model, "/");
    type_text(&mut model, "error");
    let effects = press(&mut model, "Enter");
    let found = crate::console::Find::Text("error".into());
    assert_eq!(orders(&effects), [&ConsoleOrder::Find(1, found)]);
    assert_eq!(orders(&press(&mut model, "y")), [&ConsoleOrder::Copy(1)]);
    assert_eq!(orders(&press(&mut model, "Esc")).len(), 2);
    assert!(model.console_has_keys());
}

#[test]
fn a_line_that_ended_is_connected_again_or_left_with_its_text() {
    let mut model = with_shell(80, 24);
    shows(&mut model, 1, State::Ended("the line was cut".into()));
    let effects = press(&mut model, "r");
    assert_eq!(orders(&effects), [&ConsoleOrder::Connect(1, false)]);
    let effects = press(&mut model, "f");
    assert_eq!(orders(&effects), [&ConsoleOrder::Connect(1, true)]);
    press(&mut model, "[");
    assert!(matches!(orders(&press(&mut model, "PgUp"))[0], ConsoleOrder::Scroll(1, _)));
    press(&mut model, "Esc");
    assert_eq!(orders(&press(&mut model, "y")), [&ConsoleOrder::Copy(1)]);
    press(&mut model, "Esc");
    assert_eq!((model.consoles.shown, model.consoles.open.len()), (None, 1));
    assert!(said(&model).contains("keeps its text"));
    press(&mut model, "c Home Enter q Esc");
    assert_eq!(model.consoles.open.len(), 1);
    assert_eq!(orders(&press(&mut model, "q y")), [&ConsoleOrder::Close(1)]);
    assert!(model.consoles.open.is_empty());
}

#[test]
fn prepared_lines_are_typed_and_never_entered() {
    let mut model = with_shell(80, 24);
    model.consoles.open[0].lines = vec!["ls -l".into(), "df -h".into()];
    let effects = bar(&mut model, Key::char('2'));
    assert_eq!(orders(&effects), [&ConsoleOrder::Type(1, "df -h".into())]);
    bar(&mut model, Key::char('3'));
    assert!(said(&model).contains("number 3"));
}

#[test]
fn a_session_for_one_console_opens_it_and_ends_with_it() {
    let mut model = Model::new(super::super::Start {
        size: super::super::Size::new(80, 24),
        console: Some(Place::Local(vec!["top".into()])),
        ..Default::default()
    });
    assert!(model.console_has_keys(), "whoever types already means the console");
    let effects = tell(&mut model, Msg::SiteLoaded(Box::new(site(&["a"])), Box::new(catalogue())));
    let opened = orders(&effects);
    assert!(matches!(opened[0], ConsoleOrder::Open(1, _, (80, 23))), "{opened:?}");
    shows(&mut model, 1, State::Open);
    // There is nothing to come back to, so that leaving is ending, and is asked.
    for key in ['d', 'q'] {
        assert_eq!(bar(&mut model, Key::char(key)), []);
        assert_eq!(model.consoles.mode, Mode::Closing);
        press(&mut model, "x Esc");
        assert!(model.console_has_keys());
    }
    bar(&mut model, Key::char('d'));
    let effects = press(&mut model, "y");
    assert!(effects.contains(&Effect::Quit) && model.consoles.open.is_empty(), "{effects:?}");
}

#[test]
fn what_has_ended_says_since_when_and_is_left_without_a_question() {
    let mut model = Model::new(super::super::Start {
        now: NOW,
        size: super::super::Size::new(80, 24),
        console: Some(Place::Local(vec!["top".into()])),
        ..Default::default()
    });
    tell(&mut model, Msg::SiteLoaded(Box::new(site(&["a"])), Box::new(catalogue())));
    shows(&mut model, 1, State::Open);
    assert_eq!(super::super::consoles::whose_keys(&model), "keys go HERE");
    model.now = NOW.plus_millis(60_000);
    shows(&mut model, 1, State::Ended("ended with status 3".into()));
    shows(&mut model, 1, State::Ended("ended with status 3".into()));
    model.now = NOW.plus_millis(192_000);
    assert_eq!(super::super::consoles::whose_keys(&model), "ended 13:59:07Z, 2m ago");
    let console = model.consoles.front().unwrap();
    assert_eq!(super::super::consoles::sentence(console), "ended with status 3");
    assert_eq!(super::super::header::header(&model).leave, "look only");
    let keys = super::super::consoles::ended_keys(console, true);
    assert_eq!(keys[..3], [("r", "connects again"), ("q", "closes it"), ("Esc", "leaves")]);
    let offered = super::super::consoles::bar(&model, true);
    assert!(offered.contains(&("r".to_owned(), "connects again")), "{offered:?}");
    assert_eq!(press(&mut model, "Esc"), [Effect::Quit]);
}

#[test]
fn leaving_names_the_sessions_that_end_and_asks() {
    let mut model = with_shell(80, 24);
    super::super::consoles::open_place(&mut model, Place::Local(vec!["top".into()]));
    super::super::consoles::open_place(&mut model, Place::Local(vec!["gone".into()]));
    shows(&mut model, 2, State::Open);
    shows(&mut model, 3, State::Ended("ended with status 0".into()));
    model.now = model.now.plus_millis(724_000);
    press(&mut model, "Esc");
    for goes_back in ["Esc", "n"] {
        assert_eq!(press(&mut model, "q"), []);
        let Some(Overlay::Leaving(leaving)) = &model.overlay else { panic!("no question") };
        assert_eq!(leaving.title, "Leave, and end these 2 consoles?");
        let said = leaving.lines.join("\n");
        assert!(said.contains("console 1: this machine, a shell on this machine, open for 12m"));
        assert!(said.contains("console 2: top") && !said.contains("console 3"), "{said}");
        assert_eq!(press(&mut model, "q Enter"), [], "only y leaves");
        press(&mut model, goes_back);
        assert!(model.overlay.is_none() && model.consoles.open.len() == 3);
    }
    model.runs.list.push(super::super::runs::RunLine {
        id: 8,
        title: "site.yml".into(),
        word: crate::install::journal::RunWord::Running,
        exit: None,
        started: NOW,
        ending: None,
        ended: None,
        prompt: None,
        stop: None,
        cut: None,
        goes_on: None,
    });
    press(&mut model, ":");
    type_text(&mut model, "quit");
    press(&mut model, "Enter");
    let Some(Overlay::Leaving(leaving)) = &model.overlay else { panic!("no question") };
    assert!(leaving.lines.last().unwrap().contains("run 8 goes on; `shopfloor attach 8`"));
    assert_eq!(press(&mut model, "y"), [Effect::Quit]);
    // Where nothing can be seen it is asked as well.
    model.overlay = None;
    tell(&mut model, Msg::Input(Input::Resize(20, 5)));
    assert_eq!(press(&mut model, "q"), []);
    let sentence = super::super::consoles::too_small(&model).unwrap();
    assert!(sentence.contains("y leaves, Esc goes back"), "{sentence}");
    press(&mut model, "Esc");
    assert!(model.overlay.is_none());
    // What has ended or is a recording is lost to nobody.
    for id in [1, 2] {
        shows(&mut model, id, State::Ended("the line was cut".into()));
    }
    assert_eq!(press(&mut model, "q"), [Effect::Quit]);
}

#[test]
fn the_border_says_first_whether_it_outlives_the_screen() {
    let mut model = with_shell(80, 24);
    model.consoles.open[0].view.recorded = "recorded".into();
    let console = &model.consoles.open[0];
    let title = |room| super::super::consoles::title(console, room);
    assert_eq!(title(60), "console 1: this machine (ends with this screen, recorded)");
    assert_eq!(title(50), "console 1: this machine (ends with this screen)");
    assert_eq!(title(45), "console 1: this machine (ends with screen)");
    assert_eq!(title(34), "console 1 (ends with this screen)");
    assert_eq!(title(10), "console 1 (ends with screen)");
}

#[test]
fn too_small_says_one_sentence_and_every_console_ends_at_twelve() {
    let mut model = with_shell(80, 24);
    tell(&mut model, Msg::Input(Input::Resize(20, 5)));
    let sentence = super::super::consoles::too_small(&model).unwrap();
    assert!(sentence.contains("needs 60x15, this is 20x5"), "{sentence}");
    tell(&mut model, Msg::Input(Input::Resize(80, 24)));
    for _ in 0..20 {
        super::super::consoles::open_place(&mut model, Place::Local(Vec::new()));
    }
    assert_eq!(model.consoles.open.len(), 12);
    assert!(said(&model).contains("close one first"));
}
