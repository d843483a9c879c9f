//! Runs: the strip, the list, a page, what is asked before one is started or stopped.

use std::path::PathBuf;

use super::*;
use crate::app::runs::{
    EntryLine, Here, RecordingLine, RunLine, RunNews, RunPage, RunWord, Runs, StopLevel, StopTold,
    Weighed,
};

fn run(id: u64, word: RunWord, started: i64, ended: Option<i64>, title: &str) -> RunLine {
    RunLine {
        id,
        title: title.to_owned(),
        word,
        exit: (word == RunWord::Failed).then_some(2),
        ending: (word == RunWord::Failed).then(|| "exit 2".to_owned()),
        started: site::ago(started),
        ended: ended.map(site::ago),
        prompt: None,
        stop: None,
        cut: None,
        goes_on: None,
    }
}

/// The site with runs: the newest waits, runs or is over.
fn with_runs(newest: RunWord) -> Model {
    let mut model = site::model(80, 24);
    let ended = (!newest.is_open()).then_some(367);
    let mut list = vec![
        run(8, newest, 4_000, ended, "ansible-playbook -i site site.yml"),
        run(7, RunWord::Unknown, 90_000, Some(86_000), "ansible-playbook ceph.yml"),
        run(6, RunWord::Done, 180_000, Some(179_800), "make release"),
    ];
    if newest == RunWord::Waiting {
        list[0].prompt = Some("Vault password:".to_owned());
    }
    let here = Here { name: None, guess: "ops1".into(), directory: "/srv/site-a".into() };
    site::tell(&mut model, Msg::Run(RunNews::Here(here)));
    let runs = Runs { list, ..Runs::default() };
    site::tell(&mut model, Msg::Run(RunNews::Listed(runs)));
    model
}

fn typed(model: &mut Model, text: &str) {
    let keys: Vec<Key> = text.chars().map(Key::char).collect();
    press(model, &keys);
}

fn page() -> RunPage {
    let facts = [
        ("title", "ansible-playbook -i site site.yml"),
        ("state", "failed"),
        ("command", "ansible-playbook -i site site.yml"),
        ("directory", "/srv/site-a"),
        ("by", "eve (ops) on bastion0"),
        ("started", "2026-11-20T12:51:27Z"),
        ("ended", "2026-11-20T13:52:00Z"),
        ("ending", "exit 2"),
        ("output", "48211 bytes in /srv/state/runs/8/output"),
    ];
    let journal = [
        (1, 4_000, "wanted by eve (ops) on bastion0"),
        (3, 3_999, "attempt 1 begins"),
        (5, 3_990, "asks: Vault password:"),
        (6, 3_971, "eve (ops) answered"),
        (9, 367, "the command ended: exit 2"),
        (10, 367, "the run is over"),
    ];
    RunPage {
        run: 8,
        facts: facts.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        journal: journal
            .map(|(seq, at, text)| EntryLine { seq, at: site::ago(at), sentence: text.to_owned() })
            .into(),
        consoles: vec![RecordingLine {
            name: "gpu-07".into(),
            path: PathBuf::from("/srv/state/runs/8/consoles/1.cast"),
            at: Some(site::ago(2_000)),
            bytes: 20_480,
        }],
        trouble: None,
    }
}

#[test]
fn the_strip_and_the_changes_row_speak_of_runs() {
    keep("overview_run_waits", &with_runs(RunWord::Waiting));
    keep("overview_run_failed", &with_runs(RunWord::Failed));
}

#[test]
fn the_list_and_the_page() {
    let mut model = with_runs(RunWord::Failed);
    press(&mut model, &[Key::char('7')]);
    keep("runs", &model);
    press(&mut model, &[Key::plain(KeyName::Enter)]);
    assert_eq!(model.route().run, Some(8));
    site::tell(&mut model, Msg::Run(RunNews::Page(Box::new(page()))));
    keep("run", &model);
    let mut model = with_runs(RunWord::Failed);
    press(&mut model, &[Key::char('9')]);
    keep("timeline_runs", &model);
}

#[test]
fn what_is_asked_before_a_run_is_started() {
    let mut model = with_runs(RunWord::Failed);
    typed(&mut model, ":run sh -c 'make all | tee log' > x");
    press(&mut model, &[Key::plain(KeyName::Enter)]);
    keep("run_start", &model);
    typed(&mut model, "y");
    press(&mut model, &[Key::plain(KeyName::Enter)]);
    keep("run_name", &model);
}

#[test]
fn what_is_asked_before_a_run_is_stopped() {
    let mut model = with_runs(RunWord::Running);
    typed(&mut model, ":stop 8");
    press(&mut model, &[Key::plain(KeyName::Enter)]);
    let weighed = Weighed {
        reached: vec![
            "4711 (ansible-playbook -i site site.yml)".into(),
            "4720 (ssh -C gpu-07)".into(),
        ],
        count: 7,
        beyond: vec!["What left this machine (a job on a host) is not stopped from here.".into()],
    };
    site::tell(&mut model, Msg::Run(RunNews::Weighed(8, weighed)));
    keep("run_stop", &model);
    let told = StopTold {
        run: 8,
        level: StopLevel::Term,
        is_done: false,
        sentence: "after TERM still there: 4720 (ssh -C gpu-07); `shopfloor run stop 8 --level kill` is the next step".into(),
    };
    model.overlay = None;
    site::tell(&mut model, Msg::Run(RunNews::Stopped(told)));
    keep("run_stop_kill", &model);
}

/// The terminal of a run that asks for something, with the pen here.
#[test]
fn where_a_prompt_is_answered() {
    use crate::app::consoles::{ConsoleNews, Cursor, Row, Run, State, Style, View};
    let mut model = with_runs(RunWord::Waiting);
    press(&mut model, &[Key::char('W')]);
    typed(&mut model, "eve");
    press(&mut model, &[Key::plain(KeyName::Enter)]);
    let line =
        |text: &str| Row { runs: vec![Run { text: text.to_owned(), style: Style::default() }] };
    let view = View {
        columns: 76,
        rows: 12,
        screen: vec![line("$ ansible-playbook -i site site.yml"), line("Vault password: ")],
        cursor: Some(Cursor { column: 16, row: 1 }),
        state: State::Open,
        said: "WAITS FOR YOU; keys go to it".to_owned(),
        ..View::default()
    };
    site::tell(&mut model, Msg::Console(ConsoleNews::View(1, Box::new(view))));
    keep("run_prompt", &model);
    site::tell(&mut model, Msg::Console(ConsoleNews::Bar));
    keep("run_prompt_bar", &model);
}
