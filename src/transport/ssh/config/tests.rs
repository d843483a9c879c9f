use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::transport::ssh::options::Proxy;

fn parsed(text: &str) -> ClientConfig {
    ClientConfig::of_text(text, Path::new("config"))
}

fn options(config: &ClientConfig, address: &str, name: &str) -> Options {
    let mut options = Options::default();
    config.apply(Asked { address, name }, &mut options).unwrap();
    options
}

#[test]
fn blocks_apply_by_pattern_and_the_first_value_wins() {
    let config = parsed(
        "# comment\n\
         User early\n\
         \n\
         Host gpu-* !gpu-03\n\
         \tUser late\n\
         \tPort=2222\n\
         \tIdentityFile \"~/.ssh/site key\"\n\
         Host *\n\
         \tPort 22\n\
         \tProxyJump bastion,inner:2200\n\
         \tConnectTimeout 7\n\
         \tUserKnownHostsFile a b\n\
         \tUnknownOption whatever it says\n",
    );
    let gpu = options(&config, "gpu-07", "gpu-07");
    assert_eq!(gpu.user.as_deref(), Some("early"));
    assert_eq!(gpu.port, Some(2222));
    assert_eq!(gpu.identity_files, ["~/.ssh/site key"]);
    assert_eq!(gpu.proxy, Some(Proxy::Jump("bastion,inner:2200".into())));
    assert_eq!(gpu.connect_timeout, Some(Duration::from_secs(7)));
    assert_eq!(gpu.user_known_hosts, Some(vec!["a".into(), "b".into()]));
    let negated = options(&config, "gpu-03", "gpu-03");
    assert_eq!(negated.port, Some(22));
    assert!(negated.identity_files.is_empty());
}

#[test]
fn a_block_for_the_inventory_name_applies_but_not_its_address() {
    let config = parsed("Host gpu-07\n  HostName 192.0.2.9\n  User site\n");
    let by_address = options(&config, "10.0.1.17", "gpu-07");
    assert_eq!((by_address.user.as_deref(), by_address.host_name), (Some("site"), None));
    let by_name = options(&config, "gpu-07", "gpu-07");
    assert_eq!(by_name.host_name.as_deref(), Some("192.0.2.9"));
    let config = parsed("Host * !bastion\n  ProxyJump bastion\n");
    assert_eq!(options(&config, "10.0.0.1", "bastion").proxy, None);
}

#[test]
fn match_blocks() {
    let config = parsed(
        "Host short\n  HostName %h.site.example\n\
         Match host *.site.example,!other.*\n  User matched\n\
         Match originalhost short\n  Port 2200\n\
         Match exec \"test -f x\"\n  User never\n\
         Match all\n  IdentitiesOnly yes\n",
    );
    let short = options(&config, "short", "short");
    assert_eq!(short.user.as_deref(), Some("matched"));
    assert_eq!(short.port, Some(2200));
    assert_eq!(short.identities_only, Some(true));
    assert_eq!(options(&config, "elsewhere", "elsewhere").user, None);
    assert_eq!(
        config.problems(),
        [(
            Place { file: "config".into(), line: 7, column: 1 },
            "Match exec is not supported, so the block is left out".to_owned()
        )]
    );
}

#[test]
fn a_wrong_line_is_told_where_it_applies() {
    let config = parsed("Host a\n  Port many\nHost b\n  User \"open\nHost c\n  User\n");
    let problem = |address| {
        let asked = Asked { address, name: address };
        config.apply(asked, &mut Options::default()).unwrap_err()
    };
    assert_eq!(
        problem("a"),
        Problem::new("config:2", "Port wants a number from 1 to 65535, found `many`")
    );
    assert_eq!(problem("b"), Problem::new("config:4", "has a quote that is not closed"));
    assert_eq!(problem("c"), Problem::new("config:6", "User has no value"));
    assert_eq!(options(&config, "d", "d"), Options::default());
}

#[test]
fn files_are_included_with_wildcards_under_the_block_they_are_in() {
    let directory = tempfile::tempdir().unwrap();
    let base = directory.path();
    std::fs::create_dir(base.join("conf.d")).unwrap();
    std::fs::write(base.join("conf.d/20.conf"), "User second\n").unwrap();
    std::fs::write(base.join("conf.d/10.conf"), "User first\nHost gpu-*\n  Port 2222\n").unwrap();
    std::fs::write(base.join("only"), "IdentitiesOnly yes\n").unwrap();
    std::fs::write(
        base.join("config"),
        "Include conf.d/*.conf missing\nHost bastion\n  Include only\nPort 2200\nInclude config\n",
    )
    .unwrap();
    let whereabouts = Whereabouts { home: None, includes: Some(base.to_owned()) };
    let config = ClientConfig::read(&base.join("config"), &whereabouts);
    let gpu = options(&config, "gpu-07", "gpu-07");
    assert_eq!((gpu.user.as_deref(), gpu.port), (Some("first"), Some(2222)));
    assert_eq!(gpu.identities_only, None);
    assert_eq!(config.files().len(), 5, "{:?}", config.files());
    let mut of_bastion = Options::default();
    let asked = Asked { address: "bastion", name: "bastion" };
    let problem = config.apply(asked, &mut of_bastion).unwrap_err();
    assert_eq!(problem.text, "files include each other more than 16 deep");
    assert_eq!(of_bastion.identities_only, Some(true));
}

#[test]
fn a_file_that_includes_itself_twice_ends() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("config");
    std::fs::write(&file, "Include config config\nInclude config\n").unwrap();
    let includes = Some(directory.path().to_owned());
    let config = ClientConfig::read(&file, &Whereabouts { home: None, includes });
    let (_, text) = config.problems().last().unwrap();
    assert_eq!(text, "includes more than 500 files");
}

#[test]
fn what_is_no_configuration_is_a_problem_and_a_missing_one_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let whereabouts = Whereabouts { home: None, includes: None };
    let config = ClientConfig::read(&directory.path().join("none"), &whereabouts);
    assert!(config.problems().is_empty());
    let config = ClientConfig::read(directory.path(), &whereabouts);
    assert_eq!(config.problems().first().unwrap().1, "is a directory");
}

proptest! {
    #[test]
    fn any_text_is_survived(text in "[ -~\n\t\"'#=*!?\u{e9}]{0,300}", host in "[ -~]{0,20}") {
        let config = parsed(&text);
        let _ = config.apply(Asked { address: &host, name: "x" }, &mut Options::default());
    }

    #[test]
    fn any_options_are_survived(lines in proptest::collection::vec(
        ("(Host|Match|Port|User|ProxyJump|HostName|ConnectTimeout|Match host)", "[ -~]{0,30}"), 0..20
    )) {
        let text: String = lines.iter().map(|(key, value)| format!("{key} {value}\n")).collect();
        let config = parsed(&text);
        let _ = config.apply(Asked { address: "a", name: "b" }, &mut Options::default());
    }
}
