//! Pure drawing: the same model, look and size give the same cells. Reads
//! `app` and `domain`; changes nothing, asks nothing, knows no clock.

pub mod canvas;
pub mod look;
pub mod picture;
pub mod text;
pub mod widgets;
