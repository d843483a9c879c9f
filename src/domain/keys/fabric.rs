//! Keys of the fabric layer: what the fabric controller tells of itself, of
//! the switches and of the wiring. All of them are facts of the controller.
//! Times in tables are seconds since 1970; an empty cell was not reported.

use crate::domain::fact::Table;
use crate::domain::keys::{LayerKeys, ProbeInfo, Word};
use crate::domain::{Age, Stamp, Unit};

/// What is asked every tick.
pub const LOOK: ProbeInfo =
    ProbeInfo { name: "fabric.look", every: Age::seconds(30), source: "kubectl" };

/// What is asked every few minutes.
pub const SURVEY: ProbeInfo =
    ProbeInfo { name: "fabric.survey", every: Age::seconds(300), source: "kubectl" };

/// What is asked of the switches themselves.
pub const SWITCHES: ProbeInfo =
    ProbeInfo { name: "fabric.switches", every: Age::seconds(600), source: "ssh" };

/// What the bastion is asked.
pub const CONSOLE: ProbeInfo =
    ProbeInfo { name: "fabric.console", every: Age::seconds(300), source: "kubectl" };

/// More rows than of other tables: every port of every switch is one.
pub const MOST_PORTS: usize = 12_000;

/// What this file declares.
pub const LAYER: LayerKeys = LayerKeys {
    blocks: &[ALL, survey::ALL, switches::ALL, console::ALL],
    with_clock: &[CLOCK.info],
    readings: &[AGENTS.info, PARTS.info, RESOURCES.info, PODS.info],
};

crate::keys! { LOOK;
    CLOCK: Stamp = "fabric.clock", Unit::Count, [], "clock of the fabric controller when it answered", "date +%s";
    API: Word = "fabric.api", Unit::Count, ["ready", "unready"], "whether the controller's Kubernetes API calls itself ready", "kubectl get --raw /readyz?verbose";
    API_FAILING: Vec<String> = "fabric.api_failing", Unit::Count, [], "checks of the API that fail", "kubectl get --raw /readyz?verbose";
    AGENTS: Table = "fabric.agents", Unit::Count, [], "agents of switches: switch, heartbeat, wanted, applied, applied_at, attempt, attempt_at, version, wanted_version, reboot, roce, wanted_roce, serial, platform", "kubectl get agents: metadata.generation, status";
    PORTS: Table = "fabric.ports", Unit::Count, [], "ports that are enabled or shut by an error: switch, port, admin, oper, error", "kubectl get agents: status.state.interfaces";
    SESSIONS: Table = "fabric.sessions", Unit::Count, [], "BGP sessions: switch, vrf, neighbour, enabled, state", "kubectl get agents: status.state.bgpNeighbors";
    PARTS: Table = "fabric.parts", Unit::Count, [], "fans, power supplies and temperatures: switch, kind, name, present, good, value, high, critical", "kubectl get agents: status.state.platform";
    RESOURCES: Table = "fabric.resources", Unit::Count, [], "tables of the switches: switch, resource, used, available", "kubectl get agents: status.state.criticalResources";
    PODS: Table = "fabric.pods", Unit::Count, [], "pods of the controller: name, phase, ready, containers, reason, created, restarted", "kubectl get pods -A";
    FABRICATOR: Table = "fabric.fabricator", Unit::Count, [], "state of the fabricator: field, value, since", "kubectl -n fab get fabricators default: status";
    COMPONENTS: Table = "fabric.components", Unit::Count, [], "components of the fabricator: name, state", "kubectl -n fab get fabricators default: status.components";
    INSTALLER: Table = "fabric.installer", Unit::Count, [], "units of the installer: unit, state", "systemctl is-active";
    INSTALLED: Word = "fabric.installed", Unit::Count, ["yes", "no"], "whether the installer noted its end", "/opt/hedgehog/.install, /var/log/install.log";
    INSTALL_ERRORS: Vec<String> = "fabric.install_errors", Unit::Count, [], "error lines at the end of the installer's log", "/var/log/install.log";
}

/// What is looked at every few minutes.
pub mod survey {
    use crate::domain::Unit;
    use crate::domain::fact::Table;
    use crate::domain::keys::Word;

    crate::keys! { super::SURVEY;
        SWITCHES: Table = "fabric.switches", Unit::Count, [], "switches that the fabric knows: name, role, profile, address, protocol_address, serial", "kubectl get switches";
        CABLES: Table = "fabric.cables", Unit::Count, [], "connections that are applied: name, kind, switch, port, address, other, other_port, other_address", "kubectl get connections";
        LLDP: Table = "fabric.lldp", Unit::Count, [], "neighbours of ports: switch, port, expected, expected_port, actual, actual_port", "kubectl fabric inspect lldp";
        INSPECTED: Table = "fabric.inspected", Unit::Count, [], "switches as the fabric sums them up: switch, summary", "kubectl fabric inspect fabric";
        TENANCY: Table = "fabric.tenancy", Unit::Count, [], "VPCs and their attachments: kind, name", "kubectl get vpc,vpcattachment -A";
        USERS: Table = "fabric.users", Unit::Count, [], "accounts in the fabricator's specification: user, role, password, keys, default_key, fingerprint; password is default, likely-default, changed or unusable", "kubectl -n fab get fabricators default: spec.config, judged where it is read";
        CORE_PASSWORD: Word = "fabric.core_password", Unit::Count, ["default", "changed", "locked"], "password of the controller's account against the published default", "getent shadow core, judged where it is read";
        KEY_SETS: Table = "fabric.key_sets", Unit::Count, [], "sets of SSH keys of the controller's account: set, fingerprint, comment", "~/.ssh/authorized_keys.d, ssh-keygen -l";
        ROOM: Table = "fabric.room", Unit::Count, [], "disk and memory of the controller: what, size, available", "df, /proc/meminfo";
        LOG_ERRORS: f64 = "fabric.log_errors", Unit::Count, [], "error lines of the controllers in ten minutes", "kubectl logs -n fab";
        LOG_LAST: Vec<String> = "fabric.log_last", Unit::Count, [], "the last of those lines", "kubectl logs -n fab";
        DEPLOYMENTS: Table = "fabric.deployments", Unit::Count, [], "deployments that serve the switches: name, ready", "kubectl -n fab get deploy ntp fabric-boot fabric-dhcpd";
    }
}

/// What is asked of the switches over SSH from the controller.
pub mod switches {
    use crate::domain::Unit;
    use crate::domain::fact::Table;

    crate::keys! { super::SWITCHES;
        LOGINS: Table = "fabric.logins", Unit::Count, [], "switches over SSH: switch, status, said", "ssh admin@SWITCH true";
        AGENT_LOGS: Table = "fabric.agent_logs", Unit::Count, [], "agents on switches: switch, unit, errors, last", "systemctl is-active hedgehog-agent, /var/log/agent.log";
    }
}

/// What the bastion tells of the way of the IaaS Console to the fabric.
pub mod console {
    use crate::domain::Unit;
    use crate::domain::keys::Word;

    crate::keys! { super::CONSOLE;
        KUBECONFIG: Word = "fabric.console_kubeconfig", Unit::Count, ["ok", "no"], "whether the kubeconfig of the IaaS Console opens the fabric's API", "kubectl get --raw /readyz";
        SERVER: String = "fabric.console_server", Unit::Count, [], "API address in the kubeconfig of the IaaS Console", "the kubeconfig";
    }
}
