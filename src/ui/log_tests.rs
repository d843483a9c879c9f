//! The log view at every size that is kept, drawn from a real log.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::look::{Look, LookChoice, LookEnv};
use super::test_site as site;
use super::{draw, picture};
use crate::app::logs::{Cursor, LogMark, LogNews};
use crate::app::{Input, Model, Msg, Route};
use crate::logs::count::Counter;
use crate::logs::level::Level;
use crate::logs::matcher::Pattern;
use crate::logs::source::Source;
use crate::logs::view::{Sought, View};

const FABRIC: &str = "\
2026-03-05T13:53:54.980Z info switch leaf-02 heartbeat generation 14
2026-03-05T13:53:55.400Z warn switch leaf-02 missed heartbeat (1)
2026-03-05T13:54:05.401Z warn switch leaf-02 missed heartbeat (2)
2026-03-05T13:54:20.118Z ERR bgp leaf-02 spine-01 Established to Idle: hold timer expired
2026-03-05T13:54:31.007Z info eslag-1 forwarding on leaf-01 only
\x1b[0;32mok: [gpu-07] => (item=a colour)\x1b[0m
\x1b[1;30mFAILED - RETRYING: [gpu-07]: wait (3 retries left).\x1b[0m
 10%\r 50%\r100% of \x07 it
";

const CEPH: &str = "\
2026-03-05T13:48:57.112Z info osd.17 op slow 31s client.4131 rbd_data.5e1
2026-03-05T13:48:58.004Z ERR osd.17 bdev aio_submit I/O error
2026-03-05T13:48:58.009Z ERR kernel: nvme3n1: I/O Cmd(0x2) error sector 0x1a2b3c and a line that is so long that it has to be cut at the right edge of every screen that there is, however wide somebody has made it, which takes some words
2026-03-05T13:49:02.300Z warn mon: osd.17 marked down (3 reporters)
2026-03-05T13:49:02.871Z info pgmap: 184220 objects degraded (2.1%)
";

/// The real log view behind a model: what is ordered is done at once.
fn opened(columns: u16, rows: u16) -> Model {
    let scratch = tempfile::tempdir().expect("scratch");
    let mut view = View::default();
    for (name, text) in [("fabric-ctl", FABRIC), ("ceph-03", CEPH)] {
        let path = scratch.path().join(name);
        std::fs::write(&path, text).expect("room");
        view.add(Source::open(&path).expect("open"));
    }
    view.find = Pattern::plain("heartbeat").matcher().expect("plain");
    let mut model = site::model(80, 24);
    model.navigation.here = Route::screen("logs");
    model.logs.find = Pattern::plain("heartbeat");
    site::tell(&mut model, Msg::Input(Input::Resize(columns, rows)));
    let mut counter = Counter::default();
    counter.begin_all(&view);
    while !counter.is_idle(&view) {
        counter.step(&view);
    }
    for news in [
        LogNews::Sources(view.source_lines()),
        LogNews::Found(counter.found.clone()),
        LogNews::Bad(counter.bad.clone()),
    ] {
        site::tell(&mut model, Msg::Log(news));
    }
    view.shape = model.logs.shape;
    let window = view.window(&|| true).expect("read");
    site::tell(&mut model, Msg::Log(LogNews::Window(Box::new(window), false)));
    let errors = Sought::level(Level::Error);
    let (spot, at) = view.seek(None, true, &errors, &|| true).expect("read").expect("an error");
    model.logs.marks.push(LogMark { spot, at });
    model.logs.cursor = Cursor::Row(3);
    model.logs.found.here = model.logs.spot().map(|spot| (spot, 1));
    model
}

fn drawn(model: &Model, words: &str) -> Buffer {
    let env = LookEnv { wanted: LookChoice::from_words(words), ..LookEnv::default() };
    let look: Look = Look::choose(&env).look;
    let area = Rect::new(0, 0, model.size.columns, model.size.rows);
    let mut buffer = Buffer::empty(area);
    draw(model, &look, area, &mut buffer);
    buffer
}

#[test]
fn logs_open() {
    for (columns, rows, words) in [
        (80, 24, "mono ascii none"),
        (120, 40, "dark unicode 256"),
        (160, 48, "dark unicode 256"),
        (200, 60, "dark unicode 256"),
        (60, 15, "mono ascii none"),
    ] {
        let buffer = drawn(&opened(columns, rows), words);
        let text = picture::screen_text(&buffer).join("\n");
        let mut settings = insta::Settings::clone_current();
        settings.set_omit_expression(true);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_snapshot_path("snapshots");
        settings.bind(|| insta::assert_snapshot!(format!("logs_open@{columns}x{rows}"), text));
    }
}

#[test]
fn a_log_is_drawn_at_every_small_size_and_after_every_resize() {
    let model = opened(120, 40);
    for columns in (0..=130).step_by(3) {
        for rows in (0..=50).step_by(2) {
            let mut model = model.clone();
            site::tell(&mut model, Msg::Input(Input::Resize(columns, rows)));
            for is_wrapped in [false, true] {
                model.logs.is_wrapped = is_wrapped;
                model.logs.shape.is_wrapped = is_wrapped;
                let buffer = drawn(&model, "mono ascii none");
                assert!(buffer.content().iter().all(|cell| cell.symbol().is_ascii()));
            }
        }
    }
}

#[test]
fn the_words_of_a_retry_and_the_sign_of_a_bell_are_on_screen() {
    let text = picture::screen_text(&drawn(&opened(160, 48), "dark unicode 256")).join("\n");
    for words in ["FAILED - RETRYING: [gpu-07]", "100% of ^G it", "4m52s without a line"] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    assert!(!text.contains("50%"), "only the last state of a progress line");
}
