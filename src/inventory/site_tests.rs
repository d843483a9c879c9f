//! Tests of building a site.

use secrecy::ExposeSecret;

use super::*;
use crate::domain::endpoint::TlsTrust;
use crate::domain::{Role, Target, TargetKind, wanted};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn sample() -> Inventory {
    Inventory::load_file(&fixture("reference/inventory.sample.yml"), &Vault::default()).unwrap()
}

fn build(text: &str, settings: &str) -> BuiltSite {
    let inventory = Inventory::parse(text, Path::new("/site/inventory.yml")).unwrap();
    let settings = Settings::parse(settings, Path::new("/site/shopfloor.yml"));
    assert_eq!(settings.problems, []);
    build_site(&inventory, &settings, &Vault::default())
}

fn target<'a>(site: &'a Site, id: &str) -> &'a Target {
    site.target(&id.into()).unwrap_or_else(|| panic!("{id} is no target"))
}

#[test]
fn the_sample_has_its_machines_switches_and_controllers() {
    let built = build_site(&sample(), &Settings::default(), &Vault::default());
    let site = &built.site;
    let of = |kind| site.targets.iter().filter(|t| t.kind == kind).count();
    // Four hosts, eight machines of servers.list, four switches, eight controllers.
    assert_eq!((of(TargetKind::Host), of(TargetKind::Switch), of(TargetKind::Bmc)), (12, 4, 8));
    assert_eq!(site.name, "aurora");
    assert!(site.has_inventory && site.is_ai_factory);
    let gpu = target(site, "gpu0");
    assert_eq!(gpu.roles, [Role::Compute]);
    let ssh = gpu.ssh.as_ref().unwrap();
    assert_eq!((ssh.address.as_str(), ssh.user.as_deref()), ("10.30.0.111", Some("ubuntu")));
    assert_eq!(ssh.identity_file.as_deref(), Some("~/.ssh/aurora_infra"));
    assert!(ssh.sudo);
    assert!(!target(site, "router-0").ssh.as_ref().unwrap().sudo, "root needs no sudo");
    // One inventory host in two groups is one target with one role.
    assert_eq!(target(site, "router-0-host").roles, [Role::RouterBox]);
    assert_eq!(target(site, "192.168.40.250").roles, [Role::Bastion]);
    let storage = target(site, "storage0");
    assert_eq!(storage.wanted[wanted::SYSTEM_DISKS], "/dev/nvme0n1 /dev/nvme1n1");
    assert_eq!(storage.wanted[wanted::DATA_DISKS], "/dev/nvme2n1 /dev/nvme3n1");
    // Where its cables end, also of a connection with a single one.
    let cable =
        |target: &Target, port: &str| target.wanted[&format!("{}{port}", wanted::CABLE)].clone();
    assert_eq!(cable(storage, "ens1f1"), "frontend-leaf0 E1/10");
    assert_eq!(cable(target(site, "control0"), "ens2f1np1"), "frontend-leaf1 E1/1");
    assert_eq!(cable(gpu, "ens1"), "backend-leaf0 E1/17");
    assert_eq!(storage.wanted[wanted::ADDRESS], "10.30.0.121");
    assert_eq!(site.wanted[wanted::CONSOLE_NAME], "console.aurora.example.net");
    assert_eq!(site.wanted[wanted::MANAGEMENT_NIC], "pci_0000_58_00_0");
    assert_eq!(site.wanted[wanted::FABRIC_DOMAIN], "hedgehog-controller");
}

#[test]
fn controllers_find_their_machine_and_their_password_stays_sealed() {
    let built = build_site(&sample(), &Settings::default(), &Vault::default());
    let bmc = target(&built.site, "bmc:gpu0-ipmi");
    assert_eq!(bmc.machine.as_ref().map(|id| id.as_str()), Some("gpu0"));
    let endpoint = bmc.bmc.as_ref().unwrap();
    assert_eq!(endpoint.host, "gpu0-ipmi.aurora");
    assert_eq!(endpoint.redfish, ("192.168.41.20".to_owned(), 443));
    assert_eq!(endpoint.ipmi, ("192.168.41.20".to_owned(), 623));
    assert_eq!((endpoint.user.as_str(), endpoint.trust.clone()), ("metrics", TlsTrust::System));
    assert_eq!(endpoint.cipher_suites, [17, 3]);
    assert_eq!(endpoint.password.as_str(), "bmc-password default");
    assert!(built.secrets.is_empty());
    // Asked once for all eight, with the cause and the name of the vault password.
    assert_eq!(built.sealed.len(), 1);
    assert_eq!(built.sealed[0].vault.as_str(), "vault default");
    assert_eq!(built.sealed[0].cause.word.word(), "password-sealed");
    assert_eq!(built.site.bmc_of(&"gpu0".into()).map(|t| t.name.as_str()), Some("gpu0-ipmi"));
}

#[test]
fn an_opened_password_is_beside_the_site_and_never_in_it() {
    let sealed = std::fs::read_to_string(fixture("inventory/vault/1.1.txt")).unwrap();
    let sealed = sealed.replace('\n', "\n          ");
    let text = format!(
        "all:\n  vars:\n    secret: !vault |\n          {sealed}\n    \
         ipmi_exporter_modules: [{{name: m, user: u, password: '{{{{ secret | trim }}}}'}}]\n    \
         ipmi_targets: [{{name: gpu-07-bmc, host: h, module: m}}]\n  hosts: {{gpu-07: }}\n"
    );
    let inventory = Inventory::parse(&text, Path::new("/site/inventory.yml")).unwrap();
    let mut vault = Vault::default();
    vault.put("default", SecretString::from("correct horse"));
    let built = build_site(&inventory, &Settings::default(), &vault);
    assert!(built.sealed.is_empty());
    assert_eq!(built.secrets[0].0.as_str(), "bmc-password m");
    assert_eq!(built.secrets[0].1.expose_secret(), "fixture one: pa\u{df}word");
    let everything = serde_json::to_string(&built.site).unwrap() + &format!("{built:?}");
    assert!(!everything.contains("fixture one"));
    vault.put("default", SecretString::from("wrong"));
    let built = build_site(&inventory, &Settings::default(), &vault);
    assert!(built.secrets.is_empty());
    assert!(built.site.problems.iter().any(|line| line.contains("does not open it")));
}

#[test]
fn two_names_of_one_machine_are_one_target() {
    let built = build(
        "all:\n  vars:\n    openwrt_dhcp_leases: [{name: bastion0, ip: 10.0.0.250/24, mac: 'AA:00:00:00:00:01'}]\n    \
         servers: {list: {gpu0: {role: compute}, box: {role: control}}}\n  children:\n    \
         kolla_bastion: {hosts: {10.0.0.250: }}\n    \
         router_host: {hosts: {router-0-host: {ansible_host: 10.0.0.2}}}\n    \
         hedgehog_host: {hosts: {hedgehog-box: {ansible_host: 10.0.0.2, rack: r1}}}\n    \
         other: {hosts: {deployment0: {ansible_host: 10.0.0.250}, gpu0: {ansible_host: 10.0.0.9},\n      \
         other-port: {ansible_host: 10.0.0.2, ansible_port: 2222}}}\n",
        "",
    );
    let site = &built.site;
    let names: Vec<&str> = site.targets.iter().map(|target| target.id.as_str()).collect();
    let systems = ["api:openstack", "api:management"];
    let machines = ["10.0.0.250", "router-0-host", "gpu0", "other-port", "box"];
    assert_eq!(names, [&machines[..], &systems].concat(), "control nodes carry a cloud");
    let without = build("all:\n  children:\n    other: {hosts: {gpu0: }}\n", "");
    assert_eq!(without.site.targets.len(), 1, "nothing carries a system there");
    let bastion = target(site, "10.0.0.250");
    assert_eq!(bastion.name, "bastion0");
    assert_eq!(bastion.aliases, ["10.0.0.250", "deployment0"]);
    let router = target(site, "router-0-host");
    assert_eq!(router.aliases, ["hedgehog-box"]);
    assert_eq!(router.rack.as_ref().map(|place| place.rack.as_str()), Some("r1"));
    assert_eq!(target(site, "gpu0").roles, [Role::Compute]);
    assert_eq!(target(site, "box").ssh.as_ref().unwrap().address, "box");
}

#[test]
fn settings_say_where_machines_stand_and_how_they_are_reached() {
    let fingerprint = "ab".repeat(32);
    let built = build(
        "all:\n  vars:\n    ipmi_exporter_modules: [{name: m, user: u, password: clear}]\n    \
         ipmi_targets:\n      - {name: bmc-gpu-07, host: 10.1.0.7, module: m}\n      \
         - {name: ilo77, host: 10.1.0.8, module: m}\n  hosts:\n    \
         gpu-07: {ansible_host: 10.0.0.7, rack: r1, unit: 5, height: 4}\n    gpu-08: {rack: r1, rack_unit: 8}\n",
        &format!(
            "machines: {{gpu-07: {{unit: 20}}, gone: {{rack: r9}}}}\n\
             bmc: {{ca: ca.pem, fingerprints: {{ilo77: {fingerprint}}}, user: me, machines: {{ilo77: gpu-08}}}}\n\
             endpoints: {{gpu-07: '127.0.0.1:2207', bmc-gpu-07: {{redfish: '127.0.0.1:8443', ipmi: '127.0.0.1:6230'}}}}\n\
             thresholds: {{HOST-05.offset_warn_ms: 7}}\nword: LAB\n"
        ),
    );
    let site = &built.site;
    let gpu = target(site, "gpu-07");
    let place = gpu.rack.as_ref().unwrap();
    assert_eq!((place.rack.as_str(), place.unit, place.height), ("r1", Some(20), 4));
    assert_eq!(gpu.ssh.as_ref().unwrap().via, Some(("127.0.0.1".to_owned(), 2207)));
    assert_eq!(gpu.ssh.as_ref().unwrap().address, "10.0.0.7");
    let endpoint = target(site, "bmc:bmc-gpu-07").bmc.as_ref().unwrap();
    assert_eq!(endpoint.redfish, ("127.0.0.1".to_owned(), 8443));
    assert_eq!(endpoint.ipmi, ("127.0.0.1".to_owned(), 6230));
    assert_eq!((endpoint.host.as_str(), endpoint.user.as_str()), ("10.1.0.7", "me"));
    assert_eq!(endpoint.trust, TlsTrust::Ca("/site/ca.pem".into()));
    let other = target(site, "bmc:ilo77");
    assert_eq!(other.machine.as_ref().map(|id| id.as_str()), Some("gpu-08"));
    assert_eq!(other.bmc.as_ref().unwrap().trust, TlsTrust::Fingerprint(fingerprint));
    assert_eq!(built.secrets.len(), 1);
    assert_eq!(site.thresholds["HOST-05.offset_warn_ms"], 7.0);
    assert_eq!(site.word.as_deref(), Some("LAB"));
    assert!(site.problems.iter().any(|line| line.contains("`machines.gone` is no machine")));
}

#[test]
fn two_machines_in_one_unit_are_a_problem() {
    let built =
        build("all: {hosts: {a: {rack: r, unit: 3, height: 4}, b: {rack: r, unit: 6}}}\n", "");
    let problems = &built.site.problems;
    assert!(problems.iter().any(|line| line.contains("a and b both fill unit 6 of rack r")));
}

#[test]
fn a_template_that_only_ansible_knows_is_left_out_and_said() {
    let built = build("all: {hosts: {a: {ansible_host: '{{ lookup(\"x\") }}'}}}\n", "");
    assert_eq!(target(&built.site, "a").ssh.as_ref().unwrap().address, "a");
    assert!(built.site.problems[0].contains("`ansible_host` of a is a template"));
}

#[test]
fn other_platforms_have_hosts_and_racks_without_roles() {
    let file = fixture("reference/infra-cloud.yml");
    let inventory = Inventory::load_file(&file, &Vault::default()).unwrap();
    let site = build_site(&inventory, &Settings::default(), &Vault::default()).site;
    assert_eq!(site.targets.len(), 148);
    assert!(!site.is_ai_factory);
    assert!(site.targets.iter().all(|t| t.rack.is_some() && t.serial.is_some()));
    assert!(site.targets.iter().all(|t| t.roles.is_empty()));
    let file = fixture("reference/icn.yml");
    let inventory = Inventory::load_file(&file, &Vault::default()).unwrap();
    let site = build_site(&inventory, &Settings::default(), &Vault::default()).site;
    assert_eq!(site.targets.len(), 1103);
    let jumped = target(&site, "node01.site001.icn.example.org").ssh.as_ref().unwrap();
    assert_eq!(jumped.common_args.as_deref(), Some("-o ProxyJump=ubuntu@10.110.1.5"));
    let jump = target(&site, "jump.site001.icn.example.org").ssh.as_ref().unwrap();
    assert_eq!(jump.common_args, None);
}

#[test]
fn a_missing_or_empty_inventory_is_a_start() {
    let directory = tempfile::tempdir().unwrap();
    for text in [None, Some("---\n# nothing yet\n")] {
        if let Some(text) = text {
            std::fs::write(directory.path().join("inventory.yml"), text).unwrap();
        }
        let opened = open_site(directory.path(), &Vault::default());
        let error = opened.inventory.unwrap_err();
        assert!(matches!(error, LoadError::Missing(_) | LoadError::Empty(_)), "{error}");
        assert!(!opened.built.site.has_inventory);
        assert_eq!(opened.built.site.problems, Vec::<String>::new());
        assert!(!opened.built.site.name.is_empty());
    }
}

#[test]
fn a_broken_inventory_leaves_a_site_with_one_line_that_says_why() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("inventory.yml"), "all:\n\thosts:\n").unwrap();
    std::fs::write(directory.path().join("shopfloor.yml"), "name: x\nwrd: y\n").unwrap();
    let opened = open_site(directory.path(), &Vault::default());
    assert_eq!(opened.inventory.unwrap_err().exit_status(), 1);
    let problems = opened.built.site.problems;
    assert_eq!(problems.len(), 2);
    assert!(problems[0].contains("inventory.yml:2:1: a tab stands here"), "{problems:?}");
    assert!(problems[1].contains("did you mean `word`?"), "{problems:?}");
}

#[test]
fn the_password_file_of_the_settings_opens_the_vault() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(directory.path().join(name), text).unwrap();
    };
    let sealed = std::fs::read_to_string(fixture("inventory/vault/1.1.txt")).unwrap();
    write("inventory.yml", "all: {hosts: {a: }}\n");
    std::fs::create_dir(directory.path().join("group_vars")).unwrap();
    write("group_vars/all.yml", &sealed);
    let closed = open_site(directory.path(), &Vault::default());
    assert_eq!(closed.inventory.unwrap().problems[0].rule, "V-YAML-52");
    write("shopfloor.yml", "vault: {password_file: pass}\n");
    let missing = open_site(directory.path(), &Vault::default());
    assert!(missing.built.site.problems[0].contains("pass: cannot be read"));
    write("pass", "correct horse\n");
    let opened = open_site(directory.path(), &Vault::default());
    // `fixture one: paßword` is a mapping with one variable.
    let inventory = opened.inventory.unwrap();
    assert_eq!(inventory.problems, []);
    assert!(inventory.all_vars().contains_key("fixture one"));
}

#[test]
fn what_controllers_lack_is_a_problem_with_its_place_and_a_cause_of_its_own() {
    let site = |modules: &str| {
        build(
            &format!(
                "all:\n  vars:\n    ipmi_exporter_modules: {modules}\n    \
             ipmi_targets: [{{name: gpu-07-bmc, host: h, module: m}}]\n  hosts: {{gpu-07: }}\n"
            ),
            "",
        )
    };
    for (modules, words, why) in [
        ("nonsense", "is text, and a list of modules is accepted", "no module `m`"),
        ("{m: {user: u}}", "is a mapping, and a list of modules is accepted", "no module `m`"),
        ("[m]", "is text, and a mapping is accepted", "no module `m`"),
        ("[{user: u}]", "an entry of `ipmi_exporter_modules` has no name", "no module `m`"),
        ("[{name: m, user: u}]", "the module `m` has no password", "the module `m` has no"),
        ("[{name: m, password: [x]}]", "is a list, and text is accepted", "is a list, and"),
        ("[{name: m, password: '{{ x }}'}]", "only Ansible can evaluate", "a template that"),
    ] {
        let built = site(modules);
        let found = built.problems.iter().find(|problem| problem.sentence.contains(words));
        let found = found.unwrap_or_else(|| panic!("{modules}: {:?}", built.problems));
        assert_eq!((found.rule.as_str(), found.place.line), ("V-SITE-52", 3), "{modules}");
        assert!(found.hint.is_some() && built.sealed.is_empty());
        assert_eq!(built.missing.len(), 1, "{modules}");
        let (secret, cause) = &built.missing[0];
        assert_eq!((secret.as_str(), cause.word.word()), ("bmc-password m", "password-missing"));
        assert!(cause.sentence.contains(why), "{modules}: {}", cause.sentence);
    }
    let well = site("[{name: m, user: u, password: clear}]");
    assert_eq!((well.problems.len(), well.missing.len()), (0, 0));
}

#[test]
fn a_password_file_of_controllers_that_cannot_be_read_is_said_as_such() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("bmc-pass");
    let text =
        "all:\n  vars:\n    ipmi_targets: [{name: gpu-07-bmc, host: h}]\n  hosts: {gpu-07: }\n";
    let inventory = Inventory::parse(text, Path::new("/site/inventory.yml")).unwrap();
    let mut settings = Settings::default();
    settings.bmc.password_file = Some(file.clone());
    let built = build_site(&inventory, &settings, &Vault::default());
    let (_, cause) = &built.missing[0];
    assert!(cause.sentence.starts_with("the password file of the controllers "), "{cause:?}");
    assert!(cause.sentence.contains("bmc-pass: cannot be read") && !cause.next.is_empty());
    assert!(!cause.sentence.contains("vault"), "{cause:?}");
    assert_eq!(built.problems[0].place.file, file);
    std::fs::write(&file, "plain\n").unwrap();
    let built = build_site(&inventory, &settings, &Vault::default());
    assert!(built.missing.is_empty() && built.problems.is_empty());
    assert_eq!(built.secrets[0].1.expose_secret(), "plain");
}

#[test]
fn a_wrong_password_in_the_named_file_is_not_used_and_told() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(directory.path().join(name), text).unwrap();
    };
    let sealed = std::fs::read_to_string(fixture("inventory/vault/1.1.txt")).unwrap();
    let sealed = sealed.replace('\n', "\n      ");
    write(
        "inventory.yml",
        &format!("all:\n  vars:\n    x: !vault |\n      {sealed}\n  hosts: {{a: }}\n"),
    );
    write("shopfloor.yml", "vault: {password_file: pass}\n");
    write("pass", "guessed-wrong\n");
    let opened = open_site(directory.path(), &Vault::default());
    assert!(opened.vault.is_empty(), "it is as if there were none");
    let problem = &opened.built.problems[0];
    assert_eq!((problem.rule.as_str(), problem.severity), ("V-SITE-53", Severity::Error));
    assert!(problem.sentence.contains("pass does not open"), "{problem:?}");
    assert!(problem.sentence.contains("inventory.yml:4:7"), "{problem:?}");
    assert!(!format!("{opened:?}").contains("guessed-wrong"));
    write("pass", "correct horse\n");
    assert_eq!(open_site(directory.path(), &Vault::default()).built.problems, []);
}
