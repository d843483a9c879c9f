//! `ansible_ssh_common_args`: arguments of the `ssh` command.

use std::path::{Path, PathBuf};

use super::options::{Options, Problem};
use super::words::{Quoting, split};

/// The place that problems name.
const PLACE: &str = "ansible_ssh_common_args";

/// Options of `ssh` that take a value (ssh(1)).
const WITH_VALUE: &str = "BbcDEeFIiJLlmOopPQRSWw";

/// What the arguments say.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Arguments {
    /// `-F`: the configuration to read in place of the user's and the machine's.
    pub config: Option<PathBuf>,
    /// The other options, in their order.
    pub options: Vec<(String, Vec<String>)>,
}

impl Arguments {
    /// Reads the arguments; relative files are relative to `directory`.
    pub fn parse(text: &str, directory: &Path) -> Result<Arguments, Problem> {
        let wrong = |text: String| Problem::new(PLACE, text);
        let words = split(text, Quoting::Shell)
            .ok_or_else(|| wrong("has a quote that is not closed".to_owned()))?;
        let mut arguments = Arguments::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let Some(flags) = word.strip_prefix('-').filter(|flags| !flags.is_empty()) else {
                return Err(wrong(format!("has `{word}`, which is no option of ssh")));
            };
            // `-Cvp 2222` is `-C -v -p 2222`, and `-p2222` is `-p 2222`.
            for (at, flag) in flags.char_indices() {
                if !WITH_VALUE.contains(flag) {
                    continue;
                }
                let inline = flags.get(at + flag.len_utf8()..).filter(|rest| !rest.is_empty());
                let value = inline
                    .map(str::to_owned)
                    .or_else(|| words.next())
                    .ok_or_else(|| wrong(format!("has `-{flag}` without a value")))?;
                arguments.take(flag, value, directory)?;
                break;
            }
        }
        Ok(arguments)
    }

    /// Adds the options to those said before.
    pub fn apply(&self, options: &mut Options) -> Result<(), Problem> {
        self.options.iter().try_for_each(|(key, values)| options.take(key, values, PLACE))
    }

    fn take(&mut self, flag: char, value: String, directory: &Path) -> Result<(), Problem> {
        let key = match flag {
            'F' => {
                self.config = Some(directory.join(expand_home(&value)));
                return Ok(());
            }
            'o' => {
                let end =
                    value.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(value.len());
                let (key, rest) = value.split_at_checked(end).unwrap_or((&value, ""));
                let rest = rest.trim_start();
                let rest = rest.strip_prefix('=').unwrap_or(rest);
                let values = split(rest, Quoting::Config).unwrap_or_else(|| vec![rest.to_owned()]);
                self.options.push((key.to_owned(), values));
                return Ok(());
            }
            'J' => "ProxyJump",
            'i' => "IdentityFile",
            'p' => "Port",
            'l' => "User",
            // Forwardings, logs, ciphers: nothing that says how a host is reached.
            _ => return Ok(()),
        };
        self.options.push((key.to_owned(), vec![value]));
        Ok(())
    }
}

/// `~/x` under the home directory; a shell would have done it.
fn expand_home(value: &str) -> PathBuf {
    match (value.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(value),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::transport::ssh::options::Proxy;

    fn options(text: &str) -> Options {
        let mut options = Options::default();
        Arguments::parse(text, Path::new("/site")).unwrap().apply(&mut options).unwrap();
        options
    }

    #[test]
    fn options_in_every_way_of_writing() {
        let taken = options("-J ops@bastion:2222 -i key -p2200 -l root -o User=late -C -vT");
        assert_eq!(taken.proxy, Some(Proxy::Jump("ops@bastion:2222".into())));
        assert_eq!(taken.identity_files, ["key"]);
        assert_eq!(taken.port, Some(2200));
        assert_eq!(taken.user.as_deref(), Some("root"));
        assert_eq!(options("-oProxyJump=a,b").proxy, Some(Proxy::Jump("a,b".into())));
        assert_eq!(options("-o 'ProxyJump a'").proxy, Some(Proxy::Jump("a".into())));
        assert_eq!(
            options("-o UserKnownHostsFile='/x /y' -o ControlMaster=auto").user_known_hosts,
            Some(vec!["/x".into(), "/y".into()])
        );
        assert_eq!(options("-Cp 2201").port, Some(2201));
        assert_eq!(
            options(r#"-o ProxyCommand="ssh -W %h:%p bastion""#).proxy,
            Some(Proxy::Command(PLACE.into()))
        );
        assert_eq!(options("  "), Options::default());
    }

    #[test]
    fn the_configuration_file_is_relative_to_the_site() {
        let config = |text| Arguments::parse(text, Path::new("/site")).unwrap().config;
        assert_eq!(config("-F ssh/config"), Some("/site/ssh/config".into()));
        assert_eq!(config("-F/etc/x"), Some("/etc/x".into()));
    }

    #[test]
    fn wrong_arguments_are_named() {
        for (text, expected) in [
            ("bastion", "has `bastion`, which is no option of ssh"),
            ("-J", "has `-J` without a value"),
            ("-o 'ProxyJump=a", "has a quote that is not closed"),
        ] {
            assert_eq!(
                Arguments::parse(text, Path::new("/site")).unwrap_err(),
                Problem::new(PLACE, expected)
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "[ -~\u{e9}]{0,120}") {
            if let Ok(arguments) = Arguments::parse(&text, Path::new("/site")) {
                let _ = arguments.apply(&mut Options::default());
            }
        }
    }
}
