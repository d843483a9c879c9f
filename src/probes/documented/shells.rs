//! The scripts under the shells of this machine, with stand-ins for the
//! programs that they run.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::script::{Given, asked, script};
use super::{About, Batch, Place, Section, batches, nothing, report};
use crate::domain::keys::{ProbeInfo, hosts as keys};
use crate::domain::{Age, Cause, CauseWord, Layer, Report, System};
use crate::probes::ProbeSpec;
use crate::probes::hosts::frames::frames;

static INFO: ProbeInfo = ProbeInfo { name: "host.look", every: Age::seconds(30), source: "ssh" };

const fn spec() -> ProbeSpec {
    ProbeSpec {
        info: &INFO,
        layer: Layer::Ceph,
        title: "for tests",
        every_in_view: Duration::from_secs(10),
        timeout: Duration::from_secs(15),
    }
}

const fn section(name: &'static str, script: &'static str) -> Section {
    Section {
        name,
        program: "kubectl",
        script,
        needs: &[],
        keys: &[keys::KERNEL.info],
        read: |answer, report| {
            let text = format!("{}|{}", answer.ok()?.trim(), answer.stderr.trim());
            report.learn(keys::KERNEL, text);
            Ok(())
        },
    }
}

const fn batch(sections: &'static [Section]) -> Batch {
    Batch {
        spec: spec(),
        place: Place::Hh,
        about: About::Host,
        command_s: 1,
        given: nothing,
        sections,
    }
}

static ASKED: Batch = batch(&[
    section("both", "echo out; echo err >&2"),
    section("stdin", "cat; echo read"),
    section("given", "for s in $SWITCHES; do echo \"<$s>\"; done"),
    section("failed", "t kubectl get agents"),
    section("missing", "t nosuchprogram"),
    section("slow", "t sleep 30"),
    section("leaves", "cd /; V=left; exit 3"),
    section("after", "echo \"[$V]\"; printf 'no end of line'"),
]);

static CEPH: Batch = Batch {
    spec: spec(),
    place: Place::Csh,
    about: About::Api(System::Ceph),
    command_s: 5,
    given: nothing,
    sections: &[section("health", "t ceph health")],
};

/// A directory with stand-ins and the few tools that scripts need.
fn stand_ins(programs: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for tool in ["head", "cat", "sh", "grep", "id", "timeout", "sleep"] {
        let real = ["/usr/bin", "/bin"].map(|folder| Path::new(folder).join(tool));
        let real = real.iter().find(|path| path.exists()).expect(tool);
        std::os::unix::fs::symlink(real, directory.path().join(tool)).unwrap();
    }
    for (name, text) in programs {
        let path = directory.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    directory
}

fn run(shell: &[&str], path: &Path, text: &str) -> Option<String> {
    let program = ["/usr/bin", "/bin"].map(|folder| Path::new(folder).join(shell[0]));
    let mut child = Command::new(program.iter().find(|path| path.exists())?)
        .args(&shell[1..])
        .arg("-s")
        .env_clear()
        .env("PATH", path)
        .env("HOME", path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(text.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn answer(
    batch: &'static Batch,
    shell: &[&str],
    path: &Path,
    given: &[Given],
) -> Option<Result<Report, Cause>> {
    let sections = asked(batch, given);
    let text = run(shell, path, &script(batch, &sections, given, true, "5e1f"))?;
    let frames = frames(&text, "5e1f", "here")
        .unwrap_or_else(|cause| panic!("{shell:?}: {} {:?}\n{text}", cause.sentence, cause.detail));
    Some(report(batch, &sections, &frames, "here"))
}

const SHELLS: [&[&str]; 4] = [&["sh"], &["dash"], &["bash"], &["busybox", "sh"]];

#[test]
fn sections_stand_alone_and_say_what_failed_in_every_shell() {
    let kubectl = "echo 'The connection to the server 1.2.3.4:6443 was refused - did you specify the right host or port?' >&2; exit 1";
    let bin = stand_ins(&[("kubectl", kubectl)]);
    let given = [Given::new("SWITCHES", ["leaf-01=10.0.0.1", "a';id;'", "-x", "leaf-02"])];
    let mut tried = 0;
    for shell in SHELLS {
        let Some(result) = answer(&ASKED, shell, bin.path(), &given) else {
            println!("SKIPPED shell-{}: it is not on this machine", shell[0]);
            continue;
        };
        let report = result.unwrap();
        let told: Vec<String> = report.facts.iter().map(|fact| fact.value.to_string()).collect();
        assert_eq!(
            told,
            ["out|err", "read|", "<leaf-01=10.0.0.1>\n<leaf-02>|", "[]\nno end of line|",],
            "{shell:?}"
        );
        println!("REAL shell-{} the documented commands", shell[0]);
        tried += 1;
    }
    assert!(tried >= 1);
}

#[test]
fn what_a_section_cannot_tell_has_its_cause() {
    let kubectl = "echo 'The connection to the server 1.2.3.4:6443 was refused - did you specify the right host or port?' >&2; exit 1";
    let bin = stand_ins(&[("kubectl", kubectl)]);
    static LOSING: Batch = batch(&[
        Section { keys: &[keys::KERNEL.info], ..section("failed", "t kubectl get agents") },
        Section { keys: &[keys::OS.info], ..section("missing", "t nosuchprogram") },
        Section { keys: &[keys::HOSTNAME.info], ..section("slow", "t sleep 30") },
        Section { keys: &[keys::UPTIME.info], ..section("sealed", "echo no >&2; return 77") },
    ]);
    let report = answer(&LOSING, &["sh"], bin.path(), &[]).unwrap().unwrap();
    let lost: Vec<(&str, &str, &str)> = report
        .lost
        .iter()
        .map(|(key, cause)| (key.as_str(), cause.word.word(), cause.sentence.as_str()))
        .collect();
    assert_eq!(
        lost,
        [
            ("host.kernel", "refused", "kubectl on here is refused the connection"),
            ("host.os", "command-missing", "kubectl is not there on here"),
            ("host.hostname", "timed-out", "kubectl on here did not end within 1 s"),
            (
                "host.uptime",
                "password-sealed",
                "kubectl on here has no credentials that are open there"
            ),
        ]
    );
}

#[test]
fn the_ceph_shell_is_entered_through_cephadm_or_not_at_all() {
    // cephadm takes the words behind `--` and runs them with its own standard input.
    let cephadm =
        "[ \"$1 $2\" = 'shell --' ] && shift 2 && echo 'Inferring fsid' >&2 && IN=yes exec \"$@\"";
    let ceph = "[ -n \"$IN\" ] && echo HEALTH_OK";
    let sudo = "[ \"$1\" = -n ] && shift; exec \"$@\"";
    let bin = stand_ins(&[("cephadm", cephadm), ("sudo", sudo)]);
    let path = bin.path().to_owned();
    for shell in SHELLS {
        // Only the container has ceph: the stand-in appears with it.
        std::fs::write(path.join("ceph"), format!("#!/bin/sh\n{ceph}\n")).unwrap();
        std::fs::set_permissions(path.join("ceph"), std::fs::Permissions::from_mode(0o755))
            .unwrap();
        if Path::new("/etc/ceph/ceph.conf").exists() {
            println!("SKIPPED ceph-shell: this machine has a Ceph of its own");
            return;
        }
        let Some(result) = answer(&CEPH, shell, &path, &[]) else { continue };
        let report = result.unwrap();
        assert_eq!(report.facts[0].value.to_string(), "HEALTH_OK|", "{shell:?}");
        std::fs::remove_file(path.join("ceph")).unwrap();
    }
    let bare = stand_ins(&[]);
    let cause = answer(&CEPH, &["sh"], bare.path(), &[]).unwrap().unwrap_err();
    assert_eq!(
        (cause.word, cause.sentence.as_str()),
        (CauseWord::CommandMissing, "kubectl is not there on here")
    );
}

#[test]
fn every_script_is_one_that_shells_can_read() {
    for batch in batches() {
        let given: Vec<Given> = batch
            .sections
            .iter()
            .flat_map(|section| section.needs)
            .map(|name| Given::new(name, ["x"]))
            .collect();
        let sections = asked(batch, &given);
        assert_eq!(sections.len(), batch.sections.len(), "{}", batch.spec.info.name);
        let text = script(batch, &sections, &given, false, "5e1f");
        for shell in [&["dash"][..], &["bash"], &["busybox", "sh"]] {
            let child =
                Command::new(shell[0]).args(&shell[1..]).arg("-n").stdin(Stdio::piped()).spawn();
            let Ok(mut child) = child else { continue };
            child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
            assert!(child.wait().unwrap().success(), "{} under {shell:?}", batch.spec.info.name);
        }
        let mut names = std::collections::BTreeSet::new();
        for section in batch.sections {
            assert!(names.insert(section.name), "{} twice", section.name);
            assert!(section.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
            for key in section.keys {
                assert_eq!(key.probe.name, batch.spec.info.name, "{}", key.name);
            }
        }
    }
}
