//! The lab itself: servers, state, faults, files, control socket.

use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use russh::client;
use russh::keys::{PrivateKeyWithHashAlg, load_secret_key};
use serde_json::Value;
use shopfloor::domain::faults::FaultLab;
use shopfloor::lab::{DemoOptions, DemoSite, RemoteLab};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::asking::{Reached, Shown, ask, ask_showing, redfish, script, section, start};
use crate::suite::{ran, skipped};

#[tokio::test(flavor = "multi_thread")]
async fn when_it_has_started_every_machine_answers_its_own_name() {
    let begun = Instant::now();
    let site = start().await;
    println!("the demo site started after {:?}", begun.elapsed());
    let world = site.state().world();
    assert_eq!(world.machines.len(), 34);
    for machine in world.machines.values() {
        let user = match machine.name.as_str() {
            "router-01" => "root",
            "hedgehog-01" => "core",
            _ => "ubuntu",
        };
        let answer = ask(&site, &machine.name, user, "hostname", "").await;
        assert_eq!(answer, Reached::Answer(format!("{}\n", machine.hostname)), "{}", machine.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_commands_are_answered_and_others_are_not_found() {
    let site = start().await;
    let said = |text: &str| Reached::Answer(text.to_owned());
    assert_eq!(ask(&site, "gpu-01", "ubuntu", "true", "").await, said(""));
    assert_eq!(ask(&site, "gpu-01", "ubuntu", "uname -r", "").await, said("6.14.0-29-generic\n"));
    assert_eq!(ask(&site, "gpu-01", "ubuntu", "echo hello there", "").await, said("hello there\n"));
    assert_eq!(
        ask(&site, "gpu-01", "ubuntu", "reboot now", "").await,
        said("sh: 1: reboot: not found\n[exit 127]")
    );
    assert_eq!(ask(&site, "gpu-01", "mallory", "true", "").await, Reached::KeysRefused);
    assert_eq!(
        ask(&site, "gpu-01", "ubuntu", "exec sh -s", &script(&["no-such-section"])).await,
        said("@@c0ffee no-such-section\n@@c0ffee no-such-section = 127\n@@c0ffee . = 0\n")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_ssh_client_gets_in_with_the_files_of_the_site() {
    let site = start().await;
    let inventory = shopfloor::inventory::Inventory::load(site.directory()).unwrap();
    let vars = inventory.host_vars("router-box").unwrap();
    let word = |name: &str| vars[name].as_str().unwrap().to_owned();
    let mut ssh = tokio::process::Command::new("ssh");
    ssh.args(["-o", "BatchMode=yes"])
        .args(word("ansible_ssh_common_args").split(' '))
        .args(["-p", &vars["ansible_port"].as_int().unwrap().to_string()])
        .args(["-l", &word("ansible_user"), &word("ansible_host"), "exec sh -s"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let Ok(mut child) = ssh.spawn() else {
        return skipped("ssh-client", "there is no ssh program here");
    };
    ran("ssh-client");
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(script(&["kernel", "domains"]).as_bytes()).await.unwrap();
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{err}");
    assert!(out.contains("@@c0ffee kernel\n6.14.0-29-generic\n@@c0ffee kernel = 0\n"), "{out}");
    assert!(out.contains("hedgehog-controller   running"), "{out}");
    assert!(out.ends_with("@@c0ffee . = 0\n"), "{out}");

    // Somebody who logs in by hand gets the small shell of the demo site.
    let mut by_hand = tokio::process::Command::new("ssh")
        .args(["-tt", "-o", "BatchMode=yes"])
        .args(word("ansible_ssh_common_args").split(' '))
        .args(["-p", &vars["ansible_port"].as_int().unwrap().to_string()])
        .args(["-l", &word("ansible_user"), &word("ansible_host")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut keys = by_hand.stdin.take().unwrap();
    keys.write_all(b"hostname\rexit\r").await.unwrap();
    let said = tokio::time::timeout(Duration::from_secs(60), by_hand.wait_with_output());
    let said = said.await.unwrap().unwrap();
    let screen = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success(), "{screen}");
    assert!(screen.contains("A machine of the demo site"), "{screen}");
    assert!(screen.contains("\nrouter-box\r\n"), "{screen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bastion_is_a_way_to_the_other_machines_and_nowhere_else() {
    let site = start().await;
    let config = Arc::new(client::Config::default());
    let jump = site.ssh_address("192.168.40.250").unwrap();
    let mut outer = client::connect(config.clone(), jump, Shown::default()).await.unwrap();
    let key = Arc::new(load_secret_key(site.directory().join("id_ed25519"), None).unwrap());
    let key = || PrivateKeyWithHashAlg::new(key.clone(), None);
    assert!(outer.authenticate_publickey("ubuntu", key()).await.unwrap().success());
    let to = site.ssh_address("gpu-02").unwrap();
    let port = u32::from(to.port());
    let channel =
        outer.channel_open_direct_tcpip(to.ip().to_string(), port, "127.0.0.1", 0).await.unwrap();
    let mut inner =
        client::connect_stream(config, channel.into_stream(), Shown::default()).await.unwrap();
    assert!(inner.authenticate_publickey("ubuntu", key()).await.unwrap().success());
    assert!(outer.channel_open_direct_tcpip("127.0.0.1", port, "127.0.0.1", 0).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn redfish_answers_over_tls_with_the_sites_ca_and_password() {
    let site = start().await;
    let (status, root) = redfish(&site, "gpu-07", "/redfish/v1/").await.unwrap();
    assert_eq!((status, root["Systems"]["@odata.id"].as_str()), (200, Some("/redfish/v1/Systems")));
    let (_, system) = redfish(&site, "gpu-07", "/redfish/v1/Systems/1").await.unwrap();
    assert_eq!(system["PowerState"], "On");
    assert_eq!(system["SerialNumber"], "HB1013");
    let (_, thermal) = redfish(&site, "gpu-07", "/redfish/v1/Chassis/1/Thermal").await.unwrap();
    let temperatures = thermal["Temperatures"].as_array().unwrap();
    assert_eq!(temperatures.len(), 12);
    assert!(temperatures.iter().all(|sensor| sensor["Status"]["Health"] == "OK"), "{thermal}");
    let (status, _) = redfish(&site, "gpu-07", "/redfish/v1/Nothing").await.unwrap();
    assert_eq!(status, 404);

    // Without the password only the service root is readable.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let ca = std::fs::read(site.directory().join("bmc-ca.pem")).unwrap();
    let client = reqwest::Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(&ca).unwrap()])
        .no_proxy()
        .build()
        .unwrap();
    let base = format!("https://{}", site.bmc_address("gpu-07").unwrap());
    let open = client.get(format!("{base}/redfish/v1/")).send().await.unwrap();
    assert_eq!(open.status(), 200);
    let closed = client.get(format!("{base}/redfish/v1/Systems")).send().await.unwrap();
    assert_eq!(closed.status(), 401);
    assert!(closed.headers()["www-authenticate"].to_str().unwrap().starts_with("Basic"));
    let wrong = client
        .get(format!("{base}/redfish/v1/Systems"))
        .basic_auth("metrics", Some("wrong"))
        .send()
        .await
        .unwrap();
    assert_eq!(wrong.status(), 401);
    // Nobody else's CA is taken for it.
    let stranger = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    assert!(stranger.get(format!("{base}/redfish/v1/")).send().await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_leaf_takes_one_leg_of_exactly_twelve_hosts_and_healing_gives_it_back() {
    let site = start().await;
    let legs = async || {
        let mut down = Vec::new();
        for n in 1..=24 {
            let host = format!("gpu-{n:02}");
            let bond = section(&site, &host, "bonds").await;
            // Two agreeing ways: the bond's own word and the interface's.
            let links: Value = serde_json::from_str(&section(&site, &host, "links").await).unwrap();
            let dead: Vec<&str> = links
                .as_array()
                .unwrap()
                .iter()
                .filter(|link| link["operstate"] == "DOWN")
                .map(|link| link["ifname"].as_str().unwrap())
                .collect();
            for leg in &dead {
                assert!(
                    bond.contains(&format!("Slave Interface: {leg}\nMII Status: down")),
                    "{bond}"
                );
            }
            assert_eq!(bond.matches("MII Status: down").count(), dead.len());
            if !dead.is_empty() {
                down.push(host);
            }
        }
        down
    };
    assert_eq!(legs().await, Vec::<String>::new());
    site.inject("leaf-dead".into()).await.unwrap();
    let twelve: Vec<String> = (1..=12).map(|n| format!("gpu-{n:02}")).collect();
    assert_eq!(legs().await, twelve);
    let bond = section(&site, "gpu-03", "bonds").await;
    assert!(bond.starts_with("Bond: bond0\n") && bond.contains("Number of ports: 1"), "{bond}");
    site.heal("leaf-dead".into()).await.unwrap();
    assert_eq!(legs().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn power_off_shows_at_the_bmc_and_at_the_host() {
    let site = start().await;
    site.inject("power-off".into()).await.unwrap();
    let (_, system) = redfish(&site, "gpu-16", "/redfish/v1/Systems/1").await.unwrap();
    assert_eq!(system["PowerState"], "Off");
    assert_eq!(ask(&site, "gpu-16", "ubuntu", "true", "").await, Reached::Refused);
    site.heal("power-off".into()).await.unwrap();
    let (_, system) = redfish(&site, "gpu-16", "/redfish/v1/Systems/1").await.unwrap();
    assert_eq!(system["PowerState"], "On");
    assert_eq!(ask(&site, "gpu-16", "ubuntu", "true", "").await, Reached::Answer(String::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_of_not_answering_can_be_had_and_healed() {
    let site = start().await;
    let well = async |machine: &str| ask(&site, machine, "ubuntu", "true", "").await;
    for (fault, machine, expected) in [
        ("host-unreachable", "gpu-13", Reached::Refused),
        ("half-dead", "gpu-22", Reached::NoBanner),
        ("auth-refused", "gpu-18", Reached::KeysRefused),
    ] {
        site.inject(fault.into()).await.unwrap();
        assert_eq!(well(machine).await, expected, "{fault}");
        assert_eq!(well("gpu-02").await, Reached::Answer(String::new()), "{fault} stays alone");
        site.heal(fault.into()).await.unwrap();
        assert_eq!(well(machine).await, Reached::Answer(String::new()), "{fault} healed");
    }
    site.inject("garbled-host".into()).await.unwrap();
    match ask(&site, "gpu-20", "ubuntu", "exec sh -s", &script(&["kernel"])).await {
        Reached::Answer(text) => assert!(!text.contains("6.14"), "{text}"),
        other => panic!("{other:?}"),
    }
    // The host of a silent BMC is well.
    site.inject("bmc-silent".into()).await.unwrap();
    assert!(redfish(&site, "gpu-21", "/redfish/v1/").await.is_err());
    assert_eq!(well("gpu-21").await, Reached::Answer(String::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_connection_ends_when_the_host_goes() {
    let site = start().await;
    let mut stream =
        tokio::net::TcpStream::connect(site.ssh_address("gpu-13").unwrap()).await.unwrap();
    let mut banner = [0u8; 8];
    stream.read_exact(&mut banner).await.unwrap();
    assert_eq!(&banner, b"SSH-2.0-");
    site.inject("host-unreachable".into()).await.unwrap();
    let mut rest = Vec::new();
    tokio::time::timeout(Duration::from_secs(2), stream.read_to_end(&mut rest))
        .await
        .expect("the connection is closed")
        .ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_host_key_is_another_one_than_known_hosts_has_and_heals_to_the_same() {
    let site = start().await;
    let known = std::fs::read_to_string(site.directory().join("known_hosts")).unwrap();
    let shown = async || {
        let (_, key) = ask_showing(&site, "gpu-09", "ubuntu", "true", "").await;
        key.unwrap().split(' ').nth(1).unwrap().to_owned()
    };
    let before = shown().await;
    assert!(known.contains(&before));
    site.inject("host-key-changed".into()).await.unwrap();
    assert!(!known.contains(&shown().await));
    site.heal("host-key-changed".into()).await.unwrap();
    assert_eq!(shown().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn overlapping_faults_heal_to_exactly_what_the_others_do() {
    let site = start().await;
    let world = || site.state().world();
    let well = world();
    let names: Vec<String> =
        site.list().await.unwrap().into_iter().map(|fault| fault.name).collect();
    assert!(names.len() >= 18, "{names:?}");
    for name in names.iter().filter(|name| *name != "well") {
        site.inject(name.clone()).await.unwrap();
        assert_ne!(world(), well, "{name} changes the site");
    }
    let all = world();
    for name in names.iter().filter(|name| *name != "well") {
        site.heal(name.clone()).await.unwrap();
        assert_ne!(world(), all, "healing {name} changes the site");
    }
    assert_eq!(world(), well);
    // In another order, and with two on one machine's way.
    site.inject("swap-on".into()).await.unwrap();
    let one = world();
    site.inject("memory-full".into()).await.unwrap();
    site.heal("memory-full".into()).await.unwrap();
    assert_eq!(world(), one);
    assert!(site.heal("memory-full".into()).await.unwrap_err().contains("not active"));
    assert!(site.inject("no-such".into()).await.unwrap_err().contains("has no fault `no-such`"));
    site.inject("well".into()).await.unwrap();
    assert_eq!(world(), well);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_names_machines_and_switches_that_exist() {
    let site = start().await;
    let world = site.state().world();
    for scenario in shopfloor::lab::scenarios::all().unwrap() {
        for name in scenario.effects.iter().flat_map(|effect| effect.names()) {
            assert!(
                world.machines.contains_key(name) || world.switches.contains_key(name),
                "{}: {name}",
                scenario.name
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_started_again_is_where_it_was() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("a site").with_file_name("site");
    let options = DemoOptions { directory: Some(directory.clone()), scenario: None, seed: 3 };
    let first = DemoSite::start(options.clone()).await.unwrap();
    first.inject("raid-disk".into()).await.unwrap();
    let (world, port) = (first.state().world(), first.ssh_address("gpu-01").unwrap());
    let known = std::fs::read_to_string(directory.join("known_hosts")).unwrap();
    let second = DemoSite::start(options.clone()).await.unwrap_err();
    assert!(second.contains("is served already by process"), "{second}");
    drop(first);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let again = DemoSite::start(DemoOptions { seed: 99, ..options.clone() }).await.unwrap();
    assert_eq!(again.state().world(), world);
    assert_eq!(again.ssh_address("gpu-01").unwrap(), port);
    assert_eq!(std::fs::read_to_string(directory.join("known_hosts")).unwrap(), known);
    assert!(section(&again, "ctl-02", "mdstat").await.contains("[2/1] [U_]"));
    drop(again);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let well = DemoOptions { scenario: Some("well".into()), ..options };
    let well = DemoSite::start(well).await.unwrap();
    assert!(section(&well, "ctl-02", "mdstat").await.contains("[2/2] [UU]"));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_breaks_and_mends_a_served_site_through_its_socket() {
    let parent = tempfile::tempdir().unwrap();
    // Longer than a socket's path may be.
    let directory = parent.path().join("x".repeat(120));
    let nobody = RemoteLab::connect(&directory).await.unwrap_err();
    assert!(nobody.contains("nobody serves a demo site"), "{nobody}");
    let options = DemoOptions { directory: Some(directory.clone()), ..DemoOptions::default() };
    let mut site = DemoSite::start(options).await.unwrap();
    site.open_control().unwrap();
    let remote = RemoteLab::connect(&directory).await.unwrap();
    remote.inject("swap-on".into()).await.unwrap();
    let active: Vec<String> = remote
        .list()
        .await
        .unwrap()
        .into_iter()
        .filter(|fault| fault.active)
        .map(|fault| fault.name)
        .collect();
    assert_eq!(active, ["swap-on"]);
    assert_eq!(section(&site, "ctl-03", "swap").await, "/swap.img file 8G 0B -2\n");
    assert!(remote.inject("nonsense".into()).await.unwrap_err().contains("has no fault"));
    remote.heal("swap-on".into()).await.unwrap();
    assert_eq!(section(&site, "ctl-03", "swap").await, "");
    use std::os::unix::fs::PermissionsExt;
    let socket = directory.join(".lab/control.sock");
    assert_eq!(std::fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);
    drop(site);
    for _ in 0..300 {
        if !socket.exists() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(!socket.exists());
    assert!(RemoteLab::connect(&directory).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_sites_directory_is_never_overwritten_and_a_temporary_one_goes() {
    let parent = tempfile::tempdir().unwrap();
    std::fs::write(parent.path().join("inventory.yml"), "all: {}\n").unwrap();
    let options =
        DemoOptions { directory: Some(parent.path().to_path_buf()), ..DemoOptions::default() };
    let refused = DemoSite::start(options).await.unwrap_err();
    assert!(refused.contains("not a demo site's"), "{refused}");
    assert_eq!(std::fs::read_to_string(parent.path().join("inventory.yml")).unwrap(), "all: {}\n");
    let site = start().await;
    let directory = site.directory().to_path_buf();
    use std::os::unix::fs::PermissionsExt;
    for private in ["id_ed25519", "vault-password", "inventory.yml", ".lab/state.json"] {
        let mode = std::fs::metadata(directory.join(private)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{private}");
    }
    drop(site);
    assert!(!directory.exists());
}

/// What `inventory check` says of an inventory, without places.
fn problems(inventory: &shopfloor::inventory::Inventory) -> Vec<(String, String)> {
    use shopfloor::inventory::rules::{Case, LiveFacts, Progress, check_inventory};
    use shopfloor::inventory::{variables::Catalogue, vault::Vault};
    let mut vault = Vault::default();
    vault.put("default", "shopfloor-example".into());
    let case = Case {
        inventory,
        now: shopfloor::domain::Stamp::parse("2026-11-21T12:00:00Z").unwrap(),
        facts: &LiveFacts::default(),
        progress: &Progress::default(),
        variables: Catalogue::shipped().unwrap(),
        vault: &vault,
    };
    let told = check_inventory(&case, None);
    told.into_iter().map(|problem| (problem.rule, problem.sentence)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sites_inventory_is_as_valid_as_the_example_and_its_settings_are_clean() {
    use shopfloor::inventory::{Inventory, settings::Settings};
    let site = start().await;
    let example = Inventory::load(std::path::Path::new(".")).err();
    assert!(example.is_some(), "the example is not an inventory of this directory");
    let text = std::fs::read_to_string("inventory.example.yml").unwrap();
    let example = Inventory::parse(&text, std::path::Path::new("inventory.example.yml")).unwrap();
    let made = Inventory::load(site.directory()).unwrap();
    assert_eq!(problems(&made), problems(&example));
    // Every other variable is the example's, vault values included.
    for host in &example.hosts {
        let (was, is) =
            (example.host_vars(&host.name).unwrap(), made.host_vars(&host.name).unwrap());
        for (name, node) in was.iter().filter(|(name, _)| !name.starts_with("ansible_")) {
            assert_eq!(is[name].as_str(), node.as_str(), "{} {name}", host.name);
        }
    }
    let settings = Settings::load(site.directory());
    assert_eq!(settings.problems, []);
    assert_eq!(settings.word.as_deref(), Some("DEMO"));
    let machines = site.state().world().machines.len();
    assert!(settings.endpoints.len() >= machines, "{}", settings.endpoints.len());
}
