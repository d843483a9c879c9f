use std::path::PathBuf;

use secrecy::SecretString;
use tokio::net::UdpSocket;

use super::*;
use crate::domain::endpoint::TlsTrust;
use crate::domain::{Fact, Health, SecretName, TargetKind, Value};
use crate::probes::power::testing::{bmc_target, reach};

fn fixture(name: &str) -> String {
    let place = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ipmi").join(name);
    std::fs::read_to_string(place).unwrap()
}

fn joined(names: &[&str]) -> String {
    names.iter().map(|name| fixture(name)).collect()
}

fn value(report: &Report, name: &str) -> Option<Value> {
    report.facts.iter().find(|fact: &&Fact| fact.key.as_str() == name).map(|f| f.value.clone())
}

fn number(report: &Report, name: &str) -> Option<f64> {
    match value(report, name)? {
        Value::Number(n) => Some(n),
        _ => None,
    }
}

#[test]
fn one_session_of_the_simulator_gives_every_fact() {
    let said =
        joined(&["chassis-status-on.txt", "mc-info.txt", "sensor.txt", "sel-after-critical.txt"])
            + "Entries          : 5\nPercent Used     : 0%\nOverflow         : false\n";
    let report = report(&said);
    assert_eq!(value(&report, "ipmi.power_state"), Some(Value::Word("on".into())));
    assert_eq!(value(&report, "ipmi.faults"), Some(Value::List(vec![])));
    assert_eq!(value(&report, "ipmi.firmware"), Some(Value::Text("9.08".into())));
    assert_eq!(number(&report, "ipmi.inlet"), Some(24.0));
    assert_eq!(number(&report, "ipmi.watts"), Some(2840.0));
    assert_eq!(number(&report, "ipmi.events"), Some(5.0));
    assert_eq!(number(&report, "ipmi.events_used"), Some(0.0));
    assert_eq!(value(&report, "ipmi.events_lost"), Some(Value::Word("no".into())));
    let Some(Value::Table(log)) = value(&report, "ipmi.events_critical") else { panic!() };
    let what: Vec<&str> = log.rows.iter().map(|row| log.cell(row, "what")).collect();
    assert_eq!(
        what,
        [
            "Memory #0x21: Uncorrectable ECC",
            "Power Supply #0x31: Failure detected",
            "Temperature CPU0 Temp: Upper Critical going high"
        ]
    );
    // A controller that offers no supplies has no such fact, rather than an empty one.
    assert_eq!(value(&report, "ipmi.supplies"), None);
    for fact in &report.facts {
        let info = crate::domain::keys::find(fact.key.as_str()).unwrap();
        assert_eq!(info.probe.name, "bmc.ipmi");
        if let Value::Word(word) = &fact.value {
            assert!(info.words.contains(&word.as_str()), "{word}");
        }
    }
}

#[test]
fn sensors_carry_their_own_limits() {
    let all = parse::sensors(&fixture("sensor.txt"));
    assert_eq!(all.temperatures.len(), 4);
    assert_eq!(all.temperatures[2].place, SensorPlace::Inlet);
    assert_eq!(all.temperatures[0].limits.high_warn, Some(85.0));
    assert_eq!(all.temperatures[0].limits.high_fail, Some(90.0));
    assert_eq!(all.fans[1].shown(), "8000 RPM");
    assert_eq!(all.fans[1].limits.low_fail, Some(1000.0));
    assert_eq!(all.voltages[0].limits.low_warn, Some(11.22));
    assert_eq!(all.powers.len(), 2);
}

#[test]
fn odd_sensor_lines_are_read_or_left_out() {
    let all = parse::sensors(&fixture("sensor-mixed.txt"));
    let names: Vec<&str> = all.temperatures.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["CPU1 Temp", "Inlet_Temp", "GPU Inlet Temp", "EvilTemp"]);
    assert!((all.temperatures[0].reading.unwrap() - 92.0).abs() < 0.01);
    assert_eq!(all.temperatures[0].limits.high_fail, Some(90.0));
    assert_eq!(all.temperatures[1].limits.high_fail, None, "0 is no upper limit");
    assert_eq!(all.temperatures[1].limits.low_warn, Some(5.0));
    assert_eq!(all.temperatures[2].place, SensorPlace::Inside);
    assert_eq!((all.fans[0].reading, all.fans[0].health), (None, Health::Absent));
    assert_eq!((all.fans.len(), all.fans[1].shown()), (2, "45 %".to_owned()));
    assert_eq!(all.voltages[0].health, Health::Critical);
}

#[test]
fn supplies_say_what_is_wrong_with_them() {
    let powers = parse::sensors("PSU2 Power In | 900.0 | Watts | ok | na | na | na | na | na | na");
    let named = fixture("supplies.txt").replace("PS2 Status ", "PSU2 Status");
    let found = parse::supplies(&named, &powers.powers);
    let healths: Vec<Health> = found.iter().map(|one| one.health).collect();
    use Health::{Absent, Critical, Ok, Warning};
    assert_eq!(healths, [Ok, Critical, Critical, Warning, Absent]);
    assert_eq!((found[1].watts, found[0].watts), (Some(900.0), None));
    assert_eq!(found[2].note, "Presence detected, Power Supply AC lost");
}

#[test]
fn dcmi_counts_when_the_measurement_is_on() {
    let raw = fixture("dcmi-raw.txt");
    assert_eq!(parse::dcmi_watts(&raw), Some(602.0));
    assert_eq!(parse::dcmi_watts(&raw.replace(" 00 40", " 00 00")), None);
    assert_eq!(parse::dcmi_watts(" dc 5a"), None);
    assert_eq!(parse::dcmi_watts(""), None);
}

#[test]
fn the_event_log_tells_what_is_in_force_and_when() {
    let text = fixture("sel-dated.txt");
    let log = parse::log(&text);
    assert_eq!((log.entries, log.used, log.lost), (Some(8.0), Some(92.0), Some(true)));
    assert_eq!(
        parse::log_critical(&text),
        [
            ["2026-11-20T10:11:13Z", "Power Supply PS2 Status: Power Supply AC lost"],
            ["2026-11-20T10:17:00Z", "Temperature CPU0 Temp: Upper Critical going high"],
            ["", "Memory #0x21: Uncorrectable ECC"],
        ]
    );
}

proptest::proptest! {
    #[test]
    fn any_output_is_survived(text in "(\\PC|\n|\\|| : |dc ){0,300}") {
        let report = report(&text);
        proptest::prop_assert!(report.facts.len() <= 14);
    }
}

/// A controller that answers the knock and nothing else.
async fn knockable() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut seen = [0_u8; 64];
        while let Ok((size, from)) = socket.recv_from(&mut seen).await {
            let mut reply = seen[..size].to_vec();
            reply[15] = 0x1c;
            let _ = socket.send_to(&reply, from).await;
        }
    });
    port
}

/// A probe whose `ipmitool` is this shell script.
async fn with_script(script: &str) -> (tempfile::TempDir, IpmiProbe) {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("tool");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    let target = bmc_target(("127.0.0.1", 1), ("127.0.0.1", knockable().await), TlsTrust::System);
    assert_eq!(target.kind, TargetKind::Bmc);
    let probe = IpmiProbe::new(&target, None, target.bmc.as_ref().unwrap());
    (dir, probe.with_program(program.to_str().unwrap()))
}

fn word(answer: &Answer) -> String {
    answer.cause().map_or_else(|| "facts".to_owned(), |cause| cause.word.word().to_owned())
}

#[tokio::test]
async fn the_password_is_in_the_environment_and_nowhere_else() {
    let script = "printf '%s %s\\n' \"$IPMI_PASSWORD\" \"$*\" >\"$0.seen\"; cat >>\"$0.seen\"
        echo 'System Power : on'; echo 'Chassis Power is on'; exit 1";
    let (dir, probe) = with_script(script).await;
    let answer = probe.ask(&reach()).await;
    assert_eq!(word(&answer), "facts");
    assert!(!format!("{answer:?}").contains("planted"));
    let seen = std::fs::read_to_string(dir.path().join("tool.seen")).unwrap();
    let (head, commands) = seen.split_once('\n').unwrap();
    let argv = head.strip_prefix("planted-Pa55 ").unwrap();
    assert!(!argv.contains("planted"), "{argv}");
    assert!(argv.contains("-U ops -E -L USER -C 17 -N 1 -R 1 exec /dev/stdin"), "{argv}");
    assert!(commands.starts_with("chassis status\n") && commands.contains("\nsensor\n"));
}

#[tokio::test]
async fn a_cipher_suite_that_works_is_remembered() {
    let script = "echo \"$*\" >>\"$0.seen\"
        case \"$*\" in *'-C 3'*) echo 'System Power : off';; *)
        echo 'Error in open session response message : invalid authentication algorithm' >&2
        echo 'Error: Unable to establish IPMI v2 / RMCP+ session' >&2; exit 1;; esac";
    let (dir, probe) = with_script(script).await;
    for _ in 0..2 {
        assert_eq!(word(&probe.ask(&reach()).await), "facts");
    }
    let seen = std::fs::read_to_string(dir.path().join("tool.seen")).unwrap();
    let suites: Vec<&str> =
        seen.lines().map(|l| l.split("-C ").nth(1).unwrap().split(' ').next().unwrap()).collect();
    assert_eq!(suites, ["17", "3", "3"]);
}

#[tokio::test]
async fn what_ipmitool_complains_of_is_told_apart() {
    for (file, line, cause) in
        [("wrong-password.txt", 1, "auth-refused"), ("user-power-on.txt", 2, "auth-refused")]
    {
        let said = fixture(file).lines().nth(line).unwrap().replace('\'', "");
        let (_dir, probe) = with_script(&format!("echo '{said}' >&2; exit 1")).await;
        assert_eq!(word(&probe.ask(&reach()).await), cause, "{said}");
    }
    let (_dir, probe) = with_script("echo 'Error: no matching cipher suite' >&2; exit 1").await;
    assert_eq!(word(&probe.ask(&reach()).await), "ipmi-cipher");
    let (_dir, probe) = with_script("echo 'Segmentation fault' >&2; exit 139").await;
    assert_eq!(word(&probe.ask(&reach()).await), "garbled");
    let (_dir, probe) = with_script("").await;
    let probe = probe.with_program("no-such-ipmitool");
    assert_eq!(word(&probe.ask(&reach()).await), "command-missing");
}

#[tokio::test]
async fn without_a_password_or_with_one_too_long_nothing_is_sent() {
    let (dir, probe) = with_script("touch \"$0.seen\"").await;
    let mut sealed = reach();
    sealed.secrets = std::sync::Arc::default();
    assert_eq!(word(&probe.ask(&sealed).await), "password-sealed");
    let long = reach();
    long.secrets.put(SecretName::from("bmc"), SecretString::from("x".repeat(21)));
    assert_eq!(word(&probe.ask(&long).await), "auth-refused");
    assert!(!dir.path().join("tool.seen").exists());
}

#[test]
fn a_log_that_is_counted_and_not_listed_was_not_read() {
    let counted = "SEL Information\nEntries          : 5\n";
    let told = report(counted);
    let lost: Vec<&str> = told.lost.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(lost, [key::EVENTS_CRITICAL.info.name]);
    let empty = report("Entries          : 0\n");
    assert_eq!(empty.lost, []);
    let read = report(&format!(
        "{counted}   1 | 11/20/26 | 10:11:12 UTC | Fan FAN1 | Transition to OK | Asserted\n"
    ));
    assert_eq!(read.lost, []);
    assert!(read.facts.iter().any(|fact| fact.key == key::EVENTS_CRITICAL.name()));
}

#[test]
fn a_supply_that_foretells_its_failure_works_still() {
    let one = |said: &str| {
        let line = format!("PSU1 | C0h | ok | 10.1 | {said}\n");
        parse::supplies(&line, &[]).remove(0).health
    };
    assert_eq!(one("Presence detected, Predictive failure"), Health::Warning);
    assert_eq!(one("Presence detected, Failure detected"), Health::Critical);
    assert_eq!(one("Presence detected"), Health::Ok);
}

#[tokio::test]
async fn a_session_that_breaks_off_does_not_pass_for_a_whole_one() {
    let said = joined(&["chassis-status-on.txt", "mc-info.txt", "sensor.txt"]);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("said");
    std::fs::write(&file, &said).unwrap();
    let cut = format!("cat {}; echo 'Error: no response' >&2; exit 1", file.display());
    let (_tool, probe) = with_script(&cut).await;
    let Answer::Facts(told) = probe.ask(&reach()).await else { panic!("no facts") };
    assert_eq!(value(&told, "ipmi.power_state"), Some(Value::Word("on".into())));
    assert_eq!(value(&told, "ipmi.fans"), None, "the list may have been longer");
    for info in key::ALL {
        let lost = told.lost.iter().find(|(name, _)| name.as_str() == info.name);
        let known = told.facts.iter().any(|fact| fact.key.as_str() == info.name);
        assert!(known != lost.is_some(), "{} is known or lost", info.name);
        assert!(lost.is_none_or(|(_, cause)| cause.word == CauseWord::Cut), "{}", info.name);
    }
    let (_tool, probe) =
        with_script(&format!("cat {}; echo Chassis Power is on", file.display())).await;
    let Answer::Facts(told) = probe.ask(&reach()).await else { panic!("no facts") };
    assert!(value(&told, "ipmi.fans").is_some());
    assert_eq!(told.lost, []);
}

#[test]
fn the_accounts_of_a_controller_are_read() {
    let list = "ID  Name\t     Callin  Link Auth\tIPMI Msg   Channel Priv Limit\n\
                1                    true    false      false      NO ACCESS\n\
                2   operator         true    false      true       OPERATOR\n\
                3   metrics          true    false      true       USER\n\
                4   old              true    false      true       NO ACCESS\n\
                Chassis Power is on\n";
    let table = report(list);
    let users = table.facts.iter().find(|fact| fact.key.as_str() == "ipmi.users").unwrap();
    let crate::domain::Value::Table(users) = &users.value else { panic!("no table") };
    let rows: Vec<String> = users.rows.iter().map(|row| row.join("|")).collect();
    assert_eq!(rows, ["2|operator|OPERATOR", "3|metrics|USER", "4|old|NO ACCESS"]);
    assert!(
        parse::users("Get User Access command failed: Insufficient privilege level\n").is_none()
    );
}
