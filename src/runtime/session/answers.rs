//! What comes in from elsewhere: the site that was read, the answers of its probes.

use std::sync::Arc;

use super::{BATCH, Session};
use crate::app::msg::Outcome;
use crate::app::{Model, Msg};
use crate::domain::{Answer, ProbeId};
use crate::runtime::asker::Asker;
use crate::runtime::clock;
use crate::runtime::load::Loaded;
use crate::runtime::secret_field::to_ask_for;

impl Session {
    pub(super) fn take_site(&mut self, result: Result<Box<Loaded>, String>) {
        match result {
            Ok(loaded) => {
                let site = &loaded.site;
                tracing::info!(site = site.name, targets = site.targets.len(), "site read");
                let Loaded { site, catalogue, probes, reach, opened: _ } = *loaded;
                if let Some(asker) = self.asker.take() {
                    asker.stop();
                }
                self.executor.set_reach(Arc::clone(&reach), &site);
                self.consoles.set_reach(&reach);
                // A session for one console looks at nothing else.
                let probes = if self.is_console_only { Vec::new() } else { probes };
                self.asker = Some(Asker::new(probes, reach, self.executor.sender()));
                self.apply(Msg::SiteLoaded(Box::new(site), Box::new(catalogue)));
                self.start_due();
            }
            Err(sentence) => {
                tracing::warn!("{sentence}");
                self.apply(Msg::Done(Outcome::Failed(sentence)));
            }
        }
    }

    /// The answers that wait already, as many as may come before the keyboard is looked at.
    pub(super) fn take_answers(&mut self) {
        for _ in 1..BATCH {
            match self.inbox.try_recv() {
                Ok(msg) => self.take_answer(msg),
                Err(_) => break,
            }
        }
    }

    pub(super) fn take_answer(&mut self, msg: Msg) {
        self.is_moving |= matches!(msg, Msg::Console(_) | Msg::Log(_));
        if let (Msg::Answered(id, answer, at, _), Some(asker)) = (&msg, &mut self.asker) {
            asker.answered(id, *at, answer.cause().is_some());
            log_turn(&self.model, id, answer);
        }
        if let (Msg::Answered(id, answer, at, _), Some(history)) = (&msg, self.executor.history()) {
            history.answered(id, answer, *at);
        }
        if let (Msg::Faults(Ok(list)), Some(asker)) = (&msg, &mut self.asker) {
            // Whoever breaks or mends the demo site from here wants to see it now.
            let known = &self.model.faults.list;
            if !known.is_empty() && list != known {
                asker.hurry_all(clock::now());
            }
        }
        let may_want_secret =
            matches!(&msg, Msg::Answered(_, answer, _, _) if answer.cause().is_some());
        self.apply(msg);
        if may_want_secret && let Some(asker) = &self.asker {
            let wanted = to_ask_for(asker.reach().secrets.wanted());
            if wanted != self.model.secrets_wanted {
                self.apply(Msg::SecretsWanted(wanted));
            }
        }
    }

    pub(super) fn start_due(&mut self) {
        let now = clock::now();
        let started = self.asker.as_mut().map(|asker| asker.start_due(now)).unwrap_or_default();
        for id in started {
            self.apply(Msg::Asked(id, now));
        }
    }
}

/// Logs when a probe loses its target or finds it again, once each.
fn log_turn(model: &Model, id: &ProbeId, answer: &Answer) {
    let before =
        model.facts.of(&id.target).probe(id.probe.as_str()).and_then(|p| p.trouble.as_ref());
    match (before, answer.cause()) {
        (None, Some(cause)) => {
            tracing::warn!(probe = %id, cause = %cause.word, "{}", cause.sentence)
        }
        (Some(_), None) => tracing::info!(probe = %id, "answers again"),
        _ => {}
    }
}
