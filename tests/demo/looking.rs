//! The demo site as the product reads and reaches it.

use std::sync::Arc;

use shopfloor::domain::Site;
use shopfloor::inventory::site::open_site;
use shopfloor::inventory::vault::Vault;
use shopfloor::lab::DemoSite;
use shopfloor::probes::Reach;
use shopfloor::transport::http::HttpPool;
use shopfloor::transport::secrets::SecretStore;
use shopfloor::transport::ssh::{SshPool, SshSettings};

/// The site from its directory, and the ways to its targets.
pub fn open(demo: &DemoSite) -> (Site, Reach) {
    shopfloor::transport::http::install_crypto();
    let opened = open_site(demo.directory(), &Vault::default());
    assert_eq!(opened.built.site.problems, Vec::<String>::new());
    let secrets = SecretStore::default();
    for (name, secret) in opened.built.secrets {
        secrets.put(name, secret);
    }
    let secrets = Arc::new(secrets);
    // Nothing of the account that runs the tests is looked at.
    let settings = SshSettings {
        config_file: None,
        system_config_file: None,
        known_hosts: Vec::new(),
        identity_files: Vec::new(),
        agent_socket: None,
        ..SshSettings::default()
    };
    let ssh = SshPool::new(settings, secrets.clone());
    (opened.built.site, Reach { secrets, http: Arc::new(HttpPool::new()), ssh })
}
