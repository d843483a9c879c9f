//! `shopfloor demo --serve`, `--inject`, `--heal`, `--list`.

use std::path::Path;

use crate::domain::faults::FaultLab;
use crate::runtime::signals::Endings;

use super::{DemoArgs, exit, print};

/// Serves until interrupted. `ready DIR` on standard output tells scripts that
/// the site answers.
///
/// # Errors
/// When signals or the output cannot be had.
pub async fn serve_until_interrupted(directory: &Path) -> Result<u8, String> {
    let mut endings =
        Endings::listen().map_err(|error| format!("signals cannot be heard: {error}"))?;
    print::text(&format!("ready {}\n", directory.display()))?;
    endings.next().await;
    Ok(exit::DONE)
}

/// Prints the situations that can be had, each with its sentence, where no site is served.
///
/// # Errors
/// When the output cannot be written.
pub fn print_situations<'a>(
    situations: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<u8, String> {
    let lines: String = situations.map(|(name, title)| format!("{name:<20} {title}\n")).collect();
    print::text(&lines)?;
    Ok(exit::DONE)
}

/// Injects, heals or lists faults of a served site.
///
/// # Errors
/// What the site says.
pub async fn act(lab: &dyn FaultLab, args: &DemoArgs) -> Result<u8, String> {
    if let Some(name) = &args.inject {
        lab.inject(name.clone()).await?;
    }
    if let Some(name) = &args.heal {
        lab.heal(name.clone()).await?;
    }
    let mut out = String::new();
    for fault in lab.list().await? {
        let state = if fault.active { "in force" } else { "-" };
        out.push_str(&format!("{:<20} {state:<9} {}\n", fault.name, fault.title));
    }
    print::text(&out)?;
    Ok(exit::DONE)
}
