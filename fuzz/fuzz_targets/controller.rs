//! What management controllers answer, over IPMI and over Redfish.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shopfloor::probes::power::{ipmi, redfish::parse};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let _ = ipmi::report(&text);
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(bytes) else { return };
    let _ = parse::members(&value);
    let _ = parse::health(&value);
    let _ = parse::part(&value, "part");
    let _ = parse::system(&value);
    let _ = parse::firmware(&value);
    let _ = parse::temperatures(&value);
    let _ = parse::thermal_metrics(&value);
    let _ = parse::fans(&value);
    let _ = parse::voltages(&value);
    let _ = parse::supplies(&value);
    let _ = parse::redundancy(&value, "Redundancy");
    let _ = parse::watts(&value);
    let _ = parse::environment_watts(&value);
    let _ = parse::log_most(&value);
    let _ = parse::log_count(&value);
    let _ = parse::log_critical(&value);
});
