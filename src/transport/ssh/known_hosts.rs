//! Whose key is whose: reading known_hosts and judging the key a host shows.
//!
//! Names are looked up as `ssh ADDRESS` would: the address in lower case, with
//! a port other than 22 as `[address]:port`. An entry under the inventory's
//! name counts as well, because operators record both. As in OpenSSH, an entry
//! without the port vouches for a key too, but never speaks against one.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use russh::keys::ssh_key::known_hosts::HostPatterns;
use russh::keys::{
    Algorithm, Certificate, EcdsaCurve, HashAlg, PublicKey, parse_public_key_base64,
};
use sha1::Sha1;

use super::pattern;
use crate::domain::Place;

/// The names under which a host's key may be recorded.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct HostNames {
    /// What ssh would look up: `[10.0.1.17]:2222`, or `10.0.1.17` on port 22.
    pub lookup: String,
    /// The inventory's name in the same form, when it is another.
    pub also: Option<String>,
    /// The same without the port, where the port is not 22.
    pub bare: Vec<String>,
}

impl HostNames {
    /// The names of a host with this address (or `HostKeyAlias`) and port.
    pub fn new(address: &str, name: &str, port: u16) -> HostNames {
        let (address, name) = (address.to_lowercase(), name.to_lowercase());
        let with_port = |host: &str| match port {
            22 => host.to_owned(),
            _ => format!("[{host}]:{port}"),
        };
        let lookup = with_port(&address);
        let also = Some(with_port(&name)).filter(|also| *also != lookup);
        let mut bare = if port == 22 { Vec::new() } else { vec![address, name] };
        bare.dedup();
        HostNames { lookup, also, bare }
    }

    /// A `HostKeyAlias` is looked up as it is, without a port.
    pub fn alias(alias: &str) -> HostNames {
        HostNames { lookup: alias.to_lowercase(), also: None, bare: Vec::new() }
    }

    /// The names whose entries speak for and against a key.
    fn full(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.lookup.as_str()).chain(self.also.as_deref())
    }

    /// Address and inventory name without brackets and port, for certificates.
    fn principals(&self) -> impl Iterator<Item = &str> {
        self.full().map(|name| {
            match name.strip_prefix('[').and_then(|rest| rest.split_once("]:")) {
                Some((host, _)) => host,
                None => name,
            }
        })
    }
}

/// What the records say about a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Judgement {
    /// The host may show this key.
    Known,
    /// Nothing is recorded for the host, or nothing of this algorithm; then
    /// where its other keys are.
    Unknown { others: Vec<Place> },
    /// Another key of the same algorithm is recorded.
    Changed { place: Place, recorded: String },
    /// The key, or the authority that signed it, is revoked.
    Revoked { place: Place },
    /// The host showed a certificate that does not count, and why.
    Certificate { reason: String },
}

/// The files that hold for one host, those of the user first.
#[derive(Debug, Clone, Default)]
pub(super) struct Records(pub Vec<std::sync::Arc<KnownHosts>>);

impl Records {
    /// Judges a plain key.
    pub fn judge(&self, names: &HostNames, key: &PublicKey) -> Judgement {
        if let Some(place) = self.revoked(names, key) {
            return Judgement::Revoked { place };
        }
        let algorithm = key.algorithm();
        let algorithm = family(algorithm.as_str());
        let mut changed = None;
        let mut others = Vec::new();
        for (file, entry) in self.entries(names.full(), Marker::None) {
            if entry.is(key) {
                return Judgement::Known;
            }
            let place = file.place(entry);
            if family(&entry.algorithm) == algorithm {
                changed.get_or_insert((place, entry.fingerprint()));
            } else {
                others.push(place);
            }
        }
        let bare = names.bare.iter().map(String::as_str);
        if self.entries(bare, Marker::None).any(|(_, entry)| entry.is(key)) {
            return Judgement::Known;
        }
        match changed {
            Some((place, recorded)) => Judgement::Changed { place, recorded },
            None => Judgement::Unknown { others },
        }
    }

    /// Judges a host certificate at a time in seconds since 1970. One that does
    /// not count may still hold a key that is recorded.
    pub fn judge_certificate(&self, names: &HostNames, shown: &Certificate, now: u64) -> Judgement {
        let key = PublicKey::new(shown.public_key().clone(), "");
        let authority = PublicKey::new(shown.signature_key().clone(), "");
        for key in [&key, &authority] {
            if let Some(place) = self.revoked(names, key) {
                return Judgement::Revoked { place };
            }
        }
        let reason = self.certificate_fault(names, shown, &authority, now);
        match (reason, self.judge(names, &key)) {
            (None, _) | (_, Judgement::Known) => Judgement::Known,
            (Some(reason), _) => Judgement::Certificate { reason },
        }
    }

    fn certificate_fault(
        &self,
        names: &HostNames,
        shown: &Certificate,
        authority: &PublicKey,
        now: u64,
    ) -> Option<String> {
        let trusted = self
            .entries(names.full().chain(names.bare.iter().map(String::as_str)), Marker::Authority)
            .any(|(_, entry)| entry.is(authority));
        if !trusted {
            return Some("it is signed by an authority that is not in known_hosts".to_owned());
        }
        if !shown.cert_type().is_host() {
            return Some("it is a user's certificate, not a host's".to_owned());
        }
        let names_it = names
            .principals()
            .any(|name| shown.valid_principals().iter().any(|p| p.eq_ignore_ascii_case(name)));
        if !names_it {
            return Some(format!("it is for {}", shown.valid_principals().join(", ")));
        }
        if now < shown.valid_after() || now >= shown.valid_before() {
            return Some("it is not valid at this time".to_owned());
        }
        let fingerprint = authority.fingerprint(HashAlg::Sha256);
        match shown.validate_at(now, [&fingerprint]) {
            Ok(()) => None,
            Err(_) => Some("its signature does not fit".to_owned()),
        }
    }

    /// Host key algorithms to offer: those recorded for the host first, in their
    /// order, as OpenSSH does; otherwise a host recorded with one kind of key
    /// would show another and look unknown.
    pub fn algorithms(&self, names: &HostNames) -> Vec<Algorithm> {
        let mut wanted: Vec<Algorithm> = Vec::new();
        let recorded = self.entries(names.full(), Marker::None).map(|(_, entry)| entry);
        let bare = self.entries(names.bare.iter().map(String::as_str), Marker::None);
        for entry in recorded.chain(bare.map(|(_, entry)| entry)) {
            wanted.extend(algorithms_of(&entry.algorithm));
        }
        wanted.extend(PREFERRED.iter().flat_map(|name| algorithms_of(name)));
        let mut seen = Vec::new();
        wanted.retain(|algorithm| {
            let new = !seen.contains(algorithm);
            seen.push(algorithm.clone());
            new
        });
        wanted
    }

    /// Whether an authority may vouch for the host; only then certificates are asked for.
    pub fn has_authority(&self, names: &HostNames) -> bool {
        let all = names.full().chain(names.bare.iter().map(String::as_str));
        self.entries(all, Marker::Authority).next().is_some()
    }

    fn revoked(&self, names: &HostNames, key: &PublicKey) -> Option<Place> {
        let all = names.full().chain(names.bare.iter().map(String::as_str));
        let (file, entry) = self.entries(all, Marker::Revoked).find(|(_, entry)| entry.is(key))?;
        Some(file.place(entry))
    }

    fn entries<'a>(
        &'a self,
        names: impl Iterator<Item = &'a str>,
        marker: Marker,
    ) -> impl Iterator<Item = (&'a KnownHosts, &'a Entry)> {
        names.flat_map(move |name| {
            self.0.iter().flat_map(move |file| {
                let entries = file.matching(name).filter(move |entry| entry.marker == marker);
                entries.map(move |entry| (file.as_ref(), entry))
            })
        })
    }
}

/// The order in which OpenSSH prefers host keys when nothing is recorded.
const PREFERRED: [&str; 5] =
    ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"];

/// What to negotiate for a key type as known_hosts has it; SHA-1 signatures are not asked for.
fn algorithms_of(key_type: &str) -> Vec<Algorithm> {
    match key_type {
        "ssh-ed25519" => vec![Algorithm::Ed25519],
        "ecdsa-sha2-nistp256" => vec![Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 }],
        "ecdsa-sha2-nistp384" => vec![Algorithm::Ecdsa { curve: EcdsaCurve::NistP384 }],
        "ecdsa-sha2-nistp521" => vec![Algorithm::Ecdsa { curve: EcdsaCurve::NistP521 }],
        "ssh-rsa" => [HashAlg::Sha512, HashAlg::Sha256]
            .map(|hash| Algorithm::Rsa { hash: Some(hash) })
            .to_vec(),
        _ => Vec::new(),
    }
}

/// The key type without the signature's hash: all of RSA is one.
fn family(algorithm: &str) -> &str {
    match algorithm {
        "rsa-sha2-256" | "rsa-sha2-512" => "ssh-rsa",
        other => other,
    }
}

/// One file of records. Lines that cannot be read are passed over, as OpenSSH does.
#[derive(Debug, Default)]
pub(super) struct KnownHosts {
    file: PathBuf,
    entries: Vec<Entry>,
    /// Entries by the names in them, for those that list plain names only.
    by_name: HashMap<String, Vec<usize>>,
    /// The others: hashed names, wildcards, negations.
    patterns: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marker {
    None,
    Authority,
    Revoked,
}

#[derive(Debug)]
struct Entry {
    line: u32,
    marker: Marker,
    hosts: Hosts,
    algorithm: String,
    key: String,
}

#[derive(Debug)]
enum Hosts {
    List(Vec<String>),
    Hashed { salt: Vec<u8>, hash: [u8; 20] },
}

impl KnownHosts {
    /// Reads a file's text.
    pub fn parse(file: &Path, text: &str) -> KnownHosts {
        let mut known = KnownHosts { file: file.to_owned(), ..KnownHosts::default() };
        for (line, text) in (1..).zip(text.lines()) {
            let Some(entry) = Entry::parse(line, text) else { continue };
            let index = known.entries.len();
            match &entry.hosts {
                Hosts::List(list) if !list.iter().any(|name| name.contains(['*', '?', '!'])) => {
                    for name in list {
                        known.by_name.entry(name.to_lowercase()).or_default().push(index);
                    }
                }
                _ => known.patterns.push(index),
            }
            known.entries.push(entry);
        }
        known
    }

    /// The entries for a name, in the order of the file.
    fn matching(&self, name: &str) -> impl Iterator<Item = &Entry> {
        let plain = self.by_name.get(name).into_iter().flatten().copied();
        let by_pattern = self.patterns.iter().copied().filter(|index| {
            self.entries.get(*index).is_some_and(|entry| entry.hosts.matches(name))
        });
        let mut found: Vec<usize> = plain.chain(by_pattern).collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().filter_map(|index| self.entries.get(index))
    }

    fn place(&self, entry: &Entry) -> Place {
        Place { file: self.file.clone(), line: entry.line, column: 1 }
    }

    /// The lines that record a key for exactly this name: not by a wildcard, not
    /// marked, and with what is left of the line when the name is taken out.
    pub fn recorded_under(&self, name: &str) -> Vec<(u32, Option<String>)> {
        let of_name = self.matching(name).filter(|entry| entry.marker == Marker::None);
        of_name
            .filter_map(|entry| match &entry.hosts {
                Hosts::Hashed { .. } => Some((entry.line, None)),
                Hosts::List(list) => {
                    let left: Vec<&str> = list
                        .iter()
                        .map(String::as_str)
                        .filter(|other| !other.eq_ignore_ascii_case(name))
                        .collect();
                    // Reached by a wildcard: the line is about other hosts too.
                    if left.len() == list.len() {
                        return None;
                    }
                    let rest = left.join(",");
                    Some((entry.line, (!rest.is_empty()).then_some(rest)))
                }
            })
            .collect()
    }
}

impl Entry {
    fn parse(line: u32, text: &str) -> Option<Entry> {
        let mut fields = text.split_ascii_whitespace();
        let mut first = fields.next().filter(|field| !field.starts_with('#'))?;
        let marker = match first {
            "@cert-authority" => Marker::Authority,
            "@revoked" => Marker::Revoked,
            unknown if unknown.starts_with('@') => return None,
            _ => Marker::None,
        };
        if marker != Marker::None {
            first = fields.next()?;
        }
        let hosts = match first.starts_with("|1|") {
            true => match first.parse().ok()? {
                HostPatterns::HashedName { salt, hash } => Hosts::Hashed { salt, hash },
                HostPatterns::Patterns(list) => Hosts::List(list),
            },
            false => Hosts::List(first.split(',').map(str::to_owned).collect()),
        };
        let (algorithm, key) = (fields.next()?.to_owned(), fields.next()?.to_owned());
        Some(Entry { line, marker, hosts, algorithm, key })
    }

    fn parsed(&self) -> Option<PublicKey> {
        parse_public_key_base64(&self.key).ok()
    }

    fn is(&self, key: &PublicKey) -> bool {
        self.parsed().is_some_and(|own| own.key_data() == key.key_data())
    }

    fn fingerprint(&self) -> String {
        match self.parsed() {
            Some(key) => key.fingerprint(HashAlg::Sha256).to_string(),
            None => "a key that cannot be read".to_owned(),
        }
    }
}

impl Hosts {
    fn matches(&self, name: &str) -> bool {
        match self {
            Hosts::List(list) => pattern::list_matches(list.iter().map(String::as_str), name),
            Hosts::Hashed { salt, hash } => {
                let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(salt) else { return false };
                mac.update(name.as_bytes());
                mac.finalize().into_bytes().as_slice() == hash
            }
        }
    }
}

#[cfg(test)]
mod tests;
