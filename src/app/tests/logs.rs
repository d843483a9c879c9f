//! The log view's state: cursor, holding, fields, marks; what is ordered when.

use super::super::logs::{
    Cursor, Goal, LogLine, LogNews, LogOrder, LogRow, LogWindow, Pattern, SourceLine, Span, Tally,
};
use super::super::scenes::*;
use super::super::{Effect, Model, Msg};
use crate::domain::Stamp;

fn line(number: u64) -> LogRow {
    LogRow::Line(LogLine {
        source: 0,
        offset: number * 10,
        number: Some(number),
        at: Some(Stamp(1_000 * i64::try_from(number).unwrap())),
        spans: vec![Span { text: format!("line {number}"), ..Span::default() }],
        width: 300,
        ..LogLine::default()
    })
}

fn window(first: u64, last: u64, total: u64) -> LogWindow {
    LogWindow {
        rows: (first..=last).map(line).collect(),
        is_start: first == 1,
        is_end: last == total,
        below: Some(total - last),
        total: Some(total),
        ..LogWindow::default()
    }
}

fn news(model: &mut Model, news: LogNews) -> Vec<Effect> {
    tell(model, Msg::Log(news))
}

/// A log of 100 lines, of which 11 to 20 are shown.
fn opened() -> Model {
    let mut model = model(80, 24);
    press(&mut model, "8");
    let source = SourceLine {
        name: "a.log".into(),
        is_on: true,
        is_counted: true,
        lines: 100,
        ..SourceLine::default()
    };
    let effects = news(&mut model, LogNews::Sources(vec![source]));
    assert!(
        matches!(effects.as_slice(), [Effect::Log(LogOrder::Shape(shape))] if shape.rows == 15)
    );
    news(&mut model, LogNews::Window(Box::new(window(11, 20, 100)), false));
    model
}

fn orders(model: &mut Model, keys: &str) -> Vec<LogOrder> {
    let effects = press(model, keys);
    effects
        .into_iter()
        .map(|effect| match effect {
            Effect::Log(order) => order,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn status(model: &Model) -> &str {
    model.status.as_ref().map_or("", |status| status.sentence.as_str())
}

fn number(model: &Model) -> Option<u64> {
    model.logs.cursor_line().and_then(|line| line.number)
}

#[test]
fn the_cursor_moves_in_the_window_and_takes_it_along_at_its_edges() {
    let mut model = opened();
    assert_eq!(number(&model), Some(11));
    assert_eq!(orders(&mut model, "j j k"), []);
    assert_eq!(number(&model), Some(12));
    assert_eq!(orders(&mut model, "k k"), [LogOrder::Scroll(-1)]);
    news(&mut model, LogNews::Window(Box::new(window(10, 19, 100)), false));
    assert_eq!(number(&model), Some(10));
    assert_eq!(orders(&mut model, "PgDn"), [LogOrder::Scroll(14)]);
    assert_eq!(orders(&mut model, "G"), [LogOrder::End]);
    news(&mut model, LogNews::Window(Box::new(window(91, 100, 100)), false));
    assert_eq!(number(&model), Some(100));
    assert_eq!(orders(&mut model, "j"), [], "there is nothing further");
}

#[test]
fn a_held_view_counts_what_comes_and_keeps_its_line() {
    let mut model = opened();
    assert_eq!(orders(&mut model, "F"), [LogOrder::Follow]);
    news(&mut model, LogNews::Window(Box::new(window(91, 100, 100)), true));
    assert_eq!(number(&model), Some(100), "the last line while following");
    assert_eq!(orders(&mut model, "k"), [LogOrder::Scroll(0)], "scrolling lets go");
    let mut later = window(91, 100, 128);
    later.is_end = false;
    news(&mut model, LogNews::Window(Box::new(later), false));
    assert_eq!((number(&model), model.logs.newer()), (Some(99), 28));
    let words = super::super::screens::logs::below_words(&model);
    assert_eq!(words, "28 newer lines below, F follows");
    news(&mut model, LogNews::Window(Box::new(window(1, 3, 3)), false));
    assert_eq!(model.logs.newer(), 0, "a log that began anew has nothing newer");
}

#[test]
fn what_is_typed_is_in_force_at_once_and_esc_takes_it_back() {
    let mut model = opened();
    let find = |text: &str, is_regex| LogOrder::Find(Pattern { text: text.into(), is_regex });
    assert_eq!(orders(&mut model, "/ a b"), [find("a", false), find("ab", false)]);
    assert_eq!(orders(&mut model, "Tab"), [find("ab", true)]);
    assert_eq!(orders(&mut model, "Enter"), [LogOrder::Seek(Some((0, 110)), true, Goal::Hit)]);
    news(
        &mut model,
        LogNews::Found(Tally { count: 6, is_done: true, here: Some(1), ..Tally::default() }),
    );
    assert_eq!(
        super::super::screens::logs::find_words(&model),
        "find regular expression 'ab' line 1 of 6 with it"
    );
    assert_eq!(orders(&mut model, "n"), [LogOrder::Seek(Some((0, 110)), true, Goal::Hit)]);
    assert_eq!(orders(&mut model, "N"), [LogOrder::Seek(Some((0, 110)), false, Goal::Hit)]);
    let keep = |text: &str| LogOrder::Keep(Pattern::plain(text));
    assert_eq!(orders(&mut model, "& x Esc"), [keep("x"), keep("")]);
    assert!(!model.logs.is_filtered());
    assert_eq!(orders(&mut model, "J 4 2 Enter"), [LogOrder::Go("42".into(), Some((0, 110)))]);
    assert_eq!(orders(&mut model, "!"), [LogOrder::OnlyProblems(true)]);
}

#[test]
fn marks_are_walked_in_the_order_of_lines() {
    let mut model = opened();
    assert_eq!(orders(&mut model, "j j m"), [LogOrder::Mark((0, 130), true)]);
    assert_eq!(model.logs.since_mark(), None, "it is the only one");
    orders(&mut model, "k k m");
    assert_eq!(model.logs.marks.len(), 2);
    assert_eq!(model.logs.since_mark(), Some((2, -2_000)), "none is before: from the next");
    assert_eq!(orders(&mut model, "u"), [LogOrder::Show((0, 130))]);
    assert_eq!(number(&model), Some(13));
    assert_eq!(
        model.logs.since_mark(),
        Some((1, 2_000)),
        "from the one before, by the order of lines"
    );
    assert_eq!(orders(&mut model, "u"), []);
    assert!(status(&model).contains("no mark further below"));
    assert_eq!(orders(&mut model, "U"), [LogOrder::Show((0, 110))]);
    assert_eq!(orders(&mut model, "m"), [LogOrder::Mark((0, 110), false)]);
    assert_eq!(model.logs.marks.len(), 1, "a second m takes it away");
    // Whoever keeps them knows better: a file that began anew has none.
    news(&mut model, LogNews::Marks(Vec::new()));
    assert!(model.logs.marks.is_empty());
}

#[test]
fn long_lines_pan_and_wrap_and_the_pan_stays_when_lines_come() {
    let mut model = opened();
    let [LogOrder::Shape(shape)] = orders(&mut model, "Right")[..] else { panic!() };
    assert_eq!(shape.pan, u32::from(shape.columns / 2));
    news(&mut model, LogNews::Window(Box::new(window(12, 21, 101)), false));
    assert_eq!(model.logs.pan, shape.pan);
    let [LogOrder::Shape(shape)] = orders(&mut model, "w")[..] else { panic!() };
    assert!(shape.is_wrapped && shape.pan == 0);
    let effects = press(&mut model, "y");
    assert_eq!(effects, [Effect::Log(LogOrder::Copy((0, 120), String::new()))]);
    assert_eq!(news(&mut model, LogNews::Copied("x".into())), [Effect::Copy("x".into())]);
}

#[test]
fn without_a_log_the_keys_say_how_to_open_one() {
    let mut model = model(80, 24);
    press(&mut model, "8");
    for key in ["e", "F", "w", "&"] {
        assert_eq!(press(&mut model, key), [], "{key}");
        assert!(status(&model).contains(":log PATH"), "{key}: {}", status(&model));
    }
    assert_eq!(model.logs.cursor, Cursor::First);
    let open = Effect::Log(LogOrder::Open(vec!["/var/log/syslog".into()]));
    let mut typed = ":".to_owned();
    "log /var/log/syslog".chars().for_each(|c| {
        typed.push(' ');
        match c {
            ' ' => typed.push_str("Space"),
            c => typed.push(c),
        }
    });
    assert_eq!(press(&mut model, &format!("{typed} Enter")), [open]);
}

#[test]
fn a_log_that_cannot_be_opened_leaves_one_where_one_was() {
    let mut model = model(80, 24);
    press(&mut model, "2 :");
    type_text(&mut model, "log /no/file");
    press(&mut model, "Enter");
    assert_eq!(model.route().screen, "logs");
    let sentence = "there is no file /no/file; check the name";
    news(&mut model, LogNews::Failed(sentence.into()));
    assert_eq!(model.route().screen, "rack");
    assert_eq!(model.status.as_ref().map(|status| status.sentence.as_str()), Some(sentence));
    // What fails later on, while one reads, leads nowhere.
    let mut model = opened();
    news(&mut model, LogNews::Failed("the line broke".into()));
    assert_eq!(model.route().screen, "logs");
}
