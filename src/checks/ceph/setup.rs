//! Identity, keys, modules, versions.

use super::{SURVEY, expected, on_cluster};
use crate::checks::hosts::{and_list, rows};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::ceph::{outside, survey};
use crate::domain::{Judgement, wanted};

pub(super) const RULES: &[Rule] = &[
    Rule { id: "CEPH-09", applies: on_cluster, probes: SURVEY, judge: identity },
    Rule {
        id: "CEPH-13",
        applies: on_cluster,
        probes: &["ceph.survey", "ceph.outside"],
        judge: keyrings,
    },
    Rule { id: "CEPH-14", applies: on_cluster, probes: SURVEY, judge: exporter },
    Rule { id: "CEPH-15", applies: on_cluster, probes: SURVEY, judge: versions },
];

fn identity(case: &Case<'_>) -> Judgement {
    let planned = expected(case, wanted::CEPH_FSID);
    judging::from(case, survey::FSID, |read, fsid| {
        let name = read.name();
        let ruling = match planned {
            None => Ruling::not_yet("the inventory has no ceph_fsid"),
            Some(planned) if planned.eq_ignore_ascii_case(&fsid) => {
                Ruling::pass(format!("{name} is the cluster of the inventory"))
            }
            Some(planned) => {
                Ruling::fail(format!("{name} is the cluster {fsid}, the inventory says {planned}"))
            }
        };
        ruling.showing("ceph fsid", fsid)
    })
}

fn keyrings(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let ours = read.value(outside::KEYRING_DIGESTS)?;
        let theirs = read.value(survey::CLIENT_DIGESTS)?;
        let name = read.name();
        if ours.rows.is_empty() {
            return Ok(Ruling::not_yet("no keyring of Ceph is stored yet"));
        }
        let (mut differing, mut gone) = (Vec::new(), Vec::new());
        for keyring in rows(&ours) {
            let client = keyring.get("client");
            match rows(&theirs).find(|row| row.get("client") == client) {
                None => gone.push(client),
                Some(row) if row.get("digest") != keyring.get("digest") => differing.push(client),
                Some(_) => {}
            }
        }
        Ok(if !differing.is_empty() {
            Ruling::fail(format!(
                "{name} has other keys than the stored keyrings of {}",
                and_list(&differing)
            ))
        } else if !gone.is_empty() {
            Ruling::fail(format!(
                "{name} does not know {}, whose keyrings are stored",
                and_list(&gone)
            ))
        } else {
            Ruling::pass(format!("the stored keyrings are those of {name}"))
        })
    })
}

fn exporter(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let modules = read.value(survey::MODULES)?;
        let services = read.value(survey::SERVICES)?;
        let name = read.name();
        let url = rows(&services)
            .find(|row| row.get("service") == "prometheus")
            .map(|row| row.get("url"));
        let is_on = modules.iter().any(|module| module == "prometheus");
        let ruling = match (is_on, url) {
            (true, Some(url)) => {
                Ruling::pass(format!("{name} gives its metrics")).showing("prometheus", url)
            }
            (true, None) => {
                Ruling::fail(format!("{name} has its metrics enabled and serves them nowhere"))
            }
            (false, _) => Ruling::fail(format!(
                "{name} does not give its metrics: the module prometheus is off"
            )),
        };
        Ok(ruling)
    })
}

fn versions(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let versions = read.value(survey::VERSIONS)?;
        let name = read.name();
        let all: Vec<&str> = rows(&versions).map(|row| row.get("version")).collect();
        let ruling = match all.as_slice() {
            [] => return Err(NotKnown::because(format!("{name} told the version of no daemon"))),
            [one] => Ruling::pass(format!("all daemons of {name} are of version {one}")),
            _ => Ruling::warn(format!("{name} has daemons of the versions {}", and_list(&all))),
        };
        Ok(rows(&versions).fold(ruling, |ruling, row| {
            ruling.showing(row.get("version"), format!("{} daemons", row.get("daemons")))
        }))
    })
}
