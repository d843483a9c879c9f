//! Every plan of a site: those that come with the program, with what the user
//! and the site put in their place or beside them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::built_in;
use super::fault::Fault;
use super::reading::{self, Content};
use super::references::{self, Known};
use super::{Duty, Interlock, Meaning, Origin, Phase, Plan, Step};

/// A file of somebody's own plans, already read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFile {
    /// Whose.
    pub origin: Origin,
    /// Its path, for messages.
    pub path: PathBuf,
    /// Its name within the directory of plans (`hw-5.yml`, `scripts/hw-5.5.sh`).
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// Every plan, and what binds their steps.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Library {
    /// The plans, those that come with the program first, by file name.
    pub plans: Vec<Plan>,
    /// The interlocks.
    pub interlocks: Vec<Interlock>,
    /// The deferred duties.
    pub duties: Vec<Duty>,
    /// Scripts by file name.
    pub scripts: BTreeMap<String, String>,
    /// What is wrong with any file; what it is in does not count.
    pub faults: Vec<Fault>,
}

impl Library {
    /// The plans that come with the program.
    pub fn built_in(known: &Known<'_>) -> Library {
        Library::load(&[], known)
    }

    /// The plans that come with the program, with these files over them: one of
    /// the same name replaces, a new one is added, the site's wins over the
    /// user's. A file with faults does not count; what it would have replaced stays.
    pub fn load(own: &[PlanFile], known: &Known<'_>) -> Library {
        let mut chosen: BTreeMap<String, PlanFile> = BTreeMap::new();
        let shipped = |list: &[(&str, &str)]| -> Vec<PlanFile> {
            let file = |(name, text): &(&str, &str)| PlanFile {
                origin: Origin::BuiltIn,
                path: Path::new("assets/plans").join(name),
                name: (*name).to_owned(),
                text: (*text).to_owned(),
            };
            list.iter().map(file).collect()
        };
        for file in shipped(built_in::FILES).into_iter().chain(shipped(built_in::SCRIPTS)) {
            chosen.insert(file.name.clone(), file);
        }
        let base = chosen.clone();
        let mut layers: Vec<&PlanFile> = own.iter().collect();
        layers.sort_by_key(|file| file.origin);
        for file in layers {
            chosen.insert(file.name.clone(), file.clone());
        }
        let plain = Library::of(&base, known);
        if own.is_empty() {
            return plain;
        }
        let mut faults: Option<Vec<Fault>> = None;
        // Each round leaves out files with faults; the last round has only those of the program.
        loop {
            let library = Library::of(&chosen, known);
            let brought: Vec<Fault> =
                library.faults.iter().filter(|one| !plain.faults.contains(one)).cloned().collect();
            let own: BTreeSet<PathBuf> = chosen
                .values()
                .filter(|file| file.origin != Origin::BuiltIn)
                .map(|file| file.path.clone())
                .collect();
            let mut blamed: BTreeSet<PathBuf> =
                brought.iter().map(|fault| fault.place.file.clone()).collect();
            blamed.retain(|path| own.contains(path));
            if blamed.is_empty() && !brought.is_empty() {
                // A fault of a file that comes with the program, brought by one over it.
                blamed = own;
            }
            // What is wrong once a file is left out follows from that.
            let faults = faults.get_or_insert(brought);
            if blamed.is_empty() {
                let mut all = plain.faults;
                all.append(faults);
                return Library { faults: all, ..library };
            }
            let names: Vec<String> = chosen
                .values()
                .filter(|file| blamed.contains(&file.path))
                .map(|file| file.name.clone())
                .collect();
            for name in names {
                match base.get(&name) {
                    Some(file) => chosen.insert(name, file.clone()),
                    None => chosen.remove(&name),
                };
            }
        }
    }

    fn of(files: &BTreeMap<String, PlanFile>, known: &Known<'_>) -> Library {
        let mut library = Library::default();
        let mut phases: BTreeMap<&str, Phase> = BTreeMap::new();
        let mut listed = BTreeSet::new();
        let mut plans = Vec::new();
        for file in files.values() {
            if let Some(script) = file.name.strip_prefix("scripts/") {
                library.scripts.insert(script.to_owned(), file.text.clone());
                continue;
            }
            let faults = &mut library.faults;
            match reading::read(&file.path, &file.text, file.origin, faults) {
                Some(Content::Plan(plan, wanted)) => plans.push((*plan, wanted)),
                Some(Content::Phase(phase)) => {
                    phases.insert(&file.name, phase);
                }
                Some(Content::Interlocks(mut interlocks)) => {
                    library.interlocks.append(&mut interlocks);
                }
                Some(Content::Duties(mut duties)) => library.duties.append(&mut duties),
                None => {}
            }
        }
        for (mut plan, wanted) in plans {
            for (name, place) in wanted {
                match phases.get(name.as_str()) {
                    Some(phase) => plan.phases.push(phase.clone()),
                    None => {
                        let names: Vec<&str> = phases.keys().copied().collect();
                        let fault = Fault::word(&place, "phase file", &name, names);
                        library.faults.push(fault);
                    }
                }
                listed.insert(name);
            }
            library.plans.push(plan);
        }
        library.lend_values();
        for (name, phase) in phases.iter().filter(|(name, _)| !listed.contains(**name)) {
            let found = format!("no plan lists {name}: its steps can never be reached");
            library.faults.push(Fault::new(&phase.place, found, "list it under a plan's `phases`"));
        }
        references::check(&mut library, known);
        library
    }

    /// Gives plans the names of the plan that they take them from.
    fn lend_values(&mut self) {
        let lent: Vec<Option<BTreeMap<String, Meaning>>> = self
            .plans
            .iter()
            .map(|plan| {
                let from = plan.values_from.as_deref()?;
                self.plan(from).filter(|other| other.id != plan.id).map(|one| one.values.clone())
            })
            .collect();
        let ids: Vec<String> = self.plans.iter().map(|plan| plan.id.clone()).collect();
        for (plan, lent) in self.plans.iter_mut().zip(lent) {
            match (lent, &plan.values_from) {
                (Some(lent), _) => {
                    for (name, meaning) in lent {
                        plan.values.entry(name).or_insert(meaning);
                    }
                }
                (None, Some(from)) => {
                    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
                    self.faults.push(Fault::word(
                        &plan.place,
                        "plan to take values from",
                        from,
                        ids,
                    ));
                }
                (None, None) => {}
            }
        }
    }

    /// A plan by its id, capitals or not.
    pub fn plan(&self, id: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.id.eq_ignore_ascii_case(id))
    }

    /// A step of any plan.
    pub fn step(&self, id: &str) -> Option<(&Plan, &Step)> {
        self.plans.iter().find_map(|plan| Some((plan, plan.step(id)?)))
    }

    /// The interlock of that id.
    pub fn interlock(&self, id: &str) -> Option<&Interlock> {
        self.interlocks.iter().find(|interlock| interlock.id == id)
    }

    /// The interlocks that hold a step back.
    pub fn interlocks_of(&self, step: &str) -> impl Iterator<Item = &Interlock> {
        self.interlocks
            .iter()
            .filter(move |interlock| interlock.blocks.iter().any(|blocked| blocked == step))
    }

    /// The duty of that id.
    pub fn duty(&self, id: &str) -> Option<&Duty> {
        self.duties.iter().find(|duty| duty.id == id)
    }

    /// Plans that are offered from a check's finding.
    pub fn plans_for_finding(&self, check: &str) -> impl Iterator<Item = &Plan> {
        self.plans.iter().filter(move |plan| {
            plan.runbook.as_ref().is_some_and(|book| book.findings.iter().any(|id| id == check))
        })
    }
}
