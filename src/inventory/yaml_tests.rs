//! Tests of reading YAML.

use std::path::Path;

use super::*;

fn root(text: &str) -> Node {
    read(text, Path::new("inventory.yml")).unwrap().root
}

fn complaint(text: &str) -> String {
    let problem = read(text, Path::new("inventory.yml")).unwrap_err();
    assert_eq!(problem.rule, "V-YAML-01");
    assert!(problem.hint.is_some());
    format!("{}: {}", problem.place, problem.sentence)
}

fn place(node: &Node) -> (u32, u32) {
    (node.place.line, node.place.column)
}

#[test]
fn values_carry_their_places() {
    let root = root("all:\n  hosts:\n    gpu-07: {a: [1, x]}\n");
    let list = root.at("all.hosts.gpu-07.a").unwrap();
    assert_eq!(place(list), (3, 17));
    assert_eq!(place(&list.items()[1]), (3, 21));
    let entry = root.at("all.hosts").unwrap().entry("gpu-07").unwrap();
    assert_eq!((entry.place.line, entry.place.column), (3, 5));
}

#[test]
fn quoted_words_are_text() {
    let root = root("a: \"yes\"\nb: '12'\nc: yes\nd: 12\ne: |\n  12\nf: !!str 12\ng: ! 12\n");
    let kinds: Vec<&Kind> = root.entries().iter().map(|entry| &entry.value.kind).collect();
    assert_eq!(kinds[0], &Kind::Str("yes".into()));
    assert_eq!(kinds[1], &Kind::Str("12".into()));
    assert_eq!(kinds[2], &Kind::Bool(true));
    assert_eq!(kinds[3], &Kind::Int(12));
    assert_eq!(kinds[4], &Kind::Str("12\n".into()));
    assert_eq!(kinds[5], &Kind::Str("12".into()));
    assert_eq!(kinds[6], &Kind::Int(12));
}

#[test]
fn vault_and_unsafe_values_stay_as_they_are() {
    let root = root(
        "a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\nb: !unsafe '{{ x }}'\n\
                     c: !unsafe [\"{{ y }}\", 3, {k: z}]\nd: '{{ z }}'\n",
    );
    assert_eq!(
        root.get("a").unwrap().kind,
        Kind::Vault("$ANSIBLE_VAULT;1.1;AES256\n6162\n".into())
    );
    assert_eq!(root.get("b").unwrap().kind, Kind::Unsafe("{{ x }}".into()));
    assert!(!root.get("b").unwrap().is_template());
    assert_eq!(root.get("c").unwrap().items()[0].kind, Kind::Unsafe("{{ y }}".into()));
    assert_eq!(root.get("c").unwrap().items()[1].kind, Kind::Int(3));
    let inner = root.get("c").unwrap().items()[2].get("k").unwrap();
    assert_eq!(inner.kind, Kind::Unsafe("z".into()));
    assert!(root.get("d").unwrap().is_template());
}

#[test]
fn anchors_and_merges_are_put_in_and_point_at_their_alias() {
    let text = "base: &base {a: 1, b: 2}\nmore: &more {b: 3, c: 4}\n\
                one:\n  <<: *base\n  b: 9\ntwo:\n  <<: [*base, *more]\nthree: *base\n";
    let root = root(text);
    let value = |path: &str| root.at(path).unwrap().kind.clone();
    assert_eq!((value("one.a"), value("one.b")), (Kind::Int(1), Kind::Int(9)));
    assert_eq!((value("two.b"), value("two.c")), (Kind::Int(2), Kind::Int(4)));
    assert_eq!(place(root.at("one.a").unwrap()), (4, 7));
    assert_eq!(place(root.at("three").unwrap()), (8, 8));
    assert_eq!(place(root.at("three.a").unwrap()), (1, 17));
}

#[test]
fn a_duplicate_key_is_reported_and_the_last_value_counts() {
    let document = read("a: 1\nb: 2\na: 3\n", Path::new("inventory.yml")).unwrap();
    assert_eq!(document.root.get("a").unwrap().kind, Kind::Int(3));
    assert_eq!(document.root.entries().len(), 2);
    let problem = &document.problems[0];
    assert_eq!(problem.severity, Severity::Error);
    assert_eq!(
        format!("{}: {}", problem.place, problem.sentence),
        "inventory.yml:3:1: the key `a` stands here again (first at line 1), and Ansible takes the \
         last value"
    );
}

#[test]
fn an_overridden_merge_is_no_duplicate() {
    let document = read("b: &b {a: 1}\nc: {<<: *b, a: 2}\n", Path::new("inventory.yml")).unwrap();
    assert_eq!(document.problems, []);
    assert_eq!(document.root.at("c.a").unwrap().kind, Kind::Int(2));
}

#[test]
fn an_unquoted_mac_address_of_digits_is_reported() {
    let document = read("mac: 10:20:30:40:50:59\n", Path::new("i")).unwrap();
    assert_eq!(document.problems[0].rule, "V-YAML-50");
    assert_eq!(document.problems[0].severity, Severity::Warning);
    assert!(document.problems[0].sentence.contains("base 60"));
}

#[test]
fn keys_that_are_no_text_are_noted() {
    let document = read("2024: a\nyes: b\n'3': c\n", Path::new("i")).unwrap();
    let keys: Vec<&str> = document.root.entries().iter().map(|e| e.key.as_str()).collect();
    assert_eq!(keys, ["2024", "true", "3"]);
    assert_eq!(document.odd_keys.len(), 2);
}

#[test]
fn nothing_and_comments_are_nothing() {
    for text in ["", "\n\n", "# only\n", "---\n", "--- \n...\n"] {
        assert_eq!(root(text).kind, Kind::Null, "{text:?}");
    }
}

#[test]
fn bad_input_has_one_sentence_with_its_place() {
    for (text, start, words) in [
        ("all:\n\thosts:\n", "inventory.yml:2:1: ", "a tab stands here"),
        ("all:\n  a: [1, 2\n", "inventory.yml:", "never closed"),
        ("all:\n  a: \"half\n", "inventory.yml:3:1: ", "its closing quote is missing"),
        ("a: 'half", "inventory.yml:1:", "closing quote never comes"),
        ("a: b: c\n", "inventory.yml:1:5: ", "a second `: `"),
        ("a: 1\n  b: 2\n", "inventory.yml:2:4: ", "a second `: `"),
        ("a:\n  b: 1\n c: 2\n", "inventory.yml:3:2: ", "indent"),
        ("a: {{ x }}\n", "inventory.yml:1:", "as a key"),
        ("a: *none\n", "inventory.yml:1:4: ", "names an anchor"),
        ("a: &a [*a]\n", "inventory.yml:1:8: ", "a cycle"),
        ("a: 1\n---\nb: 2\n", "inventory.yml:2:1: ", "a second document"),
        ("a: !foo 1\n", "inventory.yml:1:", "the tag `!foo`"),
        ("a: !!set {x, y}\n", "inventory.yml:1:", "the tag `!!set`"),
        ("a: !vault {b: 1}\n", "inventory.yml:1:", "`!vault` stands before"),
        ("a: {<<: 5}\n", "inventory.yml:1:", "takes a mapping"),
        ("a: =\n", "inventory.yml:1:4: ", "unquoted `<<` or `=`"),
        ("a: !!int x\n", "inventory.yml:1:", "marked `!!int`"),
        ("a: \"\\q\"\n", "inventory.yml:1:", "no escape"),
    ] {
        let line = complaint(text);
        assert!(line.starts_with(start), "{text:?}: {line}");
        assert!(line.contains(words), "{text:?}: {line}");
    }
}

#[test]
fn deep_nesting_and_alias_bombs_stop_at_once() {
    assert!(complaint(&"[".repeat(100_000)).contains("nested deeper"));
    let mut deep = "a0: &a0 [1]\n".to_owned();
    for n in 1..400 {
        deep.push_str(&format!("a{n}: &a{n} [*a{}]\n", n - 1));
    }
    assert!(complaint(&deep).contains("nested deeper"));
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..12 {
        let aliases = vec![format!("*a{}", n - 1); 10].join(", ");
        bomb.push_str(&format!("a{n}: &a{n} [{aliases}]\n"));
    }
    let started = std::time::Instant::now();
    assert!(complaint(&bomb).contains("aliases put in"));
    assert!(started.elapsed().as_secs() < 20);
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in "[-a-c0-9:{}\\[\\],&*!<>|#'\"\n \t~=?%@]{0,60}") {
        let _ = read(&text, Path::new("i"));
        let _ = crate::inventory::Inventory::parse(&text, Path::new("i"));
    }

    #[test]
    fn no_unicode_text_panics(text in "\\PC{0,40}") {
        let _ = read(&text, Path::new("i"));
    }

    #[test]
    fn what_json_writes_is_read_back(
        words in proptest::collection::vec(("[a-z]{1,6}", "\\PC{0,20}"), 0..8)
    ) {
        let map: std::collections::BTreeMap<_, _> = words.into_iter().collect();
        let text = serde_json::to_string_pretty(&map).unwrap();
        let root = root(&text);
        for (key, value) in &map {
            proptest::prop_assert_eq!(root.get(key).unwrap().as_str(), Some(value.as_str()));
        }
    }
}
