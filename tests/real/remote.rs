//! Remote commands over lines that are cut: real sshd behind a proxy that
//! resets the line after so many bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use shopfloor::domain::endpoint::SshEndpoint;
use shopfloor::runner::remote::{
    AttemptId, Detached, End, Followed, Follower, From, News, Patience, RemoteCommand, State,
    StopSignal, TerminalState, follow,
};
use shopfloor::transport::ssh::SshSettings;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::fleet::{Fleet, fleet};
use crate::ssh::pool;

/// How long a host may not be heard of: no test waits that long unless it fails.
const PATIENCE: Patience =
    Patience { before: Duration::from_secs(60), after: Some(Duration::from_secs(60)) };

/// Everything that a command gave.
#[derive(Default)]
struct Taken {
    bytes: Vec<u8>,
    news: Vec<News>,
}

impl Follower for Taken {
    async fn give(&mut self, bytes: Vec<u8>) {
        self.bytes.extend(bytes);
    }

    async fn news(&mut self, news: News) {
        self.news.push(news);
    }
}

/// A line to a host that ends after so many bytes of one direction, and the
/// next one, until `cuts` are used up.
pub struct Line {
    pub port: u16,
    passed: Arc<[AtomicUsize; 2]>,
    cut: Arc<AtomicUsize>,
}

impl Line {
    /// `after`: bytes to the host (0) or from it (1) after which the line is reset; `cuts` times.
    pub async fn start(to: (String, u16), direction: usize, after: usize, cuts: usize) -> Line {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let passed: Arc<[AtomicUsize; 2]> = Arc::default();
        let cut = Arc::new(AtomicUsize::new(0));
        let line = Line { port, passed: Arc::clone(&passed), cut: Arc::clone(&cut) };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect((to.0.as_str(), to.1)).await else { return };
                let may_cut = cut.load(Ordering::SeqCst) < cuts;
                let limits =
                    [0, 1].map(|d| if may_cut && d == direction { after } else { usize::MAX });
                let (passed, cut) = (Arc::clone(&passed), Arc::clone(&cut));
                tokio::spawn(async move {
                    if carry(client, server, limits, &passed).await {
                        cut.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        line
    }

    pub fn cuts(&self) -> usize {
        self.cut.load(Ordering::SeqCst)
    }
}

/// Carries bytes both ways until one side ends (`false`) or a limit is reached (`true`).
async fn carry(
    mut client: TcpStream,
    mut server: TcpStream,
    limits: [usize; 2],
    passed: &[AtomicUsize; 2],
) -> bool {
    let mut left = limits;
    let (mut up, mut down) = (vec![0; 16384], vec![0; 16384]);
    let is_cut = loop {
        if left.contains(&0) {
            break true;
        }
        let (direction, read) = tokio::select! {
            read = client.read(&mut up) => (0, read),
            read = server.read(&mut down) => (1, read),
        };
        let Ok(read @ 1..) = read else { break false };
        let taken = read.min(left[direction]);
        left[direction] -= taken;
        passed[direction].fetch_add(taken, Ordering::SeqCst);
        let written = match direction {
            0 => server.write_all(&up[..taken]).await,
            _ => client.write_all(&down[..taken]).await,
        };
        if written.is_err() {
            break false;
        }
    };
    if is_cut {
        // A reset, not a goodbye; what was passed on still arrives on loopback.
        let _ = client.set_zero_linger();
        let _ = server.set_zero_linger();
    }
    is_cut
}

fn through(fleet: &Fleet, number: usize, line: &Line) -> SshEndpoint {
    SshEndpoint { via: Some(("127.0.0.1".into(), line.port)), ..fleet.endpoint(number) }
}

fn settings(fleet: &Fleet) -> SshSettings {
    SshSettings { connect_timeout: Duration::from_secs(20), ..fleet.settings() }
}

/// Prints known bytes in two parts with a pause between, notes that it ran, ends with 7.
fn command(marks: &std::path::Path, attempt: &str) -> RemoteCommand {
    let script = "echo ran >>\"$1\"; cat; sleep 0.2; head -c 3000 /dev/zero | tr '\\0' z; exit 7";
    let mark = marks.join(attempt).display().to_string();
    RemoteCommand::new(["sh", "-c", script, "sh", &mark], input()).unwrap()
}

fn input() -> Vec<u8> {
    (0..=255u8).cycle().take(5000).collect()
}

fn wanted() -> Vec<u8> {
    let mut wanted = input();
    wanted.extend([b'z'; 3000]);
    wanted
}

/// A directory that the account of the fleet may write.
pub fn marks() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let marks = tempfile::tempdir().unwrap();
    std::fs::set_permissions(marks.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    marks
}

/// One run over a line that is cut there; how often it was cut and what it told.
async fn run_cut(
    fleet: &Fleet,
    marks: &std::path::Path,
    direction: usize,
    after: usize,
    cuts: usize,
) -> (usize, [usize; 2]) {
    let number = 80 + after % 16;
    let to = (Fleet::address(number), fleet.port);
    let line = Line::start(to, direction, after, cuts).await;
    let attempt = format!("{}-{direction}-{after}-{cuts}", std::process::id());
    let pool = pool(settings(fleet));
    let id = AttemptId::new(&attempt).unwrap();
    let detached = Detached::new(Arc::clone(&pool), through(fleet, number, &line), id);
    let (mut taken, command) = (Taken::default(), command(marks, &attempt));
    let ended = follow(&detached, From::Start(&command), PATIENCE, &mut taken).await;
    let Taken { bytes, news } = taken;
    let what = format!("direction {direction} after {after} bytes: {news:?}");
    assert_eq!(ended, Followed::Ended(End::Exit(7)), "{what}");
    // The cut may come only now; asked again it is as good as never.
    let removed = match detached.remove().await {
        Ok(answer) => answer,
        Err(_) => detached.remove().await.unwrap(),
    };
    assert_eq!(removed.state, State::Absent, "{what}");
    assert!(bytes == wanted(), "{what}: {} of {} bytes", bytes.len(), wanted().len());
    let ran = std::fs::read_to_string(marks.join(&attempt)).unwrap();
    assert_eq!(ran, "ran\n", "{what}");
    pool.close_all().await;
    (line.cuts(), [0, 1].map(|d| line.passed[d].load(Ordering::SeqCst)))
}

/// Places along `whole` bytes: some at the very beginning, some of each region
/// at a place that a fixed sequence of numbers chooses.
pub fn places(whole: usize, count: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..8).map(|byte| byte * 3 + 1).collect();
    let mut number: u64 = 0x5eed;
    for region in 0..count {
        number =
            number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (from, width) = (whole * region / count, (whole / count).max(1));
        places.push(from + (number >> 33) as usize % width + 1);
    }
    places
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_cut_at_any_byte_loses_neither_output_nor_status_and_nothing_runs_twice() {
    let fleet = fleet!();
    let marks = marks();
    let (cuts, whole) = run_cut(fleet, marks.path(), 0, usize::MAX, 0).await;
    assert_eq!(cuts, 0);
    let all: Vec<(usize, usize)> = [0, 1]
        .into_iter()
        .flat_map(|direction| {
            places(whole[direction], 100).into_iter().map(move |at| (direction, at))
        })
        .collect();
    let count = all.len();
    let cut: usize = futures_util::stream::iter(all)
        .map(|(direction, after)| run_cut(fleet, marks.path(), direction, after, 1))
        .buffer_unordered(12)
        .map(|(cuts, _)| cuts)
        .fold(0, |sum, cuts| async move { sum + cuts })
        .await;
    println!("{count} runs, {cut} of them cut; {whole:?} bytes without a cut");
    assert!(cut >= count * 9 / 10, "{cut} of {count} runs were cut at all");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_cut_again_and_again_gets_there_in_the_end() {
    let fleet = fleet!();
    let marks = marks();
    let (_, whole) = run_cut(fleet, marks.path(), 1, usize::MAX, 0).await;
    // Late enough that a request fits, early enough that each line serves only one or two.
    let (cuts, _) = run_cut(fleet, marks.path(), 1, whole[1] * 2 / 3, 5).await;
    assert!(cuts >= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_that_ended_goes_on_where_it_was_and_a_stop_reaches_the_command() {
    let fleet = fleet!();
    let pool = pool(fleet.settings());
    let name = format!("{}-stop", std::process::id());
    let id = AttemptId::new(&name).unwrap();
    let detached = Detached::new(Arc::clone(&pool), fleet.endpoint(97), id.clone());
    let script = "i=0; while :; do echo line $i; i=$((i + 1)); sleep 0.05; done";
    let command = RemoteCommand::new(["sh", "-c", script], "").unwrap();
    assert_eq!(detached.start(&command).await.unwrap().state, State::Running);
    let mut bytes = Vec::new();
    while bytes.len() < 30 {
        let (at, wait) = (bytes.len() as u64, Duration::from_secs(5));
        let more = detached.fetch(at, wait, TerminalState::None).await.unwrap();
        assert_eq!(more.state, State::Running);
        bytes.extend(more.bytes);
    }
    let (_, signalled) = detached.stop(StopSignal::Term).await.unwrap();
    assert!(signalled.iter().any(|process| process.command.contains("echo line")), "{signalled:?}");
    let from = From::Offset(bytes.len() as u64);
    let mut taken = Taken { bytes, news: Vec::new() };
    let ended = follow(&detached, from, PATIENCE, &mut taken).await;
    assert_eq!(ended, Followed::Ended(End::Signal(15)));
    assert!(matches!(taken.news.as_slice(), [News::Begun(_)]), "{:?}", taken.news);
    let text = String::from_utf8(taken.bytes).unwrap();
    for (number, line) in text.lines().enumerate() {
        assert_eq!(line, format!("line {number}"));
    }
    assert_eq!(detached.kept(&id).await.unwrap(), std::slice::from_ref(&id));
    assert_eq!(detached.left().await.unwrap().1, [], "nobody is left");
    assert_eq!(detached.remove().await.unwrap().state, State::Absent);
    let asked = detached.fetch(0, Duration::ZERO, TerminalState::None).await;
    assert_eq!(asked.unwrap().state, State::Absent, "forgotten");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_not_there_is_told_from_one_that_went_away() {
    let fleet = fleet!();
    let pool = pool(SshSettings { connect_timeout: Duration::from_secs(2), ..fleet.settings() });
    // Nothing listens behind this line.
    let host = SshEndpoint { via: Some(("127.0.0.1".into(), 1)), ..fleet.endpoint(98) };
    let id = AttemptId::new("never").unwrap();
    let detached = Detached::new(pool, host, id);
    let command = RemoteCommand::new(["true"], "").unwrap();
    let second = Duration::from_secs(1);
    let patience = Patience { before: second, after: Some(second) };
    let taken = &mut Taken::default();
    let ended = follow(&detached, From::Start(&command), patience, taken).await;
    assert!(matches!(ended, Followed::NotBegun(_)), "{ended:?}");
    let ended = follow(&detached, From::Offset(5), patience, taken).await;
    assert!(matches!(ended, Followed::Unknown(_)), "{ended:?}");
}
