//! Every capture: the outline agrees with what Ansible itself counted.

use std::collections::BTreeMap;

use super::{Outline, State, capture, captures, consistent, outline};
use crate::logs::ansible::RecapRow;

/// What the recap of a run should say, from the results of its tasks.
fn counted(outline: &Outline, run: u32) -> BTreeMap<u32, RecapRow> {
    let mut rows = BTreeMap::new();
    for (_, task) in outline.tasks().filter(|(play, _)| play.run == run) {
        for result in &task.hosts {
            let row = rows.entry(result.host).or_insert(RecapRow {
                host: result.host,
                ok: 0,
                changed: 0,
                unreachable: 0,
                failed: 0,
                skipped: 0,
                rescued: 0,
                ignored: 0,
            });
            match result.state {
                State::Ok => row.ok += 1,
                // Ansible counts every file that was taken in.
                State::Included => row.ok += result.items.max(1),
                State::Changed => (row.ok, row.changed) = (row.ok + 1, row.changed + 1),
                State::Skipped => row.skipped += 1,
                State::Failed => row.failed += 1,
                State::Rescued => row.rescued += 1,
                State::Unreachable => row.unreachable += 1,
                State::Ignored => {
                    let changed = result.failure.as_ref().is_some_and(|failure| failure.changed);
                    (row.ok, row.ignored) = (row.ok + 1, row.ignored + 1);
                    row.changed += u32::from(changed);
                }
                State::Retrying | State::Polling => panic!("no end: {task:?}"),
            }
        }
    }
    rows
}

/// Every recap agrees with the results, host by host and counter by counter.
fn agrees_with_recap(name: &str, outline: &Outline) {
    for recap in &outline.recaps {
        let counted = counted(outline, recap.run);
        for row in &recap.rows {
            assert_eq!(counted.get(&row.host), Some(row), "{name}: {}", outline.host(row.host));
        }
        assert_eq!(counted.len(), recap.rows.len(), "{name}");
    }
}

#[test]
fn every_capture_agrees_with_its_recap() {
    let mut recaps = 0;
    for name in captures() {
        let outline = outline(&capture(&name));
        consistent(&outline);
        agrees_with_recap(&name, &outline);
        recaps += outline.recaps.len();
    }
    assert_eq!(recaps, 26, "captures with a recap");
}
