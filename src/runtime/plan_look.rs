//! Where a site stands in a plan: journals, files and one look at reality.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use crate::app::Keymap;
use crate::app::model::{LookChoices, LookNames, Size};
use crate::domain::untrusted::without_controls;
use crate::domain::{Judgement, Layer, Site, Stamp};
use crate::install::expression::{Ask, Expr, Truth};
use crate::install::journal::{Entry, Event, StepAct};
use crate::install::plan::{Library, Plan, Source};
use crate::install::progress::past::JournalOf;
use crate::install::progress::scripts::conditions;
use crate::install::progress::{
    Live, Printed, Progress, StepKey, Today, World, progress, wait_state,
};
use crate::inventory::rules::Release;
use crate::inventory::site::open_site;
use crate::inventory::{Inventory, Problem};
use crate::logs::ansible::Feed;
use crate::runner::{Runs, plan_journal};

use super::inventory_rules::problems_of;
use super::load::{LoadOptions, prove_named_password};
use super::look_once::{Look, look_once};
use super::{clock, plans, run_store};

/// How much of the end of an output is read.
const TAIL: u64 = 256 << 10;

/// Everything about one plan of a site, now.
pub struct PlanLook {
    /// All plans.
    pub library: Library,
    /// The plan's id.
    pub plan: String,
    /// The site.
    pub site: Site,
    /// Its inventory, where there is one that can be read.
    pub inventory: Option<Inventory>,
    /// Why there is none.
    pub no_inventory: Option<String>,
    /// What the rules say of it.
    pub problems: Option<Vec<Problem>>,
    /// What checks say; empty where nobody looked.
    pub judgements: Vec<Judgement>,
    /// What happened.
    pub progress: Progress,
    /// Steps that run now.
    pub live: BTreeMap<StepKey, Live>,
    /// What steps printed.
    pub printed: BTreeMap<StepKey, Printed>,
    /// What read-only scripts said.
    pub scripts: BTreeMap<String, (Truth, String)>,
    /// Whether something runs that is no step of the plan.
    pub no_run: Option<(Truth, String)>,
    /// Public halves of private keys.
    pub public_keys: BTreeMap<String, String>,
    /// Values of files of the release directory.
    pub files: BTreeMap<String, String>,
    /// The version of the release package, as `shopfloor.yml` says it.
    pub release: Option<String>,
    /// The time.
    pub now: Stamp,
    /// What could not be read, one sentence each.
    pub troubles: Vec<String>,
}

impl PlanLook {
    /// The plan.
    ///
    /// # Errors
    /// When it is gone from the library.
    pub fn plan(&self) -> Result<&Plan, String> {
        self.library.plan(&self.plan).ok_or_else(|| format!("there is no plan {}", self.plan))
    }

    /// The world to judge conditions on.
    ///
    /// # Errors
    /// As [`PlanLook::plan`].
    pub fn world(&self) -> Result<World<'_>, String> {
        let today = Today {
            inventory: self.inventory.as_ref(),
            problems: self.problems.as_deref(),
            judgements: self.judgements.iter().collect(),
            live: self.live.clone(),
            printed: self.printed.clone(),
            scripts: self.scripts.clone(),
            no_run: self.no_run.clone(),
            release: self.release.clone(),
            public_keys: self.public_keys.clone(),
            files: self.files.clone(),
            now: self.now,
        };
        Ok(World::new(&self.library, self.plan()?, &self.progress, &self.site, today))
    }
}

/// Reads everything about a plan; with `looks` reality is asked too.
///
/// # Errors
/// A sentence when there is no such plan, or a named file cannot be used.
pub async fn look(load: &LoadOptions, plan: &str, looks: bool) -> Result<PlanLook, String> {
    let mut found = files_and_journals(load, plan).await?;
    let layers = layers_of(found.plan()?, &found.library);
    // A plan that asks no check needs nobody to be asked.
    if looks && found.inventory.is_some() && !layers.is_empty() {
        let model = look_once(Look {
            load,
            layers: &layers,
            size: Size::new(80, 24),
            look: LookNames::default(),
            choices: LookChoices::default(),
            keymap: Keymap::default(),
            needs_inventory: true,
            route: None,
            is_kept: true,
        })
        .await?;
        found.judgements = model
            .verdicts
            .targets
            .values()
            .flat_map(|target| target.judgements.iter().cloned())
            .collect();
        found.site = model.site;
        found.now = clock::now();
    }
    if looks && found.inventory.is_some() {
        found.scripts = super::plan_scripts::ask(load, &found).await;
    }
    note_states(&mut found)?;
    Ok(found)
}

/// Everything about a plan that needs nobody to be asked.
async fn files_and_journals(load: &LoadOptions, plan: &str) -> Result<PlanLook, String> {
    let (load, plan) = (load.clone(), plan.to_owned());
    tokio::task::spawn_blocking(move || read(&load, &plan))
        .await
        .map_err(|error| format!("reading the site failed: {error}"))?
}

fn read(load: &LoadOptions, wanted: &str) -> Result<PlanLook, String> {
    let library = plans::load_without_site(&load.directory);
    let plan = find(&library, wanted)?.clone();
    let mut opened = open_site(&load.directory, &load.vault()?);
    prove_named_password(load, &opened)?;
    let problems = problems_of(&load.directory, &opened, None).ok();
    let site = std::mem::take(&mut opened.built.site);
    let release = opened.settings.release.map(|release: Release| release.to_string());
    let (inventory, no_inventory) = match opened.inventory {
        Ok(inventory) => (Some(inventory), None),
        Err(error) => (None, Some(error.to_string())),
    };
    let runs = run_store::find(&load.directory);
    let mut look = PlanLook {
        plan: plan.id.clone(),
        library,
        site,
        problems: problems.filter(|_| inventory.is_some()),
        inventory,
        no_inventory,
        judgements: Vec::new(),
        progress: Progress::default(),
        live: BTreeMap::new(),
        printed: BTreeMap::new(),
        scripts: BTreeMap::new(),
        no_run: None,
        public_keys: BTreeMap::new(),
        files: BTreeMap::new(),
        release,
        now: clock::now(),
        troubles: Vec::new(),
    };
    if let Some(runs) = runs {
        read_journals(&mut look, &plan, &runs);
    } else {
        look.no_run = Some((Truth::Holds, "nothing of ours ran here yet".to_owned()));
    }
    read_keys(&mut look, &plan);
    read_files(&mut look, &plan);
    Ok(look)
}

/// The plan of the installation that a site follows: the one that its journals speak of last, else the
/// first that is no variant of another.
pub fn in_use(library: &Library, site: &Path) -> Option<String> {
    let installs: Vec<&Plan> = library.plans.iter().filter(|plan| plan.is_whole()).collect();
    let begun = run_store::find(site).and_then(|runs| {
        let mut last: Option<(Stamp, String)> = None;
        let said = plan_journal::read(&runs).unwrap_or_default();
        let of_runs = runs.ids().into_iter().filter_map(|run| runs.entries(run).ok()).flatten();
        for entry in said.into_iter().chain(of_runs) {
            if let Event::Step(event) = &entry.event
                && installs.iter().any(|plan| plan.id == event.plan)
                && last.as_ref().is_none_or(|(at, _)| *at <= entry.at)
            {
                last = Some((entry.at, event.plan.clone()));
            }
        }
        last.map(|(_, plan)| plan)
    });
    begun.or_else(|| {
        let first = installs.iter().find(|plan| plan.variant_when.is_none());
        first.or(installs.first()).map(|plan| plan.id.clone())
    })
}

/// A plan by its id.
///
/// # Errors
/// A sentence with the plan that may be meant.
pub fn find<'a>(library: &'a Library, wanted: &str) -> Result<&'a Plan, String> {
    library.plan(wanted).ok_or_else(|| {
        let near =
            crate::domain::nearest(wanted, library.plans.iter().map(|plan| plan.id.as_str()));
        let hint = near.map_or_else(
            || "`shopfloor plan list` lists them".to_owned(),
            |near| format!("did you mean {near}?"),
        );
        format!("there is no plan {}; {hint}", crate::domain::untrusted::printable(wanted))
    })
}

fn read_journals(look: &mut PlanLook, plan: &Plan, runs: &Runs) {
    let mut journals: Vec<(Option<u64>, Vec<Entry>)> = Vec::new();
    match plan_journal::read(runs) {
        Ok(entries) => journals.push((None, entries)),
        Err(trouble) => look.troubles.push(trouble),
    }
    let mut running = Vec::new();
    for run in runs.ids() {
        let Ok(known) = runs.read(run) else { continue };
        let open = known.word().is_open();
        let entries = match runs.entries(run) {
            Ok(entries) => entries,
            Err(trouble) => {
                look.troubles.push(trouble.to_string());
                continue;
            }
        };
        let step = entries.iter().rev().find_map(|entry| match &entry.event {
            Event::Step(event) if matches!(event.act, StepAct::Started { .. }) => Some(event),
            _ => None,
        });
        if open && let Some(event) = step {
            let key = StepKey { step: event.step.clone(), target: event.target.clone() };
            let live = Live { run, state: None, waits: known.run.prompt.is_some() };
            look.live.insert(key, live);
        } else if open {
            running.push(format!("run {run} ({})", known.run.title));
        }
        if step.is_some() {
            journals.push((Some(run), entries));
        }
    }
    look.no_run = Some(match running.first() {
        Some(run) => (Truth::Fails, format!("{run} runs")),
        None => (Truth::Holds, "no run of ours is open".to_owned()),
    });
    let parts: Vec<JournalOf<'_>> =
        journals.iter().map(|(run, entries)| JournalOf { run: *run, entries }).collect();
    look.progress = progress(plan, &parts);
    for (key, past) in &look.progress.steps {
        if let Some(run) = past.last().and_then(|act| act.run)
            && let Some(text) = tail(&runs.directory(run).join("output"))
        {
            look.printed.insert(key.clone(), printed(&text));
        }
    }
}

/// The end of an output.
fn tail(path: &Path) -> Option<Vec<u8>> {
    let mut file = std::fs::File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL))).ok()?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// What an output says, with its recap where Ansible wrote one.
pub fn printed(bytes: &[u8]) -> Printed {
    let mut feed = Feed::default();
    feed.push(bytes);
    feed.end(false);
    let outline = feed.outline();
    let recap = outline.recaps.last().map(|recap| {
        let bad = recap.rows.iter().find(|row| row.failed > 0 || row.unreachable > 0);
        match bad {
            None => (true, format!("{} hosts without failed and unreachable", recap.rows.len())),
            Some(row) => {
                let host = usize::try_from(row.host).ok().and_then(|at| outline.hosts.get(at));
                let host = host.map_or("a host", String::as_str);
                (false, format!("{host}: failed={} unreachable={}", row.failed, row.unreachable))
            }
        }
    });
    let text = without_controls(&String::from_utf8_lossy(bytes)).into_owned();
    Printed { text, recap }
}

/// The public halves of the keys that the plan names, from the file beside each.
fn read_keys(look: &mut PlanLook, plan: &Plan) {
    let groups: BTreeSet<String> = plan
        .values
        .values()
        .filter_map(|meaning| match &meaning.source {
            Source::PublicKeyOf { group, .. } => Some(group.clone()),
            _ => None,
        })
        .collect();
    let mut found = BTreeMap::new();
    if let Ok(world) = look.world() {
        for group in groups {
            let Some(file) = world.of_first_host(&group, "ansible_ssh_private_key_file") else {
                continue;
            };
            let beside = PathBuf::from(format!("{}.pub", at_home(&file).display()));
            if let Ok(text) = std::fs::read_to_string(beside)
                && let Some(line) = text.lines().find(|line| !line.trim().is_empty())
            {
                found.insert(file, line.trim().to_owned());
            }
        }
    }
    look.public_keys = found;
}

/// A path with `~/` put where it belongs.
pub fn at_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    }
}

/// Values of files of the release directory, where this machine has it.
fn read_files(look: &mut PlanLook, plan: &Plan) {
    for meaning in plan.values.values() {
        let Source::File { path, field } = &meaning.source else { continue };
        let file = at_home("~/release-assets").join(path);
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let (key, value) = match field {
            None => (path.clone(), Some(text)),
            Some(field) => {
                let document = crate::inventory::yaml::read(&text, &file).ok();
                let node = document.as_ref().and_then(|document| document.root.at(field));
                (format!("{path}/{field}"), node.and_then(|node| node.as_str()).map(str::to_owned))
            }
        };
        if let Some(value) = value {
            look.files.insert(key, value);
        }
    }
}

/// The states of the waits of what runs now.
fn note_states(look: &mut PlanLook) -> Result<(), String> {
    let world = look.world()?;
    let states: Vec<(StepKey, Option<String>)> = look
        .live
        .keys()
        .filter_map(|key| {
            let step = world.plan.step(&key.step)?;
            Some((key.clone(), wait_state(&world, step, key.target.as_deref())))
        })
        .collect();
    for (key, state) in states {
        if let Some(live) = look.live.get_mut(&key) {
            live.state = state;
        }
    }
    Ok(())
}

/// The layers whose checks a plan's conditions ask.
fn layers_of(plan: &Plan, library: &Library) -> Vec<Layer> {
    let mut layers = BTreeSet::new();
    let mut add = |expr: &Expr| {
        for leaf in expr.leaves() {
            if let Ask::Check { check, .. } = &leaf.ask {
                layers.extend(crate::checks::areas::layer_of(check));
            }
        }
    };
    for step in plan.steps() {
        conditions(library, step).into_iter().for_each(&mut add);
    }
    if let Some(book) = &plan.runbook {
        book.verify.iter().for_each(&mut add);
    }
    layers.into_iter().collect()
}
