//! The loop, the terminal, the executor of effects, the probe schedule, the
//! recorder, signals: the only room that touches the machine we run on and
//! reads the clock. No product rules here. Uses every room but `lab` and `cli`.

pub mod asker;
pub mod chosen;
pub mod clipboard;
pub mod clock;
pub mod consoles;
pub mod crash;
pub mod executor;
pub mod history;
pub mod host_journal;
pub mod inventory_rules;
pub mod last_look;
pub mod load;
pub mod log;
mod log_marks;
pub mod logs;
pub mod look_once;
pub mod painter;
pub mod person;
pub mod plan_act;
pub mod plan_desk;
pub mod plan_look;
pub mod plan_place;
mod plan_scripts;
pub mod plans;
pub mod player;
pub mod preferences;
pub mod recorder;
pub mod run_consoles;
pub mod run_line;
pub mod run_sheet;
pub mod run_start;
pub mod run_store;
pub mod runs;
pub mod schedule;
pub mod scrub;
pub mod secret_field;
pub mod session;
pub mod signals;
pub mod state_dir;
pub mod terminal;
pub mod terminal_input;
pub mod whole_file;
