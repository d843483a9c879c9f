//! `shopfloor attach`: back to a run, with or without a screen.

use std::io::{self, IsTerminal as _, Read as _, Seek as _, SeekFrom};

use clap::Args;
use zeroize::Zeroizing;

use crate::install::journal::Event;
use crate::runner::client::{Client, Following};
use crate::runner::order::Started;
use crate::runner::protocol::{Answer, Frame, Hello, Standing, VERSION};
use crate::runner::watching::farewell;
use crate::runner::{Known, Runs};
use crate::runtime::load::LoadOptions;
use crate::runtime::signals::{Ending, Endings};
use crate::runtime::{person, run_line, run_store};

use super::hidden_line::HiddenLine;
use super::plain::Stream;
use super::{attach_screen, exit, print, run_remote};

/// `shopfloor attach`.
#[derive(Debug, Args)]
pub struct AttachArgs {
    /// The run; the one that runs, or the last one, when left out
    pub run: Option<u64>,
    /// Stream the output instead of opening a screen
    #[arg(long)]
    pub plain: bool,
    /// Stream every byte as the command wrote it, also what a terminal acts on; implies --plain
    #[arg(long)]
    pub raw: bool,
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
    let mut known = runs.read(run).map_err(|trouble| trouble.to_string())?;
    if !known.has_runner && known.run.goes_on_at().is_some() {
        let by = person::ask(args.name.as_deref(), runs.state());
        match run_remote::go_on(load, &runs, &known.run, by).await? {
            Started::Run(_) => {}
            // What is here already is shown all the same.
            Started::Refused(sentence) | Started::Trouble(sentence) => print::error(&sentence),
        }
        known = runs.read(run).map_err(|trouble| trouble.to_string())?;
    }
    let has_screen = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if args.plain || args.raw || !has_screen || !known.has_runner {
        let name = args.name.as_deref();
        let end = stream(&runs, run, name, args.raw).await?;
        return finish(&end);
    }
    let person = person::ask(args.name.as_deref(), runs.state());
    attach_screen::run(&runs, run, &known, &person).await
}

/// Streams a run that was just started; the exit status is the command's.
///
/// # Errors
/// Own trouble.
pub async fn wait(runs: &Runs, run: u64, name: Option<&str>, is_raw: bool) -> Result<u8, String> {
    let known = match stream(runs, run, name, is_raw).await? {
        End::Over(known) => known,
        End::Left(ending) => return Ok(ending.unwrap_or(Ending::Interrupt).exit_status()),
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
    /// The person left it, by this signal or because the reader of the output went away.
    Left(Option<Ending>),
}

fn finish(end: &End) -> Result<u8, String> {
    match end {
        End::Left(Some(ending)) if *ending != Ending::Interrupt => return Ok(ending.exit_status()),
        End::Left(_) => {}
        End::Over(known) => print::error(&farewell(known)),
    }
    Ok(exit::DONE)
}

/// Streams output until the run is over; what the runner can no longer send is read from the disk.
async fn stream(runs: &Runs, run: u64, name: Option<&str>, is_raw: bool) -> Result<End, String> {
    let hello = Hello {
        version: VERSION,
        name: person::known(name, Some(runs.state())).name,
        output_from: Some(0),
        journal_from: 0,
        size: None,
        is_watcher: true,
    };
    let mut stream = Stream::new(is_raw);
    let mut shown = 0;
    let mut following = Following::default();
    let known = runs.read(run).map_err(|trouble| trouble.to_string())?;
    let client =
        if known.has_runner { Some(Client::connect(runs, run, hello).await) } else { None };
    let mut endings = Endings::listen().map_err(|error| error.to_string())?;
    // While it is there the terminal shows nothing of what is typed.
    let mut answer: Option<Asked> = None;
    let mut out_of_reach = None;
    if let Some(Err(sentence)) = client {
        out_of_reach = Some(sentence);
    } else if let Some(Ok(mut client)) = client {
        if let Some(difference) = client.difference() {
            print::error(&difference);
        }
        loop {
            let frame = tokio::select! {
                ending = endings.next() => {
                    drop(answer);
                    stream.pause();
                    print::error(&format!("run {run} goes on; come back with `shopfloor attach {run}`"));
                    return Ok(End::Left(Some(ending)));
                }
                frame = client.next() => frame,
                typed = typed(&mut answer) => {
                    let asked = answer.take();
                    print::end_line();
                    match typed.zip(asked) {
                        Some((bytes, Asked { prompt, is_hidden, .. })) => {
                            let answer = Answer { prompt, is_hidden, bytes };
                            // A runner that is gone is noticed by the next frame.
                            drop(client.send(&Frame::Answer(answer)).await);
                        }
                        None => print::error(&format!(
                            "nothing was answered; `shopfloor attach {run}` from a terminal does"
                        )),
                    }
                    continue;
                }
            };
            match frame {
                None | Some(Frame::End) => break,
                Some(Frame::Output(offset, bytes)) => {
                    shown = offset + bytes.len() as u64;
                    if !stream.print(&bytes) {
                        return Ok(End::Left(None));
                    }
                }
                Some(Frame::Journal(bytes)) => {
                    let entries = following.take(&bytes).map_err(|trouble| trouble.to_string())?;
                    for sentence in entries.iter().filter_map(|entry| line_sentence(&entry.event)) {
                        stream.pause();
                        print::error(&sentence);
                    }
                    let is_new =
                        entries.iter().any(|entry| matches!(entry.event, Event::PromptSeen { .. }));
                    if answer.is_some() && (is_new || following.run.prompt.is_none()) {
                        answer = None;
                        stream.pause();
                        print::end_line();
                        print::error("it asks no more; what was typed here was not sent");
                    }
                    if is_new {
                        stream.pause();
                        answer = ask(&following);
                    }
                }
                Some(Frame::Reply(reply)) if reply.standing != Standing::Done => {
                    stream.pause();
                    print::error(&reply.sentence);
                }
                Some(_) => {}
            }
        }
    }
    drop(answer);
    // A runner that was killed, or left before we came: the disk has it all.
    if !rest_of_output(runs, run, shown, &mut stream) {
        return Ok(End::Left(None));
    }
    stream.pause();
    if let Some(sentence) = out_of_reach.filter(|_| is_open(runs, run)) {
        return Err(sentence);
    }
    run_line::hung_up(runs, run).await.map(|known| End::Over(Box::new(known)))
}

/// Whether the run goes on, as far as its journal says.
fn is_open(runs: &Runs, run: u64) -> bool {
    runs.read(run).is_ok_and(|known| known.has_runner && known.word().is_open())
}

/// Prints the output from there on; `false` when the reader went away.
fn rest_of_output(runs: &Runs, run: u64, from: u64, stream: &mut Stream) -> bool {
    let mut piece = vec![0; 128 << 10];
    let mut file = match runs.open_to_read(&runs.directory(run).join("output")) {
        Ok(file) => file,
        Err(error) => {
            // A run that never wrote has no such file.
            if error.kind() != io::ErrorKind::NotFound {
                stream.pause();
                print::error(&format!("the rest of the output is not shown: {error}"));
            }
            return true;
        }
    };
    if file.seek(SeekFrom::Start(from)).is_err() {
        return true;
    }
    loop {
        match file.read(&mut piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(0) | Err(_) => return true,
            Ok(count) => {
                if !stream.print(piece.get(..count).unwrap_or_default()) {
                    return false;
                }
            }
        }
    }
}

/// The line that is being typed, once it is whole; never where none is.
async fn typed(answer: &mut Option<Asked>) -> Option<Zeroizing<Vec<u8>>> {
    match answer {
        Some(asked) => asked.line.next().await,
        None => std::future::pending().await,
    }
}

/// A prompt whose answer is being typed here.
struct Asked {
    line: HiddenLine,
    /// The prompt: the `seq` of its line in the journal.
    prompt: u64,
    /// Whether it is typed unseen, as the command's own terminal has it.
    is_hidden: bool,
}

/// Says that the run waits, and takes the terminal where somebody can type the answer.
fn ask(following: &Following) -> Option<Asked> {
    let prompt = following.run.prompt.as_ref()?;
    let run = following.run.id;
    print::error(&format!("run {run} WAITS FOR YOU: {}", prompt.text));
    let line = if io::stdin().is_terminal() { HiddenLine::open(prompt.hides).ok() } else { None };
    match line {
        Some(line) => {
            print::bell(&prompt.text);
            Some(Asked { line, prompt: prompt.seq, is_hidden: prompt.hides })
        }
        None => {
            print::error(&format!(
                "nobody can type here; `shopfloor attach {run}` from a terminal answers it"
            ));
            None
        }
    }
}

/// What is said of the line to another host when it changes.
fn line_sentence(event: &Event) -> Option<String> {
    match event {
        Event::LineCut { why } => Some(format!("{why}; the line is dialled again")),
        Event::LineBack => Some("the line is back; nothing was lost".to_owned()),
        Event::RemoteUnkept => Some(
            "the host can keep no files: the command runs on the line itself, and a cut leaves its end unknown"
                .to_owned(),
        ),
        _ => None,
    }
}
