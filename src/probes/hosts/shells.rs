//! The script under the shells of this machine, on this machine.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use super::frames::{Frame, frames, is_whole};
use super::parse::report;
use super::script::{Parameters, Part, script};
use super::sections::{Pace, SECTIONS};
use crate::domain::CauseWord;
use crate::domain::keys::FactType;
use crate::domain::keys::hosts as keys;

/// Runs the script with every section; what it printed, or `None` without that shell.
fn run(shell: &[&str], path: Option<&str>) -> Option<(String, String)> {
    let all: Vec<&str> = SECTIONS.iter().map(|section| section.name).collect();
    let parameters = Parameters {
        sudo: false,
        names: vec!["localhost".into()],
        gateway: Some("127.0.0.1".into()),
        amt: Some("127.0.0.1".into()),
        nic: Some("0000:00:00.0".into()),
    };
    let part = Part { sections: &all, nonce: "5e1f" };
    fed(shell, path, &script(&[part], &parameters))
}

/// Runs a script; what it printed, or `None` without that shell.
fn fed(shell: &[&str], path: Option<&str>, text: &str) -> Option<(String, String)> {
    let mut command = Command::new(shell[0]);
    command.args(&shell[1..]).arg("-s");
    if let Some(path) = path {
        command.env("PATH", path);
    }
    let mut child = command
        .env("LANG", "de_DE.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(text.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    Some((
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    ))
}

fn check(answer: &str, shell: &str) {
    let frames: Vec<Frame<'_>> = frames(answer, "5e1f", shell)
        .unwrap_or_else(|cause| panic!("{shell}: {} {:?}\n{answer}", cause.sentence, cause.detail));
    let names: Vec<&str> = frames.iter().map(|frame| frame.name).collect();
    let wanted: Vec<&str> = SECTIONS.iter().map(|section| section.name).collect();
    assert_eq!(names, wanted, "{shell}");
    let report = report(&frames, &wanted, "here");
    for key in [keys::KERNEL.info, keys::OS.info, keys::UPTIME.info, keys::MEMORY_TOTAL.info] {
        assert!(
            report.facts.iter().any(|fact| fact.key.as_str() == key.name),
            "{shell}: no {}: {:?}",
            key.name,
            report.lost
        );
    }
    let find = |name: &str| report.facts.iter().find(|fact| fact.key.as_str() == name);
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    let seen = String::from_value(&find("host.kernel").unwrap().value).unwrap();
    assert_eq!(seen, kernel.trim(), "{shell}");
    let disks = find("host.filesystems").expect("file systems");
    let table = crate::domain::fact::Table::from_value(&disks.value).unwrap();
    assert!(table.rows.iter().any(|row| table.cell(row, "mount") == "/"), "{shell}");
}

#[test]
fn every_shell_of_this_machine_understands_the_script() {
    let mut tried = 0;
    for shell in [&["sh"][..], &["dash"], &["bash"], &["busybox", "sh"]] {
        match run(shell, None) {
            Some((answer, _)) => {
                check(&answer, &shell.join(" "));
                println!("REAL shell-{} the script of hosts", shell[0]);
                tried += 1;
            }
            None => println!("SKIPPED shell-{}: it is not on this machine", shell[0]),
        }
    }
    assert!(tried >= 1);
}

#[test]
fn two_parts_of_a_script_are_two_answers() {
    let of = |pace: Pace| -> Vec<&str> {
        let sections = SECTIONS.iter().filter(|section| section.pace == pace);
        let is_quick = |name: &&str| !["ping", "gateway", "amt"].contains(name);
        sections.map(|section| section.name).filter(is_quick).collect()
    };
    let (look, survey) = (of(Pace::Look), of(Pace::Survey));
    let parts =
        [Part { sections: &look, nonce: "5e1f" }, Part { sections: &survey, nonce: "beef" }];
    let text = script(&parts, &Parameters::default());
    for shell in [&["dash"][..], &["bash"], &["busybox", "sh"]] {
        let Some(answer) = fed(shell, None, &text) else {
            println!("SKIPPED shell-{}: it is not on this machine", shell[0]);
            continue;
        };
        let end = answer.0.find("@@5e1f . = 0\n").expect("the first part ends") + 13;
        let first = &answer.0[..end];
        assert!(is_whole(first.as_bytes(), "5e1f"), "{}", shell[0]);
        assert!(!first.contains("@@beef"), "{}: one after the other", shell[0]);
        for (nonce, wanted, text) in [("5e1f", &look, first), ("beef", &survey, &answer.0)] {
            let frames = frames(text, nonce, "here").expect("whole");
            let names: Vec<&str> = frames.iter().map(|frame| frame.name).collect();
            assert_eq!(&names, wanted, "{} {nonce}", shell[0]);
        }
    }
}

#[test]
fn a_part_that_prints_too_much_is_cut_and_the_next_one_is_whole() {
    let parts = [
        Part { sections: &["os", "kernel"], nonce: "5e1f" },
        Part { sections: &["docker-dir"], nonce: "beef" },
    ];
    let text = script(&parts, &Parameters::default());
    let text = text.replace("f /etc/os-release", "head -c 3000000 /dev/zero | tr '\\0' x");
    let (answer, _) = fed(&["/bin/sh"], None, &text).expect("/bin/sh");
    let torn = frames(&answer, "5e1f", "here").expect_err("cut");
    assert_eq!(torn.word, CauseWord::TooLarge);
    assert!(!is_whole(answer.as_bytes(), "5e1f"));
    assert_eq!(frames(&answer, "beef", "here").expect("whole").len(), 1);
}

#[test]
fn without_its_tools_each_section_says_so() {
    let bare = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/usr/bin/head", bare.path().join("head")).unwrap();
    let (answer, _) = run(&["/bin/sh"], bare.path().to_str()).expect("/bin/sh");
    let frames = frames(&answer, "5e1f", "here").expect("whole");
    // What the shell reads by itself needs no tool at all.
    for name in ["uptime", "hostname", "kernel", "os", "load", "memory", "swap", "iommu", "ended"] {
        let frame = frames.iter().find(|frame| frame.name == name).expect(name);
        assert_eq!(frame.status, 0, "{name}: {}", frame.text);
        let report = report(&[*frame], &[name], "here");
        assert!(report.lost.is_empty(), "{name}: {:?}", report.lost);
    }
    for name in ["units", "packages", "blocks", "clock", "tmux", "disks"] {
        let frame = frames.iter().find(|frame| frame.name == name).expect(name);
        assert_eq!(frame.status, 127, "{name}: {}", frame.text);
        let report = report(&[*frame], &[name], "here");
        assert!(report.facts.is_empty(), "{name}");
        assert!(
            report.lost.iter().all(|(_, cause)| cause.word == CauseWord::CommandMissing),
            "{name}: {:?}",
            report.lost
        );
    }
}

#[test]
fn the_database_of_packages_says_what_dpkg_query_says() {
    let all = ["-W", "-f=${Package} ${db:Status-Abbrev}\n"];
    let Ok(output) = Command::new("dpkg-query").args(all).output() else {
        println!("SKIPPED packages: no dpkg-query on this machine");
        return;
    };
    // Names that a pattern would read otherwise are not among those that we ask for.
    let is_plain = |line: &&str| !line.contains('+') && !line.contains(" un");
    let output = String::from_utf8_lossy(&output.stdout);
    let told: BTreeSet<&str> = output.lines().filter(is_plain).collect();
    let names: Vec<&str> = told.iter().filter_map(|line| line.split(' ').next()).collect();
    let part = Part { sections: &["packages"], nonce: "5e1f" };
    let whole = script(&[part], &Parameters::default());
    let listed = whole.lines().find(|line| line.starts_with("P='")).expect("the list");
    let text = whole.replace(listed, &format!("P='{}'", names.join(" ")));
    for shell in ["dash", "bash"] {
        let mut child = Command::new(shell)
            .arg("-s")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        child.stdin.take().expect("piped").write_all(text.as_bytes()).expect("taken");
        let answer = child.wait_with_output().expect("ends").stdout;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let frames = frames(&answer, "5e1f", "here").expect("whole");
        let ours = frames[0].text.lines().filter(|line| !line.is_empty());
        let ours: BTreeSet<&str> = ours.collect();
        assert_eq!(ours, told, "{shell}");
        assert!(ours.len() > 20, "{} packages", ours.len());
    }
}
