//! The operator's `~/.ssh/config` and `known_hosts`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let (config, known_hosts) = text.split_once('\0').unwrap_or((&text, &text));
    shopfloor::transport::ssh::read_client_files(config, known_hosts, "gpu-07.harbour");
});
