//! The one changing state of the demo site: which faults are active since
//! when. What the site is like follows from it, and every answer from that.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::blueprint::Blueprint;
use super::scenarios::{self, Scenario};
use super::world::World;
use super::{base, files};
use crate::domain::faults::Fault;

/// The situation without any fault.
pub const WELL: &str = "well";

/// What is kept in `.lab/state.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// Version of this file.
    pub schema: u32,
    /// The seed of everything that differs and moves.
    pub seed: u64,
    /// When the site was first started, seconds since 1970.
    pub born: i64,
    /// The port of all addresses when it last ran.
    pub port: Option<u16>,
    /// Active faults, each with when it began.
    pub active: BTreeMap<String, i64>,
}

/// The state of a site that runs.
#[derive(Debug)]
pub struct State {
    file: PathBuf,
    scenarios: Vec<Scenario>,
    well: World,
    saved: Mutex<Saved>,
    world: watch::Sender<News>,
    followers: Mutex<Vec<Weak<AtomicU64>>>,
}

/// What the site is like, and the how many-th state this is.
#[derive(Debug, Clone)]
pub struct News {
    /// Counts up with every change.
    pub number: u64,
    /// The site.
    pub world: Arc<World>,
}

/// How long a fault may take to be in force everywhere.
const SETTLING: Duration = Duration::from_secs(2);

impl State {
    /// Goes on where the site in this directory was, else begins one with this seed.
    ///
    /// # Errors
    /// A sentence when the state cannot be read or written.
    pub fn open(lab: &Path, blueprint: &Blueprint, seed: u64) -> Result<State, String> {
        let file = lab.join("state.json");
        let saved = match files::read(&file)? {
            Some(text) => serde_json::from_str(&text).map_err(|error| {
                format!("{}: {error}; remove it to begin the demo site anew", file.display())
            })?,
            None => Saved {
                schema: 1,
                seed,
                born: seconds() as i64,
                port: None,
                active: BTreeMap::new(),
            },
        };
        if saved.schema != 1 {
            return Err(format!(
                "{}: written by another version (schema {}); remove it to begin anew",
                file.display(),
                saved.schema
            ));
        }
        let scenarios = scenarios::all()?;
        let well = base::world(blueprint, saved.seed, saved.born);
        let world = scenarios::with_faults(&well, &scenarios, &saved.active);
        let world = watch::Sender::new(News { number: 0, world: Arc::new(world) });
        let followers = Mutex::default();
        Ok(State { file, scenarios, well, saved: Mutex::new(saved), world, followers })
    }

    /// What the site is like now.
    pub fn world(&self) -> Arc<World> {
        self.world.borrow().world.clone()
    }

    /// Wakes a server when the site changes. It stores the number of the news
    /// that it has acted on, for [`State::settle`].
    pub fn news(&self) -> (watch::Receiver<News>, Arc<AtomicU64>) {
        let news = self.world.subscribe();
        let acted = Arc::new(AtomicU64::new(u64::MAX));
        lock(&self.followers).push(Arc::downgrade(&acted));
        (news, acted)
    }

    /// Waits until every server acts as the site now is, two seconds at most.
    pub async fn settle(&self) {
        let wanted = self.world.borrow().number;
        let behind = || {
            let mut followers = lock(&self.followers);
            followers.retain(|follower| follower.strong_count() > 0);
            followers
                .iter()
                .filter_map(Weak::upgrade)
                .any(|acted| acted.load(Ordering::Acquire) < wanted)
        };
        let all = async {
            while behind() {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        // Late is still better than never; the servers go on by themselves.
        let _ = tokio::time::timeout(SETTLING, all).await;
    }

    /// The true time, in seconds since 1970.
    pub fn now(&self) -> f64 {
        seconds()
    }

    /// The port of the last run.
    pub fn port(&self) -> Option<u16> {
        lock(&self.saved).port
    }

    /// Notes the port of this run.
    ///
    /// # Errors
    /// A sentence when the state cannot be written.
    pub fn set_port(&self, port: u16) -> Result<(), String> {
        let mut saved = lock(&self.saved);
        let next = Saved { port: Some(port), ..saved.clone() };
        self.keep(&next)?;
        *saved = next;
        Ok(())
    }

    /// All situations and whether each is in force; `well` is when nothing else is.
    pub fn list(&self) -> Vec<Fault> {
        let saved = lock(&self.saved);
        self.scenarios
            .iter()
            .map(|scenario| Fault {
                name: scenario.name.clone(),
                title: scenario.title.clone(),
                active: if scenario.name == WELL {
                    saved.active.is_empty()
                } else {
                    saved.active.contains_key(&scenario.name)
                },
            })
            .collect()
    }

    /// Puts a fault in force; `well` ends all of them. A fault that is active stays as it is.
    ///
    /// # Errors
    /// A sentence when there is no such fault or the state cannot be written.
    pub fn inject(&self, name: &str) -> Result<(), String> {
        self.known(name)?;
        self.change(|active| {
            if name == WELL {
                active.clear();
            } else {
                active.entry(name.to_owned()).or_insert(seconds() as i64);
            }
        })
    }

    /// Ends a fault.
    ///
    /// # Errors
    /// A sentence when there is no such fault, it is not active, or the state cannot be written.
    pub fn heal(&self, name: &str) -> Result<(), String> {
        self.known(name)?;
        if !lock(&self.saved).active.contains_key(name) {
            return Err(format!("{name} is not active, so there is nothing to heal"));
        }
        self.change(|active| {
            active.remove(name);
        })
    }

    fn known(&self, name: &str) -> Result<(), String> {
        if self.scenarios.iter().any(|scenario| scenario.name == name) {
            return Ok(());
        }
        let names: Vec<&str> = self.scenarios.iter().map(|known| known.name.as_str()).collect();
        Err(format!("the demo site has no fault `{name}`; it has {}", names.join(", ")))
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, i64>)) -> Result<(), String> {
        let mut saved = lock(&self.saved);
        let mut next = saved.clone();
        change(&mut next.active);
        // First kept, then in force: a site that is started again is never ahead of its file.
        self.keep(&next)?;
        let world = scenarios::with_faults(&self.well, &self.scenarios, &next.active);
        *saved = next;
        self.world.send_modify(|news| {
            *news = News { number: news.number + 1, world: Arc::new(world) };
        });
        Ok(())
    }

    fn keep(&self, saved: &Saved) -> Result<(), String> {
        let text = serde_json::to_vec_pretty(saved)
            .map_err(|error| format!("the state of the demo site cannot be written: {error}"))?;
        files::write(&self.file, &text, files::PRIVATE)
    }
}

/// A poisoned lock only means that another task panicked; what it guards is still whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn seconds() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}
