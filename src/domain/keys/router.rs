//! Keys of the router layer: what the router box tells beyond what every host tells.

use crate::domain::Unit;

crate::keys! { "router.look";
    DOMAINS: crate::domain::fact::Table = "router.domains", Unit::Count, [], "libvirt domains with state and autostart", "virsh list --all";
}
