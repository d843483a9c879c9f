//! Whether the kernel killed something because memory had run out.

use std::fs;
use std::path::{Path, PathBuf};

/// Where the kernel counts the kills of a control group.
#[derive(Debug, Clone)]
pub struct KillCount {
    file: PathBuf,
    before: u64,
}

impl KillCount {
    /// Starts counting in the control groups that `groups` (a `/proc/PID/cgroup`) names;
    /// `None` where the kernel does not count.
    pub fn start(groups: &str) -> Option<KillCount> {
        KillCount::start_below(groups, Path::new("/sys/fs/cgroup"))
    }

    fn start_below(groups: &str, mount: &Path) -> Option<KillCount> {
        let candidates = groups.lines().filter_map(|line| {
            let mut parts = line.splitn(3, ':');
            let (_, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
            let path = path.trim_start_matches('/');
            match controllers {
                "" => Some(mount.join(path).join("memory.events")),
                "memory" => Some(mount.join("memory").join(path).join("memory.oom_control")),
                _ => None,
            }
        });
        let mut found = candidates.filter_map(|file| count(&file).map(|before| (file, before)));
        found.next().map(|(file, before)| KillCount { file, before })
    }

    /// Whether something was killed since.
    pub fn rose(&self) -> bool {
        count(&self.file).is_some_and(|now| now > self.before)
    }
}

fn count(file: &Path) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    text.lines().find_map(|line| line.strip_prefix("oom_kill "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kill_is_told_from_none_in_both_hierarchies() {
        for (groups, file) in [
            ("0::/user.slice/run.scope\n", "user.slice/run.scope/memory.events"),
            ("4:memory:/run\n0::/\n", "memory/run/memory.oom_control"),
        ] {
            let scratch = tempfile::tempdir().unwrap();
            let file = scratch.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, "oom 3\noom_kill 2\nunder_oom 0\n").unwrap();
            let count = KillCount::start_below(groups, scratch.path()).unwrap();
            assert!(!count.rose());
            fs::write(&file, "oom 4\noom_kill 3\nunder_oom 0\n").unwrap();
            assert!(count.rose());
        }
        assert!(KillCount::start_below("0::/x\n", Path::new("/nonexistent")).is_none());
    }
}
