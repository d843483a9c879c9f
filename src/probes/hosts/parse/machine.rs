//! The machine and its kernel: identity, load, memory, boot, clock.

use super::{Reader, Trouble, first_line, lines, yes_or_no};
use crate::domain::keys::hosts as keys;
use crate::domain::untrusted::printable;
use crate::domain::{Report, Stamp};
use crate::probes::hosts::frames::Frame;

pub(crate) const READERS: &[Reader] = &[
    Reader {
        section: "hostname",
        program: "/proc/sys/kernel/hostname",
        keys: &[keys::HOSTNAME.info],
        read: |frame, report| text(frame).map(|line| report.learn(keys::HOSTNAME, line)),
    },
    Reader {
        section: "kernel",
        program: "/proc/sys/kernel/osrelease",
        keys: &[keys::KERNEL.info],
        read: |frame, report| text(frame).map(|line| report.learn(keys::KERNEL, line)),
    },
    Reader { section: "os", program: "/etc/os-release", keys: &[keys::OS.info], read: os },
    Reader {
        section: "uptime",
        program: "/proc/uptime",
        keys: &[keys::UPTIME.info],
        read: |frame, report| number(frame).map(|seconds| report.learn(keys::UPTIME, seconds)),
    },
    Reader {
        section: "load",
        program: "/proc/loadavg",
        keys: &[keys::LOAD.info],
        read: |frame, report| number(frame).map(|load| report.learn(keys::LOAD, load)),
    },
    Reader {
        section: "processors",
        program: "/sys/devices/system/cpu/online",
        keys: &[keys::PROCESSORS.info],
        read: |frame, report| number(frame).map(|count| report.learn(keys::PROCESSORS, count)),
    },
    Reader {
        section: "memory",
        program: "/proc/meminfo",
        keys: &[keys::MEMORY_TOTAL.info, keys::MEMORY_AVAILABLE.info],
        read: memory,
    },
    Reader {
        section: "cmdline",
        program: "/proc/cmdline",
        keys: &[keys::CMDLINE.info],
        read: |frame, report| {
            text(frame)?;
            // Word by word: a long command line must not lose its end.
            let words = frame.text.split_whitespace().map(printable).take(super::MOST_ROWS);
            report.learn(keys::CMDLINE, words.collect());
            Ok(())
        },
    },
    Reader {
        section: "iommu",
        program: "/sys/kernel/iommu_groups",
        keys: &[keys::IOMMU_GROUPS.info],
        read: |frame, report| number(frame).map(|count| report.learn(keys::IOMMU_GROUPS, count)),
    },
    Reader {
        section: "modules",
        program: "/proc/modules",
        keys: &[keys::NOUVEAU_LOADED.info],
        read: modules,
    },
    Reader {
        section: "clock",
        program: "date",
        keys: &[keys::CLOCK.info],
        read: |frame, report| {
            number(frame)
                .map(|seconds| report.learn(keys::CLOCK, Stamp::from_seconds(seconds as i64)))
        },
    },
    Reader {
        section: "chrony",
        program: "chronyc",
        keys: &[keys::CLOCK_OFFSET.info, keys::CLOCK_LEAP.info],
        read: chrony,
    },
    Reader {
        section: "kernels",
        program: "/boot",
        keys: &[keys::KERNELS.info],
        read: |frame, report| {
            if frame.status != 0 {
                return Err(Trouble::Status);
            }
            let found = lines(frame.text)
                .filter_map(|line| line.strip_prefix("vmlinuz-").map(str::to_owned))
                .filter(|name| name.starts_with(|c: char| c.is_ascii_digit()));
            report.learn(keys::KERNELS, found.collect());
            Ok(())
        },
    },
];

/// The one line a section must have.
fn text(frame: &Frame<'_>) -> Result<String, Trouble> {
    if frame.status != 0 {
        return Err(Trouble::Status);
    }
    let line = first_line(frame.text);
    if line.is_empty() { Err(Trouble::Format("a line of text")) } else { Ok(line) }
}

/// The number a section must begin with.
fn number(frame: &Frame<'_>) -> Result<f64, Trouble> {
    let line = text(frame)?;
    line.split_whitespace()
        .next()
        .and_then(|word| word.parse::<f64>().ok())
        .filter(|number| number.is_finite())
        .ok_or(Trouble::Format("a number"))
}

fn os(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    if frame.status != 0 {
        return Err(Trouble::Status);
    }
    let field = |name: &str| {
        frame
            .text
            .lines()
            .find_map(|line| line.trim().strip_prefix(name)?.strip_prefix('='))
            .map(|value| printable(value.trim().trim_matches(['"', '\''])))
    };
    let Some(id) = field("ID").filter(|id| !id.is_empty()) else {
        return Err(Trouble::Format("os-release"));
    };
    let version = field("VERSION_ID").unwrap_or_default();
    report.learn(keys::OS, format!("{id} {version}").trim().to_owned());
    Ok(())
}

fn memory(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    let kib = |name: &str| {
        frame.text.lines().find_map(|line| {
            let rest = line.strip_prefix(name)?.strip_prefix(':')?;
            rest.split_whitespace().next()?.parse::<f64>().ok().filter(|n| n.is_finite())
        })
    };
    if frame.status != 0 {
        return Err(Trouble::Status);
    }
    let Some(total) = kib("MemTotal").filter(|total| *total > 0.0) else {
        return Err(Trouble::Format("meminfo"));
    };
    // Kernels before 3.14 have no MemAvailable; what can be dropped is close to it.
    let available = kib("MemAvailable")
        .or_else(|| Some(kib("MemFree")? + kib("Buffers").unwrap_or(0.0) + kib("Cached")?))
        .ok_or(Trouble::Format("meminfo"))?;
    report.learn(keys::MEMORY_TOTAL, total * 1024.0);
    report.learn(keys::MEMORY_AVAILABLE, available * 1024.0);
    Ok(())
}

fn modules(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    if frame.status != 0 {
        return Err(Trouble::Status);
    }
    let loaded = frame.text.lines().any(|line| line.split_whitespace().next() == Some("nouveau"));
    report.learn(keys::NOUVEAU_LOADED, yes_or_no(loaded));
    Ok(())
}

fn chrony(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    if matches!(frame.status, 126 | 127 | 124) {
        return Err(Trouble::Status);
    }
    let line = first_line(frame.text);
    let fields: Vec<&str> = line.split(',').collect();
    if let [_, _, _, _, offset, .., leap] = fields.as_slice()
        && let Ok(offset) = offset.parse::<f64>()
        && offset.is_finite()
    {
        report.learn(keys::CLOCK_OFFSET, offset);
        report.learn(keys::CLOCK_LEAP, (*leap).to_owned());
        return Ok(());
    }
    if frame.status == 0 {
        return Err(Trouble::Format("tracking data"));
    }
    // `506 Cannot talk to daemon`: nobody keeps the clock, which is a fact.
    report.learn(keys::CLOCK_LEAP, line);
    Ok(())
}
