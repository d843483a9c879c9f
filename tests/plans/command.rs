//! What a step runs, as lines of text that can be compared with a record's `run`.
//!
//! Quotes, comments, blank lines and `set -eu` do not count, and a line that goes on
//! after a backslash is one line. In a script a name that stands for an argument is
//! that argument. What a script has between `# added: REASON` and `# end` is one line.

use std::collections::BTreeMap;

use serde_json::Value;

use super::records::{as_text, list, text};
use super::shipped::kind;

/// The lines of a record's `run`.
pub fn of_record(run: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut body: Option<String> = None;
    for line in joined(run) {
        match &mut body {
            Some(json) if line.trim() == "EOF" => {
                lines.push(compact(json));
                body = None;
            }
            Some(json) => json.push_str(&line),
            None => {
                let (line, begins) = match line.split_once("<<'EOF'") {
                    Some((line, _)) => (line.to_owned(), true),
                    None => (line, false),
                };
                lines.push(line);
                body = begins.then(String::new);
            }
        }
    }
    lines.iter().filter_map(|line| normal(line)).collect()
}

/// The lines of what a step runs; the words of the record where it runs nothing.
pub fn of_step(step: &Value, scripts: &BTreeMap<String, String>) -> Vec<String> {
    let lines = match kind(step) {
        "run" => of_run(&step["run"], scripts),
        "console" => of_console(step),
        "patch" => of_patch(&step["patch"]),
        "call" => of_call(&step["call"]),
        _ => text(step, "run_words").lines().map(str::to_owned).collect(),
    };
    lines.iter().filter_map(|line| normal(line)).collect()
}

fn of_run(run: &Value, scripts: &BTreeMap<String, String>) -> Vec<String> {
    if let Some(branches) = run.get("branch").and_then(Value::as_array) {
        return branches.iter().flat_map(|branch| of_run(branch, scripts)).collect();
    }
    if let Some(make) = run.get("make") {
        return vec![format!("make {} {}", as_text(make), list(run, "values").join(" "))];
    }
    let Some(script) = run.get("script") else {
        let word = |word: String| if word.contains('#') { format!("'{word}'") } else { word };
        return vec![list(run, "argv").into_iter().map(word).collect::<Vec<_>>().join(" ")];
    };
    let name = as_text(script);
    let script = scripts.get(&name).unwrap_or_else(|| panic!("there is no script {name}"));
    of_script(script, run)
}

/// The lines of a script with the names of its arguments filled in.
fn of_script(script: &str, run: &Value) -> Vec<String> {
    let arguments = list(run, "arguments");
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    if let Some(environment) = run.get("environment").and_then(Value::as_object) {
        names.extend(environment.iter().map(|(name, value)| (name.clone(), as_text(value))));
    }
    let argument = regex::Regex::new(r"^(\w+)=\$\{?(\d)[^ ]*$").expect("a pattern");
    let input = regex::Regex::new(r"^(?:IFS= )?read -r (\w+)$").expect("a pattern");
    let mut lines = Vec::new();
    let mut added: Option<String> = None;
    for line in joined(script) {
        let bare = line.trim();
        if let Some(reason) = bare.strip_prefix("# added: ") {
            lines.push(format!("(added: {reason})"));
            added = Some(reason.to_owned());
        } else if bare == "# end" {
            added = None;
        } else if added.is_some() {
        } else if let Some(found) = argument.captures(bare) {
            let number: usize = found[2].parse().expect("a digit");
            let value = arguments.get(number - 1).cloned().unwrap_or_default();
            names.insert(found[1].to_owned(), value);
        } else if let Some(found) = input.captures(bare) {
            names.insert(found[1].to_owned(), text(run, "stdin"));
        } else {
            lines.push(filled(&line, &names, &arguments));
        }
    }
    lines
}

/// A line with `$name`, `${name}` and `$1` filled in.
fn filled(line: &str, names: &BTreeMap<String, String>, arguments: &[String]) -> String {
    let name = regex::Regex::new(r"\$(?:\{(\w+)\}|(\w+))").expect("a pattern");
    let value = |found: &regex::Captures<'_>| {
        let word = found.get(1).or(found.get(2)).map_or("", |word| word.as_str());
        let numbered =
            word.parse::<usize>().ok().and_then(|number| arguments.get(number.checked_sub(1)?));
        names.get(word).or(numbered).cloned().unwrap_or_else(|| found[0].to_owned())
    };
    name.replace_all(line, value).into_owned()
}

/// What opens a console, where the record opens it in that step, and the lines typed
/// at a shell. Answers to questions are the record's `input`.
fn of_console(step: &Value) -> Vec<String> {
    let console = &step["console"];
    let mut lines = Vec::new();
    if list(step, "at").len() > 1 {
        let open = console["open"].as_object().expect("a console opens something");
        let (way, what) = open.iter().next().expect("a way");
        let what = as_text(what);
        lines.push(match way.as_str() {
            "virsh" => format!("virsh -c qemu:///system console {what}"),
            "ssh" => format!("ssh {what}"),
            way => format!("{way} console of {what}"),
        });
    }
    for line in console["lines"].as_array().into_iter().flatten() {
        let is_secret = line["secret"].as_bool().unwrap_or_default();
        if !is_secret && !text(line, "expect").contains("login: ") {
            lines.push(text(line, "type"));
        }
    }
    lines.extend(list(console, "leave"));
    lines
}

fn of_patch(patch: &Value) -> Vec<String> {
    let object = text(patch, "object").replacen('/', " ", 1);
    let command =
        format!("kubectl patch {object} --type={} --patch-file /dev/stdin", text(patch, "type"));
    vec![command, patch["body"].to_string()]
}

fn of_call(call: &Value) -> Vec<String> {
    let body = call.get("body").map(Value::to_string).unwrap_or_default();
    vec![format!("{} {} {body}", text(call, "method"), text(call, "url"))]
}

/// Lines, with those that go on after a backslash joined.
fn joined(text: &str) -> Vec<String> {
    text.replace("\\\n", " ").lines().map(str::to_owned).collect()
}

/// JSON in which a placeholder may stand for a list, in one form.
fn compact(json: &str) -> String {
    let json = json.replace("[<KEYS>]", "[\"<KEYS>\"]");
    let value: Value = serde_json::from_str(&json).expect("a body");
    value.to_string()
}

/// A line without what does not count; `None` where nothing is left.
fn normal(line: &str) -> Option<String> {
    let mut kept = String::new();
    let mut quote = None;
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '#') if line[..at].chars().next_back().is_none_or(char::is_whitespace) => break,
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => kept.push(c),
        }
    }
    // An apostrophe of a sentence is no quote.
    if quote == Some('\'') {
        kept = line.to_owned();
    }
    let kept = kept.replace(['\'', '"'], "");
    let kept = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    (!kept.is_empty() && !["set -eu", "set -u"].contains(&kept.as_str())).then_some(kept)
}

/// What only one side has, in order: the shortest way from one list to the other.
pub fn difference(theirs: &[String], ours: &[String]) -> (Vec<String>, Vec<String>) {
    let (rows, columns) = (theirs.len(), ours.len());
    let mut common = vec![vec![0_usize; columns + 1]; rows + 1];
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            common[row][column] = if theirs[row] == ours[column] {
                common[row + 1][column + 1] + 1
            } else {
                common[row + 1][column].max(common[row][column + 1])
            };
        }
    }
    let (mut only_theirs, mut only_ours) = (Vec::new(), Vec::new());
    let (mut row, mut column) = (0, 0);
    while row < rows || column < columns {
        if row < rows && column < columns && theirs[row] == ours[column] {
            row += 1;
            column += 1;
        } else if row < rows
            && (column == columns || common[row + 1][column] >= common[row][column + 1])
        {
            only_theirs.push(theirs[row].clone());
            row += 1;
        } else {
            only_ours.push(ours[column].clone());
            column += 1;
        }
    }
    (only_theirs, only_ours)
}

#[test]
fn commands_are_compared_as_they_run() {
    let run = serde_json::json!({"script": "x.sh", "arguments": ["<ISO>"], "stdin": "<URL>",
        "environment": {"NAME": "<WHO>"}});
    let script = "#!/bin/sh\nset -eu\niso=$1\nread -r url\n# added: looks first\nls\n# end\n\
                  dd if=\"$iso\" \\\n  of=\"/dev/$NAME\" # slowly\necho \"$url\" \"$USER\"\n";
    let scripts = BTreeMap::from([("x.sh".to_owned(), script.to_owned())]);
    let step = serde_json::json!({"id": "X-1", "run": run});
    let ours = of_step(&step, &scripts);
    assert_eq!(ours, ["(added: looks first)", "dd if=<ISO> of=/dev/<WHO>", "echo <URL> $USER"]);
    let theirs = of_record("dd if=<ISO> of='/dev/<WHO>'\necho <URL> $HOME   # why\n\n");
    let (only_theirs, only_ours) = difference(&theirs, &ours);
    assert_eq!(only_theirs, ["echo <URL> $HOME"]);
    assert_eq!(only_ours, ["(added: looks first)", "echo <URL> $USER"]);
}
