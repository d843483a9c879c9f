use std::io::Write as _;
use std::path::Path;

use super::super::level::Level;
use super::super::matcher::Pattern;
use super::*;
use crate::domain::Stamp;

fn view_of(contents: &[&str], rows: u16) -> (tempfile::TempDir, View) {
    let scratch = tempfile::tempdir().unwrap();
    let mut view =
        View { shape: Shape { rows, columns: 200, ..Shape::default() }, ..View::default() };
    for (number, content) in contents.iter().enumerate() {
        let path = scratch.path().join(format!("log{number}"));
        std::fs::write(&path, content).unwrap();
        view.add(Source::open(&path).unwrap());
    }
    count(&view);
    (scratch, view)
}

fn count(view: &View) {
    for held in &view.sources {
        let mut index = held.index.lock().unwrap();
        let from = index.scanned();
        let mut bytes = vec![0; usize::try_from(held.source.length() - from).unwrap()];
        held.source.content.read_at(from, &mut bytes).unwrap();
        index.take(&bytes);
    }
}

fn window(view: &mut View) -> LogWindow {
    view.window(&|| true).unwrap()
}

fn texts(view: &mut View) -> Vec<String> {
    window(view)
        .rows
        .iter()
        .map(|row| match row {
            LogRow::Line(line) => line.text(),
            LogRow::Gap(millis) => format!("gap {millis}"),
        })
        .collect()
}

fn numbered(count: usize) -> String {
    (1..=count).map(|n| format!("line {n}\n")).collect()
}

fn append(path: &Path, text: &str) {
    std::fs::OpenOptions::new()
        .append(true)
        .open(path)
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
}

#[test]
fn a_window_scrolls_both_ways_and_stops_at_the_ends() {
    let (_scratch, mut view) = view_of(&[&numbered(100)], 3);
    assert_eq!(texts(&mut view), ["line 1", "line 2", "line 3"]);
    view.scroll(5, &|| true).unwrap();
    assert_eq!(texts(&mut view), ["line 6", "line 7", "line 8"]);
    assert_eq!(window(&mut view).below, Some(92));
    view.scroll(-2, &|| true).unwrap();
    assert_eq!(texts(&mut view), ["line 4", "line 5", "line 6"]);
    view.scroll(-99, &|| true).unwrap();
    assert!(window(&mut view).is_start);
    view.scroll(1000, &|| true).unwrap();
    assert_eq!(texts(&mut view), ["line 98", "line 99", "line 100"], "the last page stays full");
    let last = window(&mut view);
    assert!(last.is_end && last.below == Some(0) && last.total == Some(100));
    assert_eq!(last.lines().next().unwrap().number, Some(98));
}

#[test]
fn a_held_view_never_moves_and_counts_what_comes() {
    let (scratch, mut view) = view_of(&[&numbered(10)], 3);
    view.to_end();
    assert_eq!(texts(&mut view), ["line 8", "line 9", "line 10"]);
    append(&scratch.path().join("log0"), "line 11\nline 12\n");
    assert!(view.look().0);
    count(&view);
    assert_eq!(texts(&mut view), ["line 8", "line 9", "line 10"]);
    assert_eq!(window(&mut view).below, Some(2));
    view.is_following = true;
    assert_eq!(texts(&mut view), ["line 10", "line 11", "line 12"]);
    view.scroll(-1, &|| true).unwrap();
    assert!(!view.is_following, "scrolling lets go");
}

#[test]
fn filters_keep_and_hide_and_scroll_among_what_is_left() {
    let (_scratch, mut view) = view_of(&[&numbered(3000)], 3);
    let matcher = |text: &str| Pattern::plain(text).matcher().unwrap().unwrap();
    view.filters.keep.push(matcher("99"));
    view.filters.hide.push(matcher("199"));
    assert_eq!(texts(&mut view), ["line 99", "line 299", "line 399"]);
    view.scroll(2, &|| true).unwrap();
    assert_eq!(texts(&mut view), ["line 399", "line 499", "line 599"]);
    view.scroll(-1, &|| true).unwrap();
    assert_eq!(texts(&mut view)[0], "line 299");
    view.to_end();
    assert_eq!(texts(&mut view), ["line 2997", "line 2998", "line 2999"]);
    assert_eq!(window(&mut view).lines().next().unwrap().number, Some(2997));
}

#[test]
fn sources_are_merged_by_time_both_ways() {
    let a =
        "2026-03-05T13:00:00Z a1\n2026-03-05T13:00:02Z a2\n  more of a2\n2026-03-05T13:00:04Z a3\n";
    let b = "2026-03-05T13:00:01Z b1\n2026-03-05T13:00:03Z b2\n2026-03-05T13:10:00Z b3\n";
    let (_scratch, mut view) = view_of(&[a, b], 9);
    let all = texts(&mut view);
    let ends: Vec<&str> = all.iter().map(|text| text.rsplit(' ').next().unwrap()).collect();
    assert_eq!(ends, ["a1", "b1", "a2", "a2", "b2", "a3", "596000", "b3"]);
    view.shape.rows = 3;
    view.to_end();
    view.scroll(-2, &|| true).unwrap();
    let mut order = Vec::new();
    for _ in 0..6 {
        order.push(texts(&mut view)[0].rsplit(' ').next().unwrap().to_owned());
        view.scroll(-1, &|| true).unwrap();
    }
    assert_eq!(order.last().unwrap(), "a1", "{order:?}");
    view.to_time(Stamp::parse("2026-03-05T13:00:03Z").unwrap()).unwrap();
    assert!(texts(&mut view)[0].ends_with("b2"));
}

#[test]
fn the_next_error_and_the_next_hit_are_found_from_the_cursor() {
    let mut text = numbered(500);
    text.insert_str(0, "ERROR early\n");
    text.push_str("ERROR late\nlast\n");
    let (_scratch, mut view) = view_of(&[&text], 5);
    let first = window(&mut view).lines().next().map(|line| (line.source, line.offset));
    let errors = Sought::level(Level::Error);
    let (spot, at) = view.seek(first, true, &errors, &|| true).unwrap().unwrap();
    view.show(spot, at, &|| true).unwrap();
    assert_eq!(texts(&mut view), ["line 498", "line 499", "line 500", "ERROR late", "last"]);
    let (back, _) = view.seek(Some(spot), false, &errors, &|| true).unwrap().unwrap();
    assert_eq!(back, (0, 0));
    assert!(view.seek(Some(spot), true, &errors, &|| true).unwrap().is_none());
    let hit =
        Sought { matcher: Pattern::plain("line 250").matcher().unwrap(), ..Sought::default() };
    let (spot, at) = view.seek(Some(spot), false, &hit, &|| true).unwrap().unwrap();
    view.show(spot, at, &|| true).unwrap();
    assert_eq!(texts(&mut view)[1], "line 250", "with a third of the window before it");
    assert_eq!(view.text_of(spot).unwrap(), "line 250");
}

#[test]
fn lines_are_gone_to_by_number() {
    let (_scratch, mut view) = view_of(&[&numbered(5000)], 9);
    let spot = view.to_line(4000, &|| true).unwrap();
    assert_eq!(view.text_of(spot).unwrap(), "line 4000");
    assert!(texts(&mut view).contains(&"line 4000".to_owned()));
    assert!(view.to_line(9999, &|| true).unwrap_err().contains("there are 5000 lines"));
}

#[test]
fn a_progress_bar_leaves_one_line() {
    let mut text = "start\n".to_owned();
    for percent in 0..100 {
        text.push_str(&format!("bar a {percent}%\nbar b {percent}%\n\u{1b}[1A\u{1b}[1A\u{1b}[J"));
    }
    text.push_str("bar a done\nbar b done\nend\n");
    let (_scratch, mut view) = view_of(&[&text], 20);
    assert_eq!(texts(&mut view), ["start", "bar a done", "bar b done", "end"]);
    view.to_end();
    view.shape.rows = 3;
    assert_eq!(texts(&mut view), ["bar a done", "bar b done", "end"]);
}

#[test]
fn real_progress_is_folded_to_what_stood_there_last() {
    let capture = |name: &str| {
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/progress");
        std::fs::read_to_string(place.join(name)).unwrap()
    };
    let lines = |name: &str| {
        let (_scratch, mut view) = view_of(&[&capture(name)], 40);
        texts(&mut view).iter().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        lines("skopeo-pull-tty.raw"),
        [
            "Getting image source signatures",
            "Copying blob d7bc36508291 done",
            "Copying blob 5bbbaacea686 done",
            "Copying blob 6400de4bf9ea done",
            "Copying config 206bc0c25e done",
            "Writing manifest to image destination",
            "Storing signatures",
        ]
    );
    let piped = capture("skopeo-pull-pipe.log");
    assert_eq!(lines("skopeo-pull-pipe.log"), piped.lines().collect::<Vec<_>>());
    let curl = lines("curl-progress-tty.raw");
    let last = "100 3073k  100 3073k    0     0  1904k      0  0:00:01  0:00:01 --:--:-- 1904k";
    assert_eq!((curl.len(), curl[2].as_str()), (3, last), "{curl:?}");
}

#[test]
fn a_truncated_file_is_read_anew_and_a_rotated_one_is_told() {
    let (scratch, mut view) = view_of(&[&numbered(100)], 3);
    let path = scratch.path().join("log0");
    view.scroll(50, &|| true).unwrap();
    window(&mut view);
    std::fs::write(&path, "after\n").unwrap();
    let (is_changed, said) = view.look();
    assert!(is_changed && said[0].contains("truncated"), "{said:?}");
    count(&view);
    assert_eq!(texts(&mut view), ["after"]);
    std::fs::rename(&path, scratch.path().join("old")).unwrap();
    std::fs::write(&path, "new\n").unwrap();
    let (_, said) = view.look();
    assert!(said[0].contains("was rotated; this is the old file"), "{said:?}");
    assert_eq!(texts(&mut view), ["after"]);
    view.is_following = true;
    view.look();
    assert_eq!(texts(&mut view), ["new"]);
}

#[test]
fn hits_stand_out_even_across_colours_and_colours_come_from_before_the_window() {
    let (_scratch, mut view) =
        view_of(&["one \u{1b}[31mred\ntwo NEE\u{1b}[1mDLE three\u{1b}[0m\n"], 2);
    view.find = Pattern::plain("NEEDLE").matcher().unwrap();
    view.scroll(1, &|| true).unwrap();
    view.shape.rows = 1;
    let window = window(&mut view);
    let line = window.lines().next_back().unwrap();
    let hit: String = line.spans.iter().filter(|s| s.ink.is_hit).map(|s| s.text.as_str()).collect();
    assert_eq!(hit, "NEEDLE");
    assert_eq!(line.spans[0].ink.fg, super::super::ink::Paint::Index(1));
}

#[test]
fn an_empty_file_and_one_endless_line_are_windows_too() {
    let (_scratch, mut view) = view_of(&[""], 3);
    let shown = window(&mut view);
    assert!(shown.rows.is_empty() && shown.is_start && shown.is_end);
    let (_scratch, mut view) = view_of(&[&"x".repeat(1 << 20)], 3);
    assert_eq!(window(&mut view).rows.len(), 3);
    view.to_end();
    assert!(window(&mut view).is_end);
    view.shape.pan = 60_000;
    assert_eq!(texts(&mut view)[0].len(), 200);
}

#[test]
fn what_is_found_and_kept_is_told_from_the_text_without_colours() {
    let text = "\u{1b}[32mok\u{1b}[0m: NEE\u{1b}[1mDLE\u{1b}[0m\n2026-03-05 \u{1b}[31mERROR\u{1b}[0m x\nplain\n";
    let (_scratch, mut view) = view_of(&[text], 5);
    view.filters
        .keep
        .extend(Pattern { text: "^ok: NEEDLE$".into(), is_regex: true }.matcher().unwrap());
    assert_eq!(texts(&mut view), ["ok: NEEDLE"]);
    view.filters = Filters::default();
    assert_eq!(window(&mut view).lines().nth(1).unwrap().level, Level::Error);
    let (spot, _) = view.seek(None, true, &Sought::level(Level::Error), &|| true).unwrap().unwrap();
    assert!(view.text_of(spot).unwrap().contains("ERROR x"));
}

#[test]
fn a_stream_that_drops_its_oldest_lines_goes_on_in_the_view() {
    let (mut source, to) = Source::live("live").unwrap();
    let line = |n: usize| format!("{n:08} {}\n", "x".repeat(90));
    to.send((1..=3000).map(line).collect::<String>().into_bytes()).unwrap();
    let begun = std::time::Instant::now();
    while source.length() < 300_000 {
        assert!(begun.elapsed().as_secs() < 30);
        source.look();
    }
    let shape = Shape { rows: 3, columns: 8, ..Shape::default() };
    let mut view = View { shape, ..View::default() };
    view.add(source);
    count(&view);
    assert_eq!(texts(&mut view)[0], "00000001");
    // As if the files before had been given up.
    let held = &mut view.sources[0];
    let start = 1000 * line(1).len() as u64;
    (held.source.content.start, held.source.content.lines_before) = (start, 1000);
    held.give_up();
    let top = window(&mut view);
    let first = top.lines().next().unwrap();
    assert_eq!((first.number, first.text().as_str()), (Some(1001), "00001001"));
    assert_eq!((top.total, top.dropped, top.before), (Some(3000), 1000, 0));
    assert!(top.is_start);
    view.scroll(-5, &|| true).unwrap();
    assert_eq!(texts(&mut view)[0], "00001001");
    assert!(view.to_line(7, &|| true).unwrap_err().contains("oldest 1000 lines were dropped"));
    let spot = view.to_line(2000, &|| true).unwrap();
    assert!(view.text_of(spot).unwrap().starts_with("00002000 "));
    view.to_share(50).unwrap();
    assert_eq!(texts(&mut view)[0], "00002001");
    let hit =
        Sought { matcher: Pattern::plain("00000500").matcher().unwrap(), ..Sought::default() };
    assert!(view.seek(None, false, &hit, &|| true).unwrap().is_none(), "it is gone");
}
