//! Programs on this machine, without a shell.

use std::path::PathBuf;
use std::time::Duration;

/// A program to run here. Secrets go into `stdin` or a file, never into `argv`.
#[derive(Debug, Clone)]
pub struct Program {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// What it finds on standard input, then end of file.
    pub stdin: Vec<u8>,
    /// Environment variables beside the few that every program gets (`PATH`,
    /// `HOME`, `LANG=C`).
    pub env: Vec<(String, String)>,
    /// Where it runs; none: where we do.
    pub directory: Option<PathBuf>,
    /// How long it may run before its process group is ended.
    pub timeout: Duration,
    /// How much it may print, standard output and error together, in bytes.
    pub max_output: usize,
}
