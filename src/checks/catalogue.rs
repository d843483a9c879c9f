//! The checks as data: what each is about, its thresholds, what to try.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::areas::layer_of;
use crate::domain::{CheckId, Layer, Place};

/// The files that are built in. A new layer is one line here.
const BUILT_IN: &[(&str, &str)] = &[
    ("assets/checks/hosts.yml", include_str!("../../assets/checks/hosts.yml")),
    ("assets/checks/router.yml", include_str!("../../assets/checks/router.yml")),
    ("assets/checks/ceph.yml", include_str!("../../assets/checks/ceph.yml")),
    ("assets/checks/openstack.yml", include_str!("../../assets/checks/openstack.yml")),
    ("assets/checks/fabric.yml", include_str!("../../assets/checks/fabric.yml")),
    ("assets/checks/openwrt.yml", include_str!("../../assets/checks/openwrt.yml")),
    ("assets/checks/power.yml", include_str!("../../assets/checks/power.yml")),
    ("assets/checks/platform.yml", include_str!("../../assets/checks/platform.yml")),
    ("assets/checks/services.yml", include_str!("../../assets/checks/services.yml")),
    ("assets/checks/observing.yml", include_str!("../../assets/checks/observing.yml")),
    ("assets/checks/gpu.yml", include_str!("../../assets/checks/gpu.yml")),
    ("assets/checks/acceptance.yml", include_str!("../../assets/checks/acceptance.yml")),
];

/// One check's data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckSpec {
    /// Its code.
    pub id: CheckId,
    /// The layer it counts in.
    pub layer: Layer,
    /// What it tells the operator, a phrase.
    pub what: String,
    /// The rule in words, line by line: when it passes, warns, fails, and how
    /// that is applied.
    pub rule: String,
    /// Where rule and thresholds come from.
    pub source: String,
    /// What to try when it is broken, in order.
    pub next: Vec<String>,
    /// Named numbers of the rule, units in their names (`offset_warn_ms`).
    pub thresholds: BTreeMap<String, f64>,
    /// Thresholds that the site sets itself, with the value that is built in.
    #[serde(default)]
    pub overridden: BTreeMap<String, f64>,
    /// What is said of several targets at once, with `{count}` for how many,
    /// by the word of the verdict or of the reason that they share.
    #[serde(default)]
    pub shared: BTreeMap<String, String>,
    /// Where it is asked: location codes of the vendor's list, or words.
    #[serde(default)]
    pub at: Vec<String>,
    /// Why it is not judged yet; `None` when it is.
    #[serde(default)]
    pub not_built: Option<String>,
}

impl CheckSpec {
    /// A threshold by name; NaN when the data lacks it, which a test forbids.
    pub fn threshold(&self, name: &str) -> f64 {
        self.thresholds.get(name).copied().unwrap_or(f64::NAN)
    }

    /// Whether there is code that judges it.
    pub fn is_built(&self) -> bool {
        self.not_built.is_none()
    }
}

/// All checks by id.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Catalogue {
    /// By id.
    pub checks: BTreeMap<String, CheckSpec>,
}

/// A file of a site's `checks/`, already read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteFile {
    /// Its path, for messages.
    pub path: PathBuf,
    /// What is in it.
    pub text: String,
}

/// What is wrong with a file of checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {sentence}")]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What was found and what is accepted, without a full stop.
    pub sentence: String,
}

/// A record as it is written in a file that is built in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    id: serde_yaml::Spanned<String>,
    layer: Option<Layer>,
    what: String,
    #[serde(default)]
    at: Vec<String>,
    pass: Option<String>,
    warn: Option<String>,
    fail: Option<String>,
    note: Option<String>,
    basis: Option<Basis>,
    rule: Option<String>,
    source: Option<String>,
    #[serde(default)]
    next: Vec<String>,
    #[serde(default)]
    thresholds: BTreeMap<String, f64>,
    #[serde(default)]
    shared: BTreeMap<String, String>,
    built: Option<bool>,
    why: Option<String>,
}

/// What a rule of the vendor's list rests on.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Basis {
    Doc,
    Upstream,
    Proposed,
}

impl Basis {
    const fn words(self) -> &'static str {
        match self {
            Basis::Doc => "the vendor's documentation states it",
            Basis::Upstream => "it follows from how the component behaves",
            Basis::Proposed => "proposed with the vendor's list, to be set per site",
        }
    }
}

/// A record of a site's own file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Override {
    id: serde_yaml::Spanned<String>,
    #[serde(default)]
    thresholds: BTreeMap<String, serde_yaml::Spanned<f64>>,
    next: Option<Vec<String>>,
}

impl Catalogue {
    /// The checks that are built in, with what a site sets differently: its
    /// `checks/*.yml` in the order given, then the thresholds of its
    /// `shopfloor.yml` by `CHECK-ID.name`. What is wrong with either is left
    /// out and reported; everything else is in force.
    pub fn load(files: &[SiteFile], thresholds: &BTreeMap<String, f64>) -> (Catalogue, Vec<Fault>) {
        let mut catalogue = Catalogue::default();
        let mut faults = Vec::new();
        for (path, text) in BUILT_IN {
            catalogue.add(Path::new(path), text, &mut faults);
        }
        for file in files {
            catalogue.apply(&file.path, &file.text, &mut faults);
        }
        for (name, value) in thresholds {
            let set = match name.split_once('.') {
                Some((id, threshold)) => catalogue.set(id, threshold, *value),
                None => Err(format!("{name} names no threshold; they read CHECK-ID.name")),
            };
            if let Err(sentence) = set {
                let place = Place { file: "shopfloor.yml".into(), line: 0, column: 0 };
                faults.push(Fault { place, sentence: format!("thresholds: {sentence}") });
            }
        }
        (catalogue, faults)
    }

    /// The data of a check.
    pub fn get(&self, id: &str) -> Option<&CheckSpec> {
        self.checks.get(id)
    }

    /// What `:help CODE` says of a check, line by line; `None` for an unknown
    /// code. Upper and lower case are the same.
    pub fn explain(&self, code: &str) -> Option<Vec<String>> {
        let spec = self.checks.get(code.trim().to_ascii_uppercase().as_str())?;
        let mut lines =
            vec![format!("{}  {}", spec.id, spec.what), format!("layer: {}", spec.layer.title())];
        if !spec.at.is_empty() {
            lines.push(format!("asked at: {}", spec.at.join(", ")));
        }
        if let Some(why) = &spec.not_built {
            lines.push(format!("not judged: {why}"));
        }
        lines.push(String::new());
        lines.push("How it is judged".to_owned());
        lines.extend(spec.rule.lines().map(|line| format!("  {line}")));
        if !spec.thresholds.is_empty() {
            lines.push(String::new());
            lines.push("Thresholds in force".to_owned());
            for (name, value) in &spec.thresholds {
                let own = match spec.overridden.get(name) {
                    Some(built_in) => format!("  (set by this site; built in: {built_in})"),
                    None => String::new(),
                };
                lines.push(format!("  {name}: {value}{own}"));
            }
        }
        if !spec.next.is_empty() {
            lines.push(String::new());
            lines.push("What to try".to_owned());
            lines.extend(spec.next.iter().map(|step| format!("  {step}")));
        }
        lines.push(String::new());
        lines.push(format!("Source: {}", spec.source));
        Some(lines)
    }

    fn add(&mut self, path: &Path, text: &str, faults: &mut Vec<Fault>) {
        for record in read::<Record>(path, text, faults) {
            let place = place_of(path, &record.id);
            let id = record.id.value.clone();
            if self.checks.contains_key(&id) {
                faults.push(Fault { place, sentence: format!("{id} is listed twice") });
                continue;
            }
            match spec_of(record) {
                Ok(spec) => {
                    self.checks.insert(id, spec);
                }
                Err(sentence) => faults.push(Fault { place, sentence }),
            }
        }
    }

    fn apply(&mut self, path: &Path, text: &str, faults: &mut Vec<Fault>) {
        for record in read::<Override>(path, text, faults) {
            let id = &record.id.value;
            if !self.checks.contains_key(id) {
                let place = place_of(path, &record.id);
                faults.push(Fault { place, sentence: format!("there is no check {id}") });
                continue;
            }
            for (name, value) in &record.thresholds {
                if let Err(sentence) = self.set(id, name, value.value) {
                    faults.push(Fault { place: place_of(path, value), sentence });
                }
            }
            if let (Some(next), Some(spec)) = (record.next, self.checks.get_mut(id)) {
                spec.next = next;
            }
        }
    }

    fn set(&mut self, id: &str, threshold: &str, value: f64) -> Result<(), String> {
        let spec = self.checks.get_mut(id).ok_or_else(|| format!("there is no check {id}"))?;
        let names: Vec<&str> = spec.thresholds.keys().map(String::as_str).collect();
        let accepted = match names.as_slice() {
            [] => "it has none".to_owned(),
            names => format!("it has {}", names.join(", ")),
        };
        if !value.is_finite() {
            return Err(format!("{id}.{threshold} is not a number"));
        }
        let Some(current) = spec.thresholds.get_mut(threshold) else {
            return Err(format!("{id} has no threshold {threshold}; {accepted}"));
        };
        spec.overridden.entry(threshold.to_owned()).or_insert(*current);
        *current = value;
        Ok(())
    }
}

fn spec_of(record: Record) -> Result<CheckSpec, String> {
    let id = record.id.value;
    let layer = layer_of(&id).ok_or_else(|| format!("{id} is of no area in areas.yml"))?;
    if record.layer.is_some_and(|said| said != layer) {
        return Err(format!("{id} counts in {layer}, as areas.yml says"));
    }
    let not_built = match (record.built.unwrap_or(true), record.why) {
        (true, None) => None,
        (false, Some(why)) => Some(why),
        (true, Some(_)) => return Err(format!("{id} is built and says why it is not")),
        (false, None) => return Err(format!("{id} is not built and does not say why")),
    };
    let mut rule = Vec::new();
    for (label, words) in
        [("pass", record.pass), ("warn", record.warn), ("fail", record.fail), ("note", record.note)]
    {
        rule.extend(words.map(|words| format!("{label}: {words}")));
    }
    rule.extend(record.rule);
    let source = match (record.source, record.basis) {
        (Some(source), _) => source,
        (None, Some(basis)) => format!("the vendor's list of checks, {id}; {}", basis.words()),
        (None, None) => return Err(format!("{id} names neither source nor basis")),
    };
    Ok(CheckSpec {
        id: CheckId::from(id),
        layer,
        what: record.what,
        rule: rule.join("\n"),
        source,
        next: record.next,
        thresholds: record.thresholds,
        overridden: BTreeMap::new(),
        shared: record.shared,
        at: record.at,
        not_built,
    })
}

/// The records of a file; none, and a fault with the place, when it cannot be read.
fn read<T: serde::de::DeserializeOwned>(
    path: &Path,
    text: &str,
    faults: &mut Vec<Fault>,
) -> Vec<T> {
    match serde_yaml::from_str::<Option<Vec<T>>>(text) {
        Ok(records) => records.unwrap_or_default(),
        Err(error) => {
            let at = error.location();
            let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
            let place = Place {
                file: path.to_path_buf(),
                line: at.map_or(0, |at| number(at.line())),
                column: at.map_or(0, |at| number(at.column())),
            };
            let words = error.without_snippet().to_string();
            let first = words.lines().next().unwrap_or_default();
            faults.push(Fault { place, sentence: crate::domain::untrusted::printable(first) });
            Vec::new()
        }
    }
}

fn place_of<T>(path: &Path, value: &serde_yaml::Spanned<T>) -> Place {
    let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    Place {
        file: path.to_path_buf(),
        line: number(value.referenced.line()),
        column: number(value.referenced.column()),
    }
}

#[cfg(test)]
mod tests;
