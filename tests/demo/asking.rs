//! How the tests ask the demo site's machines: over SSH, over Redfish, with the site's own keys.

use std::sync::Arc;
use std::time::Duration;

use russh::client;
use russh::keys::{PrivateKeyWithHashAlg, PublicKeyOrCertificate, load_secret_key};
use serde_json::Value;
use shopfloor::lab::{DemoOptions, DemoSite};

/// A look that asks for every section of the batched script.
pub fn script(sections: &[&str]) -> String {
    let mut text = "# shopfloor look 1 c0ffee\nNAMES='ghcr.io ctl-01'\n".to_owned();
    for section in sections {
        text.push_str(&format!("#: {section}\nb {section}\ne {section} $?\n"));
    }
    text
}

pub async fn start() -> DemoSite {
    DemoSite::start(DemoOptions { seed: 7, ..DemoOptions::default() }).await.unwrap()
}

/// Notes the host key it was shown and takes any.
#[derive(Clone, Default)]
pub struct Shown(Arc<std::sync::Mutex<Option<String>>>);

impl client::Handler for Shown {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        key: &PublicKeyOrCertificate,
    ) -> Result<bool, Self::Error> {
        if let PublicKeyOrCertificate::PublicKey { key, .. } = key {
            *self.0.lock().unwrap() = Some(key.to_openssh().unwrap());
        }
        Ok(true)
    }
}

/// What became of a try to reach a machine.
#[derive(Debug, PartialEq)]
pub enum Reached {
    Answer(String),
    Refused,
    NoBanner,
    KeysRefused,
}

/// Runs a command on a machine, with what goes to its standard input.
pub async fn ask(
    site: &DemoSite,
    machine: &str,
    user: &str,
    command: &str,
    input: &str,
) -> Reached {
    ask_showing(site, machine, user, command, input).await.0
}

pub async fn ask_showing(
    site: &DemoSite,
    machine: &str,
    user: &str,
    command: &str,
    input: &str,
) -> (Reached, Option<String>) {
    let shown = Shown::default();
    let address = site.ssh_address(machine).unwrap();
    let Ok(stream) = tokio::net::TcpStream::connect(address).await else {
        return (Reached::Refused, None);
    };
    // A banner comes at once, or (slow network) within three seconds.
    if tokio::time::timeout(Duration::from_secs(3), stream.readable()).await.is_err() {
        return (Reached::NoBanner, None);
    }
    let config = Arc::new(client::Config::default());
    stream.set_nodelay(true).unwrap();
    let mut handle = client::connect_stream(config, stream, shown.clone()).await.unwrap();
    let seen = || shown.0.lock().unwrap().clone();
    let key = Arc::new(load_secret_key(site.directory().join("id_ed25519"), None).unwrap());
    let login =
        handle.authenticate_publickey(user, PrivateKeyWithHashAlg::new(key, None)).await.unwrap();
    if !login.success() {
        return (Reached::KeysRefused, seen());
    }
    let mut channel = handle.channel_open_session().await.unwrap();
    channel.exec(true, command).await.unwrap();
    if !input.is_empty() {
        channel.data(input.as_bytes()).await.unwrap();
    }
    channel.eof().await.unwrap();
    let mut out = Vec::new();
    while let Some(message) = channel.wait().await {
        match message {
            russh::ChannelMsg::Data { data } => out.extend_from_slice(&data),
            russh::ChannelMsg::ExtendedData { data, .. } => out.extend_from_slice(&data),
            russh::ChannelMsg::ExitStatus { exit_status: status } if status != 0 => {
                out.extend_from_slice(format!("[exit {status}]").as_bytes());
            }
            _ => {}
        }
    }
    (Reached::Answer(String::from_utf8_lossy(&out).into_owned()), seen())
}

/// One section's raw output on a machine.
pub async fn section(site: &DemoSite, machine: &str, name: &str) -> String {
    match ask(site, machine, "ubuntu", "exec sh -s", &script(&[name])).await {
        Reached::Answer(text) => {
            let body = text.strip_prefix(&format!("@@c0ffee {name}\n")).unwrap();
            let end = format!("@@c0ffee {name} = 0\n@@c0ffee . = 0\n");
            body.strip_suffix(&end).unwrap_or_else(|| panic!("{text}")).to_owned()
        }
        other => panic!("{machine}: {other:?}"),
    }
}

/// A Redfish resource through a client that trusts the site's CA only.
pub async fn redfish(site: &DemoSite, machine: &str, path: &str) -> Result<(u16, Value), String> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let ca = std::fs::read(site.directory().join("bmc-ca.pem")).unwrap();
    let host = format!("{machine}-ipmi.harbour");
    let client = reqwest::Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(&ca).unwrap()])
        .resolve(&host, site.bmc_address(machine).unwrap())
        .no_proxy()
        .timeout(Duration::from_millis(1_500))
        .build()
        .unwrap();
    let port = site.bmc_address(machine).unwrap().port();
    let response = client
        .get(format!("https://{host}:{port}{path}"))
        .basic_auth("metrics", Some(password(site)))
        .send()
        .await
        .map_err(|error| error.to_string())?;
    let status = response.status().as_u16();
    Ok((status, response.json().await.map_err(|error| error.to_string())?))
}

/// The password as the site's own inventory and vault file give it.
pub fn password(site: &DemoSite) -> String {
    use secrecy::ExposeSecret;
    use shopfloor::inventory::vault::{Vault, read_password};
    use shopfloor::inventory::{Inventory, Kind};
    let inventory = Inventory::load(site.directory()).unwrap();
    let mut vault = Vault::default();
    vault.put("default", read_password(&site.directory().join("vault-password")).unwrap());
    match &inventory.all_vars()["ipmi_password"].kind {
        Kind::Vault(sealed) => vault.open(sealed).unwrap().expose_secret().to_owned(),
        other => panic!("{other:?}"),
    }
}
