//! The scripts of the hardware setup, really run, with stand-ins for the commands that
//! would change a machine. A stand-in notes how it was called.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::shipped;

/// A home directory, and a folder of stand-ins before everything else in PATH.
struct Bench {
    home: TempDir,
}

impl Bench {
    fn new() -> Bench {
        let bench = Bench { home: tempfile::tempdir().expect("a directory") };
        fs::create_dir(bench.home.path().join("bin")).expect("bin");
        bench.stand_in("sudo", "[ \"$1\" = -n ] && shift; exec \"$@\"");
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// A command that notes its arguments and then does this.
    fn stand_in(&self, name: &str, does: &str) {
        let script = format!("#!/bin/sh\necho \"{name} $*\" >> \"$HOME/called\"\n{does}\n");
        let path = self.path("bin").join(name);
        fs::write(&path, script).expect("a stand-in");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn run(
        &self,
        script: &str,
        arguments: &[&str],
        input: &str,
        environment: &[(&str, &str)],
    ) -> Output {
        let path = shipped::directory().join("scripts").join(script);
        let input_file = self.path("input");
        fs::write(&input_file, input).expect("an input");
        let search =
            format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap_or_default());
        Command::new("sh")
            .arg(path)
            .args(arguments)
            .current_dir(self.home.path())
            .env("HOME", self.home.path())
            .env("USER", "ubuntu")
            .env("PATH", search)
            .envs(environment.iter().copied())
            .stdin(Stdio::from(fs::File::open(input_file).expect("an input")))
            .output()
            .expect("sh")
    }

    /// The stand-ins that were called, other than sudo.
    fn called(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("called")).unwrap_or_default();
        text.lines().filter(|line| !line.starts_with("sudo ")).map(str::to_owned).collect()
    }
}

fn status(output: &Output) -> i32 {
    output.status.code().expect("a status")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn yaml(path: &Path) -> Value {
    serde_yaml::from_str(&fs::read_to_string(path).expect("a file")).expect("YAML")
}

#[test]
fn the_answers_of_the_installer_are_what_the_form_says() {
    let bench = Bench::new();
    bench.stand_in("lsblk", "echo usb");
    for name in ["parted", "udevadm", "mkfs.vfat", "mkdir", "mount", "umount", "touch"] {
        bench.stand_in(name, "");
    }
    bench.stand_in("cp", "cat \"$1\" > \"$HOME/copied\"");
    let form = [
        ("NAME", "router-0-host"),
        ("PUBLIC_KEY", "ssh-ed25519 AAAA me@example"),
        ("BRIDGED_NIC", "enp89s0"),
        ("BRIDGED_MAC", "48:21:0b:01:02:03"),
        ("UPLINK_NIC", "enp87s0"),
        ("SFP_NICS", "enp2s0f0np1 enp2s0f0np0"),
        ("ADDRESS", "192.0.2.10/24"),
        ("GATEWAY", "192.0.2.1"),
        ("SEARCH", "aurora.internal"),
        ("DISK", "/dev/nvme0n1"),
        ("LOCALE", "en_US.UTF-8"),
        ("KEYBOARD", "us"),
        ("TIMEZONE", "Etc/UTC"),
    ];
    let output = bench.run("hw-3.5.sh", &["sdz"], "$6$salt$hash\n", &form);
    assert_eq!(status(&output), 0, "{}", said(&output));
    let answers = yaml(&bench.path("copied"));
    let install = &answers["autoinstall"];
    assert_eq!(install["version"], 1);
    assert_eq!(install["identity"]["hostname"], "router-0-host");
    assert_eq!(install["identity"]["password"], "$6$salt$hash");
    let bridge = &install["network"]["bridges"]["virbr-libvirt"];
    assert_eq!(bridge["macaddress"], "b2:1d:6e:01:02:03");
    assert_eq!(bridge["addresses"][0], "192.0.2.10/24");
    assert_eq!(bridge["routes"][0]["via"], "192.0.2.1");
    let nics = install["network"]["ethernets"].as_object().expect("NICs");
    assert_eq!(nics["enp87s0"]["dhcp4"], true);
    assert_eq!(nics["enp2s0f0np0"]["dhcp4"], false);
    assert_eq!(install["packages"].as_array().expect("packages").len(), 18);
    let called = bench.called().join("\n");
    assert!(called.contains("mkfs.vfat -F 32 -n CIDATA /dev/sdz1"), "{called}");
    assert!(!called.contains("hash"), "the hash is on a command line: {called}");

    let odd = [&form[1..], &[("NAME", "x\"\nuser: root")]].concat();
    let output = bench.run("hw-3.5.sh", &["sdz"], "$6$salt$hash\n", &odd);
    assert_eq!(status(&output), 2, "{}", said(&output));
}

#[test]
fn a_stick_is_erased_only_when_it_is_one() {
    let bench = Bench::new();
    bench.stand_in("dd", "");
    bench.write("ubuntu.iso", "image");
    let iso = bench.path("ubuntu.iso").display().to_string();
    bench.stand_in("lsblk", "echo sata");
    for stick in ["sdz", "../sda", ""] {
        let output = bench.run("hw-3.4.sh", &[&iso, stick], "", &[]);
        assert_eq!(status(&output), 2, "{stick}: {}", said(&output));
    }
    bench.stand_in("lsblk", "case $* in *MOUNTPOINTS*) echo /media/stick;; *) echo usb;; esac");
    let output = bench.run("hw-3.4.sh", &[&iso, "sdz"], "", &[]);
    assert!(said(&output).contains("device busy"), "{}", said(&output));
    assert!(!bench.called().iter().any(|call| call.starts_with("dd ")));
    bench.stand_in("lsblk", "case $* in *MOUNTPOINTS*) ;; *) echo usb;; esac");
    let output = bench.run("hw-3.4.sh", &[&iso, "sdz"], "", &[]);
    assert_eq!(status(&output), 0, "{}", said(&output));
    let dd = format!("dd if={iso} of=/dev/sdz bs=4M status=progress conv=fsync");
    assert!(bench.called().contains(&dd), "{:?}", bench.called());
}

#[test]
fn the_seed_of_the_bastion_has_its_network_in_a_file_of_its_own() {
    let bench = Bench::new();
    bench.stand_in("cloud-init", "");
    bench.stand_in(
        "cloud-localds",
        "cat user-data > \"$HOME/user\"; cat network-config > \"$HOME/network\"",
    );
    let form = [
        ("PUBLIC_KEY", "ssh-ed25519 AAAA me@example"),
        ("ADDRESS", "192.0.2.250/24"),
        ("GATEWAY", "192.0.2.1"),
    ];
    let output = bench.run("hw-4.2.sh", &[], "\n", &form);
    assert_eq!(status(&output), 0, "{}", said(&output));
    let network = yaml(&bench.path("network"));
    let nic = &network["ethernets"]["management"];
    assert_eq!(nic["match"]["name"], "en*");
    assert_eq!(nic["addresses"][0], "192.0.2.250/24");
    assert_eq!(nic["nameservers"]["addresses"][0], "192.0.2.1", "the router answers first");
    let user = yaml(&bench.path("user"));
    assert_eq!(user["hostname"], "bastion0");
    assert!(user.get("write_files").is_none(), "a netplan file would lose");
    assert!(user["users"][0].get("passwd").is_none());
}

#[test]
fn the_release_package_is_whole_or_not_unpacked() {
    let bench = Bench::new();
    let make = "mkdir made && cd made && echo a > a && sha256sum a > SHA256SUMS && tar -czf ../package.tar.gz . && sha256sum ../package.tar.gz";
    let made =
        Command::new("sh").args(["-c", make]).current_dir(bench.home.path()).output().expect("sh");
    let digest = said(&made).split_whitespace().next().expect("a digest").to_owned();
    let address = format!("file://{}\n", bench.path("package.tar.gz").display());
    let wrong = "0".repeat(64);
    let output = bench.run("hw-4p.1.sh", &[&wrong], &address, &[]);
    assert_ne!(status(&output), 0);
    assert!(!bench.path("release-assets").exists(), "it was unpacked");
    let output = bench.run("hw-4p.1.sh", &[&digest], &address, &[]);
    assert_eq!(status(&output), 0, "{}", said(&output));
    assert!(bench.path("release-assets/a").exists());
    bench.write("release-assets/keyrings/admin", "key");
    let output = bench.run("hw-4p.1.sh", &[&digest], &address, &[]);
    assert_eq!(status(&output), 3, "{}", said(&output));
}

#[test]
fn a_private_key_is_put_in_place_once() {
    let bench = Bench::new();
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n";
    let output = bench.run("hw-4p.4.sh", &["~/.ssh/site"], key, &[]);
    assert_eq!(status(&output), 0, "{}", said(&output));
    let path = bench.path(".ssh/site");
    assert_eq!(fs::metadata(&path).expect("a key").permissions().mode() & 0o777, 0o600);
    let output = bench.run("hw-4p.4.sh", &["~/.ssh/site"], "other", &[]);
    assert_eq!(status(&output), 0);
    assert_eq!(fs::read_to_string(&path).expect("a key"), key, "it was replaced");
    let output = bench.run("hw-4p.4.sh", &["~/.ssh/wrong"], "ssh-ed25519 AAAA\n", &[]);
    assert_eq!(status(&output), 2, "{}", said(&output));
    assert!(!bench.path(".ssh/wrong").exists(), "what is no key would stay");
}

#[test]
fn the_hedgehog_machine_is_off_before_it_is_started() {
    let bench = Bench::new();
    bench.stand_in("sleep", "echo off > \"$HOME/state\"");
    let virsh = "case $1 in domstate) if [ -e \"$HOME/state\" ]; then echo 'shut off'; else echo running; fi;; esac";
    bench.stand_in("virsh", virsh);
    let output = bench.run("hw-5.5.sh", &["hedgehog"], "", &[]);
    assert_eq!(status(&output), 0, "{}", said(&output));
    let called = bench.called();
    assert_eq!(called.first().map(String::as_str), Some("virsh shutdown hedgehog"));
    assert_eq!(called.last().map(String::as_str), Some("virsh start hedgehog"));
    assert!(called.contains(&"sleep 5".to_owned()));
    // One that never goes off is not forced.
    bench.stand_in("sleep", "");
    bench.stand_in("virsh", "case $1 in domstate) echo running;; esac");
    fs::remove_file(bench.path("called")).expect("calls");
    let output = bench.run("hw-5.5.sh", &["hedgehog"], "", &[]);
    assert_eq!(status(&output), 1);
    assert!(bench.called().iter().all(|call| !call.contains("start") && !call.contains("destroy")));
}

#[test]
fn a_machine_runs_does_not_or_cannot_be_asked_about() {
    let bench = Bench::new();
    let answers = [
        ("case $3 in domstate) echo running;; esac", 0),
        ("case $3 in domstate) echo 'shut off';; esac", 1),
        ("case $3 in domstate) exit 1;; *) echo other;; esac", 1),
        ("exit 1", 2),
    ];
    for (does, expected) in answers {
        bench.stand_in("virsh", does);
        let output = bench.run("machine-running-look.sh", &["deployment0"], "", &[]);
        assert_eq!(status(&output), expected, "{does}: {}", said(&output));
    }
}

#[test]
fn the_router_restarts_only_when_its_bond_has_churned() {
    // The file of the bond is that of this machine: the stand-in shows one.
    for (answers, churn, restarts) in
        [("exit 0", "churned", false), ("exit 1", "none", false), ("exit 1", "churned", true)]
    {
        let bench = Bench::new();
        bench.stand_in("ping", answers);
        bench.stand_in("reboot", "");
        bench.stand_in("cat", "");
        bench.stand_in("grep", if churn == "churned" { "exit 0" } else { "exit 1" });
        let output = bench.run("hw-6.7.sh", &["10.30.0.2"], "", &[]);
        assert_eq!(status(&output), 0, "{}", said(&output));
        let called = bench.called();
        assert!(called.contains(&"ping -c3 10.30.0.2".to_owned()));
        assert_eq!(called.iter().any(|call| call.starts_with("reboot")), restarts, "{called:?}");
    }
}

#[test]
fn a_node_is_power_cycled_only_into_a_network_boot_in_uefi_mode() {
    let legacy = "BIOS PC Compatible (legacy) boot\\n - Boot Device Selector : Force PXE";
    let modern = "BIOS EFI boot\\n - Boot Device Selector : Force PXE";
    for (flags, expected) in [(legacy, 1), (modern, 0)] {
        let bench = Bench::new();
        bench.stand_in("ipmitool", &format!("case $* in *bootparam*) printf '{flags}\\n';; esac"));
        let output =
            bench.run("hw-7.0.sh", &["bmc0", "operator"], "", &[("IPMI_PASSWORD", "hush")]);
        assert_eq!(status(&output), expected, "{}", said(&output));
        let called = bench.called().join("\n");
        assert_eq!(called.contains("power cycle"), expected == 0, "{called}");
        assert!(!called.contains("hush"), "the password is on a command line");
    }
}

#[test]
fn a_gateway_with_tls_keeps_its_certificate() {
    for (spec, expected) in
        [("service_type: rgw\\nspec:\\n  ssl: true", 3), ("service_type: rgw", 0)]
    {
        let bench = Bench::new();
        bench.stand_in("cephadm", &format!("case $* in *export*) printf '{spec}\\n';; esac"));
        let output = bench.run("hw-7.8.sh", &["s0", "s1", "s2"], "", &[]);
        assert_eq!(status(&output), expected, "{}", said(&output));
        let applied =
            "cephadm shell -- ceph orch apply rgw gateway --placement=3 s0 s1 s2 --port=8080";
        assert_eq!(bench.called().contains(&applied.to_owned()), expected == 0);
    }
}

#[test]
fn the_gateway_user_is_known_by_its_capabilities_and_its_keys_are_never_shown() {
    let user = "{\"user_id\": \"iaas-rgw-admin\", \"keys\": [{\"secret_key\": \"hush\"}], \"caps\": [{\"type\": \"buckets\", \"perm\": \"*\"}, {\"type\": \"metadata\", \"perm\": \"*\"}, {\"type\": \"usage\", \"perm\": \"*\"}, {\"type\": \"users\", \"perm\": \"*\"}]}";
    let weak = user.replace(
        "{\"type\": \"usage\", \"perm\": \"*\"}",
        "{\"type\": \"usage\", \"perm\": \"read\"}",
    );
    let answers = [
        (format!("echo '{user}'"), 0),
        (format!("echo '{weak}'"), 1),
        ("echo 'could not fetch user info: no user info saved' >&2; exit 22".to_owned(), 1),
        ("echo 'no monitors' >&2; exit 1".to_owned(), 2),
    ];
    for (does, expected) in answers {
        let bench = Bench::new();
        bench.stand_in("cephadm", &does);
        let output = bench.run("hw-7.9-look.sh", &[], "", &[]);
        assert_eq!(status(&output), expected, "{does}: {}", said(&output));
        assert!(!said(&output).contains("hush"));
    }
    let bench = Bench::new();
    bench.stand_in("cephadm", &format!("echo '{user}'"));
    let output = bench.run("hw-7.9.sh", &[], "", &[]);
    assert_eq!(status(&output), 0);
    assert!(!said(&output).contains("hush"));
}

#[test]
fn the_flow_is_told_by_what_the_playbooks_name() {
    let new = "- name: rotate\n  debug: msg={{ hedgehog.login_password }} {{ hedgehog.authorized_keys }} {{ hedgehog.switch_users }}\n";
    let old = "- name: plain\n  debug: msg={{ hedgehog.vm_name }}\n";
    // Without an image only the package can be looked into, and it need not have the playbooks.
    let bench = Bench::new();
    bench.stand_in("podman", "exit 1");
    assert_eq!(status(&bench.run("credentials-flow-look.sh", &[], "", &[])), 2, "no package");
    bench.write("release-assets/inventory.yml", new);
    assert_eq!(
        status(&bench.run("credentials-flow-look.sh", &[], "", &[])),
        2,
        "an inventory is no playbook"
    );
    bench.write("release-assets/playbooks/hedgehog.yml", new);
    assert_eq!(status(&bench.run("credentials-flow-look.sh", &[], "", &[])), 0);
    // The image decides where it is loaded.
    for (playbook, expected) in [(new, 0), (old, 1)] {
        let bench = Bench::new();
        bench.write("release-assets/README", "");
        bench.write("image/roles/hedgehog/tasks/main.yml", playbook);
        let podman = "case $1 in image) exit 0;; run) while [ \"$1\" != grep ]; do shift; done; shift 2; \
                      set -- \"$@\"; last=; for word; do last=$word; done; \
                      exec grep -rhoE --include=*.yml 'hedgehog(\\.|\\[.)(login_password|authorized_keys|switch_users)' \"$HOME/image\";; esac";
        bench.stand_in("podman", podman);
        let output = bench.run("credentials-flow-look.sh", &[], "", &[]);
        assert_eq!(status(&output), expected, "{}", said(&output));
    }
}

#[test]
fn an_expired_address_is_told_without_being_printed() {
    for (code, expected) in [("206", 0), ("200", 0), ("403", 1), ("404", 1), ("000", 2), ("502", 2)]
    {
        let bench = Bench::new();
        bench.stand_in("curl", &format!("echo {code}"));
        let output = bench.run("hw-5.0-iso-look.sh", &[], "https://x/iso?sig=hush\n", &[]);
        assert_eq!(status(&output), expected, "{code}");
        assert!(!said(&output).contains("hush"));
        assert!(!bench.called().join("\n").contains("hush"), "the address is on a command line");
    }
}
