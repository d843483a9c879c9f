//! A recording as a line: what was shown comes again, in its time.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::mpsc;

use super::line::{Line, LineEnds, LineNews};
use super::recording::{Event, Playback};

/// The longest that nothing happens; longer silences of the recording are cut to it.
const LONGEST_SILENCE: Duration = Duration::from_secs(2);
/// The slowest and the fastest, as powers of two.
const SPEEDS: (i32, i32) = (-3, 6);

/// Opens a recording.
///
/// # Errors
/// A sentence when it cannot be read.
pub async fn open(path: PathBuf) -> Result<Line, String> {
    let opened = tokio::task::spawn_blocking(move || Playback::open(&path)).await;
    let playback = opened.map_err(|error| error.to_string())??;
    let (line, ends) = Line::new((playback.header.width, playback.header.height));
    let (to, from) = mpsc::channel(64);
    // Reading a file blocks; it stops when nobody wants more.
    tokio::task::spawn_blocking(move || read(playback, &to));
    tokio::spawn(play(from, ends));
    Ok(line)
}

fn read(mut playback: Playback, to: &mpsc::Sender<Result<(f64, Event), String>>) {
    loop {
        let next = match playback.next_event() {
            Ok(Some(event)) => Ok(event),
            Ok(None) => return,
            Err(why) => Err(why),
        };
        let is_last = next.is_err();
        if to.blocking_send(next).is_err() || is_last {
            return;
        }
    }
}

async fn play(mut from: mpsc::Receiver<Result<(f64, Event), String>>, ends: LineEnds) {
    let LineEnds { news, mut keys, size, acts: _ } = ends;
    let (columns, rows) = *size.borrow();
    if news.send(LineNews::Resize(columns, rows)).await.is_err() {
        return;
    }
    let (mut shown, mut power, mut is_stopped) = (0.0, 0, false);
    while let Some(next) = from.recv().await {
        let (at, event) = match next {
            Ok(next) => next,
            Err(why) => {
                let _ = news.send(LineNews::Ended(why)).await;
                return;
            }
        };
        let wait = Duration::try_from_secs_f64((at - shown).max(0.0)).unwrap_or(LONGEST_SILENCE);
        shown = at.max(shown);
        let mut left = wait.min(LONGEST_SILENCE).div_f64(2f64.powi(power));
        loop {
            let sleeping = async {
                match is_stopped {
                    true => std::future::pending().await,
                    false => tokio::time::sleep(left).await,
                }
            };
            tokio::select! {
                typed = keys.recv() => match typed.as_deref() {
                    None => return,
                    Some(b" ") => is_stopped = !is_stopped,
                    Some(b"+") => power = (power + 1).min(SPEEDS.1),
                    Some(b"-") => power = (power - 1).max(SPEEDS.0),
                    Some(b"\r") => left = Duration::ZERO,
                    Some(_) => {}
                },
                () = sleeping => break,
            }
            if left.is_zero() {
                break;
            }
        }
        let told = match event {
            Event::Output(text) => LineNews::Bytes(text.into_bytes()),
            Event::Resize(columns, rows) => LineNews::Resize(columns, rows),
            Event::Remark(text) => LineNews::Bytes(format!("\r\n[{text}]\r\n").into_bytes()),
        };
        if news.send(told).await.is_err() {
            return;
        }
    }
    let _ = news.send(LineNews::Ended("the recording is over".to_owned())).await;
}
