//! The client options we know, gathered from several places: the first value wins.

use std::time::Duration;

use crate::domain::Place;

/// What is wrong with a line of a configuration or with an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// Where: `/home/ops/.ssh/config:12` or `ansible_ssh_common_args`.
    pub place: String,
    /// What, a sentence part that follows the place: `Port wants …`.
    pub text: String,
}

impl Problem {
    pub fn new(place: impl Into<String>, text: impl Into<String>) -> Problem {
        Problem { place: place.into(), text: text.into() }
    }
}

/// File and line without the column, as ssh itself points at its configuration.
pub(super) fn at_line(place: &Place) -> String {
    format!("{}:{}", place.file.display(), place.line)
}

/// Options of one connection. What was not said is `None` or empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Options {
    pub host_name: Option<String>,
    pub user: Option<String>,
    pub port: Option<u16>,
    pub identity_files: Vec<String>,
    pub certificate_files: Vec<String>,
    pub identities_only: Option<bool>,
    pub identity_agent: Option<String>,
    pub proxy: Option<Proxy>,
    pub user_known_hosts: Option<Vec<String>>,
    pub global_known_hosts: Option<Vec<String>>,
    pub host_key_alias: Option<String>,
    pub connect_timeout: Option<Duration>,
}

/// How a host is reached; `ProxyJump` and `ProxyCommand` exclude each other and
/// the first that is said wins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Proxy {
    /// `none`: directly.
    Direct,
    /// `ProxyJump`, as written.
    Jump(String),
    /// `ProxyCommand`, and where it is said.
    Command(String),
}

impl Options {
    /// Takes one option, unless it was said before. Unknown options are ignored.
    pub fn take(&mut self, key: &str, values: &[String], place: &str) -> Result<(), Problem> {
        let wrong = |text: String| Problem::new(place, text);
        let first = || {
            values
                .first()
                .filter(|value| !value.is_empty())
                .cloned()
                .ok_or_else(|| wrong(format!("{key} has no value")))
        };
        match key.to_ascii_lowercase().as_str() {
            "hostname" => set(&mut self.host_name, first()?),
            "user" => set(&mut self.user, first()?),
            "port" => {
                let value = first()?;
                let port = value.parse().ok().filter(|port| *port > 0).ok_or_else(|| {
                    wrong(format!("Port wants a number from 1 to 65535, found `{value}`"))
                })?;
                set(&mut self.port, port);
            }
            "identityfile" => self.identity_files.push(first()?),
            "certificatefile" => self.certificate_files.push(first()?),
            "identitiesonly" => set(&mut self.identities_only, yes_or_no(key, &first()?, place)?),
            "identityagent" => set(&mut self.identity_agent, first()?),
            "proxyjump" => {
                let jump = first()?;
                let none = jump.eq_ignore_ascii_case("none");
                set(&mut self.proxy, if none { Proxy::Direct } else { Proxy::Jump(jump) });
            }
            "proxycommand" => {
                let none = first()?.eq_ignore_ascii_case("none");
                let proxy = if none { Proxy::Direct } else { Proxy::Command(place.to_owned()) };
                set(&mut self.proxy, proxy);
            }
            "userknownhostsfile" => {
                first()?;
                set(&mut self.user_known_hosts, values.to_vec());
            }
            "globalknownhostsfile" => {
                first()?;
                set(&mut self.global_known_hosts, values.to_vec());
            }
            "hostkeyalias" => set(&mut self.host_key_alias, first()?),
            "connecttimeout" => {
                let value = first()?;
                if !value.eq_ignore_ascii_case("none") {
                    let time = duration(&value).ok_or_else(|| {
                        wrong(format!("ConnectTimeout wants seconds, found `{value}`"))
                    })?;
                    set(&mut self.connect_timeout, time);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn set<T>(slot: &mut Option<T>, value: T) {
    slot.get_or_insert(value);
}

fn yes_or_no(key: &str, value: &str, place: &str) -> Result<bool, Problem> {
    match value.to_ascii_lowercase().as_str() {
        "yes" | "true" => Ok(true),
        "no" | "false" => Ok(false),
        _ => Err(Problem::new(place, format!("{key} wants yes or no, found `{value}`"))),
    }
}

/// The time format of sshd_config(5): `90`, `90s`, `1m30s`, `2h`.
fn duration(text: &str) -> Option<Duration> {
    let mut seconds: u64 = 0;
    let mut number: Option<u64> = None;
    for c in text.chars() {
        if let Some(digit) = c.to_digit(10) {
            number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(digit.into())?);
            continue;
        }
        let unit = match c.to_ascii_lowercase() {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        seconds = seconds.checked_add(number.take()?.checked_mul(unit)?)?;
    }
    let total = seconds.checked_add(number.unwrap_or(0))?;
    (total > 0).then(|| Duration::from_secs(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(pairs: &[(&str, &str)]) -> Options {
        let mut options = Options::default();
        for (key, value) in pairs {
            options.take(key, &[(*value).to_owned()], "here").unwrap();
        }
        options
    }

    #[test]
    fn the_first_value_wins_and_identities_gather() {
        let options = taken(&[
            ("User", "ops"),
            ("user", "root"),
            ("IdentityFile", "a"),
            ("IdentityFile", "b"),
            ("ProxyJump", "none"),
            ("ProxyCommand", "nc %h %p"),
            ("ServerAliveInterval", "never looked at"),
        ]);
        assert_eq!(options.user.as_deref(), Some("ops"));
        assert_eq!(options.identity_files, ["a", "b"]);
        assert_eq!(options.proxy, Some(Proxy::Direct));
    }

    #[test]
    fn wrong_values_are_named() {
        for (key, value, text) in [
            ("Port", "0", "Port wants a number from 1 to 65535, found `0`"),
            ("Port", "ssh", "Port wants a number from 1 to 65535, found `ssh`"),
            ("IdentitiesOnly", "maybe", "IdentitiesOnly wants yes or no, found `maybe`"),
            ("ConnectTimeout", "soon", "ConnectTimeout wants seconds, found `soon`"),
        ] {
            let problem =
                Options::default().take(key, &[value.to_owned()], "config:3").unwrap_err();
            assert_eq!((problem.place.as_str(), problem.text.as_str()), ("config:3", text));
        }
        let problem = Options::default().take("User", &[], "config:3").unwrap_err();
        assert_eq!(problem.text, "User has no value");
    }

    #[test]
    fn times_are_read() {
        assert_eq!(duration("10"), Some(Duration::from_secs(10)));
        assert_eq!(duration("1m30s"), Some(Duration::from_secs(90)));
        assert_eq!(duration("0"), None);
        assert_eq!(duration("m"), None);
        assert_eq!(duration("99999999999999999999999"), None);
    }
}
