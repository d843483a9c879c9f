//! Keys, the filter, history, motion, the mouse, sizes.

use crate::domain::TargetId;

use super::super::list::listing;
use super::super::scenes::*;
use super::super::{Effect, Input, Model, Msg, Overlay, RowId};

fn selected(model: &Model, panel: &str) -> Option<RowId> {
    listing(model, model.screen().panel(panel)?).row().cloned()
}

fn status(model: &Model) -> &str {
    model.status.as_ref().map_or("", |status| status.sentence.as_str())
}

fn target(name: &str) -> Option<RowId> {
    Some(RowId::Target(TargetId::from(name)))
}

#[test]
fn the_selection_stays_on_its_thing_while_the_list_changes() {
    let mut model = looked_at(&["a", "b", "c"], 80, 24);
    answer(&mut model, "b", good("bad"));
    press(&mut model, "Tab");
    let row = Some(RowId::Finding("HOST-02".into(), "b".into()));
    assert_eq!(selected(&model, "findings"), row);
    press(&mut model, "Home");
    wait(&mut model, 5);
    answer(&mut model, "a", refused("a"));
    answer(&mut model, "b", good("bad"));
    assert_eq!(selected(&model, "findings"), row, "another finding came, the selection stayed");
    answer(&mut model, "b", good("6.8.0"));
    assert_eq!(
        selected(&model, "findings"),
        Some(RowId::Finding("HOST-01".into(), "a".into())),
        "its finding is gone: what is near is selected"
    );
}

#[test]
fn from_a_red_row_to_its_cause_in_three_keys() {
    let mut model = looked_at(&["a", "b"], 80, 24);
    answer(&mut model, "b", refused("b"));
    press(&mut model, "Tab Enter Enter");
    assert_eq!(model.route().screen, "code");
    let page = super::super::screens::code::page(&model);
    let first = format!("{:?}", page.get(..2));
    assert!(first.contains("Here now, on b") && first.contains("b refuses connections"), "{first}");
    assert_eq!(model.route().check.as_ref().map(|c| c.as_str()), Some("HOST-01"));
    press(&mut model, "Esc");
    assert_eq!(model.route().target, Some("b".into()));
    assert_eq!(
        selected(&model, "checks"),
        Some(RowId::Finding("HOST-01".into(), "b".into())),
        "the finding that was opened is selected"
    );
}

#[test]
fn the_filter_is_live_survives_leaving_and_takes_every_printable_key() {
    let mut model = looked_at(&["gpu-01", "gpu-02", "q?3"], 80, 24);
    press(&mut model, "2");
    assert_eq!(listing(&model, model.screen().panel("units").unwrap()).rows.len(), 3);
    press(&mut model, "/");
    assert_eq!(
        type_text(&mut model, "q?3"),
        [Effect::InView(vec!["bmc:q?3".into(), "q?3".into()])]
    );
    assert_eq!(model.state().filter, "q?3");
    press(&mut model, "Enter 1 2");
    assert_eq!(selected(&model, "units"), target("q?3"));
    press(&mut model, "/ Backspace Backspace Backspace g 2 Enter");
    assert_eq!(status(&model), "Nothing matches; Esc shows everything, / looks for other words");
    press(&mut model, "/ Esc");
    assert_eq!(model.state().filter, "");
    assert_eq!(model.route().screen, "rack", "Esc in the field leaves the field only");
}

#[test]
fn esc_shows_everything_before_it_leads_away() {
    let mut model = looked_at(&["gpu-01", "gpu-02"], 80, 24);
    press(&mut model, "2 1 /");
    type_text(&mut model, "zzz");
    press(&mut model, "Enter");
    assert_eq!(selected(&model, "layers"), None);
    press(&mut model, "Esc");
    assert_eq!((model.state().filter.as_str(), model.route().screen.as_str()), ("", "overview"));
    assert!(selected(&model, "layers").is_some(), "the layers are back");
    press(&mut model, "Esc");
    assert_eq!(model.route().screen, "rack", "nothing is filtered: Esc goes back");
}

#[test]
fn n_and_shift_n_turn_among_the_matches() {
    let mut model = looked_at(&["gpu-01", "gpu-02", "ctl-01"], 80, 24);
    press(&mut model, "2 n");
    assert!(status(&model).contains("nothing is looked for"), "{}", status(&model));
    press(&mut model, "/ g p u Enter Home");
    let first = selected(&model, "units");
    press(&mut model, "n");
    assert_ne!(selected(&model, "units"), first);
    press(&mut model, "n");
    assert_eq!(selected(&model, "units"), first);
    press(&mut model, "N N");
    assert_eq!(selected(&model, "units"), first);
}

#[test]
fn only_problems_hides_what_is_well() {
    let mut model = looked_at(&["a", "b", "c"], 80, 24);
    answer(&mut model, "b", good("bad"));
    press(&mut model, "2 !");
    assert_eq!(
        *listing(&model, model.screen().panel("units").unwrap()).rows,
        [RowId::Target("b".into())]
    );
    press(&mut model, "1 2 !");
    assert_eq!(listing(&model, model.screen().panel("units").unwrap()).rows.len(), 3);
}

#[test]
fn keys_that_are_kept_for_later_stay_in_place_and_say_why() {
    let mut model = looked_at(&["a"], 80, 24);
    for (key, part) in [
        ("<", "not built yet"),
        (">", "not built yet"),
        ("L", "this is live"),
        ("l", "no host and no run is selected"),
        ("d", "not built yet"),
        ("A", "nothing here changes"),
        ("a", "not built yet"),
        ("m", "only logs have marks"),
        ("x", "Y copies"),
        ("]", "nothing ahead"),
        ("{", "no finding"),
        ("Left", "nothing beside"),
    ] {
        let before = model.clone();
        assert_eq!(press(&mut model, key), [], "{key}");
        assert!(status(&model).contains(part), "{key}: {}", status(&model));
        model.status = None;
        assert_eq!(model, before, "{key} changes nothing");
    }
}

#[test]
fn history_walks_back_and_forth_and_esc_never_quits() {
    let mut model = looked_at(&["a"], 80, 24);
    press(&mut model, "2 3 [");
    assert_eq!(model.route().screen, "rack");
    press(&mut model, "]");
    assert_eq!(model.route().screen, "fabric");
    assert_eq!(
        press(&mut model, "Esc Esc Esc Esc"),
        [Effect::InView(vec!["a".into(), "bmc:a".into()]), Effect::InView(vec![])]
    );
    assert_eq!(model.route().screen, "overview");
    assert!(status(&model).contains("q leaves"));
    assert_eq!(press(&mut model, "q"), [Effect::Quit]);
}

#[test]
fn every_digit_opens_its_screen() {
    let mut model = looked_at(&["a"], 80, 24);
    for screen in super::super::screens::all() {
        let Some(digit) = screen.digit else { continue };
        press(&mut model, &digit.to_string());
        assert_eq!(model.screen().id, screen.id);
        assert!(!(screen.status)(&model).is_empty());
    }
}

#[test]
fn braces_walk_the_findings() {
    let mut model = looked_at(&["a", "b", "c", "d"], 80, 24);
    answer(&mut model, "b", good("bad"));
    answer(&mut model, "d", good("bad"));
    press(&mut model, "2 Home");
    assert_eq!(selected(&model, "units"), target("d"));
    press(&mut model, "}");
    assert_eq!(selected(&model, "units"), target("b"));
    press(&mut model, "}");
    assert!(status(&model).contains("no finding further below"), "{}", status(&model));
    press(&mut model, "{");
    assert_eq!(selected(&model, "units"), target("d"));
    press(&mut model, "8 }");
    assert_eq!(model.route().screen, "target", "a screen without rows leads to the worst");
}

#[test]
fn arrows_walk_the_racks_at_about_the_same_height() {
    let names: Vec<String> = (0..25).map(|n| format!("gpu-{n:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut model = looked_at(&names, 80, 24);
    press(&mut model, "2 Home Down Down");
    assert_eq!(selected(&model, "units"), target("gpu-07"));
    press(&mut model, "Right");
    assert_eq!(selected(&model, "units"), target("gpu-17"));
    press(&mut model, "Right");
    assert_eq!(selected(&model, "units"), target("gpu-24"), "the third rack is half full");
    press(&mut model, "Right Left");
    assert_eq!(super::super::screens::rack::shown_rack(&model).map(|(at, _)| at), Some(1));
    press(&mut model, "H R");
    assert_eq!(model.state().colour_by.word(), "heat");
    assert!(model.state().is_rear);
}

#[test]
fn since_when_and_copy_speak_of_the_selection() {
    let mut model = looked_at(&["a"], 80, 24);
    wait(&mut model, 10);
    answer(&mut model, "a", good("bad"));
    wait(&mut model, 252);
    press(&mut model, "Tab");
    assert_eq!(
        press(&mut model, "y"),
        [Effect::Copy("FAIL HOST-02 a runs a kernel that is bad".into())]
    );
    assert_eq!(press(&mut model, "Y"), [Effect::CopyScreen]);
    press(&mut model, "t");
    let Some(super::super::Overlay::Since(since)) = &model.overlay else { panic!("no list") };
    assert!(since.lines[0].starts_with("HOST-02 is fail since"), "{:?}", since.lines);
    assert!(since.lines[0].ends_with("(4m12s)"), "{:?}", since.lines);
    press(&mut model, "Esc");
    assert_eq!(model.overlay, None);

    // Of a layer: its findings with whom they are about, then what turned.
    press(&mut model, "1 Shift-Tab j t");
    let Some(super::super::Overlay::Since(since)) = &model.overlay else { panic!("no list") };
    assert!(since.lines[0].starts_with("HOST-02 fail on a since"), "{:?}", since.lines);
    assert!(since.lines[1].ends_with("a HOST-02 pass to fail"), "{:?}", since.lines);
}

#[test]
fn looking_again_asks_the_selected_target_and_its_other_half() {
    let mut model = looked_at(&["a", "b"], 80, 24);
    press(&mut model, "2 Home");
    assert_eq!(
        press(&mut model, "r"),
        [Effect::Ask(vec![probe("b", "host.look"), probe("bmc:b", "bmc.redfish")])]
    );
    assert_eq!(press(&mut model, "0 r"), [Effect::InView(vec![]), Effect::ReloadSite]);
}

#[test]
fn below_60x15_only_leaving_and_help_work() {
    let mut model = looked_at(&["a"], 59, 24);
    let before = model.clone();
    press(&mut model, "2 / : Tab Enter Ctrl-C j Esc");
    assert_eq!(model, before);
    press(&mut model, "?");
    assert!(model.overlay.is_some());
    press(&mut model, "?");
    assert_eq!(model.overlay, None);
    assert_eq!(press(&mut model, "q"), [Effect::Quit]);
    tell(&mut model, Msg::Input(Input::Resize(80, 24)));
    press(&mut model, "2");
    assert_eq!(model.route().screen, "rack");
}

#[test]
fn a_small_screen_shows_the_panel_with_the_focus() {
    let mut model = looked_at(&["a"], 70, 16);
    let shown = |model: &Model| {
        super::super::areas(model, model.size).panels.iter().map(|p| p.name).collect::<Vec<_>>()
    };
    assert_eq!(shown(&model), ["layers"]);
    press(&mut model, "Tab");
    assert_eq!(shown(&model), ["findings"]);
    tell(&mut model, Msg::Input(Input::Resize(80, 24)));
    press(&mut model, "z");
    assert_eq!(shown(&model), ["findings"]);
    press(&mut model, "Esc");
    assert_eq!(shown(&model), ["layers", "findings", "changed"]);
}

#[test]
fn the_mouse_selects_opens_and_scrolls_and_can_be_let_go() {
    let mut model = looked_at(&["a", "b"], 80, 24);
    let click = |x, y| Msg::Input(Input::Click(x, y));
    tell(&mut model, click(10, 4));
    assert_eq!(selected(&model, "layers"), Some(RowId::Layer(crate::domain::Layer::Power)));
    assert_eq!(press(&mut model, "M"), [Effect::Mouse(true)]);
    tell(&mut model, click(10, 4));
    assert_eq!(selected(&model, "layers"), Some(RowId::Layer(crate::domain::Layer::Hosts)));
    tell(&mut model, click(10, 4));
    assert_eq!(model.route().screen, "hosts", "a second click opens");
    tell(&mut model, click(8, 1));
    assert_eq!(model.route().screen, "rack");
    tell(&mut model, click(5, 4));
    assert_eq!(selected(&model, "units"), target("b"), "a blank unit hits nothing");
    tell(&mut model, click(5, 5));
    assert_eq!(selected(&model, "units"), target("a"));
    tell(&mut model, Msg::Input(Input::Wheel(5, 5, -3)));
    assert_eq!(selected(&model, "units"), target("b"));
    assert_eq!(press(&mut model, "M"), [Effect::Mouse(false)]);
}

#[test]
fn sorting_puts_the_worst_layer_first() {
    let mut model = looked_at(&["a"], 80, 24);
    answer(&mut model, "a", good("bad"));
    let first = |model: &Model| {
        super::super::screens::overview::layer_rows(model, model.state())[0].clone()
    };
    assert_eq!(first(&model), RowId::Layer(crate::domain::Layer::Power));
    press(&mut model, "s");
    assert_eq!(first(&model), RowId::Layer(crate::domain::Layer::Hosts));
    press(&mut model, "s");
    assert_eq!(first(&model), RowId::Layer(crate::domain::Layer::Power));
}

#[test]
fn a_layer_screen_turns_between_checks_and_targets() {
    let mut model = looked_at(&["a", "b"], 80, 24);
    answer(&mut model, "b", good("bad"));
    press(&mut model, "Down Enter o");
    assert_eq!(model.route().screen, "hosts");
    let rows = listing(&model, model.screen().panel("checks").unwrap()).rows;
    assert_eq!(*rows, [RowId::Target("b".into()), RowId::Target("a".into())], "worst first");
    press(&mut model, "Enter");
    assert_eq!(model.route().target, Some("b".into()));
}

#[test]
fn a_narrowed_list_says_how_many_of_how_many() {
    let mut model = looked_at(&["gpu-01", "gpu-02", "leaf-01"], 120, 40);
    let counts = |model: &Model| -> Vec<String> {
        let panels = model.screen().panels.iter();
        panels.map(|panel| super::super::list::listing(model, panel).narrowed()).collect()
    };
    press(&mut model, "2");
    assert_eq!(counts(&model), [""], "nothing is narrowed");
    press(&mut model, "/");
    type_text(&mut model, "gpu");
    assert_eq!(counts(&model), ["2 of 3"]);
    type_text(&mut model, "x");
    assert_eq!(counts(&model), ["0 of 3"]);
    press(&mut model, "Esc !");
    assert_eq!(counts(&model), ["0 of 3"], "problems only narrows too");
    press(&mut model, "1 !");
    assert_eq!(counts(&model)[0], "0 of 10");
    answer(&mut model, "gpu-01", refused("gpu-01"));
    assert_eq!(counts(&model)[0], "2 of 10", "host and controller");
    press(&mut model, "! /");
    type_text(&mut model, "refuses");
    assert_eq!(counts(&model)[..2], ["1 of 10", "1 of 2"]);
}

#[test]
fn a_fact_that_is_a_list_or_a_table_opens_its_items() {
    use crate::domain::fact::Table;
    use crate::domain::{Answer, keys};
    let mut model = looked_at(&["gpu-01"], 80, 24);
    let Answer::Facts(mut report) = good("6.8") else { panic!("no facts") };
    let mut members = Table::new(&["bond", "member", "mii"]);
    for member in ["eth2", "eth3", "eth4"] {
        members.push(vec!["bond0".into(), member.into(), "up".into()]);
    }
    report.learn(keys::hosts::BOND_MEMBERS, members);
    report.learn(keys::hosts::FAILED_UNITS, vec!["a.service".into(), "b.service".into()]);
    answer(&mut model, "gpu-01", Answer::Facts(report));
    model.navigation.go(super::super::Route::target("gpu-01".into()));
    let open = |model: &mut Model, key: &str| {
        let row = RowId::Fact("gpu-01".into(), key.to_owned().into());
        super::super::commands::open(model, &row)
    };
    open(&mut model, "host.bond_members");
    assert_eq!(model.route().screen, "fact");
    let rows = |model: &Model| {
        let panel = model.screen().panels.first().unwrap();
        super::super::list::listing(model, panel).rows.to_vec()
    };
    assert_eq!(rows(&model).len(), 3);
    press(&mut model, "j");
    assert_eq!(press(&mut model, "y"), [Effect::Copy("bond bond0, member eth3, mii up".into())]);
    press(&mut model, "/");
    type_text(&mut model, "eth4");
    press(&mut model, "Enter");
    assert_eq!(rows(&model).len(), 1);
    assert!((model.screen().status)(&model).starts_with("host.bond_members of gpu-01, from"));
    press(&mut model, "Esc Esc");
    assert_eq!(model.route().screen, "target", "Esc leads back");
    open(&mut model, "host.failed_units");
    assert_eq!(rows(&model).len(), 2, "what was looked for elsewhere narrows nothing here");
    press(&mut model, "[");
    open(&mut model, "host.kernel");
    assert!(matches!(model.overlay, Some(Overlay::Since(_))), "a single value says since when");
}
