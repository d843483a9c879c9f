//! IPMI-51 and IPMI-58: is the machine powered, and does what we hear from the
//! controller agree with what we hear from the machine itself.

use super::{Had, get, had, host_of, judgement, unknown, who};
use crate::checks::Case;
use crate::checks::judging::{is_stale, older};
use crate::domain::keys::Word;
use crate::domain::keys::hosts::LOOK;
use crate::domain::keys::power::{Way, ipmi, redfish};
use crate::domain::{Cause, CauseWord, Evidence, Judgement, Stamp, Verdict};

fn power_evidence(way: Way, state: &str, seen: Option<Stamp>) -> Evidence {
    Evidence { label: format!("power over {}", way.word()), shown: state.to_owned(), seen }
}

/// IPMI-51: on, and both ways say so.
pub fn power(case: &Case<'_>) -> Judgement {
    let (one, other) = (get(case, redfish::POWER_STATE), get(case, ipmi::POWER_STATE));
    let name = who(case);
    if let (Some(Word(over_redfish)), Some(Word(over_ipmi))) = (one.fresh(), other.fresh())
        && over_redfish != over_ipmi
        && over_redfish != "changing"
    {
        let sentence = format!("Redfish says {name} is {over_redfish}, IPMI says {over_ipmi}");
        let mut told = judgement(case, Verdict::Warn, sentence);
        told.reason = Some("power.disagree".to_owned());
        told.evidence = vec![
            power_evidence(Way::Redfish, over_redfish, one.seen),
            power_evidence(Way::Ipmi, over_ipmi, other.seen),
        ];
        told.seen = older(one.seen, other.seen);
        told.source = "redfish, ipmi".to_owned();
        return told;
    }
    let (state, seen, way) = match had(case, redfish::POWER_STATE, ipmi::POWER_STATE) {
        Had::Facts(Word(state), seen, way) => (state, seen, way),
        Had::NotOffered => {
            let sentence = format!("the BMC of {name} does not say whether it is powered");
            return judgement(case, Verdict::Unknown, sentence);
        }
        Had::Not(cause) => return unknown(case, "power", cause.as_ref()),
    };
    let (verdict, sentence) = match state.as_str() {
        "on" => (Verdict::Pass, format!("{name} is powered on")),
        "off" => (Verdict::Fail, format!("{name} is powered off")),
        _ => (Verdict::Warn, format!("{name} is between on and off")),
    };
    let mut told = judgement(case, verdict, sentence);
    told.reason = (state == "off").then(|| "power.off".to_owned());
    told.evidence = vec![power_evidence(way, &state, seen)];
    told.seen = seen;
    told.source = way.word().to_owned();
    told
}

/// How the machine itself fares over SSH.
enum Host {
    /// It speaks SSH with us, if only to refuse us.
    Answers,
    /// Nothing comes back.
    Silent,
    /// We cannot tell, because the trouble is ours.
    Untold,
}

fn host_by(cause: Option<&Cause>) -> Host {
    let Some(cause) = cause else { return Host::Answers };
    // A jump host that turns us away says nothing of the host behind it.
    if cause.behind.is_some() {
        return Host::Untold;
    }
    match cause.word {
        CauseWord::Refused
        | CauseWord::NoRoute
        | CauseWord::TimedOut
        | CauseWord::Reset
        | CauseWord::NoBanner
        | CauseWord::Silent
        | CauseWord::Cut => Host::Silent,
        CauseWord::AuthRefused
        | CauseWord::KeyUnknown
        | CauseWord::KeyChanged
        | CauseWord::SudoPassword
        | CauseWord::CommandMissing
        | CauseWord::TooLarge => Host::Answers,
        // Something else may listen there, or the trouble is ours or a jump host's.
        CauseWord::NameUnknown
        | CauseWord::PasswordSealed
        | CauseWord::Garbled
        | CauseWord::System(_) => Host::Untold,
    }
}

/// IPMI-58: what the controller says of the machine and what the machine itself does agree.
pub fn host(case: &Case<'_>) -> Judgement {
    let Some(machine) = host_of(case.site, case.target) else {
        let sentence = format!("{} is not a machine that is asked over SSH", who(case));
        return judgement(case, Verdict::NotYet, sentence);
    };
    let name = &machine.name;
    let looked = case.facts.of(&machine.id).probe(LOOK.name).filter(|look| look.tried.is_some());
    let Some(look) = looked else {
        let mut told =
            judgement(case, Verdict::Unknown, format!("{name} has not been asked over SSH yet"));
        told.next.clear();
        return told;
    };
    if let Some(tried) = look.tried.filter(|tried| is_stale(case.now, *tried, &LOOK)) {
        let age = case.now.since(tried).long();
        let sentence = format!("{name} was last asked over SSH {age} ago");
        let mut told = judgement(case, Verdict::Unknown, sentence);
        told.next = vec![format!("look again at {name}")];
        return told;
    }
    let host = host_by(look.trouble.as_ref());
    let (state, seen, way) = match had(case, redfish::POWER_STATE, ipmi::POWER_STATE) {
        Had::Facts(Word(state), seen, way) => (state, seen, way),
        // The host answers: whether its controller does is the matter of IPMI-50.
        _ if matches!(host, Host::Answers) => {
            let mut told = judgement(case, Verdict::Pass, format!("{name} answers over SSH"));
            told.seen = look.tried;
            told.source = "ssh".to_owned();
            return told;
        }
        Had::NotOffered => {
            let sentence = format!("the BMC of {name} does not say whether it is powered");
            return judgement(case, Verdict::Unknown, sentence);
        }
        Had::Not(cause) => return unknown(case, "power", cause.as_ref()),
    };
    let off = state == "off";
    let (verdict, sentence, reason) = match host {
        Host::Answers if off => (
            Verdict::Warn,
            format!("{name} answers over SSH, but its BMC says it is powered off"),
            Some("presence.contradiction"),
        ),
        Host::Answers => (Verdict::Pass, format!("{name} and its BMC both answer"), None),
        // IPMI-51 is the one that says so; this one would only repeat it.
        Host::Silent if off => {
            let sentence = format!("{name} is powered off (IPMI-51), it cannot answer");
            (Verdict::NotYet, sentence, Some("power.off"))
        }
        // The controller is well, so this is no matter of its layer: HOST-01 says
        // that the host does not answer, and that its BMC does.
        Host::Silent => {
            let sentence = format!(
                "the BMC of {name} answers and says power {state}; that {name} does not is told by HOST-01"
            );
            (Verdict::NotYet, sentence, Some("presence.host-silent"))
        }
        Host::Untold => {
            let sentence = format!(
                "the BMC of {name} answers and says power {state}; whether {name} does is not known (HOST-01)"
            );
            (Verdict::NotYet, sentence, None)
        }
    };
    let mut told = judgement(case, verdict, sentence);
    told.reason = reason.map(str::to_owned);
    told.evidence = vec![
        power_evidence(way, &state, seen),
        Evidence {
            label: "ssh".to_owned(),
            shown: look
                .trouble
                .as_ref()
                .map_or_else(|| "answers".to_owned(), |c| c.sentence.clone()),
            seen: look.tried,
        },
    ];
    told.seen = older(seen, look.tried);
    told.source = format!("{}, ssh", way.word());
    told
}
