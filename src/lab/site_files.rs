//! The directory of the demo site: an inventory made from
//! `inventory.example.yml`, settings, keys and `known_hosts`. It is read by
//! the very code that reads a real site's directory.

use std::fmt::Write as _;
use std::path::Path;

use russh::keys::PublicKey;

use super::answers::serial_id;
use super::blueprint::Blueprint;
use super::files;
use super::ports::Addresses;

/// The inventory that the demo site is made from.
pub const EXAMPLE: &str = include_str!("../../inventory.example.yml");
/// The password of the vault values in the example; it says so itself.
pub const VAULT_PASSWORD: &str = "shopfloor-example";

/// The fabric's address in the front-end network, next to the router's.
const FABRIC_GATEWAY: &str = "10.30.0.2";
/// The address of the router box's remote management.
const AMT: &str = "192.168.41.2";

/// Names of the files in the site's directory.
pub mod name {
    /// The inventory.
    pub const INVENTORY: &str = "inventory.yml";
    /// What only the console needs.
    pub const SETTINGS: &str = "shopfloor.yml";
    /// The operator's SSH key.
    pub const KEY: &str = "id_ed25519";
    /// Host keys.
    pub const KNOWN_HOSTS: &str = "known_hosts";
    /// The CA of the management controllers.
    pub const CA: &str = "bmc-ca.pem";
    /// The vault's password.
    pub const VAULT: &str = "vault-password";
}

/// What the files say.
pub struct SiteFiles<'a> {
    /// The site's directory, absolute.
    pub directory: &'a Path,
    /// The machines.
    pub blueprint: &'a Blueprint,
    /// Their addresses.
    pub addresses: &'a Addresses,
    /// The port of all of them.
    pub port: u16,
    /// Host keys by machine.
    pub host_keys: Vec<(&'a str, &'a PublicKey)>,
}

impl SiteFiles<'_> {
    /// Writes inventory, settings, `known_hosts` and the vault's password.
    ///
    /// # Errors
    /// A sentence when a file cannot be written or the example cannot be used.
    pub fn write(&self) -> Result<(), String> {
        let at = |file: &str| self.directory.join(file);
        files::write(&at(name::INVENTORY), self.inventory()?.as_bytes(), files::PRIVATE)?;
        files::write(&at(name::SETTINGS), self.settings().as_bytes(), files::PRIVATE)?;
        files::write(&at(name::KNOWN_HOSTS), self.known_hosts().as_bytes(), files::PRIVATE)?;
        let password = format!("{VAULT_PASSWORD}\n");
        files::write(&at(name::VAULT), password.as_bytes(), files::PRIVATE)
    }

    fn path(&self, file: &str) -> String {
        self.directory.join(file).display().to_string()
    }

    /// The example, with the demo site's addresses, port, key and `known_hosts`.
    fn inventory(&self) -> Result<String, String> {
        let mut out = String::with_capacity(EXAMPLE.len() + 2_000);
        let mut place = Place::default();
        let mut told = false;
        let mut placed = 0;
        for line in EXAMPLE.lines() {
            place.enter(line);
            let indent = " ".repeat(place.indent());
            match place.keys() {
                ["all", "vars", "ansible_ssh_private_key_file"] => {
                    told = true;
                    let _ = writeln!(
                        out,
                        "{indent}ansible_ssh_private_key_file: \"{}\"\n{indent}ansible_port: {}\n{indent}ansible_ssh_common_args: \"-o UserKnownHostsFile={}\"",
                        self.path(name::KEY),
                        self.port,
                        self.path(name::KNOWN_HOSTS),
                    );
                }
                [.., "vars", "ansible_ssh_private_key_file"] => {
                    let _ = writeln!(
                        out,
                        "{indent}ansible_ssh_private_key_file: \"{}\"",
                        self.path(name::KEY)
                    );
                }
                [.., "hosts", host, "ansible_host"]
                    if let Some(to) = self.addresses.hosts.get(*host) =>
                {
                    placed += 1;
                    let _ = writeln!(out, "{indent}ansible_host: {to}");
                }
                [.., "hosts", host]
                    if line.trim_end().ends_with("{}")
                        && let Some(to) = self.addresses.hosts.get(*host) =>
                {
                    placed += 1;
                    let _ = writeln!(out, "{indent}{host}: {{ansible_host: {to}}}");
                }
                _ => {
                    out.push_str(line);
                    out.push('\n');
                }
            }
        }
        if told && placed > 0 {
            Ok(out)
        } else {
            Err("inventory.example.yml has no lines for the demo site's key and addresses".into())
        }
    }

    fn settings(&self) -> String {
        let mut out = format!(
            "# Settings of the demo site; written anew at every start.\nname: demo\nword: DEMO\nvault:\n  password_file: {}\nknown_hosts: {}\nbmc:\n  ca: {}\nexpect:\n  fabric_gateway: {FABRIC_GATEWAY}\n  amt_address: {AMT}\nserial:\n",
            name::VAULT,
            name::KNOWN_HOSTS,
            name::CA
        );
        for switch in self.blueprint.switches.keys() {
            let _ = writeln!(out, "  {}: {{target: {switch}}}", serial_id(switch));
        }
        out.push_str("endpoints:\n");
        for planned in &self.blueprint.machines {
            // Machines that the inventory lists as data have no ansible_host.
            if let Some(address) = self.addresses.hosts.get(&planned.name) {
                let _ = writeln!(out, "  \"{}\": {address}:{}", planned.name, self.port);
            }
        }
        for planned in &self.blueprint.machines {
            if let (Some((_, host)), Some(address)) =
                (&planned.bmc, self.addresses.controllers.get(&planned.name))
            {
                let _ = writeln!(out, "  \"{host}\": {address}:{}", self.port);
            }
        }
        out
    }

    /// Every machine under its name and its address, with and without the port.
    fn known_hosts(&self) -> String {
        let mut out = String::new();
        for (machine, key) in &self.host_keys {
            let mut names = vec![format!("[{machine}]:{}", self.port), (*machine).to_owned()];
            if let Some(address) = self.addresses.hosts.get(*machine) {
                names.push(format!("[{address}]:{}", self.port));
            }
            if let Some(address) =
                self.blueprint.machine(machine).and_then(|planned| planned.address)
            {
                names.extend([format!("[{address}]:{}", self.port), address.to_string()]);
            }
            names.dedup();
            if let Ok(key) = key.to_openssh() {
                let mut words = key.split_whitespace();
                let (kind, base64) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
                let _ = writeln!(out, "{} {kind} {base64}", names.join(","));
            }
        }
        out
    }
}

/// The path of keys that a line of a block-style YAML file is at.
#[derive(Debug, Default)]
struct Place<'a> {
    stack: Vec<(usize, &'a str)>,
    keys: Vec<&'a str>,
}

impl<'a> Place<'a> {
    /// Moves on to a line; a line that is no `key:` has no path.
    fn enter(&mut self, line: &'a str) {
        self.keys.clear();
        let text = line.trim_start();
        if text.is_empty() || text.starts_with(['#', '-', '{', '}', '[', '"', '$']) {
            return;
        }
        let Some((key, _)) = text.split_once(':') else { return };
        if key.contains([' ', '{', '}']) {
            return;
        }
        let indent = line.len() - text.len();
        self.stack.retain(|(above, _)| *above < indent);
        self.stack.push((indent, key));
        self.keys.extend(self.stack.iter().map(|(_, key)| *key));
    }

    fn keys(&self) -> &[&'a str] {
        &self.keys
    }

    fn indent(&self) -> usize {
        self.stack.last().map_or(0, |(indent, _)| *indent)
    }
}
