//! Usage, completions, the manual, pipes.

use std::process::Stdio;

use super::binary::{Home, ONE_HOST, Said};

#[test]
fn what_nobody_understands_is_four_and_goes_to_standard_error() {
    let home = Home::new();
    for args in [
        &["kitchen"][..],
        &["--kitchen"],
        &["show"],
        &["show", "rack", "--json", "--svg", "x.svg"],
        &["inventory"],
        &["inventory", "explain"],
        &["inventory", "set", "all.vars.x"],
        &["replay"],
        &["completions", "kitchensh"],
        &["demo", "--inject", "a", "--heal", "b"],
        &["demo", "--serve", "x", "--list"],
    ] {
        let said = home.run(args);
        assert_eq!((said.status, said.out.as_str()), (4, ""), "{said:?}");
        assert!(said.err.contains("Usage") || said.err.contains("--help"), "{said:?}");
    }
}

#[test]
fn the_situations_of_the_demo_are_listed_without_a_served_site() {
    let home = Home::new();
    let said = home.run(&["demo", "--list"]);
    assert_eq!((said.status, said.err.as_str()), (0, ""), "{said:?}");
    for (name, words) in [("well", ""), ("leaf-dead", "leaf-02 dies"), ("bmc-silent", "gpu-21")] {
        let line = said.out.lines().find(|line| line.split(' ').next() == Some(name));
        assert!(line.is_some_and(|line| line.contains(words)), "{name}: {said:?}");
    }
    let help = home.run(&["demo", "--help"]);
    assert!(help.out.contains("leaf-dead") && help.out.contains("--list"), "{help:?}");
}

#[test]
fn an_empty_directory_is_begun_with_what_the_binary_has() {
    let home = Home::new();
    let said = home.run(&["inventory", "example"]);
    assert_eq!((said.status, said.err.as_str()), (0, ""), "{said:?}");
    assert_eq!(said.out, include_str!("../../inventory.example.yml"));
    for args in [&["run", "list"][..], &["run", "show"]] {
        home.run(args).refused(4, &["no site here (no inventory.yml in "]);
    }
}

#[test]
fn names_that_do_not_exist_are_refused_with_those_that_do() {
    let home = Home::new();
    let site = home.site("site", ONE_HOST);
    home.on(&site, &["check", "kitchen"]).refused(4, &["no layer `kitchen`", "hosts, router"]);
    home.on(&site, &["show", "kitchen"]).refused(4, &["no screen `kitchen`", "overview, rack"]);
    home.on(&site, &["show", "target", "zz"]).refused(4, &["no target zz", "show rack"]);
    home.on(&site, &["show", "help", "NOPE-1"]).refused(4, &["no check `NOPE-1`", "check --list"]);
    home.on(&site, &["show", "rack", "--size", "1y"]).refused(4, &["160x48"]);
    home.on(&site, &["inventory", "show", "zz"]).refused(4, &["no host or group"]);
    home.on(&site, &["inventory", "explain", "zz"]).refused(4, &["`zz`"]);
    // Also where ansible-inventory is not installed.
    home.on(&site, &["inventory", "explain", "zz", "--compare"]).refused(4, &["`zz`"]);
    home.on(&site, &["inventory", "check", "--for", "XX"]).refused(4, &["no step `XX`", "HW-5.0"]);
    let fault = ["demo", "--inject", "disk-full"];
    home.on(&site, &fault).refused(4, &["nobody serves", "demo --serve"]);
    home.run(&["demo", "--scenario", "zz"]).refused(4, &["no fault `zz`", "clock-drift"]);
}

#[test]
fn the_full_screen_without_a_terminal_says_what_works_instead() {
    let home = Home::new();
    home.run(&[]).refused(4, &["needs a terminal", "shopfloor check"]);
}

#[test]
fn help_version_manual_and_completions_are_output_and_zero() {
    let home = Home::new();
    assert!(home.run(&["--help"]).done().out.contains("check"));
    assert!(home.run(&["--version"]).done().out.starts_with("shopfloor "));
    let page = home.run(&["man"]);
    for word in ["EXIT STATUS", "3 unknown", "SHOPFLOOR REPLAY", "vault\\-password\\-file"] {
        assert!(page.done().out.contains(word), "no {word}");
    }
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = home.run(&["completions", shell]);
        assert!(script.done().out.contains("vault-password-file"), "{shell}");
    }
}

#[test]
fn a_completion_script_is_one_that_its_shell_reads() {
    let home = Home::new();
    let script = home.write("script", home.run(&["completions", "bash"]).done().out.as_str());
    let read = std::process::Command::new("bash").arg("-n").arg(&script).status().unwrap();
    assert!(read.success());
}

#[test]
fn a_reader_that_goes_away_is_no_trouble() {
    let home = Home::new();
    let site = home.site("site", ONE_HOST);
    for args in [&["check", "--list", "--json"][..], &["man"], &["show", "rack"]] {
        let mut command = home.command(&["--site", site.to_str().unwrap()]);
        let mut child =
            command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
        assert_eq!(output.status.code(), Some(0), "{args:?}");
    }
}

#[test]
fn an_output_that_is_full_is_four_and_a_sentence() {
    let home = Home::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = home.command(&["man"]).stdout(full).output().unwrap();
    Said::of(&["man"], output).refused(4, &["output could not be written"]);
}

#[test]
fn text_is_plain_with_and_without_no_color() {
    let home = Home::new();
    let site = home.site("site", ONE_HOST);
    let site = site.to_str().unwrap();
    for (name, value) in [("NO_COLOR", "1"), ("COLORTERM", "truecolor")] {
        for args in
            [&["show", "rack"][..], &["check"], &["inventory", "check"], &["check", "--list"]]
        {
            let mut command = home.command(&["--site", site, "--look", "dark unicode true"]);
            let output = command.args(args).env(name, value).env("TERM", "xterm-256color").output();
            // Said::of refuses everything that a terminal would act on.
            let said = Said::of(args, output.unwrap());
            assert!(!said.out.is_empty(), "{said:?}");
        }
    }
}

#[test]
fn a_look_that_nobody_has_is_wrong_usage_and_bad_keys_are_said() {
    let home = Home::new();
    let site = home.site("site", ONE_HOST);
    home.on(&site, &["--look", "drak", "show", "rack"])
        .refused(4, &["unknown theme \"drak\"", "nearest: \"dark\"", "ascii"]);
    home.write("config/shopfloor/keys.toml", "[keys]\n\"nothing.like.it\" = \"r\"\n");
    let said = home.on(&site, &["show", "keys", "--json"]);
    assert_eq!((said.status, said.err.lines().count()), (0, 1), "{said:?}");
    assert!(said.err.contains("keys.toml:"), "{said:?}");
    assert!(said.json()["keys"].as_array().unwrap().len() > 20);
}
