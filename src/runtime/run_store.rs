//! Where a site's runs live: its state directory, or `DIR/.shopfloor` where
//! the site shares it with a group.

use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::inventory::settings::Settings;
use crate::runner::Runs;
use crate::runner::store::open_directory;

use super::state_dir::StateDir;

/// Opens the runs of the site in `site`, making their directory.
///
/// # Errors
/// One sentence: what stands in the way.
pub fn open(site: &Path) -> Result<Runs, String> {
    match Settings::load(site).sharing_group {
        None => StateDir::open(site)
            .map(|state| Runs::at(state.path(), None))
            .map_err(|trouble| trouble.to_string()),
        Some(name) => shared(site, &name),
    }
}

/// How long it is believed where the runs are: shopfloor.yml says it, which need
/// not be read every second.
const BELIEVED: Duration = Duration::from_secs(30);

/// Where the runs of a site are, for whoever looks at them again and again.
#[derive(Debug, Default)]
pub struct Whereabouts(Option<(Runs, Instant)>);

impl Whereabouts {
    /// The runs of the site, if there may be any; nothing is made.
    pub fn runs(&mut self, site: &Path) -> Option<&Runs> {
        if self.0.as_ref().is_none_or(|(_, found)| found.elapsed() > BELIEVED) {
            self.0 = find(site).map(|runs| (runs, Instant::now()));
        }
        self.0.as_ref().map(|(runs, _)| runs)
    }
}

/// The runs of the site, if there may be any; nothing is made.
pub fn find(site: &Path) -> Option<Runs> {
    match Settings::load(site).sharing_group {
        None => StateDir::find(site).map(|state| Runs::at(state.path(), None)),
        Some(name) => {
            let state = site.canonicalize().ok()?.join(".shopfloor");
            let is_there = fs::symlink_metadata(&state).is_ok_and(|found| found.is_dir());
            let runs = Runs::at(&state, Some(group_number(&name)?));
            is_there.then(|| {
                runs.tighten();
                runs
            })
        }
    }
}

fn shared(site: &Path, name: &str) -> Result<Runs, String> {
    let group = group_number(name).ok_or_else(|| {
        format!("sharing: there is no group `{name}` on this machine; shopfloor.yml names it")
    })?;
    let state = site
        .canonicalize()
        .map_err(|error| format!("{}: {error}", site.display()))?
        .join(".shopfloor");
    let explain = |error: std::io::Error| {
        format!("the shared state directory {} cannot be used: {error}", state.display())
    };
    let runs = Runs::at(&state, Some(group));
    let is_new = match fs::DirBuilder::new().mode(0o700).create(&state) {
        Ok(()) => true,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => false,
        Err(error) => return Err(explain(error)),
    };
    let opened = open_directory(&state).map_err(explain)?;
    let mut found = opened.metadata().map_err(explain)?;
    let is_mine = found.uid() == rustix::process::geteuid().as_raw();
    // Sites of before the sticky bit get it from whoever made the directory.
    if is_new || (is_mine && found.gid() == group && found.mode() & 0o7777 == 0o2770) {
        runs.fit(&opened, runs.directory_mode()).map_err(|error| {
            format!("{}; is this user a member of the group `{name}`?", explain(error))
        })?;
        found = opened.metadata().map_err(explain)?;
    }
    let is_open = found.mode() & 0o007 != 0 || found.mode() & 0o1000 == 0;
    if found.gid() != group || is_open {
        return Err(format!(
            "{} is not a directory for the group `{name}` alone, where only its owner removes a file; `chgrp {name} {0} && chmod 3770 {0}` makes it one",
            state.display()
        ));
    }
    runs.tighten();
    Ok(runs)
}

/// The number of a group, from this machine's files or whatever directory it is joined to.
fn group_number(name: &str) -> Option<u32> {
    let find = |text: &str| {
        text.lines().find_map(|line| {
            let mut fields = line.split(':');
            (fields.next()? == name).then_some(fields.nth(1)?.parse().ok()?)
        })
    };
    let local = fs::read_to_string("/etc/group").ok().and_then(|text| find(&text));
    local.or_else(|| {
        let asked =
            Command::new("getent").args(["group", name]).stdin(Stdio::null()).output().ok()?;
        find(&String::from_utf8_lossy(&asked.stdout))
    })
}
