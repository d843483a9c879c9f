//! `shopfloor check`: look once at everything and print verdicts.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::app::model::{LookChoices, LookNames, Size};
use crate::app::{Keymap, Model};
use crate::checks::CheckSpec;
use crate::domain::{Judgement, Layer, Stamp, Verdict};
use crate::runtime::last_look::LastLook;
use crate::runtime::load::{LoadOptions, load_catalogue};
use crate::runtime::look_once::{Look, look_once};
use crate::runtime::state_dir::StateDir;

use super::{CheckArgs, exit, print};

/// Looks, prints, and returns the verdict's exit status.
///
/// # Errors
/// When the site cannot be read, a layer is unknown, or the output refuses.
pub async fn run(load: &LoadOptions, args: &CheckArgs) -> Result<u8, String> {
    let layers = layers(&args.layers)?;
    if args.list {
        return list(load, &layers, args.json);
    }
    let model = look_once(Look {
        load,
        layers: &layers,
        size: Size::new(80, 24),
        look: LookNames::default(),
        choices: LookChoices::default(),
        keymap: Keymap::default(),
        needs_inventory: true,
        route: None,
        is_kept: true,
    })
    .await?;
    print::notes(&model.site.problems);
    if args.json {
        print::json(&json(&model, &layers))?;
    } else {
        print::text(&text(&model, &layers))?;
    }
    let mut history = model.history.trouble.as_deref();
    if layers.is_empty()
        && let Some(look) = LastLook::of(&model)
        && let Err(trouble) = keep(&look, load)
    {
        print::error(&format!("{trouble}; `shopfloor greet` will not know of this look"));
        // One trouble is told once.
        history = history.filter(|told| *told != trouble);
    }
    if let Some(trouble) = history {
        print::error(trouble);
    }
    Ok(verdict(&judgements(&model, &layers)).exit_status())
}

/// Keeps the look for the greeting.
fn keep(look: &LastLook, load: &LoadOptions) -> Result<(), String> {
    let state = StateDir::open(&load.directory).map_err(|trouble| trouble.to_string())?;
    look.keep(&state).map_err(|error| state.explain(&error))
}

/// Prints the checks, built or not, and looks at nothing.
fn list(load: &LoadOptions, layers: &[Layer], as_json: bool) -> Result<u8, String> {
    let catalogue = load_catalogue(load)?;
    let listed: Vec<&CheckSpec> = catalogue
        .checks
        .values()
        .filter(|spec| layers.is_empty() || layers.contains(&spec.layer))
        .collect();
    if as_json {
        let listed: Vec<Value> = listed.into_iter().map(spec_json).collect();
        print::json(&json!({ "schema": 1, "checks": listed }))?;
        return Ok(exit::DONE);
    }
    let empty = Layer::ALL.into_iter().filter(|layer| {
        (layers.is_empty() || layers.contains(layer)) && !listed.iter().any(|s| s.layer == *layer)
    });
    let empty: Vec<Layer> = empty.collect();
    let mut out = String::new();
    for spec in listed {
        let state = spec
            .not_built
            .as_deref()
            .map_or_else(String::new, |why| format!(" (not built: {why})"));
        let _ = writeln!(out, "{:<9} {:<9} {}{state}", spec.id, spec.layer, spec.what);
    }
    for layer in empty {
        let _ = writeln!(out, "{:<9} {:<9} nothing looks here yet", "-", layer);
    }
    print::text(&out)?;
    Ok(exit::DONE)
}

/// A check of the catalogue as JSON.
pub fn spec_json(spec: &CheckSpec) -> Value {
    json!({
        "id": spec.id,
        "layer": spec.layer,
        "what": spec.what,
        "rule": spec.rule,
        "source": spec.source,
        "next": spec.next,
        "thresholds": spec.thresholds,
        "overridden": spec.overridden,
        "at": spec.at,
        "built": spec.is_built(),
        "why": spec.not_built,
    })
}

/// The judgements of these layers (all when empty), worst first.
pub fn judgements<'a>(model: &'a Model, layers: &[Layer]) -> Vec<&'a Judgement> {
    let mut found: Vec<&Judgement> = model
        .verdicts
        .targets
        .values()
        .flat_map(|target| &target.judgements)
        .filter(|judgement| layers.is_empty() || layers.contains(&judgement.layer))
        .collect();
    found.sort_by(|a, b| {
        (b.verdict.weight(), a.layer, &a.check, &a.target).cmp(&(
            a.verdict.weight(),
            b.layer,
            &b.check,
            &b.target,
        ))
    });
    found
}

/// The verdict of a look: the worst; `unknown` when nothing was judged.
pub fn verdict(judgements: &[&Judgement]) -> Verdict {
    Verdict::worst(judgements.iter().map(|judgement| judgement.verdict))
}

/// The text form: findings first, then what is well, then the layers nobody looks at.
pub fn text(model: &Model, layers: &[Layer]) -> String {
    let found = judgements(model, layers);
    let mut out = String::new();
    for judgement in &found {
        let age =
            judgement.seen.map_or_else(|| "--".to_owned(), |seen| model.now.since(seen).short());
        let _ = writeln!(
            out,
            "{:<7} {:<9} {:<9} {:<16} {} ({age})",
            judgement.verdict,
            judgement.layer,
            judgement.check,
            judgement.target,
            judgement.sentence
        );
        if judgement.verdict.is_finding()
            && let Some(next) = judgement.next.first()
        {
            let _ = writeln!(out, "{:44} try: {next}", "");
        }
    }
    for layer in unbuilt(model, layers) {
        let _ = writeln!(out, "{:<7} {:<9} nothing looks here yet", "-", layer);
    }
    let count = |verdict| found.iter().filter(|judgement| judgement.verdict == verdict).count();
    let _ = writeln!(
        out,
        "{}: {} pass, {} warn, {} fail, {} unknown, {} not yet",
        verdict(&found),
        count(Verdict::Pass),
        count(Verdict::Warn),
        count(Verdict::Fail),
        count(Verdict::Unknown),
        count(Verdict::NotYet)
    );
    out
}

/// The JSON form (`docs/json.md`), schema 1.
pub fn json(model: &Model, layers: &[Layer]) -> Value {
    let found = judgements(model, layers);
    let checks: Vec<Value> =
        found.iter().map(|judgement| judgement_json(judgement, model.now)).collect();
    let nobody: Vec<&str> = unbuilt(model, layers).map(Layer::word).collect();
    json!({
        "schema": 1,
        "site": model.site.name,
        "at": model.now.rfc3339(),
        "verdict": verdict(&found).word(),
        "checks": checks,
        "nothing_looks_here_yet": nobody,
    })
}

/// One judgement as JSON.
pub fn judgement_json(judgement: &Judgement, now: Stamp) -> Value {
    json!({
        "id": judgement.check,
        "layer": judgement.layer,
        "target": judgement.target,
        "verdict": judgement.verdict,
        "sentence": judgement.sentence,
        "cause": judgement.cause,
        "reason": judgement.reason,
        "age_s": judgement.seen.map(|seen| now.since(seen).as_seconds()),
        "source": judgement.source,
    })
}

/// The layers for which no check is built.
fn unbuilt<'a>(model: &'a Model, layers: &'a [Layer]) -> impl Iterator<Item = Layer> + 'a {
    Layer::ALL.into_iter().filter(|layer| {
        !model.built.contains(layer) && (layers.is_empty() || layers.contains(layer))
    })
}

/// Reads layer words.
///
/// # Errors
/// A sentence for a word that is no layer.
pub fn layers(words: &[String]) -> Result<Vec<Layer>, String> {
    words
        .iter()
        .map(|word| {
            Layer::from_word(word).ok_or_else(|| {
                let known: Vec<&str> = Layer::ALL.into_iter().map(Layer::word).collect();
                format!("there is no layer `{word}`; layers are {}", known.join(", "))
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Msg, scenes, update_with};

    #[test]
    fn findings_come_first_and_the_worst_decides() {
        let mut model = scenes::looked_at(&["a", "b"], 80, 24);
        assert_eq!(verdict(&judgements(&model, &[])), Verdict::Pass);
        scenes::answer(&mut model, "b", scenes::refused("b"));
        let found = judgements(&model, &[]);
        let weights: Vec<u8> = found.iter().map(|one| one.verdict.weight()).collect();
        assert!(weights.is_sorted_by(|a, b| a >= b), "{weights:?}");
        assert_eq!(found[0].verdict, Verdict::Fail);
        assert_eq!(verdict(&found).exit_status(), 2);
        let blind: Vec<&Judgement> =
            found.into_iter().filter(|one| one.verdict != Verdict::Fail).collect();
        assert_eq!(verdict(&blind), Verdict::Unknown, "what cannot be seen outweighs what is well");
        let json = json(&model, &[Layer::Hosts]);
        assert_eq!(json["verdict"], "fail");
        let nobody = &super::json(&model, &[])["nothing_looks_here_yet"];
        assert!(nobody.as_array().unwrap().contains(&"ceph".into()), "{nobody}");
        assert!(!nobody.as_array().unwrap().contains(&"hosts".into()), "{nobody}");
    }

    #[test]
    fn what_never_answered_is_unknown_when_the_look_is_over() {
        let mut model = scenes::model(80, 24);
        let (site, catalogue) = (scenes::site(&["a", "b"]), scenes::catalogue());
        scenes::tell(&mut model, Msg::SiteLoaded(Box::new(site), Box::new(catalogue)));
        scenes::answer(&mut model, "a", scenes::good("6.8.0"));
        let of_b = |model: &Model| {
            let found = judgements(model, &[]).into_iter().filter(|one| one.target.as_str() == "b");
            found.map(|one| one.verdict).collect::<Vec<_>>()
        };
        assert_eq!(of_b(&model), [], "it is awaited while answers come");
        let rules = crate::app::verdicts::judging::built();
        update_with(&mut model, Msg::LookEnded(vec![Layer::Ceph]), rules);
        assert_eq!(of_b(&model), [], "nobody looked for it");
        update_with(&mut model, Msg::LookEnded(Vec::new()), rules);
        let verdicts = of_b(&model);
        assert!(!verdicts.is_empty() && verdicts.iter().all(|one| *one != Verdict::Pass));
        assert_eq!(verdict(&judgements(&model, &[])), Verdict::Unknown);
        assert!(model.verdicts.of(&"b".into()).awaited.is_empty());
    }
}
