//! What Grafana, Prometheus and Loki tell, of themselves and of what they watch.

pub(crate) mod grafana;
pub(crate) mod metrics;

#[cfg(test)]
mod tests;
