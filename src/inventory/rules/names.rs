//! V-DNS: names and who answers for them.

use std::collections::BTreeMap;

use super::findings::Findings;
use super::forms;
use super::reading::At;
use super::view::{View, text};

/// The services that have a name of their own (V-DNS-03, V-TLS-03).
pub const SERVICES: [&str; 4] = ["console", "grafana", "loki", "prometheus"];

/// V-DNS-01: the site's names are valid.
pub fn names_are_valid(view: &View<'_>, out: &mut Findings<'_>) {
    for (name, needs_dot) in [("cluster_name", false), ("cluster_public_domain", true)] {
        let Some(at) = view.site(name) else { continue };
        let Some(value) = out.text(Some(at), name) else { continue };
        if !forms::is_domain(&value) || (needs_dot && !value.contains('.')) {
            let sentence = format!("{name} is {value:?}, which is no valid domain name");
            out.broken(
                at.place(),
                sentence,
                "labels are letters, digits and inner hyphens, joined by dots",
            );
        }
    }
    if let Some(host) = view.console_host()
        && host.len() > 253
    {
        let at = view.site("iaas_console_host").or_else(|| view.site("cluster_name"));
        let place = at.map_or_else(|| view.file(), |at| at.place().clone());
        let sentence =
            format!("the console's name has {} characters, at most 253 are possible", host.len());
        out.broken(&place, sentence, "shorten cluster_name or cluster_public_domain");
    }
}

/// V-DNS-02: `_local` is the domain between slashes.
pub fn local_matches_domain(view: &View<'_>, out: &mut Findings<'_>) {
    for router in view.members("openwrt_routers") {
        let (Some(local), Some(domain)) =
            (router.at("openwrt_dhcp_dnsmasq_local"), router.at("openwrt_dhcp_dnsmasq_domain"))
        else {
            continue;
        };
        let said = out.text(Some(local), "openwrt_dhcp_dnsmasq_local");
        let wanted = out.text(Some(domain), "openwrt_dhcp_dnsmasq_domain");
        if let (Some(said), Some(wanted)) = (said, wanted)
            && said != format!("/{wanted}/")
        {
            let sentence = format!("openwrt_dhcp_dnsmasq_local is {said}, the domain is {wanted}");
            out.broken(local.place(), sentence, &format!("write /{wanted}/"));
        }
    }
}

/// V-DNS-03: the four services are overridden with one address, and no name twice.
pub fn services_are_overridden(view: &View<'_>, out: &mut Findings<'_>) {
    let lists = view.values("openwrt_routers", "openwrt_dhcp_hostoverrides");
    let mut by_name: BTreeMap<String, At<'_>> = BTreeMap::new();
    for entry in lists.iter().copied().flat_map(At::items) {
        let Some(name) = text(entry, "name") else { continue };
        if let Some(first) = by_name.get(&name.to_lowercase()) {
            let sentence = format!("{name} is overridden twice");
            out.broken(entry.place(), sentence, &format!("the other one is at {}", first.place()));
        } else {
            by_name.insert(name.to_lowercase(), entry);
        }
    }
    let place =
        lists.first().map_or_else(|| view.group_place("openwrt_routers"), |at| at.place().clone());
    let mut first: Option<(String, String)> = None;
    for service in SERVICES {
        let Some(name) = view.service_name(service) else { return };
        let Some(entry) = by_name.get(&name) else {
            out.broken(
                &place,
                format!("no host override answers for {name}"),
                "add it with the address of the management cluster's services",
            );
            continue;
        };
        let Some(ip) = text(*entry, "ip") else { continue };
        match &first {
            Some((other, address)) if *address != ip => {
                let sentence = format!("{name} answers {ip}, {other} answers {address}");
                out.broken(entry.place(), sentence, "all four services have the same address");
            }
            Some(_) => {}
            None => first = Some((name, ip)),
        }
    }
}

/// V-DNS-04: router box and bastion search the internal domain.
pub fn search_domains_are_ours(view: &View<'_>, out: &mut Findings<'_>) {
    let Some(domain) = view.internal_domain() else { return };
    for group in ["router_host", "kolla_bastion"] {
        for member in view.members(group) {
            let seen = view.case.facts.search_domains.get(&member.name);
            let name = &member.name;
            match seen
                .map_or_else(|| Err(crate::domain::CauseWord::from_word("not-asked")), |s| s.get())
            {
                Ok(domains) if domains.len() == 1 && domains.contains(&domain) => {}
                Ok(domains) => {
                    let shown = crate::domain::untrusted::printable(&domains.join(" "));
                    let sentence =
                        format!("{name} searches {shown:?}, the internal domain is {domain}");
                    out.broken(&member.declared, sentence, "correct `search` in its netplan");
                }
                Err(cause) => out.unknown(
                    &member.declared,
                    cause,
                    format!("the search domains of {name} show only on the machine"),
                    "look at resolvectl on it",
                ),
            }
        }
    }
}
