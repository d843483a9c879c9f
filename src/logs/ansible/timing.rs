//! What the callbacks `profile_tasks` and `timer` print.

use jiff::civil::Date;

/// A line of `profile_tasks`: it stands below a banner and tells of the task before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// When the new task begins, in milliseconds since 1970.
    pub at_ms: Option<i64>,
    /// How long the task before took, in milliseconds.
    pub previous_ms: u64,
}

/// `Friday 20 November 2026  10:17:34 +0000 (0:00:07.281)       0:00:07.351 ******* `
pub(super) fn mark(text: &str) -> Option<Mark> {
    let text = text.trim_end();
    if !text.ends_with("**") || !text.starts_with(|c: char| c.is_alphabetic()) {
        return None;
    }
    let (date, rest) = text.split_once(" (")?;
    let (previous, _) = rest.split_once(')')?;
    Some(Mark { at_ms: moment(date), previous_ms: clock(previous)? })
}

/// `h:mm:ss.mmm` in milliseconds.
fn clock(text: &str) -> Option<u64> {
    let mut parts = text.split([':', '.']);
    let mut next = || parts.next()?.parse::<u64>().ok();
    let (hours, minutes, seconds, milliseconds) = (next()?, next()?, next()?, next()?);
    hours
        .checked_mul(3_600_000)?
        .checked_add(minutes.checked_mul(60_000)?)?
        .checked_add(seconds.checked_mul(1000)?)?
        .checked_add(milliseconds)
}

/// `Friday 20 November 2026  10:17:34 +0000` in milliseconds since 1970.
fn moment(text: &str) -> Option<i64> {
    let mut words = text.split_whitespace().skip(1);
    let day = words.next()?.parse().ok()?;
    let month = words.next()?;
    let months = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let month = i8::try_from(months.iter().position(|name| *name == month)?).ok()? + 1;
    let year = words.next()?.parse().ok()?;
    let time = clock(&format!("{}.0", words.next()?))?;
    let zone = words.next()?;
    let (sign, digits) = zone.split_at_checked(1)?;
    let offset: i64 = digits.parse().ok()?;
    let offset = (offset / 100 * 60 + offset % 100) * 60_000 * if sign == "-" { -1 } else { 1 };
    let days = (Date::new(year, month, day).ok()? - Date::constant(1970, 1, 1)).get_days();
    i64::from(days)
        .checked_mul(86_400_000)?
        .checked_add(i64::try_from(time).ok()?)?
        .checked_sub(offset)
}

/// `0 days, 0 hours, 1 minutes, 28 seconds`, after `Playbook run took `, in milliseconds.
pub(super) fn run_length(text: &str) -> Option<u64> {
    let mut seconds = 0u64;
    for part in text.trim_end().split(", ") {
        let (number, unit) = part.split_once(' ')?;
        let unit = match unit {
            "days" => 86_400,
            "hours" => 3_600,
            "minutes" => 60,
            "seconds" => 1,
            _ => return None,
        };
        seconds = seconds.checked_add(number.parse::<u64>().ok()?.checked_mul(unit)?)?;
    }
    seconds.checked_mul(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_tells_the_moment_and_the_task_before() {
        let line =
            "Friday 20 November 2026  10:17:34 +0000 (0:00:07.281)       0:00:07.351 ******* ";
        assert_eq!(mark(line), Some(Mark { at_ms: Some(1_795_169_854_000), previous_ms: 7_281 }));
        let east = mark("Friday 20 November 2026  12:17:34 +0200 (1:00:07.281)  0:00:07.351 ***");
        assert_eq!(east, Some(Mark { at_ms: Some(1_795_169_854_000), previous_ms: 3_607_281 }));
        assert_eq!(mark("TASK [x (y)] ****"), None);
        assert_eq!(
            mark("vendredi 20 novembre 2026  10:17:34 +0000 (0:00:07.281)  0:00:07.351 ***")
                .map(|mark| mark.at_ms),
            Some(None)
        );
    }

    #[test]
    fn the_timer_is_read() {
        assert_eq!(run_length("0 days, 0 hours, 1 minutes, 28 seconds"), Some(88_000));
        assert_eq!(run_length("a long time"), None);
    }
}
