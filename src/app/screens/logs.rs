//! Logs: runs, hosts and controllers on one clock. Needs log sources.

use super::{PanelSpec, ScreenSpec};

/// The registry's entry.
pub static SPEC: ScreenSpec = ScreenSpec {
    id: "logs",
    title: "Logs",
    short: "Logs",
    help: "Lines of runs, hosts and controllers on one clock",
    jump_words: &["log"],
    digit: Some('8'),
    layer: None,
    smallest: super::ANY_SIZE,
    panels: &[PanelSpec { name: "text", title: "Logs", rows: |_| Vec::new(), is_text: true }],
    commands: &[],
    needs: Some("Needs log sources; nothing is read from hosts or runs yet"),
    is_listed: true,
    status: |_| "No log source is open".to_owned(),
};
