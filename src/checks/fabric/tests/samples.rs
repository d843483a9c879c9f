//! A sample for every clause of the records, the vendor's own among them.

use super::{AT, World, raws};
use crate::domain::fact::Table;
use crate::domain::keys::{hosts, router};
use crate::domain::{Answer, Cause, CauseWord, ProbeId, ProbeName, Report, Stamp, Verdict, wanted};

use Verdict::{Fail, Pass, Unknown, Warn};

/// One sample: the check, whom it is about, what sections answer (section,
/// standard output, standard error, status), and what comes of it.
struct Sample {
    id: &'static str,
    on: &'static str,
    answers: Vec<(&'static str, String, &'static str, i32)>,
    verdict: Verdict,
    says: &'static str,
}

fn sample(
    id: &'static str,
    on: &'static str,
    section: &'static str,
    stdout: impl Into<String>,
    verdict: Verdict,
    says: &'static str,
) -> Sample {
    Sample { id, on, answers: vec![(section, stdout.into(), "", 0)], verdict, says }
}

const LEAF: &str = "frontend-leaf0";

/// An agent of the leaf in the form of the list, with this status.
fn agent(generation: u32, status: &str) -> String {
    format!(
        r#"{{"items":[{{"metadata":{{"name":"{LEAF}","generation":{generation}}},"status":{status}}}]}}"#
    )
}

/// A time so many seconds before the controller's clock.
fn before(seconds: i64) -> String {
    Stamp::from_seconds(AT - seconds).rfc3339()
}

/// An agent that reports now and says this state.
fn state(state: &str) -> String {
    agent(
        38,
        &format!(
            r#"{{"lastHeartbeat":"{}","lastAppliedGen":38,"lastAttemptGen":38,"state":{state}}}"#,
            before(5)
        ),
    )
}

/// The raw sample of a record with its heartbeat at the time of these tests.
fn own(id: &str) -> String {
    raws()[id]
        .replace("2027-01-10T10:15:01Z", &before(14))
        .replace("2027-01-10T10:12:00Z", &before(200))
}

/// One object out of `{"n":…,"b":…}` as jq prints it, as the state of an agent.
fn of_jq(id: &str, letter: &str, field: &str) -> String {
    let raw: serde_json::Value = serde_json::from_str(&raws()[id]).unwrap();
    state(&format!("{{{field}:{}}}", raw[letter]))
}

const CABLE: &str = r#"{"items":[{"metadata":{"name":"leaf0--spine0"},"spec":{"fabric":{"links":[{"leaf":{"port":"frontend-leaf0/E1/29","ip":"172.30.128.0/31"},"spine":{"port":"frontend-spine0/E1/1","ip":"172.30.128.1/31"}}]}}},{"metadata":{"name":"control0--frontend"},"spec":{"eslag":{"links":[{"server":{"port":"control0/ens2f0np0"},"switch":{"port":"frontend-leaf0/E1/1"}}]}}}]}"#;

fn ports(server: &str, spine: &str) -> Vec<(&'static str, String, &'static str, i32)> {
    let port = |oper: &str| match oper {
        "off" => "{}".to_owned(),
        "error" => r#"{"enabled":true,"admin":"up","oper":"down","errDisabled":true}"#.to_owned(),
        oper => format!(r#"{{"enabled":true,"admin":"up","oper":"{oper}"}}"#),
    };
    let state = state(&format!(
        r#"{{"interfaces":{{"E1/1":{},"E1/29/1":{}}}}}"#,
        port(server),
        port(spine)
    ));
    vec![("agents", state, "", 0), ("connections", CABLE.to_owned(), "", 0)]
}

fn many(
    id: &'static str,
    on: &'static str,
    answers: Vec<(&'static str, String, &'static str, i32)>,
    verdict: Verdict,
    says: &'static str,
) -> Sample {
    Sample { id, on, answers, verdict, says }
}

fn pod(phase: &str, ready: bool, rest: &str) -> String {
    format!(
        r#"{{"items":[{{"metadata":{{"namespace":"fab","name":"p","creationTimestamp":"{}"}},"status":{{"phase":"{phase}","containerStatuses":[{{"ready":{ready}{rest}}}]}}}}]}}"#,
        before(4_000)
    )
}

fn fabricator(applied: u32, attempt: i64, ready: &str, since: i64, component: &str) -> String {
    format!(
        r#"{{"metadata":{{"generation":3}},"status":{{"lastAppliedGen":{applied},"lastAttemptTime":"{}","conditions":[{{"type":"Applied","status":"True"}},{{"type":"Ready","status":"{ready}","lastTransitionTime":"{}"}}],"components":{{"zot":"{component}"}}}}}}"#,
        before(attempt),
        before(since)
    )
}

fn samples() -> Vec<Sample> {
    let raw = raws();
    let of = |id: &str| raw[id].clone();
    let no_api = "The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?";
    let unready = "[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed";
    let late = |seconds: i64| {
        agent(38, &format!(r#"{{"lastHeartbeat":"{}","lastAppliedGen":38}}"#, before(seconds)))
    };
    let lag = |attempt: u32, seconds: i64| {
        let (beat, tried) = (before(5), before(seconds));
        agent(
            39,
            &format!(
                r#"{{"lastHeartbeat":"{beat}","lastAppliedGen":38,"lastAttemptGen":{attempt},"lastAttemptTime":"{tried}"}}"#
            ),
        )
    };
    let hash = |salt: char| format!("$5${}${}", salt.to_string().repeat(16), "x".repeat(43));
    let users = |admin: &str, op: &str, keys: &str| {
        format!(
            r#"{{"admin":{{"authorizedKeys":[{keys}],"password":"{admin}","role":"admin"}},"op":{{"authorizedKeys":[],"password":"{op}","role":"operator"}}}}"#
        ) + "\n"
            + &format!(r#"{{"password":"{}"}}"#, hash('c'))
    };
    let default = "$5$8nAYPGcl4l6G7Av1$Qi4/gnM0yPtGv9kjpMh78NuNSfQWy7vR1rulHpurL36";
    let own_keys = "aurora-env:\n256 SHA256:UVXCEF3 env@aurora (ED25519)";
    let part = |part: &str| state(&format!(r#"{{"platform":{{{part}}}}}"#));
    let full = |used: u32| {
        let rest = 100 - used;
        state(&format!(
            r#"{{"criticalResources":{{"stats":{{"fdbEntriesUsed":{used},"fdbEntriesAvailable":{rest}}}}}}}"#
        ))
    };
    let sessions = |state_of: &str| {
        state(&format!(
            r#"{{"bgpNeighbors":{{"default":{{"172.30.128.1":{{"enabled":true,"state":"{state_of}"}}}},"VrfEedge":{{"10.9.0.1":{{"enabled":true,"state":"established"}}}}}}}}"#
        ))
    };
    let outside = state(
        r#"{"bgpNeighbors":{"default":{"172.30.128.1":{"enabled":true,"state":"established"}},"VrfEedge":{"10.9.0.1":{"enabled":true,"state":"idle"}}}}"#,
    );
    let lldp = |actual: &str| {
        format!(
            r#"{{"neighbors":{{"{LEAF}":{{"E1/29":{{"expected":{{"name":"frontend-spine0","port":"E1/1"}}{actual}}}}}}}}}"#
        )
    };
    let log = |lines: usize| "time=x level=ERROR msg=\"Reconciler error\"\n".repeat(lines);
    let known = |names: &[&str]| {
        let items: Vec<String> = names
            .iter()
            .map(|n| format!(r#"{{"metadata":{{"name":"{n}"}},"spec":{{}}}}"#))
            .collect();
        format!(r#"{{"items":[{}]}}"#, items.join(","))
    };
    let inspect = |word: &str| {
        of("FAB-04").replace("\"Ready\",\"desiredGen\"", &format!("\"{word}\",\"desiredGen\""))
    };
    let serves = |boot: &str| {
        format!(
            "{{\"n\":\"ntp\",\"r\":\"1\"}}\n{{\"n\":\"fabric-dhcpd\",\"r\":\"1\"}}\n{{\"n\":\"fabric-boot\",\"r\":\"{boot}\"}}"
        )
    };
    let with_session =
        |text: String| vec![("agents", text, "", 0), ("connections", CABLE.to_owned(), "", 0)];
    vec![
        sample("HH-04", "hh", "key-sets", of("HH-04"), Fail, "still takes the key of its installation (old_authorized_keys)"),
        sample("HH-04", "hh", "key-sets", own_keys, Pass, "takes the keys of this site alone"),
        sample("HH-04", "hh", "key-sets", "ignition:\n256 SHA256:x bootstrap (ED25519)", Fail, "only the key of its installation"),
        sample("HH-05", "hh", "shadow", of("HH-05"), Pass, "has a password of its own"),
        sample("HH-05", "hh", "shadow", format!("core:{default}:19700:0:99999:7:::"), Fail, "published password"),
        sample("HH-06", "hh", "api", of("HH-06"), Pass, "is ready"),
        many("HH-06", "hh", vec![("api", unready.to_owned(), "Error from server (InternalError)", 1)], Warn, "is not ready"),
        many("HH-06", "hh", vec![("api", String::new(), no_api, 1)], Fail, "refuses connections"),
        sample("HH-07", "hh", "installer", "unit fabric-install.service inactive\ntime=x level=INFO msg=\"Control Node installation complete\"", Pass, "is complete"),
        sample("HH-07", "hh", "installer", "unit fabric-install.service active", Warn, "still at work"),
        sample("HH-07", "hh", "installer", "unit fabric-install.service failed", Fail, "has failed"),
        sample("HH-07", "hh", "installer", "unit fabric-install.service inactive\ntime=x level=ERROR msg=no", Fail, "logged errors"),
        sample("HH-08", "hh", "pods", of("HH-08"), Pass, "the 1 pods of hh are well"),
        sample("HH-08", "hh", "pods", pod("Running", true, &format!(r#","lastState":{{"terminated":{{"finishedAt":"{}"}}}}"#, before(100))), Warn, "was restarted a moment ago"),
        sample("HH-08", "hh", "pods", pod("Running", false, r#","state":{"waiting":{"reason":"CrashLoopBackOff"}}"#), Fail, "CrashLoopBackOff"),
        sample("HH-08", "hh", "pods", pod("Pending", false, ""), Fail, "fab/p on hh is Pending"),
        sample("HH-09", "hh", "fabricator", of("HH-09"), Pass, "has applied its configuration"),
        sample("HH-09", "hh", "fabricator", fabricator(2, 60, "True", 60, "Ready"), Warn, "applied generation 2 of 3"),
        sample("HH-09", "hh", "fabricator", fabricator(3, 60, "False", 900, "Ready"), Fail, "is not ready"),
        sample("HH-09", "hh", "fabricator", fabricator(3, 60, "True", 60, "NotFound"), Fail, "lacks zot"),
        sample("HH-10", "hh", "users", users(&hash('a'), &hash('b'), "\"ssh-ed25519 AAAA x\""), Pass, "credentials of their own"),
        sample("HH-10", "hh", "users", users(&hash('a'), &hash('b'), ""), Fail, "admin has no SSH key"),
        sample("HH-10", "hh", "users", users(&hash('a'), &hash('a'), "\"ssh-ed25519 AAAA x\""), Fail, "share one hash"),
        sample("HH-10", "hh", "users", users(default, &hash('a'), "\"ssh-ed25519 AAAA x\""), Fail, "the published password opens admin"),
        sample("HH-10", "hh", "users", of("HH-10"), Fail, "no hash that a switch takes"),
        sample("HH-11", "hh", "room", format!("{}\nMem: 100 1 1 1 1 80", of("HH-11")), Pass, "has room"),
        sample("HH-11", "hh", "room", "/dev/vda9 100 90 10 90% /", Warn, "/ of hh has 10 % left"),
        sample("HH-11", "hh", "room", "/dev/vda9 100 97 3 97% /var", Fail, "/var of hh has 3.0 % left"),
        sample("HH-12", "hh", "logs", "", Pass, "log no errors"),
        sample("HH-12", "hh", "logs", of("HH-12"), Warn, "logged 1 errors"),
        sample("HH-12", "hh", "logs", log(5), Fail, "logged 5 errors"),
        sample("HH-13", "b0", "console-kubeconfig", format!("server: https://10.1.1.9:6443\n{}", of("HH-13")), Pass, "opens the fabric's API"),
        sample("HH-13", "b0", "console-kubeconfig", "server: https://127.0.0.1:6443\nok", Fail, "points at https://127.0.0.1:6443"),
        many("HH-13", "b0", vec![("console-kubeconfig", "server: https://10.1.1.9:6443".to_owned(), "x509: certificate is valid for 10.43.0.1", 1)], Fail, "does not open"),
        sample("FAB-01", "hh", "switches", of("FAB-01"), Fail, "does not know frontend-spine0"),
        sample("FAB-01", "hh", "switches", known(&[LEAF, "frontend-spine0"]), Pass, "knows the 2 switches"),
        sample("FAB-01", "hh", "switches", known(&[LEAF, "frontend-spine0", "other"]), Warn, "knows other, which"),
        sample("FAB-02", LEAF, "agents", own("FAB-02"), Pass, "frontend-leaf0 reports"),
        sample("FAB-02", LEAF, "agents", late(95), Warn, "last reported 1m35s ago"),
        sample("FAB-02", LEAF, "agents", late(200), Fail, "last reported 3m20s ago"),
        sample("FAB-02", LEAF, "agents", late(-90), Warn, "ahead of the fabric controller's"),
        sample("FAB-02", LEAF, "agents", agent(38, "null"), Unknown, "not installed yet"),
        sample("FAB-02", LEAF, "agents", r#"{"items":[]}"#, Fail, "knows no agent"),
        sample("FAB-03", LEAF, "agents", own("FAB-02"), Pass, "runs the configuration it was given"),
        sample("FAB-03", LEAF, "agents", lag(39, 60), Warn, "runs generation 38"),
        sample("FAB-03", LEAF, "agents", lag(39, 400), Fail, "fails to apply"),
        sample("FAB-04", "hh", "inspect", of("FAB-04"), Pass, "all 1 switches"),
        sample("FAB-04", "hh", "inspect", inspect("Pending"), Warn, "is pending"),
        sample("FAB-04", "hh", "inspect", inspect("Unknown"), Fail, "knows no state of"),
        many("FAB-05", LEAF, with_session(of_jq("FAB-05", "b", "\"bgpNeighbors\"")), Pass, "1 BGP sessions of frontend-leaf0 are established"),
        many("FAB-05", LEAF, with_session(outside), Warn, "with 10.9.0.1 is idle"),
        many("FAB-05", LEAF, with_session(sessions("active")), Fail, "with 172.30.128.1 is active"),
        many("FAB-05", LEAF, with_session(state("{}")), Fail, "has no BGP session with frontend-spine0"),
        many("FAB-06", LEAF, ports("up", "up"), Pass, "the 2 wired ports"),
        many("FAB-06", LEAF, ports("down", "up"), Warn, "E1/1 of frontend-leaf0 to control0 is down"),
        many("FAB-06", LEAF, ports("off", "up"), Warn, "switched off or not reported"),
        many("FAB-06", LEAF, ports("up", "lowerLayerDown"), Fail, "to frontend-spine0 is down"),
        many("FAB-06", LEAF, ports("error", "up"), Fail, "was shut by an error"),
        many("FAB-06", LEAF, vec![("agents", of_jq("FAB-06", "i", "\"interfaces\""), "", 0), ("connections", CABLE.to_owned(), "", 0)], Warn, "E1/29 of frontend-leaf0"),
        sample("FAB-07", "hh", "lldp", of("FAB-07"), Pass, "are those that are declared"),
        sample("FAB-07", "hh", "lldp", lldp(""), Warn, "no neighbour shows itself at frontend-leaf0 E1/29"),
        sample("FAB-07", "hh", "lldp", lldp(r#","actual":{"name":"frontend-spine0","port":"E1/2"}"#), Fail, "sees frontend-spine0 E1/2, declared is frontend-spine0 E1/1"),
        sample("FAB-08", LEAF, "agents", of_jq("FAB-08", "p", "\"platform\""), Pass, "are well"),
        sample("FAB-08", LEAF, "agents", part(r#""psus":{"PSU1":{}}"#), Warn, "PSU1 of frontend-leaf0 is not there"),
        sample("FAB-08", LEAF, "agents", part(r#""temps":{"CPU":{"temp":92,"highThreshold":90,"critHighThreshold":100}}"#), Warn, "at 92 °C"),
        sample("FAB-08", LEAF, "agents", part(r#""fans":{"FAN1":{"presence":true}}"#), Fail, "FAN1 of frontend-leaf0 has failed"),
        sample("FAB-08", LEAF, "agents", state("{}"), Unknown, "reports neither fans nor supplies"),
        sample("FAB-09", LEAF, "agents", state(&format!("{{\"criticalResources\":{{\"stats\":{}}}}}", serde_json::from_str::<serde_json::Value>(&of("FAB-09")).unwrap()["c"])), Pass, "have room"),
        sample("FAB-09", LEAF, "agents", full(85), Warn, "is 85 % full"),
        sample("FAB-09", LEAF, "agents", full(96), Fail, "is 96 % full"),
        sample("FAB-10", LEAF, "connections", CABLE, Pass, "has the 2 connections"),
        sample("FAB-10", LEAF, "connections", of("FAB-10"), Fail, "E1/29 to frontend-spine0 E1/1 is missing"),
        sample("FAB-10", LEAF, "connections", CABLE.replace("frontend-leaf0/E1/1\"", "frontend-leaf0/E1/2\""), Fail, "E1/1 to control0 ens2f0np0 is missing"),
        sample("FAB-10", LEAF, "connections", CABLE.replace("{\"server\":{\"port\":\"control0/ens2f0np0\"}", "{\"server\":{\"port\":\"x/y\"},\"switch\":{\"port\":\"frontend-leaf0/E1/7\"}},{\"server\":{\"port\":\"control0/ens2f0np0\"}"), Warn, "nobody declares at E1/7"),
        sample("FAB-11", "hh", "tenancy", r#"{"items":[]}"#, Pass, "no VPC left over"),
        sample("FAB-11", "hh", "tenancy", of("FAB-11"), Unknown, "56aa9814-tf"),
        sample("FAB-12", LEAF, "logins", format!("{LEAF}\t0\t{}", of("FAB-12")), Pass, "lets us in"),
        sample("FAB-12", LEAF, "logins", format!("{LEAF}\t255\tadmin@172.30.0.20: Permission denied (publickey)."), Fail, "takes none"),
        sample("FAB-12", LEAF, "logins", format!("{LEAF}\t255\tssh: connect to host 172.30.0.20 port 22: No route to host"), Unknown, "does not reach"),
        sample("FAB-13", LEAF, "agent-logs", format!("switch {LEAF}\nactive"), Pass, "runs without errors"),
        sample("FAB-13", LEAF, "agent-logs", format!("switch {LEAF}\nactive\n{}", of("FAB-13")), Fail, "a tenant was deleted and another created too soon"),
        sample("FAB-13", LEAF, "agent-logs", format!("switch {LEAF}\nfailed"), Fail, "is failed"),
        sample("FAB-16", "hh", "deployments", serves("1"), Pass, "serves time"),
        sample("FAB-16", "hh", "deployments", of("FAB-16"), Fail, "ntp and fabric-dhcpd of hh has no ready replica"),
        sample("FAB-16", "hh", "deployments", serves(""), Fail, "fabric-boot of hh"),
    ]
}

/// A world in which everything that is not sampled is well.
fn world() -> World {
    let mut world = World::of(&[LEAF, "frontend-spine0"]);
    world.answer("clock", &AT.to_string(), "", 0);
    for target in &mut world.site.targets {
        if target.name == LEAF {
            for (port, end) in [("E1/29", "frontend-spine0 E1/1"), ("E1/1", "control0 ens2f0np0")] {
                target.wanted.insert(format!("{}{port}", wanted::WIRE), end.to_owned());
            }
        }
    }
    world
}

/// The clauses for which there is a sample.
pub(super) fn clauses() -> Vec<(String, Verdict)> {
    let of_answers = samples().into_iter().map(|sample| (sample.id.to_owned(), sample.verdict));
    let of_reach = ["HH-01", "HH-03"]
        .into_iter()
        .flat_map(|id| [Pass, Warn, Fail].map(|verdict| (id.to_owned(), verdict)));
    let port = [Pass, Fail].map(|verdict| ("HH-02".to_owned(), verdict));
    of_answers.chain(of_reach).chain(port).collect()
}

#[test]
fn every_sample_is_judged_as_its_clause_says() {
    for Sample { id, on, answers, verdict, says } in samples() {
        let mut world = world();
        for (section, stdout, stderr, status) in &answers {
            world.answer(section, stdout, stderr, *status);
        }
        let judged = world.judge(id, on);
        assert_eq!(judged.verdict, verdict, "{id}: {}\n{answers:?}", judged.sentence);
        assert!(judged.sentence.contains(says), "{id}: {} / {says}", judged.sentence);
        assert!(!judged.sentence.ends_with('.') && judged.target.as_str() == on, "{id}");
        if verdict == Pass {
            assert_eq!(judged.next, Vec::<String>::new(), "{id}");
        }
    }
}

#[test]
fn answers_that_are_no_answers_are_unknown() {
    let mut seen = 0;
    for Sample { id, on, answers, .. } in samples() {
        for junk in ["<html>502 Bad Gateway</html>", "{\"items\":", "error: unknown"] {
            let mut world = world();
            for (section, ..) in &answers {
                world.answer(section, junk, "something else", 1);
            }
            let judged = world.judge(id, on);
            // A kubeconfig that is turned away in words that nobody knows does not open anything.
            let expected = if id == "HH-13" { Fail } else { Unknown };
            assert_eq!(judged.verdict, expected, "{id}: {} of {junk}", judged.sentence);
            seen += 1;
        }
    }
    assert!(seen > 150, "{seen}");
}

#[test]
fn the_controllers_machine_is_judged_by_its_hypervisor_and_by_our_own_look() {
    let take = |world: &mut World, on: &str, answer: Answer| {
        let id = ProbeId { target: on.into(), probe: ProbeName::fixed("host.look") };
        world.others.take(&id, answer, Stamp::from_seconds(AT), 5);
    };
    for (state, verdict, says) in [
        (Some("running"), Pass, "runs on rb"),
        (Some("shut off"), Warn, "is shut off"),
        (Some("crashed"), Fail, "is crashed"),
        (None, Fail, "rb has no VM hedgehog-controller"),
    ] {
        let mut world = world();
        let mut report = Report::default();
        let mut domains = Table::new(&["name", "state"]);
        if let Some(state) = state {
            domains.push(vec!["hedgehog-controller".into(), state.into()]);
        }
        report.learn(router::DOMAINS, domains);
        take(&mut world, "rb", Answer::Facts(report));
        let judged = world.judge("HH-01", "rb");
        assert_eq!(judged.verdict, verdict);
        assert!(judged.sentence.contains(says), "{}", judged.sentence);
    }
    let cause = |word: CauseWord| Answer::Refused(Cause::new(word, "hh does so", "try this"));
    for (answer, port, key) in [
        (None, Pass, Pass),
        (Some(cause(CauseWord::AuthRefused)), Pass, Warn),
        (Some(cause(CauseWord::KeyChanged)), Pass, Fail),
        (Some(cause(CauseWord::Refused)), Fail, Fail),
        (Some(cause(CauseWord::TimedOut)), Fail, Fail),
        (Some(cause(CauseWord::PasswordSealed)), Unknown, Unknown),
    ] {
        let mut world = world();
        let mut report = Report::default();
        report.learn(hosts::CLOCK, Stamp::from_seconds(AT));
        take(&mut world, "hh", answer.unwrap_or(Answer::Facts(report)));
        let (port_said, key_said) = (world.judge("HH-02", "hh"), world.judge("HH-03", "hh"));
        assert_eq!((port_said.verdict, key_said.verdict), (port, key), "{}", key_said.sentence);
    }
}
