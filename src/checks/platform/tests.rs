//! Samples of the management cluster, the console, tenant clusters and add-ons.

use serde_json::{Value, json};

use crate::checks::test_samples::{Sample, http, no_http, raw, sample};
use crate::domain::Verdict::{Fail, NotYet, Pass, Unknown, Warn};

fn list(items: Value) -> String {
    json!({ "items": items }).to_string()
}

fn pod(name: &str, phase: &str, status: Value) -> Value {
    let mut pod = json!({
        "metadata": {"namespace": "iaas-console", "name": name, "creationTimestamp": "2027-01-10T09:00:00Z"},
        "spec": {"containers": [{}]},
        "status": {"phase": phase}
    });
    if let (Some(own), Value::Object(more)) = (pod["status"].as_object_mut(), status) {
        own.extend(more);
    }
    pod
}

fn waiting(reason: &str) -> Value {
    json!({"containerStatuses": [{"ready": false, "restartCount": 3, "state": {"waiting": {"reason": reason, "message": "x"}}}]})
}

fn replicas(name: &str, wanted: i64, ready: i64) -> Value {
    json!({"kind": "Deployment", "metadata": {"namespace": "n", "name": name}, "spec": {"replicas": wanted}, "status": {"readyReplicas": ready}})
}

fn phase(phase: &str, created: &str) -> String {
    list(
        json!([{"metadata": {"namespace": "n", "name": "c1", "creationTimestamp": created}, "status": {"phase": phase}}]),
    )
}

fn dns(ready: bool, address: &str, asked: &str) -> String {
    let pod = json!({"metadata": {"name": "coredns-1"}, "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": if ready { "True" } else { "False" }}]}});
    format!("{}\n@next\n{address}\n@next\n{asked}", list(json!([pod])))
}

fn database(names: &[&str], api: &str, pooler: &str) -> String {
    let pods: Vec<Value> = names
        .iter()
        .map(|name| json!({"metadata": {"name": name}, "status": {"phase": "Running"}}))
        .collect();
    format!("{}\n@next\n{api}\n@next\n{pooler}", list(json!(pods)))
}

fn job(created: &str, status: Value) -> Value {
    json!({"metadata": {"name": "iaas-backup-1", "creationTimestamp": created}, "status": status})
}

fn release(status: &str, updated: &str) -> String {
    json!([{"name": "iaas-api", "namespace": "iaas-console", "status": status, "updated": updated, "chart": "iaas-api-2.3.1"}]).to_string()
}

fn workers(kind: &str, ready: i64, since: &str) -> String {
    list(
        json!([{"kind": kind, "metadata": {"name": "w", "creationTimestamp": since}, "spec": {"replicas": 2}, "status": {"readyReplicas": ready}}]),
    )
}

fn addon(status: &str, created: &str) -> String {
    let body = json!([{"name": "jupyterhub-x7k2", "addon_type": "jupyterhub", "status": status, "message": null, "created_at": created}]);
    http("c1", 200, &body.to_string())
}

pub(crate) fn samples() -> Vec<Sample> {
    let mut all = cluster();
    all.extend(workloads());
    all.extend(capi());
    all.extend(console());
    all
}

fn cluster() -> Vec<Sample> {
    let node = |ready: &str, more: Value| {
        list(
            json!([{"metadata": {"name": "management-0"}, "spec": more, "status": {"conditions": [{"type": "Ready", "status": ready}]}}]),
        )
    };
    let volume = |phase: &str| {
        list(
            json!([{"metadata": {"namespace": "n", "name": "v"}, "spec": {}, "status": {"phase": phase}}]),
        )
    };
    let restarted = json!({"containerStatuses": [{"ready": true, "restartCount": 1, "lastState": {"terminated": {"finishedAt": "2027-01-10T09:55:00Z"}}}]});
    let failed = json!([
        pod("a", "Failed", json!({})),
        pod("b", "Succeeded", json!({})),
        pod("c", "Running", json!({"containerStatuses": [{"ready": true}]}))
    ]);
    let run =
        json!([pod("a", "Running", json!({"conditions": [{"type": "Ready", "status": "True"}]}))]);
    let jq = raw("MGMT-05");
    vec![
        sample("MGMT-01", Pass, [("nodes", raw("MGMT-01"))]),
        sample("MGMT-01", Warn, [("nodes", node("True", json!({"unschedulable": true})))]),
        sample("MGMT-01", Fail, [("nodes", node("False", json!({})))]),
        sample("MGMT-01", Fail, [("nodes", list(json!([])))]),
        sample("MGMT-01", Unknown, [("nodes", "No resources found")]),
        sample("MGMT-01", Unknown, [("nodes", "")]).ending(77),
        sample("MGMT-02", Pass, [("pods", list(run))]),
        sample("MGMT-02", Warn, [("pods", list(json!([pod("a", "Running", restarted)])))]),
        sample("MGMT-02", Warn, [("pods", list(failed))]),
        sample("MGMT-02", Pass, [("pods", raw("MGMT-02"))]),
        sample(
            "MGMT-02",
            Fail,
            [("pods", list(json!([pod("a", "Pending", waiting("ImagePullBackOff"))])))],
        ),
        sample("MGMT-02", Fail, [("pods", list(json!([pod("a", "Pending", json!({}))])))]),
        sample("MGMT-05", Pass, [("cluster-dns", dns(true, &jq, "10.32.0.53 yes"))]),
        sample("MGMT-05", Fail, [("cluster-dns", dns(true, &jq, "10.32.0.53 no"))]),
        sample("MGMT-05", Fail, [("cluster-dns", dns(false, &jq, "10.32.0.53 yes"))]),
        sample("MGMT-05", Fail, [("cluster-dns", dns(true, "[]", ""))]),
        sample("MGMT-05", Unknown, [("cluster-dns", dns(true, &jq, ""))]),
        sample("MGMT-06", Pass, [("volumes", raw("MGMT-06"))]),
        sample("MGMT-06", Fail, [("volumes", volume("Pending"))]),
        sample("MGMT-06", Fail, [("volumes", volume("Lost"))]),
        sample("MGMT-06", NotYet, [("volumes", list(json!([])))]),
        sample("MGMT-12", Pass, [("releases", raw("MGMT-12"))]),
        sample(
            "MGMT-12",
            Warn,
            [("releases", release("pending-upgrade", "2027-01-10 09:50:00.1 +0000 UTC"))],
        ),
        sample(
            "MGMT-12",
            Fail,
            [("releases", release("pending-upgrade", "2027-01-10 09:00:00.1 +0000 UTC"))],
        ),
        sample(
            "MGMT-12",
            Fail,
            [("releases", release("failed", "2027-01-10 09:50:00.1 +0000 UTC"))],
        ),
        sample("MGMT-13", Pass, [("dns-legacy", raw("MGMT-13"))]),
        sample("MGMT-13", Pass, [("dns-legacy", "")]),
        sample("MGMT-13", Fail, [("dns-legacy", r#"{"custom.server":"x","other":"y"}"#)]),
    ]
}

fn workloads() -> Vec<Sample> {
    let two = [
        "iaas-api-postgresql-ha-postgresql-0",
        "iaas-api-postgresql-ha-postgresql-1",
        "iaas-api-postgresql-ha-pgpool-0",
    ];
    let confused =
        "ERROR: unable to read message kind: kind does not match between main(0) slot[0] (45)";
    let done = json!({"succeeded": 1, "completionTime": "2027-01-09T02:03:10Z"});
    let old = json!({"succeeded": 1, "completionTime": "2027-01-07T02:03:10Z"});
    vec![
        sample("MGMT-03", Pass, [("console-workloads", raw("MGMT-03"))]),
        sample("MGMT-03", Fail, [("console-workloads", list(json!([replicas("iaas-api", 3, 2)])))]),
        sample("MGMT-03", Fail, [("console-workloads", list(json!([replicas("iaas-api", 1, 1)])))]),
        sample("MGMT-03", Fail, [("console-workloads", list(json!([])))]),
        sample(
            "MGMT-04",
            Pass,
            [("observability-workloads", format!("{}\n{}", list(json!([])), raw("MGMT-04")))],
        ),
        sample(
            "MGMT-04",
            Fail,
            [("observability-workloads", list(json!([replicas("loki", 1, 0)])))],
        ),
        sample(
            "MGMT-04",
            Fail,
            [("observability-workloads", format!("{}{}", list(json!([])), list(json!([]))))],
        ),
        sample("MGMT-07", Pass, [("database", database(&two, "ok", ""))]),
        sample("MGMT-07", Fail, [("database", database(&two, "ok", confused))]),
        sample("MGMT-07", Fail, [("database", database(&two[1..], "ok", ""))]),
        sample("MGMT-07", Fail, [("database", database(&two, "could not connect to server", ""))]),
        // The record's sample has the pooler alone.
        sample("MGMT-07", Fail, [("database", format!("{}\n@next\n\n@next\n", raw("MGMT-07")))]),
        sample("MGMT-08", Pass, [("backups", raw("MGMT-08"))]),
        sample(
            "MGMT-08",
            Warn,
            [("backups", list(json!([job("2027-01-09T02:00:00Z", done.clone())])))],
        ),
        sample("MGMT-08", Fail, [("backups", list(json!([job("2027-01-07T02:00:00Z", old)])))]),
        sample(
            "MGMT-08",
            Fail,
            [(
                "backups",
                list(json!([
                    job("2027-01-09T02:00:00Z", done),
                    job("2027-01-10T02:00:00Z", json!({"failed": 1}))
                ])),
            )],
        ),
        sample("MGMT-08", Fail, [("backups", list(json!([])))]),
    ]
}

fn capi() -> Vec<Sample> {
    let controller = |name: &str, ready: i64| json!({"ns": name, "n": "controller", "r": ready});
    let four = [
        "capi-system",
        "capi-kubeadm-bootstrap-system",
        "capi-kubeadm-control-plane-system",
        "capo-system",
    ];
    let all: Vec<Value> = four.iter().map(|name| controller(name, 1)).collect();
    let mut one = all.clone();
    one[3] = controller("capo-system", 0);
    let (now, long) = ("2027-01-10T09:58:00Z", "2027-01-10T09:00:00Z");
    vec![
        sample("CAPI-01", Pass, [("controllers", json!(all).to_string())]),
        sample("CAPI-01", Fail, [("controllers", json!(one).to_string())]),
        sample("CAPI-01", Fail, [("controllers", raw("CAPI-01"))]),
        sample("CAPI-02", Pass, [("clusters", raw("CAPI-02"))]),
        sample("CAPI-02", Warn, [("clusters", phase("Provisioning", now))]),
        sample("CAPI-02", Warn, [("clusters", phase("Deleting", long))]),
        sample("CAPI-02", Fail, [("clusters", phase("Failed", now))]),
        sample("CAPI-02", Fail, [("clusters", phase("Pending", long))]),
        sample("CAPI-02", NotYet, [("clusters", list(json!([])))]),
        sample("CAPI-03", Pass, [("machines", raw("CAPI-03"))]),
        sample("CAPI-03", Warn, [("machines", phase("Provisioning", now))]),
        sample("CAPI-03", Fail, [("machines", phase("Failed", now))]),
        sample("CAPI-03", Fail, [("machines", phase("Provisioning", long))]),
        sample("CAPI-04", Pass, [("worker-groups", raw("CAPI-04"))]),
        sample("CAPI-04", Warn, [("worker-groups", workers("MachineDeployment", 1, now))]),
        sample(
            "CAPI-04",
            Fail,
            [("worker-groups", workers("MachineDeployment", 1, "2027-01-10T09:50:00Z"))],
        ),
        sample(
            "CAPI-04",
            Warn,
            [("worker-groups", workers("MachineSet", 1, "2027-01-10T09:50:00Z"))],
        ),
        sample("CAPI-04", Fail, [("worker-groups", workers("MachineSet", 0, long))]),
    ]
}

fn console() -> Vec<Sample> {
    let page = |name: &str| http(name, 200, &raw("MGMT-09"));
    let errors = |value: &str| {
        http("errors", 200, &json!({"status": "success", "data": {"resultType": "vector", "result": [{"metric": {"error_type": "k8s-api-error"}, "value": [0, value]}]}}).to_string())
    };
    let helm = |ready: &str| {
        list(
            json!([{"metadata": {"namespace": "n", "name": "r"}, "status": {"conditions": [{"type": "Ready", "status": ready, "message": "install failed"}]}}]),
        )
    };
    let left =
        list(json!([{"metadata": {"namespace": "iaas-addon-jupyterhub-x7k2", "name": "v"}}]));
    let (now, long) = ("2027-01-10T09:58:00Z", "2027-01-10T09:00:00Z");
    vec![
        sample("MGMT-09", Pass, [("console-page", page("name"))]),
        sample("MGMT-09", Warn, [("console-page", no_http("name", 6) + &page("address"))]),
        sample("MGMT-09", Fail, [("console-page", no_http("name", 28) + &no_http("address", 28))]),
        sample(
            "MGMT-09",
            Fail,
            [("console-page", http("name", 200, "<title>Welcome to nginx</title>"))],
        ),
        sample("MGMT-10", Pass, [("console-api", http("schema", 200, &raw("MGMT-10")))]),
        sample("MGMT-10", Fail, [("console-api", http("schema", 502, "Bad Gateway"))]),
        sample("MGMT-10", Fail, [("console-api", http("schema", 200, "<html>"))]),
        sample("MGMT-11", Pass, [("console-role", http("role", 200, &raw("MGMT-11")))]),
        sample("MGMT-11", Fail, [("console-role", http("role", 401, ""))]),
        sample("MGMT-11", Fail, [("console-role", http("role", 200, r#"{"role":"user"}"#))]),
        sample("MGMT-11", Unknown, [("console-role", "")]).ending(77),
        sample("ADD-01", Pass, [("addon-catalogue", http("catalogue", 200, &raw("ADD-01")))]),
        sample("ADD-01", Fail, [("addon-catalogue", http("catalogue", 200, "[]"))]),
        sample("ADD-01", Fail, [("addon-catalogue", http("catalogue", 500, ""))]),
        sample("ADD-02", Pass, [("addons", http("c1", 200, &raw("ADD-02")))]),
        sample("ADD-02", Warn, [("addons", addon("pending-install", now))]),
        sample("ADD-02", Fail, [("addons", addon("pending-install", long))]),
        sample("ADD-02", Fail, [("addons", addon("failed", now))]),
        sample("ADD-03", Pass, [("tenant-releases", raw("ADD-03"))]),
        sample("ADD-03", Fail, [("tenant-releases", helm("False"))]),
        sample("ADD-04", Pass, [("addon-errors", raw("ADD-04"))]),
        sample("ADD-04", Warn, [("addon-errors", errors("2"))]),
        sample("ADD-05", Pass, [("addons", String::new()), ("tenant-volumes", raw("ADD-05"))]),
        sample(
            "ADD-05",
            Pass,
            [("addons", addon("deployed", long)), ("tenant-volumes", left.clone())],
        ),
        sample("ADD-05", Fail, [("addons", String::new()), ("tenant-volumes", left)]),
    ]
}
