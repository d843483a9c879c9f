//! What the management cluster, the console and tenant clusters tell.

pub(crate) mod console;
pub(crate) mod fetched;
pub(crate) mod json;
pub(crate) mod kubernetes;

#[cfg(test)]
mod tests;
