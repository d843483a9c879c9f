//! A recording shows again what was on screen.

use std::io::Read as _;
use std::process::Command;

use crate::pty::{Home, SHOPFLOOR, demo, settled};

/// How many lines a recording has: its messages, and a few more.
fn messages_in(recording: &std::path::Path) -> usize {
    let file = std::fs::File::open(recording).expect("a recording");
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).expect("text");
    text.lines().count()
}

#[tokio::test]
async fn a_recording_replayed_shows_a_screen_that_was_seen() {
    let home = Home::new();
    let mut terminal = demo(&home, (120, 40), "xterm-256color");
    settled(&mut terminal).await;
    terminal.keys(":inject raid-disk\r").await;
    terminal.see("nvme1n1").await;
    terminal.keys("2").await;
    terminal.see("[2Rack]").await;
    terminal.seen.clear();
    terminal.keys(":record\r").await;
    terminal.see("recording written to").await;
    let recording = home.find("recording-", ".jsonl.gz");
    let replayed = |print: &str, size: &[&str]| {
        let output = Command::new(SHOPFLOOR)
            .args(["replay", print])
            .arg(&recording)
            .args(size)
            .env("TERM", "xterm-256color")
            .env("LANG", "C.UTF-8")
            .env("HOME", home.dir.path())
            .env("XDG_CONFIG_HOME", home.path("config"))
            .env_remove("LC_ALL")
            .env_remove("LC_CTYPE")
            .env_remove("NO_COLOR")
            .output()
            .expect("replay runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).expect("text");
        text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    };
    let last = replayed("--print", &[]);
    assert!(last.contains("[2Rack]"), "{last}");
    // The screen is drawn at most every 33 ms, so not after every message: after one of the
    // last ones it was, and then the replay is the same to the clock and the status line.
    let messages = messages_in(&recording);
    let back = (0..messages.min(200)).map(|back| messages - back);
    let same = back.map(|count| replayed(&format!("--print={count}"), &[]));
    let is_same =
        |screen: &String| terminal.seen.iter().any(|seen| seen.trim_end() == screen.trim_end());
    assert!(
        { same }.any(|screen| is_same(&screen)),
        "replayed:\n{last}\n\nseen last:\n{}",
        terminal.seen.last().expect("screens")
    );
    // The screen of another terminal, from the same recording.
    assert_eq!(replayed("--print", &["--size", "80x24"]).lines().count(), 24);
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
}
