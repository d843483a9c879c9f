//! Files that are there whole or not at all, and readable by their owner alone
//! unless they say otherwise.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Mode of what only its owner may read.
pub const PRIVATE: u32 = 0o600;

/// The mode of a file that is for its owner and its group.
pub const GROUP: u32 = 0o660;

/// Mode of what was asked for by name; the umask takes its share.
pub const SHARED: u32 = 0o666;

/// Writes a file beside its place and puts it there when all of it is on the
/// disk. When anything fails, an older file of that name is untouched and
/// nothing new is left. What lies under the draft's name, a leftover or a link
/// that somebody put there, is removed and never written through. What is no regular file (`/dev/stdout`) is written to directly.
///
/// # Errors
/// What the disk says.
pub fn write(path: &Path, mode: u32, content: &[u8]) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|meta| !meta.is_file() && !meta.is_dir()) {
        return fs::OpenOptions::new().write(true).open(path)?.write_all(content);
    }
    // A link stays a link: the file that it names is replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let draft = draft_of(&target)?;
    let result = (|| {
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file =
            fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&draft)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&draft, &target)
    })();
    if result.is_err() {
        // It may never have come to be; the error above is the one to tell.
        let _ = fs::remove_file(&draft);
    }
    result
}

fn draft_of(target: &Path) -> io::Result<PathBuf> {
    let name = target.file_name().ok_or(io::ErrorKind::IsADirectory)?;
    let mut draft = std::ffi::OsString::from(".");
    draft.push(name);
    draft.push(format!(".{}", std::process::id()));
    Ok(target.with_file_name(draft))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_is_replaced_whole_and_a_link_stays_a_link() {
        let scratch = tempfile::tempdir().unwrap();
        let (file, link) = (scratch.path().join("picture.svg"), scratch.path().join("link"));
        fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write(&link, SHARED, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(names(scratch.path()).len(), 2, "{:?}", names(scratch.path()));
    }

    #[test]
    fn a_link_under_the_drafts_name_is_not_written_through() {
        let scratch = tempfile::tempdir().unwrap();
        let (file, victim) = (scratch.path().join("look"), scratch.path().join("victim"));
        fs::write(&victim, "mine").unwrap();
        std::os::unix::fs::symlink(&victim, draft_of(&file).unwrap()).unwrap();
        write(&file, PRIVATE, b"dark").unwrap();
        assert_eq!(fs::read(&victim).unwrap(), b"mine");
        assert!(!fs::symlink_metadata(&file).unwrap().is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"dark");
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing_behind() {
        let scratch = tempfile::tempdir().unwrap();
        fs::create_dir(scratch.path().join("taken")).unwrap();
        assert!(write(&scratch.path().join("taken"), SHARED, b"x").is_err());
        assert!(write(&scratch.path().join("no/such"), SHARED, b"x").is_err());
        assert_eq!(names(scratch.path()), ["taken"]);
    }

    #[test]
    fn a_full_device_says_so() {
        let error = write(Path::new("/dev/full"), SHARED, b"x").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
