//! Keys of the observing layer, and what the site's exporters tell of other
//! layers: every answer comes from Grafana, Prometheus or Loki.

use crate::domain::fact::Table;
use crate::domain::keys::{LayerKeys, ProbeInfo, Word};
use crate::domain::{Age, Unit};

/// What is asked every tick.
pub const LOOK: ProbeInfo =
    ProbeInfo { name: "observing.look", every: Age::seconds(60), source: "http" };

/// What is asked every few minutes.
pub const SURVEY: ProbeInfo =
    ProbeInfo { name: "observing.survey", every: Age::seconds(300), source: "http" };

/// What this file declares.
pub const LAYER: LayerKeys = LayerKeys {
    blocks: &[ALL, survey::ALL, exporter::ALL, bucket::ALL],
    with_clock: &[],
    readings: &[exporter::CHASSIS.info],
};

crate::keys! { LOOK;
    GRAFANA_DATABASE: String = "grafana.database", Unit::Count, [], "state of Grafana's database", "GRAFANA/api/health";
    GRAFANA_SAID: String = "grafana.said", Unit::Count, [], "version of Grafana, or what came instead", "GRAFANA/api/health";
    ALERTS: Table = "grafana.alerts", Unit::Count, [], "rules that fire: folder, name, severity, slo, since, count", "GRAFANA/api/prometheus/grafana/api/v1/rules";
    PROMETHEUS_READY: Word = "prometheus.ready", Unit::Count, ["yes", "no"], "whether Prometheus is ready", "PROMETHEUS/-/ready";
    PROMETHEUS_SAID: String = "prometheus.said", Unit::Count, [], "what Prometheus or the client says", "PROMETHEUS/-/ready";
    SCRAPES: f64 = "prometheus.scrapes", Unit::Count, [], "number of active scrape targets", "PROMETHEUS/api/v1/targets?state=active";
    SCRAPES_DOWN: Table = "prometheus.scrapes_down", Unit::Count, [], "scrape targets that are down: job, instance, error", "PROMETHEUS/api/v1/targets?state=active";
    LOKI_READY: Word = "loki.ready", Unit::Count, ["yes", "no"], "whether Loki is ready", "LOKI/ready";
    LOKI_SAID: String = "loki.said", Unit::Count, [], "what Loki or the client says", "LOKI/ready";
    LOKI_LABELS: Vec<String> = "loki.labels", Unit::Count, [], "labels of the logs that Loki has", "LOKI/loki/api/v1/labels";
}

/// What is asked every few minutes.
pub mod survey {
    use super::Table;
    use crate::domain::Unit;

    crate::keys! { super::SURVEY;
        CONTACT_POINTS: Table = "grafana.contact_points", Unit::Count, [], "contact points: name, type, addresses", "GRAFANA/api/v1/provisioning/contact-points";
        RECEIVER: String = "grafana.receiver", Unit::Count, [], "contact point of the default policy", "GRAFANA/api/v1/provisioning/policies";
    }
}

/// What the site's own exporters tell of machines and switches.
pub mod exporter {
    use super::Table;
    use crate::domain::Unit;

    crate::keys! { super::LOOK;
        IPMI_DOWN: Table = "exporter.ipmi_down", Unit::Count, [], "management controllers that the exporter cannot read: collector, host", "ipmi_up == 0";
        TEMPERATURES: f64 = "exporter.temperatures", Unit::Percent, [], "share of temperature sensors that are well", "100 * sum(ipmi_temperature_state == 0) / count(ipmi_temperature_state)";
        FANS: f64 = "exporter.fans", Unit::Percent, [], "share of fans that are well", "100 * sum(ipmi_fan_speed_state == 0) / count(ipmi_fan_speed_state)";
        VOLTAGES: f64 = "exporter.voltages", Unit::Percent, [], "share of voltages that are well", "100 * sum(ipmi_voltage_state == 0) / count(ipmi_voltage_state)";
        CHASSIS: Table = "exporter.chassis", Unit::Count, [], "chassis power and power draw: host, power, watts", "ipmi_chassis_power_state or ipmi_dcmi_power_consumption_watts";
        SNMP_DOWN: Table = "exporter.snmp_down", Unit::Count, [], "switches that the SNMP exporter cannot scrape: job, instance", "up{job=~\"snmp.*\"} == 0";
    }
}

/// What the object gateway says of the log bucket.
pub mod bucket {
    use crate::domain::keys::ProbeInfo;
    use crate::domain::{Age, Unit};

    /// What is asked every few minutes.
    pub const SURVEY: ProbeInfo =
        ProbeInfo { name: "logs.survey", every: Age::seconds(300), source: "radosgw-admin" };

    crate::keys! { SURVEY;
        USED: f64 = "logs.bucket_used", Unit::Bytes, [], "size of the log bucket", "radosgw-admin bucket stats --bucket=lokilogs";
        QUOTA: f64 = "logs.bucket_quota", Unit::Bytes, [], "quota of the log bucket; 0 when none is in force", "radosgw-admin bucket stats --bucket=lokilogs";
    }
}
