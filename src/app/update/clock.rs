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
