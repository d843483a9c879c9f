//! What runs on the controller: pods, fabricator, room, logs, services.

use super::{LOOK, SURVEY, on_controller};
use crate::checks::hosts::{and_list, percent, rows};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::Judgement;
use crate::domain::keys::fabric as keys;
use crate::domain::keys::fabric::survey;

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "HH-08", applies: on_controller, probes: LOOK, judge: pods },
    Rule { id: "HH-09", applies: on_controller, probes: LOOK, judge: fabricator },
    Rule { id: "HH-11", applies: on_controller, probes: SURVEY, judge: room },
    Rule { id: "HH-12", applies: on_controller, probes: SURVEY, judge: logs },
    Rule { id: "FAB-16", applies: on_controller, probes: SURVEY, judge: services },
];

/// Reasons for which a container that waits will not start by itself.
const STUCK: [&str; 3] = ["CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull"];

fn pods(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let pods = read.value(keys::PODS)?;
        let clock = read.value(keys::CLOCK)?.seconds() as f64;
        let name = read.name();
        let (long, recent) = (read.threshold("pending_s"), read.threshold("restarted_s"));
        let age = |seconds: Option<f64>| seconds.map(|at| clock - at);
        let mut rulings = Vec::new();
        for pod in rows(&pods) {
            let (who, phase, reason) = (pod.get("name"), pod.get("phase"), pod.get("reason"));
            if phase == "Succeeded" {
                continue;
            }
            let is_ready = phase == "Running" && pod.get("ready") == pod.get("containers");
            let is_young = age(pod.number("created")).is_some_and(|age| age <= long);
            let was_restarted = age(pod.number("restarted")).is_some_and(|age| age <= recent);
            let state = if reason.is_empty() { phase } else { reason };
            if phase == "Failed" || STUCK.contains(&reason) || (!is_ready && !is_young) {
                let state = if is_ready || phase != "Running" || !reason.is_empty() {
                    state
                } else {
                    "not ready"
                };
                rulings.push(Ruling::fail(format!("{who} on {name} is {state}")));
            } else if !is_ready {
                rulings.push(Ruling::warn(format!("{who} on {name} is {state}")));
            } else if was_restarted {
                rulings.push(Ruling::warn(format!("{who} on {name} was restarted a moment ago")));
            }
        }
        if pods.rows.is_empty() {
            return Ok(Ruling::fail(format!("{name} runs no pods")));
        }
        let well = format!("the {} pods of {name} are well", pods.rows.len());
        Ok(Ruling::worst(rulings).unwrap_or_else(|| Ruling::pass(well)))
    })
}

fn fabricator(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let state = read.value(keys::FABRICATOR)?;
        let components = read.value(keys::COMPONENTS)?;
        let clock = read.value(keys::CLOCK)?.seconds() as f64;
        let name = read.name();
        let of = |field: &str| rows(&state).find(|row| row.get("field") == field);
        let value = |field: &str| of(field).map_or("", |row| row.get("value")).to_owned();
        let since =
            |field: &str| of(field).and_then(|row| row.number("since")).map(|at| clock - at);
        let installs = value("installing") == "true";
        let mut rulings = Vec::new();
        let (wanted, applied) = (value("wanted"), value("applied"));
        if wanted != applied {
            let sentence = format!("the fabricator applied generation {applied} of {wanted}");
            let is_long = since("attempt").is_some_and(|age| age > read.threshold("apply_s"));
            rulings.push(if is_long && !installs {
                Ruling::fail(sentence)
            } else {
                Ruling::warn(sentence)
            });
        }
        for condition in ["Applied", "Ready"] {
            if value(condition) != "True" {
                let sentence = format!("the fabricator is not {}", condition.to_lowercase());
                let is_long = since(condition).is_none_or(|age| age > read.threshold("ready_s"));
                rulings.push(if is_long && !installs {
                    Ruling::fail(sentence)
                } else {
                    Ruling::warn(sentence)
                });
            }
        }
        let in_state = |word: &str| -> Vec<&str> {
            let found = rows(&components).filter(|row| row.get("state") == word);
            found.map(|row| row.get("name")).collect()
        };
        let (missing, pending) = (in_state("NotFound"), in_state("Pending"));
        if !missing.is_empty() {
            let sentence = format!("the fabric lacks {}", and_list(&missing));
            rulings.push(if installs { Ruling::warn(sentence) } else { Ruling::fail(sentence) });
        }
        if !pending.is_empty() {
            let sentence = format!("{} of the fabric is pending", and_list(&pending));
            let is_long = since("Ready").is_some_and(|age| age > read.threshold("apply_s"));
            rulings.push(if is_long && !installs {
                Ruling::fail(sentence)
            } else {
                Ruling::warn(sentence)
            });
        }
        if let Some(age) = since("checked").filter(|age| *age > read.threshold("checked_s")) {
            rulings.push(Ruling::warn(format!(
                "the fabricator last looked at its components {} ago: its controller does not run",
                crate::domain::Age::seconds(age as i64).long()
            )));
        }
        let well = format!("the fabricator of {name} has applied its configuration");
        Ok(Ruling::worst(rulings)
            .unwrap_or_else(|| Ruling::pass(well))
            .showing("generation", format!("applied {applied}, wanted {wanted}")))
    })
}

fn room(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let room = read.value(survey::ROOM)?;
        let name = read.name();
        let (warn, fail) = (read.threshold("warn_percent"), read.threshold("fail_percent"));
        let rulings = rows(&room).filter_map(|row| {
            let (size, available) = (row.number("size")?, row.number("available")?);
            let free = 100.0 * available / size.max(1.0);
            let sentence = format!("{} of {name} has {} left", row.get("what"), percent(free));
            let ruling = if free < fail {
                Ruling::fail(sentence)
            } else if free <= warn {
                Ruling::warn(sentence)
            } else {
                Ruling::pass(format!("{name} has room on its disks and in memory"))
            };
            Some(ruling.showing(row.get("what").to_owned(), format!("{} free", percent(free))))
        });
        Ruling::worst(rulings)
            .ok_or_else(|| NotKnown::because(format!("{name} does not tell its room")))
    })
}

fn logs(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let count = read.value(survey::LOG_ERRORS)?;
        let last = read.value(survey::LOG_LAST)?;
        let sentence =
            format!("the controllers of the fabric logged {count:.0} errors in ten minutes");
        let ruling = if count >= read.threshold("fail_lines") {
            Ruling::fail(sentence)
        } else if count > 0.0 {
            Ruling::warn(sentence)
        } else {
            Ruling::pass("the controllers of the fabric log no errors")
        };
        Ok(last.into_iter().fold(ruling, |ruling, line| ruling.showing("log", line)))
    })
}

fn services(case: &Case<'_>) -> Judgement {
    judging::from(case, survey::DEPLOYMENTS, |read, deployments| {
        let name = read.name();
        let ready = |wanted: &str| {
            rows(&deployments)
                .any(|row| row.get("name") == wanted && row.number("ready").unwrap_or(0.0) > 0.0)
        };
        let missing: Vec<&str> =
            ["ntp", "fabric-boot", "fabric-dhcpd"].into_iter().filter(|one| !ready(one)).collect();
        if missing.is_empty() {
            Ruling::pass(format!("{name} serves time, boot files and addresses to the switches"))
        } else {
            Ruling::fail(format!("{} of {name} has no ready replica", and_list(&missing)))
        }
    })
}
