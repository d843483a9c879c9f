//! Where runs live: `STATE/runs/N` with journal, output and socket, and
//! `STATE/lease`. Private to the account, or open to the group that the site
//! shares with.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, Gid, fchown, flock};

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
        if !runs.is_dir() {
            self.make_directory(&runs)?;
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

    /// Makes a folder with the right owner and mode.
    ///
    /// # Errors
    /// What the disk says.
    pub fn make_directory(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)?;
        self.fit(&File::open(path)?, if self.group.is_some() { 0o2770 } else { 0o700 })
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
                OpenOptions::new().read(true).append(true).open(path)
            }
            Err(error) => Err(error),
        }
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
        let directory = self.directory(run);
        let unreadable = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => RunTrouble::Missing(run),
            _ => RunTrouble::Unreadable { run, why: error.to_string() },
        };
        let file = File::open(directory.join("journal.jsonl")).map_err(unreadable)?;
        let owner = file.metadata().map_err(unreadable)?;
        let me = rustix::process::geteuid().as_raw();
        let is_shared = self.group.is_some_and(|group| owner.gid() == group);
        if owner.uid() != me && !is_shared {
            return Err(RunTrouble::Foreign { run, owner: owner.uid() });
        }
        // The writer holds this lock for as long as it lives. Asked before the
        // lines are read, so that an end written in between is not missed.
        let has_runner = flock(&file, FlockOperation::NonBlockingLockShared).is_err();
        drop(file);
        let bytes = fs::read(directory.join("journal.jsonl")).map_err(unreadable)?;
        let read = match journal::read(&bytes) {
            Ok(read) => read,
            Err((trouble, _)) => return Err(RunTrouble::Journal { run, trouble }),
        };
        let mut state = journal::fold(&read.entries);
        state.id = run;
        if read.torn > 0 && !has_runner {
            state.notes.push(format!(
                "the last line of the journal was torn while it was written; {} bytes of it were dropped",
                read.torn
            ));
        }
        let output = fs::metadata(directory.join("output")).map_or(0, |meta| meta.len());
        Ok(Known { run: state, has_runner, output })
    }
}
