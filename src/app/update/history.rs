//! News of what is kept of the past.

use super::super::history::HistoryNews;
use super::super::model::Tone;
use super::super::{Model, commands};

/// Takes in what the store tells.
pub fn news(model: &mut Model, news: HistoryNews) {
    match news {
        HistoryNews::Past(past) => {
            model.history.begin(*past);
            model.verdicts.adopt(&mut model.history, model.now);
        }
        HistoryNews::Since(question, told) => {
            commands::tell(model, &question, told);
        }
        HistoryNews::Trouble(trouble) => {
            if let Some(sentence) = &trouble {
                model.say(Tone::Failed, sentence.clone());
            }
            model.history.trouble = trouble;
        }
    }
}
