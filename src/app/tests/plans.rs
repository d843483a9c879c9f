//! Plans on the screen: phases, the steps of one, the page of a step, runbooks from findings.

use super::super::plans::{PlanNews, PlanOrder, StepPage, StepRef};
use super::super::scenes::{self, press, type_text};
use super::super::screens::code::Text;
use super::super::screens::install;
use super::super::{Effect, Model, Msg, RowId};
use crate::domain::Verdict;

fn model() -> Model {
    let mut model = scenes::looked_at(&["ceph-01"], 80, 24);
    scenes::tell(&mut model, Msg::Plan(PlanNews::Read(scenes::plans(), Vec::new())));
    press(&mut model, "7");
    model
}

fn rows(model: &Model, panel: &str) -> Vec<RowId> {
    let panel = model.screen().panel(panel).unwrap();
    (panel.rows)(model, model.state())
}

fn asked(effects: &[Effect]) -> Option<&StepRef> {
    effects.iter().find_map(|effect| match effect {
        Effect::Plan(PlanOrder::Page(step)) => Some(step),
        _ => None,
    })
}

#[test]
fn a_phase_shows_its_steps_and_a_step_its_page() {
    let mut model = model();
    assert_eq!(rows(&model, install::PHASES).len(), 2);
    assert_eq!(rows(&model, install::STEPS), [RowId::Step("HW-1.1".into())]);
    press(&mut model, "Down");
    let steps = [RowId::Step("HW-5.1".into()), RowId::Step("HW-5.2.4".into())];
    assert_eq!(rows(&model, install::STEPS), steps);
    press(&mut model, "Enter");
    press(&mut model, "Down");
    let effects = press(&mut model, "Enter");
    let of = StepRef { plan: "ai-factory-25.1.1".into(), step: "HW-5.2.4".into() };
    assert_eq!(asked(&effects), Some(&of));
    assert!((model.screen().status)(&model).contains("Reading"));
    let text = vec![Text::Heading("HW-5.2.4".into()), Text::Line("  unblocks the run".into())];
    let other = StepRef { step: "HW-1.1".into(), ..of.clone() };
    for of in [other, of] {
        let page = StepPage { of, text: text.clone() };
        scenes::tell(&mut model, Msg::Plan(PlanNews::Page(Box::new(page))));
    }
    assert_eq!(super::super::screens::step::page(&model), text);
    assert_eq!(asked(&press(&mut model, "Down")), None, "it is not asked again");
}

#[test]
fn the_filter_keeps_phases_by_their_steps() {
    let mut model = model();
    press(&mut model, "/");
    type_text(&mut model, "environment key");
    assert_eq!(rows(&model, install::PHASES), [RowId::Phase("HW-5".into())]);
    assert_eq!(rows(&model, install::STEPS), [RowId::Step("HW-5.2.4".into())]);
}

#[test]
fn a_finding_offers_its_runbooks_and_the_palette_shows_them() {
    let mut model = model();
    press(&mut model, ":");
    type_text(&mut model, "plan rb-disk");
    press(&mut model, "Enter");
    assert_eq!(install::title(&model), "Broken mirror");
    assert_eq!(rows(&model, install::STEPS), [RowId::Step("RB-DISK.1".into())]);
    press(&mut model, ":");
    type_text(&mut model, "step HW-5.1");
    let effects = press(&mut model, "Enter");
    assert_eq!(asked(&effects).map(|step| step.step.as_str()), Some("HW-5.1"));
    let offered: Vec<&str> =
        model.plans.offered_from("HOST-05").map(|plan| plan.id.as_str()).collect();
    assert_eq!(offered, ["RB-DISK"]);
    let judged = scenes::judgement("HOST-05", "ceph-01", Verdict::Fail, "one disk is out");
    model.verdicts = Default::default();
    let next = super::super::screens::details::next_steps(&model, &judged);
    assert_eq!(next.last().map(String::as_str), Some("Runbook Broken mirror: `:plan RB-DISK`"));
    let well = scenes::judgement("HOST-05", "ceph-01", Verdict::Pass, "well");
    assert!(
        !super::super::screens::details::next_steps(&model, &well)
            .iter()
            .any(|n| n.contains("Runbook"))
    );
}
