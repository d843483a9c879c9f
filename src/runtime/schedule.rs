//! When to ask whom: cadence, jitter, back-off, one ask in flight per probe,
//! what is on screen first.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use crate::domain::{ProbeId, Stamp, TargetId};

/// How far a probe's next ask may move, as a share of its cadence, so that
/// 148 hosts are not asked in the same instant for ever.
const JITTER: f64 = 0.1;

/// After failures the cadence doubles up to this pause: what is dead costs
/// little, and what comes back is seen within two minutes. What is asked more
/// rarely than that anyway is not slowed down.
const SLOWEST: Duration = Duration::from_secs(120);

/// How often a probe wants to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cadence {
    /// When nobody watches.
    pub every: Duration,
    /// While its target is on screen.
    pub every_in_view: Duration,
}

#[derive(Debug)]
struct Entry {
    cadence: Cadence,
    due: Stamp,
    is_asking: bool,
    failures: u32,
    last: Option<Stamp>,
}

/// The schedule of all probes of a site. It decides; the executor asks.
#[derive(Debug)]
pub struct Schedule {
    entries: HashMap<ProbeId, Entry>,
    /// Waiting probes by the time they are due.
    waiting: BTreeSet<(Stamp, ProbeId)>,
    in_view: HashSet<TargetId>,
    asking: usize,
    at_once: usize,
    /// The latest time that was told, to see a clock that is set back.
    latest: Stamp,
}

impl Schedule {
    /// Everything is due at once at `now`; at most `at_once` asks are in flight.
    pub fn new(
        probes: impl IntoIterator<Item = (ProbeId, Cadence)>,
        now: Stamp,
        at_once: usize,
    ) -> Schedule {
        let mut schedule = Schedule {
            entries: HashMap::new(),
            waiting: BTreeSet::new(),
            in_view: HashSet::new(),
            asking: 0,
            at_once: at_once.max(1),
            latest: now,
        };
        for (id, cadence) in probes {
            schedule.waiting.insert((now, id.clone()));
            schedule
                .entries
                .insert(id, Entry { cadence, due: now, is_asking: false, failures: 0, last: None });
        }
        schedule
    }

    /// The probes to ask now; each is in flight until [`Schedule::answered`].
    /// Those on screen come first, then the longest overdue.
    ///
    /// A clock that was set back brings everything forward: what is due by the
    /// old clock may lie hours away, and all that time nobody would look.
    pub fn take_due(&mut self, now: Stamp) -> Vec<ProbeId> {
        if now < self.latest {
            let waiting = std::mem::take(&mut self.waiting);
            for (due, id) in waiting {
                let due = due.min(now);
                if let Some(entry) = self.entries.get_mut(&id) {
                    entry.due = due;
                }
                self.waiting.insert((due, id));
            }
        }
        self.latest = now;
        let room = self.at_once.saturating_sub(self.asking);
        if room == 0 {
            return Vec::new();
        }
        let due: Vec<(Stamp, ProbeId)> =
            self.waiting.iter().take_while(|(at, _)| *at <= now).cloned().collect();
        let (mut first, later): (Vec<_>, Vec<_>) =
            due.into_iter().partition(|(_, id)| self.in_view.contains(&id.target));
        first.extend(later);
        first.truncate(room);
        for (at, id) in &first {
            self.waiting.remove(&(*at, id.clone()));
            if let Some(entry) = self.entries.get_mut(id) {
                entry.is_asking = true;
                self.asking += 1;
            }
        }
        first.into_iter().map(|(_, id)| id).collect()
    }

    /// Notes that an ask ended, and sets the next one.
    pub fn answered(&mut self, id: &ProbeId, now: Stamp, was_trouble: bool) {
        let is_in_view = self.in_view.contains(&id.target);
        let Some(entry) = self.entries.get_mut(id) else { return };
        if !entry.is_asking {
            return;
        }
        entry.is_asking = false;
        self.asking = self.asking.saturating_sub(1);
        let is_back = !was_trouble && entry.failures > 0;
        entry.failures = if was_trouble { entry.failures.saturating_add(1) } else { 0 };
        entry.last = Some(now);
        let pause = pause_after(entry, is_in_view);
        entry.due = now.plus_millis(spread(id, now, pause));
        self.waiting.insert((entry.due, id.clone()));
        if is_back {
            self.hurry_failed(&id.target, now);
        }
    }

    /// A target that is back in one way is most likely back in the others: what
    /// the slow probes last said of it would stand for minutes and be untrue.
    fn hurry_failed(&mut self, target: &TargetId, now: Stamp) {
        let failed: Vec<ProbeId> = self
            .entries
            .iter()
            .filter(|(id, entry)| &id.target == target && entry.failures > 0)
            .map(|(id, _)| id.clone())
            .collect();
        self.hurry(&failed, now);
    }

    /// Asks these ahead of their time; one that is in flight is left alone.
    pub fn hurry(&mut self, ids: &[ProbeId], now: Stamp) {
        for id in ids {
            self.bring_forward(id, now);
        }
    }

    /// These targets are on screen now, and no others.
    pub fn set_in_view(&mut self, targets: impl IntoIterator<Item = TargetId>, now: Stamp) {
        self.in_view = targets.into_iter().collect();
        let sooner: Vec<(ProbeId, Stamp)> = self
            .entries
            .iter()
            .filter(|(id, entry)| !entry.is_asking && self.in_view.contains(&id.target))
            .filter_map(|(id, entry)| {
                let at = entry.last?.plus_millis(millis(pause_after(entry, true)));
                (at < entry.due).then(|| (id.clone(), at.max(now)))
            })
            .collect();
        for (id, at) in sooner {
            self.bring_forward(&id, at);
        }
    }

    /// When something is due next; `None` when nothing waits or there is no room for it.
    pub fn next_due(&self) -> Option<Stamp> {
        if self.asking >= self.at_once {
            return None;
        }
        self.waiting.first().map(|(at, _)| *at)
    }

    /// How many probes there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn bring_forward(&mut self, id: &ProbeId, at: Stamp) {
        if let Some(entry) = self.entries.get_mut(id)
            && !entry.is_asking
            && at < entry.due
        {
            self.waiting.remove(&(entry.due, id.clone()));
            entry.due = at;
            self.waiting.insert((at, id.clone()));
        }
    }
}

fn pause_after(entry: &Entry, is_in_view: bool) -> Duration {
    let base = if is_in_view { entry.cadence.every_in_view } else { entry.cadence.every };
    (base * (1 << entry.failures.min(6))).min(SLOWEST.max(base))
}

fn millis(pause: Duration) -> i64 {
    i64::try_from(pause.as_millis()).unwrap_or(i64::MAX)
}

/// The pause moved by up to ±10 %, by a hash of who and when: no random
/// source, so that a replayed schedule is the same.
fn spread(id: &ProbeId, now: Stamp, pause: Duration) -> i64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    (id, now.0).hash(&mut hasher);
    let share = (hasher.finish() % 2001) as f64 / 1000.0 - 1.0;
    (pause.as_millis() as f64 * (1.0 + JITTER * share)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ProbeName;

    const EVERY_30S: Cadence =
        Cadence { every: Duration::from_secs(30), every_in_view: Duration::from_secs(10) };

    fn probe(target: &str) -> ProbeId {
        ProbeId { target: TargetId::from(target), probe: ProbeName::fixed("host.look") }
    }

    fn schedule(targets: &[&str], at_once: usize) -> Schedule {
        Schedule::new(targets.iter().map(|t| (probe(t), EVERY_30S)), Stamp(0), at_once)
    }

    #[test]
    fn everything_is_asked_at_once_and_never_twice_in_flight() {
        let mut schedule = schedule(&["a", "b", "c"], 64);
        assert_eq!(schedule.take_due(Stamp(0)).len(), 3);
        assert!(schedule.take_due(Stamp(1_000_000)).is_empty());
    }

    #[test]
    fn the_limit_of_asks_in_flight_holds_and_frees() {
        let mut schedule = schedule(&["a", "b", "c"], 2);
        let first = schedule.take_due(Stamp(0));
        assert_eq!(first.len(), 2);
        assert_eq!(schedule.next_due(), None);
        schedule.answered(&first[0], Stamp(10), false);
        assert_eq!(schedule.take_due(Stamp(10)).len(), 1);
    }

    #[test]
    fn an_answer_sets_the_next_ask_one_jittered_cadence_on() {
        let mut schedule = schedule(&["a"], 64);
        schedule.take_due(Stamp(0));
        schedule.answered(&probe("a"), Stamp(1_000), false);
        let due = schedule.next_due().unwrap();
        assert!((28_000..=34_000).contains(&due.0), "{due:?}");
    }

    #[test]
    fn failures_back_off_up_to_four_times_and_recover() {
        let mut schedule = schedule(&["a"], 64);
        let mut now = Stamp(0);
        for _ in 0..6 {
            assert_eq!(schedule.take_due(now), [probe("a")]);
            schedule.answered(&probe("a"), now, true);
            now = schedule.next_due().unwrap();
        }
        schedule.take_due(now);
        schedule.answered(&probe("a"), now, true);
        let slow = schedule.next_due().unwrap().since(now).0;
        assert!((108_000..=132_000).contains(&slow), "{slow}");
        now = schedule.next_due().unwrap();
        schedule.take_due(now);
        schedule.answered(&probe("a"), now, false);
        let quick = schedule.next_due().unwrap().since(now).0;
        assert!((27_000..=33_000).contains(&quick), "{quick}");
    }

    #[test]
    fn what_is_on_screen_is_asked_first_and_more_often() {
        let mut schedule = schedule(&["a", "b", "c"], 1);
        schedule.set_in_view([TargetId::from("c")], Stamp(0));
        assert_eq!(schedule.take_due(Stamp(0)), [probe("c")]);
        schedule.answered(&probe("c"), Stamp(0), false);
        schedule.set_in_view([], Stamp(0));
        schedule.set_in_view([TargetId::from("c")], Stamp(5_000));
        let due = schedule.waiting.iter().find(|(_, id)| *id == probe("c")).unwrap().0;
        assert!(due.0 <= 11_000, "{due:?}");
    }

    #[test]
    fn what_is_asked_rarely_is_not_slowed_down_further() {
        let every_5m =
            Cadence { every: Duration::from_secs(300), every_in_view: Duration::from_secs(120) };
        let mut schedule = Schedule::new([(probe("a"), every_5m)], Stamp(0), 64);
        let mut now = Stamp(0);
        for _ in 0..5 {
            schedule.take_due(now);
            schedule.answered(&probe("a"), now, true);
            let pause = schedule.next_due().unwrap().since(now).0;
            assert!((270_000..=330_000).contains(&pause), "{pause}");
            now = schedule.next_due().unwrap();
        }
    }

    #[test]
    fn a_target_that_is_back_is_asked_at_once_for_what_failed() {
        let survey = |target: &str| ProbeId {
            target: TargetId::from(target),
            probe: ProbeName::fixed("host.survey"),
        };
        let all = [probe("a"), survey("a"), survey("b")];
        let all = all.map(|id| (id, EVERY_30S));
        let mut schedule = Schedule::new(all, Stamp(0), 64);
        schedule.take_due(Stamp(0));
        for id in [probe("a"), survey("a"), survey("b")] {
            schedule.answered(&id, Stamp(0), true);
        }
        schedule.hurry(&[probe("a")], Stamp(1_000));
        assert_eq!(schedule.take_due(Stamp(1_000)), [probe("a")]);
        schedule.answered(&probe("a"), Stamp(1_100), false);
        assert_eq!(schedule.take_due(Stamp(1_100)), [survey("a")], "only what is back");
        // It fails for a reason of its own: the other one's next answers do not hurry it.
        schedule.answered(&survey("a"), Stamp(1_200), true);
        schedule.hurry(&[probe("a")], Stamp(2_000));
        assert_eq!(schedule.take_due(Stamp(2_000)), [probe("a")]);
        schedule.answered(&probe("a"), Stamp(2_100), false);
        assert!(schedule.take_due(Stamp(2_100)).is_empty());
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_stop_the_looking() {
        const HOUR: i64 = 3_600_000;
        let mut schedule = schedule(&["a", "b"], 64);
        assert_eq!(schedule.take_due(Stamp(HOUR)).len(), 2);
        schedule.answered(&probe("a"), Stamp(HOUR), false);
        // `b` is in flight still, and its answer comes by the new clock.
        assert_eq!(schedule.take_due(Stamp(5_000)), [probe("a")]);
        schedule.answered(&probe("a"), Stamp(5_100), false);
        schedule.answered(&probe("b"), Stamp(5_100), false);
        let due = schedule.next_due().unwrap();
        assert!(due.0 < 40_000, "{due:?}");
        assert!(schedule.take_due(Stamp(6_000)).is_empty(), "brought forward once only");
    }

    #[test]
    fn hurrying_asks_now() {
        let mut schedule = schedule(&["a"], 64);
        schedule.take_due(Stamp(0));
        schedule.hurry(&[probe("a")], Stamp(1));
        assert!(schedule.take_due(Stamp(1)).is_empty(), "in flight already");
        schedule.answered(&probe("a"), Stamp(2), false);
        schedule.hurry(&[probe("a")], Stamp(3));
        assert_eq!(schedule.take_due(Stamp(3)), [probe("a")]);
    }

    #[test]
    fn coming_into_view_brings_the_next_ask_forward() {
        let mut schedule = schedule(&["a"], 1);
        schedule.take_due(Stamp(0));
        schedule.answered(&probe("a"), Stamp(0), false);
        assert!(schedule.next_due().unwrap() >= Stamp(27_000));
        schedule.set_in_view([TargetId::from("a")], Stamp(5_000));
        assert_eq!(schedule.next_due(), Some(Stamp(10_000)));
    }

    #[test]
    fn an_answer_that_nobody_waits_for_changes_nothing() {
        let mut schedule = schedule(&["a", "b"], 1);
        let first = schedule.take_due(Stamp(0));
        schedule.answered(&first[0], Stamp(0), false);
        let second = schedule.take_due(Stamp(0));
        schedule.answered(&first[0], Stamp(0), false);
        assert_ne!(first, second);
        assert_eq!(schedule.next_due(), None, "the other one is still in flight");
    }
}
