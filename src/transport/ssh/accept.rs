//! Writing a host's key to known_hosts, after a person decided so.

use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use russh::keys::PublicKey;

use super::known_hosts::{HostNames, KnownHosts};
use crate::domain::untrusted::is_invisible;

/// Adds a key for a host at the end of a file; the file and its directory are
/// made, readable to the user only, when they are missing.
pub(super) fn append(file: &Path, names: &HostNames, key: &PublicKey) -> io::Result<()> {
    let line = line_for(names, key)?;
    if let Some(directory) = file.parent().filter(|directory| !directory.exists()) {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    let mut open =
        fs::OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(file)?;
    let mut text = Vec::new();
    open.read_to_end(&mut text)?;
    let separator = if text.is_empty() || text.ends_with(b"\n") { "" } else { "\n" };
    // One write, so that another program that appends cannot come between.
    open.write_all(format!("{separator}{line}").as_bytes())?;
    open.sync_data()
}

/// Takes the host's old keys out of a file, whatever their algorithm, and adds
/// the new one where `key` is given. What the file was stays as `FILE.old`. Lines with wildcards
/// and marked lines stay, since they are about more than this host. A file that
/// says nothing about the host and gets no key is left as it is.
pub(super) fn replace(file: &Path, names: &HostNames, key: Option<&PublicKey>) -> io::Result<()> {
    // A link stays a link: what it points to is replaced.
    let file = fs::canonicalize(file)?;
    let old = fs::read_to_string(&file)?;
    let mut new = old.clone();
    for name in std::iter::once(&names.lookup).chain(&names.also) {
        new = without(&file, &new, name);
    }
    if let Some(key) = key {
        if !new.is_empty() && !new.ends_with('\n') {
            new.push('\n');
        }
        new.push_str(&line_for(names, key)?);
    }
    if new == old {
        return Ok(());
    }
    let mode = fs::metadata(&file)?.permissions().mode();
    write_beside(&beside(&file, "old"), old.as_bytes(), mode)?;
    let fresh = beside(&file, "new");
    let done = write_beside(&fresh, new.as_bytes(), mode).and_then(|()| {
        // Asked as late as can be: another program may have added a key meanwhile.
        if fs::read_to_string(&file)? != old {
            return Err(io::Error::other("it was changed by another program just now, try again"));
        }
        fs::rename(&fresh, &file)
    });
    if done.is_err() {
        let _ = fs::remove_file(&fresh);
    }
    done
}

fn line_for(names: &HostNames, key: &PublicKey) -> io::Result<String> {
    // The name comes from the inventory. One with a blank, a line end or a wildcard in it would
    // record the key for other hosts, or write lines of its own.
    let means_more = |c: char| c.is_whitespace() || is_invisible(c) || "*?!,|#@".contains(c);
    if names.lookup.is_empty() || names.lookup.contains(means_more) {
        return Err(io::Error::other("the host's address in the inventory is not a plain one"));
    }
    let mut bare = key.clone();
    bare.set_comment("");
    let text = bare.to_openssh().map_err(io::Error::other)?;
    Ok(format!("{} {}\n", names.lookup, text.trim_end()))
}

fn without(file: &Path, text: &str, name: &str) -> String {
    let hits = KnownHosts::parse(file, text).recorded_under(name);
    let mut kept = String::with_capacity(text.len());
    for (number, line) in (1_u32..).zip(text.split_inclusive('\n')) {
        match hits.iter().find(|(hit, _)| *hit == number) {
            None => kept.push_str(line),
            Some((_, None)) => {}
            Some((_, Some(names_left))) => {
                kept.push_str(names_left);
                let trimmed = line.trim_start();
                let end = trimmed.find(|c: char| c.is_ascii_whitespace()).unwrap_or(trimmed.len());
                kept.push_str(trimmed.get(end..).unwrap_or(""));
            }
        }
    }
    kept
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// What lies there, a leftover or a link that somebody put there, is removed
/// and never written through.
fn write_beside(file: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut open = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(file)?;
    open.write_all(bytes)?;
    open.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJet27ATKFSZchkGYV+JjSjMpdgCEdWXQs4KrcCJmO/1";
    const B: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICWwhTn+itVKEhJUXJh4vDmn0eG4Vpd/q8/HZ5l/8/qS";

    fn names() -> HostNames {
        HostNames::new("10.0.1.17", "gpu-07", 2222)
    }

    fn key(text: &str) -> PublicKey {
        PublicKey::from_openssh(&format!("{text} comment")).unwrap()
    }

    #[test]
    fn a_key_is_added_and_the_file_made() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(".ssh/known_hosts");
        append(&file, &names(), &key(A)).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), format!("[10.0.1.17]:2222 {A}\n"));
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&file, "# no line end").unwrap();
        append(&file, &names(), &key(B)).unwrap();
        assert_eq!(
            fs::read_to_string(&file).unwrap(),
            format!("# no line end\n[10.0.1.17]:2222 {B}\n")
        );
    }

    #[test]
    fn an_address_that_means_more_than_one_host_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("known_hosts");
        for address in ["*", "10.0.1.17\n*", "a b", "a,b", "|1|x", "!a", "@revoked", "#a", ""] {
            let names = HostNames::new(address, "gpu-07", 22);
            append(&file, &names, &key(A)).unwrap_err();
            assert!(!file.exists(), "{address:?}");
        }
        for address in ["10.0.1.17", "fd00::7", "gpu-07.site_a"] {
            append(&file, &HostNames::new(address, "gpu-07", 2222), &key(A)).unwrap();
        }
    }

    #[test]
    fn old_keys_go_and_everything_else_stays() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("known_hosts");
        let old = format!(
            "# mine\n[gpu-07]:2222,[10.0.1.17]:2222 {A}\nctl-1,[10.0.1.17]:2222\t{A} note\n\
             [10.0.1.*]:2222 {A}\n@revoked [10.0.1.17]:2222 {A}\n10.0.1.17 {A}\n"
        );
        fs::write(&file, &old).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        replace(&file, &names(), Some(&key(B))).unwrap();
        assert_eq!(
            fs::read_to_string(&file).unwrap(),
            format!(
                "# mine\nctl-1\t{A} note\n[10.0.1.*]:2222 {A}\n@revoked [10.0.1.17]:2222 {A}\n\
                 10.0.1.17 {A}\n[10.0.1.17]:2222 {B}\n"
            )
        );
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        let kept = directory.path().join("known_hosts.old");
        assert_eq!(fs::read_to_string(kept).unwrap(), old);
        assert!(!directory.path().join("known_hosts.new").exists());
    }

    #[test]
    fn links_under_the_names_beside_it_are_not_written_through() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("known_hosts");
        let victim = directory.path().join("victim");
        fs::write(&victim, "mine").unwrap();
        fs::write(&file, format!("[10.0.1.17]:2222 {A}\n")).unwrap();
        for ending in ["old", "new"] {
            std::os::unix::fs::symlink(&victim, beside(&file, ending)).unwrap();
        }
        replace(&file, &names(), Some(&key(B))).unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
        assert_eq!(fs::read_to_string(&file).unwrap(), format!("[10.0.1.17]:2222 {B}\n"));
        assert!(!fs::symlink_metadata(&file).unwrap().is_symlink());
    }

    #[test]
    fn a_file_without_the_host_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("known_hosts");
        fs::write(&file, format!("ctl-1 {A}\n")).unwrap();
        replace(&file, &names(), None).unwrap();
        assert!(!directory.path().join("known_hosts.old").exists());
    }
}
