//! What happens when we have a fault of our own: the terminal is restored,
//! a report with the recording is written, and one sentence says where.

use std::cell::Cell;
use std::panic::PanicHookInfo;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use color_eyre::config::{HookBuilder, PanicHook, Theme};

use super::scrub::Scrub;
use super::state_dir::StateDir;
use super::{clock, terminal};

thread_local! {
    /// Whether this thread draws: only its panics end the program.
    static DRAWS: Cell<bool> = const { Cell::new(false) };
}

/// Writes the recording to a path; set once the recorder runs.
type SaveRecording = Box<dyn Fn(&std::path::Path, Duration) -> std::io::Result<()> + Send>;

static REPORT: Mutex<Option<Report>> = Mutex::new(None);

struct Report {
    state: StateDir,
    scrub: Arc<Scrub>,
    save_recording: SaveRecording,
}

/// Says where reports go, what is left out of them and how the recording is written.
pub fn report_to(state: StateDir, scrub: Arc<Scrub>, save_recording: SaveRecording) {
    *REPORT.lock().unwrap_or_else(PoisonError::into_inner) =
        Some(Report { state, scrub, save_recording });
}

/// Marks this thread as the one that draws.
pub fn this_thread_draws() {
    DRAWS.with(|draws| draws.set(true));
}

/// Fails as a fault of our own would.
#[allow(clippy::panic, reason = "this is what the tests of the panic hook ask for")]
pub fn fail_on_purpose() -> ! {
    panic!("forced by --force-panic");
}

/// Installs the panic hook. A panic of the drawing thread restores the
/// terminal and prints where the report is; one of a background task only
/// writes a report, since the task's end is noticed where it is awaited.
pub fn install_hook() {
    // Plain text, without the environment: a report is sent to others.
    let (format, _) = HookBuilder::blank().theme(Theme::new()).into_hooks();
    std::panic::set_hook(Box::new(move |info| {
        let ends_program = DRAWS.with(Cell::get);
        if ends_program {
            terminal::restore();
        }
        let report = write_report(info, &format);
        if ends_program {
            say(info, report.as_deref());
        }
    }));
}

#[allow(clippy::print_stderr, reason = "the terminal is restored; this is the program's last word")]
fn say(info: &PanicHookInfo<'_>, report: Option<&std::path::Path>) {
    eprintln!("shopfloor stopped because of a fault of its own: {}", message(info));
    match report {
        Some(path) => eprintln!(
            "A report is in {}; please send it. Nothing on the site was touched.",
            path.display()
        ),
        None => eprintln!("No report could be written. Nothing on the site was touched."),
    }
}

fn message(info: &PanicHookInfo<'_>) -> String {
    let what = info
        .payload()
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| info.payload().downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned());
    match info.location() {
        Some(place) => format!("{what} ({}:{})", place.file(), place.line()),
        None => what,
    }
}

fn write_report(info: &PanicHookInfo<'_>, format: &PanicHook) -> Option<PathBuf> {
    // A second panic while a report is being written must not wait for the first.
    let guard = match REPORT.try_lock() {
        Ok(guard) => guard,
        Err(std::sync::TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(std::sync::TryLockError::WouldBlock) => return None,
    };
    let report = guard.as_ref()?;
    let at = clock::now();
    let recording =
        report.state.path().join(StateDir::dated_name("crash", at, "recording.jsonl.gz"));
    let recorded = match (report.save_recording)(&recording, Duration::from_secs(2)) {
        Ok(()) => format!("recording: {} (play it with `shopfloor replay`)", recording.display()),
        Err(error) => format!("recording: none ({error})"),
    };
    let text = format!(
        "shopfloor {} crash report, {at}\n{}\nthread: {}\n{recorded}\n\n{}\n",
        env!("CARGO_PKG_VERSION"),
        message(info),
        std::thread::current().name().unwrap_or("unnamed"),
        format.panic_report(info),
    );
    let text = report.scrub.text(&text);
    report.state.write(&StateDir::dated_name("crash", at, "txt"), text.as_bytes()).ok()
}
