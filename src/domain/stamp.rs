//! Points in time and the distance between them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A point in time: milliseconds since 1970-01-01 00:00 UTC.
///
/// The domain never reads a clock. The runtime stamps messages; everything
/// else compares stamps.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Stamp(pub i64);

impl Stamp {
    /// The time that has passed from `earlier` to `self`; zero when `earlier`
    /// lies in the future (a clock that was set back must not give a negative age).
    pub fn since(self, earlier: Stamp) -> Age {
        Age((self.0 - earlier.0).max(0))
    }

    /// This stamp moved forward by `millis` (back when negative).
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Stamp {
        Stamp(self.0.saturating_add(millis))
    }

    /// Seconds since the epoch, as `date +%s` and certificates count.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// From seconds since the epoch.
    pub fn from_seconds(seconds: i64) -> Stamp {
        Stamp(seconds.saturating_mul(1000))
    }

    /// RFC 3339 in UTC with whole seconds, as every JSON output has it.
    pub fn rfc3339(self) -> String {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(at) => at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            Err(_) => "0000-00-00T00:00:00Z".to_owned(),
        }
    }

    /// `13:58:07Z`, as the header and lists show it.
    pub fn hms(self) -> String {
        let day = self.seconds().rem_euclid(86_400);
        format!("{:02}:{:02}:{:02}Z", day / 3600, day / 60 % 60, day % 60)
    }

    /// As a sentence told at `now` has it: `13:58:07Z`, and with the day when
    /// that is 24 h ago or more: `20 Nov 13:58Z`.
    pub fn near(self, now: Stamp) -> String {
        if now.since(self) < Age::seconds(86_400) {
            return self.hms();
        }
        self.written("%d %b %H:%MZ")
    }

    /// As a narrow column told at `now` has it: `13:58:07Z` or `20 Nov`.
    pub fn near_short(self, now: Stamp) -> String {
        if now.since(self) < Age::seconds(86_400) {
            return self.hms();
        }
        self.written("%d %b")
    }

    fn written(self, format: &str) -> String {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(at) => at.strftime(format).to_string(),
            Err(_) => self.hms(),
        }
    }

    /// Reads RFC 3339; `None` when the text is not a time.
    pub fn parse(text: &str) -> Option<Stamp> {
        text.trim().parse::<jiff::Timestamp>().ok().map(|at| Stamp(at.as_millisecond()))
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

/// A length of time in milliseconds, never negative.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Age(pub i64);

impl Age {
    /// From whole seconds.
    pub const fn seconds(seconds: i64) -> Age {
        Age(seconds * 1000)
    }

    /// Whole seconds, rounded down.
    pub fn as_seconds(self) -> i64 {
        self.0 / 1000
    }

    /// The shortest form a column takes: `9s`, `4m`, `3h`, `12d`.
    pub fn short(self) -> String {
        match self.as_seconds() {
            s @ 0..=99 => format!("{s}s"),
            s @ 100..=5_999 => format!("{}m", s / 60),
            s @ 6_000..=359_999 => format!("{}h", s / 3600),
            s => format!("{}d", s / 86_400),
        }
    }

    /// The form a sentence takes: `9s`, `4m12s`, `3h05m`, `12d03h`.
    pub fn long(self) -> String {
        match self.as_seconds() {
            s @ 0..=59 => format!("{s}s"),
            s @ 60..=3_599 => format!("{}m{:02}s", s / 60, s % 60),
            s @ 3_600..=86_399 => format!("{}h{:02}m", s / 3600, s / 60 % 60),
            s => format!("{}d{:02}h", s / 86_400, s / 3600 % 24),
        }
    }
}

/// A number of seconds that may be below one or below zero, as a sentence has
/// it: `0.012 ms`, `85 ms`, `-1.5 s`, `42 s`, `4m12s`. From two minutes on as
/// [`Age::long`].
pub fn seconds_words(seconds: f64) -> String {
    // A millionth is finer than any clock that is asked.
    let micros = (seconds * 1e6).round();
    let sign = if micros < 0.0 { "-" } else { "" };
    let amount = micros.abs();
    let plain = if amount == 0.0 {
        "0 s".to_owned()
    } else if amount < 1e3 {
        format!("{:.3} ms", amount / 1e3)
    } else if amount < 999_500.0 {
        format!("{:.0} ms", amount / 1e3)
    } else if amount >= 120e6 {
        Age((amount / 1e3) as i64).long()
    } else if amount % 1e6 == 0.0 {
        format!("{:.0} s", amount / 1e6)
    } else {
        format!("{:.1} s", amount / 1e6)
    };
    format!("{sign}{plain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_keep_their_sign_and_what_is_below_one() {
        for (seconds, words) in [
            (0.0, "0 s"),
            (-0.0, "0 s"),
            (0.000_000_2, "0 s"),
            (0.000_012, "0.012 ms"),
            (0.085, "85 ms"),
            (-0.085, "-85 ms"),
            (0.3, "300 ms"),
            (0.999_9, "1.0 s"),
            (1.0, "1 s"),
            (1.25, "1.2 s"),
            (-90.0, "-90 s"),
            (119.5, "119.5 s"),
            (252.0, "4m12s"),
            (-90_000.0, "-1d01h"),
        ] {
            assert_eq!(seconds_words(seconds), words, "{seconds}");
        }
    }

    #[test]
    fn a_stamp_reads_and_writes_rfc3339() {
        let at = Stamp::parse("2026-11-21T13:58:07Z").expect("a time");
        assert_eq!(at.rfc3339(), "2026-11-21T13:58:07Z");
        assert_eq!(at.hms(), "13:58:07Z");
        assert_eq!(Stamp::parse("yesterday"), None);
    }

    #[test]
    fn what_is_a_day_ago_or_more_is_told_with_its_day() {
        let now = Stamp::parse("2026-11-21T13:58:07Z").expect("a time");
        let at = Stamp::parse("2026-11-20T13:58:08Z").expect("a time");
        assert_eq!((at.near(now), at.near_short(now)), ("13:58:08Z".into(), "13:58:08Z".into()));
        let at = at.plus_millis(-1000);
        assert_eq!((at.near(now), at.near_short(now)), ("20 Nov 13:58Z".into(), "20 Nov".into()));
    }

    #[test]
    fn a_clock_set_back_gives_age_zero() {
        assert_eq!(Stamp(5_000).since(Stamp(9_000)), Age(0));
        assert_eq!(Stamp(9_000).since(Stamp(5_000)).long(), "4s");
    }

    #[test]
    fn ages_read_aloud() {
        assert_eq!(Age::seconds(252).long(), "4m12s");
        assert_eq!(Age::seconds(3 * 3600 + 300).long(), "3h05m");
        assert_eq!(Age::seconds(86_400 * 12 + 3 * 3600).long(), "12d03h");
        assert_eq!(Age::seconds(99).short(), "99s");
        assert_eq!(Age::seconds(252).short(), "4m");
    }
}
