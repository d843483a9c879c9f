//! Arguments to mode, mode to exit code.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser as _;
use shopfloor::cli::{self, Cli, Command, exit};
use shopfloor::domain::faults::FaultLab;
use shopfloor::lab;
use shopfloor::runtime::crash;
use shopfloor::runtime::load::LoadOptions;
use shopfloor::runtime::session::{self, SessionOptions};
use shopfloor::transport;

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
    transport::http::install_crypto();
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
            screen(load, cli.look, faults, cli.force_panic).await
        }
        Some(Command::Demo(args)) => demo(load, cli.look, cli.force_panic, args).await,
        Some(Command::Check(args)) => cli::check::run(&load, &args).await,
        Some(Command::Show(args)) => cli::show::run(&load, cli.look.as_deref(), &args).await,
        Some(Command::Inventory { command }) => cli::inventory::run(&load, &command).await,
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

async fn screen(
    load: LoadOptions,
    look: Option<String>,
    faults: Option<Arc<dyn FaultLab>>,
    force_panic: bool,
) -> Result<u8, String> {
    session::run(SessionOptions { load, look, faults, screen: None, console: None, force_panic })
        .await
        .map_err(|error| error.to_string())
}

async fn demo(
    load: LoadOptions,
    look: Option<String>,
    force_panic: bool,
    args: cli::DemoArgs,
) -> Result<u8, String> {
    if args.inject.is_some() || args.heal.is_some() || args.list {
        let remote = lab::RemoteLab::connect(&load.directory).await?;
        return cli::demo::act(&remote, &args).await;
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
    screen(load, look, Some(site.faults()), force_panic).await
}
