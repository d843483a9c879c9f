//! From the errors of the HTTP client to causes that a person can act on.

use std::error::Error;
use std::io;

use rustls::AlertDescription as Alert;

use super::trust::{Refusal, RefusalKind};
use super::{HttpTarget, TLS_CHANGED, TLS_EXPIRED, TLS_NAME, TLS_TOO_OLD, TLS_UNTRUSTED};
use crate::domain::untrusted::printable;
use crate::domain::{Cause, CauseWord};

/// The resolver found no address.
#[derive(Debug, thiserror::Error)]
#[error("no address for this name")]
pub(super) struct NoAddress;

/// What the client's error means. Where a time-out leaves open whether the
/// port accepts connections, it is asked.
pub(super) async fn cause_of(target: &HttpTarget, error: &reqwest::Error) -> Cause {
    match read(target, error) {
        Some(cause) => cause,
        None if port_opens(target).await => silent(target),
        None => timed_out(target),
    }
}

/// What the error's chain says; `None` for a time-out.
fn read(target: &HttpTarget, error: &reqwest::Error) -> Option<Cause> {
    let links = chain(error);
    for link in &links {
        if link.is::<NoAddress>() {
            return Some(name_unknown(target));
        }
        if let Some(tls) = link.downcast_ref::<rustls::Error>() {
            return Some(from_tls(target, tls));
        }
    }
    if error.is_timeout() {
        return None;
    }
    for link in &links {
        if let Some(cause) = link.downcast_ref::<io::Error>().and_then(|e| from_io(target, e)) {
            return Some(cause);
        }
        if let Some(http) = link.downcast_ref::<hyper::Error>() {
            if http.is_incomplete_message() || http.is_closed() {
                return Some(cut(target));
            }
            if http.is_parse() {
                return Some(garbled(target, &http.to_string()));
            }
        }
    }
    let last = links.last().map_or_else(String::new, ToString::to_string);
    Some(garbled(target, &last))
}

/// The error and everything below it. An `io::Error` hides what it wraps from
/// `source`, so it is opened by hand.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    let mut links = Vec::new();
    let mut next = Some(error);
    while let Some(link) = next {
        links.push(link);
        next = match link.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => link.source(),
        };
        if links.len() == 20 {
            break;
        }
    }
    links
}

async fn port_opens(target: &HttpTarget) -> bool {
    let to = (target.connect.0.as_str(), target.connect.1);
    let patience = std::time::Duration::from_secs(1);
    matches!(tokio::time::timeout(patience, tokio::net::TcpStream::connect(to)).await, Ok(Ok(_)))
}

fn place(target: &HttpTarget) -> String {
    format!("{} port {}", target.connect.0, target.connect.1)
}

fn from_io(target: &HttpTarget, error: &io::Error) -> Option<Cause> {
    use io::ErrorKind as Kind;
    let (name, place) = (&target.name, place(target));
    Some(match error.kind() {
        Kind::ConnectionRefused => Cause::new(
            CauseWord::Refused,
            format!("{name} refuses connections on {place}"),
            "Check that its web service is switched on, and the port",
        ),
        Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::NetworkDown => Cause::new(
            CauseWord::NoRoute,
            format!("{name}: there is no way from here to {}", target.connect.0),
            "Check this machine's address in the management network and its routes",
        ),
        Kind::ConnectionReset | Kind::ConnectionAborted => Cause::new(
            CauseWord::Reset,
            format!("{name} dropped the connection on {place} at once"),
            "Check what listens on this port; a firewall or a full service does this",
        ),
        Kind::UnexpectedEof | Kind::BrokenPipe => cut(target),
        Kind::TimedOut => timed_out(target),
        _ => return None,
    })
}

fn from_tls(target: &HttpTarget, error: &rustls::Error) -> Cause {
    match error {
        rustls::Error::Other(other) => match other.0.downcast_ref::<Refusal>() {
            Some(refusal) => refused(target, refusal),
            None => untrusted(target, &error.to_string()),
        },
        rustls::Error::InvalidCertificate(_) => untrusted(target, &error.to_string()),
        rustls::Error::PeerIncompatible(_)
        | rustls::Error::AlertReceived(
            Alert::ProtocolVersion | Alert::HandshakeFailure | Alert::InsufficientSecurity,
        ) => system(
            TLS_TOO_OLD,
            format!("{} offers only TLS versions or ciphers that are no longer safe", target.name),
            "Update its firmware, or look at this controller over IPMI alone",
        )
        .with_detail(error.to_string()),
        rustls::Error::InvalidMessage(_) => Cause::new(
            CauseWord::Garbled,
            format!("{} does not speak TLS on {}", target.name, place(target)),
            "Check the port: HTTPS is wanted",
        ),
        other => garbled(target, &other.to_string()),
    }
}

fn refused(target: &HttpTarget, refusal: &Refusal) -> Cause {
    let name = &target.name;
    let renew = "Install a new certificate on it, or pin this one's fingerprint in shopfloor.yml";
    let mut cause = match &refusal.kind {
        RefusalKind::Untrusted => system(
            TLS_UNTRUSTED,
            format!("{name} shows a certificate that nobody we trust has signed"),
            "Compare the fingerprint with the controller's own page, then pin it, or name the \
             site's CA file, in shopfloor.yml",
        ),
        RefusalKind::Expired(at) => system(
            TLS_EXPIRED,
            match at {
                Some(at) => format!("the certificate of {name} expired at {at}"),
                None => format!("the certificate of {name} has expired"),
            },
            renew,
        ),
        RefusalKind::NotYetValid(at) => system(
            TLS_EXPIRED,
            match at {
                Some(at) => format!("the certificate of {name} is not valid before {at}"),
                None => format!("the certificate of {name} is not valid yet"),
            },
            "Compare this machine's clock with a time server, then the certificate's dates",
        ),
        RefusalKind::WrongName => system(
            TLS_NAME,
            format!("the certificate of {name} is not for {}", printable(&target.host)),
            "Use the name on the certificate in the inventory, or pin its fingerprint in shopfloor.yml",
        ),
        RefusalKind::Changed { pinned } => system(
            TLS_CHANGED,
            format!("{name} shows another certificate than the pinned one"),
            "Find out who changed it; if it was renewed, pin the new fingerprint in shopfloor.yml",
        )
        .with_detail(format!("pinned SHA-256 {pinned}")),
        RefusalKind::OldVersion => system(
            TLS_TOO_OLD,
            format!("{name} shows an X.509 version 1 certificate, which cannot be checked"),
            "Install a version 3 certificate on it, or look at this controller over IPMI alone",
        ),
        RefusalKind::Broken(why) => {
            system(TLS_UNTRUSTED, format!("the certificate of {name} cannot be used"), renew)
                .with_detail(why)
        }
    };
    cause = cause.with_detail(format!("shown SHA-256 {}", refusal.fingerprint));
    refusal.names.iter().fold(cause, Cause::with_detail)
}

fn system(word: &str, sentence: String, next: &str) -> Cause {
    Cause::new(CauseWord::System(word.to_owned()), sentence, next)
}

fn untrusted(target: &HttpTarget, why: &str) -> Cause {
    system(
        TLS_UNTRUSTED,
        format!("the certificate of {} cannot be trusted", target.name),
        "Install a new certificate on it",
    )
    .with_detail(why)
}

fn name_unknown(target: &HttpTarget) -> Cause {
    let host = &target.connect.0;
    Cause::new(
        CauseWord::NameUnknown,
        format!("{}: the name {} has no address", target.name, printable(host)),
        format!(
            "Look up {} on this machine, or give the address in the inventory",
            printable(host)
        ),
    )
}

fn timed_out(target: &HttpTarget) -> Cause {
    Cause::new(
        CauseWord::TimedOut,
        format!("{} does not answer on {}", target.name, place(target)),
        "Check its cable and power, then firewalls on the way",
    )
}

fn silent(target: &HttpTarget) -> Cause {
    Cause::new(
        CauseWord::Silent,
        format!("{} accepts connections on {} but does not answer", target.name, place(target)),
        "Wait a minute; if it stays so, reset the controller (this does not touch the machine)",
    )
}

fn cut(target: &HttpTarget) -> Cause {
    Cause::new(
        CauseWord::Cut,
        format!("{} ended the connection before it had answered", target.name),
        "Try again; a controller that does this often needs a reset or new firmware",
    )
}

/// An answer that cannot be understood, with the library's words.
pub(super) fn garbled(target: &HttpTarget, why: &str) -> Cause {
    Cause::new(
        CauseWord::Garbled,
        format!("{} answers something that cannot be understood", target.name),
        format!("Look at https://{}:{} with a browser or curl", target.connect.0, target.connect.1),
    )
    .with_detail(why)
}
