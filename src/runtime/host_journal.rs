//! The journal of a host as a live source: asked for what is new every two
//! seconds over the connection that is open anyway, so that nothing has to keep
//! running there.

use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::Duration;

use tokio::sync::mpsc;

use crate::app::Msg;
use crate::app::logs::LogNews;
use crate::domain::endpoint::SshEndpoint;
use crate::domain::untrusted::printable;
use crate::logs::source::Source;
use crate::probes::Reach;
use crate::transport::ssh::Command;

use super::logs::LogDesk;

/// Lines that are asked for first.
const FIRST: usize = 500;
/// Lines that are asked for at once later on; a flood beyond it is told by the journal's own cursor.
const MORE: usize = 5000;
/// How long between two asks.
const PAUSE: Duration = Duration::from_secs(2);
/// How long a full queue is left alone.
const NAP: Duration = Duration::from_millis(50);

/// Follows the journal of a host until nobody reads it any more. The first
/// answer opens the source; one that never comes is told.
pub async fn follow(
    reach: std::sync::Arc<Reach>,
    endpoint: SshEndpoint,
    desk: LogDesk,
    news: mpsc::Sender<Msg>,
) {
    let name = endpoint.name.clone();
    let mut cursor: Option<String> = None;
    let mut to: Option<SyncSender<Vec<u8>>> = None;
    loop {
        let command = Command::new(command_line(cursor.as_deref()));
        let failed = match reach.ssh.run(&endpoint, &command).await {
            Ok(output) if output.success() => {
                let (lines, next) = taken_apart(&output.stdout);
                if to.is_none() {
                    match Source::live(&printable(&name)) {
                        Ok((source, sender)) => {
                            desk.add(source);
                            to = Some(sender);
                        }
                        Err(trouble) => return tell(&news, trouble.0).await,
                    }
                }
                cursor = next.or(cursor);
                if let Some(to) = &to
                    && !lines.is_empty()
                    && !hand_over(to, lines.to_vec()).await
                {
                    return;
                }
                None
            }
            Ok(output) => Some(format!(
                "the journal of {name} cannot be read: {}; is the account in the group systemd-journal?",
                output.complaint().unwrap_or_else(|| "journalctl failed".to_owned())
            )),
            Err(cause) => Some(format!("{}; {}", cause.sentence, cause.next)),
        };
        if let Some(sentence) = failed {
            tell(&news, sentence).await;
            if to.is_none() {
                return;
            }
            // A line that dropped may come back; it is not asked as often meanwhile.
            tokio::time::sleep(PAUSE * 5).await;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn tell(news: &mpsc::Sender<Msg>, sentence: String) {
    let _ = news.send(Msg::Log(LogNews::Failed(sentence))).await;
}

/// `false` when nobody reads any more.
async fn hand_over(to: &SyncSender<Vec<u8>>, mut lines: Vec<u8>) -> bool {
    loop {
        match to.try_send(lines) {
            Ok(()) => return true,
            Err(TrySendError::Disconnected(_)) => return false,
            Err(TrySendError::Full(back)) => lines = back,
        }
        tokio::time::sleep(NAP).await;
    }
}

fn command_line(cursor: Option<&str>) -> String {
    let base = "journalctl -q -o short-iso --no-pager --show-cursor";
    match cursor {
        None => format!("{base} -n {FIRST}"),
        Some(cursor) => format!("{base} -n {MORE} '--after-cursor={cursor}'"),
    }
}

/// The lines, and the cursor that stands behind them.
fn taken_apart(output: &[u8]) -> (&[u8], Option<String>) {
    const MARK: &[u8] = b"-- cursor: ";
    let Some(at) = memchr::memmem::rfind(output, MARK) else { return (output, None) };
    let is_line = at == 0 || output.get(at - 1) == Some(&b'\n');
    let cursor = output.get(at + MARK.len()..).unwrap_or(&[]).trim_ascii();
    let is_cursor =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'=' | b';' | b'-' | b'_');
    // It is put into a command: nothing else than what cursors are made of.
    if !is_line || cursor.is_empty() || cursor.len() > 512 || !cursor.iter().all(is_cursor) {
        return (output, None);
    }
    let cursor = std::str::from_utf8(cursor).ok().map(str::to_owned);
    (output.get(..at).unwrap_or(&[]), cursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_cursor_come_apart() {
        let output =
            b"2026-03-05T13:53:55+0000 a b[1]: c\n-- cursor: s=0f;i=1c;b=a-b;m=2;t=6;x=f\n";
        let (lines, cursor) = taken_apart(output);
        assert_eq!(lines, b"2026-03-05T13:53:55+0000 a b[1]: c\n");
        assert_eq!(cursor.as_deref(), Some("s=0f;i=1c;b=a-b;m=2;t=6;x=f"));
        assert!(
            command_line(cursor.as_deref())
                .ends_with("'--after-cursor=s=0f;i=1c;b=a-b;m=2;t=6;x=f'")
        );
    }

    #[test]
    fn a_line_that_plays_the_cursor_is_a_line() {
        for output in ["x -- cursor: s=1\n", "-- cursor: s=1'; rm -rf x\n", "-- cursor: \n", ""] {
            assert_eq!(taken_apart(output.as_bytes()), (output.as_bytes(), None));
        }
    }
}
