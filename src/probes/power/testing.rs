//! What the tests of both probes need.

use std::sync::Arc;

use secrecy::SecretString;

use crate::domain::endpoint::{BmcEndpoint, TlsTrust};
use crate::domain::{Place, SecretName, Target, TargetId, TargetKind};
use crate::probes::Reach;
use crate::transport::http::HttpPool;
use crate::transport::secrets::SecretStore;

/// A way to targets that holds the password `planted-Pa55`.
pub(crate) fn reach() -> Reach {
    let secrets = Arc::new(SecretStore::default());
    secrets.put(SecretName::from("bmc"), SecretString::from("planted-Pa55"));
    Reach { secrets, http: Arc::new(HttpPool::new()) }
}

/// The controller of gpu-07, its name on the certificate `bmc-07.site`.
pub(crate) fn bmc_target(redfish: (&str, u16), ipmi: (&str, u16), trust: TlsTrust) -> Target {
    Target {
        id: TargetId::from("bmc:gpu-07"),
        name: "gpu-07".into(),
        aliases: Vec::new(),
        kind: TargetKind::Bmc,
        roles: Vec::new(),
        groups: Vec::new(),
        rack: None,
        serial: None,
        ssh: None,
        bmc: Some(BmcEndpoint {
            host: "bmc-07.site".into(),
            redfish: (redfish.0.into(), redfish.1),
            ipmi: (ipmi.0.into(), ipmi.1),
            user: "ops".into(),
            password: SecretName::from("bmc"),
            trust,
            cipher_suites: vec![17, 3],
        }),
        machine: None,
        wanted: std::collections::BTreeMap::new(),
        declared: Place::default(),
    }
}
