//! What the header says: which site, what is shown, who may change what, what runs.

use crate::domain::Verdict;

use super::Model;
use super::verdicts::Counts;

/// The header in parts, so that a narrow one can leave some out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Name of the site; `no site` before it was read.
    pub site: String,
    /// The site's warning word (`PROD`).
    pub word: Option<String>,
    /// The colour or role of that word.
    pub colour: Option<String>,
    /// What kind of site it is: `AI Factory`, `site`.
    pub kind: &'static str,
    /// `LIVE` or `DEMO`.
    pub mode: &'static str,
    /// Who may change what: `look only`.
    pub leave: &'static str,
    /// What runs: `no run`.
    pub run: String,
    /// Whether it waits for a person.
    pub is_waiting: bool,
    /// How many findings there are, in words.
    pub findings: String,
    /// How looking goes, in words.
    pub probes: String,
    /// The time, `13:58:07Z`.
    pub time: String,
}

/// The header as it is now.
pub fn header(model: &Model) -> Header {
    let findings = match model.verdicts.findings() {
        1 => "1 finding".to_owned(),
        n => format!("{n} findings"),
    };
    let known = model.probes.known;
    let probes = match model.probes.troubled {
        0 => format!("{known} probes"),
        n => format!("{} of {known} probes answer", known.saturating_sub(n)),
    };
    let mode = if model.site.is_demo { "DEMO" } else { "LIVE" };
    Header {
        site: if model.is_loaded { model.site.name.clone() } else { "no site".to_owned() },
        // The mode says DEMO already.
        word: model.site.word.clone().filter(|word| word != mode),
        colour: model.site.colour.clone(),
        kind: if model.site.is_ai_factory { "AI Factory" } else { "site" },
        mode,
        leave: match (model.console_has_keys(), model.consoles.front()) {
            (true, Some(front)) if front.place.run().is_some() => "you type in the run",
            (true, _) => "you type in console",
            (false, _) => "look only",
        },
        run: super::runs::strip(model),
        is_waiting: super::runs::waits(model),
        findings,
        probes,
        time: model.now.hms(),
    }
}

/// The site in three lines, for a terminal that is too small for more.
pub fn too_small(model: &Model) -> [String; 3] {
    let mut counts = Counts::default();
    for layer in model.verdicts.layers.values() {
        if let Some(worst) = layer.worst() {
            counts.add(worst);
        }
    }
    let parts: Vec<String> =
        [(Verdict::Fail, "failed"), (Verdict::Unknown, "not seen"), (Verdict::Warn, "warn")]
            .into_iter()
            .filter(|(verdict, _)| counts.of(*verdict) > 0)
            .map(|(verdict, word)| format!("{} {word}", counts.of(verdict)))
            .collect();
    let state = match (counts.judged(), parts.is_empty()) {
        (0, _) => "nothing was looked at yet".to_owned(),
        (_, true) => "all layers well that are looked at".to_owned(),
        _ => format!("layers: {}", parts.join(", ")),
    };
    let size = model.size;
    [
        format!("{}  {}", header(model).site, header(model).mode),
        state,
        format!("Needs 60x15, has {}x{}. q leaves.", size.columns, size.rows),
    ]
}
