//! Text of machines before it is shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shopfloor::domain::untrusted::printable;

fuzz_target!(|bytes: &[u8]| {
    let shown = printable(&String::from_utf8_lossy(bytes));
    assert!(!shown.chars().any(char::is_control));
    assert!(shown.chars().count() <= 401);
    assert_eq!(printable(&shown), shown);
});
