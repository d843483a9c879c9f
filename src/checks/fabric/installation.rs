//! The installation of the controller: its API, its installer.

use super::{LOOK, on_controller};
use crate::checks::hosts::{is_yes, rows};
use crate::checks::judging::{self, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::fabric as keys;
use crate::domain::{CauseWord, Judgement};

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "HH-06", applies: on_controller, probes: LOOK, judge: api },
    Rule { id: "HH-07", applies: on_controller, probes: LOOK, judge: installer },
];

fn api(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        if let Some(cause) = read.lost(keys::API)
            && cause.word == CauseWord::Refused
        {
            let sentence = format!("the Kubernetes API of {} refuses connections", read.name());
            return Ok(Ruling::fail(sentence).caused_by(CauseWord::Refused));
        }
        let word = read.value(keys::API)?;
        let failing = read.maybe(keys::API_FAILING)?.unwrap_or_default();
        let name = read.name();
        let ruling = if word.0 == "ready" {
            Ruling::pass(format!("the Kubernetes API of {name} is ready"))
        } else {
            Ruling::warn(format!("the Kubernetes API of {name} answers and is not ready"))
        };
        Ok(if failing.is_empty() { ruling } else { ruling.showing("failing", failing.join(", ")) })
    })
}

fn installer(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let units = read.value(keys::INSTALLER)?;
        let is_whole = is_yes(&read.value(keys::INSTALLED)?);
        let errors = read.value(keys::INSTALL_ERRORS)?;
        let name = read.name();
        let in_state = |state: &str| rows(&units).find(|row| row.get("state") == state);
        let works = in_state("active").or_else(|| in_state("activating"));
        let ruling = if let Some(row) = in_state("failed") {
            Ruling::fail(format!("{} of {name} has failed", row.get("unit")))
        } else if works.is_some() && !is_whole {
            Ruling::warn(format!("the installer of {name} is still at work"))
        } else if !errors.is_empty() && !is_whole {
            Ruling::fail(format!("the installer of {name} logged errors"))
        } else if is_whole {
            Ruling::pass(format!("the installation of {name} is complete"))
        } else {
            Ruling::warn(format!(
                "the installer of {name} is not at work and has not noted its end"
            ))
        };
        let shown: Vec<String> =
            rows(&units).map(|row| format!("{} {}", row.get("unit"), row.get("state"))).collect();
        let ruling = ruling.showing("units", shown.join(", "));
        Ok(match errors.last() {
            Some(error) => ruling.showing("last error", error.clone()),
            None => ruling,
        })
    })
}
