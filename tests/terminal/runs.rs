//! Runs on the full screen: started, watched, found again, answered, stopped.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use shopfloor::runner::{Runs, lease};

use crate::pty::{ESC, Home, SHOPFLOOR, Terminal};

const RELEASE: &str = "\u{1c}";

/// A home in which runs are started; they end with the test.
struct Site(Home);

impl Site {
    fn new() -> Site {
        Site(Home::new())
    }

    fn command(&self, words: &[&str]) -> std::process::Output {
        std::process::Command::new(SHOPFLOOR)
            .args(words)
            .current_dir(self.0.dir.path())
            .env("XDG_STATE_HOME", self.0.path("state"))
            .env_remove("XDG_RUNTIME_DIR")
            .output()
            .unwrap()
    }

    fn screen(&self, size: (u16, u16), term: &str) -> Terminal {
        Terminal::start(&self.0, SHOPFLOOR, &[], size, term)
    }

    fn state(&self) -> PathBuf {
        let sites = self.0.path("state/shopfloor/sites");
        std::fs::read_dir(sites).unwrap().next().unwrap().unwrap().path()
    }

    fn journal(&self, run: u64) -> String {
        let path = self.state().join(format!("runs/{run}/journal.jsonl"));
        std::fs::read_to_string(path).unwrap_or_default()
    }

    /// Waits until the journal says so.
    async fn until(&self, run: u64, event: &str) {
        let begun = Instant::now();
        while !self.journal(run).contains(event) {
            assert!(begun.elapsed() < Duration::from_secs(60), "no {event}: {}", self.journal(run));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        for run in ["1", "2"] {
            // Over already in some tests.
            self.command(&[
                "run",
                "stop",
                run,
                "--yes",
                "--take-pen",
                "--as",
                "eve",
                "--level",
                "kill",
            ]);
        }
        let (state, begun) = (self.state(), Instant::now());
        while lease::is_taken(&Runs::at(&state, None)) && begun.elapsed() < Duration::from_secs(30)
        {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Every file below a folder that holds these bytes.
fn holding(folder: &std::path::Path, needle: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holding(&path, needle));
        } else if let Ok(bytes) = std::fs::read(&path)
            && memchr::memmem::find(&bytes, needle).is_some()
        {
            found.push(path);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_started_on_the_screen_outlives_it_and_is_stopped_level_by_level() {
    let site = Site::new();
    let mut screen = site.screen((80, 24), "vt100");
    screen.see("no run").await;
    // It ignores INT and TERM, and says so: only KILL ends it.
    let command = "trap \"echo no\" INT TERM; echo begun; while :; do sleep 0.2; done";
    screen.keys(&format!(":run sh -c '{command}'\r")).await;
    screen.wait("the exact words", |s| s.contains("Start a run") && s.contains("trap")).await;
    screen.see("Takes the lease of").await;
    screen.keys("y\r").await;
    screen.see("Who are you?").await;
    screen.keys("eve\r").await;
    screen.wait("its log", |s| s.contains("begun") && s.contains("run 1 goes on without")).await;
    screen.see("run 1 RUNNING").await;
    site.until(1, "\"name\":\"eve\"").await;

    // The screen dies; nothing happens to the run.
    screen.child.start_kill().unwrap();
    screen.end().await;
    let mut screen = site.screen((80, 24), "vt100");
    screen.see("run 1 RUNNING").await;
    screen.see("W goes there").await;
    screen.keys("7").await;
    screen.wait("the list", |s| s.contains("run 1") && s.contains("running")).await;
    screen.keys("\r").await;
    screen.wait("its page", |s| s.contains("wanted by eve") && s.contains("directory")).await;
    screen.keys("l").await;
    screen.see("begun").await;

    for (signal, next) in [("INT", "TERM"), ("TERM", "KILL")] {
        if signal == "INT" {
            screen.keys(":stop\r").await;
        }
        screen.see(&format!("Stop run 1 with {signal}")).await;
        screen.wait("whom it reaches", |s| s.contains("get it:") || s.contains("gets it:")).await;
        screen.keys("run 1\r").await;
        if signal == "INT" {
            // Another terminal is another login.
            screen.see("Who are you?").await;
            screen.keys("eve\r").await;
        }
        screen.see(&format!("Stop run 1 with {next}")).await;
        screen.see("still there").await;
    }
    screen.wait("whom it reaches", |s| s.contains("get it:") || s.contains("gets it:")).await;
    screen.keys("run 1\r").await;
    screen.see("run 1 is stopped").await;
    site.until(1, "run-ended").await;
    let journal = site.journal(1);
    assert_eq!(journal.matches("\"what\":\"stop-asked\"").count(), 3, "{journal}");
    screen.keys("1").await;
    screen.see("run 1 stopped").await;
    screen.keys("q").await;
    assert_eq!(screen.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_is_answered_on_the_screen_and_the_answer_is_nowhere() {
    let site = Site::new();
    let script =
        "stty -echo; printf 'Vault password: '; read a; stty echo; echo got ${#a}; sleep 60";
    let started = site.command(&["run", "start", "--as", "bob", "--", "sh", "-c", script]);
    assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
    let mut screen = site.screen((120, 40), "xterm-256color");
    screen.see("run 1 WAITS FOR YOU").await;
    screen.keys("2W").await;
    screen.see("Who are you?").await;
    screen.keys("eve\r").await;
    screen.wait("its terminal", |s| s.contains("keys go to it") && s.contains("you type in")).await;
    screen.see("goes on without this screen").await;
    screen.keys("hunter2zz\r").await;
    screen.see("got 9").await;
    site.until(1, "prompt-answered").await;
    let rings = screen.raw.iter().filter(|byte| **byte == 7).count();
    assert_eq!(rings, 1, "the bell rings once");
    assert!(!screen.raw_text().contains("hunter2zz"), "the answer was drawn");
    // The pen is given back and taken again; both are written down.
    screen.keys(RELEASE).await;
    screen.see("pen").await;
    screen.keys("p").await;
    screen.see("nobody has the pen").await;
    screen.keys(RELEASE).await;
    screen.keys("p").await;
    screen.see("keys go to it").await;
    site.until(1, "pen-released").await;
    // A recording of the session itself holds no key of it either.
    screen.keys(RELEASE).await;
    screen.keys("d").await;
    screen.lose("you type in").await;
    screen.keys(":record\r").await;
    screen.see("recording written").await;
    screen.keys("q").await;
    assert_eq!(screen.end().await, Some(0));
    assert_eq!(holding(&site.0.path("state"), b"hunter2zz"), Vec::<PathBuf>::new());
    assert!(site.journal(1).contains("\"name\":\"eve\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_failed_is_said_and_its_log_has_a_task_to_jump_to() {
    let site = Site::new();
    let script = "echo 'PLAY [all] ****'; echo; echo 'TASK [first thing] ****'; echo 'ok: [a]'; echo; \
                  for i in $(seq 60); do echo line $i; done; echo 'TASK [second thing] ****'; echo 'ok: [a]'; exit 7";
    let started = site.command(&["run", "start", "--as", "eve", "--", "sh", "-c", script]);
    assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
    site.until(1, "run-ended").await;
    let greeting = site.command(&["greet"]);
    let said = String::from_utf8_lossy(&greeting.stdout).into_owned();
    assert!(said.contains("run 1 failed") && said.contains("exit 7"), "{said}");
    let mut screen = site.screen((80, 24), "vt100");
    screen.see("run 1 FAILED (exit 7)").await;
    screen
        .wait("the Changes row", |s| {
            s.lines().any(|line| {
                line.contains("Changes") && line.contains("FAIL") && line.contains("exit 7")
            })
        })
        .await;
    screen.keys("9").await;
    screen
        .wait("start and end", |s| s.contains("run 1 started") && s.contains("run 1 failed"))
        .await;
    screen.keys("7l").await;
    screen.see("line 60").await;
    // What Ansible did is read in the background.
    while !screen.screen().contains("TASK [first thing]") {
        screen.keys(":task first\r").await;
        screen
            .wait("an answer", |s| s.contains("TASK [first thing]") || s.contains("no task"))
            .await;
    }
    screen.keys(":task second\r").await;
    screen.wait("the second task", |s| s.contains("TASK [second thing]")).await;
    screen.keys("q").await;
    assert_eq!(screen.end().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_played_in_the_place_of_the_log() {
    let home = Home::new();
    let file = home.path("1.cast");
    let text = "{\"version\":2,\"width\":60,\"height\":12}\n[0.1,\"o\",\"alpha\\r\\n\"]\n[1000.0,\"o\",\"beta\\r\\n\"]\n[1001.0,\"o\",\"gamma\\r\\n\"]\n";
    std::fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap().to_owned();
    let mut screen =
        Terminal::start(&home, SHOPFLOOR, &["log", &file], (100, 24), "xterm-256color");
    screen.see("alpha").await;
    screen.keys(" ").await;
    screen.see("stopped").await;
    screen.keys("G").await;
    screen.wait("the end", |s| s.contains("gamma") && s.contains("the recording is over")).await;
    screen.keys("g").await;
    screen.lose("gamma").await;
    screen.keys("/beta\r").await;
    screen
        .wait("the hit", |s| s.contains("beta") && s.contains("is shown") && !s.contains("gamma"))
        .await;
    screen.keys(".").await;
    screen.see("gamma").await;
    screen.keys(ESC).await;
    assert_eq!(screen.end().await, Some(0));
    let printed = std::process::Command::new(SHOPFLOOR).args(["log", &file]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&printed.stdout), "alpha\r\nbeta\r\ngamma\r\n");
}
