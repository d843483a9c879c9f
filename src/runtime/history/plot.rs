//! From kept rows to the columns of a plot: in each the lowest and highest
//! value that held in it, nothing where nobody saw one.

use crate::app::history::{PLOT_COLUMNS, Plot};
use crate::domain::Stamp;

use super::thinning::{Kept, NumberRow};

/// The numbers of one series between two times; `None` when there is none in
/// it. `rows` are oldest first and may begin before `from`; `blind` are the
/// times in which the series was not seen, `words` writes a number.
pub fn plot(
    rows: &[NumberRow],
    blind: &[(i64, i64)],
    from: Stamp,
    to: Stamp,
    words: impl Fn(f64) -> String,
) -> Option<Plot> {
    let span = to.0.checked_sub(from.0).filter(|span| *span > 0)?;
    let count = PLOT_COLUMNS.min(usize::try_from(span / 1000).unwrap_or(PLOT_COLUMNS)).max(1);
    let edge = |at: usize| from.0 + span * at as i64 / count as i64;
    let mut columns: Vec<Option<(f64, f64)>> = vec![None; count];
    let mut thinned = None;
    for (at, row) in rows.iter().enumerate() {
        let until = rows.get(at + 1).map_or(to.0, |next| next.at);
        let parts: Vec<(i64, i64, f64, f64)> = match row.kept {
            Kept::Gone => Vec::new(),
            Kept::Value(value) => vec![(row.at, until, value, value)],
            Kept::Span(s) => {
                let minutes = (s.until - row.at).div_euclid(60_000) + 1;
                if s.until >= from.0 {
                    thinned = Some((Stamp(s.until), minutes.max(thinned.map_or(0, |(_, m)| m))));
                }
                vec![(row.at, s.until, s.low, s.high), (s.until, until, s.last, s.last)]
            }
        };
        for (begins, ends, low, high) in parts {
            for (number, column) in columns.iter_mut().enumerate() {
                let (left, right) = (edge(number), edge(number + 1));
                let (left, right) = (left.max(begins), right.min(ends));
                // A value that came and went within one moment still was there.
                let is_in =
                    left < right || (begins == ends && left == begins && left < edge(number + 1));
                if is_in && is_seen(blind, left, right.max(left + 1)) {
                    *column = Some(column.map_or((low, high), |(l, h)| (l.min(low), h.max(high))));
                }
            }
        }
    }
    let all = columns.iter().flatten();
    let low = all.clone().map(|(low, _)| *low).fold(f64::INFINITY, f64::min);
    let high = all.map(|(_, high)| *high).fold(f64::NEG_INFINITY, f64::max);
    if !low.is_finite() || !high.is_finite() {
        return None;
    }
    Some(Plot { from, to, columns, thinned, range: (words(low), words(high)) })
}

/// Whether some of that time lies outside of all the blind times.
fn is_seen(blind: &[(i64, i64)], left: i64, right: i64) -> bool {
    let mut at = left;
    for (from, until) in blind {
        if *from > at {
            return true;
        }
        at = at.max(*until);
        if at >= right {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(at: i64, value: f64) -> NumberRow {
        NumberRow { at, kept: Kept::Value(value) }
    }

    fn words(value: f64) -> String {
        value.to_string()
    }

    #[test]
    fn a_value_holds_until_the_next_and_gaps_stay_empty() {
        let rows = [value(-5_000, 1.0), value(4_000, 3.0)];
        let plot = plot(&rows, &[(6_000, 8_000)], Stamp(0), Stamp(10_000), words).unwrap();
        let at = |second: usize| plot.columns[second];
        assert_eq!(plot.columns.len(), 10);
        assert_eq!((at(0), at(3)), (Some((1.0, 1.0)), Some((1.0, 1.0))));
        assert_eq!((at(4), at(6), at(7)), (Some((3.0, 3.0)), None, None));
        assert_eq!((at(8), at(9)), (Some((3.0, 3.0)), Some((3.0, 3.0))));
        assert_eq!(plot.range, ("1".into(), "3".into()));
    }

    proptest! {
        #[test]
        fn no_column_shows_a_value_that_was_not_seen(
            steps in prop::collection::vec((1i64..50_000, 0u8..20), 1..60),
            blind in prop::collection::vec((0i64..1_000_000, 1i64..100_000), 0..6),
            from in 0i64..500_000,
        ) {
            let mut at = 0;
            let rows: Vec<NumberRow> = steps.iter().map(|(ahead, v)| {
                at += ahead;
                value(at, f64::from(*v))
            }).collect();
            let mut blind: Vec<_> = blind.into_iter().map(|(b, l)| (b, b + l)).collect();
            blind.sort_unstable();
            let (from, to) = (Stamp(from), Stamp(from + 600_000));
            if let Some(plot) = plot(&rows, &blind, from, to, words) {
                for (low, high) in plot.columns.iter().flatten() {
                    for shown in [low, high] {
                        prop_assert!(steps.iter().any(|(_, v)| f64::from(*v) == *shown));
                    }
                }
                let width = 600_000 / plot.columns.len() as i64;
                for (number, column) in plot.columns.iter().enumerate() {
                    let left = from.0 + width * number as i64;
                    let hidden = blind.iter().any(|(b, u)| *b <= left && *u >= left + width);
                    prop_assert!(!hidden || column.is_none());
                }
            }
        }
    }
}
