//! What `ipmitool` prints, to what we keep of it. Pure.
//!
//! All commands of a look run in one session and print one after the other;
//! every reader below takes the lines whose form it knows and leaves the rest.
//! A line that is cut or garbled is left out, never guessed.

use super::super::{place_by_name, sound};
use crate::domain::untrusted::printable;
use crate::domain::{Health, Limits, Sensor, SensorPlace, Stamp, Supply};

/// `name : value` lines; the first of that name.
fn labelled<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (label, value) = line.split_once(':')?;
        (label.trim() == name).then(|| value.trim())
    })
}

/// Whether the chassis is powered: `on` or `off`.
pub fn power_state(text: &str) -> Option<&'static str> {
    match labelled(text, "System Power")? {
        "on" => Some("on"),
        "off" => Some("off"),
        _ => None,
    }
}

/// Whether the last command of a look was answered: `Chassis Power is on`.
pub fn ended(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("Chassis Power is "))
}

/// The fault lines of `chassis status` that are in force; `None` without any such line.
pub fn faults(text: &str) -> Option<Vec<String>> {
    const LINES: [&str; 5] = [
        "Power Overload",
        "Main Power Fault",
        "Power Control Fault",
        "Drive Fault",
        "Cooling/Fan Fault",
    ];
    let seen: Vec<(&str, &str)> =
        LINES.iter().filter_map(|name| Some((*name, labelled(text, name)?))).collect();
    if seen.is_empty() {
        return None;
    }
    Some(seen.iter().filter(|(_, value)| *value == "true").map(|(n, _)| (*n).to_owned()).collect())
}

/// The firmware version of `mc info`.
pub fn firmware(text: &str) -> Option<String> {
    labelled(text, "Firmware Revision").map(printable).filter(|version| !version.is_empty())
}

/// The accounts of `user list`: id, name, privilege; `None` without the list.
/// An account without a name is an empty slot.
pub fn users(text: &str) -> Option<Vec<[String; 3]>> {
    let mut lines = text.lines().skip_while(|line| !line.contains("Channel Priv Limit"));
    lines.next()?;
    let rows = lines.map_while(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_flag = |word: &str| matches!(word, "true" | "false");
        let at = words.iter().position(|word| is_flag(word))?;
        let (head, tail) = words.split_at_checked(at)?;
        let (id, name) = head.split_first()?;
        id.parse::<u8>().ok()?;
        (tail.iter().take(3).filter(|word| is_flag(word)).count() == 3).then_some(())?;
        let privilege = tail.get(3..)?.join(" ");
        Some([(*id).to_owned(), printable(&name.join(" ")), printable(&privilege)])
    });
    Some(rows.filter(|[_, name, _]| !name.is_empty()).collect())
}

/// The sensors of `ipmitool sensor` by kind.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sensors {
    /// Degrees Celsius.
    pub temperatures: Vec<Sensor>,
    /// Revolutions per minute, or percent.
    pub fans: Vec<Sensor>,
    /// Volts.
    pub voltages: Vec<Sensor>,
    /// Watts.
    pub powers: Vec<Sensor>,
}

/// Reads the lines of `ipmitool sensor`: ten columns, thresholds last.
pub fn sensors(text: &str) -> Sensors {
    let mut all = Sensors::default();
    for line in text.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [name, reading, unit, status, lnr, lcr, lnc, unc, ucr, unr] = cells.as_slice() else {
            continue;
        };
        let name = printable(name);
        if name.is_empty() {
            continue;
        }
        let value = |cell: &str| cell.parse::<f64>().ok().filter(|value| value.is_finite());
        let (unit, scale): (&str, fn(f64) -> f64) = match *unit {
            "degrees C" => ("C", |value| value),
            "degrees F" => ("C", |value| (value - 32.0) / 1.8),
            "RPM" => ("RPM", |value| value),
            "percent" if name.to_ascii_lowercase().contains("fan") => ("%", |value| value),
            "Volts" => ("V", |value| value),
            "Watts" => ("W", |value| value),
            _ => continue,
        };
        let place = if unit == "C" { place_by_name(&name) } else { SensorPlace::Inside };
        let limits = Limits {
            low_fail: value(lcr).or(value(lnr)).map(scale),
            low_warn: value(lnc).map(scale),
            high_warn: value(unc).map(scale),
            high_fail: value(ucr).or(value(unr)).map(scale),
        };
        let sensor = Sensor {
            name,
            place,
            reading: value(reading).map(scale),
            unit: unit.to_owned(),
            health: sensor_health(status),
            limits: sound(limits),
        };
        match unit {
            "C" => all.temperatures.push(sensor),
            "V" => all.voltages.push(sensor),
            "W" => all.powers.push(sensor),
            _ => all.fans.push(sensor),
        }
    }
    all
}

/// `ok`; `nc`, `cr`, `nr` with or without the side in front; `na` and `ns` for no reading.
fn sensor_health(word: &str) -> Health {
    match word {
        "ok" => Health::Ok,
        "na" | "ns" | "disabled" => Health::Absent,
        word if word.ends_with("nc") => Health::Warning,
        word if word.ends_with("cr") || word.ends_with("nr") => Health::Critical,
        _ => Health::Unsaid,
    }
}

/// Reads the lines of `sdr type 0x08` (power supplies): `name | id | status | entity | text`.
/// `powers` are the sensors in watts, to find each supply's own.
pub fn supplies(text: &str, powers: &[Sensor]) -> Vec<Supply> {
    let mut found = Vec::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [name, id, status, entity, said] = cells.as_slice() else { continue };
        let is_id = id.len() == 3 && id.ends_with('h');
        if name.is_empty() || !is_id || !entity.contains('.') {
            continue;
        }
        let note = printable(said);
        let name = printable(name);
        let health = supply_health(status, &note);
        let watts = powers.iter().find(|power| same_supply(&power.name, &name));
        let note = if note == "Presence detected" { String::new() } else { note };
        found.push(Supply { health, watts: watts.and_then(|power| power.reading), note, name });
    }
    found
}

/// The states of a power supply sensor (IPMI 2.0, table 42-3, type 08h).
fn supply_health(status: &str, said: &str) -> Health {
    let said = said.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if has(&["failure detected", "ac lost", "input lost", "config error", "out-of-range"])
        && !said.contains("predictive failure")
    {
        Health::Critical
    } else if has(&["predictive failure", "inactive"]) {
        Health::Warning
    } else if said.contains("presence detected") {
        Health::Ok
    } else if has(&["disabled", "no reading", "not present"]) || status == "ns" {
        Health::Absent
    } else {
        sensor_health(status)
    }
}

/// Whether a watt sensor and a status sensor belong to the same supply: both
/// names begin with the same word of letters and a number (`PS1`, `PSU2`, `PSU 2`).
fn same_supply(one: &str, other: &str) -> bool {
    let stem = |name: &str| {
        let name: String =
            name.to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
        let digit = name.find(|c: char| c.is_ascii_digit())?;
        name.get(..=digit).map(str::to_owned)
    };
    stem(one).is_some_and(|stem_of_one| stem(other) == Some(stem_of_one))
}

/// Watts of the answer to DCMI Get Power Reading, printed as raw bytes:
/// `dc`, then the current reading, low byte first (DCMI 1.5, 6.6.1). `None`
/// when the measurement is off, or the command is not known.
pub fn dcmi_watts(text: &str) -> Option<f64> {
    let lines: Vec<&str> = text.lines().collect();
    let start = lines.iter().position(|line| line.starts_with(" dc "))?;
    let bytes: Vec<u8> = lines
        .get(start..)?
        .iter()
        .take(2)
        .flat_map(|line| line.split_whitespace())
        .map_while(|byte| u8::from_str_radix(byte, 16).ok())
        .collect();
    let watts = u16::from_le_bytes([*bytes.get(1)?, *bytes.get(2)?]);
    let active = bytes.get(17)? & 0x40 != 0;
    (active && watts > 0).then(|| f64::from(watts))
}

/// Watts of all supplies' input sensors (`PSU1 Power In`, `PS1 Input Power`).
pub fn input_watts(powers: &[Sensor]) -> Option<f64> {
    let inputs = powers.iter().filter(|power| {
        let name = power.name.to_ascii_lowercase();
        name.starts_with("ps")
            && (name.contains(" in") || name.contains("_in") || name.contains("pin"))
    });
    inputs.filter_map(|power| power.reading).reduce(|sum, watts| sum + watts)
}

/// What `sel info` tells.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Log {
    /// Entries.
    pub entries: Option<f64>,
    /// Percent used; not every controller knows.
    pub used: Option<f64>,
    /// Whether events were lost.
    pub lost: Option<bool>,
}

/// Reads `sel info`.
pub fn log(text: &str) -> Log {
    let number = |name: &str| labelled(text, name)?.trim_end_matches('%').trim().parse().ok();
    let lost = match labelled(text, "Overflow") {
        Some("true") => Some(true),
        Some("false") => Some(false),
        _ => None,
    };
    Log { entries: number("Entries"), used: number("Percent Used"), lost }
}

/// Time (empty when the controller's clock was not set) and text of the
/// critical entries of `sel elist`: what was asserted and not taken back later.
pub fn log_critical(text: &str) -> Vec<[String; 2]> {
    let mut critical: Vec<[String; 2]> = Vec::new();
    for cells in text.lines().filter_map(log_cells) {
        let [_, day, time, sensor, event, rest @ ..] = cells.as_slice() else { continue };
        let what = printable(&format!("{sensor}: {event}"));
        match rest.first().copied().unwrap_or("Asserted") {
            "Deasserted" => critical.retain(|[_, known]| *known != what),
            _ if is_critical(event) => critical.push([when(day, time), what]),
            _ => {}
        }
    }
    critical
}

/// How many lines of `sel elist` there are, critical or not.
pub fn log_lines(text: &str) -> usize {
    text.lines().filter_map(log_cells).count()
}

/// The cells of a line of `sel elist`, which begins with a hexadecimal number.
fn log_cells(line: &str) -> Option<Vec<&str>> {
    let cells: Vec<&str> = line.split('|').map(str::trim).collect();
    let number = cells.first()?;
    let is_entry = !number.is_empty() && number.chars().all(|c| c.is_ascii_hexdigit());
    (cells.len() >= 5 && is_entry).then_some(cells)
}

/// Events that say: something has failed, or is beyond a critical limit. The
/// words are those of IPMI 2.0, tables 42-2 and 42-3, as `ipmitool` writes them.
fn is_critical(event: &str) -> bool {
    const WORDS: [&str; 17] = [
        "critical going",
        "non-recoverable",
        "uncorrectable ecc",
        "failure detected",
        "ac lost",
        "power supply input lost",
        "power unit failure",
        "redundancy lost",
        "thermal trip",
        "ierr",
        "frb",
        "machine check",
        "fatal",
        "bus uncorrectable",
        "drive fault",
        "in critical array",
        "in failed array",
    ];
    let event = event.to_ascii_lowercase();
    !event.contains("non-critical going")
        && !event.contains("predictive")
        && WORDS.iter().any(|word| event.contains(word))
}

/// `11/20/26 | 10:11:12 UTC` or `11/20/2026 | 10:11:12`; we ask for UTC. Empty for anything else.
fn when(day: &str, time: &str) -> String {
    let mut parts = day.split('/');
    let (Some(month), Some(day), Some(year)) = (parts.next(), parts.next(), parts.next()) else {
        return String::new();
    };
    let year = if year.len() == 2 { format!("20{year}") } else { year.to_owned() };
    let clock = time.split_whitespace().next().unwrap_or("");
    let stamp = Stamp::parse(&format!("{year}-{month}-{day}T{clock}Z"));
    stamp.map_or_else(String::new, Stamp::rfc3339)
}
