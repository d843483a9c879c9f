//! The palette: things, screens, findings and commands in one list, found by
//! a few letters, ranked by nearness and by use.

mod entries;

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use serde::{Deserialize, Serialize};

use super::commands::{self, Ready};
use super::mark::Mark;
use super::model::Tone;
use super::navigation::Route;
use super::overlay::{Overlay, Palette};
use super::{Effect, Model, RowId};

use entries::Entry;

/// How many matches are kept to choose from.
const KEPT: usize = 100;
/// How many near ones are shown when nothing matches.
const NEAREST: usize = 3;
/// A score no fuzzy match reaches: the whole name was typed.
const EXACT: u32 = 100_000;

/// What a palette item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ItemKind {
    /// A target.
    Thing,
    /// A rack.
    Rack,
    /// A screen.
    Screen,
    /// A finding.
    Finding,
    /// A command, or one with what follows it.
    Command,
}

impl ItemKind {
    /// The word on screen.
    pub const fn word(self) -> &'static str {
        match self {
            ItemKind::Thing => "thing",
            ItemKind::Rack => "rack",
            ItemKind::Screen => "screen",
            ItemKind::Finding => "finding",
            ItemKind::Command => "command",
        }
    }
}

/// Where an item leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Goal {
    /// To a place.
    Go(Route),
    /// To what a row is about.
    Open(RowId),
    /// A command by id, with what follows it.
    Run(String, String),
    /// Nowhere yet: this is put into the line, to be gone on with.
    Fill(String),
}

/// One item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaletteItem {
    /// What it is called.
    pub label: String,
    /// What it is.
    pub kind: ItemKind,
    /// A few words more: place of a target, class of a command.
    pub note: String,
    /// Its state, where it has one.
    pub mark: Option<Mark>,
    /// Why it cannot be run now.
    pub off: Option<String>,
    /// One sentence about it, shown on Right.
    pub help: String,
    /// Where it leads.
    pub goal: Goal,
}

/// Finds the items for what was typed.
pub fn refresh(model: &Model, palette: &mut Palette) {
    palette.selected = 0;
    palette.top = 0;
    palette.is_explaining = false;
    palette.is_nearest = false;
    let text = palette.text.trim_start_matches(':').trim_start().to_owned();
    if let Some((command, argument)) = command_and_argument(&text) {
        (palette.items, palette.matching) = arguments(model, command, argument);
        return;
    }
    (palette.items, palette.matching) = best(model, text.trim());
    let mut shorter = text.trim().to_owned();
    while palette.items.is_empty() && shorter.pop().is_some() {
        palette.items = best(model, &shorter).0;
        palette.items.truncate(NEAREST);
        palette.is_nearest = true;
    }
}

/// The command whose word was typed with a blank after it, and the rest.
fn command_and_argument(text: &str) -> Option<(&'static commands::CommandSpec, &str)> {
    let (word, rest) = text.split_once(' ')?;
    let command = commands::all().find(|command| {
        command.word.is_some_and(|known| known.argument.is_some() && known.word == word)
    })?;
    Some((command, rest.trim()))
}

fn arguments(
    model: &Model,
    command: &'static commands::CommandSpec,
    typed: &str,
) -> (Vec<PaletteItem>, usize) {
    let Some(word) = command.word else { return (Vec::new(), 0) };
    let choices = (word.choices)(model);
    let mut scorer = Scorer::new(typed);
    let mut ranked: Vec<(u32, String)> =
        choices.into_iter().filter_map(|choice| Some((scorer.score(&choice)?, choice))).collect();
    ranked.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let matching = ranked.len();
    let mut items: Vec<PaletteItem> = ranked
        .into_iter()
        .take(KEPT)
        .map(|(_, choice)| {
            let label = format!("{} {choice}", word.word);
            entries::command_item(model, command, label, choice)
        })
        .collect();
    if items.is_empty() || typed.is_empty() {
        let label = format!("{} {typed}", word.word).trim_end().to_owned();
        items.push(entries::command_item(model, command, label, typed.to_owned()));
    }
    // What is typed is a match of its own where the command takes any words.
    let matching = matching.max(items.len());
    (items, matching)
}

/// The best entries for a text, best first, and how many match.
fn best(model: &Model, text: &str) -> (Vec<PaletteItem>, usize) {
    // Ten thousand targets are no answer to an empty line.
    let entries = entries::all(model, !text.is_empty());
    let mut scorer = Scorer::new(text);
    let mut ranked: Vec<(u32, u32, usize)> = entries
        .iter()
        .enumerate()
        .filter_map(|(at, entry)| {
            let score = if entry.is_named(text) { EXACT } else { scorer.score(&entry.haystack)? };
            let used = model.used.get(entry.name.as_ref()).copied().unwrap_or(0);
            Some((score, used, at))
        })
        .collect();
    // What was used before wins among what matches about as well.
    let near = |score: u32| score / 16;
    ranked.sort_by(|a, b| {
        near(b.0).cmp(&near(a.0)).then(b.1.cmp(&a.1)).then(b.0.cmp(&a.0)).then(a.2.cmp(&b.2))
    });
    let items = ranked
        .iter()
        .take(KEPT)
        .filter_map(|(_, _, at)| entries.get(*at))
        .filter_map(|entry: &Entry<'_>| entry.item(model))
        .collect();
    (items, ranked.len())
}

struct Scorer {
    matcher: Matcher,
    pattern: Pattern,
    buffer: Vec<char>,
}

impl Scorer {
    fn new(text: &str) -> Scorer {
        Scorer {
            matcher: Matcher::new(Config::DEFAULT),
            pattern: Pattern::parse(text, CaseMatching::Ignore, Normalization::Smart),
            buffer: Vec::new(),
        }
    }

    fn score(&mut self, haystack: &str) -> Option<u32> {
        self.pattern.score(Utf32Str::new(haystack, &mut self.buffer), &mut self.matcher)
    }
}

/// Goes where the selected item leads. The palette is closed unless the line has to be gone on with.
pub fn choose(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Palette(palette)) = &model.overlay else { return Vec::new() };
    let Some(item) = palette.items.get(palette.selected).cloned() else {
        model.say(Tone::Off, "Nothing here has that name");
        return Vec::new();
    };
    if let Goal::Fill(text) = item.goal {
        let mut palette = Palette { text, ..Palette::default() };
        refresh(model, &mut palette);
        model.overlay = Some(Overlay::Palette(palette));
        return Vec::new();
    }
    model.overlay = None;
    *model.used.entry(item.label.clone()).or_insert(0) += 1;
    match item.goal {
        Goal::Go(route) => {
            model.navigation.go(route);
            Vec::new()
        }
        Goal::Open(row) => commands::open(model, &row),
        Goal::Run(id, argument) => commands::find(&id)
            .map(|command| commands::run(model, command, &argument))
            .unwrap_or_default(),
        Goal::Fill(_) => Vec::new(),
    }
}

/// Whether a command is off, in words.
fn off(model: &Model, command: &commands::CommandSpec) -> Option<String> {
    match (command.ready)(model) {
        Ready::No(reason) => Some(reason),
        Ready::Yes | Ready::Hidden => None,
    }
}
