//! The hidden subcommands that a run consists of: the guardian and the runner.

use std::path::PathBuf;

use clap::Args;

use crate::runner::{Runs, conductor, guard};

use super::{exit, print};

/// Where a run lives; given by whoever starts it.
#[derive(Debug, Args)]
pub struct RunnerArgs {
    /// The site's state directory
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
    /// The group that it is shared with
    #[arg(long, value_name = "GID")]
    pub group: Option<u32>,
}

/// Guards a run. Not on a worker thread: it waits in one system call.
pub fn guard(site: &std::path::Path, args: &RunnerArgs) -> u8 {
    guard::run(&Runs::at(&args.state, args.group), site)
}

/// Runs a run.
///
/// # Errors
/// What stood in the way.
pub async fn run(site: &std::path::Path, args: &RunnerArgs) -> Result<u8, String> {
    // Standard error is the run's own log. On a disk that takes nothing, a complaint about that would
    // go there too, and end us.
    let log = tracing_subscriber::fmt().with_ansi(false).log_internal_errors(false);
    let log = log.with_writer(std::io::stderr);
    // Another one is there only in tests of the library.
    let _ = log.with_max_level(tracing::Level::WARN).try_init();
    match conductor::run(&Runs::at(&args.state, args.group), site).await {
        Ok(()) => Ok(exit::DONE),
        Err(sentence) => {
            print::error(&sentence);
            Ok(exit::TROUBLE)
        }
    }
}
