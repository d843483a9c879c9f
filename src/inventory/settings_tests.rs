//! Tests of `shopfloor.yml`: reading, errors by line, schema, example.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::inventory::settings_shape::Shape;

const EXAMPLE: &str = include_str!("../../assets/examples/shopfloor.yml");
const SCHEMA: &str = include_str!("../../assets/schema/shopfloor.schema.json");

fn parse(text: &str) -> Settings {
    Settings::parse(text, Path::new("/site/shopfloor.yml"))
}

fn lines(text: &str) -> Vec<String> {
    let line = |p: &Problem| format!("{}:{}: {}", p.place.line, p.place.column, p.sentence);
    parse(text).problems.iter().map(line).collect()
}

/// Every key with its path; `*` stands for names that the site chooses.
fn keys(shape: &Shape, path: &str, found: &mut BTreeSet<String>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match shape {
        Shape::Fields(fields) => {
            for (name, shape) in *fields {
                found.insert(below(name));
                keys(shape, &below(name), found);
            }
        }
        Shape::Named(shape) => keys(shape, &below("*"), found),
        Shape::Either(one, other) => {
            keys(one, path, found);
            keys(other, path, found);
        }
        _ => {}
    }
}

fn schema_keys(schema: &Value, path: &str, found: &mut BTreeSet<String>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    if let Some(properties) = schema["properties"].as_object() {
        assert_eq!(schema["additionalProperties"], Value::Bool(false), "{path}");
        for (name, schema) in properties {
            found.insert(below(name));
            schema_keys(schema, &below(name), found);
        }
    } else if schema["additionalProperties"].is_object() {
        schema_keys(&schema["additionalProperties"], &below("*"), found);
    }
    for choice in schema["anyOf"].as_array().into_iter().flatten() {
        schema_keys(choice, path, found);
    }
}

fn example_keys(node: &Node, shape: &Shape, path: &str, found: &mut BTreeSet<String>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match shape {
        Shape::Fields(fields) => {
            for (name, shape) in *fields {
                if let Some(value) = node.get(name) {
                    found.insert(below(name));
                    example_keys(value, shape, &below(name), found);
                }
            }
        }
        Shape::Named(shape) => {
            for entry in node.entries() {
                example_keys(&entry.value, shape, &below("*"), found);
            }
        }
        Shape::Either(one, other) => {
            example_keys(node, one, path, found);
            example_keys(node, other, path, found);
        }
        _ => {}
    }
}

#[test]
fn code_schema_and_example_have_the_same_keys() {
    let (mut code, mut schema, mut example) = Default::default();
    keys(&SITE, "", &mut code);
    schema_keys(&serde_json::from_str(SCHEMA).unwrap(), "", &mut schema);
    assert_eq!(code, schema);
    let document = yaml::read(EXAMPLE, Path::new("shopfloor.yml")).unwrap();
    example_keys(&document.root, &SITE, "", &mut example);
    // `ssh` is the long form of what the example writes as one address.
    code.remove("endpoints.*.ssh");
    assert_eq!(code, example);
    assert!(code.len() > 30);
}

#[test]
fn the_example_has_no_problem_and_every_value_arrives() {
    let settings = parse(EXAMPLE);
    assert_eq!(settings.problems, []);
    assert_eq!(settings.name.as_deref(), Some("aurora"));
    assert_eq!(settings.racks["r2"], 48);
    let place = &settings.machines["gpu-02"];
    assert_eq!((place.rack.as_deref(), place.unit, place.height), (Some("r1"), Some(7), Some(4)));
    assert_eq!(settings.bmc.ca, Some(PathBuf::from("/site/certificates/bmc-ca.pem")));
    assert_eq!(settings.bmc.cipher_suites, Some(vec![17, 3]));
    assert_eq!(settings.bmc.fingerprints["gpu-01-bmc"].len(), 64);
    assert_eq!(settings.serial.len(), 2);
    assert_eq!(settings.thresholds["HOST-05.offset_warn_ms"], 50.0);
    assert_eq!(settings.hints["HW-5.0"], 1200);
    assert_eq!(settings.endpoints["gpu-01"].any, Some(("127.0.0.1".into(), 2201)));
    assert_eq!(settings.endpoints["gpu-01-bmc"].ipmi, Some(("127.0.0.1".into(), 6230)));
    let console = &settings.endpoints["https://console.aurora.example.net"];
    assert_eq!(console.any, Some(("::1".into(), 9443)));
    assert_eq!(settings.expect["vlan.frontend"], "101");
    assert_eq!(settings.sharing_group.as_deref(), Some("ops"));
}

#[test]
fn errors_name_line_column_what_was_found_and_what_is_accepted() {
    assert_eq!(lines("name: x\nword: [a]\n"), ["2:7: `word` is a list, and accepted is text"]);
    assert_eq!(
        lines("machines:\n  gpu-01: {rack: r1, unit: 0}\n"),
        [
            "2:28: `machines.gpu-01.unit` is the number 0, and accepted is a whole number from 1 to 100"
        ]
    );
    assert_eq!(
        lines("endpoints:\n  a: 127.0.0.1\n  b: {ssh: 'x:70000'}\n"),
        [
            "2:6: `endpoints.a` is the text `127.0.0.1`, and accepted is `ADDRESS:PORT` or a mapping \
             with ssh, redfish, ipmi",
            "3:12: `endpoints.b.ssh` is the text `x:70000`, and accepted is `ADDRESS:PORT`",
        ]
    );
    assert_eq!(
        lines("bmc: {fingerprints: {a: 1234}}\n"),
        [
            "1:25: `bmc.fingerprints.a` is the number 1234, and accepted is a SHA-256 fingerprint of 64 \
          hexadecimal digits"
        ]
    );
    assert!(lines("- a\n")[0].starts_with("1:1: the file is a list, and accepted is a mapping"));
    assert!(lines("a:\n\tb: 1\n")[0].contains("a tab stands here"));
    assert_eq!(lines("# nothing\n"), Vec::<String>::new());
}

#[test]
fn an_unknown_key_is_an_error_with_the_nearest_known_name() {
    let settings = parse("treshholds: {}\nbmc:\n  finger_prints: {}\n");
    assert_eq!(settings.problems.len(), 2);
    assert_eq!(settings.problems[0].hint.as_deref(), Some("did you mean `thresholds`?"));
    assert_eq!(settings.problems[1].hint.as_deref(), Some("did you mean `fingerprints`?"));
    let place = &settings.problems[1].place;
    assert_eq!((place.line, place.column), (3, 3));
}

#[test]
fn what_fits_is_kept_beside_what_does_not() {
    let settings = parse("name: site\nhints: {a: 20m, b: soon}\n");
    assert_eq!(settings.problems.len(), 1);
    assert_eq!(settings.name.as_deref(), Some("site"));
    assert_eq!(settings.hints.len(), 1);
}

#[test]
fn a_missing_file_is_no_trouble() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(Settings::load(directory.path()), Settings::default());
    std::fs::write(directory.path().join(SETTINGS_NAME), b"\xff\xfe").unwrap();
    assert_eq!(Settings::load(directory.path()).problems.len(), 1);
}
