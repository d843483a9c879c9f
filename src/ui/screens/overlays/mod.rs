//! What lies over a screen: one at a time, and it has the keys.

mod confirm;
mod consoles;
mod help;
mod leaving;
mod menu;
mod name;
mod palette;
mod secret;
mod since;

use crate::app::Model;
use crate::app::areas::OverlayArea;
use crate::app::overlay::Overlay;
use crate::ui::canvas::Canvas;

use super::Places;

/// Draws what lies over the screen.
pub fn draw(
    canvas: &mut Canvas<'_>,
    places: &Places<'_>,
    area: &OverlayArea,
    model: &Model,
    overlay: &Overlay,
) {
    let rect = places.cells(area.rect);
    match overlay {
        Overlay::Palette(palette) => palette::draw(canvas, places, area, model, palette),
        Overlay::Help(menu) => help::draw(canvas, rect, model, menu),
        Overlay::Actions(menu) => {
            menu::draw(canvas, places, area, model, "Actions for the selection", menu);
        }
        Overlay::Consoles(choices) => consoles::draw(canvas, places, area, model, choices),
        Overlay::Leaving(leaving) => leaving::draw(canvas, places, area, leaving),
        Overlay::Stop(menu) => menu::draw(canvas, places, area, model, "Stop what?", menu),
        Overlay::Since(since) => since::draw(canvas, places, area, model.now, since),
        Overlay::Name(field) => name::draw(canvas, places.cells(area.rect), field),
        Overlay::Confirm(confirm) => confirm::draw(canvas, places, area, confirm),
        Overlay::Secret(secret) => secret::draw(canvas, rect, secret),
    }
}
