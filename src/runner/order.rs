//! What is to be run, as it goes from whoever starts it to the runner.

use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::domain::endpoint::SshEndpoint;
use crate::install::journal::{Person, StepEvent};

/// What is to be run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// What people call it.
    pub title: String,
    /// The argument vector.
    pub argv: Vec<String>,
    /// The directory to run it in.
    pub directory: String,
    /// More variables for its environment.
    pub variables: Vec<(String, String)>,
    /// Who wants it.
    pub by: Person,
    /// The systemd scope it was put into.
    pub scope: Option<String>,
    /// What is worth knowing about how it lives.
    pub note: Option<String>,
    /// How long the one who has the pen may think, in milliseconds.
    pub pen_wait_ms: u64,
    /// The host to run it on, where that is not this machine.
    #[serde(default)]
    pub on: Option<RemoteOrder>,
    /// What it reads; what is typed at the run when `None`.
    #[serde(default)]
    pub stdin: Option<Given>,
    /// What is written down first, of the step of a plan that it is.
    #[serde(default)]
    pub step: Vec<StepEvent>,
}

/// What a command is given to read; it may be a secret, and is written nowhere.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given(pub String);

impl std::fmt::Debug for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// What is to be run on another host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteOrder {
    /// The way to it.
    pub endpoint: SshEndpoint,
    /// Whether the command gets a terminal there.
    pub has_terminal: bool,
    /// The run that is gone on with: its runner is gone, and its command is on that host.
    pub resumes: Option<u64>,
}

impl Order {
    /// The run that is gone on with, where no new one is to be made.
    pub fn resumes(&self) -> Option<u64> {
        self.on.as_ref().and_then(|on| on.resumes)
    }
}

/// How long the one who has the pen may think before it goes to whoever asked.
pub const PEN_WAIT_MS: u64 = 60_000;

/// What the guardian answers on its standard output: one line of JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Started {
    /// It runs under this number.
    Run(u64),
    /// It may not: one sentence.
    Refused(String),
    /// It could not be started: one sentence.
    Trouble(String),
}

/// Parts of a name that make the value after it a secret.
const SECRET_WORDS: [&str; 16] = [
    "password",
    "passwd",
    "passphrase",
    "pass",
    "pw",
    "secret",
    "secrets",
    "token",
    "apikey",
    "key",
    "credential",
    "credentials",
    "bearer",
    "auth",
    "authorization",
    "passcode",
];

/// Endings of names that name where a secret is, or ask for one, and are none.
const NO_SECRETS: [&str; 8] = ["file", "path", "id", "prompt", "dir", "name", "type", "method"];

/// The argument vector with the values of what looks like secrets replaced by
/// their names: `--password X`, `--token=X`, `-e db_password=X`, `https://user:X@host`,
/// `'{"token": "X"}'`, `Authorization: Bearer X`. What names a file (`--vault-password-file F`) stays.
pub fn without_secrets(argv: &[String]) -> Vec<String> {
    let mut out = Vec::with_capacity(argv.len());
    let mut next_is: Option<String> = None;
    for word in argv {
        if let Some(name) = next_is.take()
            // A value may begin with a dash; a long option after a switch is the next option.
            && !word.starts_with("--")
        {
            out.push(format!("<{name}>"));
            continue;
        }
        let is_switch = word.starts_with("--") && !word.contains(['=', ' ']);
        if is_switch && is_secret(word) {
            next_is = Some(word.trim_start_matches('-').to_owned());
        }
        out.push(hide_in_text(word));
    }
    out
}

/// A line of words, as a title or a command line is shown, with its secrets hidden in the same way.
pub fn text_without_secrets(text: &str) -> String {
    let words: Vec<String> = hide_in_text(text).split(' ').map(str::to_owned).collect();
    without_secrets(&words).join(" ")
}

/// Whether a part of the name says secret, and its end does not say that it is only about one.
fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    let mut parts =
        name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    let is_about = parts.clone().any(|part| part == "ask")
        || parts.clone().next_back().is_some_and(|last| NO_SECRETS.contains(&last));
    !is_about && parts.any(|part| SECRET_WORDS.contains(&part) || part.ends_with("password"))
}

/// Every `name=value` and `name: value` whose name says secret, wherever it stands in the text.
fn hide_in_text(text: &str) -> String {
    let url = text.split(' ').map(hide_url_password).collect::<Vec<_>>().join(" ");
    let Some(assignment) = ASSIGNMENT.as_ref() else { return url };
    assignment
        .replace_all(&url, |found: &regex::Captures<'_>| {
            let part = |index| found.get(index).map_or("", |part| part.as_str());
            let (name, between, value) = (part(1), part(2), part(3));
            if !is_secret(name) || value.starts_with('<') {
                return part(0).to_owned();
            }
            let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''));
            let quote = quote.map(String::from).unwrap_or_default();
            format!("{name}{between}{quote}<{}>{quote}", name.trim_start_matches('-'))
        })
        .into_owned()
}

/// A name, `=` or `:` (its closing quote before it), and the value: in quotes, or up to the next space,
/// with the scheme of an `Authorization` before it.
static ASSIGNMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let text = r#"([A-Za-z0-9_.-]+)(["']?(?:=|\s*:\s+|["']\s*:\s*|:))("(?:[^"\\]|\\.)*"?|'[^']*'?|(?i:(?:bearer|basic|token|digest)\s+)?[^\s"',;&}]+)"#;
    // Ours is read by a test.
    Regex::new(text).ok()
});

fn hide_url_password(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else { return word.to_owned() };
    let host = rest.split('/').next().unwrap_or(rest);
    let Some((user, _)) = host.rsplit_once('@') else { return word.to_owned() };
    let Some((name, _)) = user.split_once(':') else { return word.to_owned() };
    let after = rest.get(user.len()..).unwrap_or_default();
    format!("{scheme}://{name}:<password>{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(words: &[&str]) -> String {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        without_secrets(&words).join(" ")
    }

    #[test]
    fn values_of_secrets_are_replaced_by_their_names() {
        assert_eq!(
            hidden(&["login", "--password", "hunter2", "-v"]),
            "login --password <password> -v"
        );
        assert_eq!(hidden(&["x", "--api_token=abc"]), "x --api_token=<api_token>");
        assert_eq!(hidden(&["p", "-e", "db_password=a b=c"]), "p -e db_password=<db_password> b=c");
        assert_eq!(hidden(&["curl", "https://eve:pw@h/x@y"]), "curl https://eve:<password>@h/x@y");
    }

    #[test]
    fn secrets_inside_words_json_and_headers_are_hidden_too() {
        for (words, kept) in [
            (vec!["x", "--password", "-hunter2"], "--password <password>"),
            (vec!["x", "-e", r#"{"db_pass": "hunter2", "port": 5}"#], r#""port": 5"#),
            (vec!["curl", "-H", "Authorization: Bearer hunter2"], "Authorization: <Authorization>"),
            (vec!["curl", "-H", "X-Auth-Token: hunter2"], "X-Auth-Token: <X-Auth-Token>"),
            (vec!["sh", "-c", "PGPASSWORD=hunter2 psql"], "PGPASSWORD=<PGPASSWORD> psql"),
            (vec!["x", "admin_pw='hunter2 hunter2'", "go"], "go"),
            (vec!["x", "api_key=hunter2", "pw=hunter2"], "api_key=<api_key>"),
        ] {
            let shown = hidden(&words);
            assert!(!shown.contains("hunter2") && shown.contains(kept), "{shown}");
            assert!(!text_without_secrets(&words.join(" ")).contains("hunter2"));
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for words in [
            ["ansible-playbook", "--ask-vault-password", "site.yml"],
            ["ansible-playbook", "--vault-password-file", "vp"],
            ["curl", "https://host/a:b@c", "--password-prompt"],
            ["x", "--password", "--verbose"],
            ["x", "key_file=/etc/k", "--private-key-path=/etc/k"],
            ["monkey=1", "passage: 2", "https://host:8443/x"],
        ] {
            assert_eq!(hidden(&words), words.join(" "));
        }
    }
}
