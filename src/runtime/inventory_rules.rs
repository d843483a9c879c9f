//! Applying the rules of `inventory check` to the files of a site that was
//! read: for the command, and in the background for the screen.

use std::path::Path;

use crate::inventory::rules::{Case, LiveFacts, Progress, SiteFiles, check_inventory};
use crate::inventory::site::OpenedSite;
use crate::inventory::variables::Catalogue;
use crate::inventory::{LoadError, Problem};

use super::clock;
use super::load::problems_beside_the_inventory;

/// What is wrong with the files of a site: by the rules up to a step of the
/// procedure (all when `None`), in what its targets are made of, in
/// `shopfloor.yml` and in `checks/*.yml`. In the order of the files of each.
///
/// # Errors
/// When there is no inventory that could be judged; one that does not parse
/// is no error here, its problems are the answer.
pub fn problems_of(
    directory: &Path,
    opened: &OpenedSite,
    step: Option<&str>,
) -> Result<Vec<Problem>, LoadError> {
    let settings = &opened.settings;
    let mut problems = match &opened.inventory {
        Ok(inventory) => {
            let Ok(variables) = Catalogue::shipped() else { return Ok(Vec::new()) };
            let facts = LiveFacts { files: SiteFiles::read(directory), ..LiveFacts::default() };
            let progress =
                Progress { release: settings.release.unwrap_or_default(), ..Progress::default() };
            let case = Case {
                inventory,
                now: clock::now(),
                facts: &facts,
                progress: &progress,
                variables,
                vault: &opened.vault,
            };
            check_inventory(&case, step)
        }
        Err(LoadError::Invalid(problems)) => problems.clone(),
        Err(error) => return Err(error.clone()),
    };
    problems.extend(opened.built.problems.iter().cloned());
    problems.extend(problems_beside_the_inventory(directory, settings));
    Ok(problems)
}
