//! How the object gateways are set up.

use super::gateway::{gateway_hosts, of_each};
use super::{SURVEY, expected, is_called, on_cluster};
use crate::checks::hosts::{and_list, rows};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::ceph::{gateway_survey, survey};
use crate::domain::{Judgement, Role, Site, System, Target, TargetKind, wanted};

pub(super) const RULES: &[Rule] = &[
    Rule { id: "RGW-03", applies: on_cluster, probes: SURVEY, judge: tls },
    Rule { id: "RGW-04", applies: on_cluster, probes: SURVEY, judge: admin },
    Rule { id: "RGW-05", applies: on_cluster, probes: SURVEY, judge: keystone },
    Rule { id: "RGW-06", applies: on_cluster, probes: SURVEY, judge: authority },
    Rule { id: "RGW-07", applies: on_gateway, probes: &["gateway.survey"], judge: trust },
];

/// The Ceph cluster that a machine is a gateway of.
fn cluster_of<'a>(site: &'a Site, target: &Target) -> Option<&'a Target> {
    let cluster = site.targets.iter().find(|other| other.kind == TargetKind::Api(System::Ceph))?;
    let lines = cluster.wanted.get(wanted::CEPH_GATEWAYS)?.lines();
    let mut hosts = lines.filter_map(|line| line.split(' ').next());
    hosts.any(|host| is_called(target, host)).then_some(cluster)
}

fn on_gateway(site: &Site, target: &Target) -> bool {
    target.ssh.is_some() && target.is(Role::Storage) && cluster_of(site, target).is_some()
}

fn tls(case: &Case<'_>) -> Judgement {
    let planned = expected(case, wanted::CEPH_GATEWAY_TLS);
    judging::from(case, survey::GATEWAY_SPEC, |read, spec| {
        let name = read.name();
        let has = |word: &str| spec.iter().any(|said| said == word);
        let ruling = match (planned == Some("yes"), has("ssl"), has("certificate")) {
            (true, true, true) => {
                Ruling::pass(format!("the gateways' spec of {name} has TLS and its certificate"))
            }
            (true, true, false) => {
                Ruling::fail(format!("the gateways' spec of {name} has TLS without a certificate"))
            }
            (true, false, _) => {
                Ruling::fail(format!("the gateways' spec of {name} has lost its TLS"))
            }
            (false, false, false) => {
                Ruling::pass(format!("the gateways' spec of {name} has no TLS, as planned"))
            }
            (false, ..) => {
                Ruling::fail(format!("the gateways' spec of {name} has TLS, the inventory has not"))
            }
        };
        ruling.showing(
            "orch ls rgw --export",
            if spec.is_empty() { "neither".to_owned() } else { spec.join(", ") },
        )
    })
}

fn admin(case: &Case<'_>) -> Judgement {
    const CAPABILITIES: [&str; 4] = ["buckets", "metadata", "usage", "users"];
    let planned = expected(case, wanted::CEPH_GATEWAY_KEY);
    judging::judge(case, |read| {
        let caps = read.value(survey::GATEWAY_ADMIN)?;
        let keys = read.value(survey::GATEWAY_ADMIN_KEYS)?;
        let name = read.name();
        if caps.rows.is_empty() && keys.is_empty() {
            return Ok(Ruling::fail(format!("{name} has no gateway user iaas-rgw-admin")));
        }
        let missing: Vec<&str> = CAPABILITIES
            .into_iter()
            .filter(|wanted| {
                !rows(&caps)
                    .any(|cap| cap.get("capability") == *wanted && cap.get("permission") == "*")
            })
            .collect();
        let ruling = if !missing.is_empty() {
            Ruling::fail(format!("iaas-rgw-admin of {name} lacks {}", and_list(&missing)))
        } else {
            match planned {
                None => {
                    return Err(NotKnown::because(format!(
                        "iaas-rgw-admin of {name} has its capabilities; its key cannot be compared, since rgw_auth.access_key is sealed or missing"
                    )));
                }
                Some(planned) if keys.iter().any(|key| key == planned) => Ruling::pass(format!(
                    "iaas-rgw-admin of {name} has its capabilities and its key"
                )),
                Some(_) => Ruling::fail(format!(
                    "iaas-rgw-admin of {name} has another key than rgw_auth.access_key"
                )),
            }
        };
        Ok(rows(&caps).fold(ruling, |ruling, cap| {
            ruling.showing(cap.get("capability"), cap.get("permission"))
        }))
    })
}

/// What the gateways are to be told of Keystone; its address is compared apart.
const SETTINGS: [(&str, &str); 8] = [
    ("rgw_keystone_api_version", "3"),
    ("rgw_keystone_admin_user", "ceph_rgw"),
    ("rgw_keystone_admin_domain", "Default"),
    ("rgw_keystone_admin_project", "service"),
    ("rgw_keystone_token_cache_size", "0"),
    ("rgw_keystone_implicit_tenants", "true"),
    ("rgw_swift_account_in_url", "false"),
    ("rgw_s3_auth_use_keystone", "true"),
];

fn keystone(case: &Case<'_>) -> Judgement {
    let named = expected(case, wanted::KEYSTONE_NAME)
        .or_else(|| case.site.wanted.get(wanted::KEYSTONE_NAME).map(String::as_str));
    judging::judge(case, |read| {
        let settings = read.value(survey::GATEWAY_SETTINGS)?;
        let name = read.name();
        let of = |setting: &str| {
            rows(&settings).find(|row| row.get("setting") == setting).map(|row| row.get("value"))
        };
        let wanted = SETTINGS.into_iter().chain([("rgw_enable_usage_log", "true")]);
        let mut wrong: Vec<String> = wanted
            .filter_map(|(setting, wanted)| match of(setting) {
                None => Some(format!("{setting} is missing")),
                Some(value) if value != wanted => {
                    Some(format!("{setting} is {value}, not {wanted}"))
                }
                Some(_) => None,
            })
            .collect();
        match (of("rgw_keystone_url"), named) {
            (None, _) => wrong.push("rgw_keystone_url is missing".to_owned()),
            (Some(url), named) => {
                let is_it = match named {
                    Some(named) => url.trim_end_matches('/') == format!("https://{named}:5000"),
                    None => {
                        url.starts_with("https://") && url.trim_end_matches('/').ends_with(":5000")
                    }
                };
                if !is_it {
                    wrong.push(format!("rgw_keystone_url is {url}"));
                }
            }
        }
        if of("rgw_keystone_admin_password").is_none_or(str::is_empty) {
            wrong.push("rgw_keystone_admin_password is not set".to_owned());
        }
        let ruling = if !wrong.is_empty() {
            Ruling::fail(format!(
                "the gateways of {name} are set up otherwise: {}",
                and_list(&wrong)
            ))
        } else if of("rgw_keystone_verify_ssl") == Some("false") {
            Ruling::warn(format!(
                "the gateways of {name} do not verify the certificate of Keystone"
            ))
        } else {
            Ruling::pass(format!("the gateways of {name} are set up for Keystone"))
        };
        Ok(rows(&settings)
            .fold(ruling, |ruling, row| ruling.showing(row.get("setting"), row.get("value"))))
    })
}

fn authority(case: &Case<'_>) -> Judgement {
    const PATH: &str = "/usr/local/share/ca-certificates/keystone-ca.crt";
    let hosts = gateway_hosts(case);
    judging::judge(case, |read| {
        if hosts.is_empty() {
            return Ok(Ruling::not_yet("the inventory names no object gateway"));
        }
        let (told, why) = of_each(read, &hosts, gateway_survey::KEYSTONE_CA);
        let name = read.name();
        let lacking: Vec<&str> =
            told.iter().filter(|(_, path)| path != PATH).map(|(host, _)| *host).collect();
        if lacking.is_empty()
            && let Some(why) = why
        {
            return Err(why);
        }
        let ruling = if lacking.is_empty() {
            Ruling::pass(format!("the gateway hosts of {name} trust the CA of Keystone"))
        } else {
            Ruling::fail(format!("{} do not trust the CA of Keystone", and_list(&lacking)))
        };
        Ok(told.iter().fold(ruling, |ruling, (host, path)| {
            ruling.showing(*host, if path.is_empty() { "no keystone-ca.pem" } else { path })
        }))
    })
}

fn trust(case: &Case<'_>) -> Judgement {
    let verifies = cluster_of(case.site, case.target)
        .and_then(|cluster| cluster.wanted.get(wanted::CEPH_GATEWAY_VERIFIES))
        .is_none_or(|verifies| verifies == "yes");
    let named = cluster_of(case.site, case.target).is_some_and(|cluster| {
        cluster.wanted.contains_key(wanted::KEYSTONE_NAME)
            || case.site.wanted.contains_key(wanted::KEYSTONE_NAME)
    });
    judging::judge(case, |read| {
        if !named {
            return Ok(Ruling::not_yet(
                "the inventory does not name Keystone (kolla_internal_fqdn)",
            ));
        }
        let said = read.value(gateway_survey::KEYSTONE_TRUST)?;
        let name = read.name();
        let has = |words: &str| said.iter().any(|line| line.contains(words));
        let ruling = if has("verify ok") {
            Ruling::pass(format!("the gateway of {name} trusts Keystone"))
        } else if has("unable to get local issuer") && !verifies {
            Ruling::warn(format!(
                "the gateway of {name} does not know Keystone's CA, and does not ask for it"
            ))
        } else if has("unable to get local issuer") || has("certificate problem") {
            Ruling::fail(format!("the gateway of {name} does not trust Keystone"))
        } else if has("refused") || has("timed out") || has("resolve host") {
            Ruling::fail(format!("the gateway of {name} does not reach Keystone"))
        } else {
            return Err(NotKnown::because(format!(
                "the gateway of {name} did not say what it thinks of Keystone's certificate"
            )));
        };
        Ok(said.iter().fold(ruling, |ruling, line| ruling.showing("curl", line.clone())))
    })
}
