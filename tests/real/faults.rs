//! The rows of the table of faults that real servers can bring about, judged
//! by the real rules from what the real probes bring.

use std::collections::BTreeMap;
use std::time::Duration;

use shopfloor::domain::{Answer, Cause, CauseWord, FactStore, Judgement, Site, Verdict};
use shopfloor::probes::Reach;
use tokio::io::AsyncReadExt;

use crate::bmc;
use crate::fleet::Fleet;
use crate::hosts;
use crate::suite::{ran, skipped};
use crate::table::{Controller, Fault, Real, Turned, faults};

/// The judgements of one target, by check.
type Judged = BTreeMap<String, Judgement>;

fn by_check(all: Vec<Judgement>) -> Judged {
    all.into_iter().map(|judged| (judged.check.to_string(), judged)).collect()
}

/// What a row names: verdict, words, layer, cause, and something to try.
#[track_caller]
fn assert_named(fault: &Fault, seen: &Judged) {
    let judged = &seen[fault.check];
    let name = fault.name;
    assert_eq!(judged.verdict, fault.verdict, "{name}: {judged:?}");
    assert!(judged.sentence.contains(fault.says), "{name}: {}", judged.sentence);
    assert_eq!(judged.layer.word(), fault.layer, "{name}");
    assert_eq!(judged.cause.as_ref().map(CauseWord::word), fault.cause, "{name}: {judged:?}");
    assert!(!judged.next.is_empty(), "{name}");
}

/// Everything whose verdict is another one. The load that HOST-24 judges is that
/// of the machine that runs the tests, and moves while they run.
fn turned<'a>(well: &Judged, seen: &'a Judged) -> BTreeMap<&'a str, &'a Judgement> {
    let other = |judged: &&Judgement| {
        judged.check.as_str() != "HOST-24"
            && well.get(judged.check.as_str()).is_none_or(|was| was.verdict != judged.verdict)
    };
    seen.values().filter(other).map(|judged| (judged.check.as_str(), judged)).collect()
}

/// Two connections that are let in and never log in: sshd turns away the third.
async fn occupy(fleet: &Fleet, number: usize) -> Vec<tokio::net::TcpStream> {
    let mut idle = Vec::new();
    while idle.len() < 2 {
        let address = (Fleet::address(number), fleet.port);
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let mut first = [0; 4];
        // Until one is let in: the recipe's own look at the port may still count.
        if stream.read_exact(&mut first).await.is_ok() && &first == b"SSH-" {
            idle.push(stream);
        }
    }
    idle
}

/// A look at host 1 that finds it well. On a busy machine an answer may be slow
/// without a fault, so a few are taken before the test fails.
async fn well_host(fleet: &Fleet, site: &Site, store: &mut FactStore) -> Judged {
    let mut last = None;
    for _ in 0..5 {
        hosts::look(site, &hosts::reach(fleet.settings()), store).await;
        let seen = by_check(hosts::judge(site, store, 1));
        if seen["HOST-01"].verdict == Verdict::Pass {
            return seen;
        }
        last = seen.get("HOST-01").cloned();
    }
    panic!("never well: {last:?}");
}

/// Looks as a session does, over the same connections, until the row's check has turned.
async fn look_again(site: &Site, reach: &Reach, store: &mut FactStore, fault: &Fault) {
    let began = std::time::Instant::now();
    while by_check(hosts::judge(site, store, 1))[fault.check].verdict != fault.verdict {
        assert!(began.elapsed() < Duration::from_secs(60), "{} never showed", fault.name);
        tokio::time::sleep(Duration::from_secs(1)).await;
        hosts::look(site, reach, store).await;
    }
    // What it said while it was cut in the middle of a look is over with the next.
    hosts::look(site, reach, store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_in_trouble_turn_exactly_their_checks_and_heal() {
    let fleet = match Fleet::start(4) {
        Ok(fleet) => fleet,
        Err(why) => return skipped("faults-hosts", &why),
    };
    ran("faults-hosts");
    for fault in faults() {
        let Some(real) = fault.real() else { continue };
        let mut settings = shopfloor::transport::ssh::SshSettings {
            connect_timeout: Duration::from_secs(3),
            ..fleet.settings()
        };
        let name = fault.name;
        let site = hosts::site(&fleet, 1..=2);
        let mut store = FactStore::default();
        let well = well_host(&fleet, &site, &mut store).await;
        let (kind, idle) = match real {
            Real::Bmc(..) => continue,
            Real::NoKnownHosts => {
                settings.known_hosts = vec![fleet.file("no-known-hosts")];
                ("none", Vec::new())
            }
            Real::Throttled => {
                assert!(fleet.fault("maxstartups", 1), "{name}");
                ("maxstartups", occupy(&fleet, 1).await)
            }
            Real::Sshd(kind) | Real::Again(kind) => {
                if !fleet.fault(kind, 1) {
                    // The kernel decides that; the other rows run.
                    println!("SKIPPED {name}: nftables cannot do {kind} here");
                    fleet.heal(kind, 1);
                    continue;
                }
                (*kind, Vec::new())
            }
        };
        let reach = hosts::reach(settings);
        hosts::look(&site, &reach, &mut store).await;
        if matches!(real, Real::Again(_)) {
            look_again(&site, &reach, &mut store, &fault).await;
        }
        drop(idle);
        let seen = by_check(hosts::judge(&site, &store, 1));
        assert_named(&fault, &seen);
        let host = Fleet::name(1);
        assert!(seen["HOST-01"].sentence.contains(&host), "{name}: {:?}", seen["HOST-01"]);
        let mut rest = turned(&well, &seen);
        rest.remove(fault.check);
        if fault.lost {
            for judged in seen.values().filter(|judged| judged.check.as_str() != fault.check) {
                assert_eq!(judged.verdict, Verdict::Unknown, "{name}: {judged:?}");
                assert!(judged.sentence.starts_with("cannot look: "), "{name}: {judged:?}");
                rest.remove(judged.check.as_str());
            }
        }
        assert!(rest.is_empty(), "{name} turned more: {rest:#?}");
        if !matches!(real, Real::NoKnownHosts) {
            let beside = by_check(hosts::judge(&site, &store, 2));
            assert_ne!(beside["HOST-01"].verdict, Verdict::Fail, "{name} beside");
        }
        fleet.heal(kind, 1);
        let healed = well_host(&fleet, &site, &mut store).await;
        let left = turned(&well, &healed);
        assert!(left.is_empty(), "{name} healed: {left:#?}");
        println!("{name}: {}", seen[fault.check].sentence);
    }
}

#[test]
fn controllers_in_trouble_turn_exactly_their_checks_and_heal() {
    let lab = match bmc::Lab::up() {
        Ok(lab) => lab,
        Err(why) => return skipped("faults-bmc", &why),
    };
    ran("faults-bmc");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for fault in faults() {
        if let Some(Real::Bmc(change, also)) = fault.real() {
            runtime.block_on(controller(&lab, &fault, change, also));
        }
    }
}

/// The host is well unless it is switched off.
fn host_answer(change: Option<&Controller>) -> Answer {
    let silent = "node-1 does not answer on 127.0.0.1 port 22";
    match change {
        Some(Controller::PowerOff) => {
            Answer::TimedOut(Cause::new(CauseWord::TimedOut, silent, "Look at its cables"))
        }
        _ => Answer::Facts(Default::default()),
    }
}

async fn controller(lab: &bmc::Lab, fault: &Fault, change: &Controller, also: &[Turned]) {
    let name = fault.name;
    let trust = match change {
        Controller::Certificate => lab.pinned(),
        _ => lab.own_ca(),
    };
    let site = bmc::site(lab, trust, "ops");
    let well = by_check(bmc::look(&site, bmc::PASSWORD, host_answer(None)).await.all);
    let bad: Vec<&Judgement> =
        well.values().filter(|judged| judged.verdict == Verdict::Fail).collect();
    assert!(bad.is_empty(), "{name} before: {bad:#?}");
    let mut password = bmc::PASSWORD;
    match change {
        Controller::Hangs => lab.tell("hang", &[]),
        Controller::Down => lab.down(),
        Controller::Password => password = "not-the-password",
        Controller::Certificate => lab.tell("certificate", &[]),
        Controller::Sensor(file, raw, _) => lab.tell("sensor", &[file, raw]),
        Controller::PowerOff => lab.tell("power", &["off"]),
    }
    bmc::settle().await;
    let seen = by_check(bmc::look(&site, password, host_answer(Some(change))).await.all);
    match change {
        Controller::Hangs => lab.tell("go", &[]),
        Controller::Down => lab.again(),
        Controller::Password | Controller::Certificate => {}
        Controller::Sensor(file, _, well) => lab.tell("sensor", &[file, well]),
        Controller::PowerOff => lab.tell("power", &["on"]),
    }
    assert_named(fault, &seen);
    let mut rest = turned(&well, &seen);
    rest.remove(fault.check);
    for (check, _, verdict, says) in also {
        let judged = rest.remove(check).unwrap_or_else(|| panic!("{name}: {check}: {seen:#?}"));
        assert_eq!(judged.verdict, *verdict, "{name}: {judged:?}");
        let shown = judged.evidence.iter().any(|one| one.shown.contains(says));
        assert!(judged.sentence.contains(says) || shown, "{name}: {judged:?}");
    }
    assert!(rest.is_empty(), "{name} turned more: {rest:#?}");
    // What happened stays in the event log; a pinned certificate is pinned anew.
    lab.clear_log();
    bmc::settle().await;
    let site = match change {
        Controller::Certificate => bmc::site(lab, lab.pinned(), "ops"),
        _ => site,
    };
    let healed = by_check(bmc::look(&site, bmc::PASSWORD, host_answer(None)).await.all);
    let left = turned(&well, &healed);
    assert!(left.is_empty(), "{name} healed: {left:#?}");
    println!("{name}: {}", seen[fault.check].sentence);
}
