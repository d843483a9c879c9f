//! From the files of a site to [`Site`]: what everything else works with.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::problem::{RULE_VAULT, Severity};
use super::settings::SETTINGS_NAME;
use super::settings::Settings;
use super::site_bmc::Controllers;
use super::site_reading::{Leases, Reading};
use super::site_systems::with_digests;
use super::site_targets::{Builder, ROLE_GROUPS};
use super::vault::{Vault, read_password};
use super::vault_proof::refusal;
use super::{Inventory, LoadError, Problem, wanted};
use crate::domain::untrusted::{printable, scrub};
use crate::domain::{Cause, Place, SecretName, SerialLine, Site};

/// A secret that an inventory holds and that could not be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The secret that somebody will ask for.
    pub secret: SecretName,
    /// The vault password that opens it (`vault default`).
    pub vault: SecretName,
    /// Where it stands.
    pub place: Place,
    /// Why it stays closed, for those who depend on it.
    pub cause: Cause,
}

/// A site with what belongs to it but may not be in the model.
#[derive(Debug, Default)]
pub struct BuiltSite {
    /// The site, without secrets.
    pub site: Site,
    /// Opened secrets by the names that the site's targets ask for.
    pub secrets: Vec<(SecretName, SecretString)>,
    /// Secrets that stay sealed.
    pub sealed: Vec<Sealed>,
    /// Secrets that are nowhere, each with why.
    pub missing: Vec<(SecretName, Cause)>,
    /// What is wrong with what the targets are made of, and with the vault's password.
    pub problems: Vec<Problem>,
}

/// Everything that a site's directory says.
#[derive(Debug)]
pub struct OpenedSite {
    /// The inventory, or why there is none.
    pub inventory: Result<Inventory, LoadError>,
    /// `shopfloor.yml`.
    pub settings: Settings,
    /// The site with its secrets.
    pub built: BuiltSite,
    /// The passwords it was read with: those that were given, or the one of the settings.
    pub vault: Vault,
}

/// Reads the inventory and the settings of a directory and builds the site.
/// A vault password file that the settings name is added to `vault`, unless
/// the vault has a password already. Never fails: what is wrong stands in
/// `site.problems`, and a site without an inventory has no targets.
pub fn open_site(directory: &Path, vault: &Vault) -> OpenedSite {
    let settings = Settings::load(directory);
    let mut vault = vault.clone();
    let mut trouble = None;
    let mut named = settings.vault_password_file.as_ref().filter(|_| vault.is_empty());
    if let Some(file) = named {
        match read_password(file) {
            Ok(password) => vault.put("default", password),
            Err(error) => {
                trouble = Some(error.to_string());
                named = None;
            }
        }
    }
    let inventory = Inventory::load_opened(directory, &vault);
    if let Some(file) = named
        && let Some(refusal) = refusal(&inventory, &vault)
    {
        trouble = Some(format!(
            "the password in {} {refusal}; name the file with the password that sealed them",
            file.display()
        ));
        // As if it were not there: the right one is asked for.
        vault = Vault::default();
    }
    let mut built = match &inventory {
        Ok(inventory) => build_site(inventory, &settings, &vault),
        Err(error) => without_inventory(directory, &settings, error),
    };
    built.site.directory = directory.to_path_buf();
    if let Some(trouble) = trouble {
        let (sentence, hint) = trouble.rsplit_once("; ").unwrap_or((&trouble, ""));
        let place = Place { file: directory.join(SETTINGS_NAME), line: 0, column: 0 };
        let problem = Problem::reading(RULE_VAULT, Severity::Error, place, sentence, hint);
        built.site.problems.insert(0, line(&problem));
        built.problems.insert(0, problem);
    }
    OpenedSite { inventory, settings, built, vault }
}

/// The serial lines of the settings, as people read them.
fn serial_lines(settings: &Settings) -> Vec<SerialLine> {
    let of = |(id, line): (&String, &super::settings::SerialLine)| SerialLine {
        id: printable(id),
        target: printable(&line.target),
        baud: line.baud,
    };
    settings.serial.iter().map(of).collect()
}

/// Builds the site of an inventory: its machines and controllers, two names of one machine as one target.
pub fn build_site(inventory: &Inventory, settings: &Settings, vault: &Vault) -> BuiltSite {
    let reading = Reading::new(inventory);
    let leases = Leases::read(&reading);
    let mut builder = Builder::new(&reading, &leases, settings, &inventory.directory);
    builder.machines();
    builder.switches();
    builder.systems();
    with_digests(&mut builder.targets, &reading, vault);
    builder.check_places();
    let mut controllers = Controllers::new(&reading, &leases, settings, vault);
    let bmcs = controllers.targets(&builder.targets);
    let mut targets = builder.targets;
    targets.extend(bmcs);
    // The ids stay as they are written; the rest is what people read.
    for target in &mut targets {
        scrub(&mut target.name);
        target.serial.iter_mut().for_each(scrub);
        target.rack.iter_mut().for_each(|place| scrub(&mut place.rack));
    }

    let mut of_targets = builder.problems;
    of_targets.append(&mut controllers.problems);
    let problems =
        inventory.problems.iter().chain(&settings.problems).chain(&of_targets).map(line).collect();
    let site = Site {
        directory: inventory.directory.clone(),
        name: settings
            .name
            .clone()
            .or_else(|| reading.text("cluster_name"))
            .map_or_else(|| directory_name(&inventory.directory), |name| printable(&name)),
        word: settings.word.as_deref().map(printable),
        colour: settings.colour.as_deref().map(printable),
        is_demo: false,
        has_inventory: true,
        is_ai_factory: ROLE_GROUPS.iter().any(|(group, _)| inventory.groups.contains_key(*group)),
        serial_lines: serial_lines(settings),
        wanted: wanted::of_site(&reading, settings),
        targets,
        thresholds: settings.thresholds.clone(),
        problems,
    };
    BuiltSite {
        site,
        secrets: controllers.secrets,
        sealed: controllers.sealed,
        missing: controllers.missing,
        problems: of_targets,
    }
}

/// The site of a directory whose inventory could not be had.
fn without_inventory(directory: &Path, settings: &Settings, error: &LoadError) -> BuiltSite {
    let mut problems: Vec<String> = Vec::new();
    match error {
        // A start, not an error: the screen offers the example.
        LoadError::Missing(_) | LoadError::Empty(_) => {}
        LoadError::Unreadable { .. } => problems.push(printable(&error.to_string())),
        LoadError::Invalid(found) => problems.extend(found.iter().map(line)),
    }
    problems.extend(settings.problems.iter().map(line));
    let name = settings.name.as_deref().map_or_else(|| directory_name(directory), printable);
    BuiltSite {
        site: Site {
            directory: directory.to_path_buf(),
            name,
            word: settings.word.as_deref().map(printable),
            colour: settings.colour.as_deref().map(printable),
            has_inventory: false,
            thresholds: settings.thresholds.clone(),
            problems,
            ..Site::default()
        },
        ..BuiltSite::default()
    }
}

/// A problem as one printable line.
fn line(problem: &Problem) -> String {
    printable(&problem.line())
}

fn directory_name(directory: &Path) -> String {
    let whole: PathBuf =
        std::fs::canonicalize(directory).unwrap_or_else(|_| directory.to_path_buf());
    let name = whole.file_name().map(|name| printable(&name.to_string_lossy()));
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| "site".to_owned())
}

#[cfg(test)]
#[path = "site_tests.rs"]
mod tests;
