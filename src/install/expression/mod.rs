//! The one language of conditions: what a step needs, when it applies, what
//! proves it done, what opens a gate, ends a wait, lifts an interlock.
//!
//! Judged in three values: a condition that cannot be judged is *unknown* and
//! never counts as held.

mod judging;
mod reading;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::Place;

pub use judging::is_at_least;
pub use judging::{CheckSeen, Evidence, Judged, Piece, Setting, Truth};
pub use reading::{read, regex};

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expr {
    /// Every one holds; with none it holds.
    All(Vec<Expr>),
    /// One at least holds.
    Any(Vec<Expr>),
    /// It does not hold.
    Not(Box<Expr>),
    /// One thing that can be asked.
    Leaf(Leaf),
}

/// One thing that can be asked, and where that is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaf {
    /// What.
    pub ask: Ask,
    /// Where.
    pub place: Place,
}

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    /// A step is done, or does not apply; or it has come so far.
    Step {
        /// The step.
        step: String,
        /// How far.
        wanted: Wanted,
    },
    /// A check says this.
    Check {
        /// Its code.
        check: String,
        /// Whom about: a word for several targets, a host, or `<TARGET>`; everybody when `None`.
        at: Option<String>,
        /// What it must say.
        wanted: Say,
    },
    /// A rule of the inventory holds.
    Rule(String),
    /// The step's command ended with this status.
    Exit(i32),
    /// Every line of the run's recap is without failed and unreachable.
    Recap,
    /// An inventory variable.
    Variable {
        /// Its dotted path.
        path: String,
        /// What it must be.
        test: Test,
    },
    /// A group of the inventory is there and has hosts.
    Group(String),
    /// A person says so.
    Confirmed {
        /// What the person says.
        words: String,
        /// What the person shows.
        evidence: Shown,
    },
    /// A regular expression is found on the console or in the output.
    Seen(String),
    /// A signed URL is valid until after a step.
    UrlExpiresAfter {
        /// The inventory variable with the URL.
        variable: String,
        /// The step that is the last to need it.
        step: String,
    },
    /// A read-only script ends with 0 at a place; 1 is no, everything else unknown.
    Script {
        /// Its file name.
        name: String,
        /// Its arguments, with placeholders.
        arguments: Vec<String>,
        /// What it reads, with placeholders.
        stdin: Option<String>,
        /// Where; the step's first place when `None`.
        at: Option<String>,
    },
    /// The step runs under our own runner, which outlives every line.
    Runner,
    /// What a step gave.
    Output {
        /// The step.
        step: String,
        /// The output's name.
        name: String,
        /// What it must be.
        is: GivenTest,
    },
    /// Nothing runs that changes the site: neither our own run nor another one on the bastion.
    NoRun,
    /// The unpacked release package is of this version at least.
    Release(String),
}

/// What an output must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GivenTest {
    /// Anything.
    Any,
    /// This text.
    Is(String),
    /// One match and no other.
    One,
    /// This key among its lines: type and material are compared, the comment is not.
    Contains(String),
}

/// How far a step must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wanted {
    /// Done, or not applicable.
    Done,
    /// Not running now.
    NotRunning,
    /// Running now.
    Running,
    /// Its last attempt ended like this: `failed` or `expired`; or it is done, and not merely not applicable.
    Ended(String),
    /// Running and in this state of its wait or a later one; or done.
    Reached(String),
}

/// What a check must say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Say {
    /// Pass or warn.
    Well,
    /// Nothing but pass.
    Passes,
    /// Fail.
    Fails,
}

/// What a variable must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Test {
    /// Equal to this text; a boolean is `true` or `false`.
    Is(String),
    /// Set, and something else.
    IsNot(String),
    /// Set and not empty, or not.
    Set(bool),
}

/// What a person shows with a word of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shown {
    /// Nothing: the word alone.
    None,
    /// A text.
    Text,
    /// A number.
    Number,
    /// A file.
    File,
    /// A link.
    Link,
}

impl Shown {
    /// All with their words.
    pub const WORDS: [(&'static str, Shown); 5] = [
        ("none", Shown::None),
        ("text", Shown::Text),
        ("number", Shown::Number),
        ("file", Shown::File),
        ("link", Shown::Link),
    ];

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Shown::None => "none",
            Shown::Text => "text",
            Shown::Number => "number",
            Shown::File => "file",
            Shown::Link => "link",
        }
    }
}

/// The states that a waiting run passes, earliest first (procedure, HW-5).
pub const WAIT_STATES: [&str; 5] =
    ["preparing", "installing", "key-needed", "key-present", "api-wait"];

/// The states in which it has come to an end, or to where a person must act without hurry.
pub const END_STATES: [&str; 3] = ["expired", "failed", "done"];

impl Expr {
    /// The condition that always holds.
    pub const fn nothing() -> Expr {
        Expr::All(Vec::new())
    }

    /// Whether nothing is asked.
    pub fn is_nothing(&self) -> bool {
        matches!(self, Expr::All(parts) if parts.is_empty())
    }

    /// Every leaf, in the order they are written.
    pub fn leaves(&self) -> Vec<&Leaf> {
        match self {
            Expr::All(parts) | Expr::Any(parts) => parts.iter().flat_map(Expr::leaves).collect(),
            Expr::Not(part) => part.leaves(),
            Expr::Leaf(leaf) => vec![leaf],
        }
    }

    /// The codes of the checks that it asks.
    pub fn checks(&self) -> Vec<&str> {
        let of = |leaf: &'_ Leaf| matches!(leaf.ask, Ask::Check { .. });
        self.leaves()
            .into_iter()
            .filter(|leaf| of(leaf))
            .filter_map(|leaf| match &leaf.ask {
                Ask::Check { check, .. } => Some(check.as_str()),
                _ => None,
            })
            .collect()
    }

    /// What persons are asked to say, in the order it is written.
    pub fn confirmations(&self) -> Vec<(&str, Shown)> {
        self.leaves()
            .into_iter()
            .filter_map(|leaf| match &leaf.ask {
                Ask::Confirmed { words, evidence } => Some((words.as_str(), *evidence)),
                _ => None,
            })
            .collect()
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |f: &mut fmt::Formatter<'_>, parts: &[Expr], between: &str| {
            for (at, part) in parts.iter().enumerate() {
                if at > 0 {
                    f.write_str(between)?;
                }
                match part {
                    Expr::All(inner) | Expr::Any(inner) if inner.len() > 1 => {
                        write!(f, "({part})")?;
                    }
                    _ => write!(f, "{part}")?,
                }
            }
            Ok(())
        };
        match self {
            Expr::All(parts) if parts.is_empty() => f.write_str("nothing"),
            Expr::All(parts) => joined(f, parts, " and "),
            Expr::Any(parts) => joined(f, parts, " or "),
            Expr::Not(part) => match part.as_ref() {
                Expr::Leaf(leaf) => write!(f, "not {}", leaf.ask),
                other => write!(f, "not ({other})"),
            },
            Expr::Leaf(leaf) => write!(f, "{}", leaf.ask),
        }
    }
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ask::Step { step, wanted: Wanted::Done } => f.write_str(step),
            Ask::Step { step, wanted: Wanted::NotRunning } => write!(f, "{step} not running"),
            Ask::Step { step, wanted: Wanted::Running } => write!(f, "{step} running"),
            Ask::Step { step, wanted: Wanted::Reached(state) | Wanted::Ended(state) } => {
                write!(f, "{step} {state}")
            }
            Ask::Check { check, at, wanted } => {
                f.write_str(check)?;
                if let Some(at) = at {
                    write!(f, "@{at}")?;
                }
                f.write_str(match wanted {
                    Say::Well => "",
                    Say::Passes => " passes",
                    Say::Fails => " fails",
                })
            }
            Ask::Rule(rule) => f.write_str(rule),
            Ask::Exit(code) => write!(f, "exit {code}"),
            Ask::Recap => f.write_str("recap"),
            Ask::Variable { path, test: Test::Is(value) } => write!(f, "{path} is {value}"),
            Ask::Variable { path, test: Test::IsNot(value) } => write!(f, "{path} is not {value}"),
            Ask::Variable { path, test: Test::Set(true) } => write!(f, "{path} is set"),
            Ask::Variable { path, test: Test::Set(false) } => write!(f, "{path} is not set"),
            Ask::Group(group) => write!(f, "group {group} has hosts"),
            Ask::Confirmed { words, evidence: Shown::None } => f.write_str(words),
            Ask::Confirmed { words, evidence } => write!(f, "{words} ({})", evidence.word()),
            Ask::Seen(text) => write!(f, "seen: {text}"),
            Ask::UrlExpiresAfter { variable, step } => {
                write!(f, "{variable} is valid until after {step}")
            }
            Ask::Script { name, arguments, at, .. } => {
                f.write_str(name)?;
                arguments.iter().try_for_each(|word| write!(f, " {word}"))?;
                at.iter().try_for_each(|at| write!(f, " at {at}"))
            }
            Ask::Runner => f.write_str("under the runner"),
            Ask::Output { step, name, is } => match is {
                GivenTest::Any => write!(f, "{step} gave {name}"),
                GivenTest::Is(is) => write!(f, "{step} gave {name} {is}"),
                GivenTest::One => write!(f, "{step} gave one {name}"),
                GivenTest::Contains(key) => write!(f, "{step} gave {name} with {key}"),
            },
            Ask::NoRun => f.write_str("nothing runs"),
            Ask::Release(version) => write!(f, "release {version} or later"),
        }
    }
}
