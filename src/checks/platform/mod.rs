//! Judging the management cluster, the console, tenant clusters and add-ons.

mod addons;
mod capi;
mod cluster;
mod console;
mod workloads;

use crate::checks::Rule;
use crate::checks::hosts::Row;
use crate::checks::judging::Ruling;
use crate::domain::{Age, Site, Stamp, System, Target, TargetKind};

/// The rules of this layer, by subject.
pub const RULES: &[&[Rule]] =
    &[cluster::RULES, workloads::RULES, console::RULES, capi::RULES, addons::RULES];

/// What is asked of the management cluster every tick.
pub(crate) const LOOK: &[&str] = &["platform.look"];
/// What is asked of it every few minutes.
pub(crate) const SURVEY: &[&str] = &["platform.survey"];
/// What is asked of the console.
pub(crate) const CONSOLE: &[&str] = &["console.look"];

/// Whether a target is the management cluster.
pub(crate) fn is_management(_: &Site, target: &Target) -> bool {
    target.kind == TargetKind::Api(System::Management)
}

/// How long ago a time of a table was; `None` when it is none, or lies ahead.
pub(crate) fn age_of(now: Stamp, time: &str) -> Option<Age> {
    Stamp::parse(time).map(|at| now.since(at)).filter(|age| age.0 >= 0)
}

/// The name of a namespaced object.
pub(crate) fn object(row: Row<'_>) -> String {
    match row.get("namespace") {
        "" => row.get("name").to_owned(),
        namespace => format!("{namespace}/{}", row.get("name")),
    }
}

/// No more names than these stand in one sentence; the evidence has all.
const NAMED: usize = 3;

/// The worst of the rulings on parts, with no more than a few of them in its
/// sentence; `well` where all of them pass, or there are none.
pub(crate) fn together(rulings: Vec<Ruling>, well: impl Into<String>) -> Ruling {
    use crate::domain::Verdict;
    let worst = rulings.iter().map(Ruling::verdict).max_by_key(|verdict| verdict.weight());
    let (Some(worst), true) = (worst, worst.is_some_and(|worst| worst != Verdict::Pass)) else {
        let well = well.into();
        return match Ruling::worst(rulings) {
            Some(ruling) => ruling.saying(well),
            None => Ruling::pass(well),
        };
    };
    let alike = rulings.iter().filter(|one| one.verdict() == worst).count();
    let mut named = 0;
    let kept = rulings.into_iter().filter(|one| {
        let is_worst = one.verdict() == worst;
        named += usize::from(is_worst);
        !is_worst || named <= NAMED
    });
    let kept: Vec<Ruling> = kept.collect();
    let ruling = Ruling::worst(kept).unwrap_or_else(|| Ruling::pass(String::new()));
    match alike.checked_sub(NAMED).filter(|more| *more > 0) {
        Some(more) => {
            let said = format!("{}; {more} more", ruling.sentence());
            ruling.saying(said)
        }
        None => ruling,
    }
}

#[cfg(test)]
pub(crate) mod tests;
