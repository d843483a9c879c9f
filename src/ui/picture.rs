//! A buffer as a picture (SVG) and as plain text: what `show` prints and `Y` copies.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Modifier;
use unicode_width::UnicodeWidthStr;

use super::look::{Colour, Look, Paper};

/// Width and height of a cell, and height of the font, in the picture's units.
/// A monospace font of 15 units is 9 wide; `textLength` holds every font to it.
const CELL: (u32, u32) = (9, 19);
const FONT: u32 = 15;
const MARGIN: u32 = 12;

/// The rows of a buffer as text, without blanks at their ends.
pub fn screen_text(buffer: &Buffer) -> Vec<String> {
    rows(buffer)
        .map(|row| {
            let mut line = String::new();
            let mut covered = 0;
            for cell in row {
                // The cell behind a wide character is a part of it.
                if covered > 0 {
                    covered -= 1;
                    continue;
                }
                line.push_str(cell.symbol());
                covered = cell.symbol().width().saturating_sub(1);
            }
            line.truncate(line.trim_end().len());
            line
        })
        .collect()
}

/// A buffer as an SVG picture: the same buffer gives the same text.
/// `title` is what screen readers say; the look it was drawn with says
/// whether the ground is dark or light.
pub fn svg(buffer: &Buffer, look: &Look, title: &str) -> String {
    let paper = look.paper();
    let (columns, lines) = (u32::from(buffer.area.width), u32::from(buffer.area.height));
    let (width, height) = (columns * CELL.0 + 2 * MARGIN, lines * CELL.1 + 2 * MARGIN);
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\">\n\
         <title>{}</title>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{}\"/>\n\
         <g font-family=\"ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace\" font-size=\"{FONT}\" fill=\"{}\" xml:space=\"preserve\">\n",
        escaped(title),
        hex(paper.ground),
        hex(paper.ink)
    );
    for (y, row) in (0u32..).zip(rows(buffer)) {
        let runs = runs(row, paper);
        for run in &runs {
            ground(&mut out, run, y);
        }
        for run in &runs {
            ink(&mut out, run, y);
        }
    }
    out.push_str("</g>\n</svg>\n");
    out
}

fn rows(buffer: &Buffer) -> impl Iterator<Item = &[Cell]> {
    // `chunks` wants a width of at least one; a buffer without columns has no cells.
    buffer.content().chunks(usize::from(buffer.area.width).max(1))
}

/// How a cell looks, with reverse worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Paint {
    fg: Option<(u8, u8, u8)>,
    bg: Option<(u8, u8, u8)>,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
}

impl Paint {
    fn of(cell: &Cell, paper: Paper) -> Paint {
        let has = |modifier| cell.modifier.contains(modifier);
        let (mut fg, mut bg) =
            (Colour::from_color(cell.fg).rgb(), Colour::from_color(cell.bg).rgb());
        if has(Modifier::REVERSED) {
            (fg, bg) = (Some(bg.unwrap_or(paper.ground)), Some(fg.unwrap_or(paper.ink)));
        }
        Paint {
            fg,
            bg,
            bold: has(Modifier::BOLD),
            dim: has(Modifier::DIM),
            italic: has(Modifier::ITALIC),
            underline: has(Modifier::UNDERLINED),
        }
    }
}

/// Neighbouring cells that look the same.
struct Run {
    at: u32,
    cells: u32,
    text: String,
    paint: Paint,
}

fn runs(row: &[Cell], paper: Paper) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut covered = 0;
    for (at, cell) in (0u32..).zip(row) {
        if covered > 0 {
            covered -= 1;
            continue;
        }
        let symbol = cell.symbol();
        let cells = u32::try_from(symbol.width()).unwrap_or(1).max(1);
        covered = cells - 1;
        let paint = Paint::of(cell, paper);
        match runs.last_mut() {
            // Drawing characters outside ASCII stand alone: no font may shift them.
            Some(run) if run.paint == paint && symbol.is_ascii() && run.text.is_ascii() => {
                run.text.push_str(symbol);
                run.cells += cells;
            }
            // A row of the same one is one run.
            Some(run)
                if run.paint == paint
                    && cells == 1
                    && run.text.ends_with(symbol)
                    && !symbol.is_ascii() =>
            {
                run.text.push_str(symbol);
                run.cells += 1;
            }
            _ => runs.push(Run { at, cells, text: symbol.to_owned(), paint }),
        }
    }
    runs
}

fn ground(out: &mut String, run: &Run, y: u32) {
    let Some(bg) = run.paint.bg else { return };
    let _ = writeln!(
        out,
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>",
        MARGIN + run.at * CELL.0,
        MARGIN + y * CELL.1,
        run.cells * CELL.0,
        CELL.1,
        hex(bg)
    );
}

fn ink(out: &mut String, run: &Run, y: u32) {
    let blank = run.text.trim().is_empty();
    if blank && !run.paint.underline {
        return;
    }
    // Blanks at the ends need no text, and would be folded by some readers.
    let kept = if run.paint.underline { run.text.as_str() } else { run.text.trim() };
    let skipped = if run.paint.underline {
        0
    } else {
        run.text.chars().take_while(|c| *c == ' ').count() as u32
    };
    let cells = u32::try_from(kept.width()).unwrap_or(0).max(1);
    let _ = write!(
        out,
        "<text x=\"{}\" y=\"{}\" textLength=\"{}\"",
        MARGIN + (run.at + skipped) * CELL.0,
        MARGIN + y * CELL.1 + FONT - 1,
        cells * CELL.0
    );
    if let Some(fg) = run.paint.fg {
        let _ = write!(out, " fill=\"{}\"", hex(fg));
    }
    for (is, attribute) in [
        (run.paint.bold, " font-weight=\"bold\""),
        (run.paint.dim, " opacity=\"0.65\""),
        (run.paint.italic, " font-style=\"italic\""),
        (run.paint.underline, " text-decoration=\"underline\""),
    ] {
        if is {
            out.push_str(attribute);
        }
    }
    let _ = writeln!(out, ">{}</text>", kept_apart(kept));
}

fn hex((r, g, b): (u8, u8, u8)) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Text of a run: blanks between words keep their number.
fn kept_apart(text: &str) -> String {
    escaped(text).replace(' ', "\u{a0}")
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::{Color, Style};

    use super::super::look::LookEnv;
    use super::*;

    fn look() -> Look {
        Look::choose(&LookEnv::default()).look
    }

    fn buffer() -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 2));
        buffer.set_string(1, 0, "a <b> & c", Style::new().fg(Color::Red));
        buffer.set_string(
            0,
            1,
            "日x",
            Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD),
        );
        buffer
    }

    #[test]
    fn text_keeps_columns_and_drops_blank_ends() {
        assert_eq!(screen_text(&buffer()), [" a <b> & c", "日x"]);
        assert_eq!(screen_text(&Buffer::empty(Rect::new(0, 0, 0, 3))), Vec::<String>::new());
    }

    #[test]
    fn a_picture_is_escaped_coloured_and_the_same_every_time() {
        let picture = svg(&buffer(), &look(), "a \"title\"");
        assert_eq!(picture, svg(&buffer(), &look(), "a \"title\""));
        assert!(picture.starts_with("<svg xmlns=") && picture.ends_with("</svg>\n"));
        assert!(
            picture.contains("fill=\"#cd0000\">a\u{a0}&lt;b&gt;\u{a0}&amp;\u{a0}c</text>"),
            "{picture}"
        );
        assert!(picture.contains("<title>a &quot;title&quot;</title>"));
        // Reverse on the terminal's own colours swaps ground and ink.
        assert!(
            picture.contains(&format!(
                "width=\"18\" height=\"19\" fill=\"{}\"",
                hex(look().paper().ink)
            )),
            "{picture}"
        );
        assert!(picture.contains(&format!(
            "fill=\"{}\" font-weight=\"bold\">日</text>",
            hex(look().paper().ground)
        )));
    }

    #[test]
    fn an_empty_buffer_is_an_empty_picture() {
        let picture = svg(&Buffer::empty(Rect::new(0, 0, 0, 0)), &look(), "");
        assert!(!picture.contains("<text"));
    }
}
