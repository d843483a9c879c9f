//! A changed host key, from the finding to the recorded key.

use std::path::Path;

use crate::pty::{Home, SHOPFLOOR, Terminal, settled};
use crate::served::Served;

/// The lines of known_hosts that record a key under that name.
fn lines_of(file: &Path, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(file).expect("known_hosts");
    text.lines().filter(|line| names(line).contains(&name)).map(str::to_owned).collect()
}

fn names(line: &str) -> Vec<&str> {
    line.split_whitespace().next().unwrap_or("").split(',').collect()
}

/// Type and base64 of the key in a line.
fn key_of(line: &str) -> String {
    line.split_whitespace().skip(1).take(2).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_changed_key_is_recorded_once_its_host_was_typed_and_the_host_is_well_again() {
    let home = Home::new();
    let served = Served::start(&home);
    let known_hosts = home.path("site/known_hosts");
    let before = std::fs::read_to_string(&known_hosts).expect("known_hosts");
    let recorded = lines_of(&known_hosts, "gpu-09");
    assert_eq!(recorded.len(), 1, "{recorded:?}");
    let loopback = names(&recorded[0]).into_iter().find(|name| name.starts_with("[127."));
    let reached_at = loopback.expect("the address of gpu-09").to_owned();
    let site = home.path("site").display().to_string();
    let mut terminal =
        Terminal::start(&home, SHOPFLOOR, &["--site", &site], (120, 40), "xterm-256color");
    settled(&mut terminal).await;
    let well = |screen: &str| screen.contains("0 open");
    terminal.wait("no finding", well).await;

    // While every key is known there is nothing to take.
    terminal.keys(":accept-key gpu-09\r").await;
    terminal.see("every key that was seen is known").await;
    terminal.keys("\u{1b}").await;
    terminal.lose("Go to or run").await;

    served.inject(&home, "host-key-changed");
    terminal
        .wait("the changed key as a finding", |screen| {
            screen.contains("gpu-09") && screen.contains("shows another host key than")
        })
        .await;
    terminal.keys(":accept-key gpu-09\r").await;
    terminal.see("Accept the key of gpu-09").await;
    terminal.see("SHA256:").await;

    // Neither nothing nor another host's name is enough.
    terminal.keys("\r").await;
    terminal.see("Type gpu-09 to go on").await;
    terminal.keys("gpu-08").await;
    terminal.see("gpu-08").await;
    terminal.keys("\r").await;
    for _ in 0..5 {
        terminal.read(std::time::Duration::from_millis(100)).await;
    }
    assert!(terminal.screen().contains("Accept the key of gpu-09"), "{}", terminal.screen());
    assert_eq!(std::fs::read_to_string(&known_hosts).expect("known_hosts"), before);

    terminal.keys("\u{7f}9").await;
    terminal.lose("gpu-08").await;
    terminal.keys("\r").await;
    terminal.see("key of gpu-09 recorded in").await;
    terminal.wait("no finding, in the same session and with the fault in force", well).await;

    // The new key stands where the host was reached; the others are as they were.
    let now = lines_of(&known_hosts, &reached_at);
    assert_eq!(now.len(), 1, "{now:?}");
    assert_ne!(key_of(&now[0]), key_of(&recorded[0]));
    assert_eq!(lines_of(&known_hosts, "gpu-08").len(), 1);
    let old = std::fs::read_to_string(home.path("site/known_hosts.old")).expect("the file before");
    assert_eq!(old, before);
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));

    // The program itself, begun anew, finds the host well with the same file.
    let check = std::process::Command::new(SHOPFLOOR)
        .args(["check", "hosts", "--json", "--site", &site])
        .env("HOME", home.dir.path())
        .env("XDG_STATE_HOME", home.path("state"))
        .output()
        .expect("the program runs");
    let told: serde_json::Value = serde_json::from_slice(&check.stdout).expect("JSON");
    let reached = told["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .find(|judged| judged["id"] == "HOST-01" && judged["target"] == "gpu-09");
    assert_eq!(reached.map(|judged| &judged["verdict"]), Some(&"pass".into()), "{reached:?}");
}
