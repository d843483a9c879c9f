//! Logging in: which keys are tried, in which order, and what is said when
//! none is taken.
//!
//! Keys that were named for the host come first, signed by the agent where it
//! holds them; then the agent's other keys; then the usual files. A key behind
//! a passphrase is only asked for when the server would take it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use russh::client::{AuthResult, Handle};
use russh::keys::agent::AgentIdentity;
use russh::keys::agent::client::{AgentClient, AgentStream};
use russh::keys::{Algorithm, Certificate, HashAlg, PrivateKey, PrivateKeyWithHashAlg, PublicKey};
use russh::{MethodKind, MethodSet};

use super::causes;
use super::handler::{Client, Notes};
use super::identity::{Identities, Identity, MISSING, Opened, State, Unusable, labelled};
use super::route::Hop;
use crate::domain::Cause;
use crate::domain::untrusted::printable;
use crate::transport::secrets::SecretStore;

type Agent = AgentClient<Box<dyn AgentStream + Send + Unpin>>;

/// What logging in needs beside the connection.
pub(super) struct Login<'a> {
    pub hop: &'a Hop,
    pub identities: &'a Identities,
    pub secrets: &'a SecretStore,
    pub notes: &'a Notes,
}

/// One attempt to log in.
struct Attempt<'a, 'h> {
    login: &'a Login<'a>,
    handle: &'h mut Handle<Client>,
    agent: Option<Agent>,
    held: Vec<AgentIdentity>,
    /// What was tried and how it ended, for the operator.
    tried: Vec<String>,
    /// Methods that the server would take.
    methods: Vec<String>,
    /// A key that may well be the right one, but is sealed.
    sealed: Option<Cause>,
    /// Key files that could not be used at all, with why.
    unusable: Vec<(PathBuf, Unusable)>,
    rsa_hash: Option<Option<HashAlg>>,
    /// Whether the connection ended in the middle of it.
    is_gone: bool,
}

/// Whether to go on with the next key.
enum Next {
    LoggedIn,
    TryOn,
    /// The server hung up, or takes no keys.
    GiveUp,
}

impl Login<'_> {
    /// Logs in, or says with what it was tried.
    pub async fn run(&self, handle: &mut Handle<Client>) -> Result<(), Cause> {
        let mut attempt = Attempt {
            login: self,
            handle,
            agent: None,
            held: Vec::new(),
            tried: Vec::new(),
            methods: Vec::new(),
            sealed: None,
            is_gone: false,
            unusable: Vec::new(),
            rsa_hash: None,
        };
        attempt.meet_agent().await;
        match attempt.try_all().await {
            Next::LoggedIn => Ok(()),
            Next::TryOn | Next::GiveUp => Err(attempt.failure()),
        }
    }
}

impl Attempt<'_, '_> {
    async fn meet_agent(&mut self) {
        let Some(socket) = &self.login.hop.agent else { return };
        let met = async {
            let mut agent = AgentClient::connect_uds(socket).await?.dynamic();
            let held = agent.request_identities().await?;
            Ok::<_, russh::keys::Error>((agent, held))
        };
        match met.await {
            Ok((agent, held)) => {
                self.agent = Some(agent);
                self.held = held;
            }
            Err(error) => self.tried.push(printable(&format!("the agent: {error}"))),
        }
    }

    async fn try_all(&mut self) -> Next {
        let hop = self.login.hop;
        let mut named = Vec::new();
        for path in &hop.identities {
            named.push(self.login.identities.get(path).await);
        }
        let certificates: Vec<Certificate> = hop
            .certificates
            .iter()
            .filter_map(|path| russh::keys::load_openssh_certificate(path).ok())
            .collect();
        // Named keys go before the agent's others, the usual ones after.
        if !hop.usual {
            match self.try_files(&named, &certificates).await {
                Next::TryOn => {}
                end => return end,
            }
        }
        if !hop.identities_only {
            match self.try_agent(&named, hop.usual).await {
                Next::TryOn => {}
                end => return end,
            }
        }
        if hop.usual {
            match self.try_files(&named, &certificates).await {
                Next::TryOn => {}
                end => return end,
            }
        }
        if self.methods.is_empty() && self.sealed.is_none() {
            // Nothing was there to try: some devices want no key, and others
            // tell now what they want.
            let asked = self.handle.authenticate_none(&hop.user).await;
            return self.read(asked, None);
        }
        Next::TryOn
    }

    async fn try_files(&mut self, files: &[Identity], certificates: &[Certificate]) -> Next {
        for identity in files {
            let fitting = certificates.iter().find(|certificate| {
                identity.public().is_some_and(|key| key.key_data() == certificate.public_key())
            });
            let certificate = identity.certificate.as_ref().or(fitting);
            match self.try_file(identity, certificate).await {
                Next::TryOn => {}
                end => return end,
            }
        }
        Next::TryOn
    }

    async fn try_file(&mut self, identity: &Identity, certificate: Option<&Certificate>) -> Next {
        let label = identity.label();
        let in_agent = identity.public().and_then(|key| self.agent_has(key));
        if let Some(held) = in_agent {
            return self.try_held(&held, label).await;
        }
        let key = match &identity.state {
            State::Ready(key) => Arc::clone(key),
            State::Sealed(public) => match self.unseal(&identity.path, public.as_ref()).await {
                Ok(key) => key,
                Err(next) => return next,
            },
            State::Public(_) => return self.skip(label, "its private half is not in the agent"),
            State::Missing if self.login.hop.usual => return Next::TryOn,
            State::Missing => {
                let why = "there is no such file";
                let next = "correct ansible_ssh_private_key_file or IdentityFile, or make the key";
                let missing = Unusable { why: MISSING.into(), next: next.into() };
                self.unusable.push((identity.path.clone(), missing));
                return self.skip(label, why);
            }
            State::Unusable(trouble) => {
                self.unusable.push((identity.path.clone(), trouble.clone()));
                return self.skip(label, &trouble.why);
            }
        };
        if let Some(certificate) = certificate {
            let label = format!("{} with certificate {}", label, printable(certificate.key_id()));
            let user = &self.login.hop.user;
            let asked = self
                .handle
                .authenticate_openssh_cert(user, Arc::clone(&key), certificate.clone())
                .await;
            match self.read(asked, Some(label)) {
                Next::TryOn => {}
                end => return end,
            }
        }
        self.try_key(key, label).await
    }

    async fn try_key(&mut self, key: Arc<PrivateKey>, label: String) -> Next {
        let Ok(hash) = self.hash_for(&key.algorithm()).await else {
            return self.skip(label, "the server takes RSA keys with SHA-1 only");
        };
        let key = PrivateKeyWithHashAlg::new(key, hash);
        let asked = self.handle.authenticate_publickey(&self.login.hop.user, key).await;
        self.read(asked, Some(label))
    }

    async fn try_agent(&mut self, named: &[Identity], all: bool) -> Next {
        let held = self.held.clone();
        for identity in held {
            let key = identity.public_key();
            let is_named = named
                .iter()
                .filter_map(Identity::public)
                .any(|public| public.key_data() == key.key_data());
            // Those that were named have been tried already.
            if is_named && !all {
                continue;
            }
            let fingerprint = key.fingerprint(HashAlg::Sha256);
            let comment = printable(identity.comment());
            let label = labelled(&format!("{comment} of the agent"), &fingerprint);
            match self.try_held(&identity, label).await {
                Next::TryOn => {}
                end => return end,
            }
        }
        Next::TryOn
    }

    async fn try_held(&mut self, held: &AgentIdentity, label: String) -> Next {
        let Ok(hash) = self.hash_for(&held.public_key().algorithm()).await else {
            return self.skip(label, "the server takes RSA keys with SHA-1 only");
        };
        let Some(agent) = &mut self.agent else { return Next::TryOn };
        let user = &self.login.hop.user;
        let asked = match held {
            AgentIdentity::PublicKey { key, .. } => {
                self.handle.authenticate_publickey_with(user, key.clone(), hash, agent).await
            }
            AgentIdentity::Certificate { certificate, .. } => {
                let certificate = certificate.clone();
                self.handle.authenticate_certificate_with(user, certificate, hash, agent).await
            }
        };
        match asked {
            Ok(answer) => self.read(Ok(answer), Some(label)),
            Err(error) => {
                let why = printable(&format!("the agent did not sign: {error}"));
                self.skip(label, &why)
            }
        }
    }

    /// A sealed key, opened if the server would take it and the passphrase is known.
    async fn unseal(
        &mut self,
        path: &Path,
        public: Option<&PublicKey>,
    ) -> Result<Arc<PrivateKey>, Next> {
        let label = path.display().to_string();
        if let Some(public) = public {
            let Ok(hash) = self.hash_for(&public.algorithm()).await else {
                return Err(self.skip(label, "the server takes RSA keys with SHA-1 only"));
            };
            let user = &self.login.hop.user;
            let asked = self
                .handle
                .authenticate_publickey_with(user, public.clone(), hash, &mut OnlyAsking)
                .await;
            match asked {
                Err(NotSigned::Wanted) => {}
                Err(NotSigned::Gone) => return Err(Next::GiveUp),
                Ok(answer) => {
                    let fingerprint = public.fingerprint(HashAlg::Sha256);
                    return Err(self.read(Ok(answer), Some(labelled(&label, &fingerprint))));
                }
            }
        }
        let hop = self.login.hop;
        match self.login.identities.open(path, self.login.secrets).await {
            Opened::Key(key) => Ok(key),
            Opened::Wanted => {
                self.sealed.get_or_insert(causes::key_sealed(hop, path, false));
                Err(self.skip(label, "is behind a passphrase"))
            }
            Opened::Wrong => {
                self.sealed.get_or_insert(causes::key_sealed(hop, path, true));
                Err(self.skip(label, "the passphrase is wrong"))
            }
        }
    }

    /// The hash for signatures with a key; an error where only SHA-1 would do.
    async fn hash_for(&mut self, algorithm: &Algorithm) -> Result<Option<HashAlg>, ()> {
        if !matches!(algorithm, Algorithm::Rsa { .. }) {
            return Ok(None);
        }
        if self.rsa_hash.is_none() {
            // A server that does not say takes the newer ones, as OpenSSH since 7.2 does.
            let said = self.handle.best_supported_rsa_hash().await.ok().flatten();
            self.rsa_hash = Some(said.unwrap_or(Some(HashAlg::Sha512)));
        }
        self.rsa_hash.flatten().map(Some).ok_or(())
    }

    fn agent_has(&self, key: &PublicKey) -> Option<AgentIdentity> {
        self.held.iter().find(|held| held.public_key().key_data() == key.key_data()).cloned()
    }

    fn skip(&mut self, label: String, why: &str) -> Next {
        self.tried.push(format!("{label}: {why}"));
        Next::TryOn
    }

    fn read(&mut self, asked: Result<AuthResult, russh::Error>, label: Option<String>) -> Next {
        match asked {
            Ok(AuthResult::Success) => Next::LoggedIn,
            Ok(AuthResult::Failure { remaining_methods, partial_success }) => {
                let takes_keys = remaining_methods.contains(&MethodKind::PublicKey);
                let gone = self.handle.is_closed() || remaining_methods.is_empty();
                self.is_gone |= gone;
                if let Some(label) = label {
                    self.tried.push(match (partial_success, gone) {
                        (true, _) => format!("{label}: taken, but more is wanted"),
                        (false, true) => format!("{label}: the server hung up"),
                        (false, false) => format!("{label}: not taken"),
                    });
                }
                if !remaining_methods.is_empty() {
                    self.methods = names(&remaining_methods);
                }
                if gone || !takes_keys { Next::GiveUp } else { Next::TryOn }
            }
            Err(_) => {
                self.is_gone = true;
                Next::GiveUp
            }
        }
    }

    fn failure(mut self) -> Cause {
        // A file that is there and cannot be used is the likelier reason than one that is not.
        self.unusable.sort_by_key(|(_, trouble)| trouble.why == MISSING);
        if let Some(mut sealed) = self.sealed {
            sealed.detail.extend(self.tried.iter().map(|line| format!("tried: {line}")));
            return sealed;
        }
        let ended = self.login.notes.ended();
        if self.is_gone && !self.login.notes.said_goodbye() {
            // A server that turns keys away says so before it hangs up.
            return causes::cut_at_login(self.login.hop, &self.tried, ended.as_deref());
        }
        let keys_wanted = self.methods.is_empty() || self.methods.iter().any(|m| m == "publickey");
        let cause =
            causes::not_let_in(self.login.hop, &self.tried, &self.methods, ended.as_deref());
        match keys_wanted {
            true => causes::with_unusable(self.login.hop, cause, &self.unusable, &self.tried),
            false => cause.with_detail("keys are not among what it takes"),
        }
    }
}

fn names(methods: &MethodSet) -> Vec<String> {
    methods.iter().map(String::from).collect()
}

/// Asks whether a key would be taken, without signing.
struct OnlyAsking;

/// Why nothing was signed.
#[derive(Debug)]
enum NotSigned {
    /// The server would take the key.
    Wanted,
    /// The connection is gone.
    Gone,
}

impl From<russh::SendError> for NotSigned {
    fn from(_: russh::SendError) -> NotSigned {
        NotSigned::Gone
    }
}

impl russh::Signer for OnlyAsking {
    type Error = NotSigned;

    async fn auth_sign(
        &mut self,
        _key: &AgentIdentity,
        _hash: Option<HashAlg>,
        _data: Vec<u8>,
    ) -> Result<Vec<u8>, NotSigned> {
        Err(NotSigned::Wanted)
    }
}
