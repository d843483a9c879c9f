//! What went wrong on the way to a host, in words an operator can act on.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::identity::Unusable;
use super::known_hosts::Judgement;
use super::options::at_line;
use super::route::Hop;
use crate::domain::{Cause, CauseWord, OfferedKey};

/// `10.0.1.17 port 22`, without repeating a host's name.
fn place(hop: &Hop) -> String {
    match hop.address == hop.name {
        true => format!("port {}", hop.port),
        false => format!("{} port {}", hop.address, hop.port),
    }
}

fn seconds(time: Duration) -> String {
    match time.as_millis() {
        whole if whole.is_multiple_of(1000) => format!("{} s", whole / 1000),
        part => format!("{}.{} s", part / 1000, part % 1000 / 100),
    }
}

/// The name of a host has no address.
pub(super) fn name_unknown(hop: &Hop, error: &str) -> Cause {
    let Hop { name, address, .. } = hop;
    let sentence = match address == name {
        true => format!("the name {name} has no address"),
        false => format!("the name {address} of {name} has no address"),
    };
    let next = format!("correct the name, the DNS, or set ansible_host of {name} to an address");
    Cause::new(CauseWord::NameUnknown, sentence, next).with_detail(error)
}

/// TCP did not connect.
pub(super) fn not_connected(hop: &Hop, error: &io::Error) -> Cause {
    use io::ErrorKind as Kind;
    let (name, place) = (&hop.name, place(hop));
    match error.kind() {
        Kind::ConnectionRefused => Cause::new(
            CauseWord::Refused,
            format!("{name} refuses connections on {place}"),
            format!(
                "look at its console whether sshd of {name} runs and listens on port {}",
                hop.port
            ),
        ),
        Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe => {
            dropped_at_once(hop, false)
        }
        Kind::TimedOut => unanswered(hop, hop.connect_timeout),
        Kind::PermissionDenied => Cause::new(
            CauseWord::NoRoute,
            format!("this machine does not let us connect to {name} on {place}"),
            "look at the firewall rules for outgoing connections of this machine",
        ),
        _ => Cause::new(
            CauseWord::NoRoute,
            format!("there is no way to {name} on {place}"),
            format!("check routes and VLANs from here: ip route get {}", hop.address),
        )
        .with_detail(error.to_string()),
    }
}

/// Not a single packet came back in time.
pub(super) fn unanswered(hop: &Hop, limit: Duration) -> Cause {
    let (name, place, limit) = (&hop.name, place(hop), seconds(limit));
    Cause::new(
        CauseWord::TimedOut,
        format!("{name} does not answer on {place} within {limit}"),
        format!(
            "ask its BMC whether {name} has power, then look for a firewall that drops packets"
        ),
    )
}

/// The port is open, but nobody speaks.
pub(super) fn no_banner(hop: &Hop, limit: Duration) -> Cause {
    let (name, place, limit) = (&hop.name, place(hop), seconds(limit));
    Cause::new(
        CauseWord::NoBanner,
        format!("{name} accepts connections on {place} but sends no SSH banner within {limit}"),
        format!("look at the console of {name}: it may be booting, out of memory or hanging"),
    )
}

/// It began to speak SSH and stopped.
pub(super) fn silent(hop: &Hop, banner: &str, limit: Duration) -> Cause {
    let (name, limit) = (&hop.name, seconds(limit));
    Cause::new(
        CauseWord::Silent,
        format!("{name} greeted and then did not finish the key exchange within {limit}"),
        format!("look at load and entropy on the console of {name}, and at the path's MTU"),
    )
    .with_detail(format!("banner: {banner}"))
}

/// An open connection no longer answers.
pub(super) fn stopped_answering(name: &str, limit: Duration) -> Cause {
    let limit = seconds(limit);
    Cause::new(
        CauseWord::Silent,
        format!("{name} stopped answering on its open connection while a command ran, for {limit}"),
        format!("ask its BMC whether {name} has power, and look at its console"),
    )
}

/// Accepted and dropped before a word was said.
pub(super) fn dropped_at_once(hop: &Hop, throttled: bool) -> Cause {
    let (name, place) = (&hop.name, place(hop));
    match throttled {
        true => Cause::new(
            CauseWord::Reset,
            format!("{name} turns new connections away: its sshd is at the MaxStartups limit"),
            format!("see who opens so many connections to {name}, or raise MaxStartups there"),
        ),
        false => Cause::new(
            CauseWord::Reset,
            format!("{name} drops connections on {place} before a word is said"),
            format!("look for MaxStartups, a ban of this address or hosts.deny on {name}"),
        ),
    }
}

/// A newer sshd punishes this address for earlier failures.
pub(super) fn penalised(hop: &Hop, line: &str) -> Cause {
    let name = &hop.name;
    Cause::new(
        CauseWord::Reset,
        format!("{name} does not let this address connect for a while"),
        format!("wait some minutes, and look at PerSourcePenalties in sshd_config of {name}"),
    )
    .with_detail(line)
}

/// It broke off in the middle of the key exchange.
pub(super) fn broke_off(hop: &Hop, why: &str) -> Cause {
    let name = &hop.name;
    Cause::new(
        CauseWord::Reset,
        format!("{name} broke off the connection during the key exchange"),
        format!("read the log of sshd on {name}"),
    )
    .with_detail(why)
}

/// The connection ended while we logged in, and the server did not say that it ends it.
pub(super) fn cut_at_login(hop: &Hop, tried: &[String], why: Option<&str>) -> Cause {
    let name = &hop.name;
    let mut cause = Cause::new(
        CauseWord::Reset,
        format!("the connection to {name} broke while it was logged in to"),
        format!("look again; if it stays so, read the log of sshd on {name}"),
    );
    for line in tried {
        cause = cause.with_detail(format!("tried: {line}"));
    }
    match why {
        Some(why) => cause.with_detail(why),
        None => cause,
    }
}

/// What answers is not SSH.
pub(super) fn not_ssh(hop: &Hop, line: &str) -> Cause {
    let (name, place) = (&hop.name, place(hop));
    Cause::new(
        CauseWord::Garbled,
        format!("what answers on {place} of {name} is not SSH"),
        format!("check address and port of {name} in the inventory"),
    )
    .with_detail(format!("it said: {line}"))
}

/// It speaks SSH that we cannot follow.
pub(super) fn not_understood(hop: &Hop, why: &str) -> Cause {
    let name = &hop.name;
    Cause::new(
        CauseWord::Garbled,
        format!("{name} speaks SSH in a way that cannot be followed"),
        format!("compare with `ssh -v`, and update sshd on {name}"),
    )
    .with_detail(why)
}

/// The host's key is not accepted.
pub(super) fn key_refused(hop: &Hop, judgement: &Judgement, key: &OfferedKey) -> Cause {
    let name = &hop.name;
    let shown = format!("{} {} for {}", key.algorithm, key.fingerprint, key.host);
    let cause = match judgement {
        Judgement::Changed { place, recorded } => Cause::new(
            CauseWord::KeyChanged,
            format!("{name} shows another host key than the recorded one"),
            format!("ask who reinstalled {name}; if the fingerprint is right, accept the key"),
        )
        .with_detail(format!("shown: {shown}"))
        .with_detail(format!("recorded: {recorded} at {}", at_line(place))),
        Judgement::Revoked { place } => Cause::new(
            CauseWord::KeyChanged,
            format!("{name} shows a host key that is revoked"),
            format!("do not connect; find out why {name} still has this key and make a new one"),
        )
        .with_detail(format!("revoked at {}", at_line(place)))
        .with_detail(format!("shown: {shown}")),
        Judgement::Certificate { reason } => Cause::new(
            CauseWord::KeyUnknown,
            format!("{name} shows a host certificate that does not count: {reason}"),
            format!("have the certificate of {name} made anew, or accept its key"),
        )
        .with_detail(format!("shown: {shown}")),
        Judgement::Unknown { others } => {
            let cause = Cause::new(
                CauseWord::KeyUnknown,
                format!("the host key of {name} is not in known_hosts"),
                format!("compare the fingerprint with the console of {name}, then accept the key"),
            )
            .with_detail(format!("shown: {shown}"));
            others.iter().fold(cause, |cause, place| {
                cause.with_detail(format!("recorded with another algorithm: {}", at_line(place)))
            })
        }
        // Never asked for: a known key is not refused.
        Judgement::Known => return not_understood(hop, "its known key was refused"),
    };
    cause.offering(key.clone())
}

/// Nobody let us in. `tried` says with what, `methods` what the server takes.
pub(super) fn not_let_in(
    hop: &Hop,
    tried: &[String],
    methods: &[String],
    last: Option<&str>,
) -> Cause {
    let Hop { name, user, .. } = hop;
    let next = match tried.is_empty() {
        true => format!("name a key for {name}: ansible_ssh_private_key_file, or load the agent"),
        false => {
            format!("add one of the keys to authorized_keys of {user} on {name}, or name another")
        }
    };
    let mut cause = Cause::new(
        CauseWord::AuthRefused,
        match tried.is_empty() {
            true => format!("{name} wants a login for {user} and there is no key to try"),
            false => format!("{name} lets {user} in with none of our keys"),
        },
        next,
    );
    for line in tried {
        cause = cause.with_detail(format!("tried: {line}"));
    }
    if !methods.is_empty() {
        cause = cause.with_detail(format!("{name} takes: {}", methods.join(", ")));
    }
    if let Some(last) = last {
        cause = cause.with_detail(format!("{name} said: {last}"));
    }
    cause
}

/// How many key files that cannot be used a sentence names.
const NAMED: usize = 3;

/// The refusal of [`not_let_in`] with the key files that could not be used:
/// they are the likely reason, so the sentence names them.
pub(super) fn with_unusable(
    hop: &Hop,
    mut cause: Cause,
    unusable: &[(PathBuf, Unusable)],
    tried: &[String],
) -> Cause {
    let Some((_, Unusable { next, .. })) = unusable.first() else { return cause };
    let Hop { name, user, .. } = hop;
    let keys: Vec<String> = unusable
        .iter()
        .take(NAMED)
        .map(|(path, Unusable { why, .. })| format!("the key {} {why}", path.display()))
        .collect();
    let keys = keys.join(", and ");
    let sentence = match tried.len() == unusable.len() {
        true => format!("{name} does not let {user} in: {keys}"),
        false => format!("{}, and {keys}", cause.sentence),
    };
    let said = Cause::new(cause.word.clone(), sentence, next.clone());
    (cause.sentence, cause.next) = (said.sentence, said.next);
    cause
}

/// The key that would be taken is locked. `wrong` after a wrong passphrase.
pub(super) fn key_sealed(hop: &Hop, path: &std::path::Path, wrong: bool) -> Cause {
    let (name, path) = (&hop.name, path.display());
    let sentence = match wrong {
        true => format!("the passphrase given for {path}, the key for {name}, is wrong"),
        false => format!("the key for {name}, {path}, is behind a passphrase"),
    };
    Cause::new(CauseWord::PasswordSealed, sentence, "unlock the key: palette `unlock`")
}

/// Logging in took too long.
pub(super) fn login_slow(hop: &Hop, limit: Duration) -> Cause {
    let (name, limit) = (&hop.name, seconds(limit));
    Cause::new(
        CauseWord::TimedOut,
        format!("{name} did not decide about our login within {limit}"),
        format!("look at DNS, PAM and the user directory that sshd of {name} asks"),
    )
}

/// The connection ended while a command ran.
pub(super) fn cut(name: &str, why: Option<&str>) -> Cause {
    let cause = Cause::new(
        CauseWord::Cut,
        format!("the connection to {name} ended while a command ran"),
        format!("look whether {name} was restarted or the network between was cut"),
    );
    match why {
        Some(why) => cause.with_detail(why),
        None => cause,
    }
}

/// A command took too long on a host that is otherwise alive.
pub(super) fn command_slow(name: &str, limit: Duration) -> Cause {
    let limit = seconds(limit);
    Cause::new(
        CauseWord::TimedOut,
        format!("{name} answers, but the command did not end within {limit}"),
        format!("look at load and hanging file systems on {name}"),
    )
}

/// All sessions of a connection were taken until the time of a command was over.
pub(super) fn busy(name: &str, limit: Duration) -> Cause {
    let limit = seconds(limit);
    Cause::new(
        CauseWord::TimedOut,
        format!("the commands before it kept {name} busy for {limit}"),
        format!("look at load and hanging file systems on {name}"),
    )
}

/// A command printed too much.
pub(super) fn too_large(name: &str, limit: usize) -> Cause {
    Cause::new(
        CauseWord::TooLarge,
        format!("{name} gave more than {limit} bytes and was stopped"),
        format!("run the command on {name} by hand to see what it prints"),
    )
}

/// The server does not run commands for us.
pub(super) fn not_run(name: &str, why: &str) -> Cause {
    Cause::new(
        CauseWord::AuthRefused,
        format!("{name} let us in but runs no command for us"),
        format!("look at ForceCommand, MaxSessions and the login shell of the account on {name}"),
    )
    .with_detail(why)
}

/// The host lets us in and gives no terminal.
pub(super) fn no_terminal(name: &str, why: &str) -> Cause {
    Cause::new(
        CauseWord::System("no-terminal".to_owned()),
        format!("{name} opens no terminal for us"),
        "look whether its sshd allows terminals (PermitTTY) and sessions (MaxSessions)",
    )
    .with_detail(why)
}

/// A jump host could not connect onwards; `why` in its own words, when it said so.
pub(super) fn jump_failed(hop: &Hop, jump: &str, why: Option<&str>) -> Cause {
    let (name, place) = (&hop.name, place(hop));
    let said = why.unwrap_or("").to_ascii_lowercase();
    let cause = if said.contains("refused") {
        not_connected(hop, &io::ErrorKind::ConnectionRefused.into())
    } else if said.contains("timed out") {
        unanswered(hop, hop.connect_timeout)
    } else if said.contains("no route") || said.contains("unreachable") {
        not_connected(hop, &io::ErrorKind::HostUnreachable.into())
    } else if said.contains("resolve") || said.contains("not known") {
        name_unknown(hop, why.unwrap_or(""))
    } else if said.contains("prohibited") {
        Cause::new(
            CauseWord::NoRoute,
            format!("{jump} does not let us jump on to {name}"),
            format!("look at AllowTcpForwarding and PermitOpen in sshd_config of {jump}"),
        )
    } else {
        Cause::new(
            CauseWord::NoRoute,
            format!("{jump} cannot connect to {name} on {place}"),
            format!("try it on {jump}: ssh {} -p {}", hop.address, hop.port),
        )
    };
    let cause = Cause { sentence: format!("{}, seen from {jump}", cause.sentence), ..cause };
    match why {
        Some(why) => cause.with_detail(format!("{jump} said: {why}")),
        None => cause,
    }
}

/// A host is behind a jump host that is in trouble itself.
pub(super) fn behind(hop: &Hop, jump: &str, cause: &Cause) -> Cause {
    let mut cause = cause.clone();
    cause.sentence = format!("{} is behind {jump}, and {}", hop.name, cause.sentence);
    // The first on the way that is in trouble, not the last that passed it on.
    cause.behind.get_or_insert_with(|| jump.into());
    cause
}

#[cfg(test)]
pub(super) mod tests;
