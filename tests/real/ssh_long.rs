//! Slow faults of real SSH servers: only `tests/long` runs these.

use std::time::Duration;

use shopfloor::transport::ssh::{Command, SshSettings};

use crate::fleet::{Fleet, fleet};
use crate::ssh::{hostname, pool, text};

/// How many connections to an address and port this machine holds open
/// (state 01 of /proc/net/tcp, addresses little endian in hexadecimal).
fn established(address: &str, port: u16) -> usize {
    let bytes: Vec<u8> = address.split('.').map(|part| part.parse().unwrap()).collect();
    let wanted =
        format!("{:02X}{:02X}{:02X}{:02X}:{port:04X}", bytes[3], bytes[2], bytes[1], bytes[0]);
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    table
        .lines()
        .filter_map(|line| {
            let mut fields = line.split_whitespace().skip(2);
            Some((fields.next()?, fields.next()?))
        })
        .filter(|(remote, state)| *remote == wanted && *state == "01")
        .count()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "part of tests/long"]
async fn long_an_idle_connection_to_a_frozen_host_ends_by_keep_alive() {
    let fleet = fleet!();
    let settings = fleet.settings();
    let patience = settings.keepalive * 5;
    let pool = pool(settings);
    let host = fleet.endpoint(140);
    let (address, port) = (Fleet::address(140), fleet.port);
    let session = text(&pool.run(&host, &Command::new("echo $PPID")).await.unwrap()).to_owned();
    assert_eq!(established(&address, port), 1);
    let signal = |name: &str| {
        let status = std::process::Command::new("kill").args([name, &session]).status().unwrap();
        assert!(status.success());
    };
    signal("-STOP");
    let begun = std::time::Instant::now();
    while established(&address, port) > 0 {
        assert!(begun.elapsed() < patience, "still open after {:?}", begun.elapsed());
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    println!("given up after {:.0?}", begun.elapsed());
    signal("-CONT");
    hostname(&pool, &host).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "part of tests/long"]
async fn long_each_fault_of_a_host_comes_and_goes_many_times() {
    let fleet = fleet!();
    let pool = pool(SshSettings { connect_timeout: Duration::from_secs(3), ..fleet.settings() });
    let host = fleet.endpoint(141);
    for round in 0..20 {
        for kind in ["refused", "stopped", "hostkey", "auth", "mute", "garbage", "drop"] {
            hostname(&pool, &host).await.unwrap();
            assert!(fleet.fault(kind, 141), "{kind}");
            assert!(hostname(&pool, &host).await.is_err(), "{kind} in round {round}");
            fleet.heal(kind, 141);
        }
    }
    hostname(&pool, &host).await.unwrap();
}
