//! The command line: one file per subcommand, as text and as JSON. Nothing
//! here does what a room already does. Uses `runtime` and whatever that may use.

pub mod attach;
mod attach_bar;
mod attach_grid;
mod attach_keys;
mod attach_screen;
pub mod check;
pub mod console;
pub mod demo;
pub mod greet;
mod hidden_line;
pub mod inventory;
pub mod log;
pub mod man;
pub mod plain;
pub mod plan;
mod plan_sheet;
pub mod print;
pub mod replay;
pub mod run;
mod run_remote;
pub mod run_say;
mod run_sheet;
pub mod run_step;
pub mod runner;
pub mod show;
pub mod size;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Exit statuses, which scripts rely on. `check` has its own: 0 pass, 1 warn, 2 fail, 3 unknown.
pub mod exit {
    /// Done.
    pub const DONE: u8 = 0;
    /// It found what it looks for: a problem in a file, a difference.
    pub const FOUND: u8 = 1;
    /// Wrong usage or own trouble.
    pub const TROUBLE: u8 = 4;
    /// Refused: lease, arming, interlock, another server on the same directory.
    pub const REFUSED: u8 = 6;
    /// Own trouble of `run start --wait` for a bare command, whose status is else the command's.
    pub const WAIT_TROUBLE: u8 = 125;
    /// Refused, of `run start --wait` for a bare command.
    pub const WAIT_REFUSED: u8 = 126;
}

/// A full-screen console for the people who install and run AI factories.
#[derive(Debug, Parser)]
#[command(name = "shopfloor", version, about, long_about = LONG_ABOUT, disable_help_subcommand = true)]
pub struct Cli {
    /// The site directory, with inventory.yml and shopfloor.yml
    #[arg(long, value_name = "DIR", default_value = ".", global = true)]
    pub site: PathBuf,
    /// How the screen looks, for this start: a theme, a glyph table (unicode, console, ascii) and a number
    /// of colours (none, 8, 16, 256, true), in any order; what is left out is chosen by the terminal
    #[arg(long, value_name = "WORDS", global = true)]
    pub look: Option<String>,
    /// File that holds the vault password (instead of typing it)
    #[arg(long, value_name = "FILE", global = true)]
    pub vault_password_file: Option<PathBuf>,
    /// Fail on purpose once the screen is drawn; tests see to it that the terminal is restored
    #[arg(long, hide = true, global = true)]
    pub force_panic: bool,
    /// What to do; without it the full screen opens
    #[command(subcommand)]
    pub command: Option<Command>,
}

const LONG_ABOUT: &str = "A full-screen console for the people who install and run AI factories: racks, \
fabric, Ceph, OpenStack and Kubernetes. Without a subcommand it opens the full screen on the site in DIR. \
It only looks; nothing is installed or changed on the machines it looks at, but for what `run` is told to run.";

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the embedded demo site and look at it
    Demo(DemoArgs),
    /// Look once at everything and print verdicts; the exit status is the worst of them
    Check(CheckArgs),
    /// Print any screen as text, JSON or a picture
    Show(ShowArgs),
    /// Validate, show and edit the inventory
    Inventory {
        /// What to do with it
        #[command(subcommand)]
        command: InventoryCommand,
    },
    /// Plans: list them, show where the site stands in them, check their files
    Plan {
        /// What to do with them
        #[command(subcommand)]
        command: plan::PlanCommand,
    },
    /// Look at logs: files, packed or not, the output of runs, standard input
    Log(LogArgs),
    /// Open one console, full screen: a host over SSH, or what the options say
    Console(ConsoleArgs),
    /// Start, list, show and stop commands that outlive this terminal
    Run {
        /// What to do
        #[command(subcommand)]
        command: run::RunCommand,
    },
    /// Go back to a run; Ctrl-\\ leaves it again
    Attach(attach::AttachArgs),
    /// Play a recording into the same core
    Replay(ReplayArgs),
    /// Print shell completions
    Completions {
        /// For which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
    /// Guard a run; started by `run start`
    #[command(hide = true)]
    Guard(runner::RunnerArgs),
    /// Run a run; started by its guardian
    #[command(hide = true)]
    Runner(runner::RunnerArgs),
    /// Print the greeting for a login shell: one line where something needs you, else nothing
    Greet,
}

/// `shopfloor demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// The situation to start in, such as leaf-dead, disk-full or bmc-silent (--list names them all);
    /// the default is `well`, or where a served site was left
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
    /// Write a site directory and serve it until interrupted; prints `ready DIR`
    #[arg(long, value_name = "DIR", conflicts_with_all = ["inject", "heal", "list"])]
    pub serve: Option<PathBuf>,
    /// Put a fault into a served site (with --site)
    #[arg(long, value_name = "NAME")]
    pub inject: Option<String>,
    /// End a fault of a served site (with --site)
    #[arg(long, value_name = "NAME", conflicts_with = "inject")]
    pub heal: Option<String>,
    /// List the situations, each with what happens in it; of a served site also which are in force
    #[arg(long, conflicts_with_all = ["inject", "heal"])]
    pub list: bool,
}

/// `shopfloor check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Only these layers: power hosts router fabric ceph openstack platform services observing
    #[arg(value_name = "LAYER")]
    pub layers: Vec<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// List the checks instead, built or not, and look at nothing
    #[arg(long)]
    pub list: bool,
}

/// `shopfloor show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The screen: overview rack fabric ceph … or `target NAME`, `help CODE`
    #[arg(value_name = "SCREEN", num_args = 1.., required = true)]
    pub screen: Vec<String>,
    /// Print the facts behind the screen as JSON
    #[arg(long, conflicts_with = "svg")]
    pub json: bool,
    /// Write the screen as a picture
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Columns and rows, as 160x48
    #[arg(long, value_name = "CxR")]
    pub size: Option<String>,
}

/// `shopfloor log`.
#[derive(Debug, Args)]
pub struct LogArgs {
    /// Files, numbers of runs, or `-` for standard input; several are merged by time
    #[arg(value_name = "FILE|RUN", num_args = 1.., required = true)]
    pub names: Vec<String>,
}

/// `shopfloor console`.
#[derive(Debug, Clone, Args)]
pub struct ConsoleArgs {
    /// A host of the inventory; with --virsh the hypervisor, with --serial the machine the line
    /// is plugged into, with --sol the machine or its controller
    #[arg(value_name = "TARGET", required_unless_present_any = ["local", "serial", "virsh", "replay", "run"])]
    pub target: Option<String>,
    /// A shell on this machine, or the command after it
    #[arg(long, conflicts_with_all = ["target", "serial", "virsh", "sol", "replay"])]
    pub local: bool,
    /// The command for --local
    #[arg(last = true, value_name = "CMD", requires = "local")]
    pub command: Vec<String>,
    /// A serial line by its name under /dev/serial/by-id; on this machine when no TARGET is named
    #[arg(long, value_name = "NAME", conflicts_with_all = ["virsh", "sol", "replay"])]
    pub serial: Option<String>,
    /// Its speed; default what shopfloor.yml says of the line, else 115200
    #[arg(long, value_name = "BAUD", requires = "serial")]
    pub baud: Option<u32>,
    /// The console of a virtual machine; on the router box when no TARGET is named
    #[arg(long, value_name = "VM", conflicts_with_all = ["sol", "replay"])]
    pub virsh: Option<String>,
    /// Serial over LAN of the machine's management controller
    #[arg(long, conflicts_with = "replay")]
    pub sol: bool,
    /// Play a recorded console
    #[arg(long, value_name = "FILE", conflicts_with_all = ["target", "run"])]
    pub replay: Option<PathBuf>,
    /// Open it in a run: it outlives this screen. Without a target: back to a console of that run
    #[arg(long, value_name = "RUN")]
    pub run: Option<u64>,
    /// Which console of the run; the last that is open when left out
    #[arg(
        long,
        value_name = "N",
        requires = "run",
        conflicts_with_all = ["target", "local", "serial", "virsh", "sol"]
    )]
    pub number: Option<u64>,
}

/// `shopfloor replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The recording
    pub file: PathBuf,
    /// Print the screen after so many messages (the last, if there are fewer) instead of opening the player
    #[arg(
        long,
        value_name = "N",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "18446744073709551615"
    )]
    pub print: Option<u64>,
    /// Columns and rows for --print, as 160x48
    #[arg(long, value_name = "CxR")]
    pub size: Option<String>,
}

/// `shopfloor inventory …`.
#[derive(Debug, Subcommand)]
pub enum InventoryCommand {
    /// Apply the validation rules and print what is broken, like a compiler
    Check {
        /// Only rules that matter up to this step of the procedure (`HW-5.0`)
        #[arg(long = "for", value_name = "STEP")]
        step: Option<String>,
        /// Warnings are errors too
        #[arg(long)]
        strict: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the example: complete, commented, to be filled in
    Example,
    /// Show the resolved inventory, or one host or group of it
    Show {
        /// Host or group
        name: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Say where each variable of a host comes from
    Explain {
        /// The host
        host: String,
        /// Ask ansible-inventory as well and show any difference
        #[arg(long)]
        compare: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Change one value in inventory.yml, keeping comments and order
    Set {
        /// Where: `all.vars.ceph.osd_replication`
        path: String,
        /// The new value, as YAML
        value: String,
        /// Show the difference and write nothing
        #[arg(long)]
        dry_run: bool,
    },
}
