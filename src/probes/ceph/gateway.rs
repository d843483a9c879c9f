//! The object gateways: as their own hosts reach them, how they are set up
//! there, and what the bastion has and sees of them.

use super::survey::digests;
use crate::domain::keys::ceph::{gateway, gateway_survey, outside};
use crate::domain::{Report, Stamp};
use crate::probes::documented::{Section, SectionAnswer, Trouble, first_line, lines, yes_or_no};

pub(super) const LOOK: &[Section] = &[Section {
    name: "gateway",
    program: "curl",
    // Its certificate is a check of its own.
    script: "t curl -sS -k -m 5 -w '\\n%{http_code}\\n' \"$GATEWAY\"",
    needs: &["GATEWAY"],
    keys: &[gateway::ANSWER.info, gateway::LISTS.info],
    read: s3,
}];

pub(super) const SURVEY: &[Section] = &[
    Section {
        name: "keystone-ca",
        program: "readlink",
        script: "readlink /etc/ssl/certs/keystone-ca.pem; true",
        needs: &["GATEWAY"],
        keys: &[gateway_survey::KEYSTONE_CA.info],
        read: |answer, report| {
            report.learn(gateway_survey::KEYSTONE_CA, first_line(answer.ok()?));
            Ok(())
        },
    },
    Section {
        name: "keystone-trust",
        program: "curl in the gateway's container",
        script: include_str!("../../../assets/probes/ceph/trust.sh"),
        needs: &["GATEWAY", "KEYSTONE"],
        keys: &[gateway_survey::KEYSTONE_TRUST.info],
        read: |answer, report| {
            let said =
                lines(answer.ok()?).map(|line| line.trim_start_matches(['*', ' ']).to_owned());
            report.learn(gateway_survey::KEYSTONE_TRUST, said.collect());
            Ok(())
        },
    },
];

pub(super) const OUTSIDE: &[Section] = &[
    Section {
        name: "keyrings",
        program: "ansible-vault",
        script: include_str!("../../../assets/probes/ceph/keyrings.sh"),
        needs: &[],
        keys: &[outside::KEYRING_DIGESTS.info],
        read: |answer, report| {
            report.learn(outside::KEYRING_DIGESTS, digests(answer)?);
            Ok(())
        },
    },
    Section {
        name: "certificate",
        program: "openssl",
        script: include_str!("../../../assets/probes/ceph/certificate.sh"),
        needs: &["GATEWAY"],
        keys: &[outside::CERTIFICATE_ENDS.info, outside::CERTIFICATE_NAMES.info],
        read: certificate,
    },
    Section {
        name: "buckets",
        program: "aws s3 ls",
        script: include_str!("../../../assets/probes/ceph/buckets.sh"),
        needs: &["ENDPOINT"],
        keys: &[outside::BUCKETS.info],
        read: buckets,
    },
];

/// curl's words for what went wrong, by its exit status.
fn curl_word(status: i32) -> Option<&'static str> {
    match status {
        6 => Some("unknown name"),
        7 => Some("refused"),
        28 => Some("silent"),
        35 => Some("no TLS"),
        52 | 56 => Some("cut"),
        60 => Some("untrusted"),
        _ => None,
    }
}

pub(super) fn s3(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    answer.ran()?;
    if let Some(word) = curl_word(answer.status) {
        report.learn(gateway::ANSWER, word.to_owned());
        report.learn(gateway::LISTS, yes_or_no(false));
        return Ok(());
    }
    let text = answer.ok()?;
    let code = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
    if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Trouble::Format("an HTTP answer"));
    }
    report.learn(gateway::ANSWER, code.to_owned());
    report.learn(gateway::LISTS, yes_or_no(text.contains("<ListAllMyBucketsResult")));
    Ok(())
}

pub(super) fn certificate(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let text = answer.ok()?;
    let ends = lines(text).find_map(|line| openssl_time(line.strip_prefix("notAfter=")?));
    let ends = ends.ok_or(Trouble::Format("the end of a certificate"))?;
    let names: Vec<String> = lines(text)
        .flat_map(|line| line.split(',').map(|part| part.trim().to_owned()).collect::<Vec<_>>())
        .filter_map(|part| {
            let name = part.strip_prefix("DNS:").or_else(|| part.strip_prefix("IP Address:"))?;
            Some(name.to_owned())
        })
        .collect();
    report.learn(outside::CERTIFICATE_ENDS, ends);
    report.learn(outside::CERTIFICATE_NAMES, names);
    Ok(())
}

/// A time as openssl writes it: `Jan  9 00:00:00 2029 GMT`.
pub(crate) fn openssl_time(text: &str) -> Option<Stamp> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let words: Vec<&str> = text.split_whitespace().collect();
    let [month, day, time, year, "GMT"] = words.as_slice() else { return None };
    let month = MONTHS.iter().position(|name| name == month)? + 1;
    let day: u8 = day.parse().ok()?;
    Stamp::parse(&format!("{year}-{month:02}-{day:02}T{time}Z"))
}

pub(super) fn buckets(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    answer.ran()?;
    let said = if answer.status == 0 { "listed".to_owned() } else { first_line(answer.stderr) };
    if said.is_empty() {
        return Err(Trouble::Status);
    }
    report.learn(outside::BUCKETS, said);
    Ok(())
}
