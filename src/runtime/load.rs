//! Reading a site: inventory, settings, checks, and the ways to its targets.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::checks::Catalogue;
use crate::checks::catalogue::SiteFile;
use crate::domain::untrusted::printable;
use crate::domain::{Place, SecretName, Site, Verdict};
use crate::inventory::decode::read_text;
use crate::inventory::site::{OpenedSite, open_site};
use crate::inventory::vault::{Vault, read_password};
use crate::inventory::{LoadError, Problem, Settings, Severity};
use crate::probes::{Probe, Reach, probes_of};
use crate::transport::http::HttpPool;
use crate::transport::secrets::SecretStore;
use crate::transport::ssh::{SshPool, SshSettings};

/// The rule of `checks/*.yml` and of thresholds: records and numbers of checks that exist.
pub const RULE_CHECKS: &str = "V-SITE-51";

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

    /// [`LoadOptions::vault`], and without a password in it the file that
    /// `shopfloor.yml` names: what reading the inventory alone needs.
    ///
    /// # Errors
    /// A sentence when a named password file cannot be used.
    pub fn vault_of_site(&self, settings: &Settings) -> Result<Vault, String> {
        let mut vault = self.vault()?;
        if let Some(file) = settings.vault_password_file.as_ref().filter(|_| vault.is_empty()) {
            vault.put("default", read_password(file).map_err(|error| error.to_string())?);
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
    let (catalogue, faults) = read_catalogue(&options.directory, &site.thresholds);
    site.problems.extend(faults.iter().map(|fault| printable(&fault.line())));
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

/// What is wrong with the files of a site besides its inventory: `shopfloor.yml` and `checks/*.yml`.
pub fn problems_beside_the_inventory(directory: &Path, settings: &Settings) -> Vec<Problem> {
    let (_, faults) = read_catalogue(directory, &settings.thresholds);
    settings.problems.iter().cloned().chain(faults).collect()
}

/// The built-in checks with what `DIR/checks/*.yml` and the thresholds change.
fn read_catalogue(
    directory: &Path,
    thresholds: &BTreeMap<String, f64>,
) -> (Catalogue, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut paths: Vec<PathBuf> = std::fs::read_dir(directory.join("checks"))
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    paths.retain(|path| path.extension().is_some_and(|e| e == "yml" || e == "yaml"));
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        match read_text(&path) {
            Ok(text) => files.push(SiteFile { path, text }),
            Err(LoadError::Invalid(found)) => problems.extend(found),
            Err(LoadError::Unreadable { file, sentence, hint }) => {
                let place = Place { file, line: 0, column: 0 };
                problems.push(fault(place, sentence, &hint));
            }
            // It went away between listing and reading.
            Err(LoadError::Missing(_) | LoadError::Empty(_)) => {}
        }
    }
    let (catalogue, faults) = Catalogue::load(&files, thresholds);
    let next =
        "correct it; everything else of the file is in force, `shopfloor check --list` lists codes";
    problems.extend(faults.into_iter().map(|found| {
        let mut place = found.place;
        // Thresholds are reported under the bare name of their file.
        if place.file.is_relative() {
            place.file = directory.join(&place.file);
        }
        fault(place, found.sentence, next)
    }));
    (catalogue, problems)
}

fn fault(place: Place, sentence: String, hint: &str) -> Problem {
    Problem {
        rule: RULE_CHECKS.to_owned(),
        severity: Severity::Error,
        verdict: Verdict::Fail,
        place,
        sentence,
        hint: Some(hint.to_owned()),
        cause: None,
        step: None,
    }
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
