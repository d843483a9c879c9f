//! `shopfloor run start|list|show|stop`.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::Path;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::domain::Stamp;
use crate::domain::untrusted::printable;
use crate::install::journal::{Ending, Person, RunConsole, RunWord, StopLevel};
use crate::logs::ansible::shell_word;
use crate::runner::client::Client;
use crate::runner::order::{Order, PEN_WAIT_MS, Started};
use crate::runner::protocol::{Frame, Hello, Reply, Request, Standing, VERSION};
use crate::runner::scope::{self, Surroundings};
use crate::runner::{Known, Runs, index, lease, starting, stop};
use crate::runtime::load::LoadOptions;
use crate::runtime::{person, run_store};

use super::{attach, exit, print};

/// `shopfloor run …`.
#[derive(Debug, Subcommand)]
pub enum RunCommand {
    /// Start a command that outlives this terminal; prints `run ID`
    Start(StartArgs),
    /// List the runs of the site, newest first
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show what the journal of a run says
    Show {
        /// The run; the last one when left out
        run: Option<u64>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Stop a run, gently first: int, then term, then kill
    Stop(StopArgs),
}

/// `shopfloor run start`.
#[derive(Debug, Args)]
pub struct StartArgs {
    /// The command and its arguments, after `--`
    #[arg(last = true, required = true, value_name = "CMD")]
    pub command: Vec<String>,
    /// Stream the output and end with the command's exit status
    #[arg(long)]
    pub wait: bool,
    /// With --wait: stream every byte as the command wrote it, also what a terminal acts on
    #[arg(long, requires = "wait")]
    pub raw: bool,
    /// What the run is called; the command when left out
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// Who you are, for the journal
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,
    /// One more variable for the command: NAME=VALUE, or NAME to pass ours on
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub env: Vec<String>,
    /// How many milliseconds the one who has the pen may think
    #[arg(long, hide = true, default_value_t = PEN_WAIT_MS)]
    pub pen_wait_ms: u64,
}

/// `shopfloor run stop`.
#[derive(Debug, Args)]
pub struct StopArgs {
    /// The run
    pub run: u64,
    /// How hard: int, term or kill
    #[arg(long, default_value = "int", value_parser = ["int", "term", "kill"])]
    pub level: String,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// Ask whoever has the pen for it, and wait a minute at most
    #[arg(long)]
    pub take_pen: bool,
    /// Who you are, for the journal
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,
}

/// Runs `shopfloor run …`.
///
/// # Errors
/// A sentence when it cannot be done.
pub async fn run(load: &LoadOptions, command: &RunCommand) -> Result<u8, String> {
    match command {
        RunCommand::Start(args) => match start(load, args).await {
            Err(sentence) if args.wait => {
                print::error(&sentence);
                Ok(exit::WAIT_TROUBLE)
            }
            other => other,
        },
        RunCommand::List { json } => list(load, *json),
        RunCommand::Show { run, json } => show(load, *run, *json),
        RunCommand::Stop(args) => stop_run(load, args).await,
    }
}

async fn start(load: &LoadOptions, args: &StartArgs) -> Result<u8, String> {
    let directory = std::env::current_dir()
        .map_err(|error| format!("the current directory cannot be used: {error}"))?;
    if let Some(sentence) = cannot_run(&args.command, &directory) {
        return Err(sentence);
    }
    let runs = run_store::open(&load.directory)?;
    let site = load.directory.canonicalize().unwrap_or_else(|_| load.directory.clone());
    let order = Order {
        title: args.title.clone().unwrap_or_else(|| title_of(&args.command)),
        argv: args.command.clone(),
        directory: directory.to_string_lossy().into_owned(),
        variables: args.env.iter().map(|word| variable(word)).collect(),
        by: person::ask(args.name.as_deref(), runs.state()),
        scope: None,
        note: None,
        pen_wait_ms: args.pen_wait_ms,
    };
    match starting::start(&runs, &site, order, &Surroundings::here()).await {
        Started::Run(run) => {
            print::text(&format!("run {run}\n"))?;
            if args.wait {
                attach::wait(&runs, run, args.name.as_deref(), args.raw).await
            } else {
                Ok(exit::DONE)
            }
        }
        Started::Refused(sentence) => {
            print::error(&sentence);
            Ok(if args.wait { exit::WAIT_REFUSED } else { exit::REFUSED })
        }
        Started::Trouble(sentence) => Err(sentence),
    }
}

/// What people call a run that nobody gave a name: its command, without its secrets.
fn title_of(command: &[String]) -> String {
    let words = crate::runner::order::without_secrets(command);
    let title = printable(&words.join(" "));
    if title.chars().count() <= 60 {
        title
    } else {
        title.chars().take(59).collect::<String>() + "~"
    }
}

/// Why a command cannot be run, as far as can be seen before a run is made of it.
fn cannot_run(command: &[String], directory: &Path) -> Option<String> {
    let name = command.first()?;
    let shown = printable(name);
    if name.contains('/') {
        let file = directory.join(name);
        return if !file.exists() {
            Some(format!("{shown}: there is no such file; nothing was started"))
        } else if file.is_dir() {
            Some(format!("{shown} is a directory, not a command; nothing was started"))
        } else if !scope::is_executable(&file) {
            Some(format!("{shown} may not be executed (chmod +x?); nothing was started"))
        } else {
            None
        };
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = scope::which(name, &path).is_some();
    (!is_there)
        .then(|| format!("{shown}: there is no such command on the PATH; nothing was started"))
}

fn variable(word: &str) -> (String, String) {
    match word.split_once('=') {
        Some((name, value)) => (name.to_owned(), value.to_owned()),
        None => (word.to_owned(), std::env::var(word).unwrap_or_default()),
    }
}

fn is_site(load: &LoadOptions) -> bool {
    ["inventory.yml", "shopfloor.yml"].iter().any(|file| load.directory.join(file).exists())
}

fn no_site(load: &LoadOptions) -> String {
    let here = load.directory.canonicalize().unwrap_or_else(|_| load.directory.clone());
    format!("no site here (no inventory.yml in {}); --site DIR names one", here.display())
}

fn list(load: &LoadOptions, is_json: bool) -> Result<u8, String> {
    let (rows, troubles) =
        run_store::find(&load.directory).map(|runs| index::list(&runs)).unwrap_or_default();
    print::notes(&troubles);
    if is_json {
        let runs: Vec<Value> = rows
            .iter()
            .map(|row| {
                json!({
                    "id": row.id,
                    "title": row.title,
                    "state": row.word.word(),
                    "exit": row.exit,
                    "started": Stamp(row.started).rfc3339(),
                    "ended": row.ended.map(|at| Stamp(at).rfc3339()),
                })
            })
            .collect();
        print::json(&json!({"schema": 1, "runs": runs}))?;
        return Ok(exit::DONE);
    }
    if rows.is_empty() && !is_site(load) {
        return Err(no_site(load));
    }
    if rows.is_empty() {
        print::text("no run yet; `shopfloor run start -- CMD` starts one\n")?;
        return Ok(exit::DONE);
    }
    let mut text =
        format!("{:>5}  {:<8}  {:>4}  {:<20}  TITLE\n", "RUN", "STATE", "EXIT", "STARTED");
    for row in rows {
        let code = row.exit.map_or("-".to_owned(), |code| code.to_string());
        let (id, word, started) = (row.id, row.word.word(), Stamp(row.started).rfc3339());
        text.push_str(&format!("{id:>5}  {word:<8}  {code:>4}  {started:<20}  {}\n", row.title));
    }
    print::text(&text)?;
    Ok(exit::DONE)
}

fn show(load: &LoadOptions, run: Option<u64>, is_json: bool) -> Result<u8, String> {
    let runs = run_store::find(&load.directory);
    let last = runs.as_ref().and_then(|runs| runs.ids().first().copied());
    let (Some(runs), Some(run)) = (runs, run.or(last)) else {
        if !is_site(load) {
            return Err(no_site(load));
        }
        return Err("no run yet; `shopfloor run start -- CMD` starts one".into());
    };
    let known = runs.read(run).map_err(|trouble| trouble.to_string())?;
    if is_json {
        print::json(&document(&runs, &known))?;
    } else {
        print::text(&sheet(&runs, &known))?;
    }
    Ok(exit::DONE)
}

fn person_json(person: &Person) -> Value {
    json!({"name": person.name, "account": person.account})
}

fn document(runs: &Runs, known: &Known) -> Value {
    let run = &known.run;
    let at = |stamp: Stamp| stamp.rfc3339();
    let processes = |list: &[crate::install::journal::Process]| -> Vec<Value> {
        list.iter()
            .map(|process| {
                json!({"pid": process.pid, "command": process.command,
                       "since": process.since.map(|ms| at(Stamp(ms)))})
            })
            .collect()
    };
    json!({
        "schema": 1,
        "id": run.id,
        "title": run.title,
        "state": known.word().word(),
        "reason": known.why_unknown(),
        "exit": run.exit(),
        "ending": run.ending().map(ending_json),
        "argv": run.argv,
        "directory": run.directory,
        "by": person_json(&run.by),
        "host": run.host,
        "started": at(run.started),
        "ended": run.ended.map(at),
        "attempts": run.attempts.iter().map(|attempt| json!({
            "id": attempt.id, "number": attempt.number, "pid": attempt.pid,
            "started": at(attempt.started), "ended": attempt.ended.map(at),
            "ending": attempt.ending.as_ref().map(ending_json),
        })).collect::<Vec<_>>(),
        "output": {
            "file": runs.directory(run.id).join("output").display().to_string(),
            "bytes": known.output,
            "lost": run.lost.iter().map(|lost| json!({
                "offset": lost.offset, "bytes": lost.bytes, "why": lost.why,
            })).collect::<Vec<_>>(),
        },
        "waits_for": run.prompt.as_ref().filter(|_| known.word() == RunWord::Waiting).map(|prompt| json!({
            "name": prompt.name, "text": prompt.text, "since": at(prompt.since),
        })),
        "stop": run.stop.map(StopLevel::word),
        "stopped_by": run.stopped_by.as_ref().map(person_json),
        "pen": run.pen.as_ref().filter(|_| known.has_runner).map(person_json),
        "watchers": run.watchers.iter().filter(|_| known.has_runner).map(person_json).collect::<Vec<_>>(),
        "left": processes(&run.left),
        "consoles": run.consoles.iter().map(|console| json!({
            "number": console.number, "name": console.name, "way": console.way,
            "by": person_json(&console.by), "keys": console.keys.as_ref().map(person_json),
            "state": console_word(console, known.has_runner),
            "opened": at(console.opened), "ended": console.ended.map(at), "reason": console.why,
            "recording": recording(runs, run.id, console.number),
        })).collect::<Vec<_>>(),
        "runner": {"pid": run.runner, "guardian": run.guardian, "alive": known.has_runner,
                   "scope": run.scope, "note": run.note},
        "notes": run.notes,
        "journal": {"file": runs.directory(run.id).join("journal.jsonl").display().to_string(), "lines": run.seq},
    })
}

/// How a console of a run stands, in a word.
fn console_word(console: &RunConsole, has_runner: bool) -> &'static str {
    match (console.is_closed || !has_runner, console.ended.is_some()) {
        (true, _) => "closed",
        (false, true) => "ended",
        (false, false) => "open",
    }
}

fn recording(runs: &Runs, run: u64, number: u64) -> String {
    runs.directory(run).join("consoles").join(format!("{number}.cast")).display().to_string()
}

fn ending_json(ending: &Ending) -> Value {
    let mut value = serde_json::to_value(ending).unwrap_or_default();
    if let Some(object) = value.as_object_mut() {
        object.insert("sentence".into(), ending.to_string().into());
    }
    value
}

fn sheet(runs: &Runs, known: &Known) -> String {
    let run = &known.run;
    let mut lines = vec![
        format!("run {}  {}  {}", run.id, known.word().word().to_uppercase(), run.title),
        {
            let words: Vec<String> = run.argv.iter().map(|word| shell_word(word)).collect();
            format!("command    {}", words.join(" "))
        },
        format!("directory  {}", run.directory),
        format!("by         {} on {}", run.by, run.host),
        format!("started    {}", run.started.rfc3339()),
    ];
    if let Some(ended) = run.ended {
        lines.push(format!("ended      {}", ended.rfc3339()));
    }
    if let Some(ending) = run.ending() {
        lines.push(format!("ending     {ending}"));
    }
    if let Some(why) = known.why_unknown() {
        lines.push(format!("unknown    {why}"));
    }
    if let Some(prompt) = run.prompt.as_ref().filter(|_| known.word() == RunWord::Waiting) {
        lines.push(format!("waits for  {} (since {})", prompt.text, prompt.since.rfc3339()));
    }
    if let (Some(level), Some(by)) = (run.stop, &run.stopped_by) {
        lines.push(format!("stop       {} by {by}", level.word()));
    }
    if let Some(pen) = run.pen.as_ref().filter(|_| known.has_runner) {
        lines.push(format!("pen        {pen}"));
    }
    let output = runs.directory(run.id).join("output");
    lines.push(format!("output     {} bytes in {}", known.output, output.display()));
    for lost in &run.lost {
        lines.push(format!("lost       {} bytes at {}: {}", lost.bytes, lost.offset, lost.why));
    }
    for process in &run.left {
        lines.push(format!("left       {process}"));
    }
    for console in &run.consoles {
        let (number, name) = (console.number, &console.name);
        let word = console_word(console, known.has_runner);
        let why = console.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        lines.push(format!(
            "console    {number} {name}, {word}{why}, {}",
            recording(runs, run.id, number)
        ));
    }
    lines.extend(run.note.iter().chain(&run.notes).map(|note| format!("note       {note}")));
    lines.push(String::new());
    lines.join("\n")
}

async fn stop_run(load: &LoadOptions, args: &StopArgs) -> Result<u8, String> {
    let runs = run_store::find(&load.directory).ok_or("no run yet; there is nothing to stop")?;
    let mut level = StopLevel::ALL
        .into_iter()
        .find(|level| level.word() == args.level)
        .ok_or("--level is int, term or kill")?;
    let by = person::ask(args.name.as_deref(), runs.state());
    loop {
        let known = runs.read(args.run).map_err(|trouble| trouble.to_string())?;
        let is_open = known.word().is_open();
        // A run that is over may hold consoles, and nothing else any more.
        let holds_consoles = known.has_runner && known.run.has_returned_lease;
        if !is_open && !holds_consoles && lease::last_holder(&runs) != Some(args.run) {
            return Err(format!("run {} is over ({})", args.run, known.word().word()));
        }
        let question = format!(
            "Send {} to run {} ({})?",
            level.word().to_uppercase(),
            args.run,
            known.run.title
        );
        if !args.yes && !confirmed(&question)? {
            print::text("nothing was sent\n")?;
            return Ok(exit::REFUSED);
        }
        let Reply { standing, sentence } = if known.has_runner {
            stop_through_runner(&runs, args, level, &by).await?
        } else {
            let stopped = stop::stop_left(&runs, args.run, level, &by).await?;
            let standing = if stopped.left.is_empty() { Standing::Done } else { Standing::Open };
            Reply { standing, sentence: stopped.sentence(args.run) }
        };
        if standing == Standing::Refused {
            print::error(&sentence);
            return Ok(exit::REFUSED);
        }
        print::text(&format!("{sentence}\n"))?;
        match level.next() {
            _ if standing == Standing::Done => return Ok(exit::DONE),
            // Each level is confirmed by itself; where nobody can be asked it is a command by itself.
            Some(next) if !args.yes && io::stdin().is_terminal() => level = next,
            _ => return Ok(exit::FOUND),
        }
    }
}

fn confirmed(question: &str) -> Result<bool, String> {
    if !io::stdin().is_terminal() {
        return Err("nobody is there to confirm it; --yes confirms".into());
    }
    let mut out = io::stderr();
    let asked = write!(out, "{} [y/N] ", crate::domain::untrusted::without_controls(question));
    asked.and_then(|()| out.flush()).map_err(|error| error.to_string())?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(|error| error.to_string())?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}

async fn stop_through_runner(
    runs: &Runs,
    args: &StopArgs,
    level: StopLevel,
    by: &Person,
) -> Result<Reply, String> {
    let hello = Hello {
        version: VERSION,
        name: by.name.clone(),
        output_from: None,
        journal_from: u64::MAX,
        size: None,
        is_watcher: false,
    };
    let mut client = Client::connect(runs, args.run, hello).await?;
    let gone = || format!("the runner of run {} hung up", args.run);
    if args.take_pen {
        client.send(&Frame::Request(Request::TakePen)).await.map_err(|_| gone())?;
        loop {
            let reply = next_reply(&mut client).await.ok_or_else(gone)?;
            match reply.standing {
                Standing::Done => break,
                Standing::Open => print::text(&format!("{}\n", reply.sentence))?,
                Standing::Refused => return Ok(reply),
            }
        }
    }
    client.send(&Frame::Request(Request::Stop { level })).await.map_err(|_| gone())?;
    next_reply(&mut client).await.ok_or_else(gone)
}

async fn next_reply(client: &mut Client) -> Option<Reply> {
    loop {
        if let Frame::Reply(reply) = client.next().await? {
            return Some(reply);
        }
    }
}
