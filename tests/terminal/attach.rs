//! Back to a run, on a terminal: its screen, its colours, and how to leave it.

use std::time::{Duration, Instant};

use shopfloor::runner::{Runs, lease};

use super::drawing::assert_only_drawing;
use super::pty::{ESC, Home, SHOPFLOOR, Terminal};

const RELEASE: &str = "\u{1c}";

/// A home with a run in it, which ends with the test.
pub struct Site(pub Home);

impl Site {
    pub fn start(script: &str) -> Site {
        let site = Site(Home::new());
        let started = site.command(&["run", "start", "--as", "eve", "--", "sh", "-c", script]);
        assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
        site
    }

    /// The program with these arguments, without a terminal.
    pub fn command(&self, words: &[&str]) -> std::process::Output {
        std::process::Command::new(SHOPFLOOR)
            .args(words)
            .current_dir(self.0.dir.path())
            .env("XDG_STATE_HOME", self.0.path("state"))
            .env_remove("XDG_RUNTIME_DIR")
            .output()
            .unwrap()
    }

    pub fn terminal(&self, words: &[&str], size: (u16, u16)) -> Terminal {
        Terminal::start(&self.0, SHOPFLOOR, words, size, "xterm-256color")
    }

    pub fn journal(&self) -> String {
        std::fs::read_to_string(self.0.find("journal", ".jsonl")).unwrap()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // Over already in some tests; of one that holds consoles the second time closes them.
        let stop = ["run", "stop", "1", "--yes", "--take-pen", "--as", "eve", "--level", "kill"];
        for _ in 0..2 {
            self.command(&stop);
        }
        // A runner makes its directory again while it lives.
        let (mut sites, begun) = (self.0.path("state/shopfloor/sites"), Instant::now());
        if let Some(Ok(site)) = std::fs::read_dir(&sites).ok().and_then(|mut all| all.next()) {
            sites = site.path();
        }
        while lease::is_taken(&Runs::at(&sites, None)) && begun.elapsed() < Duration::from_secs(30)
        {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_left_and_found_again_and_ends_with_its_words() {
    // The bar names the command, so the word stands there in two pieces.
    let site = Site::start(
        "printf '\\033]0;ev''il\\007\\033[31mred\\033[0m\\n'; while read line; do echo \"<$line>\"; stty size; done",
    );
    let mut first = site.terminal(&["attach", "--as", "eve"], (80, 24));
    first.wait("the run's screen", |s| s.contains("red") && s.contains("keys go to it")).await;
    first.keys("hello\r").await;
    first.wait("the answer", |s| s.contains("<hello>") && s.contains("23 80")).await;
    first.keys(RELEASE).await;
    first.wait("the key bar", |s| s.contains("d leave, run goes on")).await;
    first.keys("d").await;
    first.wait("the farewell", |s| s.contains("run 1 goes on; come back with")).await;
    assert!(!String::from_utf8_lossy(&first.raw).contains("evil"), "a title got through");
    let mut second = site.terminal(&["attach", "--as", "eve"], (100, 30));
    second.wait("the same screen", |s| s.contains("<hello>") && s.contains("keys go to it")).await;
    second.keys("again\r").await;
    second.wait("the new size", |s| s.contains("<again>") && s.contains("29 100")).await;
    second.keys("\u{4}").await;
    second.wait("the end", |s| s.contains("run 1 is done: exit 0")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_screen_says_what_waits_and_that_it_goes_on() {
    let site = Site::start("stty -echo; printf 'Vault password: '; read secret; sleep 60");
    let mut screen = site.terminal(&[], (120, 40));
    screen.wait("the strip", |s| s.contains("run 1 WAITS FOR YOU")).await;
    screen.keys("q").await;
    screen
        .wait("the farewell", |s| s.contains("run 1 goes on and WAITS FOR YOU; come back with"))
        .await;
    let rings = screen.raw.iter().filter(|byte| **byte == 7).count();
    assert_eq!(rings, 1, "the bell rings once");
    let stop = ["run", "stop", "1", "--yes", "--as", "eve", "--level", "kill"];
    let mut stopping = site.terminal(&stop, (120, 40));
    stopping.wait("the stop", |s| s.contains("run 1 is stopped")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_watched_is_killed_and_comes_back_and_types_on() {
    let site = Site::start("echo ready; while read line; do echo \"<$line>\"; stty size; done");
    let attach = ["attach", "--as", "eve"];
    let mut first = site.terminal(&attach, (80, 24));
    first.wait("the screen", |s| s.contains("ready") && s.contains("keys go to it")).await;
    // The screen of a login that hangs: nobody told it to leave.
    let mut second = site.terminal(&attach, (90, 20));
    second.wait("the screen", |s| s.contains("ready") && s.contains("keys go to it")).await;
    first.wait("that it lost the pen", |s| s.contains("has the pen")).await;
    second.keys("here\r").await;
    second.wait("the answer", |s| s.contains("<here>") && s.contains("19 90")).await;
    first.keys("lost\r").await;
    first.see("you have the pen at another screen; take it first").await;
    second.child.start_kill().unwrap();
    second.end().await;
    until_in(&site, "pen-released").await;
    let mut third = site.terminal(&attach, (100, 30));
    third.wait("the screen", |s| s.contains("<here>") && s.contains("keys go to it")).await;
    third.keys("back\r").await;
    third.wait("the answer", |s| s.contains("<back>") && s.contains("29 100")).await;
    assert!(!third.screen().contains("lost"), "keys without the pen went through");
    third.keys("\u{4}").await;
    third.wait("the end", |s| s.contains("run 1 is done: exit 0")).await;
    first.wait("the end", |s| s.contains("run 1 is done: exit 0")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pen_goes_from_screen_to_screen() {
    let site = Site::start("echo ready; while read line; do echo \"<$line>\"; done");
    let mut eve = site.terminal(&["attach", "--as", "eve"], (100, 24));
    eve.wait("the screen", |s| s.contains("ready") && s.contains("keys go to it")).await;
    let mut bob = site.terminal(&["attach", "--as", "bob"], (100, 24));
    bob.wait("who has the pen", |s| s.contains("ready") && s.contains("eve (")).await;
    bob.keys("mine\r").await;
    for answer in ["n", "y"] {
        bob.keys(RELEASE).await;
        bob.see("p ask for the pen").await;
        bob.keys("p").await;
        bob.see("is asked for the pen").await;
        eve.see("asks for the pen: Ctrl-\\ y gives it").await;
        eve.keys(RELEASE).await;
        eve.see("the pen | n keeps it").await;
        eve.keys(answer).await;
        match answer {
            "n" => {
                bob.see("keeps the pen").await;
                eve.wait("her keys", |s| s.contains("keys go to it")).await;
                eve.keys("still eve\r").await;
                bob.see("<still eve>").await;
            }
            _ => bob.see("keys go to it").await,
        }
    }
    bob.keys("now bob\r").await;
    eve.see("<now bob>").await;
    assert!(!eve.screen().contains("mine"), "keys without the pen went through");
    // Whoever leaves gives it back.
    bob.keys(RELEASE).await;
    bob.see("d leave, the run goes on").await;
    bob.keys("d").await;
    bob.see("run 1 goes on").await;
    eve.keys("\u{1c}").await;
    eve.see("p ask for the pen").await;
    eve.keys("p").await;
    eve.see("keys go to it").await;
    for what in ["pen-asked", "pen-refused", "pen-released"] {
        assert!(site.journal().contains(what), "{what}");
    }
}

/// Waits until the journal names that event.
async fn until_in(site: &Site, event: &str) {
    let begun = Instant::now();
    while !site.journal().contains(event) {
        assert!(begun.elapsed() < Duration::from_secs(60), "no {event}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runner_that_is_killed_is_said_to_be_unknown() {
    let site = Site::start("echo ready; read line");
    let mut screen = site.terminal(&["attach", "--as", "eve"], (100, 24));
    screen.wait("the screen", |s| s.contains("ready") && s.contains("keys go to it")).await;
    let journal = site.journal();
    let started = journal.lines().find(|line| line.contains("runner-started")).unwrap();
    let started: serde_json::Value = serde_json::from_str(started).unwrap();
    let runner = i32::try_from(started["event"]["pid"].as_i64().unwrap()).unwrap();
    let runner = rustix::process::Pid::from_raw(runner).unwrap();
    rustix::process::kill_process(runner, rustix::process::Signal::KILL).unwrap();
    screen.see("run 1 is unknown: its runner was killed; nobody saw how it ended").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bar_takes_keys_as_keys_and_says_which_do_something() {
    // A title that is much longer than the terminal is wide.
    let script = "trap 'echo stop-$((2+2)); exit 3' INT; echo ready; while :; do \
        read line && echo \"<$line>\"; done; : and much more of it, so that it is cut";
    let site = Site::start(script);
    let mut screen = site.terminal(&["attach", "--as", "eve"], (80, 24));
    screen.wait("the screen", |s| s.contains("ready") && s.contains("keys go to it")).await;
    screen.see("goes on without").await;
    for wrong in ["\u{1b}[A", "\u{1b}OB", "\u{1b}[1;5D", "\u{1b}d", "x", "y", "n", "\t"] {
        screen.keys(RELEASE).await;
        screen.see("Esc back | d leave").await;
        screen.keys(wrong).await;
        screen.wait("what it says", |s| s.contains("no such key | Esc back")).await;
        screen.keys(ESC).await;
        screen.see("keys go to it").await;
    }
    screen.keys(&format!("{RELEASE}s")).await;
    screen.see("y sends INT to run 1 | Esc sends nothing").await;
    screen.keys("\u{1b}[B").await;
    screen.see("no such key | y sends INT to run 1").await;
    screen.keys(ESC).await;
    screen.see("keys go to it").await;
    // Nothing of all that went to the command.
    screen.keys("hello\r").await;
    screen.see("<hello>").await;
    screen.keys(&format!("{RELEASE}s")).await;
    screen.see("y sends INT to run 1").await;
    screen.keys("y").await;
    screen.see("run 1 is ").await;
    assert!(screen.raw_text().contains("stop-4"), "INT never came");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_reaches_neither_terminal_nor_keys() {
    // Every one repeats a character 65,535 times; there is no line end, and a command never ends.
    let site = Site::start(
        "echo ready; read line; yes \"$(printf 'x\\033[65535b\\033#8\\033[2J\\033[c\\033[6n\
         \\033]0;evil\\007\\033]52;c;QUJD\\007\\033[?1000h\\033[?2026h\\033P')\" | tr -d '\\n'",
    );
    let mut screen = site.terminal(&["attach", "--as", "eve"], (80, 24));
    screen.wait("the screen", |s| s.contains("ready") && s.contains("keys go to it")).await;
    screen.keys("go\r").await;
    screen.wait("the flood", |s| s.contains("EEEE") || s.contains("xxxx")).await;
    for _ in 0..3 {
        screen.keys(RELEASE).await;
        screen.see("Esc back | d leave").await;
        screen.keys(ESC).await;
        screen.see("keys go to it").await;
    }
    screen.keys(&format!("{RELEASE}d")).await;
    screen.see("run 1 goes on; come back with").await;
    assert_only_drawing(&screen.raw);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_it_is_is_asked_once_per_login() {
    let site = Site::start("echo ready; while read line; do echo \"<$line>\"; done");
    let mut login = Terminal::start(&site.0, "sh", &["-i"], (100, 24), "xterm-256color");
    let attach = format!("{SHOPFLOOR} attach\r");
    login.keys(&attach).await;
    login.see("Who are you?").await;
    login.keys("Eve Miller\r").await;
    login.see("ready").await;
    // Again from the same shell, and from a terminal inside that login.
    for again in [attach.clone(), format!("script -qc '{SHOPFLOOR} attach' /dev/null\r")] {
        login.keys(&format!("{RELEASE}d")).await;
        login.see("run 1 goes on; come back with").await;
        login.keys(&format!("clear\r{again}")).await;
        login.wait("the run", |s| s.contains("ready") && s.contains("run 1 running")).await;
    }
    assert_eq!(login.raw_text().matches("Who are you?").count(), 1);
    until_in(&site, "Eve Miller").await;
    login.keys(&format!("{RELEASE}d")).await;
    login.see("run 1 goes on; come back with").await;
}
