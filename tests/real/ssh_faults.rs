//! The SSH transport against hosts in trouble.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use shopfloor::domain::CauseWord;
use shopfloor::domain::endpoint::SshEndpoint;
use shopfloor::transport::ssh::{Command, SshSettings};
use tokio::io::AsyncReadExt;

use crate::fleet::{Fleet, fleet};
use crate::ssh::{all_of, hostname, pool, quick, refusal, text};

/// The longest that anything here may take; no measure, only an end.
const PATIENCE: Duration = Duration::from_secs(30);

async fn in_time<T>(what: &str, asking: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| panic!("{what} never ends"))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_of_being_unreachable_has_its_own_word() {
    let fleet = fleet!();
    let pool = pool(quick(fleet));
    // The word tells how each ended: by the time-out of this pool, or before it.
    for (kind, number, word) in [
        ("refused", 10, CauseWord::Refused),
        ("stopped", 11, CauseWord::NoBanner),
        ("hang", 12, CauseWord::NoBanner),
        ("mute", 13, CauseWord::Silent),
        ("garbage", 14, CauseWord::Garbled),
        ("drop", 15, CauseWord::Reset),
        ("forced", 16, CauseWord::System("ran".into())),
        ("slow", 17, CauseWord::System("ran".into())),
    ] {
        assert!(fleet.fault(kind, number));
        let answer = in_time(kind, hostname(&pool, &fleet.endpoint(number))).await;
        let got = answer
            .as_ref()
            .map_or_else(|cause| cause.word.clone(), |_| CauseWord::System("ran".into()));
        assert_eq!(got, word, "{kind}: {answer:?}");
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
        // The kernel decides that; the suite itself runs.
        return println!("SKIPPED ssh_faults: nftables cannot drop packets here");
    }
    let cause = in_time("a blackhole", refusal(&pool, &fleet.endpoint(18))).await;
    assert_eq!(cause.word, CauseWord::TimedOut, "{}", all_of(&cause));
    assert_eq!(
        cause.sentence,
        format!("node-018 does not answer on 127.0.21.18 port {} within 3 s", fleet.port)
    );
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
    let session = text(&pool.run(&host, &Command::new("echo $PPID")).await.unwrap()).to_owned();
    let signal = |name: &str| {
        let status = std::process::Command::new("kill").args([name, &session]).status().unwrap();
        assert!(status.success());
    };
    slow.timeout = Duration::from_secs(2);
    let freeze = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        signal("-STOP");
    };
    let (answer, ()) = tokio::join!(pool.run(&host, &slow), freeze);
    let cause = answer.unwrap_err();
    assert_eq!(cause.word, CauseWord::Silent, "{}", all_of(&cause));
    // The next command gets a new connection.
    hostname(&pool, &host).await.unwrap();
    signal("-CONT");
    // A connection that died without a word is replaced before a command is lost.
    let session = text(&pool.run(&host, &Command::new("echo $PPID")).await.unwrap()).to_owned();
    let status = std::process::Command::new("kill").args(["-STOP", &session]).status().unwrap();
    assert!(status.success());
    hostname(&pool, &host).await.unwrap();
    let status = std::process::Command::new("kill").args(["-CONT", &session]).status().unwrap();
    assert!(status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_connection_does_not_hide_for_ever_that_nobody_gets_in() {
    let fleet = fleet!();
    let renew_after = Duration::from_millis(1500);
    let pool = pool(SshSettings { renew_after, ..quick(fleet) });
    for (kind, number, word) in [
        ("refused", 71, CauseWord::Refused),
        ("stopped", 72, CauseWord::NoBanner),
        ("hostkey", 73, CauseWord::KeyChanged),
        ("auth", 74, CauseWord::AuthRefused),
    ] {
        let host = fleet.endpoint(number);
        let session = Command::new("echo $PPID");
        let before = text(&pool.run(&host, &session).await.unwrap()).to_owned();
        let same = text(&pool.run(&host, &session).await.unwrap()).to_owned();
        assert_eq!(before, same, "one connection while it is young");
        let mut long = Command::new("sleep 3; echo done");
        long.timeout = Duration::from_secs(10);
        let running = pool.run(&host, &long);
        let breaking = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            assert!(fleet.fault(kind, number));
            tokio::time::sleep(renew_after).await;
            pool.run(&host, &session).await.unwrap_err()
        };
        let (answer, cause) = tokio::join!(running, breaking);
        assert_eq!(text(&answer.unwrap()), "done", "what runs is not cut off: {kind}");
        assert_eq!(cause.word, word, "{kind}: {}", all_of(&cause));
        fleet.heal(kind, number);
        hostname(&pool, &host).await.unwrap_or_else(|cause| panic!("{kind}: {}", all_of(&cause)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_cut_in_the_middle_is_told_and_replaced() {
    let fleet = fleet!();
    assert!(fleet.fault("cut", 20));
    let pool = pool(quick(fleet));
    let host = fleet.endpoint(20);
    // The command would go on for much longer than anybody waits here.
    let sleeping = Command { timeout: PATIENCE * 4, ..Command::new("sleep 100") };
    let cause = in_time("a cut line", pool.run(&host, &sleeping)).await.unwrap_err();
    assert_eq!(cause.word, CauseWord::Cut, "{}", all_of(&cause));
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
        // Until one is let in: the recipe's own look at the port may still count.
        loop {
            let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
            let mut first = [0; 4];
            if stream.read_exact(&mut first).await.is_ok() && &first == b"SSH-" {
                idle.push(stream);
                break;
            }
        }
    }
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
    in_time("a host that floods", hostname(&pool, &host)).await.unwrap();
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
async fn hosts_that_say_nothing_do_not_hold_up_the_others() {
    let fleet = fleet!();
    for number in 26..=33 {
        fleet.fault("hang", number);
    }
    // Those that hang are not given up while this lasts: they are done after the others or never.
    let connect_timeout = PATIENCE * 2;
    let pool = pool(SshSettings { handshakes_at_once: 2, connect_timeout, ..fleet.settings() });
    let silent = (26..=33).map(|number| {
        let (pool, host) = (Arc::clone(&pool), fleet.endpoint(number));
        tokio::spawn(async move { refusal(&pool, &host).await.word })
    });
    let silent: Vec<_> = silent.collect();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let well = join_all((70..=85).map(|number| {
        let (pool, host) = (Arc::clone(&pool), fleet.endpoint(number));
        async move { hostname(&pool, &host).await }
    }));
    let well = in_time("hosts that answer", well).await;
    assert!(well.into_iter().all(|answer| answer.is_ok()));
    // They are done while not one of the silent ones has been given up.
    assert_eq!(silent.iter().filter(|asking| asking.is_finished()).count(), 0);
    silent.iter().for_each(|asking| asking.abort());
    for number in 26..=33 {
        fleet.heal("hang", number);
    }
}
