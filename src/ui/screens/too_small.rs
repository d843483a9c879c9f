//! The page below 60x15: the state of the site, and the wish for more room.

use crate::app::Model;
use crate::app::mark::Mark;
use crate::domain::{Layer, Verdict};
use crate::ui::canvas::{Canvas, Line};
use crate::ui::look::StyleRole;

/// Draws the page; every line is worth reading alone.
pub fn draw(canvas: &mut Canvas<'_>, model: &Model) {
    let area = canvas.area();
    let width = area.width.saturating_sub(1);
    let x = area.x.saturating_add(1);
    let name = if model.site.name.is_empty() { "shopfloor" } else { &model.site.name };
    let mut state = Line::of(name, StyleRole::Header);
    state.extend(verdicts(canvas, model));
    let size = format!("Needs 60x15, has {}x{}.", area.width, area.height);
    if let Some(sentence) = crate::app::consoles::too_small(model) {
        for (y, line) in
            (area.top()..area.bottom()).zip(crate::ui::text::wrap(&sentence, usize::from(width)))
        {
            canvas.text(x, y, width, &line, StyleRole::Attention);
        }
        return;
    }
    let lines = [
        state,
        Line::of(size, StyleRole::Text).and(" q leaves.", StyleRole::Text),
        Line::of(
            format!("{} look only, {}", model.now.hms(), crate::app::runs::strip(model)),
            StyleRole::Dim,
        ),
    ];
    for (y, line) in (area.top()..area.bottom()).zip(&lines) {
        canvas.line(x, y, width, line);
    }
}

/// `  X FAIL Hosts   ! 2   ? 1`: layers that fail by name, the others by number.
fn verdicts(canvas: &Canvas<'_>, model: &Model) -> Line<'static> {
    let of = |wanted: Verdict| {
        Layer::ALL.into_iter().filter(move |l| model.verdicts.layer(*l).worst() == Some(wanted))
    };
    let mut line = Line::default();
    let failed: Vec<&str> = of(Verdict::Fail).map(Layer::title).collect();
    if !failed.is_empty() {
        let text = format!(
            "  {} {} {}",
            canvas.look.mark(Mark::Fail),
            Mark::Fail.word(),
            failed.join(", ")
        );
        line.extend(Line::of(text, StyleRole::Fail));
    }
    for verdict in [Verdict::Warn, Verdict::Unknown, Verdict::Pass] {
        let count = of(verdict).count();
        // Well is worth a word only when nothing else is.
        let is_quiet = verdict == Verdict::Pass && !line.is_empty();
        if count > 0 && !is_quiet {
            let mark = Mark::of(verdict);
            let text = format!("   {} {count}", canvas.look.mark(mark));
            line.extend(Line::of(text, canvas.look.role_of(mark)));
        }
    }
    if line.is_empty() {
        line.extend(Line::of("  looking", StyleRole::Active));
    }
    line
}
