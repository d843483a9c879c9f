//! The index of runs: one row per run, for lists. Made again from the journals
//! when it is missing, damaged, or of another version.

use std::fs;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};

use crate::install::journal::{Run, RunWord};

use super::store::Runs;

/// The version of the table.
const VERSION: i64 = 1;

/// One run in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number.
    pub id: u64,
    /// What people call it.
    pub title: String,
    /// Its state.
    pub word: RunWord,
    /// Its exit status as a shell counts it.
    pub exit: Option<i32>,
    /// When it was wanted, in milliseconds since 1970.
    pub started: i64,
    /// When it was over.
    pub ended: Option<i64>,
}

impl Row {
    /// The row of a run.
    pub fn of(run: &Run, has_runner: bool) -> Row {
        Row {
            id: run.id,
            title: run.title.clone(),
            word: run.word(has_runner),
            exit: run.exit().filter(|_| !run.word(has_runner).is_open()),
            started: run.started.0,
            ended: run.ended.map(|ended| ended.0),
        }
    }
}

/// The index, open.
pub struct Index {
    connection: Connection,
}

impl Index {
    /// Opens the index, or makes an empty one.
    ///
    /// # Errors
    /// What the database says.
    pub fn open(runs: &Runs) -> rusqlite::Result<Index> {
        let path = runs.index_path();
        // Its mode and group are also those of the files that SQLite puts beside it.
        let made = runs.open_to_append(&path);
        drop(made);
        match Index::open_at(runs) {
            Ok(index) => Ok(index),
            Err(_) => {
                for ending in ["", "-wal", "-shm"] {
                    let mut name = path.as_os_str().to_owned();
                    name.push(ending);
                    // Missing is as good as removed.
                    let _ = fs::remove_file(name);
                }
                drop(runs.open_to_append(&path));
                Index::open_at(runs)
            }
        }
    }

    fn open_at(runs: &Runs) -> rusqlite::Result<Index> {
        // The file is there; SQLite follows no link to another one.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let path = runs.index_path();
        let place = path.parent().and_then(|state| state.canonicalize().ok());
        let whole = place.map(|state| state.join("runs.sqlite")).unwrap_or(path);
        let connection = Connection::open_with_flags(whole, flags)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        // In a shared folder nobody can open what SQLite left beside it for somebody else.
        let mode = if runs.group().is_some() { "DELETE" } else { "WAL" };
        connection.pragma_update(None, "journal_mode", mode)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version != VERSION {
            connection.execute_batch("DROP TABLE IF EXISTS runs")?;
            connection.pragma_update(None, "user_version", VERSION)?;
        }
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS runs (id INTEGER PRIMARY KEY, title TEXT NOT NULL, state TEXT NOT NULL, \
             exit INTEGER, started INTEGER NOT NULL, ended INTEGER) STRICT",
        )?;
        Ok(Index { connection })
    }

    /// Notes a run as it is now.
    ///
    /// # Errors
    /// What the database says.
    pub fn note(&mut self, run: &Run, has_runner: bool) -> rusqlite::Result<()> {
        let row = Row::of(run, has_runner);
        self.connection.execute(
            "INSERT INTO runs (id, title, state, exit, started, ended) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
             ON CONFLICT (id) DO UPDATE SET title = ?2, state = ?3, exit = ?4, started = ?5, ended = ?6",
            params![
                i64::try_from(row.id).unwrap_or(i64::MAX),
                row.title,
                row.word.word(),
                row.exit,
                row.started,
                row.ended
            ],
        )?;
        Ok(())
    }

    /// The row of a run, if it is over and noted as that: it can change no more.
    ///
    /// # Errors
    /// What the database says.
    pub fn closed(&self, run: u64) -> rusqlite::Result<Option<Row>> {
        self.connection
            .query_row(
                "SELECT title, state, exit, started, ended FROM runs WHERE id = ?1 AND ended IS NOT NULL",
                [i64::try_from(run).unwrap_or(i64::MAX)],
                |row| {
                    let state: String = row.get(1)?;
                    let word = RunWord::ALL.into_iter().find(|word| word.word() == state);
                    Ok(Row {
                        id: run,
                        title: row.get(0)?,
                        word: word.unwrap_or_default(),
                        exit: row.get(2)?,
                        started: row.get(3)?,
                        ended: row.get(4)?,
                    })
                },
            )
            .optional()
    }
}

/// Every run, newest first, and what cannot be read of them. Runs that are
/// over come from the index, the others from their journals; whatever the
/// index does not know is read from the journals and noted.
pub fn list(runs: &Runs) -> (Vec<Row>, Vec<String>) {
    let ids = runs.ids();
    let mut index = if ids.is_empty() { None } else { Index::open(runs).ok() };
    let (mut rows, mut troubles) = (Vec::new(), Vec::new());
    for id in ids {
        let noted = index.as_ref().and_then(|index| index.closed(id).ok().flatten());
        if let Some(row) = noted {
            rows.push(row);
            continue;
        }
        match runs.read(id) {
            Ok(known) => {
                rows.push(Row::of(&known.run, known.has_runner));
                if known.run.is_over()
                    && let Some(index) = &mut index
                {
                    // Read again next time when it cannot be noted.
                    let _ = index.note(&known.run, known.has_runner);
                }
            }
            Err(trouble) => {
                troubles.push(trouble.to_string());
                rows.push(Row {
                    id,
                    title: "its journal cannot be read".into(),
                    word: RunWord::Unknown,
                    exit: None,
                    started: 0,
                    ended: None,
                });
            }
        }
    }
    (rows, troubles)
}
