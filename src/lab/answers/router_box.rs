//! What only the router box shows: its virtual machines, firmware and adapters.

use super::{Printed, Scene, ok, storage};

/// Output and exit status of a section that only the router box answers.
pub fn section(scene: &Scene<'_>, name: &str, nic: &str) -> Option<Printed> {
    let machine = scene.machine;
    match name {
        "domains" => ok(domains(scene)),
        "domains-autostart" => {
            let on = machine.domains.iter().filter(|domain| domain.autostart);
            ok(on.map(|domain| format!("{}\n", domain.name)).collect::<String>() + "\n")
        }
        "bios" => ok("1.27\n"),
        "secure-boot" => ok("SecureBoot enabled\n"),
        // libvirtd.socket, libvirtd, virtqemud: Ubuntu runs the monolithic daemon.
        "virtualisation" => ok(
            "active\nactive\ninactive\nkvm\nCompiled against library: libvirt 10.0.0\nUsing library: libvirt 10.0.0\nUsing API: QEMU 10.0.0\nRunning hypervisor: QEMU 8.2.2\nRunning against daemon: 10.0.0\n",
        ),
        "nic" => {
            let slot = if nic.is_empty() { "0000:58:00.0" } else { nic };
            ok(format!(
                "{slot} Ethernet controller [0200]: Intel Corporation Ethernet Controller I226-LM [8086:125b] (rev 04)\n\tSubsystem: Intel Corporation Ethernet Controller I226-LM [8086:0000]\n\tKernel driver in use: vfio-pci\n\tKernel modules: igc\n"
            ))
        }
        "images" => ok(storage::df(scene, Some("/var/lib/libvirt/images"))),
        "serial" => ok(serial(scene)),
        "serial-users" => ok(""),
        _ => None,
    }
}

/// What `virsh list --all` says.
fn domains(scene: &Scene<'_>) -> String {
    let mut out = format!(" Id   {:<22}State\n{}\n", "Name", "-".repeat(40));
    for (at, domain) in scene.machine.domains.iter().enumerate() {
        let id = if domain.state == "running" { (at + 1).to_string() } else { "-".into() };
        out.push_str(&format!(" {id:<4} {:<22}{}\n", domain.name, domain.state));
    }
    out + "\n"
}

/// One USB serial adapter for each switch.
fn serial(scene: &Scene<'_>) -> String {
    let mut out = "total 0\n".to_owned();
    let mut names = String::new();
    for (at, switch) in scene.world.switches.keys().enumerate() {
        let id = serial_id(switch);
        out.push_str(&format!("lrwxrwxrwx 1 root root 13 Nov  2 09:14 {id} -> ../../ttyUSB{at}\n"));
        names.push_str(&format!("/dev/ttyUSB{at}\n"));
    }
    out + &names
}

/// The name under `/dev/serial/by-id` of the adapter that is plugged into a
/// switch; always the same for a switch.
pub fn serial_id(switch: &str) -> String {
    let number = crate::lab::moves::mix(0, switch) & 0x0fff_ffff;
    format!("usb-FTDI_FT232R_USB_UART_A{number:07X}-if00-port0")
}
