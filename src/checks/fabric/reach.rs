//! Whether the controller's virtual machine runs and lets us in.

use super::on_controller;
use crate::checks::hosts::{LOOK, has_role, rows};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::fabric::console;
use crate::domain::keys::{hosts, router};
use crate::domain::{CauseWord, Judgement, Role};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "HH-01",
        applies: |site, target| {
            has_role(target, &[Role::RouterBox])
                && site.targets.iter().any(|other| other.is(Role::FabricController))
        },
        probes: LOOK,
        judge: state,
    },
    Rule { id: "HH-02", applies: on_controller, probes: LOOK, judge: port },
    Rule { id: "HH-03", applies: on_controller, probes: LOOK, judge: key },
    Rule {
        id: "HH-13",
        applies: |site, target| {
            has_role(target, &[Role::Bastion])
                && site.targets.iter().any(|other| other.is(Role::FabricController))
        },
        probes: &["fabric.console"],
        judge: kubeconfig,
    },
];

fn state(case: &Case<'_>) -> Judgement {
    let domain = case.site.fabric_domain();
    judging::from(case, router::DOMAINS, |read, domains| {
        let on = read.name();
        let state = rows(&domains).find(|row| row.get("name") == domain);
        match state.map(|row| row.get("state")) {
            Some("running" | "idle") => {
                Ruling::pass(format!("the fabric controller's VM {domain} runs on {on}"))
            }
            Some("shut off") => {
                Ruling::warn(format!("the fabric controller's VM {domain} is shut off"))
            }
            Some(state) => Ruling::fail(format!("the fabric controller's VM {domain} is {state}")),
            None => Ruling::fail(format!("{on} has no VM {domain}")),
        }
        .pointing_at(domain)
    })
}

/// The trouble of the last look at the controller over SSH.
fn trouble(read: &mut judging::Reading<'_>) -> Result<Option<crate::domain::Cause>, NotKnown> {
    let seen = read.observe(hosts::CLOCK);
    let looked = read.case.facts.of(&read.case.target.id).probe("host.look");
    match looked.and_then(|look| look.trouble.clone()) {
        Some(cause) => Ok(Some(cause)),
        None if seen.value.is_some() => read.value(hosts::CLOCK).map(|_| None),
        None => Err(NotKnown::because(format!("{} was not looked at yet", read.name()))),
    }
}

fn port(case: &Case<'_>) -> Judgement {
    use CauseWord as W;
    judging::judge(case, |read| {
        let name = read.name();
        let open = Ruling::pass(format!("{name} speaks SSH"));
        let Some(cause) = trouble(read)? else { return Ok(open) };
        Ok(match cause.word {
            W::AuthRefused | W::KeyUnknown | W::KeyChanged => open,
            W::Refused | W::NoRoute | W::TimedOut | W::Reset | W::NoBanner | W::Silent | W::Cut
                if cause.behind.is_none() =>
            {
                Ruling::fail(cause.sentence.clone()).caused_by(cause.word).then_try([cause.next])
            }
            _ => return Err(NotKnown::from_cause(&cause)),
        })
    })
}

fn key(case: &Case<'_>) -> Judgement {
    use CauseWord as W;
    judging::judge(case, |read| {
        let name = read.name();
        let Some(cause) = trouble(read)? else {
            return Ok(Ruling::pass(format!("{name} takes the key of the environment")));
        };
        let sentence = cause.sentence.clone();
        let ruling = match cause.word {
            W::AuthRefused if cause.behind.is_none() => Ruling::warn(format!(
                "{sentence}: the key of the environment is not registered there yet"
            )),
            W::KeyChanged if cause.behind.is_none() => {
                Ruling::fail(sentence).because("host-key.changed")
            }
            W::Refused | W::NoRoute | W::TimedOut | W::Reset | W::NoBanner | W::Silent | W::Cut
                if cause.behind.is_none() =>
            {
                Ruling::fail(sentence)
            }
            _ => return Err(NotKnown::from_cause(&cause)),
        };
        Ok(ruling.caused_by(cause.word).then_try([cause.next]))
    })
}

fn kubeconfig(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let word = read.value(console::KUBECONFIG)?;
        let server = read.maybe(console::SERVER)?.unwrap_or_default();
        let is_local = ["127.0.0.1", "localhost", "[::1]"].iter().any(|own| server.contains(own));
        Ok(if is_local {
            Ruling::fail(format!("the console's kubeconfig of the fabric points at {server}"))
        } else if word.0 == "ok" {
            Ruling::pass("the console's kubeconfig opens the fabric's API")
        } else {
            Ruling::fail("the console's kubeconfig does not open the fabric's API")
        }
        .showing("server", server))
    })
}
