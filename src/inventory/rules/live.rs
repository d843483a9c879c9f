//! What rules may know beyond the files: live answers, progress, files of the site.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::domain::CauseWord;

/// Something that was asked, or not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Seen<T> {
    /// Nobody asked.
    #[default]
    NotAsked,
    /// It was asked and could not be had.
    Failed(CauseWord),
    /// The answer.
    Known(T),
}

impl<T> Seen<T> {
    /// The answer, or why there is none (`not-asked` where nobody asked).
    ///
    /// # Errors
    /// The cause, where there is no answer.
    pub fn get(&self) -> Result<&T, CauseWord> {
        match self {
            Seen::Known(answer) => Ok(answer),
            Seen::Failed(cause) => Err(cause.clone()),
            Seen::NotAsked => Err(CauseWord::from_word("not-asked")),
        }
    }
}

/// Live answers that some rules need. Everything starts as not asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LiveFacts {
    /// `ceph fsid` of the running cluster; `None` when no cluster answers because there is none yet (V-CEPH-05).
    pub ceph_fsid: Seen<Option<String>>,
    /// Whether the range that ONIE receives has a route to the firmware server (V-DHCP-02).
    pub onie_route: Seen<bool>,
    /// `phoenix_observability_storage` of the first deployment; `None` when nothing is deployed (V-OBS-01).
    pub observability_storage: Seen<Option<String>>,
    /// Names and addresses in the gateway's certificate (V-RGW-02).
    pub gateway_certificate: Seen<Vec<String>>,
    /// Search domains by inventory host: router box and bastion (V-DNS-04).
    pub search_domains: BTreeMap<String, Seen<Vec<String>>>,
    /// Public half of the key that `hedgehog_control` logs in with (V-HH-02).
    pub environment_key: Seen<String>,
    /// Files of the site directory by relative path (V-IPL-01, V-RGW-01).
    pub files: SiteFiles,
}

/// Files beside the inventory that rules look at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SiteFiles(BTreeMap<String, Seen<Option<String>>>);

impl SiteFiles {
    /// The files that rules ask for.
    pub const WANTED: [&'static str; 3] =
        ["iplists/operators", "assets/ceph/rgw-tls.crt", "assets/ceph/rgw-tls.key"];

    /// Looks at the wanted files in a site directory. Of keys and
    /// certificates only the presence is kept, never the content. Where a
    /// file's whole folder is missing, the inventory does not lie in its
    /// release directory yet, and nobody knows: that is not the same as a
    /// file that was left out.
    pub fn read(directory: &Path) -> SiteFiles {
        let mut files = BTreeMap::new();
        for name in SiteFiles::WANTED {
            let path = directory.join(name);
            let folder = path.parent().unwrap_or(directory);
            if folder.try_exists().is_ok_and(|there| !there) {
                continue;
            }
            let seen = if name.starts_with("iplists/") {
                match std::fs::read_to_string(&path) {
                    Ok(text) => Seen::Known(Some(text)),
                    Err(why) if why.kind() == std::io::ErrorKind::NotFound => Seen::Known(None),
                    Err(_) => Seen::Failed(CauseWord::from_word("unreadable")),
                }
            } else {
                match path.try_exists() {
                    Ok(there) => Seen::Known(there.then(String::new)),
                    Err(_) => Seen::Failed(CauseWord::from_word("unreadable")),
                }
            };
            files.insert(name.to_owned(), seen);
        }
        SiteFiles(files)
    }

    /// Says what a file holds; `None` for one that is not there.
    pub fn set(&mut self, name: &str, text: Option<&str>) {
        self.0.insert(name.to_owned(), Seen::Known(text.map(str::to_owned)));
    }

    /// The text of a file; `None` when it is not there.
    ///
    /// # Errors
    /// Why nobody knows.
    pub fn get(&self, name: &str) -> Result<Option<&str>, CauseWord> {
        match self.0.get(name) {
            Some(seen) => seen.get().map(Option::as_deref),
            None => Err(CauseWord::from_word("not-asked")),
        }
    }
}

/// Where the site stands in the procedure, as far as rules care.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Steps that are done; not known where nobody looked.
    pub done: Seen<BTreeSet<String>>,
    /// Interlocks that a person has confirmed (`IL-07`).
    pub confirmed: BTreeSet<String>,
    /// Target release; the procedure's own, v25.1.1, where nothing is said.
    pub release: Release,
}

impl Progress {
    /// Whether a step is done.
    ///
    /// # Errors
    /// Why nobody knows.
    pub fn is_done(&self, step: &str) -> Result<bool, CauseWord> {
        self.done.get().map(|done| done.contains(step))
    }
}

/// A release of the platform (`v25.1.5`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release(u16, u16, u16);

impl Release {
    /// The first release that sets the fabric controller's credentials by itself.
    pub const ROTATES_CREDENTIALS: Release = Release(25, 1, 5);

    /// From its three numbers.
    pub const fn new(year: u16, minor: u16, patch: u16) -> Release {
        Release(year, minor, patch)
    }

    /// Reads `v25.1.5`, `25.1.5` or `26.1`.
    pub fn parse(text: &str) -> Option<Release> {
        let mut numbers = text.trim().trim_start_matches('v').split('.').map(str::parse);
        let release = Release(
            numbers.next()?.ok()?,
            numbers.next()?.ok()?,
            numbers.next().unwrap_or(Ok(0)).ok()?,
        );
        numbers.next().is_none().then_some(release)
    }
}

impl Default for Release {
    fn default() -> Release {
        Release(25, 1, 1)
    }
}

impl std::fmt::Display for Release {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "v{}.{}.{}", self.0, self.1, self.2)
    }
}
