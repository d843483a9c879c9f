//! The agents of the switches: heartbeats, what they run.

use super::{LOOK, SWITCHES, ask_controller, of_switch, on_controller, on_switch, reports, said};
use crate::checks::hosts::{and_list, rows};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::fabric as keys;
use crate::domain::keys::fabric::{survey, switches};
use crate::domain::{Age, Judgement};

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "FAB-02", applies: on_switch, probes: LOOK, judge: heartbeat },
    Rule { id: "FAB-03", applies: on_switch, probes: LOOK, judge: generation },
    Rule { id: "FAB-04", applies: on_controller, probes: super::SURVEY, judge: summary },
    Rule { id: "FAB-12", applies: on_switch, probes: SWITCHES, judge: login },
    Rule { id: "FAB-13", applies: on_switch, probes: SWITCHES, judge: log },
    Rule { id: "FAB-50", applies: on_switch, probes: super::BOTH, judge: runs },
];

fn ago(seconds: f64) -> String {
    Age::seconds(seconds as i64).long()
}

fn heartbeat(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        ask_controller(read)?;
        let agents = read.value(keys::AGENTS)?;
        let clock = read.value(keys::CLOCK)?;
        let name = read.name();
        let Some(said) = said(read, &agents, clock) else {
            return Ok(Ruling::fail(format!("the fabric knows no agent of {name}"))
                .because("agent.never-reported"));
        };
        let Some(age) = said.age("heartbeat") else {
            // Before the switches are installed nobody has reported yet.
            if rows(&agents).all(|row| row.get("heartbeat").is_empty()) {
                return Err(NotKnown::because(format!(
                    "{name} has never reported, and no other switch has: they are not installed yet"
                )));
            }
            return Ok(Ruling::fail(format!("{name} has never reported to the fabric"))
                .because("agent.never-reported"));
        };
        let (warn, fail) = (read.threshold("warn_s"), read.threshold("fail_s"));
        let applies = said.row.number("attempt") > said.row.number("applied")
            && said.age("attempt_at").is_some_and(|age| age <= read.threshold("apply_s"));
        let ruling = if age < -read.threshold("skew_s") {
            Ruling::warn(format!(
                "the clock of {name} is {} ahead of the fabric controller's",
                ago(-age)
            ))
            .because("heartbeat.skew")
        } else if age <= warn {
            Ruling::pass(format!("{name} reports"))
        } else if age <= fail || applies {
            let why = if applies { ": it applies a configuration" } else { "" };
            Ruling::warn(format!("{name} last reported {} ago{why}", ago(age)))
                .because("heartbeat.late")
        } else {
            Ruling::fail(format!("{name} last reported {} ago", ago(age)))
                .because("heartbeat.stale")
        };
        Ok(ruling.showing("last heartbeat", format!("{} ago", ago(age.max(0.0)))))
    })
}

fn generation(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        ask_controller(read)?;
        let agents = read.value(keys::AGENTS)?;
        let clock = read.value(keys::CLOCK)?;
        let name = read.name();
        let Some(said) = said(read, &agents, clock) else {
            return Err(NotKnown::because(format!("the fabric knows no agent of {name}")));
        };
        let number = |column: &str| said.row.number(column);
        let (wanted, applied) = (number("wanted"), number("applied"));
        let (Some(wanted), Some(applied)) = (wanted, applied) else {
            return Err(NotKnown::because(format!("{name} has never reported to the fabric")));
        };
        let attempt = number("attempt");
        let tried = said.age("attempt_at").unwrap_or(0.0);
        let ruling = if applied == wanted {
            Ruling::pass(format!("{name} runs the configuration it was given"))
        } else if attempt == Some(wanted) && tried > read.threshold("apply_s") {
            Ruling::fail(format!(
                "{name} fails to apply its configuration: it tries generation {wanted:.0} since {}, and runs {applied:.0}",
                ago(tried)
            ))
        } else {
            Ruling::warn(format!(
                "{name} runs generation {applied:.0} of its configuration, {wanted:.0} is wanted"
            ))
        };
        let attempt = attempt.map_or("none".to_owned(), |attempt| format!("{attempt:.0}"));
        let shown = format!("applied {applied:.0}, attempted {attempt}, wanted {wanted:.0}");
        let ruling = ruling.showing("generations", shown);
        Ok(if applied == wanted { ruling } else { ruling.because("generation.lag") })
    })
}

fn summary(case: &Case<'_>) -> Judgement {
    judging::from(case, survey::INSPECTED, |_, switches| {
        let of = |is: fn(&str) -> bool| -> Vec<String> {
            let found = rows(&switches).filter(|row| is(row.get("summary")));
            found.map(|row| row.get("switch").to_owned()).collect()
        };
        let pending = of(|word| word == "Pending");
        let other = of(|word| word != "Pending" && word != "Ready");
        let (all, ready) = (switches.rows.len(), of(|word| word == "Ready").len());
        if !other.is_empty() {
            Ruling::fail(format!("the fabric knows no state of {}", and_list(&other)))
        } else if !pending.is_empty() {
            Ruling::warn(format!("the configuration of {} is pending", and_list(&pending)))
        } else if all == 0 {
            Ruling::fail("the fabric knows no switches")
        } else {
            Ruling::pass(format!("all {all} switches of the fabric are ready"))
        }
        .showing("Ready", format!("{ready} of {all} switches"))
    })
}

fn runs(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        reports(read)?;
        let agents = read.value(keys::AGENTS)?;
        let clock = read.value(keys::CLOCK)?;
        let wanted = read.maybe(survey::SWITCHES)?;
        let name = read.name();
        let Some(said) = said(read, &agents, clock) else {
            return Err(NotKnown::because(format!("the fabric knows no agent of {name}")));
        };
        let get = |column: &str| said.row.get(column);
        let planned = wanted.as_ref().and_then(|table| {
            let mut found = rows(table).filter(|row| row.get("name") == name);
            found.next().map(|row| row.get("serial").to_owned())
        });
        let mut rulings = vec![Ruling::pass(format!("{name} is the switch it should be"))];
        if let Some(planned) = planned.filter(|planned| !planned.is_empty())
            && !get("serial").is_empty()
            && get("serial") != planned
        {
            rulings.push(
                Ruling::fail(format!(
                    "{name} has the serial number {}, planned is {planned}",
                    get("serial")
                ))
                .because("switch.identity"),
            );
        }
        if get("version") != get("wanted_version") && !get("wanted_version").is_empty() {
            rulings.push(
                Ruling::warn(format!(
                    "{name} runs agent {}, wanted is {}",
                    get("version"),
                    get("wanted_version")
                ))
                .because("agent.version"),
            );
        }
        if get("reboot") == "yes" {
            rulings.push(
                Ruling::warn(format!("{name} needs a reboot for a pending change"))
                    .because("switch.reboot-required"),
            );
        }
        if get("roce") != get("wanted_roce") {
            let is = if get("roce") == "yes" { "on" } else { "off" };
            rulings.push(
                Ruling::warn(format!("{name} has RoCE {is}, which is not as wanted"))
                    .because("switch.roce-mismatch"),
            );
        }
        let shown = format!("agent {}, serial {}", get("version"), get("serial"));
        let worst = Ruling::worst(rulings);
        let worst = worst.unwrap_or_else(|| Ruling::pass(format!("{name} is as it should be")));
        Ok(worst.showing("agent says", shown))
    })
}

fn login(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        ask_controller(read)?;
        let logins = read.value(switches::LOGINS)?;
        let name = read.name();
        let Some(row) = of_switch(&logins, name).next() else {
            return Err(NotKnown::because(format!(
                "the inventory gives {name} no address to log in at"
            )));
        };
        let words = row.get("said").to_owned();
        if row.get("status") == "0" {
            return Ok(
                Ruling::pass(format!("{name} lets us in with a key")).showing("uptime", words)
            );
        }
        if words.contains("Permission denied") {
            return Ok(Ruling::fail(format!("{name} takes none of the controller's SSH keys"))
                .showing("ssh", words));
        }
        Err(NotKnown::because(format!("the controller does not reach {name} over SSH: {words}")))
    })
}

/// Patterns of the agent's log whose meaning is known.
const KNOWN: [(&str, &str); 3] = [
    ("VNI is already used in VRF", "a tenant was deleted and another created too soon"),
    (
        "Configuration not allowed when port is member of Portchannel",
        "a port is in a port channel already",
    ),
    ("SubInterfaces are not supported", "subinterfaces are not supported there"),
];

fn log(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        ask_controller(read)?;
        let logs = read.value(switches::AGENT_LOGS)?;
        let name = read.name();
        let Some(row) = of_switch(&logs, name).next() else {
            return Err(NotKnown::because(format!("the agent log of {name} could not be read")));
        };
        let (unit, last) = (row.get("unit").to_owned(), row.get("last").to_owned());
        let errors = row.number("errors").unwrap_or(0.0);
        let known = KNOWN.iter().find(|(pattern, _)| last.contains(pattern));
        let ruling = if errors > 0.0 {
            let why = known.map_or(String::new(), |(_, means)| format!(": {means}"));
            Ruling::fail(format!("the agent on {name} logs errors{why}"))
        } else if unit != "active" {
            Ruling::fail(format!("the agent on {name} is {unit}"))
        } else {
            Ruling::pass(format!("the agent on {name} runs without errors"))
        };
        let ruling = ruling.showing("hedgehog-agent.service", unit);
        Ok(if last.is_empty() { ruling } else { ruling.showing("last error", last) })
    })
}
