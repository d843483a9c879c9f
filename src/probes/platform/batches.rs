//! The scripts of this layer.

use std::time::Duration;

use super::fetching::{http, promql, token};
use super::{console as page, kubernetes};
use crate::domain::keys::platform as keys;
use crate::domain::keys::platform::{console, survey};
use crate::domain::keys::services::issuers;
use crate::domain::{Layer, Site, System, Target, wanted};
use crate::probes::ProbeSpec;
use crate::probes::documented::{About, Batch, Given, Place, Section};

/// Every script.
pub(crate) const BATCHES: &[&Batch] = &[&LOOK, &SURVEY, &CONSOLE];

/// The console's name and addresses, and Prometheus.
fn given(site: &Site, _: &Target) -> Vec<Given> {
    let said = |name: &'static str, key: &str| Given::new(name, site.wanted.get(key).cloned());
    let address = [wanted::INGRESS_ADDRESS, wanted::PUBLIC_ADDRESS];
    let address = address.into_iter().find_map(|key| site.wanted.get(key).cloned());
    vec![
        said("CONSOLE", wanted::CONSOLE_NAME),
        Given::new("PUBLIC", address),
        said("PROMETHEUS", wanted::PROMETHEUS_URL),
    ]
}

/// What the management cluster is asked every tick.
static LOOK: Batch = Batch {
    spec: ProbeSpec {
        info: &keys::LOOK,
        layer: Layer::Platform,
        title: "nodes, pods, workloads, tenant clusters: kubectl",
        every_in_view: Duration::from_secs(20),
        timeout: Duration::from_secs(90),
    },
    place: Place::Mc,
    about: About::Api(System::Management),
    command_s: 15,
    given,
    sections: LOOK_SECTIONS,
};

const LOOK_SECTIONS: &[Section] = &[
    Section {
        name: "nodes",
        program: "kubectl",
        script: "k get nodes -o json",
        needs: &[],
        keys: &[keys::NODES.info],
        read: kubernetes::nodes,
    },
    Section {
        name: "pods",
        program: "kubectl",
        script: "k get pods -A -o json",
        needs: &[],
        keys: &[keys::PODS.info, keys::PODS_FAILED.info, keys::PODS_ODD.info],
        read: kubernetes::pods,
    },
    Section {
        name: "console-workloads",
        program: "kubectl",
        script: "k get deploy,sts,cronjob -n iaas-console -o json",
        needs: &[],
        keys: &[keys::CONSOLE_WORKLOADS.info],
        read: kubernetes::console_workloads,
    },
    Section {
        name: "observability-workloads",
        program: "kubectl",
        script: include_str!("../../../assets/probes/platform/observability-workloads.sh"),
        needs: &[],
        keys: &[keys::OBSERVABILITY_WORKLOADS.info],
        read: kubernetes::observability_workloads,
    },
    Section {
        name: "cluster-dns",
        program: "kubectl",
        script: include_str!("../../../assets/probes/platform/cluster-dns.sh"),
        needs: &[],
        keys: &[keys::DNS_PODS.info, keys::DNS_SERVICES.info],
        read: kubernetes::cluster_dns,
    },
    Section {
        name: "database",
        program: "kubectl",
        script: include_str!("../../../assets/probes/platform/database.sh"),
        needs: &[],
        keys: &[keys::DATABASE_PODS.info, keys::DATABASE_ERRORS.info, keys::POOLER_ERRORS.info],
        read: kubernetes::database,
    },
    Section {
        name: "controllers",
        program: "kubectl",
        script: "k get deploy -A -o json",
        needs: &[],
        keys: &[keys::CONTROLLERS.info],
        read: kubernetes::controllers,
    },
    Section {
        name: "clusters",
        program: "kubectl",
        script: "k get clusters.cluster.x-k8s.io -A -o json",
        needs: &[],
        keys: &[keys::CLUSTERS.info],
        read: kubernetes::clusters,
    },
    Section {
        name: "machines",
        program: "kubectl",
        script: "k get machines.cluster.x-k8s.io -A -o json",
        needs: &[],
        keys: &[keys::MACHINES.info],
        read: kubernetes::machines,
    },
    Section {
        name: "worker-groups",
        program: "kubectl",
        script: "k get machinedeployments.cluster.x-k8s.io,machinesets.cluster.x-k8s.io -A -o json",
        needs: &[],
        keys: &[keys::WORKER_GROUPS.info],
        read: kubernetes::worker_groups,
    },
];

/// What it is asked every few minutes.
static SURVEY: Batch = Batch {
    spec: ProbeSpec {
        info: &keys::SURVEY,
        layer: Layer::Platform,
        title: "volumes, backups, releases, certificates: kubectl and helm",
        every_in_view: Duration::from_secs(120),
        timeout: Duration::from_secs(90),
    },
    place: Place::Mc,
    about: About::Api(System::Management),
    command_s: 15,
    given,
    sections: SURVEY_SECTIONS,
};

const SURVEY_SECTIONS: &[Section] = &[
    Section {
        name: "volumes",
        program: "kubectl",
        script: "k get pvc -A -o json",
        needs: &[],
        keys: &[survey::VOLUMES.info],
        read: kubernetes::volumes,
    },
    Section {
        name: "backups",
        program: "kubectl",
        script: "k get jobs -n iaas-console -l component=backup --sort-by=.metadata.creationTimestamp -o json",
        needs: &[],
        keys: &[survey::BACKUPS.info],
        read: kubernetes::backups,
    },
    Section {
        name: "releases",
        program: "helm",
        script: include_str!("../../../assets/probes/platform/releases.sh"),
        needs: &[],
        keys: &[survey::RELEASES.info],
        read: kubernetes::releases,
    },
    Section {
        name: "dns-legacy",
        program: "kubectl",
        script: "k get configmap coredns-custom -n kube-system -o jsonpath='{.data}'",
        needs: &[],
        keys: &[survey::DNS_LEGACY.info],
        read: kubernetes::dns_legacy,
    },
    Section {
        name: "retention",
        program: "kubectl",
        script: include_str!("../../../assets/probes/platform/retention.sh"),
        needs: &[],
        keys: &[survey::RETENTION.info],
        read: kubernetes::retention,
    },
    Section {
        name: "issuers",
        program: "kubectl",
        script: "k get clusterissuers -o json",
        needs: &[],
        keys: &[issuers::ISSUERS.info],
        read: kubernetes::all_issuers,
    },
    Section {
        name: "certificates",
        program: "kubectl",
        script: "k get certificates -A -o json",
        needs: &[],
        keys: &[issuers::CERTIFICATES.info],
        read: kubernetes::certificates,
    },
    Section {
        name: "orders",
        program: "kubectl",
        script: "k get orders,challenges -A -o json",
        needs: &[],
        keys: &[issuers::ORDERS.info],
        read: kubernetes::orders,
    },
];

/// What the console and a tenant cluster are asked from the bastion.
static CONSOLE: Batch = Batch {
    spec: ProbeSpec {
        info: &console::LOOK,
        layer: Layer::Platform,
        title: "page and API of the console: curl",
        every_in_view: Duration::from_secs(20),
        timeout: Duration::from_secs(90),
    },
    place: Place::B0,
    about: About::Api(System::Management),
    command_s: 10,
    given,
    sections: CONSOLE_SECTIONS,
};

const CONSOLE_SECTIONS: &[Section] = &[
    Section {
        name: "console-page",
        program: "curl",
        script: include_str!("../../../assets/probes/platform/console-page.sh"),
        needs: &["CONSOLE"],
        keys: &[console::PAGE.info, console::PAGE_TITLE.info, console::PAGE_SAID.info],
        read: page::page,
    },
    Section {
        name: "console-api",
        program: "curl",
        script: http!("get schema -k \"https://$CONSOLE/api/openapi.json\""),
        needs: &["CONSOLE"],
        keys: &[console::API_STATUS.info, console::API_SAID.info],
        read: page::api,
    },
    Section {
        name: "console-role",
        program: "curl",
        script: token!("token_get role \"https://$CONSOLE/api/users/me\""),
        needs: &["CONSOLE"],
        keys: &[console::ROLE_STATUS.info, console::ROLE.info],
        read: page::role,
    },
    Section {
        name: "addon-catalogue",
        program: "curl",
        script: token!("token_get catalogue \"https://$CONSOLE/api/addons/catalog\""),
        needs: &["CONSOLE"],
        keys: &[console::CATALOGUE_STATUS.info, console::CATALOGUE.info],
        read: page::catalogue,
    },
    Section {
        name: "addons",
        program: "curl",
        script: include_str!("../../../assets/probes/platform/addons.sh"),
        needs: &["CONSOLE"],
        keys: &[console::ADDONS.info],
        read: page::addons,
    },
    Section {
        name: "tenant-releases",
        program: "kubectl",
        script: include_str!("../../../assets/probes/platform/tenant-releases.sh"),
        needs: &[],
        keys: &[console::TENANT_RELEASES.info],
        read: page::tenant_releases,
    },
    Section {
        name: "tenant-volumes",
        program: "kubectl",
        script: include_str!("../../../assets/probes/platform/tenant-volumes.sh"),
        needs: &[],
        keys: &[console::TENANT_VOLUMES.info],
        read: page::tenant_volumes,
    },
    Section {
        name: "addon-errors",
        program: "curl",
        script: promql!(
            "errors",
            "sum by (error_type) (increase(iaas_addon_api_errors_total[15m]))"
        ),
        needs: &["PROMETHEUS"],
        keys: &[console::ADDON_ERRORS.info],
        read: page::addon_errors,
    },
];
