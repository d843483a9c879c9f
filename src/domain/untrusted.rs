//! Text from elsewhere, made safe to show.

/// The longest piece of remote text that is kept in a sentence, in characters.
const LONGEST: usize = 400;

/// Remote text with everything removed that a terminal could act on or that
/// could disguise what it says: escape sequences, control characters,
/// bidirectional overrides and other invisible characters. Tabs and line ends become one space; more
/// than 400 characters are cut and the cut is marked.
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(LONGEST));
    let mut chars = text.chars().peekable();
    let mut count = 0;
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

/// Control, bidirectional and zero-width characters: nothing of these may reach a cell.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
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
            while let Some(c) = chars.next() {
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
    fn an_escape_at_the_end_is_harmless() {
        for text in ["\u{1b}", "\u{1b}[", "\u{1b}]", "\u{1b}P\u{1b}"] {
            assert_eq!(printable(text), "");
        }
    }
}
