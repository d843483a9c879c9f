//! What the header says: which site, what is shown, who may change what, what runs.

use crate::domain::{Layer, Verdict};

use super::Model;
use super::mark::Mark;

/// The word of a site whose machines are simulated; it stands in the place of `LIVE`.
const DEMO: &str = "DEMO";

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
    /// What is looked at, in one word: `LIVE`, or `DEMO` where the machines are simulated.
    pub mode: &'static str,
    /// Whether the machines are simulated: the demo site, embedded or served.
    pub is_demo: bool,
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
    let front = model.consoles.front();
    // A line that ended takes no typing, nor does one that somebody else types in.
    let types = model.console_has_keys()
        && !front.is_some_and(|console| console.has_ended() || console.view.watches);
    // A served demo site is looked at like any other; its settings say what it is.
    let is_demo = model.site.is_demo || model.site.word.as_deref() == Some(DEMO);
    let mode = if is_demo { DEMO } else { "LIVE" };
    Header {
        site: if model.is_loaded { model.site.name.clone() } else { "no site".to_owned() },
        // The mode says DEMO already.
        word: model.site.word.clone().filter(|word| word != mode),
        colour: model.site.colour.clone(),
        kind: if model.site.is_ai_factory { "AI Factory" } else { "site" },
        mode,
        is_demo,
        leave: match front {
            Some(front) if types && front.place.run().is_some() => "you type in the run",
            _ if types => "you type in console",
            _ => "look only",
        },
        run: super::runs::strip(model),
        is_waiting: super::runs::waits(model),
        findings,
        probes,
        time: model.now.hms(),
    }
}

/// The layers in brief, for a terminal that is too small for more: those that
/// fail by name, the others by number. Well is worth a word only when nothing
/// else is. Empty while nothing was judged.
pub fn in_brief(model: &Model) -> Vec<(Mark, String)> {
    let of = |wanted: Verdict| {
        Layer::ALL.into_iter().filter(move |l| model.verdicts.layer(*l).worst() == Some(wanted))
    };
    let failed: Vec<&str> = of(Verdict::Fail).map(Layer::title).collect();
    let mut parts = Vec::new();
    if !failed.is_empty() {
        parts.push((Mark::Fail, format!("{} {}", Mark::Fail.word(), failed.join(", "))));
    }
    for verdict in [Verdict::Warn, Verdict::Unknown, Verdict::Pass] {
        let count = of(verdict).count();
        let is_quiet = verdict == Verdict::Pass && !parts.is_empty();
        if count > 0 && !is_quiet {
            parts.push((Mark::of(verdict), count.to_string()));
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::super::scenes;
    use super::*;

    #[test]
    fn a_demo_site_says_so_once_embedded_or_served() {
        let mut model = scenes::looked_at(&["a"], 80, 24);
        let said = |model: &Model| {
            let header = header(model);
            (header.mode, header.word, header.is_demo)
        };
        assert_eq!(said(&model), ("LIVE", None, false));
        model.site.word = Some("PROD".into());
        assert_eq!(said(&model), ("LIVE", Some("PROD".into()), false));
        model.site.word = Some("DEMO".into());
        assert_eq!(said(&model), ("DEMO", None, true), "a served one");
        model.site.is_demo = true;
        assert_eq!(said(&model), ("DEMO", None, true), "an embedded one");
    }
}
