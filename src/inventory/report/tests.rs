use super::*;
use crate::domain::CauseWord;
use crate::inventory::Severity;

fn problem(line: u32, column: u32, verdict: Verdict) -> Problem {
    Problem {
        rule: "V-CEPH-01".into(),
        severity: if verdict == Verdict::Warn { Severity::Warning } else { Severity::Error },
        verdict,
        place: Place { file: "inventory.yml".into(), line, column },
        sentence: "ceph_mon_hosts names 2 monitors".into(),
        hint: Some("name three".into()),
        cause: (verdict == Verdict::Unknown).then_some(CauseWord::PasswordSealed),
        step: Some("HW-7.3".into()),
    }
}

fn sources(text: &str) -> Sources {
    let mut sources = Sources::new(Catalogue::shipped().unwrap());
    sources.put(Path::new("inventory.yml"), text);
    sources
}

#[test]
fn a_problem_reads_like_a_compilers() {
    let sources = sources("all:\n  vars:\n    ceph_mon_hosts: [a, b]\n");
    let shown = text(&[problem(3, 21, Verdict::Fail)], &sources, &Colours::default());
    let wanted = "\
error[V-CEPH-01]: ceph_mon_hosts names 2 monitors
 --> inventory.yml:3:21
  |
3 |     ceph_mon_hosts: [a, b]
  |                     ^
  = hint: name three
  = blocks HW-7.3

1 error
";
    assert_eq!(shown, wanted);
}

#[test]
fn colours_go_around_words_only() {
    let colours = Colours { error: "<e>", frame: "<f>", end: "</>", ..Colours::default() };
    let shown = text(&[problem(0, 0, Verdict::Fail)], &Sources::default(), &colours);
    assert!(shown.starts_with("<e>error[V-CEPH-01]</>: ceph"), "{shown}");
    assert!(shown.contains("<f>--></> inventory.yml\n"), "{shown}");
    let plain = shown.replace("<e>", "").replace("<f>", "").replace("</>", "");
    let uncoloured =
        text(&[problem(0, 0, Verdict::Fail)], &Sources::default(), &Colours::default());
    assert_eq!(plain, uncoloured);
}

#[test]
fn secrets_are_never_in_an_excerpt() {
    let planted = [
        "all:\n  vars:\n    ipmi_password: hunter2\n",
        "all:\n  vars:\n    x: {a: 1, password: hunter2}\n",
        "all:\n  vars:\n    \"ipmi_password\": hunter2\n",
        "all:\n  vars:\n    url: \"https://x.example.net/i?sig=hunter2\"\n",
        "all:\n  vars:\n    anything: ghp_hunter2\n",
        "all:\n  vars:\n    ipmi_password: |\n      hunter2\n",
        "all:\n  vars:\n    ipmi_password:\n      hunter2\n",
        "all:\n  vars:\n    x: !vault |\n      $ANSIBLE_VAULT;1.1;AES256\n      hunter2\n",
        "all:\n  vars:\n    x: !vault |\n      $ANSIBLE_VAULT;1.1;AES256\n\n      hunter2\n",
        "all:\n  vars:\n    my_api_token: hunter2\n",
    ];
    for file in planted {
        let sources = sources(file);
        let lines = u32::try_from(file.lines().count()).unwrap();
        for line in 1..=lines {
            let shown = text(&[problem(line, 5, Verdict::Fail)], &sources, &Colours::default());
            assert!(!shown.contains("hunter2"), "{file}\n{shown}");
        }
    }
}

#[test]
fn references_to_secrets_may_be_seen() {
    let sources = sources("all:\n  vars:\n    password: \"{{ ipmi_password }}\"\n");
    let shown = text(&[problem(3, 5, Verdict::Fail)], &sources, &Colours::default());
    assert!(shown.contains("{{ ipmi_password }}"), "{shown}");
}

#[test]
fn long_and_hostile_lines_are_tamed() {
    let line = format!("    key: {}\u{1b}[31m{}", "x".repeat(300), "y".repeat(300));
    let sources = sources(&format!("all:\n{line}\n"));
    let shown = text(&[problem(2, 310, Verdict::Fail)], &sources, &Colours::default());
    assert!(!shown.contains('\u{1b}'));
    assert!(shown.lines().all(|line| line.chars().count() <= WIDEST + 8), "{shown}");
    let shown = text(&[problem(2, 9999, Verdict::Fail)], &sources, &Colours::default());
    assert!(shown.contains('^'));
}

#[test]
fn a_line_that_is_gone_gives_no_excerpt() {
    let sources = sources("all:\n");
    let shown = text(&[problem(7, 1, Verdict::Fail)], &sources, &Colours::default());
    assert!(shown.contains("inventory.yml:7:1") && !shown.contains('^'), "{shown}");
}

#[test]
fn the_summary_counts() {
    let all = [
        problem(1, 1, Verdict::Fail),
        problem(1, 1, Verdict::Fail),
        problem(1, 1, Verdict::Warn),
        problem(1, 1, Verdict::Unknown),
    ];
    assert_eq!(summary(&all), "2 errors, 1 warning, 1 unknown");
    assert_eq!(summary(&[]), "no problems");
}

#[test]
fn exit_status_is_that_of_the_worst() {
    assert_eq!(exit_status(&[], true), 0);
    assert_eq!(exit_status(&[problem(1, 1, Verdict::Unknown)], true), 0);
    assert_eq!(exit_status(&[problem(1, 1, Verdict::Warn)], false), 0);
    assert_eq!(exit_status(&[problem(1, 1, Verdict::Warn)], true), 1);
    assert_eq!(exit_status(&[problem(1, 1, Verdict::Fail)], false), 1);
}

#[test]
fn json_has_every_field() {
    let got = json(
        Path::new("inventory.yml"),
        &[problem(3, 21, Verdict::Unknown), problem(0, 0, Verdict::Fail)],
    );
    let wanted = json!({
        "schema": 1,
        "file": "inventory.yml",
        "problems": [
            {"rule": "V-CEPH-01", "severity": "error", "verdict": "unknown", "file": "inventory.yml",
             "line": 3, "column": 21, "sentence": "ceph_mon_hosts names 2 monitors", "hint": "name three",
             "cause": "password-sealed", "step": "HW-7.3"},
            {"rule": "V-CEPH-01", "severity": "error", "verdict": "fail", "file": "inventory.yml",
             "line": null, "column": null, "sentence": "ceph_mon_hosts names 2 monitors", "hint": "name three",
             "cause": null, "step": "HW-7.3"},
        ]
    });
    assert_eq!(got, wanted);
}
