//! Starting a run, going to one, stopping one: each is confirmed on the screen
//! where it changes something, and recorded under the name of who is here.

use crate::domain::untrusted::printable;
use crate::install::journal::{RunWord, StopLevel};
use crate::logs::ansible::shell_word;

use super::super::consoles::{self, Place};
use super::super::model::Tone;
use super::super::overlay::{Act, Confirm, NameField, Overlay};
use super::super::{Effect, Model, logs};
use super::news::meaning;
use super::{RunOrder, Weighed, split};

/// Words that mean something to a shell and nothing to a program.
const OF_SHELLS: [&str; 8] = ["|", "||", "&", "&&", ";", ">", ">>", "<"];

/// Asks whether a command is to be started, with its words as they are.
pub fn ask_to_start(model: &mut Model, line: &str) -> Vec<Effect> {
    let argv = match split(line) {
        Ok(argv) if argv.is_empty() => {
            model.say(Tone::Off, "Type the command after `:run`, for instance `:run make all`");
            return Vec::new();
        }
        Ok(argv) => argv,
        Err(why) => {
            model.say(Tone::Off, format!("Nothing was started: {why}"));
            return Vec::new();
        }
    };
    let Some(here) = &model.runs.here else { return Vec::new() };
    // The box joins blanks: several in a row must be seen.
    let shown = |word: &String| shell_word(&printable(word)).replace("  ", " \\x20");
    let words: Vec<String> = argv.iter().map(shown).collect();
    let site = &model.site.name;
    let mut lines = vec![
        format!("Command    {}", words.join(" ")),
        format!("Directory  {}", here.directory),
        format!("By         {}", here.name.as_deref().unwrap_or("you are asked next")),
        format!("Takes the lease of {site}: nothing else starts here until all of it has ended."),
        "It goes on without this screen and without this login.".to_owned(),
    ];
    if let Some(word) = argv.iter().find(|word| OF_SHELLS.contains(&word.as_str())) {
        lines.push(format!(
            "No shell reads this: `{word}` is a word for the command. `sh -c '...'` has one."
        ));
    }
    model.overlay = Some(Overlay::Confirm(Confirm {
        top: 0,
        title: "Start a run".to_owned(),
        lines,
        button: "starts it".to_owned(),
        wanted: "y".to_owned(),
        typed: String::new(),
        act: Act::StartRun(argv),
    }));
    Vec::new()
}

/// Which run an argument means: that of its number, or else the one that runs.
fn named(model: &mut Model, argument: &str) -> Option<u64> {
    let number = argument.trim().trim_start_matches("run ");
    if number.is_empty() {
        return model.runs.current().or(model.runs.list.first()).map(|run| run.id);
    }
    let found = number.parse().ok().filter(|id| model.runs.of(*id).is_some());
    if found.is_none() {
        model.say(Tone::Off, format!("There is no run {}; 7 lists them", printable(number)));
    }
    found
}

/// The runs that can be gone to.
pub fn attach_choices(model: &Model) -> Vec<String> {
    model.runs.list.iter().map(|run| run.id.to_string()).collect()
}

/// Goes to a run: to its terminal while it runs, to its log when it is over.
pub fn attach(model: &mut Model, argument: &str) -> Vec<Effect> {
    let Some(run) = named(model, argument) else { return Vec::new() };
    if model.runs.of(run).is_some_and(|run| !run.word.is_open()) {
        let effects = logs::open_run(model, run);
        model.say(Tone::Said, format!("run {run} is over; this is what it wrote"));
        return effects;
    }
    let is_it = |console: &&consoles::OpenConsole| {
        let has_ended = matches!(console.view.state, consoles::State::Ended(_));
        console.place.own_run() == Some(run) && !has_ended
    };
    match model.consoles.open.iter().find(is_it).map(|open| open.id) {
        Some(id) => consoles::show(model, id),
        None => act_as(model, Act::Attach(run)),
    }
}

/// The runs that can be stopped: those that run, and those that may have left something.
pub fn stop_choices(model: &Model) -> Vec<String> {
    let may = |word: RunWord| word.is_open() || word == RunWord::Unknown;
    model.runs.list.iter().filter(|run| may(run.word)).map(|run| run.id.to_string()).collect()
}

/// Asks for the name of the run that is to be stopped, one level harder than was tried.
pub fn ask_to_stop(model: &mut Model, argument: &str) -> Vec<Effect> {
    let Some(id) = named(model, argument) else { return Vec::new() };
    let level = match model.runs.of(id).and_then(|run| run.stop) {
        None => StopLevel::Int,
        Some(tried) => tried.next().unwrap_or(tried),
    };
    confirm_stop(model, id, level, None)
}

/// Asks whether this level is meant; `before` is what the level before it left.
pub(super) fn confirm_stop(
    model: &mut Model,
    run: u64,
    level: StopLevel,
    before: Option<String>,
) -> Vec<Effect> {
    let signal = level.word().to_uppercase();
    let name = format!("run {run}");
    let title = model.runs.of(run).map(|run| run.title.clone()).unwrap_or_default();
    let looking = "Looking which processes that reaches".to_owned();
    let lines = before.into_iter().chain([title, meaning(level).to_owned(), looking]).collect();
    model.overlay = Some(Overlay::Confirm(Confirm {
        top: 0,
        title: format!("Stop {name} with {signal}"),
        lines,
        button: format!("Send {signal} to {name}"),
        wanted: name,
        typed: String::new(),
        act: Act::StopRun(run, level),
    }));
    vec![Effect::Run(RunOrder::Weigh(run))]
}

/// What the stop would reach, in the box that asks for it.
pub(super) fn weighed(model: &mut Model, run: u64, weighed: &Weighed) {
    let Some(Overlay::Confirm(confirm)) = &mut model.overlay else { return };
    if !matches!(confirm.act, Act::StopRun(asked, _) if asked == run) {
        return;
    }
    // The last line said that it was being looked for.
    confirm.lines.pop();
    confirm.lines.push(match weighed.count {
        0 => "Nothing of it is left that a signal could reach.".to_owned(),
        1 => "1 process gets it:".to_owned(),
        n => format!("{n} processes get it:"),
    });
    confirm.lines.extend(weighed.reached.iter().map(|line| format!("  {line}")));
    let more = weighed.count.saturating_sub(weighed.reached.len());
    if more > 0 {
        confirm.lines.push(format!("  and {more} more"));
    }
    confirm.lines.extend(weighed.beyond.iter().cloned());
}

/// Does something that is recorded under a name: whoever was not asked at this login is asked first.
pub fn perform(model: &mut Model, act: Act) -> Vec<Effect> {
    act_as(model, act)
}

fn act_as(model: &mut Model, act: Act) -> Vec<Effect> {
    let Some(here) = &model.runs.here else { return Vec::new() };
    let Some(name) = here.name.clone() else {
        let field = NameField { guess: here.guess.clone(), typed: String::new(), act };
        model.overlay = Some(Overlay::Name(field));
        return Vec::new();
    };
    match act {
        Act::StartRun(argv) => vec![Effect::Run(RunOrder::Start(argv, name))],
        Act::StopRun(run, level) => {
            let signal = level.word().to_uppercase();
            model.say(Tone::Said, format!("Sending {signal} to run {run}; what is left is told"));
            vec![Effect::Run(RunOrder::Stop(run, level, name))]
        }
        Act::Attach(run) => consoles::open_place(model, Place::Run { run, by: name }),
        Act::AcceptHostKey(target, key) => vec![Effect::AcceptHostKey(target, key)],
    }
}

/// The person said what to be called: that is kept, and what wanted it is done.
pub fn name_given(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Name(field)) = model.overlay.take() else { return Vec::new() };
    let typed = printable(field.typed.trim());
    let name = if typed.is_empty() { field.guess } else { typed };
    if let Some(here) = &mut model.runs.here {
        here.name = Some(name.clone());
    }
    let mut effects = vec![Effect::Run(RunOrder::Say(name))];
    effects.extend(act_as(model, field.act));
    effects
}
