//! IPMI-52, 53, 54 and 59: temperatures, fans, voltages, inlet.

use super::{Had, count, had, is_off, judgement, unknown, who};
use crate::checks::Case;
use crate::domain::fact::Table;
use crate::domain::keys::Key;
use crate::domain::keys::power::{Way, ipmi, redfish};
use crate::domain::sensor::number;
use crate::domain::{Evidence, Health, Judgement, Limits, Sensor, SensorPlace, Stamp, Verdict};

/// What one sensor's reading means.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Level {
    /// Within its limits.
    Good,
    /// Beyond the limit that warns; below it (`true`) or above.
    Warns(f64, bool),
    /// Beyond the critical limit; below it (`true`) or above.
    Fails(f64, bool),
    /// Within every limit we know, but the controller itself says otherwise.
    Said(Health),
    /// Nothing to judge by: no reading, or neither limit nor health.
    Untold,
}

impl Level {
    fn verdict(self) -> Option<Verdict> {
        match self {
            Level::Good => Some(Verdict::Pass),
            Level::Warns(..) | Level::Said(Health::Warning) => Some(Verdict::Warn),
            Level::Fails(..) | Level::Said(_) => Some(Verdict::Fail),
            Level::Untold => None,
        }
    }
}

/// Judges a sensor by its own limits, then by ours where it has none, then by
/// what the controller says of it.
fn level(sensor: &Sensor, ours: Limits) -> Level {
    let own = sensor.limits;
    let limits = if own.is_empty() { ours } else { own };
    let said = match sensor.health {
        Health::Warning | Health::Critical => Some(Level::Said(sensor.health)),
        _ => None,
    };
    let Some(reading) = sensor.reading.filter(|_| sensor.health != Health::Absent) else {
        return said.unwrap_or(Level::Untold);
    };
    let above = |limit: &f64| reading >= *limit;
    let below = |limit: &f64| reading <= *limit;
    let by_limits = [
        limits.high_fail.filter(above).map(|limit| Level::Fails(limit, false)),
        limits.low_fail.filter(below).map(|limit| Level::Fails(limit, true)),
        limits.high_warn.filter(above).map(|limit| Level::Warns(limit, false)),
        limits.low_warn.filter(below).map(|limit| Level::Warns(limit, true)),
    ];
    let broken = by_limits.into_iter().flatten().next();
    match (broken, said) {
        (Some(found @ Level::Fails(..)), _) => found,
        (_, Some(Level::Said(Health::Critical))) => Level::Said(Health::Critical),
        (Some(found), _) => found,
        (None, Some(said)) => said,
        (None, None) if limits.is_empty() && sensor.health != Health::Ok => Level::Untold,
        (None, None) => Level::Good,
    }
}

/// `CPU0 Temp is 91 C, fails at 90`
fn phrase(label: &str, sensor: &Sensor, level: Level) -> String {
    let shown = sensor.shown();
    match level {
        Level::Warns(limit, low) | Level::Fails(limit, low) => {
            let verb = if matches!(level, Level::Fails(..)) { "fails" } else { "warns" };
            let side = if low { "at or below" } else { "at" };
            format!("{label} is {shown}, {verb} {side} {}", number(limit))
        }
        Level::Said(health) => {
            format!("{label} is called {} by its BMC ({shown})", health.word())
        }
        Level::Good | Level::Untold => format!("{label} is {shown}"),
    }
}

/// One family of sensors.
struct Family {
    /// The noun: `fan`.
    noun: &'static str,
    redfish: Key<Table>,
    ipmi: Key<Table>,
    /// Which of the sensors in the table.
    wanted: fn(&Sensor) -> bool,
    /// Our limits for a sensor without its own.
    ours: fn(&Case<'_>, &Sensor) -> Limits,
    /// Whether the readings mean nothing while the machine is off.
    only_when_on: bool,
    /// What sentences call a sensor.
    label: fn(&Sensor) -> String,
}

/// IPMI-52.
pub fn temperatures(case: &Case<'_>) -> Judgement {
    let ours = |case: &Case<'_>, _: &Sensor| Limits {
        high_warn: Some(case.spec.threshold("temperature_warn_c")),
        high_fail: Some(case.spec.threshold("temperature_fail_c")),
        ..Limits::default()
    };
    family(
        case,
        &Family {
            noun: "temperature",
            redfish: redfish::TEMPERATURES,
            ipmi: ipmi::TEMPERATURES,
            wanted: |sensor| sensor.place != SensorPlace::Inlet,
            ours,
            only_when_on: true,
            label: |sensor| sensor.name.clone(),
        },
    )
}

/// IPMI-53.
pub fn fans(case: &Case<'_>) -> Judgement {
    let ours = |case: &Case<'_>, sensor: &Sensor| {
        let name = if sensor.unit == "%" { "fan_fail_percent" } else { "fan_fail_rpm" };
        Limits { low_fail: Some(case.spec.threshold(name)), ..Limits::default() }
    };
    family(
        case,
        &Family {
            noun: "fan",
            redfish: redfish::FANS,
            ipmi: ipmi::FANS,
            wanted: |_| true,
            ours,
            only_when_on: true,
            label: |sensor| sensor.name.clone(),
        },
    )
}

/// IPMI-54. We have no limits of our own: what a rail should have, only its maker knows.
pub fn voltages(case: &Case<'_>) -> Judgement {
    family(
        case,
        &Family {
            noun: "voltage",
            redfish: redfish::VOLTAGES,
            ipmi: ipmi::VOLTAGES,
            wanted: |_| true,
            ours: |_, _| Limits::default(),
            only_when_on: true,
            label: |sensor| sensor.name.clone(),
        },
    )
}

/// IPMI-59: air that goes in, also while the machine is off.
pub fn inlet(case: &Case<'_>) -> Judgement {
    let ours = |case: &Case<'_>, _: &Sensor| Limits {
        high_warn: Some(case.spec.threshold("inlet_warn_c")),
        high_fail: Some(case.spec.threshold("inlet_fail_c")),
        ..Limits::default()
    };
    family(
        case,
        &Family {
            noun: "inlet temperature",
            redfish: redfish::TEMPERATURES,
            ipmi: ipmi::TEMPERATURES,
            wanted: |sensor| sensor.place == SensorPlace::Inlet,
            ours,
            only_when_on: false,
            label: |_| "inlet".to_owned(),
        },
    )
}

fn family(case: &Case<'_>, family: &Family) -> Judgement {
    let (noun, name) = (family.noun, who(case));
    if family.only_when_on && is_off(case) {
        let sentence = format!("{name} is powered off, its {} mean nothing", super::plural(noun));
        return judgement(case, Verdict::NotYet, sentence);
    }
    let not_offered =
        || judgement(case, Verdict::NotYet, format!("the BMC of {name} offers no {noun} readings"));
    let (table, seen, way) = match had(case, family.redfish, family.ipmi) {
        Had::Facts(table, seen, way) => (table, seen, way),
        Had::NotOffered => return not_offered(),
        Had::Not(cause) => return unknown(case, &super::plural(noun), cause.as_ref()),
    };
    let sensors: Vec<Sensor> =
        Sensor::read(&table).into_iter().filter(|sensor| (family.wanted)(sensor)).collect();
    let mut judged: Vec<(&Sensor, Level, Verdict)> = sensors
        .iter()
        .map(|sensor| (sensor, level(sensor, (family.ours)(case, sensor))))
        .filter_map(|(sensor, level)| Some((sensor, level, level.verdict()?)))
        .collect();
    // The worst first; of equals the one that the controller names first.
    judged.sort_by_key(|(_, _, verdict)| std::cmp::Reverse(verdict.weight()));
    let Some((worst, level, verdict)) = judged.first().copied() else { return not_offered() };
    let beyond = judged.iter().filter(|(_, _, verdict)| *verdict != Verdict::Pass).count();
    let sentence = match beyond {
        0 => fine(family, name, &judged),
        1 => format!("{name} {}", phrase(&(family.label)(worst), worst, level)),
        more => format!(
            "{name} {}; {} more beyond the limits",
            phrase(&(family.label)(worst), worst, level),
            count(more - 1, noun)
        ),
    };
    let mut told = judgement(case, verdict, sentence);
    told.evidence = evidence(&judged, beyond, seen, way);
    told.seen = seen;
    told.source = way.word().to_owned();
    told
}

/// The sentence when all is well: how many, and the one nearest to trouble.
fn fine(family: &Family, name: &str, judged: &[(&Sensor, Level, Verdict)]) -> String {
    let readings = judged.iter().filter_map(|(sensor, _, _)| Some((sensor, sensor.reading?)));
    let warmest = readings.max_by(|(_, a), (_, b)| a.total_cmp(b));
    match (family.noun, warmest) {
        ("inlet temperature", Some((sensor, _))) => {
            let limits = sensor.limits;
            let warn = limits.high_warn.or(limits.high_fail);
            match warn {
                Some(limit) => {
                    format!("{name} inlet is {}, warns at {}", sensor.shown(), number(limit))
                }
                None => format!("{name} inlet is {}", sensor.shown()),
            }
        }
        ("temperature", Some((sensor, _))) => format!(
            "{name}: {} within limits, {} is warmest with {}",
            count(judged.len(), "temperature"),
            sensor.name,
            sensor.shown()
        ),
        (noun, _) => format!("{name}: {} within limits", count(judged.len(), noun)),
    }
}

/// Every sensor beyond its limits, at most eight; else the first three that were judged.
fn evidence(
    judged: &[(&Sensor, Level, Verdict)],
    beyond: usize,
    seen: Option<Stamp>,
    way: Way,
) -> Vec<Evidence> {
    let shown = if beyond == 0 { 3 } else { beyond.min(8) };
    judged
        .iter()
        .take(shown)
        .map(|(sensor, _, _)| {
            let limits: Vec<String> = [
                ("fails at or below", sensor.limits.low_fail),
                ("warns at or below", sensor.limits.low_warn),
                ("warns at", sensor.limits.high_warn),
                ("fails at", sensor.limits.high_fail),
            ]
            .iter()
            .filter_map(|(words, limit)| Some(format!("{words} {}", number((*limit)?))))
            .collect();
            let own = if limits.is_empty() {
                "no limits of its own".to_owned()
            } else {
                limits.join(", ")
            };
            Evidence {
                label: format!("{} ({})", sensor.name, way.word()),
                shown: format!("{}; {own}", sensor.shown()),
                seen,
            }
        })
        .collect()
}
