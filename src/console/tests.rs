//! Tests of the emulator and the keys, without a program.

use proptest::prelude::*;

use super::keys::{bytes_of, bytes_of_line, bytes_of_mouse, bytes_of_paste};
use super::*;

fn grid(bytes: &[u8]) -> Grid {
    let mut grid = Grid::new(20, 5, 100);
    grid.feed(bytes);
    grid
}

#[test]
fn colours_attributes_and_wide_characters_become_runs() {
    let shown = grid(
        "a\x1b[1;31mred\x1b[0;38;5;208;4mpal\x1b[0;48;2;1;2;3;7mrgb\x1b[m 日本\x1b[8mno".as_bytes(),
    );
    let row = shown.screen().remove(0);
    let style = |text: &str| row.runs.iter().find(|run| run.text.starts_with(text)).unwrap().style;
    assert_eq!(row.text(), "aredpalrgb 日本");
    assert_eq!((style("red").fore, style("red").bold), (Ink::Indexed(1), true));
    assert_eq!((style("pal").fore, style("pal").underline), (Ink::Indexed(208), true));
    assert_eq!((style("rgb").back, style("rgb").inverse), (Ink::Rgb(1, 2, 3), true));
    assert_eq!(shown.cursor(), Some(Cursor { column: 17, row: 0 }));
}

#[test]
fn questions_are_answered_and_a_flood_of_them_is_bounded() {
    let mut asked = grid(b"ab\x1b[6n");
    assert_eq!(asked.take_answers(), b"\x1b[1;3R");
    assert!(asked.take_answers().is_empty());
    let mut flood = grid(&b"\x1b[c\x1b[6n\x1b[5n".repeat(50_000));
    let answers = flood.take_answers();
    assert!(!answers.is_empty() && answers.len() <= 16 * 1024, "{}", answers.len());
}

#[test]
fn an_update_is_held_back_until_it_ends_or_its_time_is_over() {
    let mut held = grid(b"\x1b[?2026hhalf");
    assert!(held.held_until().is_some());
    assert_eq!(held.text(0).screen[0], "half", "worked off as it came");
    held.feed(b" whole\x1b[?2026l");
    assert!(held.held_until().is_none());
    held.feed(b"\x1b[?2026hnever ended");
    held.release();
    assert!(held.held_until().is_none());
}

#[test]
fn what_a_dead_program_left_behind_is_settled() {
    let mut left = grid(
        b"shell$ vi\r\n\x1b[?1049h\x1b[?1000h\x1b[?2004h\x1b[?1h\x1b[2;3r\x1b[31mEDITOR\x1b[?25l",
    );
    assert!(left.is_full_screen() && left.modes().wants_mouse());
    left.settle();
    left.feed(b"again");
    assert!(!left.is_full_screen() && left.modes() == grid(b"").modes());
    assert_eq!(left.text(0).screen[..2], ["shell$ vi", "again"]);
    assert!(left.cursor().is_some());
    assert_eq!(left.screen()[1].runs[0].style, Style::default());
}

#[test]
fn the_scrollback_is_searched_and_the_view_held() {
    let mut long = Grid::new(20, 5, 100);
    for number in 0..60 {
        long.feed(format!("line {number} Error x\r\n").as_bytes());
    }
    assert_eq!(long.history(), 56);
    assert_eq!(long.find("line 7 "), Ok(1));
    assert!(long.screen().iter().any(|row| row.runs.iter().any(|run| run.style.hit)));
    assert!(long.visible_text().contains("line 7 Error"), "{}", long.visible_text());
    let above = long.above();
    long.feed(b"one more\r\n");
    assert_eq!(long.above(), above + 1, "new lines do not move a held view");
    assert!(long.visible_text().contains("line 7 Error"));
    assert_eq!(long.find("error"), Ok(60), "capitals count only where they are asked for");
    assert_eq!(long.find("ERROR"), Ok(0));
    assert_eq!(long.find("/line [12]\\d /"), Ok(20));
    long.next_hit(true);
    assert_eq!(long.found(), Some((2, 20)));
    assert!(long.find("/(/").unwrap_err().contains("regular expression"));
    long.scroll_to(0);
    assert_eq!(long.above(), 0);
    let text = long.text(3);
    assert_eq!((text.before.len(), text.last_line()), (3, "one more"));
}

#[test]
fn a_prompt_stands_left_of_the_cursor_and_wrapped_lines_are_joined() {
    let mut shown = grid(b"flatcar login: ");
    assert_eq!(shown.text(0).prompt, "flatcar login:");
    shown.feed(b"\r\n0123456789012345678901234\r\n");
    assert!(shown.visible_text().contains("0123456789012345678901234"));
}

#[test]
fn keys_are_what_xterm_sends() {
    let plain = Modes::default();
    let app = Modes { app_cursor: true, ..plain };
    let key = |key| Stroke::plain(key);
    let with = |key, ctrl, alt, shift| Stroke { key, ctrl, alt, shift };
    for (stroke, modes, bytes) in [
        (key(StrokeKey::Char('é')), plain, "é"),
        (key(StrokeKey::Enter), plain, "\r"),
        (key(StrokeKey::Backspace), plain, "\u{7f}"),
        (key(StrokeKey::Up), plain, "\u{1b}[A"),
        (key(StrokeKey::Up), app, "\u{1b}OA"),
        (with(StrokeKey::Right, true, false, false), app, "\u{1b}[1;5C"),
        (with(StrokeKey::Home, false, false, true), plain, "\u{1b}[1;2H"),
        (key(StrokeKey::Delete), plain, "\u{1b}[3~"),
        (with(StrokeKey::PageUp, false, true, false), plain, "\u{1b}[5;3~"),
        (key(StrokeKey::F(1)), plain, "\u{1b}OP"),
        (key(StrokeKey::F(5)), plain, "\u{1b}[15~"),
        (key(StrokeKey::F(12)), plain, "\u{1b}[24~"),
        (with(StrokeKey::F(3), false, false, true), plain, "\u{1b}[1;2R"),
        (Stroke::ctrl('c'), plain, "\u{3}"),
        (Stroke::ctrl('\\'), plain, "\u{1c}"),
        (Stroke::ctrl(']'), plain, "\u{1d}"),
        (Stroke::ctrl(' '), plain, "\0"),
        (with(StrokeKey::Char('b'), false, true, false), plain, "\u{1b}b"),
        (key(StrokeKey::BackTab), plain, "\u{1b}[Z"),
    ] {
        assert_eq!(String::from_utf8_lossy(&bytes_of(stroke, modes)), bytes, "{stroke:?}");
    }
}

#[test]
fn a_paste_ends_no_bracket_and_a_prepared_line_presses_no_enter() {
    let brackets = Modes { bracketed_paste: true, ..Modes::default() };
    let evil = "one\ntwo\u{1b}[201~rm -rf\u{3}";
    assert_eq!(bytes_of_paste(evil, Modes::default()), b"one\rtwo[201~rm -rf");
    assert_eq!(bytes_of_paste(evil, brackets), b"\x1b[200~one\rtwo[201~rm -rf\x1b[201~");
    assert_eq!(bytes_of_line("ls -l\nrm x\r\n"), b"ls -l");
}

#[test]
fn the_mouse_is_told_as_the_program_asked_for_it() {
    let at = MouseAt { column: 4, row: 7, ..MouseAt::default() };
    let sgr = Modes { mouse_click: true, mouse_sgr: true, ..Modes::default() };
    assert_eq!(bytes_of_mouse(MouseAct::Down(0), at, sgr), b"\x1b[<0;5;8M");
    assert_eq!(bytes_of_mouse(MouseAct::Up(0), at, sgr), b"\x1b[<0;5;8m");
    assert_eq!(bytes_of_mouse(MouseAct::Wheel(1), at, sgr), b"\x1b[<65;5;8M");
    assert!(bytes_of_mouse(MouseAct::Move, at, sgr).is_empty());
    assert!(bytes_of_mouse(MouseAct::Down(0), at, Modes::default()).is_empty());
    let old = Modes { mouse_click: true, ..Modes::default() };
    assert_eq!(bytes_of_mouse(MouseAct::Down(0), at, old), b"\x1b[M %(");
    let far = MouseAt { column: 300, ..at };
    assert!(bytes_of_mouse(MouseAct::Down(0), far, old).is_empty());
    let pager = Modes { wheel_is_arrows: true, ..Modes::default() };
    assert_eq!(bytes_of_mouse(MouseAct::Wheel(-1), at, pager), b"\x1b[A\x1b[A\x1b[A");
}

#[test]
fn towers_of_marks_are_swept_even_when_the_cursor_goes_back() {
    let mut tower = Grid::new(20, 5, 0);
    let piece = format!("x{}\x1b[2;1Hy\x1b[1;2H", "\u{301}".repeat(8));
    tower.feed(b"\x1b[1;1H");
    for _ in 0..70_000 {
        tower.feed(piece.as_bytes());
    }
    let longest = tower.screen().iter().map(|row| row.text().len()).max().unwrap();
    assert!(longest < 20 * 20, "{longest}");
}

#[test]
fn views_are_data_that_comes_back_equal() {
    let shown = grid(b"\x1b[7mA\x1b[m b");
    let view = View { columns: 20, rows: 5, screen: shown.screen(), ..View::default() };
    let text = serde_json::to_string(&view).unwrap();
    assert_eq!(serde_json::from_str::<View>(&text).unwrap(), view);
}

/// A screen of 20x5 with a letter at the start of each line, and then those bytes.
fn after(bytes: &str) -> Vec<String> {
    grid(format!("a\r\nb\r\nc\r\nd\r\ne\x1b[H{bytes}").as_bytes()).text(0).screen
}

#[test]
fn margins_stop_the_cursor_and_the_pattern_takes_them_away() {
    assert_eq!(after("\x1b[2;4r\x1b[5;2H\x1b[9Ax\x1b[1;3H\x1b[9By"), ["a", "bx", "c", "d y", "e"]);
    assert_eq!(after("\x1b[2;4r\x1b[4;2H\x1b[9Ex\x1b[2;2H\x1b[9Fy"), ["a", "y", "c", "x", "e"]);
    assert_eq!(after("\x1b[2;4r\x1b[1;2H\x1b[9Ax\x1b[5;2H\x1b[9By"), ["ax", "b", "c", "d", "ey"]);
    let origin = after("\x1b[2;4r\x1b[?6h\x1b[9;2Hx\x1b[9A\x1b[Cy\x1b[?6lz");
    assert_eq!(origin, ["z", "b  y", "c", "dx", "e"]);
    let pattern = grid(b"\x1b[2;3r\x1b[?6h\x1b#8x\x1b[?6l\x1b[5;1H\ny").text(0).screen;
    assert_eq!((pattern[0].as_str(), pattern[4].as_str()), ("EEEEEEEEEEEEEEEEEEEE", "y"));
    assert_eq!(grid(b"\x1b[2;3r\x1b#8x").text(0).screen[0], "xEEEEEEEEEEEEEEEEEEE");
}

#[test]
fn a_cursor_behind_the_last_column_is_brought_back_as_by_tmux() {
    let full = "w".repeat(20);
    assert_eq!(after(&format!("{full}\x1b[Zx"))[0], format!("{}xwww", "w".repeat(16)));
    let saved = after(&format!("{full}\x1b7\x1b[3;1H\x1b8x"));
    assert_eq!(saved[0], format!("{}x", "w".repeat(19)));
    let unwrapped = after(&format!("\x1b[?7l{full}www\x1b[?7hx"));
    assert_eq!(unwrapped[0], format!("{}x", "w".repeat(19)));
    assert_eq!(after("abc\x1b[2G\x1b[99Px")[0], "ax", "what stands left of it stays");
}

#[test]
fn what_is_saved_is_of_one_cursor_with_its_attributes_on_both_screens() {
    let saved = grid(b"\x1b[1;31m\x1b(0\x1b[2;3H\x1b7\x1b[m\x1b(B\x1b[5;1Hplain\x1b8qx");
    let run = saved.screen()[1].runs[1].clone();
    assert_eq!((run.text.as_str(), run.style.fore, run.style.bold), ("─│", Ink::Indexed(1), true));
    let both = grid(b"\x1b[2;2H\x1b7\x1b[?1049h\x1b[4;4H\x1b7\x1b[?1049l\x1b8x");
    assert_eq!(both.text(0).screen[3], "   x");
    assert_eq!(after("\x1b[3;3H\x1b8x")[0], "x", "what was never saved is home");
    let twice = grid(b"\x1b[21mx\x1b[24my").screen().remove(0);
    assert!(twice.runs[0].style.underline && !twice.runs[1].style.underline);
}

#[test]
fn every_alternate_screen_gives_the_first_one_back() {
    for mode in [47, 1047, 1049] {
        let there = format!("a\r\nb\x1b[3;3H\x1b[?{mode}h\x1b[2J\x1b[5;5Hother");
        let mut shown = grid(there.as_bytes());
        assert!(shown.is_full_screen());
        assert_eq!(shown.text(0).screen, ["", "", "", "", "    other"]);
        shown.feed(format!("\x1b[?{mode}lx").as_bytes());
        assert!(!shown.is_full_screen());
        // Only 1049 has a place for the cursor.
        let x = if mode == 1049 { ["  x", "", ""] } else { ["", "", "         x"] };
        assert_eq!(shown.text(0).screen, [&["a", "b"][..], &x].concat(), "{mode}");
    }
    assert_eq!(after("\x1b[3;3H\x1b[?1048h\x1b[H\x1b[?1048lx")[2], "c x");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_is_printed_nothing_panics_and_no_control_character_is_shown(
        pieces in proptest::collection::vec(
            prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..80),
                "\\PC{0,40}".prop_map(String::into_bytes),
                "\u{1b}[\\[\\]PX^_][0-9;?]{0,8}[@-~]".prop_map(String::into_bytes),
            ],
            0..40,
        ),
        columns in 0u16..60,
        rows in 0u16..20,
    ) {
        let mut grid = Grid::new(30, 10, 50);
        for (number, piece) in pieces.iter().enumerate() {
            grid.feed(piece);
            if number % 5 == 4 {
                grid.resize(columns, rows);
                grid.scroll(3);
            }
        }
        for row in grid.screen() {
            let has_control = row.runs.iter().any(|run| run.text.chars().any(char::is_control));
            prop_assert!(!has_control);
        }
        let _ = (grid.text(20), grid.find("a"), grid.visible_text());
    }

    #[test]
    fn a_paste_never_holds_a_control_character_of_its_own(text in "\\PC*|.*") {
        let bytes = bytes_of_paste(&text, Modes::default());
        let bad = |byte: &u8| (*byte < 0x20 && !matches!(*byte, b'\r' | b'\t')) || *byte == 0x7f;
        prop_assert!(!bytes.iter().any(bad));
    }
}
