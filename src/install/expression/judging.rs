//! Judging a condition on what is known, in three values.

use serde::{Deserialize, Serialize};

use super::{Ask, Expr, GivenTest, Leaf, Say, Test, Wanted};
use crate::domain::Verdict;

/// Whether something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Truth {
    /// It holds.
    Holds,
    /// It does not.
    Fails,
    /// It cannot be said.
    Unknown,
}

impl Truth {
    /// The other way round; what is unknown stays so.
    #[must_use]
    pub const fn turned(self) -> Truth {
        match self {
            Truth::Holds => Truth::Fails,
            Truth::Fails => Truth::Holds,
            Truth::Unknown => Truth::Unknown,
        }
    }

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Truth::Holds => "holds",
            Truth::Fails => "does not hold",
            Truth::Unknown => "unknown",
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Truth {
        if holds { Truth::Holds } else { Truth::Fails }
    }
}

/// One leaf with what was found about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// The condition as it is shown (`HH-03 passes`).
    pub condition: String,
    /// Whether it holds.
    pub truth: Truth,
    /// What was found, a sentence; empty where the condition says it all.
    pub found: String,
    /// Whether it must not hold.
    pub is_negated: bool,
}

impl Piece {
    /// Condition and finding in one line.
    pub fn line(&self) -> String {
        let not = if self.is_negated { "not " } else { "" };
        if self.found.is_empty() {
            format!("{not}{}: {}", self.condition, self.truth.word())
        } else {
            format!("{not}{}: {}", self.condition, self.found)
        }
    }
}

/// What became of a condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// Whether it holds.
    pub truth: Truth,
    /// What holds it back, or keeps it unknown; empty when it holds.
    pub against: Vec<Piece>,
    /// What proves it; empty unless it holds.
    pub proofs: Vec<Piece>,
}

impl Judged {
    /// Whether it holds.
    pub fn holds(&self) -> bool {
        self.truth == Truth::Holds
    }
}

/// How an inventory variable is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// There is no inventory that can be read, or only Ansible can evaluate it.
    Unreadable,
    /// It is not set.
    NotSet,
    /// It is set and sealed.
    Sealed,
    /// It is this; a list or mapping that has something in it is `…`.
    Is(String),
}

/// What one check says of one target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckSeen {
    /// The target's name.
    pub target: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The sentence.
    pub sentence: String,
}

/// What conditions may ask. Every answer is `None` where nobody knows.
pub trait Evidence {
    /// What a check says of the targets it is about; empty where it was not judged.
    fn check(&self, check: &str, at: Option<&str>) -> Vec<CheckSeen>;
    /// Whether a rule of the inventory holds, and what is wrong with it.
    fn rule(&self, rule: &str) -> (Truth, String);
    /// How far a step is, with a sentence.
    fn step(&self, step: &str, wanted: &Wanted) -> (Truth, String);
    /// The exit status of the step's last command.
    fn exit(&self) -> Option<i32>;
    /// Whether every recap line of the step's last command is clean, and the first that is not.
    fn recap(&self) -> Option<(bool, String)>;
    /// The value of an inventory variable.
    fn variable(&self, path: &str) -> Setting;
    /// How many hosts a group has.
    fn group(&self, group: &str) -> Option<usize>;
    /// Who said it and what was shown, of the step that asks.
    fn confirmed(&self, words: &str) -> Option<String>;
    /// Whether a pattern was seen in the step's output or on its console.
    fn seen(&self, pattern: &str) -> Option<bool>;
    /// Whether a signed URL outlasts a step, with a sentence.
    fn url_expires_after(&self, variable: &str, step: &str) -> (Truth, String);
    /// What a step gave: every match, in order; empty where it gave nothing yet.
    fn output(&self, step: &str, name: &str) -> Vec<String>;
    /// What a read-only script says at a place, with a sentence.
    fn script(&self, ask: &Ask) -> (Truth, String);
    /// Whether the step runs, or would run, under our own runner.
    fn runner(&self) -> bool;
    /// A text of a condition with its names filled in.
    fn filled(&self, text: &str) -> String;
    /// Whether nothing runs, and what does.
    fn no_run(&self) -> (Truth, String);
    /// The version of the unpacked release package.
    fn release(&self) -> Option<String>;
}

impl Expr {
    /// Judges it.
    pub fn judge(&self, evidence: &dyn Evidence) -> Judged {
        self.judge_as(evidence, false)
    }

    fn judge_as(&self, evidence: &dyn Evidence, is_negated: bool) -> Judged {
        match self {
            Expr::All(parts) => joined(parts, evidence, is_negated, Truth::Fails),
            Expr::Any(parts) => joined(parts, evidence, is_negated, Truth::Holds),
            Expr::Not(part) => {
                let Judged { truth, against, proofs } = part.judge_as(evidence, !is_negated);
                // What proved it speaks against its opposite, and the other way round.
                let (against, proofs) = match truth {
                    Truth::Holds => (proofs, Vec::new()),
                    Truth::Fails => (Vec::new(), against),
                    Truth::Unknown => (against, Vec::new()),
                };
                Judged { truth: truth.turned(), against, proofs }
            }
            Expr::Leaf(leaf) => {
                let (truth, found) = leaf.judge(evidence);
                let piece = Piece { condition: leaf.ask.to_string(), truth, found, is_negated };
                match truth {
                    Truth::Holds => Judged { truth, against: Vec::new(), proofs: vec![piece] },
                    _ => Judged { truth, against: vec![piece], proofs: Vec::new() },
                }
            }
        }
    }
}

/// All or any: `decides` is the value of a part that decides at once.
fn joined(parts: &[Expr], evidence: &dyn Evidence, is_negated: bool, decides: Truth) -> Judged {
    let judged: Vec<Judged> =
        parts.iter().map(|part| part.judge_as(evidence, is_negated)).collect();
    let truth = if judged.iter().any(|part| part.truth == decides) {
        decides
    } else if judged.iter().any(|part| part.truth == Truth::Unknown) {
        Truth::Unknown
    } else {
        decides.turned()
    };
    let mut whole = Judged { truth, against: Vec::new(), proofs: Vec::new() };
    for part in judged {
        match truth {
            Truth::Holds => whole.proofs.extend(part.proofs),
            _ => whole.against.extend(part.against),
        }
    }
    whole
}

impl Leaf {
    fn judge(&self, evidence: &dyn Evidence) -> (Truth, String) {
        match &self.ask {
            Ask::Step { step, wanted } => evidence.step(step, wanted),
            Ask::Check { check, at, wanted } => {
                say(&evidence.check(check, at.as_deref()), check, *wanted)
            }
            Ask::Rule(rule) => evidence.rule(rule),
            Ask::Exit(wanted) => match evidence.exit() {
                Some(code) => (Truth::from(code == *wanted), format!("it ended with {code}")),
                None => (Truth::Unknown, "no end of its command is known".to_owned()),
            },
            Ask::Recap => match evidence.recap() {
                Some((clean, words)) => (Truth::from(clean), words),
                None => (Truth::Unknown, "no recap was seen".to_owned()),
            },
            Ask::Variable { path, test } => variable(&evidence.variable(path), path, test),
            Ask::Group(group) => match evidence.group(group) {
                Some(0) => (Truth::Fails, format!("group {group} has no host")),
                Some(count) => (Truth::Holds, format!("{count} hosts in {group}")),
                None => (Truth::Unknown, "there is no inventory that can be read".to_owned()),
            },
            // Nobody has said so yet: that is known.
            Ask::Confirmed { words, .. } => match evidence.confirmed(words) {
                Some(by) => (Truth::Holds, by),
                None => (Truth::Fails, "nobody has confirmed it yet".to_owned()),
            },
            Ask::Seen(pattern) => match evidence.seen(pattern) {
                Some(true) => (Truth::Holds, "it was seen".to_owned()),
                Some(false) => (Truth::Fails, "it was not seen".to_owned()),
                None => (Truth::Unknown, "nothing was read yet".to_owned()),
            },
            Ask::UrlExpiresAfter { variable, step } => evidence.url_expires_after(variable, step),
            Ask::Output { step, name, is } => {
                let given = evidence.output(step, name);
                output(&given, is, &format!("{step} gave no {name} yet"), evidence)
            }
            Ask::Script { .. } => evidence.script(&self.ask),
            Ask::Runner => (Truth::from(evidence.runner()), String::new()),
            Ask::NoRun => evidence.no_run(),
            Ask::Release(wanted) => match evidence.release() {
                Some(version) => match is_at_least(&version, wanted) {
                    Some(yes) => (Truth::from(yes), format!("the release is {version}")),
                    None => (Truth::Unknown, format!("{version} cannot be compared")),
                },
                None => (Truth::Unknown, "the release is not known".to_owned()),
            },
        }
    }
}

/// The worst of what a check says of its targets, against what it must say.
fn say(seen: &[CheckSeen], check: &str, wanted: Say) -> (Truth, String) {
    let one = |one: &CheckSeen| match (wanted, one.verdict) {
        (_, Verdict::Unknown | Verdict::NotYet) => Truth::Unknown,
        (Say::Well, Verdict::Pass | Verdict::Warn) | (Say::Passes, Verdict::Pass) => Truth::Holds,
        (Say::Fails, Verdict::Fail) => Truth::Holds,
        _ => Truth::Fails,
    };
    let truths: Vec<Truth> = seen.iter().map(one).collect();
    // A failure is that of one target; everything else is said of all.
    let truth = match wanted {
        _ if seen.is_empty() => Truth::Unknown,
        Say::Fails if truths.contains(&Truth::Holds) => Truth::Holds,
        Say::Fails if truths.contains(&Truth::Unknown) => Truth::Unknown,
        Say::Fails => Truth::Fails,
        _ if truths.contains(&Truth::Fails) => Truth::Fails,
        _ if truths.contains(&Truth::Unknown) => Truth::Unknown,
        _ => Truth::Holds,
    };
    let telling: Vec<&CheckSeen> = seen
        .iter()
        .zip(&truths)
        .filter(|(_, of_one)| **of_one == truth)
        .map(|(one, _)| one)
        .collect();
    let words = match telling.as_slice() {
        [] => format!("{check} was not judged"),
        [only] => only.sentence.clone(),
        [first, ..] if truth == Truth::Holds => {
            format!("{} targets, {} among them", telling.len(), first.target)
        }
        [first, rest @ ..] => format!("{} (and {} more)", first.sentence, rest.len()),
    };
    (truth, words)
}

fn variable(found: &Setting, path: &str, test: &Test) -> (Truth, String) {
    let is_set = match found {
        Setting::Unreadable => return (Truth::Unknown, format!("{path} cannot be read")),
        Setting::NotSet => false,
        Setting::Is(value) => !value.is_empty(),
        Setting::Sealed => true,
    };
    match (test, found) {
        (Test::Set(wanted), _) => {
            let words = if is_set { "it is set" } else { "it is not set" };
            (Truth::from(is_set == *wanted), words.to_owned())
        }
        (Test::IsNot(_), _) if !is_set => (Truth::Holds, "it is not set".to_owned()),
        (Test::Is(_), _) if !is_set => (Truth::Fails, "it is not set".to_owned()),
        (_, Setting::Sealed) => (Truth::Unknown, format!("{path} is sealed")),
        // What it is may be a secret.
        (Test::Is(wanted), Setting::Is(value)) if value == wanted => (Truth::Holds, String::new()),
        (Test::Is(_), _) => (Truth::Fails, "it is set otherwise".to_owned()),
        (Test::IsNot(wanted), Setting::Is(value)) if value == wanted => {
            (Truth::Fails, format!("it is {wanted}"))
        }
        (Test::IsNot(_), _) => (Truth::Holds, String::new()),
    }
}

fn output(
    given: &[String],
    is: &GivenTest,
    nothing: &str,
    evidence: &dyn Evidence,
) -> (Truth, String) {
    let Some(last) = given.last() else { return (Truth::Fails, nothing.to_owned()) };
    match is {
        GivenTest::Any => (Truth::Holds, last.clone()),
        GivenTest::Is(is) => (Truth::from(*last == evidence.filled(is)), last.clone()),
        GivenTest::One if given.len() == 1 => (Truth::Holds, last.clone()),
        GivenTest::One => {
            (Truth::Fails, format!("{} were given: {}", given.len(), given.join(", ")))
        }
        GivenTest::Contains(key) => {
            let material = |line: &str| -> Vec<String> {
                line.split_whitespace().take(2).map(str::to_owned).collect()
            };
            let wanted = material(&evidence.filled(key));
            let found =
                given.iter().flat_map(|text| text.lines()).any(|line| material(line) == wanted);
            let words = if found { "it is among them" } else { "it is not among them" };
            (Truth::from(found), words.to_owned())
        }
    }
}

/// Whether a version (`v25.1.1`, a build behind a dash or plus left out) is at least another.
pub fn is_at_least(version: &str, wanted: &str) -> Option<bool> {
    let numbers = |text: &str| -> Option<Vec<u32>> {
        let text = text.trim().trim_start_matches('v');
        let text = text.split(['-', '+']).next()?;
        text.split('.').map(|part| part.parse().ok()).collect()
    };
    let (mut have, mut want) = (numbers(version)?, numbers(wanted)?);
    let length = have.len().max(want.len());
    have.resize(length, 0);
    want.resize(length, 0);
    Some(have >= want)
}
