//! Every clause of the records of the orchestrator's hosts, daemons and disks, and of flags.

use shopfloor::domain::CauseWord;
use shopfloor::domain::Verdict::{Fail, Pass, Unknown, Warn};

use crate::ceph::{CLUSTER, well};
use crate::world::raw;

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
