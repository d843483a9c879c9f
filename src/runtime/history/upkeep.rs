//! Keeping the history small: old numbers are thinned, the oldest rows go.

use rusqlite::{OptionalExtension as _, params};

use crate::domain::Stamp;

use super::limits::Level;
use super::store::Store;
use super::thinning::{Kept, NumberRow, Span, thin};

/// Free pages given back at once; at 4 KiB each some 80 MB.
const PAGES: i64 = 20_000;

/// How often the oldest tenth goes before it is enough for this time.
const ROUNDS: u32 = 20;

impl Store {
    /// Thins what is old enough, lets go what is too old or too much.
    ///
    /// # Errors
    /// What the disk says; what was done until then stays.
    pub fn keep_up(&mut self, now: Stamp) -> rusqlite::Result<()> {
        self.commit(now)?;
        for level in self.limits.thin.clone() {
            self.thin_level(level, now)?;
        }
        self.forget_before(now.0.saturating_sub(self.limits.oldest()))?;
        self.bound(now)
    }

    /// Thins everything up to the last whole span that is old enough.
    fn thin_level(&mut self, level: Level, now: Stamp) -> rusqlite::Result<()> {
        let span = level.span().max(1);
        let until = (now.0 - level.after()).div_euclid(span) * span;
        let connection = &self.connection;
        let from: i64 = connection
            .query_row("SELECT until FROM thinned WHERE span = ?", [span], |row| row.get(0))
            .optional()?
            .unwrap_or(0);
        if until <= from {
            return Ok(());
        }
        let ids: Vec<i64> = connection
            .prepare("SELECT DISTINCT series FROM numbers WHERE at >= ? AND at < ?")?
            .query_map([from, until], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let transaction = connection.unchecked_transaction()?;
        for id in ids {
            let rows = rows_between(&transaction, id, from, until)?;
            let thinned = thin(&rows, level);
            if thinned.len() == rows.len() {
                continue;
            }
            transaction
                .prepare_cached("DELETE FROM numbers WHERE series = ? AND at >= ? AND at < ?")?
                .execute([id, from, until])?;
            let mut insert = transaction.prepare_cached(
                "INSERT INTO numbers (series, at, last, until, low, high, count)
                 VALUES (?, ?, ?, ?, ?, ?, ?)",
            )?;
            for row in thinned {
                match row.kept {
                    Kept::Gone => insert.execute(params![
                        id,
                        row.at,
                        None::<f64>,
                        None::<i64>,
                        None::<f64>,
                        None::<f64>,
                        None::<i64>
                    ])?,
                    Kept::Value(value) => insert.execute(params![
                        id,
                        row.at,
                        value,
                        None::<i64>,
                        None::<f64>,
                        None::<f64>,
                        None::<i64>
                    ])?,
                    Kept::Span(s) => insert
                        .execute(params![id, row.at, s.last, s.until, s.low, s.high, s.count])?,
                };
            }
        }
        transaction.execute(
            "INSERT INTO thinned (span, until) VALUES (?1, ?2)
             ON CONFLICT (span) DO UPDATE SET until = ?2",
            [span, until],
        )?;
        transaction.commit()
    }

    /// Lets go what is older, but for the last value of each series before then.
    fn forget_before(&self, cut: i64) -> rusqlite::Result<()> {
        let transaction = self.connection.unchecked_transaction()?;
        for table in ["numbers", "changes"] {
            transaction.execute(
                &format!(
                    "DELETE FROM {table} WHERE at < ?1 AND EXISTS (
                         SELECT 1 FROM {table} later
                         WHERE later.series = {table}.series AND later.at > {table}.at
                               AND later.at <= ?1)"
                ),
                [cut],
            )?;
        }
        transaction.execute("DELETE FROM watches WHERE seen < ?", [cut])?;
        transaction.execute("DELETE FROM losses WHERE at < ?", [cut])?;
        transaction.execute(
            "DELETE FROM texts WHERE id NOT IN (SELECT text FROM changes WHERE text IS NOT NULL)",
            [],
        )?;
        transaction.commit()
    }

    /// While the file is too large, the oldest tenth of the time goes.
    fn bound(&self, now: Stamp) -> rusqlite::Result<()> {
        let most = self.limits.megabytes.saturating_mul(1_000_000);
        for _ in 0..ROUNDS {
            if self.used_bytes()? <= most {
                break;
            }
            let oldest: Option<i64> =
                self.connection.query_row("SELECT min(opened) FROM watches", [], |r| r.get(0))?;
            let Some(oldest) = oldest.filter(|oldest| *oldest < now.0) else { break };
            let cut = oldest + (now.0 - oldest) / 10 + 1;
            self.forget_before(cut)?;
            self.connection.execute("UPDATE watches SET opened = max(opened, ?)", [cut])?;
        }
        self.connection.execute_batch(&format!("PRAGMA incremental_vacuum({PAGES})"))
    }

    /// Bytes of the file that hold something.
    ///
    /// # Errors
    /// What the disk says.
    pub fn used_bytes(&self) -> rusqlite::Result<i64> {
        let number = |pragma: &str| -> rusqlite::Result<i64> {
            self.connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0))
        };
        Ok((number("page_count")? - number("freelist_count")?) * number("page_size")?)
    }
}

/// The rows of a series of numbers in a time, oldest first.
///
/// # Errors
/// What the disk says.
pub(super) fn rows_between(
    connection: &rusqlite::Connection,
    series: i64,
    from: i64,
    until: i64,
) -> rusqlite::Result<Vec<NumberRow>> {
    connection
        .prepare_cached(
            "SELECT at, last, until, low, high, count FROM numbers
             WHERE series = ? AND at >= ? AND at < ? ORDER BY at",
        )?
        .query_map([series, from, until], number_row)?
        .collect()
}

pub(super) fn number_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<NumberRow> {
    let at = row.get(0)?;
    let last: Option<f64> = row.get(1)?;
    let until: Option<i64> = row.get(2)?;
    let kept = match (last, until) {
        (None, _) => Kept::Gone,
        (Some(value), None) => Kept::Value(value),
        (Some(last), Some(until)) => Kept::Span(Span {
            until,
            low: row.get(3)?,
            high: row.get(4)?,
            last,
            count: row.get(5)?,
        }),
    };
    Ok(NumberRow { at, kept })
}
