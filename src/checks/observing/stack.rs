//! Grafana, Prometheus and Loki, and whether alerts reach somebody.

use super::{LOOK, SURVEY};
use crate::checks::hosts::{is_yes, rows};
use crate::checks::judging::{self, Ruling};
use crate::checks::platform::{is_management, together};
use crate::checks::{Case, Rule};
use crate::domain::Judgement;
use crate::domain::keys::observing as keys;
use crate::domain::keys::observing::survey;

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "OBS-01", applies: is_management, probes: LOOK, judge: grafana },
    Rule { id: "OBS-02", applies: is_management, probes: LOOK, judge: alerts },
    Rule { id: "OBS-03", applies: is_management, probes: SURVEY, judge: contact },
    Rule { id: "OBS-04", applies: is_management, probes: LOOK, judge: prometheus },
    Rule { id: "OBS-05", applies: is_management, probes: LOOK, judge: loki },
];

fn grafana(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let database = read.value(keys::GRAFANA_DATABASE)?;
        let said = read.value(keys::GRAFANA_SAID)?;
        Ok(match database.as_str() {
            "ok" => Ruling::pass("Grafana is alive"),
            "" => Ruling::fail(format!("Grafana does not answer: {said}")),
            state => Ruling::fail(format!("Grafana has lost its database ({state})")),
        }
        .showing("version", said))
    })
}

fn alerts(case: &Case<'_>) -> Judgement {
    judging::from(case, keys::ALERTS, |_, found| {
        let rulings = rows(&found).map(|row| {
            let (name, severity) = (row.get("name"), row.get("severity"));
            let count = row.number("count").unwrap_or(0.0);
            let times = if count > 1.0 { format!(" ({count:.0} series)") } else { String::new() };
            let said = format!("{name} fires{times}");
            let ruling = match severity {
                "critical" => Ruling::fail(said),
                _ => Ruling::warn(said),
            };
            let folder = row.get("folder");
            ruling.showing(name, format!("{folder}, {severity}, since {}", row.get("since")))
        });
        together(rulings.collect(), "no alert fires")
    })
}

/// The contact point that Grafana comes with, and its address that nobody reads.
const UNTOUCHED: (&str, &str) = ("grafana-default-email", "<example@email.com>");

fn contact(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let points = read.value(survey::CONTACT_POINTS)?;
        let receiver = read.maybe(survey::RECEIVER)?;
        let (name, address) = UNTOUCHED;
        let receiver = match receiver.as_deref() {
            Some("") | None => name,
            Some(receiver) => receiver,
        };
        let row = rows(&points).find(|row| row.get("name") == receiver);
        let addresses = row.map_or("", |row| row.get("addresses"));
        let is_untouched = receiver == name && (addresses.is_empty() || addresses == address);
        Ok(if is_untouched {
            Ruling::fail("alerts reach nobody: the default policy uses Grafana's own example")
        } else if row.is_none() {
            Ruling::fail(format!("alerts go to the contact point {receiver}, which there is not"))
        } else {
            Ruling::pass(format!("alerts go to the contact point {receiver}"))
        }
        .showing(receiver, addresses))
    })
}

fn prometheus(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let ready = read.value(keys::PROMETHEUS_READY)?;
        let said = read.value(keys::PROMETHEUS_SAID)?;
        if !is_yes(&ready) {
            return Ok(Ruling::fail(format!("Prometheus is not ready: {said}")));
        }
        let total = read.value(keys::SCRAPES)?;
        let down = read.value(keys::SCRAPES_DOWN)?;
        if total == 0.0 {
            return Ok(Ruling::warn("Prometheus has no target to scrape"));
        }
        let rulings = rows(&down).map(|row| {
            let (job, instance) = (row.get("job"), row.get("instance"));
            Ruling::warn(format!("Prometheus cannot scrape {job} of {instance}"))
                .showing(instance, row.get("error"))
        });
        let number = total - down.rows.len() as f64;
        let well = format!("Prometheus scrapes {number:.0} of {total:.0} targets");
        Ok(together(rulings.collect(), well))
    })
}

fn loki(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let ready = read.value(keys::LOKI_READY)?;
        let said = read.value(keys::LOKI_SAID)?;
        if !is_yes(&ready) {
            return Ok(Ruling::fail(format!("Loki is not ready: {said}")));
        }
        let labels = read.value(keys::LOKI_LABELS)?;
        let receives = labels.iter().any(|label| matches!(label.as_str(), "job" | "service_name"));
        Ok(if receives {
            Ruling::pass("Loki is ready and receives logs")
        } else {
            Ruling::fail("Loki is ready and receives no logs")
        }
        .showing("labels", labels.join(", ")))
    })
}
