//! The rules of the test site: few, of several layers, and stable while the real ones grow.

use crate::checks::{Case, Rule};
use crate::domain::{Evidence, Judgement, Role, Site, Target, TargetKind, Verdict, keys};

/// All of them.
pub static RULES: &[Rule] = &[
    Rule { id: "HOST-01", applies: is_host, probes: &["host.look"], judge: answers },
    Rule { id: "HOST-02", applies: is_host, probes: &["host.look"], judge: kernel },
    Rule { id: "HOST-55", applies: is_host, probes: &["host.look"], judge: clock },
    Rule { id: "HOST-52", applies: is_host, probes: &["host.look"], judge: uptime },
    Rule { id: "IPMI-50", applies: is_bmc, probes: &["bmc.redfish"], judge: answers },
    Rule { id: "IPMI-51", applies: is_bmc, probes: &["bmc.redfish"], judge: power },
    Rule {
        id: "RBOX-02",
        applies: |_, t| t.is(Role::RouterBox),
        probes: &["host.look"],
        judge: domains,
    },
    Rule {
        id: "FAB-02",
        applies: |_, t| t.kind == TargetKind::Switch,
        probes: &[],
        judge: reports,
    },
];

fn is_host(_: &Site, target: &Target) -> bool {
    target.kind == TargetKind::Host
}

fn is_bmc(_: &Site, target: &Target) -> bool {
    target.kind == TargetKind::Bmc
}

fn said(case: &Case<'_>, verdict: Verdict, sentence: String, evidence: Vec<Evidence>) -> Judgement {
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
        evidence,
        next: if verdict.is_finding() { case.spec.next.clone() } else { Vec::new() },
        seen: None,
        since: None,
        source: if case.target.kind == TargetKind::Bmc { "redfish" } else { "ssh" }.into(),
    }
}

/// Judges a fact that may not be had: then unknown, with the cause.
fn judged<T: keys::FactType>(
    case: &Case<'_>,
    key: keys::Key<T>,
    judge: impl FnOnce(&T) -> (Verdict, String),
) -> Judgement {
    let seen = case.facts.of(&case.target.id).get(key);
    let mut judgement = match (seen.fresh(), &seen.trouble) {
        (Some(value), _) => {
            let (verdict, sentence) = judge(value);
            let evidence = Evidence {
                label: key.info.source.into(),
                shown: keys::FactType::into_value(seen.value.unwrap()).to_string(),
                seen: seen.seen,
            };
            said(case, verdict, sentence, vec![evidence])
        }
        (None, Some(cause)) => {
            let mut judgement = said(case, Verdict::Unknown, cause.sentence.clone(), Vec::new());
            judgement.cause = Some(cause.word.clone());
            judgement.next = vec![cause.next.clone()];
            for line in &cause.detail {
                judgement.evidence.push(Evidence {
                    label: "offered".into(),
                    shown: line.clone(),
                    seen: None,
                });
            }
            judgement
        }
        (None, None) => {
            said(case, Verdict::Unknown, format!("{} did not say", case.target.name), Vec::new())
        }
    };
    judgement.seen = seen.seen;
    judgement
}

fn answers(case: &Case<'_>) -> Judgement {
    let name = &case.target.name;
    if case.target.kind == TargetKind::Bmc {
        return judged(case, keys::power::redfish::POWER_STATE, |_| {
            (Verdict::Pass, format!("{name} answers"))
        });
    }
    judged(case, keys::hosts::KERNEL, |_| (Verdict::Pass, format!("{name} answers")))
}

fn kernel(case: &Case<'_>) -> Judgement {
    let wanted = case.site.wanted.get("kernel").cloned().unwrap_or_default();
    let name = &case.target.name;
    judged(case, keys::hosts::KERNEL, |kernel| {
        if *kernel == wanted {
            (Verdict::Pass, format!("{name} runs kernel {kernel}"))
        } else {
            (Verdict::Fail, format!("{name} runs kernel {kernel}, wanted is {wanted}"))
        }
    })
}

fn clock(case: &Case<'_>) -> Judgement {
    let facts = case.facts.of(&case.target.id);
    let tried = facts.probe("host.look").and_then(|probe| probe.answered).unwrap_or_default();
    let limit = case.spec.threshold("offset_warn_ms");
    let name = &case.target.name;
    judged(case, keys::hosts::CLOCK, |clock| {
        let offset = clock.0 - tried.0;
        if (offset as f64) < limit {
            (Verdict::Pass, format!("the clock of {name} is right"))
        } else {
            (
                Verdict::Warn,
                format!("the clock of {name} is {offset} ms ahead (allowed {limit} ms)"),
            )
        }
    })
}

fn uptime(case: &Case<'_>) -> Judgement {
    let limit = case.spec.threshold("uptime_warn_s");
    let name = &case.target.name;
    judged(case, keys::hosts::UPTIME, |uptime| {
        let verdict = if *uptime < limit { Verdict::Warn } else { Verdict::Pass };
        let age = crate::domain::Age((*uptime * 1000.0) as i64).long();
        (verdict, format!("{name} booted {age} ago"))
    })
}

fn power(case: &Case<'_>) -> Judgement {
    let name = &case.target.name;
    judged(case, keys::power::redfish::POWER_STATE, |state| {
        let verdict = if state.0 == "on" { Verdict::Pass } else { Verdict::Fail };
        (verdict, format!("{name} says power {}", state.0))
    })
}

fn domains(case: &Case<'_>) -> Judgement {
    judged(case, keys::router::DOMAINS, |domains| {
        (Verdict::Pass, format!("all {} domains run", domains.rows.len()))
    })
}

fn reports(case: &Case<'_>) -> Judgement {
    let sentence = format!("{} means nothing before the fabric is installed", case.target.name);
    said(case, Verdict::NotYet, sentence, Vec::new())
}
