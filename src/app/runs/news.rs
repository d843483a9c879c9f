//! What is told of runs, and what is asked so that the page of one can be shown.

use crate::install::journal::StopLevel;

use super::super::model::Tone;
use super::super::msg::Outcome;
use super::super::screens::run as screen;
use super::super::{Effect, Model, logs};
use super::{RunNews, RunOrder, acts};

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
        RunNews::Here(here) => {
            model.runs.here = Some(here);
            Vec::new()
        }
        RunNews::Started(run) => {
            let effects = logs::open_run(model, run);
            model.say(
                Tone::Said,
                format!("run {run} goes on without this screen; W types into it, 7 lists runs"),
            );
            effects
        }
        RunNews::Weighed(run, weighed) => {
            acts::weighed(model, run, &weighed);
            Vec::new()
        }
        RunNews::Stopped(told) => {
            let tone = if told.is_done { Tone::Said } else { Tone::Failed };
            model.say(tone, told.sentence.clone());
            match told.level.next().filter(|_| !told.is_done) {
                Some(next) => acts::confirm_stop(model, told.run, next, Some(told.sentence)),
                None => Vec::new(),
            }
        }
        RunNews::Page(page) => {
            if model.runs.asked == Some(page.run) {
                model.runs.page = Some(*page);
            }
            Vec::new()
        }
        RunNews::Listed(runs) => {
            let waited =
                model.runs.current().and_then(|run| run.prompt.clone().map(|p| (run.id, p)));
            model.runs.list = runs.list;
            model.runs.trouble = runs.trouble;
            let waits =
                model.runs.current().and_then(|run| run.prompt.clone().map(|p| (run.id, p)));
            match waits {
                Some((id, prompt)) if waited.as_ref() != Some(&(id, prompt.clone())) => {
                    let key = super::key_of(model, "run.attach");
                    model.say(
                        Tone::Said,
                        format!("run {id} WAITS FOR YOU: {prompt} {key} goes where it is answered"),
                    );
                    vec![Effect::Ring]
                }
                _ => Vec::new(),
            }
        }
    }
}

/// What to ask so that the page on the screen is known; nothing while it is the same one.
pub fn fit(model: &mut Model) -> Option<Effect> {
    let is_here = model.screen().id == screen::SPEC.id;
    let wanted = model.route().run.filter(|_| is_here);
    if wanted == model.runs.asked {
        return None;
    }
    model.runs.asked = wanted;
    model.runs.page = None;
    Some(Effect::Run(RunOrder::Page(wanted)))
}

/// What a level of stopping means.
pub(super) const fn meaning(level: StopLevel) -> &'static str {
    match level {
        StopLevel::Int => "INT is what Ctrl-C sends: most commands tidy up and end.",
        StopLevel::Term => "TERM asks everything of the run to end; little is tidied up.",
        StopLevel::Kill => "KILL ends everything at once; nothing can be tidied up.",
    }
}
