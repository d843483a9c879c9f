//! However the program ends, the terminal is as it was.

use std::process::Command;

use crate::pty::{CTRL_Z, Home, SHOPFLOOR, Terminal, demo, settled};

#[tokio::test]
async fn killed_politely_it_restores_the_terminal() {
    for (signal, status) in [("TERM", 143), ("INT", 130), ("HUP", 129)] {
        let home = Home::new();
        let mut terminal = demo(&home, (80, 24), "xterm");
        let before = terminal.line_settings();
        terminal.see("DEMO").await;
        assert_ne!(terminal.line_settings(), before, "raw mode while the screen is open");
        let pid = terminal.child.id().expect("still running").to_string();
        let killed = Command::new("kill").args(["-s", signal, &pid]).status();
        assert!(killed.expect("kill runs").success());
        assert_eq!(terminal.end().await, Some(status), "{signal}");
        terminal.assert_restored(&before);
        home.assert_nothing_left();
    }
}

#[tokio::test]
async fn a_fault_of_our_own_restores_the_terminal_and_leaves_a_report() {
    let home = Home::new();
    let mut terminal =
        Terminal::start(&home, SHOPFLOOR, &["--force-panic", "demo"], (80, 24), "xterm");
    let before = terminal.line_settings();
    let status = terminal.end().await;
    assert!(status.is_some_and(|status| status != 0), "{status:?}");
    terminal.assert_restored(&before);
    assert!(terminal.raw_text().contains("\u{1b}[?1049h"), "the screen was open");
    assert!(terminal.screen().contains("A report is in"), "{}", terminal.screen());
    let report = home.find("crash-", ".txt");
    let recording = home.find("crash-", ".recording.jsonl.gz");
    let text = std::fs::read_to_string(report).expect("a report");
    assert!(text.contains("forced by --force-panic") && text.contains("recording: /"), "{text}");
    let replay = Command::new(SHOPFLOOR).arg("replay").arg(&recording).arg("--print").output();
    let replay = replay.expect("replay runs");
    assert!(replay.status.success(), "{}", String::from_utf8_lossy(&replay.stderr));
    let shown = String::from_utf8_lossy(&replay.stdout);
    assert!(shown.contains("1Over") && shown.lines().count() == 24, "{shown}");
}

#[tokio::test]
async fn suspended_and_brought_back_by_the_shell() {
    let home = Home::new();
    // The shell's own bracketed paste would hide ours.
    std::fs::write(home.path(".inputrc"), "set enable-bracketed-paste off\n").expect("a file");
    let mut terminal = Terminal::start(&home, "bash", &["--norc", "-i"], (80, 24), "xterm");
    let settings = |word: &str| format!("stty -g >{word}; echo {word}-$((40 + 2))\r");
    terminal.keys(&format!("PS1='ready> '; {}", settings("before"))).await;
    terminal.see("before-42").await;
    terminal.keys(&format!("{SHOPFLOOR} demo\r")).await;
    settled(&mut terminal).await;
    terminal.keys(CTRL_Z).await;
    terminal.see("Stopped").await;
    terminal.assert_plain();
    terminal.keys(&settings("stopped")).await;
    terminal.see("stopped-42").await;
    terminal.keys("fg\r").await;
    terminal.see("[1Over]").await;
    terminal.keys("2").await;
    terminal.see("[2Rack]").await;
    terminal.keys("q").await;
    terminal.see("ready>").await;
    terminal.assert_plain();
    terminal.keys(&settings("after")).await;
    terminal.see("after-42").await;
    let read = |word: &str| std::fs::read_to_string(home.path(word)).expect(word);
    assert_eq!(read("stopped"), read("before"));
    assert_eq!(read("after"), read("before"));
    terminal.keys("exit\r").await;
    assert_eq!(terminal.end().await, Some(0));
    home.assert_nothing_left();
}

#[tokio::test]
async fn a_line_that_hangs_up_ends_the_process() {
    let home = Home::new();
    let mut terminal = demo(&home, (80, 24), "xterm");
    settled(&mut terminal).await;
    assert_eq!(terminal.hang_up().await, Some(129));
    home.assert_nothing_left();
}
