//! Every clause of the records of the cloud as its clients see it.

use shopfloor::domain::Verdict::{Fail, NotYet, Pass, Unknown, Warn};
use shopfloor::domain::{CauseWord, wanted};

use crate::world::{World, raw};

pub const CLOUD: &str = "api:openstack";

fn prints(at: &str, text: &str) -> World {
    World::new().prints(CLOUD, at, text)
}

fn service(binary: &str, host: &str, status: &str, state: &str) -> String {
    format!(
        r#"{{"Binary":"{binary}","Host":"{host}","Zone":"nova","Status":"{status}","State":"{state}","Disabled Reason":null}}"#
    )
}

fn list(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

#[test]
fn the_identity_service_answers() {
    let with = |text: &str| prints("openstack.identity/identity", text);
    with(&format!("{}\n200 0.113\n", raw("OST-02"))).says(
        "OST-02",
        CLOUD,
        Pass,
        "the identity service of openstack answers",
    );
    with(&format!("{}\n200 2.4\n", raw("OST-02"))).says(
        "OST-02",
        CLOUD,
        Warn,
        "the identity service of openstack takes 2.4 s to answer",
    );
    with("<html>No server is available</html>\n503 0.01\n").says(
        "OST-02",
        CLOUD,
        Fail,
        "the identity service of openstack does not answer: 503",
    );
    with("<html>hello</html>\n200 0.01\n").says(
        "OST-02",
        CLOUD,
        Fail,
        "what answers for the identity service of openstack is none",
    );
    for (status, word) in [(7, "refused"), (28, "silent"), (60, "untrusted")] {
        let world = World::new().ends(CLOUD, "openstack.identity/identity", "", "", status);
        let sentence = format!("the identity service of openstack does not answer: {word}");
        world.says("OST-02", CLOUD, Fail, &sentence);
    }
    let nobody = World::new().ends(CLOUD, "openstack.identity/identity", "", "nobody says\n", 1);
    assert_eq!(nobody.judge("OST-02", CLOUD).verdict, Unknown);
}

#[test]
fn a_token_is_issued_or_the_cloud_refuses_or_we_have_nothing_to_ask_with() {
    prints("openstack.survey/token", &raw("OST-03")).says(
        "OST-03",
        CLOUD,
        Pass,
        "openstack issues tokens",
    );
    let ends = |stderr: &str, status| {
        World::new().ends(CLOUD, "openstack.survey/token", "", stderr, status)
    };
    let refused = "The request you have made requires authentication. (HTTP 401)\n";
    let judged = ends(refused, 1).judge("OST-03", CLOUD);
    assert_eq!((judged.verdict, judged.cause), (Fail, Some(CauseWord::AuthRefused)));
    let judged = ends("", 124).judge("OST-03", CLOUD);
    assert_eq!((judged.verdict, judged.cause), (Fail, Some(CauseWord::TimedOut)));
    // What is sealed with us says nothing about the cloud.
    for (status, word) in [(77, CauseWord::PasswordSealed), (127, CauseWord::CommandMissing)] {
        let judged = ends("", status).judge("OST-03", CLOUD);
        assert_eq!((judged.verdict, judged.cause), (Unknown, Some(word)));
    }
}

#[test]
fn the_catalogue_has_its_services_and_their_urls() {
    let kinds = ["identity", "compute", "image", "network", "volumev3", "placement"];
    let services = |kinds: &[&str]| {
        let items: Vec<String> = kinds
            .iter()
            .map(|kind| format!(r#"{{"ID":"1","Name":"x","Type":"{kind}"}}"#))
            .collect();
        list(&items)
    };
    let endpoints = |kinds: &[&str], interfaces: &[&str], scheme: &str| {
        let items: Vec<String> = kinds
            .iter()
            .flat_map(|kind| interfaces.iter().map(move |one| (kind, one)))
            .map(|(kind, one)| {
                format!(
                    r#"{{"Service Type":"{kind}","Interface":"{one}","URL":"{scheme}://api:1"}}"#
                )
            })
            .collect();
        list(&items)
    };
    let with = |services: &str, endpoints: &str| {
        prints("openstack.survey/services", services).prints(
            CLOUD,
            "openstack.survey/endpoints",
            endpoints,
        )
    };
    let all = ["public", "internal", "admin"];
    with(&services(&kinds), &endpoints(&kinds, &all, "https")).says(
        "OST-04",
        CLOUD,
        Pass,
        "the catalogue of openstack has its 6 services",
    );
    with(&services(&kinds), &endpoints(&kinds, &all, "http")).says(
        "OST-04",
        CLOUD,
        Warn,
        "the catalogue of openstack has http:// for compute, identity, image, network, placement and volumev3",
    );
    with(&raw("OST-04"), &endpoints(&["identity"], &all, "https")).says(
        "OST-04",
        CLOUD,
        Fail,
        "the catalogue of openstack lacks compute, image, network, volumev3 and placement",
    );
    with(&services(&kinds), &endpoints(&kinds, &all[..2], "https")).judge("OST-04", CLOUD);
    let partial =
        with(&services(&kinds), &endpoints(&kinds, &all[..2], "https")).judge("OST-04", CLOUD);
    assert_eq!(partial.verdict, Fail);
    assert!(partial.sentence.contains("compute has no admin URL"), "{}", partial.sentence);
}

#[test]
fn compute_and_volume_services() {
    let compute = |items: &[String]| prints("openstack.look/compute-services", &list(items));
    prints("openstack.look/compute-services", &raw("OST-05")).says(
        "OST-05",
        CLOUD,
        Pass,
        "the 1 compute services of openstack are up",
    );
    let up = service("nova-compute", "gpu0", "enabled", "up");
    compute(&[up.clone(), service("nova-compute", "gpu1", "disabled", "down")]).says(
        "OST-05",
        CLOUD,
        Warn,
        "compute services of openstack are disabled: nova-compute on gpu1",
    );
    compute(&[up.clone(), service("nova-compute", "gpu1", "enabled", "down")]).says(
        "OST-05",
        CLOUD,
        Fail,
        "compute services of openstack are down: nova-compute on gpu1",
    );
    compute(&[up, service("nova-compute", "gpu1", "UNKNOWN", "")]).says(
        "OST-05",
        CLOUD,
        Unknown,
        "openstack does not know the state of nova-compute on gpu1: the cell they are in does not answer",
    );
    // Who may not see them is shown none.
    compute(&[]).says(
        "OST-05",
        CLOUD,
        Unknown,
        "openstack lists no compute service: it has none, or the account may not see them",
    );
    let volume = |text: &str| prints("openstack.look/volume-services", text);
    volume(&raw("OST-06")).says("OST-06", CLOUD, Pass, "the 1 volume services of openstack are up");
    volume(&raw("OST-06").replace("\"up\"", "\"down\"")).says(
        "OST-06",
        CLOUD,
        Fail,
        "volume services of openstack are down: cinder-volume on control0@rbd-1",
    );
    let hangs = World::new().ends(CLOUD, "openstack.look/compute-services", "", "", 124);
    let judged = hangs.judge("OST-05", CLOUD);
    assert_eq!((judged.verdict, judged.cause), (Unknown, Some(CauseWord::TimedOut)));
}

fn agent(kind: &str, host: &str, alive: &str) -> String {
    format!(
        r#"{{"ID":"a","Agent Type":"{kind}","Host":"{host}","Alive":{alive},"State":true,"Binary":"x"}}"#
    )
}

#[test]
fn network_agents() {
    let with = |items: &[String]| prints("openstack.look/agents", &list(items));
    prints("openstack.look/agents", &raw("OST-07")).says(
        "OST-07",
        CLOUD,
        Pass,
        "the 1 network agents of openstack live",
    );
    let table = raw("OST-07").replace("\"Alive\":true", "\"Alive\":\":-)\"");
    prints("openstack.look/agents", &table).says(
        "OST-07",
        CLOUD,
        Pass,
        "the 1 network agents of openstack live",
    );
    let two =
        |kind: &str| with(&[agent(kind, "control0", "true"), agent(kind, "control1", "false")]);
    two("Open vSwitch agent").says(
        "OST-07",
        CLOUD,
        Warn,
        "a network agent of openstack is dead: Open vSwitch agent on control1",
    );
    for kind in ["L3 agent", "DHCP agent", "BGP dynamic routing agent"] {
        let sentence = format!("network agents of openstack are dead: {kind} on control1");
        two(kind).says("OST-07", CLOUD, Fail, &sentence);
    }
    let all = with(&[agent("L3 agent", "a", "false"), agent("DHCP agent", "b", "false")]);
    let judged = all.says(
        "OST-07",
        CLOUD,
        Fail,
        "every network agent of openstack is dead: is the message bus down",
    );
    assert_eq!(judged.reason.as_deref(), Some("message-bus"));
    assert_eq!(with(&[]).judge("OST-07", CLOUD).verdict, Unknown);
    assert_eq!(with(&[agent("L3 agent", "a", "\"?\"")]).judge("OST-07", CLOUD).verdict, Unknown);
}

#[test]
fn a_dead_message_bus_is_one_incident() {
    let world = prints(
        "openstack.look/compute-services",
        &list(&[
            service("nova-conductor", "control0", "enabled", "up"),
            service("nova-scheduler", "control0", "enabled", "up"),
            service("nova-compute", "gpu0", "enabled", "down"),
            service("nova-compute", "gpu1", "enabled", "down"),
        ]),
    );
    let dead = world.clone().prints(
        CLOUD,
        "openstack.look/agents",
        &list(&[agent("L3 agent", "a", "false")]),
    );
    let judged = dead.says(
        "OST-05",
        CLOUD,
        Fail,
        "the 2 computes of openstack and every network agent are down together: the message bus",
    );
    assert_eq!(judged.reason.as_deref(), Some("message-bus"));
    let alive =
        world.prints(CLOUD, "openstack.look/agents", &list(&[agent("L3 agent", "a", "true")]));
    let judged = alive.judge("OST-05", CLOUD);
    assert_eq!((judged.verdict, judged.reason), (Fail, None));
}

#[test]
fn dynamic_routing_agents() {
    let with = |agents: &[(&str, bool)]| {
        let items: Vec<String> = agents
            .iter()
            .map(|(host, alive)| {
                format!(r#"{{"ID":"d","Host":"{host}","State":true,"Alive":{alive}}}"#)
            })
            .collect();
        prints("openstack.look/speaker", &list(&items))
    };
    let three = [("control0", true), ("control1", true), ("control2", true)];
    with(&three).says("OST-08", CLOUD, Pass, "the BGP speaker of openstack has its 3 agents");
    prints("openstack.look/speaker", &raw("OST-08")).says(
        "OST-08",
        CLOUD,
        Fail,
        "the BGP speaker of openstack lacks control1 and control2: its floating addresses are not announced",
    );
    let stray: Vec<(&str, bool)> = three.into_iter().chain([("gpu0", true)]).collect();
    with(&stray).says(
        "OST-08",
        CLOUD,
        Fail,
        "the BGP speaker of openstack still has gpu0, no control node",
    );
    with(&[three[0], three[1], ("control2", false)]).says(
        "OST-08",
        CLOUD,
        Fail,
        "the dynamic routing agents on control2 do not work",
    );
    prints("openstack.look/speaker", "none\n").says(
        "OST-08",
        CLOUD,
        NotYet,
        "openstack has no BGP speaker with agents",
    );
}

#[test]
fn certificates() {
    let with = |text: &str| prints("openstack.outside/certificates", text);
    with(&raw("OST-12")).says(
        "OST-12",
        CLOUD,
        Pass,
        "the certificates of openstack are good for 363 days",
    );
    let line = |port: u32, ends: &str| {
        format!("{port} notAfter={ends} 2027 GMT issuer=CN = KollaTestCA \n")
    };
    with(&format!("{}{}9511 \n", line(5000, "Dec  9 00:00:00"), line(8774, "Feb 20 00:00:00")))
        .says("OST-12", CLOUD, Warn, "the certificate of openstack on port 8774 ends in 40 days");
    with(&line(5000, "Jan 19 00:00:00")).says(
        "OST-12",
        CLOUD,
        Fail,
        "the certificate of openstack on port 5000 ends in 8 days",
    );
    with(&line(5000, "Jan  9 00:00:00")).says(
        "OST-12",
        CLOUD,
        Fail,
        "the certificate of openstack on port 5000 has expired",
    );
    let mixed = format!(
        "{}{}",
        raw("OST-12"),
        "\n8774 notAfter=Jan  9 00:00:00 2028 GMT issuer=CN = Other\n"
    );
    with(&mixed).says(
        "OST-12",
        CLOUD,
        Fail,
        "the certificates of openstack are of different issuers: CN = KollaTestCA and CN = Other",
    );
    with("5000 \n8774 \n").says(
        "OST-12",
        CLOUD,
        Unknown,
        "no port of openstack showed a certificate",
    );
    with("5000 \n").expecting(CLOUD, wanted::CLOUD_TLS, "no").says(
        "OST-12",
        CLOUD,
        NotYet,
        "the inventory plans the endpoints without TLS",
    );
}

#[test]
fn what_the_console_offers_exists() {
    let with = |images: &str, flavours: &str, networks: &str| {
        let text = format!(r#"{{"images":{images},"flavors":{flavours},"networks":{networks}}}"#);
        prints("openstack.survey/offered", &text)
    };
    let flavours = r#"[{"Name":"gpu.8x"},{"Name":"gpu.1x"}]"#;
    let networks = r#"[{"Name":"tenant-net"}]"#;
    with(&raw("OST-13"), flavours, networks).says(
        "OST-13",
        CLOUD,
        Pass,
        "openstack has what the console offers",
    );
    with(&raw("OST-13"), "[]", networks).says(
        "OST-13",
        CLOUD,
        Fail,
        "openstack lacks what the console offers: the flavour gpu.8x and the flavour gpu.1x",
    );
    let queued = raw("OST-13").replace("active", "queued");
    with(&queued, flavours, networks).says(
        "OST-13",
        CLOUD,
        Warn,
        "images of openstack are not active: ubuntu-noble-cuda (queued)",
    );
}

#[test]
fn instances_in_trouble() {
    let ids = |count: usize| "0b56477435f9481189b0a1646aac179c\n".repeat(count);
    let with = |text: &str, count| {
        prints("openstack.look/broken-servers", text).prints(
            CLOUD,
            "openstack.look/servers",
            &ids(count),
        )
    };
    with(&raw("OST-14"), 3).says("OST-14", CLOUD, Pass, "no instance of openstack is in ERROR");
    let one = r#"[{"ID":"s","Name":"web-1","Project":"p"}]"#;
    with(one, 2000).says("OST-14", CLOUD, Warn, "1 instances of openstack are in ERROR: web-1");
    with(one, 99).says(
        "OST-14",
        CLOUD,
        Fail,
        "1 instances of openstack are in ERROR, 99.0 % are available: web-1",
    );
}

#[test]
fn bare_metal_nodes() {
    let with = |from: &str, to: &str| {
        prints("openstack.look/bare-metal", &raw("OST-15").replace(from, to))
    };
    with("", "").says(
        "OST-15",
        CLOUD,
        Pass,
        "the 1 bare-metal nodes of openstack are as they should be",
    );
    for state in ["clean failed", "inspect failed", "deploy failed", "error"] {
        let sentence = format!("bare-metal nodes of openstack are broken: gpu-bm0 ({state})");
        with("available", state).says("OST-15", CLOUD, Fail, &sentence);
    }
    with("\"Maintenance\":false", "\"Maintenance\":true").says(
        "OST-15",
        CLOUD,
        Fail,
        "bare-metal nodes of openstack are broken: gpu-bm0 (available, in maintenance)",
    );
    let cleaning = |since: &str| {
        with("\"available\"", &format!("\"cleaning\",\"Provision Updated At\":\"{since}\""))
    };
    cleaning("2027-01-10T10:00:00+00:00").says(
        "OST-15",
        CLOUD,
        Pass,
        "the 1 bare-metal nodes of openstack are as they should be",
    );
    cleaning("2027-01-10T09:00:00+00:00").says(
        "OST-15",
        CLOUD,
        Warn,
        "bare-metal nodes of openstack are under way for more than 45 minutes: gpu-bm0 (cleaning)",
    );
    let unreached = raw("OST-15")
        .replace("\"available\"", "\"enroll\"")
        .replace("\"Last Error\":null", "\"Last Error\":\"no BMC\"");
    prints("openstack.look/bare-metal", &unreached).says(
        "OST-15",
        CLOUD,
        Fail,
        "openstack does not reach the BMC of gpu-bm0 (enroll)",
    );
}

#[test]
fn secrets_addresses_and_capacity() {
    let catalogue = r#"[{"ID":"1","Name":"barbican","Type":"key-manager"}]"#;
    let store = prints("openstack.survey/services", catalogue).prints(
        CLOUD,
        "openstack.survey/token",
        &raw("OST-03"),
    );
    store.clone().prints(CLOUD, "openstack.survey/secrets", &raw("OST-17")).says(
        "OST-17",
        CLOUD,
        Pass,
        "the secret store of openstack answers",
    );
    let broken = store.clone().ends(CLOUD, "openstack.survey/secrets", "", "HTTP 503\n", 1);
    assert_eq!(broken.judge("OST-17", CLOUD).verdict, Fail);
    // Without a token nothing is learned of the store.
    let refused = "The request you have made requires authentication. (HTTP 401)\n";
    let judged =
        broken.ends(CLOUD, "openstack.survey/token", "", refused, 1).judge("OST-17", CLOUD);
    assert_eq!(judged.verdict, Unknown, "{}", judged.sentence);
    prints("openstack.survey/services", "[]").says(
        "OST-17",
        CLOUD,
        NotYet,
        "openstack has no secret store",
    );

    let used = |used: u32| {
        prints(
            "openstack.survey/addresses",
            &raw("OST-18").replace(
                "\"used_ips\":9",
                &format!("\"used_ips\":{used},\"network_name\":\"public\""),
            ),
        )
    };
    used(9).says("OST-18", CLOUD, Pass, "28 % of the addresses of public in openstack are used");
    used(26).says("OST-18", CLOUD, Warn, "81 % of the addresses of public in openstack are used");
    used(31).says("OST-18", CLOUD, Fail, "97 % of the addresses of public in openstack are used");
    prints("openstack.survey/addresses", "").says(
        "OST-18",
        CLOUD,
        NotYet,
        "openstack has no public network with addresses",
    );

    let capacity = |from: &str, to: &str| {
        prints("openstack.survey/capacity", &raw("OST-19").replace(from, to))
    };
    capacity("", "").says("OST-19", CLOUD, Pass, "the hypervisors of openstack have room");
    capacity("900000", "1800000").says(
        "OST-19",
        CLOUD,
        Fail,
        "the hypervisors of openstack are full: memory (90 %)",
    );
    capacity("\"vcpus_used\":300", "\"vcpus_used\":500").says(
        "OST-19",
        CLOUD,
        Fail,
        "the hypervisors of openstack are full: processors (98 %)",
    );
    let disks = raw("OST-19").replace("}", ",\"local_gb\":100,\"local_gb_used\":91}");
    prints("openstack.survey/capacity", &disks).says(
        "OST-19",
        CLOUD,
        Fail,
        "the hypervisors of openstack are full: storage (91 %)",
    );
    assert_eq!(prints("openstack.survey/capacity", "{}").judge("OST-19", CLOUD).verdict, Unknown);
}

#[test]
fn the_vendors_own_check_is_a_run_and_no_probe() {
    let (catalogue, _) = shopfloor::checks::Catalogue::load(&[], &Default::default());
    let why = catalogue.get("OST-20").unwrap().not_built.clone().unwrap();
    assert!(why.contains("step of the plan"), "{why}");
    assert_eq!(raw("OST-20"), "play recap");
}
