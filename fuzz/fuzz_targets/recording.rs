//! A recording, played to its end.
#![no_main]

use std::io::Cursor;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use shopfloor::app::{Model, Msg};
use shopfloor::runtime::player::Player;
use shopfloor::runtime::recorder;

fuzz_target!(|bytes: &[u8]| {
    let read = recorder::read_from::<Model, Msg>(Cursor::new(bytes.to_vec()), Path::new("recording"));
    let Ok(recording) = read else { return };
    let mut player = Player::new(recording);
    player.go_to(player.len());
});
