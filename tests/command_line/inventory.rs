//! `inventory check|show|explain|set`.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::binary::{Home, ONE_HOST};

/// A warning (an unquoted value that YAML 1.1 reads otherwise than it looks) and nothing else.
const WARNED: &str =
    "all:\n  vars:\n    at: 12:30:45\n  hosts:\n    a: {ansible_host: 127.0.0.1}\n";

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn check_is_zero_one_or_four() {
    let home = Home::new();
    let well = home.site("well", ONE_HOST);
    assert_eq!(home.on(&well, &["inventory", "check"]).done().out, "no problems\n");
    assert_eq!(
        home.on(&well, &["inventory", "check", "--json"]).json()["problems"]
            .as_array()
            .unwrap()
            .len(),
        0
    );

    let broken = home.site("broken", "all:\n  hosts:\n    a: {x: 1}\n    a: {x: 2}\n");
    let said = home.on(&broken, &["inventory", "check"]);
    assert_eq!((said.status, said.err.as_str()), (1, ""), "{said:?}");
    assert!(said.out.contains("inventory.yml:4:5") && said.out.contains("hint: "), "{said:?}");
    let json = home.on(&broken, &["inventory", "check", "--json"]);
    assert_eq!(json.status, 1);
    let problem = &json.json()["problems"][0];
    assert_eq!((&problem["line"], &problem["severity"]), (&4.into(), &"error".into()));

    home.on(&home.path("nowhere"), &["inventory", "check"]).refused(4, &["no inventory here"]);
}

#[test]
fn warnings_count_with_strict_alone() {
    let home = Home::new();
    let site = home.site("site", WARNED);
    let said = home.on(&site, &["inventory", "check"]);
    assert!(said.done().out.contains("warning"), "{said:?}");
    assert_eq!(home.on(&site, &["inventory", "check", "--strict"]).status, 1);
}

#[test]
fn a_step_leaves_out_what_only_later_steps_need() {
    let home = Home::new();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/inventory.example.yml");
    let site = home.site("site", read(Path::new(example)));
    let count = |args: &[&str]| home.on(&site, args).json()["problems"].as_array().unwrap().len();
    let all = count(&["inventory", "check", "--json"]);
    let early = count(&["inventory", "check", "--json", "--for", "HW-1.1"]);
    assert!(early < all, "{early} of {all}");
}

#[test]
fn the_release_of_the_site_reaches_the_rules() {
    let home = Home::new();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/inventory.example.yml");
    let site = home.site("site", read(Path::new(example)));
    let problems = || home.on(&site, &["inventory", "check"]).out;
    home.write("site/shopfloor.yml", "release: v25.1.1\n");
    let usual = problems();
    home.write("site/shopfloor.yml", "release: 26.1\n");
    assert_ne!(problems(), usual);
    home.write("site/shopfloor.yml", "release: soon\n");
    let said = home.on(&site, &["inventory", "check"]);
    assert!(said.out.contains("shopfloor.yml:1:10") && said.out.contains("v25.1.1"), "{said:?}");
}

#[test]
fn what_is_wrong_beside_the_inventory_counts_and_has_its_line() {
    let home = Home::new();
    let site = home.site("site", ONE_HOST);
    home.write("site/shopfloor.yml", "name: x\nthresholds:\n  HOST-14.kitchen: 4\nwrod: PROD\n");
    home.write("site/checks/own.yml", "- id: HOST-14\n  thresholds: {kitchen: 1}\n- id: HOST-99\n");
    let said = home.on(&site, &["inventory", "check"]);
    assert_eq!(said.status, 1);
    for words in [
        "shopfloor.yml:4:1",
        "did you mean `word`?",
        "no threshold kitchen",
        "own.yml:2",
        "own.yml:3",
        "HOST-99",
    ] {
        assert!(said.out.contains(words), "no `{words}` in {}", said.out);
    }
    // Whoever looks is told as well, beside the verdicts.
    let look = home.on(&site, &["check", "--json"]);
    assert_eq!(look.json()["verdict"], "fail");
    assert!(look.err.contains("shopfloor.yml:4:1") && look.err.contains("own.yml:3"), "{look:?}");
}

#[test]
fn show_and_explain_say_what_holds_and_where_it_is_from() {
    let home = Home::new();
    let site = home.site("site", "all:\n  vars: {ntp: one}\n  children:\n    gpu:\n      vars: {ntp: two}\n      hosts:\n        gpu-01: {}\n");
    assert!(home.on(&site, &["inventory", "show"]).done().out.contains("gpu-01"));
    let host = home.on(&site, &["inventory", "show", "gpu-01", "--json"]).json();
    assert_eq!(host["host"]["vars"]["ntp"], "two");
    let why = home.on(&site, &["inventory", "explain", "gpu-01"]);
    assert!(why.done().out.contains("inventory.yml:5:19"), "{why:?}");
    let why = home.on(&site, &["inventory", "explain", "gpu-01", "--json"]).json();
    assert_eq!(why["variables"][0]["overrides"][0]["value"], "one");
}

/// A program in the place of `ansible-inventory`, and the path with it.
fn ansible_that(home: &Home, script: &str) -> std::ffi::OsString {
    let program = home.write("bin/ansible-inventory", format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut path = home.path("bin").into_os_string();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    path
}

#[test]
fn compare_asks_ansible_in_the_directory_of_the_site() {
    let home = Home::new();
    let site = home.site("site", "all: {hosts: {a: {x: 1}}}\n");
    let site_text = site.canonicalize().unwrap().display().to_string();
    // It answers only where it is asked as it must be.
    let path = ansible_that(
        &home,
        &format!(
            "[ \"$(pwd -P) $*\" = '{site_text} -i inventory.yml --host=a' ] && echo '{{\"x\": 1}}'"
        ),
    );
    let args = ["--site", "site", "inventory", "explain", "a", "--compare"];
    let run = |args: &[&str], path: &std::ffi::OsString| {
        super::binary::Said::of(args, home.command(args).env("PATH", path).output().unwrap())
    };
    assert_eq!(run(&args, &path).done().out, "a: no difference to ansible-inventory\n");

    let path = ansible_that(&home, "echo '{\"x\": 2}'");
    let said = run(&args, &path);
    assert_eq!((said.status, said.out.as_str()), (1, "a x: here 1, in Ansible 2\n"), "{said:?}");

    let path = ansible_that(&home, "echo 'ERROR! \u{1b}[31mno' >&2; exit 4");
    run(&args, &path).refused(4, &["ansible-inventory said", "no"]);

    run(&args, &"/nonexistent".into()).refused(4, &["not installed", "install ansible-core"]);
}

#[test]
fn the_real_ansible_agrees_also_when_started_elsewhere() {
    let named = std::env::var_os("SHOPFLOOR_ANSIBLE").map(std::path::PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = named.into_iter().chain(std::env::split_paths(&path));
    let Some(directory) = found.into_iter().find(|d| d.join("ansible-inventory").is_file()) else {
        assert!(std::env::var_os("REQUIRE_REAL").is_none_or(|value| value != "1"));
        println!("SKIPPED ansible-inventory: neither in SHOPFLOOR_ANSIBLE nor in PATH");
        return;
    };
    let home = Home::new();
    home.site("site", "all: {children: {gpu: {hosts: {a: {}}}}}\n");
    home.write("site/group_vars/gpu.yml", "ntp: one\n");
    // What lies in the directory that we are started in is none of Ansible's business.
    home.write("group_vars/gpu.yml", "ntp: another\n");
    let mut path_with = directory.into_os_string();
    path_with.push(":");
    path_with.push(path);
    let args = ["--site", "site", "inventory", "explain", "a", "--compare"];
    let output = home.command(&args).env("PATH", path_with).output().unwrap();
    super::binary::Said::of(&args, output).done();
}

#[test]
fn set_keeps_comments_and_a_dry_run_writes_nothing() {
    let home = Home::new();
    let site = home.site("site", ONE_HOST);
    let file = site.join("inventory.yml");
    let dry = home.on(&site, &["inventory", "set", "all.hosts.a.ansible_port", "22", "--dry-run"]);
    assert!(dry.done().out.contains("+      ansible_port: 22  # nobody listens"), "{dry:?}");
    assert_eq!(read(&file), ONE_HOST);
    home.on(&site, &["inventory", "set", "all.hosts.a.ansible_port", "22"]).done();
    assert_eq!(read(&file), ONE_HOST.replace("ansible_port: 1 ", "ansible_port: 22 "));
    assert_eq!(std::fs::read_dir(&site).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn set_refuses_what_would_break_the_file() {
    let home = Home::new();
    let site = home.site("site", ONE_HOST);
    let file = site.join("inventory.yml");
    home.on(&site, &["inventory", "set", "all.hosts.a.x", "{"])
        .refused(4, &["VALUE:1:1", "close it"]);
    home.on(&site, &["inventory", "set", "all.hosts.a.ansible_port.deep", "1"]).refused(4, &[";"]);
    home.on(&site, &["inventory", "set", "", "1"]).refused(4, &[";"]);
    assert_eq!(read(&file), ONE_HOST);

    let broken = home.site("broken", "all:\n  hosts: {a: 1\n");
    home.on(&broken, &["inventory", "set", "all.x", "1"]).refused(4, &["inventory.yml:2:10"]);
    let sealed = home.site(
        "sealed",
        "all:\n  vars:\n    p: !vault |\n      $ANSIBLE_VAULT;1.1;AES256\n      6162\n",
    );
    home.on(&sealed, &["inventory", "set", "all.vars.p", "clear"]).refused(4, &["vault"]);
    assert!(read(&sealed.join("inventory.yml")).contains("6162"));
}
