//! IPMI-55: power supplies and whether one may fail.

use super::{count, get, judge_each, judgement, who};
use crate::checks::Case;
use crate::domain::fact::Table;
use crate::domain::keys::power::{Way, ipmi, redfish};
use crate::domain::{Evidence, Health, Judgement, Stamp, Supply, Verdict};

/// Passes when every fitted supply is well; warns when one is lost and the rest
/// carry the machine; fails when fewer are well than must be.
pub fn supplies(case: &Case<'_>) -> Judgement {
    let not_offered = format!("the BMC of {} tells nothing about power supplies", who(case));
    let keys = (redfish::SUPPLIES, ipmi::SUPPLIES);
    judge_each(case, keys, "power supplies", &not_offered, |table, seen, way| {
        one_way(case, &table, seen, way)
    })
}

fn one_way(case: &Case<'_>, table: &Table, seen: Option<Stamp>, way: Way) -> Judgement {
    let name = who(case);
    let all = Supply::read(table);
    let fitted: Vec<&Supply> = all.iter().filter(|one| one.health != Health::Absent).collect();
    let told_of: Vec<&&Supply> = fitted.iter().filter(|one| one.health != Health::Unsaid).collect();
    if told_of.is_empty() {
        let sentence = format!("the BMC of {name} does not say how its power supplies are");
        return judgement(case, Verdict::NotYet, sentence);
    }
    let well = told_of.iter().filter(|one| one.health != Health::Critical).count();
    let weak = told_of.iter().copied().filter(|one| one.health != Health::Ok);
    let mut weak: Vec<&Supply> = weak.copied().collect();
    weak.sort_by_key(|one| std::cmp::Reverse(one.health));
    let groups = groups(case, way);
    let least = groups
        .iter()
        .filter_map(|(_, _, needed)| *needed)
        .fold(case.spec.threshold("supplies_least"), f64::max);
    let broken = groups.iter().find(|(_, health, _)| *health == Health::Critical);
    let short = f64::from(u32::try_from(well).unwrap_or(u32::MAX)) < least;
    let (verdict, sentence) = match (weak.first(), broken) {
        (Some(worst), _) if worst.health == Health::Critical => {
            let verdict = if short { Verdict::Fail } else { Verdict::Warn };
            (
                verdict,
                format!(
                    "{name} runs on {well} of {}: {}",
                    count(told_of.len(), "PSU"),
                    said(worst)
                ),
            )
        }
        (_, _) if short => (
            Verdict::Fail,
            format!("{name} has {} that work, needs {least:.0}", count(well, "PSU")),
        ),
        (_, Some((group, _, _))) => {
            (Verdict::Warn, format!("{name} has lost the redundancy of its PSUs ({group})"))
        }
        (Some(worst), None) => (Verdict::Warn, format!("{name}: {}", said(worst))),
        (None, None) => (Verdict::Pass, format!("{name}: {} well", count(well, "PSU"))),
    };
    let mut told = judgement(case, verdict, sentence);
    told.evidence = all
        .iter()
        .map(|one| {
            let watts = one.watts.map_or_else(String::new, |watts| format!(", {watts:.0} W"));
            let note = if one.note.is_empty() { String::new() } else { format!(", {}", one.note) };
            Evidence {
                label: format!("{} ({})", one.name, way.word()),
                shown: format!("{}{watts}{note}", one.health.word()),
                seen,
            }
        })
        .collect();
    told.seen = seen;
    told.source = way.word().to_owned();
    told
}

fn said(supply: &Supply) -> String {
    match supply.note.as_str() {
        "" => format!("{} is called {}", supply.name, supply.health.word()),
        note => format!("{} says {note}", supply.name),
    }
}

/// Name, health and least number of the redundancy groups, which only Redfish tells.
fn groups(case: &Case<'_>, way: Way) -> Vec<(String, Health, Option<f64>)> {
    if way != Way::Redfish {
        return Vec::new();
    }
    let seen = get(case, redfish::REDUNDANCY);
    let read = |table: &Table| {
        let one = |row: &Vec<String>| {
            let cell = |column: &str| table.cell(row, column);
            (
                cell("name").to_owned(),
                Health::from_word(cell("health")),
                cell("needed").parse().ok(),
            )
        };
        table.rows.iter().map(one).collect()
    };
    seen.fresh().map_or_else(Vec::new, read)
}
