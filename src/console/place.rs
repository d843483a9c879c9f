//! Where a console goes.

use serde::{Deserialize, Serialize};

use crate::domain::endpoint::{BmcEndpoint, SshEndpoint};

/// The other end of a console; plain data, no secrets.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "place", content = "with")]
pub enum Place {
    /// A program on this machine; the user's shell when none is named.
    Local(Vec<String>),
    /// The login shell on a host.
    Ssh(SshEndpoint),
    /// The console of a virtual machine, through `virsh console` on its hypervisor.
    Virsh {
        /// The hypervisor.
        on: SshEndpoint,
        /// The name the hypervisor knows the machine by.
        domain: String,
    },
    /// A serial line.
    Serial {
        /// The machine it is plugged into; this one when `None`.
        on: Option<SshEndpoint>,
        /// Its name under `/dev/serial/by-id`, or a path.
        line: String,
        /// Its speed in bits per second.
        baud: u32,
        /// What is at its other end.
        what: String,
    },
    /// A console that a run holds, and that goes on when the screen ends.
    InRun {
        /// The run.
        run: u64,
        /// Its number in the run, once it has one.
        console: Option<u64>,
        /// What it is called there.
        name: String,
        /// Where it is to go, when it is opened from here.
        to: Option<Box<Place>>,
    },
    /// The terminal of a run's command, which the run's runner holds.
    Run {
        /// The run.
        run: u64,
        /// What the person is called who comes to it.
        by: String,
    },
    /// A recording, played as if it happened now.
    Replay(std::path::PathBuf),
    /// Serial over LAN of a management controller.
    Sol {
        /// The machine it belongs to.
        name: String,
        /// How the controller is reached.
        bmc: BmcEndpoint,
    },
}

/// The speed of a serial line that nothing is said about.
pub const BAUD: u32 = 115_200;

impl Place {
    /// What the console is called: `bastion`, `virsh hedgehog-control on rb0`.
    pub fn name(&self) -> String {
        match self {
            Place::Local(program) => match program.first() {
                Some(program) => program.clone(),
                None => "this machine".to_owned(),
            },
            Place::Ssh(host) => host.name.clone(),
            Place::Virsh { on, domain } => format!("{domain} (virsh on {})", on.name),
            Place::Serial { on, line, what, .. } => {
                let what = if what.is_empty() { short(line) } else { what };
                match on {
                    Some(on) => format!("{what} (serial on {})", on.name),
                    None => format!("{what} (serial)"),
                }
            }
            Place::Sol { name, .. } => format!("{name} (SOL)"),
            Place::InRun { run, name, .. } => format!("{name} in run {run}"),
            Place::Run { run, .. } => format!("run {run}"),
            Place::Replay(path) => {
                format!("replay {}", path.file_name().unwrap_or_default().to_string_lossy())
            }
        }
    }

    /// How it is reached, a few words: `over SSH`.
    pub fn way(&self) -> &'static str {
        match self.beyond() {
            Place::Local(_) => "a shell on this machine",
            Place::Ssh(_) => "a shell over SSH",
            Place::Virsh { .. } => "the virtual machine's console",
            Place::Serial { .. } => "a serial line",
            Place::Sol { .. } => "serial over LAN",
            Place::InRun { .. } => "a console of a run",
            Place::Run { .. } => "the terminal of a run",
            Place::Replay(_) => "a recording",
        }
    }

    /// Keys the line itself keeps for leaving, which the operator should know.
    pub fn leaving_keys(&self) -> Option<&'static str> {
        match self.beyond() {
            Place::Sol { .. } => Some("~. leaves SOL"),
            _ => None,
        }
    }

    /// The run whose terminal it is.
    pub fn own_run(&self) -> Option<u64> {
        match self {
            Place::Run { run, .. } => Some(*run),
            _ => None,
        }
    }

    /// Whether the other side says nothing until Enter is pressed.
    pub fn is_quiet(&self) -> bool {
        matches!(self.beyond(), Place::Virsh { .. } | Place::Serial { .. } | Place::Sol { .. })
    }

    /// The same place, opened in a run.
    pub fn in_run(self, run: u64) -> Place {
        let name = self.name();
        Place::InRun { run, console: None, name, to: Some(Box::new(self)) }
    }

    /// Where it goes, whether a run holds it or not; a console of a run that
    /// was opened elsewhere is only that.
    pub fn beyond(&self) -> &Place {
        match self {
            Place::InRun { to: Some(to), .. } => to.beyond(),
            _ => self,
        }
    }

    /// The run that holds the console, where that is not this screen.
    pub fn run(&self) -> Option<u64> {
        match self {
            Place::InRun { run, .. } => Some(*run),
            _ => None,
        }
    }
}

/// A line's name without the directory.
fn short(line: &str) -> &str {
    line.rsplit('/').next().unwrap_or(line)
}

/// A word for a POSIX shell, quoted so that nothing in it means anything.
pub fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_of_the_shell_and_nothing_else() {
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("x'; rm -rf /; '"), "'x'\\''; rm -rf /; '\\'''");
    }
}
