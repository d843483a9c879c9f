use proptest::prelude::*;

use super::super::ink::Paint;
use super::*;

fn text(bytes: &[u8]) -> String {
    clean(bytes).text()
}

#[test]
fn colours_become_ink_and_last_over_lines() {
    let mut cleaner = Cleaner::default();
    let line = cleaner.line(b"\x1b[0;31mfatal: [gpu-07]\x1b[0m: after");
    assert_eq!(line.text(), "fatal: [gpu-07]: after");
    assert_eq!(line.spans[0].ink.fg, Paint::Index(1));
    assert_eq!(line.spans[1].ink, Ink::default());
    cleaner.line(b"\x1b[1;30mFAILED - RETRYING");
    let next = cleaner.line(b"second line");
    assert_eq!((next.spans[0].ink.bold, next.spans[0].ink.fg), (true, Paint::Index(0)));
    let mut passed = Cleaner::default();
    passed.pass(b"x\x1b[31my\x1b]0;title\x07z");
    assert_eq!(passed.line(b"a").spans[0].ink.fg, Paint::Index(1));
}

#[test]
fn a_rewritten_line_keeps_its_last_state() {
    assert_eq!(text(b"  1%\r 50%\r100%"), "100%");
    assert_eq!(text(b"downloading 10%\rdone\x1b[K"), "done");
    assert_eq!(text(b"abcdef\rxy"), "xycdef");
    assert_eq!(text(b"abc\x08\x08X"), "aXc");
    assert_eq!(text(b"line\r"), "line");
    assert_eq!(text(b"abc\x1b[2K\rnew"), "new");
    assert_eq!(text(b"a\tb"), "a       b");
    assert_eq!(text("日本\rx".as_bytes()), "x 本");
}

#[test]
fn going_up_says_how_many_lines_are_drawn_anew() {
    let bars = clean(b"\x1b[1A\x1b[2A\x1b[JCopying blob 3");
    assert_eq!((bars.text().as_str(), bars.rises), ("Copying blob 3", 3));
    assert_eq!(rises(b"\x1b[1A\x1b[2A\x1b[JCopying"), 3);
    assert_eq!(rises(b"\x1b[3A x \x1b[3B"), 0);
    assert_eq!(rises(b"plain"), 0);
    let both = clean(b"below\x1b[1Aabove");
    assert_eq!((both.text().as_str(), both.rises), ("below      above", 0));
}

#[test]
fn what_is_no_text_becomes_a_sign() {
    assert_eq!(text(b"a\x07b\x00c\x7f"), "a^Gb^@c^?");
    assert_eq!(text(b"a\xffb\xc3"), "a<FF>b<C3>");
    assert_eq!(text("moc\u{202e}live".as_bytes()), "moc<U+202E>live");
    assert_eq!(text("a\u{9b}31mb".as_bytes()), "a<U+009B>31mb");
    assert!(clean(b"\x07").spans[0].ink.is_sign);
    assert_eq!(text(b"\x1b]52;c;QUJD\x07x"), "<OSC 52, 9 bytes>x");
    assert_eq!(text(b"\x1bPq#0\x1b\\x"), "<device string, 3 bytes>x");
    assert_eq!(text(b"\x1b]8;;https://x\x1b\\link\x1b]8;;\x1b\\"), "link");
    assert_eq!(text(b"\x1b[?25lx\x1b[?2004h\x1b(B\x1bc"), "x");
}

#[test]
fn a_sequence_that_never_ends_hides_nothing() {
    assert_eq!(text(b"\x1b]0;evil fatal: [gpu-07]"), "^[]0;evil fatal: [gpu-07]");
    assert_eq!(text(b"a\x1b["), "a^[[");
    assert_eq!(text(b"a\x1b"), "a^[");
    assert_eq!(text(b"\x1b[12\x07x"), "^[[12^Gx");
}

#[test]
fn a_far_jump_and_a_tower_of_marks_are_bounded() {
    assert!(text(b"\x1b[65535Cx").chars().count() <= REACH + 1);
    let tower = format!("a{}b", "\u{301}".repeat(500));
    assert_eq!(text(tower.as_bytes()).chars().count(), 2 + MARKS);
}

/// The row a real emulator shows after the same bytes.
fn emulated(bytes: &[u8]) -> String {
    use alacritty_terminal::event::VoidListener;
    use alacritty_terminal::grid::Dimensions;
    use alacritty_terminal::index::{Column, Line};
    use alacritty_terminal::term::cell::Flags;
    use alacritty_terminal::term::{Config, Term};
    use alacritty_terminal::vte::ansi::Processor;
    struct Wide;
    impl Dimensions for Wide {
        fn total_lines(&self) -> usize {
            2
        }
        fn screen_lines(&self) -> usize {
            2
        }
        fn columns(&self) -> usize {
            900
        }
    }
    let mut term = Term::new(Config::default(), &Wide, VoidListener);
    let mut parser: Processor = Processor::new();
    parser.advance(&mut term, bytes);
    let row = &term.grid()[Line(0)];
    let text: String = (0..900)
        .map(|at| &row[Column(at)])
        .filter(|cell| !cell.flags.contains(Flags::WIDE_CHAR_SPACER))
        .map(|cell| if cell.c == '\t' { ' ' } else { cell.c })
        .collect();
    text.trim_end().to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_leave_a_control_character(bytes in prop::collection::vec(
        prop_oneof![any::<u8>(), Just(0x1b), Just(b'['), Just(b']'), Just(b'\r'), Just(b'm'), Just(b';')], 0..300)) {
        let line = clean(&bytes);
        for span in &line.spans {
            prop_assert!(!span.text.chars().any(is_invisible), "{:?}", span.text);
            prop_assert!(!span.text.is_empty());
        }
    }

    #[test]
    fn a_folded_line_is_what_an_emulator_shows(parts in prop::collection::vec(prop_oneof![
        "[a-z ]{1,12}",
        // Not wide ones: the emulator keeps half of one that was erased.
        "é{1,3}",
        Just("\r".to_owned()),
        Just("\u{8}".to_owned()),
        Just("\t".to_owned()),
        Just("\u{1b}[K".to_owned()),
        Just("\u{1b}[1K".to_owned()),
        Just("\u{1b}[2K".to_owned()),
        Just("\u{1b}[1;31m".to_owned()),
        Just("\u{1b}[?25l".to_owned()),
        (1u16..40).prop_map(|n| format!("\u{1b}[{n}C")),
        (1u16..40).prop_map(|n| format!("\u{1b}[{n}D")),
        (1u16..40).prop_map(|n| format!("\u{1b}[{n}G")),
        (1u16..9).prop_map(|n| format!("\u{1b}[{n}P")),
    ], 0..24)) {
        let line = parts.concat();
        let folded = text(line.as_bytes());
        prop_assert_eq!(folded.trim_end(), emulated(line.as_bytes()));
    }
}
