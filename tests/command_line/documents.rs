//! `docs/json.md` and `docs/causes.md` beside what the program does.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::binary::{Home, Served};

fn document(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)).unwrap()
}

/// The names of fields with the way to them; what is below an empty object of
/// `shape` is the site's own and not compared.
fn fields(value: &Value, shape: Option<&Value>, path: &str, found: &mut BTreeSet<String>) {
    if shape.and_then(Value::as_object).is_some_and(|map| map.is_empty()) {
        return;
    }
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let here = format!("{path}.{key}");
                fields(value, shape.and_then(|s| s.get(key)), &here, found);
                found.insert(here);
            }
        }
        Value::Array(items) => {
            let shape = shape.and_then(|shape| shape.get(0));
            items.iter().for_each(|item| fields(item, shape, &format!("{path}[]"), found));
        }
        _ => {}
    }
}

/// The documented commands with their examples.
fn documented() -> Vec<(String, Value)> {
    let text = document("json.md");
    let mut found = Vec::new();
    for section in text.split("\n## `shopfloor ").skip(1) {
        let command = section.split('`').next().unwrap().to_owned();
        let example = section.split("```json\n").nth(1).expect(&command);
        let example = example.split("```").next().unwrap();
        let value = serde_json::from_str(example).unwrap_or_else(|e| panic!("{command}: {e}"));
        found.push((command, value));
    }
    found
}

/// A value that YAML 1.1 reads otherwise than it looks, and one that wins over another.
const ODD: &str = "all:\n  vars: {at: 12:30:45, ntp: one}\n  children:\n    gpu:\n      vars: {ntp: two}\n      hosts:\n        gpu-01: {ansible_host: 127.0.0.1, ansible_port: 1}\n";

#[test]
fn documented_fields_are_those_of_the_output() {
    let home = Home::new();
    let served = Served::start(&home);
    let compared = documented();
    assert!(compared.len() >= 10, "{}", compared.len());
    // A change is only there where something changed: a recorded fault gives a finding.
    home.on(&served.directory, &["demo", "--inject", "raid-disk"]).done();
    // Overridden values and problems are on a site of its own: the demo site has none.
    let odd = home.site("odd", ODD);
    // A run that waits, with somebody who watches it, has the most to tell.
    let script = "stty -echo; printf 'Vault password: '; read secret";
    home.on(&served.directory, &["run", "start", "--as", "eve", "--", "sh", "-c", script]).done();
    let is_waiting = || home.on(&served.directory, &["run", "list"]).out.contains("waiting");
    let begun = std::time::Instant::now();
    while !is_waiting() {
        assert!(begun.elapsed().as_secs() < 60, "the run never waits");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    for (command, example) in compared {
        let is_odd = ["inventory check", "inventory explain", "show inventory", "show help RULE"];
        let is_odd = is_odd.iter().any(|start| command.starts_with(start));
        let site = if is_odd { &odd } else { &served.directory };
        let words = command
            .replace("PLAN", "ai-factory-25.1.1")
            .replace("STEP", "HW-5.1")
            .replace("HOST", if is_odd { "gpu-01" } else { "router-01" })
            .replace("LAYER", "hosts")
            .replace("RULE", "V-YAML-50")
            .replace("GROUP", "openwrt_routers")
            .replace("NAME", "gpu-07")
            .replace("CODE", "HOST-05")
            .replace("RUN", "1");
        let said = home.on(site, &words.split(' ').collect::<Vec<_>>());
        let (mut real, mut promised) = (BTreeSet::new(), BTreeSet::new());
        fields(&said.json(), Some(&example), "", &mut real);
        fields(&example, Some(&example), "", &mut promised);
        // A single look sees no change: only the screen does, and its unit tests.
        // A console in a run wants a terminal: tests/terminal/hosted.rs compares its fields.
        // A run that goes well lost nothing and left nothing behind: tests/real/runner has those.
        // A plan that nobody began has acts, locks and duties in tests/command_line/plans.rs,
        // and a file of plans with faults there too.
        let elsewhere = [
            ".changes[]",
            ".output.lost[]",
            ".left[]",
            ".watchers[]",
            ".consoles[]",
            ".faults[]",
            ".duties[].",
            ".targets[].acts[]",
            ".targets[].held_by[]",
            ".targets[].when.pieces[]",
        ];
        promised.retain(|field| {
            real.contains(field) || !elsewhere.iter().any(|start| field.starts_with(start))
        });
        assert_eq!(real, promised, "{command}");
    }
    home.on(&served.directory, &["run", "stop", "1", "--yes", "--level", "kill"]).done();
}

#[test]
fn every_screen_that_shows_something_is_documented() {
    let text = document("json.md");
    let words = ["overview", "rack", "inventory", "keys", "look", "timeline"];
    for word in words.into_iter().chain(["target NAME", "help CODE", "help RULE"]) {
        assert!(text.contains(&format!("## `shopfloor show {word} --json`")), "{word}");
    }
}

/// Rust source of the product without its tests.
fn sources(directory: &Path, found: &mut String) {
    for entry in std::fs::read_dir(directory).unwrap().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" {
            sources(&path, found);
        } else if name.ends_with(".rs") && !name.contains("tests") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push_str(text.split("#[cfg(test)]").next().unwrap());
        }
    }
}

#[test]
fn every_cause_is_documented() {
    let mut code = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut code);
    let mut words: BTreeSet<String> =
        shopfloor::domain::CauseWord::COMMON.iter().map(|word| (*word).to_owned()).collect();
    let quoted = |text: &str| text.split('"').next().unwrap_or_default().to_owned();
    let constant = |name: &str| {
        let line = format!("const {name}: &str = \"");
        code.split(&line).nth(1).map(quoted).unwrap_or_else(|| panic!("no constant {name}"))
    };
    for part in
        code.split("CauseWord::System(").skip(1).chain(code.split("CauseWord::from_word(").skip(1))
    {
        let argument = part.split([')', '.']).next().unwrap();
        if let Some(text) = argument.strip_prefix('"') {
            words.insert(quoted(text));
        } else {
            let name = argument.rsplit("::").next().unwrap();
            if !matches!(name, "" | "_") && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
            {
                words.insert(constant(name));
            }
        }
    }
    // Words that reach `System` through a variable.
    for part in code.split("_UNTRUSTED: &str = \"").skip(1) {
        words.insert(quoted(part));
    }
    for name in
        ["TLS_EXPIRED", "TLS_NAME", "TLS_CHANGED", "TLS_TOO_OLD", "CA_UNREADABLE", "HTTP_STATUS"]
    {
        words.insert(constant(name));
    }
    for word in ["ssh-config", "not-asked", "not-said", "template", "unreadable", "ipmi-cipher"] {
        assert!(words.contains(word), "the search misses `{word}`");
    }
    let text = document("causes.md");
    for word in &words {
        assert!(text.contains(&format!("| `{word}` |")), "`{word}` is not in docs/causes.md");
    }
    for row in text.lines().filter_map(|line| line.strip_prefix("| `")) {
        let word = quoted(&row.replace('`', "\""));
        assert!(words.contains(&word), "docs/causes.md lists `{word}`, which nothing says");
    }
}
