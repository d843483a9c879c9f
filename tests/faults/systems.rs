//! The rows of Ceph and the cloud.

use shopfloor::domain::Verdict::{Fail, Unknown, Warn};

use super::{Fault, NETWORK, Turned, Where, demo, found};

/// What Ceph and the cloud suffer.
pub fn faults() -> Vec<Fault> {
    const BROKEN_THERE: &str =
        "a real cluster is broken in the long run, which judges every check of it";
    let ceph = |name, check, verdict, says, demo| {
        found(name, ("ceph", check), verdict, says, Where::DemoOnly(demo, BROKEN_THERE))
    };
    let cloud = |name, check, says, demo| {
        found(name, ("openstack", check), Fail, says, Where::DemoOnly(demo, NETWORK))
    };
    let cluster = "api:ceph";
    let mut lost: Vec<Turned> = [
        "CEPH-01", "CEPH-03", "CEPH-04", "CEPH-05", "CEPH-06", "CEPH-07", "CEPH-08", "CEPH-09",
        "CEPH-10", "CEPH-11", "CEPH-12", "CEPH-13", "CEPH-14", "CEPH-15", "CEPH-16", "CEPH-17",
        "RGW-01", "RGW-03", "RGW-04", "RGW-05",
    ]
    .map(|check| (check, cluster, Unknown, "gets no answer of a monitor in quorum"))
    .to_vec();
    lost.sort_unstable_by_key(|(check, ..)| *check);
    vec![
        ceph(
            "osd-down",
            "CEPH-03",
            Warn,
            "lacks OSDs on one host: osd.5 is down",
            demo(
                "osd-down",
                2,
                cluster,
                vec![
                    ("CEPH-01", cluster, Warn, "warns: OSD_DOWN and PG_DEGRADED"),
                    ("CEPH-04", cluster, Warn, "lack copies; 25 objects recover per second"),
                    ("CEPH-11", cluster, Fail, "osd.5 on ceph-02 is error"),
                ],
            ),
        ),
        ceph(
            "ceph-full",
            "CEPH-07",
            Fail,
            "has used 96 %",
            demo(
                "ceph-full",
                2,
                cluster,
                vec![("CEPH-01", cluster, Fail, "calls itself broken: OSD_FULL and POOL_FULL")],
            ),
        ),
        Fault {
            cause: Some("no-quorum"),
            ..ceph(
                "quorum-lost",
                "CEPH-02",
                Fail,
                "has no quorum: 1 of 3 monitors live",
                demo("quorum-lost", 2, cluster, lost),
            )
        },
        cloud(
            "compute-down",
            "OST-05",
            "are down: nova-compute on gpu-05",
            demo(
                "compute-down",
                2,
                "api:openstack",
                vec![("OST-01", "gpu-05", Fail, "are unhealthy: nova_compute")],
            ),
        ),
        cloud(
            "volume-service-down",
            "OST-06",
            "are down: cinder-volume on ctl-02@rbd-1",
            demo(
                "volume-service-down",
                2,
                "api:openstack",
                vec![("OST-01", "ctl-02", Fail, "are unhealthy: cinder_volume")],
            ),
        ),
        cloud(
            "node-clean-failed",
            "OST-15",
            "are broken: metal-01 (clean failed",
            demo("node-clean-failed", 2, "api:openstack", vec![]),
        ),
    ]
}
