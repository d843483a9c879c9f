//! A sample for every clause of the records, the vendor's own among them.

use crate::checks::Catalogue;
use crate::checks::fabric::tests::{AT, World, raws};
use crate::domain::keys::hosts;
use crate::domain::{Answer, Cause, CauseWord, ProbeId, ProbeName, Report, Stamp, Verdict, wanted};

use Verdict::{Fail, NotYet, Pass, Unknown, Warn};

/// The check, whom it is about, what a section answers, what comes of it.
type Sample = (&'static str, &'static str, &'static str, String, Verdict, &'static str);

const POOL: &str = "dhcp.frontend=dhcp\ndhcp.frontend.interface='frontend'\ndhcp.frontend.dynamicdhcp='0'\ndhcp.frontend.force='1'\n";
const HOST: &str = "dhcp.@host[0]=host\ndhcp.@host[0].name='control0'\ndhcp.@host[0].mac='02:00:5E:10:00:10'\ndhcp.@host[0].ip='10.30.0.101'\n";

/// A site whose router is planned as the vendor's samples have it.
fn world() -> World {
    let mut world = World::of(&[]);
    world.site.wanted.insert(wanted::CONSOLE_NAME.into(), "console.aurora.example.net".into());
    let router = world.site.targets.iter_mut().find(|target| target.name == "wrt").unwrap();
    for (name, words) in [
        (wanted::ADDRESS, "192.168.40.1"),
        (wanted::ROUTER_NAMES, "openstack-vip=10.32.0.24"),
        (wanted::ROUTER_LEASES, "control0=02:00:5e:10:00:10=10.30.0.101"),
        (wanted::ROUTER_POOLS, "frontend=frontend=0=1"),
        (wanted::ROUTER_TUNNELS, "operator_wg0"),
        (wanted::ROUTER_SITE_PEERS, "PEERPUB"),
        (wanted::ROUTER_NEIGHBOURS, "openstack_control0 openstack_control1 upstream_edge0"),
        (wanted::ROUTER_PREFIXES, "203.0.113.0/24"),
        (wanted::ROUTER_PUBLIC, "203.0.113.1"),
        (wanted::ROUTER_FEEDS, "firehol1 drop tor"),
    ] {
        router.wanted.insert(name.to_owned(), words.to_owned());
    }
    world.answer("clock", &AT.to_string(), "", 0);
    world.answer("bound", "udp        0      0 0.0.0.0:67              0.0.0.0:*", "", 0);
    world
}

fn samples() -> Vec<Sample> {
    let raw = raws();
    let of = |id: &str| raw[id].clone();
    let services = |bird: bool| {
        format!(
            r#"{{"dnsmasq":{{"instances":{{"a":{{"running":true}}}}}},"bird":{{"instances":{{"a":{{"running":{bird}}}}}}},"uhttpd":{{"instances":{{"a":{{"running":true}}}}}},"banip":{{"instances":{{"a":{{"running":true}}}}}},"network":{{}}}}"#
        )
    };
    let acme = |names: &[&str]| {
        let forwards: Vec<String> = names
            .iter()
            .map(|name| format!("/_acme-challenge.{name}.aurora.example.net/1.1.1.1"))
            .collect();
        format!("dhcp.@dnsmasq[0]=dnsmasq\ndhcp.@dnsmasq[0].server='{}'", forwards.join("' '"))
    };
    let shook = |seconds: i64| of("WRT-12").replace("1790000000", &(AT - seconds).to_string());
    let bgp = |one: &str, other: &str, upstream: &str| {
        let line = |name: &str, state: &str| {
            let (state, info) = if state == "up" {
                ("up", "Established")
            } else {
                ("start", "Active        Socket: Connection refused")
            };
            format!("{name} BGP ---       {state}     10:15:01.234  {info}\n")
        };
        format!(
            "BIRD 3.1.2 ready.\nName       Proto      Table      State  Since         Info\n{}{}{}",
            line("openstack_control0", one),
            line("openstack_control1", other),
            line("upstream_edge0", upstream)
        )
    };
    let set = |name: &str, elements: &str| {
        format!(r#"{{"nftables":[{{"metainfo":{{}}}},{{"set":{{"name":"{name}"{elements}}}}}]}}"#)
    };
    let filled = r#","elem":["198.51.100.1"]"#;
    let drop = "comment \"!fw4: Drop ANY from Internet to BGP\"";
    let accept = "ip saddr @allow_operators accept comment \"!fw4: operators\"";
    let log = |minute: &str, level: &str| {
        format!("Mon Jan 10 10:15:01 2028\nMon Jan 10 10:{minute}:01 2028 {level} dnsmasq[1]: x")
    };
    let link = |flags: &str, address: &str| {
        format!(
            r#"[{{"ifname":"vbgp","flags":[{flags}],"addr_info":[{{"local":"{address}","prefixlen":24}}]}}]"#
        )
    };
    vec![
        ("WRT-02", "wrt", "services", services(true), Pass, "run on wrt"),
        ("WRT-02", "wrt", "services", services(false), Fail, "bird does not run"),
        ("WRT-02", "wrt", "services", of("WRT-02"), Fail, "network and banip does not run"),
        ("WRT-03", "wrt", "dhcp", of("WRT-03"), Pass, "serves addresses in its 1 pools"),
        (
            "WRT-03",
            "wrt",
            "dhcp",
            POOL.replace("force='1'", "force='0'"),
            Fail,
            "force of pool frontend is 0",
        ),
        (
            "WRT-03",
            "wrt",
            "dhcp",
            format!("{POOL}dhcp.frontend.ignore='1'"),
            Fail,
            "is switched off",
        ),
        ("WRT-03", "wrt", "dhcp", HOST.to_owned(), Fail, "pool frontend is missing"),
        ("WRT-04", "wrt", "dhcp", of("WRT-04"), Pass, "has the 1 fixed addresses"),
        (
            "WRT-04",
            "wrt",
            "dhcp",
            format!("{HOST}dhcp.@host[1]=host\ndhcp.@host[1].name='other'"),
            Warn,
            "nobody declares: other",
        ),
        (
            "WRT-04",
            "wrt",
            "dhcp",
            HOST.replace("101", "102"),
            Fail,
            "planned is 02:00:5e:10:00:10 10.30.0.101",
        ),
        ("WRT-04", "wrt", "dhcp", POOL.to_owned(), Fail, "control0 is missing"),
        ("WRT-05", "wrt", "leases", of("WRT-05"), Pass, "those that are planned"),
        (
            "WRT-05",
            "wrt",
            "leases",
            "1790003600 02:00:5e:ff:00:10 10.30.0.200 * *".into(),
            Warn,
            "02:00:5e:ff:00:10",
        ),
        (
            "WRT-05",
            "wrt",
            "leases",
            of("WRT-05").replace(".101", ".201"),
            Fail,
            "control0 has 10.30.0.201",
        ),
        (
            "WRT-06",
            "b0",
            "served-names",
            format!("openstack-vip {}", of("WRT-06")),
            Pass,
            "knows the 1 names",
        ),
        (
            "WRT-06",
            "b0",
            "served-names",
            "openstack-vip -".into(),
            Fail,
            "openstack-vip is nothing",
        ),
        ("WRT-07", "b0", "served-public", of("WRT-07"), Pass, "resolves public names"),
        ("WRT-07", "b0", "served-public", "192.0.2.44\n0".into(), Fail, "holds back"),
        ("WRT-07", "b0", "served-public", "1".into(), Fail, "does not resolve public"),
        (
            "WRT-08",
            "wrt",
            "dhcp",
            acme(&["console", "grafana", "loki", "prometheus"]),
            Pass,
            "public resolver",
        ),
        (
            "WRT-08",
            "wrt",
            "dhcp",
            format!("dhcp.x=dnsmasq\ndhcp.x.server='{}'", of("WRT-08")),
            Fail,
            "loki and prometheus",
        ),
        ("WRT-09", "b0", "served-tftp", of("WRT-09"), Pass, "boot loader"),
        ("WRT-09", "b0", "served-tftp", "0".into(), Fail, "no boot loader"),
        ("WRT-10", "b0", "served-boot", of("WRT-10"), Pass, "boot files"),
        ("WRT-10", "b0", "served-boot", "404".into(), Fail, "answers 404"),
        ("WRT-10", "b0", "served-boot", "000".into(), Fail, "no answer over HTTP"),
        (
            "WRT-11",
            "wrt",
            "share",
            format!("{}\nresolves", of("WRT-11")),
            Pass,
            "has the router box's files",
        ),
        (
            "WRT-11",
            "wrt",
            "share",
            "ls: /tftp: No such file or directory".into(),
            Fail,
            "has not mounted",
        ),
        ("WRT-12", "wrt", "wireguard", shook(20), Pass, "1 tunnels of wrt are up"),
        ("WRT-12", "wrt", "wireguard", shook(300), Warn, "last shook hands 5m00s ago"),
        ("WRT-12", "wrt", "wireguard", shook(700), Fail, "11m40s ago"),
        (
            "WRT-12",
            "wrt",
            "wireguard",
            of("WRT-12").replace("1790000000", "0"),
            Fail,
            "was never up",
        ),
        ("WRT-12", "wrt", "wireguard", String::new(), Fail, "has no tunnel operator_wg0"),
        ("WRT-13", "wrt", "protocols", bgp("up", "up", "up"), Pass, "3 BGP sessions"),
        ("WRT-13", "wrt", "protocols", bgp("up", "start", "up"), Warn, "with openstack_control1"),
        (
            "WRT-13",
            "wrt",
            "protocols",
            bgp("start", "start", "up"),
            Fail,
            "any speaker of the cloud",
        ),
        ("WRT-13", "wrt", "protocols", of("WRT-13"), Fail, "with upstream_edge0"),
        ("WRT-14", "wrt", "routes", of("WRT-14"), Pass, "1 floating addresses"),
        (
            "WRT-14",
            "wrt",
            "routes",
            "Table master4:\n203.0.113.17/32      blackhole [static1 2027-01-01] * (200)".into(),
            Fail,
            "drops what goes to 203.0.113.17/32",
        ),
        ("WRT-15", "wrt", "dummy", of("WRT-15"), Pass, "is up with the public address"),
        ("WRT-15", "wrt", "dummy", link("\"BROADCAST\"", "203.0.113.1"), Fail, "is down"),
        (
            "WRT-15",
            "wrt",
            "dummy",
            link("\"UP\"", "203.0.113.9"),
            Fail,
            "has not the address 203.0.113.1",
        ),
        ("WRT-15", "wrt", "dummy", "[]".into(), Fail, "has no interface vbgp"),
        ("WRT-16", "wrt", "banip", of("WRT-16"), Pass, "active with its feeds"),
        ("WRT-16", "wrt", "banip", of("WRT-16").replace(", tor", ""), Warn, "lacks tor"),
        (
            "WRT-16",
            "wrt",
            "banip",
            of("WRT-16").replace("active (nft", "disabled (nft"),
            Fail,
            "is disabled",
        ),
        (
            "WRT-18",
            "wrt",
            "allowed",
            format!("{}\n{}", of("WRT-18"), set("allow_tenants", filled)),
            Pass,
            "are loaded",
        ),
        (
            "WRT-18",
            "wrt",
            "allowed",
            format!("{}\n{}", of("WRT-18"), set("allow_tenants", "")),
            Fail,
            "allow_tenants is empty",
        ),
        ("WRT-18", "wrt", "allowed", of("WRT-18"), Fail, "allow_tenants is missing"),
        ("WRT-19", "wrt", "forward-rules", of("WRT-19"), Pass, "before it drops"),
        ("WRT-19", "wrt", "forward-rules", format!("{accept}\n{drop}"), Pass, "before it drops"),
        (
            "WRT-19",
            "wrt",
            "forward-rules",
            format!("{drop}\n{accept}"),
            Fail,
            "before it looks at the allow lists",
        ),
        ("WRT-19", "wrt", "forward-rules", accept.into(), Unknown, "has no rule"),
        ("WRT-20", "wrt", "log", log("14", "daemon.info"), Pass, "logs no errors"),
        ("WRT-20", "wrt", "log", log("14", "daemon.err"), Warn, "logged 1 errors"),
        ("WRT-20", "wrt", "log", log("01", "kern.err"), Pass, "logs no errors"),
        ("WRT-21", "b0", "served-firmware", of("WRT-21"), Pass, "firmware over HTTP"),
        ("WRT-21", "b0", "served-firmware", "HTTP/1.1 404 Not Found".into(), Fail, "answers 404"),
    ]
}

#[test]
fn every_sample_is_judged_as_its_clause_says() {
    for (id, on, section, answer, verdict, says) in samples() {
        let mut world = world();
        world.answer(section, &answer, "", 0);
        let judged = world.judge(id, on);
        assert_eq!(judged.verdict, verdict, "{id}: {}\n{answer}", judged.sentence);
        assert!(judged.sentence.contains(says), "{id}: {} / {says}", judged.sentence);
    }
    let mut world = world();
    world.answer("bound", "udp        0      0 0.0.0.0:53              0.0.0.0:*", "", 0);
    world.answer("dhcp", POOL, "", 0);
    assert_eq!(world.judge("WRT-03", "wrt").sentence, "DHCP of wrt: nothing listens on UDP 67");
}

#[test]
fn every_check_of_the_area_is_there_and_every_clause_has_a_sample() {
    let (catalogue, _) = Catalogue::load(&[], &Default::default());
    let samples = samples();
    let mut met = 0;
    for id in (1..=21).map(|number| format!("WRT-{number:02}")) {
        let spec = catalogue.get(&id).unwrap_or_else(|| panic!("{id} has no record"));
        if spec.not_built.is_some() || id == "WRT-01" {
            continue;
        }
        for (clause, verdict) in [("pass:", Pass), ("warn:", Warn), ("fail:", Fail)] {
            let is_said = spec.rule.lines().any(|line| line.starts_with(clause));
            let is_sampled =
                samples.iter().any(|(other, .., judged, _)| *other == id && *judged == verdict);
            assert_eq!(is_said, is_sampled, "{id} {clause}");
            met += 1;
        }
    }
    assert!(met >= 50, "{met}");
}

#[test]
fn answers_that_are_no_answers_are_unknown() {
    for (id, on, section, ..) in samples() {
        for junk in ["<html>502 Bad Gateway</html>", "{\"a\":"] {
            let mut world = world();
            world.answer(section, junk, "something else", 1);
            let judged = world.judge(id, on);
            assert_eq!(judged.verdict, Unknown, "{id}: {} of {junk}", judged.sentence);
        }
    }
}

#[test]
fn no_key_of_a_tunnel_is_kept() {
    let mut world = world();
    world.answer("wireguard", &raws()["WRT-12"].replace("(none)", "PRESHARED"), "", 0);
    let judged = serde_json::to_string(&world.judge("WRT-12", "wrt")).unwrap();
    assert!(!judged.contains("PRIVATE") && !judged.contains("PRESHARED"));
}

#[test]
fn what_the_inventory_does_not_plan_is_not_judged() {
    let mut world = World::of(&[]);
    for id in ["WRT-13", "WRT-14", "WRT-15", "WRT-16"] {
        assert_eq!(world.judge(id, "wrt").verdict, NotYet, "{id}");
    }
    world.answer("clock", &AT.to_string(), "", 0);
    world.answer("wireguard", "", "", 0);
    assert_eq!(world.judge("WRT-12", "wrt").verdict, Pass);
}

#[test]
fn the_router_answers_or_not_by_our_own_look() {
    let facts = |uptime: f64| {
        let mut report = Report::default();
        report.learn(hosts::CLOCK, Stamp::from_seconds(AT));
        report.learn(hosts::UPTIME, uptime);
        Answer::Facts(report)
    };
    let cause = |word| Answer::Unreachable(Cause::new(word, "wrt does so", "try this"));
    for (answer, verdict) in [
        (facts(86_400.0), Pass),
        (facts(300.0), Warn),
        (cause(CauseWord::Refused), Fail),
        (cause(CauseWord::PasswordSealed), Unknown),
    ] {
        let mut world = world();
        let id = ProbeId { target: "wrt".into(), probe: ProbeName::fixed("host.look") };
        world.others.take(&id, answer, Stamp::from_seconds(AT), 5);
        assert_eq!(world.judge("WRT-01", "wrt").verdict, verdict);
    }
}
