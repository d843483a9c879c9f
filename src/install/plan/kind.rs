//! What a step is: exactly one of eight kinds.

use serde::{Deserialize, Serialize};

use super::template::Template;
use crate::install::expression::{Expr, Shown};

/// What a step is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A command.
    Run(Run),
    /// A person acts.
    Gate(Gate),
    /// A console to talk to.
    Console(Console),
    /// Values of the inventory to fill in.
    Inventory(Form),
    /// Checks asked once per target.
    Verify(Verify),
    /// Checks repeated with a limit.
    Wait(Wait),
    /// A change of an API object.
    Patch(Patch),
    /// Another write to an API.
    Call(Call),
}

impl Kind {
    /// Its word, which is its key in a file.
    pub const fn word(&self) -> &'static str {
        match self {
            Kind::Run(_) => "run",
            Kind::Gate(_) => "gate",
            Kind::Console(_) => "console",
            Kind::Inventory(_) => "inventory",
            Kind::Verify(_) => "verify",
            Kind::Wait(_) => "wait",
            Kind::Patch(_) => "patch",
            Kind::Call(_) => "call",
        }
    }

    /// Every text with placeholders in it that something is made of or sent to.
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            Kind::Run(run) => run.choices.iter().flat_map(|one| one.command.templates()).collect(),
            Kind::Gate(gate) => gate.instructions.iter().collect(),
            Kind::Console(console) => {
                let mut all = vec![&console.to];
                all.extend(console.open.as_ref().map(Open::name));
                all.extend(console.lines.iter().flat_map(|line| &line.words));
                all
            }
            Kind::Inventory(form) => form.instructions.iter().collect(),
            Kind::Verify(verify) => verify.instructions.iter().collect(),
            Kind::Wait(_) => Vec::new(),
            Kind::Patch(patch) => vec![&patch.object, &patch.body],
            Kind::Call(call) => {
                let mut all = vec![&call.url];
                all.extend(&call.body);
                all.extend(call.query.iter().map(|(_, value)| value));
                all.extend(match &call.token {
                    Some(Token::File(file)) => Some(file),
                    _ => None,
                });
                all
            }
        }
    }
}

/// A command, or one of several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The first of these whose condition holds.
    pub choices: Vec<BranchChoice>,
    /// Whether it is run at each of the step's places, one after the other.
    pub at_each: bool,
}

/// One command of a branch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BranchChoice {
    /// When it is the one.
    pub when: Expr,
    /// The command.
    pub command: Command,
}

/// A command: values go into it as arguments, environment and standard input, never into shell text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// What is run.
    pub program: Program,
    /// Where, when that is not the step's first place.
    pub at: Option<String>,
    /// The directory; `~` is the account's own.
    pub directory: Option<Template>,
    /// More variables for its environment.
    pub environment: Vec<(String, Template)>,
    /// What it reads.
    pub stdin: Option<Template>,
    /// Whether it is run through sudo.
    pub sudo: bool,
    /// Names of the prompts that it is known to show (`assets/prompts.yml`).
    pub prompts: Vec<String>,
}

/// What is run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Program {
    /// An argument vector.
    Argv(Vec<Template>),
    /// A script of the plan.
    Script {
        /// Its file name.
        name: Template,
        /// Its arguments.
        arguments: Vec<Template>,
    },
    /// Something made by the program itself from what a person types: a hash of a password.
    Make {
        /// What: `sha256-crypt`.
        what: String,
        /// The names of the values that it is made for.
        values: Vec<String>,
    },
}

impl Command {
    /// Every text with placeholders.
    pub fn templates(&self) -> Vec<&Template> {
        let mut all: Vec<&Template> = match &self.program {
            Program::Argv(words) => words.iter().collect(),
            Program::Script { arguments, .. } => arguments.iter().collect(),
            Program::Make { .. } => Vec::new(),
        };
        all.extend(&self.directory);
        all.extend(self.environment.iter().map(|(_, value)| value));
        all.extend(&self.stdin);
        all
    }
}

/// A person acts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// What to do, in order.
    pub instructions: Vec<Template>,
    /// How it is said to be done.
    pub approve: Approve,
    /// What is asked for.
    pub evidence: Vec<EvidenceWanted>,
    /// Checks that repeat while it is open; it cannot be approved while they do not hold.
    pub checks: Expr,
    /// How what was done is undone.
    pub undo: Option<String>,
}

/// How a gate is said to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Approve {
    /// With one key.
    Yes,
    /// By typing the step's id.
    Typed,
    /// By two persons.
    People,
}

impl Approve {
    /// All with their words.
    pub const WORDS: [(&'static str, Approve); 3] =
        [("yes", Approve::Yes), ("typed", Approve::Typed), ("people", Approve::People)];
}

/// A piece of evidence that a gate asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceWanted {
    /// What it is called.
    pub name: String,
    /// What is asked for.
    pub words: String,
    /// What form it has.
    pub form: Shown,
}

/// A console to talk to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Console {
    /// Where it leads, in words.
    pub to: Template,
    /// What is opened.
    pub open: Option<Open>,
    /// Lines that are offered for typing.
    pub lines: Vec<Line>,
    /// How it is left.
    pub leave: Option<String>,
}

/// What a console is opened on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Open {
    /// The console of a virtual machine, on its hypervisor.
    Virsh(Template),
    /// A shell over SSH.
    Ssh(Template),
    /// The serial line of a machine.
    Serial(Template),
    /// Serial over LAN of a machine's management controller.
    Sol(Template),
}

impl Open {
    /// The name of what is opened.
    pub const fn name(&self) -> &Template {
        match self {
            Open::Virsh(name) | Open::Ssh(name) | Open::Serial(name) | Open::Sol(name) => name,
        }
    }

    /// Its word.
    pub const fn word(&self) -> &'static str {
        match self {
            Open::Virsh(_) => "virsh",
            Open::Ssh(_) => "ssh",
            Open::Serial(_) => "serial",
            Open::Sol(_) => "sol",
        }
    }
}

/// A line that is offered for typing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What is typed; `None` where only something is waited for.
    pub words: Option<Template>,
    /// What it does and what answers.
    pub note: Option<String>,
    /// Whether a secret is typed by the person, and the line only says which.
    pub is_secret: bool,
    /// A regular expression of what is awaited on the screen.
    pub expect: Option<String>,
}

/// Values of the inventory to fill in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Form {
    /// Which.
    pub fields: Vec<FieldWanted>,
    /// What else to know.
    pub instructions: Vec<Template>,
}

/// A value of the inventory to fill in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldWanted {
    /// Its dotted path.
    pub variable: String,
    /// The rule that it must hold.
    pub rule: Option<String>,
    /// What it is.
    pub words: Option<String>,
}

/// Checks asked once per target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verify {
    /// Which, with what they must say; conditions.
    pub checks: Vec<Expr>,
    /// Whom they are asked about, where not everybody.
    pub at: Option<String>,
    /// What else to look at.
    pub instructions: Vec<Template>,
}

/// Checks repeated with a limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wait {
    /// Until what.
    pub until: Expr,
    /// How often it is asked, in seconds.
    pub every: u32,
    /// How long it may take, in seconds; for ever when `None`.
    pub limit: Option<u32>,
}

/// A change of an API object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Patch {
    /// The object as kubectl names it, options behind it.
    pub object: Template,
    /// Where kubectl is run.
    pub at: Option<String>,
    /// `merge`, `json` or `strategic`.
    pub form: String,
    /// The body as JSON, placeholders in its texts.
    pub body: Template,
}

/// Another write to an API.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// `POST`, `PUT`, `DELETE` or `GET`.
    pub method: String,
    /// The URL.
    pub url: Template,
    /// The body as JSON, placeholders in its texts.
    pub body: Option<Template>,
    /// What is put behind the URL, percent-encoded.
    pub query: Vec<(String, Template)>,
    /// The status that it answers; any of 200 to 299 when `None`.
    pub expect_status: Option<u16>,
    /// Where the token comes from.
    pub token: Option<Token>,
}

/// Where the token of a call comes from; it never stands in an argument vector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Token {
    /// A file.
    File(Template),
    /// A person types it.
    Prompt(String),
}
