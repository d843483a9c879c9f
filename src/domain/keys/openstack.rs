//! Keys of the OpenStack layer: what the cloud says of itself, and what its
//! nodes say of the services on them.

use crate::domain::fact::Table;
use crate::domain::keys::{LayerKeys, ProbeInfo};
use crate::domain::{Age, Unit};

/// What the cloud's clients answer, every tick.
pub const LOOK: ProbeInfo =
    ProbeInfo { name: "openstack.look", every: Age::seconds(30), source: "openstack" };

/// What changes seldom, every few minutes.
pub const SURVEY: ProbeInfo =
    ProbeInfo { name: "openstack.survey", every: Age::seconds(300), source: "openstack" };

/// How the identity service answers the bastion, every tick.
pub const IDENTITY: ProbeInfo =
    ProbeInfo { name: "openstack.identity", every: Age::seconds(30), source: "bastion" };

/// The certificates that the bastion is shown, every few minutes.
pub const OUTSIDE: ProbeInfo =
    ProbeInfo { name: "openstack.outside", every: Age::seconds(300), source: "bastion" };

/// The services' containers on one node, every tick.
pub const NODE: ProbeInfo = ProbeInfo { name: "node.look", every: Age::seconds(30), source: "ssh" };

/// The services' logs on one node, every few minutes.
pub const NODE_SURVEY: ProbeInfo =
    ProbeInfo { name: "node.survey", every: Age::seconds(300), source: "ssh" };

/// What only a control node has, every tick.
pub const CONTROL: ProbeInfo =
    ProbeInfo { name: "control.look", every: Age::seconds(30), source: "ssh" };

/// What changes seldom on a control node, every few minutes.
pub const CONTROL_SURVEY: ProbeInfo =
    ProbeInfo { name: "control.survey", every: Age::seconds(300), source: "ssh" };

/// What this file declares.
pub const LAYER: LayerKeys = LayerKeys {
    blocks: &[
        ALL,
        survey::ALL,
        identity::ALL,
        outside::ALL,
        node::ALL,
        node_survey::ALL,
        control::ALL,
        control_survey::ALL,
    ],
    with_clock: &[],
    readings: &[node::CONTAINERS.info, survey::CAPACITY.info],
};

crate::keys! { LOOK;
    COMPUTE_SERVICES: Table = "openstack.compute_services", Unit::Count, [], "compute services: service, host, zone, status, state, reason", "openstack compute service list";
    VOLUME_SERVICES: Table = "openstack.volume_services", Unit::Count, [], "volume services: service, host, zone, status, state, reason", "openstack volume service list";
    AGENTS: Table = "openstack.agents", Unit::Count, [], "network agents: kind, host, alive, admin", "openstack network agent list";
    SPEAKER_AGENTS: Table = "openstack.speaker_agents", Unit::Count, [], "dynamic routing agents at the BGP speaker: host, alive, state", "openstack bgp dragent list";
    BROKEN_SERVERS: Table = "openstack.broken_servers", Unit::Count, [], "instances in ERROR: id, name, project", "openstack server list --status ERROR";
    SERVERS: f64 = "openstack.servers", Unit::Count, [], "number of instances that are to run", "openstack server list";
    BARE_METAL: Table = "openstack.bare_metal", Unit::Count, [], "bare-metal nodes: node, provision, power, maintenance, fault, error, since", "openstack baremetal node list";
}

/// What is looked at every few minutes.
pub mod survey {
    use crate::domain::Unit;
    use crate::domain::fact::Table;

    crate::keys! { super::SURVEY;
        TOKEN_ENDS: String = "openstack.token_ends", Unit::Count, [], "end of a token that was just issued", "openstack token issue";
        CATALOGUE: Table = "openstack.catalogue", Unit::Count, [], "services of the catalogue: type, name", "openstack service list";
        ENDPOINTS: Table = "openstack.endpoints", Unit::Count, [], "endpoints of the catalogue: type, interface, url", "openstack endpoint list";
        IMAGES: Table = "openstack.images", Unit::Count, [], "images: image, status", "openstack image list";
        FLAVOURS: Vec<String> = "openstack.flavours", Unit::Count, [], "names of the flavours", "openstack flavor list";
        NETWORKS: Vec<String> = "openstack.networks", Unit::Count, [], "names of the networks", "openstack network list";
        SECRETS: f64 = "openstack.secrets", Unit::Count, [], "number of secrets in the secret store", "openstack secret list";
        ADDRESSES: Table = "openstack.addresses", Unit::Count, [], "addresses of public networks: network, used, total", "openstack ip availability show";
        CAPACITY: Table = "openstack.capacity", Unit::Count, [], "use of the hypervisors: resource, used, total", "openstack hypervisor stats show";
    }
}

/// How the identity service answers.
pub mod identity {
    use crate::domain::Unit;

    crate::keys! { super::IDENTITY;
        STATUS: String = "identity.status", Unit::Count, [], "answer of the identity service: the HTTP status, `refused`, `silent`, `untrusted`", "curl https://KEYSTONE:5000/v3";
        STABLE: String = "identity.version_status", Unit::Count, [], "status that the identity service gives its API version", "curl https://KEYSTONE:5000/v3";
        TOOK: f64 = "identity.took", Unit::Seconds, [], "time until the identity service had answered", "curl https://KEYSTONE:5000/v3";
    }
}

/// What the bastion is shown.
pub mod outside {
    use crate::domain::Unit;
    use crate::domain::fact::Table;

    crate::keys! { super::OUTSIDE;
        CERTIFICATES: Table = "openstack.certificates", Unit::Count, [], "certificates of the API's ports: port, ends, issuer", "openssl s_client";
    }
}

/// What every node has.
pub mod node {
    use crate::domain::Unit;
    use crate::domain::fact::Table;

    crate::keys! { super::NODE;
        CONTAINERS: Table = "node.containers", Unit::Count, [], "containers of the cloud: container, state, health, status", "podman ps -a";
    }
}

/// What is looked at every few minutes on every node.
pub mod node_survey {
    use crate::domain::Unit;
    use crate::domain::fact::Table;

    crate::keys! { super::NODE_SURVEY;
        LOG_ERRORS: Table = "node.log_errors", Unit::Count, [], "ERROR and CRITICAL lines of the last ten minutes by service: service, lines, last", "/var/log/kolla";
    }
}

/// What only a control node has.
pub mod control {
    use crate::domain::Unit;
    use crate::domain::fact::Table;

    crate::keys! { super::CONTROL;
        GALERA: Table = "control.galera", Unit::Count, [], "state of the database cluster: variable, value", "SHOW STATUS LIKE 'wsrep%'";
        RABBIT: Table = "control.rabbit", Unit::Count, [], "nodes of the message bus: node, running, maintenance", "rabbitmqctl cluster_status";
        RABBIT_TROUBLE: Vec<String> = "control.rabbit_trouble", Unit::Count, [], "partitions and alarms of the message bus", "rabbitmqctl cluster_status";
        VIRTUAL_ADDRESS: f64 = "control.virtual_address", Unit::Count, [], "how many times it has the virtual address", "ip -j -4 addr show";
        L3_AGENT: Table = "control.l3_agent", Unit::Count, [], "container of the L3 agent: health, started, namespaces", "podman inspect neutron_l3_agent";
    }
}

/// What is looked at every few minutes on a control node.
pub mod control_survey {
    use crate::domain::Unit;

    crate::keys! { super::CONTROL_SURVEY;
        ORPHANS: f64 = "control.orphaned_clusters", Unit::Count, [], "number of tenant clusters whose project is gone", "SELECT in magnum and keystone";
        BUS_URLS: Vec<String> = "control.bus_urls", Unit::Count, [], "head of the digest of each message bus URL of bare metal", "/etc/kolla/ironic-api/ironic.conf";
    }
}
