//! What is kept: verdicts that turned go to the store, and a start takes over since when.

use crate::domain::{Stamp, Verdict};

use super::super::history::{HistoryNews, HistoryOrder, Past, PastFinding, SeriesPast, Step, Turn};
use super::super::scenes::*;
use super::super::{Effect, Model, Msg, Overlay};

fn kept(effects: &[Effect]) -> Vec<&Turn> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::History(HistoryOrder::Keep(turns)) => Some(turns),
            _ => None,
        })
        .flatten()
        .collect()
}

fn past(verdict: Verdict) -> Msg {
    let finding = PastFinding {
        check: "HOST-02".into(),
        target: "a".into(),
        verdict,
        since: NOW.plus_millis(-3 * 3_600_000),
    };
    let watched_until = Some(NOW.plus_millis(-3_600_000));
    let past = Past { watched_until, findings: vec![finding], changes: Vec::new() };
    Msg::History(HistoryNews::Past(Box::new(past)))
}

fn since(model: &Model) -> Option<(Verdict, Option<Stamp>)> {
    model.verdicts.judgement(&"HOST-02".into(), &"a".into()).map(|j| (j.verdict, j.since))
}

fn loaded(model: &mut Model) {
    tell(model, Msg::SiteLoaded(Box::new(site(&["a"])), Box::new(catalogue())));
}

#[test]
fn a_finding_that_stands_as_it_stood_is_so_since_then_whoever_comes_first() {
    let before = Some((Verdict::Fail, Some(NOW.plus_millis(-3 * 3_600_000))));
    let mut model = model(80, 24);
    tell(&mut model, past(Verdict::Fail));
    loaded(&mut model);
    answer(&mut model, "a", good("bad"));
    assert_eq!(since(&model), before);
    assert!(model.changes.is_empty(), "it did not turn");
    let rows = super::super::screens::overview::finding_rows(&model);

    let mut late = super::super::scenes::model(80, 24);
    loaded(&mut late);
    answer(&mut late, "a", good("bad"));
    assert_ne!(since(&late), before);
    tell(&mut late, past(Verdict::Fail));
    assert_eq!(since(&late), before);
    assert_eq!(super::super::screens::overview::finding_rows(&late), rows);
    assert!(late.history.findings.is_empty(), "told once");
}

#[test]
fn a_finding_that_stands_otherwise_begins_now() {
    let mut model = model(80, 24);
    tell(&mut model, past(Verdict::Warn));
    loaded(&mut model);
    answer(&mut model, "a", good("bad"));
    assert_eq!(since(&model), Some((Verdict::Fail, Some(model.now))));
}

#[test]
fn first_verdicts_and_those_that_turn_are_given_to_the_store_once() {
    let mut model = model(80, 24);
    loaded(&mut model);
    let effects = answer(&mut model, "a", good("6.8.0"));
    let first: Vec<_> =
        kept(&effects).iter().map(|turn| (turn.check.as_str(), turn.verdict)).collect();
    assert!(first.contains(&("HOST-02", Verdict::Pass)), "{first:?}");
    wait(&mut model, 30);
    assert!(kept(&answer(&mut model, "a", good("6.8.0"))).is_empty(), "nothing turned");
    let effects = answer(&mut model, "a", good("bad"));
    let turned: Vec<_> =
        kept(&effects).iter().map(|turn| (turn.check.as_str(), turn.verdict)).collect();
    assert_eq!(turned, [("HOST-02", Verdict::Fail)]);
    assert!(model.history.turned.is_empty());
}

#[test]
fn an_answer_of_the_store_goes_to_the_box_that_asked_and_to_no_other() {
    let mut model = model(80, 24);
    loaded(&mut model);
    answer(&mut model, "a", good("bad"));
    let effects = press(&mut model, "Tab t");
    let question = effects
        .iter()
        .find_map(|effect| match effect {
            Effect::History(HistoryOrder::Since(question)) => Some(question.clone()),
            _ => None,
        })
        .expect("the store is asked");
    let step = Step {
        at: NOW.plus_millis(-86_400_000),
        words: Some("fail".into()),
        unwatched_since: None,
    };
    let told = SeriesPast {
        series: question.series[0].clone(),
        steps: vec![step],
        gaps: vec![(NOW.plus_millis(-10_800_000), NOW.plus_millis(-60_000))],
        plot: None,
    };
    let mut other = question.clone();
    other.span_ms += 1;
    tell(&mut model, Msg::History(HistoryNews::Since(other, Ok(vec![told.clone()]))));
    let lines = |model: &Model| match &model.overlay {
        Some(Overlay::Since(since)) => since.told.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(lines(&model), None);
    tell(&mut model, Msg::History(HistoryNews::Since(question.clone(), Ok(vec![told]))));
    let said = lines(&model).expect("told").join("\n");
    assert!(said.contains("was fail already when a console last watched, 3h00m ago"), "{said}");
    // Once the box is closed nobody wants an answer.
    press(&mut model, "Esc");
    tell(&mut model, Msg::History(HistoryNews::Since(question, Err("gone".into()))));
    assert_eq!(model.overlay, None);
}

#[test]
fn trouble_is_said_and_ends() {
    let mut model = model(80, 24);
    let sentence = "the disk with the history is full";
    tell(&mut model, Msg::History(HistoryNews::Trouble(Some(sentence.into()))));
    assert_eq!(model.status.as_ref().map(|status| status.sentence.as_str()), Some(sentence));
    assert_eq!(model.history.trouble.as_deref(), Some(sentence));
    tell(&mut model, Msg::History(HistoryNews::Trouble(None)));
    assert_eq!(model.history.trouble, None);
}
