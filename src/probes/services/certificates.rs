//! The certificates that the site's public names show.

use x509_cert::Certificate;
use x509_cert::der::DecodePem;

use crate::domain::Report;
use crate::domain::Stamp;
use crate::domain::fact::Table;
use crate::domain::keys::services::survey;
use crate::domain::untrusted::printable;
use crate::probes::documented::SectionAnswer;
use crate::probes::hosts::parse::Trouble;

/// For each name a line `@host NAME`, then the certificate as PEM or what
/// `openssl x509 -noout -issuer -enddate` prints of it; nothing when none came.
pub(super) fn seen(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    if matches!(answer.status, 124 | 127) {
        return Err(Trouble::Status);
    }
    let mut found = Table::new(&["host", "issuer", "subject", "expires"]);
    for block in answer.stdout.split("@host ").skip(1) {
        let (host, rest) = block.split_once('\n').unwrap_or((block, ""));
        let (issuer, subject, expires) = read(rest).unwrap_or_default();
        found.push(vec![printable(host.trim()), issuer, subject, expires]);
    }
    if found.rows.is_empty() {
        return Err(Trouble::Format("certificates"));
    }
    report.learn(survey::CERTIFICATES_SEEN, found);
    Ok(())
}

/// Issuer, subject and end of a certificate; `None` when there is none that can be read.
fn read(text: &str) -> Option<(String, String, String)> {
    if let Some(from) = text.find("-----BEGIN CERTIFICATE-----") {
        let certificate = Certificate::from_pem(text.get(from..)?.trim()).ok()?;
        let body = certificate.tbs_certificate();
        let end = body.validity().not_after.to_unix_duration().as_secs();
        let end = Stamp::from_seconds(i64::try_from(end).ok()?);
        return Some((
            printable(&body.issuer().to_string()),
            printable(&body.subject().to_string()),
            end.rfc3339(),
        ));
    }
    let line = |name: &str| text.lines().find_map(|line| line.trim().strip_prefix(name));
    let issuer = line("issuer=")?;
    let expires = line("notAfter=").and_then(openssl_time).map(Stamp::rfc3339);
    Some((printable(issuer.trim()), String::new(), expires.unwrap_or_default()))
}

/// `Apr 10 00:00:00 2027 GMT`.
fn openssl_time(text: &str) -> Option<Stamp> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let words: Vec<&str> = text.split_whitespace().collect();
    let [month, day, time, year, "GMT"] = words.as_slice() else { return None };
    let month = MONTHS.iter().position(|name| name == month)? + 1;
    let day: u8 = day.parse().ok()?;
    Stamp::parse(&format!("{year}-{month:02}-{day:02}T{time}Z"))
}
