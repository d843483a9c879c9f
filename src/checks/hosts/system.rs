//! Operating system, kernel, packages and settings.

use super::{BOTH, LOOK, SURVEY, and_list, has_role, is_yes, rows, version_numbers};
use crate::checks::judging::{self, NotKnown, Reading, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::fact::Table;
use crate::domain::keys::hosts as keys;
use crate::domain::keys::hosts::survey;
use crate::domain::{Judgement, Role};

use Role::{Bastion, Compute, Control, RouterBox, Storage};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "HOST-02",
        applies: |_, target| has_role(target, &[Control, Compute, Storage]),
        probes: LOOK,
        judge: base_system,
    },
    Rule { id: "HOST-03", applies: on_control, probes: BOTH, judge: kernel_package },
    Rule { id: "HOST-04", applies: on_control, probes: SURVEY, judge: packages },
    Rule { id: "HOST-08", applies: on_control, probes: LOOK, judge: swap },
    Rule { id: "HOST-12", applies: on_control, probes: LOOK, judge: iommu },
    Rule {
        id: "HOST-13",
        applies: |_, target| has_role(target, &[Control, Compute]),
        probes: BOTH,
        judge: nouveau,
    },
    Rule { id: "HOST-15", applies: on_control, probes: SURVEY, judge: root_login },
    Rule {
        id: "HOST-16",
        applies: |_, target| has_role(target, &[Control, RouterBox]),
        probes: SURVEY,
        judge: wait_online,
    },
    Rule {
        id: "HOST-17",
        applies: |_, target| has_role(target, &[Control, RouterBox]),
        probes: SURVEY,
        judge: grub,
    },
    Rule { id: "HOST-18", applies: on_control, probes: SURVEY, judge: container_directory },
    Rule {
        id: "HOST-19",
        applies: |_, target| has_role(target, &[Storage]),
        probes: SURVEY,
        judge: sudo,
    },
    Rule { id: "HOST-50", applies: on_ubuntu, probes: LOOK, judge: failed_units },
    Rule { id: "HOST-51", applies: on_ubuntu, probes: LOOK, judge: reboot_pending },
];

/// The packages that HOST-04 wants.
const WANTED: [&str; 11] = [
    "ipmitool",
    "lm-sensors",
    "smartmontools",
    "bridge-utils",
    "podman",
    "catatonit",
    "python3-podman",
    "python3-pip",
    "libvirt-clients",
    "ovmf",
    "chrony",
];

fn on_control(_: &crate::domain::Site, target: &crate::domain::Target) -> bool {
    has_role(target, &[Control])
}

fn on_ubuntu(_: &crate::domain::Site, target: &crate::domain::Target) -> bool {
    has_role(target, &[Control, Compute, Storage, RouterBox, Bastion])
}

fn base_system(case: &Case<'_>) -> Judgement {
    judging::from(case, keys::OS, |read, os| {
        let name = read.name();
        if os == "ubuntu 24.04" {
            Ruling::pass(format!("{name} runs Ubuntu 24.04"))
        } else {
            Ruling::fail(format!("{name} runs {os}, not Ubuntu 24.04"))
        }
        .showing("/etc/os-release", os)
    })
}

/// Whether a package is installed, as dpkg says it: status `ii`.
pub(crate) fn is_installed(packages: &Table, name: &str) -> bool {
    rows(packages).any(|row| row.get("package") == name && row.get("status").starts_with("ii"))
}

fn kernel_package(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let packages = read.value(survey::PACKAGES)?;
        let kernel = read.value(keys::KERNEL)?;
        let name = read.name();
        let limit = [read.threshold("kernel_major"), read.threshold("kernel_minor")];
        let running: Vec<f64> =
            version_numbers(&kernel).into_iter().take(2).map(|n| n as f64).collect();
        let ruling = if is_installed(&packages, "linux-generic-hwe-24.04") {
            Ruling::pass(format!("{name} has the hardware-enablement kernel, {kernel} runs"))
        } else if running.as_slice() > limit.as_slice() {
            Ruling::warn(format!(
                "{name} runs {kernel}, but linux-generic-hwe-24.04 is not installed"
            ))
        } else {
            Ruling::fail(format!(
                "{name} runs the old kernel {kernel}; linux-generic-hwe-24.04 is not installed"
            ))
        };
        Ok(ruling.showing("uname -r", kernel))
    })
}

fn packages(case: &Case<'_>) -> Judgement {
    judging::from(case, survey::PACKAGES, |read, packages| {
        let missing: Vec<&str> =
            WANTED.into_iter().filter(|package| !is_installed(&packages, package)).collect();
        let unwanted = is_installed(&packages, "open-iscsi");
        let name = read.name();
        let mut wrong = Vec::new();
        if !missing.is_empty() {
            wrong.push(format!("lacks {}", and_list(&missing)));
        }
        if unwanted {
            wrong.push("has open-iscsi, which must not be there".to_owned());
        }
        if wrong.is_empty() {
            Ruling::pass(format!("{name} has the packages it needs"))
        } else {
            Ruling::fail(format!("{name} {}", and_list(&wrong)))
        }
    })
}

fn swap(case: &Case<'_>) -> Judgement {
    judging::from(case, keys::SWAPS, |read, swaps| {
        let name = read.name();
        if swaps.is_empty() {
            Ruling::pass(format!("{name} uses no swap"))
        } else {
            Ruling::fail(format!("{name} swaps to {}", and_list(&swaps)))
                .showing("swapon --show", swaps.join(", "))
        }
    })
}

fn iommu(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let words = read.value(keys::CMDLINE)?;
        let groups = read.value(keys::IOMMU_GROUPS)?;
        let name = read.name();
        let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
        let mut missing = Vec::new();
        if !has(&["amd_iommu=on", "intel_iommu=on"]) {
            missing.push("amd_iommu=on");
        }
        if !has(&["iommu=pt"]) {
            missing.push("iommu=pt");
        }
        let ruling = if !missing.is_empty() {
            Ruling::fail(format!(
                "{name} was booted without {} on its kernel command line",
                and_list(&missing)
            ))
        } else if groups > 0.0 {
            Ruling::pass(format!("{name} has its IOMMU on, in passthrough mode"))
        } else {
            Ruling::warn(format!(
                "{name} asks for the IOMMU, but the firmware keeps it off: no IOMMU group"
            ))
        };
        Ok(ruling
            .showing("/proc/cmdline", words.join(" "))
            .showing("IOMMU groups", format!("{groups:.0}")))
    })
}

fn nouveau(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let loaded = is_yes(&read.value(keys::NOUVEAU_LOADED)?);
        let name = read.name();
        if loaded {
            return Ok(Ruling::fail(format!("{name} has loaded the nouveau driver")));
        }
        let blacklisted = is_yes(&read.value(survey::NOUVEAU_BLACKLISTED)?);
        Ok(if blacklisted {
            Ruling::pass(format!("{name} keeps the nouveau driver out"))
        } else {
            Ruling::warn(format!("{name} has not loaded nouveau, but does not blacklist it"))
        })
    })
}

fn root_login(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let settings = read.value(survey::SSHD)?;
        let name = read.name();
        let setting = |wanted: &str| {
            rows(&settings)
                .find(|row| row.get("setting") == wanted)
                .map(|row| row.get("value"))
                .ok_or_else(|| NotKnown::because(format!("{name} does not tell {wanted}")))
        };
        let root = setting("permitrootlogin")?;
        let keys = setting("pubkeyauthentication")?;
        let passwords = setting("passwordauthentication")?;
        let root_ok = ["yes", "without-password", "prohibit-password"].contains(&root);
        let ruling = if !root_ok {
            Ruling::fail(format!("{name} does not let root log in (PermitRootLogin {root})"))
        } else if keys != "yes" {
            Ruling::fail(format!("{name} takes no SSH keys (PubkeyAuthentication {keys})"))
        } else if passwords == "yes" {
            Ruling::warn(format!("{name} lets root in with a key, and anybody with a password"))
        } else {
            Ruling::pass(format!("{name} lets root in with a key only"))
        };
        Ok(ruling
            .showing("permitrootlogin", root)
            .showing("pubkeyauthentication", keys)
            .showing("passwordauthentication", passwords))
    })
}

fn wait_online(case: &Case<'_>) -> Judgement {
    judging::from(case, survey::WAIT_ONLINE_ANY, |read, any| {
        let name = read.name();
        if is_yes(&any) {
            Ruling::pass(format!("{name} waits for any one link at boot"))
        } else {
            Ruling::fail(format!(
                "{name} waits for every link at boot and may hang there (no --any)"
            ))
        }
    })
}

fn grub(case: &Case<'_>) -> Judgement {
    judging::from(case, survey::GRUB_RECORDFAIL, |read, value| {
        let name = read.name();
        let wanted = read.threshold("seconds");
        if value.is_empty() {
            Ruling::fail(format!("{name} waits for a key after a failed boot, for ever"))
        } else if value.parse::<f64>().is_ok_and(|seconds| seconds == wanted) {
            Ruling::pass(format!("{name} recovers from a failed boot after {wanted} s"))
        } else {
            Ruling::warn(format!(
                "{name} recovers from a failed boot after {value}, not {wanted} s"
            ))
        }
    })
}

fn container_directory(case: &Case<'_>) -> Judgement {
    judging::from(case, survey::CONTAINER_DIRECTORY, |read, there| {
        let name = read.name();
        if is_yes(&there) {
            Ruling::pass(format!("{name} has /var/lib/docker"))
        } else {
            Ruling::fail(format!("{name} has no /var/lib/docker"))
        }
    })
}

fn sudo(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let how = read.value(survey::SUDO)?;
        let name = read.name();
        Ok(match how.as_str() {
            "root" => Ruling::pass(format!("{name} is reached as root")),
            "sudo" => Ruling::pass(format!("sudo on {name} asks for no password")),
            _ if how.starts_with("sudo is not used") => {
                return Err(NotKnown::because(format!(
                    "sudo on {name} is not tried: the inventory turns it off"
                )));
            }
            _ => Ruling::fail(format!("sudo on {name} asks for a password"))
                .showing("sudo -n true", how),
        })
    })
}

fn failed_units(case: &Case<'_>) -> Judgement {
    judging::from(case, keys::FAILED_UNITS, |read, units| {
        let name = read.name();
        match units.as_slice() {
            [] => Ruling::pass(format!("no unit of {name} has failed")),
            [unit] => Ruling::warn(format!("{unit} on {name} has failed")),
            [first, ..] => {
                let at_least = if units.len() >= keys::MOST_ROWS { "at least " } else { "" };
                let count = units.len();
                Ruling::warn(format!(
                    "{at_least}{count} units on {name} have failed, {first} first"
                ))
            }
        }
        .showing("systemctl --failed", units.join(", "))
    })
}

fn reboot_pending(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let packages = read.value(keys::REBOOT_WANTED)?;
        let newer = newer_kernel(read)?;
        let name = read.name();
        let running = read.value(keys::KERNEL)?;
        Ok(match (newer, packages.as_slice()) {
            (Some(newer), _) => Ruling::warn(format!(
                "{name} waits for a reboot: {running} runs, {newer} is installed"
            ))
            .showing("uname -r", running),
            (None, []) => Ruling::pass(format!("{name} waits for no reboot")),
            (None, [one]) if one == "yes" => {
                Ruling::warn(format!("{name} waits for a reboot and does not say why"))
            }
            (None, all) => {
                let few: Vec<&String> = all.iter().take(3).collect();
                Ruling::warn(format!("{name} waits for a reboot since {} changed", and_list(&few)))
                    .showing("/run/reboot-required.pkgs", all.join(", "))
            }
        })
    })
}

/// The newest installed kernel, when it is newer than the running one.
fn newer_kernel(read: &mut Reading<'_>) -> Result<Option<String>, NotKnown> {
    let Some(kernels) = read.maybe(keys::KERNELS)? else { return Ok(None) };
    let running = version_numbers(&read.value(keys::KERNEL)?);
    Ok(kernels
        .into_iter()
        .max_by_key(|kernel| version_numbers(kernel))
        .filter(|newest| version_numbers(newest) > running))
}
