//! The keys of `shopfloor.yml` as data: what each takes. The reader, the
//! published schema and the example are held against this one table.

use crate::domain::Place;
use crate::domain::nearest;
use crate::domain::untrusted::printable;

use super::problem::Problem;
use super::rules::Release;
use super::{Kind, Node};

/// The rule of `shopfloor.yml`: known keys with values of their kind.
pub const RULE_SETTINGS: &str = "V-SITE-50";

/// What a key takes.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Text.
    Text,
    /// A file, relative to the site's directory; `~/` is the home directory.
    File,
    /// A release of the platform.
    Release,
    /// A whole number within these bounds.
    Int(i64, i64),
    /// A number.
    Number,
    /// A duration: seconds, or `90s`, `20m`, `2h`.
    Duration,
    /// SHA-256 as 64 hexadecimal digits, with or without colons.
    Fingerprint,
    /// `ADDRESS:PORT`, IPv6 addresses in brackets.
    Address,
    /// A list of whole numbers within these bounds.
    Ints(i64, i64),
    /// A mapping of known keys.
    Fields(&'static [(&'static str, Shape)]),
    /// A mapping of names that the site chooses.
    Named(&'static Shape),
    /// Either of two.
    Either(&'static Shape, &'static Shape),
}

/// A port or nothing: highest TCP and UDP port.
const PORTS: i64 = 65_535;

/// All keys of `shopfloor.yml`.
pub const SITE: Shape = Shape::Fields(&[
    ("name", Shape::Text),
    ("word", Shape::Text),
    ("colour", Shape::Text),
    ("release", Shape::Release),
    // A rack has at most 60 units in any catalogue; 100 leaves room.
    ("racks", Shape::Named(&Shape::Fields(&[("height", Shape::Int(1, 100))]))),
    (
        "machines",
        Shape::Named(&Shape::Fields(&[
            ("rack", Shape::Text),
            ("unit", Shape::Int(1, 100)),
            ("height", Shape::Int(1, 100)),
            ("serial", Shape::Text),
        ])),
    ),
    (
        "bmc",
        Shape::Fields(&[
            ("ca", Shape::File),
            ("fingerprints", Shape::Named(&Shape::Fingerprint)),
            ("user", Shape::Text),
            ("password_file", Shape::File),
            // Cipher suite ids of IPMI 2.0, table 22-20.
            ("cipher_suites", Shape::Ints(0, 17)),
            ("machines", Shape::Named(&Shape::Text)),
        ]),
    ),
    (
        "serial",
        Shape::Named(&Shape::Either(
            &Shape::Text,
            &Shape::Fields(&[("target", Shape::Text), ("baud", Shape::Int(50, 4_000_000))]),
        )),
    ),
    ("thresholds", Shape::Named(&Shape::Number)),
    ("hints", Shape::Named(&Shape::Duration)),
    ("sharing", Shape::Fields(&[("group", Shape::Text)])),
    (
        "endpoints",
        Shape::Named(&Shape::Either(
            &Shape::Address,
            &Shape::Fields(&[
                ("ssh", Shape::Address),
                ("redfish", Shape::Address),
                ("ipmi", Shape::Address),
            ]),
        )),
    ),
    ("vault", Shape::Fields(&[("password_file", Shape::File)])),
    ("known_hosts", Shape::File),
    (
        "expect",
        Shape::Fields(&[
            ("fabric_gateway", Shape::Text),
            ("amt_address", Shape::Text),
            ("frontend_vlan", Shape::Int(1, 4094)),
            ("provisioning_vlan", Shape::Int(1, 4094)),
            ("deployment_image", Shape::Text),
            ("name_servers", Shape::Text),
            ("ingress_address", Shape::Text),
            ("grafana_url", Shape::Text),
            ("prometheus_url", Shape::Text),
            ("loki_url", Shape::Text),
            ("registry_url", Shape::Text),
            ("sign_on_secret_expires", Shape::Text),
            ("gpu_servers", Shape::Text),
            ("gpu_count", Shape::Int(1, 64)),
        ]),
    ),
]);

impl Shape {
    /// What is accepted, to be read after "accepted is".
    pub fn accepted(&self) -> String {
        match self {
            Shape::Text => "text".to_owned(),
            Shape::File => "the path of a file".to_owned(),
            Shape::Release => "a release such as `v25.1.1`".to_owned(),
            Shape::Int(low, high) => format!("a whole number from {low} to {high}"),
            Shape::Number => "a number".to_owned(),
            Shape::Duration => "a duration such as `90s`, `20m` or `2h`".to_owned(),
            Shape::Fingerprint => "a SHA-256 fingerprint of 64 hexadecimal digits".to_owned(),
            Shape::Address => "`ADDRESS:PORT`".to_owned(),
            Shape::Ints(low, high) => format!("a list of whole numbers from {low} to {high}"),
            Shape::Fields(fields) => {
                let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
                format!("a mapping with {}", names.join(", "))
            }
            Shape::Named(inner) => format!("a mapping of names, each with {}", inner.accepted()),
            Shape::Either(one, other) => format!("{} or {}", one.accepted(), other.accepted()),
        }
    }

    /// Whether a value fits, without looking into mappings.
    fn takes(&self, node: &Node) -> bool {
        match self {
            Shape::Text | Shape::File => word(node).is_some_and(|text| !text.is_empty()),
            Shape::Release => release(node).is_some(),
            Shape::Int(low, high) => {
                matches!(node.kind, Kind::Int(n) if (*low..=*high).contains(&n))
            }
            Shape::Number => number(node).is_some(),
            Shape::Duration => duration(node).is_some(),
            Shape::Fingerprint => fingerprint(node).is_some(),
            Shape::Address => address(node).is_some(),
            Shape::Ints(low, high) => {
                matches!(node.kind, Kind::List(_))
                    && node.items().iter().all(|item| Shape::Int(*low, *high).takes(item))
            }
            Shape::Fields(_) | Shape::Named(_) => matches!(node.kind, Kind::Map(_) | Kind::Null),
            Shape::Either(one, other) => one.takes(node) || other.takes(node),
        }
    }

    /// Notes every place where a value does not fit and every unknown key.
    pub fn check(&self, node: &Node, path: &str, problems: &mut Vec<Problem>) {
        if !self.takes(node) {
            let what = if path.is_empty() { "the file".to_owned() } else { format!("`{path}`") };
            problems.push(problem(
                node.place.clone(),
                format!("{what} is {}, and accepted is {}", found(node), self.accepted()),
                "correct the value; `assets/examples/shopfloor.yml` shows every key",
            ));
            return;
        }
        let inside = |key: &str| {
            let key = printable(key);
            if path.is_empty() { key } else { format!("{path}.{key}") }
        };
        match self {
            Shape::Fields(fields) => {
                for entry in node.entries() {
                    match fields.iter().find(|(name, _)| *name == entry.key) {
                        Some((_, shape)) => {
                            shape.check(&entry.value, &inside(&entry.key), problems)
                        }
                        None => problems.push(unknown_key(&inside(&entry.key), entry, fields)),
                    }
                }
            }
            Shape::Named(shape) => {
                for entry in node.entries() {
                    shape.check(&entry.value, &inside(&entry.key), problems);
                }
            }
            Shape::Either(one, other) => {
                let shape = if one.takes(node) { one } else { other };
                shape.check(node, path, problems);
            }
            _ => {}
        }
    }
}

fn unknown_key(path: &str, entry: &super::Entry, fields: &[(&str, Shape)]) -> Problem {
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let hint = match nearest(&entry.key, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "remove the key".to_owned(),
    };
    let sentence = format!("the key `{path}` is not known; known here are {}", names.join(", "));
    problem(entry.place.clone(), sentence, &hint)
}

fn problem(place: Place, sentence: String, hint: &str) -> Problem {
    Problem::reading(RULE_SETTINGS, super::Severity::Error, place, sentence, hint)
}

/// What was found, with the value where it is short and plain.
fn found(node: &Node) -> String {
    match &node.kind {
        Kind::Int(n) => format!("the number {n}"),
        Kind::Str(text) if text.chars().count() <= 40 => format!("the text `{}`", printable(text)),
        _ => node.kind_name().to_owned(),
    }
}

/// Text, or a number that somebody left unquoted.
pub(super) fn word(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Str(text) | Kind::Unsafe(text) => Some(text.clone()),
        Kind::Int(n) => Some(n.to_string()),
        _ => None,
    }
}

/// A number.
pub(super) fn number(node: &Node) -> Option<f64> {
    match &node.kind {
        // Thresholds are far below 2^53.
        Kind::Int(n) => Some(*n as f64),
        Kind::Float(n) if n.is_finite() => Some(*n),
        _ => None,
    }
}

/// A duration in seconds.
pub(super) fn duration(node: &Node) -> Option<u64> {
    match &node.kind {
        Kind::Int(n) => u64::try_from(*n).ok(),
        Kind::Str(text) => {
            let unit = text.chars().last()?;
            let seconds = match unit {
                's' => 1,
                'm' => 60,
                'h' => 3600,
                'd' => 86_400,
                _ => return None,
            };
            let count: u64 = text.get(..text.len() - unit.len_utf8())?.trim().parse().ok()?;
            count.checked_mul(seconds)
        }
        _ => None,
    }
}

/// A release; two numbers without quotes are a number to YAML (`26.1`).
pub(super) fn release(node: &Node) -> Option<Release> {
    match &node.kind {
        Kind::Float(number) => Release::parse(&number.to_string()),
        _ => Release::parse(&word(node)?),
    }
}

/// A fingerprint as 64 lower-case digits.
pub(super) fn fingerprint(node: &Node) -> Option<String> {
    let text = node.as_str()?;
    let text = text.strip_prefix("SHA256:").or(text.strip_prefix("sha256:")).unwrap_or(text);
    let digits: String = text.chars().filter(|c| *c != ':').collect::<String>().to_lowercase();
    (digits.len() == 64 && digits.chars().all(|c| c.is_ascii_hexdigit())).then_some(digits)
}

/// An address and its port.
pub(super) fn address(node: &Node) -> Option<(String, u16)> {
    let (host, port) = node.as_str()?.rsplit_once(':')?;
    let host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(inner) => inner,
        None if host.contains(':') => return None,
        None => host,
    };
    let port: u16 = port.parse().ok().filter(|port| i64::from(*port) <= PORTS && *port > 0)?;
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '/';
    (!host.is_empty() && host.chars().all(plain)).then(|| (host.to_owned(), port))
}
