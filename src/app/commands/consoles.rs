//! Opening consoles and going back to them.

use super::super::consoles::{self, Mode, Place};
use super::super::model::Tone;
use super::super::overlay::Overlay;
use super::super::{Effect, Model};
use super::{CommandSpec, Ready, Risk, Word, always};

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec {
        id: "console.open",
        title: "Console to this",
        help: "Lists the consoles that are open and those that lead to the selection",
        risk: Risk::Look,
        keys: &["c"],
        word: Word::alone("consoles"),
        ready: always,
        run: |model, _| {
            model.overlay = Some(Overlay::Consoles(consoles::choices(model)));
            Vec::new()
        },
    },
    CommandSpec {
        id: "console.shell",
        title: "Shell on this machine",
        help: "Opens a console with a shell on the machine that shopfloor runs on",
        risk: Risk::Look,
        keys: &[],
        word: Word::alone("shell"),
        ready: always,
        run: |model, _| consoles::open_place(model, Place::Local(Vec::new())),
    },
    CommandSpec {
        id: "console.virsh",
        title: "Console of a virtual machine",
        help: "Opens `virsh console` of that virtual machine on the router box",
        risk: Risk::Look,
        keys: &[],
        word: Word::with("virsh", "DOMAIN", |_| Vec::new()),
        ready: |model| {
            Ready::if_or(model.site.router_box().is_some(), "the inventory names no router box")
        },
        run: virsh,
    },
    CommandSpec {
        id: consoles::FOCUS,
        title: "Keys to the console",
        help: "Gives the keys to the console that is shown",
        risk: Risk::Look,
        keys: &["Ctrl-\\"],
        word: None,
        ready: |model| {
            Ready::if_or(model.consoles.shown.is_some(), "no console is shown; c opens one")
        },
        run: |model, _| {
            model.consoles.mode = Mode::Typing;
            Vec::new()
        },
    },
];

fn virsh(model: &mut Model, domain: &str) -> Vec<Effect> {
    let domain = domain.trim();
    let on = model.site.router_box().and_then(|target| target.ssh.clone());
    let is_name = consoles::is_machine_name(domain);
    match (on, is_name) {
        (Some(on), true) => {
            consoles::open_place(model, Place::Virsh { on, domain: domain.to_owned() })
        }
        (None, _) => {
            model.say(Tone::Off, "The router box is not reached over SSH");
            Vec::new()
        }
        _ => {
            model.say(Tone::Off, format!("`{domain}` is no name of a virtual machine"));
            Vec::new()
        }
    }
}
