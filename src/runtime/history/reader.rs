//! The reading side of the history: any number of consoles at once.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::app::history::{
    Past, PastChange, PastFinding, Plot, Series, SeriesKind, SeriesPast, SinceQuestion, Step,
};
use crate::app::screens::target::value_words;
use crate::domain::fact::Value;
use crate::domain::keys::{self, Keeping};
use crate::domain::{Layer, Stamp, Unit, Verdict};

use super::limits::Limits;
use super::plot;
use super::schema::{self, HistoryTrouble};
use super::store::{ANSWERS, kind_number, probe_of};
use super::upkeep::number_row;

/// How many verdicts that turned a console is told of at its start.
const CHANGES: usize = 1000;

/// How many values of a series are told.
const STEPS: usize = 12;

/// The history, open to be read.
pub struct Reader {
    connection: Connection,
    gap: i64,
    watches: Vec<(i64, i64)>,
}

/// What the past is, for a console that begins now; `None` where none is kept.
///
/// # Errors
/// When the history cannot be read.
pub fn past(path: &Path) -> Result<Option<Past>, HistoryTrouble> {
    let Some(reader) = Reader::open(path)? else { return Ok(None) };
    reader.past().map(Some).map_err(|error| HistoryTrouble::of(path, error))
}

/// Answers a question.
///
/// # Errors
/// When the history cannot be read.
pub fn since(path: &Path, question: &SinceQuestion) -> Result<Vec<SeriesPast>, HistoryTrouble> {
    let Some(reader) = Reader::open(path)? else { return Ok(Vec::new()) };
    let told = question.series.iter().map(|series| reader.series(series, question));
    told.collect::<rusqlite::Result<_>>().map_err(|error| HistoryTrouble::of(path, error))
}

impl Reader {
    fn open(path: &Path) -> Result<Option<Reader>, HistoryTrouble> {
        let Some(connection) = schema::open_to_read(path)? else { return Ok(None) };
        let gap = Limits::of_release().gap();
        let watches = watches(&connection, gap).map_err(|error| HistoryTrouble::of(path, error))?;
        Ok(Some(Reader { connection, gap, watches }))
    }

    fn past(&self) -> rusqlite::Result<Past> {
        let mut statement = self.connection.prepare(
            "SELECT s.target, s.name, t.text, c.at FROM series s
             JOIN changes c ON c.series = s.id
                  AND c.at = (SELECT max(at) FROM changes WHERE series = s.id)
             JOIN texts t ON t.id = c.text
             WHERE s.kind = ?",
        )?;
        let mut rows = statement.query([kind_number(SeriesKind::Verdict)])?;
        let mut findings = Vec::new();
        while let Some(row) = rows.next()? {
            let (target, check): (String, String) = (row.get(0)?, row.get(1)?);
            let text: String = row.get(2)?;
            let Some(said) = Said::read(&text).filter(|said| said.verdict.is_finding()) else {
                continue;
            };
            findings.push(PastFinding {
                check: check.into(),
                target: target.into(),
                verdict: said.verdict,
                since: Stamp(row.get(3)?),
            });
        }
        Ok(Past {
            watched_until: self.watches.last().map(|(_, seen)| Stamp(*seen)),
            findings,
            changes: self.changes()?,
        })
    }

    /// The verdicts that turned, newest first. The first verdict of all is no change.
    fn changes(&self) -> rusqlite::Result<Vec<PastChange>> {
        let mut statement = self.connection.prepare(
            "SELECT s.target, s.name, c.at, t.text,
                    (SELECT b.text FROM changes b WHERE b.series = c.series AND b.at < c.at
                     ORDER BY b.at DESC LIMIT 1) AS before
             FROM changes c JOIN series s ON s.id = c.series JOIN texts t ON t.id = c.text
             WHERE s.kind = ? AND before IS NOT NULL ORDER BY c.at DESC LIMIT ?",
        )?;
        let limit = i64::try_from(CHANGES).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![kind_number(SeriesKind::Verdict), limit])?;
        let mut changes = Vec::new();
        while let Some(row) = rows.next()? {
            let (target, check): (String, String) = (row.get(0)?, row.get(1)?);
            let text: String = row.get(3)?;
            let before: String = self
                .connection
                .prepare_cached("SELECT text FROM texts WHERE id = ?")?
                .query_row([row.get::<_, i64>(4)?], |row| row.get(0))?;
            let (Some(to), Some(from)) = (Said::read(&text), Said::read(&before)) else {
                continue;
            };
            changes.push(PastChange {
                at: Stamp(row.get(2)?),
                layer: to.layer,
                target: target.into(),
                check: check.into(),
                from: from.verdict,
                to: to.verdict,
                sentence: to.sentence,
            });
        }
        Ok(changes)
    }

    fn series(&self, series: &Series, question: &SinceQuestion) -> rusqlite::Result<SeriesPast> {
        let mut told =
            SeriesPast { series: series.clone(), steps: Vec::new(), gaps: Vec::new(), plot: None };
        let Some(id) = self.id(series)? else { return Ok(told) };
        told.steps = self.steps(id, series)?;
        if let Some(newest) = told.steps.first() {
            told.gaps = self
                .gaps()
                .filter(|(_, until)| *until > newest.at.0)
                .map(|(from, until)| (Stamp(from), Stamp(until)))
                .collect();
        }
        if keys::keeping(&series.name) != Keeping::WithClock {
            told.plot = self.plot(id, series, question)?;
        }
        Ok(told)
    }

    fn id(&self, series: &Series) -> rusqlite::Result<Option<i64>> {
        self.connection
            .prepare_cached("SELECT id FROM series WHERE kind = ? AND target = ? AND name = ?")?
            .query_row(
                params![kind_number(series.kind), series.target.as_str(), series.name],
                |row| row.get(0),
            )
            .optional()
    }

    fn steps(&self, id: i64, series: &Series) -> rusqlite::Result<Vec<Step>> {
        let limit = i64::try_from(STEPS).unwrap_or(i64::MAX);
        let info = keys::find(&series.name).filter(|_| series.kind == SeriesKind::Fact);
        let unit = info.map_or(Unit::Count, |info| info.unit);
        let with_clock = info.is_some_and(|info| keys::keeping(info.name) == Keeping::WithClock);
        let mut steps: Vec<(i64, Option<String>)> = Vec::new();
        let mut numbers = self.connection.prepare_cached(
            "SELECT at, last, until, low, high, count FROM numbers WHERE series = ?
             ORDER BY at DESC LIMIT ?",
        )?;
        for row in numbers.query_map([id, limit], number_row)? {
            let row = row?;
            let words = row.span().map(|span| match with_clock {
                true => "goes on with the clock".to_owned(),
                false => value_words(&Value::Number(span.last), unit),
            });
            steps.push((row.span().map_or(row.at, |span| span.until), words));
        }
        let mut changes = self.connection.prepare_cached(
            "SELECT c.at, t.text FROM changes c LEFT JOIN texts t ON t.id = c.text
             WHERE c.series = ? ORDER BY c.at DESC LIMIT ?",
        )?;
        let mut rows = changes.query([id, limit])?;
        while let Some(row) = rows.next()? {
            let text: Option<String> = row.get(1)?;
            let words = text.map(|text| match (series.kind, Said::read(&text)) {
                (SeriesKind::Verdict, Some(said)) => said.verdict.word().to_owned(),
                _ => serde_json::from_str(&text).map_or_else(
                    |_| "cannot be read".to_owned(),
                    |value| value_words(&value, unit),
                ),
            });
            steps.push((row.get(0)?, words));
        }
        steps.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        steps.truncate(STEPS);
        Ok(steps
            .into_iter()
            .map(|(at, words)| Step {
                at: Stamp(at),
                words,
                unwatched_since: self.unwatched_before(at),
            })
            .collect())
    }

    /// Times without a console, oldest first.
    fn gaps(&self) -> impl Iterator<Item = (i64, i64)> {
        self.watches.windows(2).filter_map(|pair| match pair {
            [(_, until), (from, _)] => Some((*until, *from)),
            _ => None,
        })
    }

    /// When this was seen so soon after a gap that it may have come in it: where the gap began.
    fn unwatched_before(&self, at: i64) -> Option<Stamp> {
        let (from, _) = self.gaps().find(|(_, until)| (*until..=until + self.gap).contains(&at))?;
        Some(Stamp(from))
    }

    fn plot(
        &self,
        id: i64,
        series: &Series,
        question: &SinceQuestion,
    ) -> rusqlite::Result<Option<Plot>> {
        let to = question.now.0;
        let oldest: Option<i64> = self.connection.query_row(
            "SELECT min(at) FROM numbers WHERE series = ?",
            [id],
            |row| row.get(0),
        )?;
        let Some(oldest) = oldest.filter(|oldest| *oldest < to) else { return Ok(None) };
        let from = (to - question.span_ms).max(oldest);
        // The value that holds at the beginning began before it.
        let mut rows = self.connection.prepare_cached(
            "SELECT at, last, until, low, high, count FROM numbers WHERE series = ?1 AND at <= ?3
             AND at >= coalesce((SELECT max(at) FROM numbers WHERE series = ?1 AND at <= ?2), ?2)
             ORDER BY at",
        )?;
        let rows: Vec<_> =
            rows.query_map([id, from, to], number_row)?.collect::<rusqlite::Result<_>>()?;
        let blind = self.blind(series, from, to)?;
        let unit = keys::find(&series.name).map_or(Unit::Count, |info| info.unit);
        Ok(plot::plot(&rows, &blind, Stamp(from), Stamp(to), |value| {
            value_words(&Value::Number(value), unit)
        }))
    }

    /// Times in which the series was not seen: no console, or its probe in trouble.
    fn blind(&self, series: &Series, from: i64, to: i64) -> rusqlite::Result<Vec<(i64, i64)>> {
        let mut blind: Vec<(i64, i64)> = self.gaps().collect();
        if let Some((first, _)) = self.watches.first() {
            blind.push((i64::MIN, *first));
        }
        let probe = probe_of(series).map(|probe| self.id(&probe)).transpose()?.flatten();
        if let Some(probe) = probe {
            let mut statement = self.connection.prepare_cached(
                "SELECT c.at, t.text FROM changes c JOIN texts t ON t.id = c.text
                 WHERE c.series = ?1 AND c.at <= ?3
                 AND c.at >= coalesce((SELECT max(at) FROM changes WHERE series = ?1 AND at <= ?2), ?2)
                 ORDER BY c.at",
            )?;
            let mut trouble = None;
            let mut rows = statement.query([probe, from, to])?;
            while let Some(row) = rows.next()? {
                let (at, text): (i64, String) = (row.get(0)?, row.get(1)?);
                let answers =
                    serde_json::from_str::<Value>(&text).is_ok_and(|v| v.to_string() == ANSWERS);
                match (answers, trouble) {
                    (true, Some(began)) => {
                        blind.push((began, at));
                        trouble = None;
                    }
                    (false, None) => trouble = Some(at),
                    _ => {}
                }
            }
            blind.extend(trouble.map(|began| (began, to)));
        }
        blind.sort_unstable();
        Ok(blind)
    }
}

/// What a kept verdict says.
struct Said {
    verdict: Verdict,
    layer: Layer,
    sentence: String,
}

impl Said {
    fn read(text: &str) -> Option<Said> {
        let Ok(Value::List(parts)) = serde_json::from_str(text) else { return None };
        let [verdict, layer, sentence] = parts.as_slice() else { return None };
        Some(Said {
            verdict: Verdict::ALL_WORST_FIRST.into_iter().find(|v| v.word() == verdict)?,
            layer: Layer::ALL.into_iter().find(|l| l.word() == layer)?,
            sentence: sentence.clone(),
        })
    }
}

/// When consoles watched, oldest first; what lies close together is one time.
fn watches(connection: &Connection, gap: i64) -> rusqlite::Result<Vec<(i64, i64)>> {
    let mut statement = connection.prepare("SELECT opened, seen FROM watches ORDER BY opened")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut watches: Vec<(i64, i64)> = Vec::new();
    for row in rows {
        let (opened, seen): (i64, i64) = row?;
        match watches.last_mut() {
            Some((_, until)) if opened <= until.saturating_add(gap) => *until = seen.max(*until),
            _ => watches.push((opened, seen)),
        }
    }
    Ok(watches)
}
