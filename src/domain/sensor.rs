//! Sensors and power supplies as management controllers report them, in one
//! form for Redfish and IPMI, and the tables that carry them as facts.

use super::fact::Table;

/// How the controller itself judges a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// The part is not fitted, or the sensor is off.
    Absent,
    /// It does not say.
    Unsaid,
    /// Well.
    Ok,
    /// Needs attention.
    Warning,
    /// Needs it at once.
    Critical,
}

impl Health {
    /// The word in tables and facts.
    pub const fn word(self) -> &'static str {
        match self {
            Health::Absent => "absent",
            Health::Unsaid => "unsaid",
            Health::Ok => "ok",
            Health::Warning => "warning",
            Health::Critical => "critical",
        }
    }

    /// The health a word names, in whatever case; `Unsaid` for any other word.
    pub fn from_word(word: &str) -> Health {
        match word.to_ascii_lowercase().as_str() {
            "absent" => Health::Absent,
            "ok" => Health::Ok,
            "warning" => Health::Warning,
            "critical" => Health::Critical,
            _ => Health::Unsaid,
        }
    }
}

/// Where a temperature is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SensorPlace {
    /// The air that goes in: tells about the room, not about the machine.
    Inlet,
    /// Anywhere else.
    Inside,
}

/// The controller's own limits. A reading at a limit is beyond it (IPMI 2.0, 35.2).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Limits {
    /// At or below: critical.
    pub low_fail: Option<f64>,
    /// At or below: not critical, but not good.
    pub low_warn: Option<f64>,
    /// At or above: not critical, but not good.
    pub high_warn: Option<f64>,
    /// At or above: critical.
    pub high_fail: Option<f64>,
}

impl Limits {
    /// Whether there is no limit at all.
    pub fn is_empty(&self) -> bool {
        *self == Limits::default()
    }
}

/// One sensor with what it reads now.
#[derive(Debug, Clone, PartialEq)]
pub struct Sensor {
    /// The controller's name for it, printable.
    pub name: String,
    /// Where it is; meaningful for temperatures.
    pub place: SensorPlace,
    /// What it reads; `None` when the controller has no reading.
    pub reading: Option<f64>,
    /// `C`, `RPM`, `%`, `V`, `W`.
    pub unit: String,
    /// The controller's own judgement.
    pub health: Health,
    /// The controller's own limits.
    pub limits: Limits,
}

impl Sensor {
    /// Reading and unit as a sentence says them: `34 C`, `7800 RPM`, `12.06 V`.
    pub fn shown(&self) -> String {
        match self.reading {
            Some(reading) => format!("{} {}", number(reading), self.unit),
            None => "no reading".to_owned(),
        }
    }

    /// Sensors as a fact; `None` when there are none.
    pub fn table(sensors: &[Sensor]) -> Option<Table> {
        if sensors.is_empty() {
            return None;
        }
        let mut table = Table::new(&[
            "name",
            "place",
            "reading",
            "unit",
            "health",
            "low_fail",
            "low_warn",
            "high_warn",
            "high_fail",
        ]);
        for sensor in sensors {
            let place = match sensor.place {
                SensorPlace::Inlet => "inlet",
                SensorPlace::Inside => "inside",
            };
            let limits = &sensor.limits;
            table.push(vec![
                sensor.name.clone(),
                place.to_owned(),
                optional(sensor.reading),
                sensor.unit.clone(),
                sensor.health.word().to_owned(),
                optional(limits.low_fail),
                optional(limits.low_warn),
                optional(limits.high_warn),
                optional(limits.high_fail),
            ]);
        }
        Some(table)
    }

    /// The sensors of a fact.
    pub fn read(table: &Table) -> Vec<Sensor> {
        let one = |row: &Vec<String>| {
            let cell = |column: &str| table.cell(row, column);
            let value = |column: &str| cell(column).parse().ok();
            Sensor {
                name: cell("name").to_owned(),
                place: match cell("place") {
                    "inlet" => SensorPlace::Inlet,
                    _ => SensorPlace::Inside,
                },
                reading: value("reading"),
                unit: cell("unit").to_owned(),
                health: Health::from_word(cell("health")),
                limits: Limits {
                    low_fail: value("low_fail"),
                    low_warn: value("low_warn"),
                    high_warn: value("high_warn"),
                    high_fail: value("high_fail"),
                },
            }
        };
        table.rows.iter().map(one).collect()
    }
}

/// One power supply.
#[derive(Debug, Clone, PartialEq)]
pub struct Supply {
    /// The controller's name for it, printable.
    pub name: String,
    /// `Absent` for an empty bay.
    pub health: Health,
    /// Watts it takes from the mains, where it says so.
    pub watts: Option<f64>,
    /// What the controller says of it (`Failure detected`), printable; empty when nothing.
    pub note: String,
}

impl Supply {
    /// Supplies as a fact; `None` when there are none.
    pub fn table(supplies: &[Supply]) -> Option<Table> {
        if supplies.is_empty() {
            return None;
        }
        let mut table = Table::new(&["name", "health", "watts", "note"]);
        for supply in supplies {
            table.push(vec![
                supply.name.clone(),
                supply.health.word().to_owned(),
                optional(supply.watts),
                supply.note.clone(),
            ]);
        }
        Some(table)
    }

    /// The supplies of a fact.
    pub fn read(table: &Table) -> Vec<Supply> {
        let one = |row: &Vec<String>| Supply {
            name: table.cell(row, "name").to_owned(),
            health: Health::from_word(table.cell(row, "health")),
            watts: table.cell(row, "watts").parse().ok(),
            note: table.cell(row, "note").to_owned(),
        };
        table.rows.iter().map(one).collect()
    }
}

/// A number as a sentence says it: whole where it is whole, else two places at most.
pub fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    match text.strip_suffix(".00") {
        Some(whole) => whole.to_owned(),
        None => text.trim_end_matches('0').to_owned(),
    }
}

fn optional(value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map_or_else(String::new, number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sensors_and_supplies_survive_the_table() {
        let sensor = Sensor {
            name: "Inlet Temp".into(),
            place: SensorPlace::Inlet,
            reading: Some(24.5),
            unit: "C".into(),
            health: Health::Warning,
            limits: Limits { high_warn: Some(38.0), ..Limits::default() },
        };
        let silent = Sensor { reading: None, health: Health::Absent, ..sensor.clone() };
        let both = vec![sensor, silent];
        assert_eq!(Sensor::read(&Sensor::table(&both).unwrap()), both);
        assert_eq!(Sensor::table(&[]), None);
        let supply = Supply {
            name: "PSU2".into(),
            health: Health::Critical,
            watts: None,
            note: "Failure detected".into(),
        };
        let list = vec![supply];
        assert_eq!(Supply::read(&Supply::table(&list).unwrap()), list);
    }

    #[test]
    fn numbers_read_aloud() {
        assert_eq!(number(34.0), "34");
        assert_eq!(number(12.06), "12.06");
        assert_eq!(number(12.5), "12.5");
        assert_eq!(number(-0.5), "-0.5");
        assert_eq!(number(100.0), "100");
    }
}
