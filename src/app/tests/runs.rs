//! Runs on the screen: nothing is started, stopped or typed into without being
//! asked, and everything is recorded under the name that was said.

use super::super::consoles::{ConsoleOrder, Place};
use super::super::overlay::Overlay;
use super::super::runs::{Here, RunLine, RunNews, RunOrder, Runs, StopTold, Weighed};
use super::super::scenes;
use super::super::{Effect, Input, Key, KeyName, Model, Msg, Route};
use crate::install::journal::{RunWord, StopLevel};

const ENTER: Key = Key::plain(KeyName::Enter);

fn model(word: Option<RunWord>) -> Model {
    let mut model = scenes::model(80, 24);
    let here = Here { name: None, guess: "ops".into(), directory: "/srv/site".into() };
    scenes::tell(&mut model, Msg::Run(RunNews::Here(here)));
    let list = word.map(|word| line(8, word)).into_iter().collect();
    scenes::tell(&mut model, Msg::Run(RunNews::Listed(Runs { list, ..Runs::default() })));
    model
}

fn line(id: u64, word: RunWord) -> RunLine {
    RunLine {
        id,
        title: "make all".into(),
        word,
        exit: (word == RunWord::Failed).then_some(7),
        ending: None,
        started: scenes::NOW,
        ended: (!word.is_open()).then_some(scenes::NOW),
        prompt: (word == RunWord::Waiting).then(|| "Vault password:".into()),
        stop: None,
        cut: None,
        goes_on: None,
    }
}

fn press(model: &mut Model, keys: &[Key]) -> Vec<Effect> {
    keys.iter().flat_map(|key| scenes::tell(model, Msg::Input(Input::Key(*key)))).collect()
}

fn typed(model: &mut Model, text: &str) -> Vec<Effect> {
    let keys: Vec<Key> = text.chars().map(Key::char).collect();
    press(model, &keys)
}

fn orders(effects: &[Effect]) -> Vec<&RunOrder> {
    let orders = effects.iter().filter_map(|effect| match effect {
        Effect::Run(order) => Some(order),
        _ => None,
    });
    orders.collect()
}

fn confirm(model: &Model) -> &super::super::overlay::Confirm {
    match &model.overlay {
        Some(Overlay::Confirm(confirm)) => confirm,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_run_is_started_after_a_yes_and_a_name_and_with_its_exact_words() {
    let mut model = model(None);
    typed(&mut model, ":run sh -c 'echo a | wc'");
    press(&mut model, &[ENTER]);
    assert!(confirm(&model).lines[0].contains("sh -c 'echo a | wc'"), "{:?}", confirm(&model));
    assert!(confirm(&model).lines.iter().any(|line| line.contains("lease")));
    // Enter twice in a row never confirms.
    assert!(orders(&press(&mut model, &[ENTER, ENTER])).is_empty());
    typed(&mut model, "y");
    assert!(orders(&press(&mut model, &[ENTER])).is_empty(), "nobody said who it is");
    assert!(matches!(model.overlay, Some(Overlay::Name(_))));
    typed(&mut model, "eve");
    let effects = press(&mut model, &[ENTER]);
    let words: Vec<String> = ["sh", "-c", "echo a | wc"].map(str::to_owned).into();
    assert_eq!(
        orders(&effects),
        [&RunOrder::Say("eve".into()), &RunOrder::Start(words, "eve".into())]
    );
    // Asked once.
    typed(&mut model, ":run true");
    press(&mut model, &[ENTER]);
    typed(&mut model, "y");
    let effects = press(&mut model, &[ENTER]);
    assert_eq!(orders(&effects), [&RunOrder::Start(vec!["true".into()], "eve".into())]);
}

#[test]
fn nothing_is_started_beside_a_run_and_nothing_without_its_quotes() {
    let mut busy = model(Some(RunWord::Running));
    typed(&mut busy, ":run true");
    press(&mut busy, &[ENTER]);
    assert!(busy.overlay.is_none());
    assert!(busy.status.unwrap().sentence.contains("run 8 has the lease"));
    let mut model = model(None);
    typed(&mut model, ":run echo 'a");
    press(&mut model, &[ENTER]);
    assert!(model.overlay.is_none());
    assert!(model.status.unwrap().sentence.contains("is not closed"));
}

#[test]
fn one_key_leads_to_where_a_prompt_is_answered_and_asks_who_is_there() {
    let mut model = model(None);
    let mut waiting = Runs::default();
    waiting.list.push(line(8, RunWord::Waiting));
    let news = || Msg::Run(RunNews::Listed(waiting.clone()));
    assert_eq!(scenes::tell(&mut model, news()), [Effect::Ring]);
    assert_eq!(scenes::tell(&mut model, news()), [], "the bell rings once");
    press(&mut model, &[Key::char('2'), Key::char('W')]);
    assert!(matches!(model.overlay, Some(Overlay::Name(_))));
    let effects = press(&mut model, &[ENTER]);
    let open = effects.iter().find_map(|effect| match effect {
        Effect::Console(ConsoleOrder::Open(id, place, _)) => Some((*id, place.clone())),
        _ => None,
    });
    let place = Place::Run { run: 8, by: "ops".into() };
    assert_eq!(open, Some((1, Box::new(place))), "the guess is taken as it is");
    assert!(model.console_has_keys(), "what is typed goes to the runtime, not here");
    // There already: it is shown again, not opened twice.
    scenes::tell(&mut model, Msg::Console(super::super::consoles::ConsoleNews::Bar));
    press(&mut model, &[Key::char('d')]);
    press(&mut model, &[Key::char('W')]);
    assert_eq!(model.consoles.open.len(), 1);
    assert_eq!(model.consoles.shown, Some(1));
}

#[test]
fn a_stop_is_confirmed_at_each_level_and_says_what_it_reaches() {
    let mut model = model(Some(RunWord::Running));
    model.runs.here.as_mut().unwrap().name = Some("eve".into());
    typed(&mut model, ":stop");
    let effects = press(&mut model, &[ENTER]);
    assert_eq!(orders(&effects), [&RunOrder::Weigh(8)]);
    let weighed = Weighed {
        reached: vec!["12 (make all)".into()],
        count: 3,
        beyond: vec!["13 (sleep) belongs to another user".into()],
    };
    scenes::tell(&mut model, Msg::Run(RunNews::Weighed(8, weighed)));
    let lines = confirm(&model).lines.join("\n");
    assert!(lines.contains("12 (make all)") && lines.contains("and 2 more"), "{lines}");
    assert!(lines.contains("another user"), "{lines}");
    for (level, next) in
        [(StopLevel::Int, Some("TERM")), (StopLevel::Term, Some("KILL")), (StopLevel::Kill, None)]
    {
        assert!(orders(&press(&mut model, &[ENTER])).is_empty(), "only with its name");
        typed(&mut model, "run 8");
        let effects = press(&mut model, &[ENTER]);
        assert_eq!(orders(&effects), [&RunOrder::Stop(8, level, "eve".into())]);
        let sentence = "still there: 12 (make all)".to_owned();
        let told = StopTold { run: 8, level, is_done: false, sentence };
        scenes::tell(&mut model, Msg::Run(RunNews::Stopped(told)));
        match next {
            Some(next) => {
                assert!(confirm(&model).title.contains(next));
                assert!(confirm(&model).lines[0].contains("still there: 12"));
            }
            None => assert!(model.overlay.is_none()),
        }
    }
}

#[test]
fn the_list_leads_to_a_page_and_to_the_log() {
    let mut model = model(Some(RunWord::Failed));
    typed(&mut model, ":runs");
    press(&mut model, &[ENTER]);
    assert_eq!(model.screen().id, "install");
    let effects = press(&mut model, &[Key::char('l')]);
    assert!(effects.contains(&Effect::Log(super::super::logs::LogOrder::Run(8))));
    press(&mut model, &[Key::char('7')]);
    let effects = press(&mut model, &[ENTER]);
    assert_eq!(model.route(), &Route::run(8));
    assert_eq!(orders(&effects), [&RunOrder::Page(Some(8))]);
    let effects = press(&mut model, &[Key::char('1')]);
    assert_eq!(orders(&effects), [&RunOrder::Page(None)], "nobody looks at it any more");
}

#[test]
fn a_run_that_failed_is_spoken_of_until_the_next_day() {
    let mut model = model(Some(RunWord::Failed));
    assert_eq!(super::super::runs::strip(&model), "run 8 FAILED (exit 7)");
    assert!(model.runs.greeting(model.now).unwrap().starts_with("run 8 failed"));
    model.now = model.now.plus_millis(super::super::runs::REMEMBERED.0 + 1);
    assert_eq!(super::super::runs::strip(&model), "no run");
    assert_eq!(model.runs.greeting(model.now), None);
}
