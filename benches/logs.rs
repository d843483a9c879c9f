//! A run log of 1 GiB and 10 million lines: first screen, end, search and own
//! memory, beside `lnav`, `less` and `grep -F` on the same file.
//!
//!   BENCH_LOG_LINES   how many lines (10,000,000)

mod figures;

use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use figures::{cpu_of, met};
use shopfloor::console::Grid;
use shopfloor::logs::count::Counter;
use shopfloor::logs::matcher::Pattern;
use shopfloor::logs::source::Source;
use shopfloor::logs::view::View;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const SHOPFLOOR: &str = env!("CARGO_BIN_EXE_shopfloor");
/// Rounds of what is quick; the median counts.
const ROUNDS: usize = 5;
/// The line that is looked for, near the end.
const NEEDLE: &str = "NEEDLE-7f3a";

fn main() -> ExitCode {
    let lines: usize = std::env::var("BENCH_LOG_LINES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(10_000_000);
    let scratch =
        tempfile::Builder::new().prefix("shopfloor-bench").tempdir_in("/var/tmp").expect("scratch");
    let log = scratch.path().join("run.log");
    write_log(&log, lines);
    let bytes = std::fs::metadata(&log).expect("written").len();
    // The page cache holds it for everybody, or for nobody.
    std::io::copy(&mut std::fs::File::open(&log).expect("readable"), &mut std::io::sink())
        .expect("read");
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("runtime");
    println!("A log of {:.2} GiB and {lines} lines.", bytes as f64 / f64::from(1 << 30));
    println!();
    println!("| What | shopfloor | Peer | Goal | Met |");
    println!("| --- | --- | --- | --- | --- |");
    runtime.block_on(first_screens(scratch.path(), &log, lines));
    search(&log);
    ExitCode::SUCCESS
}

/// Lines as a long installation writes them: tasks, results, colours.
fn write_log(path: &Path, lines: usize) {
    let mut out = BufWriter::with_capacity(1 << 20, std::fs::File::create(path).expect("room"));
    let near_end = lines - lines / 50;
    for n in 0..lines {
        let (host, second) = (n % 148, n / 50);
        let (h, m, s) = (second / 3600 % 24, second / 60 % 60, second % 60);
        if n == near_end {
            writeln!(out, "{NEEDLE} is here")
        } else if n % 149 == 0 {
            writeln!(out, "TASK [role-{} : step number {n}] {}", n % 97, "*".repeat(60))
        } else if n % 9_973 == 0 {
            writeln!(out, "\x1b[0;31mfatal: [gpu-{host:03}]: FAILED! => {{\"rc\": 1, \"msg\": \"exit {n}\"}}\x1b[0m")
        } else {
            writeln!(
                out,
                "2026-03-05T{h:02}:{m:02}:{s:02}.{:03}Z INFO gpu-{host:03} step[{}]: changed={} block {n:08} of the image was written in {} ms",
                n % 1000, n % 4000, n % 2 == 0, n % 311
            )
        }
        .expect("room");
    }
    out.flush().expect("room");
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn millis(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1000.0)
}

/// A program on a terminal of 200x60.
struct Shown {
    child: tokio::process::Child,
    pty: pty_process::Pty,
    /// What a person sees: only cells that changed are written.
    grid: Grid,
}

impl Shown {
    fn start(home: &Path, program: &str, args: &[&str]) -> Shown {
        let (pty, pts) = pty_process::open().expect("a pseudo-terminal");
        pty.resize(pty_process::Size::new(60, 200)).expect("resize");
        let child = pty_process::Command::new(program)
            .args(args)
            .env("HOME", home)
            .env("XDG_STATE_HOME", home.join("state"))
            .env("TERM", "xterm-256color")
            .env("LANG", "C.UTF-8")
            .current_dir(home)
            .kill_on_drop(true)
            .spawn(pts)
            .expect("starts");
        Shown { child, pty, grid: Grid::new(200, 60, 0) }
    }

    /// Reads until the text stands on the screen; `None` when it never does.
    async fn until(&mut self, text: &str, limit: Duration) -> Option<()> {
        let begun = Instant::now();
        let mut bytes = [0u8; 1 << 16];
        while begun.elapsed() < limit {
            let read =
                tokio::time::timeout(Duration::from_millis(50), self.pty.read(&mut bytes)).await;
            match read {
                Ok(Ok(n)) if n > 0 => self.grid.feed(&bytes[..n]),
                Ok(_) => return None,
                Err(_) => {}
            }
            self.grid.release();
            if self.grid.text(0).screen.iter().any(|row| row.contains(text)) {
                return Some(());
            }
        }
        None
    }

    async fn keys(&mut self, keys: &str) {
        self.pty.write_all(keys.as_bytes()).await.expect("keys");
    }

    /// Own (anonymous) memory in KiB.
    fn anonymous(&self) -> u64 {
        let id = self.child.id().expect("running");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("procfs");
        let line = status.lines().find(|line| line.starts_with("RssAnon:")).expect("RssAnon");
        line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("a number")
    }
}

async fn first_screens(home: &Path, log: &Path, lines: usize) {
    let file = log.to_str().expect("a name");
    let first = "step number 0]";
    let last = format!("block {:08}", lines - 1);
    let (mut ours, mut ends) = (Vec::new(), Vec::new());
    let mut memory = 0;
    let mut counted = Duration::ZERO;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let mut shown = Shown::start(home, SHOPFLOOR, &["log", file]);
        shown.until(first, Duration::from_secs(30)).await.expect("the first line");
        ours.push(begun.elapsed());
        let begun_end = Instant::now();
        shown.keys("G").await;
        shown.until(&last, Duration::from_secs(60)).await.expect("the last line");
        ends.push(begun_end.elapsed());
        shown.keys("g/").await;
        shown.keys(NEEDLE).await;
        shown.until("in 1 line", Duration::from_secs(120)).await.expect("a count");
        counted = begun.elapsed();
        memory = memory.max(shown.anonymous());
        shown.keys("\x1b").await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        shown.keys("q").await;
        shown.until("no such text", Duration::from_secs(1)).await;
    }
    let ours = median(ours);
    // It begins at the end of a log.
    let any = "of the image was written";
    let lnav = peer(home, "lnav", &["-N", "-q", "-n"], file, any).await;
    let less = peer(home, "less", &["-R"], file, first).await;
    let words = |time: Result<Duration, &str>| time.map_or_else(str::to_owned, millis);
    let ratio = lnav.ok().map(|lnav| lnav.as_secs_f64() / ours.as_secs_f64());
    println!(
        "| first screen | {} | lnav {} | ≥ 20x faster, < 100 ms | {}{} |",
        millis(ours),
        words(lnav),
        met(ours < Duration::from_millis(100) && ratio.is_none_or(|ratio| ratio >= 20.0)),
        ratio.map_or(String::new(), |ratio| format!(" ({ratio:.0}x)"))
    );
    println!("| first screen | {} | less -R {} | | |", millis(ours), words(less));
    println!("| the end (`G`) | {} | | | |", millis(median(ends)));
    println!("| opened, gone to the end, rare string counted | {} | | | |", millis(counted));
    println!(
        "| own (anonymous) memory at its most | {:.0} MiB | | < 100 MiB | {} |",
        memory as f64 / 1024.0,
        met(memory < 100 << 10)
    );
}

/// How long a peer takes until its first line is on screen.
async fn peer(
    home: &Path,
    program: &str,
    args: &[&str],
    file: &str,
    first: &str,
) -> Result<Duration, &'static str> {
    let found =
        Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    found.map_err(|_| "not installed")?;
    // lnav without a screen (-n) prints; on a screen it is started plainly.
    let args: Vec<&str> =
        args.iter().copied().filter(|arg| program != "lnav" || *arg == "-N").collect();
    let begun = Instant::now();
    let mut shown = Shown::start(home, program, &[&args[..], &[file]].concat());
    let seen = shown.until(first, Duration::from_secs(180)).await;
    let time = begun.elapsed();
    shown.child.kill().await.ok();
    seen.map(|()| time).ok_or("shows nothing of it within 180 s")
}

/// Looking for a rare string in the whole file.
fn search(log: &Path) {
    let (mut ours, mut ours_cpu, mut theirs, mut theirs_cpu) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut view = View::default();
        view.add(Source::open(log).expect("open"));
        view.find = Pattern::plain(NEEDLE).matcher().expect("plain");
        let mut counter = Counter::default();
        counter.begin_find(&view);
        let (before, begun) = (cpu_of("self"), Instant::now());
        while !counter.found.is_done {
            counter.step(&view);
        }
        ours.push(begun.elapsed());
        let after = cpu_of("self");
        ours_cpu.push(after.0 - before.0);
        assert_eq!(counter.found.count, 1, "found once");
        let begun = Instant::now();
        let output = Command::new("grep").args(["-cF", NEEDLE]).arg(log).output().expect("grep");
        theirs.push(begun.elapsed());
        theirs_cpu.push(cpu_of("self").1 - after.1);
        assert_eq!(output.stdout, b"1\n");
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    println!(
        "| search for a rare string | {}, {} CPU | grep -cF {}, {} CPU | ≤ 1.2x | {} ({ratio:.2}x) |",
        millis(ours),
        millis(median(ours_cpu)),
        millis(theirs),
        millis(median(theirs_cpu)),
        met(ratio <= 1.2)
    );
}
