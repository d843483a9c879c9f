//! The whole state of the screen.
//!
//! A model is plain data: the recorder writes one as its start snapshot, and
//! replaying the same messages on it gives an equal model again. Only
//! [`super::update`] changes it. Secrets are never in it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::checks::Catalogue;
use crate::domain::faults::Fault;
use crate::domain::{FactStore, Layer, SecretName, Site, Stamp, TargetId};

use super::changes::Changes;
use super::consoles::Consoles;
use super::history::History;
use super::inventory_report::InventoryReport;
use super::kept::Kept;
use super::keymap::Keymap;
use super::logs::Logs;
use super::navigation::{Navigation, Route};
use super::overlay::Overlay;
use super::plans::Plans;
use super::runs::Runs;
use super::screens::rack::Shelves;
use super::screens::state::{RowId, ScreenState};
use super::screens::{self, ScreenSpec};
use super::site_index::SiteIndex;
use super::verdicts::Verdicts;

/// The terminal's size in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Size {
    /// Columns.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
}

impl Size {
    /// A size.
    pub const fn new(columns: u16, rows: u16) -> Size {
        Size { columns, rows }
    }

    /// The smallest terminal for the screens; below it there is one page, and only `q` and `?` work.
    pub const SMALLEST: Size = Size::new(60, 15);

    /// Whether something that needs this much does not fit.
    pub const fn is_below(self, least: Size) -> bool {
        self.columns < least.columns || self.rows < least.rows
    }

    /// Below 80x24 one panel is shown at a time.
    pub const fn is_single_panel(self) -> bool {
        self.columns < 80 || self.rows < 24
    }

    /// From 120x30 on details stand beside the list.
    pub const fn has_details_beside(self) -> bool {
        self.columns >= 120 && self.rows >= 30
    }

    /// From 160x48 on there is a third column, and panels have frames.
    pub const fn has_third_column(self) -> bool {
        self.columns >= 160 && self.rows >= 48
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.columns, self.rows)
    }
}

/// Names of the look in use; what they mean is the drawing's business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookNames {
    /// Name of the theme.
    pub theme: String,
    /// Name of the glyph table: `unicode`, `linux` or `ascii`.
    pub glyphs: String,
    /// Colour tier: `none`, `8`, `16`, `256` or `true`.
    pub colours: String,
}

impl Default for LookNames {
    /// What every terminal can show.
    fn default() -> LookNames {
        LookNames { theme: "mono".into(), glyphs: "ascii".into(), colours: "none".into() }
    }
}

/// The names a look can be chosen from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LookChoices {
    /// Themes that were found.
    pub themes: Vec<String>,
    /// Glyph tables.
    pub glyphs: Vec<String>,
    /// Colour tiers the terminal can do, fewest first.
    pub colours: Vec<String>,
}

/// How looking goes, for the header.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ProbeCounts {
    /// Probes that were ever asked.
    pub known: usize,
    /// Probes whose ask is in flight.
    pub asking: usize,
    /// Probes whose last try gave no facts.
    pub troubled: usize,
    /// Asks sent since the start.
    pub asked: u64,
    /// Answers that came since the start.
    pub answered: u64,
}

/// How a sentence in the status line is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// Something was done, or is so.
    Said,
    /// Something cannot be done, with the reason.
    Off,
    /// Something failed.
    Failed,
}

/// A sentence in the status line; it stays until the next key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The sentence.
    pub sentence: String,
    /// How it is meant.
    pub tone: Tone,
    /// When it was said.
    pub at: Stamp,
}

/// What is known of the demo site's faults.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Faults {
    /// All faults, as last listed.
    pub list: Vec<Fault>,
    /// Why they cannot be had.
    pub trouble: Option<String>,
}

/// What is fixed when the program starts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Start {
    /// The time.
    pub now: Stamp,
    /// The terminal's size.
    pub size: Size,
    /// The look to begin with.
    pub look: LookNames,
    /// What it can be changed to.
    pub choices: LookChoices,
    /// The keys.
    pub keymap: Keymap,
    /// Whether the mouse is ours at the start.
    pub mouse: bool,
    /// The screen to open first; the Overview when `None` or unknown.
    pub screen: Option<String>,
    /// The one console that the session is for.
    pub console: Option<super::consoles::Place>,
}

/// Everything the screen shows and remembers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// The time, as last told.
    pub now: Stamp,
    /// The terminal's size, as last told.
    pub size: Size,
    /// Whether a site was read; before that the lists are empty because nobody has read it.
    pub is_loaded: bool,
    /// How often a site was read.
    #[serde(default)]
    pub readings: u64,
    /// The site.
    pub site: Site,
    /// What the rules of `inventory check` say of its files.
    pub inventory: InventoryReport,
    /// The checks, as the site overrides them.
    pub catalogue: Catalogue,
    /// Where in `site.targets` a target stands and whom it is related to.
    pub index: SiteIndex,
    /// What is known of every target.
    pub facts: FactStore,
    /// Layers for which a check is built.
    pub built: BTreeSet<Layer>,
    /// What the checks say of it.
    pub verdicts: Verdicts,
    /// What changed lately.
    pub changes: Changes,
    /// What is known of the past that is kept.
    pub history: History,
    /// How looking goes.
    pub probes: ProbeCounts,
    /// The look in use.
    pub look: LookNames,
    /// What it can be changed to.
    pub choices: LookChoices,
    /// The keys.
    pub keymap: Keymap,
    /// Where we are, and where we were.
    pub navigation: Navigation,
    /// What each screen remembers, by its id.
    pub screens: BTreeMap<String, ScreenState>,
    /// What lies over the screen.
    pub overlay: Option<Overlay>,
    /// Whether the filter line of the screen has the focus.
    pub is_filtering: bool,
    /// The sentence in the status line, if somebody said one.
    pub status: Option<Status>,
    /// The log view.
    #[serde(default)]
    pub logs: Logs,
    /// Faults of the demo site.
    pub faults: Faults,
    /// Secrets that somebody wanted and that are missing.
    pub secrets_wanted: Vec<SecretName>,
    /// Whether the mouse is ours; when it is not, the terminal selects text with it.
    pub mouse: bool,
    /// Whether the terminal has the focus.
    pub has_focus: bool,
    /// Which target is judged again next while time goes on.
    pub judge_next: usize,
    /// The targets that were last said to be in view.
    pub in_view: Vec<TargetId>,
    /// How often each palette entry was taken, for its order.
    pub used: BTreeMap<String, u32>,
    /// The site's runs.
    #[serde(default)]
    pub runs: Runs,
    /// Plans: which there are, and the page of a step.
    #[serde(default)]
    pub plans: Plans,
    /// Consoles.
    #[serde(default)]
    pub consoles: Consoles,
    /// Why the session ends, once it does.
    pub ending: Option<String>,
    /// Rows of long lists, derived from the rest.
    #[serde(skip)]
    pub(super) kept_rows: Kept<Vec<RowId>>,
    /// How long those lists are when nothing narrows them, derived from the rest.
    #[serde(skip)]
    pub(super) kept_totals: Kept<usize>,
    /// The shown rack, derived from the rest.
    #[serde(skip)]
    pub(super) kept_rack: Kept<Shelves>,
}

impl Model {
    /// A model of nothing yet.
    pub fn new(start: Start) -> Model {
        let first = start.screen.as_deref().and_then(screens::find).unwrap_or(screens::first());
        Model {
            now: start.now,
            size: start.size,
            is_loaded: false,
            readings: 0,
            site: Site::default(),
            inventory: InventoryReport::default(),
            catalogue: Catalogue::default(),
            index: SiteIndex::default(),
            facts: FactStore::default(),
            built: BTreeSet::new(),
            verdicts: Verdicts::default(),
            changes: Changes::default(),
            history: History::default(),
            runs: Runs::default(),
            plans: Plans::default(),
            probes: ProbeCounts::default(),
            look: start.look,
            choices: start.choices,
            keymap: start.keymap,
            navigation: Navigation::starting_at(Route::screen(first.id)),
            screens: BTreeMap::new(),
            overlay: None,
            is_filtering: false,
            status: None,
            logs: Logs::default(),
            faults: Faults::default(),
            secrets_wanted: Vec::new(),
            mouse: start.mouse,
            has_focus: true,
            judge_next: 0,
            in_view: Vec::new(),
            used: BTreeMap::new(),
            consoles: start
                .console
                .map(|wish| Consoles { alone: true, wish: Some(wish), ..Consoles::default() })
                .unwrap_or_default(),
            ending: None,
            kept_rows: Kept::default(),
            kept_totals: Kept::default(),
            kept_rack: Kept::default(),
        }
    }

    /// Where we are.
    pub fn route(&self) -> &Route {
        &self.navigation.here
    }

    /// The screen we are on.
    pub fn screen(&self) -> &'static ScreenSpec {
        screens::find(&self.route().screen).unwrap_or(screens::first())
    }

    /// What the screen we are on remembers; its beginnings when we never were there.
    pub fn state(&self) -> &ScreenState {
        self.state_of(self.screen().id)
    }

    /// What a screen remembers.
    pub fn state_of(&self, screen: &str) -> &ScreenState {
        static UNTOUCHED: std::sync::LazyLock<ScreenState> =
            std::sync::LazyLock::new(ScreenState::default);
        self.screens.get(screen).unwrap_or(&UNTOUCHED)
    }

    /// What the screen we are on remembers, to change it.
    pub(super) fn state_mut(&mut self) -> &mut ScreenState {
        let id = self.screen().id;
        self.screens.entry(id.to_owned()).or_default()
    }

    /// The target the route is about, if it is about one that is in the site.
    pub fn route_target(&self) -> Option<&crate::domain::Target> {
        self.index.target(&self.site, self.route().target.as_ref()?)
    }

    /// The name people say for a target; its id when it is not in the site.
    pub fn name_of(&self, id: &TargetId) -> String {
        self.index
            .target(&self.site, id)
            .map_or_else(|| id.to_string(), |target| target.name.clone())
    }

    /// Says something in the status line.
    pub(super) fn say(&mut self, tone: Tone, sentence: impl Into<String>) {
        self.status = Some(Status { sentence: sentence.into(), tone, at: self.now });
    }
}
