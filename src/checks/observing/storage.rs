//! Where metrics and logs are kept, and for how long.

use crate::checks::hosts::{percent, rows};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::platform::{SURVEY, is_management, together};
use crate::checks::{Case, Rule};
use crate::domain::keys::observing::bucket;
use crate::domain::keys::platform::survey as keys;
use crate::domain::{Judgement, Site, System, Target, TargetKind, wanted};

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "OBS-06", applies: is_management, probes: SURVEY, judge: backend },
    Rule { id: "OBS-07", applies: is_ceph, probes: &["logs.survey"], judge: fill },
    Rule { id: "OBS-08", applies: is_management, probes: SURVEY, judge: retention },
];

fn is_ceph(_: &Site, target: &Target) -> bool {
    target.kind == TargetKind::Api(System::Ceph)
}

/// The storage class of each setting.
const CLASSES: [(&str, &str); 2] = [("ceph", "csi-cinder-sc-retain"), ("local", "local-path")];

fn backend(case: &Case<'_>) -> Judgement {
    let said = case.site.wanted.get(wanted::OBSERVABILITY_STORAGE);
    let said = said.map_or("ceph", String::as_str);
    judging::judge(case, |read| {
        let volumes = read.value(keys::VOLUMES)?;
        let Some((_, class)) = CLASSES.into_iter().find(|(word, _)| *word == said) else {
            return Err(NotKnown::because(format!("the inventory names the storage {said}")));
        };
        let is_ours =
            |name: &str| name.contains("prometheus-server") || name.contains("storage-loki-0");
        let rulings = rows(&volumes).filter(|row| is_ours(row.get("name"))).map(|row| {
            let (name, found) = (row.get("name"), row.get("class"));
            if found == class {
                Ruling::pass(name)
            } else {
                Ruling::fail(format!(
                    "{name} lies on {found}, the inventory wants {said} ({class})"
                ))
            }
            .showing(name, found)
        });
        let rulings: Vec<Ruling> = rulings.collect();
        if rulings.is_empty() {
            return Ok(Ruling::not_yet("the observability stack has no volume yet"));
        }
        Ok(together(rulings, format!("metrics and logs lie on {class}")))
    })
}

fn fill(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let used = read.value(bucket::USED)?;
        let quota = read.value(bucket::QUOTA)?;
        if quota <= 0.0 {
            return Ok(Ruling::not_yet("the log bucket has no quota"));
        }
        let share = 100.0 * used / quota;
        let said = format!("the log bucket is {} full", percent(share));
        Ok(if share < read.threshold("fill_warn_percent") {
            Ruling::pass(said)
        } else if share <= read.threshold("fill_fail_percent") {
            Ruling::warn(said)
        } else {
            Ruling::fail(format!("{said}: logs will be refused"))
        })
    })
}

/// A time as Prometheus has it, in days: `30d`, `2w`, `1y`; hours as well.
fn days(time: &str) -> Option<f64> {
    let at = time.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = time.split_at_checked(at)?;
    let number: f64 = number.parse().ok()?;
    let unit = match unit {
        "h" => 1.0 / 24.0,
        "d" => 1.0,
        "w" => 7.0,
        "y" => 365.0,
        _ => return None,
    };
    Some(number * unit)
}

fn retention(case: &Case<'_>) -> Judgement {
    let wanted = case.site.wanted.get(wanted::RETENTION);
    let wanted = wanted.map_or(wanted::USUAL_RETENTION, String::as_str);
    judging::judge(case, |read| {
        let mut found = read.value(keys::RETENTION)?;
        if found.is_empty() {
            // The chart's own time is not written out.
            found.push(wanted::USUAL_RETENTION.to_owned());
        }
        let other = found.iter().find(|time| *time != wanted && days(time) != days(wanted));
        Ok(match other {
            None => Ruling::pass(format!("Prometheus keeps its data for {wanted}")),
            Some(other) => Ruling::warn(format!(
                "Prometheus keeps its data for {other}, the inventory wants {wanted}"
            )),
        }
        .showing("retention", found.join(", ")))
    })
}
