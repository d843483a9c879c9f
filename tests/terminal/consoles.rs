//! Consoles in the real program: who has the keys, what is kept, what is not.

use std::path::{Path, PathBuf};

use crate::drawing::assert_only_drawing;
use crate::pty::{ESC, Home, SHOPFLOOR, Terminal, settled};
use crate::served::Served;

const RELEASE: &str = "\u{1c}";

/// A console alone, with a POSIX shell and a prompt of one character.
fn shell(home: &Home, size: (u16, u16)) -> Terminal {
    std::fs::write(home.path("rc"), "PS1='ready> '\n").expect("written");
    Terminal::start_with(
        home,
        SHOPFLOOR,
        &["console", "--local", "--", "sh", "-i"],
        size,
        "xterm-256color",
        &[("ENV", home.path("rc").to_str().expect("a path"))],
    )
}

fn recordings(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(recordings(&path));
        } else if path.extension().is_some_and(|end| end == "cast") {
            found.push(path);
        }
    }
    found
}

#[tokio::test]
async fn a_shell_takes_keys_follows_the_size_and_is_left_with_its_end() {
    let home = Home::new();
    let mut terminal = shell(&home, (100, 30));
    terminal.see("ready>").await;
    terminal.see("keys go HERE").await;
    terminal.see("ends with").await;
    terminal.keys("stty size\r").await;
    terminal.see("29 100").await;
    terminal.resize(70, 20);
    terminal.keys("stty size\r").await;
    terminal.see("19 70").await;

    // Ctrl-\ is ours once and the program's when it is pressed twice.
    terminal.keys("trap 'echo quit-$((5+5))' QUIT\r").await;
    terminal.keys(RELEASE).await;
    terminal.see("Esc back").await;
    terminal.keys(ESC).await;
    terminal.lose("Esc back").await;
    terminal.keys("sleep 0.1; kill -QUIT $$\r").await;
    terminal.see("quit-10").await;

    // A terminal that is too small says so in one sentence, and types nothing blindly.
    terminal.resize(20, 5);
    terminal.wait("one sentence", |screen| screen.contains("needs 30x6")).await;
    terminal.keys("echo blind-$((1+1)); q\r").await;
    // They are gone by now, not waiting for the next size.
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    terminal.resize(90, 24);
    terminal.see("ready>").await;
    terminal.keys("echo seen-$((2+2))\r").await;
    terminal.see("seen-4").await;
    assert!(!terminal.screen().contains("blind"), "{}", terminal.screen());

    terminal.keys("exit 3\r").await;
    terminal.see("ended with status 3").await;
    // A moment later Esc is ours: whoever was still typing must not press it.
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    terminal.keys("\r").await;
    terminal.see("keys go HERE").await;
    terminal.see("ready>").await;
    // There is no way back to it, so that it is asked.
    terminal.keys(&format!("{RELEASE}d")).await;
    terminal.see("y ends it").await;
    terminal.keys(ESC).await;
    terminal.see("keys go HERE").await;
    terminal.keys(&format!("{RELEASE}dy")).await;
    assert_eq!(terminal.end().await, Some(0));
    terminal.assert_plain();
    assert!(!terminal.raw_text().contains("blind-2"));
}

#[tokio::test]
async fn what_is_typed_is_in_no_file_and_what_was_shown_is_replayed() {
    let home = Home::new();
    let mut terminal = shell(&home, (90, 24));
    terminal.see("ready>").await;
    terminal.keys("stty -echo; printf 'Pass%s: ' word; read -r it; stty echo\r").await;
    terminal.see("Password:").await;
    terminal.keys("hunter-2-staple\r").await;
    terminal.keys("echo length ${#it}\r").await;
    terminal.see("length 15").await;
    terminal.keys(&format!("{RELEASE}dy")).await;
    assert_eq!(terminal.end().await, Some(0));
    let found = recordings(&home.path("state"));
    assert_eq!(found.len(), 1, "{found:?}");
    let text = std::fs::read_to_string(&found[0]).expect("a recording");
    assert!(text.contains("length 15") && !text.contains("hunter-2"), "{text}");
    assert!(!text.contains(", \"i\", "), "typed keys are recorded");

    let file = found[0].to_str().expect("a path").to_owned();
    let args = ["console", "--replay", &file];
    let mut replay = Terminal::start(&home, SHOPFLOOR, &args, (90, 24), "xterm-256color");
    replay.see("keys go HERE").await;
    replay.keys("+++").await;
    replay.see("length 15").await;
    replay.see("the recording is over").await;
    replay.keys(&format!("{RELEASE}q")).await;
    assert_eq!(replay.end().await, Some(0));
}

#[tokio::test]
async fn a_hostile_program_reaches_neither_terminal_nor_clipboard_and_freezes_nothing() {
    let home = Home::new();
    let mut terminal = shell(&home, (90, 24));
    terminal.see("ready>").await;
    let before = terminal.raw.len();
    // Title, clipboard, a link, a query, the operator's modes.
    terminal
        .keys("printf '\\033]0;evil\\007\\033]52;c;cm0gLXJm\\007\\033]8;;http://evil\\007x\\033[?1049h\\033[?1049l'\r")
        .await;
    terminal.see("clipboard").await;
    // Ten megabytes without a line end, then sequences that cost most.
    terminal.keys("head -c 10000000 /dev/zero | tr '\\0' x; echo; echo done-$((3+3))\r").await;
    terminal.see("done-6").await;
    // What is seen from here on is of the flood, in which every one repeats a character 65,535 times.
    terminal.keys("clear\r").await;
    terminal.lose("done-6").await;
    terminal
        .keys("yes \"$(printf 'x\\033[65535b\\033#8\\033[2J\\033[c\\033[6n\\033[?2026h')\"\r")
        .await;
    terminal.wait("the flood", |screen| screen.contains("EEEE") || screen.contains("xxxx")).await;
    // The key bar answers in the middle of it, and the program can be stopped.
    terminal.keys(RELEASE).await;
    terminal.see("Esc goes back").await;
    terminal.keys(ESC).await;
    // Esc and a key that comes with it would be one key with Alt.
    terminal.wait("the bar is gone", |screen| !screen.contains("Esc goes back")).await;
    terminal.keys("\u{3}").await;
    terminal.keys("\r").await;
    terminal.keys("reset; stty sane; echo back-$((4+4))\r").await;
    terminal.see("back-8").await;
    // What the flood asked is typed into no shell.
    assert!(!terminal.screen().contains("not found"), "{}", terminal.screen());
    // A command without end, as every kind of it begins.
    for begin in ["P", "_", "^", "X", "]52;c;"] {
        let endless = format!("printf '\\033{begin}'; head -c 2000000 /dev/zero | tr '\\0' A");
        terminal.keys(&format!("{endless}; printf '\\030'; echo; echo over-$((5+5))\r")).await;
        terminal.see("over-10").await;
        terminal.keys("clear\r").await;
        terminal.lose("over-10").await;
    }
    assert_only_drawing(&terminal.raw[before..]);
    terminal.keys(&format!("{RELEASE}qy")).await;
    assert_eq!(terminal.end().await, Some(0));
    terminal.assert_plain();
}

#[tokio::test]
async fn in_a_terminal_of_20x5_it_says_what_to_do_and_ends_only_when_asked() {
    let home = Home::new();
    let mut terminal = shell(&home, (90, 24));
    terminal.see("ready>").await;
    terminal.resize(20, 5);
    terminal.wait("one sentence", |screen| screen.contains("needs 30x6")).await;
    terminal.keys(&format!("{RELEASE}q")).await;
    terminal.see("End console 1? y").await;
    terminal.keys(ESC).await;
    terminal.see("needs 30x6").await;
    terminal.resize(90, 24);
    terminal.see("keys go HERE").await;
    terminal.keys("exit 3\r").await;
    // It says why and since when, keeps its text, and offers what can be done with it.
    terminal.wait("its end", |s| s.contains("ended with status 3") && s.contains("s ago")).await;
    terminal.see("r again").await;
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    terminal.keys("[").await;
    terminal.see("keys look back").await;
    terminal.keys("/exit\r").await;
    terminal.see("hit 1 of 1").await;
    terminal.keys(ESC).await;
    terminal.see("ended with status 3").await;
    terminal.keys("q").await;
    terminal.see("y closes it").await;
    terminal.keys("y").await;
    assert_eq!(terminal.end().await, Some(0));
    terminal.assert_plain();
}

#[tokio::test]
async fn the_key_that_leaves_is_that_of_keys_toml() {
    let home = Home::new();
    std::fs::create_dir_all(home.path("config/shopfloor")).expect("a directory");
    let keys = "[keys]\n\"console.focus\" = \"F12\"\n";
    std::fs::write(home.path("config/shopfloor/keys.toml"), keys).expect("written");
    let mut terminal = shell(&home, (90, 24));
    terminal.see("ready>").await;
    terminal.see("F12 takes them back").await;
    let program = r#"trap "echo quit-\$((5+5))" QUIT; echo up-$((3+3)); while :; do sleep 1; done"#;
    terminal.keys(&format!("sh -c '{program}'\r")).await;
    terminal.see("up-6").await;
    // Ctrl-\ is the program's now, and no more than that.
    terminal.keys(RELEASE).await;
    terminal.see("quit-10").await;
    terminal.keys("\u{1b}[24~").await;
    terminal.see("F12 sends that key").await;
    terminal.keys("dy").await;
    assert_eq!(terminal.end().await, Some(0));
    terminal.assert_plain();
}

#[tokio::test]
async fn a_full_screen_program_gets_mouse_and_paste_as_it_asked_for_them() {
    let home = Home::new();
    let mut terminal = shell(&home, (90, 24));
    terminal.see("ready>").await;
    terminal.keys("printf '\\033[?2004h\\033[?1000h\\033[?1006h'; cat -v\r").await;
    terminal.wait("our own mouse mode", |_| true).await;
    let begun = std::time::Instant::now();
    while !terminal.raw_text().contains("\u{1b}[?1000h") {
        terminal.read(std::time::Duration::from_millis(50)).await;
        assert!(begun.elapsed().as_secs() < 60, "the mouse was never taken");
    }
    terminal.keys("\u{1b}[200~two\rlines\u{1b}[201~").await;
    terminal.see("^[[200~two").await;
    terminal.see("lines^[[201~").await;
    // A click at column 5, row 9 of the screen is column 5, row 8 of the console.
    terminal.keys("\u{1b}[<0;5;9M\u{1b}[<0;5;9m\r").await;
    terminal.see("^[[<0;5;8M^[[<0;5;8m").await;
    terminal.keys(&format!("\u{3}printf '\\033[?1000l'\r{RELEASE}qy")).await;
    assert_eq!(terminal.end().await, Some(0));
    terminal.assert_plain();
}

#[tokio::test]
async fn a_host_of_the_demo_site_opens_a_shell_beside_the_screen_and_keeps_it() {
    let home = Home::new();
    let _served = Served::start(&home);
    let site = home.path("site").display().to_string();
    let args = ["--site", &site];
    let mut terminal = Terminal::start(&home, SHOPFLOOR, &args, (120, 40), "xterm-256color");
    settled(&mut terminal).await;
    terminal.keys(":gpu-09\r").await;
    terminal.see("gpu-09").await;
    terminal.keys("c").await;
    terminal.see("Console to gpu-09").await;
    terminal.see("a shell over SSH").await;
    terminal.keys("\r").await;
    terminal.see("you type in console").await;
    terminal.see("@gpu-09:~$").await;
    terminal.keys("hostname\r").await;
    terminal.keys("stty size\r").await;
    terminal.wait("its size", |screen| screen.contains(" 116")).await;
    // q is a letter here, not the end of the program.
    terminal.keys("qqq").await;
    terminal.see("~$ qqq").await;
    terminal.keys("\u{3}").await;
    // Detached it goes on, and is found again with what was on it.
    terminal.keys(&format!("{RELEASE}d")).await;
    terminal.see("goes on; c comes back").await;
    terminal.lose("keys go HERE").await;
    terminal.keys("c").await;
    terminal.see("goes on").await;
    terminal.see("open for ").await;
    terminal.keys("\r").await;
    terminal.see("~$ qqq").await;
    terminal.see("keys go HERE").await;
    // Full screen, and back.
    terminal.keys(&format!("{RELEASE}z")).await;
    terminal.keys("stty size\r").await;
    terminal.see("39 120").await;
    terminal.keys(&format!("{RELEASE}z")).await;
    terminal.see("you type in console").await;
    // The host goes: the text stays, and it can be connected again.
    terminal.keys("echo before-the-end\r").await;
    terminal.keys("exit\r").await;
    terminal.see("connects again").await;
    terminal.see("before-the-end").await;
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    terminal.keys("r").await;
    terminal.see("keys go HERE").await;
    terminal
        .wait("a new shell", |screen| screen.matches("A machine of the demo site").count() > 1)
        .await;
    // Leaving would end it: it is named, and Esc goes back.
    terminal.keys(&format!("{RELEASE}d")).await;
    terminal.see("goes on; c comes back").await;
    terminal.keys("q").await;
    terminal.see("Leave, and end this console?").await;
    terminal.wait("its age", |screen| screen.contains("a shell over SSH, open for ")).await;
    terminal.keys(ESC).await;
    terminal.lose("Leave, and end").await;
    terminal.keys("c\r").await;
    terminal.see("keys go HERE").await;
    terminal.keys(&format!("{RELEASE}qy")).await;
    terminal.see("is closed").await;
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
    terminal.assert_plain();
}

#[tokio::test]
async fn a_virtual_machine_of_the_demo_site_is_logged_in_to_and_ctrl_bracket_goes_to_it() {
    let home = Home::new();
    let _served = Served::start(&home);
    let site = home.path("site").display().to_string();
    let args = ["--site", &site];
    let mut terminal = Terminal::start(&home, SHOPFLOOR, &args, (120, 40), "xterm-256color");
    settled(&mut terminal).await;
    terminal.keys(":virsh deployment0\r").await;
    terminal.see("the console of deployment0").await;
    terminal.keys("\r").await;
    terminal.see("deployment0 login:").await;
    terminal.keys("core\r").await;
    terminal.see("Password:").await;
    terminal.keys("any\r").await;
    terminal.see("core@deployment0:~$").await;
    terminal.keys("\u{1d}hostname\r").await;
    terminal.see("~$ hostname").await;
    terminal.see("you type in console").await;
    terminal.keys(&format!("{RELEASE}qy")).await;
    terminal.see("is closed").await;
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
}

#[tokio::test]
async fn a_prepared_line_waits_for_enter_and_two_consoles_are_switched_and_both_go_on() {
    let home = Home::new();
    let served = Served::start(&home);
    let site = home.path("site").display().to_string();
    let args = ["--site", &site];
    let mut terminal = Terminal::start(&home, SHOPFLOOR, &args, (120, 40), "xterm-256color");
    settled(&mut terminal).await;
    served.inject(&home, "raid-disk");
    terminal.see("HOST-05  ctl-02").await;
    terminal.keys("\tc").await;
    terminal.see("Console to ctl-02").await;
    terminal.keys("\r").await;
    terminal.see("@ctl-02:~$").await;
    // The commands of the finding's next steps, in their order; Enter is the person's.
    terminal.see("1 cat /proc/mdstat  2 sudo mdadm --detail /dev/md0").await;
    terminal.keys(RELEASE).await;
    terminal.see("Type which?").await;
    terminal.keys("9").await;
    terminal.see("No prepared line has the number 9").await;
    terminal.keys(&format!("{RELEASE}2")).await;
    terminal.see("~$ sudo mdadm --detail /dev/md0").await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    terminal.read(std::time::Duration::from_millis(50)).await;
    let prompts = terminal.screen().matches("@ctl-02:~$").count();
    assert_eq!(prompts, 1, "nobody pressed Enter: {}", terminal.screen());
    terminal.keys("\r").await;
    terminal.wait("its answer", |screen| screen.matches("@ctl-02:~$").count() == 2).await;

    // A second one beside it.
    terminal.keys(&format!("{RELEASE}d")).await;
    terminal.see("goes on; c comes back").await;
    terminal.keys(":shell\r").await;
    terminal.wait("a shell here", |s| s.contains("keys go HERE") && !s.contains("@ctl-02")).await;
    terminal.keys("echo here-$((4+5)); sh -c 'sleep 2; echo late-$((2+3))'\r").await;
    terminal.see("here-9").await;
    terminal.keys(&format!("{RELEASE}n")).await;
    terminal.wait("the first", |s| s.contains("@ctl-02:~$") && !s.contains("here-9")).await;
    terminal.see("keys go HERE").await;
    terminal.keys("hostname\r").await;
    terminal.wait("its answer", |screen| screen.matches("@ctl-02:~$").count() == 3).await;
    tokio::time::sleep(std::time::Duration::from_millis(2_000)).await;
    // What came while it was not shown is there.
    terminal.keys(&format!("{RELEASE}n")).await;
    terminal.wait("the second", |s| s.contains("late-5") && !s.contains("@ctl-02:~$")).await;
    terminal.keys(&format!("{RELEASE}n")).await;
    terminal.wait("the first again", |s| s.matches("@ctl-02:~$").count() == 3).await;
    // Leaving names both.
    terminal.keys(&format!("{RELEASE}d")).await;
    terminal.see("goes on; c comes back").await;
    terminal.keys("q").await;
    terminal.see("Leave, and end these 2 consoles?").await;
    terminal.keys("y").await;
    assert_eq!(terminal.end().await, Some(0));
    terminal.assert_plain();
}
