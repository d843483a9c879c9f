//! The switches themselves, over SSH from the controller.

use super::section;
use crate::domain::fact::Table;
use crate::domain::keys::fabric::switches as keys;
use crate::domain::untrusted::printable;
use crate::probes::documented::{Section, Trouble};
use crate::probes::hosts::parse::lines;

pub(super) const LOGINS: Section = Section {
    program: "ssh",
    needs: &["SWITCHES"],
    ..section(
        "logins",
        include_str!("../../../assets/probes/fabric/logins.sh"),
        &[keys::LOGINS.info],
        |answer, report| {
            let mut table = Table::new(&["switch", "status", "said"]);
            for line in answer.ok()?.lines() {
                let mut parts = line.splitn(3, '\t').map(printable);
                if let (Some(switch), Some(status)) = (parts.next(), parts.next()) {
                    table.push(vec![switch, status, parts.next().unwrap_or_default()]);
                }
            }
            if table.rows.is_empty() {
                return Err(Trouble::Format("logins to switches"));
            }
            report.learn(keys::LOGINS, table);
            Ok(())
        },
    )
};

pub(super) const AGENT_LOGS: Section = Section {
    program: "ssh",
    needs: &["SWITCHES"],
    ..section(
        "agent-logs",
        include_str!("../../../assets/probes/fabric/agent-logs.sh"),
        &[keys::AGENT_LOGS.info],
        |answer, report| {
            let mut table = Table::new(&["switch", "unit", "errors", "last"]);
            let mut errors = 0;
            for line in lines(answer.ok()?) {
                if let Some(switch) = line.strip_prefix("switch ") {
                    errors = 0;
                    let none = String::new;
                    table.push(vec![switch.to_owned(), none(), "0".to_owned(), none()]);
                    continue;
                }
                let Some([_, unit, count, last]) = table.rows.last_mut().map(Vec::as_mut_slice)
                else {
                    continue;
                };
                if line.contains("level=ERROR") {
                    errors += 1;
                    *count = errors.to_string();
                    *last = line.chars().take(300).collect();
                } else if unit.is_empty() && !line.contains("level=") {
                    *unit = line;
                }
            }
            report.learn(keys::AGENT_LOGS, table);
            Ok(())
        },
    )
};
