mod bastion;
mod network;
mod staying;
mod storage;
mod system;

use super::worlds::*;
use crate::domain::keys::hosts as keys;
use crate::domain::keys::hosts::survey;
use crate::domain::keys::power;
use crate::domain::{
    Answer, Cause, CauseWord, FactStore, ProbeId, ProbeName, Report, Role, Stamp, TargetId,
    TargetKind, Verdict,
};

use Role::{Bastion, Compute, Control, FabricController, RouterBox, RouterVm, Storage};
use Verdict::{Fail, NotYet, Pass, Unknown, Warn};

const ROLES: [Role; 7] =
    [Control, Compute, Storage, RouterBox, Bastion, RouterVm, FabricController];

#[test]
fn where_all_is_well_nothing_is_found_and_every_rule_is_met_somewhere() {
    let mut met = std::collections::BTreeSet::new();
    for role in ROLES {
        let mut world = World::of(role);
        if role == Bastion {
            world = world.learn(keys::ROUTES, routes(&[["10.0.0.1", "enp1s0", "0", "dhcp"]]));
        }
        for judgement in world.judgements() {
            let code = judgement.check.as_str();
            let no_run = code == "BAST-15";
            assert!(
                judgement.verdict == Pass || (no_run && judgement.verdict == NotYet),
                "{role:?} {code}: {} {}",
                judgement.verdict,
                judgement.sentence
            );
            assert_eq!(judgement.next, Vec::<String>::new(), "{code}");
            // One check rests on the inventory alone.
            let asks = code != "BAST-07";
            assert_eq!(judgement.source, if asks { "ssh" } else { "inventory" }, "{code}");
            assert_eq!(judgement.seen.is_some(), asks, "{code}");
            met.insert(code.to_owned());
        }
    }
    for rule in crate::checks::hosts::RULES.iter().chain(crate::checks::router::RULES) {
        for rule in rule.iter() {
            assert!(met.contains(rule.id), "{} applies to no machine", rule.id);
        }
    }
}

#[test]
fn of_a_host_that_cannot_be_reached_nothing_else_is_claimed() {
    let sentence = "m-01 refuses connections on 10.30.0.101 port 22";
    for role in ROLES {
        let world = World::of(role).failing(CauseWord::Refused, sentence);
        for judgement in world.judgements() {
            let (code, verdict) = (judgement.check.as_str(), judgement.verdict);
            let rests_on_survey_only = verdict == Pass
                && crate::checks::rules()
                    .any(|rule| rule.id == code && !rule.probes.contains(&"host.look"));
            if matches!(code, "HOST-01" | "BAST-01") {
                assert_eq!((verdict, judgement.sentence.as_str()), (Fail, sentence));
                assert_eq!(judgement.cause, Some(CauseWord::Refused));
                assert_eq!(judgement.next, ["try this"]);
            } else if !rests_on_survey_only {
                assert_eq!(verdict, Unknown, "{role:?} {code}: {}", judgement.sentence);
                assert_eq!(
                    judgement.sentence,
                    format!("cannot look: {sentence} (last seen 1s ago)"),
                    "{code}"
                );
                assert_eq!(judgement.cause, Some(CauseWord::Refused), "{code}");
            }
        }
    }
}

#[test]
fn each_way_of_not_answering_is_judged_by_what_it_tells() {
    use CauseWord as W;
    for (word, verdict) in [
        (W::Refused, Fail),
        (W::NoRoute, Fail),
        (W::TimedOut, Fail),
        (W::NameUnknown, Fail),
        (W::Reset, Fail),
        (W::NoBanner, Fail),
        (W::Silent, Fail),
        (W::Cut, Fail),
        (W::KeyUnknown, Fail),
        (W::KeyChanged, Fail),
        (W::AuthRefused, Fail),
        (W::PasswordSealed, Unknown),
        (W::Garbled, Unknown),
        (W::TooLarge, Unknown),
        (W::CommandMissing, Unknown),
    ] {
        let judgement = World::of(Compute).failing(word.clone(), "m-01 does so").judge("HOST-01");
        assert_eq!(judgement.verdict, verdict, "{word}");
        assert_eq!(judgement.cause, Some(word));
        assert!(judgement.sentence.contains("m-01 does so"), "{}", judgement.sentence);
    }
}

#[test]
fn the_bmc_answers_the_host_does_not_is_one_sentence() {
    let mut world = World::of(Compute).failing(CauseWord::Refused, "m-01 refuses connections");
    let mut bmc = target("bmc:m-01", Compute);
    (bmc.kind, bmc.ssh, bmc.machine) = (TargetKind::Bmc, None, Some(TargetId::from("m-01")));
    world.site.targets.push(bmc);
    let id = ProbeId { target: "bmc:m-01".into(), probe: ProbeName::fixed("bmc.redfish") };
    let mut report = Report::default();
    report.learn(power::redfish::POWER_STATE, word("on"));
    world.others.take(&id, Answer::Facts(report), NOW, 5);
    world.says(
        "HOST-01",
        Fail,
        "m-01 refuses connections; its BMC answers and says the power is on",
    );
    let silent = Cause::new(CauseWord::Silent, "x", "y");
    world.others.take(&id, Answer::TimedOut(silent), NOW, 5);
    world.says("HOST-01", Fail, "m-01 refuses connections; its BMC does not answer either");
    world.others = FactStore::default();
    world.says("HOST-01", Fail, "m-01 refuses connections");
}

#[test]
fn a_slow_host_and_an_old_fact_are_said() {
    let mut world = World::of(Compute);
    world.took_ms = 2_640;
    world.says("HOST-01", Warn, "m-01 answers on SSH, but slowly: after 2.6 s");
    // The script's own time is not the network's.
    let mut world = World::of(Compute).learn(keys::SCRIPT_TOOK, 2_600.0);
    world.took_ms = 2_640;
    world.says("HOST-01", Pass, "m-01 answers on SSH");
    let mut world = World::of(Compute);
    world.age_ms = 150_000;
    world.says("HOST-50", Pass, "no unit of m-01 has failed");
    world.age_ms = 360_000;
    world.says("HOST-50", Unknown, "m-01 was last seen 6m00s ago");
    world.says("HOST-01", Unknown, "m-01 was last seen 6m00s ago");
    // What is asked every five minutes is not old yet.
    world.says("HOST-20", Pass, "the 2 disks of m-01 call themselves healthy");
}

#[test]
fn what_nobody_asked_yet_is_unknown() {
    let world = World::of(Control);
    let catalogue = crate::checks::Catalogue::load(&[], &Default::default()).0;
    let mut store = FactStore::default();
    let id = TargetId::from("m-01");
    let judge =
        |store: &FactStore| crate::checks::judge_target(&catalogue, &world.site, store, &id, NOW);
    for judgement in judge(&store) {
        assert_eq!(judgement.verdict, Unknown);
        assert_eq!(judgement.sentence, "m-01 was not looked at yet", "{}", judgement.check);
        assert_eq!((judgement.cause, judgement.seen), (None, None));
    }
    for probe in ["host.look", "host.survey"] {
        store.asked(&ProbeId { target: id.clone(), probe: probe.into() }, NOW);
    }
    assert_eq!(judge(&store)[0].sentence, "m-01 is being asked for the first time");
    let world = World::of(Control).forget(keys::KERNEL);
    world.says("HOST-51", Unknown, "m-01 was asked and did not tell its running kernel release");
}
