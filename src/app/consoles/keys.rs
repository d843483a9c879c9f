//! The keys that are ours while a console is shown.

use super::super::model::Tone;
use super::super::overlay::Overlay;
use super::super::{Effect, Key, KeyName, Model};
use super::choices::open_place;
use super::news::has_ended;
use super::{
    Choice, ConsoleOrder, Find, Mode, OpenConsole, PenAct, Place, Scroll, is_release, release_text,
};

/// The longest text that can be looked for.
const LONGEST_FIND: usize = 200;

/// Takes a key; `None` when it is not the console's.
pub fn key(model: &mut Model, key: Key) -> Option<Vec<Effect>> {
    let id = model.consoles.shown?;
    let order = |order: ConsoleOrder| Some(vec![Effect::Console(order)]);
    match model.consoles.mode {
        Mode::Aside => {
            if is_release(model, key) {
                model.consoles.mode = Mode::Typing;
                return Some(Vec::new());
            }
            None
        }
        // The line ended: the runtime lets only these keys come here.
        Mode::Typing => {
            match key.name {
                KeyName::Enter | KeyName::Char('r') if has_ended(model, id) => {
                    return order(ConsoleOrder::Connect(id, false));
                }
                KeyName::Char('f') if has_ended(model, id) => {
                    return order(ConsoleOrder::Connect(id, true));
                }
                KeyName::Esc if is_replay(model, id) => return Some(close(model, id)),
                KeyName::Esc if has_ended(model, id) => return Some(detach(model, id)),
                KeyName::Char('q') if has_ended(model, id) => {
                    model.consoles.mode = Mode::Closing;
                    return Some(Vec::new());
                }
                KeyName::Char('[') if has_ended(model, id) => {
                    model.consoles.mode = Mode::Looking;
                    return Some(Vec::new());
                }
                KeyName::Char('y') if has_ended(model, id) => return order(ConsoleOrder::Copy(id)),
                KeyName::PageUp => {
                    model.consoles.mode = Mode::Looking;
                    return order(ConsoleOrder::Scroll(id, Scroll::Pages(1)));
                }
                _ => {}
            }
            Some(Vec::new())
        }
        Mode::Bar => Some(bar_key(model, id, key)),
        Mode::Closing => {
            match key.name {
                KeyName::Char('y') => return Some(close(model, id)),
                KeyName::Esc | KeyName::Char('n') => model.consoles.mode = Mode::Typing,
                _ => {}
            }
            Some(Vec::new())
        }
        Mode::Looking => Some(looking_key(model, id, key)),
        Mode::Finding => Some(finding_key(model, id, key)),
    }
}

fn bar_key(model: &mut Model, id: u32, key: Key) -> Vec<Effect> {
    let effect = |order: ConsoleOrder| vec![Effect::Console(order)];
    model.consoles.mode = Mode::Typing;
    if is_release(model, key) && !has_ended(model, id) {
        return effect(ConsoleOrder::SendRelease(id));
    }
    match key.name {
        KeyName::Char(digit @ '1'..='9') => {
            let at = digit.to_digit(10).map_or(0, |digit| digit as usize) - 1;
            let line = model.consoles.of(id).and_then(|console| console.lines.get(at)).cloned();
            match line {
                Some(line) => return effect(ConsoleOrder::Type(id, line)),
                None => model.say(Tone::Off, format!("No prepared line has the number {digit}")),
            }
        }
        KeyName::Esc => {}
        KeyName::Char('z') if !model.consoles.alone => {
            model.consoles.is_full = !model.consoles.is_full;
        }
        KeyName::Char('s') if !model.consoles.alone => {
            model.consoles.is_full = false;
            model.consoles.share = model.consoles.share.next();
        }
        KeyName::Char(key @ ('p' | 'g' | 'k')) if own_run(model, id).is_some() => {
            let act = if key == 'p' { PenAct::Turn } else { PenAct::Give(key == 'g') };
            return effect(ConsoleOrder::Pen(id, act));
        }
        KeyName::Char('x') if own_run(model, id).is_some() => {
            let run = own_run(model, id).unwrap_or_default();
            return super::super::runs::ask_to_stop(model, &run.to_string());
        }
        KeyName::Char('[') => model.consoles.mode = Mode::Looking,
        KeyName::Char(sign @ ('+' | '-'))
            if model.consoles.of(id).is_some_and(|console| console.place.run().is_some()) =>
        {
            return effect(ConsoleOrder::Keys(id, sign == '+'));
        }
        KeyName::Char('y') => return effect(ConsoleOrder::Copy(id)),
        KeyName::Char('n') => return next(model, id),
        KeyName::Char('d') => return detach(model, id),
        KeyName::Char('W') => {
            return super::super::runs::attach(model, "");
        }
        KeyName::Char('q') => {
            // A run goes on, a recording stays: there is nothing to ask.
            let is_kept = own_run(model, id).is_some() || is_replay(model, id);
            if is_kept || has_ended(model, id) {
                return close(model, id);
            }
            model.consoles.mode = Mode::Closing;
        }
        KeyName::Char('r') if has_ended(model, id) => {
            return effect(ConsoleOrder::Connect(id, false));
        }
        KeyName::Tab if !model.consoles.alone => {
            model.consoles.is_full = false;
            model.consoles.mode = Mode::Aside;
            let back = release_text(model);
            model.say(Tone::Said, format!("Keys go to the screen above; {back} comes back"));
        }
        _ => {
            model.consoles.mode = Mode::Bar;
            let key = super::super::keymap::key_text(key);
            model.say(Tone::Off, format!("{key} does nothing here; Esc goes back"));
        }
    }
    Vec::new()
}

/// Whether a console plays a recording.
fn is_replay(model: &Model, id: u32) -> bool {
    model.consoles.of(id).is_some_and(|console| matches!(console.place, Place::Replay(_)))
}

/// The run whose terminal a console shows.
fn own_run(model: &Model, id: u32) -> Option<u64> {
    model.consoles.of(id)?.place.own_run()
}

fn looking_key(model: &mut Model, id: u32, key: Key) -> Vec<Effect> {
    let scroll = |by: Scroll| vec![Effect::Console(ConsoleOrder::Scroll(id, by))];
    let find = |what: Find| vec![Effect::Console(ConsoleOrder::Find(id, what))];
    if is_release(model, key) {
        model.consoles.mode = Mode::Bar;
        return Vec::new();
    }
    match key.name {
        KeyName::Up | KeyName::Char('k') => scroll(Scroll::Lines(1)),
        KeyName::Down | KeyName::Char('j') => scroll(Scroll::Lines(-1)),
        KeyName::PageUp => scroll(Scroll::Pages(1)),
        KeyName::PageDown | KeyName::Char(' ') => scroll(Scroll::Pages(-1)),
        KeyName::Home | KeyName::Char('g') => scroll(Scroll::Top),
        KeyName::End | KeyName::Char('G') => scroll(Scroll::End),
        KeyName::Char('n') => find(Find::Above),
        KeyName::Char('N') => find(Find::Below),
        KeyName::Char('/') => {
            model.consoles.find.clear();
            model.consoles.mode = Mode::Finding;
            Vec::new()
        }
        KeyName::Char('y') => vec![Effect::Console(ConsoleOrder::Copy(id))],
        KeyName::Esc | KeyName::Enter | KeyName::Char('q' | 'F') => {
            model.consoles.mode = Mode::Typing;
            let mut effects = find(Find::Text(String::new()));
            effects.extend(scroll(Scroll::End));
            effects
        }
        _ => {
            model.say(Tone::Off, "Esc goes back to typing; / finds, y copies, PgUp PgDn move");
            Vec::new()
        }
    }
}

fn finding_key(model: &mut Model, id: u32, key: Key) -> Vec<Effect> {
    match key {
        Key { name: KeyName::Enter, .. } => {
            model.consoles.mode = Mode::Looking;
            let text = model.consoles.find.clone();
            return vec![Effect::Console(ConsoleOrder::Find(id, Find::Text(text)))];
        }
        Key { name: KeyName::Esc, .. } => model.consoles.mode = Mode::Looking,
        Key { name: KeyName::Backspace, .. } => {
            model.consoles.find.pop();
        }
        Key { name: KeyName::Char('u'), ctrl: true, .. } => model.consoles.find.clear(),
        Key { name: KeyName::Char(c), ctrl: false, alt: false }
            if model.consoles.find.chars().count() < LONGEST_FIND =>
        {
            model.consoles.find.push(c);
        }
        _ => {}
    }
    Vec::new()
}

fn next(model: &mut Model, id: u32) -> Vec<Effect> {
    let open = &model.consoles.open;
    let at = open.iter().position(|console| console.id == id).unwrap_or(0);
    match open.get((at + 1) % open.len().max(1)).map(|console| console.id) {
        Some(other) if other != id => show(model, other),
        _ => {
            model.say(Tone::Off, "This is the only console; Esc, then c opens another");
            Vec::new()
        }
    }
}

/// Shows a console that is open, in the place of another.
pub fn show(model: &mut Model, id: u32) -> Vec<Effect> {
    let before = model.consoles.shown.replace(id);
    model.consoles.mode = Mode::Typing;
    let hidden = before.filter(|before| *before != id);
    let hidden = hidden.map(|before| Effect::Console(ConsoleOrder::Show(before, false)));
    hidden.into_iter().chain([Effect::Console(ConsoleOrder::Show(id, true))]).collect()
}

fn detach(model: &mut Model, id: u32) -> Vec<Effect> {
    if model.consoles.alone {
        if !model.consoles.of(id).is_some_and(OpenConsole::ends_with_screen) {
            return vec![Effect::Quit];
        }
        // There is nothing to come back to: leaving is ending.
        model.consoles.mode = Mode::Closing;
        return Vec::new();
    }
    model.consoles.shown = None;
    model.consoles.mode = Mode::Typing;
    model.consoles.is_full = false;
    let run = model.consoles.of(id).and_then(|console| console.place.run());
    if has_ended(model, id) {
        model.say(Tone::Said, format!("Console {id} keeps its text; c comes back to it"));
    } else if let Some(run) = run {
        let said =
            format!("Console {id} goes on in run {run}, also without this screen; c comes back");
        model.say(Tone::Said, said);
    } else {
        model.say(Tone::Said, format!("Console {id} goes on; c comes back to it"));
    }
    vec![Effect::Console(ConsoleOrder::Show(id, false))]
}

fn close(model: &mut Model, id: u32) -> Vec<Effect> {
    model.consoles.open.retain(|console| console.id != id);
    model.consoles.shown = None;
    model.consoles.mode = Mode::Typing;
    model.consoles.is_full = false;
    model.say(Tone::Said, format!("Console {id} is closed"));
    let mut effects = vec![Effect::Console(ConsoleOrder::Close(id))];
    if model.consoles.alone {
        effects.push(Effect::Quit);
    }
    effects
}

/// A key for the list of consoles.
pub fn choices_key(model: &mut Model, key: Key) -> Vec<Effect> {
    let Some(Overlay::Consoles(choices)) = &mut model.overlay else { return Vec::new() };
    let last = choices.items.len().saturating_sub(1);
    match key.name {
        KeyName::Up | KeyName::Char('k') | KeyName::BackTab => {
            choices.selected = choices.selected.saturating_sub(1);
        }
        KeyName::Down | KeyName::Char('j' | 'c') | KeyName::Tab => {
            choices.selected = (choices.selected + 1).min(last);
        }
        KeyName::Home => choices.selected = 0,
        KeyName::End => choices.selected = last,
        KeyName::Char(digit @ '1'..='9') => {
            let at = digit.to_digit(10).map_or(0, |digit| digit as usize) - 1;
            if at <= last {
                choices.selected = at;
                return choose(model);
            }
        }
        KeyName::Enter => return choose(model),
        _ => {}
    }
    Vec::new()
}

/// Opens or shows what is selected in the list.
pub fn choose(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Consoles(choices)) = model.overlay.take() else { return Vec::new() };
    match choices.items.into_iter().nth(choices.selected) {
        Some(Choice::Return(id)) => show(model, id),
        Some(Choice::Open(place)) => open_place(model, *place),
        None => Vec::new(),
    }
}
