//! The page that explains a check, or a rule of the inventory: what it means,
//! how it is judged, what to try.

use serde::{Deserialize, Serialize};

use crate::domain::Verdict;
use crate::inventory::variables::{self, RuleRow};
use crate::inventory::{Problem, Severity};

use super::super::areas::areas;
use super::super::columns::wrap;
use super::super::{Model, RowId};
use super::state::ScreenState;
use super::{PanelSpec, ScreenSpec, details, inventory};

/// The word with which every rule of the inventory begins.
pub const RULE: &str = "V-";

/// How many problems of a rule its page lists.
const LISTED: usize = 20;

/// The first number of the rules that are our own; those before are the vendor's.
const OWN: u32 = 50;

/// The registry's entry.
pub static SPEC: ScreenSpec = ScreenSpec {
    id: "code",
    title: "Explained",
    short: "Code",
    help: "What a check or a rule means, how it is judged, what to try",
    jump_words: &[],
    digit: None,
    layer: None,
    panels: &[PanelSpec { name: "text", title: "Explained", rows: text_rows, is_text: true }],
    commands: &[],
    needs: None,
    is_listed: false,
    status: |model| match &model.route().check {
        Some(check) => format!("{check} explained. [ goes back"),
        None => "No check chosen. `:help CODE` explains one".to_owned(),
    },
};

/// A paragraph of a page to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "text", content = "words")]
pub enum Text {
    /// A heading.
    Heading(String),
    /// A line of text.
    Line(String),
    /// Nothing.
    Blank,
}

/// The page; one sentence when the check is not known.
pub fn page(model: &Model) -> Vec<Text> {
    let Some(check) = &model.route().check else {
        return vec![Text::Line("No check chosen".to_owned())];
    };
    if let Some(rule) = rule(check.as_str()) {
        return rule_page(model, rule);
    }
    let Some(lines) = model.catalogue.explain(check.as_str()) else {
        return vec![Text::Line(format!("No check is called {check}"))];
    };
    let mut page = here_lines(model);
    let explained: Vec<Text> = lines
        .into_iter()
        .enumerate()
        .map(|(at, line)| match line.as_str() {
            "" => Text::Blank,
            // `layer: …` and the indented lines are text; what stands alone is a heading.
            other if at == 0 || !(other.starts_with(' ') || other.contains(": ")) => {
                Text::Heading(line)
            }
            _ => Text::Line(line),
        })
        .collect();
    page.extend(explained);
    page.extend([Text::Blank, Text::Heading("On this site now".to_owned())]);
    page.extend(now_lines(model).into_iter().map(|line| Text::Line(format!("  {line}"))));
    page
}

/// What the check found on the target the page was opened from: whole, and first.
fn here_lines(model: &Model) -> Vec<Text> {
    let route = model.route();
    let (Some(check), Some(target)) = (&route.check, &route.target) else { return Vec::new() };
    let Some(found) = details::of_finding(model, check, target) else { return Vec::new() };
    let line = |text: String| Text::Line(format!("  {text}"));
    let mut page = vec![
        Text::Heading(format!("Here now, on {}", found.name)),
        line(format!("{}: {}", found.verdict, found.sentence)),
    ];
    page.extend(found.evidence.iter().map(|e| line(format!("{}: {}", e.label, e.shown))));
    let tries = found.next.iter().enumerate();
    page.extend(tries.map(|(at, next)| line(format!("try {}: {next}", at + 1))));
    page.push(Text::Blank);
    page
}

/// The rules of the inventory; none where their table cannot be read, which a test forbids.
pub fn rules() -> &'static [RuleRow] {
    variables::Catalogue::shipped().map(|catalogue| catalogue.rules()).unwrap_or_default()
}

/// The rule of that id.
pub fn rule(id: &str) -> Option<&'static RuleRow> {
    rules().iter().find(|rule| rule.id == id)
}

/// Where a rule comes from.
pub fn source(rule: &RuleRow) -> &'static str {
    let number = rule.id.rsplit('-').next().and_then(|number| number.parse::<u32>().ok());
    if number.is_some_and(|number| number >= OWN) {
        "shopfloor's own rule"
    } else {
        "the vendor's table of validation rules"
    }
}

/// What a broken rule does: `error, blocks HW-5.0`.
pub fn weight(rule: &RuleRow) -> String {
    match (rule.severity(), rule.first_step()) {
        (Severity::Error, Some(step)) => format!("error, blocks {step}"),
        (Severity::Error, None) => "error".to_owned(),
        (Severity::Warning, Some(step)) => format!("warning, matters from {step} on"),
        (Severity::Warning, None) => "warning".to_owned(),
    }
}

/// The problems of a rule, as the rules said when the site was last read.
pub fn problems_of<'a>(model: &'a Model, rule: &str) -> Vec<&'a Problem> {
    model.inventory.problems.iter().filter(|problem| problem.rule == rule).collect()
}

fn rule_page(model: &Model, rule: &RuleRow) -> Vec<Text> {
    let heading = |text: &str| Text::Heading(text.to_owned());
    let line = |text: &str| Text::Line(format!("  {text}"));
    let mut page = vec![
        Text::Heading(format!("{} a rule of the inventory", rule.id)),
        Text::Blank,
        heading("What"),
        line(&rule.text),
        heading("Broken"),
        line(&weight(rule)),
        heading("Source"),
        line(source(rule)),
        Text::Blank,
        heading("Here now"),
    ];
    let found = problems_of(model, &rule.id);
    if found.is_empty() {
        page.push(line(match model.inventory.is_judged {
            true => "nothing in the files breaks it",
            false => "the rules have not been applied yet",
        }));
    }
    for problem in found.iter().take(LISTED) {
        let place = inventory::place(model, problem);
        page.push(line(&format!("{} {place}: {}", problem.verdict, problem.sentence)));
        page.extend(problem.hint.as_ref().map(|hint| line(&format!("  try: {hint}"))));
    }
    if found.len() > LISTED {
        page.push(line(&format!("and {} more", found.len() - LISTED)));
    }
    page.push(Text::Blank);
    page.push(heading("More"));
    page.push(line("`shopfloor inventory check` prints each with its line of the file"));
    page
}

impl Text {
    /// Columns before and after it within the page.
    pub const fn margins(&self) -> (u16, u16) {
        match self {
            Text::Line(_) => (3, 1),
            Text::Heading(_) | Text::Blank => (1, 1),
        }
    }

    /// The same in lines of a page of that width.
    pub(super) fn wrapped(self, width: u16) -> Vec<Text> {
        let (before, after) = self.margins();
        let columns = usize::from(width.saturating_sub(before + after));
        let (words, of): (&str, fn(String) -> Text) = match &self {
            Text::Heading(words) => (words, Text::Heading),
            Text::Line(words) => (words, Text::Line),
            Text::Blank => return vec![self],
        };
        let lines: Vec<Text> = wrap(words, columns).into_iter().map(of).collect();
        if lines.is_empty() { vec![Text::Blank] } else { lines }
    }
}

/// The page as it is shown now: every line a row of the screen.
pub fn lines(model: &Model) -> Vec<Text> {
    in_lines(model, page(model))
}

/// A page to read in the lines of the panel that shows it.
pub(super) fn in_lines(model: &Model, page: Vec<Text>) -> Vec<Text> {
    let areas = areas(model, model.size);
    let width = areas.panel("text").map_or(model.size.columns, |area| area.rows.width);
    page.into_iter().flat_map(|text| text.wrapped(width)).collect()
}

fn now_lines(model: &Model) -> Vec<String> {
    let Some(check) = &model.route().check else { return Vec::new() };
    let mut lines: Vec<String> = Verdict::ALL_WORST_FIRST
        .into_iter()
        .filter_map(|verdict| {
            let count: usize = model
                .verdicts
                .layers
                .values()
                .filter_map(|layer| layer.checks.get(check))
                .flatten()
                .filter(|group| group.id.verdict == verdict)
                .map(|group| group.members.len())
                .sum();
            (count > 0).then(|| format!("{verdict} on {count}"))
        })
        .collect();
    if lines.is_empty() {
        lines.push("nothing here is judged by it yet".to_owned());
    }
    lines
}

fn text_rows(model: &Model, _: &ScreenState) -> Vec<RowId> {
    (0..lines(model).len()).map(RowId::Line).collect()
}
