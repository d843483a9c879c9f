//! What each capture holds: plays, banners, hosts by state, notes.
//!
//! Plays and banners were counted with `grep`; the recap proves the states
//! where there is one (`captures.rs`), here they stand for those without.

use super::{Outline, State, capture, captures, outline};
use crate::logs::ansible::{Kind, NoteKind};

/// Plays, banners, results by [`STATES`], notes by kind.
type Row = (&'static str, usize, usize, [u32; 10], [usize; 3]);

const STATES: [State; 10] = [
    State::Ok,
    State::Changed,
    State::Skipped,
    State::Included,
    State::Failed,
    State::Ignored,
    State::Rescued,
    State::Unreachable,
    State::Retrying,
    State::Polling,
];

const SITE: [u32; 10] = [104, 48, 12, 4, 1, 3, 4, 0, 0, 0];
const SITE_ON_TERMINAL: [u32; 10] = [96, 46, 11, 4, 1, 3, 4, 0, 0, 0];
const SITE_UNREACHABLE: [u32; 10] = [96, 46, 11, 4, 1, 3, 4, 1, 0, 0];
const LOOP: [u32; 10] = [1, 0, 1, 0, 1, 1, 0, 0, 0, 0];
const ONE_FAILED: [u32; 10] = [0, 0, 0, 0, 1, 0, 0, 0, 0, 0];
const TWO_WELL: [u32; 10] = [2, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const WARNED: [u32; 10] = [4, 1, 0, 0, 0, 0, 0, 0, 0, 0];
const NOTHING: [u32; 10] = [0; 10];

const TABLE: [Row; 38] = [
    ("abort-color-core2.19.log", 1, 1, [3, 0, 0, 0, 1, 0, 0, 0, 0, 0], [0, 0, 0]),
    ("abort-color.log", 1, 1, [3, 0, 0, 0, 1, 0, 0, 0, 0, 0], [0, 0, 0]),
    ("check-diff-color.log", 3, 27, [11, 6, 8, 0, 1, 0, 0, 0, 0, 0], [1, 0, 0]),
    ("crash-truncated.log", 1, 6, [18, 0, 0, 0, 0, 0, 0, 1, 0, 0], [0, 0, 0]),
    ("default-color-core2.19.log", 7, 60, SITE, [0, 0, 0]),
    ("default-color.log", 7, 60, SITE, [0, 0, 0]),
    ("default-plain.log", 7, 60, SITE, [0, 0, 0]),
    ("default-tty-core2.19.log", 7, 60, SITE_ON_TERMINAL, [0, 0, 0]),
    ("default-tty.log", 7, 60, SITE_ON_TERMINAL, [0, 0, 0]),
    ("dense-callback-color.log", 0, 0, NOTHING, [0, 0, 0]),
    ("interrupted-color-core2.19.log", 1, 2, [4, 0, 0, 0, 0, 0, 0, 0, 4, 0], [0, 0, 0]),
    ("interrupted-color.log", 1, 2, [4, 0, 0, 0, 0, 0, 0, 0, 4, 0], [0, 0, 0]),
    ("json-callback.log", 0, 0, NOTHING, [0, 0, 0]),
    ("list-hosts.log", 0, 0, NOTHING, [0, 0, 0]),
    ("list-tasks.log", 0, 0, NOTHING, [0, 0, 0]),
    ("loop-failed-color-core2.19.log", 1, 4, LOOP, [0, 0, 0]),
    ("loop-failed-color.log", 1, 4, LOOP, [0, 0, 0]),
    ("profile-tasks-color.log", 7, 60, SITE, [0, 0, 0]),
    ("result-yaml-color.log", 7, 60, SITE, [0, 0, 0]),
    // No recap: the four rescued ones are known as failed, and as seen again later.
    ("strategy-free-color.log", 4, 49, [76, 35, 4, 2, 4, 0, 0, 0, 4, 4], [1, 0, 1]),
    ("success-color.log", 7, 60, [101, 48, 11, 4, 0, 3, 4, 0, 0, 0], [0, 0, 0]),
    ("syntax-error-color-core2.19.log", 0, 0, NOTHING, [0, 0, 1]),
    ("syntax-error-color.log", 0, 0, NOTHING, [0, 0, 1]),
    ("unknown-module-color-core2.19.log", 0, 0, NOTHING, [1, 0, 1]),
    ("unknown-module-color.log", 0, 0, NOTHING, [0, 0, 1]),
    ("unreachable-color-core2.19.log", 7, 60, SITE_UNREACHABLE, [0, 0, 0]),
    ("unreachable-color.log", 7, 60, SITE_UNREACHABLE, [0, 0, 0]),
    ("v-color.log", 7, 60, SITE, [0, 0, 0]),
    ("vault-no-password-color-core2.19.log", 1, 1, ONE_FAILED, [0, 0, 0]),
    ("vault-no-password-color.log", 1, 1, ONE_FAILED, [0, 0, 0]),
    ("vault-prompt-tty-good-core2.19.log", 1, 2, TWO_WELL, [2, 0, 0]),
    ("vault-prompt-tty-good.log", 1, 2, TWO_WELL, [2, 0, 0]),
    ("vault-prompt-tty-wrong-core2.19.log", 1, 1, ONE_FAILED, [2, 0, 0]),
    ("vault-prompt-tty-wrong.log", 1, 1, ONE_FAILED, [2, 0, 0]),
    ("vvv-color.log", 7, 60, SITE, [0, 0, 0]),
    ("warnings-color-core2.19.log", 1, 7, WARNED, [4, 0, 0]),
    ("warnings-color.log", 1, 7, WARNED, [4, 0, 0]),
    ("yaml-callback-color.log", 7, 60, SITE, [0, 0, 0]),
];

fn states(outline: &Outline) -> [u32; 10] {
    STATES.map(|state| outline.tasks().map(|(_, task)| task.counts.of(state)).sum())
}

#[test]
fn every_capture_has_its_plays_tasks_and_hosts() {
    let names: Vec<&str> = TABLE.iter().map(|row| row.0).collect();
    assert_eq!(names, captures(), "the table names every capture");
    for (name, plays, tasks, by_state, notes) in TABLE {
        let outline = outline(&capture(name));
        assert_eq!((outline.plays.len(), outline.tasks().count()), (plays, tasks), "{name}");
        assert_eq!(states(&outline), by_state, "{name}");
        let kinds = [NoteKind::Warning, NoteKind::Deprecation, NoteKind::Error];
        assert_eq!(
            kinds.map(|kind| outline.notes_of(kind).count()),
            notes,
            "{name}: {:?}",
            outline.notes
        );
        assert_eq!(outline.is_ansible(), plays > 0, "{name}");
        assert!(!outline.dropped.is_any(), "{name}");
    }
}

#[test]
fn failures_say_why_and_how_to_go_on() {
    let why = "exit status 22: RADOS: Error EPERM: problem getting command descriptions";
    let again = "--limit node-003 --start-at-task 'OSD creation'";
    for name in [
        "default-color.log",
        "default-color-core2.19.log",
        "result-yaml-color.log",
        "yaml-callback-color.log",
        "vvv-color.log",
        "v-color.log",
        "default-tty.log",
        "profile-tasks-color.log",
    ] {
        let outline = outline(&capture(name));
        let (play, task) = outline.failing().unwrap();
        assert_eq!(
            (play.name.as_str(), task.title().as_str()),
            ("Phase 4 | storage", "OSD creation"),
            "{name}"
        );
        let result = task.hosts.iter().find(|result| result.state == State::Failed).unwrap();
        let failure = result.failure.as_ref().unwrap();
        assert_eq!(
            (outline.host(result.host), failure.sentence().as_str()),
            ("node-003", why),
            "{name}"
        );
        assert_eq!(
            failure.stdout,
            ["osd on node-003", "stdout line with \"quotes\" and a \\ backslash"],
            "{name}"
        );
        assert_eq!((failure.rc, failure.changed), (Some(22), true), "{name}");
        assert_eq!(failure.origin.is_some(), name.contains("2.19"), "{name}");
        assert_eq!(outline.rerun().unwrap().arguments, again, "{name}");
    }
}

#[test]
fn an_undefined_value_is_explained_in_every_format() {
    for name in [
        "default-color.log",
        "result-yaml-color.log",
        "yaml-callback-color.log",
        "vvv-color.log",
        "default-color-core2.19.log",
    ] {
        let outline = outline(&capture(name));
        let (_, task) = outline
            .tasks()
            .find(|(_, task)| task.name == "Template with an undefined value")
            .unwrap();
        let failure = task.hosts[0].failure.as_ref().unwrap();
        assert_eq!(task.hosts[0].state, State::Ignored, "{name}");
        assert!(failure.message.contains("'nothing_here' is undefined"), "{name}: {failure:?}");
    }
}

#[test]
fn places_lead_back_to_the_lines() {
    for name in captures() {
        let bytes = capture(&name);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let outline = outline(&bytes);
        let at = |place: super::super::Place| {
            assert!(
                text[place.offset as usize..].starts_with(lines[place.line as usize]),
                "{name}"
            );
            lines[place.line as usize]
        };
        for (play, task) in outline.tasks() {
            assert!(at(play.place).contains("PLAY"), "{name}");
            assert!(at(task.place).contains(&format!("[{}]", task.title())), "{name}");
            for result in &task.hosts {
                assert!(at(result.place).contains(outline.host(result.host)), "{name}");
            }
        }
        for note in &outline.notes {
            let head = match note.kind {
                NoteKind::Warning => "[WARNING]",
                NoteKind::Deprecation => "[DEPRECATION WARNING]",
                NoteKind::Error => "ERROR",
            };
            assert!(at(note.place).contains(head), "{name}");
        }
    }
}

#[test]
fn roles_handlers_includes_and_batches_are_told_apart() {
    let outline = outline(&capture("default-color.log"));
    let roles: Vec<&str> = outline.tasks().filter_map(|(_, task)| task.role.as_deref()).collect();
    assert_eq!(roles, ["common"; 5]);
    let of = |kind| outline.tasks().filter(|(_, task)| task.kind == kind).count();
    assert_eq!((of(Kind::Handler), of(Kind::Include)), (3, 2));
    let batches = outline.plays.iter().filter(|play| play.name.starts_with("Phase 3")).count();
    assert_eq!(batches, 2, "serial prints a play once per batch");
    let (_, delegated) = outline.tasks().find(|(_, task)| task.name == "Delegated check").unwrap();
    assert_eq!(delegated.hosts[0].delegated.map(|host| outline.host(host)), Some("localhost"));
    let (_, paused) = outline.tasks().find(|(_, task)| task.name == "Wait after drain").unwrap();
    assert_eq!(paused.pause_s, Some(1));
    let (_, looped) = outline.tasks().find(|(_, task)| task.name == "Pull images").unwrap();
    assert_eq!((looped.hosts.len(), looped.hosts[0].items, looped.counts.changed), (4, 4, 4));
}

#[test]
fn profile_tasks_gives_the_durations() {
    let outline = outline(&capture("profile-tasks-color.log"));
    assert!(outline.tasks().all(|(_, task)| task.took_ms.is_some() && task.started_ms.is_some()));
    let mut slowest: Vec<(u64, String)> =
        outline.tasks().map(|(_, task)| (task.took_ms.unwrap(), task.title())).collect();
    slowest.sort_by(|a, b| b.cmp(a));
    // The callback's own table at the end of the capture, rounded by it to hundredths.
    let table = [
        (7_730, "Write one file per service"),
        (7_570, "Long job in the background"),
        (7_280, "Gathering Facts"),
        (5_860, "Wait for the API to come up"),
    ];
    for ((took, title), (expected, name)) in slowest.iter().zip(table) {
        assert_eq!(title, name);
        assert!(took.abs_diff(expected) <= 5, "{title}: {took}");
    }
    assert_eq!(outline.took_ms, Some(88_000));
    assert_eq!(outline.other.lines, 0, "the table is not other output");
}

#[test]
fn a_wait_tells_how_long_it_can_last() {
    let mut reader = super::super::Reader::new();
    let lines = [
        (0, "PLAY [p] ***"),
        (1_000, "TASK [Wait for the API] ***"),
        (2_000, "FAILED - RETRYING: [a]: Wait for the API (60 retries left)."),
        (2_500, "FAILED - RETRYING: [b]: Wait for the API (60 retries left)."),
        (12_000, "FAILED - RETRYING: [a]: Wait for the API (59 retries left)."),
    ];
    for (number, (at, line)) in (0..).zip(lines) {
        reader.clock(at);
        reader.line(number, 0, line);
    }
    let outline = reader.outline();
    let task = outline.current().unwrap();
    assert_eq!((task.retries_left(), task.retry_every_ms), (Some(60), Some(10_000)));
    assert_eq!((task.tries_last_ms(), task.started_ms), (Some(600_000), Some(1_000)));
    assert_eq!(outline.last_ms, Some(12_000), "silent since then");
    reader.clock(20_000);
    for (number, line) in (5..).zip(["ok: [a]", "ok: [b]", "TASK [next] ***"]) {
        reader.line(number, 0, line);
    }
    let task = reader.outline().task(1).unwrap();
    assert_eq!((task.retries_left(), task.counts.ok, task.took_ms), (None, 2, Some(19_000)));
}

#[test]
fn a_prompt_is_seen_while_it_waits() {
    let bytes = capture("vault-prompt-tty-good.log");
    let mut feed = super::Feed::default();
    feed.push(&bytes[..b"Vault password: ".len()]);
    feed.pause();
    assert_eq!(
        feed.outline().prompt.as_ref().map(|prompt| prompt.text.as_str()),
        Some("Vault password:")
    );
    feed.push(&bytes[b"Vault password: ".len()..]);
    feed.end(false);
    assert_eq!(feed.outline().prompt, None);
}

#[test]
fn several_runs_in_one_log_keep_their_recaps() {
    let mut bytes = b"Trying to pull registry/installer:1...\n".to_vec();
    bytes.extend(capture("abort-color.log"));
    bytes.extend(b"installer: phase 2\n");
    bytes.extend(capture("interrupted-color.log"));
    bytes.extend(capture("success-color.log"));
    let outline = outline(&bytes);
    super::consistent(&outline);
    let runs: Vec<u32> = outline.plays.iter().map(|play| play.run).collect();
    assert_eq!(runs, [0, 1, 2, 2, 2, 2, 2, 2, 2]);
    assert_eq!(outline.recaps.iter().map(|recap| recap.run).collect::<Vec<_>>(), [0, 2]);
    assert_eq!((outline.other.lines, outline.other.last.as_str()), (2, "installer: phase 2"));
    assert_eq!((outline.failing(), outline.rerun()), (None, None), "the last run went well");
}
