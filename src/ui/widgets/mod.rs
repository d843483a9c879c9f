//! What screens are made of.

pub mod dialog;
pub mod gauge;
pub mod keys;
pub mod panel;
pub mod plot;
pub mod table;
