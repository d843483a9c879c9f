//! Text in columns of a terminal: how wide it is, and where it breaks into lines.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Columns a text takes on screen.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.graphemes(true).map(|g| g.width().min(2)).sum() }
}

/// As much of the beginning as fits into so many columns.
pub fn head(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += width(grapheme);
        if used > columns {
            return text.get(..at).unwrap_or(text);
        }
    }
    text
}

/// The text in lines of at most so many columns, broken between words; a word
/// that is longer than a line is broken where it must. No lines for no columns.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    if columns == 0 {
        return lines;
    }
    let mut line = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let mut word = word;
        let gap = usize::from(used > 0);
        if used + gap + width(word) > columns && used > 0 {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        while width(word) > columns {
            let part = head(word, columns);
            if part.is_empty() {
                // A wide character in a single column.
                return lines;
            }
            lines.push(part.to_owned());
            word = word.get(part.len()..).unwrap_or("");
        }
        if word.is_empty() {
            continue;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += width(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}
