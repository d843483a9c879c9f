//! The operator's files, read once and again when they change.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::SshSettings;
use super::config::{ClientConfig, Whereabouts};
use super::known_hosts::{KnownHosts, Records};
use super::route::{Configs, Resolver, Route};
use crate::domain::endpoint::SshEndpoint;
use crate::domain::{Cause, Place};

/// How long the configuration is taken as it was without looking at the files.
const TRUSTED: Duration = Duration::from_secs(2);

/// After this it is read again in any case: a new file may match an `Include`.
const OLDEST: Duration = Duration::from_secs(60);

/// Modification time and length: what tells that a file is another now.
type Stamp = Option<(SystemTime, u64)>;

/// What was read, and the ways to hosts that follow from it.
#[derive(Debug, Default)]
pub(super) struct Files {
    ways: Mutex<Ways>,
    known_hosts: Mutex<HashMap<PathBuf, (Stamp, Arc<KnownHosts>)>>,
}

#[derive(Debug, Default)]
struct Ways {
    configs: Configs,
    read: Option<Instant>,
    checked: Option<Instant>,
    stamps: Vec<(PathBuf, Stamp)>,
    routes: HashMap<SshEndpoint, Result<Arc<Route>, Cause>>,
}

impl Files {
    /// The way to an endpoint.
    pub fn route(
        &self,
        settings: &SshSettings,
        endpoint: &SshEndpoint,
    ) -> Result<Arc<Route>, Cause> {
        let mut ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        ways.refresh(settings);
        if let Some(known) = ways.routes.get(endpoint) {
            return known.clone();
        }
        let resolver = Resolver { settings, configs: ways.configs.clone(), home: home() };
        let route = resolver.resolve(endpoint).map(Arc::new);
        ways.routes.insert(endpoint.clone(), route.clone());
        route
    }

    /// What in the configuration could not be understood, and where.
    pub fn problems(&self, settings: &SshSettings) -> Vec<(Place, String)> {
        let mut ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        ways.refresh(settings);
        let Configs { user, system } = &ways.configs;
        user.problems().iter().chain(system.problems()).cloned().collect()
    }

    /// The records in these files; those that cannot be read say nothing.
    pub fn records(&self, files: &[PathBuf]) -> Records {
        let mut read = self.known_hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let records = files.iter().map(|file| {
            let stamp = stamp_of(file);
            match read.get(file) {
                Some((known, records)) if *known == stamp => Arc::clone(records),
                _ => {
                    let bytes = std::fs::read(file).unwrap_or_default();
                    let text = String::from_utf8_lossy(&bytes);
                    let records = Arc::new(KnownHosts::parse(file, &text));
                    read.insert(file.clone(), (stamp, Arc::clone(&records)));
                    records
                }
            }
        });
        Records(records.collect())
    }

    /// Forgets records, after they were written to.
    pub fn forget_records(&self) {
        self.known_hosts.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Ways {
    fn refresh(&mut self, settings: &SshSettings) {
        let now = Instant::now();
        let within = |then: Option<Instant>, time| then.is_some_and(|then| now - then < time);
        if within(self.checked, TRUSTED) {
            return;
        }
        self.checked = Some(now);
        let same = self.stamps.iter().all(|(file, stamp)| stamp_of(file) == *stamp);
        if within(self.read, OLDEST) && same {
            return;
        }
        self.read = Some(now);
        let of_user = home().map(|home| home.join(".ssh"));
        let of_machine = Some(PathBuf::from("/etc/ssh"));
        let read = |file: &Option<PathBuf>, includes| match file {
            Some(file) => {
                Arc::new(ClientConfig::read(file, &Whereabouts { home: home(), includes }))
            }
            None => Arc::default(),
        };
        let configs = Configs {
            user: read(&settings.config_file, of_user),
            system: read(&settings.system_config_file, of_machine),
        };
        if configs == self.configs {
            // Nothing else changes a way, but a file that an endpoint names itself.
            self.routes.retain(|endpoint, _| names_no_file(endpoint));
        } else {
            self.routes.clear();
        }
        self.configs = configs;
        let files = self.configs.user.files().iter().chain(self.configs.system.files());
        self.stamps = files.map(|file| (file.clone(), stamp_of(file))).collect();
    }
}

/// Whether no `-F` of its own leads an endpoint to another configuration.
fn names_no_file(endpoint: &SshEndpoint) -> bool {
    !endpoint.common_args.as_deref().is_some_and(|args| args.contains("-F"))
}

fn home() -> Option<PathBuf> {
    std::env::var_os("HOME").map(PathBuf::from)
}

fn stamp_of(file: &Path) -> Stamp {
    let meta = std::fs::metadata(file).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}
