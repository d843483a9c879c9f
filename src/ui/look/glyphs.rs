//! The three tables of glyphs: Unicode, the usual 256-glyph console fonts, ASCII.

use crate::app::mark::Mark;

/// Every character on screen that is not text.
#[derive(Debug)]
pub struct Glyphs {
    /// The word of settings: `unicode`, `linux`, `ascii`.
    pub name: &'static str,
    /// Marks of states, in the order of [`Mark::ALL`].
    pub marks: [char; 9],
    /// Before the selected row.
    pub cursor: char,
    /// After the selected unit of a rack.
    pub cursor_back: char,
    /// Where text was cut.
    pub cut: char,
    /// Between parts of a title or a list in one line.
    pub between: &'static str,
    /// Same thing, continued below.
    pub branch: char,
    /// The caret of a field.
    pub caret: char,
    /// Stands for one hidden character of a secret.
    pub hidden: char,
    /// A character the terminal cannot show.
    pub strange: char,
    /// Lines of panels.
    pub line: Lines,
    /// Lines of the panel that has the keys, where it must stand out without colour.
    pub strong: Lines,
    /// Left and right rail of a rack.
    pub rail: (char, char),
    /// Bars: full, empty.
    pub bar: (char, char),
    /// Levels of a sparkline, lowest first.
    pub spark: &'static [char],
    /// No value at this place of a sparkline.
    pub gap: char,
    /// More above, more below.
    pub more: (char, char),
    shows: fn(char) -> bool,
}

/// One set of lines.
#[derive(Debug, PartialEq, Eq)]
pub struct Lines {
    /// Horizontal.
    pub across: char,
    /// Vertical.
    pub down: char,
    /// Corners: top left, top right, bottom left, bottom right.
    pub corners: [char; 4],
    /// A rule meets the left and the right edge.
    pub tees: (char, char),
}

const ASCII_LINES: Lines =
    Lines { across: '-', down: '|', corners: ['+', '+', '+', '+'], tees: ('+', '+') };

/// For terminals with UTF-8.
pub static UNICODE: Glyphs = Glyphs {
    name: "unicode",
    marks: ['●', '▲', '✖', '?', '◌', '▶', '◆', '–', '⊘'],
    cursor: '▸',
    cursor_back: '◂',
    cut: '…',
    between: " · ",
    branch: '└',
    caret: '▏',
    hidden: '•',
    strange: '�',
    line: Lines {
        across: '─', down: '│', corners: ['┌', '┐', '└', '┘'], tees: ('├', '┤')
    },
    strong: Lines {
        across: '═', down: '║', corners: ['╔', '╗', '╚', '╝'], tees: ('╟', '╢')
    },
    rail: ('┃', '┃'),
    bar: ('█', '░'),
    spark: &['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
    gap: '?',
    more: ('↑', '↓'),
    shows: |_| true,
};

/// For the Linux console with the usual 256-glyph fonts.
pub static CONSOLE: Glyphs = Glyphs {
    name: "linux",
    marks: ['■', '▲', 'X', '?', '~', '►', '♦', '-', 'o'],
    cursor: '>',
    cursor_back: '<',
    cut: '~',
    between: " · ",
    branch: '└',
    caret: '_',
    hidden: '*',
    strange: '?',
    line: Lines {
        across: '─', down: '│', corners: ['┌', '┐', '└', '┘'], tees: ('├', '┤')
    },
    strong: Lines {
        across: '═', down: '║', corners: ['╔', '╗', '╚', '╝'], tees: ('╟', '╢')
    },
    rail: ('│', '│'),
    bar: ('#', '.'),
    spark: &['_', '.', ':', '#'],
    gap: '?',
    more: ('^', 'v'),
    // Code page 437's letters that are also in Latin-1, and what this table itself uses.
    shows: |c| {
        c.is_ascii()
            || matches!(c, '\u{a1}'..='\u{ff}')
            || matches!(c, '■' | '▲' | '►' | '♦' | '·')
            || matches!(c, '─' | '│' | '┌' | '┐' | '└' | '┘' | '├' | '┤')
            || matches!(c, '═' | '║' | '╔' | '╗' | '╚' | '╝' | '╟' | '╢')
    },
};

/// For everything else; complete, not degraded.
pub static ASCII: Glyphs = Glyphs {
    name: "ascii",
    marks: ['.', '!', 'X', '?', '~', '>', '#', '-', 'o'],
    cursor: '>',
    cursor_back: '<',
    cut: '~',
    between: ", ",
    branch: '`',
    caret: '_',
    hidden: '*',
    strange: '?',
    line: ASCII_LINES,
    strong: Lines { across: '=', down: '|', corners: ['+', '+', '+', '+'], tees: ('+', '+') },
    rail: ('[', ']'),
    bar: ('#', '.'),
    spark: &['_', '.', ':', '#'],
    gap: '?',
    more: ('^', 'v'),
    shows: |c| c.is_ascii(),
};

impl PartialEq for Glyphs {
    fn eq(&self, other: &Glyphs) -> bool {
        self.name == other.name
    }
}

impl Glyphs {
    /// All three.
    pub const ALL: [&'static Glyphs; 3] = [&UNICODE, &CONSOLE, &ASCII];

    /// The table a word names.
    pub fn from_word(word: &str) -> Option<&'static Glyphs> {
        Glyphs::ALL.into_iter().find(|glyphs| glyphs.name == word)
    }

    /// The mark of a state.
    pub fn mark(&self, mark: Mark) -> char {
        self.marks.get(mark as usize).copied().unwrap_or(' ')
    }

    /// Whether the terminal has a glyph for this character of a text.
    pub fn shows(&self, c: char) -> bool {
        (self.shows)(c)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(glyphs: &Glyphs) -> Vec<char> {
        let mut all = glyphs.marks.to_vec();
        for lines in [&glyphs.line, &glyphs.strong] {
            all.extend([lines.across, lines.down, lines.tees.0, lines.tees.1]);
            all.extend(lines.corners);
        }
        all.extend([glyphs.cursor, glyphs.cursor_back, glyphs.cut, glyphs.branch]);
        all.extend([glyphs.caret, glyphs.hidden, glyphs.strange, glyphs.gap]);
        all.extend([glyphs.rail.0, glyphs.rail.1, glyphs.bar.0, glyphs.bar.1]);
        all.extend([glyphs.more.0, glyphs.more.1]);
        all.extend(glyphs.spark);
        all.extend(glyphs.between.chars());
        all
    }

    #[test]
    fn each_table_shows_its_own_glyphs_in_one_column() {
        for glyphs in Glyphs::ALL {
            for c in every(glyphs) {
                assert!(glyphs.shows(c), "{} cannot show {c}", glyphs.name);
                assert_eq!(crate::ui::text::width(&c.to_string()), 1, "{c} in {}", glyphs.name);
            }
        }
        assert!(every(&ASCII).iter().all(char::is_ascii));
    }

    #[test]
    fn the_console_table_keeps_to_the_usual_fonts() {
        // Rounded corners, Braille and eighth blocks are not in them.
        for c in every(&CONSOLE) {
            assert!(
                !matches!(c, '╭'..='╰' | '\u{2800}'..='\u{28ff}' | '▁'..='▇' | '▉'..='▏'),
                "{c}"
            );
        }
    }

    #[test]
    fn no_two_states_share_a_mark() {
        for glyphs in Glyphs::ALL {
            let mut seen = std::collections::HashSet::new();
            assert!(glyphs.marks.iter().all(|mark| seen.insert(mark)), "{}", glyphs.name);
        }
    }
}
