//! IPMI-50: does the controller answer, and which way.

use super::{evidence_of, judgement, unknown, who};
use crate::checks::Case;
use crate::checks::judging::is_stale;
use crate::domain::endpoint::BmcEndpoint;
use crate::domain::keys::ProbeInfo;
use crate::domain::keys::power::{IPMI, REDFISH};
use crate::domain::store::ProbeState;
use crate::domain::{Cause, CauseWord, Judgement, Stamp, Verdict};

/// One way of asking: its name and how it fares.
struct Asked<'a> {
    probe: &'static ProbeInfo,
    name: &'static str,
    state: Option<&'a ProbeState>,
}

impl Asked<'_> {
    fn trouble(&self) -> Option<&Cause> {
        self.state.and_then(|state| state.trouble.as_ref())
    }

    fn answers(&self, now: Stamp) -> bool {
        self.state.is_some_and(|state| {
            let is_fresh = |seen| !is_stale(now, seen, self.probe);
            state.trouble.is_none() && state.answered.is_some_and(is_fresh)
        })
    }
}

/// One of the two ways is enough: many controllers have only one switched on.
pub fn answers(case: &Case<'_>) -> Judgement {
    let facts = case.facts.of(&case.target.id);
    let asked = |probe: &'static ProbeInfo, name, is_offered: bool| Asked {
        probe,
        name,
        state: facts.probe(probe.name).filter(|_| is_offered),
    };
    let offers_ipmi = case.target.bmc.as_ref().is_none_or(BmcEndpoint::offers_ipmi);
    let redfish = asked(&REDFISH, "Redfish", true);
    let ipmi = asked(&IPMI, "IPMI", offers_ipmi);
    let name = who(case);
    let (way, other) = match (redfish.answers(case.now), ipmi.answers(case.now)) {
        (true, true) => {
            let sentence = format!("the BMC of {name} answers over Redfish and IPMI");
            return seen(case, judgement(case, Verdict::Pass, sentence), "redfish, ipmi");
        }
        (true, false) => (redfish, ipmi),
        (false, true) => (ipmi, redfish),
        (false, false) => return neither(case, &redfish, &ipmi),
    };
    let Some(cause) = other.trouble() else {
        let sentence = format!("the BMC of {name} answers over {}", way.name);
        return seen(case, judgement(case, Verdict::Pass, sentence), way.probe.source);
    };
    let verdict = if is_switched_off(cause) { Verdict::Pass } else { Verdict::Warn };
    let sentence = format!(
        "the BMC of {name} answers over {}, not over {}: {}",
        way.name,
        other.name,
        cause
            .sentence
            .strip_prefix(&format!("the BMC of {name} "))
            .map_or_else(|| cause.sentence.clone(), |rest| format!("it {rest}"))
    );
    let mut told = judgement(case, verdict, sentence);
    told.cause = Some(cause.word.clone());
    told.evidence = evidence_of(cause);
    if verdict.is_finding() {
        told.next.insert(0, cause.next.clone());
    }
    seen(case, told, way.probe.source)
}

/// Causes that a controller with one way switched off, or a machine without
/// `ipmitool`, shows; no trouble as long as the other way works.
fn is_switched_off(cause: &Cause) -> bool {
    matches!(
        cause.word,
        CauseWord::Refused | CauseWord::TimedOut | CauseWord::NoRoute | CauseWord::CommandMissing
    )
}

/// Whether the cause says that nothing answers, rather than that we may not look.
fn is_silence(cause: &Cause) -> bool {
    matches!(
        cause.word,
        CauseWord::Refused
            | CauseWord::NoRoute
            | CauseWord::TimedOut
            | CauseWord::Reset
            | CauseWord::Silent
            | CauseWord::Cut
    )
}

fn neither(case: &Case<'_>, redfish: &Asked<'_>, ipmi: &Asked<'_>) -> Judgement {
    let troubles: Vec<&Cause> = [redfish, ipmi].into_iter().filter_map(Asked::trouble).collect();
    // A cause that says "answers, but will not let us look" tells more than silence.
    let telling = troubles.iter().copied().find(|cause| !is_silence(cause));
    let mut told = match (telling, troubles.as_slice()) {
        (_, []) => {
            let answered = [redfish, ipmi].into_iter().filter_map(|way| way.state?.answered).max();
            let Some(answered) = answered else {
                return unknown(case, "answers of the BMC", None);
            };
            let age = case.now.since(answered).long();
            let sentence = format!("the BMC of {} was last seen {age} ago", who(case));
            let mut told = judgement(case, Verdict::Unknown, sentence);
            told.next = vec![format!("look again at {}", who(case))];
            told
        }
        (None, [first, second]) => {
            let sentence = format!("the BMC of {} answers neither Redfish nor IPMI", who(case));
            let mut told = judgement(case, Verdict::Fail, sentence);
            told.cause = Some(first.word.clone());
            told.next.extend([first.next.clone(), second.next.clone()]);
            told.next.dedup();
            told
        }
        (None, [only]) if !case.target.bmc.as_ref().is_none_or(BmcEndpoint::offers_ipmi) => {
            let sentence = format!("the BMC of {} does not answer over Redfish", who(case));
            let mut told = judgement(case, Verdict::Fail, sentence);
            told.cause = Some(only.word.clone());
            told.next.push(only.next.clone());
            told
        }
        (None, [only, ..]) => {
            let mut told = unknown(case, "answers of the BMC", Some(only));
            told.evidence.clear();
            told
        }
        (Some(cause), _) => {
            let sentence =
                format!("the BMC of {} does not let us look: {}", who(case), cause.sentence);
            let mut told = judgement(case, Verdict::Unknown, sentence);
            told.cause = Some(cause.word.clone());
            told.next = vec![cause.next.clone()];
            told
        }
    };
    for (way, cause) in [(redfish, redfish.trouble()), (ipmi, ipmi.trouble())] {
        let Some(cause) = cause else { continue };
        told.evidence.push(crate::domain::Evidence {
            label: way.name.to_owned(),
            shown: cause.sentence.clone(),
            seen: way.state.and_then(|state| state.tried),
        });
        told.evidence.extend(evidence_of(cause));
    }
    told.source = "redfish, ipmi".to_owned();
    told
}

fn seen(case: &Case<'_>, mut told: Judgement, source: &str) -> Judgement {
    let facts = case.facts.of(&case.target.id);
    told.seen = ["redfish", "ipmi"]
        .into_iter()
        .filter(|way| source.contains(way))
        .filter_map(|way| facts.probe(&format!("bmc.{way}"))?.answered)
        .min();
    told.source = source.to_owned();
    told
}
