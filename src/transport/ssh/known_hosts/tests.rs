//! The keys, the hashed lines and the certificate were made with OpenSSH 9.2's
//! ssh-keygen for these tests.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;

const A: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJet27ATKFSZchkGYV+JjSjMpdgCEdWXQs4KrcCJmO/1";
const B: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICWwhTn+itVKEhJUXJh4vDmn0eG4Vpd/q8/HZ5l/8/qS";
const CA: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIABM0g20dgGVtPTrL2amHeQrYscBscdXdMLdVSLeFVtE";
const RSA: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC0JWHiVXkQEgfNfRPeC8q36G/48K8oyNi2/Q3/niOyLZTn3hIokMpbJBmr28H8Y78NIw2xUDGvbZmoQEWN0/7rCjAVNYoLiXmZkwzk6P4hh07lqdTk+9mqIyjvcWU5XblJrMtQeEO+ePQ49ltsTlMgg61w+RCln8ZUmU7A+ipaAvuMSVDD5PyosIW6XAxRQ28K2Q+Jx9S0bZ2ZSXz3hB8WCQ7ycyzzxz8ZSGsW8ZxWuIQrdVlstUToZzKnaBySdCQ0purYogs1xZo9LA7Oy2UqlPWXuBR/98fX2Whplc24mv545Jg+ld+2m7ZL4RdQImXXl1pKz33gXGVezGNV0qXn";
const ECDSA: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBJjElK0e+9ZH1sB3LphHkJflq6wK+5lcB0yupV2hB/dZ/B2vM8xdjwipr0gfCFqLqPV04pqvSxJ4av2SemmkaWA=";
/// A's key, signed by CA for gpu-07 and 10.0.1.17, valid from 2025 to 2035.
const CERTIFICATE: &str = "ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAICynzlW6eI/AWPSdES0lMe4Nh3qzkHRObj8bcFK09YIaAAAAIJet27ATKFSZchkGYV+JjSjMpdgCEdWXQs4KrcCJmO/1AAAAAAAAAAAAAAACAAAABGhvc3QAAAAXAAAABmdwdS0wNwAAAAkxMC4wLjEuMTcAAAAAZ3SFgAAAAAB6QyuAAAAAAAAAAAAAAAAAAAAAMwAAAAtzc2gtZWQyNTUxOQAAACAATNINtHYBlbT06y9mph3kK2LHAbHHV3TC3VUi3hVbRAAAAFMAAAALc3NoLWVkMjU1MTkAAABAI703ZKtW1XTkpxe79UNoa1OVSmaeWT2DXU+qtnYN1afROju5FoO4UEgZHNlP3gheV5HfGTZ1RKCI4Q2zj9NUCw==";
const HASHED_NAME: &str = "|1|jESt8Mr8ymb2wi0rPIEsUmzuyX8=|IOLF7pbgL1mkCm0rI0queijWE4A=";
const HASHED_WITH_PORT: &str = "|1|mjeM4/3eF+6qfw/To/LuQD2L+8s=|YrHTo0TLzYtopgW1qxCMjcwlcRM=";
/// 2026-01-01.
const NOW: u64 = 1_767_225_600;

fn key(text: &str) -> PublicKey {
    PublicKey::from_openssh(text).unwrap()
}

fn records(text: &str) -> Records {
    Records(vec![Arc::new(KnownHosts::parse(Path::new("known_hosts"), text))])
}

fn names() -> HostNames {
    HostNames::new("10.0.1.17", "gpu-07", 22)
}

fn line(number: u32) -> Place {
    Place { file: "known_hosts".into(), line: number, column: 1 }
}

#[test]
fn names_have_the_port_when_it_is_not_22() {
    assert_eq!(names().lookup, "10.0.1.17");
    assert_eq!(names().also.as_deref(), Some("gpu-07"));
    assert!(names().bare.is_empty());
    let other = HostNames::new("GPU-07", "gpu-07", 2222);
    assert_eq!((other.lookup.as_str(), other.also), ("[gpu-07]:2222", None));
    assert_eq!(other.bare, ["gpu-07"]);
}

#[test]
fn a_key_is_known_under_address_or_name_by_list_wildcard_or_hash() {
    for text in [
        format!("10.0.1.17 {A}"),
        format!("other,GPU-07,third\t{A} comment\n"),
        format!("# comment\n\n   gpu-* {A}"),
        format!("10.0.1.0/24,10.0.1.? {B}\n10.0.1.1?,!10.0.1.18 {A}"),
        format!("{HASHED_NAME} {A}"),
    ] {
        assert_eq!(records(&text).judge(&names(), &key(A)), Judgement::Known, "{text}");
    }
    let with_port = HostNames::new("10.0.1.17", "gpu-07", 2222);
    let hashed = records(&format!("{HASHED_WITH_PORT} {A}"));
    assert_eq!(hashed.judge(&with_port, &key(A)), Judgement::Known);
}

#[test]
fn one_stale_key_does_not_speak_against_a_matching_one() {
    let text = format!("10.0.1.17 {B}\n10.0.1.17 {A}\n");
    assert_eq!(records(&text).judge(&names(), &key(A)), Judgement::Known);
}

#[test]
fn a_changed_key_is_told_with_its_line() {
    let text = format!("# comment\n\nctl-1 {A}\n10.0.1.17 {RSA}\n10.0.1.17 {B}\n");
    let judged = records(&text).judge(&names(), &key(A));
    let recorded = key(B).fingerprint(HashAlg::Sha256).to_string();
    assert_eq!(judged, Judgement::Changed { place: line(5), recorded });
}

#[test]
fn an_unknown_key_is_told_with_the_other_keys_of_the_host() {
    let text = format!("10.0.1.17 {RSA}\n!gpu-07,gpu-* {A}\n");
    let judged = records(&text).judge(&names(), &key(A));
    assert_eq!(judged, Judgement::Unknown { others: vec![line(1)] });
    assert_eq!(records("").judge(&names(), &key(A)), Judgement::Unknown { others: vec![] });
}

#[test]
fn a_revoked_key_is_refused_though_it_is_recorded() {
    let text = format!("10.0.1.17 {A}\n@revoked * {A}\n");
    assert_eq!(records(&text).judge(&names(), &key(A)), Judgement::Revoked { place: line(2) });
    let of_others = format!("10.0.1.17 {A}\n@revoked ctl-* {A}\n");
    assert_eq!(records(&of_others).judge(&names(), &key(A)), Judgement::Known);
}

#[test]
fn an_entry_without_the_port_vouches_but_does_not_accuse() {
    let names = HostNames::new("10.0.1.17", "gpu-07", 2222);
    let text = format!("10.0.1.17 {A}\n");
    assert_eq!(records(&text).judge(&names, &key(A)), Judgement::Known);
    assert_eq!(records(&text).judge(&names, &key(B)), Judgement::Unknown { others: vec![] });
    let against = format!("[gpu-07]:2222 {B}\n");
    assert!(matches!(records(&against).judge(&names, &key(A)), Judgement::Changed { .. }));
}

#[test]
fn the_algorithms_of_the_record_are_offered_first() {
    let text = format!("10.0.1.17 {RSA}\n10.0.1.17 {ECDSA}\n");
    let offered = records(&text).algorithms(&names());
    let first: Vec<String> = offered.iter().map(|a| a.as_str().to_owned()).collect();
    assert_eq!(
        first,
        [
            "rsa-sha2-512",
            "rsa-sha2-256",
            "ecdsa-sha2-nistp256",
            "ssh-ed25519",
            "ecdsa-sha2-nistp384",
            "ecdsa-sha2-nistp521",
        ]
    );
    assert_eq!(records("").algorithms(&names()).first(), Some(&Algorithm::Ed25519));
}

#[test]
fn a_certificate_counts_only_from_a_known_authority_for_this_host_and_time() {
    let shown = Certificate::from_openssh(CERTIFICATE).unwrap();
    let trusted = records(&format!("@cert-authority 10.0.1.* {CA}\n"));
    assert!(trusted.has_authority(&names()));
    assert_eq!(trusted.judge_certificate(&names(), &shown, NOW), Judgement::Known);
    let reason = |records: &Records, names: &HostNames, now| match records
        .judge_certificate(names, &shown, now)
    {
        Judgement::Certificate { reason } => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        reason(&records(""), &names(), NOW),
        "it is signed by an authority that is not in known_hosts"
    );
    let late = NOW + 20 * 366 * 86_400;
    assert_eq!(reason(&trusted, &names(), late), "it is not valid at this time");
    let other = HostNames::new("10.0.1.18", "gpu-08", 22);
    assert_eq!(reason(&trusted, &other, NOW), "it is for gpu-07, 10.0.1.17");
    let revoked = records(&format!("@cert-authority * {CA}\n@revoked * {CA}\n"));
    assert_eq!(
        revoked.judge_certificate(&names(), &shown, NOW),
        Judgement::Revoked { place: line(2) }
    );
    let plain = records(&format!("gpu-07 {A}\n"));
    assert!(!plain.has_authority(&names()));
    assert_eq!(plain.judge_certificate(&names(), &shown, NOW), Judgement::Known);
    let forged = Certificate::from_openssh(CERTIFICATE).unwrap();
    let mut bytes = forged.to_bytes().unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let forged = Certificate::from_bytes(&bytes).unwrap();
    assert_eq!(
        trusted.judge_certificate(&names(), &forged, NOW),
        Judgement::Certificate { reason: "its signature does not fit".into() }
    );
}

#[test]
fn lines_of_a_name_are_found_with_what_else_they_name() {
    let text =
        format!("10.0.1.17 {A}\nother,10.0.1.17 {RSA}\n10.0.1.* {B}\n@revoked 10.0.1.17 {B}\n");
    let known = KnownHosts::parse(Path::new("known_hosts"), &text);
    assert_eq!(known.recorded_under("10.0.1.17"), [(1, None), (2, Some("other".into()))]);
}

proptest! {
    #[test]
    fn any_text_is_survived(text in "[ -~\n\t|@#!,\u{e9}]{0,400}") {
        let records = records(&text);
        let _ = records.judge(&names(), &key(A));
        let _ = records.algorithms(&names());
        let _ = records.has_authority(&names());
    }

    #[test]
    fn any_fields_are_survived(lines in proptest::collection::vec(
        ("(@revoked |@cert-authority |)", "(10.0.1.17|\\*|\\|1\\|[A-Za-z=]{0,9}\\|[a-z=]{0,9})",
         "(ssh-ed25519|ssh-rsa|[a-z-]{1,9})", "(AAAA[A-Za-z0-9+/=]{0,80})"), 0..10)) {
        let text: String =
            lines.iter().map(|(m, h, a, k)| format!("{m}{h} {a} {k}\n")).collect();
        let judged = records(&text).judge(&names(), &key(A));
        prop_assert!(judged != Judgement::Known, "random keys are not ours");
    }
}

/// An authority that signs users and hosts, and one key with a certificate of
/// each kind, for gpu-07 and 10.0.1.17, valid from 2025 to 2035.
const BOTH_CA: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAA/dC42PWKR38fEkOmvSkjkNxhWgWCFE2XZXt9DzhrZ";
const AS_USER: &str = "ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAICrl/ch9xJbNwtYxs21YSgSadkEOLRPQV+mBFb2fJ5z+AAAAIG+X+qtmqDb6kEbtocsYqozvK3fV5bBzgmZ/L1mbtJWdAAAAAAAAAAAAAAABAAAAAXgAAAAXAAAABmdwdS0wNwAAAAkxMC4wLjEuMTcAAAAAZ3SFgAAAAAB6QyuAAAAAAAAAAIIAAAAVcGVybWl0LVgxMS1mb3J3YXJkaW5nAAAAAAAAABdwZXJtaXQtYWdlbnQtZm9yd2FyZGluZwAAAAAAAAAWcGVybWl0LXBvcnQtZm9yd2FyZGluZwAAAAAAAAAKcGVybWl0LXB0eQAAAAAAAAAOcGVybWl0LXVzZXItcmMAAAAAAAAAAAAAADMAAAALc3NoLWVkMjU1MTkAAAAgAD90LjY9YpHfx8SQ6a9KSOQ3GFaBYIUTZdle30POGtkAAABTAAAAC3NzaC1lZDI1NTE5AAAAQO5k3jTjgkpgKCre4LLaiCMysvm/7SkSBKzr6IbjDk9iSZ4wRR/iAFOCr2u8srrt0KWoQGKvy/4A2PKiS0gnHgk=";
const AS_HOST: &str = "ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAIDWgTwFZVlOQO2XxO9cR2ibaTtyKnXw/KYom6ZLJgSAsAAAAIG+X+qtmqDb6kEbtocsYqozvK3fV5bBzgmZ/L1mbtJWdAAAAAAAAAAAAAAACAAAAAXgAAAAXAAAABmdwdS0wNwAAAAkxMC4wLjEuMTcAAAAAZ3SFgAAAAAB6QyuAAAAAAAAAAAAAAAAAAAAAMwAAAAtzc2gtZWQyNTUxOQAAACAAP3QuNj1ikd/HxJDpr0pI5DcYVoFghRNl2V7fQ84a2QAAAFMAAAALc3NoLWVkMjU1MTkAAABAg2kH7VjzvMpeSQ9VP2n9lIw4op4ZYm3uf8FlntBCaW2lllPEPoo9SpiYvwIizR9LcPBqD+n8BV3zWz27T78iAQ==";

#[test]
fn a_users_certificate_does_not_make_a_host() {
    let trusted = records(&format!("@cert-authority * {BOTH_CA}\n"));
    let judge = |text, now| {
        let shown = Certificate::from_openssh(text).unwrap();
        trusted.judge_certificate(&names(), &shown, now)
    };
    assert_eq!(judge(AS_HOST, NOW), Judgement::Known);
    let reason = "it is a user's certificate, not a host's".to_owned();
    assert_eq!(judge(AS_USER, NOW), Judgement::Certificate { reason });
    // 2025-01-01 is its first second, 2035-01-01 the first after its last.
    let (from, to) = (1_735_689_600, 2_051_222_400);
    let reason = "it is not valid at this time".to_owned();
    let not_valid = Judgement::Certificate { reason };
    assert_eq!(
        (judge(AS_HOST, from), judge(AS_HOST, to - 1)),
        (Judgement::Known, Judgement::Known)
    );
    assert_eq!((judge(AS_HOST, from - 1), judge(AS_HOST, to)), (not_valid.clone(), not_valid));
}
