//! Suites against real servers, which the tests start themselves. They need root
//! on Debian; where they cannot run they print `SKIPPED suite: why`, and with
//! `REQUIRE_REAL=1` they fail instead.

#[path = "real/fleet.rs"]
mod fleet;
#[path = "real/ssh.rs"]
mod ssh;
