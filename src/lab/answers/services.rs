//! What the management cluster, the console, the registry and the observability
//! stack of the demo site answer to the documented commands.

use serde_json::{Value, json};

use super::documented::{Answers, Asked};
use super::{Printed, Scene, ok};
use crate::domain::Role;

/// The answers of this part of the site.
pub const ANSWERS: Answers = Answers { section, command: |_, _| None };

/// The inventory that the demo site is made of.
const INVENTORY: &str = include_str!("../../../inventory.example.yml");

fn section(scene: &Scene<'_>, asked: &Asked<'_>) -> Option<Printed> {
    let on_bastion = scene.is(Role::Bastion);
    match asked.asks {
        "platform.look" | "platform.survey" if on_bastion => cluster(scene, asked.section),
        "console.look" if on_bastion => console(scene, asked.section),
        "services.look" | "services.survey" if on_bastion => services(scene, asked),
        "registry.clients" => ok("location = \"192.168.40.250:5000\"\ninsecure = true\n"),
        "wireguard.survey" => ok(operators().map(|key| key + "\n").collect::<String>()),
        "vpn.survey" if on_bastion => vpn(asked.section),
        "observing.look" | "observing.survey" if on_bastion => observing(asked.section),
        "gpu.survey" => gpu(asked.section),
        "logs.survey" => ok(json!({
            "bucket": "lokilogs",
            "usage": {"rgw.main": {"size_actual": 412_316_860_416_u64}},
            "bucket_quota": {"enabled": true, "max_size": 1_099_511_627_776_u64}
        })
        .to_string()),
        _ => None,
    }
}

/// A time so many seconds before now.
fn before(scene: &Scene<'_>, seconds: i64) -> String {
    let at = jiff::Timestamp::from_second(scene.now as i64 - seconds);
    at.map(|at| at.to_string()).unwrap_or_default()
}

fn list(items: Value) -> Option<Printed> {
    ok(json!({ "items": items }).to_string())
}

fn ready(kind: &str) -> Value {
    json!([{"type": kind, "status": "True"}])
}

fn workload(kind: &str, namespace: &str, name: &str, replicas: u32) -> Value {
    json!({
        "kind": kind,
        "metadata": {"namespace": namespace, "name": name},
        "spec": {"replicas": replicas},
        "status": {"readyReplicas": replicas}
    })
}

fn pod(scene: &Scene<'_>, namespace: &str, name: &str) -> Value {
    json!({
        "metadata": {"namespace": namespace, "name": name, "creationTimestamp": before(scene, 400_000)},
        "status": {
            "phase": "Running",
            "conditions": ready("Ready"),
            "containerStatuses": [{"ready": true, "restartCount": 0}]
        }
    })
}

fn pods(scene: &Scene<'_>, of: &[(&str, &str)]) -> Value {
    of.iter().map(|(namespace, name)| pod(scene, namespace, name)).collect()
}

const DATABASE: [(&str, &str); 3] = [
    ("iaas-console", "iaas-api-postgresql-ha-postgresql-0"),
    ("iaas-console", "iaas-api-postgresql-ha-postgresql-1"),
    ("iaas-console", "iaas-api-postgresql-ha-pgpool-0"),
];

const PODS: [(&str, &str); 7] = [
    ("kube-system", "coredns-6799fbcd5-x2v7k"),
    ("iaas-console", "iaas-api-7d9c5b8f6-2m4xk"),
    ("iaas-console", "iaas-ui-5f7b9d4c8-q8zvn"),
    ("observability", "prometheus-server-0"),
    ("observability", "storage-loki-0"),
    ("capo-system", "capo-controller-manager-84d5f-r6kbd"),
    ("cert-manager", "cert-manager-6b8f5c-hx7tp"),
];

/// The management cluster by `kubectl` and `helm`.
fn cluster(scene: &Scene<'_>, section: &str) -> Option<Printed> {
    match section {
        "nodes" => {
            let node = |number: u32| {
                json!({
                    "metadata": {"name": format!("management-{number}")},
                    "spec": {},
                    "status": {
                        "conditions": ready("Ready"),
                        "nodeInfo": {"kubeletVersion": "v1.32.5+k3s1"}
                    }
                })
            };
            list((0..3).map(node).collect())
        }
        "pods" => {
            let all: Vec<(&str, &str)> = PODS.into_iter().chain(DATABASE).collect();
            list(pods(scene, &all))
        }
        "console-workloads" => list(json!([
            workload("Deployment", "iaas-console", "iaas-api", 3),
            workload("Deployment", "iaas-console", "iaas-ui", 2),
            workload("StatefulSet", "iaas-console", "iaas-api-postgresql-ha-postgresql", 2)
        ])),
        "observability-workloads" => list(json!([
            workload("StatefulSet", "observability", "prometheus-server", 1),
            workload("StatefulSet", "observability", "storage-loki", 1),
            workload("Deployment", "observability", "grafana", 1)
        ])),
        "cluster-dns" => {
            let pods = json!({ "items": pods(scene, &PODS[..1]) });
            let service = json!({"items": [{
                "metadata": {"name": "coredns-external"},
                "spec": {"type": "LoadBalancer"},
                "status": {"loadBalancer": {"ingress": [{"ip": "10.32.0.53"}]}}
            }]});
            ok(format!("{pods}\n@next\n{service}\n@next\n10.32.0.53 yes\n"))
        }
        "database" => {
            let pods = json!({ "items": pods(scene, &DATABASE) });
            ok(format!("{pods}\n@next\nINFO: GET /users/me 200\n@next\nLOG: new connection received\n"))
        }
        "controllers" => {
            let spaces = [
                ("capi-system", "capi-controller-manager"),
                ("capi-kubeadm-bootstrap-system", "capi-kubeadm-bootstrap-controller-manager"),
                ("capi-kubeadm-control-plane-system", "capi-kubeadm-control-plane-controller-manager"),
                ("capo-system", "capo-controller-manager"),
            ];
            list(spaces.map(|(space, name)| workload("Deployment", space, name, 1)).into_iter().collect())
        }
        "clusters" => list(json!([{
            "metadata": {"namespace": "magnum-system", "name": "c1", "creationTimestamp": before(scene, 300_000)},
            "status": {"phase": "Provisioned", "conditions": ready("Ready")}
        }])),
        "machines" => list(json!([{
            "metadata": {"namespace": "magnum-system", "name": "c1-worker-abc", "creationTimestamp": before(scene, 300_000)},
            "status": {"phase": "Running", "nodeRef": {"name": "c1-worker-abc"}}
        }])),
        "worker-groups" => list(json!([workload("MachineDeployment", "magnum-system", "c1-workers", 2)])),
        "volumes" => {
            let volume = |name: &str| {
                json!({
                    "metadata": {"namespace": "observability", "name": name},
                    "spec": {"storageClassName": "csi-cinder-sc-retain"},
                    "status": {"phase": "Bound", "capacity": {"storage": "150Gi"}}
                })
            };
            list(json!([volume("prometheus-server"), volume("storage-loki-0")]))
        }
        "backups" => list(json!([{
            "metadata": {"name": "iaas-backup-29000000", "creationTimestamp": before(scene, 28_800)},
            "status": {"succeeded": 1, "completionTime": before(scene, 28_610)}
        }])),
        "releases" => ok(json!([
            {"name": "iaas-api", "namespace": "iaas-console", "revision": "4", "status": "deployed", "chart": "iaas-api-2.3.1"},
            {"name": "observability", "namespace": "observability", "revision": "2", "status": "deployed", "chart": "observability-1.8.0"}
        ])
        .to_string()),
        "dns-legacy" => ok("{}"),
        "retention" => ok(format!("--storage.tsdb.retention.time={}\n", of_inventory("prometheus_retention_period"))),
        "issuers" => list(json!([
            {"metadata": {"name": "letsencrypt-staging"}, "status": {"conditions": ready("Ready")}},
            {"metadata": {"name": "letsencrypt-prod"}, "status": {"conditions": ready("Ready")}}
        ])),
        "certificates" => {
            let end = before(scene, -86_400 * scene.world.services.certificate_days);
            let certificate = |name: &str| {
                json!({
                    "metadata": {"namespace": "iaas-console", "name": format!("{name}-tls")},
                    "spec": {
                        "issuerRef": {"name": of_inventory("iaas_console_tls_cluster_issuer")},
                        "dnsNames": [format!("{name}.harbour.example.net")]
                    },
                    "status": {"notAfter": end, "conditions": ready("Ready")}
                })
            };
            list(["console", "grafana", "loki", "prometheus"].map(certificate).into_iter().collect())
        }
        "orders" => list(json!([])),
        _ => None,
    }
}

/// An answer over HTTP as a section prints it.
fn http(name: &str, status: u16, body: &str) -> String {
    format!("@get {name}\n{body}\n@http {status}\n@curl 0\n")
}

fn vector(result: &Value) -> Option<Printed> {
    let answer = json!({"status": "success", "data": {"resultType": "vector", "result": result}});
    ok(http("query", 200, &answer.to_string()))
}

/// The console and a tenant cluster over HTTP.
fn console(scene: &Scene<'_>, section: &str) -> Option<Printed> {
    match section {
        "console-page" => ok(http("name", 200, "<!doctype html><title>IaaS UI</title>")),
        "console-api" => ok(http(
            "schema",
            200,
            r#"{"openapi":"3.1.0","info":{"title":"IaaS API"},"paths":{"/users/me":{}}}"#,
        )),
        "console-role" => ok(http(
            "role",
            200,
            r#"{"id":"u","email":"operator.one@example.net","role":"operator"}"#,
        )),
        "addon-catalogue" => ok(http(
            "catalogue",
            200,
            r#"[{"name":"jupyterhub","version":"3.3.8"},{"name":"kuberay","version":"1.1.0"}]"#,
        )),
        "addons" => {
            let addon = json!([{
                "name": "jupyterhub-x7k2",
                "addon_type": "jupyterhub",
                "status": "deployed",
                "message": null,
                "created_at": before(scene, 250_000)
            }]);
            ok(http("c1", 200, &addon.to_string()))
        }
        "tenant-releases" => list(json!([{
            "metadata": {"namespace": "iaas-addon-jupyterhub-x7k2", "name": "jupyterhub-x7k2"},
            "status": {"conditions": ready("Ready")}
        }])),
        "tenant-volumes" => list(json!([{
            "metadata": {"namespace": "iaas-addon-jupyterhub-x7k2", "name": "hub-db"}
        }])),
        "addon-errors" => vector(&json!([])),
        _ => None,
    }
}

/// What the bastion tells of registry, certificates, names, sign-on and tunnels.
fn services(scene: &Scene<'_>, asked: &Asked<'_>) -> Option<Printed> {
    let state = &scene.world.services;
    let repositories =
        || (1..=state.images).map(|number| format!("openstack.kolla/image-{number:02}"));
    let words = |name: &str| (asked.given)(name).split(' ').filter(|word| !word.is_empty());
    match asked.section {
        "registry" => ok(http(
            "registry",
            200,
            "HTTP/1.1 200 OK\nDocker-Distribution-Api-Version: registry/2.0\n\n{}",
        )),
        "registry-container" => {
            ok("registry docker.io/library/registry:2 Up 3 weeks\n41231686041\n")
        }
        "operator-tunnel" => {
            let (handshake, received) =
                if state.peer_silent { (0, 0) } else { (scene.now as i64 - 42, 123_456) };
            ok(format!(
                "operator_wg0\t-\tb1YkSVBNc2xpZ2h0LXB1YmxpYy1rZXktb2YtdGVzdHM=\t51820\toff\n\
                 operator_wg0\tZAg710kpTBGJMc8B8Pv/YPkv7WdtChGBpUXrZscbfEg=\t-\t198.51.100.7:51820\t172.24.24.0/24\t{handshake}\t{received}\t654321\t25\n"
            ))
        }
        "repositories" => {
            let all: Vec<String> = repositories().collect();
            ok(http("catalogue", 200, &json!({ "repositories": all }).to_string()))
        }
        "tags" => {
            let tag = of_inventory("registry_image_tag_kolla");
            let one = |name: String| {
                let body = json!({"name": name, "tags": [tag]});
                http(&name, 200, &body.to_string())
            };
            ok(repositories().map(one).collect::<String>())
        }
        "source-login" => ok("harbour-bot\n"),
        "source-token" => ok(http(
            "user",
            200,
            "HTTP/2 200\nx-oauth-scopes: read:packages\ngithub-authentication-token-expiration: 2099-06-30 00:00:00 UTC",
        )),
        "source-pull" => {
            ok("{\"Name\":\"ghcr.io/midokura/gpu-infra-ansible\",\"Digest\":\"sha256:6f1c\"}\n")
        }
        "certificates-seen" => {
            let end =
                jiff::Timestamp::from_second(scene.now as i64 + 86_400 * state.certificate_days)
                    .ok()?;
            let end = end.to_zoned(jiff::tz::TimeZone::UTC).strftime("%b %e %H:%M:%S %Y GMT");
            let staging = of_inventory("iaas_console_tls_cluster_issuer").contains("staging");
            let issuer = match staging {
                true => "C=US, O=(STAGING) Let's Encrypt, CN=(STAGING) Wannabe Watercress R11",
                false => "C=US, O=Let's Encrypt, CN=R11",
            };
            let one = |host: &str| format!("@host {host}\nissuer={issuer}\nnotAfter={end}\n");
            ok(words("HOSTS").map(one).collect::<String>())
        }
        "name-servers" => ok("ns1-04.azure-dns.com.\nns2-04.azure-dns.net.\n"),
        "public-records" => {
            let one = |host: &str| format!("@name {host}\n203.0.113.17\n");
            ok(words("HOSTS").map(one).collect::<String>())
        }
        "internal-record" => ok("10.32.0.24\n"),
        "levels" => {
            let one = |word: &str| format!("@name {}\n10.30.0.101\n", word.replacen('=', " ", 1));
            ok(words("LEVELS").map(one).collect::<String>())
        }
        "sign-on" => {
            let (client, console) = ((asked.given)("CLIENT"), (asked.given)("CONSOLE"));
            ok(http(
                "/api/auth/azure/login",
                302,
                &format!(
                    "HTTP/2 302\nlocation: https://login.microsoftonline.com/t/oauth2/v2.0/authorize?client_id={client}&redirect_uri=https%3A%2F%2F{console}%2Fapi%2Fauth%2Fazure%2Fcallback&state=x"
                ),
            ))
        }
        "identity-tenant" => ok(http("tenant", 200, "")),
        "path-sizes" => ok(format!("@size {} 1472 0\n", (asked.given)("FAR"))),
        _ => None,
    }
}

fn vpn(section: &str) -> Option<Printed> {
    const TENANT: &str = "56aa0c1d2e3f4a5b8c7d6e5f4a3b2c1d";
    match section {
        "vpn-servers" => ok(json!([{
            "ID": "0b7c",
            "Name": "vpn-server",
            "Status": "ACTIVE",
            "Networks": {"vpn_public_network": ["10.30.26.160", "203.0.113.109"]}
        }])
        .to_string()),
        "vpn-agents" => ok("@server 203.0.113.109 0\nactive\nenv\n"),
        "vpn-keys" => {
            let keys = json!([{"Name": format!("vpn-private-key-{TENANT}"), "Status": "ACTIVE"}]);
            ok(format!("{keys}\n@tenant {TENANT} 0\n"))
        }
        _ => None,
    }
}

/// Grafana, Prometheus and Loki.
fn observing(section: &str) -> Option<Printed> {
    let one = |value: &str| vector(&json!([{"metric": {}, "value": [0, value]}]));
    match section {
        "grafana" => {
            ok(http("health", 200, r#"{"database":"ok","version":"11.6.0","commit":"abc"}"#))
        }
        "alerts" => ok(http("rules", 200, r#"{"status":"success","data":{"groups":[]}}"#)),
        "contact-points" => {
            let points = r#"[{"name":"operators","type":"email","settings":{"addresses":"ops@example.net"}}]"#;
            ok(http("contact-points", 200, points)
                + &http("policies", 200, r#"{"receiver":"operators"}"#))
        }
        "prometheus" => {
            let target = |job: &str| json!({"labels": {"job": job, "instance": job}, "health": "up", "lastError": ""});
            let jobs = ["node", "ipmi", "snmp-if", "openstack", "libvirt", "kube-state-metrics"];
            let targets: Vec<Value> = jobs.into_iter().map(target).collect();
            let body = json!({"status": "success", "data": {"activeTargets": targets}});
            ok(http("ready", 200, "Prometheus Server is Ready.")
                + &http("targets", 200, &body.to_string()))
        }
        "loki" => ok(http("ready", 200, "ready")
            + &http(
                "labels",
                200,
                r#"{"status":"success","data":["job","level","service_name"]}"#,
            )),
        "temperatures" | "fans" | "voltages" => one("100"),
        "chassis" => vector(&json!([{
            "metric": {"__name__": "ipmi_chassis_power_state", "device_host": "gpu-01"},
            "value": [0, "1"]
        }])),
        "ipmi-down" | "snmp-down" | "reconciliation" => vector(&json!([])),
        _ => None,
    }
}

/// A server that uses its GPUs itself.
fn gpu(section: &str) -> Option<Printed> {
    match section {
        "gpu-devices" => {
            let line =
                |index: u32| format!("{index}, NVIDIA H100 80GB HBM3, 81559, 570.124.06, 31, 0\n");
            ok((0..8).map(line).collect::<String>())
        }
        "gpu-framework" => ok("True 8\n"),
        "gpu-rdma" => ok("OK: 10  WARN: 0  FAIL: 0\n"),
        "gpu-direct" => ok("OK: 8  WARN: 0  FAIL: 0\n"),
        "gpu-traffic-class" => ok("104\nactive\nexport NCCL_IB_TC=104\n"),
        _ => None,
    }
}

/// A plain value of the inventory.
fn of_inventory(name: &str) -> &'static str {
    let line = INVENTORY.lines().map(str::trim);
    let value = line.filter_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).next();
    let value = value.unwrap_or_default();
    value.split(" #").next().unwrap_or(value).trim().trim_matches('"')
}

/// The public keys of the operators' peers, as the inventory has them.
fn operators() -> impl Iterator<Item = String> {
    let mut is_operator = false;
    INVENTORY.lines().map(str::trim).filter_map(move |line| {
        if let Some(interface) = line.strip_prefix("interface: ") {
            is_operator = interface.trim() == "operator_wg0";
        }
        let key = line.strip_prefix("public_key: ").filter(|_| is_operator)?;
        Some(key.trim().trim_matches('"').to_owned())
    })
}
