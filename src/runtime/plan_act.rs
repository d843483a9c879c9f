//! The act of a step: from a plan to a command with its values. Values go into
//! arguments, environment and standard input; no text is ever made into shell.

use std::collections::{BTreeMap, BTreeSet};

use zeroize::Zeroizing;

use crate::install::plan::kind::{Call, Command, Patch, Program, Token};
use crate::install::plan::template::{Piece, Template, fill, pieces};
use crate::install::plan::{Kind, Library, Risk, Source, Step};
use crate::install::progress::World;
use crate::runner::order::{Given, RemoteOrder};

use super::plan_look::at_home;
use super::plan_place::{Way, way};

/// A command that is ready to be run.
pub struct Ready {
    /// Where, as a location code.
    pub at: String,
    /// The argument vector.
    pub argv: Vec<String>,
    /// The directory, for one on this machine.
    pub directory: std::path::PathBuf,
    /// More variables for its environment.
    pub variables: Vec<(String, String)>,
    /// What it reads.
    pub stdin: Option<Given>,
    /// The host it runs on, where that is another one.
    pub on: Option<RemoteOrder>,
}

/// Secrets that were typed or read from files, by name; they live as long as this.
pub type Secrets = BTreeMap<String, Zeroizing<String>>;

/// A value that is missing before a step can act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Its name.
    pub name: String,
    /// What it is: a question, or where it should have come from.
    pub sentence: String,
    /// Whether it is a secret that is typed.
    pub is_secret: bool,
    /// Whether a person can say it.
    pub can_be_said: bool,
}

/// The values that a step's act needs and that nobody knows yet.
pub fn missing(world: &World<'_>, step: &Step, target: Option<&str>) -> Vec<Missing> {
    let mut names = BTreeSet::new();
    let mut wanted: Vec<String> = step
        .kind
        .templates()
        .into_iter()
        .flat_map(|text| text.names().into_iter().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    // Names inside the texts of other names.
    while let Some(name) = wanted.pop() {
        if !names.insert(name.clone()) {
            continue;
        }
        if let Some(Source::Text(text)) = world.plan.values.get(&name).map(|one| &one.source) {
            wanted.extend(pieces(text).into_iter().filter_map(|piece| match piece {
                Piece::Name(name) => Some(name.to_owned()),
                Piece::Text(_) => None,
            }));
        }
    }
    names
        .into_iter()
        .filter(|name| name != "AT" && world.value(name, target).is_none())
        .filter_map(|name| {
            let source = &world.plan.values.get(&name)?.source;
            let (sentence, is_secret, can_be_said) = match source {
                Source::Secret(words) => (words.clone(), true, true),
                Source::Ask { sentence, .. } => (sentence.clone(), false, true),
                Source::Variable { path, .. } => {
                    (format!("the inventory does not set {path}"), false, false)
                }
                Source::Host { group, field } => {
                    (format!("no host of {group} has {field}"), false, false)
                }
                Source::PublicKeyOf { group, .. } => (
                    format!("the public half of the key of {group} is not beside the private one"),
                    false,
                    false,
                ),
                Source::Output { step, name, .. } => {
                    (format!("step {step} gave no {name} yet"), false, false)
                }
                Source::File { path, .. } => (format!("{path} cannot be read here"), false, false),
                Source::Each(field) => {
                    let field = field.as_deref().unwrap_or("name");
                    (format!("the target has no {field}"), false, true)
                }
                // Its own names are told.
                Source::Text(_) => return None,
            };
            Some(Missing { name, sentence, is_secret, can_be_said })
        })
        .collect()
}

/// The commands of a step's act, in order; several where it is done at each of its places.
///
/// # Errors
/// A sentence: it has no act that a command is, no way leads there, no branch holds.
pub fn ready(
    world: &World<'_>,
    step: &Step,
    target: Option<&str>,
    secrets: &Secrets,
) -> Result<Vec<Ready>, String> {
    let making = Making { world, step, target, secrets };
    match &step.kind {
        Kind::Run(run) => {
            let holding = run.choices.iter().find(|choice| making.holds(&choice.when));
            let choice = holding
                .ok_or_else(|| format!("none of the commands of {} is for this site", step.id))?;
            let places = match (&choice.command.at, run.at_each) {
                (Some(at), _) => vec![at.clone()],
                (None, true) => step.at.clone(),
                (None, false) => vec![making.first_place()?],
            };
            places.iter().map(|at| making.command(&choice.command, at)).collect()
        }
        Kind::Patch(patch) => Ok(vec![making.patch(patch)?]),
        Kind::Call(call) => Ok(vec![making.call(call)?]),
        other => Err(format!("{} is no command but a step of the kind {}", step.id, other.word())),
    }
}

struct Making<'w, 'a> {
    world: &'w World<'a>,
    step: &'w Step,
    target: Option<&'w str>,
    secrets: &'w Secrets,
}

impl Making<'_, '_> {
    fn holds(&self, when: &crate::install::expression::Expr) -> bool {
        crate::install::progress::judge(self.world, self.step, self.target, when).holds()
    }

    /// The first of the step's places that a command can be sent to.
    fn first_place(&self) -> Result<String, String> {
        let mut why = String::new();
        for code in &self.step.at {
            match way(self.world.site, code, self.target) {
                Way::Nowhere(words) => why = words,
                _ => return Ok(code.clone()),
            }
        }
        Err(why)
    }

    fn fill(&self, text: &Template, at: &str) -> Result<String, String> {
        let mut unknown = None;
        let filled = fill(&text.text, &mut |name| {
            let value = self.value(name, at);
            if value.is_none() {
                unknown = Some(name.to_owned());
            }
            value
        });
        match unknown {
            None => Ok(filled),
            Some(name) => Err(format!("nobody knows what <{name}> of {} is", self.step.id)),
        }
    }

    fn value(&self, name: &str, at: &str) -> Option<String> {
        if name == "AT" {
            return Some(at.to_owned());
        }
        let secret = self.secrets.get(name).map(|secret| secret.to_string());
        secret.or_else(|| self.world.value(name, self.target))
    }

    fn command(&self, command: &Command, at: &str) -> Result<Ready, String> {
        let texts = |list: &[Template]| -> Result<Vec<String>, String> {
            list.iter().map(|text| self.fill(text, at)).collect()
        };
        let mut argv = match &command.program {
            Program::Argv(words) => texts(words)?,
            Program::Script { name, arguments } => {
                let script = script(self.world.library, &name.text)?;
                let mut argv = vec!["sh".to_owned(), "-c".to_owned(), script, name.text.clone()];
                argv.extend(texts(arguments)?);
                argv
            }
            Program::Make { what, .. } => {
                return Err(format!("{} ({what}) is made on screen", self.step.id));
            }
        };
        if command.sudo {
            argv.splice(0..0, ["sudo".to_owned(), "-n".to_owned()]);
        }
        let variables = command
            .environment
            .iter()
            .map(|(name, text)| Ok((name.clone(), self.fill(text, at)?)))
            .collect::<Result<Vec<_>, String>>()?;
        let mut stdin = command.stdin.as_ref().map(|text| self.fill(text, at)).transpose()?;
        let directory = command.directory.as_ref().map(|text| self.fill(text, at)).transpose()?;
        let is_script = matches!(command.program, Program::Script { .. });
        // A script reads lines; a program is given exactly the value, which may be sealed as it is.
        if let Some(text) = stdin.as_mut().filter(|text| is_script && !text.ends_with('\n')) {
            text.push('\n');
        }
        let asks = !command.prompts.is_empty();
        self.sent(at, argv, directory, variables, stdin, asks, is_script)
    }

    #[allow(clippy::too_many_arguments)] // The parts of one command.
    fn sent(
        &self,
        at: &str,
        mut argv: Vec<String>,
        directory: Option<String>,
        variables: Vec<(String, String)>,
        stdin: Option<String>,
        asks: bool,
        is_script: bool,
    ) -> Result<Ready, String> {
        let endpoint = match way(self.world.site, at, self.target) {
            Way::Nowhere(why) => return Err(why),
            Way::Here => None,
            Way::Over(endpoint) => Some(endpoint),
            Way::Ceph(endpoint) => {
                // A script calls the Ceph shell itself where it needs it.
                if !is_script {
                    let shell = ["sudo", "-n", "cephadm", "shell", "--"].map(str::to_owned);
                    argv.splice(0..0, shell);
                }
                Some(endpoint)
            }
        };
        let here = at_home(directory.as_deref().unwrap_or("~/"));
        if let (Some(directory), true) = (&directory, endpoint.is_some()) {
            // The directory is an argument of a fixed text.
            const ENTER: &str = "case $0 in \"~\") cd ;; \"~/\"*) cd \"$HOME/${0#??}\" ;; *) cd \"$0\" ;; esac && exec \"$@\"";
            argv.splice(
                0..0,
                ["sh".to_owned(), "-c".to_owned(), ENTER.to_owned(), directory.clone()],
            );
        }
        let on = endpoint.map(|endpoint| RemoteOrder {
            endpoint: *endpoint,
            has_terminal: asks && stdin.is_none(),
            resumes: None,
        });
        let stdin = stdin.map(Given);
        Ok(Ready { at: at.to_owned(), argv, directory: here, variables, stdin, on })
    }

    /// `kubectl patch` with the body on its standard input.
    fn patch(&self, patch: &Patch) -> Result<Ready, String> {
        let at = match &patch.at {
            Some(at) => at.clone(),
            None => self.first_place()?,
        };
        let object = self.fill(&patch.object, &at)?;
        let mut argv = vec!["kubectl".to_owned(), "patch".to_owned()];
        argv.extend(object.split_whitespace().map(str::to_owned));
        argv.extend([format!("--type={}", patch.form), "--patch-file=/dev/stdin".to_owned()]);
        let body = self.json(&patch.body.text, &at)?;
        self.sent(&at, argv, None, Vec::new(), Some(body), false, false)
    }

    /// A JSON text whose strings are filled; `["<NAME>"]` becomes the lines of that value.
    fn json(&self, text: &str, at: &str) -> Result<String, String> {
        let mut value: serde_json::Value =
            serde_json::from_str(text).map_err(|error| format!("{}: {error}", self.step.id))?;
        self.fill_json(&mut value, at)?;
        Ok(value.to_string())
    }

    fn fill_json(&self, value: &mut serde_json::Value, at: &str) -> Result<(), String> {
        use serde_json::Value;
        match value {
            Value::String(text) => {
                let template = Template { text: text.clone(), place: self.step.place.clone() };
                *text = self.fill(&template, at)?;
            }
            Value::Array(items) => {
                if let [Value::String(only)] = items.as_slice()
                    && let [Piece::Name(name)] = pieces(only).as_slice()
                    && let Some(Source::Output { is_list: true, .. }) =
                        self.world.plan.values.get(*name).map(|one| &one.source)
                {
                    let lines = self.value(name, at).unwrap_or_default();
                    *items = lines.lines().map(|line| Value::String(line.to_owned())).collect();
                    return Ok(());
                }
                for item in items {
                    self.fill_json(item, at)?;
                }
            }
            Value::Object(entries) => {
                for (_, item) in entries.iter_mut() {
                    self.fill_json(item, at)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A call through curl, which reads everything of it, the token too, on its standard input.
    fn call(&self, call: &Call) -> Result<Ready, String> {
        let at = self.first_place()?;
        let quoted = |text: &str| {
            let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            format!("\"{text}\"")
        };
        let mut lines = vec![
            "silent".to_owned(),
            "show-error".to_owned(),
            "fail-with-body".to_owned(),
            format!("request = {}", quoted(&call.method)),
            format!("url = {}", quoted(&self.fill(&call.url, &at)?)),
        ];
        if !call.query.is_empty() && call.body.is_none() {
            lines.push("get".to_owned());
            for (name, text) in &call.query {
                let value = self.fill(text, &at)?;
                lines.push(format!("data-urlencode = {}", quoted(&format!("{name}={value}"))));
            }
        }
        if let Some(body) = &call.body {
            lines.push(format!("header = {}", quoted("Content-Type: application/json")));
            lines.push(format!("data-raw = {}", quoted(&self.json(&body.text, &at)?)));
        }
        let token = match &call.token {
            None => None,
            Some(Token::File(file)) => {
                let path = at_home(&self.fill(file, &at)?);
                let text = std::fs::read_to_string(&path)
                    .map_err(|error| format!("the token in {}: {error}", path.display()))?;
                Some(text.trim().to_owned())
            }
            Some(Token::Prompt(name)) => {
                let name = name.trim_start_matches('<').trim_end_matches('>');
                Some(
                    self.value(name, &at)
                        .ok_or_else(|| format!("the token {name} is not there"))?,
                )
            }
        };
        if let Some(token) = token {
            lines.push(format!("header = {}", quoted(&format!("Authorization: Bearer {token}"))));
        }
        let argv = ["curl", "--config", "-"].map(str::to_owned).to_vec();
        let config = lines.join("\n") + "\n";
        self.sent(&at, argv, None, Vec::new(), Some(config), false, false)
    }
}

/// The text of a script.
fn script(library: &Library, name: &str) -> Result<String, String> {
    library.scripts.get(name).cloned().ok_or_else(|| format!("there is no script {name}"))
}

/// Whether a step's act changes the site.
pub fn changes(step: &Step) -> bool {
    step.risk != Risk::Looks
}
