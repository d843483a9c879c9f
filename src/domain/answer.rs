//! What comes back when a target is asked.

use serde::{Deserialize, Serialize};

use super::cause::PASSWORD_MISSING;
use super::{Cause, Fact, KeyName};

/// A probe's answer. "Could not look" is a different variant from any fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "value")]
pub enum Answer {
    /// It answered; some of what was wanted may still be missing.
    Facts(Report),
    /// There was no way to it.
    Unreachable(Cause),
    /// It answered and would not let us look (key, password, permission).
    Refused(Cause),
    /// It answered something that cannot be understood.
    Garbled(Cause),
    /// It did not answer in time.
    TimedOut(Cause),
}

impl Answer {
    /// Why there are no facts; `None` when there are.
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Answer::Facts(_) => None,
            Answer::Unreachable(cause)
            | Answer::Refused(cause)
            | Answer::Garbled(cause)
            | Answer::TimedOut(cause) => Some(cause),
        }
    }

    /// The answer of a look that ended in a report or in a cause.
    pub fn of(looked: Result<Report, Cause>) -> Answer {
        looked.map_or_else(Answer::from_cause, Answer::Facts)
    }

    /// The variant that belongs to a transport's cause.
    pub fn from_cause(cause: Cause) -> Answer {
        use super::CauseWord as W;
        match cause.word {
            W::AuthRefused
            | W::KeyUnknown
            | W::KeyChanged
            | W::PasswordSealed
            | W::SudoPassword => Answer::Refused(cause),
            W::Garbled | W::TooLarge | W::CommandMissing => Answer::Garbled(cause),
            // A certificate that we do not take: it answered, and there is no safe way in.
            W::System(ref word) if word.starts_with("tls-") => Answer::Refused(cause),
            W::System(ref word) if word == PASSWORD_MISSING => Answer::Refused(cause),
            W::TimedOut | W::NoBanner | W::Silent => Answer::TimedOut(cause),
            _ => Answer::Unreachable(cause),
        }
    }
}

/// The facts of one look, and what could not be had in it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Report {
    /// What was learned.
    pub facts: Vec<Fact>,
    /// What was wanted and could not be had, each with why (a command that is
    /// missing, sudo that wants a password). The last good value stays, with this trouble beside it.
    pub lost: Vec<(KeyName, Cause)>,
}

impl Report {
    /// Adds a fact under a declared key.
    pub fn learn<T: super::keys::FactType>(&mut self, key: super::keys::Key<T>, value: T) {
        self.facts.push(Fact { key: key.name(), value: value.into_value() });
    }

    /// Says that a declared key could not be had this time.
    pub fn lose<T>(&mut self, key: super::keys::Key<T>, cause: Cause) {
        self.lost.push((key.name(), cause));
    }
}
