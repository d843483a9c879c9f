//! The console's own log: a file in the state directory, never the terminal.
//!
//! It tells what the console did (started, read a site, lost and found a
//! target, failed at an effect), not what it saw: facts have their own place.
//! No secret can be in it, since only sentences that may be on screen are logged.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tracing_appender::rolling::{RollingFileAppender, RollingWriter, Rotation};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use super::clock;

/// The environment variable that sets how much is logged (`shopfloor=debug,russh=info`).
pub const VARIABLE: &str = "SHOPFLOOR_LOG";

/// Files kept, one a day.
const DAYS: usize = 7;

/// Starts logging into this directory. A second start does nothing.
///
/// # Errors
/// A sentence when no file can be made there.
pub fn start(directory: &Path) -> Result<(), String> {
    let appender =
        Private::start(directory).map_err(|error| format!("the console keeps no log: {error}"))?;
    let filter =
        EnvFilter::try_from_env(VARIABLE).unwrap_or_else(|_| EnvFilter::new("warn,shopfloor=info"));
    // Another subscriber is there already only in tests.
    let _ = tracing_subscriber::fmt()
        // They would be written over the screen.
        .log_internal_errors(false)
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(appender)
        .try_init();
    Ok(())
}

/// The files, one a day, each readable by its owner only.
struct Private {
    appender: RollingFileAppender,
    directory: PathBuf,
    day: Mutex<String>,
}

impl Private {
    fn start(directory: &Path) -> io::Result<Private> {
        // Those of before, and of a careless program.
        for entry in fs::read_dir(directory)?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_log = name.starts_with("console.") && name.ends_with(".log");
            if is_log && entry.file_type().is_ok_and(|kind| kind.is_file()) {
                fs::set_permissions(entry.path(), fs::Permissions::from_mode(0o600))?;
            }
        }
        let day = today();
        make(directory, &day)?;
        let appender = RollingFileAppender::builder()
            .rotation(Rotation::DAILY)
            .filename_prefix("console")
            .filename_suffix("log")
            .max_log_files(DAYS)
            .build(directory)
            .map_err(io::Error::other)?;
        Ok(Private { appender, directory: directory.to_path_buf(), day: Mutex::new(day) })
    }
}

/// The day by which the files are named.
fn today() -> String {
    clock::now().rfc3339().chars().take(10).collect()
}

/// Makes the file of a day before the appender does, which would leave it open to others.
fn make(directory: &Path, day: &str) -> io::Result<()> {
    let path = directory.join(format!("console.{day}.log"));
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))
}

impl<'a> MakeWriter<'a> for Private {
    type Writer = RollingWriter<'a>;

    fn make_writer(&'a self) -> RollingWriter<'a> {
        let now = today();
        let mut day = self.day.lock().unwrap_or_else(PoisonError::into_inner);
        if *day != now {
            // A log that cannot be made is missed by the appender as well.
            let _ = make(&self.directory, &now);
            *day = now;
        }
        drop(day);
        self.appender.make_writer()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn the_log_is_for_its_owner_also_one_of_before() {
        let scratch = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let before = scratch.path().join("console.2020-02-02.log");
        fs::write(&before, "before\n").unwrap();
        fs::set_permissions(&before, fs::Permissions::from_mode(0o644)).unwrap();
        let log = Private::start(scratch.path()).unwrap();
        log.make_writer().write_all(b"now\n").unwrap();
        let now = scratch.path().join(format!("console.{}.log", today()));
        assert_eq!(fs::read_to_string(&now).unwrap(), "now\n", "the appender's own name");
        assert_eq!((mode(&before), mode(&now)), (0o600, 0o600));
        // As at midnight: the next day's file is there before the appender opens it.
        *log.day.lock().unwrap() = "2020-02-02".into();
        fs::remove_file(&now).unwrap();
        log.make_writer().write_all(b"then\n").unwrap();
        assert_eq!(mode(&now), 0o600);
    }
}
