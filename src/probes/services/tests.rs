use super::registry;
use crate::domain::keys::services::{REGISTRY_SAID, REGISTRY_STATUS, survey};
use crate::domain::{Report, Value};
use crate::probes::documented::SectionAnswer;

fn fixture(name: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/registry/");
    std::fs::read_to_string(format!("{path}{name}")).unwrap()
}

/// A captured response as the section prints it.
fn captured(name: &str) -> String {
    let text = fixture(name);
    let status = text.split(' ').nth(1).and_then(|word| word.trim().parse::<u16>().ok());
    format!("@get x\n{text}\n@http {}\n@curl 0\n", status.unwrap_or(200))
}

fn answer(stdout: &str) -> SectionAnswer<'_> {
    SectionAnswer { stdout, stderr: "", status: 0 }
}

fn value(report: &Report, name: &str) -> Option<Value> {
    report.facts.iter().find(|fact| fact.key.as_str() == name).map(|fact| fact.value.clone())
}

#[test]
fn a_real_registry_is_understood() {
    for (name, status, said) in [
        ("version.http", 200.0, ""),
        ("unauthorized.http", 401.0, "HTTP status 401"),
        ("wrong-password.http", 401.0, "HTTP status 401"),
        ("unknown-name.http", 404.0, "HTTP status 404"),
    ] {
        let mut report = Report::default();
        registry::answers(&answer(&captured(name)), &mut report).unwrap();
        assert_eq!(
            value(&report, REGISTRY_STATUS.info.name),
            Some(Value::Number(status)),
            "{name}"
        );
        assert_eq!(
            value(&report, REGISTRY_SAID.info.name),
            Some(Value::Text(said.into())),
            "{name}"
        );
    }
    let mut report = Report::default();
    let pages = ["catalog-page1.http", "catalog-page2.http", "catalog-page3.http"];
    let pages: String = pages.into_iter().map(captured).collect();
    registry::repositories(&answer(&pages), &mut report).unwrap();
    let whole = format!("@get x\n{}\n@http 200\n@curl 0\n", fixture("catalog-all.json"));
    let mut at_once = Report::default();
    registry::repositories(&answer(&whole), &mut at_once).unwrap();
    let name = survey::REPOSITORIES.info.name;
    assert_eq!(value(&report, name), value(&at_once, name), "three pages are the whole");
    let Some(Value::List(all)) = value(&at_once, name) else { panic!("no list") };
    assert_eq!(all.len(), 91);
    let mut report = Report::default();
    registry::tags(&answer(&captured("tags.http")), &mut report).unwrap();
    let Some(Value::Table(tags)) = value(&report, survey::TAGS.info.name) else { panic!("none") };
    assert_eq!(tags.rows, [["rook/ceph", "v1.27.3 v1.27.2 v1.27.0 v1.27.1"]]);
    assert!(
        registry::repositories(&answer(&captured("unauthorized.http")), &mut Report::default())
            .is_err()
    );
    let mut report = Report::default();
    registry::tags(&answer(&captured("unknown-name.http")), &mut report).unwrap();
    let Some(Value::Table(tags)) = value(&report, survey::TAGS.info.name) else { panic!("none") };
    assert_eq!(tags.rows, [["x", ""]], "an image that is gone has no tag");
}
