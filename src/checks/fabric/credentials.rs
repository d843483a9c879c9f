//! Published credentials, keys.

use super::{SURVEY, on_controller};
use crate::checks::hosts::{and_list, rows};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::Judgement;
use crate::domain::keys::fabric::survey;

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "HH-04", applies: on_controller, probes: SURVEY, judge: keys },
    Rule { id: "HH-05", applies: on_controller, probes: SURVEY, judge: password },
    Rule { id: "HH-10", applies: on_controller, probes: SURVEY, judge: users },
];

/// Names of the set of keys that an installation begins with.
const PROVISIONING: [&str; 4] =
    ["ignition", "coreos-ignition", "coreos-cloudinit", "old_authorized_keys"];

fn keys(case: &Case<'_>) -> Judgement {
    judging::from(case, survey::KEY_SETS, |read, sets| {
        let name = read.name();
        let mut names: Vec<&str> = rows(&sets).map(|row| row.get("set")).collect();
        names.dedup();
        let old: Vec<&str> =
            names.iter().copied().filter(|set| PROVISIONING.contains(set)).collect();
        if names.is_empty() {
            Ruling::fail(format!("no set of SSH keys is registered on {name}"))
        } else if names.len() == old.len() {
            Ruling::fail(format!(
                "{name} has only the key of its installation, no key of this site"
            ))
        } else if !old.is_empty() {
            Ruling::fail(format!(
                "{name} still takes the key of its installation ({})",
                and_list(&old)
            ))
        } else {
            Ruling::pass(format!("{name} takes the keys of this site alone"))
        }
        .showing("sets of keys", names.join(", "))
    })
}

fn password(case: &Case<'_>) -> Judgement {
    judging::from(case, survey::CORE_PASSWORD, |read, word| {
        let name = read.name();
        match word.0.as_str() {
            "default" => {
                Ruling::fail(format!("the account of {name} still has the published password"))
            }
            "locked" => Ruling::pass(format!("the account of {name} takes no password")),
            _ => Ruling::pass(format!("the account of {name} has a password of its own")),
        }
    })
}

fn users(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let users = read.value(survey::USERS)?;
        let of = |name: &str| rows(&users).find(|row| row.get("user") == name);
        let (Some(admin), Some(operator)) = (of("admin"), of("op")) else {
            return Ok(Ruling::fail("the switches have no users admin and op"));
        };
        if users.rows.is_empty() {
            return Err(NotKnown::because("the fabricator names no users"));
        }
        let named = |word: &str| -> Vec<&str> {
            let found = rows(&users).filter(|row| row.get("password") == word);
            found.map(|row| row.get("user")).collect()
        };
        let with_key: Vec<&str> = rows(&users)
            .filter(|row| row.get("default_key") == "yes")
            .map(|row| row.get("user"))
            .collect();
        let (default, likely, unusable) =
            (named("default"), named("likely-default"), named("unusable"));
        let mut wrong = Vec::new();
        if !default.is_empty() {
            wrong.push(format!("the published password opens {}", and_list(&default)));
        }
        if !with_key.is_empty() {
            wrong.push(format!("the published SSH key opens {}", and_list(&with_key)));
        }
        if !likely.is_empty() {
            wrong
                .push(format!("{} share one hash, so one generator wrote them", and_list(&likely)));
        }
        if !unusable.is_empty() {
            wrong.push(format!(
                "what stands for the password of {} is no hash that a switch takes",
                and_list(&unusable)
            ));
        }
        for (row, role) in [(admin, "admin"), (operator, "operator")] {
            if row.get("role") != role {
                wrong.push(format!("{} has not the role {role}", row.get("user")));
            }
        }
        if admin.number("keys") == Some(0.0) {
            wrong.push("admin has no SSH key".to_owned());
        }
        let shown: Vec<String> = rows(&users)
            .map(|row| format!("{} {}", row.get("user"), row.get("fingerprint")))
            .collect();
        let ruling = if wrong.is_empty() {
            Ruling::pass("the users of the switches have credentials of their own")
        } else {
            Ruling::fail(wrong.join("; ")).because(if !default.is_empty() || !with_key.is_empty() {
                "credentials.default"
            } else if !likely.is_empty() {
                "credentials.likely-default"
            } else {
                "credentials.incomplete"
            })
        };
        Ok(ruling.showing("fingerprints of hashes", shown.join(", ")))
    })
}
