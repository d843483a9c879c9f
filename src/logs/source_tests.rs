use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use super::super::spool::Keeps;
use super::*;

fn all(source: &Source) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(source.length()).unwrap()];
    source.content.read_at(0, &mut bytes).unwrap();
    bytes
}

fn wait(source: &mut Source, until: impl Fn(&Source) -> bool) {
    let begun = Instant::now();
    while !until(source) {
        assert!(begun.elapsed() < Duration::from_secs(30), "{source:?}");
        source.look();
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_file_that_grows_shrinks_or_is_replaced_is_noticed() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("log");
    std::fs::write(&path, "one\n").unwrap();
    let mut source = Source::open(&path).unwrap();
    assert_eq!(source.look(), Growth::Same);
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"two\n").unwrap();
    assert_eq!(source.look(), Growth::Grown);
    assert_eq!(all(&source), b"one\ntwo\n");
    file.set_len(2).unwrap();
    assert_eq!(source.look(), Growth::Truncated { was: 8, is: 2 });
    // Truncated and already longer again: the beginning tells.
    std::fs::write(&path, "something else altogether\n").unwrap();
    assert!(matches!(source.look(), Growth::Truncated { .. }));
    std::fs::rename(&path, scratch.path().join("log.1")).unwrap();
    assert_eq!(source.look(), Growth::Removed);
    std::fs::write(&path, "new\n").unwrap();
    assert_eq!(source.look(), Growth::Rotated);
    assert_eq!(all(&source), b"something else altogether\n", "what was open is still read");
    assert_eq!(all(&source.reopen().unwrap()), b"new\n");
}

#[test]
fn what_cannot_be_opened_is_one_sentence() {
    let scratch = tempfile::tempdir().unwrap();
    let sentence = |path: &Path| Source::open(path).unwrap_err().0;
    assert!(sentence(scratch.path()).contains("is a directory; name a file in it"));
    assert!(sentence(&scratch.path().join("none")).contains("there is no file"));
    assert!(sentence(Path::new("/dev/zero")).contains("is a device"));
    let packed = scratch.path().join("x.xz");
    std::fs::write(&packed, b"\xfd7zXZ\0rest").unwrap();
    assert!(sentence(&packed).contains("xz -dc"), "{}", sentence(&packed));
    let empty = scratch.path().join("empty");
    std::fs::write(&empty, b"").unwrap();
    assert_eq!(Source::open(&empty).unwrap().length(), 0);
}

#[test]
fn packed_files_are_read_as_what_they_hold() {
    let scratch = tempfile::tempdir().unwrap();
    let text = "a line\n".repeat(50_000);
    let gz = scratch.path().join("log.gz");
    let mut packer =
        flate2::write::GzEncoder::new(File::create(&gz).unwrap(), flate2::Compression::fast());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap();
    let zst = scratch.path().join("log.zst");
    std::fs::write(&zst, zstd::encode_all(text.as_bytes(), 1).unwrap()).unwrap();
    for path in [gz, zst] {
        let mut source = Source::open(&path).unwrap();
        wait(&mut source, |source| !source.is_live());
        source.look();
        assert_eq!(all(&source), text.as_bytes());
        assert_eq!(source.trouble(), None);
    }
}

#[test]
fn a_packed_file_that_was_cut_shows_what_it_has_and_says_so() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("log.gz");
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all("some line\n".repeat(90_000).as_bytes()).unwrap();
    let bytes = packer.finish().unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let mut source = Source::open(&path).unwrap();
    wait(&mut source, |source| !source.is_live());
    source.look();
    assert!(all(&source).starts_with(b"some line\n"));
    assert!(source.trouble().unwrap().contains("ends early"), "{:?}", source.trouble());
}

#[test]
fn a_spool_is_bounded_and_says_so() {
    let endless = Box::new(std::io::repeat(b'x'));
    let spool = Spool::start_bounded(endless, "endless", Keeps::First, 300_000).unwrap();
    let mut source = Source::spooled("endless".into(), spool);
    wait(&mut source, |source| !source.is_live());
    source.look();
    assert_eq!(source.length(), 300_000);
    assert!(source.left_out() >= 8 << 30);
    assert_eq!(
        source.trouble().unwrap(),
        "only the first 292 KiB of endless are kept, at least 8.0 GiB more are left out; to see all, write it to a file"
    );
    let counted = Box::new(std::io::repeat(b'x').take(1_348_576));
    let spool = Spool::start_bounded(counted, "long", Keeps::First, 300_000).unwrap();
    let mut source = Source::spooled("long".into(), spool);
    wait(&mut source, |source| !source.is_live());
    source.look();
    assert_eq!(source.left_out(), 1_048_576);
    assert!(source.trouble().unwrap().contains("kept, 1 MiB more are left out"));
}

/// Numbered lines, as fast as they are taken.
struct Numbered {
    next: u64,
    last: u64,
    rest: Vec<u8>,
}

impl std::io::Read for Numbered {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        while self.rest.len() < into.len() && self.next <= self.last {
            self.rest.extend(format!("line {}\n", self.next).bytes());
            self.next += 1;
        }
        let len = self.rest.len().min(into.len());
        into[..len].copy_from_slice(&self.rest[..len]);
        self.rest.drain(..len);
        Ok(len)
    }
}

#[test]
fn of_a_stream_the_newest_is_kept_and_what_was_dropped_is_counted() {
    let numbered = Numbered { next: 1, last: 200_000, rest: Vec::new() };
    let spool = Spool::start_bounded(Box::new(numbered), "live", Keeps::Newest, 500_000).unwrap();
    let mut source = Source::spooled("live".into(), spool);
    wait(&mut source, |source| !source.is_live());
    source.look();
    let content = &source.content;
    let kept = content.length() - content.start();
    assert!((300_000..=500_000).contains(&kept), "{kept}");
    assert_eq!(source.left_out(), content.start());
    let mut bytes = vec![0; usize::try_from(kept).unwrap()];
    assert_eq!(content.read_at(content.start(), &mut bytes).unwrap(), bytes.len());
    let first = content.lines_before() + 1;
    let wanted: String = (first..=200_000).map(|n| format!("line {n}\n")).collect();
    assert!(bytes == wanted.as_bytes(), "whole lines up to the very last");
}

#[test]
fn a_stream_waits_for_a_reader_that_wants_all_of_it() {
    let (to, pieces) = spool::pieces();
    let spool = Spool::start_bounded(Box::new(pieces), "all", Keeps::Newest, 300_000).unwrap();
    let mut source = Source::spooled("all".into(), spool);
    source.wants_from(0);
    std::thread::spawn(move || {
        for n in 1..=100_000 {
            to.send(format!("line {n}\n").into_bytes()).unwrap();
        }
    });
    let (mut at, mut lines) = (0, 0);
    let begun = Instant::now();
    loop {
        let is_over = !source.is_live();
        source.look();
        assert!(source.content.start() <= at && begun.elapsed() < Duration::from_secs(60));
        let mut bytes = vec![0; usize::try_from(source.length() - at).unwrap()];
        source.content.read_at(at, &mut bytes).unwrap();
        lines += memchr::memchr_iter(b'\n', &bytes).count();
        at = source.length();
        source.wants_from(at);
        if is_over {
            break;
        }
    }
    assert_eq!(lines, 100_000);
}

#[test]
fn how_to_see_all_of_a_packed_file_is_a_command() {
    let advice = spool::Packing::Gzip.advice(Path::new("/logs/a.gz"));
    assert_eq!(advice, "`zcat /logs/a.gz > FILE` on a disk with room and open FILE");
    assert_eq!(spool::MOST, 1 << 30);
}

#[test]
fn a_fifo_is_read_as_a_stream_and_never_blocks() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("fifo");
    let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    let mut source = Source::open(&path).unwrap();
    assert_eq!(source.length(), 0);
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().write_all(b"one\n").unwrap();
    wait(&mut source, |source| source.length() == 4);
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().write_all(b"two\n").unwrap();
    wait(&mut source, |source| source.length() == 8);
    assert_eq!(all(&source), b"one\ntwo\n");
}

#[test]
fn a_live_source_ends_with_its_sender() {
    let (mut source, to) = Source::live("journal of gpu-07").unwrap();
    to.send(b"one\n".to_vec()).unwrap();
    to.send(b"two\n".to_vec()).unwrap();
    wait(&mut source, |source| source.length() == 8);
    assert!(source.is_live());
    drop(to);
    wait(&mut source, |source| !source.is_live());
    assert_eq!(all(&source), b"one\ntwo\n");
}
