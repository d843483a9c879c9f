//! A line without its colours and redraws.

use memchr::{memchr2, memrchr};

/// A line as it was meant, and how it was coloured.
pub(super) struct Plain<'a> {
    /// The text.
    pub text: &'a str,
    /// The parameters of the first colour sequence, such as `0;34`.
    pub colour: &'a str,
}

/// Takes escape sequences and everything before the last carriage return away.
/// `buffer` is used when the text is not one piece of the line.
pub(super) fn plain<'a>(line: &'a str, buffer: &'a mut String) -> Plain<'a> {
    let mut text = line.strip_suffix('\n').unwrap_or(line);
    text = text.strip_suffix('\r').unwrap_or(text);
    let mut colour = "";
    while let Some((parameters, rest)) = sequence(text) {
        if colour.is_empty() {
            colour = parameters;
        }
        text = rest;
    }
    text = text.strip_suffix("\u{1b}[0m").unwrap_or(text);
    text = text.strip_suffix('\r').unwrap_or(text);
    if memchr2(0x1b, b'\r', text.as_bytes()).is_none() {
        return Plain { text, colour };
    }
    // What a carriage return rewrites is gone; what is left of the last one counts.
    let from = memrchr(b'\r', text.as_bytes()).map_or(0, |at| at + 1);
    let mut rest = text.get(from..).unwrap_or(text);
    buffer.clear();
    while let Some(at) = memchr::memchr(0x1b, rest.as_bytes()) {
        let (before, after) = rest.split_at(at);
        buffer.push_str(before);
        // An escape that is no whole sequence: it was cut, or it is none.
        rest = match sequence(after) {
            Some((_, rest)) => rest,
            None => after.get(1..).unwrap_or(""),
        };
    }
    buffer.push_str(rest);
    Plain { text: buffer, colour }
}

/// A control sequence at the start: its parameters, and what follows it.
fn sequence(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix("\u{1b}[")?;
    let end = inner.bytes().position(|byte| (0x40..=0x7e).contains(&byte))?;
    let parameters = inner.get(..end)?;
    parameters.bytes().all(|byte| (0x20..0x40).contains(&byte)).then_some(())?;
    Some((parameters, inner.get(end + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::plain;

    fn text(line: &str) -> String {
        plain(line, &mut String::new()).text.to_owned()
    }

    #[test]
    fn colours_and_redraws_go() {
        assert_eq!(text("\u{1b}[0;32mok: [a]\u{1b}[0m\r\n"), "ok: [a]");
        assert_eq!(text("\u{1b}[0;31m\u{1b}[0m"), "");
        assert_eq!(text("\u{1b}[0;33mh\u{1b}[0m : \u{1b}[0;32mok=4  \u{1b}[0m x"), "h : ok=4   x");
        assert_eq!(text("\u{1b}[1A\u{1b}[JCopying blob"), "Copying blob");
        assert_eq!(text("  0 \r 52 \r100 3073k\r\n"), "100 3073k");
        assert_eq!(text("cut \u{1b}[0;3"), "cut [0;3");
        assert_eq!(plain("\u{1b}[0;34mUsing x\u{1b}[0m", &mut String::new()).colour, "0;34");
    }

    #[test]
    fn letters_beyond_ascii_survive() {
        assert_eq!(text("\u{1b}[0;32mGrüße → 完了\u{1b}[0m"), "Grüße → 完了");
        assert_eq!(text("\u{1b}ü"), "ü");
    }
}
