//! Broken input: each gets one clear sentence with the place and the next step,
//! and the exit status that design and manual promise.

use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use super::binary::{Home, ONE_HOST, Said};

/// What a broken inventory says in `check`, and how `inventory check` ends.
fn broken(content: &[u8], status: i32, words: &[&str]) {
    let home = Home::new();
    let site = home.site("site", content);
    let began = Instant::now();
    let mut all = vec!["inventory.yml"];
    all.extend(words);
    home.on(&site, &["check"]).refused(4, &all);
    home.on(&site, &["inventory", "show"]).refused(4, &all);
    home.on(&site, &["inventory", "explain", "a"]).refused(4, &all);
    home.on(&site, &["inventory", "set", "all.hosts.a.x", "1"])
        .refused(4, &["inventory.yml", "; "]);
    let checked = home.on(&site, &["inventory", "check"]);
    if status == 4 {
        checked.refused(4, &all);
    } else {
        assert_eq!((checked.status, checked.err.as_str()), (1, ""), "{checked:?}");
        assert!(checked.out.contains("hint: ") && checked.out.contains("1 error"), "{checked:?}");
    }
    // Pictures and the screen still open, and nothing was changed.
    assert_eq!(home.on(&site, &["show", "overview"]).status, 0);
    assert_eq!(std::fs::read(site.join("inventory.yml")).unwrap(), content);
    assert!(began.elapsed() < Duration::from_secs(180), "{:?}", began.elapsed());
}

#[test]
fn a_missing_or_empty_inventory_offers_the_example() {
    let home = Home::new();
    let set = &["inventory", "set", "all.x", "1"][..];
    for args in [&["check"][..], &["inventory", "check"], &["inventory", "show"], set] {
        home.on(&home.path("nowhere"), args)
            .refused(4, &["inventory.yml", "inventory.example.yml"]);
    }
    broken(b"", 4, &["is empty", "inventory.example.yml"]);
    broken(b"# only a comment\n---\n", 4, &["is empty"]);
}

#[test]
fn a_binary_file_and_other_encodings() {
    broken(b"\x7fELF\0\0\0", 4, &["binary", "offset 4", "name the right file"]);
    broken(b"\xff\xfea\0l\0l\0", 4, &["UTF-16", "save the file as UTF-8"]);
    broken(b"all:\n  a\xff: 1\n", 4, &["line 2 column 4", "save the file as UTF-8"]);
}

#[test]
fn more_than_fifty_megabytes() {
    let line = b"    # sixty-four characters of comment, over and over again, here\n";
    let mut content = b"all:\n  hosts:\n".to_vec();
    while content.len() < 52_000_000 {
        content.extend(line);
    }
    broken(&content, 4, &["52 MB", "32 MiB", "split it"]);
}

#[test]
fn cycles_bombs_tabs_and_torn_ends() {
    broken(
        b"all: &a\n  hosts:\n    x:\n      me: *a\n",
        1,
        &[":4:11", "cycle", "write the value out"],
    );
    broken(b"all:\n\thosts:\n\t\ta:\n", 1, &[":2:1", "a tab", "replace the tabs"]);
    broken(b"all:\n  hosts:\n    \"node-1: {ansible_ho", 1, &[":3:5", "closing quote"]);
    broken(b"all:\n  hosts: {a: {x: 1}\n", 1, &[":2:10", "never closed"]);
    broken(b"- a\n- b\n", 1, &[":1:1", "a list", "begin with `all:`"]);
    let mut bomb = String::from("a: &a [x,x,x,x,x,x,x,x,x]\n");
    for pair in ["ab", "bc", "cd", "de", "ef", "fg", "gh", "hi", "ij", "jk"] {
        let (from, to) = pair.split_at(1);
        let many = vec![format!("*{from}"); 9].join(",");
        bomb.push_str(&format!("{to}: &{to} [{many}]\n"));
    }
    bomb.push_str("all: {hosts: {n: {v: *k}}}\n");
    broken(bomb.as_bytes(), 1, &["aliases", "remove aliases"]);
}

#[test]
fn a_duplicate_key_is_said_and_the_last_value_counts() {
    let home = Home::new();
    let site = home.site("site", "all:\n  hosts:\n    a: {x: 1}\n    a: {x: 2}\n");
    let shown = home.on(&site, &["inventory", "show", "a", "--json"]);
    assert_eq!(shown.done().json()["host"]["vars"]["x"], 2);
    let look = home.on(&site, &["check"]);
    assert!(look.err.contains("inventory.yml:4:5") && look.err.contains("remove one"), "{look:?}");
    assert!(!look.out.is_empty());
    home.on(&site, &["inventory", "set", "all.hosts.a.x", "3"]).refused(4, &[":4:5"]);
}

#[test]
fn a_settings_file_is_told_by_line_and_the_rest_is_in_force() {
    let home = Home::new();
    let site = home.site("site", ONE_HOST);
    for (content, words) in [
        (&b"name: harbour\nnmae: x\n"[..], &[":2:1", "did you mean `name`?"][..]),
        (b"name: harbour\nracks: {r1: {height: 900}}\n", &[":2:22", "from 1 to 100"]),
        (b"name: harbour\nendpoints: {a: nowhere}\n", &[":2:16", "ADDRESS:PORT"]),
        (b"name: harbour\nthresholds: {HOST-14.x: y}\n", &[":2:25", "a number"]),
        (b"name: [\n", &[":1:7", "close it"]),
        (b"\0\0", &["binary"]),
    ] {
        home.write("site/shopfloor.yml", content);
        let look = home.on(&site, &["show", "overview", "--json"]);
        for word in [&["shopfloor.yml"], words].concat() {
            assert!(look.err.contains(word), "no `{word}` in {look:?}");
        }
        if content.starts_with(b"name: harbour\n") {
            assert_eq!(look.json()["site"], "harbour");
        }
    }
}

#[test]
fn files_of_checks_are_told_by_line() {
    let home = Home::new();
    let site = home.site("site", ONE_HOST);
    for (content, words) in [
        (&b"- id: HOST-99\n"[..], &["own.yml:1:7", "no check HOST-99"][..]),
        (b"- id: HOST-14\n  thresholds: {x: 1}\n", &["own.yml:2:19", "offset"]),
        (b"- id: HOST-14\n  kitchen: 1\n", &["own.yml:2", "kitchen"]),
        (b"checks: 1\n", &["own.yml:1"]),
        (b"- id: [\n", &["own.yml:"]),
        (b"\xff\xfe", &["own.yml", "UTF-8"]),
    ] {
        home.write("site/checks/own.yml", content);
        let said = home.on(&site, &["inventory", "check"]);
        assert_eq!(said.status, 1, "{said:?}");
        for word in words {
            assert!(said.out.contains(word), "no `{word}` in {said:?}");
        }
        let look = home.on(&site, &["check", "ceph"]);
        assert!(look.err.contains("own.yml"), "{look:?}");
    }
}

#[test]
fn vault_password_files() {
    let home = Home::new();
    let sealed = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/inventory/vault/1.1.txt"
    ))
    .unwrap();
    let block: String = sealed.lines().map(|line| format!("        {line}\n")).collect();
    let site = home.site("site", format!("all:\n  hosts:\n    a:\n      p: !vault |\n{block}"));
    let with = |file: &str| home.on(&site, &["--vault-password-file", file, "inventory", "check"]);
    with("nowhere").refused(4, &["vault password file nowhere", "name a file"]);
    with(".").refused(4, &["no file", "name a plain file"]);
    home.write("empty", "\n");
    with("empty").refused(4, &["is empty", "first line"]);
    home.write("binary", [0xff, 0xfe]);
    with("binary").refused(4, &["not UTF-8", "save"]);
    let program = home.write("program", "#!/bin/sh\ntouch ran\necho secret\n");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    with("program").refused(4, &["executable", "take"]);
    assert!(!home.path("ran").exists());

    // A wrong password is found where the value stands, and nothing is built on it.
    home.write("wrong", "no-such-password\n");
    let said = with("wrong");
    assert!(said.status == 1 && said.err.is_empty() && said.out.contains("V-SEC-03"), "{said:?}");
    assert!(!said.out.contains("no-such-password"));
    home.on(&site, &["--vault-password-file", "wrong", "inventory", "show", "a"])
        .refused(4, &["does not open", "inventory.yml:5:9", "name the file"]);
    assert!(home.on(&site, &["inventory", "show", "a"]).done().out.contains("(vault)"));

    // The file that the settings name is used without being named again.
    home.write("site/shopfloor.yml", "vault: {password_file: nowhere}\n");
    home.on(&site, &["inventory", "show"]).refused(4, &["site/nowhere", "name a file"]);
    let said = home.on(&site, &["inventory", "check"]);
    assert_eq!(said.status, 1);
    for words in ["V-SITE-53", "site/nowhere", "hint: name a file"] {
        assert!(said.out.contains(words), "no `{words}` in {said:?}");
    }
}

#[test]
fn unreadable_and_encrypted_keys_are_causes_with_a_next_step() {
    let home = Home::new();
    let served = super::binary::Served::start(&home);
    let key = std::fs::read_to_string(served.directory.join("id_ed25519")).unwrap();
    let site = home.path("copy");
    std::fs::create_dir(&site).unwrap();
    for name in ["inventory.yml", "shopfloor.yml", "known_hosts", "bmc-ca.pem", "vault-password"] {
        std::fs::copy(served.directory.join(name), site.join(name)).unwrap();
    }
    let config = std::fs::read_to_string(served.directory.join("ssh_config")).unwrap();
    let text = std::fs::read_to_string(site.join("inventory.yml")).unwrap();
    let (from, to) = (served.directory.join("ssh_config"), site.join("ssh_config"));
    let text = text.replace(from.to_str().unwrap(), to.to_str().unwrap());
    std::fs::write(site.join("inventory.yml"), text).unwrap();
    let (old, new) = (served.directory.join("id_ed25519"), site.join("id_ed25519"));
    std::fs::write(&to, config.replace(old.to_str().unwrap(), new.to_str().unwrap())).unwrap();

    let causes = |content: Option<&str>| {
        let _ = std::fs::remove_file(&new);
        if let Some(content) = content {
            std::fs::write(&new, content).unwrap();
            std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        let look = home.on(&site, &["check", "hosts", "--json"]);
        let json = look.json();
        let checks = json["checks"].as_array().unwrap().clone();
        let first = checks.into_iter().find(|c| c["id"] == "HOST-01" && c["target"] == "gpu-07");
        (look.status, first.unwrap())
    };
    assert_eq!(causes(Some(&key)).0, 0, "the copy works with the right key");
    for (content, why) in [
        (None, "does not exist"),
        (Some("no key at all\n"), "is no SSH key"),
        (Some(&key[..key.len() / 2]), "is a private key that cannot be understood"),
    ] {
        let (status, check) = causes(content);
        assert_eq!((status, &check["cause"]), (2, &"auth-refused".into()), "{check}");
        let told = format!("the key {} {why}", new.display());
        assert!(check["sentence"].as_str().unwrap().contains(&told), "no `{told}` in {check}");
    }
    // Sealed with a passphrase that nobody gave.
    let keygen = std::process::Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "plantedpassphrase", "-f"])
        .arg(home.path("sealed"))
        .status();
    if !keygen.is_ok_and(|status| status.success()) {
        println!("SKIPPED the encrypted key: there is no ssh-keygen");
        return;
    }
    let sealed = std::fs::read_to_string(home.path("sealed")).unwrap();
    let (_, check) = causes(Some(&sealed));
    assert_eq!(check["cause"], "password-sealed", "{check}");
}

#[test]
fn an_inventory_that_this_user_may_not_read() {
    let home = Home::new();
    let site = home.site("site", ONE_HOST);
    let file = site.join("inventory.yml");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o000)).unwrap();
    let Some(run) = super::state::as_nobody(&home) else { return };
    for args in [&["check"][..], &["inventory", "check"]] {
        let mut all = vec!["--site", site.to_str().unwrap()];
        all.extend(args);
        let said: Said = run(&all, &home.path("state"));
        said.refused(4, &["inventory.yml", "Permission denied", "owner and the mode"]);
    }
}

#[test]
fn a_look_or_a_keymap_with_unknown_names_is_said_and_the_usual_is_used() {
    let home = Home::new();
    let site = home.site("site", ONE_HOST);
    // A word on the command line is wrong usage; what a file says is told, and the rest is shown.
    home.on(&site, &["--look", "kitchen", "show", "rack"]).refused(4, &["kitchen", "dark, light"]);
    home.write("config/shopfloor/look", [0xff, 0xfe]);
    let said = home.on(&site, &["show", "rack"]);
    assert!(said.status == 0 && said.err.contains("shopfloor/look is left out"), "{said:?}");
}
