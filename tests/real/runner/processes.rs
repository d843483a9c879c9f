//! Children that hide, endings, environment, floods, stops.

use std::os::unix::fs::PermissionsExt as _;

use super::bench::{Bench, kill, said, until};

#[test]
fn a_child_that_ignores_the_hang_up_keeps_the_lease_and_is_named() {
    let bench = Bench::new();
    let run = bench.script("trap '' HUP; echo here; while :; do sleep 0.1; done");
    bench.wait_for_text(run, "here");
    let child = bench.show(run)["attempts"][0]["pid"].as_i64().unwrap();
    kill(bench.known(run).run.runner.unwrap(), "-KILL");
    let document = bench.wait_for(run, "unknown");
    assert!(document["exit"].is_null());
    assert_eq!(document["reason"], "its runner was killed; nobody saw how it ended");
    let refused = bench.run(&["run", "start", "--", "true"]);
    assert_eq!(refused.status.code(), Some(6), "{}", said(&refused));
    let words = said(&refused);
    for part in [&format!("process {child} (sh -c trap"), "since 20", "attach 1`", "run stop 1`"] {
        assert!(words.contains(part), "{part} in {words}");
    }
    let attached = bench.run(&["attach", "1", "--plain"]);
    assert!(said(&attached).contains("here"), "{}", said(&attached));
    let stopped = bench.run(&["run", "stop", "1", "--yes", "--level", "term", "--as", "bob"]);
    assert_eq!(stopped.status.code(), Some(0), "{}", said(&stopped));
    assert!(
        bench.journal(run).contains(r#""what":"stop-asked","level":"term","by":{"name":"bob""#)
    );
    assert_eq!(bench.script("true"), 2);
}

#[test]
fn a_child_that_forks_away_closes_everything_and_forgets_its_name_is_found() {
    let bench = Bench::new();
    let inner = "import os,signal,time; [signal.signal(s, signal.SIG_IGN) for s in (1, 2, 15)]; \
                 open(\"ready\", \"w\").close(); os.closerange(0, 256); time.sleep(1000)";
    let run = bench.script(&format!(
        "env -i PATH=$PATH setsid setsid python3 -c '{inner}' & while [ ! -e ready ]; do sleep 0.1; done; sleep 0.3"
    ));
    let document = bench.wait_for(run, "done");
    assert!(!document["left"].as_array().unwrap().is_empty(), "{document:#}");
    let refused = bench.run(&["run", "start", "--", "true"]);
    assert_eq!(refused.status.code(), Some(6), "{}", said(&refused));
    assert!(said(&refused).contains("is left of run 1"), "{}", said(&refused));
    let mild = bench.run(&["run", "stop", "1", "--yes"]);
    assert_eq!(mild.status.code(), Some(1), "{}", said(&mild));
    assert!(said(&mild).contains("run stop 1 --level term` is the next step"), "{}", said(&mild));
    let hard = bench.run(&["run", "stop", "1", "--yes", "--level", "kill"]);
    assert_eq!(hard.status.code(), Some(0), "{}", said(&hard));
    assert_eq!(bench.script("true"), 2);
    assert_eq!(
        bench.show(1)["state"],
        "done",
        "stopping what is left does not change how it ended"
    );
}

#[test]
fn endings_are_told_apart_and_passed_on() {
    let bench = Bench::new();
    let waited = |script: &str| {
        let output = bench.run(&["run", "start", "--wait", "--", "sh", "-c", script]);
        (output.status.code(), bench.run(&["run", "list"]).status.code(), said(&output))
    };
    for (script, status, ending) in [
        ("echo fine", 0, "exit 0"),
        ("exit 3", 3, "exit 3"),
        ("kill -TERM $$", 143, "ended by SIGTERM"),
        ("kill -KILL $$", 137, "ended by SIGKILL"),
    ] {
        let (code, _, words) = waited(script);
        assert_eq!(code, Some(status), "{script}: {words}");
        let shown = said(&bench.run(&["run", "show"]));
        assert!(shown.contains(&format!("ending     {ending}")), "{shown}");
    }
    for (command, words) in [
        ("no-such-command-anywhere", "there is no such command on the PATH"),
        ("/etc/passwd", "may not be executed"),
        ("/etc", "is a directory"),
        ("./gone", "there is no such file"),
    ] {
        let output = bench.run(&["run", "start", "--", command]);
        assert_eq!(output.status.code(), Some(4), "{}", said(&output));
        assert!(said(&output).contains(words), "{}", said(&output));
        let waited = bench.run(&["run", "start", "--wait", "--", command]);
        assert_eq!(waited.status.code(), Some(125), "{}", said(&waited));
    }
    let text = bench.path("site/text");
    std::fs::write(&text, "#!/nowhere/at/all\n").unwrap();
    std::fs::set_permissions(&text, std::fs::Permissions::from_mode(0o755)).unwrap();
    let output = bench.run(&["run", "start", "--wait", "--", "./text"]);
    assert_eq!(output.status.code(), Some(126), "{}", said(&output));
    assert!(said(&output).contains("what its first line names is not there"), "{}", said(&output));
}

#[test]
fn the_child_sees_a_terminal_its_attempt_and_little_else() {
    let bench = Bench::new();
    let output = bench
        .command(&["run", "start", "--env", "MORE=yes", "--", "sh", "-c", "stty size; tty; env"])
        .env("LD_DEBUG_OUTPUT", "nowhere")
        .env("ANSIBLE_FORKS", "7")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    bench.wait_for(1, "done");
    let text = String::from_utf8(bench.output(1)).unwrap();
    let attempt = bench.show(1)["attempts"][0]["id"].as_str().unwrap().to_owned();
    for line in [
        "60 200",
        "/dev/pts/",
        "TERM=xterm-256color",
        "SHOPFLOOR_RUN=1",
        &format!("SHOPFLOOR_ATTEMPT={attempt}"),
        "ANSIBLE_FORKS=7",
        "MORE=yes",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(!text.contains("LD_DEBUG_OUTPUT") && !text.contains("CARGO"), "{text}");
}

#[test]
fn signals_that_the_starter_ignores_reach_the_command_all_the_same() {
    let bench = Bench::new();
    // As a script does with what it puts into the background.
    let output = std::process::Command::new("sh")
        .args([
            "-c",
            "trap '' HUP INT QUIT TERM; exec \"$@\"",
            "sh",
            env!("CARGO_BIN_EXE_shopfloor"),
        ])
        .args(
            bench
                .command(&["run", "start", "--", "grep", "SigIgn", "/proc/self/status"])
                .get_args(),
        )
        .current_dir(bench.path("site"))
        .envs(bench.command(&[]).get_envs().filter_map(|(name, value)| Some((name, value?))))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    bench.wait_for(1, "done");
    let text = String::from_utf8(bench.output(1)).unwrap();
    let ignored =
        u64::from_str_radix(text.trim().trim_start_matches("SigIgn:").trim(), 16).unwrap();
    assert_eq!(ignored & 0b100_0000_0000_0111, 0, "{text}");
}

#[test]
fn a_runner_that_is_stopped_is_named_and_holds_nobody_up() {
    let bench = Bench::new();
    let run = bench.script("echo here; sleep 1000");
    bench.wait_for_text(run, "here");
    let runner = bench.known(run).run.runner.unwrap();
    kill(runner, "-STOP");
    for args in [&["run", "stop", "1", "--yes"][..], &["attach", "1", "--plain"]] {
        let output = bench.run(args);
        assert_eq!(output.status.code(), Some(4), "{}", said(&output));
        let words = said(&output);
        assert!(words.contains(&format!("`kill -CONT {runner}` lets it go on")), "{words}");
    }
    kill(runner, "-CONT");
    let stopped = bench.run(&["run", "stop", "1", "--yes"]);
    assert_eq!(stopped.status.code(), Some(0), "{}", said(&stopped));
}

#[test]
fn a_flood_is_kept_to_the_last_byte() {
    let bench = Bench::new();
    let run = bench.script("head -c 50000000 /dev/zero | tr '\\0' x; echo; echo the end");
    let document = bench.wait_for(run, "done");
    assert_eq!(document["output"]["bytes"], 50_000_000 + 2 + 9);
    assert_eq!(document["output"]["lost"], serde_json::json!([]));
    assert!(bench.output(run).ends_with(b"x\r\nthe end\r\n"));
    let times = std::fs::read_to_string(bench.runs().directory(run).join("output.times")).unwrap();
    let mut offsets =
        times.lines().map(|line| line.split(' ').next().unwrap().parse::<u64>().unwrap());
    assert_eq!(offsets.next(), Some(0));
    assert!(offsets.is_sorted(), "{times}");
}

#[test]
fn a_silent_child_costs_no_line() {
    let bench = Bench::new();
    let run = bench.script("sleep 4");
    until("it runs", || bench.journal(run).contains("child-started").then_some(()));
    let before = bench.journal(run);
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert_eq!(bench.journal(run), before);
    bench.wait_for(run, "done");
}

#[test]
fn a_directory_that_is_removed_meanwhile_comes_back_whole() {
    let bench = Bench::new();
    let run = bench.script("echo before; sleep 3; echo after");
    bench.wait_for_text(run, "before");
    // All at once: it comes back sooner than file after file is removed.
    let gone = bench.path("gone");
    std::fs::rename(bench.runs().directory(run), &gone).unwrap();
    std::fs::remove_dir_all(gone).unwrap();
    until("the journal is back", || {
        bench.runs().read(run).is_ok_and(|k| k.run.seq > 4).then_some(())
    });
    let document = bench.wait_for(run, "done");
    assert_eq!(bench.output(run), b"before\r\nafter\r\n");
    let note = "the run's directory was removed while it ran and made again";
    assert!(document["notes"].as_array().unwrap().contains(&note.into()), "{document:#}");
}

#[test]
fn systemd_is_given_exactly_these_arguments() {
    use shopfloor::runner::order::{Order, Started};
    use shopfloor::runner::scope::Surroundings;
    let bench = Bench::new();
    let bin = bench.path("bin");
    for dir in ["bin", "run/systemd/system", "state"] {
        std::fs::create_dir_all(bench.path(dir)).unwrap();
    }
    let log = bench.path("systemd.log");
    let stand_in = format!(
        "#!/bin/sh\necho \"$@\" >>{}\nwhile [ \"$1\" != -- ]; do shift; done\nshift\nexec \"$@\"\n",
        log.display()
    );
    std::fs::write(bin.join("systemd-run"), stand_in).unwrap();
    std::fs::set_permissions(bin.join("systemd-run"), std::fs::Permissions::from_mode(0o755))
        .unwrap();
    let around = Surroundings {
        is_root: true,
        account: "root".into(),
        run: bench.path("run"),
        linger: bench.path("linger"),
        user_runtime: None,
        path: bin.into(),
        program: super::bench::SHOPFLOOR.into(),
    };
    let order = Order {
        title: "a title".into(),
        argv: vec!["true".into()],
        directory: "/".into(),
        variables: Vec::new(),
        by: Default::default(),
        scope: None,
        note: None,
        pen_wait_ms: 0,
        on: None,
        stdin: None,
        step: Vec::new(),
    };
    let runs = shopfloor::runner::Runs::at(&bench.path("state"), None);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let started = runtime.block_on(shopfloor::runner::starting::start(
        &runs,
        &bench.path("site"),
        order,
        &around,
    ));
    assert_eq!(started, Started::Run(1));
    let scope = until("the run", || runs.read(1).ok()?.run.scope);
    let words = std::fs::read_to_string(log).unwrap();
    let expected = format!(
        "--scope --quiet --collect --unit={scope} --description=shopfloor run: a title -- {} guard --state {} \
         --site {}\n",
        super::bench::SHOPFLOOR,
        bench.path("state").display(),
        bench.path("site").display()
    );
    assert_eq!(words, expected);
    until("it is over", || runs.read(1).ok()?.run.is_over().then_some(()));
}
