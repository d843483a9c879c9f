//! Names of the site, and where a sign-on leads.

use crate::domain::Report;
use crate::domain::fact::Table;
use crate::domain::keys::services::survey;
use crate::domain::untrusted::printable;
use crate::probes::documented::SectionAnswer;
use crate::probes::hosts::parse::{MOST_ROWS, Trouble, lines};
use crate::probes::platform::fetched::{fetched, header};
use crate::probes::platform::kubernetes::well;

pub(super) fn name_servers(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let all = answers(well(answer)?)?;
    report.learn(survey::NAME_SERVERS, all);
    Ok(())
}

pub(super) fn public_records(
    answer: &SectionAnswer<'_>,
    report: &mut Report,
) -> Result<(), Trouble> {
    report.learn(survey::PUBLIC_RECORDS, by_name(answer, &["name", "addresses"])?);
    Ok(())
}

pub(super) fn internal_record(
    answer: &SectionAnswer<'_>,
    report: &mut Report,
) -> Result<(), Trouble> {
    let all = answers(well(answer)?)?;
    report.learn(survey::INTERNAL_RECORD, all);
    Ok(())
}

pub(super) fn levels(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let named = by_name(answer, &["name", "addresses"])?;
    let mut levels = Table::new(&["level", "name", "addresses"]);
    for row in &named.rows {
        let name = named.cell(row, "name");
        let (level, name) = name.split_once(' ').unwrap_or(("", name));
        let addresses = named.cell(row, "addresses").to_owned();
        levels.push(vec![level.to_owned(), name.to_owned(), addresses]);
    }
    report.learn(survey::LEVELS, levels);
    Ok(())
}

pub(super) fn identity_tenant(
    answer: &SectionAnswer<'_>,
    report: &mut Report,
) -> Result<(), Trouble> {
    let all = fetched(answer.stdout)?;
    let one = all.first().filter(|one| one.status > 0).ok_or(Trouble::Status)?;
    report.learn(survey::TENANT_STATUS, f64::from(one.status));
    Ok(())
}

/// The lines of `dig +short`. Its complaints begin with a semicolon: a server
/// that did not answer is no answer, not an empty one.
fn answers(text: &str) -> Result<Vec<String>, Trouble> {
    let all: Vec<String> = lines(text).collect();
    if all.iter().any(|line| line.starts_with(';')) {
        return Err(Trouble::Status);
    }
    Ok(all)
}

/// For each name a line `@name NAME`, then the lines of `dig +short`.
fn by_name(answer: &SectionAnswer<'_>, columns: &[&str]) -> Result<Table, Trouble> {
    if matches!(answer.status, 124 | 127) {
        return Err(Trouble::Status);
    }
    let mut found = Table::new(columns);
    for block in answer.stdout.split("@name ").skip(1).take(MOST_ROWS) {
        let (name, rest) = block.split_once('\n').unwrap_or((block, ""));
        found.push(vec![printable(name.trim()), answers(rest)?.join(" ")]);
    }
    if found.rows.is_empty() {
        return Err(Trouble::Format("answers of dig"));
    }
    Ok(found)
}

/// Where the console sends a browser: host and path, client and callback. A
/// state or nonce of the address is a secret of that sign-on and is not kept.
pub(super) fn sign_on(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let all = fetched(answer.stdout)?;
    let one = all.first().filter(|one| one.status > 0).ok_or(Trouble::Status)?;
    let mut found = Table::new(&["part", "value"]);
    let mut put = |part: &str, value: String| found.push(vec![part.to_owned(), value]);
    put("path", printable(one.name));
    put("status", one.status.to_string());
    if let Some(location) = header(one.body, "location") {
        let (place, query) = location.split_once('?').unwrap_or((location, ""));
        put("place", printable(place));
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            if matches!(name, "client_id" | "redirect_uri") {
                put(name, printable(&decoded(value)));
            }
        }
    }
    report.learn(survey::SIGN_ON, found);
    Ok(())
}

/// A part of an address with its `%2F` written out.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match digits.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
