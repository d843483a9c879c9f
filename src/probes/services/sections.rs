//! The documented commands of services, script by script.

use super::{certificates, gpu as gpus, names, registry, tunnels};
use crate::domain::keys::gpu;
use crate::domain::keys::services as keys;
use crate::domain::keys::services::{clients, peers, survey, vpn};
use crate::probes::documented::Section;
use crate::probes::platform::fetching::http;

pub(super) const LOOK_SECTIONS: &[Section] = &[
    Section {
        name: "registry",
        program: "curl",
        script: http!("get registry -D - \"$REGISTRY/v2/\""),
        needs: &["REGISTRY"],
        keys: &[keys::REGISTRY_STATUS.info, keys::REGISTRY_SAID.info],
        read: registry::answers,
    },
    Section {
        name: "registry-container",
        program: "podman",
        script: include_str!("../../../assets/probes/services/registry-container.sh"),
        needs: &[],
        keys: &[keys::REGISTRY_CONTAINER.info, keys::REGISTRY_DATA.info],
        read: registry::container,
    },
    Section {
        name: "operator-tunnel",
        program: "wg",
        script: include_str!("../../../assets/probes/services/operator-tunnel.sh"),
        needs: &[],
        keys: &[keys::OPERATOR_TUNNEL.info],
        read: tunnels::tunnel,
    },
];

pub(super) const SURVEY_SECTIONS: &[Section] = &[
    Section {
        name: "repositories",
        program: "curl",
        script: http!("get catalogue \"$REGISTRY/v2/_catalog?n=1000\""),
        needs: &["REGISTRY"],
        keys: &[survey::REPOSITORIES.info],
        read: registry::repositories,
    },
    Section {
        name: "tags",
        program: "curl",
        script: include_str!("../../../assets/probes/services/tags.sh"),
        needs: &["REGISTRY"],
        keys: &[survey::TAGS.info],
        read: registry::tags,
    },
    Section {
        name: "source-login",
        program: "podman",
        script: "t podman login --get-login ghcr.io 2>&1",
        needs: &[],
        keys: &[survey::SOURCE_LOGIN.info],
        read: registry::login,
    },
    Section {
        name: "source-token",
        program: "curl",
        script: include_str!("../../../assets/probes/services/source-token.sh"),
        needs: &[],
        keys: &[survey::TOKEN_STATUS.info, survey::TOKEN_SCOPES.info, survey::TOKEN_EXPIRES.info],
        read: registry::token,
    },
    Section {
        name: "source-pull",
        program: "skopeo",
        script: include_str!("../../../assets/probes/services/source-pull.sh"),
        needs: &[],
        keys: &[survey::PULL.info, survey::PULL_SAID.info],
        read: registry::pull,
    },
    Section {
        name: "certificates-seen",
        program: "openssl",
        script: include_str!("../../../assets/probes/services/certificates-seen.sh"),
        needs: &["HOSTS"],
        keys: &[survey::CERTIFICATES_SEEN.info],
        read: certificates::seen,
    },
    Section {
        name: "name-servers",
        program: "dig",
        script: "t dig +short +time=2 +tries=2 NS $DOMAIN",
        needs: &["DOMAIN"],
        keys: &[survey::NAME_SERVERS.info],
        read: names::name_servers,
    },
    Section {
        name: "public-records",
        program: "dig",
        script: include_str!("../../../assets/probes/services/public-records.sh"),
        needs: &["HOSTS"],
        keys: &[survey::PUBLIC_RECORDS.info],
        read: names::public_records,
    },
    Section {
        name: "internal-record",
        program: "dig",
        script: "t dig +short +time=2 +tries=2 @$ROUTER $CONSOLE A",
        needs: &["ROUTER", "CONSOLE"],
        keys: &[survey::INTERNAL_RECORD.info],
        read: names::internal_record,
    },
    Section {
        name: "levels",
        program: "dig",
        script: include_str!("../../../assets/probes/services/levels.sh"),
        needs: &["LEVELS"],
        keys: &[survey::LEVELS.info],
        read: names::levels,
    },
    Section {
        name: "sign-on",
        program: "curl",
        script: include_str!("../../../assets/probes/services/sign-on.sh"),
        needs: &["CONSOLE", "CLIENT"],
        keys: &[survey::SIGN_ON.info],
        read: names::sign_on,
    },
    Section {
        name: "identity-tenant",
        program: "curl",
        script: http!(
            "get tenant -o /dev/null \"https://login.microsoftonline.com/$TENANT/v2.0/.well-known/openid-configuration\""
        ),
        needs: &["TENANT"],
        keys: &[survey::TENANT_STATUS.info],
        read: names::identity_tenant,
    },
    Section {
        name: "path-sizes",
        program: "ping",
        script: include_str!("../../../assets/probes/services/path-sizes.sh"),
        needs: &["FAR"],
        keys: &[survey::PATH_SIZES.info],
        read: tunnels::path_sizes,
    },
];

pub(super) const CLIENT_SECTIONS: &[Section] = &[Section {
    name: "insecure",
    program: "grep",
    script: "grep -rsA3 \"$REGISTRY_AT\" /etc/containers/registries.conf /etc/containers/registries.conf.d",
    needs: &["REGISTRY_AT"],
    keys: &[clients::INSECURE.info],
    read: registry::insecure,
}];

pub(super) const PEERS_SECTIONS: &[Section] = &[Section {
    name: "operator-peers",
    program: "wg",
    script: "t wg show operator_wg0 peers",
    needs: &[],
    keys: &[peers::OPERATORS.info],
    read: tunnels::operator_peers,
}];

pub(super) const VPN_SECTIONS: &[Section] = &[
    Section {
        name: "vpn-servers",
        program: "openstack",
        script: "o server list --all-projects --name vpn-server -f json --long",
        needs: &[],
        keys: &[vpn::SERVERS.info],
        read: tunnels::servers,
    },
    Section {
        name: "vpn-agents",
        program: "ssh",
        script: include_str!("../../../assets/probes/services/vpn-agents.sh"),
        needs: &[],
        keys: &[vpn::AGENTS.info],
        read: tunnels::agents,
    },
    Section {
        name: "vpn-keys",
        program: "openstack",
        script: include_str!("../../../assets/probes/services/vpn-keys.sh"),
        needs: &[],
        keys: &[vpn::TENANT_KEYS.info],
        read: tunnels::tenant_keys,
    },
];

pub(super) const GPU_SECTIONS: &[Section] = &[
    Section {
        name: "gpu-devices",
        program: "nvidia-smi",
        script: "t nvidia-smi --query-gpu=index,name,memory.total,driver_version,temperature.gpu,ecc.errors.uncorrected.volatile.total --format=csv,noheader,nounits 2>&1",
        needs: &["GPUS"],
        keys: &[gpu::DEVICES.info, gpu::DEVICES_SAID.info],
        read: gpus::devices,
    },
    Section {
        name: "gpu-framework",
        program: "python",
        script: include_str!("../../../assets/probes/services/gpu-framework.sh"),
        needs: &["GPUS"],
        keys: &[gpu::FRAMEWORK.info],
        read: gpus::gpu_framework,
    },
    Section {
        name: "gpu-rdma",
        program: "verify-rdma",
        script: "command -v verify-rdma >/dev/null || return 127\nt verify-rdma | tail -n 1",
        needs: &["GPUS"],
        keys: &[gpu::RDMA.info],
        read: gpus::gpu_rdma,
    },
    Section {
        name: "gpu-direct",
        program: "verify-gpudirect",
        script: "command -v verify-gpudirect >/dev/null || return 127\nt verify-gpudirect | grep -E '^OK:'",
        needs: &["GPUS"],
        keys: &[gpu::GPU_DIRECT.info],
        read: gpus::gpu_direct,
    },
    Section {
        name: "gpu-traffic-class",
        program: "cat",
        script: "cat /sys/kernel/config/rdma_cm/*/ports/1/default_roce_tos\nt systemctl is-active rdma-cm-tos\ngrep NCCL_IB_TC /etc/profile.d/nccl-rdma.sh",
        needs: &["GPUS"],
        keys: &[gpu::TRAFFIC_CLASS.info],
        read: gpus::gpu_traffic_class,
    },
];
