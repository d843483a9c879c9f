//! The time goes on: what rests on old facts is judged again, a little at a time.

use crate::domain::Stamp;

use super::super::Model;
use super::super::verdicts::judging::Rules;
use super::facts::judge_at;

/// In how many seconds every target is judged again, whether it answered or
/// not: a fact that grows old turns a verdict no later than this.
const ROUND: usize = 60;

/// Takes in the time; `true` when a new second began.
pub fn clock(model: &mut Model, now: Stamp, rules: &Rules) -> bool {
    let is_new_second = now.seconds() != model.now.seconds();
    model.now = now;
    if !is_new_second {
        return false;
    }
    model.verdicts.clock(now);
    let count = model.site.targets.len();
    if count == 0 {
        return true;
    }
    let share = count.div_ceil(ROUND);
    for step in 0..share {
        let at = (model.judge_next + step) % count;
        // What never answered cannot have grown old.
        let is_known =
            model.site.targets.get(at).is_some_and(|t| model.facts.targets.contains_key(&t.id));
        if is_known {
            judge_at(model, at, rules);
        }
    }
    model.judge_next = (model.judge_next + share) % count;
    true
}

#[cfg(test)]
mod tests {
    use super::super::super::scenes;
    use super::*;
    use crate::checks::Rule;
    use crate::domain::{Age, Answer, ProbeId, Report, Verdict};

    /// Says when it was judged.
    static DATED: &Rule = &Rule {
        id: "HOST-01",
        applies: |_, _| true,
        probes: &["host.look"],
        judge: |case| crate::domain::Judgement {
            target: case.target.id.clone(),
            ..scenes::judgement("HOST-01", "x", Verdict::Pass, &case.now.seconds().to_string())
        },
    };

    #[test]
    fn every_target_is_judged_again_within_a_round_and_evenly() {
        for count in [1_usize, 2, 59, 60, 61, 130] {
            let names: Vec<String> = (0..count).map(|at| format!("gpu-{at:03}")).collect();
            let mut model = scenes::model(80, 24);
            model.catalogue = crate::checks::Catalogue::load(&[], &Default::default()).0;
            model.site.targets = names.iter().map(|name| scenes::host(name)).collect();
            for name in &names {
                let probe = ProbeId { target: name.as_str().into(), probe: "host.look".into() };
                model.facts.take(&probe, Answer::Facts(Report::default()), scenes::NOW, 1);
            }
            let begin = scenes::NOW.seconds();
            let mut most = 0;
            for second in 1..=ROUND {
                let now = scenes::NOW.plus_millis(Age::seconds(second as i64).0);
                assert!(clock(&mut model, now, &[DATED]));
                assert!(!clock(&mut model, now, &[DATED]), "once a second");
                let just_now = now.seconds().to_string();
                let judged = names.iter().filter(|name| {
                    let told = model.verdicts.of(&name.as_str().into()).judgements.first();
                    told.is_some_and(|told| told.sentence == just_now)
                });
                most = most.max(judged.count());
            }
            assert!(most <= count.div_ceil(ROUND), "{most} of {count} in one second");
            for name in &names {
                let told = model.verdicts.of(&name.as_str().into());
                let at: i64 = told.judgements[0].sentence.parse().unwrap();
                assert!(at > begin && at <= begin + ROUND as i64, "{name} of {count}: {at}");
            }
        }
    }

    #[test]
    fn what_never_answered_is_not_judged() {
        let mut model = scenes::model(80, 24);
        model.catalogue = crate::checks::Catalogue::load(&[], &Default::default()).0;
        model.site.targets = vec![scenes::host("gpu-01")];
        assert!(clock(&mut model, scenes::NOW.plus_millis(1_000), &[DATED]));
        assert!(model.verdicts.of(&"gpu-01".into()).judgements.is_empty());
    }
}
