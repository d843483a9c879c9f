//! Prompts of the command, and what people type for it.

use std::time::Duration;

use zeroize::Zeroizing;

use crate::install::journal::Event;

use super::super::pen::WatcherId;
use super::super::prompts::Found;
use super::super::protocol::{Answer, Standing};
use super::Conductor;

/// A line that nothing followed for so long may be a prompt.
const SILENCE: Duration = Duration::from_millis(500);

/// The prompt that stands on the terminal.
#[derive(Debug, Default)]
pub(super) struct Prompted {
    found: Option<Found>,
    /// The turn of output that was looked at last.
    turn: Option<u64>,
}

impl Prompted {
    /// The terminal takes lines in another way now: what stands on it may be a prompt after all.
    pub(super) fn look_again(&mut self) {
        if self.found.is_none() {
            self.turn = None;
        }
    }
}

impl Conductor {
    pub(super) fn look_for_prompt(&mut self) {
        let Some(terminal) = &self.terminal else { return };
        let tail = self.keeper.tail();
        if self.prompted.turn == Some(tail.turn) {
            return;
        }
        if let Some(found) = self.prompted.found.take() {
            self.note(Event::PromptGone { name: found.name });
            return;
        }
        if tail.at.elapsed() < SILENCE || self.exited.is_some() {
            return;
        }
        let found = self.prompts.find(&tail.line, terminal.hides());
        self.prompted.turn = Some(tail.turn);
        if let Some(found) = found {
            self.note(Event::PromptSeen {
                name: found.name.clone(),
                text: found.text.clone(),
                hides: found.hides,
            });
            self.prompted.found = Some(found);
        }
    }

    /// Keys for the child. They are kept nowhere.
    pub(super) fn input(&mut self, watcher: WatcherId, bytes: Zeroizing<Vec<u8>>) {
        if self.pen.holder() != Some(watcher) {
            let who = match (self.pen.holder(), self.other_holder(watcher)) {
                (_, Some(other)) => format!("{other} has the pen"),
                (Some(_), None) => "you have the pen at another screen; take it first".to_owned(),
                (None, None) => "nobody has the pen; take it first".to_owned(),
            };
            self.reply(watcher, Standing::Refused, who);
            return;
        }
        let is_line = bytes.iter().any(|byte| matches!(byte, b'\r' | b'\n'));
        if self.give(watcher, bytes) && is_line {
            self.answered(watcher);
        }
    }

    /// The answer to the prompt that stands, straight to the child. It is kept
    /// nowhere, not given to another prompt than the person saw, and not where
    /// the terminal would show what was typed unseen.
    pub(super) fn answer(&mut self, watcher: WatcherId, answer: Answer) {
        // What came since the last look may have ended the prompt.
        self.look_for_prompt();
        let Answer { prompt, is_hidden, mut bytes } = answer;
        if let Some(sentence) = self.refusal(watcher, prompt, is_hidden) {
            self.reply(watcher, Standing::Refused, sentence);
            return;
        }
        let Some(terminal) = &self.terminal else { return };
        bytes.push(terminal.line_end());
        if self.give(watcher, bytes) {
            self.answered(watcher);
            self.reply(watcher, Standing::Done, "the answer is given".into());
        }
    }

    /// Why an answer to that prompt may not be passed on.
    fn refusal(&self, watcher: WatcherId, prompt: u64, is_hidden: bool) -> Option<String> {
        if let Some(other) = self.other_holder(watcher) {
            return Some(format!("{other} has the pen"));
        }
        let (Some(found), Some(terminal)) = (&self.prompted.found, &self.terminal) else {
            return Some("the command asks for nothing".to_owned());
        };
        // Nobody can know the number of a line that is not written yet.
        let standing = self.journal.state().prompt.as_ref().map(|standing| standing.seq);
        if standing != Some(prompt) || self.journal.waiting() > 0 {
            return Some(format!(
                "the command asks for something else now ({}); nothing was sent to it",
                found.text
            ));
        }
        ((is_hidden || found.hides) && !terminal.hides()).then(|| {
            "the terminal would show what is typed; nothing was sent to the command".to_owned()
        })
    }

    fn give(&mut self, watcher: WatcherId, bytes: Zeroizing<Vec<u8>>) -> bool {
        let result = match &self.terminal {
            Some(terminal) => terminal.write(bytes),
            None => Err("the command is not there"),
        };
        if let Err(sentence) = result {
            self.reply(watcher, Standing::Refused, sentence.into());
        }
        result.is_ok()
    }

    fn answered(&mut self, watcher: WatcherId) {
        if let (Some(found), Some(by)) = (self.prompted.found.take(), self.person(watcher)) {
            self.note(Event::PromptAnswered { name: found.name, by });
        }
    }
}
