//! The journal of a site's plans: what people say of steps while nothing runs.
//! The same lines and the same chain as a run's journal; whoever writes holds
//! its lock for as long as that takes.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::PathBuf;

use rustix::fs::{FlockOperation, flock};

use crate::install::journal::{self, Entry, Event};

use super::machine;
use super::store::Runs;

/// Where it is.
pub fn path(runs: &Runs) -> PathBuf {
    runs.state().join("plans.jsonl")
}

/// Its lines; none where nothing was said yet.
///
/// # Errors
/// One sentence: it cannot be read, or cannot be trusted.
pub fn read(runs: &Runs) -> Result<Vec<Entry>, String> {
    let path = path(runs);
    let mut file = match runs.open_to_read(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(format!("{}: {error}", path.display())),
    };
    // A line that is just being written is not half read.
    flock(&file, FlockOperation::LockShared).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    match journal::read(&bytes) {
        Ok(read) => Ok(read.entries),
        Err((trouble, _)) => Err(format!("the journal of the plans cannot be trusted: {trouble}")),
    }
}

/// Writes lines and returns when they are on stable storage.
///
/// # Errors
/// One sentence; then none of what follows may be done.
pub fn append(runs: &Runs, events: &[Event]) -> Result<(), String> {
    let path = path(runs);
    let told = |error: io::Error| format!("{} cannot be written: {error}", path.display());
    let mut file = runs.open_to_append(&path).map_err(told)?;
    flock(&file, FlockOperation::LockExclusive).map_err(|error| told(error.into()))?;
    let mut bytes = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut bytes)).map_err(told)?;
    let read = journal::read(&bytes)
        .map_err(|(trouble, _)| format!("the journal of the plans cannot be trusted: {trouble}"))?;
    // A torn tail is cut off, so that the next line follows a whole one.
    file.set_len(read.bytes).map_err(told)?;
    let mut chain = read.chain;
    let mut lines = Vec::new();
    for event in events {
        let (line, next) = chain.line(machine::now(), event)?;
        lines.extend(line);
        chain = next;
    }
    write(&mut file, &lines, read.bytes).map_err(told)
}

fn write(file: &mut File, lines: &[u8], length: u64) -> io::Result<()> {
    let result = file.write_all(lines).and_then(|()| file.sync_data());
    if result.is_err() {
        file.set_len(length)?;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::install::journal::{StepAct, StepEvent};

    fn answered(value: &str) -> Event {
        let act = StepAct::Answered {
            name: "NAME".into(),
            value: value.into(),
            by: crate::install::journal::Person::default(),
        };
        Event::Step(StepEvent { plan: "P".into(), step: String::new(), target: None, act })
    }

    #[test]
    fn lines_are_kept_in_a_chain_and_a_torn_tail_is_cut_off() {
        let scratch = tempfile::tempdir().unwrap();
        let runs = Runs::at(scratch.path(), None);
        assert_eq!(read(&runs).unwrap(), []);
        append(&runs, &[answered("a"), answered("b")]).unwrap();
        let mut file = std::fs::OpenOptions::new().append(true).open(path(&runs)).unwrap();
        file.write_all(b"{\"v\":1,\"seq\":3").unwrap();
        append(&runs, &[answered("c")]).unwrap();
        let events: Vec<Event> =
            read(&runs).unwrap().into_iter().map(|entry| entry.event).collect();
        assert_eq!(events, [answered("a"), answered("b"), answered("c")]);
        let text = std::fs::read_to_string(path(&runs)).unwrap().replace("\"b\"", "\"x\"");
        std::fs::write(path(&runs), text).unwrap();
        let why = append(&runs, &[answered("d")]).unwrap_err();
        assert!(why.contains("cannot be trusted"), "{why}");
    }
}
