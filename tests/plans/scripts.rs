//! The scripts of the plans: they read well, quote everything, and are given no secret
//! where others could see it.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use super::compare::PLAN;
use super::records::{self, as_text, text};
use super::shipped;

/// Every value of a key, wherever it stands.
fn values_of<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| values_of(item, key, found)),
        Value::Object(map) => {
            found.extend(map.get(key));
            map.values().for_each(|inner| values_of(inner, key, found));
        }
        _ => {}
    }
}

/// Every file of plans.
fn files() -> Vec<(String, Value)> {
    let folder = std::fs::read_dir(shipped::directory()).expect("plans");
    let names =
        folder.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    names
        .filter(|name| name.ends_with(".yml"))
        .map(|name| (name.clone(), shipped::file(&name)))
        .collect()
}

#[test]
fn every_script_is_there_and_used() {
    let mut used = BTreeSet::new();
    for (_, file) in &files() {
        let mut found = Vec::new();
        values_of(file, "script", &mut found);
        used.extend(found.into_iter().map(as_text));
    }
    let there: BTreeSet<String> = shipped::scripts().into_keys().collect();
    assert_eq!(used, there);
}

#[test]
fn a_condition_asks_with_scripts_that_only_look() {
    for (name, file) in &files() {
        let mut runs = Vec::new();
        values_of(file, "run", &mut runs);
        let mut branches = Vec::new();
        values_of(file, "branch", &mut branches);
        let branches = branches.into_iter().filter_map(Value::as_array).flatten();
        let acts: BTreeSet<String> =
            runs.into_iter().chain(branches).map(|run| text(run, "script")).collect();
        let mut all = Vec::new();
        values_of(file, "script", &mut all);
        for script in all.into_iter().map(as_text) {
            let looks = script.ends_with("-look.sh");
            assert_eq!(looks, !acts.contains(&script), "{name}: {script}");
        }
    }
}

#[test]
fn the_shell_can_read_every_script() {
    for (name, script) in shipped::scripts() {
        let path = shipped::directory().join("scripts").join(&name);
        let read = Command::new("sh").arg("-n").arg(&path).output().expect("sh");
        assert!(read.status.success(), "{name}: {}", String::from_utf8_lossy(&read.stderr));
        let mut lines = script.lines();
        assert_eq!(lines.next(), Some("#!/bin/sh"), "{name}");
        assert!(lines.next().is_some_and(|line| line.starts_with("# ")), "{name}: what it does");
        assert!(script.contains("\nset -eu\n") || script.contains("\nset -u\n"), "{name}: set -u");
        let open = script.lines().filter(|line| line.trim().starts_with("# added: ")).count();
        let closed = script.lines().filter(|line| line.trim() == "# end").count();
        assert_eq!(open, closed, "{name}: each `# added:` has its `# end`");
    }
}

#[test]
fn every_expansion_is_quoted() {
    for (name, script) in shipped::scripts() {
        let bare = unquoted(&script);
        assert!(bare.is_empty(), "{name}: unquoted in {bare:?}");
    }
    assert_eq!(unquoted("a=$1\ncp \"$a\" $b\ncase $a in\nfor x in $LIST; do\n"), ["cp \"$a\" $b"]);
    assert_eq!(
        unquoted("x=\"$(cut -d\"$y\" $z)\"\n# $comment\necho '$no' $((n + 1)) $?\n"),
        ["x=\"$(cut -d\"$y\" $z)\""]
    );
}

/// Lines in which a name is expanded where the shell would split it. Assignments, the
/// word of a `case` and the list of a `for` are not split or meant to be.
fn unquoted(script: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut end: Option<String> = None;
    let mut stack: Vec<char> = Vec::new();
    let allowed = regex::Regex::new(r"^(\s*|.*[;&|({] *)(case |for \w+ in |[A-Za-z_]\w*=)$")
        .expect("a pattern");
    for line in script.lines() {
        if let Some(word) = &end {
            if line.trim() == word {
                end = None;
            }
            continue;
        }
        let bare = line.trim_start();
        if stack.is_empty() && bare.starts_with('#') {
            continue;
        }
        if let Some((_, word)) = line.split_once("<<") {
            end = Some(word.trim_matches(['\'', '"', '-', ' ']).to_owned());
        }
        let chars: Vec<char> = line.chars().collect();
        let mut at = 0;
        while at < chars.len() {
            let (c, next) = (chars[at], chars.get(at + 1).copied());
            match (stack.last().copied(), c, next) {
                (Some('\''), '\'', _) => drop(stack.pop()),
                (Some('\''), _, _) => {}
                (_, '\\', _) => at += 1,
                (Some('"'), '"', _) => drop(stack.pop()),
                (_, '$', Some('(')) => {
                    stack.push('(');
                    at += 1;
                }
                (Some('('), '(', _) => stack.push('('),
                (Some('('), ')', _) => drop(stack.pop()),
                (Some('"'), _, _) => {}
                (_, '\'', _) => stack.push('\''),
                (_, '"', _) => stack.push('"'),
                (_, '$', Some(name))
                    if name.is_ascii_alphanumeric() || name == '{' || name == '_' =>
                {
                    let before: String = chars[..at].iter().collect();
                    let word =
                        before.rsplit(|c: char| c.is_whitespace()).next().unwrap_or_default();
                    let name = word.split('=').next().unwrap_or_default();
                    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
                    let is_assigned = word.contains('=') && name.chars().all(is_name);
                    if !allowed.is_match(&before) && !is_assigned {
                        found.push(line.to_owned());
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }
    found
}

#[test]
fn no_secret_is_on_a_command_line() {
    // `vault` and `should` in the inventory's tables, and what the plan itself calls secret.
    let sealed: BTreeSet<String> = records::INVENTORY
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>())
        .filter(|cells| cells.len() == 8 && ["vault", "should"].contains(&cells[5]))
        .map(|cells| cells[0].trim_matches('`').to_owned())
        .collect();
    assert!(sealed.contains("hedgehog.iso_url") && sealed.contains("rgw_auth.secret_key"));
    let secrets: Vec<String> = shipped::values(PLAN)
        .into_iter()
        .filter(|(_, meaning)| {
            meaning.get("secret").is_some() || sealed.contains(&text(meaning, "variable"))
        })
        .map(|(name, _)| format!("<{name}>"))
        .collect();
    assert!(secrets.len() >= 10, "{secrets:?}");
    for (name, file) in &files() {
        for key in ["argv", "arguments", "url", "leave", "type", "directory"] {
            let mut found = Vec::new();
            values_of(file, key, &mut found);
            for value in found {
                let seen = value.to_string();
                let secret = secrets.iter().find(|secret| seen.contains(secret.as_str()));
                assert!(secret.is_none(), "{name}: {secret:?} would be seen in {seen}");
            }
        }
    }
    for (name, script) in shipped::scripts() {
        for word in ["curl ", "wget ", "ipmitool ", "openssl passwd "] {
            for arguments in script.lines().filter_map(|line| line.split_once(word)) {
                let shows = [" -P ", "Authorization", "Token", "$password"];
                let shows = shows.iter().any(|bad| arguments.1.contains(bad));
                assert!(!shows, "{name}: a secret would be seen in {}", arguments.1);
            }
        }
    }
}
