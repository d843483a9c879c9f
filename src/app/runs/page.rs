//! The page of a run: its facts, its journal, its consoles.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::Stamp;

/// What is known of a run; bounded.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RunPage {
    /// The run.
    pub run: u64,
    /// Its facts: what they are, and what they say.
    pub facts: Vec<(String, String)>,
    /// The newest lines of its journal that tell something, oldest first.
    pub journal: Vec<EntryLine>,
    /// The consoles that were recorded in it.
    pub consoles: Vec<RecordingLine>,
    /// Why nothing of it can be told.
    pub trouble: Option<String>,
}

/// A line of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryLine {
    /// Its number.
    pub seq: u64,
    /// When it was written.
    pub at: Stamp,
    /// What it says.
    pub sentence: String,
}

/// A recording of a console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingLine {
    /// What the console is called.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// When it was begun, where the recording says so.
    pub at: Option<Stamp>,
    /// Its size.
    pub bytes: u64,
}
