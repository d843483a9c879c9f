//! Reading the plans of a site: those of the program, the user's and the site's own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::checks::Catalogue as Checks;
use crate::domain::Place;
use crate::install::plan::references::Known;
use crate::install::plan::{Fault, Library, Origin, PlanFile};
use crate::inventory::variables::Catalogue as Variables;

use super::preferences::Preferences;

/// A file of plans larger than this is a mistake.
const LARGEST: u64 = 4 << 20;

/// Reads every plan. What is wrong with files of the site or the user is in
/// the library's faults, and everything else counts.
pub fn load(site: &Path, checks: &Checks) -> Library {
    let mut faults = Vec::new();
    let mut own = Vec::new();
    for (origin, directory) in
        [(Origin::User, Preferences::directory().join("plans")), (Origin::Site, site.join("plans"))]
    {
        read_directory(&directory, origin, &mut own, &mut faults);
    }
    let variables = Variables::shipped();
    let Ok(inventory) = variables else {
        // A test shows that what is shipped can be read.
        return Library { faults, ..Library::default() };
    };
    let mut library = Library::load(&own, &Known { checks, inventory });
    library.faults.append(&mut faults);
    library
}

/// The plans with the checks as they come with the program, for what needs no site.
pub fn load_without_site(site: &Path) -> Library {
    let (checks, _) = Checks::load(&[], &BTreeMap::new());
    load(site, &checks)
}

fn read_directory(
    directory: &Path,
    origin: Origin,
    files: &mut Vec<PlanFile>,
    faults: &mut Vec<Fault>,
) {
    let scripts = directory.join("scripts");
    for (inside, ending, before) in [(directory, "yml", ""), (&scripts, "sh", "scripts/")] {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(inside)
            .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
            .unwrap_or_default();
        let is_wanted = |path: &PathBuf| path.extension().is_some_and(|found| found == ending);
        paths.retain(is_wanted);
        paths.sort();
        for path in paths {
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            let name = format!("{before}{name}");
            match read(&path) {
                Ok(text) => files.push(PlanFile { origin, path, name, text }),
                Err(why) => {
                    let place = Place { file: path, line: 0, column: 0 };
                    faults.push(Fault::new(&place, why, "it is left out"));
                }
            }
        }
    }
}

fn read(path: &Path) -> Result<String, String> {
    let length = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if length > LARGEST {
        return Err(format!("it is {length} bytes long"));
    }
    std::fs::read_to_string(path).map_err(|error| error.to_string())
}
