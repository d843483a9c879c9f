//! Stops, with stand-ins for the engines of containers, and signals to the runner itself.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::bench::{Bench, SHOPFLOOR, kill, said, until};

/// Programs of those names on a `PATH` of their own, each a script; what they were given is in `NAME.log`.
fn engines(bench: &Bench, all: &[(&str, &str)]) -> String {
    let bin = bench.path("bin");
    std::fs::create_dir(&bin).unwrap();
    for (name, script) in all {
        let log = bench.path(&format!("{name}.log"));
        let text = format!("#!/bin/sh\necho \"$@\" >>{}\n{script}\n", log.display());
        std::fs::write(bin.join(name), text).unwrap();
        std::fs::set_permissions(bin.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    format!("{}:/usr/bin:/bin", bin.display())
}

fn started(bench: &Bench, path: &str, script: &str) {
    let words = ["run", "start", "--as", "eve", "--", "sh", "-c", script];
    let output = bench.command(&words).env("PATH", path).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    bench.wait_for_text(1, "ready");
}

#[test]
fn a_stop_escalates_is_recorded_and_reaches_the_containers_of_both_engines() {
    let bench = Bench::new();
    let ids = [("podman", "c".repeat(64)), ("docker", "d".repeat(64))];
    let scripts = ids.each_ref().map(|(_, id)| format!("[ \"$1\" != ps ] || echo {id}"));
    let path = engines(&bench, &[(ids[0].0, &scripts[0]), (ids[1].0, &scripts[1])]);
    started(&bench, &path, "trap 'echo no' INT TERM; echo ready; while :; do sleep 0.1; done");
    let asked = bench.run(&["run", "stop", "1"]);
    assert_eq!(asked.status.code(), Some(4), "nobody is there to confirm: {}", said(&asked));
    for (level, status) in [("int", 1), ("term", 1), ("kill", 0)] {
        let words = ["run", "stop", "1", "--yes", "--as", "bob", "--level", level];
        let output = bench.run(&words);
        assert_eq!(output.status.code(), Some(status), "{level}: {}", said(&output));
    }
    let document = bench.wait_for(1, "stopped");
    let told = (document["stop"].as_str(), document["stopped_by"]["name"].as_str());
    assert_eq!(told, (Some("kill"), Some("bob")));
    assert_eq!(document["ending"]["sentence"], "ended by SIGKILL", "{document:#}");
    let attempt = document["attempts"][0]["id"].as_str().unwrap();
    let list = format!("ps --quiet --no-trunc --filter label=shopfloor.attempt={attempt}");
    for (engine, id) in ids {
        let expected = format!(
            "{list}\nkill --signal INT {id}\n{list}\nstop --time 10 {id}\n{list}\nkill --signal KILL {id}\n"
        );
        let log = std::fs::read_to_string(bench.path(&format!("{engine}.log"))).unwrap();
        assert_eq!(log, expected, "{engine}");
    }
    let journal = bench.journal(1);
    for level in ["int", "term", "kill"] {
        let event = format!(r#""what":"stop-asked","level":"{level}","by":{{"name":"bob""#);
        assert!(journal.contains(&event), "{journal}");
    }
}

#[test]
fn an_engine_that_runs_nothing_is_passed_over_and_one_that_fails_is_named() {
    let bench = Bench::new();
    let absent = "echo 'Cannot connect to the Docker daemon. Is it running?' >&2; exit 1";
    let broken = "echo 'cannot re-exec: the storage is locked' >&2; exit 125";
    let path = engines(&bench, &[("podman", broken), ("docker", absent)]);
    started(&bench, &path, "echo ready; while :; do sleep 0.1; done");
    let stopped = bench.run(&["run", "stop", "1", "--yes", "--level", "term", "--as", "eve"]);
    assert_eq!(stopped.status.code(), Some(0), "{}", said(&stopped));
    bench.wait_for(1, "stopped");
    let journal = bench.journal(1);
    let named = "podman does not say which containers are of this run: cannot re-exec: the storage is locked";
    assert!(journal.contains(named), "{journal}");
    assert!(!journal.contains("Docker daemon"), "{journal}");
    let log = std::fs::read_to_string(bench.path("docker.log")).unwrap();
    assert_eq!(log.lines().count(), 1, "asked once, told nothing: {log}");
}

#[test]
fn the_runner_ignores_hang_up_and_interrupt_and_passes_on_the_end_of_the_machine() {
    let bench = Bench::new();
    let run =
        bench.script("trap 'echo got-term; exit 9' TERM; echo ready; while :; do sleep 0.1; done");
    bench.wait_for_text(run, "ready");
    let known = bench.known(run).run;
    let (runner, guardian) = (known.runner.unwrap(), known.guardian.unwrap());
    for signal in ["-HUP", "-INT"] {
        kill(runner, signal);
        kill(guardian, signal);
    }
    std::thread::sleep(std::time::Duration::from_millis(500));
    let document = bench.show(run);
    assert_eq!(document["state"], "running", "{document:#}");
    assert_eq!(bench.known(run).run.runner, Some(runner));
    assert!(!bench.journal(run).contains("guardian-lost"), "{}", bench.journal(run));
    kill(runner, "-TERM");
    let document = bench.wait_for(run, "stopped");
    bench.wait_for_text(run, "got-term");
    assert_eq!(document["stopped_by"]["name"], "the system", "{document:#}");
    assert_eq!(document["ending"]["sentence"], "exit 9", "{document:#}");
    until("the site is free", || {
        (!shopfloor::runner::lease::is_taken(&bench.runs())).then_some(())
    });
}

/// A line of strace: whose, and what.
fn call(line: &str) -> (&str, &str) {
    let (pid, call) = line.split_once(' ').unwrap_or((line, ""));
    (pid, call.trim_start())
}

#[test]
fn the_journal_is_on_stable_storage_before_the_act_that_depends_on_it() {
    let bench = Bench::new();
    let trace = bench.path("trace");
    let tracer = Command::new("strace")
        .args([
            "-f",
            "-qq",
            "-s",
            "200",
            "-e",
            "trace=execve,write,fdatasync,pidfd_send_signal,kill",
        ])
        .arg("-o")
        .arg(&trace)
        .arg(SHOPFLOOR)
        .args(["run", "start", "--as", "eve", "--", "sleep", "600"])
        .current_dir(bench.path("site"))
        .env("XDG_STATE_HOME", bench.path("state"))
        .env_remove("XDG_RUNTIME_DIR")
        .stdout(std::process::Stdio::null())
        .spawn();
    let Ok(mut tracer) = tracer else {
        return crate::suite::skipped("runner", "strace is not installed");
    };
    let sites = bench.path("state/shopfloor/sites");
    until("the state directory", || std::fs::read_dir(&sites).ok()?.next().map(drop));
    until("it runs", || {
        let known = bench.runs().read(1).ok()?;
        known.run.attempts.last()?.pid
    });
    let stopped = bench.run(&["run", "stop", "1", "--yes", "--level", "term", "--as", "eve"]);
    assert_eq!(stopped.status.code(), Some(0), "{}", said(&stopped));
    // It ends with the last process it follows.
    until("the trace", || tracer.try_wait().unwrap());
    let text = std::fs::read_to_string(&trace).unwrap();
    let lines: Vec<(&str, &str)> = text.lines().map(call).collect();
    let first = |what: &str| {
        let found = lines.iter().position(|(_, call)| call.contains(what));
        found.unwrap_or_else(|| panic!("no {what} in {text}"))
    };
    // Where the line of that event was on stable storage: the same thread's next flush.
    let stored = |event: &str| {
        let written = first(&format!(r#"\"what\":\"{event}\""#));
        let thread = lines[written].0;
        let is_flush = |(pid, call): &(&str, &str)| {
            *pid == thread && call.contains("fdatasync") && call.ends_with("= 0")
        };
        let after = lines.iter().skip(written).position(is_flush);
        written + after.unwrap_or_else(|| panic!("{event} is never flushed in {text}"))
    };
    let executed = lines
        .iter()
        .position(|(_, call)| call.starts_with("execve(") && call.contains(r#"["sleep", "600"]"#));
    let attempt = stored("attempt-started");
    assert!(executed.is_some_and(|at| attempt < at), "{attempt} {executed:?} {text}");
    let asked = stored("stop-asked");
    let signalled = lines
        .iter()
        .position(|(_, call)| call.starts_with("pidfd_send_signal(") && call.contains("SIGTERM"));
    assert!(signalled.is_some_and(|at| asked < at), "{asked} {signalled:?} {text}");
}
