//! The system as its files and tools show it: version, time, memory, load, units, packages.

use super::Scene;
use crate::domain::Role;

/// What `/etc/os-release` says.
pub fn os_release(scene: &Scene<'_>) -> String {
    match scene.machine.role {
        Role::RouterVm => "NAME=\"OpenWrt\"\nVERSION=\"24.10.2\"\nID=\"openwrt\"\nID_LIKE=\"lede openwrt\"\nPRETTY_NAME=\"OpenWrt 24.10.2\"\nVERSION_ID=\"24.10.2\"\n".into(),
        Role::FabricController => "NAME=\"Flatcar Container Linux by Kinvolk\"\nID=flatcar\nID_LIKE=coreos\nVERSION=4152.2.3\nVERSION_ID=4152.2.3\nPRETTY_NAME=\"Flatcar Container Linux by Kinvolk 4152.2.3 (Oklo)\"\n".into(),
        _ => {
            let version = &scene.machine.os_version;
            format!(
                "PRETTY_NAME=\"Ubuntu {version}.3 LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"{version}\"\nVERSION=\"{version}.3 LTS (Noble Numbat)\"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\nUBUNTU_CODENAME=noble\n"
            )
        }
    }
}

/// What `/proc/uptime` says.
pub fn uptime(scene: &Scene<'_>) -> String {
    let up = (scene.now - scene.machine.booted as f64).max(0.0);
    let idle = up * f64::from(scene.machine.processors) * 0.8;
    format!("{up:.2} {idle:.2}\n")
}

/// What `/proc/loadavg` says; the load moves by a tenth.
pub fn loadavg(scene: &Scene<'_>) -> String {
    let at = |what: &str| (scene.machine.load * (1.0 + 0.1 * scene.wave(what))).max(0.0);
    format!(
        "{:.2} {:.2} {:.2} 2/{} {}\n",
        at("load1"),
        at("load5"),
        at("load15"),
        400 + scene.machine.processors * 6,
        20_000 + (scene.now as u64 % 10_000)
    )
}

/// What `/proc/meminfo` says.
pub fn meminfo(scene: &Scene<'_>) -> String {
    let total = scene.machine.memory_kib;
    let used = (scene.machine.memory_used + 0.3 * scene.wave("memory")).clamp(0.0, 99.9);
    let available = (total as f64 * (1.0 - used / 100.0)) as u64;
    let (swap, swap_free) = if scene.machine.swap { (8_388_604, 8_388_604) } else { (0, 0) };
    format!(
        "MemTotal:       {total:>8} kB\nMemFree:        {:>8} kB\nMemAvailable:   {available:>8} kB\nBuffers:        {:>8} kB\nCached:         {:>8} kB\nSwapCached:            0 kB\nSwapTotal:      {swap:>8} kB\nSwapFree:       {swap_free:>8} kB\n",
        available * 4 / 5,
        available / 50,
        available / 8,
    )
}

/// What `/proc/cmdline` says.
pub fn cmdline(scene: &Scene<'_>) -> String {
    let machine = scene.machine;
    let root = if machine.mirror.is_empty() { "/dev/vda1" } else { "/dev/md0" };
    let mut line = format!("BOOT_IMAGE=/boot/vmlinuz-{} root={root} ro", machine.kernel);
    for word in &machine.kernel_words {
        line.push(' ');
        line.push_str(word);
    }
    line + "\n"
}

/// What `/proc/modules` says.
pub fn modules(scene: &Scene<'_>) -> String {
    scene
        .machine
        .modules
        .iter()
        .map(|name| format!("{name} 65536 1 - Live 0x0000000000000000\n"))
        .collect()
}

/// What `chronyc -c tracking` says; the machine's `date` is off by the same time.
pub fn chronyc(scene: &Scene<'_>) -> String {
    let offset = scene.machine.clock_ahead + 0.000_004 * scene.wave("chrony");
    format!(
        "0A1E0001,10.30.0.1,3,{:.9},{offset:.9},{:.9},0.000030111,-3.123,0.001,0.021,0.000413022,0.001200311,64.3,Normal\n",
        scene.now - 31.0,
        offset / 3.0,
    )
}

/// What `systemctl --failed --plain --no-legend` says.
pub fn failed_units(scene: &Scene<'_>) -> String {
    scene
        .machine
        .failed_units
        .iter()
        .map(|unit| {
            let title = unit.split('.').next().unwrap_or(unit);
            format!("{unit} loaded failed failed {title}\n")
        })
        .collect()
}

/// The two files that Ubuntu leaves when a reboot is needed, each after its path.
pub fn reboot_required(scene: &Scene<'_>) -> String {
    if scene.machine.kernel == scene.machine.newest_kernel {
        return String::new();
    }
    format!(
        "/run/reboot-required\n*** System restart required ***\n/run/reboot-required.pkgs\nlinux-image-{}\nlinux-base\n",
        scene.machine.newest_kernel
    )
}

/// What `ls -1 /boot` says.
pub fn kernels(scene: &Scene<'_>) -> String {
    let machine = scene.machine;
    let mut versions = vec![machine.kernel.as_str()];
    if machine.newest_kernel != machine.kernel {
        versions.push(&machine.newest_kernel);
    }
    let mut names: Vec<String> = versions
        .iter()
        .flat_map(|version| {
            ["System.map", "config", "initrd.img", "vmlinuz"]
                .map(|file| format!("{file}-{version}"))
        })
        .chain(["efi", "grub", "initrd.img", "vmlinuz"].map(str::to_owned))
        .collect();
    names.sort();
    names.join("\n") + "\n"
}

/// What `dpkg-query -W -f='${Package} ${db:Status-Abbrev}\n'` says of the
/// packages that are there; it says nothing of those it has never seen.
pub fn packages(scene: &Scene<'_>) -> String {
    scene.machine.packages.iter().map(|name| format!("{name} ii \n")).collect()
}

/// What `sshd -T` says, as far as anybody asks.
pub fn sshd() -> String {
    "port 22\naddressfamily any\nusepam yes\npermitrootlogin without-password\npubkeyauthentication yes\npasswordauthentication no\nkbdinteractiveauthentication no\nmaxstartups 10:30:100\nmaxsessions 10\n".into()
}

/// What `systemctl cat systemd-networkd-wait-online.service` says.
pub fn wait_online() -> String {
    "# /usr/lib/systemd/system/systemd-networkd-wait-online.service\n[Unit]\nDescription=Wait for Network to be Configured\n\n[Service]\nType=oneshot\nExecStart=/usr/lib/systemd/systemd-networkd-wait-online\nRemainAfterExit=yes\n\n# /etc/systemd/system/systemd-networkd-wait-online.service.d/override.conf\n[Service]\nExecStart=\nExecStart=/usr/lib/systemd/systemd-networkd-wait-online --any\n".into()
}
