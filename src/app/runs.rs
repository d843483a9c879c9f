//! Runs as the screen knows them: a strip in the header, a list, a page each,
//! and the acts on them. What a run writes stays with the runner.

mod acts;
mod news;
mod page;
mod words;

use serde::{Deserialize, Serialize};

use crate::domain::{Age, Stamp};

pub use crate::install::journal::{RunWord, StopLevel};

use super::Model;
use super::mark::Mark;
use super::msg::Outcome;

pub use acts::{
    ask_to_start, ask_to_stop, attach, attach_choices, name_given, perform, stop_choices,
};
pub use news::{fit, news};
pub use page::{EntryLine, RecordingLine, RunPage};
pub use words::split;

/// How many runs the screen lists.
pub const LISTED: usize = 200;

/// For so long after it a run that ended badly is spoken of where what runs is said.
pub const REMEMBERED: Age = Age::seconds(24 * 3600);

/// One run, as its journal tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunLine {
    /// Its number in the site.
    pub id: u64,
    /// What people call it.
    pub title: String,
    /// Its state.
    pub word: RunWord,
    /// Its exit status as a shell counts it.
    pub exit: Option<i32>,
    /// How it ended, where that was read: exit, signal, out of memory, not known.
    #[serde(default)]
    pub ending: Option<String>,
    /// When it was wanted.
    pub started: Stamp,
    /// When it was over, or its journal ends.
    pub ended: Option<Stamp>,
    /// The line that it waits at.
    pub prompt: Option<String>,
    /// The hardest stop that was asked for.
    pub stop: Option<StopLevel>,
    /// The host to which the line is cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<String>,
    /// The host on which its command may still run, while nothing here holds the line to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goes_on: Option<String>,
}

/// Who is at the keyboard, and where commands would run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Here {
    /// What the person said to be called at this login; nobody was asked yet when `None`.
    pub name: Option<String>,
    /// The best guess, for whoever is asked.
    pub guess: String,
    /// The directory that commands are run in.
    pub directory: String,
}

/// What is known of the site's runs, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Runs {
    /// The newest of them.
    pub list: Vec<RunLine>,
    /// What cannot be read of them.
    pub trouble: Option<String>,
    /// Who is here; `None` where no runs are kept.
    #[serde(default)]
    pub here: Option<Here>,
    /// The run whose page is shown, as it is known.
    #[serde(default)]
    pub page: Option<RunPage>,
    /// The run whose page was last asked for.
    #[serde(default)]
    pub asked: Option<u64>,
}

/// News of runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunNews {
    /// How they all stand now.
    Listed(Runs),
    /// Who is here.
    Here(Here),
    /// A run was started.
    Started(u64),
    /// What a stop would reach.
    Weighed(u64, Weighed),
    /// What a stop did.
    Stopped(StopTold),
    /// The page of a run.
    Page(Box<RunPage>),
    /// What became of an order.
    Told(Outcome),
}

/// What a stop would reach.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Weighed {
    /// Processes that would get the signal, a few of them named.
    pub reached: Vec<String>,
    /// How many that are.
    pub count: usize,
    /// What would not be reached, one sentence each.
    pub beyond: Vec<String>,
}

/// What a stop did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopTold {
    /// The run.
    pub run: u64,
    /// How hard it was.
    pub level: StopLevel,
    /// Whether nothing is left.
    pub is_done: bool,
    /// What became of it, one sentence.
    pub sentence: String,
}

/// What the screen wants done about a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunOrder {
    /// Run these words; the last is who wants it.
    Start(Vec<String>, String),
    /// Stop it; the name was typed. The last is who wants it.
    Stop(u64, StopLevel, String),
    /// See what a stop would reach.
    Weigh(u64),
    /// Keep what the person is called at this login.
    Say(String),
    /// Tell this run's page, whenever it changes; of none with `None`.
    Page(Option<u64>),
}

impl Runs {
    /// The run that holds the lease: at most one runs in a site.
    pub fn current(&self) -> Option<&RunLine> {
        self.list.iter().find(|run| run.word.is_open())
    }

    /// The run of that number.
    pub fn of(&self, id: u64) -> Option<&RunLine> {
        self.list.iter().find(|run| run.id == id)
    }

    /// The run that is to be spoken of: the one that runs, else the last one
    /// where it ended badly and not long ago.
    pub fn spoken_of(&self, now: Stamp) -> Option<&RunLine> {
        let last = || self.list.first().filter(|run| run.is_bad() && run.is_recent(now));
        self.current().or_else(last)
    }

    /// What is said to whoever leaves.
    pub fn farewell(&self) -> Option<String> {
        let Some(run) = self.current() else {
            let run = self.list.first()?;
            let (id, host) = (run.id, run.goes_on.as_ref()?);
            return Some(format!(
                "run {id} may still run on {host}, its runner here is gone; `shopfloor attach {id}` goes on with it"
            ));
        };
        let waits = if run.word == RunWord::Waiting { " and WAITS FOR YOU" } else { "" };
        Some(format!("run {0} goes on{waits}; come back with `shopfloor attach {0}`", run.id))
    }

    /// What is said to whoever comes: what goes on, or what ended badly.
    pub fn greeting(&self, now: Stamp) -> Option<String> {
        self.farewell().or_else(|| {
            let run = self.spoken_of(now)?;
            Some(format!("{}; `shopfloor run show {}` tells more", run.end_words(now), run.id))
        })
    }
}

impl RunLine {
    /// Whether it ended otherwise than it should.
    pub fn is_bad(&self) -> bool {
        matches!(self.word, RunWord::Failed | RunWord::Unknown)
    }

    fn is_recent(&self, now: Stamp) -> bool {
        now.since(self.ended.unwrap_or(self.started)) <= REMEMBERED
    }

    /// Its mark.
    pub const fn mark(&self) -> Mark {
        match self.word {
            RunWord::Running => Mark::Active,
            RunWord::Waiting | RunWord::Parked => Mark::Waits,
            RunWord::Done => Mark::Ok,
            RunWord::Failed => Mark::Fail,
            RunWord::Stopped => Mark::Off,
            RunWord::Unknown => Mark::Unknown,
        }
    }

    /// `run 8 RUNNING 4m`, `run 1 WAITS FOR YOU`, `run 7 FAILED (exit 2)`.
    pub fn strip(&self, now: Stamp) -> String {
        let id = self.id;
        let upper = self.word.word().to_uppercase();
        match (self.word, self.exit) {
            (RunWord::Waiting, _) => format!("run {id} WAITS FOR YOU"),
            (RunWord::Running | RunWord::Parked, _) => {
                let cut = self.cut.as_ref().map(|host| format!(", LINE TO {host} CUT"));
                let since = now.since(self.started).short();
                format!("run {id} {upper} {since}{}", cut.unwrap_or_default())
            }
            (RunWord::Failed | RunWord::Stopped, Some(code)) => {
                format!("run {id} {upper} (exit {code})")
            }
            _ => format!("run {id} {upper}"),
        }
    }

    /// `running`, `WAITS FOR YOU`, `failed (exit 2)`.
    pub fn state_words(&self) -> String {
        match (self.word, self.exit) {
            (RunWord::Waiting, _) => "WAITS FOR YOU".to_owned(),
            (RunWord::Failed | RunWord::Stopped, Some(code)) => {
                format!("{} (exit {code})", self.word.word())
            }
            _ => self.word.word().to_owned(),
        }
    }

    /// `exit 7`, `ended by SIGKILL`: how it ended, as far as is known.
    pub fn ending_words(&self) -> String {
        match (&self.ending, self.exit) {
            (Some(ending), _) => ending.clone(),
            (None, Some(code)) => format!("exit {code}"),
            (None, None) => "nobody saw how it ended".to_owned(),
        }
    }

    /// `run 8 failed 13:52:01Z, exit 7: make all`.
    pub fn end_words(&self, now: Stamp) -> String {
        format!("{}: {}", self.end(now), self.title)
    }

    /// The same without its title.
    fn end(&self, now: Stamp) -> String {
        let at = self.ended.unwrap_or(self.started).near(now);
        let ending = match self.word {
            RunWord::Done => String::new(),
            _ => format!(", {}", self.ending_words()),
        };
        let word =
            if self.word == RunWord::Unknown { "is unknown since" } else { self.word.word() };
        format!("run {} {word} {at}{ending}", self.id)
    }
}

/// What runs, for the header.
pub fn strip(model: &Model) -> String {
    let run = model.runs.spoken_of(model.now);
    run.map_or_else(|| "no run".to_owned(), |run| run.strip(model.now))
}

/// Whether a run waits for a person.
pub fn waits(model: &Model) -> bool {
    model.runs.current().is_some_and(|run| run.word == RunWord::Waiting)
}

/// What the Changes row says of runs, with the mark and the word beside it;
/// `None` where there never was one.
pub fn changes_words(model: &Model) -> Option<(Mark, &'static str, String)> {
    let (now, attach) = (model.now, key_of(model, "run.attach"));
    if let Some(run) = model.runs.current() {
        let (id, title) = (run.id, &run.title);
        return Some(match &run.prompt {
            Some(prompt) => {
                (Mark::Waits, "WAIT", format!("run {id} asks: {prompt} {attach} answers; {title}"))
            }
            None => {
                let age = now.since(run.started).short();
                (Mark::Active, "runs", format!("run {id} for {age}, {attach} goes there: {title}"))
            }
        });
    }
    let run = model.runs.list.first()?;
    // What to press stands before what may be cut off.
    Some(match (run.is_bad() && run.is_recent(now), run.mark()) {
        (true, mark) => {
            let words = format!("{}, Enter shows it: {}", run.end(now), run.title);
            (mark, mark.word(), words)
        }
        _ => (Mark::Off, "idle", run.end_words(now)),
    })
}

/// The first key of a command.
fn key_of(model: &Model, command: &str) -> String {
    model.keymap.keys_of(command).into_iter().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_cut_and_a_run_that_goes_on_elsewhere_are_said() {
        let line = RunLine {
            id: 8,
            title: "gpu-07: true".into(),
            word: RunWord::Running,
            exit: None,
            ending: None,
            started: Stamp(0),
            ended: None,
            prompt: None,
            stop: None,
            cut: Some("gpu-07".into()),
            goes_on: None,
        };
        assert_eq!(line.strip(Stamp(240_000)), "run 8 RUNNING 4m, LINE TO gpu-07 CUT");
        let left = RunLine {
            word: RunWord::Unknown,
            cut: None,
            goes_on: Some("gpu-07".into()),
            ..line.clone()
        };
        let runs = |line: RunLine| Runs { list: vec![line], ..Runs::default() };
        let said = runs(left).farewell().unwrap();
        assert!(
            said.starts_with("run 8 may still run on gpu-07, its runner here is gone"),
            "{said}"
        );
        assert!(runs(line).farewell().unwrap().starts_with("run 8 goes on;"));
    }
}
