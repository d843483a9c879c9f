//! How fast all hosts answer, beside the fastest common tool. Measurements are
//! no tests: run them by hand with
//! `cargo test --release --test real speed -- --ignored --nocapture`.

use std::process::{Command as Program, Stdio};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use shopfloor::transport::ssh::{Command, SshPool};

use crate::fleet::{Fleet, HOSTS};

/// User and system time of this process, and of its children that ended.
fn cpu() -> (Duration, Duration) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let ticks: Vec<u64> =
        fields.split(' ').skip(11).take(4).map(|field| field.parse().unwrap()).collect();
    // The kernel counts in hundredths of a second.
    let time = |at: usize| Duration::from_millis(10 * (ticks[at] + ticks[at + 1]));
    (time(0), time(2))
}

async fn ask_all(pool: &SshPool, fleet: &Fleet) -> (Duration, Duration) {
    let (began, before) = (Instant::now(), cpu().0);
    let command = Command::new("true");
    let asked = (1..=HOSTS).map(|number| {
        let (endpoint, command) = (fleet.endpoint(number), &command);
        async move { pool.run(&endpoint, command).await }
    });
    for answer in join_all(asked).await {
        assert!(answer.unwrap().success());
    }
    (began.elapsed(), cpu().0 - before)
}

fn xargs(fleet: &Fleet) -> (Duration, Duration) {
    let (began, before) = (Instant::now(), cpu().1);
    let config = fleet.file("ssh_config").display().to_string();
    let status = Program::new("xargs")
        .args(["-P", "64", "-n", "1", "sh", "-c", "exec ssh -F \"$0\" \"$1\" \"$2\" true"])
        .args([config.as_str(), "-oKexAlgorithms=curve25519-sha256"])
        .stdin(std::fs::File::open(fleet.file("hosts.txt")).unwrap())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    (began.elapsed(), cpu().1 - before)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, not a test"]
async fn speed_of_a_look_at_all_hosts() {
    let fleet = Fleet::shared("ssh speed").expect("a fleet");
    for round in 1..=5 {
        let pool = SshPool::new(fleet.settings(), std::sync::Arc::default());
        let (cold, cold_cpu) = ask_all(&pool, fleet).await;
        let (warm, warm_cpu) = ask_all(&pool, fleet).await;
        pool.close_all().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (peer, peer_cpu) = xargs(fleet);
        eprintln!(
            "round {round}: cold {cold:.2?} (cpu {cold_cpu:.2?}), warm {warm:.2?} (cpu \
             {warm_cpu:.2?}), xargs -P 64 ssh {peer:.2?} (cpu {peer_cpu:.2?})"
        );
    }
}
