//! The log view in the real program: open, follow, hold, find, keep, rotate.

use std::io::Write as _;
use std::path::Path;

use crate::pty::{ESC, Home, SHOPFLOOR, Terminal};

fn numbered(from: usize, to: usize) -> String {
    (from..=to)
        .map(|n| {
            let level = if n % 400 == 0 { "ERROR" } else { "INFO" };
            format!("2026-03-05T13:{:02}:{:02}Z {level} line {n} end\n", n / 60 % 60, n % 60)
        })
        .collect()
}

fn append(path: &Path, text: &str) {
    let mut file = std::fs::OpenOptions::new().append(true).open(path).expect("there");
    file.write_all(text.as_bytes()).expect("room");
}

fn open(home: &Home, args: &[&str], size: (u16, u16)) -> Terminal {
    Terminal::start(home, SHOPFLOOR, args, size, "xterm-256color")
}

async fn leave(terminal: &mut Terminal) {
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
}

#[tokio::test]
async fn a_log_is_followed_held_searched_and_filtered_while_it_grows() {
    let home = Home::new();
    let path = home.path("a.log");
    std::fs::write(&path, numbered(1, 2000)).expect("room");
    let mut terminal = open(&home, &["log", "a.log"], (80, 24));
    terminal.see("line 1 of 2,000").await;
    terminal.see("INFO line 15 end").await;

    // The end, and what comes after it.
    terminal.keys("F").await;
    terminal.see("line 2000 end").await;
    append(&path, &numbered(2001, 2003));
    terminal.see("line 2003 end").await;
    terminal.see("TAIL ON").await;

    // Scrolling lets go: what comes is counted and moves nothing.
    terminal.keys("kk").await;
    terminal.see("TAIL OFF").await;
    append(&path, &numbered(2004, 2031));
    terminal.see("28 newer lines below, F follows").await;
    assert!(!terminal.screen().contains("line 2004 end"), "{}", terminal.screen());
    assert!(terminal.screen().contains("line 1990 end"), "{}", terminal.screen());

    // Live search; n goes on.
    terminal.keys("g/line 77").await;
    terminal.see("in 11 lines").await;
    terminal.keys("\r").await;
    terminal.see("1 of 11").await;
    terminal.keys("n").await;
    terminal.see("2 of 11").await;
    terminal.see("line 770 of 2,031").await;

    // Errors, a filter with its preview, and back.
    terminal.keys("ge").await;
    terminal.see("line 400 of 2,031").await;
    terminal.keys("&ERROR").await;
    terminal.see("keeps 5 of 2,031 lines").await;
    terminal
        .wait("errors alone", |screen| {
            screen.contains("line 2000 end") && !screen.contains("INFO line")
        })
        .await;
    terminal.keys(ESC).await;
    terminal.see("(everything)").await;
    terminal.keys("!").await;
    terminal.see("warnings and worse").await;
    terminal.keys("!").await;
    terminal.see("(everything)").await;

    // To a time, to a line; a mark and the distance to it.
    terminal.keys("J13:10\r").await;
    terminal.see("line 600 of 2,031").await;
    terminal.keys("mJ660\r").await;
    terminal.see("+1m00s from mark 1").await;
    terminal.keys("U").await;
    terminal.see("line 600 of 2,031").await;
    leave(&mut terminal).await;
    terminal.assert_plain();
    home.assert_nothing_left();
}

#[tokio::test]
async fn rotation_and_truncation_are_told_and_the_view_stays_honest() {
    let home = Home::new();
    let path = home.path("a.log");
    std::fs::write(&path, numbered(1, 100)).expect("room");
    let mut terminal = open(&home, &["log", "a.log"], (120, 40));
    terminal.see("line 1 end").await;
    std::fs::rename(&path, home.path("a.log.1")).expect("rename");
    std::fs::write(&path, "the new file\n").expect("room");
    terminal.see("was rotated; this is the old file").await;
    terminal.see("line 1 end").await;
    terminal.keys("F").await;
    terminal.see("the new file").await;
    std::fs::write(&path, "x\n").expect("room");
    terminal.see("was truncated").await;
    terminal.lose("the new file").await;
    leave(&mut terminal).await;
}

#[tokio::test]
async fn several_sources_are_merged_and_a_gap_is_a_line() {
    let home = Home::new();
    std::fs::write(home.path("a"), "2026-03-05T13:00:00Z a1\n2026-03-05T13:00:02Z a2\n")
        .expect("room");
    std::fs::write(home.path("b"), "2026-03-05T13:00:01Z b1\n2026-03-05T13:04:54Z b2\n")
        .expect("room");
    let mut terminal = open(&home, &["log", "a", "b"], (160, 48));
    terminal
        .wait("the four lines in the order of time", |screen| {
            let at = |text: &str| screen.find(text);
            let all =
                [at(" a a1"), at(" b b1"), at(" a a2"), at("4m52s without a line"), at(" b b2")];
            all.iter().all(Option::is_some) && all.is_sorted()
        })
        .await;
    terminal.keys("\t ").await;
    terminal.see("[ ] a").await;
    terminal.see("Z b1").await;
    terminal.lose(" a a1").await;
    leave(&mut terminal).await;
}

#[tokio::test]
async fn a_hostile_log_reaches_the_terminal_as_text_alone() {
    let home = Home::new();
    let evil = b"\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07\x1b[2J\x1b[?1049l\x1b[31mred\x1b[0m\x07 \x9b31m\n\x1b]0;never ended fatal: x\nafter\n";
    std::fs::write(home.path("evil"), evil).expect("room");
    let mut terminal = open(&home, &["log", "evil"], (80, 24));
    terminal.see("<OSC 52, 13 bytes>").await;
    terminal.see("never ended fatal: x").await;
    terminal.see("red^G <9B>31m").await;
    terminal.see("after").await;
    let raw = terminal.raw_text();
    assert!(!raw.contains("\x1b]0;") && !raw.contains("\x1b]52;") && !raw.contains('\x07'));
    leave(&mut terminal).await;
}

#[tokio::test]
async fn the_palette_opens_a_packed_file_and_says_what_cannot_be_opened() {
    let home = Home::new();
    let mut packer = flate2::write::GzEncoder::new(
        std::fs::File::create(home.path("a.gz")).expect("room"),
        flate2::Compression::fast(),
    );
    packer.write_all(b"packed line\n").expect("room");
    packer.finish().expect("room");
    let mut terminal = open(&home, &[], (80, 24));
    terminal.see("[1Over]").await;
    terminal.keys(":log none.log\r").await;
    terminal.see("there is no file none.log").await;
    terminal.keys(":log a.gz\r").await;
    terminal.see("packed line").await;
    leave(&mut terminal).await;
    home.assert_nothing_left();
}

#[tokio::test]
async fn what_is_typed_explains_itself_and_finds_across_colours() {
    let home = Home::new();
    let text: String = (1..=200)
        .map(|n| format!("line {n} of \u{1b}[1;3{}mcolour\u{1b}[0med text\n", n % 7))
        .collect();
    std::fs::write(home.path("a.log"), text).expect("room");
    let mut terminal = open(&home, &["log", "a.log"], (80, 24));
    terminal.see("line 1 of coloured text").await;
    terminal.keys("/coloured").await;
    terminal.see("find text: coloured").await;
    terminal.see("in 200 lines").await;
    terminal.see("Tab regular expression").await;
    terminal.keys("\t").await;
    terminal.see("find regular expression: coloured").await;
    terminal.see("Tab plain text").await;
    terminal.keys("\u{15}^line 7. of col\r").await;
    terminal.see("line 1 of 10 with it").await;
    terminal.see("n and N go to lines with").await;
    terminal.see("line 70 of 200").await;
    terminal.see(" found").await;
    terminal.keys("J").await;
    terminal.see("go to: ").await;
    terminal.see("a line, time or share: 8112, 13:54, 50%").await;
    terminal.keys("no such\r").await;
    terminal.see("is no line, time, share or task").await;
    leave(&mut terminal).await;
}

#[tokio::test]
async fn marks_are_there_when_the_file_is_opened_again_and_in_no_other() {
    let home = Home::new();
    let path = home.path("a.log");
    std::fs::write(&path, numbered(1, 300)).expect("room");
    let mut terminal = open(&home, &["log", "a.log"], (80, 24));
    terminal.see("line 1 of 300").await;
    terminal.keys("J150\r").await;
    terminal.see("line 150 of 300").await;
    terminal.keys("mJ20\r").await;
    terminal.see("line 20 of 300").await;
    terminal.keys("m").await;
    terminal.see("2 marks").await;
    terminal.see("-2m10s from mark 2").await;
    leave(&mut terminal).await;

    // Rotated: the marks go with the file.
    std::fs::rename(&path, home.path("a.log.1")).expect("rename");
    std::fs::write(&path, numbered(1, 300)).expect("room");
    let mut terminal = open(&home, &["log", "a.log.1"], (80, 24));
    terminal.see("2 marks").await;
    terminal.keys("uu").await;
    terminal.see("line 150 of 300").await;
    terminal.see("+2m10s from mark 1").await;
    leave(&mut terminal).await;
    let mut terminal = open(&home, &["log", "a.log"], (80, 24));
    terminal.see("line 1 of 300").await;
    terminal.keys("u").await;
    terminal.see("There is no mark further below").await;
    // Marked here, then written over: what stands there now was not marked.
    let book = home.path("state/shopfloor/log-marks.json");
    let before = std::fs::read(&book).expect("the marks from before");
    terminal.keys("m").await;
    terminal.see("1 mark").await;
    // What is marked is the line that is there when the mark is kept.
    let begun = std::time::Instant::now();
    while std::fs::read(&book).expect("marks") == before {
        assert!(begun.elapsed().as_secs() < 30, "the mark is never kept");
        terminal.read(std::time::Duration::from_millis(20)).await;
    }
    std::fs::write(&path, numbered(500, 900)).expect("room");
    terminal.see("was truncated").await;
    terminal.lose("1 mark").await;
    leave(&mut terminal).await;
    home.assert_nothing_left();
}

#[tokio::test]
async fn tasks_of_ansible_are_gone_to_by_key_and_by_their_words() {
    let home = Home::new();
    let mut text = String::from("PLAY [all] ****\n\n");
    for (number, name) in
        ["Gathering Facts", "base : Packages", "OSD creation", "Health"].iter().enumerate()
    {
        text.push_str(&format!("TASK [{name}] ****\n"));
        for host in 0..40 {
            text.push_str(&format!("ok: [node-{number}{host:02}]\n"));
        }
        text.push('\n');
    }
    std::fs::write(home.path("run.log"), text).expect("room");
    let mut terminal = open(&home, &["log", "run.log"], (80, 24));
    terminal.see("line 1 of 170").await;
    terminal.keys("J").await;
    terminal.see("words of a task").await;
    terminal.keys("osd\r").await;
    terminal.see("line 87 of 170").await;
    terminal.keys(")").await;
    terminal.see("line 129 of 170").await;
    for line in [87, 45] {
        terminal.keys("(").await;
        terminal.see(&format!("line {line} of 170")).await;
    }
    for line in [87, 129] {
        terminal.keys(")").await;
        terminal.see(&format!("line {line} of 170")).await;
    }
    terminal.keys(")").await;
    terminal.see("There is no task of Ansible further below").await;
    leave(&mut terminal).await;
}

#[tokio::test]
async fn a_pull_under_way_shows_each_layer_once_with_its_newest_state() {
    let home = Home::new();
    let change = |up: usize, words: &str| format!("\u{1b}[{up}A\u{1b}[2K\r{words} \r\u{1b}[{up}B");
    let mut text = String::from("1: Pulling from x\r\naa: Pulling fs layer \r\nbb: Waiting \r\n");
    for n in 0..3000 {
        text.push_str(&change(
            2 - n % 2,
            &format!("{}: Downloading {n}kB/3000kB", ["aa", "bb"][n % 2]),
        ));
    }
    text.push_str(&change(2, "aa: Pull complete"));
    let path = home.path("pull.log");
    std::fs::write(&path, &text).expect("room");
    let mut terminal = open(&home, &["log", "pull.log"], (80, 24));
    terminal.see("aa: Pull complete").await;
    terminal.see("bb: Downloading 2999kB/3000kB").await;
    assert!(!terminal.screen().contains("Waiting"), "{}", terminal.screen());
    append(&path, &(change(1, "bb: Pull complete") + "Status: Downloaded\r\n"));
    terminal.see("bb: Pull complete").await;
    terminal.see("Status: Downloaded").await;
    leave(&mut terminal).await;
}

#[tokio::test]
async fn lines_are_hidden_wrapped_panned_copied_and_errors_found_upwards() {
    let home = Home::new();
    let far = format!("2026-03-05T13:00:00Z INFO {}the-far-end\n", "x".repeat(300));
    let text = numbered(1, 1000).replacen('\n', &format!("\n{far}"), 1);
    let text = text.replace("INFO line 600 ", "WARN line 600 ");
    std::fs::write(home.path("a.log"), text).expect("room");
    let mut terminal = open(&home, &["log", "a.log"], (100, 30));
    terminal.see("of 1,001").await;
    // Pan and wrap reach the end of a long line; both go back.
    assert!(!terminal.screen().contains("the-far-end"), "{}", terminal.screen());
    terminal.keys("w").await;
    terminal.see("the-far-end").await;
    terminal.keys("w").await;
    terminal.lose("the-far-end").await;
    for _ in 0..40 {
        terminal.keys("\u{1b}[C").await;
        terminal.read(std::time::Duration::from_millis(20)).await;
        if terminal.screen().contains("the-far-end") {
            break;
        }
    }
    terminal.see("the-far-end").await;
    assert!(!terminal.screen().contains("INFO line 3 end"), "{}", terminal.screen());
    for _ in 0..40 {
        terminal.keys("\u{1b}[D").await;
    }
    terminal
        .wait("the beginning of the lines", |screen| {
            screen.contains("INFO line 3 end") && !screen.contains("the-far-end")
        })
        .await;

    // Upwards: errors alone, then warnings as well; and down again.
    terminal.keys("G").await;
    terminal.see("line 1000 end").await;
    terminal.keys("E").await;
    terminal.see("line 801 of 1,001").await;
    terminal.keys("{").await;
    terminal.see("line 601 of 1,001").await;
    terminal.keys("{").await;
    terminal.see("line 401 of 1,001").await;
    terminal.keys("}").await;
    terminal.see("line 601 of 1,001").await;
    terminal.keys("E").await;
    terminal.see("line 401 of 1,001").await;

    // The line is copied as it is, to the terminal's clipboard.
    terminal.keys("y").await;
    let line = "2026-03-05T13:06:40Z ERROR line 400 end";
    let begun = std::time::Instant::now();
    let copied = |raw: String| {
        let encoded = raw.rsplit("\u{1b}]52;c;").next().unwrap_or_default().to_owned();
        let encoded = encoded.split('\u{7}').next().unwrap_or_default().to_owned();
        use base64::Engine as _;
        let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    };
    while !copied(terminal.raw_text()).contains(line) {
        terminal.read(std::time::Duration::from_millis(50)).await;
        assert!(begun.elapsed().as_secs() < 60, "never copied: {}", terminal.screen());
    }

    // What is hidden is gone while it is typed, and there again when it is taken back.
    terminal.keys("ghINFO").await;
    terminal
        .wait("what is left", |screen| {
            screen.contains("line 400 end") && !screen.contains("INFO line")
        })
        .await;
    terminal.keys("\r").await;
    // Each key is seen before the next: Esc with a letter right behind it is another key.
    terminal.lose("Esc as before").await;
    terminal.see("WARN line 600 end").await;
    terminal.keys("h").await;
    terminal.see("Esc as before").await;
    terminal.keys(ESC).await;
    terminal.lose("Esc as before").await;
    leave(&mut terminal).await;
    terminal.assert_plain();
}
