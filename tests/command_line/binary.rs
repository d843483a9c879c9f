//! Starting the real binary in a home of its own, and a served demo site.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// The binary under test.
pub const SHOPFLOOR: &str = env!("CARGO_BIN_EXE_shopfloor");

/// A home directory with state and configuration of its own.
pub struct Home {
    dir: tempfile::TempDir,
}

impl Home {
    pub fn new() -> Home {
        Home { dir: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, inside: &str) -> PathBuf {
        self.dir.path().join(inside)
    }

    /// Writes a file and the directories above it.
    pub fn write(&self, inside: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(inside);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// A site with this inventory.
    pub fn site(&self, name: &str, inventory: impl AsRef<[u8]>) -> PathBuf {
        self.write(&format!("{name}/inventory.yml"), inventory);
        self.path(name)
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(SHOPFLOOR);
        command.args(args);
        self.surround(&mut command);
        command
    }

    /// Nothing of the account that runs the tests.
    pub fn surround(&self, command: &mut Command) {
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.dir.path())
            .env("XDG_STATE_HOME", self.path("state"))
            .env("XDG_CONFIG_HOME", self.path("config"))
            .current_dir(self.dir.path())
            .stdin(Stdio::null());
    }

    pub fn run(&self, args: &[&str]) -> Said {
        Said::of(args, self.command(args).output().unwrap())
    }

    /// Runs a command on a site.
    pub fn on(&self, site: &Path, args: &[&str]) -> Said {
        let site = site.to_str().unwrap();
        let mut all = vec!["--site", site];
        all.extend(args);
        self.run(&all)
    }
}

/// What a command said.
#[derive(Debug)]
pub struct Said {
    pub args: String,
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    pub fn of(args: &[&str], output: Output) -> Said {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        let said = Said {
            args: args.join(" "),
            status: output.status.code().expect("no signal"),
            out: text(output.stdout),
            err: text(output.stderr),
        };
        for (name, text) in [("output", &said.out), ("errors", &said.err)] {
            let bad = text.chars().find(|c| c.is_control() && *c != '\n');
            assert_eq!(bad, None, "{name} of {} holds what a terminal acts on", said.args);
            assert!(!text.contains("panicked"), "{said:?}");
        }
        said
    }

    /// It did what it was asked for and complained about nothing.
    pub fn done(&self) -> &Said {
        assert_eq!((self.status, self.err.as_str()), (0, ""), "{self:?}");
        self
    }

    /// It refused: one sentence with these words, the status, and no output.
    pub fn refused(&self, status: i32, words: &[&str]) -> &Said {
        assert_eq!((self.status, self.out.as_str()), (status, ""), "{self:?}");
        assert_eq!(self.err.lines().count(), 1, "{self:?}");
        assert!(self.err.starts_with("shopfloor: "), "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "no `{word}` in {self:?}");
        }
        self
    }

    pub fn json(&self) -> Value {
        let value: Value = serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error} in the output of {self:?}"));
        assert_eq!(value["schema"], 1, "{self:?}");
        value
    }
}

/// A demo site that a child of this test serves.
pub struct Served {
    child: Child,
    pub directory: PathBuf,
}

impl Served {
    pub fn start(home: &Home) -> Served {
        let directory = home.path("demo");
        let mut child = home
            .command(&["demo", "--serve", directory.to_str().unwrap()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, format!("ready {}\n", directory.display()));
        Served { child, directory }
    }

    /// Ends it as a user would and returns its exit status.
    pub fn end(mut self) -> Option<i32> {
        self.interrupt();
        self.child.wait().unwrap().code()
    }

    fn interrupt(&self) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        let _ = kill_process(pid, Signal::INT);
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.interrupt();
            let _ = self.child.wait();
        }
    }
}

/// Every file below a directory.
pub fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(directory) else { return found };
    for entry in entries.flatten() {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            found.extend(files_below(&entry.path()));
        } else if kind.is_file() {
            found.push(entry.path());
        }
    }
    found
}

/// An inventory of one host that refuses connections.
pub const ONE_HOST: &str = "all:\n  hosts:\n    a:\n      ansible_host: 127.0.0.1\n      ansible_port: 1  # nobody listens\n";
