//! Ceph and the cloud of the demo site: what is told of them that no single
//! machine has. What machines have (power, disks) is read from the machines.

use secrecy::ExposeSecret as _;

use super::site_files::VAULT_PASSWORD;
use crate::inventory::vault::Vault;
use crate::inventory::{Inventory, Kind, Node, secret_digest};

/// What is so of the systems.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Systems {
    /// The cluster's identity.
    pub fsid: String,
    /// Head of the digest of the gateway admin's access key.
    pub gateway_key: String,
    /// Head of the digest of the message bus's URL.
    pub bus_url: String,
    /// Flavours that the cloud has.
    pub flavours: Vec<String>,
    /// Networks that the cloud has.
    pub networks: Vec<String>,
    /// OSDs that are down, by their numbers.
    pub osds_down: Vec<u32>,
    /// Raw space in use, percent.
    pub used_percent: u32,
    /// Storage nodes whose monitor is dead.
    pub monitors_dead: Vec<String>,
    /// Hypervisors whose compute service is down.
    pub computes_down: Vec<String>,
    /// Control nodes whose volume service is down.
    pub volumes_down: Vec<String>,
}

impl Systems {
    /// Well systems of an inventory.
    pub fn of(inventory: &Inventory) -> Systems {
        let find = |path: &str| find(inventory, path);
        let digest = |path: &str| -> String {
            let sealed = match find(path).map(|node| node.kind) {
                Some(Kind::Vault(sealed)) => sealed,
                Some(Kind::Str(text)) => return secret_digest(&text),
                _ => return String::new(),
            };
            let mut vault = Vault::default();
            vault.put("default", VAULT_PASSWORD.into());
            vault
                .open(&sealed)
                .map_or_else(|_| String::new(), |open| secret_digest(open.expose_secret()))
        };
        let names = |path: &str| -> Vec<String> {
            let list = find(path);
            let items = list.as_ref().map(Node::items).unwrap_or_default();
            let names = items.iter().filter_map(|item| item.get("ost_name")?.as_str());
            names.map(str::to_owned).collect()
        };
        Systems {
            fsid: find("ceph_fsid")
                .and_then(|node| node.as_str().map(str::to_owned))
                .unwrap_or_default(),
            gateway_key: digest("rgw_auth.access_key"),
            bus_url: digest("os_rabbitmq_url"),
            flavours: names("flavors"),
            networks: names("networks"),
            used_percent: 38,
            ..Systems::default()
        }
    }
}

/// A value of the inventory, in whichever group it stands.
fn find(inventory: &Inventory, path: &str) -> Option<Node> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let groups = inventory.groups.keys().map(|group| inventory.group_vars(group));
    let mut all = std::iter::once(inventory.all_vars().clone()).chain(groups);
    let node = all.find_map(|vars| vars.get(name).map(|node| (**node).clone()))?;
    match rest {
        Some(rest) => node.at(rest).cloned(),
        None => Some(node),
    }
}
