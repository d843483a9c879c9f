//! The writing side of the history: what differs from the last value is a row.

use std::collections::HashMap;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::Digest as _;

use crate::app::history::{Series, SeriesKind, Turn};
use crate::domain::fact::{Table, Value};
use crate::domain::keys::{self, Keeping};
use crate::domain::{Answer, KeyName, ProbeId, Stamp, Unit};

use super::limits::Limits;
use super::schema::{self, HistoryTrouble};

/// The word of a probe that gave facts.
pub const ANSWERS: &str = "answers";

/// The last kept value of a series, as far as comparing needs it.
#[derive(Debug, Clone, PartialEq)]
pub enum Last {
    /// A number.
    Number(f64),
    /// Anything else, by a hash of what counts in it.
    Other([u8; 16]),
    /// The target no longer told it.
    Gone,
}

#[derive(Debug)]
struct Known {
    id: i64,
    at: i64,
    last: Last,
}

/// The history, open to be written. At most one is open of a file (see `lease`).
pub struct Store {
    pub(super) connection: Connection,
    pub(super) limits: Limits,
    known: HashMap<Series, Known>,
    watch: i64,
    is_in_transaction: bool,
    /// Rows written since the start.
    pub rows: u64,
}

impl Store {
    /// Opens the file, makes it when it is missing, and reads the last value of every series.
    ///
    /// # Errors
    /// When it is newer, damaged or cannot be written.
    pub fn open(path: &Path, limits: &Limits, now: Stamp) -> Result<Store, HistoryTrouble> {
        let connection = schema::open_to_write(path)?;
        let of = |error| HistoryTrouble::of(path, error);
        let known = last_of_all(&connection).map_err(of)?;
        connection
            .execute("INSERT INTO watches (opened, seen) VALUES (?1, ?1)", [now.0])
            .map_err(of)?;
        let watch = connection.last_insert_rowid();
        Ok(Store {
            connection,
            limits: limits.clone(),
            known,
            watch,
            is_in_transaction: false,
            rows: 0,
        })
    }

    /// Takes in an answer: what differs from the last values, and how the probe fares.
    ///
    /// # Errors
    /// What the disk says.
    pub fn answer(&mut self, id: &ProbeId, answer: &Answer, at: Stamp) -> rusqlite::Result<()> {
        let word = answer.cause().map_or(ANSWERS.to_owned(), |cause| cause.word.to_string());
        let fares = Value::Word(word);
        self.value(SeriesKind::Probe, &id.target.0, id.probe.as_str(), &fares, at)?;
        let Answer::Facts(report) = answer else { return Ok(()) };
        for fact in &report.facts {
            self.value(SeriesKind::Fact, &id.target.0, fact.key.as_str(), &fact.value, at)?;
        }
        let told = |key: &str| {
            report.facts.iter().any(|fact| fact.key.as_str() == key)
                || report.lost.iter().any(|(lost, _)| lost.as_str() == key)
        };
        let of_probe = keys::all().filter(|info| info.probe.name == id.probe.as_str());
        for info in of_probe.filter(|info| !told(info.name)) {
            self.gone(&id.target.0, info.name, at)?;
        }
        Ok(())
    }

    /// Takes in a verdict.
    ///
    /// # Errors
    /// What the disk says.
    pub fn turn(&mut self, turn: &Turn) -> rusqlite::Result<()> {
        let value = Value::List(vec![
            turn.verdict.word().to_owned(),
            turn.layer.word().to_owned(),
            turn.sentence.clone(),
        ]);
        self.value(SeriesKind::Verdict, &turn.target.0, turn.check.as_str(), &value, turn.at)
    }

    fn value(
        &mut self,
        kind: SeriesKind,
        target: &str,
        name: &str,
        value: &Value,
        at: Stamp,
    ) -> rusqlite::Result<()> {
        let (last, text) = self.form(kind, name, value, at);
        let series = Series { kind, target: target.into(), name: name.to_owned() };
        let slack = match (kind, keys::keeping(name)) {
            (SeriesKind::Fact, Keeping::WithClock) => self.limits.clock_slack_seconds,
            _ => 0.0,
        };
        if self.known.get(&series).is_some_and(|known| is_same(&known.last, &last, slack)) {
            return Ok(());
        }
        self.write(series, last, text.as_deref(), at)
    }

    fn gone(&mut self, target: &str, name: &str, at: Stamp) -> rusqlite::Result<()> {
        let series =
            Series { kind: SeriesKind::Fact, target: target.into(), name: name.to_owned() };
        match self.known.get(&series) {
            None | Some(Known { last: Last::Gone, .. }) => Ok(()),
            Some(_) => self.write(series, Last::Gone, None, at),
        }
    }

    /// A value as it is kept: what is compared, and for what is no number its JSON.
    fn form(
        &self,
        kind: SeriesKind,
        name: &str,
        value: &Value,
        at: Stamp,
    ) -> (Last, Option<String>) {
        let keeping = match kind {
            SeriesKind::Fact => keys::keeping(name),
            _ => Keeping::Exactly,
        };
        if keeping == Keeping::WithClock
            && let Some(base) = clock_base(name, value, at)
        {
            return (Last::Number(base), None);
        }
        if let Value::Number(number) = value
            && number.is_finite()
        {
            return (Last::Number(*number), None);
        }
        let mut text = match value {
            // Neither JSON nor SQLite knows what is no number.
            Value::Number(number) => json(&Value::Text(number.to_string())),
            value => json(value),
        };
        if text.len() > self.limits.longest_text_bytes {
            let short = Value::Text(format!("{} bytes, too long to be kept", text.len()));
            text = json(&short);
        }
        (Last::Other(hash(&counted(kind, keeping, value, &text))), Some(text))
    }

    fn write(
        &mut self,
        series: Series,
        last: Last,
        text: Option<&str>,
        at: Stamp,
    ) -> rusqlite::Result<()> {
        self.begin()?;
        let (id, before) = match self.known.get(&series) {
            Some(known) => (known.id, known.at),
            None => (self.series_id(&series)?, i64::MIN),
        };
        // A clock that was set back must not put a value before one that was seen earlier.
        let at = at.0.max(before.saturating_add(1));
        match (&last, text) {
            (Last::Number(number), _) => {
                self.connection
                    .prepare_cached("INSERT INTO numbers (series, at, last) VALUES (?, ?, ?)")?
                    .execute(params![id, at, number])?;
            }
            (_, Some(text)) => {
                let text = self.text_id(text)?;
                self.connection
                    .prepare_cached("INSERT INTO changes (series, at, text) VALUES (?, ?, ?)")?
                    .execute(params![id, at, text])?;
            }
            (_, None) => {
                let table = match self.known.get(&series).map(|known| &known.last) {
                    Some(Last::Number(_)) => "INSERT INTO numbers (series, at) VALUES (?, ?)",
                    _ => "INSERT INTO changes (series, at) VALUES (?, ?)",
                };
                self.connection.prepare_cached(table)?.execute(params![id, at])?;
            }
        }
        self.rows += 1;
        self.known.insert(series, Known { id, at, last });
        Ok(())
    }

    fn series_id(&self, series: &Series) -> rusqlite::Result<i64> {
        let kind = kind_number(series.kind);
        let values = params![kind, series.target.as_str(), series.name];
        let found: Option<i64> = self
            .connection
            .prepare_cached("SELECT id FROM series WHERE kind = ? AND target = ? AND name = ?")?
            .query_row(values, |row| row.get(0))
            .optional()?;
        if let Some(id) = found {
            return Ok(id);
        }
        self.connection
            .prepare_cached("INSERT INTO series (kind, target, name) VALUES (?, ?, ?)")?
            .execute(values)?;
        Ok(self.connection.last_insert_rowid())
    }

    fn text_id(&self, text: &str) -> rusqlite::Result<i64> {
        let hash = hash(text);
        let found: Option<i64> = self
            .connection
            .prepare_cached("SELECT id FROM texts WHERE hash = ?")?
            .query_row([hash], |row| row.get(0))
            .optional()?;
        if let Some(id) = found {
            return Ok(id);
        }
        self.connection
            .prepare_cached("INSERT INTO texts (hash, text) VALUES (?, ?)")?
            .execute(params![hash, text])?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Counts answers and verdicts that could not be kept.
    ///
    /// # Errors
    /// What the disk says.
    pub fn lost(&mut self, count: u64, now: Stamp) -> rusqlite::Result<()> {
        self.begin()?;
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.connection
            .execute("INSERT INTO losses (at, count) VALUES (?, ?)", params![now.0, count])?;
        Ok(())
    }

    fn begin(&mut self) -> rusqlite::Result<()> {
        if !self.is_in_transaction {
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
            self.is_in_transaction = true;
        }
        Ok(())
    }

    /// Whether rows wait to be committed.
    pub fn is_pending(&self) -> bool {
        self.is_in_transaction
    }

    /// Says that the console still watches, and puts everything where others can read it.
    ///
    /// # Errors
    /// What the disk says.
    pub fn commit(&mut self, now: Stamp) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("UPDATE watches SET seen = max(seen, ?) WHERE id = ?")?
            .execute([now.0, self.watch])?;
        if self.is_in_transaction {
            self.connection.execute_batch("COMMIT")?;
            self.is_in_transaction = false;
        }
        Ok(())
    }
}

/// The last value of every series of a file.
///
/// # Errors
/// What the disk says.
fn last_of_all(connection: &Connection) -> rusqlite::Result<HashMap<Series, Known>> {
    let mut statement = connection.prepare(
        "SELECT s.id, s.kind, s.target, s.name,
                (SELECT max(at) FROM numbers WHERE series = s.id),
                (SELECT max(at) FROM changes WHERE series = s.id)
         FROM series s",
    )?;
    let mut known = HashMap::new();
    let mut rows = statement.query([])?;
    let mut number_at =
        connection.prepare("SELECT until, last FROM numbers WHERE series = ? AND at = ?")?;
    let mut text_at = connection.prepare(
        "SELECT t.text FROM changes c LEFT JOIN texts t ON t.id = c.text
         WHERE c.series = ? AND c.at = ?",
    )?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let Some(kind) = kind_of(row.get(1)?) else { continue };
        let target: String = row.get(2)?;
        let series = Series { kind, target: target.into(), name: row.get(3)? };
        let (number, change): (Option<i64>, Option<i64>) = (row.get(4)?, row.get(5)?);
        let (at, last) = if number > change {
            let Some(at) = number else { continue };
            let (until, value): (Option<i64>, Option<f64>) =
                number_at.query_row([id, at], |row| Ok((row.get(0)?, row.get(1)?)))?;
            (until.unwrap_or(at), value.map_or(Last::Gone, Last::Number))
        } else {
            let Some(at) = change else { continue };
            let text: Option<String> = text_at.query_row([id, at], |row| row.get(0))?;
            let last = text.map_or(Last::Gone, |text| {
                let value = serde_json::from_str(&text).unwrap_or(Value::Text(String::new()));
                let keeping = match kind {
                    SeriesKind::Fact => keys::keeping(&series.name),
                    _ => Keeping::Exactly,
                };
                Last::Other(hash(&counted(kind, keeping, &value, &text)))
            });
            (at, last)
        };
        known.insert(series, Known { id, at, last });
    }
    Ok(known)
}

/// What counts when two values are compared: of a verdict its word, of a table
/// of readings its words, of everything else all.
fn counted(kind: SeriesKind, keeping: Keeping, value: &Value, text: &str) -> String {
    match (kind, keeping, value) {
        (SeriesKind::Verdict, _, Value::List(parts)) => parts.first().cloned().unwrap_or_default(),
        (SeriesKind::Fact, Keeping::Words, Value::Table(table)) => words_of(table),
        _ => text.to_owned(),
    }
}

fn json(value: &Value) -> String {
    // A value of the closed set always can be written.
    serde_json::to_string(value).unwrap_or_default()
}

fn words_of(table: &Table) -> String {
    let mut words = String::new();
    for cell in table.columns.iter().chain(table.rows.iter().flatten()) {
        words.push_str(if cell.parse::<f64>().is_ok() { "0" } else { cell });
        words.push('\u{1f}');
    }
    words
}

/// The part of a value that stays while it goes with the clock: of a time how
/// far it is from ours, of a length of time when it began; in seconds.
fn clock_base(name: &str, value: &Value, at: Stamp) -> Option<f64> {
    let seconds = |millis: i64| millis as f64 / 1000.0;
    match value {
        Value::Time(time) => Some(seconds(time.0 - at.0)),
        Value::Number(number) => {
            let in_seconds = keys::find(name).is_some_and(|info| info.unit == Unit::Seconds);
            in_seconds.then(|| seconds(at.0) - number)
        }
        _ => None,
    }
}

fn is_same(before: &Last, now: &Last, slack: f64) -> bool {
    match (before, now) {
        (Last::Number(before), Last::Number(now)) => {
            before == now || (before.is_nan() && now.is_nan()) || (before - now).abs() <= slack
        }
        _ => before == now,
    }
}

fn hash(text: &str) -> [u8; 16] {
    let mut short = [0; 16];
    let digest = sha2::Sha256::digest(text.as_bytes());
    for (to, from) in short.iter_mut().zip(digest.iter()) {
        *to = *from;
    }
    short
}

/// The number of a kind in the file; never given to another.
pub(super) const fn kind_number(kind: SeriesKind) -> i64 {
    match kind {
        SeriesKind::Fact => 0,
        SeriesKind::Probe => 1,
        SeriesKind::Verdict => 2,
    }
}

/// The kind of a number in the file; `None` for one that a later release wrote.
pub(super) const fn kind_of(number: i64) -> Option<SeriesKind> {
    match number {
        0 => Some(SeriesKind::Fact),
        1 => Some(SeriesKind::Probe),
        2 => Some(SeriesKind::Verdict),
        _ => None,
    }
}

/// The series of a fact's probe.
pub(super) fn probe_of(series: &Series) -> Option<Series> {
    let info = keys::find(&KeyName::from(series.name.as_str()).0)?;
    let (target, name) = (series.target.clone(), info.probe.name.to_owned());
    (series.kind == SeriesKind::Fact).then_some(Series { kind: SeriesKind::Probe, target, name })
}
