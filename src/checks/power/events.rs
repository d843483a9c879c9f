//! IPMI-56: the system event log: critical entries, and room for more.

use super::{Had, count, had, judgement, unknown, who};
use crate::checks::Case;
use crate::domain::keys::power::{Way, ipmi, redfish};
use crate::domain::{Evidence, Judgement, Stamp, Verdict};

const DAY_MS: f64 = 86_400_000.0;

/// Fails when events are being lost; warns when the log fills up, or has
/// critical entries that are young or bear no time.
pub fn events(case: &Case<'_>) -> Judgement {
    let name = who(case);
    let (entries, seen, way) = match had(case, redfish::EVENTS, ipmi::EVENTS) {
        Had::Facts(entries, seen, way) => (entries, seen, way),
        Had::NotOffered => {
            let sentence = format!("the BMC of {name} offers no event log");
            return judgement(case, Verdict::NotYet, sentence);
        }
        Had::Not(cause) => return unknown(case, "events", cause.as_ref()),
    };
    let used = used(case, entries);
    let lost = case.facts.of(&case.target.id).get(ipmi::EVENTS_LOST);
    let lost = lost.fresh().is_some_and(|word| word.0 == "yes");
    let critical = critical(case, way);
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
    let facts = case.facts.of(&case.target.id);
    let over_ipmi = facts.get(ipmi::EVENTS_USED);
    let most = facts.get(redfish::EVENTS_MOST);
    over_ipmi.fresh().copied().or_else(|| most.fresh().map(|most| 100.0 * entries / most))
}

/// Critical entries that are younger than the rule's days, or bear no time.
fn critical(case: &Case<'_>, way: Way) -> Vec<(String, String)> {
    let facts = case.facts.of(&case.target.id);
    let seen = match way {
        Way::Redfish => facts.get(redfish::EVENTS_CRITICAL),
        Way::Ipmi => facts.get(ipmi::EVENTS_CRITICAL),
    };
    let Some(table) = seen.fresh() else { return Vec::new() };
    let days = case.spec.threshold("critical_days");
    let young = |at: &str| match Stamp::parse(at) {
        // Milliseconds of a few decades are far below where f64 loses whole numbers.
        #[allow(clippy::cast_precision_loss)]
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
    young
}
