//! How a target is reached: plain data, no secrets.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::SecretName;

/// What the inventory says about reaching a host over SSH. What
/// `~/.ssh/config` adds is resolved by `transport::ssh`; where both speak, the
/// inventory wins, as with Ansible.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SshEndpoint {
    /// The host's name: what host keys are looked up under and sentences say.
    pub name: String,
    /// Address or DNS name to connect to (`ansible_host`, the lease of that
    /// name, else the name itself).
    pub address: String,
    /// `ansible_port`.
    pub port: Option<u16>,
    /// `ansible_user`.
    pub user: Option<String>,
    /// `ansible_ssh_private_key_file`, `~` not yet expanded.
    pub identity_file: Option<String>,
    /// `ansible_ssh_common_args` (with `ansible_ssh_extra_args`), as written.
    pub common_args: Option<String>,
    /// An `endpoints` entry of `shopfloor.yml`: connect there instead; name and
    /// host key stay those of the host.
    pub via: Option<(String, u16)>,
    /// The site directory, for relative paths in `common_args`.
    pub directory: PathBuf,
    /// Whether commands that need root may go through `sudo -n`.
    pub sudo: bool,
}

/// How a management controller is reached.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BmcEndpoint {
    /// Its name or address, kept for TLS.
    pub host: String,
    /// Where Redfish connects to; the default is `host`, port 443.
    pub redfish: (String, u16),
    /// Where IPMI connects to; the default is `host`, port 623.
    pub ipmi: (String, u16),
    /// User name.
    pub user: String,
    /// The name under which the transport's secret store holds the password.
    pub password: SecretName,
    /// How its TLS certificate is trusted.
    pub trust: TlsTrust,
    /// IPMI cipher suites to try in order; the default is 17, then 3. Empty
    /// where the site says that the controller offers no IPMI.
    pub cipher_suites: Vec<u8>,
}

impl BmcEndpoint {
    /// Whether IPMI is to be asked at all.
    pub fn offers_ipmi(&self) -> bool {
        !self.cipher_suites.is_empty()
    }
}

/// How a server certificate is trusted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsTrust {
    /// The machine's own CA store.
    System,
    /// A CA file of the site.
    Ca(PathBuf),
    /// SHA-256 of the certificate, lower-case hexadecimal without colons.
    Fingerprint(String),
}
