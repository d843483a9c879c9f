//! `run show`: what the journal of a run says, as text and as JSON.

use serde_json::{Value, json};

use crate::domain::Stamp;
use crate::install::journal::{Ending, Person, RunWord, StopLevel};
use crate::runner::{Known, Runs};
use crate::runtime::run_sheet::{console_word, facts, recording_of};

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
        "consoles": run.consoles.iter().map(|console| json!({
            "number": console.number, "name": console.name, "way": console.way,
            "by": person_json(&console.by), "keys": console.keys.as_ref().map(person_json),
            "state": console_word(console, known.has_runner),
            "opened": at(console.opened), "ended": console.ended.map(at), "reason": console.why,
            "recording": recording_of(runs, run.id, console.number).display().to_string(),
        })).collect::<Vec<_>>(),
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
    let (run, word) = (&known.run, known.word().word().to_uppercase());
    let mut text = format!("run {}  {word}  {}\n", run.id, run.title);
    for (name, value) in facts(runs, known, there) {
        text.push_str(&format!("{name:<11}{value}\n"));
    }
    text
}
