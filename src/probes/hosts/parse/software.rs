//! What is installed and how it is set: packages, units, boot, SSH, sudo.

use super::{MOST_ROWS, Reader, Trouble, first_line, lines, yes_or_no};
use crate::domain::Report;
use crate::domain::fact::Table;
use crate::domain::keys::hosts as keys;
use crate::domain::keys::hosts::survey;
use crate::domain::untrusted::printable;
use crate::probes::hosts::frames::Frame;

pub(crate) const READERS: &[Reader] = &[
    Reader {
        section: "units",
        program: "systemctl",
        keys: &[keys::FAILED_UNITS.info],
        read: units,
    },
    Reader {
        section: "reboot",
        program: "/run/reboot-required",
        keys: &[keys::REBOOT_WANTED.info],
        read: reboot,
    },
    Reader { section: "sudo", program: "sudo", keys: &[survey::SUDO.info], read: sudo },
    Reader {
        section: "packages",
        program: "dpkg-query",
        keys: &[survey::PACKAGES.info],
        read: packages,
    },
    Reader {
        section: "efi",
        program: "efibootmgr",
        keys: &[survey::EFI.info, survey::BOOT_ENTRIES.info],
        read: efi,
    },
    Reader {
        section: "blacklist",
        program: "grep",
        keys: &[survey::NOUVEAU_BLACKLISTED.info],
        read: |frame, report| {
            let found = lines(frame.text).any(|line| line.starts_with("blacklist nouveau"));
            found_or_not(frame, found)?;
            report.learn(survey::NOUVEAU_BLACKLISTED, yes_or_no(found));
            Ok(())
        },
    },
    Reader { section: "sshd", program: "sshd", keys: &[survey::SSHD.info], read: sshd },
    Reader {
        section: "wait-online",
        program: "systemctl",
        keys: &[survey::WAIT_ONLINE_ANY.info],
        read: |frame, report| {
            let found = frame
                .text
                .lines()
                .any(|line| line.starts_with("ExecStart=") && line.contains("--any"));
            found_or_not(frame, found)?;
            report.learn(survey::WAIT_ONLINE_ANY, yes_or_no(found));
            Ok(())
        },
    },
    Reader {
        section: "grub",
        program: "grep",
        keys: &[survey::GRUB_RECORDFAIL.info],
        read: |frame, report| {
            let value = lines(frame.text).find_map(|line| {
                let value = line.strip_prefix("GRUB_RECORDFAIL_TIMEOUT=")?;
                Some(value.trim_matches(['"', '\'']).to_owned())
            });
            found_or_not(frame, value.is_some())?;
            report.learn(survey::GRUB_RECORDFAIL, value.unwrap_or_default());
            Ok(())
        },
    },
    Reader {
        section: "docker-dir",
        program: "test",
        keys: &[survey::CONTAINER_DIRECTORY.info],
        read: |frame, report| {
            let found = first_line(frame.text) == "present";
            found_or_not(frame, found)?;
            report.learn(survey::CONTAINER_DIRECTORY, yes_or_no(found));
            Ok(())
        },
    },
];

/// For sections whose status says whether something was found: 1 and 2 are
/// "no", everything beyond is trouble.
fn found_or_not(frame: &Frame<'_>, found: bool) -> Result<(), Trouble> {
    if found || (0..=2).contains(&frame.status) { Ok(()) } else { Err(Trouble::Status) }
}

fn units(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    if frame.status != 0 {
        return Err(Trouble::Status);
    }
    let failed = lines(frame.text).filter_map(|line| {
        // Older versions begin the line with a mark.
        line.split_whitespace().find(|word| word.contains('.')).map(str::to_owned)
    });
    report.learn(keys::FAILED_UNITS, failed.collect());
    Ok(())
}

fn reboot(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    if frame.status != 0 {
        return Err(Trouble::Status);
    }
    let (mut wanted, mut in_packages) = (false, false);
    let mut packages: Vec<String> = Vec::new();
    for line in lines(frame.text) {
        match line.as_str() {
            "/run/reboot-required" => (wanted, in_packages) = (true, false),
            "/run/reboot-required.pkgs" => (wanted, in_packages) = (true, true),
            _ if in_packages && !packages.contains(&line) => packages.push(line),
            _ => {}
        }
    }
    if wanted && packages.is_empty() {
        packages.push("yes".to_owned());
    }
    report.learn(keys::REBOOT_WANTED, packages);
    Ok(())
}

fn sudo(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    let line = first_line(frame.text);
    let how = match (frame.status, line.as_str()) {
        (127, _) => return Err(Trouble::Status),
        (0, "root") => "root".to_owned(),
        (0, _) => "sudo".to_owned(),
        (status, "") => format!("sudo fails with status {status}"),
        _ => line,
    };
    report.learn(survey::SUDO, how);
    Ok(())
}

fn packages(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    // Status 1: some of them are not known there; the others are told.
    if !(0..=1).contains(&frame.status) {
        return Err(Trouble::Status);
    }
    let mut table = Table::new(&["package", "status"]);
    for line in lines(frame.text) {
        if let Some((package, status)) = line.split_once(' ') {
            table.push(vec![package.to_owned(), status.trim().to_owned()]);
        }
    }
    report.learn(survey::PACKAGES, table);
    Ok(())
}

fn efi(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    let booted = first_line(frame.text) == "efi";
    report.learn(survey::EFI, yes_or_no(booted));
    let mut table = Table::new(&["number", "name", "partition"]);
    if booted {
        if frame.status != 0 {
            return Err(Trouble::Status);
        }
        for line in frame.text.lines() {
            // Boot0001* ubuntu<TAB>HD(1,GPT,GUID,…)/File(\EFI\UBUNTU\SHIMX64.EFI)
            let Some((number, rest)) =
                line.strip_prefix("Boot").and_then(|rest| rest.split_once("* "))
            else {
                continue;
            };
            let Some((name, path)) = rest.split_once("HD(") else { continue };
            let guid = path.split(')').next().and_then(|inside| inside.split(',').nth(2));
            if let Some(guid) = guid
                && number.len() == 4
                && table.rows.len() < MOST_ROWS
            {
                table.push(vec![printable(number), printable(name), printable(guid)]);
            }
        }
    }
    report.learn(survey::BOOT_ENTRIES, table);
    Ok(())
}

fn sshd(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    if frame.status != 0 {
        return Err(Trouble::Status);
    }
    const KEPT: [&str; 3] = ["permitrootlogin", "pubkeyauthentication", "passwordauthentication"];
    let mut table = Table::new(&["setting", "value"]);
    for line in frame.text.lines().map(printable) {
        if let Some((setting, value)) = line.split_once(' ')
            && KEPT.contains(&setting)
        {
            table.push(vec![setting.to_owned(), value.to_owned()]);
        }
    }
    if table.rows.is_empty() {
        return Err(Trouble::Format("the settings of sshd"));
    }
    report.learn(survey::SSHD, table);
    Ok(())
}
