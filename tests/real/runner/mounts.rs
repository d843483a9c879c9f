//! Another boot, and a disk that fails while a run goes on: real mounts.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::bench::{Bench, SHOPFLOOR, kill, members, number, said, until};

/// The program in a mount namespace of its own in which the machine has another boot id.
fn in_another_boot(bench: &Bench, words: &[&str]) -> Output {
    let boot = bench.path("boot_id");
    std::fs::write(&boot, "5bd5a0a1-0000-4000-8000-1f2e3d4c5b6a\n").unwrap();
    let script = "mount --bind \"$0\" /proc/sys/kernel/random/boot_id && exec \"$@\"";
    Command::new("unshare")
        .args(["--mount", "--propagation", "private", "sh", "-c", script])
        .arg(boot)
        .arg(SHOPFLOOR)
        .args(words)
        .current_dir(bench.path("site"))
        .env("XDG_STATE_HOME", bench.path("state"))
        .env_remove("XDG_RUNTIME_DIR")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[test]
fn after_another_boot_an_attempt_that_was_under_way_is_unknown_and_the_site_is_free() {
    let bench = Bench::new();
    if in_another_boot(&bench, &["--version"]).status.code() != Some(0) {
        return crate::suite::skipped("runner", "no mount namespace can be had here");
    }
    let mark = bench.path("ran");
    let run = bench.script(&format!("echo $$ >>{}; echo begun; sleep 600", mark.display()));
    bench.wait_for_text(run, "begun");
    let attempt = bench.show(run)["attempts"][0].clone();
    // The power goes: nobody has time to write a word.
    let state = bench.runs().state().to_path_buf();
    for (pid, word) in members(&state) {
        if word == "guard" {
            kill(pid, "-KILL");
        }
    }
    for (pid, _) in members(&state) {
        kill(pid, "-KILL");
    }
    kill(i32::try_from(attempt["pid"].as_i64().unwrap()).unwrap(), "-KILL");
    until("nothing is left", || {
        let is_free = !shopfloor::runner::lease::is_taken(&bench.runs());
        (is_free && members(&state).is_empty()).then_some(())
    });
    // The same boot: it was killed. Another one: the machine was started again.
    let here = bench.show(run);
    assert_eq!(here["state"], "unknown");
    assert_eq!(here["reason"], "its runner was killed; nobody saw how it ended");
    let shown = in_another_boot(&bench, &["run", "show", "1", "--json"]);
    let there: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(there["state"], "unknown", "never failed, never done");
    assert!(there["exit"].is_null(), "{there:#}");
    let reason = "the machine was started again while it ran; nobody saw how it ended";
    assert_eq!(there["reason"], reason);
    let list = in_another_boot(&bench, &["run", "list"]);
    assert!(said(&list).contains("unknown"), "{}", said(&list));
    // What it wrote is there, nothing is started again by itself, and the site is free.
    let plain = in_another_boot(&bench, &["attach", "1", "--plain"]);
    assert!(said(&plain).contains("begun"), "{}", said(&plain));
    let next = in_another_boot(&bench, &["run", "start", "--wait", "--as", "eve", "--", "true"]);
    assert_eq!((number(&next), next.status.code()), (Some(2), Some(0)), "{}", said(&next));
    assert_eq!(std::fs::read_to_string(mark).unwrap().lines().count(), 1, "it ran once");
}

#[test]
fn numbers_of_an_earlier_boot_are_nobodys() {
    let bench = Bench::new();
    let run = bench.script("echo begun; sleep 600");
    bench.wait_for_text(run, "begun");
    let pid = i32::try_from(bench.show(run)["attempts"][0]["pid"].as_i64().unwrap()).unwrap();
    let known = bench.known(run);
    let runs = bench.runs();
    use shopfloor::runner::survivors::Marks;
    let here = Marks::of(&known.run, &runs.mark(), runs.lease_path());
    // The same journal, written before the machine was started again.
    let mut earlier = known.run.clone();
    earlier.boot = "of before".into();
    let there = Marks::of(&earlier, &runs.mark(), runs.lease_path());
    let session = |marks: &Marks| format!("{marks:?}").contains(&pid.to_string());
    assert!(session(&here) && !session(&there), "{here:?} {there:?}");
}

/// A file system of its own on a file, which is mounted at the state directory.
struct Disk(PathBuf);

impl Disk {
    fn mount(bench: &Bench) -> Option<Disk> {
        let (image, state) = (bench.path("disk"), bench.path("state"));
        std::fs::create_dir(&state).unwrap();
        std::fs::File::create(&image).unwrap().set_len(24 << 20).unwrap();
        let done = |program: &str, words: &[&Path]| {
            let out = Command::new(program).args(words).stdin(Stdio::null()).output();
            out.is_ok_and(|out| out.status.success())
        };
        let is_there = done("mkfs.ext4", &[Path::new("-q"), &image])
            && done(
                "mount",
                &[Path::new("-o"), Path::new("loop,errors=remount-ro"), &image, &state],
            );
        is_there.then_some(Disk(state))
    }

    /// The disk reports an error to the kernel, which goes on without writing.
    fn fail(&self) {
        let out = Command::new("findmnt").args(["-n", "-o", "SOURCE"]).arg(&self.0).output();
        let out = String::from_utf8(out.unwrap().stdout).unwrap();
        let name = out.trim().trim_start_matches("/dev/").to_owned();
        std::fs::write(format!("/sys/fs/ext4/{name}/trigger_fs_error"), "1").unwrap();
    }

    /// Makes a file one that nobody may change, also who has it open, and back.
    fn freeze(&self, file: &Path, is_frozen: bool) {
        let word = if is_frozen { "+i" } else { "-i" };
        assert!(Command::new("chattr").arg(word).arg(file).status().unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Whatever a failed test left holds it still; it goes with the last of them.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[test]
fn a_disk_that_fails_during_a_run_is_said_and_loses_nothing_that_was_shown() {
    let bench = Bench::new();
    let Some(disk) = Disk::mount(&bench) else {
        return crate::suite::skipped("runner", "no file system can be made and mounted here");
    };
    let stop = bench.path("stop");
    let run = bench.script(&format!(
        "i=0; while [ ! -e {} ]; do i=$((i+1)); echo line-$i; sleep 0.05; done; exit 5",
        stop.display()
    ));
    bench.wait_for_text(run, "line-5\r");
    let (out, err) = (bench.path("out"), bench.path("err"));
    let file = |path: &Path| std::fs::File::create(path).unwrap();
    let mut watcher = bench
        .command(&["attach", "1", "--plain"])
        .stdout(file(&out))
        .stderr(file(&err))
        .spawn()
        .unwrap();
    let told = |what: &str| {
        until(what, || {
            std::fs::read_to_string(&err).unwrap_or_default().contains(what).then_some(())
        });
    };
    until("it is shown", || {
        std::fs::read_to_string(&out).unwrap_or_default().contains("line-9").then_some(())
    });
    // For a while nothing can be written, then all of it is.
    let directory = bench.runs().directory(run);
    let files = ["journal.jsonl", "output"].map(|name| directory.join(name));
    files.iter().for_each(|file| disk.freeze(file, true));
    told("the journal of run 1 cannot be written (Operation not permitted");
    let late = bench
        .command(&["attach", "1", "--plain"])
        .stdout(Stdio::null())
        .stderr(file(&bench.path("late")))
        .spawn()
        .unwrap();
    until("who comes later is told as well", || {
        let text = std::fs::read_to_string(bench.path("late")).unwrap();
        text.contains("cannot be written").then_some(())
    });
    kill(i32::try_from(late.id()).unwrap(), "-TERM");
    late.wait_with_output().unwrap();
    files.iter().for_each(|file| disk.freeze(file, false));
    told("the journal of run 1 is written again");
    until("what waited is written", || {
        let journal = bench.journal(run);
        (journal.contains("output-behind") && journal.contains("output-caught-up")).then_some(())
    });
    // The kernel lets nobody write any more.
    disk.fail();
    told("Read-only file system");
    std::fs::write(&stop, "").unwrap();
    told("run 1 ended (exit 5); that could not be written down, so it will be unknown");
    until("the watcher ends", || watcher.try_wait().unwrap());
    // Whole from the beginning, without a hole, as far as it was shown.
    let shown = std::fs::read_to_string(&out).unwrap();
    let kept = String::from_utf8(bench.output(run)).unwrap();
    assert_eq!(shown.replace("\r\n", "\n"), kept.replace("\r\n", "\n"));
    let numbers: Vec<usize> = kept
        .lines()
        .map(|line| line.strip_prefix("line-").and_then(|number| number.parse().ok()).unwrap())
        .collect();
    assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>());
    let shown = bench.wait_for(run, "unknown");
    assert!(shown["exit"].is_null(), "{shown:#}");
    let refused = bench.run(&["run", "start", "--", "true"]);
    assert_eq!(refused.status.code(), Some(4), "{}", said(&refused));
    assert!(said(&refused).contains("read-only file system"), "{}", said(&refused));
}
