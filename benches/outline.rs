//! How fast the output of ansible-playbook is read, and how much of it is held.

mod figures;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use figures::{cpu_of, met};
use shopfloor::logs::ansible::Feed;

/// Lines of the log.
const LINES: usize = 1_000_000;
/// Hosts of each task, as many as the largest reference site has.
const HOSTS: usize = 148;
/// The least that is wanted, in megabytes a second.
const WANTED: f64 = 100.0;

/// A log of plays, tasks, loops and retries, coloured as in a run.
fn log() -> String {
    let mut text = String::new();
    let mut lines = 0;
    let mut task = 0;
    let mut line = |text: &mut String, words: std::fmt::Arguments<'_>| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{words}");
        lines += 1;
        lines < LINES
    };
    loop {
        if task % 40 == 0 {
            line(
                &mut text,
                format_args!("\nPLAY [Phase {} | part {task}] {}", task % 8, "*".repeat(55)),
            );
        }
        task += 1;
        line(
            &mut text,
            format_args!("\nTASK [kubernetes : Configure the kubelet ({task})] {}", "*".repeat(35)),
        );
        for host in 1..=HOSTS {
            let goes_on = match task % 4 {
                0 => line(
                    &mut text,
                    format_args!(
                        "\u{1b}[1;30mFAILED - RETRYING: [node-{host:03}]: Configure the kubelet ({task}) (60 retries left).\u{1b}[0m"
                    ),
                ),
                1 => line(
                    &mut text,
                    format_args!(
                        "\u{1b}[0;33mchanged: [node-{host:03}] => (item={{'name': 'image-{task}', 'registry': 'registry.factory.example:5000/platform'}})\u{1b}[0m"
                    ),
                ),
                2 => {
                    line(
                        &mut text,
                        format_args!("\u{1b}[0;32mok: [node-{host:03}] => {{\u{1b}[0m"),
                    );
                    line(
                        &mut text,
                        format_args!(
                            "\u{1b}[0;32m    \"msg\": \"kernel 6.1.0-13-amd64 is new enough\"\u{1b}[0m"
                        ),
                    );
                    line(&mut text, format_args!("\u{1b}[0;32m}}\u{1b}[0m"))
                }
                _ => line(&mut text, format_args!("\u{1b}[0;32mok: [node-{host:03}]\u{1b}[0m")),
            };
            if !goes_on {
                return text;
            }
        }
    }
}

fn main() {
    let text = log();
    let mut best = f64::MAX;
    let mut cpu = Duration::MAX;
    let mut held = 0;
    for _ in 0..3 {
        let (before, _) = cpu_of("self");
        let start = Instant::now();
        let mut feed = Feed::default();
        text.as_bytes().chunks(256 << 10).for_each(|piece| feed.push(piece));
        feed.end(false);
        best = best.min(start.elapsed().as_secs_f64());
        cpu = cpu.min(cpu_of("self").0.saturating_sub(before));
        held = feed.outline().tasks().map(|(_, task)| task.hosts.len()).sum();
    }
    let megabytes = text.len() as f64 / 1e6;
    let speed = megabytes / best;
    println!("| What | Size | Best of three, CPU | Speed | Results held | Goal | Met |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    println!(
        "| output of ansible-playbook, {LINES} lines | {megabytes:.0} MB | {best:.2} s, {:.2} s | {speed:.0} MB/s | {held} | {WANTED:.0} MB/s | {} |",
        cpu.as_secs_f64(),
        met(speed >= WANTED)
    );
}
