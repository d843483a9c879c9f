//! From the frames of an answer to facts. Pure.

use super::complaints::{complaint, sealed};
use super::{Batch, Section, Trouble};
use crate::domain::untrusted::printable;
use crate::domain::{Cause, CauseWord, KeyName, Report};
use crate::probes::hosts::frames::Frame;
use crate::probes::hosts::parse::{Ended, cause_of};

/// What a section's commands left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SectionAnswer<'a> {
    /// Standard output; it ends with an empty line, which means nothing.
    pub stdout: &'a str,
    /// The beginning of standard error.
    pub stderr: &'a str,
    /// Exit status.
    pub status: i32,
}

impl<'a> SectionAnswer<'a> {
    /// Standard output of a section that ended well.
    ///
    /// # Errors
    /// [`Trouble::Status`] when it did not.
    pub fn ok(&self) -> Result<&'a str, Trouble> {
        if self.status == 0 { Ok(self.stdout) } else { Err(Trouble::Status) }
    }

    /// Standard output of a section that ended well, as JSON; `what` names it for the sentence.
    ///
    /// # Errors
    /// The status, or that it is no JSON.
    pub fn json(&self, what: &'static str) -> Result<serde_json::Value, Trouble> {
        serde_json::from_str(self.ok()?).map_err(|_| Trouble::Format(what))
    }

    /// Whether its program is missing, may not be run, or did not end: then
    /// nothing is known, whatever the status would mean else.
    ///
    /// # Errors
    /// [`Trouble::Status`] when it is so.
    pub fn ran(&self) -> Result<(), Trouble> {
        if matches!(self.status, 77 | 124 | 126 | 127) { Err(Trouble::Status) } else { Ok(()) }
    }
}

/// The facts of the sections that were asked, and what each could not give.
/// `on` is the host that was asked.
///
/// # Errors
/// When there was no way from the host to the place.
pub fn report(
    batch: &Batch,
    asked: &[&Section],
    frames: &[Frame<'_>],
    on: &str,
) -> Result<Report, Cause> {
    if let Some(way) = frames.iter().find(|frame| frame.name == "way" && frame.status != 0) {
        return Err(no_way(batch, way.status, on));
    }
    let mut report = Report::default();
    for section in asked {
        let find = |name: &str| frames.iter().find(|frame| frame.name == name);
        let cause = match find(section.name) {
            None => Some(Cause::new(
                CauseWord::Garbled,
                format!("{on} left out {}", section.program),
                format!("look again at {on}"),
            )),
            Some(frame) => {
                let stderr = find(&format!("{}!", section.name)).map_or("", |frame| frame.text);
                let answer = SectionAnswer { stdout: frame.text, stderr, status: frame.status };
                let outcome = (section.read)(&answer, &mut report);
                outcome.err().map(|trouble| why(&trouble, &answer, section, batch, on))
            }
        };
        if let Some(cause) = cause {
            for key in section.keys {
                if !report.facts.iter().any(|fact| fact.key.as_str() == key.name) {
                    report.lost.push((KeyName::fixed(key.name), cause.clone()));
                }
            }
        }
    }
    Ok(report)
}

fn why(
    trouble: &Trouble,
    answer: &SectionAnswer<'_>,
    section: &Section,
    batch: &Batch,
    on: &str,
) -> Cause {
    let first = |text: &str| text.lines().map(printable).find(|line| !line.is_empty());
    let said = first(answer.stderr).or_else(|| first(answer.stdout));
    if *trouble == Trouble::Status {
        if answer.status == 77 {
            return sealed(section.program, on, said.as_deref());
        }
        if !matches!(answer.status, 124 | 126 | 127)
            && let Some(cause) = complaint(answer.stderr, section.program, on)
        {
            return cause;
        }
    }
    let ended = Ended { status: answer.status, said, limit_s: batch.command_s };
    cause_of(trouble, ended, section.program, on)
}

/// Why a host does not lead to the place.
fn no_way(batch: &Batch, status: i32, on: &str) -> Cause {
    let program = batch.sections.first().map_or("", |section| section.program);
    let program = program.split(' ').next().unwrap_or_default();
    let ended = Ended { status, said: None, limit_s: batch.command_s };
    cause_of(&Trouble::Status, ended, program, on)
}
