//! Suites against real servers, which the tests start themselves. They need root
//! on Debian or Ubuntu. A test that runs prints `REAL suite test`, one that cannot
//! `SKIPPED suite: why`; with `REQUIRE_REAL=1` it fails instead.

#[path = "real/ansible.rs"]
mod ansible;
#[path = "real/ansible_peers.rs"]
mod ansible_peers;
#[path = "real/ansible_runs.rs"]
mod ansible_runs;
#[path = "real/bmc.rs"]
mod bmc;
#[path = "real/bmc_passwords.rs"]
mod bmc_passwords;
#[path = "real/ceph.rs"]
mod ceph;
#[path = "real/consoles.rs"]
mod consoles;
#[path = "real/faults.rs"]
mod faults;
#[path = "real/fleet.rs"]
mod fleet;
#[path = "real/hosts.rs"]
mod hosts;
#[path = "real/journal.rs"]
mod journal;
#[path = "real/machines.rs"]
mod machines;
#[path = "real/plan_scripts.rs"]
mod plan_scripts;
#[path = "terminal/pty.rs"]
#[allow(dead_code, reason = "most of it is for tests/terminal.rs")]
mod pty;
#[path = "real/remote.rs"]
mod remote;
#[path = "real/remote_runs.rs"]
mod remote_runs;
#[path = "real/run_consoles.rs"]
mod run_consoles;
#[path = "real/runner.rs"]
mod runner;
#[path = "real/screens.rs"]
mod screens;
#[path = "real/sequences.rs"]
mod sequences;
#[path = "real/services.rs"]
mod services;
#[path = "real/site.rs"]
mod site;
#[path = "real/ssh.rs"]
mod ssh;
#[path = "real/ssh_faults.rs"]
mod ssh_faults;
#[path = "real/ssh_long.rs"]
mod ssh_long;
#[path = "real/ssh_speed.rs"]
mod ssh_speed;
#[path = "real/suite.rs"]
mod suite;
#[path = "faults/table.rs"]
#[allow(dead_code, reason = "what the demo site does is driven by tests/demo.rs")]
mod table;
