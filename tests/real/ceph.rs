//! The documented commands and the rules of Ceph, on a real cluster that is
//! broken in every way that fits into a few minutes (`tests/servers/ceph.sh`).

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use shopfloor::checks::{Catalogue, judge_target};
use shopfloor::domain::Verdict::{self, Fail, Pass, Unknown, Warn};
use shopfloor::domain::endpoint::SshEndpoint;
use shopfloor::domain::{
    Answer, FactStore, Judgement, ProbeId, ProbeName, Role, Site, Stamp, System, Target, TargetId,
    TargetKind, wanted,
};
use shopfloor::probes::documented::{self, About, Batch};
use shopfloor::probes::hosts::frames::frames;

use crate::suite::{ran, skipped};

const SUITE: &str = "ceph";
const CLUSTER: &str = "api:ceph";
const GATEWAY: &str = "gate";

/// A running cluster; it ends with this process at the latest.
struct Cluster {
    directory: PathBuf,
    /// Where the stand-in for `cephadm` is found.
    path: String,
    site: Site,
    catalogue: Catalogue,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.run(&["down"]);
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn target(id: &str, name: &str, kind: TargetKind, roles: Vec<Role>) -> Target {
    let ssh = SshEndpoint {
        name: name.to_owned(),
        address: "127.0.61.41".to_owned(),
        port: None,
        user: None,
        identity_file: None,
        common_args: None,
        via: None,
        directory: PathBuf::new(),
        sudo: false,
    };
    Target {
        id: TargetId::from(id),
        name: name.to_owned(),
        aliases: Vec::new(),
        kind,
        roles,
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

fn recipe() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/ceph.sh")
}

impl Cluster {
    fn start() -> Result<Cluster, String> {
        let directory = tempfile::Builder::new().prefix("ceph").tempdir_in("/tmp");
        let directory = directory.map_err(|error| error.to_string())?.keep();
        let bin = directory.join("bin");
        std::fs::create_dir(&bin).map_err(|error| error.to_string())?;
        // What cephadm does: the words behind `--` run where ceph knows the cluster.
        let cephadm = bin.join("cephadm");
        let text = format!(
            "#!/bin/sh\n[ \"$1 $2\" = 'shell --' ] || exit 2\nshift 2\n\
             CEPH_DIR={} exec {} inside \"$@\"\n",
            directory.display(),
            recipe().display()
        );
        std::fs::write(&cephadm, text).map_err(|error| error.to_string())?;
        std::fs::set_permissions(&cephadm, std::fs::Permissions::from_mode(0o755))
            .map_err(|error| error.to_string())?;
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
        let mut ceph = target(CLUSTER, "ceph", TargetKind::Api(System::Ceph), Vec::new());
        for (name, value) in [
            (wanted::CEPH_MONITORS, "a\nb\nc"),
            (wanted::CEPH_MONITOR_ADDRESSES, "127.0.61.11\n127.0.61.12\n127.0.61.13"),
            (wanted::CEPH_REPLICATION, "2"),
            (wanted::CEPH_GATEWAYS, "gate 127.0.61.41 8080"),
        ] {
            ceph.wanted.insert(name.to_owned(), value.to_owned());
        }
        let gate = target(GATEWAY, GATEWAY, TargetKind::Host, vec![Role::Storage]);
        let site = Site { targets: vec![gate, ceph], ..Site::default() };
        let catalogue = Catalogue::load(&[], &BTreeMap::new()).0;
        let mut cluster = Cluster { directory, path, site, catalogue };
        let version = cluster.run(&["up"])?;
        println!("the cluster is {}", version.trim());
        let fsid = std::fs::read_to_string(cluster.directory.join("fsid")).unwrap_or_default();
        if let Some(ceph) = cluster.site.targets.last_mut() {
            ceph.wanted.insert(wanted::CEPH_FSID.to_owned(), fsid.trim().to_owned());
        }
        Ok(cluster)
    }

    fn run(&self, words: &[&str]) -> Result<String, String> {
        let output = Command::new(recipe())
            .args(words)
            .env("CEPH_DIR", &self.directory)
            .env("CEPH_OWNER", std::process::id().to_string())
            .stdin(Stdio::null())
            .output()
            .map_err(|error| error.to_string())?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(format!(
            "ceph.sh {}: {}",
            words.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        ))
    }

    /// Does something to the cluster.
    fn act(&self, words: &[&str]) {
        self.run(words).unwrap_or_else(|why| panic!("{why}"));
    }

    /// Tells the cluster something.
    fn ceph(&self, words: &str) {
        let words: Vec<&str> = ["ceph"].into_iter().chain(words.split(' ')).collect();
        self.act(&words);
    }

    /// Asks one script as the probe does, and takes the answer in.
    fn look(&self, store: &mut FactStore, name: &'static str) {
        let batch = documented::batches().find(|batch| batch.spec.info.name == name).unwrap();
        let id = if batch.about == About::Host { GATEWAY } else { CLUSTER };
        let target = self.site.target(&TargetId::from(id)).unwrap();
        let answer = self.ask(batch, target);
        let probe = ProbeId { target: target.id.clone(), probe: ProbeName::fixed(name) };
        store.take(&probe, answer, now(), 1);
    }

    fn ask(&self, batch: &'static Batch, target: &Target) -> Answer {
        let given = (batch.given)(&self.site, target);
        let has = |name: &str| given.iter().any(|one| one.name == name && !one.words.is_empty());
        let sections: Vec<_> = batch
            .sections
            .iter()
            .filter(|section| section.needs.iter().all(|name| has(name)))
            .collect();
        let text = documented::script(batch, &sections, &given, false, "5e1f");
        // A gateway is asked on its own host, the cluster through cephadm.
        let mut command = match batch.about {
            About::Host => {
                let mut command = Command::new(recipe());
                command.args(["inside", "sh", "-s"]);
                command
            }
            About::Api(_) => {
                let mut command = Command::new("sh");
                command.arg("-s");
                command
            }
        };
        let mut child = command
            .env("PATH", &self.path)
            .env("CEPH_DIR", &self.directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let output = String::from_utf8_lossy(&output.stdout);
        Answer::of(
            frames(&output, "5e1f", "stor-0")
                .and_then(|frames| documented::report(batch, &sections, &frames, "stor-0")),
        )
    }

    fn judge(&self, store: &FactStore, check: &str) -> Judgement {
        let id = TargetId::from(CLUSTER);
        let all = judge_target(&self.catalogue, &self.site, store, &id, now());
        all.into_iter().find(|judgement| judgement.check.as_str() == check).unwrap()
    }

    /// Looks until every one of these checks says this, for a minute and a half at most.
    fn shows(&self, what: &str, scripts: &[&'static str], wanted: &[(&str, Verdict)]) -> FactStore {
        let began = Instant::now();
        loop {
            let mut store = FactStore::default();
            scripts.iter().for_each(|script| self.look(&mut store, script));
            let judged: Vec<Judgement> =
                wanted.iter().map(|(check, _)| self.judge(&store, check)).collect();
            let differs =
                judged.iter().zip(wanted).find(|(judged, (_, verdict))| judged.verdict != *verdict);
            let Some((judged, (check, verdict))) = differs else {
                println!("{what}: shown after {:.1} s", began.elapsed().as_secs_f64());
                for judged in &judged {
                    println!("  {} {}: {}", judged.check, judged.verdict, judged.sentence);
                }
                return store;
            };
            assert!(
                began.elapsed() < Duration::from_secs(90),
                "{what}: {check} is to be {verdict} and is {}: {} {:?}",
                judged.verdict,
                judged.sentence,
                judged.evidence
            );
        }
    }
}

fn now() -> Stamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Stamp(since.as_millis() as i64)
}

const LOOK: &[&str] = &["ceph.look"];
const MANAGER: &[&str] = &["ceph.look", "ceph.manager"];

#[test]
#[ignore = "part of tests/long"]
fn long_a_real_cluster_is_judged_well_and_broken() {
    let cluster = match Cluster::start() {
        Ok(cluster) => cluster,
        Err(why) => return skipped(SUITE, &why),
    };
    ran(SUITE);
    let began = Instant::now();

    let everything = &["ceph.look", "ceph.manager", "ceph.survey", "gateway.look"];
    cluster.shows(
        "well",
        everything,
        &[
            ("CEPH-01", Pass),
            ("CEPH-02", Pass),
            ("CEPH-03", Pass),
            ("CEPH-04", Pass),
            // Two copies, one of which is enough to write.
            ("CEPH-05", Warn),
            ("CEPH-06", Pass),
            ("CEPH-07", Pass),
            ("CEPH-09", Pass),
            ("CEPH-12", Pass),
            ("CEPH-14", Pass),
            ("CEPH-15", Pass),
            ("CEPH-17", Pass),
            ("RGW-02", Pass),
            // This cluster was not deployed by cephadm.
            ("CEPH-10", Unknown),
            ("CEPH-11", Unknown),
        ],
    );

    cluster.act(&["signal", "KILL", "osd.2"]);
    let store = cluster.shows(
        "osd.2 is killed",
        MANAGER,
        &[("CEPH-01", Warn), ("CEPH-03", Warn), ("CEPH-04", Warn)],
    );
    let judged = cluster.judge(&store, "CEPH-03");
    assert!(judged.sentence.contains("osd.2 is down"), "{}", judged.sentence);
    cluster.act(&["start", "osd.2"]);

    cluster.ceph("osd set noout");
    cluster.shows("noout is set", LOOK, &[("CEPH-12", Fail)]);
    cluster.ceph("osd unset noout");
    cluster.act(&["well"]);

    cluster.ceph("osd set-nearfull-ratio 0.01");
    let store = cluster.shows("nearly full", LOOK, &[("CEPH-01", Warn)]);
    assert_eq!(cluster.judge(&store, "CEPH-01").reason.as_deref(), Some("space"));
    cluster.ceph("osd set-backfillfull-ratio 0.015");
    cluster.ceph("osd set-full-ratio 0.02");
    let store = cluster.shows("full", LOOK, &[("CEPH-01", Fail)]);
    assert_eq!(cluster.judge(&store, "CEPH-01").reason.as_deref(), Some("access"));
    cluster.ceph("osd set-full-ratio 0.95");
    cluster.ceph("osd set-backfillfull-ratio 0.90");
    cluster.ceph("osd set-nearfull-ratio 0.85");

    cluster.ceph("osd pool rename backups spare");
    cluster.shows("a pool is gone", LOOK, &[("CEPH-05", Fail)]);
    cluster.ceph("osd pool rename spare backups");

    cluster.act(&["signal", "KILL", "rgw"]);
    // Ceph never calls that a problem.
    cluster.shows(
        "the gateway is dead",
        &["ceph.look", "gateway.look"],
        &[("CEPH-01", Pass), ("RGW-02", Fail)],
    );
    cluster.act(&["start", "rgw"]);

    cluster.act(&["signal", "KILL", "mon.c"]);
    cluster.shows("a monitor is dead", LOOK, &[("CEPH-01", Warn), ("CEPH-02", Warn)]);
    cluster.act(&["start", "mon.c"]);
    cluster.act(&["well"]);

    cluster.act(&["signal", "KILL", "mgr.a", "mgr.b"]);
    let store = cluster.shows(
        "no manager",
        MANAGER,
        &[
            ("CEPH-01", Warn),
            ("CEPH-02", Pass),
            ("CEPH-03", Pass),
            ("CEPH-04", Unknown),
            ("CEPH-08", Unknown),
        ],
    );
    let cause = cluster.judge(&store, "CEPH-08").cause;
    assert_eq!(cause.map(|cause| cause.word().to_owned()).as_deref(), Some("no-manager"));
    cluster.act(&["start", "mgr.a", "mgr.b"]);
    cluster.act(&["well"]);

    cluster.act(&["signal", "KILL", "mon.b", "mon.c"]);
    // From the first second on its last word is not believed.
    let mut store = FactStore::default();
    cluster.look(&mut store, "ceph.look");
    for check in ["CEPH-01", "CEPH-03", "CEPH-05"] {
        let judged = cluster.judge(&store, check);
        assert_eq!(judged.verdict, Unknown, "{check}: {}", judged.sentence);
    }
    assert_eq!(cluster.judge(&store, "CEPH-02").verdict, Fail);
    let others =
        ["CEPH-01", "CEPH-03", "CEPH-04", "CEPH-05", "CEPH-06", "CEPH-07", "CEPH-08", "CEPH-12"];
    let mut lost: Vec<(&str, Verdict)> = others.map(|check| (check, Unknown)).to_vec();
    lost.push(("CEPH-02", Fail));
    let store = cluster.shows("no quorum", &["ceph.look", "ceph.manager", "ceph.survey"], &lost);
    for check in others {
        let judged = cluster.judge(&store, check);
        assert!(
            judged.sentence.contains("quorum") || judged.sentence.contains("monitors are dead"),
            "{check}: {}",
            judged.sentence
        );
    }
    cluster.act(&["start", "mon.b", "mon.c"]);
    cluster.act(&["well"]);
    cluster.shows(
        "well again",
        everything,
        &[("CEPH-01", Pass), ("CEPH-02", Pass), ("CEPH-04", Pass), ("RGW-02", Pass)],
    );
    println!("ten faults took {:.0} s", began.elapsed().as_secs_f64());
}
