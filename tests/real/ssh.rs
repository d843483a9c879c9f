//! The SSH transport against OpenSSH: answers, ways, keys.

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

use crate::fleet::{Fleet, HOSTS, fleet};

pub fn pool(settings: SshSettings) -> Arc<SshPool> {
    SshPool::new(settings, Arc::default())
}

pub fn quick(fleet: &Fleet) -> SshSettings {
    SshSettings { connect_timeout: Duration::from_secs(3), ..fleet.settings() }
}

pub fn text(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap().trim()
}

pub async fn hostname(pool: &SshPool, endpoint: &SshEndpoint) -> Result<String, Cause> {
    pool.run(endpoint, &Command::new("hostname")).await.map(|output| text(&output).to_owned())
}

pub async fn refusal(pool: &SshPool, endpoint: &SshEndpoint) -> Cause {
    hostname(pool, endpoint).await.expect_err("the host is in trouble")
}

/// The lines of a cause as one text, to look for parts.
pub fn all_of(cause: &Cause) -> String {
    format!("{}\n{}\n{}", cause.sentence, cause.next, cause.detail.join("\n"))
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
    for (number, answer) in [(54, first), (55, second)] {
        let answer = answer.unwrap_or_else(|cause| panic!("{}", all_of(&cause)));
        let reached = format!(" {} {}", Fleet::address(number), fleet.port);
        assert!(text(&answer).ends_with(&reached), "{}", text(&answer));
    }
    // What the jump host says of a target that is not there is told.
    fleet.fault("refused", 2);
    let cause = refusal(&pool, &behind(2)).await;
    assert_eq!(cause.word, CauseWord::Refused, "{}", all_of(&cause));
    assert!(cause.sentence.ends_with(", seen from inner"), "{}", cause.sentence);
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
    let place = format!("{}:4", file.display());
    assert!(cause.detail.iter().any(|detail| detail.ends_with(&place)), "{cause:?}");
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
    assert!(cause.detail.contains(&format!("revoked at {}:2", revoked.display())), "{cause:?}");
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
    let cause = refusal(&pool, &host).await;
    assert!(cause.sentence.contains("others may read it (mode 0644)"), "{}", all_of(&cause));
    assert_eq!(cause.next, format!("chmod 600 {}", loose.display()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_that_cannot_be_used_is_named_with_the_reason() {
    use std::os::unix::fs::PermissionsExt as _;
    let fleet = fleet!();
    let pool = pool(fleet.settings());
    let whole = std::fs::read_to_string(fleet.file("id")).unwrap();
    let home = tempfile::tempdir().unwrap();
    let key = |name: &str, content: &[u8]| {
        let path = home.path().join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path.display().to_string()
    };
    let cut: String = whole.lines().take(3).map(|line| format!("{line}\n")).collect();
    let folder = home.path().display().to_string();
    for (path, why, next) in [
        (key("garbage", b"hello\n"), "is no SSH key", "name the file of the private key"),
        (key("binary", b"\xff\xfe\0\0"), "is no SSH key", "name the file of the private key"),
        (key("cut", cut.as_bytes()), "is a private key that cannot be understood", "ssh-keygen -y"),
        (folder, "is no file", "name the file"),
        ("/nowhere/id".to_owned(), "does not exist", "ansible_ssh_private_key_file"),
    ] {
        let host = SshEndpoint { identity_file: Some(path.clone()), ..fleet.endpoint(64) };
        let cause = refusal(&pool, &host).await;
        assert_eq!(cause.word, CauseWord::AuthRefused, "{}", all_of(&cause));
        let told = format!("the key {path} {why}");
        assert!(cause.sentence.contains(&told), "no `{told}` in {}", all_of(&cause));
        assert!(cause.sentence.starts_with("node-064 does not let"), "{}", cause.sentence);
        assert!(cause.next.contains(next), "no `{next}` in {}", all_of(&cause));
        assert!(!all_of(&cause).contains("hello"), "nothing of the file is shown");
    }
    // With another key that was tried, both are said.
    let stranger = format!("-i {}", fleet.file("id_stranger").display());
    let bad = key("bad", b"x");
    let host = SshEndpoint {
        identity_file: Some(bad.clone()),
        common_args: Some(stranger),
        ..fleet.endpoint(64)
    };
    let cause = refusal(&pool, &host).await;
    let told = format!("with none of our keys, and the key {bad} is no SSH key");
    assert!(cause.sentence.ends_with(&told), "{}", all_of(&cause));
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
    assert_eq!(secrets.wanted().as_slice(), std::slice::from_ref(&name));

    secrets.put(name.clone(), SecretString::from("not the one"));
    let cause = refusal(&pool, &host).await;
    assert_eq!(cause.word, CauseWord::PasswordSealed);
    assert!(cause.sentence.ends_with("is wrong"), "{}", cause.sentence);
    assert_eq!(
        secrets.wanted().as_slice(),
        std::slice::from_ref(&name),
        "forgotten and asked for again"
    );

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
