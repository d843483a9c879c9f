//! What one user likes: look, keys and themes, in the XDG config directory.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::whole_file;

/// The user's own files, as text. What they mean is read by those whose they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preferences {
    /// The directory, whether or not it exists.
    pub directory: PathBuf,
    /// The words of `look` (`dark unicode 256`), written by `:look` and `--look`'s twin in the palette.
    pub look: Option<String>,
    /// `keys.toml`, with its path for messages.
    pub keys: Option<(PathBuf, String)>,
    /// `themes/*.toml`: name without ending, and text.
    pub themes: Vec<(String, String)>,
    /// Files that are there and cannot be read: one sentence each.
    pub problems: Vec<String>,
}

/// A file of preferences larger than this is a mistake, not a preference.
const LARGEST: u64 = 1 << 20;

impl Preferences {
    /// Reads the files of the user's config directory. Missing files are no problem.
    pub fn read() -> Preferences {
        Preferences::read_in(&Preferences::directory())
    }

    /// The user's config directory, whether or not it exists.
    pub fn directory() -> PathBuf {
        directories::ProjectDirs::from("", "", "shopfloor")
            .map_or_else(|| PathBuf::from(".shopfloor"), |dirs| dirs.config_dir().to_path_buf())
    }

    /// Reads the files of this directory.
    pub fn read_in(directory: &Path) -> Preferences {
        let mut found =
            Preferences { directory: directory.to_path_buf(), ..Preferences::default() };
        found.look = found.text(&directory.join("look")).map(|text| text.trim().to_owned());
        let keys = directory.join("keys.toml");
        found.keys = found.text(&keys).map(|text| (keys, text));
        let mut themes: Vec<PathBuf> = fs::read_dir(directory.join("themes"))
            .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
            .unwrap_or_default();
        themes.sort();
        for path in themes.into_iter().filter(|path| path.extension().is_some_and(|e| e == "toml"))
        {
            if let (Some(text), Some(name)) = (found.text(&path), path.file_stem()) {
                found.themes.push((name.to_string_lossy().into_owned(), text));
            }
        }
        found
    }

    /// Keeps the words of a look for the next start.
    ///
    /// # Errors
    /// What the disk says.
    pub fn save_look(&self, words: &str) -> io::Result<PathBuf> {
        // Keys and themes of this directory are obeyed: nobody else may put some there.
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.directory)?;
        let path = self.directory.join("look");
        whole_file::write(&path, whole_file::PRIVATE, format!("{words}\n").as_bytes())?;
        Ok(path)
    }

    fn text(&mut self, path: &Path) -> Option<String> {
        let result = match fs::metadata(path) {
            Ok(meta) if meta.len() > LARGEST => {
                Err(io::Error::other(format!("it is {} bytes long", meta.len())))
            }
            Ok(_) => fs::read_to_string(path),
            Err(error) => Err(error),
        };
        match result {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                self.problems.push(format!("{} is left out: {error}", path.display()));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_that_was_kept_comes_back() {
        let scratch = tempfile::tempdir().unwrap();
        let empty = Preferences::read_in(scratch.path());
        assert_eq!((empty.look.as_deref(), empty.problems.len()), (None, 0));
        empty.save_look("light ascii 16").unwrap();
        let again = Preferences::read_in(scratch.path());
        assert_eq!(again.look.as_deref(), Some("light ascii 16"));
    }

    #[test]
    fn what_is_made_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let scratch = tempfile::tempdir().unwrap();
        let directory = scratch.path().join("a/shopfloor");
        let path = Preferences::read_in(&directory).save_look("dark").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&directory), mode(&path)), (0o700, 0o600));
    }

    #[test]
    fn an_unreadable_file_is_left_out_and_said() {
        let scratch = tempfile::tempdir().unwrap();
        fs::write(scratch.path().join("keys.toml"), [0xff, 0xfe]).unwrap();
        let found = Preferences::read_in(scratch.path());
        assert!(found.keys.is_none());
        assert!(found.problems[0].contains("keys.toml"), "{:?}", found.problems);
    }
}
