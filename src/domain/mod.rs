//! Nouns and pure rules: what a site, a target, a fact and a verdict are.
//! Nothing in here asks, draws, waits or reads a clock; time arrives as a
//! [`Stamp`]. Every other room may use this one; it uses none of them.

pub mod answer;
pub mod cause;
pub mod endpoint;
pub mod fact;
pub mod faults;
pub mod finding;
pub mod ids;
pub mod judgement;
pub mod keys;
pub mod layer;
pub mod nearest;
pub mod observed;
pub mod place;
pub mod sensor;
pub mod site;
pub mod stamp;
pub mod store;
pub mod target;
pub mod untrusted;
pub mod verdict;
pub mod wanted;

pub use answer::{Answer, Report};
pub use cause::{Cause, CauseWord, OfferedKey};
pub use fact::{Fact, Unit, Value};
pub use ids::{CheckId, KeyName, ProbeId, ProbeName, SecretName, TargetId};
pub use judgement::{Evidence, Judgement};
pub use layer::Layer;
pub use nearest::nearest;
pub use observed::Observed;
pub use place::Place;
pub use sensor::{Health, Limits, Sensor, SensorPlace, Supply};
pub use site::{SerialLine, Site};
pub use stamp::{Age, Stamp, seconds_words};
pub use store::{FactStore, TargetFacts};
pub use target::{RackPlace, Role, System, Target, TargetKind};
pub use verdict::Verdict;
