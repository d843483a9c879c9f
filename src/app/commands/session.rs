//! The session itself: leaving, look, recording, faults of the demo site, secrets and host keys.

use crate::domain::{CauseWord, TargetId};

use super::super::consoles;
use super::super::model::Tone;
use super::super::overlay::{Act, Confirm, Menu, Overlay, Secret};
use super::super::{Effect, Model, RowId};
use super::motion::selected;
use super::{CommandSpec, Ready, Risk, Word, always};

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec {
        id: "program.quit",
        title: "Leave",
        help: "Leaves; runs go on, and open consoles are named before they end",
        risk: Risk::Look,
        keys: &["q"],
        word: Word::alone("quit"),
        ready: always,
        run: |model, _| consoles::leave(model),
    },
    CommandSpec {
        id: "stop.ask",
        title: "Stop something",
        help: "Asks what to stop; it stops nothing by itself",
        risk: Risk::Look,
        keys: &["Ctrl-C"],
        word: None,
        ready: always,
        run: |model, _| {
            let run = model.runs.current().map(|_| "run.stop");
            let commands =
                ["view.back", "program.quit"].into_iter().chain(run).map(str::to_owned).collect();
            model.overlay = Some(Overlay::Stop(Menu { commands, ..Menu::default() }));
            Vec::new()
        },
    },
    CommandSpec {
        id: "program.suspend",
        title: "Suspend",
        help: "Goes to the background; fg comes back",
        risk: Risk::Look,
        keys: &["Ctrl-Z"],
        word: None,
        ready: always,
        run: |_, _| vec![Effect::Suspend],
    },
    CommandSpec {
        id: "screen.redraw",
        title: "Draw again",
        help: "Draws everything again, after noise on the line",
        risk: Risk::Look,
        keys: &["Ctrl-L"],
        word: Word::alone("redraw"),
        ready: always,
        run: |_, _| vec![Effect::Repaint],
    },
    CommandSpec {
        id: "mouse.toggle",
        title: "Free or take the mouse",
        help: "Gives the mouse to the terminal to select text with it, or takes it back",
        risk: Risk::Look,
        keys: &["M"],
        word: Word::alone("mouse"),
        ready: always,
        run: |model, _| {
            model.mouse = !model.mouse;
            vec![Effect::Mouse(model.mouse)]
        },
    },
    CommandSpec {
        id: "recording.save",
        title: "Save the recording",
        help: "Writes the last messages of this session to a file that `replay` plays",
        risk: Risk::Look,
        keys: &[],
        word: Word::alone("record"),
        ready: always,
        run: |_, _| vec![Effect::SaveRecording],
    },
    CommandSpec {
        id: "site.reload",
        title: "Read the inventory again",
        help: "Reads the inventory and the settings of the site again",
        risk: Risk::Look,
        keys: &[],
        word: Word::alone("reload"),
        ready: always,
        run: |_, _| vec![Effect::ReloadSite],
    },
    CommandSpec {
        id: "look.theme",
        title: "Theme",
        help: "Chooses a theme by name and keeps it",
        risk: Risk::Look,
        keys: &[],
        word: Word::with("theme", "NAME", |model| model.choices.themes.clone()),
        ready: always,
        run: |model, name| choose(model, name, |look, name| look.theme = name, |c| &c.themes),
    },
    CommandSpec {
        id: "look.glyphs",
        title: "Glyphs",
        help: "Chooses the glyph table by name and keeps it",
        risk: Risk::Look,
        keys: &[],
        word: Word::with("glyphs", "NAME", |model| model.choices.glyphs.clone()),
        ready: always,
        run: |model, name| choose(model, name, |look, name| look.glyphs = name, |c| &c.glyphs),
    },
    CommandSpec {
        id: "look.colours",
        title: "Colours",
        help: "Chooses how many colours are used and keeps it",
        risk: Risk::Look,
        keys: &[],
        word: Word::with("colours", "TIER", |model| model.choices.colours.clone()),
        ready: always,
        run: |model, name| choose(model, name, |look, name| look.colours = name, |c| &c.colours),
    },
    CommandSpec {
        id: "fault.inject",
        title: "Put a fault in force",
        help: "Breaks something in the demo site",
        risk: Risk::Demo,
        keys: &[],
        word: Word::with("inject", "NAME", |model| fault_names(model, false)),
        ready: is_demo,
        run: |model, name| fault(model, name, Effect::Inject),
    },
    CommandSpec {
        id: "fault.heal",
        title: "End a fault",
        help: "Mends something in the demo site",
        risk: Risk::Demo,
        keys: &[],
        word: Word::with("heal", "NAME", |model| fault_names(model, true)),
        ready: is_demo,
        run: |model, name| fault(model, name, Effect::Heal),
    },
    CommandSpec {
        id: "secret.unlock",
        title: "Give a secret that is wanted",
        help: "Asks for the passphrases and passwords that are missing, for this session only",
        risk: Risk::Look,
        keys: &[],
        word: Word::alone("unlock"),
        ready: |model| Ready::if_or(!model.secrets_wanted.is_empty(), "nobody wants a secret"),
        run: |model, _| ask_secret(model),
    },
    CommandSpec {
        id: "key.accept",
        title: "Accept a host key",
        help: "Shows the fingerprint of a host's unknown or changed key and takes it after the name is typed",
        risk: Risk::Reversible,
        keys: &[],
        word: Word::with("accept-key", "HOST", |model| {
            offered_keys(model).map(|(id, _)| model.name_of(id)).collect()
        }),
        ready: |model| {
            Ready::if_or(offered_keys(model).next().is_some(), "every seen key is known")
        },
        run: accept_key,
    },
];

fn choose(
    model: &mut Model,
    name: &str,
    set: fn(&mut super::super::model::LookNames, String),
    choices: fn(&super::super::model::LookChoices) -> &Vec<String>,
) -> Vec<Effect> {
    let name = name.trim();
    let choices = choices(&model.choices);
    if !choices.iter().any(|choice| choice == name) {
        let known = choices.join(", ");
        model.say(Tone::Off, format!("`{name}` is not one of: {known}"));
        return Vec::new();
    }
    set(&mut model.look, name.to_owned());
    let look = &model.look;
    vec![Effect::SaveLook(format!("{} {} {}", look.theme, look.glyphs, look.colours))]
}

fn is_demo(model: &Model) -> Ready {
    match &model.faults.trouble {
        _ if !model.site.is_demo => Ready::Hidden,
        Some(trouble) => Ready::No(trouble.clone()),
        None => Ready::if_or(!model.faults.list.is_empty(), "the demo site has no fault"),
    }
}

fn fault_names(model: &Model, is_active: bool) -> Vec<String> {
    model
        .faults
        .list
        .iter()
        .filter(|fault| fault.active == is_active)
        .map(|fault| fault.name.clone())
        .collect()
}

fn fault(model: &mut Model, name: &str, effect: fn(String) -> Effect) -> Vec<Effect> {
    let name = name.trim();
    if !model.faults.list.iter().any(|fault| fault.name == name) {
        let known: Vec<&str> = model.faults.list.iter().map(|fault| fault.name.as_str()).collect();
        model.say(Tone::Off, format!("`{name}` is not one of: {}", known.join(", ")));
        return Vec::new();
    }
    vec![effect(name.to_owned())]
}

/// Opens the field for the first secret that is wanted.
pub fn ask_secret(model: &mut Model) -> Vec<Effect> {
    let Some(name) = model.secrets_wanted.first().cloned() else { return Vec::new() };
    model.overlay = Some(Overlay::Secret(Secret { name: name.clone(), length: 0 }));
    vec![Effect::PromptSecret(name)]
}

/// The hosts whose key is unknown or changed, with the lines that say so.
fn offered_keys(model: &Model) -> impl Iterator<Item = (&TargetId, &crate::domain::Cause)> {
    model.site.targets.iter().filter_map(|target| {
        let facts = model.facts.targets.get(&target.id)?;
        let cause = facts.probes.values().find_map(|probe| {
            let cause = probe.trouble.as_ref()?;
            matches!(cause.word, CauseWord::KeyUnknown | CauseWord::KeyChanged).then_some(cause)
        })?;
        Some((&target.id, cause))
    })
}

fn accept_key(model: &mut Model, name: &str) -> Vec<Effect> {
    let name = name.trim();
    let wanted: Option<TargetId> = if name.is_empty() {
        match selected(model) {
            Some(RowId::Target(id) | RowId::Finding(_, id) | RowId::Fact(id, _)) => Some(id),
            _ => model.route().target.clone(),
        }
    } else {
        match model.site.find(name) {
            Ok(target) => Some(target.id.clone()),
            Err(sentence) => {
                model.say(Tone::Off, sentence);
                return Vec::new();
            }
        }
    };
    let offered = wanted.and_then(|wanted| {
        let (id, cause) = offered_keys(model).find(|(id, _)| **id == wanted)?;
        Some((id.clone(), cause.clone()))
    });
    let Some((id, cause)) = offered else {
        let who = if name.is_empty() { "the selection" } else { name };
        model.say(Tone::Off, format!("{who} offers no key that is unknown or changed"));
        return Vec::new();
    };
    let Some(offered) = &cause.offered else {
        model.say(Tone::Off, format!("{}; its fingerprint was not seen", cause.sentence));
        return Vec::new();
    };
    if offered.revoked {
        model.say(Tone::Off, format!("{}; {}", cause.sentence, cause.next));
        return Vec::new();
    }
    let fingerprint = offered.fingerprint.clone();
    let host = model.name_of(&id);
    let mut lines = vec![cause.sentence.clone()];
    lines.extend(cause.detail.iter().cloned());
    lines.push(String::new());
    lines.push(format!("Fingerprint  {fingerprint}"));
    lines.push("Compare it on the machine's own console before you type its name.".to_owned());
    model.overlay = Some(Overlay::Confirm(Confirm {
        top: 0,
        title: format!("Accept the key of {host}"),
        lines,
        button: format!("Accept the key of {host}"),
        wanted: host,
        typed: String::new(),
        act: Act::AcceptHostKey(id, fingerprint),
    }));
    Vec::new()
}
