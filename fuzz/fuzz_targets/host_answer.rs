//! What a host answers to the script.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shopfloor::probes::hosts::frames::{Frame, frames};
use shopfloor::probes::hosts::{parse, sections};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let names: Vec<&str> = sections::SECTIONS.iter().map(|section| section.name).collect();
    if let Ok(found) = frames(&text, "f0", "gpu-07") {
        let _ = parse::report(&found, &names, "gpu-07");
        let _ = parse::script_took_ms(&found);
    }
    // Each reader alone, so that the frames need not be guessed.
    let status = i32::from(bytes.first().copied().unwrap_or(0));
    for name in &names {
        let _ = parse::report(&[Frame { name, status, text: &text }], &[name], "gpu-07");
    }
});
