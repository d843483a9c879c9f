//! Two accounts on one machine, with a group that the site shares with, and a third one without it.

use std::os::unix::fs::{PermissionsExt as _, chown};
use std::process::{Command, Output};

use super::bench::{Bench, SHOPFLOOR, number, said, until};

const EVE: u32 = 61_001;
const BOB: u32 = 61_002;
const EVIL: u32 = 61_003;
/// The group `users` of every Debian.
const USERS: u32 = 100;

struct Shared {
    bench: Bench,
}

impl Shared {
    fn new() -> Shared {
        let bench = Bench::new();
        let open = |path: &str, mode| {
            std::fs::set_permissions(bench.path(path), std::fs::Permissions::from_mode(mode))
                .unwrap();
        };
        open("", 0o755);
        // Where the program was built may be closed to other accounts.
        std::fs::copy(SHOPFLOOR, bench.path("shopfloor")).unwrap();
        open("shopfloor", 0o755);
        std::fs::write(bench.path("site/shopfloor.yml"), "sharing: {group: users}\n").unwrap();
        chown(bench.path("site"), Some(EVE), Some(USERS)).unwrap();
        open("site", 0o775);
        open("site/shopfloor.yml", 0o644);
        Shared { bench }
    }

    fn as_account(&self, uid: u32, words: &[&str]) -> Output {
        let groups =
            if uid == EVIL { "--clear-groups".to_owned() } else { format!("--groups={USERS}") };
        Command::new("setpriv")
            .args([&format!("--reuid={uid}"), &format!("--regid={uid}"), &groups])
            .arg(self.bench.path("shopfloor"))
            .args(words)
            .current_dir(self.bench.path("site"))
            .env("HOME", "/nonexistent")
            .env_remove("XDG_RUNTIME_DIR")
            .env_remove("XDG_STATE_HOME")
            .output()
            .unwrap()
    }

    fn state(&self, uid: u32) -> String {
        let output = self.as_account(uid, &["run", "show", "1", "--json"]);
        let document: serde_json::Value =
            serde_json::from_slice(&output.stdout).unwrap_or_default();
        document["state"].as_str().unwrap_or_default().to_owned()
    }
}

#[test]
fn accounts_of_the_group_share_runs_and_nobody_else_sees_them() {
    if !rustix::process::geteuid().is_root() {
        return crate::suite::skipped("runner", "only root can be two accounts");
    }
    let site = Shared::new();
    let script = "trap '' HUP; echo from eve; while :; do sleep 0.1; done";
    let started = site.as_account(EVE, &["run", "start", "--as", "eve", "--", "sh", "-c", script]);
    assert_eq!(number(&started), Some(1), "{}", said(&started));
    until("it runs", || (site.state(BOB) == "running").then_some(()));
    let mode = |path: &str| {
        std::fs::metadata(site.bench.path(&format!("site/.shopfloor/{path}")))
            .unwrap()
            .permissions()
            .mode()
            & 0o7777
    };
    for (path, wanted) in [
        ("", 0o3770),
        ("runs", 0o3770),
        ("runs/1", 0o3770),
        ("runs/1/journal.jsonl", 0o660),
        ("runs/1/output", 0o660),
        ("runs/1/socket", 0o660),
        ("lease", 0o660),
    ] {
        assert_eq!(mode(path), wanted, "{path}");
    }
    let refused = site.as_account(BOB, &["run", "start", "--as", "bob", "--", "true"]);
    assert_eq!(refused.status.code(), Some(6), "{}", said(&refused));
    assert!(said(&refused).contains("by eve (61001)"), "{}", said(&refused));
    let strange = site.as_account(EVIL, &["run", "stop", "1", "--yes", "--level", "kill"]);
    assert_ne!(strange.status.code(), Some(0), "{}", said(&strange));
    assert_eq!(site.state(EVE), "running");
    let stopped =
        site.as_account(BOB, &["run", "stop", "1", "--yes", "--level", "term", "--as", "bob"]);
    assert_eq!(stopped.status.code(), Some(0), "{}", said(&stopped));
    until("it is stopped", || (site.state(EVE) == "stopped").then_some(()));
    let journal =
        std::fs::read_to_string(site.bench.path("site/.shopfloor/runs/1/journal.jsonl")).unwrap();
    assert!(journal.contains(r#""by":{"name":"bob","account":"61002"}"#), "{journal}");
    let next = site.as_account(
        BOB,
        &["run", "start", "--wait", "--as", "bob", "--", "sh", "-c", "echo from bob"],
    );
    assert_eq!(next.status.code(), Some(0), "{}", said(&next));
    let log = site.as_account(BOB, &["log", "1"]);
    assert_eq!(
        String::from_utf8_lossy(&log.stdout).trim(),
        "from eve",
        "a run of the group is a log for each of it"
    );
    let log = site.as_account(EVIL, &["log", "1"]);
    assert!(said(&log).contains("no run 1"), "{}", said(&log));
    // A folder of before, in which everybody of the group could replace a journal.
    let old = site.bench.path("site/.shopfloor/runs/1");
    std::fs::set_permissions(&old, std::fs::Permissions::from_mode(0o2770)).unwrap();
    let loose = site.as_account(BOB, &["run", "show", "1"]);
    assert_eq!(loose.status.code(), Some(4), "{}", said(&loose));
    assert!(said(&loose).contains("everybody of the group may replace"), "{}", said(&loose));
    let list = site.as_account(EVE, &["run", "list"]);
    assert_eq!(mode("runs/1"), 0o3770, "its owner closed it");
    assert_eq!(site.as_account(BOB, &["run", "show", "1"]).status.code(), Some(0));
    assert!(
        said(&list).contains("from bob") && said(&list).contains("from eve"),
        "{}",
        said(&list)
    );
}

/// Says hello as a watcher does and asks for the run; what came until the line was closed is printed.
const STRANGER: &str = r#"
import json, socket, struct, sys
line = socket.socket(socket.AF_UNIX)
line.settimeout(30)
line.connect(sys.argv[1])
def send(kind, body):
    try:
        line.sendall(kind + struct.pack(">I", len(body)) + body)
    except OSError:
        pass
send(b"H", json.dumps({"version": 2, "name": "eve", "output_from": 0, "journal_from": 0,
                       "size": None, "is_watcher": True}).encode())
for ask in ({"ask": "take-pen"}, {"ask": "stop", "level": "kill"}) if sys.argv[2] == "asks" else ():
    send(b"Q", json.dumps(ask).encode())
    send(b"I", b"touch stolen\r")
heard = b""
while b"a secret\r" not in heard:
    try:
        piece = line.recv(65536)
    except ConnectionResetError:
        break
    if not piece:
        break
    heard += piece
sys.stdout.buffer.write(heard)
"#;

#[test]
fn a_stranger_gets_one_sentence_from_the_socket_even_where_every_folder_is_open() {
    if !rustix::process::geteuid().is_root() {
        return crate::suite::skipped("runner", "only root can be two accounts");
    }
    let site = Shared::new();
    let script = "echo a secret; while :; do read line && echo \"<$line>\"; sleep 0.1; done";
    let started = site.as_account(EVE, &["run", "start", "--as", "eve", "--", "sh", "-c", script]);
    assert_eq!(number(&started), Some(1), "{}", said(&started));
    until("it runs", || (site.state(EVE) == "running").then_some(()));
    let state = site.bench.path("site/.shopfloor");
    for path in ["", "runs", "runs/1", "runs/1/socket"] {
        let open = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(state.join(path), open).unwrap();
    }
    let journal = || std::fs::read_to_string(state.join("runs/1/journal.jsonl")).unwrap();
    let before = journal();
    let stranger = |uid: u32, groups: &str, does: &str| {
        let output = Command::new("setpriv")
            .args([&format!("--reuid={uid}"), &format!("--regid={uid}"), groups])
            .args(["/usr/bin/python3", "-c", STRANGER, "socket", does])
            .current_dir(state.join("runs/1"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let heard = stranger(EVIL, "--clear-groups", "asks");
    let expected = r#"{"standing":"refused","sentence":"this run belongs to another account; nothing of it is shown"}"#;
    assert_eq!(heard.get(5..), Some(expected), "a head of five bytes and one sentence: {heard:?}");
    assert_eq!(heard.get(..1), Some("R"));
    assert_eq!(journal(), before, "nothing of it is an event");
    // The program of that account says as much, whatever it can reach.
    for words in
        [&["attach", "1", "--plain"][..], &["run", "stop", "1", "--yes", "--level", "kill"]]
    {
        let refused = site.as_account(EVIL, words);
        assert_ne!(refused.status.code(), Some(0), "{}", said(&refused));
        assert!(!said(&refused).contains("a secret"), "{}", said(&refused));
    }
    assert!(!site.bench.path("site/stolen").exists());
    // Who is of the group is let in by the same words.
    let heard = stranger(BOB, &format!("--groups={USERS}"), "watches");
    assert!(heard.starts_with('W') && heard.contains("61002"), "{heard}");
    assert!(heard.contains("a secret"), "{heard}");
    for (path, mode) in [("", 0o3770), ("runs", 0o3770), ("runs/1", 0o3770)] {
        let closed = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(state.join(path), closed).unwrap();
    }
    until("nobody is there", || {
        (journal().matches("watcher-came").count() == journal().matches("watcher-left").count())
            .then_some(())
    });
    let stop = ["run", "stop", "1", "--yes", "--level", "kill", "--as", "eve", "--take-pen"];
    let stopped = site.as_account(EVE, &stop);
    assert_eq!(stopped.status.code(), Some(0), "{}", said(&stopped));
}

#[test]
fn without_sharing_each_account_has_runs_of_its_own() {
    if !rustix::process::geteuid().is_root() {
        return crate::suite::skipped("runner", "only root can be two accounts");
    }
    let site = Shared::new();
    std::fs::remove_file(site.bench.path("site/shopfloor.yml")).unwrap();
    let home = |uid: u32| {
        let home = site.bench.path(&format!("home-{uid}"));
        if !home.exists() {
            std::fs::create_dir(&home).unwrap();
            std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o700)).unwrap();
            chown(&home, Some(uid), Some(uid)).unwrap();
        }
        home.display().to_string()
    };
    let with_home = |uid: u32, words: &[&str]| {
        let groups = format!("--groups={USERS}");
        Command::new("setpriv")
            .args([&format!("--reuid={uid}"), &format!("--regid={uid}"), &groups])
            .arg(site.bench.path("shopfloor"))
            .args(words)
            .current_dir(site.bench.path("site"))
            .env("HOME", home(uid))
            .env_remove("XDG_RUNTIME_DIR")
            .env_remove("XDG_STATE_HOME")
            .output()
            .unwrap()
    };
    let eve = with_home(EVE, &["run", "start", "--as", "eve", "--wait", "--", "echo", "of eve"]);
    assert_eq!(eve.status.code(), Some(0), "{}", said(&eve));
    let bob = with_home(BOB, &["run", "list", "--json"]);
    assert!(said(&bob).contains("\"runs\": []"), "{}", said(&bob));
    let bob = with_home(BOB, &["run", "start", "--as", "bob", "--wait", "--", "echo", "of bob"]);
    assert_eq!((bob.status.code(), number(&bob)), (Some(0), Some(1)), "{}", said(&bob));
    let place = format!("{}/.local/state/shopfloor/sites", home(EVE));
    let state = std::fs::read_dir(place).unwrap().next().unwrap().unwrap().path();
    for (path, wanted) in [("", 0o700), ("runs/1", 0o700), ("runs/1/journal.jsonl", 0o600)] {
        let mode = std::fs::metadata(state.join(path)).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode, wanted, "{path}");
    }
}
