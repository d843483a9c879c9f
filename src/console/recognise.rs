//! What stands on a console, read from its text: which prompt waits there, and
//! which keys a list on it names. Pure; the prompts are data.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde::{Deserialize, Serialize};

use super::view::ScreenText;
use crate::domain::untrusted::printable;

/// The longest line that is looked at, in bytes; a longer one is no prompt.
const LONGEST: usize = 512;
/// How many keys of a list are told.
const MOST_KEYS: usize = 200;
/// Lines above a login prompt in which a refused login is looked for.
const NEAR: usize = 6;

/// What kind of prompt waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PromptKind {
    /// Whoever is there has to say who they are.
    Login,
    /// A secret is wanted; what is typed is not shown.
    Password,
    /// A shell takes commands.
    Shell,
    /// A boot loader or an emergency shell takes commands.
    Rescue,
    /// A question with yes and no.
    Question,
}

/// A prompt that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// Its name in `assets/console/prompts.yml`.
    pub name: String,
    /// Its kind.
    pub kind: PromptKind,
    /// The machine it names.
    pub host: Option<String>,
    /// The account it names.
    pub user: Option<String>,
    /// Whether it is a shell's that says that it may do everything, `#`.
    pub is_root: bool,
    /// Whether it stands there again because a login was refused.
    pub was_refused: bool,
}

/// An SSH key in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedKey {
    /// `ssh-ed25519`, or `ED25519` where the list is one of fingerprints.
    pub kind: String,
    /// The key's base64, or its fingerprint with `SHA256:` or `MD5:` before it.
    pub id: String,
    /// What is written after it; empty when nothing is.
    pub comment: String,
    /// The set it is listed in, as `update-ssh-keys -l` groups them.
    pub set: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    is: PromptKind,
    line: String,
}

struct Known {
    name: String,
    kind: PromptKind,
    line: Regex,
}

/// The prompts of the data file, or what is wrong with it.
fn read(text: &str) -> Result<Vec<Known>, String> {
    let written: Vec<Written> = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    let known = written.into_iter().map(|prompt| {
        let line = Regex::new(&prompt.line).map_err(|error| format!("{}: {error}", prompt.name))?;
        Ok(Known { name: prompt.name, kind: prompt.is, line })
    });
    known.collect()
}

const WRITTEN: &str = include_str!("../../assets/console/prompts.yml");

// A test reads the file; a release that has it wrong recognises nothing.
static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| read(WRITTEN).unwrap_or_default());

/// A public key as it stands in `authorized_keys`, options before it or not.
static KEY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:^|\s)(?P<kind>ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-nistp\d{3}|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) (?P<id>AAAA[A-Za-z0-9+/]{40,}={0,3})(?: (?P<comment>.*))?$").ok()
});
/// A line of `ssh-keygen -l`: bits, fingerprint, comment, kind.
static FINGERPRINT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^\s*\d{3,5} (?P<id>SHA256:[A-Za-z0-9+/]{43}|MD5:(?:[0-9a-f]{2}:){15}[0-9a-f]{2}) (?P<comment>.*) \((?P<kind>[A-Z0-9-]+)\)$").ok()
});

impl ScreenText {
    /// The prompt that waits at the cursor; `None` where none is recognised, and while a
    /// full-screen program has the screen.
    pub fn waits(&self) -> Option<Prompt> {
        let line = self.prompt.trim_start();
        if self.is_full_screen || line.is_empty() || line.len() > LONGEST {
            return None;
        }
        let (known, found) =
            KNOWN.iter().find_map(|it| it.line.captures(line).map(|found| (it, found)))?;
        let group = |name: &str| named(&found, name);
        Some(Prompt {
            name: known.name.clone(),
            kind: known.kind,
            host: group("host"),
            user: group("user"),
            is_root: known.kind == PromptKind::Shell && group("mark").as_deref() == Some("#"),
            was_refused: known.kind == PromptKind::Login && self.was_refused(),
        })
    }

    /// Whether a refused login stands right above the line with the cursor.
    fn was_refused(&self) -> bool {
        let shown = self.screen.iter().rev().skip_while(|line| line.trim().is_empty()).skip(1);
        let mut near = shown.filter(|line| !line.trim().is_empty()).take(NEAR);
        near.any(|line| {
            let line = line.trim().to_ascii_lowercase();
            ["login incorrect", "authentication failure", "permission denied", "login timed out"]
                .iter()
                .any(|words| line.starts_with(words))
        })
    }

    /// The SSH keys that are listed, oldest line first: lines of `authorized_keys` and of
    /// `ssh-keygen -l`, in sets where `update-ssh-keys -l` named them. A key that is listed
    /// twice is told twice.
    pub fn listed_keys(&self) -> Vec<ListedKey> {
        let (mut keys, mut set) = (Vec::new(), None);
        for line in &self.lines {
            if keys.len() == MOST_KEYS {
                break;
            }
            let line = line.trim_end();
            let found = KEY.as_ref().and_then(|key| key.captures(line));
            let found = found.or_else(|| FINGERPRINT.as_ref().and_then(|it| it.captures(line)));
            match found {
                Some(found) => keys.push(ListedKey {
                    kind: named(&found, "kind").unwrap_or_default(),
                    id: named(&found, "id").unwrap_or_default(),
                    comment: named(&found, "comment").unwrap_or_default(),
                    set: set.clone(),
                }),
                // `environment:` alone on a line begins a set; a prompt or a blank line ends it.
                None => {
                    let name = line.strip_suffix(':').filter(|name| is_set_name(name));
                    set = name.map(printable);
                }
            }
        }
        keys
    }
}

fn named(found: &Captures<'_>, name: &str) -> Option<String> {
    found.name(name).map(|part| printable(part.as_str()))
}

fn is_set_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

#[cfg(test)]
mod tests {
    use super::super::Grid;
    use super::*;

    fn shown(bytes: &str) -> ScreenText {
        let mut grid = Grid::new(80, 24, 100);
        grid.feed(bytes.as_bytes());
        grid.text(50)
    }

    fn name(bytes: &str) -> String {
        shown(bytes).waits().map_or("none".to_owned(), |prompt| prompt.name)
    }

    #[test]
    fn the_prompts_of_machines_and_switches_are_known_and_output_is_none() {
        assert!(read(WRITTEN).is_ok(), "{:?}", read(WRITTEN).err());
        for (line, wanted) in [
            ("hedgehog-control login: ", "login"),
            ("localhost login:", "login"),
            ("login: ", "login"),
            ("Username: ", "login"),
            ("Password: ", "password"),
            ("[sudo] password for core: ", "password"),
            ("core@10.0.0.5's password: ", "password"),
            ("Enter passphrase for key '/home/ops/.ssh/id_ed25519': ", "password"),
            (
                "Give root password for maintenance\r\n(or press Control-D to continue): ",
                "maintenance",
            ),
            ("grub rescue> ", "grub"),
            ("(initramfs) ", "emergency"),
            ("ONIE:/ # ", "emergency"),
            ("core@hedgehog-control ~ $ ", "login-shell"),
            ("root@gpu-01:~# ", "login-shell"),
            ("admin@leaf-01:~$ ", "login-shell"),
            ("(.venv) ops@bastion:~/site$ ", "login-shell"),
            ("[root@osd-3 ~]# ", "bracket-shell"),
            ("bash-5.2$ ", "bare-shell"),
            ("# ", "bare-shell"),
            ("leaf-01# ", "switch"),
            ("leaf-01(config-if-Ethernet1/1)#", "switch"),
            ("Continue? [y/N]", "yes-or-no"),
            ("Are you sure you want to continue connecting (yes/no/[fingerprint])? ", "host-key"),
            // What is typed, what is printed, what is being waited for.
            ("core@hedgehog-control ~ $ ls", "none"),
            ("Last login: Tue Nov 11 10:00:01 from 10.0.0.5", "none"),
            ("[    2.529882] Run /init as init process", "none"),
            ("ok: [gpu-01]", "none"),
            ("progress: 100%", "none"),
            ("", "none"),
        ] {
            assert_eq!(name(line), wanted, "{line:?}");
        }
        assert_eq!(name("\u{1b}[?1049h\u{1b}[H# "), "none", "an editor is no shell");
        assert_eq!(name("root@gpu-01:~# \r\n"), "none", "Enter was pressed");
        assert_eq!(name(&"x".repeat(5000)), "none");
    }

    #[test]
    fn a_prompt_tells_who_and_where_and_whether_a_login_was_refused() {
        let shell =
            shown("\u{1b}[01;32mroot@gpu-01\u{1b}[0m:\u{1b}[34m~\u{1b}[0m# ").waits().unwrap();
        assert_eq!((shell.user.as_deref(), shell.host.as_deref()), (Some("root"), Some("gpu-01")));
        assert!(shell.is_root && shell.kind == PromptKind::Shell);
        let first = shown("\r\nhh-1 login: ").waits().unwrap();
        assert_eq!((first.host.as_deref(), first.was_refused), (Some("hh-1"), false));
        let again = "hh-1 login: core\r\nPassword: \r\nLogin incorrect\r\nhh-1 login: ";
        assert!(shown(again).waits().unwrap().was_refused);
        let later = format!("Login incorrect\r\n{}hh-1 login: ", "[ 1.0] boot\r\n".repeat(8));
        assert!(!shown(&later).waits().unwrap().was_refused);
    }

    #[test]
    fn listed_keys_are_found_however_the_screen_wrapped_them() {
        let body = "A".repeat(64);
        let listing = format!(
            "$ cat authorized_keys\r\n# auto-generated by update-ssh-keys\r\nssh-ed25519 AAAAC3{body} ops@bastion\r\n\
             from=\"10.0.0.0/8\" ssh-rsa AAAAB3{} installer key of rack 7\r\nnot ssh-rsa a key\r\n$ ",
            "Bc/+".repeat(90)
        );
        let keys = shown(&listing).listed_keys();
        let told: Vec<_> =
            keys.iter().map(|key| (key.kind.as_str(), key.comment.as_str())).collect();
        assert_eq!(told, [("ssh-ed25519", "ops@bastion"), ("ssh-rsa", "installer key of rack 7")]);
        assert_eq!(keys[1].id.len(), 6 + 360);
        let print = "q".repeat(43);
        let listed = format!(
            "All keys for core:\r\nenvironment:\r\n256 SHA256:{print} ops@bastion (ED25519)\r\n\
             installer:\r\n3072 SHA256:{print} no comment (RSA)\r\n\r\n256 SHA256:{print} x (ED25519)\r\n"
        );
        let keys = shown(&listed).listed_keys();
        let sets: Vec<_> = keys.iter().map(|key| key.set.as_deref()).collect();
        assert_eq!(sets, [Some("environment"), Some("installer"), None]);
        assert_eq!(keys[0].id, format!("SHA256:{print}"));
    }
}
