//! Consoles that a run holds, to real machines: a serial line, serial over LAN, a key with a passphrase.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use shopfloor::console::Place;
use shopfloor::domain::endpoint::SshEndpoint;
use shopfloor::runner::client::Client;
use shopfloor::runner::protocol::{ConsoleWord, Frame, Lent, Request};
use zeroize::Zeroizing;

use crate::bmc::{self, Lab};
use crate::consoles::{Ended, SerialLine, holders, installed};
use crate::fleet::{Fleet, fleet, free_port};
use crate::runner::bench::{Bench, PATIENCE};
use crate::suite::{ran, skipped};

/// A screen at a console of the run, without the screen.
struct Screen {
    client: Client,
    shown: Vec<u8>,
    ended: Option<String>,
}

impl Screen {
    async fn of(bench: &Bench, lent: Option<(&str, &str)>) -> Screen {
        let mut client = bench.connect(1, "eve", None).await;
        if let Some((name, secret)) = lent {
            let secret = Zeroizing::new(secret.as_bytes().to_vec());
            client.send(&Frame::Lend(Lent { name: name.into(), secret })).await.unwrap();
        }
        Screen { client, shown: Vec::new(), ended: None }
    }

    async fn ask(&mut self, request: Request) {
        self.ended = None;
        self.client.send(&Frame::Request(request)).await.unwrap();
    }

    async fn open(&mut self, place: Place) {
        self.ask(Request::OpenConsole { place: Box::new(place), size: (100, 30) }).await;
    }

    async fn show(&mut self, again: Option<bool>) {
        self.ask(Request::ShowConsole { console: Some(1), size: (100, 30), again }).await;
    }

    async fn line(&mut self, text: &str) {
        let bytes = Zeroizing::new(format!("{text}\r").into_bytes());
        self.client.send(&Frame::Keys(bytes)).await.unwrap();
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.shown).into_owned()
    }

    /// Takes in what comes; nothing for a while is nothing.
    async fn read(&mut self) {
        let next = tokio::time::timeout(Duration::from_millis(200), self.client.next()).await;
        match next.map(|frame| frame.expect("the runner is there")) {
            Ok(Frame::Shown(bytes)) => self.shown.extend(bytes),
            Ok(Frame::Console(ConsoleWord::Anew { .. })) => self.shown.clear(),
            Ok(Frame::Console(ConsoleWord::Ended { why })) => self.ended = Some(why),
            Ok(_) | Err(_) => {}
        }
    }

    async fn see(&mut self, text: &str) {
        let begun = Instant::now();
        while !self.text().contains(text) {
            assert!(begun.elapsed() < PATIENCE, "no {text} ({:?}): {}", self.ended, self.text());
            self.read().await;
        }
    }

    /// Presses Enter until that answers.
    async fn prompted(&mut self, prompt: &str) {
        let begun = Instant::now();
        while !self.text().contains(prompt) {
            assert!(begun.elapsed() < PATIENCE, "no {prompt} ({:?}): {}", self.ended, self.text());
            self.line("").await;
            let pressed = Instant::now();
            while pressed.elapsed() < Duration::from_millis(500) && !self.text().contains(prompt) {
                self.read().await;
            }
        }
    }

    async fn end(&mut self) -> String {
        let begun = Instant::now();
        loop {
            if let Some(why) = self.ended.take() {
                return why;
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end: {}", self.text());
            self.read().await;
        }
    }
}

fn started() -> Bench {
    let bench = Bench::new();
    assert_eq!(bench.script("echo ready; sleep 600"), 1);
    bench.wait_for_text(1, "ready");
    bench
}

#[tokio::test(flavor = "multi_thread")]
async fn a_serial_line_in_a_run_outlives_the_screen_and_is_let_go_of_with_it() {
    if !installed("consoles-serial") {
        return;
    }
    let serial = match SerialLine::start() {
        Ok(serial) => serial,
        Err(why) => return skipped("consoles-serial", &why),
    };
    ran("consoles-serial");
    let real = std::fs::canonicalize(&serial.link).unwrap();
    let begun = Instant::now();
    while holders(&real).len() < 2 {
        assert!(begun.elapsed() < PATIENCE, "there is no other end");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let far = holders(&real);
    let bench = started();
    let place =
        Place::Serial { on: None, line: serial.name.clone(), baud: 9600, what: "leaf-01".into() };
    let mut screen = Screen::of(&bench, None).await;
    screen.open(place).await;
    // Root sees who has the other end, and takes the line all the same.
    let why = screen.end().await;
    assert!(why.contains("is held by") && why.contains("socat"), "{why}");
    screen.show(Some(true)).await;
    screen.see("9600 bit/s").await;
    screen.prompted("switch#").await;
    screen.line("echo in-the-run-$((6*7))").await;
    screen.see("in-the-run-42").await;
    drop(screen);
    let mut again = Screen::of(&bench, None).await;
    again.show(None).await;
    again.see("in-the-run-42").await;
    again.line("echo and-again-$((7*7))").await;
    again.see("and-again-49").await;
    assert!(!holders(&real).is_subset(&far), "the run has the line");
    again.ask(Request::EndConsole { console: 1 }).await;
    assert!(again.end().await.contains("closed it"));
    let begun = Instant::now();
    while !holders(&real).is_subset(&far) {
        assert!(begun.elapsed() < PATIENCE, "the run keeps the line");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let cast = bench.runs().directory(1).join("consoles/1.cast");
    assert!(std::fs::read_to_string(cast).unwrap().contains("in-the-run-42"));
}

#[tokio::test(flavor = "multi_thread")]
async fn serial_over_lan_in_a_run_works_with_the_password_that_was_lent_and_keeps_it_nowhere() {
    if !installed("consoles-sol") {
        return;
    }
    let port = free_port();
    let machine = Command::new("socat")
        .arg(format!("TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork"))
        .arg("EXEC:sh -i,pty,setsid,ctty,stderr")
        .env("PS1", "node-1# ")
        .stderr(Stdio::null())
        .spawn();
    let _machine = Ended(machine.expect("socat"));
    let lab = match Lab::up_with(Some(port)) {
        Ok(lab) => lab,
        Err(why) => return skipped("consoles-sol", &why),
    };
    ran("consoles-sol");
    let site = bmc::site(&lab, lab.own_ca(), "ops");
    let place =
        Place::Sol { name: "node-1".into(), bmc: site.targets[1].bmc.clone().expect("one") };
    let bench = started();
    let mut sealed = Screen::of(&bench, None).await;
    sealed.open(place).await;
    assert!(sealed.end().await.contains("sealed"));
    drop(sealed);
    let mut screen = Screen::of(&bench, Some(("bmc", bmc::PASSWORD))).await;
    screen.show(Some(false)).await;
    screen.see("SOL Session operational").await;
    screen.prompted("node-1#").await;
    screen.line("echo over-the-lan-$((5*5))").await;
    screen.see("over-the-lan-25").await;
    drop(screen);
    let mut again = Screen::of(&bench, None).await;
    again.show(None).await;
    again.see("over-the-lan-25").await;
    again.line("echo still-$((8*8))").await;
    again.see("still-64").await;
    let secret = bmc::PASSWORD.as_bytes();
    assert!(!bench.everything_kept().windows(secret.len()).any(|part| part == secret));
    // The controller dies: it is said, and the text stays.
    lab.down();
    again.line("anybody there").await;
    assert!(!again.end().await.is_empty());
    assert!(again.text().contains("still-64"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passphrase_that_was_lent_opens_a_host_in_a_run_and_is_kept_nowhere() {
    let fleet = fleet!();
    let bench = Bench::new();
    let known = fleet.file("known_hosts").display().to_string();
    let path = fleet.file("id_sealed").display().to_string();
    let host = SshEndpoint {
        identity_file: Some(path.clone()),
        common_args: Some(format!(
            "-o UserKnownHostsFile={known} -o GlobalKnownHostsFile=/dev/null -o IdentitiesOnly=yes"
        )),
        ..fleet.endpoint(137)
    };
    bench.script("echo ready; sleep 600");
    bench.wait_for_text(1, "ready");
    let mut sealed = Screen::of(&bench, None).await;
    sealed.open(Place::Ssh(host)).await;
    let why = sealed.end().await;
    assert!(why.contains("passphrase") || why.contains("unlock"), "{why}");
    drop(sealed);
    let name = format!("ssh-key {path}");
    let mut screen = Screen::of(&bench, Some((&name, "fleet-passphrase"))).await;
    screen.show(Some(false)).await;
    let begun = Instant::now();
    while !screen.text().contains("there-36") {
        assert!(begun.elapsed() < PATIENCE, "({:?}) {}", screen.ended, screen.text());
        screen.line("echo there-$((6*6)) $SSH_CONNECTION").await;
        screen.read().await;
    }
    screen.see(&Fleet::address(137)).await;
    let secret = b"fleet-passphrase";
    assert!(!bench.everything_kept().windows(secret.len()).any(|part| part == secret));
}
