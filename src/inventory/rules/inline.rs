//! V-TYPE-51 and 53: the inline checks of the tables of variables.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ipnet::IpNet;

use super::findings::Findings;
use super::forms;
use super::reading::{At, Reading};
use super::types::{Found, Sheets};
use super::view::{View, list_or_one};
use crate::domain::Place;
use crate::inventory::Kind;
use crate::inventory::variables::{Check, Variable};

/// Judges one value by one check.
pub(super) fn judge_check(
    view: &View<'_>,
    variable: &Variable,
    check: &Check,
    one: &Found<'_>,
    sheets: &mut Sheets<'_>,
) {
    let place = one.at.place();
    let out = &mut sheets.form;
    if let Check::SecretLength(_) | Check::SecretPrefix(_) = check {
        judge_secret(view, check, one, out);
        return;
    }
    if *check == Check::NotEmpty {
        if one.at.is_empty() {
            out.broken(place, format!("{} is empty", one.path()), "");
        }
        return;
    }
    if one.at.is_empty() {
        return;
    }
    if let Check::EachPattern(_) | Check::EachOf(_) | Check::EachName | Check::EachSshKey = check {
        for item in list_or_one(one.at) {
            if let Reading::Known(text) = item.text() {
                judge_text(check, &text, one, item.place(), variable, sheets);
            }
        }
        return;
    }
    if let Check::SameAs(other) = check {
        judge_same(view, other, one, out);
        return;
    }
    // The key file is looked at by the text of its path; templates and sealed values stay open.
    let text = match check {
        Check::Key32 => {
            one.at.secret(view.case.vault).known().map(|text| Cow::Owned(text.to_string()))
        }
        _ => one.at.words().known(),
    };
    if let Some(text) = text {
        judge_text(check, &text, one, place, variable, sheets);
    }
}

fn judge_text(
    check: &Check,
    text: &str,
    one: &Found<'_>,
    place: &Place,
    variable: &Variable,
    sheets: &mut Sheets<'_>,
) {
    let text = text.trim();
    if holds(check, text) {
        return;
    }
    if let Check::WarnUnless(_) | Check::WarnIf(_) = check {
        sheets.advice.broken(place, format!("{} is {text}", one.path()), &variable.rule);
        return;
    }
    let is_private =
        !variable.secret.is_empty() || super::secrets::looks_secret("", text).is_some();
    let said = if is_private {
        String::new()
    } else {
        format!(" {:?}", crate::domain::untrusted::printable(text))
    };
    let (path, wanted) = (one.path(), wanted(check, text));
    let sentence = format!("{path} is{said} not as it should be: wanted is {wanted}");
    sheets.form.broken(place, sentence, "");
}

/// Whether a text passes a check; a text of the wrong type passes what asks for
/// a number or a network, because the type rule has said so already.
fn holds(check: &Check, text: &str) -> bool {
    let number = || text.parse::<f64>().ok();
    let net = || text.parse::<IpNet>().ok();
    match check {
        Check::Range(low, high) => number().is_none_or(|n| (*low..=*high).contains(&n)),
        Check::AtLeast(low) => number().is_none_or(|n| n >= *low),
        Check::Above(low) => number().is_none_or(|n| n > *low),
        Check::AtLeastSeconds(low) => forms::duration_seconds(text).is_none_or(|n| n >= *low),
        Check::Pattern(form) | Check::EachPattern(form) => form.matches(text),
        Check::EachOf(words) => words.iter().any(|word| word == text),
        Check::Only(value) | Check::WarnUnless(value) => text == value,
        Check::WarnIf(value) => text != value,
        Check::Prefix(bits) => net().is_none_or(|net| net.prefix_len() == *bits),
        Check::NetworkAddress => net().is_none_or(|net| net.trunc() == net),
        Check::Absolute => text.starts_with('/'),
        Check::SshDirectory => text.starts_with("~/.ssh/"),
        Check::DnsLabel => forms::is_label(text),
        Check::DomainName | Check::EachName => forms::is_domain(text),
        Check::Mail => forms::is_mail(text),
        Check::Key32 => forms::is_key32(text),
        Check::SshKey | Check::EachSshKey => forms::is_ssh_key(text),
        Check::Quantity => forms::is_quantity(text),
        Check::SecondsText => number().is_some_and(|n| n > 0.0),
        // Judged where they are more than a text.
        Check::NotEmpty
        | Check::Unique
        | Check::SameAs(_)
        | Check::SecretLength(_)
        | Check::SecretPrefix(_) => true,
    }
}

/// What a check asks for, for messages.
fn wanted(check: &Check, text: &str) -> String {
    match check {
        Check::Range(low, high) => format!("{low} to {high}"),
        Check::AtLeast(low) => format!("at least {low}"),
        Check::Above(low) => format!("above {low}"),
        Check::AtLeastSeconds(low) => format!("at least {low} s"),
        Check::Pattern(form) | Check::EachPattern(form) => format!("the form {}", form.text()),
        Check::EachOf(words) => format!("one of {}", words.join(", ")),
        Check::Only(value) => value.clone(),
        Check::Prefix(bits) => format!("a prefix of /{bits}"),
        Check::NetworkAddress => {
            let net = text.parse::<IpNet>().map(|net| net.trunc().to_string());
            format!("the network address {}", net.unwrap_or_default())
        }
        Check::Absolute => "an absolute path".to_owned(),
        Check::SshDirectory => "a path below ~/.ssh/, which the installer mounts".to_owned(),
        Check::DnsLabel => "letters, digits and inner hyphens".to_owned(),
        Check::DomainName | Check::EachName => "a domain name".to_owned(),
        Check::Mail => "a mail address".to_owned(),
        Check::Key32 => "44 characters of base64 that are 32 bytes".to_owned(),
        Check::SshKey | Check::EachSshKey => "an OpenSSH public key".to_owned(),
        Check::Quantity => "a quantity such as 150Gi".to_owned(),
        Check::SecondsText => "a number of seconds, in quotes".to_owned(),
        _ => String::new(),
    }
}

fn judge_same(view: &View<'_>, other: &str, one: &Found<'_>, out: &mut Findings<'_>) {
    let wanted = At::path(one.at.scope, other).or_else(|| view.site(other));
    let Some(wanted) = wanted else { return };
    let plain = |at: At<'_>| match at.resolved().node.kind {
        Kind::Bool(value) => Some(value.to_string()),
        _ => at.text().known(),
    };
    if let (Some(said), Some(wanted)) = (plain(one.at), plain(wanted))
        && said != wanted
    {
        let sentence = format!("{} is {said}, {other} is {wanted}", one.path());
        out.broken(one.at.place(), sentence, "both must be the same");
    }
}

fn judge_secret(view: &View<'_>, check: &Check, one: &Found<'_>, out: &mut Findings<'_>) {
    // Without a password V-SEC-03 says already that sealed values were not looked into.
    let Reading::Known(inside) = one.at.secret(view.case.vault) else { return };
    if inside.is_empty() {
        return;
    }
    let wanted = match check {
        Check::SecretLength(least) if inside.chars().count() < *least => {
            format!("at least {least} characters")
        }
        Check::SecretPrefix(prefix) if !inside.starts_with(prefix.as_str()) => {
            format!("an address that begins with {prefix}")
        }
        _ => return,
    };
    out.broken(
        one.at.place(),
        format!("{} is not as it should be: wanted is {wanted}", one.path()),
        "",
    );
}

/// Siblings must differ; a list inside one entry has siblings of its own.
pub(super) fn judge_unique(variable: &Variable, found: &[Found<'_>], sheets: &mut Sheets<'_>) {
    let mut seen: BTreeMap<(String, Cow<'_, str>), &Place> = BTreeMap::new();
    let is_per_machine = variable.name.contains("data_disks");
    for one in found {
        let Reading::Known(text) = one.at.words() else { continue };
        // Disks are unique per machine, names within their list.
        let scope = if is_per_machine {
            one.path().split("data_disks").next().unwrap_or_default().to_owned()
        } else {
            String::new()
        };
        if let Some(first) = seen.insert((scope, text.clone()), one.at.place()) {
            let shown = crate::domain::untrusted::printable(&text);
            let hint = format!("the other one is at {first}");
            sheets.form.broken(
                one.at.place(),
                format!("{} {shown:?} is used twice", one.path()),
                &hint,
            );
        }
    }
}
