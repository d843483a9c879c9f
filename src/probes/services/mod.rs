//! What the bastion, the router VM and the cloud tell of the site's services.

pub(crate) mod certificates;
pub(crate) mod gpu;
pub(crate) mod names;
pub(crate) mod registry;
pub(crate) mod tunnels;

#[cfg(test)]
mod tests;
