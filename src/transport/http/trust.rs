//! Whether a server's certificate is the right one: a CA file of the site, a
//! pinned certificate, or the machine's own CA store.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme};
use sha2::{Digest, Sha256};
use x509_cert::der::Decode;

use crate::domain::endpoint::TlsTrust;
use crate::domain::untrusted::printable;
use crate::domain::{Cause, CauseWord, Stamp};

/// Why a certificate was not taken, with what a person needs to judge it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("certificate not accepted: {kind:?}")]
pub(super) struct Refusal {
    /// What is wrong with it.
    pub kind: RefusalKind,
    /// SHA-256 of the certificate that was shown, lower-case hexadecimal.
    pub fingerprint: String,
    /// Subject and issuer, printable; empty when it cannot be read.
    pub names: Vec<String>,
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RefusalKind {
    /// Nobody we trust signed it.
    Untrusted,
    /// It ended at that time.
    Expired(Option<Stamp>),
    /// It begins at that time.
    NotYetValid(Option<Stamp>),
    /// It is for other names.
    WrongName,
    /// It is not the pinned one.
    Changed {
        /// The pinned SHA-256.
        pinned: String,
    },
    /// An X.509 version 1 certificate, which cannot be checked.
    OldVersion,
    /// Anything else, in the library's words.
    Broken(String),
}

/// Checks certificates for one target. The name that must be on the
/// certificate is the target's own, whatever address we connect to.
#[derive(Debug)]
pub(super) struct Verifier {
    name: ServerName<'static>,
    rule: Rule,
    provider: Arc<CryptoProvider>,
}

#[derive(Debug)]
enum Rule {
    /// Signed by one of these, or listed itself (self-signed controllers).
    Roots { chain: Arc<WebPkiServerVerifier>, listed: Vec<CertificateDer<'static>> },
    /// Exactly the certificate with this SHA-256.
    Pinned(String),
}

impl Verifier {
    /// A verifier for the target called `target`, whose certificate must be for `host`.
    pub(super) fn new(
        target: &str,
        host: &str,
        trust: &TlsTrust,
        provider: Arc<CryptoProvider>,
    ) -> Result<Verifier, Cause> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| {
            Cause::new(
                CauseWord::System(super::TLS_NAME.into()),
                format!("{target}: {} is not a name that a certificate can carry", printable(host)),
                "Give the name or the address of the controller in the inventory",
            )
        })?;
        let rule = match trust {
            TlsTrust::Fingerprint(pinned) => Rule::Pinned(normal_fingerprint(pinned)),
            TlsTrust::Ca(file) => {
                let listed = read_ca(target, file)?;
                let place = file.display().to_string();
                Rule::Roots { chain: chain(target, &place, &listed, &provider)?, listed }
            }
            TlsTrust::System => {
                let roots = rustls_native_certs::load_native_certs().certs;
                let place = "this machine's CA store";
                Rule::Roots { chain: chain(target, place, &roots, &provider)?, listed: Vec::new() }
            }
        };
        Ok(Verifier { name, rule, provider })
    }

    fn judge(
        &self,
        shown: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<(), RefusalKind> {
        match &self.rule {
            Rule::Pinned(pinned) if *pinned == fingerprint(shown) => Ok(()),
            Rule::Pinned(pinned) => Err(RefusalKind::Changed { pinned: pinned.clone() }),
            Rule::Roots { listed, .. } if listed.iter().any(|one| one == shown) => {
                self.judge_listed(shown, now)
            }
            Rule::Roots { chain, .. } => chain
                .verify_server_cert(shown, intermediates, &self.name, ocsp, now)
                .map(|_| ())
                .map_err(|error| kind_of(&error, shown)),
        }
    }

    /// A certificate that stands in the CA file itself needs no signature of
    /// another, but still the right name and a date in its validity.
    fn judge_listed(&self, shown: &CertificateDer<'_>, now: UnixTime) -> Result<(), RefusalKind> {
        if let Some((from, to)) = validity(shown) {
            let now = Stamp::from_seconds(i64::try_from(now.as_secs()).unwrap_or(i64::MAX));
            if now > to {
                return Err(RefusalKind::Expired(Some(to)));
            }
            if now < from {
                return Err(RefusalKind::NotYetValid(Some(from)));
            }
        }
        let parsed = ParsedCertificate::try_from(shown).map_err(|error| kind_of(&error, shown))?;
        rustls::client::verify_server_name(&parsed, &self.name)
            .map_err(|error| kind_of(&error, shown))
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _connected_to: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let judged = match is_version_1(shown) {
            true => Err(RefusalKind::OldVersion),
            false => self.judge(shown, intermediates, ocsp, now),
        };
        judged.map(|()| ServerCertVerified::assertion()).map_err(|kind| {
            let refusal = Refusal { kind, fingerprint: fingerprint(shown), names: names(shown) };
            rustls::Error::Other(OtherError(Arc::new(refusal)))
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// SHA-256 of a certificate as `openssl x509 -fingerprint -sha256` has it, in
/// lower case and without colons.
pub fn fingerprint(certificate: &[u8]) -> String {
    Sha256::digest(certificate).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A fingerprint as people write it: colons, blanks and capitals do not matter.
fn normal_fingerprint(text: &str) -> String {
    text.chars().filter(char::is_ascii_hexdigit).map(|c| c.to_ascii_lowercase()).collect()
}

fn read_ca(target: &str, file: &Path) -> Result<Vec<CertificateDer<'static>>, Cause> {
    let cannot = |why: String| {
        Cause::new(
            CauseWord::System(super::CA_UNREADABLE.into()),
            format!("{target}: the CA file {} {why}", file.display()),
            "Name a file with PEM certificates that this account may read",
        )
    };
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(file)
        .map_err(|error| cannot(format!("cannot be read: {}", printable(&error.to_string()))))?
        .collect();
    match found {
        Ok(list) if list.is_empty() => Err(cannot("holds no certificate".to_owned())),
        Ok(list) => Ok(list),
        Err(error) => Err(cannot(format!("is not PEM: {}", printable(&error.to_string())))),
    }
}

fn chain(
    target: &str,
    place: &str,
    certificates: &[CertificateDer<'static>],
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, Cause> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates.iter().cloned());
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|_| {
            Cause::new(
                CauseWord::System(super::CA_UNREADABLE.into()),
                format!("{target}: {place} holds no certificate that can vouch for others"),
                "Name the site's CA file, or pin the controller's fingerprint, in shopfloor.yml",
            )
        })
}

fn kind_of(error: &rustls::Error, shown: &CertificateDer<'_>) -> RefusalKind {
    use CertificateError as E;
    let (from, to) = validity(shown).map_or((None, None), |(from, to)| (Some(from), Some(to)));
    match error {
        rustls::Error::InvalidCertificate(E::Expired | E::ExpiredContext { .. }) => {
            RefusalKind::Expired(to)
        }
        rustls::Error::InvalidCertificate(E::NotValidYet | E::NotValidYetContext { .. }) => {
            RefusalKind::NotYetValid(from)
        }
        rustls::Error::InvalidCertificate(
            E::NotValidForName | E::NotValidForNameContext { .. },
        ) => RefusalKind::WrongName,
        rustls::Error::InvalidCertificate(E::UnknownIssuer | E::BadSignature) => {
            RefusalKind::Untrusted
        }
        // A self-signed certificate that calls itself a CA, and that nobody listed.
        rustls::Error::InvalidCertificate(other) if format!("{other:?}").contains("CaUsedAs") => {
            RefusalKind::Untrusted
        }
        other => RefusalKind::Broken(printable(&other.to_string())),
    }
}

fn parsed(der: &[u8]) -> Option<x509_cert::Certificate> {
    x509_cert::Certificate::from_der(der).ok()
}

fn is_version_1(der: &[u8]) -> bool {
    parsed(der).is_some_and(|c| c.tbs_certificate().version() == x509_cert::Version::V1)
}

fn validity(der: &[u8]) -> Option<(Stamp, Stamp)> {
    let certificate = parsed(der)?;
    let span = certificate.tbs_certificate().validity();
    let stamp = |time: x509_cert::time::Time| {
        i64::try_from(time.to_unix_duration().as_secs()).ok().map(Stamp::from_seconds)
    };
    Some((stamp(span.not_before)?, stamp(span.not_after)?))
}

fn names(der: &[u8]) -> Vec<String> {
    parsed(der).map_or_else(Vec::new, |certificate| {
        let body = certificate.tbs_certificate();
        vec![
            printable(&format!("subject {}", body.subject())),
            printable(&format!("issuer {}", body.issuer())),
        ]
    })
}
