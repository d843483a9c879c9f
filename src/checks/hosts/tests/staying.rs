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
