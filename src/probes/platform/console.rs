//! The answers of the console's page and API, and of a tenant cluster.

use serde_json::Value;

use super::fetched::{Fetched, fetched, named};
use super::json::{condition, documents, first_words, items, table, text};
use super::kubernetes::well;
use crate::domain::Report;
use crate::domain::fact::Table;
use crate::domain::keys::Word;
use crate::domain::keys::platform::console as keys;
use crate::domain::untrusted::printable;
use crate::probes::documented::SectionAnswer;
use crate::probes::hosts::parse::{MOST_ROWS, Trouble};
use crate::probes::observing::metrics;

pub(super) fn addon_errors(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let columns = ["type", "value"];
    report.learn(keys::ADDON_ERRORS, metrics::values(answer, &columns, &["error_type"])?);
    Ok(())
}

/// The title of a page; empty where it has none.
fn title(body: &str) -> String {
    // Only ASCII letters change their case here, so places stay the same.
    let lower = body.to_ascii_lowercase();
    let Some(from) = lower.find("<title") else { return String::new() };
    let rest = body.get(from..).unwrap_or_default();
    let inner = rest.split_once('>').map_or("", |(_, inner)| inner);
    printable(inner.split('<').next().unwrap_or_default()).trim().to_owned()
}

pub(super) fn page(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let all = fetched(answer.stdout)?;
    let by_name = named(&all, "name").ok_or(Trouble::Format("the page"))?;
    let by_address = named(&all, "address");
    let titled = |one: &Fetched<'_>| one.good().map(title);
    let (way, title) = match (titled(&by_name), by_address.and_then(|one| titled(&one))) {
        (Some(title), _) => ("name", title),
        (None, Some(title)) => ("address", title),
        (None, None) => ("none", String::new()),
    };
    report.learn(keys::PAGE, Word(way.to_owned()));
    report.learn(keys::PAGE_TITLE, title);
    let said = if way == "name" { String::new() } else { by_name.said() };
    report.learn(keys::PAGE_SAID, said);
    Ok(())
}

fn one<'a>(answer: &SectionAnswer<'a>) -> Result<Fetched<'a>, Trouble> {
    // 77: the token that is needed is not to be had.
    if answer.status == 77 {
        return Err(Trouble::Status);
    }
    fetched(answer.stdout)?.first().copied().ok_or(Trouble::Format("curl's answer"))
}

pub(super) fn api(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let one = one(answer)?;
    let schema = one.good().map(serde_json::from_str::<Value>);
    let said = match schema {
        Some(Ok(schema)) => text(&schema, "openapi"),
        Some(Err(_)) => format!("not JSON: {}", first_words(one.body)),
        None => one.said(),
    };
    report.learn(keys::API_STATUS, f64::from(one.status));
    report.learn(keys::API_SAID, said);
    Ok(())
}

pub(super) fn role(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let one = one(answer)?;
    let said = one.good().and_then(|body| serde_json::from_str::<Value>(body).ok());
    if one.status == 0 || (one.good().is_some() && said.is_none()) {
        return Err(Trouble::Format("who the token is"));
    }
    report.learn(keys::ROLE_STATUS, f64::from(one.status));
    report.learn(keys::ROLE, said.map_or(String::new(), |said| text(&said, "role")));
    Ok(())
}

pub(super) fn catalogue(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let one = one(answer)?;
    let mut listed = Table::new(&["name", "version"]);
    if let Some(body) = one.good() {
        let all = items(body, "a catalogue")?;
        listed =
            table(&["name", "version"], &all, |one| vec![text(one, "name"), text(one, "version")]);
    } else if one.is_refused() {
        return Err(Trouble::Status);
    }
    report.learn(keys::CATALOGUE_STATUS, f64::from(one.status));
    report.learn(keys::CATALOGUE, listed);
    Ok(())
}

/// One answer per tenant cluster, named after it.
pub(super) fn addons(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    if answer.status != 0 {
        return Err(Trouble::Status);
    }
    let columns = ["cluster", "name", "type", "status", "message", "created"];
    let mut found = Table::new(&columns);
    // No tenant cluster, no answer.
    let all = if answer.stdout.trim().is_empty() { Vec::new() } else { fetched(answer.stdout)? };
    for one in all {
        let body = one.body_of("a list of add-ons")?;
        for addon in documents(body, "a list of add-ons")?.iter().flat_map(members) {
            if found.rows.len() < MOST_ROWS {
                found.push(vec![
                    printable(one.name),
                    text(addon, "name"),
                    text(addon, "addon_type"),
                    text(addon, "status"),
                    text(addon, "message"),
                    text(addon, "created_at"),
                ]);
            }
        }
    }
    report.learn(keys::ADDONS, found);
    Ok(())
}

fn members(document: &Value) -> &[Value] {
    document.as_array().map_or(&[], Vec::as_slice)
}

pub(super) fn tenant_releases(
    answer: &SectionAnswer<'_>,
    report: &mut Report,
) -> Result<(), Trouble> {
    let items = items(well(answer)?, "a list of releases")?;
    report.learn(
        keys::TENANT_RELEASES,
        table(&["namespace", "name", "ready", "message"], &items, |one| {
            let (ready, message, _) = condition(one, "Ready");
            vec![text(one, "metadata.namespace"), text(one, "metadata.name"), ready, message]
        }),
    );
    Ok(())
}

pub(super) fn tenant_volumes(
    answer: &SectionAnswer<'_>,
    report: &mut Report,
) -> Result<(), Trouble> {
    let items = items(well(answer)?, "a list of volume claims")?;
    let of_addons = |one: &&Value| text(one, "metadata.namespace").starts_with("iaas-addon-");
    report.learn(
        keys::TENANT_VOLUMES,
        table(&["namespace", "name"], items.iter().filter(of_addons), |one| {
            vec![text(one, "metadata.namespace"), text(one, "metadata.name")]
        }),
    );
    Ok(())
}
