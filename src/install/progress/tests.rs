//! The fold of a plan's past, the state of its steps, and leave to start.

use std::path::PathBuf;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::past::JournalOf;
use super::*;
use crate::checks::Catalogue as Checks;
use crate::domain::{Site, Stamp};
use crate::install::expression::Truth;
use crate::install::journal::{Entry, Event, Person, StepAct, StepEvent};
use crate::install::plan::references::Known;
use crate::install::plan::{Library, Origin, PlanFile};
use crate::inventory::variables::Catalogue as Variables;

const PLAN: &str = "\
plan: P
title: A plan
steps:
  - {id: P-1, title: first, at: [b0], done: exit 0, rerun: {class: safe}, risk: looks, run: {argv: ['true']}}
  - {id: P-2, title: changes, at: [b0], needs: P-1, done: exit 0, rerun: {class: repeats, words: acts twice}, risk: changes, run: {argv: ['true']}}
  - {id: P-3, title: destroys, at: [b0], needs: P-2, done: exit 0, rerun: {class: destroys, words: erases}, risk: destroys, run: {argv: ['true']}}
  - {id: P-4, title: gate, at: [b0], needs: P-3, done: {confirmed: it is so}, rerun: {class: safe}, risk: looks, gate: {instructions: [look], approve: yes}}
";

const LOCKS: &str = "\
interlocks:
  - {id: IL-91, rule: never before the word, why: it hurts, level: hard, blocks: [P-2], until: {confirmed: the word}, override: reason, way_out: say the word.}
  - {id: IL-92, rule: not at all, why: it hurts more, level: hard, blocks: [P-3], until: exit 0, override: 'no'}
";

/// The plan above, with its own interlocks beside those of the program.
static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
    let (checks, _) = Checks::load(&[], &Default::default());
    let known = Known { checks: &checks, inventory: Variables::shipped().unwrap() };
    let file = |name: &str, text: &str| PlanFile {
        origin: Origin::Site,
        path: PathBuf::from(name),
        name: name.to_owned(),
        text: text.to_owned(),
    };
    let library = Library::load(&[file("p.yml", PLAN), file("locks.yml", LOCKS)], &known);
    assert!(library.plan("P").is_some(), "{:?}", library.faults);
    library
});

fn eve() -> Person {
    Person { name: "eve".into(), account: "ops".into() }
}

fn entry(seq: u64, step: &str, act: StepAct) -> Entry {
    let event = StepEvent { plan: "P".into(), step: step.into(), target: None, act };
    Entry { seq, at: Stamp(1_000 * i64::try_from(seq).unwrap()), event: Event::Step(event) }
}

fn folded(acts: &[(&str, StepAct)]) -> Progress {
    let entries: Vec<Entry> =
        acts.iter().zip(1..).map(|((step, act), seq)| entry(seq, step, act.clone())).collect();
    progress(LIBRARY.plan("P").unwrap(), &[JournalOf { run: None, entries: &entries }])
}

fn world<'a>(past: &'a Progress, site: &'a Site) -> World<'a> {
    let today = Today { now: Stamp(1_000_000), ..Today::default() };
    World::new(&LIBRARY, LIBRARY.plan("P").unwrap(), past, site, today)
}

fn states(acts: &[(&str, StepAct)]) -> Vec<State> {
    let (past, site) = (folded(acts), Site::default());
    stand(&world(&past, &site)).steps.iter().map(|one| one.state).collect()
}

fn began() -> StepAct {
    StepAct::Started { by: eve(), armed: None, again: None }
}

fn ended(code: i32) -> StepAct {
    StepAct::Ended { exit: Some(code) }
}

fn proved() -> StepAct {
    StepAct::Judged { truth: Truth::Holds, found: vec!["exit 0".into()] }
}

#[test]
fn a_step_goes_through_its_states() {
    use State::{Deferred, Done, Failed, Locked, Ready, Skipped, Unknown};
    for (acts, wanted) in [
        (vec![], [Ready, Locked, Locked, Locked]),
        (vec![("P-1", began())], [Unknown, Locked, Locked, Locked]),
        (vec![("P-1", began()), ("P-1", ended(0))], [Done, Ready, Locked, Locked]),
        (vec![("P-1", began()), ("P-1", ended(2))], [Failed, Locked, Locked, Locked]),
        (
            vec![("P-1", StepAct::Skipped { reason: "not here".into(), by: eve() })],
            [Skipped, Ready, Locked, Locked],
        ),
        (
            vec![("P-1", StepAct::Deferred { reason: "later".into(), by: eve() })],
            [Deferred, Locked, Locked, Locked],
        ),
        (
            vec![
                ("P-1", StepAct::Skipped { reason: "not here".into(), by: eve() }),
                ("P-1", StepAct::Reopened { by: eve() }),
            ],
            [Ready, Locked, Locked, Locked],
        ),
        // What was proved and is not so after it is regressed; a new act begins anew.
        (
            vec![
                ("P-1", began()),
                ("P-1", ended(0)),
                ("P-1", proved()),
                ("P-1", began()),
                ("P-1", ended(1)),
            ],
            [Failed, Locked, Locked, Locked],
        ),
    ] {
        assert_eq!(states(&acts), wanted, "{acts:?}");
    }
    let word = |name: &str| StepAct::Confirmed {
        words: "it is so".into(),
        evidence: None,
        by: Person { name: name.into(), account: "ops".into() },
    };
    assert_eq!(states(&[("P-4", word("eve"))])[3], Done, "reality says so, whatever it needed");
}

#[test]
fn what_was_done_and_is_not_any_more_is_regressed_and_what_cannot_be_seen_unknown() {
    let (past, site) = (
        folded(&[("P-4", StepAct::Judged { truth: Truth::Holds, found: vec![] })]),
        Site::default(),
    );
    let standing = stand(&world(&past, &site));
    let one = standing.of("P-4", None).unwrap();
    assert_eq!(one.state, State::Regressed, "{}", one.why);
    assert!(one.why.contains("it was done at 1970-01-01T00:00:01"), "{}", one.why);
}

#[test]
fn a_refusal_says_what_stands_in_the_way_and_the_way_out() {
    let site = Site::default();
    let refuse = |acts: &[(&str, StepAct)], step: &str, wish: &Wish| {
        let past = folded(acts);
        let world = world(&past, &site);
        let step = world.plan.step(step).unwrap();
        may_start(&world, step, None, wish, &eve())
            .map_err(|refusal| (refusal.by.clone(), refusal.to_string()))
    };
    let done = |step: &'static str| vec![(step, began()), (step, ended(0))];
    let nothing = Wish::default();
    let (by, said) = refuse(&[], "P-2", &nothing).unwrap_err();
    assert_eq!(by, "needs");
    assert!(said.contains("P-1 is ready") && said.contains("plan show P P-2"), "{said}");
    let (by, said) = refuse(&done("P-1"), "P-1", &nothing).unwrap_err();
    assert_eq!((by.as_str(), said.contains("--again REASON")), ("done", true), "{said}");
    let (by, said) = refuse(&done("P-1"), "P-2", &nothing).unwrap_err();
    assert_eq!(by, "interlock");
    assert_eq!(
        said,
        "IL-91 holds P-2 back: never before the word, because it hurts (the word: nobody has confirmed it yet); \
         say the word. --pass 'IL-91=REASON' overrides it"
    );
    let passed =
        Wish { pass: [("IL-91".to_owned(), "told by phone".to_owned())].into(), ..Wish::default() };
    let (by, _) = refuse(&done("P-1"), "P-2", &passed).unwrap_err();
    assert_eq!(by, "arming");
    let armed = Wish { armed: Some("window 7".into()), ..passed };
    let permit = refuse(&done("P-1"), "P-2", &armed).unwrap();
    assert!(
        matches!(&permit.acts[0], StepAct::Passed { interlock, reason, .. } if interlock == "IL-91" && reason == "told by phone")
    );
    assert!(
        matches!(&permit.acts[1], StepAct::Started { armed: Some(why), .. } if why == "window 7")
    );
    let twice = [done("P-1"), vec![("P-2", began()), ("P-2", ended(3))]].concat();
    let (by, said) = refuse(&twice, "P-2", &armed).unwrap_err();
    assert_eq!((by.as_str(), said.contains("acts twice")), ("again", true), "{said}");
    let all = [done("P-1"), done("P-2")].concat();
    let hard = Wish { pass: [("IL-92".to_owned(), "why not".to_owned())].into(), ..armed.clone() };
    let (by, said) = refuse(&all, "P-3", &hard).unwrap_err();
    assert_eq!((by.as_str(), said.contains("--pass")), ("interlock", false), "{said}");
}

fn any_act() -> impl Strategy<Value = (&'static str, StepAct)> {
    let step = prop::sample::select(vec!["P-1", "P-2", "P-3", "P-4", "of another plan"]);
    let act = prop_oneof![
        Just(began()),
        (0..3i32).prop_map(ended),
        Just(StepAct::Ended { exit: None }),
        Just(proved()),
        Just(StepAct::Skipped { reason: "r".into(), by: eve() }),
        Just(StepAct::Deferred { reason: "r".into(), by: eve() }),
        Just(StepAct::Reopened { by: eve() }),
        prop::sample::select(vec!["it is so", "the word"]).prop_map(|words| {
            StepAct::Confirmed { words: words.into(), evidence: None, by: eve() }
        }),
        Just(StepAct::Passed { interlock: "IL-91".into(), reason: "r".into(), by: eve() }),
        Just(StepAct::Gave { name: "n".into(), values: vec!["v".into()] }),
        Just(StepAct::Other),
    ];
    (step, act)
}

fn any_wish() -> impl Strategy<Value = Wish> {
    let maybe = || prop::option::of(Just("because".to_owned()));
    let pass = prop::collection::btree_map(
        prop::sample::select(vec!["IL-91".to_owned(), "IL-92".to_owned()]),
        prop::sample::select(vec!["a reason".to_owned(), " ".to_owned()]),
        0..3,
    );
    let confirmed =
        prop::option::of(prop::sample::select(vec!["P-3 1".to_owned(), "P-3".to_owned()]));
    (maybe(), confirmed, maybe(), pass).prop_map(|(armed, confirmed, again, pass)| Wish {
        armed,
        confirmed,
        again,
        pass,
    })
}

/// Goes on with a plan until nothing more can start: each permitted act ends well.
fn played(mut acts: Vec<(&'static str, StepAct)>) -> (Vec<State>, usize) {
    let site = Site::default();
    let wish = Wish {
        armed: Some("window".into()),
        confirmed: Some("P-3 1".into()),
        again: Some("goes on".into()),
        pass: [("IL-91".to_owned(), "told".to_owned())].into(),
    };
    let mut done = 0;
    for step in ["P-1", "P-2"] {
        let past = folded(&acts);
        let world = world(&past, &site);
        let found = world.plan.step(step).unwrap();
        let is_done = standing::stand_of(&world, found, None).state == State::Done;
        if !is_done && let Ok(permit) = may_start(&world, found, None, &wish, &eve()) {
            acts.extend(permit.acts.into_iter().map(|act| (step, act)));
            acts.push((step, ended(0)));
            done += 1;
        }
    }
    (states(&acts), done)
}

proptest! {
    #[test]
    fn any_prefix_folds_and_the_fold_of_a_fold_is_the_same(
        acts in prop::collection::vec(any_act(), 0..14), cut in any::<prop::sample::Index>()
    ) {
        let cut = cut.index(acts.len() + 1);
        let mut first = folded(&acts[..cut]);
        let _ = states(&acts[..cut]);
        for ((step, act), seq) in acts[cut..].iter().zip(cut + 1..) {
            let event = StepEvent { plan: "P".into(), step: (*step).into(), target: None, act: act.clone() };
            first.take(Stamp(1_000 * i64::try_from(seq).unwrap()), None, &event);
        }
        prop_assert_eq!(first, folded(&acts));
    }

    #[test]
    fn resuming_from_any_prefix_comes_to_the_same_end(cut in 0..7usize) {
        let whole: Vec<(&'static str, StepAct)> = vec![
            ("P-1", began()), ("P-1", ended(0)), ("P-1", proved()),
            ("P-2", StepAct::Passed { interlock: "IL-91".into(), reason: "told".into(), by: eve() }),
            ("P-2", began()), ("P-2", ended(0)),
        ];
        let (end, more) = played(whole[..cut.min(whole.len())].to_vec());
        prop_assert_eq!(&end[..2], &[State::Done, State::Done]);
        // What had come to its end is not done again.
        let complete = whole.get(..cut).map_or(2, |part| part.iter().filter(|(_, act)| matches!(act, StepAct::Ended { .. })).count());
        prop_assert_eq!(more, 2 - complete.min(2));
    }

    #[test]
    fn nothing_starts_past_an_interlock_unarmed_or_a_second_time_without_a_word(
        acts in prop::collection::vec(any_act(), 0..14), wish in any_wish(),
        step in prop::sample::select(vec!["P-1", "P-2", "P-3"])
    ) {
        let (past, site) = (folded(&acts), Site::default());
        let world = world(&past, &site);
        let found = world.plan.step(step).unwrap();
        let Ok(permit) = may_start(&world, found, None, &wish, &eve()) else { return Ok(()) };
        let key = StepKey::new(step, None);
        let standing = standing::stand_of(&world, found, None);
        prop_assert!(standing.needs.holds());
        for held in standing::held(&world, found, None) {
            let recorded = permit.acts.iter().any(|act| matches!(act,
                StepAct::Passed { interlock, reason, .. } if *interlock == held.interlock && !reason.trim().is_empty()));
            prop_assert!(recorded, "{} was passed without a word", held.interlock);
            prop_assert!(LIBRARY.interlock(&held.interlock).unwrap().may_override);
        }
        if !found.rerun.class.is_repeatable() && !world.progress.of(&key).acts.is_empty() {
            prop_assert!(wish.again.is_some());
        }
        if standing.state == State::Done {
            prop_assert!(wish.again.is_some());
        }
        if step != "P-1" {
            prop_assert!(wish.armed.is_some());
        }
        if step == "P-3" {
            prop_assert_eq!(wish.confirmed.as_deref(), Some("P-3 1"));
        }
        let begins = matches!(permit.acts.last(), Some(StepAct::Started { .. }));
        prop_assert!(begins);
    }
}
