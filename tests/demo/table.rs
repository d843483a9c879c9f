//! The rows of the table that the demo site can bring about: exactly the checks
//! that turn, with what they say. The real probes look over the real transports,
//! the real rules judge, and the program itself says the same.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use futures_util::{StreamExt, stream};
use serde_json::Value;
use shopfloor::checks::{self, Catalogue};
use shopfloor::domain::faults::FaultLab;
use shopfloor::domain::{FactStore, Judgement, Site, Stamp, Verdict};
use shopfloor::lab::{DemoOptions, DemoSite};
use shopfloor::probes;

use super::faults::{Demo, Fault, OF_A_GPU_NODE, faults};
use super::looking;

/// Everything that is judged, by check and target.
type Judged = BTreeMap<(String, String), Judgement>;

fn now() -> Stamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Stamp(i64::try_from(since.as_millis()).unwrap())
}

fn catalogue() -> Catalogue {
    let (catalogue, faults) = Catalogue::load(&[], &BTreeMap::new());
    assert_eq!(faults, []);
    catalogue
}

/// Looks once at everything and judges it, as `check` does.
async fn look(site: &Site, reach: &probes::Reach, catalogue: &Catalogue) -> Judged {
    let probes = probes::probes_of(site);
    probes.iter().for_each(|probe| probe.is_due());
    let asks = probes.iter().map(|probe| async move {
        let begun = Instant::now();
        let answer = tokio::time::timeout(probe.spec().timeout, probe.ask(reach)).await;
        let answer = answer.unwrap_or_else(|_| panic!("{} never ended", probe.id()));
        (probe.id().clone(), answer, u64::try_from(begun.elapsed().as_millis()).unwrap())
    });
    let mut facts = FactStore::default();
    let mut answers = stream::iter(asks).buffer_unordered(48);
    while let Some((probe, answer, took_ms)) = answers.next().await {
        facts.asked(&probe, now());
        facts.take(&probe, answer, now(), took_ms);
    }
    let at = now();
    site.targets
        .iter()
        .flat_map(|target| checks::judge_target(catalogue, site, &facts, &target.id, at))
        .map(|judged| ((judged.check.to_string(), judged.target.to_string()), judged))
        .collect()
}

/// Everything that a row turns: check, target, verdict, words.
fn turned(fault: &Fault, demo: &Demo) -> Vec<(String, String, Verdict, [&'static str; 2])> {
    let mut rows = Vec::new();
    for target in &demo.targets {
        rows.push((fault.check.to_owned(), target.clone(), fault.verdict, [fault.says, demo.adds]));
        if fault.lost {
            rows.extend(OF_A_GPU_NODE.map(|check| {
                (check.to_owned(), target.clone(), Verdict::Unknown, ["cannot look: ", ""])
            }));
            // The cloud's services on it are asked the same way.
            rows.extend(["OST-01", "OST-21"].map(|check| {
                (check.to_owned(), target.clone(), Verdict::Unknown, ["cannot look: ", ""])
            }));
        }
    }
    rows.extend(demo.also.iter().map(|(check, target, verdict, says)| {
        ((*check).to_owned(), (*target).to_owned(), *verdict, [*says, ""])
    }));
    rows
}

/// What the program itself says of the site, and its exit status.
async fn check_by_the_program(directory: &Path, state: &Path) -> (Vec<Value>, Option<i32>) {
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_shopfloor"))
        .args(["check", "--json", "--site"])
        .arg(directory)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", state)
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let told: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    (told["checks"].as_array().unwrap().clone(), output.status.code())
}

/// Whether a program's judgement is the one of that check and target.
fn is_of(judged: &Value, check: &str, target: &str) -> bool {
    judged["id"] == check && judged["target"] == target
}

/// Everything whose verdict differs from that of the well site.
fn difference(well: &Judged, seen: &Judged) -> BTreeMap<(String, String), (Verdict, String)> {
    seen.iter()
        .filter(|(id, judged)| well.get(*id).is_none_or(|was| was.verdict != judged.verdict))
        .map(|(id, judged)| (id.clone(), (judged.verdict, judged.sentence.clone())))
        .collect()
}

fn exit_status(seen: &Judged) -> u8 {
    Verdict::worst(seen.values().map(|judged| judged.verdict)).exit_status()
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_well_site_every_built_check_is_judged_and_passes() {
    let demo = DemoSite::start(DemoOptions { seed: 1, ..DemoOptions::default() }).await.unwrap();
    let (site, reach) = looking::open(&demo);
    let well = look(&site, &reach, &catalogue()).await;
    let bad: Vec<&Judgement> = well.values().filter(|judged| judged.verdict.is_finding()).collect();
    assert!(bad.is_empty(), "{bad:#?}");
    assert_eq!(exit_status(&well), 0);
    // Whatever a rule needs to know of a target, a probe of that target asks for.
    let probes = probes::probes_of(&site);
    for target in &site.targets {
        let machine = target.machine.as_ref();
        let teller = site.teller_of(target).map(|teller| &teller.id);
        for rule in checks::rules().filter(|rule| (rule.applies)(&site, target)) {
            for name in rule.probes {
                let asked = probes.iter().map(|probe| probe.id()).any(|id| {
                    id.probe.as_str() == *name
                        && (id.target == target.id
                            || Some(&id.target) == machine
                            || Some(&id.target) == teller
                            || site.parts_of(target).any(|part| part.id == id.target))
                });
                assert!(asked, "{} of {} needs {name}", rule.id, target.id);
            }
        }
    }
    let passed: std::collections::BTreeSet<&str> = well
        .values()
        .filter(|judged| judged.verdict == Verdict::Pass)
        .map(|judged| judged.check.as_str())
        .collect();
    let not_judged: Vec<&str> =
        checks::rules().map(|rule| rule.id).filter(|id| !passed.contains(id)).collect();
    // A run inside a terminal multiplexer needs a run; while one runs, BAST-14 warns.
    // The gateways speak no TLS there, and nobody names Keystone; the controllers
    // speak Redfish only, so none tells its accounts (IPMI-06).
    assert_eq!(not_judged, ["BAST-15", "RGW-08", "RGW-07", "IPMI-06"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_turns_exactly_its_checks_and_healing_turns_them_back() {
    let rows = faults();
    let rows: Vec<(&Fault, &Demo)> =
        rows.iter().filter_map(|fault| Some((fault, fault.demo()?))).collect();
    let demo = DemoSite::start(DemoOptions { seed: 1, ..DemoOptions::default() }).await.unwrap();
    let of_lab = demo.list().await.unwrap().into_iter().map(|fault| fault.name);
    let of_lab: BTreeSet<String> = of_lab.filter(|name| name != "well").collect();
    let named: BTreeSet<String> = rows.iter().map(|(_, row)| row.scenario.to_owned()).collect();
    assert_eq!(named, of_lab, "every fault of the lab has a row");
    // The site stays open over all faults, as in a session: connections that
    // a fault cuts must come back by themselves. The program looks anew each time.
    let (site, reach) = looking::open(&demo);
    let home = tempfile::tempdir().unwrap();
    let catalogue = catalogue();
    let well = look(&site, &reach, &catalogue).await;
    let (told, status) = check_by_the_program(demo.directory(), home.path()).await;
    assert_eq!(status, Some(0), "{told:#?}");
    assert_eq!(told.len(), well.len());
    for (fault, row) in rows {
        let name = fault.name;
        demo.inject(row.scenario.into()).await.unwrap();
        let seen = look(&site, &reach, &catalogue).await;
        let (told, status) = check_by_the_program(demo.directory(), home.path()).await;
        let mut differs = difference(&well, &seen);
        let mut by_program: Vec<&Value> = told
            .iter()
            .filter(|judged| {
                let id = (judged["id"].as_str().unwrap(), judged["target"].as_str().unwrap());
                let was = well.get(&(id.0.to_owned(), id.1.to_owned()));
                was.is_none_or(|was| judged["verdict"] != was.verdict.word())
            })
            .collect();
        for (check, target, verdict, says) in turned(fault, row) {
            let place = format!("{name}: {check} {target}");
            let found = differs.remove(&(check.clone(), target.clone()));
            let (found, sentence) = found.unwrap_or_else(|| panic!("{place} did not turn"));
            assert_eq!(found, verdict, "{place}: {sentence}");
            assert!(says.iter().all(|words| sentence.contains(words)), "{place}: {sentence}");
            let at = by_program.iter().position(|judged| is_of(judged, &check, &target));
            let judged = by_program.remove(at.unwrap_or_else(|| panic!("{place}: {told:#?}")));
            assert_eq!(judged["verdict"], verdict.word(), "{place}: {judged}");
            let told = judged["sentence"].as_str().unwrap();
            assert!(says.iter().all(|words| told.contains(words)), "{place}: {judged}");
            if check == fault.check {
                assert_eq!(judged["layer"], fault.layer, "{place}");
                assert_eq!(judged["cause"].as_str(), fault.cause, "{place}");
            }
        }
        assert!(differs.is_empty(), "{name} turned more: {differs:#?}");
        assert!(by_program.is_empty(), "{name} turned more for the program: {by_program:#?}");
        assert_eq!(exit_status(&seen), row.status, "{name}");
        assert_eq!(status, Some(row.status.into()), "{name}");
        demo.heal(row.scenario.into()).await.unwrap();
        let healed = difference(&well, &look(&site, &reach, &catalogue).await);
        assert!(healed.is_empty(), "{name} healed: {healed:#?}");
    }
}
