//! The probe `bmc.redfish`: what a management controller tells over HTTPS.
//!
//! One look asks a bounded number of resources, two at a time, and only what
//! the controller's own documents point to. A resource that is missing or
//! broken costs the facts it would have given, not the look. A refused
//! password ends the look at once: repeated tries lock accounts.

mod events;
pub mod parse;

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use serde_json::Value;

use super::worst;
use crate::domain::cause::PASSWORD_MISSING;
use crate::domain::endpoint::BmcEndpoint;
use crate::domain::fact::Table;
use crate::domain::keys::power::{REDFISH, redfish as key};
use crate::domain::keys::{Key, Word};
use crate::domain::{
    Answer, Cause, CauseWord, Layer, ProbeId, ProbeName, Report, Sensor, SensorPlace, Supply,
    Target,
};
use crate::probes::{AskFuture, Probe, ProbeSpec, Reach};
use crate::transport::http::HttpTarget;

/// What is fixed about this probe. Sensors move slowly and controllers are
/// weak: every two minutes, every half minute while somebody watches.
pub const SPEC: ProbeSpec = ProbeSpec {
    info: &REDFISH,
    layer: Layer::Power,
    title: "power, temperatures, fans, supplies and event log over Redfish",
    every_in_view: Duration::from_secs(30),
    timeout: Duration::from_secs(60),
};

/// Resources asked in one look at most; a plain server needs about ten, one
/// with eight GPUs in chassis of their own about forty.
const MOST: u32 = 120;
/// Resources asked at once.
const AT_ONCE: usize = 2;
/// Looks after which the list of systems, chassis and managers is read anew.
const KEEP_MAP: u32 = 20;
/// After this many failures of the way itself (not of one resource) the rest is not asked.
const GIVE_UP: u32 = 2;

/// The members of the three collections, which change only with the hardware.
#[derive(Debug, Clone, Default)]
struct Map {
    systems: Vec<String>,
    chassis: Vec<String>,
    managers: Vec<String>,
}

/// Redfish of one management controller.
pub struct RedfishProbe {
    id: ProbeId,
    target: HttpTarget,
    /// Names of the machine, lower case, to find it where one controller has several systems.
    names: Vec<String>,
    map: Mutex<Option<(Map, u32)>>,
}

impl RedfishProbe {
    /// For a controller and, where it is known, the machine that it manages.
    pub fn new(target: &Target, machine: Option<&Target>, bmc: &BmcEndpoint) -> RedfishProbe {
        let named = [Some(target), machine];
        let names = named.into_iter().flatten().flat_map(|one| {
            std::iter::once(&one.name).chain(&one.aliases).chain(&one.serial).cloned()
        });
        let person = machine.map_or(&target.name, |machine| &machine.name);
        RedfishProbe {
            id: ProbeId { target: target.id.clone(), probe: ProbeName::fixed(SPEC.info.name) },
            target: HttpTarget {
                name: format!("the BMC of {person}"),
                host: bmc.host.clone(),
                connect: bmc.redfish.clone(),
                trust: bmc.trust.clone(),
                login: Some((bmc.user.clone(), bmc.password.clone())),
            },
            names: names.map(|name| name.to_ascii_lowercase()).collect(),
            map: Mutex::new(None),
        }
    }

    async fn look(&self, reach: &Reach) -> Result<Report, Cause> {
        let look = Look {
            reach,
            target: &self.target,
            asked: AtomicU32::new(0),
            unasked: AtomicU32::new(0),
            failed: AtomicU32::new(0),
        };
        let map = self.map(&look).await?;
        let mut report = Report::default();
        let systems = look.all(&map.systems).await?;
        let chassis = look.all(&map.chassis).await?;
        let managers = look.all(&map.managers).await?;
        let any = [&systems, &chassis, &managers].into_iter().any(|got| !got.found.is_empty());
        if let (false, Some(cause)) = (any, systems.trouble.clone().or(chassis.trouble.clone())) {
            // The list of members may be old: read it anew the next time.
            *self.map.lock().unwrap_or_else(PoisonError::into_inner) = None;
            return Err(cause);
        }
        self.learn_systems(&mut report, &systems);
        learn_parts(&mut report, &systems, &chassis, &managers);
        let heat = look.heat(&chassis).await?;
        let power = look.power(&chassis).await?;
        heat.learn(&mut report);
        power.learn(&mut report);
        look.events(&mut report, &systems, &managers).await?;
        let unasked = look.unasked.load(Ordering::Relaxed);
        if unasked > 0 {
            report.learn(key::UNASKED, f64::from(unasked));
        }
        Ok(report)
    }

    /// The members of the collections: remembered for some looks, so that a
    /// look does not ask for what changes once a year.
    async fn map(&self, look: &Look<'_>) -> Result<Map, Cause> {
        let held = || self.map.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((map, left)) = held().as_mut()
            && *left > 0
        {
            *left -= 1;
            return Ok(map.clone());
        }
        let root = look.get("/redfish/v1/").await?;
        let mut map = Map::default();
        let mut whole = true;
        // Systems first and alone: a wrong password must cost one try, not three.
        for (name, place) in [
            ("Systems", &mut map.systems),
            ("Chassis", &mut map.chassis),
            ("Managers", &mut map.managers),
        ] {
            let Some(path) = parse::link(&root, name) else { continue };
            match look.get(&path).await {
                Ok(list) => *place = parse::members(&list),
                Err(cause) if !is_one_resource(&cause) => return Err(cause),
                Err(_) => whole = false,
            }
        }
        if map.systems.is_empty() && map.chassis.is_empty() {
            return Err(Cause::new(
                CauseWord::Garbled,
                format!(
                    "{} speaks Redfish but shows neither systems nor chassis",
                    look.target.name
                ),
                "Give the account the right to read, or update the firmware",
            ));
        }
        *held() = whole.then(|| (map.clone(), KEEP_MAP));
        Ok(map)
    }

    fn learn_systems(&self, report: &mut Report, got: &Got) {
        let all: Vec<parse::System> = got.found.iter().map(parse::system).collect();
        let mine = |system: &&parse::System| system.names.iter().any(|n| self.names.contains(n));
        let named: Vec<&parse::System> = all.iter().filter(mine).collect();
        let chosen = if named.is_empty() { all.iter().collect() } else { named };
        match one_state(&chosen) {
            Some(power) => report.learn(key::POWER_STATE, Word(power.to_owned())),
            None => got.lose_or(report, key::POWER_STATE, || {
                (chosen.len() > 1).then(|| {
                    Cause::new(
                        CauseWord::Garbled,
                        format!(
                            "{} shows several systems and none bears its name",
                            self.target.name
                        ),
                        "Give the machine its serial number in the inventory",
                    )
                })
            }),
        }
        if let [one] = chosen.as_slice() {
            for (key, value) in
                [(key::MODEL, &one.model), (key::SERIAL, &one.serial), (key::BIOS, &one.bios)]
            {
                if let Some(value) = value {
                    report.learn(key, value.clone());
                }
            }
        } else if got.found.is_empty() {
            for key in [key::MODEL, key::SERIAL, key::BIOS] {
                got.lose_or(report, key, || None);
            }
        }
    }
}

impl Probe for RedfishProbe {
    fn id(&self) -> &ProbeId {
        &self.id
    }

    fn spec(&self) -> &'static ProbeSpec {
        &SPEC
    }

    fn ask<'a>(&'a self, reach: &'a Reach) -> AskFuture<'a> {
        Box::pin(async move { Answer::of(self.look(reach).await) })
    }
}

/// The power state that all of these systems share.
fn one_state(systems: &[&parse::System]) -> Option<&'static str> {
    let first = systems.first()?.power?;
    systems.iter().all(|system| system.power == Some(first)).then_some(first)
}

/// Whether only this resource is in trouble, not the way to the controller.
fn is_one_resource(cause: &Cause) -> bool {
    match &cause.word {
        CauseWord::System(word) => word == crate::transport::http::HTTP_STATUS,
        CauseWord::Garbled | CauseWord::TooLarge => true,
        _ => false,
    }
}

/// Documents that came, and why others did not.
#[derive(Debug, Default)]
struct Got {
    found: Vec<Value>,
    trouble: Option<Cause>,
}

impl Got {
    fn lose_or<T>(&self, report: &mut Report, key: Key<T>, other: impl FnOnce() -> Option<Cause>) {
        if let Some(cause) = self.trouble.clone().or_else(other) {
            report.lose(key, cause);
        }
    }
}

/// Name, state and health of everything; a part whose health was not read makes
/// the whole uncertain.
fn learn_parts(report: &mut Report, systems: &Got, chassis: &Got, managers: &Got) {
    let mut parts = Vec::new();
    for (kind, got) in [("system", systems), ("chassis", chassis), ("manager", managers)] {
        parts.extend(got.found.iter().map(|value| parse::part(value, kind)));
        for key in [key::HEALTH.name(), key::PARTS.name()] {
            if let Some(cause) = &got.trouble {
                report.lost.push((key, cause.clone()));
            }
        }
    }
    if let Some(health) = worst(parts.iter().map(|part| part.health)) {
        report.learn(key::HEALTH, Word(health.word().to_owned()));
    }
    let mut table = Table::new(&["name", "state", "health"]);
    for part in parts {
        table.push(vec![part.name, part.state, part.health.word().to_owned()]);
    }
    if !table.rows.is_empty() {
        report.learn(key::PARTS, table);
    }
    let firmware = managers.found.iter().find_map(parse::firmware);
    match firmware {
        Some(firmware) => report.learn(key::FIRMWARE, firmware),
        None => managers.lose_or(report, key::FIRMWARE, || None),
    }
}

/// Temperatures and fans of all chassis.
#[derive(Debug, Default)]
struct Heat {
    temperatures: Vec<Sensor>,
    fans: Vec<Sensor>,
    trouble: Option<Cause>,
}

impl Heat {
    fn learn(self, report: &mut Report) {
        let inlet = self.temperatures.iter().filter(|one| one.place == SensorPlace::Inlet);
        // The warmest of several: the one that a limit meets first.
        let inlet = inlet.filter_map(|one| one.reading).reduce(f64::max);
        if let Some(inlet) = inlet {
            report.learn(key::INLET, inlet);
        }
        learn_table(report, key::TEMPERATURES, Sensor::table(&self.temperatures));
        learn_table(report, key::FANS, Sensor::table(&self.fans));
        if let Some(cause) = self.trouble {
            report.lose(key::TEMPERATURES, cause.clone());
            report.lose(key::INLET, cause.clone());
            report.lose(key::FANS, cause);
        }
    }
}

/// Watts, supplies and voltages of all chassis.
#[derive(Debug, Default)]
struct Power {
    voltages: Vec<Sensor>,
    supplies: Vec<Supply>,
    redundancy: Vec<[String; 3]>,
    watts: Vec<f64>,
    trouble: Option<Cause>,
}

impl Power {
    fn learn(self, report: &mut Report) {
        learn_table(report, key::VOLTAGES, Sensor::table(&self.voltages));
        learn_table(report, key::SUPPLIES, Supply::table(&self.supplies));
        let mut groups = Table::new(&["name", "health", "needed"]);
        self.redundancy.into_iter().for_each(|group| groups.push(group.into()));
        learn_table(report, key::REDUNDANCY, (!groups.rows.is_empty()).then_some(groups));
        // Enclosing chassis count what is in them: the largest is the whole.
        if let Some(watts) = self.watts.into_iter().reduce(f64::max) {
            report.learn(key::WATTS, watts);
        }
        if let Some(cause) = self.trouble {
            report.lose(key::VOLTAGES, cause.clone());
            report.lose(key::SUPPLIES, cause.clone());
            report.lose(key::REDUNDANCY, cause.clone());
            report.lose(key::WATTS, cause);
        }
    }
}

fn learn_table(report: &mut Report, key: Key<Table>, table: Option<Table>) {
    if let Some(table) = table {
        report.learn(key, table);
    }
}

/// One look: what it may still ask.
struct Look<'a> {
    reach: &'a Reach,
    target: &'a HttpTarget,
    asked: AtomicU32,
    unasked: AtomicU32,
    failed: AtomicU32,
}

impl Look<'_> {
    async fn get(&self, path: &str) -> Result<Value, Cause> {
        let got = self.reach.http.get_json(&self.reach.secrets, self.target, path).await;
        if got.as_ref().is_err_and(|cause| !is_one_resource(cause)) {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
        got
    }

    /// Documents at these paths. Only what ends the look is an error.
    async fn all(&self, paths: &[String]) -> Result<Got, Cause> {
        let one = |path: &String| {
            let path = path.clone();
            async move {
                if self.asked.fetch_add(1, Ordering::Relaxed) >= MOST {
                    self.unasked.fetch_add(1, Ordering::Relaxed);
                    return None;
                }
                Some(self.get(&path).await)
            }
        };
        let mut answers = stream::iter(paths.iter().map(one)).buffered(AT_ONCE);
        let mut got = Got::default();
        while let Some(answer) = answers.next().await {
            match answer {
                // Facts from a part of the resources must not pass for the whole.
                None => {
                    got.trouble.get_or_insert_with(|| self.too_many());
                }
                Some(Ok(value)) => got.found.push(value),
                Some(Err(cause)) => {
                    let end = self.failed.load(Ordering::Relaxed) >= GIVE_UP
                        || matches!(cause.word, CauseWord::AuthRefused | CauseWord::PasswordSealed)
                        || cause.word.word() == PASSWORD_MISSING;
                    if end {
                        return Err(cause);
                    }
                    got.trouble.get_or_insert(cause);
                }
            }
        }
        Ok(got)
    }

    fn too_many(&self) -> Cause {
        Cause::new(
            CauseWord::TooLarge,
            format!("{} has more resources than the {MOST} of one look", self.target.name),
            "Look at this controller's page, and rely on IPMI for its sensors",
        )
    }

    /// The documents that these point to under `name`, then the members of those that are collections.
    async fn follow(&self, from: &[Value], name: &str) -> Result<Got, Cause> {
        let paths: Vec<String> = from.iter().filter_map(|doc| parse::link(doc, name)).collect();
        self.all(&paths).await
    }

    async fn members(&self, from: &[Value], name: &str) -> Result<Got, Cause> {
        let lists = self.follow(from, name).await?;
        let paths: Vec<String> = lists.found.iter().flat_map(parse::members).collect();
        let mut got = self.all(&paths).await?;
        got.trouble = got.trouble.or(lists.trouble);
        Ok(got)
    }

    async fn heat(&self, chassis: &Got) -> Result<Heat, Cause> {
        let (old, new) = split(&chassis.found, "Thermal");
        let thermal = self.follow(&old, "Thermal").await?;
        let subsystem = self.follow(&new, "ThermalSubsystem").await?;
        let metrics = self.follow(&subsystem.found, "ThermalMetrics").await?;
        let fans = self.members(&subsystem.found, "Fans").await?;
        let mut heat = Heat::default();
        heat.temperatures.extend(thermal.found.iter().flat_map(parse::temperatures));
        heat.temperatures.extend(metrics.found.iter().flat_map(parse::thermal_metrics));
        heat.fans.extend(thermal.found.iter().flat_map(parse::fans));
        heat.fans.extend(fans.found.iter().map(parse::fan));
        heat.trouble = first_trouble([chassis, &thermal, &subsystem, &metrics, &fans]);
        Ok(heat)
    }

    async fn power(&self, chassis: &Got) -> Result<Power, Cause> {
        let (old, new) = split(&chassis.found, "Power");
        let legacy = self.follow(&old, "Power").await?;
        let subsystem = self.follow(&new, "PowerSubsystem").await?;
        let supplies = self.members(&subsystem.found, "PowerSupplies").await?;
        let metrics = self.follow(&new, "EnvironmentMetrics").await?;
        let mut power = Power::default();
        for doc in &legacy.found {
            power.voltages.extend(parse::voltages(doc));
            power.supplies.extend(parse::supplies(doc));
            power.redundancy.extend(parse::redundancy(doc, "Redundancy"));
            power.watts.extend(parse::watts(doc));
        }
        for doc in &subsystem.found {
            power.redundancy.extend(parse::redundancy(doc, "PowerSupplyRedundancy"));
        }
        power.supplies.extend(supplies.found.iter().map(parse::supply));
        power.watts.extend(metrics.found.iter().filter_map(parse::environment_watts));
        power.trouble = first_trouble([chassis, &legacy, &subsystem, &supplies, &metrics]);
        Ok(power)
    }
}

fn first_trouble<const N: usize>(got: [&Got; N]) -> Option<Cause> {
    got.into_iter().find_map(|got| got.trouble.clone())
}

/// Chassis that still have the older resource, which carries the limits, and those that have only the newer.
fn split(chassis: &[Value], older: &str) -> (Vec<Value>, Vec<Value>) {
    chassis.iter().cloned().partition(|doc| parse::link(doc, older).is_some())
}

#[cfg(test)]
mod tests;
