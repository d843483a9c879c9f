//! The guardian: a small process that outlives the runner. It opens the
//! session, takes the lease, starts the runner, and then only waits: what a
//! child of the run leaves behind is handed to it by the kernel, so that it
//! ends, and gives the lease back, when nothing of the run is left.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::{Pid, WaitOptions, getpid, set_child_subreaper, setsid, wait};
use tokio::signal::unix::{SignalKind, signal};

use super::handoff;
use super::lease::{Lease, Refusal};
use super::order::{Order, Started};
use super::store::Runs;

/// Where the guardian stands when it is done: an exit status.
pub const DONE: u8 = 0;
/// The lease is somebody else's.
pub const REFUSED: u8 = 6;
/// It could not do its work.
pub const TROUBLE: u8 = 4;

/// Runs the guardian: the order comes on standard input, the answer goes to
/// standard output, one line of JSON.
pub fn run(runs: &Runs, site: &Path) -> u8 {
    // Where it fails we lead a session already.
    let _ = setsid();
    // Where it fails a hang-up that somebody sends ends us, which the runner survives.
    let _ = ignore_hang_up();
    let subreaper = set_child_subreaper(Some(getpid()));
    let started = subreaper.map_err(io::Error::from).and_then(|()| begin(runs, site));
    match started {
        Ok(Ok(runner)) => {
            watch(runner);
            DONE
        }
        Ok(Err(sentence)) => {
            tell(&Started::Refused(sentence));
            REFUSED
        }
        Err(error) => {
            tell(&Started::Trouble(format!("the run could not be started: {error}")));
            TROUBLE
        }
    }
}

/// A hang-up or Ctrl-C is nobody's word here. The handlers do nothing, and stay
/// when the runtime that they came with is gone; the runner has its own.
fn ignore_hang_up() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let _inside = runtime.enter();
    for kind in [SignalKind::hangup(), SignalKind::interrupt()] {
        drop(signal(kind)?);
    }
    Ok(())
}

/// The runner and what must stay open while it lives.
struct Runner {
    pid: Pid,
    _line: UnixStream,
}

/// What the runner says when nothing of its run is left but consoles.
pub const LEASE_RETURNED: u8 = b'R';

/// Keeps the lease until the runner gives it back, or this process ends.
fn keep_lease(lease: Lease, line: &UnixStream) -> io::Result<()> {
    let mut line = line.try_clone()?;
    let keep = move || {
        let mut word = [0];
        if matches!(line.read(&mut word), Ok(1)) && word == [LEASE_RETURNED] {
            drop(lease);
        } else {
            // The runner is gone; the lease is kept for what it left behind.
            std::mem::forget(lease);
        }
    };
    std::thread::Builder::new().name("lease".into()).spawn(keep).map(drop)
}

fn begin(runs: &Runs, site: &Path) -> io::Result<Result<Runner, String>> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    let order: Order = serde_json::from_str(&text).map_err(io::Error::other)?;
    let mut lease = match Lease::take(runs, order.resumes()) {
        Ok(lease) => lease,
        Err(Refusal::Held(held)) => return Ok(Err(held.sentence)),
        Err(Refusal::Trouble(error)) => return Err(error),
    };
    let run = match order.resumes() {
        Some(run) => run,
        None => runs.create_next()?,
    };
    lease.name(run)?;
    let (mut ours, theirs) = UnixStream::pair()?;
    let log = runs.open_to_append(&runs.directory(run).join("runner.log"))?;
    let mut command = Command::new("/proc/self/exe");
    command
        .arg0("shopfloor")
        .args(arguments("runner", runs, site))
        .current_dir("/")
        .stdin(Stdio::from(std::os::fd::OwnedFd::from(theirs)))
        .stderr(Stdio::from(log));
    let child = command.spawn()?;
    drop(command);
    handoff::send(&mut ours, &order, run, &lease.descriptor()?)?;
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or_else(|| io::Error::other("the runner has no number"))?;
    keep_lease(lease, &ours)?;
    Ok(Ok(Runner { pid, _line: ours }))
}

/// The arguments of the hidden subcommands `guard` and `runner`.
pub fn arguments(word: &str, runs: &Runs, site: &Path) -> Vec<std::ffi::OsString> {
    let mut arguments = vec![
        word.into(),
        "--state".into(),
        runs.state().as_os_str().to_owned(),
        "--site".into(),
        site.as_os_str().to_owned(),
    ];
    if let Some(group) = runs.group() {
        arguments.extend(["--group".into(), group.to_string().into()]);
    }
    arguments
}

/// Waits until no child is left, its own or one that was handed to it.
fn watch(runner: Runner) {
    // Nothing of ours may keep a directory from being unmounted.
    let _ = std::env::set_current_dir("/");
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, _))) if pid == runner.pid => {
                // Read by the starter only if the runner never got as far as to say something.
                tell(&Started::Trouble(
                    "the runner ended before the run began; `shopfloor run list` shows what it got to".into(),
                ));
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            // No child is left.
            Err(_) => return,
        }
    }
}

/// Says something to the starter, who may be gone.
pub fn tell(started: &Started) {
    let line = serde_json::to_string(started).unwrap_or_default();
    let mut out = io::stdout();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
