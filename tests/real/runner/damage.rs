//! Journals, sockets and disks that are not as they should be.

use std::os::unix::fs::chown;

use super::bench::{Bench, kill, said, until};

fn show(bench: &Bench) -> (Option<i32>, String) {
    let output = bench.run(&["run", "show", "1"]);
    (output.status.code(), said(&output))
}

#[test]
fn a_journal_that_is_not_as_it_was_written_is_refused_in_one_sentence() {
    let bench = Bench::new();
    let run = bench.script("true");
    bench.wait_for(run, "done");
    let file = bench.runs().directory(run).join("journal.jsonl");
    let good = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = good.split_inclusive('\n').collect();
    let hole = [&lines[..2], &lines[3..]].concat().concat();
    for (text, words) in [
        (hole, "lines are missing from the journal before line 3"),
        (good.replacen("\"root\"", "\"r00t\"", 1), "line 1 of the journal was changed or damaged"),
        (
            good.replacen("\"v\":1", "\"v\":7", 1),
            "has version 7, this program reads 1; use the newer shopfloor",
        ),
    ] {
        std::fs::write(&file, text).unwrap();
        let (code, said) = show(&bench);
        assert_eq!(code, Some(4), "{said}");
        assert!(said.contains(words) && said.trim_end().lines().count() == 1, "{words} in {said}");
        let list = bench.run(&["run", "list"]);
        assert!(list.status.success(), "{}", said);
    }
    std::fs::write(&file, &good[..good.len() - 9]).unwrap();
    let (code, said) = show(&bench);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("was torn while it was written"), "{said}");
}

#[test]
fn the_index_is_made_again_from_the_journals() {
    let bench = Bench::new();
    for script in ["exit 2", "true"] {
        let run = bench.script(script);
        until("it is over", || bench.known(run).run.is_over().then_some(()));
    }
    let list =
        |bench: &Bench| String::from_utf8(bench.run(&["run", "list", "--json"]).stdout).unwrap();
    let before = list(&bench);
    assert!(before.contains("\"failed\"") && before.contains("\"done\""), "{before}");
    let index = bench.runs().index_path();
    std::fs::write(&index, "no database\n").unwrap();
    assert_eq!(list(&bench), before);
    std::fs::remove_file(&index).unwrap();
    assert_eq!(list(&bench), before);
}

#[test]
fn another_users_journal_is_not_trusted() {
    if !rustix::process::geteuid().is_root() {
        return crate::suite::skipped("runner", "only root gives files away");
    }
    let bench = Bench::new();
    let run = bench.script("true");
    bench.wait_for(run, "done");
    chown(bench.runs().directory(run).join("journal.jsonl"), Some(61_001), None).unwrap();
    let (code, said) = show(&bench);
    assert_eq!(code, Some(4));
    assert!(said.contains("belongs to another user (uid 61001)"), "{said}");
}

#[test]
fn a_socket_of_a_dead_runner_is_no_trouble() {
    let bench = Bench::new();
    let run = bench.script("echo said; sleep 60");
    bench.wait_for_text(run, "said");
    kill(bench.known(run).run.runner.unwrap(), "-KILL");
    bench.wait_for(run, "unknown");
    let attached = bench.run(&["attach"]);
    assert_eq!(attached.status.code(), Some(0));
    assert!(said(&attached).contains("said\r\n"), "{}", said(&attached));
    assert!(
        said(&attached).contains("run 1 is unknown: its runner was killed"),
        "{}",
        said(&attached)
    );
    assert_eq!(bench.script("true"), 2);
}

#[test]
fn a_state_directory_that_cannot_be_written_refuses_before_anything_starts() {
    let bench = Bench::new();
    let mark = bench.path("ran");
    let output = bench
        .command(&["run", "start", "--", "touch", &mark.display().to_string()])
        .env("XDG_STATE_HOME", "/proc/nowhere")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", said(&output));
    assert!(said(&output).contains("the state directory /proc/nowhere"), "{}", said(&output));
    assert!(!mark.exists());
}

#[test]
fn a_full_disk_costs_output_that_is_counted_and_never_stops_the_child() {
    let bench = Bench::new();
    let state = bench.path("state");
    std::fs::create_dir(&state).unwrap();
    let mount = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=3m,mode=700", "tmpfs"])
        .arg(&state)
        .output()
        .unwrap();
    if !mount.status.success() {
        return crate::suite::skipped("runner", "no file system can be mounted here");
    }
    let done = bench.path("done");
    let text = format!("head -c 20000000 /dev/zero | tr '\\0' z; touch {}; exit 5", done.display());
    let run = bench.script(&text);
    let document = until("it is over", || {
        let document = bench.show(run);
        (document["state"] == "failed").then_some(document)
    });
    assert!(done.exists());
    assert_eq!(document["exit"], 5);
    let kept = bench.output(run);
    let lost = document["output"]["lost"][0]["bytes"].as_u64().unwrap();
    assert_eq!(kept.len() as u64 + lost, 20_000_000, "{document:#}");
    assert!(kept.iter().all(|byte| *byte == b'z'));
    assert!(document["output"]["lost"][0]["why"].as_str().unwrap().contains("No space left"));
    // Whoever looks after a crash in between has to know of it.
    let journal = bench.journal(run);
    let (open, closed) = (journal.find("\"output-behind\""), journal.find("\"output-lost\""));
    assert!(open.is_some() && open < closed, "{journal}");
    assert_eq!(document["behind"], serde_json::Value::Null, "{document:#}");
    until("nothing holds it", || {
        let umount = std::process::Command::new("umount").arg(&state).status().unwrap();
        umount.success().then_some(())
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_to_somebody_who_stands_in_for_the_runner() {
    use std::io::Read as _;
    let bench = Bench::new();
    let run = bench.script("echo said; sleep 60");
    bench.wait_for_text(run, "said");
    let place = bench.runs().directory(run).join("socket");
    std::fs::remove_file(&place).unwrap();
    let liar = std::os::unix::net::UnixListener::bind(&place).unwrap();
    let heard = std::thread::spawn(move || {
        let mut heard = Vec::new();
        liar.accept().unwrap().0.read_to_end(&mut heard).unwrap();
        heard
    });
    let stopped = bench.run(&["run", "stop", "1", "--yes"]);
    assert_ne!(stopped.status.code(), Some(0));
    assert!(said(&stopped).contains("is not its runner"), "{}", said(&stopped));
    assert_eq!(heard.join().unwrap(), b"");
}

#[test]
fn numbers_that_only_the_journal_speaks_for_are_not_signalled() {
    let bench = Bench::new();
    // A session of somebody who has nothing to do with the run.
    let mut sleep = std::process::Command::new("setsid");
    let mut bystander = sleep.args(["sleep", "60"]).spawn().unwrap();
    let run = bench.script("echo said; sleep 60");
    bench.wait_for_text(run, "said");
    kill(bench.known(run).run.runner.unwrap(), "-KILL");
    bench.wait_for(run, "unknown");
    let forged = {
        let mut state = bench.known(run).run;
        let session = i32::try_from(bystander.id()).unwrap();
        state.attempts.last_mut().unwrap().pid = Some(session);
        state.attempts.last_mut().unwrap().started = shopfloor::domain::Stamp(0);
        state.guardian = Some(1);
        state
    };
    let runs = bench.runs();
    let marks = shopfloor::runner::survivors::Marks::of(&forged, &runs.mark(), runs.lease_path());
    let has = |marks: &shopfloor::runner::survivors::Marks| {
        let found = shopfloor::runner::survivors::find(marks);
        found.iter().any(|seen| seen.session == i32::try_from(bystander.id()).unwrap())
    };
    assert!(has(&marks), "as a journal that is believed would have it");
    assert!(!has(&marks.from_disk()));
    bystander.kill().unwrap();
    bystander.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_accounts_journal_names_is_not_signalled() {
    if !rustix::process::geteuid().is_root() {
        return crate::suite::skipped("runner", "only root gives files away");
    }
    let bench = Bench::new();
    let run = bench.script("trap '' HUP; echo said; while :; do sleep 0.1; done");
    bench.wait_for_text(run, "said");
    kill(bench.known(run).run.runner.unwrap(), "-KILL");
    bench.wait_for(run, "unknown");
    let group = rustix::process::getegid().as_raw();
    let shared = shopfloor::runner::Runs::at(bench.runs().state(), Some(group));
    chown(shared.directory(run).join("journal.jsonl"), Some(61_001), None).unwrap();
    let by = shopfloor::install::journal::Person { name: "eve".into(), account: "root".into() };
    let level = shopfloor::install::journal::StopLevel::Kill;
    let refused = shopfloor::runner::stop::stop_left(&shared, run, level, &by).await.unwrap_err();
    assert!(refused.contains("its journal is 61001's"), "{refused}");
    assert!(!bench.journal(run).contains("stop-asked"));
}
