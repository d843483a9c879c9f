//! What a step is, as it is written.

use super::fault::Fault;
use super::fields::{Faults, Fields, text};
use super::keys;
use super::kind::{
    Approve, BranchChoice, Call, Command, Console, EvidenceWanted, FieldWanted, Form, Gate, Kind,
    Line, Open, Patch, Program, Run, Token, Verify, Wait,
};
use super::reading_step::{condition, known_place};
use super::template::Template;
use crate::install::expression::{self, Expr, Shown};
use crate::inventory::{self, Node};

/// Reads the one kind of a step.
pub fn read(step: Fields<'_>, id: &str, faults: &mut Faults) -> Option<Kind> {
    let said: Vec<&str> =
        keys::KINDS.iter().copied().filter(|key| step.entry(key).is_some()).collect();
    let [key] = said.as_slice() else {
        let found = match said.as_slice() {
            [] => format!("{id} has no kind"),
            several => format!("{id} has several kinds: {}", several.join(", ")),
        };
        let accepted = format!("exactly one of {}", keys::KINDS.join(", "));
        faults.push(Fault::new(step.place(), found, accepted));
        return None;
    };
    let node = &step.entry(key)?.value;
    match *key {
        "run" => run(node, faults).map(Kind::Run),
        "gate" => gate(node, faults).map(Kind::Gate),
        "console" => console(node, faults).map(Kind::Console),
        "inventory" => form(node, faults).map(Kind::Inventory),
        "verify" => verify(node, faults).map(Kind::Verify),
        "wait" => wait(node, faults).map(Kind::Wait),
        "patch" => patch(node, faults).map(Kind::Patch),
        _ => call(node, faults).map(Kind::Call),
    }
}

fn run(node: &Node, faults: &mut Faults) -> Option<Run> {
    let fields = Fields::of(node, "`run`", keys::RUN, faults)?;
    let at_each = fields.flag("at_each", faults);
    let branch = fields.items("branch", faults);
    if branch.is_empty() {
        let choice = BranchChoice { when: Expr::nothing(), command: command(fields, faults)? };
        return Some(Run { choices: vec![choice], at_each });
    }
    let choices: Vec<BranchChoice> = branch
        .iter()
        .filter_map(|item| {
            let one = Fields::of(item, "a command of a branch", keys::BRANCH, faults)?;
            let when = condition(one, "when", faults);
            Some(BranchChoice { when, command: command(one, faults)? })
        })
        .collect();
    Some(Run { choices, at_each })
}

fn command(fields: Fields<'_>, faults: &mut Faults) -> Option<Command> {
    let argv = fields.templates("argv", faults);
    let script = fields.template("script", faults);
    let make = fields.word("make", &[("sha256-crypt", "sha256-crypt")], faults);
    let program = match (argv.is_empty(), script, make) {
        (false, None, None) => Program::Argv(argv),
        (true, None, Some(what)) => {
            Program::Make { what: what.to_owned(), values: fields.texts("values", faults) }
        }
        (true, Some(name), None) => {
            Program::Script { name, arguments: fields.templates("arguments", faults) }
        }
        _ => {
            let found = "a command without one of `argv`, `script` and `make`, or with several";
            faults.push(Fault::new(fields.place(), found, "exactly one of them is accepted"));
            return None;
        }
    };
    if !matches!(program, Program::Script { .. }) && fields.node("arguments").is_some() {
        let found = "`arguments` belong to a script";
        faults.push(Fault::new(fields.place(), found, "put them into `argv`"));
    }
    let at = fields.text("at", faults);
    if let (Some(code), Some(node)) = (&at, fields.node("at")) {
        known_place(code, &node.place, faults);
    }
    Some(Command {
        program,
        at,
        directory: fields.template("directory", faults),
        environment: fields.named_templates("environment", faults),
        stdin: fields.template("stdin", faults),
        sudo: fields.flag("sudo", faults),
        prompts: fields.texts("prompts", faults),
    })
}

fn gate(node: &Node, faults: &mut Faults) -> Option<Gate> {
    let fields = Fields::of(node, "a gate", keys::GATE, faults)?;
    let instructions = fields.templates("instructions", faults);
    if instructions.is_empty() {
        let found = "a gate without instructions";
        faults.push(Fault::new(fields.place(), found, "`instructions:` is needed"));
    }
    let evidence = fields.items("evidence", faults).iter();
    let evidence = evidence.filter_map(|item| evidence_wanted(item, faults)).collect();
    Some(Gate {
        instructions,
        approve: fields.word("approve", &Approve::WORDS, faults).unwrap_or(Approve::Yes),
        evidence,
        checks: condition(fields, "checks", faults),
        undo: fields.text("undo", faults),
    })
}

/// A piece of evidence: its words with its form behind a colon, or a mapping.
fn evidence_wanted(node: &Node, faults: &mut Faults) -> Option<EvidenceWanted> {
    if let Some(text) = node.as_str() {
        let split = text.rsplit_once(':').map(|(words, form)| (words.trim(), form.trim()));
        let known = split.and_then(|(words, form)| {
            let (_, form) = Shown::WORDS.iter().find(|(word, _)| *word == form)?;
            Some((words, *form))
        });
        // A colon that names no form is part of the words.
        let (words, form) = known.unwrap_or((text.trim(), Shown::Text));
        return Some(EvidenceWanted { name: words.to_owned(), words: words.to_owned(), form });
    }
    let fields = Fields::of(node, "evidence", keys::EVIDENCE, faults)?;
    let name = fields.required("name", faults);
    Some(EvidenceWanted {
        words: fields.text("ask", faults).unwrap_or_else(|| name.clone()),
        name,
        form: fields.word("kind", &Shown::WORDS, faults).unwrap_or(Shown::Text),
    })
}

fn console(node: &Node, faults: &mut Faults) -> Option<Console> {
    let fields = Fields::of(node, "a console", keys::CONSOLE, faults)?;
    let to = Template {
        text: fields.required("to", faults),
        place: fields.node("to").map_or(fields.place(), |node| &node.place).clone(),
    };
    let open = fields.node("open").and_then(|node| open(node, faults));
    let lines = fields
        .items("lines", faults)
        .iter()
        .filter_map(|item| {
            let line = Fields::of(item, "a line of a console", keys::LINE, faults)?;
            let expect = line.text("expect", faults);
            if let (Some(pattern), Some(node)) = (&expect, line.node("expect")) {
                expression::regex(pattern, &node.place, faults);
            }
            let words = line.template("type", faults);
            if words.is_none() && expect.is_none() {
                let found = "a line of a console that types nothing and awaits nothing";
                faults.push(Fault::new(line.place(), found, "`type:` or `expect:` is needed"));
            }
            let note = line.text("words", faults);
            Some(Line { words, note, is_secret: line.flag("secret", faults), expect })
        })
        .collect();
    Some(Console { to, open, lines, leave: fields.text("leave", faults) })
}

fn open(node: &Node, faults: &mut Faults) -> Option<Open> {
    let fields = Fields::of(node, "what a console opens", keys::OPEN, faults)?;
    let said: Vec<&str> =
        keys::OPEN.iter().copied().filter(|key| fields.node(key).is_some()).collect();
    let [key] = said.as_slice() else {
        let accepted = format!("exactly one of {}", keys::OPEN.join(", "));
        faults.push(Fault::new(&node.place, "a console that opens nothing, or several", accepted));
        return None;
    };
    let name = fields.template(key, faults)?;
    Some(match *key {
        "virsh" => Open::Virsh(name),
        "ssh" => Open::Ssh(name),
        "serial" => Open::Serial(name),
        _ => Open::Sol(name),
    })
}

fn form(node: &Node, faults: &mut Faults) -> Option<Form> {
    let fields = Fields::of(node, "a form of the inventory", keys::INVENTORY, faults)?;
    let wanted: Vec<FieldWanted> = fields
        .items("fields", faults)
        .iter()
        .filter_map(|item| {
            let one = Fields::of(item, "a field of the inventory", keys::FIELD, faults)?;
            Some(FieldWanted {
                variable: one.required("variable", faults),
                rule: one.text("rule", faults),
                words: one.text("words", faults),
            })
        })
        .collect();
    let instructions = fields.templates("instructions", faults);
    if wanted.is_empty() && instructions.is_empty() {
        let found = "a form of the inventory without fields";
        faults.push(Fault::new(fields.place(), found, "`fields:` is needed"));
    }
    Some(Form { fields: wanted, instructions })
}

fn verify(node: &Node, faults: &mut Faults) -> Option<Verify> {
    let fields = Fields::of(node, "`verify`", keys::VERIFY, faults)?;
    let checks = conditions(fields, "checks", faults);
    let instructions = fields.templates("instructions", faults);
    if checks.is_empty() && instructions.is_empty() {
        let found = "`verify` without checks";
        faults.push(Fault::new(fields.place(), found, "`checks:` is needed"));
    }
    Some(Verify { checks, at: fields.text("at", faults), instructions })
}

/// A list of conditions, each for itself.
pub fn conditions(fields: Fields<'_>, key: &str, faults: &mut Faults) -> Vec<Expr> {
    let items = fields.items(key, faults);
    items.iter().filter_map(|item| expression::read(item, faults)).collect()
}

fn wait(node: &Node, faults: &mut Faults) -> Option<Wait> {
    let fields = Fields::of(node, "`wait`", keys::WAIT, faults)?;
    let until = condition(fields, "until", faults);
    if fields.node("until").is_none() {
        faults.push(Fault::new(fields.place(), "a wait for nothing", "`until:` is needed"));
    }
    Some(Wait {
        until,
        // The procedure asks every 5 s while a person waits (HW-5).
        every: fields.seconds("every", faults).unwrap_or(5).max(1),
        limit: fields.seconds("limit", faults),
    })
}

fn patch(node: &Node, faults: &mut Faults) -> Option<Patch> {
    let fields = Fields::of(node, "a patch", keys::PATCH, faults)?;
    let at = fields.text("at", faults);
    if let (Some(code), Some(node)) = (&at, fields.node("at")) {
        known_place(code, &node.place, faults);
    }
    let forms = [("merge", "merge"), ("json", "json"), ("strategic", "strategic")];
    let Some(body) = json(fields, "body", faults) else {
        faults.push(Fault::new(fields.place(), "a patch without a body", "`body:` is needed"));
        return None;
    };
    Some(Patch {
        object: Template {
            text: fields.required("object", faults),
            place: fields.node("object").map_or(fields.place(), |node| &node.place).clone(),
        },
        at,
        form: fields.word("type", &forms, faults).unwrap_or("merge").to_owned(),
        body,
    })
}

fn call(node: &Node, faults: &mut Faults) -> Option<Call> {
    let fields = Fields::of(node, "a call", keys::CALL, faults)?;
    let methods = [
        ("POST", "POST"),
        ("PUT", "PUT"),
        ("PATCH", "PATCH"),
        ("DELETE", "DELETE"),
        ("GET", "GET"),
    ];
    let token = fields.node("token").and_then(|node| {
        let token = Fields::of(node, "a token", keys::TOKEN, faults)?;
        match (token.template("file", faults), token.text("prompt", faults)) {
            (Some(file), None) => Some(Token::File(file)),
            (None, Some(prompt)) => Some(Token::Prompt(prompt)),
            _ => {
                let found = "a token without one of `file` and `prompt`, or with both";
                faults.push(Fault::new(&node.place, found, "exactly one of them is accepted"));
                None
            }
        }
    });
    Some(Call {
        method: fields.word("method", &methods, faults).unwrap_or("POST").to_owned(),
        url: Template {
            text: fields.required("url", faults),
            place: fields.node("url").map_or(fields.place(), |node| &node.place).clone(),
        },
        body: json(fields, "body", faults),
        query: fields.named_templates("query", faults),
        expect_status: fields.text("expect_status", faults).and_then(|text| text.parse().ok()),
        token,
    })
}

/// A value as JSON text; a text is taken as it is.
fn json(fields: Fields<'_>, key: &str, faults: &mut Faults) -> Option<Template> {
    let node = fields.node(key)?;
    let text = match &node.kind {
        inventory::Kind::Map(_) | inventory::Kind::List(_) => value(node).to_string(),
        _ => text(node, key, faults)?,
    };
    Some(Template { text, place: node.place.clone() })
}

fn value(node: &Node) -> serde_json::Value {
    use inventory::Kind as Yaml;
    match &node.kind {
        Yaml::Null => serde_json::Value::Null,
        Yaml::Bool(yes) => (*yes).into(),
        Yaml::Int(number) => (*number).into(),
        Yaml::Float(number) => (*number).into(),
        Yaml::Str(text) | Yaml::Unsafe(text) | Yaml::Vault(text) => text.clone().into(),
        Yaml::List(items) => items.iter().map(value).collect(),
        Yaml::Map(entries) => {
            let pairs = entries.iter().map(|entry| (entry.key.clone(), value(&entry.value)));
            serde_json::Value::Object(pairs.collect())
        }
    }
}
