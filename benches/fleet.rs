//! The fleet that `tests/servers/sshd-fleet.sh` started, as its files tell.

use std::path::PathBuf;

/// Real OpenSSH servers on loopback.
pub struct Fleet {
    /// `LAB_DIR` of the recipe.
    pub directory: PathBuf,
    /// Addresses in the order of the hosts' numbers.
    pub addresses: Vec<String>,
    /// The port of all of them.
    pub port: u16,
}

/// The account that the recipe makes.
pub const ACCOUNT: &str = "fleetops";

impl Fleet {
    /// The fleet of `LAB_DIR` and `FLEET_PORT`; without them there is nothing to measure.
    pub fn from_environment() -> Option<Fleet> {
        let directory = PathBuf::from(std::env::var_os("LAB_DIR")?);
        let port = std::env::var("FLEET_PORT").ok()?.parse().ok()?;
        let hosts = std::fs::read_to_string(directory.join("hosts.txt")).expect("hosts.txt");
        let addresses = hosts.lines().map(str::to_owned).collect();
        Some(Fleet { directory, addresses, port })
    }

    /// A file of the recipe, or one of ours beside them.
    pub fn file(&self, name: &str) -> String {
        self.directory.join(name).display().to_string()
    }
}

/// The fleet that `tests/bench/run` started, and two threads to measure it with; says so where there is none.
pub fn ready() -> Option<(Fleet, tokio::runtime::Runtime)> {
    let Some(fleet) = Fleet::from_environment() else {
        println!("no LAB_DIR: start this with tests/bench/run");
        return None;
    };
    let mut threads = tokio::runtime::Builder::new_multi_thread();
    Some((fleet, threads.worker_threads(2).enable_all().build().expect("runtime")))
}
