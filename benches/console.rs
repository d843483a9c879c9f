//! 100 MB printed in a console session beside a detached tmux pane: the same
//! program, the same file, the same size.

mod figures;

use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::{Duration, Instant};

use figures::met;
use shopfloor::console::{Order, Place, Session, SessionOptions, State, Ways};
use shopfloor::transport::secrets::SecretStore;
use shopfloor::transport::ssh::SshPool;

const BYTES: usize = 100_000_000;
const SIZE: (u16, u16) = (120, 40);
const ROUNDS: usize = 5;

fn main() -> ExitCode {
    let dir = tempfile::tempdir().expect("a scratch directory");
    let file = dir.path().join("output");
    write(&file);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("runtime");
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    // In turns, so that whatever else the machine does falls on both.
    for round in 0..ROUNDS {
        ours.push(runtime.block_on(in_a_console(dir.path(), &file, round)));
        theirs.push(in_tmux(dir.path(), &file, round));
    }
    let median = |all: &mut Vec<Duration>| {
        all.sort();
        all[all.len() / 2].as_secs_f64()
    };
    let (ours, theirs) = (median(&mut ours), median(&mut theirs));
    let ratio = ours / theirs;
    println!("| What | Ours | Theirs | Ratio | Goal | Met |");
    println!("| --- | --- | --- | --- | --- | --- |");
    println!(
        "| 100 MB printed in a console session, recorded | {ours:.2} s | tmux detached pane {theirs:.2} s | {ratio:.2}x | ≤ 1.0x wall | {} |",
        met(ratio <= 1.0)
    );
    ExitCode::SUCCESS
}

/// Lines as a play prints them: some colour, some width.
fn write(file: &Path) {
    let mut text = String::with_capacity(BYTES + 200);
    let mut number = 0u64;
    while text.len() < BYTES {
        number += 1;
        let colour = 31 + number % 6;
        text.push_str(&format!(
            "\u{1b}[0;{colour}mchanged: [gpu-{:02}] => (item=package-{number})\u{1b}[0m {}\n",
            number % 96,
            "x".repeat((number % 50) as usize)
        ));
    }
    text.truncate(BYTES);
    std::fs::write(file, text).expect("written");
}

async fn in_a_console(dir: &Path, file: &Path, round: usize) -> Duration {
    let secrets = Arc::new(SecretStore::default());
    let ways = Ways { ssh: SshPool::new(Default::default(), Arc::clone(&secrets)), secrets };
    let place = Place::Local(vec!["cat".into(), file.display().to_string()]);
    let options = SessionOptions {
        size: SIZE,
        recording: Some(dir.join(format!("{round}.cast"))),
        unrecorded: String::new(),
        directory: None,
    };
    let begun = Instant::now();
    let session = Session::open(place, ways, options);
    // Detached, like the pane.
    session.tell(Order::Show(false));
    loop {
        tokio::time::sleep(Duration::from_millis(5)).await;
        session.tell(Order::Show(true));
        let ended = matches!(session.views().borrow().state, State::Ended(_));
        if ended {
            return begun.elapsed();
        }
        session.tell(Order::Show(false));
        assert!(begun.elapsed() < Duration::from_secs(300), "never ends");
    }
}

fn in_tmux(dir: &Path, file: &Path, round: usize) -> Duration {
    let (socket, done) = (dir.join(format!("{round}.tmux")), dir.join(format!("{round}.done")));
    let conf = dir.join("tmux.conf");
    std::fs::write(&conf, "set -g history-limit 10000\n").expect("written");
    // The file comes into being when all of it was read by tmux: cat ends then.
    let script = format!("cat '{}'; touch '{}'; sleep 100", file.display(), done.display());
    let tmux = |args: &[&str]| {
        let mut command = Command::new("tmux");
        command.arg("-S").arg(&socket).arg("-f").arg(&conf).args(args).env_remove("TMUX");
        assert!(command.output().expect("tmux runs").status.success(), "{args:?}");
    };
    let begun = Instant::now();
    let (columns, rows) = (SIZE.0.to_string(), SIZE.1.to_string());
    tmux(&["new-session", "-d", "-x", &columns, "-y", &rows, &script]);
    while !done.exists() {
        std::thread::sleep(Duration::from_millis(5));
        assert!(begun.elapsed() < Duration::from_secs(300), "never ends");
    }
    let took = begun.elapsed();
    tmux(&["kill-server"]);
    took
}
