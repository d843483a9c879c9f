//! Keys: to what lies over the screen, to the filter, else to a command.

use super::super::commands;
use super::super::filter::Filter;
use super::super::model::Tone;
use super::super::overlay::{Act, Menu, Overlay, Palette};
use super::super::{Effect, Key, KeyName, Model, logs, palette, runs, screens};

/// The longest text a field takes, in characters.
const LONGEST_TEXT: usize = 200;
/// The same for a command that is to be run.
const LONGEST_LINE: usize = 1_000;
/// How much of a paste is read at all, in bytes.
const LONGEST_PASTE: usize = 4_096;

/// A key.
pub fn key(model: &mut Model, key: Key) -> Vec<Effect> {
    if model.is_too_small_for_all() {
        if matches!(model.overlay, Some(Overlay::Leaving(_))) {
            return overlay_key(model, key);
        }
        if let Some(effects) = super::super::consoles::key(model, key) {
            return effects;
        }
        return key_when_too_small(model, key);
    }
    model.status = None;
    if model.overlay.is_some() {
        return overlay_key(model, key);
    }
    if let Some(effects) = super::super::consoles::key(model, key) {
        return effects;
    }
    if model.logs.field.is_some() && model.screen().id == screens::logs::SPEC.id {
        return log_field_key(model, key);
    }
    if model.is_filtering {
        filter_key(model, key);
        return Vec::new();
    }
    match model.keymap.command_for(key, model.screen()) {
        Some(command) => commands::run(model, command, ""),
        None => {
            let text = super::super::keymap::key_text(key);
            model.say(Tone::Off, format!("{text} does nothing here; ? lists the keys"));
            Vec::new()
        }
    }
}

/// Only leaving and help work where nothing can be seen.
fn key_when_too_small(model: &mut Model, key: Key) -> Vec<Effect> {
    match model.keymap.command_for(key, model.screen()).map(|command| command.id) {
        Some("program.quit") => super::super::consoles::leave(model),
        Some("help.open") => {
            if matches!(model.overlay, Some(Overlay::Help(_))) {
                model.overlay = None;
                return Vec::new();
            }
            commands::find("help.open")
                .map(|help| commands::run(model, help, ""))
                .unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// Pasted text goes where typed text would go, without what is not text.
pub fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    let mut end = text.len().min(LONGEST_PASTE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let line = text.get(..end).unwrap_or("").lines().next().unwrap_or("");
    let clean: String =
        line.chars().filter(|c| !crate::domain::untrusted::is_invisible(*c)).collect();
    let is_command = is_command(model);
    if let Some(field) = text_field(model) {
        let longest = if is_command { LONGEST_LINE } else { LONGEST_TEXT };
        let room = longest.saturating_sub(field.chars().count());
        let is_whole = clean.chars().count() <= room && line.len() == text.trim_end().len();
        if is_command && !is_whole {
            let sentence =
                format!("Nothing was pasted: a command is one line of {longest} characters");
            model.say(Tone::Off, sentence);
            return Vec::new();
        }
        field.extend(clean.chars().take(room));
        text_changed(model);
        if model.overlay.is_none() {
            return logs::field_changed(model);
        }
    } else if !matches!(model.overlay, Some(Overlay::Secret(_))) {
        model.say(Tone::Off, "Nothing here takes pasted text");
    }
    Vec::new()
}

/// Whether the words of a command are being typed that is to be run: a part of one is another one.
fn is_command(model: &Model) -> bool {
    matches!(&model.overlay, Some(Overlay::Palette(palette)) if palette.text.starts_with("run "))
}

/// The text field that has the focus.
fn text_field(model: &mut Model) -> Option<&mut String> {
    if model.is_too_small_for_all() {
        return None;
    }
    if model.overlay.is_none() && model.screen().id == screens::logs::SPEC.id {
        return model.logs.field.as_mut().map(|field| &mut field.pattern.text);
    }
    if model.overlay.is_none() {
        return model.is_filtering.then(|| &mut model.state_mut().filter);
    }
    match model.overlay.as_mut()? {
        Overlay::Palette(palette) => Some(&mut palette.text),
        Overlay::Help(menu) => Some(&mut menu.text),
        Overlay::Confirm(confirm) => Some(&mut confirm.typed),
        Overlay::Name(field) => Some(&mut field.typed),
        Overlay::Actions(_)
        | Overlay::Stop(_)
        | Overlay::Consoles(_)
        | Overlay::Leaving(_)
        | Overlay::Since(_)
        | Overlay::Secret(_) => None,
    }
}

/// What depends on a text is found again.
fn text_changed(model: &mut Model) {
    match model.overlay.take() {
        Some(Overlay::Palette(mut palette)) => {
            palette::refresh(model, &mut palette);
            model.overlay = Some(Overlay::Palette(palette));
        }
        Some(Overlay::Help(mut menu)) => {
            menu.selected = 0;
            menu.top = 0;
            commands::refresh_help(model, &mut menu);
            model.overlay = Some(Overlay::Help(menu));
        }
        other => model.overlay = other,
    }
}

/// Editing keys of a text field; `true` when the key was one.
fn edit(model: &mut Model, key: Key) -> bool {
    let longest = if is_command(model) { LONGEST_LINE } else { LONGEST_TEXT };
    let Some(field) = text_field(model) else { return false };
    match key {
        Key { name: KeyName::Char(c), ctrl: false, alt: false } => {
            if field.chars().count() < longest {
                field.push(c);
            }
        }
        Key { name: KeyName::Backspace, .. } => {
            field.pop();
        }
        Key { name: KeyName::Char('u'), ctrl: true, .. } => field.clear(),
        Key { name: KeyName::Char('w'), ctrl: true, .. } => {
            let kept = field.trim_end().rfind(' ').map_or(0, |at| at + 1);
            field.truncate(kept);
        }
        _ => return false,
    }
    text_changed(model);
    true
}

/// Keys of a field of the log view: what is typed is in force at once.
fn log_field_key(model: &mut Model, key: Key) -> Vec<Effect> {
    if edit(model, key) {
        return logs::field_changed(model);
    }
    match key.name {
        KeyName::Enter => logs::field_done(model),
        KeyName::Esc => logs::field_left(model),
        KeyName::Char('c') if key.ctrl => logs::field_left(model),
        KeyName::Tab => {
            if let Some(field) = &mut model.logs.field {
                field.pattern.is_regex = !field.pattern.is_regex;
            }
            logs::field_changed(model)
        }
        KeyName::Up => logs::step(model, -1),
        KeyName::Down => logs::step(model, 1),
        _ => Vec::new(),
    }
}

fn filter_key(model: &mut Model, key: Key) {
    if edit(model, key) {
        return;
    }
    match key.name {
        KeyName::Enter => {
            model.is_filtering = false;
            if !Filter::of(&model.state().filter).is_empty()
                && commands::motion::selected(model).is_none()
            {
                model.say(
                    Tone::Off,
                    "Nothing matches; Esc shows everything, / looks for other words",
                );
            }
        }
        KeyName::Esc => {
            model.is_filtering = false;
            model.state_mut().filter.clear();
        }
        KeyName::Up => commands::motion::step(model, -1),
        KeyName::Down => commands::motion::step(model, 1),
        KeyName::Char('c') if key.ctrl => {
            model.is_filtering = false;
            model.state_mut().filter.clear();
        }
        _ => {}
    }
}

fn overlay_key(model: &mut Model, key: Key) -> Vec<Effect> {
    let is_closing = key.name == KeyName::Esc || key == Key::ctrl('c');
    if is_closing {
        if !matches!(model.overlay, Some(Overlay::Secret(_))) {
            model.overlay = None;
        }
        return Vec::new();
    }
    if edit(model, key) {
        return Vec::new();
    }
    let page = overlay_rows(model).max(1);
    let width = overlay_width(model);
    match model.overlay.as_mut() {
        Some(Overlay::Palette(palette)) => {
            let last = palette.items.len().saturating_sub(1);
            if let Some(to) = moved(key, palette.selected, last, page) {
                palette.selected = to;
                palette.top = super::super::list::window(to, palette.top, page, last + 1);
                return Vec::new();
            }
            match key.name {
                KeyName::Enter => return palette::choose(model),
                KeyName::Tab => complete(palette),
                KeyName::Right => palette.is_explaining = !palette.is_explaining,
                KeyName::Left => palette.is_explaining = false,
                _ => return Vec::new(),
            }
            if key.name == KeyName::Tab {
                text_changed(model);
            }
            Vec::new()
        }
        Some(Overlay::Help(menu) | Overlay::Actions(menu) | Overlay::Stop(menu)) => {
            menu_key(menu, key, page).map(|id| run_from_menu(model, &id)).unwrap_or_default()
        }
        Some(Overlay::Since(since)) => {
            let last = since.all_lines().count().saturating_sub(page);
            if let Some(to) = moved(key, since.top, last, page) {
                since.top = to;
            } else if key == Key::char('y') {
                let lines: Vec<&str> = since.all_lines().collect();
                return vec![Effect::Copy(format!("{}\n{}", since.title, lines.join("\n")))];
            } else if matches!(key.name, KeyName::Left | KeyName::Right) && since.plot.is_some() {
                return commands::other_span(since, key.name == KeyName::Right, model.now);
            } else {
                model.overlay = None;
            }
            Vec::new()
        }
        Some(Overlay::Consoles(_)) => super::super::consoles::choices_key(model, key),
        Some(Overlay::Leaving(_)) => super::super::consoles::leaving_key(model, key),
        Some(Overlay::Confirm(_)) if key.name == KeyName::Enter => confirm(model),
        Some(Overlay::Confirm(confirm)) => {
            let last = confirm.wrapped(width).len().saturating_sub(page);
            if let Some(to) = moved(key, confirm.top, last, page) {
                confirm.top = to;
            }
            Vec::new()
        }
        Some(Overlay::Name(_)) if key.name == KeyName::Enter => runs::name_given(model),
        Some(Overlay::Name(_) | Overlay::Secret(_)) | None => Vec::new(),
    }
}

fn overlay_rows(model: &Model) -> usize {
    let areas = super::super::areas::areas(model, model.size);
    areas.overlay.map_or(1, |overlay| usize::from(overlay.rows.height))
}

/// Columns of text within the frame of what lies over the screen.
fn overlay_width(model: &Model) -> usize {
    let areas = super::super::areas::areas(model, model.size);
    areas.overlay.map_or(1, |overlay| usize::from(overlay.rect.width.saturating_sub(4)))
}

/// Where a motion key leads in a list of an overlay; letters move only where nothing is typed.
fn moved(key: Key, at: usize, last: usize, page: usize) -> Option<usize> {
    Some(match key {
        Key { name: KeyName::Up | KeyName::BackTab, .. } => at.saturating_sub(1),
        Key { name: KeyName::Down, .. } => (at + 1).min(last),
        Key { name: KeyName::Char('p'), ctrl: true, .. } => at.saturating_sub(1),
        Key { name: KeyName::Char('n'), ctrl: true, .. } => (at + 1).min(last),
        Key { name: KeyName::Char('k'), ctrl: false, .. } => at.saturating_sub(1),
        Key { name: KeyName::Char('j'), ctrl: false, .. } => (at + 1).min(last),
        Key { name: KeyName::PageUp, .. } => at.saturating_sub(page),
        Key { name: KeyName::PageDown, .. } => (at + page).min(last),
        Key { name: KeyName::Home, .. } => 0,
        Key { name: KeyName::End, .. } => last,
        _ => return None,
    })
}

/// Tab puts the selected item into the line.
fn complete(palette: &mut Palette) {
    let Some(item) = palette.items.get(palette.selected) else { return };
    palette.text = match &item.goal {
        palette::Goal::Fill(text) => text.clone(),
        _ => item.label.clone(),
    };
}

/// The command that was chosen, if one was.
fn menu_key(menu: &mut Menu, key: Key, page: usize) -> Option<String> {
    let last = menu.commands.len().saturating_sub(1);
    if let Some(to) = moved(key, menu.selected, last, page) {
        menu.selected = to;
        menu.top = super::super::list::window(to, menu.top, page, last + 1);
        return None;
    }
    if key.name == KeyName::Enter { menu.commands.get(menu.selected).cloned() } else { None }
}

/// Runs a listed command; one that is off says why and leaves the list open.
pub fn run_from_menu(model: &mut Model, id: &str) -> Vec<Effect> {
    let Some(command) = commands::find(id) else { return Vec::new() };
    let list = model.overlay.take();
    // Whether it can run is asked without the list over the screen.
    let is_ready = (command.ready)(model) == commands::Ready::Yes;
    let effects = commands::run(model, command, "");
    if !is_ready {
        model.overlay = list;
    }
    effects
}

fn confirm(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Confirm(confirm)) = &model.overlay else { return Vec::new() };
    if !confirm.is_met() {
        let sentence = format!("Type {} to go on; Esc keeps everything as it is", confirm.wanted);
        model.say(Tone::Off, sentence);
        return Vec::new();
    }
    let act = confirm.act.clone();
    model.overlay = None;
    match act {
        Act::AcceptHostKey(target, fingerprint) => {
            vec![Effect::AcceptHostKey(target, fingerprint)]
        }
        act => runs::perform(model, act),
    }
}
