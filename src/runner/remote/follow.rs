//! Following a remote command from start to end, whatever the line does.

use std::time::{Duration, Instant};

use crate::domain::{Cause, CauseWord};

use super::{Detached, RemoteCommand, State};
use crate::transport::ssh::Status;

/// How long one fetch waits at the host for something new.
const WAIT: Duration = Duration::from_secs(5);

/// Between two tries on a line that is cut.
const AGAIN: Duration = Duration::from_millis(500);

/// How often a command may arrive in part before it is given up.
const MOST_INCOMPLETE: u32 = 20;

/// How a remote command came to its end, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Followed {
    /// It ended with this status; all of its output was given.
    Ended(i32),
    /// How it ended, or whether it did, is not known: one sentence why.
    Unknown(String),
    /// It never began: one sentence why.
    NotBegun(String),
}

/// Starts a command and gives its output piece by piece until it ends, each
/// byte once and in order. A cut line is dialled again until the host was not
/// heard of for `patience`; a later call with the same attempt and the
/// `offset` of the bytes that were already given goes on there. When the end
/// is known and everything was given, the host forgets the attempt.
///
/// `told` is given sentences for the operator (a line that was cut, a host
/// that can keep nothing).
pub async fn follow(
    detached: &Detached,
    command: &RemoteCommand,
    offset: u64,
    patience: Duration,
    mut give: impl FnMut(&[u8]),
    mut told: impl FnMut(String),
) -> Followed {
    let host = detached.host();
    let mut heard = Instant::now();
    let mut has_begun = offset > 0;
    let mut may_have_begun = has_begun;
    let mut incomplete = 0;
    let mut at = offset;
    let mut is_cut = false;
    loop {
        let asked = match has_begun {
            true => detached.fetch(at, WAIT).await,
            false => detached.start(command).await,
        };
        let answer = match asked {
            Ok(answer) => answer,
            Err(cause) => {
                may_have_begun |= !never_left(&cause);
                if !is_cut {
                    told(format!("{}; trying again", cause.sentence));
                }
                is_cut = true;
                if heard.elapsed() < patience && is_worth_another_try(&cause) {
                    tokio::time::sleep(AGAIN).await;
                    continue;
                }
                if !may_have_begun {
                    return Followed::NotBegun(cause.sentence);
                }
                return Followed::Unknown(format!(
                    "{}; what became of the command on {host} is not known until it answers again",
                    cause.sentence
                ));
            }
        };
        heard = Instant::now();
        if is_cut {
            told(format!("{host} answers again; nothing was lost"));
            is_cut = false;
        }
        match answer.state {
            State::Nowhere if !has_begun => {
                told(format!(
                    "{host} can keep no files: the command runs on the line itself, and a cut \
                     leaves its end unknown"
                ));
                return attached(detached, command, &mut give).await;
            }
            State::Incomplete if incomplete < MOST_INCOMPLETE => {
                incomplete += 1;
                continue;
            }
            State::Incomplete => {
                return Followed::NotBegun(format!(
                    "the command does not arrive whole at {host}, so it was not begun"
                ));
            }
            State::NotBegun | State::Nowhere if !has_begun => {
                return Followed::NotBegun(format!(
                    "the command was given to {host} and did not begin; look at {}",
                    answer.directory
                ));
            }
            State::NotBegun | State::Absent | State::Nowhere => {
                return Followed::Unknown(format!(
                    "{host} no longer knows of the command: somebody removed what it kept"
                ));
            }
            State::Running | State::Ended(_) | State::Lost => {}
        }
        if !has_begun {
            // What was printed is fetched next, whatever the state.
            has_begun = true;
            continue;
        }
        at += answer.bytes.len() as u64;
        if !answer.bytes.is_empty() {
            give(&answer.bytes);
        }
        if at < answer.size {
            continue;
        }
        match answer.state {
            State::Ended(code) => {
                if let Err(cause) = detached.remove().await {
                    told(format!(
                        "{}; what was kept on {host} stays in {}",
                        cause.sentence, answer.directory
                    ));
                }
                return Followed::Ended(code);
            }
            State::Lost => {
                return Followed::Unknown(format!(
                    "{host} was restarted or what waited for the command was killed; its output up \
                     to then is here, its end is not known ({})",
                    answer.directory
                ));
            }
            _ => {}
        }
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
    )
}

/// How long a command may run on the line itself: a week.
const ATTACHED: Duration = Duration::from_secs(7 * 86_400);

async fn attached(
    detached: &Detached,
    command: &RemoteCommand,
    give: &mut impl FnMut(&[u8]),
) -> Followed {
    match detached.attached(command, ATTACHED).await {
        Ok(output) => {
            give(&output.stdout);
            give(&output.stderr);
            match output.status {
                Status::Exited(code) => Followed::Ended(code),
                Status::Signal(name) => match signal_number(&name) {
                    Some(number) => Followed::Ended(128 + number),
                    None => Followed::Unknown(format!(
                        "the command on {} was ended by signal {name}",
                        detached.host()
                    )),
                },
            }
        }
        Err(cause) => Followed::Unknown(format!(
            "{}; the command ran on that line, so how it ended is not known",
            cause.sentence
        )),
    }
}

/// The number of a signal that ends programs, as `signal(7)` has it on Linux.
fn signal_number(name: &str) -> Option<i32> {
    Some(match name {
        "HUP" => 1,
        "INT" => 2,
        "QUIT" => 3,
        "ABRT" => 6,
        "KILL" => 9,
        "SEGV" => 11,
        "PIPE" => 13,
        "TERM" => 15,
        _ => return None,
    })
}
