//! Looking back: search in scrollback and screen, and text to take along.

use regex::{Regex, RegexBuilder};

use super::grid::Grid;

/// Hits that are kept; more are counted as that many.
const HITS: usize = 10_000;

/// A place where the text was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// The line: of the screen from 0, of the scrollback negative. True only while nothing scrolls.
    line: i32,
    from: usize,
    to: usize,
}

impl Grid {
    fn top(&self) -> i32 {
        -i32::try_from(self.history()).unwrap_or(i32::MAX)
    }

    fn bottom(&self) -> i32 {
        i32::try_from(self.rows()).unwrap_or(1) - 1
    }

    /// Looks for text (a regular expression between slashes), ignoring case
    /// when it has no capitals, and shows the last hit. Returns how many there
    /// are; none for an empty text.
    ///
    /// # Errors
    /// A sentence when the regular expression cannot be read.
    pub fn find(&mut self, wanted: &str) -> Result<usize, String> {
        self.hits.clear();
        self.hit = 0;
        if wanted.is_empty() {
            return Ok(0);
        }
        let pattern = pattern(wanted)?;
        for line in (self.top()..=self.bottom()).rev() {
            let text = self.line_text(line);
            let found: Vec<(usize, usize)> = pattern
                .find_iter(&text)
                .filter(|found| !found.is_empty())
                .map(|found| (found.start(), found.end()))
                .collect();
            if found.is_empty() {
                continue;
            }
            let (columns, end) = (self.columns_of(line), self.columns());
            let column = |at: usize| columns.get(at).copied().unwrap_or(end);
            for (from, to) in found.into_iter().rev() {
                self.hits.push(Hit { line, from: column(from), to: column(to) });
            }
            if self.hits.len() >= HITS {
                break;
            }
        }
        self.show_hit();
        Ok(self.hits.len())
    }

    /// Goes to the hit above (`true`) or below, round the ends.
    pub fn next_hit(&mut self, is_above: bool) {
        let count = self.hits.len();
        if count == 0 {
            return;
        }
        self.hit = if is_above { self.hit + 1 } else { self.hit + count - 1 } % count;
        self.show_hit();
    }

    /// The hit that is shown, from 1, and how many there are.
    pub fn found(&self) -> Option<(usize, usize)> {
        (!self.hits.is_empty()).then(|| (self.hit + 1, self.hits.len()))
    }

    /// New lines came: the same is looked for again, and the view stays.
    pub(super) fn find_again(&mut self, wanted: &str) {
        let (count, hit, above) = (self.hits.len(), self.hit, self.above());
        if self.find(wanted).is_ok() {
            // Newer hits come first.
            let more = self.hits.len().saturating_sub(count);
            self.hit = (hit + more).min(self.hits.len().saturating_sub(1));
        }
        self.scroll_to(above);
    }

    fn show_hit(&mut self) {
        let Some(hit) = self.hits.get(self.hit).copied() else { return };
        let rows = i32::try_from(self.rows()).unwrap_or(1);
        let above = i32::try_from(self.above()).unwrap_or(0);
        let row = hit.line + above;
        if !(0..rows).contains(&row) {
            let wanted = rows / 2 - hit.line;
            self.scroll_to(usize::try_from(wanted).unwrap_or(0));
        }
    }

    /// The hits in a line, as columns from and to.
    pub(super) fn hits_in(&self, line: i32) -> Vec<(usize, usize)> {
        if self.hits.is_empty() {
            return Vec::new();
        }
        self.hits.iter().filter(|hit| hit.line == line).map(|hit| (hit.from, hit.to)).collect()
    }

    /// The last lines above the screen, oldest first; wrapped lines are joined.
    pub(super) fn lines_before(&self, count: usize) -> Vec<String> {
        let count = i32::try_from(count).unwrap_or(i32::MAX);
        let from = self.top().max(0i32.saturating_sub(count));
        self.joined(from, -1)
    }

    /// Those and the screen, as they were printed.
    pub(super) fn lines_with(&self, count: usize) -> Vec<String> {
        let count = i32::try_from(count).unwrap_or(i32::MAX);
        let from = self.top().max(0i32.saturating_sub(count));
        self.joined(from, self.bottom())
    }

    /// What the view shows as text; wrapped lines are joined.
    pub fn visible_text(&self) -> String {
        let above = i32::try_from(self.above()).unwrap_or(0);
        let lines = self.joined(-above, self.bottom() - above);
        lines.join("\n").trim_end().to_owned()
    }

    fn joined(&self, from: i32, to: i32) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        let mut goes_on = false;
        for line in from..=to {
            let mut text = self.line_text(line);
            let goes_on_after = self.is_wrapped(line);
            if goes_on_after {
                // A blank at the edge stands between two words.
                text.push_str(&" ".repeat(self.blanks_at_end(line)));
            }
            match lines.last_mut() {
                Some(last) if goes_on => last.push_str(&text),
                _ => lines.push(text),
            }
            goes_on = goes_on_after;
        }
        lines
    }
}

fn pattern(wanted: &str) -> Result<Regex, String> {
    let inner = wanted.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    let source = inner.map_or_else(|| regex::escape(wanted), str::to_owned);
    RegexBuilder::new(&source)
        .case_insensitive(!wanted.chars().any(char::is_uppercase))
        .size_limit(1 << 20)
        .build()
        .map_err(|_| format!("{wanted} is no regular expression"))
}
