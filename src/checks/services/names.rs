//! Names, outside and inside, and the sign-on.

use super::{SURVEY, on_bastion};
use crate::checks::hosts::{and_list, rows};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::platform::together;
use crate::checks::{Case, Rule};
use crate::domain::keys::services::survey as keys;
use crate::domain::{Age, Judgement, Stamp, wanted};

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "DNS-01", applies: on_bastion, probes: SURVEY, judge: delegation },
    Rule { id: "DNS-02", applies: on_bastion, probes: SURVEY, judge: records },
    Rule { id: "DNS-03", applies: on_bastion, probes: SURVEY, judge: inside },
    Rule { id: "DNS-04", applies: on_bastion, probes: SURVEY, judge: levels },
    Rule { id: "SSO-01", applies: on_bastion, probes: SURVEY, judge: sign_on },
    Rule { id: "SSO-02", applies: on_bastion, probes: SURVEY, judge: tenant },
    Rule { id: "SSO-03", applies: on_bastion, probes: &[], judge: secret },
];

fn delegation(case: &Case<'_>) -> Judgement {
    let wanted = case.site.wanted.get(wanted::NAME_SERVERS);
    judging::from(case, keys::NAME_SERVERS, |_, found| {
        let is_ours = |server: &String| {
            let server = server.trim_end_matches('.').to_ascii_lowercase();
            match wanted {
                Some(list) => {
                    let mut list = list.split(' ').map(|one| one.trim_end_matches('.'));
                    list.any(|one| one.eq_ignore_ascii_case(&server))
                }
                None => server.contains(".azure-dns."),
            }
        };
        if found.is_empty() {
            return Ruling::fail("the public zone is delegated to nobody");
        }
        let others: Vec<&String> = found.iter().filter(|server| !is_ours(server)).collect();
        match others.first() {
            None => Ruling::pass("the public zone is delegated to the cloud DNS"),
            Some(other) => {
                Ruling::fail(format!("the public zone is served by {other}, not by the cloud DNS"))
            }
        }
        .showing("NS", found.join(", "))
    })
}

fn records(case: &Case<'_>) -> Judgement {
    let public = case.site.wanted.get(wanted::PUBLIC_ADDRESS);
    judging::from(case, keys::PUBLIC_RECORDS, |_, found| {
        let Some(public) = public else {
            return Ruling::not_yet("the inventory has no management_cluster.public");
        };
        let rulings = rows(&found).map(|row| {
            let (name, addresses) = (row.get("name"), row.get("addresses"));
            // A chain of names may stand before the address.
            let is_there = addresses.split(' ').any(|one| one == public);
            let ruling = if is_there {
                Ruling::pass(name)
            } else if addresses.is_empty() {
                Ruling::fail(format!("{name} has no public address"))
            } else {
                Ruling::fail(format!("{name} points at {addresses}, not at {public}"))
            };
            ruling.showing(name, addresses)
        });
        together(rulings.collect(), format!("the public names point at {public}"))
    })
}

fn inside(case: &Case<'_>) -> Judgement {
    let wanted = case.site.wanted.get(wanted::INGRESS_ADDRESS);
    judging::from(case, keys::INTERNAL_RECORD, |_, found| {
        let shown = found.join(", ");
        let ruling = match (found.last(), wanted) {
            (None, _) => Ruling::fail("the console's name has no address inside the site"),
            (Some(_), Some(wanted)) if !found.contains(wanted) => Ruling::fail(format!(
                "the console's name leads to {shown} inside the site, not to {wanted}"
            )),
            (Some(address), _) => {
                Ruling::pass(format!("the console's name leads to {address} inside the site"))
            }
        };
        ruling.showing("A", shown)
    })
}

fn levels(case: &Case<'_>) -> Judgement {
    judging::from(case, keys::LEVELS, |_, found| {
        let silent: Vec<&str> = rows(&found)
            .filter(|row| row.get("addresses").is_empty())
            .map(|row| row.get("level"))
            .collect();
        let ruling = if silent.is_empty() {
            Ruling::pass("names of all levels have addresses")
        } else {
            Ruling::warn(format!("no name of the level {} has an address", and_list(&silent)))
        };
        rows(&found)
            .fold(ruling, |ruling, row| ruling.showing(row.get("name"), row.get("addresses")))
    })
}

fn sign_on(case: &Case<'_>) -> Judgement {
    let said = |name: &str| case.site.wanted.get(name).map(String::as_str);
    judging::from(case, keys::SIGN_ON, |_, found| {
        let part = |name: &str| {
            let row = rows(&found).find(|row| row.get("part") == name);
            row.map_or("", |row| row.get("value"))
        };
        let (client, callback) = (part("client_id"), part("redirect_uri"));
        let ruling = if part("place").is_empty() || client.is_empty() {
            let status = part("status");
            Ruling::fail(format!("the console starts no sign-on (HTTP status {status})"))
        } else if let Some(wanted) = said(wanted::SIGN_ON_CLIENT).filter(|wanted| *wanted != client)
        {
            Ruling::fail("the console signs on as another client than the inventory's")
                .showing("wanted client", wanted)
        } else if let Some(wanted) =
            said(wanted::SIGN_ON_CALLBACK).filter(|wanted| *wanted != callback)
        {
            Ruling::fail(format!("a sign-on comes back to {callback}, not to {wanted}"))
        } else if said(wanted::SIGN_ON_CLIENT).is_none() {
            Ruling::not_yet("the inventory names no client of the identity provider")
        } else {
            Ruling::pass("the console starts a sign-on with the right client and callback")
        };
        ruling.showing("client", client).showing("callback", callback)
    })
}

fn tenant(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        if !case.site.wanted.contains_key(wanted::SIGN_ON_TENANT) {
            return Ok(Ruling::not_yet("the inventory names no tenant of the identity provider"));
        }
        Ok(match read.value(keys::TENANT_STATUS)? {
            200.0 => Ruling::pass("the identity provider knows the tenant"),
            400.0 => Ruling::fail("the identity provider does not know the tenant"),
            status => {
                return Err(NotKnown::because(format!(
                    "the identity provider answers with HTTP status {status:.0}"
                )));
            }
        })
    })
}

fn secret(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        if !case.site.wanted.contains_key(wanted::SIGN_ON_CLIENT) {
            return Ok(Ruling::not_yet("the inventory names no client of the identity provider"));
        }
        let Some(day) = case.site.wanted.get(wanted::SIGN_ON_EXPIRES) else {
            return Err(NotKnown::because(
                "asked of a person: the day on which the client secret expires stands only in \
                 the application registration; write it into shopfloor.yml as expect: \
                 sign_on_secret_expires",
            ));
        };
        let Some(end) = Stamp::parse(day).or_else(|| Stamp::parse(&format!("{day}T00:00:00Z")))
        else {
            return Err(NotKnown::because(format!("{day} in shopfloor.yml is no day")));
        };
        let left = end.since(case.now);
        let soon = Age::seconds((read.threshold("expires_warn_days") * 86_400.0) as i64);
        Ok(if left.0 <= 0 {
            Ruling::fail("the client secret of the sign-on has expired")
        } else if left <= soon {
            Ruling::warn(format!("the client secret of the sign-on expires in {}", left.long()))
        } else {
            Ruling::pass("the client secret of the sign-on is valid")
        }
        .showing("expires", day))
    })
}
