//! Everything the screen can want done, as data.

use serde::{Deserialize, Serialize};

use super::consoles::ConsoleOrder;
use crate::domain::{ProbeId, SecretName, TargetId};

use super::history::HistoryOrder;
use super::logs::LogOrder;
use super::plans::PlanOrder;
use super::runs::RunOrder;

/// Something to do; only the runtime does it, and answers with a `Msg`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "effect", content = "with")]
pub enum Effect {
    /// Ask now, ahead of the schedule.
    Ask(Vec<ProbeId>),
    /// These targets are on screen: ask them first and more often.
    InView(Vec<TargetId>),
    /// Read inventory and settings again.
    ReloadSite,
    /// Put text on the clipboard; falls back to a file.
    Copy(String),
    /// Put the screen as it is drawn on the clipboard, as text.
    CopyScreen,
    /// Write text to a file in the state directory; the first is a word for its name.
    SaveText(String, String),
    /// Write the recording to a file.
    SaveRecording,
    /// Add this fingerprint's key to known_hosts: the operator compared it and said yes.
    AcceptHostKey(TargetId, String),
    /// Take keys for this secret until Enter or Esc; they never reach the model.
    PromptSecret(SecretName),
    /// List, inject or heal faults of the demo site.
    ListFaults,
    /// Put a fault in force.
    Inject(String),
    /// End a fault.
    Heal(String),
    /// Something wanted of the log view.
    Log(LogOrder),
    /// Keep this look for the next start: theme, glyphs, colours.
    SaveLook(String),
    /// Draw everything again, for line noise.
    Repaint,
    /// Give the mouse to the terminal (`false`) or take it (`true`).
    Mouse(bool),
    /// Ring once.
    Ring,
    /// Stop like any program on Ctrl-Z, come back with `fg`.
    Suspend,
    /// Open, feed or end a console.
    Console(ConsoleOrder),
    /// Something about a run.
    Run(RunOrder),
    /// Something about plans.
    Plan(PlanOrder),
    /// Something for the store of the past.
    History(HistoryOrder),
    /// Leave.
    Quit,
}
