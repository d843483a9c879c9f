//! What stays unseen as long as a machine answers: connections that break,
//! file systems that became read-only, inodes that ran out.

use super::super::worlds::*;
use crate::domain::CauseWord;
use crate::domain::Role::*;
use crate::domain::Verdict::*;
use crate::domain::keys::hosts as keys;

#[test]
fn a_connection_that_breaks_again_and_again_is_told_until_one_holds() {
    let world = |cuts: f64, held: f64, age: f64| {
        World::of(Compute)
            .learn(keys::CONNECTION_CUTS, cuts)
            .learn(keys::CONNECTION_HELD, held)
            .learn(keys::CONNECTION_AGE, age)
    };
    let holds = "the connection to m-01 holds";
    world(0.0, 0.0, 0.0).says("HOST-57", Pass, holds);
    world(4.0, 4.0, 1.0).says("HOST-57", Pass, holds);
    world(5.0, 4.0, 1.0).says(
        "HOST-57",
        Warn,
        "the connection to m-01 broke 5 times in ten minutes, after 4 s at most",
    );
    // One that lives no longer than the broken ones did may break as well.
    world(5.0, 90.0, 150.0).says(
        "HOST-57",
        Warn,
        "the connection to m-01 broke 5 times in ten minutes, after 90 s at most",
    );
    world(5.0, 90.0, 181.0).says("HOST-57", Pass, holds);
    world(9.0, 4.0, 61.0).says("HOST-57", Pass, holds);
    world(5.0, 4.0, 1.0).failing(CauseWord::Cut, "m-01 hung up").says(
        "HOST-57",
        Unknown,
        "cannot look: m-01 hung up (last seen 1s ago)",
    );
}

#[test]
fn a_read_only_file_system_is_told_and_one_of_an_image_is_not() {
    let says = |rows: &[[&str; 3]], verdict, sentence: &str| {
        World::of(Storage).learn(keys::MOUNTED, mounted(rows)).says("HOST-58", verdict, sentence);
    };
    let well = "m-01 can write to its file systems";
    says(&[["/", "/dev/md0", "rw"], ["/usr", "/dev/dm-0", "ro"]], Pass, well);
    says(
        &[["/", "/dev/md0", "ro"], ["/srv", "/dev/sdb", "rw"]],
        Fail,
        "m-01 can write nothing: its / is read-only",
    );
    says(
        &[["/", "/dev/md0", "rw"], ["/srv", "/dev/sdb", "ro"], ["/var", "/dev/sdc", "ro"]],
        Warn,
        "m-01 has mounted /srv and /var read-only",
    );
}

#[test]
fn inodes_that_run_out_are_told() {
    let says = |free: &str, verdict, sentence: &str| {
        let all =
            file_systems(&[["/", "/dev/md0", "1000", "900"], ["/srv", "/dev/b", "1000", free]]);
        World::of(Compute).learn(keys::INODES, all).says("HOST-59", verdict, sentence);
    };
    says("151", Pass, "m-01 can make new files on its file systems");
    says("150", Warn, "m-01 has 15 % of the inodes of /srv left");
    says("50", Warn, "m-01 has 5.0 % of the inodes of /srv left");
    says("49", Fail, "m-01 has 4.9 % of the inodes of /srv left");
    says("0", Fail, "m-01 has 0.0 % of the inodes of /srv left");
    World::of(Compute).learn(keys::INODES, file_systems(&[])).says(
        "HOST-59",
        Pass,
        "m-01 can make new files on its file systems",
    );
    assert!(
        World::of(RouterVm).judgements().iter().all(|judged| judged.check.as_str() != "HOST-59"),
        "df of busybox counts no inodes there"
    );
}

#[test]
fn a_list_that_was_cut_is_at_least_as_long() {
    let units = |count: usize| (0..count).map(|n| format!("u{n}.service")).collect::<Vec<_>>();
    let says = |count, sentence: &str| {
        World::of(Compute).learn(keys::FAILED_UNITS, units(count)).says("HOST-50", Warn, sentence);
    };
    says(keys::MOST_ROWS - 1, "499 units on m-01 have failed, u0.service first");
    says(keys::MOST_ROWS, "at least 500 units on m-01 have failed, u0.service first");
}

#[test]
fn groups_that_the_deployment_needs_are_missed() {
    let mut world = World::of(Bastion);
    let well = "the inventory has the five groups of the deployment";
    world.says("BAST-07", Pass, well);
    assert_eq!(world.judge("BAST-07").source, "inventory");
    let groups = &mut world.site.targets[0].groups;
    groups.retain(|group| group != "hedgehog_host" && group != "router_host");
    let sentence = "the inventory has no host in router_host and hedgehog_host";
    world.says("BAST-07", Fail, sentence);
    // It rests on the inventory, not on an answer.
    world.failing(CauseWord::Refused, "m-01 refuses").says("BAST-07", Fail, sentence);
}

#[test]
fn a_host_answers_only_by_what_it_has_told() {
    World::of(Compute).says("HOST-01", Pass, "m-01 answers on SSH");
    let missing = |sentence: &str, world: World| world.says("HOST-01", Unknown, sentence);
    missing(
        "m-01 was asked and did not tell its own clock when it answered",
        World::of(Compute).forget(keys::CLOCK),
    );
    missing(
        "m-01 was asked and did not tell its time that the batched script ran, by the count of the host",
        World::of(Compute).forget(keys::SCRIPT_TOOK),
    );
    missing(
        "cannot look: m-01 has no date",
        World::of(Compute).lose(keys::CLOCK, CauseWord::CommandMissing, "m-01 has no date"),
    );
    // A fact that this check does not need changes nothing.
    World::of(Compute).forget(keys::KERNEL).says("HOST-01", Pass, "m-01 answers on SSH");
}

#[test]
fn a_verdict_is_as_old_as_the_oldest_fact_under_it() {
    use crate::domain::{Answer, Report, Stamp};
    let world = World::of(Control);
    let (catalogue, _) = crate::checks::Catalogue::load(&[], &Default::default());
    let id = crate::domain::TargetId::from("m-01");
    let probe = |name: &str| crate::domain::ProbeId { target: id.clone(), probe: name.into() };
    let mut store = crate::domain::FactStore::default();
    let (old, young) = (Stamp(NOW.0 - 100_000), Stamp(NOW.0 - 2_000));
    let mut survey = Report::default();
    survey.learn(keys::survey::PACKAGES, packages(&PACKAGES));
    store.take(&probe("host.survey"), Answer::Facts(survey), old, 1);
    let mut look = Report::default();
    look.learn(keys::KERNEL, "6.14.0-29-generic".to_owned());
    store.take(&probe("host.look"), Answer::Facts(look), young, 1);
    let told = crate::checks::judge_target(&catalogue, &world.site, &store, &id, NOW);
    let told = told.iter().find(|one| one.check.as_str() == "HOST-03").unwrap();
    assert_eq!((told.verdict, told.seen), (Pass, Some(old)));
    assert!(told.evidence.iter().all(|piece| piece.seen == Some(old)), "{told:?}");
}

#[test]
fn a_root_of_no_size_has_no_room() {
    let odd = file_systems(&[["/", "/dev/md0", "0", "0"]]);
    World::of(Compute).learn(keys::FILESYSTEMS, odd).says(
        "HOST-24",
        Fail,
        "m-01 has 0.0 % of / left",
    );
    let odd = file_systems(&[["/", "/dev/md0", "0", "0"]]);
    let told = World::of(Compute).learn(keys::INODES, odd).judge("HOST-59");
    assert_ne!(told.verdict, Pass, "{}", told.sentence);
}

#[test]
fn the_probes_that_a_rule_names_are_all_that_it_needs() {
    let (catalogue, _) = crate::checks::Catalogue::load(&[], &Default::default());
    let mut compared = 0;
    for role in [Control, Compute, Storage, RouterBox, Bastion, RouterVm, FabricController] {
        let world = World::of(role);
        let (site, all) = (&world.site, world.store());
        let target = &site.targets[0];
        for rule in crate::checks::rules().filter(|rule| (rule.applies)(site, target)) {
            let mut few = all.clone();
            for facts in few.targets.values_mut() {
                facts.probes.retain(|probe, _| rule.probes.contains(&probe.as_str()));
                facts.known.retain(|key, _| {
                    let info = crate::domain::keys::find(key.as_str()).unwrap();
                    rule.probes.contains(&info.probe.name)
                });
            }
            let judge = |facts| {
                let all = crate::checks::judge_target(&catalogue, site, facts, &target.id, NOW);
                all.into_iter().find(|one| one.check.as_str() == rule.id)
            };
            assert_eq!(judge(&few), judge(&all), "{role:?} {}", rule.id);
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared}");
}
