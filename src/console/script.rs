//! What the scripts say that open a line on another machine: a line that
//! begins with `shopfloor: `, and an exit status that says which kind it is.
//! Without that status such a line is only output, whoever printed it.

use super::{Place, sol};
use crate::domain::untrusted::printable;

/// Somebody else holds the line.
const HELD: i32 = 72;
/// The statuses of the scripts: 71 what was named is not there, 72 held by somebody else, 73 a
/// program is missing, 74 no right, 75 libvirt does not answer, 76 switched off, 77 taken away.
const STATUSES: std::ops::RangeInclusive<i32> = 71..=77;

/// How a line ended, and whether it can be taken from whoever holds it.
pub struct End {
    /// A sentence without its full stop.
    pub why: String,
    /// Whether somebody else holds the line.
    pub is_held: bool,
}

/// What an end means: `why` is what the line told, `output` the last that came before.
pub fn end(place: &Place, why: String, output: &str) -> End {
    if let Place::Sol { name, .. } = place
        && sol::is_held(output)
    {
        let why = format!(
            "the controller of {name} has serial over LAN open already, for whom it does not say; \
             f ends that and opens ours"
        );
        return End { why, is_held: true };
    }
    let is_ours = matches!(place, Place::Serial { .. } | Place::Virsh { .. });
    let status = why.rsplit(' ').next().and_then(|number| number.parse::<i32>().ok());
    let status = status.filter(|status| is_ours && STATUSES.contains(status));
    let mut said = output.lines().filter_map(|line| line.trim().strip_prefix("shopfloor: "));
    // A line that is not there is told before those that are.
    let said = match place {
        Place::Serial { .. } => said.next(),
        _ => said.next_back(),
    };
    match (status, said.map(printable)) {
        (Some(HELD), Some(said)) => {
            let how = match place {
                Place::Virsh { .. } => "f takes it with virsh's --force and ends theirs",
                _ => "f takes it all the same",
            };
            End { why: format!("{said}; {how}"), is_held: true }
        }
        (Some(_), Some(said)) => End { why: said, is_held: false },
        _ => End { why, is_held: false },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serial() -> Place {
        Place::Serial { on: None, line: "ttyUSB0".into(), baud: 9600, what: String::new() }
    }

    #[test]
    fn only_a_status_of_the_script_makes_its_words_ours() {
        let told = "shopfloor: /dev/ttyUSB0 is held by 7(eve: minicom)\r\n";
        let held = end(&serial(), "it ended with status 72".into(), told);
        assert!(held.is_held);
        assert_eq!(held.why, "/dev/ttyUSB0 is held by 7(eve: minicom); f takes it all the same");
        let other = end(&serial(), "it ended with status 1".into(), told);
        assert_eq!((other.why.as_str(), other.is_held), ("it ended with status 1", false));
        let shell = end(&Place::Local(Vec::new()), "it ended with status 72".into(), told);
        assert!(!shell.is_held);
        let missing =
            "shopfloor: there is no serial line x\r\nshopfloor: lines that are there: y\r\n";
        let missing = end(&serial(), "it ended with status 71".into(), missing);
        assert_eq!(missing.why, "there is no serial line x");
        let evil = end(&serial(), "it ended with status 73".into(), "shopfloor: a\u{1b}[2Jb\n");
        assert!(!evil.why.contains('\u{1b}'));
    }
}
