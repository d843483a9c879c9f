//! From the sections of an answer to facts. Pure; one reader per section.

mod bastion;
mod machine;
mod network;
mod software;
mod storage;

pub(crate) use crate::domain::keys::hosts::MOST_ROWS;
pub(crate) use bastion::room;

use super::frames::Frame;
use crate::domain::keys::KeyInfo;
use crate::domain::untrusted::printable;
use crate::domain::{Cause, CauseWord, KeyName, Report};

/// Why a section gives no facts, or not all.
#[derive(Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The exit status tells.
    Status,
    /// It ended well and printed something that is not its format.
    Format(&'static str),
}

/// Reads one section.
pub(crate) struct Reader {
    /// The section.
    pub section: &'static str,
    /// The program it runs, for sentences.
    pub program: &'static str,
    /// The keys it may fill.
    pub keys: &'static [&'static KeyInfo],
    /// Adds what the section tells to the report.
    pub read: fn(&Frame<'_>, &mut Report) -> Result<(), Trouble>,
}

/// Every reader.
fn readers() -> impl Iterator<Item = &'static Reader> {
    machine::READERS
        .iter()
        .chain(network::READERS)
        .chain(storage::READERS)
        .chain(software::READERS)
        .chain(bastion::READERS)
        .chain(crate::probes::router::READERS)
}

/// The facts of the sections that were asked, and what each of them could not
/// give. Sections that were not asked are ignored. `on` is the host.
pub fn report(frames: &[Frame<'_>], asked: &[&str], on: &str) -> Report {
    let mut report = Report::default();
    for name in asked {
        let Some(reader) = readers().find(|reader| reader.section == *name) else { continue };
        let cause = match frames.iter().find(|frame| frame.name == *name) {
            None => Some(Cause::new(
                CauseWord::Garbled,
                format!("{on} left out {}", reader.program),
                format!("look again at {on}"),
            )),
            Some(frame) => {
                let outcome = (reader.read)(frame, &mut report);
                let said = frame.text.lines().map(printable).find(|line| !line.is_empty());
                let ended = Ended { status: frame.status, said, limit_s: 5 };
                outcome.err().map(|trouble| cause_of(&trouble, ended, reader.program, on))
            }
        };
        if let Some(cause) = cause {
            for key in reader.keys {
                if !report.facts.iter().any(|fact| fact.key.as_str() == key.name) {
                    report.lost.push((KeyName::fixed(key.name), cause.clone()));
                }
            }
        }
    }
    report
}

/// How long the script ran by the host's own count, in milliseconds; 0 when
/// the host did not count, so that all the time is taken for the way there.
pub fn script_took_ms(frames: &[Frame<'_>]) -> f64 {
    let seconds = |name: &str| -> Option<f64> {
        let frame = frames.iter().find(|frame| frame.name == name)?;
        frame.text.split_whitespace().next()?.parse().ok()
    };
    match (seconds("uptime"), seconds("ended")) {
        (Some(began), Some(ended)) if ended >= began && ended.is_finite() => {
            ((ended - began) * 1000.0).round()
        }
        _ => 0.0,
    }
}

/// How a section ended that gives no facts, or not all.
pub(crate) struct Ended {
    /// Its exit status.
    pub status: i32,
    /// The line that tells most of it, safe to show.
    pub said: Option<String>,
    /// After how many seconds a command of it is ended.
    pub limit_s: u32,
}

/// Why a section gives no facts: `program` on the host `on` ended so.
pub(crate) fn cause_of(trouble: &Trouble, ended: Ended, program: &str, on: &str) -> Cause {
    let Ended { status, said, limit_s } = ended;
    let cause = match (trouble, status) {
        (Trouble::Status, 127) => Cause::new(
            CauseWord::CommandMissing,
            format!("{program} is not there on {on}"),
            format!("install {program} on {on}"),
        ),
        (Trouble::Status, 126) => Cause::new(
            CauseWord::SudoPassword,
            format!("{program} on {on} needs root, and sudo is not to be had without a password"),
            format!("allow the account on {on} to use sudo without a password (NOPASSWD)"),
        ),
        (Trouble::Status, 124) => Cause::new(
            CauseWord::TimedOut,
            format!("{program} on {on} did not end within {limit_s} s"),
            format!("log in to {on} and run it by hand; a dead file system or service holds it"),
        ),
        (Trouble::Status, status) if said.as_deref().is_some_and(wants_password) => Cause::new(
            CauseWord::SudoPassword,
            format!("{program} on {on} needs root, and sudo wants a password (status {status})"),
            format!("allow the account on {on} to use sudo without a password (NOPASSWD)"),
        ),
        (Trouble::Status, status) => Cause::new(
            CauseWord::Garbled,
            match &said {
                Some(line) => format!("{program} on {on} failed: {}", short(line)),
                None => format!("{program} on {on} failed with status {status}"),
            },
            format!("log in to {on} and run it by hand"),
        ),
        (Trouble::Format(what), _) => Cause::new(
            CauseWord::Garbled,
            format!("{program} on {on} printed something that is not {what}"),
            format!("log in to {on} and run it by hand"),
        ),
    };
    match said {
        Some(line) => cause.with_detail(line),
        None => cause,
    }
}

fn wants_password(line: &str) -> bool {
    line.starts_with("sudo:") && line.contains("password is required")
}

fn short(line: &str) -> String {
    line.chars().take(120).collect()
}

/// The first line that says anything, safe to show; empty when there is none.
pub(crate) fn first_line(text: &str) -> String {
    text.lines().map(printable).find(|line| !line.is_empty()).unwrap_or_default()
}

/// Lines that say anything, safe to show.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = String> + '_ {
    text.lines().map(printable).filter(|line| !line.is_empty()).take(MOST_ROWS)
}

/// The word of a yes-or-no key.
pub(crate) fn yes_or_no(yes: bool) -> crate::domain::keys::Word {
    crate::domain::keys::Word(if yes { "yes" } else { "no" }.to_owned())
}

/// A JSON value as text: texts as they are, numbers and booleans written out,
/// everything else empty.
pub(crate) fn json_text(value: Option<&serde_json::Value>) -> String {
    use serde_json::Value;
    match value {
        Some(Value::String(text)) => printable(text),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(flag)) => flag.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;
