use super::*;

fn settings() -> SshSettings {
    SshSettings {
        known_hosts: vec!["/home/ops/.ssh/known_hosts".into(), "/etc/ssh/ssh_known_hosts".into()],
        identity_files: vec!["/home/ops/.ssh/id_ed25519".into()],
        agent_socket: Some("/run/agent".into()),
        ..SshSettings::default()
    }
}

fn endpoint() -> SshEndpoint {
    SshEndpoint {
        name: "gpu-07".into(),
        address: "10.0.1.17".into(),
        port: None,
        user: Some("ops".into()),
        identity_file: None,
        common_args: None,
        via: None,
        directory: "/site".into(),
        sudo: false,
    }
}

fn resolve(config: &str, endpoint: &SshEndpoint) -> Result<Route, Cause> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("config");
    std::fs::write(&file, config).unwrap();
    let whereabouts = Whereabouts { home: None, includes: None };
    let user = Arc::new(ClientConfig::read(&file, &whereabouts));
    let resolver = Resolver {
        settings: &settings(),
        configs: Configs { user, ..Configs::default() },
        home: Some("/home/ops".into()),
    };
    resolver.resolve(endpoint).map_err(|mut cause| {
        let place = file.display().to_string();
        cause.sentence = cause.sentence.replace(&place, "config");
        cause.next = cause.next.replace(&place, "config");
        cause
    })
}

/// The machines on the way, as `user@address:port`.
fn way(route: &Route) -> Vec<String> {
    let mut way = route.through.as_deref().map(way).unwrap_or_default();
    way.push(format!("{}@{}:{}", route.hop.user, route.hop.address, route.hop.port));
    way
}

#[test]
fn without_a_configuration_the_usual_files_hold() {
    let route = resolve("", &endpoint()).unwrap();
    assert_eq!(way(&route), ["ops@10.0.1.17:22"]);
    assert!(route.hop.usual);
    assert_eq!(route.hop.identities, [PathBuf::from("/home/ops/.ssh/id_ed25519")]);
    assert_eq!(route.hop.known_hosts, settings().known_hosts);
    assert_eq!(route.hop.user_files, 1);
    assert_eq!(route.hop.agent, Some("/run/agent".into()));
}

#[test]
fn the_inventory_goes_before_arguments_and_these_before_the_configuration() {
    let config = "Host 10.0.1.*\n User config\n Port 1\n HostName %h.example\n IdentityFile %d/%r_%p\n\
                  UserKnownHostsFile ~/site_hosts\n ConnectTimeout 3\n HostKeyAlias seven\n";
    let host = SshEndpoint {
        identity_file: Some("~/key".into()),
        common_args: Some("-p 2222 -l args -i relative".into()),
        ..endpoint()
    };
    let hop = resolve(config, &host).unwrap().hop;
    assert_eq!((hop.user.as_str(), hop.port), ("ops", 2222));
    assert_eq!(hop.address, "10.0.1.17.example");
    let paths: Vec<_> = hop.identities.iter().map(|path| path.to_str().unwrap()).collect();
    assert_eq!(paths, ["/home/ops/key", "/site/relative", "/home/ops/ops_2222"]);
    assert!(!hop.usual);
    assert_eq!(hop.known_hosts.first().unwrap().to_str(), Some("/home/ops/site_hosts"));
    assert_eq!(hop.connect_timeout, Duration::from_secs(3));
    assert_eq!(hop.key_names, HostNames::alias("seven"));
}

#[test]
fn jumps_are_chained_and_resolved_by_the_configuration() {
    let config = "Host bastion\n HostName 192.0.2.1\n User gate\n ProxyJump outer:2200\n\
                  Host outer inner\n User out\n";
    let host = SshEndpoint { common_args: Some("-J bastion,me@inner:2222".into()), ..endpoint() };
    let route = resolve(config, &host).unwrap();
    assert_eq!(
        way(&route),
        ["out@outer:2200", "gate@192.0.2.1:22", "me@inner:2222", "ops@10.0.1.17:22"]
    );
    let bastion = route.through.unwrap().through.clone().unwrap();
    assert_eq!(bastion.hop.name, "bastion");
    assert_eq!(bastion.hop.key_names, HostNames::new("192.0.2.1", "bastion", 22));
}

#[test]
fn a_jump_host_is_not_reached_over_itself() {
    let config = "Host *\n ProxyJump bastion\nHost a\n ProxyJump b\n";
    let bastion = SshEndpoint { name: "bastion".into(), address: "bastion".into(), ..endpoint() };
    assert_eq!(way(&resolve(config, &bastion).unwrap()), ["ops@bastion:22"]);
    let circle = "Host a\n ProxyJump b\nHost b\n ProxyJump a\nHost *\n User u\n";
    let a = SshEndpoint { name: "a".into(), address: "a".into(), ..endpoint() };
    assert_eq!(way(&resolve(circle, &a).unwrap()), ["u@b:22", "ops@a:22"]);
}

#[test]
fn an_endpoint_of_the_site_is_connected_to_directly_under_the_same_name() {
    let host = SshEndpoint { via: Some(("127.0.0.1".into(), 10022)), ..endpoint() };
    let route = resolve("Host *\n ProxyJump bastion\n", &host).unwrap();
    assert_eq!(way(&route), ["ops@127.0.0.1:10022"]);
    assert_eq!(route.hop.key_names, HostNames::new("10.0.1.17", "gpu-07", 22));
}

#[test]
fn not_checking_is_not_possible() {
    let host = SshEndpoint {
        common_args: Some("-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null".into()),
        ..endpoint()
    };
    assert_eq!(resolve("", &host).unwrap().hop.known_hosts, settings().known_hosts);
}

#[test]
fn what_cannot_be_done_is_said_with_its_place() {
    let cause = resolve("\nHost *\n ProxyCommand nc %h %p\n", &endpoint()).unwrap_err();
    assert_eq!(cause.word, CauseWord::System("ssh-config".into()));
    assert!(cause.sentence.starts_with("gpu-07 cannot be reached: config:3 sets ProxyCommand"));
    assert_eq!(cause.next, "correct config:3");
    let said = |args: &str| {
        let host = SshEndpoint { common_args: Some(args.into()), ..endpoint() };
        resolve("", &host).unwrap_err().sentence
    };
    assert!(said("-o ProxyCommand='nc %h %p'").contains("ansible_ssh_common_args sets Proxy"));
    assert!(said("-J a:b:c,").contains("wants [user@]host[:port], found ``"));
    assert!(said("-F nowhere").contains("names /site/nowhere, which is missing"));
}

#[test]
fn jump_specifications() {
    let parts = |spec| jump_parts(spec).map(|(u, h, p)| (u.unwrap_or_default(), h, p.unwrap_or(0)));
    assert_eq!(parts("a"), Some(("".into(), "a".into(), 0)));
    assert_eq!(parts("u@a:22"), Some(("u".into(), "a".into(), 22)));
    assert_eq!(parts("ssh://u@[::1]:2222/"), Some(("u".into(), "::1".into(), 2222)));
    assert_eq!(parts("fe80::1"), Some(("".into(), "fe80::1".into(), 0)));
    for wrong in ["", "@a", "a:0", "a:x", "[::1]22", "u@"] {
        assert_eq!(parts(wrong), None, "{wrong}");
    }
}
