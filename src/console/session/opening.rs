//! How a console opens its line, and how the line's end is told.

use std::sync::Arc;

use super::super::child::{self, ChildProgram};
use super::super::line::Line;
use super::super::view::State;
use super::super::{Place, remote, replay, serial, sol, virsh};
use super::{Tapped, Work, u16_of};
use crate::domain::endpoint::SshEndpoint;

/// A line that is being opened.
pub(super) type Opening = tokio::task::JoinHandle<Result<Line, String>>;

impl Work {
    /// Opens the line; `again` after it ended. `Some(true)` takes it from whoever holds it, and only
    /// where somebody was said to.
    pub(super) fn connect(&mut self, again: Option<bool>) {
        let force = again == Some(true) && self.is_held;
        self.is_held = false;
        self.late.clear();
        let size = (u16_of(self.grid.columns()), u16_of(self.grid.rows()));
        self.state = State::Opening;
        self.said.clear();
        self.early.clear();
        self.slices.hear();
        self.is_stale = true;
        self.stand();
        self.taps.tell(|| Tapped::Opening);
        if let Some(elsewhere) = &self.elsewhere {
            self.opening = Some(tokio::spawn(elsewhere.go(self.window, again)));
            return;
        }
        self.opening = match &self.place {
            Place::Local(argv) => {
                let mut argv = argv.clone();
                if argv.is_empty() {
                    argv.push(std::env::var("SHELL").unwrap_or_else(|_| "/bin/sh".to_owned()));
                }
                let program =
                    ChildProgram { argv, env: Vec::new(), directory: self.directory.clone() };
                Some(tokio::spawn(async move { child::start(&program, size) }))
            }
            Place::InRun { run, .. } | Place::Run { run, .. } => {
                let why = format!("nobody said how run {run} is reached");
                self.ended(why);
                return;
            }
            Place::Replay(path) => {
                let path = path.clone();
                Some(tokio::spawn(async move { replay::open(path).await }))
            }
            Place::Ssh(host) => Some(self.over_ssh(host.clone(), None, size)),
            Place::Virsh { on, domain } => {
                if !virsh::is_name(domain) {
                    self.ended(format!("{domain} is no name of a virtual machine"));
                    return;
                }
                let command = virsh::command(domain, on.sudo, force);
                Some(self.over_ssh(on.clone(), Some(command), size))
            }
            Place::Serial { on, line, baud, .. } => {
                if !serial::is_name(line) {
                    let why = format!("{line} is no name of a serial line");
                    self.ended(why);
                    return;
                }
                let command = serial::command(line, *baud, force);
                match on {
                    Some(on) => Some(self.over_ssh(on.clone(), Some(command), size)),
                    None => {
                        let argv = ["sh", "-c", &command].map(str::to_owned).to_vec();
                        let program = ChildProgram {
                            argv,
                            env: Vec::new(),
                            directory: self.directory.clone(),
                        };
                        Some(tokio::spawn(async move { child::start(&program, size) }))
                    }
                }
            }
            Place::Sol { name, bmc } => match sol::programs(name, bmc, &self.ways.secrets, force) {
                Ok(mut programs) => {
                    programs.reverse();
                    let first = programs.pop().unwrap_or_default();
                    self.others = programs;
                    Some(tokio::spawn(async move { child::start(&first, size) }))
                }
                Err(why) => {
                    self.ended(why);
                    return;
                }
            },
        };
    }

    fn over_ssh(&self, host: SshEndpoint, command: Option<String>, size: (u16, u16)) -> Opening {
        let ssh = Arc::clone(&self.ways.ssh);
        tokio::spawn(async move { remote::open(&ssh, &host, command, size).await })
    }

    pub(super) fn opened(&mut self, opened: Result<Line, String>) {
        self.opening = None;
        match opened {
            Ok(line) => {
                // The size may be another by now.
                line.resize(self.window.0, self.window.1);
                let ahead = std::mem::take(&mut self.ahead);
                if !ahead.is_empty() {
                    line.send(ahead.to_vec());
                }
                self.line = Some(line);
                self.state = State::Open;
                self.taps.tell(|| Tapped::Open);
                self.stand();
                let keys = self.place.leaving_keys();
                self.said = match (self.place.is_quiet(), keys) {
                    (true, Some(keys)) => format!("Enter wakes a silent line; {keys}"),
                    (true, None) => "Enter wakes a silent line".to_owned(),
                    (false, keys) => keys.unwrap_or_default().to_owned(),
                };
            }
            Err(why) => self.ended(why),
        }
        self.is_stale = true;
    }
}

/// What became of it; waits for ever where none is being opened.
pub(super) async fn opened(opening: &mut Option<Opening>) -> Result<Line, String> {
    match opening {
        Some(task) => match task.await {
            Ok(result) => result,
            Err(error) => Err(format!("shopfloor failed while opening the console: {error}")),
        },
        None => std::future::pending().await,
    }
}
