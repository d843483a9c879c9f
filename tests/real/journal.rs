//! The journal of a host in the log view, over real OpenSSH: one `journalctl -f`
//! that stays, lines as they are written, a line that is cut, an account that
//! may not read. The `journalctl` is a stand-in (`tests/servers/journalctl`).

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use shopfloor::app::Msg;
use shopfloor::app::logs::{LogNews, LogOrder, Shape};
use shopfloor::runtime::host_journal;
use shopfloor::runtime::logs::LogDesk;
use shopfloor::transport::ssh::{SshPool, Status, StreamNews};
use tokio::sync::mpsc;

use crate::fleet::Fleet;
use crate::hosts::reach;
use crate::ssh::pool;
use crate::suite::{ran, skipped};

const SUITE: &str = "journal";
/// The host with a journal, one that refuses, one that is well.
const HOST: usize = 1;
const REFUSING: usize = 2;
const WELL: usize = 3;

/// Servers of these tests alone: others find theirs healthy.
fn fleet() -> Option<Fleet> {
    match Fleet::start(3) {
        Ok(fleet) => {
            ran(SUITE);
            Some(fleet)
        }
        Err(why) => {
            skipped(SUITE, &why);
            None
        }
    }
}

fn line(second: usize, text: &str) -> String {
    format!("2026-03-05T13:{:02}:{:02}.000001+0000 node a[1]: {text}\n", second / 60, second % 60)
}

/// A log view that follows one host.
struct View {
    news: mpsc::Receiver<Msg>,
    shown: Vec<String>,
    failed: Vec<String>,
    sources: usize,
}

impl View {
    fn follow(fleet: &Fleet, number: usize) -> View {
        let (to, news) = mpsc::channel(4096);
        let desk = LogDesk::start(None, None, to.clone()).unwrap();
        desk.order(LogOrder::Shape(Shape { rows: 60, columns: 200, ..Shape::default() }));
        let reach = Arc::new(reach(fleet.settings()));
        tokio::spawn(host_journal::follow(reach, fleet.endpoint(number), desk, to));
        View { news, shown: Vec::new(), failed: Vec::new(), sources: 0 }
    }

    async fn until(&mut self, what: &str, done: impl Fn(&View) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !done(self) {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(Some(msg)) = tokio::time::timeout(left, self.news.recv()).await else {
                panic!("{what}: {:?} {:?}", self.shown, self.failed);
            };
            match msg {
                Msg::Log(LogNews::Window(window, _)) => {
                    self.shown = window.lines().map(|line| line.text()).collect();
                }
                Msg::Log(LogNews::Sources(sources)) => self.sources = sources.len(),
                Msg::Log(LogNews::Failed(sentence)) => self.failed.push(sentence),
                _ => {}
            }
        }
    }

    fn ends(&self) -> Vec<&str> {
        self.shown.iter().filter_map(|line| line.split("a[1]: ").nth(1)).collect()
    }
}

fn append(fleet: &Fleet, text: &str) {
    let path = fleet.file("journal/lines");
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// How the program was called, oldest first: its process, the process of sshd, its words.
fn asked(fleet: &Fleet) -> Vec<(u32, u32, String)> {
    let text = std::fs::read_to_string(fleet.file("journal/asked")).unwrap_or_default();
    let told = text.lines().map(|line| {
        let mut words = line.splitn(3, ' ');
        let mut number = || words.next().unwrap().parse().unwrap();
        (number(), number(), words.next().unwrap().to_owned())
    });
    told.collect()
}

async fn until(what: &str, done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_come_as_they_are_written_and_a_cut_loses_and_doubles_none() {
    let Some(fleet) = fleet() else { return };
    assert!(fleet.fault("journal", HOST));
    append(&fleet, &format!("{}{}  more of two\n", line(1, "one"), line(2, "two")));
    let mut view = View::follow(&fleet, HOST);
    view.until("what was there", |view| view.ends() == ["one", "two"]).await;
    for (second, text) in [(3, "three"), (4, "four")] {
        append(&fleet, &line(second, text));
        view.until(text, |view| view.ends().last() == Some(&text)).await;
    }
    let calls = asked(&fleet);
    assert_eq!(calls.len(), 1, "one program for all of it: {calls:?}");
    assert_eq!(calls[0].2, "-q -f --utc -o short-iso-precise --no-pager -n 500");

    // The session's own server process is killed; two lines of the last moment are written meanwhile.
    let killed = std::process::Command::new("kill").args(["-9", &calls[0].1.to_string()]).status();
    assert!(killed.unwrap().success());
    view.until("a sentence about the cut", |view| !view.failed.is_empty()).await;
    append(&fleet, &format!("{}{}", line(4, "also four"), line(5, "five")));
    view.until("what came meanwhile", |view| view.ends().last() == Some(&"five")).await;
    assert_eq!(view.ends(), ["one", "two", "three", "four", "also four", "five"]);
    assert!(view.shown[2].contains("more of two"), "{:?}", view.shown);
    assert_eq!(view.sources, 1, "it goes on in the same source");
    let calls = asked(&fleet);
    assert!(calls[1].2.ends_with("--no-tail --since=2026-03-05 13:00:04.000001 UTC"), "{calls:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_may_not_be_read_is_one_sentence() {
    let Some(fleet) = fleet() else { return };
    assert!(fleet.fault("forced", REFUSING));
    let mut view = View::follow(&fleet, REFUSING);
    view.until("a refusal", |view| !view.failed.is_empty()).await;
    assert!(
        view.failed[0].starts_with(
            "the journal of node-002 cannot be read: This account is currently not available"
        ),
        "{:?}",
        view.failed
    );
    assert_eq!(view.sources, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_read_while_it_runs_and_ends_with_its_reader() {
    let Some(fleet) = fleet() else { return };
    let pool: Arc<SshPool> = pool(fleet.settings());
    let endpoint = fleet.endpoint(WELL);
    let line = "echo first; read line; echo aside >&2; sleep 0.5; echo last; exit 3";
    let mut stream = pool.open_stream(&endpoint, line).await.unwrap();
    let (mut out, mut aside) = (Vec::new(), Vec::new());
    let status = loop {
        match stream.next().await {
            StreamNews::Bytes(bytes) => out.extend(bytes),
            StreamNews::Complaint(bytes) => aside.extend(bytes),
            StreamNews::Ended(status) => break status,
            StreamNews::Cut(cause) => panic!("{cause:?}"),
        }
    };
    assert_eq!((out.as_slice(), aside.as_slice()), (&b"first\nlast\n"[..], &b"aside\n"[..]));
    assert_eq!(status, Some(Status::Exited(3)));
    assert_eq!(stream.next().await, StreamNews::Ended(None));

    // Sixteen, one after the other: more than a connection has sessions.
    for _ in 0..16 {
        let mut stream = pool.open_stream(&endpoint, "echo $$; exec sleep 600").await.unwrap();
        let StreamNews::Bytes(bytes) = stream.next().await else { panic!("no process id") };
        let id: u32 = String::from_utf8(bytes).unwrap().trim().parse().unwrap();
        let process = PathBuf::from(format!("/proc/{id}"));
        assert!(process.exists());
        drop(stream);
        until("the command is ended", || !process.exists()).await;
    }
}
