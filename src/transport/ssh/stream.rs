//! A command on a host whose output is read while it runs, over the connection
//! that is shared with all other commands.
//!
//! Whoever opened it has to read it on and on: one unread channel stalls every
//! other of its connection. Nothing is gathered here; a piece is as large as the
//! host sends it, 32 KiB at most. Dropping the reader ends the command.

use std::sync::Arc;
use std::time::Duration;

use russh::client::Msg;
use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf};
use tokio::sync::OwnedSemaphorePermit;

use super::connection::{Connection, NoSession};
use super::{Status, causes, exec};
use crate::domain::Cause;

/// How long the host may take to begin with the command.
const BEGINNING: Duration = Duration::from_secs(20);

/// What a command told.
#[derive(Debug, Clone, PartialEq)]
pub enum StreamNews {
    /// Output.
    Bytes(Vec<u8>),
    /// What it wrote to standard error.
    Complaint(Vec<u8>),
    /// It ended; `None` when the host did not say how.
    Ended(Option<Status>),
    /// The connection is gone.
    Cut(Cause),
}

/// A command that runs, to be read.
pub struct StreamReader {
    /// Nothing once it ended, or is being ended.
    channel: Option<(ChannelReadHalf, ChannelWriteHalf<Msg>, OwnedSemaphorePermit)>,
    connection: Arc<Connection>,
    status: Option<Status>,
}

/// Why there is no stream.
pub(super) enum NoStream {
    /// The connection was dead before: another may do.
    Gone,
    Failed(Cause),
}

/// Starts a command on an open connection.
pub(super) async fn open(
    connection: &Arc<Connection>,
    line: &str,
) -> Result<StreamReader, NoStream> {
    let name = connection.name();
    let opening = async {
        let (channel, permit) = match connection.open_session().await {
            Ok(opened) => opened,
            Err(NoSession::Gone) => return Err(NoStream::Gone),
            Err(NoSession::Refused(why)) => {
                return Err(NoStream::Failed(causes::not_run(name, &why)));
            }
        };
        let (mut reader, writer) = Channel::split(channel);
        if writer.exec(true, line.as_bytes()).await.is_err() || writer.eof().await.is_err() {
            return Err(NoStream::Gone);
        }
        match exec::is_granted(&mut reader).await {
            Some(true) => Ok((reader, writer, permit)),
            Some(false) => Err(NoStream::Failed(causes::not_run(name, "the request was refused"))),
            None => Err(NoStream::Gone),
        }
    };
    match tokio::time::timeout(BEGINNING, opening).await {
        Ok(Ok(channel)) => Ok(StreamReader {
            channel: Some(channel),
            connection: Arc::clone(connection),
            status: None,
        }),
        Ok(Err(trouble)) => Err(trouble),
        Err(_) => Err(NoStream::Failed(causes::busy(name, BEGINNING))),
    }
}

impl StreamReader {
    /// The next news; after an end there are no more. Nothing is lost when the call is dropped.
    pub async fn next(&mut self) -> StreamNews {
        let Some((reader, _, _)) = &mut self.channel else { return StreamNews::Ended(None) };
        let is_closed = loop {
            match reader.wait().await {
                Some(ChannelMsg::Data { data }) => return StreamNews::Bytes(data.to_vec()),
                Some(ChannelMsg::ExtendedData { data, ext: 1 }) => {
                    return StreamNews::Complaint(data.to_vec());
                }
                Some(ChannelMsg::ExitStatus { exit_status }) => {
                    self.status = Some(Status::Exited(exit_status.cast_signed()));
                }
                Some(ChannelMsg::ExitSignal { signal_name, .. }) => {
                    self.status = Some(Status::Signal(exec::signal(&signal_name)));
                }
                Some(ChannelMsg::Close) => break true,
                Some(_) => {}
                None => break false,
            }
        };
        self.channel = None;
        if is_closed || self.status.is_some() {
            return StreamNews::Ended(self.status.take());
        }
        let why = self.connection.ended();
        StreamNews::Cut(causes::cut(self.connection.name(), why.as_deref()))
    }
}

impl Drop for StreamReader {
    fn drop(&mut self) {
        let Some((mut reader, writer, permit)) = self.channel.take() else { return };
        // Without a runtime the program ends, and its connections with it.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let connection = Arc::clone(&self.connection);
            runtime.spawn(async move {
                exec::end(&connection, &mut reader, &writer).await;
                drop(permit);
            });
        }
    }
}
