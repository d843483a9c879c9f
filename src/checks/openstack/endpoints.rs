//! Identity, catalogue, certificates, the virtual address.

use super::{LOOK, SURVEY, control_nodes, is_of_the_cloud, on_cloud, plans_tls};
use crate::checks::hosts::{and_list, rows};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::openstack::{control, identity, outside, survey};
use crate::domain::{Judgement, Stamp};

pub(super) const RULES: &[Rule] = &[
    Rule { id: "OST-02", applies: on_cloud, probes: &["openstack.identity"], judge: answers },
    Rule { id: "OST-03", applies: on_cloud, probes: SURVEY, judge: token },
    Rule { id: "OST-04", applies: on_cloud, probes: SURVEY, judge: catalogue },
    Rule { id: "OST-11", applies: on_cloud, probes: LOOK, judge: virtual_address },
    Rule { id: "OST-12", applies: on_cloud, probes: &["openstack.outside"], judge: certificates },
];

fn answers(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let status = read.value(identity::STATUS)?;
        let stable = read.value(identity::STABLE)?;
        let name = read.name();
        if status != "200" {
            return Ok(Ruling::fail(format!(
                "the identity service of {name} does not answer: {status}"
            ))
            .showing("GET /v3", status));
        }
        if stable != "stable" {
            return Ok(Ruling::fail(format!(
                "what answers for the identity service of {name} is none"
            ))
            .showing("GET /v3", status));
        }
        let took = read.value(identity::TOOK)?;
        let ruling = if took > read.threshold("slow_s") {
            Ruling::warn(format!("the identity service of {name} takes {took:.1} s to answer"))
        } else {
            Ruling::pass(format!("the identity service of {name} answers"))
        };
        Ok(ruling.showing("GET /v3", format!("{status} after {took:.2} s")))
    })
}

fn token(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let name = read.name();
        if let Some(cause) = read.lost(survey::TOKEN_ENDS)
            && is_of_the_cloud(cause)
        {
            return Ok(Ruling::fail(format!("{name} issues no token: {}", cause.sentence))
                .caused_by(cause.word.clone())
                .then_try([cause.next.clone()]));
        }
        let ends = read.value(survey::TOKEN_ENDS)?;
        Ok(Ruling::pass(format!("{name} issues tokens")).showing("expires", ends))
    })
}

/// Services that every cloud of an AI Factory has; `volumev3` has more than one name.
const SERVICES: [(&str, &[&str]); 6] = [
    ("identity", &["identity"]),
    ("compute", &["compute"]),
    ("image", &["image"]),
    ("network", &["network"]),
    ("volumev3", &["volumev3", "block-storage", "block-store", "volume"]),
    ("placement", &["placement"]),
];

fn catalogue(case: &Case<'_>) -> Judgement {
    let tls = plans_tls(case);
    judging::judge(case, |read| {
        let services = read.value(survey::CATALOGUE)?;
        let endpoints = read.value(survey::ENDPOINTS)?;
        let name = read.name();
        let has = |kinds: &[&str]| rows(&services).any(|row| kinds.contains(&row.get("type")));
        let missing: Vec<&str> =
            SERVICES.iter().filter(|(_, kinds)| !has(kinds)).map(|(kind, _)| *kind).collect();
        let mut partial = Vec::new();
        for service in rows(&services) {
            let kind = service.get("type");
            let of = |interface: &str| {
                rows(&endpoints)
                    .any(|row| row.get("type") == kind && row.get("interface") == interface)
            };
            // Only what the catalogue serves at all: some services have no endpoint of their own.
            let lacks: Vec<&str> =
                ["public", "internal", "admin"].into_iter().filter(|one| !of(one)).collect();
            if lacks.len() < 3 && !lacks.is_empty() {
                partial.push(format!("{kind} has no {} URL", and_list(&lacks)));
            } else if lacks.len() == 3 && SERVICES.iter().any(|(_, kinds)| kinds.contains(&kind)) {
                partial.push(format!("{kind} has no URL"));
            }
        }
        let mut open: Vec<&str> = rows(&endpoints)
            .filter(|row| row.get("url").starts_with("http://"))
            .map(|row| row.get("type"))
            .collect();
        open.sort_unstable();
        open.dedup();
        let ruling = if !missing.is_empty() {
            Ruling::fail(format!("the catalogue of {name} lacks {}", and_list(&missing)))
        } else if !partial.is_empty() {
            Ruling::fail(format!("in the catalogue of {name} {}", and_list(&partial)))
        } else if tls && !open.is_empty() {
            Ruling::warn(format!("the catalogue of {name} has http:// for {}", and_list(&open)))
        } else {
            Ruling::pass(format!(
                "the catalogue of {name} has its {} services",
                services.rows.len()
            ))
        };
        let kinds: Vec<&str> = rows(&services).map(|row| row.get("type")).collect();
        Ok(ruling.showing("services", kinds.join(", ")))
    })
}

fn virtual_address(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let name = read.name();
        let (mut holders, mut why, mut asked) = (Vec::new(), None, 0);
        for node in control_nodes(case.site) {
            asked += 1;
            read.ask(node);
            match read.value(control::VIRTUAL_ADDRESS) {
                Ok(count) if count > 0.0 => holders.push(node.name.as_str()),
                Ok(_) => {}
                Err(not_known) => why = why.or(Some(not_known)),
            }
        }
        read.ask(case.target);
        match (holders.as_slice(), why) {
            _ if asked == 0 => Err(NotKnown::because("the inventory has no control node to ask")),
            ([], None) => {
                Ok(Ruling::fail(format!("no control node of {name} holds the virtual address")))
            }
            ([_, _, ..], _) => Ok(Ruling::fail(format!(
                "the virtual address of {name} is held by {} at once",
                and_list(&holders)
            ))),
            // One holds it, or none of those that told: another may hold it too.
            (_, Some(why)) => Err(why),
            ([one], None) => {
                Ok(Ruling::pass(format!("{one} alone holds the virtual address of {name}")))
            }
        }
    })
}

fn certificates(case: &Case<'_>) -> Judgement {
    let tls = plans_tls(case);
    judging::judge(case, |read| {
        let certificates = read.value(outside::CERTIFICATES)?;
        let name = read.name();
        if certificates.rows.is_empty() {
            return if tls {
                Err(NotKnown::because(format!("no port of {name} showed a certificate")))
            } else {
                Ok(Ruling::not_yet("the inventory plans the endpoints without TLS"))
            };
        }
        let days = |ends: &str| {
            Stamp::parse(ends).map(|ends| (ends.0 - case.now.0).div_euclid(86_400_000))
        };
        let soonest = rows(&certificates)
            .filter_map(|row| Some((days(row.get("ends"))?, row.get("port"))))
            .min();
        let Some((left, port)) = soonest else {
            return Err(NotKnown::because(format!("no certificate of {name} says when it ends")));
        };
        let mut issuers: Vec<&str> = rows(&certificates).map(|row| row.get("issuer")).collect();
        issuers.sort_unstable();
        issuers.dedup();
        let (warn, fail) = (read.threshold("warn_days"), read.threshold("fail_days"));
        let ruling = if left < 0 {
            Ruling::fail(format!("the certificate of {name} on port {port} has expired"))
        } else if (left as f64) < fail {
            Ruling::fail(format!("the certificate of {name} on port {port} ends in {left} days"))
        } else if issuers.len() > 1 {
            Ruling::fail(format!(
                "the certificates of {name} are of different issuers: {}",
                and_list(&issuers)
            ))
        } else if (left as f64) <= warn {
            Ruling::warn(format!("the certificate of {name} on port {port} ends in {left} days"))
        } else {
            Ruling::pass(format!("the certificates of {name} are good for {left} days"))
        };
        Ok(rows(&certificates).fold(ruling, |ruling, row| {
            ruling.showing(
                format!("port {}", row.get("port")),
                format!("{}, {}", row.get("ends"), row.get("issuer")),
            )
        }))
    })
}
