//! Terminals that know less.

use crate::pty::{ESC, Home, SHOPFLOOR, Terminal, demo, settled};

#[tokio::test]
async fn a_linux_console_gets_only_glyphs_its_fonts_hold() {
    let home = Home::new();
    let mut terminal = demo(&home, (80, 24), "linux");
    settled(&mut terminal).await;
    // Code page 437, which every console font of kbd and console-setup holds.
    let allowed = |c: char| c.is_ascii() || "─│┌┐└┘├┤┬┴┼■▲►♦·░▒▓█═║╔╗╚╝◄".contains(c);
    for (key, there) in [("1", "[1Over]"), ("2", "[2Rack]"), ("?", "Esc closes")] {
        terminal.keys(key).await;
        terminal.see(there).await;
        let odd: Vec<char> = terminal.screen().chars().filter(|c| !allowed(*c)).collect();
        assert!(odd.is_empty(), "{odd:?}");
    }
    terminal.keys(ESC).await;
    terminal.lose("Esc closes").await;
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
}

#[tokio::test]
async fn a_vt100_gets_nothing_it_does_not_know() {
    let home = Home::new();
    let mut terminal = demo(&home, (80, 24), "vt100");
    settled(&mut terminal).await;
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
    let raw = terminal.raw_text();
    for (mode, what) in [
        ("?2026", "synchronized updates"),
        ("?2004", "bracketed paste"),
        ("?1004", "focus reports"),
        ("?1000", "the mouse"),
        ("?1006", "the mouse"),
    ] {
        assert!(!raw.contains(&format!("\u{1b}[{mode}")), "{what} on a vt100");
    }
    assert_eq!(colours(&raw), Vec::<String>::new(), "a vt100 has no colours");
    assert!(raw.is_ascii(), "a vt100 has ASCII only");
}

#[tokio::test]
async fn without_colour_no_colour_is_sent() {
    let home = Home::new();
    let variables = [("NO_COLOR", "1"), ("COLORTERM", "truecolor")];
    let mut terminal =
        Terminal::start_with(&home, SHOPFLOOR, &["demo"], (80, 24), "xterm-256color", &variables);
    settled(&mut terminal).await;
    terminal.keys("2").await;
    terminal.see("[2Rack]").await;
    terminal.keys("q").await;
    assert_eq!(terminal.end().await, Some(0));
    assert_eq!(colours(&terminal.raw_text()), Vec::<String>::new());
    // The same look at the same terminal with colours sends some, or this test could not fail.
    let mut terminal = demo(&home, (80, 24), "xterm-256color");
    settled(&mut terminal).await;
    terminal.keys("q").await;
    terminal.end().await;
    assert!(!colours(&terminal.raw_text()).is_empty());
}

/// The parameters of every "select graphic rendition" that chooses a colour
/// (ECMA-48 8.3.117; 90-107 are aixterm's, 58 is the underline's).
fn colours(raw: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in raw.split("\u{1b}[").skip(1) {
        let end = part.find(|c: char| !matches!(c, '0'..='9' | ';' | ':')).unwrap_or(part.len());
        if !part[end..].starts_with('m') {
            continue;
        }
        let chooses = part[..end].split([';', ':']).any(|number| {
            matches!(number.parse(), Ok(30..=38 | 40..=48 | 58 | 90..=97 | 100..=107))
        });
        if chooses {
            found.push(part[..end].to_owned());
        }
    }
    found
}
