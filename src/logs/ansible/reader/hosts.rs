//! Results of hosts: where they go, and what they do to the counts.

use std::collections::HashMap;

use super::{Failing, Open, Reader};
use crate::domain::untrusted::printable;
use crate::logs::ansible::body::{self, Fields};
use crate::logs::ansible::failure::Failure;
use crate::logs::ansible::grammar::{Body, Outcome};
use crate::logs::ansible::outline::{HostResult, Kind, Place, State, Task};

/// What the reader remembers of a host.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Memory {
    /// The task of its last result, and where in it.
    task: u32,
    index: usize,
    /// What the items of a loop came to so far.
    items: Option<State>,
    /// When it last announced another try.
    retried_ms: Option<i64>,
    /// The task in which it failed last.
    failed_in: Option<u32>,
}

/// Names of hosts and what is remembered of each.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    by_name: HashMap<Box<str>, u32>,
    memory: Vec<Memory>,
}

impl Hosts {
    /// The index of that name; none when there are too many.
    pub fn index(&mut self, name: &str, names: &mut Vec<String>, limit: usize) -> Option<u32> {
        if let Some(index) = self.by_name.get(name) {
            return Some(*index);
        }
        if names.len() >= limit {
            return None;
        }
        let index = u32::try_from(names.len()).ok()?;
        self.by_name.insert(name.into(), index);
        self.memory.push(Memory::default());
        names.push(printable(name));
        Some(index)
    }

    pub fn forget_failures(&mut self) {
        for memory in &mut self.memory {
            memory.failed_in = None;
        }
    }

    fn of(&mut self, host: u32) -> Option<&mut Memory> {
        self.memory.get_mut(host as usize)
    }
}

/// What a host with items in both states has come to.
fn worse(left: State, right: State) -> State {
    let rank = |state: State| match state {
        State::Skipped => 0,
        State::Included => 1,
        State::Ok => 2,
        State::Changed => 3,
        State::Rescued | State::Ignored => 4,
        State::Failed => 5,
        State::Unreachable => 6,
        State::Retrying | State::Polling => 0,
    };
    if rank(right) > rank(left) { right } else { left }
}

impl Reader {
    pub(super) fn result(&mut self, outcome: &Outcome<'_>, place: Place) {
        self.open = match outcome.body {
            Body::Json => Open::Json,
            Body::Yaml { .. } => Open::Yaml,
            Body::None | Body::Inline(_) => Open::Nothing,
        };
        let Some(host) = self.host(outcome.host) else { return };
        self.settle(host, outcome.state, outcome.item, place);
        if let Some(other) = outcome.delegated.and_then(|name| self.host(name))
            && let Some(result) = self.result_of(host)
        {
            result.delegated = Some(other);
        }
        if !outcome.state.is_bad() {
            return;
        }
        let changed = matches!(outcome.body, Body::Yaml { changed: true });
        let failing = Failing { host, item: outcome.item.map(printable), changed };
        match outcome.body {
            Body::Inline(text) => self.explain(&failing, &body::fields(text)),
            Body::None => self.explain(&failing, &Fields::default()),
            Body::Json => {
                self.body.push_str("{\n");
                self.failing = Some(failing);
            }
            Body::Yaml { .. } => self.failing = Some(failing),
        }
    }

    pub(super) fn included(&mut self, hosts: &str, item: bool, place: Place) {
        if let Some(task) = self.current()
            && task.kind == Kind::Task
        {
            task.kind = Kind::Include;
        }
        for name in hosts.split(", ") {
            if let Some(host) = self.host(name) {
                self.settle(host, State::Included, item.then_some(""), place);
            }
        }
    }

    pub(super) fn retry(&mut self, host: u32, left: u32, place: Place) {
        let now = self.now;
        self.settle(host, State::Retrying, None, place);
        let before =
            self.hosts.of(host).and_then(|memory| std::mem::replace(&mut memory.retried_ms, now));
        let every = now.zip(before).and_then(|(now, before)| u64::try_from(now - before).ok());
        if let Some(result) = self.result_of(host) {
            result.retries_left = Some(left);
            result.left_at_last_try = Some(left);
        }
        if let (Some(task), Some(every)) = (self.current(), every)
            && every > 0
        {
            task.retry_every_ms = Some(every);
        }
    }

    /// `...ignoring`: a failure of this task was none.
    pub(super) fn ignore(&mut self) {
        // The line is printed when the host is through with its items: most
        // often the one of the line before, else the one that failed last.
        let last = self.fresh.iter().rposition(|host| Some(*host) == self.last_host);
        let Some(at) = last.or(self.fresh.len().checked_sub(1)) else { return };
        let host = self.fresh.remove(at);
        let number = self.tasks;
        self.unsettled.retain(|(of, task)| (*of, *task) != (host, number));
        if let Some(memory) = self.hosts.of(host) {
            memory.failed_in = None;
            memory.items = memory.items.map(|_| State::Ignored);
        }
        self.change(host, |_| State::Ignored);
    }

    /// A line about a host decides, or changes, what became of it in the current task.
    pub(super) fn settle(&mut self, host: u32, state: State, item: Option<&str>, place: Place) {
        if self.run_over || self.outline.plays.last().is_none_or(|play| play.tasks.is_empty()) {
            // The log begins in the middle of a task.
            self.begin_task(Kind::Task, "", place);
        }
        let number = self.tasks;
        self.last_host = Some(host);
        let Some(memory) = self.hosts.of(host) else { return };
        if memory.task != number {
            let failed_in = memory.failed_in.take();
            *memory = Memory { task: number, ..Memory::default() };
            let Some(task) = self.outline.plays.last_mut().and_then(|play| play.tasks.last_mut())
            else {
                return;
            };
            memory.index = task.hosts.len();
            task.counts.add(state);
            task.hosts.push(HostResult {
                host,
                state,
                items: 0,
                failed_items: 0,
                retries_left: None,
                left_at_last_try: None,
                delegated: None,
                place,
                failure: None,
                went_on: false,
            });
            self.held.results += 1;
            if let Some(failed_in) = failed_in {
                self.goes_on(host, failed_in);
            }
        }
        let Some(memory) = self.hosts.of(host) else { return };
        if !state.is_final() {
            self.change(host, |_| state);
            return;
        }
        let so_far = memory.items;
        let failed = state.is_bad();
        let state = so_far.map_or(state, |items| worse(items, state));
        if item.is_some() {
            memory.items = Some(state);
        }
        let newly_bad = state.is_bad() && !so_far.is_some_and(State::is_bad);
        if newly_bad {
            memory.failed_in = Some(number);
        }
        self.change(host, |result| {
            if item.is_some() {
                result.items = result.items.saturating_add(1);
                result.failed_items = result.failed_items.saturating_add(u32::from(failed));
            }
            result.retries_left = None;
            state
        });
        if let Some(result) = self.result_of(host)
            && (!state.is_bad() || newly_bad)
        {
            result.place = place;
        }
        if newly_bad {
            self.fresh.push(host);
            if state == State::Failed {
                self.unsettled.push((host, number));
            }
        }
    }

    /// A host that failed in task `number` was seen in a later one.
    fn goes_on(&mut self, host: u32, number: u32) {
        if let Some(task) = self.outline.task_mut(number)
            && let Some(result) = task.hosts.iter_mut().find(|result| result.host == host)
        {
            result.went_on = true;
        }
    }

    /// The result of a host in the current task.
    fn result_of(&mut self, host: u32) -> Option<&mut HostResult> {
        let index = self.place_of(host)?;
        self.last_task()?.hosts.get_mut(index)
    }

    fn place_of(&mut self, host: u32) -> Option<usize> {
        let number = self.tasks;
        let memory = self.hosts.of(host)?;
        (memory.task == number).then_some(memory.index)
    }

    fn last_task(&mut self) -> Option<&mut Task> {
        self.outline.plays.last_mut()?.tasks.last_mut()
    }

    /// Gives a host another state and keeps the counts true.
    fn change(&mut self, host: u32, to: impl FnOnce(&mut HostResult) -> State) {
        let Some(index) = self.place_of(host) else { return };
        let Some(task) = self.last_task() else { return };
        let Some(result) = task.hosts.get_mut(index) else { return };
        let before = result.state;
        let after = to(result);
        if before != after {
            task.counts.remove(before);
            task.counts.add(after);
            result.state = after;
        }
    }

    /// Keeps why a host failed, as long as there is room.
    pub(super) fn explain(&mut self, failing: &Failing, fields: &Fields) {
        let origin = self.explained.take().and_then(|note| note.origin);
        if self.held.messages >= self.limits.messages {
            self.outline.dropped.messages += 1;
            return;
        }
        let Some(result) = self.result_of(failing.host) else { return };
        if result.failure.is_some() {
            return;
        }
        let mut failure = Failure::of(fields, failing.item.as_deref(), origin);
        failure.changed |= failing.changed;
        result.failure = Some(Box::new(failure));
        self.held.messages += 1;
    }
}
