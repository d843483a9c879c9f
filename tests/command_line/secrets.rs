//! Secrets of a site are in no output, in no file that we write, and on no
//! command line of a program that we start.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use secrecy::ExposeSecret as _;
use shopfloor::app::screens;
use shopfloor::inventory::vault::Vault;
use shopfloor::inventory::{Inventory, Kind, Node};

use super::binary::{Home, SHOPFLOOR, Said, Served, files_below};
use super::pty;

/// A password of the controllers that stands in a file.
const IN_A_FILE: &str = "plantedFilePassword71";

/// Every text that a vault of the inventory holds, and what opens them.
fn secrets_of(site: &Path) -> Vec<String> {
    let password = std::fs::read_to_string(site.join("vault-password")).unwrap();
    let mut vault = Vault::default();
    vault.put("default", password.trim().into());
    let inventory = Inventory::load(site).unwrap();
    let mut found = vec![password.trim().to_owned(), IN_A_FILE.to_owned()];
    for host in &inventory.hosts {
        for (_, node) in inventory.host_vars(&host.name).unwrap().iter() {
            gather(node, &vault, &mut found);
        }
    }
    let key = std::fs::read_to_string(site.join("id_ed25519")).unwrap();
    found.push(key.lines().nth(2).unwrap().to_owned());
    // A short one could stand in any text by chance.
    found.retain(|secret| secret.len() >= 8);
    assert!(found.len() > 10, "{}", found.len());
    found
}

fn gather(node: &Node, vault: &Vault, found: &mut Vec<String>) {
    match &node.kind {
        Kind::Vault(sealed) => {
            let opened = vault.open(sealed).unwrap();
            found.extend(opened.expose_secret().lines().map(|line| line.trim().to_owned()));
        }
        Kind::Map(entries) => entries.iter().for_each(|e| gather(&e.value, vault, found)),
        Kind::List(items) => items.iter().for_each(|item| gather(item, vault, found)),
        _ => {}
    }
}

fn assert_without(text: &[u8], secrets: &[String], place: &str) {
    let text = String::from_utf8_lossy(text);
    for secret in secrets {
        assert!(
            !text.contains(secret.as_str()),
            "a secret of {} characters is in {place}",
            secret.len()
        );
    }
}

/// The content of a file, unpacked where it is packed.
fn content(file: &Path) -> Vec<u8> {
    use std::io::Read as _;
    let raw = std::fs::read(file).unwrap();
    let mut unpacked = Vec::new();
    match flate2::read::MultiGzDecoder::new(raw.as_slice()).read_to_end(&mut unpacked) {
        Ok(_) => unpacked,
        Err(_) => raw,
    }
}

/// A controller that answers the knock with which every IPMI session begins.
fn knockable() -> u16 {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut seen = [0_u8; 64];
        while let Ok((size, from)) = socket.recv_from(&mut seen) {
            let mut reply = seen[..size].to_vec();
            if let Some(byte) = reply.get_mut(15) {
                *byte = 0x1c;
            }
            let _ = socket.send_to(&reply, from);
        }
    });
    port
}

/// An `ipmitool` that notes how it was started and says that the power is on.
fn noting_ipmitool(home: &Home) -> std::ffi::OsString {
    let notes = home.path("notes");
    let program = home.write(
        "bin/ipmitool",
        format!(
            "#!/bin/sh\ntr '\\0' ' ' </proc/$$/cmdline >>'{0}.cmdline'\ntr '\\0' ' ' </proc/$PPID/cmdline >>'{0}.cmdline'\n\
             printf '%s\\n' \"$IPMI_PASSWORD\" >>'{0}.password'\necho 'Chassis Power is on'\n",
            notes.display()
        ),
    );
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut path = home.path("bin").into_os_string();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    path
}

/// A copy of the served site whose first controller also answers IPMI.
fn with_ipmi(home: &Home, served: &Served, more: &str) -> PathBuf {
    let site = home.path(&format!("site{}", more.len()));
    std::fs::create_dir(&site).unwrap();
    for name in ["inventory.yml", "known_hosts", "bmc-ca.pem", "vault-password", "id_ed25519"] {
        std::fs::copy(served.directory.join(name), site.join(name)).unwrap();
    }
    let settings = std::fs::read_to_string(served.directory.join("shopfloor.yml")).unwrap();
    let mut is_first = true;
    let changed: Vec<String> = settings
        .lines()
        .map(|line| match line.split_once("ipmi: \"") {
            Some((before, _)) if is_first => {
                is_first = false;
                format!("{before}ipmi: \"127.0.0.1:{}\"}}", knockable())
            }
            _ if line == "bmc:" => format!("bmc:{more}"),
            _ => line.to_owned(),
        })
        .collect();
    assert!(!is_first, "no controller to change in {settings}");
    std::fs::write(site.join("shopfloor.yml"), changed.join("\n") + "\n").unwrap();
    site
}

/// Runs everything that shows or writes something.
fn show_everything(home: &Home, site: &Path, secrets: &[String], path: &std::ffi::OsStr) {
    let picture = home.path("picture.svg");
    let mut commands: Vec<Vec<&str>> = vec![
        vec!["check"],
        vec!["check", "--json"],
        vec!["check", "--list"],
        vec!["greet"],
        vec!["inventory", "check"],
        vec!["inventory", "check", "--json"],
        vec!["inventory", "show"],
        vec!["inventory", "show", "--json"],
        vec!["inventory", "explain", "router-01"],
        vec!["inventory", "explain", "router-01", "--json"],
        vec!["inventory", "set", "all.vars.ceph.osd_replication", "3", "--dry-run"],
        vec!["show", "overview", "--svg", picture.to_str().unwrap()],
        vec!["show", "target", "gpu-07", "--json"],
    ];
    for spec in screens::all().filter(|spec| spec.is_listed) {
        commands.push(vec!["show", spec.id, "--json"]);
    }
    commands.push(vec!["show", "power"]);
    for args in commands {
        let mut command = home.command(&["--site", site.to_str().unwrap()]);
        let output = command.args(&args).env("PATH", path).output().unwrap();
        let said = Said::of(&args, output);
        assert_without(said.out.as_bytes(), secrets, &said.args);
        assert_without(said.err.as_bytes(), secrets, &said.args);
    }
    assert_without(&content(&picture), secrets, "the picture");
}

#[test]
fn no_secret_is_shown_written_or_handed_over_on_a_command_line() {
    let home = Home::new();
    let served = Served::start(&home);
    let secrets = secrets_of(&served.directory);
    let path = noting_ipmitool(&home);

    let site = with_ipmi(&home, &served, "");
    show_everything(&home, &site, &secrets, &path);
    // The controllers' password from a file of its own, which is a wrong one: refusals are told too.
    home.write("bmc-password", format!("{IN_A_FILE}\n"));
    let file = home.path("bmc-password");
    let named = with_ipmi(&home, &served, &format!("\n  password_file: {}", file.display()));
    show_everything(&home, &named, &secrets, &path);

    let handed_over = std::fs::read_to_string(home.path("notes.password")).unwrap();
    assert!(
        secrets.iter().any(|secret| handed_over.contains(secret.as_str())),
        "the password reached ipmitool by its environment"
    );
    let cmdline = content(&home.path("notes.cmdline"));
    assert!(String::from_utf8_lossy(&cmdline).contains("lanplus"), "it was started at all");
    assert_without(&cmdline, &secrets, "a command line");
    let written = files_below(&home.path("state"));
    assert!(!written.is_empty());
    for file in written.iter().chain(&files_below(&home.path("config"))) {
        assert_without(&content(file), &secrets, &file.display().to_string());
    }
}

#[tokio::test]
async fn no_secret_is_in_a_recording_or_a_crash_report() {
    let home = Home::new();
    let served = Served::start(&home);
    let secrets = secrets_of(&served.directory);
    let site = served.directory.to_str().unwrap();

    let screen_home = pty::Home::new();
    let mut terminal = pty::Terminal::start(
        &screen_home,
        SHOPFLOOR,
        &["--site", site],
        (120, 40),
        "xterm-256color",
    );
    terminal
        .wait("every row judged", |s| {
            s.contains("Hosts") && s.contains(" ok ") && !s.contains("looking")
        })
        .await;
    terminal.keys(":record\r").await;
    terminal.see("recording written to").await;
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
    assert_without(&terminal.raw, &secrets, "the terminal");

    let mut crashing = pty::Terminal::start(
        &screen_home,
        SHOPFLOOR,
        &["--site", site, "--force-panic"],
        (120, 40),
        "xterm-256color",
    );
    crashing.read(Duration::from_secs(2)).await;
    let _ = crashing.end().await;
    assert_without(&crashing.raw, &secrets, "the terminal after a crash");

    let written = files_below(&screen_home.path("state"));
    let named = |word: &str| {
        written.iter().find(|f| f.file_name().unwrap().to_string_lossy().starts_with(word))
    };
    let recording = named("recording").expect("a recording");
    assert!(named("crash").is_some(), "a crash report in {written:?}");
    for file in &written {
        assert_without(&content(file), &secrets, &file.display().to_string());
    }
    // It is the recording of that look, and it plays.
    let played = Command::new(SHOPFLOOR)
        .args(["replay", recording.to_str().unwrap(), "--print"])
        .env("XDG_CONFIG_HOME", screen_home.path("config"))
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&played.stdout).contains("Hosts"), "{played:?}");
}
