//! What Ceph says, as the real commands print it: its state is that of the
//! storage nodes, their disks, and of the cluster itself.

use super::documented::{Answers, Asked};
use super::{Printed, Scene, ok};
use crate::domain::Role;
use crate::lab::world::Machine;

/// Ceph's answers.
pub const ANSWERS: Answers = Answers { section, command: |_, _| None };

const POOLS: [&str; 4] = ["images", "volumes", "backups", "vms"];
const VERSION: &str = "ceph version 20.2.1 (9c1b8d0e) tentacle (stable)";
const GROUPS: u32 = 128;

/// An OSD and where it is.
struct Osd<'a> {
    number: u32,
    host: &'a Machine,
    up: bool,
}

/// The cluster as its machines make it.
struct Cluster<'a> {
    nodes: Vec<&'a Machine>,
    osds: Vec<Osd<'a>>,
    scene: &'a Scene<'a>,
}

impl<'a> Cluster<'a> {
    fn of(scene: &'a Scene<'a>) -> Cluster<'a> {
        let nodes: Vec<&Machine> =
            scene.world.machines.values().filter(|machine| machine.role == Role::Storage).collect();
        let down = &scene.world.systems.osds_down;
        let disks =
            nodes.iter().flat_map(|host| host.data_disks.iter().map(move |disk| (*host, disk)));
        let osds = (0_u32..)
            .zip(disks)
            .map(|(number, (host, disk))| {
                let up = host.powered && !disk.failed && !down.contains(&number);
                Osd { number, host, up }
            })
            .collect();
        Cluster { nodes, osds, scene }
    }

    fn lives(&self, node: &Machine) -> bool {
        node.powered && !self.scene.world.systems.monitors_dead.contains(&node.name)
    }

    fn quorum(&self) -> Vec<&str> {
        self.nodes.iter().filter(|node| self.lives(node)).map(|node| node.name.as_str()).collect()
    }

    fn has_quorum(&self) -> bool {
        self.quorum().len() * 2 > self.nodes.len()
    }

    fn down(&self) -> usize {
        self.osds.iter().filter(|osd| !osd.up).count()
    }

    fn used(&self) -> f64 {
        f64::from(self.scene.world.systems.used_percent)
    }

    fn is_full(&self) -> bool {
        self.used() >= 95.0
    }

    /// The health checks that are raised: code, severity, message.
    fn checks(&self) -> Vec<(&'static str, &'static str, String)> {
        let mut checks = Vec::new();
        let (all, inside) = (self.nodes.len(), self.quorum());
        if inside.len() < all {
            let message =
                format!("{}/{all} mons down, quorum {}", all - inside.len(), inside.join(","));
            checks.push(("MON_DOWN", "HEALTH_WARN", message));
        }
        if self.down() > 0 {
            checks.push(("OSD_DOWN", "HEALTH_WARN", format!("{} osds down", self.down())));
            let message = format!("Degraded data redundancy: {} pgs undersized", self.reduced());
            checks.push(("PG_DEGRADED", "HEALTH_WARN", message));
        }
        if self.is_full() {
            checks.push(("OSD_FULL", "HEALTH_ERR", format!("{} full osd(s)", self.osds.len())));
            checks.push(("POOL_FULL", "HEALTH_ERR", "4 pool(s) full".to_owned()));
        } else if self.used() >= 85.0 {
            checks.push(("OSD_NEARFULL", "HEALTH_WARN", "1 nearfull osd(s)".to_owned()));
        }
        checks
    }

    /// Placement groups that lack a copy.
    fn reduced(&self) -> u32 {
        let share = self.down() as f64 / self.osds.len().max(1) as f64;
        (share * f64::from(GROUPS) * 3.0).ceil().min(f64::from(GROUPS)) as u32
    }

    fn status(&self) -> String {
        let checks = self.checks();
        let word = if checks.iter().any(|(_, severity, _)| *severity == "HEALTH_ERR") {
            "HEALTH_ERR"
        } else if checks.is_empty() {
            "HEALTH_OK"
        } else {
            "HEALTH_WARN"
        };
        let checks: Vec<String> = checks
            .iter()
            .map(|(code, severity, message)| {
                format!(r#""{code}":{{"severity":"{severity}","summary":{{"message":"{message}","count":1}},"muted":false}}"#)
            })
            .collect();
        let quorum: Vec<String> = (0..self.quorum().len()).map(|rank| rank.to_string()).collect();
        let (known, up) = (self.osds.len(), self.osds.len() - self.down());
        format!(
            r#"{{"fsid":"{}","health":{{"status":"{word}","checks":{{{}}},"mutes":[]}},"quorum":[{}],"quorum_age":86400,"osdmap":{{"num_osds":{known},"num_up_osds":{up},"num_in_osds":{known}}},"mgrmap":{{"available":true,"num_standbys":1}}}}"#,
            self.scene.world.systems.fsid,
            checks.join(","),
            quorum.join(",")
        )
    }

    fn quorum_status(&self) -> String {
        let names: Vec<String> = self.quorum().iter().map(|name| format!("\"{name}\"")).collect();
        let mons: Vec<String> = self
            .nodes
            .iter()
            .map(|node| format!(r#"{{"name":"{}","addr":"{}:6789/0"}}"#, node.name, address(node)))
            .collect();
        format!(
            r#"{{"quorum_names":[{}],"monmap":{{"mons":[{}]}}}}"#,
            names.join(","),
            mons.join(",")
        )
    }

    fn tree(&self) -> String {
        let mut nodes = Vec::new();
        for (at, host) in self.nodes.iter().enumerate() {
            let own: Vec<String> = self
                .osds
                .iter()
                .filter(|osd| osd.host.name == host.name)
                .map(|osd| osd.number.to_string())
                .collect();
            nodes.push(format!(
                r#"{{"id":-{},"name":"{}","type":"host","children":[{}]}}"#,
                at + 2,
                host.name,
                own.join(",")
            ));
        }
        for osd in &self.osds {
            let status = if osd.up { "up" } else { "down" };
            nodes.push(format!(
                r#"{{"id":{0},"name":"osd.{0}","type":"osd","device_class":"ssd","status":"{status}","reweight":1.0}}"#,
                osd.number
            ));
        }
        format!(r#"{{"nodes":[{}]}}"#, nodes.join(","))
    }

    fn groups(&self) -> String {
        let reduced = self.reduced();
        let mut states = vec![format!(r#"{{"name":"active+clean","num":{}}}"#, GROUPS - reduced)];
        let mut more = String::new();
        if reduced > 0 {
            states.push(format!(r#"{{"name":"active+undersized+degraded","num":{reduced}}}"#));
            let left = 4_000.0 + 300.0 * self.scene.wave("recovery");
            more = format!(
                r#","degraded_objects":{left:.0},"degraded_total":90000,"recovering_objects_per_sec":25"#
            );
        }
        format!(
            r#"{{"pg_ready":true,"pg_summary":{{"num_pg_by_state":[{}],"num_pgs":{GROUPS}{more}}}}}"#,
            states.join(",")
        )
    }

    fn latency(&self) -> String {
        let infos: Vec<String> = self
            .osds
            .iter()
            .map(|osd| {
                let ms = 1 + osd.number % 3;
                format!(r#"{{"id":{},"perf_stats":{{"commit_latency_ms":{ms},"apply_latency_ms":{ms}}}}}"#, osd.number)
            })
            .collect();
        format!(r#"{{"osdstats":{{"osd_perf_infos":[{}]}}}}"#, infos.join(","))
    }

    fn hosts(&self) -> String {
        let hosts: Vec<String> = self
            .nodes
            .iter()
            .map(|node| {
                let status = if node.powered { "" } else { "Offline" };
                format!(
                    r#"{{"hostname":"{}","addr":"{}","labels":["_admin"],"status":"{status}"}}"#,
                    node.name,
                    address(node)
                )
            })
            .collect();
        format!("[{}]", hosts.join(","))
    }

    fn daemons(&self) -> String {
        let refreshed = crate::domain::Stamp((self.scene.now * 1000.0) as i64 - 40_000).rfc3339();
        let daemon = |kind: &str, id: &str, host: &Machine, runs: bool| {
            let state = if runs { "running" } else { "error" };
            format!(
                r#"{{"daemon_type":"{kind}","daemon_id":"{id}","hostname":"{}","status_desc":"{state}","version":"20.2.1","last_refresh":"{refreshed}"}}"#,
                host.name
            )
        };
        let mut all: Vec<String> = Vec::new();
        for node in &self.nodes {
            all.push(daemon("mon", &node.name, node, self.lives(node)));
            all.push(daemon("rgw", &format!("gateway.{}", node.name), node, node.powered));
        }
        all.extend(
            self.osds.iter().map(|osd| daemon("osd", &osd.number.to_string(), osd.host, osd.up)),
        );
        format!("[{}]", all.join(","))
    }

    fn gateways(&self) -> String {
        let running = self.nodes.iter().filter(|node| node.powered).count();
        let hosts: Vec<String> =
            self.nodes.iter().map(|node| format!("\"{}\"", node.name)).collect();
        format!(
            r#"[{{"service_name":"rgw.gateway","placement":{{"count":{0},"hosts":[{1}]}},"status":{{"running":{running},"size":{0},"ports":[8080]}},"spec":{{"rgw_frontend_port":8080}}}}]"#,
            self.nodes.len(),
            hosts.join(",")
        )
    }

    fn space(&self) -> String {
        let total = self.osds.len() as f64 * 7.68e12;
        let share = self.used() / 100.0;
        let pools: Vec<String> = POOLS
            .iter()
            .map(|pool| {
                let free = total * (1.0 - share) / 3.0;
                format!(
                    r#"{{"name":"{pool}","stats":{{"percent_used":{},"max_avail":{free:.0}}}}}"#,
                    share / 2.0
                )
            })
            .collect();
        format!(
            r#"{{"stats":{{"total_bytes":{total:.0},"total_used_raw_ratio":{share}}},"pools":[{}]}}"#,
            pools.join(",")
        )
    }

    fn devices(&self) -> String {
        let mut hosts = Vec::new();
        for host in &self.nodes {
            let own = self.osds.iter().filter(|osd| osd.host.name == host.name);
            let disks: Vec<String> = host
                .data_disks
                .iter()
                .zip(own)
                .map(|(disk, osd)| {
                    format!(
                        r#"{{"path":"/dev/{}","available":false,"rejected_reasons":["Has BlueStore device label"],"lvs":[{{"osd_id":"{}"}}]}}"#,
                        disk.name, osd.number
                    )
                })
                .collect();
            hosts.push(format!(r#"{{"name":"{}","devices":[{}]}}"#, host.name, disks.join(",")));
        }
        format!("[{}]", hosts.join(","))
    }
}

/// The address of a storage node in the storage network.
fn address(node: &Machine) -> String {
    let storage = node.vlans.iter().find(|vlan| vlan.name == "storage0");
    storage
        .and_then(|vlan| vlan.address)
        .map_or_else(String::new, |(address, _)| address.to_string())
}

fn pools() -> String {
    let pools = POOLS.map(|pool| {
        format!(
            r#"{{"pool_name":"{pool}","size":3,"min_size":2,"pg_num":32,"pg_num_target":32,"pg_placement_num":32,"pg_placement_num_target":32,"pg_autoscale_mode":"on","application_metadata":{{"rbd":{{}}}}}}"#
        )
    });
    format!("[{}]", pools.join(","))
}

fn settings() -> String {
    let all = [
        ("rgw_keystone_api_version", "3"),
        ("rgw_keystone_url", "https://api.harbour:5000"),
        ("rgw_keystone_admin_user", "ceph_rgw"),
        ("rgw_keystone_admin_domain", "Default"),
        ("rgw_keystone_admin_project", "service"),
        ("rgw_keystone_admin_password", "set"),
        ("rgw_keystone_token_cache_size", "0"),
        ("rgw_keystone_implicit_tenants", "true"),
        ("rgw_swift_account_in_url", "false"),
        ("rgw_s3_auth_use_keystone", "true"),
        ("rgw_enable_usage_log", "true"),
        ("rgw_keystone_verify_ssl", "true"),
    ];
    let rows = all.map(|(name, value)| format!(r#"{{"name":"{name}","value":"{value}"}}"#));
    format!("[{}]", rows.join(","))
}

const DIGESTS: &str = "cinder 3a7bd3e2360a3d29\ncinder-backup 81b637d8fcd2c6da\nglance 5994471abb01112a\nadmin 8c6976e5b5410415\n";

fn section(scene: &Scene<'_>, asked: &Asked<'_>) -> Option<Printed> {
    let cluster = Cluster::of(scene);
    match asked.asks {
        "ceph.look" | "ceph.manager" | "ceph.survey" => cluster_says(&cluster, asked),
        "ceph.outside" => match asked.section {
            "keyrings" => ok(DIGESTS),
            "buckets" => ok("listed\n"),
            _ => None,
        },
        "gateway.look" => ok(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListAllMyBucketsResult><Owner><ID>anonymous</ID></Owner><Buckets></Buckets></ListAllMyBucketsResult>\n200\n",
        ),
        "gateway.survey" => match asked.section {
            "keystone-ca" => ok("/usr/local/share/ca-certificates/keystone-ca.crt\n"),
            "keystone-trust" => ok("*  SSL certificate verify ok.\n"),
            _ => None,
        },
        _ => None,
    }
}

fn cluster_says(cluster: &Cluster<'_>, asked: &Asked<'_>) -> Option<Printed> {
    if asked.section == "ports" {
        let lines: Vec<String> = cluster
            .nodes
            .iter()
            .map(|node| {
                let answer = match (node.powered, cluster.lives(node)) {
                    (false, _) => "no-way",
                    (true, false) => "refused",
                    (true, true) => "banner",
                };
                format!("{} {answer}\n", address(node))
            })
            .collect();
        return ok(lines.concat());
    }
    if !cluster.has_quorum() {
        return Some(("no monitor in quorum answered: timed out\n".to_owned(), 1));
    }
    let systems = &cluster.scene.world.systems;
    ok(match asked.section {
        "status" => cluster.status(),
        "quorum" => cluster.quorum_status(),
        "osds" => cluster.tree(),
        "pools" => pools(),
        "flags" => r#"{"flags_set":["sortbitwise","recovery_deletes"]}"#.to_owned(),
        "pgs" => cluster.groups(),
        "undersized" => r#"{"stuck_pg_stats":[]}"#.to_owned(),
        "latency" => cluster.latency(),
        "orch-hosts" => cluster.hosts(),
        "orch-daemons" => cluster.daemons(),
        "orch-gateways" => cluster.gateways(),
        "fsid" => format!("{}\n", systems.fsid),
        "space" => cluster.space(),
        "modules" => r#"{"always_on_modules":["balancer","crash"],"enabled_modules":["cephadm","prometheus"]}"#.to_owned(),
        "services" => {
            let first = cluster.nodes.first().map_or_else(String::new, |node| address(node));
            format!(r#"{{"prometheus":"http://{first}:9283/"}}"#)
        }
        "versions" => format!(r#"{{"overall":{{"{VERSION}":{}}}}}"#, cluster.osds.len() + 2 * cluster.nodes.len()),
        "digests" => DIGESTS.to_owned(),
        "devices" => cluster.devices(),
        "crashes" => "[]\n".to_owned(),
        "gateway-spec" => String::new(),
        "gateway-admin" => format!(
            r#"{{"user_id":"iaas-rgw-admin","digests":["{}"],"caps":[{{"type":"buckets","perm":"*"}},{{"type":"metadata","perm":"*"}},{{"type":"usage","perm":"*"}},{{"type":"users","perm":"*"}}]}}"#,
            systems.gateway_key
        ),
        "gateway-settings" => settings(),
        _ => return None,
    })
}
