//! `virsh console` to real virtual machines: libvirt and QEMU in software
//! emulation, on a host of the fleet.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use shopfloor::console::{
    Order, Place, Prompt, PromptKind, ScreenText, Session, Stroke, StrokeKey, Ways, virsh,
};
use shopfloor::domain::endpoint::SshEndpoint;

use crate::consoles::{ended, line, opened, see, ways};
use crate::fleet::Fleet;
use crate::suite::skipped;

const SUITE: &str = "consoles-virsh";
/// The host that has the libvirt.
const HOST: usize = 140;
/// As in `tests/servers/vm-guest`.
const PASSWORD: &str = "guest-secret";
const SIZE: (u16, u16) = (100, 30);

/// One test at a time has the libvirt: it dies in one of them.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// A libvirt of this test process; it ends when the process does.
struct Hypervisor {
    directory: PathBuf,
    fleet: &'static Fleet,
}

impl Hypervisor {
    /// Started when it is first asked for; `None`, and said so, where it cannot run.
    fn shared() -> Option<&'static Hypervisor> {
        static ONE: OnceLock<Result<Hypervisor, String>> = OnceLock::new();
        let fleet = Fleet::shared(SUITE)?;
        match ONE.get_or_init(|| Hypervisor::start(fleet)) {
            Ok(one) => Some(one),
            Err(why) => {
                skipped(SUITE, why);
                None
            }
        }
    }

    fn start(fleet: &'static Fleet) -> Result<Hypervisor, String> {
        let directory = tempfile::tempdir().map_err(|error| error.to_string())?.keep();
        let one = Hypervisor { directory, fleet };
        if let Err(why) = one.script(&["up", "guest-1", "guest-2"]) {
            let _ = one.script(&["leave"]);
            return Err(why);
        }
        match fleet.hypervisor(HOST, &one.directory) {
            true => Ok(one),
            false => Err("mounts of its own are not allowed".to_owned()),
        }
    }

    fn script(&self, words: &[&str]) -> Result<String, String> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/libvirt.sh");
        let output = Command::new(script)
            .args(words)
            .env("LAB_DIR", &self.directory)
            .env("LAB_OWNER", std::process::id().to_string())
            .output()
            .map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            false => Err(said),
        }
    }

    #[track_caller]
    fn virsh(&self, words: &[&str]) -> String {
        let words: Vec<&str> = ["virsh"].iter().chain(words).copied().collect();
        self.script(&words).unwrap_or_else(|why| panic!("{words:?}: {why}"))
    }

    fn endpoint(&self) -> SshEndpoint {
        self.fleet.endpoint(HOST)
    }

    fn console(&self, ways: &Ways, domain: &str) -> Session {
        let place = Place::Virsh { on: self.endpoint(), domain: domain.to_owned() };
        opened(place, ways, SIZE, None)
    }
}

/// Types as a person does, and Enter; prepared lines are for shells.
fn typed(session: &Session, text: &str) {
    for c in text.chars() {
        session.tell(Order::Key(Stroke::plain(StrokeKey::Char(c))));
    }
    session.tell(Order::Key(Stroke::plain(StrokeKey::Enter)));
}

async fn prompt(session: &Session, kind: PromptKind) -> Prompt {
    let is_it = |text: &ScreenText| text.waits().is_some_and(|prompt| prompt.kind == kind);
    see(session, &format!("a prompt ({kind:?})"), is_it).await.waits().expect("it waits")
}

/// Presses Enter until a prompt waits: what is typed before virsh listens is lost.
async fn awake(session: &Session) -> Prompt {
    let begun = Instant::now();
    see(session, "the new line", |text| text.last_line().starts_with("shopfloor: the console"))
        .await;
    loop {
        session.tell(Order::Key(Stroke::plain(StrokeKey::Enter)));
        tokio::time::sleep(Duration::from_secs(1)).await;
        let text = session.text().await.expect("the console is there");
        if let Some(prompt) = text.waits() {
            return prompt;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "silent:\n{}", text.screen.join("\n"));
    }
}

async fn log_in(session: &Session) -> Prompt {
    prompt(session, PromptKind::Login).await;
    typed(session, "core");
    prompt(session, PromptKind::Password).await;
    typed(session, PASSWORD);
    prompt(session, PromptKind::Shell).await
}

/// The running `virsh console` of a machine.
fn virsh_of(domain: &str) -> Option<u32> {
    let all = std::fs::read_dir("/proc").expect("proc").flatten();
    let mut pids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.find(|pid| {
        let argv = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let words: Vec<&[u8]> = argv.split(|byte| *byte == 0).collect();
        words.first() == Some(&b"virsh".as_slice())
            && words.contains(&b"console".as_slice())
            && words.contains(&domain.as_bytes())
    })
}

fn gone(domain: &str) {
    let begun = Instant::now();
    while let Some(pid) = virsh_of(domain) {
        assert!(begun.elapsed() < Duration::from_secs(60), "virsh {pid} stays");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn parent_of(pid: u32) -> u32 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("it runs");
    let rest = stat.rsplit_once(')').expect("a stat line").1;
    rest.split_whitespace().nth(1).expect("a parent").parse().expect("a number")
}

/// The server's process of the login that has that program.
fn sshd_of(mut pid: u32) -> u32 {
    while pid > 1 {
        pid = parent_of(pid);
        let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).expect("it runs");
        if name.trim().starts_with("sshd") {
            return pid;
        }
    }
    panic!("no sshd above");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_boots_is_logged_in_to_taken_and_switched_off() {
    let _turn = TURN.lock().await;
    let Some(hypervisor) = Hypervisor::shared() else { return };
    let ways = ways(hypervisor.fleet.settings());
    hypervisor.virsh(&["start", "guest-1", "--paused"]);
    let session = hypervisor.console(&ways, "guest-1");
    see(&session, "that it is paused", |text| text.contains("guest-1 is paused")).await;
    let begun = Instant::now();
    hypervisor.virsh(&["resume", "guest-1"]);
    see(&session, "the kernel", |text| text.contains("Linux version 6")).await;
    let login = prompt(&session, PromptKind::Login).await;
    println!("consoles-virsh: login after {:.1} s", begun.elapsed().as_secs_f64());
    assert_eq!((login.host.as_deref(), login.was_refused), (Some("guest-1"), false));

    // A prepared command is typed neither as a name nor as a password.
    let mut views = session.views();
    session.tell(Order::Type("poweroff".to_owned()));
    let said = views.wait_for(|view| view.said.contains("log in first"));
    drop(tokio::time::timeout(Duration::from_secs(60), said).await.expect("said").expect("a view"));
    typed(&session, "core");
    prompt(&session, PromptKind::Password).await;
    session.tell(Order::Type("poweroff".to_owned()));
    typed(&session, "wrong");
    let refused = |text: &ScreenText| text.waits().is_some_and(|prompt| prompt.was_refused);
    let text = see(&session, "a refused login", refused).await;
    assert!(!text.contains("poweroff"));
    let shell = log_in(&session).await;
    assert_eq!((shell.user.as_deref(), shell.host.as_deref()), (Some("core"), Some("guest-1")));
    assert!(!shell.is_root);
    line(&session, "echo on-$((6*7)); cat .ssh/authorized_keys").await;
    let listed = |text: &ScreenText| text.contains("on-42") && text.listed_keys().len() == 2;
    let keys = see(&session, "two keys", listed).await.listed_keys();
    let comments: Vec<&str> = keys.iter().map(|key| key.comment.as_str()).collect();
    assert_eq!(comments, ["installer@factory", "environment"]);
    assert!(keys.iter().all(|key| key.kind == "ssh-ed25519"), "{keys:?}");

    // virsh's own key goes to the machine, and nobody leaves by accident.
    line(&session, "read -r key; printf %s \"$key\" | od -An -tx1").await;
    session.tell(Order::Key(Stroke::ctrl(']')));
    session.tell(Order::Key(Stroke::plain(StrokeKey::Enter)));
    see(&session, "the key in the machine", |text| text.lines.iter().any(|it| it.trim() == "1d"))
        .await;
    // The size goes as far as there is a terminal; a serial line has none.
    session.tell(Order::Resize(132, 40));
    let pid = virsh_of("guest-1").expect("virsh runs");
    let begun = Instant::now();
    loop {
        let of = format!("/proc/{pid}/fd/0");
        let told = Command::new("stty").args(["-F", &of, "size"]).output().expect("stty runs");
        let size = String::from_utf8_lossy(&told.stdout).trim().to_owned();
        if size == "40 132" {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "the terminal has {size}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    // Who comes second learns who has it; only then, and only when told, it is taken.
    let second = hypervisor.console(&ways, "guest-1");
    let why = ended(&second).await;
    let name = Fleet::name(HOST);
    assert!(why.starts_with(&format!("the console of guest-1 on {name} is held by ")), "{why}");
    assert!(why.contains(&format!("{pid}(fleetops from 127.")), "{why}");
    assert!(why.ends_with("f takes it with virsh's --force and ends theirs"), "{why}");
    assert!(again(&second, false).await.contains("is held by"));
    second.tell(Order::Connect { force: true });
    assert_eq!(awake(&second).await.kind, PromptKind::Shell);
    let why = ended(&session).await;
    assert!(why.contains("somebody else took the console of guest-1"), "{why}");
    assert!(session.text().await.expect("text").contains("on-42"), "its text stays");
    // Force counts for a console that is held, and for nothing else.
    line(&second, "echo mine-$((1+1))").await;
    see(&second, "its own line", |text| text.contains("mine-2")).await;
    assert!(again(&session, true).await.contains("is held by"), "taking is told once more");

    hypervisor.virsh(&["destroy", "guest-1"]);
    let why = ended(&second).await;
    let off = format!("guest-1 on {name} is shut off; virsh start guest-1 there starts it");
    assert_eq!(why, off);
    assert_eq!(again(&second, false).await, off);
    drop((session, second));
    gone("guest-1");
    ways.ssh.close_all().await;
}

/// The end of a further try.
async fn again(session: &Session, force: bool) -> String {
    let mut views = session.views();
    views.borrow_and_update();
    session.tell(Order::Connect { force });
    // It was taken; the next view is one of the new try.
    drop(session.text().await);
    let change = tokio::time::timeout(Duration::from_secs(60), views.changed());
    change.await.expect("it tries").expect("a view");
    ended(session).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_cut_a_libvirt_that_dies_and_machines_that_are_not_there() {
    let _turn = TURN.lock().await;
    let Some(hypervisor) = Hypervisor::shared() else { return };
    let ways = ways(hypervisor.fleet.settings());
    let name = Fleet::name(HOST);
    let missing = hypervisor.console(&ways, "nobody");
    let why = ended(&missing).await;
    let wanted = format!("there is no virtual machine nobody on {name}; it has: guest-1 guest-2");
    assert_eq!(why, wanted);
    let marker = hypervisor.directory.join("must-not-appear");
    let evil = hypervisor.console(&ways, &format!("x';touch${{IFS}}{};'", marker.display()));
    let why = ended(&evil).await;
    assert!(why.contains("no virtual machine x") && !marker.exists(), "{why}");
    let option = hypervisor.console(&ways, "--help");
    assert_eq!(ended(&option).await, "--help is no name of a virtual machine");

    // A machine's own program without libvirt, and a hypervisor without virsh.
    let tools = tempfile::tempdir().expect("a scratch directory");
    std::os::unix::fs::symlink("/bin/uname", tools.path().join("uname")).expect("a link");
    let out = Command::new("/bin/sh")
        .args([
            "-c",
            &virsh::command("guest-2", false, false).replacen("exec sh", "exec /bin/sh", 1),
        ])
        .env("PATH", tools.path())
        .output()
        .expect("sh runs");
    assert_eq!(out.status.code(), Some(73));
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(said.contains("virsh is not installed") && said.lines().count() == 1, "{said}");

    hypervisor.virsh(&["start", "guest-2"]);
    let session = hypervisor.console(&ways, "guest-2");
    let shell = log_in(&session).await;
    assert_eq!(shell.host.as_deref(), Some("guest-2"));
    line(&session, "echo before-$((2+3))").await;
    see(&session, "its output", |text| text.contains("before-5")).await;

    // The server's process of this login dies: no end that virsh would tell.
    let pid = virsh_of("guest-2").expect("virsh runs");
    let killed = Command::new("kill").args(["-9", &sshd_of(pid).to_string()]).status();
    assert!(killed.expect("kill runs").success());
    let why = ended(&session).await;
    assert!(!why.contains("status") && !why.contains("shut off"), "{why}");
    assert!(session.text().await.expect("text").contains("before-5"), "its text stays");
    gone("guest-2");
    // Nobody held it, and force does nothing: the machine is where it was.
    session.tell(Order::Connect { force: true });
    assert_eq!(awake(&session).await.kind, PromptKind::Shell);
    line(&session, "echo after-$((3+4))").await;
    let text = see(&session, "the same shell", |text| text.contains("after-7")).await;
    assert!(text.contains("before-5"));

    hypervisor.script(&["crash"]).expect("libvirtd ends");
    let why = ended(&session).await;
    assert!(why.starts_with(&format!("libvirt on {name} ended while")), "{why}");
    gone("guest-2");
    let why = again(&session, false).await;
    assert!(why.starts_with(&format!("libvirt on {name} does not answer: ")), "{why}");
    hypervisor.script(&["again"]).expect("libvirtd starts");
    session.tell(Order::Connect { force: false });
    assert_eq!(awake(&session).await.kind, PromptKind::Shell);
    line(&session, "echo survived-$((4+5))").await;
    see(&session, "the machine", |text| text.contains("survived-9")).await;
    drop(session);
    gone("guest-2");
    the_program_itself(hypervisor, &ways).await;
    hypervisor.virsh(&["destroy", "guest-2"]);
    ways.ssh.close_all().await;
}

/// The command line, in a terminal that is a console of ours.
async fn the_program_itself(hypervisor: &Hypervisor, ways: &Ways) {
    let site = tempfile::tempdir().expect("a scratch directory");
    let fleet = hypervisor.fleet;
    let (name, address) = (Fleet::name(HOST), Fleet::address(HOST));
    let known = fleet.file("known_hosts").display().to_string();
    let key = fleet.file("id").display().to_string();
    let inventory = format!(
        "all:\n  hosts:\n    {name}:\n      ansible_host: {address}\n      ansible_port: {}\n      \
         ansible_user: fleetops\n      ansible_ssh_private_key_file: {key}\n      \
         ansible_ssh_common_args: -o UserKnownHostsFile={known} -o GlobalKnownHostsFile=/dev/null\n",
        fleet.port
    );
    std::fs::write(site.path().join("inventory.yml"), inventory).expect("written");
    let path = site.path().display().to_string();
    let argv = ["env", &format!("HOME={path}"), "LC_ALL=C.UTF-8", env!("CARGO_BIN_EXE_shopfloor")];
    let words = ["console", "--site", &path, "--virsh", "guest-2", &name];
    let argv = argv.iter().chain(&words).map(|word| (*word).to_owned()).collect();
    let screen = opened(Place::Local(argv), ways, (110, 32), None);
    see(&screen, "who has the keys", |text| text.contains("keys go HERE")).await;
    see(&screen, "the line", |text| text.contains("the console of guest-2")).await;
    let begun = Instant::now();
    while !screen.text().await.expect("a screen").contains("core@guest-2") {
        typed(&screen, "");
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(begun.elapsed() < Duration::from_secs(60), "no shell of the machine");
    }
    typed(&screen, "echo typed-$((5+6))");
    see(&screen, "what it answers", |text| text.contains("typed-11")).await;
    screen.tell(Order::Key(Stroke::ctrl(']')));
    screen.tell(Order::Key(Stroke::ctrl('c')));
    typed(&screen, "echo still-$((6+6))");
    see(&screen, "the machine after Ctrl-]", |text| text.contains("still-12")).await;
    screen.tell(Order::Key(Stroke::ctrl('\\')));
    see(&screen, "the key bar", |text| text.contains("ends it") && text.contains("looks back"))
        .await;
    screen.tell(Order::Key(Stroke::plain(StrokeKey::Char('q'))));
    see(&screen, "the question", |text| text.contains("y ends it")).await;
    screen.tell(Order::Key(Stroke::plain(StrokeKey::Char('y'))));
    assert_eq!(ended(&screen).await, "the program ended");
    gone("guest-2");
}
