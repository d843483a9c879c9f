//! What the fabric controller answers: Kubernetes objects of switches, wiring
//! and accounts, in the shapes that the documented commands ask for.

use serde_json::{Map, Value, json};

use super::documented::{Answers, Asked};
use super::{Printed, Scene, ok};
use crate::domain::{Role, Stamp};
use crate::lab::fabric::{Agent, Cable, End};

/// The fabric controller of the demo site.
pub const ANSWERS: Answers = Answers { section, command: |_, _| None };

/// The generation of the configuration that every switch runs.
const GENERATION: u32 = 38;
/// The software of the agents.
const VERSION: &str = "v0.129.4";
/// The hash that the generator writes for all users.
const DEFAULT_HASH: &str = "$5$8nAYPGcl4l6G7Av1$Qi4/gnM0yPtGv9kjpMh78NuNSfQWy7vR1rulHpurL36";

fn section(scene: &Scene<'_>, asked: &Asked<'_>) -> Option<Printed> {
    if asked.asks == "fabric.console" && scene.is(Role::Bastion) {
        return ok("server: https://192.168.40.249:6443\nok\n");
    }
    if !scene.is(Role::FabricController) {
        return None;
    }
    match asked.section {
        "clock" => ok(format!("{:.0}\n", scene.own_time().floor())),
        "api" => ok("[+]ping ok\n[+]etcd ok\nreadyz check passed\n"),
        "agents" => ok(agents(scene)),
        "pods" => ok(pods(scene).to_string()),
        "fabricator" => ok(fabricator(scene).to_string()),
        "installer" => ok(
            "unit hhfab-install.service inactive\nunit fabric-install.service inactive\nunit flatcar-install.service inactive\ncomplete\n",
        ),
        "switches" => ok(switches(scene).to_string()),
        "connections" => ok(connections(scene).to_string()),
        "lldp" => ok(lldp(scene).to_string()),
        "inspect" => ok(inspect(scene).to_string()),
        "tenancy" => ok("{\"items\":[]}\n"),
        "users" => ok(users(scene)),
        "shadow" => ok(format!("core:{}:19700:0:99999:7:::\n", hash(scene, 'c', "core"))),
        "key-sets" => ok(
            "harbour-site:\n256 SHA256:q9tYh5Tz0n1dJ8QmGc0mXk0Zb2nB3cYw5kqv2b8k7uA site-key@harbour (ED25519)\n",
        ),
        "room" => ok(
            "/dev/vda9 38654705664 14474836480 24179869184 38% /\n/dev/vda9 38654705664 14474836480 24179869184 38% /var\nMem: 16777216000 5000000000 2000000000 10000000 9777216000 11000000000\n",
        ),
        "logs" => ok(""),
        "deployments" => ok(["ntp", "fabric-boot", "fabric-dhcpd"]
            .map(|name| format!("{{\"n\":\"{name}\",\"r\":\"1\"}}\n"))
            .concat()),
        "logins" => ok(each_switch(scene, |name, agent| {
            if agent.reachable {
                format!("{name}\t0\t10:15:01 up 21 days\n")
            } else {
                let address = &agent.address;
                format!("{name}\t255\tssh: connect to host {address} port 22: No route to host\n")
            }
        })),
        "agent-logs" => ok(each_switch(scene, |name, agent| match agent.silent_since {
            _ if !agent.reachable => String::new(),
            None => format!("switch {name}\nactive\n"),
            Some(_) => format!("switch {name}\nfailed\n"),
        })),
        _ => None,
    }
}

fn each_switch(scene: &Scene<'_>, line: impl Fn(&str, &Agent) -> String) -> String {
    scene.world.fabric.agents.iter().map(|(name, agent)| line(name, agent)).collect()
}

/// RFC 3339 of a time.
fn time(seconds: i64) -> String {
    Stamp::from_seconds(seconds).rfc3339()
}

/// A hash of nobody's password, in the form that a switch takes; the default
/// one while the site still has it.
fn hash(scene: &Scene<'_>, filler: char, user: &str) -> String {
    if scene.world.fabric.default_credentials && user != "core" {
        return DEFAULT_HASH.to_owned();
    }
    format!("$5${}${}", filler.to_string().repeat(16), filler.to_string().repeat(43))
}

fn users(scene: &Scene<'_>) -> String {
    let key = json!([
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILdEjTATWsMniVHjMse6fSMsOd6RQ7babYmjcat15/AS site-key@harbour"
    ]);
    let switch = json!({
        "admin": {"authorizedKeys": key, "password": hash(scene, 'a', "admin"), "role": "admin"},
        "op": {"authorizedKeys": [], "password": hash(scene, 'b', "op"), "role": "operator"},
    });
    let control = json!({"authorizedKeys": key, "password": hash(scene, 'c', "core")});
    format!("{switch}\n{control}\n")
}

/// Whether a switch forwards.
fn forwards(scene: &Scene<'_>, switch: &str) -> bool {
    scene.world.switches.get(switch).is_none_or(|switch| switch.alive)
}

/// The cables of a switch: the end at it, the far end, the cable.
fn cables_at<'s>(
    scene: &Scene<'s>,
    switch: &str,
) -> impl Iterator<Item = (&'s End, &'s End, &'s Cable)> {
    let switch = switch.to_owned();
    scene.world.fabric.cables.iter().filter_map(move |cable| {
        if cable.near.device == switch {
            Some((&cable.near, &cable.far, cable))
        } else if cable.far.device == switch && cable.kind == "fabric" {
            Some((&cable.far, &cable.near, cable))
        } else {
            None
        }
    })
}

fn agents(scene: &Scene<'_>) -> String {
    each_switch(scene, |name, agent| {
        let status = status(scene, name, agent);
        format!("{name}\t{GENERATION}\t\t{VERSION}\t\t{status}\n")
    })
}

fn status(scene: &Scene<'_>, name: &str, agent: &Agent) -> Value {
    let now = scene.own_time() as i64;
    // A beat every fifteen seconds; the last one before it fell silent.
    let last = agent.silent_since.unwrap_or(now);
    let mut interfaces = Map::new();
    let mut sessions = Map::new();
    let session = |state: &str| json!({"enabled": true, "state": state, "estabTrans": 1});
    for (near, far, cable) in cables_at(scene, name) {
        let is_up = forwards(scene, &far.device);
        let oper = if is_up { "up" } else { "down" };
        let port = json!({"enabled": true, "admin": "up", "oper": oper, "speed": "100G"});
        interfaces.insert(near.port.clone(), port);
        if cable.kind == "fabric" {
            let state = if is_up { "established" } else { "active" };
            let bare = |address: &str| address.split('/').next().unwrap_or_default().to_owned();
            sessions.insert(bare(&far.address), session(state));
            if let Some(far) = scene.world.fabric.agents.get(&far.device) {
                sessions.insert(far.protocol_address.clone(), session(state));
            }
        }
    }
    let celsius = 41.0 + 4.0 * scene.wave(&format!("{name} CPU"));
    json!({
        "version": VERSION,
        "lastHeartbeat": time(last - last.rem_euclid(15)),
        "lastAttemptTime": time(scene.machine.installed + 7_200),
        "lastAttemptGen": GENERATION,
        "lastAppliedTime": time(scene.machine.installed + 7_241),
        "lastAppliedGen": GENERATION,
        "state": {
            "nos": {"softwareVersion": "4.5.2-Enterprise_Base"},
            "interfaces": interfaces,
            "bgpNeighbors": {"default": sessions},
            "platform": {
                "fans": {
                    "FAN1": {"presence": true, "status": true, "speed": 45},
                    "FAN2": {"presence": true, "status": true, "speed": 46},
                },
                "psus": {
                    "PSU1": {"presence": true, "status": true},
                    "PSU2": {"presence": true, "status": true},
                },
                "temps": {"CPU": {
                    "temp": (celsius * 10.0).round() / 10.0,
                    "highThreshold": 90, "critHighThreshold": 100,
                }},
            },
            "criticalResources": {"stats": {
                "ipv4RoutesUsed": 120, "ipv4RoutesAvailable": 98_000,
                "fdbEntriesUsed": 60, "fdbEntriesAvailable": 32_000,
            }},
        },
    })
}

fn pods(scene: &Scene<'_>) -> Value {
    let created = time(scene.machine.installed + 3_600);
    let names = [
        "fabric-ctrl-7c9d8",
        "fabric-boot-5f6b7",
        "fabric-dhcpd-6c8f9",
        "fabricator-ctrl-79b64",
        "ntp-84d5c",
        "zot-0",
    ];
    let pods = names.map(|name| {
        json!({
            "metadata": {"namespace": "fab", "name": name, "creationTimestamp": created},
            "status": {"phase": "Running", "containerStatuses": [{"ready": true, "restartCount": 0}]},
        })
    });
    json!({"items": pods})
}

fn fabricator(scene: &Scene<'_>) -> Value {
    let since = time(scene.machine.installed + 7_300);
    json!({
        "metadata": {"generation": 4},
        "status": {
            "lastAppliedGen": 4,
            "lastAttemptGen": 4,
            "lastAttemptTime": since,
            "lastStatusCheck": time(scene.own_time() as i64 - 20),
            "conditions": [
                {"type": "Applied", "status": "True", "lastTransitionTime": since},
                {"type": "Ready", "status": "True", "lastTransitionTime": since},
            ],
            "components": {
                "fabricAPI": "Ready", "fabricBoot": "Ready", "fabricCtrl": "Ready",
                "fabricDHCP": "Ready", "zot": "Ready", "ntp": "Ready",
            },
        },
    })
}

fn switches(scene: &Scene<'_>) -> Value {
    let items: Vec<Value> = scene
        .world
        .fabric
        .agents
        .iter()
        .map(|(name, agent)| {
            json!({
                "metadata": {"name": name},
                "spec": {
                    "role": agent.role, "profile": agent.profile,
                    "ip": format!("{}/21", agent.address),
                    "protocolIP": format!("{}/32", agent.protocol_address),
                },
            })
        })
        .collect();
    json!({"items": items})
}

fn connections(scene: &Scene<'_>) -> Value {
    let mut items: Vec<(String, &str, Vec<Value>)> = Vec::new();
    for cable in &scene.world.fabric.cables {
        let port = |end: &End| format!("{}/{}", end.device, end.port);
        let link = if cable.kind == "fabric" {
            json!({
                "leaf": {"port": port(&cable.near), "ip": cable.near.address},
                "spine": {"port": port(&cable.far), "ip": cable.far.address},
            })
        } else {
            json!({"server": {"port": port(&cable.far)}, "switch": {"port": port(&cable.near)}})
        };
        match items.iter_mut().find(|(name, ..)| name == &cable.name) {
            Some((.., links)) => links.push(link),
            None => items.push((cable.name.clone(), cable.kind, vec![link])),
        }
    }
    let items: Vec<Value> = items
        .into_iter()
        .map(|(name, kind, mut links)| {
            let spec = match (kind, links.pop()) {
                ("unbundled", Some(link)) => json!({"link": link}),
                (_, last) => {
                    links.extend(last);
                    json!({"links": links})
                }
            };
            json!({"metadata": {"name": name}, "spec": {kind: spec}})
        })
        .collect();
    json!({"items": items})
}

fn lldp(scene: &Scene<'_>) -> Value {
    let mut switches = Map::new();
    for name in scene.world.fabric.agents.keys() {
        let mut ports = Map::new();
        for (near, far, _) in cables_at(scene, name) {
            let end = json!({"name": far.device, "port": far.port});
            let mut row = json!({"expected": end});
            if forwards(scene, &far.device)
                && let Some(row) = row.as_object_mut()
            {
                row.insert("actual".to_owned(), end);
            }
            ports.insert(near.port.clone(), row);
        }
        switches.insert(name.clone(), Value::Object(ports));
    }
    json!({"neighbors": switches})
}

fn inspect(scene: &Scene<'_>) -> Value {
    let switches: Vec<Value> = scene
        .world
        .fabric
        .agents
        .keys()
        .map(|name| json!({"name": name, "state": {"summary": "Ready"}}))
        .collect();
    json!({"switches": switches})
}
