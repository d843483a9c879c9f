//! The switched fabric of the demo site, and what its router was set up with.

use std::collections::BTreeMap;

use crate::domain::{Role, Site, TargetKind, wanted};
use crate::inventory::vault::Vault;
use crate::inventory::{Inventory, Node, Settings, site};

/// The fabric.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fabric {
    /// Agents of switches by name.
    pub agents: BTreeMap<String, Agent>,
    /// What runs from port to port.
    pub cables: Vec<Cable>,
    /// Whether the switches' users still are those of the generator.
    pub default_credentials: bool,
    /// What the inventory plans of the router, under the names of `domain::wanted`.
    pub router: BTreeMap<String, String>,
    /// The site's public zone (`harbour.example.net`).
    pub zone: String,
}

/// A switch as the fabric's controller knows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Agent {
    /// `spine` or `server-leaf`.
    pub role: String,
    /// Its profile.
    pub profile: String,
    /// Its management address.
    pub address: String,
    /// The address of its overlay sessions.
    pub protocol_address: String,
    /// Since when its agent is silent, seconds since 1970; `None` while it reports.
    pub silent_since: Option<i64>,
    /// Whether its management port answers.
    pub reachable: bool,
}

/// One end of a cable.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct End {
    /// The switch or machine.
    pub device: String,
    /// Its port.
    pub port: String,
    /// Its address on this cable, with prefix length; between switches only.
    pub address: String,
}

/// A cable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cable {
    /// The connection it belongs to.
    pub name: String,
    /// The kind of that connection, as the fabric's API has it.
    pub kind: &'static str,
    /// The leaf, or the switch of a machine's cable.
    pub near: End,
    /// The spine, or the machine.
    pub far: End,
}

impl Fabric {
    /// The fabric of an inventory, all well.
    pub fn of(inventory: &Inventory) -> Fabric {
        let built = site::build_site(inventory, &Settings::default(), &Vault::default());
        let vars = inventory.group_vars("hedgehog_control");
        let entries =
            |name: &str| vars.get(name).map(|node| node.entries().to_vec()).unwrap_or_default();
        let text = |node: &Node, path: &str| {
            node.at(path).and_then(Node::as_str).unwrap_or_default().to_owned()
        };
        let bare = |text: String| text.split('/').next().unwrap_or_default().to_owned();
        let agents = entries("hedgehog_switches").into_iter().map(|entry| {
            let value = &entry.value;
            let name = text(value, "name");
            let agent = Agent {
                role: text(value, "role"),
                profile: text(value, "profile"),
                address: bare(text(value, "ip")),
                protocol_address: bare(text(value, "protocol_ip")),
                silent_since: None,
                reachable: true,
            };
            (if name.is_empty() { entry.key } else { name }, agent)
        });
        let mut cables = Vec::new();
        for (list, kind) in [
            ("hedgehog_eslag_connections", "eslag"),
            ("hedgehog_bundled_connections", "bundled"),
            ("hedgehog_unbundled_connections", "unbundled"),
            ("hedgehog_fabric_connections", "fabric"),
        ] {
            for entry in entries(list) {
                let name = text(&entry.value, "name");
                let links = entry.value.get("links").map(Node::items);
                for link in links.unwrap_or(std::slice::from_ref(&entry.value)) {
                    let (near, far) = if kind == "fabric" {
                        let end = |which: &str| End {
                            device: text(link, &format!("{which}.switch")),
                            port: text(link, &format!("{which}.port")),
                            address: text(link, &format!("{which}.ip")),
                        };
                        (end("leaf"), end("spine"))
                    } else {
                        let port = text(link, "server_port");
                        let port =
                            if port.is_empty() { text(link, "server_interface") } else { port };
                        let near = End {
                            device: text(link, "switch"),
                            port: text(link, "switch_port"),
                            address: String::new(),
                        };
                        let device = text(link, "server");
                        (near, End { device, port, address: String::new() })
                    };
                    cables.push(Cable { name: name.clone(), kind, near, far });
                }
            }
        }
        Fabric {
            agents: agents.collect(),
            cables,
            default_credentials: false,
            router: router_of(&built.site),
            zone: zone_of(&built.site),
        }
    }

    /// Whether a switch has stopped reporting or forwards nothing.
    pub fn is_silent(&self, switch: &str) -> bool {
        self.agents.get(switch).is_some_and(|agent| agent.silent_since.is_some())
    }
}

fn router_of(site: &Site) -> BTreeMap<String, String> {
    let router = site
        .targets
        .iter()
        .find(|target| target.kind == TargetKind::Host && target.is(Role::RouterVm));
    router.map(|router| router.wanted.clone()).unwrap_or_default()
}

fn zone_of(site: &Site) -> String {
    let console = site.wanted.get(wanted::CONSOLE_NAME);
    console
        .and_then(|name| name.split_once('.'))
        .map_or_else(String::new, |(_, zone)| zone.to_owned())
}
