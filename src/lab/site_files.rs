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

/// Who may come in from outside: a network that is reserved for documentation.
const OPERATORS: &str = "198.51.100.0/24\n";

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
    /// How `ssh` reaches the machines.
    pub const SSH_CONFIG: &str = "ssh_config";
    /// Host keys.
    pub const KNOWN_HOSTS: &str = "known_hosts";
    /// The CA of the management controllers.
    pub const CA: &str = "bmc-ca.pem";
    /// Networks that operators come from.
    pub const OPERATORS: &str = "iplists/operators";
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
    /// Writes inventory, settings, `ssh_config`, `known_hosts` and the vault's password.
    ///
    /// # Errors
    /// A sentence when a file cannot be written or the example cannot be used.
    pub fn write(&self) -> Result<(), String> {
        let at = |file: &str| self.directory.join(file);
        files::write(&at(name::INVENTORY), self.inventory()?.as_bytes(), files::PRIVATE)?;
        files::write(&at(name::SETTINGS), self.settings().as_bytes(), files::PRIVATE)?;
        files::write(&at(name::KNOWN_HOSTS), self.known_hosts().as_bytes(), files::PRIVATE)?;
        files::write(&at(name::SSH_CONFIG), self.ssh_config().as_bytes(), files::PRIVATE)?;
        std::fs::create_dir_all(at("iplists"))
            .map_err(|error| format!("{} cannot be made: {error}", at("iplists").display()))?;
        files::write(&at(name::OPERATORS), OPERATORS.as_bytes(), files::PRIVATE)?;
        let password = format!("{VAULT_PASSWORD}\n");
        files::write(&at(name::VAULT), password.as_bytes(), files::PRIVATE)
    }

    fn path(&self, file: &str) -> String {
        self.directory.join(file).display().to_string()
    }

    /// The example with the demo site's port and client configuration. Planned
    /// addresses stay as they are, because rules and checks compare with them;
    /// where to connect to instead stands in `shopfloor.yml` and `ssh_config`.
    fn inventory(&self) -> Result<String, String> {
        let mut out = String::with_capacity(EXAMPLE.len() + 2_000);
        let mut placed = false;
        for line in EXAMPLE.lines() {
            out.push_str(line);
            out.push('\n');
            // The example's own key stays named, as the installer wants it in
            // ~/.ssh; the demo site's key comes from ssh_config.
            if let Some((indent, _)) = line.split_once("ansible_ssh_private_key_file:")
                && indent.trim().is_empty()
                && !placed
            {
                placed = true;
                let _ = writeln!(
                    out,
                    "{indent}ansible_port: {}\n{indent}ansible_ssh_common_args: \"-F {}\"",
                    self.port,
                    self.path(name::SSH_CONFIG),
                );
            }
        }
        if placed {
            Ok(out)
        } else {
            Err("inventory.example.yml has no ansible_ssh_private_key_file to begin at".into())
        }
    }

    /// The client configuration that `ssh`, Ansible and shopfloor read.
    fn ssh_config(&self) -> String {
        let mut out =
            "# How to reach the machines of the demo site: ssh -F ssh_config gpu-01\n".to_owned();
        for planned in &self.blueprint.machines {
            let Some(to) = self.addresses.hosts.get(&planned.name) else { continue };
            let mut names = vec![planned.name.clone()];
            names.extend(planned.address.map(|address| address.to_string()));
            names.dedup();
            let _ =
                writeln!(out, "Host {}\n  HostName {to}\n  User {}", names.join(" "), planned.user);
        }
        let _ = writeln!(
            out,
            "Host *\n  Port {}\n  IdentityFile {}\n  IdentitiesOnly yes\n  UserKnownHostsFile {}\n  GlobalKnownHostsFile none",
            self.port,
            self.path(name::KEY),
            self.path(name::KNOWN_HOSTS),
        );
        out
    }

    fn settings(&self) -> String {
        let mut out = format!(
            "# Settings of the demo site; written anew at every start.\nname: demo\nword: DEMO\nvault:\n  password_file: {}\nknown_hosts: {}\nbmc:\n  ca: {}\n  cipher_suites: []\nexpect:\n  fabric_gateway: {FABRIC_GATEWAY}\n  amt_address: {AMT}\n  sign_on_secret_expires: \"2099-06-30\"\n  gpu_servers: gpu-12\n  gpu_count: 8\nserial:\n",
            name::VAULT,
            name::KNOWN_HOSTS,
            name::CA
        );
        for switch in self.blueprint.switches.keys() {
            let _ = writeln!(out, "  {}: {{target: {switch}}}", serial_id(switch));
        }
        out.push_str("endpoints:\n");
        for planned in &self.blueprint.machines {
            if let Some(address) = self.addresses.hosts.get(&planned.name) {
                let _ = writeln!(out, "  \"{}\": {address}:{}", planned.name, self.port);
            }
        }
        for planned in &self.blueprint.machines {
            if let (Some((_, host)), Some(address)) =
                (&planned.bmc, self.addresses.controllers.get(&planned.name))
            {
                // These controllers offer no IPMI, which `cipher_suites: []` says.
                let _ = writeln!(out, "  \"{host}\": {{redfish: \"{address}:{}\"}}", self.port);
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
