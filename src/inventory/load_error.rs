//! Why there is no inventory, each with a sentence and an exit status.

use std::path::PathBuf;

use super::Problem;

/// Why an inventory could not be had.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LoadError {
    /// There is no such file: a start, not an error, for the full screen.
    #[error("{}: there is no inventory here; `inventory.example.yml` is one to start from", .0.display())]
    Missing(PathBuf),
    /// The file has nothing in it but comments: a start as well.
    #[error("{}: the inventory is empty; `inventory.example.yml` is one to start from", .0.display())]
    Empty(PathBuf),
    /// It cannot be read: permissions, a directory, binary, not UTF-8, too large.
    #[error("{}: {sentence}; {hint}", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What stands in the way, without a full stop.
        sentence: String,
        /// What to do about it.
        hint: String,
    },
    /// It can be read and does not parse.
    #[error("{}", first_sentence(.0))]
    Invalid(Vec<Problem>),
}

impl LoadError {
    /// The exit status of `inventory check` (`docs/json.md`): 4 when the file
    /// cannot be read, 1 when it does not parse.
    pub fn exit_status(&self) -> u8 {
        match self {
            LoadError::Invalid(_) => 1,
            LoadError::Missing(_) | LoadError::Empty(_) | LoadError::Unreadable { .. } => 4,
        }
    }
}

fn first_sentence(problems: &[Problem]) -> String {
    problems.first().map_or_else(String::new, Problem::line)
}
