//! Management controllers of `ipmi_targets` as targets, with what opens them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use secrecy::SecretString;

use super::reference::{self, Followed};
use super::settings::Settings;
use super::site::Sealed;
use super::site_reading::{Leases, Reading, short};
use super::vault::{self, Vault, VaultError};
use super::{Kind, Node, Problem, Vars};
use crate::domain::cause::PASSWORD_MISSING;
use crate::domain::endpoint::{BmcEndpoint, TlsTrust};
use crate::domain::untrusted::printable;
use crate::domain::{Cause, CauseWord, Place, SecretName, Target, TargetId, TargetKind};

/// The port of Redfish, as of HTTPS.
const REDFISH_PORT: u16 = 443;
/// The port of IPMI over LAN (RMCP+).
const IPMI_PORT: u16 = 623;
/// Cipher suites to try when nothing is said: 17 (SHA-256) first, 3 for old controllers.
const CIPHER_SUITES: [u8; 2] = [17, 3];
/// What stands before or behind a machine's name in the name of its controller.
const MARKS: [&str; 7] = ["bmc", "ipmi", "ilo", "idrac", "oob", "mgmt", "redfish"];

/// What to do where there is no password.
const NAME_A_PASSWORD: &str =
    "give the module a password in the inventory, or name `bmc.password_file` in shopfloor.yml";

fn missing(sentence: &str, next: &str) -> Cause {
    Cause::new(CauseWord::System(PASSWORD_MISSING.to_owned()), sentence, next)
}

/// Machines by each of their names, whole and short; of two with one name the first counts.
struct Machines<'m>(HashMap<&'m str, &'m Target>);

impl<'m> Machines<'m> {
    fn new(targets: &'m [Target]) -> Machines<'m> {
        let mut by_name = HashMap::new();
        for target in targets.iter().filter(|target| target.kind != TargetKind::Bmc) {
            let own = [target.id.as_str(), target.name.as_str()];
            for name in own.into_iter().chain(target.aliases.iter().map(String::as_str)) {
                by_name.entry(name).or_insert(target);
                by_name.entry(short(name)).or_insert(target);
            }
        }
        Machines(by_name)
    }

    fn called(&self, name: &str) -> Option<&'m Target> {
        self.0.get(name).copied()
    }
}

/// Controllers, the secrets that open them, and those that stay sealed.
pub(super) struct Controllers<'a> {
    pub reading: &'a Reading<'a>,
    pub leases: &'a Leases,
    pub settings: &'a Settings,
    pub vault: &'a Vault,
    pub secrets: Vec<(SecretName, SecretString)>,
    pub sealed: Vec<Sealed>,
    /// Secrets that nobody has to open: they are in no file, or their file cannot be read.
    pub missing: Vec<(SecretName, Cause)>,
    pub problems: Vec<Problem>,
    /// User and secret by module, so that each is read once.
    known: BTreeMap<String, (String, SecretName)>,
}

impl<'a> Controllers<'a> {
    pub fn new(
        reading: &'a Reading<'a>,
        leases: &'a Leases,
        settings: &'a Settings,
        vault: &'a Vault,
    ) -> Controllers<'a> {
        Controllers {
            reading,
            leases,
            settings,
            vault,
            secrets: Vec::new(),
            sealed: Vec::new(),
            missing: Vec::new(),
            problems: Vec::new(),
            known: BTreeMap::new(),
        }
    }

    /// One target for each entry of `ipmi_targets`.
    pub fn targets(&mut self, machines: &[Target]) -> Vec<Target> {
        let Some(found) = self.reading.find("ipmi_targets") else { return Vec::new() };
        self.check_modules();
        if !matches!(found.value.kind, Kind::List(_) | Kind::Null) {
            self.problems.push(Problem::of_target(
                found.value.place.clone(),
                format!(
                    "`ipmi_targets` is {}, and a list of controllers is accepted",
                    found.value.kind_name()
                ),
                "write `- {name: NAME, host: ADDRESS, module: MODULE}` for each",
            ));
        }
        let machines = Machines::new(machines);
        let mut targets: Vec<Target> = Vec::new();
        let mut seen = HashSet::new();
        for item in found.value.items() {
            let word = |key: &str| {
                reference::text(item.get(key)?, &found.vars).map(|text| text.into_owned())
            };
            let Some(name) = word("name").or_else(|| word("host")) else {
                self.problems.push(Problem::of_target(
                    item.place.clone(),
                    "an entry of `ipmi_targets` has neither name nor host, it is left out",
                    "give it the name of the controller",
                ));
                continue;
            };
            let id = TargetId::from(format!("bmc:{name}"));
            if !seen.insert(id.clone()) {
                self.problems.push(Problem::of_target(
                    item.place.clone(),
                    format!(
                        "`ipmi_targets` has `{}` twice, the first one counts",
                        printable(&name)
                    ),
                    "take one of them out",
                ));
                continue;
            }
            let host = word("host").unwrap_or_else(|| name.clone());
            let (user, password) = self.credentials(&word("module").unwrap_or_default(), item);
            let machine = self.machine_of(&name, &machines);
            if machine.is_none() {
                self.problems.push(Problem::of_target(
                    item.place.clone(),
                    format!("`{}` belongs to no machine by its name", printable(&name)),
                    "`bmc.machines` in shopfloor.yml can say which",
                ));
            }
            targets.push(Target {
                id,
                aliases: if host == name { Vec::new() } else { vec![host.clone()] },
                kind: TargetKind::Bmc,
                roles: Vec::new(),
                groups: Vec::new(),
                rack: machine.and_then(|machine| machine.rack.clone()),
                serial: None,
                ssh: None,
                bmc: Some(self.endpoint(&name, host, machine, user, password)),
                machine: machine.map(|machine| machine.id.clone()),
                wanted: BTreeMap::new(),
                declared: item.place.clone(),
                name,
            });
        }
        targets
    }

    fn endpoint(
        &self,
        name: &str,
        host: String,
        machine: Option<&Target>,
        user: String,
        password: SecretName,
    ) -> BmcEndpoint {
        let address = self.leases.address(&host).unwrap_or(&host).to_owned();
        // The controller's own names come first; under its machine's name only
        // the parts that can be meant for a controller count.
        let own = self.settings.endpoint([name, host.as_str(), address.as_str()]);
        let of_machine =
            machine.and_then(|machine| self.settings.endpoint([machine.name.as_str()]));
        let redfish = own
            .and_then(|e| e.redfish.clone().or_else(|| e.any.clone()))
            .or_else(|| of_machine.and_then(|e| e.redfish.clone()))
            .unwrap_or_else(|| (address.clone(), REDFISH_PORT));
        let ipmi = own
            .and_then(|e| e.ipmi.clone())
            .or_else(|| of_machine.and_then(|e| e.ipmi.clone()))
            .unwrap_or((address, IPMI_PORT));
        let bmc = &self.settings.bmc;
        let pinned = [name, host.as_str()].into_iter().find_map(|name| bmc.fingerprints.get(name));
        let trust = match (pinned, &bmc.ca) {
            (Some(fingerprint), _) => TlsTrust::Fingerprint(fingerprint.clone()),
            (None, Some(ca)) => TlsTrust::Ca(ca.clone()),
            (None, None) => TlsTrust::System,
        };
        let cipher_suites = bmc.cipher_suites.clone().unwrap_or_else(|| CIPHER_SUITES.to_vec());
        BmcEndpoint { host, redfish, ipmi, user, password, trust, cipher_suites }
    }

    /// The machine of a controller: what shopfloor.yml says, else by name.
    fn machine_of<'m>(&self, name: &str, machines: &Machines<'m>) -> Option<&'m Target> {
        if let Some(said) = self.settings.bmc.machines.get(name) {
            return machines.called(said);
        }
        let bare = short(name);
        let mut candidates = vec![bare];
        for mark in MARKS {
            for joint in ['-', '_'] {
                let behind = bare.strip_suffix(mark).and_then(|rest| rest.strip_suffix(joint));
                let before = bare.strip_prefix(mark).and_then(|rest| rest.strip_prefix(joint));
                candidates.extend(behind.into_iter().chain(before));
            }
        }
        candidates.into_iter().find_map(|name| machines.called(name))
    }

    /// What is wrong with the list of modules itself.
    fn check_modules(&mut self) {
        let Some(found) = self.reading.find("ipmi_exporter_modules") else { return };
        let hint = "write `- {name: MODULE, user: NAME, password: !vault …}` for each";
        if !matches!(found.value.kind, Kind::List(_) | Kind::Null) {
            let kind = found.value.kind_name();
            self.problems.push(Problem::of_target(
                found.value.place.clone(),
                format!("`ipmi_exporter_modules` is {kind}, and a list of modules is accepted"),
                hint,
            ));
        }
        for entry in found.value.items() {
            let sentence = match &entry.kind {
                Kind::Map(_) if entry.get("name").and_then(Node::as_str).is_some() => continue,
                Kind::Map(_) => "an entry of `ipmi_exporter_modules` has no name".to_owned(),
                _ => format!(
                    "an entry of `ipmi_exporter_modules` is {}, and a mapping is accepted",
                    entry.kind_name()
                ),
            };
            self.problems.push(Problem::of_target(entry.place.clone(), sentence, hint));
        }
    }

    /// User and name of the password of an exporter module.
    fn credentials(&mut self, module: &str, item: &Node) -> (String, SecretName) {
        if let Some(known) = self.known.get(module) {
            return known.clone();
        }
        let found = self.reading.find("ipmi_exporter_modules");
        let modules = found.as_ref().map(|found| found.value.items()).unwrap_or_default();
        let nothing = Vars::new();
        let vars = found.as_ref().map_or(&nothing, |found| &*found.vars);
        let entry = modules
            .iter()
            .find(|entry| entry.get("name").and_then(Node::as_str) == Some(module))
            .or(modules.first().filter(|_| module.is_empty() && modules.len() == 1));
        let file = self.settings.bmc.password_file.clone();
        if entry.is_none() && file.is_none() {
            self.problems.push(Problem::of_target(
                item.place.clone(),
                format!(
                    "the module `{}` is not among `ipmi_exporter_modules`, so nobody can log in there",
                    printable(module)
                ),
                "correct the name, or add the module",
            ));
        }
        let said = entry.and_then(|entry| entry.get("user"));
        let said = said.and_then(|user| reference::text(user, vars)).map(|user| user.into_owned());
        let user = self.settings.bmc.user.clone().or(said).unwrap_or_default();
        let secret = match file {
            Some(file) => self.password_of_file(&file),
            None => self.password_of_module(module, entry, vars),
        };
        self.known.insert(module.to_owned(), (user.clone(), secret.clone()));
        (user, secret)
    }

    fn password_of_file(&mut self, file: &Path) -> SecretName {
        let name = SecretName::from(format!("bmc-password {}", file.display()));
        if self.secrets.iter().any(|(known, _)| *known == name) {
            return name;
        }
        if self.missing.iter().any(|(known, _)| *known == name) {
            return name;
        }
        match vault::read_password(file) {
            Ok(password) => self.secrets.push((name.clone(), password)),
            Err(error) => {
                // Sentence and next step stand in one text, as the error has them.
                let whole = error.of_controllers();
                let (sentence, next) = whole.rsplit_once("; ").unwrap_or((&whole, ""));
                let place = Place { file: file.to_path_buf(), line: 0, column: 0 };
                self.problems.push(Problem::of_target(place, sentence, next));
                self.missing.push((name.clone(), missing(sentence, next)));
            }
        }
        name
    }

    fn password_of_module(
        &mut self,
        module: &str,
        entry: Option<&Node>,
        vars: &Vars,
    ) -> SecretName {
        let shown = if module.is_empty() { "default" } else { module };
        let name = SecretName::from(format!("bmc-password {}", printable(shown)));
        let shown = printable(shown);
        let Some(password) = entry.and_then(|entry| entry.get("password")) else {
            let sentence = match entry {
                Some(entry) => {
                    let sentence = format!("the module `{shown}` has no password");
                    let hint = "give it one, sealed with ansible-vault encrypt_string";
                    self.problems.push(Problem::of_target(entry.place.clone(), &sentence, hint));
                    format!("{sentence} in {}", entry.place)
                }
                None => format!("no module `{shown}` in `ipmi_exporter_modules` has a password"),
            };
            self.missing.push((name.clone(), missing(&sentence, NAME_A_PASSWORD)));
            return name;
        };
        match reference::follow(password, vars) {
            Followed::Value(node) => match &node.kind {
                Kind::Vault(text) => match self.vault.open(text) {
                    Ok(opened) => {
                        // The documents write `{{ ipmi_password | trim }}`: a line end is not meant.
                        let opened = secrecy::ExposeSecret::expose_secret(&opened).trim();
                        self.secrets.push((name.clone(), SecretString::from(opened)));
                    }
                    Err(error) => self.stays_sealed(&name, node, &error),
                },
                Kind::Str(text) | Kind::Unsafe(text) => {
                    self.secrets.push((name.clone(), SecretString::from(text.trim())));
                }
                Kind::Int(number) => {
                    self.secrets.push((name.clone(), SecretString::from(number.to_string())));
                }
                _ => {
                    let kind = node.kind_name();
                    let sentence = format!("the password of the module `{shown}` is {kind}");
                    self.lacks(&name, node, &format!("{sentence}, and text is accepted"));
                }
            },
            Followed::Template => {
                let sentence = format!(
                    "the password of the module `{shown}` is a template that only Ansible can evaluate"
                );
                self.lacks(&name, password, &sentence);
            }
        }
        name
    }

    /// A password that is there and cannot be one.
    fn lacks(&mut self, secret: &SecretName, node: &Node, sentence: &str) {
        self.problems.push(Problem::of_target(node.place.clone(), sentence, NAME_A_PASSWORD));
        let whole = format!("{sentence} ({})", node.place);
        self.missing.push((secret.clone(), missing(&whole, NAME_A_PASSWORD)));
    }

    fn stays_sealed(&mut self, secret: &SecretName, node: &Node, error: &VaultError) {
        let label = match error {
            VaultError::NoPassword { label } | VaultError::WrongPassword { label } => {
                label.as_deref().unwrap_or("default")
            }
            VaultError::Malformed(_) => "default",
        };
        if matches!(error, VaultError::WrongPassword { .. } | VaultError::Malformed(_)) {
            self.problems.push(Problem::of_target(
                node.place.clone(),
                format!("{secret} stays sealed: {error}"),
                error.next(),
            ));
        }
        self.sealed.push(Sealed {
            secret: secret.clone(),
            vault: SecretName::from(format!("vault {label}")),
            place: node.place.clone(),
            cause: Cause::new(
                CauseWord::PasswordSealed,
                format!("{secret} is sealed in {}: {error}", node.place),
                error.next(),
            ),
        });
    }
}
