mod pages;

use std::path::PathBuf;

use serde_json::json;

use super::*;
use crate::domain::endpoint::TlsTrust;
use crate::domain::{Fact, Health, Value as FactValue};
use crate::probes::power::testing::{bmc_target, reach};
use crate::transport::http::fingerprint;
use crate::transport::http::test_server::{TestServer, params, serve};

fn text(name: &str) -> String {
    let place = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/redfish").join(name);
    std::fs::read_to_string(place).unwrap()
}

fn fixture(name: &str) -> Value {
    serde_json::from_str(&text(name)).unwrap()
}

#[test]
fn the_emulators_documents_are_read() {
    assert_eq!(parse::link(&fixture("root.json"), "Systems").unwrap(), "/redfish/v1/Systems");
    assert_eq!(parse::members(&fixture("systems.json")).len(), 2);
    let on = parse::system(&fixture("system-on.json"));
    assert_eq!((on.power, on.bios), (Some("on"), None));
    assert!(on.names.contains(&"node-001".to_owned()));
    assert_eq!(parse::system(&fixture("system-off.json")).power, Some("off"));
    assert_eq!(parse::system(&fixture("libvirt-system.json")).bios.as_deref(), Some("1.0.0"));
    assert_eq!(parse::firmware(&fixture("manager.json")).as_deref(), Some("1.00"));
    let thermal = fixture("thermal.json");
    let heat = parse::temperatures(&thermal);
    assert_eq!(heat.len(), 3);
    assert_eq!((heat[2].place, heat[2].reading), (SensorPlace::Inlet, Some(25.0)));
    assert_eq!((heat[2].limits.low_fail, heat[2].limits.high_fail), (Some(5.0), Some(40.0)));
    assert_eq!(parse::fans(&thermal)[0].shown(), "2100 RPM");
}

#[test]
fn odd_documents_give_what_they_hold_and_no_more() {
    let odd = fixture("odd.json");
    let heat = parse::temperatures(&odd);
    assert_eq!((heat[0].place, heat[0].health), (SensorPlace::Inlet, Health::Warning));
    assert_eq!(heat[0].limits.high_warn, None, "0 is no upper limit");
    assert_eq!((heat[1].name.as_str(), heat[1].reading), ("unnamed", None));
    assert_eq!((heat[2].place, heat[2].reading), (SensorPlace::Inside, Some(44.0)));
    assert_eq!((heat[3].name.as_str(), heat[3].reading), ("badname", None));
    let fans = parse::fans(&odd);
    assert_eq!((fans[0].shown(), fans[1].shown()), ("45 %".into(), "5400 RPM".into()));
    assert_eq!(fans[1].limits.low_fail, Some(600.0));
    assert_eq!((fans[2].reading, fans[2].health), (None, Health::Unsaid));
    assert_eq!(fans[3].name, "unnamed");
    assert_eq!(parse::watts(&odd), None);
    assert!(parse::supplies(&odd).is_empty());
    assert_eq!(parse::members(&odd), ["/redfish/v1/Systems/1"], "links lead nowhere else");
    for value in [json!(null), json!([]), json!("x"), json!({"Members": {}, "Status": []})] {
        assert!(parse::members(&value).is_empty());
        assert_eq!(parse::health(&value), Health::Unsaid);
        assert_eq!(parse::system(&value).power, None);
        assert_eq!(parse::log_count(&value), None);
    }
}

#[test]
fn power_supplies_redundancy_and_watts() {
    let power = fixture("power.json");
    assert_eq!(parse::watts(&power), Some(1932.0));
    let volts = parse::voltages(&power);
    assert_eq!((volts[0].shown(), volts[1].health), ("12.06 V".into(), Health::Absent));
    let supplies = parse::supplies(&power);
    use Health::{Absent, Critical, Ok};
    let healths: Vec<Health> = supplies.iter().map(|one| one.health).collect();
    assert_eq!(healths, [Ok, Critical, Absent, Critical]);
    assert_eq!(supplies[1].note, "LossOfInput");
    assert_eq!(
        parse::redundancy(&power, "Redundancy"),
        [["PSU group".to_owned(), "critical".to_owned(), "2".to_owned()]]
    );
}

#[test]
fn the_newer_subsystems_are_read_too() {
    let new = fixture("subsystem.json");
    let heat = parse::thermal_metrics(&new["metrics"]);
    assert_eq!((heat[0].shown(), heat[1].reading), ("61.5 C".into(), None));
    assert_eq!((heat[2].place, heat[2].reading), (SensorPlace::Inlet, Some(24.8)));
    assert_eq!(parse::fan(&new["fan"]).shown(), "8800 RPM");
    assert_eq!(parse::fan(&new["fan_percent_only"]).shown(), "55 %");
    assert_eq!(parse::supply(&new["supply"]).health, Health::Ok);
    let groups = parse::redundancy(&new["subsystem"], "PowerSupplyRedundancy");
    assert_eq!(groups, [["all".to_owned(), "ok".to_owned(), "3".to_owned()]]);
    assert_eq!(parse::environment_watts(&new["environment"]), Some(5120.4));
}

#[test]
fn event_logs_are_ranked_counted_and_dated() {
    let log = fixture("log.json");
    assert_eq!(parse::log_most(&log["service"]), Some(1024.0));
    assert_eq!(parse::log_count(&log["entries"]), Some(120.0));
    assert_eq!(
        parse::log_critical(&log["entries"]),
        [["2026-11-20T09:00:00Z", "Uncorrectable ECC on DIMM A1"], ["", "PSU0003"]]
    );
    let rank = |last: &str| parse::log_rank(&format!("/redfish/v1/Systems/1/LogServices/{last}"));
    assert!(rank("Sel") > rank("IML") && rank("IML") > rank("EventLog"));
    assert_eq!(rank("Crashdump"), 0);
}

/// A whole controller: one system with a log, one chassis with heat and power, one manager.
async fn controller() -> TestServer {
    let list = |path: &str| json!({"Members": [{"@odata.id": path}]}).to_string();
    let system = json!({
        "Name": "gpu-07", "PowerState": "On", "Model": "AN-8", "SerialNumber": "5CJ21K",
        "BiosVersion": "2.1", "Status": {"State": "Enabled", "Health": "OK", "HealthRollup": "Warning"},
        "LogServices": {"@odata.id": "/redfish/v1/Systems/1/LogServices"},
    });
    let chassis = json!({
        "Name": "Chassis", "Status": {"State": "Enabled", "Health": "OK"},
        "Thermal": {"@odata.id": "/redfish/v1/Chassis/1/Thermal"},
        "Power": {"@odata.id": "/redfish/v1/Chassis/1/Power"},
    });
    let mut log = fixture("log.json");
    // Its list is short; the count of a whole list is the list's.
    let entries = log["entries"]["Members"].as_array().unwrap().len();
    log["entries"]["Members@odata.count"] = entries.into();
    let pages: Vec<(&str, u16, String)> = vec![
        ("/redfish/v1/", 200, text("root.json")),
        ("/redfish/v1/Systems", 200, list("/redfish/v1/Systems/1")),
        ("/redfish/v1/Chassis", 200, list("/redfish/v1/Chassis/1")),
        ("/redfish/v1/Managers", 200, list("/redfish/v1/Managers/1")),
        ("/redfish/v1/Systems/1", 200, system.to_string()),
        ("/redfish/v1/Chassis/1", 200, chassis.to_string()),
        ("/redfish/v1/Managers/1", 200, text("manager.json")),
        ("/redfish/v1/Chassis/1/Thermal", 200, text("thermal.json")),
        ("/redfish/v1/Chassis/1/Power", 200, text("power.json")),
        ("/redfish/v1/Systems/1/LogServices", 200, list("/redfish/v1/Systems/1/LogServices/SEL")),
        ("/redfish/v1/Systems/1/LogServices/SEL", 200, log["service"].to_string()),
        ("/redfish/v1/Systems/1/LogServices/SEL/Entries", 200, log["entries"].to_string()),
    ];
    let pages: Vec<(&str, u16, &str)> =
        pages.iter().map(|(path, code, body)| (*path, *code, body.as_str())).collect();
    serve(params(&["bmc-07.site"]), &pages).await
}

fn probe(server: &TestServer) -> RedfishProbe {
    let trust = TlsTrust::Fingerprint(fingerprint(&server.der));
    let target = bmc_target(("127.0.0.1", server.port), ("127.0.0.1", 1), trust);
    RedfishProbe::new(&target, None, target.bmc.as_ref().unwrap())
}

fn facts(answer: Answer) -> Report {
    match answer {
        Answer::Facts(report) => report,
        other => panic!("{other:?}"),
    }
}

fn fact(report: &Report, name: &str) -> Option<FactValue> {
    report.facts.iter().find(|fact: &&Fact| fact.key.as_str() == name).map(|f| f.value.clone())
}

#[tokio::test]
async fn one_look_gives_every_fact_and_the_next_asks_less() {
    let server = controller().await;
    let (probe, reach) = (probe(&server), reach());
    let report = facts(probe.ask(&reach).await);
    assert_eq!(report.lost, []);
    let word = |w: &str| Some(FactValue::Word(w.into()));
    let text = |t: &str| Some(FactValue::Text(t.into()));
    let number = |n: f64| Some(FactValue::Number(n));
    assert_eq!(fact(&report, "redfish.power_state"), word("on"));
    assert_eq!(fact(&report, "redfish.health"), word("warning"));
    assert_eq!(fact(&report, "redfish.serial"), text("5CJ21K"));
    assert_eq!(fact(&report, "redfish.firmware"), text("1.00"));
    assert_eq!(fact(&report, "redfish.inlet"), number(25.0));
    assert_eq!(fact(&report, "redfish.watts"), number(1932.0));
    assert_eq!(fact(&report, "redfish.events"), number(3.0));
    assert_eq!(fact(&report, "redfish.events_most"), number(1024.0));
    for table in ["temperatures", "fans", "voltages", "supplies", "redundancy", "events_critical"] {
        let found = fact(&report, &format!("redfish.{table}"));
        assert!(matches!(&found, Some(FactValue::Table(t)) if !t.rows.is_empty()), "{table}");
    }
    for fact in &report.facts {
        assert_eq!(crate::domain::keys::find(fact.key.as_str()).unwrap().probe.name, "bmc.redfish");
    }
    let first = server.heads.lock().unwrap().len();
    facts(probe.ask(&reach).await);
    let second = server.heads.lock().unwrap().len() - first;
    assert_eq!((first, second), (12, 8), "the lists of members are remembered");
    assert!(server.heads.lock().unwrap().iter().all(|head| head.starts_with("GET ")));
}

#[tokio::test]
async fn a_missing_resource_costs_its_facts_and_not_the_look() {
    let server = controller().await;
    for (path, code) in [("Power", 501), ("Thermal", 500)] {
        let path = format!("/redfish/v1/Chassis/1/{path}");
        server.pages.lock().unwrap().insert(path, (code, text("not-implemented.json")));
    }
    let report = facts(probe(&server).ask(&reach()).await);
    assert!(fact(&report, "redfish.power_state").is_some());
    assert!(fact(&report, "redfish.events").is_some());
    let lost: Vec<(&str, &str)> =
        report.lost.iter().map(|(key, cause)| (key.as_str(), cause.word.word())).collect();
    for key in ["temperatures", "fans", "inlet", "voltages", "supplies", "watts"] {
        assert!(lost.contains(&(format!("redfish.{key}").as_str(), "http-status")), "{key}");
    }
    assert!(report.lost[0].1.sentence.contains("the BMC of gpu-07"), "{:?}", report.lost[0]);
}

#[tokio::test]
async fn a_refused_password_costs_one_try() {
    let server = controller().await;
    for path in ["Systems", "Chassis", "Managers"] {
        let path = format!("/redfish/v1/{path}");
        server.pages.lock().unwrap().insert(path, (401, "{}".into()));
    }
    let answer = probe(&server).ask(&reach()).await;
    let Answer::Refused(cause) = answer else { panic!("{answer:?}") };
    assert_eq!(cause.sentence, "the BMC of gpu-07 refuses user ops or its password");
    assert_eq!(server.heads.lock().unwrap().len(), 2, "the root, then one refusal");
}

#[tokio::test]
async fn a_controller_of_several_systems_is_asked_for_ours() {
    let server = controller().await;
    let two = json!({"Members": [
        {"@odata.id": "/redfish/v1/Systems/1"}, {"@odata.id": "/redfish/v1/Systems/2"}]});
    let set = |path: &str, body: String| {
        server.pages.lock().unwrap().insert(path.to_owned(), (200, body));
    };
    set("/redfish/v1/Systems", two.to_string());
    set("/redfish/v1/Systems/2", text("system-off.json"));
    let report = facts(probe(&server).ask(&reach()).await);
    assert_eq!(fact(&report, "redfish.power_state"), Some(FactValue::Word("on".into())));
    // Now none bears the machine's name, and they differ: no guess.
    set("/redfish/v1/Systems/1", text("system-on.json"));
    let report = facts(probe(&server).ask(&reach()).await);
    assert_eq!(fact(&report, "redfish.power_state"), None);
    let lost = report.lost.iter().find(|(key, _)| key.as_str() == "redfish.power_state").unwrap();
    assert_eq!(lost.1.sentence, "the BMC of gpu-07 shows several systems and none bears its name");
}

#[tokio::test]
async fn one_look_asks_a_bounded_number() {
    let server = controller().await;
    let many: Vec<Value> =
        (0..200).map(|n| json!({"@odata.id": format!("/redfish/v1/Chassis/{n}")})).collect();
    let body = json!({ "Members": many }).to_string();
    server.pages.lock().unwrap().insert("/redfish/v1/Chassis".into(), (200, body));
    let report = facts(probe(&server).ask(&reach()).await);
    assert!(server.heads.lock().unwrap().len() <= 130);
    let Some(FactValue::Number(unasked)) = fact(&report, "redfish.unasked") else { panic!() };
    assert!(unasked > 70.0);
    let lost = |name: &str| report.lost.iter().any(|(key, _)| key.as_str() == name);
    assert!(lost("redfish.health") && lost("redfish.fans"), "a part is not the whole");
}

/// Any JSON, with names that controllers use.
fn any_document() -> impl proptest::strategy::Strategy<Value = Value> {
    use proptest::prelude::*;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            "On",
            "OK",
            "Critical",
            "Enabled",
            "Absent",
            "Percent",
            "/redfish/v1/x"
        ])
        .prop_map(Value::from),
    ];
    let names = prop::sample::select(vec![
        "Members",
        "@odata.id",
        "Status",
        "Health",
        "State",
        "Temperatures",
        "ReadingCelsius",
        "Fans",
        "Reading",
        "ReadingUnits",
        "Voltages",
        "PowerSupplies",
        "PowerControl",
        "PowerWatts",
        "PowerConsumedWatts",
        "Redundancy",
        "RedundancySet",
        "Name",
        "MemberId",
        "PowerState",
        "Severity",
        "Message",
        "Created",
        "Members@odata.count",
        "MaxNumberOfRecords",
        "LimitsAndThresholds",
        "UpperThresholdCritical",
        "SpeedPercent",
        "SpeedRPM",
    ]);
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..8).prop_map(|entries| {
                Value::Object(entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
            }),
        ]
    })
}

proptest::proptest! {
    #[test]
    fn any_document_is_survived(document in any_document()) {
        let _ = (parse::members(&document), parse::health(&document), parse::part(&document, "part"));
        let _ = (parse::system(&document), parse::firmware(&document));
        let sensors = [
            parse::temperatures(&document),
            parse::thermal_metrics(&document),
            parse::fans(&document),
            parse::voltages(&document),
        ];
        for sensor in sensors.iter().flatten() {
            proptest::prop_assert!(sensor.reading.is_none_or(f64::is_finite), "{}", sensor.shown());
        }
        let _ = (parse::supplies(&document), parse::redundancy(&document, "Redundancy"));
        let _ = (parse::watts(&document), parse::environment_watts(&document));
        let _ = (parse::log_most(&document), parse::log_count(&document), parse::log_critical(&document));
    }
}
