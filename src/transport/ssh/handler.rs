//! Our side of an SSH connection: judging the server's key, and keeping what
//! the server says when it refuses or leaves.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use russh::client::{DisconnectReason, Handler, Session};
use russh::keys::{HashAlg, PublicKey, PublicKeyOrCertificate};
use russh::{ChannelId, ChannelOpenFailure};
use tokio::sync::Notify;

use super::known_hosts::{HostNames, Judgement, Records};
use crate::domain::untrusted::printable;

/// How long the reason of a refusal may come after the refusal.
const REASON: Duration = Duration::from_millis(100);

/// What was learned of a connection beside its answers.
#[derive(Debug, Default)]
pub(super) struct Notes {
    kept: Mutex<Kept>,
    /// Wakes those who wait for a reason that is about to come.
    failed: Notify,
}

#[derive(Debug, Default)]
struct Kept {
    shown: Option<(PublicKey, Judgement)>,
    ended: Option<(String, Instant)>,
    /// Whether the server said that it ends the connection.
    said_goodbye: bool,
    open_failures: VecDeque<String>,
}

impl Notes {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key that was shown, and what the records say about it.
    pub fn shown(&self) -> Option<(PublicKey, Judgement)> {
        self.kept().shown.clone()
    }

    /// Why the connection ended, in the server's words or in ours.
    pub fn ended(&self) -> Option<String> {
        self.kept().ended.as_ref().map(|(why, _)| why.clone())
    }

    /// When the connection ended, as far as it was told.
    pub fn ended_at(&self) -> Option<Instant> {
        self.kept().ended.as_ref().map(|(_, at)| *at)
    }

    /// Whether the server itself said that it ends the connection.
    pub fn said_goodbye(&self) -> bool {
        self.kept().said_goodbye
    }

    /// Why the server could not open a channel that it was just asked for. The
    /// answer does not name the channel, so where several failed at once for
    /// different reasons there is none.
    pub async fn open_failure(&self) -> Option<String> {
        // The answer itself may be seen before its reason is.
        if self.kept().open_failures.is_empty() {
            let _ = tokio::time::timeout(REASON, self.failed.notified()).await;
        }
        let mut kept = self.kept();
        let first = kept.open_failures.front().cloned();
        let alike = kept.open_failures.iter().all(|reason| Some(reason) == first.as_ref());
        if !alike {
            kept.open_failures.iter_mut().for_each(String::clear);
        }
        kept.open_failures.pop_front().filter(|reason| !reason.is_empty())
    }
}

/// Judges and takes notes; russh calls it.
pub(super) struct Client {
    pub names: HostNames,
    pub records: Records,
    pub notes: Arc<Notes>,
    /// Only to see the key: none is good enough to go on.
    pub only_look: bool,
}

impl Handler for Client {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        shown: &PublicKeyOrCertificate,
    ) -> Result<bool, Self::Error> {
        let judgement = match shown {
            PublicKeyOrCertificate::PublicKey { key, .. } => self.records.judge(&self.names, key),
            PublicKeyOrCertificate::Certificate(certificate) => {
                let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
                let now = now.map_or(0, |time| time.as_secs());
                self.records.judge_certificate(&self.names, certificate, now)
            }
        };
        let known = judgement == Judgement::Known;
        self.notes.kept().shown = Some((shown.public_key(), judgement));
        Ok(known && !self.only_look)
    }

    async fn channel_open_failure(
        &mut self,
        _channel: ChannelId,
        reason: ChannelOpenFailure,
        description: &str,
        _language: &str,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        let said = match (printable(description), reason) {
            (said, ChannelOpenFailure::AdministrativelyProhibited) => {
                format!("administratively prohibited: {said}")
            }
            (said, _) => said,
        };
        self.notes.kept().open_failures.push_back(said);
        self.notes.failed.notify_one();
        Ok(())
    }

    async fn disconnected(
        &mut self,
        reason: DisconnectReason<Self::Error>,
    ) -> Result<(), Self::Error> {
        let (text, result) = match reason {
            DisconnectReason::ReceivedDisconnect(info) => (printable(&info.message), Ok(())),
            DisconnectReason::Error(error) => (printable(&error.to_string()), Err(error)),
        };
        let mut kept = self.notes.kept();
        kept.ended = Some((text, Instant::now()));
        kept.said_goodbye = result.is_ok();
        result
    }
}

/// `SHA256:…`, as ssh-keygen shows it.
pub(super) fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}
