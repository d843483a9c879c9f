//! Where a site's records live: the XDG state directory, one folder per site.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::domain::Stamp;
use crate::runner::store::open_directory;

use super::whole_file;

/// The file that is written and removed to see whether the folder can be used.
const TRIAL: &str = "trial";

/// Held while that is done: a screen opens the folder from several threads.
static TRYING: Mutex<()> = Mutex::new(());

/// A site's folder in the state directory: only its owner may enter it.
#[derive(Debug, Clone)]
pub struct StateDir {
    path: PathBuf,
}

/// Why there is no state directory, in one sentence with what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StateTrouble(pub String);

impl StateDir {
    /// Opens or makes the folder of the site that lives in `site`.
    ///
    /// # Errors
    /// When it cannot be made or written, or belongs to another user.
    pub fn open(site: &Path) -> Result<StateDir, StateTrouble> {
        let base = base_directory()?;
        let path = base.join("sites").join(folder_name(site));
        StateDir::open_at(path)
    }

    /// Opens or makes the folder of the embedded demo site, whose directory is another one at every start.
    ///
    /// # Errors
    /// As [`StateDir::open`].
    pub fn open_demo() -> Result<StateDir, StateTrouble> {
        StateDir::open_at(base_directory()?.join("demo"))
    }

    /// Opens or makes the folder of what belongs to the user and to no site.
    ///
    /// # Errors
    /// As [`StateDir::open`].
    pub fn of_user() -> Result<StateDir, StateTrouble> {
        StateDir::open_at(base_directory()?)
    }

    /// The folder of the site that lives in `site`, if something was kept
    /// there; nothing is made or written.
    pub fn find(site: &Path) -> Option<StateDir> {
        let path = base_directory().ok()?.join("sites").join(folder_name(site));
        let owner = fs::symlink_metadata(&path).ok().filter(fs::Metadata::is_dir)?.uid();
        (owner == rustix::process::geteuid().as_raw()).then_some(StateDir { path })
    }

    /// Opens or makes exactly this folder.
    ///
    /// # Errors
    /// As [`StateDir::open`].
    pub fn open_at(path: PathBuf) -> Result<StateDir, StateTrouble> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)
            .map_err(|e| trouble(&path, &e))?;
        let is_link = fs::symlink_metadata(&path).is_ok_and(|found| found.is_symlink());
        if is_link {
            return Err(StateTrouble(format!(
                "the state directory {} is a symbolic link, which is not followed; remove it, or set \
                 XDG_STATE_HOME to where it leads",
                path.display()
            )));
        }
        let opened = open_directory(&path).map_err(|e| trouble(&path, &e))?;
        let found = opened.metadata().map_err(|e| trouble(&path, &e))?;
        let owner = found.uid();
        let me = rustix::process::geteuid().as_raw();
        if owner != me {
            return Err(StateTrouble(format!(
                "the state directory {} belongs to another user (uid {owner}); set XDG_STATE_HOME to a \
                 directory of your own",
                path.display()
            )));
        }
        // One that was made by hand or by a careless program is closed to others.
        if found.mode() & 0o077 != 0 {
            opened
                .set_permissions(fs::Permissions::from_mode(0o700))
                .map_err(|e| trouble(&path, &e))?;
        }
        let dir = StateDir { path };
        // The name of a draft is one per process.
        let _alone = TRYING.lock().unwrap_or_else(PoisonError::into_inner);
        // An empty file would fit on a full disk.
        let tried =
            dir.write(TRIAL, b"can this be written?\n").map_err(|e| trouble(&dir.path, &e))?;
        match fs::remove_file(&tried) {
            // Another one tried at the same time, and was faster.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            removed => removed.map_err(|e| trouble(&dir.path, &e))?,
        }
        Ok(dir)
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file whole or not at all, readable by its owner only.
    ///
    /// # Errors
    /// What the disk says; an older file of that name is then untouched.
    pub fn write(&self, name: &str, content: &[u8]) -> io::Result<PathBuf> {
        let target = self.path.join(name);
        whole_file::write(&target, whole_file::PRIVATE, content).map(|()| target)
    }

    /// A file name that tells what it is and when it was made.
    pub fn dated_name(word: &str, at: Stamp, ending: &str) -> String {
        let time = at.rfc3339().replace([':', '-'], "");
        format!("{word}-{time}.{ending}")
    }

    /// Says in one sentence why writing failed.
    pub fn explain(&self, error: &io::Error) -> String {
        trouble(&self.path, error).0
    }
}

fn base_directory() -> Result<PathBuf, StateTrouble> {
    let from_env =
        std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    if let Some(base) = from_env {
        return Ok(base.join("shopfloor"));
    }
    directories::BaseDirs::new()
        .map(|dirs| dirs.home_dir().join(".local/state/shopfloor"))
        .ok_or_else(|| {
            StateTrouble(
                "there is no home directory; set XDG_STATE_HOME to a directory of your own".into(),
            )
        })
}

/// A readable name plus a hash of the whole path, so that two sites in
/// directories of the same name do not share a folder.
fn folder_name(site: &Path) -> String {
    use sha2::Digest as _;
    let whole = site.canonicalize().unwrap_or_else(|_| site.to_path_buf());
    let digest = sha2::Sha256::digest(whole.as_os_str().as_encoded_bytes());
    let short: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let name: String = whole
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_else(|| "site".to_owned())
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' })
        .take(40)
        .collect();
    format!("{name}-{short}")
}

fn trouble(path: &Path, error: &io::Error) -> StateTrouble {
    let place = path.display();
    StateTrouble(match error.kind() {
        io::ErrorKind::PermissionDenied => format!(
            "the state directory {place} cannot be written by this user; change its owner or set \
             XDG_STATE_HOME to a directory of your own"
        ),
        io::ErrorKind::ReadOnlyFilesystem => {
            format!(
                "the state directory {place} is on a read-only file system; set XDG_STATE_HOME to one that can be written"
            )
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            format!(
                "the disk with the state directory {place} is full; free some space, nothing was half-written"
            )
        }
        _ => format!(
            "the state directory {place} cannot be used: {error}; set XDG_STATE_HOME to another one"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_can_be_opened_from_several_threads_at_once() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("s");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                let path = path.clone();
                scope.spawn(move || {
                    for _ in 0..5 {
                        StateDir::open_at(path.clone()).unwrap();
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(&path).unwrap().count(), 0, "nothing is left");
    }

    #[test]
    fn files_are_whole_private_and_replaceable() {
        let scratch = tempfile::tempdir().unwrap();
        let dir = StateDir::open_at(scratch.path().join("state")).unwrap();
        let path = dir.write("look", b"dark").unwrap();
        dir.write("look", b"light").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"light");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(dir.path()).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_directory_that_others_may_enter_is_closed() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("state");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();
        StateDir::open_at(path.clone()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_link_is_not_followed_and_what_it_leads_to_stays_as_it_is() {
        let scratch = tempfile::tempdir().unwrap();
        let (foreign, path) = (scratch.path().join("foreign"), scratch.path().join("state"));
        fs::create_dir(&foreign).unwrap();
        fs::set_permissions(&foreign, fs::Permissions::from_mode(0o755)).unwrap();
        std::os::unix::fs::symlink(&foreign, &path).unwrap();
        let error = StateDir::open_at(path).unwrap_err();
        assert!(error.0.contains("is a symbolic link"), "{error}");
        assert_eq!(fs::metadata(&foreign).unwrap().permissions().mode() & 0o777, 0o755);
        assert_eq!(fs::read_dir(&foreign).unwrap().count(), 0);
    }

    #[test]
    fn a_file_in_the_way_gives_one_sentence_with_the_place() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("state");
        fs::write(&path, b"").unwrap();
        let error = StateDir::open_at(path.clone()).unwrap_err();
        assert!(error.0.contains(&path.display().to_string()), "{error}");
    }

    #[test]
    fn opening_leaves_nothing_but_the_folder() {
        let scratch = tempfile::tempdir().unwrap();
        let dir = StateDir::open_at(scratch.path().join("state")).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn sites_of_the_same_name_have_folders_of_their_own() {
        assert_ne!(folder_name(Path::new("/srv/a/site")), folder_name(Path::new("/srv/b/site")));
        assert!(folder_name(Path::new("/srv/a/site b")).starts_with("site_b-"));
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing_behind() {
        let scratch = tempfile::tempdir().unwrap();
        let dir = StateDir::open_at(scratch.path().join("state")).unwrap();
        fs::create_dir(dir.path().join("look")).unwrap();
        fs::write(dir.path().join("look/in-the-way"), b"").unwrap();
        assert!(dir.write("look", b"dark").is_err());
        let left: Vec<_> =
            fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, ["look"]);
    }
}
