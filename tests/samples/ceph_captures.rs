//! Every capture of a real cluster is read, and judged by what was done to it.

use std::path::{Path, PathBuf};

use shopfloor::domain::Verdict::{self, Fail, Pass, Unknown, Warn};
use shopfloor::domain::{CauseWord, TargetKind, wanted};

use crate::ceph::CLUSTER;
use crate::world::{World, capture};

/// File of a capture, and the section whose answer it is.
const FILES: [(&str, &str); 12] = [
    ("status", "ceph.look/status"),
    ("quorum-status", "ceph.look/quorum"),
    ("osd-tree", "ceph.look/osds"),
    ("osd-pool-ls-detail", "ceph.look/pools"),
    ("osd-dump", "ceph.look/flags"),
    ("pg-stat", "ceph.manager/pgs"),
    ("osd-perf", "ceph.manager/latency"),
    ("df-detail", "ceph.survey/space"),
    ("mgr-module-ls", "ceph.survey/modules"),
    ("mgr-services", "ceph.survey/services"),
    ("versions", "ceph.survey/versions"),
    ("crash-ls-new", "ceph.survey/crashes"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ceph")
}

/// The site of the captures: three monitors, one OSD each on three machines.
fn site() -> World {
    let mut world = World::new()
        .expecting(CLUSTER, wanted::CEPH_MONITORS, "ctl-01\nctl-02\nctl-03")
        .prints(CLUSTER, "ceph.manager/undersized", "ok");
    world.site.targets.retain(|target| target.kind != TargetKind::Host);
    world
}

fn world(state: &str) -> World {
    FILES.iter().fold(site(), |world, (file, section)| {
        let path = folder().join(state).join(format!("{file}.json"));
        match std::fs::read_to_string(path) {
            // The manager did not answer within its limit.
            Ok(text) if text.trim().is_empty() => world.ends(CLUSTER, section, "", "", 124),
            Ok(text) => world.prints(CLUSTER, section, &text),
            Err(_) => world,
        }
    })
}

fn states() -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.join("status.json").exists() {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        } else if path.is_dir() {
            for inner in std::fs::read_dir(&path).unwrap() {
                let inner = inner.unwrap().path();
                if inner.join("status.json").exists() {
                    let state = inner.strip_prefix(folder()).unwrap();
                    found.push(state.to_string_lossy().into_owned());
                }
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_capture_is_read() {
    let mut read = 0;
    for state in states() {
        let world = world(&state);
        let facts = world.facts();
        let facts = facts.of(&CLUSTER.into());
        for (key, cause) in &facts.lost {
            // Nothing but what had no answer is lost.
            assert_eq!(cause.word, CauseWord::TimedOut, "{state} {key}: {}", cause.sentence);
        }
        assert!(facts.known.len() >= 5, "{state}: {}", facts.known.len());
        read += facts.known.len();
    }
    assert!(states().len() >= 34, "{}", states().len());
    assert!(read > 500, "{read}");
}

#[test]
fn captures_are_judged_by_what_was_done_to_the_cluster() {
    let table: &[(&str, &str, Verdict)] = &[
        ("healthy", "CEPH-01", Pass),
        ("healthy", "CEPH-02", Pass),
        ("healthy", "CEPH-03", Pass),
        ("healthy", "CEPH-04", Pass),
        // Two copies, and one of them is enough to write.
        ("healthy", "CEPH-05", Warn),
        ("healthy", "CEPH-06", Pass),
        ("healthy", "CEPH-07", Pass),
        ("healthy", "CEPH-08", Pass),
        ("healthy", "CEPH-12", Pass),
        ("healthy", "CEPH-14", Pass),
        ("healthy", "CEPH-15", Pass),
        ("healthy", "CEPH-17", Pass),
        ("reef-18.2.7/healthy", "CEPH-02", Pass),
        ("reef-18.2.7/healthy", "CEPH-04", Pass),
        ("osd_down", "CEPH-01", Warn),
        ("osd_down", "CEPH-03", Warn),
        ("osd_down", "CEPH-04", Warn),
        // Ceph calls itself healthy over a dead disk.
        ("osd_dead_and_out_health_ok", "CEPH-01", Pass),
        ("osd_dead_and_out_health_ok", "CEPH-03", Warn),
        ("pg_availability", "CEPH-04", Fail),
        ("pg_availability", "CEPH-03", Fail),
        // Ceph only warns while what lies there hangs.
        ("pg_down", "CEPH-01", Warn),
        ("pg_down", "CEPH-04", Fail),
        ("pg_inconsistent", "CEPH-01", Fail),
        ("pg_inconsistent", "CEPH-04", Fail),
        ("osd_full", "CEPH-01", Fail),
        ("osd_nearfull", "CEPH-01", Warn),
        ("mon_down", "CEPH-02", Warn),
        ("mgr_down", "CEPH-01", Warn),
        ("mgr_down", "CEPH-02", Pass),
        ("mgr_down", "CEPH-03", Pass),
        ("mgr_down", "CEPH-04", Unknown),
        ("mgr_down", "CEPH-08", Unknown),
        ("mgr_module_error", "CEPH-01", Fail),
        ("recent_crash", "CEPH-17", Warn),
        ("osdmap_flags", "CEPH-12", Fail),
        ("rgw_down", "CEPH-01", Pass),
        ("recovery_in_progress", "CEPH-04", Warn),
        ("slow_ops", "CEPH-01", Warn),
    ];
    for (state, check, verdict) in table {
        let judged = world(state).judge(check, CLUSTER);
        assert_eq!(judged.verdict, *verdict, "{state} {check}: {}", judged.sentence);
    }
}

#[test]
fn what_refused_commands_say_has_its_cause() {
    for (file, status, word) in [
        ("mons_refuse", 1, "timed-out"),
        ("wrong_key", 13, "auth-refused"),
        ("not_permitted", 13, "auth-refused"),
        ("no_keyring", 1, "auth-refused"),
        ("no_conf", 1, "command-missing"),
        ("unknown_command", 22, "command-missing"),
        ("mon_host_unresolvable", 1, "name-unknown"),
        ("orch-status", 2, "no-orchestrator"),
    ] {
        let stderr = capture(Path::new(&format!("ceph/access_errors/{file}.stderr")));
        let judged =
            site().ends(CLUSTER, "ceph.look/status", "", &stderr, status).judge("CEPH-01", CLUSTER);
        assert_eq!(judged.verdict, Unknown, "{file}");
        assert_eq!(judged.cause.unwrap().word(), word, "{file}: {}", judged.sentence);
    }
}
