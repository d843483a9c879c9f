//! libvirt, its domains, and the NIC that one of them is given.

use super::on_router_box;
use crate::checks::hosts::{BOTH, LOOK, SURVEY, and_list, is_yes, rows};
use crate::checks::judging::{self, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::router as keys;
use crate::domain::keys::router::survey;
use crate::domain::{Judgement, Role, Verdict, wanted};

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "RBOX-04", applies: on_router_box, probes: SURVEY, judge: stack },
    Rule { id: "RBOX-08", applies: on_router_box, probes: LOOK, judge: domains },
    Rule { id: "RBOX-09", applies: on_router_box, probes: BOTH, judge: nic },
];

/// libvirt's name of the bastion.
const BASTION_DOMAIN: &str = "deployment0";
/// How libvirt's name of the router begins; the number of its pair member follows.
const ROUTER_DOMAIN: &str = "dc-virt-router";

fn stack(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let units = read.value(survey::LIBVIRT_UNITS)?;
        let kvm = is_yes(&read.value(survey::KVM)?);
        let version = read.value(survey::LIBVIRT)?;
        let name = read.name();
        let mut wrong = Vec::new();
        if !units.iter().any(|state| state == "active") {
            wrong.push("has no active libvirt unit");
        }
        if !kvm {
            wrong.push("has no /dev/kvm");
        }
        if version.is_empty() {
            wrong.push("gets no answer from libvirt");
        }
        let ruling = if wrong.is_empty() {
            Ruling::pass(format!("libvirt {version} runs on {name}"))
        } else {
            Ruling::fail(format!("{name} {}", and_list(&wrong)))
        };
        Ok(ruling.showing("systemctl is-active", units.join(", ")))
    })
}

fn domains(case: &Case<'_>) -> Judgement {
    let fabric = case.site.fabric_domain();
    judging::judge(case, |read| {
        let domains = read.value(keys::DOMAINS)?;
        let autostart = read.value(keys::AUTOSTART)?;
        let name = read.name();
        let is_router = |domain: &str| domain.starts_with(ROUTER_DOMAIN);
        let wanted = [
            ("the router", None),
            ("the bastion", Some(BASTION_DOMAIN)),
            ("the fabric controller", Some(fabric)),
        ];
        let rulings = wanted.into_iter().map(|(what, wanted)| {
            let is = |label: &str| wanted.map_or(is_router(label), |wanted| label == wanted);
            let Some(domain) = rows(&domains).find(|row| is(row.get("name"))) else {
                return Ruling::fail(format!("{name} has no VM for {what}"));
            };
            let (label, state) = (domain.get("name"), domain.get("state"));
            let starts = autostart.iter().any(|name| name == label);
            let ruling = if state != "running" {
                Ruling::fail(format!("{what} on {name} is {state} (VM {label})"))
            } else if !starts {
                Ruling::warn(format!("{what} on {name} does not start with the host (VM {label})"))
            } else {
                Ruling::pass(format!("{what} runs"))
            };
            let how = if starts { "autostart" } else { "no autostart" };
            ruling.showing(label, format!("{state}, {how}"))
        });
        let rulings: Vec<Ruling> = rulings.collect();
        let well = rulings.iter().all(|ruling| ruling.verdict() == Verdict::Pass);
        let worst = Ruling::worst(rulings);
        Ok(match worst {
            Some(ruling) if well => ruling.saying(format!("the three VMs of {name} run")),
            Some(ruling) => ruling,
            None => Ruling::fail(format!("{name} has no VM")),
        })
    })
}

/// What the router box says of the VM that this target is: the name of the box,
/// the VM's label and its state; `None` where it is none, or nobody says.
pub(crate) fn vm_of(case: &Case<'_>) -> Option<(String, String, String)> {
    let is_it: fn(&Case<'_>, &str) -> bool = match &case.target {
        target if target.is(Role::RouterBox) => return None,
        target if target.is(Role::FabricController) => {
            |case, label| label == case.site.fabric_domain()
        }
        target if target.is(Role::Bastion) => |_, label| label == BASTION_DOMAIN,
        target if target.is(Role::RouterVm) => |_, label| label.starts_with(ROUTER_DOMAIN),
        _ => return None,
    };
    let on = case.site.router_box()?;
    let told = case.facts.of(&on.id).get(keys::DOMAINS);
    let row = rows(told.fresh()?).find(|row| is_it(case, row.get("name")))?;
    Some((on.name.clone(), row.get("name").to_owned(), row.get("state").to_owned()))
}

fn nic(case: &Case<'_>) -> Judgement {
    let planned = case
        .target
        .wanted
        .get(wanted::MANAGEMENT_NIC)
        .or_else(|| case.site.wanted.get(wanted::MANAGEMENT_NIC));
    let fabric = case.site.fabric_domain();
    judging::judge(case, |read| {
        let name = read.name();
        let Some(planned) = planned else {
            return Ok(Ruling::not_yet("the inventory names no NIC for switch management"));
        };
        let found = read.value(survey::MANAGEMENT_NIC)?;
        let domains = read.value(keys::DOMAINS)?;
        let Some(device) = rows(&found).next() else {
            return Ok(Ruling::fail(format!("{name} has no device {planned}")));
        };
        let driver = device.get("driver");
        let in_use =
            rows(&domains).any(|row| row.get("name") == fabric && row.get("state") == "running");
        let ruling = if driver == "vfio-pci" {
            Ruling::pass(format!("{name} has {planned} set aside for the fabric controller"))
        } else if in_use {
            Ruling::warn(format!(
                "the fabric controller runs, but {planned} of {name} is still with {}",
                if driver.is_empty() { "no driver" } else { driver }
            ))
        } else {
            Ruling::pass(format!("{name} has the device {planned}"))
        };
        Ok(ruling.showing(device.get("device"), driver))
    })
}
