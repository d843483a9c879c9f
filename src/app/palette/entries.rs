//! What the palette can find.

use std::borrow::Cow;

use crate::domain::Target;

use super::super::commands::{self, CommandSpec, Ready};
use super::super::navigation::Route;
use super::super::screens::{self, ScreenSpec, overview, rack, target};
use super::super::{Model, RowId};
use super::{Goal, ItemKind, PaletteItem, off};

/// Something that can be found; its item is made only when it is shown.
pub struct Entry<'a> {
    /// Its label.
    pub name: Cow<'a, str>,
    /// What is searched.
    pub haystack: Cow<'a, str>,
    what: What<'a>,
}

enum What<'a> {
    Target(&'a Target),
    Rack(&'a str),
    Screen(&'static ScreenSpec),
    Finding(RowId),
    Command(&'static CommandSpec),
}

impl Entry<'_> {
    /// Whether the text is one of its whole names.
    pub fn is_named(&self, text: &str) -> bool {
        if text.is_empty() {
            return false;
        }
        let is = |name: &str| name.eq_ignore_ascii_case(text);
        match &self.what {
            What::Target(target) => {
                is(&target.name)
                    || target.aliases.iter().any(|alias| is(alias))
                    || target.serial.as_deref().is_some_and(is)
            }
            What::Rack(name) => is(name),
            What::Screen(screen) => is(screen.id) || screen.jump_words.iter().any(|w| is(w)),
            What::Finding(_) => false,
            What::Command(command) => command.word.is_some_and(|word| is(word.word)),
        }
    }

    /// The item as it is shown; `None` when it is gone.
    pub fn item(&self, model: &Model) -> Option<PaletteItem> {
        let item = |kind, note: String, help: String, goal| PaletteItem {
            label: self.name.to_string(),
            kind,
            note,
            mark: None,
            off: None,
            help,
            goal,
        };
        Some(match &self.what {
            What::Target(thing) => PaletteItem {
                mark: Some(rack::mark_of(model, &thing.id)),
                ..item(
                    ItemKind::Thing,
                    rack::place_words(model, thing).unwrap_or_default(),
                    target::kind_word(thing),
                    Goal::Go(Route::target(thing.id.clone())),
                )
            },
            What::Rack(name) => item(
                ItemKind::Rack,
                String::new(),
                "What stands in it, from the top down".to_owned(),
                Goal::Open(RowId::Rack((*name).to_owned())),
            ),
            What::Screen(screen) => item(
                ItemKind::Screen,
                screen.digit.map(|digit| format!("key {digit}")).unwrap_or_default(),
                screen.help.to_owned(),
                Goal::Go(Route::screen(screen.id)),
            ),
            What::Finding(row) => {
                let line = overview::finding_line(model, row)?;
                PaletteItem {
                    mark: Some(line.mark),
                    ..item(
                        ItemKind::Finding,
                        line.layer.title().to_owned(),
                        line.sentence,
                        Goal::Open(row.clone()),
                    )
                }
            }
            What::Command(command) => {
                // What may be left out does not have to be asked for.
                let must_follow = |word: &commands::Word| {
                    word.argument.is_some_and(|argument| !argument.starts_with('['))
                };
                let argument = command.word.filter(must_follow).map(|word| word.word);
                let mut item = command_item(model, command, self.name.to_string(), String::new());
                if let Some(word) = argument {
                    item.goal = Goal::Fill(format!("{word} "));
                }
                item
            }
        })
    }
}

/// A command as an item.
pub fn command_item(
    model: &Model,
    command: &'static CommandSpec,
    label: String,
    argument: String,
) -> PaletteItem {
    let keys = model.keymap.keys_of(command.id);
    let note = if keys.is_empty() {
        command.risk.word().to_owned()
    } else {
        format!("{}, key {}", command.risk.word(), keys.join(" "))
    };
    PaletteItem {
        label,
        kind: ItemKind::Command,
        note,
        mark: None,
        off: off(model, command),
        help: command.help.to_owned(),
        goal: Goal::Run(command.id.to_owned(), argument),
    }
}

/// Everything that can be found now: screens, commands, findings, racks, and
/// the targets where they are wanted.
pub fn all(model: &Model, with_things: bool) -> Vec<Entry<'_>> {
    let mut entries = Vec::with_capacity(model.site.targets.len() + 200);
    entries.extend(screens::all().filter(|screen| screen.is_listed).map(|screen| Entry {
        name: Cow::Borrowed(screen.title),
        haystack: Cow::Owned(format!("{} {}", screen.title, screen.jump_words.join(" "))),
        what: What::Screen(screen),
    }));
    entries.extend(commands::all().filter(|command| is_offered(model, command)).map(|command| {
        let name = command.word.map_or_else(
            || command.title.to_owned(),
            |word| match word.argument {
                Some(argument) => format!("{} {argument}", word.word),
                None => word.word.to_owned(),
            },
        );
        Entry {
            haystack: Cow::Owned(format!("{name} {}", command.title)),
            name: Cow::Owned(name),
            what: What::Command(command),
        }
    }));
    entries.extend(overview::finding_rows(model).iter().filter_map(|row| {
        let line = overview::finding_line(model, row)?;
        let name = format!("{} {}", line.code, line.sentence);
        Some(Entry {
            haystack: Cow::Owned(name.clone()),
            name: Cow::Owned(name),
            what: What::Finding(row.clone()),
        })
    }));
    entries.extend(model.index.racks.iter().map(|rack| Entry {
        name: Cow::Borrowed(rack.name.as_str()),
        haystack: Cow::Owned(format!("{} rack", rack.name)),
        what: What::Rack(&rack.name),
    }));
    if !with_things {
        return entries;
    }
    let things = model.site.targets.iter().zip(&model.index.search_texts);
    entries.extend(things.map(|(target, text)| Entry {
        name: Cow::Borrowed(target.name.as_str()),
        haystack: Cow::Borrowed(text.as_str()),
        what: What::Target(target),
    }));
    entries
}

/// Moving about is not worth a name; what acts on a screen is offered there.
fn is_offered(model: &Model, command: &CommandSpec) -> bool {
    let is_motion = ["move.", "page.", "list.", "panel.next", "panel.previous", "screen."]
        .iter()
        .any(|start| command.id.starts_with(start) && command.word.is_none());
    let is_elsewhere = screens::all().any(|screen| screen.commands.contains(&command.id))
        && !model.screen().commands.contains(&command.id);
    !is_motion && !is_elsewhere && (command.ready)(model) != Ready::Hidden
}
