//! One connection per host, shared by all who ask.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::connection::Connection;
use super::dial::{Dialer, Unreached};
use super::exec::{self, NotRun};
use super::files::Files;
use super::identity::Identities;
use super::known_hosts::Judgement;
use super::route::{Hop, Route};
use super::stream::{self, NoStream, StreamReader};
use super::terminal::{self, NoTerminal, TerminalReader, TerminalRequest, TerminalWriter};
use super::wire::Gate;
use super::{Command, Output, SshSettings, accept, causes};
use crate::domain::endpoint::SshEndpoint;
use crate::domain::{Cause, CauseWord, OfferedKey};
use crate::transport::secrets::SecretStore;

/// One persistent connection per host, many commands over it.
#[derive(Debug)]
pub struct SshPool {
    settings: SshSettings,
    secrets: Arc<SecretStore>,
    files: Files,
    identities: Identities,
    gate: Gate,
    slots: Mutex<HashMap<Arc<Route>, Arc<Slot>>>,
    /// Writing known_hosts, one at a time.
    accepting: tokio::sync::Mutex<()>,
}

/// The place of one host's connection.
#[derive(Debug, Default)]
struct Slot {
    /// Held while connecting, so that all who ask wait for one attempt.
    place: tokio::sync::Mutex<SlotPlace>,
    /// How many attempts have ended.
    attempts: AtomicU64,
    offered: Mutex<Option<OfferedKey>>,
}

#[derive(Debug, Default)]
struct SlotPlace {
    connection: Option<Arc<Connection>>,
    /// Connections that broke: when that was noticed, and how long they had held.
    broken: VecDeque<(Instant, Duration)>,
    /// How the last attempt failed, for those who waited for it.
    failed: Option<Cause>,
}

/// How far back broken connections are counted.
const REMEMBERED: Duration = Duration::from_secs(600);
/// More of them are not remembered: a connection that breaks every second says no more.
const MOST_BROKEN: usize = 100;

/// How the connection to a host has held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// How old the open connection is; zero when none is open.
    pub age: Duration,
    /// How many connections broke in the last ten minutes, at most a hundred.
    /// Those that we ended ourselves do not count.
    pub broken: usize,
    /// How long the longest of them had held.
    pub longest: Duration,
}

impl SshPool {
    /// A pool without connections.
    pub fn new(settings: SshSettings, secrets: Arc<SecretStore>) -> Arc<SshPool> {
        Arc::new(SshPool {
            gate: Gate::new(settings.handshakes_at_once),
            settings,
            secrets,
            files: Files::default(),
            identities: Identities::default(),
            slots: Mutex::default(),
            accepting: tokio::sync::Mutex::default(),
        })
    }

    /// Runs a command on a host and gives back what it printed. A command that
    /// fails is no [`Cause`]: its status says so. A connection that died
    /// unnoticed is replaced once, if the command had not been sent yet.
    pub async fn run(&self, endpoint: &SshEndpoint, command: &Command) -> Result<Output, Cause> {
        self.run_watched(endpoint, command, None).await
    }

    /// As [`SshPool::run`]; what the command prints on standard output goes to
    /// `watcher` as well, as it comes, and never more than it may print.
    pub async fn run_watched(
        &self,
        endpoint: &SshEndpoint,
        command: &Command,
        watcher: Option<mpsc::UnboundedSender<Vec<u8>>>,
    ) -> Result<Output, Cause> {
        let route = self.files.route(&self.settings, endpoint)?;
        let max_output = command.max_output.min(self.settings.max_output);
        let connection = self.connection(&route).await?;
        match exec::run(&connection, command, max_output, watcher.clone()).await {
            Ok(output) => return Ok(output),
            Err(NotRun::Failed(cause)) => return Err(cause),
            Err(NotRun::Gone) => connection.abandon(),
        }
        let connection = self.connection(&route).await?;
        match exec::run(&connection, command, max_output, watcher).await {
            Ok(output) => Ok(output),
            Err(NotRun::Failed(cause)) => Err(cause),
            Err(NotRun::Gone) => Err(causes::cut(&route.hop.name, connection.ended().as_deref())),
        }
    }

    /// How the connection to a host has held lately; `None` before it was ever made.
    pub async fn hold(&self, endpoint: &SshEndpoint) -> Option<Hold> {
        let route = self.files.route(&self.settings, endpoint).ok()?;
        let slot = self.lock_slots().get(&route).cloned()?;
        let place = slot.place.lock().await;
        let lately = || place.broken.iter().filter(|(at, _)| at.elapsed() < REMEMBERED);
        Some(Hold {
            age: place.connection.as_ref().map_or(Duration::ZERO, |open| open.age()),
            broken: lately().count(),
            longest: lately().map(|(_, held)| *held).max().unwrap_or_default(),
        })
    }

    /// Opens a terminal on a host, over the connection that commands use as
    /// well. It has to be read on and on, or everything else on that
    /// connection waits.
    pub async fn open_terminal(
        &self,
        endpoint: &SshEndpoint,
        request: &TerminalRequest,
    ) -> Result<(TerminalReader, TerminalWriter), Cause> {
        let route = self.files.route(&self.settings, endpoint)?;
        let connection = self.connection(&route).await?;
        match terminal::open(&connection, request).await {
            Ok(opened) => return Ok(opened),
            Err(NoTerminal::Failed(cause)) => return Err(cause),
            Err(NoTerminal::Gone) => connection.abandon(),
        }
        let connection = self.connection(&route).await?;
        match terminal::open(&connection, request).await {
            Ok(opened) => Ok(opened),
            Err(NoTerminal::Failed(cause)) => Err(cause),
            Err(NoTerminal::Gone) => {
                Err(causes::cut(&route.hop.name, connection.ended().as_deref()))
            }
        }
    }

    /// Starts a command on a host whose output is read while it runs. It has
    /// to be read on and on, or everything else on that connection waits.
    pub async fn open_stream(
        &self,
        endpoint: &SshEndpoint,
        line: &str,
    ) -> Result<StreamReader, Cause> {
        let route = self.files.route(&self.settings, endpoint)?;
        let connection = self.connection(&route).await?;
        match stream::open(&connection, line).await {
            Ok(opened) => return Ok(opened),
            Err(NoStream::Failed(cause)) => return Err(cause),
            Err(NoStream::Gone) => connection.abandon(),
        }
        let connection = self.connection(&route).await?;
        match stream::open(&connection, line).await {
            Ok(opened) => Ok(opened),
            Err(NoStream::Failed(cause)) => Err(cause),
            Err(NoStream::Gone) => Err(causes::cut(&route.hop.name, connection.ended().as_deref())),
        }
    }

    /// What the host, or a jump host on the way, showed when its key was not
    /// accepted at the last attempt.
    pub async fn offered_key(&self, endpoint: &SshEndpoint) -> Option<OfferedKey> {
        let route = self.files.route(&self.settings, endpoint).ok()?;
        self.offered_on(&route).map(|(_, offered)| offered)
    }

    /// Accepts the key with this fingerprint, if it is still the one the host
    /// (or the jump host whose key it is) shows: writes it to known_hosts in
    /// place of the host's old entries and tells which file was written. What
    /// the file was before stays beside it as `known_hosts.old` when an entry
    /// was replaced. A revoked key is never accepted.
    pub async fn accept_key(
        &self,
        endpoint: &SshEndpoint,
        fingerprint: &str,
    ) -> Result<PathBuf, Cause> {
        let route = self.files.route(&self.settings, endpoint)?;
        let route = match self.offered_on(&route) {
            Some((of, _)) => of,
            None => route,
        };
        let through = self.through(&route).await?;
        let hop = &route.hop;
        let records = self.files.records(&hop.known_hosts);
        let shown = self.dialer().look_at_key(hop, records, through.as_ref()).await?;
        let told = shown.told(hop);
        if told.fingerprint != fingerprint {
            let cause = Cause::new(
                CauseWord::KeyChanged,
                format!("{} shows yet another host key than the one that was accepted", hop.name),
                "look at its fingerprint anew, and ask who changes it",
            );
            return Err(cause.with_detail(format!("shown now: {}", told.fingerprint)));
        }
        if told.revoked {
            return Err(causes::key_refused(hop, &shown.judgement, &told));
        }
        let _one_at_a_time = self.accepting.lock().await;
        let file = self.write_key(hop, &shown.key, &shown.judgement)?;
        self.files.forget_records();
        if let Some(slot) = self.lock_slots().get(&route) {
            slot.forget_offered();
        }
        Ok(file)
    }

    /// Ends every connection. Later commands open new ones.
    pub async fn close_all(&self) {
        let slots: Vec<_> = self.lock_slots().drain().map(|(_, slot)| slot).collect();
        let goodbyes = slots.into_iter().map(|slot| async move {
            // A slot that is connecting is dropped by those who wait for it.
            if let Ok(mut place) = slot.place.try_lock()
                && let Some(connection) = place.connection.take()
            {
                connection.say_goodbye().await;
                connection.abandon();
            }
        });
        futures_util::future::join_all(goodbyes).await;
    }

    fn dialer(&self) -> Dialer<'_> {
        Dialer {
            gate: &self.gate,
            identities: &self.identities,
            secrets: &self.secrets,
            auth_timeout: self.settings.auth_timeout,
            keepalive: self.settings.keepalive,
        }
    }

    /// The open connection at the end of a route; opened when there is none.
    fn connection<'a>(
        &'a self,
        route: &'a Arc<Route>,
    ) -> Pin<Box<dyn Future<Output = Result<Arc<Connection>, Cause>> + Send + 'a>> {
        Box::pin(async move {
            let slot = Arc::clone(self.lock_slots().entry(Arc::clone(route)).or_default());
            let seen = slot.attempts.load(Ordering::Acquire);
            let mut place = slot.place.lock().await;
            let is_usable =
                |open: &&Arc<Connection>| open.is_open() && open.age() < self.settings.renew_after;
            if let Some(connection) = place.connection.as_ref().filter(is_usable) {
                return Ok(Arc::clone(connection));
            }
            // Commands that still run on an old one keep it until they end.
            if let Some(old) = place.connection.take().filter(|old| !old.is_open()) {
                place.broken.push_back((Instant::now(), old.held()));
                let surplus = place.broken.len().saturating_sub(MOST_BROKEN);
                place.broken.drain(..surplus);
            }
            // The attempt we waited for failed: the next ask will make a new one.
            if slot.attempts.load(Ordering::Acquire) > seen
                && let Some(cause) = &place.failed
            {
                return Err(cause.clone());
            }
            let opened = self.open(route).await;
            slot.attempts.fetch_add(1, Ordering::Release);
            slot.forget_offered();
            match opened {
                Ok(connection) => {
                    let connection = Arc::new(connection);
                    place.connection = Some(Arc::clone(&connection));
                    place.failed = None;
                    Ok(connection)
                }
                Err(Unreached { cause, offered }) => {
                    slot.keep_offered(offered.map(|offered| offered.told(&route.hop)));
                    place.failed = Some(cause.clone());
                    Err(cause)
                }
            }
        })
    }

    async fn open(&self, route: &Route) -> Result<Connection, Unreached> {
        let through = self.through(route).await?;
        let records = self.files.records(&route.hop.known_hosts);
        self.dialer().connect(&route.hop, records, through.as_ref()).await
    }

    /// The connection to the jump host before a host, where there is one.
    async fn through(&self, route: &Route) -> Result<Option<Arc<Connection>>, Cause> {
        match &route.through {
            None => Ok(None),
            Some(jump) => match self.connection(jump).await {
                Ok(connection) => Ok(Some(connection)),
                Err(cause) => Err(causes::behind(&route.hop, &jump.hop.name, &cause)),
            },
        }
    }

    /// The key that was refused on a way, and the part of the way up to it.
    fn offered_on(&self, route: &Arc<Route>) -> Option<(Arc<Route>, OfferedKey)> {
        if let Some(found) = route.through.as_ref().and_then(|jump| self.offered_on(jump)) {
            return Some(found);
        }
        let slot = self.lock_slots().get(route).cloned()?;
        let offered = slot.offered.lock().unwrap_or_else(PoisonError::into_inner).clone();
        offered.map(|offered| (Arc::clone(route), offered))
    }

    fn write_key(
        &self,
        hop: &Hop,
        key: &russh::keys::PublicKey,
        judgement: &Judgement,
    ) -> Result<PathBuf, Cause> {
        let own: Vec<&PathBuf> = hop.known_hosts.iter().take(hop.user_files).collect();
        let Some(first) = own.first().copied() else {
            return Err(Cause::new(
                CauseWord::KeyUnknown,
                "there is no known_hosts file that the key could be written to",
                "name one with UserKnownHostsFile in ~/.ssh/config",
            ));
        };
        let failed = |file: &PathBuf, error: std::io::Error| {
            Cause::new(
                CauseWord::KeyUnknown,
                format!("the key of {} could not be written to {}", hop.name, file.display()),
                format!("look at the permissions and the free space of {}", file.display()),
            )
            .with_detail(error.to_string())
        };
        let file = match judgement {
            Judgement::Known => return Ok(first.clone()),
            Judgement::Changed { place, .. } => {
                // Where the old entry is in the machine's file, the user's goes along with it.
                let target = own.iter().copied().find(|file| **file == place.file);
                let target = target.unwrap_or(first);
                for file in own.iter().copied().filter(|file| file.exists() || *file == target) {
                    let key = (file == target).then_some(key);
                    let written = match file.exists() {
                        true => accept::replace(file, &hop.key_names, key),
                        false => {
                            key.map_or(Ok(()), |key| accept::append(file, &hop.key_names, key))
                        }
                    };
                    written.map_err(|error| failed(file, error))?;
                }
                target
            }
            _ => {
                accept::append(first, &hop.key_names, key).map_err(|error| failed(first, error))?;
                first
            }
        };
        Ok(file.clone())
    }

    fn lock_slots(&self) -> MutexGuard<'_, HashMap<Arc<Route>, Arc<Slot>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    fn keep_offered(&self, offered: Option<OfferedKey>) {
        *self.offered.lock().unwrap_or_else(PoisonError::into_inner) = offered;
    }

    fn forget_offered(&self) {
        self.keep_offered(None);
    }
}
