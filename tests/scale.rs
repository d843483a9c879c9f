//! Ten thousand machines: everything arrives and is judged. Times are printed,
//! not asserted; `benches/` measures them.

#[path = "scale/grown.rs"]
mod grown;
#[path = "scale/loading.rs"]
mod loading;
#[path = "scale/rules.rs"]
mod rules;
