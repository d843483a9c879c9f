//! A state directory that is full, read-only, in the way or another user's:
//! the look itself is not lost.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use super::binary::{Home, ONE_HOST, SHOPFLOOR, Said, files_below};

/// The user and group that own nothing on Debian.
const NOBODY: &str = "65534";

/// Runs the binary as a user without rights, with a state directory of choice;
/// nothing where that cannot be done (it needs root and `setpriv`).
pub fn as_nobody(home: &Home) -> Option<impl Fn(&[&str], &Path) -> Said + '_> {
    let is_root = rustix::process::geteuid().is_root();
    let copy = home.path("shopfloor-copy");
    // Where the binary is built may be closed to others; a temporary directory is.
    std::fs::copy(SHOPFLOOR, &copy).unwrap();
    std::fs::set_permissions(home.path("."), std::fs::Permissions::from_mode(0o755)).unwrap();
    let run = move |args: &[&str], state: &Path| {
        let mut command = Command::new(if is_root { "setpriv" } else { "env" });
        if is_root {
            let group = format!("--regid={NOBODY}");
            command.args([&format!("--reuid={NOBODY}"), &group, "--clear-groups", "--"]);
        }
        command.arg(&copy).args(args);
        home.surround(&mut command);
        Said::of(args, command.env("XDG_STATE_HOME", state).output().unwrap())
    };
    if is_root
        && !Command::new("setpriv").arg("--version").output().is_ok_and(|o| o.status.success())
    {
        println!("SKIPPED another user: there is no setpriv");
        return None;
    }
    Some(run)
}

/// The look comes whole; the trouble is one sentence beside it.
fn looked_and_said(said: &Said, words: &[&str]) {
    assert_eq!(said.status, 2, "the verdict stays the verdict: {said:?}");
    assert!(said.out.lines().last().unwrap().starts_with("fail: "), "{said:?}");
    assert_eq!(said.err.lines().count(), 1, "{said:?}");
    for word in words {
        assert!(said.err.contains(word), "no `{word}` in {said:?}");
    }
}

#[test]
fn a_file_in_the_way() {
    let home = Home::new();
    let site = home.site("site", ONE_HOST);
    home.write("state", "a file");
    looked_and_said(&home.on(&site, &["check"]), &["state directory", "XDG_STATE_HOME", "greet"]);
    assert_eq!(home.on(&site, &["greet"]).done().out, "");
    assert_eq!(std::fs::read(home.path("state")).unwrap(), b"a file");
}

#[test]
fn a_full_disk_keeps_the_last_look_that_was_kept() {
    let home = Home::new();
    let site = home.site("site", ONE_HOST);
    let state = home.path("state");
    std::fs::create_dir(&state).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k,mode=700", "none"])
        .arg(&state)
        .output()
        .is_ok_and(|output| output.status.success());
    if !mounted {
        println!("SKIPPED the full disk: a tmpfs cannot be mounted here (it needs root)");
        return;
    }
    let unmount = Unmount(&state);
    assert_eq!(home.on(&site, &["check"]).status, 2);
    let before: Vec<_> = files_below(&state);
    let kept = std::fs::read(&before[0]).unwrap();
    // Fill it to the last byte.
    let mut size = 64 << 10;
    let mut ballast = 0;
    while size > 0 {
        let file = state.join(format!("ballast-{ballast}"));
        match std::fs::write(&file, vec![0_u8; size]) {
            Ok(()) => ballast += 1,
            Err(_) => {
                std::fs::remove_file(&file).unwrap();
                size /= 2;
            }
        }
    }
    looked_and_said(&home.on(&site, &["check"]), &["is full", "free some space"]);
    assert_eq!(std::fs::read(&before[0]).unwrap(), kept, "the older one is whole");
    let left = files_below(&state);
    let is_draft = |file: &Path| file.file_name().unwrap().to_string_lossy().starts_with('.');
    assert!(!left.iter().any(|file| is_draft(file)), "{left:?}");
    assert!(home.on(&site, &["greet"]).done().out.contains("finding"));
    drop(unmount);
}

struct Unmount<'a>(&'a Path);

impl Drop for Unmount<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

#[test]
fn a_read_only_disk() {
    let home = Home::new();
    let site = home.site("site", ONE_HOST);
    let state = home.path("state");
    std::fs::create_dir(&state).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k,ro", "none"])
        .arg(&state)
        .output()
        .is_ok_and(|output| output.status.success());
    if !mounted {
        println!("SKIPPED the read-only disk: a tmpfs cannot be mounted here (it needs root)");
        return;
    }
    let unmount = Unmount(&state);
    looked_and_said(&home.on(&site, &["check"]), &["read-only", "XDG_STATE_HOME"]);
    drop(unmount);
}

#[test]
fn a_directory_of_another_user() {
    let home = Home::new();
    let site = home.site("site", ONE_HOST);
    let state = home.path("state");
    // As ourselves first, so that it is there and ours.
    assert_eq!(home.on(&site, &["check"]).status, 2);
    if !rustix::process::geteuid().is_root() {
        println!("SKIPPED another user: it needs root");
        return;
    }
    let Some(run) = as_nobody(&home) else { return };
    let args = ["--site", site.to_str().unwrap(), "check"];
    looked_and_said(&run(&args, &state), &["state directory", "XDG_STATE_HOME"]);
    // Readable for all, and still not theirs.
    for file in ["", "shopfloor", "shopfloor/sites"] {
        let mode = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(state.join(file), mode).unwrap();
    }
    for entry in std::fs::read_dir(state.join("shopfloor/sites")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
    }
    looked_and_said(&run(&args, &state), &["belongs to another user (uid 0)", "XDG_STATE_HOME"]);
    let greet = ["--site", site.to_str().unwrap(), "greet"];
    assert_eq!(run(&greet, &state).done().out, "", "another user's last look is not told");
}
