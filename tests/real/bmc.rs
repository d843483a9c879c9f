//! Management controllers: `ipmi_sim` and the Redfish emulator of sushy-tools,
//! started by `tests/servers/bmc.sh`, asked through the product's own probes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use shopfloor::checks::{Catalogue, CheckSpec, judge_target};
use shopfloor::domain::endpoint::{BmcEndpoint, SshEndpoint, TlsTrust};
use shopfloor::domain::keys::power::{ipmi, redfish};
use shopfloor::domain::{
    Answer, Cause, CauseWord, FactStore, Judgement, Place, ProbeId, ProbeName, SecretName, Site,
    Stamp, Target, TargetId, TargetKind,
};
use shopfloor::probes::{Reach, power};
use shopfloor::transport::http::HttpPool;
use shopfloor::transport::secrets::SecretStore;

use crate::suite::{ran, skipped};

const NOW: Stamp = Stamp(1_795_262_400_000);
pub const PASSWORD: &str = "ops-secret";

/// The running servers; dropped, they are taken down.
pub struct Lab {
    root: tempfile::TempDir,
    address: String,
    ipmi: u16,
    redfish: u16,
}

fn recipe(arguments: &[&str]) -> Result<String, String> {
    recipe_with(arguments, None)
}

fn recipe_with(arguments: &[&str], sol: Option<u16>) -> Result<String, String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/bmc.sh");
    let mut command = Command::new(script);
    command.args(arguments);
    if let Some(port) = sol {
        command.env("SOL_PORT", port.to_string());
    }
    let out = command.output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&out.stderr).trim().to_owned();
    match out.status.success() {
        true => Ok(String::from_utf8_lossy(&out.stdout).into_owned()),
        false => Err(said.lines().last().unwrap_or("no reason given").to_owned()),
    }
}

impl Lab {
    pub fn up() -> Result<Lab, String> {
        Lab::up_with(None)
    }

    /// The same with serial over LAN to whatever listens on that port of this machine.
    pub fn up_with(sol: Option<u16>) -> Result<Lab, String> {
        let root = tempfile::tempdir().map_err(|error| error.to_string())?;
        let place = root.path().to_str().ok_or("odd directory")?.to_owned();
        let mut lab = Lab { root, address: String::new(), ipmi: 0, redfish: 0 };
        let said = recipe_with(&["up", &place, "1"], sol)?;
        let mut words = said.split_whitespace().skip(2);
        let mut word = || words.next().ok_or_else(|| format!("the recipe said: {said}"));
        lab.address = word()?.to_owned();
        lab.ipmi = word()?.parse().map_err(|_| said.clone())?;
        lab.redfish = word()?.parse().map_err(|_| said.clone())?;
        Ok(lab)
    }

    fn place(&self) -> &str {
        self.root.path().to_str().expect("checked at the start")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.root.path().join("1").join(name)
    }

    pub fn tell(&self, verb: &str, more: &[&str]) {
        let mut arguments = vec![verb, self.place(), "1"];
        arguments.extend_from_slice(more);
        recipe(&arguments).unwrap_or_else(|why| panic!("bmc.sh {verb}: {why}"));
    }

    pub fn own_ca(&self) -> TlsTrust {
        TlsTrust::Ca(self.file("ca.pem"))
    }

    pub fn pinned(&self) -> TlsTrust {
        TlsTrust::Fingerprint(self.fingerprint())
    }

    /// Ends the servers, as when the controller is without power.
    pub fn down(&self) {
        recipe(&["down", self.place()]).unwrap_or_else(|why| panic!("bmc.sh down: {why}"));
    }

    /// Starts them again, with everything as it was.
    pub fn again(&self) {
        recipe(&["up", self.place(), "1"]).unwrap_or_else(|why| panic!("bmc.sh up: {why}"));
    }

    /// Clears the event log, as an operator does after a repair.
    pub fn clear_log(&self) {
        let out = self.ipmitool().args(["sel", "clear"]).output().expect("ipmitool");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }

    fn ipmitool(&self) -> Command {
        let mut command = Command::new("ipmitool");
        command
            .args(["-I", "lanplus", "-C", "3", "-H", &self.address, "-p", &self.ipmi.to_string()])
            .args(["-U", "ops", "-E"])
            .env("IPMI_PASSWORD", PASSWORD);
        command
    }

    fn fingerprint(&self) -> String {
        let out = Command::new("openssl")
            .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
            .arg(self.file("server.pem"))
            .output()
            .expect("openssl");
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        text.trim().split('=').nth(1).expect("a fingerprint").to_owned()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if let Err(why) = recipe(&["down", self.place()]) {
            println!("bmc.sh down: {why}");
        }
    }
}

/// The controller of node-1 under its test name, and the machine.
pub fn site(lab: &Lab, trust: TlsTrust, user: &str) -> Site {
    let blank = |id: &str, kind: TargetKind| Target {
        id: TargetId::from(id),
        name: "node-1".into(),
        aliases: Vec::new(),
        kind,
        roles: Vec::new(),
        groups: Vec::new(),
        rack: None,
        serial: None,
        ssh: None,
        bmc: None,
        machine: None,
        wanted: Default::default(),
        declared: Place::default(),
    };
    let mut host = blank("node-1", TargetKind::Host);
    host.ssh = Some(SshEndpoint {
        name: "node-1".into(),
        address: "127.0.0.1".into(),
        port: None,
        user: None,
        identity_file: None,
        common_args: None,
        via: None,
        directory: lab.root.path().into(),
        sudo: false,
    });
    let mut bmc = blank("bmc:node-1", TargetKind::Bmc);
    bmc.machine = Some(host.id.clone());
    bmc.bmc = Some(BmcEndpoint {
        host: "bmc-1.test".into(),
        redfish: (lab.address.clone(), lab.redfish),
        ipmi: (lab.address.clone(), lab.ipmi),
        user: user.into(),
        password: SecretName::from("bmc"),
        trust,
        cipher_suites: vec![17, 3],
    });
    Site { targets: vec![host, bmc], ..Site::default() }
}

/// What two real looks and a host that answers (or not) come to.
pub struct Told {
    store: FactStore,
    pub all: Vec<Judgement>,
}

pub async fn look(site: &Site, password: &str, host: Answer) -> Told {
    let secrets = Arc::new(SecretStore::default());
    secrets.put(SecretName::from("bmc"), SecretString::from(password));
    let ssh = shopfloor::transport::ssh::SshPool::new(Default::default(), Arc::clone(&secrets));
    let reach = Reach { secrets, ssh, http: Arc::new(HttpPool::new()) };
    let mut store = FactStore::default();
    for probe in power::layout(site) {
        let answer = tokio::time::timeout(probe.spec().timeout, probe.ask(&reach)).await;
        let answer = answer.expect("a probe returns within its time");
        assert!(!format!("{answer:?}").contains(password), "a secret in {answer:?}");
        store.take(probe.id(), answer, NOW, 1);
    }
    let ssh = ProbeId { target: TargetId::from("node-1"), probe: ProbeName::from("host.look") };
    store.take(&ssh, host, NOW, 1);
    let data = include_str!("../../assets/checks/power.yml");
    let list: Vec<CheckSpec> = serde_yaml::from_str(data).expect("the checks as data");
    let checks = list.into_iter().map(|spec| (spec.id.to_string(), spec)).collect();
    let id = TargetId::from("bmc:node-1");
    let all = judge_target(&Catalogue { checks }, site, &store, &id, NOW);
    Told { store, all }
}

fn well() -> Answer {
    Answer::Facts(Default::default())
}

impl Told {
    #[track_caller]
    fn is(&self, check: &str, verdict: &str, sentence: &str) -> &Judgement {
        let told = self.all.iter().find(|told| told.check.as_str() == check).expect("judged");
        let shown = (told.verdict.word(), told.sentence.as_str());
        assert_eq!(shown, (verdict, sentence), "{check}: {told:?}");
        told
    }

    fn cause(&self, check: &str) -> String {
        let told = self.all.iter().find(|told| told.check.as_str() == check).expect("judged");
        told.cause.as_ref().map_or("none", CauseWord::word).to_owned()
    }
}

#[test]
fn real_controllers_are_looked_at_and_judged() {
    let lab = match Lab::up() {
        Ok(lab) => lab,
        Err(why) => return skipped("bmc", &why),
    };
    ran("bmc");
    let began = std::time::Instant::now();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        all_is_well(&lab).await;
        trust_and_passwords(&lab).await;
        sensors_supplies_and_log(&lab).await;
        power_and_presence(&lab).await;
        dead_controller(&lab).await;
        session_that_breaks_off().await;
        certificates_that_are_too_old().await;
        lab.again();
        crate::bmc_passwords::from_a_file(&lab).await;
    });
    println!("bmc: {:.1} minutes", began.elapsed().as_secs_f64() / 60.0);
}

async fn all_is_well(lab: &Lab) {
    let told = look(&site(lab, lab.own_ca(), "ops"), PASSWORD, well()).await;
    told.is("IPMI-50", "pass", "the BMC of node-1 answers over Redfish and IPMI");
    told.is("IPMI-51", "pass", "node-1 is powered on");
    told.is("IPMI-53", "pass", "node-1: 2 fans within limits");
    let voltages = told.is("IPMI-54", "pass", "node-1: 1 voltage within limits");
    assert_eq!(voltages.source, "ipmi", "the emulator has no Power resource");
    told.is("IPMI-55", "pass", "node-1: 2 PSUs well");
    told.is("IPMI-56", "pass", "the event log of node-1 has 2 entries, 3 % full, none critical");
    told.is("IPMI-57", "pass", "the BMC calls node-1 ok");
    told.is("IPMI-58", "pass", "node-1 and its BMC both answer");
    told.is("IPMI-59", "pass", "node-1 inlet is 25 C, warns at 30");
    let facts = told.store.of(&TargetId::from("bmc:node-1"));
    assert_eq!(facts.get(redfish::FIRMWARE).fresh().map(String::as_str), Some("1.00"));
    assert_eq!(facts.get(ipmi::FIRMWARE).fresh().map(String::as_str), Some("9.08"));
    assert_eq!(facts.get(ipmi::INLET).fresh(), Some(&23.0));
}

async fn trust_and_passwords(lab: &Lab) {
    // A pinned certificate, as openssl writes it, is enough without any CA.
    let pinned = lab.pinned();
    let told = look(&site(lab, pinned.clone(), "ops"), PASSWORD, well()).await;
    told.is("IPMI-50", "pass", "the BMC of node-1 answers over Redfish and IPMI");

    let told = look(&site(lab, TlsTrust::System, "ops"), PASSWORD, well()).await;
    assert!(["tls-untrusted", "ca-unreadable"].contains(&told.cause("IPMI-50").as_str()));

    let mut renamed = site(lab, lab.own_ca(), "ops");
    if let Some(bmc) = renamed.targets.iter_mut().find_map(|target| target.bmc.as_mut()) {
        bmc.host = "other.test".into();
    }
    let told = look(&renamed, PASSWORD, well()).await;
    assert_eq!(told.cause("IPMI-50"), "tls-name");

    let told = look(&site(lab, lab.own_ca(), "ops"), "not-the-password", well()).await;
    told.is(
        "IPMI-50",
        "unknown",
        "the BMC of node-1 does not let us look: the BMC of node-1 refuses user ops or its password",
    );
    assert_eq!(told.cause("IPMI-50"), "auth-refused");
    assert_eq!(told.cause("IPMI-52"), "auth-refused");

    // An account with privilege USER is enough for IPMI; Redfish does not know it.
    let told = look(&site(lab, lab.own_ca(), "viewer"), "viewer-secret", well()).await;
    assert_eq!(told.cause("IPMI-50"), "auth-refused");
    let facts = told.store.of(&TargetId::from("bmc:node-1"));
    assert!(facts.get(ipmi::FANS).fresh().is_some() && facts.get(ipmi::EVENTS).fresh().is_some());

    // Somebody puts a new certificate on it.
    lab.tell("certificate", &[]);
    let told = look(&site(lab, pinned, "ops"), PASSWORD, well()).await;
    let judged = told.is(
        "IPMI-50",
        "warn",
        "the BMC of node-1 answers over IPMI, not over Redfish: it shows another certificate than the pinned one",
    );
    let shown: Vec<&str> = judged.evidence.iter().map(|one| one.shown.as_str()).collect();
    assert!(shown[0].starts_with("pinned SHA-256 ") && shown[1].starts_with("shown SHA-256 "));
    assert_ne!(shown[0].get(15..), shown[1].get(14..));
    let now = lab.fingerprint().replace(':', "").to_lowercase();
    assert_eq!(shown[1].get(14..), Some(now.as_str()));
}

/// The simulator reads its sensor files once a second.
pub async fn settle() {
    tokio::time::sleep(Duration::from_millis(2500)).await;
}

async fn sensors_supplies_and_log(lab: &Lab) {
    let here = site(lab, lab.own_ca(), "ops");
    for (file, raw) in [("cpu_temp", "91"), ("inlet_temp", "39"), ("fan1", "0"), ("p12v", "215")] {
        lab.tell("sensor", &[file, raw]);
    }
    lab.tell("sensor", &["psu2", "3"]);
    settle().await;
    let told = look(&here, PASSWORD, well()).await;
    let hot = told.is("IPMI-52", "fail", "node-1 CPU Temp is 91 C, fails at 90");
    assert_eq!(hot.source, "ipmi", "the emulator's own readings do not hide it");
    told.is("IPMI-59", "warn", "node-1 inlet is 39 C, warns at 38");
    told.is("IPMI-53", "fail", "node-1 FAN1 is 0 RPM, fails at or below 1000");
    told.is("IPMI-54", "warn", "node-1 12V is 12.9 V, warns at 12.78");
    told.is(
        "IPMI-55",
        "warn",
        "node-1 runs on 1 of 2 PSUs: PS2 Status says Presence detected, Failure detected",
    );
    let events = told.all.iter().find(|told| told.check.as_str() == "IPMI-56").expect("judged");
    assert_eq!(events.verdict.word(), "warn", "{}", events.sentence);
    let listed: Vec<&str> = events.evidence.iter().map(|one| one.shown.as_str()).collect();
    assert!(listed.contains(&"Temperature CPU Temp: Upper Critical going high"), "{listed:?}");
    assert!(listed.contains(&"Power Supply PS2 Status: Failure detected"), "{listed:?}");

    // The log fills up: 64 entries fit, Add SEL Entry (IPMI 2.0, 31.6) brings more.
    let script = lab.file("fill");
    let one = "raw 0x0a 0x44 0 0 2 0 0 0 0 0x20 0 4 1 1 1 0x57 0xff 0xff\n";
    std::fs::write(&script, one.repeat(70)).expect("a file of ours");
    lab.ipmitool().arg("exec").arg(&script).output().expect("ipmitool");
    let told = look(&here, PASSWORD, well()).await;
    let events = told.all.iter().find(|told| told.check.as_str() == "IPMI-56").expect("judged");
    assert_eq!(events.verdict.word(), "fail", "{events:?}");

    for (file, raw) in
        [("cpu_temp", "47"), ("inlet_temp", "23"), ("fan1", "78"), ("p12v", "201"), ("psu2", "1")]
    {
        lab.tell("sensor", &[file, raw]);
    }
    settle().await;
    let told = look(&here, PASSWORD, well()).await;
    told.is("IPMI-53", "pass", "node-1: 2 fans within limits");
    told.is("IPMI-55", "pass", "node-1: 2 PSUs well");
}

async fn power_and_presence(lab: &Lab) {
    let here = site(lab, lab.own_ca(), "ops");
    let silent = || {
        let sentence = "node-1 does not answer on 127.0.0.1 port 22";
        Answer::TimedOut(Cause::new(CauseWord::TimedOut, sentence, "Look at its cables"))
    };
    let told = look(&here, PASSWORD, silent()).await;
    told.is(
        "IPMI-58",
        "not-yet",
        "the BMC of node-1 answers and says power on; that node-1 does not is told by HOST-01",
    );
    lab.tell("power", &["off"]);
    let told = look(&here, PASSWORD, silent()).await;
    told.is("IPMI-51", "fail", "node-1 is powered off");
    told.is("IPMI-58", "not-yet", "node-1 is powered off (IPMI-51), it cannot answer");
    told.is("IPMI-53", "not-yet", "node-1 is powered off, its fans mean nothing");
    let told = look(&here, PASSWORD, well()).await;
    told.is("IPMI-58", "warn", "node-1 answers over SSH, but its BMC says it is powered off");
    lab.tell("power", &["on"]);
    let told = look(&here, PASSWORD, well()).await;
    told.is("IPMI-51", "pass", "node-1 is powered on");
}

async fn dead_controller(lab: &Lab) {
    let here = site(lab, lab.own_ca(), "ops");
    lab.tell("hang", &[]);
    // It is given up while it still hangs; the deadline only ends a test that would never.
    let looking = look(&here, PASSWORD, well());
    let told = tokio::time::timeout(Duration::from_secs(120), looking).await.expect("given up");
    lab.tell("go", &[]);
    told.is("IPMI-50", "fail", "the BMC of node-1 answers neither Redfish nor IPMI");
    assert_eq!(told.cause("IPMI-50"), "silent", "the port opens and nothing comes");
    let facts = told.store.of(&TargetId::from("bmc:node-1"));
    let over_ipmi = facts.probe("bmc.ipmi").and_then(|probe| probe.trouble.clone());
    assert_eq!(over_ipmi.map(|cause| cause.word), Some(CauseWord::TimedOut), "not auth-refused");
    assert_eq!(told.cause("IPMI-53"), "silent");
    let told = look(&here, PASSWORD, well()).await;
    told.is("IPMI-50", "pass", "the BMC of node-1 answers over Redfish and IPMI");

    lab.down();
    let told = look(&here, PASSWORD, well()).await;
    told.is("IPMI-50", "fail", "the BMC of node-1 answers neither Redfish nor IPMI");
    assert_eq!(told.cause("IPMI-50"), "refused");
}

/// Passes on the first datagrams to a controller, and all answers to them; then nothing.
async fn relay(to: (String, u16), first: usize) -> u16 {
    let near = tokio::net::UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    let port = near.local_addr().expect("an address").port();
    tokio::spawn(async move {
        let far = tokio::net::UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
        far.connect(to).await.expect("loopback");
        let (mut question, mut answer) = ([0_u8; 2048], [0_u8; 2048]);
        let (mut asker, mut passed) = (None, 0);
        loop {
            tokio::select! {
                Ok((size, from)) = near.recv_from(&mut question) => {
                    asker = Some(from);
                    passed += 1;
                    if passed <= first {
                        let _ = far.send(&question[..size]).await;
                    }
                }
                Ok(size) = far.recv(&mut answer) => {
                    if let Some(asker) = asker {
                        let _ = near.send_to(&answer[..size], asker).await;
                    }
                }
            }
        }
    });
    port
}

/// A session that dies after the chassis status is told as one that was cut.
async fn session_that_breaks_off() {
    let lab = Lab::up().expect("it came up before");
    let mut cut = 0;
    // Wherever it breaks off, nothing that was not told passes for told.
    for first in [8, 12, 20] {
        let mut here = site(&lab, lab.own_ca(), "ops");
        let port = relay((lab.address.clone(), lab.ipmi), first).await;
        if let Some(bmc) = here.targets.iter_mut().find_map(|target| target.bmc.as_mut()) {
            bmc.ipmi = ("127.0.0.1".into(), port);
            bmc.cipher_suites = vec![3];
        }
        let told = look(&here, PASSWORD, well()).await;
        let facts = told.store.of(&TargetId::from("bmc:node-1"));
        assert!(facts.get(ipmi::FANS).fresh().is_none(), "after {first} datagrams");
        assert!(facts.get(ipmi::EVENTS).fresh().is_none(), "after {first} datagrams");
        if facts.get(ipmi::POWER_STATE).fresh().is_some() {
            let trouble = facts.get(ipmi::EVENTS).trouble.map(|cause| cause.word);
            assert_eq!(trouble, Some(CauseWord::Cut), "after {first} datagrams");
            cut += 1;
        }
    }
    assert!(cut > 0, "none broke off after the chassis status");
    println!("{cut} sessions broke off after the chassis status");
}

/// What old firmware has: a version 1 certificate, and a server that knows TLS 1.1 at most.
async fn certificates_that_are_too_old() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = |name: &str| dir.path().join(name).to_str().expect("plain").to_owned();
    let openssl = |arguments: &[&str]| {
        let out = Command::new("openssl").args(arguments).output().expect("openssl");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    };
    let (key, request, old) = (file("key"), file("csr"), file("v1.pem"));
    openssl(&[
        "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=old", "-keyout", &key, "-out",
        &request,
    ]);
    // Without an extension file this makes a version 1 certificate.
    openssl(&["x509", "-req", "-in", &request, "-signkey", &key, "-days", "30", "-out", &old]);
    for (extra, sentence) in [
        (&["-tls1_2"][..], "old shows an X.509 version 1 certificate, which cannot be checked"),
        (
            &["-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"],
            "old offers only TLS versions or ciphers that are no longer safe",
        ),
    ] {
        let port = std::net::TcpListener::bind("127.0.4.100:0")
            .and_then(|listener| listener.local_addr())
            .expect("a port")
            .port();
        let mut server = Command::new("openssl")
            .args(["s_server", "-quiet", "-cert", &old, "-key", &key])
            .args(["-accept", &format!("127.0.4.100:{port}")])
            .args(extra)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("s_server");
        let target = shopfloor::transport::http::HttpTarget {
            name: "old".into(),
            host: "old.test".into(),
            connect: ("127.0.4.100".into(), port),
            trust: TlsTrust::Fingerprint("00".into()),
            login: None,
        };
        let mut result = None;
        for _ in 0..50 {
            let pool = HttpPool::new();
            let asked = pool.get_json(&SecretStore::default(), &target, "/").await.unwrap_err();
            if asked.word != CauseWord::Refused {
                result = Some(asked);
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        server.kill().expect("our own child");
        server.wait().expect("our own child");
        let cause = result.expect("the server came up");
        assert_eq!((cause.word.word(), cause.sentence.as_str()), ("tls-too-old", sentence));
    }
}
