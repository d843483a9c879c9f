//! The test card: every mark, role, line, bar and level of this look, to be
//! compared with what the terminal shows.

use crate::app::Model;
use crate::app::mark::Mark;
use crate::ui::canvas::Line;
use crate::ui::look::{Lines, Look, StyleRole};
use crate::ui::widgets::gauge;

/// The card, line by line.
pub fn lines(model: &Model, look: &Look) -> Vec<Line<'static>> {
    let mut card = Vec::new();
    card.push(heading("Marks: each has a shape and a word; the colour comes last"));
    for three in Mark::ALL.chunks(3) {
        let mut line = Line::default();
        for (at, mark) in three.iter().enumerate() {
            let text = format!("{} {:<8}", look.mark(*mark), mark.word());
            line.extend(Line::of(text, look.role_of(*mark)));
            let columns = if at == 2 { 0 } else { 18 };
            line.extend(Line::of(format!("{:<columns$}", mark.meaning()), StyleRole::Dim));
        }
        card.push(line);
    }
    card.push(Line::default());
    card.push(heading("Roles: what a theme gives a style"));
    for five in StyleRole::ALL.chunks(5) {
        let mut line = Line::default();
        for (role, word) in five {
            line.extend(Line::of(*word, *role));
            let gap = 14usize.saturating_sub(word.len()) + 1;
            line.extend(Line::of(" ".repeat(gap), StyleRole::Text));
        }
        card.push(line);
    }
    card.push(Line::default());
    card.push(heading("Lines must join, bars must have no gaps"));
    card.extend(boxes(look));
    card.push(gauges(look));
    card.push(Line::default());
    card.push(heading("Choose another, for this and the next start"));
    card.push(choices("themes", &model.choices.themes, &model.look.theme));
    card.push(choices("glyphs", &model.choices.glyphs, &model.look.glyphs));
    card.push(choices("colours", &model.choices.colours, &model.look.colours));
    let how = "  :look light   :look ascii   :look 16   :look dark unicode 256";
    card.push(Line::of(how, StyleRole::Key));
    card
}

fn heading(text: &'static str) -> Line<'static> {
    Line::of(text, StyleRole::Title)
}

/// Two boxes side by side, in three lines.
fn boxes(look: &Look) -> [Line<'static>; 3] {
    let row = |of: fn(&Lines) -> (char, char, char)| {
        let mut line = Line::default();
        let both =
            [(&look.glyphs.line, StyleRole::Border), (&look.glyphs.strong, StyleRole::BorderFocus)];
        for (lines, role) in both {
            let (left, middle, right) = of(lines);
            let middle: String = std::iter::repeat_n(middle, 16).collect();
            line.extend(Line::of(format!("  {left}{middle}{right}"), role));
        }
        line
    };
    [
        row(|lines| (lines.corners[0], lines.across, lines.corners[1])),
        row(|lines| (lines.down, ' ', lines.down)),
        row(|lines| (lines.corners[2], lines.across, lines.corners[3])),
    ]
}

fn gauges(look: &Look) -> Line<'static> {
    let levels: Vec<Option<f64>> = (0..16).map(|level| Some(f64::from(level))).collect();
    let spark = gauge::spark(look.glyphs, &levels, 0.0, 15.0);
    let (left, right) = look.glyphs.rail;
    Line::of(format!("  {}", gauge::bar(look.glyphs, 18, 0.6)), StyleRole::Ok)
        .and(format!("  {spark}"), StyleRole::Active)
        .and(format!("  {left} rack {right}"), StyleRole::Border)
        .and(format!("  cut off her{}", look.glyphs.cut), StyleRole::Text)
}

/// `  themes   [dark] light mono`
fn choices(label: &str, all: &[String], current: &str) -> Line<'static> {
    let mut line = Line::of(format!("  {label:<9}"), StyleRole::Dim);
    for name in all {
        line.extend(if name == current {
            Line::of(format!("[{name}] "), StyleRole::TabCurrent)
        } else {
            Line::of(format!("{name} "), StyleRole::Text)
        });
    }
    line
}
