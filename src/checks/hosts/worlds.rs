//! Small sites with one machine, for tests: everything well, then one thing changed.

use std::path::PathBuf;

use crate::checks::{Catalogue, judge_target};
use crate::domain::endpoint::SshEndpoint;
use crate::domain::fact::Table;
use crate::domain::keys::{FactType, Key, Word, hosts as keys, router};
use crate::domain::{
    Answer, Cause, CauseWord, FactStore, Judgement, ProbeId, ProbeName, Report, Role, Site, Stamp,
    Target, TargetId, TargetKind, Verdict, wanted,
};

/// The time of all worlds.
pub(crate) const NOW: Stamp = Stamp(1_790_000_000_000);

/// One machine called `m-01`, and what is known of it.
pub(crate) struct World {
    pub(crate) site: Site,
    look: Report,
    survey: Report,
    pub(crate) look_answer: Option<Answer>,
    pub(crate) took_ms: u64,
    pub(crate) age_ms: i64,
    pub(crate) others: FactStore,
}

pub(crate) fn table(columns: &[&str], rows: &[&[&str]]) -> Table {
    let mut table = Table::new(columns);
    for row in rows {
        table.push(row.iter().map(|cell| (*cell).to_owned()).collect());
    }
    table
}

pub(crate) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

pub(crate) fn word(word: &str) -> Word {
    Word(word.to_owned())
}

pub(crate) fn arrays(members: &str, counts: &str, status: &str, activity: &str) -> Table {
    table(
        &["name", "level", "members", "counts", "status", "activity", "state"],
        &[&["md0", "raid1", members, counts, status, activity, "active"]],
    )
}

pub(crate) fn links(rows: &[[&str; 9]]) -> Table {
    let rows: Vec<&[&str]> = rows.iter().map(|row| row.as_slice()).collect();
    table(
        &["name", "state", "kind", "vlan", "parent", "master", "mac", "addresses", "dynamic"],
        &rows,
    )
}

pub(crate) fn routes(rows: &[[&str; 4]]) -> Table {
    let rows: Vec<&[&str]> = rows.iter().map(|row| row.as_slice()).collect();
    table(&["gateway", "device", "metric", "protocol"], &rows)
}

pub(crate) fn blocks(data_disk: &[&[&str]]) -> Table {
    const EFI: &str = "268435456";
    let mut rows: Vec<&[&str]> = vec![
        &["nvme0n1", "", "disk", "960197124096", "gpt", "", "", ""],
        &["nvme0n1p1", "nvme0n1", "part", EFI, "gpt", "EFI System", "vfat", "/boot/efi"],
        &["nvme0n1p2", "nvme0n1", "part", "1", "gpt", "Linux RAID", "linux_raid_member", ""],
        &["md0", "nvme0n1p2", "raid1", "1", "", "", "ext4", "/"],
        &["nvme1n1", "", "disk", "960197124096", "gpt", "", "", ""],
        &["nvme1n1p1", "nvme1n1", "part", EFI, "gpt", "EFI System", "vfat", "/boot/efi2"],
        &["nvme1n1p2", "nvme1n1", "part", "1", "gpt", "Linux RAID", "linux_raid_member", ""],
        &["md0", "nvme1n1p2", "raid1", "1", "", "", "ext4", "/"],
    ];
    rows.extend(data_disk);
    table(&["name", "parent", "type", "size", "pttype", "parttype", "fstype", "mounts"], &rows)
}

pub(crate) fn bond(mode: &str, mii: &str, partner: &str) -> Table {
    table(&["name", "mode", "mii", "partner"], &[&["bond0", mode, mii, partner]])
}

pub(crate) fn members(rows: &[[&str; 5]]) -> Table {
    let rows: Vec<Vec<&str>> =
        rows.iter().map(|row| [&["bond0"], row.as_slice()].concat()).collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    table(&["bond", "member", "mii", "aggregator", "actor", "partner"], &rows)
}

pub(crate) fn packages(names: &[&str]) -> Table {
    let rows: Vec<[&str; 2]> = names.iter().map(|name| [*name, "ii"]).collect();
    let rows: Vec<&[&str]> = rows.iter().map(|row| row.as_slice()).collect();
    table(&["package", "status"], &rows)
}

/// Every package that HOST-03, HOST-04 and RBOX-07 want.
pub(crate) const PACKAGES: [&str; 20] = [
    "linux-generic-hwe-24.04",
    "ipmitool",
    "lm-sensors",
    "smartmontools",
    "bridge-utils",
    "podman",
    "catatonit",
    "python3-podman",
    "python3-pip",
    "libvirt-clients",
    "ovmf",
    "chrony",
    "qemu-system-x86",
    "libvirt-daemon-system",
    "virtiofsd",
    "virtinst",
    "guestfs-tools",
    "cloud-image-utils",
    "python3-lxml",
    "tmux",
];

pub(crate) const LACP: &str = "IEEE 802.3ad Dynamic link aggregation";
pub(crate) const LEAF: &str = "02:00:5e:30:00:20";

pub(crate) fn file_systems(rows: &[[&str; 4]]) -> Table {
    let rows: Vec<&[&str]> = rows.iter().map(|row| row.as_slice()).collect();
    table(&["mount", "device", "size", "available"], &rows)
}

pub(crate) fn mounted(rows: &[[&str; 3]]) -> Table {
    let mut all = Table::new(&["mount", "device", "fstype", "mode"]);
    for [mount, device, mode] in rows {
        all.push(words(&[mount, device, "ext4", mode]));
    }
    all
}

pub(crate) fn target(name: &str, role: Role) -> Target {
    Target {
        id: TargetId::from(name),
        name: name.to_owned(),
        aliases: Vec::new(),
        kind: TargetKind::Host,
        roles: vec![role],
        groups: words(&[
            "router_host",
            "openwrt_routers",
            "kolla_bastion",
            "hedgehog_host",
            "hedgehog_control",
        ]),
        rack: None,
        serial: None,
        ssh: Some(SshEndpoint {
            name: name.to_owned(),
            address: "10.30.0.101".to_owned(),
            port: None,
            user: None,
            identity_file: Some("~/.ssh/site".to_owned()),
            common_args: None,
            via: None,
            directory: PathBuf::new(),
            sudo: true,
        }),
        bmc: None,
        machine: None,
        wanted: std::collections::BTreeMap::from([
            (wanted::SYSTEM_DISKS.to_owned(), "/dev/nvme0n1 /dev/nvme1n1".to_owned()),
            (wanted::DATA_DISKS.to_owned(), "/dev/nvme2n1".to_owned()),
        ]),
        declared: crate::domain::Place::default(),
    }
}

impl World {
    /// A machine of this role of which everything is known, and all is well.
    pub(crate) fn of(role: Role) -> World {
        let mut site = Site { targets: vec![target("m-01", role)], ..Site::default() };
        site.wanted.insert(wanted::FABRIC_GATEWAY.to_owned(), "10.30.0.2".to_owned());
        site.wanted.insert(wanted::AMT_ADDRESS.to_owned(), "192.168.41.9".to_owned());
        site.wanted.insert(wanted::MANAGEMENT_NIC.to_owned(), "pci_0000_58_00_0".to_owned());
        site.wanted.insert(wanted::SERIAL_LINES.to_owned(), "usb-A usb-B".to_owned());
        let world = World {
            site,
            look: Report::default(),
            survey: Report::default(),
            look_answer: None,
            took_ms: 120,
            age_ms: 1_000,
            others: FactStore::default(),
        };
        world.well_look().well_survey()
    }

    fn well_look(self) -> World {
        self.learn(keys::CLOCK, Stamp(NOW.0 - 1_000))
            .learn(keys::SCRIPT_TOOK, 40.0)
            .learn(keys::HOSTNAME, "m-01".to_owned())
            .learn(keys::KERNEL, "6.14.0-29-generic".to_owned())
            .learn(keys::OS, "ubuntu 24.04".to_owned())
            .learn(keys::UPTIME, 86_400.0)
            .learn(keys::LOAD, 0.4)
            .learn(keys::PROCESSORS, 20.0)
            .learn(keys::MEMORY_TOTAL, 64e9)
            .learn(keys::MEMORY_AVAILABLE, 40e9)
            .learn(
                keys::FILESYSTEMS,
                file_systems(&[
                    ["/", "/dev/md0", "1000", "800"],
                    ["/srv", "/dev/sdb", "1000", "500"],
                ]),
            )
            .learn(
                keys::INODES,
                file_systems(&[
                    ["/", "/dev/md0", "1000", "900"],
                    ["/srv", "/dev/sdb", "1000", "990"],
                ]),
            )
            .learn(keys::MOUNTED, mounted(&[["/", "/dev/md0", "rw"], ["/srv", "/dev/sdb", "rw"]]))
            .learn(keys::CONNECTION_CUTS, 0.0)
            .learn(keys::CONNECTION_HELD, 0.0)
            .learn(keys::CONNECTION_AGE, 300.0)
            .learn(keys::CMDLINE, words(&["ro", "amd_iommu=on", "iommu=pt"]))
            .learn(keys::IOMMU_GROUPS, 87.0)
            .learn(keys::NOUVEAU_LOADED, word("no"))
            .learn(keys::ARRAYS, arrays("nvme1n1p2[1] nvme0n1p2[0]", "2/2", "UU", ""))
            .learn(keys::SWAPS, Vec::new())
            .learn(
                keys::LINKS,
                links(&[
                    ["physical0", "UP", "", "", "", "", "02:00", "", "no"],
                    ["frontend0", "UP", "vlan", "101", "physical0", "", "", "10.30.0.101/16", "no"],
                    [
                        "provisioning0",
                        "UP",
                        "vlan",
                        "102",
                        "physical0",
                        "",
                        "",
                        "10.31.0.1/16",
                        "no",
                    ],
                    ["enp1s0", "UP", "", "", "", "", "", "10.30.0.101/24", "no"],
                    [
                        "virbr-libvirt",
                        "UP",
                        "bridge",
                        "",
                        "",
                        "",
                        "b2:1d:6e:17:01:ab",
                        "10.30.0.101/24",
                        "no",
                    ],
                    ["enp2s0", "UP", "", "", "", "virbr-libvirt", "", "", "no"],
                ]),
            )
            .learn(keys::ROUTES, routes(&[["10.30.0.1", "frontend0", "100", "static"]]))
            .learn(keys::BONDS, bond(LACP, "up", LEAF))
            .learn(
                keys::BOND_MEMBERS,
                members(&[
                    ["eth2", "up", "1", "none", "none"],
                    ["eth3", "up", "1", "none", "none"],
                ]),
            )
            .learn(keys::CLOCK_OFFSET, -0.000_012)
            .learn(keys::CLOCK_LEAP, "Normal".to_owned())
            .learn(keys::FAILED_UNITS, Vec::new())
            .learn(keys::REBOOT_WANTED, Vec::new())
            .learn(keys::KERNELS, words(&["6.8.0-40-generic", "6.14.0-29-generic"]))
            .learn(
                keys::RESOLVED,
                table(
                    &["name", "address"],
                    &[&["ghcr.io", "203.0.113.9"], &["ctl-01", "10.30.0.101"]],
                ),
            )
            .learn(keys::RUNS, Vec::new())
            .learn(keys::MULTIPLEXERS, Vec::new())
            .learn(keys::INTERNET_LOSS, 0.0)
            .learn(keys::GATEWAY_LOSS, 0.0)
            .learn(router::DOMAINS, domains("running"))
            .learn(
                router::AUTOSTART,
                words(&["dc-virt-router-0", "deployment0", "hedgehog-controller"]),
            )
    }

    fn well_survey(self) -> World {
        use keys::survey;
        self.learn(survey::SUDO, "sudo".to_owned())
            .learn(survey::PACKAGES, packages(&PACKAGES))
            .learn(
                survey::MOUNTS,
                table(
                    &["target", "source", "fstype"],
                    &[
                        &["/", "/dev/md0", "ext4"],
                        &["/boot/efi", "/dev/nvme0n1p1", "vfat"],
                        &["/boot/efi2", "/dev/nvme1n1p1", "vfat"],
                    ],
                ),
            )
            .learn(survey::BLOCKS, blocks(&[&["nvme2n1", "", "disk", "7", "", "", "", ""]]))
            .learn(survey::EFI, word("yes"))
            .learn(
                survey::BOOT_ENTRIES,
                table(
                    &["number", "name", "partition"],
                    &[&["0001", "ubuntu", "1111"], &["0002", "ubuntu2", "2222"]],
                ),
            )
            .learn(survey::NOUVEAU_BLACKLISTED, word("yes"))
            .learn(survey::SSHD, sshd("prohibit-password", "yes", "no"))
            .learn(survey::WAIT_ONLINE_ANY, word("yes"))
            .learn(survey::GRUB_RECORDFAIL, "3".to_owned())
            .learn(survey::CONTAINER_DIRECTORY, word("yes"))
            .learn(survey::DISK_HEALTH, health("true", "3", "0"))
            .learn(survey::AMT_ANSWERS, word("yes"))
            .learn(survey::RUNTIME, "4.9.3".to_owned())
            .learn(survey::IMAGES, words(&["ghcr.io/x/gpu-infra-ansible:release"]))
            .learn(
                survey::SSH_FILES,
                table(&["mode", "path"], &[&["600", "/home/ubuntu/.ssh/site"]]),
            )
            .learn(survey::CACHE_FREE, 68e9)
            .learn(
                survey::KEYRINGS,
                keyrings(&["cinder", "cinder-backup", "glance"], "$ANSIBLE_VAULT;"),
            )
            .learn(survey::LAST_RUN, "/home/ubuntu/main-1.log".to_owned())
            .learn(survey::RECAP, recap("0", "0"))
            .learn(survey::VAULT_FILES, table(&["mode", "path"], &[]))
            .learn(router::survey::BIOS, "1.27".to_owned())
            .learn(router::survey::SECURE_BOOT, word("enabled"))
            .learn(router::survey::LIBVIRT_UNITS, words(&["active"]))
            .learn(router::survey::KVM, word("yes"))
            .learn(router::survey::LIBVIRT, "10.0.0".to_owned())
            .learn(
                router::survey::MANAGEMENT_NIC,
                table(&["device", "driver"], &[&["0000:58:00.0 Ethernet", "vfio-pci"]]),
            )
            .learn(router::survey::IMAGES_FREE, 400e9)
            .learn(
                router::survey::SERIAL_ADAPTERS,
                table(&["id", "port"], &[&["usb-A-port0", "ttyUSB0"], &["usb-B-port0", "ttyUSB1"]]),
            )
            .learn(router::survey::SERIAL_USERS, table(&["port", "user", "pid", "command"], &[]))
    }

    fn report_of(&mut self, probe: &str) -> &mut Report {
        if probe == "host.survey" { &mut self.survey } else { &mut self.look }
    }

    /// The same with another value.
    pub(crate) fn learn<T: FactType>(mut self, key: Key<T>, value: T) -> World {
        let report = self.report_of(key.info.probe.name);
        report.facts.retain(|fact| fact.key.as_str() != key.info.name);
        report.learn(key, value);
        self
    }

    /// The same without a value, and why.
    pub(crate) fn lose<T>(mut self, key: Key<T>, word: CauseWord, sentence: &str) -> World {
        let report = self.report_of(key.info.probe.name);
        report.facts.retain(|fact| fact.key.as_str() != key.info.name);
        report.lose(key, Cause::new(word, sentence, "try this"));
        self
    }

    /// The same without a value and without a reason: the host has no such thing.
    pub(crate) fn forget<T>(mut self, key: Key<T>) -> World {
        self.report_of(key.info.probe.name).facts.retain(|fact| fact.key.as_str() != key.info.name);
        self
    }

    /// The same, but the last look failed.
    pub(crate) fn failing(mut self, word: CauseWord, sentence: &str) -> World {
        self.look_answer = Some(Answer::from_cause(Cause::new(word, sentence, "try this")));
        self
    }

    /// What is known of everything.
    pub(crate) fn store(&self) -> FactStore {
        let mut store = self.others.clone();
        let id = |probe| ProbeId { target: TargetId::from("m-01"), probe: ProbeName::fixed(probe) };
        let seen = NOW.plus_millis(-self.age_ms);
        store.take(&id("host.look"), Answer::Facts(self.look.clone()), seen, self.took_ms);
        store.take(&id("host.survey"), Answer::Facts(self.survey.clone()), seen, 300);
        if let Some(answer) = &self.look_answer {
            store.take(&id("host.look"), answer.clone(), NOW, 10);
        }
        store
    }

    /// The inventory says where the cable in a port ends.
    pub(crate) fn with_cable(mut self, port: &str, end: &str) -> World {
        let cable = (format!("{}{port}", wanted::CABLE), end.to_owned());
        self.site
            .targets
            .iter_mut()
            .for_each(|t| _ = t.wanted.insert(cable.0.clone(), cable.1.clone()));
        self
    }

    /// All judgements on the machine that rest on what it itself was asked; the
    /// documented commands of other layers have samples of their own.
    pub(crate) fn judgements(&self) -> Vec<Judgement> {
        let (catalogue, faults) = Catalogue::load(&[], &self.site.thresholds);
        assert_eq!(faults, []);
        let own = || [super::RULES, crate::checks::router::RULES].into_iter().flatten();
        let is_own = |judged: &Judgement| {
            own().any(|rules| rules.iter().any(|rule| rule.id == judged.check.as_str()))
        };
        let mut all =
            judge_target(&catalogue, &self.site, &self.store(), &TargetId::from("m-01"), NOW);
        all.retain(is_own);
        all
    }

    /// One check's judgement.
    pub(crate) fn judge(&self, code: &str) -> Judgement {
        let all = self.judgements();
        let found = all.into_iter().find(|judgement| judgement.check.as_str() == code);
        found.unwrap_or_else(|| panic!("{code} does not apply"))
    }

    /// Asserts one check's verdict and sentence, and that it alone turned.
    #[track_caller]
    pub(crate) fn says(&self, code: &str, verdict: Verdict, sentence: &str) {
        let judgement = self.judge(code);
        assert_eq!((judgement.verdict, judgement.sentence.as_str()), (verdict, sentence), "{code}");
        assert!(!judgement.sentence.ends_with('.'), "{sentence}");
        if verdict.is_finding() && judgement.cause.is_none() && verdict != Verdict::Unknown {
            assert!(!judgement.next.is_empty(), "{code} says nothing to try");
        }
    }
}

pub(crate) fn domains(fabric: &str) -> Table {
    table(
        &["name", "state"],
        &[
            &["dc-virt-router-0", "running"],
            &["deployment0", "running"],
            &["hedgehog-controller", fabric],
        ],
    )
}

pub(crate) fn sshd(root: &str, keys: &str, passwords: &str) -> Table {
    table(
        &["setting", "value"],
        &[
            &["permitrootlogin", root],
            &["pubkeyauthentication", keys],
            &["passwordauthentication", passwords],
        ],
    )
}

pub(crate) fn health(passed: &str, used: &str, errors: &str) -> Table {
    table(
        &["disk", "passed", "used", "errors"],
        &[&["/dev/nvme0n1", passed, used, errors], &["/dev/nvme1n1", "true", "2", "0"]],
    )
}

pub(crate) fn keyrings(services: &[&str], head: &str) -> Table {
    let mut all = Table::new(&["changed", "path", "head"]);
    for service in services {
        let path = format!("/home/ubuntu/release-assets/keyrings/ceph.client.{service}.keyring");
        all.push(vec!["100".into(), path, head.into()]);
    }
    all
}

pub(crate) fn recap(failed: &str, ignored: &str) -> Table {
    table(
        &["host", "unreachable", "failed", "rescued", "ignored"],
        &[&["ctl-01", "0", failed, "0", ignored]],
    )
}
