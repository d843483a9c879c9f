//! Faults that can be put into the demo site.
//!
//! The screen lists, injects and heals them through [`FaultLab`], which
//! `main` hands to the runtime; so no room but `main` knows the lab.

use std::future::Future;
use std::pin::Pin;

use serde::{Deserialize, Serialize};

/// A scripted situation of the demo site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Its name (`raid-disk`).
    pub name: String,
    /// What happens, in one sentence.
    pub title: String,
    /// Whether it is in force.
    pub active: bool,
}

/// A future that a fault lab returns.
pub type FaultFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Somebody who can break and mend the demo site. Errors are sentences for the operator.
pub trait FaultLab: Send + Sync {
    /// All faults and whether each is in force.
    fn list(&self) -> FaultFuture<'_, Result<Vec<Fault>, String>>;
    /// Puts a fault in force.
    fn inject(&self, name: String) -> FaultFuture<'_, Result<(), String>>;
    /// Ends a fault.
    fn heal(&self, name: String) -> FaultFuture<'_, Result<(), String>>;
}
