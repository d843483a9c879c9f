//! Everything that needs real servers: one binary, one module per kind of server.

#[path = "real/bmc.rs"]
mod bmc;
