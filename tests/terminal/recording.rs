//! A recording shows again what was on screen.

use std::process::Command;

use crate::pty::{Home, SHOPFLOOR, demo, settled};

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
    let replayed = |size: &[&str]| {
        let output = Command::new(SHOPFLOOR)
            .args(["replay", "--print"])
            .args(size)
            .arg("--")
            .arg(&recording)
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
    let last = replayed(&[]);
    assert!(last.contains("[2Rack]"), "{last}");
    // The clock and the status line go on while the file is written.
    let still = |screen: &str| {
        let mut lines: Vec<&str> = screen.lines().collect();
        let status = lines.len().saturating_sub(2);
        lines.remove(status);
        let head = lines.remove(0);
        (head.get(..head.len().saturating_sub(9)).map(str::to_owned), lines.join("\n"))
    };
    assert!(
        terminal.seen.iter().any(|seen| still(seen) == still(&last)),
        "replayed:\n{last}\n\nseen last:\n{}",
        terminal.seen.last().expect("screens")
    );
    // The screen of another terminal, from the same recording.
    assert_eq!(replayed(&["--size", "80x24"]).lines().count(), 24);
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
}
