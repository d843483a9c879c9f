//! What a process cost, and whether a goal is met. Not every benchmark asks for all of it.
#![allow(dead_code)] // shared by several programs, each of which uses a part

use std::time::Duration;

/// CPU time of a process (`self` or a number) and of its children that ended.
pub fn cpu_of(process: &str) -> (Duration, Duration) {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("procfs");
    let (_, fields) = stat.rsplit_once(") ").expect("a name in brackets");
    let ticks: Vec<u64> =
        fields.split(' ').skip(11).take(4).map(|field| field.parse().expect("ticks")).collect();
    // The kernel counts in hundredths of a second.
    let time = |at: usize| Duration::from_millis(10 * (ticks[at] + ticks[at + 1]));
    (time(0), time(2))
}

/// Own (anonymous) resident memory in MiB; pages of the file are the system's.
pub fn resident(pid: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it still runs");
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).expect("RssAnon");
    let kib = line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok());
    kib.expect("a number") / 1024.0
}

/// `yes` or `no`, for the last column.
pub fn met(is_met: bool) -> &'static str {
    if is_met { "yes" } else { "no" }
}
