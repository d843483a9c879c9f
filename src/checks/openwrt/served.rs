//! What the bastion gets from the router: names, boot files, firmware.

use super::{SERVED, on_bastion, router_of};
use crate::checks::hosts::{is_yes, rows};
use crate::checks::judging::{self, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::Key;
use crate::domain::keys::openwrt::served as keys;
use crate::domain::{Judgement, wanted};

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "WRT-06", applies: on_bastion, probes: SERVED, judge: names },
    Rule { id: "WRT-07", applies: on_bastion, probes: SERVED, judge: public },
    Rule { id: "WRT-09", applies: on_bastion, probes: SERVED, judge: tftp },
    Rule {
        id: "WRT-10",
        applies: on_bastion,
        probes: SERVED,
        judge: |case| status(case, keys::BOOT_STATUS, "the boot files"),
    },
    Rule {
        id: "WRT-21",
        applies: on_bastion,
        probes: SERVED,
        judge: |case| status(case, keys::FIRMWARE_STATUS, "the switches' firmware"),
    },
];

fn router<'a>(case: &'a Case<'_>) -> &'a str {
    router_of(case.site).map_or("the router", |router| router.name.as_str())
}

fn names(case: &Case<'_>) -> Judgement {
    let planned = router_of(case.site).and_then(|router| router.wanted.get(wanted::ROUTER_NAMES));
    judging::from(case, keys::NAMES, |_, names| {
        let plan = planned.map_or("", String::as_str).split(' ');
        let mut wrong = Vec::new();
        let mut count = 0;
        for (name, address) in plan.filter_map(|word| word.split_once('=')) {
            count += 1;
            let found = rows(&names).find(|row| row.get("name") == name);
            let is = found.map_or("", |row| row.get("address"));
            if is != address {
                let is = if is.is_empty() || is == "-" { "nothing" } else { is };
                wrong.push(format!("{name} is {is}, planned is {address}"));
            }
        }
        let shown = wrong.iter().take(3).cloned().collect::<Vec<_>>().join("; ");
        let more = wrong.len().saturating_sub(3);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        if wrong.is_empty() {
            Ruling::pass(format!("{} knows the {count} names of the inventory", router(case)))
        } else {
            Ruling::fail(format!("names of {}: {shown}{more}", router(case)))
        }
    })
}

fn public(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let public = is_yes(&read.value(keys::PUBLIC)?);
        let exempt = is_yes(&read.value(keys::EXEMPT)?);
        let router = router(case);
        Ok(if !public {
            Ruling::fail(format!("{router} does not resolve public names"))
        } else if !exempt {
            Ruling::fail(format!(
                "{router} holds back the private addresses of the site's own zone"
            ))
        } else {
            Ruling::pass(format!("{router} resolves public names and those of the site"))
        })
    })
}

fn tftp(case: &Case<'_>) -> Judgement {
    judging::from(case, keys::TFTP_BYTES, |read, bytes| {
        let router = router(case);
        if bytes > read.threshold("least_bytes") {
            Ruling::pass(format!("{router} serves the boot loader over TFTP"))
        } else if bytes > 0.0 {
            Ruling::fail(format!("the boot loader of {router} has {bytes:.0} bytes over TFTP"))
        } else {
            Ruling::fail(format!("{router} serves no boot loader over TFTP"))
        }
        .showing("bootx64.efi", format!("{bytes:.0} bytes"))
    })
}

fn status(case: &Case<'_>, key: Key<f64>, what: &str) -> Judgement {
    judging::from(case, key, |_, status| {
        let router = router(case);
        // Listing a directory may be forbidden; then it is there.
        if status == 200.0 || status == 403.0 {
            Ruling::pass(format!("{router} serves {what} over HTTP"))
        } else if status == 0.0 {
            Ruling::fail(format!("{router} gives no answer over HTTP"))
        } else {
            Ruling::fail(format!("{router} answers {status:.0} for {what}"))
        }
        .showing("HTTP status", format!("{status:.0}"))
    })
}
