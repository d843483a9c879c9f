//! Placement groups: from their states to what they mean.

use super::{MANAGER, believed, on_cluster};
use crate::checks::hosts::{and_list, rows};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::ceph as keys;
use crate::domain::keys::ceph::manager;
use crate::domain::{Age, Judgement};

pub(super) const RULES: &[Rule] =
    &[Rule { id: "CEPH-04", applies: on_cluster, probes: MANAGER, judge: placement }];

/// What a placement group's state means, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// Reads and writes hang.
    Unavailable,
    /// Copies differ, or none is known.
    AtRisk,
    /// Recovery waits for space.
    Blocked,
    /// On the way: it becomes one of the others within seconds.
    Settling,
    /// Below the number of copies.
    Reduced,
    /// Data moves.
    Moving,
    /// Well.
    Clean,
}

/// The class of a state: the first rule that matches one of its words.
pub(super) fn class(state: &str) -> Class {
    let words: Vec<&str> = state.split('+').collect();
    let any = |list: &[&str]| words.iter().any(|word| list.contains(word));
    if any(&["down", "incomplete", "stale", "inactive", "peered", "snaptrim_error"]) {
        Class::Unavailable
    } else if any(&["unknown", "peering", "creating", "activating"]) {
        Class::Settling
    } else if any(&["recovery_unfound", "backfill_unfound", "inconsistent", "failed_repair"]) {
        Class::AtRisk
    } else if any(&["recovery_toofull", "backfill_toofull"]) {
        Class::Blocked
    } else if !any(&["active"]) {
        Class::Unavailable
    } else if any(&["undersized", "degraded"]) {
        Class::Reduced
    } else if any(&["remapped", "backfilling", "backfill_wait", "recovering", "recovery_wait"])
        || words.iter().any(|word| word.starts_with("forced_"))
    {
        Class::Moving
    } else {
        Class::Clean
    }
}

fn placement(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let groups = read.value(manager::PGS)?;
        let since = read.observe(manager::PGS).since;
        let long = read.value(manager::UNDERSIZED)?;
        let (degraded, rate) = (read.value(manager::DEGRADED)?, read.value(manager::RECOVERY)?);
        if read.value(keys::MANAGER_ACTIVE)?.0 != "yes" {
            return Err(NotKnown::because(format!(
                "{} has no active manager: its placement groups are those of the past",
                read.name()
            )));
        }
        believed(read)?;
        let name = read.name();
        let counted: Vec<(&str, u64, Class)> = rows(&groups)
            .map(|row| {
                let state = row.get("state");
                (state, row.number("count").unwrap_or(0.0) as u64, class(state))
            })
            .collect();
        let count_of = |wanted: Class| -> u64 {
            counted.iter().filter(|(_, _, class)| *class == wanted).map(|(_, count, _)| count).sum()
        };
        let all: u64 = counted.iter().map(|(_, count, _)| count).sum();
        if all == 0 {
            return Err(NotKnown::because(format!("{name} told of no placement group")));
        }
        let unknown: u64 = counted
            .iter()
            .filter(|(state, ..)| *state == "unknown")
            .map(|(_, count, _)| count)
            .sum();
        if unknown == all {
            return Err(NotKnown::because(format!(
                "the manager of {name} has no reports of its OSDs yet"
            )));
        }
        // Settling takes seconds; what settles for longer hangs.
        let settles_for = since.map_or(Age(0), |since| case.now.since(since));
        let hangs = settles_for > Age::seconds(read.threshold("settling_s") as i64);
        let unavailable =
            count_of(Class::Unavailable) + if hangs { count_of(Class::Settling) } else { 0 };
        let names = |wanted: Class| -> String {
            let states: Vec<&str> = counted
                .iter()
                .filter(|(_, _, class)| *class == wanted)
                .map(|(state, ..)| *state)
                .collect();
            and_list(&states)
        };
        let of = |count: u64| format!("{count} of {all} placement groups of {name}");
        let ruling = if unavailable > 0 {
            Ruling::fail(format!("{} are unavailable: what lies there hangs", of(unavailable)))
                .because("access")
        } else if count_of(Class::AtRisk) > 0 {
            Ruling::fail(format!(
                "{} are at risk: {}",
                of(count_of(Class::AtRisk)),
                names(Class::AtRisk)
            ))
            .because("access")
        } else if count_of(Class::Blocked) > 0 {
            Ruling::fail(format!(
                "{} cannot recover for want of space",
                of(count_of(Class::Blocked))
            ))
            .because("space")
        } else if !long.is_empty() {
            Ruling::fail(format!(
                "{} lack a copy for longer than 30 minutes",
                of(long.len() as u64)
            ))
            .because("redundancy")
        } else if count_of(Class::Settling) > 0 {
            Ruling::warn(format!("{} are settling", of(count_of(Class::Settling))))
        } else if count_of(Class::Reduced) > 0 {
            let pace = if rate > 0.0 {
                let left = Age::seconds((degraded / rate).ceil() as i64);
                format!("{rate:.0} objects recover per second, about {} are left", left.long())
            } else {
                "nothing recovers now".to_owned()
            };
            Ruling::warn(format!("{} lack copies; {pace}", of(count_of(Class::Reduced))))
                .because("redundancy")
        } else if count_of(Class::Moving) > 0 {
            Ruling::warn(format!("{} are being moved", of(count_of(Class::Moving))))
        } else {
            Ruling::pass(format!("the {all} placement groups of {name} are clean"))
        };
        Ok(counted
            .iter()
            .fold(ruling, |ruling, (state, count, _)| ruling.showing(*state, count.to_string())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_mean_what_the_reference_says() {
        for (state, meant) in [
            ("active+clean", Class::Clean),
            ("active+clean+scrubbing+deep", Class::Clean),
            ("stale+active+clean", Class::Unavailable),
            ("down", Class::Unavailable),
            ("incomplete", Class::Unavailable),
            ("undersized+degraded+peered", Class::Unavailable),
            ("remapped", Class::Unavailable),
            ("peering", Class::Settling),
            ("unknown", Class::Settling),
            ("active+recovery_unfound+degraded", Class::AtRisk),
            ("active+clean+inconsistent", Class::AtRisk),
            ("active+remapped+backfill_toofull", Class::Blocked),
            ("active+undersized+degraded", Class::Reduced),
            ("active+remapped+backfilling", Class::Moving),
            ("active+clean+remapped", Class::Moving),
        ] {
            assert_eq!(class(state), meant, "{state}");
        }
    }
}
