//! Bars and sparklines.

use crate::ui::look::Glyphs;

/// A bar of so many columns, filled to `part` of 1; what is no number is empty.
pub fn bar(glyphs: &Glyphs, columns: usize, part: f64) -> String {
    let part = if part.is_finite() { part.clamp(0.0, 1.0) } else { 0.0 };
    let full = (part * columns as f64).round() as usize;
    let (fill, rest) = glyphs.bar;
    let fill = std::iter::repeat_n(fill, full.min(columns));
    fill.chain(std::iter::repeat_n(rest, columns.saturating_sub(full))).collect()
}

/// One glyph per value, scaled from `low` to `high`; a gap where there is none.
pub fn spark(glyphs: &Glyphs, values: &[Option<f64>], low: f64, high: f64) -> String {
    values
        .iter()
        .map(|value| match value {
            Some(value) if value.is_finite() => {
                let top = glyphs.spark.len().saturating_sub(1);
                let span = (high - low).max(f64::EPSILON);
                let level = ((value - low) / span).clamp(0.0, 1.0) * top as f64;
                glyphs.spark.get(level.round() as usize).copied().unwrap_or(glyphs.gap)
            }
            _ => glyphs.gap,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_fill_from_nothing_to_all() {
        let ascii = Glyphs::from_word("ascii").unwrap();
        assert_eq!(bar(ascii, 10, 0.41), "####......");
        assert_eq!(bar(ascii, 4, 7.0), "####");
        assert_eq!(bar(ascii, 4, f64::NAN), "....");
        assert_eq!(bar(ascii, 0, 0.5), "");
    }

    #[test]
    fn sparklines_show_gaps_where_nothing_was_seen() {
        let unicode = Glyphs::from_word("unicode").unwrap();
        assert_eq!(spark(unicode, &[Some(0.0), None, Some(10.0)], 0.0, 10.0), "▁?█");
        assert_eq!(spark(unicode, &[Some(5.0)], 5.0, 5.0), "▁");
    }
}
