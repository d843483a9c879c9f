//! A small HTTPS server for tests of this and other rooms.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What the server answers for a path: status and body. A path that it does
/// not know is 404.
pub(crate) type Pages = Arc<Mutex<BTreeMap<String, (u16, String)>>>;

/// A running server; it ends with the test's runtime.
pub(crate) struct TestServer {
    pub(crate) port: u16,
    pub(crate) pages: Pages,
    /// Request heads, in order.
    pub(crate) heads: Arc<Mutex<Vec<String>>>,
    /// Its certificate as PEM and as DER.
    pub(crate) pem: String,
    pub(crate) der: Vec<u8>,
}

/// The parameters of a self-signed certificate for these names.
pub(crate) fn params(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    CertificateParams::new(names).unwrap()
}

/// Starts a server with a certificate made from `params`.
pub(crate) async fn serve(params: CertificateParams, pages: &[(&str, u16, &str)]) -> TestServer {
    super::install_crypto();
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let pages: Pages = Arc::new(Mutex::new(
        pages.iter().map(|(path, code, body)| ((*path).into(), (*code, (*body).into()))).collect(),
    ));
    let heads = Arc::new(Mutex::new(Vec::new()));
    let (shown, noted) = (Arc::clone(&pages), Arc::clone(&heads));
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let (acceptor, pages, heads) = (acceptor.clone(), shown.clone(), noted.clone());
            tokio::spawn(async move {
                let Ok(mut tls) = acceptor.accept(tcp).await else { return };
                let mut head = Vec::new();
                while let Ok(byte) = tls.read_u8().await {
                    head.push(byte);
                    if !head.ends_with(b"\r\n\r\n") {
                        continue;
                    }
                    let text = String::from_utf8(std::mem::take(&mut head)).unwrap();
                    let path = text.split(' ').nth(1).unwrap().to_owned();
                    heads.lock().unwrap().push(text);
                    let page = pages.lock().unwrap().get(&path).cloned();
                    let (code, body) = page.unwrap_or((404, "{}".to_owned()));
                    if code == 0 {
                        return;
                    }
                    let moved =
                        if code == 308 { format!("Location: {body}\r\n") } else { String::new() };
                    let size = body.len();
                    let reply =
                        format!("HTTP/1.1 {code} X\r\n{moved}Content-Length: {size}\r\n\r\n{body}");
                    tls.write_all(reply.as_bytes()).await.unwrap();
                }
            });
        }
    });
    let der = certificate.der().to_vec();
    TestServer { port, pages, heads, pem: certificate.pem(), der }
}
