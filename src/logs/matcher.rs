//! What is looked for: plain text or a regular expression, over bytes.

use std::ops::Range;

use memchr::memmem::Finder;
use regex::bytes::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

/// A pattern as it was typed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Pattern {
    /// What was typed.
    pub text: String,
    /// Whether it is a regular expression.
    pub is_regex: bool,
}

/// A pattern that is ready to be looked for. Lower case finds any case; a
/// capital letter finds only itself.
#[derive(Debug, Clone)]
pub enum Matcher {
    /// These very bytes.
    Exact(Finder<'static>),
    /// Everything else.
    Regex(Regex),
}

impl Pattern {
    /// Plain text.
    pub fn plain(text: &str) -> Pattern {
        Pattern { text: text.to_owned(), is_regex: false }
    }

    /// Whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Makes it ready; `None` when nothing is looked for.
    ///
    /// # Errors
    /// One sentence when it is no regular expression.
    pub fn matcher(&self) -> Result<Option<Matcher>, String> {
        if self.text.is_empty() {
            return Ok(None);
        }
        let any_case = !self.text.chars().any(char::is_uppercase);
        let has_letters = self.text.chars().any(char::is_alphabetic);
        if !self.is_regex && (!any_case || !has_letters) {
            return Ok(Some(Matcher::Exact(Finder::new(self.text.as_bytes()).into_owned())));
        }
        let text = if self.is_regex { self.text.clone() } else { regex::escape(&self.text) };
        Matcher::regex(&text, any_case).map(Some)
    }
}

impl Matcher {
    /// A regular expression for single lines: `^` and `$` are the ends of a line.
    ///
    /// # Errors
    /// One sentence when it is none.
    pub fn regex(text: &str, any_case: bool) -> Result<Matcher, String> {
        RegexBuilder::new(text)
            .case_insensitive(any_case)
            .multi_line(true)
            .crlf(true)
            .size_limit(4 << 20)
            .build()
            .map(Matcher::Regex)
            .map_err(|error| {
                let why = error.to_string();
                let why = why.lines().last().unwrap_or("").trim().trim_start_matches("error: ");
                format!("{text} is no regular expression: {why}")
            })
    }

    /// The first place at or behind `from`.
    pub fn find_at(&self, bytes: &[u8], from: usize) -> Option<Range<usize>> {
        match self {
            Matcher::Exact(finder) => {
                let at = from + finder.find(bytes.get(from..)?)?;
                Some(at..at + finder.needle().len())
            }
            Matcher::Regex(regex) => {
                if from > bytes.len() {
                    return None;
                }
                regex.find_at(bytes, from).map(|found| found.range())
            }
        }
    }

    /// Whether a line holds it.
    pub fn is_match(&self, line: &[u8]) -> bool {
        match self {
            Matcher::Exact(finder) => finder.find(line).is_some(),
            Matcher::Regex(regex) => regex.is_match(line),
        }
    }

    /// Every place in a text that is shown.
    pub fn places(&self, text: &str) -> Vec<Range<usize>> {
        let (bytes, mut places, mut from) = (text.as_bytes(), Vec::new(), 0);
        while let Some(found) = self.find_at(bytes, from) {
            from = found.end.max(found.start + 1);
            if !found.is_empty()
                && text.is_char_boundary(found.start)
                && text.is_char_boundary(found.end)
            {
                places.push(found);
            }
            if places.len() == 200 {
                break;
            }
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(text: &str, is_regex: bool, line: &str) -> bool {
        let pattern = Pattern { text: text.into(), is_regex };
        pattern.matcher().unwrap().unwrap().is_match(line.as_bytes())
    }

    #[test]
    fn lower_case_finds_any_case_and_capitals_themselves() {
        assert!(finds("i/o error", false, "I/O ERROR"));
        assert!(!finds("I/O error", false, "i/o error"));
        assert!(finds("größe", false, "GRÖẞE Größe"));
        assert!(finds("a.c", true, "ABC") && !finds("a.c", false, "ABC"));
        assert!(finds("^b$", true, "b\r"), "the end of a line may be CR LF");
    }

    #[test]
    fn what_is_no_expression_is_one_sentence() {
        let pattern = Pattern { text: "a(b".into(), is_regex: true };
        let sentence = pattern.matcher().unwrap_err();
        assert!(sentence.contains("a(b is no regular expression"), "{sentence}");
        assert!(!sentence.contains('\n'));
        assert!(Pattern::default().matcher().unwrap().is_none());
    }

    #[test]
    fn places_are_those_in_the_text() {
        let matcher = Pattern::plain("ab").matcher().unwrap().unwrap();
        assert_eq!(matcher.places("abxAB"), [0..2, 3..5]);
        let matcher = Pattern { text: "x*".into(), is_regex: true }.matcher().unwrap().unwrap();
        assert_eq!(matcher.places("axxb"), [1..3], "empty matches are nowhere");
    }
}
