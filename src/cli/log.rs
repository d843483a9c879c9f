//! `shopfloor log`: opens logs on the full screen; without a terminal it
//! prints their lines, without what a terminal could act on.

use std::io::{self, BufWriter, IsTerminal as _, Write as _};
use std::path::Path;
use std::time::Duration;

use crate::console::Place;
use crate::console::recording::{Event, Playback};
use crate::logs::clean::Cleaner;
use crate::logs::lines::Lines;
use crate::logs::source::{Growth, Source};
use crate::runtime::load::LoadOptions;
use crate::runtime::logs::{is_recording, open_named};
use crate::runtime::run_store;

use super::plain::Stream;
use super::{LogArgs, print};

/// How long to wait for more of a stream.
const WAIT: Duration = Duration::from_millis(20);

/// What became of the logs.
#[derive(Debug)]
pub enum Opened {
    /// They are open for the screen.
    Sources(Vec<Source>),
    /// It is the recording of a console, to be played on the screen.
    Recording(Box<Place>),
    /// There was no terminal: they were printed.
    Printed,
}

/// Opens the logs, or prints them where there is no terminal.
///
/// # Errors
/// One sentence when one cannot be opened, read or printed.
pub fn open(load: &LoadOptions, args: &LogArgs) -> Result<Opened, String> {
    let runs = run_store::find(&load.directory).map(|runs| runs.state().join("runs"));
    if args.names.iter().filter(|name| *name == "-").count() > 1 {
        return Err("standard input can be read once; name `-` once".to_owned());
    }
    if let [name] = args.names.as_slice()
        && is_recording(Path::new(name))
    {
        let path = std::path::absolute(name).unwrap_or_else(|_| name.into());
        if io::stdout().is_terminal() {
            return Ok(Opened::Recording(Box::new(Place::Replay(path))));
        }
        return print_recording(&path);
    }
    let mut sources = Vec::new();
    for name in &args.names {
        sources.push(open_named(name, runs.as_deref())?);
    }
    if io::stdout().is_terminal() {
        return Ok(Opened::Sources(sources));
    }
    let mut out = BufWriter::with_capacity(64 << 10, io::stdout().lock());
    for source in &mut sources {
        match print_lines(source, &mut out) {
            // A reader that went away is no error.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Opened::Printed),
            Err(error) => return Err(format!("{} cannot be printed: {error}", source.name)),
            Ok(()) => {}
        }
        if let Some(trouble) = source.trouble() {
            print::error(&trouble);
        }
    }
    match out.flush() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("the output could not be written: {error}"))
        }
        _ => Ok(Opened::Printed),
    }
}

/// What a recording showed, as text: colours stay, nothing a terminal acts on.
fn print_recording(path: &Path) -> Result<Opened, String> {
    let mut playback = Playback::open(path)?;
    let mut stream = Stream::new(false);
    while let Some((_, event)) = playback.next_event()? {
        if let Event::Output(text) = event
            && !stream.print(text.as_bytes())
        {
            return Ok(Opened::Printed);
        }
    }
    stream.pause();
    Ok(Opened::Printed)
}

fn print_lines(source: &mut Source, out: &mut impl io::Write) -> io::Result<()> {
    let mut at = 0;
    let mut cleaner = Cleaner::default();
    loop {
        // A reader that is slow makes a stream wait: nothing of it is left out.
        source.wants_from(at);
        // Asked before looking: what came until the end was there by then.
        let is_over = !source.is_spooled() || !source.is_live();
        let grew = source.look() == Growth::Grown;
        let mut lines = Lines::new(&source.content);
        while let Some(extent) = lines.at(at)? {
            let is_ended = extent.next > extent.end || extent.goes_on;
            if !is_ended && !is_over {
                break;
            }
            let cleaned = cleaner.line(lines.bytes(extent.start, extent.end)?);
            for span in &cleaned.spans {
                out.write_all(span.text.as_bytes())?;
            }
            if !extent.goes_on {
                out.write_all(b"\n")?;
            }
            at = extent.next;
        }
        if is_over {
            return Ok(());
        }
        if !grew {
            out.flush()?;
            std::thread::sleep(WAIT);
        }
    }
}
