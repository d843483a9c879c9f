//! Following a remote command from start to end, whatever the line does.

use std::time::{Duration, Instant};

use crate::domain::{Cause, CauseWord};

use super::{Detached, End, RemoteCommand, State, TerminalState};
use crate::transport::ssh::{Status, TerminalNews};

/// How long one fetch waits at the host for something new.
const WAIT: Duration = Duration::from_secs(5);

/// Between two tries on a line that is cut: at first, and at most.
const AGAIN: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// How often a command may arrive in part before it is given up.
const MOST_INCOMPLETE: u32 = 20;

/// How a remote command came to its end, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Followed {
    /// It ended; all of its output was given. The host keeps it until [`Detached::remove`].
    Ended(End),
    /// How it ended, or whether it did, is not known: one sentence why.
    Unknown(String),
    /// It never began: one sentence why.
    NotBegun(String),
}

/// What happens besides output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// The host began the command and keeps it in this directory.
    Begun(String),
    /// The host can keep no files: the command runs on the line itself, and a
    /// cut leaves its end unknown.
    Unkept,
    /// The line is cut: one sentence.
    Cut(String),
    /// The host answers again.
    Back,
    /// The command's terminal stands like this now.
    Terminal(TerminalState),
}

/// Who is given what a remote command prints, each byte once and in order.
pub trait Follower: Send {
    /// Takes the next bytes; the next ones are fetched when it is done with them.
    fn give(&mut self, bytes: Vec<u8>) -> impl Future<Output = ()> + Send;

    /// Takes news.
    fn news(&mut self, news: News) -> impl Future<Output = ()> + Send;
}

/// How long a host may be silent.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Before the command can have begun there.
    pub before: Duration,
    /// Afterwards; `None` is for ever.
    pub after: Option<Duration>,
}

/// Where a command is gone on with.
#[derive(Debug, Clone, Copy)]
pub enum From<'a> {
    /// It is begun, unless it has begun already.
    Start(&'a RemoteCommand),
    /// It was begun by somebody before, who has got so many bytes of it. It is not begun again.
    Offset(u64),
}

/// Gives the output of a command piece by piece until it ends. A cut line is
/// dialled again, less and less often, until the host was not heard of for
/// the `patience`.
pub async fn follow(
    detached: &Detached,
    from: From<'_>,
    patience: Patience,
    follower: &mut impl Follower,
) -> Followed {
    let mut following = Following { heard: Instant::now(), again: AGAIN.0, cut: false };
    let (mut at, mut begun) = match from {
        From::Start(command) => {
            match begin(detached, command, patience, &mut following, follower).await {
                Begun::At(directory) => (0, Some(directory)),
                Begun::Over(followed) => return followed,
            }
        }
        From::Offset(offset) => (offset, None),
    };
    if let Some(directory) = begun.clone() {
        follower.news(News::Begun(directory)).await;
    }
    let host = detached.host();
    let mut terminal = TerminalState::None;
    loop {
        let answer = match detached.fetch(at, WAIT, terminal).await {
            Ok(answer) => answer,
            Err(cause) => {
                let may_wait = patience.after.is_none_or(|most| following.heard.elapsed() < most);
                following.failed(&cause, follower).await;
                if may_wait {
                    continue;
                }
                return Followed::Unknown(format!(
                    "{}; what became of the command on {host} is not known until it answers again",
                    cause.sentence
                ));
            }
        };
        following.answered(follower).await;
        if answer.terminal != terminal {
            terminal = answer.terminal;
            follower.news(News::Terminal(terminal)).await;
        }
        match answer.state {
            State::Running | State::Ended(_) | State::Lost => {}
            _ => {
                return Followed::Unknown(format!(
                    "{host} knows nothing of the command: it never began there, or somebody removed \
                     what was kept of it"
                ));
            }
        }
        if begun.is_none() {
            begun = Some(answer.directory.clone());
            follower.news(News::Begun(answer.directory.clone())).await;
        }
        at += answer.bytes.len() as u64;
        if !answer.bytes.is_empty() {
            follower.give(answer.bytes).await;
        }
        if at < answer.size {
            continue;
        }
        if at > answer.size {
            return Followed::Unknown(format!(
                "{host} keeps less output ({} bytes) than it has given ({at}): somebody changed {}",
                answer.size, answer.directory
            ));
        }
        match answer.state {
            State::Ended(end) => return Followed::Ended(end),
            State::Lost => {
                return Followed::Unknown(format!(
                    "{host} was restarted or what waited for the command was killed; its output up \
                     to then is here, its end is not known"
                ));
            }
            _ => {}
        }
    }
}

/// What came of a start.
enum Begun {
    /// It is kept there.
    At(String),
    /// There is nothing to follow.
    Over(Followed),
}

async fn begin(
    detached: &Detached,
    command: &RemoteCommand,
    patience: Patience,
    following: &mut Following,
    follower: &mut impl Follower,
) -> Begun {
    let host = detached.host();
    let mut may_have_begun = false;
    let mut incomplete = 0;
    let never = |why: String| Begun::Over(Followed::NotBegun(why));
    loop {
        let answer = match detached.start(command).await {
            Ok(answer) => answer,
            Err(cause) => {
                may_have_begun |= !never_left(&cause);
                let most = if may_have_begun { patience.after } else { Some(patience.before) };
                let may_wait = most.is_none_or(|most| following.heard.elapsed() < most);
                if may_wait && (may_have_begun || is_worth_another_try(&cause)) {
                    following.failed(&cause, follower).await;
                    continue;
                }
                if !may_have_begun {
                    return never(format!("{}; {}", cause.sentence, cause.next));
                }
                return Begun::Over(Followed::Unknown(format!(
                    "{}; what became of the command on {host} is not known until it answers again",
                    cause.sentence
                )));
            }
        };
        following.answered(follower).await;
        return match answer.state {
            State::Running | State::Ended(_) | State::Lost => Begun::At(answer.directory),
            State::Nowhere => {
                follower.news(News::Unkept).await;
                Begun::Over(on_the_line(detached, command, follower).await)
            }
            State::Bare => never(format!(
                "nothing on {host} gives a terminal to a command that outlives the line; install `script` \
                 (util-linux) there, or start it without --tty"
            )),
            State::Incomplete if incomplete < MOST_INCOMPLETE => {
                incomplete += 1;
                continue;
            }
            State::Incomplete => {
                never(format!("the command does not arrive whole at {host}, so it was not begun"))
            }
            State::NotBegun | State::Absent => never(format!(
                "the command was given to {host} and did not begin; look at {}",
                answer.directory
            )),
        };
    }
}

/// What is known of the line.
struct Following {
    heard: Instant,
    again: Duration,
    cut: bool,
}

impl Following {
    async fn failed(&mut self, cause: &Cause, follower: &mut impl Follower) {
        if !self.cut {
            follower.news(News::Cut(cause.sentence.clone())).await;
        }
        self.cut = true;
        tokio::time::sleep(self.again).await;
        self.again = (self.again * 2).min(AGAIN.1);
    }

    async fn answered(&mut self, follower: &mut impl Follower) {
        if self.cut {
            follower.news(News::Back).await;
        }
        *self = Following { heard: Instant::now(), again: AGAIN.0, cut: false };
    }
}

/// Whether nothing of the request can have reached the host.
fn never_left(cause: &Cause) -> bool {
    matches!(
        cause.word,
        CauseWord::NameUnknown
            | CauseWord::NoRoute
            | CauseWord::Refused
            | CauseWord::NoBanner
            | CauseWord::AuthRefused
            | CauseWord::KeyChanged
            | CauseWord::KeyUnknown
    )
}

/// Whether a later try may go better by itself.
fn is_worth_another_try(cause: &Cause) -> bool {
    !matches!(
        cause.word,
        CauseWord::AuthRefused
            | CauseWord::KeyChanged
            | CauseWord::KeyUnknown
            | CauseWord::CommandMissing
            | CauseWord::NameUnknown
    )
}

/// Runs the command on the line itself; what it prints is given as it comes.
async fn on_the_line(
    detached: &Detached,
    command: &RemoteCommand,
    follower: &mut impl Follower,
) -> Followed {
    // The session ends with what writes to it.
    let (mut reader, _writer) = match detached.attached(command).await {
        Ok(session) => session,
        Err(cause) if never_left(&cause) => return Followed::NotBegun(cause.sentence),
        Err(cause) => return Followed::Unknown(cause.sentence),
    };
    let host = detached.host();
    loop {
        let status = match reader.next().await {
            TerminalNews::Bytes(bytes) => {
                follower.give(bytes).await;
                continue;
            }
            TerminalNews::Ended(status) => status,
            TerminalNews::Cut(cause) => {
                return Followed::Unknown(format!(
                    "{}; the command ran on that line, so how it ended is not known",
                    cause.sentence
                ));
            }
        };
        return match status {
            Some(Status::Exited(code)) => Followed::Ended(End::Exit(code)),
            Some(Status::Signal(name)) => match signal_number(&name) {
                Some(number) => Followed::Ended(End::Signal(number)),
                None => Followed::Unknown(format!("{host} says that signal {name} ended it")),
            },
            None => Followed::Unknown(format!("{host} did not say how the command ended")),
        };
    }
}

/// The number of a signal that ends programs, as `signal(7)` has it on Linux.
fn signal_number(name: &str) -> Option<i32> {
    Some(match name {
        "HUP" => 1,
        "INT" => 2,
        "QUIT" => 3,
        "ILL" => 4,
        "ABRT" => 6,
        "FPE" => 8,
        "KILL" => 9,
        "SEGV" => 11,
        "PIPE" => 13,
        "ALRM" => 14,
        "TERM" => 15,
        _ => return None,
    })
}
