//! Asking: runs due probes as tasks with a time-out and sends their answers as messages.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::Msg;
use crate::domain::{Answer, Cause, CauseWord, ProbeId, Stamp, TargetId};
use crate::probes::{Probe, Reach};

use super::clock;
use super::schedule::{Cadence, Schedule};

/// Asks in flight at once. Handshakes have a bound of their own in the SSH
/// pool; this one bounds memory and sockets on very large sites.
const AT_ONCE: usize = 512;

/// Owns the probes of a site and their schedule.
pub struct Asker {
    probes: HashMap<ProbeId, Arc<dyn Probe>>,
    reach: Arc<Reach>,
    schedule: Schedule,
    to: mpsc::Sender<Msg>,
    tasks: TaskTracker,
    cancel: CancellationToken,
}

impl Asker {
    /// Everything in `probes` is due now; answers go to `to`.
    pub fn new(probes: Vec<Arc<dyn Probe>>, reach: Arc<Reach>, to: mpsc::Sender<Msg>) -> Asker {
        let cadence = |probe: &Arc<dyn Probe>| Cadence {
            every: Duration::from_millis(probe.spec().info.every.0.unsigned_abs()),
            every_in_view: probe.spec().every_in_view,
        };
        let schedule = Schedule::new(
            probes.iter().map(|probe| (probe.id().clone(), cadence(probe))),
            clock::now(),
            AT_ONCE,
        );
        let probes = probes.into_iter().map(|probe| (probe.id().clone(), probe)).collect();
        Asker {
            probes,
            reach,
            schedule,
            to,
            tasks: TaskTracker::new(),
            cancel: CancellationToken::new(),
        }
    }

    /// The ways to targets, shared with whoever needs them (accepting a host key).
    pub fn reach(&self) -> &Arc<Reach> {
        &self.reach
    }

    /// How many probes there are.
    pub fn len(&self) -> usize {
        self.probes.len()
    }

    /// Whether there is nothing to ask.
    pub fn is_empty(&self) -> bool {
        self.probes.is_empty()
    }

    /// Starts every ask that is due, and returns what was started.
    pub fn start_due(&mut self, now: Stamp) -> Vec<ProbeId> {
        let due = self.schedule.take_due(now);
        let probes = || due.iter().filter_map(|id| self.probes.get(id));
        probes().for_each(|probe| probe.is_due());
        probes().for_each(|probe| self.spawn(Arc::clone(probe)));
        due
    }

    /// Takes note of an answer, so that the next ask is set.
    pub fn answered(&mut self, id: &ProbeId, at: Stamp, was_trouble: bool) {
        self.schedule.answered(id, at, was_trouble);
    }

    /// Brings asks forward.
    pub fn hurry(&mut self, ids: &[ProbeId], now: Stamp) {
        self.schedule.hurry(ids, now);
    }

    /// Brings every ask forward.
    pub fn hurry_all(&mut self, now: Stamp) {
        let ids: Vec<ProbeId> = self.probes.keys().cloned().collect();
        self.schedule.hurry(&ids, now);
    }

    /// Says which targets are on screen.
    pub fn set_in_view(&mut self, targets: Vec<TargetId>, now: Stamp) {
        self.schedule.set_in_view(targets, now);
    }

    /// When something is due next.
    pub fn next_due(&self) -> Option<Stamp> {
        self.schedule.next_due()
    }

    /// Ends all asks; their answers no longer come.
    pub fn stop(&self) {
        self.cancel.cancel();
        self.tasks.close();
    }

    fn spawn(&self, probe: Arc<dyn Probe>) {
        let (reach, to, cancel) = (Arc::clone(&self.reach), self.to.clone(), self.cancel.clone());
        self.tasks.spawn(async move {
            let id = probe.id().clone();
            let begun = std::time::Instant::now();
            // A task of its own, so that a fault in one probe costs one answer and not the console.
            let asking = tokio::spawn(async move {
                let spec = probe.spec();
                match tokio::time::timeout(spec.timeout, probe.ask(&reach)).await {
                    Ok(answer) => answer,
                    Err(_) => Answer::TimedOut(given_up(probe.id(), spec.timeout.as_secs())),
                }
            });
            let abort = asking.abort_handle();
            let answer = tokio::select! {
                answer = asking => answer.unwrap_or_else(|error| Answer::Garbled(broken(&id, &error))),
                () = cancel.cancelled() => {
                    abort.abort();
                    return;
                }
            };
            let took = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            // The loop is gone when this fails; nobody is left to tell.
            let _ = to.send(Msg::Answered(id, answer, clock::now(), took)).await;
        });
    }
}

fn given_up(id: &ProbeId, seconds: u64) -> Cause {
    Cause::new(
        CauseWord::TimedOut,
        format!("{} did not answer within {seconds} s", id.target),
        "look whether the machine is overloaded or the way to it is slow",
    )
}

fn broken(id: &ProbeId, error: &tokio::task::JoinError) -> Cause {
    Cause::new(
        CauseWord::Garbled,
        format!("shopfloor itself failed while asking {}", id.target),
        "please report it with the crash report in the state directory; other looks go on",
    )
    .with_detail(error.to_string())
}
