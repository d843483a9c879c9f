//! Rules about the operating system.

use super::*;

#[test]
fn system_rules() {
    let c = || World::of(Control);
    c().learn(keys::OS, "debian 12".into()).says(
        "HOST-02",
        Fail,
        "m-01 runs debian 12, not Ubuntu 24.04",
    );
    let without = |gone: &str| {
        let left: Vec<&str> = PACKAGES.into_iter().filter(|name| *name != gone).collect();
        packages(&left)
    };
    let no_kernel = without("linux-generic-hwe-24.04");
    c().learn(survey::PACKAGES, no_kernel.clone()).says(
        "HOST-03",
        Warn,
        "m-01 runs 6.14.0-29-generic, but linux-generic-hwe-24.04 is not installed",
    );
    c().learn(survey::PACKAGES, no_kernel).learn(keys::KERNEL, "6.8.0-40-generic".into()).says(
        "HOST-03",
        Fail,
        "m-01 runs the old kernel 6.8.0-40-generic; linux-generic-hwe-24.04 is not installed",
    );
    c().learn(survey::PACKAGES, without("ovmf")).says("HOST-04", Fail, "m-01 lacks ovmf");
    let mut extra = PACKAGES.to_vec();
    extra.push("open-iscsi");
    c().learn(survey::PACKAGES, packages(&extra)).says(
        "HOST-04",
        Fail,
        "m-01 has open-iscsi, which must not be there",
    );
    c().learn(keys::SWAPS, words(&["/swap.img"])).says("HOST-08", Fail, "m-01 swaps to /swap.img");
    c().learn(keys::CMDLINE, words(&["ro", "iommu=pt"])).says(
        "HOST-12",
        Fail,
        "m-01 was booted without amd_iommu=on on its kernel command line",
    );
    c().learn(keys::CMDLINE, words(&["intel_iommu=on", "iommu=pt"])).says(
        "HOST-12",
        Pass,
        "m-01 has its IOMMU on, in passthrough mode",
    );
    c().learn(keys::IOMMU_GROUPS, 0.0).says(
        "HOST-12",
        Warn,
        "m-01 asks for the IOMMU, but the firmware keeps it off: no IOMMU group",
    );
    c().learn(keys::NOUVEAU_LOADED, word("yes")).says(
        "HOST-13",
        Fail,
        "m-01 has loaded the nouveau driver",
    );
    c().learn(survey::NOUVEAU_BLACKLISTED, word("no")).says(
        "HOST-13",
        Warn,
        "m-01 has not loaded nouveau, but does not blacklist it",
    );
    for (root, pubkey, passwords, verdict) in [
        ("yes", "yes", "no", Pass),
        ("without-password", "yes", "no", Pass),
        ("prohibit-password", "yes", "yes", Warn),
        ("no", "yes", "no", Fail),
        ("yes", "no", "no", Fail),
    ] {
        let world = c().learn(survey::SSHD, sshd(root, pubkey, passwords));
        assert_eq!(world.judge("HOST-15").verdict, verdict, "{root} {pubkey} {passwords}");
    }
    c().lose(survey::SSHD, CauseWord::SudoPassword, "sshd on m-01 needs root").says(
        "HOST-15",
        Unknown,
        "cannot look: sshd on m-01 needs root",
    );
    c().learn(survey::WAIT_ONLINE_ANY, word("no")).says(
        "HOST-16",
        Fail,
        "m-01 waits for every link at boot and may hang there (no --any)",
    );
    c().learn(survey::GRUB_RECORDFAIL, "30".into()).says(
        "HOST-17",
        Warn,
        "m-01 recovers from a failed boot after 30, not 3 s",
    );
    c().learn(survey::GRUB_RECORDFAIL, String::new()).says(
        "HOST-17",
        Fail,
        "m-01 waits for a key after a failed boot, for ever",
    );
    c().learn(survey::CONTAINER_DIRECTORY, word("no")).says(
        "HOST-18",
        Fail,
        "m-01 has no /var/lib/docker",
    );
    World::of(Storage).learn(survey::SUDO, "sudo: a password is required".into()).says(
        "HOST-19",
        Fail,
        "sudo on m-01 asks for a password",
    );
    c().learn(keys::FAILED_UNITS, words(&["a.service"])).says(
        "HOST-50",
        Warn,
        "a.service on m-01 has failed",
    );
    c().learn(keys::FAILED_UNITS, words(&["a.service", "b.mount"])).says(
        "HOST-50",
        Warn,
        "2 units on m-01 have failed, a.service first",
    );
    c().learn(keys::KERNELS, words(&["6.14.0-33-generic", "6.14.0-29-generic"])).says(
        "HOST-51",
        Warn,
        "m-01 waits for a reboot: 6.14.0-29-generic runs, 6.14.0-33-generic is installed",
    );
    c().learn(keys::REBOOT_WANTED, words(&["libc6", "systemd"])).says(
        "HOST-51",
        Warn,
        "m-01 waits for a reboot since libc6 and systemd changed",
    );
}
