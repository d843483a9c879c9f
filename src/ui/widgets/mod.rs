//! What screens are made of.

pub mod bars;
pub mod dialog;
pub mod gauge;
pub mod panel;
pub mod table;
