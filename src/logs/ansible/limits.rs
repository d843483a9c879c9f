//! Bounds: a log has no upper size, an outline has.

use super::outline::{Outline, Task};

/// How much of each an outline holds; the rest is counted in `Outline::dropped`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Plays.
    pub plays: usize,
    /// Tasks of all plays.
    pub tasks: usize,
    /// Results of hosts in all tasks; about 60 bytes each.
    pub results: usize,
    /// Names of hosts.
    pub hosts: usize,
    /// Failures with their messages; a few kilobytes each at worst.
    pub messages: usize,
    /// Warnings, deprecations, errors.
    pub notes: usize,
    /// Lines of recaps.
    pub recap_rows: usize,
    /// Bytes of one failed result's body that are looked at.
    pub body: usize,
}

impl Default for Limits {
    /// About 40 MiB at worst, a few hundred kilobytes for a day of usual output.
    fn default() -> Limits {
        Limits {
            plays: 5_000,
            tasks: 30_000,
            results: 200_000,
            hosts: 20_000,
            messages: 2_000,
            notes: 500,
            recap_rows: 50_000,
            body: 256 * 1024,
        }
    }
}

/// What an outline holds at the moment, kept up to date by the reader.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Held {
    pub tasks: usize,
    pub results: usize,
    pub messages: usize,
    pub recap_rows: usize,
}

/// Brings an outline back under its limits. The last task is never touched;
/// what went well goes before what went wrong, old before new.
pub(super) fn enforce(outline: &mut Outline, held: &mut Held, limits: &Limits) {
    if held.results > limits.results {
        drop_results(outline, held, limits, false);
        drop_results(outline, held, limits, true);
    }
    if held.tasks > limits.tasks {
        drop_tasks(outline, held, limits, false);
        drop_tasks(outline, held, limits, true);
    }
    if outline.plays.len() > limits.plays {
        let count = outline.plays.len().saturating_sub(limits.plays - limits.plays / 4);
        for play in outline.plays.drain(..count) {
            outline.dropped.plays += 1;
            for task in play.tasks {
                forget(&task, held);
                outline.dropped.tasks += 1;
                outline.dropped.results += task.hosts.len() as u64;
            }
        }
    }
    while held.recap_rows > limits.recap_rows && outline.recaps.len() > 1 {
        let recap = outline.recaps.remove(0);
        held.recap_rows -= recap.rows.len().min(held.recap_rows);
        outline.dropped.recaps += recap.rows.len() as u64;
    }
}

/// Three quarters of a limit: what is dropped at once makes room for a while.
fn goal(limit: usize) -> usize {
    limit - limit / 4
}

fn drop_results(outline: &mut Outline, held: &mut Held, limits: &Limits, also_failed: bool) {
    let last = last_number(outline);
    let tasks = outline.plays.iter_mut().flat_map(|play| &mut play.tasks);
    for task in tasks.filter(|task| task.number != last) {
        if held.results <= goal(limits.results) {
            return;
        }
        let before = task.hosts.len();
        let messages = with_message(task);
        task.hosts.retain(|host| host.state.went_wrong() && !also_failed);
        task.hosts.shrink_to_fit();
        let gone = before - task.hosts.len();
        held.results -= gone.min(held.results);
        held.messages -= (messages - with_message(task)).min(held.messages);
        task.hosts_dropped =
            task.hosts_dropped.saturating_add(u32::try_from(gone).unwrap_or(u32::MAX));
        outline.dropped.results += gone as u64;
    }
}

fn drop_tasks(outline: &mut Outline, held: &mut Held, limits: &Limits, also_failed: bool) {
    let last = last_number(outline);
    let (mut tasks, mut results) = (0, 0);
    for play in &mut outline.plays {
        if held.tasks <= goal(limits.tasks) {
            break;
        }
        let mut gone = 0;
        play.tasks.retain(|task| {
            let wrong = task.hosts.iter().any(|host| host.state.went_wrong());
            let stays =
                task.number == last || held.tasks <= goal(limits.tasks) || (wrong && !also_failed);
            if !stays {
                forget(task, held);
                gone += 1;
                results += task.hosts.len() as u64;
            }
            stays
        });
        play.tasks.shrink_to_fit();
        play.tasks_dropped = play.tasks_dropped.saturating_add(gone);
        tasks += u64::from(gone);
    }
    outline.dropped.tasks += tasks;
    outline.dropped.results += results;
}

fn last_number(outline: &Outline) -> u32 {
    outline.plays.last().and_then(|play| play.tasks.last()).map_or(0, |task| task.number)
}

fn forget(task: &Task, held: &mut Held) {
    held.tasks -= held.tasks.min(1);
    held.results -= task.hosts.len().min(held.results);
    held.messages -= with_message(task).min(held.messages);
}

fn with_message(task: &Task) -> usize {
    task.hosts.iter().filter(|host| host.failure.is_some()).count()
}
