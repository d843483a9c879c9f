//! Whether the accounts of the fabric still have the published development
//! credentials. Hashes are judged where they are read: they are recomputed
//! here, without a login, and only the outcome becomes a fact.

use serde_json::Value;
use sha_crypt::{PasswordVerifier, ShaCrypt};
use sha2::{Digest, Sha256};

use super::section;
use crate::domain::fact::Table;
use crate::domain::keys::Word;
use crate::domain::keys::fabric::survey;
use crate::domain::untrusted::printable;
use crate::probes::documented::{Section, Trouble};
use crate::probes::hosts::parse::json_text;

/// The passwords that the fabric's documentation and generator publish.
const PASSWORDS: [&str; 2] = ["HHFab.Admin!", "HHFab.Op!"];

/// The SSH key that the generator writes with them.
const KEY: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIGpF2+9I1Nj4BcN7y6DjzTbq1VcUYIRGyfzId5ZoBEFj";

/// The form that the agent on a switch takes for a hash; anything else that
/// begins like one is taken for the password itself.
fn is_switch_hash(hash: &str) -> bool {
    let is_of = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"./".contains(&b));
    let parts = hash.strip_prefix("$5$").and_then(|rest| rest.split_once('$'));
    parts
        .is_some_and(|(salt, sum)| salt.len() == 16 && sum.len() == 43 && is_of(salt) && is_of(sum))
}

/// Whether a hash is that of a published password. A number of rounds of its
/// own is not recomputed: it may take any time, and no generator writes it.
fn is_published(hash: &str) -> bool {
    let is_ours = hash.starts_with("$5$") || hash.starts_with("$6$");
    is_ours
        && !hash.contains("$rounds=")
        && hash.len() < 130
        && PASSWORDS
            .iter()
            .any(|password| ShaCrypt::default().verify_password(password.as_bytes(), hash).is_ok())
}

pub(super) const USERS: Section = section(
    "users",
    "t kubectl -n fab get fabricators.fabricator.githedgehog.com default -o jsonpath='{.spec.config.fabric.defaultSwitchUsers}{\"\\n\"}{.spec.config.control.defaultUser}{\"\\n\"}'",
    &[survey::USERS.info],
    |answer, report| {
        let mut lines = answer.ok()?.lines();
        let mut next = || -> Option<Value> { serde_json::from_str(lines.next()?).ok() };
        let switch = next().ok_or(Trouble::Format("the accounts of a fabricator"))?;
        let users = switch.as_object().ok_or(Trouble::Format("the accounts of a fabricator"))?;
        let mut accounts: Vec<(String, &Value)> =
            users.iter().map(|(name, user)| (printable(name), user)).collect();
        let control = next();
        accounts.extend(control.iter().map(|user| ("core".to_owned(), user)));
        report.learn(survey::USERS, judged(&accounts));
        Ok(())
    },
);

/// The accounts with what is said of their credentials.
fn judged(accounts: &[(String, &Value)]) -> Table {
    let hash_of =
        |user: &Value| user.get("password").and_then(Value::as_str).unwrap_or_default().to_owned();
    let columns = ["user", "role", "password", "keys", "default_key", "fingerprint"];
    let mut table = Table::new(&columns);
    for (name, user) in accounts {
        let hash = hash_of(user);
        // Independent hashes never share a salt: one generator wrote them all.
        let twins = accounts.iter().filter(|(_, other)| hash_of(other) == hash).count();
        let password = if is_published(&hash) {
            "default"
        } else if !is_switch_hash(&hash) {
            "unusable"
        } else if twins > 1 {
            "likely-default"
        } else {
            "changed"
        };
        let keys = user.get("authorizedKeys").and_then(Value::as_array);
        let keys = || keys.into_iter().flatten().filter_map(Value::as_str);
        let has_default_key = keys().any(|key| key.split_whitespace().nth(1) == Some(KEY));
        let digest = Sha256::digest(hash.as_bytes());
        let fingerprint: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        table.push(vec![
            name.clone(),
            json_text(user.get("role")),
            password.to_owned(),
            keys().count().to_string(),
            if has_default_key { "yes" } else { "no" }.to_owned(),
            fingerprint,
        ]);
    }
    table
}

pub(super) const SHADOW: Section = Section {
    program: "getent",
    ..section("shadow", "r getent shadow core", &[survey::CORE_PASSWORD.info], |answer, report| {
        let hash = answer.ok()?.split(':').nth(1);
        let hash = hash.ok_or(Trouble::Format("an entry of the shadow file"))?;
        let word = if is_published(hash) {
            "default"
        } else if hash.starts_with(['!', '*']) || hash.is_empty() {
            "locked"
        } else {
            "changed"
        };
        report.learn(survey::CORE_PASSWORD, Word(word.to_owned()));
        Ok(())
    })
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_hashes_are_recomputed() {
        for hash in [
            "$5$8nAYPGcl4l6G7Av1$Qi4/gnM0yPtGv9kjpMh78NuNSfQWy7vR1rulHpurL36",
            "$5$oj/NxDtFw3eTyini$VHwdjWXSNYRxlFMu.1S5ZlGJbUF/CGmCAZIBroJlax4",
        ] {
            assert!(is_published(hash) && is_switch_hash(hash), "{hash}");
        }
        for hash in ["", "$5$", "!", "$5$rounds=999999999$8nAYPGcl4l6G7Av1$x", "$2b$10$abc", "$y$j"]
        {
            assert!(!is_published(hash) && !is_switch_hash(hash), "{hash}");
        }
    }
}
