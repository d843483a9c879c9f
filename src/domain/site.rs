//! The site: what the inventory and `shopfloor.yml` say, as the rest of the product needs it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Role, System, Target, TargetId, TargetKind, nearest, wanted};

/// A site, resolved and without secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Site {
    /// Its directory.
    pub directory: PathBuf,
    /// Short name for the header: `name` in `shopfloor.yml`, else `cluster_name`, else the directory's name.
    pub name: String,
    /// The warning word of the site (`PROD`), if it has one.
    pub word: Option<String>,
    /// The colour role or colour of that word.
    pub colour: Option<String>,
    /// Whether this is the embedded demo site.
    pub is_demo: bool,
    /// Whether an inventory was found; without one the screen opens and offers the example.
    pub has_inventory: bool,
    /// Whether one of the groups of an AI Factory is present.
    pub is_ai_factory: bool,
    /// All targets, in the order of the inventory.
    pub targets: Vec<Target>,
    /// Serial lines that `shopfloor.yml` names.
    #[serde(default)]
    pub serial_lines: Vec<SerialLine>,
    /// Site-wide values that checks compare with (expected VLANs, NTP server …).
    pub wanted: BTreeMap<String, String>,
    /// Thresholds of `shopfloor.yml` and `checks/`, by `CHECK-ID.name`.
    pub thresholds: BTreeMap<String, f64>,
    /// What is wrong with the files the site was read from, one printable line each.
    pub problems: Vec<String>,
}

/// A serial line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SerialLine {
    /// Its id under `/dev/serial/by-id`.
    pub id: String,
    /// What is at its other end.
    pub target: String,
    /// Its speed in bits per second, if the site says.
    pub baud: Option<u32>,
}

impl Site {
    /// The target of that id.
    pub fn target(&self, id: &TargetId) -> Option<&Target> {
        self.targets.iter().find(|target| &target.id == id)
    }

    /// The target that a person means by a name: its id, the name that people
    /// say, or another of its names; machines before their controllers.
    ///
    /// # Errors
    /// A sentence with the name that may be meant.
    pub fn find(&self, name: &str) -> Result<&Target, String> {
        let is_called =
            |target: &&Target| target.name == name || target.aliases.iter().any(|a| a == name);
        let is_machine =
            |target: &&Target| !matches!(target.kind, TargetKind::Bmc | TargetKind::Api(_));
        let all = || self.targets.iter();
        let found = all()
            .find(|target| target.id.as_str() == name)
            .or_else(|| all().filter(is_machine).find(is_called))
            .or_else(|| all().find(is_called));
        found.ok_or_else(|| {
            let near = nearest(name, all().map(|target| target.name.as_str()));
            let hint = near.map_or_else(
                || "`shopfloor show rack` shows them all".to_owned(),
                |near| format!("did you mean {near}?"),
            );
            format!("the inventory has no target {name}; {hint}")
        })
    }

    /// The router box, on which the site's virtual machines run.
    pub fn router_box(&self) -> Option<&Target> {
        self.targets.iter().find(|target| target.is(Role::RouterBox))
    }

    /// The host that tells of a target which is not asked itself: the fabric
    /// controller of its switches.
    pub fn teller_of(&self, target: &Target) -> Option<&Target> {
        let is_told = target.kind == TargetKind::Switch;
        is_told.then(|| self.targets.iter().find(|host| host.is_teller())).flatten()
    }

    /// The hosts on which a part of a system is looked at: what they tell is
    /// judged of the system (its gateways, who holds its address).
    pub fn parts_of(&self, target: &Target) -> impl Iterator<Item = &Target> {
        let role = match target.kind {
            TargetKind::Api(System::Ceph) => Some(Role::Storage),
            TargetKind::Api(System::Openstack) => Some(Role::Control),
            _ => None,
        };
        let is_part =
            move |host: &&Target| host.ssh.is_some() && role.is_some_and(|role| host.is(role));
        self.targets.iter().filter(is_part)
    }

    /// The name of the fabric controller's virtual machine.
    pub fn fabric_domain(&self) -> &str {
        self.wanted.get(wanted::FABRIC_DOMAIN).map_or(wanted::USUAL_FABRIC_DOMAIN, String::as_str)
    }

    /// The management controller of a machine.
    pub fn bmc_of(&self, machine: &TargetId) -> Option<&Target> {
        self.targets.iter().find(|target| target.machine.as_ref() == Some(machine))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Place;

    fn target(id: &str, name: &str, kind: TargetKind) -> Target {
        Target {
            id: id.into(),
            name: name.into(),
            aliases: vec![format!("{name}.example.net")],
            kind,
            roles: Vec::new(),
            groups: Vec::new(),
            rack: None,
            serial: None,
            ssh: None,
            bmc: None,
            machine: None,
            wanted: BTreeMap::new(),
            declared: Place::default(),
        }
    }

    #[test]
    fn a_name_finds_its_machine_and_a_slip_is_told_the_likely_one() {
        let site = Site {
            targets: vec![
                target("bmc:gpu-07", "gpu-07", TargetKind::Bmc),
                target("gpu-07", "gpu-07", TargetKind::Host),
                target("bmc:pdu", "pdu", TargetKind::Bmc),
            ],
            ..Site::default()
        };
        for (name, id) in [
            ("gpu-07", "gpu-07"),
            ("gpu-07.example.net", "gpu-07"),
            ("bmc:gpu-07", "bmc:gpu-07"),
            ("pdu", "bmc:pdu"),
        ] {
            assert_eq!(site.find(name).map(|found| found.id.as_str()), Ok(id), "{name}");
        }
        let slip = site.find("gpu-08").unwrap_err();
        assert!(slip.ends_with("no target gpu-08; did you mean gpu-07?"), "{slip}");
        assert!(site.find("elephant").unwrap_err().contains("show rack"));
    }
}
