//! Signals that end the program, and how.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that ask us to end.
#[derive(Debug)]
pub struct Endings {
    terminate: Signal,
    hangup: Signal,
    interrupt: Signal,
    quit: Signal,
}

/// Why the program was asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// SIGTERM.
    Terminate,
    /// SIGHUP: the line is gone.
    Hangup,
    /// SIGINT, from elsewhere: in raw mode Ctrl-C is a key.
    Interrupt,
    /// SIGQUIT, from elsewhere. Whoever started us may have had it ignored, as a
    /// script does for what it puts into the background; heard by us, it is as
    /// it should be again in every program of a console.
    Quit,
}

impl Ending {
    /// The signal's number.
    pub const fn number(self) -> u8 {
        match self {
            Ending::Hangup => 1,
            Ending::Interrupt => 2,
            Ending::Quit => 3,
            Ending::Terminate => 15,
        }
    }

    /// The exit status that shells use for a death by this signal.
    pub const fn exit_status(self) -> u8 {
        128 + self.number()
    }
}

impl Endings {
    /// Starts to listen.
    ///
    /// # Errors
    /// When the system has no room for another handler.
    pub fn listen() -> std::io::Result<Endings> {
        Ok(Endings {
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
        })
    }

    /// Waits for one of them.
    pub async fn next(&mut self) -> Ending {
        tokio::select! {
            _ = self.terminate.recv() => Ending::Terminate,
            _ = self.hangup.recv() => Ending::Hangup,
            _ = self.interrupt.recv() => Ending::Interrupt,
            _ = self.quit.recv() => Ending::Quit,
        }
    }
}
