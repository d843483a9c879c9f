//! What the bastion is answered and shown at the cloud's ports.

use serde_json::Value;

use crate::domain::Report;
use crate::domain::fact::Table;
use crate::domain::keys::openstack::{identity, outside};
use crate::probes::ceph::openssl_time;
use crate::probes::documented::{Section, SectionAnswer, Trouble, json_text, lines};

pub(super) const IDENTITY: &[Section] = &[Section {
    name: "identity",
    program: "curl",
    script: include_str!("../../../assets/probes/openstack/identity.sh"),
    needs: &[],
    keys: &[identity::STATUS.info, identity::STABLE.info, identity::TOOK.info],
    read: answer,
}];

pub(super) const CERTIFICATES: &[Section] = &[Section {
    name: "certificates",
    program: "openssl",
    script: include_str!("../../../assets/probes/openstack/certificates.sh"),
    needs: &[],
    keys: &[outside::CERTIFICATES.info],
    read: certificates,
}];

pub(super) fn answer(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    answer.ran()?;
    let failed = match answer.status {
        6 => Some("unknown name"),
        7 => Some("refused"),
        28 => Some("silent"),
        35 => Some("no TLS"),
        52 | 56 => Some("cut"),
        60 => Some("untrusted"),
        _ => None,
    };
    if let Some(word) = failed {
        report.learn(identity::STATUS, word.to_owned());
        report.learn(identity::STABLE, String::new());
        return Ok(());
    }
    let text = answer.ok()?.trim_end();
    let (body, last) = text.rsplit_once('\n').unwrap_or(("", text));
    let (code, took) = last.split_once(' ').ok_or(Trouble::Format("an HTTP answer"))?;
    if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Trouble::Format("an HTTP answer"));
    }
    report.learn(identity::STATUS, code.to_owned());
    if let Ok(took) = took.parse::<f64>() {
        report.learn(identity::TOOK, took);
    }
    // Whatever it answered is not an identity service where this is not to be found.
    let version = serde_json::from_str::<Value>(body).unwrap_or(Value::Null);
    report.learn(identity::STABLE, json_text(version.pointer("/version/status")));
    Ok(())
}

pub(super) fn certificates(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    let mut table = Table::new(&["port", "ends", "issuer"]);
    for line in lines(answer.ok()?) {
        let (port, rest) = line.split_once(' ').unwrap_or((&line, ""));
        if port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        // A port without a certificate belongs to a service that is not deployed.
        let Some(rest) = rest.trim().strip_prefix("notAfter=") else { continue };
        let (ends, issuer) = rest.split_once(" issuer=").unwrap_or((rest, ""));
        let ends = openssl_time(ends).ok_or(Trouble::Format("the end of a certificate"))?;
        table.push(vec![port.to_owned(), ends.rfc3339(), issuer.trim().to_owned()]);
    }
    table.rows.sort();
    report.learn(outside::CERTIFICATES, table);
    Ok(())
}
