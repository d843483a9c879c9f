//! The emulator beside tmux: the same bytes, the same size, the same characters in the same colours
//! and attributes, the cursor in the same place.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use shopfloor::console::recording::{Event, Playback};
use shopfloor::console::{Cursor, Grid, Ink, Order, Place, ScreenText, Stroke, StrokeKey, Style};
use shopfloor::transport::ssh::SshSettings;

use crate::consoles::{installed, opened, see, ways};
use crate::sequences::further;
use crate::suite::ran;

const SIZE: (u16, u16) = (100, 30);

/// A tmux server of our own.
struct Tmux {
    dir: tempfile::TempDir,
}

impl Tmux {
    fn new() -> Tmux {
        let dir = tempfile::tempdir().expect("a scratch directory");
        std::fs::write(
            dir.path().join("conf"),
            "set -g status off\nset -g default-terminal tmux-256color\nset -g history-limit 5000\n",
        )
        .expect("written");
        let tmux = Tmux { dir };
        // Without any session the server would end.
        tmux.run(&["new-session", "-d", "-s", "hold", "exec sleep 600"]);
        tmux
    }

    fn run(&self, args: &[&str]) -> String {
        let out = Command::new("tmux")
            .arg("-S")
            .arg(self.dir.path().join("socket"))
            .arg("-f")
            .arg(self.dir.path().join("conf"))
            .args(args)
            .env("LC_ALL", "C.UTF-8")
            .env_remove("TMUX")
            .output()
            .expect("tmux runs");
        assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout).into_owned()
    }

    /// What tmux shows after a program printed these bytes.
    fn shows(&self, name: &str, bytes: &[u8], size: (u16, u16)) -> Screen {
        let file = self.dir.path().join(name);
        std::fs::write(&file, bytes).expect("written");
        let done = self.dir.path().join(format!("{name}.done"));
        let script = format!(
            "stty raw -echo; cat '{}'; touch '{}'; exec sleep 300",
            file.display(),
            done.display()
        );
        let (columns, rows) = (size.0.to_string(), size.1.to_string());
        self.run(&["new-session", "-d", "-s", name, "-x", &columns, "-y", &rows, &script]);
        let begun = Instant::now();
        while !done.exists() {
            assert!(begun.elapsed() < Duration::from_secs(60), "{name} was never printed");
            std::thread::sleep(Duration::from_millis(10));
        }
        // It was written; tmux reads it a moment later, so that two looks must agree.
        let mut last = String::new();
        loop {
            std::thread::sleep(Duration::from_millis(60));
            // With the blanks at the ends of lines: they may be coloured.
            let mut now = self.run(&["capture-pane", "-p", "-e", "-N", "-t", name]);
            let place = "#{cursor_x} #{cursor_y} #{cursor_flag}";
            now += &self.run(&["display-message", "-p", "-t", name, place]);
            if now == last {
                break;
            }
            last = now;
            assert!(begun.elapsed() < Duration::from_secs(60), "{name} never settles");
        }
        self.run(&["kill-session", "-t", &format!("={name}")]);
        let (text, place) = last.trim_end().rsplit_once('\n').expect("the cursor is last");
        let numbers: Vec<u16> = place.split(' ').map(|it| it.parse().expect("a number")).collect();
        let cursor = match numbers[..] {
            // tmux counts one further while the next character would wrap.
            [column, row, 1] => Some(Cursor { column: column.min(size.0 - 1), row }),
            _ => None,
        };
        let mut lines = cells_of(text);
        lines.resize(size.1.into(), Vec::new());
        Screen { lines, cursor }
    }
}

/// Characters, each with its style; without the plain blanks at the end.
type Cells = Vec<(char, Style)>;

/// What a screen shows.
#[derive(Debug, PartialEq)]
struct Screen {
    lines: Vec<Cells>,
    cursor: Option<Cursor>,
}

fn trimmed(mut cells: Cells) -> Cells {
    while cells.last().is_some_and(|cell| *cell == (' ', Style::default())) {
        cells.pop();
    }
    cells
}

/// What tmux printed, cell by cell; it keeps line drawing as letters between two control characters.
fn cells_of(text: &str) -> Vec<Cells> {
    const DRAWN: [char; 31] = [
        '◆', '▒', '␉', '␌', '␍', '␊', '°', '±', '␤', '␋', '┘', '┐', '┌', '└', '┼', '⎺', '⎻', '─',
        '⎼', '⎽', '├', '┤', '┴', '┬', '│', '≤', '≥', 'π', '≠', '£', '·',
    ];
    let (mut lines, mut cells, mut is_drawing) = (Vec::new(), Cells::new(), false);
    let (mut style, mut is_hidden) = (Style::default(), false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\n' => lines.push(trimmed(std::mem::take(&mut cells))),
            '\u{e}' => is_drawing = true,
            '\u{f}' => is_drawing = false,
            '\u{1b}' => {
                assert_eq!(chars.next(), Some('['), "only attributes are printed");
                let codes: String = chars.by_ref().take_while(|c| *c != 'm').collect();
                dress(&mut style, &mut is_hidden, &codes);
            }
            _ if is_hidden => cells.push((' ', style)),
            '`'..='~' if is_drawing => cells.push((DRAWN[c as usize - '`' as usize], style)),
            c => cells.push((c, style)),
        }
    }
    lines.push(trimmed(cells));
    lines
}

/// Takes one SGR sequence.
fn dress(style: &mut Style, is_hidden: &mut bool, codes: &str) {
    let mut codes = codes.split(';').map(|code| {
        let (code, how) = code.split_once(':').unwrap_or((code, "1"));
        (code.parse::<u8>().unwrap_or(0), how.to_owned())
    });
    while let Some((code, how)) = codes.next() {
        let mut next = || codes.next().expect("a number").0;
        let mut ink = || match next() {
            5 => Ink::Indexed(next()),
            2 => Ink::Rgb(next(), next(), next()),
            other => panic!("no colour: {other}"),
        };
        match code {
            0 => (*style, *is_hidden) = (Style::default(), false),
            1 => style.bold = true,
            2 => style.dim = true,
            3 => style.italic = true,
            4 => style.underline = how != "0",
            // Blinking and lines above are not drawn.
            5 | 53 => {}
            7 => style.inverse = true,
            8 => *is_hidden = true,
            9 => style.strike = true,
            30..=37 => style.fore = Ink::Indexed(code - 30),
            38 => style.fore = ink(),
            39 => style.fore = Ink::Default,
            40..=47 => style.back = Ink::Indexed(code - 40),
            48 => style.back = ink(),
            49 => style.back = Ink::Default,
            90..=97 => style.fore = Ink::Indexed(code - 90 + 8),
            100..=107 => style.back = Ink::Indexed(code - 100 + 8),
            other => panic!("an attribute of tmux that is not known: {other}"),
        }
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let socket = self.dir.path().join("socket");
        let _ = Command::new("tmux").arg("-S").arg(socket).arg("kill-server").output();
    }
}

/// What the emulator shows after the same bytes, however they are cut.
fn shown(bytes: &[u8], size: (u16, u16), piece: usize) -> Screen {
    let mut grid = Grid::new(size.0, size.1, 5000);
    for piece in bytes.chunks(piece) {
        grid.feed(piece);
    }
    let text: Vec<String> = grid.text(0).screen;
    let drawn: Vec<String> = grid.screen().iter().map(|row| row.text()).collect();
    assert_eq!(text, drawn, "what is drawn is what is recognised");
    let cells = grid.screen().into_iter().map(|row| {
        let runs = row.runs.iter();
        trimmed(runs.flat_map(|run| run.text.chars().map(|c| (c, run.style))).collect())
    });
    Screen { lines: cells.collect(), cursor: grid.cursor() }
}

/// The lines that differ, and where; empty where all are equal.
fn differences(name: &str, ours: &Screen, theirs: &Screen) -> String {
    assert_eq!(ours.lines.len(), theirs.lines.len(), "{name}");
    let text = |cells: &Cells| cells.iter().map(|cell| cell.0).collect::<String>();
    let mut all = String::new();
    for (at, (a, b)) in ours.lines.iter().zip(&theirs.lines).enumerate() {
        // tmux prints no blanks that were erased in a colour behind the last character; that their
        // colour is right is compared where a character stands behind them (`coloured-blanks`).
        let (known, rest) = a.split_at(a.len().min(b.len()));
        if known == b.as_slice() && rest.iter().all(|cell| cell.0 == ' ') {
            continue;
        }
        let (ours, theirs) = (text(a), text(b));
        all += &format!("{name} {at:>3} ours {ours:?}\n  theirs {theirs:?}\n");
        let first = (0..a.len().max(b.len())).find(|at| a.get(*at) != b.get(*at)).unwrap_or(0);
        all += &format!("  at {first}: {:?}\n  theirs: {:?}\n", a.get(first), b.get(first));
    }
    if ours.cursor != theirs.cursor {
        all += &format!("{name} cursor {:?}, theirs {:?}\n", ours.cursor, theirs.cursor);
    }
    all
}

#[track_caller]
fn same(name: &str, ours: &Screen, theirs: &Screen) {
    let differ = differences(name, ours, theirs);
    assert!(differ.is_empty(), "{differ}");
}

fn output_of(path: &Path) -> String {
    let mut playback = Playback::open(path).expect("a recording");
    let mut all = String::new();
    while let Ok(Some((_, event))) = playback.next_event() {
        if let Event::Output(text) = event {
            all.push_str(&text);
        }
    }
    all
}

/// Runs a program in a console, presses keys, and gives back what it printed up
/// to the moment it shows what is awaited.
async fn recorded(
    dir: &Path,
    name: &str,
    argv: &[&str],
    keys: &[&str],
    is_there: impl Fn(&ScreenText) -> bool,
) -> String {
    let file: PathBuf = dir.join(format!("{name}.cast"));
    let place = Place::Local(argv.iter().map(|word| (*word).to_owned()).collect());
    let ways = ways(SshSettings::default());
    let session = opened(place, &ways, SIZE, Some(file.clone()));
    see(&session, "its first screen", |text| text.screen.iter().any(|line| !line.is_empty())).await;
    for word in keys {
        for c in word.chars() {
            let key = match c {
                '\r' => StrokeKey::Enter,
                '\u{1b}' => StrokeKey::Esc,
                '\t' => StrokeKey::Tab,
                '↓' => StrokeKey::Down,
                c => StrokeKey::Char(c),
            };
            session.tell(Order::Key(Stroke::plain(key)));
            // As a person types; a key after Esc must not look like Alt.
            tokio::time::sleep(Duration::from_millis(if c == '\u{1b}' { 200 } else { 10 })).await;
        }
    }
    let seen = see(&session, name, is_there).await;
    assert!(seen.is_full_screen || name == "dialog", "{name} uses the alternate screen");
    drop(session);
    // The recording is whole once its thread is gone.
    let begun = Instant::now();
    let mut last = 0;
    loop {
        tokio::time::sleep(Duration::from_millis(150)).await;
        let size = std::fs::metadata(&file).expect("a recording").len();
        if size == last && size > 0 {
            break;
        }
        last = size;
        assert!(begun.elapsed() < Duration::from_secs(30));
    }
    output_of(&file)
}

#[tokio::test(flavor = "multi_thread")]
async fn vim_htop_less_and_dialog_look_as_in_tmux() {
    if !installed("screens") {
        return;
    }
    ran("screens");
    let dir = tempfile::tempdir().expect("a scratch directory");
    let text: String = (1..200)
        .map(|n| {
            format!(
                "{n:>4} fn line_{n}() {{ /* 日本語 déjà vu */ let x = \"{}\"; }}\n",
                "ab".repeat(n % 60)
            )
        })
        .collect();
    let file = dir.path().join("sample.rs");
    std::fs::write(&file, text).expect("written");
    let file = file.to_str().expect("a path");
    let tmux = Tmux::new();
    let mut compared = 0;
    let vim = recorded(
        dir.path(),
        "vim",
        &["vim", "-u", "NONE", "-N", file],
        &[
            ":syntax on\r:set number\r:split\r",
            "20Gzt",
            "iinserted 字 \u{1b}",
            ":vsplit\r",
            "/line_55\r",
            "VG",
        ],
        |text| text.contains("VISUAL LINE"),
    )
    .await;
    let less =
        recorded(dir.path(), "less", &["less", "-N", file], &["/line_77\r", "n", "jjj"], |text| {
            text.contains("line_80")
        })
        .await;
    let htop = recorded(dir.path(), "htop", &["htop", "--delay=100"], &["↓↓", "t"], |text| {
        text.contains("Mem[") && text.contains("F10")
    })
    .await;
    let dialog = recorded(
        dir.path(),
        "dialog",
        &[
            "dialog",
            "--title",
            "Aufbau",
            "--checklist",
            "Was?",
            "15",
            "50",
            "6",
            "a",
            "Erstes 日本",
            "on",
            "b",
            "Zweites",
            "off",
            "c",
            "Drittes",
            "off",
        ],
        &["↓", " "],
        |text| text.contains("[*] b") || text.contains("[X] b"),
    )
    .await;
    for (name, output) in [("vim", vim), ("less", less), ("htop", htop), ("dialog", dialog)] {
        let theirs = tmux.shows(name, output.as_bytes(), SIZE);
        for piece in [1, 7, 4096] {
            same(name, &shown(output.as_bytes(), SIZE, piece), &theirs);
            compared += theirs.lines.iter().map(Vec::len).sum::<usize>();
        }
    }
    println!("screens: {compared} cells equal");
}

/// What vttest tries, screen by screen: name and bytes.
fn sequences() -> Vec<(&'static str, String)> {
    let letters: String =
        (0..30).map(|n| format!("{n:>2} {}\r\n", "abcdefghij".repeat(9))).collect();
    let after = |more: &str| format!("{letters}{more}");
    let mut all = vec![
        ("cursor-movement", "\x1b[2J\x1b[5;10Hfive\x1b[2Aup\x1b[3Bdown\x1b[10Dleft\x1b[999;999Hx\x1b[H\x1b[4Cright\x1b[6G6\x1b[12d12".into()),
        ("cursor-next-line", "\x1b[2J\x1b[10;20Ha\x1b[2Eb\x1b[3Fc\x1b[Hd\x1bDe\x1bEf\x1bMg".into()),
        ("autowrap", format!("\x1b[2J\x1b[H{}\x1b[?7l\r\n{}END", "w".repeat(205), "n".repeat(150))),
        ("wrap-at-edge", format!("\x1b[2J\x1b[H{}x\r\n{}\r\ny", "e".repeat(100), "f".repeat(100))),
        ("erase-display", after("\x1b[10;10H\x1b[J\x1b[5;5H\x1b[1J")),
        ("erase-line", after("\x1b[10;10H\x1b[K\x1b[11;10H\x1b[1K\x1b[12;10H\x1b[2K\x1b[13;5H\x1b[4X")),
        ("insert-delete", after("\x1b[5;5H\x1b[3L\x1b[12;1H\x1b[2M\x1b[15;10H\x1b[5@\x1b[16;10H\x1b[5P")),
        ("insert-mode", after("\x1b[5;5H\x1b[4hINSERTED\x1b[4l\x1b[6;5HREPLACED")),
        ("margins", after("\x1b[5;15r\x1b[15;1H\n\n\nbottom\x1b[5;1H\x1bM\x1bMtop\x1b[r\x1b[30;1Hend")),
        ("origin", after("\x1b[5;15r\x1b[?6h\x1b[1;1Horigin\x1b[99;1Hlow\x1b[?6l\x1b[1;1Habs\x1b[r")),
        ("scroll", after("\x1b[5;20r\x1b[3S\x1b[2T\x1b[r")),
        ("tabs", "\x1b[2J\x1b[H\ta\tb\tc\r\n\x1b[3g\x1b[5G\x1bH\x1b[20G\x1bH\r\tx\ty z\x1b[2Zback".into()),
        ("save-restore", "\x1b[2J\x1b[5;5H\x1b7\x1b[10;10Haway\x1b8home\x1b[s\x1b[20;1Hfar\x1b[unear".into()),
        ("line-drawing", "\x1b[2J\x1b[H\x1b(0lqqqwqqqk\r\nx   x   x\r\nmqqqvqqqj\x1b(B plain \x0e\x1b)0qqq\x0f".into()),
        ("alignment", "\x1b#8\x1b[10;10Hmiddle".into()),
        ("alternate-screen", after("\x1b[?1049h\x1b[2J\x1b[Hother\x1b[?1049lback")),
        ("wide", format!("\x1b[2J\x1b[H日本語\x1b[3Gx\r\n{}漢字\r\n한국어\x1b[2;1H", "a".repeat(99))),
        ("combining", "\x1b[2J\x1b[He\u{301}a\u{308}o\u{302}\u{323} n\u{303}\r\nx\u{200d}y".into()),
        ("controls-inside", "\x1b[2J\x1b[5;\x0810Hin\x1b[6\x0b;3Hside\x1b[\x1b[9Hagain\x18cancel\x1b[7\x1aH".into()),
        ("repeat", "\x1b[2J\x1b[Hab\x1b[10bc".into()),
        ("reset", after("\x1b[5;10r\x1b[?6h\x1bcclean")),
        ("strings", "\x1b[2J\x1b[Ha\x1bP1;2qignored\x1b\\b\x1b_apc\x1b\\c\x1b^pm\x1b\\d\x1b]0;title\x07e\x1b]2;t\x1b\\f".into()),
        ("index-at-bottom", after("\x1b[30;1Hlast\n\x1bDx\x1b[1;1H\x1bM\x1bMfirst")),
        ("attributes", "\x1b[2J\x1b[H\x1b[1mbold\x1b[0m \x1b[2mdim\x1b[0m \x1b[3mitalic\x1b[0m \x1b[4munder\x1b[24m \x1b[7minverse\x1b[27m \x1b[9mstruck\x1b[29m \x1b[8mhidden\x1b[28m \x1b[1;3;4;7mall\x1b[m".into()),
        ("colours", format!("\x1b[2J\x1b[H{}\r\n{}\x1b[0m\r\n\x1b[38;2;1;2;3;48;2;200;100;0mrgb\x1b[39mfore\x1b[49mback\x1b[m\r\n{}\x1b[m",
            (0..8).map(|n| format!("\x1b[3{n}mf{n}\x1b[9{n}mb{n}\x1b[0m")).collect::<String>(),
            (0..8).map(|n| format!("\x1b[4{n}mf{n}\x1b[10{n}mb{n}")).collect::<String>(),
            (16..48).map(|n| format!("\x1b[38;5;{n};48;5;{}m*", 255 - n)).collect::<String>())),
        ("coloured-blanks", after(&format!(
            "\x1b[44m\x1b[10;10H\x1b[K\x1b[12;5H\x1b[3X\x1b[14;1H\x1b[L\x1b[16;4H\x1b[2@\x1b[20;1H\x1b[41m\x1b[J\x1b[m{}",
            (10..=30).map(|row| format!("\x1b[{row};100Hx")).collect::<String>()
        ))),
        ("bad-utf8", "\x1b[2J\x1b[Hok \u{fffd} ok".into()),
    ];
    all.extend(further(&letters));
    all
}

#[test]
fn terminal_test_sequences_look_as_in_tmux() {
    if !installed("screens") {
        return;
    }
    ran("screens");
    let tmux = Tmux::new();
    let all = sequences();
    let mut differ = String::new();
    for (name, bytes) in &all {
        let theirs = tmux.shows(name, bytes.as_bytes(), SIZE);
        let ours = shown(bytes.as_bytes(), SIZE, 4096);
        same(name, &shown(bytes.as_bytes(), SIZE, 1), &ours);
        // All of them, so that one run tells everything.
        differ += &differences(name, &ours, &theirs);
    }
    assert!(differ.is_empty(), "{differ}");
    println!("screens: {} sequences", all.len());
}
