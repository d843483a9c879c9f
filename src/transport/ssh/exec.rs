//! Running one command over an open connection.
//!
//! Each command has a task of its own that always reads its channel, because
//! one unread channel stalls all others of its connection. When nobody waits
//! for the command any more, the task ends it and closes the channel.

use std::sync::Arc;
use std::time::{Duration, Instant};

use russh::client::Msg;
use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Sig};
use tokio::sync::{mpsc, oneshot};

use super::causes;
use super::connection::{Connection, NoSession};
use super::{Command, Output, Status};
use crate::domain::Cause;

/// How long a closed channel may take to be confirmed; its session counts until then.
const CLOSING: Duration = Duration::from_secs(5);

/// Is told what a command prints while it runs; never more than it may print.
pub(super) type Watcher = mpsc::UnboundedSender<Vec<u8>>;

/// Why a command gave no output.
pub(super) enum NotRun {
    /// The connection was dead before the command was sent: another may do.
    Gone,
    Failed(Cause),
}

/// Runs a command; when this call is dropped, the command is ended. Its
/// standard output goes to `watcher` as well, as it comes.
pub(super) async fn run(
    connection: &Arc<Connection>,
    command: &Command,
    max_output: usize,
    watcher: Option<Watcher>,
) -> Result<Output, NotRun> {
    let (answer, waiting) = oneshot::channel();
    let connection = Arc::clone(connection);
    let command = command.clone();
    let taken = Taken::new(max_output, watcher);
    tokio::spawn(async move { attend(connection, command, taken, answer).await });
    match waiting.await {
        Ok(result) => result,
        Err(_) => Err(NotRun::Gone),
    }
}

async fn attend(
    connection: Arc<Connection>,
    command: Command,
    mut taken: Taken,
    mut answer: oneshot::Sender<Result<Output, NotRun>>,
) {
    let began = Instant::now();
    let max_output = taken.room;
    let opening = tokio::time::timeout(command.timeout, connection.open_session());
    let opened = tokio::select! {
        opened = opening => opened,
        () = answer.closed() => return,
    };
    let (channel, _permit) = match opened {
        Ok(Ok(opened)) => opened,
        Ok(Err(NoSession::Gone)) => return drop(answer.send(Err(NotRun::Gone))),
        Ok(Err(NoSession::Refused(why))) => {
            let cause = causes::not_run(connection.name(), &why);
            return drop(answer.send(Err(NotRun::Failed(cause))));
        }
        // All sessions were taken all the time.
        Err(_) => {
            let cause = causes::busy(connection.name(), command.timeout);
            return drop(answer.send(Err(NotRun::Failed(cause))));
        }
    };
    let (mut reader, writer) = Channel::split(channel);
    let name = connection.name();
    let ended = tokio::select! {
        ended = conduct(&mut reader, &writer, &command, &mut taken) => Some(ended),
        cause = limit(&connection, &command, began) => Some(Err(cause)),
        () = answer.closed() => None,
    };
    let result = match ended {
        None => None,
        Some(Ok(End::Closed)) => Some(
            taken
                .output(began.elapsed())
                .ok_or_else(|| causes::cut(name, connection.ended().as_deref())),
        ),
        Some(Ok(End::TooLarge)) => Some(Err(causes::too_large(name, max_output))),
        Some(Ok(End::Refused)) => Some(Err(causes::not_run(name, "the request was refused"))),
        Some(Err(cause)) => Some(Err(cause)),
    };
    let finished = matches!(result, Some(Ok(_)));
    if let Some(result) = result {
        let _ = answer.send(result.map_err(NotRun::Failed));
    }
    if !finished {
        end(&connection, &mut reader, &writer).await;
    }
}

/// Ends a command nobody waits for; a connection on which that is not confirmed is given up.
pub(super) async fn end(
    connection: &Connection,
    reader: &mut ChannelReadHalf,
    writer: &ChannelWriteHalf<Msg>,
) {
    let closed = tokio::time::timeout(CLOSING, close(reader, writer)).await.is_ok();
    if !closed && !connection.answers(CLOSING).await {
        connection.abandon();
    }
}

/// Whether the last request was granted, as answers come in order; `None` when the connection is gone.
pub(super) async fn is_granted(reader: &mut ChannelReadHalf) -> Option<bool> {
    loop {
        match reader.wait().await? {
            ChannelMsg::Success => return Some(true),
            ChannelMsg::Failure | ChannelMsg::Close => return Some(false),
            _ => {}
        }
    }
}

/// How a channel came to its end.
enum End {
    /// The server closed it; whether the command ended well is in what was taken.
    Closed,
    TooLarge,
    /// The server does not run commands.
    Refused,
}

async fn conduct(
    reader: &mut ChannelReadHalf,
    writer: &ChannelWriteHalf<Msg>,
    command: &Command,
    taken: &mut Taken,
) -> Result<End, Cause> {
    let give = async {
        // A connection that is gone shows in the reader.
        if writer.exec(true, command.line.as_bytes()).await.is_err() {
            return;
        }
        if !command.stdin.is_empty() && writer.data(command.stdin.as_slice()).await.is_err() {
            return;
        }
        let _ = writer.eof().await;
    };
    let take = async {
        while let Some(message) = reader.wait().await {
            match message {
                ChannelMsg::Data { data } if !taken.stdout(&data) => return End::TooLarge,
                ChannelMsg::ExtendedData { data, ext: 1 } if !taken.stderr(&data) => {
                    return End::TooLarge;
                }
                ChannelMsg::ExitStatus { exit_status } => {
                    taken.status = Some(Status::Exited(exit_status.cast_signed()));
                }
                ChannelMsg::ExitSignal { signal_name, .. } => {
                    taken.status = Some(Status::Signal(signal(&signal_name)));
                }
                ChannelMsg::Failure => return End::Refused,
                ChannelMsg::Close => break,
                _ => {}
            }
        }
        End::Closed
    };
    tokio::pin!(give, take);
    tokio::select! {
        end = &mut take => Ok(end),
        () = &mut give => Ok(take.await),
    }
}

/// The cause with which a command is given up when its time is over. Shortly
/// before that the host is asked whether it is there at all.
async fn limit(connection: &Connection, command: &Command, began: Instant) -> Cause {
    let question = (command.timeout / 4).min(Duration::from_secs(2));
    let ask_at = began + command.timeout.saturating_sub(question);
    tokio::time::sleep_until(ask_at.into()).await;
    let alive = connection.answers(question).await;
    tokio::time::sleep_until((began + command.timeout).into()).await;
    if alive {
        return causes::command_slow(connection.name(), command.timeout);
    }
    connection.abandon();
    causes::stopped_answering(connection.name(), command.timeout)
}

/// Ends the command and waits until the channel is closed on both sides.
async fn close(reader: &mut ChannelReadHalf, writer: &ChannelWriteHalf<Msg>) {
    // sshd before 7.9 does not know this; closing then ends what writes to us.
    let _ = writer.signal(Sig::TERM).await;
    let _ = writer.close().await;
    while reader.wait().await.is_some() {}
}

/// The name of a signal that ended a program, without `SIG`.
pub(super) fn signal(name: &Sig) -> String {
    match name {
        Sig::Custom(name) => crate::domain::untrusted::printable(name),
        known => format!("{known:?}"),
    }
}

/// What a command gave so far.
struct Taken {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    status: Option<Status>,
    room: usize,
    watcher: Option<Watcher>,
}

impl Taken {
    fn new(room: usize, watcher: Option<Watcher>) -> Taken {
        Taken { stdout: Vec::new(), stderr: Vec::new(), status: None, room, watcher }
    }

    fn stdout(&mut self, data: &[u8]) -> bool {
        self.fits(data) && {
            self.stdout.extend(data);
            if let Some(watcher) = &self.watcher {
                // Whoever has seen enough is gone.
                let _ = watcher.send(data.to_vec());
            }
            true
        }
    }

    fn stderr(&mut self, data: &[u8]) -> bool {
        self.fits(data) && {
            self.stderr.extend(data);
            true
        }
    }

    fn fits(&mut self, data: &[u8]) -> bool {
        match self.room.checked_sub(data.len()) {
            Some(left) => {
                self.room = left;
                true
            }
            None => false,
        }
    }

    fn output(self, took: Duration) -> Option<Output> {
        let Taken { stdout, stderr, status, .. } = self;
        Some(Output { status: status?, stdout, stderr, took })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_bounded_over_both_streams() {
        let mut taken = Taken::new(5, None);
        assert!(taken.stdout(b"abc"));
        assert!(taken.stderr(b"de"));
        assert!(!taken.stdout(b"f"));
        assert!(!taken.stderr(b"f"));
        assert_eq!((taken.stdout.as_slice(), taken.stderr.as_slice()), (&b"abc"[..], &b"de"[..]));
    }

    #[test]
    fn a_channel_that_closed_without_a_status_gave_no_output() {
        let mut taken = Taken::new(5, None);
        assert!(taken.stdout(b"abc"));
        assert!(taken.output(Duration::ZERO).is_none(), "half an answer is none");
        let taken = Taken { status: Some(Status::Exited(3)), ..Taken::new(5, None) };
        assert_eq!(taken.output(Duration::ZERO).map(|o| o.status), Some(Status::Exited(3)));
    }
}
