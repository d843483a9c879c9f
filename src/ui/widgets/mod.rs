//! What screens are made of.

pub mod gauge;
pub mod panel;
pub mod table;
