//! The only writer of the model: one message in, effects out.

mod clock;
mod facts;
mod history;
mod keys;
mod mouse;

use super::history::HistoryOrder;
use super::input::Input;
use super::model::{Faults, Tone};
use super::msg::Outcome;
use super::overlay::{Overlay, Secret};
use super::verdicts::judging::{self, Rules};
use super::{Effect, Model, Msg, Size, commands, consoles, logs, plans, runs};

/// Takes in a message; what is to be done comes back. Judges with every rule that is built.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    update_with(model, msg, judging::built())
}

/// The same with these rules.
pub fn update_with(model: &mut Model, msg: Msg, rules: &Rules) -> Vec<Effect> {
    let mut effects = take(model, msg, rules);
    if !model.history.turned.is_empty() {
        let turned = std::mem::take(&mut model.history.turned);
        effects.push(Effect::History(HistoryOrder::Keep(turned)));
    }
    effects.extend(consoles::fit(model));
    effects
}

fn take(model: &mut Model, msg: Msg, rules: &Rules) -> Vec<Effect> {
    match msg {
        Msg::Input(input) => {
            let mut effects = take_input(model, input);
            effects.extend(facts::in_view(model));
            effects.extend(logs::fit(model));
            effects.extend(runs::fit(model));
            effects.extend(plans::fit(model));
            effects
        }
        Msg::Clock(now) => {
            let is_new_second = clock::clock(model, now, rules);
            if is_new_second { facts::in_view(model).into_iter().collect() } else { Vec::new() }
        }
        Msg::SiteLoaded(site, catalogue) => {
            facts::site_loaded(model, *site, *catalogue, rules);
            let list = model.site.is_demo.then_some(Effect::ListFaults);
            let console = consoles::wished(model);
            list.into_iter().chain(facts::in_view(model)).chain(console).collect()
        }
        Msg::InventoryJudged(report) => {
            model.inventory = *report;
            Vec::new()
        }
        Msg::Asked(probe, at) => {
            facts::asked(model, &probe, at);
            Vec::new()
        }
        Msg::Answered(probe, answer, at, took_ms) => {
            facts::answered(model, &probe, answer, at, took_ms, rules);
            Vec::new()
        }
        Msg::LookEnded(layers) => {
            facts::look_ended(model, &layers, rules);
            Vec::new()
        }
        Msg::Faults(result) => {
            model.faults = match result {
                Ok(list) => Faults { list, trouble: None },
                Err(trouble) => Faults { list: Vec::new(), trouble: Some(trouble) },
            };
            Vec::new()
        }
        Msg::Done(outcome) => {
            match outcome {
                Outcome::Done(sentence) => model.say(Tone::Said, sentence),
                Outcome::Failed(sentence) => model.say(Tone::Failed, sentence),
            }
            // An injected or healed fault is told by the same message.
            model.site.is_demo.then_some(Effect::ListFaults).into_iter().collect()
        }
        Msg::SecretsWanted(names) => {
            let is_more = names.iter().any(|name| !model.secrets_wanted.contains(name));
            model.secrets_wanted = names;
            if is_more {
                let count = model.secrets_wanted.len();
                let what =
                    if count == 1 { "1 secret is".into() } else { format!("{count} secrets are") };
                model.say(
                    Tone::Said,
                    format!("{what} wanted; `:unlock` asks for it, r looks again"),
                );
            }
            Vec::new()
        }
        Msg::SecretLength(length) => {
            if let Some(Overlay::Secret(Secret { length: shown, .. })) = &mut model.overlay {
                *shown = length;
            }
            Vec::new()
        }
        Msg::SecretClosed(is_taken) => secret_closed(model, is_taken),
        Msg::SecretRefused(name, sentence) => {
            if !model.secrets_wanted.contains(&name) {
                model.secrets_wanted.insert(0, name);
            }
            model.say(Tone::Failed, sentence);
            Vec::new()
        }
        Msg::Run(news) => runs::news(model, news),
        Msg::Plan(news) => {
            plans::news(model, news);
            Vec::new()
        }
        Msg::Console(news) => consoles::news(model, news),
        Msg::History(news) => {
            history::news(model, news);
            Vec::new()
        }
        Msg::Log(news) => logs::take(model, news),
        Msg::Ending(reason) => {
            model.ending = Some(reason);
            vec![Effect::Quit]
        }
    }
}

fn take_input(model: &mut Model, input: Input) -> Vec<Effect> {
    match input {
        Input::Key(key) => keys::key(model, key),
        Input::Hidden => {
            if model.console_has_keys() {
                model.status = None;
            }
            Vec::new()
        }
        Input::Paste(text) => keys::paste(model, &text),
        Input::Resize(columns, rows) => {
            model.size = Size::new(columns, rows);
            Vec::new()
        }
        Input::Click(column, row) if model.mouse => mouse::click(model, column, row),
        Input::Wheel(column, row, by) if model.mouse => mouse::wheel(model, column, row, by),
        Input::Click(..) | Input::Wheel(..) => Vec::new(),
        Input::Focus(has_focus) => {
            model.has_focus = has_focus;
            Vec::new()
        }
    }
}

/// The next secret is asked for at once; a field that was left ends the asking.
fn secret_closed(model: &mut Model, is_taken: bool) -> Vec<Effect> {
    let Some(Overlay::Secret(secret)) = model.overlay.take() else { return Vec::new() };
    if !is_taken {
        model.say(Tone::Said, format!("{} was not given", secret.name));
        return Vec::new();
    }
    model.secrets_wanted.retain(|name| *name != secret.name);
    if model.secrets_wanted.is_empty() {
        // A vault's password is tried first; whether it is kept is told when it was.
        let told =
            if secret.name.is_vault() { "is being tried" } else { "is kept for this session" };
        model.say(Tone::Said, format!("{} {told}", secret.name));
    }
    commands::ask_secret(model)
}
