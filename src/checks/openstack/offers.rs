//! What the cloud offers, and how much of it is left.

use super::{SURVEY, expected_lines, is_of_the_cloud, of_first, on_cloud};
use crate::checks::hosts::{and_list, percent, rows};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::openstack::{control_survey, survey};
use crate::domain::{Judgement, wanted};

pub(super) const RULES: &[Rule] = &[
    Rule { id: "OST-13", applies: on_cloud, probes: SURVEY, judge: names },
    Rule { id: "OST-16", applies: on_cloud, probes: SURVEY, judge: orphans },
    Rule { id: "OST-17", applies: on_cloud, probes: SURVEY, judge: secrets },
    Rule { id: "OST-18", applies: on_cloud, probes: SURVEY, judge: addresses },
    Rule { id: "OST-19", applies: on_cloud, probes: SURVEY, judge: capacity },
    Rule { id: "OST-22", applies: on_cloud, probes: SURVEY, judge: bus_url },
];

fn names(case: &Case<'_>) -> Judgement {
    let flavours = expected_lines(case, wanted::CLOUD_FLAVOURS);
    let networks = expected_lines(case, wanted::CLOUD_NETWORKS);
    judging::judge(case, |read| {
        let images = read.value(survey::IMAGES)?;
        let (known_flavours, known_networks) =
            (read.value(survey::FLAVOURS)?, read.value(survey::NETWORKS)?);
        let name = read.name();
        let missing_of = |wanted: &[&str], known: &[String], kind: &str| -> Vec<String> {
            let missing = wanted.iter().filter(|wanted| !known.iter().any(|one| one == *wanted));
            missing.map(|one| format!("the {kind} {one}")).collect()
        };
        let mut missing = missing_of(&flavours, &known_flavours, "flavour");
        missing.extend(missing_of(&networks, &known_networks, "network"));
        let idle: Vec<String> = rows(&images)
            .filter(|image| image.get("status") != "active")
            .map(|image| format!("{} ({})", image.get("image"), image.get("status")))
            .collect();
        Ok(if !missing.is_empty() {
            Ruling::fail(format!("{name} lacks what the console offers: {}", and_list(&missing)))
        } else if images.rows.is_empty() {
            Ruling::fail(format!("{name} has no image"))
        } else if !idle.is_empty() {
            Ruling::warn(format!("images of {name} are not active: {}", and_list(&idle)))
        } else {
            Ruling::pass(format!("{name} has what the console offers"))
        })
    })
}

fn orphans(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let (node, count) = of_first(read, control_survey::ORPHANS)?;
        let name = read.name();
        let ruling = if count > 0.0 {
            Ruling::fail(format!("{name} keeps {count:.0} tenant clusters whose project is gone"))
        } else {
            Ruling::pass(format!("{name} keeps no tenant cluster without its project"))
        };
        Ok(ruling.showing("asked on", node))
    })
}

fn secrets(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let services = read.value(survey::CATALOGUE)?;
        let name = read.name();
        if !rows(&services).any(|row| row.get("type") == "key-manager") {
            return Ok(Ruling::not_yet(format!("{name} has no secret store")));
        }
        // Without a token nothing is learned of the store.
        read.value(survey::TOKEN_ENDS)?;
        if let Some(cause) = read.lost(survey::SECRETS)
            && is_of_the_cloud(cause)
        {
            return Ok(Ruling::fail(format!(
                "the secret store of {name} does not answer: {}",
                cause.sentence
            ))
            .caused_by(cause.word.clone()));
        }
        let count = read.value(survey::SECRETS)?;
        Ok(Ruling::pass(format!("the secret store of {name} answers"))
            .showing("secrets", format!("{count:.0}")))
    })
}

fn addresses(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let networks = read.value(survey::ADDRESSES)?;
        let name = read.name();
        let share = |row: &crate::checks::hosts::Row<'_>| {
            let (used, total) = (row.number("used")?, row.number("total")?);
            (total > 0.0).then_some(100.0 * used / total)
        };
        let fullest = rows(&networks)
            .filter_map(|row| Some((row.get("network").to_owned(), share(&row)?)))
            .max_by(|one, other| one.1.total_cmp(&other.1));
        let Some((network, share)) = fullest else {
            return Ok(Ruling::not_yet(format!("{name} has no public network with addresses")));
        };
        let said = format!("{} of the addresses of {network} in {name} are used", percent(share));
        let ruling = if share > read.threshold("fail_percent") {
            Ruling::fail(said)
        } else if share >= read.threshold("warn_percent") {
            Ruling::warn(said)
        } else {
            Ruling::pass(said)
        };
        Ok(rows(&networks).fold(ruling, |ruling, row| {
            ruling
                .showing(row.get("network"), format!("{} of {}", row.get("used"), row.get("total")))
        }))
    })
}

fn capacity(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let capacity = read.value(survey::CAPACITY)?;
        let name = read.name();
        let (mut full, mut known) = (Vec::new(), 0);
        for row in rows(&capacity) {
            let (Some(used), Some(total)) = (row.number("used"), row.number("total")) else {
                continue;
            };
            // Hypervisors that give no such resource (bare metal) have nothing to be full.
            if total <= 0.0 {
                continue;
            }
            known += 1;
            let share = 100.0 * used / total;
            if share >= read.threshold(&format!("{}_percent", row.get("resource"))) {
                full.push(format!("{} ({})", row.get("resource"), percent(share)));
            }
        }
        if known == 0 {
            return Err(NotKnown::because(format!("{name} told no capacity of its hypervisors")));
        }
        let ruling = if full.is_empty() {
            Ruling::pass(format!("the hypervisors of {name} have room"))
        } else {
            Ruling::fail(format!("the hypervisors of {name} are full: {}", and_list(&full)))
        };
        Ok(rows(&capacity).fold(ruling, |ruling, row| {
            ruling.showing(
                row.get("resource"),
                format!("{} of {}", row.get("used"), row.get("total")),
            )
        }))
    })
}

fn bus_url(case: &Case<'_>) -> Judgement {
    let planned = case.target.wanted.get(wanted::CLOUD_RABBIT_URL);
    judging::judge(case, |read| {
        let (node, urls) = of_first(read, control_survey::BUS_URLS)?;
        let name = read.name();
        match (urls.as_slice(), planned) {
            ([], _) => Ok(Ruling::fail(format!("{name} has no message bus for bare metal: is Ironic deployed"))),
            ([one], Some(planned)) if one == planned => {
                Ok(Ruling::pass(format!("the message bus of {name} is that of os_rabbitmq_url")))
            }
            (_, Some(_)) => Ok(Ruling::fail(format!("{name} has another message bus than os_rabbitmq_url"))),
            (_, None) => Err(NotKnown::because(
                "the message bus cannot be compared: os_rabbitmq_url is sealed or missing in the inventory",
            )),
        }
        .map(|ruling| ruling.showing("asked on", node))
    })
}
