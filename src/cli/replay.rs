//! `shopfloor replay`: a recording into the same core.

use crate::runtime::player::{self, Player};
use crate::runtime::preferences::Preferences;
use crate::runtime::{chosen, recorder};

use super::{ReplayArgs, exit, print, show, size};

/// Opens the player, or prints the screen after so many messages.
///
/// # Errors
/// When the file is no recording this version can read, or there is no terminal.
pub async fn run(look: Option<&str>, args: &ReplayArgs) -> Result<u8, String> {
    let recording = recorder::read(&args.file).map_err(|error| error.to_string())?;
    let mut player = Player::new(recording);
    let preferences = Preferences::read();
    let env = chosen::look_env(&preferences);
    let chosen = show::choose(&env, look, &preferences)?;
    let Some(count) = args.print else {
        return player::play(player, &chosen.look).await.map_err(|error| error.to_string());
    };
    player.go_to(usize::try_from(count).unwrap_or(usize::MAX).min(player.len()));
    let recorded = player.model().size;
    let size = match &args.size {
        Some(text) => size::parse(text)?,
        None => recorded,
    };
    let buffer = player::picture_of(player.model(), &chosen.look, size.columns, size.rows);
    let mut text = crate::ui::picture::screen_text(&buffer).join("\n");
    text.push('\n');
    print::text(&text)?;
    Ok(exit::DONE)
}
