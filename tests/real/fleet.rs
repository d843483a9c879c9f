//! A fleet of real sshd hosts for all suites of this binary.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use shopfloor::domain::endpoint::SshEndpoint;
use shopfloor::transport::ssh::SshSettings;

use crate::suite::{ran, skipped};

/// As many hosts as the largest reference site has.
pub const HOSTS: usize = 148;

/// Running servers; they end by themselves when the test process does.
pub struct Fleet {
    pub directory: PathBuf,
    pub port: u16,
}

impl Fleet {
    /// The fleet of this test process, started when it is first asked for.
    /// `None`, and said so, where it cannot run.
    pub fn shared(suite: &str) -> Option<&'static Fleet> {
        static FLEET: OnceLock<Result<Fleet, String>> = OnceLock::new();
        match FLEET.get_or_init(|| Fleet::start(HOSTS)) {
            Ok(fleet) => {
                ran(suite);
                Some(fleet)
            }
            Err(why) => {
                skipped(suite, why);
                None
            }
        }
    }

    /// A fleet of its own; why there is none otherwise.
    pub fn start(hosts: usize) -> Result<Fleet, String> {
        let directory = tempfile::tempdir().map_err(|error| error.to_string())?.keep();
        let port = free_port();
        let fleet = Fleet { directory, port };
        match fleet.script(&["up", &hosts.to_string()]) {
            Ok(_) => Ok(fleet),
            Err(why) => {
                // Nothing may have come up; what did goes down with this process.
                let _ = fleet.script(&["down"]);
                let _ = std::fs::remove_dir_all(&fleet.directory);
                Err(why)
            }
        }
    }

    /// Turns host `number` into a faulty one. False where the kernel cannot do that.
    pub fn fault(&self, kind: &str, number: usize) -> bool {
        match self.script(&["fault", kind, &number.to_string()]) {
            Ok(0) => true,
            Ok(3) => false,
            other => panic!("fault {kind} on host {number}: {other:?}"),
        }
    }

    /// Gives host `number` the libvirt of that directory. False where the kernel cannot do that.
    pub fn hypervisor(&self, number: usize, libvirt: &Path) -> bool {
        let more = [("LIBVIRT_DIR", libvirt)];
        match self.script_with(&["fault", "hypervisor", &number.to_string()], &more) {
            Ok(0) => true,
            Ok(3) => false,
            other => panic!("a hypervisor on host {number}: {other:?}"),
        }
    }

    /// Makes host `number` healthy again.
    pub fn heal(&self, kind: &str, number: usize) {
        assert_eq!(self.script(&["heal", kind, &number.to_string()]), Ok(0));
    }

    pub fn name(number: usize) -> String {
        format!("node-{number:03}")
    }

    pub fn address(number: usize) -> String {
        format!("127.0.{}.{}", 21 + (number - 1) / 250, (number - 1) % 250 + 1)
    }

    /// Host `number` as an inventory would have it.
    pub fn endpoint(&self, number: usize) -> SshEndpoint {
        SshEndpoint {
            name: Fleet::name(number),
            address: Fleet::address(number),
            port: Some(self.port),
            user: Some("fleetops".into()),
            identity_file: Some(self.file("id").display().to_string()),
            common_args: None,
            via: None,
            directory: self.directory.clone(),
            sudo: false,
        }
    }

    /// Settings that know this fleet's keys and nothing of the machine's user.
    pub fn settings(&self) -> SshSettings {
        SshSettings {
            config_file: None,
            system_config_file: None,
            known_hosts: vec![self.file("known_hosts")],
            identity_files: Vec::new(),
            agent_socket: None,
            // A machine that also runs 148 servers is slow at times.
            connect_timeout: Duration::from_secs(10),
            ..SshSettings::default()
        }
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// The recorded key of a host: type and base64, as in a known_hosts line.
    pub fn recorded_key(&self, number: usize) -> String {
        let text = std::fs::read_to_string(self.file("known_hosts")).unwrap();
        let start = format!("[{}]:{} ", Fleet::address(number), self.port);
        text.lines().find_map(|line| line.strip_prefix(&start)).unwrap().to_owned()
    }

    /// Runs the recipe; exit status 0 or 3, else its last words.
    fn script(&self, arguments: &[&str]) -> Result<i32, String> {
        self.script_with(arguments, &[])
    }

    fn script_with(&self, arguments: &[&str], more: &[(&str, &Path)]) -> Result<i32, String> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/sshd-fleet.sh");
        let output = Command::new(script)
            .args(arguments)
            .env("LAB_DIR", &self.directory)
            .envs(more.iter().copied())
            .env("FLEET_PORT", self.port.to_string())
            .env("FLEET_OWNER", std::process::id().to_string())
            .output()
            .map_err(|error| error.to_string())?;
        match output.status.code() {
            Some(code @ (0 | 3)) => Ok(code),
            _ => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        }
    }
}

/// A port that is free on every address.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("0.0.0.0:0").unwrap().local_addr().unwrap().port()
}

/// The shared fleet, or the end of the test where it cannot run.
macro_rules! fleet {
    () => {
        match crate::fleet::Fleet::shared(module_path!()) {
            Some(fleet) => fleet,
            None => return,
        }
    };
}
pub(crate) use fleet;
