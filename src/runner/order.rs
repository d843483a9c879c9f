//! What is to be run, as it goes from whoever starts it to the runner.

use serde::{Deserialize, Serialize};

use crate::install::journal::Person;

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

/// Words that make the value after them a secret.
const SECRET_WORDS: [&str; 8] =
    ["password", "passwd", "passphrase", "secret", "token", "apikey", "api-key", "credential"];

/// The argument vector with the values of what looks like secrets replaced by
/// their names: `--password X`, `--token=X`, `-e db_password=X`, `https://user:X@host`.
/// What names a file (`--vault-password-file F`) stays.
pub fn without_secrets(argv: &[String]) -> Vec<String> {
    let mut out = Vec::with_capacity(argv.len());
    let mut next_is: Option<String> = None;
    for word in argv {
        if let Some(name) = next_is.take()
            && !word.starts_with('-')
        {
            out.push(format!("<{name}>"));
            continue;
        }
        let hidden = hide_assignments(&hide_url_password(word));
        let is_switch = word.starts_with("--") && !word.contains('=');
        if is_switch && is_secret(word) {
            next_is = Some(word.trim_start_matches('-').to_owned());
        }
        out.push(hidden);
    }
    out
}

fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase().replace('_', "-");
    let names_file =
        ["file", "path", "-id", "prompt", "ask-"].iter().any(|word| name.contains(word));
    !names_file && SECRET_WORDS.iter().any(|word| name.contains(word))
}

/// Every `name=value` whose name says secret, also several in one word.
fn hide_assignments(word: &str) -> String {
    word.split(' ')
        .map(|part| match part.split_once('=') {
            Some((name, value)) if is_secret(name) && !value.is_empty() => {
                format!("{name}=<{}>", name.trim_start_matches('-'))
            }
            _ => part.to_owned(),
        })
        .collect::<Vec<_>>()
        .join(" ")
}

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
    fn what_is_no_secret_stays() {
        for words in [
            ["ansible-playbook", "--ask-vault-password", "site.yml"],
            ["ansible-playbook", "--vault-password-file", "vp"],
            ["curl", "https://host/a:b@c", "--password-prompt"],
            ["x", "--password", "--verbose"],
        ] {
            assert_eq!(hidden(&words), words.join(" "));
        }
    }
}
