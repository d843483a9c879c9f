use std::path::Path;

use super::*;
use crate::domain::Place;
use crate::transport::ssh::known_hosts::HostNames;

pub(in crate::transport::ssh) fn hop() -> Hop {
    Hop {
        name: "gpu-07".into(),
        address: "10.0.1.17".into(),
        port: 22,
        user: "ops".into(),
        key_names: HostNames::new("10.0.1.17", "gpu-07", 22),
        identities: Vec::new(),
        usual: true,
        certificates: Vec::new(),
        identities_only: false,
        agent: None,
        known_hosts: Vec::new(),
        user_files: 0,
        connect_timeout: Duration::from_secs(10),
    }
}

fn offered() -> OfferedKey {
    OfferedKey {
        host: "10.0.1.17".into(),
        algorithm: "ssh-ed25519".into(),
        fingerprint: "SHA256:abc".into(),
        conflict: None,
        revoked: false,
    }
}

fn place() -> Place {
    Place { file: "known_hosts".into(), line: 3, column: 1 }
}

#[test]
fn every_cause_has_its_word_names_the_host_and_says_what_to_do() {
    let (hop, limit) = (hop(), Duration::from_secs(10));
    let changed = Judgement::Changed { place: place(), recorded: "SHA256:old".into() };
    let revoked = Judgement::Revoked { place: place() };
    let unknown = Judgement::Unknown { others: vec![place()] };
    let certificate = Judgement::Certificate { reason: "it is for gpu-08".into() };
    for (cause, word) in [
        (name_unknown(&hop, "no such name"), CauseWord::NameUnknown),
        (unanswered(&hop, limit), CauseWord::TimedOut),
        (no_banner(&hop, limit), CauseWord::NoBanner),
        (silent(&hop, "SSH-2.0-x", limit), CauseWord::Silent),
        (stopped_answering("gpu-07", limit), CauseWord::Silent),
        (dropped_at_once(&hop, true), CauseWord::Reset),
        (dropped_at_once(&hop, false), CauseWord::Reset),
        (penalised(&hop, "Not allowed at this time"), CauseWord::Reset),
        (broke_off(&hop, "reset"), CauseWord::Reset),
        (not_ssh(&hop, "HTTP/1.1 400"), CauseWord::Garbled),
        (not_understood(&hop, "no common algorithm"), CauseWord::Garbled),
        (key_refused(&hop, &changed, &offered()), CauseWord::KeyChanged),
        (key_refused(&hop, &revoked, &offered()), CauseWord::KeyChanged),
        (key_refused(&hop, &unknown, &offered()), CauseWord::KeyUnknown),
        (key_refused(&hop, &certificate, &offered()), CauseWord::KeyUnknown),
        (not_let_in(&hop, &[], &[], None), CauseWord::AuthRefused),
        (not_let_in(&hop, &["id: not taken".into()], &[], None), CauseWord::AuthRefused),
        (key_sealed(&hop, Path::new("id"), false), CauseWord::PasswordSealed),
        (key_sealed(&hop, Path::new("id"), true), CauseWord::PasswordSealed),
        (login_slow(&hop, limit), CauseWord::TimedOut),
        (cut("gpu-07", None), CauseWord::Cut),
        (command_slow("gpu-07", limit), CauseWord::TimedOut),
        (busy("gpu-07", limit), CauseWord::TimedOut),
        (too_large("gpu-07", 1000), CauseWord::TooLarge),
        (not_run("gpu-07", "refused"), CauseWord::AuthRefused),
    ] {
        assert_eq!(cause.word, word, "{cause}");
        assert!(cause.sentence.contains("gpu-07"), "{cause}");
        assert!(!cause.sentence.ends_with('.') && !cause.next.ends_with('.'), "{cause}");
        assert!(!cause.next.is_empty(), "{cause}");
    }
}

/// What the operator is asked to accept is the key that was shown, also when
/// it is that of a jump host on the way, and never the recorded one.
#[test]
fn a_refused_key_is_carried_in_its_cause() {
    for judgement in [
        Judgement::Changed { place: place(), recorded: "SHA256:old".into() },
        Judgement::Revoked { place: place() },
        Judgement::Unknown { others: Vec::new() },
        Judgement::Certificate { reason: "it is for gpu-08".into() },
    ] {
        let cause = key_refused(&hop(), &judgement, &offered());
        assert_eq!(cause.offered.as_deref(), Some(&offered()), "{cause}");
        assert_eq!(behind(&hop(), "bastion", &cause).offered, cause.offered);
    }
    assert_eq!(unanswered(&hop(), Duration::from_secs(1)).offered, None);
}

#[test]
fn errors_of_the_network_are_told_apart() {
    use io::ErrorKind as Kind;
    for (kind, word, sentence) in [
        (
            Kind::ConnectionRefused,
            CauseWord::Refused,
            "gpu-07 refuses connections on 10.0.1.17 port 22",
        ),
        (
            Kind::HostUnreachable,
            CauseWord::NoRoute,
            "there is no way to gpu-07 on 10.0.1.17 port 22",
        ),
        (
            Kind::NetworkUnreachable,
            CauseWord::NoRoute,
            "there is no way to gpu-07 on 10.0.1.17 port 22",
        ),
        (
            Kind::TimedOut,
            CauseWord::TimedOut,
            "gpu-07 does not answer on 10.0.1.17 port 22 within 10 s",
        ),
        (
            Kind::ConnectionReset,
            CauseWord::Reset,
            "gpu-07 drops connections on 10.0.1.17 port 22 before a word is said",
        ),
        (
            Kind::PermissionDenied,
            CauseWord::NoRoute,
            "this machine does not let us connect to gpu-07 on 10.0.1.17 port 22",
        ),
    ] {
        let cause = not_connected(&hop(), &kind.into());
        assert_eq!((cause.word, cause.sentence.as_str()), (word, sentence));
    }
    let same = Hop { address: "gpu-07".into(), ..hop() };
    assert_eq!(
        unanswered(&same, Duration::from_millis(1500)).sentence,
        "gpu-07 does not answer on port 22 within 1.5 s"
    );
}

/// The descriptions are those of OpenSSH 9.2 for a channel that does not open.
#[test]
fn what_a_jump_host_says_is_told_as_its_own_word() {
    for (said, word) in [
        (Some("Connection refused"), CauseWord::Refused),
        (Some("Connection timed out"), CauseWord::TimedOut),
        (Some("No route to host"), CauseWord::NoRoute),
        (Some("Network is unreachable"), CauseWord::NoRoute),
        (Some("Name or service not known"), CauseWord::NameUnknown),
        (Some("Temporary failure in name resolution: cannot resolve"), CauseWord::NameUnknown),
        (Some("administratively prohibited: open failed"), CauseWord::NoRoute),
        (None, CauseWord::NoRoute),
    ] {
        let cause = jump_failed(&hop(), "bastion", said);
        assert_eq!(cause.word, word, "{said:?}");
        assert!(cause.sentence.ends_with(", seen from bastion"), "{cause}");
    }
    let cause = behind(&hop(), "bastion", &unanswered(&hop(), Duration::from_secs(1)));
    assert!(cause.sentence.starts_with("gpu-07 is behind bastion, and gpu-07 does not"), "{cause}");
}

#[test]
fn a_hosts_words_cannot_reach_the_terminal() {
    let cause = not_ssh(&hop(), "\u{1b}]0;title\u{7}hello\u{1b}[2J");
    assert_eq!(cause.detail, ["it said: hello"]);
}
