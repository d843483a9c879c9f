//! Slow and random: only `tests/long` runs these.

use std::time::{Duration, Instant};

use crate::pty::{ESC, Home, Terminal, demo, settled};

/// How long the long run may take; `tests/long` says it.
fn minutes(share: f64) -> Duration {
    let minutes = std::env::var("LONG_MINUTES").ok().and_then(|text| text.parse::<f64>().ok());
    Duration::from_secs_f64(minutes.unwrap_or(20.0) * 60.0 * share)
}

/// A small generator with a seed that can be given again (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn new() -> Dice {
        let seed = std::env::var("LONG_SEED").ok().and_then(|text| text.parse().ok());
        let seed = seed.unwrap_or_else(|| u64::from(std::process::id()) * 2_654_435_761 + 1);
        println!("LONG_SEED={seed}");
        Dice(seed)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).expect("below end")
    }
}

/// Keys and fragments that people and cats press; leaving and suspending are not among them.
const KEYS: [&str; 48] = [
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
    "0",
    "j",
    "k",
    "g",
    "G",
    "h",
    "l",
    "n",
    "N",
    "!",
    "t",
    "r",
    "y",
    "[",
    "]",
    "{",
    "}",
    "?",
    "/",
    ":",
    " ",
    ".",
    "o",
    "s",
    "\t",
    "\r",
    "\r",
    "\u{1b}",
    "\u{1b}",
    "\u{1b}[A",
    "\u{1b}[B",
    "\u{1b}[5~",
    "\u{1b}[6~",
    "\u{7f}",
    "\u{c}",
    "gpu",
    "HOST-5",
    "\u{fc}\u{4e2d}\u{1f600}",
    "\u{1b}[200~two\nlines\u{1b}[201~",
];

#[tokio::test]
#[ignore = "part of tests/long"]
async fn long_random_keys_at_random_sizes() {
    let (home, mut dice) = (Home::new(), Dice::new());
    let mut terminal = demo(&home, (80, 24), "xterm-256color");
    let before = terminal.line_settings();
    settled(&mut terminal).await;
    let (begun, span, mut pressed) = (Instant::now(), minutes(0.5), 0u64);
    while begun.elapsed() < span {
        for _ in 0..dice.below(20) {
            terminal.keys(KEYS[dice.below(KEYS.len())]).await;
            pressed += 1;
        }
        if dice.below(10) == 0 {
            let columns = [1, 2, 20, 59, 60, 80, 120, 160, 200, 300][dice.below(10)];
            let rows = [1, 2, 10, 14, 15, 24, 40, 48, 60, 100][dice.below(10)];
            terminal.resize(columns, rows);
        }
        let goes_on = terminal.read(Duration::from_millis(20)).await;
        if goes_on && terminal.child.try_wait().expect("a child").is_none() {
            // What was seen and sent is of no use here and would grow for hours.
            terminal.seen.clear();
            terminal.raw.clear();
            continue;
        }
        // The palette can leave as well; anything else is a fault of ours.
        assert_eq!(terminal.end().await, Some(0), "after {pressed} keys:\n{}", terminal.screen());
        terminal = demo(&home, (80, 24), "xterm-256color");
        settled(&mut terminal).await;
    }
    println!("{pressed} keys");
    leave(terminal, &before).await;
}

#[tokio::test]
#[ignore = "part of tests/long"]
async fn long_every_fault_comes_and_goes() {
    let home = Home::new();
    let mut terminal = demo(&home, (160, 48), "xterm-256color");
    let before = terminal.line_settings();
    settled(&mut terminal).await;
    let (begun, span, mut rounds) = (Instant::now(), minutes(0.4), 0);
    let faults = shopfloor::lab::DemoSite::start(Default::default()).await.expect("a site");
    let faults = shopfloor::domain::faults::FaultLab::list(&faults).await.expect("its faults");
    while rounds == 0 || begun.elapsed() < span {
        for fault in &faults {
            println!("round {rounds}: {}", fault.name);
            terminal.keys(&format!(":inject {}\r", fault.name)).await;
            terminal.see(&format!("{} is in force", fault.name)).await;
            terminal.read(Duration::from_secs(2)).await;
            terminal.keys(&format!(":heal {}\r", fault.name)).await;
            terminal.see(&format!("{} is healed", fault.name)).await;
            settled(&mut terminal).await;
            terminal.wait("no finding", |screen| screen.contains("0 open")).await;
            terminal.seen.clear();
            terminal.raw.clear();
        }
        rounds += 1;
    }
    println!("{rounds} rounds of {} faults", faults.len());
    leave(terminal, &before).await;
}

/// Closes whatever is open and leaves.
async fn leave(mut terminal: Terminal, before: &str) {
    terminal.resize(80, 24);
    for _ in 0..10 {
        terminal.keys(ESC).await;
        terminal.read(Duration::from_millis(100)).await;
    }
    terminal.keys("1").await;
    terminal.see("[1Over]").await;
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
    terminal.assert_restored(before);
}
