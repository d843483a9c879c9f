//! Whether a host answers at all (HOST-01), and the bastion by name (BAST-01).

use super::{LOOK, has_role, is_host};
use crate::checks::judging::{self, NotKnown, Reading, Ruling};
use crate::checks::router::vm_of;
use crate::checks::{Case, Rule};
use crate::domain::keys::{Word, hosts as keys, power};
use crate::domain::{CauseWord, Judgement, Role};

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "HOST-01", applies: is_host, probes: LOOK, judge: answers },
    Rule { id: "HOST-57", applies: is_host, probes: LOOK, judge: holds },
    Rule {
        id: "BAST-01",
        applies: |_, target| has_role(target, &[Role::Bastion]),
        probes: LOOK,
        judge: |case| {
            judging::judge(case, |read| {
                // Reachability itself is the rule, so its trouble is a failure here too.
                if let Some(ruling) = trouble(read)? {
                    return Ok(ruling);
                }
                let hostname = read.value(keys::HOSTNAME)?;
                Ok(Ruling::pass(format!("{} answers as {hostname}", read.name()))
                    .showing("uname -n", hostname))
            })
        },
    },
];

fn answers(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        if let Some(ruling) = trouble(read)? {
            return Ok(ruling);
        }
        // Any fact of the look shows that it answered, and how long ago.
        read.value(keys::CLOCK)?;
        let script = read.value(keys::SCRIPT_TOOK)?;
        let took = case.facts.of(&case.target.id).probe("host.look").map_or(0, |p| p.took_ms);
        let seconds = ((took as f64 - script) / 1000.0).max(0.0);
        let name = read.name();
        let ruling = if seconds > read.threshold("slow_s") {
            Ruling::warn(format!("{name} answers on SSH, but slowly: after {seconds:.1} s"))
        } else {
            Ruling::pass(format!("{name} answers on SSH"))
        };
        Ok(ruling.showing("SSH without the script", format!("{seconds:.2} s")))
    })
}

/// A host may answer every look and still throw everybody out between two of them.
fn holds(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let cuts = read.value(keys::CONNECTION_CUTS)?;
        let held = read.value(keys::CONNECTION_HELD)?;
        let age = read.value(keys::CONNECTION_AGE)?;
        let name = read.name();
        let steady = age > read.threshold("steady_s") && age > 2.0 * held;
        let ruling = if cuts >= read.threshold("cuts") && !steady {
            Ruling::warn(format!(
                "the connection to {name} broke {cuts:.0} times in ten minutes, after {held:.0} s at most"
            ))
        } else {
            Ruling::pass(format!("the connection to {name} holds"))
        };
        Ok(ruling.showing("broken in ten minutes", format!("{cuts:.0} connections")))
    })
}

/// The ruling when the last look found no way in; `None` when it did.
pub(crate) fn trouble<'a>(read: &mut Reading<'a>) -> Result<Option<Ruling>, NotKnown> {
    use CauseWord as W;
    let Some(cause) = read.observe(keys::CLOCK).trouble else { return Ok(None) };
    let probe = read.case.facts.of(&read.case.target.id).probe("host.look");
    if probe.is_none_or(|probe| probe.trouble.is_none()) {
        // SSH works; only this one fact is missing.
        return Ok(None);
    }
    if matches!(
        cause.word,
        W::PasswordSealed | W::Garbled | W::TooLarge | W::CommandMissing | W::SudoPassword
    ) {
        // Our own key is sealed, or SSH let us in and what came cannot be understood:
        // whether the host is well cannot be told from it.
        return Err(NotKnown::from_cause(&cause));
    }
    let (mut sentence, mut next) = (cause.sentence.clone(), cause.next.clone());
    if let Some((on, label, state)) = vm_of(read.case).filter(|(.., state)| state != "running") {
        // As with a machine without power: nothing that SSH says of it is of use.
        sentence = format!("{} is {state}, says {on}; {sentence}", read.name());
        next = format!("virsh start {label} on {on}, unless somebody stopped it on purpose");
    }
    match what_the_bmc_says(read.case) {
        // Said first: nothing that SSH says of a machine without power is of use.
        Some(Bmc::Off) => {
            sentence = format!("{} is powered off, says its BMC; {sentence}", read.name());
            next = format!("switch {} on, unless somebody switched it off on purpose", read.name());
        }
        Some(Bmc::Says(also)) => sentence = format!("{sentence}; {also}"),
        None => {}
    }
    let mut ruling = Ruling::fail(sentence).caused_by(cause.word.clone()).then_try([next]);
    for line in &cause.detail {
        ruling = ruling.showing("detail", line.clone());
    }
    Ok(Some(ruling))
}

/// What a machine's management controller says while SSH finds no way in.
enum Bmc {
    /// The power is off.
    Off,
    /// `its BMC answers and says the power is on`, or that it is silent too.
    Says(String),
}

/// `None` when there is none, or it was not asked yet.
fn what_the_bmc_says(case: &Case<'_>) -> Option<Bmc> {
    let bmc = case.site.bmc_of(&case.target.id)?;
    let facts = case.facts.of(&bmc.id);
    let power = [power::redfish::POWER_STATE, power::ipmi::POWER_STATE]
        .into_iter()
        .find_map(|key| facts.get(key).fresh().map(|Word(state)| state.clone()));
    match power.as_deref() {
        Some("off") => return Some(Bmc::Off),
        Some(state) => {
            return Some(Bmc::Says(format!("its BMC answers and says the power is {state}")));
        }
        None => {}
    }
    let asked = facts.probes.values().any(|probe| probe.tried.is_some());
    let answers =
        facts.probes.values().any(|probe| probe.answered.is_some() && probe.trouble.is_none());
    match (asked, answers) {
        (true, true) => Some(Bmc::Says("its BMC answers".to_owned())),
        (true, false) => Some(Bmc::Says("its BMC does not answer either".to_owned())),
        (false, _) => None,
    }
}
