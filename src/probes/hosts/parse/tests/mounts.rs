//! What is mounted how, and how many inodes are left.

use super::{fact, lost, read, row};
use crate::domain::CauseWord;
use crate::domain::keys::hosts as keys;

const MOUNTS: &str = "\
rootfs / rootfs rw 0 0
/dev/md0 / ext4 ro,relatime,errors=remount-ro 0 0
/dev/nvme0n1p1 /boot/efi vfat rw,relatime 0 0
/dev/loop3 /snap/core/1 squashfs ro,nodev 0 0
/dev/sr0 /mnt/cd iso9660 ro 0 0
/dev/dm-2 /rom squashfs ro 0 0
/dev/sdb /srv/with\\040space xfs ro,noatime 0 0
/dev/sdc /var/lib/x/volume ext4 ro,noatime 0 0
/dev/sdc /var ext4 rw,noatime 0 0
/dev/sdd /data ext4 rw 0 0
/dev/sdd /data/view ext4 ro 0 0
";

#[test]
fn each_device_is_as_writable_as_its_most_writable_mount() {
    let all = fact(&read("mounted", 0, MOUNTS), keys::MOUNTED);
    let rows: Vec<Vec<&str>> = (0..all.rows.len()).map(|at| row(&all, at)).collect();
    assert_eq!(
        rows,
        [
            ["/", "/dev/md0", "ext4", "ro"],
            ["/boot/efi", "/dev/nvme0n1p1", "vfat", "rw"],
            ["/srv/with space", "/dev/sdb", "xfs", "ro"],
            ["/var/lib/x/volume", "/dev/sdc", "ext4", "rw"],
            ["/data", "/dev/sdd", "ext4", "rw"],
        ]
    );
    // The root of a router is laid over one that is read-only by nature.
    let router = "/dev/root /rom squashfs ro 0 0\noverlayfs:/overlay / overlay rw,noatime 0 0\n";
    let all = fact(&read("mounted", 0, router), keys::MOUNTED);
    assert_eq!((all.rows.len(), row(&all, 0)[3]), (1, "rw"));
    // A device that is also the root counts there, and a view of it changes nothing.
    let view = "/dev/vda /data ext4 rw 0 0\n/dev/vda / ext4 ro 0 0\n/dev/vda /x ext4 rw 0 0\n";
    let all = fact(&read("mounted", 0, view), keys::MOUNTED);
    assert_eq!(row(&all, 0), ["/", "/dev/vda", "ext4", "ro"]);
}

#[test]
fn without_a_root_nothing_is_told_of_mounts() {
    for (status, text) in [(0, ""), (0, "/dev/sdb /srv ext4 rw 0 0\n"), (0, "/dev/md0 / ext4\n")] {
        assert_eq!(lost(&read("mounted", status, text), keys::MOUNTED).word, CauseWord::Garbled);
    }
    lost(&read("mounted", 1, ""), keys::MOUNTED);
}

#[test]
fn inodes_are_read_as_df_counts_them() {
    let text = "Filesystem Inodes IUsed IFree IUse% Mounted on\n\
                tmpfs 100 100 0 100% /run\n/dev/md0 61054976 570977 60483999 1% /\n\
                /dev/nvme0n1p1 0 0 0 - /boot/efi\n/dev/sdb 16 16 0 100% /srv\n";
    let all = fact(&read("inodes", 0, text), keys::INODES);
    assert_eq!(row(&all, 0), ["/", "/dev/md0", "61054976", "60483999"]);
    assert_eq!(row(&all, 1), ["/srv", "/dev/sdb", "16", "0"]);
    assert_eq!(all.rows.len(), 2);
    // As busybox prints it; and a machine whose file systems count no inodes.
    let busybox = "Filesystem Inodes Used Available Capacity Mounted on\n/dev/vda 16 11 5 68% /\n";
    assert_eq!(fact(&read("inodes", 0, busybox), keys::INODES).rows.len(), 1);
    let none = "Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/sda2 0 0 0 - /\n";
    assert_eq!(fact(&read("inodes", 0, none), keys::INODES).rows.len(), 0);
    assert_eq!(lost(&read("inodes", 0, "what?\n"), keys::INODES).word, CauseWord::Garbled);
    assert_eq!(lost(&read("inodes", 124, text), keys::INODES).word, CauseWord::TimedOut);
    lost(&read("inodes", 1, ""), keys::INODES);
}

#[test]
fn a_file_system_of_size_0_is_left_out() {
    let text = "Filesystem 1024-blocks Used Available Capacity Mounted on\n\
                /dev/md0 1000 200 800 20% /\n/dev/sdb 0 0 0 0% /srv\n";
    let all = fact(&read("disks", 0, text), keys::FILESYSTEMS);
    assert_eq!((all.rows.len(), row(&all, 0)), (1, vec!["/", "/dev/md0", "1024000", "819200"]));
    // Nothing but such ones is no answer.
    let text = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sdb 0 0 0 0% /\n";
    assert_eq!(lost(&read("disks", 0, text), keys::FILESYSTEMS).word, CauseWord::Garbled);
}
