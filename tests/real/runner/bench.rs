//! A site with a state directory of its own, and the program on it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use shopfloor::runner::client::Client;
use shopfloor::runner::protocol::{Frame, Hello, VERSION};
use shopfloor::runner::{Known, Runs};

pub const SHOPFLOOR: &str = env!("CARGO_BIN_EXE_shopfloor");

/// How long something may take that takes a moment. Only a failing test waits so long.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct Bench {
    pub scratch: tempfile::TempDir,
}

impl Bench {
    pub fn new() -> Bench {
        let scratch = tempfile::tempdir().unwrap();
        std::fs::create_dir(scratch.path().join("site")).unwrap();
        Bench { scratch }
    }

    pub fn path(&self, inside: &str) -> PathBuf {
        self.scratch.path().join(inside)
    }

    /// The program with these arguments, in the site's directory.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(SHOPFLOOR);
        command
            .args(words)
            .current_dir(self.path("site"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env_remove("XDG_RUNTIME_DIR")
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// Starts a run and returns its number.
    pub fn start(&self, command: &[&str]) -> u64 {
        let words: Vec<&str> = ["run", "start", "--as", "eve", "--pen-wait-ms", "300", "--"]
            .iter()
            .chain(command)
            .copied()
            .collect();
        let output = self.run(&words);
        number(&output).unwrap_or_else(|| panic!("{}", said(&output)))
    }

    /// Starts a shell script.
    pub fn script(&self, text: &str) -> u64 {
        self.start(&["sh", "-c", text])
    }

    /// The site's runs.
    pub fn runs(&self) -> Runs {
        let sites = self.path("state/shopfloor/sites");
        let state = std::fs::read_dir(sites).unwrap().next().unwrap().unwrap().path();
        Runs::at(&state, None)
    }

    pub fn known(&self, run: u64) -> Known {
        self.runs().read(run).unwrap()
    }

    pub fn show(&self, run: u64) -> Value {
        let output = self.run(&["run", "show", &run.to_string(), "--json"]);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)))
    }

    pub fn output(&self, run: u64) -> Vec<u8> {
        std::fs::read(self.runs().directory(run).join("output")).unwrap_or_default()
    }

    pub fn journal(&self, run: u64) -> String {
        std::fs::read_to_string(self.runs().directory(run).join("journal.jsonl")).unwrap()
    }

    /// Waits until the run is in that state.
    pub fn wait_for(&self, run: u64, state: &str) -> Value {
        until(&format!("run {run} {state}"), || {
            let document = self.show(run);
            (document["state"] == state).then_some(document)
        })
    }

    /// Waits until the output holds this.
    pub fn wait_for_text(&self, run: u64, text: &str) {
        until(text, || String::from_utf8_lossy(&self.output(run)).contains(text).then_some(()));
    }

    pub async fn connect(&self, run: u64, name: &str, output_from: Option<u64>) -> Client {
        let hello = Hello {
            version: VERSION,
            name: name.into(),
            output_from,
            journal_from: u64::MAX,
            size: Some((100, 30)),
            is_watcher: true,
        };
        Client::connect(&self.runs(), run, hello).await.unwrap()
    }

    /// Every byte below the state directory, to look for what must not be there.
    pub fn everything_kept(&self) -> Vec<u8> {
        fn walk(dir: &Path, into: &mut Vec<u8>) {
            for entry in std::fs::read_dir(dir).unwrap().flatten() {
                let kind = entry.file_type().unwrap();
                if kind.is_dir() {
                    walk(&entry.path(), into);
                } else if kind.is_file() {
                    into.extend(std::fs::read(entry.path()).unwrap_or_default());
                }
            }
        }
        let mut all = Vec::new();
        walk(&self.path("state"), &mut all);
        all
    }
}

impl Drop for Bench {
    /// Whatever a test left running is ended: only what bears this site's marks.
    fn drop(&mut self) {
        let Ok(mut sites) = std::fs::read_dir(self.path("state/shopfloor/sites")) else { return };
        let Some(Ok(state)) = sites.next() else { return };
        for (pid, _) in members(&state.path()) {
            kill(pid, "-KILL");
        }
        let runs = Runs::at(&state.path(), None);
        let marks = shopfloor::runner::survivors::Marks::of_site(&runs.mark());
        for seen in shopfloor::runner::survivors::find(&marks) {
            shopfloor::runner::machine::signal(&seen, rustix::process::Signal::KILL);
        }
    }
}

/// The run's number in what `run start` printed.
pub fn number(output: &Output) -> Option<u64> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().next()?.strip_prefix("run ")?.trim().parse().ok()
}

pub fn said(output: &Output) -> String {
    format!(
        "{:?}: {}{}",
        output.status.code(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Waits until something is so.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "not so: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Guardians and runners of a state directory, by their command lines: `(pid, word)`.
pub fn members(state: &Path) -> Vec<(i32, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let raw = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let words: Vec<String> =
            raw.split(|byte| *byte == 0).map(|w| String::from_utf8_lossy(w).into_owned()).collect();
        if let [_, word, option, place, ..] = words.as_slice()
            && option == "--state"
            && Path::new(place) == state
        {
            found.push((pid, word.clone()));
        }
    }
    found
}

pub fn kill(pid: i32, signal: &str) {
    // It may have ended meanwhile.
    let _ = Command::new("kill").args([signal, &pid.to_string()]).stderr(Stdio::null()).status();
}

/// The next answer to a request.
pub async fn reply(client: &mut Client) -> shopfloor::runner::protocol::Reply {
    let waiting = async {
        loop {
            match client.next().await {
                Some(Frame::Reply(reply)) => return reply,
                Some(_) => {}
                None => panic!("the runner hung up"),
            }
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("an answer")
}
