//! Runs whose command is on another host, with the program itself and real sshd.

use std::path::PathBuf;
use std::time::Duration;

use futures_util::StreamExt as _;
use shopfloor::runner::protocol::{Answer, Frame, Request, Standing};
use zeroize::Zeroizing;

use crate::fleet::{Fleet, fleet};
use crate::remote::{Line, marks, places};
use crate::runner::bench::{Bench, kill, members, number, reply, said, until};

/// A site of one host of the fleet, reached through `port` where one is given.
fn site(fleet: &Fleet, host: usize, port: Option<u16>) -> Bench {
    let bench = Bench::new();
    let file = |name: &str| fleet.file(name).display().to_string();
    let inventory = format!(
        "all:\n  vars:\n    ansible_port: {}\n    ansible_user: fleetops\n    \
         ansible_ssh_private_key_file: {}\n    ansible_ssh_common_args: >-\n      \
         -o UserKnownHostsFile={} -o GlobalKnownHostsFile=/dev/null\n\
         compute:\n  hosts:\n    {}:\n      ansible_host: {}\n",
        fleet.port,
        file("id"),
        file("known_hosts"),
        Fleet::name(host),
        Fleet::address(host)
    );
    std::fs::write(bench.path("site/inventory.yml"), inventory).unwrap();
    if let Some(port) = port {
        let text = format!("endpoints:\n  {}: 127.0.0.1:{port}\n", Fleet::name(host));
        std::fs::write(bench.path("site/shopfloor.yml"), text).unwrap();
    }
    bench
}

/// The arguments that start a script on the host.
fn words<'a>(host: &'a str, more: &[&'a str], command: &[&'a str]) -> Vec<&'a str> {
    [&["run", "start", "--as", "eve", "--on", host], more, &["--"], command].concat()
}

/// What the host keeps of the run: nothing, after it was fetched.
fn kept(bench: &Bench, run: u64) -> Option<PathBuf> {
    let remote = bench.known(run).run.remote?;
    let directory = PathBuf::from(remote.directory?);
    directory.exists().then_some(directory)
}

/// Prints known bytes in parts with pauses, notes that it ran, ends with 7.
const SCRIPT: &str = "echo ran >>\"$1\"; n=0; while [ $n -lt 40 ]; do n=$((n + 1)); \
    head -c 3000 /dev/zero | tr '\\0' \"$((n % 10))\"; echo; sleep 0.03; done; exit 7";

fn wanted() -> Vec<u8> {
    (1..=40u8).flat_map(|n| [vec![b'0' + n % 10; 3000], vec![b'\n']].concat()).collect()
}

#[test]
fn output_status_and_signal_come_back_and_the_host_forgets_it() {
    let fleet = fleet!();
    crate::suite::ran("remote-runs");
    let host = Fleet::name(101);
    let bench = site(fleet, 101, None);
    let strange = "$(touch /tmp/never) `id` ; ' \" \\ %s é\n-n";
    let script = "printf '<%s>' \"$@\"; echo to stderr >&2; exit 137";
    let output =
        bench.run(&words(&host, &["--wait", "--raw"], &["sh", "-c", script, "sh", strange, ""]));
    assert_eq!(output.status.code(), Some(137), "{}", said(&output));
    assert_eq!(bench.output(1), format!("<{strange}><>to stderr\n").as_bytes());
    let document = bench.wait_for(1, "failed");
    assert_eq!(document["ending"]["end"], "exit", "{document:#}");
    assert_eq!(document["remote"]["host"], host.as_str());
    until("the host has forgotten it", || kept(&bench, 1).is_none().then_some(()));
    until("that is written down", || {
        bench.known(1).run.remote.is_some_and(|remote| remote.is_cleared).then_some(())
    });
    // The same number, by a signal this time.
    let output = bench.run(&words(&host, &["--wait"], &["sh", "-c", "kill -KILL $$"]));
    assert_eq!(output.status.code(), Some(137), "{}", said(&output));
    let document = bench.wait_for(2, "failed");
    assert_eq!(document["ending"]["sentence"], "ended by SIGKILL", "{document:#}");
    let unknown = bench.run(&words("node-xyz", &[], &["true"]));
    assert_eq!(unknown.status.code(), Some(4));
    assert!(said(&unknown).contains("the inventory has no target node-xyz"), "{}", said(&unknown));
    let missing = bench.run(&words(&host, &["--wait"], &["no-such-program-here"]));
    assert_eq!(missing.status.code(), Some(127), "{}", said(&missing));
}

/// A run over a line that is cut there; how often it was.
async fn run_cut(fleet: &'static Fleet, direction: usize, after: usize, index: usize) -> usize {
    let host = 101 + index % 24;
    let line = Line::start((Fleet::address(host), fleet.port), direction, after, 1).await;
    let (port, marks) = (line.port, marks());
    let mark = marks.path().join("ran");
    let what = format!("direction {direction} after {after} bytes");
    tokio::task::spawn_blocking(move || {
        let bench = site(fleet, host, Some(port));
        let (name, place) = (Fleet::name(host), mark.display().to_string());
        let command = ["sh", "-c", SCRIPT, "sh", &place];
        let output = bench.run(&words(&name, &["--wait", "--raw"], &command));
        assert_eq!(output.status.code(), Some(7), "{what}: {}", said(&output));
        assert!(bench.output(1) == wanted(), "{what}: {} bytes", bench.output(1).len());
        assert!(output.stdout.ends_with(&wanted()), "{what}: a watcher saw something else");
        assert_eq!(std::fs::read_to_string(&mark).unwrap(), "ran\n", "{what}");
        let journal = bench.journal(1);
        let (cuts, backs) =
            (journal.matches("\"line-cut\"").count(), journal.matches("\"line-back\"").count());
        assert_eq!(cuts, backs, "{what}: {journal}");
        until("the host has forgotten it", || kept(&bench, 1).is_none().then_some(()));
    })
    .await
    .unwrap();
    line.cuts()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_cut_at_any_byte_costs_a_run_nothing() {
    let fleet = fleet!();
    // As many bytes as such a run takes in both directions, about.
    let all: Vec<(usize, usize)> = places(90_000, 12)
        .into_iter()
        .map(|at| (0, at))
        .chain(places(125_000, 12).into_iter().map(|at| (1, at)))
        .collect();
    let count = all.len();
    let cut: usize = futures_util::stream::iter(all.into_iter().enumerate())
        .map(|(index, (direction, after))| run_cut(fleet, direction, after, index))
        .buffer_unordered(4)
        .fold(0, |sum, cuts| async move { sum + cuts })
        .await;
    println!("{count} runs, {cut} of them cut");
    assert!(cut >= count * 8 / 10, "{cut} of {count} runs were cut at all");
}

/// A run whose runner is killed after so long; whether it still ran there then.
fn killed_after(fleet: &Fleet, host: usize, wait: Duration) -> bool {
    let bench = site(fleet, host, None);
    let (marks, name) = (marks(), Fleet::name(host));
    let place = marks.path().join("ran").display().to_string();
    let command = ["sh", "-c", SCRIPT, "sh", &place];
    let output = bench.run(&words(&name, &[], &command));
    let run = number(&output).unwrap_or_else(|| panic!("{}", said(&output)));
    // Whoever watches is shown nothing that is not kept.
    let shown = bench.path("shown");
    let mut watcher = bench
        .command(&["attach", "--raw"])
        .stdout(std::fs::File::create(&shown).unwrap())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(wait);
    for (pid, _) in members(bench.runs().state()) {
        kill(pid, "-KILL");
    }
    watcher.wait().unwrap();
    until("the runner is gone", || (!bench.known(run).has_runner).then_some(()));
    let seen = std::fs::read(&shown).unwrap();
    assert!(wanted().starts_with(&seen) && bench.output(run).starts_with(&seen), "{wait:?}");
    let known = bench.known(run);
    let goes_on = known.run.goes_on_at().is_some();
    if goes_on {
        let sheet = said(&bench.run(&["run", "show"]));
        let is_told = ["still running on", "ended on", "knows nothing of it"];
        assert!(is_told.iter().any(|words| sheet.contains(words)), "{sheet}");
        let greeting = said(&bench.run(&["greet"]));
        assert!(greeting.contains(&format!("run {run} may still run on {name}")), "{greeting}");
        let refused = bench.run(&["run", "start", "--", "true"]);
        assert_eq!(refused.status.code(), Some(6), "{}", said(&refused));
        let words = format!("may still run on {name}, its runner here is gone");
        assert!(said(&refused).contains(&words), "{}", said(&refused));
        let attached = bench.run(&["attach", &run.to_string(), "--raw"]);
        assert_eq!(attached.status.code(), Some(0), "{}", said(&attached));
        let known = bench.known(run);
        match std::fs::read_to_string(&place) {
            Ok(ran) => {
                assert_eq!(ran, "ran\n", "{wait:?}");
                assert_eq!(known.run.exit(), Some(7), "{wait:?}: {}", said(&attached));
                assert!(bench.output(run) == wanted(), "{wait:?}: {}", bench.output(run).len());
                assert!(attached.stdout == wanted(), "{wait:?}: all of it is shown");
                until("the host has forgotten it", || kept(&bench, run).is_none().then_some(()));
            }
            // The runner was killed before the command reached the host.
            Err(_) => assert_eq!(known.word().word(), "unknown", "{}", said(&attached)),
        }
    }
    // Nothing is stuck, and what the killed runner had no time for is swept by the next one.
    let next = bench.run(&words(&name, &["--wait"], &["true"]));
    assert_eq!(next.status.code(), Some(0), "{wait:?}: {}", said(&next));
    assert!(std::fs::read_to_string(&place).map_or(0, |ran| ran.lines().count()) <= 1);
    goes_on
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runner_that_is_killed_loses_nothing_of_what_goes_on_elsewhere() {
    let fleet = fleet!();
    const ROUNDS: u64 = 20;
    let went_on = futures_util::stream::iter(0..ROUNDS)
        .map(|round| {
            let wait = Duration::from_millis(round * 130);
            tokio::task::spawn_blocking(move || killed_after(fleet, 125 + round as usize % 8, wait))
        })
        .buffer_unordered(4)
        .fold(0, |sum, went_on| async move { sum + usize::from(went_on.unwrap()) })
        .await;
    println!("{ROUNDS} runners killed, {went_on} while the command went on");
    assert!(went_on >= 8, "{went_on}");
}

#[test]
fn a_stop_reaches_everything_there_and_what_left_its_group() {
    let fleet = fleet!();
    let (bench, host) = (site(fleet, 133, None), Fleet::name(133));
    let script = "trap 'echo no' INT; setsid sleep 600 & echo ready; while :; do sleep 0.1; done";
    bench.run(&words(&host, &[], &["sh", "-c", script]));
    bench.wait_for_text(1, "ready");
    let mild = bench.run(&["run", "stop", "1", "--yes", "--as", "bob"]);
    assert_eq!(mild.status.code(), Some(1), "{}", said(&mild));
    assert!(said(&mild).contains(&format!("on {host}")), "it names who is left: {}", said(&mild));
    let term = bench.run(&["run", "stop", "1", "--yes", "--level", "term", "--as", "bob"]);
    assert_eq!(term.status.code(), Some(0), "{}", said(&term));
    let document = bench.wait_for(1, "stopped");
    assert_eq!(document["ending"]["sentence"], "ended by SIGTERM", "{document:#}");
    assert!(bench.output(1).starts_with(b"ready\nno\n"), "the mild one was heard");
    until("the host has forgotten it", || kept(&bench, 1).is_none().then_some(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_stays_away_can_be_given_up_and_holds_nothing() {
    let fleet = fleet!();
    let host = 134;
    let name = Fleet::name(host);
    let line = Line::start((Fleet::address(host), fleet.port), 1, usize::MAX, 0).await;
    let bench = site(fleet, host, Some(line.port));
    tokio::task::spawn_blocking(move || {
        let script = "while :; do head -c 30000 /dev/zero | tr '\\0' z; sleep 0.2; done";
        bench.run(&words(&name, &[], &["sh", "-c", script]));
        // Nobody listens at the place any more.
        until("the line was used", || (!bench.output(1).is_empty()).then_some(()));
        let text = format!("endpoints:\n  {name}: 127.0.0.1:1\n");
        std::fs::write(bench.path("site/shopfloor.yml"), text).unwrap();
        for (pid, _) in members(bench.runs().state()) {
            kill(pid, "-KILL");
        }
        until("the runner is gone", || (!bench.known(1).has_runner).then_some(()));
        let sheet = said(&bench.run(&["run", "show"]));
        assert!(sheet.contains("cannot be asked"), "{sheet}");
        let level = |level: &str| bench.run(&["run", "stop", "1", "--yes", "--level", level]);
        let mild = level("int");
        assert_eq!(mild.status.code(), Some(6), "{}", said(&mild));
        assert!(said(&mild).contains("nothing is known to be stopped"), "{}", said(&mild));
        let cut = bench.show(1);
        assert_eq!(cut["state"], "running", "{cut:#}");
        assert!(cut["remote"]["cut"]["why"].is_string(), "{cut:#}");
        let given_up = level("kill");
        assert!(said(&given_up).contains("the run is given up"), "{}", said(&given_up));
        let over = bench.wait_for(1, "unknown");
        assert!(over["reason"].as_str().unwrap().contains("may still run there"), "{over:#}");
        let next = bench.run(&["run", "start", "--wait", "--", "true"]);
        assert_eq!(next.status.code(), Some(0), "{}", said(&next));
        // Back again, the next run there says what the host still keeps.
        std::fs::remove_file(bench.path("site/shopfloor.yml")).unwrap();
        let there = bench.run(&words(&name, &["--wait"], &["true"]));
        assert_eq!(there.status.code(), Some(0), "{}", said(&there));
        let run = number(&there).unwrap();
        until("what is left of run 1 is named", || {
            let notes = bench.show(run)["notes"].to_string();
            notes.contains("nobody fetched the end of run 1").then_some(())
        });
        let state = bench.known(1).run;
        let begun = PathBuf::from(state.remote.unwrap().directory.unwrap()).join("pid");
        let pid: i32 = std::fs::read_to_string(begun).unwrap().trim().parse().unwrap();
        kill(-pid, "-KILL");
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_on_another_host_is_answered_and_the_answer_kept_nowhere() {
    let fleet = fleet!();
    let (bench, host) = (site(fleet, 135, None), Fleet::name(135));
    let script = "stty size; stty -echo; printf 'Vault password: '; read secret; stty echo; echo; \
                  echo got ${#secret} characters; exit 3";
    let started = bench.run(&words(&host, &["--tty"], &["sh", "-c", script]));
    assert_eq!(number(&started), Some(1), "{}", said(&started));
    let document = bench.wait_for(1, "waiting");
    assert_eq!(document["waits_for"]["name"], "vault-password", "{document:#}");
    let mut client = bench.connect(1, "eve", None).await;
    let prompt = bench.known(1).run.prompt.unwrap().seq;
    let bytes = Zeroizing::new(b"hunter2-hunter2".to_vec());
    client.send(&Frame::Answer(Answer { prompt, is_hidden: true, bytes })).await.unwrap();
    assert_eq!(reply(&mut client).await.standing, Standing::Done);
    bench.wait_for_text(1, "got 15 characters");
    drop(client);
    let document = bench.wait_for(1, "failed");
    assert_eq!(document["exit"], 3, "{document:#}");
    let text = String::from_utf8(bench.output(1)).unwrap();
    assert!(text.starts_with("60 200\r\n"), "{text}");
    assert!(!bench.everything_kept().windows(7).any(|part| part == b"hunter2"));
    until("the host has forgotten it", || kept(&bench, 1).is_none().then_some(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_size_of_whoever_has_the_pen_reaches_the_terminal_on_another_host() {
    let fleet = fleet!();
    let (bench, host) = (site(fleet, 136, None), Fleet::name(136));
    let script = "trap 'stty size' WINCH; stty size; echo ready; while :; do sleep 0.05; done";
    let started = bench.run(&words(&host, &["--tty"], &["sh", "-c", script]));
    assert_eq!(number(&started), Some(1), "{}", said(&started));
    bench.wait_for_text(1, "ready");
    let mut client = bench.connect(1, "eve", None).await;
    client.send(&Frame::Request(Request::TakePen)).await.unwrap();
    assert_eq!(reply(&mut client).await.standing, Standing::Done);
    bench.wait_for_text(1, "30 100");
    client.send(&Frame::Request(Request::Resize { columns: 132, rows: 43 })).await.unwrap();
    bench.wait_for_text(1, "43 132");
    drop(client);
    until("the fixed size", || {
        let text = String::from_utf8(bench.output(1)).unwrap();
        let (begin, end) = (text.starts_with("60 200\r\n"), text.ends_with("60 200\r\n"));
        (begin && end && text.contains("43 132")).then_some(())
    });
    let stopped = bench.run(&["run", "stop", "1", "--yes", "--level", "kill", "--as", "eve"]);
    assert_eq!(stopped.status.code(), Some(0), "{}", said(&stopped));
}
