//! Fans, power supplies, temperatures and tables of the switches.

use super::{LOOK, of_switch, on_switch, reports};
use crate::checks::hosts::percent;
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::Judgement;
use crate::domain::keys::fabric as keys;

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "FAB-08", applies: on_switch, probes: LOOK, judge: parts },
    Rule { id: "FAB-09", applies: on_switch, probes: LOOK, judge: resources },
];

fn parts(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        reports(read)?;
        let parts = read.value(keys::PARTS)?;
        let switch = read.name();
        let mut rulings = Vec::new();
        let mut count = 0;
        for row in of_switch(&parts, switch) {
            count += 1;
            let (kind, name) = (row.get("kind"), row.get("name"));
            if kind == "temperature" {
                let (Some(value), high, critical) =
                    (row.number("value"), row.number("high"), row.number("critical"))
                else {
                    continue;
                };
                let sentence = format!("{name} of {switch} is at {value:.0} °C");
                if critical.is_some_and(|limit| value >= limit) {
                    rulings.push(Ruling::fail(sentence).because("temperature.critical"));
                } else if high.is_some_and(|limit| value >= limit) {
                    rulings.push(Ruling::warn(sentence).because("temperature.high"));
                }
                continue;
            }
            if row.get("present") != "yes" {
                let reason = format!("{kind}.absent");
                rulings
                    .push(Ruling::warn(format!("{name} of {switch} is not there")).because(reason));
            } else if row.get("good") != "yes" {
                let reason = format!("{kind}.failed");
                rulings
                    .push(Ruling::fail(format!("{name} of {switch} has failed")).because(reason));
            }
        }
        if count == 0 {
            return Err(NotKnown::because(format!("{switch} reports neither fans nor supplies")));
        }
        let well = format!("fans, supplies and temperatures of {switch} are well");
        Ok(Ruling::worst(rulings)
            .unwrap_or_else(|| Ruling::pass(well))
            .showing("parts", format!("{count} reported")))
    })
}

fn resources(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        reports(read)?;
        let resources = read.value(keys::RESOURCES)?;
        let switch = read.name();
        let (warn, fail) = (read.threshold("warn_percent"), read.threshold("fail_percent"));
        let mut rulings = Vec::new();
        let mut fullest: Option<(f64, &str)> = None;
        for row in of_switch(&resources, switch) {
            let used = row.number("used").unwrap_or(0.0);
            let all = used + row.number("available").unwrap_or(0.0);
            if all <= 0.0 {
                continue;
            }
            let (share, name) = (100.0 * used / all, row.get("resource"));
            if fullest.is_none_or(|(most, _)| share > most) {
                fullest = Some((share, name));
            }
            let sentence = format!("{name} of {switch} is {} full", percent(share));
            if share >= fail {
                rulings.push(Ruling::fail(sentence).because("resources.exhausted"));
            } else if share >= warn {
                rulings.push(Ruling::warn(sentence).because("resources.high"));
            }
        }
        let Some((share, name)) = fullest else {
            return Err(NotKnown::because(format!(
                "{switch} does not report how full its tables are"
            )));
        };
        let well = format!("the tables of {switch} have room");
        Ok(Ruling::worst(rulings)
            .unwrap_or_else(|| Ruling::pass(well))
            .showing("fullest", format!("{name}, {}", percent(share))))
    })
}
