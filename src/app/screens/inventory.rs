//! Inventory: is what we wrote what is there? For now what is wrong with the
//! files, by the rules of `inventory check`.

use crate::domain::Verdict;
use crate::domain::untrusted::printable;
use crate::inventory::Problem;

use super::super::filter::Filter;
use super::super::mark::Mark;
use super::super::{Model, RowId};
use super::state::ScreenState;
use super::{PanelSpec, ScreenSpec};

/// The registry's entry.
pub static SPEC: ScreenSpec = ScreenSpec {
    id: "inventory",
    title: "Inventory",
    short: "Inv",
    help: "What the rules of the inventory find in its files; editing comes with the editor",
    jump_words: &["inv"],
    digit: Some('0'),
    layer: None,
    panels: &[PanelSpec { name: "problems", title: "Problems", rows, is_text: false }],
    commands: &[],
    needs: Some(
        "Editing here needs the inventory editor. Until then edit inventory.yml in an editor \
         and check it with `shopfloor inventory check`",
    ),
    is_listed: true,
    status,
};

fn status(model: &Model) -> String {
    if !model.is_loaded {
        return "Reading the inventory".to_owned();
    }
    if !model.site.has_inventory && model.inventory.count() == 0 {
        return "No inventory here yet: Install (7) offers inventory.example.yml".to_owned();
    }
    let targets = model.site.targets.len();
    if !model.inventory.is_judged {
        return format!("{targets} targets; the rules are being applied");
    }
    let count = |verdict: Verdict| {
        model.inventory.problems.iter().filter(|problem| problem.verdict == verdict).count()
    };
    let words = [
        (count(Verdict::Fail), "error", "errors"),
        (count(Verdict::Unknown), "unknown", "unknown"),
        (count(Verdict::Warn), "warning", "warnings"),
        (model.inventory.left_out, "more", "more"),
    ];
    let found: Vec<String> = words
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }))
        .collect();
    if found.is_empty() {
        format!("{targets} targets, no problem found in the files")
    } else {
        format!("{targets} targets; {} in the files", found.join(", "))
    }
}

/// A problem in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemLine {
    /// Its mark; of what was found before the rules were applied a warning.
    pub mark: Mark,
    /// The rule; empty before the rules were applied.
    pub rule: String,
    /// Where, within the site's directory; empty before the rules were applied.
    pub place: String,
    /// What was found.
    pub sentence: String,
}

fn rows(model: &Model, state: &ScreenState) -> Vec<RowId> {
    let filter = Filter::of(&state.filter);
    let count = match model.inventory.is_judged {
        true => model.inventory.problems.len(),
        false => model.site.problems.len(),
    };
    (0..count)
        .map(RowId::Line)
        .filter(|row| {
            filter.is_empty()
                || line(model, row)
                    .is_some_and(|line| filter.keeps(&[&line.rule, &line.place, &line.sentence]))
        })
        .collect()
}

/// A row in words: what the rules found, the worst first; before they were
/// applied what was met while the files were read.
pub fn line(model: &Model, row: &RowId) -> Option<ProblemLine> {
    let RowId::Line(at) = row else { return None };
    if !model.inventory.is_judged {
        let sentence = model.site.problems.get(*at)?.clone();
        let (rule, place) = (String::new(), String::new());
        return Some(ProblemLine { mark: Mark::Warn, rule, place, sentence });
    }
    let problem = model.inventory.problems.get(*at)?;
    Some(ProblemLine {
        mark: Mark::of(problem.verdict),
        rule: problem.rule.clone(),
        place: place(model, problem),
        sentence: problem.sentence.clone(),
    })
}

/// Everything about a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemDetails {
    /// The rule.
    pub rule: String,
    /// Its mark.
    pub mark: Mark,
    /// What was found.
    pub sentence: String,
    /// Where, within the site's directory.
    pub place: String,
    /// Why it is not known.
    pub cause: Option<String>,
    /// The first step that must not run while the rule is broken.
    pub step: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

/// The problem of a row, for the panel beside or below the list.
pub fn details(model: &Model, row: &RowId) -> Option<ProblemDetails> {
    let problem = problem(model, row)?;
    Some(ProblemDetails {
        rule: problem.rule.clone(),
        mark: Mark::of(problem.verdict),
        sentence: problem.sentence.clone(),
        place: place(model, problem),
        cause: problem.cause.as_ref().map(|cause| cause.word().to_owned()),
        step: problem.step.clone().filter(|_| problem.verdict == Verdict::Fail),
        hint: problem.hint.clone(),
    })
}

/// The problem of a row as the rules gave it.
pub fn problem<'a>(model: &'a Model, row: &RowId) -> Option<&'a Problem> {
    let RowId::Line(at) = row else { return None };
    model.inventory.problems.get(*at).filter(|_| model.inventory.is_judged)
}

/// `inventory.yml:12:5`, without the site's directory before it.
pub fn place(model: &Model, problem: &Problem) -> String {
    let mut place = problem.place.clone();
    if let Ok(inside) = place.file.strip_prefix(&model.site.directory) {
        place.file = inside.to_path_buf();
    }
    printable(&place.to_string())
}

/// A row as one line of text, for the clipboard.
pub fn text(model: &Model, row: &RowId) -> Option<String> {
    let ProblemLine { rule, place, sentence, .. } = line(model, row)?;
    if rule.is_empty() {
        return Some(sentence);
    }
    let hint = problem(model, row).and_then(|problem| problem.hint.as_ref());
    let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
    Some(format!("{rule} {place}: {sentence}{hint}"))
}
