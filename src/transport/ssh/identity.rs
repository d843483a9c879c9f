//! Private keys of the operator: reading them, and opening those that are
//! behind a passphrase.

use std::collections::HashMap;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use russh::keys::ssh_key::Fingerprint;
use russh::keys::{
    Certificate, HashAlg, PrivateKey, PublicKey, decode_secret_key, load_openssh_certificate,
    load_public_key,
};
use secrecy::ExposeSecret;

use crate::domain::SecretName;
use crate::transport::secrets::SecretStore;

/// More than this is no key.
const LARGEST: u64 = 64 * 1024;

/// A key file and what can be done with it.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub path: PathBuf,
    pub state: State,
    /// `PATH-cert.pub`, where it is and fits.
    pub certificate: Option<Certificate>,
}

#[derive(Debug, Clone)]
pub(super) enum State {
    /// Ready to sign.
    Ready(Arc<PrivateKey>),
    /// Behind a passphrase; the public half where it can be known.
    Sealed(Option<PublicKey>),
    /// Only the public half is here; an agent may hold the other.
    Public(PublicKey),
    /// Not there.
    Missing,
    /// There, but not to be used.
    Unusable(Unusable),
}

/// Why a key file cannot be used, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unusable {
    /// What is wrong with it, to be read behind its path: `is no SSH key`.
    pub why: String,
    /// What to try, an imperative sentence without a full stop.
    pub next: String,
}

/// What is wrong with a key file that is not there.
pub(super) const MISSING: &str = "does not exist";

fn unusable(why: impl Into<String>, next: impl Into<String>) -> State {
    State::Unusable(Unusable { why: why.into(), next: next.into() })
}

/// A file that the system does not let us read.
fn unreadable(path: &Path, error: &std::io::Error) -> State {
    let path = path.display();
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => unusable(
            "cannot be read by this account",
            format!("look at owner and mode of {path} and of the directories above it"),
        ),
        std::io::ErrorKind::InvalidData => not_a_key(),
        _ => unusable(format!("cannot be read ({error})"), format!("look at the file {path}")),
    }
}

fn not_a_key() -> State {
    unusable("is no SSH key", "name the file of the private key, as ssh-keygen wrote it")
}

impl Identity {
    /// The public half, where it is known.
    pub fn public(&self) -> Option<&PublicKey> {
        match &self.state {
            State::Ready(key) => Some(key.public_key()),
            State::Sealed(public) => public.as_ref(),
            State::Public(public) => Some(public),
            State::Missing | State::Unusable(_) => None,
        }
    }

    /// Path and fingerprint, for lists of what was tried.
    pub fn label(&self) -> String {
        match self.public().map(|key| key.fingerprint(HashAlg::Sha256)) {
            Some(fingerprint) => labelled(&self.path.display().to_string(), &fingerprint),
            None => self.path.display().to_string(),
        }
    }
}

/// `WHAT (SHA256:…)`.
pub(super) fn labelled(what: &str, fingerprint: &Fingerprint) -> String {
    format!("{what} ({fingerprint})")
}

/// Modification time and length: what tells that a file is another now.
type Stamp = Option<(SystemTime, u64)>;

/// The keys read so far, so that hundreds of hosts cost one reading.
#[derive(Debug, Default)]
pub(super) struct Identities {
    read: Mutex<HashMap<PathBuf, (Stamp, Identity)>>,
    /// One passphrase at a time: deriving a key from it is slow on purpose.
    opening: tokio::sync::Mutex<()>,
}

/// How opening a sealed key ended.
pub(super) enum Opened {
    Key(Arc<PrivateKey>),
    /// The passphrase is not known yet; the store now says that it is wanted.
    Wanted,
    /// The passphrase was wrong and is forgotten.
    Wrong,
}

impl Identities {
    /// The identity in a file; read again when the file changed.
    pub async fn get(&self, path: &Path) -> Identity {
        let stamp = stamp_of(path);
        if let Some((known, identity)) = self.lock().get(path)
            && *known == stamp
        {
            return identity.clone();
        }
        let own = path.to_owned();
        let identity = tokio::task::spawn_blocking(move || read(&own)).await.unwrap_or_else(|_| {
            let next = "look at the log of this program";
            let state = unusable("could not be read: shopfloor failed while doing so", next);
            Identity { path: path.to_owned(), state, certificate: None }
        });
        self.lock().insert(path.to_owned(), (stamp, identity.clone()));
        identity
    }

    /// Opens a sealed key with the passphrase that the operator gave.
    pub async fn open(&self, path: &Path, secrets: &SecretStore) -> Opened {
        let _one_at_a_time = self.opening.lock().await;
        // Somebody else may have opened it while we waited.
        if let State::Ready(key) = self.get(path).await.state {
            return Opened::Key(key);
        }
        let name = SecretName::from(format!("ssh-key {}", path.display()));
        let Some(passphrase) = secrets.get(&name) else { return Opened::Wanted };
        let own = path.to_owned();
        let opened = tokio::task::spawn_blocking(move || {
            decode_secret_key(&text_of(&own).ok()?, Some(passphrase.expose_secret())).ok()
        });
        match opened.await {
            Ok(Some(key)) => {
                let key = Arc::new(key);
                if let Some((_, identity)) = self.lock().get_mut(path) {
                    identity.state = State::Ready(Arc::clone(&key));
                }
                Opened::Key(key)
            }
            _ => {
                secrets.forget(&name);
                // Wanted again, so that the operator is asked once more.
                let _ = secrets.get(&name);
                Opened::Wrong
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<PathBuf, (Stamp, Identity)>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stamp_of(path: &Path) -> Stamp {
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}

fn text_of(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?.take(LARGEST).read_to_string(&mut text)?;
    Ok(text)
}

fn read(path: &Path) -> Identity {
    let state = state_of(path);
    let mut identity = Identity { path: path.to_owned(), state, certificate: None };
    let certificate = load_openssh_certificate(with_ending(path, "-cert.pub")).ok();
    // A certificate for another key would only be refused.
    identity.certificate = certificate.filter(|certificate| {
        identity.public().is_none_or(|public| public.key_data() == certificate.public_key())
    });
    identity
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn state_of(path: &Path) -> State {
    let meta = match std::fs::metadata(path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            // The private half may live in an agent only.
            let public = load_public_key(with_ending(path, ".pub"));
            return public.map_or(State::Missing, State::Public);
        }
        Err(error) => return unreadable(path, &error),
    };
    if !meta.is_file() {
        return unusable("is no file", "name the file of the private key");
    }
    let text = match text_of(path) {
        Ok(text) => text,
        Err(error) => return unreadable(path, &error),
    };
    if !text.contains("PRIVATE KEY") {
        return match PublicKey::from_openssh(text.trim()) {
            Ok(public) => State::Public(public),
            Err(_) => not_a_key(),
        };
    }
    // As OpenSSH: a private key that others can read is not used.
    let own = rustix::process::getuid().as_raw();
    if meta.uid() == own && meta.mode() & 0o077 != 0 {
        let mode = meta.mode() & 0o777;
        return unusable(
            format!("is not used because others may read it (mode {mode:04o})"),
            format!("chmod 600 {}", path.display()),
        );
    }
    match decode_secret_key(&text, None) {
        Ok(key) => State::Ready(Arc::new(key)),
        Err(russh::keys::Error::KeyIsEncrypted) => {
            let inside = PrivateKey::from_openssh(&text).ok().map(|key| key.public_key().clone());
            State::Sealed(inside.or_else(|| load_public_key(with_ending(path, ".pub")).ok()))
        }
        Err(error) => unusable(
            format!("is a private key that cannot be understood ({error})"),
            format!("check it with `ssh-keygen -y -f {}`; it may be cut off", path.display()),
        ),
    }
}
