//! Judging hosts: what the batched script told. One file per subject.

mod bastion;
mod bonds;
mod clock;
mod disks;
mod mirror;
mod network;
mod reach;
mod room;
mod system;

use crate::checks::{Case, Rule};
use crate::domain::fact::Table;
use crate::domain::keys::Word;
use crate::domain::{Role, Site, Target};

/// The rules of this layer, by subject.
pub const RULES: &[&[Rule]] = &[
    reach::RULES,
    system::RULES,
    mirror::RULES,
    disks::RULES,
    network::RULES,
    bonds::RULES,
    clock::RULES,
    room::RULES,
    bastion::RULES,
];

/// The probe of what is asked every tick.
pub(crate) const LOOK: &[&str] = &["host.look"];
/// The probe of what is asked every few minutes.
pub(crate) const SURVEY: &[&str] = &["host.survey"];
/// Both.
pub(crate) const BOTH: &[&str] = &["host.look", "host.survey"];

pub(crate) use reach::trouble;
pub(crate) use system::is_installed;

/// Whether a target is a host that is asked over SSH.
pub(crate) fn is_host(_: &Site, target: &Target) -> bool {
    target.ssh.is_some()
}

/// Whether a target is a host with one of these roles.
pub(crate) fn has_role(target: &Target, roles: &[Role]) -> bool {
    target.ssh.is_some() && roles.iter().any(|role| target.is(*role))
}

/// Rows of a table as a reader of cells by column name.
pub(crate) fn rows(table: &Table) -> impl Iterator<Item = Row<'_>> {
    table.rows.iter().map(move |cells| Row { table, cells })
}

/// One row of a table.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    table: &'a Table,
    cells: &'a [String],
}

impl<'a> Row<'a> {
    /// The cell under a column; empty when there is none.
    pub(crate) fn get(self, column: &str) -> &'a str {
        self.table.cell(self.cells, column)
    }

    /// The number under a column; `None` when it is empty or no number.
    pub(crate) fn number(self, column: &str) -> Option<f64> {
        self.get(column).parse().ok()
    }
}

/// Whether a yes-or-no fact says yes.
pub(crate) fn is_yes(word: &Word) -> bool {
    word.0 == "yes"
}

/// The address that is planned for a target, when it is one that the machine
/// itself can have: a demo site and a tunnelled host are reached on loopback.
pub(crate) fn planned_address<'a>(case: &'a Case<'_>) -> Option<&'a str> {
    let wanted = case.target.wanted.get(crate::domain::wanted::ADDRESS).map(String::as_str);
    let reached = case.target.ssh.as_ref().map(|ssh| ssh.address.as_str());
    wanted
        .or(reached)
        .filter(|address| address.parse::<std::net::IpAddr>().is_ok_and(|ip| !ip.is_loopback()))
}

/// Whether one of the `address/prefix` words is this address.
pub(crate) fn has_address(words: &str, address: &str) -> bool {
    words.split(' ').any(|word| word.split('/').next() == Some(address))
}

/// Whether one of the `address/prefix` words is an IPv4 address.
pub(crate) fn has_ipv4(words: &str) -> bool {
    words.split(' ').any(|word| word.contains('.'))
}

/// The numbers in a version, in order: `6.14.0-29-generic` → 6, 14, 0, 29.
pub(crate) fn version_numbers(version: &str) -> Vec<u64> {
    version.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}

/// `one, two and three`, for sentences.
pub(crate) fn and_list<T: AsRef<str>>(items: &[T]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [all @ .., last] => {
            let all: Vec<&str> = all.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", all.join(", "), last.as_ref())
        }
    }
}

/// A share in percent as a sentence has it: one digit after the point below ten.
pub(crate) fn percent(share: f64) -> String {
    if share < 10.0 { format!("{share:.1} %") } else { format!("{share:.0} %") }
}

/// Bytes as a sentence has them, in GB or TB of 10^9 and 10^12.
pub(crate) fn gigabytes(bytes: f64) -> String {
    let gb = bytes / 1e9;
    if gb >= 10_000.0 {
        format!("{:.0} TB", gb / 1000.0)
    } else if gb >= 10.0 {
        format!("{gb:.0} GB")
    } else {
        format!("{gb:.1} GB")
    }
}

#[cfg(test)]
pub(crate) mod worlds;

#[cfg(test)]
mod tests;
