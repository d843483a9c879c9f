//! Answers to queries of Prometheus.

use serde_json::Value;

use crate::domain::Report;
use crate::domain::fact::Table;
use crate::domain::keys::observing::exporter as keys;
use crate::domain::keys::services::agents;
use crate::domain::keys::{Key, observing::bucket};
use crate::probes::documented::SectionAnswer;
use crate::probes::hosts::parse::{MOST_ROWS, Trouble};
use crate::probes::platform::fetched::fetched;
use crate::probes::platform::json::{at, list, text};
use crate::probes::platform::kubernetes::well;

pub(super) fn ipmi_down(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let columns = ["collector", "host", "value"];
    report.learn(keys::IPMI_DOWN, values(answer, &columns, &["collector", HOST])?);
    Ok(())
}

pub(super) fn temperatures(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    share(answer, report, keys::TEMPERATURES)
}

pub(super) fn fans(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    share(answer, report, keys::FANS)
}

pub(super) fn voltages(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    share(answer, report, keys::VOLTAGES)
}

pub(super) fn snmp_down(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let columns = ["job", "instance", "value"];
    report.learn(keys::SNMP_DOWN, values(answer, &columns, &["job", "instance"])?);
    Ok(())
}

pub(super) fn reconciliation(
    answer: &SectionAnswer<'_>,
    report: &mut Report,
) -> Result<(), Trouble> {
    let columns = ["tenant", "value"];
    report.learn(agents::RECONCILIATION, values(answer, &columns, &["tenant_id"])?);
    Ok(())
}

/// The label that the exporters of the site put on every series of a machine;
/// where it is missing, `instance` names it.
const HOST: &str = "device_host";

/// The series of a query's answer. An answer that is not `success` is none.
fn series(answer: &SectionAnswer<'_>) -> Result<Vec<Value>, Trouble> {
    const WHAT: &str = "an answer of Prometheus";
    let text_of = answer.stdout.trim();
    let body = match text_of.starts_with("@get ") {
        true => {
            let all = fetched(text_of)?;
            let one = all.first().ok_or(Trouble::Format(WHAT))?;
            one.body_of(WHAT)?
        }
        false => text_of,
    };
    let answer: Value = serde_json::from_str(body).map_err(|_| Trouble::Format(WHAT))?;
    if let Value::Array(series) = answer {
        return Ok(series);
    }
    if text(&answer, "status") != "success" {
        return Err(Trouble::Format(WHAT));
    }
    match at(&answer, "data.resultType").and_then(Value::as_str) {
        Some("vector") => Ok(list(&answer, "data.result").to_vec()),
        _ => Err(Trouble::Format(WHAT)),
    }
}

/// The value of a series as text, as Prometheus writes it.
fn value(series: &Value) -> String {
    list(series, "value").get(1).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn label(series: &Value, name: &str) -> String {
    let metric = series.get("metric");
    let given = |name: &str| {
        crate::probes::hosts::parse::json_text(metric.and_then(|metric| metric.get(name)))
    };
    match given(name) {
        empty if empty.is_empty() && name == HOST => given("instance"),
        found => found,
    }
}

/// A row per series: these labels, then the value.
pub(crate) fn values(
    answer: &SectionAnswer<'_>,
    columns: &[&str],
    labels: &[&str],
) -> Result<Table, Trouble> {
    let mut found = Table::new(columns);
    for one in series(answer)?.iter().take(MOST_ROWS) {
        let mut row: Vec<String> = labels.iter().map(|name| label(one, name)).collect();
        row.push(value(one));
        found.push(row);
    }
    Ok(found)
}

/// The one number of a query. No series means that nothing is measured, and is no number.
fn share(answer: &SectionAnswer<'_>, report: &mut Report, key: Key<f64>) -> Result<(), Trouble> {
    // The vendor's list has the number alone.
    let alone = answer.stdout.trim().parse().ok();
    let number: Option<f64> = match alone {
        Some(number) => Some(number),
        None => series(answer)?.first().and_then(|one| value(one).parse().ok()),
    };
    if let Some(number) = number.filter(|number| number.is_finite()) {
        report.learn(key, number);
    }
    Ok(())
}

/// Both metrics of a machine in one row.
pub(super) fn chassis(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let mut found = Table::new(&["host", "power", "watts"]);
    for one in series(answer)? {
        let host = label(&one, HOST);
        let column = match label(&one, "__name__").as_str() {
            "ipmi_chassis_power_state" => 1,
            "ipmi_dcmi_power_consumption_watts" => 2,
            _ => continue,
        };
        let at = match found.rows.iter().position(|row| row.first() == Some(&host)) {
            Some(at) => at,
            None if found.rows.len() < MOST_ROWS => {
                found.push(vec![host]);
                found.rows.len() - 1
            }
            None => continue,
        };
        if let Some(cell) = found.rows.get_mut(at).and_then(|row| row.get_mut(column)) {
            *cell = value(&one);
        }
    }
    report.learn(keys::CHASSIS, found);
    Ok(())
}

pub(super) fn log_bucket(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    const WHAT: &str = "the statistics of a bucket";
    let stats: Value =
        serde_json::from_str(well(answer)?.trim()).map_err(|_| Trouble::Format(WHAT))?;
    let bytes = |value: Option<&Value>| value.and_then(Value::as_f64);
    let usage = stats.get("usage").and_then(Value::as_object).ok_or(Trouble::Format(WHAT))?;
    let used = usage.values().filter_map(|part| bytes(part.get("size_actual"))).sum();
    let enabled = at(&stats, "bucket_quota.enabled").and_then(Value::as_bool).unwrap_or(false);
    let most = bytes(at(&stats, "bucket_quota.max_size")).filter(|most| *most > 0.0);
    report.learn(bucket::USED, used);
    report.learn(bucket::QUOTA, most.filter(|_| enabled).unwrap_or(0.0));
    Ok(())
}
