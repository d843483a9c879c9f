use super::{grafana, metrics};
use crate::domain::keys::observing as keys;
use crate::domain::{Report, Value};
use crate::probes::documented::SectionAnswer;

fn captured(get: &str, name: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/prometheus/");
    let body = std::fs::read_to_string(format!("{path}{name}")).unwrap();
    let status = if body.contains("\"status\":\"error\"") { 400 } else { 200 };
    format!("@get {get}\n{body}\n@http {status}\n@curl 0\n")
}

fn answer(stdout: &str) -> SectionAnswer<'_> {
    SectionAnswer { stdout, stderr: "", status: 0 }
}

fn value(report: &Report, name: &str) -> Option<Value> {
    report.facts.iter().find(|fact| fact.key.as_str() == name).map(|fact| fact.value.clone())
}

#[test]
fn a_real_prometheus_is_understood() {
    let mut report = Report::default();
    let ready = "@get ready\nPrometheus Server is Ready.\n\n@http 200\n@curl 0\n";
    let text = format!("{ready}{}", captured("targets", "targets.json"));
    grafana::prometheus(&answer(&text), &mut report).unwrap();
    assert_eq!(value(&report, keys::SCRAPES.info.name), Some(Value::Number(3.0)));
    let Some(Value::Table(down)) = value(&report, keys::SCRAPES_DOWN.info.name) else { panic!() };
    assert_eq!(down.rows.len(), 1);
    assert_eq!(down.rows[0][..2], ["node", "127.0.7.9:9100"]);
    assert!(down.rows[0][2].ends_with("connection refused"), "{}", down.rows[0][2]);

    let columns = ["job", "instance", "value"];
    let up = captured("x", "query-up.json");
    let up = metrics::values(&answer(&up), &columns, &["job", "instance"]).unwrap();
    let rows: Vec<String> = up.rows.iter().map(|row| row.join(" ")).collect();
    assert_eq!(rows[..2], ["prometheus 127.0.7.1:9090 1", "platform 127.0.7.1:9101 1"]);
    let empty = captured("x", "query-empty.json");
    assert_eq!(metrics::values(&answer(&empty), &columns, &["job"]).unwrap().rows.len(), 0);
    for name in ["query-bad.json", "query-range.json", "rules.json", "am-status.json"] {
        let text = captured("x", name);
        assert!(metrics::values(&answer(&text), &columns, &["job"]).is_err(), "{name}");
    }
}

#[test]
fn rules_of_prometheus_itself_are_read_like_grafanas() {
    let mut report = Report::default();
    grafana::alerts(&answer(&captured("rules", "rules.json")), &mut report).unwrap();
    let Some(Value::Table(alerts)) = value(&report, keys::ALERTS.info.name) else { panic!() };
    let names: Vec<&str> = alerts.rows.iter().map(|row| alerts.cell(row, "name")).collect();
    assert!(names.contains(&"TargetDown") && names.contains(&"Watchdog"), "{names:?}");
}
