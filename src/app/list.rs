//! Lists: what is selected, and which rows are in the window. The same for every panel.

use super::areas::{Areas, areas};
use super::kept::{self, Rows};
use super::screens::PanelSpec;
use super::{Model, RowId};

/// A list as it is shown now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// All rows.
    pub rows: Rows,
    /// Where the selected row is; `None` in an empty list and in text.
    pub selected: Option<usize>,
    /// The first shown row.
    pub top: usize,
    /// How many rows fit.
    pub height: usize,
    /// How many rows there are when nothing narrows the list; `None` while nothing does.
    pub all: Option<usize>,
}

impl Listing {
    /// The rows in the window, each with whether it is selected.
    pub fn shown(&self) -> impl Iterator<Item = (&RowId, bool)> {
        self.rows
            .iter()
            .enumerate()
            .skip(self.top)
            .take(self.height)
            .map(|(at, row)| (row, Some(at) == self.selected))
    }

    /// How much of a narrowed list is left, `4 of 9`; empty while nothing narrows it.
    pub fn narrowed(&self) -> String {
        self.all.map(|all| format!("{} of {all}", self.rows.len())).unwrap_or_default()
    }

    /// How many rows are below the window.
    pub fn below(&self) -> usize {
        self.rows.len().saturating_sub(self.top + self.height)
    }

    /// The selected row.
    pub fn row(&self) -> Option<&RowId> {
        self.rows.get(self.selected?)
    }
}

/// A panel of the screen we are on, as it is shown now.
pub fn listing(model: &Model, panel: &PanelSpec) -> Listing {
    listing_in(model, panel, &areas(model, model.size))
}

/// The same, where the areas are already known.
pub fn listing_in(model: &Model, panel: &PanelSpec, areas: &Areas) -> Listing {
    let rows = kept::rows(model, panel);
    let height = areas.panel(panel.name).map_or(0, |area| usize::from(area.rows.height));
    let selection = model.state().selection(panel.name);
    let top = selection.map_or(0, |selection| selection.top);
    if panel.is_text {
        let top = top.min(rows.len().saturating_sub(height));
        return Listing { rows, selected: None, top, height, all: None };
    }
    let selected = place_of(&rows, selection.and_then(|s| s.row.as_ref()), selection.map(|s| s.at));
    let top = window(selected.unwrap_or(0), top, height, rows.len());
    Listing { all: kept::unnarrowed(model, panel), rows, selected, top, height }
}

/// Where the selected row is: itself, else near where it was, else the first.
fn place_of(rows: &[RowId], row: Option<&RowId>, at: Option<usize>) -> Option<usize> {
    let last = rows.len().checked_sub(1)?;
    // Mostly it is still where it was.
    if let (Some(at), Some(row)) = (at, row)
        && rows.get(at) == Some(row)
    {
        return Some(at);
    }
    let itself = row.and_then(|row| rows.iter().position(|other| other == row));
    Some(itself.unwrap_or_else(|| at.unwrap_or(0).min(last)))
}

/// The first row to show so that `selected` is in the window, moved no further than needed.
pub fn window(selected: usize, top: usize, height: usize, len: usize) -> usize {
    let height = height.max(1);
    let top = top.min(selected).max((selected + 1).saturating_sub(height));
    top.min(len.saturating_sub(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_moves_no_further_than_needed() {
        assert_eq!(window(0, 0, 5, 100), 0);
        assert_eq!(window(4, 0, 5, 100), 0);
        assert_eq!(window(5, 0, 5, 100), 1);
        assert_eq!(window(3, 10, 5, 100), 3);
        assert_eq!(window(99, 0, 5, 100), 95);
        assert_eq!(window(2, 50, 5, 3), 0, "a list that shrank starts at its first row");
        assert_eq!(window(7, 0, 0, 100), 7);
    }

    #[test]
    fn a_row_that_went_leaves_the_selection_near() {
        let rows = [RowId::Line(1), RowId::Line(3), RowId::Line(4)];
        assert_eq!(place_of(&rows, Some(&RowId::Line(3)), Some(0)), Some(1));
        assert_eq!(place_of(&rows, Some(&RowId::Line(2)), Some(1)), Some(1));
        assert_eq!(place_of(&rows, Some(&RowId::Line(9)), Some(9)), Some(2));
        assert_eq!(place_of(&rows, None, None), Some(0));
        assert_eq!(place_of(&[], Some(&RowId::Line(3)), Some(0)), None);
    }
}
