//! Whether the router answers, what runs on it, what it logs.

use super::{LOOK, SURVEY, on_router, words};
use crate::checks::hosts::{and_list, is_yes, rows, trouble};
use crate::checks::judging::{self, Ruling};
use crate::checks::{Case, Rule};
use crate::domain::keys::hosts;
use crate::domain::keys::openwrt as keys;
use crate::domain::keys::openwrt::survey;
use crate::domain::{Age, Judgement, wanted};

pub(crate) const RULES: &[Rule] = &[
    Rule { id: "WRT-01", applies: on_router, probes: crate::checks::hosts::LOOK, judge: answers },
    Rule { id: "WRT-02", applies: on_router, probes: LOOK, judge: services },
    Rule { id: "WRT-11", applies: on_router, probes: SURVEY, judge: share },
    Rule { id: "WRT-20", applies: on_router, probes: LOOK, judge: log },
];

fn answers(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        if let Some(ruling) = trouble(read)? {
            return Ok(ruling);
        }
        let uptime = read.value(hosts::UPTIME)?;
        let release = read.maybe(hosts::OS)?.unwrap_or_default();
        let name = read.name();
        let up = Age::seconds(uptime as i64).long();
        let ruling = if uptime < read.threshold("young_s") {
            Ruling::warn(format!("{name} booted {up} ago"))
        } else {
            Ruling::pass(format!("{name} answers"))
        };
        Ok(ruling.showing("up", up).showing("release", release))
    })
}

fn services(case: &Case<'_>) -> Judgement {
    let mut needed = vec!["dnsmasq", "uhttpd", "network"];
    if !words(case, wanted::ROUTER_NEIGHBOURS).is_empty() {
        needed.push("bird");
    }
    if !words(case, wanted::ROUTER_FEEDS).is_empty() {
        needed.push("banip");
    }
    judging::from(case, keys::SERVICES, |read, services| {
        let name = read.name();
        let find = |service: &str| rows(&services).find(|row| row.get("service") == service);
        // The network's own service has no instance that could run.
        let runs = |service: &str| {
            find(service).is_some_and(|row| row.get("running") == "yes" || service == "network")
        };
        let missing: Vec<&str> = needed.iter().copied().filter(|one| !runs(one)).collect();
        if missing.is_empty() {
            Ruling::pass(format!("{} run on {name}", and_list(&needed)))
        } else {
            Ruling::fail(format!("{} does not run on {name}", and_list(&missing)))
        }
    })
}

fn share(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let is_mounted = is_yes(&read.value(survey::SHARE)?);
        let leads = read.value(survey::TFTP)?;
        let name = read.name();
        let ruling = if !is_mounted {
            Ruling::fail(format!("{name} has not mounted the router box's file system"))
        } else if leads.is_empty() {
            Ruling::fail(format!("/tftp of {name} does not lead into the router box's files"))
        } else {
            Ruling::pass(format!("{name} has the router box's files"))
        };
        Ok(ruling.showing("/tftp", leads))
    })
}

fn log(case: &Case<'_>) -> Judgement {
    judging::judge(case, |read| {
        let count = read.value(keys::LOG_ERRORS)?;
        let last = read.value(keys::LOG_LAST)?;
        let name = read.name();
        let ruling = if count > 0.0 {
            Ruling::warn(format!("{name} logged {count:.0} errors in ten minutes"))
        } else {
            Ruling::pass(format!("{name} logs no errors"))
        };
        Ok(last.into_iter().fold(ruling, |ruling, line| ruling.showing("log", line)))
    })
}
