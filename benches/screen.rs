//! Key to frame at 10,000 hosts while facts arrive, screen by screen; and what
//! an hour of answers leaves in memory.

mod figures;

use std::io::{Read as _, Write as _};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use shopfloor::app::model::{LookNames, Size, Start};
use shopfloor::app::{Input, Key, KeyName, Model, Msg, update};
use shopfloor::domain::{Answer, Cause, CauseWord, ProbeId, Stamp, Value};
use shopfloor::inventory::Inventory;
use shopfloor::inventory::settings::Settings;
use shopfloor::inventory::site::build_site;
use shopfloor::inventory::vault::Vault;
use shopfloor::lab::{DemoOptions, DemoSite};
use shopfloor::runtime::load::{LoadOptions, load_site};
use shopfloor::runtime::painter::Painter;
use shopfloor::runtime::player::picture_of;
use shopfloor::runtime::recorder::Recorder;
use shopfloor::ui::look::{Look, LookEnv};

/// Hosts of the large site (design: figures).
const HOSTS: usize = 10_000;
/// Facts that arrive in a second.
const FACTS_PER_SECOND: usize = 500;
/// Keys in a second; a held-down key repeats about as fast.
const KEYS_PER_SECOND: usize = 25;
/// Keys pressed on each screen: 20 seconds of them.
const KEYS: usize = 20 * KEYS_PER_SECOND;
/// One host of so many does not answer.
const SILENT: usize = 40;

/// What is pressed: to get to a place, and again and again there. Enter is `\n`, Esc `\u{1b}`.
const PLACES: [(&str, &str, &str); 6] = [
    ("Overview", "1", "jjjkjk!!"),
    ("Rack", "2", "jjjkGjgj"),
    ("Hosts by check", ":hosts\n", "jj  jk"),
    ("Hosts by target", ":hosts\no", "jjjkGkg!!"),
    ("filter over Hosts by target", "", "/gpu-01\u{1b}j"),
    ("palette over Hosts by target", "", ":gpu-1234\u{1b}j"),
];

fn main() -> ExitCode {
    if std::env::args().any(|arg| arg == "--test" || arg == "--list") {
        return ExitCode::SUCCESS;
    }
    if std::env::var_os(HOUR_IN_A_CHILD).is_some() {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).expect("an answer");
        hours(&serde_json::from_str(&text).expect("an answer"));
        return ExitCode::SUCCESS;
    }
    shopfloor::transport::http::install_crypto();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("runtime");
    let answer = runtime.block_on(real_answer());
    key_to_frame(&answer);
    hours_in_a_child(&answer);
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

/// The loop of the full screen without a terminal: what it notes, applies and draws.
struct Screen {
    model: Model,
    look: Look,
    recorder: Recorder<Model, Msg>,
    painter: Painter<std::io::Sink>,
}

impl Screen {
    /// A site of so many hosts of which every probe answered once.
    fn open(hosts: usize, start: Stamp, answer: &Answer) -> (Screen, Vec<ProbeId>) {
        let text = format!(
            "all:\n  vars:\n    servers:\n      list: {{}}\n  children:\n    compute:\n      hosts:\n        gpu-[00001:{hosts:05}]:\n          ansible_user: ubuntu\n"
        );
        let inventory =
            Inventory::parse(&text, std::path::Path::new("inventory.yml")).expect("an inventory");
        let site = build_site(&inventory, &Settings::default(), &Vault::default()).site;
        let probes: Vec<ProbeId> =
            shopfloor::probes::probes_of(&site).iter().map(|p| p.id().clone()).collect();
        let (catalogue, _) = shopfloor::checks::Catalogue::load(&[], &Default::default());
        let model = Model::new(Start {
            now: start,
            size: Size::new(200, 60),
            look: LookNames::default(),
            ..Start::default()
        });
        let look = Look::choose(&LookEnv {
            term: "xterm-256color".into(),
            lang: "C.UTF-8".into(),
            ..Default::default()
        })
        .look;
        let painter = Painter::new(std::io::sink(), true);
        let recorder = Recorder::start(Default::default()).expect("a thread");
        let mut screen = Screen { model, look, recorder, painter };
        screen.apply(Msg::SiteLoaded(Box::new(site), Box::new(catalogue)));
        for (n, id) in probes.iter().enumerate() {
            screen.apply(Msg::Answered(id.clone(), told(answer, n, 0), start, 20));
        }
        (screen, probes)
    }

    fn apply(&mut self, msg: Msg) {
        if self.recorder.wants_snapshot() {
            self.recorder.snapshot(self.model.clone());
        }
        self.recorder.message(msg.clone());
        update(&mut self.model, msg);
    }

    fn draw(&mut self) {
        let Size { columns, rows } = self.model.size;
        let frame = picture_of(&self.model, &self.look, columns, rows);
        self.painter.paint(frame).expect("a sink");
    }

    fn press(&mut self, c: char) {
        let key = match c {
            '\n' => Key::plain(KeyName::Enter),
            '\u{1b}' => Key::plain(KeyName::Esc),
            c => Key::char(c),
        };
        self.apply(Msg::Input(Input::Key(key)));
        self.draw();
    }
}

/// Hosts of the site whose memory is measured.
const SITE: usize = 148;
/// Seconds between two asks of a host, as `host.look` has it.
const PACE: usize = 30;
/// Set where this program measures its own memory.
const HOUR_IN_A_CHILD: &str = "SHOPFLOOR_BENCH_HOUR";

/// Memory is measured in a process of its own, which never held the large site.
fn hours_in_a_child(answer: &Answer) {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .env(HOUR_IN_A_CHILD, "1")
        .stdin(Stdio::piped())
        .spawn()
        .expect("this program again");
    let text = serde_json::to_vec(answer).expect("an answer is data");
    child.stdin.take().expect("a pipe").write_all(&text).expect("it reads");
    assert!(child.wait().expect("it ends").success());
}

/// Two hours of the usual pace, as fast as they go: every ask and answer is
/// applied, recorded and judged, each second passes, and a host now and then
/// is silent. What is kept is bounded when the second hour adds nothing.
fn hours(answer: &Answer) {
    let start = Stamp::from_seconds(1_790_000_000);
    let (mut screen, probes) = Screen::open(SITE, start, answer);
    let begun = Instant::now();
    let mut messages = 0usize;
    let mut resident = vec![figures::resident("self")];
    for second in 1..=7200usize {
        let now = start.plus_millis(second as i64 * 1000);
        screen.apply(Msg::Clock(now));
        for n in (0..probes.len()).filter(|n| n % PACE == second % PACE) {
            screen.apply(Msg::Asked(probes[n].clone(), now));
            // Another host is silent every minute, so that verdicts turn.
            let who = n + second / 60;
            screen.apply(Msg::Answered(probes[n].clone(), told(answer, who, second), now, 20));
            messages += 2;
        }
        screen.draw();
        messages += 1;
        // The recorder's thread is to keep up, as it does at the usual pace.
        std::thread::sleep(Duration::from_micros(200));
        if second % 3600 == 0 {
            resident.push(figures::resident("self"));
        }
    }
    let [first, hour, second] = resident[..] else { panic!("{resident:?}") };
    println!(
        "| own resident memory without connections, {SITE} hosts, two hours of messages in {:.0} s | {hour:.1} MiB after the first hour, {second:.1} MiB after the second ({first:.1} MiB at the start; {messages} messages) | under 60 MiB after an hour | {} |",
        begun.elapsed().as_secs_f64(),
        figures::met(hour < 60.0 && second < 60.0)
    );
}

fn key_to_frame(answer: &Answer) {
    let Answer::Facts(report) = answer else { panic!("the demo host answers: {answer:?}") };
    let facts = report.facts.len();
    let start = Stamp::from_seconds(1_790_000_000);
    let (mut screen, probes) = Screen::open(HOSTS, start, answer);

    println!(
        "| Key to frame, {HOSTS} hosts, {FACTS_PER_SECOND} facts/s, 200x60 | p50 | p99 | Worst | Goal | Met |"
    );
    println!("| --- | --- | --- | --- | --- | --- |");
    let answers_per_key = FACTS_PER_SECOND as f64 / facts as f64 / KEYS_PER_SECOND as f64;
    let (mut owed, mut asked, mut pressed) = (0.0, 0usize, 0usize);
    let mut all = Vec::new();
    let mut updating = Duration::ZERO;
    for (place, way, keys) in PLACES {
        way.chars().for_each(|c| screen.press(c));
        let mut spans = Vec::new();
        for c in keys.chars().cycle().take(KEYS) {
            let now = start.plus_millis((pressed * 1000 / KEYS_PER_SECOND) as i64);
            pressed += 1;
            owed += answers_per_key;
            // The worst case: the key comes when a batch has just been taken from the queue.
            let begun = Instant::now();
            while owed >= 1.0 {
                owed -= 1.0;
                let n = asked * 7919 % probes.len();
                asked += 1;
                screen.apply(Msg::Answered(probes[n].clone(), told(answer, n, asked), now, 20));
            }
            if pressed % KEYS_PER_SECOND == 0 {
                screen.apply(Msg::Clock(now));
            }
            updating += begun.elapsed();
            screen.press(c);
            spans.push(begun.elapsed());
        }
        row(place, &mut spans);
        all.append(&mut spans);
    }
    row("everywhere", &mut all);
    println!();
    println!(
        "An answer of {facts} facts with its share of the clock costs {:.2} ms.",
        updating.as_secs_f64() * 1000.0 / asked.max(1) as f64
    );
}

fn row(place: &str, spans: &mut [Duration]) {
    spans.sort();
    let at = |share: f64| spans[((spans.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    let (p50, p99, worst) = (at(0.5), at(0.99), at(1.0));
    println!(
        "| {place} | {p50:.2} ms | {p99:.2} ms | {worst:.2} ms | p99 under 16 ms | {} |",
        if p99 < 16.0 { "yes" } else { "no" }
    );
}

/// What host `n` tells: the same with other numbers, so that values do
/// change; some hosts are silent.
fn told(answer: &Answer, n: usize, round: usize) -> Answer {
    if n.is_multiple_of(SILENT) {
        return Answer::TimedOut(Cause::new(
            CauseWord::TimedOut,
            format!("no answer in {} s", 10 + n % 7),
            "look at its console",
        ));
    }
    let mut answer = answer.clone();
    if let Answer::Facts(report) = &mut answer {
        for fact in &mut report.facts {
            if let Value::Number(number) = &mut fact.value {
                *number += (round % 3) as f64 * 0.001;
            }
        }
    }
    answer
}
