//! The columns of a line that are shown.

use unicode_width::UnicodeWidthChar as _;

use super::ink::Span;
use super::shown::Shape;

/// The spans within the columns of a shape, and the columns of the whole line.
/// Of a wrapped line as many rows as there are.
pub fn columns(spans: &[Span], shape: &Shape) -> (Vec<Span>, u32) {
    let (from, room) = if shape.is_wrapped {
        (0, usize::from(shape.columns) * usize::from(shape.rows.max(1)))
    } else {
        (shape.pan as usize, usize::from(shape.columns))
    };
    let to = from + room;
    let mut out: Vec<Span> = Vec::new();
    let mut at = 0usize;
    for span in spans {
        let mut text = String::new();
        for c in span.text.chars() {
            let width = c.width().unwrap_or(0);
            let end = at + width;
            if at >= from && end <= to && (width > 0 || at > from) {
                text.push(c);
            } else if width == 2 && ((at < from && end > from) || (at < to && end > to)) {
                // Half of a wide character stands at the edge.
                text.push(' ');
            }
            at = end;
        }
        if !text.is_empty() {
            out.push(Span { text, ink: span.ink });
        }
    }
    (out, u32::try_from(at).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::super::ink::Ink;
    use super::*;

    fn cut(text: &str, pan: u32, columns: u16) -> String {
        let spans = [Span { text: text.to_owned(), ink: Ink::default() }];
        let shape = Shape { rows: 2, columns, pan, is_wrapped: false };
        super::columns(&spans, &shape).0.iter().map(|span| span.text.as_str()).collect()
    }

    #[test]
    fn panning_shows_the_columns_asked_for() {
        assert_eq!(cut("0123456789", 0, 4), "0123");
        assert_eq!(cut("0123456789", 4, 4), "4567");
        assert_eq!(cut("0123456789", 20, 4), "");
        assert_eq!(cut("日本語", 1, 4), " 本 ");
        assert_eq!(cut("e\u{301}a", 1, 4), "a", "a mark without its letter is left out");
    }

    #[test]
    fn a_wrapped_line_has_as_many_rows_as_there_are() {
        let spans = [Span { text: "x".repeat(100), ink: Ink::default() }];
        let shape = Shape { rows: 3, columns: 10, pan: 5, is_wrapped: true };
        let (shown, width) = super::columns(&spans, &shape);
        assert_eq!((shown[0].text.len(), width), (30, 100));
    }
}
