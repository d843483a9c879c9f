//! Keys and certificates of the demo site. They are made once and kept in
//! the site's directory, so that a site that is started again is the same to `known_hosts`.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use russh::keys::ssh_key::LineEnding;
use russh::keys::{Algorithm, PrivateKey, load_secret_key};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::files;

/// SSH host keys of a machine.
#[derive(Debug, Clone)]
pub struct HostKeys {
    /// The one in `known_hosts`.
    pub recorded: PrivateKey,
    /// The one it shows while the fault `host-key-changed` is active.
    pub changed: PrivateKey,
}

/// Host keys of every machine, read or made.
///
/// # Errors
/// A sentence when the directory cannot be used.
pub fn host_keys(
    lab: &Path,
    machines: impl Iterator<Item = impl AsRef<str>>,
) -> Result<BTreeMap<String, HostKeys>, String> {
    let directory = lab.join("keys");
    files::private_directory(&directory)?;
    machines
        .map(|machine| {
            let name = machine.as_ref();
            let keys = HostKeys {
                recorded: ssh_key(&directory.join(name), name)?,
                changed: ssh_key(&directory.join(format!("{name}.changed")), name)?,
            };
            Ok((name.to_owned(), keys))
        })
        .collect()
}

/// An SSH key, read from a file or made and written there.
///
/// # Errors
/// A sentence when the file cannot be read or written.
pub fn ssh_key(path: &Path, comment: &str) -> Result<PrivateKey, String> {
    if path.exists() {
        return load_secret_key(path, None)
            .map_err(|error| format!("the key {} cannot be read: {error}", path.display()));
    }
    let broken = |error: &dyn std::fmt::Display| format!("no SSH key could be made: {error}");
    let mut key = PrivateKey::random(&mut russh::keys::key::safe_rng(), Algorithm::Ed25519)
        .map_err(|error| broken(&error))?;
    key.set_comment(comment);
    let text = key.to_openssh(LineEnding::LF).map_err(|error| broken(&error))?;
    files::write(path, text.as_bytes(), files::PRIVATE)?;
    Ok(key)
}

/// TLS of the management controllers: a CA of the site and one certificate each.
#[derive(Debug)]
pub struct Authority {
    directory: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// The site's CA, read or made; its certificate is `certificate`.
    ///
    /// # Errors
    /// A sentence when files cannot be read or written.
    pub fn open(lab: &Path, certificate: &Path) -> Result<Authority, String> {
        let directory = lab.join("tls");
        files::private_directory(&directory)?;
        let key_file = directory.join("ca.key");
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, "shopfloor demo site CA");
        let key = match files::read(&key_file)? {
            Some(key) if certificate.exists() => KeyPair::from_pem(&key).map_err(unusable)?,
            _ => {
                let key = KeyPair::generate().map_err(unusable)?;
                let pem = params.self_signed(&key).map_err(unusable)?.pem();
                files::write(&key_file, key.serialize_pem().as_bytes(), files::PRIVATE)?;
                files::write(certificate, pem.as_bytes(), files::PUBLIC)?;
                key
            }
        };
        // Name and key are those of the certificate on disk, so what is signed now fits it.
        let issuer = Issuer::new(params, key);
        Ok(Authority { directory, issuer })
    }

    /// A server's TLS for a host name and an address, read or made.
    ///
    /// # Errors
    /// A sentence when files cannot be read or written.
    pub fn server(&self, host: &str, address: IpAddr) -> Result<Arc<rustls::ServerConfig>, String> {
        let file = self.directory.join(format!("{host}-{address}.pem"));
        let pem = match files::read(&file)? {
            Some(pem) => pem,
            None => {
                let key = KeyPair::generate().map_err(unusable)?;
                let mut params = CertificateParams::new(vec![host.to_owned(), address.to_string()])
                    .map_err(unusable)?;
                params.distinguished_name.push(DnType::CommonName, host);
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
                params.use_authority_key_identifier_extension = true;
                let certificate = params.signed_by(&key, &self.issuer).map_err(unusable)?;
                let pem = certificate.pem() + &key.serialize_pem();
                files::write(&file, pem.as_bytes(), files::PRIVATE)?;
                pem
            }
        };
        let certificates: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(pem.as_bytes())
                .collect::<Result<_, _>>()
                .map_err(unusable)?;
        let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(unusable)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_no_client_auth()
            .with_single_cert(certificates, key)
            .map_err(unusable)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

fn unusable(error: impl std::fmt::Display) -> String {
    format!(
        "a certificate of the demo site cannot be used: {error}; remove .lab/tls and start it again"
    )
}
