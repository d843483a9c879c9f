//! Our resolving of inventories beside that of the real `ansible-inventory`,
//! host by host and group by group. There may be no difference.
//!
//! The program is looked for in the directory that `SHOPFLOOR_ANSIBLE` names,
//! then in `PATH`. `tests/servers/install ansible` installs it.

use std::path::{Path, PathBuf};
use std::process::Command;

use secrecy::ExposeSecret;
use shopfloor::inventory::Inventory;
use shopfloor::inventory::compare::{compare_host, compare_list};
use shopfloor::inventory::vault::{Vault, read_password};

use crate::suite::{ran, skipped};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// The program, or nothing after saying why.
fn ansible_inventory() -> Option<PathBuf> {
    let named = std::env::var_os("SHOPFLOOR_ANSIBLE").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = named
        .into_iter()
        .chain(std::env::split_paths(&path))
        .map(|directory| directory.join("ansible-inventory"))
        .find(|program| program.is_file());
    match &found {
        Some(_) => ran("ansible"),
        None => skipped("ansible", "ansible-inventory is neither in SHOPFLOOR_ANSIBLE nor in PATH"),
    }
    found
}

/// The program, with nothing of the machine's own configuration in it.
fn asking(program: &Path, file: &Path, home: &Path) -> Command {
    let configuration = home.join("ansible.cfg");
    std::fs::write(&configuration, "[inventory]\nenable_plugins = yaml\n").unwrap();
    let mut command = Command::new(program);
    command
        .arg("-i")
        .arg(file)
        .current_dir(file.parent().unwrap())
        .env("HOME", home)
        .env("ANSIBLE_HOME", home)
        .env("ANSIBLE_CONFIG", configuration)
        .env("ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED", "1")
        .env("LC_ALL", "C.UTF-8");
    command
}

/// What the program prints.
fn printed(program: &Path, file: &Path, arguments: &[&str]) -> String {
    let home = tempfile::tempdir().unwrap();
    let output = asking(program, file, home.path()).args(arguments).output().unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}: {complaints}", file.display());
    String::from_utf8(output.stdout).unwrap()
}

/// Compares everything in one inventory; gives the number of hosts.
fn compare(file: &Path) -> Option<usize> {
    let program = ansible_inventory()?;
    let inventory = Inventory::load_file(file, &Vault::default()).unwrap();
    let differences = compare_list(&inventory, &printed(&program, file, &["--list"])).unwrap();
    let lines: Vec<String> = differences.iter().map(ToString::to_string).collect();
    assert!(
        lines.is_empty(),
        "{}: {} differences\n{}",
        file.display(),
        lines.len(),
        lines.join("\n")
    );
    // The other way of asking, for the first and the last host.
    for host in [inventory.hosts.first().unwrap(), inventory.hosts.last().unwrap()] {
        let answer = printed(&program, file, &["--host", &host.name]);
        assert_eq!(compare_host(&inventory, &host.name, &answer).unwrap(), []);
    }
    println!("{}: {} hosts, no difference", file.display(), inventory.hosts.len());
    Some(inventory.hosts.len())
}

fn reference(name: &str, hosts: usize) {
    if let Some(compared) = compare(&fixtures().join("reference").join(name)) {
        assert_eq!(compared, hosts, "{name}");
    }
}

#[test]
fn the_sample_of_the_ai_factory_resolves_as_in_ansible() {
    reference("inventory.sample.yml", 4);
}

#[test]
fn the_icn_sample_resolves_as_in_ansible() {
    reference("icn.yml", 1103);
}

#[test]
fn the_infra_cloud_sample_resolves_as_in_ansible() {
    reference("infra-cloud.yml", 148);
}

#[test]
fn the_vcluster_sample_resolves_as_in_ansible() {
    reference("vcluster.yml", 34);
}

#[test]
fn what_is_easy_to_get_wrong_resolves_as_in_ansible() {
    let file = fixtures().join("inventory/tricky/inventory.yml");
    if let Some(compared) = compare(&file) {
        assert_eq!(compared, 38);
    }
}

#[test]
fn a_difference_would_be_seen() {
    let Some(program) = ansible_inventory() else { return };
    let file = fixtures().join("reference/vcluster.yml");
    let text = std::fs::read_to_string(&file).unwrap();
    let changed = text.replacen("gpu_count: 8", "gpu_count: 9", 1);
    assert_ne!(text, changed);
    let inventory = Inventory::parse(&changed, &file).unwrap();
    let differences = compare_list(&inventory, &printed(&program, &file, &["--list"])).unwrap();
    assert!(!differences.is_empty());
    assert!(differences.iter().all(|d| d.path == "gpu_count" && d.ours.as_deref() == Some("9")));
}

/// Values sealed by the real `ansible-vault`, in both formats, open.
#[test]
fn what_ansible_vault_seals_opens() {
    let Some(program) = ansible_inventory() else { return };
    let home = tempfile::tempdir().unwrap();
    let password = home.path().join("password");
    std::fs::write(&password, "a pass phrase\n").unwrap();
    for (id, header) in
        [("", "$ANSIBLE_VAULT;1.1;AES256\n"), ("lab@", "$ANSIBLE_VAULT;1.2;AES256;lab\n")]
    {
        for text in
            ["x", "exactly sixteen!", "with\nline ends\n and gr\u{fc}\u{df}e", &"long ".repeat(500)]
        {
            let plain = home.path().join("plain");
            std::fs::write(&plain, text).unwrap();
            let output = Command::new(program.with_file_name("ansible-vault"))
                .args(["encrypt", "--output", "-", "--vault-id"])
                .arg(format!("{id}{}", password.display()))
                .arg(&plain)
                .env("HOME", home.path())
                .output()
                .unwrap();
            let sealed = String::from_utf8(output.stdout).unwrap();
            assert!(sealed.starts_with(header), "{}", String::from_utf8_lossy(&output.stderr));
            let mut vault = Vault::default();
            vault.put("default", read_password(&password).unwrap());
            assert_eq!(vault.open(&sealed).unwrap().expose_secret(), text);
        }
    }
}

/// What Ansible refuses we refuse, and what it takes we take.
#[test]
fn the_same_files_are_refused() {
    let Some(program) = ansible_inventory() else { return };
    let directory = tempfile::tempdir().unwrap();
    for (text, taken) in [
        ("all: {hosts: {'h[1:2': {}}}\n", false),
        ("all: {hosts: {h: text}}\n", false),
        ("all: {hosts: [a]}\n", false),
        ("all: {children: {a: 5}}\n", false),
        ("2024: {hosts: {a: {}}}\n", false),
        ("all: {hosts: {5: {}}}\n", false),
        ("a: {children: {b: {children: {a: {}}}}}\n", false),
        ("all: {hosts: {h: {a: !foo x}}}\n", false),
        ("all: {hosts: {h: {a: '{{ x }}'}}}\n", true),
        ("all: {hosts: {h: {a: {{ x }}}}}\n", false),
        ("all:\n  hosts:\n    h:\n      a: =\n", false),
        ("all:\n\thosts:\n", false),
        ("all:\n  hosts:\n    h: {a: b: c}\n", false),
        ("all: {hosts: {h: }}\n--- \nb: 1\n", false),
        ("all: {hosts: {'n[5:3]': {}, b: {}}}\n", true),
        ("plugin: x\nall: {hosts: {h: }}\n", false),
        ("all: {vars: {ansible_group_priority: x}, hosts: {h: }}\n", false),
        ("- a\n- b\n", false),
    ] {
        let file = directory.path().join("inventory.yml");
        std::fs::write(&file, text).unwrap();
        let home = tempfile::tempdir().unwrap();
        let output = asking(&program, &file, home.path()).arg("--list").output().unwrap();
        let complaints = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.success(), taken, "Ansible on {text:?}: {complaints}");
        let ours = Inventory::parse(text, &file);
        assert_eq!(ours.is_ok(), taken, "{text:?}: {:?}", ours.err());
    }
}
