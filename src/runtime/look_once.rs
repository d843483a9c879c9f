//! Looking once without a screen: the same probes, the same `update`, the same model.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::app::history::{HistoryNews, Past};
use crate::app::inventory_report::InventoryReport;
use crate::app::model::{LookChoices, LookNames, Size, Start};
use crate::app::navigation::Navigation;
use crate::app::runs::RunNews;
use crate::app::screens::code as code_page;
use crate::app::{Keymap, Model, Msg, Route, update};
use crate::checks::{self, Catalogue};
use crate::domain::{Answer, Cause, CauseWord, Layer, ProbeId, ProbeName, Site};

use super::asker::Asker;
use super::history::{self, Seen};
use super::inventory_rules::problems_of;
use super::load::{LoadOptions, Loaded, load_site};
use super::{clock, run_store, runs};

/// How long a whole look may take before what is missing is reported as
/// unknown. Every probe has a shorter time-out of its own.
const PATIENCE: Duration = Duration::from_secs(60);

/// What to look at, and for which screen.
pub struct Look<'a> {
    /// How the site is read.
    pub load: &'a LoadOptions,
    /// Only what these layers need; everything when empty.
    pub layers: &'a [Layer],
    /// The size of the screen the model is for.
    pub size: Size,
    /// Names of the look.
    pub look: LookNames,
    /// What it can be changed to.
    pub choices: LookChoices,
    /// The keys.
    pub keymap: Keymap,
    /// Whether there must be an inventory.
    pub needs_inventory: bool,
    /// Where to be; the Overview when `None`.
    pub route: Option<Route>,
    /// Whether what is seen is kept, as a console keeps it.
    pub is_kept: bool,
}

/// Reads the site, asks everything once, and returns the model that knows the answers.
///
/// # Errors
/// When the site cannot be read: one sentence.
pub async fn look_once(look: Look<'_>) -> Result<Model, String> {
    let options = look.load.clone();
    let Loaded { site, catalogue, probes, reach, opened } =
        tokio::task::spawn_blocking(move || load_site(&options))
            .await
            .map_err(|error| format!("shopfloor failed while reading the site: {error}"))??;
    if look.needs_inventory
        && let Some(Err(trouble)) = opened.as_ref().map(|opened| &opened.inventory)
    {
        return Err(trouble.to_string());
    }
    let mut look = look;
    if let Some(route) = &mut look.route {
        settle(route, &site, &catalogue)?;
    }
    let mut model = Model::new(Start {
        now: clock::now(),
        size: look.size,
        look: look.look,
        choices: look.choices,
        keymap: look.keymap,
        ..Start::default()
    });
    // Only these pages show what the rules say of the files; nobody else waits for them.
    let shows_rules = |route: &Route| ["inventory", "code"].contains(&route.screen.as_str());
    if let Some(opened) = opened.filter(|_| look.route.as_ref().is_some_and(shows_rules)) {
        let problems = problems_of(&look.load.directory, &opened, None).unwrap_or_default();
        update(&mut model, Msg::InventoryJudged(Box::new(InventoryReport::of(problems))));
    }
    if let Some(route) = look.route {
        model.navigation = Navigation::starting_at(route);
    }
    let needed = probes_for(&catalogue, look.layers);
    let probes: Vec<_> = probes
        .into_iter()
        .filter(|probe| needed.as_ref().is_none_or(|n| n.contains(&probe.id().probe)))
        .collect();
    let mut open: BTreeSet<ProbeId> = probes.iter().map(|probe| probe.id().clone()).collect();
    let (to, mut inbox) = mpsc::channel(1024);
    let mut asker = Asker::new(probes, Arc::clone(&reach), to);
    match past_of(look.load) {
        Ok(Some(past)) => {
            update(&mut model, Msg::History(HistoryNews::Past(Box::new(past))));
        }
        Ok(None) => {}
        Err(sentence) => model.history.trouble = Some(sentence),
    }
    update(&mut model, Msg::SiteLoaded(Box::new(site), Box::new(catalogue)));
    if !look.load.is_demo {
        let directory = look.load.directory.clone();
        if let Ok(seen) = tokio::task::spawn_blocking(move || runs::look(&directory)).await {
            update(&mut model, Msg::Run(RunNews::Listed(seen)));
            model.status = None;
        }
    }
    let mut seen = Seen::default();

    let all = async {
        while !open.is_empty() {
            let now = clock::now();
            for id in asker.start_due(now) {
                update(&mut model, Msg::Asked(id, now));
            }
            let Some(msg) = inbox.recv().await else { return };
            if let Msg::Answered(id, answer, at, _) = &msg {
                // Set far away: each is asked once.
                asker.answered(id, *at, answer.cause().is_some());
                open.remove(id);
                if look.is_kept {
                    seen.answers.push((id.clone(), answer.clone(), *at));
                }
            }
            update(&mut model, msg);
        }
    };
    let is_whole = tokio::time::timeout(PATIENCE, all).await.is_ok();
    asker.stop();
    if !is_whole {
        // Out of patience: what did not answer is unknown, not left out.
        let now = clock::now();
        let seconds = PATIENCE.as_secs();
        for id in open {
            let sentence = format!("{} had not answered when {seconds}s were over", id.target);
            let cause = Cause::new(CauseWord::TimedOut, sentence, "Look again at this layer alone");
            update(&mut model, Msg::Answered(id, Answer::TimedOut(cause), now, seconds * 1000));
        }
    }
    let _ = tokio::time::timeout(Duration::from_millis(300), reach.ssh.close_all()).await;
    update(&mut model, Msg::Clock(clock::now()));
    update(&mut model, Msg::LookEnded(look.layers.to_vec()));
    if look.is_kept && !look.load.is_demo {
        seen.verdicts = model.verdicts.as_turns(model.now);
        seen.verdicts.retain(|turn| look.layers.is_empty() || look.layers.contains(&turn.layer));
        let (directory, now) = (look.load.directory.clone(), model.now);
        let keeping = tokio::task::spawn_blocking(move || {
            let runs = run_store::open(&directory)?;
            history::keep_once(runs.state(), &seen, now)
        });
        let kept = keeping.await.unwrap_or_else(|error| Err(error.to_string()));
        if let Err(sentence) = kept {
            model.history.trouble = Some(sentence);
        }
    }
    Ok(model)
}

/// What consoles kept of the site; nothing is made or written.
fn past_of(load: &LoadOptions) -> Result<Option<Past>, String> {
    match run_store::find(&load.directory).filter(|_| !load.is_demo) {
        Some(runs) => history::read_past(runs.state()),
        None => Ok(None),
    }
}

/// Makes of the name of a target its id, and of a place that does not exist an error.
fn settle(route: &mut Route, site: &Site, catalogue: &Catalogue) -> Result<(), String> {
    if let Some(id) = &mut route.target {
        *id = site.find(id.as_str())?.id.clone();
    }
    if let Some(code) = &route.check
        && catalogue.get(code.as_str()).is_none()
        && code_page::rule(code.as_str()).is_none()
    {
        return Err(format!(
            "there is no check `{code}`; `shopfloor check --list` lists them, rules of the inventory begin with V-"
        ));
    }
    Ok(())
}

/// The probes that the checks of these layers need; `None` when all are wanted.
fn probes_for(catalogue: &Catalogue, layers: &[Layer]) -> Option<BTreeSet<ProbeName>> {
    if layers.is_empty() {
        return None;
    }
    let is_wanted = |id: &str| catalogue.get(id).is_some_and(|spec| layers.contains(&spec.layer));
    let wanted = checks::rules().filter(|rule| is_wanted(rule.id));
    Some(wanted.flat_map(|rule| rule.probes.iter().map(|name| ProbeName::fixed(name))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(layers: &[Layer]) -> Option<Vec<String>> {
        let catalogue = Catalogue::load(&[], &Default::default()).0;
        let probes = probes_for(&catalogue, layers)?;
        Some(probes.iter().map(|probe| probe.as_str().to_owned()).collect())
    }

    #[test]
    fn a_layer_is_asked_what_its_checks_need_and_no_more() {
        assert_eq!(names(&[]), None, "everything");
        let of = |layers: &[Layer]| names(layers).unwrap();
        assert_eq!(of(&[Layer::Hosts]), ["gpu.survey", "host.look", "host.survey"]);
        // That the BMC answers and the host does not is a matter of power, and so
        // is what the exporter of the machines' sensors says.
        let power = ["bmc.ipmi", "bmc.redfish", "host.look", "observing.look"];
        assert_eq!(of(&[Layer::Power]), power);
        let (router, both) = (of(&[Layer::Router]), of(&[Layer::Power, Layer::Router]));
        assert!(router.contains(&"host.survey".to_owned()), "{router:?}");
        assert!(power.iter().all(|name| both.contains(&(*name).to_owned())), "{both:?}");
        assert!(router.iter().all(|name| both.contains(name)), "{both:?}");
        let ceph = of(&[Layer::Ceph]);
        assert!(ceph.iter().any(|name| name.starts_with("ceph.")), "{ceph:?}");
        assert!(!ceph.iter().any(|name| name.starts_with("bmc.")), "{ceph:?}");
    }
}
