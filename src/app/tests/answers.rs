//! Site, asks, answers, time.

use crate::domain::{Layer, Verdict};

use super::super::list::listing;
use super::super::scenes::*;
use super::super::screens::{details, layer, overview, rack};
use super::super::{Effect, Mark, Msg, RowId};

fn layer_sentence(model: &super::super::Model, layer: Layer) -> (Mark, String) {
    let line = overview::layer_line(model, &RowId::Layer(layer));
    (line.mark, line.sentence)
}

#[test]
fn before_and_after_the_first_answers_nothing_is_green_that_was_not_seen() {
    let mut model = model(80, 24);
    assert_eq!(
        layer_sentence(&model, Layer::Hosts),
        (Mark::Active, "reading the inventory".into())
    );
    tell(&mut model, Msg::SiteLoaded(Box::new(site(&["a", "b", "c"])), Box::new(catalogue())));
    assert_eq!(layer_sentence(&model, Layer::Hosts), (Mark::Active, "looking 0 of 3".into()));
    assert_eq!(layer_sentence(&model, Layer::Ceph), (Mark::Off, "nothing looks here yet".into()));
    assert_eq!(overview::status(&model), "looking 0 of 6");
    assert_eq!(model.verdicts.findings(), 0, "what nobody asked is no finding");
    answer(&mut model, "a", good("6.8.0"));
    assert_eq!(layer_sentence(&model, Layer::Hosts), (Mark::Ok, "looking 1 of 3".into()));
    answer(&mut model, "b", good("6.8.0"));
    answer(&mut model, "c", good("6.8.0"));
    assert_eq!(
        layer_sentence(&model, Layer::Hosts),
        (Mark::Ok, "3 of 3 answer, 9 checks hold".into())
    );
    assert!(model.changes.is_empty(), "a first verdict is no change");
}

#[test]
fn an_unreachable_host_is_one_row_and_its_other_findings_fold_under_it() {
    let mut model = looked_at(&["a", "b"], 80, 24);
    wait(&mut model, 60);
    answer(&mut model, "b", refused("b"));
    let rows = overview::finding_rows(&model);
    let lines: Vec<_> = rows.iter().filter_map(|r| overview::finding_line(&model, r)).collect();
    let said: Vec<(&str, &str, usize)> =
        lines.iter().map(|l| (l.code.as_str(), l.sentence.as_str(), l.folded)).collect();
    assert_eq!(
        said,
        [
            ("HOST-01", "b refuses connections on port 22", 2),
            ("IPMI-50", "b BMC answers, its host does not", 0),
        ],
        "the controller was judged again because its host fell silent"
    );
    assert_eq!(model.verdicts.findings(), 4);
    assert_eq!(
        layer_sentence(&model, Layer::Hosts),
        (Mark::Fail, "b refuses connections on port 22".into())
    );
    assert_eq!(
        overview::status(&model),
        "3 of the 4 findings share one likely cause: b. Tab goes there"
    );
    let told: Vec<&str> = model.changes.newest_first().map(|c| c.check.as_str()).collect();
    assert_eq!(told, ["IPMI-50", "HOST-01"], "what folds is not told twice");
    let details = details::of_row(&model, &rows[0]).expect("details");
    assert_eq!(
        details.folded.iter().map(|c| c.as_str()).collect::<Vec<_>>(),
        ["HOST-02", "HOST-03"]
    );
    assert_eq!(details.cause.as_deref(), Some("refused"));
    assert_eq!(details.next, ["look at it"]);
}

#[test]
fn since_is_when_the_verdict_turned_not_when_it_was_last_said() {
    let mut model = looked_at(&["a"], 80, 24);
    wait(&mut model, 30);
    answer(&mut model, "a", good("bad"));
    let since = |model: &super::super::Model| {
        model.verdicts.judgement(&"HOST-02".into(), &"a".into()).map(|j| (j.verdict, j.since))
    };
    let turned = NOW.plus_millis(30_000);
    assert_eq!(since(&model), Some((Verdict::Fail, Some(turned))));
    wait(&mut model, 30);
    answer(&mut model, "a", good("bad"));
    assert_eq!(since(&model), Some((Verdict::Fail, Some(turned))));
    answer(&mut model, "a", good("6.8.0"));
    assert_eq!(since(&model), Some((Verdict::Pass, Some(NOW.plus_millis(60_000)))));
    assert_eq!(model.changes.len(), 2);
}

#[test]
fn the_same_on_three_hosts_is_one_row_that_opens_into_all_three() {
    let mut model = looked_at(&["a", "b", "c", "d"], 80, 24);
    for host in ["a", "b"] {
        answer(&mut model, host, good("bad"));
    }
    assert_eq!(overview::finding_rows(&model).len(), 2);
    answer(&mut model, "c", good("bad"));
    let rows = overview::finding_rows(&model);
    assert_eq!(rows.len(), 1);
    let line = overview::finding_line(&model, &rows[0]).expect("a line");
    assert_eq!(line.sentence, "3 hosts: a runs a kernel that is bad, and 2 more");
    press(&mut model, "Tab Enter");
    assert_eq!(model.route().screen, "hosts");
    let shown = layer::rows(&model, model.state(), Layer::Hosts);
    let members: Vec<RowId> =
        ["a", "b", "c"].map(|t| RowId::Finding("HOST-02".into(), t.into())).to_vec();
    assert_eq!(shown[0], rows[0]);
    assert_eq!(shown[1..4], members, "all are listed");
    press(&mut model, "Space");
    assert_eq!(layer::rows(&model, model.state(), Layer::Hosts).len(), shown.len() - 3);
    press(&mut model, "Space Down Space");
    assert_eq!(
        layer::rows(&model, model.state(), Layer::Hosts).len(),
        shown.len() - 3,
        "Space on a member folds its group"
    );
}

#[test]
fn what_is_unfolded_on_the_last_row_is_seen_in_the_order_of_names() {
    let mut model = looked_at(&["c", "a", "b"], 80, 24);
    press(&mut model, ": h o s t s Enter");
    press(&mut model, "End Home");
    let panel = model.screen().panel("checks").expect("a panel");
    let folded = listing(&model, panel);
    let lowest = folded.rows.len().min(folded.height) - 1;
    for _ in 0..lowest {
        press(&mut model, "Down");
    }
    press(&mut model, "Space");
    let open = listing(&model, panel);
    let members: Vec<&RowId> = open.shown().map(|(row, _)| row).collect();
    let at = open.shown().position(|(_, is_selected)| is_selected).expect("a selected row");
    let names: Vec<&str> = members[at + 1..]
        .iter()
        .take(3)
        .filter_map(|row| match row {
            RowId::Finding(_, target) => Some(target.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(names, ["a", "b", "c"], "{members:?}");
}

#[test]
fn a_fact_that_grows_old_turns_its_verdict_within_a_minute() {
    let mut model = looked_at(&["a", "b", "c"], 80, 24);
    let verdict = |model: &super::super::Model| {
        model.verdicts.judgement(&"HOST-03".into(), &"a".into()).map(|j| j.verdict)
    };
    assert_eq!(verdict(&model), Some(Verdict::Pass));
    let later = model.now.plus_millis(3_601_000);
    tell(&mut model, Msg::Clock(later));
    wait(&mut model, 60);
    assert_eq!(verdict(&model), Some(Verdict::Unknown));
}

#[test]
fn the_history_of_a_layer_keeps_the_worst_of_each_minute_of_an_hour() {
    let mut model = looked_at(&["a"], 80, 24);
    answer(&mut model, "a", good("bad"));
    answer(&mut model, "a", good("6.8.0"));
    wait(&mut model, 120);
    let line = overview::layer_line(&model, &RowId::Layer(Layer::Hosts));
    assert_eq!(line.history.last(), Some(&Some(Verdict::Pass)));
    assert!(line.history.contains(&Some(Verdict::Fail)), "{:?}", line.history);
    wait(&mut model, 3 * 3600);
    let line = overview::layer_line(&model, &RowId::Layer(Layer::Hosts));
    assert_eq!(line.history.len(), 60);
    assert!(!line.history.contains(&Some(Verdict::Fail)));
}

#[test]
fn probes_are_counted_as_they_fare() {
    let mut model = looked_at(&["a", "b"], 80, 24);
    let now = model.now;
    assert_eq!((model.probes.known, model.probes.troubled), (4, 0));
    tell(&mut model, Msg::Asked(probe("a", "host.look"), now));
    tell(&mut model, Msg::Asked(probe("a", "host.look"), now));
    assert_eq!(model.probes.asking, 1);
    answer(&mut model, "a", refused("a"));
    answer(&mut model, "a", refused("a"));
    assert_eq!((model.probes.asking, model.probes.troubled), (0, 1));
    answer(&mut model, "a", good("6.8.0"));
    assert_eq!((model.probes.known, model.probes.troubled), (4, 0));
}

#[test]
fn a_site_read_again_forgets_what_is_gone_and_keeps_the_rest() {
    let mut model = looked_at(&["a", "b"], 80, 24);
    answer(&mut model, "a", good("bad"));
    answer(&mut model, "b", good("bad"));
    wait(&mut model, 60);
    tell(&mut model, Msg::SiteLoaded(Box::new(site(&["b", "c"])), Box::new(catalogue())));
    assert!(!model.verdicts.targets.contains_key(&"a".into()));
    assert_eq!(model.verdicts.findings(), 1);
    let kept = model.verdicts.judgement(&"HOST-02".into(), &"b".into()).expect("judged");
    assert_eq!(kept.since, Some(NOW));
    assert_eq!(layer_sentence(&model, Layer::Hosts).0, Mark::Fail);
    assert_eq!(model.probes.known, 2);
    let before = model.clone();
    let now = model.now;
    tell(&mut model, Msg::Answered(probe("a", "host.look"), good("bad"), now, 1));
    assert_eq!(model, before, "an answer of a target that is gone is dropped");
}

#[test]
fn what_is_in_view_is_told_once_and_only_when_it_is_other() {
    let mut model = looked_at(&["a", "b"], 80, 24);
    let effects = press(&mut model, "2");
    let told = vec!["a".into(), "b".into(), "bmc:a".into(), "bmc:b".into()];
    assert_eq!(effects, [Effect::InView(told)]);
    assert_eq!(press(&mut model, "Down"), []);
    assert_eq!(press(&mut model, "R"), []);
    assert_eq!(press(&mut model, "8"), [Effect::InView(vec![])]);
}

/// With the rules that are built and the checks that are shipped.
#[test]
fn the_real_rules_make_one_row_of_a_host_that_refuses() {
    let (catalogue, faults) = crate::checks::Catalogue::load(&[], &Default::default());
    assert!(faults.is_empty(), "{faults:?}");
    let mut model = model(80, 24);
    let update = super::super::update;
    update(&mut model, Msg::SiteLoaded(Box::new(site(&["gpu-07"])), Box::new(catalogue)));
    assert_eq!(layer_sentence(&model, Layer::Hosts), (Mark::Active, "looking 0 of 1".into()));
    update(&mut model, Msg::Answered(probe("gpu-07", "host.look"), refused("gpu-07"), NOW, 9));
    let hosts = model.verdicts.layer(Layer::Hosts);
    assert!(hosts.counts.findings() > 5, "{:?}", hosts.counts);
    assert_eq!(hosts.counts.pass, 0, "nothing is green that was not seen");
    let rows: Vec<RowId> = overview::finding_rows(&model)
        .iter()
        .filter(|row| matches!(row, RowId::Finding(_, target) if target.as_str() == "gpu-07"))
        .cloned()
        .collect();
    assert_eq!(rows.len(), 1, "{rows:?}");
    let line = overview::finding_line(&model, &rows[0]).expect("a line");
    assert_eq!(line.folded, hosts.counts.findings() - 1);
    assert!(line.sentence.contains("gpu-07"), "{}", line.sentence);
}

/// Twelve hosts lose the leg to one leaf, which nothing looks at: one sentence
/// says who, where, and that the leaf itself was not seen.
#[test]
fn legs_that_end_at_one_leaf_are_one_sentence_that_names_it() {
    use crate::domain::fact::Table;
    use crate::domain::{Answer, Report, Target, TargetKind, keys, wanted};
    let names: Vec<String> = (1..=12).map(|n| format!("gpu-{n:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut cabled = site(&names);
    for (number, target) in (1..).zip(cabled.targets.iter_mut().filter(|t| t.ssh.is_some())) {
        for (port, leaf) in [("eth2", "leaf-01"), ("eth3", "leaf-02")] {
            target.wanted.insert(format!("{}{port}", wanted::CABLE), format!("{leaf} E1/{number}"));
        }
    }
    let leaf = Target { kind: TargetKind::Switch, roles: Vec::new(), ssh: None, ..host("leaf-02") };
    let place = cabled.targets.len();
    cabled.targets.push(leaf);
    let (catalogue, _) = crate::checks::Catalogue::load(&[], &Default::default());
    let mut model = model(160, 48);
    let update = super::super::update;
    update(&mut model, Msg::SiteLoaded(Box::new(cabled), Box::new(catalogue)));
    let bond = |model: &mut super::super::Model, name: &str, dead: Option<&str>| {
        let words = |row: &[&str]| row.iter().map(|word| (*word).to_owned()).collect();
        let mut bonds = Table::new(&["name", "mode", "mii", "partner"]);
        bonds.push(words(&["bond0", "IEEE 802.3ad", "up", "02:00:5e:30:00:20"]));
        let mut members = Table::new(&["bond", "member", "mii", "aggregator", "actor", "partner"]);
        for port in ["eth2", "eth3"] {
            let mii = if dead == Some(port) { "down" } else { "up" };
            members.push(words(&["bond0", port, mii, "1", "none", "none"]));
        }
        let mut report = Report::default();
        report.learn(keys::hosts::BONDS, bonds);
        report.learn(keys::hosts::BOND_MEMBERS, members);
        update(model, Msg::Answered(probe(name, "host.look"), Answer::Facts(report), NOW, 9));
    };
    let said = |model: &super::super::Model| {
        let lines = overview::finding_rows(model);
        let mut lines = lines.iter().filter_map(|row| overview::finding_line(model, row));
        lines
            .find(|line| line.code.as_str() == "BOND-50")
            .map(|line| line.sentence)
            .unwrap_or_default()
    };
    for name in &names {
        bond(&mut model, name, Some("eth3"));
    }
    assert_eq!(
        said(&model),
        "12 hosts have a leg down, all at leaf-02: gpu-01..gpu-12; nothing looks at leaf-02 itself"
    );
    bond(&mut model, "gpu-12", Some("eth2"));
    assert_eq!(said(&model), "12 hosts have a leg down: gpu-01..gpu-12", "not all at one leaf");
    bond(&mut model, "gpu-12", None);
    assert_eq!(
        said(&model),
        "11 hosts have a leg down, all at leaf-02: gpu-01..gpu-11; nothing looks at leaf-02 itself"
    );
    // Were the leaf looked at, its own findings would say how it fares.
    let seen = judgement("FAB-01", "leaf-02", Verdict::Pass, "leaf-02 answers");
    let seen = super::super::verdicts::Judged { judgements: vec![seen], ..Default::default() };
    model.verdicts.replace(&"leaf-02".into(), place, seen, NOW, &mut model.history);
    assert_eq!(said(&model), "11 hosts have a leg down, all at leaf-02: gpu-01..gpu-11");
}

#[test]
fn the_rack_shows_real_facts_of_the_selected_machine() {
    use crate::domain::fact::Table;
    use crate::domain::{Answer, Report, keys};
    let mut model = looked_at(&["gpu-07"], 80, 24);
    let mut report = Report::default();
    let mut arrays = Table::new(&["name", "status"]);
    arrays.push(vec!["md0".into(), "U_".into()]);
    report.learn(keys::hosts::ARRAYS, arrays);
    report.learn(keys::hosts::KERNEL, "6.8.0-71".to_owned());
    answer(&mut model, "gpu-07", Answer::Facts(report));
    let mut report = Report::default();
    report.learn(keys::power::redfish::INLET, 25.0);
    report.learn(keys::power::redfish::WATTS, 1900.0);
    report.learn(keys::power::redfish::POWER_STATE, keys::Word("on".into()));
    let bmc = probe("bmc:gpu-07", "bmc.redfish");
    tell(&mut model, Msg::Answered(bmc, Answer::Facts(report), NOW, 9));
    let details = rack::details(&model, &RowId::Target("gpu-07".into())).expect("details");
    let text = |label: &str| {
        details.lines.iter().find(|line| line.label == label).map(|line| line.text.as_str())
    };
    assert_eq!(text("Power"), Some("on, 1.9 kW"));
    assert_eq!(text("Inlet"), Some("25 C"));
    assert_eq!(text("Kernel"), Some("6.8.0-71"));
    assert_eq!(text("Disks"), Some("md0 U_"));
    press(&mut model, "2 H");
    let elevation = rack::elevation_in(&model, None, usize::MAX).expect("a rack");
    assert_eq!(elevation.lines[0].note, "25 C");
    press(&mut model, "H");
    let elevation = rack::elevation_in(&model, None, usize::MAX).expect("a rack");
    assert_eq!(elevation.lines[0].note, "1.9 kW");
}

#[test]
fn an_answer_costs_two_targets_however_many_there_are() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static JUDGED: AtomicUsize = AtomicUsize::new(0);
    static COUNTING: crate::checks::Rule = crate::checks::Rule {
        id: "HOST-01",
        applies: |_, target| target.machine.is_some(),
        probes: &["host.look", "bmc.redfish"],
        judge: |case| {
            JUDGED.fetch_add(1, Ordering::Relaxed);
            judgement("HOST-01", case.target.id.as_str(), Verdict::Pass, "it is so")
        },
    };
    let names: Vec<String> = (0..3_000).map(|n| format!("gpu-{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut model = model(80, 24);
    let rules: &[&crate::checks::Rule] = &[&COUNTING];
    let mut tell = |msg| super::super::update_with(&mut model, msg, rules);
    tell(Msg::SiteLoaded(Box::new(site(&names)), Box::new(catalogue())));
    assert_eq!(JUDGED.load(Ordering::Relaxed), 0);
    for name in &names {
        tell(Msg::Answered(probe(name, "host.look"), good("6.8.0"), NOW, 1));
        tell(Msg::Answered(probe(&format!("bmc:{name}"), "bmc.redfish"), powered(), NOW, 1));
    }
    let answers = 2 * names.len();
    assert!(JUDGED.load(Ordering::Relaxed) <= 2 * answers);
    JUDGED.store(0, Ordering::Relaxed);
    tell(Msg::Clock(NOW.plus_millis(1_000)));
    tell(Msg::Clock(NOW.plus_millis(1_033)));
    assert_eq!(JUDGED.load(Ordering::Relaxed), 50, "a sixtieth each second, once");
}

#[test]
fn the_rack_shows_units_gaps_and_what_has_no_rack() {
    let mut model = looked_at(&["a", "b"], 80, 24);
    let mut site = model.site.clone();
    let mut loose = host("loose");
    loose.serial = Some("LOOSE1".into());
    site.targets.push(loose);
    tell(&mut model, Msg::SiteLoaded(Box::new(site), Box::new(catalogue())));
    answer(&mut model, "b", good("bad"));
    press(&mut model, "2");
    let elevation = rack::elevation_in(&model, None, usize::MAX).expect("a rack");
    let lines: Vec<(Option<u16>, u16, &str, Mark)> =
        elevation.lines.iter().map(|l| (l.unit, l.height, l.name.as_str(), l.mark)).collect();
    assert_eq!(
        lines,
        [(Some(4), 2, "b", Mark::Fail), (Some(3), 1, "", Mark::Off), (Some(1), 2, "a", Mark::Ok),]
    );
    assert_eq!((elevation.number, elevation.racks), (1, 2));
    press(&mut model, "Right");
    let elevation = rack::elevation_in(&model, None, usize::MAX).expect("a rack");
    assert_eq!(elevation.rack, "without a rack");
    assert!(!elevation.has_units);
    assert_eq!(elevation.lines[0].mark, Mark::Active, "it was never judged");
    let row = elevation.lines[0].row.clone();
    let details = rack::details(&model, &row).expect("details");
    assert_eq!(details.serial.as_deref(), Some("LOOSE1"));
    let power = details.lines.iter().find(|line| line.label == "Power").expect("a power line");
    assert_eq!(power.mark, Some(Mark::Unknown), "power that nobody told is not off");
}
