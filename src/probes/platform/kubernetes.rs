//! The answers of `kubectl` and `helm` on the management cluster.

use serde_json::Value;

use super::json::{at, condition, documents, items, list, number, table, text};
use crate::domain::Report;
use crate::domain::fact::Table;
use crate::domain::keys::platform as keys;
use crate::domain::keys::platform::survey;
use crate::domain::keys::services::issuers;
use crate::probes::documented::SectionAnswer;
use crate::probes::hosts::parse::{MOST_ROWS, Trouble, lines};

pub(super) fn console_workloads(
    answer: &SectionAnswer<'_>,
    report: &mut Report,
) -> Result<(), Trouble> {
    report.learn(keys::CONSOLE_WORKLOADS, workloads(answer)?);
    Ok(())
}

pub(super) fn observability_workloads(
    answer: &SectionAnswer<'_>,
    report: &mut Report,
) -> Result<(), Trouble> {
    report.learn(keys::OBSERVABILITY_WORKLOADS, workloads(answer)?);
    Ok(())
}

pub(super) fn clusters(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    report.learn(keys::CLUSTERS, phases(answer, "a list of clusters")?);
    Ok(())
}

pub(super) fn machines(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    report.learn(keys::MACHINES, phases(answer, "a list of machines")?);
    Ok(())
}

/// The line that parts the answers of several commands in one section.
pub(crate) const NEXT: &str = "@next";

/// The answers of the commands of one section, in order.
pub(crate) fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(NEXT).map(str::trim)
}

/// What the command printed when it ended well.
pub(crate) fn well<'a>(answer: &SectionAnswer<'a>) -> Result<&'a str, Trouble> {
    if answer.status == 0 { Ok(answer.stdout) } else { Err(Trouble::Status) }
}

pub(super) fn nodes(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let items = items(well(answer)?, "a list of nodes")?;
    let columns = ["name", "ready", "unschedulable", "version", "message"];
    report.learn(
        keys::NODES,
        table(&columns, &items, |node| {
            let (ready, message, _) = condition(node, "Ready");
            vec![
                text(node, "metadata.name"),
                ready,
                text(node, "spec.unschedulable"),
                text(node, "status.nodeInfo.kubeletVersion"),
                message,
            ]
        }),
    );
    Ok(())
}

/// What a pod's containers say together.
struct Containers {
    ready: usize,
    wanted: usize,
    reason: String,
    message: String,
    restarts: i64,
    restarted: String,
}

fn containers(pod: &Value) -> Containers {
    let own = list(pod, "status.containerStatuses");
    let all = || list(pod, "status.initContainerStatuses").iter().chain(own);
    let stuck = all().find(|one| at(one, "state.waiting.reason").is_some());
    let (reason, message) = match stuck {
        Some(one) => (text(one, "state.waiting.reason"), text(one, "state.waiting.message")),
        None => {
            let (_, why, _) = condition(pod, "PodScheduled");
            let own = [text(pod, "status.reason"), text(pod, "status.message")];
            match own {
                [reason, message] if !reason.is_empty() => (reason, message),
                _ => (String::new(), why),
            }
        }
    };
    // Times of one format in one zone are ordered as their texts are.
    let ends = all().flat_map(|one| {
        [text(one, "lastState.terminated.finishedAt"), text(one, "state.terminated.finishedAt")]
    });
    let wanted = match own.len() {
        0 => list(pod, "spec.containers").len(),
        some => some,
    };
    Containers {
        ready: own.iter().filter(|one| text(one, "ready") == "true").count(),
        wanted,
        reason,
        message,
        restarts: all().map(|one| number(one, "restartCount")).sum(),
        restarted: ends.max().unwrap_or_default(),
    }
}

/// Whether a pod runs with all of its containers ready. Where the list does
/// not tell its containers, its own condition does.
fn is_ready(pod: &Value, containers: &Containers) -> bool {
    match condition(pod, "Ready").0.as_str() {
        "True" => true,
        "False" => false,
        _ => containers.ready == containers.wanted,
    }
}

/// How many containers are ready, and how many there are; fewer than all where
/// the pod itself is not ready.
fn counts(pod: &Value, containers: &Containers) -> (usize, usize) {
    let wanted = containers.wanted.max(1);
    let ready = if is_ready(pod, containers) { wanted } else { containers.ready.min(wanted - 1) };
    (ready, wanted)
}

pub(super) fn pods(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let items = items(well(answer)?, "a list of pods")?;
    let phase = |pod: &Value| text(pod, "status.phase");
    report.learn(keys::PODS, items.len() as f64);
    let failed = items.iter().filter(|pod| phase(pod) == "Failed").count();
    report.learn(keys::PODS_FAILED, failed as f64);
    let columns = [
        "namespace",
        "name",
        "phase",
        "ready",
        "wanted",
        "reason",
        "message",
        "restarts",
        "restarted",
        "created",
    ];
    let odd = items.iter().filter(|pod| {
        let containers = containers(pod);
        let runs = phase(pod) == "Running" && is_ready(pod, &containers);
        !(runs && containers.restarts == 0 || phase(pod) == "Succeeded")
    });
    report.learn(
        keys::PODS_ODD,
        table(&columns, odd, |pod| {
            let containers = containers(pod);
            let (ready, wanted) = counts(pod, &containers);
            vec![
                text(pod, "metadata.namespace"),
                text(pod, "metadata.name"),
                phase(pod),
                ready.to_string(),
                wanted.to_string(),
                containers.reason,
                containers.message,
                containers.restarts.to_string(),
                containers.restarted,
                text(pod, "metadata.creationTimestamp"),
            ]
        }),
    );
    Ok(())
}

/// Deployments and stateful sets with their replicas. A cron job has none and counts as it is.
fn workloads(answer: &SectionAnswer<'_>) -> Result<Table, Trouble> {
    let items = items(well(answer)?, "a list of workloads")?;
    let columns = ["kind", "namespace", "name", "wanted", "ready"];
    Ok(table(&columns, &items, |one| {
        let kind = text(one, "kind");
        let (wanted, ready) = if kind == "CronJob" {
            (0, 0)
        } else {
            let wanted = at(one, "spec.replicas").and_then(Value::as_i64).unwrap_or(1);
            (wanted, number(one, "status.readyReplicas"))
        };
        vec![
            kind,
            text(one, "metadata.namespace"),
            text(one, "metadata.name"),
            wanted.to_string(),
            ready.to_string(),
        ]
    }))
}

fn pod_rows(text_of: &str, what: &'static str) -> Result<Table, Trouble> {
    let items = items(text_of, what)?;
    let columns = ["name", "component", "phase", "ready", "wanted"];
    Ok(table(&columns, &items, |pod| {
        let containers = containers(pod);
        let (ready, wanted) = counts(pod, &containers);
        let labels =
            at(pod, "metadata.labels").and_then(|all| all.get("app.kubernetes.io/component"));
        vec![
            text(pod, "metadata.name"),
            crate::probes::hosts::parse::json_text(labels),
            text(pod, "status.phase"),
            ready.to_string(),
            wanted.to_string(),
        ]
    }))
}

/// The pods, then the services as listed or as `jq` has put them together, then `ADDRESS yes`
/// or `ADDRESS no` for each address that was asked with `dig`.
pub(super) fn cluster_dns(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let mut parts = parts(well(answer)?);
    let mut next = || parts.next().unwrap_or_default();
    let pods = pod_rows(next(), "a list of pods")?;
    let services = items(next(), "a list of services")?;
    let asked: Vec<(String, String)> = lines(next())
        .filter_map(|line| line.split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned())))
        .collect();
    let mut found = Table::new(&["name", "address", "answers"]);
    for service in services.iter().take(MOST_ROWS) {
        let (name, ingress) = match service.get("metadata") {
            None => (text(service, "n"), "ip"),
            Some(_) if text(service, "spec.type") != "LoadBalancer" => continue,
            Some(_) => (text(service, "metadata.name"), "status.loadBalancer.ingress"),
        };
        if !name.contains("dns") {
            continue;
        }
        let addresses = list(service, ingress).iter().map(|one| text(one, "ip"));
        let addresses: Vec<String> = addresses.filter(|one| !one.is_empty()).collect();
        if addresses.is_empty() {
            found.push(vec![name.clone(), String::new(), String::new()]);
        }
        for address in addresses {
            let told = asked.iter().find(|(at, _)| *at == address);
            let answers = told.map_or(String::new(), |(_, word)| word.clone());
            found.push(vec![name.clone(), address, answers]);
        }
    }
    report.learn(keys::DNS_PODS, pods);
    report.learn(keys::DNS_SERVICES, found);
    Ok(())
}

/// What the pooler says when its connection pool is confused (the vendor's runbook).
const CONFUSED: &str = "kind does not match between main(0) slot[0]";

/// The pods, the end of the API's log, the end of the pooler's.
pub(super) fn database(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let mut parts = parts(well(answer)?);
    let mut next = || parts.next().unwrap_or_default();
    report.learn(keys::DATABASE_PODS, pod_rows(next(), "a list of pods")?);
    let is_error = |line: &String| {
        let line = line.to_ascii_lowercase();
        ["connection refused", "connection reset", "could not connect", "connection timed out"]
            .iter()
            .chain(&["server closed the connection", "operationalerror", "connectiondoesnotexist"])
            .any(|words| line.contains(words))
    };
    report.learn(keys::DATABASE_ERRORS, lines(next()).filter(is_error).collect());
    let confused = lines(next()).filter(|line| line.contains(CONFUSED));
    report.learn(keys::POOLER_ERRORS, confused.collect());
    Ok(())
}

/// As `jq` has put them together, or as `kubectl` lists them.
pub(super) fn controllers(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let items = items(well(answer)?, "a list of controllers")?;
    let either = |one: &Value, short: &str, long: &str| match text(one, short) {
        some if !some.is_empty() => some,
        _ => text(one, long),
    };
    report.learn(
        keys::CONTROLLERS,
        table(&["namespace", "name", "ready"], &items, |one| {
            let ready = number(one, "r").max(number(one, "status.readyReplicas"));
            vec![
                either(one, "ns", "metadata.namespace"),
                either(one, "n", "metadata.name"),
                ready.to_string(),
            ]
        }),
    );
    Ok(())
}

fn phases(answer: &SectionAnswer<'_>, what: &'static str) -> Result<Table, Trouble> {
    let items = items(well(answer)?, what)?;
    Ok(table(&["namespace", "name", "phase", "created", "message"], &items, |one| {
        let (_, ready, _) = condition(one, "Ready");
        let failure = text(one, "status.failureMessage");
        vec![
            text(one, "metadata.namespace"),
            text(one, "metadata.name"),
            text(one, "status.phase"),
            text(one, "metadata.creationTimestamp"),
            if failure.is_empty() { ready } else { failure },
        ]
    }))
}

/// Since when a group lacks replicas is not told by Kubernetes as such: the
/// condition that says so has a time, else the group's own birth is the most
/// that can be said.
pub(super) fn worker_groups(
    answer: &SectionAnswer<'_>,
    report: &mut Report,
) -> Result<(), Trouble> {
    let items = items(well(answer)?, "a list of worker groups")?;
    let columns = ["kind", "namespace", "name", "wanted", "ready", "since"];
    report.learn(
        keys::WORKER_GROUPS,
        table(&columns, &items, |one| {
            let since = ["MachinesReady", "Ready", "Available"]
                .into_iter()
                .map(|kind| condition(one, kind))
                .find(|(status, _, since)| status == "False" && !since.is_empty())
                .map_or_else(|| text(one, "metadata.creationTimestamp"), |(_, _, since)| since);
            vec![
                text(one, "kind"),
                text(one, "metadata.namespace"),
                text(one, "metadata.name"),
                number(one, "spec.replicas").to_string(),
                number(one, "status.readyReplicas").to_string(),
                since,
            ]
        }),
    );
    Ok(())
}

/// As `kubectl` lists them, or as `jq` has put them together.
pub(super) fn volumes(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let items = items(well(answer)?, "a list of volume claims")?;
    let columns = ["namespace", "name", "class", "phase", "capacity"];
    report.learn(
        survey::VOLUMES,
        table(&columns, &items, |one| {
            if at(one, "metadata").is_none() {
                return vec![
                    String::new(),
                    text(one, "n"),
                    text(one, "sc"),
                    text(one, "p"),
                    String::new(),
                ];
            }
            vec![
                text(one, "metadata.namespace"),
                text(one, "metadata.name"),
                text(one, "spec.storageClassName"),
                text(one, "status.phase"),
                text(one, "status.capacity.storage"),
            ]
        }),
    );
    Ok(())
}

pub(super) fn backups(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let items = items(well(answer)?, "a list of jobs")?;
    let columns = ["name", "created", "succeeded", "failed", "completed"];
    report.learn(
        survey::BACKUPS,
        table(&columns, &items, |job| {
            vec![
                text(job, "metadata.name"),
                text(job, "metadata.creationTimestamp"),
                number(job, "status.succeeded").to_string(),
                number(job, "status.failed").to_string(),
                text(job, "status.completionTime"),
            ]
        }),
    );
    Ok(())
}

/// Helm writes `2027-01-10 09:00:00.123 +0000 UTC`; kept as a time that can be read again.
pub(super) fn releases(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let items = items(well(answer)?, "helm's list")?;
    let columns = ["namespace", "name", "status", "updated", "chart"];
    report.learn(
        survey::RELEASES,
        table(&columns, &items, |one| {
            let updated = text(one, "updated");
            let mut words = updated.split(' ');
            let time = match (words.next(), words.next()) {
                (Some(day), Some(hour)) => format!("{day}T{hour}Z"),
                _ => updated.clone(),
            };
            vec![
                text(one, "namespace"),
                text(one, "name"),
                text(one, "status"),
                time,
                text(one, "chart"),
            ]
        }),
    );
    Ok(())
}

/// The names of a mapping; kubectl prints nothing when there is no data.
pub(super) fn dns_legacy(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    if answer.status != 0 && !answer.stdout.contains("NotFound") {
        return Err(Trouble::Status);
    }
    let text = answer.stdout.trim();
    let names: Vec<String> = if text.is_empty() || answer.status != 0 {
        Vec::new()
    } else {
        let all = documents(text, "a configuration")?;
        let map = all.first().and_then(Value::as_object);
        let map = map.ok_or(Trouble::Format("a configuration"))?;
        map.keys().map(|name| crate::domain::untrusted::printable(name)).take(MOST_ROWS).collect()
    };
    report.learn(survey::DNS_LEGACY, names);
    Ok(())
}

pub(super) fn retention(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    // grep ends with 1 when no workload has the word.
    if !matches!(answer.status, 0 | 1) {
        return Err(Trouble::Status);
    }
    let times = lines(answer.stdout)
        .filter_map(|line| line.strip_prefix("--storage.tsdb.retention.time=").map(str::to_owned));
    report.learn(survey::RETENTION, times.collect());
    Ok(())
}

pub(super) fn all_issuers(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let items = items(well(answer)?, "a list of issuers")?;
    report.learn(
        issuers::ISSUERS,
        table(&["name", "ready", "message"], &items, |one| {
            let (ready, message, _) = condition(one, "Ready");
            vec![text(one, "metadata.name"), ready, message]
        }),
    );
    Ok(())
}

pub(super) fn certificates(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let items = items(well(answer)?, "a list of certificates")?;
    let columns = ["namespace", "name", "issuer", "names", "expires", "ready", "since", "message"];
    report.learn(
        issuers::CERTIFICATES,
        table(&columns, &items, |one| {
            let (ready, message, since) = condition(one, "Ready");
            let names = list(one, "spec.dnsNames").iter();
            let names: Vec<String> =
                names.map(|name| crate::probes::hosts::parse::json_text(Some(name))).collect();
            vec![
                text(one, "metadata.namespace"),
                text(one, "metadata.name"),
                text(one, "spec.issuerRef.name"),
                names.join(" "),
                text(one, "status.notAfter"),
                ready,
                since,
                message,
            ]
        }),
    );
    Ok(())
}

pub(super) fn orders(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let items = items(well(answer)?, "a list of orders")?;
    let columns = ["kind", "namespace", "name", "host", "state", "reason", "created"];
    report.learn(
        issuers::ORDERS,
        table(&columns, &items, |one| {
            let host = match text(one, "spec.dnsName") {
                some if !some.is_empty() => some,
                _ => text(one, "spec.commonName"),
            };
            vec![
                text(one, "kind"),
                text(one, "metadata.namespace"),
                text(one, "metadata.name"),
                host,
                text(one, "status.state"),
                text(one, "status.reason"),
                text(one, "metadata.creationTimestamp"),
            ]
        }),
    );
    Ok(())
}
