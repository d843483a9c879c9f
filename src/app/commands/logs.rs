//! What can be done in the log view, and opening it.

use super::super::logs::{self, FieldKind, Goal, LogOrder, order};
use super::super::model::Tone;
use super::super::screens::{log_outline, logs as screen};
use super::super::{Effect, Model};
use super::motion::selected;
use super::see::targets_of;
use super::{CommandSpec, Ready, Risk, Word};

macro_rules! log_command {
    ($id:literal, $keys:expr, $title:literal, $help:literal, $run:expr) => {
        CommandSpec {
            id: $id,
            title: $title,
            help: $help,
            risk: Risk::Look,
            keys: $keys,
            word: None,
            ready: |model| Ready::if_or(has_source(model), "no log is open; `:log PATH` opens one"),
            run: |model, _| {
                let run: fn(&mut Model) -> Vec<Effect> = $run;
                run(model)
            },
        }
    };
}

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec {
        id: "logs.open",
        title: "Logs about this",
        help: "Shows what the selected run wrote, or follows the journal of the selected host",
        risk: Risk::Look,
        keys: &["l"],
        word: None,
        ready: |model| {
            let is_there = run_of(model).is_some() || host_of(model).is_some();
            Ready::if_or(is_there, "no host and no run is selected")
        },
        run: |model, _| {
            if let Some(run) = run_of(model) {
                return logs::open_run(model, run);
            }
            let Some(host) = host_of(model) else { return Vec::new() };
            logs::begin(model);
            vec![order(LogOrder::Journal(host))]
        },
    },
    CommandSpec {
        id: "log.open",
        title: "Open a log",
        help: "Opens a file, packed or not, or the output of a run by its number",
        risk: Risk::Look,
        keys: &[],
        word: Word::with("log", "PATH", |_| Vec::new()),
        ready: super::always,
        run: |model, path| {
            if path.is_empty() {
                model.navigation.go(super::super::Route::screen(screen::SPEC.id));
                return Vec::new();
            }
            logs::open(model, vec![path.to_owned()])
        },
    },
    CommandSpec {
        id: "log.task",
        title: "Jump to a task",
        help: "Goes to the next task of Ansible whose name contains the words; again goes on",
        risk: Risk::Look,
        keys: &[],
        word: Word::with("task", "WORDS", log_outline::tasks),
        ready: |model| Ready::if_or(has_source(model), "no log is open; l on a run opens one"),
        run: log_outline::to_task,
    },
    log_command!(
        "log.keep",
        &["&"],
        "Keep only",
        "Keeps only the lines with what is typed; the view shows them as you type",
        |model| {
            logs::open_field(model, FieldKind::Keep);
            Vec::new()
        }
    ),
    log_command!(
        "log.next_error",
        &["e"],
        "Error below",
        "Goes to the next line that says it is an error",
        |model| logs::seek(model, true, Goal::Error)
    ),
    log_command!(
        "log.previous_error",
        &["E"],
        "Error above",
        "Goes to the previous line that says it is an error",
        |model| logs::seek(model, false, Goal::Error)
    ),
    log_command!("log.follow", &["F"], "Follow", "Shows the end, whatever comes", |model| {
        model.logs.is_following = true;
        vec![order(LogOrder::Follow)]
    }),
    log_command!(
        "log.wrap",
        &["w"],
        "Wrap",
        "Lets long lines go on in the next row, or not",
        |model| {
            model.logs.is_wrapped = !model.logs.is_wrapped;
            model.logs.pan = 0;
            Vec::new()
        }
    ),
    log_command!(
        "log.go",
        &["J"],
        "Jump",
        "Goes to a line, a time, a share or a task of Ansible: 8112, 13:54, 50%, OSD creation",
        |model| {
            logs::open_field(model, FieldKind::Go);
            Vec::new()
        }
    ),
    log_command!(
        "log.hide",
        &["h"],
        "Hide",
        "Hides the lines with what is typed; the view shows the rest as you type",
        |model| {
            logs::open_field(model, FieldKind::Hide);
            Vec::new()
        }
    ),
    log_command!(
        "log.next_mark",
        &["u"],
        "Mark below",
        "Goes to the next line you marked",
        |model| { logs::to_mark(model, true) }
    ),
    log_command!(
        "log.previous_mark",
        &["U"],
        "Mark above",
        "Goes to the previous line you marked",
        |model| logs::to_mark(model, false)
    ),
    log_command!(
        "log.next_task",
        &[")"],
        "Task below",
        "Goes to the next task of Ansible",
        |model| logs::seek(model, true, Goal::Task)
    ),
    log_command!(
        "log.previous_task",
        &["("],
        "Task above",
        "Goes to the previous task of Ansible",
        |model| logs::seek(model, false, Goal::Task)
    ),
    log_command!(
        "log.source",
        &["Space"],
        "Source on or off",
        "Shows the lines of the selected source, or does not",
        toggle_source
    ),
];

/// Ids of the commands that only the log view has, in the order of its key bar.
pub const OF_SCREEN: &[&str] = &[
    "log.keep",
    "log.next_error",
    "log.follow",
    "log.wrap",
    "log.go",
    "log.hide",
    "log.next_mark",
    "log.previous_error",
    "log.previous_mark",
    "log.next_task",
    "log.previous_task",
    "log.source",
];

/// Whether the log view has the keys and something to show.
pub(super) fn is_here(model: &Model) -> bool {
    model.screen().id == screen::SPEC.id && has_source(model)
}

fn has_source(model: &Model) -> bool {
    !model.logs.sources.is_empty()
}

/// The run the selection or the screen is about.
fn run_of(model: &Model) -> Option<u64> {
    super::super::screens::run::run_of(model, selected(model).as_ref())
}

/// The host the selection or the screen is about.
fn host_of(model: &Model) -> Option<crate::domain::TargetId> {
    let of_row = selected(model).map(|row| targets_of(model, &row)).unwrap_or_default();
    let targets = of_row.into_iter().chain(model.route().target.clone());
    targets
        .filter_map(|id| model.index.target(&model.site, &id))
        .find(|target| target.ssh.is_some())
        .map(|target| target.id.clone())
}

/// What a command of everywhere does in the log view; `None` where it does what it does everywhere.
pub(super) fn takes(model: &mut Model, command: &str) -> Option<Vec<Effect>> {
    if !is_here(model) {
        return None;
    }
    if command == "view.next" && log_outline::is_there(model) {
        log_outline::turn(model);
        return Some(Vec::new());
    }
    let panel = super::motion::focused(model);
    if panel.is_some_and(|panel| panel.name == "outline") {
        let Some(row) = selected(model) else { return Some(Vec::new()) };
        return match command {
            "row.open" => Some(log_outline::jump(model, &row)),
            "row.toggle" => Some(log_outline::unfold(model, &row)),
            "value.copy" => Some(log_outline::copied(model, &row)),
            _ if is_motion(command) => None,
            _ => takes_in_text(model, command),
        };
    }
    let is_list = panel.is_some_and(|panel| !panel.is_text);
    if is_list {
        return match command {
            "row.open" => Some(toggle_source(model)),
            _ if is_motion(command) => None,
            _ => takes_in_text(model, command),
        };
    }
    takes_in_text(model, command)
}

fn is_motion(command: &str) -> bool {
    ["move.", "page.", "list."].iter().any(|start| command.starts_with(start))
}

fn takes_in_text(model: &mut Model, command: &str) -> Option<Vec<Effect>> {
    Some(match command {
        "move.up" => logs::step(model, -1),
        "move.down" => logs::step(model, 1),
        "page.up" => logs::page(model, -1),
        "page.down" => logs::page(model, 1),
        "list.first" => {
            model.logs.cursor = logs::Cursor::First;
            model.logs.is_following = false;
            vec![order(LogOrder::Start)]
        }
        "list.last" => {
            model.logs.cursor = logs::Cursor::Last;
            model.logs.is_following = false;
            vec![order(LogOrder::End)]
        }
        "move.left" => pan(model, -1),
        "move.right" => pan(model, 1),
        "find.open" => {
            logs::open_field(model, FieldKind::Find);
            Vec::new()
        }
        "find.next" => logs::seek(model, true, Goal::Hit),
        "find.previous" => logs::seek(model, false, Goal::Hit),
        "finding.next" => logs::seek(model, true, Goal::Finding),
        "finding.previous" => logs::seek(model, false, Goal::Finding),
        "problems.toggle" => {
            model.logs.only_problems = !model.logs.only_problems;
            model.logs.kept = logs::Tally::default();
            vec![order(LogOrder::OnlyProblems(model.logs.only_problems))]
        }
        "mark.set" => logs::mark(model),
        "view.next" => {
            model.logs.has_prefix = Some(!model.logs.shows_prefix());
            Vec::new()
        }
        "value.copy" => {
            let Some(line) = model.logs.cursor_line() else { return Some(Vec::new()) };
            let prefix =
                if model.logs.shows_prefix() { screen::prefix(model, line) } else { String::new() };
            vec![order(LogOrder::Copy((line.source, line.offset), prefix))]
        }
        _ => return None,
    })
}

/// Moves the text by half a window sideways.
fn pan(model: &mut Model, by: i64) -> Vec<Effect> {
    let logs = &mut model.logs;
    let half = i64::from(logs.shape.columns / 2).max(1);
    let widest = logs.window.lines().map(|line| line.width).max().unwrap_or(0);
    let furthest = i64::from(widest.saturating_sub(u32::from(logs.shape.columns) / 2));
    let to = (i64::from(logs.pan) + by * half).min(furthest.max(i64::from(logs.pan))).max(0);
    if !logs.is_wrapped {
        logs.pan = u32::try_from(to).unwrap_or(u32::MAX);
    }
    Vec::new()
}

fn toggle_source(model: &mut Model) -> Vec<Effect> {
    match selected(model) {
        Some(super::super::RowId::Line(at)) => {
            vec![order(LogOrder::Toggle(u16::try_from(at).unwrap_or(u16::MAX)))]
        }
        _ => {
            model.say(Tone::Off, "No source is selected; Tab goes to the sources");
            Vec::new()
        }
    }
}
