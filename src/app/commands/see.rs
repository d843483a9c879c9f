//! Finding, narrowing, turning and copying what is on screen.

use crate::domain::{ProbeId, TargetId};

use super::super::overlay::{Menu, Overlay};
use super::super::screens::{self, layer, overview, rack, target};
use super::super::{Effect, Model, RowId};
use super::go::toggle;
use super::motion::{focused_listing, remember, selected, step};
use super::{CommandSpec, Ready, Risk, always};

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec {
        id: "find.open",
        title: "Find in what you see",
        help: "Keeps the rows that contain what is typed; !word keeps those that do not",
        risk: Risk::Look,
        keys: &["/"],
        word: None,
        ready: |model| {
            let is_ready = has_rows(model) || super::logs::is_here(model);
            Ready::if_or(is_ready, "there is no list here")
        },
        run: |model, _| {
            remember(model);
            model.is_filtering = true;
            Vec::new()
        },
    },
    CommandSpec {
        id: "find.next",
        title: "Next match",
        help: "Moves to the next row that the filter keeps, from the last to the first",
        risk: Risk::Look,
        keys: &["n"],
        word: None,
        ready: is_filtered,
        run: |model, _| {
            turn(model, 1);
            Vec::new()
        },
    },
    CommandSpec {
        id: "find.previous",
        title: "Previous match",
        help: "Moves to the previous row that the filter keeps, from the first to the last",
        risk: Risk::Look,
        keys: &["N"],
        word: None,
        ready: is_filtered,
        run: |model, _| {
            turn(model, -1);
            Vec::new()
        },
    },
    CommandSpec {
        id: "problems.toggle",
        title: "Only problems",
        help: "Hides what is well, or shows it again",
        risk: Risk::Look,
        keys: &["!"],
        word: None,
        ready: |model| {
            let is_ready = has_rows(model) || super::logs::is_here(model);
            Ready::if_or(is_ready, "there is no list here")
        },
        run: |model, _| {
            remember(model);
            let state = model.state_mut();
            state.problems_only = !state.problems_only;
            Vec::new()
        },
    },
    CommandSpec {
        id: "row.toggle",
        title: "Unfold or fold",
        help: "Shows the targets that share the selected row, or hides them",
        risk: Risk::Look,
        keys: &["Space"],
        word: None,
        ready: |model| {
            let is_group = match selected(model) {
                Some(RowId::Group(_)) => true,
                Some(RowId::Finding(check, target)) => layer_has_unfolded(model, &check, &target),
                _ => false,
            };
            Ready::if_or(is_group, "the selected row is about one target")
        },
        run: |model, _| {
            if let Some(row) = selected(model) {
                toggle(model, &row);
            }
            Vec::new()
        },
    },
    CommandSpec {
        id: "row.sort",
        title: "Worst first",
        help: "Sorts the layers worst first, or back into their places",
        risk: Risk::Look,
        keys: &["s"],
        word: None,
        ready: always,
        run: |model, _| {
            remember(model);
            let state = model.state_mut();
            state.worst_first = !state.worst_first;
            Vec::new()
        },
    },
    CommandSpec {
        id: "view.next",
        title: "Other view",
        help: "Shows the same by check or by target",
        risk: Risk::Look,
        keys: &["o"],
        word: None,
        ready: |model| {
            let has_views = model.screen().layer.is_some() || super::logs::is_here(model);
            Ready::if_or(has_views, "this screen has one view")
        },
        run: |model, _| {
            let state = model.state_mut();
            state.view = (state.view + 1) % layer::VIEWS.len();
            Vec::new()
        },
    },
    CommandSpec {
        id: "panel.zoom",
        title: "Zoom this panel",
        help: "Gives the panel with the focus the whole screen, or takes it back",
        risk: Risk::Look,
        keys: &["z"],
        word: None,
        ready: |model| {
            Ready::if_or(!model.size.is_single_panel(), "this size shows one panel anyway")
        },
        run: |model, _| {
            let state = model.state_mut();
            state.is_zoomed = !state.is_zoomed;
            Vec::new()
        },
    },
    CommandSpec {
        id: "since.show",
        title: "Since when is it so",
        help: "Says since when the selection is what it is",
        risk: Risk::Look,
        keys: &["t"],
        word: None,
        ready: |model| Ready::if_or(selected(model).is_some(), "nothing is selected"),
        run: |model, _| {
            selected(model).map(|row| super::since::show(model, &row)).unwrap_or_default()
        },
    },
    CommandSpec {
        id: "look.again",
        title: "Look again now",
        help: "Asks what is selected again, ahead of the schedule",
        risk: Risk::Look,
        keys: &["r"],
        word: None,
        ready: |model| {
            let reads_site = reads_site(model);
            Ready::if_or(reads_site || has_probes(model), "nothing that was ever asked is selected")
        },
        run: |model, _| {
            if reads_site(model) {
                return vec![Effect::ReloadSite];
            }
            let (targets, probes) = probes_of(model);
            let whom = match targets.as_slice() {
                [one] => model.name_of(one),
                several => format!("{} targets", several.len()),
            };
            model.say(super::super::model::Tone::Said, format!("Looking again at {whom}"));
            vec![Effect::Ask(probes)]
        },
    },
    CommandSpec {
        id: "actions.open",
        title: "Actions for the selection",
        help: "Lists what can be done with the selection, and why not",
        risk: Risk::Look,
        keys: &["."],
        word: None,
        ready: |model| Ready::if_or(selected(model).is_some(), "nothing is selected"),
        run: |model, _| {
            let commands = ACTIONS.iter().map(|id| (*id).to_owned()).collect();
            model.overlay = Some(Overlay::Actions(Menu { commands, ..Menu::default() }));
            Vec::new()
        },
    },
    CommandSpec {
        id: "value.copy",
        title: "Copy the value",
        help: "Copies what is selected as one line of text",
        risk: Risk::Look,
        keys: &["y"],
        word: None,
        ready: |model| {
            let text = selected(model).and_then(|row| row_text(model, &row));
            let has_line = super::logs::is_here(model) && model.logs.spot().is_some();
            Ready::if_or(text.is_some() || has_line, "nothing is selected")
        },
        run: |model, _| {
            let text = selected(model).and_then(|row| row_text(model, &row));
            text.map(Effect::Copy).into_iter().collect()
        },
    },
    CommandSpec {
        id: "screen.copy",
        title: "Copy the screen as text",
        help: "Copies what is on screen as plain text, for a ticket",
        risk: Risk::Look,
        keys: &["Y"],
        word: None,
        ready: always,
        run: |_, _| vec![Effect::CopyScreen],
    },
    CommandSpec {
        id: "rack.rear",
        title: "Turn the rack around",
        help: "Shows the rear of the rack, or its front again",
        risk: Risk::Look,
        keys: &["R"],
        word: None,
        ready: always,
        run: |model, _| {
            let state = model.state_mut();
            state.is_rear = !state.is_rear;
            Vec::new()
        },
    },
    CommandSpec {
        id: "rack.colour",
        title: "Colour by state, heat, power",
        help: "Colours the rack by state, by inlet temperature, by power drawn",
        risk: Risk::Look,
        keys: &["H"],
        word: None,
        ready: always,
        run: |model, _| {
            let state = model.state_mut();
            state.colour_by = state.colour_by.next();
            Vec::new()
        },
    },
];

/// What `.` offers, ready or not.
pub const ACTIONS: &[&str] = &[
    "row.open",
    "look.again",
    "since.show",
    "value.copy",
    "console.open",
    "logs.open",
    "run.attach",
    "run.stop",
    "difference.show",
    "key.accept",
    "secret.unlock",
];

fn has_rows(model: &Model) -> bool {
    super::motion::focused(model).is_some_and(|panel| !panel.is_text)
}

fn is_filtered(model: &Model) -> Ready {
    let is_found = super::logs::is_here(model) && !model.logs.find.is_empty();
    let is_ready = is_found || !model.state().filter.is_empty();
    Ready::if_or(is_ready, "nothing is looked for; / begins")
}

fn layer_has_unfolded(model: &Model, check: &crate::domain::CheckId, target: &TargetId) -> bool {
    overview::group_of(model, check, target).is_some_and(|id| model.state().unfolded.contains(&id))
}

fn turn(model: &mut Model, by: isize) {
    let listing = focused_listing(model);
    let (Some(at), Some(last)) = (listing.selected, listing.rows.len().checked_sub(1)) else {
        return;
    };
    match (by < 0, at) {
        (true, 0) => step(model, isize::MAX),
        (false, at) if at == last => step(model, isize::MIN),
        _ => step(model, by),
    }
}

/// Whether looking again means reading the files again.
fn reads_site(model: &Model) -> bool {
    !model.site.has_inventory || ["inventory", "install"].contains(&model.screen().id)
}

/// The targets a row is about.
pub fn targets_of(model: &Model, row: &RowId) -> Vec<TargetId> {
    match row {
        RowId::Finding(_, target) | RowId::Fact(target, _) | RowId::Target(target) => {
            let partner = model.index.partner_of(&model.site, target);
            std::iter::once(target.clone()).chain(partner).collect()
        }
        RowId::Group(id) => model
            .verdicts
            .group(id)
            .map(|(_, group)| group.members.iter().map(|member| member.target.clone()).collect())
            .unwrap_or_default(),
        RowId::Layer(layer) => model
            .verdicts
            .targets
            .iter()
            .filter(|(_, verdicts)| {
                verdicts.awaited.contains(layer)
                    || verdicts.judgements.iter().any(|judgement| judgement.layer == *layer)
            })
            .map(|(target, _)| target.clone())
            .collect(),
        RowId::Change(number) => {
            model.changes.get(*number).map(|change| change.target.clone()).into_iter().collect()
        }
        RowId::Past(number) => {
            let change = model.history.changes.get(*number);
            change.map(|change| change.target.clone()).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Whether looking again would ask anybody: the same as [`probes_of`] finding
/// some, without gathering those of a whole layer.
fn has_probes(model: &Model) -> bool {
    match selected(model) {
        Some(RowId::Layer(layer)) => model.verdicts.layer(layer).targets > 0,
        Some(RowId::Changes) => model.probes.known > 0,
        _ => !probes_of(model).1.is_empty(),
    }
}

/// The targets of the selection that were ever asked, and what they are asked.
fn probes_of(model: &Model) -> (Vec<TargetId>, Vec<ProbeId>) {
    let of_row = match selected(model) {
        Some(RowId::Changes) => model.facts.targets.keys().cloned().collect(),
        Some(row) => targets_of(model, &row),
        None => Vec::new(),
    };
    let mut targets = match &model.route().target {
        Some(target) if of_row.is_empty() => vec![target.clone()],
        _ => of_row,
    };
    targets.retain(|target| !model.facts.of(target).probes.is_empty());
    let probes = targets
        .iter()
        .flat_map(|target| {
            let probes = model.facts.of(target).probes.keys();
            probes.map(|probe| ProbeId { target: target.clone(), probe: probe.clone() })
        })
        .collect();
    (targets, probes)
}

/// A row as one line of text, for the clipboard.
pub fn row_text(model: &Model, row: &RowId) -> Option<String> {
    match row {
        RowId::Layer(_) | RowId::Changes => {
            let line = overview::layer_line(model, row);
            Some(format!("{}: {} {}", line.title, line.word, line.sentence))
        }
        RowId::Finding(..) | RowId::Group(_) => {
            let line = overview::finding_line(model, row)?;
            Some(format!("{} {} {}", line.mark.word(), line.code, line.sentence))
        }
        RowId::Target(id) => {
            let target = model.index.target(&model.site, id)?;
            let place = rack::place_words(model, target).map(|place| format!(", {place}"));
            let serial = target.serial.as_ref().map(|serial| format!(", serial {serial}"));
            let rest = [place, serial].into_iter().flatten().collect::<String>();
            Some(format!("{}{rest}", target.name))
        }
        RowId::Fact(..) => {
            let line = target::fact_line(model, row)?;
            Some(format!("{} {}", line.key, line.text))
        }
        RowId::Change(number) => {
            let change = model.changes.get(*number)?;
            Some(format!("{} {} {}", change.at, change.check, change.sentence))
        }
        RowId::Past(number) => {
            let change = model.history.changes.get(*number)?;
            let (from, to) = (change.from, change.to);
            let said = format!("{from} to {to}, {}", change.sentence);
            Some(format!("{} {} {said}", change.at, change.check))
        }
        RowId::Line(_) if model.screen().id == screens::fact::SPEC.id => {
            screens::fact::text(model, row)
        }
        RowId::Run(_) | RowId::Entry(_) | RowId::Recording(_) => screens::run::text(model, row),
        RowId::Phase(_) | RowId::Step(_) => screens::install::text(model, row),
        RowId::RunBegan(_) | RowId::RunEnded(_) => {
            let line = screens::timeline::run_line(model, row)?;
            Some(format!("{} {}", line.at, line.sentence))
        }
        RowId::Line(_) if model.screen().id == screens::run::SPEC.id => {
            screens::run::text(model, row)
        }
        RowId::Line(_) => screens::inventory::text(model, row),
        RowId::Command(id) => {
            // Not the row of the Keys screen: that asks whether this very command is ready.
            let command = super::find(id)?;
            let keys = model.keymap.keys_of(id);
            let keys = if keys.is_empty() { "--".to_owned() } else { keys.join(" ") };
            Some(format!("{keys}  {}", command.title))
        }
        RowId::Blank(..) | RowId::Rack(_) => None,
    }
}
