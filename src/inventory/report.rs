//! Problems of inventory files, printed like a compiler prints them, and as JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::Problem;
use super::rules::looks_secret;
use super::variables::Catalogue;
use crate::domain::untrusted::{is_invisible, without_controls};
use crate::domain::{Place, Verdict};

/// The widest excerpt of a line, in characters.
const WIDEST: usize = 100;
/// What stands in place of a secret.
const MASK: &str = "(hidden)";

/// What to write before and after a piece of text to colour it. The caller
/// takes them from its look; nothing is coloured by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Colours<'a> {
    /// Before `error`.
    pub error: &'a str,
    /// Before `warning`.
    pub warning: &'a str,
    /// Before `unknown`.
    pub unknown: &'a str,
    /// Before the frame of an excerpt.
    pub frame: &'a str,
    /// After each of them.
    pub end: &'a str,
}

/// The lines of the files that problems point into, with what must not be shown.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: BTreeMap<PathBuf, Vec<String>>,
    secret_keys: BTreeSet<String>,
}

impl Sources {
    /// Reads every file that a problem points into. A file that cannot be read gives no excerpt.
    pub fn read(problems: &[Problem], catalogue: &Catalogue) -> Sources {
        let mut sources = Sources::new(catalogue);
        for problem in problems.iter().filter(|problem| problem.place.line > 0) {
            let file = &problem.place.file;
            if !sources.files.contains_key(file)
                && let Ok(bytes) = std::fs::read(file)
            {
                sources.put(file, &String::from_utf8_lossy(&bytes));
            }
        }
        sources
    }

    /// With no file yet.
    pub fn new(catalogue: &Catalogue) -> Sources {
        let secret_keys = catalogue.secret_keys().map(str::to_owned).collect();
        Sources { files: BTreeMap::new(), secret_keys }
    }

    /// Adds the text of a file.
    pub fn put(&mut self, file: &Path, text: &str) {
        self.files.insert(file.to_path_buf(), text.lines().map(str::to_owned).collect());
    }

    /// The line a place is on, as it may be shown.
    fn excerpt(&self, place: &Place) -> Option<String> {
        let lines = self.files.get(&place.file)?;
        let at = usize::try_from(place.line).ok()?.checked_sub(1)?;
        let line = lines.get(at)?;
        let indent = indent_of(line);
        if self.is_in_secret(lines, at) {
            return Some(format!("{}{MASK}", " ".repeat(indent)));
        }
        Some(self.masked(line))
    }

    /// Whether a line carries on a secret value that began above it: the body of
    /// a vault block, or what is indented below a key that names a secret.
    fn is_in_secret(&self, lines: &[String], at: usize) -> bool {
        let Some(line) = lines.get(at) else { return false };
        let mut indent = indent_of(line);
        for above in lines.iter().take(at).rev() {
            if above.trim().is_empty() || above.trim_start().starts_with('#') {
                continue;
            }
            let own = indent_of(above);
            if own >= indent {
                continue;
            }
            let ends_open = above.split_once(':').is_some_and(|(_, rest)| {
                let rest = rest.trim();
                rest.is_empty()
                    || rest.ends_with(['|', '>', '-', '+'])
                    || rest.starts_with(['!', '"', '\''])
            });
            if ends_open && (above.contains("!vault") || self.secret_key_at(above).is_some()) {
                return true;
            }
            indent = own;
            if indent == 0 {
                break;
            }
        }
        false
    }

    /// Where the value of a secret key begins in a line, in bytes.
    fn secret_key_at(&self, line: &str) -> Option<usize> {
        let mut from = 0;
        while let Some(found) = line.get(from..)?.find(':') {
            let colon = from + found;
            let before = line.get(..colon)?.trim_end_matches(['"', '\'']);
            let start = before
                .rfind(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'))
                .map_or(0, |at| {
                    at + before.get(at..).and_then(|s| s.chars().next()).map_or(1, char::len_utf8)
                });
            let key = before.get(start..)?;
            let lower = key.to_lowercase();
            let sounds_secret = ["password", "passwd", "secret", "token", "private_key"]
                .iter()
                .any(|word| lower.ends_with(word));
            if self.secret_keys.contains(key) || sounds_secret {
                return Some(colon + 1);
            }
            from = colon + 1;
        }
        None
    }

    /// A line with everything behind a secret key, and everything that looks like a secret, masked.
    fn masked(&self, line: &str) -> String {
        if let Some(at) = self.secret_key_at(line)
            && let (Some(kept), Some(rest)) = (line.get(..at), line.get(at..))
            && !rest.trim().is_empty()
            && !rest.contains("{{")
            && !rest.trim_start().starts_with("!vault")
        {
            return format!("{kept} {MASK}");
        }
        let key = line.split(':').next().unwrap_or_default();
        let looks = line
            .split(|c: char| {
                c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '{' | '}' | '[' | ']')
            })
            .any(|word| looks_secret(key, word).is_some());
        if looks || looks_secret(key, line).is_some() {
            let kept = line.find(": ").and_then(|at| line.get(..=at)).unwrap_or_default();
            return format!("{kept} {MASK}");
        }
        line.to_owned()
    }
}

fn indent_of(line: &str) -> usize {
    line.chars().take_while(|c| *c == ' ').count()
}

fn word(problem: &Problem) -> &'static str {
    match problem.verdict {
        Verdict::Fail => "error",
        Verdict::Unknown => "unknown",
        _ => "warning",
    }
}

/// Problems as text, each with its place, an excerpt and a hint; a summary line at the end.
pub fn text(problems: &[Problem], sources: &Sources, colours: &Colours<'_>) -> String {
    let mut out = String::new();
    for problem in problems {
        write_one(&mut out, problem, sources, colours);
    }
    out.push_str(&summary(problems));
    out.push('\n');
    out
}

fn write_one(out: &mut String, problem: &Problem, sources: &Sources, colours: &Colours<'_>) {
    let word = word(problem);
    let colour = match word {
        "error" => colours.error,
        "unknown" => colours.unknown,
        _ => colours.warning,
    };
    let Colours { frame, end, .. } = colours;
    let excerpt = sources.excerpt(&problem.place);
    let number = problem.place.line.to_string();
    let gap = " ".repeat(if excerpt.is_some() { number.len() } else { 1 });
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{colour}{word}[{}]{end}: {}", problem.rule, problem.sentence);
    let _ = writeln!(out, "{gap}{frame}-->{end} {}", problem.place);
    if let Some(line) = excerpt {
        let (line, caret) = cut(&line, problem.place.column);
        let _ = writeln!(out, "{gap} {frame}|{end}");
        let _ = writeln!(out, "{frame}{number} |{end} {line}");
        let _ = writeln!(out, "{gap} {frame}|{end} {}{colour}^{end}", " ".repeat(caret));
    }
    if let Some(hint) = &problem.hint {
        let _ = writeln!(out, "{gap} {frame}={end} hint: {hint}");
    }
    if let Some(cause) = &problem.cause {
        let _ = writeln!(out, "{gap} {frame}={end} cause: {cause}");
    }
    if let Some(step) = problem.step.as_ref().filter(|_| problem.verdict == Verdict::Fail) {
        let _ = writeln!(out, "{gap} {frame}={end} blocks {step}");
    }
    out.push('\n');
}

/// A line cut to what fits, with the column of the caret in it. Characters that
/// a terminal could act on become `?`.
fn cut(line: &str, column: u32) -> (String, usize) {
    let chars: Vec<char> = line
        .chars()
        .map(|c| match c {
            '\t' => ' ',
            c if is_invisible(c) => '?',
            c => c,
        })
        .collect();
    let caret = usize::try_from(column).unwrap_or(1).saturating_sub(1).min(chars.len());
    let from = if caret >= WIDEST { caret - WIDEST / 2 } else { 0 };
    let shown: String = chars.iter().skip(from).take(WIDEST).collect();
    (shown.trim_end().to_owned(), caret - from)
}

/// `2 errors, 1 warning, 3 unknown`, or that nothing was found.
pub fn summary(problems: &[Problem]) -> String {
    let count = |wanted: &str| problems.iter().filter(|problem| word(problem) == wanted).count();
    let plural = |n: usize, one: &str| match n {
        1 => format!("1 {one}"),
        n => format!("{n} {one}s"),
    };
    let mut parts = Vec::new();
    match count("error") {
        0 => {}
        n => parts.push(plural(n, "error")),
    }
    match count("warning") {
        0 => {}
        n => parts.push(plural(n, "warning")),
    }
    match count("unknown") {
        0 => {}
        n => parts.push(format!("{n} unknown")),
    }
    if parts.is_empty() { "no problems".to_owned() } else { parts.join(", ") }
}

/// Problems as JSON, `"schema": 1`; `line` and `column` are null for a whole file.
pub fn json(file: &Path, problems: &[Problem]) -> Value {
    json!({
        "schema": 1,
        "file": file.display().to_string(),
        "problems": problems_json(problems),
    })
}

/// The list of [`json`] alone.
pub fn problems_json(problems: &[Problem]) -> Vec<Value> {
    problems
        .iter()
        .map(|problem| {
            let place = &problem.place;
            let counted = |n: u32| (place.line > 0).then_some(n);
            json!({
                "rule": problem.rule,
                "severity": problem.severity,
                "verdict": problem.verdict.word(),
                "file": place.file.display().to_string(),
                "line": counted(place.line),
                "column": counted(place.column),
                "sentence": without_controls(&problem.sentence),
                "hint": problem.hint.as_deref().map(without_controls),
                "cause": problem.cause.as_ref().map(|cause| cause.word()),
                "step": problem.step,
            })
        })
        .collect()
}

/// Exit status of `inventory check` (`docs/json.md`): 1 for an error; for
/// warnings 0, with `strict` 1. What could not be judged is shown and not counted.
pub fn exit_status(problems: &[Problem], strict: bool) -> u8 {
    let counts = |verdict: Verdict| match verdict {
        Verdict::Fail => true,
        Verdict::Warn => strict,
        _ => false,
    };
    u8::from(problems.iter().any(|problem| counts(problem.verdict)))
}

#[cfg(test)]
mod tests;
