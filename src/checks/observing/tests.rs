//! Samples of the observability stack and of the exporters.

use serde_json::{Value, json};

use crate::checks::test_samples::{Sample, http, no_http, raw, sample};
use crate::domain::Verdict::{Fail, NotYet, Pass, Unknown, Warn};
use crate::domain::wanted;

fn vector(result: Value) -> String {
    http(
        "x",
        200,
        &json!({"status": "success", "data": {"resultType": "vector", "result": result}})
            .to_string(),
    )
}

fn share(value: &str) -> String {
    vector(json!([{"metric": {}, "value": [0, value]}]))
}

pub(crate) fn samples() -> Vec<Sample> {
    let mut all = stack();
    all.extend(exporter());
    all
}

fn stack() -> Vec<Sample> {
    let rules = |severity: &str| http("rules", 200, &raw("OBS-02").replace("critical", severity));
    let quiet = http("rules", 200, &raw("OBS-02").replace("firing", "inactive"));
    let contact = |points: &str, receiver: &str| {
        http("contact-points", 200, points)
            + &http("policies", 200, &json!({ "receiver": receiver }).to_string())
    };
    let own = r#"[{"name":"operators","type":"email","settings":{"addresses":"ops@example.net"}}]"#;
    let ready = http("ready", 200, "Prometheus Server is Ready.\n");
    let targets = |health: &str| {
        http("targets", 200, &raw("OBS-04").replace("\"up\"", &format!("\"{health}\"")))
    };
    let labels = |names: &str| {
        http("ready", 200, &raw("OBS-05"))
            + &http("labels", 200, &format!("{{\"status\":\"success\",\"data\":[{names}]}}"))
    };
    let volume = |class: &str| raw("OBS-06").replace("csi-cinder-sc-retain", class);
    let bucket = |used: &str| raw("OBS-07").replace("412316860416", used);
    vec![
        sample("OBS-01", Pass, [("grafana", http("health", 200, &raw("OBS-01")))]),
        sample(
            "OBS-01",
            Fail,
            [("grafana", http("health", 503, r#"{"database":"failing","version":"11"}"#))],
        ),
        sample("OBS-01", Fail, [("grafana", no_http("health", 7))]),
        sample("OBS-02", Pass, [("alerts", quiet)]),
        sample("OBS-02", Warn, [("alerts", rules("warning"))]),
        sample("OBS-02", Fail, [("alerts", rules("critical"))]),
        sample("OBS-02", Unknown, [("alerts", http("rules", 401, ""))]),
        sample("OBS-03", Pass, [("contact-points", contact(own, "operators"))]),
        sample(
            "OBS-03",
            Fail,
            [("contact-points", contact(&raw("OBS-03"), "grafana-default-email"))],
        ),
        sample("OBS-03", Fail, [("contact-points", contact(own, "somebody"))]),
        sample("OBS-04", Pass, [("prometheus", ready.clone() + &targets("up"))]),
        sample("OBS-04", Warn, [("prometheus", ready + &targets("down"))]),
        sample("OBS-04", Fail, [("prometheus", http("ready", 503, "Service Unavailable"))]),
        sample("OBS-04", Fail, [("prometheus", no_http("ready", 7))]),
        sample("OBS-05", Pass, [("loki", labels(r#""job","level""#))]),
        sample("OBS-05", Fail, [("loki", labels(r#""level""#))]),
        sample(
            "OBS-05",
            Fail,
            [("loki", http("ready", 503, "Ingester not ready: waiting for 15s"))],
        ),
        sample("OBS-06", Pass, [("volumes", volume("csi-cinder-sc-retain"))]),
        sample("OBS-06", Fail, [("volumes", volume("local-path"))]),
        sample("OBS-06", Pass, [("volumes", volume("local-path"))])
            .wanting(wanted::OBSERVABILITY_STORAGE, "local"),
        sample("OBS-06", NotYet, [("volumes", "[]")]),
        sample("OBS-07", Pass, [("log-bucket", bucket("412316860416"))]),
        sample("OBS-07", Warn, [("log-bucket", bucket("934584883609"))]),
        sample("OBS-07", Fail, [("log-bucket", bucket("1088516511498"))]),
        sample("OBS-07", NotYet, [("log-bucket", bucket("1").replace("true", "false"))]),
        sample("OBS-08", Pass, [("retention", raw("OBS-08"))]),
        sample("OBS-08", Warn, [("retention", "--storage.tsdb.retention.time=15d".to_owned())]),
        sample("OBS-08", Pass, [("retention", String::new())]).wanting(wanted::RETENTION, ""),
        sample("OBS-08", Warn, [("retention", String::new())]),
    ]
}

fn exporter() -> Vec<Sample> {
    let power = |value: &str| raw("IPMI-05").replace("\"1\"", &format!("\"{value}\""));
    let account = |privilege: &str| {
        format!(
            "ID  Name\t     Callin  Link Auth\tIPMI Msg   Channel Priv Limit\n{}\n",
            raw("IPMI-06").replace("USER", privilege)
        )
    };
    let down = json!([{"metric": {"job": "snmp-if", "instance": "leaf-01"}, "value": [0, "0"]}]);
    vec![
        sample("IPMI-01", Pass, [("ipmi-down", vector(json!([])))]),
        sample("IPMI-01", Fail, [("ipmi-down", raw("IPMI-01"))]),
        sample(
            "IPMI-01",
            Unknown,
            [(
                "ipmi-down",
                http("x", 400, r#"{"status":"error","errorType":"bad_data","error":"x"}"#),
            )],
        ),
        sample("IPMI-02", Pass, [("temperatures", raw("IPMI-02"))]),
        sample("IPMI-02", Fail, [("temperatures", share("99.5"))]),
        sample("IPMI-02", NotYet, [("temperatures", vector(json!([])))]),
        sample("IPMI-03", Pass, [("fans", raw("IPMI-03"))]),
        sample("IPMI-03", Fail, [("fans", share("99.95"))]),
        sample("IPMI-04", Pass, [("voltages", raw("IPMI-04"))]),
        sample("IPMI-04", Fail, [("voltages", share("50"))]),
        sample("IPMI-04", Unknown, [("voltages", no_http("share", 28))]),
        sample("IPMI-05", Pass, [("chassis", raw("IPMI-05"))]),
        sample("IPMI-05", Fail, [("chassis", power("0"))]),
        sample("IPMI-05", NotYet, [("chassis", vector(json!([])))]),
        sample("IPMI-06", Pass, [("bmc.ipmi", account("USER"))]),
        sample("IPMI-06", Warn, [("bmc.ipmi", account("ADMINISTRATOR"))]),
        sample("IPMI-06", Fail, [("bmc.ipmi", account("USER").replace("metrics", "other"))]),
        sample("SNMP-02", Pass, [("snmp-down", raw("SNMP-02"))]),
        sample("SNMP-02", Fail, [("snmp-down", vector(down))]),
    ]
}
