//! Samples of the services.

use serde_json::{Value, json};

use crate::checks::test_samples::{Sample, http, no_http, raw, sample};
use crate::domain::Verdict::{Fail, NotYet, Pass, Unknown, Warn};
use crate::domain::wanted;

pub(crate) fn samples() -> Vec<Sample> {
    let mut all = registry();
    all.extend(certificates());
    all.extend(names());
    all.extend(tunnels());
    all
}

fn registry() -> Vec<Sample> {
    let header = "HTTP/1.1 200 OK\nDocker-Distribution-Api-Version: registry/2.0\n\n{}";
    let tags = |tag: &str| http("x", 200, &raw("REG-04").replace("2025.1-ubuntu-noble", tag));
    let token = |status: u16, scopes: &str, expires: &str| {
        http(
            "user",
            status,
            &format!(
                "HTTP/2 {status}\n{scopes}\ngithub-authentication-token-expiration: {expires}"
            ),
        )
    };
    let (own, wide) = ("x-oauth-scopes: read:packages", "x-oauth-scopes: repo, read:packages");
    let (late, soon) = ("2027-06-30 00:00:00 UTC", "2027-01-20 00:00:00 UTC");
    let sealed = |id, section| sample(id, Unknown, [(section, "")]).ending(77);
    vec![
        sample("REG-01", Pass, [("registry", http("registry", 200, header))]),
        sample("REG-01", Pass, [("registry", http("registry", 200, "{}"))]),
        sample("REG-01", Fail, [("registry", no_http("registry", 7))]),
        sample("REG-01", Fail, [("registry", http("registry", 503, ""))]),
        sample("REG-01", Fail, [("registry", http("registry", 200, "<html>nginx</html>"))]),
        sample("REG-01", Unknown, [("registry", "@get registry\n\n@curl 127\n")]),
        sample("REG-02", Pass, [("registry-container", raw("REG-02") + "\n412316860416\n")]),
        sample(
            "REG-02",
            Fail,
            [(
                "registry-container",
                "registry docker.io/library/registry:2 Exited (1) 3 hours ago\n1\n",
            )],
        ),
        sample("REG-02", Fail, [("registry-container", "4096\n")]),
        sample("REG-02", Fail, [("registry-container", raw("REG-02"))]),
        sample("REG-02", Unknown, [("registry-container", "")]).ending(126),
        sample("REG-03", Pass, [("repositories", http("catalogue", 200, &raw("REG-03")))]),
        sample("REG-03", Warn, [("repositories", http("catalogue", 200, &raw("REG-03")))])
            .wanting(wanted::REGISTRY_IMAGES, "91"),
        sample(
            "REG-03",
            Fail,
            [("repositories", http("catalogue", 200, r#"{"repositories":[]}"#))],
        ),
        sample(
            "REG-03",
            NotYet,
            [("repositories", http("catalogue", 200, r#"{"repositories":null}"#))],
        )
        .wanting(wanted::REGISTRY_POPULATE, "no"),
        sample("REG-03", Unknown, [("repositories", no_http("catalogue", 7))]),
        sample("REG-04", Pass, [("tags", tags("2025.1-ubuntu-noble"))]),
        sample("REG-04", Fail, [("tags", tags("2024.2-ubuntu-noble"))]),
        sample("REG-04", Fail, [("tags", http("openstack.kolla/nova", 404, ""))]),
        sample("REG-04", NotYet, [("tags", "")]),
        sample("REG-05", Pass, [("insecure", raw("REG-05"))]),
        sample(
            "REG-05",
            Pass,
            [(
                "insecure",
                "/etc/containers/registries.conf.d/local.conf:location = \"192.168.40.250:5000\"\n/etc/containers/registries.conf.d/local.conf-insecure = true\n",
            )],
        ),
        sample("REG-05", Fail, [("insecure", "location = \"192.168.40.250:5000\"\n")]),
        sample("REG-05", Fail, [("insecure", "")]).ending(1),
        sample("REG-05", NotYet, [("insecure", "")])
            .ending(1)
            .wanting(wanted::REGISTRY_INSECURE, "no"),
        sample("GHCR-01", Pass, [("source-login", raw("GHCR-01"))]),
        sample("GHCR-01", Fail, [("source-login", "Error: not logged into ghcr.io")]).ending(125),
        sample("GHCR-02", Pass, [("source-token", http("user", 200, &raw("GHCR-02")))]),
        sample("GHCR-02", Pass, [("source-token", http("user", 200, own))]),
        sample("GHCR-02", Warn, [("source-token", token(200, own, soon))]),
        sample("GHCR-02", Warn, [("source-token", token(200, wide, late))]),
        sample("GHCR-02", Fail, [("source-token", token(401, "", late))]),
        sample("GHCR-02", Fail, [("source-token", token(200, "x-oauth-scopes: repo", late))]),
        sample("GHCR-02", Unknown, [("source-token", token(200, "", late))]),
        sealed("GHCR-02", "source-token"),
        sample("GHCR-03", Pass, [("source-pull", raw("GHCR-03"))]),
        sample(
            "GHCR-03",
            Fail,
            [("source-pull", "FATA[0001] unauthorized: authentication required")],
        )
        .ending(1),
        sample("GHCR-03", Fail, [("source-pull", "FATA[0001] denied: permission_denied")])
            .ending(1),
        sample(
            "GHCR-03",
            Fail,
            [("source-pull", "FATA[0001] reading manifest release: manifest unknown")],
        )
        .ending(1),
        sample("GHCR-03", Unknown, [("source-pull", "dial tcp: lookup ghcr.io: no such host")])
            .ending(1),
    ]
}

fn condition(ready: &str, since: &str) -> Value {
    json!([{"type": "Ready", "status": ready, "reason": "DoesNotExist", "message": "Issuing", "lastTransitionTime": since}])
}

fn certificate(name: &str, ready: &str, since: &str) -> Value {
    json!({"metadata": {"namespace": "n", "name": name}, "spec": {"issuerRef": {"name": "i"}, "dnsNames": [format!("{name}.aurora.example.net")]}, "status": {"notAfter": "2027-04-10T00:00:00Z", "conditions": condition(ready, since)}})
}

fn certificates() -> Vec<Sample> {
    let issuer = |name: &str, ready: &str| json!({"metadata": {"name": name}, "status": {"conditions": condition(ready, "")}});
    let issuers = |ready: &str| {
        json!({"items": [issuer("letsencrypt-staging", "True"), issuer("letsencrypt-prod", ready)]})
            .to_string()
    };
    let (now, long) = ("2027-01-10T09:58:00Z", "2027-01-10T09:00:00Z");
    let four = |ready: &str, since: &str| {
        let all = [
            certificate("console", ready, since),
            certificate("grafana", "True", since),
            certificate("loki", "True", since),
            certificate("prometheus", "True", since),
        ];
        json!({ "items": all }).to_string()
    };
    let challenge = |state: &str, created: &str| {
        json!({"items": [{"kind": "Challenge", "metadata": {"namespace": "n", "name": "x", "creationTimestamp": created}, "spec": {"dnsName": "console.aurora.example.net"}, "status": {"state": state, "reason": "AuthorizationFailed"}}]}).to_string()
    };
    let seen = |issuer: &str, until: &str| {
        format!("@host console.aurora.example.net\nissuer={issuer}\nnotAfter={until}\n")
    };
    let staging = raw("TLS-04");
    let production = "C=US, O=Let's Encrypt, CN=R11";
    let own = include_str!("../../../tests/fixtures/tls/self-signed.pem");
    vec![
        sample("TLS-01", Pass, [("issuers", issuers("True"))]),
        sample("TLS-01", Fail, [("issuers", issuers("False"))]),
        sample("TLS-01", Fail, [("issuers", raw("TLS-01"))]),
        sample("TLS-02", Pass, [("certificates", four("True", long))]),
        sample("TLS-02", Warn, [("certificates", four("False", now))]),
        sample("TLS-02", Fail, [("certificates", four("False", long))]),
        sample("TLS-02", Fail, [("certificates", raw("TLS-02"))]),
        sample(
            "TLS-02",
            Fail,
            [("certificates", four("True", long).replace("2027-04-10", "2027-01-01"))],
        ),
        sample("TLS-02", NotYet, [("certificates", r#"{"items":[]}"#)]),
        sample("TLS-03", Pass, [("orders", r#"{"items":[]}"#.to_owned())]),
        sample("TLS-03", Warn, [("orders", challenge("pending", now))]),
        sample("TLS-03", Fail, [("orders", challenge("pending", long))]),
        sample("TLS-03", Fail, [("orders", challenge("errored", now))]),
        sample("TLS-03", Fail, [("orders", raw("TLS-03"))]),
        sample(
            "TLS-04",
            Pass,
            [(
                "certificates-seen",
                format!("@host console\n{staging}\nnotAfter=Apr 10 00:00:00 2027 GMT\n"),
            )],
        ),
        sample(
            "TLS-04",
            Pass,
            [("certificates-seen", seen(production, "Apr 10 00:00:00 2027 GMT"))],
        )
        .wanting(wanted::CONSOLE_ISSUER, "letsencrypt-prod"),
        sample(
            "TLS-04",
            Warn,
            [("certificates-seen", seen(production, "Jan 20 00:00:00 2027 GMT"))],
        )
        .wanting(wanted::CONSOLE_ISSUER, "letsencrypt-prod"),
        sample(
            "TLS-04",
            Fail,
            [("certificates-seen", seen(production, "Jan  1 00:00:00 2027 GMT"))],
        )
        .wanting(wanted::CONSOLE_ISSUER, "letsencrypt-prod"),
        sample(
            "TLS-04",
            Fail,
            [(
                "certificates-seen",
                seen("C=US, O=(STAGING) Let's Encrypt, CN=x", "Apr 10 00:00:00 2027 GMT"),
            )],
        )
        .wanting(wanted::CONSOLE_ISSUER, "letsencrypt-prod"),
        sample(
            "TLS-04",
            Fail,
            [("certificates-seen", format!("@host console.aurora.example.net\n{own}"))],
        ),
        sample("TLS-04", Unknown, [("certificates-seen", "@host console.aurora.example.net\n")]),
        sample::<&str>("TLS-05", Pass, []),
        sample::<&str>("TLS-05", Fail, [])
            .wanting(wanted::OBSERVABILITY_ISSUER, "letsencrypt-prod"),
        sample::<&str>("TLS-05", NotYet, [])
            .wanting(wanted::OBSERVABILITY_ISSUER, "")
            .wanting(wanted::CONSOLE_ISSUER, ""),
    ]
}

fn names() -> Vec<Sample> {
    let four = |address: &str| {
        let names = ["console", "grafana", "loki", "prometheus"];
        names.map(|name| format!("@name {name}.aurora.example.net\n{address}\n")).concat()
    };
    let levels = |last: &str| {
        format!(
            "@name hosts ctl-01.aurora\n10.30.0.101\n@name instances vpn-server.ost.aurora\n10.30.26.160\n@name services iaas-api.iaas.aurora\n{last}\n"
        )
    };
    let sign_on = |text: &str| http("/api/auth/azure/login", 302, text);
    vec![
        sample("DNS-01", Pass, [("name-servers", raw("DNS-01"))]),
        sample("DNS-01", Fail, [("name-servers", "ns1.registrar.example.")]),
        sample("DNS-01", Fail, [("name-servers", "")]),
        sample("DNS-01", Pass, [("name-servers", "ns1.cloud.example.")])
            .wanting(wanted::NAME_SERVERS, "ns1.cloud.example"),
        sample(
            "DNS-01",
            Unknown,
            [("name-servers", ";; communications error to 10.0.0.1#53: timed out")],
        )
        .ending(9),
        sample("DNS-02", Pass, [("public-records", four(&raw("DNS-02")))]),
        sample("DNS-02", Fail, [("public-records", four("203.0.113.99"))]),
        sample("DNS-02", Fail, [("public-records", four(""))]),
        sample("DNS-03", Pass, [("internal-record", raw("DNS-03"))]),
        sample("DNS-03", Fail, [("internal-record", "")]),
        sample("DNS-03", Fail, [("internal-record", "10.32.0.99")])
            .wanting(wanted::INGRESS_ADDRESS, "10.32.0.24"),
        sample("DNS-04", Pass, [("levels", levels(&raw("DNS-04")))]),
        sample("DNS-04", Warn, [("levels", levels(""))]),
        sample("SSO-01", Pass, [("sign-on", sign_on(&raw("SSO-01")))]),
        sample("SSO-01", Fail, [("sign-on", http("/api/auth/azure/login", 404, ""))]),
        sample("SSO-01", Fail, [("sign-on", sign_on(&raw("SSO-01").replace("aurora", "other")))]),
        sample(
            "SSO-01",
            Fail,
            [("sign-on", sign_on(&raw("SSO-01").replace("client_id=...", "client_id=another")))],
        ),
        sample("SSO-02", Pass, [("identity-tenant", http("tenant", 200, &raw("SSO-02")))]),
        sample("SSO-02", Fail, [("identity-tenant", http("tenant", 400, ""))]),
        sample("SSO-02", Unknown, [("identity-tenant", no_http("tenant", 28))]),
        sample("SSO-02", NotYet, [("identity-tenant", "")]).wanting(wanted::SIGN_ON_TENANT, ""),
        sample::<&str>("SSO-03", Pass, []),
        sample::<&str>("SSO-03", Warn, []).wanting(wanted::SIGN_ON_EXPIRES, "2027-01-20"),
        sample::<&str>("SSO-03", Fail, []).wanting(wanted::SIGN_ON_EXPIRES, "2027-01-01"),
        sample::<&str>("SSO-03", Unknown, []).wanting(wanted::SIGN_ON_EXPIRES, ""),
    ]
}

fn tunnels() -> Vec<Sample> {
    let tunnel = |handshake: &str, received: &str| {
        format!(
            "operator_wg0\t-\tPUBLIC\t51820\toff\noperator_wg0\tPEER\t-\t198.51.100.7:1\t172.24.24.10/32\t{handshake}\t{received}\t6\t25\n"
        )
    };
    let server = |status: &str, addresses: Value| {
        json!([{"ID": "v", "Name": "vpn-server", "Status": status, "Networks": {"vpn_public_network": addresses}}]).to_string()
    };
    let keys = |number: usize, status: i32| {
        let list: Vec<Value> =
            (0..number).map(|_| json!({"Name": "vpn-private-key-56aa"})).collect();
        format!("{}\n@tenant 56aa {status}\n", json!(list))
    };
    let rate = |value: &str| {
        let result = json!([{"metric": {"tenant_id": "56aa"}, "value": [0, value]}]);
        http(
            "errors",
            200,
            &json!({"status": "success", "data": {"resultType": "vector", "result": result}})
                .to_string(),
        )
    };
    vec![
        sample("VPN-01", Pass, [("operator-tunnel", tunnel("1799575140", "123456"))]),
        sample("VPN-01", Warn, [("operator-tunnel", raw("VPN-01"))]),
        sample("VPN-01", Fail, [("operator-tunnel", tunnel("0", "0"))]),
        sample("VPN-01", NotYet, [("operator-tunnel", "")]).ending(127),
        sample("VPN-01", NotYet, [("operator-tunnel", "")]),
        sample("VPN-02", Pass, [("operator-peers", "KEY1=\nKEY2=\n")]),
        sample("VPN-02", Warn, [("operator-peers", "KEY1=\n")]),
        sample("VPN-02", Fail, [("operator-peers", "KEY1=\nKEY2=\nOLD=\n")]),
        sample("VPN-02", Unknown, [("operator-peers", "")]).ending(1),
        sample::<&str>("VPN-03", Pass, []),
        sample::<&str>("VPN-03", Fail, []).wanting(wanted::OPERATOR_RANGE, "154 154"),
        sample("VPN-04", Pass, [("vpn-servers", raw("VPN-04")), ("vpn-keys", keys(1, 0))]),
        sample(
            "VPN-04",
            Fail,
            [
                ("vpn-servers", server("ERROR", json!(["10.0.0.1", "203.0.113.1"]))),
                ("vpn-keys", keys(1, 0)),
            ],
        ),
        sample(
            "VPN-04",
            Fail,
            [("vpn-servers", server("ACTIVE", json!(["10.0.0.1"]))), ("vpn-keys", keys(1, 0))],
        ),
        sample("VPN-04", Fail, [("vpn-servers", "[]".to_owned()), ("vpn-keys", keys(1, 0))]),
        sample("VPN-04", NotYet, [("vpn-servers", "[]"), ("vpn-keys", "[]")]),
        sample(
            "VPN-05",
            Pass,
            [("vpn-agents", format!("@server 203.0.113.109 0\n{}", raw("VPN-05")))],
        ),
        sample("VPN-05", Fail, [("vpn-agents", "@server 203.0.113.109 0\nactive\n")]),
        sample("VPN-05", Fail, [("vpn-agents", "@server 203.0.113.109 3\nfailed\nenv\n")]),
        sample("VPN-05", Unknown, [("vpn-agents", "@server 203.0.113.109 255\n\n")]),
        sample("VPN-06", Pass, [("reconciliation", raw("VPN-06"))]),
        sample("VPN-06", Pass, [("reconciliation", rate("0"))]),
        sample("VPN-06", Fail, [("reconciliation", rate("0.02"))]),
        sample("VPN-07", Pass, [("vpn-keys", raw("VPN-07") + "\n@tenant 56aa... 0\n")]),
        sample("VPN-07", Fail, [("vpn-keys", keys(2, 0))]),
        sample("VPN-07", Fail, [("vpn-keys", keys(1, 1))]),
        sample("VPN-07", Fail, [("vpn-keys", "[]\n@tenant 56aa 0\n")]),
        sample("VPN-08", Pass, [("path-sizes", "@size ctl-01 1472 0\n")]),
        sample(
            "VPN-08",
            Warn,
            [(
                "path-sizes",
                format!("{}\n@size ctl-01 1472 1\n@size ctl-01 1352 0\n", raw("VPN-08")),
            )],
        ),
        sample("VPN-08", Unknown, [("path-sizes", "@size ctl-01 1472 1\n@size ctl-01 1252 1\n")]),
    ]
}
