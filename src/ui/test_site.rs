//! The site of the sketches for tests that draw: three racks, an incident,
//! and everything about it told through messages, as in a real session.

use std::collections::BTreeMap;

use crate::app::inventory_report::InventoryReport;
use crate::app::model::{LookChoices, LookNames, Start};
use crate::app::{Model, Msg, Size, update_with};
use crate::checks::{Catalogue, CheckSpec, Rule};
use crate::domain::endpoint::{BmcEndpoint, SshEndpoint, TlsTrust};
use crate::domain::fact::Table;
use crate::domain::keys::Word;
use crate::domain::{
    Answer, Cause, CauseWord, Layer, Place, ProbeId, RackPlace, Report, Role, Site, Stamp, Target,
    TargetKind, Verdict, keys,
};
use crate::inventory::{Problem, Severity};

mod rules;

/// 13:58:07Z on the day of the sketches.
pub const NOW: Stamp = Stamp(1_795_183_087_000);

/// So many seconds before now.
pub fn ago(seconds: i64) -> Stamp {
    NOW.plus_millis(-1000 * seconds)
}

/// The site in its incident, as an operator sees it: everything was well when
/// the session began; then some hosts fall silent, and others change.
pub fn model(columns: u16, rows: u16) -> Model {
    let mut model = start(columns, rows);
    let mut told: Vec<(Stamp, Msg)> = Vec::new();
    tell(&mut model, loaded(false));
    for (at, target) in (0..).zip(asked_ones(&model)) {
        let when = ago(1500 + at % 20);
        told.push((when, asked(&target, when)));
        told.push((when, answered(&target, well(&target, when), when)));
        let first = match target.name.as_str() {
            "gpu-05" | "gpu-06" | "gpu-07" | "gpu-08" => 245 + at % 9,
            "gpu-19" => 431,
            "ceph-03" => 545,
            "ctl-02" => 250,
            "gpu-20 BMC" => 366,
            "gpu-10" => 902,
            _ => 60,
        };
        for when in [ago(first), ago(9 + at % 23)] {
            told.push((when, asked(&target, when)));
            told.push((when, answered(&target, incident(&target, when), when)));
        }
    }
    told.extend((0..25).map(|minute| (ago(60 * minute), Msg::Clock(ago(60 * minute)))));
    told.sort_by_key(|(when, _)| *when);
    for (when, msg) in told {
        tell(&mut model, Msg::Clock(when));
        tell(&mut model, msg);
    }
    tell(&mut model, Msg::InventoryJudged(Box::new(InventoryReport::of(broken_rules()))));
    model
}

/// What the rules of the inventory find on this site.
fn broken_rules() -> Vec<Problem> {
    let problem = |rule: &str, verdict: Verdict, line: u32, sentence: &str, hint: &str| Problem {
        rule: rule.to_owned(),
        severity: if verdict == Verdict::Warn { Severity::Warning } else { Severity::Error },
        verdict,
        place: Place { file: "/srv/site-a/inventory.yml".into(), line, column: 21 },
        sentence: sentence.to_owned(),
        hint: Some(hint.to_owned()),
        cause: (verdict == Verdict::Unknown).then(|| CauseWord::System("not-asked".into())),
        step: Some("HW-7.3".to_owned()),
    };
    vec![
        problem(
            "V-CEPH-06",
            Verdict::Warn,
            212,
            "osd_replication is 2, and data is lost with the second disk",
            "set osd_replication to 3",
        ),
        problem(
            "V-CEPH-01",
            Verdict::Fail,
            208,
            "ceph_mon_hosts names 2 monitors, and a majority needs an odd number of at least 3",
            "name three",
        ),
        problem(
            "V-CEPH-05",
            Verdict::Unknown,
            201,
            "whether ceph_fsid is that of the running cluster is not known, nobody asked it",
            "compare with `ceph fsid` on ceph-01",
        ),
        problem(
            "V-DNS-02",
            Verdict::Fail,
            61,
            "openwrt_dhcp_dnsmasq_local is /haven/",
            "write /harbour/",
        ),
    ]
}

/// The same site on which nothing is wrong.
pub fn well_model(columns: u16, rows: u16) -> Model {
    let mut model = start(columns, rows);
    tell(&mut model, loaded(true));
    for (at, target) in (0..).zip(asked_ones(&model)) {
        let when = ago(12 - at / 9);
        tell(&mut model, Msg::Clock(when));
        tell(&mut model, answered(&target, well(&target, when), when));
    }
    tell(&mut model, Msg::Clock(NOW));
    model
}

/// The site in the first second: read, asked, nothing answered.
pub fn looking_model(columns: u16, rows: u16) -> Model {
    let mut model = start(columns, rows);
    tell(&mut model, loaded(false));
    let targets = asked_ones(&model);
    for target in &targets {
        tell(&mut model, asked(target, NOW));
    }
    for target in targets.iter().take(5) {
        tell(&mut model, answered(target, well(target, NOW), NOW));
    }
    model
}

/// A directory without an inventory.
pub fn empty_model(columns: u16, rows: u16) -> Model {
    let mut model = start(columns, rows);
    let site =
        Site { name: "new-site".into(), directory: "/srv/new-site".into(), ..Site::default() };
    tell(&mut model, Msg::SiteLoaded(Box::new(site), Box::new(catalogue())));
    model
}

/// Nothing read yet.
pub fn start(columns: u16, rows: u16) -> Model {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Model::new(Start {
        now: ago(1600),
        size: Size::new(columns, rows),
        look: LookNames::default(),
        choices: LookChoices {
            themes: crate::ui::look::theme_names().map(str::to_owned).collect(),
            glyphs: words(&["unicode", "linux", "ascii"]),
            colours: words(&["none", "8", "16", "256", "true"]),
        },
        ..Start::default()
    })
}

/// Tells the model something, with the rules of this site.
pub fn tell(model: &mut Model, msg: Msg) {
    let rules: Vec<&'static Rule> = rules::RULES.iter().collect();
    update_with(model, msg, &rules);
}

fn loaded(is_demo: bool) -> Msg {
    let mut site = site();
    site.is_demo = is_demo;
    Msg::SiteLoaded(Box::new(site), Box::new(catalogue()))
}

/// Those that somebody can ask: nothing looks at switches yet.
fn asked_ones(model: &Model) -> Vec<Target> {
    model.site.targets.iter().filter(|t| t.kind != TargetKind::Switch).cloned().collect()
}

fn probe_of(target: &Target) -> ProbeId {
    let probe = match target.kind {
        TargetKind::Bmc => "bmc.redfish",
        _ => "host.look",
    };
    ProbeId { target: target.id.clone(), probe: probe.into() }
}

fn asked(target: &Target, when: Stamp) -> Msg {
    Msg::Asked(probe_of(target), when)
}

fn answered(target: &Target, answer: Answer, when: Stamp) -> Msg {
    Msg::Answered(probe_of(target), answer, when, 38)
}

/// What a target answers when all is well.
fn well(target: &Target, when: Stamp) -> Answer {
    let mut report = Report::default();
    if target.kind == TargetKind::Bmc {
        report.learn(keys::power::redfish::POWER_STATE, Word("on".into()));
        // A number of its own for every machine, the same in every run.
        let number = f64::from(target.declared.line % 37);
        report.learn(keys::power::redfish::INLET, 21.0 + number / 6.0);
        report.learn(keys::power::redfish::WATTS, 400.0 + 60.0 * number);
        return Answer::Facts(report);
    }
    report.learn(keys::hosts::CLOCK, when.plus_millis(2));
    report.learn(keys::hosts::KERNEL, "6.8.0-71-generic".into());
    report.learn(keys::hosts::OS, "Ubuntu 24.04".into());
    report.learn(keys::hosts::UPTIME, 41.0 * 86_400.0 + 3600.0 * 5.0);
    if target.is(Role::RouterBox) {
        let mut domains = Table::new(&["name", "state", "autostart"]);
        for name in ["bastion", "openwrt", "hedgehog"] {
            domains.push(vec![name.into(), "running".into(), "yes".into()]);
        }
        report.learn(keys::router::DOMAINS, domains);
    }
    Answer::Facts(report)
}

/// What it answers during the incident.
fn incident(target: &Target, when: Stamp) -> Answer {
    let mut answer = well(target, when);
    let Answer::Facts(report) = &mut answer else { return answer };
    match target.id.as_str() {
        "gpu-05" | "gpu-06" | "gpu-07" | "gpu-08" => {
            return Answer::Unreachable(Cause::new(
                CauseWord::NoRoute,
                format!("no route to {}", target.name),
                "Look at the leaf switch of its rack",
            ));
        }
        "ceph-03" => {
            return Answer::Refused(
                Cause::new(
                    CauseWord::KeyChanged,
                    "the host key of ceph-03 is not the one in known_hosts",
                    "Ask who reinstalled ceph-03, then compare the fingerprint at its console",
                )
                .with_detail("SHA256:qZ4v4gkB3VhQ8yF0Yw7P1sX9mB2nT6cL5dR8eK1uJ3o"),
            );
        }
        "bmc:gpu-20" => {
            return Answer::TimedOut(Cause::new(
                CauseWord::TimedOut,
                "the BMC of gpu-20 did not answer within 5s",
                "Ping 10.20.2.20 from the bastion",
            ));
        }
        "gpu-19" => report.learn(keys::hosts::CLOCK, when.plus_millis(412)),
        "gpu-10" => report.learn(keys::hosts::KERNEL, "6.8.0-60-generic".into()),
        "ctl-02" => report.learn(keys::hosts::UPTIME, 252.0),
        _ => {}
    }
    answer
}

/// Name, kind, roles, rack, lowest unit, height.
type Placed = (String, TargetKind, Vec<Role>, &'static str, u16, u16);

fn site() -> Site {
    let mut site = Site {
        directory: "/srv/site-a".into(),
        name: "site-a".into(),
        has_inventory: true,
        is_ai_factory: true,
        wanted: BTreeMap::from([("kernel".to_owned(), "6.8.0-71-generic".to_owned())]),
        ..Site::default()
    };
    let switch = TargetKind::Switch;
    let host = TargetKind::Host;
    let mut boxes: Vec<Placed> = vec![
        ("router-box".into(), host, vec![Role::RouterBox], "r1", 40, 1),
        ("ctl-03".into(), host, vec![Role::Control], "r1", 36, 1),
        ("leaf-01".into(), switch, vec![], "r1", 41, 1),
        ("leaf-02".into(), switch, vec![], "r2", 40, 1),
        ("leaf-03".into(), switch, vec![], "r2", 41, 1),
        ("spine-02".into(), switch, vec![], "r2", 39, 1),
        ("ctl-02".into(), host, vec![Role::Control], "r2", 36, 1),
        ("ctl-01".into(), host, vec![Role::Control], "r2", 35, 1),
        ("ceph-03".into(), host, vec![Role::Storage], "r2", 32, 2),
        ("ceph-02".into(), host, vec![Role::Storage], "r2", 30, 2),
        ("ceph-01".into(), host, vec![Role::Storage], "r2", 28, 2),
        ("leaf-04".into(), switch, vec![], "r3", 41, 1),
    ];
    for number in 1..=24u16 {
        let (rack, unit) = match number {
            1..=4 => ("r1", 4 + number * 4),
            5..=8 => ("r2", 4 + number * 2),
            19..=20 => ("r2", number * 2 - 16),
            9..=18 => ("r3", (number - 8) * 3),
            _ => ("r1", 20 + (number - 20) * 3),
        };
        boxes.push((format!("gpu-{number:02}"), host, vec![Role::Compute], rack, unit, 2));
    }
    for (at, (name, kind, roles, rack, unit, height)) in (1u16..).zip(boxes) {
        let place = RackPlace { rack: rack.into(), unit: Some(unit), height };
        let machine = target(&name, kind, roles, Some(place), at);
        if kind == host {
            site.targets.push(bmc(&machine, at));
        }
        site.targets.push(machine);
    }
    site.targets.push(target("bastion", host, vec![Role::Bastion], None, 99));
    site
}

fn target(
    name: &str,
    kind: TargetKind,
    roles: Vec<Role>,
    rack: Option<RackPlace>,
    at: u16,
) -> Target {
    let ssh = SshEndpoint {
        name: name.into(),
        address: format!("10.0.1.{at}"),
        port: None,
        user: None,
        identity_file: None,
        common_args: None,
        via: None,
        directory: "/srv/site-a".into(),
        sudo: true,
    };
    Target {
        id: name.into(),
        name: name.into(),
        aliases: Vec::new(),
        kind,
        roles,
        groups: Vec::new(),
        serial: rack.is_some().then(|| format!("5CJ{at:02}K")),
        rack,
        ssh: (kind == TargetKind::Host).then_some(ssh),
        bmc: None,
        machine: None,
        wanted: BTreeMap::new(),
        declared: Place { file: "inventory.yml".into(), line: 40 + u32::from(at) * 6, column: 5 },
    }
}

fn bmc(machine: &Target, at: u16) -> Target {
    let host = format!("10.20.2.{at}");
    let endpoint = BmcEndpoint {
        redfish: (host.clone(), 443),
        ipmi: (host.clone(), 623),
        host,
        user: "monitor".into(),
        password: "bmc".into(),
        trust: TlsTrust::System,
        cipher_suites: vec![17, 3],
    };
    Target {
        id: format!("bmc:{}", machine.name).into(),
        name: format!("{} BMC", machine.name),
        kind: TargetKind::Bmc,
        roles: Vec::new(),
        rack: None,
        serial: None,
        ssh: None,
        bmc: Some(endpoint),
        machine: Some(machine.id.clone()),
        ..machine.clone()
    }
}

fn catalogue() -> Catalogue {
    let spec =
        |id: &str, layer, what: &str, rule: &str, next: &[&str], threshold: Option<(&str, f64)>| {
            let spec = CheckSpec {
                id: id.into(),
                layer,
                what: what.into(),
                rule: rule.into(),
                source: "checks of the release, table of hosts".into(),
                overridden: BTreeMap::new(),
                shared: BTreeMap::new(),
                at: Vec::new(),
                not_built: None,
                next: next.iter().map(|next| (*next).to_owned()).collect(),
                thresholds: threshold
                    .map(|(name, value)| (name.to_owned(), value))
                    .into_iter()
                    .collect(),
            };
            (id.to_owned(), spec)
        };
    Catalogue {
        checks: BTreeMap::from([
            spec(
                "HOST-01",
                Layer::Hosts,
                "host answers over SSH",
                "Passes when the last look gave facts; unknown when it did not.",
                &["Look at its BMC", "Open its console"],
                None,
            ),
            spec(
                "HOST-02",
                Layer::Hosts,
                "kernel is that of the release",
                "Passes when the running kernel is the wanted one; fails when it is another.",
                &["Reboot it into the wanted kernel"],
                None,
            ),
            spec(
                "HOST-55",
                Layer::Hosts,
                "clock is right",
                "Warns from offset_warn_ms on. A clock that is wrong breaks sign-in, certificates and the order of log lines, so it is looked at on every host.",
                &["chronyc tracking on the host", "Compare with the bastion"],
                Some(("offset_warn_ms", 100.0)),
            ),
            spec(
                "HOST-52",
                Layer::Hosts,
                "host has been up for a while",
                "Warns for ten minutes after a boot.",
                &["last -x on the host"],
                Some(("uptime_warn_s", 600.0)),
            ),
            spec(
                "IPMI-50",
                Layer::Power,
                "BMC answers",
                "Unknown when the BMC did not answer.",
                &["Ping it from the bastion"],
                None,
            ),
            spec(
                "IPMI-51",
                Layer::Power,
                "machine is powered",
                "Fails when the BMC says off.",
                &["Ask who switched it off"],
                None,
            ),
            spec(
                "RBOX-02",
                Layer::Router,
                "the VMs of the router box run",
                "Passes when every domain is running.",
                &["virsh list --all"],
                None,
            ),
            spec(
                "FAB-02",
                Layer::Fabric,
                "switch reports",
                "Means nothing before the fabric is installed.",
                &[],
                None,
            ),
        ]),
    }
}
