//! The whole way: an inventory of 148 real hosts, the program itself, a fault
//! that appears and heals.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::fleet::{Fleet, HOSTS};
use crate::suite::{ran, skipped};

/// The host through which another one is reached.
const JUMP: usize = 1;
/// That other one.
const BEHIND: usize = HOSTS;
/// The host that gets the fault.
const SICK: usize = 17;

/// An inventory as an operator would write it for the fleet.
fn write_site(fleet: &Fleet, directory: &Path) {
    let file = |name: &str| fleet.file(name).display().to_string();
    let (port, known_hosts) = (fleet.port, file("known_hosts"));
    let mut text = format!(
        "all:\n  vars:\n    ansible_port: {port}\n    ansible_user: fleetops\n    \
         ansible_ssh_private_key_file: {}\n    ansible_ssh_common_args: >-\n      \
         -o UserKnownHostsFile={known_hosts} -o GlobalKnownHostsFile=/dev/null\n\
         compute:\n  hosts:\n",
        file("id"),
    );
    for number in 1..=HOSTS {
        let (name, address) = (Fleet::name(number), Fleet::address(number));
        let _ = writeln!(text, "    {name}:\n      ansible_host: {address}");
        if number == BEHIND {
            // The jump host's own key and account come from the configuration.
            let (config, jump) = (file("ssh_config"), Fleet::address(JUMP));
            let _ = writeln!(
                text,
                "      ansible_ssh_common_args: -F {config} -J fleetops@{jump}:{port}"
            );
        }
    }
    std::fs::write(directory.join("inventory.yml"), text).unwrap();
    // A machine that also runs 148 servers is slow at times; that is not the matter here.
    std::fs::write(directory.join("shopfloor.yml"), "thresholds:\n  HOST-01.slow_s: 45\n").unwrap();
}

/// What `shopfloor check --json` says of the hosts, and its exit status.
fn check(site: &Path, home: &Path) -> (Vec<Value>, Option<i32>) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_shopfloor"))
        .args(["check", "--json", "--site"])
        .arg(site)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{told}"));
    assert_eq!(told["schema"], 1);
    (told["checks"].as_array().unwrap().clone(), output.status.code())
}

/// The judgement of HOST-01 on a host.
fn reached(told: &[Value], number: usize) -> &Value {
    let name = Fleet::name(number);
    let is_it = |judged: &&Value| judged["id"] == "HOST-01" && judged["target"] == name.as_str();
    told.iter().find(is_it).unwrap_or_else(|| panic!("{name} is not judged"))
}

#[track_caller]
fn assert_reached(told: &[Value], but: Option<usize>) {
    for number in (1..=HOSTS).filter(|number| Some(*number) != but) {
        let judged = reached(told, number);
        assert_eq!(judged["verdict"], "pass", "{judged}");
    }
}

/// The worst verdict's exit status, from what was printed (`docs/json.md`).
fn status_of(told: &[Value]) -> i32 {
    let any = |word: &str| told.iter().any(|judged| judged["verdict"] == word);
    match () {
        () if any("fail") => 2,
        () if any("unknown") => 3,
        () if any("warn") => 1,
        () => 0,
    }
}

#[test]
fn the_program_looks_at_148_hosts_sees_one_fail_and_heal() {
    let fleet = match Fleet::start(HOSTS) {
        Ok(fleet) => fleet,
        Err(why) => return skipped("site", &why),
    };
    ran("site");
    let (site, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_site(&fleet, site.path());

    let (well, status) = check(site.path(), home.path());
    assert_reached(&well, None);
    assert_eq!(status, Some(status_of(&well)));
    // Everything about every host is judged, and a look took place for it.
    let checks_of = |told: &[Value], number: usize| -> Vec<Value> {
        let name = Fleet::name(number);
        told.iter().filter(|judged| judged["target"] == name.as_str()).cloned().collect()
    };
    let each = checks_of(&well, 1).len();
    assert!(each > 5, "{each}");
    for number in 1..=HOSTS {
        let judged = checks_of(&well, number);
        assert_eq!(judged.len(), each, "{}", Fleet::name(number));
        assert!(judged.iter().all(|one| one["cause"] != "refused"), "{judged:#?}");
    }

    assert!(fleet.fault("refused", SICK));
    let (seen, status) = check(site.path(), home.path());
    let judged = reached(&seen, SICK);
    assert_eq!((&judged["verdict"], &judged["cause"]), (&"fail".into(), &"refused".into()));
    let (name, address) = (Fleet::name(SICK), Fleet::address(SICK));
    let sentence = format!("{name} refuses connections on {address} port {}", fleet.port);
    assert_eq!(judged["sentence"], sentence.as_str());
    for one in checks_of(&seen, SICK).iter().filter(|one| one["id"] != "HOST-01") {
        assert_eq!(one["verdict"], "unknown", "{one}");
    }
    assert_reached(&seen, Some(SICK));
    assert_eq!(status, Some(2));

    fleet.heal("refused", SICK);
    let (healed, status) = check(site.path(), home.path());
    assert_reached(&healed, None);
    assert_eq!(status, Some(status_of(&healed)));
    assert_eq!(checks_of(&healed, SICK).len(), each);

    // The one behind the jump host is really reached through it: they go together.
    assert!(fleet.fault("refused", JUMP));
    let (seen, status) = check(site.path(), home.path());
    for number in [JUMP, BEHIND] {
        let judged = reached(&seen, number);
        assert_eq!((&judged["verdict"], &judged["cause"]), (&"fail".into(), &"refused".into()));
    }
    let lost = |judged: &&Value| judged["id"] == "HOST-01" && judged["verdict"] != "pass";
    assert_eq!(seen.iter().filter(lost).count(), 2);
    assert_eq!(status, Some(2));
    fleet.heal("refused", JUMP);
}
