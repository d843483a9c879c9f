//! Keys of the platform layer: the management cluster, the console and the
//! tenant clusters, as `kubectl` and the console's API tell them.

use crate::domain::fact::Table;
use crate::domain::keys::{LayerKeys, ProbeInfo, Word};
use crate::domain::{Age, Unit};

/// What is asked of the management cluster every tick.
pub const LOOK: ProbeInfo =
    ProbeInfo { name: "platform.look", every: Age::seconds(60), source: "kubectl" };

/// What is asked of the management cluster every few minutes.
pub const SURVEY: ProbeInfo =
    ProbeInfo { name: "platform.survey", every: Age::seconds(300), source: "kubectl" };

/// What this file declares.
pub const LAYER: LayerKeys =
    LayerKeys { blocks: &[ALL, survey::ALL, console::ALL], with_clock: &[], readings: &[] };

crate::keys! { LOOK;
    NODES: Table = "platform.nodes", Unit::Count, [], "nodes of the management cluster: name, ready, unschedulable, version, message", "kubectl get nodes -o json";
    PODS: f64 = "platform.pods", Unit::Count, [], "number of pods of the management cluster", "kubectl get pods -A -o json";
    PODS_FAILED: f64 = "platform.pods_failed", Unit::Count, [], "number of pods in the phase Failed", "kubectl get pods -A -o json";
    PODS_ODD: Table = "platform.pods_odd", Unit::Count, [], "pods that are not simply running or succeeded: namespace, name, phase, ready, wanted, reason, message, restarts, restarted, created", "kubectl get pods -A -o json";
    CONSOLE_WORKLOADS: Table = "platform.console_workloads", Unit::Count, [], "workloads of the console: kind, namespace, name, wanted, ready", "kubectl get deploy,sts,cronjob -n iaas-console -o json";
    OBSERVABILITY_WORKLOADS: Table = "platform.observability_workloads", Unit::Count, [], "workloads of the observability stack: kind, namespace, name, wanted, ready", "kubectl get deploy,sts -n observability, phoenix-observability -o json";
    DNS_PODS: Table = "platform.dns_pods", Unit::Count, [], "pods of the cluster's resolver: name, phase, ready, wanted", "kubectl get pods -n kube-system -l k8s-app=kube-dns -o json";
    DNS_SERVICES: Table = "platform.dns_services", Unit::Count, [], "resolver services with an outside address: name, address, answers", "kubectl get svc -A -o json, dig";
    DATABASE_PODS: Table = "platform.database_pods", Unit::Count, [], "pods of the console's database and its pooler: name, component, phase, ready, wanted", "kubectl get pods -n iaas-console -l app.kubernetes.io/component -o json";
    DATABASE_ERRORS: Vec<String> = "platform.database_errors", Unit::Count, [], "lines about lost database connections in the log of the API", "kubectl logs -n iaas-console deploy/iaas-api";
    POOLER_ERRORS: Vec<String> = "platform.pooler_errors", Unit::Count, [], "lines of the pooler's log about a kind that does not match", "kubectl logs -n iaas-console of pgpool";
    CONTROLLERS: Table = "platform.controllers", Unit::Count, [], "controllers of Cluster API: namespace, name, ready", "kubectl get deploy -A -o json";
    CLUSTERS: Table = "platform.clusters", Unit::Count, [], "tenant clusters: namespace, name, phase, created, message", "kubectl get clusters.cluster.x-k8s.io -A -o json";
    MACHINES: Table = "platform.machines", Unit::Count, [], "machines of tenant clusters: namespace, name, phase, created, message", "kubectl get machines.cluster.x-k8s.io -A -o json";
    WORKER_GROUPS: Table = "platform.worker_groups", Unit::Count, [], "worker groups: kind, namespace, name, wanted, ready, since", "kubectl get machinedeployments.cluster.x-k8s.io,machinesets.cluster.x-k8s.io -A -o json";
}

/// What is asked every few minutes.
pub mod survey {
    use super::Table;
    use crate::domain::Unit;

    crate::keys! { super::SURVEY;
        VOLUMES: Table = "platform.volumes", Unit::Count, [], "volume claims: namespace, name, class, phase, capacity", "kubectl get pvc -A -o json";
        BACKUPS: Table = "platform.backups", Unit::Count, [], "runs of the database backup: name, created, succeeded, failed, completed", "kubectl get jobs -n iaas-console -l component=backup -o json";
        RELEASES: Table = "platform.releases", Unit::Count, [], "releases that Helm knows: namespace, name, status, updated, chart", "helm list -A -o json";
        DNS_LEGACY: Vec<String> = "platform.dns_legacy", Unit::Count, [], "keys of the custom resolver configuration", "kubectl get configmap coredns-custom -n kube-system -o jsonpath='{.data}'";
        RETENTION: Vec<String> = "platform.retention", Unit::Count, [], "retention times that Prometheus was started with", "kubectl get deploy,sts -A -o json";
    }
}

/// What the console says over HTTP.
pub mod console {
    use super::{Table, Word};
    use crate::domain::keys::ProbeInfo;
    use crate::domain::{Age, Unit};

    /// What is asked of the console every tick.
    pub const LOOK: ProbeInfo =
        ProbeInfo { name: "console.look", every: Age::seconds(60), source: "http" };

    crate::keys! { LOOK;
        PAGE: Word = "console.page", Unit::Count, ["name", "address", "none"], "how the front page was reached: by its name, only by the public address, not at all", "curl https://CONSOLE";
        PAGE_TITLE: String = "console.page_title", Unit::Count, [], "title of the front page", "curl https://CONSOLE";
        PAGE_SAID: String = "console.page_said", Unit::Count, [], "what the client says about the front page that it did not get", "curl https://CONSOLE";
        API_STATUS: f64 = "console.api_status", Unit::Count, [], "HTTP status of the API's schema; 0 without a connection", "curl https://CONSOLE/api/openapi.json";
        API_SAID: String = "console.api_said", Unit::Count, [], "what came for the API's schema: its version, or the first words of something else", "curl https://CONSOLE/api/openapi.json";
        ROLE_STATUS: f64 = "console.role_status", Unit::Count, [], "HTTP status of who the operator token is", "curl $API/users/me";
        ROLE: String = "console.role", Unit::Count, [], "role of the operator token", "curl $API/users/me";
        CATALOGUE_STATUS: f64 = "console.catalogue_status", Unit::Count, [], "HTTP status of the catalogue of add-ons", "curl $API/addons/catalog";
        CATALOGUE: Table = "console.catalogue", Unit::Count, [], "add-ons of the catalogue: name, version", "curl $API/addons/catalog";
        ADDONS: Table = "console.addons", Unit::Count, [], "add-ons of tenant clusters: cluster, name, type, status, message, created", "curl $API/clusters/CLUSTER_ID/addons";
        TENANT_RELEASES: Table = "console.tenant_releases", Unit::Count, [], "add-on releases on the tenant cluster: namespace, name, ready, message", "kubectl get helmrelease -A -o json";
        TENANT_VOLUMES: Table = "console.tenant_volumes", Unit::Count, [], "volume claims of add-ons on the tenant cluster: namespace, name", "kubectl get pvc -A -o json";
        ADDON_ERRORS: Table = "console.addon_errors", Unit::Count, [], "errors of the add-on API in the last 15 minutes: type, value", "sum by (error_type) (increase(iaas_addon_api_errors_total[15m]))";
    }
}
