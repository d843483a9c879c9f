mod samples;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use crate::checks::hosts::worlds::target;
use crate::checks::{Catalogue, judge_target};
use crate::domain::{
    Answer, Cause, CauseWord, FactStore, Judgement, KeyName, ProbeId, ProbeName, Report, Role,
    Site, Stamp, Target, TargetId, TargetKind, Verdict, wanted,
};
use crate::probes::documented::{Place, SectionAnswer, batches};

/// The time of the samples: 2026-08-20T10:00:00Z.
pub(crate) const AT: i64 = 1_787_220_000;

/// A controller, a router box, a bastion, the switches that are named, and what the commands answer.
pub(crate) struct World {
    pub(crate) site: Site,
    pub(crate) answers: BTreeMap<String, (String, String, i32)>,
    pub(crate) others: FactStore,
}

impl World {
    pub(crate) fn of(switches: &[&str]) -> World {
        let mut targets = vec![
            target("hh", Role::FabricController),
            target("rb", Role::RouterBox),
            target("b0", Role::Bastion),
            target("wrt", Role::RouterVm),
        ];
        targets.extend(switches.iter().map(|name| switch(name)));
        World {
            site: Site { targets, ..Site::default() },
            answers: BTreeMap::new(),
            others: FactStore::default(),
        }
    }

    pub(crate) fn answer(&mut self, section: &str, stdout: &str, stderr: &str, status: i32) {
        let answer = (format!("{stdout}\n"), stderr.to_owned(), status);
        self.answers.insert(section.to_owned(), answer);
    }

    /// What is known once every section that has an answer was read.
    fn store(&self) -> FactStore {
        let mut store = self.others.clone();
        let now = Stamp::from_seconds(AT);
        for batch in batches() {
            let mut report = Report::default();
            let mut asked = false;
            for section in batch.sections {
                let Some((stdout, stderr, status)) = self.answers.get(section.name) else {
                    continue;
                };
                asked = true;
                let answer = SectionAnswer { stdout, stderr, status: *status };
                if (section.read)(&answer, &mut report).is_err() {
                    let word = if stderr.contains("refused") {
                        CauseWord::Refused
                    } else {
                        CauseWord::Garbled
                    };
                    let cause = Cause::new(word, "it cannot be read", "try it by hand");
                    for key in section.keys {
                        report.lost.push((KeyName::fixed(key.name), cause.clone()));
                    }
                }
            }
            if !asked {
                continue;
            }
            let on = match batch.place {
                Place::Hh => "hh",
                Place::Wrt => "wrt",
                _ => "b0",
            };
            let id = ProbeId { target: on.into(), probe: ProbeName::fixed(batch.spec.info.name) };
            store.take(&id, Answer::Facts(report), now, 5);
        }
        store
    }

    pub(crate) fn judge(&self, check: &str, on: &str) -> Judgement {
        let (catalogue, faults) = Catalogue::load(&[], &BTreeMap::new());
        assert_eq!(faults, []);
        let now = Stamp::from_seconds(AT);
        let all = judge_target(&catalogue, &self.site, &self.store(), &TargetId::from(on), now);
        all.into_iter()
            .find(|judged| judged.check.as_str() == check)
            .unwrap_or_else(|| panic!("{check} does not apply to {on}"))
    }
}

fn switch(name: &str) -> Target {
    let mut switch = target(name, Role::Control);
    switch.kind = TargetKind::Switch;
    switch.ssh = None;
    switch.roles.clear();
    switch.wanted = BTreeMap::from([(wanted::FABRIC_SWITCH.to_owned(), "x".to_owned())]);
    switch
}

fn sample(name: &str) -> String {
    let path = format!("{}/tests/fixtures/hedgehog/{name}.json.gz", env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    let packed = std::fs::File::open(path).unwrap();
    flate2::read::GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    text
}

fn of_samples(agents: &str) -> World {
    let switches = ["leaf-01", "leaf-02", "leaf-03", "leaf-04", "spine-01", "spine-02"];
    let mut world = World::of(&switches);
    world.answer("clock", &AT.to_string(), "", 0);
    world.answer("agents", &sample(agents), "", 0);
    world.answer("switches", &sample("switchlist"), "", 0);
    world.answer("connections", &sample("connectionlist"), "", 0);
    world
}

/// The check in which a rule of the fabric's reference counts; `None` for
/// those that nothing judges yet.
fn check_of(rule: &str) -> Option<&'static str> {
    Some(match rule {
        "heartbeat.late" | "heartbeat.stale" | "heartbeat.skew" | "agent.never-reported" => {
            "FAB-02"
        }
        "generation.lag" => "FAB-03",
        "bgp.missing" | "bgp.not-established" | "bgp.unexpected" => "FAB-05",
        "link.down" | "link.admin-down" | "link.err-disabled" | "link.not-reported" => "FAB-06",
        "psu.failed"
        | "psu.absent"
        | "fan.failed"
        | "fan.absent"
        | "temperature.high"
        | "temperature.critical" => "FAB-08",
        "resources.high" | "resources.exhausted" => "FAB-09",
        "switch.identity" | "agent.version" | "switch.reboot-required" | "switch.roce-mismatch" => {
            "FAB-50"
        }
        // Seen by FAB-07 where the fabric itself compares neighbours.
        "lldp.missing" | "lldp.wrong-port" | "lldp.wrong-neighbour" => return None,
        "bfd.down" | "optic.low-receive-power" | "agent.crash-loop" => return None,
        other => panic!("{other} is a rule that nobody knows"),
    })
}

#[test]
fn the_samples_of_the_fabric_are_judged_as_its_reference_judges_them() {
    let checks = ["FAB-02", "FAB-03", "FAB-05", "FAB-06", "FAB-08", "FAB-09", "FAB-50"];
    for name in ["agentlist", "agentlist-faults", "agentlist-preinstall"] {
        let path =
            format!("{}/tests/fixtures/hedgehog/{name}.findings.json", env!("CARGO_MANIFEST_DIR"));
        let expected: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let findings = expected["findings"].as_array().unwrap();
        let world = of_samples(name);
        for target in world.site.targets.iter().filter(|t| t.kind == TargetKind::Switch) {
            let of_switch =
                findings.iter().filter(|finding| finding["switch"] == target.name.as_str());
            let mut worst: BTreeMap<&str, (u8, &str, Vec<&str>)> = BTreeMap::new();
            let mut is_silent = false;
            for finding in of_switch {
                let rule = finding["rule"].as_str().unwrap();
                let severity = finding["severity"].as_str().unwrap();
                is_silent |= ["heartbeat.stale", "agent.never-reported"].contains(&rule);
                let Some(check) = check_of(rule) else { continue };
                let weight = match severity {
                    "fail" => 3,
                    "unknown" => 2,
                    _ => 1,
                };
                let entry = worst.entry(check).or_insert((0, "", Vec::new()));
                if weight > entry.0 {
                    *entry = (weight, severity, Vec::new());
                }
                if weight == entry.0 {
                    entry.2.push(rule);
                }
            }
            for check in checks {
                let judged = world.judge(check, &target.name);
                let context = format!("{name} {} {check}: {}", target.name, judged.sentence);
                let reason = judged.reason.as_deref().unwrap_or("none");
                match worst.get(check) {
                    Some((_, severity @ ("fail" | "warn"), rules)) => {
                        assert_eq!(judged.verdict.word(), *severity, "{context}");
                        assert!(rules.contains(&reason), "{context}: {reason} of {rules:?}");
                    }
                    Some(_) => assert_eq!(judged.verdict, Verdict::Unknown, "{context}"),
                    // Of a switch that is silent nothing else is claimed.
                    None if is_silent && check != "FAB-03" => {
                        assert_eq!(judged.verdict, Verdict::Unknown, "{context}");
                    }
                    None if is_silent => {}
                    None => assert_eq!(judged.verdict, Verdict::Pass, "{context}"),
                }
            }
        }
    }
}

#[test]
fn of_a_silent_switch_its_silence_alone_is_told() {
    let world = of_samples("agentlist");
    for (check, refers) in
        [("FAB-05", Some("FAB-02")), ("FAB-08", Some("FAB-02")), ("FAB-02", None)]
    {
        let judged = world.judge(check, "leaf-04");
        assert_eq!(judged.refers.as_ref().map(|check| check.as_str()), refers, "{check}");
    }
}

#[test]
fn lines_and_lists_of_agents_tell_the_same() {
    let list: serde_json::Value = serde_json::from_str(&sample("agentlist")).unwrap();
    let lines: Vec<String> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let text = |path: &str| {
                item.pointer(path).map_or(String::new(), |v| v.to_string().replace('"', ""))
            };
            [
                text("/metadata/name"),
                text("/metadata/generation"),
                text("/spec/version/override"),
                text("/spec/version/default"),
                text("/spec/switch/roce"),
                item["status"].to_string(),
            ]
            .join("\t")
        })
        .collect();
    let one = of_samples("agentlist");
    let mut other = of_samples("agentlist");
    other.answer("agents", &lines.join("\n"), "", 0);
    let (one, other) = (one.store(), other.store());
    let (one, other) = (&one.of(&"hh".into()).known, &other.of(&"hh".into()).known);
    assert!(one.len() > 5 && one == other);
}

#[test]
fn credentials_are_judged_and_never_kept() {
    for (name, verdict, reason) in [
        ("fabricator-default-credentials", Verdict::Fail, Some("credentials.default")),
        ("fabricator-patched-pending", Verdict::Fail, Some("credentials.default")),
        ("fabricator-patched", Verdict::Pass, None),
    ] {
        let object: serde_json::Value = serde_json::from_str(&sample(name)).unwrap();
        let config = &object["spec"]["config"];
        let text = format!(
            "{}\n{}",
            config["fabric"]["defaultSwitchUsers"], config["control"]["defaultUser"]
        );
        let mut world = World::of(&[]);
        world.answer("users", &text, "", 0);
        let judged = world.judge("HH-10", "hh");
        assert_eq!((judged.verdict, judged.reason.as_deref()), (verdict, reason), "{name}");
        let kept = serde_json::to_string(&world.store()).unwrap();
        assert!(!kept.contains("$5$") && !kept.contains("AAAAC3"), "{name} kept a secret: {kept}");
        let told = serde_json::to_string(&judged).unwrap();
        assert!(!told.contains("$5$") && !told.contains("AAAAC3"));
    }
}

/// The `raw` of the vendor's records, by id.
pub(crate) fn raws() -> BTreeMap<String, String> {
    let reference = include_str!("../../../tests/fixtures/reference/checks.md");
    let mut raws = BTreeMap::new();
    for block in reference.split("```yaml\n").skip(1) {
        let yaml = block.split("```").next().unwrap();
        let records: Vec<BTreeMap<String, serde_json::Value>> =
            serde_yaml::from_str(yaml).unwrap_or_default();
        for record in records {
            let field = |name: &str| record.get(name).and_then(|value| value.as_str());
            if let (Some(id), Some(raw)) = (field("id"), field("raw")) {
                raws.insert(id.to_owned(), raw.to_owned());
            }
        }
    }
    raws
}

#[test]
fn every_check_of_the_area_is_there_and_every_clause_has_a_sample() {
    let (catalogue, _) = Catalogue::load(&[], &BTreeMap::new());
    let sampled = samples::clauses();
    for (id, _) in raws().iter().filter(|(id, _)| id.starts_with("HH-") || id.starts_with("FAB-")) {
        let spec = catalogue.get(id).unwrap_or_else(|| panic!("{id} has no record"));
        if spec.not_built.is_some() {
            continue;
        }
        for (clause, verdict) in
            [("pass:", Verdict::Pass), ("warn:", Verdict::Warn), ("fail:", Verdict::Fail)]
        {
            // A verdict that nothing can turn out yet is said in the rule.
            let exempt =
                [("HH-04", Verdict::Warn), ("FAB-11", Verdict::Warn), ("FAB-11", Verdict::Fail)];
            if spec.rule.lines().any(|line| line.starts_with(clause))
                && !exempt.contains(&(id.as_str(), verdict))
            {
                assert!(sampled.contains(&(id.clone(), verdict)), "{id}: no sample for {clause}");
            }
        }
    }
}

#[test]
fn nothing_is_claimed_of_what_does_not_answer() {
    let world = World::of(&["leaf-01"]);
    let (catalogue, _) = Catalogue::load(&[], &BTreeMap::new());
    let mut store = FactStore::default();
    let cause = Cause::new(CauseWord::Refused, "hh refuses connections", "look at it");
    let mut probes = BTreeSet::from(["host.look"]);
    probes.extend(batches().map(|batch| batch.spec.info.name));
    for probe in probes {
        let id = ProbeId { target: "hh".into(), probe: ProbeName::fixed(probe) };
        store.take(&id, Answer::Unreachable(cause.clone()), Stamp::from_seconds(AT), 5);
    }
    for on in ["hh", "leaf-01"] {
        let now = Stamp::from_seconds(AT);
        let judged = judge_target(&catalogue, &world.site, &store, &on.into(), now);
        let fabric = judged.iter().filter(|judged| judged.layer == crate::domain::Layer::Fabric);
        let mut count = 0;
        for judged in fabric {
            count += 1;
            if ["HH-02", "HH-03"].contains(&judged.check.as_str()) {
                assert_eq!(judged.verdict, Verdict::Fail);
                continue;
            }
            assert_eq!(judged.verdict, Verdict::Unknown, "{}", judged.check);
            assert_eq!(judged.cause, Some(CauseWord::Refused), "{}", judged.check);
            assert_eq!(judged.sentence, "cannot look: hh refuses connections", "{}", judged.check);
        }
        assert!(count >= 8, "{on}: {count}");
    }
}
