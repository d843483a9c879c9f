//! Where what lies over the screen has its place.

use super::super::overlay::{Overlay, Palette, Since};
use super::{OverlayArea, Rect};

/// Rows of the palette at its tallest.
const PALETTE_ROWS: u16 = 20;

/// As tall as its list, its line, its keys and its frame; never so small that
/// a list of a few would make it jump.
fn palette_height(palette: &Palette) -> u16 {
    u16::try_from(palette.items.len()).unwrap_or(u16::MAX).saturating_add(6).clamp(9, PALETTE_ROWS)
}

/// Columns of a box with a plot, where there is room.
const PLOT_WIDTH: u16 = 120;

/// Rows of a plot with its axis; few on a small screen, none where there is no plot.
fn plot_height(since: &Since, all: u16) -> u16 {
    match &since.plot {
        None => 0,
        Some(_) if all < 20 => 5,
        Some(_) if all < 40 => 8,
        Some(_) => 12,
    }
}

/// The place of an overlay and of its parts within the whole screen.
pub(super) fn overlay_area(overlay: &Overlay, all: Rect) -> OverlayArea {
    let (width, height, has_input) = match overlay {
        Overlay::Palette(palette) => (76, palette_height(palette), true),
        Overlay::Help(_) => (all.width, all.height.saturating_sub(3), true),
        Overlay::Actions(menu) | Overlay::Stop(menu) => {
            (70, u16::try_from(menu.commands.len()).unwrap_or(u16::MAX).saturating_add(4), false)
        }
        Overlay::Since(since) => {
            let lines = u16::try_from(since.all_lines().count()).unwrap_or(u16::MAX);
            let width = if since.plot.is_some() { PLOT_WIDTH.min(all.width) } else { 76 };
            let tall = lines.saturating_add(4).saturating_add(plot_height(since, all.height));
            (width.max(76), tall, false)
        }
        Overlay::Confirm(confirm) => {
            // Four columns are the frame's and the air beside it.
            let lines = confirm.wrapped(usize::from(76.min(all.width).saturating_sub(4))).len();
            (76, u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(7), true)
        }
        Overlay::Consoles(choices) => {
            (76, u16::try_from(choices.items.len()).unwrap_or(u16::MAX).saturating_add(4), false)
        }
        Overlay::Leaving(leaving) => {
            (76, u16::try_from(leaving.lines.len()).unwrap_or(u16::MAX).saturating_add(4), false)
        }
        Overlay::Secret(_) | Overlay::Name(_) => (76, 6, true),
    };
    let width = width.min(all.width);
    let height = height.min(all.height);
    // The palette keeps its line in place while its list shrinks.
    let tallest = match overlay {
        Overlay::Palette(_) => PALETTE_ROWS.min(all.height),
        _ => height,
    };
    let rect = Rect::new(
        all.x + (all.width - width) / 2,
        all.y + (all.height - tallest) / 2,
        width,
        height,
    );
    let inside = rect.inside();
    let (input, rows) = match overlay {
        Overlay::Confirm(_) => {
            let (rows, rest) = inside.split_bottom(3);
            (rest.split_top(1).0, rows)
        }
        Overlay::Palette(_) => {
            // A rule below what is typed, and one above the keys.
            let (input, rest) = inside.split_top(1);
            (input, rest.split_top(1).1.split_bottom(1).0)
        }
        _ if has_input => inside.split_top(1),
        _ => (Rect::default(), inside),
    };
    // The last row inside says which keys work.
    let (mut rows, _) = rows.split_bottom(1);
    let mut below = Rect::default();
    if let Overlay::Since(since) = overlay {
        (rows, below) = rows.split_bottom(plot_height(since, all.height));
    }
    OverlayArea { rect, input, rows, below }
}
