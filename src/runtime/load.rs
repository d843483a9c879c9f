//! Reading a site: inventory, settings, checks, and the ways to its targets.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::SecretString;

use crate::checks::Catalogue;
use crate::checks::catalogue::SiteFile;
use crate::domain::untrusted::printable;
use crate::domain::{Place, Site, Verdict};
use crate::inventory::decode::read_text;
use crate::inventory::site::{OpenedSite, open_site};
use crate::inventory::vault::{Vault, read_password};
use crate::inventory::vault_proof::refusal;
use crate::inventory::{Inventory, LoadError, Problem, Settings, Severity};
use crate::probes::{Probe, Reach, probes_of};
use crate::runner::remote::ssh_settings;
use crate::transport::http::HttpPool;
use crate::transport::secrets::SecretStore;
use crate::transport::ssh::{SshPool, SshSettings, config_problems};

/// The rule of `checks/*.yml` and of thresholds: records and numbers of checks that exist.
pub const RULE_CHECKS: &str = "V-SITE-51";

/// The rule of the SSH client's configuration: what it says of hosts can be followed.
pub const RULE_SSH: &str = "V-SITE-54";

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
    /// What was read, for the rules of `inventory check`; also says why there is no inventory.
    pub opened: Option<Box<OpenedSite>>,
}

/// What the ways to the targets need once in a process, before the first one is opened.
pub fn prepare_transports() {
    crate::transport::http::install_crypto();
}

/// Says that the password of the file that was named on the command line opens
/// nothing of what the inventory seals.
///
/// # Errors
/// The sentence, with what to do.
pub fn prove_named_password(options: &LoadOptions, opened: &OpenedSite) -> Result<(), String> {
    let Some(file) = &options.vault_password_file else { return Ok(()) };
    match refusal(&opened.inventory, &opened.vault) {
        None => Ok(()),
        Some(refusal) => Err(format!(
            "the password in {} {refusal}; name the file with the password that sealed them",
            file.display()
        )),
    }
}

/// Tries a vault password that was typed on what the inventory of a site seals.
///
/// # Errors
/// A sentence with the first value that it does not open, and what to do.
pub fn prove_typed_password(directory: &Path, password: &SecretString) -> Result<(), String> {
    let mut vault = Vault::default();
    vault.put("default", password.clone());
    let inventory = Inventory::load_opened(directory, &vault);
    match refusal(&inventory, &vault) {
        None => Ok(()),
        Some(mut refusal) => {
            // Within the site's directory: the status line is short.
            if let Ok(inside) = refusal.place.file.strip_prefix(directory) {
                refusal.place.file = inside.to_path_buf();
            }
            Err(format!("not kept: the password {refusal}; `:unlock` asks again"))
        }
    }
}

/// Reads a site. A missing or broken inventory is no failure: the site then
/// has no targets and says in its problems what is wrong.
///
/// # Errors
/// A sentence when a file that was named on the command line cannot be used.
pub fn load_site(options: &LoadOptions) -> Result<Loaded, String> {
    let vault = options.vault()?;
    let mut opened = open_site(&options.directory, &vault);
    prove_named_password(options, &opened)?;
    let mut site = std::mem::take(&mut opened.built.site);
    site.is_demo = options.is_demo;
    for (name, secret) in std::mem::take(&mut opened.built.secrets) {
        options.secrets.put(name, secret);
    }
    options.secrets.set_missing(std::mem::take(&mut opened.built.missing));
    for sealed in &opened.built.sealed {
        // Asking for it is what makes the screen offer a prompt.
        let _ = options.secrets.get(&sealed.vault);
    }
    let (catalogue, faults) = read_catalogue(&options.directory, &site.thresholds);
    let ssh = ssh_settings(&opened.settings);
    let of_ssh = ssh_problems(&ssh);
    let lines = faults.iter().chain(&of_ssh).map(|fault| printable(&fault.line()));
    site.problems.extend(lines);
    let reach = Arc::new(Reach {
        ssh: SshPool::new(ssh, Arc::clone(&options.secrets)),
        http: Arc::new(HttpPool::new()),
        secrets: Arc::clone(&options.secrets),
    });
    let probes = probes_of(&site);
    Ok(Loaded { site, catalogue, probes, reach, opened: Some(Box::new(opened)) })
}

/// Reads the site's checks without asking anybody.
///
/// # Errors
/// As [`load_site`].
pub fn load_catalogue(options: &LoadOptions) -> Result<Catalogue, String> {
    Ok(load_site(options)?.catalogue)
}

/// What is wrong with the files of a site besides its inventory: `shopfloor.yml`, `checks/*.yml`, and
/// the SSH client's configuration, which leads to its hosts.
pub fn problems_beside_the_inventory(directory: &Path, settings: &Settings) -> Vec<Problem> {
    let (_, faults) = read_catalogue(directory, &settings.thresholds);
    let of_ssh = ssh_problems(&ssh_settings(settings));
    settings.problems.iter().cloned().chain(faults).chain(of_ssh).collect()
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

/// What of the SSH client's configuration does not count. It is the operator's
/// own file, so it warns and stops nothing.
fn ssh_problems(settings: &SshSettings) -> Vec<Problem> {
    let hint = "hosts are reached without it; say it under Host or `Match host`";
    let problems = config_problems(settings).into_iter().map(|(place, text)| Problem {
        rule: RULE_SSH.to_owned(),
        severity: Severity::Warning,
        verdict: Verdict::Warn,
        ..fault(place, text, hint)
    });
    problems.collect()
}
