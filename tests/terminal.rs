//! The real binary in a pseudo-terminal.

#[path = "terminal/pty.rs"]
mod pty;

use std::time::Duration;

use pty::{Home, SHOPFLOOR, Terminal};

const CTRL_Z: &str = "\u{1a}";
const ESC: &str = "\u{1b}";

fn demo(home: &Home, size: (u16, u16), term: &str) -> Terminal {
    Terminal::start(home, SHOPFLOOR, &["demo"], size, term)
}

/// Waits until every target of the demo site was looked at.
async fn settled(terminal: &mut Terminal) {
    terminal.see("DEMO").await;
    terminal
        .wait("every row judged", |screen| {
            screen.contains("Hosts") && screen.contains(" ok ") && !screen.contains("looking")
        })
        .await;
}

#[tokio::test]
async fn look_filter_palette_help_resize_and_leave() {
    let home = Home::new();
    let mut terminal = demo(&home, (80, 24), "xterm-256color");
    let before = terminal.line_settings();
    settled(&mut terminal).await;
    assert_ne!(terminal.line_settings(), before, "raw mode while the screen is open");

    terminal.keys("2").await;
    terminal.see("[2Rack]").await;
    terminal.keys("1:").await;
    terminal.keys("gpu-07").await;
    terminal.see("gpu-07").await;
    terminal.keys("\r").await;
    terminal
        .wait("the page of gpu-07", |screen| {
            screen.contains("gpu-07") && !screen.contains("Esc closes")
        })
        .await;
    terminal.keys("?").await;
    terminal.see("Esc closes").await;
    terminal.keys(ESC).await;
    terminal.lose("Esc closes").await;

    for (columns, rows) in [(160, 48), (60, 15), (40, 8), (1, 1), (200, 60), (80, 24)] {
        terminal.resize(columns, rows);
        terminal.read(Duration::from_millis(80)).await;
    }
    terminal.keys("1").await;
    terminal.see("[1Over]").await;
    terminal.resize(52, 12);
    terminal.see("Needs 60x15").await;
    terminal.resize(80, 24);
    terminal.see("[1Over]").await;

    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
    terminal.assert_restored();
    assert_eq!(terminal.line_settings(), before);
}

#[tokio::test]
async fn a_fault_appears_and_heals_without_a_key() {
    let home = Home::new();
    let mut terminal = demo(&home, (120, 40), "xterm-256color");
    settled(&mut terminal).await;
    terminal.keys(":inject raid-disk\r").await;
    terminal.see("HOST-05").await;
    terminal.keys(":heal raid-disk\r").await;
    terminal
        .wait("no finding", |screen| {
            !screen.lines().any(|line| line.contains("HOST-05") && line.contains("FAIL"))
                && screen.contains("0 open")
        })
        .await;
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
}

#[tokio::test]
async fn killed_politely_it_restores_the_terminal() {
    for (signal, status) in [("TERM", 143), ("INT", 130), ("HUP", 129)] {
        let home = Home::new();
        let mut terminal = demo(&home, (80, 24), "xterm");
        let before = terminal.line_settings();
        terminal.see("DEMO").await;
        let pid = terminal.child.id().expect("still running").to_string();
        let killed = std::process::Command::new("kill").args(["-s", signal, &pid]).status();
        assert!(killed.expect("kill runs").success());
        assert_eq!(terminal.end().await, Some(status), "{signal}");
        terminal.assert_restored();
        assert_eq!(terminal.line_settings(), before, "{signal}");
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
    terminal.assert_restored();
    assert_eq!(terminal.line_settings(), before);
    assert!(terminal.screen().contains("A report is in"), "{}", terminal.screen());
    let report = find(&home.path("state"), "crash-", ".txt").expect("a crash report");
    let recording =
        find(&home.path("state"), "crash-", ".recording.jsonl.gz").expect("a recording beside it");
    assert!(std::fs::read_to_string(report).expect("a report").contains("forced"));
    let replay = std::process::Command::new(SHOPFLOOR)
        .args(["replay", "--print"])
        .arg(&recording)
        .output()
        .expect("replay runs");
    assert!(replay.status.success(), "{}", String::from_utf8_lossy(&replay.stderr));
    assert!(String::from_utf8_lossy(&replay.stdout).contains("1Over"));
}

fn find(dir: &std::path::Path, start: &str, end: &str) -> Option<std::path::PathBuf> {
    for entry in std::fs::read_dir(dir).ok()?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            if let Some(found) = find(&path, start, end) {
                return Some(found);
            }
        } else {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(start) && name.ends_with(end) {
                return Some(path);
            }
        }
    }
    None
}

#[tokio::test]
async fn suspended_and_brought_back_by_the_shell() {
    let home = Home::new();
    let mut terminal = Terminal::start(&home, "bash", &["--norc", "-i"], (80, 24), "xterm");
    terminal.keys(&format!("PS1='ready> '; {SHOPFLOOR} demo\r")).await;
    settled(&mut terminal).await;
    terminal.keys(CTRL_Z).await;
    terminal.see("Stopped").await;
    terminal.assert_restored();
    terminal.keys("echo still-$((40 + 2))\r").await;
    terminal.see("still-42").await;
    terminal.keys("fg\r").await;
    terminal.see("[1Over]").await;
    terminal.keys("q").await;
    terminal.see("ready>").await;
    terminal.keys("exit\r").await;
    terminal.end().await;
    terminal.assert_restored();
}

#[tokio::test]
async fn without_an_inventory_the_screen_opens_and_offers_the_example() {
    let home = Home::new();
    let mut terminal = Terminal::start(&home, SHOPFLOOR, &[], (80, 24), "vt100");
    terminal.see("inventory.example.yml").await;
    assert!(
        !String::from_utf8_lossy(&terminal.raw).contains("\u{1b}[?2026"),
        "no synchronized updates on a vt100"
    );
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
}

#[tokio::test]
async fn a_linux_console_gets_only_glyphs_its_fonts_hold() {
    let home = Home::new();
    let mut terminal = demo(&home, (80, 24), "linux");
    settled(&mut terminal).await;
    let allowed = |c: char| c.is_ascii() || "─│┌┐└┘├┤┬┴┼■▲►♦░▒▓█═║╔╗╚╝◄".contains(c);
    let odd: Vec<char> = terminal.screen().chars().filter(|c| !allowed(*c)).collect();
    assert!(odd.is_empty(), "{odd:?}");
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
}
