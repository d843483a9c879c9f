//! The command's terminal, here or on another host.

use tokio::sync::mpsc;
use zeroize::Zeroizing;

use super::super::child::Terminal;
use super::super::remote::TerminalState;
use super::remote::Typed;

/// Where keys go.
pub(super) enum Keys {
    /// To a terminal of this machine.
    Local(Terminal),
    /// To one on another host; how it stood when it was last heard of.
    Remote(TerminalState, mpsc::Sender<Typed>),
}

impl Keys {
    /// Whether it shows nothing of what is typed and waits for a line.
    pub(super) fn hides(&self) -> bool {
        match self {
            Keys::Local(terminal) => terminal.hides(),
            Keys::Remote(state, _) => *state == TerminalState::Hides,
        }
    }

    /// The byte that ends a line here.
    pub(super) fn line_end(&self) -> u8 {
        match self {
            Keys::Local(terminal) => terminal.line_end(),
            // Ends a line on any terminal that takes lines.
            Keys::Remote(..) => b'\n',
        }
    }

    /// Gives the command something to read. Never waits for it.
    ///
    /// # Errors
    /// One sentence when too much waits already.
    pub(super) fn write(&self, bytes: Zeroizing<Vec<u8>>) -> Result<(), &'static str> {
        match self {
            Keys::Local(terminal) => terminal.write(bytes),
            Keys::Remote(_, to) => to
                .try_send(Typed::Bytes(bytes))
                .map_err(|_| "the line takes no more of what is typed; try again"),
        }
    }

    /// Sets its size; whether that went on its way.
    pub(super) fn resize(&self, columns: u16, rows: u16) -> bool {
        match self {
            Keys::Local(terminal) => terminal.resize(columns, rows).is_ok(),
            Keys::Remote(_, to) => to.try_send(Typed::Size(columns, rows)).is_ok(),
        }
    }
}
