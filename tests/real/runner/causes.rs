//! Trouble with its real cause: a kernel that kills for memory, a file system
//! that is read-only, a clock that is set back, a socket and a run directory that go.

use std::path::PathBuf;
use std::process::Command;

use super::bench::{Bench, SHOPFLOOR, number, said, until};

/// A control group with a limit on memory, in whichever hierarchy this machine has.
struct Group(PathBuf);

impl Group {
    fn new(limit: u64) -> Option<Group> {
        let name = format!("shopfloor-test-{}", std::process::id());
        let memory = PathBuf::from("/sys/fs/cgroup/memory");
        let (place, file) = match memory.is_dir() {
            true => (memory.join(name), "memory.limit_in_bytes"),
            false => (PathBuf::from("/sys/fs/cgroup").join(name), "memory.max"),
        };
        std::fs::create_dir(&place).ok()?;
        let group = Group(place);
        std::fs::write(group.0.join(file), limit.to_string()).ok()?;
        // Where there is swap the limit alone only makes it slow.
        let _ = std::fs::write(group.0.join("memory.swap.max"), "0");
        Some(group)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // A process that is just ending keeps it for a moment.
        for _ in 0..100 {
            if std::fs::remove_dir(&self.0).is_ok() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }
}

#[test]
fn a_kill_by_the_kernel_for_memory_is_told_from_any_other() {
    let bench = Bench::new();
    let Some(group) = Group::new(256 << 20) else {
        return crate::suite::skipped("runner", "no control group with a limit on memory here");
    };
    let started = |command: &[&str]| {
        let script = "echo $$ >\"$0/cgroup.procs\" && exec \"$@\"";
        let output = Command::new("sh")
            .args(["-c", script, &group.0.display().to_string(), SHOPFLOOR])
            .args(["run", "start", "--as", "eve", "--"])
            .args(command)
            .current_dir(bench.path("site"))
            .env("XDG_STATE_HOME", bench.path("state"))
            .env_remove("XDG_RUNTIME_DIR")
            .output()
            .unwrap();
        number(&output).unwrap_or_else(|| panic!("{}", said(&output)))
    };
    // Never finds the end of a line and keeps all of it.
    let run = started(&["tail", "-n", "1", "/dev/zero"]);
    let document = bench.wait_for(run, "failed");
    assert_eq!(document["ending"]["sentence"], "killed by the kernel: out of memory");
    assert_eq!(document["exit"], 137, "{document:#}");
    let run = started(&["sh", "-c", "kill -KILL $$"]);
    let document = bench.wait_for(run, "failed");
    assert_eq!(document["ending"]["sentence"], "ended by SIGKILL", "{document:#}");
    let run = started(&["sh", "-c", "exit 137"]);
    let document = bench.wait_for(run, "failed");
    assert_eq!(document["ending"]["sentence"], "exit 137", "{document:#}");
}

#[test]
fn a_read_only_state_directory_refuses_in_one_sentence_and_shows_what_it_has() {
    let bench = Bench::new();
    let run = bench.script("echo kept");
    bench.wait_for(run, "done");
    until("the lease is free", || {
        (!shopfloor::runner::lease::is_taken(&bench.runs())).then_some(())
    });
    let state = bench.path("state");
    let mount = |words: &[&str]| {
        Command::new("mount").args(words).status().is_ok_and(|status| status.success())
    };
    let place = state.display().to_string();
    if !mount(&["--bind", &place, &place]) {
        return crate::suite::skipped("runner", "nothing can be mounted here");
    }
    let is_closed = mount(&["-o", "remount,bind,ro", &place]);
    let mark = bench.path("ran");
    let output = bench.run(&["run", "start", "--", "touch", &mark.display().to_string()]);
    let shown = bench.run(&["run", "show", "1"]);
    let listed = bench.run(&["run", "list"]);
    let attached = bench.run(&["attach", "1", "--raw"]);
    let unmounted = Command::new("umount").arg(&state).status().unwrap().success();
    assert!(is_closed && unmounted);
    assert_eq!(output.status.code(), Some(4), "{}", said(&output));
    assert!(said(&output).contains("is on a read-only file system"), "{}", said(&output));
    assert_eq!(String::from_utf8_lossy(&output.stderr).trim_end().lines().count(), 1);
    assert!(!mark.exists(), "nothing was started");
    assert!(said(&shown).contains("run 1  DONE"), "{}", said(&shown));
    assert!(said(&listed).contains("done"), "{}", said(&listed));
    assert_eq!(attached.stdout, b"kept\r\n");
}

#[test]
fn a_clock_that_is_set_back_makes_no_time_negative() {
    let Some(library) = faketime() else {
        return crate::suite::skipped("runner", "faketime is not installed");
    };
    let bench = Bench::new();
    let clock = bench.path("clock");
    std::fs::write(&clock, "+0\n").unwrap();
    let output = bench
        .command(&["run", "start", "--as", "eve", "--", "sh", "-c", "echo one; sleep 3; echo two"])
        .env("LD_PRELOAD", library)
        .env("FAKETIME_TIMESTAMP_FILE", &clock)
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .output()
        .unwrap();
    let run = number(&output).unwrap_or_else(|| panic!("{}", said(&output)));
    bench.wait_for_text(run, "one");
    std::fs::write(&clock, "-2h\n").unwrap();
    let document = bench.wait_for(run, "done");
    assert_eq!(bench.output(run), b"one\r\ntwo\r\n");
    let journal = bench.journal(run);
    let times: Vec<i64> = journal
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["at"].as_i64().unwrap()
        })
        .collect();
    assert!(!times.is_sorted(), "the runner did see another clock: {journal}");
    let (started, ended) = (document["started"].as_str(), document["ended"].as_str());
    assert!(started <= ended, "{document:#}");
    assert!(document["notes"].to_string().contains("the clock was set back by 7"), "{document:#}");
    // A later run begins before the earlier one, by the clock; its number says the order.
    let next = bench.script("true");
    assert_eq!(next, 2);
    bench.wait_for(2, "done");
}

#[test]
fn a_child_that_is_silent_for_an_hour_costs_no_line_and_is_still_heard() {
    let Some(library) = faketime() else {
        return crate::suite::skipped("runner", "faketime is not installed");
    };
    let bench = Bench::new();
    let (clock, go) = (bench.path("clock"), bench.path("go"));
    std::fs::write(&clock, "+0\n").unwrap();
    let script =
        format!("echo one; while [ ! -e {} ]; do /bin/sleep 0.2; done; echo two", go.display());
    // The command has the real time, the runner's own clocks all go an hour on.
    let output = bench
        .command(&[
            "run",
            "start",
            "--as",
            "eve",
            "--",
            "env",
            "-u",
            "LD_PRELOAD",
            "sh",
            "-c",
            &script,
        ])
        .env("LD_PRELOAD", library)
        .env("FAKETIME_TIMESTAMP_FILE", &clock)
        .env("FAKETIME_NO_CACHE", "1")
        .output()
        .unwrap();
    let run = number(&output).unwrap_or_else(|| panic!("{}", said(&output)));
    bench.wait_for_text(run, "one");
    until("the first mark is written", || bench.journal(run).contains("output-mark").then_some(()));
    let before = bench.journal(run);
    std::fs::write(&clock, "+1h\n").unwrap();
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert_eq!(bench.journal(run), before, "an hour of silence is no news");
    std::fs::write(&go, "").unwrap();
    let document = bench.wait_for(run, "done");
    assert_eq!(bench.output(run), b"one\r\ntwo\r\n");
    let (started, ended) = (document["started"].as_str(), document["ended"].as_str());
    let hour = |text: Option<&str>| {
        text.and_then(|text| text.get(11..13)).and_then(|hour| hour.parse::<i32>().ok()).unwrap()
    };
    assert_ne!(hour(started), hour(ended), "the runner did see that hour: {document:#}");
}

/// The library that gives a process another clock.
fn faketime() -> Option<PathBuf> {
    let places = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"];
    places
        .iter()
        .map(|place| PathBuf::from(place).join("faketime/libfaketime.so.1"))
        .find(|library| library.is_file())
}

#[test]
fn a_site_that_two_runs_want_at_once_gives_it_to_one() {
    let bench = Bench::new();
    let mark = bench.path("ran");
    let script = format!("echo $SHOPFLOOR_RUN >>{}; sleep 2", mark.display());
    let outputs: Vec<_> = std::thread::scope(|scope| {
        let starting: Vec<_> = (0..6)
            .map(|_| scope.spawn(|| bench.run(&["run", "start", "--", "sh", "-c", &script])))
            .collect();
        starting.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let begun: Vec<u64> = outputs.iter().filter_map(number).collect();
    assert_eq!(begun, [1], "one of them has the lease");
    for refused in outputs.iter().filter(|output| number(output).is_none()) {
        assert_eq!(refused.status.code(), Some(6), "{}", said(refused));
        let text = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(text.trim_end().lines().count(), 1, "{text}");
        assert!(text.contains("run 1 is running") || text.contains("just beginning"), "{text}");
    }
    bench.wait_for(1, "done");
    assert_eq!(std::fs::read_to_string(&mark).unwrap(), "1\n");
}
