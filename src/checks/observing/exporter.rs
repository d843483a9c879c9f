//! Machines and switches as the site's own exporters see them. What the
//! management controllers tell us ourselves is IPMI-50 and up; the two can disagree.

use super::LOOK;
use crate::checks::hosts::rows;
use crate::checks::judging::{self, Ruling};
use crate::checks::platform::{is_management, together};
use crate::checks::{Case, Rule};
use crate::domain::keys::Key;
use crate::domain::keys::observing::exporter as keys;
use crate::domain::keys::power::ipmi;
use crate::domain::{Judgement, Site, Target, TargetKind};

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "IPMI-01", applies: is_management, probes: LOOK, judge: reads },
    Rule { id: "IPMI-02", applies: is_management, probes: LOOK, judge: temperatures },
    Rule { id: "IPMI-03", applies: is_management, probes: LOOK, judge: fans },
    Rule { id: "IPMI-04", applies: is_management, probes: LOOK, judge: voltages },
    Rule { id: "IPMI-05", applies: is_management, probes: LOOK, judge: chassis },
    Rule { id: "IPMI-06", applies: offers_ipmi, probes: &["bmc.ipmi"], judge: account },
    Rule { id: "SNMP-02", applies: is_management, probes: LOOK, judge: switches },
];

fn offers_ipmi(_: &Site, target: &Target) -> bool {
    target.kind == TargetKind::Bmc && target.bmc.as_ref().is_some_and(|bmc| bmc.offers_ipmi())
}

fn reads(case: &Case<'_>) -> Judgement {
    judging::from(case, keys::IPMI_DOWN, |_, found| {
        let rulings = rows(&found).map(|row| {
            let (collector, host) = (row.get("collector"), row.get("host"));
            Ruling::fail(format!("the exporter cannot read {collector} of {host}"))
                .showing(host, collector)
        });
        together(rulings.collect(), "the exporter reads every management controller")
    })
}

fn share(case: &Case<'_>, key: Key<f64>, what: &str) -> Judgement {
    judging::judge(case, |read| {
        let Some(share) = read.maybe(key)? else {
            return Ok(Ruling::not_yet(format!("the exporter measures no {what}")));
        };
        let least = read.threshold("healthy_percent");
        let shown = format!("{share:.2} %");
        Ok(if share >= least {
            Ruling::pass(format!("the exporter finds {what} well"))
        } else {
            Ruling::fail(format!("the exporter finds only {shown} of {what} well"))
        }
        .showing(what, shown))
    })
}

fn temperatures(case: &Case<'_>) -> Judgement {
    share(case, keys::TEMPERATURES, "temperature sensors")
}

fn fans(case: &Case<'_>) -> Judgement {
    share(case, keys::FANS, "fans")
}

fn voltages(case: &Case<'_>) -> Judgement {
    share(case, keys::VOLTAGES, "voltages")
}

fn chassis(case: &Case<'_>) -> Judgement {
    judging::from(case, keys::CHASSIS, |_, found| {
        let stated = rows(&found).filter(|row| !row.get("power").is_empty());
        let rulings: Vec<Ruling> = stated
            .map(|row| {
                let host = match row.get("host") {
                    "" => "a machine",
                    host => host,
                };
                let ruling = match row.number("power") {
                    Some(power) if power >= 1.0 => Ruling::pass(host),
                    _ => Ruling::fail(format!("the exporter sees {host} powered off")),
                };
                let watts = row.number("watts").map(|watts| format!(", {watts:.0} W"));
                ruling.showing(host, format!("{}{}", row.get("power"), watts.unwrap_or_default()))
            })
            .collect();
        let number = rulings.len();
        if number == 0 {
            return Ruling::not_yet("the exporter tells no chassis power");
        }
        together(rulings, format!("the exporter sees {number} of {number} machines powered"))
    })
}

fn switches(case: &Case<'_>) -> Judgement {
    judging::from(case, keys::SNMP_DOWN, |_, found| {
        let rulings = rows(&found).map(|row| {
            let (job, instance) = (row.get("job"), row.get("instance"));
            Ruling::fail(format!("the exporter cannot scrape {instance} ({job})"))
        });
        together(rulings.collect(), "the exporter scrapes every switch")
    })
}

/// The account that the exporter uses.
const ACCOUNT: &str = "metrics";

fn account(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let name = read.name();
        let users = read.value(ipmi::USERS)?;
        let own = rows(&users).find(|row| row.get("name") == ACCOUNT);
        let privilege = own.map(|row| row.get("privilege"));
        Ok(match privilege {
            None => Ruling::fail(format!("the BMC {name} has no account {ACCOUNT}")),
            Some("USER") => {
                Ruling::pass(format!("the account {ACCOUNT} of the BMC {name} may only read"))
            }
            Some(more @ ("OPERATOR" | "ADMINISTRATOR" | "OEM")) => {
                Ruling::warn(format!("the account {ACCOUNT} of the BMC {name} is {more}"))
            }
            Some(other) => Ruling::fail(format!(
                "the account {ACCOUNT} of the BMC {name} has no access ({other})"
            )),
        }
        .showing(ACCOUNT, privilege.unwrap_or_default()))
    })
}
