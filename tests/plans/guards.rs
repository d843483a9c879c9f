//! What a script refuses, tried with stand-ins for the programs that it calls: each
//! notes what it was called with, and nothing of the machine is touched.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::shipped;

/// What became of a script.
struct Ended {
    status: Option<i32>,
    printed: String,
    /// The calls of the stand-ins, one a line.
    calls: String,
}

/// Runs a script in a directory of its own, which is its home, with stand-ins.
fn run(
    name: &str,
    arguments: &[&str],
    stdin: &str,
    stand_ins: &[(&str, &str)],
    home: &Path,
) -> Ended {
    let programs = home.join("programs");
    fs::create_dir_all(&programs).unwrap();
    let calls = home.join("calls");
    for (program, body) in stand_ins {
        let file = programs.join(program);
        let text = format!("#!/bin/sh\necho \"{program} $*\" >> '{}'\n{body}\n", calls.display());
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut child = Command::new("sh")
        .arg(shipped::directory().join("scripts").join(name))
        .args(arguments)
        .current_dir(home)
        .env_clear()
        .env("HOME", home)
        .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A script that refuses early reads nothing.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    Ended {
        status: output.status.code(),
        printed: String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(),
        calls: fs::read_to_string(calls).unwrap_or_default(),
    }
}

fn tried(name: &str, arguments: &[&str], stdin: &str, stand_ins: &[(&str, &str)]) -> Ended {
    let home = tempfile::tempdir().unwrap();
    run(name, arguments, stdin, stand_ins, home.path())
}

#[test]
fn a_machine_of_the_control_plane_is_not_deleted() {
    let owned = |kind: &str| format!("[ \"$1\" = get ] && printf '{kind}'; true");
    let control = owned("KubeadmControlPlane");
    let ended = tried("rb-capi-delete-worker.sh", &["m1"], "", &[("kubectl", &control)]);
    assert_eq!(ended.status, Some(65), "{}", ended.printed);
    assert!(!ended.calls.contains("delete"), "{}", ended.calls);
    let worker = owned("MachineSet");
    let ended = tried("rb-capi-delete-worker.sh", &["m1"], "", &[("kubectl", &worker)]);
    assert_eq!(ended.status, Some(0));
    assert!(ended.calls.contains("kubectl delete machine m1 -n magnum-system"), "{}", ended.calls);
}

#[test]
fn a_node_that_would_boot_in_legacy_mode_keeps_its_power() {
    let flags = |line: &str| format!("case \"$*\" in *'get 5'*) echo '{line}';; esac");
    let legacy = flags("BIOS PC Compatible (legacy) boot; Force PXE");
    let arguments = ["192.0.2.7", "operator", "ceph0"];
    let ended = tried("rb-node.3.sh", &arguments, "", &[("ipmitool", &legacy)]);
    assert_eq!(ended.status, Some(65), "{}", ended.printed);
    assert!(!ended.calls.contains("power"), "{}", ended.calls);
    let uefi = flags("BIOS EFI boot, Boot Device Selector : Force PXE");
    let ended = tried("rb-node.3.sh", &arguments, "", &[("ipmitool", &uefi)]);
    assert_eq!(ended.status, Some(0), "{}", ended.printed);
    assert!(ended.calls.contains("chassis power cycle"));
}

#[test]
fn a_disk_is_wiped_on_its_own_host_only() {
    let arguments = ["ceph1", "/dev/nvme1n1"];
    let other = [("hostname", "echo ceph2"), ("sudo", "")];
    let ended = tried("rb-osd.6.sh", &arguments, "", &other);
    assert_eq!(ended.status, Some(65));
    assert!(!ended.calls.contains("zap"), "{}", ended.calls);
    let own = [("hostname", "echo ceph1"), ("sudo", "")];
    let ended = tried("rb-osd.6.sh", &arguments, "", &own);
    assert_eq!(ended.status, Some(0));
    assert!(ended.calls.contains("sudo ceph-volume lvm zap /dev/nvme1n1 --destroy"));
}

#[test]
fn a_gateway_with_tls_is_never_placed_by_the_plain_command() {
    let tls = "case \"$*\" in *--export*) echo '  ssl: true';; esac";
    let placed = "orch apply rgw gateway";
    for (script, gateways) in
        [("rb-ceph-node.2.sh", "2 ceph1 ceph2"), ("rb-ceph-node.8.sh", "3 ceph0 ceph1 ceph2")]
    {
        let ended = tried(script, &["ceph0", gateways, ""], "", &[("ceph", tls)]);
        assert_eq!(ended.status, Some(65), "{script}: {}", ended.printed);
        assert!(!ended.calls.contains("apply"), "{script}: {}", ended.calls);
        let ended = tried(script, &["ceph0", gateways, "/root/spec.yaml"], "", &[("ceph", tls)]);
        assert_eq!(ended.status, Some(0), "{script}: {}", ended.printed);
        assert!(ended.calls.contains("ceph orch apply -i /root/spec.yaml"));
        assert!(!ended.calls.contains(placed), "{script}: {}", ended.calls);
        let ended = tried(script, &["ceph0", gateways, ""], "", &[("ceph", "")]);
        assert_eq!(ended.status, Some(0), "{script}: {}", ended.printed);
        assert!(ended.calls.contains(&format!("{placed} --placement={gateways} --port=8080")));
    }
}

#[test]
fn leaves_go_only_while_the_authority_is_there() {
    let home = tempfile::tempdir().unwrap();
    let certificates = home.path().join("assets/config/certificates");
    fs::create_dir_all(certificates.join("ca")).unwrap();
    fs::write(certificates.join("haproxy.pem"), "leaf").unwrap();
    fs::write(certificates.join("ca/root.crt"), "ca").unwrap();
    // The authority's key is missing: nothing is removed.
    let ended = run("rb-tls.2.sh", &[], "", &[], home.path());
    assert_ne!(ended.status, Some(0));
    assert!(certificates.join("haproxy.pem").is_file());
    fs::create_dir_all(certificates.join("private/root")).unwrap();
    let ended = run("rb-tls.2.sh", &[], "", &[], home.path());
    assert_eq!(ended.status, Some(0), "{}", ended.printed);
    assert!(!certificates.join("haproxy.pem").exists());
    assert!(certificates.join("ca/root.crt").is_file());
    assert_eq!(fs::read_to_string(certificates.join("leaves-before/haproxy.pem")).unwrap(), "leaf");
}

#[test]
fn a_server_key_is_replaced_whole_or_not_at_all() {
    let key = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=";
    let listing = |hrefs: &str| format!("[ \"$2\" = list ] && printf '{hrefs}'; true");
    let one = listing("https://barbican/v1/secrets/1\\n");
    let ended = tried("rb-wg.4.sh", &["56aa"], "short\n", &[("openstack", &one)]);
    assert_eq!((ended.status, ended.calls.as_str()), (Some(65), ""), "{}", ended.printed);
    let two = listing("https://barbican/v1/secrets/1\\nhttps://barbican/v1/secrets/2\\n");
    let ended = tried("rb-wg.4.sh", &["56aa"], key, &[("openstack", &two)]);
    assert_eq!(ended.status, Some(65));
    assert!(!ended.calls.contains("delete"), "{}", ended.calls);
    let ended = tried("rb-wg.4.sh", &["56aa"], &format!("{key}\n"), &[("openstack", &one)]);
    assert_eq!(ended.status, Some(0), "{}", ended.printed);
    assert!(ended.calls.contains("secret delete https://barbican/v1/secrets/1"));
    assert!(ended.calls.contains("secret store --name vpn-private-key-56aa --file "));
    assert!(!ended.calls.contains(key), "the key was an argument: {}", ended.calls);
}

#[test]
fn gone_is_told_from_not_answering() {
    let says = |words: &str, status: u8| format!("echo '{words}' >&2; exit {status}");
    let gone = says("No project with a name or ID of 56aa exists.", 1);
    let silent = says("Unable to establish connection to https://api:5000", 1);
    for (answer, status) in [(gone, 0), (silent, 2), (says("", 0), 1)] {
        let ended = tried("rb-term.3.2.sh", &["56aa"], "", &[("openstack", &answer)]);
        assert_eq!(ended.status, Some(status), "{answer}: {}", ended.printed);
    }
}

#[test]
fn the_password_of_the_database_is_read_not_passed() {
    let statement = "SELECT COUNT(*) FROM cluster WHERE project_id='56aa';";
    let ended = tried("rb-orphan-sql.sh", &[statement], "hunter2\n", &[("sudo", "cat")]);
    assert_eq!(ended.status, Some(0), "{}", ended.printed);
    assert!(!ended.calls.contains("hunter2"), "{}", ended.calls);
    // The password is the first line that the database's shell reads, the statement the next.
    assert_eq!(ended.printed, format!("hunter2\n{statement}\n"));
}

#[test]
fn the_specification_gets_its_certificate_back_in_block_form() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    let spec = "service_type: rgw\nservice_name: rgw.gateway\nspec:\n  rgw_frontend_ssl_certificate: '-----BEGIN PRIVATE KEY-----\n\n    AAAA\n\n    -----END PRIVATE KEY-----\n\n    '\n  ssl: true\n";
    fs::write(at("rgw-spec.before.yaml"), spec).unwrap();
    fs::write(at("rgw-spec.yaml"), spec).unwrap();
    let ended = run("sw-5.7.sh", &[], "", &[], home.path());
    assert_eq!(ended.status, Some(65), "without the certificate: {}", ended.printed);
    assert_eq!(fs::read_to_string(at("rgw-spec.yaml")).unwrap(), spec);
    fs::write(at("rgw-cert.pem"), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
        .unwrap();
    let ended = run("sw-5.7.sh", &[], "", &[], home.path());
    assert_eq!(ended.status, Some(0), "{}", ended.printed);
    let wanted = "service_type: rgw\nservice_name: rgw.gateway\nspec:\n  rgw_frontend_ssl_certificate: |\n    -----BEGIN PRIVATE KEY-----\n    AAAA\n    -----END PRIVATE KEY-----\n  ssl: true\nextra_container_args:\n  - \"-v\"\n  - \"/etc/ssl/certs/ca-certificates.crt:/etc/pki/tls/certs/ca-bundle.crt:ro\"\n";
    assert_eq!(fs::read_to_string(at("rgw-spec.yaml")).unwrap(), wanted);
}
