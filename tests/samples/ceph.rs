//! Every clause of the records of Ceph, except its gateways.

use shopfloor::domain::Verdict::{Fail, NotYet, Pass, Unknown, Warn};
use shopfloor::domain::{CauseWord, wanted};

use crate::world::{World, raw};

pub const CLUSTER: &str = "api:ceph";

fn status(word: &str, checks: &str) -> String {
    format!(
        r#"{{"health":{{"status":"{word}","checks":{{{checks}}}}},"quorum":[0,1,2],"quorum_age":400,
        "osdmap":{{"num_osds":6,"num_up_osds":6,"num_in_osds":6}},"mgrmap":{{"available":true}}}}"#
    )
}

fn check(code: &str, message: &str) -> String {
    format!(
        r#""{code}":{{"severity":"HEALTH_WARN","summary":{{"message":"{message}","count":1}},"muted":false}}"#
    )
}

fn quorum(inside: &[&str], all: &[&str]) -> String {
    let mons: Vec<String> = all
        .iter()
        .map(|name| format!(r#"{{"name":"{name}","addr":"10.33.0.20:6789/0"}}"#))
        .collect();
    let inside: Vec<String> = inside.iter().map(|name| format!("\"{name}\"")).collect();
    format!(r#"{{"quorum_names":[{}],"monmap":{{"mons":[{}]}}}}"#, inside.join(","), mons.join(","))
}

/// A tree of six OSDs, two per host; `changed` are id, status, reweight.
fn tree(changed: &[(u32, &str, f64)]) -> String {
    let mut nodes = Vec::new();
    for host in 0..3 {
        let (one, two) = (host * 2, host * 2 + 1);
        nodes.push(format!(
            r#"{{"id":-{},"name":"storage{host}","type":"host","children":[{one},{two}]}}"#,
            host + 2
        ));
        for id in [one, two] {
            let well = (id, "up", 1.0);
            let (_, status, weight) =
                changed.iter().find(|(other, ..)| *other == id).unwrap_or(&well);
            nodes.push(format!(
                r#"{{"id":{id},"name":"osd.{id}","type":"osd","status":"{status}","reweight":{weight}}}"#
            ));
        }
    }
    format!(r#"{{"nodes":[{}]}}"#, nodes.join(","))
}

fn pool(name: &str, size: u32, min_size: u32, pg_num: u32, target: u32, used: &str) -> String {
    format!(
        r#"{{"pool_name":"{name}","size":{size},"min_size":{min_size},"pg_num":{pg_num},"pg_num_target":{target},
        "pg_placement_num":{pg_num},"pg_placement_num_target":{target},"pg_autoscale_mode":"on","application_metadata":{{{used}}}}}"#
    )
}

fn pools(min_size: u32, pg_num: u32) -> String {
    let all = ["images", "volumes", "backups", "vms"]
        .map(|name| pool(name, 2, min_size, pg_num, 64, "\"rbd\":{}"));
    format!("[{}]", all.join(","))
}

fn groups(states: &[(&str, u32)], more: &str) -> String {
    let states: Vec<String> =
        states.iter().map(|(name, num)| format!(r#"{{"name":"{name}","num":{num}}}"#)).collect();
    format!(
        r#"{{"pg_ready":true,"pg_summary":{{"num_pg_by_state":[{}]{more}}}}}"#,
        states.join(",")
    )
}

/// A cluster of which everything is well.
pub fn well() -> World {
    World::new()
        .prints(
            CLUSTER,
            "ceph.look/ports",
            "10.33.0.20 banner\n10.33.0.21 banner\n10.33.0.22 banner\n",
        )
        .prints(CLUSTER, "ceph.look/status", &status("HEALTH_OK", ""))
        .prints(CLUSTER, "ceph.look/quorum", &raw("CEPH-02"))
        .prints(CLUSTER, "ceph.look/osds", &tree(&[]))
        .prints(CLUSTER, "ceph.look/pools", &pools(2, 64))
        .prints(CLUSTER, "ceph.look/flags", r#"{"flags_set":["sortbitwise"]}"#)
        .prints(CLUSTER, "ceph.manager/pgs", &raw("CEPH-04"))
        .prints(CLUSTER, "ceph.manager/undersized", "ok\n")
        .prints(CLUSTER, "ceph.manager/latency", &raw("CEPH-08"))
        .prints(
            CLUSTER,
            "ceph.manager/orch-hosts",
            r#"[{"hostname":"storage0","addr":"10.33.0.20","labels":["_admin"],"status":""},
                {"hostname":"storage1","addr":"10.33.0.21","labels":["_admin"],"status":""},
                {"hostname":"storage2","addr":"10.33.0.22","labels":["_admin"],"status":""}]"#,
        )
        .prints(CLUSTER, "ceph.manager/orch-daemons", &raw("CEPH-11"))
        .prints(CLUSTER, "ceph.manager/orch-gateways", &raw("RGW-01"))
        .prints(CLUSTER, "ceph.survey/fsid", &raw("CEPH-09"))
        .prints(CLUSTER, "ceph.survey/space", &raw("CEPH-07"))
        .prints(CLUSTER, "ceph.survey/modules", r#"{"enabled_modules":["prometheus"]}"#)
        .prints(CLUSTER, "ceph.survey/services", &raw("CEPH-14"))
        .prints(CLUSTER, "ceph.survey/versions", &raw("CEPH-15"))
        .prints(CLUSTER, "ceph.survey/digests", &raw("CEPH-13"))
        .prints(CLUSTER, "ceph.survey/crashes", &raw("CEPH-17"))
        .prints(CLUSTER, "ceph.outside/keyrings", &raw("CEPH-13"))
}

#[test]
fn a_well_cluster_passes() {
    let world = well();
    for check in [
        "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14", "15",
        "17",
    ] {
        let judged = world.judge(&format!("CEPH-{check}"), CLUSTER);
        assert_eq!(judged.verdict, Pass, "CEPH-{check}: {}", judged.sentence);
        assert!(judged.seen.is_some() && !judged.source.is_empty(), "CEPH-{check}");
    }
}

#[test]
fn health_is_cephs_own_word_with_its_codes_and_what_they_mean() {
    let judged = well().prints(CLUSTER, "ceph.look/status", &raw("CEPH-01"));
    let judged = judged.says("CEPH-01", CLUSTER, Warn, "ceph warns: OSDMAP_FLAGS");
    assert_eq!(judged.evidence[0].shown, "noout flag(s) set");
    assert_eq!(judged.reason.as_deref(), Some("housekeeping"));
    let both = [check("OSD_DOWN", "1 osds down"), check("PG_AVAILABILITY", "2 pgs down")].join(",");
    let judged = well().prints(CLUSTER, "ceph.look/status", &status("HEALTH_ERR", &both)).says(
        "CEPH-01",
        CLUSTER,
        Fail,
        "ceph calls itself broken: OSD_DOWN and PG_AVAILABILITY",
    );
    assert_eq!(judged.reason.as_deref(), Some("access"));
    let muted = check("OSDMAP_FLAGS", "noout").replace("\"muted\":false", "\"muted\":true");
    let judged = well().prints(CLUSTER, "ceph.look/status", &status("HEALTH_OK", &muted)).says(
        "CEPH-01",
        CLUSTER,
        Pass,
        "ceph calls itself healthy",
    );
    assert_eq!(judged.evidence[0].shown, "noout (muted)");
    for odd in ["{}", "", "HEALTH_OK", r#"{"health":{"status":"FINE"}}"#] {
        let judged = well().prints(CLUSTER, "ceph.look/status", odd).judge("CEPH-01", CLUSTER);
        assert_eq!((judged.verdict, judged.cause), (Unknown, Some(CauseWord::Garbled)), "{odd}");
    }
}

#[test]
fn monitors() {
    let names = ["storage0", "storage1", "storage2"];
    let with = |inside: &[&str], all: &[&str]| {
        well().prints(CLUSTER, "ceph.look/quorum", &quorum(inside, all))
    };
    with(&names, &names).says("CEPH-02", CLUSTER, Pass, "the 3 monitors of ceph have a quorum");
    with(&names[..2], &names).says("CEPH-02", CLUSTER, Warn, "ceph lacks storage2 in its quorum");
    with(&names[..1], &names).says(
        "CEPH-02",
        CLUSTER,
        Fail,
        "ceph has lost its quorum: 2 of 3 monitors are out",
    );
    with(&names[..2], &names[..2]).says(
        "CEPH-02",
        CLUSTER,
        Fail,
        "ceph has 2 monitors, an odd number of three or more is needed",
    );
    let other = ["storage0", "storage1", "spare"];
    with(&other, &other).says("CEPH-02", CLUSTER, Warn, "ceph lacks storage2 in its quorum");
}

#[test]
fn without_a_quorum_nothing_else_is_claimed() {
    let stderr = "no monitor in quorum answered: timed out\n";
    let lost = |ports: &str| {
        ["ceph.look", "ceph.manager", "ceph.survey"]
            .into_iter()
            .fold(well(), |world, script| world.all_end(CLUSTER, script, stderr, 1))
            .prints(CLUSTER, "ceph.look/ports", ports)
    };
    let world = lost("10.33.0.20 banner\n10.33.0.21 refused\n10.33.0.22 refused\n");
    let judged = world.says("CEPH-02", CLUSTER, Fail, "ceph has no quorum: 1 of 3 monitors live");
    assert_eq!(judged.reason.as_deref(), Some("no-quorum"));
    assert_eq!(judged.evidence[1].shown, "10.33.0.21, 10.33.0.22");
    for check in
        ["01", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "14", "15", "17"]
    {
        let judged = world.judge(&format!("CEPH-{check}"), CLUSTER);
        assert_eq!(judged.verdict, Unknown, "CEPH-{check}: {}", judged.sentence);
        assert_eq!(judged.cause, Some(CauseWord::System("no-quorum".into())), "CEPH-{check}");
        assert!(
            judged.sentence.contains("gets no answer of a monitor in quorum"),
            "{}",
            judged.sentence
        );
    }
    // Frozen monitors take the connection and stay silent.
    lost("10.33.0.20 silent\n10.33.0.21 silent\n10.33.0.22 banner\n").says(
        "CEPH-02",
        CLUSTER,
        Fail,
        "ceph has no quorum: 1 of 3 monitors live",
    );
    lost("10.33.0.20 banner\n10.33.0.21 banner\n10.33.0.22 banner\n").says(
        "CEPH-02",
        CLUSTER,
        Fail,
        "ceph has no quorum, though 3 of 3 monitors live",
    );
    // Nobody knows whether it is the network.
    let judged = lost("10.33.0.20 no-way\n10.33.0.21 no-way\n").judge("CEPH-02", CLUSTER);
    assert_eq!(judged.verdict, Unknown, "{}", judged.sentence);
}

#[test]
fn the_last_word_of_a_cluster_whose_monitors_are_dead_is_not_believed() {
    let ports = "10.33.0.20 banner\n10.33.0.21 refused\n10.33.0.22 refused\n";
    let world = well().prints(CLUSTER, "ceph.look/ports", ports);
    let sentence = "ceph still answers, but 2 of its 3 monitors are dead: what it says is the past";
    for check in ["CEPH-01", "CEPH-03", "CEPH-04", "CEPH-05", "CEPH-06"] {
        world.says(check, CLUSTER, Unknown, sentence);
    }
    world.says("CEPH-02", CLUSTER, Fail, "ceph has lost its quorum: 2 of 3 monitors are out");
    // An election is no quorum, whatever the word beside it.
    let electing = status("HEALTH_OK", "").replace("[0,1,2]", "[]");
    let judged = well().prints(CLUSTER, "ceph.look/status", &electing).judge("CEPH-01", CLUSTER);
    assert_eq!(judged.verdict, Unknown);
    assert!(judged.sentence.contains("electing"), "{}", judged.sentence);
}

#[test]
fn osds() {
    let with =
        |changed: &[(u32, &str, f64)]| well().prints(CLUSTER, "ceph.look/osds", &tree(changed));
    with(&[]).says("CEPH-03", CLUSTER, Pass, "the 6 OSDs of ceph are up and in");
    with(&[(1, "down", 1.0)]).says(
        "CEPH-03",
        CLUSTER,
        Warn,
        "ceph lacks OSDs on one host: osd.1 is down",
    );
    // Marked out, and the data recovered: Ceph calls itself healthy.
    with(&[(1, "down", 0.0)]).says(
        "CEPH-03",
        CLUSTER,
        Warn,
        "ceph lacks OSDs on one host: osd.1 is down",
    );
    with(&[(2, "up", 0.0)]).says(
        "CEPH-03",
        CLUSTER,
        Warn,
        "ceph lacks OSDs on one host: osd.2 is out",
    );
    with(&[(1, "down", 1.0), (5, "down", 1.0)]).says(
        "CEPH-03",
        CLUSTER,
        Fail,
        "ceph lacks OSDs on storage0 and storage2: osd.1 is down and osd.5 is down",
    );
    let none = status("HEALTH_WARN", "").replace(":6", ":0");
    well()
        .prints(CLUSTER, "ceph.look/status", &none)
        .prints(CLUSTER, "ceph.look/osds", r#"{"nodes":[]}"#)
        .says(
            "CEPH-03",
            CLUSTER,
            Fail,
            "ceph has no OSD: were its disks zapped before they were given to it",
        );
    // The record's own answer names two children and shows one of them.
    well().prints(CLUSTER, "ceph.look/osds", &raw("CEPH-03")).says(
        "CEPH-03",
        CLUSTER,
        Unknown,
        "ceph has 6 OSDs and showed 1 of them",
    );
    let three = status("HEALTH_OK", "").replace(":6", ":1");
    well()
        .prints(CLUSTER, "ceph.look/osds", &raw("CEPH-03"))
        .prints(CLUSTER, "ceph.look/status", &three)
        .says(
            "CEPH-03",
            CLUSTER,
            Fail,
            "ceph lacks OSDs on storage0, storage1 and storage2: storage0 has 1 OSDs for 2 declared disks, \
             storage1 has 0 OSDs for 2 declared disks and storage2 has 0 OSDs for 2 declared disks",
        );
}

#[test]
fn placement_groups() {
    let with = |states: &[(&str, u32)], more: &str| {
        well().prints(CLUSTER, "ceph.manager/pgs", &groups(states, more))
    };
    with(&[("active+clean", 120), ("active+clean+scrubbing+deep", 9)], "").says(
        "CEPH-04",
        CLUSTER,
        Pass,
        "the 129 placement groups of ceph are clean",
    );
    with(&[("active+clean", 100), ("active+remapped+backfilling", 29)], "").says(
        "CEPH-04",
        CLUSTER,
        Warn,
        "29 of 129 placement groups of ceph are being moved",
    );
    let moving = r#","degraded_objects":120,"degraded_total":500,"recovering_objects_per_sec":2"#;
    let reduced = [("active+clean", 100), ("active+undersized+degraded", 29)];
    with(&reduced, moving).says(
        "CEPH-04",
        CLUSTER,
        Warn,
        "29 of 129 placement groups of ceph lack copies; 2 objects recover per second, about 1m00s are left",
    );
    with(&reduced, "").says(
        "CEPH-04",
        CLUSTER,
        Warn,
        "29 of 129 placement groups of ceph lack copies; nothing recovers now",
    );
    let stuck = r#"{"stuck_pg_stats":[{"pgid":"1.0"},{"pgid":"1.3"}]}"#;
    with(&reduced, moving).prints(CLUSTER, "ceph.manager/undersized", stuck).says(
        "CEPH-04",
        CLUSTER,
        Fail,
        "2 of 129 placement groups of ceph lack a copy for longer than 30 minutes",
    );
    for state in ["down", "incomplete", "stale+active+clean"] {
        let judged = with(&[("active+clean", 109), (state, 20)], "").says(
            "CEPH-04",
            CLUSTER,
            Fail,
            "20 of 129 placement groups of ceph are unavailable: what lies there hangs",
        );
        assert_eq!(judged.reason.as_deref(), Some("access"));
    }
    with(&[("active+clean", 128), ("active+clean+inconsistent", 1)], "").says(
        "CEPH-04",
        CLUSTER,
        Fail,
        "1 of 129 placement groups of ceph are at risk: active+clean+inconsistent",
    );
    with(&[("active+clean", 128), ("active+remapped+backfill_toofull", 1)], "").says(
        "CEPH-04",
        CLUSTER,
        Fail,
        "1 of 129 placement groups of ceph cannot recover for want of space",
    );
    let peering = with(&[("active+clean", 128), ("peering", 1)], "");
    peering.says("CEPH-04", CLUSTER, Warn, "1 of 129 placement groups of ceph are settling");
    peering.for_minutes(2).says(
        "CEPH-04",
        CLUSTER,
        Fail,
        "1 of 129 placement groups of ceph are unavailable: what lies there hangs",
    );
    with(&[("unknown", 129)], "").says(
        "CEPH-04",
        CLUSTER,
        Unknown,
        "the manager of ceph has no reports of its OSDs yet",
    );
}

#[test]
fn what_only_a_manager_knows_is_unknown_without_one() {
    let away = status("HEALTH_WARN", &check("MGR_DOWN", "no active mgr"))
        .replace("\"available\":true", "\"available\":false");
    // The last counts are still to be had where a manager is only just dead.
    well().prints(CLUSTER, "ceph.look/status", &away).says(
        "CEPH-04",
        CLUSTER,
        Unknown,
        "ceph has no active manager: its placement groups are those of the past",
    );
    let world = well()
        .prints(CLUSTER, "ceph.look/status", &away)
        .all_end(CLUSTER, "ceph.manager", "no manager is active\n", 1)
        .ends(CLUSTER, "ceph.survey/space", "", "no manager is active\n", 1);
    for check in ["04", "07", "08", "10", "11"] {
        let judged = world.judge(&format!("CEPH-{check}"), CLUSTER);
        let cause = Some(CauseWord::System("no-manager".into()));
        assert_eq!((judged.verdict, judged.cause), (Unknown, cause), "CEPH-{check}");
        assert!(judged.sentence.contains("answered by a manager alone"), "{}", judged.sentence);
    }
    // What the monitors know stays known.
    for (check, verdict) in
        [("CEPH-01", Warn), ("CEPH-02", Pass), ("CEPH-03", Pass), ("CEPH-12", Pass)]
    {
        assert_eq!(world.judge(check, CLUSTER).verdict, verdict, "{check}");
    }
    // One that hangs is ended by our own limit.
    let judged = well().all_end(CLUSTER, "ceph.manager", "", 124).judge("CEPH-08", CLUSTER);
    assert_eq!((judged.verdict, judged.cause), (Unknown, Some(CauseWord::TimedOut)));
}

#[test]
fn pools_and_their_numbers() {
    let with = |text: &str| well().prints(CLUSTER, "ceph.look/pools", text);
    with(&pools(2, 64)).says(
        "CEPH-05",
        CLUSTER,
        Pass,
        "the four pools of ceph keep the copies they should",
    );
    with(&pools(1, 64)).says(
        "CEPH-05",
        CLUSTER,
        Warn,
        "images, volumes, backups and vms of ceph take writes with a single copy left",
    );
    with(&raw("CEPH-05")).says(
        "CEPH-05",
        CLUSTER,
        Fail,
        "ceph lacks the pools volumes, backups and vms",
    );
    with(&pools(2, 64)).expecting(CLUSTER, wanted::CEPH_REPLICATION, "3").says(
        "CEPH-05",
        CLUSTER,
        Fail,
        "images, volumes, backups and vms of ceph keep another number of copies than 3",
    );
    let unmarked = pools(2, 64).replacen("\"rbd\":{}", "", 1);
    with(&unmarked).says("CEPH-05", CLUSTER, Warn, "images of ceph are not marked for rbd");

    with(&raw("CEPH-05")).says(
        "CEPH-06",
        CLUSTER,
        Pass,
        "the placement groups of ceph have the numbers they should",
    );
    let growing = with(&pools(2, 64).replacen("\"pg_num\":64", "\"pg_num\":32", 1));
    growing.says(
        "CEPH-06",
        CLUSTER,
        Warn,
        "the placement groups of images in ceph are on the way to their number",
    );
    growing.for_minutes(30).says(
        "CEPH-06",
        CLUSTER,
        Fail,
        "the placement groups of images in ceph do not come nearer to their number for 30m00s",
    );
    with("[]").says("CEPH-06", CLUSTER, NotYet, "ceph has none of the four pools yet");
}

#[test]
fn space_and_latency() {
    let df = |ratio: f64| raw("CEPH-07").replace("0.31", &ratio.to_string());
    let with = |ratio| well().prints(CLUSTER, "ceph.survey/space", &df(ratio));
    with(0.31).says("CEPH-07", CLUSTER, Pass, "ceph has used 31 % of its 23 TB");
    with(0.76).says("CEPH-07", CLUSTER, Warn, "ceph has used 76 % of its 23 TB");
    with(0.81).says("CEPH-07", CLUSTER, Fail, "ceph has used 81 % of its 23 TB");
    let perf = |ms: u32| {
        raw("CEPH-08").replace("apply_latency_ms\":1", &format!("apply_latency_ms\":{ms}"))
    };
    let with = |ms| well().prints(CLUSTER, "ceph.manager/latency", &perf(ms));
    with(10).says("CEPH-08", CLUSTER, Pass, "the OSDs of ceph apply writes within 10 ms");
    with(11).says("CEPH-08", CLUSTER, Warn, "osd.0 of ceph takes 11 ms to apply a write");
    with(51).says("CEPH-08", CLUSTER, Fail, "osd.0 of ceph takes 51 ms to apply a write");
}

#[test]
fn identity_keys_modules_versions_crashes() {
    let well = well();
    well.says("CEPH-09", CLUSTER, Pass, "ceph is the cluster of the inventory");
    let other = "00000000-5e6f-4a70-8b91-0c2d3e4f5a6b";
    well.clone().prints(CLUSTER, "ceph.survey/fsid", other).says(
        "CEPH-09",
        CLUSTER,
        Fail,
        "ceph is the cluster 00000000-5e6f-4a70-8b91-0c2d3e4f5a6b, the inventory says 7d1b2c34-5e6f-4a70-8b91-0c2d3e4f5a6b",
    );
    well.clone().expecting(CLUSTER, wanted::CEPH_FSID, "").says(
        "CEPH-09",
        CLUSTER,
        NotYet,
        "the inventory has no ceph_fsid",
    );
    well.says("CEPH-13", CLUSTER, Pass, "the stored keyrings are those of ceph");
    well.clone().prints(CLUSTER, "ceph.survey/digests", "cinder 0000000000000000").says(
        "CEPH-13",
        CLUSTER,
        Fail,
        "ceph has other keys than the stored keyrings of cinder",
    );
    well.clone().prints(CLUSTER, "ceph.survey/digests", "").says(
        "CEPH-13",
        CLUSTER,
        Fail,
        "ceph does not know cinder, whose keyrings are stored",
    );
    well.says("CEPH-14", CLUSTER, Pass, "ceph gives its metrics");
    well.clone().prints(CLUSTER, "ceph.survey/services", "{}").says(
        "CEPH-14",
        CLUSTER,
        Fail,
        "ceph has its metrics enabled and serves them nowhere",
    );
    well.clone().prints(CLUSTER, "ceph.survey/modules", r#"{"enabled_modules":[]}"#).says(
        "CEPH-14",
        CLUSTER,
        Fail,
        "ceph does not give its metrics: the module prometheus is off",
    );
    well.says("CEPH-15", CLUSTER, Pass, "all daemons of ceph are of version 20.2.1");
    let mixed = r#"{"overall":{"ceph version 20.2.1 (a) (stable)":10,"ceph version 19.2.3 (b) (stable)":4}}"#;
    well.clone().prints(CLUSTER, "ceph.survey/versions", mixed).says(
        "CEPH-15",
        CLUSTER,
        Warn,
        "ceph has daemons of the versions 19.2.3 and 20.2.1",
    );
    well.says("CEPH-17", CLUSTER, Pass, "ceph has no new crash");
    let crashed = r#"[{"entity_name":"osd.1","timestamp":"2027-01-10T09:00:00Z"}]"#;
    well.prints(CLUSTER, "ceph.survey/crashes", crashed).says(
        "CEPH-17",
        CLUSTER,
        Warn,
        "ceph has 1 new crashes, of osd.1",
    );
}

#[test]
fn the_orchestrators_hosts_daemons_and_disks() {
    let hosts = |change: (&str, &str)| {
        let text = r#"[{"hostname":"storage0","addr":"10.33.0.20","labels":["_admin"],"status":""},
            {"hostname":"storage1","addr":"10.33.0.21","labels":["_admin"],"status":""},
            {"hostname":"storage2","addr":"10.33.0.22","labels":["_admin"],"status":""}]"#;
        well().prints(CLUSTER, "ceph.manager/orch-hosts", &text.replacen(change.0, change.1, 1))
    };
    hosts(("", "")).says("CEPH-10", CLUSTER, Pass, "the orchestrator of ceph reaches its 3 hosts");
    hosts(("\"status\":\"\"", "\"status\":\"maintenance\"")).says(
        "CEPH-10",
        CLUSTER,
        Warn,
        "storage0 of ceph are in maintenance",
    );
    hosts(("\"status\":\"\"", "\"status\":\"Offline\"")).says(
        "CEPH-10",
        CLUSTER,
        Fail,
        "the orchestrator of ceph does not reach storage0",
    );
    hosts(("storage0", "stray0")).says(
        "CEPH-10",
        CLUSTER,
        Fail,
        "the orchestrator of ceph does not know storage0",
    );
    hosts(("10.33.0.21", "10.99.0.21")).says(
        "CEPH-10",
        CLUSTER,
        Warn,
        "in the orchestrator of ceph storage1 has the address 10.99.0.21, not 10.33.0.21",
    );
    well().prints(CLUSTER, "ceph.manager/orch-hosts", &raw("CEPH-10")).says(
        "CEPH-10",
        CLUSTER,
        Fail,
        "the orchestrator of ceph does not know storage1 and storage2",
    );
    let none = "Error ENOENT: No orchestrator configured (try `ceph orch set backend`)\n";
    let judged =
        well().ends(CLUSTER, "ceph.manager/orch-hosts", "", none, 2).judge("CEPH-10", CLUSTER);
    assert_eq!(
        (judged.verdict, judged.cause),
        (Unknown, Some(CauseWord::System("no-orchestrator".into())))
    );

    let daemon = |from: &str, to: &str| {
        well().prints(CLUSTER, "ceph.manager/orch-daemons", &raw("CEPH-11").replace(from, to))
    };
    daemon("", "").says("CEPH-11", CLUSTER, Pass, "the 1 daemons of ceph run");
    for state in ["error", "unknown", "stopped"] {
        daemon("\"running\"", &format!("\"{state}\"")).says(
            "CEPH-11",
            CLUSTER,
            Fail,
            &format!("in ceph osd.0 on storage0 is {state}"),
        );
    }
    daemon("T10:14", "T09:14").says(
        "CEPH-11",
        CLUSTER,
        Warn,
        "what ceph says of the daemons on storage0 is older than 15 minutes",
    );
    let resting = raw("CEPH-10").replace("\"status\":\"\"", "\"status\":\"maintenance\"");
    daemon("\"running\"", "\"stopped\"").prints(CLUSTER, "ceph.manager/orch-hosts", &resting).says(
        "CEPH-11",
        CLUSTER,
        Warn,
        "in ceph osd.0 on storage0 is stopped",
    );

    let disk = |host: u32, path: &str, available: bool, osd: &str| {
        let lvs = if osd.is_empty() { String::new() } else { format!("{{\"osd_id\":\"{osd}\"}}") };
        format!(
            r#"{{"name":"storage{host}","devices":[{{"path":"{path}","available":{available},"rejected_reasons":["Has a FileSystem"],"lvs":[{lvs}]}}]}}"#
        )
    };
    let all = |change: Option<String>| {
        let mut disks = Vec::new();
        for host in 0..3 {
            disks.push(disk(host, "/dev/nvme2n1", false, "1"));
            disks.push(disk(host, "/dev/nvme3n1", true, ""));
        }
        if let Some(change) = change {
            disks[1] = change;
        }
        well().prints(CLUSTER, "ceph.survey/devices", &format!("[{}]", disks.join(",")))
    };
    all(None).says("CEPH-16", CLUSTER, Pass, "the orchestrator of ceph sees the 6 declared disks");
    all(Some(disk(0, "/dev/nvme3n1", false, ""))).says(
        "CEPH-16",
        CLUSTER,
        Warn,
        "not free for ceph: /dev/nvme3n1 of storage0 (Has a FileSystem)",
    );
    all(Some(disk(0, "/dev/sda", true, ""))).says(
        "CEPH-16",
        CLUSTER,
        Fail,
        "the orchestrator of ceph does not see /dev/nvme3n1 of storage0",
    );
    let judged =
        well().prints(CLUSTER, "ceph.survey/devices", &raw("CEPH-16")).judge("CEPH-16", CLUSTER);
    assert_eq!(judged.verdict, Fail);
    assert!(
        judged
            .sentence
            .starts_with("the orchestrator of ceph does not see /dev/nvme3n1 of storage0, "),
        "{}",
        judged.sentence
    );
}

#[test]
fn flags_that_were_left() {
    let with = |flags: &str| {
        well().prints(CLUSTER, "ceph.look/flags", &format!(r#"{{"flags_set":[{flags}]}}"#))
    };
    with("\"sortbitwise\"").says("CEPH-12", CLUSTER, Pass, "ceph has no flag left over");
    // The record's own answer, as jq prints it, is the list of the map.
    let listed: Vec<String> = raw("CEPH-12").lines().map(|flag| format!("\"{flag}\"")).collect();
    let noout = with(&listed.join(","));
    noout.says("CEPH-12", CLUSTER, Fail, "ceph has noout set, and no host is in maintenance");
    let resting = raw("CEPH-10").replace("\"status\":\"\"", "\"status\":\"maintenance\"");
    noout.prints(CLUSTER, "ceph.manager/orch-hosts", &resting).says(
        "CEPH-12",
        CLUSTER,
        Warn,
        "ceph has noout set while storage0 is in maintenance",
    );
    with("\"pauserd\",\"pausewr\"").prints(CLUSTER, "ceph.manager/orch-hosts", &resting).says(
        "CEPH-12",
        CLUSTER,
        Fail,
        "ceph is paused: nothing can be read or written (pauserd and pausewr)",
    );
}
