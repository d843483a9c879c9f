//! Small sites for the tests of this room and of those that draw it.

use crate::checks::{Case, Catalogue, CheckSpec, Rule};
use crate::domain::endpoint::SshEndpoint;
use crate::domain::{
    Answer, Cause, CauseWord, Judgement, Layer, Place, ProbeId, ProbeName, RackPlace, Report, Role,
    Site, Stamp, Target, TargetKind, Verdict, keys,
};

use super::model::Start;
use super::plans::{PhaseOutline, PlanOutline, StepOutline};
use super::{Effect, Input, Key, KeyName, Model, Msg, Size, update_with};

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
        ssh: Some(SshEndpoint {
            name: name.to_owned(),
            address: "10.0.1.17".into(),
            port: None,
            user: None,
            identity_file: None,
            common_args: None,
            via: None,
            directory: "site".into(),
            sudo: true,
        }),
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
            ssh: None,
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
        refers: None,
        points_at: None,
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

/// Rules for tests, about as real ones: a host must answer, its kernel must
/// be known and not `bad`, it should be up for an hour; a controller must answer.
pub static RULES: &[&Rule] = &[
    &Rule {
        id: "HOST-01",
        applies: |_, target| target.kind == TargetKind::Host,
        probes: &["host.look"],
        judge: |case| judge_probe(case, "host.look"),
    },
    &Rule {
        id: "HOST-02",
        applies: |_, target| target.kind == TargetKind::Host,
        probes: &["host.look"],
        judge: judge_kernel,
    },
    &Rule {
        id: "HOST-03",
        applies: |_, target| target.kind == TargetKind::Host,
        probes: &["host.look"],
        judge: judge_uptime,
    },
    &Rule {
        id: "IPMI-50",
        applies: |_, target| target.kind == TargetKind::Bmc,
        probes: &["bmc.redfish"],
        judge: judge_controller,
    },
];

fn base(case: &Case<'_>, verdict: Verdict, sentence: String) -> Judgement {
    Judgement {
        check: case.spec.id.clone(),
        target: case.target.id.clone(),
        layer: case.spec.layer,
        verdict,
        sentence,
        cause: None,
        reason: None,
        refers: None,
        points_at: None,
        evidence: Vec::new(),
        next: case.spec.next.clone(),
        seen: case.facts.of(&case.target.id).probes.values().filter_map(|p| p.answered).max(),
        since: None,
        source: "ssh".into(),
    }
}

fn judge_probe(case: &Case<'_>, probe: &str) -> Judgement {
    let state = case.facts.of(&case.target.id).probe(probe);
    match state.and_then(|state| state.trouble.clone()) {
        Some(cause) => Judgement {
            cause: Some(cause.word.clone()),
            ..base(case, Verdict::Fail, cause.sentence)
        },
        None => base(case, Verdict::Pass, format!("{} answers", case.target.name)),
    }
}

fn judge_kernel(case: &Case<'_>) -> Judgement {
    let name = &case.target.name;
    let kernel = case.facts.of(&case.target.id).get(keys::hosts::KERNEL);
    match (&kernel.trouble, kernel.fresh()) {
        (Some(cause), _) => Judgement {
            cause: Some(cause.word.clone()),
            ..base(case, Verdict::Unknown, format!("the kernel of {name} cannot be looked at"))
        },
        (None, Some(kernel)) if kernel == "bad" => {
            base(case, Verdict::Fail, format!("{name} runs a kernel that is bad"))
        }
        (None, Some(_)) => base(case, Verdict::Pass, format!("{name} runs its kernel")),
        (None, None) => base(case, Verdict::Unknown, format!("{name} does not tell its kernel")),
    }
}

fn judge_uptime(case: &Case<'_>) -> Judgement {
    let name = &case.target.name;
    let uptime = case.facts.of(&case.target.id).get(keys::hosts::UPTIME);
    // A fact that nobody refreshed for an hour is not trusted.
    let is_stale = uptime.seen.is_some_and(|seen| case.now.since(seen).as_seconds() > 3600);
    match (&uptime.trouble, uptime.fresh()) {
        (Some(cause), _) => Judgement {
            cause: Some(cause.word.clone()),
            ..base(case, Verdict::Unknown, format!("the uptime of {name} cannot be looked at"))
        },
        _ if is_stale => base(case, Verdict::Unknown, format!("{name} told its uptime long ago")),
        (None, Some(uptime)) if *uptime < 3600.0 => {
            base(case, Verdict::Warn, format!("{name} was started within the hour"))
        }
        (None, Some(_)) => base(case, Verdict::Pass, format!("{name} is up")),
        (None, None) => base(case, Verdict::NotYet, format!("{name} tells no uptime")),
    }
}

/// Looks at the machine too, as "the BMC answers, the host does not" has to.
fn judge_controller(case: &Case<'_>) -> Judgement {
    let own = judge_probe(case, "bmc.redfish");
    let machine = case.target.machine.as_ref().map(|id| case.facts.of(id));
    let host_is_silent = machine
        .and_then(|facts| facts.probe("host.look"))
        .is_some_and(|probe| probe.trouble.is_some());
    if own.verdict == Verdict::Pass && host_is_silent {
        let sentence = format!("{} answers, its host does not", case.target.name);
        return base(case, Verdict::Warn, sentence);
    }
    own
}

/// The data of [`RULES`].
pub fn catalogue() -> Catalogue {
    let spec = |id: &str, layer| CheckSpec {
        id: id.to_owned().into(),
        layer,
        what: format!("what {id} is about"),
        rule: "passes when it is so".into(),
        source: "tests".into(),
        next: vec!["look at it".into()],
        thresholds: [("uptime_s".to_owned(), 3600.0)].into(),
        overridden: Default::default(),
        shared: Default::default(),
        at: Vec::new(),
        not_built: None,
    };
    let checks = [
        spec("HOST-01", Layer::Hosts),
        spec("HOST-02", Layer::Hosts),
        spec("HOST-03", Layer::Hosts),
        spec("IPMI-50", Layer::Power),
    ];
    Catalogue { checks: checks.into_iter().map(|spec| (spec.id.to_string(), spec)).collect() }
}

/// A probe of a target.
pub fn probe(target: &str, probe: &'static str) -> ProbeId {
    ProbeId { target: target.into(), probe: ProbeName::fixed(probe) }
}

/// A good answer of a host.
pub fn good(kernel: &str) -> Answer {
    let mut report = Report::default();
    report.learn(keys::hosts::KERNEL, kernel.to_owned());
    report.learn(keys::hosts::UPTIME, 86_400.0);
    Answer::Facts(report)
}

/// A good answer of a controller.
pub fn powered() -> Answer {
    let mut report = Report::default();
    report.learn(keys::power::redfish::POWER_STATE, keys::Word("on".into()));
    Answer::Facts(report)
}

/// Nothing listens.
pub fn refused(target: &str) -> Answer {
    Answer::Unreachable(Cause::new(
        CauseWord::Refused,
        format!("{target} refuses connections on port 22"),
        "Look whether sshd runs",
    ))
}

/// A model of that site whose hosts and controllers all answered well.
pub fn looked_at(names: &[&str], columns: u16, rows: u16) -> Model {
    let mut model = model(columns, rows);
    tell(&mut model, Msg::SiteLoaded(Box::new(site(names)), Box::new(catalogue())));
    for name in names {
        answer(&mut model, name, good("6.8.0"));
        tell(
            &mut model,
            Msg::Answered(probe(&format!("bmc:{name}"), "bmc.redfish"), powered(), NOW, 12),
        );
    }
    model
}

/// Takes in a message with [`RULES`].
pub fn tell(model: &mut Model, msg: Msg) -> Vec<Effect> {
    update_with(model, msg, RULES)
}

/// A host answers now.
pub fn answer(model: &mut Model, host: &str, answer: Answer) -> Vec<Effect> {
    let now = model.now;
    tell(model, Msg::Answered(probe(host, "host.look"), answer, now, 12))
}

/// The time goes on by so many seconds, second by second.
pub fn wait(model: &mut Model, seconds: i64) {
    for _ in 0..seconds {
        let now = model.now.plus_millis(1000);
        tell(model, Msg::Clock(now));
    }
}

/// Keys as `keys.toml` writes them, separated by blanks.
pub fn press(model: &mut Model, keys: &str) -> Vec<Effect> {
    keys.split_whitespace()
        .flat_map(|text| {
            let key = super::keymap::key_of(text).unwrap_or_else(|| panic!("no key {text}"));
            tell(model, Msg::Input(Input::Key(key)))
        })
        .collect()
}

/// Text, typed key by key.
pub fn type_text(model: &mut Model, text: &str) -> Vec<Effect> {
    text.chars()
        .flat_map(|c| tell(model, Msg::Input(Input::Key(Key::plain(KeyName::Char(c))))))
        .collect()
}

/// Two plans as the runtime tells of them: an installation of two phases and a
/// runbook that findings of HOST-05 are offered.
pub fn plans() -> Vec<PlanOutline> {
    let step = |id: &str, title: &str, kind: &str| StepOutline {
        id: id.into(),
        title: title.into(),
        kind: kind.into(),
        at: "router box, console of the Hedgehog VM".into(),
        usual: "1 min, at most inside the 10 min window".into(),
        why: "unblocks the waiting run".into(),
        doing: vec!["virsh console of <HEDGEHOG_VM>".into(), "update-ssh-keys -l".into()],
        done: "HH-03 passes from the bastion".into(),
        undo: String::new(),
    };
    let phase = |id: &str, title: &str, steps: Vec<StepOutline>| PhaseOutline {
        id: id.into(),
        title: title.into(),
        outcome: "everything that later phases rest on".into(),
        steps,
    };
    let plan = |id: &str, title: &str, findings: &[&str], phases: Vec<PhaseOutline>| PlanOutline {
        id: id.into(),
        title: title.into(),
        is_runbook: !findings.is_empty(),
        findings: findings.iter().map(|check| (*check).to_owned()).collect(),
        phases,
    };
    let rack = vec![step("HW-1.1", "Collect the delivered material", "gate")];
    let bootstrap = vec![
        step("HW-5.1", "Phase 1, deploy the Hedgehog controller VM", "run"),
        step("HW-5.2.4", "Register the environment key", "console"),
    ];
    let mirror = vec![step("RB-DISK.1", "Replace the disk", "gate")];
    vec![
        plan(
            "ai-factory-25.1.1",
            "AI Factory 25.1.1, first installation",
            &[],
            vec![
                phase("HW-1", "Rack, cable, record", rack),
                phase("HW-5", "Bootstrap of the network environment", bootstrap),
            ],
        ),
        plan(
            "RB-DISK",
            "Broken mirror",
            &["HOST-05"],
            vec![phase("RB-DISK", "Broken mirror", mirror)],
        ),
    ]
}
