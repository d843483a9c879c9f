//! What is typed into the secret field is nowhere else.

use std::io::Read as _;
use std::path::Path;
use std::process::Command;

use crate::pty::{Home, SHOPFLOOR, Terminal};
use crate::served::Served;

const PASSPHRASE: &str = "correct-horse-7351-staple";

/// Opens nothing.
const WRONG: &str = "wrong-battery-9264-staple";

/// Seals the site's key with a passphrase, as an operator's key would be.
fn seal(key: &Path) -> bool {
    let sealed = Command::new("ssh-keygen")
        .args(["-q", "-p", "-P", "", "-N", PASSPHRASE, "-f"])
        .arg(key)
        .output();
    sealed.is_ok_and(|output| output.status.success())
}

/// Every file below a directory, gzip opened, that holds one of the words.
fn holding(dir: &Path, words: &[&str], found: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            holding(&path, words, found);
            continue;
        }
        let Ok(mut bytes) = std::fs::read(&path) else { continue };
        if bytes.starts_with(&[0x1f, 0x8b]) {
            let mut text = Vec::new();
            let read = flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut text);
            read.expect("a whole file");
            bytes = text;
        }
        if words.iter().any(|word| holds(&bytes, word)) {
            found.push(path.display().to_string());
        }
    }
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

#[tokio::test]
async fn typed_secrets_are_found_nowhere() {
    let home = Home::new();
    let _served = Served::start(&home);
    let key = home.path("site/id_ed25519");
    if !seal(&key) {
        assert!(std::env::var("REQUIRE_REAL").as_deref() != Ok("1"), "ssh-keygen is missing");
        return println!("SKIPPED secrets: ssh-keygen cannot seal a key here");
    }
    let password = std::fs::read_to_string(home.path("site/vault-password")).expect("a password");
    let password = password.trim().to_owned();
    // The settings name the password's file; without that line it must be typed.
    let settings = home.path("site/shopfloor.yml");
    let text = std::fs::read_to_string(&settings).expect("settings");
    let less = text.replace("vault:\n  password_file: vault-password\n", "");
    assert_ne!(text, less);
    std::fs::write(&settings, less).expect("settings");
    // The example, of which the site is made, says the password in a comment; without that
    // its own file is the only one that has it.
    let inventory = home.path("site/inventory.yml");
    let text = std::fs::read_to_string(&inventory).expect("an inventory");
    std::fs::write(&inventory, text.replace(&password, "(taken out)")).expect("an inventory");
    let site = home.path("site").display().to_string();
    let mut terminal =
        Terminal::start(&home, SHOPFLOOR, &["--site", &site], (120, 40), "xterm-256color");
    // Without both, nothing can be looked at; the screen says what it wants.
    terminal.see("2 secrets are wanted").await;
    terminal.keys(":unlock\r").await;
    // A wrong password is tried and not kept; the field comes back.
    terminal.see("For vault default").await;
    terminal.keys(WRONG).await;
    terminal.keys("\r").await;
    terminal.keys("\u{1b}").await;
    terminal.see("not kept: the password does not open inventory.yml:").await;
    terminal.keys(":unlock\r").await;
    // One field after the other: the vault first, then the key.
    for (field, secret) in [("For vault default", password.as_str()), ("For ssh-key ", PASSPHRASE)]
    {
        terminal.see(field).await;
        terminal.keys(secret).await;
        terminal.see(&format!("{} characters", secret.chars().count())).await;
        terminal.keys("\r").await;
        terminal.lose(field).await;
    }
    terminal
        .wait("hosts and controllers, looked at with both secrets", |screen| {
            let well = |layer: &str| {
                screen.lines().any(|line| line.contains(layer) && line.contains(" ok "))
            };
            well("Hosts") && well("Power, BMC")
        })
        .await;
    terminal.keys(":record\r").await;
    terminal.see("recording written to").await;
    home.find("recording-", ".jsonl.gz");

    let words = [password.as_str(), PASSPHRASE, WRONG];
    let pid = terminal.child.id().expect("still running");
    for file in ["cmdline", "environ"] {
        let bytes = std::fs::read(format!("/proc/{pid}/{file}")).expect(file);
        assert!(!words.iter().any(|word| holds(&bytes, word)), "{file}");
    }
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
    assert!(!words.iter().any(|word| holds(&terminal.raw, word)), "on screen");
    let mut found = Vec::new();
    for place in ["state", "config", "tmp"] {
        holding(&home.path(place), &words, &mut found);
    }
    assert_eq!(found, Vec::<String>::new());
    // The site's own password file is found, or this search could find nothing.
    holding(&home.path("site"), &words, &mut found);
    assert_eq!(found, [home.path("site/vault-password").display().to_string()]);
}
