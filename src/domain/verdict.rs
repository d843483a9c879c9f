//! What a check says.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a check says; these five and no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The rule holds on facts that were seen.
    Pass,
    /// Works, but impaired or close to a limit.
    Warn,
    /// The rule is broken.
    Fail,
    /// The facts could not be had; never drawn as well.
    Unknown,
    /// The check is not meaningful here yet; never green, not counted.
    NotYet,
}

impl Verdict {
    /// All five, worst first.
    pub const ALL_WORST_FIRST: [Verdict; 5] =
        [Verdict::Fail, Verdict::Unknown, Verdict::Warn, Verdict::Pass, Verdict::NotYet];

    /// The closed word of JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Warn => "warn",
            Verdict::Fail => "fail",
            Verdict::Unknown => "unknown",
            Verdict::NotYet => "not-yet",
        }
    }

    /// How bad it is: fail > unknown > warn > pass > not-yet.
    pub const fn weight(self) -> u8 {
        match self {
            Verdict::NotYet => 0,
            Verdict::Pass => 1,
            Verdict::Warn => 2,
            Verdict::Unknown => 3,
            Verdict::Fail => 4,
        }
    }

    /// Whether the verdict is a finding: something is wrong, impaired or not known.
    pub const fn is_finding(self) -> bool {
        matches!(self, Verdict::Warn | Verdict::Fail | Verdict::Unknown)
    }

    /// The worst of many; `Unknown` when none was judged at all,
    /// where `NotYet` does not count as judged.
    pub fn worst(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
        verdicts
            .into_iter()
            .filter(|verdict| *verdict != Verdict::NotYet)
            .max_by_key(|verdict| verdict.weight())
            .unwrap_or(Verdict::Unknown)
    }

    /// The exit status of `check`, which scripts rely on.
    pub const fn exit_status(self) -> u8 {
        match self {
            Verdict::Pass => 0,
            Verdict::Warn => 1,
            Verdict::Fail => 2,
            Verdict::Unknown | Verdict::NotYet => 3,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fail_outweighs_unknown_outweighs_warn_outweighs_pass() {
        use Verdict::{Fail, NotYet, Pass, Unknown, Warn};
        assert_eq!(Verdict::worst([Pass, Warn, Unknown, Fail]), Fail);
        assert_eq!(Verdict::worst([Pass, Warn, Unknown]), Unknown);
        assert_eq!(Verdict::worst([Pass, Warn, NotYet]), Warn);
        assert_eq!(Verdict::worst([Pass, NotYet]), Pass);
    }

    #[test]
    fn nothing_judged_is_unknown_never_green() {
        assert_eq!(Verdict::worst([]), Verdict::Unknown);
        assert_eq!(Verdict::worst([Verdict::NotYet]), Verdict::Unknown);
    }

    #[test]
    fn only_a_pass_ends_with_zero() {
        let statuses = Verdict::ALL_WORST_FIRST.map(Verdict::exit_status);
        assert_eq!(statuses, [2, 3, 1, 0, 3]);
    }
}
