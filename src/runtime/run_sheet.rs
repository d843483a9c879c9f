//! What is known of one run, for people: its facts, its journal, its consoles.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::app::runs::{EntryLine, RecordingLine, RunPage};
use crate::console::recording::Playback;
use crate::domain::Stamp;
use crate::domain::untrusted::printable;
use crate::install::journal::{self, Remote, RunConsole, RunWord};
use crate::logs::ansible::shell_word;
use crate::runner::{Known, Runs};

/// How many lines of a journal are told.
const ENTRIES: usize = 500;
/// How many recordings are told.
const RECORDINGS: usize = 200;

/// The facts of a run: what each is, and what it says. `there` is how it stands
/// on the host whose runner is gone.
pub fn facts(runs: &Runs, known: &Known, there: Option<String>) -> Vec<(String, String)> {
    let run = &known.run;
    let argv: Vec<String> = run.argv.iter().map(|word| shell_word(word)).collect();
    let output = runs.directory(run.id).join("output");
    let mut facts = vec![
        ("command", argv.join(" ")),
        match &run.remote {
            Some(remote) => ("on", remote.host.clone()),
            None => ("directory", run.directory.clone()),
        },
        ("by", format!("{} on {}", run.by, run.host)),
        ("started", run.started.rfc3339()),
    ];
    facts.extend(run.ended.map(|ended| ("ended", ended.rfc3339())));
    facts.extend(run.ending().map(|ending| ("ending", ending.to_string())));
    facts.extend(known.why_unknown().map(|why| ("unknown", why)));
    if let Some(remote) = &run.remote {
        facts.extend(remote_facts(remote, known.has_runner));
    }
    facts.extend(there.map(|there| ("there", there)));
    if let Some(prompt) = run.prompt.as_ref().filter(|_| known.word() == RunWord::Waiting) {
        facts.push(("waits for", format!("{} (since {})", prompt.text, prompt.since.rfc3339())));
    }
    if let (Some(level), Some(by)) = (run.stop, &run.stopped_by) {
        facts.push(("stop", format!("{} by {by}", level.word())));
    }
    if let Some(pen) = run.pen.as_ref().filter(|_| known.has_runner) {
        facts.push(("pen", pen.to_string()));
    }
    facts.push(("output", format!("{} bytes in {}", known.output, output.display())));
    facts.extend(
        run.lost
            .iter()
            .map(|lost| ("lost", format!("{} bytes at {}: {}", lost.bytes, lost.offset, lost.why))),
    );
    facts.extend(run.behind.as_ref().map(|behind| {
        let (at, since) = (behind.offset, behind.since.rfc3339());
        ("behind", format!("after byte {at} since {since}, some may be lost: {}", behind.why))
    }));
    facts.extend(run.left.iter().map(|process| ("left", process.to_string())));
    facts
        .extend(run.consoles.iter().map(|console| ("console", console_fact(runs, known, console))));
    facts.extend(run.note.iter().chain(&run.notes).map(|note| ("note", note.clone())));
    facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn console_fact(runs: &Runs, known: &Known, console: &RunConsole) -> String {
    let (number, name) = (console.number, &console.name);
    let word = console_word(console, known.has_runner);
    let why = console.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    let recording = recording_of(runs, known.run.id, number);
    format!("{number} {name}, {word}{why}, {}", recording.display())
}

/// How a console of a run stands, in a word.
pub fn console_word(console: &RunConsole, has_runner: bool) -> &'static str {
    match (console.is_closed || !has_runner, console.ended.is_some()) {
        (true, _) => "closed",
        (false, true) => "ended",
        (false, false) => "open",
    }
}

/// The file of what a console of a run showed.
pub fn recording_of(runs: &Runs, run: u64, console: u64) -> PathBuf {
    runs.directory(run).join("consoles").join(format!("{console}.cast"))
}

fn remote_facts(remote: &Remote, has_runner: bool) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    match (&remote.cut, remote.cuts) {
        (Some((since, why)), _) if has_runner => {
            let since = since.rfc3339();
            facts.push(("line", format!("CUT since {since}: {why}; it is dialled again")));
        }
        (_, 0) => {}
        (_, 1) => facts.push(("line", "was cut once; nothing was lost".to_owned())),
        (_, cuts) => facts.push(("line", format!("was cut {cuts} times; nothing was lost"))),
    }
    if remote.is_unkept {
        let kept = format!(
            "{} can keep no files: the command runs on the line, and a cut leaves its end unknown",
            remote.host
        );
        facts.push(("kept", kept));
    } else if let Some(directory) = remote.directory.as_ref().filter(|_| !remote.is_cleared) {
        facts.push(("kept", format!("in {directory} on {}", remote.host)));
    }
    facts
}

/// The page of a run as it is now.
pub fn page(runs: &Runs, run: u64) -> RunPage {
    let known = match runs.read(run) {
        Ok(known) => known,
        Err(trouble) => {
            return RunPage { run, trouble: Some(trouble.to_string()), ..RunPage::default() };
        }
    };
    let told = facts(runs, &known, None);
    let is_named = told.first().is_none_or(|(_, command)| *command != known.run.title);
    let title = is_named.then(|| ("title".to_owned(), known.run.title.clone()));
    let state = ("state".to_owned(), known.word().word().to_owned());
    let facts = title.into_iter().chain([state]).chain(told).collect();
    let consoles = recordings(&runs.directory(run).join("consoles"));
    RunPage { run, facts, journal: entries(runs, run), consoles, trouble: None }
}

fn entries(runs: &Runs, run: u64) -> Vec<EntryLine> {
    let mut bytes = Vec::new();
    let path = runs.directory(run).join("journal.jsonl");
    // What cannot be read was told with the facts.
    let read = runs.open_to_read(&path).and_then(|mut file| file.read_to_end(&mut bytes));
    let Some(Ok(read)) = read.ok().map(|_| journal::read(&bytes)) else { return Vec::new() };
    let told = read.entries.iter().filter_map(|entry| {
        Some(EntryLine {
            seq: entry.seq,
            at: entry.at,
            sentence: printable(&entry.event.sentence()?),
        })
    });
    let mut told: Vec<EntryLine> = told.collect();
    told.drain(..told.len().saturating_sub(ENTRIES));
    told
}

/// The recordings in a folder, newest first.
fn recordings(folder: &Path) -> Vec<RecordingLine> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<RecordingLine> = entries
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|end| end == "cast"))
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .filter_map(|entry| {
            let path = entry.path();
            let header = Playback::open(&path).ok()?.header;
            let file = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            Some(RecordingLine {
                name: printable(if header.title.is_empty() { &file } else { &header.title }),
                at: i64::try_from(header.timestamp)
                    .ok()
                    .filter(|at| *at > 0)
                    .map(Stamp::from_seconds),
                bytes: entry.metadata().ok()?.len(),
                path,
            })
        })
        .collect();
    found.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.path.cmp(&b.path)));
    found.truncate(RECORDINGS);
    found
}
