//! Consoles in the run: who opens, sees, types in and ends them. Everything but
//! what is typed and shown goes into the journal.

use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::console::{Order, Place, SessionOptions, Standing as Stands, State};
use crate::domain::SecretName;
use crate::domain::untrusted::printable;
use crate::install::journal::{Event, Person};

use super::super::guard::LEASE_RETURNED;
use super::super::machine;
use super::super::order::text_without_secrets;
use super::super::pen::{Outcome, WatcherId};
use super::super::protocol::{ConsoleWord, Frame, Lent, Request, Standing};
use super::super::survivors;
use super::{Conductor, Heard};

/// How often it is looked whether the lease can be given back: soon after the end, then seldom.
const LOOK: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(2));
/// How long after the end is soon.
const SOON: Duration = Duration::from_secs(10);
/// The longest name of a console, in characters.
const LONGEST_NAME: usize = 80;
/// The largest terminal, as for the run's command.
const LARGEST: (u16, u16) = (1000, 500);

/// How a console stands now.
pub(super) struct ConsoleStands(pub u64, pub Stands);

impl Conductor {
    /// A request about consoles; `false` when it is about something else.
    pub(super) fn console_request(&mut self, watcher: WatcherId, request: &Request) -> bool {
        let result = match request {
            Request::OpenConsole { place, size } => self.open_console(watcher, place, *size),
            Request::ShowConsole { console, size, again } => {
                self.show_console(watcher, *console, *size, *again)
            }
            Request::TakeKeys => self.take_keys(watcher),
            Request::GiveKeys { yes } => {
                if let Some(number) = self.hosted.shown_to(watcher)
                    && let Some(held) = self.hosted.get_mut(number)
                {
                    let outcome = held.pen.answer(watcher, *yes);
                    self.keys_moved(number, outcome, watcher);
                }
                Ok(())
            }
            Request::EndConsole { console } => self.end_console(watcher, *console),
            Request::Resize { columns, rows } if self.hosted.shown_to(watcher).is_some() => {
                let (columns, rows) = ((*columns).min(LARGEST.0), (*rows).min(LARGEST.1));
                self.hosted.resize(watcher, (columns, rows));
                Ok(())
            }
            _ => return false,
        };
        if let Err(sentence) = result {
            self.reply(watcher, Standing::Refused, sentence);
        }
        true
    }

    /// Whether a watcher is of the account that the consoles run as, or root.
    fn is_own_account(&self, watcher: WatcherId) -> bool {
        let ours = machine::account_name(rustix::process::geteuid().as_raw());
        let of = self.watchers.get(&watcher).map(|known| &known.person.account);
        of.is_some_and(|account| *account == ours || *account == machine::account_name(0))
    }

    /// A secret for the ways to other machines. It stays in memory.
    pub(super) fn lend(&mut self, watcher: WatcherId, lent: Lent) {
        if self.is_own_account(watcher)
            && let Ok(secret) = std::str::from_utf8(&lent.secret)
        {
            self.hosted.secrets().put(SecretName::from(lent.name), secret.to_owned().into());
        }
    }

    fn open_console(
        &mut self,
        watcher: WatcherId,
        place: &Place,
        size: (u16, u16),
    ) -> Result<(), String> {
        let run = self.run;
        let by = self.person(watcher).ok_or("who asks is gone")?;
        if !self.is_own_account(watcher) {
            let account = machine::account_name(rustix::process::geteuid().as_raw());
            return Err(format!(
                "a console in run {run} would be {account}'s; only {account} opens one. It can be opened here"
            ));
        }
        if self.over.is_some() {
            return Err(format!("run {run} is over; a console can be opened here"));
        }
        if matches!(place, Place::Replay(_) | Place::InRun { .. }) {
            return Err(format!("{} is nothing that a run can hold", place.way()));
        }
        if self.hosted.is_full() {
            let most = super::super::consoles::MOST;
            return Err(format!("{most} consoles are open in run {run}; close one first"));
        }
        if let Some(oldest) = self.hosted.oldest_too_many() {
            self.close_console(oldest, "it had ended, and made room for another", None);
        }
        let name = printable(&text_without_secrets(&place.name()));
        let name: String = name.chars().take(LONGEST_NAME).collect();
        let number = self.hosted.next_number();
        let way = place.way().to_owned();
        // On stable storage before anything is opened.
        if !self.note(Event::ConsoleOpened { console: number, name: name.clone(), way, by }) {
            return Err("the journal cannot be written; nothing was opened".to_owned());
        }
        let (recording, unrecorded) = match self.recording_of(number) {
            Ok(path) => (Some(path), String::new()),
            Err(error) => (None, error.to_string()),
        };
        let options = SessionOptions {
            size: (size.0.clamp(2, LARGEST.0), size.1.clamp(1, LARGEST.1)),
            recording: recording.clone(),
            unrecorded,
            directory: Some(std::path::PathBuf::from(&self.order.directory)),
        };
        let session = self.hosted.open(number, name, place.clone(), options);
        let mut standing = session.standing();
        let to = self.told.clone();
        tokio::spawn(async move {
            loop {
                let now = standing.borrow_and_update().clone();
                if to.send(Heard::Console(ConsoleStands(number, now))).await.is_err()
                    || standing.changed().await.is_err()
                {
                    return;
                }
            }
        });
        if let Some(path) = recording
            && let Ok(file) = self.runs.open_to_read(&path)
            && let Err(error) = self.runs.fit(&file, self.runs.file_mode())
        {
            tracing::warn!("the recording of console {number} is not shared: {error}");
        }
        self.shown_console(watcher, number, size);
        Ok(())
    }

    fn recording_of(&self, number: u64) -> std::io::Result<std::path::PathBuf> {
        let directory = self.runs.directory(self.run).join("consoles");
        match self.runs.make_directory(&directory) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        Ok(directory.join(format!("{number}.cast")))
    }

    fn show_console(
        &mut self,
        watcher: WatcherId,
        console: Option<u64>,
        size: (u16, u16),
        again: Option<bool>,
    ) -> Result<(), String> {
        let run = self.run;
        let number = console.or_else(|| self.hosted.usual());
        let number = number.ok_or_else(|| format!("no console is open in run {run}"))?;
        let state = self.hosted.get(number).map(|held| held.state.clone());
        let state = state.ok_or_else(|| match self.journal.state().console(number) {
            Some(_) => format!("console {number} of run {run} was closed; its recording stays"),
            None => format!("run {run} has no console {number}"),
        })?;
        if let (Some(force), State::Ended(_)) = (again, state) {
            if self.over.is_some() {
                return Err(format!("run {run} is over; what ended in it is not connected again"));
            }
            if let Some(other) = self.other_typist(number, watcher) {
                return Err(format!("{other} has the keys of console {number}"));
            }
            if !self.is_own_account(watcher) {
                return Err(format!("console {number} is another account's"));
            }
            let by = self.person(watcher).ok_or("who asks is gone")?;
            self.note(Event::ConsoleAgain { console: number, by });
            if let Some(held) = self.hosted.get_mut(number) {
                held.state = State::Opening;
            }
            self.hosted.tell(number, Order::Connect { force });
        }
        self.shown_console(watcher, number, size);
        Ok(())
    }

    /// Shows it, with the keys where nobody else has them.
    fn shown_console(&mut self, watcher: WatcherId, number: u64, size: (u16, u16)) {
        let Some(to) = self.watchers.get(&watcher).map(|known| known.console.clone()) else {
            return;
        };
        self.hosted.show(watcher, number, size, &to);
        self.tell_keys(watcher, false);
        match self.other_typist(number, watcher) {
            Some(other) => self.say_console(
                watcher,
                format!("{other} types here; you watch, and can ask for the keys"),
            ),
            None if self.is_own_account(watcher) => {
                if let Err(sentence) = self.take_keys(watcher) {
                    self.say_console(watcher, sentence);
                }
            }
            None => self.say_console(watcher, "you watch; nobody types here now".to_owned()),
        }
    }

    /// Who types in a console, if that is another person.
    fn other_typist(&self, number: u64, watcher: WatcherId) -> Option<Person> {
        let holder = self.hosted.get(number)?.pen.holder().and_then(|who| self.person(who))?;
        (self.person(watcher).as_ref() != Some(&holder)).then_some(holder)
    }

    fn take_keys(&mut self, watcher: WatcherId) -> Result<(), String> {
        let number = self.hosted.shown_to(watcher).ok_or("no console is shown to you")?;
        let other = self.other_typist(number, watcher);
        let is_ours = self.is_own_account(watcher);
        if other.is_none() && !is_ours {
            return Err(format!(
                "console {number} is another account's; who has its keys can give them to you"
            ));
        }
        // Silence gives them to nobody of another account: what runs there is not theirs.
        let wait = if is_ours { self.order.pen_wait_ms } else { u64::MAX };
        let now = self.now_ms();
        let Some(held) = self.hosted.get_mut(number) else { return Ok(()) };
        let outcome = match held.pen.holder() == Some(watcher) {
            // Who has them already gives them to whoever asks.
            true => held.pen.answer(watcher, true),
            false => held.pen.take(watcher, other.is_none(), now, wait),
        };
        match (outcome, other) {
            (Outcome::Asked, Some(of)) => {
                let by = self.person(watcher).map(|by| by.to_string()).unwrap_or_default();
                if let Some(holder) = self.hosted.get(number).and_then(|held| held.pen.holder()) {
                    self.say_console(
                        holder,
                        format!("+ in the key bar gives {by} the keys, - keeps them"),
                    );
                }
                self.say_console(watcher, format!("{of} is asked for the keys"));
            }
            (Outcome::Busy, _) => {
                return Err("somebody else asks for the keys already".to_owned());
            }
            (outcome, _) => self.keys_moved(number, outcome, watcher),
        }
        Ok(())
    }

    fn keys_moved(&mut self, number: u64, outcome: Outcome, asker: WatcherId) {
        match outcome {
            Outcome::Taken { who, from, .. } => {
                let Some(by) = self.person(who) else { return };
                self.note(Event::ConsoleKeys { console: number, by: by.clone() });
                self.tell_keys(who, true);
                if let Some(from) = from.filter(|from| *from != who) {
                    let where_ = match self.person(from).as_ref() == Some(&by) {
                        true => "you type at another screen now".to_owned(),
                        false => format!("{by} types here now"),
                    };
                    self.tell_keys(from, false);
                    self.say_console(from, where_);
                    self.say_console(who, "the keys are yours".to_owned());
                }
                self.hosted.follow_size(who);
            }
            Outcome::Refused { who } => {
                if let Some(by) = self.person(asker) {
                    self.say_console(who, format!("{by} keeps the keys"));
                }
            }
            Outcome::Had | Outcome::Asked | Outcome::Busy | Outcome::Nothing => {}
        }
    }

    /// Keys for a console. They are kept nowhere.
    pub(super) fn console_keys(&mut self, watcher: WatcherId, bytes: Zeroizing<Vec<u8>>) {
        let Some(number) = self.hosted.shown_to(watcher) else { return };
        let Some(held) = self.hosted.get(number) else { return };
        if held.pen.holder() != Some(watcher) {
            let who = match (held.pen.holder(), self.other_typist(number, watcher)) {
                (_, Some(other)) => {
                    format!("+ in the key bar asks for the keys: {other} types here")
                }
                (Some(_), None) => {
                    "+ in the key bar takes the keys: you type at another screen".to_owned()
                }
                (None, None) => "+ in the key bar takes the keys".to_owned(),
            };
            self.say_console(watcher, who);
        } else if !self.hosted.tell(number, Order::Bytes(bytes)) {
            self.say_console(watcher, "the console takes no keys at the moment".to_owned());
        }
    }

    fn end_console(&mut self, watcher: WatcherId, number: u64) -> Result<(), String> {
        let run = self.run;
        if self.hosted.get(number).is_none() {
            return Err(format!("run {run} has no console {number} that is open"));
        }
        if let Some(other) = self.other_typist(number, watcher) {
            return Err(format!("{other} types in console {number}; it is not yours to end"));
        }
        if !self.is_own_account(watcher) {
            return Err(format!("console {number} is another account's"));
        }
        let by = self.person(watcher);
        let why =
            by.as_ref().map_or_else(|| "it was closed".to_owned(), |by| format!("{by} closed it"));
        self.close_console(number, &why, by);
        self.reply(watcher, Standing::Done, format!("console {number} of run {run} is closed"));
        Ok(())
    }

    fn close_console(&mut self, number: u64, why: &str, by: Option<Person>) {
        self.note(Event::ConsoleClosed { console: number, why: why.to_owned(), by });
        for watcher in self.hosted.close(number) {
            self.tell(watcher, Frame::Console(ConsoleWord::Ended { why: why.to_owned() }));
        }
    }

    /// Closes all of them; how many were open.
    pub(super) fn close_consoles(&mut self, why: &str, by: Option<&Person>) -> usize {
        let open = self.hosted.open_numbers().len();
        for number in self.hosted.numbers() {
            self.close_console(number, why, by.cloned());
        }
        open
    }

    /// How a console stands now.
    pub(super) fn console_stands(&mut self, ConsoleStands(number, stands): ConsoleStands) {
        let Some(held) = self.hosted.get_mut(number) else { return };
        if stands.process.is_some() {
            held.process = stands.process;
        }
        if held.state == stands.state {
            return;
        }
        held.state = stands.state.clone();
        if let State::Ended(why) = stands.state {
            self.note(Event::ConsoleEnded { console: number, why: printable(&why) });
        }
    }

    /// A watcher is gone; nothing else is.
    pub(super) fn console_left(&mut self, watcher: WatcherId) {
        let Some(number) = self.hosted.shown_to(watcher) else { return };
        self.hosted.forget(watcher);
        if let Some(held) = self.hosted.get_mut(number) {
            let (_, outcome) = held.pen.leave(watcher);
            self.keys_moved(number, outcome, watcher);
        }
    }

    pub(super) fn consoles_tick(&mut self) {
        let now = self.now_ms();
        for number in self.hosted.numbers() {
            let Some(held) = self.hosted.get_mut(number) else { continue };
            let outcome = held.pen.tick(now);
            if let Outcome::Taken { who, .. } = outcome {
                self.keys_moved(number, outcome, who);
            }
        }
        self.return_lease();
    }

    /// Says in every console that the run is over.
    pub(super) fn consoles_over(&mut self) {
        let run = self.run;
        for number in self.hosted.open_numbers() {
            for watcher in self.hosted.watchers(number) {
                self.say_console(watcher, format!("run {run} is over; this console goes on"));
            }
        }
    }

    /// A run that is over holds consoles without the lease, so that they are in
    /// nobody's way.
    fn return_lease(&mut self) {
        let Some(over) = self.over.filter(|_| self.lease.is_some()) else { return };
        if self.is_stopping || self.hosted.open_numbers().is_empty() {
            return;
        }
        let is_silent = self.terminal.is_none() || self.output.borrow().is_over;
        let pause = if over.elapsed() < SOON { LOOK.0 } else { LOOK.1 };
        if !is_silent || self.looked.is_some_and(|at: Instant| at.elapsed() < pause) {
            return;
        }
        self.looked = Some(Instant::now());
        if !survivors::find(&self.marks()).is_empty() || !self.note(Event::LeaseReturned) {
            return;
        }
        self.lease = None;
        // One that was killed holds nothing.
        let _ = std::io::Write::write_all(&mut self.guardian, &[LEASE_RETURNED]);
    }

    fn tell_keys(&self, watcher: WatcherId, yours: bool) {
        self.tell(watcher, Frame::Console(ConsoleWord::Keys { yours }));
    }

    fn say_console(&self, watcher: WatcherId, sentence: String) {
        self.tell(watcher, Frame::Console(ConsoleWord::Said { sentence }));
    }
}
