//! The journal of a host as a live source: `journalctl -f` on a channel of the
//! connection that is open anyway. When the line is cut it is opened again and
//! goes on behind the last line that came.

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::Duration;

use tokio::sync::mpsc;

use crate::app::Msg;
use crate::app::logs::LogNews;
use crate::domain::endpoint::SshEndpoint;
use crate::domain::untrusted::printable;
use crate::logs::source::Source;
use crate::probes::Reach;
use crate::transport::ssh::{Status, StreamNews, StreamReader};

use super::logs::LogDesk;

/// Lines that are asked for first.
const FIRST: usize = 500;
/// What the host prints before it asks its journal: from then on a refusal is a
/// matter of moments, however slow the host was to come that far.
const BEGUN: &str = "shopfloor begins";
/// How long a journal without a line may run before it counts as open.
const BEGINNING: Duration = Duration::from_secs(2);
/// The same while the host has not begun.
const LOGIN: Duration = Duration::from_secs(20);
/// How long before it is asked again.
const PAUSE: Duration = Duration::from_secs(2);
/// The same while it cannot be reached.
const LONG_PAUSE: Duration = Duration::from_secs(10);
/// How long a full queue is left alone.
const NAP: Duration = Duration::from_millis(50);
/// Bytes of a line whose end did not come yet; a longer one is handed over in parts.
const PARTIAL: usize = 64 << 10;
/// Bytes of what the host complains about that are kept.
const COMPLAINT: usize = 2048;
/// Lines of one moment that are remembered.
const SEEN: usize = 2000;

/// Follows the journal of a host until nobody reads it any more. The first
/// answer opens the source; one that never comes is told.
pub async fn follow(
    reach: Arc<Reach>,
    endpoint: SshEndpoint,
    desk: LogDesk,
    news: mpsc::Sender<Msg>,
) {
    let mut following =
        Following { name: printable(&endpoint.name), desk, to: None, seam: Seam::default() };
    loop {
        let line = command_line(following.seam.last());
        let ended = match reach.ssh.open_stream(&endpoint, &line).await {
            Ok(stream) => following.read(stream).await,
            Err(cause) => Ended::Failed(format!("{}; {}", cause.sentence, cause.next)),
        };
        let pause = match ended {
            Ended::Unread => return,
            Ended::Well => PAUSE,
            Ended::Failed(sentence) => {
                // The loop is gone when this fails; nobody is left to tell.
                let _ = news.send(Msg::Log(LogNews::Failed(sentence))).await;
                if following.to.is_none() {
                    return;
                }
                // A line that dropped may come back; it is not asked as often meanwhile.
                LONG_PAUSE
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// How one reading came to its end.
enum Ended {
    /// Nobody reads the source any more.
    Unread,
    /// The program ended as if it had nothing more to tell.
    Well,
    Failed(String),
}

struct Following {
    name: String,
    desk: LogDesk,
    to: Option<SyncSender<Vec<u8>>>,
    seam: Seam,
}

impl Following {
    async fn read(&mut self, mut stream: StreamReader) -> Ended {
        let mut complaint = Vec::new();
        let mut greeting = Greeting::default();
        self.seam.begin();
        loop {
            let patience = if greeting.is_over { BEGINNING } else { LOGIN };
            let told = match self.to {
                Some(_) => Some(stream.next().await),
                None => tokio::time::timeout(patience, stream.next()).await.ok(),
            };
            let lines = match told {
                None => Vec::new(),
                Some(StreamNews::Bytes(bytes)) => match greeting.take_off(bytes) {
                    rest if rest.is_empty() => continue,
                    rest => self.seam.take(&rest),
                },
                Some(StreamNews::Complaint(bytes)) => {
                    let room = COMPLAINT.saturating_sub(complaint.len()).min(bytes.len());
                    complaint.extend_from_slice(bytes.get(..room).unwrap_or(&[]));
                    continue;
                }
                Some(StreamNews::Ended(Some(Status::Exited(0)))) if greeting.is_over => {
                    return self.ended_well();
                }
                Some(StreamNews::Ended(_)) => {
                    if !greeting.is_over {
                        complaint.extend(greeting.said);
                    }
                    return Ended::Failed(self.refusal(&complaint));
                }
                Some(StreamNews::Cut(cause)) => {
                    return Ended::Failed(format!("{}; {}", cause.sentence, cause.next));
                }
            };
            if let Err(ended) = self.open() {
                return ended;
            }
            if !self.hand_over(lines).await {
                return Ended::Unread;
            }
        }
    }

    /// A journal without a line is one that can be followed.
    fn ended_well(&mut self) -> Ended {
        match self.open() {
            Ok(()) => Ended::Well,
            Err(ended) => ended,
        }
    }

    fn open(&mut self) -> Result<(), Ended> {
        if self.to.is_none() {
            let (source, to) =
                Source::live(&self.name).map_err(|trouble| Ended::Failed(trouble.0))?;
            self.desk.add(source);
            self.to = Some(to);
        }
        Ok(())
    }

    fn refusal(&self, complaint: &[u8]) -> String {
        let said = String::from_utf8_lossy(complaint);
        let said = said.lines().map(str::trim).find(|line| !line.is_empty());
        let said = said.map_or_else(|| "journalctl failed".to_owned(), printable);
        format!(
            "the journal of {} cannot be read: {said}; is the account in the group systemd-journal?",
            self.name
        )
    }

    /// `false` when nobody reads any more.
    async fn hand_over(&self, mut lines: Vec<u8>) -> bool {
        let Some(to) = self.to.as_ref().filter(|_| !lines.is_empty()) else { return true };
        loop {
            match to.try_send(lines) {
                Ok(()) => return true,
                Err(TrySendError::Disconnected(_)) => return false,
                Err(TrySendError::Full(back)) => lines = back,
            }
            tokio::time::sleep(NAP).await;
        }
    }
}

/// What the host says before its journal: whatever a login prints, then our line.
#[derive(Debug, Default)]
struct Greeting {
    said: Vec<u8>,
    is_over: bool,
}

impl Greeting {
    /// What came of the journal: nothing before our line was said.
    fn take_off(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        if self.is_over {
            return bytes;
        }
        self.said.extend(bytes);
        let mut from = 0;
        for line in self.said.split_inclusive(|byte| *byte == b'\n') {
            from += line.len();
            if line.strip_suffix(b"\n").is_some_and(|line| line.trim_ascii() == BEGUN.as_bytes()) {
                self.is_over = true;
                return self.said.split_off(from);
            }
        }
        let more = self.said.len().saturating_sub(COMPLAINT);
        self.said.drain(..more);
        Vec::new()
    }
}

/// The newest lines and what comes; after a cut, everything from the last moment on.
fn command_line(last: Option<&str>) -> String {
    let base = format!("echo '{BEGUN}'; journalctl -q -f --utc -o short-iso-precise --no-pager");
    match last {
        None => format!("{base} -n {FIRST}"),
        Some(last) => {
            format!("{base} --no-tail '--since={} UTC'", last.replace('T', " "))
        }
    }
}

/// Where one reading ends and the next goes on: lines of the last moment are
/// told again then, and left out here.
#[derive(Debug, Default)]
struct Seam {
    /// The last moment, and the lines of it that came.
    moment: String,
    seen: Vec<Vec<u8>>,
    is_joining: bool,
    is_left_out: bool,
    partial: Vec<u8>,
}

impl Seam {
    /// The last moment of which a line came.
    fn last(&self) -> Option<&str> {
        (!self.moment.is_empty()).then_some(self.moment.as_str())
    }

    /// Another reading begins.
    fn begin(&mut self) {
        self.partial.clear();
        (self.is_joining, self.is_left_out) = (!self.moment.is_empty(), false);
    }

    /// What of these bytes is new: whole lines.
    fn take(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.partial.extend_from_slice(bytes);
        let whole = match memchr::memrchr(b'\n', &self.partial) {
            Some(last) => last + 1,
            None if self.partial.len() > PARTIAL => self.partial.len(),
            None => return Vec::new(),
        };
        let rest = self.partial.split_off(whole);
        let lines = std::mem::replace(&mut self.partial, rest);
        let mut new = Vec::with_capacity(lines.len());
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            if self.is_new(line) {
                new.extend_from_slice(line);
            }
        }
        new
    }

    fn is_new(&mut self, line: &[u8]) -> bool {
        // A message of several lines: the others have no time.
        let Some(moment) = moment_of(line) else { return !self.is_left_out };
        if self.is_joining {
            let is_known = moment == self.moment && self.seen.iter().any(|seen| seen == line);
            self.is_left_out = is_known || moment < self.moment.as_str();
            self.is_joining = moment <= self.moment.as_str();
            if self.is_left_out {
                return false;
            }
        }
        self.is_left_out = false;
        if moment != self.moment {
            self.seen.clear();
            self.moment = moment.to_owned();
        }
        if self.seen.len() < SEEN {
            self.seen.push(line.to_vec());
        }
        true
    }
}

/// `2026-03-05T13:53:55.123456` at the beginning of a line. It is put into a
/// command: nothing else than what times are made of.
fn moment_of(line: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(line.get(..26)?).ok()?;
    let is_time = text
        .bytes()
        .zip("0000-00-00T00:00:00.000000".bytes())
        .all(|(byte, shape)| if shape == b'0' { byte.is_ascii_digit() } else { byte == shape });
    is_time.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "2026-03-05T13:53:55.000001+0000 gpu-07 a[1]: one\n";
    const B: &str = "2026-03-05T13:53:55.000002+0000 gpu-07 a[1]: two\n  more of two\n";
    const C: &str = "2026-03-05T13:53:55.000002+0000 gpu-07 a[1]: three\n";
    const D: &str = "2026-03-05T13:53:56.000000+0000 gpu-07 a[1]: four\n";

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn what_is_said_before_the_journal_is_taken_off() {
        for before in ["", "Last login: today\n\n"] {
            let whole = format!("{before}{BEGUN}\n{A}");
            for cut in 0..whole.len() {
                let (first, second) = whole.as_bytes().split_at(cut);
                let mut greeting = Greeting::default();
                let mut rest = greeting.take_off(first.to_vec());
                rest.extend(greeting.take_off(second.to_vec()));
                assert_eq!((text(rest), greeting.is_over), (A.to_owned(), true), "{cut}");
            }
        }
        let mut greeting = Greeting::default();
        let refused = b"This account is not available.\n".to_vec();
        assert_eq!(greeting.take_off(refused.clone()), b"");
        assert_eq!((greeting.said, greeting.is_over), (refused, false));
    }

    #[test]
    fn after_a_cut_no_line_is_missing_and_none_comes_twice() {
        let mut seam = Seam::default();
        assert!(command_line(seam.last()).ends_with("-n 500"));
        seam.begin();
        let (first, second) = B.split_at(40);
        assert_eq!(text(seam.take(format!("{A}{first}").as_bytes())), A);
        assert_eq!(text(seam.take(second.as_bytes())), B);
        // Cut in the middle of a line.
        assert_eq!(seam.take(&C.as_bytes()[..30]), b"");
        assert!(
            command_line(seam.last()).ends_with("'--since=2026-03-05 13:53:55.000002 UTC'"),
            "{}",
            command_line(seam.last())
        );
        seam.begin();
        assert_eq!(text(seam.take(format!("{B}{C}").as_bytes())), C);
        assert_eq!(text(seam.take(D.as_bytes())), D);
        // The clock of the host is set back: what comes then comes.
        assert_eq!(text(seam.take(A.as_bytes())), A);
    }

    #[test]
    fn what_plays_a_time_is_no_part_of_a_command() {
        for line in ["2026-03-05T13:53:55.00000'; x", "2026-03-05T13:53:55+0000 a", "", "x"] {
            assert_eq!(moment_of(line.as_bytes()), None, "{line}");
        }
    }
}
