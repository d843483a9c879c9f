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

/// The example with its password in a file, and a wrong one beside it.
fn sealed_site(home: &Home) -> (std::path::PathBuf, String) {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/inventory.example.yml");
    let text = read(Path::new(example));
    home.write("right", "shopfloor-example\n");
    home.write("wrong", "plantedWrongPassword\n");
    (home.site("site", &text), text)
}

#[test]
fn a_wrong_vault_password_is_said_with_the_value_it_does_not_open() {
    let home = Home::new();
    let (site, text) = sealed_site(&home);
    let line = text.lines().position(|l| l.trim().starts_with("$ANSIBLE_VAULT")).unwrap() + 1;
    let place = format!("does not open {}:{line}:", site.join("inventory.yml").display());
    let with = |file: &str, args: &[&str]| {
        let mut all = vec!["--vault-password-file", file];
        all.extend(args);
        home.on(&site, &all)
    };
    for args in [&["show", "inventory"][..], &["inventory", "show"], &["check"]] {
        let said = with("wrong", args);
        said.refused(
            4,
            &["the password in wrong", &place, "nor any other of the", "; name the file"],
        );
        assert!(!said.err.contains("planted"), "{said:?}");
    }
    // The check of the inventory tells it as a broken rule, once.
    let said = with("wrong", &["inventory", "check", "--json"]);
    let json = said.json();
    let problems = json["problems"].as_array().unwrap();
    let of_rule: Vec<_> = problems.iter().filter(|p| p["rule"] == "V-SEC-03").collect();
    assert_eq!((said.status, of_rule.len()), (1, 1), "{said:?}");
    assert!(of_rule[0]["hint"].as_str().unwrap().contains("--vault-password-file"), "{of_rule:?}");
    let said = with("right", &["inventory", "check", "--json"]);
    assert!(!said.out.contains("V-SEC-03"), "{said:?}");
    assert_eq!(with("right", &["inventory", "show"]).status, 0);

    // The same for the file that the settings name: it is as if it were not there.
    home.write("site/shopfloor.yml", "vault: {password_file: ../wrong}\n");
    let said = home.on(&site, &["inventory", "check"]);
    assert_eq!(said.status, 1);
    assert!(said.out.contains("V-SITE-53") && said.out.contains("does not open"), "{said:?}");
    let look = home.on(&site, &["show", "overview"]);
    assert!(look.err.contains("does not open"), "{look:?}");
}

#[test]
fn the_screen_shows_what_the_check_finds_and_explains_each_rule() {
    let home = Home::new();
    let (site, text) = sealed_site(&home);
    let broken = text.replace("osd_replication: 3", "osd_replication: 4");
    assert_ne!(broken, text);
    home.write("site/inventory.yml", broken);
    let right = ["--vault-password-file", "right"];
    let on = |args: &[&str]| home.on(&site, &[&right[..], args].concat());
    let sorted = |said: super::binary::Said| {
        let mut problems: Vec<String> =
            said.json()["problems"].as_array().unwrap().iter().map(|p| p.to_string()).collect();
        problems.sort();
        problems
    };
    let shown = sorted(on(&["show", "inventory", "--json"]));
    assert_eq!(shown, sorted(on(&["inventory", "check", "--json"])));
    let screen = on(&["show", "inventory", "--size", "200x60"]);
    let is_row = |line: &&str| line.contains(" V-") && line.contains("inventory.yml:");
    let rows: Vec<&str> = screen.out.lines().filter(is_row).collect();
    let row = rows.iter().find(|line| line.contains("V-CEPH-06")).expect("a row");
    assert!(row.contains("osd_replication"), "{row}");
    let first = rows[0];
    let worst = shown.iter().any(|problem| problem.contains("\"verdict\":\"fail\""));
    assert!(worst && first.contains("X V-"), "the worst comes first: {first}");

    let rule = on(&["show", "help", "v-ceph-06"]);
    for words in ["V-CEPH-06", "the vendor's table", "inventory.yml:", "try: "] {
        assert!(rule.out.contains(words), "no `{words}` in {rule:?}");
    }
    let json = on(&["show", "help", "V-CEPH-06", "--json"]).json();
    assert_eq!(json["rule"]["id"], "V-CEPH-06");
    assert_eq!(json["problems"].as_array().unwrap().len(), 1);
    on(&["show", "help", "V-NONE-01"]).refused(4, &["there is no check `V-NONE-01`", "V-"]);
}

#[test]
fn malformed_modules_of_controllers_have_their_place() {
    let home = Home::new();
    let text = "all:\n  vars:\n    ipmi_exporter_modules: nonsense\n    ipmi_targets: [{name: a-bmc, host: 127.0.0.1, module: m}]\n  hosts: {a: {ansible_host: 127.0.0.1, ansible_port: 1}}\n";
    let site = home.site("site", text);
    let said = home.on(&site, &["inventory", "check"]);
    assert!(said.out.contains("inventory.yml:3:28") && said.out.contains("V-SITE-52"), "{said:?}");
    assert!(said.out.contains("a list of modules is accepted"), "{said:?}");
}

#[test]
fn a_block_of_the_ssh_configuration_that_does_not_count_is_told() {
    let home = Home::new();
    let site = home.site("site", "all: {hosts: {a: {ansible_host: 127.0.0.1}}}\n");
    let config =
        home.write(".ssh/config", "Host b\n  Port 2200\nMatch exec \"test -f x\"\n  User c\n");
    let told = format!("{}:3:1: Match exec is not supported", config.display());
    let said = home.on(&site, &["inventory", "check"]);
    for words in ["V-SITE-54", told.split(": ").next().unwrap(), "Match exec is not supported"] {
        assert!(said.done().out.contains(words), "no `{words}` in {said:?}");
    }
    let said = home.on(&site, &["show", "inventory"]);
    assert!(said.err.contains(&told), "{said:?}");
    assert!(said.status == 0 && said.out.contains("V-SITE-54"), "{said:?}");
    home.write(".ssh/config", "Host b\n  Port 2200\n");
    let said = home.on(&site, &["inventory", "check"]);
    assert!(!said.done().out.contains("V-SITE-54"), "{said:?}");
}
