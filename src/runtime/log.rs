//! The console's own log: a file in the state directory, never the terminal.
//!
//! It tells what the console did (started, read a site, lost and found a
//! target, failed at an effect), not what it saw: facts have their own place.
//! No secret can be in it, since only sentences that may be on screen are logged.

use std::path::Path;

use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

/// The environment variable that sets how much is logged (`shopfloor=debug,russh=info`).
pub const VARIABLE: &str = "SHOPFLOOR_LOG";

/// Files kept, one a day.
const DAYS: usize = 7;

/// Starts logging into this directory. A second start does nothing.
///
/// # Errors
/// A sentence when no file can be made there.
pub fn start(directory: &Path) -> Result<(), String> {
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("console")
        .filename_suffix("log")
        .max_log_files(DAYS)
        .build(directory)
        .map_err(|error| format!("the console keeps no log: {error}"))?;
    let filter =
        EnvFilter::try_from_env(VARIABLE).unwrap_or_else(|_| EnvFilter::new("warn,shopfloor=info"));
    // Another subscriber is there already only in tests.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(appender)
        .try_init();
    Ok(())
}
