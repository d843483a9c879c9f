//! Bonded interfaces, and what answers through them.

use super::{LOOK, Row, and_list, has_role, percent, rows};
use crate::checks::judging::{self, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::fact::Table;
use crate::domain::keys::hosts as keys;
use crate::domain::{Judgement, Role, wanted};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "BOND-01",
        applies: |_, target| has_role(target, &[Role::RouterVm]),
        probes: LOOK,
        judge: |case| {
            judge(case, |name| Ruling::fail(format!("{name} has no bond towards the switches")))
        },
    },
    Rule {
        id: "BOND-02",
        applies: |_, target| has_role(target, &[Role::RouterVm]),
        probes: LOOK,
        judge: gateway,
    },
    Rule {
        id: "BOND-50",
        applies: |_, target| target.ssh.is_some() && !target.is(Role::RouterVm),
        probes: LOOK,
        judge: |case| {
            judge(case, |name| Ruling::not_yet(format!("{name} has no bonded interface")))
        },
    },
];

/// Judges every bond of a target; `without` says what it means to have none.
fn judge(case: &Case<'_>, without: fn(&str) -> Ruling) -> Judgement {
    judging::judge(case, |read| {
        let bonds = read.value(keys::BONDS)?;
        let members = read.value(keys::BOND_MEMBERS)?;
        let name = read.name();
        Ok(Ruling::worst(rows(&bonds).map(|bond| one_bond(name, bond, &members)))
            .unwrap_or_else(|| without(name)))
    })
}

fn one_bond(name: &str, bond: Row<'_>, members: &Table) -> Ruling {
    let label = bond.get("name");
    let lacp = bond.get("mode").contains("802.3ad");
    let members: Vec<Row<'_>> =
        rows(members).filter(|member| member.get("bond") == label).collect();
    let (up, down): (Vec<Row<'_>>, Vec<Row<'_>>) =
        members.iter().partition(|member| member.get("mii") == "up");
    let names = |rows: &[Row<'_>]| -> Vec<String> {
        rows.iter().map(|row| row.get("member").to_owned()).collect()
    };
    let with_churn = |state: &str| -> Vec<String> {
        let found = up
            .iter()
            .filter(|member| [member.get("actor"), member.get("partner")].contains(&state));
        found.map(|member| member.get("member").to_owned()).collect()
    };
    let (churned, monitoring) = match lacp {
        true => (with_churn("churned"), with_churn("monitoring")),
        false => (Vec::new(), Vec::new()),
    };
    let nobody = lacp && bond.get("partner").chars().all(|c| "0:".contains(c));
    let mut aggregators: Vec<&str> = up.iter().map(|member| member.get("aggregator")).collect();
    aggregators.sort_unstable();
    aggregators.dedup();
    let apart = lacp && aggregators.len() > 1;
    let ruling = if up.is_empty() || bond.get("mii") != "up" {
        Ruling::fail(format!("{label} of {name} is down: no member has a link"))
    } else if nobody {
        Ruling::fail(format!("nobody speaks LACP with {label} of {name} (partner MAC all zeros)"))
    } else if !churned.is_empty() {
        let verb = if churned.len() == 1 { "is" } else { "are" };
        Ruling::fail(format!("{} in {label} of {name} {verb} churned", and_list(&churned)))
    } else if !down.is_empty() {
        let left = up.len();
        Ruling::warn(format!(
            "{label} of {name} has lost {}: {left} of {} members left",
            and_list(&names(&down)),
            members.len()
        ))
        .because("member-down")
    } else if !monitoring.is_empty() {
        Ruling::warn(format!(
            "LACP of {label} on {name} is still settling on {}",
            and_list(&monitoring)
        ))
    } else if apart {
        Ruling::warn(format!("the members of {label} on {name} are in different aggregators"))
    } else {
        Ruling::pass(format!("{label} of {name} has all its {} members", members.len()))
    };
    let ruling = ruling.showing(label, format!("{}, MII {}", bond.get("mode"), bond.get("mii")));
    members.iter().fold(ruling, |ruling, member| {
        let shown = match lacp {
            true => format!(
                "MII {}, aggregator {}, churn {}/{}",
                member.get("mii"),
                member.get("aggregator"),
                member.get("actor"),
                member.get("partner")
            ),
            false => format!("MII {}", member.get("mii")),
        };
        ruling.showing(format!("{label} {}", member.get("member")), shown)
    })
}

fn gateway(case: &Case<'_>) -> Judgement {
    let gateway = case.site.wanted.get(wanted::FABRIC_GATEWAY);
    judging::judge(case, |read| {
        let name = read.name();
        let Some(gateway) = gateway else {
            return Ok(Ruling::not_yet("the site does not name the fabric's gateway"));
        };
        let loss = read.value(keys::GATEWAY_LOSS)?;
        Ok(if loss <= 0.0 {
            Ruling::pass(format!("{name} reaches the fabric's gateway {gateway}"))
        } else if loss >= 100.0 {
            Ruling::fail(format!("{name} does not reach the fabric's gateway {gateway}"))
        } else {
            Ruling::warn(format!(
                "{name} loses {} of its packets to the fabric's gateway {gateway}",
                percent(loss)
            ))
        }
        .showing(format!("ping {gateway}"), format!("{} lost", percent(loss))))
    })
}
