//! The journal of a run: as bytes from anywhere, as lines in a good chain, and
//! such a chain cut and changed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shopfloor::domain::Stamp;
use shopfloor::install::journal::{Chain, Event, fold, read};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(read) = read(bytes) {
        let _ = fold(&read.entries);
    }
    // Every line that is an event goes into a chain, in any order and sense.
    let (mut chain, mut good, mut count) = (Chain::default(), Vec::new(), 0);
    for line in bytes.split(|byte| *byte == b'\n') {
        let Ok(event) = serde_json::from_slice::<Event>(line) else { continue };
        let at = Stamp(i64::from(bytes[0]) * 1_000 - count);
        let Ok((line, next)) = chain.line(at, &event) else { continue };
        good.extend(line);
        (chain, count) = (next, count + 1);
    }
    let whole = read(&good).expect("what was written is read");
    assert_eq!((whole.entries.len(), whole.torn), (count as usize, 0));
    let state = fold(&whole.entries);
    let _ = (state.word(true), state.word(false), state.exit());
    if good.is_empty() {
        return;
    }
    let at = bytes.len() * 31 % good.len();
    // A cut costs the line it is in, and no other.
    let cut = read(&good[..at]).expect("a torn tail is dropped");
    assert!(whole.entries.starts_with(&cut.entries));
    assert_eq!(cut.bytes + cut.torn, at as u64);
    // A changed byte is never taken for what was written.
    good[at] ^= 1 + bytes[0] % 127;
    match read(&good) {
        Ok(changed) | Err((_, changed)) => assert!(
            changed.entries.len() < whole.entries.len()
                && whole.entries.starts_with(&changed.entries)
        ),
    }
});
