//! The real binary on a terminal of its own: first frame with nothing
//! reachable, CPU and memory on a fleet, an inventory of 10,000 hosts.

mod figures;
mod fleet;
#[path = "../tests/scale/grown.rs"]
mod grown;

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use figures::{cpu_of, met, resident};
use fleet::{ACCOUNT, Fleet};
use pty_process::{OwnedReadPty, OwnedWritePty};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const SHOPFLOOR: &str = env!("CARGO_BIN_EXE_shopfloor");
/// Hosts of the site where nothing can be reached.
const UNREACHABLE: usize = 148;
/// Machines of the large inventory.
const MACHINES: usize = 10_000;
/// Rounds of what is quick; the slowest counts.
const ROUNDS: usize = 5;

fn main() -> ExitCode {
    let Some((fleet, runtime)) = fleet::ready() else { return ExitCode::SUCCESS };
    println!("| What | Measured | Goal | Met |");
    println!("| --- | --- | --- | --- |");
    check_inventory();
    runtime.block_on(first_frame());
    runtime.block_on(long_session(&fleet));
    ExitCode::SUCCESS
}

fn row(what: &str, measured: &str, goal: &str, is_met: bool) {
    println!("| {what} | {measured} | {goal} | {} |", met(is_met));
}

/// An inventory of hosts at these addresses, in racks of 20.
fn write_site(directory: &Path, hosts: &[(String, u16)], key: &str) {
    let mut text = format!(
        "all:\n  vars:\n    cluster_name: bench\n    servers:\n      list: {{}}\n    ansible_user: {ACCOUNT}\n    ansible_ssh_private_key_file: {key}\n  children:\n    compute:\n      hosts:\n"
    );
    for (n, (address, port)) in hosts.iter().enumerate() {
        let _ = writeln!(
            text,
            "        node-{:03}: {{ansible_host: {address}, ansible_port: {port}, rack: r{}, unit: {}}}",
            n + 1,
            n / 20 + 1,
            n % 20 * 2 + 1
        );
    }
    std::fs::write(directory.join("inventory.yml"), text).expect("an inventory");
}

/// The full screen, and what it wrote while somebody waited for a text.
struct Screen {
    child: tokio::process::Child,
    /// Dropped last: the screen leaves when its terminal goes.
    keys: OwnedWritePty,
    output: OwnedReadPty,
    seen: String,
    began: Instant,
}

impl Screen {
    fn open(site: &Path, home: &Path) -> Screen {
        let (pty, pts) = pty_process::open().expect("a pseudo-terminal");
        pty.resize(pty_process::Size::new(48, 160)).expect("resize");
        let began = Instant::now();
        let child = pty_process::Command::new(SHOPFLOOR)
            .args(["--site", &site.display().to_string()])
            .env("TERM", "xterm-256color")
            .env("LANG", "C.UTF-8")
            .env("HOME", home)
            .env("XDG_STATE_HOME", home.join("state"))
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env_remove("SSH_AUTH_SOCK")
            .kill_on_drop(true)
            .spawn(pts)
            .expect("the binary");
        let (output, keys) = pty.into_split();
        Screen { child, keys, output, seen: String::new(), began }
    }

    fn pid(&self) -> String {
        self.child.id().expect("it runs").to_string()
    }

    /// Reads until `text` was written; when it came, `None` when it did not until then.
    async fn wait_for(&mut self, text: &str, until: Instant) -> Option<Duration> {
        while !self.seen.contains(text) {
            let bytes = self.read(until).await?;
            self.seen.push_str(&String::from_utf8_lossy(&bytes));
        }
        Some(self.began.elapsed())
    }

    /// Lets time go by, as a terminal that shows everything.
    async fn watch(&mut self, span: Duration) {
        let until = Instant::now() + span;
        while self.read(until).await.is_some() {}
    }

    /// What is written next; `None` when nothing is until then, or it has ended.
    async fn read(&mut self, until: Instant) -> Option<Vec<u8>> {
        let mut bytes = vec![0u8; 1 << 16];
        let count =
            tokio::time::timeout_at(until.into(), self.output.read(&mut bytes)).await.ok()?.ok()?;
        bytes.truncate(count);
        (count > 0).then_some(bytes)
    }

    async fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).await.expect("it still runs");
    }
}

/// Half of the hosts refuse, half accept and never say a word.
async fn first_frame() {
    let silent = std::net::TcpListener::bind("0.0.0.0:0").expect("a port");
    let refusing = std::net::TcpListener::bind("0.0.0.0:0").expect("a port");
    let port_of = |listener: &std::net::TcpListener| listener.local_addr().expect("bound").port();
    let (silent_port, refusing_port) = (port_of(&silent), port_of(&refusing));
    drop(refusing);
    let hosts: Vec<_> = (0..UNREACHABLE)
        .map(|n| (format!("127.0.77.{}", n + 1), [silent_port, refusing_port][n % 2]))
        .collect();
    let site = tempfile::tempdir().expect("a scratch directory");
    write_site(site.path(), &hosts, "/nowhere/id");
    let (mut frames, mut sites) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let home = tempfile::tempdir().expect("a scratch directory");
        let mut screen = Screen::open(site.path(), home.path());
        let end = screen.began + Duration::from_secs(20);
        frames.push(screen.wait_for("Overview", end).await.expect("a frame"));
        sites.push(screen.wait_for("bench", end).await.expect("the site's name"));
        screen.press("q").await;
        screen.watch(Duration::from_secs(2)).await;
    }
    let slowest = |spans: &[Duration]| spans.iter().max().expect("rounds").as_millis();
    let (frame, named) = (slowest(&frames), slowest(&sites));
    row(
        &format!("start to first frame, none of {UNREACHABLE} hosts can be reached"),
        &format!("{frame} ms, {named} ms with the site's name"),
        "under 1 s",
        named < 1000,
    );
}

/// CPU and memory on the fleet.
async fn long_session(fleet: &Fleet) {
    let site = tempfile::tempdir().expect("a scratch directory");
    let home = tempfile::tempdir().expect("a scratch directory");
    let hosts: Vec<_> = fleet.addresses.iter().map(|a| (a.clone(), fleet.port)).collect();
    write_site(site.path(), &hosts, &fleet.file("id"));
    let known = fleet.file("known_hosts");
    std::fs::write(site.path().join("shopfloor.yml"), format!("known_hosts: {known}\n"))
        .expect("settings");
    let minutes = |name: &str, usual: u64| {
        let given = std::env::var(name).ok().and_then(|text| text.parse().ok());
        Duration::from_secs(given.unwrap_or(usual) * 60)
    };
    let (idle, hurried) = (minutes("BENCH_IDLE_MINUTES", 1), minutes("BENCH_HURRY_MINUTES", 2));
    let count = hosts.len();
    let mut screen = Screen::open(site.path(), home.path());
    let pid = screen.pid();
    screen.watch(Duration::from_secs(40)).await;
    let (since, before) = (Instant::now(), cpu_of(&pid).0);
    screen.watch(idle).await;
    let share = (cpu_of(&pid).0 - before).as_secs_f64() / since.elapsed().as_secs_f64() * 100.0;
    let early = resident(&pid);
    row(
        &format!(
            "CPU while nobody types, {count} hosts asked at the usual pace, {} min",
            idle.as_secs() / 60
        ),
        &format!("{share:.2} % of one core"),
        "under 1 %",
        share < 1.0,
    );
    // All hosts are asked anew again and again. A press asks only those whose last
    // ask is answered, so how much that is depends on them; what an hour leaves
    // is measured in benches/screen.rs, this is that and the connections.
    let end = Instant::now() + hurried;
    let before = (Instant::now(), cpu_of(&pid).0);
    screen.press("j").await;
    let mut rounds = 0;
    while Instant::now() < end {
        screen.press("r").await;
        rounds += 1;
        screen.watch(Duration::from_secs(5)).await;
    }
    let busy = (cpu_of(&pid).0 - before.1).as_secs_f64() / before.0.elapsed().as_secs_f64() * 100.0;
    let late = resident(&pid);
    row(
        &format!(
            "own resident memory, {count} hosts, after {} min in which all were asked anew {rounds} times",
            hurried.as_secs() / 60
        ),
        &format!("{late:.1} MiB ({early:.1} MiB before; {busy:.0} % of one core meanwhile)"),
        "under 60 MiB",
        late < 60.0,
    );
    screen.press("q").await;
    screen.watch(Duration::from_secs(2)).await;
}

/// The example's inventory, grown, through the real binary.
fn check_inventory() {
    let site = tempfile::tempdir().expect("a scratch directory");
    std::fs::write(site.path().join("inventory.yml"), grown::hosts(MACHINES)).expect("a file");
    inventory_row(site.path(), &format!("`inventory check`, {MACHINES} hosts"));
    std::fs::write(site.path().join("inventory.yml"), grown::machines(MACHINES)).expect("a file");
    inventory_row(
        site.path(),
        &format!("`inventory check`, {MACHINES} machines with leases, controllers and links"),
    );
}

fn inventory_row(site: &Path, what: &str) {
    let size = std::fs::metadata(site.join("inventory.yml")).expect("a file").len();
    let before = cpu_of("self").1;
    let mut spans: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            let status = std::process::Command::new(SHOPFLOOR)
                .args(["inventory", "check", "--site", &site.display().to_string()])
                .stdout(std::process::Stdio::null())
                .status()
                .expect("the binary");
            assert!(status.code().is_some_and(|code| code < 4), "{status}");
            begun.elapsed()
        })
        .collect();
    let cpu = (cpu_of("self").1 - before).as_secs_f64() / ROUNDS as f64;
    spans.sort();
    let middle = spans[ROUNDS / 2].as_secs_f64();
    row(
        what,
        &format!("{middle:.2} s, {cpu:.2} s of them CPU ({:.1} MB)", size as f64 / 1e6),
        "under 1 s",
        middle < 1.0,
    );
}
