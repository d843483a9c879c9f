//! Commands on hosts over SSH.
//!
//! [`SshPool`] keeps one connection per host and runs many commands over it.
//! A call goes this way: `route` makes of the inventory's words (`args`) and
//! the `~/.ssh/config` (`config`) a chain of hops; `dial` reaches the last of
//! them, through the others; `known_hosts` judges the key it shows; `auth`
//! logs in with `identity`'s keys; `exec` runs the command. What fails becomes
//! a [`Cause`](crate::domain::Cause) in `causes`.

mod accept;
mod args;
mod auth;
mod causes;
mod config;
mod connection;
mod dial;
mod exec;
mod files;
mod handler;
mod identity;
mod known_hosts;
mod options;
mod pattern;
mod pool;
mod route;
mod stream;
mod terminal;
mod wire;
mod words;

use std::path::PathBuf;
use std::time::Duration;

use crate::domain::Place;

pub use crate::transport::output::{Output, Status};
pub use pool::SshPool;
pub use stream::{StreamNews, StreamReader};
pub use terminal::{TerminalNews, TerminalReader, TerminalRequest, TerminalWriter};

/// What belongs to the operator's side of every connection.
#[derive(Debug, Clone)]
pub struct SshSettings {
    /// The user's client configuration; missing is fine.
    pub config_file: Option<PathBuf>,
    /// The machine's client configuration, read after the user's; missing is fine.
    pub system_config_file: Option<PathBuf>,
    /// Where host keys are looked up when the configuration names no file. New
    /// keys are written to the first.
    pub known_hosts: Vec<PathBuf>,
    /// Keys to try when neither inventory nor configuration names one.
    pub identity_files: Vec<PathBuf>,
    /// The socket of the key agent.
    pub agent_socket: Option<PathBuf>,
    /// For name, TCP, banner and key exchange together, as in OpenSSH; a
    /// `ConnectTimeout` of the configuration goes before.
    pub connect_timeout: Duration,
    /// For logging in.
    pub auth_timeout: Duration,
    /// How long a connection may be without a sign of life before we ask for one;
    /// three unanswered questions end it.
    pub keepalive: Duration,
    /// A connection older than this is used no more: a new login shows what an
    /// open connection hides for ever, that sshd is gone, shows another key or
    /// no longer lets us in.
    pub renew_after: Duration,
    /// How many key exchanges may go on at once; fewer for a while when a server
    /// says that it is too many.
    pub handshakes_at_once: usize,
    /// No command may give more than this, whatever it asks for; bytes of
    /// standard output and error together.
    pub max_output: usize,
}

/// What in the client configuration of the user and of the machine could not be
/// understood: where, and a sentence part that follows the place.
pub fn config_problems(settings: &SshSettings) -> Vec<(Place, String)> {
    files::Files::default().problems(settings)
}

impl Default for SshSettings {
    /// What OpenSSH would use for this user and machine.
    fn default() -> SshSettings {
        let home = std::env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
        let of_user = |name: &str| home.as_ref().map(|home| home.join(".ssh").join(name));
        SshSettings {
            config_file: of_user("config"),
            system_config_file: Some(PathBuf::from("/etc/ssh/ssh_config")),
            known_hosts: of_user("known_hosts")
                .into_iter()
                .chain([PathBuf::from("/etc/ssh/ssh_known_hosts")])
                .collect(),
            identity_files: ["id_rsa", "id_ecdsa", "id_ed25519"]
                .iter()
                .filter_map(|name| of_user(name))
                .collect(),
            agent_socket: std::env::var_os("SSH_AUTH_SOCK").map(PathBuf::from),
            connect_timeout: Duration::from_secs(10),
            auth_timeout: Duration::from_secs(15),
            keepalive: Duration::from_secs(15),
            // Rare enough for the log of the host, often enough for who reads the screen.
            renew_after: Duration::from_secs(300),
            handshakes_at_once: 64,
            max_output: 16 * 1024 * 1024,
        }
    }
}

/// A command for a host.
#[derive(Debug, Clone)]
pub struct Command {
    /// What the account's login shell is given to run.
    pub line: String,
    /// What it finds on standard input, then end of file.
    pub stdin: Vec<u8>,
    /// How long it may run; connecting has time-outs of its own.
    pub timeout: Duration,
    /// How much it may print, standard output and error together, in bytes.
    pub max_output: usize,
}

impl Command {
    /// A command without input that may run 20 seconds and print 1 MiB.
    pub fn new(line: impl Into<String>) -> Command {
        Command {
            line: line.into(),
            stdin: Vec::new(),
            timeout: Duration::from_secs(20),
            max_output: 1024 * 1024,
        }
    }
}

/// Reads the text of a client configuration and of a `known_hosts` as for one
/// host and keeps nothing. Hostile text must be survived; `fuzz/` feeds it here.
pub fn read_client_files(configuration: &str, known: &str, host: &str) {
    let client = config::ClientConfig::of_text(configuration, std::path::Path::new("config"));
    let asked = config::Asked { address: host, name: host };
    // A line that is wrong is a problem to tell, and nobody is here to be told.
    let _ = client.apply(asked, &mut options::Options::default());
    let known = known_hosts::KnownHosts::parse(std::path::Path::new("known_hosts"), known);
    let _ = known.recorded_under(host);
    let records = known_hosts::Records(vec![std::sync::Arc::new(known)]);
    let names = known_hosts::HostNames::new(host, host, 22);
    let _ = (records.algorithms(&names), records.has_authority(&names));
}
