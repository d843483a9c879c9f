//! What Grafana, Prometheus and Loki are asked by the documented requests, of
//! themselves and of what they watch.

mod batches;
pub(crate) mod grafana;
pub(crate) mod metrics;

pub(crate) use batches::BATCHES;

#[cfg(test)]
mod tests;
