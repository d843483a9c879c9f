//! BGP of the router VM: the tables of `birdc`, of BIRD 2 and 3.

use super::section;
use crate::domain::fact::Table;
use crate::domain::keys::openwrt as keys;
use crate::domain::untrusted::printable;
use crate::probes::documented::{Section, SectionAnswer, Trouble};
use crate::probes::hosts::parse::MOST_ROWS;

/// The lines of an answer in which the daemon itself speaks.
fn said<'a>(answer: &SectionAnswer<'a>) -> Result<&'a str, Trouble> {
    let text = answer.ok()?;
    // A daemon that is down is told on standard output, with status 0 or 1.
    if text.contains("BIRD ") { Ok(text) } else { Err(Trouble::Format("an answer of BIRD")) }
}

pub(super) const PROTOCOLS: Section = section(
    "protocols",
    "birdc",
    "t birdc -r show protocols",
    &[keys::PROTOCOLS.info],
    |answer, report| {
        let mut table = Table::new(&["name", "state", "info"]);
        for line in said(answer)?.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            if let [name, "BGP", _, state, _, info @ ..] = words.as_slice()
                && table.rows.len() < MOST_ROWS
            {
                let info = info.iter().skip_while(|word| word.contains(':') && word.len() > 4);
                let info: Vec<&str> = info.copied().collect();
                table.push(vec![printable(name), printable(state), printable(&info.join(" "))]);
            }
        }
        report.learn(keys::PROTOCOLS, table);
        Ok(())
    },
);

pub(super) const ROUTES: Section =
    section("routes", "birdc", "t birdc -r show route", &[keys::ROUTES.info], |answer, report| {
        let text = answer.ok()?;
        if !text.contains("BIRD ") && !text.contains("Table ") {
            return Err(Trouble::Format("an answer of BIRD"));
        }
        let mut table = Table::new(&["net", "kind", "from"]);
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            if let [net, kind, from, ..] = words.as_slice()
                && net.contains('/')
                && from.starts_with('[')
                && table.rows.len() < 4 * MOST_ROWS
            {
                table.push([*net, *kind, from.trim_start_matches('[')].map(printable).to_vec());
            }
        }
        report.learn(keys::ROUTES, table);
        Ok(())
    });
