//! Keys of the hosts layer: what the batched script learns of a machine over SSH.

use crate::domain::Unit;

crate::keys! { "host.look";
    CLOCK: crate::domain::Stamp = "host.clock", Unit::Count, [], "the host's own clock when it answered", "date +%s";
    KERNEL: String = "host.kernel", Unit::Count, [], "running kernel release", "uname -r";
    UPTIME: f64 = "host.uptime", Unit::Seconds, [], "time since the host booted", "/proc/uptime";
}
