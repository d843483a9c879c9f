use crate::checks::hosts::worlds::*;
use crate::domain::keys::hosts as keys;
use crate::domain::keys::router::survey;
use crate::domain::keys::{hosts, router};
use crate::domain::{CauseWord, Role, TargetKind, Verdict, wanted};

use Verdict::{Fail, NotYet, Pass, Unknown, Warn};

fn r() -> World {
    World::of(Role::RouterBox)
}

#[test]
fn machine_rules() {
    r().learn(survey::BIOS, "1.26".into()).says(
        "RBOX-01",
        Fail,
        "m-01 has firmware 1.26, 1.27 or higher is needed",
    );
    r().learn(survey::BIOS, "1.9".into()).says(
        "RBOX-01",
        Fail,
        "m-01 has firmware 1.9, 1.27 or higher is needed",
    );
    r().learn(survey::BIOS, "2.0".into()).says("RBOX-01", Pass, "m-01 has firmware 2.0");
    r().learn(survey::BIOS, "beta".into()).says(
        "RBOX-01",
        Unknown,
        "the firmware of m-01 calls itself beta, which is no version",
    );
    r().learn(survey::SECURE_BOOT, word("disabled")).says(
        "RBOX-02",
        Fail,
        "m-01 has Secure Boot off",
    );
    let left: Vec<&str> = PACKAGES
        .into_iter()
        .filter(|name| !["python3-lxml", "qemu-system-x86"].contains(name))
        .collect();
    r().learn(hosts::survey::PACKAGES, packages(&left)).says(
        "RBOX-07",
        Fail,
        "m-01 lacks qemu-kvm and python3-lxml",
    );
    r().learn(keys::IOMMU_GROUPS, 0.0).says(
        "RBOX-10",
        Fail,
        "m-01 has its IOMMU off: nothing can be passed through",
    );
    r().learn(survey::IMAGES_FREE, 100e9).says(
        "RBOX-11",
        Warn,
        "m-01 has 100 GB left for VM images, less than the 190 GB of a new site",
    );
    r().learn(survey::IMAGES_FREE, 59e9).says(
        "RBOX-11",
        Fail,
        "m-01 has 59 GB left for VM images, 60 GB are the least",
    );
    r().learn(keys::MEMORY_TOTAL, 16.0 * 1_073_741_824.0).says(
        "RBOX-12",
        Fail,
        "m-01 has 16 GiB of memory, its VMs and itself need 26",
    );
}

#[test]
fn virtual_machines_run_and_start_with_the_host() {
    r().learn(router::DOMAINS, domains("shut off")).says(
        "RBOX-08",
        Fail,
        "the fabric controller on m-01 is shut off (VM hedgehog-controller)",
    );
    r().learn(router::AUTOSTART, words(&["dc-virt-router-0", "hedgehog-controller"])).says(
        "RBOX-08",
        Warn,
        "the bastion on m-01 does not start with the host (VM deployment0)",
    );
    r().learn(router::DOMAINS, table(&["name", "state"], &[&["deployment0", "running"]])).says(
        "RBOX-08",
        Fail,
        "m-01 has no VM for the router; m-01 has no VM for the fabric controller",
    );
    let mut named = r();
    named.site.wanted.insert(wanted::FABRIC_DOMAIN.into(), "hh-7".into());
    named.says("RBOX-08", Fail, "m-01 has no VM for the fabric controller");
    r().learn(survey::KVM, word("no")).learn(survey::LIBVIRT, String::new()).says(
        "RBOX-04",
        Fail,
        "m-01 has no /dev/kvm and gets no answer from libvirt",
    );
    r().lose(router::DOMAINS, CauseWord::CommandMissing, "virsh is not there on m-01").says(
        "RBOX-08",
        Unknown,
        "cannot look: virsh is not there on m-01",
    );
}

#[test]
fn the_nic_for_switch_management() {
    let nic =
        |rows: &[&[&str]]| r().learn(survey::MANAGEMENT_NIC, table(&["device", "driver"], rows));
    nic(&[]).says("RBOX-09", Fail, "m-01 has no device pci_0000_58_00_0");
    nic(&[&["0000:58:00.0 Ethernet", "igc"]]).says(
        "RBOX-09",
        Warn,
        "the fabric controller runs, but pci_0000_58_00_0 of m-01 is still with igc",
    );
    nic(&[&["0000:58:00.0 Ethernet", "igc"]])
        .learn(router::DOMAINS, table(&["name", "state"], &[]))
        .says("RBOX-09", Pass, "m-01 has the device pci_0000_58_00_0");
    let mut unnamed = r();
    unnamed.site.wanted.remove(wanted::MANAGEMENT_NIC);
    unnamed.says("RBOX-09", NotYet, "the inventory names no NIC for switch management");
}

#[test]
fn bridge_and_way_out() {
    let bridge = |state, mac, addresses, master| {
        r().learn(
            keys::LINKS,
            links(&[
                ["virbr-libvirt", state, "bridge", "", "", "", mac, addresses, "no"],
                ["enp2s0", "UP", "", "", "", master, "", "", "no"],
                ["vnet0", "UP", "tun", "", "", "virbr-libvirt", "", "", "no"],
            ]),
        )
    };
    let (mac, address, master) = ("b2:1d:6e:17:01:ab", "10.30.0.101/24", "virbr-libvirt");
    bridge("UP", mac, address, master).says("RBOX-05", Pass, "virbr-libvirt of m-01 is as planned");
    bridge("DOWN", mac, address, master).says("RBOX-05", Fail, "virbr-libvirt of m-01 is DOWN");
    bridge("UP", "52:54:00:00:00:01", address, master).says(
        "RBOX-05",
        Fail,
        "virbr-libvirt of m-01 has the MAC 52:54:00:00:00:01, which does not begin with b2:1d:6e",
    );
    bridge("UP", mac, "10.9.9.9/24", "").says(
        "RBOX-05",
        Fail,
        "virbr-libvirt of m-01 has not the planned address 10.30.0.101 and has no physical member",
    );
    r().learn(keys::LINKS, links(&[])).says("RBOX-05", Fail, "m-01 has no bridge virbr-libvirt");
    r().learn(keys::ROUTES, routes(&[])).says("RBOX-06", Fail, "m-01 has no default route");
    r().learn(keys::INTERNET_LOSS, 100.0).says(
        "RBOX-06",
        Fail,
        "m-01 has a default route and does not reach the Internet",
    );
    r().learn(keys::INTERNET_LOSS, 50.0).says(
        "RBOX-06",
        Warn,
        "m-01 loses 50 % of its packets to the Internet",
    );
    for route in [["1.1.1.1", "x", "25", "static"], ["1.1.1.1", "x", "0", "boot"]] {
        r().learn(keys::ROUTES, routes(&[route])).says(
            "RBOX-06",
            Warn,
            "m-01 reaches the Internet by a hand-added route only, gone at the next reboot",
        );
    }
    let bastion = World::of(Role::Bastion).learn(hosts::survey::AMT_ANSWERS, word("no"));
    bastion.says(
        "RBOX-03",
        Fail,
        "the router box's remote management does not answer on 192.168.41.9, ports 16993 and 16992",
    );
}

#[test]
fn serial_lines() {
    let adapters =
        |rows: &[&[&str]]| r().learn(survey::SERIAL_ADAPTERS, table(&["id", "port"], rows));
    adapters(&[]).says("RBOX-13", Fail, "m-01 has no USB serial adapter");
    adapters(&[&["usb-A-port0", "ttyUSB0"], &["", "ttyUSB1"]]).says(
        "RBOX-13",
        Warn,
        "m-01 lacks 1 of its 2 mapped serial adapters, usb-B first",
    );
    let mut unmapped = r();
    unmapped.site.wanted.remove(wanted::SERIAL_LINES);
    unmapped.says("RBOX-13", NotYet, "shopfloor.yml maps none of the 2 serial lines of m-01");
    let mut more = r();
    for name in ["leaf-01", "leaf-02", "spine-01"] {
        let mut switch = target(name, Role::Compute);
        (switch.kind, switch.ssh) = (TargetKind::Switch, None);
        more.site.targets.push(switch);
    }
    more.says("RBOX-13", Warn, "2 of 3 switches have a serial line of m-01");
    let held =
        table(&["port", "user", "pid", "command"], &[&["ttyUSB1", "root", "4242", "minicom"]]);
    r().learn(survey::SERIAL_USERS, held).says(
        "RBOX-14",
        Warn,
        "ttyUSB1 of m-01 is held by minicom of root (pid 4242)",
    );
}
