//! The nine layers of a site, in the order of Overview.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A layer: the part of the site that a check is about. The order is the order of the rows of Overview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// Mains, PSUs, BMCs, PDUs.
    Power,
    /// Operating systems of the machines, bonds, GPUs, bastion.
    Hosts,
    /// Router box and router VM.
    Router,
    /// The switched fabric and its controller.
    Fabric,
    /// Ceph and its object gateway.
    Ceph,
    /// OpenStack.
    Openstack,
    /// Management and tenant Kubernetes, add-ons.
    Platform,
    /// Registry, certificates, names, sign-in, VPN.
    Services,
    /// Metrics, logs, alerts.
    Observing,
}

impl Layer {
    /// All nine, in the order of Overview.
    pub const ALL: [Layer; 9] = [
        Layer::Power,
        Layer::Hosts,
        Layer::Router,
        Layer::Fabric,
        Layer::Ceph,
        Layer::Openstack,
        Layer::Platform,
        Layer::Services,
        Layer::Observing,
    ];

    /// The word scripts use: `shopfloor check hosts`.
    pub const fn word(self) -> &'static str {
        match self {
            Layer::Power => "power",
            Layer::Hosts => "hosts",
            Layer::Router => "router",
            Layer::Fabric => "fabric",
            Layer::Ceph => "ceph",
            Layer::Openstack => "openstack",
            Layer::Platform => "platform",
            Layer::Services => "services",
            Layer::Observing => "observing",
        }
    }

    /// The name on screen.
    pub const fn title(self) -> &'static str {
        match self {
            Layer::Power => "Power, BMC",
            Layer::Hosts => "Hosts",
            Layer::Router => "Router",
            Layer::Fabric => "Fabric",
            Layer::Ceph => "Ceph",
            Layer::Openstack => "OpenStack",
            Layer::Platform => "Platform",
            Layer::Services => "Services",
            Layer::Observing => "Observing",
        }
    }

    /// The layer a word names; `None` for any other word.
    pub fn from_word(word: &str) -> Option<Layer> {
        Layer::ALL.into_iter().find(|layer| layer.word() == word)
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
