//! Keys that are kept for what is not built yet. They stay in place and say
//! what is missing, so that a key never changes its meaning.

use super::{CommandSpec, Ready, Risk};

macro_rules! later {
    ($id:literal, $keys:expr, $title:literal, $help:literal, $reason:literal) => {
        CommandSpec {
            id: $id,
            title: $title,
            help: $help,
            risk: Risk::Look,
            keys: $keys,
            word: None,
            ready: |_| Ready::No($reason.to_owned()),
            run: |_, _| Vec::new(),
        }
    };
}

pub(super) const COMMANDS: &[CommandSpec] = &[
    later!(
        "time.back",
        &["<"],
        "Step back in time",
        "Shows every screen as it was one change earlier",
        "not built yet"
    ),
    later!(
        "time.forward",
        &[">"],
        "Step forward in time",
        "Shows every screen as it was one change later",
        "not built yet"
    ),
    later!("time.live", &["L"], "Back to live", "Leaves the past", "this is live"),
    later!(
        "difference.show",
        &["d"],
        "Wanted against seen",
        "Shows what the inventory wants beside what is seen",
        "not built yet"
    ),
    later!(
        "arm.start",
        &["A"],
        "Arm changes",
        "Gives leave to change things for ten minutes, with a reason",
        "nothing here changes the world yet"
    ),
    later!("note.add", &["a"], "Add a note", "Keeps a note at the selection", "not built yet"),
    CommandSpec {
        id: "mark.set",
        title: "Mark or mute",
        help: "Marks the selection, or mutes a finding until a time",
        risk: Risk::Look,
        keys: &["m"],
        word: None,
        ready: |model| Ready::if_or(super::logs::is_here(model), "only logs have marks yet"),
        run: |_, _| Vec::new(),
    },
    later!(
        "bundle.export",
        &["x"],
        "Export a bundle",
        "Writes what is known about the selection into files for a ticket",
        "not built yet; Y copies the screen"
    ),
];
