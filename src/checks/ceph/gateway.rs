//! The object gateways as they answer.

use super::{LOOK, MANAGER, expected, expected_lines, is_called, on_cluster, short, storage_nodes};
use crate::checks::hosts::{and_list, rows};
use crate::checks::judging::{self, NotKnown, Reading, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::ceph::{gateway, manager, outside};
use crate::domain::{Age, Judgement, Target, wanted};

pub(super) const RULES: &[Rule] = &[
    Rule { id: "RGW-01", applies: on_cluster, probes: MANAGER, judge: service },
    // Told by the gateways' hosts; awaited with the cluster's own look.
    Rule { id: "RGW-02", applies: on_cluster, probes: LOOK, judge: answers },
    Rule { id: "RGW-08", applies: on_cluster, probes: &["ceph.outside"], judge: certificate },
    Rule { id: "RGW-09", applies: on_cluster, probes: &["ceph.outside"], judge: buckets },
];

/// The planned gateways: host, address, port.
fn planned<'a>(case: &Case<'a>) -> Vec<(&'a str, &'a str, &'a str)> {
    let lines = expected_lines(case, wanted::CEPH_GATEWAYS).into_iter();
    let words = |line: &'a str| {
        let mut words = line.split(' ');
        Some((words.next()?, words.next()?, words.next()?))
    };
    lines.filter_map(words).collect()
}

/// The machines of the planned gateways; those that the inventory knows.
pub(super) fn gateway_hosts<'a>(case: &Case<'a>) -> Vec<&'a Target> {
    let hosts = planned(case).into_iter();
    hosts
        .filter_map(|(host, ..)| storage_nodes(case.site).find(|node| is_called(node, host)))
        .collect()
}

/// Reads one fact of each gateway's machine. Those of which nothing is known
/// are beside the others, with the reason of the first.
pub(super) fn of_each<'a, T: crate::domain::keys::FactType>(
    read: &mut Reading<'a>,
    hosts: &[&'a Target],
    key: crate::domain::keys::Key<T>,
) -> (Vec<(&'a str, T)>, Option<NotKnown>) {
    let (mut told, mut why) = (Vec::new(), None);
    for host in hosts {
        read.ask(host);
        match read.value(key) {
            Ok(value) => told.push((host.name.as_str(), value)),
            Err(not_known) => why = why.or(Some(not_known)),
        }
    }
    read.ask(read.case.target);
    (told, why)
}

fn service(case: &Case<'_>) -> Judgement {
    let planned = planned(case);
    judging::judge(case, |read| {
        let services = read.value(manager::GATEWAYS)?;
        let since = read.observe(manager::GATEWAYS).since;
        let name = read.name();
        let Some(service) = rows(&services).next() else {
            return Ok(if planned.is_empty() {
                Ruling::not_yet("the inventory names no object gateway")
            } else {
                Ruling::fail(format!("{name} has no gateway service"))
            });
        };
        let (running, size) = (service.number("running"), service.number("size"));
        let (Some(running), Some(size)) = (running, size) else {
            return Err(NotKnown::because(format!("{name} does not say how many gateways run")));
        };
        let placed: Vec<&str> =
            service.get("hosts").split(' ').filter(|host| !host.is_empty()).collect();
        let lacks: Vec<&str> = planned
            .iter()
            .map(|(host, ..)| *host)
            .filter(|host| {
                !placed.is_empty() && !placed.iter().any(|there| short(there) == short(host))
            })
            .collect();
        let port = planned.first().map_or("8080", |(_, _, port)| port);
        let label = service.get("service");
        let grace = Age::seconds(read.threshold("grace_min") as i64 * 60);
        let young = since.is_some_and(|since| case.now.since(since) < grace);
        let below = format!("{running:.0} of {size:.0} gateways of {name} run");
        let ruling = if running == 0.0 && size > 0.0 {
            Ruling::fail(format!("none of the {size:.0} gateways of {name} runs"))
        } else if running < size && young {
            Ruling::warn(below)
        } else if running < size {
            Ruling::fail(below)
        } else if !lacks.is_empty() {
            Ruling::fail(format!("{label} of {name} is not placed on {}", and_list(&lacks)))
        } else if service.get("port") != port {
            Ruling::fail(format!(
                "{label} of {name} listens on port {}, not {port}",
                service.get("port")
            ))
        } else {
            Ruling::pass(format!("the {size:.0} gateways of {name} run"))
        };
        Ok(ruling
            .showing(label, format!("{running:.0} of {size:.0}, port {}", service.get("port"))))
    })
}

fn answers(case: &Case<'_>) -> Judgement {
    let hosts = gateway_hosts(case);
    judging::judge(case, |read| {
        if hosts.is_empty() {
            return Ok(Ruling::not_yet("the inventory names no object gateway"));
        }
        let (told, why) = of_each(read, &hosts, gateway::ANSWER);
        let (lists, _) = of_each(read, &hosts, gateway::LISTS);
        let name = read.name();
        let is_well = |host: &str, answer: &str| {
            answer == "200" && lists.iter().any(|(other, lists)| *other == host && lists.0 == "yes")
        };
        let failing: Vec<String> = told
            .iter()
            .filter(|(host, answer)| !is_well(host, answer))
            .map(|(host, answer)| format!("{host} ({answer})"))
            .collect();
        let broken = told.iter().any(|(_, answer)| answer.starts_with('5'));
        let ruling = if failing.is_empty() {
            // What was not seen is not taken for well.
            if let Some(why) = why {
                return Err(why);
            }
            Ruling::pass(format!("the {} gateways of {name} answer S3", told.len()))
        } else if broken {
            Ruling::fail(format!("gateways of {name} fail: {}", and_list(&failing)))
        } else if failing.len() == hosts.len() {
            Ruling::fail(format!("no gateway of {name} answers S3: {}", and_list(&failing)))
        } else {
            Ruling::warn(format!("not every gateway of {name} answers S3: {}", and_list(&failing)))
        };
        Ok(told.iter().fold(ruling, |ruling, (host, answer)| ruling.showing(*host, answer.clone())))
    })
}

fn certificate(case: &Case<'_>) -> Judgement {
    let has_tls = expected(case, wanted::CEPH_GATEWAY_TLS) == Some("yes");
    let planned = planned(case);
    let named = expected(case, wanted::CEPH_GATEWAY_NAME);
    judging::judge(case, |read| {
        if !has_tls {
            return Ok(Ruling::not_yet("the inventory plans the gateways without TLS"));
        }
        let ends = read.value(outside::CERTIFICATE_ENDS)?;
        let names = read.value(outside::CERTIFICATE_NAMES)?;
        let name = read.name();
        let missing: Vec<&str> = planned
            .iter()
            .map(|(host, ..)| *host)
            .chain(named)
            .filter(|host| !names.iter().any(|name| name == host || short(name) == *host))
            .collect();
        let left = (ends.0 - case.now.0).div_euclid(86_400_000);
        let (warn, fail) = (read.threshold("warn_days"), read.threshold("fail_days"));
        let ruling = if left < 0 {
            Ruling::fail(format!("the gateways' certificate of {name} has expired"))
        } else if (left as f64) < fail {
            Ruling::fail(format!("the gateways' certificate of {name} ends in {left} days"))
        } else if !missing.is_empty() {
            Ruling::fail(format!(
                "the gateways' certificate of {name} does not name {}",
                and_list(&missing)
            ))
        } else if (left as f64) <= warn {
            Ruling::warn(format!("the gateways' certificate of {name} ends in {left} days"))
        } else {
            Ruling::pass(format!("the gateways' certificate of {name} is good for {left} days"))
        };
        Ok(ruling.showing("notAfter", ends.rfc3339()).showing("names", names.join(", ")))
    })
}

fn buckets(case: &Case<'_>) -> Judgement {
    judging::from(case, outside::BUCKETS, |read, answer| {
        let name = read.name();
        if answer == "listed" {
            Ruling::pass(format!("the gateways of {name} list buckets with real credentials"))
        } else {
            Ruling::fail(format!("the gateways of {name} do not list buckets: {answer}"))
        }
    })
}
