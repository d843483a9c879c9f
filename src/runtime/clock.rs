//! The one place where the screen's time comes from.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::domain::Stamp;

/// The time now. A clock before 1970 reads as the epoch.
pub fn now() -> Stamp {
    let millis = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
    Stamp(millis)
}
