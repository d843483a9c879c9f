//! Tests of editing.

use super::*;

const TEXT: &str = "\
# the site
all:
  vars:
    cluster_name: aurora   # short
    ids: [1, 2]
    empty:
    secret: !vault |
      $ANSIBLE_VAULT;1.1;AES256
      6162
    leases:
      - {name: a, ip: \"10.0.0.1\"}  # first
      - name: b
        ip: 10.0.0.2
  hosts:
    gpu-[01:16].x: {rack: r1}   # all of them

    \"10.0.0.9\":
";

fn edit(path: &str, value: &str) -> Result<String, EditError> {
    set_in(TEXT, Path::new("inventory.yml"), path, value)
}

/// The lines that differ.
fn changed(path: &str, value: &str) -> String {
    let after = edit(path, value).unwrap_or_else(|error| panic!("{path}: {error}"));
    let edit = Edit { file: "i".into(), before: TEXT.into(), after };
    edit.diff().lines().skip(3).collect::<Vec<_>>().join("\n")
}

#[test]
fn one_line_changes_and_its_comment_stays() {
    assert_eq!(
        changed("all.vars.cluster_name", "borealis"),
        "-    cluster_name: aurora   # short\n+    cluster_name: borealis   # short"
    );
    assert_eq!(
        changed("all.vars.leases.0.ip", "\"10.0.0.7\""),
        "-      - {name: a, ip: \"10.0.0.1\"}  # first\n+      - {name: a, ip: 10.0.0.7}  # first"
    );
    assert_eq!(
        changed("all.vars.leases.1.ip", "10.0.0.8"),
        "-        ip: 10.0.0.2\n+        ip: 10.0.0.8"
    );
    assert_eq!(
        changed("all.hosts.gpu-[01:16].x.rack", "r2"),
        "-    gpu-[01:16].x: {rack: r1}   # all of them\n+    gpu-[01:16].x: {rack: r2}   # all of them"
    );
}

#[test]
fn missing_keys_and_empty_values_are_filled() {
    for (path, value) in [
        ("all.vars.new_key", "true"),
        ("all.vars.empty", "{a: [1, 2]}"),
        ("all.vars.empty.deeper.still", "x y"),
        ("all.hosts.\"10.0.0.9\".rack", "r7"),
        ("all.hosts.\"new.host\".rack_unit", "7"),
        ("all.children.gpu.vars.mac", "\"10:20:30:40:50:59\""),
        ("all.vars.time", "\"12:30\""),
        ("all.vars.tab", "\"a\\tb\""),
        ("all.vars.number", "1.5"),
        ("all.vars.cluster_name", "null"),
    ] {
        let after = edit(path, value).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(
            after.contains("# the site\n") && after.contains("# short") || path.ends_with("name")
        );
        assert!(after.contains("$ANSIBLE_VAULT;1.1;AES256\n      6162\n"));
    }
}

#[test]
fn a_sealed_value_is_replaced_by_a_sealed_one_only() {
    let error = edit("all.vars.secret", "clear").unwrap_err();
    assert!(error.to_string().contains("clear text would replace it"), "{error}");
    let sealed = "!vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6364\n";
    let after = edit("all.vars.secret", sealed).unwrap();
    assert!(after.contains("6364") && !after.contains("6162"));
    assert!(edit("all.vars.other_secret", sealed).is_ok());
}

#[test]
fn what_leads_nowhere_is_refused_with_a_sentence() {
    for (path, words) in [
        ("all.vars.cluster_name.x", "leads into text"),
        ("all.vars.leases.7.ip", "the number of an item, 0 to 1"),
        ("all..vars", "is not keys"),
        ("", "is not keys"),
    ] {
        let error = edit(path, "1").unwrap_err().to_string();
        assert!(error.contains(words), "{path}: {error}");
    }
    assert!(matches!(edit("all.vars.a", "{{ x }}"), Err(EditError::Invalid(_))));
    let twice = set_in("a: 1\na: 2\n", Path::new("i"), "b", "1").unwrap_err();
    assert!(matches!(twice, EditError::Invalid(_)));
}

#[test]
fn a_change_that_an_anchor_would_spread_is_refused() {
    let text = "base: &b {x: 1}\nother: *b\nmerged: {<<: *b}\n";
    let error = set_in(text, Path::new("i"), "base.x", "2").unwrap_err();
    assert!(error.to_string().contains("without changing something else"), "{error}");
    assert!(set_in(text, Path::new("i"), "merged.y", "2").is_ok());
}

#[test]
fn the_file_is_replaced_whole_and_not_when_somebody_else_changed_it() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("inventory.yml");
    std::fs::write(&file, TEXT).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    }
    let edit = set(&file, "all.vars.cluster_name", "borealis").unwrap();
    edit.write().unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), edit.after);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    }
    let late = set(&file, "all.vars.cluster_name", "third").unwrap();
    std::fs::write(&file, "all: {}\n").unwrap();
    let error = late.write().unwrap_err();
    assert!(error.to_string().contains("changed by somebody else"), "{error}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "all: {}\n");
    let left: Vec<_> = std::fs::read_dir(directory.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "no temporary file stays behind");
}

#[test]
fn the_samples_take_edits() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reference");
    for (name, path) in [
        ("inventory.sample.yml", "all.vars.servers.list.gpu0.rack"),
        ("inventory.sample.yml", "all.vars.ipmi_targets.3.host"),
        ("inventory.sample.yml", "all.children.kolla_bastion.hosts.192.168.40.250.rack"),
        ("icn.yml", "all.children.site_001.vars.site"),
        (
            "infra-cloud.yml",
            "all.children.vanilla_compute.hosts.compute001.vanilla.ic.example.org.rack",
        ),
        ("vcluster.yml", "all.vars.tenants.1.profile"),
    ] {
        let edit = set(&directory.join(name), path, "changed").unwrap();
        let lines = edit.diff().lines().filter(|line| line.starts_with(['+', '-'])).count();
        // Two lines name the file; what is left is the one that changed.
        assert!((3..=5).contains(&lines), "{path}: {}", edit.diff());
    }
}

proptest::proptest! {
    #[test]
    fn any_text_arrives_as_it_is(value in "\\PC{0,30}", at in 0_usize..4) {
        let path = ["all.vars.cluster_name", "all.vars.new", "all.vars.leases.1.ip", "all.hosts.h.x"][at];
        let source = serde_json::to_string(&value).unwrap();
        let after = edit(path, &source).unwrap();
        let root = yaml::read(&after, Path::new("i")).unwrap().root;
        let steps = resolve(&root, path).unwrap();
        let mut here = &root;
        for step in &steps {
            here = match step {
                Step::Key(key) => here.get(key).unwrap(),
                Step::Item(number) => &here.items()[*number],
            };
        }
        proptest::prop_assert_eq!(here.as_str(), Some(value.as_str()));
    }

    #[test]
    fn no_path_and_no_value_panics(path in "[a-z.\"0-9\\[\\]]{0,20}", value in "[-a-c0-9:{}\\[\\],&*!|'\"\n ]{0,20}") {
        let _ = edit(&path, &value);
    }
}
