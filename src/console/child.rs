//! A program on this machine, in a pseudo-terminal.

use std::os::fd::AsFd as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::Duration;

use futures_util::FutureExt as _;
use rustix::process::{Pid, Signal, kill_process_group};
use rustix::termios::{Winsize, tcsetwinsize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::line::{Line, LineEnds, LineNews};

/// How much is read before it is passed on.
const PIECE: usize = 64 * 1024;
/// How long a program may take to go after its terminal is gone.
const GRACE: Duration = Duration::from_millis(500);

/// A program to start.
#[derive(Debug, Clone, Default)]
pub struct ChildProgram {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// Variables beside those we have ourselves. Secrets may be in them.
    pub env: Vec<(String, String)>,
    /// Where it runs; where this process does when `None`.
    pub directory: Option<std::path::PathBuf>,
}

/// Starts a program in a terminal of that size.
///
/// # Errors
/// A sentence when it cannot be started.
pub fn start(program: &ChildProgram, size: (u16, u16)) -> Result<Line, String> {
    let Some((path, arguments)) = program.argv.split_first() else {
        return Err("no program is named".to_owned());
    };
    let failed = |error: &dyn std::fmt::Display| format!("{path} cannot be started: {error}");
    let (pty, pts) = pty_process::open().map_err(|error| failed(&error))?;
    let _ = pty.resize(pty_process::Size::new(size.1, size.0));
    let mut command = pty_process::Command::new(path);
    if let Some(directory) = program.directory.as_ref().filter(|directory| directory.is_dir()) {
        command = command.current_dir(directory);
    }
    let child = command
        .args(arguments)
        .env("TERM", super::TERM)
        // They tell of the operator's terminal, not of this one.
        .env_remove("TMUX")
        .env_remove("STY")
        .env_remove("COLUMNS")
        .env_remove("LINES")
        .env_remove("COLORTERM")
        // A console opened in a run is not the run's command.
        .env_remove("SHOPFLOOR_ATTEMPT")
        .envs(program.env.iter().map(|(name, value)| (name, value)))
        .spawn(pts)
        .map_err(|error| match &error {
            pty_process::Error::Io(io) if io.kind() == std::io::ErrorKind::NotFound => {
                format!("{path} is not installed on this machine")
            }
            other => failed(other),
        })?;
    let (mut line, ends) = Line::new(size);
    line.process = child.id().and_then(|id| i32::try_from(id).ok());
    tokio::spawn(attend(child, pty, ends));
    Ok(line)
}

async fn attend(mut child: tokio::process::Child, pty: pty_process::Pty, ends: LineEnds) {
    let LineEnds { news, mut keys, mut size, acts: _ } = ends;
    let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    // Of its own, because a program that reads no keys must still learn of a new size.
    let sized = pty.as_fd().try_clone_to_owned();
    let fit = |(columns, rows): (u16, u16)| {
        let wanted = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        if let Ok(fd) = &sized {
            let _ = tcsetwinsize(fd, wanted);
        }
    };
    let mut before_keys = size.clone();
    let (mut reader, mut writer) = pty.into_split();
    let write = async {
        while let Some(bytes) = keys.recv().await {
            // Whoever reads these keys has to know the new size by then.
            if before_keys.has_changed().unwrap_or(false) {
                fit(*before_keys.borrow_and_update());
            }
            // A program that is gone shows in the reader.
            let _ = writer.write_all(&bytes).await;
        }
    };
    let resize = async {
        while size.changed().await.is_ok() {
            fit(*size.borrow_and_update());
        }
    };
    let read = async {
        loop {
            let mut piece = Vec::with_capacity(PIECE);
            // The end of a pseudo-terminal is an error (EIO).
            if !matches!(reader.read_buf(&mut piece).await, Ok(1..)) {
                return;
            }
            // The kernel gives 4 KiB at most; what waits already goes along.
            while piece.len() < PIECE {
                match reader.read_buf(&mut piece).now_or_never() {
                    Some(Ok(1..)) => {}
                    _ => break,
                }
            }
            if news.send(LineNews::Bytes(piece)).await.is_err() {
                return;
            }
        }
    };
    let status = {
        tokio::pin!(read);
        let work = async {
            tokio::select! {
                () = &mut read => None,
                status = child.wait() => {
                    // What it printed last; others may hold its terminal for ever.
                    let _ = tokio::time::timeout(GRACE, &mut read).await;
                    Some(status)
                }
                () = news.closed() => None,
            }
        };
        tokio::pin!(work);
        tokio::select! {
            status = &mut work => status,
            // Both end when whoever held the line let go of it.
            ((), ()) = async { tokio::join!(write, resize) } => None,
        }
    };
    let status = match status {
        Some(status) => status.ok(),
        None => end(&mut child, group).await,
    };
    let _ = news.send(LineNews::Ended(status.map_or("it was ended".to_owned(), told))).await;
}

/// Ends a program whose terminal is gone: hangs up, and kills what stays.
async fn end(child: &mut tokio::process::Child, group: Option<Pid>) -> Option<ExitStatus> {
    if let Some(group) = group {
        let _ = kill_process_group(group, Signal::HUP);
    }
    if let Ok(status) = tokio::time::timeout(GRACE, child.wait()).await {
        return status.ok();
    }
    if let Some(group) = group {
        let _ = kill_process_group(group, Signal::KILL);
    }
    child.wait().await.ok()
}

fn told(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(0), _) => "the program ended".to_owned(),
        (Some(code), _) => format!("the program ended with status {code}"),
        (None, Some(signal)) => format!("the program was ended by signal {signal}"),
        (None, None) => "the program ended".to_owned(),
    }
}
