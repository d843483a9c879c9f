//! Runs and plans: starting a run, going to it, its list, its log, stopping it; plans and steps to read.

use super::super::navigation::Route;
use super::super::screens::install;
use super::super::{Model, plans, runs};
use super::{CommandSpec, Ready, Risk, Word};

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec {
        id: "run.start",
        title: "Start a command",
        help: "Starts a command that outlives this screen, after a confirmation with its exact words",
        risk: Risk::Disruptive,
        keys: &[],
        word: Word::with("run", "CMD", |_| Vec::new()),
        ready: |model| match (&model.runs.here, model.runs.current()) {
            (None, _) => keeps_runs(model),
            (_, Some(run)) => Ready::No(format!("run {} has the lease; W goes to it", run.id)),
            _ => Ready::Yes,
        },
        run: runs::ask_to_start,
    },
    CommandSpec {
        id: "run.attach",
        title: "Go to the run",
        help: "Goes to the terminal of what runs: what it asks is answered there, and nowhere else",
        risk: Risk::Look,
        keys: &["W"],
        word: Word::with("attach", "[N]", runs::attach_choices),
        ready: |model| match keeps_runs(model) {
            Ready::Yes => Ready::if_or(!model.runs.list.is_empty(), "there is no run yet"),
            no => no,
        },
        run: runs::attach,
    },
    CommandSpec {
        id: "run.list",
        title: "The runs",
        help: "Lists the runs of the site, newest first; Enter opens one, l its log",
        risk: Risk::Look,
        keys: &[],
        word: Word::alone("runs"),
        ready: super::always,
        run: |model, _| {
            model.navigation.go(Route::screen(install::SPEC.id));
            Vec::new()
        },
    },
    CommandSpec {
        id: "plan.show",
        title: "Show a plan",
        help: "Shows a plan on Install: the installation, or a runbook (RB-SWHB)",
        risk: Risk::Look,
        keys: &[],
        word: Word::with("plan", "ID", plans::choices),
        ready: |model| Ready::if_or(!model.plans.list.is_empty(), "the plans are being read"),
        run: plans::show,
    },
    CommandSpec {
        id: "plan.step",
        title: "Open a step",
        help: "Opens the page of a step of a plan: why, where, what is done, what proves it",
        risk: Risk::Look,
        keys: &[],
        word: Word::with("step", "ID", plans::step_choices),
        ready: |model| Ready::if_or(!model.plans.list.is_empty(), "the plans are being read"),
        run: plans::open_step,
    },
    CommandSpec {
        id: "run.stop",
        title: "Stop the run",
        help: "Asks for the run's name, then sends it INT; the next time TERM, then KILL",
        risk: Risk::Disruptive,
        keys: &[],
        word: Word::with("stop", "[N]", runs::stop_choices),
        ready: |model| Ready::if_or(!runs::stop_choices(model).is_empty(), "nothing runs"),
        run: runs::ask_to_stop,
    },
];

/// The embedded demo site is another one at every start, and its runs would go with it.
fn keeps_runs(model: &Model) -> Ready {
    let reason =
        "the demo site inside the program keeps no runs; `shopfloor demo --serve DIR` does";
    Ready::if_or(model.runs.here.is_some(), reason)
}
