use super::*;

fn built_in() -> Catalogue {
    let (catalogue, faults) = Catalogue::load(&[], &BTreeMap::new());
    assert_eq!(faults, []);
    catalogue
}

#[test]
fn every_rule_has_data_and_all_data_that_say_so_have_a_rule() {
    let catalogue = built_in();
    let rules: Vec<&str> = crate::checks::rules().map(|rule| rule.id).collect();
    for id in &rules {
        let spec = catalogue.get(id).unwrap_or_else(|| panic!("{id} has no data"));
        assert!(spec.is_built(), "{id} is judged and its data say it is not");
        assert!(!spec.next.is_empty(), "{id} says nothing to try");
        assert_eq!(rules.iter().filter(|other| *other == id).count(), 1, "{id} twice");
    }
    for (id, spec) in &catalogue.checks {
        assert_eq!(spec.is_built(), rules.contains(&id.as_str()), "{id}");
    }
}

#[test]
fn the_words_of_the_vendor_are_the_vendors() {
    let reference = include_str!("../../../tests/fixtures/reference/checks.md");
    let mut theirs: BTreeMap<String, BTreeMap<String, serde_json::Value>> = BTreeMap::new();
    for block in reference.split("```yaml\n").skip(1) {
        let yaml = block.split("```").next().unwrap();
        let records: Vec<BTreeMap<String, serde_json::Value>> =
            serde_yaml::from_str(yaml).unwrap_or_default();
        for record in records {
            if let Some(id) = record.get("id").and_then(|id| id.as_str()) {
                theirs.insert(id.to_owned(), record);
            }
        }
    }
    let mut compared = 0;
    for (path, text) in BUILT_IN {
        let mut faults = Vec::new();
        for record in read::<Record>(Path::new(path), text, &mut faults) {
            let id = &record.id.value;
            let Some(their) = theirs.get(id) else {
                let number: u32 = id.rsplit('-').next().unwrap().parse().unwrap();
                assert!(number >= 50, "{id} is not of the vendor's list");
                continue;
            };
            let field = |name: &str| their.get(name).and_then(|value| value.as_str());
            assert_eq!(Some(record.what.as_str()), field("what"), "{id}");
            assert_eq!(record.pass.as_deref(), field("pass"), "{id}");
            assert_eq!(record.warn.as_deref(), field("warn"), "{id}");
            assert_eq!(record.fail.as_deref(), field("fail"), "{id}");
            assert_eq!(record.note.as_deref(), field("note"), "{id}");
            compared += 1;
        }
        assert_eq!(faults, []);
    }
    let areas = [
        "HOST-", "BOND-", "BAST-", "RBOX-", "MGMT-", "CAPI-", "ADD-", "REG-", "GHCR-", "TLS-",
        "DNS-", "SSO-", "VPN-", "OBS-", "SNMP-", "IPMI-", "GPU-", "E2E-",
    ];
    let ours = theirs.keys().filter(|id| areas.iter().any(|area| id.starts_with(area)));
    for id in ours.clone() {
        assert!(built_in().get(id).is_some(), "{id} is left out");
    }
    assert!(compared >= ours.count() && compared >= 141, "{compared}");
}

#[test]
fn a_site_overrides_thresholds_and_says_so() {
    let file = SiteFile {
        path: "checks/mine.yml".into(),
        text: "- id: HOST-14\n  thresholds:\n    offset_warn_s: 0.1\n  next: [call Ada]\n".into(),
    };
    let of_file = BTreeMap::from([("HOST-24.root_fail_percent".to_owned(), 3.0)]);
    let (catalogue, faults) = Catalogue::load(&[file], &of_file);
    assert_eq!(faults, []);
    assert_eq!(catalogue.get("HOST-14").unwrap().threshold("offset_warn_s"), 0.1);
    assert_eq!(catalogue.get("HOST-14").unwrap().threshold("offset_fail_s"), 0.5);
    assert_eq!(catalogue.get("HOST-24").unwrap().threshold("root_fail_percent"), 3.0);
    let help = catalogue.explain("host-14").unwrap();
    assert!(
        help.contains(&"  offset_warn_s: 0.1  (set by this site; built in: 0.05)".to_owned()),
        "{help:?}"
    );
    assert!(help.contains(&"  call Ada".to_owned()));
}

#[test]
fn what_is_wrong_with_a_sites_file_has_its_place() {
    let cases = [
        ("- id: HOST-99\n", "checks/x.yml:1:7: there is no check HOST-99"),
        (
            "- id: HOST-08\n  thresholds:\n    warn: 2\n",
            "checks/x.yml:3:11: HOST-08 has no threshold warn; it has none",
        ),
        (
            "- id: HOST-55\n  thresholds: {warn: 2}\n",
            "checks/x.yml:2:22: HOST-55 has no threshold warn; it has fail_s, warn_s",
        ),
    ];
    for (text, wanted) in cases {
        let file = SiteFile { path: "checks/x.yml".into(), text: text.into() };
        let (catalogue, faults) = Catalogue::load(&[file], &BTreeMap::new());
        assert_eq!(faults.iter().map(ToString::to_string).collect::<Vec<_>>(), [wanted]);
        assert_eq!(catalogue, built_in());
    }
    for (text, line) in [("- id: HOST-08\n  built: false\n", 2), ("- id: [\n", 1), ("a: b\n", 1)] {
        let file = SiteFile { path: "checks/x.yml".into(), text: text.into() };
        let (catalogue, faults) = Catalogue::load(&[file], &BTreeMap::new());
        assert_eq!(faults.len(), 1, "{text}");
        assert_eq!(faults[0].place.line, line, "{text}: {}", faults[0]);
        assert_eq!(catalogue, built_in());
    }
    let nothing = SiteFile { path: "checks/x.yml".into(), text: "# nothing yet\n".into() };
    assert_eq!(Catalogue::load(&[nothing], &BTreeMap::new()).1, []);
    let (_, faults) = Catalogue::load(&[], &BTreeMap::from([("HOST-14".to_owned(), 1.0)]));
    assert_eq!(
        faults[0].to_string(),
        "shopfloor.yml: thresholds: HOST-14 names no threshold; they read CHECK-ID.name"
    );
}

#[test]
fn help_tells_rule_thresholds_source_and_next_steps() {
    let help = built_in().explain("HOST-05").unwrap().join("\n");
    for part in [
        "HOST-05  system disks form a healthy two-way mirror",
        "  pass: an md array of level raid1 shows `[2/2] [UU]`",
        "What to try",
        "Source: the vendor's list of checks, HOST-05; the vendor's documentation states it",
    ] {
        assert!(help.contains(part), "{part} is not in\n{help}");
    }
    let help = built_in().explain("HOST-22").unwrap().join("\n");
    assert!(help.contains("not judged: IPMI-50 (answers)"), "{help}");
    assert_eq!(built_in().explain("NOPE-01"), None);
}

#[test]
fn a_threshold_that_is_no_number_is_refused() {
    for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let of_file = BTreeMap::from([("HOST-24.root_fail_percent".to_owned(), odd)]);
        let (catalogue, faults) = Catalogue::load(&[], &of_file);
        let spec = catalogue.get("HOST-24").unwrap();
        assert!(spec.threshold("root_fail_percent").is_finite(), "{odd}");
        assert_eq!(faults.len(), 1, "{odd}");
    }
}

/// Every one of the vendor's checks has its record and its layer, and a rule or
/// a stated reason why there is none.
#[test]
fn every_check_of_the_vendor_is_judged_or_says_why_not() {
    /// Areas that have no record at all yet; one that has begun must be whole.
    const AWAITED: [&str; 3] = ["HH", "FAB", "WRT"];
    let reference = include_str!("../../../tests/fixtures/reference/checks.md");
    let ids: Vec<&str> =
        reference.lines().filter_map(|line| line.strip_prefix("- id: ")).map(str::trim).collect();
    assert_eq!(ids.len(), 241);
    let catalogue = built_in();
    let rules: Vec<&str> = crate::checks::rules().map(|rule| rule.id).collect();
    let area = |id: &str| id.split('-').next().unwrap().to_owned();
    let has_begun = |of: &str| catalogue.checks.keys().any(|id| area(id) == of);
    let mut left_out = Vec::new();
    for id in ids {
        let of = area(id);
        assert!(layer_of(id).is_some(), "{id} has no layer");
        match catalogue.get(id) {
            None if AWAITED.contains(&of.as_str()) && !has_begun(&of) => {}
            None => left_out.push(id),
            Some(spec) => match &spec.not_built {
                None => assert!(rules.contains(&id), "{id} has neither rule nor reason"),
                Some(why) => assert!(why.len() > 30, "{id}: {why}"),
            },
        }
    }
    assert_eq!(left_out, Vec::<&str>::new());
}
