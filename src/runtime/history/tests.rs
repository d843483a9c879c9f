//! The history as a whole: what goes in comes out, and trouble has one sentence.

use std::path::Path;

use proptest::prelude::*;
use tempfile::TempDir;

use super::limits::Limits;
use super::schema::{self, HistoryTrouble};
use super::store::Store;
use super::{reader, upkeep};
use crate::app::history::{Series, SeriesKind, SinceQuestion, Turn};
use crate::domain::fact::{Fact, Value};
use crate::domain::keys::{self, hosts, power};
use crate::domain::{
    Answer, Cause, CauseWord, FactStore, KeyName, Layer, ProbeId, Report, Stamp, TargetId, Verdict,
};

const START: i64 = 1_795_000_000_000;
const HOUR: i64 = 3_600_000;

fn scratch() -> (TempDir, std::path::PathBuf) {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join(super::FILE);
    (scratch, path)
}

fn open(path: &Path, at: i64) -> Store {
    Store::open(path, Limits::of_release(), Stamp(at)).unwrap()
}

fn id(probe: &str) -> ProbeId {
    ProbeId { target: "gpu-07".into(), probe: probe.to_owned().into() }
}

fn load(value: f64) -> Answer {
    let mut report = Report::default();
    report.learn(hosts::LOAD, value);
    Answer::Facts(report)
}

fn silent() -> Answer {
    Answer::TimedOut(Cause::new(CauseWord::TimedOut, "it is silent", "wait"))
}

fn turn(verdict: Verdict, at: i64) -> Turn {
    Turn {
        at: Stamp(at),
        check: "HOST-05".into(),
        target: "gpu-07".into(),
        layer: Layer::Hosts,
        verdict,
        sentence: format!("the clock of gpu-07 is {verdict}"),
    }
}

fn question(kind: SeriesKind, name: &str, now: i64) -> SinceQuestion {
    let series = vec![Series { kind, target: "gpu-07".into(), name: name.into() }];
    SinceQuestion { series, span_ms: 24 * HOUR, now: Stamp(now) }
}

/// The last kept value of every fact, put together from the file alone.
fn folded(path: &Path) -> Vec<(String, Option<Value>)> {
    let connection = schema::open_to_read(path).unwrap().unwrap();
    let mut statement =
        connection.prepare("SELECT id, name FROM series WHERE kind = 0 ORDER BY name").unwrap();
    let series: Vec<(i64, String)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let mut all = Vec::new();
    for (id, name) in series {
        let numbers = upkeep::rows_between(&connection, id, i64::MIN, i64::MAX).unwrap();
        let mut steps: Vec<(i64, Option<Value>)> = numbers
            .iter()
            .map(|row| match row.span() {
                Some(span) => (span.until, Some(Value::Number(span.last))),
                None => (row.at, None),
            })
            .collect();
        let mut changes = connection
            .prepare(
                "SELECT c.at, t.text FROM changes c LEFT JOIN texts t ON t.id = c.text
                 WHERE c.series = ?",
            )
            .unwrap();
        let rows = changes.query_map([id], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        for row in rows {
            let (at, text): (i64, Option<String>) = row.unwrap();
            steps.push((at, text.map(|text| serde_json::from_str(&text).unwrap())));
        }
        steps.sort_by_key(|(at, _)| *at);
        all.push((name, steps.pop().unwrap().1));
    }
    all
}

fn value_of(key: &'static str) -> impl Strategy<Value = Fact> {
    let value = match key {
        "host.load" | "host.processors" | "host.memory_total" => {
            (-3i32..3).prop_map(|n| Value::Number(f64::from(n) / 2.0)).boxed()
        }
        "host.swaps" => prop::collection::vec("[ab]{1,2}", 0..3).prop_map(Value::List).boxed(),
        _ => "[a-c]{0,2}".prop_map(Value::Text).boxed(),
    };
    value.prop_map(move |value| Fact { key: KeyName::fixed(key), value })
}

fn answer() -> impl Strategy<Value = Answer> {
    let keys = ["host.load", "host.processors", "host.kernel", "host.swaps", "host.os"];
    let facts = keys.map(|key| prop::option::weighted(0.85, value_of(key)));
    let facts = Vec::from(facts).prop_map(|facts| {
        Answer::Facts(Report { facts: facts.into_iter().flatten().collect(), ..Report::default() })
    });
    prop_oneof![8 => facts, 1 => Just(silent())]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever was answered, thinned, reopened: the file ends with what is known now.
    #[test]
    fn the_kept_changes_fold_back_to_the_last_state(
        answers in prop::collection::vec((answer(), 1i64..2_000_000, 0u8..20), 1..40),
    ) {
        let (_scratch, path) = scratch();
        let mut at = START;
        let mut store = open(&path, at);
        let mut known = FactStore::default();
        for (answer, ahead, event) in answers {
            at += ahead;
            store.answer(&id("host.look"), &answer, Stamp(at)).unwrap();
            known.take(&id("host.look"), answer, Stamp(at), 1);
            match event {
                0 => {
                    store.commit(Stamp(at)).unwrap();
                    drop(store);
                    store = open(&path, at);
                }
                1 => store.keep_up(Stamp(at + 10 * HOUR)).unwrap(),
                2 => store.keep_up(Stamp(at + 100 * HOUR)).unwrap(),
                _ => {}
            }
        }
        store.commit(Stamp(at)).unwrap();
        let kept = folded(&path);
        let now = &known.of(&TargetId::from("gpu-07")).known;
        for (name, known) in now {
            let last = kept.iter().find(|(kept, _)| kept == name.as_str());
            prop_assert_eq!(last.and_then(|(_, value)| value.as_ref()), Some(&known.value));
        }
        let alive = kept.iter().filter(|(_, value)| value.is_some()).count();
        prop_assert_eq!(alive, now.len(), "what is gone is gone in the file too");
    }
}

#[test]
fn what_does_not_change_is_written_once() {
    let (_scratch, path) = scratch();
    let mut store = open(&path, START);
    for minute in 0..100 {
        let mut report = Report::default();
        let at = Stamp(START + minute * 60_000);
        report.learn(hosts::KERNEL, "6.8".to_owned());
        report.learn(hosts::LOAD, 1.5);
        // Goes with the clock, give or take what a look takes.
        report.learn(hosts::UPTIME, 5000.0 + minute as f64 * 60.0 + (minute % 3) as f64);
        report.learn(hosts::CLOCK, at.plus_millis(-700 * (minute % 4)));
        store.answer(&id("host.look"), &Answer::Facts(report), at).unwrap();
        // A table of readings counts by its words.
        let mut report = Report::default();
        let mut table = crate::domain::fact::Table::new(&["name", "reading", "state"]);
        table.push(vec!["inlet".into(), format!("{}.5", 20 + minute % 7), "ok".into()]);
        report.learn(power::redfish::TEMPERATURES, table);
        store.answer(&id("bmc.redfish"), &Answer::Facts(report), at).unwrap();
    }
    // Four facts, one table and two probes.
    assert_eq!(store.rows, 7);
    let mut report = Report::default();
    let at = Stamp(START + 200 * 60_000);
    report.learn(hosts::UPTIME, 12.0);
    store.answer(&id("host.look"), &Answer::Facts(report), at).unwrap();
    // Booted; and the kernel, the load and the clock are no longer told.
    assert_eq!(store.rows, 11);
    store.commit(at).unwrap();
    let told = reader::since(&path, &question(SeriesKind::Fact, "host.uptime", at.0)).unwrap();
    assert_eq!(told[0].steps.len(), 2);
    assert_eq!(told[0].plot, None);
}

#[test]
fn since_when_counts_across_starts_and_says_when_nobody_watched() {
    let (_scratch, path) = scratch();
    let mut store = open(&path, START);
    store.turn(&turn(Verdict::Pass, START)).unwrap();
    store.turn(&turn(Verdict::Fail, START + 60_000)).unwrap();
    store.commit(Stamp(START + HOUR)).unwrap();
    drop(store);
    // Three hours without a console; then the first verdict is the same.
    let again = START + 4 * HOUR;
    let past = reader::past(&path).unwrap().unwrap();
    assert_eq!(past.watched_until, Some(Stamp(START + HOUR)));
    assert_eq!(past.findings.len(), 1);
    assert_eq!(past.findings[0].since, Stamp(START + 60_000));
    assert_eq!((past.changes.len(), past.changes[0].from), (1, Verdict::Pass));
    let mut store = open(&path, again);
    store.turn(&turn(Verdict::Fail, again)).unwrap();
    store.commit(Stamp(again + 1000)).unwrap();
    let asked = question(SeriesKind::Verdict, "HOST-05", again + 2000);
    let told = reader::since(&path, &asked).unwrap().remove(0);
    assert_eq!(told.steps[0].words.as_deref(), Some("fail"));
    assert_eq!(told.steps[0].at, Stamp(START + 60_000));
    assert_eq!(told.steps[0].unwatched_since, None);
    assert_eq!(told.gaps, [(Stamp(START + HOUR), Stamp(again))]);
    // What turned in the gap is told as such.
    store.turn(&turn(Verdict::Warn, again + 3000)).unwrap();
    store.commit(Stamp(again + 4000)).unwrap();
    let told = reader::since(&path, &asked).unwrap().remove(0);
    assert_eq!(told.steps[0].unwatched_since, Some(Stamp(START + HOUR)));
    assert!(told.gaps.is_empty());
}

#[test]
fn a_plot_has_no_values_while_the_probe_was_in_trouble_or_nobody_watched() {
    let (_scratch, path) = scratch();
    let mut store = open(&path, START);
    for (minute, answer) in [(0, load(1.0)), (10, load(4.0)), (20, silent()), (40, load(2.0))] {
        store.answer(&id("host.look"), &answer, Stamp(START + minute * 60_000)).unwrap();
    }
    store.commit(Stamp(START + HOUR)).unwrap();
    let told =
        reader::since(&path, &question(SeriesKind::Fact, "host.load", START + HOUR)).unwrap();
    let plot = told[0].plot.as_ref().unwrap();
    assert_eq!((plot.from, plot.to), (Stamp(START), Stamp(START + HOUR)));
    let at = |minute: usize| plot.columns[minute * plot.columns.len() / 60 + 1];
    assert_eq!((at(5), at(15)), (Some((1.0, 1.0)), Some((4.0, 4.0))));
    assert_eq!((at(25), at(39), at(45)), (None, None, Some((2.0, 2.0))));
    assert_eq!(plot.range, ("1".into(), "4".into()));
    assert_eq!(plot.thinned, None);
}

#[test]
fn old_numbers_become_spans_that_say_so_and_the_time_is_bounded() {
    let (_scratch, path) = scratch();
    let mut store = open(&path, START);
    for look in 0..2000 {
        let at = START + look * 30_000;
        store.answer(&id("host.look"), &load((look % 50) as f64), Stamp(at)).unwrap();
    }
    let now = START + 2000 * 30_000 + 7 * HOUR;
    let count = |store: &Store| -> i64 {
        store.connection.query_row("SELECT count(*) FROM numbers", [], |r| r.get(0)).unwrap()
    };
    assert_eq!(count(&store), 2000);
    store.keep_up(Stamp(now)).unwrap();
    let thinned = count(&store);
    assert!((190..=210).contains(&thinned), "{thinned} of 2000, 5 min each");
    store.keep_up(Stamp(now)).unwrap();
    assert_eq!(count(&store), thinned, "once is enough");
    let told = reader::since(&path, &question(SeriesKind::Fact, "host.load", now)).unwrap();
    let plot = told[0].plot.as_ref().unwrap();
    assert_eq!(plot.thinned.map(|(_, minutes)| minutes), Some(5));
    assert_eq!(plot.range, ("0".into(), "49".into()));
    assert_eq!(told[0].steps[0].at, Stamp(START + 1999 * 30_000), "the last one to the moment");
    // After more than thirty days the last value is left, and since when.
    store.keep_up(Stamp(now + 40 * 24 * HOUR)).unwrap();
    assert_eq!(count(&store), 1);
}

#[test]
fn the_file_stays_below_its_bound_and_keeps_the_newest() {
    let (_scratch, path) = scratch();
    let limits = Limits { megabytes: 1, ..Limits::of_release().clone() };
    let mut store = Store::open(&path, &limits, Stamp(START)).unwrap();
    let mut at = START;
    for look in 0..3000 {
        at = START + look * 30_000;
        let mut report = Report::default();
        report.learn(hosts::KERNEL, format!("{look} {}", "x".repeat(1000)));
        store.answer(&id("host.look"), &Answer::Facts(report), Stamp(at)).unwrap();
    }
    store.commit(Stamp(at)).unwrap();
    assert!(store.used_bytes().unwrap() > 3_000_000);
    store.keep_up(Stamp(at)).unwrap();
    let used = store.used_bytes().unwrap();
    assert!((200_000..=1_000_000).contains(&used), "{used}");
    let kept = folded(&path);
    assert!(kept[0].1.as_ref().is_some_and(|value| value.to_string().starts_with("2999 ")));
}

#[test]
fn a_newer_and_a_damaged_history_and_one_that_cannot_be_made_are_told_apart() {
    let (scratch, path) = scratch();
    drop(open(&path, START));
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let newer = schema::open_to_write(&path).unwrap_err();
    assert!(matches!(newer, HistoryTrouble::Newer { found: 99, .. }), "{newer}");
    assert!(newer.to_string().contains("newer shopfloor (format 99"), "{newer}");
    assert!(matches!(reader::past(&path), Err(HistoryTrouble::Newer { .. })));

    let noise = scratch.path().join("noise.sqlite");
    std::fs::write(&noise, "this is no database, and long enough to be looked at".repeat(40))
        .unwrap();
    let damaged = schema::open_to_write(&noise).unwrap_err();
    assert!(matches!(damaged, HistoryTrouble::Damaged { .. }), "{damaged}");

    let nowhere = scratch.path().join("missing/history.sqlite");
    let cannot = schema::open_to_write(&nowhere).unwrap_err().to_string();
    assert!(cannot.contains("cannot be made") && cannot.contains("nothing is kept"), "{cannot}");
    assert_eq!(reader::past(&nowhere).unwrap(), None, "none is no trouble");
    // Bytes in the middle of a good file are found when they are read.
    let (_scratch, path) = self::scratch();
    let mut store = open(&path, START);
    for number in 0..2000 {
        store
            .answer(
                &id("host.look"),
                &load(f64::from(number)),
                Stamp(START + i64::from(number) * 1000),
            )
            .unwrap();
    }
    store.commit(Stamp(START)).unwrap();
    store.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(store);
    let mut bytes = std::fs::read(&path).unwrap();
    for byte in bytes.iter_mut().skip(4096) {
        *byte = 0x5a;
    }
    std::fs::write(&path, bytes).unwrap();
    let damaged = Store::open(&path, Limits::of_release(), Stamp(START)).err().unwrap();
    assert!(matches!(damaged, HistoryTrouble::Damaged { .. }), "{damaged}");
}

#[test]
fn a_full_disk_gives_one_sentence_and_the_file_stays_good() {
    let (_scratch, path) = scratch();
    let mut store = open(&path, START);
    store.connection.pragma_update(None, "max_page_count", 12).unwrap();
    let mut failed = None;
    for look in 0..5000 {
        if let Err(error) =
            store.answer(&id("host.look"), &load(f64::from(look)), Stamp(START + i64::from(look)))
        {
            failed = Some(HistoryTrouble::of(&path, error).to_string());
            break;
        }
    }
    let sentence = failed.expect("it is full");
    assert!(sentence.contains("is full; nothing is kept until some space is free"), "{sentence}");
    drop(store);
    let mut store = open(&path, START);
    store.answer(&id("host.look"), &load(1.0), Stamp(START)).unwrap();
    store.commit(Stamp(START)).unwrap();
}

#[test]
fn a_clock_that_was_set_back_keeps_the_order() {
    let (_scratch, path) = scratch();
    let mut store = open(&path, START);
    store.answer(&id("host.look"), &load(1.0), Stamp(START)).unwrap();
    store.answer(&id("host.look"), &load(2.0), Stamp(START - HOUR)).unwrap();
    store.commit(Stamp(START)).unwrap();
    assert_eq!(folded(&path), [("host.load".to_owned(), Some(Value::Number(2.0)))]);
    let all: Vec<_> = keys::all().map(|info| info.name).collect();
    assert!(all.contains(&"host.load"));
}

#[test]
fn a_look_without_a_screen_is_kept_unless_a_console_writes() {
    let (scratch, path) = scratch();
    let seen = |value, at| super::Seen {
        answers: vec![(id("host.look"), load(value), Stamp(at))],
        verdicts: vec![turn(Verdict::Fail, at)],
    };
    super::keep_once(scratch.path(), &seen(1.0, START), Stamp(START)).unwrap();
    assert_eq!(folded(&path).len(), 1);
    let past = reader::past(&path).unwrap().unwrap();
    assert_eq!(past.findings.len(), 1);
    assert_eq!(past.watched_until, Some(Stamp(START)));
    let lease = super::lease::Lease::take(&path.with_extension("lock")).unwrap();
    super::keep_once(scratch.path(), &seen(2.0, START + HOUR), Stamp(START + HOUR)).unwrap();
    drop(lease);
    let past = reader::past(&path).unwrap().unwrap();
    assert_eq!(past.watched_until, Some(Stamp(START)), "whoever has the lease writes");
}

#[test]
fn in_a_shared_folder_the_history_is_the_groups() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join(".shopfloor");
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o3770)).unwrap();
    let seen = super::Seen {
        answers: vec![(id("host.look"), load(1.0), Stamp(START))],
        verdicts: Vec::new(),
    };
    super::keep_once(&folder, &seen, Stamp(START)).unwrap();
    let path = folder.join(super::FILE);
    for file in [path.clone(), path.with_extension("lock")] {
        let mode = std::fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o660, "{}", file.display());
    }
    let connection = schema::open_to_read(&path).unwrap().unwrap();
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "delete", "what SQLite leaves beside it is not for others");
    let left: Vec<_> = std::fs::read_dir(&folder).unwrap().flatten().collect();
    assert_eq!(left.len(), 2, "{left:?}");
}
