//! Who writes the history of a site: one console at a time; the others read.

use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

use super::schema;

/// The right to write; given back when it is dropped or the process ends.
#[derive(Debug)]
pub struct Lease {
    /// Held open: the lock lives as long as this does.
    _file: File,
}

/// Why there is no lease.
#[derive(Debug)]
pub enum NoLease {
    /// Another console has it; its process id where it can be read.
    Taken(Option<u32>),
    /// The lock file cannot be used.
    Trouble(std::io::Error),
}

impl Lease {
    /// Takes the lease of the history in this file's place, if nobody has it.
    ///
    /// # Errors
    /// When another process has it, or the lock file cannot be made.
    pub fn take(lock: &Path) -> Result<Lease, NoLease> {
        let mut file = schema::open_or_make(lock).map_err(NoLease::Trouble)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let mut text = String::new();
                let read = file.read_to_string(&mut text);
                let pid = read.ok().and_then(|_| text.trim().parse().ok());
                return Err(NoLease::Taken(pid));
            }
            Err(error) => return Err(NoLease::Trouble(error.into())),
        }
        // Only for people who ask who has it; on a full disk the lock still holds.
        let _ = file.set_len(0).and_then(|()| file.rewind());
        let _ = writeln!(file, "{}", std::process::id());
        Ok(Lease { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_the_lease_until_it_lets_go() {
        let scratch = tempfile::tempdir().unwrap();
        let lock = scratch.path().join("history.lock");
        let first = Lease::take(&lock).unwrap();
        match Lease::take(&lock) {
            Err(NoLease::Taken(pid)) => assert_eq!(pid, Some(std::process::id())),
            other => panic!("{other:?}"),
        }
        drop(first);
        Lease::take(&lock).unwrap();
    }
}
