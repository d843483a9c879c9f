//! Rules about mirrors, disks and room.

use super::*;

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
fn a_file_system_of_no_size_has_no_room() {
    let odd = file_systems(&[["/", "/dev/md0", "1000", "800"], ["/srv", "/dev/sdb", "0", "0"]]);
    let world = World::of(Compute).learn(keys::FILESYSTEMS, odd);
    let told = world.judgements().into_iter().find(|one| one.check.as_str() == "HOST-52").unwrap();
    assert_ne!(told.verdict, Pass, "{}", told.sentence);
}
