//! A recording as a line: what was shown comes again, in its time, and can be
//! stopped, stepped, sped up, searched and gone through.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::grid::Grid;
use super::line::{Line, LineEnds, LineNews};
use super::recording::{Event, Playback};
use crate::domain::untrusted::printable;

/// The longest that nothing happens; longer silences of the recording are cut to it.
const LONGEST_SILENCE: Duration = Duration::from_secs(2);
/// The slowest and the fastest, as powers of two.
const SPEEDS: (i32, i32) = (-3, 6);
/// How far an arrow goes, in seconds.
const STRIDE: f64 = 5.0;
/// How much is shown at once when a part is gone over, in bytes.
const PIECE: usize = 64 << 10;
/// The longest text that is looked for.
const LONGEST_FIND: usize = 200;

/// The keys, for the line that tells of them.
pub const KEYS: &str =
    "Space stops, . steps, arrows go 5 s, 0-9 to a tenth, + - speed, / finds, Esc leaves";

/// Opens a recording.
///
/// # Errors
/// A sentence when it cannot be read.
pub async fn open(path: PathBuf) -> Result<Line, String> {
    let reading = tokio::task::spawn_blocking(move || read(&path)).await;
    let recorded = reading.map_err(|error| error.to_string())??;
    let (line, ends) = Line::new(recorded.size);
    tokio::spawn(play(Player::new(recorded), ends));
    Ok(line)
}

/// A recording as it is held: its size bounds that, 64 MiB for one of ours.
struct Recorded {
    size: (u16, u16),
    events: Vec<(f64, Event)>,
    /// Why it ends where it does, when that is not its end.
    trouble: Option<String>,
}

fn read(path: &std::path::Path) -> Result<Recorded, String> {
    let mut playback = Playback::open(path)?;
    let size = (playback.header.width, playback.header.height);
    let (mut events, mut trouble, mut latest) = (Vec::new(), None, 0.0_f64);
    loop {
        match playback.next_event() {
            Ok(Some((at, event))) => {
                // Time does not go back, whatever the file says.
                latest = latest.max(if at.is_finite() { at } else { latest });
                events.push((latest, event));
            }
            Ok(None) => return Ok(Recorded { size, events, trouble }),
            Err(why) => {
                trouble = Some(why);
                return Ok(Recorded { size, events, trouble });
            }
        }
    }
}

/// What a key wants.
#[derive(Debug, PartialEq)]
enum Wish {
    Nothing,
    Show(usize),
    Find(String),
}

struct Player {
    recorded: Arc<Recorded>,
    /// How many events were shown.
    shown: usize,
    power: i32,
    is_stopped: bool,
    /// What is being typed to be looked for.
    typing: Option<String>,
    /// What was looked for last.
    wanted: String,
    said: String,
}

impl Player {
    fn new(recorded: Recorded) -> Player {
        Player {
            recorded: Arc::new(recorded),
            shown: 0,
            power: 0,
            is_stopped: false,
            typing: None,
            wanted: String::new(),
            said: String::new(),
        }
    }

    /// The time of what is shown, in seconds from the beginning.
    fn clock(&self) -> f64 {
        let last = self.shown.checked_sub(1);
        last.and_then(|last| self.recorded.events.get(last)).map_or(0.0, |(at, _)| *at)
    }

    fn length(&self) -> f64 {
        self.recorded.events.last().map_or(0.0, |(at, _)| *at)
    }

    fn is_over(&self) -> bool {
        self.shown >= self.recorded.events.len()
    }

    /// How long until the next event; `None` while none comes by itself.
    fn wait(&self) -> Option<Duration> {
        let (at, _) = self.recorded.events.get(self.shown)?;
        let wait = Duration::try_from_secs_f64(at - self.clock()).unwrap_or(LONGEST_SILENCE);
        (!self.is_stopped).then(|| wait.min(LONGEST_SILENCE).div_f64(2f64.powi(self.power)))
    }

    /// How many events are shown at that time.
    fn at(&self, seconds: f64) -> usize {
        self.recorded.events.partition_point(|(at, _)| *at <= seconds)
    }

    fn words(&self) -> String {
        if let Some(typed) = &self.typing {
            return format!("find: {typed}_");
        }
        let time = |seconds: f64| {
            let seconds = seconds as u64;
            format!("{}:{:02}", seconds / 60, seconds % 60)
        };
        let state = match (self.is_over(), self.is_stopped, self.power) {
            (true, ..) => match &self.recorded.trouble {
                Some(trouble) => format!(", {trouble}"),
                None => ", the recording is over".to_owned(),
            },
            (_, true, _) => ", stopped".to_owned(),
            (.., 0) => String::new(),
            (.., power) => format!(", speed {}", 2f64.powi(power)),
        };
        let said = if self.said.is_empty() { KEYS } else { &self.said };
        format!("{} of {}{state}; {said}", time(self.clock()), time(self.length()))
    }

    fn key(&mut self, bytes: &[u8]) -> Wish {
        if let Some(mut typed) = self.typing.take() {
            match bytes {
                b"\r" if typed.is_empty() => {}
                b"\r" => {
                    self.wanted.clone_from(&typed);
                    return Wish::Find(typed);
                }
                b"\x7f" | b"\x08" => {
                    typed.pop();
                    self.typing = Some(typed);
                }
                [0x1b, ..] => {}
                text => {
                    let text = printable(&String::from_utf8_lossy(text));
                    let room = LONGEST_FIND.saturating_sub(typed.chars().count());
                    typed.extend(text.chars().take(room));
                    self.typing = Some(typed);
                }
            }
            return Wish::Nothing;
        }
        self.said.clear();
        let all = self.recorded.events.len();
        match bytes {
            b" " => self.is_stopped = !self.is_stopped,
            b"+" => self.power = (self.power + 1).min(SPEEDS.1),
            b"-" => self.power = (self.power - 1).max(SPEEDS.0),
            b"\r" => return Wish::Show((self.shown + 1).min(all)),
            b"." => {
                self.is_stopped = true;
                return Wish::Show((self.shown + 1).min(all));
            }
            b"," => {
                self.is_stopped = true;
                return Wish::Show(self.shown.saturating_sub(1));
            }
            b"\x1b[C" | b"\x1bOC" => {
                let forward = self.at(self.clock() + STRIDE);
                // A silence longer than the stride is gone over as a whole.
                return Wish::Show(forward.max((self.shown + 1).min(all)));
            }
            b"\x1b[D" | b"\x1bOD" => return Wish::Show(self.at(self.clock() - STRIDE)),
            b"g" | b"\x1b[H" | b"\x1bOH" | b"\x1b[1~" => return Wish::Show(0),
            b"G" | b"\x1b[F" | b"\x1bOF" | b"\x1b[4~" => return Wish::Show(all),
            [digit @ b'0'..=b'9'] => {
                let share = f64::from(digit - b'0') / 10.0;
                return Wish::Show(self.at(self.length() * share));
            }
            b"/" => self.typing = Some(String::new()),
            b"n" if !self.wanted.is_empty() => return Wish::Find(self.wanted.clone()),
            _ => {}
        }
        Wish::Nothing
    }

    /// What is to be shown so that so many events were: from the beginning where that is before.
    fn go(&mut self, to: usize) -> Vec<LineNews> {
        let mut news = Vec::new();
        let mut from = self.shown;
        if to < from {
            let (columns, rows) = self.recorded.size;
            news.push(LineNews::Anew(columns, rows));
            from = 0;
        }
        let mut piece = Vec::new();
        let events = self.recorded.events.get(from..to).unwrap_or_default();
        for (_, event) in events {
            match event {
                Event::Output(text) => piece.extend_from_slice(text.as_bytes()),
                Event::Remark(text) => piece.extend(format!("\r\n[{text}]\r\n").into_bytes()),
                Event::Resize(columns, rows) => {
                    if !piece.is_empty() {
                        news.push(LineNews::Bytes(std::mem::take(&mut piece)));
                    }
                    news.push(LineNews::Resize(*columns, *rows));
                }
            }
            if piece.len() >= PIECE {
                news.push(LineNews::Bytes(std::mem::take(&mut piece)));
            }
        }
        if !piece.is_empty() {
            news.push(LineNews::Bytes(piece));
        }
        self.shown = to;
        news
    }
}

/// The first moment after so many events at which the screen shows a text that it did not show before.
fn find(recorded: &Recorded, shown: usize, wanted: &str) -> Option<usize> {
    let wanted = wanted.to_lowercase();
    let last = wanted.chars().last()?;
    let mut grid = Grid::new(recorded.size.0, recorded.size.1, 0);
    let mut had = false;
    for (at, (_, event)) in recorded.events.iter().enumerate() {
        let may_show = match event {
            Event::Output(text) => {
                grid.feed(text.as_bytes());
                at + 1 >= shown && text.to_lowercase().contains(last)
            }
            Event::Remark(text) => {
                grid.feed(format!("\r\n[{text}]\r\n").as_bytes());
                true
            }
            Event::Resize(columns, rows) => {
                grid.resize(*columns, *rows);
                true
            }
        };
        if at + 1 < shown || !(may_show || had || at + 1 == shown) {
            continue;
        }
        let has = grid.visible_text().to_lowercase().contains(&wanted);
        if has && !had && at + 1 > shown {
            return Some(at + 1);
        }
        had = has;
    }
    None
}

async fn play(mut player: Player, ends: LineEnds) {
    let LineEnds { news, mut keys, size: _, acts: _ } = ends;
    let (columns, rows) = player.recorded.size;
    // What programs asked was answered when it was recorded.
    for first in [LineNews::Anew(columns, rows), LineNews::Answers(false)] {
        if news.send(first).await.is_err() {
            return;
        }
    }
    let mut told = String::new();
    loop {
        let words = player.words();
        if words != told {
            told.clone_from(&words);
            if news.send(LineNews::Stands(words)).await.is_err() {
                return;
            }
        }
        let wait = player.wait();
        let sleeping = async {
            match wait {
                Some(wait) => tokio::time::sleep(wait).await,
                None => std::future::pending().await,
            }
        };
        let wish = tokio::select! {
            typed = keys.recv() => match typed {
                None => return,
                Some(bytes) => player.key(&bytes),
            },
            () = sleeping => Wish::Show(player.shown + 1),
            () = news.closed() => return,
        };
        let to = match wish {
            Wish::Nothing => continue,
            Wish::Show(to) => to,
            Wish::Find(wanted) => {
                let (recorded, shown) = (Arc::clone(&player.recorded), player.shown);
                let text = wanted.clone();
                let found = tokio::task::spawn_blocking(move || find(&recorded, shown, &text));
                match found.await.ok().flatten() {
                    Some(to) => {
                        player.is_stopped = true;
                        player.said = format!("'{wanted}' is shown; n finds it again");
                        to
                    }
                    None => {
                        player.said = format!("'{wanted}' is not shown further on");
                        continue;
                    }
                }
            }
        };
        for piece in player.go(to) {
            if news.send(piece).await.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn player() -> Player {
        let events = [(1.0, "one\r\n"), (2.0, "two\r\n"), (20.0, "three"), (21.0, "\x1b[2Jfour")];
        let events = events.map(|(at, text)| (at, Event::Output(text.to_owned())));
        Player::new(Recorded { size: (20, 5), events: events.into(), trouble: None })
    }

    /// The screen after what a key asks for.
    fn pressed(player: &mut Player, grid: &mut Grid, key: &[u8]) -> String {
        let to = match player.key(key) {
            Wish::Show(to) => to,
            Wish::Find(text) => find(&player.recorded, player.shown, &text).unwrap(),
            Wish::Nothing => player.shown,
        };
        for news in player.go(to) {
            match news {
                LineNews::Anew(columns, rows) => *grid = Grid::new(columns, rows, 0),
                LineNews::Bytes(bytes) => grid.feed(&bytes),
                other => panic!("{other:?}"),
            }
        }
        grid.visible_text().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_recording_is_stepped_and_gone_through_in_both_directions() {
        let (mut player, mut grid) = (player(), Grid::new(20, 5, 0));
        assert_eq!(pressed(&mut player, &mut grid, b"."), "one");
        assert_eq!(pressed(&mut player, &mut grid, b"."), "one two");
        assert!(player.is_stopped && player.wait().is_none());
        assert_eq!(pressed(&mut player, &mut grid, b","), "one");
        assert_eq!(pressed(&mut player, &mut grid, b"\x1b[C"), "one two");
        // The silence after it is longer than the stride.
        assert_eq!(pressed(&mut player, &mut grid, b"\x1bOC"), "one two three");
        assert_eq!(pressed(&mut player, &mut grid, b"G"), "four");
        assert!(player.words().contains("0:21 of 0:21, the recording is over"));
        assert_eq!(pressed(&mut player, &mut grid, b"5"), "one two", "half of 21 s");
        assert_eq!(pressed(&mut player, &mut grid, b"g"), "");
        assert_eq!(pressed(&mut player, &mut grid, b"\x1b[D"), "");
    }

    #[test]
    fn what_the_screen_showed_is_found_where_it_was_shown() {
        let (mut player, mut grid) = (player(), Grid::new(20, 5, 0));
        for key in [b"/".as_slice(), b"T", b"wx", b"\x7f", b"o"] {
            pressed(&mut player, &mut grid, key);
        }
        assert_eq!(player.words(), "find: Two_");
        assert_eq!(pressed(&mut player, &mut grid, b"\r"), "one two");
        assert_eq!(player.key(b"n"), Wish::Find("Two".into()));
        assert_eq!(find(&player.recorded, player.shown, "two"), None, "it stood there already");
        assert_eq!(find(&player.recorded, 0, "four"), Some(4));
    }

    #[test]
    fn a_long_silence_is_cut_and_speed_divides_it() {
        let mut player = player();
        player.shown = 2;
        assert_eq!(player.wait(), Some(LONGEST_SILENCE));
        player.key(b"+");
        assert_eq!(player.wait(), Some(LONGEST_SILENCE / 2));
        player.key(b" ");
        assert_eq!(player.wait(), None);
    }
}
