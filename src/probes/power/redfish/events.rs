//! The event log, page by page.

use serde_json::Value;

use super::{Got, Look, first_trouble, parse};
use crate::domain::fact::Table;
use crate::domain::keys::power::redfish as key;
use crate::domain::{Cause, CauseWord, Report};

/// Pages of an event log asked in one look at most.
const MOST_PAGES: usize = 8;

/// What was read of an event log.
#[derive(Debug, Default)]
struct Log {
    /// How many entries it has; `None` when that is not known.
    count: Option<f64>,
    /// The pages that were read.
    pages: Vec<Value>,
    /// Why its newest entries were not all read.
    trouble: Option<Cause>,
}

fn lose_events(report: &mut Report, cause: &Cause) {
    report.lose(key::EVENTS, cause.clone());
    report.lose(key::EVENTS_CRITICAL, cause.clone());
}

impl Look<'_> {
    /// The system event log: of the system, else of the manager.
    pub(super) async fn events(
        &self,
        report: &mut Report,
        systems: &Got,
        managers: &Got,
    ) -> Result<(), Cause> {
        for owner in [systems, managers] {
            let lists = self.follow(&owner.found, "LogServices").await?;
            let best = lists
                .found
                .iter()
                .flat_map(parse::members)
                .filter(|path| parse::log_rank(path) > 0)
                .max_by_key(|path| parse::log_rank(path));
            let Some(path) = best else {
                if let Some(cause) = lists.trouble {
                    lose_events(report, &cause);
                }
                continue;
            };
            let service = self.all(std::slice::from_ref(&path)).await?;
            let entries = self.follow(&service.found, "Entries").await?;
            if let Some(cause) = first_trouble([&service, &entries]) {
                lose_events(report, &cause);
                return Ok(());
            }
            let (Some(service), Some(entries)) = (service.found.first(), entries.found.first())
            else {
                return Ok(());
            };
            if let Some(most) = parse::log_most(service) {
                report.learn(key::EVENTS_MOST, most);
            }
            let log = self.pages(entries).await?;
            match log.count {
                Some(count) => report.learn(key::EVENTS, count),
                None => {
                    if let Some(cause) = &log.trouble {
                        report.lose(key::EVENTS, cause.clone());
                    }
                }
            }
            match log.trouble {
                Some(cause) => report.lose(key::EVENTS_CRITICAL, cause),
                None if log.count.is_some() => {
                    let mut table = Table::new(&["when", "what"]);
                    for entry in log.pages.iter().flat_map(parse::log_critical) {
                        table.push(entry.into());
                    }
                    report.learn(key::EVENTS_CRITICAL, table);
                }
                None => {}
            }
            return Ok(());
        }
        Ok(())
    }

    /// A log that comes in pages: those with its newest entries, up to [`MOST_PAGES`].
    /// Services differ in what they list first. A long log with the oldest first
    /// is entered near its end; where that cannot be done, its newest entries
    /// stay unread, which is trouble.
    async fn pages(&self, first: &Value) -> Result<Log, Cause> {
        let counted = parse::members_counted(first);
        let is_oldest_first = parse::is_oldest_first(first);
        let size = parse::log_length(first);
        let mut next = parse::next_page(first);
        let mut in_reach = MOST_PAGES - 1;
        let mut enters_near_the_end = false;
        if let (Some(count), Some(true), Some(link)) = (counted, is_oldest_first, &next)
            && count as usize > size * MOST_PAGES
        {
            next = parse::skipping(link, count as usize - size * in_reach);
            enters_near_the_end = next.is_some();
        }
        let mut log = Log { pages: vec![first.clone()], ..Log::default() };
        let mut known: Vec<String> = Vec::new();
        while let Some(link) = next.take() {
            if in_reach == 0 || known.contains(&link) {
                next = Some(link);
                break;
            }
            in_reach -= 1;
            let got = self.all(std::slice::from_ref(&link)).await?;
            known.push(link);
            log.trouble = log.trouble.or(got.trouble);
            let Some(page) = got.found.into_iter().next() else { break };
            next = parse::next_page(&page);
            log.pages.push(page);
        }
        let read: usize = log.pages.iter().map(parse::log_length).sum();
        let is_whole = next.is_none() && counted.is_none_or(|count| count <= read as f64);
        let has_newest = match is_oldest_first {
            Some(true) => enters_near_the_end && next.is_none(),
            Some(false) => true,
            None => false,
        };
        if !is_whole && !has_newest {
            log.trouble.get_or_insert_with(|| self.too_long());
        }
        let is_log = parse::log_count(first).is_some();
        log.count = counted.or((is_log && is_whole).then_some(read as f64));
        Ok(log)
    }

    fn too_long(&self) -> Cause {
        Cause::new(
            CauseWord::TooLarge,
            format!("the event log of {} is longer than what is read of it", self.target.name),
            "Read it on the controller's page, keep a copy, then clear it",
        )
    }
}
