//! Pure drawing: the same model, look and size give the same cells. Reads
//! `app` and `domain`; changes nothing, asks nothing, knows no clock.

pub mod canvas;
pub mod look;
pub mod picture;
mod screens;
pub mod text;
mod widgets;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;

use canvas::Canvas;
use look::Look;

/// Draws the model into a part of a buffer. Never panics, whatever the size;
/// what the area does not have room for is cut and says so.
pub fn draw(model: &Model, look: &Look, area: Rect, buffer: &mut Buffer) {
    screens::draw(&mut Canvas::new(look, area, buffer), model);
}

#[cfg(test)]
mod log_tests;
#[cfg(test)]
mod test_site;
#[cfg(test)]
mod tests;
