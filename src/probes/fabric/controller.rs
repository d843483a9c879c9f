//! The controller itself: its API, pods, installer, disks, logs, keys.

use serde_json::Value;

use super::agents::time;
use super::section;
use crate::domain::fact::Table;
use crate::domain::keys::fabric as keys;
use crate::domain::keys::fabric::survey;
use crate::domain::keys::{Key, Word};
use crate::domain::untrusted::printable;
use crate::domain::{Report, Stamp};
use crate::probes::documented::{Section, SectionAnswer, Trouble};
use crate::probes::hosts::parse::{MOST_ROWS, first_line, json_text, lines, yes_or_no};

pub(super) const CLOCK: Section = Section {
    program: "date",
    ..section("clock", "date +%s", &[keys::CLOCK.info], |answer, report| {
        let seconds = answer.ok()?.trim().parse().map_err(|_| Trouble::Format("a time"))?;
        report.learn(keys::CLOCK, Stamp::from_seconds(seconds));
        Ok(())
    })
};

pub(super) const API: Section = section(
    "api",
    "t kubectl get --raw='/readyz?verbose'",
    &[keys::API.info, keys::API_FAILING.info],
    |answer, report| {
        // An API that is not ready says which checks fail, on either stream.
        let said = || answer.stdout.lines().chain(answer.stderr.lines());
        let failing = said().flat_map(|line| line.split("\\n")).filter_map(|line| {
            let (_, check) = line.split_once("[-]")?;
            Some(printable(check.split(' ').next().unwrap_or_default()))
        });
        let failing: Vec<String> = failing.collect();
        let is_ready = answer.status == 0 && answer.stdout.contains("readyz check passed");
        if !is_ready && failing.is_empty() && !answer.stderr.contains("readyz check failed") {
            return Err(match answer.ok() {
                Ok(_) => Trouble::Format("the readiness of an API"),
                Err(trouble) => trouble,
            });
        }
        report.learn(keys::API, Word(if is_ready { "ready" } else { "unready" }.to_owned()));
        report.learn(keys::API_FAILING, failing);
        Ok(())
    },
);

pub(super) const PODS: Section =
    section("pods", "t kubectl get pods -A -o json", &[keys::PODS.info], |answer, report| {
        let list = answer.json("a list of pods")?;
        let items = list.get("items").and_then(Value::as_array);
        let items = items.ok_or(Trouble::Format("a list of pods"))?;
        let mut table =
            Table::new(&["name", "phase", "ready", "containers", "reason", "created", "restarted"]);
        for pod in items.iter().take(MOST_ROWS) {
            table.push(pod_row(pod));
        }
        report.learn(keys::PODS, table);
        Ok(())
    });

fn pod_row(pod: &Value) -> Vec<String> {
    let at = |path: &str| json_text(pod.pointer(path));
    let statuses = pod.pointer("/status/containerStatuses").and_then(Value::as_array);
    let statuses = || statuses.into_iter().flatten();
    let ready = statuses().filter(|one| one.get("ready").and_then(Value::as_bool) == Some(true));
    let waiting = statuses().find_map(|one| {
        Some(json_text(Some(one.pointer("/state/waiting/reason")?))).filter(|why| !why.is_empty())
    });
    let restarted = statuses()
        .map(|one| time(one.pointer("/lastState/terminated/finishedAt")))
        .max()
        .unwrap_or_default();
    let reason = waiting.unwrap_or_else(|| at("/status/reason"));
    vec![
        format!("{}/{}", at("/metadata/namespace"), at("/metadata/name")),
        at("/status/phase"),
        ready.count().to_string(),
        statuses().count().to_string(),
        reason,
        time(pod.pointer("/metadata/creationTimestamp")),
        restarted,
    ]
}

pub(super) const FABRICATOR: Section = section(
    "fabricator",
    // Without spec: it holds password hashes and the join token.
    "t kubectl -n fab get fabricators.fabricator.githedgehog.com default -o jsonpath='{\"{\"}\"metadata\":{\"{\"}\"generation\":{.metadata.generation}{\"}\"},\"status\":{.status}{\"}\"}'",
    &[keys::FABRICATOR.info, keys::COMPONENTS.info],
    |answer, report| {
        let object = answer.json("the state of the fabricator")?;
        let status = object.get("status").ok_or(Trouble::Format("the state of the fabricator"))?;
        let mut state = Table::new(&["field", "value", "since"]);
        let mut put = |field: &str, value: String, since: String| {
            state.push(vec![field.to_owned(), value, since]);
        };
        put("wanted", json_text(object.pointer("/metadata/generation")), String::new());
        put("applied", json_text(status.get("lastAppliedGen")), String::new());
        put(
            "attempt",
            json_text(status.get("lastAttemptGen")),
            time(status.get("lastAttemptTime")),
        );
        put("checked", String::new(), time(status.get("lastStatusCheck")));
        put("installing", json_text(status.get("isInstall")), String::new());
        for condition in status.get("conditions").and_then(Value::as_array).into_iter().flatten() {
            let name = json_text(condition.get("type"));
            let since = time(condition.get("lastTransitionTime"));
            put(&name, json_text(condition.get("status")), since);
        }
        let mut components = Table::new(&["name", "state"]);
        for (name, value) in
            status.get("components").and_then(Value::as_object).into_iter().flatten()
        {
            match value.as_object() {
                Some(nodes) => {
                    for (node, value) in nodes {
                        let name = printable(&format!("{name} {node}"));
                        components.push(vec![name, json_text(Some(value))]);
                    }
                }
                None => components.push(vec![printable(name), json_text(Some(value))]),
            }
        }
        report.learn(keys::FABRICATOR, state);
        report.learn(keys::COMPONENTS, components);
        Ok(())
    },
);

pub(super) const INSTALLER: Section = Section {
    program: "systemctl",
    ..section(
        "installer",
        include_str!("../../../assets/probes/fabric/installer.sh"),
        &[keys::INSTALLER.info, keys::INSTALLED.info, keys::INSTALL_ERRORS.info],
        |answer, report| {
            answer.ran()?;
            let mut units = Table::new(&["unit", "state"]);
            let (mut is_whole, mut errors) = (false, Vec::new());
            for line in lines(answer.stdout) {
                if let Some((unit, state)) =
                    line.strip_prefix("unit ").and_then(|line| line.split_once(' '))
                {
                    units.push(vec![unit.to_owned(), state.to_owned()]);
                } else if line == "complete"
                    || line.contains("Control Node installation complete")
                    || line.contains("Control node installation complete")
                {
                    is_whole = true;
                } else if line.contains("level=ERROR") {
                    errors.push(line);
                }
            }
            if units.rows.is_empty() {
                return Err(Trouble::Format("the states of the installer"));
            }
            report.learn(keys::INSTALLER, units);
            report.learn(keys::INSTALLED, yes_or_no(is_whole));
            report.learn(keys::INSTALL_ERRORS, errors);
            Ok(())
        },
    )
};

pub(super) const KEY_SETS: Section = Section {
    program: "ssh-keygen",
    ..section(
        "key-sets",
        // What `update-ssh-keys -l` prints, without that it rewrites authorized_keys.
        include_str!("../../../assets/probes/fabric/key-sets.sh"),
        &[survey::KEY_SETS.info],
        |answer, report| {
            let text = answer.ok()?;
            let mut table = Table::new(&["set", "fingerprint", "comment"]);
            let mut set = String::new();
            for line in lines(text) {
                if line.starts_with("All keys for") || line.starts_with("Updated ") {
                    continue;
                }
                if let Some(name) = line.strip_suffix(':').filter(|name| !name.contains(' ')) {
                    set = name.to_owned();
                    continue;
                }
                let mut words = line.split(' ').skip_while(|word| !word.starts_with("SHA256:"));
                let fingerprint = words.next().ok_or(Trouble::Format("a list of keys"))?;
                let comment: Vec<&str> = words.collect();
                table.push(vec![set.clone(), fingerprint.to_owned(), comment.join(" ")]);
            }
            report.learn(survey::KEY_SETS, table);
            Ok(())
        },
    )
};

pub(super) const ROOM: Section = Section {
    program: "df",
    ..section(
        "room",
        "df -P -B1 / /var 2>/dev/null | tail -n +2; free -b | sed -n 2p",
        &[survey::ROOM.info],
        |answer, report| {
            let mut table = Table::new(&["what", "size", "available"]);
            for line in lines(answer.stdout) {
                let words: Vec<&str> = line.split_whitespace().collect();
                match words.as_slice() {
                    ["Mem:", total, _, _, _, _, available] => {
                        table.push(["memory", total, available].map(str::to_owned).to_vec());
                    }
                    [_, size, _, available, _, mount] => {
                        table.push([*mount, *size, *available].map(str::to_owned).to_vec());
                    }
                    _ => {}
                }
            }
            if table.rows.is_empty() {
                return Err(Trouble::Format("room of disks"));
            }
            report.learn(survey::ROOM, table);
            Ok(())
        },
    )
};

pub(super) const LOGS: Section = section(
    "logs",
    include_str!("../../../assets/probes/fabric/logs.sh"),
    &[survey::LOG_ERRORS.info, survey::LOG_LAST.info],
    |answer, report| {
        let text = answer.ok()?;
        let errors = || text.lines().filter(|line| line.contains("level=ERROR"));
        let count = errors().count();
        learn_last(report, survey::LOG_LAST, errors().skip(count.saturating_sub(3)));
        report.learn(survey::LOG_ERRORS, count as f64);
        Ok(())
    },
);

fn learn_last<'a>(
    report: &mut Report,
    key: Key<Vec<String>>,
    lines: impl Iterator<Item = &'a str>,
) {
    let short = |line: &str| first_line(line).chars().take(300).collect();
    report.learn(key, lines.map(short).collect());
}

pub(super) const DEPLOYMENTS: Section = section(
    "deployments",
    "t kubectl -n fab get deploy ntp fabric-boot fabric-dhcpd -o jsonpath='{range .items[*]}{\"{\"}\"n\":\"{.metadata.name}\",\"r\":\"{.status.readyReplicas}\"{\"}\"}{\"\\n\"}{end}'",
    &[survey::DEPLOYMENTS.info],
    |answer, report| {
        let mut table = Table::new(&["name", "ready"]);
        for line in answer.ok()?.lines().filter(|line| !line.trim().is_empty()) {
            let row: Value = serde_json::from_str(line)
                .map_err(|_| Trouble::Format("the state of deployments"))?;
            table.push(vec![json_text(row.get("n")), json_text(row.get("r"))]);
        }
        report.learn(survey::DEPLOYMENTS, table);
        Ok(())
    },
);

/// An answer of either of the two forms that a list of objects may have.
pub(super) fn items(answer: &SectionAnswer<'_>, what: &'static str) -> Result<Vec<Value>, Trouble> {
    match answer.json(what)?.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => Ok(items),
        _ => Err(Trouble::Format(what)),
    }
}
