//! What a probe learned.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{KeyName, Stamp};

/// What a number counts. The screen writes the unit; the value never carries it as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// A bare count.
    Count,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Millis,
    /// Bytes.
    Bytes,
    /// 0 to 100.
    Percent,
    /// Degrees Celsius.
    Celsius,
    /// Watts.
    Watts,
    /// Volts.
    Volts,
    /// Revolutions per minute.
    Rpm,
}

/// The closed set of values a fact can have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "value")]
pub enum Value {
    /// A number; its unit is declared with the key.
    Number(f64),
    /// A word from the list that the key declares.
    Word(String),
    /// Free text, already printable.
    Text(String),
    /// A point in time.
    Time(Stamp),
    /// Several texts, in the order of the source.
    List(Vec<String>),
    /// Rows of texts under named columns.
    Table(Table),
}

/// Rows under named columns; every row has as many cells as there are columns.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Table {
    /// Column names.
    pub columns: Vec<String>,
    /// Rows of cells.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table with these columns.
    pub fn new(columns: &[&str]) -> Table {
        Table { columns: columns.iter().map(|c| (*c).to_owned()).collect(), rows: Vec::new() }
    }

    /// Adds a row, padded or cut to the number of columns.
    pub fn push(&mut self, mut row: Vec<String>) {
        row.resize(self.columns.len(), String::new());
        self.rows.push(row);
    }

    /// The cell of a row under a column name; empty when there is none.
    pub fn cell<'a>(&'a self, row: &'a [String], column: &str) -> &'a str {
        self.columns
            .iter()
            .position(|c| c == column)
            .and_then(|at| row.get(at))
            .map_or("", String::as_str)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(n) if n.fract() == 0.0 && n.abs() < 1e15 => write!(f, "{n:.0}"),
            Value::Number(n) => write!(f, "{n:.2}"),
            Value::Word(text) | Value::Text(text) => f.write_str(text),
            Value::Time(at) => write!(f, "{at}"),
            Value::List(items) => f.write_str(&items.join(", ")),
            Value::Table(table) => write!(f, "{} rows", table.rows.len()),
        }
    }
}

/// One thing a probe learned about its target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is, as declared in `domain::keys`.
    pub key: KeyName,
    /// What was seen.
    pub value: Value,
}
