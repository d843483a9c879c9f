//! Text in columns: display widths, cutting with a mark, wrapping, and what
//! may not reach the screen at all.

use std::borrow::Cow;

use crate::domain::untrusted::is_invisible;
use unicode_segmentation::UnicodeSegmentation;

use super::look::Glyphs;

pub use crate::app::columns::{head, width, wrap};

/// The text as this terminal can show it: what is invisible or could disguise
/// the rest is removed, what the table of glyphs lacks is replaced by its
/// stand-in, columns kept.
pub fn shown<'a>(text: &'a str, glyphs: &Glyphs) -> Cow<'a, str> {
    if text.chars().all(|c| !is_invisible(c) && glyphs.shows(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for grapheme in text.graphemes(true) {
        // Joiners and variation selectors would make widths guesswork.
        let visible: String = grapheme
            .chars()
            .filter(|c| !is_invisible(*c) && !matches!(c, '\u{fe00}'..='\u{fe0f}'))
            .collect();
        if visible.chars().all(|c| glyphs.shows(c)) {
            out.push_str(&visible);
        } else {
            out.extend(std::iter::repeat_n(glyphs.strange, width(&visible).max(1)));
        }
    }
    Cow::Owned(out)
}

/// The text in at most so many columns; where something was cut, `mark` takes the last one.
pub fn cut(text: &str, columns: usize, mark: char) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let Some(room) = columns.checked_sub(1) else { return Cow::Borrowed("") };
    let mut out = head(text, room).trim_end().to_owned();
    out.push(mark);
    Cow::Owned(out)
}

/// As much of the end as fits into so many columns: what a field shows of a long entry.
pub fn tail(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        used += width(grapheme);
        if used > columns {
            return text.get(at + grapheme.len()..).unwrap_or("");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::look::Glyphs;
    use super::*;

    #[test]
    fn widths_are_of_columns() {
        assert_eq!(width("leaf-02"), 7);
        assert_eq!(width("日本"), 4);
        assert_eq!(width("é"), 1);
        assert_eq!(width("e\u{301}"), 1);
    }

    #[test]
    fn cutting_marks_and_keeps_the_width() {
        assert_eq!(cut("leaf-02", 7, '~'), "leaf-02");
        assert_eq!(cut("leaf-02", 6, '~'), "leaf-~");
        assert_eq!(cut("日本語", 4, '~'), "日~");
        assert_eq!(cut("leaf", 0, '~'), "");
        assert_eq!(cut("two words", 5, '~'), "two~");
        assert_eq!(tail("abcdef", 3), "def");
    }

    #[test]
    fn wrapping_breaks_between_words() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("incomprehensible a", 6), ["incomp", "rehens", "ible a"]);
        assert_eq!(wrap("日本語", 1), Vec::<String>::new());
        assert_eq!(wrap("a b", 0), Vec::<String>::new());
    }

    #[test]
    fn what_disguises_is_removed_and_what_is_missing_is_replaced() {
        let ascii = Glyphs::from_word("ascii").unwrap();
        let unicode = Glyphs::from_word("unicode").unwrap();
        assert_eq!(shown("a\u{202e}b\u{1b}[31m\u{200b}c", unicode), "ab[31mc");
        assert_eq!(shown("Größe 日", ascii), "Gr??e ??");
        assert_eq!(shown("plain", ascii), "plain");
    }
}
