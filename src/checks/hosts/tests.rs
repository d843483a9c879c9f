mod staying;

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
            assert_eq!(judgement.source, "ssh", "{code}");
            assert_eq!(judgement.seen.is_some(), judgement.verdict == Pass || no_run, "{code}");
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
                    .any(|rule| rule.id == code && rule.probes == super::SURVEY);
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

#[test]
fn system_rules() {
    let c = || World::of(Control);
    c().learn(keys::OS, "debian 12".into()).says(
        "HOST-02",
        Fail,
        "m-01 runs debian 12, not Ubuntu 24.04",
    );
    let without = |gone: &str| {
        let left: Vec<&str> = PACKAGES.into_iter().filter(|name| *name != gone).collect();
        packages(&left)
    };
    let no_kernel = without("linux-generic-hwe-24.04");
    c().learn(survey::PACKAGES, no_kernel.clone()).says(
        "HOST-03",
        Warn,
        "m-01 runs 6.14.0-29-generic, but linux-generic-hwe-24.04 is not installed",
    );
    c().learn(survey::PACKAGES, no_kernel).learn(keys::KERNEL, "6.8.0-40-generic".into()).says(
        "HOST-03",
        Fail,
        "m-01 runs the old kernel 6.8.0-40-generic; linux-generic-hwe-24.04 is not installed",
    );
    c().learn(survey::PACKAGES, without("ovmf")).says("HOST-04", Fail, "m-01 lacks ovmf");
    let mut extra = PACKAGES.to_vec();
    extra.push("open-iscsi");
    c().learn(survey::PACKAGES, packages(&extra)).says(
        "HOST-04",
        Fail,
        "m-01 has open-iscsi, which must not be there",
    );
    c().learn(keys::SWAPS, words(&["/swap.img"])).says("HOST-08", Fail, "m-01 swaps to /swap.img");
    c().learn(keys::CMDLINE, words(&["ro", "iommu=pt"])).says(
        "HOST-12",
        Fail,
        "m-01 was booted without amd_iommu=on on its kernel command line",
    );
    c().learn(keys::CMDLINE, words(&["intel_iommu=on", "iommu=pt"])).says(
        "HOST-12",
        Pass,
        "m-01 has its IOMMU on, in passthrough mode",
    );
    c().learn(keys::IOMMU_GROUPS, 0.0).says(
        "HOST-12",
        Warn,
        "m-01 asks for the IOMMU, but the firmware keeps it off: no IOMMU group",
    );
    c().learn(keys::NOUVEAU_LOADED, word("yes")).says(
        "HOST-13",
        Fail,
        "m-01 has loaded the nouveau driver",
    );
    c().learn(survey::NOUVEAU_BLACKLISTED, word("no")).says(
        "HOST-13",
        Warn,
        "m-01 has not loaded nouveau, but does not blacklist it",
    );
    for (root, pubkey, passwords, verdict) in [
        ("yes", "yes", "no", Pass),
        ("without-password", "yes", "no", Pass),
        ("prohibit-password", "yes", "yes", Warn),
        ("no", "yes", "no", Fail),
        ("yes", "no", "no", Fail),
    ] {
        let world = c().learn(survey::SSHD, sshd(root, pubkey, passwords));
        assert_eq!(world.judge("HOST-15").verdict, verdict, "{root} {pubkey} {passwords}");
    }
    c().lose(survey::SSHD, CauseWord::SudoPassword, "sshd on m-01 needs root").says(
        "HOST-15",
        Unknown,
        "cannot look: sshd on m-01 needs root",
    );
    c().learn(survey::WAIT_ONLINE_ANY, word("no")).says(
        "HOST-16",
        Fail,
        "m-01 waits for every link at boot and may hang there (no --any)",
    );
    c().learn(survey::GRUB_RECORDFAIL, "30".into()).says(
        "HOST-17",
        Warn,
        "m-01 recovers from a failed boot after 30, not 3 s",
    );
    c().learn(survey::GRUB_RECORDFAIL, String::new()).says(
        "HOST-17",
        Fail,
        "m-01 waits for a key after a failed boot, for ever",
    );
    c().learn(survey::CONTAINER_DIRECTORY, word("no")).says(
        "HOST-18",
        Fail,
        "m-01 has no /var/lib/docker",
    );
    World::of(Storage).learn(survey::SUDO, "sudo: a password is required".into()).says(
        "HOST-19",
        Fail,
        "sudo on m-01 asks for a password",
    );
    c().learn(keys::FAILED_UNITS, words(&["a.service"])).says(
        "HOST-50",
        Warn,
        "a.service on m-01 has failed",
    );
    c().learn(keys::FAILED_UNITS, words(&["a.service", "b.mount"])).says(
        "HOST-50",
        Warn,
        "2 units on m-01 have failed, a.service first",
    );
    c().learn(keys::KERNELS, words(&["6.14.0-33-generic", "6.14.0-29-generic"])).says(
        "HOST-51",
        Warn,
        "m-01 waits for a reboot: 6.14.0-29-generic runs, 6.14.0-33-generic is installed",
    );
    c().learn(keys::REBOOT_WANTED, words(&["libc6", "systemd"])).says(
        "HOST-51",
        Warn,
        "m-01 waits for a reboot since libc6 and systemd changed",
    );
}

#[test]
fn mirror_rules() {
    let c = || World::of(Control);
    let with = |members, counts, status, activity| {
        c().learn(keys::ARRAYS, arrays(members, counts, status, activity))
    };
    with("nvme1n1p2[1](F) nvme0n1p2[0]", "2/1", "U_", "").says(
        "HOST-05",
        Fail,
        "m-01 has lost nvme1n1p2 of its system mirror md0 ([2/1] [U_])",
    );
    with("nvme0n1p2[0]", "2/1", "U_", "").says(
        "HOST-05",
        Fail,
        "m-01 has lost a disk of its system mirror md0 ([2/1] [U_])",
    );
    with("a[1] b[0]", "2/1", "U_", "recovery 12.6%").says(
        "HOST-05",
        Warn,
        "m-01 rebuilds its system mirror md0: recovery 12.6%",
    );
    with("a[1] b[0]", "2/2", "UU", "check 3.0%").says(
        "HOST-05",
        Pass,
        "m-01 has both disks of its system mirror md0",
    );
    c().learn(keys::ARRAYS, table(&["name", "level"], &[])).says(
        "HOST-05",
        Fail,
        "m-01 has no system mirror",
    );
    let mounts =
        |rows: &[&[&str]]| c().learn(survey::MOUNTS, table(&["target", "source", "fstype"], rows));
    mounts(&[&["/", "/dev/md0", "ext4"], &["/boot/efi", "/dev/sda1", "vfat"]]).says(
        "HOST-06",
        Fail,
        "on m-01 /boot/efi2 is not mounted",
    );
    mounts(&[
        &["/", "/dev/sda2", "ext4"],
        &["/boot/efi", "/dev/sda1", "vfat"],
        &["/boot/efi2", "/dev/sda3", "vfat"],
    ])
    .says(
        "HOST-06",
        Fail,
        "on m-01 / lies on /dev/sda2, not on the mirror and both EFI partitions lie on one disk",
    );
    c().learn(survey::BLOCKS, table(&["name", "parent", "type"], &[&["sda", "", "disk"]])).says(
        "HOST-07",
        Fail,
        "on m-01 the mirror lies on 0 disks, not two",
    );
    let mut small = blocks(&[]);
    small.rows[1][3] = "104857600".into();
    c().learn(survey::BLOCKS, small).says(
        "HOST-07",
        Fail,
        "on m-01 the EFI partition of nvme0n1 has 105 MB",
    );
    c().learn(survey::EFI, word("no")).says("HOST-09", Fail, "m-01 was not booted in UEFI mode");
    let one = table(&["number", "name", "partition"], &[&["0001", "ubuntu", "11"]]);
    c().learn(survey::BOOT_ENTRIES, one).says(
        "HOST-09",
        Warn,
        "m-01 can boot from one of its disks only",
    );
}

#[test]
fn declared_disks_and_their_health() {
    let s = |rows: &[&[&str]]| World::of(Storage).learn(survey::BLOCKS, blocks(rows));
    s(&[]).says("HOST-21", Fail, "m-01 has no data disk nvme2n1");
    s(&[&["nvme2n1", "", "disk", "7", "", "", "ceph_bluestore", ""]]).says(
        "HOST-21",
        Warn,
        "m-01 has nvme2n1 provisioned for Ceph already",
    );
    s(&[
        &["nvme2n1", "", "disk", "7", "", "", "LVM2_member", ""],
        &["ceph--1-osd", "nvme2n1", "lvm", "7", "", "", "ceph_bluestore", ""],
    ])
    .says("HOST-21", Warn, "m-01 has nvme2n1 provisioned for Ceph already");
    s(&[
        &["nvme2n1", "", "disk", "7", "gpt", "", "", ""],
        &["nvme2n1p1", "nvme2n1", "part", "7", "", "", "ntfs", ""],
    ])
    .says("HOST-21", Fail, "the data disk nvme2n1 of m-01 is not free: it has partitions");
    let mut world = s(&[&["nvme2n1", "", "disk", "7", "", "", "", ""]]);
    let wanted = &mut world.site.targets[0].wanted;
    wanted.insert(crate::domain::wanted::SYSTEM_DISKS.into(), "/dev/nvme1n1 /dev/nvme2n1".into());
    world.says(
        "HOST-21",
        Fail,
        "the system of m-01 is mirrored on nvme0n1 and nvme1n1, the inventory says nvme1n1 and nvme2n1",
    );
    world.site.targets[0].wanted.clear();
    world.says("HOST-21", NotYet, "the inventory names no disks of m-01");
    let h = |passed, used, errors| {
        World::of(Compute).learn(survey::DISK_HEALTH, health(passed, used, errors))
    };
    h("false", "3", "0").says("HOST-20", Fail, "on m-01 /dev/nvme0n1 says that it is failing");
    h("true", "81", "0").says("HOST-20", Warn, "on m-01 /dev/nvme0n1 (81 % used) is wearing out");
    h("true", "80", "1").says(
        "HOST-20",
        Warn,
        "on m-01 /dev/nvme0n1 (1 media errors) is wearing out",
    );
    h("hangs", "", "").says(
        "HOST-20",
        Fail,
        "on m-01 /dev/nvme0n1 does not answer when asked for its health",
    );
    h("", "", "").says(
        "HOST-20",
        Pass,
        "the 1 disks of m-01 call themselves healthy, 1 more tell nothing",
    );
    h("true", "80", "0").says("HOST-20", Pass, "the 2 disks of m-01 call themselves healthy");
}

#[test]
fn network_rules() {
    let c = |rows: &[[&str; 9]]| World::of(Control).learn(keys::LINKS, links(rows));
    let trunk = ["physical0", "UP", "", "", "", "", "", "", "no"];
    let front = ["frontend0", "UP", "vlan", "101", "physical0", "", "", "10.30.0.101/16", "no"];
    let prov = ["provisioning0", "UP", "vlan", "102", "physical0", "", "", "", "no"];
    c(&[trunk, front]).says("HOST-10", Fail, "on m-01 provisioning0 is missing");
    c(&[front, prov]).says("HOST-10", Fail, "on m-01 physical0 is missing");
    let down = ["physical0", "DOWN", "", "", "", "", "", "", "no"];
    c(&[down, front, prov]).says("HOST-10", Fail, "on m-01 physical0 is DOWN");
    let wrong = ["provisioning0", "UP", "vlan", "103", "physical0", "", "", "", "no"];
    c(&[trunk, front, wrong]).says("HOST-10", Fail, "on m-01 provisioning0 has VLAN 103, not 102");
    let other = ["provisioning0", "UP", "vlan", "102", "eth9", "", "", "", "no"];
    c(&[trunk, front, other]).says(
        "HOST-10",
        Fail,
        "on m-01 provisioning0 lies on eth9, not on physical0",
    );
    let bare = ["frontend0", "UP", "vlan", "101", "physical0", "", "", "fe80::1/64", "no"];
    c(&[trunk, bare, prov]).says("HOST-56", Fail, "frontend0 of m-01 has no address");
    let moved = ["frontend0", "UP", "vlan", "101", "physical0", "", "", "10.30.0.9/16", "no"];
    c(&[trunk, moved, prov]).says(
        "HOST-56",
        Fail,
        "frontend0 of m-01 has not the planned address 10.30.0.101",
    );
    let r = |rows: &[[&str; 4]]| World::of(Control).learn(keys::ROUTES, routes(rows));
    r(&[]).says("HOST-11", Fail, "m-01 has no default route");
    r(&[["1.1.1.1", "frontend0", "200", ""], ["2.2.2.2", "provisioning0", "100", ""]]).says(
        "HOST-11",
        Fail,
        "m-01 goes out through provisioning0, not frontend0",
    );
}

#[test]
fn bond_rules_on_router_and_hosts() {
    let bonded = |role, mode, mii, partner, rows: &[[&str; 5]]| {
        World::of(role)
            .learn(keys::BONDS, bond(mode, mii, partner))
            .learn(keys::BOND_MEMBERS, members(rows))
    };
    for (role, code) in [(RouterVm, "BOND-01"), (Compute, "BOND-50")] {
        let lacp = |rows: &[[&str; 5]]| bonded(role, LACP, "up", LEAF, rows);
        let up = ["eth2", "up", "1", "none", "none"];
        lacp(&[up, ["eth3", "down", "2", "churned", "churned"]]).says(
            code,
            Warn,
            "bond0 of m-01 has lost eth3: 1 of 2 members left",
        );
        lacp(&[up, ["eth3", "up", "1", "none", "churned"]]).says(
            code,
            Fail,
            "eth3 in bond0 of m-01 is churned",
        );
        lacp(&[up, ["eth3", "up", "1", "monitoring", "none"]]).says(
            code,
            Warn,
            "LACP of bond0 on m-01 is still settling on eth3",
        );
        lacp(&[up, ["eth3", "up", "2", "none", "none"]]).says(
            code,
            Warn,
            "the members of bond0 on m-01 are in different aggregators",
        );
        lacp(&[["eth2", "down", "1", "", ""], ["eth3", "down", "2", "", ""]]).says(
            code,
            Fail,
            "bond0 of m-01 is down: no member has a link",
        );
        bonded(role, LACP, "up", "00:00:00:00:00:00", &[up]).says(
            code,
            Fail,
            "nobody speaks LACP with bond0 of m-01 (partner MAC all zeros)",
        );
        let backup = "fault-tolerance (active-backup)";
        bonded(role, backup, "up", "", &[["a", "up", "", "", ""], ["b", "up", "", "", ""]]).says(
            code,
            Pass,
            "bond0 of m-01 has all its 2 members",
        );
    }
    let none = |role| {
        World::of(role)
            .learn(keys::BONDS, table(&["name"], &[]))
            .learn(keys::BOND_MEMBERS, table(&["bond"], &[]))
    };
    none(RouterVm).says("BOND-01", Fail, "m-01 has no bond towards the switches");
    none(Compute).says("BOND-50", NotYet, "m-01 has no bonded interface");
    let lossy = |loss| World::of(RouterVm).learn(keys::GATEWAY_LOSS, loss);
    lossy(100.0).says("BOND-02", Fail, "m-01 does not reach the fabric's gateway 10.30.0.2");
    lossy(33.3).says(
        "BOND-02",
        Warn,
        "m-01 loses 33 % of its packets to the fabric's gateway 10.30.0.2",
    );
}

#[test]
fn clock_rules() {
    let c = |offset| World::of(Compute).learn(keys::CLOCK_OFFSET, offset);
    c(0.049).says("HOST-14", Pass, "the clock of m-01 is right");
    c(-0.05).says("HOST-14", Warn, "the clock of m-01 is 50 ms off");
    c(0.18).says("HOST-14", Warn, "the clock of m-01 is 180 ms off");
    c(0.5).says("HOST-14", Warn, "the clock of m-01 is 500 ms off");
    c(-0.51).says("HOST-14", Fail, "the clock of m-01 is 510 ms off");
    c(0.0).learn(keys::CLOCK_LEAP, "Not synchronised".into()).says(
        "HOST-14",
        Fail,
        "the clock of m-01 is not synchronised: Not synchronised",
    );
    c(0.0).lose(keys::CLOCK_LEAP, CauseWord::CommandMissing, "chronyc is not there on m-01").says(
        "HOST-14",
        Fail,
        "m-01 has no chrony: nothing keeps its clock",
    );
    c(0.0)
        .lose(keys::CLOCK_LEAP, CauseWord::TimedOut, "chronyc on m-01 did not end within 5 s")
        .says("HOST-14", Unknown, "cannot look: chronyc on m-01 did not end within 5 s");
    // The look was a second ago; the network took 0.08 s of its 0.12.
    let at = |ms: i64| World::of(RouterVm).learn(keys::CLOCK, Stamp(NOW.0 - 1_000 + ms));
    at(2_900).says("HOST-55", Pass, "the clock of m-01 agrees with ours");
    at(3_500).says("HOST-55", Warn, "the clock of m-01 is 3.5 s ahead of ours");
    at(-3_500).says("HOST-55", Warn, "the clock of m-01 is 3.5 s behind ours");
    at(-3_600_000).says("HOST-55", Fail, "the clock of m-01 is 1h00m behind ours");
}

#[test]
fn room_rules() {
    let root = |available: &str| {
        World::of(Compute)
            .learn(keys::FILESYSTEMS, file_systems(&[["/", "/dev/md0", "1000", available]]))
    };
    root("151").says("HOST-24", Pass, "m-01 has memory, processors and disk to spare");
    root("150").says("HOST-24", Warn, "m-01 has 15 % of / left");
    root("50").says("HOST-24", Warn, "m-01 has 5.0 % of / left");
    root("49").says("HOST-24", Fail, "m-01 has 4.9 % of / left");
    let memory = |role, available| World::of(role).learn(keys::MEMORY_AVAILABLE, available);
    memory(Compute, 64e9 * 0.07).says("HOST-24", Warn, "m-01 has 7.0 % of its memory left");
    memory(Compute, 64e9 * 0.03).says("HOST-24", Fail, "m-01 has 3.0 % of its memory left");
    memory(RouterVm, 64e9 * 0.03).says("HOST-53", Fail, "m-01 has 3.0 % of its memory left");
    memory(Compute, 64e9 * 0.07).learn(keys::LOAD, 20.1).says(
        "HOST-24",
        Warn,
        "m-01 has a load of 20.1 on 20 processors; m-01 has 7.0 % of its memory left",
    );
    World::of(Compute).learn(keys::LOAD, 20.0).says(
        "HOST-24",
        Pass,
        "m-01 has memory, processors and disk to spare",
    );
    World::of(FabricController).learn(keys::LOAD, 40.0).says(
        "HOST-54",
        Warn,
        "m-01 has a load of 40.0 on 20 processors",
    );
    World::of(Storage)
        .learn(
            keys::FILESYSTEMS,
            file_systems(&[["/", "/dev/md0", "1000", "800"], ["/srv", "/dev/sdb", "1000", "20"]]),
        )
        .says("HOST-52", Fail, "m-01 has 2.0 % of /srv left");
    let mut world = root("100");
    world.site.thresholds.insert("HOST-24.root_warn_percent".into(), 5.0);
    world.says("HOST-24", Pass, "m-01 has memory, processors and disk to spare");
}

#[test]
fn bastion_rules() {
    let b = || World::of(Bastion);
    let wire = |addresses: &'static str, dynamic: &'static str| {
        links(&[["enp1s0", "UP", "", "", "", "", "", addresses, dynamic]])
    };
    b().learn(keys::LINKS, wire("10.30.0.101/24", "yes")).says(
        "BAST-02",
        Fail,
        "m-01 has its address on enp1s0 from DHCP",
    );
    b().learn(keys::LINKS, wire("10.30.0.7/24", "no")).says(
        "BAST-02",
        Fail,
        "m-01 has not its planned address 10.30.0.101 on an en* interface",
    );
    let names = |rows: &[&[&str]]| b().learn(keys::RESOLVED, table(&["name", "address"], rows));
    names(&[&["ghcr.io", "1.2.3.4"], &["ctl-01", "-"]]).says(
        "BAST-03",
        Warn,
        "m-01 resolves outside names, but not ctl-01",
    );
    names(&[&["ghcr.io", "-"], &["ctl-01", "10.0.0.1"]]).says(
        "BAST-03",
        Fail,
        "m-01 does not resolve ghcr.io",
    );
    b().learn(survey::RUNTIME, String::new()).says(
        "BAST-04",
        Fail,
        "m-01 has neither podman nor docker",
    );
    b().learn(survey::IMAGES, Vec::new()).says(
        "BAST-06",
        Fail,
        "m-01 has not loaded the deployment image gpu-infra-ansible",
    );
    let files = |rows: &[&[&str]]| b().learn(survey::SSH_FILES, table(&["mode", "path"], rows));
    files(&[&["644", "/home/ubuntu/.ssh/site"]]).says(
        "BAST-09",
        Fail,
        "m-01 has ~/.ssh/site with mode 644",
    );
    files(&[]).says("BAST-09", Fail, "m-01 has no key ~/.ssh/site");
    b().learn(survey::CACHE_FREE, 29e9).says(
        "BAST-10",
        Fail,
        "m-01 has 29 GB left for VM images, 30 GB are needed",
    );
    b().learn(survey::KEYRINGS, keyrings(&["cinder"], "$ANSIBLE_VAULT;")).says(
        "BAST-11",
        Fail,
        "m-01 lacks the keyrings of cinder-backup and glance",
    );
    let all = ["cinder", "cinder-backup", "glance"];
    b().learn(survey::KEYRINGS, keyrings(&all, "clear")).says(
        "BAST-11",
        Warn,
        "m-01 has the keyrings of cinder, cinder-backup and glance in clear text",
    );
    let mut old = keyrings(&all, "$ANSIBLE_VAULT;");
    let source = "/home/ubuntu/release-assets/assets/ceph/ceph.client.glance.keyring";
    old.push(vec!["101".into(), source.into(), "clear".into()]);
    b().learn(survey::KEYRINGS, old).says(
        "BAST-11",
        Warn,
        "m-01 has older keyrings of glance than the ones Ceph wrote",
    );
    b().learn(survey::RECAP, recap("1", "0")).says(
        "BAST-12",
        Fail,
        "the last run on m-01 failed for ctl-01",
    );
    b().learn(survey::RECAP, recap("0", "2")).says(
        "BAST-12",
        Warn,
        "the last run on m-01 went through with ignored or rescued errors on ctl-01",
    );
    let died = || b().learn(survey::RECAP, table(&["host"], &[]));
    died().says("BAST-12", Fail, "the last run on m-01 died: its log has no recap");
    let running = words(&["4242 bash ./scripts/platform-setup.sh"]);
    died().learn(keys::RUNS, running.clone()).says(
        "BAST-12",
        NotYet,
        "a run is in progress on m-01",
    );
    b().learn(survey::LAST_RUN, String::new()).says(
        "BAST-12",
        NotYet,
        "m-01 has no log of a run yet",
    );
    let left = |mode| {
        b().learn(survey::VAULT_FILES, table(&["mode", "path"], &[&[mode, "/tmp/vault-key.txt"]]))
    };
    left("600").says(
        "BAST-13",
        Fail,
        "m-01 keeps a vault password in /tmp/vault-key.txt, and no run is in progress",
    );
    left("600").learn(keys::RUNS, running.clone()).says(
        "BAST-13",
        Warn,
        "m-01 keeps a vault password in /tmp/vault-key.txt for the run",
    );
    left("644").learn(keys::RUNS, running.clone()).says(
        "BAST-13",
        Fail,
        "others can read the vault password in /tmp/vault-key.txt on m-01",
    );
    b().learn(keys::RUNS, running.clone()).says("BAST-14", Warn, "a deployment runs on m-01");
    b().learn(keys::RUNS, running.clone()).says(
        "BAST-15",
        Warn,
        "a deployment runs on m-01 outside any session: a lost line would end it",
    );
    b().learn(keys::RUNS, running)
        .learn(keys::MULTIPLEXERS, words(&["bootstrap 1 1790000000"]))
        .says("BAST-15", Pass, "a session on m-01 can hold the run");
}

#[test]
fn a_mirror_on_a_data_disk_is_wrong() {
    let rows: &[&[&str]] = &[
        &["nvme2n1", "", "disk", "7", "", "", "", ""],
        &["nvme2n1p1", "nvme2n1", "part", "1", "gpt", "Linux RAID", "linux_raid_member", ""],
        &["md0", "nvme2n1p1", "raid1", "1", "", "", "ext4", "/"],
    ];
    let world = World::of(Storage).learn(survey::BLOCKS, blocks(rows));
    let told = world.judgements().into_iter().find(|one| one.check.as_str() == "HOST-21").unwrap();
    assert_eq!(told.verdict, Fail);
    assert!(
        told.sentence.contains("the system mirror of m-01 uses the data disk nvme2n1"),
        "{}",
        told.sentence
    );
}

#[test]
fn a_run_that_could_not_reach_a_host_failed() {
    let recap = table(
        &["host", "unreachable", "failed", "rescued", "ignored"],
        &[&["ctl-01", "1", "0", "0", "0"]],
    );
    World::of(Bastion).learn(survey::RECAP, recap).says(
        "BAST-12",
        Fail,
        "the last run on m-01 failed for ctl-01",
    );
}

#[test]
fn names_of_which_the_outside_one_is_missing_are_not_called_well() {
    let inside = table(&["name", "address"], &[&["ctl-01", "10.30.0.101"]]);
    World::of(Bastion).learn(keys::RESOLVED, inside).says(
        "BAST-03",
        Unknown,
        "m-01 did not say whether it resolves ghcr.io",
    );
}

#[test]
fn a_file_system_of_no_size_has_no_room() {
    let odd = file_systems(&[["/", "/dev/md0", "1000", "800"], ["/srv", "/dev/sdb", "0", "0"]]);
    let world = World::of(Compute).learn(keys::FILESYSTEMS, odd);
    let told = world.judgements().into_iter().find(|one| one.check.as_str() == "HOST-52").unwrap();
    assert_ne!(told.verdict, Pass, "{}", told.sentence);
}
