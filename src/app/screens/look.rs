//! The test card: does this terminal show every mark, colour and line?

use super::super::{Model, RowId};
use super::state::ScreenState;
use super::{PanelSpec, ScreenSpec};

/// The registry's entry.
pub static SPEC: ScreenSpec = ScreenSpec {
    id: "look",
    title: "Look",
    short: "Look",
    help: "Test card: marks, colours and lines as this terminal shows them",
    jump_words: &["test-card", "colours", "glyphs", "themes"],
    digit: None,
    layer: None,
    panels: &[PanelSpec { name: "card", title: "Test card", rows, is_text: true }],
    commands: &[],
    needs: None,
    is_listed: true,
    status: |model| {
        let look = &model.look;
        format!("theme {}, glyphs {}, colours {}", look.theme, look.glyphs, look.colours)
    },
};

/// How many lines the card has; the drawing fills them.
pub const LINES: usize = 24;

fn rows(_: &Model, _: &ScreenState) -> Vec<RowId> {
    (0..LINES).map(RowId::Line).collect()
}
