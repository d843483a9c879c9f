//! Keys of the services layer: registry, certificates, names, sign-on, VPN.

use crate::domain::fact::Table;
use crate::domain::keys::{LayerKeys, ProbeInfo, Word};
use crate::domain::{Age, Unit};

/// What the bastion is asked about services every tick.
pub const LOOK: ProbeInfo =
    ProbeInfo { name: "services.look", every: Age::seconds(60), source: "ssh" };

/// What the bastion is asked about services every few minutes.
pub const SURVEY: ProbeInfo =
    ProbeInfo { name: "services.survey", every: Age::seconds(300), source: "ssh" };

/// What this file declares.
pub const LAYER: LayerKeys = LayerKeys {
    blocks: &[ALL, survey::ALL, issuers::ALL, vpn::ALL, agents::ALL, clients::ALL, peers::ALL],
    with_clock: &[],
    readings: &[OPERATOR_TUNNEL.info, vpn::AGENTS.info],
};

crate::keys! { LOOK;
    REGISTRY_STATUS: f64 = "registry.status", Unit::Count, [], "HTTP status of the local registry; 0 without a connection", "curl http://REGISTRY/v2/";
    REGISTRY_SAID: String = "registry.said", Unit::Count, [], "what the client says about the registry that it did not reach", "curl http://REGISTRY/v2/";
    REGISTRY_CONTAINER: String = "registry.container", Unit::Count, [], "registry container with image and state; empty when there is none", "podman ps";
    REGISTRY_DATA: f64 = "registry.data", Unit::Bytes, [], "size of the registry's data directory", "du -sb /var/lib/registry";
    OPERATOR_TUNNEL: Table = "vpn.operator_tunnel", Unit::Count, [], "peers of the WireGuard interfaces of this machine: interface, peer, handshake, received, sent", "wg show all dump";
}

/// What is asked every few minutes.
pub mod survey {
    use super::{Table, Word};
    use crate::domain::Unit;

    crate::keys! { super::SURVEY;
        REPOSITORIES: Vec<String> = "registry.repositories", Unit::Count, [], "repositories of the local registry", "curl http://REGISTRY/v2/_catalog?n=1000";
        TAGS: Table = "registry.tags", Unit::Count, [], "tags of the mirrored images: name, tags", "curl http://REGISTRY/v2/NAME/tags/list";
        SOURCE_LOGIN: String = "ghcr.login", Unit::Count, [], "user that is logged in at the source registry; empty when nobody is", "podman login --get-login ghcr.io";
        TOKEN_STATUS: f64 = "ghcr.token_status", Unit::Count, [], "HTTP status that the source registry's token gets", "curl -I https://api.github.com/user";
        TOKEN_SCOPES: String = "ghcr.token_scopes", Unit::Count, [], "scopes of the token", "header x-oauth-scopes";
        TOKEN_EXPIRES: crate::domain::Stamp = "ghcr.token_expires", Unit::Count, [], "when the token expires", "header github-authentication-token-expiration";
        PULL: Word = "ghcr.pull", Unit::Count, ["works", "unauthorized", "denied", "no-manifest", "failed"], "whether the release's image can be pulled", "skopeo inspect";
        PULL_SAID: String = "ghcr.pull_said", Unit::Count, [], "digest of the release's image, or what the client says", "skopeo inspect";
        CERTIFICATES_SEEN: Table = "tls.seen", Unit::Count, [], "certificates that the public names show: host, issuer, subject, expires", "openssl s_client";
        NAME_SERVERS: Vec<String> = "dns.name_servers", Unit::Count, [], "name servers of the public zone", "dig +short NS DOMAIN";
        PUBLIC_RECORDS: Table = "dns.public_records", Unit::Count, [], "addresses of the public names: name, addresses", "dig +short @1.1.1.1 NAME A";
        INTERNAL_RECORD: Vec<String> = "dns.internal_record", Unit::Count, [], "addresses of the console inside the site", "dig +short @ROUTER CONSOLE A";
        LEVELS: Table = "dns.levels", Unit::Count, [], "names of the three levels: level, name, addresses", "dig +short";
        SIGN_ON: Table = "sso.sign_on", Unit::Count, [], "where the console sends a sign-on: part, value", "curl https://CONSOLE/api/auth/azure/login";
        TENANT_STATUS: f64 = "sso.tenant_status", Unit::Count, [], "HTTP status of the identity provider's tenant", "curl https://login.microsoftonline.com/TENANT/v2.0/.well-known/openid-configuration";
        PATH_SIZES: Table = "vpn.path_sizes", Unit::Count, [], "sizes of unfragmented packets that were tried: host, size, passes", "ping -4 -M do -s SIZE -c 2 HOST";
    }
}

/// What the management cluster says of its certificates.
pub mod issuers {
    use super::Table;
    use crate::domain::Unit;
    use crate::domain::keys::platform::SURVEY;

    crate::keys! { SURVEY;
        ISSUERS: Table = "tls.issuers", Unit::Count, [], "issuers of certificates: name, ready, message", "kubectl get clusterissuers -o json";
        CERTIFICATES: Table = "tls.certificates", Unit::Count, [], "certificates: namespace, name, issuer, names, expires, ready, since, message", "kubectl get certificates -A -o json";
        ORDERS: Table = "tls.orders", Unit::Count, [], "orders and challenges: kind, namespace, name, host, state, reason, created", "kubectl get orders,challenges -A -o json";
    }
}

/// What the cloud says of tenant VPN servers.
pub mod vpn {
    use super::Table;
    use crate::domain::keys::ProbeInfo;
    use crate::domain::{Age, Unit};

    /// What is asked every few minutes.
    pub const SURVEY: ProbeInfo =
        ProbeInfo { name: "vpn.survey", every: Age::seconds(300), source: "openstack" };

    crate::keys! { SURVEY;
        SERVERS: Table = "vpn.servers", Unit::Count, [], "tenant VPN servers: id, name, status, project, addresses", "openstack server list --all-projects --name vpn-server -f json --long";
        AGENTS: Table = "vpn.agents", Unit::Count, [], "synchronisation agents of tenant VPN servers: address, agent, environment, peers", "systemctl is-active user-sync-agent on the server";
        TENANT_KEYS: Table = "vpn.tenant_keys", Unit::Count, [], "tenants' VPN keys: tenant, secrets, users (yes or no)", "openstack secret list, openstack object show";
    }
}

/// What the metrics say of tenant VPN servers.
pub mod agents {
    use super::Table;
    use crate::domain::Unit;
    use crate::domain::keys::observing::LOOK;

    crate::keys! { LOOK;
        RECONCILIATION: Table = "vpn.reconciliation", Unit::Count, [], "reconciliation errors per second: tenant, value", "rate(vpn_agent_reconciliation_errors_total[10m])";
    }
}

/// What the machines that pull images say of the registry.
pub mod clients {
    use super::Word;
    use crate::domain::keys::ProbeInfo;
    use crate::domain::{Age, Unit};

    /// What is asked every few minutes.
    pub const SURVEY: ProbeInfo =
        ProbeInfo { name: "registry.clients", every: Age::seconds(300), source: "ssh" };

    crate::keys! { SURVEY;
        INSECURE: Word = "registry.insecure", Unit::Count, ["yes", "no", "absent"], "whether clients treat the local registry as insecure", "/etc/containers/registries.conf";
    }
}

/// What the router VM says.
pub mod peers {
    use crate::domain::keys::ProbeInfo;
    use crate::domain::{Age, Unit};

    /// What is asked every few minutes.
    pub const SURVEY: ProbeInfo =
        ProbeInfo { name: "wireguard.survey", every: Age::seconds(300), source: "ssh" };

    crate::keys! { SURVEY;
        OPERATORS: Vec<String> = "vpn.operators", Unit::Count, [], "public keys of the operators' peers on the router", "wg show operator_wg0 peers";
    }
}
