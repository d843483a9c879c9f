//! A fleet over SSH: our pool against the tools operators use for it.
//!
//! `tests/bench/run` starts the fleet and installs the peers. Every figure is
//! taken in this one run on this one machine; the measured hosts share the
//! machine, so their cost is in every wall figure and the client's own CPU
//! (user and system, of this process or of the peer and its children) stands beside it.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use shopfloor::domain::endpoint::SshEndpoint;
use shopfloor::domain::{Answer, Place, Role, Site, Target, TargetId, TargetKind};
use shopfloor::probes::Reach;
use shopfloor::probes::hosts::script::{self, Parameters};
use shopfloor::probes::hosts::sections::Pace;
use shopfloor::transport::http::HttpPool;
use shopfloor::transport::secrets::SecretStore;
use shopfloor::transport::ssh::{Command as Remote, SshPool, SshSettings};

/// Rounds of each contender; the median is shown.
const ROUNDS: usize = 3;

#[derive(Clone, Copy)]
struct Cost {
    wall: Duration,
    cpu: Duration,
}

struct Fleet {
    directory: PathBuf,
    hosts: Vec<(String, String)>,
    port: u16,
    user: String,
    key: PathBuf,
    known_hosts: PathBuf,
}

impl Fleet {
    /// Reads `fleet.env` and `hosts` (name and address a line) as the recipe writes them.
    fn read(directory: &Path) -> Fleet {
        let env = std::fs::read_to_string(directory.join("fleet.env"))
            .expect("fleet.env; start it with tests/bench/run");
        let value = |name: &str| {
            env.lines()
                .find_map(|line| line.strip_prefix(&format!("{name}=")))
                .unwrap_or_else(|| panic!("{name} in fleet.env"))
                .to_owned()
        };
        let hosts = std::fs::read_to_string(directory.join("hosts"))
            .expect("hosts")
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(name, address)| (name.to_owned(), address.to_owned()))
            .collect();
        Fleet {
            directory: directory.to_path_buf(),
            hosts,
            port: value("PORT").parse().expect("a port"),
            user: value("USER_NAME"),
            key: PathBuf::from(value("KEY")),
            known_hosts: PathBuf::from(value("KNOWN_HOSTS")),
        }
    }

    fn endpoints(&self) -> Vec<SshEndpoint> {
        self.hosts
            .iter()
            .map(|(name, address)| SshEndpoint {
                name: name.clone(),
                address: address.clone(),
                port: Some(self.port),
                user: Some(self.user.clone()),
                identity_file: Some(self.key.display().to_string()),
                common_args: None,
                via: None,
                directory: self.directory.clone(),
                sudo: false,
            })
            .collect()
    }

    /// The fleet as a site of control nodes, which are asked the most.
    fn site(&self) -> Site {
        let targets = self
            .endpoints()
            .into_iter()
            .map(|endpoint| Target {
                id: TargetId::from(endpoint.name.as_str()),
                name: endpoint.name.clone(),
                aliases: Vec::new(),
                kind: TargetKind::Host,
                roles: vec![Role::Control],
                groups: Vec::new(),
                rack: None,
                serial: None,
                ssh: Some(endpoint),
                bmc: None,
                machine: None,
                wanted: Default::default(),
                declared: Place::default(),
            })
            .collect();
        Site { targets, is_ai_factory: true, has_inventory: true, ..Site::default() }
    }

    fn pool(&self) -> Arc<SshPool> {
        let settings = SshSettings {
            config_file: None,
            system_config_file: None,
            known_hosts: vec![self.known_hosts.clone()],
            agent_socket: None,
            ..SshSettings::default()
        };
        SshPool::new(settings, Arc::new(SecretStore::default()))
    }
}

/// Looks at every host with the product's own probes, both paces.
async fn look_at_all(pool: &Arc<SshPool>, site: &Site) {
    let reach = Arc::new(Reach {
        ssh: Arc::clone(pool),
        http: Arc::new(HttpPool::new()),
        secrets: Arc::new(SecretStore::default()),
    });
    let asking: Vec<_> = shopfloor::probes::probes_of(site)
        .into_iter()
        .map(|probe| {
            let reach = Arc::clone(&reach);
            tokio::spawn(async move { probe.ask(&reach).await })
        })
        .collect();
    for task in asking {
        match task.await.expect("no panic") {
            Answer::Facts(report) => assert!(!report.facts.is_empty()),
            other => panic!("{other:?}"),
        }
    }
}

/// The script as one host gets it.
fn script_of(site: &Site) -> String {
    let target = &site.targets[0];
    let parameters = Parameters::of(site, target);
    let mut names = script::asked(target, &parameters, Pace::Look);
    names.extend(script::asked(target, &parameters, Pace::Survey));
    script::script(&names, &parameters, "0badc0de0badc0de")
}

/// CPU seconds of this process, and of its children that ended, from `/proc/self/stat` (ticks of 10 ms).
fn cpu() -> (Duration, Duration) {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("procfs");
    let fields: Vec<u64> = stat
        .rsplit(')')
        .next()
        .expect("fields")
        .split_whitespace()
        .filter_map(|field| field.parse().ok())
        .collect();
    // After the state letter: utime, stime, cutime, cstime are the 11th to 14th numbers.
    let ticks = |at: usize| Duration::from_millis(fields[at] * 10);
    (ticks(10) + ticks(11), ticks(12) + ticks(13))
}

async fn ask_all(pool: &Arc<SshPool>, endpoints: &[SshEndpoint], command: &Remote) {
    let asking: Vec<_> = endpoints
        .iter()
        .cloned()
        .map(|endpoint| {
            let (pool, command) = (Arc::clone(pool), command.clone());
            tokio::spawn(async move { pool.run(&endpoint, &command).await })
        })
        .collect();
    for task in asking {
        let output = task.await.expect("no panic").unwrap_or_else(|cause| panic!("{cause}"));
        assert!(
            matches!(output.status, shopfloor::transport::ssh::Status::Exited(0)),
            "{output:?}"
        );
    }
}

fn measure_peer(program: &str, args: &[String], input: Option<&Path>) -> Cost {
    let before = cpu().1;
    let begun = Instant::now();
    let stdin =
        input.map_or_else(Stdio::null, |path| std::fs::File::open(path).expect("input").into());
    let output = Command::new(program)
        .args(args)
        .stdin(stdin)
        .output()
        .unwrap_or_else(|e| panic!("{program}: {e}"));
    let wall = begun.elapsed();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Cost { wall, cpu: cpu().1 - before }
}

fn median(mut costs: Vec<Cost>) -> Cost {
    costs.sort_by_key(|cost| cost.wall);
    costs[costs.len() / 2]
}

fn row(what: &str, peer: &str, ours: Cost, theirs: Cost, goal: &str) {
    let ratio = |a: Duration, b: Duration| b.as_secs_f64() / a.as_secs_f64().max(0.005);
    println!(
        "| {what} | {peer} | {:.2} s, {:.2} s CPU | {:.2} s, {:.2} s CPU | {:.1}x wall, {:.1}x CPU | {goal} |",
        ours.wall.as_secs_f64(),
        ours.cpu.as_secs_f64(),
        theirs.wall.as_secs_f64(),
        theirs.cpu.as_secs_f64(),
        ratio(ours.wall, theirs.wall),
        ratio(ours.cpu, theirs.cpu),
    );
}

fn main() -> ExitCode {
    // `cargo test --all-targets` starts benchmarks too; without a fleet there is nothing to measure.
    let Some(directory) = std::env::var_os("FLEET_DIR").map(PathBuf::from) else {
        println!("no FLEET_DIR: start this with tests/bench/run");
        return ExitCode::SUCCESS;
    };
    let fleet = Fleet::read(&directory);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("runtime");
    let endpoints = fleet.endpoints();
    let count = endpoints.len();
    let truth = Remote::new("true");

    let mut cold = Vec::new();
    let mut warm = Vec::new();
    let mut facts = Vec::new();
    let site = fleet.site();
    for _ in 0..ROUNDS {
        let pool = fleet.pool();
        for (command, costs) in [(&truth, &mut cold), (&truth, &mut warm)] {
            let before = cpu().0;
            let begun = Instant::now();
            runtime.block_on(ask_all(&pool, &endpoints, command));
            costs.push(Cost { wall: begun.elapsed(), cpu: cpu().0 - before });
        }
        let before = cpu().0;
        let begun = Instant::now();
        runtime.block_on(look_at_all(&pool, &site));
        facts.push(Cost { wall: begun.elapsed(), cpu: cpu().0 - before });
        runtime.block_on(pool.close_all());
    }
    let (cold, warm, facts) = (median(cold), median(warm), median(facts));

    println!(
        "{count} real sshd on loopback; {} cores",
        std::thread::available_parallelism().map_or(0, usize::from)
    );
    println!("| What | Against | Ours | Theirs | Ratio | Goal |");
    println!("| --- | --- | --- | --- | --- | --- |");
    peers(&fleet, &site, cold, warm, facts);
    ExitCode::SUCCESS
}

fn peers(fleet: &Fleet, site: &Site, cold: Cost, warm: Cost, facts: Cost) {
    let hosts_file = fleet.directory.join("hosts");
    let addresses = fleet.directory.join("addresses");
    let listed: String = fleet.hosts.iter().map(|(_, address)| format!("{address}\n")).collect();
    std::fs::write(&addresses, listed).expect("a list of addresses");
    let options = |extra: &[&str]| -> Vec<String> {
        let mut all: Vec<String> = [
            "-F",
            "none",
            "-o",
            "BatchMode=yes",
            "-o",
            "StrictHostKeyChecking=yes",
            "-o",
            "IdentitiesOnly=yes",
        ]
        .iter()
        .map(|s| (*s).to_owned())
        .collect();
        all.extend(["-o".into(), format!("UserKnownHostsFile={}", fleet.known_hosts.display())]);
        all.extend([
            "-i".into(),
            fleet.key.display().to_string(),
            "-p".into(),
            fleet.port.to_string(),
        ]);
        all.extend(["-l".into(), fleet.user.clone()]);
        all.extend(extra.iter().map(|s| (*s).to_owned()));
        all
    };
    let xargs = |extra: &[&str]| -> Vec<String> {
        let mut args: Vec<String> =
            ["-P", "64", "-I", "{}", "ssh"].iter().map(|s| (*s).to_owned()).collect();
        args.extend(options(extra));
        args.extend(["{}".to_owned(), "true".to_owned()]);
        args
    };
    let rounds = |program: &str, args: &[String], input: Option<&Path>| {
        median((0..ROUNDS).map(|_| measure_peer(program, args, input)).collect())
    };
    let ssh_config = fleet.directory.join("bench_ssh_config");
    let joined = options(&[]).chunks(2).map(|pair| pair.join(" ")).collect::<Vec<_>>().join(" ");
    let _ = &hosts_file;
    std::fs::write(&ssh_config, ssh_config_text(fleet)).expect("a configuration");

    if has("parallel-ssh") {
        let mut args: Vec<String> =
            vec!["-p".into(), "64".into(), "-h".into(), addresses.display().to_string()];
        args.extend(["-x".into(), format!("-F {}", ssh_config.display()), "true".into()]);
        row(
            "`true`, first contact",
            "`parallel-ssh -p 64`",
            cold,
            rounds("parallel-ssh", &args, None),
            "≥ 3x, ≥ 5x",
        );
    }
    if has("pdsh") {
        let list = fleet.hosts.iter().map(|(_, a)| a.as_str()).collect::<Vec<_>>().join(",");
        let command = format!(
            "PDSH_SSH_ARGS_APPEND='-F {}' pdsh -R ssh -f 64 -w {list} true",
            ssh_config.display()
        );
        let args = vec!["-c".to_owned(), command];
        row("`true`, first contact", "`pdsh -f 64`", cold, rounds("sh", &args, None), "≥ 3x, ≥ 5x");
    }
    let curve = xargs(&["-o", "KexAlgorithms=curve25519-sha256"]);
    row(
        "`true`, first contact",
        "`xargs -P 64 ssh`, curve25519 only",
        cold,
        rounds("xargs", &curve, Some(&addresses)),
        "≥ 1.0x",
    );
    let _ = joined;

    let sockets = fleet.directory.join("cm");
    std::fs::create_dir_all(&sockets).expect("a directory");
    let path = format!("ControlPath={}/%h", sockets.display());
    let open = xargs(&["-o", "ControlMaster=auto", "-o", &path, "-o", "ControlPersist=120"]);
    let reuse = xargs(&["-o", "ControlMaster=no", "-o", &path]);
    measure_peer("xargs", &open, Some(&addresses));
    row(
        "`true`, connections open",
        "`xargs -P 64 ssh`, multiplexed",
        warm,
        rounds("xargs", &reuse, Some(&addresses)),
        "≥ 3x",
    );

    if let Some(ansible) = std::env::var_os("ANSIBLE_BIN").map(PathBuf::from) {
        let inventory = fleet.directory.join("bench_inventory");
        let lines: String = fleet
            .hosts
            .iter()
            .map(|(name, address)| format!("{name} ansible_host={address}\n"))
            .collect();
        let common = format!("-F {}", ssh_config.display());
        std::fs::write(
            &inventory,
            format!("{lines}\n[all:vars]\nansible_python_interpreter=/usr/bin/python3\nansible_ssh_common_args={common}\n"),
        )
        .expect("an inventory");
        let program = ansible.display().to_string();
        let base = |module: &[&str]| -> Vec<String> {
            let mut args: Vec<String> = vec![
                "all".into(),
                "-i".into(),
                inventory.display().to_string(),
                "-f".into(),
                "50".into(),
            ];
            args.extend(module.iter().map(|s| (*s).to_owned()));
            args
        };
        let setup = measure_peer(&program, &base(&["-m", "setup"]), None);
        row(
            "full host facts, connections open",
            "`ansible all -m setup -f 50`",
            facts,
            setup,
            "≥ 20x, ≥ 20x",
        );
        let script = fleet.directory.join("bench_script.sh");
        std::fs::write(&script, script_of(site)).expect("a script");
        let path = script.display().to_string();
        let own = measure_peer(&program, &base(&["-m", "script", "-a", &path]), None);
        row(
            "full host facts, connections open",
            "`ansible -m script` of our own script",
            facts,
            own,
            "≥ 5x",
        );
    }
}

fn ssh_config_text(fleet: &Fleet) -> String {
    format!(
        "Host *\n  User {}\n  Port {}\n  IdentityFile {}\n  IdentitiesOnly yes\n  UserKnownHostsFile {}\n  BatchMode yes\n",
        fleet.user,
        fleet.port,
        fleet.key.display(),
        fleet.known_hosts.display()
    )
}

fn has(program: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .stdout(Stdio::null())
        .status();
    let found = found.is_ok_and(|status| status.success());
    if !found {
        println!("SKIPPED {program}: not installed");
    }
    found
}
