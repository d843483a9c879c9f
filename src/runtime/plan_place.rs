//! Where steps of plans are done: location codes as ways of this site.

use std::net::{IpAddr, UdpSocket};

use crate::domain::endpoint::SshEndpoint;
use crate::domain::{Role, Site, Target};
use crate::install::plan::step::location_words;
use crate::runner::machine;

/// The way to a location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// This machine.
    Here,
    /// A host over SSH.
    Over(Box<SshEndpoint>),
    /// The same, through the Ceph shell there.
    Ceph(Box<SshEndpoint>),
    /// Nothing goes there by itself: why.
    Nowhere(String),
}

/// The way to a location, for a target where the step repeats.
pub fn way(site: &Site, code: &str, target: Option<&str>) -> Way {
    let role = match code {
        // What a rehearsal does must not be done to the machine that it runs on.
        "ws" | "api" if is_demo(site) => {
            return Way::Nowhere(format!(
                "the demo site has no {} yet, and this machine is not it: nothing of its plan is done here",
                location_words(code)
            ));
        }
        "ws" | "api" => return Way::Here,
        "b0" | "box" | "mc" => Role::Bastion,
        "rb" => Role::RouterBox,
        "wrt" => Role::RouterVm,
        "hh" => Role::FabricController,
        "oc" => Role::Control,
        "cn" | "csh" => Role::Storage,
        "cp" => Role::Compute,
        _ => {
            let words = location_words(code);
            return Way::Nowhere(format!(
                "{code} ({words}) is nothing that a command can be sent to"
            ));
        }
    };
    let is_meant = |one: &&Target| one.is(role) && target.is_none_or(|name| one.name == name);
    let of_role = |one: &&Target| one.is(role);
    let found = site.targets.iter().find(is_meant).or_else(|| site.targets.iter().find(of_role));
    let Some(found) = found else {
        let words = location_words(code);
        return Way::Nowhere(format!("the inventory has no {words} ({code})"));
    };
    let Some(endpoint) = found.ssh.clone() else {
        return Way::Nowhere(format!("{} is not reached over SSH", found.name));
    };
    if code == "csh" {
        return Way::Ceph(Box::new(endpoint));
    }
    if role == Role::Bastion && is_this_machine(found, &endpoint) {
        return Way::Here;
    }
    Way::Over(Box::new(endpoint))
}

/// Whether it is the demo site, inside the program or served: its settings say so.
fn is_demo(site: &Site) -> bool {
    site.is_demo || site.word.as_deref() == Some("DEMO")
}

/// Whether a target is the machine that this runs on: its address is one of ours.
/// One that is reached elsewhere than at its address never is.
fn is_this_machine(target: &Target, endpoint: &SshEndpoint) -> bool {
    if endpoint.via.is_some() || endpoint.port.is_some_and(|port| port != 22) {
        return false;
    }
    match endpoint.address.parse::<IpAddr>() {
        Ok(address) if address.is_loopback() || address.is_unspecified() => false,
        // Only an address of this machine can be bound.
        Ok(address) => UdpSocket::bind((address, 0)).is_ok(),
        Err(_) => {
            let host = machine::host_name();
            target.name == host || target.aliases.contains(&host)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_rehearsal_is_done_to_this_machine() {
        let embedded = Site { is_demo: true, ..Site::default() };
        let served = Site { word: Some("DEMO".into()), ..Site::default() };
        for site in [embedded, served] {
            for code in ["ws", "api"] {
                assert!(matches!(way(&site, code, None), Way::Nowhere(_)), "{code}");
            }
        }
        assert_eq!(way(&Site::default(), "ws", None), Way::Here);
    }
}
