//! A value together with its age and its trouble.

use serde::{Deserialize, Serialize};

use super::{Age, Cause, Stamp};

/// Value, age and trouble in one: who reads it cannot forget one of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observed<T> {
    /// The last good value; `None` when there never was one.
    pub value: Option<T>,
    /// When the last good value was seen.
    pub seen: Option<Stamp>,
    /// Since when the value is what it is, as far as we looked.
    pub since: Option<Stamp>,
    /// When we last tried.
    pub tried: Option<Stamp>,
    /// Why the last try gave no value; `None` when it did.
    pub trouble: Option<Cause>,
}

impl<T> Observed<T> {
    /// The value if it is fresh, that is if the last try gave it. A stale value is not returned.
    pub fn fresh(&self) -> Option<&T> {
        if self.trouble.is_some() { None } else { self.value.as_ref() }
    }

    /// How old the value is.
    pub fn age(&self, now: Stamp) -> Option<Age> {
        self.seen.map(|seen| now.since(seen))
    }

    /// The same observation of something derived from the value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Observed<U> {
        Observed {
            value: self.value.map(f),
            seen: self.seen,
            since: self.since,
            tried: self.tried,
            trouble: self.trouble,
        }
    }
}
