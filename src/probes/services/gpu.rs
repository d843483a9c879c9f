//! What a GPU server tells of its GPUs.

use crate::domain::Report;
use crate::domain::fact::Table;
use crate::domain::keys::gpu as keys;
use crate::domain::untrusted::printable;
use crate::probes::hosts::frames::Frame;
use crate::probes::hosts::parse::{MOST_ROWS, Reader, Trouble, first_line, lines};
use crate::probes::platform::kubernetes::well;

/// One reader per section.
pub(crate) const READERS: &[Reader] = &[
    Reader {
        section: "gpu-devices",
        program: "nvidia-smi",
        keys: &[keys::DEVICES.info, keys::DEVICES_SAID.info],
        read: devices,
    },
    Reader {
        section: "gpu-framework",
        program: "python",
        keys: &[keys::FRAMEWORK.info],
        read: |frame, report| {
            let line = first_line(well(frame)?);
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            match words.first().map(String::as_str) {
                Some("True" | "False") => report.learn(keys::FRAMEWORK, words),
                _ => return Err(Trouble::Format("what torch sees")),
            }
            Ok(())
        },
    },
    Reader {
        section: "gpu-rdma",
        program: "verify-rdma",
        keys: &[keys::RDMA.info],
        read: |frame, report| {
            report.learn(keys::RDMA, sums(frame)?);
            Ok(())
        },
    },
    Reader {
        section: "gpu-direct",
        program: "verify-gpudirect",
        keys: &[keys::GPU_DIRECT.info],
        read: |frame, report| {
            report.learn(keys::GPU_DIRECT, sums(frame)?);
            Ok(())
        },
    },
    Reader {
        section: "gpu-traffic-class",
        program: "cat",
        keys: &[keys::TRAFFIC_CLASS.info],
        read: |frame, report| {
            if matches!(frame.status, 124 | 127) {
                return Err(Trouble::Status);
            }
            report.learn(keys::TRAFFIC_CLASS, lines(frame.text).collect());
            Ok(())
        },
    },
];

fn devices(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    if frame.status == 124 {
        return Err(Trouble::Status);
    }
    let columns = ["index", "name", "memory", "driver", "temperature", "errors"];
    let mut found = Table::new(&columns);
    let mut said = String::new();
    for line in frame.text.lines().map(printable).filter(|line| !line.is_empty()) {
        let cells: Vec<String> = line.split(", ").map(|cell| cell.trim().to_owned()).collect();
        let is_row = cells.len() == columns.len()
            && cells.first().is_some_and(|index| index.parse::<u16>().is_ok());
        if is_row && found.rows.len() < MOST_ROWS {
            found.push(cells);
        } else if said.is_empty() {
            said = line;
        }
    }
    // A missing program is a finding here, not a look that failed.
    if frame.status == 127 {
        said = "nvidia-smi is missing".to_owned();
    } else if found.rows.is_empty() && said.is_empty() {
        return Err(Trouble::Status);
    }
    report.learn(keys::DEVICES, found);
    report.learn(keys::DEVICES_SAID, said);
    Ok(())
}

/// The line of sums: `OK: 10  WARN: 0  FAIL: 0`.
fn sums(frame: &Frame<'_>) -> Result<String, Trouble> {
    let line = lines(frame.text).find(|line| line.contains("OK:") && line.contains("FAIL:"));
    match (line, frame.status) {
        (Some(line), _) => Ok(line),
        (None, 0) => Err(Trouble::Format("the sums of the test")),
        (None, _) => Err(Trouble::Status),
    }
}
