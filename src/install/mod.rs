//! What is installed and how far it came. Pure: the journal's format and the
//! fold from a journal to the state of a run. Starts nothing, reads no file.

pub mod journal;
