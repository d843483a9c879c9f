//! V-TYPE-52: variables that their table calls required.

use super::findings::Findings;
use super::reading::At;
use super::types::{Found, follow};
use super::view::{Member, View, words};
use crate::domain::Place;
use crate::inventory::Kind;
use crate::inventory::variables::{Segment, Variable};

/// The values that a required variable may stand in, by scope.
pub(super) fn judge_missing(view: &View<'_>, variable: &Variable, out: &mut Findings<'_>) {
    if variable.required != "yes" && variable.when.is_none() {
        return;
    }
    // Rows that only a later release reads are not required yet.
    let is_later =
        variable.source == "D26" && view.case.progress.release < super::Release::new(26, 1, 0);
    let rotation = ["hedgehog.login_password", "hedgehog.authorized_keys", "hedgehog.switch_users"];
    if is_later || rotation.contains(&variable.name.as_str()) {
        return;
    }
    let Some((Segment::Key(leaf), above)) = variable.segments.split_last() else { return };
    match variable.scope.as_deref() {
        Some("any") => {
            for group in super::FACTORY_GROUPS {
                for member in view.members(group) {
                    judge_member(variable, member, &member.declared, leaf, above, out);
                }
            }
        }
        Some(group) => {
            for member in view.members(group) {
                judge_member(variable, member, &member.declared, leaf, above, out);
            }
        }
        None => {
            let root = variable.root();
            let place = view.file();
            judge_under(
                variable,
                view.site(root),
                &place,
                leaf,
                above,
                &|path| view.site(path).is_some(),
                out,
            );
        }
    }
}

fn judge_member(
    variable: &Variable,
    member: &Member,
    place: &Place,
    leaf: &str,
    above: &[Segment],
    out: &mut Findings<'_>,
) {
    if variable.root() == "*_connections" {
        for kind in ["hedgehog_bundled_connections", "hedgehog_eslag_connections"] {
            let at = member.at(kind);
            judge_under(variable, at, place, leaf, above, &|path| member.at(path).is_some(), out);
        }
        return;
    }
    let at = member.at(variable.root());
    judge_under(variable, at, place, leaf, above, &|path| member.at(path).is_some(), out);
}

fn judge_under(
    variable: &Variable,
    root: Option<At<'_>>,
    place: &Place,
    leaf: &str,
    above: &[Segment],
    is_there: &dyn Fn(&str) -> bool,
    out: &mut Findings<'_>,
) {
    const HINT: &str = "inventory.example.yml shows it";
    if let Some(parent) = &variable.within
        && !is_there(parent)
    {
        return;
    }
    let is_plain = !above.contains(&Segment::Each);
    let Some(at) = root else {
        if is_plain {
            out.broken(place, format!("{} is not set", variable.name), HINT);
        }
        return;
    };
    if above.is_empty() {
        return;
    }
    // A whole value that is a template may hold anything.
    let start = Found::top(variable.root(), at);
    let parents = follow(vec![start], above.get(1..).unwrap_or_default());
    if parents.is_empty() && is_plain {
        out.broken(at.place(), format!("{} is not set", variable.name), HINT);
    }
    for parent in parents {
        let here = parent.at.resolved();
        let holds = matches!(here.node.kind, Kind::Map(_));
        if holds && parent.at.get(leaf).is_none() && applies(variable, &parent) {
            out.broken(parent.at.place(), format!("{}.{leaf} is not set", parent.path()), HINT);
        }
    }
}

/// Whether the sibling condition holds: `proto=static`, `ignore!=1`, `group`,
/// or with `^` that of what the parent stands in.
fn applies(variable: &Variable, parent: &Found<'_>) -> bool {
    let Some(when) = &variable.when else { return true };
    let (when, at) = match when.strip_prefix('^') {
        Some(when) => (when, parent.parent.unwrap_or(parent.at)),
        None => (when.as_str(), parent.at),
    };
    if let Some((key, value)) = when.split_once("!=") {
        return words(at, key).as_deref() != Some(value);
    }
    match when.split_once('=') {
        Some((key, value)) => words(at, key).as_deref() == Some(value),
        None => at.get(when).is_some_and(|at| !at.is_empty()),
    }
}
