//! IPMI-56: the system event log: critical entries, and room for more.

use super::{count, get, judge_each, judgement, unknown, who};
use crate::checks::Case;
use crate::domain::keys::power::{Way, ipmi, redfish};
use crate::domain::{Cause, Evidence, Judgement, Stamp, Verdict};

const DAY_MS: f64 = 86_400_000.0;

/// Fails when events are being lost; warns when the log fills up, or has
/// critical entries that are young or bear no time.
pub fn events(case: &Case<'_>) -> Judgement {
    let not_offered = format!("the BMC of {} offers no event log", who(case));
    judge_each(
        case,
        (redfish::EVENTS, ipmi::EVENTS),
        "events",
        &not_offered,
        |entries, seen, way| one_way(case, entries, seen, way),
    )
}

fn one_way(case: &Case<'_>, entries: f64, seen: Option<Stamp>, way: Way) -> Judgement {
    let name = who(case);
    let used = used(case, entries);
    let lost = get(case, ipmi::EVENTS_LOST);
    let lost = lost.fresh().is_some_and(|word| word.0 == "yes");
    let told_critical = critical(case, way);
    let unread = told_critical.as_ref().err().cloned();
    let critical = told_critical.unwrap_or_default();
    let full = used.is_some_and(|used| used >= case.spec.threshold("used_fail_percent"));
    let filling = used.is_some_and(|used| used >= case.spec.threshold("used_warn_percent"));
    let shown = used.map_or_else(String::new, |used| format!(", {used:.0} % full"));
    let (verdict, sentence) = match critical.last() {
        _ if lost => {
            (Verdict::Fail, format!("the event log of {name} is full and loses new events"))
        }
        _ if full => (Verdict::Fail, format!("the event log of {name} is full")),
        Some((at, what)) => {
            let when = if at.is_empty() { String::new() } else { format!(" at {at}") };
            let more = match critical.len() {
                1 => String::new(),
                n => format!(" ({n} critical entries)"),
            };
            (Verdict::Warn, format!("the event log of {name} says: {what}{when}{more}"))
        }
        None if filling => {
            let limit = case.spec.threshold("used_warn_percent");
            (
                Verdict::Warn,
                format!(
                    "the event log of {name} is{}, warns at {limit:.0}",
                    shown.trim_start_matches(',')
                ),
            )
        }
        // How many there are is known; what they say is not.
        None if unread.is_some() && entries > 0.0 => {
            let what = "the entries of the event log";
            return unknown(case, what, unread.as_ref().and_then(Option::as_ref));
        }
        None => {
            let entries =
                if entries == 1.0 { "1 entry".to_owned() } else { format!("{entries:.0} entries") };
            (Verdict::Pass, format!("the event log of {name} has {entries}{shown}, none critical"))
        }
    };
    let mut told = judgement(case, verdict, sentence);
    told.evidence.push(Evidence {
        label: format!("event log ({})", way.word()),
        shown: format!("{} entries{shown}", crate::domain::sensor::number(entries)),
        seen,
    });
    told.evidence.extend(critical.iter().rev().take(8).map(|(at, what)| Evidence {
        label: if at.is_empty() { "no time".to_owned() } else { at.clone() },
        shown: what.clone(),
        seen,
    }));
    told.seen = seen;
    told.source = way.word().to_owned();
    if critical.len() > 8 {
        let more = count(critical.len() - 8, "entry");
        told.evidence.push(Evidence { label: "more".to_owned(), shown: more, seen });
    }
    told
}

/// How full the log is: as IPMI says, else by count and room of Redfish.
fn used(case: &Case<'_>, entries: f64) -> Option<f64> {
    let over_ipmi = get(case, ipmi::EVENTS_USED);
    let most = get(case, redfish::EVENTS_MOST);
    over_ipmi.fresh().copied().or_else(|| most.fresh().map(|most| 100.0 * entries / most))
}

/// Critical entries that are younger than the rule's days, or bear no time.
fn critical(case: &Case<'_>, way: Way) -> Result<Vec<(String, String)>, Option<Cause>> {
    let seen = match way {
        Way::Redfish => get(case, redfish::EVENTS_CRITICAL),
        Way::Ipmi => get(case, ipmi::EVENTS_CRITICAL),
    };
    let Some(table) = seen.fresh() else { return Err(seen.trouble) };
    let days = case.spec.threshold("critical_days");
    let young = |at: &str| match Stamp::parse(at) {
        Some(at) => (case.now.since(at).0 as f64) < days * DAY_MS,
        None => true,
    };
    let mut young: Vec<(String, String)> = table
        .rows
        .iter()
        .map(|row| (table.cell(row, "when").to_owned(), table.cell(row, "what").to_owned()))
        .filter(|(at, _)| young(at))
        .collect();
    // Redfish services list newest or oldest first; by time, undated first, the last is the newest.
    young.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(young)
}
