//! Since when: what was kept outlives the console.

use std::process::Command;

use crate::pty::{ESC, Home, SHOPFLOOR, Terminal, settled};
use crate::served::Served;

/// The time in the first line of the box that `t` opened.
fn since(screen: &str) -> Option<String> {
    let line = screen.lines().find(|line| line.contains(" since ") && line.contains(" is "))?;
    line.split(" since ").nth(1)?.split_whitespace().next().map(str::to_owned)
}

async fn opened(home: &Home) -> Terminal {
    let site = home.path("site").display().to_string();
    Terminal::start(home, SHOPFLOOR, &["--site", &site], (120, 40), "xterm-256color")
}

/// Selects the one finding, asks since when, and gives the screen that says it.
async fn asked(terminal: &mut Terminal) -> String {
    // The list of findings: what changed lately may be told from the history before it.
    terminal.see("HOST-05  ctl-02").await;
    terminal.keys("\t").await;
    for _ in 0..300 {
        terminal.keys("t").await;
        terminal.see("as kept:").await;
        let screen = terminal.screen();
        // Another console may be about to write what this one sees already.
        if screen.contains("  fail (") {
            return screen;
        }
        terminal.keys(ESC).await;
        terminal.lose("as kept:").await;
    }
    panic!("never kept: {}", terminal.screen())
}

/// Moves everything that is kept into the past, as if the console had been closed for that long.
fn age_by(home: &Home, millis: i64) {
    let file = home.find("history", ".sqlite");
    let connection = rusqlite::Connection::open(file).expect("the history");
    connection
        .execute_batch(&format!(
            "UPDATE watches SET opened = opened - {millis}, seen = seen - {millis};
             UPDATE changes SET at = at - {millis};
             UPDATE numbers SET at = at - {millis}, until = until - {millis};"
        ))
        .expect("older");
}

#[tokio::test]
async fn since_when_is_told_across_starts_with_the_time_nobody_watched() {
    let home = Home::new();
    let served = Served::start(&home);
    let mut terminal = opened(&home).await;
    settled(&mut terminal).await;
    served.inject(&home, "raid-disk");
    let screen = asked(&mut terminal).await;
    let first = since(&screen).unwrap_or_else(|| panic!("{screen}"));

    // A second console on the same site at the same time reads what the first one keeps.
    let mut second = opened(&home).await;
    let screen = asked(&mut second).await;
    assert_eq!(since(&screen).as_ref(), Some(&first), "{screen}");
    second.keys(ESC).await;
    second.lose("as kept:").await;
    second.keys("q").await;
    assert_eq!(second.end().await, Some(0));
    terminal.keys(ESC).await;
    terminal.lose("as kept:").await;
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));

    // At once: the same time. Three hours later: that, and that nobody watched.
    let mut terminal = opened(&home).await;
    let screen = asked(&mut terminal).await;
    assert_eq!(since(&screen).as_ref(), Some(&first), "{screen}");
    assert!(!screen.contains("no console watched"), "{screen}");
    terminal.keys(ESC).await;
    terminal.lose("as kept:").await;
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
    age_by(&home, 3 * 3_600_000);
    let mut terminal = opened(&home).await;
    let screen = asked(&mut terminal).await;
    assert!(screen.contains("already when a console last watched, 3h00m ago"), "{screen}");
    assert!(screen.contains("no console watched"), "{screen}");
    let again = since(&screen).unwrap_or_else(|| panic!("{screen}"));
    assert_ne!(again, first);
    assert_eq!(again.get(2..), first.get(2..), "three hours before, to the second: {screen}");

    // The Timeline lists it as kept from before, and so does its twin.
    terminal.keys(ESC).await;
    terminal.lose("as kept:").await;
    terminal.keys("9").await;
    terminal.see("kept from before").await;
    terminal.see("nvme1n1").await;
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
    let show = Command::new(SHOPFLOOR)
        .args(["show", "timeline", "--json", "--site"])
        .arg(home.path("site"))
        .env("HOME", home.dir.path())
        .env("XDG_STATE_HOME", home.path("state"))
        .output()
        .expect("the program runs");
    let told: serde_json::Value = serde_json::from_slice(&show.stdout).expect("JSON");
    let changes = told["changes"].as_array().expect("changes");
    let kept = changes.iter().find(|change| {
        change["sentence"].as_str().is_some_and(|sentence| sentence.contains("nvme1n1"))
    });
    let kept = kept.unwrap_or_else(|| panic!("{told}"));
    assert_eq!(kept["from"], "pass");
    assert!(told["watched_until"].is_string());
    drop(served);
}

#[tokio::test]
async fn a_history_of_a_newer_release_is_left_alone_and_a_damaged_one_put_aside() {
    let home = Home::new();
    let _served = Served::start(&home);
    let mut terminal = opened(&home).await;
    settled(&mut terminal).await;
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
    let file = home.find("history", ".sqlite");
    let connection = rusqlite::Connection::open(&file).expect("the history");
    connection.pragma_update(None, "user_version", 99).expect("newer");
    drop(connection);
    let before = std::fs::read(&file).expect("the file");
    let mut terminal = opened(&home).await;
    terminal.see("was written by a newer shopfloor").await;
    terminal.keys("9").await;
    terminal.see("[9Time]").await;
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
    assert_eq!(std::fs::read(&file).expect("the file"), before);

    std::fs::write(&file, "no database at all".repeat(500)).expect("written");
    let mut terminal = opened(&home).await;
    terminal.see("a new one was begun").await;
    settled(&mut terminal).await;
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
    let aside = home.find("history.damaged-", "Z");
    assert!(std::fs::read(aside).expect("the old file").starts_with(b"no database"));
}

#[tokio::test]
async fn a_number_has_a_plot_of_the_time_that_is_asked_for() {
    let home = Home::new();
    let _served = Served::start(&home);
    let mut terminal = opened(&home).await;
    settled(&mut terminal).await;
    terminal.keys(":gpu-09\r").await;
    terminal.see("Kind").await;
    // The first fact that is a number.
    terminal.keys("\t").await;
    let mut is_there = false;
    for _ in 0..40 {
        terminal.keys("t").await;
        terminal.wait("an answer", |s| s.contains("Since when") && s.contains("as kept:")).await;
        is_there = terminal.screen().contains("Left Right other span");
        if is_there {
            break;
        }
        terminal.keys(ESC).await;
        terminal.lose("Since when").await;
        terminal.keys("j").await;
        terminal.read(std::time::Duration::from_millis(100)).await;
    }
    assert!(is_there, "no number has a plot:\n{}", terminal.screen());
    let span = |screen: &str| {
        let (_, rest) = screen.split_once("other span (")?;
        rest.split(')').next().map(str::to_owned)
    };
    let first = span(&terminal.screen()).expect("a span");
    let drawn = terminal.screen().matches('\u{2588}').count();
    assert!(drawn > 0, "nothing is drawn:\n{}", terminal.screen());
    terminal.keys("\u{1b}[D").await;
    terminal.wait("another span", |s| span(s).is_some_and(|now| now != first)).await;
    terminal.keys("\u{1b}[C").await;
    terminal.wait("the first span", |s| span(s).as_ref() == Some(&first)).await;
    terminal.keys(ESC).await;
    terminal.lose("Since when").await;
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
}
