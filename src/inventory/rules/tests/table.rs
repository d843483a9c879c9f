//! For each rule the smallest breach in the example, which fires exactly that
//! rule at exactly that line, and the same situation put right, which does not.

use std::collections::BTreeSet;

use super::{EXAMPLE, Seen, Surroundings, shown};
use crate::domain::{CauseWord, Stamp, Verdict};
use crate::inventory::rules::Release;
use crate::inventory::variables::Catalogue;

/// One row: what is changed, what surrounds it, what fires where.
struct Row {
    rule: &'static str,
    edits: Vec<(String, String)>,
    around: fn(&mut Surroundings),
    opened: bool,
    /// A part of the line that the problem points at; `None` for a row that must stay silent.
    fires: Option<&'static str>,
    verdict: Verdict,
    /// Other rules that the same breach breaks as well.
    also: &'static [&'static str],
}

impl Row {
    fn edit(mut self, from: impl Into<String>, to: impl Into<String>) -> Row {
        self.edits.push((from.into(), to.into()));
        self
    }

    fn around(mut self, around: fn(&mut Surroundings)) -> Row {
        self.around = around;
        self
    }

    fn opened(mut self) -> Row {
        self.opened = true;
        self
    }

    fn also(mut self, also: &'static [&'static str]) -> Row {
        self.also = also;
        self
    }

    fn warns(mut self) -> Row {
        self.verdict = Verdict::Warn;
        self
    }

    fn unknown(mut self) -> Row {
        self.verdict = Verdict::Unknown;
        self
    }

    fn text(&self) -> String {
        let mut text = EXAMPLE.to_owned();
        for (from, to) in &self.edits {
            assert!(text.contains(from.as_str()), "{}: the example has no {from:?}", self.rule);
            text = text.replacen(from.as_str(), to, 1);
        }
        text
    }
}

/// A breach that must be reported at the line with `part`.
fn fires(rule: &'static str, part: &'static str) -> Row {
    let catalogue = Catalogue::shipped().unwrap();
    let is_warning = catalogue.rule(rule).expect("a rule").severity == "W";
    Row {
        rule,
        edits: Vec::new(),
        around: |_| {},
        opened: false,
        fires: Some(part),
        verdict: if is_warning { Verdict::Warn } else { Verdict::Fail },
        also: &[],
    }
}

/// A situation in which the rule has something to judge and finds nothing.
fn silent(rule: &'static str) -> Row {
    Row { fires: None, ..fires(rule, "") }
}

/// From the key of a `!vault` block to its end.
fn block(key: &str) -> String {
    let start = EXAMPLE.find(&format!("{key}: !vault |\n")).expect("a vault block");
    let rest = &EXAMPLE[start..];
    let mut length = rest.find('\n').unwrap() + 1;
    for line in rest[length..].split_inclusive('\n') {
        let body = line.trim();
        if body.starts_with("$ANSIBLE_VAULT")
            || (body.len() >= 2 && body.bytes().all(|b| b.is_ascii_hexdigit()))
        {
            length += line.len();
        } else {
            break;
        }
    }
    rest[..length].to_owned()
}

const URL: &str = "https://images.example.net/i.iso?se=";

fn url(rule: &'static str, rest: &str) -> Row {
    fires(rule, "iso_url")
        .edit(block("iso_url"), format!("iso_url: \"{rest}\"\n"))
        .also(&["V-SEC-02"])
}

fn production(row: Row) -> Row {
    row.edit(
        "iaas_console_tls_cluster_issuer: letsencrypt-staging",
        "iaas_console_tls_cluster_issuer: letsencrypt-prod",
    )
    .edit("obs_tls_cluster_issuer: letsencrypt-staging", "obs_tls_cluster_issuer: letsencrypt-prod")
}

fn gateway_tls(row: Row) -> Row {
    row.edit("ceph_rgw_tls_enabled: false", "ceph_rgw_tls_enabled: true")
        .edit("# ceph_rgw_tls_cn: storage.harbour ", "ceph_rgw_tls_cn: storage.harbour ")
}

fn certificate(around: &mut Surroundings) {
    around.facts.files.set("assets/ceph/rgw-tls.crt", Some(""));
    around.facts.files.set("assets/ceph/rgw-tls.key", Some(""));
    let names = "storage.harbour ceph-01 ceph-02 ceph-03 10.33.0.21 10.33.0.22 10.33.0.23";
    around.facts.gateway_certificate = Seen::Known(names.split(' ').map(str::to_owned).collect());
}

const SITE_KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOAJcFH4KMA/4CGEZUniEmrnOMD/UkiPeQ4TyGR31sXa";

/// The rotation's three variables, switched on, with a vault block from elsewhere in the file.
fn rotation(row: Row) -> Row {
    let seal = |indent: usize| {
        let (_, body) = EXAMPLE.split_once("ghcr_pat: !vault |\n").unwrap();
        let lines: Vec<String> = body
            .lines()
            .take_while(|line| !line.contains("azure") && !line.contains('#'))
            .map(|line| format!("{}{}", " ".repeat(indent), line.trim()))
            .collect();
        format!("!vault |\n{}\n", lines.join("\n"))
    };
    let on = format!(
        "            login_password: {}            authorized_keys:\n              - {{name: site, key: \"{SITE_KEY} x\"}}\n            switch_users:\n              admin:\n                password: {}                authorized_keys: [\"{SITE_KEY} x\"]\n              op:\n                password: {}                authorized_keys: []\n",
        seal(14),
        seal(18),
        seal(18)
    );
    row.edit("            # login_password: !vault |\n", on).around(|around| {
        around.progress.release = Release::new(25, 1, 5);
        around.facts.environment_key = Seen::Known(format!("{SITE_KEY} elsewhere"));
    })
}

fn done(around: &mut Surroundings, step: &str) {
    around.progress.done = Seen::Known([step.to_owned()].into());
}

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    vec![
        // YAML
        fires("V-YAML-01", "cluster_name: harbour").edit("    cluster_name: harbour\n", "    cluster_name: harbour\n    cluster_name: harbour\n"),
        silent("V-YAML-01"),
        fires("V-YAML-02", "").edit("    kolla_bastion:\n", "    the_bastion:\n"),
        fires("V-YAML-02", "router_host:").edit("      hosts:\n        router-box:\n          ansible_host: 192.168.40.2\n", "      hosts: {}\n      old:\n        router-box:\n          ansible_host: 192.168.40.2\n").also(&["V-YAML-51"]),
        silent("V-YAML-02"),
        fires("V-YAML-03", "cluster_nam:").edit("    # cluster_top_level_domain: example.net ", "    cluster_nam: x #"),
        fires("V-YAML-03", "entirely_new:").edit("    # cluster_top_level_domain: example.net ", "    entirely_new: x #"),
        silent("V-YAML-03").edit("    # cluster_top_level_domain: example.net ", "    our_own: x\n    ansible_port: \"{{ our_own }}\" #"),
        fires("V-YAML-50", "description: 12:30").edit("description: Ada", "description: 12:30").also(&[]),
        silent("V-YAML-50").edit("description: Ada", "description: \"12:30\""),
        fires("V-YAML-51", "old:").edit("      hosts:\n        router-01:\n", "      old: {}\n      hosts:\n        router-01:\n"),
        silent("V-YAML-51"),
        // secrets
        fires("V-SEC-01", "ghcr_pat: in-the-open").edit(block("ghcr_pat"), "ghcr_pat: in-the-open\n"),
        fires("V-SEC-01", "password: also-open").edit("password: \"{{ ipmi_password }}\"", "password: also-open"),
        fires("V-SEC-01", "nobody_has_it").edit("password: \"{{ ipmi_password }}\"", "password: \"{{ nobody_has_it }}\"").unknown(),
        silent("V-SEC-01").edit("password: \"{{ ipmi_password }}\"", "password: \"{{ ipmi_password | trim }}\""),
        fires("V-SEC-02", "iso_url").edit(block("iso_url"), format!("iso_url: \"{URL}2099-01-01\"\n")),
        silent("V-SEC-02"),
        fires("V-SEC-03", "$ANSIBLE_VAULT").around(|around| around.vault.put("default", "another".to_owned().into())),
        fires("V-SEC-03", "$ANSIBLE_VAULT").around(|around| around.vault = crate::inventory::vault::Vault::default()).unknown(),
        silent("V-SEC-03").opened(),
        fires("V-SEC-04", "ghp_").edit("description: Ada", "description: ghp_0123456789abcdef"),
        fires("V-SEC-04", "BEGIN").edit("description: Ada", "description: \"-----BEGIN OPENSSH PRIVATE KEY-----\""),
        fires("V-SEC-04", "my_private_note").edit("    # cluster_top_level_domain: example.net ", "    our: {my_private_note: \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"} #").also(&["V-YAML-03"]),
        silent("V-SEC-04").edit("description: Ada", "description: \"-----BEGIN CERTIFICATE-----\""),
        // addresses
        fires("V-IP-01", "name: gpu-02, dns").edit("ip: 10.30.1.102}", "ip: 10.30.1.101}"),
        fires("V-IP-01", "name: gpu-02, dns").edit("ip: 10.30.1.102}", "ip: 10.30.255.255}"),
        fires("V-IP-01", "storage_ip: 10.99.0.1").edit("          role: compute\n", "          role: compute\n          storage_ip: 10.99.0.1\n"),
        silent("V-IP-01").edit("          role: compute\n", "          role: compute\n          storage_ip: 10.33.0.99\n"),
        fires("V-IP-02", "name: gpu-02, dns").edit("ip: 10.30.1.102}", "ip: 10.31.0.150}"),
        fires("V-IP-02", "name: provisioning, interface").edit("            provisioning:\n              proto: static\n              device: bond0.102\n              ipaddr: [10.31.0.1/16]\n", "").unknown(),
        silent("V-IP-02").edit("ip: 10.30.1.102}", "ip: 10.31.0.251}"),
        fires("V-IP-03", "public_network: 10.30.7.0/24").edit("public_network: 10.33.0.0/24", "public_network: 10.30.7.0/24").also(&["V-CEPH-03"]),
        silent("V-IP-03").edit("ipaddr: [192.168.104.1/24]", "ipaddr: [192.168.105.1/24]"),
        fires("V-MAC-01", "name: gpu-02, dns").edit("02:00:5e:10:00:66", "02:00:5E:10:00:65"),
        fires("V-MAC-01", "name: gpu-02, dns").edit("02:00:5e:10:00:66", "03:00:5e:10:00:66"),
        fires("V-MAC-01", "name: gpu-02, dns").edit("02:00:5e:10:00:66", "02:00:5e:10:00"),
        silent("V-MAC-01").edit("02:00:5e:10:00:66", "02:00:5E:10:AA:66"),
        fires("V-LEASE-01", "          role: compute").edit("          - {name: gpu-01, dns: \"1\", mac: \"02:00:5e:10:00:65\", ip: 10.30.1.101}\n", ""),
        fires("V-LEASE-01", "name: gpu-01-ipmi, host").edit("{name: gpu-01-ipmi, dns: \"1\"", "{name: gpu-01-ipmi, dns: \"0\""),
        fires("V-LEASE-01", "name: gpu-01-ipmi, host").edit("host: gpu-01-ipmi.harbour", "host: gpu-99-ipmi.harbour"),
        fires("V-LEASE-01", "name: gpu-01-ipmi, host").edit("host: gpu-01-ipmi.harbour", "host: bmc.example.org").unknown(),
        silent("V-LEASE-01").edit("host: gpu-01-ipmi.harbour", "host: 192.168.41.101"),
        fires("V-DHCP-01", "name: wan, interface").edit("name: provisioning, interface: provisioning", "name: provisioning, interface: elsewhere"),
        fires("V-DHCP-01", "name: router-box-ipmi, dns").edit("{name: oob, interface: oob, start", "{name: oob, interface: oob, ignore: \"1\", start"),
        silent("V-DHCP-01").edit("{name: oob, interface: oob, start", "{name: oob, interface: oob, ignore: \"0\", start"),
        fires("V-DHCP-02", "name: wan, interface").around(|around| around.facts.onie_route = Seen::Known(false)),
        fires("V-DHCP-02", "name: wan, interface").around(|around| around.facts.onie_route = Seen::Failed(CauseWord::TimedOut)).unknown(),
        silent("V-DHCP-02"),
        fires("V-VLAN-01", "device: bond0.105").edit("device: bond0.104", "device: bond0.105"),
        fires("V-VLAN-01", "device: br0.4095").edit("device: eth4", "device: br0.4095"),
        fires("V-VLAN-01", "device: bond0.101").edit("device: eth4", "device: bond0.101"),
        fires("V-VLAN-01", "from: 100").edit("from: 1000", "from: 100"),
        silent("V-VLAN-01").edit("device: eth4", "device: bond0.103"),
        // names
        fires("V-DNS-01", "cluster_public_domain: example_net").edit("cluster_public_domain: example.net", "cluster_public_domain: example_net").also(&["V-TLS-03", "V-SSO-01", "V-DNS-03", "V-TYPE-50"]),
        fires("V-DNS-01", "cluster_public_domain: localdomain").edit("cluster_public_domain: example.net", "cluster_public_domain: localdomain").also(&["V-TLS-03", "V-SSO-01", "V-DNS-03"]),
        silent("V-DNS-01"),
        fires("V-DNS-02", "_local: /haven/").edit("openwrt_dhcp_dnsmasq_local: /harbour/", "openwrt_dhcp_dnsmasq_local: /haven/"),
        silent("V-DNS-02"),
        fires("V-DNS-03", "name: openstack-vip").edit("          - {name: loki.harbour.example.net, ip: 10.32.0.24}\n", ""),
        fires("V-DNS-03", "ip: 10.32.0.25").edit("{name: loki.harbour.example.net, ip: 10.32.0.24}", "{name: loki.harbour.example.net, ip: 10.32.0.25}"),
        fires("V-DNS-03", "name: grafana").edit("{name: openstack-vip, ip: 10.30.0.222}", "{name: Grafana.harbour.example.net, ip: 10.32.0.24}"),
        silent("V-DNS-03"),
        fires("V-DNS-04", "192.168.40.250: {}").around(|around| { around.facts.search_domains.insert("192.168.40.250".into(), Seen::Known(vec!["lan".into()])); }),
        fires("V-DNS-04", "192.168.40.250: {}").around(|around| { around.facts.search_domains.remove("192.168.40.250"); }).unknown(),
        silent("V-DNS-04"),
        // certificates
        fires("V-TLS-01", "obs_tls_cluster_issuer").edit("obs_tls_cluster_issuer: letsencrypt-staging", "obs_tls_cluster_issuer: letsencrypt-prod").around(|around| done(around, "SW-6.1")),
        fires("V-TLS-01", "iaas_console_tls_enabled").edit("    obs_tls_cluster_issuer: letsencrypt-staging\n", ""),
        silent("V-TLS-01"),
        fires("V-TLS-02", "azure_tenant_id: nonsense").edit("iaas_console_cert_manager_azure_tenant_id: \"2f6c0d5e-8c5b-4f43-9a57-1d7f5f0c1a02\"", "iaas_console_cert_manager_azure_tenant_id: nonsense"),
        fires("V-TLS-02", "iaas_console_tls_enabled").edit("    iaas_console_cert_manager_email: \"ops@example.net\"\n", ""),
        silent("V-TLS-02").edit("    iaas_console_cert_manager_email: \"ops@example.net\"\n", "").edit("iaas_console_tls_enabled: true", "iaas_console_tls_enabled: false").edit("obs_tls_enabled: true", "obs_tls_enabled: false"),
        fires("V-TLS-03", "_acme-challenge.console").edit("          - /_acme-challenge.loki.harbour.example.net/1.1.1.1\n", ""),
        silent("V-TLS-03"),
        production(fires("V-TLS-04", "tls_cluster_issuer")),
        production(fires("V-TLS-04", "tls_cluster_issuer")).around(|around| around.progress.done = Seen::NotAsked).unknown(),
        production(silent("V-TLS-04")).around(|around| done(around, "SW-6.1")),
        // console
        fires("V-SSO-01", "azure_redirect_uri").edit("example.net/api/auth/azure/callback", "example.net/api/auth/azure/callback/"),
        fires("V-SSO-01", "azure_client_id").edit("      azure_tenant_id: \"2f6c0d5e-8c5b-4f43-9a57-1d7f5f0c1a02\"\n", ""),
        fires("V-SSO-01", "ghcr_user").edit("azure_client_id: \"2f6c0d5e-8c5b-4f43-9a57-1d7f5f0c1a04\"", "azure_client_id: \"\""),
        silent("V-SSO-01").edit("# google_client_id: \"NUMBER", "google_client_id: \"NUMBER").edit("# google_redirect_uri", "google_redirect_uri").edit("# google_client_secret: !vault |", "google_client_secret: \"{{ ipmi_password }}\""),
        fires("V-GHCR-01", "registry_populate_images").edit("          username: harbour-bot\n", "          username: \"\"\n"),
        fires("V-GHCR-01", "ghcr_user").edit("ghcr_user: harbour-bot", "ghcr_user: \"\""),
        silent("V-GHCR-01").edit("registry_populate_images: true", "registry_populate_images: false").edit("          username: harbour-bot\n", "          username: \"\"\n"),
        fires("V-CON-01", "not-a-mail").edit("- \"ada@example.net\"", "- not-a-mail"),
        fires("V-CON-01", "Ada@example.net").edit("- \"grace@example.net\"", "- \"Ada@example.net\""),
        fires("V-CON-01", "operator_users").edit("    operator_users:\n      - \"ada@example.net\"\n      - \"grace@example.net\"\n", "    operator_users: []\n"),
        fires("V-CON-01", "ost_name: \"\"").edit("ost_name: tenant-net", "ost_name: \"\""),
        silent("V-CON-01"),
        fires("V-CON-02", "hedgehog_kubeconfig_b64").edit(block("hedgehog_kubeconfig_b64"), "hedgehog_kubeconfig_b64: bm9uc2Vuc2U=\n").also(&["V-SEC-02"]),
        fires("V-CON-02", "hedgehog_kubeconfig_b64").edit(block("hedgehog_kubeconfig_b64"), "hedgehog_kubeconfig_b64: no base64\n").also(&["V-SEC-02"]),
        fires("V-CON-02", "hedgehog_kubeconfig_b64").edit(block("hedgehog_kubeconfig_b64"), format!("hedgehog_kubeconfig_b64: {}\n", kubeconfig("127.0.0.1"))).also(&["V-SEC-02"]),
        fires("V-CON-02", "$ANSIBLE_VAULT").edit("ansible_host: 192.168.40.249", "ansible_host: 192.168.40.248").edit("ip: 192.168.40.249", "ip: 192.168.40.248").opened(),
        silent("V-CON-02").edit(block("hedgehog_kubeconfig_b64"), format!("hedgehog_kubeconfig_b64: {}\n", kubeconfig("hedgehog-01.harbour"))).also(&["V-SEC-02"]),
        fires("V-PG-01", "password: !vault").edit(block("backup_key"), ""),
        silent("V-PG-01"),
        // fabric controller
        fires("V-HH-01", "vm_mac").edit("vm_mac: \"02:7f:3c:a9:4d:e2\"", "vm_mac: \"02:7f:3c:a9:4d:e3\""),
        fires("V-HH-01", "name: hedgehog-01, dns").edit("ip: 192.168.40.249", "ip: 192.168.40.248"),
        silent("V-HH-01").edit("            vm_mac: \"02:7f:3c:a9:4d:e2\"\n", ""),
        rotation(fires("V-HH-02", "$ANSIBLE_VAULT")).around(|_| {}).warns(),
        rotation(fires("V-HH-02", "vm_name:")).edit("            switch_users:\n              admin:", "            old_users:\n              admin:"),
        rotation(fires("V-HH-02", "name: site, key")).around(|around| { around.progress.release = Release::new(25, 1, 5); around.facts.environment_key = Seen::Known("ssh-ed25519 AAAA other".into()); }),
        rotation(fires("V-HH-02", "name: site, key")).around(|around| around.progress.release = Release::new(25, 1, 5)).unknown(),
        rotation(silent("V-HH-02")),
        url("V-HH-03", "http://images.example.net/i.iso"),
        url("V-HH-03", "https://images.example.net/i.iso?se=2026-11-21T11%3A00%3A00Z"),
        url("V-HH-03", "https://images.example.net/i.iso?se=2026-11-22T11%3A00%3A00Z"),
        url("V-HH-03", "https://images.example.net/i.iso?se=soon"),
        fires("V-HH-03", "iso_checksum").edit("sha256:9f86d081", "md5:9f86d081"),
        fires("V-HH-03", "$ANSIBLE_VAULT").around(|around| around.now = Stamp::parse("2100-01-01T00:00:00Z").unwrap()).opened(),
        fires("V-HH-03", "$ANSIBLE_VAULT").unknown(),
        silent("V-HH-03").opened(),
        fires("V-HH-04", "hedgehog_phase").edit("    # cluster_top_level_domain: example.net ", "    hedgehog_phase: 2 #"),
        fires("V-HH-04", "pg_autoscale_mode").edit("# pg_autoscale_mode", "pg_autoscale_mode").around(|around| around.progress.release = Release::new(26, 1, 0)).also(&["V-HH-02"]),
        silent("V-HH-04").edit("# pg_autoscale_mode", "pg_autoscale_mode"),
        // disks and Ceph
        fires("V-DISK-01", "disks: [/dev/nvme0n1]").edit("disks: [/dev/nvme0n1, /dev/nvme1n1]", "disks: [/dev/nvme0n1]"),
        fires("V-DISK-01", "path: /dev/nvme1n1").edit("path: /dev/nvme2n1", "path: /dev/nvme1n1"),
        silent("V-DISK-01").edit("disks: [/dev/nvme0n1, /dev/nvme1n1]", "disks: [{path: /dev/nvme0n1}, {path: /dev/nvme1n1}]"),
        fires("V-CEPH-01", "ceph_mon_hosts").edit("ceph_mon_hosts: [ceph-01, ceph-02, ceph-03]", "ceph_mon_hosts: [ceph-01, ceph-02]").edit("ceph_mon_ips: [10.33.0.21, 10.33.0.22, 10.33.0.23]", "ceph_mon_ips: [10.33.0.21, 10.33.0.22]").also(&["V-CEPH-04"]),
        silent("V-CEPH-01"),
        fires("V-CEPH-02", "ceph_mon_hosts").edit("ceph_mon_hosts: [ceph-01, ceph-02, ceph-03]", "ceph_mon_hosts: [ceph-01, ceph-02, ctl-01]").also(&["V-CEPH-04"]),
        fires("V-CEPH-02", "ceph_mon_hosts").edit("ceph_mon_hosts: [ceph-01, ceph-02, ceph-03]", "ceph_mon_hosts: [ceph-01, ceph-02, ceph-09]").also(&["V-CEPH-04"]),
        silent("V-CEPH-02"),
        fires("V-CEPH-03", "ceph_mon_ips").edit("ceph_mon_ips: [10.33.0.21, 10.33.0.22,", "ceph_mon_ips: [10.33.0.22, 10.33.0.21,"),
        fires("V-CEPH-03", "ceph_mon_ips").edit("10.33.0.22, 10.33.0.23]", "10.33.0.22]"),
        fires("V-CEPH-03", "ceph_mon_ips").edit("storage_ip: 10.33.0.21", "storage_ip: 10.33.0.255").edit("ceph_mon_ips: [10.33.0.21", "ceph_mon_ips: [10.33.0.255").also(&["V-RGW-02"]),
        silent("V-CEPH-03"),
        fires("V-CEPH-04", "ceph_mon_hosts").edit("          role: compute\n", "          role: storage\n          storage_ip: 10.33.0.24\n").edit("          storage:\n            disks: [/dev/nvme0n1, /dev/nvme1n1]\n        gpu-02:", "          storage:\n            disks: [/dev/nvme0n1, /dev/nvme1n1]\n            data_disks: [{path: /dev/nvme2n1}]\n        gpu-02:"),
        silent("V-CEPH-04"),
        fires("V-CEPH-05", "ceph_fsid").edit("5b0c7c56-2f0e-4f0a-9d6b-3a1f2e7d9c44", "00000000-0000-0000-0000-000000000000"),
        fires("V-CEPH-05", "ceph_fsid").edit("5b0c7c56-2f0e-4f0a-9d6b-3a1f2e7d9c44", "5b0c7c56"),
        fires("V-CEPH-05", "ceph_fsid").around(|around| around.facts.ceph_fsid = Seen::Known(Some("6b0c7c56-2f0e-4f0a-9d6b-3a1f2e7d9c44".into()))),
        silent("V-CEPH-05").around(|around| around.facts.ceph_fsid = Seen::Known(Some("5B0C7C56-2f0e-4f0a-9d6b-3a1f2e7d9c44".into()))),
        fires("V-CEPH-06", "osd_replication").edit("osd_replication: 3", "osd_replication: 4").also(&["V-TYPE-51"]),
        fires("V-CEPH-06", "osd_replication").edit("osd_replication: 3", "osd_replication: 2").warns(),
        silent("V-CEPH-06"),
        fires("V-CEPH-07", "provision_zap_disks").edit("provision_zap_disks: false", "provision_zap_disks: true"),
        fires("V-CEPH-07", "provision_zap_disks").edit("provision_zap_disks: false", "provision_zap_disks: true").around(|around| { done(around, "HW-7.6"); around.progress.confirmed.insert("IL-07".into()); }),
        fires("V-CEPH-07", "provision_zap_disks").edit("provision_zap_disks: false", "provision_zap_disks: true").around(|around| around.progress.done = Seen::NotAsked).unknown(),
        silent("V-CEPH-07").edit("provision_zap_disks: false", "provision_zap_disks: true").around(|around| { around.progress.confirmed.insert("IL-07".into()); }),
        fires("V-CEPH-08", "ceph_osd_devices").edit("# ceph_osd_devices: {ceph-01: [/dev/nvme2n1]}", "ceph_osd_devices: {gpu-01: [/dev/nvme2n1]}"),
        fires("V-CEPH-08", "ceph_osd_devices").edit("# ceph_osd_devices: {ceph-01: [/dev/nvme2n1]}", "ceph_osd_devices: {ceph-01: [/dev/nvme1n1]}"),
        silent("V-CEPH-08").edit("# ceph_osd_devices", "ceph_osd_devices"),
        fires("V-CEPH-09", "pg_count: 100").edit("# pg_count: 128", "pg_count: 100"),
        fires("V-CEPH-09", "pg_count: 512").edit("# pg_count: 128", "pg_count: 512"),
        silent("V-CEPH-09").edit("# pg_count", "pg_count"),
        gateway_tls(fires("V-RGW-01", "ceph_rgw_tls_enabled")).around(|around| { certificate(around); around.facts.files.set("assets/ceph/rgw-tls.key", None); }),
        gateway_tls(fires("V-RGW-01", "ceph_rgw_tls_enabled")).edit("    ceph_rgw_tls_cn:", "    # ceph_rgw_tls_cn:").around(certificate),
        gateway_tls(fires("V-RGW-01", "ceph_rgw_tls_enabled")).unknown(),
        gateway_tls(silent("V-RGW-01")).around(certificate),
        fires("V-RGW-02", "host: ceph-02, ip: 10.33.0.21").edit("{host: ceph-02, ip: 10.33.0.22", "{host: ceph-02, ip: 10.33.0.21"),
        fires("V-RGW-02", "host: ctl-02").edit("{host: ceph-02,", "{host: ctl-02,"),
        gateway_tls(fires("V-RGW-02", "host: ceph-01")).around(|around| { certificate(around); around.facts.gateway_certificate = Seen::Known(vec![]); }),
        fires("V-RGW-02", "phoenix_observability_storage").edit("    ceph_rgw_hosts:\n      - {host: ceph-01, ip: 10.33.0.21, port: 8080}\n      - {host: ceph-02, ip: 10.33.0.22, port: 8080}\n      - {host: ceph-03, ip: 10.33.0.23, port: 8080}\n", "").also(&["V-OBS-01"]),
        gateway_tls(silent("V-RGW-02")).around(certificate),
        // public addresses
        fires("V-BGP-01", "tenant1_fip_pool: 203.0.113.16/28").edit("tenant1_fip_pool: 203.0.113.96/27", "tenant1_fip_pool: 203.0.113.16/28").edit("start: 203.0.113.96", "start: 203.0.113.24").edit("end: 203.0.113.127", "end: 203.0.113.31"),
        fires("V-BGP-01", "end: 203.0.113.128").edit("end: 203.0.113.127", "end: 203.0.113.128"),
        fires("V-BGP-01", "start: 203.0.113.127").edit("start: 203.0.113.96", "start: 203.0.113.127").edit("end: 203.0.113.127", "end: 203.0.113.96"),
        fires("V-BGP-01", "tenant1_fip_pool: 198.51").edit("tenant1_fip_pool: 203.0.113.96/27", "tenant1_fip_pool: 198.51.100.96/27").edit("start: 203.0.113.96", "start: 198.51.100.96").edit("end: 203.0.113.127", "end: 198.51.100.127"),
        silent("V-BGP-01"),
        fires("V-BGP-02", "public: \"203.0.113.97\"").edit("public: \"203.0.113.17\"", "public: \"203.0.113.97\""),
        silent("V-BGP-02").edit("public: \"203.0.113.17\"", "public: \"203.0.113.18\""),
        fires("V-BGP-03", "announced_prefixes").edit("bird_bgp_announced_prefixes: [203.0.113.0/24]", "bird_bgp_announced_prefixes: [203.0.112.0/24]"),
        fires("V-BGP-03", "remote_as: 65254").edit("remote_as: 65253", "remote_as: 65254"),
        fires("V-BGP-03", "name: upstream_edge").edit("ip: 10.30.1.12\n", "ip: 10.30.1.99\n"),
        silent("V-BGP-03").edit("bird_bgp_announced_prefixes: [203.0.113.0/24]", "bird_bgp_announced_prefixes: [198.51.100.0/24, 203.0.113.0/24]"),
        fires("V-BGP-04", "export: ['proto = ").edit("proto ~ \"openstack_*\"", "proto = \"openstack_*\""),
        silent("V-BGP-04").edit("proto ~ \"openstack_*\"", "proto = \"openstack_ctl_01\""),
        // VPN and firewall
        fires("V-WG-01", "interface: frontend").edit("interface: wg_upstream", "interface: frontend"),
        silent("V-WG-01"),
        fires("V-WG-02", "172.24.24.10/31").edit("allowed_ips: [172.24.24.11/32]", "allowed_ips: [172.24.24.10/31]"),
        fires("V-WG-02", "10.30.9.9/32").edit("allowed_ips: [172.24.24.11/32]", "allowed_ips: [10.30.9.9/32]"),
        fires("V-WG-02", "172.24.24.254/32").edit("allowed_ips: [172.24.24.11/32]", "allowed_ips: [172.24.24.254/32]"),
        silent("V-WG-02").edit("allowed_ips: [172.24.24.11/32]", "allowed_ips: [172.24.24.12/32]"),
        fires("V-WG-03", "banip_allowflag").edit("wg_listen_port: 51820", "wg_listen_port: 51900"),
        silent("V-WG-03").edit("wg_listen_port: 51820", "wg_listen_port: 51900").edit("banip_allowflag: udp 51820", "banip_allowflag: tcp 80 udp 51820-51910"),
        fires("V-BAN-01", "banip_allowlist_networks").edit(", 172.16.0.0/12]", "]"),
        silent("V-BAN-01").edit(", 172.16.0.0/12]", ", 172.24.24.0/24, 172.19.0.0/24, 172.30.0.0/16]"),
        fires("V-IPL-01", "").around(|around| around.facts.files.set("iplists/operators", Some("# nobody\n"))),
        fires("V-IPL-01", "").around(|around| around.facts.files.set("iplists/operators", Some("0.0.0.0/0\n"))),
        fires("V-IPL-01", "").around(|around| around.facts.files.set("iplists/operators", Some("nonsense\n"))),
        fires("V-IPL-01", "cidr: 203.0.113.0/24").around(|around| around.facts.files.set("iplists/operators", None)),
        silent("V-IPL-01").around(|around| around.facts.files.set("iplists/operators", Some("# us\n198.51.100.7\n192.0.2.0/24 # them\n"))),
        // monitoring
        fires("V-OBS-01", "phoenix_observability_storage").around(|around| { done(around, "SW-4.2"); around.facts.observability_storage = Seen::Known(Some("local".into())); }),
        fires("V-OBS-01", "phoenix_observability_storage").around(|around| { done(around, "SW-4.2"); around.facts.observability_storage = Seen::NotAsked; }).unknown(),
        silent("V-OBS-01").around(|around| { done(around, "SW-4.2"); around.facts.observability_storage = Seen::Known(Some("ceph".into())); }),
        fires("V-OBS-02", "prometheus_retention_period").edit("phoenix_observability_storage: ceph", "phoenix_observability_storage: local").edit("loki_retention_period: 8784h", "loki_retention_period: 7d"),
        silent("V-OBS-02").edit("phoenix_observability_storage: ceph", "phoenix_observability_storage: local").edit("loki_retention_period: 8784h", "loki_retention_period: 168h").edit("prometheus_retention_period: 30d", "prometheus_retention_period: 1w"),
        fires("V-OBS-03", "fanHealthTreshold").edit("fanHealthThreshold: 100", "fanHealthTreshold: 100"),
        fires("V-OBS-03", "fanHealthThreshold: 101").edit("fanHealthThreshold: 100", "fanHealthThreshold: 101"),
        silent("V-OBS-03").edit("fanHealthThreshold: 100", "fanHealthThreshold: 0"),
        fires("V-SNMP-01", "- name: switches").edit("        priv_password: \"{{ snmp_monitoring_password }}\"\n", ""),
        fires("V-SNMP-01", "priv_protocol: DES").edit("priv_protocol: AES", "priv_protocol: DES"),
        silent("V-SNMP-01").edit("security_level: authPriv", "security_level: authNoPriv").edit("        priv_protocol: AES\n", ""),
        fires("V-REF-01", "module: defaults").edit("module: default,", "module: defaults,"),
        fires("V-REF-01", "auth: switch").edit("auth: switches", "auth: switch"),
        fires("V-REF-01", "vlan_namespaces: [operator, tenants]").edit("vlan_namespaces: [operator, tenant]", "vlan_namespaces: [operator, tenants]"),
        fires("V-REF-01", "server: gpu-99").edit("{server: gpu-02, server_port: ens2f0np0,", "{server: gpu-99, server_port: ens2f0np0,"),
        fires("V-REF-01", "switch: leaf-09").edit("            switch: leaf-01\n            switch_port: E1/21", "            switch: leaf-09\n            switch_port: E1/21"),
        silent("V-REF-01"),
        // fabric
        fires("V-FAB-01", "asn: 65111").edit("asn: 65110", "asn: 65111"),
        fires("V-FAB-01", "asn: 65100").edit("asn: 65110", "asn: 65100"),
        fires("V-FAB-01", "asn: 3320").edit("asn: 65110", "asn: 3320"),
        fires("V-FAB-01", "asn: 65100").edit("asn: 65100", "asn: 65101"),
        silent("V-FAB-01").edit("asn: 65110", "asn: 4200000000"),
        fires("V-FAB-02", "vtep_ip: 172.30.12.10/32").edit("            protocol_ip: 172.30.8.10/32\n", "            protocol_ip: 172.30.8.10/32\n            vtep_ip: 172.30.12.10/32\n"),
        fires("V-FAB-02", "name: leaf-02").edit("            vtep_ip: 172.30.12.21/32\n", ""),
        silent("V-FAB-02"),
        fires("V-FAB-03", "group: Pair-a").edit("group: pair-a", "group: Pair-a").also(&["V-FAB-06"]),
        fires("V-FAB-03", "pair_c").edit("          pair_b: {name: pair-b, spec: {}}\n", "          pair_b: {name: pair-b, spec: {}}\n          pair_c: {name: pair-c, spec: {}}\n"),
        silent("V-FAB-03"),
        fires("V-FAB-04", "name: tenant").edit("from: 1100", "from: 1099"),
        fires("V-FAB-04", "name: tenant").edit("to: 2999", "to: 4095"),
        silent("V-FAB-04").edit("from: 1100, to: 2999", "from: 3000, to: 3999"),
        fires("V-FAB-05", "switch: leaf-04, switch_port: E1/19").edit("switch: leaf-03, switch_port: E1/19", "switch: leaf-04, switch_port: E1/19"),
        silent("V-FAB-05").edit("switch: leaf-03, switch_port: E1/19", "switch: leaf-03, switch_port: E1/25"),
        fires("V-FAB-06", "server: gpu-01, server_port: ens2f1np1, switch: leaf-03").edit("server: gpu-01, server_port: ens2f1np1, switch: leaf-02, switch_port: E1/1}", "server: gpu-01, server_port: ens2f1np1, switch: leaf-03, switch_port: E1/25}"),
        fires("V-FAB-06", "server: gpu-01, server_port: ens2f1np1, switch: leaf-01").edit("server: gpu-01, server_port: ens2f1np1, switch: leaf-02, switch_port: E1/1}", "server: gpu-01, server_port: ens2f1np1, switch: leaf-01, switch_port: E1/25}"),
        fires("V-FAB-06", "name: gpu-01--leaf-01--leaf-02").edit("              - {server: gpu-01, server_port: ens2f1np1, switch: leaf-02, switch_port: E1/1}\n", ""),
        silent("V-FAB-06").edit("switch: leaf-02, switch_port: E1/1}", "switch: leaf-02, switch_port: E1/25}"),
        fires("V-FAB-07", "spine: {ip: 172.30.128.2/31").edit("spine: {ip: 172.30.128.1/31", "spine: {ip: 172.30.128.2/31"),
        fires("V-FAB-07", "leaf: {ip: 172.30.128.0/31, switch: leaf-01, port: E1/30").edit("172.30.128.2/31", "172.30.128.0/31").edit("172.30.128.3/31", "172.30.128.1/31"),
        fires("V-FAB-07", "spine: {ip: 172.30.128.1/30").edit("172.30.128.0/31", "172.30.128.2/30").edit("172.30.128.1/31", "172.30.128.1/30"),
        silent("V-FAB-07").edit("172.30.128.0/31", "172.30.129.1/31").edit("172.30.128.1/31", "172.30.129.0/31"),
        fires("V-FAB-08", "server: gpu-02, server_port: ens2f0np0").edit("server: gpu-02, server_port: ens2f0np0, switch: leaf-01, switch_port: E1/2}", "server: gpu-02, server_port: ens2f0np0, switch: leaf-01, switch_port: E1/1}"),
        fires("V-FAB-08", "leaf: {ip: 172.30.128.2/31").edit("leaf: {ip: 172.30.128.2/31, switch: leaf-01, port: E1/30}", "leaf: {ip: 172.30.128.2/31, switch: leaf-01, port: E1/29}"),
        fires("V-FAB-08", "name: gpu-01--leaf-01--leaf-02").edit("name: gpu-02--leaf-01--leaf-02", "name: gpu-01--leaf-01--leaf-02"),
        silent("V-FAB-08").edit("switch: leaf-01, switch_port: E1/2}", "switch: leaf-01, switch_port: E1/26}"),
        fires("V-FAB-09", "fallback: false").edit("fallback: true", "fallback: false"),
        fires("V-FAB-09", "role: compute").edit("server: gpu-01, server_port: ens2f0np0", "server: router-box, server_port: ens2f0np0").edit("server: gpu-01, server_port: ens2f1np1", "server: router-box, server_port: ens2f1np1").edit("            server: gpu-01\n", "            server: router-box\n"),
        silent("V-FAB-09").edit("            fallback: true\n", ""),
        // types, ranges, what is required, what is advised
        fires("V-TYPE-50", "registry_port: high").edit("registry_port: 5000", "registry_port: high"),
        fires("V-TYPE-50", "openwrt_dhcp_dnsmasq_enable_tftp: true").edit("openwrt_dhcp_dnsmasq_enable_tftp: \"1\"", "openwrt_dhcp_dnsmasq_enable_tftp: true"),
        fires("V-TYPE-50", "hedgehog_servers: []").edit("hedgehog_mesh_connections: []", "hedgehog_mesh_connections: [] #").edit("        hedgehog_servers:\n", "        hedgehog_servers: []\n        old:\n").also(&["V-REF-01", "V-YAML-03"]),
        silent("V-TYPE-50").edit("registry_port: 5000", "registry_port: \"5000\""),
        fires("V-TYPE-51", "registry_port: 70000").edit("registry_port: 5000", "registry_port: 70000"),
        fires("V-TYPE-51", "role: storag").edit("role: control", "role: storag"),
        fires("V-TYPE-51", "obs_tls_enabled").edit("obs_tls_enabled: true", "obs_tls_enabled: false"),
        fires("V-TYPE-51", "banip_country").edit("banip_country: [by, ru]", "banip_country: [by, RU]"),
        fires("V-TYPE-51", "banip_feeds").edit("banip_feeds: [firehol1, drop, tor]", "banip_feeds: [firehol1, tors]"),
        fires("V-TYPE-51", "driver: LAN ").edit("driver: LAN_2_0", "driver: LAN #"),
        fires("V-TYPE-51", "scrape_interval: 30s").edit("scrape_interval: 1m", "scrape_interval: 30s"),
        fires("V-TYPE-51", "ansible_ssh_private_key_file").edit("ansible_ssh_private_key_file: \"~/.ssh/harbour_site\"", "ansible_ssh_private_key_file: /srv/keys/site"),
        fires("V-TYPE-51", "public_network: 10.33.0.1/24").edit("public_network: 10.33.0.0/24", "public_network: 10.33.0.1/24"),
        fires("V-TYPE-51", "display_name: \"8 GPUs\"").edit("display_name: \"1 GPU\"", "display_name: \"8 GPUs\""),
        fires("V-TYPE-51", "password: short").edit(block("snmp_monitoring_password"), "snmp_monitoring_password: short\n").also(&["V-SEC-01"]),
        silent("V-TYPE-51").opened().edit("registry_port: 5000", "registry_port: 65535"),
        fires("V-TYPE-52", "").edit("    cluster_public_domain: example.net\n", ""),
        fires("V-TYPE-52", "proto: static").edit("              device: bond0.101\n", ""),
        fires("V-TYPE-52", "role: storage").edit("          storage_ip: 10.33.0.22\n", ""),
        fires("V-TYPE-52", "name: frontend, interface").edit("interface: frontend, start: \"100\", ", "interface: frontend, "),
        silent("V-TYPE-52").edit("{name: lan, interface: lan, start: \"200\", end: \"240\", dynamicdhcp: \"0\"}", "{name: lan, interface: frontend, ignore: \"1\"}").edit("ip: 192.168.40.249", "ip: 192.168.41.249").edit("ansible_host: 192.168.40.249", "ansible_host: 192.168.41.249"),
        fires("V-TYPE-53", "privilege: ADMIN").edit("privilege: USER", "privilege: ADMIN"),
        fires("V-TYPE-53", "auth_protocol: MD5").edit("auth_protocol: SHA", "auth_protocol: MD5"),
        silent("V-TYPE-53").edit("auth_protocol: SHA", "auth_protocol: SHA512"),
    ]
}

fn kubeconfig(host: &str) -> String {
    use base64::Engine as _;
    let text = format!(
        "clusters: [{{name: a, cluster: {{server: 'https://{host}:6443'}}}}]\nusers: [{{name: a}}]\ncontexts: [{{name: a}}]\n"
    );
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[test]
fn every_rule_fires_where_it_must_and_only_there() {
    let mut failures = Vec::new();
    for (index, row) in rows().iter().enumerate() {
        let text = row.text();
        let mut around = if row.opened { Surroundings::opened() } else { Surroundings::well() };
        (row.around)(&mut around);
        let problems = around.check(&text, None);
        if let Err(why) = judge(row, &text, &problems) {
            failures.push(format!("row {index}, {}: {why}\n{}", row.rule, shown(&problems)));
        }
    }
    assert!(failures.is_empty(), "{} rows\n{}", failures.len(), failures.join("\n"));
}

fn judge(row: &Row, text: &str, problems: &[super::Problem]) -> Result<(), String> {
    // Sealed values and questions that this row does not ask stay unknown.
    let counted: Vec<_> = problems.iter().filter(|p| p.verdict != Verdict::Unknown).collect();
    let found: BTreeSet<&str> = counted.iter().map(|p| p.rule.as_str()).collect();
    let mut wanted: BTreeSet<&str> = row.also.iter().copied().collect();
    if row.fires.is_some() && row.verdict != Verdict::Unknown {
        wanted.insert(row.rule);
    }
    if found != wanted {
        return Err(format!("found {found:?}, wanted {wanted:?}"));
    }
    let Some(part) = row.fires else {
        let is_unknown = problems.iter().any(|p| p.rule == row.rule);
        return if is_unknown { Err("it is not silent".into()) } else { Ok(()) };
    };
    let lines: Vec<&str> = text.lines().collect();
    let hit = problems.iter().filter(|p| p.rule == row.rule && p.verdict == row.verdict).any(|p| {
        let line = (p.place.line as usize).checked_sub(1).and_then(|at| lines.get(at));
        line.map_or(part.is_empty(), |line| line.contains(part))
    });
    if hit { Ok(()) } else { Err(format!("no {} at a line with {part:?}", row.verdict)) }
}

#[test]
fn no_rule_lacks_a_firing_and_a_silent_row() {
    let rows = rows();
    for rule in Catalogue::shipped().unwrap().rules() {
        // These take files beside the inventory: the tests of reading, of settings and of
        // building a site have them.
        if rule.id == "V-YAML-52" || rule.id.starts_with("V-SITE-") {
            continue;
        }
        let mine: Vec<&Row> = rows.iter().filter(|row| row.rule == rule.id).collect();
        let verdict = if rule.severity == "W" { Verdict::Warn } else { Verdict::Fail };
        assert!(
            mine.iter().any(|row| row.fires.is_some() && row.verdict == verdict),
            "{} never fires",
            rule.id
        );
        assert!(mine.iter().any(|row| row.fires.is_none()), "{} is never silent", rule.id);
    }
}

#[test]
fn every_rule_has_its_function() {
    let walked = [
        "V-YAML-01",
        "V-YAML-50",
        "V-YAML-51",
        "V-YAML-52",
        "V-SITE-50",
        "V-SITE-51",
        "V-SITE-52",
        "V-SITE-53",
        "V-SITE-54",
        "V-TYPE-50",
        "V-TYPE-51",
        "V-TYPE-52",
        "V-TYPE-53",
    ];
    let ours: BTreeSet<&str> = super::ALL.iter().map(|(id, _, _)| *id).chain(walked).collect();
    let listed: BTreeSet<&str> =
        Catalogue::shipped().unwrap().rules().iter().map(|r| r.id.as_str()).collect();
    assert_eq!(ours, listed);
}

#[test]
fn secrets_are_in_no_sentence() {
    let planted = ["in-the-open-SECRET", "ghp_SECRET", "AAAASECRET"];
    let text = EXAMPLE
        .replace(&block("ghcr_pat"), "ghcr_pat: in-the-open-SECRET\n")
        .replace(&block("iso_url"), "iso_url: \"http://x.example.net/i?sig=SECRET&se=soon\"\n")
        .replace(&block("hedgehog_kubeconfig_b64"), "hedgehog_kubeconfig_b64: AAAASECRET.\n")
        .replace("description: Ada", "description: ghp_SECRET")
        .replace(&block("ipmi_password"), "ipmi_password: [SECRET]\n")
        .replace("registry_image_tag: \"2\"", "registry_image_tag: {SECRET: 1}")
        .replace("priv_protocol: AES", "priv_protocol: AES # SECRET");
    let problems = Surroundings::opened().check(&text, None);
    assert!(problems.len() > 5);
    for problem in &problems {
        let said = format!("{} {:?}", problem.sentence, problem.hint);
        assert!(!said.contains("SECRET"), "{said}");
        assert!(!planted.iter().any(|secret| said.contains(secret)), "{said}");
    }
}
