//! What the router box tells beyond what every host tells. It is asked with
//! the same batched script (`probes::hosts`); here its sections are read.

use crate::domain::Report;
use crate::domain::fact::Table;
use crate::domain::keys::Word;
use crate::domain::keys::router as keys;
use crate::domain::keys::router::survey;
use crate::domain::untrusted::printable;
use crate::probes::hosts::frames::Frame;
use crate::probes::hosts::parse::{MOST_ROWS, Reader, Trouble, first_line, lines, room, yes_or_no};

pub(crate) const READERS: &[Reader] = &[
    Reader { section: "domains", program: "virsh", keys: &[keys::DOMAINS.info], read: domains },
    Reader {
        section: "domains-autostart",
        program: "virsh",
        keys: &[keys::AUTOSTART.info],
        read: |frame, report| {
            if frame.status != 0 {
                return Err(Trouble::Status);
            }
            report.learn(keys::AUTOSTART, lines(frame.text).collect());
            Ok(())
        },
    },
    Reader {
        section: "bios",
        program: "/sys/class/dmi",
        keys: &[survey::BIOS.info],
        read: |frame, report| {
            if frame.status != 0 {
                return Err(Trouble::Status);
            }
            report.learn(survey::BIOS, first_line(frame.text));
            Ok(())
        },
    },
    Reader {
        section: "secure-boot",
        program: "mokutil",
        keys: &[survey::SECURE_BOOT.info],
        read: |frame, report| {
            let word = if frame.text.contains("SecureBoot enabled") {
                "enabled"
            } else if frame.text.contains("SecureBoot disabled")
                || frame.text.contains("not supported")
            {
                // A machine that did not boot in UEFI mode has no Secure Boot.
                "disabled"
            } else if frame.status != 0 {
                return Err(Trouble::Status);
            } else {
                return Err(Trouble::Format("the state of Secure Boot"));
            };
            report.learn(survey::SECURE_BOOT, Word(word.to_owned()));
            Ok(())
        },
    },
    Reader {
        section: "virtualisation",
        program: "virsh",
        keys: &[survey::LIBVIRT_UNITS.info, survey::KVM.info, survey::LIBVIRT.info],
        read: virtualisation,
    },
    Reader { section: "nic", program: "lspci", keys: &[survey::MANAGEMENT_NIC.info], read: nic },
    Reader {
        section: "images",
        program: "df",
        keys: &[survey::IMAGES_FREE.info],
        read: |frame, report| room(frame).map(|free| report.learn(survey::IMAGES_FREE, free)),
    },
    Reader {
        section: "serial",
        program: "ls",
        keys: &[survey::SERIAL_ADAPTERS.info],
        read: serial,
    },
    Reader {
        section: "serial-users",
        program: "fuser",
        keys: &[survey::SERIAL_USERS.info],
        read: serial_users,
    },
];

fn domains(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    if frame.status != 0 {
        return Err(Trouble::Status);
    }
    let mut table = Table::new(&["name", "state"]);
    let mut headed = false;
    for line in frame.text.lines() {
        // Columns are parted by at least two spaces: names may hold one.
        let columns: Vec<&str> =
            line.split("  ").map(str::trim).filter(|column| !column.is_empty()).collect();
        match columns.as_slice() {
            ["Id", "Name", "State"] => headed = true,
            [_, name, state] if headed && table.rows.len() < MOST_ROWS => {
                table.push(vec![printable(name), printable(state)]);
            }
            _ => {}
        }
    }
    if !headed {
        return Err(Trouble::Format("virsh's list"));
    }
    report.learn(keys::DOMAINS, table);
    Ok(())
}

fn virtualisation(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    const STATES: [&str; 6] =
        ["active", "inactive", "failed", "activating", "deactivating", "unknown"];
    let all: Vec<String> = lines(frame.text).collect();
    let states = all.iter().filter(|line| STATES.contains(&line.as_str())).cloned();
    report.learn(survey::LIBVIRT_UNITS, states.collect());
    report.learn(survey::KVM, yes_or_no(all.iter().any(|line| line == "kvm")));
    let version = all.iter().find_map(|line| line.strip_prefix("Running against daemon: "));
    report.learn(survey::LIBVIRT, version.unwrap_or_default().to_owned());
    Ok(())
}

fn nic(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    if matches!(frame.status, 124 | 126 | 127) {
        return Err(Trouble::Status);
    }
    let mut table = Table::new(&["device", "driver"]);
    for line in frame.text.lines().map(printable).filter(|line| !line.is_empty()) {
        match (line.strip_prefix("Kernel driver in use: "), table.rows.last_mut()) {
            (Some(driver), Some(row)) => {
                if let Some(cell) = row.get_mut(1) {
                    *cell = driver.to_owned();
                }
            }
            (None, None) => table.push(vec![line]),
            _ => {}
        }
    }
    report.learn(survey::MANAGEMENT_NIC, table);
    Ok(())
}

fn serial(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    if frame.status != 0 {
        return Err(Trouble::Status);
    }
    let mut table = Table::new(&["id", "port"]);
    for line in lines(frame.text) {
        if let Some((left, right)) = line.split_once(" -> ") {
            let id = left.rsplit(' ').next().unwrap_or_default();
            let port = right.rsplit('/').next().unwrap_or_default();
            table.push(vec![id.to_owned(), port.to_owned()]);
        } else if let Some(port) = line.strip_prefix("/dev/")
            && !table.rows.iter().any(|row| table.cell(row, "port") == port)
        {
            table.push(vec![String::new(), port.to_owned()]);
        }
    }
    report.learn(survey::SERIAL_ADAPTERS, table);
    Ok(())
}

fn serial_users(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    // Status 1 without a word: nobody holds any of them.
    if matches!(frame.status, 124 | 126 | 127) {
        return Err(Trouble::Status);
    }
    let mut table = Table::new(&["port", "user", "pid", "command"]);
    let mut port = String::new();
    for line in lines(frame.text) {
        let mut rest = line.as_str();
        if let Some(after) = line.strip_prefix("/dev/") {
            let (name, after) = after.split_once(':').unwrap_or((after, ""));
            port = name.to_owned();
            rest = after;
        }
        let words: Vec<&str> = rest.split_whitespace().collect();
        if let [user, pid, _access, command] = words.as_slice()
            && pid.chars().all(|c| c.is_ascii_digit())
            && !port.is_empty()
        {
            table.push(vec![
                port.clone(),
                (*user).to_owned(),
                (*pid).to_owned(),
                (*command).to_owned(),
            ]);
        }
    }
    report.learn(survey::SERIAL_USERS, table);
    Ok(())
}
