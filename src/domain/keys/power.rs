//! Keys of the power layer: what management controllers tell, once over
//! Redfish and once over IPMI, so that the two can disagree. [`best`] joins them.

use crate::domain::keys::{LayerKeys, ProbeInfo};
use crate::domain::{Age, Observed};

/// The look over Redfish.
pub const REDFISH: ProbeInfo =
    ProbeInfo { name: "bmc.redfish", every: Age::seconds(120), source: "redfish" };

/// The look over IPMI.
pub const IPMI: ProbeInfo =
    ProbeInfo { name: "bmc.ipmi", every: Age::seconds(120), source: "ipmi" };

/// What this file declares.
pub const LAYER: LayerKeys = LayerKeys {
    blocks: &[redfish::ALL, ipmi::ALL],
    with_clock: &[],
    readings: &[
        redfish::TEMPERATURES.info,
        redfish::FANS.info,
        redfish::VOLTAGES.info,
        redfish::SUPPLIES.info,
        ipmi::TEMPERATURES.info,
        ipmi::FANS.info,
        ipmi::VOLTAGES.info,
    ],
};

/// What Redfish tells.
pub mod redfish {
    use crate::domain::Unit;
    use crate::domain::fact::Table;
    use crate::domain::keys::Word;

    crate::keys! { super::REDFISH;
        POWER_STATE: Word = "redfish.power_state", Unit::Count, ["on", "off", "changing"], "whether the machine is powered", "Systems/*/PowerState";
        HEALTH: Word = "redfish.health", Unit::Count, ["ok", "warning", "critical"], "the controller's own judgement of the whole machine, the worst of its parts", "Status/HealthRollup, Status/Health of Systems, Chassis, Managers";
        PARTS: Table = "redfish.parts", Unit::Count, [], "systems, chassis and managers with their health", "Systems/*, Chassis/*, Managers/*: Status";
        MODEL: String = "redfish.model", Unit::Count, [], "model of the machine", "Systems/*/Model";
        SERIAL: String = "redfish.serial", Unit::Count, [], "serial number of the machine", "Systems/*/SerialNumber";
        BIOS: String = "redfish.bios", Unit::Count, [], "BIOS version", "Systems/*/BiosVersion";
        FIRMWARE: String = "redfish.firmware", Unit::Count, [], "firmware version of the controller", "Managers/*/FirmwareVersion";
        TEMPERATURES: Table = "redfish.temperatures", Unit::Count, [], "temperature sensors with readings and limits", "Chassis/*/Thermal Temperatures, or ThermalSubsystem/ThermalMetrics";
        INLET: f64 = "redfish.inlet", Unit::Celsius, [], "temperature of the air that goes in", "Thermal: PhysicalContext Intake, or a sensor named inlet, intake or ambient";
        FANS: Table = "redfish.fans", Unit::Count, [], "fans with speeds and limits", "Chassis/*/Thermal Fans, or ThermalSubsystem/Fans";
        VOLTAGES: Table = "redfish.voltages", Unit::Count, [], "voltages with limits", "Chassis/*/Power Voltages";
        SUPPLIES: Table = "redfish.supplies", Unit::Count, [], "power supplies with their health", "Chassis/*/Power PowerSupplies, or PowerSubsystem/PowerSupplies";
        REDUNDANCY: Table = "redfish.redundancy", Unit::Count, [], "groups of supplies that stand in for each other, with their health", "Chassis/*/Power Redundancy, or PowerSubsystem PowerSupplyRedundancy";
        WATTS: f64 = "redfish.watts", Unit::Watts, [], "power the machine takes", "Chassis/*/Power PowerControl PowerConsumedWatts, or EnvironmentMetrics PowerWatts";
        EVENTS: f64 = "redfish.events", Unit::Count, [], "entries of the system event log", "LogServices/*/Entries";
        EVENTS_MOST: f64 = "redfish.events_most", Unit::Count, [], "entries the event log can hold", "LogServices/* MaxNumberOfRecords";
        EVENTS_CRITICAL: Table = "redfish.events_critical", Unit::Count, [], "critical entries of the event log, with time", "LogServices/*/Entries Severity Critical";
        UNASKED: f64 = "redfish.unasked", Unit::Count, [], "resources left out of the last look, because one look asks a bounded number", "this program";
    }
}

/// What IPMI 2.0 tells.
pub mod ipmi {
    use crate::domain::Unit;
    use crate::domain::fact::Table;
    use crate::domain::keys::Word;

    crate::keys! { super::IPMI;
        POWER_STATE: Word = "ipmi.power_state", Unit::Count, ["on", "off"], "whether the machine is powered", "ipmitool chassis status: System Power";
        FAULTS: Vec<String> = "ipmi.faults", Unit::Count, [], "chassis faults in force, in the controller's words", "ipmitool chassis status: the lines of faults, overload and intrusion";
        FIRMWARE: String = "ipmi.firmware", Unit::Count, [], "firmware version of the controller", "ipmitool mc info";
        TEMPERATURES: Table = "ipmi.temperatures", Unit::Count, [], "temperature sensors with readings and limits", "ipmitool sensor: degrees C";
        INLET: f64 = "ipmi.inlet", Unit::Celsius, [], "temperature of the air that goes in", "ipmitool sensor: named inlet, intake or ambient";
        FANS: Table = "ipmi.fans", Unit::Count, [], "fans with speeds and limits", "ipmitool sensor: RPM";
        VOLTAGES: Table = "ipmi.voltages", Unit::Count, [], "voltages with limits", "ipmitool sensor: Volts";
        SUPPLIES: Table = "ipmi.supplies", Unit::Count, [], "power supplies with their state", "ipmitool sdr type 0x08";
        WATTS: f64 = "ipmi.watts", Unit::Watts, [], "power the machine takes", "DCMI 1.5 Get Power Reading, else the sum of the supplies' input sensors";
        EVENTS: f64 = "ipmi.events", Unit::Count, [], "entries of the system event log", "ipmitool sel info: Entries";
        EVENTS_USED: f64 = "ipmi.events_used", Unit::Percent, [], "how full the event log is", "ipmitool sel info: Percent Used";
        EVENTS_LOST: Word = "ipmi.events_lost", Unit::Count, ["yes", "no"], "whether events were lost because the log was full", "ipmitool sel info: Overflow";
        EVENTS_CRITICAL: Table = "ipmi.events_critical", Unit::Count, [], "critical entries among the newest of the event log, with time", "ipmitool sel elist last 50";
        USERS: Table = "ipmi.users", Unit::Count, [], "accounts of the controller: id, name, privilege", "ipmitool user list 1";
    }
}

/// Which of the two ways an observation came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Redfish.
    Redfish,
    /// IPMI.
    Ipmi,
}

impl Way {
    /// The word of a judgement's source.
    pub const fn word(self) -> &'static str {
        match self {
            Way::Redfish => REDFISH.source,
            Way::Ipmi => IPMI.source,
        }
    }
}

/// The better of two observations of the same thing: a fresh one before a
/// stale one before none, and of equals the first, Redfish.
pub fn best<T>(redfish: Observed<T>, ipmi: Observed<T>) -> (Observed<T>, Way) {
    let rank = |seen: &Observed<T>| match (seen.fresh().is_some(), seen.value.is_some()) {
        (true, _) => 3,
        (false, true) => 2,
        (false, false) if seen.trouble.is_some() => 1,
        (false, false) => 0,
    };
    if rank(&ipmi) > rank(&redfish) { (ipmi, Way::Ipmi) } else { (redfish, Way::Redfish) }
}
