use secrecy::SecretString;

use super::test_server::{TestServer, params, serve};
use super::*;

const PASSWORD: &str = "planted-Pa55word";

fn secrets() -> SecretStore {
    let store = SecretStore::default();
    store.put(SecretName::from("bmc"), SecretString::from(PASSWORD));
    store
}

fn target(host: &str, port: u16, trust: TlsTrust) -> HttpTarget {
    HttpTarget {
        name: "gpu-07".into(),
        host: host.into(),
        connect: ("127.0.0.1".into(), port),
        trust,
        login: Some(("ops".into(), SecretName::from("bmc"))),
    }
}

/// A CA file in a directory that lives as long as the test.
fn ca(pem: &str) -> (tempfile::TempDir, TlsTrust) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ca.pem");
    std::fs::write(&file, pem).unwrap();
    (dir, TlsTrust::Ca(file))
}

async fn ask(server: &TestServer, host: &str, trust: TlsTrust) -> Result<serde_json::Value, Cause> {
    HttpPool::new().get_json(&secrets(), &target(host, server.port, trust), "/x").await
}

fn assert_cause(result: Result<serde_json::Value, Cause>, word: &str, sentence: &str) -> Cause {
    let cause = result.unwrap_err();
    assert_eq!((cause.word.word(), cause.sentence.as_str()), (word, sentence), "{cause:?}");
    assert!(!cause.next.is_empty());
    assert!(!format!("{cause:?}").contains(PASSWORD));
    cause
}

#[tokio::test]
async fn a_site_ca_and_a_pinned_certificate_are_trusted_under_the_kept_name() {
    let server = serve(params(&["bmc-07.site", "10.20.2.18"]), &[("/x", 200, "{\"a\":1}")]).await;
    let (_dir, trust) = ca(&server.pem);
    let a = serde_json::json!({"a": 1});
    assert_eq!(ask(&server, "bmc-07.site", trust.clone()).await, Ok(a.clone()));
    assert_eq!(ask(&server, "10.20.2.18", trust).await, Ok(a.clone()));
    let colons = fingerprint(&server.der).to_uppercase().split_at(10).0.to_owned()
        + ":"
        + &fingerprint(&server.der)[10..];
    assert_eq!(ask(&server, "any.name", TlsTrust::Fingerprint(colons)).await, Ok(a));
    let heads = server.heads.lock().unwrap().clone();
    assert!(heads[0].to_lowercase().contains("host: bmc-07.site\r\n"), "{}", heads[0]);
    assert!(heads[1].to_lowercase().contains("host: 10.20.2.18\r\n"), "{}", heads[1]);
    assert!(heads[0].contains("asic b3BzOnBsYW50ZWQtUGE1NXdvcmQ="), "{}", heads[0]);
}

#[tokio::test]
async fn every_reason_not_to_trust_a_certificate_has_its_own_cause() {
    let server = serve(params(&["bmc-07.site"]), &[("/x", 200, "{}")]).await;
    let stranger = serve(params(&["bmc-07.site"]), &[]).await;
    let (_dir, other_ca) = ca(&stranger.pem);
    let untrusted = "gpu-07 shows a certificate that nobody we trust has signed";
    let cause =
        assert_cause(ask(&server, "bmc-07.site", other_ca).await, "tls-untrusted", untrusted);
    assert!(cause.detail.contains(&format!("shown SHA-256 {}", fingerprint(&server.der))));
    let cause = ask(&server, "bmc-07.site", TlsTrust::System).await.unwrap_err();
    assert!(["tls-untrusted", CA_UNREADABLE].contains(&cause.word.word()), "{cause:?}");

    let (_dir, own) = ca(&server.pem);
    let wrong = "the certificate of gpu-07 is not for bmc-08.site";
    assert_cause(ask(&server, "bmc-08.site", own).await, "tls-name", wrong);

    let pinned = fingerprint(&stranger.der);
    let changed = "gpu-07 shows another certificate than the pinned one";
    let result = ask(&server, "bmc-07.site", TlsTrust::Fingerprint(pinned.clone())).await;
    let cause = assert_cause(result, "tls-changed", changed);
    assert_eq!(cause.detail[0], format!("pinned SHA-256 {pinned}"));
    assert_eq!(cause.detail[1], format!("shown SHA-256 {}", fingerprint(&server.der)));

    let mut old = params(&["bmc-07.site"]);
    old.not_before = rcgen::date_time_ymd(2020, 1, 1);
    old.not_after = rcgen::date_time_ymd(2021, 1, 1);
    let expired = serve(old, &[]).await;
    let (_dir, own) = ca(&expired.pem);
    let over = "the certificate of gpu-07 expired at 2021-01-01T00:00:00Z";
    assert_cause(ask(&expired, "bmc-07.site", own).await, "tls-expired", over);

    let mut new = params(&["bmc-07.site"]);
    new.not_before = rcgen::date_time_ymd(2090, 1, 1);
    new.not_after = rcgen::date_time_ymd(2091, 1, 1);
    let early = serve(new, &[]).await;
    let (_dir, own) = ca(&early.pem);
    let result = ask(&early, "bmc-07.site", own).await;
    let cause = result.unwrap_err();
    assert_eq!(cause.word.word(), "tls-expired");
    assert!(cause.sentence.contains("2090-01-01T00:00:00Z"), "{}", cause.sentence);
    // One that is pinned is trusted whatever its dates say: it is that very one.
    let pinned = TlsTrust::Fingerprint(fingerprint(&early.der));
    assert!(!format!("{:?}", ask(&early, "bmc-07.site", pinned).await).contains("tls-"));
}

/// Version 1, for bmc-07.site, valid from 2026 to 2046; made with openssl for this test.
const VERSION_1: &str = "-----BEGIN CERTIFICATE-----
MIIBJzCBzQIUaMSMPyZxWbyyOdvUlEd9ojSqa0IwCgYIKoZIzj0EAwIwFjEUMBIG
A1UEAwwLYm1jLTA3LnNpdGUwHhcNMjYxMTIxMTUyNDEyWhcNNDYxMTE2MTUyNDEy
WjAWMRQwEgYDVQQDDAtibWMtMDcuc2l0ZTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABGEPWM9hkp3pU1CSLEkolZrvqf26ojVRk6cDdd5cQVD40AK1sYLkEgyMaSZb
lDRmSUu/CGkXLVpjngZBl+D6mkwwCgYIKoZIzj0EAwIDSQAwRgIhAKtguw1w/+tf
+TCJzcWvNr8XKUYX9c1M7XTCrbxEpWrsAiEAjrbpJL2r4ZM0id1dL40tniCQGDVw
ynhox1QTEPoHxPc=
-----END CERTIFICATE-----
";

#[test]
fn a_version_1_certificate_is_too_old_however_it_is_trusted() {
    use rustls::client::danger::ServerCertVerifier as _;
    use rustls::pki_types::pem::PemObject as _;
    super::install_crypto();
    let shown = rustls::pki_types::CertificateDer::from_pem_slice(VERSION_1.as_bytes()).unwrap();
    let other = params(&["bmc-07.site"]).self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap();
    let (_dir, by_ca) = ca(&other.pem());
    for trust in [by_ca, TlsTrust::Fingerprint(fingerprint(&shown))] {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = trust::Verifier::new("gpu-07", "bmc-07.site", &trust, provider).unwrap();
        let connected = rustls::pki_types::ServerName::try_from("127.0.0.1").unwrap();
        let now = rustls::pki_types::UnixTime::since_unix_epoch(Duration::from_secs(1_800_000_000));
        let refused = verifier.verify_server_cert(&shown, &[], &connected, &[], now).unwrap_err();
        assert!(format!("{refused:?}").contains("OldVersion"), "{refused:?}");
    }
}

#[tokio::test]
async fn a_ca_signs_and_dates_and_names_still_count() {
    super::install_crypto();
    let mut root = params(&[]);
    root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().unwrap();
    let root_cert = root.self_signed(&key).unwrap();
    let (_dir, trust) = ca(&root_cert.pem());
    let verifier = |host: &str| {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        trust::Verifier::new("gpu-07", host, &trust, provider).unwrap()
    };
    let issuer = rcgen::Issuer::from_params(&root, &key);
    let leaf_key = rcgen::KeyPair::generate().unwrap();
    let mut leaf = params(&["bmc-07.site"]);
    leaf.not_after = rcgen::date_time_ymd(2030, 1, 1);
    let leaf = leaf.signed_by(&leaf_key, &issuer).unwrap();
    let judge = |host: &str, year: i64| {
        use rustls::client::danger::ServerCertVerifier as _;
        let now = rustls::pki_types::UnixTime::since_unix_epoch(Duration::from_secs(
            u64::try_from((year - 1970) * 31_557_600).unwrap(),
        ));
        let connected = rustls::pki_types::ServerName::try_from("127.0.0.1").unwrap();
        verifier(host).verify_server_cert(leaf.der(), &[], &connected, &[], now)
    };
    assert!(judge("bmc-07.site", 2027).is_ok());
    assert!(judge("bmc-08.site", 2027).is_err());
    assert!(judge("bmc-07.site", 2032).is_err());
}

#[tokio::test]
async fn ways_that_fail_have_the_common_causes() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let pin = TlsTrust::Fingerprint("00".into());
    let pool = HttpPool::new();
    let at = target("h", port, pin.clone());
    let sentence = format!("gpu-07 refuses connections on 127.0.0.1 port {port}");
    assert_cause(pool.get_json(&secrets(), &at, "/").await, "refused", &sentence);

    let nowhere = HttpTarget { connect: ("no.such.name.invalid".into(), 443), ..at.clone() };
    let sentence = "gpu-07: the name no.such.name.invalid has no address";
    assert_cause(pool.get_json(&secrets(), &nowhere, "/").await, "name-unknown", sentence);

    let sealed = pool.get_json(&SecretStore::default(), &at, "/").await;
    assert_cause(sealed, "password-sealed", "the password for gpu-07 is sealed");

    let plain = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = plain.local_addr().unwrap().port();
    tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        while let Ok((mut tcp, _)) = plain.accept().await {
            let _ = tcp.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let sentence = format!("gpu-07 does not speak TLS on 127.0.0.1 port {port}");
    let result = pool.get_json(&secrets(), &target("h", port, pin.clone()), "/").await;
    assert_cause(result, "garbled", &sentence);

    let missing = target("h", port, TlsTrust::Ca("/no/such/file.pem".into()));
    let cause = pool.get_json(&secrets(), &missing, "/").await.unwrap_err();
    assert_eq!(cause.word.word(), CA_UNREADABLE);
    assert!(cause.sentence.starts_with("gpu-07: the CA file /no/such/file.pem cannot be read"));
}

#[tokio::test]
async fn a_port_that_accepts_and_says_nothing_is_silent() {
    let mute = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = mute.local_addr().unwrap().port();
    let pool = HttpPool::new();
    let at = target("h", port, TlsTrust::Fingerprint("00".into()));
    let result = pool.get_json(&secrets(), &at, "/").await;
    let sentence =
        format!("gpu-07 accepts connections on 127.0.0.1 port {port} but does not answer");
    assert_cause(result, "silent", &sentence);
}

#[tokio::test]
async fn statuses_bodies_and_redirects_are_told_apart() {
    let big = format!("[\"{}\"]", "x".repeat(LARGEST));
    let server = serve(
        params(&["h"]),
        &[
            ("/401", 401, "{}"),
            ("/403", 403, "{}"),
            ("/404", 404, "{}"),
            ("/500", 500, "{}"),
            ("/503", 503, "{}"),
            ("/odd", 200, "<html>"),
            ("/big", 200, &big),
            ("/cut", 0, ""),
            ("/slash", 308, "/slash/"),
            ("/slash/", 200, "[]"),
            ("/away", 308, "https://127.0.0.1:1/elsewhere"),
        ],
    )
    .await;
    let pool = HttpPool::new();
    let at = target("h", server.port, TlsTrust::Fingerprint(fingerprint(&server.der)));
    let get = |path: &'static str| {
        let (pool, at) = (&pool, &at);
        async move { pool.get_json(&secrets(), at, path).await }
    };
    let auth = "gpu-07 refuses user ops or its password";
    assert_cause(get("/401").await, "auth-refused", auth);
    let forbidden = "gpu-07 does not let user ops read /403";
    assert_cause(get("/403").await, "http-status", forbidden);
    assert_cause(get("/404").await, "http-status", "gpu-07 does not have /404 (HTTP 404)");
    assert_cause(get("/500").await, "http-status", "gpu-07 answers /500 with HTTP 500");
    let busy = "gpu-07 is too busy to answer /503 (HTTP 503)";
    assert_cause(get("/503").await, "http-status", busy);
    let odd = "gpu-07 answers something that cannot be understood";
    assert_cause(get("/odd").await, "garbled", odd);
    let large = format!("gpu-07 sends more than {LARGEST} bytes for /big");
    assert_cause(get("/big").await, "too-large", &large);
    let cut = "gpu-07 ended the connection before it had answered";
    assert_cause(get("/cut").await, "cut", cut);
    assert_eq!(get("/slash").await, Ok(serde_json::json!([])));
    assert_cause(get("/away").await, "http-status", "gpu-07 answers /away with HTTP 308");
}
