//! Output of ansible-playbook, in pieces.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shopfloor::logs::ansible::{Counts, Feed, panel};

fuzz_target!(|bytes: &[u8]| {
    // The first byte tells where the rest is cut in two.
    let (cut, bytes) = bytes.split_first().map_or((0, bytes), |(first, rest)| (usize::from(*first), rest));
    let (left, right) = bytes.split_at(bytes.len() * cut / 256);
    let mut whole = Feed::default();
    whole.push(bytes);
    whole.end(false);
    let mut pieces = Feed::default();
    pieces.push(left);
    pieces.pause();
    pieces.push(right);
    pieces.end(false);
    assert_eq!(whole.outline(), pieces.outline());
    for (_, task) in whole.outline().tasks() {
        let mut counts = Counts::default();
        task.hosts.iter().for_each(|host| counts.add(host.state));
        assert!(task.hosts_dropped > 0 || task.counts == counts);
    }
    let panel = panel(whole.outline(), 0, None);
    assert!(!panel.rows.iter().any(|row| row.text.chars().any(char::is_control)));
});
