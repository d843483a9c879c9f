//! Names of what the inventory expects and checks compare with:
//! [`Site::wanted`](super::Site::wanted) and [`Target::wanted`](super::Target::wanted).
//! Who reads the inventory fills them in; a name that is missing means that the
//! inventory does not say.

/// Of a target: paths of the disks of the system mirror, separated by spaces
/// (`storage.disks` of its entry in `servers.list`).
pub const SYSTEM_DISKS: &str = "storage.disks";

/// Of a target: paths of the disks that Ceph may take, separated by spaces
/// (`storage.data_disks`).
pub const DATA_DISKS: &str = "storage.data_disks";

/// Of a target: the IP address that is planned for it (`ansible_host`, else
/// its lease), without prefix length.
pub const ADDRESS: &str = "address";

/// Of a target: where the cable in a port of it ends, under this word with the
/// port's name behind it (`cable.ens2f0np0` → `leaf-01 E1/1`): the switch, and
/// its port where the inventory names it.
pub const CABLE: &str = "cable.";

/// Of a switch: where the cable in a port of it ends, under this word with the
/// port's name behind it (`wire.E1/29` → `spine-01 E1/1`).
pub const WIRE: &str = "wire.";

/// Of a switch: the fabric's profile of it. Only switches that the fabric's
/// controller runs have one.
pub const FABRIC_SWITCH: &str = "fabric.profile";

/// Of the router VM: what it must know by name, `NAME=ADDRESS` words
/// (`openwrt_dhcp_hostoverrides`, leases with `dns: 1`).
pub const ROUTER_NAMES: &str = "router.names";

/// Of the router VM: fixed addresses, `NAME=MAC=ADDRESS` words (`openwrt_dhcp_leases`).
pub const ROUTER_LEASES: &str = "router.leases";

/// Of the router VM: pools that serve, `NAME=INTERFACE=DYNAMIC=FORCE` words
/// (`openwrt_dhcp_poolshost` without `ignore`).
pub const ROUTER_POOLS: &str = "router.pools";

/// Of the router VM: WireGuard interfaces (`openwrt_network_interfaceshost`).
pub const ROUTER_TUNNELS: &str = "router.tunnels";

/// Of the router VM: keys of peers that it calls itself, other sites
/// (`openwrt_network_wireguardpeers` with an endpoint).
pub const ROUTER_SITE_PEERS: &str = "router.site_peers";

/// Of the router VM: names of BGP neighbours (`bird_bgp_neighbors`).
pub const ROUTER_NEIGHBOURS: &str = "router.neighbours";

/// Of the router VM: prefixes that it announces (`bird_bgp_announced_prefixes`).
pub const ROUTER_PREFIXES: &str = "router.prefixes";

/// Of the router VM: addresses of the interface that carries the public prefix.
pub const ROUTER_PUBLIC: &str = "router.public";

/// Of the router VM: feeds of banIP (`banip_feeds`).
pub const ROUTER_FEEDS: &str = "router.feeds";

/// Of a target or the site: the NIC for switch management as libvirt names it
/// (`hedgehog.mgmt_nic_pci`, `pci_0000_58_00_0`).
pub const MANAGEMENT_NIC: &str = "hedgehog.mgmt_nic_pci";

/// Of the site: libvirt domain of the fabric controller, when it is not [`USUAL_FABRIC_DOMAIN`].
pub const FABRIC_DOMAIN: &str = "fabric_domain";

/// The libvirt domain of the fabric controller where the site names none.
pub const USUAL_FABRIC_DOMAIN: &str = "hedgehog-controller";

/// Of the site: a name that only the site's own resolver knows
/// (`console.CLUSTER.DOMAIN`).
pub const CONSOLE_NAME: &str = "console_name";

/// Of the site: address of the fabric's gateway in the front-end network.
pub const FABRIC_GATEWAY: &str = "fabric_gateway";

/// Of the site: address of the router box's remote management (AMT).
pub const AMT_ADDRESS: &str = "amt_address";

/// Of the site: VLAN id of `frontend0`; 101 when missing.
pub const FRONTEND_VLAN: &str = "vlan.frontend";

/// Of the site: VLAN id of `provisioning0`; 102 when missing.
pub const PROVISIONING_VLAN: &str = "vlan.provisioning";

/// Of the site: image of the deployment container (`NAME:TAG`), when it is not
/// the vendor's.
pub const DEPLOYMENT_IMAGE: &str = "deployment_image";

/// Of the site: ids of the serial lines that `shopfloor.yml` maps to switches,
/// separated by spaces, as `/dev/serial/by-id` has them.
pub const SERIAL_LINES: &str = "serial_lines";

/// A name outside the site that any working resolver knows: the release's
/// images come from there (BAST-03).
pub const OUTSIDE_NAME: &str = "ghcr.io";

/// Of the Ceph cluster: its identity (`ceph_fsid`).
pub const CEPH_FSID: &str = "ceph_fsid";

/// Of the Ceph cluster: names of its monitors, a line each (`ceph_mon_hosts`).
pub const CEPH_MONITORS: &str = "ceph_mon_hosts";

/// Of the Ceph cluster: addresses of its monitors, a line each, in the same order (`ceph_mon_ips`).
pub const CEPH_MONITOR_ADDRESSES: &str = "ceph_mon_ips";

/// Of the Ceph cluster: copies that a pool keeps (`ceph.osd_replication`).
pub const CEPH_REPLICATION: &str = "ceph.osd_replication";

/// Of the Ceph cluster: its object gateways, a line `HOST ADDRESS PORT` each (`ceph_rgw_hosts`).
pub const CEPH_GATEWAYS: &str = "ceph_rgw_hosts";

/// Of the Ceph cluster: whether its gateways speak TLS, `yes` or `no` (`ceph_rgw_tls_enabled`).
pub const CEPH_GATEWAY_TLS: &str = "ceph_rgw_tls_enabled";

/// Of the Ceph cluster: the name in the gateways' certificate (`ceph_rgw_tls_cn`).
pub const CEPH_GATEWAY_NAME: &str = "ceph_rgw_tls_cn";

/// Of the Ceph cluster: head of the digest of the gateway admin's access key
/// (`rgw_auth.access_key`); never the key.
pub const CEPH_GATEWAY_KEY: &str = "rgw_auth.access_key digest";

/// Of the Ceph cluster: whether its gateways verify Keystone's certificate, `yes` or `no`.
pub const CEPH_GATEWAY_VERIFIES: &str = "configure_ceph_rgw_keystone.verify_ssl";

/// Of the Ceph cluster and the cloud: the name under which Keystone is reached
/// inside the site (`kolla_internal_fqdn`).
pub const KEYSTONE_NAME: &str = "kolla_internal_fqdn";

/// Of the cloud: whether its endpoints speak TLS, `yes` or `no` (`openstack_tls.enabled`).
pub const CLOUD_TLS: &str = "openstack_tls.enabled";

/// Of the cloud: the flavours that the console offers, a line each (`flavors[].ost_name`).
pub const CLOUD_FLAVOURS: &str = "flavors[].ost_name";

/// Of the cloud: the networks that the console offers, a line each (`networks[].ost_name`).
pub const CLOUD_NETWORKS: &str = "networks[].ost_name";

/// Of the cloud: head of the digest of the message bus's URL (`os_rabbitmq_url`); never the URL.
pub const CLOUD_RABBIT_URL: &str = "os_rabbitmq_url digest";

/// Of the site: public domain, the zone that is delegated to the cloud DNS
/// (`cluster_public_domain`).
pub const PUBLIC_DOMAIN: &str = "public_domain";

/// Of the site: name of the cluster, the last part of names inside (`cluster_name`).
pub const CLUSTER_NAME: &str = "cluster_name";

/// Of the site: public address of the management cluster (`management_cluster.public`).
pub const PUBLIC_ADDRESS: &str = "management_cluster.public";

/// Of the site: name servers of the public zone, separated by spaces, when they
/// are not those of Azure DNS. Set in `shopfloor.yml`.
pub const NAME_SERVERS: &str = "name_servers";

/// Of the site: address of the management cluster's ingress inside. Set in `shopfloor.yml`.
pub const INGRESS_ADDRESS: &str = "ingress_address";

/// Of the site: URL of Grafana, without a slash at its end.
pub const GRAFANA_URL: &str = "grafana_url";

/// Of the site: URL of Prometheus, without a slash at its end.
pub const PROMETHEUS_URL: &str = "prometheus_url";

/// Of the site: URL of Loki, without a slash at its end.
pub const LOKI_URL: &str = "loki_url";

/// Of the site: URL of the local registry (`http://BASTION:PORT`).
pub const REGISTRY_URL: &str = "registry_url";

/// Of the site: whether images are to be mirrored (`registry_populate_images`), `yes` or `no`.
pub const REGISTRY_POPULATE: &str = "registry_populate_images";

/// Of the site: number of images that are to be mirrored (`registry_image_list`).
pub const REGISTRY_IMAGES: &str = "registry_image_list";

/// How many images the release mirrors where the inventory lists none.
pub const USUAL_REGISTRY_IMAGES: f64 = 91.0;

/// Of the site: namespace of the mirrored images, with a slash at its end.
pub const REGISTRY_NAMESPACE: &str = "registry_dest_namespace";

/// The namespace where the site names none.
pub const USUAL_REGISTRY_NAMESPACE: &str = "openstack.kolla/";

/// Of the site: tag of the mirrored images (`registry_image_tag_kolla`).
pub const REGISTRY_TAG: &str = "registry_image_tag_kolla";

/// The tag where the site names none.
pub const USUAL_REGISTRY_TAG: &str = "2025.1-ubuntu-noble";

/// Of the site: whether clients are to treat the registry as insecure
/// (`registry_configure_insecure`), `yes` or `no`; `yes` when missing.
pub const REGISTRY_INSECURE: &str = "registry_configure_insecure";

/// Of the site: issuer of the console's certificate.
pub const CONSOLE_ISSUER: &str = "iaas_console_tls_cluster_issuer";

/// Of the site: issuer of the observability stack's certificates.
pub const OBSERVABILITY_ISSUER: &str = "obs_tls_cluster_issuer";

/// Of the site: tenant of the identity provider (`iaas_console.azure_tenant_id`).
pub const SIGN_ON_TENANT: &str = "iaas_console.azure_tenant_id";

/// Of the site: the console's client at the identity provider.
pub const SIGN_ON_CLIENT: &str = "iaas_console.azure_client_id";

/// Of the site: the callback of a sign-on.
pub const SIGN_ON_CALLBACK: &str = "iaas_console.azure_redirect_uri";

/// Of the site: day on which the client secret expires (`2027-06-30`), as a
/// person has read it at the identity provider. Set in `shopfloor.yml`.
pub const SIGN_ON_EXPIRES: &str = "sign_on_secret_expires";

/// Of the site: public keys of the operators' WireGuard peers, separated by spaces.
pub const OPERATOR_PEERS: &str = "operator_peers";

/// Of the site: addresses of operators in use and in all, `USED SIZE`.
pub const OPERATOR_RANGE: &str = "operator_range";

/// Of the site: storage of the observability stack (`ceph` or `local`).
pub const OBSERVABILITY_STORAGE: &str = "phoenix_observability_storage";

/// Of the site: how long Prometheus keeps its data (`prometheus_retention_period`).
pub const RETENTION: &str = "prometheus_retention_period";

/// The time where the site names none: that of the chart.
pub const USUAL_RETENTION: &str = "15d";

/// Of the site: hosts that use their GPUs themselves, separated by spaces. Set in `shopfloor.yml`.
pub const GPU_SERVERS: &str = "gpu_servers";

/// Of the site: GPUs of each of those hosts. Set in `shopfloor.yml`.
pub const GPU_COUNT: &str = "gpu_count";
