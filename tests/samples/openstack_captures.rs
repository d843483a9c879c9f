//! Every capture of real services is read, and judged by what was done to them.

use std::path::{Path, PathBuf};

use serde_json::Value;
use shopfloor::domain::Verdict::{self, Fail, Pass, Unknown, Warn};

use crate::openstack::CLOUD;
use crate::world::World;

/// File of a capture, and the section that the client's command of it is.
const FILES: [(&str, &str); 11] = [
    ("compute-services", "openstack.look/compute-services"),
    ("volume-services", "openstack.look/volume-services"),
    ("volume-services-3.0", "openstack.look/volume-services"),
    ("network-agents", "openstack.look/agents"),
    ("compute-servers-detail-error", "openstack.look/broken-servers"),
    ("baremetal-nodes-detail", "openstack.look/bare-metal"),
    ("baremetal-nodes-fields", "openstack.look/bare-metal"),
    ("identity-services", "openstack.survey/services"),
    ("identity-endpoints", "openstack.survey/endpoints"),
    ("network-ip-availability", "openstack.survey/addresses"),
    ("compute-hypervisors-statistics", "openstack.survey/capacity"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/openstack")
}

/// What the client would have printed: the body of an answer, its words on
/// standard error, or nothing within its limit.
fn world(state: &str) -> World {
    FILES.iter().fold(World::new(), |world, (file, section)| {
        let Ok(text) = std::fs::read_to_string(folder().join(state).join(format!("{file}.json")))
        else {
            return world;
        };
        let capture: Value = serde_json::from_str(&text).unwrap();
        let Some(response) = capture.get("response") else {
            return world.ends(CLOUD, section, "", "", 124);
        };
        let status = response["status"].as_u64().unwrap();
        let body = &response["body"];
        match (status, *file) {
            // One network, as the client shows it.
            (200, "network-ip-availability") => {
                let one = &body["network_ip_availabilities"][0];
                world.prints(CLOUD, section, &one.to_string())
            }
            (200, _) => world.prints(CLOUD, section, &body.to_string()),
            (status, _) => world.ends(CLOUD, section, "", &format!("{body} (HTTP {status})\n"), 1),
        }
    })
}

fn states() -> Vec<String> {
    let mut found = Vec::new();
    for folder in [folder(), folder().join("2026.2")] {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("2026.2") {
                let state = path.strip_prefix(self::folder()).unwrap();
                found.push(state.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_capture_is_read() {
    let mut read = 0;
    for state in states() {
        let facts = world(&state).facts();
        let facts = facts.of(&CLOUD.into());
        for (key, cause) in &facts.lost {
            let was_refused = ["database-down", "cell-down", "rabbit-down", "ironic-system-scope"];
            let later = key.as_str() == "openstack.capacity" && state.starts_with("2026.2");
            assert!(
                was_refused.iter().any(|name| state.ends_with(name)) || later,
                "{state} {key}: {} {:?}",
                cause.sentence,
                cause.detail
            );
        }
        read += facts.known.len();
    }
    assert!(states().len() >= 20 && read > 45, "{} {read}", states().len());
}

#[test]
fn captures_are_judged_by_what_was_done_to_the_cloud() {
    let table: &[(&str, &str, Verdict)] = &[
        ("healthy", "OST-05", Pass),
        ("healthy", "OST-06", Pass),
        ("healthy", "OST-07", Pass),
        ("2026.2/healthy", "OST-05", Pass),
        ("2026.2/healthy", "OST-06", Pass),
        ("2026.2/healthy", "OST-07", Pass),
        ("compute-down", "OST-05", Fail),
        ("2026.2/compute-down", "OST-05", Fail),
        ("neutron-agents-down", "OST-07", Fail),
        ("2026.2/neutron-agents-down", "OST-07", Fail),
        ("rabbit-down", "OST-05", Fail),
        ("rabbit-down", "OST-07", Fail),
        ("2026.2/rabbit-down", "OST-05", Fail),
        // The broken back end was disabled with a reason.
        ("cinder-degraded", "OST-06", Warn),
        ("ironic-mixed", "OST-15", Fail),
        ("2026.2/ironic-mixed", "OST-15", Fail),
        ("database-down", "OST-05", Unknown),
        ("database-down", "OST-07", Unknown),
        ("2026.2/database-down", "OST-05", Unknown),
    ];
    for (state, check, verdict) in table {
        let judged = world(state).judge(check, CLOUD);
        assert_eq!(judged.verdict, *verdict, "{state} {check}: {}", judged.sentence);
    }
    for state in ["rabbit-down", "2026.2/rabbit-down"] {
        let judged = world(state).judge("OST-05", CLOUD);
        assert_eq!(judged.reason.as_deref(), Some("message-bus"), "{state}: {}", judged.sentence);
    }
}
