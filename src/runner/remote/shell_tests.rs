//! The wrapper under the shells of this machine, on this machine.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use super::*;
use crate::transport::ssh::Status;

/// A home of its own, and a `sh` that is one of the shells.
struct Host {
    home: tempfile::TempDir,
    shell: &'static str,
    tools: Option<PathBuf>,
}

impl Host {
    /// `None` where that shell is not on this machine.
    fn new(shell: &'static str) -> Option<Host> {
        let found = std::env::split_paths(&std::env::var_os("PATH")?)
            .map(|directory| directory.join(shell))
            .find(|path| path.is_file())?;
        let home = tempfile::tempdir().unwrap();
        let tools = home.path().join("tools");
        std::fs::create_dir(&tools).unwrap();
        let mut names = vec!["sh".to_owned()];
        if shell == "busybox" {
            // All of its tools, as on a host that has nothing else.
            let list = Process::new(&found).arg("--list").output().unwrap();
            names.extend(String::from_utf8(list.stdout).unwrap().lines().map(str::to_owned));
        }
        for name in names {
            let _ = std::os::unix::fs::symlink(&found, tools.join(name));
        }
        println!("REAL shell-{shell} the wrapper of remote commands");
        Some(Host { home, shell, tools: Some(tools) })
    }

    fn ask(&self, arguments: &[&str], input: &[u8]) -> Output {
        self.ask_cut(arguments, input, usize::MAX)
    }

    /// The same, with only so many bytes of what is sent.
    fn ask_cut(&self, arguments: &[&str], input: &[u8], bytes: usize) -> Output {
        let request = request(arguments, input);
        let tools = self.tools.as_deref().unwrap_or(Path::new("/"));
        let path = match self.shell {
            "busybox" => tools.display().to_string(),
            _ => format!("{}:{}", tools.display(), std::env::var("PATH").unwrap()),
        };
        let mut child = Process::new(tools.join("sh"))
            .args(["-c", &request.line])
            .env("PATH", path)
            .env("HOME", self.home.path())
            .env_remove("XDG_STATE_HOME")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let sent = &request.stdin[..bytes.min(request.stdin.len())];
        // A wrapper that does not want it any more closes its end.
        let _ = child.stdin.take().unwrap().write_all(sent);
        let output = child.wait_with_output().unwrap();
        let code = output.status.code().unwrap_or(-1);
        Output {
            status: Status::Exited(code),
            stdout: output.stdout,
            stderr: output.stderr,
            took: Duration::ZERO,
        }
    }

    fn told(&self, arguments: &[&str], input: &[u8]) -> Answered {
        let output = self.ask(arguments, input);
        answer(&output).unwrap_or_else(|| {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            panic!("{} {arguments:?}: {said} {:?}", self.shell, output.stdout)
        })
    }

    /// Fetches until the end; the state and everything it printed.
    fn finish(&self, attempt: &str) -> (State, Vec<u8>) {
        let (mut bytes, begun) = (Vec::new(), Instant::now());
        loop {
            let offset = bytes.len().to_string();
            let told = self.told(&["fetch", attempt, &offset, "1000", "20", "-"], &[]);
            assert!(told.bytes.len() <= 1000);
            bytes.extend(told.bytes);
            if told.state != State::Running && bytes.len() as u64 == told.size {
                return (told.state, bytes);
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{told:?}", told = told.state);
        }
    }
}

fn hosts() -> Vec<Host> {
    let hosts: Vec<Host> = ["dash", "bash", "busybox"].into_iter().filter_map(Host::new).collect();
    assert!(!hosts.is_empty());
    hosts
}

fn command(arguments: &[&[u8]], stdin: &[u8]) -> Vec<u8> {
    RemoteCommand::new(arguments, stdin).unwrap().sent()
}

#[test]
fn arguments_input_output_and_status_go_there_and_back_unchanged() {
    for host in hosts() {
        let strange: Vec<u8> = (1..=255u8).filter(|byte| *byte != b'_').collect();
        let arguments: Vec<&[u8]> = vec![
            b"sh",
            b"-c",
            b"for a in \"$@\"; do printf '<%s>' \"$a\"; done; cat; printf %s \"$SHOPFLOOR_ATTEMPT\"; exit 7",
            b"sh",
            b"",
            b"two words",
            b"line\nend\n",
            b"$(touch /tmp/never) `id` ; ' \" \\ %s \\0101 -n",
            &strange,
        ];
        let input: Vec<u8> = (0..=255u8).cycle().take(9000).collect();
        let told = host.told(&["start", "run-8.1"], &command(&arguments, &input));
        assert!(matches!(told.state, State::Running | State::Ended(End::Exit(7))), "{told:?}");
        let (state, bytes) = host.finish("run-8.1");
        let mut wanted = Vec::new();
        for argument in &arguments[4..] {
            wanted.extend([b"<", *argument, b">"].concat());
        }
        wanted.extend(&input);
        wanted.extend(b"run-8.1");
        assert_eq!(state, State::Ended(End::Exit(7)), "{}", host.shell);
        assert!(bytes == wanted, "{}: {} of {}", host.shell, bytes.len(), wanted.len());
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&told.directory).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        assert_eq!(host.told(&["remove", "run-8.1"], &[]).state, State::Absent);
        assert!(!Path::new(&told.directory).exists());
        assert_eq!(host.told(&["fetch", "run-8.1", "0", "10", "0", "-"], &[]).state, State::Absent);
    }
}

#[test]
fn an_attempt_never_runs_twice_however_often_it_is_started() {
    for host in hosts() {
        let mark = host.home.path().join("mark");
        let script = format!("echo once >>{}; sleep 0.3", mark.display());
        let sent = command(&[b"sh", b"-c", script.as_bytes()], b"");
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| host.told(&["start", "a-1"], &sent));
            }
        });
        assert_eq!(host.finish("a-1").0, State::Ended(End::Exit(0)));
        host.told(&["start", "a-1"], &sent);
        assert_eq!(std::fs::read_to_string(&mark).unwrap(), "once\n", "{}", host.shell);
        let left: Vec<_> =
            std::fs::read_dir(host.home.path().join(".local/state/shopfloor/detached"))
                .unwrap()
                .map(|entry| entry.unwrap().file_name())
                .collect();
        assert_eq!(left, ["a-1"], "no half-made place is left");
    }
}

#[test]
fn a_request_cut_at_any_byte_begins_nothing_and_a_whole_one_after_it_does() {
    let host = hosts().remove(0);
    let mark = host.home.path().join("mark");
    let script = format!("echo once >>{}", mark.display());
    let sent = command(&[b"sh", b"-c", script.as_bytes()], b"input");
    let whole = request(&["start", "a-1"], &sent).stdin.len();
    let header = whole - sent.len();
    let places = (0..header).step_by(97).chain(header - 5..whole);
    for bytes in places {
        let output = host.ask_cut(&["start", "a-1"], &sent, bytes);
        if let Some(told) = answer(&output) {
            assert_eq!(told.state, State::Incomplete, "cut at {bytes} of {whole}");
        }
        assert!(!mark.exists(), "cut at {bytes} of {whole}");
    }
    assert!(matches!(
        host.told(&["start", "a-1"], &sent).state,
        State::Running | State::Ended(End::Exit(0))
    ));
    assert_eq!(host.finish("a-1").0, State::Ended(End::Exit(0)));
    assert_eq!(std::fs::read_to_string(&mark).unwrap(), "once\n");
}

#[test]
fn stopping_ends_the_whole_group_and_the_end_is_known() {
    for host in hosts() {
        let sent =
            command(&[b"sh", b"-c", b"echo begun; sleep 1000 & sleep 1000; echo never"], b"");
        host.told(&["start", "stop-1"], &sent);
        while host.told(&["fetch", "stop-1", "0", "100", "20", "-"], &[]).bytes != b"begun\n" {}
        assert_eq!(host.told(&["remove", "stop-1"], &[]).state, State::Running, "it stays");
        host.told(&["stop", "stop-1", "TERM"], &[]);
        let (state, bytes) = host.finish("stop-1");
        assert_eq!(
            (state, bytes.as_slice()),
            (State::Ended(End::Signal(15)), &b"begun\n"[..]),
            "{}",
            host.shell
        );
    }
}

#[test]
fn a_waiter_that_was_killed_leaves_the_end_unknown() {
    for host in hosts() {
        let told = host.told(&["start", "a-1"], &command(&[b"sleep", b"30"], b""));
        let begun = std::fs::read_to_string(Path::new(&told.directory).join("begun")).unwrap();
        let waiter = begun.split(' ').next().unwrap();
        while host.told(&["stop", "a-1", "CONT"], &[]).state == State::NotBegun {}
        let pid = std::fs::read_to_string(Path::new(&told.directory).join("pid")).unwrap();
        for pid in [waiter, pid.trim()] {
            assert!(Process::new("kill").args(["-KILL", pid]).status().unwrap().success());
        }
        let patience = Instant::now() + Duration::from_secs(30);
        let mut state = State::Running;
        while state == State::Running && Instant::now() < patience {
            state = host.told(&["fetch", "a-1", "0", "10", "1", "-"], &[]).state;
        }
        assert_eq!(state, State::Lost, "{}", host.shell);
        // Neither does a start make it run again.
        let again = host.told(&["start", "a-1"], &command(&[b"sleep", b"30"], b""));
        assert_eq!(again.state, State::Lost);
        assert_eq!(host.told(&["remove", "a-1"], &[]).state, State::Absent);
    }
}

#[test]
fn programs_that_cannot_run_end_as_a_shell_tells_it() {
    for host in hosts() {
        host.told(&["start", "a-1"], &command(&[b"/no/such/program", b"x"], b""));
        let (state, bytes) = host.finish("a-1");
        assert_eq!(state, State::Ended(End::Exit(127)), "{}", host.shell);
        assert!(!bytes.is_empty());
        host.told(&["start", "a-2"], &command(&[b"/etc/passwd"], b""));
        assert_eq!(host.finish("a-2").0, State::Ended(End::Exit(126)), "{}", host.shell);
    }
}

#[test]
fn a_host_that_keeps_nothing_runs_it_on_the_line() {
    for host in hosts() {
        let sent = command(&[b"sh", b"-c", b"cat; echo \"$1\"; exit 4", b"sh", b"a b"], b"in\n");
        let output = host.ask(&["attached"], &sent);
        assert_eq!(output.status, Status::Exited(4), "{}", host.shell);
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "in\na b\n");
    }
}

#[test]
fn names_and_arguments_that_cannot_be_are_refused_here() {
    assert_eq!(RemoteCommand::new([""; 0], ""), Err(NotSent::Empty));
    assert_eq!(RemoteCommand::new(["-x"], ""), Err(NotSent::Dash));
    assert_eq!(RemoteCommand::new(["a", "b\0"], ""), Err(NotSent::Zero(1)));
    for name in ["", ".", "-a", "a/b", "a b", "a'b", &"a".repeat(65)] {
        assert_eq!(super::super::AttemptId::new(name), None, "{name}");
    }
    assert!(super::super::AttemptId::new("8.3-node-01").is_some());
}
