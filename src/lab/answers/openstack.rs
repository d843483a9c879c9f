//! What the cloud says, as its client and its nodes print it: its state is that
//! of the control nodes and hypervisors, and of the cloud itself.

use super::documented::{Answers, Asked};
use super::{Printed, Scene, ok};
use crate::domain::{Role, Stamp};
use crate::lab::world::Machine;

/// The cloud's answers.
pub const ANSWERS: Answers = Answers { section, command: |_, _| None };

const KINDS: [&str; 8] = [
    "identity",
    "compute",
    "image",
    "network",
    "volumev3",
    "placement",
    "key-manager",
    "baremetal",
];
const DAY_MS: i64 = 86_400_000;

fn of<'a>(scene: &'a Scene<'_>, role: Role) -> impl Iterator<Item = &'a Machine> {
    scene.world.machines.values().filter(move |machine| machine.role == role)
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]\n", items.collect::<Vec<_>>().join(","))
}

fn service(binary: &str, host: &str, zone: &str, up: bool) -> String {
    let state = if up { "up" } else { "down" };
    format!(
        r#"{{"Binary":"{binary}","Host":"{host}","Zone":"{zone}","Status":"enabled","State":"{state}","Disabled Reason":null}}"#
    )
}

fn section(scene: &Scene<'_>, asked: &Asked<'_>) -> Option<Printed> {
    match asked.asks {
        "openstack.look" => look(scene, asked.section),
        "openstack.survey" => survey(scene, asked.section),
        "openstack.identity" => {
            ok("{\"version\":{\"id\":\"v3.14\",\"status\":\"stable\"}}\n200 0.084\n")
        }
        "openstack.outside" => {
            let ends = Stamp((scene.now * 1000.0) as i64 + 300 * DAY_MS);
            let line =
                |port: u32| format!("{port} notAfter={} issuer=CN = DemoCA \n", openssl_time(ends));
            ok([5000, 8774, 9292, 9696, 8776].map(line).concat())
        }
        "node.look" => ok(containers(scene)),
        "node.survey" => ok(String::new()),
        "control.look" => control(scene, asked.section),
        "control.survey" => match asked.section {
            "orphans" => ok("0\n"),
            "bus-url" => ok(format!("{}\n", scene.world.systems.bus_url)),
            _ => None,
        },
        _ => None,
    }
}

/// As openssl writes a time.
fn openssl_time(at: Stamp) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = at.rfc3339();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let month = part(5, 7).parse::<usize>().unwrap_or(1);
    let month = MONTHS.get(month.saturating_sub(1)).copied().unwrap_or("Jan");
    format!("{month} {} {} {} GMT", part(8, 10), part(11, 19), part(0, 4))
}

fn look(scene: &Scene<'_>, section: &str) -> Option<Printed> {
    let systems = &scene.world.systems;
    ok(match section {
        "compute-services" => {
            let control = of(scene, Role::Control).flat_map(|node| {
                ["nova-conductor", "nova-scheduler"]
                    .map(|binary| service(binary, &node.name, "internal", node.powered))
            });
            let computes = of(scene, Role::Compute).map(|node| {
                let up = node.powered && !systems.computes_down.contains(&node.name);
                service("nova-compute", &node.name, "nova", up)
            });
            list(control.chain(computes))
        }
        "volume-services" => list(of(scene, Role::Control).flat_map(|node| {
            let up = node.powered && !systems.volumes_down.contains(&node.name);
            [
                service("cinder-scheduler", &node.name, "nova", node.powered),
                service("cinder-volume", &format!("{}@rbd-1", node.name), "nova", up),
            ]
        })),
        "agents" => {
            let agent = |kind: &str, node: &Machine| {
                format!(
                    r#"{{"ID":"a","Agent Type":"{kind}","Host":"{}","Alive":{},"State":true}}"#,
                    node.name, node.powered
                )
            };
            let control = of(scene, Role::Control).flat_map(|node| {
                ["L3 agent", "DHCP agent", "Metadata agent", "BGP dynamic routing agent"]
                    .map(|kind| agent(kind, node))
            });
            let computes = of(scene, Role::Compute).map(|node| agent("Open vSwitch agent", node));
            list(control.chain(computes))
        }
        "speaker" => list(of(scene, Role::Control).map(|node| {
            format!(r#"{{"ID":"d","Host":"{}","State":true,"Alive":{}}}"#, node.name, node.powered)
        })),
        "broken-servers" => "[]\n".to_owned(),
        "servers" => (0..140).map(|at| format!("{at:032x}\n")).collect(),
        "bare-metal" => "[]\n".to_owned(),
        _ => return None,
    })
}

fn survey(scene: &Scene<'_>, section: &str) -> Option<Printed> {
    let systems = &scene.world.systems;
    let named = |names: &[String]| {
        let names = names.iter().map(|name| format!(r#"{{"Name":"{name}"}}"#));
        list(names).trim_end().to_owned()
    };
    ok(match section {
        "token" => {
            let ends = Stamp((scene.now * 1000.0) as i64 + DAY_MS).rfc3339();
            format!(r#"{{"expires":"{ends}"}}"#)
        }
        "services" => list(KINDS.iter().map(|kind| format!(r#"{{"ID":"1","Name":"{kind}","Type":"{kind}"}}"#))),
        "endpoints" => list(KINDS.iter().flat_map(|kind| {
            ["public", "internal", "admin"].map(|one| {
                format!(r#"{{"Service Type":"{kind}","Interface":"{one}","URL":"https://api.harbour/{kind}"}}"#)
            })
        })),
        "offered" => format!(
            r#"{{"images":[{{"Name":"ubuntu-noble-cuda","Status":"active"}}],"flavors":{},"networks":{}}}"#,
            named(&systems.flavours),
            named(&systems.networks)
        ),
        "secrets" => r#"[{"Name":"vpn-private-key-56aa9814","Status":"ACTIVE"}]"#.to_owned(),
        "addresses" => r#"{"network_name":"public","total_ips":254,"used_ips":71}"#.to_owned(),
        "capacity" => {
            r#"{"vcpus":4608,"vcpus_used":2611,"memory_mb":50331648,"memory_mb_used":30125440,"local_gb":0,"local_gb_used":0}"#
                .to_owned()
        }
        _ => return None,
    })
}

fn containers(scene: &Scene<'_>) -> String {
    let names: &[&str] = match scene.machine.role {
        Role::Control => &[
            "keystone",
            "nova_api",
            "neutron_server",
            "cinder_api",
            "mariadb",
            "rabbitmq",
            "neutron_l3_agent",
        ],
        _ => &["nova_libvirt", "nova_compute", "neutron_openvswitch_agent"],
    };
    let systems = &scene.world.systems;
    let name = &scene.machine.name;
    let broken = |container: &str| match container {
        "nova_compute" => systems.computes_down.contains(name),
        "cinder_volume" => systems.volumes_down.contains(name),
        _ => false,
    };
    let volume = (scene.machine.role == Role::Control).then_some("cinder_volume");
    let lines = names.iter().copied().chain(volume).map(|container| {
        let health = if broken(container) { "unhealthy" } else { "healthy" };
        format!("{container}\trunning\tUp 3 days ({health})\n")
    });
    lines.chain(["kolla_toolbox\trunning\tUp 3 days\n".to_owned()]).collect()
}

fn control(scene: &Scene<'_>, section: &str) -> Option<Printed> {
    let nodes: Vec<&Machine> = of(scene, Role::Control).collect();
    let running: Vec<&&Machine> = nodes.iter().filter(|node| node.powered).collect();
    ok(match section {
        "galera" => format!(
            "wsrep_cluster_size\t{}\nwsrep_cluster_status\tPrimary\nwsrep_local_state_comment\tSynced\nwsrep_ready\tON\n",
            running.len()
        ),
        "rabbit" => {
            let names = |nodes: &mut dyn Iterator<Item = &str>| -> String {
                nodes.map(|name| format!("\"rabbit@{name}\"")).collect::<Vec<_>>().join(",")
            };
            format!(
                r#"{{"disk_nodes":[{}],"running_nodes":[{}],"partitions":{{}},"maintenance_status":{{}},"alarms":[]}}"#,
                names(&mut nodes.iter().map(|node| node.name.as_str())),
                names(&mut running.iter().map(|node| node.name.as_str()))
            )
        }
        "virtual-address" => {
            let holder = running.first().is_some_and(|node| node.name == scene.machine.name);
            format!("10.30.0.100 {}\n", u8::from(holder))
        }
        "l3-agent" => {
            let started = Stamp((scene.now * 1000.0) as i64 - 3 * DAY_MS).rfc3339();
            format!("healthy {started}\n4\n")
        }
        _ => return None,
    })
}
