//! Opening, going back, and the screens by digit.

use super::super::list::window;
use super::super::model::Tone;
use super::super::navigation::Route;
use super::super::overlay::{Menu, Overlay, Palette};
use super::super::plans::StepRef;
use super::super::screens::{self, PanelSpec, code, inventory, overview, rack, run};
use super::super::verdicts::GroupId;
use super::super::{Effect, Model, RowId, commands, palette};
use super::motion::{focused, select, selected};
use super::{CommandSpec, Ready, Risk, Word, always};

macro_rules! screen_command {
    ($id:literal, $key:literal, $screen:literal, $title:literal) => {
        CommandSpec {
            id: $id,
            title: $title,
            help: concat!("Goes to the screen ", $title),
            risk: Risk::Look,
            keys: &[$key],
            word: None,
            ready: always,
            run: |model, _| {
                model.navigation.go(Route::screen($screen));
                Vec::new()
            },
        }
    };
}

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec {
        id: "help.open",
        title: "Help for here",
        help: "Lists what can be done here, and why not; what it lists can be run",
        risk: Risk::Look,
        keys: &["?"],
        word: Word::with("help", "CODE", codes),
        ready: always,
        run: open_help,
    },
    CommandSpec {
        id: "palette.open",
        title: "Jump or run by name",
        help: "Finds things, screens, findings and commands by a few letters",
        risk: Risk::Look,
        keys: &[":"],
        word: None,
        ready: always,
        run: |model, _| {
            let mut palette = Palette::default();
            palette::refresh(model, &mut palette);
            model.overlay = Some(Overlay::Palette(palette));
            Vec::new()
        },
    },
    CommandSpec {
        id: "row.open",
        title: "Open",
        help: "Opens what is selected",
        risk: Risk::Look,
        keys: &["Enter"],
        word: None,
        ready: |model| Ready::if_or(selected(model).is_some(), "nothing is selected"),
        run: |model, _| match selected(model) {
            Some(row) => open(model, &row),
            None => Vec::new(),
        },
    },
    CommandSpec {
        id: "view.back",
        title: "Back",
        help: "Ends a filter, closes, else goes back; never quits",
        risk: Risk::Look,
        keys: &["Esc"],
        word: None,
        ready: always,
        run: back,
    },
    CommandSpec {
        id: "history.back",
        title: "Back in the history",
        help: "Goes to the screen that was shown before",
        risk: Risk::Look,
        keys: &["["],
        word: None,
        ready: |model| Ready::if_or(!model.navigation.back.is_empty(), "this is where it began"),
        run: |model, _| {
            model.navigation.go_back();
            Vec::new()
        },
    },
    CommandSpec {
        id: "history.forward",
        title: "Forward in the history",
        help: "Goes to the screen that was left with [",
        risk: Risk::Look,
        keys: &["]"],
        word: None,
        ready: |model| Ready::if_or(!model.navigation.forward.is_empty(), "there is nothing ahead"),
        run: |model, _| {
            model.navigation.go_forward();
            Vec::new()
        },
    },
    screen_command!("screen.overview", "1", "overview", "Overview"),
    screen_command!("screen.rack", "2", "rack", "Rack"),
    screen_command!("screen.fabric", "3", "fabric", "Fabric"),
    screen_command!("screen.ceph", "4", "ceph", "Ceph"),
    screen_command!("screen.openstack", "5", "openstack", "OpenStack"),
    screen_command!("screen.platform", "6", "platform", "Platform"),
    screen_command!("screen.install", "7", "install", "Install"),
    screen_command!("screen.logs", "8", "logs", "Logs"),
    screen_command!("screen.timeline", "9", "timeline", "Timeline"),
    screen_command!("screen.inventory", "0", "inventory", "Inventory"),
];

fn open_help(model: &mut Model, argument: &str) -> Vec<Effect> {
    let code = argument.trim();
    if code.is_empty() {
        let mut menu = Menu::default();
        refresh_help(model, &mut menu);
        model.overlay = Some(Overlay::Help(menu));
        return Vec::new();
    }
    let found = codes(model).into_iter().find(|id| id.eq_ignore_ascii_case(code));
    match found {
        Some(id) => model.navigation.go(Route::check(id.into())),
        None => model.say(Tone::Off, format!("No check and no rule is called {code}")),
    }
    Vec::new()
}

/// Everything that has a page: the checks, then the rules of the inventory.
fn codes(model: &Model) -> Vec<String> {
    let checks = model.catalogue.checks.keys().cloned();
    checks.chain(code::rules().iter().map(|rule| rule.id.clone())).collect()
}

/// Fills the help with the commands of here, then those of everywhere, that
/// contain what was typed.
pub fn refresh_help(model: &Model, menu: &mut Menu) {
    let filter = super::super::filter::Filter::of(&menu.text);
    let here = model.screen().commands;
    let of_a_screen = |id: &str| screens::all().any(|screen| screen.commands.contains(&id));
    let mine = here.iter().filter_map(|id| commands::find(id));
    let everywhere = commands::all().filter(|command| !of_a_screen(command.id));
    menu.commands = mine
        .chain(everywhere)
        .filter(|command| (command.ready)(model) != Ready::Hidden)
        .filter(|command| {
            let keys = model.keymap.keys_of(command.id).join(" ");
            filter.keeps(&[command.title, command.help, &keys])
        })
        .map(|command| command.id.to_owned())
        .collect();
    menu.selected = menu.selected.min(menu.commands.len().saturating_sub(1));
}

fn back(model: &mut Model, _: &str) -> Vec<Effect> {
    if !model.state().filter.is_empty() {
        // What the line of the filter promised; only then does Esc lead away.
        super::motion::remember(model);
        model.state_mut().filter.clear();
    } else if model.state().is_zoomed {
        model.state_mut().is_zoomed = false;
    } else if !model.navigation.go_back() {
        model.say(Tone::Off, "This is where it began; q leaves");
    }
    Vec::new()
}

/// Opens what a row is about.
pub fn open(model: &mut Model, row: &RowId) -> Vec<Effect> {
    match row {
        RowId::Layer(layer) => model.navigation.go(Route::screen(screens::of_layer(*layer).id)),
        RowId::Changes => match model.runs.spoken_of(model.now).map(|run| run.id) {
            Some(run) => model.navigation.go(Route::run(run)),
            None => model.navigation.go(Route::screen("timeline")),
        },
        RowId::Run(run) | RowId::RunBegan(run) | RowId::RunEnded(run) => {
            model.navigation.go(Route::run(*run));
        }
        RowId::Phase(_) => {
            model.state_mut().panel = Some(screens::install::STEPS.to_owned());
        }
        RowId::Step(id) => {
            let plan = model.plans.shown().map(|plan| plan.id.clone());
            let step = plan.map(|plan| StepRef { plan, step: id.clone() });
            if let Some(step) = step {
                model.navigation.go(Route::step(step));
            }
        }
        RowId::Recording(at) => return run::replay(model, *at),
        RowId::Line(_) if model.screen().id == run::SPEC.id => {
            return run::open_log(model);
        }
        RowId::Finding(check, target) if model.screen().id == screens::target::SPEC.id => {
            model.navigation.go(Route::finding(check.clone(), target.clone()));
        }
        RowId::Finding(_, target) => open_target(model, target.clone(), row),
        RowId::Group(_) if model.screen().layer.is_some() => toggle(model, row),
        RowId::Group(id) => {
            let Some((layer, _)) = model.verdicts.group(id) else { return Vec::new() };
            model.navigation.go(Route::screen(screens::of_layer(layer).id));
            let state = model.state_mut();
            state.view = 0;
            state.filter.clear();
            state.unfolded.insert(id.clone());
            select_in_focus(model, row);
        }
        RowId::Target(id) => model.navigation.go(Route::target(id.clone())),
        RowId::Change(number) => {
            let Some(change) = model.changes.get(*number) else { return Vec::new() };
            let row = RowId::Finding(change.check.clone(), change.target.clone());
            let target = change.target.clone();
            open_target(model, target, &row);
        }
        RowId::Past(number) => {
            let Some(change) = model.history.changes.get(*number) else { return Vec::new() };
            let row = RowId::Finding(change.check.clone(), change.target.clone());
            let target = change.target.clone();
            open_target(model, target, &row);
        }
        RowId::Rack(name) => {
            model.navigation.go(Route::screen(rack::SPEC.id));
            model.state_mut().rack = Some(name.clone());
        }
        RowId::Fact(target, key) => {
            let known = model.facts.of(target).known.get(key);
            if !known.is_some_and(|known| screens::fact::has_items(&known.value)) {
                return super::since::show(model, row);
            }
            model.navigation.go(Route::fact(target.clone(), key.clone()));
            // What was looked for in one fact is not in another.
            let state = model.state_mut();
            state.filter.clear();
            state.selections.clear();
        }
        RowId::Line(_) if model.screen().id == screens::fact::SPEC.id => {
            model.say(Tone::Off, "An item opens no further; [ goes back, y copies it");
        }
        RowId::Command(id) => {
            if let Some(command) = commands::find(id) {
                return super::run(model, command, "");
            }
        }
        RowId::Line(_) if model.screen().id == inventory::SPEC.id => {
            if let Some(rule) = inventory::problem(model, row).map(|problem| &problem.rule) {
                model.navigation.go(Route::check(rule.clone().into()));
            }
        }
        RowId::Line(_) | RowId::Blank(..) | RowId::Entry(_) => {}
    }
    Vec::new()
}

fn open_target(model: &mut Model, target: crate::domain::TargetId, row: &RowId) {
    model.navigation.go(Route::target(target));
    model.state_mut().filter.clear();
    select_in_focus(model, row);
}

fn select_in_focus(model: &mut Model, row: &RowId) {
    let first = model.screen().panels.first();
    if let Some(panel) = first {
        select(model, panel, row);
    }
}

/// Unfolds a group, or folds it.
pub fn toggle(model: &mut Model, row: &RowId) {
    let group = match row {
        RowId::Group(id) => Some(id.clone()),
        RowId::Finding(check, target) => overview::group_of(model, check, target),
        _ => None,
    };
    let Some(id) = group else { return };
    super::motion::remember(model);
    let unfolded = &mut model.state_mut().unfolded;
    if !unfolded.remove(&id) {
        unfolded.insert(id.clone());
    }
    if let Some(panel) = focused(model) {
        select(model, panel, &RowId::Group(id.clone()));
        show_members(model, panel, &id);
    }
}

/// Moves the window so that what was unfolded is seen below its group.
fn show_members(model: &mut Model, panel: &'static PanelSpec, id: &GroupId) {
    if !model.state().unfolded.contains(id) {
        return;
    }
    let listing = super::motion::focused_listing(model);
    let Some(at) = listing.selected else { return };
    let members = listing.rows.iter().skip(at + 1);
    let members =
        members.take_while(|row| matches!(row, RowId::Finding(check, _) if *check == id.check));
    let last = at + members.count().min(listing.height.saturating_sub(1));
    let top = window(last, listing.top, listing.height, listing.rows.len());
    model.state_mut().selections.entry(panel.name.to_owned()).or_default().top = top;
}
