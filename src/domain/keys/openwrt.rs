//! Keys of the router layer that the router VM tells of itself, and what the
//! bastion gets from it. Times in tables are seconds since 1970.

use crate::domain::fact::Table;
use crate::domain::keys::{LayerKeys, ProbeInfo, Word};
use crate::domain::{Age, Stamp, Unit};

/// What the router VM is asked every tick.
pub const LOOK: ProbeInfo =
    ProbeInfo { name: "openwrt.look", every: Age::seconds(30), source: "ssh" };

/// What it is asked every few minutes.
pub const SURVEY: ProbeInfo =
    ProbeInfo { name: "openwrt.survey", every: Age::seconds(300), source: "ssh" };

/// What the bastion gets from the router.
pub const SERVED: ProbeInfo =
    ProbeInfo { name: "openwrt.served", every: Age::seconds(120), source: "ssh" };

/// What this file declares.
pub const LAYER: LayerKeys = LayerKeys {
    blocks: &[ALL, survey::ALL, served::ALL],
    with_clock: &[CLOCK.info],
    readings: &[LEASES.info, PEERS.info],
};

crate::keys! { LOOK;
    CLOCK: Stamp = "openwrt.clock", Unit::Count, [], "clock of the router when it answered", "date +%s";
    SERVICES: Table = "openwrt.services", Unit::Count, [], "services of the init system: service, running", "ubus call service list";
    POOLS: Table = "openwrt.pools", Unit::Count, [], "DHCP pools: pool, interface, ignore, dynamicdhcp, force", "uci show dhcp";
    RESERVATIONS: Table = "openwrt.reservations", Unit::Count, [], "fixed addresses: name, mac, ip", "uci show dhcp";
    FORWARDS: Vec<String> = "openwrt.forwards", Unit::Count, [], "names that other resolvers are asked for", "uci get dhcp.@dnsmasq[0].server";
    DHCP_BOUND: Word = "openwrt.dhcp_bound", Unit::Count, ["yes", "no"], "whether something listens on UDP 67", "netstat -lnu";
    LEASES: Table = "openwrt.leases", Unit::Count, [], "leases: mac, address, name, expires", "/tmp/dhcp.leases";
    TUNNELS: Vec<String> = "openwrt.tunnels", Unit::Count, [], "WireGuard interfaces", "wg show all dump";
    PEERS: Table = "openwrt.peers", Unit::Count, [], "WireGuard peers: interface, key, endpoint, handshake", "wg show all dump";
    PROTOCOLS: Table = "openwrt.protocols", Unit::Count, [], "BGP sessions: name, state, info", "birdc -r show protocols";
    ROUTES: Table = "openwrt.routes", Unit::Count, [], "routes: net, kind, from", "birdc -r show route";
    LOG_ERRORS: f64 = "openwrt.log_errors", Unit::Count, [], "error lines of the router's log in ten minutes", "logread";
    LOG_LAST: Vec<String> = "openwrt.log_last", Unit::Count, [], "the last of those lines", "logread";
}

/// What is looked at every few minutes.
pub mod survey {
    use crate::domain::Unit;
    use crate::domain::fact::Table;
    use crate::domain::keys::Word;

    crate::keys! { super::SURVEY;
        SHARE: Word = "openwrt.share", Unit::Count, ["yes", "no"], "whether the file system of the router box is mounted", "/proc/mounts: 9p";
        TFTP: String = "openwrt.tftp", Unit::Count, [], "where /tftp leads", "ls -l /tftp";
        DUMMY: Table = "openwrt.dummy", Unit::Count, [], "the interface of the public prefix: name, up, addresses", "ip -j addr show vbgp";
        BANIP: String = "openwrt.banip", Unit::Count, [], "state of banIP", "/etc/init.d/banip status";
        FEEDS: Vec<String> = "openwrt.feeds", Unit::Count, [], "active feeds of banIP", "/etc/init.d/banip status";
        ALLOWED: Table = "openwrt.allowed", Unit::Count, [], "allow lists of the firewall: set, elements", "nft -j list set inet fw4";
        FORWARD_RULES: Vec<String> = "openwrt.forward_rules", Unit::Count, [], "rules for what comes in from the Internet, in their order", "nft list chain inet fw4 forward_wan";
    }
}

/// What the bastion gets from the router.
pub mod served {
    use crate::domain::Unit;
    use crate::domain::fact::Table;
    use crate::domain::keys::Word;

    crate::keys! { super::SERVED;
        NAMES: Table = "openwrt.served_names", Unit::Count, [], "inside names as the router answers them: name, address", "dig @ROUTER";
        PUBLIC: Word = "openwrt.served_public", Unit::Count, ["yes", "no"], "whether a public name has an address", "dig @ROUTER example.com";
        EXEMPT: Word = "openwrt.served_exempt", Unit::Count, ["yes", "no"], "whether a name with a private address is let through", "dig @ROUTER";
        TFTP_BYTES: f64 = "openwrt.served_tftp", Unit::Bytes, [], "size of the boot loader over TFTP", "curl tftp://ROUTER/bootx64.efi";
        BOOT_STATUS: f64 = "openwrt.served_boot", Unit::Count, [], "HTTP status of the boot root", "curl http://ROUTER/boot/";
        FIRMWARE_STATUS: f64 = "openwrt.served_firmware", Unit::Count, [], "HTTP status of the switches' firmware", "curl http://ROUTER/boot/firmware/";
    }
}
