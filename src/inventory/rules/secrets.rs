//! V-SEC: what must be sealed, and by one password.

use std::collections::BTreeSet;

use super::findings::Findings;
use super::forms;
use super::reading::At;
use super::types::matches;
use super::view::{View, walk};
use crate::domain::{CauseWord, Place};
use crate::inventory::Kind;
use crate::inventory::vault::VaultError;

const SEAL: &str = "seal it with ansible-vault encrypt_string, or refer to a sealed variable";

/// V-SEC-01: variables marked `vault` are sealed, or refer to one that is.
pub fn secrets_are_sealed(view: &View<'_>, out: &mut Findings<'_>) {
    judge_marked(view, out, "vault");
}

/// V-SEC-02: variables marked `should` are sealed.
pub fn credentials_should_be_sealed(view: &View<'_>, out: &mut Findings<'_>) {
    judge_marked(view, out, "should");
}

fn judge_marked(view: &View<'_>, out: &mut Findings<'_>, mark: &str) {
    for declared in view.declared() {
        for variable in view.case.variables.below(declared.name) {
            if variable.secret != mark {
                continue;
            }
            for found in matches(declared.at, variable) {
                judge_sealed(found.at, &found.path(), out);
            }
        }
    }
}

fn judge_sealed(at: At<'_>, path: &str, out: &mut Findings<'_>) {
    if at.is_empty() || at.is_sealed() {
        return;
    }
    if at.resolved().node.is_template() {
        let sentence = format!("{path} is a template, and what it refers to is not in these files");
        out.unknown(at.place(), super::reading::template(), sentence, SEAL);
        return;
    }
    out.broken(at.place(), format!("{path} is in clear text"), SEAL);
}

/// V-SEC-03: all vault values open with the same password.
pub fn one_password_opens_all(view: &View<'_>, out: &mut Findings<'_>) {
    let mut sealed: Vec<(&str, &Place)> = Vec::new();
    let mut seen = BTreeSet::new();
    for declared in view.declared() {
        walk(declared.at.node, declared.name, &mut |node, _| {
            if let Kind::Vault(text) = &node.kind
                && seen.insert((&node.place, text.as_str()))
            {
                sealed.push((text, &node.place));
            }
        });
    }
    let Some((_, first)) = sealed.iter().min_by_key(|(_, place)| *place) else { return };
    if view.case.vault.is_empty() {
        let sentence = match sealed.len() {
            1 => "1 vault value is sealed, and no password was given to open it".to_owned(),
            n => format!("{n} vault values are sealed, and no password was given to open them"),
        };
        let hint = "name a vault password file to judge it";
        out.unknown(first, CauseWord::PasswordSealed, sentence, hint);
        return;
    }
    let tried: Vec<_> =
        sealed.iter().map(|(text, place)| (view.case.vault.open(text), *place)).collect();
    let refused =
        tried.iter().filter(|(opened, _)| matches!(opened, Err(VaultError::WrongPassword { .. })));
    if sealed.len() > 1 && refused.count() == sealed.len() {
        let sentence = format!("the password opens none of the {} vault values", sealed.len());
        let hint = "it is not the one that sealed them: name its file with --vault-password-file, \
                    or with `vault: {password_file: FILE}` in shopfloor.yml";
        out.broken(first, sentence, hint);
        return;
    }
    for (opened, place) in tried {
        match opened {
            Ok(_) => {}
            Err(VaultError::NoPassword { label }) => {
                let label = label.unwrap_or_default();
                let sentence = format!("no password was given for the vault label {label:?}");
                out.unknown(
                    place,
                    CauseWord::PasswordSealed,
                    sentence,
                    "name its password file as well",
                );
            }
            Err(VaultError::WrongPassword { .. }) => {
                let hint = "seal it anew with the password of the others, or give the password \
                            that sealed it";
                out.broken(place, "this vault value does not open with the password", hint);
            }
            Err(VaultError::Malformed(what)) => {
                let sentence = format!("this vault value cannot be opened: {what}");
                out.broken(place, sentence, "seal the value anew");
            }
        }
    }
}

/// V-SEC-04: clear text that looks like a secret.
pub fn nothing_looks_like_a_secret(view: &View<'_>, out: &mut Findings<'_>) {
    for declared in view.declared() {
        walk(declared.at.node, declared.name, &mut |node, key| {
            let Kind::Str(text) = &node.kind else { return };
            if let Some(what) = looks_secret(key, text) {
                out.broken(&node.place, format!("the value of {key} looks like {what}"), SEAL);
            }
        });
    }
}

/// What kind of secret a clear text looks like. Certificates and public keys
/// in PEM form begin alike and are none.
pub fn looks_secret(key: &str, text: &str) -> Option<&'static str> {
    let public = text.contains("-----BEGIN CERTIFICATE") || text.contains("-----BEGIN PUBLIC KEY");
    if text.contains("ghp_") || text.contains("github_pat_") {
        Some("a GitHub token")
    } else if text.contains("GOCSPX-") {
        Some("a Google client secret")
    } else if text.contains("sig=") {
        Some("a signed URL, which is a credential")
    } else if (text.contains("-----BEGIN") && !public)
        || (forms::is_key32(text) && key.to_lowercase().contains("private"))
    {
        Some("a private key")
    } else {
        None
    }
}
