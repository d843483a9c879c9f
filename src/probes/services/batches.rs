//! The scripts of this layer.

use std::time::Duration;

use super::sections::*;
use crate::domain::keys::gpu;
use crate::domain::keys::services as keys;
use crate::domain::keys::services::{clients, peers, vpn};
use crate::domain::{Layer, Role, Site, System, Target, wanted};
use crate::probes::ProbeSpec;
use crate::probes::documented::{About, Batch, Given, Place};

/// Every script.
pub(crate) const BATCHES: &[&Batch] =
    &[&LOOK, &SURVEY, &BASTION_CLIENT, &CONTROL_CLIENT, &PEERS, &VPN, &GPU];

/// Names, addresses and URLs of the site's services.
fn given(site: &Site, target: &Target) -> Vec<Given> {
    let value = |key: &str| site.wanted.get(key).cloned();
    let said = |name: &'static str, key: &str| Given::new(name, value(key));
    let registry = value(wanted::REGISTRY_URL);
    let at = registry.as_deref().and_then(|url| url.split_once("://")).map(|(_, at)| at.to_owned());
    let urls = [wanted::GRAFANA_URL, wanted::LOKI_URL, wanted::PROMETHEUS_URL];
    let hosts = urls.into_iter().filter_map(value);
    let hosts = hosts.filter_map(|url| url.strip_prefix("https://").map(str::to_owned));
    let hosts: Vec<String> = value(wanted::CONSOLE_NAME).into_iter().chain(hosts).collect();
    let of_role = |role: Role| site.targets.iter().find(|target| target.is(role));
    let address = |role: Role| of_role(role)?.wanted.get(wanted::ADDRESS).cloned();
    let control = of_role(Role::Control).map(|control| control.name.clone());
    let levels = value(wanted::CLUSTER_NAME).map(|cluster| {
        let host = control.clone().map(|name| format!("hosts={name}.{cluster}"));
        let instance = format!("instances=vpn-server.ost.{cluster}");
        let service = format!("services=iaas-api.iaas.{cluster}");
        host.into_iter().chain([instance, service]).collect::<Vec<_>>()
    });
    let gpus =
        value(wanted::GPU_SERVERS).filter(|named| named.split(' ').any(|name| name == target.name));
    let namespace = value(wanted::REGISTRY_NAMESPACE);
    let namespace = namespace.unwrap_or_else(|| wanted::USUAL_REGISTRY_NAMESPACE.to_owned());
    vec![
        Given::new("REGISTRY", registry),
        Given::new("REGISTRY_AT", at),
        Given::new("NAMESPACE", [namespace]),
        Given::new("HOSTS", hosts),
        said("DOMAIN", wanted::PUBLIC_DOMAIN),
        said("CONSOLE", wanted::CONSOLE_NAME),
        said("CLIENT", wanted::SIGN_ON_CLIENT),
        said("TENANT", wanted::SIGN_ON_TENANT),
        Given::new("ROUTER", address(Role::RouterVm)),
        Given::new("FAR", control),
        Given::new("LEVELS", levels.unwrap_or_default()),
        Given::new("GPUS", gpus.map(|_| "yes")),
    ]
}

/// What the bastion is asked every tick.
static LOOK: Batch = Batch {
    spec: ProbeSpec {
        info: &keys::LOOK,
        layer: Layer::Services,
        title: "the local registry and tunnels: curl, podman, wg",
        every_in_view: Duration::from_secs(20),
        timeout: Duration::from_secs(45),
    },
    place: Place::B0,
    about: About::Host,
    command_s: 10,
    given,
    sections: LOOK_SECTIONS,
};

/// What the bastion is asked every few minutes.
static SURVEY: Batch = Batch {
    spec: ProbeSpec {
        info: &keys::SURVEY,
        layer: Layer::Services,
        title: "images, certificates, names, sign-on: curl, openssl, dig",
        every_in_view: Duration::from_secs(120),
        timeout: Duration::from_secs(120),
    },
    place: Place::B0,
    about: About::Host,
    command_s: 12,
    given,
    sections: SURVEY_SECTIONS,
};

/// How the bastion pulls images.
static BASTION_CLIENT: Batch = Batch {
    spec: ProbeSpec {
        info: &clients::SURVEY,
        layer: Layer::Services,
        title: "clients of the local registry: registries.conf",
        every_in_view: Duration::from_secs(120),
        timeout: Duration::from_secs(20),
    },
    place: Place::B0,
    about: About::Host,
    command_s: 5,
    given,
    sections: CLIENT_SECTIONS,
};

/// How control nodes pull images.
static CONTROL_CLIENT: Batch = Batch {
    spec: ProbeSpec {
        info: &clients::SURVEY,
        layer: Layer::Services,
        title: "clients of the local registry: registries.conf",
        every_in_view: Duration::from_secs(120),
        timeout: Duration::from_secs(20),
    },
    place: Place::Oc,
    about: About::Host,
    command_s: 5,
    given,
    sections: CLIENT_SECTIONS,
};

/// What the router VM is asked.
static PEERS: Batch = Batch {
    spec: ProbeSpec {
        info: &peers::SURVEY,
        layer: Layer::Services,
        title: "peers of operators: wg",
        every_in_view: Duration::from_secs(120),
        timeout: Duration::from_secs(20),
    },
    place: Place::Wrt,
    about: About::Host,
    command_s: 5,
    given,
    sections: PEERS_SECTIONS,
};

/// What the cloud is asked.
static VPN: Batch = Batch {
    spec: ProbeSpec {
        info: &vpn::SURVEY,
        layer: Layer::Services,
        title: "VPN servers of tenants: openstack",
        every_in_view: Duration::from_secs(120),
        timeout: Duration::from_secs(120),
    },
    place: Place::Box,
    about: About::Api(System::Openstack),
    command_s: 20,
    given,
    sections: VPN_SECTIONS,
};

/// What a server with GPUs of its own is asked.
static GPU: Batch = Batch {
    spec: ProbeSpec {
        info: &gpu::SURVEY,
        layer: Layer::Hosts,
        title: "GPUs: nvidia-smi and the vendor's tests",
        every_in_view: Duration::from_secs(120),
        timeout: Duration::from_secs(120),
    },
    place: Place::Cp,
    about: About::Host,
    command_s: 30,
    given,
    sections: GPU_SECTIONS,
};
