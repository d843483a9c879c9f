//! `shopfloor run start|list|show|stop`.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::domain::Stamp;
use crate::install::journal::{Person, StopLevel};
use crate::runner::client::Client;
use crate::runner::order::{PEN_WAIT_MS, RemoteOrder, Started};
use crate::runner::protocol::{Frame, Hello, Reply, Request, Standing, VERSION};
use crate::runner::remote::RemoteCommand;
use crate::runner::{Runs, index, lease, stop};
use crate::runtime::load::LoadOptions;
use crate::runtime::run_start::{self, Wanted};
use crate::runtime::{person, run_store};

use super::run_say::{Said, SayArgs, say};
use super::{attach, exit, print, run_remote, run_sheet, run_step};

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
    /// Say that a step of a plan is done by hand, with the evidence that it asks for
    Confirm(SayArgs),
    /// Pass over a step of a plan, with a reason
    Skip(SayArgs),
    /// Put a step of a plan off, with a reason; it stays to be done
    Defer(SayArgs),
    /// Take back what was said of a step
    Reopen(SayArgs),
}

/// `shopfloor run start`.
#[derive(Debug, Clone, Args)]
pub struct StartArgs {
    /// A step of the installation in use, PLAN/STEP, or a whole PLAN, which stops at the first gate
    #[arg(value_name = "[PLAN/]STEP", required_unless_present = "command")]
    pub step: Option<String>,
    /// The command and its arguments, after `--`
    #[arg(last = true, value_name = "CMD", conflicts_with = "step")]
    pub command: Vec<String>,
    /// Why a step may change the site
    #[arg(long, value_name = "REASON", requires = "step")]
    pub arm: Option<String>,
    /// Confirms a step that destroys: the name and the number that it states
    #[arg(long, value_name = "NAME NUMBER", requires = "step")]
    pub confirm: Option<String>,
    /// Why a step acts once more
    #[arg(long, value_name = "REASON", requires = "step")]
    pub again: Option<String>,
    /// Passes an interlock that may be passed, with a reason: IL-10=REASON
    #[arg(long, value_name = "ID=REASON", requires = "step")]
    pub pass: Vec<String>,
    /// Which target, of a step that repeats
    #[arg(long, value_name = "NAME", requires = "step")]
    pub target: Option<String>,
    /// Says a value that the plan asks for; it is kept
    #[arg(long, value_name = "NAME=VALUE", requires = "step")]
    pub value: Vec<String>,
    /// A file with a secret that the step needs; it is not kept
    #[arg(long, value_name = "NAME=FILE", requires = "step")]
    pub secret_file: Vec<String>,
    /// Stream the output and end with the command's exit status
    #[arg(long)]
    pub wait: bool,
    /// With --wait: stream every byte as the command wrote it, also what a terminal acts on
    #[arg(long, requires = "wait")]
    pub raw: bool,
    /// Run it on this target of the inventory, where it outlives the line
    #[arg(long, value_name = "TARGET")]
    pub on: Option<String>,
    /// With --on: give the command a terminal there, so that it can ask for something
    #[arg(long, requires = "on")]
    pub tty: bool,
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
        RunCommand::Start(args) => match (&args.step, start(load, args)) {
            (Some(step), _) => run_step::start(load, args, step).await,
            (None, starting) => match starting.await {
                Err(sentence) if args.wait => {
                    print::error(&sentence);
                    Ok(exit::WAIT_TROUBLE)
                }
                other => other,
            },
        },
        RunCommand::List { json } => list(load, *json),
        RunCommand::Show { run, json } => show(load, *run, *json).await,
        RunCommand::Stop(args) => stop_run(load, args).await,
        RunCommand::Confirm(args) => say(load, args, Said::Confirmed).await,
        RunCommand::Skip(args) => say(load, args, Said::Skipped).await,
        RunCommand::Defer(args) => say(load, args, Said::Deferred).await,
        RunCommand::Reopen(args) => say(load, args, Said::Reopened).await,
    }
}

async fn start(load: &LoadOptions, args: &StartArgs) -> Result<u8, String> {
    let directory = run_start::here()?;
    let on = match &args.on {
        Some(target) => {
            RemoteCommand::new(&args.command, "").map_err(|error| error.to_string())?;
            let endpoint = run_remote::endpoint(load, target).await?;
            Some(RemoteOrder { endpoint, has_terminal: args.tty, resumes: None })
        }
        None => {
            run_start::check(&args.command, &directory)?;
            None
        }
    };
    let runs = run_store::open(&load.directory)?;
    let wanted = Wanted {
        title: args.title.clone(),
        argv: args.command.clone(),
        directory,
        variables: args.env.iter().map(|word| variable(word)).collect(),
        by: person::ask(args.name.as_deref(), runs.state()),
        pen_wait_ms: args.pen_wait_ms,
        on,
        stdin: None,
        step: Vec::new(),
    };
    match run_start::start(&load.directory, &runs, wanted).await {
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
        let line = format!("{id:>5}  {word:<8}  {code:>4}  {started:<20}  {}", row.title);
        text.push_str(&print::in_one_row(&line));
        text.push('\n');
    }
    print::text(&text)?;
    Ok(exit::DONE)
}

async fn show(load: &LoadOptions, run: Option<u64>, is_json: bool) -> Result<u8, String> {
    let runs = run_store::find(&load.directory);
    let last = runs.as_ref().and_then(|runs| runs.ids().first().copied());
    let (Some(runs), Some(run)) = (runs, run.or(last)) else {
        if !is_site(load) {
            return Err(no_site(load));
        }
        return Err("no run yet; `shopfloor run start -- CMD` starts one".into());
    };
    let known = runs.read(run).map_err(|trouble| trouble.to_string())?;
    let there = run_remote::look(load, &known).await;
    if is_json {
        print::json(&run_sheet::document(&runs, &known, there))?;
    } else {
        print::text(&run_sheet::sheet(&runs, &known, there))?;
    }
    Ok(exit::DONE)
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
        let goes_on = !known.has_runner && known.run.goes_on_at().is_some();
        let is_left = is_open || holds_consoles || goes_on;
        if !is_left && lease::last_holder(&runs) != Some(args.run) {
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
        if goes_on {
            match run_remote::go_on(load, &runs, &known.run, by.clone()).await? {
                Started::Run(_) => {}
                Started::Refused(sentence) => {
                    print::error(&sentence);
                    return Ok(exit::REFUSED);
                }
                Started::Trouble(sentence) => return Err(sentence),
            }
        }
        let Reply { standing, sentence } = if known.has_runner || goes_on {
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
