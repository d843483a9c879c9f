//! What the bastion gets from the router: names, boot files.

use super::section;
use crate::domain::Report;
use crate::domain::fact::Table;
use crate::domain::keys::Key;
use crate::domain::keys::openwrt::served as keys;
use crate::domain::untrusted::printable;
use crate::probes::documented::{Section, SectionAnswer, Trouble};
use crate::probes::hosts::parse::{lines, yes_or_no};

pub(super) const NAMES: Section = Section {
    needs: &["ROUTER", "NAMES"],
    ..section(
        "served-names",
        "dig",
        include_str!("../../../assets/probes/openwrt/names.sh"),
        &[keys::NAMES.info],
        |answer, report| {
            let mut table = Table::new(&["name", "address"]);
            for line in answer.ok()?.lines() {
                if let Some((name, address)) = line.trim().split_once(' ') {
                    table.push(vec![printable(name), printable(address)]);
                }
            }
            if table.rows.is_empty() {
                return Err(Trouble::Format("names with addresses"));
            }
            report.learn(keys::NAMES, table);
            Ok(())
        },
    )
};

pub(super) const PUBLIC: Section = Section {
    needs: &["ROUTER", "EXEMPT"],
    ..section(
        "served-public",
        "dig",
        "command -v dig >/dev/null || return 127\n\
         t dig +time=2 +tries=1 +short \"@$ROUTER\" example.com A\n\
         t dig +time=2 +tries=1 \"@$ROUTER\" \"$EXEMPT\" A | grep -c 'status: NOERROR'\ntrue",
        &[keys::PUBLIC.info, keys::EXEMPT.info],
        |answer, report| {
            answer.ran()?;
            let all: Vec<String> = lines(answer.stdout).collect();
            let Some((exempt, addresses)) = all.split_last() else {
                return Err(Trouble::Format("answers of a resolver"));
            };
            let exempt = match exempt.as_str() {
                "0" => false,
                "1" => true,
                _ => return Err(Trouble::Format("answers of a resolver")),
            };
            let has_address = addresses.iter().any(|line| line.parse::<std::net::IpAddr>().is_ok());
            report.learn(keys::PUBLIC, yes_or_no(has_address));
            report.learn(keys::EXEMPT, yes_or_no(exempt));
            Ok(())
        },
    )
};

/// A number that `curl` was told to write; it writes 0 where nothing came.
fn number(answer: &SectionAnswer<'_>, report: &mut Report, key: Key<f64>) -> Result<(), Trouble> {
    answer.ran()?;
    let number = answer.stdout.trim().parse().map_err(|_| Trouble::Format("a number"))?;
    report.learn(key, number);
    Ok(())
}

pub(super) const TFTP: Section = Section {
    needs: &["ROUTER"],
    ..section(
        "served-tftp",
        "curl",
        "t curl -s --max-time 8 -o /dev/null -w '%{size_download}\\n' \"tftp://$ROUTER/bootx64.efi\"",
        &[keys::TFTP_BYTES.info],
        |answer, report| number(answer, report, keys::TFTP_BYTES),
    )
};

pub(super) const BOOT: Section = Section {
    needs: &["ROUTER"],
    ..section(
        "served-boot",
        "curl",
        "t curl -s --max-time 8 -o /dev/null -w '%{http_code}\\n' \"http://$ROUTER/boot/\"",
        &[keys::BOOT_STATUS.info],
        |answer, report| number(answer, report, keys::BOOT_STATUS),
    )
};

pub(super) const FIRMWARE: Section = Section {
    needs: &["ROUTER"],
    ..section(
        "served-firmware",
        "curl",
        "command -v curl >/dev/null || return 127; t curl -s -I --max-time 8 \"http://$ROUTER/boot/firmware/\" | head -n 1",
        &[keys::FIRMWARE_STATUS.info],
        |answer, report| {
            answer.ran()?;
            let status = lines(answer.stdout).find_map(|line| {
                line.strip_prefix("HTTP/")?.split(' ').nth(1)?.parse::<f64>().ok()
            });
            // Nothing came: no status at all, like curl's own 000.
            let status = match status {
                Some(status) => status,
                None if answer.stdout.trim().is_empty() => 0.0,
                None => return Err(Trouble::Format("a status of HTTP")),
            };
            report.learn(keys::FIRMWARE_STATUS, status);
            Ok(())
        },
    )
};
