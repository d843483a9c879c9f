//! When a line was written: the time stamps that logs begin with, and for
//! runs the times at which their output arrived.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use crate::domain::Stamp;

/// How far into a line a time stamp is looked for, in bytes.
const HEAD: usize = 96;

/// Arrival times that are kept of one run; older ones are thinned.
const KEPT: usize = 1 << 20;

/// The time a line begins with. `about` is year and month of the file, for
/// stamps without a year; a stamp without a zone is taken as UTC.
pub fn time_of(line: &[u8], about: Option<(i16, u8)>) -> Option<Stamp> {
    let head = line.get(..line.len().min(HEAD)).unwrap_or(line);
    let mut rest = head;
    // Colour, brackets, a priority (`<14>`), the name of a field before the value.
    loop {
        match rest {
            [0x1b, ..] => rest = rest.get(super::escape::read(rest)?.0..)?,
            [b'[' | b'"' | b'{' | b'(' | b' ', more @ ..] => rest = more,
            [b'<', digit, ..] if digit.is_ascii_digit() => {
                let end = rest.iter().position(|byte| *byte == b'>')?;
                rest = rest.get(end + 1..)?;
            }
            _ => break,
        }
    }
    for name in [b"timestamp".as_slice(), b"time", b"ts", b"@timestamp"] {
        if let Some(more) = rest.strip_prefix(name) {
            let value = more.iter().position(|byte| byte.is_ascii_digit())?;
            if value <= 4 {
                rest = more.get(value..)?;
            }
            break;
        }
    }
    iso(rest).or_else(|| epoch(rest)).or_else(|| syslog(rest, about)).or_else(|| klog(rest, about))
}

/// The digits at the beginning, exactly so many.
fn digits(text: &[u8], count: usize) -> Option<(i64, &[u8])> {
    let (head, rest) = text.split_at_checked(count)?;
    let mut value = 0i64;
    for byte in head {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i64::from(byte - b'0');
    }
    Some((value, rest))
}

fn expect<'t>(text: &'t [u8], any: &[u8]) -> Option<&'t [u8]> {
    let (first, rest) = text.split_first()?;
    any.contains(first).then_some(rest)
}

/// Days since 1970-01-01 of a date of the Gregorian calendar (after Hinnant's `days_from_civil`).
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// `HH:MM:SS` with a fraction: milliseconds of the day, and the rest.
fn clock(text: &[u8]) -> Option<(i64, &[u8])> {
    let (hour, rest) = digits(text, 2)?;
    let (minute, rest) = digits(expect(rest, b":")?, 2)?;
    let (second, rest) = digits(expect(rest, b":")?, 2)?;
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut millis = ((hour * 60 + minute) * 60 + second) * 1000;
    let mut rest = rest;
    if let Some(fraction) = expect(rest, b".,") {
        let len = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if len > 0 {
            let mut scale = 100;
            for byte in fraction.iter().take(len.min(3)) {
                millis += i64::from(byte - b'0') * scale;
                scale /= 10;
            }
            rest = fraction.get(len..)?;
        }
    }
    Some((millis, rest))
}

/// RFC 3339 and what is near it: `2026-03-05 13:53:55,400`, `…+0000`.
fn iso(text: &[u8]) -> Option<Stamp> {
    let (year, rest) = digits(text, 4)?;
    let (month, rest) = digits(expect(rest, b"-/")?, 2)?;
    let (day, rest) = digits(expect(rest, b"-/")?, 2)?;
    let (millis, rest) = clock(expect(rest, b"T t_")?)?;
    let at = days(year, month, day)? * 86_400_000 + millis;
    Some(Stamp(at - offset(rest).unwrap_or(0)))
}

/// `+01:00`, `+0100`, ` +0100`, `Z`: milliseconds ahead of UTC.
fn offset(text: &[u8]) -> Option<i64> {
    let text = text.strip_prefix(b" ").unwrap_or(text);
    let (sign, rest) = match text.split_first()? {
        (b'+', rest) => (1, rest),
        (b'-', rest) => (-1, rest),
        _ => return None,
    };
    let (hours, rest) = digits(rest, 2)?;
    let rest = rest.strip_prefix(b":").unwrap_or(rest);
    let (minutes, _) = digits(rest, 2)?;
    Some(sign * (hours * 60 + minutes) * 60_000)
}

/// Seconds or milliseconds since 1970, of this century.
fn epoch(text: &[u8]) -> Option<Stamp> {
    let len = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (value, rest) = digits(text, len)?;
    match (len, value) {
        (10, 978_307_200..=4_102_444_800) => {
            let mut millis = value * 1000;
            if let Some(fraction) = expect(rest, b".") {
                let mut scale = 100;
                for byte in fraction.iter().take(3).take_while(|byte| byte.is_ascii_digit()) {
                    millis += i64::from(byte - b'0') * scale;
                    scale /= 10;
                }
            }
            Some(Stamp(millis))
        }
        (13, 978_307_200_000..=4_102_444_800_000) => Some(Stamp(value)),
        _ => None,
    }
}

const MONTHS: &[u8; 36] = b"JanFebMarAprMayJunJulAugSepOctNovDec";

/// `Mar  5 13:53:55`.
fn syslog(text: &[u8], about: Option<(i16, u8)>) -> Option<Stamp> {
    let (name, rest) = text.split_at_checked(3)?;
    let month = MONTHS.chunks(3).zip(1i64..).find(|(known, _)| *known == name)?.1;
    let rest = expect(rest, b" ")?;
    let (day, rest) = match rest {
        [b' ', digit, rest @ ..] if digit.is_ascii_digit() => (i64::from(digit - b'0'), rest),
        _ => digits(rest, 2)?,
    };
    let (millis, _) = clock(expect(rest, b" ")?)?;
    Some(Stamp(days(year_of(month, about)?, month, day)? * 86_400_000 + millis))
}

/// `E0305 13:53:55.400123`.
fn klog(text: &[u8], about: Option<(i16, u8)>) -> Option<Stamp> {
    let rest = expect(text, b"IWEF")?;
    let (month, rest) = digits(rest, 2)?;
    let (day, rest) = digits(rest, 2)?;
    let (millis, _) = clock(expect(rest, b" ")?)?;
    Some(Stamp(days(year_of(month, about)?, month, day)? * 86_400_000 + millis))
}

/// A file is as old as its last line: a later month is of the year before.
fn year_of(month: i64, about: Option<(i16, u8)>) -> Option<i64> {
    let (year, of) = about?;
    Some(i64::from(year) - i64::from(month > i64::from(of)))
}

/// When the bytes of a run's output arrived (`output.times`: `OFFSET MILLIS` a line).
#[derive(Debug)]
pub struct RunTimes {
    file: File,
    read: u64,
    entries: Vec<(u64, i64)>,
}

impl RunTimes {
    /// The times beside a run's output, if the file is one.
    pub fn beside(output: &Path) -> Option<RunTimes> {
        if output.file_name()? != "output" {
            return None;
        }
        let file = File::open(output.with_file_name("output.times")).ok()?;
        let mut times = RunTimes { file, read: 0, entries: Vec::new() };
        times.look();
        Some(times)
    }

    /// Takes in what was added.
    pub fn look(&mut self) {
        let mut bytes = vec![0u8; 64 << 10];
        while let Ok(read) = self.file.read_at(&mut bytes, self.read) {
            let part = bytes.get(..read).unwrap_or(&[]);
            // A line that is being written is read the next time.
            let Some(end) = memchr::memrchr(b'\n', part) else { break };
            for line in part.get(..end).unwrap_or(&[]).split(|byte| *byte == b'\n') {
                self.entries.extend(entry(line));
            }
            self.read += end as u64 + 1;
            if self.entries.len() > KEPT {
                let mut keep = false;
                self.entries.retain(|_| {
                    keep = !keep;
                    keep
                });
            }
        }
    }

    /// When the byte at `offset` arrived.
    pub fn at(&self, offset: u64) -> Option<Stamp> {
        let at = self.entries.partition_point(|(from, _)| *from <= offset);
        let entry = at.checked_sub(1).and_then(|at| self.entries.get(at));
        entry.map(|(_, millis)| Stamp(*millis))
    }
}

fn entry(line: &[u8]) -> Option<(u64, i64)> {
    let (offset, millis) = std::str::from_utf8(line).ok()?.split_once(' ')?;
    Some((offset.parse().ok()?, millis.trim().parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOUT: Option<(i16, u8)> = Some((2026, 3));

    fn time(text: &str) -> Option<String> {
        time_of(text.as_bytes(), ABOUT)
            .map(|at| jiff::Timestamp::from_millisecond(at.0).unwrap().to_string())
    }

    #[test]
    fn the_usual_stamps_are_read() {
        for (text, wanted) in [
            ("2026-03-05T13:53:55Z x", "2026-03-05T13:53:55Z"),
            ("2026-03-05T13:53:55.400123+01:00 x", "2026-03-05T12:53:55.4Z"),
            ("2026-03-05T13:53:55+0000 host sshd[1]: x", "2026-03-05T13:53:55Z"),
            ("2026-03-05 13:53:55,400 INFO x", "2026-03-05T13:53:55.4Z"),
            ("[2026-03-05 13:53:55.07 +0200] x", "2026-03-05T11:53:55.07Z"),
            ("Mar  5 13:53:55 host x", "2026-03-05T13:53:55Z"),
            ("<14>Dec 31 23:59:59 host x", "2025-12-31T23:59:59Z"),
            ("E0305 13:53:55.400123       1 x", "2026-03-05T13:53:55.4Z"),
            ("1772718835.4 x", "2026-03-05T13:53:55.4Z"),
            ("1772718835400 x", "2026-03-05T13:53:55.4Z"),
            ("{\"ts\":1772718835.4,\"msg\":\"x\"}", "2026-03-05T13:53:55.4Z"),
            ("{\"time\":\"2026-03-05T13:53:55Z\"}", "2026-03-05T13:53:55Z"),
            ("time=\"2026-03-05T13:53:55Z\" level=x", "2026-03-05T13:53:55Z"),
            ("\u{1b}[32m2026-03-05T13:53:55Z x", "2026-03-05T13:53:55Z"),
            ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        ] {
            assert_eq!(time(text).as_deref(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn what_is_no_stamp_is_left_alone() {
        for text in [
            "",
            "x",
            "2026",
            "12345 lines",
            "Marvin 5 13:53:55",
            "2026-13-05T00:00:00Z",
            "TASK [x]",
            "99:99:99",
            "\u{1b}",
            "{",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn the_times_of_a_run_grow_with_it() {
        let scratch = tempfile::tempdir().unwrap();
        let output = scratch.path().join("output");
        std::fs::write(&output, b"").unwrap();
        let times = scratch.path().join("output.times");
        std::fs::write(&times, b"0 1000\n50 2000\n70 30").unwrap();
        let mut found = RunTimes::beside(&output).unwrap();
        assert_eq!(found.at(49), Some(Stamp(1000)));
        assert_eq!(found.at(500), Some(Stamp(2000)), "a half-written line is not read");
        std::fs::write(&times, b"0 1000\n50 2000\n70 3000\n").unwrap();
        found.look();
        assert_eq!(found.at(70), Some(Stamp(3000)));
        assert!(RunTimes::beside(&scratch.path().join("other")).is_none());
    }
}
