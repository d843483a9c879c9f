//! The screen of a layer that has none of its own: its checks and targets,
//! worst first. Every layer uses it until it gets its own screen file.

use crate::domain::{Layer, TargetId, Verdict};

use super::super::filter::Filter;
use super::super::mark::Mark;
use super::super::verdicts::{Group, LayerSummary};
use super::super::{Model, RowId};
use super::overview::{self, FindingLine};
use super::state::ScreenState;
use super::{PanelSpec, ScreenSpec};

/// The views of `o`: by check, by target.
pub const VIEWS: [&str; 2] = ["by check", "by target"];

macro_rules! layer_screens {
    ($($(#[$doc:meta])* $name:ident: $layer:ident, $short:literal, $digit:expr, [$($word:literal),*], $help:literal;)+) => {
        $(
            $(#[$doc])*
            pub static $name: ScreenSpec = ScreenSpec {
                id: Layer::$layer.word(),
                title: Layer::$layer.title(),
                short: $short,
                help: $help,
                jump_words: &[$($word),*],
                digit: $digit,
                layer: Some(Layer::$layer),
                panels: &[PanelSpec {
                    name: "checks",
                    title: "Checks and targets",
                    rows: |model, state| rows(model, state, Layer::$layer),
                    is_text: false,
                }],
                commands: &["row.toggle"],
                needs: None,
                is_listed: true,
                status: |model| status(model, Layer::$layer),
            };
        )+
    };
}

layer_screens! {
    /// Power.
    POWER: Power, "Pwr", None, ["bmc", "bmcs", "ipmi"], "Mains, power supplies, management controllers";
    /// Hosts.
    HOSTS: Hosts, "Host", None, ["host", "machines"], "Operating systems of the machines, bonds, GPUs, bastion";
    /// Router.
    ROUTER: Router, "Rout", None, ["router-box"], "Router box and router VM";
    /// Fabric.
    FABRIC: Fabric, "Fabr", Some('3'), ["switches", "network"], "The switched fabric and its controller";
    /// Ceph.
    CEPH: Ceph, "Ceph", Some('4'), ["storage"], "Ceph and its object gateway";
    /// OpenStack.
    OPENSTACK: Openstack, "Stack", Some('5'), ["stack", "os"], "OpenStack services and what they serve";
    /// Platform.
    PLATFORM: Platform, "Plat", Some('6'), ["kubernetes", "k8s"], "Management and tenant Kubernetes, add-ons";
    /// Services.
    SERVICES: Services, "Serv", None, ["certificates", "registry", "dns"], "Registry, certificates, names, sign-in, VPN";
    /// Observing.
    OBSERVING: Observing, "Obsv", None, ["metrics", "alerts"], "Metrics, logs, alerts";
}

/// One target of a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetLine {
    /// The row.
    pub row: RowId,
    /// The target.
    pub target: TargetId,
    /// Its name.
    pub name: String,
    /// Its worst verdict in this layer.
    pub mark: Mark,
    /// Its worst finding in this layer, or how many checks hold.
    pub sentence: String,
    /// How many findings it has in this layer.
    pub findings: usize,
    /// When a fact of it was last seen.
    pub seen: Option<crate::domain::Stamp>,
}

/// The rows of a layer in its view.
pub fn rows(model: &Model, state: &ScreenState, layer: Layer) -> Vec<RowId> {
    match state.view % VIEWS.len() {
        1 => target_rows(model, state, layer),
        _ => check_rows(model, state, layer),
    }
}

/// Groups worst first, then oldest; members of unfolded ones below them. A
/// group of one is its judgement.
fn check_rows(model: &Model, state: &ScreenState, layer: Layer) -> Vec<RowId> {
    let filter = Filter::of(&state.filter);
    let summary = model.verdicts.layer(layer);
    let mut groups: Vec<&Group> = summary
        .groups()
        .filter(|group| !state.problems_only || group.id.verdict.is_finding())
        .collect();
    groups.sort_by(|a, b| a.standing().cmp(&b.standing()));
    let mut rows = Vec::new();
    for group in groups {
        let id = &group.id;
        let row = |target: &TargetId| RowId::Finding(id.check.clone(), target.clone());
        let mut kept = members_kept(model, group, &filter).peekable();
        let Some(first) = kept.peek() else { continue };
        if group.members.len() == 1 {
            rows.push(row(first));
            continue;
        }
        rows.push(RowId::Group(id.clone()));
        if state.unfolded.contains(id) {
            let mut members: Vec<&TargetId> = kept.collect();
            members.sort();
            rows.extend(members.into_iter().map(row));
        }
    }
    rows
}

/// The members that a filter keeps, by code, subject, verdict and target, and
/// for findings also by sentence. Lazy: a folded group only asks for the first.
fn members_kept<'a>(
    model: &'a Model,
    group: &'a Group,
    filter: &'a Filter,
) -> impl Iterator<Item = &'a TargetId> {
    let id = &group.id;
    let subject = model.catalogue.get(id.check.as_str()).map_or("", |spec| spec.what.as_str());
    let word = Mark::of(id.verdict).word();
    group.members.iter().map(|member| &member.target).filter(move |target| {
        if filter.is_empty() {
            return true;
        }
        let sentence = if id.verdict.is_finding() {
            model.verdicts.judgement(&id.check, target).map_or("", |j| j.sentence.as_str())
        } else {
            ""
        };
        filter.keeps(&[id.check.as_str(), subject, word, target.as_str(), sentence])
    })
}

/// The targets of a layer as they stand in it.
fn target_rows(model: &Model, state: &ScreenState, layer: Layer) -> Vec<RowId> {
    let filter = Filter::of(&state.filter);
    let is_named = |place: usize| {
        model.site.targets.get(place).is_some_and(|target| filter.keeps(&[&target.name]))
    };
    let standings = model.verdicts.layer(layer).standings.iter();
    standings
        .filter(|standing| standing.findings.0 > 0 || !state.problems_only)
        .filter(|standing| filter.is_empty() || is_named(standing.place))
        .map(|standing| RowId::Target(standing.target.clone()))
        .collect()
}

/// A row of the view by check in words; `None` when it is gone.
pub fn check_line(model: &Model, layer: Layer, row: &RowId) -> Option<FindingLine> {
    let state = model.state_of(layer.word());
    let mut line = overview::finding_line(model, row)?;
    match row {
        RowId::Group(id) => {
            line.unfolded = Some(state.unfolded.contains(id));
            if !id.verdict.is_finding() {
                line.sentence = well_sentence(model, &line);
            }
        }
        RowId::Finding(check, target) => {
            let group = overview::group_of(model, check, target)?;
            let shared = model.verdicts.group(&group).is_some_and(|(_, g)| g.members.len() > 1);
            line.depth = u8::from(shared && state.unfolded.contains(&group));
        }
        _ => {}
    }
    Some(line)
}

fn well_sentence(model: &Model, line: &FindingLine) -> String {
    let subject = model.catalogue.get(line.code.as_str()).map_or("", |spec| spec.what.as_str());
    format!("{} on {}", subject, line.targets)
}

/// A row of the view by target in words; `None` when it is gone.
pub fn target_line(model: &Model, layer: Layer, row: &RowId) -> Option<TargetLine> {
    let RowId::Target(id) = row else { return None };
    let verdicts = model.verdicts.of(id);
    let mine: Vec<_> = verdicts.judgements.iter().filter(|j| j.layer == layer).collect();
    let worst = verdicts.leading(layer);
    let findings = mine.iter().filter(|judgement| judgement.verdict.is_finding()).count();
    let sentence = match worst {
        Some(judgement) if judgement.verdict.is_finding() => judgement.sentence.clone(),
        Some(_) => {
            let well = mine.iter().filter(|j| j.verdict == Verdict::Pass).count();
            format!("{well} checks hold")
        }
        None => "looking".to_owned(),
    };
    Some(TargetLine {
        row: row.clone(),
        target: id.clone(),
        name: model.name_of(id),
        mark: Mark::of_maybe(worst.map(|judgement| judgement.verdict)),
        sentence,
        findings,
        seen: mine.iter().filter_map(|judgement| judgement.seen).max(),
    })
}

/// What a layer screen says in the status line.
pub fn status(model: &Model, layer: Layer) -> String {
    let line = overview::layer_line(model, &RowId::Layer(layer));
    let summary: &LayerSummary = model.verdicts.layer(layer);
    if summary.worst().is_none() {
        return format!("{}: {}", layer.title(), line.sentence);
    }
    let counts = summary.counts;
    let mut parts = Vec::new();
    for (count, word) in [
        (counts.fail, "failed"),
        (counts.unknown, "cannot be looked at"),
        (counts.warn, "warn"),
        (counts.pass, "hold"),
        (counts.not_yet, "mean nothing yet"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {word}"));
        }
    }
    format!(
        "{} checks on {} targets: {}",
        counts.judged() + counts.not_yet,
        summary.looked,
        parts.join(", ")
    )
}
