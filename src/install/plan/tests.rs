//! What is wrong with a plan is told with its place; what comes with the program is not wrong.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::references::Known;
use super::{Kind, Library, Origin, PlanFile, Source, built_in};
use crate::checks::Catalogue as Checks;
use crate::inventory::variables::Catalogue as Variables;

fn with(files: &[(Origin, &str, &str)]) -> Library {
    let (checks, _) = Checks::load(&[], &Default::default());
    let known = Known { checks: &checks, inventory: Variables::shipped().unwrap() };
    let files: Vec<PlanFile> = files
        .iter()
        .map(|(origin, name, text)| PlanFile {
            origin: *origin,
            path: PathBuf::from(format!("site/plans/{name}")),
            name: (*name).to_owned(),
            text: (*text).to_owned(),
        })
        .collect();
    Library::load(&files, &known)
}

/// Faults of files that do not come with the program.
fn faults(text: &str) -> Vec<String> {
    let library = with(&[(Origin::Site, "mine.yml", text)]);
    let of_ours = |line: &String| line.starts_with("site/");
    library.faults.iter().map(ToString::to_string).filter(of_ours).collect()
}

const GOOD: &str = "\
plan: MINE
title: A plan of ours
steps:
  - id: MINE-1
    title: First
    at: [b0]
    done: exit 0
    rerun: {class: safe}
    risk: looks
    run: {argv: [echo, \"<NAME>\"]}
  - id: MINE-2
    title: Second
    at: [b0]
    needs: MINE-1
    done: HOST-01
    rerun: {class: safe}
    risk: looks
    verify: {checks: [HOST-01 passes]}
values:
  NAME: {variable: cluster_name, default: none}
";

#[test]
fn the_lists_of_files_are_what_the_directory_holds() {
    let plans = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/plans");
    for (directory, listed, ending) in
        [(plans.clone(), built_in::FILES, "yml"), (plans.join("scripts"), built_in::SCRIPTS, "sh")]
    {
        let there: BTreeSet<String> = std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(&format!(".{ending}")))
            .collect();
        let listed: BTreeSet<String> =
            listed.iter().map(|(name, _)| name.trim_start_matches("scripts/").to_owned()).collect();
        assert_eq!(listed, there);
    }
}

#[test]
fn what_comes_with_the_program_has_no_fault() {
    let library = with(&[]);
    let reference = include_str!("../../../tests/fixtures/reference/checks.md");
    // A check of the vendor's list whose record is not there yet is no fault of a plan.
    let is_listed = |line: &str| {
        let code = line.split('`').nth(1).unwrap_or_default();
        line.contains("is no check") && reference.contains(&format!("- id: {code}\n"))
    };
    let faults: Vec<String> =
        library.faults.iter().map(ToString::to_string).filter(|line| !is_listed(line)).collect();
    assert_eq!(faults, [""; 0]);
    assert!(library.plans.len() >= 41, "{}", library.plans.len());
    assert_eq!(library.interlocks.len(), 25);
    // One source of the order of the procedure: the list that rules are held against.
    let listed = Variables::shipped().unwrap().steps();
    let of_plans: BTreeSet<&str> = ["ai-factory-25.1.1", "ai-factory-25.1.5"]
        .iter()
        .flat_map(|id| library.plan(id).unwrap().steps())
        .map(|step| step.id.as_str())
        .collect();
    let missing: Vec<&String> =
        listed.iter().filter(|step| !of_plans.contains(step.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let first = library.plan("ai-factory-25.1.1").unwrap();
    let place = |id: &str| listed.iter().position(|step| step == id);
    for pair in first.phases.iter().map(|phase| &phase.steps).flat_map(|steps| steps.windows(2)) {
        assert!(place(&pair[0].id) < place(&pair[1].id), "{} {}", pair[0].id, pair[1].id);
    }
    assert_eq!(first.steps().count(), listed.len());
}

#[test]
fn a_plan_is_added_and_a_file_of_the_same_name_replaces() {
    let before = with(&[]).plans.len();
    let library = with(&[(Origin::User, "mine.yml", GOOD)]);
    let plan = library.plan("mine").unwrap();
    assert_eq!((library.plans.len(), plan.origin), (before + 1, Origin::User));
    assert!(matches!(plan.step("MINE-1").unwrap().kind, Kind::Run(_)));
    assert_eq!(
        plan.values["NAME"].source,
        Source::Variable { path: "cluster_name".into(), default: Some("none".into()) }
    );
    let other = GOOD.replace("A plan of ours", "The site's");
    let both = with(&[(Origin::Site, "mine.yml", &other), (Origin::User, "mine.yml", GOOD)]);
    assert_eq!(both.plan("MINE").unwrap().title, "The site's", "the site wins over the user");
    let logs = GOOD.replace("plan: MINE", "plan: RB-RLOG");
    let replaced = with(&[(Origin::Site, "rb-rlog.yml", &logs)]);
    assert_eq!(replaced.plan("RB-RLOG").unwrap().origin, Origin::Site);
    assert_eq!(replaced.plans.len(), before);
}

#[test]
fn a_file_with_faults_does_not_count_and_loses_nothing() {
    let before = with(&[]);
    for (name, text) in [
        ("rb-bond.yml", "plan: RB-BOND\ntitle: broken\nsteps: [{id: X-1}]\n"),
        ("hw-5.yml", "phase: HW-5\ntitle: empty\nsteps: []\n"),
        // Whole in itself, and other files rest on what it leaves out.
        (
            "hw-5.yml",
            "phase: HW-5\ntitle: short\nsteps:\n  - {id: HW-5.0, title: t, at: [b0], done: exit 0, rerun: {class: safe}, risk: looks, run: {argv: ['true']}}\n",
        ),
        ("mine.yml", "plan: [\n"),
        ("scripts/none.txt", ""),
    ] {
        let library = with(&[(Origin::Site, name, text)]);
        let ids = |library: &Library| -> Vec<String> {
            library.plans.iter().map(|plan| plan.id.clone()).collect()
        };
        assert_eq!(ids(&library), ids(&before), "{name}");
        let steps = |library: &Library| library.plans.iter().flat_map(|p| p.steps()).count();
        assert_eq!(steps(&library), steps(&before), "{name}");
        if !name.ends_with("txt") {
            assert!(!library.faults.is_empty(), "{name}");
        }
    }
}

#[test]
fn each_fault_is_told_with_its_place_and_what_is_accepted() {
    assert_eq!(faults(GOOD), [""; 0]);
    for (from, to, told) in [
        ("title: First", "titel: First", "5:5: `titel` is no key of a step; did you mean `title`?"),
        (
            "id: MINE-2",
            "id: MINE-1",
            "11:9: step MINE-1 is there twice; the other is at site/plans/mine.yml:4:9",
        ),
        ("needs: MINE-1", "needs: MINE-7", "14:12: `MINE-7` is no step; did you mean `MINE-1`?"),
        (
            "needs: MINE-1",
            "needs: MINE-2",
            "11:9: a cycle: MINE-2 needs MINE-2; one of them must not need the other",
        ),
        (
            "needs: MINE-1",
            "needs: [MINE-1, HOST-99]",
            "14:21: `HOST-99` is no check; did you mean `HOST-09`?",
        ),
        (
            "needs: MINE-1",
            "needs: V-CEPH-91",
            "14:12: `V-CEPH-91` is no rule of the inventory; did you mean `V-CEPH-01`?",
        ),
        (
            "needs: MINE-1",
            "interlocks: [IL-99]",
            "11:9: `IL-99` is no interlock; did you mean `IL-09`?",
        ),
        (
            "needs: MINE-1",
            "duties: [hedgehog-rebot]",
            "11:9: `hedgehog-rebot` is no duty; did you mean `hedgehog-reboot`?",
        ),
        (
            "needs: MINE-1",
            "variables: [cluster_nam]",
            "11:9: `cluster_nam` is no variable of the inventory; did you mean `cluster_name`?",
        ),
        (
            "<NAME>",
            "<NAMES>",
            "10:24: `<NAMES>` means nothing in plan MINE; did you mean `<NAME>`?",
        ),
        ("at: [b0]", "at: [b1]", "6:10: `b1` is no location; did you mean `b0`?"),
        ("risk: looks", "risk: look", "9:11: `look` is no value of `risk`; did you mean `looks`?"),
        ("done: exit 0", "done: exit", "7:11: `exit` is no condition; `exit 0` is accepted"),
        (
            "done: exit 0",
            "done: {seen: '('}",
            "7:18: `(` is no regular expression; error: unclosed group",
        ),
        (
            "    done: exit 0\n",
            "",
            "4:5: MINE-1 does not say what proves it done; `done:` with a condition is needed",
        ),
        (
            "run: {argv: [echo, \"<NAME>\"]}",
            "note: nothing",
            "4:5: MINE-1 has no kind; exactly one of run, gate, console, inventory, verify, wait, patch, call",
        ),
        (
            "run: {argv: [echo, \"<NAME>\"]}",
            "run: {script: none.sh}",
            "10:19: `none.sh` is no script; ",
        ),
        (
            "plan: MINE",
            "plans: MINE",
            "1:1: the file does not say what it is; `plan:`, `phase:`, `interlocks:` or `duties:` says what a file is",
        ),
        ("title: A plan of ours", "title: [1]", "2:8: `title` is a list here; text is accepted"),
        (
            "rerun: {class: safe}",
            "rerun: {class: save}",
            "8:20: `save` is no value of `class`; did you mean `safe`?",
        ),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let found = faults(&GOOD.replacen(from, to, 1));
        let wanted = format!("site/plans/mine.yml:{told}");
        assert!(found.iter().any(|line| line.starts_with(&wanted)), "{told}\n{found:#?}");
    }
}

#[test]
fn a_longer_cycle_is_told_whole_and_what_stands_behind_it_too() {
    let text = "\
plan: RING
title: A ring
steps:
  - &one {id: RING-1, title: t, at: [b0], needs: RING-2, done: exit 0, rerun: {class: safe}, risk: looks, run: {argv: ['true']}}
  - {<<: *one, id: RING-2, needs: {any: [RING-3, RING-1]}}
  - {<<: *one, id: RING-3, needs: [HOST-01, RING-1]}
  - {<<: *one, id: RING-4, needs: RING-3}
  - {<<: *one, id: RING-5, needs: {any: [RING-1, HOST-01]}}
";
    let found = faults(text);
    assert!(
        found
            .iter()
            .any(|line| line.contains("a cycle: RING-1 needs RING-2 needs RING-3 needs RING-1")),
        "{found:#?}"
    );
    assert!(
        found.iter().any(|line| line.contains("RING-4 can never start: it needs RING-3")),
        "{found:#?}"
    );
    assert!(!found.iter().any(|line| line.contains("RING-5")), "{found:#?}");
}

#[test]
fn the_published_schema_has_the_keys_that_are_read() {
    use super::keys;
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../../docs/plan.schema.json")).unwrap();
    let of = |value: &serde_json::Value| -> BTreeSet<String> {
        value["properties"].as_object().unwrap().keys().cloned().collect()
    };
    let files = [keys::PLAN, keys::PHASE, keys::INTERLOCKS, keys::DUTIES];
    for (at, read) in files.iter().enumerate() {
        let read: BTreeSet<String> = read.iter().map(|key| (*key).to_owned()).collect();
        assert_eq!(of(&schema["oneOf"][at]), read);
    }
    for (name, read) in [
        ("value", keys::VALUE),
        ("trigger", keys::TRIGGER),
        ("trouble", keys::TROUBLE),
        ("step", keys::STEP),
        ("usual", keys::USUAL),
        ("symptom", keys::SYMPTOM),
        ("rerun", keys::RERUN),
        ("output", keys::OUTPUT),
        ("run", keys::RUN),
        ("branch", keys::BRANCH),
        ("state", keys::STATE),
        ("seen", keys::SEEN),
        ("evidence", keys::EVIDENCE),
        ("gate", keys::GATE),
        ("console", keys::CONSOLE),
        ("open", keys::OPEN),
        ("line", keys::LINE),
        ("inventory", keys::INVENTORY),
        ("field", keys::FIELD),
        ("verify", keys::VERIFY),
        ("wait", keys::WAIT),
        ("patch", keys::PATCH),
        ("call", keys::CALL),
        ("token", keys::TOKEN),
        ("interlock", keys::INTERLOCK),
        ("duty", keys::DUTY),
    ] {
        let read: BTreeSet<String> = read.iter().map(|key| (*key).to_owned()).collect();
        assert_eq!(of(&schema["$defs"][name]), read, "{name}");
    }
    let kinds = schema["$defs"]["step"]["oneOf"].as_array().unwrap();
    assert_eq!(kinds.len(), keys::KINDS.len());
    // Texts and lists are two more forms of a condition.
    let conditions = schema["$defs"]["condition"]["oneOf"].as_array().unwrap();
    for ((name, read), form) in keys::CONDITIONS.iter().zip(&conditions[2..]) {
        let read: BTreeSet<String> = read.iter().map(|key| (*key).to_owned()).collect();
        assert_eq!(of(form), read, "{name}");
    }
}
