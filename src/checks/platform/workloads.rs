//! Workloads of the console and of the observability stack, and the console's database.

use super::{LOOK, SURVEY, age_of, is_management, object, together};
use crate::checks::hosts::{and_list, rows};
use crate::checks::judging::{self, NotKnown, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::fact::Table;
use crate::domain::keys::platform as keys;
use crate::domain::keys::platform::survey;
use crate::domain::{Age, Judgement};

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "MGMT-03", applies: is_management, probes: LOOK, judge: console },
    Rule { id: "MGMT-04", applies: is_management, probes: LOOK, judge: observability },
    Rule { id: "MGMT-07", applies: is_management, probes: LOOK, judge: database },
    Rule { id: "MGMT-08", applies: is_management, probes: SURVEY, judge: backup },
];

/// One ruling per workload with replicas.
pub(crate) fn replicas(workloads: &Table) -> Vec<Ruling> {
    let scaled = rows(workloads).filter(|row| row.get("kind") != "CronJob");
    let rulings = scaled.map(|one| {
        let (name, ready, wanted) = (object(one), one.number("ready"), one.number("wanted"));
        match (ready, wanted) {
            (Some(ready), Some(wanted)) if ready >= wanted => Ruling::pass(name),
            (Some(ready), Some(wanted)) => {
                Ruling::fail(format!("{name} has {ready:.0} of {wanted:.0} replicas ready"))
                    .showing(name, format!("{} {ready:.0}/{wanted:.0}", one.get("kind")))
            }
            _ => Ruling::fail(format!("{name} does not say how many replicas it has")),
        }
    });
    rulings.collect()
}

fn console(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let workloads = read.value(keys::CONSOLE_WORKLOADS)?;
        if workloads.rows.is_empty() {
            return Ok(Ruling::fail("the namespace iaas-console has no workload"));
        }
        let least = read.threshold("api_replicas");
        let mut rulings = replicas(&workloads);
        match rows(&workloads).find(|row| row.get("name") == "iaas-api") {
            None => rulings.push(Ruling::fail("the console has no workload iaas-api")),
            Some(api) => {
                let wanted = api.number("wanted").unwrap_or(0.0);
                if wanted < least {
                    rulings.push(Ruling::fail(format!(
                        "iaas-api wants {wanted:.0} replicas, {least:.0} are due"
                    )));
                }
            }
        }
        Ok(together(
            rulings,
            format!("{} workloads of the console are ready", workloads.rows.len()),
        ))
    })
}

fn observability(case: &Case<'_>) -> Judgement {
    judging::from(case, keys::OBSERVABILITY_WORKLOADS, |_, workloads| {
        let mut spaces: Vec<&str> = rows(&workloads).map(|row| row.get("namespace")).collect();
        spaces.dedup();
        if workloads.rows.is_empty() {
            return Ruling::fail(
                "neither the namespace observability nor phoenix-observability has a workload",
            );
        }
        let number = workloads.rows.len();
        let well = format!("{number} workloads of {} are ready", and_list(&spaces));
        together(replicas(&workloads), well)
    })
}

fn database(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let pods = read.value(keys::DATABASE_PODS)?;
        let confused = read.value(keys::POOLER_ERRORS)?;
        let errors = read.value(keys::DATABASE_ERRORS)?;
        let is_pooler =
            |name: &str, component: &str| component == "pgpool" || name.contains("pgpool");
        let ready = |pooler: bool| {
            let pods = rows(&pods);
            pods.filter(|pod| is_pooler(pod.get("name"), pod.get("component")) == pooler)
                .filter(|pod| {
                    pod.get("phase") == "Running" && pod.get("ready") == pod.get("wanted")
                })
                .count()
        };
        let least = read.threshold("database_pods");
        let (databases, poolers) = (ready(false), ready(true));
        let mut rulings = Vec::new();
        if let Some(line) = confused.last() {
            rulings.push(
                Ruling::fail("the pooler of the console's database mixes its connections up")
                    .because("pgpool.confused")
                    .showing("pgpool", line),
            );
        }
        if (databases as f64) < least {
            let said = format!("{databases} of {least:.0} database pods of the console are ready");
            rulings.push(Ruling::fail(said));
        }
        if poolers == 0 {
            rulings.push(Ruling::fail("the pooler of the console's database is not ready"));
        }
        if let Some(line) = errors.last() {
            rulings.push(
                Ruling::fail("the console's API loses its database connections")
                    .showing("iaas-api", line),
            );
        }
        Ok(together(rulings, "the console's database and its pooler are ready"))
    })
}

fn backup(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let runs = read.value(survey::BACKUPS)?;
        let (warn, fail) = (read.threshold("age_warn_h"), read.threshold("age_fail_h"));
        let Some(last) = rows(&runs).max_by_key(|row| row.get("created")) else {
            return Ok(Ruling::fail("the console's database was never backed up"));
        };
        let name = last.get("name");
        if last.number("succeeded").unwrap_or(0.0) < 1.0 {
            // A run that is going on is judged by the one before it.
            if last.number("failed").unwrap_or(0.0) > 0.0 {
                return Ok(Ruling::fail(format!("the last backup {name} failed")));
            }
        }
        let well = rows(&runs).filter(|row| row.number("succeeded").unwrap_or(0.0) >= 1.0);
        let Some(good) = well.max_by_key(|row| row.get("created")) else {
            return Ok(Ruling::fail("no backup of the console's database has succeeded"));
        };
        let end = match good.get("completed") {
            "" => good.get("created"),
            end => end,
        };
        let Some(age) = age_of(case.now, end) else {
            return Err(NotKnown::because(format!("{name} does not say when it ended")));
        };
        let hours = |hours: f64| Age::seconds((hours * 3600.0) as i64);
        let said = format!("the last backup of the console's database is {} old", age.long());
        let ruling = if age < hours(warn) {
            Ruling::pass(said)
        } else if age <= hours(fail) {
            Ruling::warn(said)
        } else {
            Ruling::fail(said)
        };
        Ok(ruling.showing(good.get("name"), end))
    })
}
