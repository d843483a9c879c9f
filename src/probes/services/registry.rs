//! The local registry, and the private one that its images come from.

use serde_json::Value;

use crate::domain::fact::Table;
use crate::domain::keys::Word;
use crate::domain::keys::services as keys;
use crate::domain::keys::services::{clients, survey};
use crate::domain::untrusted::printable;
use crate::domain::{Report, Stamp};
use crate::probes::documented::SectionAnswer;
use crate::probes::hosts::parse::{MOST_ROWS, Trouble, first_line, json_text, lines};
use crate::probes::platform::fetched::{fetched, header};
use crate::probes::platform::json::{list, text};
use crate::probes::platform::kubernetes::well;

pub(super) fn answers(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let all = fetched(answer.stdout)?;
    let one = all.first().ok_or(Trouble::Format("curl's answer"))?;
    // Something else may listen on the port: a registry names its version.
    let is_one = header(one.body, "docker-distribution-api-version").is_some()
        || one.body.lines().last().is_some_and(|body| body.trim() == "{}");
    let said = match one.good() {
        Some(_) if is_one => String::new(),
        Some(_) => "something that is no registry answers".to_owned(),
        None => one.said(),
    };
    report.learn(keys::REGISTRY_STATUS, f64::from(one.status));
    report.learn(keys::REGISTRY_SAID, said);
    Ok(())
}

/// The containers whose name or image says registry, then the directory's size.
pub(super) fn container(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    // grep ends with 1 when there is none; the section goes on.
    if matches!(answer.status, 124 | 126 | 127) {
        return Err(Trouble::Status);
    }
    let mut found = String::new();
    for line in lines(answer.stdout) {
        match line.parse::<f64>() {
            Ok(bytes) => report.learn(keys::REGISTRY_DATA, bytes),
            Err(_) if found.is_empty() => found = line,
            Err(_) => {}
        }
    }
    report.learn(keys::REGISTRY_CONTAINER, found);
    Ok(())
}

pub(super) fn repositories(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    const WHAT: &str = "a registry's catalogue";
    let all = fetched(answer.stdout)?;
    let mut names = Vec::new();
    for page in &all {
        let body = page.body_of(WHAT)?;
        let document: Value =
            serde_json::from_str(last_document(body)).map_err(|_| Trouble::Format(WHAT))?;
        let listed = document.get("repositories").ok_or(Trouble::Format(WHAT))?;
        // A registry without any writes null or an empty list.
        let listed = listed.as_array().map_or(&[][..], Vec::as_slice);
        names.extend(listed.iter().map(|name| json_text(Some(name))));
    }
    report.learn(survey::REPOSITORIES, names);
    Ok(())
}

/// The body where headers stand before it.
fn last_document(body: &str) -> &str {
    body.find('{').and_then(|from| body.get(from..)).unwrap_or(body)
}

pub(super) fn tags(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let mut found = Table::new(&["name", "tags"]);
    well(answer)?;
    // An empty registry has no image to ask for.
    let all = if answer.stdout.trim().is_empty() { Vec::new() } else { fetched(answer.stdout)? };
    for one in all.iter().take(MOST_ROWS) {
        // 404: the catalogue names what has no tag any more.
        let document = match (one.good(), one.status) {
            (Some(body), _) => serde_json::from_str::<Value>(last_document(body))
                .map_err(|_| Trouble::Format("a list of tags"))?,
            (None, 404) => Value::Null,
            (None, _) => return Err(Trouble::Status),
        };
        let tags: Vec<String> =
            list(&document, "tags").iter().map(|tag| json_text(Some(tag))).collect();
        let name = match text(&document, "name") {
            empty if empty.is_empty() => printable(one.name),
            name => name,
        };
        found.push(vec![name, tags.join(" ")]);
    }
    report.learn(survey::TAGS, found);
    Ok(())
}

/// `grep -A3` prints the lines after `location`: the entry ends where the next
/// one begins.
pub(super) fn insecure(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    if !matches!(answer.status, 0..=2) {
        return Err(Trouble::Status);
    }
    let setting = |line: &String, name: &str| -> Option<String> {
        // A hit has its file's name before it, a following line as well.
        let at = line.find(name)?;
        let (_, value) = line.get(at..)?.split_once('=')?;
        Some(value.trim().trim_matches('"').to_owned())
    };
    let all: Vec<String> = lines(answer.stdout).collect();
    let is_there = all.iter().any(|line| setting(line, "location").is_some());
    let said = all.iter().find_map(|line| setting(line, "insecure"));
    let word = match said.as_deref() {
        _ if !is_there => "absent",
        Some("true") => "yes",
        _ => "no",
    };
    report.learn(clients::INSECURE, Word(word.to_owned()));
    Ok(())
}

pub(super) fn login(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let text = answer.stdout;
    if text.contains("not logged in") {
        report.learn(survey::SOURCE_LOGIN, String::new());
        return Ok(());
    }
    if answer.status != 0 {
        return Err(Trouble::Status);
    }
    report.learn(survey::SOURCE_LOGIN, first_line(text));
    Ok(())
}

pub(super) fn token(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    // 77: nobody has set the token where we could use it.
    if answer.status == 77 {
        return Err(Trouble::Status);
    }
    let all = fetched(answer.stdout)?;
    let one = all.first().filter(|one| one.status > 0).ok_or(Trouble::Status)?;
    report.learn(survey::TOKEN_STATUS, f64::from(one.status));
    if let Some(scopes) = header(one.body, "x-oauth-scopes") {
        report.learn(survey::TOKEN_SCOPES, printable(scopes));
    }
    let expires = header(one.body, "github-authentication-token-expiration");
    if let Some(expires) = expires.and_then(expiry) {
        report.learn(survey::TOKEN_EXPIRES, expires);
    }
    Ok(())
}

/// `2027-06-30 00:00:00 UTC`.
fn expiry(text: &str) -> Option<Stamp> {
    let mut words = text.split(' ');
    let (day, hour) = (words.next()?, words.next()?);
    match words.next() {
        Some("UTC") | None => Stamp::parse(&format!("{day}T{hour}Z")),
        Some(zone) => Stamp::parse(&format!("{day}T{hour}{zone}")),
    }
}

pub(super) fn pull(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    if matches!(answer.status, 124 | 127) {
        return Err(Trouble::Status);
    }
    let text = answer.stdout.to_ascii_lowercase();
    let (word, said) = if answer.status == 0 {
        // The document may have been cut: the digest stands near its beginning.
        let digest =
            answer.stdout.split("\"Digest\":").nth(1).and_then(|rest| rest.split('"').nth(1));
        ("works", digest.map(printable).unwrap_or_default())
    } else {
        let word = match () {
            () if text.contains("unauthorized") => "unauthorized",
            () if text.contains("manifest unknown") => "no-manifest",
            () if text.contains("denied") => "denied",
            () => "failed",
        };
        (word, first_line(answer.stdout))
    };
    report.learn(survey::PULL, Word(word.to_owned()));
    report.learn(survey::PULL_SAID, said);
    Ok(())
}
