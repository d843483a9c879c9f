//! Redfish documents to what we keep of them. Pure, and tolerant: vendors
//! leave fields out, write `null`, spell them otherwise, or nest them wrongly;
//! whatever cannot be read is absent, never a crash and never a guess.

use serde_json::Value;

use super::super::{place_by_name, sound};
use crate::domain::untrusted::printable;
use crate::domain::{Health, Limits, Sensor, SensorPlace, Stamp, Supply};

/// A field whatever its case (`HealthRollUp`, `HealthRollup`).
fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let map = value.as_object()?;
    map.get(name)
        .or_else(|| map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| v))
        .filter(|value| !value.is_null())
}

fn text(value: &Value, name: &str) -> Option<String> {
    let text = printable(field(value, name)?.as_str()?);
    (!text.is_empty()).then_some(text)
}

/// A number, also one written as text.
fn number(value: &Value, name: &str) -> Option<f64> {
    let found = field(value, name)?;
    let number = found.as_f64().or_else(|| found.as_str()?.trim().parse().ok())?;
    number.is_finite().then_some(number)
}

fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    field(value, name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A path that a document points to; nothing that could lead elsewhere.
fn path(value: &Value) -> Option<String> {
    plain(field(value, "@odata.id")?.as_str()?)
}

fn plain(path: &str) -> Option<String> {
    let plain = path.starts_with('/')
        && path.len() <= 512
        && path.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    plain.then(|| path.to_owned())
}

/// The path under a field that is a link.
pub fn link(value: &Value, name: &str) -> Option<String> {
    path(field(value, name)?)
}

/// The paths of a collection's members.
pub fn members(value: &Value) -> Vec<String> {
    items(value, "Members").iter().filter_map(path).collect()
}

/// The health of a resource: its state first (a part that is not there is
/// neither well nor ill), then the rollup, then its own health; the worse of the two.
pub fn health(value: &Value) -> Health {
    let Some(status) = field(value, "Status") else { return Health::Unsaid };
    if text(status, "State").is_some_and(|state| state.eq_ignore_ascii_case("Absent")) {
        return Health::Absent;
    }
    ["HealthRollup", "Health"]
        .iter()
        .filter_map(|name| text(status, name))
        .map(|word| Health::from_word(&word))
        .max()
        .unwrap_or(Health::Unsaid)
}

/// A system, chassis or manager.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Its name for people.
    pub name: String,
    /// Its state in the standard's words; empty when not said.
    pub state: String,
    /// Its health.
    pub health: Health,
}

/// Name, state and health of a resource.
pub fn part(value: &Value, kind: &str) -> Part {
    let name = text(value, "Name").or_else(|| text(value, "Id")).unwrap_or_default();
    let state = field(value, "Status").and_then(|status| text(status, "State"));
    Part {
        name: format!("{kind} {name}").trim_end().to_owned(),
        state: state.unwrap_or_default(),
        health: health(value),
    }
}

/// What a system tells of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct System {
    /// Every name by which it can be known, lower case: id, name, host name, serial number, UUID.
    pub names: Vec<String>,
    /// `on`, `off` or `changing`.
    pub power: Option<&'static str>,
    /// Model.
    pub model: Option<String>,
    /// Serial number.
    pub serial: Option<String>,
    /// BIOS version.
    pub bios: Option<String>,
}

/// Reads a `ComputerSystem`.
pub fn system(value: &Value) -> System {
    let names = ["Id", "Name", "HostName", "SerialNumber", "UUID"];
    let power = text(value, "PowerState").and_then(|word| {
        Some(match word.to_ascii_lowercase().as_str() {
            "on" => "on",
            "off" => "off",
            "poweringon" | "poweringoff" | "paused" => "changing",
            _ => return None,
        })
    });
    System {
        names: names
            .iter()
            .filter_map(|name| text(value, name))
            .map(|name| name.to_ascii_lowercase())
            .collect(),
        power,
        model: text(value, "Model"),
        serial: text(value, "SerialNumber"),
        bios: text(value, "BiosVersion"),
    }
}

/// The firmware version of a manager.
pub fn firmware(value: &Value) -> Option<String> {
    text(value, "FirmwareVersion")
}

fn limits(value: &Value) -> Limits {
    let first = |names: [&str; 2]| names.iter().find_map(|name| number(value, name));
    sound(Limits {
        low_fail: first(["LowerThresholdCritical", "LowerThresholdFatal"]),
        low_warn: number(value, "LowerThresholdNonCritical"),
        high_warn: number(value, "UpperThresholdNonCritical"),
        high_fail: first(["UpperThresholdCritical", "UpperThresholdFatal"]),
    })
}

fn name_of(value: &Value, names: &[&str]) -> String {
    names.iter().find_map(|name| text(value, name)).unwrap_or_else(|| "unnamed".to_owned())
}

/// The temperatures of a `Thermal`.
pub fn temperatures(thermal: &Value) -> Vec<Sensor> {
    let one = |value: &Value| {
        let name = name_of(value, &["Name", "MemberId"]);
        let place = match text(value, "PhysicalContext").as_deref() {
            Some("Intake") => SensorPlace::Inlet,
            Some("Exhaust") => SensorPlace::Inside,
            _ => place_by_name(&name),
        };
        Sensor {
            name,
            place,
            reading: number(value, "ReadingCelsius"),
            unit: "C".to_owned(),
            health: health(value),
            limits: limits(value),
        }
    };
    items(thermal, "Temperatures").iter().map(one).collect()
}

/// The temperatures of a `ThermalMetrics`, which have no limits.
pub fn thermal_metrics(metrics: &Value) -> Vec<Sensor> {
    let bare = |name: String, place: SensorPlace, reading: Option<f64>| Sensor {
        name,
        place,
        reading,
        unit: "C".to_owned(),
        health: Health::Unsaid,
        limits: Limits::default(),
    };
    let mut sensors: Vec<Sensor> = items(metrics, "TemperatureReadingsCelsius")
        .iter()
        .map(|value| {
            let name = name_of(value, &["DeviceName", "DataSourceUri"]);
            let place = match text(value, "PhysicalContext").as_deref() {
                Some("Intake") => SensorPlace::Inlet,
                _ => place_by_name(&name),
            };
            bare(name, place, number(value, "Reading"))
        })
        .collect();
    let intake = field(metrics, "TemperatureSummaryCelsius").and_then(|all| field(all, "Intake"));
    if let Some(intake) = intake
        && !sensors.iter().any(|sensor| sensor.place == SensorPlace::Inlet)
    {
        sensors.push(bare("Intake".to_owned(), SensorPlace::Inlet, number(intake, "Reading")));
    }
    sensors
}

/// The fans of a `Thermal`.
pub fn fans(thermal: &Value) -> Vec<Sensor> {
    items(thermal, "Fans").iter().map(fan).collect()
}

/// One fan: of a `Thermal` (also the names of its first version), or a `Fan` resource.
pub fn fan(value: &Value) -> Sensor {
    let percent = text(value, "ReadingUnits").is_some_and(|unit| unit.starts_with("Percent"));
    let speed = field(value, "SpeedPercent");
    let rpm = number(value, "ReadingRPM").or_else(|| number(speed?, "SpeedRPM"));
    let (reading, unit) = match (number(value, "Reading"), rpm) {
        (Some(reading), _) if percent => (Some(reading), "%"),
        (Some(reading), _) => (Some(reading), "RPM"),
        (None, Some(rpm)) => (Some(rpm), "RPM"),
        (None, None) => (speed.and_then(|speed| number(speed, "Reading")), "%"),
    };
    Sensor {
        name: name_of(value, &["Name", "FanName", "MemberId"]),
        place: SensorPlace::Inside,
        reading,
        unit: unit.to_owned(),
        health: health(value),
        limits: limits(value),
    }
}

/// The voltages of a `Power`.
pub fn voltages(power: &Value) -> Vec<Sensor> {
    let one = |value: &Value| Sensor {
        name: name_of(value, &["Name", "MemberId"]),
        place: SensorPlace::Inside,
        reading: number(value, "ReadingVolts"),
        unit: "V".to_owned(),
        health: health(value),
        limits: limits(value),
    };
    items(power, "Voltages").iter().map(one).collect()
}

/// The power supplies of a `Power`.
pub fn supplies(power: &Value) -> Vec<Supply> {
    items(power, "PowerSupplies").iter().map(supply).collect()
}

/// One power supply: of a `Power`, or a `PowerSupply` resource.
pub fn supply(value: &Value) -> Supply {
    let status = field(value, "Status");
    let state = status.and_then(|status| text(status, "State")).unwrap_or_default();
    let line = text(value, "LineInputStatus").unwrap_or_default();
    let mut own = health(value);
    // A supply without mains says `Health: OK` on some firmware; it gives nothing all the same.
    let dark = ["LossOfInput", "OutOfRange"].contains(&line.as_str())
        || ["UnavailableOffline", "Disabled"].contains(&state.as_str());
    if own != Health::Absent && dark {
        own = Health::Critical;
    }
    let plain = ["", "Enabled", "StandbySpare", "Normal"];
    let note = [state.as_str(), line.as_str()]
        .into_iter()
        .filter(|word| !plain.contains(word))
        .collect::<Vec<_>>()
        .join(", ");
    Supply {
        name: name_of(value, &["Name", "MemberId", "Id"]),
        health: own,
        watts: number(value, "PowerInputWatts").or_else(|| number(value, "LastPowerOutputWatts")),
        note,
    }
}

/// Name, health and the number of supplies needed of the redundancy groups
/// under a field (`Redundancy`, `PowerSupplyRedundancy`).
pub fn redundancy(value: &Value, name: &str) -> Vec<[String; 3]> {
    let one = |group: &Value| {
        let needed = number(group, "MinNumNeeded").or_else(|| number(group, "MinNeededInGroup"));
        let needed = needed.map_or_else(String::new, |n| format!("{n:.0}"));
        [
            name_of(group, &["Name", "GroupName", "MemberId"]),
            health(group).word().to_owned(),
            needed,
        ]
    };
    items(value, name).iter().filter(|group| field(group, "Status").is_some()).map(one).collect()
}

/// Watts the chassis takes, of a `Power`.
pub fn watts(power: &Value) -> Option<f64> {
    items(power, "PowerControl").iter().find_map(|control| number(control, "PowerConsumedWatts"))
}

/// Watts of an `EnvironmentMetrics`.
pub fn environment_watts(metrics: &Value) -> Option<f64> {
    number(field(metrics, "PowerWatts")?, "Reading")
}

/// How much a log service looks like the system event log: 0 for one that
/// does not, more for a better match.
pub fn log_rank(path: &str) -> u8 {
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or("").to_ascii_lowercase();
    match last.as_str() {
        "sel" => 4,
        "iml" => 3,
        "eventlog" | "event" => 2,
        "log1" | "standardlog" => 1,
        _ => 0,
    }
}

/// The next page of a collection.
pub fn next_page(page: &Value) -> Option<String> {
    let link = field(page, "Members@odata.nextLink")?;
    link.as_str().map_or_else(|| path(link), plain)
}

/// The same page of a collection from another member on, where the link says
/// by a number how many come before it (`$skip`, as Redfish has it).
pub fn skipping(link: &str, members: usize) -> Option<String> {
    let at = link.find("skip=")? + "skip=".len();
    let (head, rest) = link.split_at_checked(at)?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let tail = rest.get(digits..).filter(|_| digits > 0)?;
    Some(format!("{head}{members}{tail}"))
}

/// Whether a page of a log lists the oldest first; `None` when it does not show.
pub fn is_oldest_first(page: &Value) -> Option<bool> {
    let dated = items(page, "Members");
    let mut dates =
        dated.iter().filter_map(|entry| Stamp::parse(&text(entry, "Created")?)).peekable();
    let first = *dates.peek()?;
    let last = dates.last()?;
    (first != last).then_some(first < last)
}

/// How many records a log service can hold.
pub fn log_most(service: &Value) -> Option<f64> {
    number(service, "MaxNumberOfRecords").filter(|most| *most > 0.0)
}

/// How many entries a page of a log has.
pub fn log_length(page: &Value) -> usize {
    items(page, "Members").len()
}

/// How many members a collection says that it has in all its pages.
pub fn members_counted(page: &Value) -> Option<f64> {
    number(page, "Members@odata.count").filter(|count| *count >= 0.0)
}

/// How many entries a log has.
pub fn log_count(entries: &Value) -> Option<f64> {
    number(entries, "Members@odata.count").or_else(|| {
        let members = field(entries, "Members")?.as_array()?;
        u32::try_from(members.len()).ok().map(f64::from)
    })
}

/// Time (empty when not told) and text of the critical entries.
pub fn log_critical(entries: &Value) -> Vec<[String; 2]> {
    items(entries, "Members")
        .iter()
        .filter(|entry| {
            text(entry, "Severity").is_some_and(|word| word.eq_ignore_ascii_case("Critical"))
        })
        .map(|entry| {
            let when = text(entry, "Created").and_then(|at| Stamp::parse(&at));
            let what = name_of(entry, &["Message", "MessageId", "Name"]);
            [when.map_or_else(String::new, Stamp::rfc3339), what]
        })
        .collect()
}
