//! What only the bastion shows: names, keys, the release package, the last run.

use super::{Printed, Scene, ok, storage};

/// The services that must have a keyring (`BAST-11`).
const KEYRINGS: [&str; 4] = ["admin", "cinder-backup", "cinder", "glance"];

/// Output and exit status of a section that only the bastion answers.
pub fn section(scene: &Scene<'_>, name: &str) -> Option<Printed> {
    let built = scene.machine.installed;
    match name {
        // No run is in progress, so there is nothing to multiplex either.
        "runs" => ok(""),
        "tmux" => Some(("no server running on /tmp/tmux-1000/default\n".into(), 1)),
        "amt" => ok(""),
        "runtime" => ok("4.9.3\n"),
        "container-images" => {
            ok("ghcr.io/midokura/gpu-infra-ansible:release\ndocker.io/library/registry:2\n")
        }
        "ssh-keys" => ok(
            "700 /home/ubuntu/.ssh\n600 /home/ubuntu/.ssh/authorized_keys\n600 /home/ubuntu/.ssh/harbour_site\n644 /home/ubuntu/.ssh/harbour_site.pub\n600 /home/ubuntu/.ssh/known_hosts\n",
        ),
        "cache" => ok(storage::df(scene, Some("/"))),
        "keyrings" => ok(KEYRINGS
            .iter()
            .flat_map(|service| {
                ["keyrings", "assets/ceph"].map(|directory| {
                    // The promoted copy is never older than the one it was made from.
                    let age = if directory == "keyrings" { 60 } else { 0 };
                    format!(
                        "{} /home/ubuntu/release-assets/{directory}/ceph.client.{service}.keyring $ANSIBLE_VAULT;\n",
                        built + 7_200 + age
                    )
                })
            })
            .collect::<String>()),
        "last-run" => ok(last_run(scene)),
        "vault-files" => ok(""),
        _ => None,
    }
}

/// Every name resolves: a machine of the site to its address in the front
/// end, what the site publishes to its services, anything else to the outside.
pub fn names(scene: &Scene<'_>, wanted: &str) -> String {
    let address = |name: &str| {
        let machine = scene.world.machines.get(name);
        let front_end = machine.and_then(|machine| machine.vlans.first()?.address);
        match front_end {
            Some((address, _)) => address.to_string(),
            None if name.contains("ghcr.io") => "140.82.121.33".into(),
            None => "10.32.0.24".into(),
        }
    };
    wanted.split_whitespace().map(|name| format!("{name} {}\n", address(name))).collect()
}

fn last_run(scene: &Scene<'_>) -> String {
    use crate::domain::Role;
    let mut out = "/home/ubuntu/release-assets/logs/main-20261020-101500.log\nPLAY RECAP *********************************************************************\n".to_owned();
    let nodes =
        scene.world.machines.values().filter(|machine| {
            matches!(machine.role, Role::Control | Role::Storage | Role::Compute)
        });
    for machine in nodes {
        let name = &machine.name;
        let ok = 300 + crate::lab::moves::mix(scene.world.seed, name) % 60;
        out.push_str(&format!(
            "{name:<26} : ok={ok}  changed=41   unreachable=0    failed=0    skipped=233  rescued=0    ignored=0   \n"
        ));
    }
    out
}
