//! Pools: that they are there, how many copies they keep, how full they are.

use super::{LOOK, POOLS, SURVEY, believed, on_cluster, replication};
use crate::checks::hosts::{Row, and_list, gigabytes, rows};
use crate::checks::judging::{self, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::ceph as keys;
use crate::domain::keys::ceph::survey;
use crate::domain::{Age, Judgement};

pub(super) const RULES: &[Rule] = &[
    Rule { id: "CEPH-05", applies: on_cluster, probes: LOOK, judge: replicas },
    Rule { id: "CEPH-06", applies: on_cluster, probes: LOOK, judge: autoscaling },
    Rule { id: "CEPH-07", applies: on_cluster, probes: SURVEY, judge: space },
];

fn replicas(case: &Case<'_>) -> Judgement {
    let planned = replication(case);
    judging::judge(case, |read| {
        let pools = read.value(keys::POOLS)?;
        believed(read)?;
        let name = read.name();
        let find = |wanted: &str| rows(&pools).find(|pool| pool.get("pool") == wanted);
        let missing: Vec<&str> = POOLS.into_iter().filter(|pool| find(pool).is_none()).collect();
        let there: Vec<Row<'_>> = POOLS.into_iter().filter_map(find).collect();
        let with = |wrong: &dyn Fn(&Row<'_>) -> bool| -> Vec<&str> {
            there.iter().filter(|pool| wrong(pool)).map(|pool| pool.get("pool")).collect()
        };
        // Where the inventory does not say, two copies are the least that survives a disk.
        let wrong_size = with(&|pool| {
            let size = pool.number("size").unwrap_or(0.0);
            planned.map_or(size < 2.0, |planned| size != planned)
        });
        let single = with(&|pool| pool.get("size") == "2" && pool.get("min_size") == "1");
        let unused = with(&|pool| !pool.get("applications").split(' ').any(|used| used == "rbd"));
        let ruling = if !missing.is_empty() {
            Ruling::fail(format!("{name} lacks the pools {}", and_list(&missing)))
        } else if !wrong_size.is_empty() {
            let planned = planned.map_or_else(|| "two or more".to_owned(), |n| format!("{n:.0}"));
            Ruling::fail(format!(
                "{} of {name} keep another number of copies than {planned}",
                and_list(&wrong_size)
            ))
        } else if !single.is_empty() {
            Ruling::warn(format!(
                "{} of {name} take writes with a single copy left",
                and_list(&single)
            ))
        } else if !unused.is_empty() {
            Ruling::warn(format!("{} of {name} are not marked for rbd", and_list(&unused)))
        } else {
            Ruling::pass(format!("the four pools of {name} keep the copies they should"))
        };
        Ok(there.iter().fold(ruling, |ruling, pool| {
            let shown = format!("size {}, min_size {}", pool.get("size"), pool.get("min_size"));
            ruling.showing(pool.get("pool"), shown)
        }))
    })
}

fn autoscaling(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let pools = read.value(keys::POOLS)?;
        let since = read.observe(keys::POOLS).since;
        believed(read)?;
        let name = read.name();
        let ours: Vec<Row<'_>> =
            rows(&pools).filter(|pool| POOLS.contains(&pool.get("pool"))).collect();
        if ours.is_empty() {
            return Ok(Ruling::not_yet(format!("{name} has none of the four pools yet")));
        }
        let is_moving = |pool: &&Row<'_>| {
            pool.get("pg_num") != pool.get("pg_num_target")
                || pool.get("pg_placement_num") != pool.get("pg_placement_num_target")
        };
        let moving: Vec<Row<'_>> = ours.iter().filter(is_moving).copied().collect();
        let names: Vec<&str> = moving.iter().map(|pool| pool.get("pool")).collect();
        let unchanged = since.map_or(Age(0), |since| case.now.since(since));
        let stuck = unchanged >= Age::seconds(read.threshold("stuck_min") as i64 * 60);
        let ruling = if moving.is_empty() {
            Ruling::pass(format!("the placement groups of {name} have the numbers they should"))
        } else if stuck {
            Ruling::fail(format!(
                "the placement groups of {} in {name} do not come nearer to their number for {}",
                and_list(&names),
                unchanged.long()
            ))
        } else {
            Ruling::warn(format!(
                "the placement groups of {} in {name} are on the way to their number",
                and_list(&names)
            ))
        };
        Ok(moving.iter().fold(ruling, |ruling, pool| {
            let shown = format!(
                "pg_num {} of {}, pg_placement_num {} of {}",
                pool.get("pg_num"),
                pool.get("pg_num_target"),
                pool.get("pg_placement_num"),
                pool.get("pg_placement_num_target")
            );
            ruling.showing(pool.get("pool"), shown)
        }))
    })
}

fn space(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let used = read.value(survey::RAW_USED)?;
        let total = read.value(survey::RAW_TOTAL)?;
        let name = read.name();
        let (warn, fail) = (read.threshold("warn_percent"), read.threshold("fail_percent"));
        let said = format!("{name} has used {used:.0} % of its {}", gigabytes(total));
        let ruling = if used > fail {
            Ruling::fail(said).because("space")
        } else if used >= warn {
            Ruling::warn(said).because("space")
        } else {
            Ruling::pass(said)
        };
        let pools = read.value(survey::POOL_USE)?;
        Ok(rows(&pools).fold(ruling, |ruling, pool| {
            ruling.showing(pool.get("pool"), format!("{} % used", pool.get("used")))
        }))
    })
}
