//! Samples of answers of documented commands, each with the verdict that it
//! leads to: read by the real sections, judged by the real rules.

use std::collections::BTreeMap;

use super::hosts::worlds;
use super::{Case, Catalogue, rules};
use crate::domain::endpoint::BmcEndpoint;
use crate::domain::{
    Answer, Cause, CauseWord, FactStore, Judgement, KeyName, ProbeId, ProbeName, Report, Role,
    Site, Stamp, System, Target, TargetId, TargetKind, Verdict, wanted,
};
use crate::probes::documented::{SectionAnswer, batches};

/// What one section answered.
pub(crate) struct Said {
    section: &'static str,
    status: i32,
    text: String,
}

/// One sample.
pub(crate) struct Sample {
    pub id: &'static str,
    pub verdict: Verdict,
    said: Vec<Said>,
    wanted: Vec<(&'static str, &'static str)>,
}

/// A sample of a check: the answers of its sections, each ended well.
pub(crate) fn sample<T: Into<String>>(
    id: &'static str,
    verdict: Verdict,
    said: impl IntoIterator<Item = (&'static str, T)>,
) -> Sample {
    let said = said.into_iter();
    let said = said.map(|(section, text)| Said { section, status: 0, text: text.into() });
    Sample { id, verdict, said: said.collect(), wanted: Vec::new() }
}

impl Sample {
    /// The same where the last section ended with another status.
    pub(crate) fn ending(mut self, status: i32) -> Sample {
        self.said.last_mut().unwrap().status = status;
        self
    }

    /// The same on a site that wants something else.
    pub(crate) fn wanting(mut self, name: &'static str, value: &'static str) -> Sample {
        self.wanted.push((name, value));
        self
    }

    /// Whether one of its texts has these words.
    fn has(&self, words: &str) -> bool {
        self.said.iter().any(|said| said.text.contains(words))
    }
}

/// An answer over HTTP as a section prints it.
pub(crate) fn http(name: &str, status: u16, body: &str) -> String {
    format!("@get {name}\n{body}\n@http {status}\n@curl 0\n")
}

/// No answer over HTTP: curl's exit status.
pub(crate) fn no_http(name: &str, curl: i32) -> String {
    format!("@get {name}\n\n@http 000\n@curl {curl}\n")
}

/// The records of the vendor's list.
fn records() -> BTreeMap<String, BTreeMap<String, serde_json::Value>> {
    let reference = include_str!("../../tests/fixtures/reference/checks.md");
    let blocks = reference.split("```yaml\n").skip(1);
    let mut all = BTreeMap::new();
    for block in blocks.filter_map(|block| block.split("```").next()) {
        let records: Vec<BTreeMap<String, serde_json::Value>> =
            serde_yaml::from_str(block).unwrap_or_default();
        for record in records {
            if let Some(id) = record.get("id").and_then(|id| id.as_str()) {
                all.insert(id.to_owned(), record);
            }
        }
    }
    all
}

/// The raw answer of a record, verbatim; of the other record where it says `as ID`.
pub(crate) fn raw(id: &str) -> String {
    let records = records();
    let text = |id: &str| match &records[id]["raw"] {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let own = text(id);
    match own.strip_prefix("as ").filter(|other| records.contains_key(*other)) {
        Some(other) => text(other),
        None => own,
    }
}

/// The time of all samples: the day of the vendor's own.
fn now() -> Stamp {
    Stamp::parse("2027-01-10T10:00:00Z").unwrap()
}

fn site(sample: &Sample) -> Site {
    let api = |system: System| {
        let mut target = worlds::target(system.name(), Role::Bastion);
        target.id = TargetId::from(format!("api:{}", system.name()));
        (target.kind, target.roles, target.ssh) = (TargetKind::Api(system), Vec::new(), None);
        target
    };
    let mut bmc = worlds::target("control0-ipmi", Role::Control);
    (bmc.kind, bmc.roles, bmc.ssh) = (TargetKind::Bmc, Vec::new(), None);
    bmc.bmc = Some(BmcEndpoint {
        host: "192.0.2.1".to_owned(),
        redfish: ("192.0.2.1".to_owned(), 443),
        ipmi: ("192.0.2.1".to_owned(), 623),
        user: "operator".to_owned(),
        password: crate::domain::SecretName::from("bmc"),
        trust: crate::domain::endpoint::TlsTrust::System,
        cipher_suites: vec![17],
    });
    let mut targets: Vec<Target> = vec![
        worlds::target("b0", Role::Bastion),
        worlds::target("ctl-01", Role::Control),
        worlds::target("router-0", Role::RouterVm),
        worlds::target("gpu-01", Role::Compute),
        bmc,
    ];
    targets.extend(System::ALL.into_iter().map(api));
    let mut site = Site { targets, ..Site::default() };
    let wanted = [
        (wanted::PUBLIC_ADDRESS, "203.0.113.17"),
        (wanted::REGISTRY_POPULATE, "yes"),
        (wanted::REGISTRY_IMAGES, "2"),
        (wanted::CONSOLE_ISSUER, "letsencrypt-staging"),
        (wanted::OBSERVABILITY_ISSUER, "letsencrypt-staging"),
        (wanted::SIGN_ON_TENANT, "00000000-0000-4000-8000-000000000002"),
        (wanted::SIGN_ON_CLIENT, "..."),
        (wanted::SIGN_ON_CALLBACK, "https://console.aurora.example.net/api/auth/azure/callback"),
        (wanted::SIGN_ON_EXPIRES, "2027-06-30"),
        (wanted::OPERATOR_PEERS, "KEY1= KEY2="),
        (wanted::OPERATOR_RANGE, "12 154"),
        (wanted::RETENTION, "30d"),
        (wanted::GPU_SERVERS, "gpu-01"),
        (wanted::GPU_COUNT, "1"),
    ];
    for (name, value) in wanted.into_iter().chain(sample.wanted.iter().copied()) {
        site.wanted.insert(name.to_owned(), value.to_owned());
        if value.is_empty() {
            site.wanted.remove(name);
        }
    }
    site
}

/// What a sample leads to.
pub(crate) fn judge(sample: &Sample) -> Judgement {
    let site = site(sample);
    let rule = rules().find(|rule| rule.id == sample.id).unwrap_or_else(|| panic!("{}", sample.id));
    let about = |target: &&Target| (rule.applies)(&site, target);
    let target = site.targets.iter().find(about).unwrap_or_else(|| panic!("{}", sample.id));
    let mut reports: BTreeMap<&'static str, Report> = BTreeMap::new();
    for said in &sample.said {
        if said.section == "bmc.ipmi" {
            reports.insert("bmc.ipmi", crate::probes::power::ipmi::report(&said.text));
            continue;
        }
        let named = batches()
            .filter(|batch| rule.probes.is_empty() || rule.probes.contains(&batch.spec.info.name))
            .chain(batches())
            .find_map(|batch| {
                let found = batch.sections.iter().find(|section| section.name == said.section)?;
                Some((batch, found))
            });
        let (batch, section) = named.unwrap_or_else(|| panic!("no section {}", said.section));
        let report = reports.entry(batch.spec.info.name).or_default();
        let answer = SectionAnswer { stdout: &said.text, stderr: "", status: said.status };
        if (section.read)(&answer, report).is_err() {
            for key in section.keys {
                if !report.facts.iter().any(|fact| fact.key.as_str() == key.name) {
                    let word = if said.status == 127 {
                        CauseWord::CommandMissing
                    } else {
                        CauseWord::Garbled
                    };
                    let cause = Cause::new(word, "it cannot be read", "try by hand");
                    report.lost.push((KeyName::fixed(key.name), cause));
                }
            }
        }
    }
    let mut facts = FactStore::default();
    for (probe, report) in reports {
        let id = ProbeId { target: target.id.clone(), probe: ProbeName::fixed(probe) };
        facts.take(&id, Answer::Facts(report), now().plus_millis(-1_000), 10);
    }
    let (catalogue, faults) = Catalogue::load(&[], &BTreeMap::new());
    assert_eq!(faults, []);
    let spec = catalogue.get(sample.id).unwrap();
    (rule.judge)(&Case { site: &site, target, facts: &facts, now: now(), spec })
}

/// All samples.
fn all() -> Vec<Sample> {
    let mut all = super::platform::tests::samples();
    all.extend(super::services::tests::samples());
    all.extend(super::observing::tests::samples());
    all.extend(super::gpu::tests::samples());
    all
}

#[test]
fn every_sample_leads_to_its_verdict() {
    let mut told = String::new();
    let mut wrong = Vec::new();
    for sample in all() {
        let judged = judge(&sample);
        let line = format!("{} {} {}\n", sample.id, judged.verdict.word(), judged.sentence);
        if judged.verdict != sample.verdict {
            wrong.push(format!("{} wanted: {line}", sample.verdict.word()));
        }
        if judged.verdict.is_finding() && judged.verdict != Verdict::Unknown {
            assert!(!judged.next.is_empty(), "{line} says nothing to try");
        }
        assert!(!judged.sentence.ends_with('.'), "{line}");
        told.push_str(&line);
    }
    assert!(wrong.is_empty(), "{}", wrong.join(""));
    insta::assert_snapshot!(told);
}

/// Records whose raw answer is prose, or which rest on the inventory alone.
const PROSE: [&str; 5] = ["REG-01", "TLS-05", "SSO-03", "VPN-02", "VPN-03"];

#[test]
fn every_clause_has_a_sample_and_the_raw_answer_is_one() {
    const AREAS: [&str; 13] = [
        "MGMT", "CAPI", "ADD", "REG", "GHCR", "TLS", "DNS", "SSO", "VPN", "OBS", "GPU", "SNMP",
        "IPMI",
    ];
    let (catalogue, _) = Catalogue::load(&[], &BTreeMap::new());
    let samples = all();
    let mut missing = Vec::new();
    let mut judged = 0;
    for (id, record) in records() {
        let area = id.split('-').next().unwrap();
        let spec = catalogue.get(&id);
        if !AREAS.contains(&area) || spec.is_some_and(|spec| !spec.is_built()) {
            continue;
        }
        judged += 1;
        let own = || samples.iter().filter(|sample| sample.id == id);
        for (clause, verdict) in
            [("pass", Verdict::Pass), ("warn", Verdict::Warn), ("fail", Verdict::Fail)]
        {
            if record.contains_key(clause) && !own().any(|sample| sample.verdict == verdict) {
                missing.push(format!("{id} {clause}"));
            }
        }
        let raw = raw(&id);
        if !PROSE.contains(&id.as_str()) && !own().any(|sample| sample.has(raw.trim())) {
            missing.push(format!("{id} raw"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join(", "));
    assert_eq!(judged, 70);
}

/// Whatever a section prints, its reader neither panics nor takes nonsense for facts.
#[test]
fn nonsense_is_never_a_fact() {
    for batch in batches() {
        for section in batch.sections {
            for (text, status) in [("\u{1b}[31mgarbage", 1), ("{\"items\": 7}", 0), ("[", 0)] {
                let answer = SectionAnswer { stdout: text, stderr: "", status };
                // Whether it reads anything out of it is its own matter; it must not panic.
                let _ = (section.read)(&answer, &mut Report::default());
            }
            let mut report = Report::default();
            let missing = SectionAnswer { stdout: "", stderr: "", status: 124 };
            let read = (section.read)(&missing, &mut report);
            assert!(read.is_err() || report.facts.is_empty(), "{}", section.name);
        }
    }
}
