//! The one table of faults: what each turns and what is said of it, on the
//! demo site, on real servers, or on both. `tests/demo` and `tests/real` drive
//! the rows; each fails on a row that it has no way to bring about.

#[path = "systems.rs"]
mod systems;

use std::collections::BTreeSet;

use shopfloor::domain::Verdict::{self, Fail, NotYet, Unknown, Warn};

/// A fault and the judgement that names it.
pub struct Fault {
    pub name: &'static str,
    pub layer: &'static str,
    pub check: &'static str,
    pub verdict: Verdict,
    /// Words of the sentence, the same wherever the fault is brought about.
    pub says: &'static str,
    /// The cause as JSON has it, where the target could not be looked at.
    pub cause: Option<&'static str>,
    /// Whether nothing else of the host can be judged meanwhile.
    pub lost: bool,
    pub place: Where,
}

/// Where the fault is brought about, and why not elsewhere.
pub enum Where {
    Both(Demo, Real),
    DemoOnly(Demo, &'static str),
    RealOnly(Real, &'static str),
}

/// What else turns: check, target, verdict, words.
pub type Turned = (&'static str, &'static str, Verdict, &'static str);

/// A situation of the demo site.
pub struct Demo {
    pub scenario: &'static str,
    /// Exit status of `check`.
    pub status: u8,
    /// The targets on which the named check turns.
    pub targets: Vec<String>,
    /// Words that are said besides, because more is known there.
    pub adds: &'static str,
    /// Everything else that turns.
    pub also: Vec<Turned>,
}

/// What is done to real servers.
pub enum Real {
    /// A kind of `tests/servers/sshd-fleet.sh`.
    Sshd(&'static str),
    /// A kind of `tests/servers/sshd-fleet.sh` that shows only in several looks.
    Again(&'static str),
    /// Two connections that never log in, on a server that takes no third.
    Throttled,
    /// Our own known_hosts is empty.
    NoKnownHosts,
    /// Something to a controller of `tests/servers/bmc.sh`; what else turns there.
    Bmc(Controller, Vec<Turned>),
}

/// What is done to a real management controller.
pub enum Controller {
    /// It takes connections and is frozen.
    Hangs,
    /// Nothing listens.
    Down,
    /// We know another password.
    Password,
    /// It has a new certificate, and we pinned the old one.
    Certificate,
    /// A sensor reads this raw value; the value of a well machine.
    Sensor(&'static str, &'static str, &'static str),
    /// The machine is switched off and silent.
    PowerOff,
}

impl Fault {
    pub fn demo(&self) -> Option<&Demo> {
        match &self.place {
            Where::Both(demo, _) | Where::DemoOnly(demo, _) => Some(demo),
            Where::RealOnly(..) => None,
        }
    }

    pub fn real(&self) -> Option<&Real> {
        match &self.place {
            Where::Both(_, real) | Where::RealOnly(real, _) => Some(real),
            Where::DemoOnly(..) => None,
        }
    }
}

const KERNEL: &str =
    "real hosts share the kernel, disks and clock of the machine that runs the tests";
const NETWORK: &str = "simulated machines have no kernel of their own that could do it";
const NO_SCENARIO: &str = "the demo site has no situation for it";

const NO_SWITCH: &str = "no test has a switch, nor its controller";

/// What cannot be told of a switch that has stopped reporting.
fn of_a_silent_switch(switch: &'static str) -> Vec<Turned> {
    let checks = ["FAB-05", "FAB-06", "FAB-08", "FAB-09", "FAB-50"];
    checks.map(|check| (check, switch, Unknown, "last reported")).to_vec()
}

/// What cannot be told of a switch that nobody reaches.
fn of_an_unreached_switch(switch: &'static str) -> [Turned; 2] {
    [
        ("FAB-12", switch, Unknown, "does not reach"),
        ("FAB-13", switch, Unknown, "could not be read"),
    ]
}

/// What else a dead leaf turns: itself, and the spines at its cables.
fn around_a_dead_leaf() -> Vec<Turned> {
    let mut also = vec![
        ("FAB-02", "leaf-02", Fail, "leaf-02 last reported"),
        ("FAB-07", "hedgehog-01", Warn, "no neighbour shows itself"),
    ];
    also.extend(of_a_silent_switch("leaf-02"));
    also.extend(of_an_unreached_switch("leaf-02"));
    for spine in ["spine-01", "spine-02"] {
        also.push(("FAB-05", spine, Fail, "is active"));
        also.push(("FAB-06", spine, Fail, "to leaf-02 is down"));
    }
    also
}

/// What nobody can tell while the fabric controller is shut off.
fn without_the_controller() -> Vec<Turned> {
    let refuses = "refuses connections";
    let mut turned = vec![
        ("HH-01", "router-box", Warn, "hedgehog-controller is shut off"),
        ("HH-02", "hedgehog-01", Fail, refuses),
        ("HH-03", "hedgehog-01", Fail, refuses),
    ];
    let own = [
        "HH-04", "HH-05", "HH-06", "HH-07", "HH-08", "HH-09", "HH-10", "HH-11", "HH-12", "FAB-01",
        "FAB-04", "FAB-07", "FAB-11", "FAB-16",
    ];
    turned.extend(own.map(|check| (check, "hedgehog-01", Unknown, refuses)));
    let of_switches = [
        "FAB-02", "FAB-03", "FAB-05", "FAB-06", "FAB-08", "FAB-09", "FAB-10", "FAB-12", "FAB-13",
        "FAB-50",
    ];
    for switch in ["leaf-01", "leaf-02", "leaf-03", "leaf-04", "spine-01", "spine-02"] {
        turned.extend(of_switches.map(|check| (check, switch, Unknown, refuses)));
    }
    turned
}

fn demo(scenario: &'static str, status: u8, target: &str, also: Vec<Turned>) -> Demo {
    Demo { scenario, status, targets: vec![target.to_owned()], adds: "", also }
}

fn gpus(range: std::ops::RangeInclusive<u8>) -> Vec<String> {
    range.map(|n| format!("gpu-{n:02}")).collect()
}

/// A host that cannot be reached: HOST-01 says why, all else is unknown.
fn unreached(name: &'static str, says: &'static str, cause: &'static str, place: Where) -> Fault {
    Fault {
        name,
        layer: "hosts",
        check: "HOST-01",
        verdict: Fail,
        says,
        cause: Some(cause),
        lost: true,
        place,
    }
}

/// Something that is looked at and found wrong.
fn found(
    name: &'static str,
    (layer, check): (&'static str, &'static str),
    verdict: Verdict,
    says: &'static str,
    place: Where,
) -> Fault {
    Fault { name, layer, check, verdict, says, cause: None, lost: false, place }
}

/// Every fault.
pub fn faults() -> Vec<Fault> {
    let mut all = hosts();
    all.extend(controllers());
    all.extend(only_of_the_demo_site());
    all.extend(systems::faults());
    all.extend(services());
    let names: BTreeSet<&str> = all.iter().map(|fault| fault.name).collect();
    assert_eq!(names.len(), all.len(), "each fault has one row");
    all
}

/// Ways of not being reached.
fn hosts() -> Vec<Fault> {
    use Real::Sshd;
    use Where::{Both, RealOnly};
    let told = |bmc, why| ("IPMI-58", bmc, NotYet, why);
    let silent = |bmc| told(bmc, "is told by HOST-01");
    vec![
        unreached(
            "host-unreachable",
            "refuses connections on 127.",
            "refused",
            Both(
                Demo {
                    adds: "; its BMC answers and says the power is on",
                    ..demo("host-unreachable", 2, "gpu-13", vec![silent("bmc:gpu-13-ipmi")])
                },
                Sshd("refused"),
            ),
        ),
        unreached(
            "half-dead",
            "sends no SSH banner within",
            "no-banner",
            Both(demo("half-dead", 2, "gpu-22", vec![silent("bmc:gpu-22-ipmi")]), Sshd("hang")),
        ),
        unreached(
            "frozen",
            "sends no SSH banner within",
            "no-banner",
            RealOnly(Sshd("stopped"), NETWORK),
        ),
        unreached(
            "mute",
            "greeted and then did not finish the key exchange within",
            "silent",
            RealOnly(Sshd("mute"), NO_SCENARIO),
        ),
        unreached(
            "dropped-at-once",
            "before a word is said",
            "reset",
            RealOnly(Sshd("drop"), NO_SCENARIO),
        ),
        unreached("cut", "ended while a command ran", "cut", RealOnly(Sshd("dies"), NO_SCENARIO)),
        unreached(
            "throttled",
            "its sshd is at the MaxStartups limit",
            "reset",
            RealOnly(Real::Throttled, NO_SCENARIO),
        ),
        unreached(
            "blackhole",
            "does not answer on 127.",
            "timed-out",
            RealOnly(Sshd("blackhole"), NETWORK),
        ),
        unreached(
            "no-route",
            "there is no way to",
            "no-route",
            RealOnly(Sshd("no-route"), NETWORK),
        ),
        unreached(
            "host-key-changed",
            "shows another host key than",
            "key-changed",
            Both(demo("host-key-changed", 2, "gpu-09", vec![]), Sshd("hostkey")),
        ),
        unreached(
            "key-unknown",
            "is not in known_hosts",
            "key-unknown",
            RealOnly(Real::NoKnownHosts, "every key of the demo site is recorded when it starts"),
        ),
        unreached(
            "auth-refused",
            "in with none of our keys",
            "auth-refused",
            Both(demo("auth-refused", 2, "gpu-18", vec![]), Sshd("auth")),
        ),
        Fault {
            verdict: Unknown,
            ..unreached(
                "garbled-host",
                "answers something else",
                "garbled",
                Both(
                    demo(
                        "garbled-host",
                        3,
                        "gpu-20",
                        vec![told("bmc:gpu-20-ipmi", "whether gpu-20 does is not known")],
                    ),
                    Sshd("forced"),
                ),
            )
        },
        Fault {
            verdict: Unknown,
            ..unreached("not-ssh", "is not SSH", "garbled", RealOnly(Sshd("garbage"), NO_SCENARIO))
        },
        found(
            "line-cut",
            ("hosts", "HOST-57"),
            Warn,
            "times in ten minutes, after",
            RealOnly(Real::Again("cut"), "one look at the demo site cannot show it"),
        ),
        found(
            "root-read-only",
            ("hosts", "HOST-58"),
            Fail,
            "can write nothing: its / is read-only",
            Both(demo("root-read-only", 2, "ceph-03", vec![]), Sshd("read-only")),
        ),
        found(
            "inodes-full",
            ("hosts", "HOST-59"),
            Fail,
            "% of the inodes of /",
            Both(demo("inodes-full", 2, "gpu-10", vec![]), Sshd("inodes")),
        ),
        found(
            "slow-network",
            ("hosts", "HOST-01"),
            Warn,
            "answers on SSH, but slowly: after",
            Both(
                Demo { targets: gpus(17..=24), ..demo("slow-network", 1, "", vec![]) },
                Sshd("slow"),
            ),
        ),
    ]
}

/// What controllers suffer or see.
fn controllers() -> Vec<Fault> {
    use Controller::{Certificate, Down, Hangs, Password, PowerOff, Sensor};
    use Where::{Both, RealOnly};
    let bmc = |change, also| Real::Bmc(change, also);
    let also = |checks: &[&'static str], target, verdict, says| -> Vec<Turned> {
        checks.iter().map(|check| (*check, target, verdict, says)).collect()
    };
    let node = "bmc:node-1";
    let blind = ["IPMI-51", "IPMI-52", "IPMI-53", "IPMI-54", "IPMI-55", "IPMI-56", "IPMI-57"];
    let blind: Vec<&'static str> = blind.into_iter().chain(["IPMI-59"]).collect();
    let off = |target: &'static str| -> Vec<Turned> {
        let mut turned = vec![("IPMI-58", target, NotYet, "is powered off (IPMI-51)")];
        turned.extend(also(&["IPMI-52", "IPMI-53", "IPMI-54"], target, NotYet, "mean nothing"));
        turned
    };
    let mut demo_off = off("bmc:gpu-16-ipmi");
    demo_off.push(("HOST-01", "gpu-16", Fail, "gpu-16 is powered off, says its BMC; "));
    demo_off.extend(also(&OF_A_GPU_NODE, "gpu-16", Unknown, "cannot look: "));
    demo_off.extend(also(&["OST-01", "OST-21"], "gpu-16", Unknown, "cannot look: "));
    demo_off.push(("OST-05", "api:openstack", Fail, "nova-compute on gpu-16"));
    demo_off.push(("OST-07", "api:openstack", Warn, "Open vSwitch agent on gpu-16"));
    vec![
        Fault {
            cause: Some("silent"),
            ..found(
                "bmc-silent",
                ("power", "IPMI-50"),
                Fail,
                "Redfish",
                Both(
                    Demo {
                        adds: "does not answer over Redfish",
                        ..demo(
                            "bmc-silent",
                            2,
                            "bmc:gpu-21-ipmi",
                            also(&blind, "bmc:gpu-21-ipmi", Unknown, "but does not answer"),
                        )
                    },
                    bmc(Hangs, also(&blind, node, Unknown, "but does not answer")),
                ),
            )
        },
        Fault {
            cause: Some("auth-refused"),
            ..found(
                "bmc-password",
                ("power", "IPMI-50"),
                Unknown,
                "refuses user ops or its password",
                RealOnly(
                    bmc(Password, also(&blind, node, Unknown, "refuses user ops or its password")),
                    NO_SCENARIO,
                ),
            )
        },
        Fault {
            cause: Some("tls-changed"),
            ..found(
                "bmc-certificate",
                ("power", "IPMI-50"),
                Warn,
                "it shows another certificate than the pinned one",
                RealOnly(bmc(Certificate, vec![]), NO_SCENARIO),
            )
        },
        found(
            "fan-stopped",
            ("power", "IPMI-53"),
            Fail,
            " is 0 RPM",
            Both(
                Demo {
                    adds: "Fan 4 is 0 RPM",
                    ..demo(
                        "fan-stopped",
                        2,
                        "bmc:gpu-11-ipmi",
                        vec![
                            ("IPMI-56", "bmc:gpu-11-ipmi", Warn, "Fan 4 lower critical"),
                            ("IPMI-57", "bmc:gpu-11-ipmi", Fail, "critical"),
                        ],
                    )
                },
                bmc(Sensor("fan1", "0", "78"), vec![("IPMI-56", node, Warn, "FAN1")]),
            ),
        ),
        found(
            "hot-inlet",
            ("power", "IPMI-59"),
            Fail,
            "C, fails at 42",
            Both(
                demo(
                    "hot-inlet",
                    2,
                    "bmc:gpu-07-ipmi",
                    vec![
                        ("IPMI-56", "bmc:gpu-07-ipmi", Warn, "Inlet Temp upper critical"),
                        ("IPMI-57", "bmc:gpu-07-ipmi", Fail, "critical"),
                    ],
                ),
                bmc(Sensor("inlet_temp", "44", "23"), vec![("IPMI-56", node, Warn, "Inlet Temp")]),
            ),
        ),
        found(
            "psu-lost",
            ("power", "IPMI-55"),
            Warn,
            " runs on ",
            Both(
                Demo {
                    adds: "gpu-05 runs on 5 of 6 PSUs",
                    ..demo(
                        "psu-lost",
                        2,
                        "bmc:gpu-05-ipmi",
                        vec![
                            ("IPMI-56", "bmc:gpu-05-ipmi", Warn, "PSU 2 input lost"),
                            ("IPMI-57", "bmc:gpu-05-ipmi", Fail, "critical"),
                        ],
                    )
                },
                bmc(Sensor("psu2", "3", "1"), vec![("IPMI-56", node, Warn, "PS2 Status")]),
            ),
        ),
        found(
            "hot-processor",
            ("power", "IPMI-52"),
            Fail,
            "CPU Temp is 91 C, fails at 90",
            RealOnly(
                bmc(Sensor("cpu_temp", "91", "47"), vec![("IPMI-56", node, Warn, "CPU Temp")]),
                NO_SCENARIO,
            ),
        ),
        found(
            "voltage-off",
            ("power", "IPMI-54"),
            Warn,
            "12V is 12.9 V, warns at 12.78",
            RealOnly(bmc(Sensor("p12v", "215", "201"), vec![]), NO_SCENARIO),
        ),
        found(
            "power-off",
            ("power", "IPMI-51"),
            Fail,
            "is powered off",
            Both(demo("power-off", 2, "bmc:gpu-16-ipmi", demo_off), bmc(PowerOff, off(node))),
        ),
        Fault {
            cause: Some("refused"),
            ..found(
                "bmc-down",
                ("power", "IPMI-50"),
                Fail,
                "answers neither Redfish nor IPMI",
                RealOnly(
                    bmc(Down, also(&blind, node, Unknown, "refuses connections")),
                    NO_SCENARIO,
                ),
            )
        },
    ]
}

/// What a machine of the demo site can suffer alone.
fn only_of_the_demo_site() -> Vec<Fault> {
    let hosts = |check| ("hosts", check);
    let one = |name, check, verdict, says, demo| {
        found(name, check, verdict, says, Where::DemoOnly(demo, KERNEL))
    };
    let blind =
        ["BOND-50", "HOST-52", "HOST-53", "HOST-54", "HOST-55", "HOST-57", "HOST-58", "HOST-59"];
    let mut inside = vec![("HOST-01", "hedgehog-01", Fail, "refuses connections")];
    inside.extend(blind.map(|check| (check, "hedgehog-01", Unknown, "refuses connections")));
    inside.extend(without_the_controller());
    vec![
        one(
            "clock-drift",
            hosts("HOST-14"),
            Warn,
            "is 180 ms off",
            demo("clock-drift", 1, "ceph-02", vec![]),
        ),
        one(
            "disk-full",
            hosts("HOST-24"),
            Fail,
            "% of / left",
            demo("disk-full", 2, "gpu-15", vec![]),
        ),
        found(
            "domain-off",
            ("router", "RBOX-08"),
            Fail,
            "is shut off (VM hedgehog-controller)",
            Where::DemoOnly(
                demo("domain-off", 2, "router-box", inside),
                "no virtual machine is started for a test",
            ),
        ),
        found(
            "leaf-dead",
            hosts("BOND-50"),
            Warn,
            "1 of 2 members left",
            Where::DemoOnly(
                Demo { targets: gpus(1..=12), ..demo("leaf-dead", 2, "", around_a_dead_leaf()) },
                "real hosts have no bond and no switch",
            ),
        ),
        found(
            "agent-dead",
            ("fabric", "FAB-02"),
            Fail,
            "leaf-03 last reported",
            Where::DemoOnly(
                demo("agent-dead", 2, "leaf-03", {
                    let mut also = of_a_silent_switch("leaf-03");
                    also.push(("FAB-13", "leaf-03", Fail, "the agent on leaf-03 is failed"));
                    also
                }),
                NO_SWITCH,
            ),
        ),
        found(
            "switch-silent",
            ("fabric", "FAB-02"),
            Fail,
            "spine-02 last reported",
            Where::DemoOnly(
                demo("switch-silent", 2, "spine-02", {
                    let mut also = of_a_silent_switch("spine-02");
                    also.extend(of_an_unreached_switch("spine-02"));
                    also
                }),
                NO_SWITCH,
            ),
        ),
        found(
            "default-credentials",
            ("fabric", "HH-10"),
            Fail,
            "the published password opens admin and op",
            Where::DemoOnly(demo("default-credentials", 2, "hedgehog-01", vec![]), NO_SWITCH),
        ),
        one(
            "memory-full",
            hosts("HOST-24"),
            Fail,
            "% of its memory left",
            demo("memory-full", 2, "ctl-03", vec![]),
        ),
        one(
            "raid-disk",
            hosts("HOST-05"),
            Fail,
            "has lost nvme1n1p2 of its system mirror md0",
            demo(
                "raid-disk",
                2,
                "ctl-02",
                vec![("HOST-20", "ctl-02", Fail, "/dev/nvme1n1 says that it is failing")],
            ),
        ),
        one(
            "reboot-pending",
            hosts("HOST-51"),
            Warn,
            "waits for a reboot",
            demo("reboot-pending", 1, "ctl-01", vec![]),
        ),
        one(
            "swap-on",
            hosts("HOST-08"),
            Fail,
            "swaps to /swap.img",
            demo("swap-on", 2, "ctl-03", vec![]),
        ),
        one(
            "unit-failed",
            hosts("HOST-50"),
            Warn,
            "nvidia-persistenced.service on gpu-03 has failed",
            demo("unit-failed", 1, "gpu-03", vec![]),
        ),
    ]
}

/// Services of the demo site; the registry and the metrics themselves are also tried
/// against real servers (`tests/real/services.rs`).
fn services() -> Vec<Fault> {
    let only = |demo| Where::DemoOnly(demo, "tests/real/services.rs tries what a site can have");
    const BASTION: &str = "192.168.40.250";
    let no_tag = ("REG-04", BASTION, NotYet, "no mirrored image yet");
    vec![
        found(
            "registry-empty",
            ("services", "REG-03"),
            Fail,
            "the local registry has no image",
            only(demo("registry-empty", 2, BASTION, vec![no_tag])),
        ),
        found(
            "certificate-expiring",
            ("services", "TLS-04"),
            Warn,
            "expires in 8d23h",
            only(demo("certificate-expiring", 1, BASTION, vec![])),
        ),
        found(
            "peer-silent",
            ("services", "VPN-01"),
            Fail,
            "the tunnel operator_wg0 never came up",
            only(demo("peer-silent", 2, BASTION, vec![])),
        ),
    ]
}

/// The checks that need an answer of a GPU node; without one they are unknown.
pub const OF_A_GPU_NODE: [&str; 13] = [
    "BOND-50", "HOST-02", "HOST-13", "HOST-14", "HOST-20", "HOST-24", "HOST-50", "HOST-51",
    "HOST-52", "HOST-55", "HOST-57", "HOST-58", "HOST-59",
];
