//! What `ansible-playbook` prints, understood line by line.
//!
//! A [`Reader`] is fed with lines (or a [`Feed`] with bytes) in the order of
//! the log and keeps an [`Outline`]: plays, their tasks, the hosts of each
//! task, warnings, errors and the recap, each with the line and the byte where
//! it stands. It holds no text but names and the messages of failures, and of
//! those a bounded number; the log itself stays where it is.
//!
//! The grammar was read off ansible-core 2.14, 2.16 and 2.19 with the callbacks
//! `default` and `community.general.yaml`, in JSON and YAML, coloured or not,
//! with and without `-v`. `cowsay` banners and callbacks of another shape
//! (`dense`, `json`, `minimal`) are not understood: their lines count as other
//! output.

mod body;
mod failure;
mod feed;
mod grammar;
mod limits;
mod note;
mod outline;
mod panel;
mod plain;
mod reader;
mod recap;
mod rerun;
mod timing;

#[cfg(test)]
mod tests;

pub use failure::Failure;
pub use feed::Feed;
pub use outline::{
    Counts, Dropped, HostResult, Kind, Note, NoteKind, Other, Outline, Place, Play, Prompt, Recap,
    RecapRow, State, Task,
};
pub use panel::{OutlinePanel, PanelRow, RowTone, panel};
pub use reader::Reader;
pub use rerun::{Rerun, shell_word};
