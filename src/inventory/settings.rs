//! `DIR/shopfloor.yml`: what only the console needs to know of a site.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::rules::Release;
use super::settings_shape::{SITE, address, duration, fingerprint, number, release, word};
use super::{LoadError, Node, Problem, decode, yaml};

/// The name of the file in a site's directory.
pub const SETTINGS_NAME: &str = "shopfloor.yml";

/// Height of a rack that nothing is said about, in units.
pub const RACK_HEIGHT: u16 = 42;

/// The settings of a site. Everything is optional.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    /// Short name for the header.
    pub name: Option<String>,
    /// The warning word of the site (`PROD`).
    pub word: Option<String>,
    /// Colour role or colour of that word.
    pub colour: Option<String>,
    /// The release of the platform that the site has or is to get.
    pub release: Option<Release>,
    /// Height of racks by name, in units.
    pub racks: BTreeMap<String, u16>,
    /// Where machines stand, by name; wins over the inventory.
    pub machines: BTreeMap<String, MachinePlace>,
    /// How management controllers are reached.
    pub bmc: BmcSettings,
    /// Serial lines by their id under `/dev/serial/by-id`.
    pub serial: BTreeMap<String, SerialLine>,
    /// Thresholds by `CHECK-ID.name`.
    pub thresholds: BTreeMap<String, f64>,
    /// How long tasks usually take here, in seconds, by task name or step id.
    pub hints: BTreeMap<String, u64>,
    /// The Unix group that state and sockets are shared with.
    pub sharing_group: Option<String>,
    /// Other ways to things of the inventory, by name or URL.
    pub endpoints: BTreeMap<String, Endpoint>,
    /// File with the vault password.
    pub vault_password_file: Option<PathBuf>,
    /// A `known_hosts` file of the site, used besides the user's own.
    pub known_hosts: Option<PathBuf>,
    /// What checks expect here and the inventory has no variable for, under
    /// the names of `domain::wanted`.
    pub expect: BTreeMap<String, String>,
    /// What is wrong with the file; values that do not fit are left out.
    pub problems: Vec<Problem>,
}

/// Where a machine stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MachinePlace {
    /// Name of the rack.
    pub rack: Option<String>,
    /// Lowest unit it fills.
    pub unit: Option<u16>,
    /// Units it fills.
    pub height: Option<u16>,
    /// Serial number.
    pub serial: Option<String>,
}

/// How management controllers are reached and trusted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BmcSettings {
    /// CA file for their certificates.
    pub ca: Option<PathBuf>,
    /// Pinned certificates by name of the controller: SHA-256, 64 lower-case digits.
    pub fingerprints: BTreeMap<String, String>,
    /// User name; wins over the inventory.
    pub user: Option<String>,
    /// File with the password; wins over the inventory.
    pub password_file: Option<PathBuf>,
    /// IPMI cipher suites to try in order; the default when `None`, no IPMI at all when empty.
    pub cipher_suites: Option<Vec<u8>>,
    /// The machine of a controller, where its name does not tell.
    pub machines: BTreeMap<String, String>,
}

/// A serial line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SerialLine {
    /// What is at its other end.
    pub target: String,
    /// Its speed; the console's default when missing.
    pub baud: Option<u32>,
}

/// Another way to something of the inventory; its name stays for keys and certificates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Endpoint {
    /// Where everything of that name goes that nothing else is said about.
    pub any: Option<(String, u16)>,
    /// Where SSH goes.
    pub ssh: Option<(String, u16)>,
    /// Where Redfish goes.
    pub redfish: Option<(String, u16)>,
    /// Where IPMI goes.
    pub ipmi: Option<(String, u16)>,
}

impl Settings {
    /// Reads `DIR/shopfloor.yml`. A file that is not there is no trouble; what
    /// is wrong with one that is there is in `problems`.
    pub fn load(directory: &Path) -> Settings {
        let file = directory.join(SETTINGS_NAME);
        match decode::read_text(&file) {
            Ok(text) => Settings::parse(&text, &file),
            Err(LoadError::Missing(_)) => Settings::default(),
            Err(LoadError::Invalid(problems)) => Settings { problems, ..Settings::default() },
            Err(error) => {
                let place = crate::domain::Place { file, line: 0, column: 0 };
                let (sentence, hint) = match error {
                    LoadError::Unreadable { sentence, hint, .. } => (sentence, hint),
                    other => (other.to_string(), String::new()),
                };
                let problem = Problem::parse_error(place, sentence, &hint);
                Settings { problems: vec![problem], ..Settings::default() }
            }
        }
    }

    /// Reads the text of a settings file; relative paths in it start at the file's directory.
    pub fn parse(text: &str, file: &Path) -> Settings {
        let document = match yaml::read(text, file) {
            Ok(document) => document,
            Err(problem) => return Settings { problems: vec![*problem], ..Settings::default() },
        };
        let mut problems = document.problems;
        SITE.check(&document.root, "", &mut problems);
        let from = file.parent().unwrap_or(Path::new(""));
        let mut settings = Reader { root: &document.root, from }.settings();
        settings.problems = problems;
        settings
    }

    /// The endpoint of the first of some names that has one.
    pub fn endpoint<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Option<&Endpoint> {
        names.into_iter().find_map(|name| self.endpoints.get(name))
    }
}

struct Reader<'a> {
    root: &'a Node,
    from: &'a Path,
}

impl Reader<'_> {
    fn text(&self, path: &str) -> Option<String> {
        self.root.at(path).and_then(word).filter(|text| !text.is_empty())
    }

    fn file(&self, path: &str) -> Option<PathBuf> {
        let text = self.text(path)?;
        if let Some(rest) = text.strip_prefix("~/")
            && let Some(home) = std::env::var_os("HOME")
        {
            return Some(Path::new(&home).join(rest));
        }
        Some(self.from.join(text))
    }

    /// The entries of a mapping whose values read as wanted.
    fn named<T>(&self, path: &str, read: impl Fn(&Node) -> Option<T>) -> BTreeMap<String, T> {
        let entries = self.root.at(path).map(Node::entries).unwrap_or_default();
        entries.iter().filter_map(|e| Some((e.key.clone(), read(&e.value)?))).collect()
    }

    fn settings(&self) -> Settings {
        Settings {
            name: self.text("name"),
            word: self.text("word"),
            colour: self.text("colour"),
            release: self.root.at("release").and_then(release),
            racks: self
                .named("racks", |rack| Some(units(rack.get("height")).unwrap_or(RACK_HEIGHT))),
            machines: self.named("machines", |machine| {
                Some(MachinePlace {
                    rack: machine.get("rack").and_then(word),
                    unit: units(machine.get("unit")),
                    height: units(machine.get("height")),
                    serial: machine.get("serial").and_then(word),
                })
            }),
            bmc: BmcSettings {
                ca: self.file("bmc.ca"),
                fingerprints: self.named("bmc.fingerprints", fingerprint),
                user: self.text("bmc.user"),
                password_file: self.file("bmc.password_file"),
                cipher_suites: self.root.at("bmc.cipher_suites").map(|suites| {
                    let id = |item: &Node| u8::try_from(item.as_int()?).ok().filter(|id| *id <= 17);
                    suites.items().iter().filter_map(id).collect()
                }),
                machines: self.named("bmc.machines", word),
            },
            serial: self.named("serial", |line| {
                let target = word(line).or_else(|| line.get("target").and_then(word))?;
                let baud = line.get("baud").and_then(Node::as_int);
                Some(SerialLine { target, baud: baud.and_then(|baud| u32::try_from(baud).ok()) })
            }),
            thresholds: self.named("thresholds", number),
            hints: self.named("hints", duration),
            sharing_group: self.text("sharing.group"),
            endpoints: self.named("endpoints", |endpoint| {
                let part = |key: &str| endpoint.get(key).and_then(address);
                let found = Endpoint {
                    any: address(endpoint),
                    ssh: part("ssh"),
                    redfish: part("redfish"),
                    ipmi: part("ipmi"),
                };
                (found != Endpoint::default()).then_some(found)
            }),
            vault_password_file: self.file("vault.password_file"),
            known_hosts: self.file("known_hosts"),
            expect: self.expect(),
            problems: Vec::new(),
        }
    }

    fn expect(&self) -> BTreeMap<String, String> {
        use crate::domain::wanted;
        let names = [
            ("expect.fabric_gateway", wanted::FABRIC_GATEWAY),
            ("expect.amt_address", wanted::AMT_ADDRESS),
            ("expect.frontend_vlan", wanted::FRONTEND_VLAN),
            ("expect.provisioning_vlan", wanted::PROVISIONING_VLAN),
            ("expect.deployment_image", wanted::DEPLOYMENT_IMAGE),
            ("expect.name_servers", wanted::NAME_SERVERS),
            ("expect.ingress_address", wanted::INGRESS_ADDRESS),
            ("expect.grafana_url", wanted::GRAFANA_URL),
            ("expect.prometheus_url", wanted::PROMETHEUS_URL),
            ("expect.loki_url", wanted::LOKI_URL),
            ("expect.registry_url", wanted::REGISTRY_URL),
            ("expect.sign_on_secret_expires", wanted::SIGN_ON_EXPIRES),
            ("expect.gpu_servers", wanted::GPU_SERVERS),
            ("expect.gpu_count", wanted::GPU_COUNT),
        ];
        let found = names.iter().filter_map(|(path, name)| Some((*name, self.text(path)?)));
        found.map(|(name, text)| (name.to_owned(), text)).collect()
    }
}

/// Rack units: 1 to 100.
pub(super) fn units(node: Option<&Node>) -> Option<u16> {
    let number = node?.as_int()?;
    u16::try_from(number).ok().filter(|units| (1..=100).contains(units))
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
