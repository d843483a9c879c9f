//! What lies over a screen and has the keys: palette, help, confirmation,
//! secret field, small lists. At most one at a time; Esc closes it and changes nothing.

use serde::{Deserialize, Serialize};

use crate::domain::{SecretName, TargetId};

use super::columns::wrap;
use super::consoles::{Choices, Leaving};
use super::history::{Plot, SinceQuestion};
use super::palette::PaletteItem;

/// Something over the screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "overlay", content = "with")]
pub enum Overlay {
    /// The palette.
    Palette(Palette),
    /// Help for the screen below; what it lists can be narrowed and run.
    Help(Menu),
    /// Actions for the selection.
    Actions(Menu),
    /// What Ctrl-C can stop.
    Stop(Menu),
    /// Consoles that are open or can be opened.
    Consoles(Choices),
    /// Leaving ends consoles: whether that is meant.
    Leaving(Leaving),
    /// Since when something is so.
    Since(Since),
    /// An act that wants a name typed.
    Confirm(Confirm),
    /// Who is here is asked, before the first thing that is recorded under a name.
    Name(NameField),
    /// A secret is being typed; the keys never come here.
    Secret(Secret),
}

/// The palette as it stands.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Palette {
    /// What was typed.
    pub text: String,
    /// The best matches, best first; bounded.
    pub items: Vec<PaletteItem>,
    /// How many match altogether.
    pub matching: usize,
    /// The selected item.
    pub selected: usize,
    /// First shown item.
    pub top: usize,
    /// Whether nothing matches and these are only near.
    pub is_nearest: bool,
    /// Whether the help of the selected item is unfolded (Right).
    pub is_explaining: bool,
}

/// A list of commands to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Menu {
    /// What was typed to narrow it.
    pub text: String,
    /// Ids of the commands, in the order shown.
    pub commands: Vec<String>,
    /// The selected command.
    pub selected: usize,
    /// First shown line.
    pub top: usize,
}

/// Since when something is so.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Since {
    /// What it is about.
    pub title: String,
    /// One line per value: what it is, and since when.
    pub lines: Vec<String>,
    /// First shown line.
    pub top: usize,
    /// What the store was asked; `None` where it keeps nothing of it.
    pub question: Option<SinceQuestion>,
    /// What the store told, one line each; `None` until it answered.
    pub told: Option<Vec<String>>,
    /// Numbers over time.
    pub plot: Option<Plot>,
}

impl Since {
    /// Every line, those of this session first.
    pub fn all_lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().chain(self.told.iter().flatten()).map(String::as_str)
    }
}

/// What is done once the name was typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Add the key with this fingerprint to known_hosts.
    AcceptHostKey(TargetId, String),
    /// Stop this run at this level.
    StopRun(u64, crate::install::journal::StopLevel),
    /// Start these words as a run.
    StartRun(Vec<String>),
    /// Go to the terminal of this run.
    Attach(u64),
}

/// Who is here: asked once per login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameField {
    /// What is taken when nothing is typed.
    pub guess: String,
    /// What was typed.
    pub typed: String,
    /// What is done then.
    pub act: Act,
}

/// An act that wants a name typed. Enter alone never confirms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirm {
    /// What is asked, with the target's name in it.
    pub title: String,
    /// What the operator must know before.
    pub lines: Vec<String>,
    /// The button, with the target's name in it.
    pub button: String,
    /// First shown of its lines, wrapped.
    #[serde(default)]
    pub top: usize,
    /// What must be typed.
    pub wanted: String,
    /// What was typed.
    pub typed: String,
    /// What is done then.
    pub act: Act,
}

impl Confirm {
    /// Its lines, wrapped into so many columns.
    pub fn wrapped(&self, columns: usize) -> Vec<String> {
        self.lines.iter().flat_map(|line| wrap(line, columns)).collect()
    }

    /// Whether what was typed is what must be typed.
    pub fn is_met(&self) -> bool {
        self.typed.trim() == self.wanted
    }
}

/// A secret field: name and length, never the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// Which secret.
    pub name: SecretName,
    /// How many characters it has so far.
    pub length: usize,
}
