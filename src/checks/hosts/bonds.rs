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
        let cable = |port: &str| {
            let end = read.case.target.wanted.get(&format!("{}{port}", wanted::CABLE));
            end.map(String::as_str)
        };
        Ok(Ruling::worst(rows(&bonds).map(|bond| one_bond(name, bond, &members, &cable)))
            .unwrap_or_else(|| without(name)))
    })
}

/// `cable` says where the cable in a port ends: the switch and its port.
fn one_bond<'c>(
    name: &str,
    bond: Row<'_>,
    members: &Table,
    cable: &dyn Fn(&str) -> Option<&'c str>,
) -> Ruling {
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
        let lost = names(&down);
        let said = format!(
            "{label} of {name} has lost {}: {} of {} members left",
            and_list(&lost),
            up.len(),
            members.len()
        );
        dead_legs(name, said, &lost, cable)
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
        let port = member.get("member");
        let shown = match cable(port) {
            Some(end) => format!("{shown}, its cable ends at {end}"),
            None => shown,
        };
        ruling.showing(format!("{label} {port}"), shown)
    })
}

/// Members without a link: at which switch they end, and what to do at it. The
/// switch itself may be one that nothing looks at.
fn dead_legs<'c>(
    name: &str,
    said: String,
    lost: &[String],
    cable: &dyn Fn(&str) -> Option<&'c str>,
) -> Ruling {
    let ends: Vec<&str> = lost.iter().filter_map(|port| cable(port)).collect();
    let mut switches: Vec<String> =
        ends.iter().filter_map(|end| end.split(' ').next()).map(str::to_owned).collect();
    switches.sort_unstable();
    switches.dedup();
    let warned = Ruling::warn(match switches.is_empty() {
        true => said,
        false => format!("{said}; the cable ends at {}", and_list(&switches)),
    })
    .because("member-down");
    if switches.is_empty() {
        return warned.then_try([
            format!(
                "No connection in the inventory says where {} of {name} ends: follow the cable, or ask `lldpctl` on {name}",
                and_list(lost)
            ),
            "If other hosts lost a leg at the same time, look at the switch first".to_owned(),
            "If it is this host alone: swap the cable or the transceiver".to_owned(),
        ]);
    }
    let switch = and_list(&switches);
    let ends = and_list(&ends.iter().map(|end| (*end).to_owned()).collect::<Vec<_>>());
    // Only one thing can be pointed at.
    let warned = match switches.as_slice() {
        [one] => warned.pointing_at(one),
        _ => warned,
    };
    warned.then_try([
        format!(
            "If other hosts lost their leg to {switch} too: open its console, `:{}` and then c",
            switches.first().map_or("", String::as_str)
        ),
        format!("If it is this host alone: swap the cable or the transceiver at {ends}"),
        format!("Then the port channel of {name} on {switch}"),
    ])
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
