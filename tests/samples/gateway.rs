//! Every clause of the records of the object gateways.

use shopfloor::domain::Verdict::{Fail, NotYet, Pass, Unknown, Warn};
use shopfloor::domain::wanted;

use crate::ceph::{CLUSTER, well};
use crate::world::{World, raw};

const HOSTS: [&str; 3] = ["storage0", "storage1", "storage2"];

#[test]
fn the_service_runs_as_ordered() {
    well().says("RGW-01", CLUSTER, Pass, "the 3 gateways of ceph run");
    let below = well().prints(
        CLUSTER,
        "ceph.manager/orch-gateways",
        &raw("RGW-01").replace("\"running\":3", "\"running\":2"),
    );
    below.says("RGW-01", CLUSTER, Warn, "2 of 3 gateways of ceph run");
    below.for_minutes(6).says("RGW-01", CLUSTER, Fail, "2 of 3 gateways of ceph run");
    let other = |from: &str, to: &str| {
        well().prints(CLUSTER, "ceph.manager/orch-gateways", &raw("RGW-01").replace(from, to))
    };
    other(
        "[8080]},\"spec\":{\"rgw_frontend_port\":8080}",
        "[80]},\"spec\":{\"rgw_frontend_port\":80}",
    )
    .says("RGW-01", CLUSTER, Fail, "rgw.gateway of ceph listens on port 80, not 8080");
    other("\"storage2\"", "\"spare\"").says(
        "RGW-01",
        CLUSTER,
        Fail,
        "rgw.gateway of ceph is not placed on storage2",
    );
    for none in ["[]", "No services reported\n"] {
        let world = well().prints(CLUSTER, "ceph.manager/orch-gateways", none);
        world.says("RGW-01", CLUSTER, Fail, "ceph has no gateway service");
    }
}

fn answering(answers: [(&str, i32); 3]) -> World {
    HOSTS.iter().zip(answers).fold(World::new(), |world, (host, (stdout, status))| {
        world.ends(host, "gateway.look/gateway", stdout, "", status)
    })
}

#[test]
fn gateways_answer_s3() {
    let well = format!("{}\n200\n", raw("RGW-02"));
    let good = (well.as_str(), 0);
    answering([good; 3]).says("RGW-02", CLUSTER, Pass, "the 3 gateways of ceph answer S3");
    answering([good, ("", 7), good]).says(
        "RGW-02",
        CLUSTER,
        Warn,
        "not every gateway of ceph answers S3: storage1 (refused)",
    );
    answering([("", 7), ("", 28), ("", 7)]).says(
        "RGW-02",
        CLUSTER,
        Fail,
        "no gateway of ceph answers S3: storage0 (refused), storage1 (silent) and storage2 (refused)",
    );
    answering([good, ("oh\n503\n", 0), good]).says(
        "RGW-02",
        CLUSTER,
        Fail,
        "gateways of ceph fail: storage1 (503)",
    );
    // Something else answers on the port.
    answering([good, ("<html></html>\n200\n", 0), good]).says(
        "RGW-02",
        CLUSTER,
        Warn,
        "not every gateway of ceph answers S3: storage1 (200)",
    );
    // What could not be asked is not well.
    let judged = answering([good, ("", 127), good]).judge("RGW-02", CLUSTER);
    assert_eq!(judged.verdict, Unknown, "{}", judged.sentence);
}

#[test]
fn tls_of_the_stored_spec() {
    let with = |tls: &str, spec: &str| {
        World::new().expecting(CLUSTER, wanted::CEPH_GATEWAY_TLS, tls).prints(
            CLUSTER,
            "ceph.survey/gateway-spec",
            spec,
        )
    };
    let both = format!("{}\n  rgw_frontend_ssl_certificate: there\n", raw("RGW-03"));
    with("yes", &both).says(
        "RGW-03",
        CLUSTER,
        Pass,
        "the gateways' spec of ceph has TLS and its certificate",
    );
    with("no", "").says(
        "RGW-03",
        CLUSTER,
        Pass,
        "the gateways' spec of ceph has no TLS, as planned",
    );
    with("yes", &raw("RGW-03")).says(
        "RGW-03",
        CLUSTER,
        Fail,
        "the gateways' spec of ceph has TLS without a certificate",
    );
    with("yes", "").says("RGW-03", CLUSTER, Fail, "the gateways' spec of ceph has lost its TLS");
    with("no", &both).says(
        "RGW-03",
        CLUSTER,
        Fail,
        "the gateways' spec of ceph has TLS, the inventory has not",
    );
}

#[test]
fn the_admin_user_has_its_capabilities_and_its_key() {
    // As the section's script makes it of the record's answer: keys as digests, secrets gone.
    let told = raw("RGW-04").replace(
        r#""keys":[{"access_key":"EXAMPLE","secret_key":"..."}]"#,
        r#""digests":["0123456789abcdef"]"#,
    );
    assert!(!told.contains("secret_key"));
    let with = |text: &str| World::new().prints(CLUSTER, "ceph.survey/gateway-admin", text);
    with(&told).says(
        "RGW-04",
        CLUSTER,
        Pass,
        "iaas-rgw-admin of ceph has its capabilities and its key",
    );
    with(&told.replace("\"type\":\"users\"", "\"type\":\"zone\"")).says(
        "RGW-04",
        CLUSTER,
        Fail,
        "iaas-rgw-admin of ceph lacks users",
    );
    with(&told.replace("0123456789abcdef", "ffff456789abcdef")).says(
        "RGW-04",
        CLUSTER,
        Fail,
        "iaas-rgw-admin of ceph has another key than rgw_auth.access_key",
    );
    let missing = "could not fetch user info: no user info saved\n";
    World::new().ends(CLUSTER, "ceph.survey/gateway-admin", "", missing, 22).says(
        "RGW-04",
        CLUSTER,
        Fail,
        "ceph has no gateway user iaas-rgw-admin",
    );
    let judged =
        with(&told).expecting(CLUSTER, wanted::CEPH_GATEWAY_KEY, "").judge("RGW-04", CLUSTER);
    assert_eq!(judged.verdict, Unknown);
    assert!(judged.sentence.contains("sealed"), "{}", judged.sentence);
}

fn settings(change: (&str, &str)) -> String {
    let all = [
        ("rgw_keystone_api_version", "3"),
        ("rgw_keystone_url", "https://api.aurora:5000"),
        ("rgw_keystone_admin_user", "ceph_rgw"),
        ("rgw_keystone_admin_domain", "Default"),
        ("rgw_keystone_admin_project", "service"),
        ("rgw_keystone_admin_password", "set"),
        ("rgw_keystone_token_cache_size", "0"),
        ("rgw_keystone_implicit_tenants", "true"),
        ("rgw_swift_account_in_url", "false"),
        ("rgw_s3_auth_use_keystone", "true"),
        ("rgw_enable_usage_log", "true"),
        ("rgw_keystone_verify_ssl", "true"),
    ];
    let rows = all.map(|(name, value)| {
        let value = if name == change.0 { change.1 } else { value };
        format!(r#"{{"name":"{name}","value":"{value}"}}"#)
    });
    format!("[{}]", rows.join(","))
}

#[test]
fn gateways_are_set_up_for_keystone() {
    let with = |text: &str| World::new().prints(CLUSTER, "ceph.survey/gateway-settings", text);
    with(&settings(("", ""))).says(
        "RGW-05",
        CLUSTER,
        Pass,
        "the gateways of ceph are set up for Keystone",
    );
    with(&settings(("rgw_keystone_verify_ssl", "false"))).says(
        "RGW-05",
        CLUSTER,
        Warn,
        "the gateways of ceph do not verify the certificate of Keystone",
    );
    with(&settings(("rgw_keystone_token_cache_size", "10000"))).says(
        "RGW-05",
        CLUSTER,
        Fail,
        "the gateways of ceph are set up otherwise: rgw_keystone_token_cache_size is 10000, not 0",
    );
    with(&settings(("rgw_keystone_url", "https://other:5000"))).says(
        "RGW-05",
        CLUSTER,
        Fail,
        "the gateways of ceph are set up otherwise: rgw_keystone_url is https://other:5000",
    );
    let judged = with(&raw("RGW-05")).judge("RGW-05", CLUSTER);
    assert_eq!(judged.verdict, Fail);
    assert!(
        judged.sentence.contains("rgw_keystone_admin_password is not set"),
        "{}",
        judged.sentence
    );
    // A password that a script did not take out is none of our facts.
    let world = with(&settings(("rgw_keystone_admin_password", "hunter2")));
    let facts = format!("{:?}", world.facts());
    assert!(!facts.contains("hunter2"), "{facts}");
}

#[test]
fn gateway_hosts_and_containers_trust_keystone() {
    let paths = |paths: [&str; 3]| {
        HOSTS.iter().zip(paths).fold(World::new(), |world, (host, path)| {
            world.prints(host, "gateway.survey/keystone-ca", path)
        })
    };
    let there = raw("RGW-06");
    paths([&there; 3]).says(
        "RGW-06",
        CLUSTER,
        Pass,
        "the gateway hosts of ceph trust the CA of Keystone",
    );
    paths([&there, "", &there]).says(
        "RGW-06",
        CLUSTER,
        Fail,
        "storage1 do not trust the CA of Keystone",
    );
    let judged = World::new()
        .prints("storage0", "gateway.survey/keystone-ca", &there)
        .judge("RGW-06", CLUSTER);
    assert_eq!(judged.verdict, Unknown);

    let says = |text: &str, verifies: &str| {
        World::new().expecting(CLUSTER, wanted::CEPH_GATEWAY_VERIFIES, verifies).prints(
            "storage0",
            "gateway.survey/keystone-trust",
            text,
        )
    };
    says(&raw("RGW-07"), "yes").says(
        "RGW-07",
        "storage0",
        Pass,
        "the gateway of storage0 trusts Keystone",
    );
    let unknown_issuer = "* SSL certificate problem: unable to get local issuer certificate\n";
    says(unknown_issuer, "no").says(
        "RGW-07",
        "storage0",
        Warn,
        "the gateway of storage0 does not know Keystone's CA, and does not ask for it",
    );
    says(unknown_issuer, "yes").says(
        "RGW-07",
        "storage0",
        Fail,
        "the gateway of storage0 does not trust Keystone",
    );
    says("* connect to 10.0.0.1 port 5000 failed: Connection refused\n", "yes").says(
        "RGW-07",
        "storage0",
        Fail,
        "the gateway of storage0 does not reach Keystone",
    );
    assert_eq!(says("", "yes").judge("RGW-07", "storage0").verdict, Unknown);
}

#[test]
fn the_certificate_and_the_buckets() {
    let names = "DNS:storage0, DNS:storage1, DNS:storage2";
    let with = |ends: &str, names: &str| {
        World::new().expecting(CLUSTER, wanted::CEPH_GATEWAY_TLS, "yes").prints(
            CLUSTER,
            "ceph.outside/certificate",
            &format!("{ends}\nX509v3 Subject Alternative Name: \n    {names}\n"),
        )
    };
    with(&raw("RGW-08"), names).says(
        "RGW-08",
        CLUSTER,
        Pass,
        "the gateways' certificate of ceph is good for 729 days",
    );
    with("notAfter=Feb  9 00:00:00 2027 GMT", names).says(
        "RGW-08",
        CLUSTER,
        Warn,
        "the gateways' certificate of ceph ends in 29 days",
    );
    with("notAfter=Jan 19 00:00:00 2027 GMT", names).says(
        "RGW-08",
        CLUSTER,
        Fail,
        "the gateways' certificate of ceph ends in 8 days",
    );
    with(&raw("RGW-08"), "DNS:storage0").says(
        "RGW-08",
        CLUSTER,
        Fail,
        "the gateways' certificate of ceph does not name storage1 and storage2",
    );
    World::new().says("RGW-08", CLUSTER, NotYet, "the inventory plans the gateways without TLS");

    let lists = |stdout: &str, stderr: &str, status| {
        World::new().ends(CLUSTER, "ceph.outside/buckets", stdout, stderr, status)
    };
    lists("listed\n", "", 0).says(
        "RGW-09",
        CLUSTER,
        Pass,
        "the gateways of ceph list buckets with real credentials",
    );
    let refused =
        "An error occurred (SignatureDoesNotMatch) when calling the ListBuckets operation\n";
    lists("", refused, 254).says(
        "RGW-09",
        CLUSTER,
        Fail,
        "the gateways of ceph do not list buckets: An error occurred (SignatureDoesNotMatch) when calling the ListBuckets operation",
    );
    assert_eq!(
        lists("", "there are no credentials for S3", 77).judge("RGW-09", CLUSTER).verdict,
        Unknown
    );
    assert!(raw("RGW-09").contains("lokilogs"));
}
