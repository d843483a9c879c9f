//! Passwords of controllers from the file that `bmc.password_file` names: they
//! reach `ipmitool` and Redfish of the real simulators.

use std::path::Path;

use shopfloor::domain::endpoint::TlsTrust;
use shopfloor::domain::{Answer, CauseWord, TargetKind};
use shopfloor::runtime::load::{LoadOptions, load_site};

use crate::bmc::{Lab, PASSWORD, site};

/// What each probe of the controllers of a site answers, by its name.
async fn answers(directory: &Path) -> Vec<(String, Answer)> {
    let loaded = load_site(&LoadOptions::new(directory, None)).expect("a site");
    let bmcs: Vec<_> =
        loaded.site.targets.iter().filter(|t| t.kind == TargetKind::Bmc).map(|t| &t.id).collect();
    assert_eq!(bmcs.len(), 1, "{:?}", loaded.site.problems);
    let mut answers = Vec::new();
    for probe in loaded.probes.iter().filter(|probe| bmcs.contains(&&probe.id().target)) {
        let answer = tokio::time::timeout(probe.spec().timeout, probe.ask(&loaded.reach)).await;
        answers.push((probe.id().probe.to_string(), answer.expect("within its time")));
    }
    answers.sort_by(|a, b| a.0.cmp(&b.0));
    answers
}

/// Asks with the file, without it, with a wrong one, and with no password anywhere.
pub async fn from_a_file(lab: &Lab) {
    let home = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: String| std::fs::write(home.path().join(name), text).unwrap();
    let endpoint = site(lab, lab.own_ca(), "ops").targets.into_iter().find_map(|t| t.bmc).unwrap();
    let TlsTrust::Ca(ca) = &endpoint.trust else { panic!("a CA") };
    let settings = |more: &str| {
        let ((redfish, over_tls), (ipmi, over_udp)) = (&endpoint.redfish, &endpoint.ipmi);
        format!(
            "bmc: {{user: ops, ca: {}, cipher_suites: [17, 3]{more}}}\nendpoints:\n  \
             {}: {{redfish: \"{redfish}:{over_tls}\", ipmi: \"{ipmi}:{over_udp}\"}}\n",
            ca.display(),
            endpoint.host
        )
    };
    write(
        "inventory.yml",
        format!(
            "all:\n  vars:\n    ipmi_targets: [{{name: node-1-bmc, host: {}, module: m}}]\n    \
             ipmi_exporter_modules: [{{name: m, user: nobody}}]\n  \
             hosts: {{node-1: {{ansible_host: 127.0.0.1}}}}\n",
            endpoint.host
        ),
    );
    write("shopfloor.yml", settings(", password_file: bmc-pass"));
    write("bmc-pass", format!("{PASSWORD}\n"));
    for (probe, answer) in answers(home.path()).await {
        let Answer::Facts(report) = &answer else { panic!("{probe}: {answer:?}") };
        assert!(!report.facts.is_empty(), "{probe} learned nothing");
        assert!(!format!("{answer:?}").contains(PASSWORD));
    }

    write("bmc-pass", "not-the-password\n".to_owned());
    for (probe, answer) in answers(home.path()).await {
        let word = answer.cause().map(|cause| cause.word.clone());
        assert_eq!(word, Some(CauseWord::AuthRefused), "{probe}: {answer:?}");
    }

    let told = |answers: Vec<(String, Answer)>, words: &str| {
        assert_eq!(answers.len(), 2);
        for (probe, answer) in answers {
            let Answer::Refused(cause) = &answer else { panic!("{probe}: {answer:?}") };
            assert_eq!(cause.word.word(), "password-missing", "{probe}: {cause:?}");
            assert!(cause.sentence.contains(words), "{probe}: no `{words}` in {cause:?}");
            assert!(!cause.sentence.contains("sealed") && !cause.next.is_empty(), "{cause:?}");
        }
    };
    std::fs::remove_file(home.path().join("bmc-pass")).unwrap();
    let place = home.path().join("bmc-pass");
    let unread =
        format!("the password file of the controllers {}: cannot be read", place.display());
    told(answers(home.path()).await, &unread);
    write("shopfloor.yml", settings(""));
    told(answers(home.path()).await, "the module `m` has no password in");
}
