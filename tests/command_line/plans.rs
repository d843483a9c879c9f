//! Plans on the real binary: listed, checked, shown, their steps started,
//! refused, confirmed, and what is left of them after a kill.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::binary::Home;

/// A plan of a site: everything runs on this machine.
const PLAN: &str = "\
plan: MINE
title: A plan of this site
values:
  WORD: {ask: \"which word\"}
  SECRET: {secret: \"the secret\"}
  GIVEN: {output: MINE-1/given}
steps:
  - id: MINE-1
    title: First
    at: [ws]
    done: [exit 0, {output: MINE-1/given}]
    rerun: {class: safe, words: safe}
    risk: looks
    run: {script: first.sh, arguments: [\"<WORD>\"], stdin: \"<SECRET>\"}
    outputs: [{name: given, from: stdout, pattern: \"^given (.*)$\"}]
  - id: MINE-2
    title: Second
    why: it follows
    at: [ws]
    needs: MINE-1
    done: exit 0
    rerun: {class: repeats, words: acts twice}
    risk: changes
    symptoms: [{symptom: it fails, do: look at it}]
    run: {argv: [sh, -c, 'echo \"of $0\" >> acted; test ! -e broken', \"<GIVEN>\"], directory: \"~/\"}
  - id: MINE-3
    title: A gate
    at: [site]
    needs: MINE-2
    done: {confirmed: the lamp is green, evidence: number}
    rerun: {class: safe}
    risk: looks
    gate: {instructions: [\"look at the lamp of <GIVEN>\"], approve: typed}
  - id: MINE-4
    title: Last
    at: [ws]
    needs: MINE-3
    done: exit 0
    rerun: {class: destroys, words: erases}
    risk: destroys
    run: {argv: ['true']}
";

const LOCK: &str = "\
interlocks:
  - {id: IL-91, rule: never on a Friday, why: nobody is there, level: confirm, blocks: [MINE-2], override: reason, way_out: wait.}
";

const FIRST: &str = "set -eu\nread -r line\ntest ${#line} = 12\necho \"given $1 of $0\"\n";

fn site(home: &Home) -> PathBuf {
    home.write("site/plans/mine.yml", PLAN);
    home.write("site/plans/locks.yml", LOCK);
    home.write("site/plans/scripts/first.sh", FIRST);
    home.write("secret", "s3cret $HOME\n");
    home.path("site")
}

fn states(document: &Value) -> Vec<String> {
    let steps = document["phases"][0]["steps"].as_array().unwrap();
    steps.iter().map(|step| step["state"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_plans_of_the_program_are_listed_and_shown_without_an_inventory() {
    let home = Home::new();
    let list = home.run(&["plan", "list", "--json"]).done().json();
    let plans = list["plans"].as_array().unwrap();
    assert!(plans.len() >= 41);
    let used: Vec<&Value> = plans.iter().filter(|plan| plan["in_use"] == true).collect();
    assert_eq!(used.len(), 1);
    assert_eq!(used[0]["id"], "ai-factory-25.1.1");
    let text = home.run(&["plan", "show", "ai-factory-25.1.1"]);
    assert_eq!(text.status, 0, "{text:?}");
    assert!(text.out.contains("next: HW-1.1"), "{}", text.out);
    assert!(text.out.contains("nobody was asked"), "{}", text.out);
    let step = home.run(&["plan", "show", "HW-5.2.4", "--json"]).json();
    assert_eq!(
        (step["plan"].as_str(), step["kind"].as_str()),
        (Some("ai-factory-25.1.1"), Some("console"))
    );
    assert_eq!(step["targets"][0]["state"], "locked");
    home.run(&["plan", "show", "RB-CAPY"]).refused(4, &["did you mean RB-CAPI?"]);
    home.run(&["plan", "show", "ai-factory-25.1.1", "HW-5.2.44"]).refused(4, &["did you mean"]);
}

#[test]
fn a_broken_plan_is_told_by_line_and_the_others_stay() {
    let home = Home::new();
    let site = site(&home);
    let before =
        home.on(&site, &["plan", "list", "--json"]).json()["plans"].as_array().unwrap().len();
    home.write("site/plans/mine.yml", PLAN.replace("needs: MINE-1", "needs: MINE-9"));
    let check = home.on(&site, &["plan", "check"]);
    assert_eq!(check.status, 1, "{check:?}");
    assert!(
        check.out.contains("mine.yml:20:12: `MINE-9` is no step; did you mean `MINE-1`?"),
        "{check:?}"
    );
    let list = home.on(&site, &["plan", "list", "--json"]);
    assert_eq!(list.json()["plans"].as_array().unwrap().len(), before - 1);
    assert!(list.err.contains("MINE-9"), "{list:?}");
}

#[test]
fn a_plan_is_walked_refused_confirmed_and_resumed() {
    let home = Home::new();
    let site = site(&home);
    let on = |args: &[&str]| home.on(&site, args);
    let shown = || states(&on(&["plan", "show", "MINE", "--json"]).json());
    assert_eq!(shown(), ["ready", "locked", "locked", "locked"]);

    // What it needs to know is named.
    on(&["run", "start", "MINE/MINE-1"]).refused(6, &["<WORD>", "which word", "--value WORD=…"]);
    on(&["run", "start", "MINE/MINE-1", "--value", "WORD=a b'; $(x)"])
        .refused(6, &["the secret SECRET is needed", "--secret-file SECRET=FILE"]);
    let secret = format!("SECRET={}", home.path("secret").display());
    // What a terminal was given ends its lines as terminals do.
    let wait = ["--site", site.to_str().unwrap(), "run", "start", "MINE/MINE-1", "--wait"];
    let wait: Vec<&str> = wait.into_iter().chain(["--secret-file", secret.as_str()]).collect();
    let first = home.command(&wait).output().unwrap();
    let out = String::from_utf8(first.stdout).unwrap();
    assert_eq!(first.status.code(), Some(0), "{out}");
    assert!(out.starts_with("run 1\n"), "{out}");
    assert!(out.contains("given a b'; $(x) of first.sh"), "arguments are no shell text: {out}");
    assert!(out.contains("step MINE-1 is done"), "{out}");
    for file in super::binary::files_below(&home.path("state")) {
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        assert!(!text.contains("s3cret"), "{}", file.display());
    }

    // Needs, an interlock, arming: each with its way out.
    on(&["run", "start", "MINE/MINE-3"]).refused(6, &["MINE-2 is ready"]);
    on(&["run", "start", "MINE/MINE-2", "--arm", "w"])
        .refused(6, &["IL-91", "never on a Friday", "--pass 'IL-91=REASON'"]);
    on(&["run", "start", "MINE/MINE-2", "--pass", "IL-91=it is Monday"])
        .refused(6, &["--arm REASON"]);
    home.write("broken", "");
    let start =
        ["run", "start", "MINE/MINE-2", "--wait", "--arm", "w", "--pass", "IL-91=it is Monday"];
    let failed = on(&start);
    assert_eq!(failed.status, 2, "{failed:?}");
    assert!(failed.out.contains("step MINE-2 is failed: it ended with 1"), "{failed:?}");
    assert!(failed.out.contains("it fails: look at it"), "{failed:?}");
    on(&start).refused(6, &["has acted before", "acts twice", "--again REASON"]);
    std::fs::remove_file(home.path("broken")).unwrap();
    let again: Vec<&str> = start.iter().copied().chain(["--again", "mended"]).collect();
    assert_eq!(on(&again).status, 0);
    assert_eq!(std::fs::read_to_string(home.path("acted")).unwrap().lines().count(), 2);
    assert_eq!(shown(), ["done", "done", "ready", "locked"]);

    // The walk passes over what is done and stops at the gate.
    let walked = on(&["run", "start", "MINE", "--wait"]);
    assert_eq!(walked.status, 5, "{walked:?}");
    assert!(walked.out.contains("look at the lamp of a b'; $(x) of first.sh"), "{walked:?}");
    on(&["run", "confirm", "MINE/MINE-3"]).refused(6, &["--typed MINE-3"]);
    let typed = ["run", "confirm", "MINE/MINE-3", "--typed", "MINE-3"];
    on(&typed).refused(6, &["evidence, a number"]);
    let with = |evidence: &'static str| {
        typed.iter().copied().chain(["--evidence", evidence]).collect::<Vec<&str>>()
    };
    on(&with("green")).refused(6, &["is no number"]);
    on(&with("7")).done();
    assert_eq!(shown(), ["done", "done", "done", "ready"]);

    on(&["run", "start", "MINE/MINE-4", "--arm", "w"]).refused(6, &["--confirm 'MINE-4 1'"]);
    let last =
        on(&["run", "start", "MINE/MINE-4", "--wait", "--arm", "w", "--confirm", "MINE-4 1"]);
    assert_eq!(last.status, 0, "{last:?}");
    let end = on(&["run", "start", "MINE", "--wait"]);
    assert!(end.out.contains("everything is done"), "{end:?}");
    assert_eq!(end.status, 0);

    on(&["run", "reopen", "MINE/MINE-3"]).done();
    on(&["run", "skip", "MINE/MINE-3"]).refused(4, &["--reason"]);
    on(&["run", "skip", "MINE/MINE-3", "--reason", "no lamp here"]).done();
    assert_eq!(shown(), ["done", "done", "skipped", "done"]);
}

#[test]
fn a_step_whose_runner_was_killed_is_unknown_until_it_is_done_again() {
    let home = Home::new();
    home.write(
        "site/plans/long.yml",
        "plan: LONG\ntitle: Long\nsteps:\n  - {id: LONG-1, title: Long, at: [ws], done: exit 0, rerun: {class: idempotent}, risk: looks, run: {argv: [sh, -c, 'test -e go || exec sleep 600'], directory: '~/'}}\n",
    );
    let site = home.path("site");
    let on = |args: &[&str]| home.on(&site, args);
    let shown = || states(&on(&["plan", "show", "LONG", "--json"]).json());
    let started = on(&["run", "start", "LONG/LONG-1"]);
    assert_eq!((started.status, started.out.as_str()), (0, "run 1\n"), "{started:?}");
    let until = |word: &str| {
        let began = Instant::now();
        while shown() != [word] {
            assert!(began.elapsed() < Duration::from_secs(30), "never {word}: {:?}", shown());
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    until("running");
    on(&["run", "start", "LONG/LONG-1"]).refused(6, &["runs"]);
    let run = on(&["run", "show", "1", "--json"]).json();
    let text = run.to_string();
    let pid = run["runner"]["pid"].as_i64();
    let pid = pid.unwrap_or_else(|| panic!("no runner in {text}"));
    kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(), Signal::KILL).unwrap();
    until("unknown");
    assert_eq!(on(&["run", "stop", "1", "--yes", "--level", "kill"]).status, 0);
    home.write("go", "");
    assert_eq!(on(&["run", "start", "LONG/LONG-1", "--wait"]).status, 0);
    assert_eq!(shown(), ["done"]);
}
