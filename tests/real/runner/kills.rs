//! `kill -9` of the watcher, the runner, the guardian and any two or all of
//! them, at random moments of a scripted run.

use std::fs::File;
use std::process::Stdio;
use std::time::{Duration, Instant};

use shopfloor::install::journal::RunWord;
use shopfloor::runner::lease;

use super::bench::{Bench, PATIENCE, kill, members, said, until};

/// Lines that the scripted run writes.
const LINES: usize = 300;

/// A small generator, so that a failing round can be had again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// What the script writes, as its terminal passes it on.
fn expected() -> Vec<u8> {
    (1..=LINES).flat_map(|n| format!("line {n} of the scripted run\r\n").into_bytes()).collect()
}

/// Three kinds of children: one that dies of the hang-up, one that ignores it,
/// one that leaves a part of itself in another session.
fn script(kind: u64, marks: &str) -> String {
    let head = match kind {
        0 => "",
        1 => "trap '' HUP; ",
        _ => "setsid sleep 0.3 </dev/null >/dev/null 2>&1 & ",
    };
    format!(
        "{head}echo $SHOPFLOOR_ATTEMPT >>{marks}; n=0; while [ $n -lt {LINES} ]; do n=$((n+1)); \
         echo \"line $n of the scripted run\"; [ $((n % 30)) -ne 0 ] || sleep 0.02; done"
    )
}

struct Told {
    killed_runner: usize,
    killed_midway: usize,
    torn: usize,
}

fn rounds(count: usize, seed: u64) -> Told {
    let bench = Bench::new();
    let mut dice = Dice(seed);
    let expected = expected();
    let marks = bench.path("marks");
    let mut told = Told { killed_runner: 0, killed_midway: 0, torn: 0 };
    for round in 0..count {
        let shown = bench.path("shown");
        let script = script(dice.roll(3), &marks.display().to_string());
        // The lease of the round before is free sooner or later: never stuck.
        let begun = Instant::now();
        let mut watcher = loop {
            let mut watcher = bench
                .command(&["run", "start", "--wait", "--as", "eve", "--", "sh", "-c", &script])
                .stdout(File::create(&shown).unwrap())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let is_begun = until("a run or a refusal", || {
                let text = std::fs::read_to_string(&shown).unwrap_or_default();
                match text.starts_with("run ") {
                    true => Some(true),
                    false => watcher.try_wait().unwrap().map(|_| false),
                }
            });
            if is_begun {
                break watcher;
            }
            let output = watcher.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(126), "round {round}: {}", said(&output));
            assert!(
                begun.elapsed() < PATIENCE,
                "round {round}: the lease is stuck: {}",
                said(&output)
            );
        };
        let runs = bench.runs();
        let first = std::fs::read_to_string(&shown).unwrap();
        let run: u64 = first.lines().next().unwrap()[4..].trim().parse().unwrap();
        std::thread::sleep(Duration::from_millis(dice.roll(350)));
        // At least one of the three, any of the seven sets.
        let victims = 1 + dice.roll(7);
        let kills_runner = victims & 2 != 0;
        let mut hit_runner = false;
        if victims & 1 != 0 {
            kill(i32::try_from(watcher.id()).unwrap(), "-KILL");
        }
        for (pid, word) in members(runs.state()) {
            if (word == "runner" && kills_runner) || (word == "guard" && victims & 4 != 0) {
                kill(pid, "-KILL");
                hit_runner |= word == "runner";
            }
        }
        watcher.wait().unwrap();
        until("everything of the run is over", || {
            (!lease::is_taken(&runs) && members(runs.state()).is_empty()).then_some(())
        });
        let known = runs.read(run).unwrap_or_else(|trouble| panic!("round {round}: {trouble}"));
        let kept = bench.output(run);
        assert!(expected.starts_with(&kept), "round {round}: the output has a hole");
        let shown = std::fs::read(bench.path("shown")).unwrap();
        let seen = &shown[shown.iter().position(|byte| *byte == b'\n').unwrap() + 1..];
        assert!(kept.starts_with(seen), "round {round}: a watcher saw what is not kept");
        let ran = std::fs::read_to_string(&marks).unwrap_or_default();
        let mut ids: Vec<&str> = ran.lines().collect();
        let starts = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), starts, "round {round}: an attempt ran twice");
        let of_run = ids.iter().filter(|id| id.contains(&format!("-{run}-"))).count();
        assert!(of_run <= 1, "round {round}: run {run} ran twice");
        if hit_runner {
            told.killed_runner += 1;
            told.killed_midway += usize::from(known.word() == RunWord::Unknown);
            assert!(matches!(known.word(), RunWord::Unknown | RunWord::Done), "{:?}", known.word());
        } else {
            assert_eq!(known.word(), RunWord::Done, "round {round}: {:?}", known.run);
            assert_eq!(kept.len(), expected.len(), "round {round}: the end is missing");
        }
        told.torn += usize::from(known.run.notes.iter().any(|note| note.contains("torn")));
    }
    told
}

fn many(count: usize) {
    let begun = Instant::now();
    const AT_ONCE: usize = 4;
    let threads: Vec<_> = (0..AT_ONCE)
        .map(|worker| {
            let seed = u64::from(std::process::id()) * 31 + worker as u64;
            println!("seed {seed}");
            std::thread::spawn(move || rounds(count.div_ceil(AT_ONCE), seed))
        })
        .collect();
    let (mut runners, mut midway, mut torn) = (0, 0, 0);
    for thread in threads {
        let told = thread.join().expect("every round holds");
        runners += told.killed_runner;
        midway += told.killed_midway;
        torn += told.torn;
    }
    println!(
        "{count} rounds in {:.0?}: {runners} runners killed, {midway} before the end was known, {torn} torn lines",
        begun.elapsed()
    );
    assert!(midway > 0, "no kill ever came at a moment that mattered");
}

#[test]
fn two_hundred_kills_lose_nothing_and_leave_nothing_stuck() {
    many(200);
    crate::suite::ran("runner");
}

#[test]
#[ignore = "part of tests/long"]
fn long_five_thousand_kills_lose_nothing_and_leave_nothing_stuck() {
    many(5_000);
}
