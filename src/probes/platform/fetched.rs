//! Answers over HTTP as the documented `curl` brings them: for each address a
//! line `@get NAME`, then the headers or the body (and, where it fails, what
//! curl says), a line `@http STATUS` and a line `@curl EXIT`. Pure.

use crate::domain::untrusted::printable;
use crate::probes::hosts::parse::Trouble;

/// One answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fetched<'a> {
    /// What it is, as the section calls it.
    pub name: &'a str,
    /// The body, or the headers where only they were asked for.
    pub body: &'a str,
    /// HTTP status; 0 when no answer came.
    pub status: u16,
    /// Exit status of curl.
    pub curl: i32,
}

/// Every answer of a section. A text without any is not of this format; one
/// for which there was no curl counts as a missing command.
pub(crate) fn fetched(text: &str) -> Result<Vec<Fetched<'_>>, Trouble> {
    let mut found = Vec::new();
    for block in text.split("@get ").skip(1) {
        let (name, rest) = block.split_once('\n').unwrap_or((block, ""));
        let (rest, curl) = rest.rsplit_once("@curl ").ok_or(Trouble::Format("curl's answer"))?;
        let curl = curl.trim().parse().map_err(|_| Trouble::Format("curl's answer"))?;
        // A body may hold any line; the last one of this form is curl's own.
        let (body, status) = match rest.rsplit_once("@http ") {
            Some((body, status)) => (body, status.lines().next().unwrap_or_default().trim()),
            None => (rest, "0"),
        };
        let status = status.parse().map_err(|_| Trouble::Format("curl's answer"))?;
        found.push(Fetched { name: name.trim(), body: body.trim(), status, curl });
    }
    match found.iter().all(|one| one.curl == 127) {
        true if found.is_empty() => Err(Trouble::Format("curl's answer")),
        true => Err(Trouble::Status),
        false => Ok(found),
    }
}

impl<'a> Fetched<'a> {
    /// The body of a good answer.
    pub(crate) fn good(&self) -> Option<&'a str> {
        (self.curl == 0 && (200..300).contains(&self.status)).then_some(self.body)
    }

    /// The body of a good answer; `what` names it for the sentence.
    ///
    /// # Errors
    /// The status where nothing came or we are not let in, else that it is
    /// something else than what was asked for.
    pub(crate) fn body_of(&self, what: &'static str) -> Result<&'a str, Trouble> {
        match self.good() {
            Some(body) => Ok(body),
            None if self.curl != 0 || self.is_refused() => Err(Trouble::Status),
            None => Err(Trouble::Format(what)),
        }
    }

    /// What came in place of a good answer, in one line that is safe to show.
    pub(crate) fn said(&self) -> String {
        match self.curl {
            0 => format!("HTTP status {}", self.status),
            6 => "the name has no address".to_owned(),
            7 => "the connection is refused".to_owned(),
            28 => "no answer in time".to_owned(),
            35 | 51 | 58 | 60 | 77 => "its certificate is not trusted".to_owned(),
            52 | 56 => "the connection is dropped without an answer".to_owned(),
            127 => "curl is missing".to_owned(),
            other => match self.body.lines().find_map(|line| line.split_once("curl: (")) {
                Some((_, line)) => {
                    let words = line.split_once(") ").map_or(line, |(_, words)| words);
                    printable(words).chars().take(100).collect()
                }
                None => format!("curl ends with {other}"),
            },
        }
    }

    /// Whether we are not let in: no credentials, or not enough of them.
    pub(crate) fn is_refused(&self) -> bool {
        matches!(self.status, 401 | 403)
    }
}

/// The answer of that name.
pub(crate) fn named<'a>(all: &[Fetched<'a>], name: &str) -> Option<Fetched<'a>> {
    all.iter().find(|one| one.name == name).copied()
}

/// The value of a header, whatever the case of its name.
pub(crate) fn header<'a>(headers: &'a str, name: &str) -> Option<&'a str> {
    headers.lines().find_map(|line| {
        let (given, value) = line.split_once(':')?;
        given.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
