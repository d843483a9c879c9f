//! What to type to try the failed hosts again.

use super::outline::{Kind, Outline, Play, State, Task};

/// Arguments for `ansible-playbook` that repeat what failed, and their limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rerun {
    /// `--limit … --start-at-task …`, quoted for a POSIX shell.
    pub arguments: String,
    /// What the arguments cannot do, or `None`.
    pub caution: Option<&'static str>,
}

/// A word as a POSIX shell takes it: quoted where it must be.
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.,:/@%+=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

impl Outline {
    /// Hosts that are out at the end of run `run`, in the order in which they fell.
    pub fn lost_hosts(&self, run: u32) -> Vec<u32> {
        let mut lost = Vec::new();
        for play in self.plays.iter().filter(|play| play.run == run) {
            for result in play.tasks.iter().flat_map(|task| &task.hosts) {
                if result.state.is_bad() && !lost.contains(&result.host) && lost.len() < 1000 {
                    lost.push(result.host);
                }
            }
        }
        lost
    }

    /// The first task of the last run in which a host failed for good; else where one was unreachable.
    pub fn failing(&self) -> Option<(&Play, &Task)> {
        let run = self.plays.last()?.run;
        let bad = |task: &Task, state: State| {
            task.hosts.iter().any(|host| host.state == state && !host.went_on)
        };
        let first = |state| self.tasks().find(|(play, task)| play.run == run && bad(task, state));
        first(State::Failed).or_else(|| first(State::Unreachable))
    }

    /// How to try the lost hosts again from the task at which they fell.
    pub fn rerun(&self) -> Option<Rerun> {
        let (play, task) = self.failing()?;
        let mut lost = self.lost_hosts(play.run);
        // Only those that fell here: others fell earlier or later and need another start.
        lost.retain(|host| {
            task.hosts.iter().any(|result| result.host == *host && result.state.is_bad())
        });
        let names: Vec<&str> = lost.iter().map(|host| self.host(*host)).collect();
        let limit = format!("--limit {}", shell_word(&names.join(",")));
        let after_include = play
            .tasks
            .iter()
            .any(|earlier| earlier.kind == Kind::Include && earlier.number < task.number);
        let title = task.title();
        let (start, caution) = match task.kind {
            Kind::Handler => (false, Some("a handler cannot be started at: everything runs again")),
            _ if task.name == "Gathering Facts" => (false, None),
            _ if title.ends_with('~') && title.chars().count() > 400 => {
                (false, Some("the name of the task is too long to start at"))
            }
            _ if after_include => (
                true,
                Some(
                    "if the task comes from an included file, or its name from a template, start at the task that includes it",
                ),
            ),
            _ => (true, None),
        };
        let arguments =
            if start { format!("{limit} --start-at-task {}", shell_word(&title)) } else { limit };
        Some(Rerun { arguments, caution })
    }
}

#[cfg(test)]
mod tests {
    use super::shell_word;

    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!(shell_word("node-001,node-002"), "node-001,node-002");
        assert_eq!(shell_word("OSD creation"), "'OSD creation'");
        assert_eq!(shell_word("the node's $HOME `x`"), "'the node'\\''s $HOME `x`'");
        assert_eq!(shell_word(""), "''");
    }
}
