//! `shopfloor show SCREEN`: any screen as text, as JSON, or as a picture.

use serde_json::{Value, json};

use crate::app::model::Size;
use crate::app::runs::RunLine;
use crate::app::screens::timeline::{ChangeLine, RunMoment};
use crate::app::screens::{self, code, keys, overview, rack, timeline};
use crate::app::site_index::{Rack, UNPLACED};
use crate::app::{Model, Route};
use crate::domain::{CheckId, FactStore, Stamp, TargetId};
use crate::inventory::report;
use crate::inventory::variables::RuleRow;
use crate::runtime::chosen::{self, ChosenLook};
use crate::runtime::load::LoadOptions;
use crate::runtime::look_once::{Look, look_once};
use crate::runtime::player::picture_of;
use crate::runtime::preferences::Preferences;
use crate::runtime::whole_file;
use crate::ui::look::{LookEnv, unknown_theme};

use super::check::{judgement_json, spec_json};
use super::{ShowArgs, exit, print, size};

/// The size of a text twin when nobody says another: wide enough that no sentence is cut on a ticket.
const TEXT_SIZE: Size = Size::new(120, 40);

/// The size of a picture when nobody says another.
const PICTURE_SIZE: Size = Size::new(160, 48);

/// Looks once and shows a screen.
///
/// # Errors
/// When there is no such screen, target or check, the site cannot be read, or a file cannot be written.
pub async fn run(load: &LoadOptions, look: Option<&str>, args: &ShowArgs) -> Result<u8, String> {
    let route = route_of(&args.screen)?;
    let usual = if args.svg.is_some() { PICTURE_SIZE } else { TEXT_SIZE };
    let size = args.size.as_deref().map_or(Ok(usual), size::parse)?;
    let preferences = Preferences::read();
    let env = chosen::look_env(&preferences);
    // A text goes into tickets and pipes; a picture should look its best.
    let wished = look.or(Some(if args.svg.is_some() { "dark unicode true" } else { "mono none" }));
    let chosen = choose(&env, wished, &preferences)?;
    let (keymap, wrong_keys) = chosen::choose_keymap(&preferences);
    print::notes(&wrong_keys);
    let model = look_once(Look {
        load,
        layers: &[],
        size,
        look: chosen.names,
        choices: chosen::look_choices(&preferences),
        keymap,
        needs_inventory: false,
        route: Some(route),
        is_kept: false,
    })
    .await?;
    print::notes(&model.site.problems);
    if args.json {
        print::json(&twin(&model, model.route()))?;
        return Ok(exit::DONE);
    }
    let buffer = picture_of(&model, &chosen.look, size.columns, size.rows);
    match &args.svg {
        Some(path) => {
            let title = format!("shopfloor {}: {}", model.screen().title, model.site.name);
            let picture = crate::ui::picture::svg(&buffer, &chosen.look, &title);
            whole_file::write(path, whole_file::SHARED, picture.as_bytes()).map_err(|error| {
                let place = path.display();
                format!(
                    "{place} cannot be written: {error}; name a file that this account may write"
                )
            })?;
        }
        None => {
            let lines = crate::ui::picture::screen_text(&buffer);
            print::text(&format!("{}\n", lines.join("\n").trim_end()))?;
        }
    }
    Ok(exit::DONE)
}

/// The place that words name: `rack`, `target gpu-07`, `help HOST-05`.
fn route_of(words: &[String]) -> Result<Route, String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["target", name] => Ok(Route::target(TargetId::from(*name))),
        ["help" | "code", code] => Ok(Route::check(CheckId::from(code.to_uppercase()))),
        [word] => screens::find(word)
            .or_else(|| screens::by_word(word))
            .filter(|spec| spec.is_listed)
            .map(|spec| Route::screen(spec.id))
            .ok_or_else(|| no_such_screen(word)),
        _ => Err(no_such_screen(&words.join(" "))),
    }
}

fn no_such_screen(word: &str) -> String {
    let known: Vec<&str> =
        screens::all().filter(|spec| spec.is_listed).map(|spec| spec.id).collect();
    format!("there is no screen `{word}`; screens are {}, target NAME, help CODE", known.join(", "))
}

/// The look to draw in. As on the full screen, what is asked for and nobody has
/// is said with what is drawn instead.
///
/// # Errors
/// For a word of `--look` that names no look: that is wrong usage.
pub fn choose(
    env: &LookEnv,
    wished: Option<&str>,
    preferences: &Preferences,
) -> Result<ChosenLook, String> {
    if let Some(unknown) = wished.and_then(|words| unknown_theme(env, words)) {
        return Err(unknown);
    }
    let chosen = chosen::choose_look(env, wished, preferences);
    print::notes(&chosen.problems);
    print::notes(&preferences.problems);
    Ok(chosen)
}

/// What the screen shows, for programs.
fn twin(model: &Model, route: &Route) -> Value {
    let mut twin = json!({
        "schema": 1,
        "site": model.site.name,
        "at": model.now.rfc3339(),
        "screen": route.screen,
    });
    let spec = model.screen();
    let parts = match (spec.id, spec.layer) {
        ("overview", _) => overview_parts(model),
        ("rack", _) => racks(model),
        ("target", _) => route.target.as_ref().map_or(Value::Null, |id| target_parts(model, id)),
        ("code", _) => {
            route.check.as_ref().map_or(Value::Null, |code| match code::rule(code.as_str()) {
                Some(rule) => rule_parts(model, rule),
                None => model
                    .catalogue
                    .get(code.as_str())
                    .map_or(Value::Null, |spec| json!({ "check": spec_json(spec) })),
            })
        }
        ("inventory", _) => json!({
            "problems": report::problems_json(&model.inventory.problems),
            "left_out": model.inventory.left_out,
            "needs": spec.needs,
        }),
        ("install", _) => json!({
            "runs": model.runs.list.iter().map(run_json).collect::<Vec<_>>(),
            "needs": spec.needs,
        }),
        ("keys", _) => json!({ "keys": key_lines(model) }),
        ("look", _) => json!({
            "theme": model.look.theme,
            "glyphs": model.look.glyphs,
            "colours": model.look.colours,
            "choices": {
                "themes": model.choices.themes,
                "glyphs": model.choices.glyphs,
                "colours": model.choices.colours,
            },
        }),
        ("timeline", _) => json!({
            "changes": timeline::lines(model).map(|line| change_json(&line)).collect::<Vec<_>>(),
            "runs": timeline::run_moments(model).iter().map(moment_json).collect::<Vec<_>>(),
            "watched_until": model.history.watched_until.map(Stamp::rfc3339),
            "trouble": model.history.trouble,
            "needs": spec.needs,
        }),
        (_, Some(layer)) => {
            let found = super::check::judgements(model, &[layer]);
            json!({ "checks": found.iter().map(|j| judgement_json(j, model.now)).collect::<Vec<_>>() })
        }
        _ => json!({ "needs": spec.needs }),
    };
    if let (Value::Object(twin), Value::Object(parts)) = (&mut twin, parts) {
        twin.extend(parts);
    }
    twin
}

fn overview_parts(model: &Model) -> Value {
    let layers: Vec<Value> = overview::layer_rows(model, model.state())
        .iter()
        .map(|row| overview::layer_line(model, row))
        .map(|line| {
            json!({
                "title": line.title,
                "verdict": line.verdict,
                "word": line.word,
                "sentence": line.sentence,
                "age_s": line.seen.map(|seen| model.now.since(seen).as_seconds()),
                "findings": line.findings,
            })
        })
        .collect();
    let findings: Vec<Value> = super::check::judgements(model, &[])
        .into_iter()
        .filter(|judgement| judgement.verdict.is_finding())
        .map(|judgement| judgement_json(judgement, model.now))
        .collect();
    let changes: Vec<Value> =
        timeline::lines(model).take(model.changes.len()).map(|line| change_json(&line)).collect();
    json!({ "layers": layers, "findings": findings, "changes": changes })
}

/// Every command with its keys and where it works, as the screen lists them.
fn key_lines(model: &Model) -> Vec<Value> {
    keys::rows(model, model.state())
        .iter()
        .filter_map(|row| keys::line(model, row))
        .map(|line| {
            let keys: Vec<&str> = match line.keys.as_str() {
                "--" => Vec::new(),
                keys => keys.split(' ').collect(),
            };
            json!({ "keys": keys, "place": line.place, "title": line.title, "off": line.off })
        })
        .collect()
}

fn rule_parts(model: &Model, rule: &RuleRow) -> Value {
    let found: Vec<_> = code::problems_of(model, &rule.id).into_iter().cloned().collect();
    json!({
        "rule": {
            "id": rule.id,
            "what": rule.text,
            "severity": rule.severity(),
            "step": rule.first_step(),
            "source": code::source(rule),
        },
        "problems": report::problems_json(&found),
    })
}

fn change_json(line: &ChangeLine<'_>) -> Value {
    json!({
        "at": line.at.rfc3339(),
        "id": line.check,
        "layer": line.layer,
        "target": line.target,
        "from": line.from,
        "to": line.to,
        "sentence": line.sentence,
    })
}

fn run_json(run: &RunLine) -> Value {
    json!({
        "id": run.id,
        "title": run.title,
        "state": run.word.word(),
        "exit": run.exit,
        "started": run.started.rfc3339(),
        "ended": run.ended.filter(|_| run.word.is_over()).map(Stamp::rfc3339),
    })
}

fn moment_json(moment: &RunMoment) -> Value {
    json!({ "at": moment.at.rfc3339(), "run": moment.run, "sentence": moment.sentence })
}

/// The racks as Rack shows them; what stands in none is apart.
fn racks(model: &Model) -> Value {
    let of = |rack: &Rack| -> Vec<Value> {
        let boxes = rack.standings.iter().filter_map(|standing| {
            let target = model.site.targets.get(standing.at)?;
            let mut unit = json!({
                "target": target.id,
                "verdict": rack::worst_of(model, &target.id),
            });
            if let (true, Value::Object(unit)) = (rack.name != UNPLACED, &mut unit) {
                unit.insert("unit".to_owned(), json!(standing.unit));
                unit.insert("height".to_owned(), json!(standing.height));
            }
            Some(unit)
        });
        boxes.collect()
    };
    let (racks, without): (Vec<&Rack>, Vec<&Rack>) =
        model.index.racks.iter().partition(|rack| rack.name != UNPLACED);
    let racks: Vec<Value> =
        racks.into_iter().map(|rack| json!({ "rack": rack.name, "units": of(rack) })).collect();
    let unplaced: Vec<Value> = without.into_iter().flat_map(of).collect();
    json!({ "racks": racks, "unplaced": unplaced })
}

fn target_parts(model: &Model, id: &TargetId) -> Value {
    let known = &FactStore::of(&model.facts, id).known;
    let facts: Vec<Value> = known
        .iter()
        .map(|(key, known)| {
            json!({
                "key": key,
                "value": known.value,
                "unit": crate::domain::keys::find(key.as_str()).map(|info| info.unit),
                "age_s": model.now.since(known.seen).as_seconds(),
                "since": known.since.rfc3339(),
            })
        })
        .collect();
    let checks: Vec<Value> = model
        .verdicts
        .of(id)
        .judgements
        .iter()
        .map(|judgement| judgement_json(judgement, model.now))
        .collect();
    json!({ "target": id, "facts": facts, "checks": checks })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_change_has_the_documented_fields() {
        // A single look sees no change, so that the output alone would not show it.
        let (target, check) = (TargetId::from("gpu-07"), CheckId::from("HOST-01"));
        let line = ChangeLine {
            at: Stamp(0),
            layer: crate::domain::Layer::Hosts,
            target: &target,
            check: &check,
            from: crate::domain::Verdict::Pass,
            to: crate::domain::Verdict::Fail,
            sentence: "gpu-07 refuses connections",
        };
        let told: Vec<String> = change_json(&line).as_object().unwrap().keys().cloned().collect();
        let text = include_str!("../../docs/json.md");
        for screen in ["overview", "timeline"] {
            let section = text.split(&format!("## `shopfloor show {screen} --json`")).nth(1);
            let example = section.and_then(|s| s.split("```json\n").nth(1)).unwrap();
            let example: Value =
                serde_json::from_str(example.split("```").next().unwrap()).unwrap();
            let documented: Vec<String> =
                example["changes"][0].as_object().unwrap().keys().cloned().collect();
            assert_eq!(told, documented, "{screen}");
        }
    }

    #[test]
    fn every_listed_screen_can_be_named_and_others_are_refused_with_the_list() {
        for spec in screens::all().filter(|spec| spec.is_listed) {
            assert_eq!(route_of(&words(spec.id)), Ok(Route::screen(spec.id)));
        }
        assert_eq!(route_of(&words("help host-05")), Ok(Route::check("HOST-05".into())));
        assert!(route_of(&words("kitchen")).unwrap_err().contains("overview, rack"));
    }
}
