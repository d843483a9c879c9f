//! The scripts of this layer.

use std::time::Duration;

use super::{grafana, metrics};
use crate::domain::keys::observing as keys;
use crate::domain::keys::observing::{bucket, exporter, survey};
use crate::domain::keys::services::agents;
use crate::domain::{Layer, Site, System, Target, wanted};
use crate::probes::ProbeSpec;
use crate::probes::documented::{About, Batch, Given, Place, Section};
use crate::probes::platform::fetching::{grafana, http, promql};

/// Every script.
pub(crate) const BATCHES: &[&Batch] = &[&LOOK, &SURVEY, &BUCKET];

/// Where the stack is reached.
fn given(site: &Site, _: &Target) -> Vec<Given> {
    let said = |name: &'static str, key: &str| Given::new(name, site.wanted.get(key).cloned());
    vec![
        said("GRAFANA", wanted::GRAFANA_URL),
        said("PROMETHEUS", wanted::PROMETHEUS_URL),
        said("LOKI", wanted::LOKI_URL),
    ]
}

/// What the observability stack is asked every tick.
static LOOK: Batch = Batch {
    spec: ProbeSpec {
        info: &keys::LOOK,
        layer: Layer::Observing,
        title: "Grafana, Prometheus, Loki: curl",
        every_in_view: Duration::from_secs(20),
        timeout: Duration::from_secs(90),
    },
    place: Place::B0,
    about: About::Api(System::Management),
    command_s: 10,
    given,
    sections: LOOK_SECTIONS,
};

const LOOK_SECTIONS: &[Section] = &[
    Section {
        name: "grafana",
        program: "curl",
        script: http!("get health -k \"$GRAFANA/api/health\""),
        needs: &["GRAFANA"],
        keys: &[keys::GRAFANA_DATABASE.info, keys::GRAFANA_SAID.info],
        read: grafana::health,
    },
    Section {
        name: "alerts",
        program: "curl",
        script: grafana!("grafana_get rules /api/prometheus/grafana/api/v1/rules"),
        needs: &["GRAFANA"],
        keys: &[keys::ALERTS.info],
        read: grafana::alerts,
    },
    Section {
        name: "prometheus",
        program: "curl",
        script: http!(
            "get ready -k \"$PROMETHEUS/-/ready\"\nget targets -k \"$PROMETHEUS/api/v1/targets?state=active\""
        ),
        needs: &["PROMETHEUS"],
        keys: &[
            keys::PROMETHEUS_READY.info,
            keys::PROMETHEUS_SAID.info,
            keys::SCRAPES.info,
            keys::SCRAPES_DOWN.info,
        ],
        read: grafana::prometheus,
    },
    Section {
        name: "loki",
        program: "curl",
        script: http!("get ready -k \"$LOKI/ready\"\nget labels -k \"$LOKI/loki/api/v1/labels\""),
        needs: &["LOKI"],
        keys: &[keys::LOKI_READY.info, keys::LOKI_SAID.info, keys::LOKI_LABELS.info],
        read: grafana::loki,
    },
    Section {
        name: "ipmi-down",
        program: "curl",
        script: promql!("ipmi", "ipmi_up == 0"),
        needs: &["PROMETHEUS"],
        keys: &[exporter::IPMI_DOWN.info],
        read: metrics::ipmi_down,
    },
    Section {
        name: "temperatures",
        program: "curl",
        script: promql!(
            "share",
            "100 * sum(ipmi_temperature_state == 0) / count(ipmi_temperature_state)"
        ),
        needs: &["PROMETHEUS"],
        keys: &[exporter::TEMPERATURES.info],
        read: metrics::temperatures,
    },
    Section {
        name: "fans",
        program: "curl",
        script: promql!(
            "share",
            "100 * sum(ipmi_fan_speed_state == 0) / count(ipmi_fan_speed_state)"
        ),
        needs: &["PROMETHEUS"],
        keys: &[exporter::FANS.info],
        read: metrics::fans,
    },
    Section {
        name: "voltages",
        program: "curl",
        script: promql!("share", "100 * sum(ipmi_voltage_state == 0) / count(ipmi_voltage_state)"),
        needs: &["PROMETHEUS"],
        keys: &[exporter::VOLTAGES.info],
        read: metrics::voltages,
    },
    Section {
        name: "chassis",
        program: "curl",
        script: promql!("chassis", "ipmi_chassis_power_state or ipmi_dcmi_power_consumption_watts"),
        needs: &["PROMETHEUS"],
        keys: &[exporter::CHASSIS.info],
        read: metrics::chassis,
    },
    Section {
        name: "snmp-down",
        program: "curl",
        script: promql!("snmp", "up{job=~\"snmp.*\"} == 0"),
        needs: &["PROMETHEUS"],
        keys: &[exporter::SNMP_DOWN.info],
        read: metrics::snmp_down,
    },
    Section {
        name: "reconciliation",
        program: "curl",
        script: promql!(
            "errors",
            "rate(vpn_agent_reconciliation_errors_total[10m]) * on(instance) group_left(tenant_id) (vpn_agent_info)"
        ),
        needs: &["PROMETHEUS"],
        keys: &[agents::RECONCILIATION.info],
        read: metrics::reconciliation,
    },
];

/// What it is asked every few minutes.
static SURVEY: Batch = Batch {
    spec: ProbeSpec {
        info: &keys::SURVEY,
        layer: Layer::Observing,
        title: "contact points of Grafana: curl",
        every_in_view: Duration::from_secs(120),
        timeout: Duration::from_secs(45),
    },
    place: Place::B0,
    about: About::Api(System::Management),
    command_s: 10,
    given,
    sections: SURVEY_SECTIONS,
};

const SURVEY_SECTIONS: &[Section] = &[Section {
    name: "contact-points",
    program: "curl",
    script: grafana!(
        "grafana_get contact-points /api/v1/provisioning/contact-points\ngrafana_get policies /api/v1/provisioning/policies"
    ),
    needs: &["GRAFANA"],
    keys: &[survey::CONTACT_POINTS.info, survey::RECEIVER.info],
    read: grafana::contact_points,
}];

/// What the object gateway is asked.
static BUCKET: Batch = Batch {
    spec: ProbeSpec {
        info: &bucket::SURVEY,
        layer: Layer::Observing,
        title: "the log bucket: radosgw-admin",
        every_in_view: Duration::from_secs(120),
        timeout: Duration::from_secs(60),
    },
    place: Place::Csh,
    about: About::Api(System::Ceph),
    command_s: 15,
    given,
    sections: BUCKET_SECTIONS,
};

const BUCKET_SECTIONS: &[Section] = &[Section {
    name: "log-bucket",
    program: "radosgw-admin",
    script: "t radosgw-admin bucket stats --bucket=${BUCKET:-lokilogs}",
    needs: &[],
    keys: &[bucket::USED.info, bucket::QUOTA.info],
    read: metrics::log_bucket,
}];
