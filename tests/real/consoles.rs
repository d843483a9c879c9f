//! Consoles to real machines: OpenSSH, a jump host, a serial line, serial over LAN.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use secrecy::SecretString;
use shopfloor::console::{
    Order, Place, ScreenText, Session, SessionOptions, State, Stroke, StrokeKey, Ways,
};
use shopfloor::domain::SecretName;
use shopfloor::domain::endpoint::SshEndpoint;
use shopfloor::transport::secrets::SecretStore;
use shopfloor::transport::ssh::{self, SshPool, SshSettings};

use crate::bmc::{self, Lab};
use crate::fleet::{Fleet, free_port};
use crate::suite::{ran, skipped};

const PATIENCE: Duration = Duration::from_secs(60);

/// Installs what consoles need; `false` (with a word of why) where it cannot.
pub fn installed(suite: &str) -> bool {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/install");
    let out = Command::new(script).arg("consoles").output().expect("the recipe runs");
    if !out.status.success() {
        let said = String::from_utf8_lossy(&out.stderr).trim().to_owned();
        skipped(suite, said.lines().last().unwrap_or("cannot be installed"));
    }
    out.status.success()
}

pub fn ways(settings: SshSettings) -> Ways {
    let secrets = Arc::new(SecretStore::default());
    Ways { ssh: SshPool::new(settings, Arc::clone(&secrets)), secrets }
}

pub fn opened(place: Place, ways: &Ways, size: (u16, u16), recording: Option<PathBuf>) -> Session {
    let options = SessionOptions { size, recording, unrecorded: String::new(), directory: None };
    Session::open(place, ways.clone(), options)
}

pub async fn see(
    session: &Session,
    what: &str,
    is_there: impl Fn(&ScreenText) -> bool,
) -> ScreenText {
    let begun = Instant::now();
    loop {
        let text = session.text().await.expect("the console is there");
        if is_there(&text) {
            return text;
        }
        let state = session.views().borrow().state.clone();
        assert!(
            begun.elapsed() < PATIENCE,
            "never saw {what} ({state:?}):\n{}",
            text.screen.join("\n")
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Types a line and Enter, once the line to the other side is open.
pub async fn line(session: &Session, text: &str) {
    let mut views = session.views();
    let open = views.wait_for(|view| view.state.is_open());
    if tokio::time::timeout(PATIENCE, open).await.is_err() {
        let (state, text) = (session.views().borrow().state.clone(), session.text().await);
        panic!("it never opens: {state:?} {text:?}");
    }
    session.tell(Order::Type(text.to_owned()));
    session.tell(Order::Key(Stroke::plain(StrokeKey::Enter)));
}

/// Presses Enter until the prompt answers, as a person does at a line that may drop what is typed first.
async fn prompted(session: &Session, prompt: &str) {
    let begun = Instant::now();
    while !session.text().await.expect("the console is there").prompt.ends_with(prompt) {
        assert!(begun.elapsed() < PATIENCE, "{prompt} never answers: {:?}", session.text().await);
        line(session, "").await;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

pub async fn ended(session: &Session) -> String {
    let mut views = session.views();
    let wait = views.wait_for(|view| matches!(view.state, State::Ended(_)));
    let view =
        tokio::time::timeout(PATIENCE, wait).await.expect("it ends").expect("a view").clone();
    match &view.state {
        State::Ended(why) => why.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shell_over_ssh_follows_the_size_survives_floods_and_comes_back() {
    let Some(fleet) = Fleet::shared("consoles-ssh") else { return };
    let ways = ways(fleet.settings());
    let host = fleet.endpoint(60);
    let session = opened(Place::Ssh(host.clone()), &ways, (90, 25), None);
    line(&session, "PS1='there> '; stty size; echo \"$TERM\"").await;
    see(&session, "its size", |text| text.contains("25 90") && text.contains("xterm-256color"))
        .await;
    session.tell(Order::Resize(70, 20));
    line(&session, "stty size").await;
    see(&session, "the new size", |text| text.contains("20 70")).await;
    let text = see(&session, "a prompt", |text| text.prompt.ends_with("there>")).await;
    assert!(!text.is_full_screen);

    // A flood in a console stalls no other command of the same connection.
    line(&session, "yes flood").await;
    see(&session, "the flood", |text| text.contains("flood")).await;
    for _ in 0..5 {
        let answer =
            ways.ssh.run(&host, &ssh::Command::new("echo through")).await.expect("an answer");
        assert_eq!(answer.stdout, b"through\n");
    }
    session.tell(Order::Key(Stroke::ctrl('c')));
    line(&session, "echo after-$((1+1))").await;
    see(&session, "the shell again", |text| text.contains("after-2")).await;

    line(&session, "exit 7").await;
    assert!(ended(&session).await.contains("status 7"));
    // What was on it stays, and a new shell begins below.
    session.tell(Order::Connect { force: false });
    line(&session, "echo again-$((2+2))").await;
    see(&session, "a new shell", |text| text.contains("again-4") && text.contains("after-2")).await;

    // The server's own process of this login dies: the line is cut.
    line(&session, "kill -9 $PPID").await;
    let why = ended(&session).await;
    assert!(!why.contains("status"), "a cut line has no exit status: {why}");
    assert!(session.text().await.expect("text").contains("again-4"));
    ways.ssh.close_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shell_behind_a_jump_host_and_a_host_that_refuses() {
    let Some(fleet) = Fleet::shared("consoles-ssh") else { return };
    let config = fleet.file("console_jump_config");
    let text = format!(
        "Host outer\n HostName {}\nHost *\n User fleetops\n Port {}\n IdentityFile {}\n",
        Fleet::address(61),
        fleet.port,
        fleet.file("id").display()
    );
    std::fs::write(&config, text).expect("written");
    let ways = ways(SshSettings { config_file: Some(config), ..fleet.settings() });
    let behind =
        SshEndpoint { common_args: Some("-o ProxyJump=outer".into()), ..fleet.endpoint(62) };
    let session = opened(Place::Ssh(behind), &ways, (100, 20), None);
    line(&session, "echo \"$SSH_CONNECTION\"; stty size").await;
    let reached = format!(" {} {}", Fleet::address(62), fleet.port);
    see(&session, "where it is", |text| text.contains(&reached) && text.contains("20 100")).await;

    let nowhere = SshEndpoint { port: Some(1), ..fleet.endpoint(63) };
    let refused = opened(Place::Ssh(nowhere), &ways, (80, 24), None);
    let why = ended(&refused).await;
    assert!(why.contains("node-063"), "{why}");
    ways.ssh.close_all().await;
}

/// A `PATH` with everything of this machine but the terminal programs for lines, and one of them.
fn path_with(program: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a scratch directory");
    for from in ["/usr/bin", "/bin"] {
        for entry in std::fs::read_dir(from).expect("programs").flatten() {
            let name = entry.file_name();
            let is_other = ["socat", "picocom", "minicom", "screen"].iter().any(|it| name == *it);
            if !is_other || name == *program {
                // The same in both directories.
                let _ = std::os::unix::fs::symlink(entry.path(), dir.path().join(name));
            }
        }
    }
    dir
}

/// The processes that have the line open.
pub fn holders(real: &Path) -> BTreeSet<String> {
    let holds = |entry: &std::fs::DirEntry| {
        let fds = std::fs::read_dir(entry.path().join("fd")).into_iter().flatten().flatten();
        fds.filter_map(|fd| std::fs::read_link(fd.path()).ok()).any(|link| link == real)
    };
    let all = std::fs::read_dir("/proc").expect("proc").flatten();
    all.filter(holds).map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_terminal_program_carries_the_line_at_its_speed_and_lets_go_of_it() {
    if !installed("consoles-serial") {
        return;
    }
    ran("consoles-serial");
    let ways = ways(SshSettings::default());
    for (program, leave) in
        [("socat", ""), ("picocom", "\u{1}\u{18}"), ("minicom", "\u{1}x\r"), ("screen", "\u{1}ky")]
    {
        let serial = match SerialLine::start() {
            Ok(serial) => serial,
            Err(why) => return skipped("consoles-serial", &why),
        };
        let real = std::fs::canonicalize(&serial.link).expect("the line");
        // The other end: the simulator and its shell.
        let begun = Instant::now();
        while holders(&real).len() < 2 {
            assert!(begun.elapsed() < PATIENCE, "there is no other end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let far = holders(&real);
        let is_open = || !holders(&real).is_subset(&far);
        let path = path_with(program);
        let screens = tempfile::tempdir().expect("a scratch directory");
        std::fs::set_permissions(screens.path(), std::fs::Permissions::from_mode(0o700))
            .expect("a mode");
        let place = |force: bool| {
            let words = [
                "env",
                &format!("PATH={}", path.path().display()),
                &format!("SCREENDIR={}", screens.path().display()),
                "sh",
                "-c",
                &shopfloor::console::serial::command(&serial.name, 9600, force),
            ];
            Place::Local(words.iter().map(|word| (*word).to_owned()).collect())
        };
        // Root sees the other end of the line hold it too.
        let session = opened(place(true), &ways, (90, 24), None);
        let carried = format!("{program}-49");
        // The program takes the line a moment later; what is typed before is lost.
        let begun = Instant::now();
        while !session.text().await.expect("text").contains(&carried) {
            line(&session, &format!("echo {program}-$((7*7))")).await;
            tokio::time::sleep(Duration::from_millis(700)).await;
            let text = session.text().await.expect("text").screen.join("\n");
            assert!(begun.elapsed() < PATIENCE, "{program} carries nothing:\n{text}");
        }
        let told = Command::new("stty").arg("-F").arg(&real).arg("speed").output().expect("stty");
        assert_eq!(String::from_utf8_lossy(&told.stdout).trim(), "9600", "{program}");
        // Whoever comes second learns which program it is.
        let second = opened(place(false), &ways, (90, 24), None);
        let why = ended(&second).await;
        let text = second.text().await.expect("text").lines.join("\n");
        assert!(
            why.ends_with("status 72") && text.contains("is held by"),
            "{program}: {why} {text}"
        );
        assert!(text.to_lowercase().contains(program), "{program}: {text}");
        // Its own keys leave it where it has some; closing the console does always.
        if leave.is_empty() {
            drop(session);
        } else {
            for c in leave.chars() {
                let key = match c {
                    '\r' => Stroke::plain(StrokeKey::Enter),
                    '\u{1}'..='\u{1a}' => Stroke::ctrl(char::from(b'a' - 1 + c as u8)),
                    c => Stroke::plain(StrokeKey::Char(c)),
                };
                session.tell(Order::Key(key));
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
            assert!(ended(&session).await.starts_with("the program ended"), "{program}");
            session.tell(Order::Connect { force: false });
            let begun = Instant::now();
            while !is_open() {
                assert!(begun.elapsed() < PATIENCE, "{program} does not open the line again");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            drop(session);
        }
        let begun = Instant::now();
        while is_open() {
            assert!(begun.elapsed() < PATIENCE, "{program} keeps the line");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        // The line goes away while a console is on it.
        if program == "socat" || program == "picocom" {
            let session = opened(place(true), &ways, (90, 24), None);
            see(&session, "the line", |text| text.contains("9600 bit/s")).await;
            while !is_open() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            drop(serial);
            let why = ended(&session).await;
            assert!(why.starts_with("the program ended"), "{program}: {why}");
        }
    }
}

/// A program of ours that is ended with the test.
pub struct Ended(pub Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A serial line: one end is a pseudo-terminal below `/dev/serial/by-id`, at the other a shell.
pub struct SerialLine {
    _socat: Ended,
    _dir: tempfile::TempDir,
    pub name: String,
    pub link: PathBuf,
}

impl SerialLine {
    pub fn start() -> Result<SerialLine, String> {
        let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
        let pts = dir.path().join("line");
        let program = Command::new("socat")
            .arg(format!("PTY,link={},rawer,perm=0666", pts.display()))
            .arg("EXEC:sh -i,pty,setsid,ctty,stderr,echo=1,icanon=1,onlcr=1,icrnl=1")
            .env("PS1", "switch# ")
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let socat = Ended(program);
        let begun = Instant::now();
        while !pts.exists() {
            if begun.elapsed() > PATIENCE {
                return Err("socat made no line".to_owned());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let by_id = Path::new("/dev/serial/by-id");
        std::fs::create_dir_all(by_id).map_err(|error| format!("{}: {error}", by_id.display()))?;
        let name = format!("usb-Test_Serial_{}-if00-port0", std::process::id());
        let link = by_id.join(&name);
        let real = std::fs::read_link(&pts).map_err(|error| error.to_string())?;
        std::os::unix::fs::symlink(real, &link).map_err(|error| error.to_string())?;
        Ok(SerialLine { _socat: socat, _dir: dir, name, link })
    }
}

impl Drop for SerialLine {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.link);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_serial_line_is_found_by_its_id_held_by_one_and_taken_when_told() {
    let Some(fleet) = Fleet::shared("consoles-serial") else { return };
    if !installed("consoles-serial") {
        return;
    }
    let serial = match SerialLine::start() {
        Ok(serial) => serial,
        Err(why) => return skipped("consoles-serial", &why),
    };
    let ways = ways(fleet.settings());
    let place = |line: &str, on: Option<SshEndpoint>| Place::Serial {
        on,
        line: line.to_owned(),
        baud: 115_200,
        what: "leaf-01".into(),
    };
    let there = || Some(fleet.endpoint(64));
    let session = opened(place(&serial.name, there()), &ways, (100, 24), None);
    see(&session, "how it is reached", |text| {
        text.contains("115200 bit/s") && text.contains("through socat")
    })
    .await;
    line(&session, "").await;
    line(&session, "echo from-the-switch-$((3*3))").await;
    see(&session, "the other end", |text| text.contains("from-the-switch-9")).await;

    // Whoever comes second learns who holds it, and can take it.
    let second = opened(place(&serial.name, there()), &ways, (100, 24), None);
    let why = ended(&second).await;
    assert!(why.contains("is held by") && why.contains("fleetops"), "{why}");
    assert!(why.contains("f takes it"), "{why}");
    second.tell(Order::Connect { force: true });
    see(&second, "the line all the same", |text| text.contains("through socat")).await;
    drop(second);

    // A line that is not there names those that are; nothing in a name is run.
    let missing = opened(place("usb-Nothing-if00", there()), &ways, (100, 24), None);
    let why = ended(&missing).await;
    assert!(why.contains("there is no serial line usb-Nothing-if00"), "{why}");
    assert!(missing.text().await.expect("text").contains(&serial.name));
    let marker = fleet.file("must-not-appear");
    let evil = format!("x'; touch {}; '", marker.display());
    let refused = opened(place(&evil, there()), &ways, (100, 24), None);
    ended(&refused).await;
    assert!(!marker.exists());

    // On this machine the same way; root also sees who is at the other end.
    drop(session);
    let local = opened(place(&serial.name, None), &ways, (100, 24), None);
    let why = ended(&local).await;
    assert!(why.contains("is held by") && why.contains("root: socat"), "{why}");
    local.tell(Order::Connect { force: true });
    line(&local, "").await;
    line(&local, "echo local-$((4*4))").await;
    see(&local, "the other end", |text| text.contains("local-16")).await;
    ways.ssh.close_all().await;
}

#[test]
fn serial_over_lan_reaches_the_machine_behind_the_controller() {
    if !installed("consoles-sol") {
        return;
    }
    let port = free_port();
    // The machine's serial port: a shell behind a socket, as a simulator has it.
    let program = Command::new("socat")
        .arg(format!("TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork"))
        .arg("EXEC:sh -i,pty,setsid,ctty,stderr")
        .env("PS1", "node-1# ")
        .stderr(Stdio::null())
        .spawn();
    let _machine = Ended(program.expect("socat"));
    let lab = match Lab::up_with(Some(port)) {
        Ok(lab) => lab,
        Err(why) => return skipped("consoles-sol", &why),
    };
    ran("consoles-sol");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let site = bmc::site(&lab, lab.own_ca(), "ops");
        let endpoint = site.targets[1].bmc.clone().expect("a controller");
        let place = Place::Sol { name: "node-1".into(), bmc: endpoint };
        let ways = ways(SshSettings::default());
        let sealed = opened(place.clone(), &ways, (80, 24), None);
        let why = ended(&sealed).await;
        assert!(why.contains("sealed"), "{why}");
        ways.secrets.put(SecretName::from("bmc"), SecretString::from(bmc::PASSWORD));
        let session = opened(place.clone(), &ways, (80, 24), None);
        see(&session, "ipmitool's greeting", |text| text.contains("SOL Session operational")).await;
        prompted(&session, "node-1#").await;
        line(&session, "echo over-the-lan-$((5*5))").await;
        see(&session, "the machine", |text| text.contains("over-the-lan-25")).await;
        // A controller has one session: the second is told, and takes it when told.
        let second = opened(place.clone(), &ways, (80, 24), None);
        let why = ended(&second).await;
        assert!(why.contains("node-1 has serial over LAN open already"), "{why}");
        assert!(why.ends_with("f ends that and opens ours"), "{why}");
        second.tell(Order::Connect { force: true });
        see(&second, "its own session", |text| text.contains("SOL Session operational")).await;
        // The simulator tells the first one nothing. It remembers the number of the first one's last
        // packet, confirms the second one's packet of that number and drops it as said already.
        prompted(&second, "node-1#").await;
        line(&second, "echo taken-$((6*6))").await;
        see(&second, "the machine", |text| text.contains("taken-36")).await;
        assert!(session.text().await.expect("text").contains("over-the-lan-25"), "its text stays");
        let session = second;
        for process in std::fs::read_dir("/proc").expect("proc").flatten() {
            let Ok(argv) = std::fs::read(process.path().join("cmdline")) else { continue };
            let argv = String::from_utf8_lossy(&argv).into_owned();
            let is_tool = argv.starts_with("ipmitool");
            assert!(!(is_tool && argv.contains(bmc::PASSWORD)), "the password is in {argv}");
        }
        // The controller dies: the console says so and keeps its text.
        lab.down();
        line(&session, "anybody there").await;
        let why = ended(&session).await;
        assert!(!why.is_empty());
        assert!(session.text().await.expect("text").contains("taken-36"));
    });
}
