//! What the bastion, the router VM, the cloud and GPU servers are asked about
//! services by the documented commands, and how it is read.

mod batches;
pub(crate) mod certificates;
pub(crate) mod gpu;
pub(crate) mod names;
pub(crate) mod registry;
mod sections;
pub(crate) mod tunnels;

pub(crate) use batches::BATCHES;

#[cfg(test)]
mod tests;
