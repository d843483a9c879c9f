//! V-HH: the fabric controller VM.

use std::collections::BTreeSet;

use super::findings::Findings;
use super::forms;
use super::live::Release;
use super::reading::At;
use super::view::View;
use crate::domain::Stamp;

/// What the rotation of credentials reads (V-HH-02).
const ROTATION: [&str; 3] = ["login_password", "authorized_keys", "switch_users"];

/// V-HH-01: the VM's MAC address has a lease, with the address that `hedgehog_control` uses.
pub fn controller_has_its_lease(view: &View<'_>, out: &mut Findings<'_>) {
    if view.members("hedgehog_host").is_empty() {
        return;
    }
    let said = view.values("hedgehog_host", "hedgehog.vm_mac");
    if let Some(at) = said.first() {
        out.text(Some(*at), "hedgehog.vm_mac");
    }
    let Some(mac) = view.controller_mac() else { return };
    let place =
        said.first().map_or_else(|| view.group_place("hedgehog_host"), |at| at.place().clone());
    let Some(lease) = view.leases().find(|lease| lease.mac == Some(mac.as_str())) else {
        let sentence = format!("hedgehog.vm_mac {mac} has no lease");
        out.broken(&place, sentence, "add a line with this mac to openwrt_dhcp_leases");
        return;
    };
    let addresses = view.controller_addresses();
    if let Some(ip) = lease.ip
        && !addresses.is_empty()
        && !addresses.contains(&ip)
    {
        let control =
            view.members("hedgehog_control").iter().find_map(super::view::Member::address);
        let wanted = control.map(|ip| ip.to_string()).unwrap_or_default();
        let at = lease.at.get("ip").map_or(lease.at.place(), |at| at.place());
        let sentence = format!(
            "the lease of the fabric controller VM is {ip}, hedgehog_control uses {wanted}"
        );
        out.broken(at, sentence, "write the same address in both");
    }
}

/// V-HH-02: the credentials to rotate are all there, for releases that rotate them.
pub fn credentials_are_rotated(view: &View<'_>, out: &mut Findings<'_>) {
    let release = view.case.progress.release;
    for host in view.members("hedgehog_host") {
        let Some(hedgehog) = host.at("hedgehog") else { continue };
        let present: Vec<&str> = ROTATION
            .into_iter()
            .filter(|key| hedgehog.get(key).is_some_and(|at| !at.is_empty()))
            .collect();
        if release < Release::ROTATES_CREDENTIALS {
            if let Some(at) = present.first().and_then(|key| hedgehog.get(key)) {
                let sentence =
                    format!("{release} ignores hedgehog.{}", present.join(", hedgehog."));
                out.warn(
                    at.place(),
                    sentence,
                    "set the credentials by hand as HW-5.2 and HW-5.4 say",
                );
            }
            continue;
        }
        for key in ROTATION {
            if !present.contains(&key) {
                let sentence = format!("{release} needs hedgehog.{key}");
                out.broken(hedgehog.place(), sentence, "the bootstrap stops at once without it");
            }
        }
        if let Some(keys) = hedgehog.get("authorized_keys") {
            judge_environment_key(view, keys, out);
        }
        if let Some(users) = hedgehog.get("switch_users") {
            judge_switch_users(users, out);
        }
    }
}

fn judge_environment_key(view: &View<'_>, keys: At<'_>, out: &mut Findings<'_>) {
    match view.case.facts.environment_key.get() {
        Ok(public) => {
            let wanted = forms::ssh_key_core(public);
            let there = keys
                .items()
                .filter_map(|entry| super::view::text(entry, "key"))
                .any(|key| forms::ssh_key_core(&key) == wanted);
            if !there {
                out.broken(
                    keys.place(),
                    "hedgehog.authorized_keys lacks the key that hedgehog_control logs in with",
                    "add the public half of its ansible_ssh_private_key_file, or the door closes behind you",
                );
            }
        }
        Err(cause) => out.unknown(
            keys.place(),
            cause,
            "whether the key of hedgehog_control is among hedgehog.authorized_keys is not known",
            "compare with ssh-keygen -y of its ansible_ssh_private_key_file",
        ),
    }
}

/// Names that a switch has already (`hedgehog.switch_users`).
const TAKEN: [&str; 9] =
    ["operator", "hhagent", "netops", "root", "docker", "ntp", "frr", "alloy", "daemon"];

fn judge_switch_users(users: At<'_>, out: &mut Findings<'_>) {
    let names: BTreeSet<&str> = users.entries().map(|(name, _)| name).collect();
    for wanted in ["admin", "op"] {
        if !names.contains(wanted) {
            let sentence = format!("hedgehog.switch_users lacks {wanted}");
            out.broken(users.place(), sentence, "the switches get the users admin and op");
        }
    }
    for (name, user) in users.entries() {
        if TAKEN.contains(&name) {
            let sentence = format!("the switch has a user {name} already");
            out.broken(user.place(), sentence, "use admin and op");
        }
    }
}

/// V-HH-03: the image's address is https and lasts another day; its checksum has the right form.
pub fn image_can_be_fetched(view: &View<'_>, out: &mut Findings<'_>) {
    for at in view.values("hedgehog_host", "hedgehog.iso_url") {
        let Some(url) = out.read(at, at.secret(view.case.vault), "hedgehog.iso_url") else {
            continue;
        };
        if !url.trim().to_ascii_lowercase().starts_with("https://") {
            out.broken(
                at.place(),
                "hedgehog.iso_url is not https",
                "ask the supplier for a signed https address",
            );
        }
        judge_expiry(view, at, &url, out);
    }
    for at in view.values("hedgehog_host", "hedgehog.iso_checksum") {
        let Some(sum) = out.text(Some(at), "hedgehog.iso_checksum") else { continue };
        let hex = sum.trim().strip_prefix("sha256:").unwrap_or_default();
        if hex.len() != 64 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            let hint = "write sha256: and the 64 hexadecimal digits that the supplier gives";
            out.broken(at.place(), "hedgehog.iso_checksum is no SHA-256 checksum", hint);
        }
    }
}

/// The signature's end (`se=`), which must be more than a day away. An address
/// without one does not expire as far as can be seen.
fn judge_expiry(view: &View<'_>, at: At<'_>, url: &str, out: &mut Findings<'_>) {
    const DAY: i64 = 86_400_000;
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let Some(said) = query.split('&').find_map(|part| part.strip_prefix("se=")) else { return };
    let said = said.replace("%3A", ":").replace("%3a", ":").replace("%2B", "+");
    let whole = if said.contains('T') { said.clone() } else { format!("{said}T00:00:00Z") };
    match Stamp::parse(&whole) {
        None => {
            out.broken(
                at.place(),
                "the end date of hedgehog.iso_url cannot be read",
                "ask for a new address",
            );
        }
        Some(end) if end <= view.case.now => {
            let sentence = format!("hedgehog.iso_url expired at {end}");
            out.broken(at.place(), sentence, "ask the supplier for a new address");
        }
        Some(end) if end <= view.case.now.plus_millis(DAY) => {
            let sentence = format!("hedgehog.iso_url expires at {end}, within a day");
            out.broken(at.place(), sentence, "ask the supplier for a new address");
        }
        Some(_) => {}
    }
}

/// V-HH-04: keys that the target release no longer reads.
pub fn obsolete_keys_are_gone(view: &View<'_>, out: &mut Findings<'_>) {
    let announced = Release::new(26, 1, 0);
    for declared in view.declared() {
        for variable in view.case.variables.below(declared.name) {
            if variable.required != "removed" {
                continue;
            }
            // Rows marked D26 go with that release; the others are gone already.
            if variable.source == "D26" && view.case.progress.release < announced {
                continue;
            }
            for found in super::types::matches(declared.at, variable) {
                let sentence =
                    format!("{} is obsolete in {}", found.path(), view.case.progress.release);
                out.broken(found.at.place(), sentence, "take it out");
            }
        }
    }
}
