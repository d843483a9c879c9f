//! What the management cluster, the console and tenant clusters are asked by
//! their documented commands, and how it is read.

mod batches;
pub(crate) mod console;
pub(crate) mod fetched;
pub(crate) mod fetching;
pub(crate) mod json;
pub(crate) mod kubernetes;

pub(crate) use batches::BATCHES;

#[cfg(test)]
mod tests;
