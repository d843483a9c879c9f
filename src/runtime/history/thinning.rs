//! Thinning numbers: many values become one span with its lowest, highest and
//! last value. A span says that it is one, and holds no value that was not seen.

use super::limits::Level;

/// One row of a series of numbers, as it is kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NumberRow {
    /// When the first value in it was seen, in milliseconds since 1970.
    pub at: i64,
    /// What is kept.
    pub kept: Kept,
}

/// What is kept at a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kept {
    /// The value from then on.
    Value(f64),
    /// Several values that followed each other.
    Span(Span),
    /// From then on the target no longer told it.
    Gone,
}

/// Several values that followed each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// When the last of them was seen first; it holds from then on.
    pub until: i64,
    /// The lowest.
    pub low: f64,
    /// The highest.
    pub high: f64,
    /// The last.
    pub last: f64,
    /// How many there were.
    pub count: u32,
}

impl NumberRow {
    /// The same as a span; `None` for the end of a value.
    pub fn span(&self) -> Option<Span> {
        match self.kept {
            Kept::Value(value) => {
                Some(Span { until: self.at, low: value, high: value, last: value, count: 1 })
            }
            Kept::Span(span) => Some(span),
            Kept::Gone => None,
        }
    }
}

/// Puts the rows of one series, oldest first, into spans of that level: those
/// of the same span become one. Where a value ended nothing is joined across.
pub fn thin(rows: &[NumberRow], level: Level) -> Vec<NumberRow> {
    let span_of = |at: i64| at.div_euclid(level.span().max(1));
    let mut thinned: Vec<NumberRow> = Vec::new();
    for row in rows {
        let joined = thinned
            .last()
            .filter(|before| span_of(before.at) == span_of(row.at))
            .and_then(|before| Some((before.at, join(before.span()?, row.span()?))));
        match joined {
            Some((at, span)) => {
                thinned.pop();
                thinned.push(NumberRow { at, kept: Kept::Span(span) });
            }
            None => thinned.push(*row),
        }
    }
    thinned
}

fn join(a: Span, b: Span) -> Span {
    Span {
        until: b.until,
        low: a.low.min(b.low),
        high: a.high.max(b.high),
        last: b.last,
        count: a.count.saturating_add(b.count),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows() -> impl Strategy<Value = Vec<NumberRow>> {
        prop::collection::vec((1i64..400_000, prop::option::weighted(0.9, -50i32..50)), 0..200)
            .prop_map(|steps| {
                let mut at = 1_795_000_000_000;
                steps
                    .into_iter()
                    .map(|(ahead, value)| {
                        at += ahead;
                        let kept = value.map_or(Kept::Gone, |v| Kept::Value(f64::from(v)));
                        NumberRow { at, kept }
                    })
                    .collect()
            })
    }

    const FINE: Level = Level { after_minutes: 0, span_minutes: 5 };
    const COARSE: Level = Level { after_minutes: 0, span_minutes: 60 };

    proptest! {
        #[test]
        fn a_thinned_history_invents_no_value_and_forgets_no_extreme_and_no_end(rows in rows()) {
            let once = thin(&rows, FINE);
            for thinned in [thin(&once, COARSE), once.clone(), thin(&rows, COARSE)] {
                // Every row stands for the original rows from its start to the next row.
                for (at, row) in thinned.iter().enumerate() {
                    let next = thinned.get(at + 1).map_or(i64::MAX, |next| next.at);
                    let seen: Vec<_> =
                        rows.iter().filter(|r| (row.at..next).contains(&r.at)).collect();
                    let values: Vec<f64> = seen
                        .iter()
                        .filter_map(|r| match r.kept { Kept::Value(v) => Some(v), _ => None })
                        .collect();
                    let Some(span) = row.span() else {
                        prop_assert_eq!(seen.len(), 1);
                        prop_assert!(values.is_empty());
                        continue;
                    };
                    prop_assert_eq!(values.len(), span.count as usize);
                    prop_assert_eq!(values.len(), seen.len(), "no end is swallowed");
                    prop_assert_eq!(values.iter().copied().fold(f64::MAX, f64::min), span.low);
                    prop_assert_eq!(values.iter().copied().fold(f64::MIN, f64::max), span.high);
                    prop_assert_eq!(values.last().copied(), Some(span.last));
                    prop_assert_eq!(seen.last().map(|r| r.at), Some(span.until));
                }
                let count: u32 =
                    thinned.iter().map(|row| row.span().map_or(1, |span| span.count)).sum();
                prop_assert_eq!(count as usize, rows.len());
            }
        }

        #[test]
        fn thinning_again_changes_nothing_and_the_way_there_does_not_matter(rows in rows()) {
            let coarse = thin(&rows, COARSE);
            prop_assert_eq!(&thin(&coarse, COARSE), &coarse);
            // A span of one value may be written as that value: compare what they say.
            let said = |rows: &[NumberRow]| rows.iter().map(|r| (r.at, r.span())).collect::<Vec<_>>();
            prop_assert_eq!(said(&thin(&thin(&rows, FINE), COARSE)), said(&coarse));
        }
    }
}
