//! Keys of the router layer: what the router box tells beyond what every host
//! tells. They come with the same batched script.

use crate::domain::Unit;
use crate::domain::fact::Table;
use crate::domain::keys::LayerKeys;

/// What this file declares.
pub const LAYER: LayerKeys =
    LayerKeys { blocks: &[ALL, survey::ALL], with_clock: &[], readings: &[] };

crate::keys! { super::hosts::LOOK;
    DOMAINS: Table = "router.domains", Unit::Count, [], "libvirt domains: name, state", "virsh list --all";
    AUTOSTART: Vec<String> = "router.autostart", Unit::Count, [], "libvirt domains that start with the host", "virsh list --all --autostart";
}

/// What is looked at every few minutes.
pub mod survey {
    use crate::domain::Unit;
    use crate::domain::fact::Table;
    use crate::domain::keys::Word;

    crate::keys! { crate::domain::keys::hosts::SURVEY;
        BIOS: String = "router.bios", Unit::Count, [], "firmware version", "/sys/class/dmi/id/bios_version";
        SECURE_BOOT: Word = "router.secure_boot", Unit::Count, ["enabled", "disabled"], "state of Secure Boot", "mokutil --sb-state";
        LIBVIRT_UNITS: Vec<String> = "router.libvirt_units", Unit::Count, [], "states of the libvirt units", "systemctl is-active";
        KVM: Word = "router.kvm", Unit::Count, ["yes", "no"], "whether /dev/kvm exists", "/dev/kvm";
        LIBVIRT: String = "router.libvirt", Unit::Count, [], "version of the libvirt daemon; empty when it does not answer", "virsh version --daemon";
        MANAGEMENT_NIC: Table = "router.management_nic", Unit::Count, [], "the NIC for switch management: device, driver", "lspci -nnk";
        IMAGES_FREE: f64 = "router.images_free", Unit::Bytes, [], "room for VM images", "df -P -k /var/lib/libvirt/images";
        SERIAL_ADAPTERS: Table = "router.serial_adapters", Unit::Count, [], "USB serial adapters: id, port", "/dev/serial/by-id, /dev/ttyUSB*";
        SERIAL_USERS: Table = "router.serial_users", Unit::Count, [], "programs that hold serial ports: port, user, pid, command", "fuser -v";
    }
}
