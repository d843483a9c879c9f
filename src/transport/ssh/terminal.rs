//! A terminal on a host: a session with a pseudo-terminal over the connection
//! that is shared with all commands.
//!
//! Whoever opened it has to read it on and on: one unread channel stalls every
//! other of its connection.

use std::sync::Arc;

use russh::client::Msg;
use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf};
use tokio::sync::OwnedSemaphorePermit;

use super::causes;
use super::connection::{Connection, NoSession};
use super::{Status, exec};
use crate::domain::Cause;

/// What a terminal is opened with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalRequest {
    /// The command to run in it; the account's login shell when `None`.
    pub command: Option<String>,
    /// The kind of terminal the host is told, `xterm-256color`; empty for a session without one.
    pub term: String,
    /// Columns.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
}

impl TerminalRequest {
    /// A session without a terminal, whose output is read while it comes.
    pub fn plain(command: String) -> TerminalRequest {
        TerminalRequest { command: Some(command), term: String::new(), columns: 0, rows: 0 }
    }

    fn is_terminal(&self) -> bool {
        !self.term.is_empty()
    }
}

/// What a terminal told.
#[derive(Debug, Clone, PartialEq)]
pub enum TerminalNews {
    /// Output.
    Bytes(Vec<u8>),
    /// Its program ended; `None` when the host did not say how.
    Ended(Option<Status>),
    /// The connection is gone.
    Cut(Cause),
}

/// The side of a terminal that is read.
pub struct TerminalReader {
    reader: ChannelReadHalf,
    connection: Arc<Connection>,
    status: Option<Status>,
    is_closed: bool,
    /// The session counts as long as it is read.
    _permit: OwnedSemaphorePermit,
}

/// The side of a terminal that is written.
pub struct TerminalWriter {
    writer: ChannelWriteHalf<Msg>,
}

/// Why there is no terminal.
pub(super) enum NoTerminal {
    /// The connection was dead before: another may do.
    Gone,
    Failed(Cause),
}

/// Opens a terminal on an open connection.
pub(super) async fn open(
    connection: &Arc<Connection>,
    request: &TerminalRequest,
) -> Result<(TerminalReader, TerminalWriter), NoTerminal> {
    let refused = |why: &str| NoTerminal::Failed(causes::no_terminal(connection.name(), why));
    let (channel, permit) = match connection.open_session().await {
        Ok(opened) => opened,
        Err(NoSession::Gone) => return Err(NoTerminal::Gone),
        Err(NoSession::Refused(why)) => return Err(refused(&why)),
    };
    let (mut reader, writer) = Channel::split(channel);
    let (columns, rows) = (request.columns.into(), request.rows.into());
    if request.is_terminal() {
        if writer.request_pty(true, &request.term, columns, rows, 0, 0, &[]).await.is_err() {
            return Err(NoTerminal::Gone);
        }
        if exec::is_granted(&mut reader).await != Some(true) {
            return Err(refused("the host gives no pseudo-terminal"));
        }
    }
    let started = match &request.command {
        Some(command) => writer.exec(true, command.as_bytes()).await,
        None => writer.request_shell(true).await,
    };
    if started.is_err() || exec::is_granted(&mut reader).await != Some(true) {
        return Err(refused("the request was refused"));
    }
    let reader = TerminalReader {
        reader,
        connection: Arc::clone(connection),
        status: None,
        is_closed: false,
        _permit: permit,
    };
    Ok((reader, TerminalWriter { writer }))
}

impl TerminalReader {
    /// The next news; after an end there are no more.
    pub async fn next(&mut self) -> TerminalNews {
        while !self.is_closed {
            match self.reader.wait().await {
                Some(ChannelMsg::Data { data } | ChannelMsg::ExtendedData { data, .. }) => {
                    return TerminalNews::Bytes(data.to_vec());
                }
                Some(ChannelMsg::ExitStatus { exit_status }) => {
                    self.status = Some(Status::Exited(exit_status.cast_signed()));
                }
                Some(ChannelMsg::ExitSignal { signal_name, .. }) => {
                    self.status = Some(Status::Signal(exec::signal(&signal_name)));
                }
                Some(ChannelMsg::Close) => self.is_closed = true,
                Some(_) => {}
                None => break,
            }
        }
        if self.is_closed || self.status.is_some() {
            return TerminalNews::Ended(self.status.take());
        }
        let why = self.connection.ended();
        TerminalNews::Cut(causes::cut(self.connection.name(), why.as_deref()))
    }
}

impl TerminalWriter {
    /// Types; `false` when the terminal is gone. Waits while the host takes no more.
    pub async fn write(&self, bytes: &[u8]) -> bool {
        self.writer.data(bytes).await.is_ok()
    }

    /// Says that nothing more will be typed; `false` when the terminal is gone.
    pub async fn end(&self) -> bool {
        self.writer.eof().await.is_ok()
    }

    /// Tells the host another size; `false` when the terminal is gone.
    pub async fn resize(&self, columns: u16, rows: u16) -> bool {
        self.writer.window_change(columns.into(), rows.into(), 0, 0).await.is_ok()
    }

    /// Hangs up.
    pub async fn close(&self) {
        // A connection that is gone is closed.
        let _ = self.writer.close().await;
    }
}
