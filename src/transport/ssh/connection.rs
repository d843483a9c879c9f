//! One open connection: sessions for commands, and channels onwards for jumps.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use russh::client::{Handle, Msg};
use russh::{Channel, ChannelOpenFailure, ChannelStream, Disconnect};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::handler::{Client, Notes};
use super::route::Hop;
use super::wire::Watch;

/// sshd allows ten sessions on a connection (`MaxSessions`) and answers one more
/// as if it could not connect; some are left for others that share the account.
const SESSIONS: usize = 8;

/// How long a server may take to forget a session that was closed, and how
/// often that is waited for.
const CLOSING: Duration = Duration::from_millis(50);
const PATIENT_TRIES: u32 = 20;

/// A connection that is logged in. Dropping it closes it.
pub(super) struct Connection {
    handle: Handle<Client>,
    watch: Arc<Watch>,
    notes: Arc<Notes>,
    name: String,
    opened: Instant,
    sessions: Arc<Semaphore>,
    /// How many sessions this server was found to allow, at most [`SESSIONS`].
    room: AtomicUsize,
    /// How long the server may take to open a session before the connection
    /// counts as gone; it needs no new process for that.
    patience: Duration,
    /// The jump host's connection must live as long as this one.
    _through: Option<Arc<Connection>>,
}

/// Why there is no session.
pub(super) enum NoSession {
    /// The connection is gone; another one may do.
    Gone,
    /// The server refuses, in its words.
    Refused(String),
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.watch.end.cancel();
    }
}

impl Connection {
    pub fn new(
        handle: Handle<Client>,
        watch: Arc<Watch>,
        notes: Arc<Notes>,
        hop: &Hop,
        through: Option<Arc<Connection>>,
    ) -> Connection {
        let sessions = Arc::new(Semaphore::new(SESSIONS));
        let (name, patience) = (hop.name.clone(), hop.connect_timeout);
        Connection {
            handle,
            watch,
            notes,
            name,
            opened: Instant::now(),
            sessions,
            room: AtomicUsize::new(SESSIONS),
            patience,
            _through: through,
        }
    }

    /// What sentences call the machine.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it can still be used, as far as is known.
    pub fn is_open(&self) -> bool {
        !self.handle.is_closed() && !self.watch.end.is_cancelled()
    }

    /// How long ago it was opened.
    pub fn age(&self) -> Duration {
        self.opened.elapsed()
    }

    /// How long it held, when it is over.
    pub fn held(&self) -> Duration {
        let over = self.notes.ended_at().unwrap_or_else(Instant::now);
        over.saturating_duration_since(self.opened)
    }

    /// Why it ended.
    pub fn ended(&self) -> Option<String> {
        self.notes.ended()
    }

    /// Gives it up for everybody: nothing more is to be hoped from it.
    pub fn abandon(&self) {
        self.watch.end.cancel();
    }

    /// Tells the server that we leave.
    pub async fn say_goodbye(&self) {
        let goodbye = self.handle.disconnect(Disconnect::ByApplication, "", "");
        let _ = tokio::time::timeout(Duration::from_millis(200), goodbye).await;
    }

    /// A channel for one command; the permit is to be kept as long as the channel.
    pub async fn open_session(&self) -> Result<(Channel<Msg>, OwnedSemaphorePermit), NoSession> {
        let mut tries = 0;
        loop {
            let permit = Arc::clone(&self.sessions).acquire_owned().await;
            let Ok(permit) = permit else { return Err(NoSession::Gone) };
            let opening = self.handle.channel_open_session();
            let Ok(opened) = tokio::time::timeout(self.patience, opening).await else {
                return Err(NoSession::Gone);
            };
            match opened {
                Ok(channel) => return Ok((channel, permit)),
                Err(russh::Error::ChannelOpenFailure(reason)) => {
                    let said = self.notes.open_failure().await;
                    if self.is_full(&reason) {
                        // With others open it may be a lower MaxSessions: fewer at once then.
                        let room = self.room.load(Ordering::SeqCst);
                        let others = room > self.sessions.available_permits() + 1;
                        if others && self.shrink() {
                            permit.forget();
                            continue;
                        }
                        // Such a server still counts a session that is just being closed.
                        if room < SESSIONS && tries < PATIENT_TRIES {
                            tries += 1;
                            drop(permit);
                            tokio::time::sleep(CLOSING).await;
                            continue;
                        }
                    }
                    let reason = said.unwrap_or_else(|| format!("{reason:?}"));
                    return Err(NoSession::Refused(reason));
                }
                Err(_) => return Err(NoSession::Gone),
            }
        }
    }

    /// Takes one session away for good, but never the last: then nobody would ever have one.
    fn shrink(&self) -> bool {
        let less = |room: usize| (room > 1).then(|| room - 1);
        self.room.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok()
    }

    /// Whether the refusal may only mean that there are too many sessions.
    fn is_full(&self, reason: &ChannelOpenFailure) -> bool {
        let full = matches!(
            reason,
            ChannelOpenFailure::ConnectFailed
                | ChannelOpenFailure::ResourceShortage
                | ChannelOpenFailure::AdministrativelyProhibited
        );
        full && self.is_open()
    }

    /// A stream to another machine, as the jump host sees it; why not, in the
    /// jump host's words, when it said so.
    pub async fn open_onwards(
        &self,
        address: &str,
        port: u16,
    ) -> Result<ChannelStream<Msg>, Option<String>> {
        let opened =
            self.handle.channel_open_direct_tcpip(address, port.into(), "127.0.0.1", 0).await;
        match opened {
            Ok(channel) => Ok(channel.into_stream()),
            Err(russh::Error::ChannelOpenFailure(_)) => Err(self.notes.open_failure().await),
            Err(error) => Err(Some(error.to_string())),
        }
    }

    /// Whether the server answers a question on this connection in time.
    pub async fn answers(&self, limit: Duration) -> bool {
        matches!(tokio::time::timeout(limit, self.handle.send_ping()).await, Ok(Ok(())))
            && self.is_open()
    }
}
