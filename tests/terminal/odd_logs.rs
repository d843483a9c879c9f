//! Logs that are none of the usual kind, in the real program: empty, shrinking, one endless line,
//! bytes that are no text, a FIFO, what another program prints.

use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use crate::pty::{Home, SHOPFLOOR, Terminal};

fn open(home: &Home, args: &[&str], size: (u16, u16)) -> Terminal {
    Terminal::start(home, SHOPFLOOR, args, size, "xterm-256color")
}

async fn leave(terminal: &mut Terminal) {
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
    terminal.assert_plain();
}

#[tokio::test]
async fn a_file_of_no_bytes_says_so_and_shows_what_comes() {
    let home = Home::new();
    std::fs::write(home.path("empty"), "").expect("room");
    let mut terminal = open(&home, &["log", "empty"], (80, 24));
    terminal.see("There is no line yet").await;
    terminal.keys("GgeFn").await;
    terminal.see("There is no line yet").await;
    std::fs::write(home.path("empty"), "the first line\n").expect("room");
    terminal.see("the first line").await;
    leave(&mut terminal).await;
    home.assert_nothing_left();
}

#[tokio::test]
async fn a_log_that_shrinks_while_it_is_read_is_read_anew() {
    let home = Home::new();
    let path = home.path("a.log");
    let text: String = (1..=50_000).map(|n| format!("line {n} of many\n")).collect();
    std::fs::write(&path, text).expect("room");
    let mut terminal = open(&home, &["log", "a.log"], (100, 30));
    terminal.see("of 50,000").await;
    terminal.keys("G").await;
    terminal.see("line 50000 of many").await;
    // The same beginning, and less of it, in the middle of a line.
    let file = std::fs::OpenOptions::new().write(true).open(&path).expect("there");
    file.set_len(50).expect("shorter");
    terminal.see("was truncated").await;
    terminal.lose("line 50000").await;
    terminal.keys("g").await;
    terminal.see("line 1 of many").await;
    // To nothing, and grown again.
    file.set_len(0).expect("shorter");
    terminal.lose("line 1 of many").await;
    file.write_all_at(b"another life\n", 0).expect("room");
    terminal.see("another life").await;
    leave(&mut terminal).await;
}

#[tokio::test]
async fn bytes_that_are_no_text_are_shown_as_signs_and_searched() {
    let home = Home::new();
    let mut bytes = b"before\n".to_vec();
    bytes.extend(b"\xff\xfe\x80 middle \xc3\x28 \xed\xa0\x80 \xf8\x88 end\n");
    bytes.extend(b"nul \0 bell \x07 \xe2\x80\xaeright to left\n");
    bytes.extend(b"cut at the end \xe6\x97");
    std::fs::write(home.path("bad"), &bytes).expect("room");
    let mut terminal = open(&home, &["log", "bad"], (100, 24));
    terminal.see("<FF><FE><80> middle <C3>(").await;
    terminal.see("nul ^@ bell ^G <U+202E>right to left").await;
    terminal.see("cut at the end <E6><97>").await;
    assert!(!terminal.raw_text().contains('\u{202e}') && !terminal.raw_text().contains('\u{7}'));
    leave(&mut terminal).await;
}

#[tokio::test]
async fn a_fifo_is_read_as_a_stream_and_keeps_its_lines() {
    let home = Home::new();
    let path = home.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo");
    assert!(made.success());
    let mut terminal = open(&home, &["log", "pipe"], (80, 24));
    terminal.see("There is no line yet").await;
    let mut writer = std::fs::OpenOptions::new().write(true).open(&path).expect("a reader");
    writer.write_all(b"through the pipe 1\n").expect("a reader");
    terminal.see("through the pipe 1").await;
    writer.write_all(b"through the pipe 2\nno end").expect("a reader");
    terminal.see("through the pipe 2").await;
    drop(writer);
    terminal.see("no end").await;
    leave(&mut terminal).await;
    home.assert_nothing_left();
}

/// With a controlling terminal, as a shell of the operator would start it.
fn piped(home: &Home, script: &str) -> Terminal {
    open_program(home, "sh", &["-c", script])
}

fn open_program(home: &Home, program: &str, args: &[&str]) -> Terminal {
    Terminal::start(home, program, args, (90, 26), "xterm-256color")
}

#[tokio::test]
async fn what_another_program_prints_has_the_whole_screen_and_the_keys() {
    let home = Home::new();
    let script =
        format!("(seq -f 'piped line %.0f' 1 3000; sleep 2; echo came later) | {SHOPFLOOR} log -");
    let mut terminal = piped(&home, &script);
    terminal.see("piped line 3000").await;
    terminal.keys("g").await;
    terminal.see("piped line 12").await;
    terminal.keys("/line 1500\r").await;
    terminal.see("piped line 1500").await;
    terminal.keys("F").await;
    terminal.see("came later").await;
    leave(&mut terminal).await;
    home.assert_nothing_left();
}

#[tokio::test]
async fn what_cannot_be_a_log_is_one_sentence_on_a_terminal_too() {
    let home = Home::new();
    std::fs::create_dir(home.path("dir")).expect("room");
    for (name, sentence) in [
        ("dir", "dir is a directory; name a file in it"),
        ("none", "there is no file none"),
        ("/dev/zero", "/dev/zero is a device"),
    ] {
        let mut terminal = open(&home, &["log", name], (100, 24));
        assert_eq!(terminal.end().await, Some(4), "{name}");
        assert!(terminal.raw_text().contains(sentence), "{}", terminal.raw_text());
        assert_eq!(terminal.raw_text().trim().lines().count(), 1, "{}", terminal.raw_text());
        terminal.assert_plain();
    }
}

/// Peak resident memory of the program so far, in KiB.
fn peak(terminal: &Terminal) -> u64 {
    let pid = terminal.child.id().expect("it runs");
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// A line of that many bytes, sparse on the disk, with text at its begin and its end.
fn one_line(path: &Path, bytes: u64) {
    let file = std::fs::File::create(path).expect("room");
    file.set_len(bytes).expect("sparse");
    file.write_all_at(b"the beginning ", 0).expect("room");
    // A piece of its own: pieces have 64 KiB.
    file.write_all_at(b"needle the end", bytes).expect("room");
}

async fn one_line_is_bounded(bytes: u64) {
    let home = Home::new();
    one_line(&home.path("line"), bytes);
    let mut terminal = open(&home, &["log", "line"], (100, 30));
    terminal.see("the beginning ^@").await;
    terminal.keys("G").await;
    terminal.see("needle the end").await;
    terminal.keys("g").await;
    terminal.see("the beginning ^@").await;
    terminal.keys("/needle\r").await;
    terminal.see("needle the end").await;
    let peak = peak(&terminal);
    println!("a line of {} MiB: {} MiB of memory at most", bytes >> 20, peak >> 10);
    assert!(peak < 200 << 10, "{peak} KiB");
    leave(&mut terminal).await;
    home.assert_nothing_left();
}

#[tokio::test]
async fn one_line_of_64_mib_costs_little() {
    one_line_is_bounded(64 << 20).await;
}

#[tokio::test]
#[ignore = "tests/long: two gibibytes are looked through several times"]
async fn long_one_line_of_two_gib_costs_little() {
    one_line_is_bounded(2 << 30).await;
}
