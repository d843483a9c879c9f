//! Who watches, who has the pen, and what they may do.

use tokio::sync::mpsc;

use crate::install::journal::{Event, Person};

use super::super::child::UNWATCHED;
use super::super::pen::{Outcome, WatcherId};
use super::super::protocol::{Frame, Reply, Request, Standing, VERSION, Welcome};
use super::super::server::News;
use super::Conductor;

/// The largest terminal a child is given, in columns and rows; a program may want memory for every cell.
const LARGEST: (u16, u16) = (1000, 500);

fn bounded((columns, rows): (u16, u16)) -> (u16, u16) {
    (columns.clamp(1, LARGEST.0), rows.clamp(1, LARGEST.1))
}

/// Somebody who is connected.
pub(super) struct Watcher {
    pub person: Person,
    pub size: Option<(u16, u16)>,
    pub is_watcher: bool,
    /// Whether it was told last that it has the pen.
    pub has_pen: bool,
    pub notices: mpsc::Sender<Frame>,
    /// Where what a console shows goes.
    pub console: mpsc::Sender<Frame>,
}

impl Conductor {
    pub(super) fn server(&mut self, news: News) {
        match news {
            News::Came { watcher, hello, person, notices, console, greet } => {
                if hello.is_watcher {
                    self.note(Event::WatcherCame { by: person.clone() });
                }
                let welcome = Welcome {
                    version: VERSION,
                    run: self.run,
                    you: person.clone(),
                    size: self.size,
                };
                let is_watcher = hello.is_watcher;
                // One that went meanwhile is told to us next.
                let _ = greet.send(welcome);
                let (size, has_pen) = (hello.size.map(bounded), false);
                self.watchers.insert(
                    watcher,
                    Watcher { person, size, is_watcher, has_pen, notices, console },
                );
                if let Some(sentence) = self.unwritten.clone() {
                    self.reply(watcher, Standing::Open, sentence);
                }
            }
            News::Left(watcher) => self.left(watcher),
            News::Sent(watcher, frame) => self.sent(watcher, frame),
        }
    }

    fn left(&mut self, watcher: WatcherId) {
        self.release_pen(watcher);
        self.console_left(watcher);
        if let Some(gone) = self.watchers.remove(&watcher)
            && gone.is_watcher
        {
            self.note(Event::WatcherLeft { by: gone.person });
        }
        self.follow_size();
    }

    fn sent(&mut self, watcher: WatcherId, frame: Frame) {
        match frame {
            Frame::Input(bytes) => self.input(watcher, bytes),
            Frame::Answer(answer) => self.answer(watcher, answer),
            Frame::Request(request) => {
                if !self.console_request(watcher, &request) {
                    self.request(watcher, request);
                }
            }
            Frame::Keys(bytes) => self.console_keys(watcher, bytes),
            Frame::Lend(lent) => self.lend(watcher, lent),
            // Nothing else comes from a watcher that means well.
            _ => self.reply(watcher, Standing::Refused, "that is not for a watcher to send".into()),
        }
    }

    fn request(&mut self, watcher: WatcherId, request: Request) {
        match request {
            Request::TakePen => self.take_pen(watcher),
            Request::GivePen { yes } => {
                let outcome = self.pen.answer(watcher, yes);
                self.pen_moved(outcome, watcher);
            }
            Request::ReleasePen => {
                self.release_pen(watcher);
                self.follow_size();
            }
            Request::Resize { columns, rows } => {
                if let Some(known) = self.watchers.get_mut(&watcher) {
                    known.size = Some(bounded((columns, rows)));
                }
                self.follow_size();
            }
            Request::Stop { level } => {
                let Some(by) = self.person(watcher) else { return };
                match self.other_holder(watcher) {
                    Some(other) => self.reply(
                        watcher,
                        Standing::Refused,
                        format!(
                            "{other} has the pen; ask for it first (`run stop {} --take-pen`)",
                            self.run
                        ),
                    ),
                    None if self.over.is_some() && !self.hosted.numbers().is_empty() => {
                        let run = self.run;
                        let count =
                            self.close_consoles(&format!("{by} stopped run {run}"), Some(&by));
                        let what = if count == 1 { "its console is" } else { "its consoles are" };
                        self.reply(
                            watcher,
                            Standing::Done,
                            format!("run {run} was over; {what} closed"),
                        );
                    }
                    None => self.stop(level, by, Some(watcher)),
                }
            }
            // Taken by `console_request`.
            Request::OpenConsole { .. }
            | Request::ShowConsole { .. }
            | Request::TakeKeys
            | Request::GiveKeys { .. }
            | Request::EndConsole { .. } => {}
        }
    }

    pub(super) fn person(&self, watcher: WatcherId) -> Option<Person> {
        self.watchers.get(&watcher).map(|known| known.person.clone())
    }

    /// Who has the pen, if that is another person.
    pub(super) fn other_holder(&self, watcher: WatcherId) -> Option<Person> {
        let holder = self.pen.holder().and_then(|holder| self.person(holder))?;
        (self.person(watcher).as_ref() != Some(&holder)).then_some(holder)
    }

    /// Tells a watcher what became of something; one that does not read misses it.
    pub(super) fn reply(&self, watcher: WatcherId, standing: Standing, sentence: String) {
        self.tell(watcher, Frame::Reply(Reply { standing, sentence }));
    }

    pub(super) fn tell(&self, watcher: WatcherId, frame: Frame) {
        if let Some(known) = self.watchers.get(&watcher) {
            let _ = known.notices.try_send(frame);
        }
    }

    fn take_pen(&mut self, watcher: WatcherId) {
        let (now, wait) = (self.now_ms(), self.order.pen_wait_ms);
        let is_own = self.other_holder(watcher).is_none();
        let of = self.other_holder(watcher);
        let outcome = self.pen.take(watcher, is_own, now, wait);
        match (outcome, of, self.person(watcher)) {
            (Outcome::Asked, Some(of), Some(by)) => {
                self.note(Event::PenAsked { by, of: of.clone() });
                let seconds = wait.div_ceil(1000);
                self.reply(
                    watcher,
                    Standing::Open,
                    format!("{of} is asked for the pen; it is yours in {seconds} s at the latest"),
                );
            }
            (Outcome::Busy, ..) => {
                self.reply(
                    watcher,
                    Standing::Refused,
                    "somebody else asks for the pen already".into(),
                );
            }
            (outcome, ..) => self.pen_moved(outcome, watcher),
        }
    }

    fn release_pen(&mut self, watcher: WatcherId) {
        let (had, outcome) = self.pen.leave(watcher);
        if had && let Some(by) = self.person(watcher) {
            self.note(Event::PenReleased { by });
        }
        self.pen_moved(outcome, watcher);
    }

    pub(super) fn pen_tick(&mut self) {
        let outcome = self.pen.tick(self.now_ms());
        if let Outcome::Taken { who, .. } = outcome {
            self.pen_moved(outcome, who);
        }
        self.tell_pen();
    }

    /// Tells every watcher whose keys count; one that has no room for it now hears it at the next tick.
    fn tell_pen(&mut self) {
        for (id, watcher) in &mut self.watchers {
            let has_pen = self.pen.holder() == Some(*id);
            if has_pen != watcher.has_pen && watcher.notices.try_send(Frame::Pen(has_pen)).is_ok() {
                watcher.has_pen = has_pen;
            }
        }
    }

    fn pen_moved(&mut self, outcome: Outcome, asker: WatcherId) {
        match outcome {
            Outcome::Taken { who, from, silent } => {
                let Some(by) = self.person(who) else { return };
                let before = from.and_then(|from| self.person(from));
                self.note(Event::PenTaken { by: by.clone(), from: before, silent });
                self.reply(who, Standing::Done, "you have the pen".into());
                if let Some(from) = from.filter(|from| *from != who) {
                    self.reply(from, Standing::Open, format!("{by} has the pen now"));
                }
                self.follow_size();
            }
            Outcome::Had => self.reply(asker, Standing::Done, "you have the pen".into()),
            Outcome::Refused { who } => {
                if let (Some(by), Some(to)) = (self.person(asker), self.person(who)) {
                    self.reply(who, Standing::Refused, format!("{by} keeps the pen"));
                    self.note(Event::PenRefused { by, to });
                }
            }
            Outcome::Asked | Outcome::Busy | Outcome::Nothing => {}
        }
        self.tell_pen();
    }

    /// The child's terminal has the size of whoever has the pen, and a fixed one while nobody watches.
    fn follow_size(&mut self) {
        let is_watched = self.watchers.values().any(|watcher| watcher.is_watcher);
        let of_holder = self
            .pen
            .holder()
            .and_then(|holder| self.watchers.get(&holder))
            .and_then(|holder| holder.size);
        let wanted = match of_holder {
            Some(size) => size,
            None if !is_watched => UNWATCHED,
            None => return,
        };
        let Some(terminal) = self.terminal.as_ref().filter(|_| wanted != self.size) else { return };
        if terminal.resize(wanted.0, wanted.1) {
            self.size = wanted;
            for watcher in self.watchers.keys() {
                self.tell(*watcher, Frame::Size(wanted.0, wanted.1));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_watcher_can_ask_for_a_terminal_without_bounds() {
        assert_eq!(super::bounded((u16::MAX, u16::MAX)), (1000, 500));
        assert_eq!(super::bounded((0, 0)), (1, 1));
        assert_eq!(super::bounded((120, 40)), (120, 40));
    }
}
