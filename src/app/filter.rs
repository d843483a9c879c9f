//! What `/` keeps: rows that contain every word, whatever the case. A word
//! after `!` must not be there.

/// A filter, taken apart once for many rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    wanted: Vec<String>,
    unwanted: Vec<String>,
}

impl Filter {
    /// The filter a text stands for. A lone `!` is a word being typed and keeps everything.
    pub fn of(text: &str) -> Filter {
        let mut filter = Filter::default();
        for word in text.split_whitespace() {
            match word.strip_prefix('!') {
                Some("") => {}
                Some(word) => filter.unwanted.push(word.to_lowercase()),
                None => filter.wanted.push(word.to_lowercase()),
            }
        }
        filter
    }

    /// The words that a row must contain, in lower case.
    pub fn wanted(&self) -> &[String] {
        &self.wanted
    }

    /// Whether it keeps everything.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty() && self.unwanted.is_empty()
    }

    /// Whether a row of these texts is kept.
    pub fn keeps(&self, texts: &[&str]) -> bool {
        let has = |word: &String| texts.iter().any(|text| contains(text, word));
        self.wanted.iter().all(has) && !self.unwanted.iter().any(has)
    }
}

/// Whether `text` contains `word`, which is lower-case.
fn contains(text: &str, word: &str) -> bool {
    if text.is_ascii() && word.is_ascii() {
        // No allocation: this runs for every row of a large site.
        let word = word.as_bytes();
        return text
            .as_bytes()
            .windows(word.len().max(1))
            .any(|window| window.eq_ignore_ascii_case(word));
    }
    text.to_lowercase().contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_must_be_there_and_none_of_the_others() {
        let filter = Filter::of("GPU clock !gpu-07");
        assert!(filter.keeps(&["gpu-01", "HOST-05", "clock is 120 ms off"]));
        assert!(!filter.keeps(&["gpu-01", "HOST-05", "disk is full"]));
        assert!(!filter.keeps(&["gpu-07", "clock is 120 ms off"]));
    }

    #[test]
    fn letters_outside_ascii_match_whatever_the_case() {
        assert!(Filter::of("größe").keeps(&["GRÖSSE Größe"]));
        assert!(!Filter::of("größe").keeps(&["groesse"]));
    }

    #[test]
    fn an_empty_filter_and_a_lone_mark_keep_everything() {
        assert!(Filter::of("  ").is_empty());
        assert!(Filter::of("!").keeps(&["anything"]));
        assert!(!Filter::of("x").keeps(&[]));
    }
}
