//! The machine: firmware, packages, IOMMU, memory, room.

use super::on_router_box;
use crate::checks::hosts::{LOOK, SURVEY, and_list, gigabytes, version_numbers};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::Judgement;
use crate::domain::keys::hosts as host;
use crate::domain::keys::router::survey;

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "RBOX-01", applies: on_router_box, probes: SURVEY, judge: firmware },
    Rule { id: "RBOX-02", applies: on_router_box, probes: SURVEY, judge: secure_boot },
    Rule { id: "RBOX-07", applies: on_router_box, probes: SURVEY, judge: packages },
    Rule { id: "RBOX-10", applies: on_router_box, probes: LOOK, judge: iommu },
    Rule { id: "RBOX-11", applies: on_router_box, probes: SURVEY, judge: images },
    Rule { id: "RBOX-12", applies: on_router_box, probes: LOOK, judge: memory },
];

/// The packages that RBOX-07 wants; a name after `|` does as well.
const WANTED: [&str; 11] = [
    "lm-sensors",
    "bridge-utils",
    "libvirt-clients",
    "chrony",
    "qemu-kvm|qemu-system-x86",
    "libvirt-daemon-system",
    "virtiofsd",
    "virtinst",
    "guestfs-tools",
    "cloud-image-utils",
    "python3-lxml",
];

fn firmware(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let version = read.value(survey::BIOS)?;
        let name = read.name();
        let numbers: Vec<f64> =
            version_numbers(&version).into_iter().take(2).map(|n| n as f64).collect();
        if numbers.is_empty() {
            return Err(NotKnown::because(format!(
                "the firmware of {name} calls itself {version}, which is no version"
            )));
        }
        let least = [read.threshold("major"), read.threshold("minor")];
        Ok(if numbers.as_slice() >= least.as_slice() {
            Ruling::pass(format!("{name} has firmware {version}"))
        } else {
            Ruling::fail(format!(
                "{name} has firmware {version}, {}.{} or higher is needed",
                least[0], least[1]
            ))
        })
    })
}

fn secure_boot(case: &Case<'_>) -> Judgement {
    judging::from(case, survey::SECURE_BOOT, |read, state| {
        let name = read.name();
        if state.0 == "enabled" {
            Ruling::pass(format!("{name} has Secure Boot on"))
        } else {
            Ruling::fail(format!("{name} has Secure Boot off"))
        }
    })
}

fn packages(case: &Case<'_>) -> Judgement {
    judging::from(case, host::survey::PACKAGES, |read, packages| {
        let name = read.name();
        let there = |wanted: &str| {
            wanted.split('|').any(|name| crate::checks::hosts::is_installed(&packages, name))
        };
        let missing: Vec<&str> = WANTED
            .into_iter()
            .filter(|wanted| !there(wanted))
            .filter_map(|wanted| wanted.split('|').next())
            .collect();
        if missing.is_empty() {
            Ruling::pass(format!("{name} has the packages it needs"))
        } else {
            Ruling::fail(format!("{name} lacks {}", and_list(&missing)))
        }
    })
}

fn iommu(case: &Case<'_>) -> Judgement {
    judging::from(case, host::IOMMU_GROUPS, |read, groups| {
        let name = read.name();
        if groups > 0.0 {
            Ruling::pass(format!("{name} has its IOMMU on"))
        } else {
            Ruling::fail(format!("{name} has its IOMMU off: nothing can be passed through"))
        }
        .showing("IOMMU groups", format!("{groups:.0}"))
    })
}

fn images(case: &Case<'_>) -> Judgement {
    judging::from(case, survey::IMAGES_FREE, |read, free| {
        let name = read.name();
        let room = gigabytes(free);
        let (plenty, least) = (read.threshold("room_gb"), read.threshold("room_fail_gb"));
        if free >= plenty * 1e9 {
            Ruling::pass(format!("{name} has room for the VM images"))
        } else if free >= least * 1e9 {
            Ruling::warn(format!(
                "{name} has {room} left for VM images, less than the {plenty} GB of a new site"
            ))
        } else {
            Ruling::fail(format!("{name} has {room} left for VM images, {least} GB are the least"))
        }
        .showing("/var/lib/libvirt/images", format!("{room} available"))
    })
}

fn memory(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let total = read.value(host::MEMORY_TOTAL)?;
        let processors = read.value(host::PROCESSORS)?;
        let name = read.name();
        let parts = ["bastion_gib", "fabric_controller_gib", "router_gib", "host_gib"];
        let needed: f64 = parts.into_iter().map(|part| read.threshold(part)).sum();
        let has = total / f64::from(1 << 30);
        Ok(if has >= needed {
            Ruling::pass(format!("{name} has memory for its VMs"))
        } else {
            Ruling::fail(format!(
                "{name} has {has:.0} GiB of memory, its VMs and itself need {needed:.0}"
            ))
        }
        .showing("memory", format!("{has:.1} GiB, {processors:.0} processors")))
    })
}
