//! Guards the arrows between the rooms (`src/lib.rs`: "The rooms"), by reading the sources.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const ROOMS: &[&str] = &[
    "domain",
    "inventory",
    "transport",
    "probes",
    "checks",
    "install",
    "runner",
    "logs",
    "console",
    "app",
    "ui",
    "runtime",
    "cli",
    "lab",
];

/// What a room may use besides itself.
fn allowed(room: &str) -> Option<Vec<&'static str>> {
    let list: &[&str] = match room {
        "domain" => &[],
        "inventory" | "transport" | "checks" => &["domain"],
        "probes" | "console" | "logs" => &["transport", "inventory", "domain"],
        "install" => &["checks", "inventory", "domain"],
        "runner" => {
            &["install", "probes", "checks", "console", "logs", "transport", "inventory", "domain"]
        }
        "app" => &["domain", "inventory", "checks", "install", "logs", "console"],
        "ui" => &["app", "domain"],
        "lab" => &["inventory", "domain"],
        "runtime" => {
            return Some(ROOMS.iter().copied().filter(|r| !matches!(*r, "lab" | "cli")).collect());
        }
        "cli" => return Some(ROOMS.iter().copied().filter(|r| *r != "lab").collect()),
        // The trait of faults is a noun; whoever hands it on has to name it.
        "main" => &["cli", "runtime", "lab", "domain"],
        _ => return None,
    };
    Some(list.to_vec())
}

struct Source {
    path: PathBuf,
    room: String,
    /// The text without comments, strings kept, up to the file's test module.
    code: Vec<(usize, String)>,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    collect(&root, &mut found);
    found
        .into_iter()
        .map(|path| {
            let inside = path.strip_prefix(&root).expect("below src");
            let first = inside.components().next().expect("a name").as_os_str().to_string_lossy();
            let text = fs::read_to_string(&path).expect("a readable source");
            let mut code = Vec::new();
            let lines: Vec<&str> = text.lines().collect();
            for (number, line) in lines.iter().enumerate() {
                let is_test_module = line.trim() == "#[cfg(test)]"
                    && lines.get(number + 1).is_some_and(|next| next.starts_with("mod "));
                // `#[cfg(test)] mod x;` in the middle of a file only hides that line.
                if is_test_module && lines[number + 1].trim_end().ends_with('{') {
                    break;
                }
                let bare = line.split("//").next().unwrap_or("");
                code.push((number + 1, bare.to_owned()));
            }
            let room = first.trim_end_matches(".rs").to_owned();
            Source { path: Path::new("src").join(inside), room, code }
        })
        .filter(|source| !is_test_file(&source.path))
        .collect()
}

/// Files that only hold tests may use whatever they need to prove their point.
fn is_test_file(path: &Path) -> bool {
    path.components().any(|part| {
        let name = part.as_os_str().to_string_lossy();
        let name = name.trim_end_matches(".rs");
        name == "tests"
            || name == "testing"
            || name.starts_with("test_")
            || name.ends_with("_tests")
    })
}

fn collect(dir: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> =
        fs::read_dir(dir).expect("a folder").flatten().map(|e| e.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Every place where `find` occurs in a room for which `may` says no.
fn offences(find: &[&str], may: impl Fn(&Source) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| !may(source)) {
        for (number, line) in &source.code {
            for needle in find.iter().filter(|needle| line.contains(**needle)) {
                found.push(format!("{}:{number}: {needle}", source.path.display()));
            }
        }
    }
    found
}

#[test]
fn every_folder_is_a_known_room() {
    for source in sources() {
        assert!(
            ROOMS.contains(&source.room.as_str()) || matches!(source.room.as_str(), "main" | "lib"),
            "{} lies in no room of `src/lib.rs`",
            source.path.display()
        );
    }
}

#[test]
fn rooms_use_only_the_rooms_they_may() {
    let (mut wrong, mut read) = (BTreeMap::new(), BTreeMap::new());
    for source in sources() {
        let Some(allowed) = allowed(&source.room) else { continue };
        for (number, used) in named_at_the_root(&source.code, depth_of(&source.path)) {
            if used == source.room || !ROOMS.contains(&used.as_str()) {
                continue;
            }
            *read.entry(source.room.clone()).or_insert(0) += 1;
            if !allowed.contains(&used.as_str()) {
                wrong.insert(
                    format!("{}:{number}", source.path.display()),
                    format!("{} must not use {used}", source.room),
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // A reading that sees nothing would find nothing wrong.
    for room in ["main", "cli", "runtime", "ui", "app", "lab", "probes"] {
        assert!(read.contains_key(room), "no use of another room was read in {room}");
    }
}

/// How many `super` lead from a file to the root of the crate.
fn depth_of(path: &Path) -> usize {
    let inside: Vec<_> = path.iter().skip(1).collect();
    let is_own = |name: &std::ffi::OsStr| name != "mod.rs" && name != "main.rs" && name != "lib.rs";
    let file = usize::from(inside.last().is_some_and(|name| is_own(name)));
    inside.len().saturating_sub(1) + file
}

/// What a text names right below the root of the crate, with the line: behind
/// `crate::` or `shopfloor::`, behind as many `super::` as lead there, alone or
/// in braces, however these are nested and over however many lines.
fn named_at_the_root(code: &[(usize, String)], depth: usize) -> Vec<(usize, String)> {
    let mut text = String::new();
    let mut starts = Vec::new();
    for (number, line) in code {
        starts.push((text.len(), *number));
        text.push_str(line);
        text.push('\n');
    }
    let line_at =
        |at: usize| starts.iter().rev().find(|(start, _)| *start <= at).map_or(0, |s| s.1);
    let up = "super::".repeat(depth);
    let roots = ["crate::", "shopfloor::", up.as_str()];
    let mut found = Vec::new();
    for root in roots.into_iter().filter(|root| !root.is_empty()) {
        for (at, _) in text.match_indices(root) {
            let before = text[..at].chars().next_back();
            // `my_crate::` is another name, and `super::super::` is counted once, from its start.
            let goes_on = before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':');
            if goes_on {
                continue;
            }
            let names = first_names(&text[at + root.len()..]);
            found.extend(names.into_iter().map(|name| (line_at(at), name)));
        }
    }
    found
}

/// The first name of a path, or of each path of a group in braces.
fn first_names(path: &str) -> Vec<String> {
    let path = path.trim_start();
    let Some(inside) = path.strip_prefix('{') else {
        return vec![path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()];
    };
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, c) in inside.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                found.extend(first_names(&inside[start..at]).into_iter().filter(|n| !n.is_empty()));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    found
}

#[test]
fn names_below_the_root_are_read_however_they_are_written() {
    let names = |text: &str, depth: usize| -> Vec<String> {
        let lines: Vec<_> = text.lines().enumerate().map(|(n, l)| (n + 1, l.to_owned())).collect();
        named_at_the_root(&lines, depth)
            .into_iter()
            .map(|(n, name)| format!("{n} {name}"))
            .collect()
    };
    assert_eq!(names("use crate::ui::look::Look;", 2), ["1 ui"]);
    assert_eq!(names("use crate::{a::{b, c::{d}}, ui, lab::x};", 2), ["1 a", "1 ui", "1 lab"]);
    assert_eq!(names("x\nuse crate::{\n    app::{A,\n B},\n    lab,\n};", 2), ["2 app", "2 lab"]);
    assert_eq!(names("f(crate::ui::a(), crate::lab::b)", 2), ["1 ui", "1 lab"]);
    assert_eq!(names("use shopfloor::{cli::{self, Cli}, probes};", 0), ["1 cli", "1 probes"]);
    assert_eq!(names("use super::super::ui;\nuse super::ui;", 2), ["1 ui"]);
    assert_eq!(names("use super::ui;", 1), ["1 ui"]);
    assert_eq!(names("use super::super::super::ui;", 3), ["1 ui"]);
    assert_eq!(names("use my_crate::ui; use super::x;", 2), [""; 0]);
    for (path, depth) in
        [("src/main.rs", 0), ("src/app/mod.rs", 1), ("src/app/x.rs", 2), ("src/app/x/y.rs", 3)]
    {
        assert_eq!(depth_of(Path::new(path)), depth, "{path}");
    }
}

#[test]
fn only_the_waiting_rooms_know_tokio() {
    let may = ["runtime", "transport", "probes", "runner", "logs", "console", "lab", "cli", "main"];
    let found = offences(&["tokio::", "tokio_"], |source| may.contains(&source.room.as_str()));
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn only_the_drawing_rooms_know_ratatui() {
    let found = offences(&["ratatui::"], |source| matches!(source.room.as_str(), "ui" | "runtime"));
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn only_those_who_may_read_the_clock_do() {
    let may = ["runtime", "runner", "transport", "console", "lab", "cli"];
    let found =
        offences(&["SystemTime::now", "Instant::now", "Timestamp::now", "Zoned::now"], |source| {
            may.contains(&source.room.as_str())
        });
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn colours_and_glyphs_live_in_the_look() {
    let is_look = |source: &Source| {
        source.path.starts_with("src/ui/look") || source.path.ends_with("ui/look.rs")
    };
    // A picture translates the attributes that the look chose into SVG's words.
    let may = |source: &Source| is_look(source) || source.path.ends_with("ui/picture.rs");
    let found = offences(&["Color::", "Modifier::"], may);
    assert!(found.is_empty(), "literal colours outside the look: {found:#?}");

    let mut glyphs = Vec::new();
    for source in
        sources().iter().filter(|s| matches!(s.room.as_str(), "ui" | "app") && !is_look(s))
    {
        for (number, line) in &source.code {
            if let Some(c) = line.chars().find(|c| is_drawing(*c)) {
                glyphs.push(format!("{}:{number}: {c}", source.path.display()));
            }
        }
    }
    assert!(glyphs.is_empty(), "literal glyphs outside the look: {glyphs:#?}");
}

/// Box drawing, blocks, shapes, arrows, Braille: what a glyph table is for.
fn is_drawing(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{23ff}' | '\u{2500}'..='\u{27bf}' | '\u{2800}'..='\u{28ff}' | '\u{2026}')
}

#[test]
fn drawing_and_update_do_no_input_or_output() {
    let found = offences(
        &[
            "std::fs",
            "TcpStream",
            "TcpListener",
            "UdpSocket",
            "std::process",
            "std::env",
            "std::thread",
            "println!",
            "eprintln!",
        ],
        |source| !matches!(source.room.as_str(), "app" | "ui" | "domain" | "checks"),
    );
    let found: Vec<_> = found.into_iter().filter(|line| !line.contains("catalogue")).collect();
    assert!(found.is_empty(), "{found:#?}");
}
