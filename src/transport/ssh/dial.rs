//! Reaching one machine: name, TCP or jump, banner, key exchange, login. Each
//! step that fails has a cause of its own.

use std::borrow::Cow;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use russh::client::{Config, Handle};
use russh::keys::PublicKey;
use russh::{Preferred, cipher, compression, kex, mac};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::auth::Login;
use super::causes;
use super::connection::Connection;
use super::handler::{Client, Notes, fingerprint};
use super::identity::Identities;
use super::known_hosts::{Judgement, Records};
use super::route::Hop;
use super::wire::{Gate, Watch, Wire};
use crate::domain::untrusted::printable;
use crate::domain::{Cause, OfferedKey};
use crate::transport::secrets::SecretStore;

/// How often a connection that was dropped before a word was said is tried
/// again when the server does not say why.
const RETRIES: u32 = 3;

/// A stream that SSH can run over.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// What reaching a machine needs from the pool.
pub(super) struct Dialer<'a> {
    pub gate: &'a Gate,
    pub identities: &'a Identities,
    pub secrets: &'a SecretStore,
    pub auth_timeout: Duration,
    pub keepalive: Duration,
}

/// Why there is no connection, and the key that was shown when it is about that.
pub(super) struct Unreached {
    pub cause: Cause,
    pub offered: Option<Offered>,
}

/// A key that a machine showed, and what the records say about it.
#[derive(Debug, Clone)]
pub(super) struct Offered {
    pub key: PublicKey,
    pub judgement: Judgement,
}

impl Offered {
    /// The key as the operator sees it.
    pub fn told(&self, hop: &Hop) -> OfferedKey {
        let conflict = match &self.judgement {
            Judgement::Changed { place, .. } | Judgement::Revoked { place } => Some(place.clone()),
            _ => None,
        };
        OfferedKey {
            host: hop.key_names.lookup.clone(),
            algorithm: self.key.algorithm().as_str().to_owned(),
            fingerprint: fingerprint(&self.key),
            conflict,
            revoked: matches!(self.judgement, Judgement::Revoked { .. }),
        }
    }
}

impl From<Cause> for Unreached {
    fn from(cause: Cause) -> Unreached {
        Unreached { cause, offered: None }
    }
}

/// A key exchange that did not come about.
enum Failed {
    /// Dropped before a word was said; `said` when the server says it is too many.
    Throttled {
        said: bool,
    },
    Other(Box<Unreached>),
}

impl From<Cause> for Failed {
    fn from(cause: Cause) -> Failed {
        Failed::Other(Box::new(cause.into()))
    }
}

impl Dialer<'_> {
    /// A connection that is logged in.
    pub async fn connect(
        &self,
        hop: &Hop,
        records: Records,
        through: Option<&Arc<Connection>>,
    ) -> Result<Connection, Unreached> {
        let shaken = self.shake_hands(hop, records, through, false).await?;
        let Shaken { mut handle, watch, notes } = shaken;
        // Whatever ends this call from here on ends the connection too.
        let ended_with_us = watch.end.clone().drop_guard();
        let login =
            Login { hop, identities: self.identities, secrets: self.secrets, notes: &notes };
        let logged_in = tokio::time::timeout(self.auth_timeout, login.run(&mut handle)).await;
        watch.give_back();
        logged_in.unwrap_or_else(|_| Err(causes::login_slow(hop, self.auth_timeout)))?;
        self.gate.eased();
        ended_with_us.disarm();
        Ok(Connection::new(handle, watch, notes, hop, through.cloned()))
    }

    /// The key that a machine shows now, whether or not it is known.
    pub async fn look_at_key(
        &self,
        hop: &Hop,
        records: Records,
        through: Option<&Arc<Connection>>,
    ) -> Result<Offered, Cause> {
        match self.shake_hands(hop, records, through, true).await {
            Err(Unreached { offered: Some(offered), .. }) => Ok(offered),
            Err(Unreached { cause, .. }) => Err(cause),
            // Not reached: only looking never gets through.
            Ok(_) => Err(causes::not_understood(hop, "it showed no key")),
        }
    }

    async fn shake_hands(
        &self,
        hop: &Hop,
        records: Records,
        through: Option<&Arc<Connection>>,
        only_look: bool,
    ) -> Result<Shaken, Unreached> {
        let began = Instant::now();
        let mut tries = 0;
        loop {
            let left = hop.connect_timeout.saturating_sub(began.elapsed());
            let stream = open_stream(hop, through, left).await?;
            let shaken = self.key_exchange(hop, records.clone(), stream, began, only_look).await;
            let said = match shaken {
                Ok(shaken) => return Ok(shaken),
                Err(Failed::Other(unreached)) => return Err(*unreached),
                Err(Failed::Throttled { said }) => said,
            };
            tries += 1;
            self.gate.crowded();
            let pause = jittered(Duration::from_millis(100 << tries.min(4)));
            let no_time = began.elapsed() + pause >= hop.connect_timeout;
            if no_time || (!said && tries > RETRIES) {
                return Err(causes::dropped_at_once(hop, said).into());
            }
            tokio::time::sleep(pause).await;
        }
    }

    async fn key_exchange(
        &self,
        hop: &Hop,
        records: Records,
        stream: Box<dyn Stream>,
        began: Instant,
        only_look: bool,
    ) -> Result<Shaken, Failed> {
        let watch = Arc::new(Watch::default());
        let ended_with_us = watch.end.clone().drop_guard();
        let notes = Arc::new(Notes::default());
        let config = self.config(hop, &records);
        let names = hop.key_names.clone();
        let client = Client { names, records, notes: Arc::clone(&notes), only_look };
        let wire = Wire::new(stream, Arc::clone(&watch), self.gate.leaves());
        let shaking = russh::client::connect_stream(Arc::new(config), wire, client);
        let limit = hop.connect_timeout;
        match within(shaking, began + limit, &watch).await {
            Some(Ok(handle)) => {
                ended_with_us.disarm();
                Ok(Shaken { handle, watch, notes })
            }
            Some(Err(error)) => Err(why_failed(hop, &error, &watch, &notes)),
            None => Err(why_late(hop, &watch, limit).into()),
        }
    }

    fn config(&self, hop: &Hop, records: &Records) -> Config {
        let key = records.algorithms(&hop.key_names);
        // Asked for only where an authority is known: a server that has a
        // certificate would show it in place of a key that is recorded.
        let host_key_certificates = match records.has_authority(&hop.key_names) {
            true => key.clone(),
            false => Vec::new(),
        };
        Config {
            nodelay: true,
            keepalive_interval: Some(self.keepalive),
            keepalive_max: 3,
            preferred: Preferred {
                key: Cow::Owned(key),
                host_key_certificates: Cow::Owned(host_key_certificates),
                kex: Cow::Borrowed(KEX),
                cipher: Cow::Borrowed(CIPHERS),
                compression: Cow::Borrowed(&[compression::NONE]),
                mac: Cow::Borrowed(MACS),
            },
            ..Config::default()
        }
    }
}

/// The cheapest safe exchange first: hundreds of them make the first look slow.
const KEX: &[kex::Name] = &[
    kex::CURVE25519,
    kex::CURVE25519_PRE_RFC_8731,
    kex::MLKEM768X25519_SHA256,
    kex::DH_GEX_SHA256,
    kex::DH_G16_SHA512,
    kex::DH_G18_SHA512,
    kex::DH_G14_SHA256,
    kex::EXTENSION_SUPPORT_AS_CLIENT,
    kex::EXTENSION_OPENSSH_STRICT_KEX_AS_CLIENT,
];

/// AES in hardware is cheaper than ChaCha20 on everything a bastion runs on.
const CIPHERS: &[cipher::Name] = &[
    cipher::AES_128_GCM,
    cipher::AES_256_GCM,
    cipher::CHACHA20_POLY1305,
    cipher::AES_256_CTR,
    cipher::AES_192_CTR,
    cipher::AES_128_CTR,
];

const MACS: &[mac::Name] =
    &[mac::HMAC_SHA256_ETM, mac::HMAC_SHA512_ETM, mac::HMAC_SHA256, mac::HMAC_SHA512];

/// A machine whose key is accepted and where we are not logged in yet.
struct Shaken {
    handle: Handle<Client>,
    watch: Arc<Watch>,
    notes: Arc<Notes>,
}

/// Waits until a moment, and as much longer as we kept the other side waiting.
async fn within<T>(work: impl Future<Output = T>, until: Instant, watch: &Watch) -> Option<T> {
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return Some(done),
            () = tokio::time::sleep_until((until + watch.waited()).into()) => {
                if Instant::now() >= until + watch.waited() {
                    return None;
                }
            }
        }
    }
}

/// A stream to a machine, directly or over the jump host before it.
pub(super) async fn open_stream(
    hop: &Hop,
    through: Option<&Arc<Connection>>,
    limit: Duration,
) -> Result<Box<dyn Stream>, Cause> {
    let Some(jump) = through else { return Ok(Box::new(open_tcp(hop, limit).await?)) };
    match tokio::time::timeout(limit, jump.open_onwards(&hop.address, hop.port)).await {
        Ok(Ok(stream)) => Ok(Box::new(stream)),
        Ok(Err(why)) => Err(causes::jump_failed(hop, jump.name(), why.as_deref())),
        Err(_) => Err(causes::jump_failed(hop, jump.name(), Some("timed out"))),
    }
}

async fn open_tcp(hop: &Hop, limit: Duration) -> Result<TcpStream, Cause> {
    let until = Instant::now() + limit;
    let looked_up = tokio::net::lookup_host((hop.address.as_str(), hop.port));
    let addresses: Vec<_> = match tokio::time::timeout(limit, looked_up).await {
        Ok(Ok(addresses)) => addresses.collect(),
        Ok(Err(error)) => return Err(causes::name_unknown(hop, &error.to_string())),
        Err(_) => return Err(causes::name_unknown(hop, "the name service did not answer")),
    };
    let mut failed = None;
    let mut left = addresses.len();
    for address in addresses {
        // A dead first address must leave time for the others.
        let share =
            until.saturating_duration_since(Instant::now()) / u32::try_from(left).unwrap_or(1);
        left -= 1;
        match tokio::time::timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Only costs a little speed where it is not possible.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(error)) => failed = Some(causes::not_connected(hop, &error)),
            Err(_) => failed = Some(causes::unanswered(hop, hop.connect_timeout)),
        }
    }
    Err(failed.unwrap_or_else(|| causes::name_unknown(hop, "the name service gave no address")))
}

/// What the first words mean when they are no banner.
fn spoken(hop: &Hop, words: &[u8]) -> Option<Failed> {
    let text = String::from_utf8_lossy(words);
    let line = text.lines().map(printable).find(|line| !line.is_empty())?;
    // The replies of OpenSSH before the banner: sshd.c, `Exceeded MaxStartups`
    // and, since 9.8, `Not allowed at this time`.
    if line.contains("Exceeded MaxStartups") {
        return Some(Failed::Throttled { said: true });
    }
    if line.contains("Not allowed at this time") {
        return Some(causes::penalised(hop, &line).into());
    }
    if "SSH-".starts_with(line.as_str()) || line.starts_with("SSH-") {
        return Some(causes::broke_off(hop, "it ended in the middle of the banner").into());
    }
    Some(causes::not_ssh(hop, &line).into())
}

fn why_late(hop: &Hop, watch: &Watch, limit: Duration) -> Cause {
    if let Some(banner) = watch.banner() {
        return causes::silent(hop, &banner, limit);
    }
    match spoken(hop, &watch.first_words()) {
        Some(Failed::Other(unreached)) => unreached.cause,
        Some(Failed::Throttled { said }) => causes::dropped_at_once(hop, said),
        None => causes::no_banner(hop, limit),
    }
}

fn why_failed(hop: &Hop, error: &russh::Error, watch: &Watch, notes: &Notes) -> Failed {
    if let russh::Error::UnknownKey = error
        && let Some((key, judgement)) = notes.shown()
    {
        let offered = Offered { key, judgement };
        let cause = causes::key_refused(hop, &offered.judgement, &offered.told(hop));
        return Failed::Other(Box::new(Unreached { cause, offered: Some(offered) }));
    }
    if watch.banner().is_none() {
        return spoken(hop, &watch.first_words()).unwrap_or(Failed::Throttled { said: false });
    }
    let why = match (notes.ended(), error) {
        (Some(said), _) => said,
        (None, error) => printable(&error.to_string()),
    };
    Failed::from(match error {
        russh::Error::Disconnect
        | russh::Error::HUP
        | russh::Error::SendError
        | russh::Error::RecvError
        | russh::Error::IO(_) => causes::broke_off(hop, &why),
        _ => causes::not_understood(hop, &why),
    })
}

/// Half to one and a half of a pause, so that many do not come back at once.
fn jittered(pause: Duration) -> Duration {
    use std::hash::{BuildHasher, Hasher};
    let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
    let part = u32::try_from(random % 1000).unwrap_or(0);
    pause / 2 + pause * part / 1000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::ssh::causes::tests::hop;

    #[test]
    fn first_words_that_are_no_banner_are_understood() {
        let said = |words: &[u8]| match spoken(&hop(), words) {
            None => "nothing".to_owned(),
            Some(Failed::Throttled { said }) => format!("throttled {said}"),
            Some(Failed::Other(unreached)) => unreached.cause.word.to_string(),
        };
        assert_eq!(said(b""), "nothing");
        assert_eq!(said(b"\r\n"), "nothing");
        assert_eq!(said(b"Exceeded MaxStartups\r\n"), "throttled true");
        assert_eq!(said(b"Not allowed at this time\r\n"), "reset");
        assert_eq!(said(b"S"), "reset");
        assert_eq!(said(b"SSH-2.0-OpenSS"), "reset");
        assert_eq!(said(b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n"), "garbled");
        assert_eq!(said(&[0xff, 0xfe, 0x16, 0x03]), "garbled");
    }

    #[test]
    fn pauses_differ() {
        let pause = Duration::from_millis(400);
        let pauses: std::collections::BTreeSet<_> = (0..50).map(|_| jittered(pause)).collect();
        assert!(pauses.len() > 10);
        assert!(pauses.iter().all(|p| (pause / 2..pause * 3 / 2).contains(p)), "{pauses:?}");
    }
}
