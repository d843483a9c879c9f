//! Keys of the Ceph layer: what the cluster says of itself, what its
//! orchestrator knows, and how its object gateways answer.

use crate::domain::fact::Table;
use crate::domain::keys::{LayerKeys, ProbeInfo, Word};
use crate::domain::{Age, Unit};

/// What the monitors answer, every tick.
pub const LOOK: ProbeInfo =
    ProbeInfo { name: "ceph.look", every: Age::seconds(30), source: "ceph" };

/// What only the active manager can answer, every tick.
pub const MANAGER: ProbeInfo =
    ProbeInfo { name: "ceph.manager", every: Age::seconds(30), source: "ceph" };

/// What changes seldom, every few minutes.
pub const SURVEY: ProbeInfo =
    ProbeInfo { name: "ceph.survey", every: Age::seconds(300), source: "ceph" };

/// What the bastion has and reaches of the cluster, every few minutes.
pub const OUTSIDE: ProbeInfo =
    ProbeInfo { name: "ceph.outside", every: Age::seconds(300), source: "bastion" };

/// How the object gateway of a storage node answers, every tick.
pub const GATEWAY: ProbeInfo =
    ProbeInfo { name: "gateway.look", every: Age::seconds(30), source: "ssh" };

/// How the object gateway of a storage node is set up, every few minutes.
pub const GATEWAY_SURVEY: ProbeInfo =
    ProbeInfo { name: "gateway.survey", every: Age::seconds(300), source: "ssh" };

/// What this file declares.
pub const LAYER: LayerKeys = LayerKeys {
    blocks: &[ALL, manager::ALL, survey::ALL, outside::ALL, gateway::ALL, gateway_survey::ALL],
    with_clock: &[QUORUM_AGE.info],
    readings: &[manager::OSD_LATENCY.info, survey::POOL_USE.info],
};

crate::keys! { LOOK;
    HEALTH: Word = "ceph.health", Unit::Count, ["HEALTH_OK", "HEALTH_WARN", "HEALTH_ERR"], "health in its own word", "ceph status";
    HEALTH_CHECKS: Table = "ceph.health_checks", Unit::Count, [], "health checks that are raised: code, severity, count, muted, message", "ceph status";
    QUORUM_AGE: f64 = "ceph.quorum_age", Unit::Seconds, [], "time since the monitors last agreed who is in the quorum", "ceph status";
    MANAGER_ACTIVE: Word = "ceph.manager_active", Unit::Count, ["yes", "no"], "whether a manager is active", "ceph status";
    OSDS_KNOWN: f64 = "ceph.osds_known", Unit::Count, [], "number of OSDs that exist", "ceph status";
    OSDS_UP: f64 = "ceph.osds_up", Unit::Count, [], "number of OSDs that are up", "ceph status";
    OSDS_IN: f64 = "ceph.osds_in", Unit::Count, [], "number of OSDs that hold data", "ceph status";
    MONITORS: Table = "ceph.monitors", Unit::Count, [], "monitors: monitor, quorum (yes or no), address", "ceph quorum_status";
    MONITOR_PORTS: Table = "ceph.monitor_ports", Unit::Count, [], "ports of the planned monitors: address, answer (banner, refused, silent, no-way)", "the first bytes on port 3300";
    OSDS: Table = "ceph.osds", Unit::Count, [], "OSDs: osd, host, status, reweight, class", "ceph osd tree";
    POOLS: Table = "ceph.pools", Unit::Count, [], "pools: pool, size, min_size, pg_num, pg_num_target, pg_placement_num, pg_placement_num_target, autoscale, applications", "ceph osd pool ls detail";
    FLAGS: Vec<String> = "ceph.flags", Unit::Count, [], "flags of the OSD map", "ceph osd dump";
}

/// What only the active manager can answer.
pub mod manager {
    use crate::domain::Unit;
    use crate::domain::fact::Table;

    crate::keys! { super::MANAGER;
        PGS: Table = "ceph.pgs", Unit::Count, [], "placement groups by state: state, count", "ceph pg stat";
        DEGRADED: f64 = "ceph.degraded_objects", Unit::Count, [], "number of copies that are missing", "ceph pg stat";
        MISPLACED: f64 = "ceph.misplaced_objects", Unit::Count, [], "number of copies that lie elsewhere than they should", "ceph pg stat";
        RECOVERY: f64 = "ceph.recovery_rate", Unit::Count, [], "objects that are recovered per second", "ceph pg stat";
        UNDERSIZED: Vec<String> = "ceph.undersized_long", Unit::Count, [], "placement groups that lack a copy for longer than thirty minutes", "ceph pg dump_stuck undersized";
        OSD_LATENCY: Table = "ceph.osd_latency", Unit::Count, [], "latency of OSDs in milliseconds: osd, apply_ms, commit_ms", "ceph osd perf";
        ORCH_HOSTS: Table = "ceph.orch_hosts", Unit::Count, [], "hosts of the orchestrator: host, address, labels, status", "ceph orch host ls";
        DAEMONS: Table = "ceph.daemons", Unit::Count, [], "daemons of the orchestrator: daemon, host, status, version, refreshed", "ceph orch ps";
        GATEWAYS: Table = "ceph.gateways", Unit::Count, [], "gateway services of the orchestrator: service, running, size, hosts, port", "ceph orch ls rgw";
    }
}

/// What is looked at every few minutes.
pub mod survey {
    use crate::domain::Unit;
    use crate::domain::fact::Table;

    crate::keys! { super::SURVEY;
        FSID: String = "ceph.fsid", Unit::Count, [], "identity of the cluster", "ceph fsid";
        RAW_USED: f64 = "ceph.raw_used", Unit::Percent, [], "share of the raw space that is used", "ceph df";
        RAW_TOTAL: f64 = "ceph.raw_total", Unit::Bytes, [], "raw space of all OSDs", "ceph df";
        POOL_USE: Table = "ceph.pool_use", Unit::Count, [], "use of pools: pool, used (percent), available (bytes)", "ceph df";
        MODULES: Vec<String> = "ceph.modules", Unit::Count, [], "modules of the manager that are enabled", "ceph mgr module ls";
        SERVICES: Table = "ceph.services", Unit::Count, [], "services of the manager: service, url", "ceph mgr services";
        VERSIONS: Table = "ceph.versions", Unit::Count, [], "versions of the daemons: version, daemons", "ceph versions";
        CLIENT_DIGESTS: Table = "ceph.client_digests", Unit::Count, [], "head of the digest of each client's key: client, digest", "ceph auth get-key, sha256sum";
        DEVICES: Table = "ceph.devices", Unit::Count, [], "disks that the orchestrator sees: host, path, available, rejected, osds", "ceph orch device ls";
        CRASHES: Table = "ceph.crashes", Unit::Count, [], "crashes that nobody has archived: daemon, at", "ceph crash ls-new";
        GATEWAY_SPEC: Vec<String> = "ceph.gateway_spec", Unit::Count, [], "what the stored gateway spec says of TLS: ssl, certificate", "ceph orch ls rgw --export";
        GATEWAY_ADMIN: Table = "ceph.gateway_admin", Unit::Count, [], "capabilities of the console's gateway user: capability, permission", "radosgw-admin user info";
        GATEWAY_ADMIN_KEYS: Vec<String> = "ceph.gateway_admin_keys", Unit::Count, [], "head of the digest of each access key of the console's gateway user", "radosgw-admin user info";
        GATEWAY_SETTINGS: Table = "ceph.gateway_settings", Unit::Count, [], "settings of the gateways for Keystone: setting, value", "ceph config dump";
    }
}

/// What is seen from the bastion.
pub mod outside {
    use crate::domain::fact::Table;
    use crate::domain::{Stamp, Unit};

    crate::keys! { super::OUTSIDE;
        KEYRING_DIGESTS: Table = "ceph.keyring_digests", Unit::Count, [], "head of the digest of each stored keyring's key: client, digest", "ansible-vault view, sha256sum";
        CERTIFICATE_ENDS: Stamp = "ceph.gateway_certificate_ends", Unit::Count, [], "end of the gateway's certificate", "openssl s_client";
        CERTIFICATE_NAMES: Vec<String> = "ceph.gateway_certificate_names", Unit::Count, [], "names in the gateway's certificate", "openssl s_client";
        BUCKETS: String = "ceph.buckets", Unit::Count, [], "answer to listing buckets with real credentials: listed, or what it said", "aws s3 ls";
    }
}

/// What the gateway of one storage node answers.
pub mod gateway {
    use crate::domain::Unit;
    use crate::domain::keys::Word;

    crate::keys! { super::GATEWAY;
        ANSWER: String = "gateway.answer", Unit::Count, [], "answer of its own gateway: the HTTP status, `refused`, `silent`", "curl http://STORAGE_IP:8080/";
        LISTS: Word = "gateway.lists", Unit::Count, ["yes", "no"], "whether the answer is S3's list of buckets", "curl http://STORAGE_IP:8080/";
    }
}

/// How the gateway of one storage node is set up.
pub mod gateway_survey {
    use crate::domain::Unit;

    crate::keys! { super::GATEWAY_SURVEY;
        KEYSTONE_CA: String = "gateway.keystone_ca", Unit::Count, [], "where /etc/ssl/certs/keystone-ca.pem leads; empty without it", "readlink";
        KEYSTONE_TRUST: Vec<String> = "gateway.keystone_trust", Unit::Count, [], "what curl says of Keystone's certificate inside the gateway's container", "podman exec curl -sv";
    }
}
