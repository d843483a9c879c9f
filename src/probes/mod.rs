//! Looking: one folder per layer. An `ask` does I/O, a `parse` does not.
//! Nothing here judges or changes anything on a target; uses `transport`,
//! `inventory` and `domain`.

pub mod power;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::keys::ProbeInfo;
use crate::domain::{Answer, Layer, ProbeId, Site};
use crate::transport::http::HttpPool;
use crate::transport::secrets::SecretStore;
use crate::transport::ssh::SshPool;

pub mod ceph;
pub mod documented;
pub mod fabric;
pub mod hosts;
pub mod observing;
pub mod openstack;
pub mod openwrt;
pub mod platform;
pub mod router;
pub mod services;

/// The ways to targets that every probe may use.
pub struct Reach {
    /// Secrets of this session.
    pub secrets: Arc<SecretStore>,
    /// HTTPS.
    pub http: Arc<HttpPool>,
    /// Connections to hosts.
    pub ssh: Arc<SshPool>,
}

/// What is fixed about a kind of probe.
#[derive(Debug)]
pub struct ProbeSpec {
    /// Its name and how often it asks when nobody watches, as declared beside the keys it fills.
    pub info: &'static ProbeInfo,
    /// The layer it looks at.
    pub layer: Layer,
    /// What it asks, for the screen.
    pub title: &'static str,
    /// How often it asks while its target is on screen.
    pub every_in_view: Duration,
    /// When the ask is given up, whatever it is doing.
    pub timeout: Duration,
}

/// A future that a probe returns.
pub type AskFuture<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

/// One probe on one target. It asks and does not judge.
pub trait Probe: Send + Sync {
    /// Whom it asks what.
    fn id(&self) -> &ProbeId;
    /// What is fixed about it.
    fn spec(&self) -> &'static ProbeSpec;
    /// Is told that it is about to be asked, before any other that is due at
    /// the same time is asked: what goes to one target can then go there together.
    fn is_due(&self) {}
    /// Asks once, read-only; returns on every path.
    fn ask<'a>(&'a self, reach: &'a Reach) -> AskFuture<'a>;
}

/// Makes a layer's probes for a site.
pub type Layout = fn(&Site) -> Vec<Arc<dyn Probe>>;

/// The layers that look. A new layer is one line here and one folder.
const REGISTRY: &[Layout] = &[power::layout, hosts::look::layout, documented::layout];

/// All probes of a site.
pub fn probes_of(site: &Site) -> Vec<Arc<dyn Probe>> {
    REGISTRY.iter().flat_map(|layout| layout(site)).collect()
}
