//! Numbers over time: one column of cells per equal part of the time, solid up
//! to the lowest value in it, lighter up to the highest.

use crate::app::history::Plot;
use crate::ui::look::Glyphs;

/// Eight heights of one cell, where the glyphs have them.
const EIGHTHS: usize = 8;

/// One cell of a plot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// Nothing: above the value.
    Empty,
    /// Part of what the value reaches.
    Solid(char),
    /// Between the lowest and the highest value of the column.
    Between(char),
    /// Nobody saw a value in this time.
    Unseen(char),
}

/// The cells of a plot from the top row to the bottom one, each `columns` wide.
pub fn rows(glyphs: &Glyphs, plot: &Plot, columns: usize, height: usize) -> Vec<Vec<Cell>> {
    let joined = joined(&plot.columns, columns);
    let seen = || joined.iter().flatten();
    let low = seen().map(|(low, _)| *low).fold(f64::INFINITY, f64::min);
    let high = seen().map(|(_, high)| *high).fold(f64::NEG_INFINITY, f64::max);
    let steps = height * EIGHTHS;
    // The lowest value still has a height: a plot that is flat is not empty.
    let level = |value: f64| {
        let span = high - low;
        let part = if span > 0.0 { (value - low) / span } else { 0.5 };
        1 + (part * steps.saturating_sub(1) as f64).round() as usize
    };
    (0..height)
        .rev()
        .map(|row| {
            joined
                .iter()
                .map(|column| match column {
                    None if row == 0 => Cell::Unseen(glyphs.gap),
                    None => Cell::Empty,
                    Some((low, high)) => cell(glyphs, row * EIGHTHS, level(*low), level(*high)),
                })
                .collect()
        })
        .collect()
}

/// The cell whose lower edge is at `floor`.
fn cell(glyphs: &Glyphs, floor: usize, low: usize, high: usize) -> Cell {
    let is_fine = glyphs.spark.len() == EIGHTHS;
    let (full, light) = glyphs.bar;
    if low >= floor + EIGHTHS {
        return Cell::Solid(full);
    }
    if low > floor && (!is_fine || high == low || high <= floor + EIGHTHS) {
        let eighth = if is_fine { glyphs.spark.get(low - floor - 1) } else { Some(&full) };
        return Cell::Solid(eighth.copied().unwrap_or(full));
    }
    if high > floor { Cell::Between(light) } else { Cell::Empty }
}

/// Joins neighbours until there are so many columns; fewer are stretched.
fn joined(columns: &[Option<(f64, f64)>], to: usize) -> Vec<Option<(f64, f64)>> {
    (0..to)
        .map(|at| {
            let from = at * columns.len() / to.max(1);
            let until = ((at + 1) * columns.len()).div_ceil(to.max(1)).max(from + 1);
            let part = columns.get(from..until.min(columns.len())).unwrap_or(&[]);
            part.iter().flatten().copied().reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Stamp;

    fn plot(columns: Vec<Option<(f64, f64)>>) -> Plot {
        let range = (String::new(), String::new());
        Plot { from: Stamp(0), to: Stamp(1000), columns, thinned: None, range }
    }

    fn text(name: &str, columns: &[Option<(f64, f64)>], wide: usize, height: usize) -> Vec<String> {
        let glyphs = Glyphs::from_word(name).unwrap();
        rows(glyphs, &plot(columns.to_vec()), wide, height)
            .iter()
            .map(|row| {
                row.iter()
                    .map(|cell| match cell {
                        Cell::Empty => ' ',
                        Cell::Solid(c) | Cell::Between(c) | Cell::Unseen(c) => *c,
                    })
                    .collect()
            })
            .collect()
    }

    #[test]
    fn heights_are_eighths_in_unicode_and_whole_cells_elsewhere() {
        let rising: Vec<_> = (0..8).map(|v| Some((f64::from(v), f64::from(v)))).collect();
        assert_eq!(text("unicode", &rising, 8, 1), ["▁▂▃▄▅▆▇█"]);
        assert_eq!(text("ascii", &rising, 8, 2), ["    ####", "########"]);
        assert_eq!(text("linux", &rising, 4, 2), ["  ##", "####"]);
    }

    #[test]
    fn what_nobody_saw_is_marked_and_a_range_is_lighter() {
        let columns = [Some((0.0, 0.0)), None, Some((0.0, 10.0)), Some((10.0, 10.0))];
        assert_eq!(text("ascii", &columns, 4, 3), ["  .#", "  .#", "#?##"]);
        assert_eq!(text("unicode", &columns, 4, 3), ["  ░█", "  ░█", "▁?░█"]);
        assert_eq!(text("ascii", &[None, None], 2, 2), ["  ", "??"]);
        assert_eq!(text("ascii", &columns, 0, 3), ["", "", ""]);
    }

    #[test]
    fn a_flat_line_stands_in_the_middle() {
        assert_eq!(text("unicode", &[Some((5.0, 5.0)); 3], 3, 1), ["▅▅▅"]);
    }
}
