//! Taking the terminal and giving it back as it was, on every path.

use std::io::{self, IsTerminal as _, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
    EnableFocusChange, EnableMouseCapture,
};
use crossterm::style::ResetColor;
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{ExecutableCommand as _, QueueableCommand as _};

/// Whether the terminal is ours at this moment; read by the panic hook.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// Whether reports were asked for that old terminals do not know, and whether
/// the mouse is ours: only what was asked for is taken back.
static HAS_REPORTS: AtomicBool = AtomicBool::new(false);
static HAS_MOUSE: AtomicBool = AtomicBool::new(false);

/// Holds the terminal in raw mode on the alternate screen; dropping it gives
/// the terminal back.
#[derive(Debug)]
pub struct TerminalGuard {
    is_plain: bool,
}

impl TerminalGuard {
    /// Takes the terminal. `is_plain` leaves out what old terminals do not
    /// know: bracketed paste, focus reports.
    ///
    /// # Errors
    /// When standard output is no terminal, no terminal gives keys, or it refuses raw mode.
    pub fn take(is_plain: bool) -> io::Result<TerminalGuard> {
        // With something else on standard input, as in `cmd | shopfloor log -`, keys come from the
        // terminal all the same.
        let has_keys = || io::stdin().is_terminal() || std::fs::File::open("/dev/tty").is_ok();
        if !io::stdout().is_terminal() || !has_keys() {
            return Err(io::Error::other(
                "the full screen needs a terminal; `shopfloor check` and `shopfloor show` work without one",
            ));
        }
        let guard = TerminalGuard { is_plain };
        guard.enter()?;
        Ok(guard)
    }

    fn enter(&self) -> io::Result<()> {
        enable_raw_mode()?;
        IS_TAKEN.store(true, Ordering::SeqCst);
        let mut out = io::stdout();
        out.queue(EnterAlternateScreen)?.queue(Hide)?;
        if !self.is_plain {
            HAS_REPORTS.store(true, Ordering::SeqCst);
            out.queue(EnableBracketedPaste)?.queue(EnableFocusChange)?;
        }
        out.flush()
    }

    /// Takes the mouse, or leaves it to the terminal's own selection.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn mouse(&self, ours: bool) -> io::Result<()> {
        if ours {
            HAS_MOUSE.store(true, Ordering::SeqCst);
            io::stdout().execute(EnableMouseCapture)?;
        } else if HAS_MOUSE.swap(false, Ordering::SeqCst) {
            io::stdout().execute(DisableMouseCapture)?;
        }
        Ok(())
    }

    /// Gives the terminal back, stops this process like any program on
    /// Ctrl-Z, and takes the terminal again after `fg`.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn suspend(&self) -> io::Result<()> {
        let had_mouse = HAS_MOUSE.load(Ordering::SeqCst);
        restore();
        rustix::process::kill_current_process_group(rustix::process::Signal::TSTP)?;
        self.enter()?;
        if had_mouse {
            self.mouse(true)?;
        }
        Ok(())
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back as it was; does nothing when it is not ours.
/// Errors are of no use to anyone here: the terminal may be gone.
pub fn restore() {
    if !IS_TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let _ = leave();
    let _ = disable_raw_mode();
}

fn leave() -> io::Result<()> {
    let mut out = io::stdout();
    if HAS_MOUSE.swap(false, Ordering::SeqCst) {
        out.queue(DisableMouseCapture)?;
    }
    if HAS_REPORTS.swap(false, Ordering::SeqCst) {
        out.queue(DisableFocusChange)?.queue(DisableBracketedPaste)?;
    }
    out.queue(ResetColor)?.queue(Show)?.queue(LeaveAlternateScreen)?;
    out.flush()
}

/// The size of the terminal in columns and rows. A serial line that reports
/// 0x0 gets `$COLUMNS` and `$LINES`, else 80x24.
pub fn size() -> (u16, u16) {
    let from_env = |name: &str, default: u16| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse().ok())
            .filter(|n| *n > 0)
            .unwrap_or(default)
    };
    match crossterm::terminal::size() {
        Ok((columns, rows)) if columns > 0 && rows > 0 => (columns, rows),
        _ => (from_env("COLUMNS", 80), from_env("LINES", 24)),
    }
}
