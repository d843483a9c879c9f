//! Programs on this machine, without a shell.

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};

use super::output::{Output, Status};
use crate::domain::{Cause, CauseWord};

/// The search path of programs when our own environment has none; the last
/// places are where `ipmitool` and its like live.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";

/// How long a program may take to go after it was asked to, before it is made to.
const GRACE: Duration = Duration::from_millis(300);

/// A program to run here. Secrets go into `stdin` or a file, never into `argv`.
#[derive(Debug, Clone)]
pub struct Program {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// What it finds on standard input, then end of file.
    pub stdin: Vec<u8>,
    /// Environment variables beside the few that every program gets: `PATH`,
    /// `HOME`, `USER`, `TMPDIR` as we have them, and `LC_ALL=C.UTF-8`, so that
    /// what it prints can be read by a program.
    pub env: Vec<(String, String)>,
    /// Where it runs; none: where we do.
    pub directory: Option<PathBuf>,
    /// How long it may run before its process group is ended.
    pub timeout: Duration,
    /// How much it may print, standard output and error together, in bytes.
    pub max_output: usize,
}

impl Program {
    /// A program without input that may run 20 seconds and print 1 MiB.
    pub fn new<I: IntoIterator<Item: Into<String>>>(argv: I) -> Program {
        Program {
            argv: argv.into_iter().map(Into::into).collect(),
            stdin: Vec::new(),
            env: Vec::new(),
            directory: None,
            timeout: Duration::from_secs(20),
            max_output: 1024 * 1024,
        }
    }

    /// The program's name for sentences, without its directory.
    fn name(&self) -> &str {
        let program = self.argv.first().map_or("", String::as_str);
        program.rsplit('/').next().unwrap_or(program)
    }
}

/// Runs a program and gives back what it printed. A program that fails is no
/// [`Cause`]: its status says so. When the call is dropped, the program and
/// what it started are killed.
pub async fn run(program: &Program) -> Result<Output, Cause> {
    let began = Instant::now();
    let mut child = start(program)?;
    let group =
        ProcessGroup(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw));
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());

    let room = AtomicUsize::new(program.max_output);
    let feed = async {
        if let Some(mut pipe) = stdin {
            // A program that does not read its input to the end is not in trouble.
            let _ = pipe.write_all(&program.stdin).await;
        }
        Ok(())
    };
    let work = async {
        let ((), stdout, stderr) = tokio::try_join!(feed, take(stdout, &room), take(stderr, &room))
            .map_err(|TooMuch| too_large(program))?;
        let status = child.wait().await.map_err(|error| failed(program, &error))?;
        Ok(Output { status: status_of(status), stdout, stderr, took: began.elapsed() })
    };
    let result = match tokio::time::timeout(program.timeout, work).await {
        Ok(result) => result,
        Err(_) => Err(timed_out(program)),
    };
    match &result {
        Ok(_) => group.forget(),
        Err(_) => group.end().await,
    }
    result
}

fn start(program: &Program) -> Result<tokio::process::Child, Cause> {
    let Some((path, arguments)) = program.argv.split_first() else {
        return Err(Cause::new(
            CauseWord::CommandMissing,
            "no program is named that could be run",
            "name a program",
        ));
    };
    let own = |name: &str| std::env::var_os(name);
    let mut command = tokio::process::Command::new(path);
    command
        .args(arguments)
        .env_clear()
        .env("PATH", own("PATH").unwrap_or_else(|| DEFAULT_PATH.into()))
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    for name in ["HOME", "USER", "TMPDIR"] {
        if let Some(value) = own(name) {
            command.env(name, value);
        }
    }
    command.envs(program.env.iter().map(|(name, value)| (name, value)));
    if let Some(directory) = &program.directory {
        command.current_dir(directory);
    }
    command.spawn().map_err(|error| failed(program, &error))
}

/// There was more output than allowed.
struct TooMuch;

/// Reads a pipe to its end, or to the end of the room that both pipes share.
async fn take(
    pipe: Option<impl AsyncRead + Unpin>,
    room: &AtomicUsize,
) -> Result<Vec<u8>, TooMuch> {
    let mut taken = Vec::new();
    let Some(mut pipe) = pipe else { return Ok(taken) };
    let mut chunk = vec![0; 16 * 1024];
    // An unreadable pipe ends like a closed one; the status tells the rest.
    while let Ok(count @ 1..) = pipe.read(&mut chunk).await {
        room.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(count)).map_err(|_| TooMuch)?;
        taken.extend(chunk.iter().take(count));
    }
    Ok(taken)
}

/// The processes of a running program; killed when they are dropped while it runs.
struct ProcessGroup(Option<Pid>);

impl ProcessGroup {
    /// The program ended by itself.
    fn forget(mut self) {
        self.0 = None;
    }

    /// Asks the processes to end, and ends those that do not.
    async fn end(self) {
        if let Some(group) = self.0 {
            // No such process: it is gone already.
            let _ = kill_process_group(group, Signal::TERM);
            tokio::time::sleep(GRACE).await;
        }
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// The names of the signals that end programs, as SSH has them.
const SIGNALS: [(Signal, &str); 13] = [
    (Signal::HUP, "HUP"),
    (Signal::INT, "INT"),
    (Signal::QUIT, "QUIT"),
    (Signal::ILL, "ILL"),
    (Signal::ABORT, "ABRT"),
    (Signal::BUS, "BUS"),
    (Signal::FPE, "FPE"),
    (Signal::KILL, "KILL"),
    (Signal::SEGV, "SEGV"),
    (Signal::PIPE, "PIPE"),
    (Signal::ALARM, "ALRM"),
    (Signal::TERM, "TERM"),
    (Signal::XCPU, "XCPU"),
];

fn status_of(status: ExitStatus) -> Status {
    use std::os::unix::process::ExitStatusExt;
    let Some(number) = status.signal() else {
        return Status::Exited(status.code().unwrap_or(-1));
    };
    let known = SIGNALS.iter().find(|(signal, _)| signal.as_raw() == number);
    Status::Signal(known.map_or_else(|| number.to_string(), |(_, name)| (*name).to_owned()))
}

fn failed(program: &Program, error: &std::io::Error) -> Cause {
    let name = program.name();
    let (what, next) = match error.kind() {
        std::io::ErrorKind::NotFound => {
            ("is not installed on this machine", format!("install {name} on this machine"))
        }
        std::io::ErrorKind::PermissionDenied => (
            "cannot be run on this machine",
            format!("look at the permissions of {name} on this machine"),
        ),
        _ => ("could not be run on this machine", "try again".to_owned()),
    };
    let path = program.argv.first().map_or("", String::as_str);
    Cause::new(CauseWord::CommandMissing, format!("{name} {what}"), next)
        .with_detail(format!("{path}: {error}"))
}

fn timed_out(program: &Program) -> Cause {
    let (name, limit) = (program.name(), program.timeout.as_secs_f32());
    Cause::new(
        CauseWord::TimedOut,
        format!("{name} did not end within {limit} s and was ended"),
        format!("run {name} by hand on this machine to see what it waits for"),
    )
}

fn too_large(program: &Program) -> Cause {
    let (name, limit) = (program.name(), program.max_output);
    Cause::new(
        CauseWord::TooLarge,
        format!("{name} printed more than {limit} bytes and was ended"),
        format!("run {name} by hand on this machine to see what it prints"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(line: &str) -> Program {
        Program::new(["/bin/sh", "-c", line])
    }

    #[tokio::test]
    async fn output_and_status_come_back() {
        let mut program = shell("cat; echo oops >&2; exit 3");
        program.stdin = b"given".to_vec();
        let output = run(&program).await.unwrap();
        assert_eq!(output.status, Status::Exited(3));
        assert_eq!(output.stdout, b"given");
        assert_eq!(output.stderr, b"oops\n");
        let killed = run(&shell("kill -KILL $$")).await.unwrap();
        assert_eq!(killed.status, Status::Signal("KILL".into()));
    }

    #[tokio::test]
    async fn input_that_nobody_reads_does_no_harm() {
        let mut program = shell("exit 0");
        program.stdin = vec![b'x'; 1_000_000];
        assert!(run(&program).await.unwrap().success());
    }

    #[tokio::test]
    async fn the_environment_is_ours_to_say() {
        let mut program = shell("env");
        program.env.push(("IPMI_PASSWORD".into(), "planted".into()));
        let printed = String::from_utf8(run(&program).await.unwrap().stdout).unwrap();
        let names: std::collections::BTreeSet<_> =
            printed.lines().filter_map(|line| line.split('=').next()).collect();
        assert!(names.contains("IPMI_PASSWORD") && names.contains("PATH"), "{names:?}");
        let allowed = [
            "HOME",
            "IPMI_PASSWORD",
            "LC_ALL",
            "PATH",
            "PWD",
            "OLDPWD",
            "SHLVL",
            "TMPDIR",
            "USER",
            "_",
        ];
        assert!(names.iter().all(|name| allowed.contains(name)), "{names:?}");
    }

    #[tokio::test]
    async fn a_missing_program_is_a_cause_of_its_own() {
        let cause = run(&Program::new(["/nowhere/ipmitool", "sdr"])).await.unwrap_err();
        assert_eq!(cause.word, CauseWord::CommandMissing);
        assert_eq!(cause.sentence, "ipmitool is not installed on this machine");
        let cause = run(&Program::new(Vec::<String>::new())).await.unwrap_err();
        assert_eq!(cause.word, CauseWord::CommandMissing);
    }

    #[tokio::test]
    async fn a_program_that_hangs_is_ended_with_its_children() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("child");
        let mut program =
            shell(&format!("trap '' TERM; sleep 60 & echo $! >{}; wait; wait", file.display()));
        program.timeout = Duration::from_millis(300);
        let began = Instant::now();
        let cause = run(&program).await.unwrap_err();
        assert_eq!(cause.word, CauseWord::TimedOut);
        assert!(began.elapsed() < Duration::from_secs(5));
        assert_gone(&file).await;
    }

    #[tokio::test]
    async fn dropping_the_call_kills_the_program_and_its_children() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("child");
        let program = shell(&format!("sleep 60 & echo $! >{}; wait", file.display()));
        let call = tokio::time::timeout(Duration::from_millis(300), run(&program));
        assert!(call.await.is_err());
        assert_gone(&file).await;
    }

    #[tokio::test]
    async fn a_flood_is_cut_off() {
        let mut program = shell("cat /dev/zero");
        program.max_output = 100_000;
        let cause = run(&program).await.unwrap_err();
        assert_eq!(cause.word, CauseWord::TooLarge);
        assert_eq!(cause.sentence, "sh printed more than 100000 bytes and was ended");
    }

    /// The process whose id is in the file ends soon (a zombie has ended).
    async fn assert_gone(file: &std::path::Path) {
        let pid = std::fs::read_to_string(file).unwrap();
        let stat = format!("/proc/{}/stat", pid.trim());
        for _ in 0..100 {
            match std::fs::read_to_string(&stat) {
                Ok(text) if !text.contains(") Z") => {}
                _ => return,
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("process {pid} still runs");
    }
}
