//! Plans and what became of them: the journal's format, and the fold from a
//! journal to the state of its run. Nothing here starts a process.
