//! Whether a suite runs here, in words that `tests/run` counts.

/// Says that a test of `suite` (a name in `tests/real/suites`) runs against the real thing.
pub fn ran(suite: &str) {
    let thread = std::thread::current();
    println!("REAL {} {}", short(suite), thread.name().unwrap_or("unnamed"));
}

/// Says that a test of `suite` cannot run here; where real servers are required, fails.
pub fn skipped(suite: &str, why: &str) {
    let suite = short(suite);
    assert!(!is_required(), "{suite}: {why}");
    println!("SKIPPED {suite}: {why}");
}

/// Whether a suite that cannot run is a failure.
pub fn is_required() -> bool {
    std::env::var_os("REQUIRE_REAL").is_some_and(|value| value == "1")
}

/// The last part of a module's path.
fn short(suite: &str) -> &str {
    suite.rsplit("::").next().unwrap_or(suite)
}
