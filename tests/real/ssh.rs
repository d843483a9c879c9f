//! The SSH transport against OpenSSH.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use secrecy::SecretString;
use shopfloor::domain::endpoint::SshEndpoint;
use shopfloor::domain::{Cause, CauseWord, SecretName};
use shopfloor::transport::secrets::SecretStore;
use shopfloor::transport::ssh::{Command, Output, SshPool, SshSettings, Status};

use crate::fleet::{Fleet, HOSTS, skipped};

const SUITE: &str = "ssh";

fn pool(settings: SshSettings) -> Arc<SshPool> {
    SshPool::new(settings, Arc::default())
}

fn quick(fleet: &Fleet) -> SshSettings {
    SshSettings { connect_timeout: Duration::from_secs(3), ..fleet.settings() }
}

fn text(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap().trim()
}

async fn hostname(pool: &SshPool, endpoint: &SshEndpoint) -> Result<String, Cause> {
    pool.run(endpoint, &Command::new("hostname")).await.map(|output| text(&output).to_owned())
}

async fn refusal(pool: &SshPool, endpoint: &SshEndpoint) -> Cause {
    hostname(pool, endpoint).await.expect_err("the host is in trouble")
}

/// The lines of a cause as one text, to look for parts.
fn all_of(cause: &Cause) -> String {
    format!("{}\n{}\n{}", cause.sentence, cause.next, cause.detail.join("\n"))
}

macro_rules! fleet {
    () => {
        match Fleet::shared(SUITE) {
            Some(fleet) => fleet,
            None => return,
        }
    };
}

#[tokio::test(flavor = "multi_thread")]
async fn every_host_answers_with_its_own_name_cold_and_warm() {
    let fleet = fleet!();
    let pool = pool(fleet.settings());
    let own_names = std::fs::read_to_string(fleet.file("names")).unwrap().trim() == "own";
    // The last ones only: the first are other tests' faulty hosts.
    for round in ["cold", "warm"] {
        let asked = (50..=HOSTS).map(|number| {
            let pool = &pool;
            async move { (number, hostname(pool, &fleet.endpoint(number)).await) }
        });
        for (number, answer) in join_all(asked).await {
            let answer =
                answer.unwrap_or_else(|cause| panic!("{number} {round}: {}", all_of(&cause)));
            assert!(!own_names || answer == Fleet::name(number), "{answer} {round}");
        }
    }
    pool.close_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn status_signal_streams_and_input_come_back() {
    let fleet = fleet!();
    let pool = pool(fleet.settings());
    let host = fleet.endpoint(50);
    let mut command = Command::new("cat; echo oops >&2; exit 3");
    command.stdin = vec![b'x'; 300_000];
    let output = pool.run(&host, &command).await.unwrap();
    assert_eq!((output.status.clone(), output.stdout.len()), (Status::Exited(3), 300_000));
    assert_eq!(output.stderr, b"oops\n");
    let output = pool.run(&host, &Command::new("kill -KILL $$")).await.unwrap();
    assert_eq!(output.status, Status::Signal("KILL".into()));
    let output = pool.run(&host, &Command::new("no-such-tool --version")).await.unwrap();
    let cause = output.command_missing("node-050", "no-such-tool").unwrap();
    assert_eq!(cause.word, CauseWord::CommandMissing);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_commands_share_one_connection() {
    let fleet = fleet!();
    let pool = pool(fleet.settings());
    let host = fleet.endpoint(51);
    // The client's port tells connections apart.
    let command = Command::new("sleep 0.2; echo \"$SSH_CONNECTION\"");
    let began = Instant::now();
    let answers = join_all((0..24).map(|_| pool.run(&host, &command))).await;
    let mut ports: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().stdout).collect();
    ports.dedup();
    assert_eq!(ports.len(), 1);
    assert!(began.elapsed() >= Duration::from_millis(600), "not more than eight at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_allows_fewer_sessions_gets_fewer() {
    let fleet = fleet!();
    fleet.fault("maxsessions", 1);
    let pool = pool(fleet.settings());
    let host = fleet.endpoint(1);
    let command = Command::new("sleep 0.1; echo done");
    for answer in join_all((0..8).map(|_| pool.run(&host, &command))).await {
        assert_eq!(text(&answer.unwrap()), "done");
    }
    fleet.heal("maxsessions", 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn jump_hosts_are_chained_and_shared() {
    let fleet = fleet!();
    let config = fleet.file("jump_config");
    std::fs::write(
        &config,
        format!(
            "Host outer\n HostName {}\nHost inner\n HostName {}\n ProxyJump outer\n\
             Host *\n User fleetops\n Port {}\n IdentityFile {}\n",
            Fleet::address(52),
            Fleet::address(53),
            fleet.port,
            fleet.file("id").display()
        ),
    )
    .unwrap();
    let pool = pool(SshSettings { config_file: Some(config), ..fleet.settings() });
    let behind = |number| SshEndpoint {
        common_args: Some("-o ProxyJump=inner".into()),
        ..fleet.endpoint(number)
    };
    let (from, other) = (behind(54), behind(55));
    let command = Command::new("echo \"$SSH_CONNECTION\"");
    let (first, second) = tokio::join!(pool.run(&from, &command), pool.run(&other, &command));
    for answer in [first, second] {
        let answer = answer.unwrap_or_else(|cause| panic!("{}", all_of(&cause)));
        assert!(text(&answer).contains(&format!(" {} ", fleet.port)), "{}", text(&answer));
    }
    // What the jump host says of a target that is not there is told.
    fleet.fault("refused", 2);
    let cause = refusal(&pool, &behind(2)).await;
    assert_eq!(cause.word, CauseWord::Refused, "{}", all_of(&cause));
    assert!(cause.sentence.ends_with(", seen from inner"), "{}", cause.sentence);
    let answer = pool.probe_port(&behind(56), Duration::from_secs(3)).await.unwrap();
    assert!(answer.banner.unwrap().starts_with("SSH-2.0-OpenSSH"));
    fleet.heal("refused", 2);
    // Trouble of the jump host is told as its own.
    fleet.fault("refused", 3);
    let args = format!("-J fleetops@{}:{}", Fleet::address(3), fleet.port);
    let host = SshEndpoint { common_args: Some(args), ..fleet.endpoint(56) };
    let cause = refusal(&pool, &host).await;
    assert_eq!(cause.word, CauseWord::Refused);
    assert!(cause.sentence.starts_with("node-056 is behind 127.0.21.3, and"), "{}", cause.sentence);
    fleet.heal("refused", 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_of_the_site_leads_elsewhere_under_the_hosts_own_key() {
    let fleet = fleet!();
    let pool = pool(fleet.settings());
    let via = Some((Fleet::address(57), fleet.port));
    // The name and address are those of a host that is not reachable from here.
    let host = SshEndpoint { address: "192.0.2.1".into(), via, ..fleet.endpoint(57) };
    let cause = refusal(&pool, &host).await;
    assert_eq!(cause.word, CauseWord::KeyUnknown, "looked up under 192.0.2.1: {}", all_of(&cause));
    let offered = pool.offered_key(&host).await.unwrap();
    assert_eq!(offered.host, format!("[192.0.2.1]:{}", fleet.port));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_host_key_is_refused_until_it_is_accepted() {
    let fleet = fleet!();
    let own = tempfile::tempdir().unwrap();
    let file = own.path().join("known_hosts");
    std::fs::copy(fleet.file("known_hosts"), &file).unwrap();
    let pool = pool(SshSettings { known_hosts: vec![file.clone()], ..fleet.settings() });
    let host = fleet.endpoint(4);
    assert_eq!(pool.offered_key(&host).await, None);
    fleet.fault("hostkey", 4);
    let cause = refusal(&pool, &host).await;
    assert_eq!(cause.word, CauseWord::KeyChanged);
    assert!(cause.sentence.contains(&format!("{}:4", file.display())), "{}", cause.sentence);
    let offered = pool.offered_key(&host).await.unwrap();
    assert_eq!(offered.conflict.as_ref().unwrap().line, 4);
    assert_eq!((offered.algorithm.as_str(), offered.revoked), ("ssh-ed25519", false));
    assert!(offered.fingerprint.starts_with("SHA256:"));

    let wrong = pool.accept_key(&host, "SHA256:another").await.unwrap_err();
    assert_eq!(wrong.word, CauseWord::KeyChanged);
    assert_eq!(std::fs::read(&file).unwrap(), std::fs::read(fleet.file("known_hosts")).unwrap());
    assert_eq!(pool.accept_key(&host, &offered.fingerprint).await.unwrap(), file);
    hostname(&pool, &host).await.unwrap();
    assert_eq!(pool.offered_key(&host).await, None);
    let kept = std::fs::read(own.path().join("known_hosts.old")).unwrap();
    assert_eq!(kept, std::fs::read(fleet.file("known_hosts")).unwrap());
    let lines = std::fs::read_to_string(&file).unwrap();
    assert_eq!(lines.lines().count(), HOSTS, "replaced, not added");
    // ssh itself takes the file that was written.
    let status = std::process::Command::new("ssh")
        .args(["-F", fleet.file("ssh_config").to_str().unwrap(), "-o"])
        .arg(format!("UserKnownHostsFile={}", file.display()))
        .args([Fleet::address(4).as_str(), "true"])
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    fleet.heal("hostkey", 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_host_is_refused_until_it_is_accepted() {
    let fleet = fleet!();
    let own = tempfile::tempdir().unwrap();
    let file = own.path().join("ssh/known_hosts");
    let pool = pool(SshSettings { known_hosts: vec![file.clone()], ..fleet.settings() });
    let host = fleet.endpoint(58);
    let cause = refusal(&pool, &host).await;
    assert_eq!(cause.word, CauseWord::KeyUnknown);
    let offered = pool.offered_key(&host).await.unwrap();
    assert_eq!((offered.conflict, offered.revoked), (None, false));
    assert!(all_of(&cause).contains(&offered.fingerprint));
    assert_eq!(pool.accept_key(&host, &offered.fingerprint).await.unwrap(), file);
    hostname(&pool, &host).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn hashed_names_and_revoked_keys_are_understood() {
    let fleet = fleet!();
    let own = tempfile::tempdir().unwrap();
    let hashed = own.path().join("hashed");
    std::fs::copy(fleet.file("known_hosts"), &hashed).unwrap();
    let done = std::process::Command::new("ssh-keygen")
        .args(["-q", "-H", "-f", hashed.to_str().unwrap()])
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(done.success());
    assert!(!std::fs::read_to_string(&hashed).unwrap().contains("127.0."));
    let host = fleet.endpoint(59);
    let hashed_pool = pool(SshSettings { known_hosts: vec![hashed], ..fleet.settings() });
    hostname(&hashed_pool, &host).await.unwrap();

    let revoked = own.path().join("revoked");
    std::fs::write(&revoked, format!("# note\n@revoked * {}\n", fleet.recorded_key(59))).unwrap();
    let files = vec![fleet.file("known_hosts"), revoked.clone()];
    let pool = pool(SshSettings { known_hosts: files, ..fleet.settings() });
    let cause = refusal(&pool, &host).await;
    assert_eq!(cause.word, CauseWord::KeyChanged);
    assert!(cause.sentence.contains(&format!("{}:2 revokes", revoked.display())), "{cause}");
    let offered = pool.offered_key(&host).await.unwrap();
    assert!(offered.revoked);
    let cause = pool.accept_key(&host, &offered.fingerprint).await.unwrap_err();
    assert_eq!(cause.word, CauseWord::KeyChanged, "a revoked key is never accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_certificate_of_a_known_authority_counts() {
    let fleet = fleet!();
    assert!(fleet.fault("certificate", 5));
    let own = tempfile::tempdir().unwrap();
    let file = own.path().join("known_hosts");
    let authority = std::fs::read_to_string(fleet.file("host_ca.pub")).unwrap();
    std::fs::write(&file, format!("@cert-authority [127.0.21.*]:* {authority}")).unwrap();
    let pool = pool(SshSettings { known_hosts: vec![file.clone()], ..fleet.settings() });
    hostname(&pool, &fleet.endpoint(5)).await.unwrap_or_else(|cause| panic!("{}", all_of(&cause)));
    // Without the authority the plain key is asked for, and it is not recorded.
    std::fs::write(&file, "").unwrap();
    pool.close_all().await;
    assert_eq!(refusal(&pool, &fleet.endpoint(5)).await.word, CauseWord::KeyUnknown);
    fleet.heal("certificate", 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_tells_which_keys_were_tried() {
    let fleet = fleet!();
    let pool = pool(fleet.settings());
    let stranger = fleet.file("id_stranger").display().to_string();
    let host = SshEndpoint {
        identity_file: Some(stranger.clone()),
        common_args: Some("-i /nowhere/id".into()),
        ..fleet.endpoint(60)
    };
    let cause = refusal(&pool, &host).await;
    assert_eq!(cause.word, CauseWord::AuthRefused);
    let all = all_of(&cause);
    assert!(all.contains(&format!("tried: {stranger} (SHA256:")), "{all}");
    assert!(all.contains("): not taken"), "{all}");
    assert!(all.contains("tried: /nowhere/id: there is no such file"), "{all}");
    assert!(all.contains("node-060 takes: publickey"), "{all}");
    // A good key after a bad one still lets us in.
    let good = format!("-i {}", fleet.file("id").display());
    let host = SshEndpoint { common_args: Some(good), ..host };
    hostname(&pool, &host).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_all_kinds_let_us_in() {
    let fleet = fleet!();
    let pool = pool(fleet.settings());
    for key in ["id", "id_rsa", "id_cert"] {
        let identity_file = Some(fleet.file(key).display().to_string());
        let host = SshEndpoint { identity_file, ..fleet.endpoint(61) };
        hostname(&pool, &host).await.unwrap_or_else(|cause| panic!("{key}: {}", all_of(&cause)));
    }
    let loose = fleet.file("id_loose");
    std::fs::copy(fleet.file("id"), &loose).unwrap();
    std::fs::set_permissions(&loose, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let host =
        SshEndpoint { identity_file: Some(loose.display().to_string()), ..fleet.endpoint(61) };
    let all = all_of(&refusal(&pool, &host).await);
    assert!(all.contains("others may read it (mode 0644): chmod 600"), "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_behind_a_passphrase_is_asked_for_once() {
    let fleet = fleet!();
    let secrets = Arc::new(SecretStore::default());
    let pool = SshPool::new(fleet.settings(), Arc::clone(&secrets));
    let path = fleet.file("id_sealed").display().to_string();
    let name = SecretName::from(format!("ssh-key {path}"));
    let host = SshEndpoint { identity_file: Some(path), ..fleet.endpoint(62) };
    let cause = refusal(&pool, &host).await;
    assert_eq!(cause.word, CauseWord::PasswordSealed, "{}", all_of(&cause));
    assert_eq!(cause.next, "unlock the key: palette `unlock`");
    assert_eq!(secrets.wanted(), [name.clone()]);

    secrets.put(name.clone(), SecretString::from("not the one"));
    let cause = refusal(&pool, &host).await;
    assert_eq!(cause.word, CauseWord::PasswordSealed);
    assert!(cause.sentence.ends_with("is wrong"), "{}", cause.sentence);
    assert_eq!(secrets.wanted(), [name.clone()], "forgotten and asked for again");

    secrets.put(name.clone(), SecretString::from("fleet-passphrase"));
    hostname(&pool, &host).await.unwrap();
    // Opened for good: other hosts need no passphrase any more.
    secrets.forget(&name);
    let other = SshEndpoint { identity_file: host.identity_file, ..fleet.endpoint(63) };
    hostname(&pool, &other).await.unwrap();
    // A sealed key that the host would not take is not asked for.
    let secrets = Arc::new(SecretStore::default());
    let pool = SshPool::new(fleet.settings(), Arc::clone(&secrets));
    fleet.fault("auth", 6);
    let host = SshEndpoint { identity_file: other.identity_file, ..fleet.endpoint(6) };
    assert_eq!(refusal(&pool, &host).await.word, CauseWord::AuthRefused);
    assert!(secrets.wanted().is_empty());
    fleet.heal("auth", 6);
}

/// An agent with one key; ended with the test.
struct Agent(std::process::Child, tempfile::TempDir);

impl Agent {
    fn with(key: &Path) -> Agent {
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join("agent");
        let mut started = std::process::Command::new("ssh-agent");
        let child = started.args(["-D", "-a", socket.to_str().unwrap()]).stdout(Stdio::null());
        let agent = Agent(child.spawn().unwrap(), directory);
        for _ in 0..200 {
            if socket.exists() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let mut add = std::process::Command::new("ssh-add");
        let added = add.arg("-q").arg(key).env("SSH_AUTH_SOCK", &socket).stderr(Stdio::null());
        assert!(added.status().unwrap().success());
        agent
    }

    fn socket(&self) -> std::path::PathBuf {
        self.1.path().join("agent")
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_signs() {
    let fleet = fleet!();
    let agent = Agent::with(&fleet.file("id_agent"));
    let settings = SshSettings { agent_socket: Some(agent.socket()), ..fleet.settings() };
    let agents = pool(settings.clone());
    let host = SshEndpoint { identity_file: None, ..fleet.endpoint(64) };
    hostname(&agents, &host).await.unwrap_or_else(|cause| panic!("{}", all_of(&cause)));
    // An agent holds a key whose file is the public half only.
    let public = fleet.file("id_agent.pub").display().to_string();
    let only = SshEndpoint {
        identity_file: Some(public),
        common_args: Some("-o IdentitiesOnly=yes".into()),
        ..fleet.endpoint(64)
    };
    hostname(&agents, &only).await.unwrap();
    // `IdentitiesOnly` keeps the agent's other keys out.
    let stranger = fleet.file("id_stranger").display().to_string();
    let other = SshEndpoint { identity_file: Some(stranger), ..only };
    assert_eq!(refusal(&agents, &other).await.word, CauseWord::AuthRefused);
    drop(agent);
    let gone = pool(settings);
    let cause = refusal(&gone, &host).await;
    assert_eq!(cause.word, CauseWord::AuthRefused);
    assert!(all_of(&cause).contains("tried: the agent: "), "{}", all_of(&cause));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_of_being_unreachable_has_its_own_word() {
    let fleet = fleet!();
    let pool = pool(quick(fleet));
    for (kind, number, word, least, most) in [
        ("refused", 10, CauseWord::Refused, 0, 1500),
        ("stopped", 11, CauseWord::NoBanner, 2900, 5000),
        ("hang", 12, CauseWord::NoBanner, 2900, 5000),
        ("mute", 13, CauseWord::Silent, 2900, 5000),
        ("garbage", 14, CauseWord::Garbled, 0, 2500),
        ("drop", 15, CauseWord::Reset, 0, 3000),
        ("forced", 16, CauseWord::System("ran".into()), 0, 3000),
        ("slow", 17, CauseWord::System("ran".into()), 1900, 5000),
    ] {
        assert!(fleet.fault(kind, number));
        let began = Instant::now();
        let answer = hostname(&pool, &fleet.endpoint(number)).await;
        let took = began.elapsed().as_millis();
        let got = answer
            .as_ref()
            .map_or_else(|cause| cause.word.clone(), |_| CauseWord::System("ran".into()));
        assert_eq!(got, word, "{kind}: {answer:?}");
        assert!((least..most).contains(&took), "{kind} took {took} ms");
        if let Err(cause) = answer {
            assert!(cause.sentence.contains(&Fleet::name(number)), "{}", cause.sentence);
            assert!(!cause.next.is_empty());
        }
        // A host that comes back is asked as if nothing had been.
        fleet.heal(kind, number);
        hostname(&pool, &fleet.endpoint(number)).await.unwrap_or_else(|cause| {
            panic!("{kind} healed: {}", all_of(&cause));
        });
    }
    let host = SshEndpoint { address: "no-such-host.invalid".into(), ..fleet.endpoint(65) };
    let cause = refusal(&pool, &host).await;
    assert_eq!(cause.word, CauseWord::NameUnknown, "{}", all_of(&cause));
}

#[tokio::test(flavor = "multi_thread")]
async fn dropped_packets_are_timed_out() {
    let fleet = fleet!();
    let pool = pool(quick(fleet));
    hostname(&pool, &fleet.endpoint(18)).await.unwrap();
    if !fleet.fault("blackhole", 18) {
        fleet.heal("blackhole", 18);
        return skipped("ssh (blackhole)", "nftables cannot be used here");
    }
    let began = Instant::now();
    let cause = refusal(&pool, &fleet.endpoint(18)).await;
    assert_eq!(cause.word, CauseWord::TimedOut, "{}", all_of(&cause));
    assert_eq!(
        cause.sentence,
        format!("node-018 does not answer on 127.0.21.18 port {} within 3 s", fleet.port)
    );
    assert!(began.elapsed() < Duration::from_secs(5));
    let port = pool.probe_port(&fleet.endpoint(18), Duration::from_secs(1)).await;
    assert_eq!(port.unwrap_err().word, CauseWord::TimedOut);
    fleet.heal("blackhole", 18);
    hostname(&pool, &fleet.endpoint(18)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_vanishes_on_an_open_connection_is_silent_not_slow() {
    let fleet = fleet!();
    let pool = pool(quick(fleet));
    let host = fleet.endpoint(19);
    let mut slow = Command::new("sleep 5");
    slow.timeout = Duration::from_secs(1);
    let cause = pool.run(&host, &slow).await.unwrap_err();
    assert_eq!(cause.word, CauseWord::TimedOut, "alive, but slow: {}", all_of(&cause));
    assert!(cause.sentence.starts_with("node-019 answers, but"), "{}", cause.sentence);
    // Its connections live on a frozen machine: nothing comes back any more.
    let pid = pool.run(&host, &Command::new("echo $PPID")).await.unwrap();
    let session = text(&pid).to_owned();
    let signal = |name: &str| {
        let status = std::process::Command::new("kill").args([name, &session]).status().unwrap();
        assert!(status.success());
    };
    signal("-STOP");
    let cause = pool.run(&host, &slow).await.unwrap_err();
    signal("-CONT");
    assert_eq!(cause.word, CauseWord::Silent, "{}", all_of(&cause));
    hostname(&pool, &host).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_cut_in_the_middle_is_told_and_replaced() {
    let fleet = fleet!();
    assert!(fleet.fault("cut", 20));
    let pool = pool(quick(fleet));
    let host = fleet.endpoint(20);
    let began = Instant::now();
    let cause = pool.run(&host, &Command::new("sleep 30")).await.unwrap_err();
    assert_eq!(cause.word, CauseWord::Cut, "{}", all_of(&cause));
    assert!(began.elapsed() < Duration::from_secs(5));
    // A dead connection that nobody used is replaced without a word.
    hostname(&pool, &host).await.unwrap();
    tokio::time::sleep(Duration::from_millis(3500)).await;
    hostname(&pool, &host).await.unwrap();
    fleet.heal("cut", 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn throttling_is_waited_out_and_told_when_it_does_not_end() {
    let fleet = fleet!();
    assert!(fleet.fault("maxstartups", 21));
    let address = (Fleet::address(21), fleet.port);
    // Two connections that never log in: sshd turns away every other one.
    let mut idle = vec![];
    for _ in 0..2 {
        idle.push(tokio::net::TcpStream::connect(&address).await.unwrap());
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let pool = pool(quick(fleet));
    let cause = refusal(&pool, &fleet.endpoint(21)).await;
    assert_eq!(cause.word, CauseWord::Reset, "{}", all_of(&cause));
    let let_go = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(700)).await;
        drop(idle);
    });
    hostname(&pool, &fleet.endpoint(21)).await.unwrap_or_else(|cause| panic!("{}", all_of(&cause)));
    let_go.await.unwrap();
    fleet.heal("maxstartups", 21);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_on_one_throttled_server_gets_through() {
    let fleet = fleet!();
    assert!(fleet.fault("maxstartups", 22));
    let pool = pool(fleet.settings());
    // Twelve names of one server, each with a connection of its own.
    let burst = (0..12).map(|number| {
        let pool = &pool;
        let host = SshEndpoint { name: format!("alias-{number}"), ..fleet.endpoint(22) };
        async move { hostname(pool, &host).await }
    });
    for answer in join_all(burst).await {
        answer.unwrap_or_else(|cause| panic!("{}", all_of(&cause)));
    }
    fleet.heal("maxstartups", 22);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_bounded_and_stalls_nobody() {
    let fleet = fleet!();
    let pool = pool(fleet.settings());
    let host = fleet.endpoint(66);
    hostname(&pool, &host).await.unwrap();
    let mut flood = Command::new("cat /dev/zero");
    flood.max_output = 200_000;
    let cause = pool.run(&host, &flood).await.unwrap_err();
    assert_eq!(cause.word, CauseWord::TooLarge);
    assert!(cause.sentence.contains("more than 200000 bytes"), "{}", cause.sentence);
    // One that may print much and that nobody waits for any more.
    flood.max_output = usize::MAX;
    let unread = tokio::time::timeout(Duration::from_millis(300), pool.run(&host, &flood)).await;
    assert!(unread.is_err() || unread.is_ok_and(|answer| answer.is_err()));
    let flooding = {
        let (pool, host) = (Arc::clone(&pool), host.clone());
        tokio::spawn(
            async move { pool.run(&host, &Command { max_output: 15_000_000, ..flood }).await },
        )
    };
    let began = Instant::now();
    hostname(&pool, &host).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(flooding.await.unwrap().unwrap_err().word, CauseWord::TooLarge);
    hostname(&pool, &host).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_dropped_ends_its_command() {
    let fleet = fleet!();
    let pool = pool(fleet.settings());
    let host = fleet.endpoint(67);
    let marker = format!("marker-{}", std::process::id());
    let line = format!("exec sh -c 'sleep 300; : {marker}'");
    for _ in 0..10 {
        // More than there are sessions: each must be given back.
        let command = Command::new(line.clone());
        let call = pool.run(&host, &command);
        assert!(tokio::time::timeout(Duration::from_millis(150), call).await.is_err());
    }
    hostname(&pool, &host).await.unwrap();
    let count = format!("ps -eo args | grep -c '[s]leep 300; : {marker}' || true");
    let mut left = String::new();
    for _ in 0..50 {
        left = text(&pool.run(&host, &Command::new(count.clone())).await.unwrap()).to_owned();
        if left == "0" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{left} commands still run");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_is_asked_without_logging_in() {
    let fleet = fleet!();
    let pool = pool(quick(fleet));
    let within = Duration::from_secs(1);
    let answer = pool.probe_port(&fleet.endpoint(68), within).await.unwrap();
    assert!(answer.banner.unwrap().starts_with("SSH-2.0-OpenSSH"));
    for (kind, number, expected) in [
        ("refused", 23, Some(CauseWord::Refused)),
        ("garbage", 24, Some(CauseWord::Garbled)),
        ("stopped", 25, None),
    ] {
        fleet.fault(kind, number);
        let answer = pool.probe_port(&fleet.endpoint(number), within).await;
        match expected {
            Some(word) => assert_eq!(answer.unwrap_err().word, word, "{kind}"),
            None => assert_eq!(answer.unwrap().banner, None, "{kind}: open, but nothing is said"),
        }
        fleet.heal(kind, number);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_that_say_nothing_do_not_hold_up_the_others() {
    let fleet = fleet!();
    for number in 26..=33 {
        fleet.fault("hang", number);
    }
    let pool = pool(SshSettings { handshakes_at_once: 2, ..quick(fleet) });
    let silent = (26..=33).map(|number| {
        let (pool, host) = (Arc::clone(&pool), fleet.endpoint(number));
        tokio::spawn(async move { refusal(&pool, &host).await.word })
    });
    let silent: Vec<_> = silent.collect();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let began = Instant::now();
    let well = join_all((70..=85).map(|number| {
        let (pool, host) = (Arc::clone(&pool), fleet.endpoint(number));
        async move { hostname(&pool, &host).await }
    }));
    assert!(well.await.into_iter().all(|answer| answer.is_ok()));
    assert!(began.elapsed() < Duration::from_millis(2500), "{:?}", began.elapsed());
    for word in join_all(silent).await {
        assert_eq!(word.unwrap(), CauseWord::NoBanner);
    }
    for number in 26..=33 {
        fleet.heal("hang", number);
    }
}
