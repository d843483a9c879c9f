//! Every key that a file of plans may have. The reader, the published schema
//! (`docs/plan.schema.json`) and its test are held against these lists.

/// A `plan:` file.
pub const PLAN: &[&str] = &[
    "plan",
    "title",
    "release",
    "variant_when",
    "phases",
    "steps",
    "values",
    "trigger",
    "impact",
    "needs_words",
    "verify",
    "trouble",
    "rollback",
    "since",
    "note",
    "verify_words",
    "values_from",
];
/// A `phase:` file.
pub const PHASE: &[&str] = &["phase", "title", "outcome", "steps", "note"];
/// `interlocks.yml`.
pub const INTERLOCKS: &[&str] = &["interlocks"];
/// `duties.yml`.
pub const DUTIES: &[&str] = &["duties"];
/// The meaning of a name.
pub const VALUE: &[&str] = &[
    "variable",
    "default",
    "host",
    "field",
    "public_key_of",
    "output",
    "ask",
    "step",
    "as",
    "secret",
    "each",
    "text",
    "choices",
    "fixed",
    "file",
    "form",
    "list",
    "key",
];
/// What a runbook is offered from.
pub const TRIGGER: &[&str] = &["alerts", "findings", "occasion", "expr", "meaning"];
/// A trouble of a runbook.
pub const TROUBLE: &[&str] = &["symptom", "do"];
/// A step.
pub const STEP: &[&str] = &[
    "id",
    "title",
    "why",
    "at",
    "needs",
    "when",
    "when_words",
    "variables",
    "done",
    "done_words",
    "usual",
    "symptoms",
    "rerun",
    "after_failure",
    "risk",
    "undo",
    "interlocks",
    "duties",
    "for_each",
    "beside",
    "note",
    "since",
    "pause",
    "input",
    "outputs",
    "run",
    "gate",
    "console",
    "inventory",
    "verify",
    "wait",
    "patch",
    "call",
    "run_words",
    "states",
    "expect",
    "confirm",
    "object",
    "branches",
    "wait_words",
];
/// The kinds of a step; a step has exactly one of these keys.
pub const KINDS: &[&str] =
    &["run", "gate", "console", "inventory", "verify", "wait", "patch", "call"];
/// How long a step usually takes.
pub const USUAL: &[&str] = &["typical", "limit", "basis"];
/// What can go wrong with a step.
pub const SYMPTOM: &[&str] = &["symptom", "do", "step", "run"];
/// What doing a step again does.
pub const RERUN: &[&str] = &["class", "words"];
/// What a step gives to others.
pub const OUTPUT: &[&str] = &["name", "from", "pattern"];
/// A command.
pub const RUN: &[&str] = &[
    "argv",
    "script",
    "arguments",
    "environment",
    "stdin",
    "sudo",
    "directory",
    "prompts",
    "branch",
    "at_each",
    "at",
    "make",
    "values",
];
/// A command of a branch.
pub const BRANCH: &[&str] = &[
    "when",
    "argv",
    "script",
    "arguments",
    "environment",
    "stdin",
    "sudo",
    "directory",
    "prompts",
    "at",
];
/// A state of a run that waits for a person.
pub const STATE: &[&str] = &["state", "enter", "hint", "limit", "ring", "words"];
/// What a step shows and leads to.
pub const SEEN: &[&str] = &["seen", "do", "step"];
/// A piece of evidence that a gate asks for.
pub const EVIDENCE: &[&str] = &["name", "ask", "kind"];
/// A gate.
pub const GATE: &[&str] = &["instructions", "approve", "evidence", "checks", "undo"];
/// A console.
pub const CONSOLE: &[&str] = &["to", "open", "lines", "leave"];
/// What a console is opened on.
pub const OPEN: &[&str] = &["virsh", "ssh", "serial", "sol"];
/// A line to type on a console.
pub const LINE: &[&str] = &["type", "secret", "expect", "words"];
/// Values of the inventory to fill in.
pub const INVENTORY: &[&str] = &["fields", "instructions"];
/// One of them.
pub const FIELD: &[&str] = &["variable", "rule", "words"];
/// Checks asked once per target.
pub const VERIFY: &[&str] = &["checks", "at", "instructions"];
/// Checks repeated with a limit.
pub const WAIT: &[&str] = &["until", "every", "limit"];
/// A change of an API object.
pub const PATCH: &[&str] = &["object", "at", "type", "body"];
/// Another write to an API.
pub const CALL: &[&str] = &["method", "url", "body", "token", "query", "expect_status"];
/// Where the token of a call comes from.
pub const TOKEN: &[&str] = &["file", "prompt"];
/// An interlock.
pub const INTERLOCK: &[&str] = &[
    "id",
    "rule",
    "why",
    "blocks",
    "blocks_words",
    "until",
    "until_words",
    "level",
    "override",
    "way_out",
    "note",
    "enforced",
];
/// A deferred duty.
pub const DUTY: &[&str] = &["id", "title", "from", "done", "due", "step", "why", "note"];

/// The conditions that are mappings: the key that names each, and all its keys.
pub const CONDITIONS: &[(&str, &[&str])] = &[
    ("all", &["all"]),
    ("any", &["any"]),
    ("not", &["not"]),
    ("variable", &["variable", "is", "is_not", "set"]),
    ("group", &["group"]),
    ("confirmed", &["confirmed", "evidence"]),
    ("seen", &["seen"]),
    ("url_expires_after", &["url_expires_after", "step"]),
    ("script", &["script", "arguments", "stdin", "at"]),
    ("runner", &["runner"]),
    ("output", &["output", "is", "one", "contains"]),
    ("no_run", &["no_run"]),
    ("release", &["release"]),
];
