//! The reader of run output on what `ansible-playbook` prints here and now:
//! versions 2.14, 2.16 and 2.19 on OpenSSH servers. A callback plugin writes in
//! the same run what happened (`ansible_runs/callbacks/events.py`); the outline
//! must say the same, host by host and task by task.
//!
//! `tests/servers/install ansible` installs the programs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use shopfloor::domain::untrusted::printable;
use shopfloor::logs::ansible::{Feed, Kind, NoteKind, Outline, State};
use shopfloor::runner::protocol::{Answer, Frame, Standing};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use zeroize::Zeroizing;

use crate::fleet::Fleet;
use crate::runner::bench::{Bench, reply};
use crate::suite::skipped;

const SUITE: &str = "ansible-runs";

/// What the plugin wrote about one result.
#[derive(Debug, serde::Deserialize)]
pub struct Event {
    pub event: String,
    #[serde(default)]
    pub play: String,
    #[serde(default)]
    pub task: String,
    #[serde(default)]
    pub host: String,
    #[serde(default)]
    pub state: String,
    #[serde(default)]
    ignored: serde_json::Value,
    msg: Option<String>,
    rc: Option<i64>,
    /// Of another try: how many are left after it.
    left: Option<u32>,
    #[serde(flatten)]
    counters: BTreeMap<String, serde_json::Value>,
}

/// One version of Ansible and a fleet for it; nothing where one of them is missing.
pub struct Stage {
    pub programs: PathBuf,
    home: tempfile::TempDir,
}

impl Stage {
    pub fn new(variable: &str) -> Option<Stage> {
        let programs = std::env::var_os(variable).map(PathBuf::from);
        let Some(programs) = programs.filter(|place| place.join("ansible-playbook").is_file())
        else {
            skipped(SUITE, &format!("{variable} names no directory with ansible-playbook"));
            return None;
        };
        let fleet = Fleet::shared(SUITE)?;
        let home = tempfile::tempdir().unwrap();
        let mut inventory = String::from("[nodes]\n");
        for number in 1..=4 {
            inventory +=
                &format!("{} ansible_host={}\n", Fleet::name(number), Fleet::address(number));
        }
        inventory += "[spare]\ngone ansible_host=127.0.31.1 ansible_port=1\naway ansible_host=127.0.31.2 ansible_port=1\n";
        // Where `HOME` is not that of the account, the job and who asks for it look in different places.
        inventory += &format!(
            "bastion ansible_connection=local ansible_async_dir={}\n",
            home.path().join("async").display()
        );
        inventory += &format!(
            "[all:vars]\nsite=lab\nansible_port={}\nansible_user=fleetops\nansible_ssh_private_key_file={}\n\
             ansible_ssh_common_args=-F {}\nansible_python_interpreter=/usr/bin/python3\n",
            fleet.port,
            fleet.file("id").display(),
            fleet.file("ssh_config").display()
        );
        std::fs::write(home.path().join("inventory.ini"), inventory).unwrap();
        std::fs::write(home.path().join("ansible.cfg"), "[defaults]\nnocows = 1\n").unwrap();
        Some(Stage { programs, home })
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// What a run needs in its environment, and nothing of this machine's user.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let path = std::env::var("PATH").unwrap_or_default();
        let text = |path: &Path| path.display().to_string();
        vec![
            ("PATH", path),
            ("HOME", text(self.home.path())),
            ("ANSIBLE_HOME", text(self.home.path())),
            ("ANSIBLE_CONFIG", text(&self.file("ansible.cfg"))),
            ("ANSIBLE_CALLBACK_PLUGINS", text(&playbooks().join("callbacks"))),
            ("ANSIBLE_CALLBACKS_ENABLED", "events".into()),
            ("EVENTS_FILE", text(&self.file("events"))),
            // A few seconds: the connections end with the test.
            ("ANSIBLE_SSH_ARGS", "-o ControlMaster=auto -o ControlPersist=5s".into()),
            ("ANSIBLE_SSH_CONTROL_PATH_DIR", text(&self.file("cp"))),
            ("PYTHONDONTWRITEBYTECODE", "1".into()),
            ("LC_ALL", "C.UTF-8".into()),
        ]
    }

    /// Runs the playbook as an installer would: other programs print before,
    /// meanwhile and after. Gives what came out, both streams as one.
    pub fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Vec<u8> {
        let _ = std::fs::remove_file(self.file("events"));
        let wrapper = "echo 'Trying to pull registry/installer:1...'\n\
            (for n in 1 2 3 4 5; do echo \"Copying blob sha256:$n\"; sleep 0.4; done) &\n\
            \"$@\" 2>&1; status=$?; wait; echo \"installer: exit $status\"";
        let output = Command::new("sh")
            .args(["-c", wrapper, "sh"])
            .arg(self.programs.join("ansible-playbook"))
            .arg("-i")
            .arg(self.file("inventory.ini"))
            .arg("site.yml")
            .args(arguments)
            .current_dir(playbooks())
            .env_clear()
            .envs(self.environment())
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        output.stdout
    }

    pub fn events(&self) -> Vec<Event> {
        let text = std::fs::read_to_string(self.file("events")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

pub fn playbooks() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real/ansible_runs")
}

/// The outline of bytes that come in small pieces.
pub fn outline(bytes: &[u8]) -> Outline {
    let mut feed = Feed::default();
    for piece in bytes.chunks(777) {
        feed.push(piece);
    }
    feed.end(false);
    feed.outline().clone()
}

/// Whose result, of which task, of which play.
pub type Key = (String, String, String);

/// State, items, failed items.
pub type Value = (String, u32, u32);

/// What the plugin saw.
pub fn happened(events: &[Event]) -> BTreeMap<Key, Value> {
    let mut results: BTreeMap<Key, Value> = BTreeMap::new();
    for event in events.iter().filter(|event| event.event == "host" || event.event == "item") {
        let key = (event.play.clone(), event.task.clone(), event.host.clone());
        let value = results.entry(key).or_default();
        if event.event == "item" {
            value.1 += 1;
            value.2 += u32::from(event.state == "failed");
        } else {
            let ignored = event.ignored == serde_json::Value::Bool(true);
            value.0 = if ignored { "ignored".into() } else { event.state.clone() };
        }
    }
    results
}

/// What the outline says. A failure that was rescued is a failure to the plugin.
pub fn understood(outline: &Outline) -> BTreeMap<Key, Value> {
    let mut results = BTreeMap::new();
    for (play, task) in outline.tasks() {
        for result in &task.hosts {
            let key = (play.name.clone(), task.title(), outline.host(result.host).to_owned());
            let state = match result.state {
                State::Rescued => "failed".to_owned(),
                state => serde_json::to_value(state).unwrap().as_str().unwrap().to_owned(),
            };
            let twice = results.insert(key.clone(), (state, result.items, result.failed_items));
            assert_eq!(twice, None, "{key:?} came twice");
        }
    }
    results
}

/// Everything that can be compared.
pub fn agree(what: &str, events: &[Event], outline: &Outline) {
    let (happened, understood) = (happened(events), understood(outline));
    for (key, value) in &happened {
        assert_eq!(understood.get(key), Some(value), "{what}: {key:?}");
    }
    for (key, value) in &understood {
        assert!(happened.contains_key(key), "{what}: {key:?} is {value:?} and never happened");
    }
    let plays: Vec<&str> = events
        .iter()
        .filter(|event| event.event == "play")
        .map(|event| event.play.as_str())
        .collect();
    assert_eq!(
        outline.plays.iter().map(|play| play.name.as_str()).collect::<Vec<_>>(),
        plays,
        "{what}"
    );

    // Tries: how many were left at the last one, host by host.
    let mut tried: BTreeMap<Key, u32> = BTreeMap::new();
    for event in events.iter().filter(|event| event.event == "retry") {
        let key = (event.play.clone(), event.task.clone(), event.host.clone());
        tried.insert(key, event.left.unwrap());
    }
    let mut told: BTreeMap<Key, u32> = BTreeMap::new();
    for (play, task) in outline.tasks() {
        for result in &task.hosts {
            let key = (play.name.clone(), task.title(), outline.host(result.host).to_owned());
            told.extend(result.left_at_last_try.map(|left| (key, left)));
        }
    }
    assert!(tried.len() >= 3, "{what}: {tried:?}");
    assert_eq!(told, tried, "{what}");

    // Handlers are those that were handlers, and no task is.
    let handlers: BTreeSet<(&str, &str)> = events
        .iter()
        .filter(|event| event.event == "handler")
        .map(|event| (event.play.as_str(), event.task.as_str()))
        .collect();
    let shown = outline.tasks().filter(|(_, task)| task.kind == Kind::Handler);
    let shown: Vec<(&str, String)> =
        shown.map(|(play, task)| (play.name.as_str(), task.title())).collect();
    let shown = shown.iter().map(|(play, title)| (*play, title.as_str())).collect();
    assert!(!handlers.is_empty(), "{what}");
    assert_eq!(handlers, shown, "{what}");

    // Tasks stand in the order in which they gave their first result; with the
    // strategy free each host has an order of its own.
    let ordered = |play: &str| !play.contains("their own pace");
    let mut order: Vec<(&str, &str)> = Vec::new();
    for event in events.iter().filter(|event| event.event == "host" && ordered(&event.play)) {
        let key = (event.play.as_str(), event.task.as_str());
        if !order.contains(&key) {
            order.push(key);
        }
    }
    let mut shown: Vec<(&str, String)> = Vec::new();
    for (play, task) in
        outline.tasks().filter(|(play, task)| ordered(&play.name) && !task.hosts.is_empty())
    {
        let key = (play.name.as_str(), task.title());
        if !shown.contains(&key) {
            shown.push(key);
        }
    }
    let shown: Vec<(&str, &str)> =
        shown.iter().map(|(play, title)| (*play, title.as_str())).collect();
    assert_eq!(shown, order, "{what}");

    // Statistics: host by host, counter by counter; and the rescued ones in the tasks.
    let rows = &outline.recaps.last().unwrap().rows;
    let stats: Vec<&Event> = events.iter().filter(|event| event.event == "stats").collect();
    assert_eq!(rows.len(), stats.len(), "{what}");
    for (row, event) in rows.iter().zip(stats) {
        assert_eq!(outline.host(row.host), event.host, "{what}");
        let told = serde_json::to_value(row).unwrap();
        for (name, count) in &event.counters {
            assert_eq!(&told[name], count, "{what}: {} {name}", event.host);
        }
        let ignored = event.ignored.as_u64().unwrap();
        assert_eq!(u64::from(row.ignored), ignored, "{what}: {}", event.host);
        let mended = outline.tasks().flat_map(|(_, task)| &task.hosts);
        let mended = mended
            .filter(|result| result.host == row.host && result.state == State::Rescued)
            .count();
        assert_eq!(mended as u32, row.rescued, "{what}: {}", event.host);
    }

    // Messages of failures, where they are the host's own and not a loop's.
    let mut messages = 0;
    for event in events.iter().filter(|event| event.event == "host" && event.state == "failed") {
        let key = |play: &str, title: &str| play == event.play && title == event.task;
        let (_, task) =
            outline.tasks().find(|(play, task)| key(&play.name, &task.title())).unwrap();
        let result =
            task.hosts.iter().find(|result| outline.host(result.host) == event.host).unwrap();
        let failure = result.failure.as_ref().unwrap();
        if result.items == 0 {
            assert_eq!(
                failure.message,
                printable(event.msg.as_deref().unwrap()),
                "{what}: {}",
                event.task
            );
            assert_eq!(failure.rc, event.rc, "{what}: {}", event.task);
            messages += 1;
        }
    }
    assert!(messages >= 6, "{what}: {messages} messages compared");
}

/// The same playbook in three shapes of output.
fn agrees(variable: &str, version: &str, loud: &str, plain: &[&str]) {
    let Some(stage) = Stage::new(variable) else { return };
    let said =
        Command::new(stage.programs.join("ansible-playbook")).arg("--version").output().unwrap();
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains(&format!("[core {version}.")), "{said}");

    let yaml: [(&str, &str); 2] =
        [("ANSIBLE_FORCE_COLOR", "1"), ("ANSIBLE_CALLBACK_RESULT_FORMAT", "yaml")];
    type Shape<'a> = (&'a str, Vec<&'a str>, &'a [(&'a str, &'a str)]);
    let shapes: [Shape<'_>; 3] = [
        ("plain", plain.to_vec(), &[("ANSIBLE_NOCOLOR", "1")]),
        ("loud", vec![loud], &[("ANSIBLE_FORCE_COLOR", "1")]),
        ("yaml", vec!["-v"], &yaml),
    ];
    for (shape, arguments, variables) in shapes {
        let printed = stage.run(&arguments, variables);
        let outline = outline(&printed);
        let what = format!("{version} {shape}");
        if !outline.is_ansible() || outline.recaps.is_empty() {
            panic!("{what}: {}", String::from_utf8_lossy(&printed));
        }
        agree(&what, &stage.events(), &outline);
        story(&what, &outline);
        // What the wrapper and the pull printed is neither lost nor taken for Ansible's. Words of -vv
        // and more, and any without colour, cannot all be told from theirs.
        assert_eq!(outline.other.last, "installer: exit 4", "{what}");
        assert!(outline.other.lines >= 7, "{what}: {:?}", outline.other);
        assert!(shape != "yaml" || outline.other.lines == 7, "{what}: {:?}", outline.other);
    }
}

/// What an operator wants to know of this run.
pub fn story(what: &str, outline: &Outline) {
    let (play, task) = outline.failing().unwrap();
    let title = "OSD creation: the node's disks";
    assert_eq!((play.name.as_str(), task.title().as_str()), ("Phase 6 | storage", title), "{what}");
    let again = "--limit node-003 --start-at-task 'OSD creation: the node'\\''s disks'";
    assert_eq!(outline.rerun().unwrap().arguments, again, "{what}");
    let result = task.hosts.iter().find(|result| result.state == State::Failed).unwrap();
    let sentence = result.failure.as_ref().unwrap().sentence();
    assert_eq!(
        sentence, "exit status 22: RADOS: Error EPERM: problem getting command descriptions",
        "{what}"
    );
    assert!(
        outline.notes_of(NoteKind::Warning).any(|note| note.text.contains("nohost")),
        "{what}: {:?}",
        outline.notes
    );
    assert!(outline.plays.last().unwrap().no_hosts_matched, "{what}");
    let of = |name: &str| outline.tasks().find(|(_, task)| task.name == name).unwrap().1;
    assert_eq!(of("Take a breath").pause_s, Some(1), "{what}");
    assert_eq!(of("Login banner").role.as_deref(), Some("base"), "{what}");
    assert_eq!(of("Announce").kind, Kind::Handler, "{what}");
    assert_eq!(
        of("Done by another").hosts[0].delegated.map(|host| outline.host(host)),
        Some("node-002"),
        "{what}"
    );
}

#[test]
fn core_2_14_agrees_with_its_own_events() {
    agrees("SHOPFLOOR_ANSIBLE_2_14", "2.14", "-vv", &["-vvv"]);
}

#[test]
fn core_2_16_agrees_with_its_own_events() {
    agrees("SHOPFLOOR_ANSIBLE_2_16", "2.16", "-vvv", &[]);
}

#[test]
fn core_2_19_agrees_with_its_own_events() {
    agrees("SHOPFLOOR_ANSIBLE", "2.19", "-vvvv", &["-v"]);
}

/// A playbook with a value that a password opens.
fn sealed(stage: &Stage) -> PathBuf {
    let directory = stage.file("vault");
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::copy(playbooks().join("vault.yml"), directory.join("vault.yml")).unwrap();
    std::fs::write(directory.join("pass"), "vault-pass-1\n").unwrap();
    let sealed = Command::new(stage.programs.join("ansible-vault"))
        .args([
            "encrypt_string",
            "--vault-password-file",
            "pass",
            "--name",
            "registry_password",
            "s3cret",
        ])
        .current_dir(&directory)
        .env_clear()
        .envs(stage.environment())
        .output()
        .unwrap();
    std::fs::write(directory.join("secrets.yml"), sealed.stdout).unwrap();
    directory
}

/// A prompt has no line end; it is seen when nothing comes, answered, and gone.
async fn asks_for_the_vault(variable: &str) {
    let Some(stage) = Stage::new(variable) else { return };
    let directory = sealed(&stage);
    let (mut pty, pts) = pty_process::open().unwrap();
    pty.resize(pty_process::Size::new(40, 100)).unwrap();
    let mut child = pty_process::Command::new(stage.programs.join("ansible-playbook"))
        .args(["vault.yml", "--ask-vault-pass"])
        .current_dir(&directory)
        .env_clear()
        .envs(stage.environment())
        .env("TERM", "xterm-256color")
        .kill_on_drop(true)
        .spawn(pts)
        .unwrap();
    let mut feed = Feed::default();
    let mut prompts = Vec::new();
    let mut bytes = [0u8; 4096];
    let patience = tokio::time::Instant::now() + Duration::from_secs(90);
    loop {
        assert!(tokio::time::Instant::now() < patience, "{:?}", feed.outline());
        match tokio::time::timeout(Duration::from_millis(500), pty.read(&mut bytes)).await {
            // The end of a pseudo-terminal is the error EIO.
            Ok(Ok(0) | Err(_)) => break,
            Ok(Ok(count)) => feed.push(&bytes[..count]),
            Err(_) => {
                feed.pause();
                if let Some(prompt) = &feed.outline().prompt
                    && prompts.last() != Some(&prompt.text)
                {
                    prompts.push(prompt.text.clone());
                    pty.write_all(b"vault-pass-1\n").await.unwrap();
                }
            }
        }
    }
    feed.end(false);
    assert!(child.wait().await.unwrap().success(), "{:?}", feed.outline());
    let outline = feed.outline();
    assert_eq!(prompts, ["Vault password:"]);
    assert_eq!(outline.prompt, None);
    assert_eq!(outline.tasks().map(|(_, task)| task.counts.ok).sum::<u32>(), 1);
    assert!(!serde_json::to_string(outline).unwrap().contains("vault-pass-1"));
}

#[tokio::test]
async fn the_vault_prompt_of_every_version_is_seen() {
    for variable in ["SHOPFLOOR_ANSIBLE_2_14", "SHOPFLOOR_ANSIBLE_2_16", "SHOPFLOOR_ANSIBLE"] {
        asks_for_the_vault(variable).await;
    }
}

/// The same under the runner: the run waits by name, the answer goes to the
/// child and nowhere else, and the view of its output agrees with the run.
#[tokio::test(flavor = "multi_thread")]
async fn the_vault_is_opened_in_a_run() {
    for variable in ["SHOPFLOOR_ANSIBLE_2_14", "SHOPFLOOR_ANSIBLE_2_16", "SHOPFLOOR_ANSIBLE"] {
        let Some(stage) = Stage::new(variable) else { return };
        let directory = sealed(&stage).display().to_string();
        let variables = stage.environment();
        let variables: Vec<String> =
            variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let program = stage.programs.join("ansible-playbook").display().to_string();
        let mut words = vec!["env", "-C", directory.as_str()];
        words.extend(variables.iter().map(String::as_str));
        words.extend([program.as_str(), "vault.yml", "--ask-vault-pass"]);
        let bench = Bench::new();
        let run = bench.start(&words);
        let document = bench.wait_for(run, "waiting");
        assert_eq!(document["waits_for"]["name"], "vault-password", "{variable}");
        let mut feed = Feed::default();
        feed.push(&bench.output(run));
        feed.pause();
        let asked = feed.outline().prompt.as_ref().map(|prompt| prompt.text.as_str());
        assert_eq!(asked, Some("Vault password:"), "{variable}");
        let mut client = bench.connect(run, "eve", None).await;
        let prompt = bench.known(run).run.prompt.unwrap().seq;
        let bytes = Zeroizing::new(b"vault-pass-1".to_vec());
        client.send(&Frame::Answer(Answer { prompt, is_hidden: true, bytes })).await.unwrap();
        let answer = reply(&mut client).await;
        assert_eq!(answer.standing, Standing::Done, "{variable}: {}", answer.sentence);
        bench.wait_for(run, "done");
        let outline = outline(&bench.output(run));
        assert_eq!(outline.prompt, None, "{variable}");
        assert_eq!(outline.tasks().map(|(_, task)| task.counts.ok).sum::<u32>(), 1, "{variable}");
        assert_eq!(outline.recaps.last().unwrap().rows[0].ok, 1, "{variable}");
        let kept = bench.everything_kept();
        for secret in [&b"vault-pass-1"[..], b"s3cret"] {
            assert_eq!(memchr::memmem::find(&kept, secret), None, "{variable}: it was kept");
        }
    }
}
