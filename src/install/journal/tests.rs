use proptest::prelude::*;

use super::*;
use crate::domain::Stamp;

fn person(name: &str) -> Person {
    Person { name: name.into(), account: "ops".into() }
}

fn written(events: &[(i64, Event)]) -> Vec<u8> {
    let (mut chain, mut bytes) = (Chain::default(), Vec::new());
    for (at, event) in events {
        let (line, after) = chain.line(Stamp(*at), event).unwrap();
        bytes.extend(line);
        chain = after;
    }
    bytes
}

fn created() -> Event {
    Event::RunCreated {
        run: 8,
        title: "ansible-playbook site.yml".into(),
        argv: vec!["ansible-playbook".into(), "site.yml".into()],
        directory: "/srv/site".into(),
        by: person("eve"),
        host: "bastion".into(),
        boot: "b1".into(),
        version: "0.1.0".into(),
    }
}

fn begun() -> Vec<(i64, Event)> {
    vec![
        (1_000, created()),
        (1_001, Event::RunnerStarted { pid: 11, guardian: 10, scope: None, note: None }),
        (1_002, Event::AttemptStarted { attempt: "a-8-1".into(), number: 1, on: None }),
        (1_003, Event::ChildStarted { pid: 12, columns: 200, rows: 60 }),
    ]
}

fn ended(at: i64, ending: Ending) -> Vec<(i64, Event)> {
    vec![
        (at, Event::AttemptEnded { attempt: "a-8-1".into(), ending, offset: 7 }),
        (at + 1, Event::RunEnded { offset: 7 }),
    ]
}

fn run_of(events: &[(i64, Event)]) -> Run {
    fold(&read(&written(events)).unwrap().entries)
}

#[test]
fn a_run_goes_through_its_words() {
    let mut events = begun();
    assert_eq!(run_of(&events).word(true), RunWord::Running);
    assert_eq!(run_of(&events).word(false), RunWord::Unknown, "its runner is gone");
    events.push((
        1_010,
        Event::PromptSeen { name: "vault".into(), text: "Vault password:".into(), hides: true },
    ));
    assert_eq!(run_of(&events).word(true), RunWord::Waiting);
    assert_eq!(run_of(&events).word(false), RunWord::Unknown);
    events.push((1_011, Event::PromptAnswered { name: "vault".into(), by: person("eve") }));
    assert_eq!(run_of(&events).word(true), RunWord::Running);
    let with = |ending| [events.clone(), ended(1_020, ending)].concat();
    assert_eq!(run_of(&with(Ending::Exit { code: 0 })).word(false), RunWord::Done);
    assert_eq!(run_of(&with(Ending::Exit { code: 2 })).word(false), RunWord::Failed);
    assert_eq!(run_of(&with(Ending::OutOfMemory)).word(false), RunWord::Failed);
    assert_eq!(run_of(&with(Ending::OutOfMemory)).exit(), Some(137));
    assert_eq!(run_of(&with(Ending::Signal { number: 15, core: false })).exit(), Some(143));
    let unknown = run_of(&with(Ending::Unknown { why: "nobody saw it".into() }));
    assert_eq!((unknown.word(false), unknown.exit()), (RunWord::Unknown, None));
    events.push((1_015, Event::StopAsked { level: StopLevel::Term, by: person("bob") }));
    let with = |ending| [events.clone(), ended(1_020, ending)].concat();
    let stopped = run_of(&with(Ending::Signal { number: 15, core: false }));
    assert_eq!((stopped.word(false), stopped.stop), (RunWord::Stopped, Some(StopLevel::Term)));
}

#[test]
fn a_stop_after_the_end_does_not_change_how_it_ended() {
    let mut events = [begun(), ended(1_020, Ending::Exit { code: 0 })].concat();
    events.push((1_030, Event::StopAsked { level: StopLevel::Int, by: person("bob") }));
    assert_eq!(run_of(&events).word(false), RunWord::Done);
}

#[test]
fn a_clock_that_was_set_back_gives_no_negative_time_and_is_said() {
    let events = [begun(), ended(-500_000, Ending::Exit { code: 0 })].concat();
    let run = run_of(&events);
    assert_eq!(run.word(false), RunWord::Done);
    assert_eq!(run.ended, Some(run.started));
    assert_eq!(run.attempts[0].ended, Some(run.attempts[0].started));
    assert!(run.notes[0].starts_with("the clock was set back by 501 s"), "{:?}", run.notes);
}

#[test]
fn people_come_and_go_and_the_pen_changes_hands() {
    let mut events = begun();
    for by in ["eve", "bob", "eve"] {
        events.push((1_010, Event::WatcherCame { by: person(by) }));
    }
    events.push((1_011, Event::PenTaken { by: person("eve"), from: None, silent: false }));
    events.push((1_012, Event::WatcherLeft { by: person("eve") }));
    let run = run_of(&events);
    assert_eq!(run.watchers, [person("bob"), person("eve")]);
    assert_eq!(run.pen, Some(person("eve")));
    events.push((1_013, Event::PenReleased { by: person("eve") }));
    assert_eq!(run_of(&events).pen, None);
}

#[test]
fn a_torn_tail_is_dropped_and_counted() {
    let bytes = written(&begun());
    let cut = &bytes[..bytes.len() - 10];
    let read = read(cut).unwrap();
    assert_eq!(read.entries.len(), 3);
    assert_eq!(read.torn + read.bytes, cut.len() as u64);
    assert!(read.torn > 0);
}

#[test]
fn a_file_system_that_left_zeros_is_a_torn_tail() {
    let mut bytes = written(&begun());
    bytes.extend([0; 300]);
    let read = read(&bytes).unwrap();
    assert_eq!((read.entries.len(), read.torn), (4, 300));
}

#[test]
fn each_trouble_has_its_sentence() {
    let bytes = written(&begun());
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let (hole, good) = read(&[lines[0], lines[2], lines[3]].concat()).unwrap_err();
    assert_eq!(hole, Trouble::Hole { line: 2, before: 1, found: 3 });
    assert_eq!(good.entries.len(), 1);
    let (twice, _) = read(&[lines[0], lines[1], lines[1]].concat()).unwrap_err();
    assert_eq!(twice, Trouble::Damaged { line: 3 });
    let newer = String::from_utf8(lines[1].to_vec()).unwrap().replace("\"v\":1", "\"v\":2");
    let (newer, _) = read(&[lines[0], newer.as_bytes()].concat()).unwrap_err();
    assert_eq!(newer, Trouble::Newer { line: 2, version: 2 });
    assert!(newer.to_string().contains("use the newer shopfloor"), "{newer}");
    let other = written(&[(1, created())]);
    let (spliced, _) = read(&[&other[..], lines[1]].concat()).unwrap_err();
    assert_eq!(spliced, Trouble::Damaged { line: 2 }, "a line of another journal");
    assert_eq!(read(b"\n").unwrap_err().0, Trouble::Damaged { line: 1 });
    assert_eq!(read(b"").unwrap(), Read::default());
}

#[test]
fn what_a_later_program_adds_is_passed_over() {
    let line = br#"{"v":1,"seq":1,"at":5,"event":{"what":"sang-a-song","tune":[1,2]}"#;
    let mut hasher = <sha2::Sha256 as sha2::Digest>::new();
    sha2::Digest::update(&mut hasher, "0".repeat(64));
    sha2::Digest::update(&mut hasher, line);
    let hash: String =
        sha2::Digest::finalize(hasher).iter().map(|byte| format!("{byte:02x}")).collect();
    let bytes = [line.as_slice(), format!(",\"hash\":\"{hash}\"}}\n").as_bytes()].concat();
    assert_eq!(read(&bytes).unwrap().entries[0].event, Event::Other);
}

/// A run on another host, its lines so far.
fn remote_lines() -> Vec<(i64, Event)> {
    let attempt = "a-8-1".to_owned();
    vec![
        (1_000, created()),
        (1_001, Event::AttemptStarted { attempt, number: 1, on: Some("gpu-07".into()) }),
        (1_002, Event::RemoteBegun { directory: "/home/ops/kept".into(), terminal: false }),
        (1_003, Event::WatcherCame { by: person("eve") }),
        (1_004, Event::LineCut { why: "gpu-07 hung up".into() }),
    ]
}

#[test]
fn a_run_on_another_host_goes_on_there_until_its_end_is_known_here() {
    let mut lines = remote_lines();
    let cut = fold(&read(&written(&lines)).unwrap().entries);
    assert_eq!(cut.goes_on_at(), Some("gpu-07"));
    let remote = cut.remote.clone().unwrap();
    assert_eq!((remote.cuts, remote.cut.unwrap().1.as_str()), (1, "gpu-07 hung up"));
    assert_eq!((cut.word(true), cut.word(false)), (RunWord::Running, RunWord::Unknown));
    // Another runner goes on with it: whoever watched the one before is not there.
    let runner = Event::RunnerStarted { pid: 2, guardian: 1, scope: None, note: None };
    let ended = Event::AttemptEnded {
        attempt: "a-8-1".into(),
        ending: Ending::Exit { code: 0 },
        offset: 5,
    };
    lines.extend([(1_005, runner), (1_006, Event::LineBack), (1_007, ended)]);
    let over = fold(&read(&written(&lines)).unwrap().entries);
    assert_eq!((over.goes_on_at(), over.word(false)), (None, RunWord::Done));
    assert!(over.watchers.is_empty() && over.remote.clone().unwrap().cut.is_none());
    lines.push((1_008, Event::RemoteCleared { attempt: "of another run".into() }));
    let other = fold(&read(&written(&lines)).unwrap().entries);
    assert!(!other.remote.unwrap().is_cleared);
    lines.push((1_009, Event::RemoteCleared { attempt: "a-8-1".into() }));
    assert!(fold(&read(&written(&lines)).unwrap().entries).remote.unwrap().is_cleared);
    // On the line itself nothing goes on without it.
    let mut unkept = remote_lines();
    unkept.push((1_005, Event::RemoteUnkept));
    assert_eq!(fold(&read(&written(&unkept)).unwrap().entries).goes_on_at(), None);
}

#[test]
fn output_that_the_disk_refuses_is_known_while_it_does() {
    let behind = Event::OutputBehind { offset: 7, why: "No space left".into() };
    let lost = Event::OutputLost { offset: 7, bytes: 9, why: "No space left".into() };
    for end in [Event::OutputCaughtUp { offset: 9 }, lost] {
        let lines = [(1_000, created()), (1_001, behind.clone())];
        let run = fold(&read(&written(&lines)).unwrap().entries);
        assert_eq!(run.behind.unwrap().offset, 7);
        let whole = [lines.to_vec(), vec![(1_002, end)]].concat();
        assert_eq!(fold(&read(&written(&whole)).unwrap().entries).behind, None);
    }
}

fn any_event() -> impl Strategy<Value = Event> {
    let text = "[ -~é\u{1b}\n\"]{0,12}";
    let ending = prop_oneof![
        (-3..300i32).prop_map(|code| Ending::Exit { code }),
        (1..65i32, any::<bool>()).prop_map(|(number, core)| Ending::Signal { number, core }),
        Just(Ending::OutOfMemory),
        text.prop_map(|why| Ending::Unknown { why }),
    ];
    let level = prop::sample::select(StopLevel::ALL.to_vec());
    let who = prop::sample::select(vec![person("eve"), person("bob")]);
    prop_oneof![
        Just(created()),
        (0..3u32).prop_map(|number| Event::AttemptStarted {
            attempt: format!("a{number}"),
            number,
            on: None
        }),
        any::<i32>().prop_map(|pid| Event::ChildStarted { pid, columns: 200, rows: 60 }),
        any::<u64>().prop_map(|offset| Event::OutputMark { offset }),
        (any::<u64>(), any::<u64>()).prop_map(|(offset, bytes)| Event::OutputLost {
            offset,
            bytes,
            why: "full".into()
        }),
        (text, text, any::<bool>()).prop_map(|(name, text, hides)| Event::PromptSeen {
            name,
            text,
            hides
        }),
        text.prop_map(|name| Event::PromptGone { name }),
        (level, who.clone()).prop_map(|(level, by)| Event::StopAsked { level, by }),
        (who.clone(), any::<bool>()).prop_map(|(by, silent)| Event::PenTaken {
            by,
            from: None,
            silent
        }),
        who.clone().prop_map(|by| Event::PenReleased { by }),
        who.clone().prop_map(|by| Event::WatcherCame { by }),
        who.prop_map(|by| Event::WatcherLeft { by }),
        (0..3u32, ending, any::<u64>()).prop_map(|(number, ending, offset)| Event::AttemptEnded {
            attempt: format!("a{number}"),
            ending,
            offset
        }),
        any::<u64>().prop_map(|offset| Event::RunEnded { offset }),
        (0..3u32).prop_map(|number| Event::AttemptStarted {
            attempt: format!("a{number}"),
            number,
            on: Some("gpu-07".into())
        }),
        (text, any::<bool>())
            .prop_map(|(directory, terminal)| Event::RemoteBegun { directory, terminal }),
        Just(Event::RemoteUnkept),
        text.prop_map(|why| Event::LineCut { why }),
        Just(Event::LineBack),
        (0..3u32).prop_map(|number| Event::RemoteCleared { attempt: format!("a{number}") }),
        (any::<u64>(), text).prop_map(|(offset, why)| Event::OutputBehind { offset, why }),
        any::<u64>().prop_map(|offset| Event::OutputCaughtUp { offset }),
    ]
}

#[test]
fn consoles_of_a_run_are_opened_typed_in_ended_and_closed() {
    let eve = Person { name: "eve".into(), account: "ops".into() };
    let events = [
        Event::ConsoleOpened {
            console: 1,
            name: "gpu-01".into(),
            way: "a shell over SSH".into(),
            by: eve.clone(),
        },
        Event::ConsoleKeys { console: 1, by: eve.clone() },
        Event::ConsoleEnded { console: 1, why: "the host closed it".into() },
        Event::ConsoleAgain { console: 1, by: eve.clone() },
        Event::ConsoleKeys { console: 7, by: eve.clone() },
        Event::ConsoleClosed { console: 1, why: "eve closed it".into(), by: Some(eve.clone()) },
        Event::LeaseReturned,
    ];
    let timed: Vec<(i64, Event)> = (0..).zip(events).collect();
    let entries = read(&written(&timed)).unwrap().entries;
    let ended = fold(&entries[..3]);
    let console = ended.console(1).unwrap();
    assert_eq!(console.why.as_deref(), Some("the host closed it"));
    assert_eq!(console.keys, Some(eve));
    assert!(fold(&entries[..4]).console(1).unwrap().ended.is_none(), "it is open again");
    let over = fold(&entries);
    assert!(over.console(1).unwrap().is_closed && over.has_returned_lease);
    assert_eq!(over.consoles.len(), 1, "keys of a console that never was make none");
}

proptest! {
    #[test]
    fn any_prefix_folds_and_says_what_was_torn(
        events in prop::collection::vec((any::<i64>(), any_event()), 0..12), cut in any::<prop::sample::Index>()
    ) {
        let bytes = written(&events);
        let cut = cut.index(bytes.len() + 1);
        let prefix = read(&bytes[..cut]).unwrap();
        prop_assert_eq!(prefix.bytes + prefix.torn, cut as u64);
        let whole = read(&bytes).unwrap();
        prop_assert_eq!(&whole.entries[..prefix.entries.len()], &prefix.entries[..]);
        let run = fold(&prefix.entries);
        prop_assert_eq!(run.seq, prefix.entries.len() as u64);
        for attempt in &run.attempts {
            prop_assert!(attempt.ended.is_none_or(|ended| ended >= attempt.started));
        }
        let _ = (run.word(true), run.word(false), run.exit());
    }

    #[test]
    fn any_changed_byte_is_noticed(
        events in prop::collection::vec((0..10_000i64, any_event()), 1..6),
        at in any::<prop::sample::Index>(), flip in 1..=255u8
    ) {
        let mut bytes = written(&events);
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        match read(&bytes) {
            // A changed last line end reads as a line that was never ended.
            Ok(read) => prop_assert!(read.torn > 0, "byte {at} flipped by {flip} unnoticed"),
            Err((_, good)) => prop_assert!(good.entries.len() < events.len()),
        }
    }

    #[test]
    fn the_reader_takes_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
    }

    #[test]
    fn the_fold_of_a_fold_is_the_same_however_it_is_cut(
        events in prop::collection::vec((any::<i64>(), any_event()), 0..12), cut in any::<prop::sample::Index>()
    ) {
        let entries = read(&written(&events)).unwrap().entries;
        let cut = cut.index(entries.len() + 1);
        let mut run = fold(&entries[..cut]);
        for entry in &entries[cut..] {
            run.take(entry);
        }
        prop_assert_eq!(run, fold(&entries));
    }
}
