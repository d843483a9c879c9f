//! Which layer a check counts in, from `assets/checks/areas.yml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::domain::Layer;

/// The table as it is built in: areas, and single checks of an area that
/// spreads over several layers.
static TABLE: LazyLock<BTreeMap<String, Layer>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../assets/checks/areas.yml")).unwrap_or_default()
});

/// The layer of a check by its code; `None` for a code of no known area.
pub fn layer_of(code: &str) -> Option<Layer> {
    let area = code.split_once('-')?.0;
    TABLE.get(code).or_else(|| TABLE.get(area)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_of_the_reference_has_a_layer() {
        let reference = include_str!("../../tests/fixtures/reference/checks.md");
        let codes: Vec<&str> =
            reference.lines().filter_map(|line| line.strip_prefix("- id: ")).collect();
        assert!(codes.len() > 200, "{}", codes.len());
        for code in codes {
            assert!(layer_of(code).is_some(), "{code}");
        }
    }

    #[test]
    fn areas_belong_where_the_vocabulary_says() {
        for (code, layer) in [
            ("IPMI-01", Layer::Power),
            ("SNMP-02", Layer::Power),
            ("HOST-50", Layer::Hosts),
            ("BOND-01", Layer::Hosts),
            ("GPU-01", Layer::Hosts),
            ("BAST-03", Layer::Hosts),
            ("RBOX-01", Layer::Router),
            ("WRT-07", Layer::Router),
            ("HH-01", Layer::Fabric),
            ("FAB-02", Layer::Fabric),
            ("CEPH-01", Layer::Ceph),
            ("RGW-01", Layer::Ceph),
            ("OST-05", Layer::Openstack),
            ("MGMT-01", Layer::Platform),
            ("CAPI-01", Layer::Platform),
            ("ADD-01", Layer::Platform),
            ("REG-01", Layer::Services),
            ("GHCR-01", Layer::Services),
            ("TLS-01", Layer::Services),
            ("DNS-01", Layer::Services),
            ("SSO-01", Layer::Services),
            ("VPN-01", Layer::Services),
            ("OBS-01", Layer::Observing),
        ] {
            assert_eq!(layer_of(code), Some(layer), "{code}");
        }
        assert_eq!(layer_of("NONE-01"), None);
        assert_eq!(layer_of("HOST"), None);
    }
}
