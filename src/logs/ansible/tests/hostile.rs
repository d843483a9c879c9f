//! Cut, mixed, endless and wild input.

use proptest::prelude::*;

use super::super::limits::Limits;
use super::super::{Feed, Reader, State};
use super::{capture, captures, consistent, outline};

/// Captures that together show every shape, small enough to be cut everywhere.
const SMALL: [&str; 7] = [
    "loop-failed-color-core2.19.log",
    "warnings-color-core2.19.log",
    "check-diff-color.log",
    "crash-truncated.log",
    "vault-prompt-tty-wrong-core2.19.log",
    "syntax-error-color.log",
    "interrupted-color.log",
];

#[test]
fn two_pieces_are_as_good_as_one_at_every_byte() {
    for name in SMALL {
        let bytes = capture(name);
        let whole = outline(&bytes);
        for at in 0..bytes.len() {
            let mut feed = Feed::default();
            feed.push(&bytes[..at]);
            feed.pause();
            feed.push(&bytes[at..]);
            feed.end(false);
            assert_eq!(feed.outline(), &whole, "{name} at {at}");
        }
    }
}

#[test]
fn every_prefix_is_consistent() {
    for name in SMALL {
        let bytes = capture(name);
        for at in (0..bytes.len()).step_by(7) {
            let mut feed = Feed::default();
            feed.push(&bytes[..at]);
            feed.end(true);
            consistent(feed.outline());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_prefix_of_any_capture_in_any_pieces(which in any::<prop::sample::Index>(), end in any::<prop::sample::Index>(), mut cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6)) {
        let names = captures();
        let bytes = capture(&names[which.index(names.len())]);
        let bytes = &bytes[..end.index(bytes.len().min(60_000) + 1)];
        let whole = outline(bytes);
        consistent(&whole);
        let mut cuts: Vec<usize> = cuts.drain(..).map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.sort_unstable();
        let mut feed = Feed::default();
        let mut from = 0;
        for cut in cuts {
            feed.push(&bytes[from..cut]);
            from = cut;
        }
        feed.push(&bytes[from..]);
        feed.end(false);
        prop_assert_eq!(feed.outline(), &whole);
    }

    #[test]
    fn lines_of_captures_in_any_order(picks in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..60)) {
        let names: Vec<Vec<u8>> = SMALL.iter().map(|name| capture(name)).collect();
        let mut bytes = Vec::new();
        for (which, line) in picks {
            let lines: Vec<&[u8]> = names[which.index(names.len())].split_inclusive(|byte| *byte == b'\n').collect();
            bytes.extend_from_slice(lines[line.index(lines.len())]);
        }
        consistent(&outline(&bytes));
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(prop_oneof![Just(b'\n'), Just(0x1b), Just(b'['), Just(b']'), any::<u8>()], 0..400)) {
        consistent(&outline(&bytes));
    }
}

#[test]
fn pulls_between_results_stay_other_output() {
    let text = "PLAY [p] ***\n\nTASK [pull] ***\nGetting image source signatures\r\nCopying blob d7bc 304.0KiB / 24.0MiB\r\n\
        \u{1b}[1A\u{1b}[JCopying blob d7bc 688.0KiB / 24.0MiB\r\nchanged: [a]\nWriting manifest\nok: [b]\n";
    let outline = outline(text.as_bytes());
    let task = outline.task(1).unwrap();
    assert_eq!((task.other_lines, task.counts.changed, task.counts.ok), (4, 1, 1));
    assert_eq!(outline.other.last, "Writing manifest");
}

#[test]
fn a_broken_body_does_not_swallow_what_follows() {
    let text = "PLAY [p] ***\nTASK [t] ***\nfatal: [a]: FAILED! => {\n    \"msg\": \"half of i\nTASK [next] ***\nok: [b]\n";
    let outline = outline(text.as_bytes());
    assert_eq!(outline.tasks().count(), 2);
    assert_eq!(outline.task(1).unwrap().hosts[0].failure.as_ref().unwrap().message, "half of i");
    assert_eq!(outline.task(2).unwrap().counts.ok, 1);
}

#[test]
fn ignored_items_of_two_hosts_are_both_ignored() {
    let text = "PLAY [p] ***\nTASK [t] ***\nfailed: [a] (item=1) => {\"msg\": \"x\"}\nfailed: [b] (item=1) => {\"msg\": \"y\"}\n\
        ok: [a] => (item=2)\n...ignoring\nok: [b] => (item=2)\n...ignoring\n";
    let outline = outline(text.as_bytes());
    assert_eq!(outline.task(1).unwrap().counts.ignored, 2);
    assert_eq!(outline.failing(), None);
}

#[test]
fn names_from_elsewhere_carry_no_escape_sequences() {
    let text = "PLAY [a\u{202e}b] ***\nTASK [t\u{7}x] ***\nfatal: [h\u{7}]: FAILED! => {\"msg\": \"a\\u001b]52;c;x\\u0007b\"}\n";
    let outline = outline(text.as_bytes());
    assert_eq!(outline.plays[0].name, "ab");
    assert_eq!((outline.tasks().next().unwrap().1.title().as_str(), outline.host(0)), ("tx", "h"));
    let message = &outline.task(1).unwrap().hosts[0].failure.as_ref().unwrap().message;
    assert!(!message.contains('\u{1b}') && !message.contains('\u{7}'), "{message:?}");
}

#[test]
fn memory_is_bounded_and_says_what_went() {
    let limits = Limits {
        plays: 8,
        tasks: 40,
        results: 200,
        hosts: 30,
        messages: 10,
        notes: 5,
        recap_rows: 60,
        body: 100,
    };
    let mut reader = Reader::with_limits(limits);
    let mut number = 0;
    let mut line = |reader: &mut Reader, text: &str| {
        reader.line(number, number * 10, text);
        number += 1;
    };
    for play in 0..50 {
        line(&mut reader, &format!("PLAY [play {play}] ***"));
        for task in 0..10 {
            line(&mut reader, &format!("TASK [task {task}] ***"));
            line(&mut reader, &format!("[WARNING]: warning {play} {task}"));
            for host in 0..40 {
                if host == task {
                    line(
                        &mut reader,
                        &format!("fatal: [h{host}]: FAILED! => {{\"msg\": \"why\"}}"),
                    );
                } else {
                    line(&mut reader, &format!("ok: [h{host}]"));
                }
            }
        }
        line(&mut reader, "PLAY RECAP ***");
        for host in 0..40 {
            line(
                &mut reader,
                &format!(
                    "h{host} : ok=1 changed=0 unreachable=0 failed=0 skipped=0 rescued=0 ignored=0"
                ),
            );
        }
        line(&mut reader, "");
    }
    reader.end(false);
    let outline = reader.outline();
    consistent(outline);
    let held: usize = outline.tasks().map(|(_, task)| task.hosts.len()).sum();
    assert!(
        outline.plays.len() <= 8
            && outline.tasks().count() <= 41
            && held <= 240
            && outline.notes.len() <= 5
    );
    assert!(outline.recaps.iter().map(|recap| recap.rows.len()).sum::<usize>() <= 90);
    let dropped = outline.dropped;
    assert_eq!(dropped.tasks as usize + outline.tasks().count(), 500);
    assert_eq!(dropped.notes, 495);
    assert!(
        dropped.hosts > 0
            && dropped.results > 0
            && dropped.messages > 0
            && dropped.recaps > 0
            && dropped.plays > 0
    );
    // The newest is whole.
    assert_eq!(outline.plays.last().unwrap().name, "play 49");
    let last = outline.plays.last().unwrap().tasks.last().unwrap();
    assert_eq!((last.counts.failed, last.counts.ok), (1, 29));
    assert!(last.hosts.iter().any(|result| result.state == State::Failed));
}

#[test]
fn a_line_of_any_length_is_bounded() {
    let mut feed = Feed::default();
    feed.push(b"PLAY [p] ***\nTASK [t] ***\nfatal: [a]: FAILED! => {\"msg\": \"");
    for _ in 0..100 {
        feed.push(&[b'x'; 100_000]);
    }
    feed.push(b"\"}\nok: [b]\n");
    feed.end(false);
    let outline = feed.outline();
    consistent(outline);
    let task = outline.task(1).unwrap();
    assert_eq!((task.counts.failed, task.counts.ok), (1, 1));
    assert_eq!(task.hosts[1].place.offset, 10_000_061);
    assert!(task.hosts[0].failure.as_ref().unwrap().message.len() <= 401);
}
