//! Lines of a log before they are shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shopfloor::domain::untrusted::is_invisible;
use shopfloor::logs::clean::{Cleaner, clean, rises};
use shopfloor::logs::level::level_of;
use shopfloor::logs::times::time_of;

fuzz_target!(|bytes: &[u8]| {
    let mut cleaner = Cleaner::default();
    for line in bytes.split(|byte| *byte == b'\n') {
        let cleaned = cleaner.line(line);
        assert!(cleaned.spans.iter().all(|span| !span.text.chars().any(is_invisible)));
        // What was cleaned is clean.
        let text = cleaned.text();
        assert_eq!(clean(text.as_bytes()).text(), text);
        let _ = (rises(line), level_of(line), time_of(line, Some((2026, 3))));
    }
});
