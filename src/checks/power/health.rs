//! IPMI-57: the controller's own judgement of the whole machine.

use super::{Had, get, had, judgement, unknown, who};
use crate::checks::Case;
use crate::domain::keys::Word;
use crate::domain::keys::power::{ipmi, redfish};
use crate::domain::{Evidence, Health, Judgement, Verdict};

/// The health rollup of Redfish, and the chassis faults of IPMI; the worse of the two.
pub fn health(case: &Case<'_>) -> Judgement {
    let (rollup, faults) = (get(case, redfish::HEALTH), get(case, ipmi::FAULTS));
    let name = who(case);
    let (Some(Word(word)), seen) = (rollup.fresh(), rollup.seen) else {
        return match (faults.fresh(), had(case, redfish::HEALTH, redfish::HEALTH)) {
            // IPMI alone: the fault lines are all that there is.
            (Some(list), _) => by_faults(case, list, faults.seen),
            (None, Had::Not(cause)) => {
                let cause = cause.or(faults.trouble);
                unknown(case, "health", cause.as_ref())
            }
            (None, _) => {
                let sentence = format!("the BMC of {name} does not judge the machine's health");
                judgement(case, Verdict::NotYet, sentence)
            }
        };
    };
    let by_ipmi = faults.fresh().filter(|list| !list.is_empty());
    if let (Health::Ok, Some(list)) = (Health::from_word(word), by_ipmi) {
        return by_faults(case, list, faults.seen);
    }
    let parts = get(case, redfish::PARTS);
    let parts = parts.fresh().cloned().unwrap_or_default();
    let ill: Vec<Evidence> = parts
        .rows
        .iter()
        .filter(|row| Health::from_word(parts.cell(row, "health")) > Health::Ok)
        .map(|row| Evidence {
            label: parts.cell(row, "name").to_owned(),
            shown: format!("{} {}", parts.cell(row, "health"), parts.cell(row, "state")),
            seen,
        })
        .collect();
    let verdict = match Health::from_word(word) {
        Health::Critical => Verdict::Fail,
        Health::Warning => Verdict::Warn,
        Health::Ok => Verdict::Pass,
        _ => Verdict::Unknown,
    };
    let sentence = match ill.first() {
        Some(first) => {
            format!("the BMC calls {name} {word}: {} ({})", first.label, first.shown.trim())
        }
        None => format!("the BMC calls {name} {word}"),
    };
    let mut told = judgement(case, verdict, sentence);
    told.evidence = ill;
    told.evidence.insert(
        0,
        Evidence { label: "health rollup (redfish)".to_owned(), shown: word.clone(), seen },
    );
    told.seen = seen;
    told.source = "redfish".to_owned();
    told
}

fn by_faults(case: &Case<'_>, faults: &[String], seen: Option<crate::domain::Stamp>) -> Judgement {
    let name = who(case);
    let mut told = if faults.is_empty() {
        judgement(case, Verdict::Pass, format!("the BMC of {name} reports no chassis fault"))
    } else {
        let list = faults.join(", ");
        judgement(case, Verdict::Warn, format!("the BMC of {name} reports: {list}"))
    };
    told.evidence = vec![Evidence {
        label: "chassis status (ipmi)".to_owned(),
        shown: if faults.is_empty() { "no fault".to_owned() } else { faults.join(", ") },
        seen,
    }];
    told.seen = seen;
    told.source = "ipmi".to_owned();
    told
}

/// The checks that name a part which the controller's own judgement sums up.
const OF_PARTS: [&str; 5] = ["IPMI-52", "IPMI-53", "IPMI-54", "IPMI-55", "IPMI-59"];

/// Lets IPMI-57 refer to the worst finding about a part. Where that is as bad,
/// IPMI-57 adds nothing to it; where the controller judges worse than we do,
/// IPMI-57 leads, with the part's name in its sentence. Its verdict stays: what
/// the controller judged may be more than this part.
pub fn refer(judgements: &mut [Judgement]) {
    let is_wrong = |verdict| matches!(verdict, Verdict::Warn | Verdict::Fail);
    let named = judgements
        .iter()
        .filter(|one| OF_PARTS.contains(&one.check.as_str()) && is_wrong(one.verdict))
        .reduce(
            |worst, one| if one.verdict.weight() > worst.verdict.weight() { one } else { worst },
        )
        .cloned();
    let own =
        judgements.iter_mut().find(|one| one.check.as_str() == "IPMI-57" && is_wrong(one.verdict));
    let (Some(named), Some(own)) = (named, own) else { return };
    own.sentence = if named.verdict.weight() >= own.verdict.weight() {
        format!("{}, {} names the part", own.sentence, named.check)
    } else {
        format!("{}; {}", named.sentence, own.sentence)
    };
    own.next = named.next;
    own.refers = Some(named.check);
}
