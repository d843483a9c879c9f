//! Going to lines: what is sought from the cursor on, and what was typed.

use crate::app::logs::{Goal, LogNews, Tally};
use crate::domain::Stamp;
use crate::domain::untrusted::printable;
use crate::logs::level::Level;
use crate::logs::matcher::Matcher;
use crate::logs::view::{Sought, Spot};

use super::Desk;

impl Desk {
    /// Shows a line with the cursor on it.
    pub(super) fn show(&mut self, spot: Spot, wanted: &dyn Fn() -> bool) -> Result<(), String> {
        let unread = |error: std::io::Error| format!("the log cannot be read: {error}");
        let at = self.view.time_of(spot).map_err(unread)?;
        self.view.show(spot, at, &wanted).map_err(unread)?;
        self.view.is_following = false;
        self.tell(LogNews::Cursor(spot));
        Ok(())
    }

    pub(super) fn seek(
        &mut self,
        from: Option<Spot>,
        is_forward: bool,
        goal: Goal,
        wanted: &dyn Fn() -> bool,
    ) -> Result<(), String> {
        let unread = |error: std::io::Error| format!("the log cannot be read: {error}");
        let (sought, what) = match goal {
            Goal::Hit => {
                let matcher: Option<Matcher> = self.find.matcher()?;
                if matcher.is_none() {
                    return Ok(());
                }
                (Sought { matcher, level: None }, format!("line with '{}'", self.find.text))
            }
            Goal::Error => (Sought::level(Level::Error), "error".to_owned()),
            Goal::Finding => (Sought::level(Level::Warn), "warning or error".to_owned()),
            Goal::Task => {
                let found = self.outliner.task_from(&self.view, from, is_forward, None);
                let word = if is_forward { "below" } else { "above" };
                return match found {
                    Some(spot) => self.show(spot, wanted),
                    None => {
                        self.tell(LogNews::Said(format!(
                            "There is no task of Ansible further {word}"
                        )));
                        Ok(())
                    }
                };
            }
        };
        self.view.is_following = false;
        match self.view.seek(from, is_forward, &sought, &wanted).map_err(unread)? {
            Some((spot, at)) => {
                self.view.show(spot, at, &wanted).map_err(unread)?;
                self.tell(LogNews::Cursor(spot));
                if goal == Goal::Hit {
                    let here = self.counter.ordinal(&self.view, spot);
                    self.tell(LogNews::Found(Tally { here, ..self.counter.found.clone() }));
                }
            }
            None if wanted() => {
                let word = if is_forward { "below" } else { "above" };
                self.tell(LogNews::Said(format!("There is no {what} further {word}")));
            }
            None => {}
        }
        Ok(())
    }

    /// `8112`, `50%`, `13:54`, `13:54:05`, `2026-03-05T13:54:05Z`, words of a task.
    pub(super) fn go(
        &mut self,
        text: &str,
        from: Option<Spot>,
        wanted: &dyn Fn() -> bool,
    ) -> Result<(), String> {
        let text = text.trim();
        let unread = |error: std::io::Error| format!("the log cannot be read: {error}");
        let digits: String = text.chars().filter(|c| !matches!(c, ',' | '_')).collect();
        if let Ok(number) = digits.parse::<u64>() {
            let spot = self.view.to_line(number.max(1), &wanted)?;
            self.tell(LogNews::Cursor(spot));
            return Ok(());
        }
        if let Some(share) = text.strip_suffix('%').and_then(|n| n.trim().parse::<u8>().ok()) {
            return self.view.to_share(share).map_err(unread);
        }
        let time = match Stamp::parse(text) {
            Some(time) => Some(time),
            None => self.view.time_of_day(text).map_err(unread)?,
        };
        if let Some(time) = time {
            return self.view.to_time(time).map_err(unread);
        }
        if let Some(task) = self.outliner.task_from(&self.view, from, true, Some(text)) {
            return self.show(task, wanted);
        }
        Err(format!(
            "{} is no line, time, share or task of this log; try 8112, 13:54, 50% or words of a task",
            printable(text)
        ))
    }
}
