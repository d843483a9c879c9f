//! Runs: the list, and stopping the one that runs.

use super::super::runs;
use super::{CommandSpec, Ready, Risk, Word};

pub(super) const COMMANDS: &[CommandSpec] = &[CommandSpec {
    id: "run.stop",
    title: "Stop the run",
    help: "Asks for the run's name, then sends it INT; the next time TERM, then KILL",
    risk: Risk::Disruptive,
    keys: &[],
    word: Word::alone("stop"),
    ready: |model| Ready::if_or(model.runs.current().is_some(), "nothing runs"),
    run: |model, _| runs::ask_to_stop(model),
}];
