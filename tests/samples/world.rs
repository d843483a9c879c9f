//! A small site, what its commands print, and what is judged of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use shopfloor::checks::{Catalogue, judge_target};
use shopfloor::domain::endpoint::SshEndpoint;
use shopfloor::domain::{
    Answer, FactStore, Judgement, ProbeId, Role, Site, Stamp, System, Target, TargetId, TargetKind,
    Verdict, wanted,
};
use shopfloor::probes::documented::{self, About};
use shopfloor::probes::hosts::frames::Frame;

/// 2027-01-10 10:15:00 UTC: the raw answers of the vendor's records were taken around then.
pub const NOW: Stamp = Stamp(1_799_576_100_000);

/// What a section's commands left behind.
#[derive(Debug, Clone, Default)]
struct Printed {
    stdout: String,
    stderr: String,
    status: i32,
}

/// A site and what its commands print.
#[derive(Clone)]
pub struct World {
    pub site: Site,
    /// By target, script and section.
    printed: BTreeMap<(String, String, String), Printed>,
    /// For how long they have printed the same.
    held_ms: i64,
}

pub fn target(name: &str, kind: TargetKind, roles: &[Role]) -> Target {
    let ssh = SshEndpoint {
        name: name.to_owned(),
        address: "10.33.0.20".to_owned(),
        port: None,
        user: None,
        identity_file: None,
        common_args: None,
        via: None,
        directory: PathBuf::new(),
        sudo: true,
    };
    let id = match kind {
        TargetKind::Api(system) => format!("api:{}", system.name()),
        _ => name.to_owned(),
    };
    Target {
        id: TargetId::from(id.as_str()),
        name: name.to_owned(),
        aliases: Vec::new(),
        kind,
        roles: roles.to_vec(),
        groups: Vec::new(),
        rack: None,
        serial: None,
        ssh: (kind == TargetKind::Host).then_some(ssh),
        bmc: None,
        machine: None,
        wanted: BTreeMap::new(),
        declared: Default::default(),
    }
}

impl World {
    /// Three storage nodes with two data disks each, three control nodes, a
    /// hypervisor, and the systems on them.
    pub fn new() -> World {
        let mut targets = Vec::new();
        for name in ["storage0", "storage1", "storage2"] {
            let mut node = target(name, TargetKind::Host, &[Role::Storage]);
            let disks = "/dev/nvme2n1 /dev/nvme3n1".to_owned();
            node.wanted.insert(wanted::DATA_DISKS.to_owned(), disks);
            targets.push(node);
        }
        for name in ["control0", "control1", "control2"] {
            targets.push(target(name, TargetKind::Host, &[Role::Control]));
        }
        targets.push(target("gpu0", TargetKind::Host, &[Role::Compute]));
        targets.push(target("bastion0", TargetKind::Host, &[Role::Bastion]));
        let mut ceph = target("ceph", TargetKind::Api(System::Ceph), &[]);
        for (name, value) in [
            (wanted::CEPH_FSID, "7d1b2c34-5e6f-4a70-8b91-0c2d3e4f5a6b"),
            (wanted::CEPH_MONITORS, "storage0\nstorage1\nstorage2"),
            (wanted::CEPH_MONITOR_ADDRESSES, "10.33.0.20\n10.33.0.21\n10.33.0.22"),
            (wanted::CEPH_REPLICATION, "2"),
            (
                wanted::CEPH_GATEWAYS,
                "storage0 10.33.0.20 8080\nstorage1 10.33.0.21 8080\nstorage2 10.33.0.22 8080",
            ),
            (wanted::CEPH_GATEWAY_TLS, "no"),
            (wanted::CEPH_GATEWAY_KEY, "0123456789abcdef"),
            (wanted::CEPH_GATEWAY_VERIFIES, "no"),
            (wanted::KEYSTONE_NAME, "api.aurora"),
        ] {
            ceph.wanted.insert(name.to_owned(), value.to_owned());
        }
        targets.push(ceph);
        let mut cloud = target("openstack", TargetKind::Api(System::Openstack), &[]);
        for (name, value) in [
            (wanted::KEYSTONE_NAME, "api.aurora"),
            (wanted::CLOUD_TLS, "yes"),
            (wanted::CLOUD_FLAVOURS, "gpu.8x\ngpu.1x"),
            (wanted::CLOUD_NETWORKS, "tenant-net"),
            (wanted::CLOUD_RABBIT_URL, "fedcba9876543210"),
        ] {
            cloud.wanted.insert(name.to_owned(), value.to_owned());
        }
        targets.push(cloud);
        let site = Site { targets, ..Site::default() };
        World { site, printed: BTreeMap::new(), held_ms: 0 }
    }

    /// The same site, whose system has this expectation instead; without one for an empty value.
    pub fn expecting(mut self, id: &str, name: &str, value: &str) -> World {
        let target = self.site.targets.iter_mut().find(|target| target.id.as_str() == id).unwrap();
        match value {
            "" => target.wanted.remove(name),
            value => target.wanted.insert(name.to_owned(), value.to_owned()),
        };
        self
    }

    /// A section that ended well and printed this.
    pub fn prints(self, target: &str, at: &str, stdout: &str) -> World {
        self.ends(target, at, stdout, "", 0)
    }

    /// A section that ended with a status; `at` is `script/section`.
    pub fn ends(
        mut self,
        target: &str,
        at: &str,
        stdout: &str,
        stderr: &str,
        status: i32,
    ) -> World {
        let (script, section) = at.split_once('/').unwrap();
        let known = documented::batches()
            .filter(|batch| batch.spec.info.name == script)
            .any(|batch| batch.sections.iter().any(|known| known.name == section));
        assert!(known, "no section {at}");
        let printed = Printed { stdout: stdout.to_owned(), stderr: stderr.to_owned(), status };
        self.printed.insert((target.to_owned(), script.to_owned(), section.to_owned()), printed);
        self
    }

    /// All sections of a script end so.
    pub fn all_end(mut self, target: &str, script: &str, stderr: &str, status: i32) -> World {
        let batch = documented::batches().find(|batch| batch.spec.info.name == script).unwrap();
        for section in batch.sections {
            self = self.ends(target, &format!("{script}/{}", section.name), "", stderr, status);
        }
        self
    }

    /// What is printed has been the same for so many minutes.
    pub fn for_minutes(mut self, minutes: i64) -> World {
        self.held_ms = minutes * 60_000;
        self
    }

    /// What is known after a look.
    pub fn facts(&self) -> FactStore {
        let mut store = FactStore::default();
        let mut asked: Vec<(&str, &str)> = self
            .printed
            .keys()
            .map(|(target, script, _)| (target.as_str(), script.as_str()))
            .collect();
        asked.dedup();
        for (target, script) in asked {
            let of_host = |about: About| about == About::Host;
            let is_host =
                self.site.target(&TargetId::from(target)).unwrap().kind == TargetKind::Host;
            let batch = documented::batches()
                .find(|batch| batch.spec.info.name == script && of_host(batch.about) == is_host)
                .unwrap_or_else(|| panic!("{script} is not about {target}"));
            let of = |name: &str| {
                self.printed.get(&(target.to_owned(), script.to_owned(), name.to_owned()))
            };
            let sections: Vec<_> =
                batch.sections.iter().filter(|section| of(section.name).is_some()).collect();
            let names: Vec<String> =
                sections.iter().map(|section| format!("{}!", section.name)).collect();
            let mut frames = Vec::new();
            for (section, errors) in sections.iter().zip(&names) {
                let printed = of(section.name).unwrap();
                frames.push(Frame {
                    name: section.name,
                    status: printed.status,
                    text: &printed.stdout,
                });
                frames.push(Frame { name: errors, status: 0, text: &printed.stderr });
            }
            let report = documented::report(batch, &sections, &frames, "storage0");
            let id = ProbeId {
                target: TargetId::from(target),
                probe: shopfloor::domain::ProbeName::fixed(batch.spec.info.name),
            };
            let mut at = vec![NOW];
            if self.held_ms > 0 {
                at.insert(0, Stamp(NOW.0 - self.held_ms));
            }
            for at in at {
                store.take(&id, Answer::of(report.clone()), at, 100);
            }
        }
        store
    }

    /// What a check says of a target.
    pub fn judge(&self, check: &str, target: &str) -> Judgement {
        let (catalogue, faults) = Catalogue::load(&[], &BTreeMap::new());
        assert_eq!(faults, []);
        let all = judge_target(&catalogue, &self.site, &self.facts(), &TargetId::from(target), NOW);
        all.into_iter()
            .find(|judgement| judgement.check.as_str() == check)
            .unwrap_or_else(|| panic!("{check} is not about {target}"))
    }

    /// Asserts what a check says of a target.
    #[track_caller]
    pub fn says(&self, check: &str, target: &str, verdict: Verdict, sentence: &str) -> Judgement {
        let judged = self.judge(check, target);
        assert_eq!((judged.verdict, judged.sentence.as_str()), (verdict, sentence), "{check}");
        judged
    }
}

/// The vendor's raw answer of a record.
pub fn raw(id: &str) -> String {
    let reference = include_str!("../fixtures/reference/checks.md");
    let begin = format!("- id: {id}\n");
    let record = reference.split_once(&begin).unwrap_or_else(|| panic!("no record {id}")).1;
    let record = record.split("\n- id: ").next().unwrap();
    let record = record.split("\n```").next().unwrap();
    let text = format!(
        "id: {id}\n{}",
        record.lines().map(|l| format!("{}\n", l.get(2..).unwrap_or(""))).collect::<String>()
    );
    let fields: BTreeMap<String, serde_json::Value> = serde_yaml::from_str(&text).unwrap();
    fields["raw"].as_str().unwrap().to_owned()
}

/// A capture of a real system under `tests/fixtures/`.
pub fn capture(path: &Path) -> String {
    let whole = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path);
    std::fs::read_to_string(&whole).unwrap_or_else(|error| panic!("{}: {error}", whole.display()))
}
