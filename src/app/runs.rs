//! Runs as the screen knows them: a strip in the header, a list, and a way to
//! stop one. What a run writes stays with the runner.

use serde::{Deserialize, Serialize};

use crate::domain::Stamp;
use crate::install::journal::{RunWord, StopLevel};

use super::model::Tone;
use super::msg::Outcome;
use super::overlay::{Act, Confirm, Overlay};
use super::{Effect, Model};

/// How many runs the screen lists.
pub const LISTED: usize = 200;

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
    /// When it was wanted.
    pub started: Stamp,
    /// When it was over.
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

/// What is known of the site's runs, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Runs {
    /// The newest of them.
    pub list: Vec<RunLine>,
    /// What cannot be read of them.
    pub trouble: Option<String>,
}

/// News of runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunNews {
    /// How they all stand now.
    Listed(Runs),
    /// What became of an order.
    Told(Outcome),
}

/// What the screen wants done about a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunOrder {
    /// Stop it; the name was typed.
    Stop(u64, StopLevel),
}

impl Runs {
    /// The run that holds the lease: at most one runs in a site.
    pub fn current(&self) -> Option<&RunLine> {
        self.list.iter().find(|run| run.word.is_open())
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
}

impl RunLine {
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
}

/// What runs, for the header.
pub fn strip(model: &Model) -> String {
    model.runs.current().map_or_else(|| "no run".to_owned(), |run| run.strip(model.now))
}

/// Whether a run waits for a person.
pub fn waits(model: &Model) -> bool {
    model.runs.current().is_some_and(|run| run.word == RunWord::Waiting)
}

/// The runs as lines of text, newest first.
pub fn lines(model: &Model) -> Vec<String> {
    let mut lines: Vec<String> = model
        .runs
        .list
        .iter()
        .map(|run| {
            let waits = run.prompt.as_ref().map(|prompt| format!("  {prompt}")).unwrap_or_default();
            format!("{:<26} {}  {}{waits}", run.strip(model.now), run.started.rfc3339(), run.title)
        })
        .collect();
    lines.extend(model.runs.trouble.clone());
    lines
}

/// Takes in news. A run that begins to wait rings once.
pub fn news(model: &mut Model, news: RunNews) -> Vec<Effect> {
    match news {
        RunNews::Told(Outcome::Done(sentence)) => {
            model.say(Tone::Said, sentence);
            Vec::new()
        }
        RunNews::Told(Outcome::Failed(sentence)) => {
            model.say(Tone::Failed, sentence);
            Vec::new()
        }
        RunNews::Listed(runs) => {
            let waited =
                model.runs.current().and_then(|run| run.prompt.clone().map(|p| (run.id, p)));
            model.runs = runs;
            let waits =
                model.runs.current().and_then(|run| run.prompt.clone().map(|p| (run.id, p)));
            match waits {
                Some((id, prompt)) if waited.as_ref() != Some(&(id, prompt.clone())) => {
                    model.say(
                        Tone::Said,
                        format!(
                            "run {id} WAITS FOR YOU: {prompt} `shopfloor attach {id}` answers it"
                        ),
                    );
                    vec![Effect::Ring]
                }
                _ => Vec::new(),
            }
        }
    }
}

/// Asks for the name of the run that is to be stopped, one level harder than was tried.
pub fn ask_to_stop(model: &mut Model) -> Vec<Effect> {
    let Some(run) = model.runs.current() else { return Vec::new() };
    let level = match run.stop {
        None => StopLevel::Int,
        Some(tried) => tried.next().unwrap_or(tried),
    };
    let signal = level.word().to_uppercase();
    let name = format!("run {}", run.id);
    let meaning = match level {
        StopLevel::Int => "INT is what Ctrl-C sends: most commands tidy up and end.",
        StopLevel::Term => "TERM asks everything of the run to end; little is tidied up.",
        StopLevel::Kill => "KILL ends everything at once; nothing can be tidied up.",
    };
    model.overlay = Some(Overlay::Confirm(Confirm {
        top: 0,
        title: format!("Stop {name} with {signal}"),
        lines: vec![run.title.clone(), meaning.to_owned()],
        button: format!("Send {signal} to {name}"),
        wanted: name,
        typed: String::new(),
        act: Act::StopRun(run.id, level),
    }));
    Vec::new()
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
        let runs = |line: RunLine| Runs { list: vec![line], trouble: None };
        let said = runs(left).farewell().unwrap();
        assert!(
            said.starts_with("run 8 may still run on gpu-07, its runner here is gone"),
            "{said}"
        );
        assert!(runs(line).farewell().unwrap().starts_with("run 8 goes on;"));
    }
}
