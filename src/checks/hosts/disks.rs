//! What disks say of themselves.

use super::{SURVEY, and_list, has_role, rows};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::hosts::survey;
use crate::domain::{Judgement, Role};

pub(crate) const RULES: &[Rule] = &[Rule {
    id: "HOST-20",
    applies: |_, target| has_role(target, &[Role::Control, Role::Compute, Role::Storage]),
    probes: SURVEY,
    judge: health,
}];

fn health(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let disks = read.value(survey::DISK_HEALTH)?;
        let name = read.name();
        let used_most = read.threshold("used_warn_percent");
        let errors_most = read.threshold("media_errors_warn");
        let told: Vec<_> = rows(&disks).filter(|disk| !disk.get("passed").is_empty()).collect();
        if told.is_empty() {
            return Err(NotKnown::because(format!("no disk of {name} tells its health")));
        }
        let failing: Vec<&str> = told
            .iter()
            .filter(|disk| disk.get("passed") == "false")
            .map(|disk| disk.get("disk"))
            .collect();
        let hanging: Vec<&str> = told
            .iter()
            .filter(|disk| disk.get("passed") == "hangs")
            .map(|disk| disk.get("disk"))
            .collect();
        let silent = rows(&disks).count() - told.len();
        let worn: Vec<String> = told
            .iter()
            .filter_map(|disk| {
                let used = disk.number("used").filter(|used| *used > used_most);
                let errors = disk.number("errors").filter(|errors| *errors > errors_most);
                match (used, errors) {
                    (Some(used), _) => Some(format!("{} ({used:.0} % used)", disk.get("disk"))),
                    (_, Some(errors)) => {
                        Some(format!("{} ({errors:.0} media errors)", disk.get("disk")))
                    }
                    _ => None,
                }
            })
            .collect();
        let ruling = if !failing.is_empty() {
            Ruling::fail(format!("on {name} {} says that it is failing", and_list(&failing)))
        } else if !hanging.is_empty() {
            let hanging = and_list(&hanging);
            Ruling::fail(format!("on {name} {hanging} does not answer when asked for its health"))
        } else if !worn.is_empty() {
            Ruling::warn(format!("on {name} {} is wearing out", and_list(&worn)))
        } else {
            let more = match silent {
                0 => String::new(),
                silent => format!(", {silent} more tell nothing"),
            };
            Ruling::pass(format!(
                "the {} disks of {name} call themselves healthy{more}",
                told.len()
            ))
        };
        Ok(told.into_iter().fold(ruling, |ruling, disk| {
            let (passed, used, errors) = (disk.get("passed"), disk.get("used"), disk.get("errors"));
            ruling.showing(
                disk.get("disk"),
                format!("passed {passed}, used {used} %, media errors {errors}"),
            )
        }))
    })
}
