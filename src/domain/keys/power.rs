//! Keys of the power layer: what management controllers tell.

/// What Redfish tells.
pub mod redfish {
    use crate::domain::Unit;

    crate::keys! { "bmc.redfish";
        POWER_STATE: crate::domain::keys::Word = "redfish.power_state", Unit::Count, ["on", "off", "changing"], "whether the machine is powered", "Systems/*/PowerState";
    }
}

/// What IPMI 2.0 tells.
pub mod ipmi {
    use crate::domain::Unit;

    crate::keys! { "bmc.ipmi";
        POWER_STATE: crate::domain::keys::Word = "ipmi.power_state", Unit::Count, ["on", "off"], "whether the machine is powered", "ipmitool chassis power status";
    }
}
