//! Back to a run, on a terminal: its screen, its colours, and how to leave it.

use super::pty::{Home, SHOPFLOOR, Terminal};

const RELEASE: &str = "\u{1c}";

/// Starts a run in the home's directory.
fn start(home: &Home, script: &str) {
    let output = std::process::Command::new(SHOPFLOOR)
        .args(["run", "start", "--as", "eve", "--", "sh", "-c", script])
        .current_dir(home.dir.path())
        .env("XDG_STATE_HOME", home.path("state"))
        .env_remove("XDG_RUNTIME_DIR")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_left_and_found_again_and_ends_with_its_words() {
    let home = Home::new();
    start(
        &home,
        "printf '\\033]0;evil\\007\\033[31mred\\033[0m\\n'; while read line; do echo \"<$line>\"; stty size; done",
    );
    let mut first =
        Terminal::start(&home, SHOPFLOOR, &["attach", "--as", "eve"], (80, 24), "xterm-256color");
    first.wait("the run's screen", |s| s.contains("red") && s.contains("keys go to it")).await;
    first.keys("hello\r").await;
    first.wait("the answer", |s| s.contains("<hello>") && s.contains("23 80")).await;
    first.keys(RELEASE).await;
    first.wait("the key bar", |s| s.contains("d leave, the run goes on")).await;
    first.keys("d").await;
    first.wait("the farewell", |s| s.contains("run 1 goes on; come back with")).await;
    assert!(!String::from_utf8_lossy(&first.raw).contains("evil"), "a title got through");
    let mut second =
        Terminal::start(&home, SHOPFLOOR, &["attach", "--as", "eve"], (100, 30), "xterm-256color");
    second.wait("the same screen", |s| s.contains("<hello>") && s.contains("keys go to it")).await;
    second.keys("again\r").await;
    second.wait("the new size", |s| s.contains("<again>") && s.contains("29 100")).await;
    second.keys("\u{4}").await;
    second.wait("the end", |s| s.contains("run 1 is done: exit 0")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_screen_says_what_waits_and_that_it_goes_on() {
    let home = Home::new();
    start(&home, "stty -echo; printf 'Vault password: '; read secret; sleep 60");
    let mut screen = Terminal::start(&home, SHOPFLOOR, &[], (120, 40), "xterm-256color");
    screen.wait("the strip", |s| s.contains("run 1 WAITS FOR YOU")).await;
    screen.keys("q").await;
    screen
        .wait("the farewell", |s| s.contains("run 1 goes on and WAITS FOR YOU; come back with"))
        .await;
    let rings = screen.raw.iter().filter(|byte| **byte == 7).count();
    assert_eq!(rings, 1, "the bell rings once");
    let stop = ["run", "stop", "1", "--yes", "--level", "kill"];
    let mut stopping = Terminal::start(&home, SHOPFLOOR, &stop, (120, 40), "xterm-256color");
    stopping.wait("the stop", |s| s.contains("run 1 is stopped")).await;
}
