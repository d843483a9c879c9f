//! The variables of an AI factory's inventory, the rules about them and the
//! steps of the procedure, all as data (`assets/inventory/`).

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::Severity;

/// One row of the tables of variables (`ai-factory/inventory.md` sections 2 to 15).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// Dotted path; `[]` is any item of a list, `*` any entry of a mapping.
    pub name: String,
    /// The Type column.
    #[serde(rename = "type")]
    pub kind: String,
    /// The Default column: `-` none, `?` not documented.
    pub default: String,
    /// The Req column: `yes`, `no`, `removed` or the condition.
    pub required: String,
    /// First step that reads it; `-` where there is none.
    pub step: String,
    /// `vault`, `should` or nothing.
    #[serde(default)]
    pub secret: String,
    /// The inline check in words.
    pub rule: String,
    /// Where it is documented.
    pub source: String,
    /// Group whose hosts read it; `any` for every host, nothing for the whole site.
    pub scope: Option<String>,
    /// The inline check as [`Check`] reads it.
    #[serde(default)]
    pub check: String,
    /// Sibling condition under which it is required.
    pub when: Option<String>,
    /// Required only where this parent is present.
    pub within: Option<String>,
    /// Accepted beyond the type.
    #[serde(default)]
    pub also: Vec<String>,
    /// `kind`, read.
    #[serde(skip)]
    pub shape: Shape,
    /// `check`, read.
    #[serde(skip)]
    pub checks: Vec<Check>,
    /// `name` in segments; lists and mappings alike are [`Segment::Each`].
    #[serde(skip)]
    pub segments: Vec<Segment>,
}

impl Variable {
    fn split(&self) -> Vec<Segment> {
        let mut segments = Vec::new();
        for part in self.name.split('.') {
            let bare = part.trim_end_matches("[]");
            segments.push(match bare {
                "*" => Segment::Each,
                key => Segment::Key(key.to_owned()),
            });
            if part.ends_with("[]") {
                segments.push(Segment::Each);
            }
        }
        segments
    }

    /// The name at the top of the path.
    pub fn root(&self) -> &str {
        self.name.split(['.', '[']).next().unwrap_or_default()
    }

    /// The last key of the path.
    pub fn leaf(&self) -> &str {
        self.name
            .rsplit('.')
            .map(|part| part.trim_end_matches("[]"))
            .find(|part| *part != "*")
            .unwrap_or_default()
    }

    /// Whether it is a key of the inventory at all: a few rows of the tables
    /// describe files and outputs.
    pub fn is_key(&self) -> bool {
        !self.name.contains(' ') && self.required != "read only"
    }
}

/// A step of a variable's path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// A key of a mapping.
    Key(String),
    /// Every item of a list, or every entry of a mapping.
    Each,
}

/// What a value may be: the Type column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Shape {
    /// Text; a number is taken as text.
    #[default]
    Text,
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// A number as text, which may stand unquoted (`str int`, `str num`).
    NumberText,
    /// A boolean.
    Bool,
    /// A list of anything.
    List,
    /// A list of one shape.
    ListOf(Box<Shape>),
    /// A mapping.
    Map,
    /// A network with its prefix.
    Network,
    /// An address.
    Address,
    /// An address with its prefix.
    AddressWithPrefix,
    /// A MAC address.
    Mac,
    /// A UUID.
    Uuid,
    /// A URL.
    Url,
    /// A domain name.
    Name,
    /// A path.
    Path,
    /// A duration such as `1m`.
    Duration,
    /// One of a list of words.
    OneOf(Vec<String>),
    /// Base64 text.
    Base64,
    /// Hexadecimal digits, at most so many.
    Hex(usize),
    /// Any of several.
    Either(Vec<Shape>),
}

impl Shape {
    /// Reads the Type column; `None` for words that it does not know.
    pub fn parse(text: &str) -> Option<Shape> {
        let text = text.trim();
        if let Some(words) = text.strip_prefix("enum(").and_then(|rest| rest.strip_suffix(')')) {
            let words = words.split(',').map(|word| word.trim().trim_matches('"').to_owned());
            return Some(Shape::OneOf(words.collect()));
        }
        if let Some((one, other)) = text.split_once(" or ") {
            return Some(Shape::Either(vec![Shape::parse(one)?, Shape::parse(other)?]));
        }
        if let Some(of) = text.strip_prefix("list of ") {
            return Some(Shape::ListOf(Box::new(Shape::parse(of)?)));
        }
        Some(match text {
            "str" => Shape::Text,
            "int" => Shape::Whole,
            "num" => Shape::Number,
            "str int" | "str num" => Shape::NumberText,
            "bool" => Shape::Bool,
            "list" => Shape::List,
            "map" => Shape::Map,
            "cidr" => Shape::Network,
            "ip" => Shape::Address,
            "ipif" => Shape::AddressWithPrefix,
            "mac" => Shape::Mac,
            "uuid" => Shape::Uuid,
            "url" => Shape::Url,
            "fqdn" => Shape::Name,
            "path" => Shape::Path,
            "dur" => Shape::Duration,
            "b64" => Shape::Base64,
            "str hex4" => Shape::Hex(4),
            "str hex2" => Shape::Hex(2),
            _ => return None,
        })
    }

    /// What is accepted, for messages.
    pub fn wanted(&self) -> String {
        match self {
            Shape::Text => "text".into(),
            Shape::Whole => "a whole number".into(),
            Shape::Number => "a number".into(),
            Shape::NumberText => "a number, in quotes".into(),
            Shape::Bool => "true or false".into(),
            Shape::List => "a list".into(),
            Shape::ListOf(of) => format!("a list, each item {}", of.wanted()),
            Shape::Map => "a mapping".into(),
            Shape::Network => "a network such as 10.30.0.0/16".into(),
            Shape::Address => "an IP address".into(),
            Shape::AddressWithPrefix => "an address with its prefix such as 10.30.0.1/16".into(),
            Shape::Mac => "a MAC address such as 02:00:5e:10:00:0b".into(),
            Shape::Uuid => "a UUID".into(),
            Shape::Url => "a URL".into(),
            Shape::Name => "a domain name".into(),
            Shape::Path => "a path".into(),
            Shape::Duration => "a duration such as 1m".into(),
            Shape::OneOf(words) => format!("one of {}", words.join(", ")),
            Shape::Base64 => "base64 text".into(),
            Shape::Hex(digits) => format!("up to {digits} hexadecimal digits, in quotes"),
            Shape::Either(shapes) => {
                shapes.iter().map(Shape::wanted).collect::<Vec<_>>().join(", or ")
            }
        }
    }
}

/// A regular expression with its text.
#[derive(Debug, Clone)]
pub struct Form(regex::Regex);

impl Form {
    /// The expression as it is written.
    pub fn text(&self) -> &str {
        self.0.as_str()
    }

    /// Whether a text has this form.
    pub fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    fn parse(text: &str) -> Option<Form> {
        regex::Regex::new(text).ok().map(Form)
    }
}

impl PartialEq for Form {
    fn eq(&self, other: &Form) -> bool {
        self.text() == other.text()
    }
}

/// The inline check of a variable: one word with its arguments.
#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    /// `nonempty`: not empty, text or list.
    NotEmpty,
    /// `range A B`: from A to B.
    Range(f64, f64),
    /// `at-least A`.
    AtLeast(f64),
    /// `above A`.
    Above(f64),
    /// `at-least-seconds N`: a duration not below N seconds.
    AtLeastSeconds(f64),
    /// `pattern RE`: a regular expression that must match.
    Pattern(Form),
    /// `each-pattern RE`: the same for each item.
    EachPattern(Form),
    /// `each-of WORDS`: each item is one of the words.
    EachOf(Vec<String>),
    /// `only VALUE`: anything else is an error.
    Only(String),
    /// `warn-unless VALUE`: anything else is advised against.
    WarnUnless(String),
    /// `warn-if VALUE`: that value is advised against.
    WarnIf(String),
    /// `unique`: unlike its siblings.
    Unique,
    /// `prefix N`: an address with exactly that prefix.
    Prefix(u8),
    /// `network`: a network address without host bits.
    NetworkAddress,
    /// `absolute`: an absolute path.
    Absolute,
    /// `ssh-dir`: a path below `~/.ssh/`; the file is there and of mode 600, where files were looked at.
    SshDirectory,
    /// `same-as NAME`: equal to another variable.
    SameAs(String),
    /// `dns-label`.
    DnsLabel,
    /// `name`: one or more DNS labels.
    DomainName,
    /// `each-name`: the same for each item.
    EachName,
    /// `mail`: a mail address.
    Mail,
    /// `key32`: 44 characters of base64 that are 32 bytes.
    Key32,
    /// `ssh-key`: an OpenSSH public key.
    SshKey,
    /// `each-ssh-key`: the same for each item.
    EachSshKey,
    /// `quantity`: a Kubernetes quantity.
    Quantity,
    /// `seconds-text`: a number of seconds as text.
    SecondsText,
    /// `secret-length N`: a sealed value of at least N characters.
    SecretLength(usize),
    /// `secret-prefix TEXT`: a sealed value that begins so.
    SecretPrefix(String),
}

impl Check {
    /// Reads the check column of the data: words in order, several for one variable.
    /// `None` for a word that it does not know.
    pub fn parse_all(text: &str) -> Option<Vec<Check>> {
        let mut words = text.split_whitespace();
        let mut checks = Vec::new();
        while let Some(word) = words.next() {
            let mut next = || words.next().map(str::to_owned);
            checks.push(match word {
                "nonempty" => Check::NotEmpty,
                "range" => Check::Range(next()?.parse().ok()?, next()?.parse().ok()?),
                "at-least" => Check::AtLeast(next()?.parse().ok()?),
                "above" => Check::Above(next()?.parse().ok()?),
                "at-least-seconds" => Check::AtLeastSeconds(next()?.parse().ok()?),
                "pattern" => Check::Pattern(Form::parse(&next()?)?),
                "each-pattern" => Check::EachPattern(Form::parse(&next()?)?),
                "each-of" => Check::EachOf(words.by_ref().map(str::to_owned).collect()),
                "only" => Check::Only(next()?),
                "warn-unless" => Check::WarnUnless(next()?),
                "warn-if" => Check::WarnIf(next()?),
                "unique" => Check::Unique,
                "prefix" => Check::Prefix(next()?.parse().ok()?),
                "network" => Check::NetworkAddress,
                "absolute" => Check::Absolute,
                "ssh-dir" => Check::SshDirectory,
                "same-as" => Check::SameAs(next()?),
                "dns-label" => Check::DnsLabel,
                "name" => Check::DomainName,
                "each-name" => Check::EachName,
                "mail" => Check::Mail,
                "key32" => Check::Key32,
                "ssh-key" => Check::SshKey,
                "each-ssh-key" => Check::EachSshKey,
                "quantity" => Check::Quantity,
                "seconds-text" => Check::SecondsText,
                "secret-length" => Check::SecretLength(next()?.parse().ok()?),
                "secret-prefix" => Check::SecretPrefix(next()?),
                _ => return None,
            });
        }
        Some(checks)
    }
}

/// One rule (`ai-factory/inventory.md` section 16, and our own from 50 on).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleRow {
    /// Its id.
    pub id: String,
    /// `E` or `W`.
    pub severity: String,
    /// The step as the table has it.
    pub step: String,
    /// The step of the procedure that those words mean, where they are no step id.
    pub from: Option<String>,
    /// The rule.
    pub text: String,
}

impl RuleRow {
    /// The severity.
    pub fn severity(&self) -> Severity {
        if self.severity == "W" { Severity::Warning } else { Severity::Error }
    }

    /// The first step that must not run while it is broken; `None` for a rule that always holds.
    pub fn first_step(&self) -> Option<&str> {
        self.from.as_deref().or(Some(self.step.as_str())).filter(|step| *step != "any")
    }
}

/// Variables, rules and steps together.
#[derive(Debug, Clone)]
pub struct Catalogue {
    variables: Vec<Variable>,
    rules: Vec<RuleRow>,
    steps: Vec<String>,
    by_root: BTreeMap<String, Vec<usize>>,
}

#[derive(Deserialize)]
struct VariableFile {
    variables: Vec<Variable>,
}

#[derive(Deserialize)]
struct RuleFile {
    rules: Vec<RuleRow>,
}

#[derive(Deserialize)]
struct StepFile {
    steps: Vec<String>,
}

impl Catalogue {
    /// Reads the three files.
    ///
    /// # Errors
    /// When one of them does not parse or holds a type or check that is not known.
    pub fn parse(variables: &str, rules: &str, steps: &str) -> Result<Catalogue, String> {
        let mut variables: VariableFile =
            serde_yaml::from_str(variables).map_err(|why| format!("variables.yml: {why}"))?;
        let rules: RuleFile =
            serde_yaml::from_str(rules).map_err(|why| format!("rules.yml: {why}"))?;
        let steps: StepFile =
            serde_yaml::from_str(steps).map_err(|why| format!("steps.yml: {why}"))?;
        let mut by_root: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, variable) in variables.variables.iter_mut().enumerate() {
            let name = &variable.name;
            variable.shape = Shape::parse(&variable.kind)
                .ok_or_else(|| format!("variables.yml: type of {name}: {}", variable.kind))?;
            variable.checks = Check::parse_all(&variable.check)
                .ok_or_else(|| format!("variables.yml: check of {name}: {}", variable.check))?;
            variable.segments = variable.split();
            if !variable.is_key() {
                continue;
            }
            for root in roots(variable) {
                by_root.entry(root).or_default().push(at);
            }
        }
        Ok(Catalogue {
            variables: variables.variables,
            rules: rules.rules,
            steps: steps.steps,
            by_root,
        })
    }

    /// The files that come with the program.
    ///
    /// # Errors
    /// Never with the files as they are shipped; a test shows it.
    pub fn shipped() -> Result<&'static Catalogue, &'static str> {
        static SHIPPED: OnceLock<Result<Catalogue, String>> = OnceLock::new();
        SHIPPED
            .get_or_init(|| {
                Catalogue::parse(
                    include_str!("../../assets/inventory/variables.yml"),
                    include_str!("../../assets/inventory/rules.yml"),
                    include_str!("../../assets/inventory/steps.yml"),
                )
            })
            .as_ref()
            .map_err(String::as_str)
    }

    /// All variables, in the order of the tables.
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// All rules, in the order of the table.
    pub fn rules(&self) -> &[RuleRow] {
        &self.rules
    }

    /// All steps, in order.
    pub fn steps(&self) -> &[String] {
        &self.steps
    }

    /// The rule of that id.
    pub fn rule(&self, id: &str) -> Option<&RuleRow> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// The variables below a name at the top of the inventory.
    pub fn below<'a>(&'a self, root: &str) -> impl Iterator<Item = &'a Variable> + use<'a> {
        let places = self.by_root.get(root).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|at| self.variables.get(*at))
    }

    /// Whether a name at the top of the inventory is known.
    pub fn knows(&self, root: &str) -> bool {
        self.by_root.contains_key(root)
    }

    /// All names at the top of the inventory.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_root.keys().map(String::as_str)
    }

    /// Whether `step` is reached when the work goes up to `up_to`: it is at or
    /// before it in the order of the procedure. `None` for either is everything.
    /// A step that the procedure does not have (a runbook's) is reached only by everything.
    pub fn reached(&self, step: Option<&str>, up_to: Option<&str>) -> bool {
        let (Some(step), Some(up_to)) = (step, up_to) else { return true };
        let place = |wanted: &str| self.steps.iter().position(|step| step == wanted);
        match (place(step), place(up_to)) {
            (Some(step), Some(up_to)) => step <= up_to,
            _ => false,
        }
    }

    /// Keys whose values must not be shown, wherever they stand.
    pub fn secret_keys(&self) -> impl Iterator<Item = &str> {
        self.variables
            .iter()
            .filter(|variable| !variable.secret.is_empty() && variable.is_key())
            .map(Variable::leaf)
    }
}

/// The names at the top that a row stands for: `*_connections[]` is two kinds.
fn roots(variable: &Variable) -> Vec<String> {
    match variable.root() {
        "*_connections" => {
            vec!["hedgehog_bundled_connections".into(), "hedgehog_eslag_connections".into()]
        }
        root => vec![root.to_owned()],
    }
}

#[cfg(test)]
mod tests;
