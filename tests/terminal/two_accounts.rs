//! Consoles of a run in a shared site, at the terminals of two accounts and of a third without the group.

use std::os::unix::fs::{PermissionsExt as _, chown};
use std::process::Command;

use crate::pty::{Home, SHOPFLOOR, Terminal};

const RELEASE: &str = "\u{1c}";
const EVE: u32 = 61_001;
const BOB: u32 = 61_002;
const EVIL: u32 = 61_003;
/// The group `users` of every Debian.
const USERS: u32 = 100;

struct Shared {
    home: Home,
}

impl Shared {
    fn new() -> Shared {
        let home = Home::new();
        let open = |path: &str, mode| {
            std::fs::set_permissions(home.path(path), std::fs::Permissions::from_mode(mode))
                .expect("a mode");
        };
        // Where the program was built may be closed to other accounts.
        std::fs::copy(SHOPFLOOR, home.path("shopfloor")).expect("copied");
        std::fs::write(home.path("shopfloor.yml"), "sharing: {group: users}\n").expect("written");
        std::fs::write(home.path("rc"), "PS1='ready> '\n").expect("written");
        open("shopfloor", 0o755);
        open("shopfloor.yml", 0o644);
        open("rc", 0o644);
        open("tmp", 0o777);
        for uid in [EVE, BOB, EVIL] {
            let own = home.path(&uid.to_string());
            std::fs::create_dir(&own).expect("a home");
            chown(&own, Some(uid), Some(uid)).expect("an owner");
        }
        chown(home.dir.path(), Some(EVE), Some(USERS)).expect("an owner");
        open("", 0o775);
        Shared { home }
    }

    fn words(&self, uid: u32, words: &[&str]) -> Vec<String> {
        let groups =
            if uid == EVIL { "--clear-groups".to_owned() } else { format!("--groups={USERS}") };
        let program = self.home.path("shopfloor").display().to_string();
        [format!("--reuid={uid}"), format!("--regid={uid}"), groups, program]
            .into_iter()
            .chain(words.iter().map(|word| (*word).to_owned()))
            .collect()
    }

    fn terminal(&self, uid: u32, words: &[&str]) -> Terminal {
        let own = self.home.path(&uid.to_string()).display().to_string();
        let words = self.words(uid, words);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let rc = self.home.path("rc").display().to_string();
        let variables = [
            ("HOME", own.as_str()),
            ("XDG_STATE_HOME", &own),
            ("XDG_CONFIG_HOME", &own),
            ("ENV", &rc),
        ];
        Terminal::start_with(&self.home, "setpriv", &words, (110, 24), "xterm-256color", &variables)
    }

    fn run(&self, uid: u32, words: &[&str]) -> std::process::Output {
        Command::new("setpriv")
            .args(self.words(uid, words))
            .current_dir(self.home.dir.path())
            .env("HOME", self.home.path(&uid.to_string()))
            .env_remove("XDG_RUNTIME_DIR")
            .env_remove("XDG_STATE_HOME")
            .output()
            .expect("it runs")
    }

    fn journal(&self) -> String {
        std::fs::read_to_string(self.home.path(".shopfloor/runs/1/journal.jsonl")).expect("there")
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // The second time closes consoles that are left.
        for _ in 0..2 {
            self.run(EVE, &["run", "stop", "1", "--yes", "--take-pen", "--level", "kill"]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_of_somebody_elses_run_is_watched_and_typed_in_only_when_given() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("SKIPPED terminal: only root can be two accounts");
        return;
    }
    let site = Shared::new();
    let start =
        ["run", "start", "--as", "eve", "--pen-wait-ms", "300", "--", "sh", "-c", "sleep 600"];
    let started = site.run(EVE, &start);
    assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
    let local = ["console", "--run", "1", "--local", "--", "sh", "-c"];
    let shell = format!("ENV={} exec sh -i", site.home.path("rc").display());
    let mut eve = site.terminal(EVE, &[&local[..], &[&shell]].concat());
    eve.wait("a shell", |s| s.contains("ready>") && s.contains("keys go HERE")).await;

    // What would run as somebody else's account is opened by that one only.
    let mut other = site.terminal(BOB, &[&local[..], &["touch bob-was-here; sleep 60"]].concat());
    other.see("a console in run 1 would be 61001's").await;
    drop(other);
    assert!(!site.home.path("bob-was-here").exists());
    assert!(!site.journal().contains("\"console\":2"), "{}", site.journal());
    let mut evil = site.terminal(EVIL, &["console", "--run", "1"]);
    assert_ne!(evil.end().await, Some(0), "{}", evil.screen());
    assert!(!evil.raw_text().contains("ready>"));

    // The other one of the group watches, and asks.
    let mut bob = site.terminal(BOB, &["console", "--run", "1"]);
    bob.wait("what she sees", |s| s.contains("ready>") && s.contains("you watch")).await;
    bob.keys("echo stolen-$((1+1))\r").await;
    bob.see("+ in the key bar asks for the keys").await;
    bob.keys(&format!("{RELEASE}+")).await;
    eve.see("in the key bar gives").await;
    eve.keys(&format!("{RELEASE}-")).await;
    bob.see("keeps the keys").await;
    bob.keys(&format!("{RELEASE}+")).await;
    bob.see("is asked for the keys").await;
    // Silence is no leave: what runs here is hers. The pen itself would have gone long ago.
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    bob.keys("echo silent-$((2+2))\r").await;
    eve.keys("echo mine-$((3+3)) $(id -u)\r").await;
    eve.see("mine-6 61001").await;
    bob.see("mine-6 61001").await;
    let given = |journal: String| {
        let last = journal.lines().rfind(|line| line.contains("console-keys")).map(str::to_owned);
        last.is_some_and(|line| line.contains(r#""account":"61002""#))
    };
    assert!(!given(site.journal()), "{}", site.journal());
    eve.keys(&format!("{RELEASE}+")).await;
    bob.see("the keys are yours").await;
    bob.keys("echo given-$((4+4)) $(id -u)\r").await;
    eve.see("given-8 61001").await;
    for text in [eve.raw_text(), bob.raw_text()] {
        assert!(!text.contains("stolen-2") && !text.contains("silent-4"));
    }
    assert!(given(site.journal()), "{}", site.journal());

    // Typing in it is not owning it.
    bob.keys(&format!("{RELEASE}qy")).await;
    bob.end().await;
    assert!(bob.raw_text().contains("console 1 is another account's"), "{}", bob.screen());
    assert!(!site.journal().contains("console-closed"), "{}", site.journal());
    // Nobody types now; whose it is takes the keys, nobody else does.
    let mut bob = site.terminal(BOB, &["console", "--run", "1"]);
    bob.see("you watch; nobody types here now").await;
    bob.keys(&format!("{RELEASE}+")).await;
    bob.see("is another account's").await;
    eve.keys(&format!("{RELEASE}+")).await;
    eve.keys("echo back-$((5+5))\r").await;
    eve.see("back-10").await;
    bob.see("back-10").await;
}
