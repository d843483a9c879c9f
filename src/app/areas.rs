//! Where everything is on the screen: one pure function, used by drawing and
//! by the mouse, so that a click hits what was drawn.

mod over;
mod tab_bar;

pub use tab_bar::{Tab, tabs};

use over::overlay_area;

use super::screens::{self, ScreenSpec};
use super::{Model, Size};

/// A rectangle of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rect {
    /// Leftmost column.
    pub x: u16,
    /// Topmost row.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

impl Rect {
    /// A rectangle.
    pub const fn new(x: u16, y: u16, width: u16, height: u16) -> Rect {
        Rect { x, y, width, height }
    }

    /// Whether a cell is in it.
    pub const fn contains(&self, column: u16, row: u16) -> bool {
        column >= self.x
            && row >= self.y
            && column - self.x < self.width
            && row - self.y < self.height
    }

    /// The first `height` rows, and the rest.
    pub fn split_top(self, height: u16) -> (Rect, Rect) {
        let height = height.min(self.height);
        (Rect { height, ..self }, Rect { y: self.y + height, height: self.height - height, ..self })
    }

    /// The rest, and the last `height` rows.
    pub fn split_bottom(self, height: u16) -> (Rect, Rect) {
        self.split_top(self.height.saturating_sub(height))
    }

    /// The first `width` columns, and the rest.
    pub fn split_left(self, width: u16) -> (Rect, Rect) {
        let width = width.min(self.width);
        (Rect { width, ..self }, Rect { x: self.x + width, width: self.width - width, ..self })
    }

    /// The rest, and the last `width` columns.
    pub fn split_right(self, width: u16) -> (Rect, Rect) {
        self.split_left(self.width.saturating_sub(width))
    }

    /// What a frame of one cell leaves.
    pub fn inside(self) -> Rect {
        let (_, rest) = self.split_top(1);
        let (rest, _) = rest.split_bottom(1);
        let (_, rest) = rest.split_left(1);
        rest.split_right(1).0
    }
}

/// Where a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PanelArea {
    /// Name of the panel.
    pub name: &'static str,
    /// All of it, with title and frame.
    pub rect: Rect,
    /// Its rows.
    pub rows: Rect,
}

/// Where what lies over the screen is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverlayArea {
    /// All of it, with its frame.
    pub rect: Rect,
    /// The line that is typed into; empty where nothing is.
    pub input: Rect,
    /// Its rows.
    pub rows: Rect,
    /// What stands below the rows (a plot); empty where nothing does.
    pub below: Rect,
}

/// Where a console is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsoleArea {
    /// All of it, with frame or title.
    pub rect: Rect,
    /// Its cells.
    pub rows: Rect,
    /// Whether it has the whole screen, with one line for its title and keys.
    pub is_full: bool,
}

/// Where everything is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Areas {
    /// Everything.
    pub all: Rect,
    /// Whether there is only the page that wishes for more room.
    pub is_too_small: bool,
    /// Whether panels have frames, with their titles in them; otherwise the
    /// first row of a panel is its title.
    pub is_framed: bool,
    /// Site, mode, who may change what, time.
    pub header: Rect,
    /// The tab bar; empty on small screens.
    pub tabs: Rect,
    /// What the screen still needs; empty where it needs nothing.
    pub notice: Rect,
    /// The lists that are visible.
    pub panels: Vec<PanelArea>,
    /// Details of the selection, with title or frame like a panel; empty where there is no room.
    pub details: Rect,
    /// The third column, or what is left of it; empty on smaller screens.
    pub side: Rect,
    /// One sentence, or the filter.
    pub status: Rect,
    /// The keys.
    pub keys: Rect,
    /// The console that is shown.
    pub console: Option<ConsoleArea>,
    /// What lies over the screen.
    pub overlay: Option<OverlayArea>,
}

impl Areas {
    /// The area of a panel; `None` when it is not visible now.
    pub fn panel(&self, name: &str) -> Option<&PanelArea> {
        self.panels.iter().find(|panel| panel.name == name)
    }
}

/// Below so many rows only one panel is shown beside a console.
const FEW_ROWS: u16 = 16;
/// Width of the third column.
const SIDE: u16 = 54;
/// Rows of a target's own lines.
const HEAD: u16 = 6;
/// Rows of a finding's details below a list.
const BELOW: u16 = 9;
/// Rows of the layers: nine, and Changes.
const LAYERS: u16 = 10;

/// Where everything is in a terminal of that size.
pub fn areas(model: &Model, size: Size) -> Areas {
    let all = Rect::new(0, 0, size.columns, size.rows);
    let mut areas = Areas { all, ..Areas::default() };
    let console = model.consoles.front().is_some();
    let is_alone = console && model.consoles.alone;
    if model.is_too_small_in(size) {
        areas.is_too_small = true;
        areas.overlay = model.overlay.as_ref().map(|overlay| overlay_area(overlay, all));
        return areas;
    }
    if console && (model.consoles.is_full || is_alone) {
        let (_, rows) = all.split_top(1);
        areas.console = Some(ConsoleArea { rect: all, rows, is_full: true });
        areas.overlay = model.overlay.as_ref().map(|overlay| overlay_area(overlay, all));
        return areas;
    }
    areas.is_framed = size.has_third_column();
    let (header, rest) = all.split_top(1);
    let (tabs, rest) = rest.split_top(u16::from(!size.is_single_panel()));
    let (rest, keys) = rest.split_bottom(1);
    let (body, status) = rest.split_bottom(1);
    (areas.header, areas.tabs, areas.status, areas.keys) = (header, tabs, status, keys);
    let screen = model.screen();
    let body = if console { areas.split_console(model, size, body) } else { body };
    let (notice, body) = body.split_top(notice_rows(screen, size));
    areas.notice = notice;
    let focused = focused_panel(model, screen);
    if size.is_single_panel() || model.state().is_zoomed || (console && body.height < FEW_ROWS) {
        areas.add(focused, body);
    } else {
        place(&mut areas, model, size, body, focused);
    }
    areas.overlay = model.overlay.as_ref().map(|overlay| overlay_area(overlay, all));
    areas
}

/// The name of the panel that has the focus.
pub fn focused_panel(model: &Model, screen: &'static ScreenSpec) -> &'static str {
    let wanted = model.state_of(screen.id).panel.as_deref();
    wanted
        .filter(|name| screens::has_panel(model, name))
        .and_then(|name| screen.panel(name))
        .or_else(|| screens::first_panel(model, screen))
        .map_or("", |panel| panel.name)
}

/// A sentence of need, wrapped, and a blank row.
fn notice_rows(screen: &ScreenSpec, size: Size) -> u16 {
    let width = usize::from(size.columns.saturating_sub(2).max(1));
    // One row more than the characters need: words do not break everywhere.
    screen
        .needs
        .map_or(0, |needs| u16::try_from(needs.chars().count() / width + 2).unwrap_or(3).min(6))
}

impl Areas {
    /// Takes the lower part for the console and gives back the rest.
    fn split_console(&mut self, model: &Model, size: Size, body: Rect) -> Rect {
        let (rest, rect) = if size.is_single_panel() {
            (Rect { height: 0, ..body }, body)
        } else {
            body.split_bottom(model.consoles.share.of(body.height).max(5))
        };
        let (x, width) = (rect.x + 2, rect.width.saturating_sub(4));
        let rows = Rect { x, width, ..rect.inside() };
        self.console = Some(ConsoleArea { rect, rows, is_full: false });
        rest
    }

    fn add(&mut self, name: &'static str, rect: Rect) {
        let rows = if self.is_framed { rect.inside() } else { rect.split_top(1).1 };
        // The layers have column headings; without a frame they stand in the title's row.
        let has_headings = (self.is_framed && name == "layers") || name == "items";
        let rows = if has_headings { rows.split_top(1).1 } else { rows };
        self.panels.push(PanelArea { name, rect, rows });
    }

    /// Rows a panel of that many lines takes.
    fn tall(&self, lines: u16) -> u16 {
        lines + if self.is_framed { 2 } else { 1 }
    }
}

fn place(areas: &mut Areas, model: &Model, size: Size, body: Rect, focused: &'static str) {
    let screen = model.screen();
    match screen.id {
        "overview" => place_overview(areas, size, body),
        "rack" => place_rack(areas, size, body),
        "target" => place_target(areas, size, body),
        "run" => place_run(areas, size, body),
        "install" => place_install(areas, model, size, body),
        "logs" => {
            place_logs(areas, size, body, focused, screens::log_outline::is_there(model));
        }
        _ if screen.layer.is_some() || matches!(screen.id, "inventory" | "fact") => {
            let (list, details) = if size.has_details_beside() {
                body.split_left(body.width * 3 / 5)
            } else {
                body.split_bottom(BELOW)
            };
            areas.add(screen.panels.first().map_or("checks", |panel| panel.name), list);
            areas.details = details;
        }
        _ => {
            if let Some(panel) = screen.panels.first() {
                areas.add(panel.name, body);
            }
        }
    }
}

fn place_overview(areas: &mut Areas, size: Size, body: Rect) {
    if size.has_third_column() {
        let (left, right) = body.split_right(SIDE);
        // One more for the column headings.
        let (layers, left) = left.split_top(areas.tall(LAYERS) + 1);
        let (findings, details) = left.split_top(left.height / 2);
        let (side, changed) = right.split_top(areas.tall(LAYERS) + 1);
        areas.add("layers", layers);
        areas.add("findings", findings);
        areas.add("changed", changed);
        areas.details = details;
        areas.side = side;
        return;
    }
    let body = if size.has_details_beside() {
        let (left, right) = body.split_left(body.width * 2 / 3);
        areas.details = right;
        left
    } else {
        body
    };
    let (layers, rest) = body.split_top(areas.tall(LAYERS));
    let (findings, changed) = rest.split_bottom(areas.tall(2));
    areas.add("layers", layers);
    areas.add("findings", findings);
    areas.add("changed", changed);
}

fn place_rack(areas: &mut Areas, size: Size, body: Rect) {
    let (units, rest) = body.split_left(if size.has_third_column() { 36 } else { 31 });
    areas.add("units", units);
    if size.has_third_column() {
        let (details, side) = rest.split_right(SIDE);
        areas.details = details;
        areas.side = side;
    } else {
        areas.details = rest;
    }
}

fn place_target(areas: &mut Areas, size: Size, body: Rect) {
    let (details, rest) = body.split_top(areas.tall(HEAD));
    areas.details = details;
    if size.has_details_beside() {
        let (checks, facts) = rest.split_left(rest.width / 2);
        areas.add("checks", checks);
        areas.add("facts", facts);
    } else {
        let (checks, facts) = rest.split_top(rest.height / 2);
        areas.add("checks", checks);
        areas.add("facts", facts);
    }
}

/// Rows of the runs on Install, of what is said of a step, and columns of the phases.
const INSTALL: (u16, u16, (u16, u16)) = (3, 9, (30, 48));

fn place_install(areas: &mut Areas, model: &Model, size: Size, body: Rect) {
    let body = if size.has_details_beside() {
        let (left, right) = body.split_left(body.width * 3 / 5);
        areas.details = right;
        left
    } else {
        let (rest, details) = body.split_bottom(INSTALL.1);
        areas.details = details;
        rest
    };
    // Where there is no inventory it says how one is begun; that must be whole.
    let words = u16::try_from(screens::install::lines(model).len()).unwrap_or(0);
    let (runs, lists) =
        body.split_top(areas.tall(INSTALL.0.max(words)).min(body.height.saturating_sub(4)));
    let (least, most) = INSTALL.2;
    let (phases, steps) = lists.split_left((lists.width * 2 / 5).clamp(least, most));
    areas.add("runs", runs);
    areas.add("phases", phases);
    areas.add("steps", steps);
}

/// Rows of a run's facts, and of its consoles.
const RUN: (u16, u16) = (8, 3);

fn place_run(areas: &mut Areas, size: Size, body: Rect) {
    let (about, journal, recordings) = if size.has_details_beside() {
        let (left, journal) = body.split_left(body.width / 2);
        let (about, recordings) = left.split_bottom((body.height / 3).max(areas.tall(RUN.1)));
        (about, journal, recordings)
    } else {
        let (about, rest) = body.split_top(areas.tall(RUN.0));
        let (journal, recordings) = rest.split_bottom(areas.tall(RUN.1).min(rest.height / 2));
        (about, journal, recordings)
    };
    areas.add("about", about);
    areas.add("journal", journal);
    areas.add("recordings", recordings);
}

/// Columns of the sources, and of where the window is, beside the lines of a log.
const LOG_SIDES: (u16, u16) = (30, 26);
/// Columns of what Ansible did.
const OUTLINE: u16 = 56;
/// Rows of the line of the cursor below the lines of a log.
const LOG_LINE: u16 = 7;

fn place_logs(areas: &mut Areas, size: Size, body: Rect, focused: &'static str, has_outline: bool) {
    if size.has_third_column() {
        let (left, rest) = body.split_left(LOG_SIDES.0);
        let (middle, right) = rest.split_right(if has_outline { OUTLINE } else { LOG_SIDES.1 });
        let (text, line) = middle.split_bottom(LOG_LINE);
        areas.add("text", text);
        areas.details = line;
        areas.side = right;
        if has_outline {
            let (outline, side) = right.split_bottom(LOG_LINE);
            areas.add("outline", outline);
            areas.side = side;
        }
        areas.add("sources", left);
        return;
    }
    // Sources and filters in two rows, the line of the cursor in two.
    let (top, rest) = body.split_top(2);
    let (rest, line) = rest.split_bottom(2);
    areas.details = top;
    areas.side = line;
    match focused {
        "sources" => {
            let (sources, rest) = rest.split_top((rest.height / 2).min(10));
            areas.add("text", rest);
            areas.add("sources", sources);
        }
        "outline" if size.has_details_beside() => {
            let (text, outline) = rest.split_right(OUTLINE);
            areas.add("text", text);
            areas.add("outline", outline);
        }
        "outline" => areas.add("outline", rest),
        _ => areas.add("text", rest),
    }
}

#[cfg(test)]
mod tests {
    use super::super::scenes;
    use super::*;

    #[test]
    fn at_80x24_overview_has_the_rows_of_the_sketch() {
        let model = scenes::model(80, 24);
        let areas = areas(&model, model.size);
        let rows = |name: &str| areas.panel(name).map(|panel| (panel.rows.y, panel.rows.height));
        assert_eq!(rows("layers"), Some((3, 10)));
        assert_eq!(rows("findings"), Some((14, 5)));
        assert_eq!(rows("changed"), Some((20, 2)));
        assert_eq!((areas.status.y, areas.keys.y), (22, 23));
        let text: Vec<String> = tabs(&model, &areas).into_iter().map(|tab| tab.text).collect();
        assert_eq!(text.join(" "), "[1Over] 2Rack 3Fabr 4Ceph 5Stack 6Plat 7Inst 8Logs 9Time 0Inv");
    }

    #[test]
    fn at_160_columns_the_tabs_have_their_full_names() {
        let model = scenes::model(160, 48);
        let areas = areas(&model, model.size);
        let text: Vec<String> = tabs(&model, &areas).into_iter().map(|tab| tab.text).collect();
        assert!(
            text.join(" ").starts_with("[1 Overview]  2 Rack   3 Fabric   4 Ceph "),
            "{text:?}"
        );
        assert!(areas.is_framed && areas.side.width > 0 && areas.details.height > 0);
    }

    #[test]
    fn everything_stays_within_the_terminal_at_every_size() {
        let mut model = scenes::model(80, 24);
        for screen in screens::all() {
            model.navigation.here = super::super::navigation::Route::screen(screen.id);
            for columns in (0..220).step_by(7) {
                for rows in 0..60 {
                    let size = Size::new(columns, rows);
                    let areas = areas(&model, size);
                    let mut rects = vec![areas.header, areas.tabs, areas.status, areas.keys];
                    rects.extend([areas.notice, areas.details, areas.side]);
                    rects.extend(areas.panels.iter().flat_map(|panel| [panel.rect, panel.rows]));
                    rects.extend(tabs(&model, &areas).iter().map(|tab| tab.rect));
                    for rect in rects {
                        assert!(
                            rect.x + rect.width <= columns && rect.y + rect.height <= rows,
                            "{} at {columns}x{rows}: {rect:?}",
                            screen.id
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn panels_do_not_overlap() {
        for (columns, rows) in [(80, 24), (120, 40), (160, 48), (200, 60)] {
            let mut model = scenes::model(columns, rows);
            for screen in screens::all() {
                model.navigation.here = super::super::navigation::Route::screen(screen.id);
                let areas = areas(&model, model.size);
                let mut rects: Vec<Rect> = areas.panels.iter().map(|panel| panel.rect).collect();
                rects.extend([areas.details, areas.side, areas.status, areas.tabs]);
                for y in 0..rows {
                    for x in 0..columns {
                        let count = rects.iter().filter(|rect| rect.contains(x, y)).count();
                        assert!(count <= 1, "{} at {x},{y}", screen.id);
                    }
                }
            }
        }
    }
}
