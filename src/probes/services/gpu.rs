//! What a GPU server tells of its GPUs.

use crate::domain::Report;
use crate::domain::fact::Table;
use crate::domain::keys::gpu as keys;
use crate::domain::untrusted::printable;
use crate::probes::documented::SectionAnswer;
use crate::probes::hosts::parse::{MOST_ROWS, Trouble, first_line, lines};
use crate::probes::platform::kubernetes::well;

pub(super) fn gpu_framework(
    answer: &SectionAnswer<'_>,
    report: &mut Report,
) -> Result<(), Trouble> {
    let line = first_line(well(answer)?);
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    match words.first().map(String::as_str) {
        Some("True" | "False") => report.learn(keys::FRAMEWORK, words),
        _ => return Err(Trouble::Format("what torch sees")),
    }
    Ok(())
}

pub(super) fn gpu_rdma(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    report.learn(keys::RDMA, sums(answer)?);
    Ok(())
}

pub(super) fn gpu_direct(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    report.learn(keys::GPU_DIRECT, sums(answer)?);
    Ok(())
}

pub(super) fn gpu_traffic_class(
    answer: &SectionAnswer<'_>,
    report: &mut Report,
) -> Result<(), Trouble> {
    if matches!(answer.status, 124 | 127) {
        return Err(Trouble::Status);
    }
    report.learn(keys::TRAFFIC_CLASS, lines(answer.stdout).collect());
    Ok(())
}

pub(super) fn devices(answer: &SectionAnswer<'_>, report: &mut Report) -> Result<(), Trouble> {
    if answer.status == 124 {
        return Err(Trouble::Status);
    }
    let columns = ["index", "name", "memory", "driver", "temperature", "errors"];
    let mut found = Table::new(&columns);
    let mut said = String::new();
    for line in answer.stdout.lines().map(printable).filter(|line| !line.is_empty()) {
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
    if answer.status == 127 {
        said = "nvidia-smi is missing".to_owned();
    } else if found.rows.is_empty() && said.is_empty() {
        return Err(Trouble::Status);
    }
    report.learn(keys::DEVICES, found);
    report.learn(keys::DEVICES_SAID, said);
    Ok(())
}

/// The line of sums: `OK: 10  WARN: 0  FAIL: 0`.
fn sums(answer: &SectionAnswer<'_>) -> Result<String, Trouble> {
    let line = lines(answer.stdout).find(|line| line.contains("OK:") && line.contains("FAIL:"));
    match (line, answer.status) {
        (Some(line), _) => Ok(line),
        (None, 0) => Err(Trouble::Format("the sums of the test")),
        (None, _) => Err(Trouble::Status),
    }
}
