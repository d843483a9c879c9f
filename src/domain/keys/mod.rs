//! The keys of facts: one file per layer, each key with its type, unit,
//! meaning, source and the probe that looks for it. Probes write through
//! these constants and checks read through them, so that neither can
//! misspell a key or mistake its type.

use std::borrow::Borrow;
use std::marker::PhantomData;

use super::fact::Table;
use super::{Age, KeyName, ProbeName, Stamp, Unit, Value};

pub mod ceph;
pub mod fabric;
pub mod gpu;
pub mod hosts;
pub mod observing;
pub mod openstack;
pub mod openwrt;
pub mod platform;
pub mod power;
pub mod router;
pub mod services;

/// What is declared about a kind of probe, beside the keys that it looks for.
#[derive(Debug, Clone, Copy)]
pub struct ProbeInfo {
    /// Its name (`host.look`).
    pub name: &'static str,
    /// How often it asks when nobody watches. Checks take facts for stale by it.
    pub every: Age,
    /// What its facts are called in a judgement: the way they came.
    pub source: &'static str,
}

/// What is declared about a key.
#[derive(Debug, Clone, Copy)]
pub struct KeyInfo {
    /// Its name (`host.kernel`).
    pub name: &'static str,
    /// The probe that looks for it.
    pub probe: &'static ProbeInfo,
    /// Unit of a number; `Unit::Count` for everything else.
    pub unit: Unit,
    /// The words a `Word` may be; empty for everything else.
    pub words: &'static [&'static str],
    /// What it means, in one sentence.
    pub meaning: &'static str,
    /// Where it is read from.
    pub source: &'static str,
}

/// A declared key whose value has the type `T`.
#[derive(Debug)]
pub struct Key<T> {
    /// The declaration.
    pub info: &'static KeyInfo,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Key<T> {}

impl<T> Key<T> {
    /// For the declaring macro.
    pub const fn new(info: &'static KeyInfo) -> Key<T> {
        Key { info, kind: PhantomData }
    }

    /// The key's name as facts carry it.
    pub fn name(self) -> KeyName {
        KeyName::fixed(self.info.name)
    }
}

/// A word from the list that a key declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word(pub String);

/// A Rust type that a fact's value can be read as.
pub trait FactType: Sized {
    /// Reads the value; `None` when it has another shape.
    fn from_value(value: &Value) -> Option<Self>;
    /// Makes the value.
    fn into_value(self) -> Value;
}

macro_rules! fact_type {
    ($type:ty, $variant:ident, $value:ident => $from:expr, $into:expr) => {
        impl FactType for $type {
            fn from_value(value: &Value) -> Option<Self> {
                match value {
                    Value::$variant($value) => Some($from),
                    _ => None,
                }
            }
            fn into_value(self) -> Value {
                let $value = self;
                Value::$variant($into)
            }
        }
    };
}

fact_type!(f64, Number, n => *n, n);
fact_type!(Word, Word, w => Word(w.clone()), w.0);
fact_type!(String, Text, t => t.clone(), t);
fact_type!(Stamp, Time, t => *t, t);
fact_type!(Vec<String>, List, l => l.clone(), l);
fact_type!(Table, Table, t => t.clone(), t);

/// Declares the keys of one layer.
///
/// ```text
/// keys! { LOOK;
///     KERNEL: String = "host.kernel", Unit::Count, [], "running kernel release", "uname -r";
/// }
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! keys {
    ($probe:path; $($const:ident: $type:ty = $name:literal, $unit:expr, [$($word:literal),*], $meaning:literal, $source:literal;)+) => {
        $(
            #[doc = $meaning]
            pub const $const: $crate::domain::keys::Key<$type> = $crate::domain::keys::Key::new(&$crate::domain::keys::KeyInfo {
                name: $name, probe: &$probe, unit: $unit, words: &[$($word),*], meaning: $meaning, source: $source,
            });
        )+
        /// All keys declared here.
        pub const ALL: &[&$crate::domain::keys::KeyInfo] = &[$($const.info),+];
    };
}

/// What a layer declares in its file.
pub struct LayerKeys {
    /// Its keys, block by block.
    pub blocks: &'static [&'static [&'static KeyInfo]],
    /// Those whose values go with the clock ([`Keeping::WithClock`]).
    pub with_clock: &'static [&'static KeyInfo],
    /// Tables whose numbers move at every look ([`Keeping::Words`]).
    pub readings: &'static [&'static KeyInfo],
}

/// The layers that have facts. A new layer is one line here and one file.
const REGISTRY: &[&LayerKeys] = &[
    &hosts::LAYER,
    &power::LAYER,
    &router::LAYER,
    &ceph::LAYER,
    &openstack::LAYER,
    &platform::LAYER,
    &services::LAYER,
    &observing::LAYER,
    &gpu::LAYER,
    &fabric::LAYER,
    &openwrt::LAYER,
];

/// The declaration of a key by name.
pub fn find(name: &str) -> Option<&'static KeyInfo> {
    use std::collections::HashMap;
    use std::sync::LazyLock;
    static BY_NAME: LazyLock<HashMap<&'static str, &'static KeyInfo>> =
        LazyLock::new(|| all().map(|info| (info.name, info)).collect());
    BY_NAME.get(name).copied()
}

/// What of a value is worth keeping as a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// Every difference.
    Exactly,
    /// It goes with the clock (an uptime); a difference is when it stops doing so.
    WithClock,
    /// A table of readings: a difference is one of its words, its numbers move at every look.
    Words,
}

/// What of a key's value is worth keeping as a change, as its layer declares it.
pub fn keeping(name: &str) -> Keeping {
    let is_in = |list: &[&KeyInfo]| list.iter().any(|info| info.name == name);
    if REGISTRY.iter().any(|layer| is_in(layer.with_clock)) {
        Keeping::WithClock
    } else if REGISTRY.iter().any(|layer| is_in(layer.readings)) {
        Keeping::Words
    } else {
        Keeping::Exactly
    }
}

/// Every declared key.
pub fn all() -> impl Iterator<Item = &'static KeyInfo> {
    REGISTRY.iter().flat_map(|layer| layer.blocks).copied().flatten().copied()
}

impl Borrow<str> for ProbeName {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for KeyName {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    /// What is declared and not in the registry would be read by checks and
    /// have neither meaning nor unit for anybody else.
    #[test]
    fn every_key_that_a_file_declares_is_in_the_registry() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/domain/keys");
        let mut declared = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with("mod.rs") {
                continue;
            }
            let text = std::fs::read_to_string(path).unwrap();
            let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            for line in lines.filter(|line| line.contains(", Unit::")) {
                let name = line.split('"').nth(1).unwrap();
                assert!(super::find(name).is_some(), "{name} is in no block of its layer");
                declared += 1;
            }
        }
        assert_eq!(declared, super::all().count());
    }

    #[test]
    fn probes_are_declared_once_with_a_cadence() {
        let mut probes = std::collections::BTreeMap::new();
        for info in super::all() {
            let probe = info.probe;
            assert!(probe.every > super::Age(0) && !probe.source.is_empty(), "{}", probe.name);
            let said = (probe.every, probe.source);
            assert_eq!(*probes.entry(probe.name).or_insert(said), said, "{} twice", probe.name);
        }
    }

    #[test]
    fn every_key_is_declared_once_and_explained() {
        let mut names = HashSet::new();
        for info in super::all() {
            assert!(names.insert(info.name), "{} is declared twice", info.name);
            assert!(!info.meaning.is_empty() && !info.source.is_empty(), "{}", info.name);
        }
        assert!(!names.is_empty());
    }
}
