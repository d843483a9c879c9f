//! The services of the demo site: what its registry holds, how long its
//! certificates last, who answers on the other end of its tunnels.

/// The part of the site's state that the services are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Services {
    /// Mirrored images in the local registry.
    pub images: usize,
    /// Days until the certificates of the public names expire.
    pub certificate_days: i64,
    /// Whether the other end of the operators' tunnel says nothing.
    pub peer_silent: bool,
}

impl Default for Services {
    /// All well: as many images as the release mirrors, a certificate that was renewed last month.
    fn default() -> Services {
        Services { images: 91, certificate_days: 62, peer_silent: false }
    }
}
