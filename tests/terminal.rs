//! The real binary in a pseudo-terminal.

#[path = "terminal/accepting.rs"]
mod accepting;
#[path = "terminal/attach.rs"]
mod attach;
#[path = "terminal/consoles.rs"]
mod consoles;
#[path = "terminal/drawing.rs"]
mod drawing;
#[path = "terminal/history.rs"]
mod history;
#[path = "terminal/hosted.rs"]
mod hosted;
#[path = "terminal/hostile.rs"]
mod hostile;
#[path = "terminal/kinds.rs"]
mod kinds;
#[path = "terminal/leaving.rs"]
mod leaving;
#[path = "terminal/logs.rs"]
mod logs;
#[path = "terminal/long.rs"]
mod long;
#[path = "terminal/odd_logs.rs"]
mod odd_logs;
#[path = "terminal/pty.rs"]
mod pty;
#[path = "terminal/recording.rs"]
mod recording;
#[path = "terminal/runs.rs"]
mod runs;
#[path = "terminal/screen.rs"]
mod screen;
#[path = "terminal/secrets.rs"]
mod secrets;
#[path = "terminal/served.rs"]
mod served;
#[path = "terminal/two_accounts.rs"]
mod two_accounts;
