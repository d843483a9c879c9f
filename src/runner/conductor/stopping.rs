//! Stopping the run when somebody asks.

use crate::install::journal::{Event, Person, StopLevel};

use super::super::pen::WatcherId;
use super::super::protocol::Standing;
use super::super::stop::{self, Stopped};
use super::{Conductor, Heard};

/// A stop came to its end.
pub(super) struct StopDone {
    stopped: Result<Stopped, String>,
    asker: Option<WatcherId>,
}

impl StopDone {
    pub(super) fn new(stopped: Stopped, asker: Option<WatcherId>) -> StopDone {
        StopDone { stopped: Ok(stopped), asker }
    }

    /// Nothing was sent: one sentence.
    pub(super) fn failed(sentence: String, asker: Option<WatcherId>) -> StopDone {
        StopDone { stopped: Err(sentence), asker }
    }
}

impl Conductor {
    pub(super) fn stop(&mut self, level: StopLevel, by: Person, asker: Option<WatcherId>) {
        if self.is_stopping {
            if let Some(asker) = asker {
                self.reply(
                    asker,
                    Standing::Refused,
                    "a stop is under way; see what comes of it".into(),
                );
            }
            return;
        }
        // On a full disk the line waits; whoever wants to stop something is not kept waiting.
        self.note(Event::StopAsked { level, by });
        self.is_stopping = true;
        if self.stop_remote(level, asker) {
            return;
        }
        let (marks, attempt, to) = (self.marks(), self.attempt.clone(), self.told.clone());
        tokio::spawn(async move {
            let stopped = stop::stop(&marks, level, &attempt).await;
            // The conductor is gone when this fails; nobody is left to tell.
            let _ = to.send(Heard::Stopped(StopDone::new(stopped, asker))).await;
        });
    }

    pub(super) fn stop_done(&mut self, done: StopDone) {
        self.is_stopping = false;
        let StopDone { stopped, asker } = done;
        let stopped = match stopped {
            Ok(stopped) => stopped,
            Err(sentence) => {
                if let Some(asker) = asker {
                    self.reply(asker, Standing::Refused, sentence);
                }
                return;
            }
        };
        self.note(stop::signal_sent(&stopped));
        if !stopped.left.is_empty() || !self.journal.state().left.is_empty() {
            self.note(Event::NotStopped { level: stopped.level, left: stopped.left.clone() });
        }
        if let Some(asker) = asker {
            let mut sentence = stopped.sentence(self.run);
            for line in &stopped.containers {
                sentence.push_str("; ");
                sentence.push_str(line);
            }
            let standing = if stopped.left.is_empty() { Standing::Done } else { Standing::Open };
            self.reply(asker, standing, sentence);
        }
    }
}
