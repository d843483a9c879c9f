//! What the screen costs: key to frame at 10,000 hosts while facts arrive,
//! and, of the real binary in a pseudo-terminal, first frame, idle CPU and
//! resident memory. Run by `tests/bench/run`.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use shopfloor::app::model::{LookNames, Size, Start};
use shopfloor::app::{Input, Key, Model, Msg, update};
use shopfloor::domain::{Answer, ProbeId, Stamp, Value};
use shopfloor::inventory::Inventory;
use shopfloor::inventory::settings::Settings;
use shopfloor::inventory::site::build_site;
use shopfloor::inventory::vault::Vault;
use shopfloor::lab::{DemoOptions, DemoSite};
use shopfloor::runtime::load::{LoadOptions, load_site};
use shopfloor::runtime::painter::Painter;
use shopfloor::runtime::player::picture_of;
use shopfloor::ui::look::{Look, LookEnv};

/// Hosts of the large site (design: figures).
const HOSTS: usize = 10_000;
/// Facts that arrive in a second.
const FACTS_PER_SECOND: usize = 500;
/// Seconds of traffic that are played.
const SECONDS: usize = 60;
/// Keys in a second; a held-down key repeats about as fast.
const KEYS_PER_SECOND: usize = 25;

fn main() -> ExitCode {
    if std::env::args().any(|arg| arg == "--test" || arg == "--list") {
        return ExitCode::SUCCESS;
    }
    shopfloor::transport::http::install_crypto();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("runtime");
    println!("| What | Measured | Goal |");
    println!("| --- | --- | --- |");
    runtime.block_on(key_to_frame());
    runtime.block_on(the_binary());
    ExitCode::SUCCESS
}

/// A real answer of a real look at a demo host.
async fn real_answer() -> Answer {
    let site = DemoSite::start(DemoOptions::default()).await.expect("the demo site");
    let loaded = load_site(&LoadOptions::new(site.directory(), None)).expect("the site");
    let probe = loaded
        .probes
        .iter()
        .find(|probe| {
            probe.spec().name == "host.look" && probe.id().target.as_str().starts_with("gpu")
        })
        .expect("a GPU node")
        .clone();
    probe.ask(&loaded.reach).await
}

async fn key_to_frame() {
    let answer = real_answer().await;
    let Answer::Facts(report) = &answer else { panic!("the demo host answers: {answer:?}") };
    let facts = report.facts.len();
    let text = format!(
        "all:\n  vars:\n    servers:\n      list: {{}}\n  children:\n    compute:\n      hosts:\n        gpu-[00001:{HOSTS:05}]:\n          ansible_user: ubuntu\n"
    );
    let inventory =
        Inventory::parse(&text, std::path::Path::new("inventory.yml")).expect("an inventory");
    let site = build_site(&inventory, &Settings::default(), &Vault::default()).site;
    let probes: Vec<ProbeId> =
        shopfloor::probes::probes_of(&site).iter().map(|p| p.id().clone()).collect();
    let (catalogue, _) = shopfloor::checks::Catalogue::load(&[], &Default::default());

    let start = Stamp::from_seconds(1_790_000_000);
    let mut model = Model::new(Start {
        now: start,
        size: Size::new(200, 60),
        look: LookNames::default(),
        ..Start::default()
    });
    update(&mut model, Msg::SiteLoaded(Box::new(site), Box::new(catalogue)));
    for id in &probes {
        update(&mut model, Msg::Answered(id.clone(), answer.clone(), start, 20));
    }

    let look = Look::choose(&LookEnv {
        term: "xterm-256color".into(),
        lang: "C.UTF-8".into(),
        ..Default::default()
    })
    .look;
    let mut painter = Painter::new(std::io::sink(), true);
    let keys: Vec<char> = "jjjkjjj2jjjj1!!3:ab".chars().collect();
    let answers_per_key =
        (FACTS_PER_SECOND as f64 / facts as f64 / KEYS_PER_SECOND as f64).max(0.05);
    let mut owed = 0.0;
    let mut asked = 0usize;
    let mut spans = Vec::new();
    let mut updating = Duration::ZERO;
    for n in 0..SECONDS * KEYS_PER_SECOND {
        let now = start.plus_millis((n * 1000 / KEYS_PER_SECOND) as i64);
        owed += answers_per_key;
        // The worst case: the key comes when a batch has just been taken from the queue.
        let begun = Instant::now();
        while owed >= 1.0 {
            owed -= 1.0;
            let id = probes[asked * 7919 % probes.len()].clone();
            asked += 1;
            update(&mut model, Msg::Answered(id, varied(&answer, asked), now, 20));
        }
        if n % KEYS_PER_SECOND == 0 {
            update(&mut model, Msg::Clock(now));
        }
        updating += begun.elapsed();
        let c = keys[n % keys.len()];
        update(&mut model, Msg::Input(Input::Key(Key::char(c))));
        if c == 'b' {
            update(&mut model, Msg::Input(Input::Key(Key::plain(shopfloor::app::KeyName::Esc))));
        }
        painter.paint(picture_of(&model, &look, 200, 60)).expect("a sink");
        spans.push(begun.elapsed());
    }
    spans.sort();
    let at = |share: f64| spans[((spans.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    println!(
        "| key to frame, {HOSTS} hosts, {FACTS_PER_SECOND} facts/s, 200x60 | p50 {:.2} ms, p99 {:.2} ms, worst {:.2} ms | p99 under 16 ms |",
        at(0.5),
        at(0.99),
        at(1.0)
    );
    println!(
        "| the answers' own cost | {:.2} ms per answer of {facts} facts | - |",
        updating.as_secs_f64() * 1000.0 / asked.max(1) as f64
    );
}

/// The same answer with other numbers, so that values do change.
fn varied(answer: &Answer, n: usize) -> Answer {
    let mut answer = answer.clone();
    if let Answer::Facts(report) = &mut answer {
        for fact in &mut report.facts {
            if let Value::Number(number) = &mut fact.value {
                *number += (n % 3) as f64 * 0.001;
            }
        }
    }
    answer
}

/// First frame, idle CPU and memory of the real binary on the demo site.
async fn the_binary() {
    use tokio::io::AsyncReadExt as _;

    let site = DemoSite::start(DemoOptions::default()).await.expect("the demo site");
    let home = tempfile::tempdir().expect("a scratch directory");
    let (mut pty, pts) = pty_process::open().expect("a pseudo-terminal");
    pty.resize(pty_process::Size::new(48, 160)).expect("resize");
    let begun = Instant::now();
    let child = pty_process::Command::new(env!("CARGO_BIN_EXE_shopfloor"))
        .args(["--site", &site.directory().display().to_string()])
        .env("TERM", "xterm-256color")
        .env("LANG", "C.UTF-8")
        .env("XDG_STATE_HOME", home.path())
        .kill_on_drop(true)
        .spawn(pts)
        .expect("the binary");
    let pid = child.id().expect("a pid");
    let mut bytes = vec![0u8; 1 << 16];
    let mut seen = Vec::new();
    let mut first = None;
    let settle: u64 =
        std::env::var("BENCH_SETTLE_S").ok().and_then(|s| s.parse().ok()).unwrap_or(30);
    let idle: u64 = std::env::var("BENCH_IDLE_S").ok().and_then(|s| s.parse().ok()).unwrap_or(60);
    let mut from = None;
    let end = begun + Duration::from_secs(settle + idle);
    while Instant::now() < end {
        if let Ok(Ok(n)) =
            tokio::time::timeout(Duration::from_millis(200), pty.read(&mut bytes)).await
        {
            seen.extend_from_slice(&bytes[..n]);
            if first.is_none() && String::from_utf8_lossy(&seen).contains("Overview") {
                first = Some(begun.elapsed());
            }
            seen.clear();
        }
        if from.is_none() && begun.elapsed() > Duration::from_secs(settle) {
            from = Some((Instant::now(), cpu_of(pid)));
        }
    }
    let (since, cpu) = from.expect("time to settle");
    let share = (cpu_of(pid) - cpu).as_secs_f64() / since.elapsed().as_secs_f64() * 100.0;
    let first = first.map_or_else(
        || "never".to_owned(),
        |span| format!("{:.0} ms", span.as_secs_f64() * 1000.0),
    );
    println!("| start to first frame | {first} | under 1 s |");
    println!(
        "| CPU while nobody types, 62 targets asked every 30 s | {share:.2} % of one core | under 1 % |"
    );
    println!("| own resident memory | {:.1} MiB | under 60 MiB |", resident(pid));
    let _ = std::io::stdout().flush();
}

fn cpu_of(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("the binary still runs");
    let fields: Vec<u64> = stat
        .rsplit(')')
        .next()
        .expect("fields")
        .split_whitespace()
        .filter_map(|f| f.parse().ok())
        .collect();
    Duration::from_millis((fields[10] + fields[11]) * 10)
}

fn resident(pid: u32) -> f64 {
    let status =
        std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the binary still runs");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("VmRSS");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).expect("a number")
        / 1024.0
}
