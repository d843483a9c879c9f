//! The reader of Ansible's output against other witnesses: callbacks of `ansible.posix` and
//! `community.general`, which `tests/servers/install ansible` takes out of the distribution's package.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::ansible_runs::{Key, Stage, agree, outline, playbooks, story, understood};
use crate::pty::{Home, Terminal};
use crate::runner::bench::{Bench, SHOPFLOOR, said};
use crate::suite::{ran, skipped};

const SUITE: &str = "ansible-runs";

/// Where the collections are; nothing where they could not be had.
fn collections() -> Option<String> {
    let place = std::env::var("SHOPFLOOR_COLLECTIONS").ok();
    if place.is_none() {
        skipped(SUITE, "SHOPFLOOR_COLLECTIONS names no directory with collections");
    }
    place
}

fn yaml_agrees(variable: &str) {
    let (Some(stage), Some(place)) = (Stage::new(variable), collections()) else { return };
    ran(SUITE);
    let printed = stage.run(
        &["-v"],
        &[
            ("ANSIBLE_STDOUT_CALLBACK", "community.general.yaml"),
            ("ANSIBLE_COLLECTIONS_PATH", &place),
            ("ANSIBLE_FORCE_COLOR", "1"),
        ],
    );
    let outline = outline(&printed);
    assert!(outline.is_ansible(), "{}", String::from_utf8_lossy(&printed));
    agree(variable, &stage.events(), &outline);
    story(variable, &outline);
}

#[test]
fn core_2_14_agrees_as_community_general_yaml_prints_it() {
    yaml_agrees("SHOPFLOOR_ANSIBLE_2_14");
}

#[test]
fn core_2_16_agrees_as_community_general_yaml_prints_it() {
    yaml_agrees("SHOPFLOOR_ANSIBLE_2_16");
}

/// What a result is in one word, by its fields.
fn state(result: &Json) -> &'static str {
    let is = |name: &str| result[name] == Json::Bool(true);
    match () {
        () if is("unreachable") => "unreachable",
        () if is("failed") => "failed",
        () if is("skipped") => "skipped",
        () if is("changed") => "changed",
        () => "ok",
    }
}

/// The same play under the runner, as text, and as `ansible.posix.json` tells it.
#[tokio::test(flavor = "multi_thread")]
async fn the_big_play_in_a_run_agrees_with_posix_json_and_opens_with_its_panel() {
    let (Some(stage), Some(place)) = (Stage::new("SHOPFLOOR_ANSIBLE"), collections()) else {
        return;
    };
    ran(SUITE);
    let bench = Bench::new();
    let (directory, inventory) = (playbooks(), stage.file("inventory.ini"));
    let variables: Vec<String> =
        stage.environment().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let program = stage.programs.join("ansible-playbook").display().to_string();
    let (directory, inventory) = (directory.display().to_string(), inventory.display().to_string());
    let mut words = vec!["env", "-C", &directory];
    words.extend(variables.iter().map(String::as_str));
    words.extend([program.as_str(), "-i", &inventory, "site.yml"]);
    let started = bench.start(&words);
    let waited = bench.run(&["attach", "1", "--raw"]);
    assert!(waited.status.success(), "{}", said(&waited));
    let document = bench.wait_for(started, "failed");
    assert_eq!(document["exit"], 4, "{document:#}");
    let outline = outline(&bench.output(started));
    agree("in a run", &stage.events(), &outline);
    story("in a run", &outline);

    // What went on is listed beside the lines, the failing task first; Enter goes to its line.
    let (home, site) = (Home::new(), bench.path("site").display().to_string());
    let state_home = bench.path("state").display().to_string();
    let mut screen = Terminal::start_with(
        &home,
        SHOPFLOOR,
        &["--site", &site, "log", "1"],
        (160, 48),
        "xterm-256color",
        &[("XDG_STATE_HOME", &state_home)],
    );
    screen.see("Failed:").await;
    screen.wait("the failing task", |s| s.contains("OSD creation") && s.contains("again:")).await;
    screen.see("Slowest").await;
    screen.keys("\tj\r").await;
    screen.wait("its line", |s| s.contains("TASK [OSD creation: the node's disks]")).await;
    screen.keys("q").await;
    assert_eq!(screen.end().await, Some(0));

    // Another witness of the same play.
    let printed = stage.run(
        &[],
        &[("ANSIBLE_STDOUT_CALLBACK", "ansible.posix.json"), ("ANSIBLE_COLLECTIONS_PATH", &place)],
    );
    let printed = String::from_utf8(printed).unwrap();
    let begin = printed.find("\n{\n").unwrap_or_else(|| panic!("{printed}"));
    let mut documents = serde_json::Deserializer::from_str(&printed[begin..]).into_iter::<Json>();
    let told = documents.next().unwrap().unwrap();
    let mut states: BTreeMap<Key, &str> = BTreeMap::new();
    for play in told["plays"].as_array().unwrap() {
        let name = play["play"]["name"].as_str().unwrap();
        for task in play["tasks"].as_array().unwrap() {
            let title = task["task"]["name"].as_str().unwrap();
            for (host, result) in task["hosts"].as_object().unwrap() {
                let key = (name.to_owned(), title.to_owned(), host.clone());
                states.insert(key, state(result));
            }
        }
    }
    assert!(states.len() > 50, "{} results", states.len());
    let understood = understood(&outline);
    let mut compared = 0;
    for (key, wanted) in &states {
        let Some((state, ..)) = understood.get(key) else { panic!("{key:?} is not understood") };
        let state = match state.as_str() {
            // What is ignored this witness tells as what it was.
            "ignored" if *wanted == "unreachable" => "unreachable",
            "ignored" => "failed",
            "included" => "ok",
            other => other,
        };
        assert_eq!(state, *wanted, "{key:?}");
        compared += 1;
    }
    assert_eq!(compared, understood.len(), "nothing more is understood");
    let rows = &outline.recaps.last().unwrap().rows;
    let stats = told["stats"].as_object().unwrap();
    assert_eq!(rows.len(), stats.len());
    for row in rows {
        let (mine, theirs) = (serde_json::to_value(row).unwrap(), &stats[outline.host(row.host)]);
        for (here, there) in [
            ("ok", "ok"),
            ("changed", "changed"),
            ("unreachable", "unreachable"),
            ("failed", "failures"),
            ("skipped", "skipped"),
            ("rescued", "rescued"),
            ("ignored", "ignored"),
        ] {
            assert_eq!(mine[here], theirs[there], "{}: {here}", outline.host(row.host));
        }
    }
}
