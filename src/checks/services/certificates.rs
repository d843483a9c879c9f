//! Certificates: issuers, what they have issued, what the outside sees.

use super::{SURVEY, on_bastion};
use crate::checks::hosts::{Row, rows};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::platform::{SURVEY as CLUSTER, age_of, is_management, object, together};
use crate::checks::{Case, Rule};
use crate::domain::keys::services::{issuers as keys, survey};
use crate::domain::{Age, Judgement, Stamp, wanted};

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "TLS-01", applies: is_management, probes: CLUSTER, judge: all_issuers },
    Rule { id: "TLS-02", applies: is_management, probes: CLUSTER, judge: certificates },
    Rule { id: "TLS-03", applies: is_management, probes: CLUSTER, judge: orders },
    Rule { id: "TLS-04", applies: on_bastion, probes: SURVEY, judge: seen },
    Rule { id: "TLS-05", applies: on_bastion, probes: &[], judge: switches },
];

/// The two issuers that the release sets up.
const ISSUERS: [&str; 2] = ["letsencrypt-staging", "letsencrypt-prod"];

fn all_issuers(case: &Case<'_>) -> Judgement {
    judging::from(case, keys::ISSUERS, |_, found| {
        let rulings = ISSUERS.into_iter().map(|name| {
            match rows(&found).find(|row| row.get("name") == name) {
                None => Ruling::fail(format!("there is no issuer {name}")),
                Some(row) if row.get("ready") == "True" => {
                    Ruling::pass(name).showing(name, row.get("message"))
                }
                Some(row) => {
                    let why = row.get("message");
                    Ruling::fail(format!("the issuer {name} is not ready: {why}"))
                        .showing(name, why)
                }
            }
        });
        together(rulings.collect(), "both issuers are ready")
    })
}

/// The names that must have a certificate, by the first part of a host's name.
const NAMES: [&str; 4] = ["console", "grafana", "loki", "prometheus"];

fn certificates(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let found = read.value(keys::CERTIFICATES)?;
        let patience = Age::seconds(read.threshold("pending_fail_s") as i64);
        if found.rows.is_empty() {
            return Ok(Ruling::not_yet("no certificate was asked for yet"));
        }
        let is_for = |row: &Row<'_>, name: &str| {
            row.get("names").split(' ').any(|host| host.split('.').next() == Some(name))
        };
        let mut rulings: Vec<Ruling> = NAMES
            .into_iter()
            .filter(|name| !rows(&found).any(|row| is_for(&row, name)))
            .map(|name| Ruling::fail(format!("there is no certificate for {name}")))
            .collect();
        for row in rows(&found) {
            let name = object(row);
            let since = age_of(case.now, row.get("since"));
            let so_long = since.map_or_else(String::new, |age| format!(" since {}", age.long()));
            let expired = Stamp::parse(row.get("expires")).is_some_and(|end| end <= case.now);
            let ruling = match row.get("ready") {
                _ if expired => Ruling::fail(format!("the certificate {name} has expired")),
                "True" => Ruling::pass(name.as_str()),
                _ if since.is_some_and(|age| age < patience) => {
                    Ruling::warn(format!("the certificate {name} is being issued{so_long}"))
                }
                _ => Ruling::fail(format!("the certificate {name} is not issued{so_long}")),
            };
            let shown = format!("{} {}", row.get("issuer"), row.get("message"));
            rulings.push(ruling.showing(name, shown.trim()));
        }
        Ok(together(rulings, format!("{} certificates are issued", found.rows.len())))
    })
}

fn orders(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let found = read.value(keys::ORDERS)?;
        let patience = Age::seconds(read.threshold("pending_fail_s") as i64);
        let rulings = rows(&found).map(|row| {
            let (kind, host) = (row.get("kind").to_lowercase(), row.get("host"));
            let (state, reason) = (row.get("state"), row.get("reason"));
            let age = age_of(case.now, row.get("created"));
            let so_long = age.map_or_else(String::new, |age| format!(" since {}", age.long()));
            let because = if reason.is_empty() { "".to_owned() } else { format!(": {reason}") };
            let ruling = match state {
                "valid" | "ready" => Ruling::pass(host),
                "errored" | "invalid" | "expired" => {
                    Ruling::fail(format!("the {kind} for {host} is {state}{because}"))
                }
                _ if age.is_some_and(|age| age < patience) => {
                    Ruling::warn(format!("the {kind} for {host} is pending{so_long}{because}"))
                }
                _ => Ruling::fail(format!("the {kind} for {host} is stuck{so_long}{because}")),
            };
            ruling.showing(host, format!("{state} {reason}").trim())
        });
        Ok(together(rulings.collect(), "no certificate order is pending"))
    })
}

fn seen(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let found = read.value(survey::CERTIFICATES_SEEN)?;
        let soon = Age::seconds((read.threshold("expires_warn_days") * 86_400.0) as i64);
        // The inventory says which issuer is due: staging until SW-6, then production.
        let is_staging_due = case
            .site
            .wanted
            .get(wanted::CONSOLE_ISSUER)
            .is_some_and(|name| name.contains("staging"));
        let mut rulings = Vec::new();
        let mut unread = Vec::new();
        for row in rows(&found) {
            let (host, issuer) = (row.get("host"), row.get("issuer"));
            let Some(end) = Stamp::parse(row.get("expires")) else {
                unread.push(host);
                continue;
            };
            let left = end.since(case.now);
            let is_staging = issuer.contains("STAGING");
            let is_public = issuer.contains("Let's Encrypt") || issuer.contains("Let\\'s Encrypt");
            let is_own = !issuer.is_empty() && issuer == row.get("subject")
                || issuer.contains("Fake Certificate")
                || issuer.contains("TRAEFIK DEFAULT CERT");
            let ruling = if left.0 <= 0 {
                Ruling::fail(format!(
                    "the certificate of {host} expired {} ago",
                    case.now.since(end).long()
                ))
                .because("certificate.expired")
            } else if is_own {
                Ruling::fail(format!("{host} shows a self-signed certificate"))
            } else if is_staging && !is_staging_due {
                Ruling::fail(format!("{host} still shows a certificate of the staging issuer"))
            } else if left < soon {
                Ruling::warn(format!("the certificate of {host} expires in {}", left.long()))
                    .because("certificate.expiring")
            } else if is_staging {
                Ruling::pass(host)
            } else if is_public && is_staging_due {
                Ruling::warn(format!(
                    "{host} shows a certificate of the production issuer, the inventory wants staging"
                ))
            } else if is_public {
                Ruling::pass(host)
            } else {
                Ruling::fail(format!("{host} shows a certificate of another issuer: {issuer}"))
            };
            rulings.push(ruling.showing(host, format!("{issuer}, until {}", row.get("expires"))));
        }
        if rulings.is_empty() {
            return Err(NotKnown::because(format!(
                "no certificate came from {}",
                unread.first().unwrap_or(&"any public name")
            )));
        }
        let due = if is_staging_due { "the staging issuer" } else { "the production issuer" };
        Ok(together(rulings, format!("the public names show certificates of {due}")))
    })
}

fn switches(case: &Case<'_>) -> Judgement {
    judging::judge(case, |_| {
        let said = |name: &str| case.site.wanted.get(name).map(String::as_str);
        let (console, observing) =
            (said(wanted::CONSOLE_ISSUER), said(wanted::OBSERVABILITY_ISSUER));
        let shown = |word: Option<&str>| word.unwrap_or("not set").to_owned();
        let ruling = match (console, observing) {
            (None, None) => return Ok(Ruling::not_yet("the inventory names no issuer")),
            (one, other) if one == other => {
                Ruling::pass(format!("both issuer switches say {}", shown(one)))
            }
            (one, other) => Ruling::fail(format!(
                "the console's issuer is {}, that of the observability stack {}",
                shown(one),
                shown(other)
            )),
        };
        Ok(ruling
            .showing(wanted::CONSOLE_ISSUER, shown(console))
            .showing(wanted::OBSERVABILITY_ISSUER, shown(observing)))
    })
}
