//! A systemd scope for a run, where that lets it live longer. A logout may
//! kill everything of the login's scope (`KillUserProcesses=yes`); a scope of
//! the system, or of a user manager that lingers, is left alone. A user
//! manager without lingering ends at the last logout and takes its scopes
//! with it, so there a run is better off without one.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What of the machine matters here.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Whether we are root.
    pub is_root: bool,
    /// The account's name.
    pub account: String,
    /// `/run`, where a running systemd shows itself.
    pub run: PathBuf,
    /// Where it is kept who lingers.
    pub linger: PathBuf,
    /// The user's runtime directory, if the login has one.
    pub user_runtime: Option<PathBuf>,
    /// `PATH`.
    pub path: OsString,
    /// This program, also after its file was replaced by a newer one.
    pub program: OsString,
}

impl Surroundings {
    /// This machine and this login.
    pub fn here() -> Surroundings {
        let uid = rustix::process::geteuid();
        Surroundings {
            is_root: uid.is_root(),
            account: super::machine::account_name(uid.as_raw()),
            run: "/run".into(),
            linger: "/var/lib/systemd/linger".into(),
            user_runtime: std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from),
            path: std::env::var_os("PATH").unwrap_or_default(),
            program: std::env::current_exe()
                .ok()
                .filter(|file| file.exists())
                .map_or_else(|| "/proc/self/exe".into(), Into::into),
        }
    }
}

/// Where the run will live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The program and arguments that put what follows into a scope; empty without one.
    pub wrapper: Vec<OsString>,
    /// The scope's name.
    pub scope: Option<String>,
    /// What is worth knowing.
    pub note: Option<String>,
}

/// Where a run of this title should live; `name` makes the scope's name unique.
pub fn choose(around: &Surroundings, name: &str, title: &str) -> Place {
    let plain = |note: Option<String>| Place { wrapper: Vec::new(), scope: None, note };
    if !around.run.join("systemd/system").is_dir() {
        return plain(None);
    }
    let Some(program) = which("systemd-run", &around.path) else { return plain(None) };
    if !around.is_root {
        let manager = around.user_runtime.as_ref().map(|dir| dir.join("systemd/private"));
        if !manager.is_some_and(|socket| socket.exists()) {
            return plain(None);
        }
        if !around.linger.join(&around.account).exists() {
            return plain(Some(format!(
                "lingering is off for {0}: where a logout kills the user's processes, it ends this run too; \
                 `loginctl enable-linger {0}` prevents that for later runs",
                around.account
            )));
        }
    }
    let scope = format!("shopfloor-run-{name}.scope");
    let mut wrapper: Vec<OsString> = vec![program.into()];
    if !around.is_root {
        wrapper.push("--user".into());
    }
    wrapper.extend(
        [
            "--scope",
            "--quiet",
            "--collect",
            &format!("--unit={scope}"),
            &format!("--description=shopfloor run: {title}"),
            "--",
        ]
        .map(OsString::from),
    );
    Place { wrapper, scope: Some(scope), note: None }
}

/// The program of that name on a search path.
pub fn which(name: &str, path: &std::ffi::OsStr) -> Option<PathBuf> {
    std::env::split_paths(path).map(|dir| dir.join(name)).find(|file| is_executable(file))
}

/// Whether a file can be executed by somebody.
pub fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file)
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn machine(scratch: &Path) -> Surroundings {
        let program = scratch.join("bin/systemd-run");
        for dir in ["bin", "run/systemd/system", "linger", "user/systemd"] {
            fs::create_dir_all(scratch.join(dir)).unwrap();
        }
        fs::write(scratch.join("user/systemd/private"), "").unwrap();
        fs::write(&program, "#!/bin/sh\n").unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Surroundings {
            is_root: false,
            account: "eve".into(),
            run: scratch.join("run"),
            linger: scratch.join("linger"),
            user_runtime: Some(scratch.join("user")),
            path: scratch.join("bin").into(),
            program: "shopfloor".into(),
        }
    }

    fn words(place: &Place) -> Vec<String> {
        place.wrapper.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_user_who_lingers_gets_a_scope_of_their_manager() {
        let scratch = tempfile::tempdir().unwrap();
        let around = machine(scratch.path());
        fs::write(around.linger.join("eve"), "").unwrap();
        let place = choose(&around, "ab-1", "site.yml");
        assert_eq!(
            words(&place),
            [
                "--user",
                "--scope",
                "--quiet",
                "--collect",
                "--unit=shopfloor-run-ab-1.scope",
                "--description=shopfloor run: site.yml",
                "--"
            ]
        );
        assert_eq!(place.scope.as_deref(), Some("shopfloor-run-ab-1.scope"));
    }

    #[test]
    fn root_gets_a_scope_of_the_system() {
        let scratch = tempfile::tempdir().unwrap();
        let around = Surroundings { is_root: true, ..machine(scratch.path()) };
        let place = choose(&around, "ab-1", "t");
        assert_eq!(words(&place)[0], "--scope");
        assert_eq!(place.wrapper[0], scratch.path().join("bin/systemd-run"));
    }

    #[test]
    fn without_lingering_there_is_none_and_that_is_said() {
        let scratch = tempfile::tempdir().unwrap();
        let place = choose(&machine(scratch.path()), "ab-1", "t");
        assert!(place.wrapper.is_empty() && place.scope.is_none());
        assert!(place.note.unwrap().contains("loginctl enable-linger eve"));
    }

    #[test]
    fn without_systemd_there_is_none() {
        let scratch = tempfile::tempdir().unwrap();
        let around = Surroundings { is_root: true, ..machine(scratch.path()) };
        let bare = Surroundings { run: scratch.path().join("nothing"), ..around.clone() };
        let absent = Surroundings { path: "/nonexistent".into(), ..around };
        let no_login = Surroundings { user_runtime: None, ..machine(scratch.path()) };
        for around in [bare, absent, no_login] {
            assert_eq!(
                choose(&around, "n", "t"),
                Place { wrapper: vec![], scope: None, note: None }
            );
        }
    }
}
