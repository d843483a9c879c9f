//! Reading a site: inventory, settings, checks, and the ways to its targets.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::checks::Catalogue;
use crate::checks::catalogue::SiteFile;
use crate::domain::{SecretName, Site};
use crate::inventory::site::{OpenedSite, open_site};
use crate::inventory::vault::{Vault, read_password};
use crate::inventory::{LoadError, Settings};
use crate::probes::{Probe, Reach, probes_of};
use crate::transport::http::HttpPool;
use crate::transport::secrets::SecretStore;
use crate::transport::ssh::{SshPool, SshSettings};

/// What secrets of the vault are called in the store, before their label.
pub const VAULT_SECRET: &str = "vault ";

/// How a site is read.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// The site's directory.
    pub directory: PathBuf,
    /// A file with the vault password.
    pub vault_password_file: Option<PathBuf>,
    /// Secrets of this session; they outlive a reading.
    pub secrets: Arc<SecretStore>,
    /// Whether it is the embedded demo site.
    pub is_demo: bool,
}

impl LoadOptions {
    /// A site in `directory`.
    pub fn new(directory: &Path, vault_password_file: Option<PathBuf>) -> LoadOptions {
        LoadOptions {
            directory: directory.to_path_buf(),
            vault_password_file,
            secrets: Arc::new(SecretStore::default()),
            is_demo: false,
        }
    }

    /// The same, as the embedded demo site.
    #[must_use]
    pub fn demo(mut self) -> LoadOptions {
        self.is_demo = true;
        self
    }

    /// The vault with every password of this session.
    ///
    /// # Errors
    /// A sentence when the named password file cannot be used.
    pub fn vault(&self) -> Result<Vault, String> {
        let mut vault = Vault::default();
        if let Some(file) = &self.vault_password_file {
            vault.put("default", read_password(file).map_err(|error| error.to_string())?);
        }
        for (name, password) in self.secrets.with_prefix(VAULT_SECRET) {
            vault.put(name.as_str().trim_start_matches(VAULT_SECRET), password);
        }
        Ok(vault)
    }
}

/// A site that was read, and how to ask its targets.
pub struct Loaded {
    /// The site, without secrets.
    pub site: Site,
    /// The checks as the site overrides them.
    pub catalogue: Catalogue,
    /// All probes.
    pub probes: Vec<Arc<dyn Probe>>,
    /// The ways to the targets.
    pub reach: Arc<Reach>,
    /// Why there is no inventory, where that is more than a start.
    pub trouble: Option<LoadError>,
}

/// Reads a site. A missing or broken inventory is no failure: the site then
/// has no targets and says in its problems what is wrong.
///
/// # Errors
/// A sentence when a file that was named on the command line cannot be used.
pub fn load_site(options: &LoadOptions) -> Result<Loaded, String> {
    let vault = options.vault()?;
    let OpenedSite { inventory, settings, built } = open_site(&options.directory, &vault);
    let mut site = built.site;
    site.is_demo = options.is_demo;
    for (name, secret) in built.secrets {
        options.secrets.put(name, secret);
    }
    for sealed in &built.sealed {
        // Asking for it is what makes the screen offer a prompt.
        let _ = options.secrets.get(&sealed.vault);
    }
    let (catalogue, faults) = read_catalogue(&options.directory, &site);
    site.problems.extend(faults);
    let reach = Arc::new(Reach {
        ssh: SshPool::new(ssh_settings(&settings), Arc::clone(&options.secrets)),
        http: Arc::new(HttpPool::new()),
        secrets: Arc::clone(&options.secrets),
    });
    let probes = probes_of(&site);
    Ok(Loaded { site, catalogue, probes, reach, trouble: inventory.err() })
}

/// Reads the site's checks without asking anybody.
///
/// # Errors
/// As [`load_site`].
pub fn load_catalogue(options: &LoadOptions) -> Result<Catalogue, String> {
    Ok(load_site(options)?.catalogue)
}

/// The built-in checks with what `DIR/checks/*.yml` and the thresholds change.
fn read_catalogue(directory: &Path, site: &Site) -> (Catalogue, Vec<String>) {
    let mut sentences = Vec::new();
    let mut paths: Vec<PathBuf> = std::fs::read_dir(directory.join("checks"))
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    paths.retain(|path| path.extension().is_some_and(|e| e == "yml" || e == "yaml"));
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        match std::fs::read_to_string(&path) {
            Ok(text) => files.push(SiteFile { path, text }),
            Err(error) => sentences.push(format!("{} is left out: {error}", path.display())),
        }
    }
    let (catalogue, faults) = Catalogue::load(&files, &site.thresholds);
    sentences.extend(faults.iter().map(ToString::to_string));
    (catalogue, sentences)
}

/// The operator's own settings, with the site's file of host keys before theirs.
fn ssh_settings(settings: &Settings) -> SshSettings {
    let mut ssh = SshSettings::default();
    if let Some(file) = &settings.known_hosts {
        ssh.known_hosts.insert(0, file.clone());
    }
    ssh
}

/// The name of a vault's password in the store.
pub fn vault_secret(label: &str) -> SecretName {
    SecretName::from(format!("{VAULT_SECRET}{label}"))
}
