//! Which consoles there can be to what is selected.

use serde::{Deserialize, Serialize};

use crate::domain::{Role, Site, Stamp, Target, TargetId};

use super::super::model::Tone;
use super::super::screens::details;
use super::super::site_index::SiteIndex;
use super::super::{Effect, Model, RowId, areas};
use super::{ConsoleOrder, Mode, OpenConsole, Place};
use crate::console::place::BAUD;

/// The most consoles at once: each keeps 10,000 lines.
const MOST: usize = 12;
/// How many targets of one finding are offered.
const NAMED: usize = 200;
/// The most prepared lines: one digit each.
const LINES: usize = 9;

/// Something in the list of consoles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// Go back to an open one.
    Return(u32),
    /// Open one.
    Open(Box<Place>),
}

/// The list of consoles that are open or can be opened.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Choices {
    /// What it is about.
    pub title: String,
    /// What can be chosen.
    pub items: Vec<Choice>,
    /// The selected one.
    pub selected: usize,
}

impl Choice {
    /// The words of the list: what it is, and how it is reached.
    pub fn words(&self, model: &Model) -> (String, String) {
        match self {
            Choice::Return(id) => match model.consoles.of(*id) {
                Some(console) => (console.title(), opened(console, model.now)),
                None => (format!("console {id}"), "closed".to_owned()),
            },
            Choice::Open(place) => (
                crate::domain::untrusted::printable(&place.name()),
                super::in_runs::words(model, place)
                    .unwrap_or_else(|| format!("opens {}", place.way())),
            ),
        }
    }
}

fn opened(console: &OpenConsole, now: Stamp) -> String {
    let (sentence, age) = (super::sentence(console), now.since(console.since).short());
    match (console.has_ended(), sentence.is_empty()) {
        (true, _) => format!("ended {age} ago: {sentence}"),
        (false, true) => format!("open for {age}, goes on"),
        (false, false) => format!("open for {age}: {sentence}"),
    }
}

/// The targets that the selection, or else the page, is about; several where
/// the row is a finding that they share.
fn targets_of(model: &Model) -> Vec<TargetId> {
    let one = match super::super::commands::motion::selected(model) {
        Some(RowId::Target(id) | RowId::Finding(_, id) | RowId::Fact(id, _)) => Some(id),
        Some(RowId::Group(id)) => {
            let members = model.verdicts.group(&id).map(|(_, group)| &group.members);
            let mut named: Vec<TargetId> =
                members.into_iter().flatten().map(|member| member.target.clone()).collect();
            named.sort();
            return named;
        }
        Some(RowId::Change(number)) => {
            model.changes.get(number).map(|change| change.target.clone())
        }
        _ => model.route().target.clone(),
    };
    one.into_iter().collect()
}

/// What the list offers for the selection. Of several targets each is offered
/// by its usual console: which of them is the operator's to say.
pub fn choices(model: &Model) -> Choices {
    let targets: Vec<&Target> = targets_of(model)
        .iter()
        .take(NAMED)
        .filter_map(|id| model.index.target(&model.site, id))
        .collect();
    let target = match targets.as_slice() {
        [one] => Some(*one),
        _ => None,
    };
    let mut items: Vec<Choice> =
        model.consoles.open.iter().map(|console| Choice::Return(console.id)).collect();
    items.extend(super::in_runs::elsewhere(model));
    let mut places: Vec<Place> = match target {
        Some(target) => places_of(&model.site, &model.index, target),
        None => {
            let all = targets.iter().map(|target| places_of(&model.site, &model.index, target));
            all.filter_map(|places| places.into_iter().next()).collect()
        }
    };
    places.push(Place::Local(Vec::new()));
    let is_open =
        |place: &Place| model.consoles.open.iter().any(|open| open.place.beyond() == place);
    // A second shell on a host is wanted now and then; a second console of a line never works.
    places.retain(|place| !place.is_quiet() || !is_open(place));
    let first = items.len();
    for place in places {
        let in_run = model.consoles.in_runs.host.map(|run| place.clone().in_run(run));
        items.extend([Some(place), in_run].into_iter().flatten().map(Box::new).map(Choice::Open));
    }
    let title = match target {
        Some(target) => format!("Console to {}", target.name),
        None if targets.is_empty() => "Consoles".to_owned(),
        None => format!("Console to which of the {}?", targets.len()),
    };
    // What is open to this very target comes before a new one.
    let again = target.and_then(|target| {
        let of = |console: &OpenConsole| {
            places_of(&model.site, &model.index, target).contains(&console.place)
        };
        model.consoles.open.iter().position(of)
    });
    let selected = again.unwrap_or(if targets.is_empty() { 0 } else { first });
    Choices { title, items, selected }
}

/// Every console that leads to a target, the usual one first.
pub fn places_of(site: &Site, index: &SiteIndex, target: &Target) -> Vec<Place> {
    let mut places = Vec::new();
    if let Some(ssh) = &target.ssh {
        places.push(Place::Ssh(ssh.clone()));
    }
    let hypervisor = site.router_box().filter(|t| t.id != target.id);
    let is_vm = [Role::FabricController, Role::RouterVm, Role::Bastion]
        .into_iter()
        .any(|role| target.is(role) && !target.is(Role::RouterBox));
    if let (true, Some(on)) = (is_vm, hypervisor.and_then(|t| t.ssh.clone())) {
        let domain = if target.is(Role::FabricController) {
            site.fabric_domain().to_owned()
        } else {
            target.name.clone()
        };
        places.push(Place::Virsh { on, domain });
    }
    let controller = index.controller_of(&target.id);
    let controller = controller.and_then(|id| index.target(site, id));
    for with in [Some(target), controller].into_iter().flatten() {
        if let Some(bmc) = with.bmc.as_ref().filter(|bmc| bmc.offers_ipmi()) {
            let machine = with.machine.as_ref().map(|id| {
                index.target(site, id).map_or_else(|| id.to_string(), |t| t.name.clone())
            });
            let name = machine.unwrap_or_else(|| with.name.clone());
            places.push(Place::Sol { name, bmc: bmc.clone() });
        }
    }
    // Serial lines are plugged into the bastion.
    let on = site.targets.iter().find(|t| t.is(Role::Bastion)).and_then(|t| t.ssh.clone());
    let is_bastion = target.is(Role::Bastion);
    for line in &site.serial_lines {
        let is_it = line.target == target.name || target.aliases.contains(&line.target);
        if is_it || is_bastion {
            places.push(Place::Serial {
                on: on.clone(),
                line: line.id.clone(),
                baud: line.baud.unwrap_or(BAUD),
                what: line.target.clone(),
            });
        }
    }
    places
}

/// Opens a console and shows it.
pub fn open_place(model: &mut Model, place: Place) -> Vec<Effect> {
    if model.consoles.open.len() >= MOST {
        model.say(Tone::Off, format!("{MOST} consoles are open; close one first"));
        return Vec::new();
    }
    let lines = prepared(model);
    let consoles = &mut model.consoles;
    consoles.last += 1;
    let id = consoles.last;
    consoles.open.push(OpenConsole {
        id,
        place: place.clone(),
        view: Default::default(),
        since: model.now,
        size: (0, 0),
        lines,
    });
    let before = consoles.shown.replace(id);
    consoles.mode = Mode::Typing;
    if consoles.alone {
        consoles.is_full = true;
    }
    let size = areas(model, model.size).console.map(|area| (area.rows.width, area.rows.height));
    let size = size.filter(|size| size.0 > 0 && size.1 > 0).unwrap_or((80, 24));
    if let Some(console) = model.consoles.of_mut(id) {
        console.size = size;
    }
    let hide = before.map(|before| Effect::Console(ConsoleOrder::Show(before, false)));
    let open = Effect::Console(ConsoleOrder::Open(id, Box::new(place), size));
    hide.into_iter().chain([open]).collect()
}

/// Plays a recording in the place of everything else.
pub fn replay(model: &mut Model, path: std::path::PathBuf) -> Vec<Effect> {
    let effects = open_place(model, Place::Replay(path));
    model.consoles.is_full = true;
    effects
}

/// The lines that the next steps of the selected finding name in backticks.
fn prepared(model: &Model) -> Vec<String> {
    let row = super::super::commands::motion::selected(model);
    let details = row.and_then(|row| details::of_row(model, &row));
    let next = details.map(|details| details.next).unwrap_or_default();
    let mut lines: Vec<String> = Vec::new();
    for step in &next {
        // Every second part stands between backticks.
        for command in step.split('`').skip(1).step_by(2) {
            if !command.is_empty() && !lines.iter().any(|line| line == command) {
                lines.push(command.to_owned());
            }
        }
    }
    lines.truncate(LINES);
    lines
}
