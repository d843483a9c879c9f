//! A terminal on a host as a line.

use std::sync::Arc;

use super::line::{Line, LineEnds, LineNews};
use crate::domain::endpoint::SshEndpoint;
use crate::transport::ssh::{
    SshPool, Status, TerminalNews, TerminalReader, TerminalRequest, TerminalWriter,
};

/// Opens a terminal on a host with a command, or the login shell.
///
/// # Errors
/// A sentence and what to do next.
pub async fn open(
    ssh: &Arc<SshPool>,
    endpoint: &SshEndpoint,
    command: Option<String>,
    size: (u16, u16),
) -> Result<Line, String> {
    let request =
        TerminalRequest { command, term: super::TERM.to_owned(), columns: size.0, rows: size.1 };
    let opened = ssh.open_terminal(endpoint, &request).await;
    let (reader, writer) = opened.map_err(|cause| {
        let said = cause.detail.first().map(|detail| format!(" ({detail})")).unwrap_or_default();
        format!("{}{said}; {}", cause.sentence, cause.next)
    })?;
    let (line, ends) = Line::new(size);
    tokio::spawn(attend(reader, writer, ends));
    Ok(line)
}

async fn attend(mut reader: TerminalReader, writer: TerminalWriter, ends: LineEnds) {
    let LineEnds { news, mut keys, mut size, acts: _ } = ends;
    let mut before_keys = size.clone();
    let write = async {
        while let Some(bytes) = keys.recv().await {
            // A program that is asked for its size by these keys has to know the new one.
            if before_keys.has_changed().unwrap_or(false) {
                let (columns, rows) = *before_keys.borrow_and_update();
                let _ = writer.resize(columns, rows).await;
            }
            if !writer.write(&bytes).await {
                break;
            }
        }
        // What ended shows in the reader.
        while keys.recv().await.is_some() {}
    };
    let resize = async {
        while size.changed().await.is_ok() {
            let (columns, rows) = *size.borrow_and_update();
            if !writer.resize(columns, rows).await {
                std::future::pending::<()>().await;
            }
        }
    };
    let read = async {
        loop {
            match reader.next().await {
                TerminalNews::Bytes(bytes) => {
                    if news.send(LineNews::Bytes(bytes)).await.is_err() {
                        return;
                    }
                }
                TerminalNews::Ended(status) => {
                    let _ = news.send(LineNews::Ended(told(status))).await;
                    return;
                }
                TerminalNews::Cut(cause) => {
                    let _ = news.send(LineNews::Ended(cause.sentence)).await;
                    return;
                }
            }
        }
    };
    tokio::select! {
        () = read => {}
        ((), ()) = async { tokio::join!(write, resize) } => {}
    }
    writer.close().await;
}

fn told(status: Option<Status>) -> String {
    match status {
        None => "the host closed it".to_owned(),
        Some(Status::Exited(0)) => "it ended".to_owned(),
        Some(Status::Exited(status)) => format!("it ended with status {status}"),
        Some(Status::Signal(name)) => format!("it was ended by SIG{name}"),
    }
}
