//! Small sites for the tests of this room and of those that draw it.

use crate::domain::{
    Judgement, Layer, Place, RackPlace, Role, Site, Stamp, Target, TargetKind, Verdict,
};

use super::model::Start;
use super::{Model, Size};

/// Two in the afternoon of the sketches.
pub const NOW: Stamp = Stamp(1_795_183_087_000);

/// A host.
pub fn host(name: &str) -> Target {
    Target {
        id: name.into(),
        name: name.to_owned(),
        aliases: Vec::new(),
        kind: TargetKind::Host,
        roles: vec![Role::Compute],
        groups: Vec::new(),
        rack: None,
        serial: None,
        ssh: None,
        bmc: None,
        machine: None,
        wanted: Default::default(),
        declared: Place::default(),
    }
}

/// A site of these hosts, each with a controller, ten to a rack from `r1` on.
pub fn site(names: &[&str]) -> Site {
    let mut site =
        Site { name: "site-a".into(), has_inventory: true, is_ai_factory: true, ..Site::default() };
    for (at, name) in names.iter().enumerate() {
        let mut target = host(name);
        target.serial = Some(format!("5CJ{at:03}"));
        target.rack = Some(RackPlace {
            rack: format!("r{}", at / 10 + 1),
            unit: Some(u16::try_from(at % 10).unwrap_or(0) * 3 + 1),
            height: 2,
        });
        let bmc = Target {
            id: format!("bmc:{name}").into(),
            name: format!("{name} BMC"),
            kind: TargetKind::Bmc,
            roles: Vec::new(),
            rack: None,
            serial: None,
            machine: Some(target.id.clone()),
            ..target.clone()
        };
        site.targets.push(target);
        site.targets.push(bmc);
    }
    site
}

/// A judgement of the hosts layer.
pub fn judgement(check: &str, target: &str, verdict: Verdict, sentence: &str) -> Judgement {
    Judgement {
        check: check.to_owned().into(),
        target: target.into(),
        layer: Layer::Hosts,
        verdict,
        sentence: sentence.to_owned(),
        cause: None,
        reason: None,
        evidence: Vec::new(),
        next: Vec::new(),
        seen: Some(NOW),
        since: None,
        source: "ssh".into(),
    }
}

/// A model of no site yet.
pub fn model(columns: u16, rows: u16) -> Model {
    Model::new(Start { now: NOW, size: Size::new(columns, rows), ..Start::default() })
}
