//! The run's directory, when somebody removed it while it ran.

use std::io;

use tokio::sync::mpsc;

use crate::install::journal::Event;

use super::super::server::{self, Shown};
use super::{Conductor, Heard, QUEUE};

impl Conductor {
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
