//! The pen: who may act in a run. Pure; the conductor writes down what comes of it.

/// A connection to the runner.
pub type WatcherId = u64;

/// Who has the pen, and who asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pen {
    holder: Option<WatcherId>,
    asking: Option<Asking>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Asking {
    who: WatcherId,
    until_ms: u64,
}

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// They have it.
    Taken {
        /// Who has it now.
        who: WatcherId,
        /// Who had it.
        from: Option<WatcherId>,
        /// The one who had it said nothing.
        silent: bool,
    },
    /// They had it already.
    Had,
    /// The one who has it is asked.
    Asked,
    /// Somebody else asks already.
    Busy,
    /// It stays where it is.
    Refused {
        /// Who had asked.
        who: WatcherId,
    },
    /// Nobody asked, or the answer is not theirs to give.
    Nothing,
}

impl Pen {
    /// Who has it.
    pub fn holder(&self) -> Option<WatcherId> {
        self.holder
    }

    /// Somebody wants it. `is_own` says that the one who has it is the same person at another screen.
    pub fn take(&mut self, who: WatcherId, is_own: bool, now_ms: u64, wait_ms: u64) -> Outcome {
        match self.holder {
            Some(holder) if holder == who => Outcome::Had,
            Some(holder) if !is_own => {
                if self.asking.is_some_and(|asking| asking.who != who) {
                    return Outcome::Busy;
                }
                if self.asking.is_none() {
                    self.asking = Some(Asking { who, until_ms: now_ms.saturating_add(wait_ms) });
                }
                debug_assert!(holder != who);
                Outcome::Asked
            }
            from => {
                self.holder = Some(who);
                self.asking = self.asking.filter(|asking| asking.who != who);
                Outcome::Taken { who, from, silent: false }
            }
        }
    }

    /// The one who has it answers whoever asked.
    pub fn answer(&mut self, who: WatcherId, yes: bool) -> Outcome {
        if self.holder != Some(who) {
            return Outcome::Nothing;
        }
        match self.asking.take() {
            None => Outcome::Nothing,
            Some(asking) if !yes => Outcome::Refused { who: asking.who },
            Some(asking) => {
                self.holder = Some(asking.who);
                Outcome::Taken { who: asking.who, from: Some(who), silent: false }
            }
        }
    }

    /// Time went on: the one who has it may have said nothing for long enough.
    pub fn tick(&mut self, now_ms: u64) -> Outcome {
        match self.asking {
            Some(asking) if now_ms >= asking.until_ms => {
                self.asking = None;
                let from = self.holder.replace(asking.who);
                Outcome::Taken { who: asking.who, from, silent: true }
            }
            _ => Outcome::Nothing,
        }
    }

    /// Somebody gives it back or is gone; whether they had it, and who gets it then.
    pub fn leave(&mut self, who: WatcherId) -> (bool, Outcome) {
        if self.asking.is_some_and(|asking| asking.who == who) {
            self.asking = None;
        }
        if self.holder != Some(who) {
            return (false, Outcome::Nothing);
        }
        self.holder = None;
        match self.asking.take() {
            None => (true, Outcome::Nothing),
            Some(asking) => {
                self.holder = Some(asking.who);
                (true, Outcome::Taken { who: asking.who, from: None, silent: false })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_pen_is_taken_and_a_held_one_is_asked_for() {
        let mut pen = Pen::default();
        assert_eq!(pen.take(1, false, 0, 60), Outcome::Taken { who: 1, from: None, silent: false });
        assert_eq!(pen.take(1, false, 0, 60), Outcome::Had);
        assert_eq!(pen.take(2, false, 0, 60), Outcome::Asked);
        assert_eq!(pen.take(3, false, 0, 60), Outcome::Busy);
        assert_eq!(pen.answer(2, true), Outcome::Nothing, "not theirs to give");
        assert_eq!(pen.answer(1, false), Outcome::Refused { who: 2 });
        assert_eq!(pen.take(3, false, 0, 60), Outcome::Asked);
        assert_eq!(pen.answer(1, true), Outcome::Taken { who: 3, from: Some(1), silent: false });
    }

    #[test]
    fn silence_gives_the_pen_after_the_wait_and_not_before() {
        let mut pen = Pen::default();
        pen.take(1, false, 0, 60);
        pen.take(2, false, 100, 60);
        assert_eq!(pen.take(2, false, 150, 60), Outcome::Asked, "asking again does not begin anew");
        assert_eq!(pen.tick(159), Outcome::Nothing);
        assert_eq!(pen.tick(160), Outcome::Taken { who: 2, from: Some(1), silent: true });
        assert_eq!(pen.tick(900), Outcome::Nothing);
    }

    #[test]
    fn who_leaves_gives_it_to_whoever_asked() {
        let mut pen = Pen::default();
        pen.take(1, false, 0, 60);
        pen.take(2, false, 0, 60);
        assert_eq!(pen.leave(1), (true, Outcome::Taken { who: 2, from: None, silent: false }));
        assert_eq!(pen.leave(2), (true, Outcome::Nothing));
        assert_eq!(pen.leave(2), (false, Outcome::Nothing));
        pen.take(1, false, 0, 60);
        pen.take(2, false, 0, 60);
        assert_eq!(pen.leave(2), (false, Outcome::Nothing));
        assert_eq!(pen.answer(1, true), Outcome::Nothing, "nobody asks any more");
    }

    #[test]
    fn the_same_person_at_another_screen_is_not_asked() {
        let mut pen = Pen::default();
        pen.take(1, false, 0, 60);
        assert_eq!(
            pen.take(2, true, 0, 60),
            Outcome::Taken { who: 2, from: Some(1), silent: false }
        );
    }
}
