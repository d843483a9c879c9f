//! Writing to standard output and error. A reader that went away (`| head`) is no error.
//!
//! Everything that is printed passes here, so this is where the terminal is
//! kept from acting on what a host or a file has put into a sentence.

use std::borrow::Cow;
use std::io::{self, IsTerminal as _, Write as _};

use crate::domain::untrusted::{escaped_json, without_controls};
use crate::runtime::terminal;
use crate::ui::text::cut;

/// Prints text to standard output.
///
/// # Errors
/// A sentence when the output refuses, but not when its reader went away.
pub fn text(text: &str) -> Result<(), String> {
    match io::stdout()
        .write_all(without_controls(text).as_bytes())
        .and_then(|()| io::stdout().flush())
    {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("the output could not be written: {error}"))
        }
        _ => Ok(()),
    }
}

/// A line of a table as it fits into one row of the terminal; whole where the
/// output is no terminal, so that scripts find all of it.
pub fn in_one_row(line: &str) -> Cow<'_, str> {
    match io::stdout().is_terminal() {
        true => cut(line, usize::from(terminal::size().0), '~'),
        false => Cow::Borrowed(line),
    }
}

/// Prints JSON, readable, with a line end.
///
/// # Errors
/// As [`text`].
pub fn json(value: &serde_json::Value) -> Result<(), String> {
    text(&escaped_json(&format!("{value:#}\n")))
}

/// Prints a sentence to standard error, without what a terminal could act on:
/// it may quote a file or a machine.
pub fn error(sentence: &str) {
    // Nobody is left to tell when this fails.
    let _ = writeln!(io::stderr(), "shopfloor: {}", without_controls(sentence));
}

/// Rings the terminal's bell once.
pub fn ring() {
    // Nobody hears it on a terminal that is gone.
    let _ = io::stderr().write_all(b"\x07");
}

/// Rings once and shows a question, without a line end.
pub fn bell(question: &str) {
    ring();
    let _ = write!(io::stderr(), "{} ", without_controls(question));
}

/// Ends the line of a question whose answer was not shown.
pub fn end_line() {
    let _ = io::stderr().write_all(b"\n");
}

/// How many notes are printed before the rest is counted.
const NOTES: usize = 20;

/// Prints what is wrong with a site's files to standard error, so that a
/// verdict is never read without it.
pub fn notes(sentences: &[String]) {
    for sentence in sentences.iter().take(NOTES) {
        error(sentence);
    }
    if let Some(more) = sentences.len().checked_sub(NOTES).filter(|more| *more > 0) {
        error(&format!("{more} more; `shopfloor inventory check` lists them"));
    }
}
