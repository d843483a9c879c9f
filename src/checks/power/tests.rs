use std::collections::BTreeMap;

use super::super::{Catalogue, CheckSpec, judge_target};
use crate::domain::endpoint::{BmcEndpoint, SshEndpoint, TlsTrust};
use crate::domain::fact::Table;
use crate::domain::keys::power::{ipmi, redfish};
use crate::domain::keys::{FactType, Key, Word};
use crate::domain::{
    Answer, Cause, CauseWord, FactStore, Health, Judgement, Limits, Place, ProbeId, ProbeName,
    Report, SecretName, Sensor, SensorPlace, Site, Stamp, Supply, Target, TargetId, TargetKind,
    Verdict,
};

mod sensors;

const CHECKS: &str = include_str!("../../../assets/checks/power.yml");
/// 2026-11-21T12:00:00Z
const NOW: Stamp = Stamp(1_795_262_400_000);

fn catalogue() -> Catalogue {
    let list: Vec<CheckSpec> = serde_yaml::from_str(CHECKS).unwrap();
    Catalogue { checks: list.into_iter().map(|spec| (spec.id.to_string(), spec)).collect() }
}

fn target(id: &str, kind: TargetKind) -> Target {
    Target {
        id: TargetId::from(id),
        name: id.trim_start_matches("bmc:").to_owned(),
        aliases: Vec::new(),
        kind,
        roles: Vec::new(),
        groups: Vec::new(),
        rack: None,
        serial: None,
        ssh: None,
        bmc: None,
        machine: None,
        wanted: BTreeMap::new(),
        declared: Place::default(),
    }
}

fn site() -> Site {
    let mut host = target("gpu-07", TargetKind::Host);
    host.ssh = Some(SshEndpoint {
        name: "gpu-07".into(),
        address: "10.0.1.17".into(),
        port: None,
        user: None,
        identity_file: None,
        common_args: None,
        via: None,
        directory: "/site".into(),
        sudo: false,
    });
    let mut bmc = target("bmc:gpu-07", TargetKind::Bmc);
    bmc.machine = Some(TargetId::from("gpu-07"));
    bmc.bmc = Some(BmcEndpoint {
        host: "10.20.2.18".into(),
        redfish: ("10.20.2.18".into(), 443),
        ipmi: ("10.20.2.18".into(), 623),
        user: "ops".into(),
        password: SecretName::from("bmc"),
        trust: TlsTrust::System,
        cipher_suites: vec![17, 3],
    });
    Site { targets: vec![host, bmc], ..Site::default() }
}

/// What is known, built up answer by answer.
#[derive(Default)]
struct Known {
    store: FactStore,
    redfish: Report,
    ipmi: Report,
}

impl Known {
    fn redfish<T: FactType>(mut self, key: Key<T>, value: T) -> Known {
        self.redfish.learn(key, value);
        self
    }

    fn ipmi<T: FactType>(mut self, key: Key<T>, value: T) -> Known {
        self.ipmi.learn(key, value);
        self
    }

    fn on(self) -> Known {
        self.redfish(redfish::POWER_STATE, Word("on".into()))
    }

    fn answers(mut self, probe: &str, answer: Answer) -> Known {
        let target = if probe == "host.look" { "gpu-07" } else { "bmc:gpu-07" };
        let id = ProbeId { target: TargetId::from(target), probe: ProbeName::from(probe) };
        self.store.take(&id, answer, NOW, 5);
        self
    }

    /// Both ways answer what was gathered.
    fn both(mut self) -> Known {
        let (one, other) = (std::mem::take(&mut self.redfish), std::mem::take(&mut self.ipmi));
        self.answers("bmc.redfish", Answer::Facts(one)).answers("bmc.ipmi", Answer::Facts(other))
    }

    fn judge(&self, check: &str) -> Judgement {
        let id = TargetId::from("bmc:gpu-07");
        let all = judge_target(&catalogue(), &site(), &self.store, &id, NOW);
        let told = all.into_iter().find(|told| told.check.as_str() == check).unwrap();
        assert_eq!(told.target, id);
        assert!(!told.sentence.ends_with('.'), "{}", told.sentence);
        assert!(told.sentence.contains("gpu-07"), "{}", told.sentence);
        let wrong = matches!(told.verdict, Verdict::Warn | Verdict::Fail);
        assert!(!wrong || !told.next.is_empty(), "{told:?}");
        assert!(told.verdict != Verdict::Pass || told.seen.is_some(), "{told:?}");
        told
    }
}

fn cause(word: CauseWord, sentence: &str) -> Cause {
    Cause::new(word, sentence, "Try something").with_detail("detail")
}

#[track_caller]
fn assert_told(told: &Judgement, verdict: Verdict, sentence: &str) {
    assert_eq!((told.verdict, told.sentence.as_str()), (verdict, sentence));
}

fn sensor(name: &str, reading: f64, unit: &str, limits: Limits) -> Sensor {
    Sensor {
        name: name.into(),
        place: SensorPlace::Inside,
        reading: Some(reading),
        unit: unit.into(),
        health: Health::Ok,
        limits,
    }
}

fn high(warn: f64, fail: f64) -> Limits {
    Limits { high_warn: Some(warn), high_fail: Some(fail), ..Limits::default() }
}

fn low(warn: f64, fail: f64) -> Limits {
    Limits { low_warn: Some(warn), low_fail: Some(fail), ..Limits::default() }
}

fn table(sensors: &[Sensor]) -> Table {
    Sensor::table(sensors).unwrap()
}

#[test]
fn the_data_of_every_rule_is_complete() {
    let catalogue = catalogue();
    for rule in super::RULES {
        let spec = catalogue.get(rule.id).unwrap_or_else(|| panic!("{} has no data", rule.id));
        assert_eq!(spec.layer, crate::domain::Layer::Power);
        let told = [&spec.what, &spec.rule, &spec.source];
        assert!(told.iter().all(|text| !text.is_empty()) && !spec.next.is_empty(), "{}", rule.id);
        assert!(spec.thresholds.values().all(|number| number.is_finite()));
    }
    assert_eq!(catalogue.checks.len(), super::RULES.len(), "data without a rule");
    for (check, names) in [
        ("IPMI-52", &["temperature_warn_c", "temperature_fail_c"][..]),
        ("IPMI-53", &["fan_fail_rpm", "fan_fail_percent"]),
        ("IPMI-55", &["supplies_least"]),
        ("IPMI-56", &["used_warn_percent", "used_fail_percent", "critical_days"]),
        ("IPMI-59", &["inlet_warn_c", "inlet_fail_c"]),
    ] {
        let have: Vec<&String> = catalogue.get(check).unwrap().thresholds.keys().collect();
        assert_eq!(have.len(), names.len());
        assert!(names.iter().all(|name| have.iter().any(|own| own == name)), "{check}");
    }
}

#[test]
fn before_anybody_looked_everything_is_unknown() {
    for rule in super::RULES {
        let told = Known::default().judge(rule.id);
        assert_eq!((told.verdict, told.cause), (Verdict::Unknown, None), "{}", rule.id);
    }
}

#[test]
fn without_facts_everything_is_unknown_with_the_cause_and_only_the_answer_fails() {
    let dead =
        cause(CauseWord::TimedOut, "the BMC of gpu-07 does not answer on 10.20.2.18 port 443");
    let known = Known::default()
        .answers("bmc.redfish", Answer::TimedOut(dead.clone()))
        .answers("bmc.ipmi", Answer::TimedOut(dead));
    for rule in super::RULES {
        let told = known.judge(rule.id);
        let verdict = if rule.id == "IPMI-50" { Verdict::Fail } else { Verdict::Unknown };
        let cause = (rule.id != "IPMI-58").then_some(CauseWord::TimedOut);
        assert_eq!((told.verdict, told.cause), (verdict, cause), "{}", rule.id);
    }
    assert_told(
        &known.judge("IPMI-50"),
        Verdict::Fail,
        "the BMC of gpu-07 answers neither Redfish nor IPMI",
    );
}

#[test]
fn one_way_is_enough_unless_the_other_is_refused() {
    let ask = |redfish: Answer, ipmi: Answer| {
        Known::default().answers("bmc.redfish", redfish).answers("bmc.ipmi", ipmi).judge("IPMI-50")
    };
    let facts = || Answer::Facts(Report::default());
    assert_told(
        &ask(facts(), facts()),
        Verdict::Pass,
        "the BMC of gpu-07 answers over Redfish and IPMI",
    );
    let off = cause(CauseWord::Refused, "the BMC of gpu-07: nothing listens for IPMI");
    assert_told(
        &ask(facts(), Answer::Unreachable(off)),
        Verdict::Pass,
        "the BMC of gpu-07 answers over Redfish, not over IPMI: the BMC of gpu-07: nothing listens for IPMI",
    );
    let changed = CauseWord::System("tls-changed".into());
    let changed = cause(changed, "the BMC of gpu-07 shows another certificate than the pinned one");
    let told = ask(Answer::Refused(changed.clone()), facts());
    assert_told(
        &told,
        Verdict::Warn,
        "the BMC of gpu-07 answers over IPMI, not over Redfish: it shows another certificate than the pinned one",
    );
    assert_eq!(told.cause.unwrap().word(), "tls-changed");
    assert_eq!(
        (told.evidence[0].shown.as_str(), told.next[0].as_str()),
        ("detail", "Try something")
    );
    let dead = cause(CauseWord::TimedOut, "dead");
    let told = ask(Answer::Refused(changed), Answer::TimedOut(dead));
    assert_eq!(told.verdict, Verdict::Unknown, "it answers, we may not look");
    let sealed = cause(CauseWord::PasswordSealed, "the password for the BMC of gpu-07 is sealed");
    let told = ask(Answer::Refused(sealed.clone()), Answer::Refused(sealed));
    assert_eq!((told.verdict, told.cause), (Verdict::Unknown, Some(CauseWord::PasswordSealed)));
}

#[test]
fn power_on_off_and_contradiction() {
    let told = Known::default().on().both().judge("IPMI-51");
    assert_told(&told, Verdict::Pass, "gpu-07 is powered on");
    assert_eq!(told.source, "redfish");
    let off = Known::default().ipmi(ipmi::POWER_STATE, Word("off".into())).both();
    assert_told(&off.judge("IPMI-51"), Verdict::Fail, "gpu-07 is powered off");
    let split = Known::default().on().ipmi(ipmi::POWER_STATE, Word("off".into())).both();
    let told = split.judge("IPMI-51");
    assert_told(&told, Verdict::Warn, "Redfish says gpu-07 is on, IPMI says off");
    assert_eq!(told.reason.as_deref(), Some("power.disagree"));
}

#[test]
fn the_bmc_answers_and_the_host_does_not() {
    let silent = || cause(CauseWord::TimedOut, "gpu-07 does not answer on 10.0.1.17 port 22");
    let on = || Known::default().on().both();
    let off = || Known::default().ipmi(ipmi::POWER_STATE, Word("off".into())).both();
    let fine = Answer::Facts(Report::default());
    let down = Answer::TimedOut(silent());
    let told = on().answers("host.look", down.clone()).judge("IPMI-58");
    assert_told(
        &told,
        Verdict::NotYet,
        "the BMC of gpu-07 answers and says power on; that gpu-07 does not is told by HOST-01",
    );
    assert_eq!((told.cause.clone(), told.next.len()), (None, 0), "it is no finding of the BMC");
    let told = off().answers("host.look", down.clone()).judge("IPMI-58");
    assert_told(&told, Verdict::NotYet, "gpu-07 is powered off (IPMI-51), it cannot answer");
    let told = on().answers("host.look", fine.clone()).judge("IPMI-58");
    assert_told(&told, Verdict::Pass, "gpu-07 and its BMC both answer");
    let told = off().answers("host.look", fine.clone()).judge("IPMI-58");
    assert_told(
        &told,
        Verdict::Warn,
        "gpu-07 answers over SSH, but its BMC says it is powered off",
    );
    let shy = Answer::Refused(cause(CauseWord::AuthRefused, "gpu-07 refuses every key"));
    let told = on().answers("host.look", shy).judge("IPMI-58");
    assert_eq!(told.verdict, Verdict::Pass, "a host that refuses us answers");
    for ours in [
        Answer::Garbled(cause(CauseWord::Garbled, "what answers on 10.0.1.17 is not SSH")),
        Answer::Refused(Cause {
            behind: Some("bastion".into()),
            ..cause(CauseWord::AuthRefused, "bastion refuses every key")
        }),
        // The words alone decide nothing.
        Answer::Unreachable(Cause {
            behind: Some("bastion".into()),
            ..cause(CauseWord::Refused, "bastion refuses connections")
        }),
    ] {
        let told = on().answers("host.look", ours).judge("IPMI-58");
        assert_eq!(told.verdict, Verdict::NotYet, "nobody heard gpu-07: {}", told.sentence);
        assert!(told.sentence.contains("whether gpu-07 does is not known"), "{}", told.sentence);
    }
    let lost = Answer::Unreachable(cause(CauseWord::NameUnknown, "gpu-07 has no address"));
    let told = on().answers("host.look", lost).judge("IPMI-58");
    assert_eq!((told.verdict, told.cause), (Verdict::NotYet, None));
    let dead = Answer::TimedOut(cause(CauseWord::TimedOut, "the BMC of gpu-07 is dead"));
    let told = Known::default().answers("bmc.redfish", dead).answers("host.look", down);
    assert_eq!(told.judge("IPMI-58").verdict, Verdict::Unknown);
}

#[test]
fn supplies_that_carry_the_machine_warn_and_too_few_fail() {
    let psu = |name: &str, health: Health, note: &str| Supply {
        name: name.into(),
        health,
        watts: Some(900.0),
        note: note.into(),
    };
    let judge = |list: &[Supply]| {
        let table = Supply::table(list).unwrap();
        Known::default().on().redfish(redfish::SUPPLIES, table).both().judge("IPMI-55")
    };
    use Health::{Absent, Critical, Ok, Unsaid, Warning};
    let (one, gone) = (psu("PSU1", Ok, ""), psu("PSU2", Critical, "LossOfInput"));
    assert_told(&judge(&[one.clone(), psu("PSU2", Ok, "")]), Verdict::Pass, "gpu-07: 2 PSUs well");
    assert_told(
        &judge(&[one.clone(), psu("PSU2", Absent, "")]),
        Verdict::Pass,
        "gpu-07: 1 PSU well",
    );
    let told = judge(&[one.clone(), gone.clone()]);
    assert_told(&told, Verdict::Warn, "gpu-07 runs on 1 of 2 PSUs: PSU2 says LossOfInput");
    assert_eq!(told.evidence[1].shown, "critical, 900 W, LossOfInput");
    assert_told(
        &judge(std::slice::from_ref(&gone)),
        Verdict::Fail,
        "gpu-07 runs on 0 of 1 PSU: PSU2 says LossOfInput",
    );
    let weak = psu("PSU1", Warning, "Predictive failure");
    assert_told(&judge(&[weak]), Verdict::Warn, "gpu-07: PSU1 says Predictive failure");
    assert_eq!(judge(&[psu("PSU1", Unsaid, "")]).verdict, Verdict::NotYet);
    // The controller's own number: two of them must work.
    let mut group = Table::new(&["name", "health", "needed"]);
    group.push(vec!["PSU group".into(), "critical".into(), "2".into()]);
    let known = Known::default()
        .on()
        .redfish(redfish::SUPPLIES, Supply::table(&[one.clone(), gone]).unwrap())
        .redfish(redfish::REDUNDANCY, group.clone())
        .both();
    assert_eq!(known.judge("IPMI-55").verdict, Verdict::Fail);
    let known = Known::default()
        .on()
        .redfish(redfish::SUPPLIES, Supply::table(&[one.clone(), one]).unwrap())
        .redfish(redfish::REDUNDANCY, group)
        .both();
    let told = known.judge("IPMI-55");
    assert_told(&told, Verdict::Warn, "gpu-07 has lost the redundancy of its PSUs (PSU group)");
}

#[test]
fn the_event_log_by_entries_room_and_loss() {
    let log = |entries: f64, used: f64, lost: &str, critical: &[(&str, &str)]| {
        let mut table = Table::new(&["when", "what"]);
        critical.iter().for_each(|(at, what)| table.push(vec![(*at).into(), (*what).into()]));
        Known::default()
            .ipmi(ipmi::EVENTS, entries)
            .ipmi(ipmi::EVENTS_USED, used)
            .ipmi(ipmi::EVENTS_LOST, Word(lost.into()))
            .ipmi(ipmi::EVENTS_CRITICAL, table)
            .both()
            .judge("IPMI-56")
    };
    let old = ("2026-10-01T00:00:00Z", "Memory: Uncorrectable ECC");
    assert_told(
        &log(3.0, 1.0, "no", &[old]),
        Verdict::Pass,
        "the event log of gpu-07 has 3 entries, 1 % full, none critical",
    );
    let young = ("2026-11-20T10:17:00Z", "CPU0 Temp: Upper Critical going high");
    let told = log(5.0, 1.0, "no", &[young, ("", "PSU: Failure detected")]);
    assert_told(
        &told,
        Verdict::Warn,
        "the event log of gpu-07 says: CPU0 Temp: Upper Critical going high at 2026-11-20T10:17:00Z (2 critical entries)",
    );
    assert_eq!(told.evidence.len(), 3);
    assert_told(
        &log(900.0, 80.0, "no", &[]),
        Verdict::Warn,
        "the event log of gpu-07 is 80 % full, warns at 80",
    );
    assert_eq!(log(900.0, 79.0, "no", &[]).verdict, Verdict::Pass);
    assert_told(&log(900.0, 100.0, "no", &[]), Verdict::Fail, "the event log of gpu-07 is full");
    assert_told(
        &log(900.0, 92.0, "yes", &[young]),
        Verdict::Fail,
        "the event log of gpu-07 is full and loses new events",
    );
    // Redfish: count against room.
    let known = Known::default()
        .redfish(redfish::EVENTS, 900.0)
        .redfish(redfish::EVENTS_MOST, 1000.0)
        .redfish(redfish::EVENTS_CRITICAL, Table::new(&["when", "what"]))
        .both();
    assert_eq!(known.judge("IPMI-56").verdict, Verdict::Warn);
    assert_eq!(Known::default().on().both().judge("IPMI-56").verdict, Verdict::NotYet);
}

#[test]
fn the_controllers_own_judgement() {
    let mut parts = Table::new(&["name", "state", "health"]);
    parts.push(vec!["system gpu-07".into(), "Enabled".into(), "ok".into()]);
    parts.push(vec!["chassis Main".into(), "Enabled".into(), "critical".into()]);
    let judge = |word: &str, parts: &Table, faults: &[&str]| {
        Known::default()
            .redfish(redfish::HEALTH, Word(word.into()))
            .redfish(redfish::PARTS, parts.clone())
            .ipmi(ipmi::FAULTS, faults.iter().map(|f| (*f).to_owned()).collect())
            .both()
            .judge("IPMI-57")
    };
    let none = Table::new(&["name", "state", "health"]);
    assert_told(&judge("ok", &none, &[]), Verdict::Pass, "the BMC calls gpu-07 ok");
    assert_told(&judge("warning", &none, &[]), Verdict::Warn, "the BMC calls gpu-07 warning");
    assert_told(
        &judge("critical", &parts, &[]),
        Verdict::Fail,
        "the BMC calls gpu-07 critical: chassis Main (critical Enabled)",
    );
    assert_told(
        &judge("ok", &none, &["Drive Fault"]),
        Verdict::Warn,
        "the BMC of gpu-07 reports: Drive Fault",
    );
    let alone =
        |faults: Vec<String>| Known::default().ipmi(ipmi::FAULTS, faults).both().judge("IPMI-57");
    assert_told(&alone(vec![]), Verdict::Pass, "the BMC of gpu-07 reports no chassis fault");
    let told = alone(vec!["Cooling/Fan Fault".into()]);
    assert_told(&told, Verdict::Warn, "the BMC of gpu-07 reports: Cooling/Fan Fault");
    assert_eq!(Known::default().on().both().judge("IPMI-57").verdict, Verdict::NotYet);
}

#[test]
fn the_sum_refers_to_the_part_that_another_check_names() {
    let psu = |health| {
        let one = |name: &str, health| Supply {
            name: name.into(),
            health,
            watts: None,
            note: String::new(),
        };
        Supply::table(&[one("PSU 1", Health::Ok), one("PSU 2", health)]).unwrap()
    };
    let with = |word: &str, health| {
        Known::default()
            .redfish(redfish::HEALTH, Word(word.into()))
            .redfish(redfish::SUPPLIES, psu(health))
            .both()
    };
    // The controller judges worse than we do: it leads, and says which part.
    let known = with("critical", Health::Critical);
    let part = known.judge("IPMI-55");
    assert_eq!(part.verdict, Verdict::Warn);
    let told = known.judge("IPMI-57");
    let sentence = format!("{}; the BMC calls gpu-07 critical", part.sentence);
    assert_told(&told, Verdict::Fail, &sentence);
    assert_eq!((told.refers.clone(), &told.next), (Some(part.check.clone()), &part.next));
    // As bad as we say: it only refers.
    let told = with("warning", Health::Critical).judge("IPMI-57");
    assert_told(&told, Verdict::Warn, "the BMC calls gpu-07 warning, IPMI-55 names the part");
    assert_eq!(told.refers, Some(part.check));
    // Nothing else is wrong, or the controller is content.
    assert_eq!(with("critical", Health::Ok).judge("IPMI-57").refers, None);
    let told = with("ok", Health::Critical).judge("IPMI-57");
    assert_eq!((told.verdict, told.refers), (Verdict::Pass, None));
}

#[test]
fn facts_of_a_controller_grow_old_like_any_others() {
    let known = Known::default()
        .on()
        .redfish(redfish::HEALTH, Word("ok".into()))
        .redfish(redfish::EVENTS, 0.0)
        .redfish(redfish::TEMPERATURES, table(&[sensor("CPU0 Temp", 48.0, "C", high(85.0, 90.0))]))
        .both()
        .answers("host.look", Answer::Facts(Report::default()));
    let bmc = TargetId::from("bmc:gpu-07");
    let at = |age_s: i64| {
        let now = NOW.plus_millis(age_s * 1000);
        judge_target(&catalogue(), &site(), &known.store, &bmc, now)
    };
    let passes = |all: &[Judgement]| all.iter().filter(|one| one.verdict == Verdict::Pass).count();
    assert!(passes(&at(60)) >= 5);
    let old = at(3_600);
    let green: Vec<&str> = old
        .iter()
        .filter(|one| matches!(one.verdict, Verdict::Pass | Verdict::NotYet))
        .map(|one| one.check.as_str())
        .filter(|check| {
            ["IPMI-50", "IPMI-51", "IPMI-52", "IPMI-56", "IPMI-57", "IPMI-58"].contains(check)
        })
        .collect();
    assert_eq!(green, [""; 0], "an hour later nobody knows");
}

#[test]
fn a_log_that_is_counted_and_not_read_is_not_free_of_critical_entries() {
    let unread = cause(CauseWord::Garbled, "the list of gpu-07 is torn");
    let mut known = Known::default().on().redfish(redfish::EVENTS, 5.0);
    known.redfish.lose(redfish::EVENTS_CRITICAL, unread);
    let told = known.both().judge("IPMI-56");
    assert_eq!((told.verdict, told.cause), (Verdict::Unknown, Some(CauseWord::Garbled)));
    // An empty log needs no reading.
    let empty = Known::default().on().redfish(redfish::EVENTS, 0.0).both().judge("IPMI-56");
    assert_eq!(empty.verdict, Verdict::Pass);
}

#[test]
fn one_resource_that_fails_is_not_taken_for_one_that_is_not_offered() {
    let broken = cause(CauseWord::from_word("http-status"), "gpu-07 answers 500 for its fans");
    let mut known = Known::default().on();
    known.redfish.lose(redfish::FANS, broken);
    let told = known.both().judge("IPMI-53");
    assert_eq!(told.verdict, Verdict::Unknown, "{}", told.sentence);
    assert_eq!(Known::default().on().both().judge("IPMI-53").verdict, Verdict::NotYet);
}

#[test]
fn a_controller_that_calls_a_sensor_critical_outweighs_a_limit_that_only_warns() {
    let mut hot = sensor("CPU0 Temp", 86.0, "C", high(85.0, 90.0));
    hot.health = Health::Critical;
    let known = Known::default().on().redfish(redfish::TEMPERATURES, table(&[hot]));
    assert_eq!(known.both().judge("IPMI-52").verdict, Verdict::Fail);
}
