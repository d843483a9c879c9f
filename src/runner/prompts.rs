//! Prompts at which a command waits for a person, by name, from a data file.

use std::collections::BTreeMap;
use std::path::Path;

use regex::Regex;
use serde::Deserialize;

use crate::domain::untrusted::printable;

/// The prompts that come with the program.
const BUILT_IN: &str = include_str!("../../assets/prompts.yml");

/// The site's own, in its directory.
pub const FILE_NAME: &str = "prompts.yml";

/// The longest line that is looked at, in bytes; longer ones are no prompts.
pub const LONGEST: usize = 512;

/// Whether a prompt hides what is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Echo {
    Off,
    Any,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    line: String,
    echo: Echo,
}

/// A prompt that stands on the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// The line, made safe to show.
    pub text: String,
    /// Whether the terminal hides what is typed for it.
    pub hides: bool,
}

/// The prompts that are known.
#[derive(Debug, Default)]
pub struct Prompts {
    known: Vec<(String, Regex, Echo)>,
}

impl Prompts {
    /// Those of the program, overridden and added to by the site's; and what is wrong with the site's file.
    pub fn load(site: &Path) -> (Prompts, Option<String>) {
        let mut known = BTreeMap::new();
        // Ours is read by a test.
        let _ = read(BUILT_IN, &mut known);
        let file = site.join(FILE_NAME);
        let trouble = match std::fs::read_to_string(&file) {
            Ok(text) => read(&text, &mut known).err(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => Some(error.to_string()),
        };
        let trouble = trouble.map(|why| format!("{}: {}", file.display(), printable(&why)));
        let mut known: Vec<_> =
            known.into_iter().map(|(name, (line, echo))| (name, line, echo)).collect();
        // The catch-all comes last.
        known.sort_by_key(|(name, ..)| name == "password");
        (Prompts { known }, trouble)
    }

    /// The prompt that this unfinished line is. `hides` says that the terminal shows nothing of what is typed.
    pub fn find(&self, line: &[u8], hides: bool) -> Option<Found> {
        if line.is_empty() || line.len() > LONGEST {
            return None;
        }
        // Only what stands there: a carriage return begins the line anew.
        let shown = line.rsplit(|byte| *byte == b'\r').find(|part| !part.is_empty())?;
        let text = printable(&String::from_utf8_lossy(shown));
        let (name, ..) = self
            .known
            .iter()
            .find(|(_, line, echo)| (*echo == Echo::Any || hides) && line.is_match(&text))?;
        Some(Found { name: name.clone(), text, hides })
    }
}

fn read(text: &str, into: &mut BTreeMap<String, (Regex, Echo)>) -> Result<(), String> {
    let written: BTreeMap<String, Written> =
        serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    for (name, prompt) in written {
        let line = Regex::new(&prompt.line).map_err(|error| format!("{name}: {error}"))?;
        into.insert(name, (line, prompt.echo));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prompts_of_the_trade_are_known_by_name() {
        let scratch = tempfile::tempdir().unwrap();
        let (prompts, trouble) = Prompts::load(scratch.path());
        assert_eq!(trouble, None);
        for (line, name) in [
            ("Vault password: ", "vault-password"),
            ("Vault password (prod): ", "vault-password"),
            ("New Vault password: ", "new-vault-password"),
            ("SSH password: ", "ssh-password"),
            ("root@gpu-01's password: ", "ssh-password"),
            ("BECOME password[defaults to SSH password]: ", "become-password"),
            ("[sudo] password for eve: ", "sudo-password"),
            ("Enter passphrase for key '/home/ops/.ssh/id_ed25519': ", "key-passphrase"),
            ("Password: ", "password"),
        ] {
            let found = prompts.find(line.as_bytes(), true).map(|found| found.name);
            assert_eq!(found.as_deref(), Some(name), "{line}");
            assert_eq!(prompts.find(line.as_bytes(), false), None, "{line} while typing is shown");
        }
        let question = b"Are you sure you want to continue connecting (yes/no/[fingerprint])? ";
        assert_eq!(prompts.find(question, false).unwrap().name, "host-key");
        assert_eq!(prompts.find(b"ok: [gpu-01]", true), None);
        assert_eq!(prompts.find(&[b'x'; 600], true), None);
        let found = prompts.find(b"50%\r\x1b[1mPassword:\x1b[0m ", true).unwrap();
        assert_eq!(found.text, "Password:");
    }

    #[test]
    fn a_site_adds_and_overrides_and_its_mistakes_are_said() {
        let scratch = tempfile::tempdir().unwrap();
        let file = scratch.path().join(FILE_NAME);
        std::fs::write(&file, "token:\n  line: 'Token> $'\n  echo: any\n").unwrap();
        let (prompts, trouble) = Prompts::load(scratch.path());
        // What stands at the end of a line is trimmed before it is looked at.
        assert_eq!((trouble, prompts.find(b"Token> ", false)), (None, None));
        std::fs::write(&file, "token:\n  line: 'Token>$'\n  echo: any\n").unwrap();
        let (prompts, _) = Prompts::load(scratch.path());
        assert_eq!(prompts.find(b"Token> ", false).unwrap().name, "token");
        assert!(prompts.find(b"Vault password: ", true).is_some());
        std::fs::write(&file, "token:\n  line: '('\n  echo: any\n").unwrap();
        let (prompts, trouble) = Prompts::load(scratch.path());
        assert!(trouble.unwrap().contains("prompts.yml: token"), "named");
        assert!(prompts.find(b"Vault password: ", true).is_some());
    }
}
