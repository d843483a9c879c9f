//! Ansible's outline of every source, read in the background, a slice at a time.

use std::io;

use super::ansible::{Feed, OutlinePanel, panel};
use super::view::{Held, Spot, View};

/// Bytes of a slice.
const SLICE: u64 = 4 << 20;

/// How much is read at once, in bytes.
const CHUNK: usize = 256 << 10;

/// The reader of one source.
#[derive(Debug)]
struct Part {
    generation: u32,
    at: u64,
    feed: Feed,
    /// The length at which reading failed: it is tried again when that changes.
    stuck_at: Option<u64>,
}

impl Part {
    fn new(held: &Held) -> Part {
        let (at, line) = (held.source.content.start(), held.source.content.lines_before() + 1);
        let feed = Feed::starting_at(line, at);
        Part { generation: held.generation, at, feed, stuck_at: None }
    }

    fn is_due(&self, held: &Held) -> bool {
        let length = held.source.length();
        self.generation != held.generation || (self.at < length && self.stuck_at != Some(length))
    }

    fn read(&mut self, held: &Held) -> io::Result<()> {
        let mut buffer = vec![0u8; CHUNK];
        let (length, from) = (held.source.length(), self.at);
        while self.at < length && self.at - from < SLICE {
            let wanted = usize::try_from(length - self.at).unwrap_or(CHUNK).min(CHUNK);
            let read = held
                .source
                .content
                .read_at(self.at, buffer.get_mut(..wanted).unwrap_or(&mut []))?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.take(held, buffer.get(..read).unwrap_or(&[]));
        }
        if self.at >= length {
            // Nothing more for now: the last line may be a question.
            self.feed.pause();
        }
        Ok(())
    }

    /// Hands bytes over, each line with the time it came where that is known.
    fn take(&mut self, held: &Held, bytes: &[u8]) {
        let Some(times) = &held.source.times else {
            self.feed.push(bytes);
            self.at += bytes.len() as u64;
            return;
        };
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            if let Some(at) = times.at(self.at) {
                self.feed.clock(at.0);
            }
            self.feed.push(line);
            self.at += line.len() as u64;
        }
    }
}

/// The outlines of a view's sources.
#[derive(Debug, Default)]
pub struct Outliner {
    parts: Vec<Part>,
    /// The task whose hosts are all listed.
    pub unfolded: Option<u32>,
}

impl Outliner {
    /// Whether nothing is left to read.
    pub fn is_idle(&self, view: &View) -> bool {
        self.due(view).is_none()
    }

    fn due(&self, view: &View) -> Option<usize> {
        let mut held = view.sources.iter().enumerate();
        let found = held
            .find(|(number, held)| self.parts.get(*number).is_none_or(|part| part.is_due(held)));
        found.map(|(number, _)| number)
    }

    /// Reads one slice.
    pub fn step(&mut self, view: &View) {
        let Some(number) = self.due(view) else { return };
        // Sources are added at the end: the first that is due has parts before it.
        if let Some(held) = view.sources.get(self.parts.len())
            && number == self.parts.len()
        {
            self.parts.push(Part::new(held));
        }
        let (Some(held), Some(part)) = (view.sources.get(number), self.parts.get_mut(number))
        else {
            return;
        };
        // What was given up before it was read is not read.
        let is_behind = part.at < held.source.content.start();
        if part.generation != held.generation || is_behind {
            *part = Part::new(held);
        }
        part.stuck_at = part.read(held).is_err().then(|| held.source.length());
    }

    /// The next or previous task from a line on, or the next with these words
    /// (of any case) in its title; behind the last one the first comes again then.
    pub fn task_from(
        &self,
        view: &View,
        from: Option<Spot>,
        is_forward: bool,
        words: Option<&str>,
    ) -> Option<Spot> {
        let wanted = words.map(str::to_lowercase);
        let shown = view.sources.iter().zip(&self.parts).enumerate();
        let shown = shown.filter(|(_, (held, _))| held.is_on);
        let mut found: Option<Spot> = None;
        let mut first: Option<Spot> = None;
        for (number, (_, part)) in shown {
            let source = u16::try_from(number).unwrap_or(u16::MAX);
            for (_, task) in part.feed.outline().tasks() {
                let is_wanted = wanted
                    .as_ref()
                    .is_none_or(|words| task.title().to_lowercase().contains(words.as_str()));
                if !is_wanted {
                    continue;
                }
                let spot = (source, task.place.offset);
                first = first.or(Some(spot));
                let is_there = match from {
                    None => is_forward,
                    // Of several sources each has tasks of its own.
                    Some(from) if from.0 != source => false,
                    Some(from) if is_forward => spot.1 > from.1,
                    Some(from) => spot.1 < from.1,
                };
                if is_there && is_forward {
                    return Some(spot);
                }
                found = if is_there { Some(spot) } else { found };
            }
        }
        found.or(first.filter(|_| wanted.is_some()))
    }

    /// The panel of the first source that is shown and has an outline.
    pub fn panel(&self, view: &View) -> OutlinePanel {
        let shown =
            view.sources.iter().zip(&self.parts).enumerate().filter(|(_, (held, _))| held.is_on);
        let mut panels = shown.map(|(number, (_, part))| {
            panel(part.feed.outline(), u16::try_from(number).unwrap_or(u16::MAX), self.unfolded)
        });
        panels.find(|panel| !panel.rows.is_empty()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::source::Source;
    use super::*;

    fn settled(outliner: &mut Outliner, view: &View) {
        while !outliner.is_idle(view) {
            outliner.step(view);
        }
    }

    #[test]
    fn a_run_is_followed_with_its_clock() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("output");
        let lines = ["PLAY [p] ***\n", "TASK [slow] ***\n", "ok: [a]\n", "TASK [next] ***\n"];
        let mut file = std::fs::File::create(&path).unwrap();
        let mut times = std::fs::File::create(scratch.path().join("output.times")).unwrap();
        let mut offset = 0;
        for (second, line) in (0..).zip(lines) {
            writeln!(times, "{offset} {}", 1_000_000 + second * 5_000).unwrap();
            file.write_all(line.as_bytes()).unwrap();
            offset += line.len();
        }
        let mut view = View::default();
        view.add(Source::open(&path).unwrap());
        let mut outliner = Outliner::default();
        settled(&mut outliner, &view);
        let outline = outliner.parts[0].feed.outline();
        assert_eq!(outline.task(1).unwrap().took_ms, Some(10_000));
        assert_eq!(outliner.panel(&view).silent_since, Some(1_015_000));
        file.write_all(b"Vault password: ").unwrap();
        view.look();
        settled(&mut outliner, &view);
        let panel = outliner.panel(&view);
        assert!(panel.rows[0].text.contains("waits for you: Vault password:"), "{panel:?}");
        assert_eq!(panel.rows[0].place.unwrap().line, 5);
    }

    #[test]
    fn a_task_is_found_by_a_part_of_its_name_and_the_next_one_again() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("log");
        let text = "PLAY [p] ***\nTASK [nova : Copy config] ***\nok: [a]\nTASK [wait] ***\nok: [a]\nTASK [copy keys] ***\n";
        std::fs::write(&path, text).unwrap();
        let mut view = View::default();
        view.add(Source::open(&path).unwrap());
        let mut outliner = Outliner::default();
        settled(&mut outliner, &view);
        let next = |words, from| outliner.task_from(&view, from, true, Some(words));
        let at = |words: &str| Some((0, text.find(words).unwrap() as u64));
        let (first, second) = (at("TASK [nova"), at("TASK [copy"));
        assert_eq!(next("COPY", None), first);
        assert_eq!(next("copy", first), second, "the one under the cursor is not the next");
        assert_eq!(next("COPY", second), first, "and round again");
        assert_eq!(next("reboot", None), None);
    }

    #[test]
    fn a_log_that_begins_anew_is_read_anew() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("log");
        std::fs::write(&path, "PLAY [one] ***\nTASK [t] ***\nok: [a]\nok: [b]\n").unwrap();
        let mut view = View::default();
        view.add(Source::open(&path).unwrap());
        let mut outliner = Outliner::default();
        settled(&mut outliner, &view);
        std::fs::write(&path, "PLAY [two] ***\n").unwrap();
        view.look();
        settled(&mut outliner, &view);
        let outline = outliner.parts[0].feed.outline();
        assert_eq!(
            outline.plays.iter().map(|play| play.name.as_str()).collect::<Vec<_>>(),
            ["two"]
        );
    }

    #[test]
    fn tasks_are_gone_to_from_a_line_and_by_their_words() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("log");
        let text = "PLAY [p] ***\n\nTASK [base : Copy it] ***\nok: [a]\n\nTASK [Osd creation] ***\nok: [a]\n\nTASK [Copy more] ***\nok: [a]\n";
        std::fs::write(&path, text).unwrap();
        let mut view = View::default();
        view.add(Source::open(&path).unwrap());
        let mut outliner = Outliner::default();
        settled(&mut outliner, &view);
        let at = |words: &str| Some((0, text.find(words).unwrap() as u64));
        let (one, two, three) = (at("TASK [base"), at("TASK [Osd"), at("TASK [Copy m"));
        let task = |from, ahead, words| outliner.task_from(&view, from, ahead, words);
        assert_eq!((task(one, true, None), task(two, true, None)), (two, three));
        assert_eq!((task(three, true, None), task(one, false, None)), (None, None));
        assert_eq!(
            (task(at("ok: [a]\n\nTASK [C"), false, None), task(three, false, None)),
            (two, two)
        );
        assert_eq!(task(one, true, Some("COPY")), three);
        assert_eq!(task(three, true, Some("copy")), one, "from the beginning again");
        assert_eq!(task(one, true, Some("nothing of it")), None);
    }

    #[test]
    fn other_logs_have_no_outline() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("log");
        std::fs::write(&path, "one\ntwo\n").unwrap();
        let mut view = View::default();
        view.add(Source::open(&path).unwrap());
        let mut outliner = Outliner::default();
        settled(&mut outliner, &view);
        assert_eq!(outliner.panel(&view), OutlinePanel::default());
    }
}
