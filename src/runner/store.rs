//! Where runs live: `STATE/runs/N` with journal, output and socket, and
//! `STATE/lease`. Private to the account, or open to the group that the site
//! shares with.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, Gid, OFlags, fchown, flock};

use crate::install::journal::{self, Run, Trouble};

use super::machine;

/// The runs of a site.
#[derive(Debug, Clone)]
pub struct Runs {
    state: PathBuf,
    group: Option<u32>,
}

/// Why a run cannot be read: one sentence each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunTrouble {
    /// There is no such run.
    #[error("there is no run {0} here; `shopfloor run list` names those there are")]
    Missing(u64),
    /// Its journal belongs to somebody else.
    #[error(
        "the journal of run {run} belongs to another user (uid {owner}); it is not trusted. Sites whose \
         operators have accounts of their own set `sharing: {{group: NAME}}` in shopfloor.yml"
    )]
    Foreign {
        /// The run.
        run: u64,
        /// Whose it is.
        owner: u32,
    },
    /// Its journal cannot be trusted.
    #[error("run {run}: {trouble}")]
    Journal {
        /// The run.
        run: u64,
        /// What is wrong with it.
        trouble: Trouble,
    },
    /// It cannot be read.
    #[error("run {run} cannot be read: {why}")]
    Unreadable {
        /// The run.
        run: u64,
        /// What the system says.
        why: String,
    },
}

/// A run as it is now.
#[derive(Debug, Clone)]
pub struct Known {
    /// What its journal says.
    pub run: Run,
    /// Whether its runner lives.
    pub has_runner: bool,
    /// Bytes of its output file.
    pub output: u64,
    /// Whose journal it is: the account of its runner.
    pub owner: u32,
}

impl Known {
    /// Its state in one word.
    pub fn word(&self) -> journal::RunWord {
        self.run.word(self.has_runner)
    }

    /// Why nobody knows how it ended, where that is so.
    pub fn why_unknown(&self) -> Option<String> {
        if self.word() != journal::RunWord::Unknown {
            return None;
        }
        if let Some(host) = self.run.goes_on_at() {
            return Some(format!(
                "its runner is gone; what it started on {host} goes on there by itself: `shopfloor attach {}` \
                 fetches it",
                self.run.id
            ));
        }
        Some(match self.run.ending() {
            Some(journal::Ending::Unknown { why }) => why.clone(),
            _ if self.run.boot != machine::boot_id() => {
                "the machine was started again while it ran; nobody saw how it ended".to_owned()
            }
            _ => "its runner was killed; nobody saw how it ended".to_owned(),
        })
    }
}

impl Runs {
    /// The runs below this state directory, which is there already. With a
    /// group, files and folders are open to it.
    pub fn at(state: &Path, group: Option<u32>) -> Runs {
        Runs { state: state.to_path_buf(), group }
    }

    /// The state directory.
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// The group that everything is shared with.
    pub fn group(&self) -> Option<u32> {
        self.group
    }

    /// The folder of a run.
    pub fn directory(&self, run: u64) -> PathBuf {
        self.state.join("runs").join(run.to_string())
    }

    /// The lock that says who may act.
    pub fn lease_path(&self) -> PathBuf {
        self.state.join("lease")
    }

    /// The index, which can be made again from the journals.
    pub fn index_path(&self) -> PathBuf {
        self.state.join("runs.sqlite")
    }

    /// Eight hexadecimal digits that stand for this site in the ids of its attempts.
    pub fn mark(&self) -> String {
        use sha2::Digest as _;
        let whole = self.state.canonicalize().unwrap_or_else(|_| self.state.clone());
        let digest = sha2::Sha256::digest(whole.as_os_str().as_encoded_bytes());
        digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The mode of files: for the owner, or for the group too.
    pub fn file_mode(&self) -> u32 {
        if self.group.is_some() { 0o660 } else { 0o600 }
    }

    /// The numbers of all runs, newest first.
    pub fn ids(&self) -> Vec<u64> {
        let Ok(entries) = fs::read_dir(self.state.join("runs")) else { return Vec::new() };
        let mut ids: Vec<u64> = entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect();
        ids.sort_unstable_by(|a, b| b.cmp(a));
        ids
    }

    /// Makes the folder of the next run; whoever holds the lease may.
    ///
    /// # Errors
    /// What the disk says.
    pub fn create_next(&self) -> io::Result<u64> {
        let runs = self.state.join("runs");
        match fs::symlink_metadata(&runs) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => return Err(io::Error::other(format!("{} is no directory", runs.display()))),
            Err(_) => self.make_directory(&runs)?,
        }
        let mut next = self.ids().first().copied().unwrap_or(0) + 1;
        loop {
            match self.make_directory(&self.directory(next)) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => next += 1,
                Err(error) => return Err(error),
                Ok(()) => return Ok(next),
            }
        }
    }

    /// The mode of folders: for the owner, or for the group too. What is in a
    /// shared one is moved and removed by its owner only.
    pub fn directory_mode(&self) -> u32 {
        if self.group.is_some() { 0o3770 } else { 0o700 }
    }

    /// Closes folders of this account that were made before what is in a shared
    /// one could be moved and removed by its owner only.
    pub fn tighten(&self) {
        let Some(group) = self.group else { return };
        let me = rustix::process::geteuid().as_raw();
        let runs = self.state.join("runs");
        let all = self.ids().into_iter().map(|id| self.directory(id));
        for folder in std::iter::once(runs).chain(all) {
            let Ok(opened) = open_directory(&folder) else { continue };
            let is_old = opened.metadata().is_ok_and(|found| {
                found.uid() == me && found.gid() == group && found.mode() & 0o7777 == 0o2770
            });
            if is_old {
                // One that stays open is refused when it is read.
                let _ = self.fit(&opened, self.directory_mode());
            }
        }
    }

    /// Whether others of the group may replace what is in this folder.
    fn is_loose(&self, folder: &Path) -> io::Result<bool> {
        let mode = open_directory(folder)?.metadata()?.mode();
        Ok(self.group.is_some() && mode & 0o020 != 0 && mode & 0o1000 == 0)
    }

    /// Makes a folder with the right owner and mode.
    ///
    /// # Errors
    /// What the disk says.
    pub fn make_directory(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)?;
        self.fit(&open_directory(path)?, self.directory_mode())
    }

    /// Opens a file to append to, making it with the right owner and mode.
    ///
    /// # Errors
    /// What the disk says.
    pub fn open_to_append(&self, path: &Path) -> io::Result<File> {
        let made =
            OpenOptions::new().read(true).append(true).create_new(true).mode(0o600).open(path);
        match made {
            Ok(file) => {
                self.fit(&file, self.file_mode())?;
                Ok(file)
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.ours(OpenOptions::new().append(true), path)
            }
            Err(error) => Err(error),
        }
    }

    /// Opens a file that is there to read it.
    ///
    /// # Errors
    /// What the disk says, or that it is not one of ours.
    pub fn open_to_read(&self, path: &Path) -> io::Result<File> {
        self.ours(&mut OpenOptions::new(), path)
    }

    /// Opens a file that is there, if it is one of ours: no link of any kind, and
    /// the owner's own or the group's. In a shared folder anybody can put something in its place.
    fn ours(&self, how: &mut OpenOptions, path: &Path) -> io::Result<File> {
        let file = open_unfollowed(how, path)?;
        let found = file.metadata()?;
        let is_mine = found.uid() == rustix::process::geteuid().as_raw();
        let is_shared = self.group.is_some_and(|group| found.gid() == group);
        // A file that was just removed has no name at all.
        if found.nlink() > 1 || !(is_mine || is_shared) {
            return Err(io::Error::other(format!(
                "{} is not a file of this site's runs (owner {}, {} names); remove it",
                path.display(),
                found.uid(),
                found.nlink()
            )));
        }
        Ok(file)
    }

    /// Gives something of ours its group and mode, whatever the umask is.
    ///
    /// # Errors
    /// What the disk says.
    pub fn fit(&self, file: &File, mode: u32) -> io::Result<()> {
        if let Some(group) = self.group
            && file.metadata()?.gid() != group
        {
            fchown(file, None, Some(Gid::from_raw(group)))?;
        }
        file.set_permissions(fs::Permissions::from_mode(mode))
    }

    /// The journal of a run: what is in it, and whether its writer lives.
    ///
    /// # Errors
    /// Why it cannot be read or trusted.
    pub fn read(&self, run: u64) -> Result<Known, RunTrouble> {
        let (read, has_runner, owner) = self.journal(run)?;
        let mut state = journal::fold(&read.entries);
        state.id = run;
        if read.torn > 0 && !has_runner {
            state.notes.push(format!(
                "the last line of the journal was torn while it was written; {} bytes of it were dropped",
                read.torn
            ));
        }
        let output = fs::symlink_metadata(self.directory(run).join("output"));
        Ok(Known { run: state, has_runner, output: output.map_or(0, |meta| meta.len()), owner })
    }

    /// The lines of a run's journal.
    ///
    /// # Errors
    /// As [`Runs::read`].
    pub fn entries(&self, run: u64) -> Result<Vec<journal::Entry>, RunTrouble> {
        Ok(self.journal(run)?.0.entries)
    }

    /// What stands in a journal, whether its writer lives, and whose it is.
    fn journal(&self, run: u64) -> Result<(journal::Read, bool, u32), RunTrouble> {
        let directory = self.directory(run);
        let unreadable = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => RunTrouble::Missing(run),
            _ => RunTrouble::Unreadable { run, why: error.to_string() },
        };
        if self.is_loose(&directory).map_err(unreadable)? {
            return Err(RunTrouble::Unreadable {
                run,
                why: format!(
                    "everybody of the group may replace what is in {0}, so it is not trusted; `chmod 3770 {0}` by \
                     its owner mends that, and so does any `shopfloor run list` of theirs",
                    directory.display()
                ),
            });
        }
        let mut file = open_unfollowed(&mut OpenOptions::new(), &directory.join("journal.jsonl"))
            .map_err(unreadable)?;
        let owner = file.metadata().map_err(unreadable)?;
        let me = rustix::process::geteuid().as_raw();
        let is_shared = self.group.is_some_and(|group| owner.gid() == group);
        if owner.uid() != me && !is_shared {
            return Err(RunTrouble::Foreign { run, owner: owner.uid() });
        }
        // The writer holds this lock for as long as it lives. Asked before the
        // lines are read, so that an end written in between is not missed.
        let has_runner = flock(&file, FlockOperation::NonBlockingLockShared).is_err();
        // Not for longer than the question takes; where there is a runner nothing was locked.
        let _ = flock(&file, FlockOperation::Unlock);
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(unreadable)?;
        let read = match journal::read(&bytes) {
            Ok(read) => read,
            Err((trouble, _)) => return Err(RunTrouble::Journal { run, trouble }),
        };
        Ok((read, has_runner, owner.uid()))
    }
}

/// Opens a folder, and no link to one.
///
/// # Errors
/// What the disk says.
pub fn open_directory(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::DIRECTORY).bits();
    OpenOptions::new().read(true).custom_flags(flags.cast_signed()).open(path)
}

/// Opens a regular file that is there, and no link to one.
///
/// # Errors
/// What the disk says, or that it is something else.
pub fn open_unfollowed(how: &mut OpenOptions, path: &Path) -> io::Result<File> {
    // Opening a pipe would wait for its other end.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
    let other = |what: &str| {
        io::Error::other(format!("{} is {what}, no file of a run; remove it", path.display()))
    };
    let file = match how.read(true).custom_flags(flags.cast_signed()).open(path) {
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            return Err(other("a symbolic link"));
        }
        opened => opened?,
    };
    if !file.metadata()?.is_file() {
        return Err(other("something else"));
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_written_through_a_link_or_into_a_pipe() {
        let scratch = tempfile::tempdir().unwrap();
        let runs = Runs::at(scratch.path(), None);
        let precious = scratch.path().join("precious");
        fs::write(&precious, "keep me").unwrap();
        let place = runs.lease_path();
        let refused = |why: &str| {
            let error = runs.open_to_append(&place).unwrap_err().to_string();
            assert!(error.contains(why) && error.contains("remove it"), "{error}");
            assert!(runs.open_to_read(&place).is_err());
            assert!(super::super::lease::Lease::take(&runs, None).is_err());
            fs::remove_file(&place).unwrap();
        };
        std::os::unix::fs::symlink(&precious, &place).unwrap();
        refused("a symbolic link");
        fs::hard_link(&precious, &place).unwrap();
        refused("2 names");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &place,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RWXU,
            0,
        )
        .unwrap();
        refused("something else");
        assert_eq!(fs::read_to_string(&precious).unwrap(), "keep me");
        assert!(runs.open_to_append(&place).is_ok());
        assert!(runs.open_to_append(&place).is_ok(), "again, as it is there now");
        std::os::unix::fs::symlink(scratch.path(), scratch.path().join("runs")).unwrap();
        assert!(runs.create_next().is_err());
    }
}
