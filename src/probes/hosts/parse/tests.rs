mod mounts;

use proptest::prelude::*;

use super::*;
use crate::domain::fact::Table;
use crate::domain::keys::hosts as keys;
use crate::domain::keys::hosts::survey;
use crate::domain::keys::{FactType, Key, router};
use crate::probes::hosts::sections::SECTIONS;

/// What one section alone tells.
fn read(section: &str, status: i32, text: &str) -> Report {
    report(&[Frame { name: section, status, text }], &[section], "gpu-07")
}

fn fact<T: FactType>(report: &Report, key: Key<T>) -> T {
    maybe(report, key).unwrap_or_else(|| panic!("no {}: {report:?}", key.info.name))
}

fn maybe<T: FactType>(report: &Report, key: Key<T>) -> Option<T> {
    let fact = report.facts.iter().find(|fact| fact.key.as_str() == key.info.name)?;
    T::from_value(&fact.value)
}

fn lost<T>(report: &Report, key: Key<T>) -> Cause {
    let found = report.lost.iter().find(|(name, _)| name.as_str() == key.info.name);
    found.map(|(_, cause)| cause.clone()).unwrap_or_else(|| panic!("{report:?}"))
}

fn row(table: &Table, at: usize) -> Vec<&str> {
    table.rows[at].iter().map(String::as_str).collect()
}

#[test]
fn every_section_has_a_reader_and_every_key_a_section() {
    for section in SECTIONS.iter().filter(|section| section.name != "ended") {
        assert!(readers().any(|reader| reader.section == section.name), "{}", section.name);
    }
    for reader in readers() {
        let section = SECTIONS.iter().find(|section| section.name == reader.section);
        let section = section.unwrap_or_else(|| panic!("{} is no section", reader.section));
        let probe = match section.pace {
            crate::probes::hosts::sections::Pace::Look => "host.look",
            crate::probes::hosts::sections::Pace::Survey => "host.survey",
        };
        for key in reader.keys {
            assert_eq!(key.probe.name, probe, "{} is of another probe than its section", key.name);
        }
    }
    let of_readers: Vec<&str> =
        readers().flat_map(|reader| reader.keys.iter().map(|key| key.name)).collect();
    let declared = [keys::ALL, survey::ALL, router::ALL, router::survey::ALL];
    for key in declared.iter().flat_map(|keys| keys.iter()) {
        // What the probe itself measures.
        let own =
            key.name == keys::SCRIPT_TOOK.info.name || key.name.starts_with("host.connection_");
        assert!(own || of_readers.contains(&key.name), "nothing fills {}", key.name);
    }
}

#[test]
fn the_machine_tells_who_it_is() {
    let os = "NAME=\"Ubuntu\"\nID=ubuntu\nVERSION_ID=\"24.04\"\n";
    assert_eq!(fact(&read("os", 0, os), keys::OS), "ubuntu 24.04");
    assert_eq!(fact(&read("os", 0, "ID='openwrt'\n"), keys::OS), "openwrt");
    assert_eq!(
        fact(&read("kernel", 0, "6.14.0-29-generic\n\n"), keys::KERNEL),
        "6.14.0-29-generic"
    );
    assert_eq!(fact(&read("load", 0, "0.35 0.41 0.40 2/1234 56789\n"), keys::LOAD), 0.35);
    assert_eq!(fact(&read("uptime", 0, "1234.56 99.0\n"), keys::UPTIME), 1234.56);
    assert_eq!(fact(&read("clock", 0, "1790000000\n"), keys::CLOCK).seconds(), 1_790_000_000);
    let meminfo = include_str!("../../../../tests/fixtures/hosts/captured/meminfo.txt");
    let report = read("memory", 0, meminfo);
    let (total, free) = (fact(&report, keys::MEMORY_TOTAL), fact(&report, keys::MEMORY_AVAILABLE));
    assert!(free > 0.0 && free < total && total > 1e9, "{free} of {total}");
    let old = "MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\nCached: 50 kB\n";
    assert_eq!(fact(&read("memory", 0, old), keys::MEMORY_AVAILABLE), 200.0 * 1024.0);
    let words = fact(&read("cmdline", 0, "ro amd_iommu=on iommu=pt\n"), keys::CMDLINE);
    assert_eq!(words, ["ro", "amd_iommu=on", "iommu=pt"]);
    let modules = "nouveau_x 1 0\nnouveau 2 0 - Live\n";
    assert_eq!(fact(&read("modules", 0, modules), keys::NOUVEAU_LOADED).0, "yes");
    assert_eq!(fact(&read("modules", 0, "nvme 1 0\n"), keys::NOUVEAU_LOADED).0, "no");
    let kernels = "config-6.14.0-29-generic\nvmlinuz\nvmlinuz-6.14.0-29-generic\nvmlinuz-6.8.0-1\n";
    assert_eq!(fact(&read("kernels", 0, kernels), keys::KERNELS), ["6.14.0-29-generic", "6.8.0-1"]);
}

#[test]
fn a_missing_command_a_refused_one_and_a_hanging_one_are_told_apart() {
    for (status, text, word, sentence) in [
        (127, "", CauseWord::CommandMissing, "chronyc is not there on gpu-07"),
        (124, "", CauseWord::TimedOut, "chronyc on gpu-07 did not end within 5 s"),
    ] {
        let cause = lost(&read("chrony", status, text), keys::CLOCK_OFFSET);
        assert_eq!((cause.word, cause.sentence.as_str()), (word, sentence));
    }
    let cause = lost(&read("sshd", 126, ""), survey::SSHD);
    assert_eq!(cause.word, CauseWord::SudoPassword);
    let cause = lost(&read("sshd", 1, "sudo: a password is required\n"), survey::SSHD);
    assert_eq!(cause.word, CauseWord::SudoPassword);
    let cause =
        lost(&read("units", 1, "Failed to connect to bus: Host is down\n"), keys::FAILED_UNITS);
    assert_eq!(
        cause.sentence,
        "systemctl on gpu-07 failed: Failed to connect to bus: Host is down"
    );
    let cause = lost(&read("links", 0, "1: lo: <LOOPBACK>\n"), keys::LINKS);
    assert_eq!(cause.sentence, "ip on gpu-07 printed something that is not JSON");
    let nothing = report(&[], &["kernel"], "gpu-07");
    assert_eq!(lost(&nothing, keys::KERNEL).sentence, "gpu-07 left out /proc/sys/kernel/osrelease");
}

#[test]
fn sections_that_were_not_asked_are_ignored() {
    let frames = [
        Frame { name: "kernel", status: 0, text: "6.1\n" },
        Frame { name: "who-knows", status: 0, text: "x\n" },
        Frame { name: "load", status: 0, text: "1 1 1\n" },
    ];
    let report = report(&frames, &["kernel", "of-the-future"], "gpu-07");
    assert_eq!(report.facts.len(), 1);
    assert_eq!(report.lost, []);
}

#[test]
fn chrony_tells_offset_and_state_of_real_daemons() {
    let local = include_str!("../../../../tests/fixtures/hosts/captured/chronyc-local.txt");
    let report = read("chrony", 0, local);
    assert_eq!(
        (fact(&report, keys::CLOCK_OFFSET), fact(&report, keys::CLOCK_LEAP).as_str()),
        (0.0, "Normal")
    );
    let alone = include_str!("../../../../tests/fixtures/hosts/captured/chronyc-alone.txt");
    assert_eq!(fact(&read("chrony", 0, alone), keys::CLOCK_LEAP), "Not synchronised");
    let raw = "A29FC87B,192.0.2.10,3,1790000000.123456789,-0.000012345,0.000004321,0.000030111,-3.123,0.001,0.021,0.013,0.001,64.3,Normal\n";
    assert_eq!(fact(&read("chrony", 0, raw), keys::CLOCK_OFFSET), -0.000_012_345);
    let dead = read("chrony", 1, "506 Cannot talk to daemon\n");
    assert_eq!(fact(&dead, keys::CLOCK_LEAP), "506 Cannot talk to daemon");
    assert_eq!(maybe(&dead, keys::CLOCK_OFFSET), None);
}

#[test]
fn arrays_are_whole_degraded_rebuilding_or_none() {
    let arrays = |status, text| fact(&read("mdstat", status, text), keys::ARRAYS);
    let whole = "Personalities : [raid1]\nmd0 : active raid1 nvme1n1p2[1] nvme0n1p2[0]\n      937428992 blocks super 1.2 [2/2] [UU]\nunused devices: <none>\n";
    assert_eq!(
        row(&arrays(0, whole), 0),
        ["md0", "raid1", "nvme1n1p2[1] nvme0n1p2[0]", "2/2", "UU", "", "active"]
    );
    let degraded =
        whole.replace("nvme1n1p2[1]", "nvme1n1p2[1](F)").replace("[2/2] [UU]", "[2/1] [U_]");
    assert_eq!(row(&arrays(0, &degraded), 0)[3..5], ["2/1", "U_"]);
    let rebuilding = degraded.replace(
        "unused",
        "      [==>..................]  recovery = 12.6% (37043392/292945152) finish=127.5min speed=33440K/sec\nunused",
    );
    assert_eq!(row(&arrays(0, &rebuilding), 0)[5], "recovery 12.6%");
    assert_eq!(arrays(1, "").rows.len(), 0);
    assert_eq!(arrays(0, "Personalities : \nunused devices: <none>\n").rows.len(), 0);
    assert_eq!(lost(&read("mdstat", 0, "nonsense"), keys::ARRAYS).word, CauseWord::Garbled);
}

#[test]
fn file_systems_count_once_and_snaps_never() {
    let df = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/md0 1000 100 900 10% /\n/dev/loop3 64 64 0 100% /snap/core\ntmpfs 10 0 10 0% /run\n/dev/md0 1000 100 900 10% /var/lib/x\n/dev/sdb1 2000 0 2000 0% /mnt/my disk\n";
    let table = fact(&read("disks", 0, df), keys::FILESYSTEMS);
    let seen: Vec<&str> = table.rows.iter().map(|row| table.cell(row, "mount")).collect();
    assert_eq!(seen, ["/", "/mnt/my disk"]);
    assert_eq!(row(&table, 0), ["/", "/dev/md0", "1024000", "921600"]);
    let real = include_str!("../../../../tests/fixtures/hosts/captured/df.txt");
    let table = fact(&read("disks", 1, real), keys::FILESYSTEMS);
    assert_eq!(row(&table, 0)[..2], ["/", "/dev/vda"]);
    assert_eq!(lost(&read("disks", 124, ""), keys::FILESYSTEMS).word, CauseWord::TimedOut);
}

#[test]
fn interfaces_and_routes_of_real_tools() {
    let real = include_str!("../../../../tests/fixtures/hosts/captured/ip-j-d-addr.json");
    let table = fact(&read("links", 0, real), keys::LINKS);
    let eth0 = table.rows.iter().find(|row| row[0] == "eth0").unwrap();
    assert!(table.cell(eth0, "addresses").starts_with("192.0.2.2/"), "{eth0:?}");
    let raw = r#"[{"ifname":"physical0","operstate":"UP"},{"ifname":"frontend0","link":"physical0","operstate":"UP","linkinfo":{"info_kind":"vlan","info_data":{"id":101}},"addr_info":[{"family":"inet","local":"10.30.0.101","prefixlen":16,"dynamic":true}]}]"#;
    let table = fact(&read("links", 0, raw), keys::LINKS);
    assert_eq!(
        row(&table, 1),
        ["frontend0", "UP", "vlan", "101", "physical0", "", "", "10.30.0.101/16", "yes"]
    );
    let real = include_str!("../../../../tests/fixtures/hosts/captured/ip-j-route-default.json");
    assert_eq!(
        row(&fact(&read("routes", 0, real), keys::ROUTES), 0),
        ["192.0.2.1", "eth0", "0", ""]
    );
    assert_eq!(fact(&read("routes", 0, "\n"), keys::ROUTES).rows.len(), 0);
}

#[test]
fn bonds_of_a_real_kernel() {
    let whole = include_str!("../../../../tests/fixtures/hosts/bonding/802.3ad.txt");
    let report = read("bonds", 0, &format!("Bond: bond0\n{whole}\n"));
    assert_eq!(
        row(&fact(&report, keys::BONDS), 0),
        ["bond0", "IEEE 802.3ad Dynamic link aggregation", "up", "00:00:00:00:00:00"]
    );
    let members = fact(&report, keys::BOND_MEMBERS);
    assert_eq!(row(&members, 0), ["bond0", "dummy0", "up", "1", "monitoring", "monitoring"]);
    assert_eq!(row(&members, 1)[1..4], ["dummy1", "up", "2"]);
    let down = include_str!("../../../../tests/fixtures/hosts/bonding/active-backup-down.txt");
    let two = format!("Bond: bond0\n{whole}\nBond: bond1\n{down}\n");
    let report = read("bonds", 0, &two);
    assert_eq!(row(&fact(&report, keys::BONDS), 1)[2], "down");
    assert_eq!(fact(&report, keys::BOND_MEMBERS).rows.len(), 4);
    let none = read("bonds", 0, "\n");
    assert_eq!((fact(&none, keys::BONDS).rows.len(), none.lost.len()), (0, 0));
}

#[test]
fn lost_packets_in_the_words_of_either_ping() {
    for (status, text, loss) in [
        (0, "3 packets transmitted, 3 packets received, 0% packet loss\n", 0.0),
        (0, "2 packets transmitted, 2 received, 0% packet loss, time 301ms\n", 0.0),
        (1, "3 packets transmitted, 1 received, 66.6667% packet loss, time 2040ms\n", 66.6667),
        (1, "2 packets transmitted, 0 received, +2 errors, 100% packet loss\n", 100.0),
        (2, "ping: connect: Network is unreachable\n", 100.0),
    ] {
        assert_eq!(fact(&read("ping", status, text), keys::INTERNET_LOSS), loss, "{text}");
    }
    assert_eq!(lost(&read("ping", 127, ""), keys::INTERNET_LOSS).word, CauseWord::CommandMissing);
}

#[test]
fn disks_and_partitions() {
    let real = include_str!("../../../../tests/fixtures/hosts/captured/lsblk.json");
    let table = fact(&read("blocks", 0, real), survey::BLOCKS);
    let vda = table.rows.iter().find(|row| row[0] == "vda").unwrap();
    assert_eq!(table.cell(vda, "type"), "disk");
    assert!(!table.rows.iter().any(|row| row[0].starts_with("zram")));
    let raw = r#"{"blockdevices":[{"name":"nvme0n1","type":"disk","size":960197124096,"pttype":"gpt","children":[{"name":"nvme0n1p1","type":"part","size":268435456,"parttypename":"EFI System","fstype":"vfat","mountpoints":["/boot/efi"]},{"name":"nvme0n1p2","type":"part","mountpoints":[null],"children":[{"name":"md0","type":"raid1","mountpoints":["/"]}]}]}]}"#;
    let table = fact(&read("blocks", 0, raw), survey::BLOCKS);
    let names: Vec<&str> = table.rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(names, ["nvme0n1", "nvme0n1p1", "nvme0n1p2", "md0"]);
    assert_eq!(row(&table, 3)[1], "nvme0n1p2");
    let real = include_str!("../../../../tests/fixtures/hosts/captured/findmnt.json");
    assert_eq!(row(&fact(&read("mounts", 0, real), survey::MOUNTS), 0), ["/", "/dev/vda", "ext4"]);
    let smart = "{\"device\":{\"name\":\"/dev/nvme0n1\"},\"smart_status\":{\"passed\":true},\"nvme_smart_health_information_log\":{\"percentage_used\":3,\"media_errors\":0}}\n{\n \"device\": {\"name\": \"/dev/sda\"},\n \"smart_status\": {\"passed\": false}\n}\n";
    let table = fact(&read("smart", 0, smart), survey::DISK_HEALTH);
    assert_eq!(row(&table, 0), ["/dev/nvme0n1", "true", "3", "0"]);
    assert_eq!(row(&table, 1), ["/dev/sda", "false", "", ""]);
    // A disk that is left out must not leave the others to speak for it.
    let hung = format!("{smart}{{\"device\":{{\"name\":\"/dev/sdb\"}},\"hangs\":true}}\n");
    let table = fact(&read("smart", 0, &hung), survey::DISK_HEALTH);
    assert_eq!(row(&table, 2), ["/dev/sdb", "hangs", "", ""]);
    let torn = smart.replace("{\n", "{\"device\"\n{\n");
    lost(&read("smart", 0, &torn), survey::DISK_HEALTH);
    assert_eq!(lost(&read("smart", 126, ""), survey::DISK_HEALTH).word, CauseWord::SudoPassword);
}

#[test]
fn boot_entries_and_uefi() {
    let text = "efi\nBootCurrent: 0001\nBootOrder: 0001,0002\nBoot0001* ubuntu\tHD(1,GPT,11111111-aa,0x800,0x80000)/File(\\EFI\\UBUNTU\\SHIMX64.EFI)\nBoot0002* ubuntu2\tHD(1,GPT,22222222-bb,0x800,0x80000)/File(\\EFI\\UBUNTU\\SHIMX64.EFI)\nBoot0003* PXE\tPciRoot(0x0)/MAC(02005e,0)\nBoot0004  off\tHD(1,GPT,33333333-cc)\n";
    let report = read("efi", 0, text);
    let table = fact(&report, survey::BOOT_ENTRIES);
    assert_eq!(table.rows.len(), 2);
    assert_eq!(row(&table, 1), ["0002", "ubuntu2", "22222222-bb"]);
    assert_eq!(fact(&read("efi", 1, ""), survey::EFI).0, "no");
    let missing = read("efi", 127, "efi\n");
    assert_eq!(fact(&missing, survey::EFI).0, "yes");
    assert_eq!(lost(&missing, survey::BOOT_ENTRIES).word, CauseWord::CommandMissing);
}

#[test]
fn settings_and_packages() {
    let units = "nvidia-persistenced.service loaded failed failed NVIDIA Persistence Daemon\n● a.mount loaded failed failed x\n";
    assert_eq!(
        fact(&read("units", 0, units), keys::FAILED_UNITS),
        ["nvidia-persistenced.service", "a.mount"]
    );
    let reboot = "/run/reboot-required\n*** System restart required ***\n/run/reboot-required.pkgs\nlinux-base\nlinux-base\n";
    assert_eq!(fact(&read("reboot", 0, reboot), keys::REBOOT_WANTED), ["linux-base"]);
    assert_eq!(fact(&read("reboot", 0, "/run/reboot-required\n"), keys::REBOOT_WANTED), ["yes"]);
    assert_eq!(fact(&read("reboot", 0, "\n"), keys::REBOOT_WANTED).len(), 0);
    let packages = fact(&read("packages", 1, "chrony ii \nopen-iscsi un \n"), survey::PACKAGES);
    assert_eq!(row(&packages, 1), ["open-iscsi", "un"]);
    let sshd = "port 22\npermitrootlogin without-password\npubkeyauthentication yes\n";
    assert_eq!(fact(&read("sshd", 0, sshd), survey::SSHD).rows.len(), 2);
    let unit = "# x\nExecStart=/usr/lib/systemd/systemd-networkd-wait-online --any\n";
    assert_eq!(fact(&read("wait-online", 0, unit), survey::WAIT_ONLINE_ANY).0, "yes");
    assert_eq!(fact(&read("wait-online", 1, ""), survey::WAIT_ONLINE_ANY).0, "no");
    assert_eq!(fact(&read("grub", 0, "GRUB_RECORDFAIL_TIMEOUT=3\n"), survey::GRUB_RECORDFAIL), "3");
    assert_eq!(fact(&read("grub", 1, ""), survey::GRUB_RECORDFAIL), "");
    assert_eq!(fact(&read("docker-dir", 1, ""), survey::CONTAINER_DIRECTORY).0, "no");
    assert_eq!(fact(&read("sudo", 0, ""), survey::SUDO), "sudo");
    assert_eq!(fact(&read("sudo", 0, "root\n"), survey::SUDO), "root");
    let asks = "sudo: a password is required\n";
    assert_eq!(fact(&read("sudo", 1, asks), survey::SUDO), "sudo: a password is required");
}

#[test]
fn domains_of_a_real_libvirt() {
    let real = include_str!("../../../../tests/fixtures/hosts/libvirt/list-all.txt");
    let table = fact(&read("domains", 0, real), router::DOMAINS);
    assert_eq!(row(&table, 0), ["hedgehog-control", "running"]);
    assert_eq!(row(&table, 1), ["hedgehog-spare", "shut off"]);
    let cause =
        lost(&read("domains", 1, "error: failed to connect to the hypervisor\n"), router::DOMAINS);
    assert_eq!(
        cause.sentence,
        "virsh on gpu-07 failed: error: failed to connect to the hypervisor"
    );
}

#[test]
fn the_router_box_tells_of_devices() {
    let stack = read(
        "virtualisation",
        0,
        "active\ninactive\nkvm\nUsing API: QEMU 10.0.0\nRunning against daemon: 10.0.0\n",
    );
    assert_eq!(fact(&stack, router::survey::LIBVIRT_UNITS), ["active", "inactive"]);
    assert_eq!(fact(&stack, router::survey::LIBVIRT), "10.0.0");
    assert_eq!(fact(&stack, router::survey::KVM).0, "yes");
    let nic = "0000:58:00.0 Ethernet controller [0200]: Intel [8086:15f3]\n\tKernel driver in use: vfio-pci\n\tKernel modules: igc\n";
    assert_eq!(row(&fact(&read("nic", 0, nic), router::survey::MANAGEMENT_NIC), 0)[1], "vfio-pci");
    let serial = "total 0\nlrwxrwxrwx 1 root root 13 Jan  1 10:00 usb-FTDI_A1B2-if00-port0 -> ../../ttyUSB1\n/dev/ttyUSB0\n/dev/ttyUSB1\n";
    let table = fact(&read("serial", 0, serial), router::survey::SERIAL_ADAPTERS);
    assert_eq!(row(&table, 0), ["usb-FTDI_A1B2-if00-port0", "ttyUSB1"]);
    assert_eq!(row(&table, 1), ["", "ttyUSB0"]);
    let users = "                     USER        PID ACCESS COMMAND\n/dev/ttyUSB1:        root       4242 F.... minicom\n";
    let table = fact(&read("serial-users", 0, users), router::survey::SERIAL_USERS);
    assert_eq!(row(&table, 0), ["ttyUSB1", "root", "4242", "minicom"]);
    assert_eq!(fact(&read("serial-users", 1, "\n"), router::survey::SERIAL_USERS).rows.len(), 0);
    for (text, status, word) in [
        ("SecureBoot enabled\n", 0, "enabled"),
        ("SecureBoot disabled\nPlatform is in Setup Mode\n", 0, "disabled"),
        ("EFI variables are not supported on this system\n", 1, "disabled"),
    ] {
        assert_eq!(fact(&read("secure-boot", status, text), router::survey::SECURE_BOOT).0, word);
    }
}

#[test]
fn the_bastion_tells_of_runs() {
    let log = "/home/ubuntu/release-assets/logs/main-20270110-101500.log\nPLAY RECAP ****\ncontrol0 : ok=1 changed=1 unreachable=0 failed=1 skipped=0 rescued=0 ignored=0\nPLAY RECAP ****\ncontrol0 : ok=512  changed=41  unreachable=0    failed=0    skipped=233  rescued=0    ignored=2\n";
    let report = read("last-run", 0, log);
    assert_eq!(row(&fact(&report, survey::RECAP), 0), ["control0", "0", "0", "0", "2"]);
    assert!(fact(&report, survey::LAST_RUN).ends_with("main-20270110-101500.log"));
    assert_eq!(fact(&read("last-run", 1, ""), survey::LAST_RUN), "");
    let names = read("names", 0, "ghcr.io 203.0.113.9\nctl-01 -\n");
    assert_eq!(row(&fact(&names, keys::RESOLVED), 1), ["ctl-01", "-"]);
    assert_eq!(fact(&read("tmux", 1, ""), keys::MULTIPLEXERS).len(), 0);
    assert_eq!(fact(&read("runtime", 127, ""), survey::RUNTIME), "");
    let keyrings =
        read("keyrings", 0, "17 /h/keyrings/ceph.client.glance.keyring $ANSIBLE_VAULT;\n");
    assert_eq!(row(&fact(&keyrings, survey::KEYRINGS), 0)[2], "$ANSIBLE_VAULT;");
}

#[test]
fn text_from_a_host_is_made_safe() {
    let report = read("kernel", 0, "6.1\u{1b}[2J\u{7}\n");
    assert_eq!(fact(&report, keys::KERNEL), "6.1");
    let report = read("units", 1, "\u{1b}]0;owned\u{7}no\u{202e}bus\n");
    let cause = lost(&report, keys::FAILED_UNITS);
    assert!(!cause.sentence.contains(['\u{1b}', '\u{202e}']), "{}", cause.sentence);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_answer_makes_a_reader_panic(text in "(?s).{0,400}", status in -1i32..300, at in 0usize..60) {
        for section in SECTIONS.iter().skip(at).take(12) {
            let report = read(section.name, status, &text);
            for fact in &report.facts {
                prop_assert!(crate::domain::keys::find(fact.key.as_str()).is_some());
            }
        }
    }

    #[test]
    fn no_bytes_make_the_frames_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let text = String::from_utf8_lossy(&bytes);
        prop_assert!(crate::probes::hosts::frames::frames(&text, "f0", "gpu-07").is_err());
    }

    #[test]
    fn no_shuffle_of_frame_lines_makes_the_frames_panic(lines in proptest::collection::vec(
        prop_oneof!["@@f0 a", "@@f0 a = 0", "@@f0 b", "@@f0 b = 7", "@@f0 . = 0", "x"], 0..12)) {
        let text = lines.join("\n") + "\n";
        let _ = crate::probes::hosts::frames::frames(&text, "f0", "gpu-07");
    }
}

#[test]
fn a_list_that_was_ended_is_not_taken_for_whole() {
    let df = "/dev/md0 1000 100 900 10% /\n";
    assert_eq!(fact(&read("disks", 1, df), keys::FILESYSTEMS).rows.len(), 1);
    assert_eq!(lost(&read("disks", 124, df), keys::FILESYSTEMS).word, CauseWord::TimedOut);
}

#[test]
fn a_recap_that_is_cut_is_not_one_without_failures() {
    let log =
        |counts: &str| format!("/home/u/main-1.log\nPLAY RECAP ****\nctl-01 : ok=3 {counts}\n");
    for cut in ["unreachable=0 fai", "unreachable=0 failed=", "unreachable="] {
        let report = read("last-run", 0, &log(cut));
        assert_eq!(lost(&report, survey::RECAP).word, CauseWord::Garbled, "{cut}");
        assert!(maybe(&report, survey::LAST_RUN).is_none(), "{cut}");
    }
    let old = read("last-run", 0, &log("unreachable=0 failed=2"));
    assert_eq!(row(&fact(&old, survey::RECAP), 0), ["ctl-01", "0", "2", "0", "0"]);
}

#[test]
fn the_script_is_timed_by_the_hosts_own_count() {
    let frame = |name, text| Frame { name, status: 0, text };
    let took = |began, ended| script_took_ms(&[frame("uptime", began), frame("ended", ended)]);
    assert_eq!(took("100.25 9\n", "101.75 9\n"), 1_500.0);
    assert_eq!(took("100.25 9\n", "99.00 9\n"), 0.0, "a count that goes back counts nothing");
    assert_eq!(took("100.25 9\n", "inf\n"), 0.0);
    assert_eq!(script_took_ms(&[frame("uptime", "100.25 9\n")]), 0.0);
}

#[test]
fn a_bond_without_its_mode_and_a_search_that_failed_are_trouble() {
    let report = read("bonds", 0, "Bond: bond0\nMII Status: up\n");
    assert_eq!(lost(&report, keys::BONDS).word, CauseWord::Garbled);
    assert_eq!(lost(&read("grub", 124, ""), survey::GRUB_RECORDFAIL).word, CauseWord::TimedOut);
    assert_eq!(fact(&read("grub", 1, ""), survey::GRUB_RECORDFAIL), "");
}
