//! What the runner costs: bytes per second from a command to the disk, beside
//! `script -f`, which does the least that keeps a terminal's output. One run,
//! the same machine, turn by turn; the command itself takes the time, so that
//! neither program's start counts.
//!
//!   BENCH_RUNNER_BYTES   how much is written (500,000,000)

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use shopfloor::runner::{Runs, lease};

const SHOPFLOOR: &str = env!("CARGO_BIN_EXE_shopfloor");
/// Rounds of each; the median counts.
const ROUNDS: usize = 5;
const LINE: &str = "TASK [role-17 : step number 4711] changed: [gpu-017] => block 00004711 of the image was written";

fn main() -> ExitCode {
    let bytes: u64 = std::env::var("BENCH_RUNNER_BYTES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(500_000_000);
    let scratch =
        tempfile::Builder::new().prefix("shopfloor-bench").tempdir_in("/var/tmp").expect("scratch");
    let dir = scratch.path();
    std::fs::create_dir(dir.join("site")).expect("room");
    println!("| What | shopfloor | `script -f` | Times its time |");
    println!("| --- | --- | --- | --- |");
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        theirs.push(with_script(dir, bytes));
        ours.push(with_runner(dir, bytes));
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let rate = |time: Duration| format!("{:.0} MB/s", bytes as f64 / 1e6 / time.as_secs_f64());
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    println!(
        "| {} MB from a command to the disk | {} | {} | {ratio:.2} |",
        bytes / 1_000_000,
        rate(ours),
        rate(theirs)
    );
    ExitCode::SUCCESS
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The command: it says in `took` how many nanoseconds all of it took to be
/// taken from its terminal, which leaves every byte as it is.
fn script(took: &Path, bytes: u64) -> String {
    format!(
        "stty -opost; begun=$(date +%s%N); yes '{LINE}' | head -c {bytes}; echo $(($(date +%s%N) - begun)) >'{}'",
        took.display()
    )
}

fn time_in(took: &Path) -> Duration {
    let text = std::fs::read_to_string(took).expect("the command came to its end");
    std::fs::remove_file(took).expect("ours");
    Duration::from_nanos(text.trim().parse().expect("nanoseconds"))
}

fn with_script(dir: &Path, bytes: u64) -> Duration {
    let (took, kept) = (dir.join("took"), dir.join("typescript"));
    let status = Command::new("script")
        .args(["-q", "-f", "-c", &script(&took, bytes)])
        .arg(&kept)
        .env("SHELL", "/bin/sh")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .expect("script runs");
    assert!(status.success());
    // Its own first and last lines come on top.
    let length = std::fs::metadata(&kept).expect("written").len();
    assert!(length >= bytes && length < bytes + 1_000, "script kept {length} bytes");
    std::fs::remove_file(&kept).expect("ours");
    time_in(&took)
}

fn with_runner(dir: &Path, bytes: u64) -> Duration {
    let (took, site) = (dir.join("took"), dir.join("site"));
    let started = Command::new(SHOPFLOOR)
        .args(["run", "start", "--as", "bench", "--", "sh", "-c", &script(&took, bytes)])
        .current_dir(&site)
        .env("XDG_STATE_HOME", dir.join("state"))
        .env_remove("XDG_RUNTIME_DIR")
        .stdin(Stdio::null())
        .output()
        .expect("shopfloor runs");
    assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
    let sites = dir.join("state/shopfloor/sites");
    let state = std::fs::read_dir(sites).expect("made").flatten().next().expect("one site").path();
    let runs = Runs::at(&state, None);
    let begun = Instant::now();
    while lease::is_taken(&runs) {
        assert!(begun.elapsed() < Duration::from_secs(600), "never ends");
        std::thread::sleep(Duration::from_millis(20));
    }
    let run = runs.ids()[0];
    let known = runs.read(run).expect("a journal");
    assert_eq!((known.run.exit(), known.output), (Some(0), bytes), "{:?}", known.run);
    std::fs::remove_file(runs.directory(run).join("output")).expect("ours");
    time_in(&took)
}
