//! The management cluster itself: nodes, pods, resolver, volumes, releases.

use super::{LOOK, SURVEY, age_of, is_management, object, together};
use crate::checks::hosts::{and_list, percent, rows};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::platform as keys;
use crate::domain::keys::platform::survey;
use crate::domain::{Age, Judgement};

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "MGMT-01", applies: is_management, probes: LOOK, judge: nodes },
    Rule { id: "MGMT-02", applies: is_management, probes: LOOK, judge: pods },
    Rule { id: "MGMT-05", applies: is_management, probes: LOOK, judge: resolver },
    Rule { id: "MGMT-06", applies: is_management, probes: SURVEY, judge: volumes },
    Rule { id: "MGMT-12", applies: is_management, probes: SURVEY, judge: releases },
    Rule { id: "MGMT-13", applies: is_management, probes: SURVEY, judge: legacy },
];

fn nodes(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let observed = read.observe(keys::NODES);
        // An API that does not answer is the failure that this check is about;
        // that we are not let in, or have no tool, is none.
        if let Some(cause) = observed.trouble.as_ref().filter(|cause| {
            matches!(cause.word.word(), "refused" | "timed-out" | "no-route" | "api-unreachable")
        }) {
            return Ok(Ruling::fail(format!(
                "the API of the management cluster does not answer: {}",
                cause.sentence
            ))
            .caused_by(cause.word.clone()));
        }
        let nodes = read.value(keys::NODES)?;
        if nodes.rows.is_empty() {
            return Ok(Ruling::fail("the management cluster has no node"));
        }
        let rulings = rows(&nodes).map(|node| {
            let name = node.get("name");
            let ruling = match (node.get("ready"), node.get("unschedulable")) {
                ("True", "true") => Ruling::warn(format!("{name} takes no new pods (cordoned)")),
                ("True", _) => Ruling::pass(name),
                _ => Ruling::fail(format!("{name} is not ready")),
            };
            ruling.showing(name, format!("{} {}", node.get("version"), node.get("message")))
        });
        let number = nodes.rows.len();
        let well = format!("{number} of {number} nodes of the management cluster are ready");
        Ok(together(rulings.collect(), well))
    })
}

/// What a container that waits for this is not going to leave by itself.
const STUCK: [&str; 7] = [
    "CrashLoopBackOff",
    "ImagePullBackOff",
    "ErrImagePull",
    "CreateContainerConfigError",
    "CreateContainerError",
    "InvalidImageName",
    "RunContainerError",
];

fn pods(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let total = read.value(keys::PODS)?;
        let failed = read.value(keys::PODS_FAILED)?;
        let odd = read.value(keys::PODS_ODD)?;
        if total == 0.0 {
            return Ok(Ruling::fail("the management cluster runs no pod"));
        }
        let pending = Age::seconds(read.threshold("pending_fail_s") as i64);
        let recent = Age::seconds(read.threshold("restart_warn_s") as i64);
        let most = read.threshold("failed_warn_percent");
        let mut rulings: Vec<Ruling> = Vec::new();
        for pod in rows(&odd) {
            let (name, reason) = (object(pod), pod.get("reason"));
            let age = age_of(case.now, pod.get("created"));
            let is_old = age.is_none_or(|age| age > pending);
            let restarted = age_of(case.now, pod.get("restarted")).filter(|age| *age <= recent);
            let is_whole = pod.get("phase") == "Running" && pod.get("ready") == pod.get("wanted");
            let ruling = if STUCK.contains(&reason) {
                Ruling::fail(format!("{name} is in {reason}"))
            } else if pod.get("phase") == "Pending" && is_old {
                let age = age.map_or_else(String::new, |age| format!(" for {}", age.long()));
                Ruling::fail(format!("{name} is pending{age}"))
            } else if pod.get("phase") == "Failed" {
                // Their share is judged below: a job that failed once is no outage.
                continue;
            } else if let Some(age) = restarted {
                Ruling::warn(format!("{name} restarted {} ago", age.long()))
            } else if is_whole {
                continue;
            } else if pod.get("phase") == "Running" && is_old {
                let (ready, wanted) = (pod.get("ready"), pod.get("wanted"));
                Ruling::warn(format!("{name} runs and {ready} of {wanted} containers are ready"))
            } else if matches!(pod.get("phase"), "Pending" | "Running") {
                Ruling::pass(format!("{name} starts"))
            } else {
                Ruling::warn(format!("{name} is in the phase {}", pod.get("phase")))
            };
            let shown = format!("{} {reason} {}", pod.get("phase"), pod.get("message"));
            rulings.push(ruling.showing(name, shown.trim()));
        }
        let share = 100.0 * failed / total;
        if share > most {
            let share = percent(share);
            rulings.push(Ruling::warn(format!("{failed:.0} of {total:.0} pods failed ({share})")));
        }
        Ok(together(rulings, format!("{total:.0} pods of the management cluster are well")))
    })
}

fn resolver(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let pods = read.value(keys::DNS_PODS)?;
        let services = read.value(keys::DNS_SERVICES)?;
        if pods.rows.is_empty() {
            return Ok(Ruling::fail("the management cluster has no resolver pod"));
        }
        let mut rulings = Vec::new();
        for pod in rows(&pods) {
            let name = pod.get("name");
            let is_ready = pod.get("phase") == "Running" && pod.get("ready") == pod.get("wanted");
            rulings.push(if is_ready {
                Ruling::pass(name)
            } else {
                Ruling::fail(format!("the resolver pod {name} is not ready"))
                    .showing(name, pod.get("phase"))
            });
        }
        let outside: Vec<_> =
            rows(&services).filter(|row| !row.get("address").is_empty()).collect();
        if outside.is_empty() {
            rulings.push(Ruling::fail("the cluster's resolver has no address outside of it"));
        }
        let mut is_asked = false;
        for service in &outside {
            let (name, address) = (service.get("name"), service.get("address"));
            match service.get("answers") {
                "yes" => is_asked = true,
                "no" => {
                    is_asked = true;
                    rulings.push(Ruling::fail(format!("{name} on {address} does not answer")));
                }
                _ => {}
            }
        }
        if !is_asked && !outside.is_empty() && rulings.iter().all(is_pass) {
            return Err(NotKnown::because(
                "the resolver has an address, and dig is not there to ask it",
            ));
        }
        let names: Vec<&str> = outside.iter().map(|row| row.get("address")).collect();
        Ok(together(rulings, format!("the cluster's resolver answers on {}", and_list(&names))))
    })
}

fn is_pass(ruling: &Ruling) -> bool {
    ruling.verdict() == crate::domain::Verdict::Pass
}

fn volumes(case: &Case<'_>) -> Judgement {
    judging::from(case, survey::VOLUMES, |_, volumes| {
        let rulings = rows(&volumes).map(|volume| {
            let (name, phase) = (object(volume), volume.get("phase"));
            let shown = format!("{phase} {} {}", volume.get("class"), volume.get("capacity"));
            match phase {
                "Bound" => Ruling::pass(name),
                "" => Ruling::fail(format!("the volume claim {name} has no phase")),
                _ => Ruling::fail(format!("the volume claim {name} is {}", phase.to_lowercase()))
                    .showing(name, shown),
            }
        });
        let number = volumes.rows.len();
        if number == 0 {
            return Ruling::not_yet("the management cluster has no volume claim yet");
        }
        together(rulings.collect(), format!("{number} of {number} volume claims are bound"))
    })
}

fn releases(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let releases = read.value(survey::RELEASES)?;
        let limit = Age::seconds(read.threshold("pending_fail_s") as i64);
        let rulings = rows(&releases).map(|release| {
            let (name, status) = (object(release), release.get("status"));
            let age = age_of(case.now, release.get("updated"));
            let is_pending = status.starts_with("pending-");
            let ruling = match age {
                _ if status == "deployed" => Ruling::pass(name.as_str()),
                Some(age) if is_pending && age < limit => {
                    Ruling::warn(format!("{name} is {status} since {}", age.long()))
                }
                Some(age) if is_pending => {
                    Ruling::fail(format!("{name} is stuck in {status} since {}", age.long()))
                }
                _ => Ruling::fail(format!("{name} is {status}")),
            };
            ruling.showing(name, format!("{} {status}", release.get("chart")))
        });
        let number = releases.rows.len();
        if number == 0 {
            return Ok(Ruling::not_yet("Helm has installed nothing on the management cluster yet"));
        }
        Ok(together(rulings.collect(), format!("{number} of {number} releases are deployed")))
    })
}

fn legacy(case: &Case<'_>) -> Judgement {
    judging::from(case, survey::DNS_LEGACY, |_, names| {
        let old: Vec<&str> = names
            .iter()
            .map(String::as_str)
            .filter(|name| matches!(*name, "custom.server" | "custom.override"))
            .collect();
        if old.is_empty() {
            return Ruling::pass("the resolver's custom configuration has no legacy key");
        }
        Ruling::fail(format!("the resolver's custom configuration still has {}", and_list(&old)))
            .showing("coredns-custom", names.join(", "))
    })
}
