//! `run show`: what the journal of a run says, as text and as JSON.

use serde_json::{Value, json};

use crate::domain::Stamp;
use crate::install::journal::{Ending, Person, Remote, RunWord, StopLevel};
use crate::logs::ansible::shell_word;
use crate::runner::{Known, Runs};

fn person_json(person: &Person) -> Value {
    json!({"name": person.name, "account": person.account})
}

/// `run show --json`; `there` is how a run stands on its host whose runner is gone.
pub fn document(runs: &Runs, known: &Known, there: Option<String>) -> Value {
    let run = &known.run;
    let at = |stamp: Stamp| stamp.rfc3339();
    let processes = |list: &[crate::install::journal::Process]| -> Vec<Value> {
        list.iter()
            .map(|process| {
                json!({"pid": process.pid, "command": process.command,
                       "since": process.since.map(|ms| at(Stamp(ms)))})
            })
            .collect()
    };
    json!({
        "schema": 1,
        "id": run.id,
        "title": run.title,
        "state": known.word().word(),
        "reason": known.why_unknown(),
        "exit": run.exit(),
        "ending": run.ending().map(ending_json),
        "argv": run.argv,
        "directory": run.directory,
        "by": person_json(&run.by),
        "host": run.host,
        "started": at(run.started),
        "ended": run.ended.map(at),
        "attempts": run.attempts.iter().map(|attempt| json!({
            "id": attempt.id, "number": attempt.number, "pid": attempt.pid,
            "started": at(attempt.started), "ended": attempt.ended.map(at),
            "ending": attempt.ending.as_ref().map(ending_json),
        })).collect::<Vec<_>>(),
        "output": {
            "file": runs.directory(run.id).join("output").display().to_string(),
            "bytes": known.output,
            "lost": run.lost.iter().map(|lost| json!({
                "offset": lost.offset, "bytes": lost.bytes, "why": lost.why,
            })).collect::<Vec<_>>(),
        },
        "behind": run.behind.as_ref().map(|behind| json!({
            "offset": behind.offset, "since": at(behind.since), "why": behind.why,
        })),
        "remote": run.remote.as_ref().map(|remote| json!({
            "host": remote.host, "directory": remote.directory, "kept": !remote.is_unkept,
            "cleared": remote.is_cleared, "cuts": remote.cuts,
            "cut": remote.cut.as_ref().map(|(since, why)| json!({"since": at(*since), "why": why})),
            "there": there,
        })),
        "waits_for": run.prompt.as_ref().filter(|_| known.word() == RunWord::Waiting).map(|prompt| json!({
            "name": prompt.name, "text": prompt.text, "since": at(prompt.since),
        })),
        "stop": run.stop.map(StopLevel::word),
        "stopped_by": run.stopped_by.as_ref().map(person_json),
        "pen": run.pen.as_ref().filter(|_| known.has_runner).map(person_json),
        "watchers": run.watchers.iter().filter(|_| known.has_runner).map(person_json).collect::<Vec<_>>(),
        "left": processes(&run.left),
        "runner": {"pid": run.runner, "guardian": run.guardian, "alive": known.has_runner,
                   "scope": run.scope, "note": run.note},
        "notes": run.notes,
        "journal": {"file": runs.directory(run.id).join("journal.jsonl").display().to_string(), "lines": run.seq},
    })
}

fn ending_json(ending: &Ending) -> Value {
    let mut value = serde_json::to_value(ending).unwrap_or_default();
    if let Some(object) = value.as_object_mut() {
        object.insert("sentence".into(), ending.to_string().into());
    }
    value
}

/// `run show` as text.
pub fn sheet(runs: &Runs, known: &Known, there: Option<String>) -> String {
    let run = &known.run;
    let mut lines = vec![
        format!("run {}  {}  {}", run.id, known.word().word().to_uppercase(), run.title),
        {
            let words: Vec<String> = run.argv.iter().map(|word| shell_word(word)).collect();
            format!("command    {}", words.join(" "))
        },
        match &run.remote {
            Some(remote) => format!("on         {}", remote.host),
            None => format!("directory  {}", run.directory),
        },
        format!("by         {} on {}", run.by, run.host),
        format!("started    {}", run.started.rfc3339()),
    ];
    if let Some(ended) = run.ended {
        lines.push(format!("ended      {}", ended.rfc3339()));
    }
    if let Some(ending) = run.ending() {
        lines.push(format!("ending     {ending}"));
    }
    if let Some(why) = known.why_unknown() {
        lines.push(format!("unknown    {why}"));
    }
    if let Some(remote) = &run.remote {
        lines.extend(remote_lines(remote, known.has_runner));
    }
    lines.extend(there.map(|there| format!("there      {there}")));
    if let Some(prompt) = run.prompt.as_ref().filter(|_| known.word() == RunWord::Waiting) {
        lines.push(format!("waits for  {} (since {})", prompt.text, prompt.since.rfc3339()));
    }
    if let (Some(level), Some(by)) = (run.stop, &run.stopped_by) {
        lines.push(format!("stop       {} by {by}", level.word()));
    }
    if let Some(pen) = run.pen.as_ref().filter(|_| known.has_runner) {
        lines.push(format!("pen        {pen}"));
    }
    let output = runs.directory(run.id).join("output");
    lines.push(format!("output     {} bytes in {}", known.output, output.display()));
    for lost in &run.lost {
        lines.push(format!("lost       {} bytes at {}: {}", lost.bytes, lost.offset, lost.why));
    }
    if let Some(behind) = &run.behind {
        let (at, since) = (behind.offset, behind.since.rfc3339());
        lines.push(format!(
            "behind     after byte {at} since {since}, some may be lost: {}",
            behind.why
        ));
    }
    for process in &run.left {
        lines.push(format!("left       {process}"));
    }
    lines.extend(run.note.iter().chain(&run.notes).map(|note| format!("note       {note}")));
    lines.push(String::new());
    lines.join("\n")
}

fn remote_lines(remote: &Remote, has_runner: bool) -> Vec<String> {
    let mut lines = Vec::new();
    match (&remote.cut, remote.cuts) {
        (Some((since, why)), _) if has_runner => {
            lines.push(format!(
                "line       CUT since {}: {why}; it is dialled again",
                since.rfc3339()
            ));
        }
        (_, 0) => {}
        (_, 1) => lines.push("line       was cut once; nothing was lost".to_owned()),
        (_, cuts) => lines.push(format!("line       was cut {cuts} times; nothing was lost")),
    }
    if remote.is_unkept {
        lines.push(format!(
            "kept       {} can keep no files: the command runs on the line, and a cut leaves its end unknown",
            remote.host
        ));
    } else if let Some(directory) = remote.directory.as_ref().filter(|_| !remote.is_cleared) {
        lines.push(format!("kept       in {directory} on {}", remote.host));
    }
    lines
}
