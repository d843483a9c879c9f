//! Prompts of the command, and what people type for it.

use std::time::Duration;

use zeroize::Zeroizing;

use crate::install::journal::Event;

use super::super::pen::WatcherId;
use super::super::prompts::Found;
use super::super::protocol::Standing;
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
            self.note(Event::PromptSeen { name: found.name.clone(), text: found.text.clone() });
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

    /// The answer to the prompt, straight to the child. It is kept nowhere,
    /// and not given where the terminal would show it.
    pub(super) fn answer(&mut self, watcher: WatcherId, mut bytes: Zeroizing<Vec<u8>>) {
        let refusal = match (&self.prompted.found, &self.terminal, self.other_holder(watcher)) {
            (_, _, Some(other)) => Some(format!("{other} has the pen")),
            (None, ..) | (_, None, _) => Some("the command asks for nothing".to_owned()),
            (Some(found), Some(terminal), _) if found.hides && !terminal.hides() => Some(
                "the terminal would show what is typed; nothing was sent to the command".to_owned(),
            ),
            (Some(_), Some(terminal), _) => {
                bytes.push(terminal.line_end());
                None
            }
        };
        match refusal {
            Some(sentence) => self.reply(watcher, Standing::Refused, sentence),
            None => {
                if self.give(watcher, bytes) {
                    self.answered(watcher);
                    self.reply(watcher, Standing::Done, "the answer is given".into());
                }
            }
        }
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
