//! Answers of Grafana, and of Prometheus and Loki about themselves.

use serde_json::Value;

use crate::domain::Report;
use crate::domain::fact::Table;
use crate::domain::keys::observing as keys;
use crate::domain::keys::observing::survey;
use crate::probes::documented::SectionAnswer;
use crate::probes::hosts::parse::{MOST_ROWS, Trouble, json_text, yes_or_no};
use crate::probes::platform::fetched::{Fetched, fetched, named};
use crate::probes::platform::json::{at, documents, first_words, list, text};

fn first<'a>(answer: &SectionAnswer<'a>) -> Result<Fetched<'a>, Trouble> {
    fetched(answer.stdout)?.first().copied().ok_or(Trouble::Format("curl's answer"))
}

pub(super) fn health(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let one = first(answer)?;
    // Grafana says with 503 and the same document that its database is gone.
    let document = serde_json::from_str::<Value>(one.body).ok();
    let database = document.as_ref().map(|document| text(document, "database"));
    let said = match &document {
        Some(document) if one.good().is_some() => text(document, "version"),
        _ => one.said(),
    };
    report.learn(keys::GRAFANA_DATABASE, database.unwrap_or_default());
    report.learn(keys::GRAFANA_SAID, said);
    Ok(())
}

/// Rules that fire, with the time of the oldest alert of each.
pub(super) fn alerts(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let body = first(answer)?.body_of("a list of rules")?;
    let documents = documents(body, "a list of rules")?;
    let answer = documents.first().ok_or(Trouble::Format("a list of rules"))?;
    if at(answer, "data.groups").and_then(Value::as_array).is_none() {
        return Err(Trouble::Format("a list of rules"));
    }
    let columns = ["folder", "name", "severity", "slo", "since", "count"];
    let mut found = Table::new(&columns);
    for group in list(answer, "data.groups") {
        for rule in list(group, "rules").iter().filter(|rule| text(rule, "state") == "firing") {
            let alerts = list(rule, "alerts");
            let firing = alerts
                .iter()
                .filter(|one| !matches!(text(one, "state").as_str(), "Normal" | "inactive"));
            let since = firing.clone().map(|one| text(one, "activeAt")).min();
            if found.rows.len() < MOST_ROWS {
                found.push(vec![
                    text(group, "file"),
                    text(rule, "name"),
                    text(rule, "labels.severity"),
                    text(rule, "labels.slo"),
                    since.unwrap_or_default(),
                    firing.count().to_string(),
                ]);
            }
        }
    }
    report.learn(keys::ALERTS, found);
    Ok(())
}

pub(super) fn contact_points(
    answer: &SectionAnswer<'_>,
    report: &mut Report,
) -> Result<(), Trouble> {
    let all = fetched(answer.stdout)?;
    let body = |name| named(&all, name).ok_or(Trouble::Status)?.body_of("contact points");
    let points = documents(body("contact-points")?, "a list of contact points")?;
    let points = points.first().and_then(Value::as_array);
    let points = points.ok_or(Trouble::Format("a list of contact points"))?;
    let mut found = Table::new(&["name", "type", "addresses"]);
    for one in points.iter().take(MOST_ROWS) {
        // Only addresses: other settings may hold what nobody should read.
        found.push(vec![text(one, "name"), text(one, "type"), text(one, "settings.addresses")]);
    }
    report.learn(survey::CONTACT_POINTS, found);
    if let Some(policies) = named(&all, "policies") {
        let body = policies.body_of("the policies of alerts")?;
        let policies = documents(body, "the policies of alerts")?;
        let receiver = policies.first().map(|tree| text(tree, "receiver")).unwrap_or_default();
        report.learn(survey::RECEIVER, receiver);
    }
    Ok(())
}

pub(super) fn prometheus(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let all = fetched(answer.stdout)?;
    let ready = named(&all, "ready").ok_or(Trouble::Format("whether Prometheus is ready"))?;
    report.learn(keys::PROMETHEUS_READY, yes_or_no(ready.good().is_some()));
    let said = if ready.good().is_some() { first_words(ready.body) } else { ready.said() };
    report.learn(keys::PROMETHEUS_SAID, said);
    let Some(targets) = named(&all, "targets").filter(|_| ready.good().is_some()) else {
        return Ok(());
    };
    let body = targets.body_of("a list of targets")?;
    let documents = documents(body, "a list of targets")?;
    let answer = documents.first().ok_or(Trouble::Format("a list of targets"))?;
    let active = at(answer, "data.activeTargets").and_then(Value::as_array);
    let active = active.ok_or(Trouble::Format("a list of targets"))?;
    let mut down = Table::new(&["job", "instance", "error"]);
    // `unknown` is a target that was not scraped yet.
    for one in active.iter().filter(|one| text(one, "health") == "down").take(MOST_ROWS) {
        down.push(vec![
            text(one, "labels.job"),
            text(one, "labels.instance"),
            first_words(&text(one, "lastError")),
        ]);
    }
    report.learn(keys::SCRAPES, active.len() as f64);
    report.learn(keys::SCRAPES_DOWN, down);
    Ok(())
}

pub(super) fn loki(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let all = fetched(answer.stdout)?;
    let ready = named(&all, "ready").ok_or(Trouble::Format("whether Loki is ready"))?;
    // A proxy's page is an answer too; Loki's own is this one word.
    let is_ready = ready.good().is_some_and(|body| body.trim() == "ready");
    report.learn(keys::LOKI_READY, yes_or_no(is_ready));
    let said = if ready.good().is_some() { first_words(ready.body) } else { ready.said() };
    report.learn(keys::LOKI_SAID, said);
    let Some(labels) = named(&all, "labels").filter(|_| is_ready) else { return Ok(()) };
    let body = labels.body_of("a list of labels")?;
    let documents = documents(body, "a list of labels")?;
    let answer = documents.first().ok_or(Trouble::Format("a list of labels"))?;
    if text(answer, "status") != "success" {
        return Err(Trouble::Format("a list of labels"));
    }
    let names = list(answer, "data").iter().take(MOST_ROWS);
    report.learn(keys::LOKI_LABELS, names.map(|name| json_text(Some(name))).collect());
    Ok(())
}
