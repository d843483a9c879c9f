//! `shopfloor greet`: a line at login for the run that goes on, and one where
//! something needs a person; else nothing.

use crate::runtime::clock;
use crate::runtime::last_look::LastLook;
use crate::runtime::load::LoadOptions;
use crate::runtime::state_dir::StateDir;

use super::{exit, print};

/// Prints the greeting. It reads what the last look kept and asks nobody, so
/// that a login never waits. Without a run and a last look it says nothing.
///
/// # Errors
/// When the output refuses.
pub fn run(load: &LoadOptions) -> Result<u8, String> {
    let greeting = StateDir::find(&load.directory)
        .and_then(|state| LastLook::read(&state))
        .and_then(|last| last.greeting(clock::now()));
    let run = crate::runtime::runs::look(&load.directory).greeting(clock::now());
    if let Some(run) = run {
        print::text(&format!("{run}\n"))?;
    }
    if let Some(greeting) = greeting {
        print::text(&format!("{greeting}\n"))?;
    }
    Ok(exit::DONE)
}
