//! A fleet over SSH: our pool against the tools operators use for it.
//!
//! `tests/bench/run` starts the fleet and installs the peers. Every figure is
//! taken in this one run on this one machine; the measured hosts share the
//! machine, so their cost is in every wall figure and the client's own CPU
//! stands beside it.

mod figures;
mod fleet;

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use figures::{cpu_of, met};
use fleet::{ACCOUNT, Fleet};
use shopfloor::domain::endpoint::SshEndpoint;
use shopfloor::domain::{Answer, Place, Role, Site, Target, TargetId, TargetKind};
use shopfloor::probes::hosts::script::{self, Parameters, Part};
use shopfloor::probes::hosts::sections::Pace;
use shopfloor::probes::{Reach, probes_of};
use shopfloor::transport::http::HttpPool;
use shopfloor::transport::secrets::SecretStore;
use shopfloor::transport::ssh::{Command as Remote, SshPool, SshSettings};

/// Rounds of each contender; the median is shown.
const ROUNDS: usize = 3;

/// What something took.
#[derive(Debug, Clone, Copy)]
struct Cost {
    wall: Duration,
    /// User and system time of the client: of this process, or of a peer and its children.
    cpu: Duration,
}

/// The one of middle wall time.
fn median(mut costs: Vec<Cost>) -> Cost {
    costs.sort_by_key(|cost| cost.wall);
    costs[costs.len() / 2]
}

/// Every host as an inventory would have it.
fn endpoints_of(fleet: &Fleet) -> Vec<SshEndpoint> {
    let hosts = fleet.addresses.iter().enumerate();
    hosts
        .map(|(at, address)| SshEndpoint {
            name: format!("node-{:03}", at + 1),
            address: address.clone(),
            port: Some(fleet.port),
            user: Some(ACCOUNT.into()),
            identity_file: Some(fleet.file("id")),
            common_args: None,
            via: None,
            directory: fleet.directory.clone(),
            sudo: false,
        })
        .collect()
}

/// The fleet as a site of control nodes, which are asked the most.
fn site_of(fleet: &Fleet) -> Site {
    let targets = endpoints_of(fleet)
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

/// A pool that knows the fleet's keys and nothing of the machine's user.
fn pool_of(fleet: &Fleet) -> Arc<SshPool> {
    let settings = SshSettings {
        config_file: None,
        system_config_file: None,
        known_hosts: vec![fleet.directory.join("known_hosts")],
        identity_files: Vec::new(),
        agent_socket: None,
        // A machine that also runs 148 servers is slow at times.
        connect_timeout: Duration::from_secs(10),
        ..SshSettings::default()
    };
    SshPool::new(settings, Arc::new(SecretStore::default()))
}

/// Looks at every host with the product's own probes, both paces, as at the start of a console.
async fn look_at_all(pool: &Arc<SshPool>, site: &Site) {
    let reach = Arc::new(Reach {
        ssh: Arc::clone(pool),
        http: Arc::new(HttpPool::new()),
        secrets: Arc::new(SecretStore::default()),
    });
    let probes = probes_of(site);
    probes.iter().for_each(|probe| probe.is_due());
    let asking: Vec<_> = probes
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
    let look = script::asked(target, &parameters, Pace::Look);
    let survey = script::asked(target, &parameters, Pace::Survey);
    let parts = [
        Part { sections: &look, nonce: "0badc0de0badc0de" },
        Part { sections: &survey, nonce: "600dc0de600dc0de" },
    ];
    script::script(&parts, &parameters)
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

/// What a piece of our own work costs.
async fn ours(work: impl Future<Output = ()>) -> Cost {
    let before = cpu_of("self").0;
    let begun = Instant::now();
    work.await;
    Cost { wall: begun.elapsed(), cpu: cpu_of("self").0 - before }
}

/// Medians of what our pool takes.
struct Ours {
    cold: Cost,
    warm: Cost,
    facts: Cost,
}

async fn measure_ours(fleet: &Fleet, site: &Site) -> Ours {
    let (endpoints, truth) = (endpoints_of(fleet), Remote::new("true"));
    let (mut cold, mut warm, mut facts) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let pool = pool_of(fleet);
        cold.push(ours(ask_all(&pool, &endpoints, &truth)).await);
        warm.push(ours(ask_all(&pool, &endpoints, &truth)).await);
        facts.push(ours(look_at_all(&pool, site)).await);
        pool.close_all().await;
        // The hosts' own goodbyes are nobody's cost.
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ours { cold: median(cold), warm: median(warm), facts: median(facts) }
}

/// A peer's command line.
struct Peer {
    program: String,
    args: Vec<String>,
    /// Name of a file beside the fleet's that it reads.
    input: Option<&'static str>,
    environment: Vec<(&'static str, String)>,
}

impl Peer {
    fn new(program: impl Into<String>, args: &[&str]) -> Peer {
        let args = args.iter().map(|arg| (*arg).to_owned()).collect();
        Peer { program: program.into(), args, input: None, environment: Vec::new() }
    }

    /// `ssh` on every host by `xargs`, with more options.
    fn xargs(fleet: &Fleet, options: &[&str]) -> Peer {
        let config = fleet.file("ssh_config");
        let first = ["-P", "64", "-I", "{}", "ssh", "-F", &config];
        let mut peer = Peer::new("xargs", &[&first, options, &["{}", "true"]].concat());
        peer.input = Some("hosts.txt");
        peer
    }

    fn is_installed(&self) -> bool {
        let found = Command::new("sh")
            .args(["-c", "command -v \"$0\"", &self.program])
            .stdout(Stdio::null())
            .status();
        found.is_ok_and(|status| status.success())
    }

    fn once(&self, fleet: &Fleet) -> Cost {
        let before = cpu_of("self").1;
        let begun = Instant::now();
        let stdin = self.input.map_or_else(Stdio::null, |name| {
            std::fs::File::open(fleet.file(name)).expect("input").into()
        });
        let output = Command::new(&self.program)
            .args(&self.args)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(stdin)
            .output()
            .unwrap_or_else(|error| panic!("{}: {error}", self.program));
        let wall = begun.elapsed();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", self.program);
        Cost { wall, cpu: cpu_of("self").1 - before }
    }

    fn rounds(&self, fleet: &Fleet) -> Cost {
        median((0..ROUNDS).map(|_| self.once(fleet)).collect())
    }
}

/// A goal: so many times faster, with so many times less CPU of the client.
struct Goal {
    wall: f64,
    cpu: Option<f64>,
}

fn row(what: &str, peer: &str, ours: Cost, theirs: Cost, goal: &Goal) {
    let ratio = |a: Duration, b: Duration| b.as_secs_f64() / a.as_secs_f64().max(0.005);
    let (wall, cpu) = (ratio(ours.wall, theirs.wall), ratio(ours.cpu, theirs.cpu));
    let wanted = match goal.cpu {
        Some(less) => format!("{}x, {less}x", goal.wall),
        None => format!("{}x", goal.wall),
    };
    let is_met = wall >= goal.wall && goal.cpu.is_none_or(|less| cpu >= less);
    let shown =
        |cost: Cost| format!("{:.2} s, {:.2} s", cost.wall.as_secs_f64(), cost.cpu.as_secs_f64());
    println!(
        "| {what} | {peer} | {} | {} | {wall:.1}x, {cpu:.1}x | {wanted} | {} |",
        shown(ours),
        shown(theirs),
        met(is_met)
    );
}

/// `true` at first contact and over open connections.
fn against_ssh(fleet: &Fleet, ours: &Ours) {
    let config = fleet.file("ssh_config");
    let (hosts, list) = (fleet.file("hosts.txt"), fleet.addresses.join(","));
    let first = "`true`, first contact";
    let faster = Goal { wall: 3.0, cpu: Some(5.0) };
    let options = format!("-F {config}");
    let pssh = Peer::new("parallel-ssh", &["-p", "64", "-h", &hosts, "-x", &options, "true"]);
    let mut pdsh =
        Peer::new("pdsh", &["-R", "ssh", "-f", "64", "-l", ACCOUNT, "-w", &list, "true"]);
    pdsh.environment = vec![("PDSH_SSH_ARGS_APPEND", options.clone())];
    for (peer, name) in [(pssh, "`parallel-ssh -p 64`"), (pdsh, "`pdsh -f 64`")] {
        if peer.is_installed() {
            row(first, name, ours.cold, peer.rounds(fleet), &faster);
        } else {
            println!("| {first} | {name} | not installed here | | | | no |");
        }
    }
    let curve = Peer::xargs(fleet, &["-o", "KexAlgorithms=curve25519-sha256"]).rounds(fleet);
    let name = "`xargs -P 64 ssh`, curve25519 only";
    row(first, name, ours.cold, curve, &Goal { wall: 1.0, cpu: None });

    let path = format!("ControlPath={}/%h", fleet.file("cm"));
    std::fs::create_dir_all(fleet.file("cm")).expect("a directory");
    let keep = ["-o", "ControlMaster=auto", "-o", &path, "-o", "ControlPersist=600"];
    Peer::xargs(fleet, &keep).once(fleet);
    let reuse = Peer::xargs(fleet, &["-o", "ControlMaster=no", "-o", &path]).rounds(fleet);
    let name = "`xargs -P 64 ssh` over open multiplexed connections";
    row("`true`, connections open", name, ours.warm, reuse, &Goal { wall: 3.0, cpu: None });
    close_masters(fleet, "cm");
}

/// Facts of every host, with ansible's connections open as well.
fn against_ansible(fleet: &Fleet, site: &Site, ours: &Ours) {
    let what = "full host facts, connections open";
    let names = ["`ansible all -m setup -f 50`", "`ansible all -m script -f 50` of our own script"];
    let Some(ansible) = std::env::var_os("ANSIBLE").map(PathBuf::from) else {
        for name in names {
            println!("| {what} | {name} | not installed here | | | | no |");
        }
        return;
    };
    let (inventory, script) = (fleet.file("bench_inventory"), fleet.file("bench_script.sh"));
    let lines: String = fleet.addresses.iter().map(|address| format!("{address}\n")).collect();
    let python = "ansible_python_interpreter=/usr/bin/python3";
    std::fs::write(&inventory, format!("{lines}\n[all:vars]\n{python}\n")).expect("an inventory");
    std::fs::write(&script, script_of(site)).expect("a script");
    std::fs::create_dir_all(fleet.file("am")).expect("a directory");
    // The account of the hosts writes here.
    let remote = fleet.file("remote");
    std::fs::create_dir_all(&remote).expect("a directory");
    std::fs::set_permissions(&remote, PermissionsExt::from_mode(0o1777)).expect("permissions");
    let settings = [
        ("ANSIBLE_SSH_CONTROL_PATH_DIR", fleet.file("am")),
        (
            "ANSIBLE_SSH_ARGS",
            format!("-F {} -o ControlMaster=auto -o ControlPersist=600", fleet.file("ssh_config")),
        ),
        ("ANSIBLE_SSH_CONTROL_PATH", "%(directory)s/%%h".to_owned()),
        ("ANSIBLE_LOCAL_TEMP", fleet.file("ansible")),
        ("ANSIBLE_REMOTE_TMP", remote.clone()),
        ("LC_ALL", "C.UTF-8".to_owned()),
    ];
    let peer = |module: &[&str]| {
        let first = ["all", "-i", &inventory, "-f", "50"];
        let mut peer = Peer::new(ansible.display().to_string(), &[&first, module].concat());
        peer.environment = settings.to_vec();
        peer
    };
    peer(&["-m", "raw", "-a", "true"]).once(fleet);
    let setup = peer(&["-m", "setup"]).once(fleet);
    row(what, names[0], ours.facts, setup, &Goal { wall: 20.0, cpu: Some(20.0) });
    let own = peer(&["-m", "script", "-a", &script]).once(fleet);
    row(what, names[1], ours.facts, own, &Goal { wall: 5.0, cpu: None });
    close_masters(fleet, "am");
}

/// Ends the connections that ssh kept open for us.
fn close_masters(fleet: &Fleet, directory: &str) {
    for socket in std::fs::read_dir(fleet.file(directory)).expect("sockets").flatten() {
        let path = format!("ControlPath={}", socket.path().display());
        let _ = Command::new("ssh")
            .args(["-F", &fleet.file("ssh_config"), "-o", &path, "-O", "exit", "any"])
            .stderr(Stdio::null())
            .status();
    }
}

fn main() -> ExitCode {
    let Some((fleet, runtime)) = fleet::ready() else { return ExitCode::SUCCESS };
    let site = site_of(&fleet);
    let ours = runtime.block_on(measure_ours(&fleet, &site));
    println!("| What | Against | Ours | Theirs | Ratio | Goal | Met |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    against_ssh(&fleet, &ours);
    against_ansible(&fleet, &site, &ours);
    ExitCode::SUCCESS
}
