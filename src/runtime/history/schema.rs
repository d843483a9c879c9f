//! The file of the history: its tables, and opening it.
//!
//! A *series* is a fact of a target, a probe of a target or a check on a
//! target; what layer it belongs to is not known here. Numbers are rows of
//! `numbers` (a thinned span has `until`, `low`, `high`, `count`; `last` is
//! null where a value ended), everything else rows of `changes` whose `text`
//! is the value as JSON. Only differences are rows. `watches` tells when a
//! console looked at all.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::super::whole_file;

/// The version of the tables, in the file's `user_version`.
pub const FORMAT: i64 = 1;

/// How long another connection's writing is waited for.
const BUSY: Duration = Duration::from_secs(5);

const TABLES: &str = "
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    target TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (target, kind, name)
);
CREATE TABLE texts (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, text TEXT NOT NULL);
CREATE TABLE changes (
    series INTEGER NOT NULL,
    at INTEGER NOT NULL,
    text INTEGER,
    PRIMARY KEY (series, at)
) WITHOUT ROWID;
CREATE INDEX changes_at ON changes (at);
CREATE TABLE numbers (
    series INTEGER NOT NULL,
    at INTEGER NOT NULL,
    last REAL,
    until INTEGER,
    low REAL,
    high REAL,
    count INTEGER,
    PRIMARY KEY (series, at)
) WITHOUT ROWID;
CREATE TABLE watches (id INTEGER PRIMARY KEY, opened INTEGER NOT NULL, seen INTEGER NOT NULL);
CREATE TABLE losses (at INTEGER NOT NULL, count INTEGER NOT NULL);
CREATE TABLE thinned (span INTEGER PRIMARY KEY, until INTEGER NOT NULL);
";

/// Why the history cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HistoryTrouble {
    /// A newer shopfloor wrote it.
    #[error(
        "the history was written by a newer shopfloor (format {found}, this one knows {FORMAT}): it \
         is left as it is and nothing is kept; update this shopfloor ({})", .path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
    },
    /// It is no history, or a damaged one.
    #[error("the history is damaged ({})", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The disk or the system says no.
    #[error("{}", explain(.path, .error))]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What was said.
        error: rusqlite::Error,
    },
    /// The file cannot be made.
    #[error("the history cannot be made: {error}; nothing is kept until that is mended ({})", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was said.
        error: std::io::Error,
    },
}

fn explain(path: &Path, error: &rusqlite::Error) -> String {
    let path = path.display();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => format!(
            "the disk with the history is full; nothing is kept until some space is free, and the \
             screen goes on ({path})"
        ),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => format!(
            "the history cannot be written; nothing is kept until its owner and permissions are \
             mended ({path})"
        ),
        _ => format!("the history cannot be used: {error}; nothing is kept ({path})"),
    }
}

impl HistoryTrouble {
    /// Of an error of SQLite about that file.
    pub fn of(path: &Path, error: rusqlite::Error) -> HistoryTrouble {
        let path = path.to_path_buf();
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                HistoryTrouble::Damaged { path }
            }
            _ => HistoryTrouble::Sqlite { path, error },
        }
    }
}

/// Whether a file lies in a folder that a site shares with a group: new files
/// there are the group's by the folder's own mode.
fn is_shared(path: &Path) -> bool {
    let folder = path.parent().and_then(|folder| std::fs::metadata(folder).ok());
    folder.is_some_and(|folder| folder.mode() & 0o2070 == 0o2070)
}

/// Opens a file of the history, made when it is missing: for its owner, and in
/// a shared folder for the group too, whatever the umask is.
///
/// # Errors
/// What the disk says.
pub fn open_or_make(path: &Path) -> std::io::Result<File> {
    // Whoever names a file of somebody else as one to be made is refused in a shared folder.
    match OpenOptions::new().read(true).write(true).open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        opened => return opened,
    }
    let mut how = OpenOptions::new();
    how.read(true).write(true).create_new(true).mode(whole_file::PRIVATE);
    match how.open(path) {
        // Another one was faster.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            OpenOptions::new().read(true).write(true).open(path)
        }
        Ok(file) if is_shared(path) => {
            file.set_permissions(std::fs::Permissions::from_mode(whole_file::GROUP))?;
            Ok(file)
        }
        made => made,
    }
}

/// Opens the history to write it; made when it is missing.
///
/// # Errors
/// When it is newer, damaged, or cannot be written.
pub fn open_to_write(path: &Path) -> Result<Connection, HistoryTrouble> {
    if let Err(error) = open_or_make(path) {
        return Err(HistoryTrouble::Io { path: path.to_path_buf(), error });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY)?;
        Ok(connection)
    };
    let of = |error| HistoryTrouble::of(path, error);
    let connection = open().map_err(of)?;
    let found = format_of(&connection).map_err(of)?;
    if found > FORMAT {
        return Err(HistoryTrouble::Newer { path: path.to_path_buf(), found });
    }
    if found == 0 {
        // Must be set before the first table; free pages can be given back later.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL").map_err(of)?;
    }
    // In a shared folder nobody can open what SQLite left beside the file for somebody else.
    let mode = if is_shared(path) { "DELETE" } else { "WAL" };
    connection.pragma_update(None, "journal_mode", mode).map_err(of)?;
    connection.pragma_update(None, "synchronous", "NORMAL").map_err(of)?;
    if found == 0 {
        let make = format!("BEGIN IMMEDIATE; {TABLES} PRAGMA user_version = {FORMAT}; COMMIT;");
        connection.execute_batch(&make).map_err(of)?;
    }
    Ok(connection)
}

/// Opens the history to read it; `None` when there is none.
///
/// # Errors
/// When it is newer, damaged, or cannot be read.
pub fn open_to_read(path: &Path) -> Result<Option<Connection>, HistoryTrouble> {
    if !path.exists() {
        return Ok(None);
    }
    let of = |error| HistoryTrouble::of(path, error);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(of)?;
    connection.busy_timeout(BUSY).map_err(of)?;
    match format_of(&connection).map_err(of)? {
        0 => Ok(None),
        found if found > FORMAT => Err(HistoryTrouble::Newer { path: path.to_path_buf(), found }),
        _ => Ok(Some(connection)),
    }
}

fn format_of(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}
