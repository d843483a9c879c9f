//! Clocks: against their time servers (HOST-14), and against ours (HOST-55).

use super::{LOOK, has_role, is_host};
use crate::checks::judging::{self, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::hosts as keys;
use crate::domain::{CauseWord, Judgement, Role, seconds_words};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "HOST-14",
        applies: |_, target| {
            use Role::{Bastion, Compute, Control, RouterBox, Storage};
            has_role(target, &[Control, Compute, Storage, RouterBox, Bastion])
        },
        probes: LOOK,
        judge: synchronised,
    },
    Rule { id: "HOST-55", applies: is_host, probes: LOOK, judge: against_ours },
];

fn synchronised(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let name = read.name();
        if read.lost(keys::CLOCK_LEAP).is_some_and(|why| why.word == CauseWord::CommandMissing) {
            return Ok(Ruling::fail(format!("{name} has no chrony: nothing keeps its clock"))
                .then_try([format!("install chrony on {name}")]));
        }
        let leap = read.value(keys::CLOCK_LEAP)?;
        if leap != "Normal" {
            return Ok(Ruling::fail(format!("the clock of {name} is not synchronised: {leap}"))
                .showing("chronyc tracking", leap));
        }
        let offset = read.value(keys::CLOCK_OFFSET)?;
        let (warn, fail) = (read.threshold("offset_warn_s"), read.threshold("offset_fail_s"));
        let far = seconds_words(offset.abs());
        let ruling = if offset.abs() > fail {
            Ruling::fail(format!("the clock of {name} is {far} off"))
        } else if offset.abs() >= warn {
            Ruling::warn(format!("the clock of {name} is {far} off"))
        } else {
            Ruling::pass(format!("the clock of {name} is right"))
        };
        Ok(ruling.showing("chronyc tracking", format!("offset {offset:+.6} s, {leap}")))
    })
}

fn against_ours(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let name = read.name();
        let theirs = read.value(keys::CLOCK)?;
        let script = read.value(keys::SCRIPT_TOOK)?;
        let observed = read.observe(keys::CLOCK);
        let Some(ours) = observed.seen else {
            return Err(judging::NotKnown::because(format!("{name} was not looked at yet")));
        };
        // The answer was on its way for at most this long, and `date` drops fractions.
        let took = case.facts.of(&case.target.id).probe("host.look").map_or(0, |p| p.took_ms);
        let doubt = ((took as f64 - script) / 1000.0).max(0.0) + 1.0;
        let apart = (theirs.0 - ours.0) as f64 / 1000.0;
        let sure = (apart.abs() - doubt).max(0.0);
        let way = if apart < 0.0 { "behind" } else { "ahead of" };
        let sentence = format!("the clock of {name} is {} {way} ours", seconds_words(apart.abs()));
        let ruling = if sure > read.threshold("fail_s") {
            Ruling::fail(sentence)
        } else if sure >= read.threshold("warn_s") {
            Ruling::warn(sentence)
        } else {
            Ruling::pass(format!("the clock of {name} agrees with ours"))
        };
        Ok(ruling.showing("date", theirs.rfc3339()).showing("ours", ours.rfc3339()))
    })
}
