//! Where documented commands run: the location codes of the vendor's list, and
//! how a script gets there from a host that is reached over SSH.

use crate::domain::{Role, Site, Target};

/// A place, by its code in the vendor's list of checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// `rb`: the router box.
    Rb,
    /// `b0`: the bastion.
    B0,
    /// `wrt`: the router VM.
    Wrt,
    /// `hh`: the fabric controller.
    Hh,
    /// `oc`: a control node.
    Oc,
    /// `cp`: a compute or GPU hypervisor.
    Cp,
    /// `cn`: a storage node.
    Cn,
    /// `csh`: where `ceph` knows the cluster: on a storage node itself, else in
    /// `cephadm shell` there, one container for the whole script.
    Csh,
    /// `box`: the deployment container on the bastion with the cloud's
    /// credentials (`o` runs `openstack`), else the bastion's own shell.
    Box,
    /// `mc`: `kubectl` against the management cluster (`k` runs it), from where `box` is.
    Mc,
}

impl Place {
    /// Its code.
    pub const fn code(self) -> &'static str {
        match self {
            Place::Rb => "rb",
            Place::B0 => "b0",
            Place::Wrt => "wrt",
            Place::Hh => "hh",
            Place::Oc => "oc",
            Place::Cp => "cp",
            Place::Cn => "cn",
            Place::Csh => "csh",
            Place::Box => "box",
            Place::Mc => "mc",
        }
    }

    /// The role of the hosts that lead there.
    pub const fn role(self) -> Role {
        match self {
            Place::Rb => Role::RouterBox,
            Place::B0 | Place::Box | Place::Mc => Role::Bastion,
            Place::Wrt => Role::RouterVm,
            Place::Hh => Role::FabricController,
            Place::Oc => Role::Control,
            Place::Cp => Role::Compute,
            Place::Cn | Place::Csh => Role::Storage,
        }
    }

    /// The hosts that lead there, in the order of the inventory.
    pub fn hosts(self, site: &Site) -> impl Iterator<Item = &Target> {
        let role = self.role();
        site.targets.iter().filter(move |target| target.ssh.is_some() && target.is(role))
    }

    /// What runs on the host to get from there to the place: it sets `INTO` to
    /// the words that come before `sh -s`, or `W` to the status with which
    /// there is no way. Empty where the host is the place.
    pub(super) const fn way(self) -> &'static str {
        match self {
            Place::Csh => include_str!("../../../assets/probes/places/csh.sh"),
            Place::Box | Place::Mc => include_str!("../../../assets/probes/places/box.sh"),
            _ => "",
        }
    }

    /// What runs at the place before the first section.
    pub(super) const fn preparation(self) -> &'static str {
        match self {
            Place::Hh => include_str!("../../../assets/probes/places/hh.sh"),
            Place::Csh => include_str!("../../../assets/probes/places/ceph.sh"),
            Place::Box => include_str!("../../../assets/probes/places/cloud.sh"),
            Place::Mc => include_str!("../../../assets/probes/places/management.sh"),
            _ => "",
        }
    }
}
