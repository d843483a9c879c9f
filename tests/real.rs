//! Suites against real servers, which the tests start themselves. They need root
//! on Debian; where they cannot run they print `SKIPPED suite: why`, and with
//! `REQUIRE_REAL=1` they fail instead.

#[path = "real/bmc.rs"]
mod bmc;
#[path = "real/fleet.rs"]
mod fleet;
#[path = "real/hosts.rs"]
mod hosts;
#[path = "real/ssh.rs"]
mod ssh;
#[path = "real/ssh_faults.rs"]
mod ssh_faults;
#[path = "real/ssh_speed.rs"]
mod ssh_speed;
