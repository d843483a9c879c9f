//! The command of a run, on a pseudo-terminal of its own.

use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::{Errno, FdFlags, fcntl_setfd};
use rustix::termios::{InputModes, LocalModes, tcgetattr};
use zeroize::Zeroizing;

use super::order::Given;
use crate::install::journal::Ending;

/// The child's terminal while nobody watches.
pub const UNWATCHED: (u16, u16) = (200, 60);

/// Pieces of input that may wait for a child that does not read.
const PIECES: usize = 64;

/// What is to be started.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The argument vector.
    pub argv: Vec<String>,
    /// The directory.
    pub directory: PathBuf,
    /// The whole environment.
    pub environment: Vec<(String, String)>,
    /// What it reads; its terminal when `None`.
    pub stdin: Option<Given>,
}

/// A child's terminal, our side.
pub struct Terminal {
    pty: pty_process::blocking::Pty,
    input: SyncSender<Zeroizing<Vec<u8>>>,
}

/// Starts the command. `lease` stays open in it and in everything that it starts.
///
/// # Errors
/// The ending to write down: why it cannot be started.
pub fn start(launch: &Launch, lease: &OwnedFd) -> Result<(Child, Terminal, OwnedFd), Ending> {
    let trouble = |why: String, code: i32| Ending::NotStarted { why, code };
    let Some((program, arguments)) = launch.argv.split_first() else {
        return Err(trouble("there is no command".into(), 127));
    };
    if !launch.directory.is_dir() {
        let place = launch.directory.display();
        return Err(trouble(format!("the directory {place} is not there"), 126));
    }
    // A relative path is meant from the run's directory, not from ours.
    let program =
        if program.contains('/') { launch.directory.join(program) } else { PathBuf::from(program) };
    let system = |error: &dyn std::fmt::Display| {
        trouble(format!("no pseudo-terminal can be had: {error}"), 126)
    };
    let (pty, pts) = pty_process::blocking::open().map_err(|error| system(&error))?;
    let (columns, rows) = UNWATCHED;
    pty.resize(pty_process::Size::new(rows, columns)).map_err(|error| system(&error))?;
    let reader = pty.as_fd().try_clone_to_owned().map_err(|error| system(&error))?;
    let writer = pty.as_fd().try_clone_to_owned().map_err(|error| system(&error))?;
    fcntl_getfl(&reader)
        .and_then(|flags| fcntl_setfl(&reader, flags | OFlags::NONBLOCK))
        .map_err(|error| system(&error))?;
    let inherited = lease.try_clone().map_err(|error| system(&error))?;
    // Nothing else is started by this process between here and the end of the start.
    fcntl_setfd(&inherited, FdFlags::empty()).map_err(|error| system(&error))?;
    let mut command = pty_process::blocking::Command::new(&program)
        .args(arguments)
        .current_dir(&launch.directory)
        .env_clear()
        .envs(launch.environment.iter().map(|(name, value)| (name, value)));
    if let Some(given) = &launch.stdin {
        command = command.stdin(reading(given.clone()).map_err(|error| system(&error))?);
    }
    let child = command.spawn(pts);
    drop(inherited);
    let child = child.map_err(|error| match error {
        pty_process::Error::Io(error) => cannot_start(&program, &error),
        other => system(&other),
    })?;
    let (input, pieces) = sync_channel(PIECES);
    std::thread::Builder::new()
        .name("input".into())
        .spawn(move || write_all(&writer, &pieces))
        .map_err(|error| system(&error))?;
    Ok((child, Terminal { pty, input }, reader))
}

/// A pipe with a text in it.
fn reading(given: Given) -> io::Result<std::io::PipeReader> {
    use std::io::Write as _;
    let (from, mut to) = std::io::pipe()?;
    // The command may read none of it.
    std::thread::Builder::new().name("stdin".into()).spawn(move || {
        let _ = to.write_all(given.0.as_bytes());
    })?;
    Ok(from)
}

fn cannot_start(program: &Path, error: &io::Error) -> Ending {
    let name = crate::domain::untrusted::printable(&program.to_string_lossy());
    match error.kind() {
        io::ErrorKind::NotFound if program.is_absolute() && program.exists() => {
            let why = format!("{name} cannot be executed: what its first line names is not there");
            Ending::NotStarted { why, code: 126 }
        }
        io::ErrorKind::NotFound => {
            Ending::NotStarted { why: format!("{name}: there is no such command"), code: 127 }
        }
        io::ErrorKind::PermissionDenied => {
            Ending::NotStarted { why: format!("{name} may not be executed"), code: 126 }
        }
        _ => Ending::NotStarted { why: format!("{name} cannot be executed: {error}"), code: 126 },
    }
}

/// How the child ended. `was_oom` says that the kernel killed for memory meanwhile.
pub fn ending(status: ExitStatus, was_oom: bool) -> Ending {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) => Ending::Exit { code },
        (None, Some(9)) if was_oom => Ending::OutOfMemory,
        (None, Some(number)) => Ending::Signal { number, core: status.core_dumped() },
        (None, None) => Ending::Unknown { why: format!("the system says: {status}") },
    }
}

impl Terminal {
    /// Sets its size; the child is told by a signal.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn resize(&self, columns: u16, rows: u16) -> io::Result<()> {
        let size = pty_process::Size::new(rows.max(1), columns.max(1));
        self.pty.resize(size).map_err(|error| io::Error::other(error.to_string()))
    }

    /// Whether it shows nothing of what is typed and waits for a line, as programs set it for secrets.
    pub fn hides(&self) -> bool {
        tcgetattr(self.pty.as_fd()).is_ok_and(|modes| {
            !modes.local_modes.contains(LocalModes::ECHO)
                && modes.local_modes.contains(LocalModes::ICANON)
        })
    }

    /// The byte that ends a line here.
    pub fn line_end(&self) -> u8 {
        let turns = tcgetattr(self.pty.as_fd())
            .is_ok_and(|modes| modes.input_modes.contains(InputModes::ICRNL));
        if turns { b'\r' } else { b'\n' }
    }

    /// Gives the child something to read. Never waits for it.
    ///
    /// # Errors
    /// One sentence when it reads nothing and too much waits already.
    pub fn write(&self, bytes: Zeroizing<Vec<u8>>) -> Result<(), &'static str> {
        match self.input.try_send(bytes) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_)) => Err("the command does not read what is typed"),
            Err(TrySendError::Disconnected(_)) => Err("the command reads no more"),
        }
    }
}

fn write_all(terminal: &OwnedFd, pieces: &Receiver<Zeroizing<Vec<u8>>>) {
    for piece in pieces {
        let mut rest = piece.as_slice();
        while !rest.is_empty() {
            match rustix::io::write(terminal, rest) {
                Ok(count) => rest = rest.get(count..).unwrap_or_default(),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    let mut wanted = [PollFd::new(terminal, PollFlags::OUT)];
                    // Interrupted or not, the next write tells.
                    let _ = poll(&mut wanted, None);
                }
                Err(_) => return,
            }
        }
    }
}
