//! The run's directory, when somebody removed it while it ran, and its journal, when it cannot be written.

use std::io;

use tokio::sync::mpsc;

use crate::install::journal::Event;

use super::super::protocol::Standing;
use super::super::server::{self, Shown};
use super::{Conductor, Heard, QUEUE};

impl Conductor {
    /// Writes what waits for the disk. Watchers are told when it cannot be and when it could: they
    /// are shown the journal, and what is not in it reaches nobody.
    pub(super) fn retry_journal(&mut self) {
        let run = self.run;
        if self.journal.waiting() > 0 {
            match self.journal.retry() {
                Ok(()) => drop(self.journal_length.send_replace(self.journal.length())),
                Err(error) if self.unwritten.is_none() => {
                    let sentence = format!(
                        "the journal of run {run} cannot be written ({error}); the command goes on, and what \
                         happens is written down when that is possible again"
                    );
                    self.tell_watchers(&sentence);
                    self.unwritten = Some(sentence);
                }
                Err(_) => {}
            }
        }
        if self.journal.waiting() == 0 && self.unwritten.take().is_some() {
            self.tell_watchers(&format!("the journal of run {run} is written again"));
        }
    }

    /// Tells watchers how the run ended where the journal cannot.
    pub(super) fn say_unwritten_end(&self, how: &str) {
        let run = self.run;
        self.tell_watchers(&format!(
            "run {run} ended ({how}); that could not be written down, so it will be unknown"
        ));
    }

    fn tell_watchers(&self, sentence: &str) {
        for watcher in self.watchers.keys() {
            self.reply(*watcher, Standing::Open, sentence.to_owned());
        }
    }

    /// Somebody may have removed the run's directory; everything written is still open here.
    pub(super) fn restore_directory(&mut self) {
        if self.journal.is_in_place() {
            return;
        }
        let directory = self.journal.directory().to_path_buf();
        let restored = std::fs::create_dir_all(self.runs.state().join("runs"))
            .and_then(|()| match self.runs.make_directory(&directory) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
                _ => Ok(()),
            })
            .and_then(|()| self.journal.restore(&self.runs))
            .and_then(|()| self.keeper.restore());
        match restored {
            Ok(_) => {
                self.note(Event::DirectoryRestored);
                self.serve_again();
            }
            Err(error) => tracing::error!("the run's directory cannot be made again: {error}"),
        }
    }

    /// The socket went with the directory.
    fn serve_again(&mut self) {
        let (to_us, mut from_server) = mpsc::channel(QUEUE);
        let shown = Shown {
            output: self.keeper.progress(),
            journal: self.journal_length.subscribe(),
            end: self.end.subscribe(),
        };
        if let Err(error) = server::serve(&self.runs, self.run, shown, to_us) {
            tracing::error!("the run's socket cannot be made again: {error}");
            return;
        }
        let to = self.told.clone();
        tokio::spawn(async move {
            while let Some(news) = from_server.recv().await {
                if to.send(Heard::Server(news)).await.is_err() {
                    return;
                }
            }
        });
    }
}
