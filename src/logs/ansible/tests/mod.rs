//! The reader on real captures: `tests/fixtures/ansible/README.md`.

mod captures;
mod hostile;
mod table;

use std::path::Path;

use super::{Counts, Feed, Outline, State};

/// A capture as bytes.
fn capture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ansible").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names of all captures.
fn captures() -> Vec<String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ansible");
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
    names.retain(|name| name.ends_with(".log"));
    names.sort();
    names
}

/// The outline of bytes that came at once.
fn outline(bytes: &[u8]) -> Outline {
    let mut feed = Feed::default();
    feed.push(bytes);
    feed.end(false);
    feed.outline().clone()
}

/// What must be true of any outline, whatever was read.
fn consistent(outline: &Outline) {
    let mut last = 0;
    for play in &outline.plays {
        for task in &play.tasks {
            assert!(task.number > last, "tasks are in order");
            last = task.number;
            let mut counts = Counts::default();
            for result in &task.hosts {
                counts.add(result.state);
                assert!((result.host as usize) < outline.hosts.len());
                assert!(result.failed_items <= result.items);
                assert!(result.place.line <= outline.lines);
                assert!(result.place >= task.place || task.hosts_dropped > 0);
                assert!(result.retries_left.is_none() || result.state == State::Retrying);
            }
            if task.hosts_dropped == 0 {
                assert_eq!(task.counts, counts, "task {}", task.title());
            }
            assert_eq!(outline.task(task.number), Some(task));
        }
    }
    assert!(outline.notes.iter().all(|note| note.times > 0));
    let json = serde_json::to_string(outline).unwrap();
    assert_eq!(
        &serde_json::from_str::<Outline>(&json).unwrap(),
        outline,
        "what is kept can be kept"
    );
    assert!(!json.contains("\\u001b"), "no escape sequence is kept");
}
