//! The Redfish resources of a management controller, made from the site's
//! state. Shapes and names follow DSP2046 as server vendors use it: one
//! system, one chassis with Thermal and Power, one manager, one event log.

use serde_json::{Value, json};

use super::moves::wave;
use super::world::{Bmc, Machine, World};

/// The version of the tree's types is old on purpose: management controllers are.
const SYSTEM: &str = "/redfish/v1/Systems/1";
const CHASSIS: &str = "/redfish/v1/Chassis/1";
const MANAGER: &str = "/redfish/v1/Managers/1";
const LOG: &str = "/redfish/v1/Systems/1/LogServices/SEL";

/// What is behind a path; `None` when there is nothing. Everything but the
/// service root wants credentials.
pub fn resource(world: &World, machine: &Machine, now: f64, path: &str) -> Option<Value> {
    let bmc = machine.bmc.as_ref()?;
    let tree = Tree { world, machine, bmc, now };
    let body = match path.trim_end_matches('/') {
        "/redfish" => return Some(json!({"v1": "/redfish/v1/"})),
        "/redfish/v1" => tree.root(),
        "/redfish/v1/Systems" => collection("ComputerSystem", "Computer System", &[SYSTEM]),
        "/redfish/v1/Chassis" => collection("Chassis", "Chassis", &[CHASSIS]),
        "/redfish/v1/Managers" => collection("Manager", "Manager", &[MANAGER]),
        SYSTEM => tree.system(),
        CHASSIS => tree.chassis(),
        MANAGER => tree.manager(),
        "/redfish/v1/Chassis/1/Thermal" => tree.thermal(),
        "/redfish/v1/Chassis/1/Power" => tree.power(),
        "/redfish/v1/Systems/1/LogServices" => collection("LogService", "Log Service", &[LOG]),
        LOG => tree.log_service(),
        "/redfish/v1/Systems/1/LogServices/SEL/Entries" => tree.entries(),
        _ => return None,
    };
    let mut body = body;
    if let Some(fields) = body.as_object_mut() {
        fields.insert("@odata.id".into(), json!(path.trim_end_matches('/')));
    }
    Some(body)
}

/// Whether a path may be read without credentials (DSP0266, service root).
pub fn is_open(path: &str) -> bool {
    matches!(path.trim_end_matches('/'), "/redfish" | "/redfish/v1")
}

struct Tree<'a> {
    world: &'a World,
    machine: &'a Machine,
    bmc: &'a Bmc,
    now: f64,
}

fn link(path: &str) -> Value {
    json!({"@odata.id": path})
}

fn collection(kind: &str, name: &str, members: &[&str]) -> Value {
    json!({
        "@odata.type": format!("#{kind}Collection.{kind}Collection"),
        "Name": format!("{name} Collection"),
        "Members@odata.count": members.len(),
        "Members": members.iter().map(|path| link(path)).collect::<Vec<_>>(),
    })
}

fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (value * scale).round() / scale
}

impl Tree<'_> {
    fn wave(&self, what: &str) -> f64 {
        wave(self.world.seed, &format!("{} {what}", self.bmc.name), self.now)
    }

    fn health(&self) -> &'static str {
        let worst = self
            .bmc
            .temperatures
            .iter()
            .map(|sensor| self.heat(sensor).1)
            .chain(self.bmc.fans.iter().map(|fan| if fan.working { "OK" } else { "Critical" }))
            .chain(self.bmc.supplies.iter().map(|psu| if psu.working { "OK" } else { "Critical" }));
        worst
            .max_by_key(|word| ["OK", "Warning", "Critical"].iter().position(|w| w == word))
            .unwrap_or("OK")
    }

    fn power_state(&self) -> &'static str {
        if self.machine.powered { "On" } else { "Off" }
    }

    fn root(&self) -> Value {
        json!({
            "@odata.type": "#ServiceRoot.v1_5_0.ServiceRoot",
            "Id": "RootService",
            "Name": "Root Service",
            "RedfishVersion": "1.6.0",
            "Systems": link("/redfish/v1/Systems"),
            "Chassis": link("/redfish/v1/Chassis"),
            "Managers": link("/redfish/v1/Managers"),
        })
    }

    fn system(&self) -> Value {
        let health = self.health();
        json!({
            "@odata.type": "#ComputerSystem.v1_5_0.ComputerSystem",
            "Id": "1",
            "Name": self.machine.name,
            "HostName": self.machine.hostname,
            "SystemType": "Physical",
            "Manufacturer": "Demo Systems",
            "Model": format!("DX-{}", self.machine.role.title()),
            "SerialNumber": self.machine.serial,
            "BiosVersion": "2.11",
            "PowerState": self.power_state(),
            "Status": {"State": if self.machine.powered { "Enabled" } else { "Disabled" },
                       "Health": health, "HealthRollup": health},
            "ProcessorSummary": {"Count": 2, "Status": {"State": "Enabled", "Health": "OK"}},
            "MemorySummary": {"TotalSystemMemoryGiB": self.machine.memory_kib / (1024 * 1024),
                              "Status": {"State": "Enabled", "Health": "OK"}},
            "Boot": {"BootSourceOverrideEnabled": "Disabled", "BootSourceOverrideTarget": "None",
                     "BootSourceOverrideMode": "UEFI"},
            "LogServices": link("/redfish/v1/Systems/1/LogServices"),
            "Links": {"Chassis": [link(CHASSIS)], "ManagedBy": [link(MANAGER)]},
        })
    }

    fn chassis(&self) -> Value {
        let health = self.health();
        json!({
            "@odata.type": "#Chassis.v1_5_0.Chassis",
            "Id": "1",
            "Name": "Computer System Chassis",
            "ChassisType": "RackMount",
            "Manufacturer": "Demo Systems",
            "SerialNumber": self.machine.serial,
            "PowerState": self.power_state(),
            "Status": {"State": "Enabled", "Health": health, "HealthRollup": health},
            "Thermal": link("/redfish/v1/Chassis/1/Thermal"),
            "Power": link("/redfish/v1/Chassis/1/Power"),
            "Links": {"ComputerSystems": [link(SYSTEM)], "ManagedBy": [link(MANAGER)]},
        })
    }

    fn manager(&self) -> Value {
        json!({
            "@odata.type": "#Manager.v1_3_1.Manager",
            "Id": "1",
            "Name": self.bmc.name,
            "ManagerType": "BMC",
            "FirmwareVersion": self.bmc.firmware,
            "DateTime": stamp(self.now as i64),
            "DateTimeLocalOffset": "+00:00",
            "Status": {"State": "Enabled", "Health": "OK"},
            "Links": {"ManagerForServers": [link(SYSTEM)], "ManagerForChassis": [link(CHASSIS)]},
        })
    }

    /// Reading and health of a temperature; without power only the air is measured.
    fn heat(&self, sensor: &super::world::Temperature) -> (Option<f64>, &'static str) {
        let is_air = matches!(sensor.context.as_str(), "Intake" | "Exhaust");
        if !self.machine.powered && !is_air {
            return (None, "OK");
        }
        let celsius = sensor.celsius + 0.8 * self.wave(&sensor.name);
        let health = if celsius >= sensor.critical {
            "Critical"
        } else if celsius >= sensor.warn {
            "Warning"
        } else {
            "OK"
        };
        (Some(rounded(celsius, 0)), health)
    }

    fn thermal(&self) -> Value {
        let temperatures: Vec<Value> = self
            .bmc
            .temperatures
            .iter()
            .enumerate()
            .map(|(at, sensor)| {
                let (celsius, health) = self.heat(sensor);
                let state = if celsius.is_some() { "Enabled" } else { "StandbyOffline" };
                json!({
                    "@odata.id": format!("{CHASSIS}/Thermal#/Temperatures/{at}"),
                    "MemberId": at.to_string(),
                    "Name": sensor.name,
                    "PhysicalContext": sensor.context,
                    "ReadingCelsius": celsius,
                    "UpperThresholdNonCritical": sensor.warn,
                    "UpperThresholdCritical": sensor.critical,
                    "Status": status(state, celsius.map(|_| health)),
                })
            })
            .collect();
        let fans: Vec<Value> = self
            .bmc
            .fans
            .iter()
            .enumerate()
            .map(|(at, fan)| {
                let turning = self.machine.powered && fan.working;
                let rpm = if turning { fan.rpm + 60.0 * self.wave(&fan.name) } else { 0.0 };
                let (state, health) = match (self.machine.powered, fan.working) {
                    (true, true) => ("Enabled", Some("OK")),
                    (true, false) => ("Enabled", Some("Critical")),
                    (false, _) => ("StandbyOffline", None),
                };
                json!({
                    "@odata.id": format!("{CHASSIS}/Thermal#/Fans/{at}"),
                    "MemberId": at.to_string(),
                    "Name": fan.name,
                    "PhysicalContext": "Backplane",
                    "Reading": self.machine.powered.then(|| rounded(rpm / 10.0, 0) * 10.0),
                    "ReadingUnits": "RPM",
                    "LowerThresholdNonCritical": 1_500,
                    "LowerThresholdCritical": 900,
                    "Status": status(state, health),
                })
            })
            .collect();
        json!({
            "@odata.type": "#Thermal.v1_3_0.Thermal",
            "Id": "Thermal",
            "Name": "Thermal",
            "Temperatures": temperatures,
            "Fans": fans,
        })
    }

    fn power(&self) -> Value {
        // A machine that is off still feeds its management controller.
        let draw = if self.machine.powered {
            self.bmc.watts * (1.0 + 0.04 * self.wave("watts"))
        } else {
            14.0
        };
        let working = self.bmc.supplies.iter().filter(|supply| supply.working).count().max(1);
        let share = draw / working as f64;
        let supplies: Vec<Value> = self
            .bmc
            .supplies
            .iter()
            .enumerate()
            .map(|(at, supply)| {
                let (volts, watts, health) = if supply.working {
                    (230.0 + rounded(self.wave("mains"), 0), rounded(share, 0), "OK")
                } else {
                    (0.0, 0.0, "Critical")
                };
                json!({
                    "@odata.id": format!("{CHASSIS}/Power#/PowerSupplies/{at}"),
                    "MemberId": at.to_string(),
                    "Name": supply.name,
                    "PowerSupplyType": "AC",
                    "LineInputVoltage": volts,
                    "PowerCapacityWatts": supply.capacity,
                    "PowerInputWatts": watts,
                    "LastPowerOutputWatts": rounded(watts * 0.95, 0),
                    "Status": status("Enabled", Some(health)),
                })
            })
            .collect();
        let voltages: Vec<Value> =
            self.bmc
                .voltages
                .iter()
                .enumerate()
                .map(|(at, sensor)| {
                    let volts = self.machine.powered.then(|| {
                        rounded(sensor.volts * (1.0 + 0.002 * self.wave(&sensor.name)), 2)
                    });
                    let state = if volts.is_some() { "Enabled" } else { "StandbyOffline" };
                    json!({
                        "@odata.id": format!("{CHASSIS}/Power#/Voltages/{at}"),
                        "MemberId": at.to_string(),
                        "Name": sensor.name,
                        "ReadingVolts": volts,
                        "UpperThresholdCritical": rounded(sensor.nominal * 1.1, 2),
                        "LowerThresholdCritical": rounded(sensor.nominal * 0.9, 2),
                        "Status": status(state, volts.map(|_| "OK")),
                    })
                })
                .collect();
        json!({
            "@odata.type": "#Power.v1_3_0.Power",
            "Id": "Power",
            "Name": "Power",
            "PowerControl": [{
                "@odata.id": format!("{CHASSIS}/Power#/PowerControl/0"),
                "MemberId": "0",
                "Name": "System Power Control",
                "PowerConsumedWatts": rounded(draw, 0),
                "PowerCapacityWatts":
                    self.bmc.supplies.iter().map(|supply| supply.capacity).sum::<f64>(),
            }],
            "PowerSupplies": supplies,
            "Voltages": voltages,
        })
    }

    fn log_service(&self) -> Value {
        json!({
            "@odata.type": "#LogService.v1_1_0.LogService",
            "Id": "SEL",
            "Name": "System Event Log",
            "LogEntryType": "SEL",
            "MaxNumberOfRecords": 3_639,
            "OverWritePolicy": "WrapsWhenFull",
            "DateTime": stamp(self.now as i64),
            "ServiceEnabled": true,
            "Entries": link("/redfish/v1/Systems/1/LogServices/SEL/Entries"),
        })
    }

    fn entries(&self) -> Value {
        let entries: Vec<Value> = self
            .bmc
            .log
            .iter()
            .enumerate()
            .map(|(at, entry)| {
                let id = at + 1;
                json!({
                    "@odata.type": "#LogEntry.v1_3_0.LogEntry",
                    "@odata.id": format!("{LOG}/Entries/{id}"),
                    "Id": id.to_string(),
                    "Name": format!("Log entry {id}"),
                    "EntryType": "SEL",
                    "Created": stamp(entry.at),
                    "Severity": entry.severity,
                    "SensorType": entry.sensor,
                    "Message": entry.message,
                })
            })
            .collect();
        json!({
            "@odata.type": "#LogEntryCollection.LogEntryCollection",
            "Name": "System Event Log Entries",
            "Members@odata.count": entries.len(),
            "Members": entries,
        })
    }
}

fn status(state: &str, health: Option<&str>) -> Value {
    json!({"State": state, "Health": health})
}

/// A time as Redfish writes it.
fn stamp(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds)
        .map_or_else(|_| String::new(), |time| time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string())
}
