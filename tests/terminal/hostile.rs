//! Names that carry escape sequences, and more input than anybody types.

use std::process::{Command, Output};
use std::time::Duration;

use shopfloor::domain::untrusted::is_invisible;

use crate::pty::{Home, SHOPFLOOR, demo, settled};

/// A clipboard command, a colour, a right-to-left override, a zero-width
/// space, an 8-bit colour and a NUL, as YAML writes them.
const EVIL: &str = r"\e]52;c;AAAA\a\e[31m\u202E\u200B\x9b32m\0";

/// The same for the name of a host, in which `[` would begin a range.
const EVIL_HOST: &str = r"\e]52;c;AAAA\a\u202E\u200B\x9b32m\0";

/// A site whose names try what a terminal could act on; nobody listens at its address.
fn hostile_site(home: &Home) {
    let inventory = format!(
        "all:\n  vars:\n    cluster_name: \"har{EVIL}bour\"\n    \"bad{EVIL}key\": 1\n    \"bad{EVIL}key\": 2\n  hosts:\n    \
         \"ceph{EVIL_HOST}-01\": {{ansible_host: 127.0.0.99, ansible_port: 9, ansible_user: \"o{EVIL}ps\"}}\n    \
         \"no{EVIL_HOST}where\": {{}}\n"
    );
    std::fs::write(home.path("inventory.yml"), inventory).expect("an inventory");
    let settings =
        format!("word: \"DE{EVIL}MO\"\nmachines:\n  \"gpu{EVIL}-01\": {{rack: \"r{EVIL}9\"}}\n");
    std::fs::write(home.path("shopfloor.yml"), settings).expect("settings");
}

fn run(home: &Home, arguments: &[&str]) -> Output {
    Command::new(SHOPFLOOR)
        .args(arguments)
        .env_clear()
        .env("HOME", home.dir.path())
        .env("XDG_STATE_HOME", home.path("state"))
        .env("LANG", "C.UTF-8")
        .current_dir(home.dir.path())
        .output()
        .expect("it runs")
}

#[test]
fn names_in_the_inventory_are_never_commands_to_the_terminal() {
    let home = Home::new();
    hostile_site(&home);
    for arguments in [
        &["check"][..],
        &["check", "--json"],
        &["greet"],
        &["inventory", "check"],
        &["inventory", "check", "--json"],
        &["inventory", "show", "--json"],
        &["show", "overview"],
        &["show", "target", "x\u{1b}[31m\u{202e}"],
    ] {
        let output = run(&home, arguments);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).expect("UTF-8");
        // A greeting may have nothing to say; everything else was asked for.
        assert!(!said.is_empty() || arguments == ["greet"], "{arguments:?}");
        let acts = said.chars().find(|c| *c != '\n' && is_invisible(*c));
        assert_eq!(acts, None, "{arguments:?} prints {said:?}");
    }
    // Whoever prints one sentence of the JSON gets no escape sequence either.
    for (arguments, list) in [
        (["check", "--json"].as_slice(), "checks"),
        (&["inventory", "check", "--json"], "problems"),
    ] {
        let output = run(&home, arguments);
        let value: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let entries = value[list].as_array().expect("a list");
        assert!(!entries.is_empty(), "{arguments:?}");
        for entry in entries {
            let sentence = entry["sentence"].as_str().expect("a sentence");
            assert!(!sentence.contains(is_invisible), "{sentence:?}");
        }
    }
}

/// The row with the cursor.
fn selected(screen: &str) -> Option<String> {
    screen.lines().find(|line| line.contains('\u{25b8}')).map(str::to_owned)
}

#[tokio::test]
async fn a_held_key_and_a_megabyte_of_paste_do_not_stop_the_screen() {
    let home = Home::new();
    let mut terminal = demo(&home, (160, 48), "xterm-256color");
    settled(&mut terminal).await;
    // Two minutes of a key held down at its fastest, on a list that has an end: each counts.
    terminal.keys(":keys\r").await;
    terminal.see("Help for here").await;
    let first = selected(&terminal.screen());
    terminal.keys("G").await;
    terminal.wait("the last key", |screen| selected(screen) != first).await;
    let last = selected(&terminal.screen());
    terminal.keys("g").await;
    terminal.wait("the first key", |screen| selected(screen) == first).await;
    for _ in 0..50 {
        terminal.keys(&"j".repeat(100)).await;
        terminal.read(Duration::from_millis(1)).await;
    }
    terminal.wait("the last key again", |screen| selected(screen) == last).await;
    for _ in 0..50 {
        terminal.keys(&"k".repeat(100)).await;
        terminal.read(Duration::from_millis(1)).await;
    }
    terminal.wait("the first key again", |screen| selected(screen) == first).await;
    terminal.keys("2").await;
    terminal.see("[2 Rack]").await;
    terminal.keys("/").await;
    terminal.keys("\u{1b}[200~").await;
    for _ in 0..1000 {
        terminal.keys(&"a\u{202e}".repeat(256)).await;
        terminal.read(Duration::from_millis(1)).await;
    }
    terminal.keys("\u{1b}[201~").await;
    terminal.see("aaaaaaaa").await;
    // Escape and a digit at once would be Alt and that digit.
    terminal.keys("\u{1b}").await;
    terminal.lose("aaaaaaaa").await;
    terminal.keys("1").await;
    terminal.see("[1 Overview]").await;
    assert!(!terminal.screen().contains('\u{202e}'));
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
}
