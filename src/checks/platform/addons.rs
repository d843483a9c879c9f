//! Add-ons of tenant clusters.

use super::{CONSOLE, age_of, is_management, object, together};
use crate::checks::hosts::rows;
use crate::checks::judging::{self, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::platform::console as keys;
use crate::domain::{Age, Judgement};

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "ADD-01", applies: is_management, probes: CONSOLE, judge: catalogue },
    Rule { id: "ADD-02", applies: is_management, probes: CONSOLE, judge: state },
    Rule { id: "ADD-03", applies: is_management, probes: CONSOLE, judge: releases },
    Rule { id: "ADD-04", applies: is_management, probes: CONSOLE, judge: errors },
    Rule { id: "ADD-05", applies: is_management, probes: CONSOLE, judge: leftovers },
];

fn catalogue(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let status = read.value(keys::CATALOGUE_STATUS)?;
        let listed = read.value(keys::CATALOGUE)?;
        let number = listed.rows.len();
        let names: Vec<&str> = rows(&listed).map(|row| row.get("name")).collect();
        Ok(if status != 200.0 {
            Ruling::fail(format!("the catalogue of add-ons answers with HTTP status {status:.0}"))
        } else if number == 0 {
            Ruling::fail("the catalogue of add-ons is empty")
        } else {
            Ruling::pass(format!("the catalogue offers {number} add-ons"))
        }
        .showing("catalogue", names.join(", ")))
    })
}

fn state(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let found = read.value(keys::ADDONS)?;
        let usual = Age::seconds(read.threshold("install_warn_s") as i64);
        let limit = Age::seconds(read.threshold("install_fail_s") as i64);
        let rulings = rows(&found).map(|row| {
            let (name, status) = (row.get("name"), row.get("status"));
            let age = age_of(case.now, row.get("created"));
            let so_long = age.map_or_else(String::new, |age| format!(" since {}", age.long()));
            let is_pending = status.starts_with("pending");
            let ruling = match age {
                _ if status == "deployed" => Ruling::pass(name),
                Some(age) if is_pending && age < usual => {
                    Ruling::warn(format!("the add-on {name} is being installed{so_long}"))
                }
                Some(age) if is_pending && age <= limit => Ruling::warn(format!(
                    "the add-on {name} is being installed{so_long}, longer than usual"
                )),
                _ if is_pending => {
                    Ruling::fail(format!("the add-on {name} is stuck in {status}{so_long}"))
                }
                _ => Ruling::fail(format!("the add-on {name} is {status}")),
            };
            ruling.showing(name, format!("{status} {}", row.get("message")).trim())
        });
        let number = found.rows.len();
        if number == 0 {
            return Ok(Ruling::not_yet("no tenant cluster has an add-on"));
        }
        Ok(together(rulings.collect(), format!("{number} of {number} add-ons are deployed")))
    })
}

fn releases(case: &Case<'_>) -> Judgement {
    judging::from(case, keys::TENANT_RELEASES, |_, found| {
        let rulings = rows(&found).map(|row| {
            let name = object(row);
            match row.get("ready") {
                "True" => Ruling::pass(name),
                _ => Ruling::fail(format!("the release {name} is not ready"))
                    .showing(name, row.get("message")),
            }
        });
        let number = found.rows.len();
        if number == 0 {
            return Ruling::not_yet("the tenant cluster has no release");
        }
        together(rulings.collect(), format!("{number} of {number} releases are ready"))
    })
}

fn errors(case: &Case<'_>) -> Judgement {
    judging::from(case, keys::ADDON_ERRORS, |_, found| {
        let rulings = rows(&found).map(|row| {
            let kind = row.get("type");
            match row.number("value") {
                Some(value) if value > 0.0 => {
                    Ruling::warn(format!("the add-on API had {value:.0} errors of {kind}"))
                }
                _ => Ruling::pass(kind),
            }
            .showing(kind, row.get("value"))
        });
        together(rulings.collect(), "the add-on API had no error in the last 15 minutes")
    })
}

fn leftovers(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let volumes = read.value(keys::TENANT_VOLUMES)?;
        let addons = read.value(keys::ADDONS)?;
        let belongs = |space: &str| {
            rows(&addons).any(|row| {
                let name = row.get("name");
                !name.is_empty() && space == format!("iaas-addon-{name}")
            })
        };
        let mut spaces: Vec<&str> = rows(&volumes).map(|row| row.get("namespace")).collect();
        spaces.sort_unstable();
        spaces.dedup();
        let rulings = spaces.into_iter().map(|space| {
            if belongs(space) {
                Ruling::pass(space)
            } else {
                Ruling::fail(format!("{space} has volumes and no add-on"))
            }
        });
        Ok(together(rulings.collect(), "no volume of a removed add-on is left"))
    })
}
