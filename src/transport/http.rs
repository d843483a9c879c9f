//! HTTPS: one client per target with its own trust, a bound on time, on size
//! and on how many requests one target gets at once. No proxy is ever used:
//! management networks are reached directly.

mod trouble;
mod trust;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::HOST;
use reqwest::redirect;
use rustls::crypto::CryptoProvider;
use secrecy::ExposeSecret;
use tokio::sync::Semaphore;

use super::secrets::SecretStore;
use crate::domain::endpoint::TlsTrust;
use crate::domain::untrusted::printable;
use crate::domain::{Cause, CauseWord, SecretName};

pub use trust::fingerprint;

/// Cause: nobody we trust signed the certificate.
pub const TLS_UNTRUSTED: &str = "tls-untrusted";
/// Cause: the certificate's time is over, or has not come.
pub const TLS_EXPIRED: &str = "tls-expired";
/// Cause: the certificate is for other names.
pub const TLS_NAME: &str = "tls-name";
/// Cause: the certificate is not the pinned one.
pub const TLS_CHANGED: &str = "tls-changed";
/// Cause: TLS, its ciphers or the certificate's version are too old to be safe.
pub const TLS_TOO_OLD: &str = "tls-too-old";
/// Cause: the CA file that we were told to use gives no CA.
pub const CA_UNREADABLE: &str = "ca-unreadable";
/// Cause: a status of HTTP other than success.
pub const HTTP_STATUS: &str = "http-status";

/// Connect and TLS handshake; the processors of management controllers need up to 2 s for the latter.
const CONNECT: Duration = Duration::from_secs(5);
/// A whole request with its body.
const TOTAL: Duration = Duration::from_secs(12);
/// An idle connection is kept this long, so that a look every half minute needs no new handshake.
const IDLE: Duration = Duration::from_secs(75);
/// The largest body that is taken.
const LARGEST: usize = 4 << 20;
/// Requests that one target gets at once.
const AT_ONCE: usize = 2;

/// Makes ring the process's crypto library; safe to call many times. Building
/// any HTTPS client needs it.
pub fn install_crypto() {
    // An error only says that a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Whom a request goes to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HttpTarget {
    /// The name that sentences say.
    pub name: String,
    /// The name or address that the certificate must be for.
    pub host: String,
    /// Where to connect to.
    pub connect: (String, u16),
    /// How the certificate is trusted.
    pub trust: TlsTrust,
    /// User, and the name of the password in the secret store, for Basic authentication.
    pub login: Option<(String, SecretName)>,
}

/// An answer of whatever status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// One target's client and the gate before it.
#[derive(Debug)]
struct Line {
    client: reqwest::Client,
    gate: Semaphore,
}

/// Clients by target, with their open connections.
#[derive(Debug, Default)]
pub struct HttpPool {
    lines: Mutex<HashMap<HttpTarget, Arc<Line>>>,
}

impl HttpPool {
    /// An empty pool; installs the crypto library.
    pub fn new() -> HttpPool {
        install_crypto();
        HttpPool::default()
    }

    /// Gets a JSON document. A status other than success is `auth-refused`
    /// (401) or `http-status`; a password that the store lacks is `password-sealed`.
    pub async fn get_json(
        &self,
        secrets: &SecretStore,
        target: &HttpTarget,
        path: &str,
    ) -> Result<serde_json::Value, Cause> {
        let reply = self.get(secrets, target, path).await?;
        check_status(target, path, &reply)?;
        serde_json::from_slice(&reply.body)
            .map_err(|error| trouble::garbled(target, &format!("{path}: {error}")))
    }

    /// Gets a path, whatever the status.
    pub async fn get(
        &self,
        secrets: &SecretStore,
        target: &HttpTarget,
        path: &str,
    ) -> Result<Reply, Cause> {
        let line = self.line(target)?;
        let _turn = line.gate.acquire().await;
        let mut request = line
            .client
            .get(url(target, path))
            .header(HOST, &target.host)
            .header(reqwest::header::ACCEPT, "application/json");
        if let Some((user, name)) = &target.login {
            let password = secrets.need(name, &target.name)?;
            request = request.basic_auth(user, Some(password.expose_secret()));
        }
        let mut response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Err(trouble::cause_of(target, &error).await),
        };
        let status = response.status().as_u16();
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > LARGEST => {
                    return Err(Cause::new(
                        CauseWord::TooLarge,
                        format!("{} sends more than {LARGEST} bytes for {path}", target.name),
                        "Look at this resource with a browser",
                    ));
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(Reply { status, body }),
                Err(error) => return Err(trouble::cause_of(target, &error).await),
            }
        }
    }

    /// The client of a target, made when it is first needed. A CA file that
    /// could not be read is tried again with the next request.
    fn line(&self, target: &HttpTarget) -> Result<Arc<Line>, Cause> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get(target) {
            return Ok(Arc::clone(line));
        }
        let line = Arc::new(Line { client: client(target)?, gate: Semaphore::new(AT_ONCE) });
        lines.insert(target.clone(), Arc::clone(&line));
        Ok(line)
    }
}

fn client(target: &HttpTarget) -> Result<reqwest::Client, Cause> {
    let provider: Arc<CryptoProvider> = Arc::new(rustls::crypto::ring::default_provider());
    let verifier =
        trust::Verifier::new(&target.name, &target.host, &target.trust, Arc::clone(&provider))?;
    let own_trouble = |why: String| {
        Cause::new(
            CauseWord::Garbled,
            format!("no HTTPS client could be made for {}", target.name),
            "Report this with the detail",
        )
        .with_detail(why)
    };
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| own_trouble(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    let (address, port) = target.connect.clone();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(Arc::new(FixedAddress { address, port }))
        .no_proxy()
        .https_only(true)
        .http1_only()
        .redirect(redirect::Policy::custom(same_origin))
        .connect_timeout(CONNECT)
        .timeout(TOTAL)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(AT_ONCE)
        .build()
        .map_err(|error| own_trouble(error.to_string()))
}

/// Controllers redirect to the same path with or without a slash; credentials go nowhere else.
fn same_origin(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let stays = attempt.previous().first().is_some_and(|from| {
        from.host() == attempt.url().host()
            && from.port_or_known_default() == attempt.url().port_or_known_default()
            && from.scheme() == attempt.url().scheme()
    });
    if stays && attempt.previous().len() < 3 { attempt.follow() } else { attempt.stop() }
}

/// A name is kept in the URL, so that the server hears it in the TLS greeting;
/// where the target's own name is an address, the URL has the address we connect to.
fn url(target: &HttpTarget, path: &str) -> String {
    let (address, port) = &target.connect;
    let is_address = target.host.parse::<std::net::IpAddr>().is_ok();
    let host = if is_address { address } else { &target.host };
    let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
    format!("https://{host}:{port}{path}")
}

/// Whatever name is asked for, the answer is where this target is reached.
struct FixedAddress {
    address: String,
    port: u16,
}

impl reqwest::dns::Resolve for FixedAddress {
    fn resolve(&self, _name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let to = (self.address.clone(), self.port);
        Box::pin(async move {
            let found: Vec<_> =
                tokio::net::lookup_host(to).await.map(Iterator::collect).unwrap_or_default();
            if found.is_empty() {
                return Err(trouble::NoAddress.into());
            }
            Ok(Box::new(found.into_iter()) as reqwest::dns::Addrs)
        })
    }
}

fn check_status(target: &HttpTarget, path: &str, reply: &Reply) -> Result<(), Cause> {
    let (name, status) = (&target.name, reply.status);
    let path = printable(path);
    let user = target.login.as_ref().map_or("nobody", |(user, _)| user.as_str());
    let user = printable(user);
    let http = |sentence: String, next: &str| {
        Cause::new(CauseWord::System(HTTP_STATUS.into()), sentence, next)
    };
    Err(match status {
        200..=299 => return Ok(()),
        401 => Cause::new(
            CauseWord::AuthRefused,
            format!("{name} refuses user {user} or its password"),
            "Check user and password of this controller in the inventory; several wrong tries may \
             lock the account",
        ),
        403 => http(
            format!("{name} does not let user {user} read {path}"),
            "Give the account the right to log in and read",
        ),
        404 | 405 | 501 => http(
            format!("{name} does not have {path} (HTTP {status})"),
            "Nothing, if its firmware is known to lack this; otherwise update the firmware",
        ),
        429 | 503 => http(
            format!("{name} is too busy to answer {path} (HTTP {status})"),
            "Close other sessions on the controller, or wait",
        ),
        _ => http(
            format!("{name} answers {path} with HTTP {status}"),
            "Try again; if it stays so, reset the controller (this does not touch the machine)",
        ),
    })
}

#[cfg(test)]
pub(crate) mod test_server;
#[cfg(test)]
mod tests;
