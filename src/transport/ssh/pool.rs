//! One connection per host, shared by all who ask.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{Command, Output, SshSettings};
use crate::domain::endpoint::SshEndpoint;
use crate::domain::{Cause, CauseWord, Place};
use crate::transport::secrets::SecretStore;

/// One persistent connection per host, many commands over it.
#[derive(Debug)]
pub struct SshPool {
    settings: SshSettings,
    secrets: Arc<SecretStore>,
}

/// The key with which a host could not prove who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedKey {
    /// The name it was looked up under, as known_hosts has it: `[10.0.1.17]:2222`.
    pub host: String,
    /// Its algorithm, `ssh-ed25519`.
    pub algorithm: String,
    /// Its fingerprint, `SHA256:…`.
    pub fingerprint: String,
    /// The entry that says otherwise; none when the host is unknown.
    pub conflict: Option<Place>,
    /// Whether that entry revokes the key: it cannot be accepted then.
    pub revoked: bool,
}

/// What came from an SSH port without logging in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortAnswer {
    /// What the server calls itself, `SSH-2.0-OpenSSH_9.2p1`; none when the port
    /// is open but nothing was said in time.
    pub banner: Option<String>,
    /// From the first packet to the banner, or to the open port.
    pub took: Duration,
}

impl SshPool {
    /// A pool without connections.
    pub fn new(settings: SshSettings, secrets: Arc<SecretStore>) -> Arc<SshPool> {
        Arc::new(SshPool { settings, secrets })
    }

    /// Runs a command on a host and gives back what it printed. A command that
    /// fails is no [`Cause`]: its status says so.
    pub async fn run(&self, endpoint: &SshEndpoint, command: &Command) -> Result<Output, Cause> {
        let _ = (&self.settings, &self.secrets, command);
        Err(unbuilt(endpoint))
    }

    /// What the host, or a jump host on the way, showed when its key was not
    /// accepted at the last attempt.
    pub async fn offered_key(&self, endpoint: &SshEndpoint) -> Option<OfferedKey> {
        let _ = endpoint;
        None
    }

    /// Accepts the key with this fingerprint, if it is still the one the host
    /// shows: writes it to known_hosts in place of the host's old entries and
    /// tells which file was written.
    pub async fn accept_key(
        &self,
        endpoint: &SshEndpoint,
        fingerprint: &str,
    ) -> Result<PathBuf, Cause> {
        let _ = fingerprint;
        Err(unbuilt(endpoint))
    }

    /// Whether the SSH port is open and who answers there; logs in nowhere but
    /// on jump hosts.
    pub async fn probe_port(
        &self,
        endpoint: &SshEndpoint,
        within: Duration,
    ) -> Result<PortAnswer, Cause> {
        let _ = within;
        Err(unbuilt(endpoint))
    }

    /// Ends every connection.
    pub async fn close_all(&self) {}
}

fn unbuilt(endpoint: &SshEndpoint) -> Cause {
    Cause::new(
        CauseWord::System("unbuilt".into()),
        format!("{} cannot be reached yet", endpoint.name),
        "wait for the transport",
    )
}
