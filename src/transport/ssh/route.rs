//! From what inventory, arguments and configuration say to a chain of hops.
//!
//! What is said first wins, in the order in which Ansible would give it to
//! `ssh`: the inventory's variables, `ansible_ssh_common_args`, the user's
//! configuration (or the file of `-F`), the machine's configuration.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::SshSettings;
use super::args::Arguments;
use super::config::{Asked, ClientConfig, Whereabouts};
use super::known_hosts::HostNames;
use super::options::{Options, Problem, Proxy};
use crate::domain::endpoint::SshEndpoint;
use crate::domain::{Cause, CauseWord};

/// How many jump hosts may stand before a host.
const MOST_HOPS: usize = 8;

/// One machine on the way, the last being the host itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Hop {
    /// What sentences call it.
    pub name: String,
    /// Where to connect to.
    pub address: String,
    pub port: u16,
    pub user: String,
    pub key_names: HostNames,
    /// Keys that somebody named for this host; when there are none, the usual ones.
    pub identities: Vec<PathBuf>,
    /// Whether `identities` are only the usual ones, which need not be there.
    pub usual: bool,
    pub certificates: Vec<PathBuf>,
    /// Whether only the agent's keys that are among `identities` may be tried.
    pub identities_only: bool,
    pub agent: Option<PathBuf>,
    /// Where its key is looked up; the first `user_files` are the user's own.
    pub known_hosts: Vec<PathBuf>,
    pub user_files: usize,
    pub connect_timeout: Duration,
}

/// The way to a host: its hop and those before it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Route {
    /// The jump hosts as a way of their own; shared by all hosts behind them.
    pub through: Option<Arc<Route>>,
    pub hop: Hop,
}

/// The configurations that hold when no `-F` says otherwise.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Configs {
    pub user: Arc<ClientConfig>,
    pub system: Arc<ClientConfig>,
}

/// Resolves endpoints with one set of settings and configurations.
pub(super) struct Resolver<'a> {
    pub settings: &'a SshSettings,
    pub configs: Configs,
    pub home: Option<PathBuf>,
}

impl Resolver<'_> {
    /// The way to an endpoint.
    pub fn resolve(&self, endpoint: &SshEndpoint) -> Result<Route, Cause> {
        self.of_endpoint(endpoint).map_err(|problem| {
            Cause::new(
                CauseWord::System("ssh-config".into()),
                format!("{} cannot be reached: {} {}", endpoint.name, problem.place, problem.text),
                format!("correct {}", problem.place),
            )
        })
    }

    fn of_endpoint(&self, endpoint: &SshEndpoint) -> Result<Route, Problem> {
        let mut options = Options {
            user: endpoint.user.clone(),
            port: endpoint.port,
            identity_files: endpoint.identity_file.iter().cloned().collect(),
            ..Options::default()
        };
        let mut configs = self.configs.clone();
        if let Some(text) = &endpoint.common_args {
            let arguments = Arguments::parse(text, &endpoint.directory)?;
            arguments.apply(&mut options)?;
            if let Some(file) = &arguments.config {
                configs = self.named_config(file)?;
            }
        }
        let asked = Asked { address: &endpoint.address, name: &endpoint.name };
        self.build(asked, options, &configs, endpoint, &BTreeSet::new())
    }

    /// `-F FILE`: that file alone, as in ssh; `none` means no configuration.
    fn named_config(&self, file: &Path) -> Result<Configs, Problem> {
        if file.file_name().is_some_and(|name| name == "none") && !file.exists() {
            return Ok(Configs::default());
        }
        if !file.exists() {
            let place = "ansible_ssh_common_args";
            return Err(Problem::new(place, format!("names {}, which is missing", file.display())));
        }
        let includes = self.home.as_ref().map(|home| home.join(".ssh"));
        let whereabouts = Whereabouts { home: self.home.clone(), includes };
        let user = Arc::new(ClientConfig::read(file, &whereabouts));
        Ok(Configs { user, ..Configs::default() })
    }

    fn build(
        &self,
        asked: Asked<'_>,
        mut options: Options,
        configs: &Configs,
        endpoint: &SshEndpoint,
        before: &BTreeSet<(String, u16)>,
    ) -> Result<Route, Problem> {
        configs.user.apply(asked, &mut options)?;
        configs.system.apply(asked, &mut options)?;
        let hop = self.hop(asked, &options, endpoint)?;
        let here = (hop.address.to_lowercase(), hop.port);
        let direct = Route { through: None, hop };
        // The operator says where to connect to instead: nothing to jump over.
        if let Some((address, port)) = endpoint.via.clone() {
            return Ok(Route { hop: Hop { address, port, ..direct.hop }, through: None });
        }
        match options.proxy {
            None | Some(Proxy::Direct) => Ok(direct),
            Some(Proxy::Command(place)) => Err(Problem::new(
                place,
                "sets ProxyCommand, which is not run here because it would start a program of \
                 its own for every host; use ProxyJump or an `endpoints` entry in shopfloor.yml",
            )),
            Some(Proxy::Jump(list)) => {
                let mut seen = before.clone();
                seen.insert(here);
                if seen.len() > MOST_HOPS {
                    let text = format!("leads over more than {MOST_HOPS} jump hosts");
                    return Err(Problem::new("ProxyJump", text));
                }
                let through = self.jumps(&list, configs, endpoint, &seen)?.map(Arc::new);
                Ok(Route { through, ..direct })
            }
        }
    }

    /// The way over a `ProxyJump` list; none when it leads to the host itself,
    /// as where one list is set for all hosts and so for the jump host too.
    fn jumps(
        &self,
        list: &str,
        configs: &Configs,
        endpoint: &SshEndpoint,
        seen: &BTreeSet<(String, u16)>,
    ) -> Result<Option<Route>, Problem> {
        let mut way: Option<Arc<Route>> = None;
        for (index, spec) in list.split(',').enumerate() {
            let (user, host, port) = jump_parts(spec.trim()).ok_or_else(|| {
                Problem::new("ProxyJump", format!("wants [user@]host[:port], found `{spec}`"))
            })?;
            let asked = Asked { address: &host, name: &host };
            let mut options = Options { user, port, ..Options::default() };
            // Behind the first, the list itself says how each is reached.
            if index > 0 {
                options.proxy = Some(Proxy::Direct);
            }
            let jump_of = SshEndpoint { via: None, ..endpoint.clone() };
            let mut reached = self.build_unless_seen(asked, options, configs, &jump_of, seen)?;
            if let Some(route) = &mut reached {
                if index > 0 {
                    route.through = way;
                }
                way = Some(Arc::new(route.clone()));
            } else {
                return Ok(way.map(Arc::unwrap_or_clone));
            }
        }
        Ok(way.map(Arc::unwrap_or_clone))
    }

    fn build_unless_seen(
        &self,
        asked: Asked<'_>,
        options: Options,
        configs: &Configs,
        endpoint: &SshEndpoint,
        seen: &BTreeSet<(String, u16)>,
    ) -> Result<Option<Route>, Problem> {
        // Looked at without its own jumps first: does it lead back to where we are?
        let mut plain = options.clone();
        plain.proxy = Some(Proxy::Direct);
        let reached = self.build(asked, plain, configs, endpoint, seen)?;
        if seen.contains(&(reached.hop.address.to_lowercase(), reached.hop.port)) {
            return Ok(None);
        }
        self.build(asked, options, configs, endpoint, seen).map(Some)
    }

    fn hop(
        &self,
        asked: Asked<'_>,
        options: &Options,
        endpoint: &SshEndpoint,
    ) -> Result<Hop, Problem> {
        let port = options.port.unwrap_or(22);
        let user = options.user.clone().or_else(local_user).ok_or_else(|| {
            Problem::new("ansible_user", "is missing and our own account has no name")
        })?;
        let given = asked.address;
        let address = match &options.host_name {
            Some(name) => name.replace("%%", "%").replace("%h", given),
            None => given.to_owned(),
        };
        let key_names = match &options.host_key_alias {
            Some(alias) => HostNames::alias(alias),
            None => HostNames::new(&address, asked.name, port),
        };
        let tokens =
            Tokens { address: &address, given, port, user: &user, home: self.home.as_deref() };
        let path = |text: &String| -> Option<PathBuf> {
            if text.eq_ignore_ascii_case("none") {
                return None;
            }
            Some(endpoint.directory.join(tokens.expand(text)))
        };
        let usual = options.identity_files.is_empty();
        let identities = match usual {
            true => self.settings.identity_files.clone(),
            false => options.identity_files.iter().filter_map(path).collect(),
        };
        let agent = match options.identity_agent.as_deref() {
            None | Some("SSH_AUTH_SOCK") => self.settings.agent_socket.clone(),
            Some(socket) => path(&socket.to_owned()),
        };
        let (known_hosts, user_files) = self.known_hosts(options, path);
        Ok(Hop {
            name: asked.name.to_owned(),
            port,
            key_names,
            identities,
            usual,
            certificates: options.certificate_files.iter().filter_map(path).collect(),
            identities_only: options.identities_only.unwrap_or(false),
            agent,
            known_hosts,
            user_files,
            connect_timeout: options.connect_timeout.unwrap_or(self.settings.connect_timeout),
            address,
            user,
        })
    }

    /// The files for host keys, and how many of them are the user's. `/dev/null`,
    /// the usual way not to check, counts as not said: keys are always checked.
    fn known_hosts(
        &self,
        options: &Options,
        path: impl Fn(&String) -> Option<PathBuf>,
    ) -> (Vec<PathBuf>, usize) {
        let said = |files: &Vec<String>| {
            let mut files: Vec<PathBuf> = files.iter().filter_map(&path).collect();
            files.retain(|file| file != Path::new("/dev/null"));
            (!files.is_empty()).then_some(files)
        };
        let own = &self.settings.known_hosts;
        let mut files = options
            .user_known_hosts
            .as_ref()
            .and_then(said)
            .unwrap_or_else(|| own.iter().take(1).cloned().collect());
        let user_files = files.len();
        match &options.global_known_hosts {
            Some(global) => files.extend(global.iter().filter_map(&path)),
            None => files.extend(own.iter().skip(1).cloned()),
        }
        (files, user_files)
    }
}

/// `[user@]host[:port]` or `ssh://…`; IPv6 addresses in brackets.
fn jump_parts(spec: &str) -> Option<(Option<String>, String, Option<u16>)> {
    let spec = spec.strip_prefix("ssh://").unwrap_or(spec).trim_end_matches('/');
    let (user, rest) = match spec.rsplit_once('@') {
        Some((user, rest)) => (Some(user.to_owned()), rest),
        None => (None, spec),
    };
    let (host, port) = match rest.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']')?;
            match after.strip_prefix(':') {
                Some(port) => (host, Some(port)),
                None if after.is_empty() => (host, None),
                None => return None,
            }
        }
        None => match rest.split_once(':') {
            // An IPv6 address without brackets has no port.
            Some((_, port)) if port.contains(':') => (rest, None),
            Some((host, port)) => (host, Some(port)),
            None => (rest, None),
        },
    };
    let port = match port {
        Some(text) => Some(text.parse().ok().filter(|port| *port > 0)?),
        None => None,
    };
    let user_named = user.as_ref().is_none_or(|user| !user.is_empty());
    (!host.is_empty() && user_named).then(|| (user, host.to_owned(), port))
}

/// What stands for the percent tokens of ssh_config(5) in file names.
struct Tokens<'a> {
    address: &'a str,
    given: &'a str,
    port: u16,
    user: &'a str,
    home: Option<&'a Path>,
}

impl Tokens<'_> {
    fn expand(&self, text: &str) -> PathBuf {
        let home = self.home.map(|home| home.display().to_string()).unwrap_or_default();
        let text = match text.strip_prefix("~/") {
            Some(rest) => format!("{home}/{rest}"),
            None => text.to_owned(),
        };
        let mut out = String::with_capacity(text.len());
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            if c == '$'
                && let Some((name, rest)) =
                    chars.as_str().strip_prefix('{').and_then(|rest| rest.split_once('}'))
            {
                out.push_str(&std::env::var(name).unwrap_or_default());
                chars = rest.chars();
                continue;
            }
            if c != '%' {
                out.push(c);
                continue;
            }
            match chars.next() {
                Some('h') => out.push_str(self.address),
                Some('n') => out.push_str(self.given),
                Some('p') => out.push_str(&self.port.to_string()),
                Some('r') => out.push_str(self.user),
                Some('d') => out.push_str(&home),
                Some('u') => out.push_str(&local_user().unwrap_or_default()),
                Some('i') => out.push_str(&rustix::process::getuid().as_raw().to_string()),
                Some('%') => out.push('%'),
                other => {
                    out.push('%');
                    out.extend(other);
                }
            }
        }
        PathBuf::from(out)
    }
}

/// Our own account's name: of the environment, else of /etc/passwd.
fn local_user() -> Option<String> {
    let named = ["LOGNAME", "USER"].iter().find_map(|name| std::env::var(name).ok());
    named.filter(|name| !name.is_empty()).or_else(|| {
        let own = rustix::process::getuid().as_raw().to_string();
        let accounts = std::fs::read_to_string("/etc/passwd").ok()?;
        accounts.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            (fields.nth(1) == Some(own.as_str())).then(|| name.to_owned())
        })
    })
}

#[cfg(test)]
mod tests;
