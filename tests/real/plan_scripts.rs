//! Scripts of the runbooks with the real programs that they call: `ansible-vault` and `jq`.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use secrecy::ExposeSecret;
use shopfloor::inventory::vault::{Vault, read_password};

use crate::suite::{ran, skipped};

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/plans/scripts").join(name)
}

/// The directory of `ansible-vault`, or nothing after saying why.
fn ansible() -> Option<PathBuf> {
    let named = std::env::var_os("SHOPFLOOR_ANSIBLE").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = named.into_iter().chain(std::env::split_paths(&path));
    let found = places.find(|directory| directory.join("ansible-vault").is_file());
    match &found {
        Some(_) => ran("plan-scripts"),
        None => {
            skipped("plan-scripts", "ansible-vault is neither in SHOPFLOOR_ANSIBLE nor in PATH")
        }
    }
    found
}

/// Runs a script with these directories before the machine's own.
fn run(name: &str, arguments: &[&str], stdin: &str, home: &Path, programs: &[&Path]) -> Output {
    let mut path: Vec<PathBuf> = programs.iter().map(|directory| directory.to_path_buf()).collect();
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let mut child = Command::new("sh")
        .arg(script(name))
        .args(arguments)
        .current_dir(home)
        .env("HOME", home)
        .env("ANSIBLE_HOME", home)
        .env("PATH", std::env::join_paths(path).unwrap())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    child.wait_with_output().unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.clone(), output.stderr.clone()].concat()).into_owned()
}

/// A value sealed under a password, as a block of the inventory.
fn sealed(programs: &Path, id: &str, password: &Path, text: &str, indent: &str) -> String {
    let plain = password.with_extension("plain");
    fs::write(&plain, text).unwrap();
    let output = Command::new(programs.join("ansible-vault"))
        .args(["encrypt", "--output", "-", "--vault-id"])
        .arg(format!("{id}@{}", password.display()))
        .arg(&plain)
        .output()
        .unwrap();
    let block = String::from_utf8(output.stdout).unwrap();
    assert!(block.starts_with("$ANSIBLE_VAULT"), "{}", String::from_utf8_lossy(&output.stderr));
    block.lines().map(|line| format!("{indent}{line}\n")).collect()
}

/// The sealed values of an inventory, opened.
fn opened(inventory: &str, password: &Path) -> Vec<String> {
    let mut vault = Vault::default();
    vault.put("default", read_password(password).unwrap());
    let blocks = inventory.split("!vault |").skip(1).map(|rest| {
        let lines = rest.lines().skip(1).map(str::trim);
        let is_sealed = |line: &&str| {
            line.starts_with('$')
                || (!line.is_empty() && line.chars().all(|c| c.is_ascii_hexdigit()))
        };
        lines.take_while(is_sealed).map(|line| format!("{line}\n")).collect::<String>()
    });
    blocks
        .map(|block| {
            vault
                .open(&block)
                .map_or_else(|error| error.to_string(), |text| text.expose_secret().to_owned())
        })
        .collect()
}

/// The rotation of the vault password, whole: C-21 says that `rekey` leaves inline values behind.
#[test]
fn the_vault_password_is_rotated_with_the_inline_values() {
    let Some(programs) = ansible() else { return };
    let home = tempfile::tempdir().unwrap();
    let (private, site) = (home.path().join("private"), home.path().join("site"));
    for directory in [&private, &site] {
        fs::create_dir(directory).unwrap();
    }
    let (private_text, site_text) = (private.to_str().unwrap(), site.to_str().unwrap());
    let mut out = run("rb-vault.1.sh", &[private_text], "the old one\n", home.path(), &[&programs]);
    assert!(out.status.success(), "{}", printed(&out));
    assert!(!printed(&out).contains("the old one"));
    let old = private.join("old");
    assert_eq!(fs::read_to_string(&old).unwrap(), "the old one");
    assert_eq!(fs::metadata(&old).unwrap().permissions().mode() & 0o777, 0o600);
    out = run("rb-vault.2.sh", &[private_text], "", home.path(), &[&programs]);
    assert!(out.status.success(), "{}", printed(&out));
    let new = private.join("new");
    assert_eq!(fs::read_to_string(&new).unwrap().len(), 44);
    // A second time would leave files that nothing opens.
    assert_eq!(
        run("rb-vault.2.sh", &[private_text], "", home.path(), &[&programs]).status.code(),
        Some(65)
    );

    let first = sealed(&programs, "default", &old, "ghp_first", "        ");
    let second = sealed(&programs, "lab", &old, "two\nlines", "      ");
    let inventory = site.join("inventory.yml");
    let text = format!(
        "all:\n  vars: # kept\n    token: !vault |\n{first}    plain: 'as it was'  # and this\n    other: !vault |-\n{second}    last: true\n"
    );
    fs::write(&inventory, &text).unwrap();
    let whole = site.join("passwords.yml");
    fs::write(&whole, sealed(&programs, "default", &old, "keystone: secret\n", "")).unwrap();
    let file = inventory.to_str().unwrap();

    // Checked too early, the verification says so.
    out = run("rb-vault.5.sh", &[private_text, site_text, file], "", home.path(), &[&programs]);
    assert!(!out.status.success(), "{}", printed(&out));
    for (name, arguments) in [
        ("rb-vault.3.sh", vec![site_text]),
        ("rb-vault.4.sh", vec![private_text, site_text]),
        ("rb-vault.4b.sh", vec![private_text, file]),
        // A second time changes nothing that opens with the new one.
        ("rb-vault.4b.sh", vec![private_text, file]),
        ("rb-vault.5.sh", vec![private_text, site_text, file]),
    ] {
        out = run(name, &arguments, "", home.path(), &[&programs]);
        assert!(out.status.success(), "{name}: {}", printed(&out));
        assert!(!printed(&out).contains("ghp_first"), "{name} shows a value");
    }
    assert!(printed(&out).contains("OK 2 values"), "{}", printed(&out));
    let after = fs::read_to_string(&inventory).unwrap();
    assert_eq!(opened(&after, &new), ["ghp_first", "two\nlines"]);
    assert_ne!(opened(&after, &old), opened(&after, &new));
    // Everything else stands where it stood.
    let kept = |text: &str| -> Vec<String> {
        let is_body = |line: &str| {
            let bare = line.trim();
            bare.starts_with('$')
                || (!bare.is_empty() && bare.chars().all(|c| c.is_ascii_hexdigit()))
        };
        text.lines().filter(|line| !is_body(line)).map(str::to_owned).collect()
    };
    assert_eq!(kept(&after), kept(&text));
    assert!(after.contains("$ANSIBLE_VAULT;1.2;AES256;lab"), "the label stays");
    assert_eq!(fs::read_to_string(site.join("inventory.yml.before-rekey")).unwrap(), text);
}

/// Whether `jq` is there, after saying so.
fn has_jq() -> bool {
    let found =
        Command::new("jq").arg("--version").output().is_ok_and(|output| output.status.success());
    if found {
        ran("plan-scripts")
    } else {
        skipped("plan-scripts", "jq is not installed")
    }
    found
}

/// A stand-in for `curl` that answers with this and notes its arguments.
fn curl(home: &Path, answer: &str) -> PathBuf {
    let programs = home.join("programs");
    fs::create_dir_all(&programs).unwrap();
    let body = format!(
        "#!/bin/sh\necho \"curl $*\" >> '{0}/calls'\ncat >> '{0}/given'\nprintf '%s' '{answer}'\n",
        home.display()
    );
    fs::write(programs.join("curl"), body).unwrap();
    fs::set_permissions(programs.join("curl"), fs::Permissions::from_mode(0o755)).unwrap();
    programs
}

/// RB-SWHB deletes the newest tenant: the script that finds it stops at anything else.
#[test]
fn only_the_newest_tenant_is_found() {
    if !has_jq() {
        return;
    }
    let tenants = |newest: &str| {
        format!(
            r#"[{{"id":"56aa9814-1","name":"new","created_at":"2027-01-10T10:00:00Z"}},{{"id":"77bb","name":"other","created_at":"{newest}"}}]"#
        )
    };
    for (newest, prefix, is_found) in [
        ("2027-01-09T00:00:00Z", "56aa9814", true),
        ("2027-01-11T00:00:00Z", "56aa9814", false),
        ("2027-01-09T00:00:00Z", "99", false),
    ] {
        let home = tempfile::tempdir().unwrap();
        let programs = curl(home.path(), &tenants(newest));
        let arguments = ["https://console.example.net/api", prefix];
        let out =
            run("rb-swhb.3.sh", &arguments, "token-of-the-operator\n", home.path(), &[&programs]);
        assert_eq!(out.status.success(), is_found, "{newest} {prefix}: {}", printed(&out));
        assert_eq!(printed(&out).contains("\"tenant\": \"56aa9814-1\""), is_found);
        let calls = fs::read_to_string(home.path().join("calls")).unwrap();
        assert!(!calls.contains("token-of-the-operator"), "{calls}");
        let given = fs::read_to_string(home.path().join("given")).unwrap();
        assert!(given.contains("Bearer token-of-the-operator"), "{given}");
    }
}

/// The acceptance removes the tenant that it made, and no other.
#[test]
fn only_the_test_tenant_is_removed() {
    if !has_jq() {
        return;
    }
    for (name, is_removed) in [("acceptance-test", true), ("customer", false)] {
        let home = tempfile::tempdir().unwrap();
        let programs = curl(home.path(), &format!(r#"[{{"id":"56aa","name":"{name}"}}]"#));
        let arguments =
            ["https://console.example.net/api", "56aa", "acceptance-test", "11cc", "me", "key="];
        let out = run("acc-9.6.sh", &arguments, "token\n", home.path(), &[&programs]);
        // The stand-in goes on listing the tenant, so the script cannot end well.
        assert!(!out.status.success());
        let calls = fs::read_to_string(home.path().join("calls")).unwrap();
        assert_eq!(calls.contains("-X DELETE"), is_removed, "{name}: {calls}");
        assert_eq!(out.status.code() == Some(65), !is_removed, "{name}: {}", printed(&out));
    }
}
