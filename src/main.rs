//! Arguments to mode, mode to exit code.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser as _;
use shopfloor::cli::{self, Cli, Command, exit};
use shopfloor::domain::faults::FaultLab;
use shopfloor::lab;
use shopfloor::runtime::crash;
use shopfloor::runtime::load::{self, LoadOptions};
use shopfloor::runtime::session::{self, SessionOptions};

fn main() -> ExitCode {
    crash::install_hook();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are not errors; a terminal that is gone cannot be told either way.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { exit::TROUBLE } else { exit::DONE });
        }
    };
    if let Some(Command::Guard(args)) = &cli.command {
        return ExitCode::from(cli::runner::guard(&cli.site, args));
    }
    load::prepare_transports();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("no worker threads can be started: {error}")),
    };
    let status = runtime.block_on(run(cli));
    // A task that hangs in a system call must not keep the shell waiting.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    match status {
        Ok(status) => ExitCode::from(status),
        Err(sentence) => fail(&sentence),
    }
}

fn fail(sentence: &str) -> ExitCode {
    cli::print::error(sentence);
    ExitCode::from(exit::TROUBLE)
}

async fn run(cli: Cli) -> Result<u8, String> {
    let load = LoadOptions::new(&cli.site, cli.vault_password_file.clone());
    match cli.command {
        None => {
            // A served demo site can be broken from the screen as well.
            let faults = lab::RemoteLab::connect(&load.directory).await.ok();
            let faults = faults.map(|lab| Arc::new(lab) as Arc<dyn FaultLab>);
            let options = SessionOptions {
                load,
                look: cli.look,
                faults,
                screen: None,
                logs: Vec::new(),
                console: None,
                force_panic: cli.force_panic,
            };
            screen(options).await
        }
        Some(Command::Log(args)) => match cli::log::open(&load, &args)? {
            cli::log::Opened::Printed => Ok(exit::DONE),
            cli::log::Opened::Recording(place) => {
                screen(SessionOptions {
                    load,
                    look: cli.look,
                    faults: None,
                    screen: None,
                    logs: Vec::new(),
                    console: Some(*place),
                    force_panic: cli.force_panic,
                })
                .await
            }
            cli::log::Opened::Sources(logs) => {
                let screen_name = Some("logs".to_owned());
                screen(SessionOptions {
                    load,
                    look: cli.look,
                    faults: None,
                    screen: screen_name,
                    logs,
                    console: None,
                    force_panic: cli.force_panic,
                })
                .await
            }
        },
        Some(Command::Demo(args)) => demo(load, cli.look, cli.force_panic, args).await,
        Some(Command::Check(args)) => cli::check::run(&load, &args).await,
        Some(Command::Show(args)) => cli::show::run(&load, cli.look.as_deref(), &args).await,
        Some(Command::Inventory { command }) => cli::inventory::run(&load, &command).await,
        Some(Command::Plan { command }) => cli::plan::run(&load, &command).await,
        Some(Command::Console(args)) => {
            let place = cli::console::place(&load, &args).await?;
            let faults = lab::RemoteLab::connect(&load.directory).await.ok();
            let faults = faults.map(|lab| Arc::new(lab) as Arc<dyn FaultLab>);
            let options = SessionOptions {
                load,
                look: cli.look,
                faults,
                screen: None,
                console: Some(place),
                logs: Vec::new(),
                force_panic: cli.force_panic,
            };
            session::run(options).await.map_err(|error| error.to_string())
        }
        Some(Command::Run { command }) => cli::run::run(&load, &command).await,
        Some(Command::Attach(args)) => cli::attach::run(&load, &args).await,
        Some(Command::Replay(args)) => cli::replay::run(cli.look.as_deref(), &args).await,
        Some(Command::Completions { shell }) => cli::man::print_completions(shell),
        Some(Command::Man) => cli::man::print_manual(),
        Some(Command::Guard(args)) => Ok(cli::runner::guard(&cli.site, &args)),
        Some(Command::Runner(args)) => cli::runner::run(&cli.site, &args).await,
        Some(Command::Greet) => cli::greet::run(&load),
    }
}

async fn screen(options: SessionOptions) -> Result<u8, String> {
    session::run(options).await.map_err(|error| error.to_string())
}

async fn demo(
    load: LoadOptions,
    look: Option<String>,
    force_panic: bool,
    args: cli::DemoArgs,
) -> Result<u8, String> {
    if args.inject.is_some() || args.heal.is_some() || args.list {
        let remote = match lab::RemoteLab::connect(&load.directory).await {
            Ok(remote) => remote,
            Err(_) if args.list => {
                let all = lab::scenarios::all()?;
                let situations = all.iter().map(|one| (one.name.as_str(), one.title.as_str()));
                return cli::demo::print_situations(situations);
            }
            Err(sentence) => return Err(sentence),
        };
        return cli::demo::act(&remote, &args).await;
    }
    if let Some(sentence) = args.serve.as_deref().and_then(lab::served_already) {
        cli::print::error(&sentence);
        return Ok(exit::REFUSED);
    }
    let options = lab::DemoOptions {
        directory: args.serve.clone(),
        scenario: args.scenario.clone(),
        ..Default::default()
    };
    let mut site = lab::DemoSite::start(options).await?;
    if args.serve.is_some() {
        site.open_control()?;
        return cli::demo::serve_until_interrupted(site.directory()).await;
    }
    let load = LoadOptions::new(site.directory(), None).demo();
    // Kept until the screen is left: dropping it stops the servers.
    screen(SessionOptions {
        load,
        look,
        faults: Some(site.faults()),
        screen: None,
        logs: Vec::new(),
        console: None,
        force_panic,
    })
    .await
}
