//! `check`, `show`, `greet` and the faults of a served demo site.

use std::collections::BTreeSet;

use serde_json::Value;
use shopfloor::app::screens;

use super::binary::{Home, SHOPFLOOR, Said, Served};

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_served_site_is_looked_at_broken_and_healed() {
    let home = Home::new();
    let served = Served::start(&home);
    let site = served.directory.clone();

    let well = home.on(&site, &["check"]);
    assert!(well.done().out.lines().last().unwrap().starts_with("pass: "), "{well:?}");
    assert_eq!(home.on(&site, &["greet"]).done().out, "", "a well site greets nobody");

    let json = home.on(&site, &["check", "--json"]).json();
    let design = ["schema", "site", "at", "verdict", "checks"];
    let more = ["nothing_looks_here_yet"];
    assert_eq!(keys(&json), design.into_iter().chain(more).collect());
    let one =
        ["id", "layer", "target", "verdict", "sentence", "cause", "reason", "age_s", "source"];
    let checks = json["checks"].as_array().unwrap();
    assert!(checks.len() > 500, "{}", checks.len());
    for check in checks {
        assert_eq!(keys(check), one.into_iter().collect(), "{check}");
        for text in ["id", "layer", "target", "sentence", "source"] {
            assert!(!check[text].as_str().unwrap().is_empty(), "{text} of {check}");
        }
        assert!(["pass", "not-yet"].contains(&check["verdict"].as_str().unwrap()), "{check}");
    }
    assert!(json["at"].as_str().unwrap().ends_with('Z'));

    let power = home.on(&site, &["check", "power", "--json"]).json();
    let layers: BTreeSet<&str> =
        power["checks"].as_array().unwrap().iter().map(|c| c["layer"].as_str().unwrap()).collect();
    assert_eq!(layers, ["power"].into_iter().collect());
    assert_eq!(home.on(&site, &["check", "ceph"]).status, 0);
    // A layer of which nothing was judged is unknown, never green.
    let bare =
        home.site("bare", "all: {hosts: {one: {ansible_host: 127.0.0.1, ansible_port: 1}}}\n");
    assert_eq!(home.on(&bare, &["check", "ceph"]).status, 3);

    for (fault, status, id) in [
        ("clock-drift", 1, "HOST-14"),
        ("raid-disk", 2, "HOST-05"),
        ("host-unreachable", 2, "HOST-01"),
    ] {
        let said = home.on(&site, &["demo", "--inject", fault]);
        assert!(said.done().out.lines().any(|l| l.starts_with(fault) && l.contains("in force")));
        let look = home.on(&site, &["check"]);
        assert_eq!((look.status, look.err.as_str()), (status, ""), "{look:?}");
        assert!(look.out.lines().next().unwrap().contains(id) || look.out.contains(id), "{look:?}");
        let greeting = home.on(&site, &["greet"]);
        assert_eq!(greeting.done().out.lines().count(), 1, "{greeting:?}");
        home.on(&site, &["demo", "--heal", fault]).done();
    }
    home.on(&site, &["demo", "--inject", "kitchen"]).refused(4, &["no fault `kitchen`"]);
    let healed = home.on(&site, &["check"]);
    assert_eq!((healed.status, healed.err.as_str()), (0, ""), "{}", healed.out);

    let again = home.command(&["demo", "--serve", site.to_str().unwrap()]).output().unwrap();
    Said::of(&["demo", "--serve"], again).refused(6, &["is served already by process"]);
    assert_eq!(served.end(), Some(0), "an interrupt is how it is ended");
    home.on(&site, &["demo", "--heal", "raid-disk"]).refused(4, &["nobody serves"]);
}

#[test]
fn every_screen_has_a_text_a_json_and_a_picture() {
    let home = Home::new();
    let served = Served::start(&home);
    let mut places: Vec<Vec<&str>> =
        screens::all().filter(|spec| spec.is_listed).map(|spec| vec![spec.id]).collect();
    assert!(places.len() >= 10);
    places.extend([vec!["target", "gpu-07"], vec!["help", "HOST-05"]]);
    for place in &places {
        let mut args = vec!["show"];
        args.extend(place);
        let text = home.on(&served.directory, &args);
        assert!(text.done().out.lines().count() > 10, "{text:?}");
        args.push("--json");
        let json = home.on(&served.directory, &args);
        let json = json.done().json();
        assert!(keys(&json).len() > 4, "{place:?} says nothing of its own: {json}");
        let file = home.path("picture.svg");
        *args.last_mut().unwrap() = "--svg";
        args.push(file.to_str().unwrap());
        assert_eq!(home.on(&served.directory, &args).done().out, "");
        let picture = std::fs::read_to_string(&file).unwrap();
        assert!(picture.starts_with("<svg") && picture.trim_end().ends_with("</svg>"), "{place:?}");
        std::fs::remove_file(&file).unwrap();
    }
    let sized = home.on(&served.directory, &["show", "rack", "--size", "60x15"]);
    assert!(sized.done().out.lines().all(|line| line.chars().count() <= 60), "{sized:?}");
}

#[test]
fn a_picture_goes_into_a_pipe_and_never_half_into_a_file() {
    let home = Home::new();
    let site = home.site("site", "all: {hosts: {}}\n");
    let piped = home.on(&site, &["show", "rack", "--svg", "/dev/stdout"]);
    assert!(piped.done().out.starts_with("<svg"));
    let place = home.path("no/such.svg");
    home.on(&site, &["show", "rack", "--svg", place.to_str().unwrap()])
        .refused(4, &["cannot be written", "name a file"]);
    home.on(&site, &["show", "rack", "--svg", "/dev/full"]).refused(4, &["cannot be written"]);
}

#[test]
fn the_list_of_checks_has_those_that_are_not_built_too() {
    let home = Home::new();
    // It looks at nothing, so it needs no site.
    let listed = home.run(&["check", "--list", "--json"]).json();
    let checks = listed["checks"].as_array().unwrap();
    let built = |wanted| checks.iter().filter(|check| check["built"] == wanted).count();
    assert!(built(true) > 30, "{} built", built(true));
    for check in checks.iter().filter(|check| check["built"] == false) {
        assert!(check["why"].as_str().is_some_and(|why| !why.is_empty()), "{check}");
    }
    let text = home.run(&["check", "--list"]);
    assert!(text.done().out.lines().count() >= checks.len());
    let one = home.run(&["check", "--list", "ceph"]);
    assert!(one.done().out.contains("ceph"), "{one:?}");
}

#[test]
fn greeting_leaves_nothing_behind() {
    let home = Home::new();
    assert_eq!(home.run(&["greet"]).done().out, "");
    assert!(!home.path("state").exists() && !home.path("config").exists());
}

#[test]
fn a_recording_that_is_none_is_refused_with_the_reason() {
    let home = Home::new();
    let replay = |path: &str| home.run(&["replay", path, "--print"]);
    replay("nowhere").refused(4, &["cannot be opened", "name a recording"]);
    replay(".").refused(4, &["cannot be read"]);
    for (name, content, words) in [
        ("empty", &b""[..], "is no recording"),
        ("text", b"hello\n", ":record"),
        ("zipped", b"\x1f\x8b\x08\x00nonsense", "is no recording"),
        (
            "newer",
            b"{\"shopfloor_recording\":99,\"version\":\"9.0\"}\n",
            "version 9.0 in a newer format",
        ),
        ("short", b"{\"shopfloor_recording\":1,\"version\":\"0\"}\n", "no snapshot"),
        (
            "odd",
            b"{\"shopfloor_recording\":1,\"version\":\"0\"}\n{\"\\u001b[31mx\":1}\n",
            "version 0",
        ),
    ] {
        let file = home.write(name, content);
        replay(file.to_str().unwrap()).refused(4, &[words]);
    }
    // A file without a line end is not read to its end: this one has none.
    let limited = std::process::Command::new("bash")
        .args(["-c", "ulimit -v 4000000; exec \"$0\" replay /dev/zero --print", SHOPFLOOR])
        .output()
        .unwrap();
    assert_eq!(limited.status.code(), Some(4), "{limited:?}");
}
