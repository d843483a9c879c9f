//! Consoles that a run holds: the screen may die, the console goes on.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use shopfloor::runner::client::socket_path;

use super::attach::Site;
use super::drawing::assert_only_drawing;
use super::pty::{ESC, Home, SHOPFLOOR, Terminal, demo};
use super::served::Served;

const RELEASE: &str = "\u{1c}";

fn open(site: &Site, words: &[&str], size: (u16, u16)) -> Terminal {
    std::fs::write(site.0.path("rc"), "PS1='ready> '\n").expect("written");
    let environment = site.0.path("rc");
    let rc = environment.to_str().expect("a path");
    let words: Vec<&str> = ["console", "--run", "1"].iter().chain(words).copied().collect();
    let variables = [("ENV", rc)];
    Terminal::start_with(&site.0, SHOPFLOOR, &words, size, "xterm-256color", &variables)
}

/// A shell in the run, its prompt on the screen.
async fn shell(site: &Site, size: (u16, u16)) -> Terminal {
    let rc = site.0.path("rc");
    let command = format!("ENV={} exec sh -i", rc.display());
    let mut terminal = open(site, &["--local", "--", "sh", "-c", &command], size);
    terminal.wait("a shell", |s| s.contains("ready>") && s.contains("keys go HERE")).await;
    terminal
}

fn kill(terminal: &Terminal) {
    let pid = i32::try_from(terminal.child.id().expect("it runs")).expect("a pid");
    let pid = rustix::process::Pid::from_raw(pid).expect("a pid");
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("killed");
}

fn text_of(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "never: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_screen_loses_nothing_and_a_new_one_types_on() {
    let site = Site::start("sleep 600");
    let mut first = shell(&site, (100, 30)).await;
    first.see("outlives this screen").await;
    first.keys("i=0; while [ $i -lt 50 ]; do i=$((i+1)); echo count-$i; done\r").await;
    first.see("count-50").await;
    // Typed unseen: in no file afterwards.
    first.keys("stty -echo; printf 'Pass%s: ' word; read -r it; stty echo\r").await;
    first.see("Password:").await;
    first.keys("hunter-2-staple\r").await;
    first.keys("echo length ${#it}\r").await;
    first.see("length 15").await;
    kill(&first);
    first.end().await;

    let mut second = open(&site, &[], (90, 20));
    second.wait("what was there", |s| s.contains("length 15") && s.contains("keys go HERE")).await;
    second.keys("echo still-$i; stty size\r").await;
    second.wait("the same shell", |s| s.contains("still-50") && s.contains("19 90")).await;
    // Also what had scrolled off.
    second.keys(&format!("{RELEASE}[")).await;
    second.see("lines above").await;
    second.keys("g").await;
    second.see("count-1\n").await;
    second.keys(ESC).await;
    second.see("keys go HERE").await;
    // Left, not closed: it goes on, and says how to come back.
    second.keys(&format!("{RELEASE}d")).await;
    second.see("console 1 of run 1 goes on; come back with").await;
    assert_eq!(second.end().await, Some(0));
    let shown = text_of(&site.command(&["run", "show", "1", "--json"]));
    let shown: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(shown["consoles"][0]["state"], "open");
    assert_eq!(shown["consoles"][0]["number"], 1);
    // The fields that docs/json.md promises.
    let fields: Vec<&str> =
        shown["consoles"][0].as_object().expect("fields").keys().map(String::as_str).collect();
    let promised =
        ["by", "ended", "keys", "name", "number", "opened", "reason", "recording", "state", "way"];
    assert_eq!(fields, promised);

    let recording = std::fs::read_to_string(site.0.find("1", ".cast")).expect("a recording");
    let journal = site.journal();
    assert!(recording.contains("still-50") && recording.contains("length 15"));
    for text in [&recording, &journal] {
        assert!(!text.contains("hunter-2"), "what was typed unseen is kept: {text}");
    }
    assert!(!recording.contains(", \"i\", "), "typed keys are recorded");
    for event in ["console-opened", "console-keys"] {
        assert!(journal.contains(event), "{journal}");
    }

    // Closed from a screen: ended for good, and written down.
    let mut third = open(&site, &["--number", "1"], (90, 20));
    third.wait("it again", |s| s.contains("still-50") && s.contains("keys go HERE")).await;
    third.keys(&format!("{RELEASE}q")).await;
    third.keys("y").await;
    third.end().await;
    until("the console is closed", || site.journal().contains("console-closed")).await;
    let refused = site.command(&["console", "--run", "1", "--number", "1"]);
    assert!(!refused.status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_screen_program_is_there_again_with_what_is_below_it() {
    let site = Site::start("sleep 600");
    let mut first = shell(&site, (80, 24)).await;
    first.keys("echo be'low'\r").await;
    first.see("below").await;
    first
        .keys("printf '\\033[?1049h\\033[2J\\033[5;10H\\033[7mEDI%s\\033[m' TOR; read x; printf '\\033[?1049l'; echo back-$x\r")
        .await;
    first.see("EDITOR").await;
    kill(&first);
    first.end().await;
    let mut second = open(&site, &[], (80, 24));
    second.wait("the program", |s| s.contains("EDITOR") && !s.contains("below")).await;
    second.see("keys go HERE").await;
    second.keys("home\r").await;
    second.wait("the shell", |s| s.contains("back-home") && s.contains("below")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_screens_see_the_same_and_one_of_them_types() {
    let site = Site::start("sleep 600");
    let mut first = shell(&site, (90, 24)).await;
    let mut second = open(&site, &[], (80, 20));
    second.wait("the shell", |s| s.contains("ready>") && s.contains("keys go HERE")).await;
    // The same person at another screen gets the keys at once.
    first.see("you type at another screen now").await;
    second.keys("echo two-$((1+1)); stty size\r").await;
    second.wait("the answer", |s| s.contains("two-2") && s.contains("19 80")).await;
    first.see("two-2").await;
    first.keys("echo lost-$((3+3))\r").await;
    first.see("+ in the key bar takes the keys").await;
    first.keys(&format!("{RELEASE}+")).await;
    first.see("the keys are yours").await;
    first.keys("echo one-$((5+5)); stty size\r").await;
    first.wait("the answer", |s| s.contains("one-10") && s.contains("23 90")).await;
    second.see("one-10").await;
    second.see("you watch").await;
    assert!(!first.screen().contains("lost-6"), "{}", first.screen());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_runner_is_told_and_the_text_is_in_the_recording() {
    let site = Site::start("sleep 600");
    let mut screen = shell(&site, (120, 24)).await;
    screen.keys("echo kept-$((2+2))\r").await;
    screen.see("kept-4").await;
    let shown = text_of(&site.command(&["run", "show", "1", "--json"]));
    let shown: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
    let runner = i32::try_from(shown["runner"]["pid"].as_i64().expect("a pid")).expect("a pid");
    let runner = rustix::process::Pid::from_raw(runner).expect("a pid");
    rustix::process::kill_process(runner, rustix::process::Signal::KILL).expect("killed");
    screen.see("the runner of run 1 is gone").await;
    assert!(screen.screen().contains("kept-4"), "the text stays: {}", screen.screen());
    let recording = std::fs::read_to_string(site.0.find("1", ".cast")).expect("a recording");
    assert!(recording.contains("kept-4"), "{recording}");
    let shown = text_of(&site.command(&["run", "show", "1", "--json"]));
    let shown: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(shown["consoles"][0]["state"], "closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_outlives_the_command_without_being_in_the_way() {
    let site = Site::start("read line");
    let mut screen = shell(&site, (120, 24)).await;
    let stop = ["run", "stop", "1", "--yes", "--level", "term"];
    assert!(site.command(&stop).status.success());
    screen.see("run 1 is over; this console goes on").await;
    screen.keys("echo alive-$((3+4))\r").await;
    screen.see("alive-7").await;
    let other = site.command(&["run", "start", "--wait", "--", "echo", "another run"]);
    assert!(text_of(&other).contains("another run"), "{}", text_of(&other));
    assert_eq!(other.status.code(), Some(0));
    screen.keys("echo still-$((4+4))\r").await;
    screen.see("still-8").await;
    let refused = site.command(&["console", "--local", "--run", "1", "--", "sh"]);
    assert!(!refused.status.success());
    let stopped = site.command(&["run", "stop", "1", "--yes"]);
    assert!(text_of(&stopped).contains("its console is closed"), "{}", text_of(&stopped));
    screen.see("stopped run 1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_of_another_version_sees_the_output() {
    let site = Site::start("echo old-and-new; sleep 600");
    let journal = site.0.find("journal", ".jsonl");
    for version in [1, 99] {
        let (_open, path) = socket_path(journal.parent().expect("a directory")).expect("a path");
        let mut line = UnixStream::connect(&path).expect("connected");
        line.set_read_timeout(Some(Duration::from_secs(30))).expect("a limit");
        let hello = serde_json::json!({
            "version": version, "name": "eve", "output_from": 0, "journal_from": 0,
            "size": null, "is_watcher": false, "a field of later": true,
        });
        let hello = serde_json::to_vec(&hello).expect("JSON");
        let mut frame = vec![b'H'];
        frame.extend_from_slice(&u32::try_from(hello.len()).expect("short").to_be_bytes());
        frame.extend_from_slice(&hello);
        line.write_all(&frame).expect("sent");
        let (mut seen, mut kinds) = (Vec::new(), Vec::new());
        while !String::from_utf8_lossy(&seen).contains("old-and-new") {
            let mut head = [0; 5];
            line.read_exact(&mut head).expect("a frame");
            let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
            let mut body = vec![0; length as usize];
            line.read_exact(&mut body).expect("a whole frame");
            kinds.push(head[0]);
            if head[0] == b'O' {
                seen.extend(body);
            }
        }
        assert_eq!(kinds[0], b'W');
        if version == 1 {
            assert!(kinds.iter().all(|kind| b"WOJRSE".contains(kind)), "{kinds:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_screen_offers_both_kinds_and_says_which_is_which() {
    let site = Site::start("sleep 600");
    let mut screen = site.terminal(&[], (120, 40));
    screen.see("run 1 RUNNING").await;
    screen.keys(":consoles\r").await;
    screen.see("outlives this screen; opens").await;
    screen.keys("2").await;
    screen
        .wait("the console", |s| s.contains("outlives this screen") && s.contains("keys go HERE"))
        .await;
    screen.see("you type in the run").await;
    screen.keys("echo from-$((6+6))\r").await;
    screen.see("from-12").await;
    kill(&screen);
    screen.end().await;
    let mut again = site.terminal(&[], (120, 40));
    again.see("run 1 RUNNING").await;
    again.keys(":consoles\r").await;
    again.see("console 1, outlives this screen").await;
    again.keys("1").await;
    again.wait("its text", |s| s.contains("from-12") && s.contains("keys go HERE")).await;
    again.keys("echo and-$((7+7))\r").await;
    again.see("and-14").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_run_nothing_is_offered_in_one() {
    let home = Home::new();
    let mut screen = demo(&home, (120, 40), "xterm-256color");
    screen.see("DEMO").await;
    screen.keys(":consoles\r").await;
    screen.see("opens a shell on this machine").await;
    assert!(!screen.screen().contains("outlives"), "{}", screen.screen());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shell_over_ssh_is_held_by_the_run_too() {
    let home = Home::new();
    let _served = Served::start(&home);
    let site = home.path("site").display().to_string();
    let command = |words: &[&str]| {
        std::process::Command::new(SHOPFLOOR)
            .args(["--site", &site])
            .args(words)
            .current_dir(home.dir.path())
            .env("HOME", home.dir.path())
            .env("XDG_STATE_HOME", home.path("state"))
            .env_remove("XDG_RUNTIME_DIR")
            .output()
            .expect("the program runs")
    };
    let started = command(&["run", "start", "--", "sleep", "600"]);
    assert!(started.status.success(), "{}", text_of(&started));
    let args = ["--site", &site, "console", "gpu-09", "--run", "1"];
    let mut first = Terminal::start(&home, SHOPFLOOR, &args, (100, 30), "xterm-256color");
    first.see("@gpu-09:~$").await;
    first.keys("hostname\r").await;
    first.wait("the answer", |s| s.matches("@gpu-09:~$").count() > 1).await;
    kill(&first);
    first.end().await;
    let args = ["--site", &site, "console", "--run", "1"];
    let mut second = Terminal::start(&home, SHOPFLOOR, &args, (90, 20), "xterm-256color");
    second.wait("what was there", |s| s.matches("@gpu-09:~$").count() > 1).await;
    second.see("keys go HERE").await;
    second.keys("stty size\r").await;
    second.see("19 90").await;
    // The line drops: the text stays, and the runner connects again.
    second.keys("exit\r").await;
    second.see("r again, q closes").await;
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    second.keys("\r").await;
    second.wait("another shell", |s| s.matches("@gpu-09:~$").count() > 3).await;
    let journal = std::fs::read_to_string(home.find("journal", ".jsonl")).expect("a journal");
    assert!(journal.contains("console-ended") && journal.contains("console-again"), "{journal}");
    for _ in 0..2 {
        command(&["run", "stop", "1", "--yes", "--level", "kill"]);
    }
    until("the runner is gone", || {
        text_of(&command(&["run", "show", "1", "--json"])).contains("\"alive\": false")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_program_in_a_run_reaches_no_terminal_and_no_answer_reaches_a_shell() {
    let site = Site::start("sleep 600");
    let mut first = shell(&site, (90, 24)).await;
    let begun = first.raw.len();
    first
        .keys("printf '\\033]0;evil\\007\\033]52;c;cm0gLXJm\\007\\033]8;;http://evil\\007x\\033[c\\033[>c\\033[6n\\033]11;?\\007'; echo; echo asked-$((1+1))\r")
        .await;
    first.see("asked-2").await;
    // A parameter list without end, and a command without end.
    first.keys("printf '\\033['; head -c 2000000 /dev/zero | tr '\\0' ';'; printf 'm'; echo done-$((2+2))\r").await;
    first.see("done-4").await;
    first.keys("printf '\\033]52;c;'; head -c 2000000 /dev/zero | tr '\\0' A; printf '\\030'; echo; echo over-$((5+5))\r").await;
    first.see("over-10").await;
    // Whoever comes to it later is given what is shown, and nothing of that either.
    let mut second = open(&site, &[], (80, 20));
    second.wait("what is there", |s| s.contains("over-10") && s.contains("keys go HERE")).await;
    second.keys("echo late-$((6+6))\r").await;
    second.see("late-12").await;
    first.see("late-12").await;
    for screen in [&first, &second] {
        assert!(!screen.screen().contains("not found"), "{}", screen.screen());
    }
    assert_only_drawing(&first.raw[begun..]);
    assert_only_drawing(&second.raw);
}
