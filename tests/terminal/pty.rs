//! The real binary in a pseudo-terminal, its output read by a terminal emulator.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use alacritty_terminal::event::{Event, EventListener};
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::{Column, Line, Point};
use alacritty_terminal::term::{Config, Term, TermMode};
use alacritty_terminal::vte::ansi::Processor;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// How long a test waits for text before it fails and shows the screen. Only
/// a failing test waits so long; a busy machine needs some of it.
const PATIENCE: Duration = Duration::from_secs(90);

pub const CTRL_Z: &str = "\u{1a}";
pub const ESC: &str = "\u{1b}";

/// The binary under test.
pub const SHOPFLOOR: &str = env!("CARGO_BIN_EXE_shopfloor");

#[derive(Clone, Default)]
struct Replies(Arc<Mutex<Vec<u8>>>);

impl EventListener for Replies {
    fn send_event(&self, event: Event) {
        if let Event::PtyWrite(text) = event {
            self.0.lock().unwrap().extend(text.into_bytes());
        }
    }
}

struct Size {
    columns: usize,
    rows: usize,
}

impl Dimensions for Size {
    fn total_lines(&self) -> usize {
        self.rows
    }
    fn screen_lines(&self) -> usize {
        self.rows
    }
    fn columns(&self) -> usize {
        self.columns
    }
}

/// A program on a terminal of its own.
pub struct Terminal {
    pub child: tokio::process::Child,
    pty: pty_process::Pty,
    term: Term<Replies>,
    parser: Processor,
    replies: Replies,
    /// Everything the program wrote, as bytes.
    pub raw: Vec<u8>,
    /// Every screen that was seen, in order.
    pub seen: Vec<String>,
}

/// The bytes up to each end of a synchronized update, and what is left.
fn frames(bytes: &[u8]) -> Vec<&[u8]> {
    const END: &[u8] = b"\x1b[?2026l";
    let (mut frames, mut from) = (Vec::new(), 0);
    for (at, window) in bytes.windows(END.len()).enumerate() {
        if window == END {
            frames.push(&bytes[from..at + END.len()]);
            from = at + END.len();
        }
    }
    frames.push(&bytes[from..]);
    frames
}

/// The demo site on a terminal of that size and kind.
pub fn demo(home: &Home, size: (u16, u16), term: &str) -> Terminal {
    Terminal::start(home, SHOPFLOOR, &["demo"], size, term)
}

/// Waits until every target of the demo site was looked at and is well.
pub async fn settled(terminal: &mut Terminal) {
    terminal
        .wait("every row judged", |screen| {
            let well = |layer: &str| {
                screen.lines().any(|line| line.contains(layer) && line.contains(" ok "))
            };
            screen.contains("DEMO")
                && ["Power, BMC", "Hosts", "Router"].into_iter().all(well)
                && !screen.contains("looking")
        })
        .await;
}

/// Where a test's program lives: a home of its own.
pub struct Home {
    pub dir: tempfile::TempDir,
}

impl Home {
    pub fn new() -> Home {
        let home = Home { dir: tempfile::tempdir().expect("a scratch directory") };
        std::fs::create_dir(home.path("tmp")).expect("a directory for temporary files");
        home
    }

    /// The one file of that kind in the state directory.
    pub fn find(&self, start: &str, end: &str) -> PathBuf {
        fn walk(dir: &Path, wanted: &dyn Fn(&str) -> bool) -> Vec<PathBuf> {
            let mut found = Vec::new();
            for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                if entry.path().is_dir() {
                    found.extend(walk(&entry.path(), wanted));
                } else if wanted(&name) {
                    found.push(entry.path());
                }
            }
            found
        }
        let found =
            walk(&self.path("state"), &|name| name.starts_with(start) && name.ends_with(end));
        assert_eq!(found.len(), 1, "{start}*{end}: {found:?}");
        found[0].clone()
    }

    /// Asserts that no temporary file was left.
    pub fn assert_nothing_left(&self) {
        let left: Vec<_> =
            std::fs::read_dir(self.path("tmp")).expect("readable").flatten().collect();
        assert!(left.is_empty(), "left behind: {left:?}");
    }

    pub fn path(&self, inside: &str) -> PathBuf {
        self.dir.path().join(inside)
    }
}

impl Terminal {
    /// Starts `program` on a terminal of that size and kind.
    pub fn start(
        home: &Home,
        program: &str,
        args: &[&str],
        size: (u16, u16),
        term: &str,
    ) -> Terminal {
        Terminal::start_with(home, program, args, size, term, &[])
    }

    /// The same with more variables.
    pub fn start_with(
        home: &Home,
        program: &str,
        args: &[&str],
        size: (u16, u16),
        term: &str,
        variables: &[(&str, &str)],
    ) -> Terminal {
        let (pty, pts) = pty_process::open().expect("a pseudo-terminal");
        pty.resize(pty_process::Size::new(size.1, size.0)).expect("resize");
        let child = pty_process::Command::new(program)
            .args(args)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home.dir.path())
            .env("XDG_STATE_HOME", home.path("state"))
            .env("XDG_CONFIG_HOME", home.path("config"))
            .env("TERM", term)
            .env("LANG", "C.UTF-8")
            .env("TMPDIR", home.path("tmp"))
            .envs(variables.iter().copied())
            .current_dir(home.dir.path())
            .kill_on_drop(true)
            .spawn(pts)
            .expect("the program starts");
        let replies = Replies::default();
        let dimensions = Size { columns: size.0.into(), rows: size.1.into() };
        Terminal {
            child,
            pty,
            term: Term::new(Config::default(), &dimensions, replies.clone()),
            parser: Processor::new(),
            replies,
            raw: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// Reads what comes within `span`; `false` at the end of output.
    pub async fn read(&mut self, span: Duration) -> bool {
        let mut bytes = [0u8; 16384];
        match tokio::time::timeout(span, self.pty.read(&mut bytes)).await {
            // The end of a pseudo-terminal is the error EIO.
            Ok(Ok(0) | Err(_)) => false,
            Ok(Ok(n)) => {
                self.raw.extend_from_slice(&bytes[..n]);
                // One read may hold several frames.
                for frame in frames(&bytes[..n]) {
                    self.parser.advance(&mut self.term, frame);
                    let screen = self.screen();
                    if self.seen.last() != Some(&screen) {
                        self.seen.push(screen);
                    }
                }
                let replies = std::mem::take(&mut *self.replies.0.lock().unwrap());
                if !replies.is_empty() {
                    let _ = self.pty.write_all(&replies).await;
                }
                true
            }
            Err(_) => true,
        }
    }

    /// The screen as lines.
    pub fn screen(&self) -> String {
        let grid = self.term.grid();
        (0..grid.screen_lines())
            .map(|row| {
                (0..grid.columns())
                    .map(|column| grid[Point::new(Line(row as i32), Column(column))].c)
                    .collect::<String>()
                    .trim_end()
                    .to_owned()
            })
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Waits until the screen satisfies `is_there`.
    pub async fn wait(&mut self, what: &str, is_there: impl Fn(&str) -> bool) {
        let begun = Instant::now();
        loop {
            let screen = self.screen();
            if is_there(&screen) {
                return;
            }
            let goes_on = self.read(Duration::from_millis(50)).await;
            assert!(goes_on || is_there(&self.screen()), "ended before {what}:\n{}", self.screen());
            assert!(begun.elapsed() < PATIENCE, "never saw {what}:\n{screen}");
        }
    }

    /// Waits for text.
    pub async fn see(&mut self, text: &str) {
        self.wait(text, |screen| screen.contains(text)).await;
    }

    /// Waits until text is gone.
    pub async fn lose(&mut self, text: &str) {
        self.wait(&format!("no {text}"), |screen| !screen.contains(text)).await;
    }

    /// Types.
    pub async fn keys(&mut self, keys: &str) {
        self.pty.write_all(keys.as_bytes()).await.expect("a terminal that takes keys");
    }

    /// Changes the size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.pty.resize(pty_process::Size::new(rows, columns)).expect("resize");
        self.term.resize(Size { columns: columns.max(2).into(), rows: rows.max(1).into() });
    }

    /// Waits for the program's end and returns its exit status; `None` for a death by signal.
    pub async fn end(&mut self) -> Option<i32> {
        let begun = Instant::now();
        while self.read(Duration::from_millis(50)).await {
            assert!(begun.elapsed() < PATIENCE, "does not end:\n{}", self.screen());
            if let Ok(Some(_)) = self.child.try_wait() {
                self.read(Duration::from_millis(100)).await;
                break;
            }
        }
        self.child.wait().await.expect("a child").code()
    }

    /// Everything the program wrote, as text.
    pub fn raw_text(&self) -> String {
        String::from_utf8_lossy(&self.raw).into_owned()
    }

    /// Closes our side of the line and waits for the program's end.
    pub async fn hang_up(self) -> Option<i32> {
        let Terminal { mut child, pty, .. } = self;
        drop(pty);
        let ended = tokio::time::timeout(PATIENCE, child.wait()).await;
        ended.expect("ends by itself").expect("a child").code()
    }

    /// Asserts that the terminal's modes are those it starts with.
    pub fn assert_plain(&self) {
        assert_eq!(*self.term.mode(), TermMode::default());
    }

    /// Asserts modes and line settings as before the program.
    pub fn assert_restored(&self, before: &str) {
        self.assert_plain();
        assert_eq!(self.line_settings(), before);
    }

    /// The line settings of the terminal: modes, special characters, speeds.
    pub fn line_settings(&self) -> String {
        use std::os::fd::AsFd as _;
        let settings = rustix::termios::tcgetattr(self.pty.as_fd()).expect("a terminal");
        format!("{settings:?}")
    }
}
