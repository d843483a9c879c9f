//! A run: its facts, its journal, its consoles. Its log is one key away.

use super::super::consoles;
use super::super::model::Tone;
use super::super::runs::{EntryLine, RecordingLine, RunPage};
use super::super::{Effect, Model, RowId, logs};
use super::state::ScreenState;
use super::{PanelSpec, ScreenSpec};

/// The registry's entry.
pub static SPEC: ScreenSpec = ScreenSpec {
    id: "run",
    title: "Run",
    short: "Run",
    help: "One run: who started it, how it ended, its journal, its consoles",
    jump_words: &[],
    digit: None,
    layer: None,
    panels: &[
        PanelSpec { name: "about", title: "Run", rows: facts, is_text: false },
        PanelSpec { name: "journal", title: "Journal", rows: journal, is_text: false },
        PanelSpec { name: "recordings", title: "Consoles", rows: recordings, is_text: false },
    ],
    commands: &[],
    needs: None,
    is_listed: false,
    status,
};

/// The page of the run the route is about, once it is known.
pub fn page(model: &Model) -> Option<&RunPage> {
    model.runs.page.as_ref().filter(|page| Some(page.run) == model.route().run)
}

fn facts(model: &Model, _: &ScreenState) -> Vec<RowId> {
    page(model).map(|page| (0..page.facts.len()).map(RowId::Line).collect()).unwrap_or_default()
}

/// The newest first: how it stands now is what is looked for.
fn journal(model: &Model, _: &ScreenState) -> Vec<RowId> {
    let lines = page(model).map(|page| page.journal.as_slice()).unwrap_or_default();
    lines.iter().rev().map(|line| RowId::Entry(line.seq)).collect()
}

fn recordings(model: &Model, _: &ScreenState) -> Vec<RowId> {
    let count = page(model).map_or(0, |page| page.consoles.len());
    (0..count).map(RowId::Recording).collect()
}

/// A fact of the run: what it is, and what it says.
pub fn fact<'m>(model: &'m Model, row: &RowId) -> Option<&'m (String, String)> {
    match row {
        RowId::Line(at) => page(model)?.facts.get(*at),
        _ => None,
    }
}

/// A line of its journal.
pub fn entry<'m>(model: &'m Model, row: &RowId) -> Option<&'m EntryLine> {
    match row {
        RowId::Entry(seq) => page(model)?.journal.iter().find(|line| line.seq == *seq),
        _ => None,
    }
}

/// A recording of it.
pub fn recording<'m>(model: &'m Model, row: &RowId) -> Option<&'m RecordingLine> {
    match row {
        RowId::Recording(at) => page(model)?.consoles.get(*at),
        _ => None,
    }
}

/// A row as one line of text.
pub fn text(model: &Model, row: &RowId) -> Option<String> {
    match row {
        RowId::Run(id) => {
            let run = model.runs.of(*id)?;
            Some(format!("{} {} {}", run.strip(model.now), run.started.rfc3339(), run.title))
        }
        RowId::Line(_) => fact(model, row).map(|(name, value)| format!("{name} {value}")),
        RowId::Entry(_) => entry(model, row).map(|line| format!("{} {}", line.at, line.sentence)),
        RowId::Recording(_) => recording(model, row).map(|line| line.path.display().to_string()),
        _ => None,
    }
}

/// The run that the selection, or else the page, is about.
pub fn run_of(model: &Model, row: Option<&RowId>) -> Option<u64> {
    match row {
        Some(RowId::Run(run) | RowId::RunBegan(run) | RowId::RunEnded(run)) => Some(*run),
        Some(RowId::Changes) => model.runs.spoken_of(model.now).map(|run| run.id),
        _ => model.route().run.filter(|_| model.screen().id == SPEC.id),
    }
}

/// Opens what the run wrote.
pub fn open_log(model: &mut Model) -> Vec<Effect> {
    match run_of(model, None) {
        Some(run) => logs::open_run(model, run),
        None => Vec::new(),
    }
}

/// Plays a recording of the run.
pub fn replay(model: &mut Model, at: usize) -> Vec<Effect> {
    let path = page(model).and_then(|page| page.consoles.get(at)).map(|line| line.path.clone());
    match path {
        Some(path) => consoles::replay(model, path),
        None => {
            model.say(Tone::Off, "This recording is gone");
            Vec::new()
        }
    }
}

fn status(model: &Model) -> String {
    let Some(page) = page(model) else { return "Reading the run's journal".to_owned() };
    if let Some(trouble) = &page.trouble {
        return trouble.clone();
    }
    match model.runs.of(page.run) {
        Some(run) if run.word.is_open() => match &run.prompt {
            Some(prompt) => format!("{} asks: {prompt} W answers", run.strip(model.now)),
            None => format!("{}; l shows what it writes, W goes to it", run.strip(model.now)),
        },
        Some(run) => format!("{}; l shows what it wrote", run.end_words(model.now)),
        None => "l shows what it wrote".to_owned(),
    }
}
