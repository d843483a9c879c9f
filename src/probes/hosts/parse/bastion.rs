//! What only the bastion has: runs, release package, keys, images.

use super::storage::df_line;
use super::{MOST_ROWS, Reader, Trouble, first_line, lines, yes_or_no};
use crate::domain::Report;
use crate::domain::fact::Table;
use crate::domain::keys::hosts as keys;
use crate::domain::keys::hosts::survey;
use crate::probes::hosts::frames::Frame;

pub(crate) const READERS: &[Reader] = &[
    Reader {
        section: "runs",
        program: "pgrep",
        keys: &[keys::RUNS.info],
        read: |frame, report| {
            if frame.status != 0 {
                return Err(Trouble::Status);
            }
            report.learn(keys::RUNS, lines(frame.text).collect());
            Ok(())
        },
    },
    Reader {
        section: "tmux",
        program: "tmux",
        keys: &[keys::MULTIPLEXERS.info],
        read: |frame, report| {
            // Status 1: no server runs, so there is no session.
            if !(0..=1).contains(&frame.status) {
                return Err(Trouble::Status);
            }
            let sessions = if frame.status == 0 { lines(frame.text).collect() } else { Vec::new() };
            report.learn(keys::MULTIPLEXERS, sessions);
            Ok(())
        },
    },
    Reader {
        section: "amt",
        program: "nc",
        keys: &[survey::AMT_ANSWERS.info],
        read: |frame, report| {
            if matches!(frame.status, 126 | 127) {
                return Err(Trouble::Status);
            }
            report.learn(survey::AMT_ANSWERS, yes_or_no(frame.status == 0));
            Ok(())
        },
    },
    Reader {
        section: "runtime",
        program: "podman",
        keys: &[survey::RUNTIME.info],
        read: |frame, report| {
            // 127 here means that neither of the two is installed, which is the answer.
            let version = if frame.status == 0 { first_line(frame.text) } else { String::new() };
            if version.is_empty() && !matches!(frame.status, 0 | 127) {
                return Err(Trouble::Status);
            }
            report.learn(survey::RUNTIME, version);
            Ok(())
        },
    },
    Reader {
        section: "container-images",
        program: "podman",
        keys: &[survey::IMAGES.info],
        read: |frame, report| {
            if frame.status != 0 {
                return Err(Trouble::Status);
            }
            let images = lines(frame.text).filter(|line| line.contains("gpu-infra-ansible"));
            report.learn(survey::IMAGES, images.collect());
            Ok(())
        },
    },
    Reader {
        section: "ssh-keys",
        program: "stat",
        keys: &[survey::SSH_FILES.info],
        read: |frame, report| {
            let table = modes(frame.text);
            // stat fails on an empty folder's unmatched pattern and still tells of the folder.
            if frame.status == 127 {
                return Err(Trouble::Status);
            }
            report.learn(survey::SSH_FILES, table);
            Ok(())
        },
    },
    Reader {
        section: "cache",
        program: "df",
        keys: &[survey::CACHE_FREE.info],
        read: |frame, report| room(frame).map(|free| report.learn(survey::CACHE_FREE, free)),
    },
    Reader {
        section: "keyrings",
        program: "head",
        keys: &[survey::KEYRINGS.info],
        read: |frame, report| {
            if frame.status != 0 {
                return Err(Trouble::Status);
            }
            let mut table = Table::new(&["changed", "path", "head"]);
            for line in lines(frame.text) {
                if let Some((changed, rest)) = line.split_once(' ')
                    && let Some((path, head)) = rest.rsplit_once(' ')
                {
                    table.push(vec![changed.to_owned(), path.to_owned(), head.to_owned()]);
                }
            }
            report.learn(survey::KEYRINGS, table);
            Ok(())
        },
    },
    Reader {
        section: "last-run",
        program: "grep",
        keys: &[survey::LAST_RUN.info, survey::RECAP.info],
        read: last_run,
    },
    Reader {
        section: "vault-files",
        program: "stat",
        keys: &[survey::VAULT_FILES.info],
        read: |frame, report| {
            if frame.status != 0 {
                return Err(Trouble::Status);
            }
            report.learn(survey::VAULT_FILES, modes(frame.text));
            Ok(())
        },
    },
];

/// Lines `MODE PATH` of `stat -c '%a %n'`.
fn modes(text: &str) -> Table {
    let mut table = Table::new(&["mode", "path"]);
    for line in lines(text) {
        if let Some((mode, path)) = line.split_once(' ')
            && !mode.is_empty()
            && mode.chars().all(|c| c.is_digit(8))
        {
            table.push(vec![mode.to_owned(), path.to_owned()]);
        }
    }
    table
}

/// Bytes that `df -P -k` of one path calls available.
pub(crate) fn room(frame: &Frame<'_>) -> Result<f64, Trouble> {
    if frame.status != 0 {
        return Err(Trouble::Status);
    }
    frame
        .text
        .lines()
        .find_map(df_line)
        .map(|(_, _, available, _)| available * 1024.0)
        .ok_or(Trouble::Format("a line of df"))
}

fn last_run(frame: &Frame<'_>, report: &mut Report) -> Result<(), Trouble> {
    if !(0..=1).contains(&frame.status) {
        return Err(Trouble::Status);
    }
    let mut log = String::new();
    let mut table = Table::new(&["host", "unreachable", "failed", "rescued", "ignored"]);
    for line in frame.text.lines() {
        let line = crate::domain::untrusted::printable(line);
        if line.is_empty() {
            continue;
        }
        if log.is_empty() {
            log = line;
        } else if line.contains("PLAY RECAP") {
            // Several plays may have run; the last recap is the result.
            table.rows.clear();
        } else if let Some((host, counts)) = line.split_once(" : ")
            && counts.contains("unreachable=")
            && table.rows.len() < MOST_ROWS
        {
            let told = |name: &str| {
                let number = |word: &str| {
                    let digits = word.strip_prefix(name)?.strip_prefix('=')?;
                    digits.parse::<u32>().ok()
                };
                counts.split_whitespace().find_map(number).map(|number| number.to_string())
            };
            // A line that is cut must not read as one without failures. Older
            // releases do not count the last two.
            let (Some(unreachable), Some(failed)) = (told("unreachable"), told("failed")) else {
                return Err(Trouble::Format("a whole recap"));
            };
            let zero = || "0".to_owned();
            table.push(vec![
                host.trim().to_owned(),
                unreachable,
                failed,
                told("rescued").unwrap_or_else(zero),
                told("ignored").unwrap_or_else(zero),
            ]);
        }
    }
    report.learn(survey::LAST_RUN, log);
    report.learn(survey::RECAP, table);
    Ok(())
}
