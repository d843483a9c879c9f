//! `shopfloor attach`: back to a run, with or without a screen.

use std::io::{IsTerminal as _, Read as _, Seek as _, SeekFrom};

use clap::Args;
use zeroize::Zeroizing;

use crate::install::journal::{Event, RunWord};
use crate::runner::client::{Client, Following};
use crate::runner::protocol::{Answer, Frame, Hello, Standing, VERSION};
use crate::runner::{Known, Runs};
use crate::runtime::load::LoadOptions;
use crate::runtime::{person, run_store};

use super::plain::Stream;
use super::{attach_screen, exit, print};

/// How long a killed runner may take to be gone altogether.
const DYING: std::time::Duration = std::time::Duration::from_secs(2);

/// `shopfloor attach`.
#[derive(Debug, Args)]
pub struct AttachArgs {
    /// The run; the one that runs, or the last one, when left out
    pub run: Option<u64>,
    /// Stream the output instead of opening a screen
    #[arg(long)]
    pub plain: bool,
    /// Who you are, for the journal
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,
}

/// Goes back to a run.
///
/// # Errors
/// A sentence when there is no run, or it cannot be reached.
pub async fn run(load: &LoadOptions, args: &AttachArgs) -> Result<u8, String> {
    let none = "no run yet; `shopfloor run start -- CMD` starts one";
    let runs = run_store::find(&load.directory).ok_or(none)?;
    let ids = runs.ids();
    let running =
        || ids.iter().copied().find(|id| runs.read(*id).is_ok_and(|k| k.word().is_open()));
    let run = args.run.or_else(running).or(ids.first().copied()).ok_or(none)?;
    let known = runs.read(run).map_err(|trouble| trouble.to_string())?;
    let has_screen = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if args.plain || !has_screen || !known.has_runner {
        let name = args.name.as_deref();
        let end = stream(&runs, run, name).await?;
        return finish(&end);
    }
    let person = person::ask(args.name.as_deref(), runs.state());
    attach_screen::run(&runs, run, &known, &person).await
}

/// Streams a run that was just started; the exit status is the command's.
///
/// # Errors
/// Own trouble.
pub async fn wait(runs: &Runs, run: u64, name: Option<&str>) -> Result<u8, String> {
    let known = match stream(runs, run, name).await? {
        End::Over(known) => known,
        End::Left => return Ok(130),
    };
    match known.run.exit() {
        Some(status) => {
            if let Some(crate::install::journal::Ending::NotStarted { why, .. }) =
                known.run.ending()
            {
                print::error(why);
            }
            Ok(u8::try_from(status).unwrap_or(exit::WAIT_TROUBLE))
        }
        None => {
            print::error(&farewell(&known));
            Ok(exit::WAIT_TROUBLE)
        }
    }
}

/// How a stream ended.
enum End {
    /// The run is over.
    Over(Box<Known>),
    /// The person left it.
    Left,
}

fn finish(end: &End) -> Result<u8, String> {
    if let End::Over(known) = end {
        print::error(&farewell(known));
    }
    Ok(exit::DONE)
}

/// Streams output until the run is over; what the runner can no longer send is read from the disk.
async fn stream(runs: &Runs, run: u64, name: Option<&str>) -> Result<End, String> {
    let hello = Hello {
        version: VERSION,
        name: person::known(name, Some(runs.state())).name,
        output_from: Some(0),
        journal_from: 0,
        size: None,
        is_watcher: true,
    };
    let mut stream = Stream::new();
    let mut shown = 0;
    let mut following = Following::default();
    let known = runs.read(run).map_err(|trouble| trouble.to_string())?;
    let client =
        if known.has_runner { Client::connect(runs, run, hello).await } else { Err(String::new()) };
    let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
    if let Ok(mut client) = client {
        loop {
            let frame = tokio::select! {
                frame = client.next() => frame,
                _ = &mut interrupted => {
                    stream.end();
                    print::error(&format!("run {run} goes on; come back with `shopfloor attach {run}`"));
                    return Ok(End::Left);
                }
            };
            match frame {
                None | Some(Frame::End) => break,
                Some(Frame::Output(offset, bytes)) => {
                    shown = offset + bytes.len() as u64;
                    if !stream.print(&bytes) {
                        return Ok(End::Left);
                    }
                }
                Some(Frame::Journal(bytes)) => {
                    let entries = following.take(&bytes).map_err(|trouble| trouble.to_string())?;
                    if entries.iter().any(|entry| matches!(entry.event, Event::PromptSeen { .. })) {
                        answer_prompt(&mut client, &following).await;
                    }
                }
                Some(Frame::Reply(reply)) if reply.standing == Standing::Refused => {
                    print::error(&reply.sentence);
                }
                Some(_) => {}
            }
        }
    }
    // A runner that was killed, or left before we came: the disk has it all.
    let rest = rest_of_output(runs, run, shown);
    stream.print(&rest);
    stream.end();
    hung_up(runs, run).await.map(|known| End::Over(Box::new(known)))
}

/// A run whose runner hung up. One that was killed may hold its journal for a moment longer than its line.
pub(super) async fn hung_up(runs: &Runs, run: u64) -> Result<Known, String> {
    let begun = std::time::Instant::now();
    loop {
        let known = runs.read(run).map_err(|trouble| trouble.to_string())?;
        if !known.word().is_open() || begun.elapsed() > DYING {
            return Ok(known);
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// How a run ended, or that it goes on without us.
pub(super) fn farewell(known: &Known) -> String {
    let (run, word) = (known.run.id, self::word(known.word()));
    match known.run.ending().map(ToString::to_string).or_else(|| known.why_unknown()) {
        Some(how) => format!("run {run} is {word}: {how}"),
        None => format!(
            "the runner hung up; run {run} is {word}; come back with `shopfloor attach {run}`"
        ),
    }
}

fn rest_of_output(runs: &Runs, run: u64, from: u64) -> Vec<u8> {
    let mut rest = Vec::new();
    if let Ok(mut file) = std::fs::File::open(runs.directory(run).join("output"))
        && file.seek(SeekFrom::Start(from)).is_ok()
    {
        // What cannot be read is not shown; `run show` names the file.
        let _ = file.read_to_end(&mut rest);
    }
    rest
}

/// Says that the run waits and takes the answer where somebody can type it unseen.
async fn answer_prompt(client: &mut Client, following: &Following) {
    let Some(prompt) = &following.run.prompt else { return };
    let run = following.run.id;
    print::error(&format!("run {run} WAITS FOR YOU: {}\u{20}", prompt.text));
    if !std::io::stdin().is_terminal() {
        print::error(&format!(
            "nobody can type here; `shopfloor attach {run}` from a terminal answers it"
        ));
        return;
    }
    let (text, seq, hides) = (prompt.text.clone(), prompt.seq, prompt.hides);
    let typed = tokio::task::spawn_blocking(move || read_answer(&text, hides)).await.ok().flatten();
    if let Some(bytes) = typed {
        let answer = Answer { prompt: seq, is_hidden: hides, bytes };
        // A runner that is gone is noticed by the next frame.
        let _ = client.send(&Frame::Answer(answer)).await;
    }
}

/// One line from the terminal, which shows nothing of it if it is to be hidden; `None` when nothing was typed.
fn read_answer(prompt: &str, hides: bool) -> Option<Zeroizing<Vec<u8>>> {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    let terminal = std::fs::OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
    let before = tcgetattr(&terminal).ok()?;
    let mut hidden = before.clone();
    hidden.local_modes.set(LocalModes::ECHO, !hides);
    print::bell(prompt);
    tcsetattr(&terminal, OptionalActions::Flush, &hidden).ok()?;
    let mut line = Zeroizing::new(Vec::new());
    let mut byte = [0];
    while let Ok(1) = (&terminal).read(&mut byte) {
        match byte {
            [b'\n'] => break,
            [other] => line.push(other),
        }
    }
    // The terminal must not stay silent, whatever came.
    let _ = tcsetattr(&terminal, OptionalActions::Now, &before);
    (!line.is_empty()).then_some(line)
}

/// The words for a state in a sentence.
pub(super) fn word(known: RunWord) -> &'static str {
    if known == RunWord::Waiting { "WAITS FOR YOU" } else { known.word() }
}
