//! What a line of a journal tells a person, one sentence.

use super::event::{Event, Person, Process, StopLevel};

fn named(left: &[Process]) -> String {
    left.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn upper(level: StopLevel) -> String {
    level.word().to_uppercase()
}

impl Event {
    /// The sentence; `None` for what only programs need.
    pub fn sentence(&self) -> Option<String> {
        Some(match self {
            Event::RunCreated { by, host, .. } => format!("wanted by {by} on {host}"),
            Event::RunnerStarted { pid, scope, .. } => match scope {
                Some(scope) => format!("its runner is process {pid} in {scope}"),
                None => format!("its runner is process {pid}"),
            },
            Event::AttemptStarted { number, .. } => format!("attempt {number} begins"),
            Event::ChildStarted { pid, .. } => format!("the command is process {pid}"),
            Event::OutputLost { bytes, why, .. } => format!("{bytes} bytes of output lost: {why}"),
            Event::PromptSeen { text, .. } => format!("asks: {text}"),
            Event::PromptAnswered { by, .. } => format!("{by} answered"),
            Event::PromptGone { .. } => "asks no more".to_owned(),
            Event::StopAsked { level, by } => {
                format!("{by} wants it stopped with {}", upper(*level))
            }
            Event::SignalSent { level, processes, containers } => {
                let mut sentence = format!("{} sent to {processes} processes", upper(*level));
                for line in containers {
                    sentence.push_str("; ");
                    sentence.push_str(line);
                }
                sentence
            }
            Event::NotStopped { level, left } if left.is_empty() => {
                format!("nothing is left after {}", upper(*level))
            }
            Event::NotStopped { level, left } => {
                format!("still there after {}: {}", upper(*level), named(left))
            }
            Event::PenTaken { by, from, silent } => pen_taken(by, from.as_ref(), *silent),
            Event::PenAsked { by, of } => format!("{by} asks {of} for the pen"),
            Event::PenRefused { by, to } => format!("{by} keeps the pen from {to}"),
            Event::PenReleased { by } => format!("{by} gives the pen back"),
            Event::WatcherCame { by } => format!("{by} came to watch"),
            Event::WatcherLeft { by } => format!("{by} watches no more"),
            Event::ConsoleOpened { console, name, way, by } => {
                format!("{by} opened console {console}: {name}, {way}")
            }
            Event::ConsoleAgain { console, by } => format!("{by} connects console {console} again"),
            Event::ConsoleKeys { console, by } => format!("{by} types in console {console}"),
            Event::ConsoleEnded { console, why } => format!("console {console} ended: {why}"),
            Event::ConsoleClosed { console, by: Some(by), .. } => {
                format!("{by} closed console {console}")
            }
            Event::ConsoleClosed { console, why, by: None } => {
                format!("console {console} was closed: {why}")
            }
            Event::LeaseReturned => "only its consoles are left; others may begin".to_owned(),
            Event::GuardianLost => "its guardian is gone; it goes on".to_owned(),
            Event::DirectoryRestored => "its directory was removed and made again".to_owned(),
            Event::AttemptEnded { ending, .. } => format!("the command ended: {ending}"),
            Event::LeftBehind { left } if left.is_empty() => return None,
            Event::LeftBehind { left } => format!("left behind: {}", named(left)),
            Event::Step(step) => return step.sentence(),
            Event::RunEnded { .. } => "the run is over".to_owned(),
            _ => return None,
        })
    }
}

fn pen_taken(by: &Person, from: Option<&Person>, silent: bool) -> String {
    match from {
        Some(from) if silent => format!("{by} has the pen; {from} said nothing"),
        Some(from) => format!("{by} has the pen, from {from}"),
        None => format!("{by} has the pen"),
    }
}
