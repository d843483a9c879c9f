//! Text from elsewhere, made safe to show.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar as _;

/// The longest piece of remote text that is kept in a sentence, in characters.
const LONGEST: usize = 400;

/// Marks that one letter may carry; no language needs more, and a tower of
/// them covers the lines above and below.
const MARKS: usize = 4;

/// Remote text with everything removed that a terminal could act on or that
/// could disguise what it says: escape sequences, control characters,
/// bidirectional overrides and other invisible characters. Tabs and line ends become one space; more
/// than 400 characters are cut and the cut is marked.
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(LONGEST));
    let mut chars = text.chars().peekable();
    let mut count = 0;
    let mut marks = 0;
    while let Some(c) = chars.next() {
        let shown = match c {
            '\u{1b}' => {
                skip_escape(&mut chars);
                continue;
            }
            '\t' | '\n' | '\r' => ' ',
            c if is_invisible(c) => continue,
            c => c,
        };
        marks = if shown.width() == Some(0) { marks + 1 } else { 0 };
        if marks > MARKS {
            continue;
        }
        if shown == ' ' && out.ends_with(' ') {
            continue;
        }
        if count == LONGEST {
            out.push('~');
            break;
        }
        out.push(shown);
        count += 1;
    }
    out.trim().to_owned()
}

/// Text of our own in which remote or inventory text may stand: as
/// [`printable`], but nothing is cut, and line ends, tabs and blanks stay. An
/// escape sequence ends with its line at the latest, so that it hides no other.
pub fn without_controls(text: &str) -> Cow<'_, str> {
    let kept = |c: char| matches!(c, '\n' | '\t') || !is_invisible(c);
    if text.chars().all(kept) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\u{1b}' => skip_escape(&mut chars),
                c if kept(c) => out.push(c),
                _ => {}
            }
        }
        if line.ends_with('\n') && !out.ends_with('\n') {
            out.push('\n');
        }
    }
    Cow::Owned(out)
}

/// [`without_controls`] in place; costs a glance where nothing is wrong.
pub fn scrub(text: &mut String) {
    if let Cow::Owned(safe) = without_controls(text) {
        *text = safe;
    }
}

/// JSON text in which every character that a terminal could act on, or that
/// could disguise what is said, is written as `\uXXXX`: the same values, and
/// safe to look at. Line ends between the values stay.
pub fn escaped_json(json: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' || !is_invisible(c) {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    out
}

/// Characters that act or are not seen: controls, and what Unicode 16 lists as
/// `Bidi_Control` or `Default_Ignorable_Code_Point` (fillers that pass for
/// blanks, joiners, variation selectors, tags). Nothing of these may reach a cell.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

fn skip_escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match chars.peek().copied() {
        // CSI: parameters until a final byte.
        Some('[') => {
            chars.next();
            while let Some(c) = chars.peek().copied() {
                if c.is_control() {
                    return;
                }
                chars.next();
                if ('\u{40}'..='\u{7e}').contains(&c) {
                    return;
                }
            }
        }
        // OSC, DCS, APC, PM, SOS: a string until BEL or ST.
        Some(']' | 'P' | '_' | '^' | 'X') => {
            // Never beyond the end of the line: an opened string must not hide what follows.
            while let Some(c) = chars.next_if(|c| *c != '\n') {
                if c == '\u{7}' || c == '\u{9c}' {
                    return;
                }
                if c == '\u{1b}' {
                    if chars.peek() == Some(&'\\') {
                        chars.next();
                    }
                    return;
                }
            }
        }
        Some(c) if !c.is_control() => {
            chars.next();
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_terminal_acts_on_is_left() {
        assert_eq!(printable("\u{1b}[31mred\u{1b}[0m"), "red");
        assert_eq!(printable("\u{1b}]0;title\u{7}after"), "after");
        assert_eq!(printable("\u{1b}]52;c;AAAA\u{1b}\\after"), "after");
        assert_eq!(printable("a\u{0}\u{7}\u{9b}31mb"), "a31mb");
        assert_eq!(printable("moc.live\u{202e}good"), "moc.livegood");
        assert_eq!(printable("two\r\nlines\there"), "two lines here");
    }

    proptest::proptest! {
        #[test]
        fn any_text_becomes_harmless_at_once(text in "(?s)(.|\u{1b}[\\[\\]P].?|\u{9b}|\u{202e}){0,500}") {
            let shown = printable(&text);
            proptest::prop_assert!(!shown.chars().any(char::is_control), "{shown:?}");
            proptest::prop_assert!(shown.chars().count() <= LONGEST + 1);
        }
    }

    #[test]
    fn long_text_is_cut_and_the_cut_is_marked() {
        let cut = printable(&"x".repeat(1000));
        assert_eq!(cut.chars().count(), LONGEST + 1);
        assert!(cut.ends_with('~'));
    }

    #[test]
    fn fillers_and_towers_of_marks_do_not_disguise_a_name() {
        assert_eq!(printable("gpu\u{3164}-\u{115f}0\u{fe0f}7\u{e0100}"), "gpu-07");
        let tower = format!("a{}b", "\u{301}".repeat(50));
        assert_eq!(printable(&tower).chars().count(), 2 + MARKS);
    }

    #[test]
    fn a_string_that_is_never_ended_hides_only_its_own_line() {
        assert_eq!(printable("\u{1b}]0;evil\nfailed"), "failed");
        assert_eq!(without_controls("a\u{1b}]0;evil\n  b\tc\u{9b}31m\n"), "a\n  b\tc31m\n");
        assert!(matches!(without_controls("a\n  b\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn json_keeps_its_values_and_shows_no_control() {
        let value = serde_json::json!({"name": "a\u{9b}31m\u{202e}\u{e0001}\u{7f}\u{1b}[1m é"});
        let text = escaped_json(&format!("{value:#}"));
        assert!(text.chars().all(|c| c == '\n' || !is_invisible(c)), "{text:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }

    #[test]
    fn an_escape_at_the_end_is_harmless() {
        for text in ["\u{1b}", "\u{1b}[", "\u{1b}]", "\u{1b}P\u{1b}"] {
            assert_eq!(printable(text), "");
        }
    }
}
