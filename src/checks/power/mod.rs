//! Judging management controllers and what they tell of their machines:
//! IPMI-50 and up. IPMI-01 to 05 belong to the site's exporter, so that the
//! two can disagree.
//!
//! Readings are judged each way they came, Redfish and IPMI, and the worse
//! verdict is told: no alarm of one is hidden by the other. The controller's
//! own limits win over ours. Three reasons end in no judgement,
//! and they differ: the facts could not be had (`unknown`, with the cause);
//! the controller offers nothing of the kind (`not-yet`, it says so); the
//! machine is off and the readings mean nothing (`not-yet`).

mod answers;
mod events;
mod health;
mod presence;
mod sensors;
mod supplies;

use super::judging::is_stale;
use super::{Case, Rule};
use crate::domain::endpoint::BmcEndpoint;
use crate::domain::keys::power::{Way, best, ipmi, redfish};
use crate::domain::keys::{FactType, Key};
use crate::domain::{
    Cause, CauseWord, Evidence, Judgement, Observed, Site, Stamp, Target, TargetKind, Verdict,
};

/// Both probes of a controller.
const BMC: &[&str] = &["bmc.redfish", "bmc.ipmi"];

/// The rules of this layer.
pub const RULES: &[Rule] = &[
    Rule { id: "IPMI-50", applies: is_bmc, probes: BMC, judge: answers::answers },
    Rule { id: "IPMI-51", applies: is_bmc, probes: BMC, judge: presence::power },
    Rule { id: "IPMI-52", applies: is_bmc, probes: BMC, judge: sensors::temperatures },
    Rule { id: "IPMI-53", applies: is_bmc, probes: BMC, judge: sensors::fans },
    Rule { id: "IPMI-54", applies: is_bmc, probes: BMC, judge: sensors::voltages },
    Rule { id: "IPMI-55", applies: is_bmc, probes: BMC, judge: supplies::supplies },
    Rule { id: "IPMI-56", applies: is_bmc, probes: BMC, judge: events::events },
    Rule { id: "IPMI-57", applies: is_bmc, probes: BMC, judge: health::health },
    Rule {
        id: "IPMI-58",
        applies: is_bmc_of_a_host,
        probes: &["bmc.redfish", "bmc.ipmi", "host.look"],
        judge: presence::host,
    },
    Rule { id: "IPMI-59", applies: is_bmc, probes: BMC, judge: sensors::inlet },
];

pub(crate) use health::refer;

fn is_bmc(_: &Site, target: &Target) -> bool {
    target.kind == TargetKind::Bmc && target.bmc.is_some()
}

fn is_bmc_of_a_host(site: &Site, target: &Target) -> bool {
    is_bmc(site, target) && host_of(site, target).is_some()
}

/// The machine of a controller, if it is one that we look at over SSH.
fn host_of<'a>(site: &'a Site, bmc: &Target) -> Option<&'a Target> {
    let machine = site.target(bmc.machine.as_ref()?)?;
    machine.ssh.is_some().then_some(machine)
}

/// The name that sentences say: the machine's, else the controller's own.
fn who<'a>(case: &Case<'a>) -> &'a str {
    let machine = case.target.machine.as_ref().and_then(|id| case.site.target(id));
    machine.map_or(&case.target.name, |machine| &machine.name)
}

/// A judgement with everything that follows from the case.
fn judgement(case: &Case<'_>, verdict: Verdict, sentence: impl Into<String>) -> Judgement {
    let next = if verdict.is_finding() { case.spec.next.clone() } else { Vec::new() };
    Judgement {
        check: case.spec.id.clone(),
        target: case.target.id.clone(),
        layer: case.spec.layer,
        verdict,
        sentence: sentence.into(),
        cause: None,
        reason: None,
        refers: None,
        points_at: None,
        evidence: Vec::new(),
        next,
        seen: None,
        since: None,
        source: String::new(),
    }
}

/// A judgement that it could not be judged, and why; what the cause advises comes first.
fn unknown(case: &Case<'_>, what: &str, cause: Option<&Cause>) -> Judgement {
    let Some(cause) = cause else {
        let mut told =
            judgement(case, Verdict::Unknown, format!("{what} of {} not looked at yet", who(case)));
        told.next.clear();
        return told;
    };
    let mut told = judgement(
        case,
        Verdict::Unknown,
        format!("{what} of {} cannot be known: {}", who(case), cause.sentence),
    );
    told.cause = Some(cause.word.clone());
    told.next = vec![cause.next.clone()];
    told.evidence = evidence_of(cause);
    told
}

fn evidence_of(cause: &Cause) -> Vec<Evidence> {
    let line = |shown: &String| Evidence {
        label: cause.word.word().to_owned(),
        shown: shown.clone(),
        seen: None,
    };
    cause.detail.iter().map(line).collect()
}

/// What could be had of one subject.
enum Had<T> {
    /// Fresh facts, when they were seen, and which way they came.
    Facts(T, Option<Stamp>, Way),
    /// The controller answers and offers nothing of the kind.
    NotOffered,
    /// It could not be looked at, and why; `None` when nobody has tried.
    Not(Option<Cause>),
}

/// What is known of the controller under a key. A value that nobody has
/// confirmed for too long is in trouble like one whose look failed.
fn get<T: FactType>(case: &Case<'_>, key: Key<T>) -> Observed<T> {
    let mut observed = case.facts.of(&case.target.id).get(key);
    let seen = observed.seen.filter(|seen| is_stale(case.now, *seen, key.info.probe));
    if let (Some(seen), None) = (seen, &observed.trouble) {
        let (name, age) = (who(case), case.now.since(seen).long());
        observed.trouble = Some(Cause::new(
            CauseWord::TimedOut,
            format!("the BMC of {name} was last seen {age} ago"),
            format!("look again at {name}"),
        ));
    }
    observed
}

/// What IPMI says under its key; where the site says that there is no IPMI,
/// Redfish is the only way and speaks for both.
fn second_way<T: FactType>(
    case: &Case<'_>,
    over_redfish: Key<T>,
    over_ipmi: Key<T>,
) -> Observed<T> {
    let offers_ipmi = case.target.bmc.as_ref().is_none_or(BmcEndpoint::offers_ipmi);
    get(case, if offers_ipmi { over_ipmi } else { over_redfish })
}

/// The facts under a pair of keys, or why there are none.
fn had<T: FactType>(case: &Case<'_>, over_redfish: Key<T>, over_ipmi: Key<T>) -> Had<T> {
    let (seen, way) = best(get(case, over_redfish), get(case, over_ipmi));
    if seen.fresh().is_some() {
        let at = seen.seen;
        return seen.value.map_or(Had::NotOffered, |value| Had::Facts(value, at, way));
    }
    without_facts(&get(case, over_redfish), &second_way(case, over_redfish, over_ipmi))
}

/// The judgement of the facts under a pair of keys: of each way that has them
/// freshly, and of the two the worse, Redfish where they are equal. Without
/// facts `not-yet` with the sentence `not_offered`, or `unknown`.
fn judge_each<T: FactType>(
    case: &Case<'_>,
    (over_redfish, over_ipmi): (Key<T>, Key<T>),
    what: &str,
    not_offered: &str,
    judge: impl Fn(T, Option<Stamp>, Way) -> Judgement,
) -> Judgement {
    let ways = [(over_redfish, Way::Redfish), (over_ipmi, Way::Ipmi)];
    let told = ways.into_iter().filter_map(|(key, way)| {
        let seen = get(case, key);
        seen.fresh()?;
        Some(judge(seen.value?, seen.seen, way))
    });
    let worse = |one: Judgement, other: Judgement| {
        if other.verdict.weight() > one.verdict.weight() { other } else { one }
    };
    told.reduce(worse).unwrap_or_else(|| {
        match without_facts(&get(case, over_redfish), &second_way(case, over_redfish, over_ipmi)) {
            Had::Not(cause) => unknown(case, what, cause.as_ref()),
            _ => judgement(case, Verdict::NotYet, not_offered),
        }
    })
}

/// Why neither way has fresh facts. One way that answered and offers nothing
/// is enough for "not offered", unless the other once gave some, or lost just these.
fn without_facts<T>(one: &Observed<T>, other: &Observed<T>) -> Had<T> {
    let both = [one, other];
    let offers_none = |seen: &&Observed<T>| {
        seen.tried.is_some() && seen.trouble.is_none() && seen.value.is_none()
    };
    let had_some = both.iter().any(|seen| seen.value.is_some());
    let lost = both.iter().any(|seen| seen.trouble.as_ref().is_some_and(is_one_resource));
    if both.iter().any(offers_none) && !had_some && !lost {
        return Had::NotOffered;
    }
    // The trouble of the way that once gave the facts says most.
    let gave = both.iter().find(|seen| seen.value.is_some()).and_then(|seen| seen.trouble.as_ref());
    Had::Not(gave.or(one.trouble.as_ref()).or(other.trouble.as_ref()).cloned())
}

/// Whether the cause is about one resource, not about the way to the controller.
fn is_one_resource(cause: &Cause) -> bool {
    cause.word.word() == "http-status"
}

/// Whether the machine is known to be off, freshly.
fn is_off(case: &Case<'_>) -> bool {
    let (state, _) = best(get(case, redfish::POWER_STATE), get(case, ipmi::POWER_STATE));
    state.fresh().is_some_and(|word| word.0 == "off")
}

/// `1 fan`, `3 fans`.
fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {}", plural(noun)),
    }
}

fn plural(noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{noun}s"),
    }
}

#[cfg(test)]
mod tests;
