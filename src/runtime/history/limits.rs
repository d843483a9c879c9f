//! How much of the past is kept, as data: `assets/history/limits.yml`.

use std::sync::LazyLock;

use serde::Deserialize;

/// The limits of the history.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Nothing older than so many days is kept, except the last value before it.
    pub days: i64,
    /// The file stays below so many megabytes (of 1,000,000 bytes).
    pub megabytes: i64,
    /// How numbers are thinned, finest first.
    pub thin: Vec<Level>,
    /// Two looks further apart than this are a gap, in seconds.
    pub gap_seconds: i64,
    /// What may differ in a value that goes with the clock, in seconds.
    pub clock_slack_seconds: f64,
    /// A longer text is kept as its length, in bytes.
    pub longest_text_bytes: usize,
}

/// One step of thinning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// From this age on, in minutes.
    pub after_minutes: i64,
    /// How long a span is, in minutes.
    pub span_minutes: i64,
}

impl Level {
    /// From this age on, in milliseconds.
    pub const fn after(self) -> i64 {
        self.after_minutes * 60_000
    }

    /// How long a span is, in milliseconds.
    pub const fn span(self) -> i64 {
        self.span_minutes * 60_000
    }
}

impl Limits {
    /// The limits of this release.
    pub fn of_release() -> &'static Limits {
        static LIMITS: LazyLock<Limits> = LazyLock::new(|| {
            let text = include_str!("../../../assets/history/limits.yml");
            // A test reads the file; a release that has it wrong keeps little rather than nothing.
            serde_yaml::from_str(text).unwrap_or(Limits {
                days: 1,
                megabytes: 50,
                thin: Vec::new(),
                gap_seconds: 120,
                clock_slack_seconds: 5.0,
                longest_text_bytes: 65_536,
            })
        });
        &LIMITS
    }

    /// The greatest age, in milliseconds.
    pub const fn oldest(&self) -> i64 {
        self.days * 86_400_000
    }

    /// The longest time between two looks that is no gap, in milliseconds.
    pub const fn gap(&self) -> i64 {
        self.gap_seconds * 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_of_the_release_are_read_and_each_span_divides_the_next() {
        let limits = Limits::of_release();
        assert_eq!((limits.days, limits.megabytes), (30, 200));
        for pair in limits.thin.windows(2) {
            assert_eq!(pair[1].span_minutes % pair[0].span_minutes, 0);
            assert!(pair[1].after_minutes > pair[0].after_minutes);
        }
        assert_eq!(limits.thin.len(), 2);
    }
}
