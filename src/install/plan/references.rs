//! What files of plans say of each other: ids that exist once, names that mean
//! something, steps that can be reached.

use std::collections::{BTreeMap, BTreeSet};

use super::fault::Fault;
use super::kind::{Kind, Program};
use super::library::Library;
use super::step::{Choice, Step, TARGETS};
use super::template::Source;
use super::{Origin, Plan, Template};
use crate::checks;
use crate::domain::{Place, nearest};
use crate::install::expression::{Ask, Expr, GivenTest, Leaf, Wanted};
use crate::inventory::rules::FACTORY_GROUPS;
use crate::inventory::variables;

/// What steps may refer to outside of plans.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The checks.
    pub checks: &'a checks::Catalogue,
    /// Variables and rules of the inventory.
    pub inventory: &'a variables::Catalogue,
}

/// Everything that is known by its id.
struct Ids<'a> {
    /// Steps of any plan.
    steps: BTreeSet<&'a str>,
    plans: BTreeSet<&'a str>,
    interlocks: BTreeSet<&'a str>,
    duties: BTreeSet<&'a str>,
    scripts: BTreeSet<&'a str>,
    /// Outputs as `STEP/NAME`.
    outputs: BTreeSet<String>,
    /// Checks, variables and rules.
    known: Known<'a>,
}

/// Checks a library; faults go into it.
pub fn check(library: &mut Library, known: &Known<'_>) {
    let mut faults = Vec::new();
    let steps = || library.plans.iter().flat_map(Plan::steps);
    let ids = Ids {
        steps: steps().map(|step| step.id.as_str()).collect(),
        plans: library.plans.iter().map(|plan| plan.id.as_str()).collect(),
        interlocks: library.interlocks.iter().map(|one| one.id.as_str()).collect(),
        duties: library.duties.iter().map(|one| one.id.as_str()).collect(),
        scripts: library.scripts.keys().map(String::as_str).collect(),
        outputs: steps()
            .flat_map(|step| step.outputs.iter().map(|out| format!("{}/{}", step.id, out.name)))
            .collect(),
        known: *known,
    };
    twice(library.plans.iter().map(|plan| (&plan.id, &plan.place)), "plan", &mut faults);
    twice(library.interlocks.iter().map(|one| (&one.id, &one.place)), "interlock", &mut faults);
    twice(library.duties.iter().map(|one| (&one.id, &one.place)), "duty", &mut faults);
    one_step_of_a_name(library, &mut faults);
    for plan in &library.plans {
        let own: BTreeSet<&str> = plan.steps().map(|step| step.id.as_str()).collect();
        let near = if plan.is_whole() { &own } else { &ids.steps };
        for step in plan.steps() {
            ids.step(plan, step, near, &mut faults);
        }
        ids.values(plan, near, &mut faults);
        if let Some(variant) = &plan.variant_when {
            ids.condition(variant, near, &mut faults);
        }
        if let Some(book) = &plan.runbook {
            book.verify.iter().for_each(|one| ids.condition(one, &ids.steps, &mut faults));
            for finding in &book.findings {
                if !ids.knows_code(finding) {
                    faults.push(ids.no_check(&plan.place, finding));
                }
            }
        }
        reachable(plan, &mut faults);
    }
    let is_changed = library.plans.iter().any(|plan| plan.origin != Origin::BuiltIn);
    for interlock in &library.interlocks {
        ids.condition(&interlock.until, &ids.steps, &mut faults);
        // A plan in place of one of the program's may leave out a step that an interlock names.
        let may_be_gone = is_changed && interlock.place.file.starts_with("assets/plans");
        let here = |id: &&String| !may_be_gone || ids.steps.contains(id.as_str());
        for blocked in interlock.blocks.iter().filter(here) {
            ids.some_step(&interlock.place, blocked, &ids.steps, &mut faults);
        }
    }
    for duty in &library.duties {
        ids.condition(&duty.done, &ids.steps, &mut faults);
        for step in [Some(&duty.from), duty.step.as_ref()].into_iter().flatten() {
            ids.some_step(&duty.place, step, &ids.steps, &mut faults);
        }
    }
    library.faults.append(&mut faults);
    // A phase that two plans list is judged twice.
    library.faults.sort();
    library.faults.dedup();
}

/// Ids that stand twice.
fn twice<'a>(
    ids: impl Iterator<Item = (&'a String, &'a Place)>,
    what: &str,
    faults: &mut Vec<Fault>,
) {
    let mut first: BTreeMap<&str, &Place> = BTreeMap::new();
    for (id, place) in ids {
        if let Some(before) = first.insert(id, place) {
            let found = format!("{what} {id} is there twice");
            faults.push(Fault::new(place, found, format!("the other is at {before}")));
        }
    }
}

/// Steps of one name in different places: the journal would take one for the other.
fn one_step_of_a_name(library: &Library, faults: &mut Vec<Fault>) {
    let mut first: BTreeMap<&str, &Place> = BTreeMap::new();
    for plan in &library.plans {
        let mut here = BTreeSet::new();
        for step in plan.steps() {
            let before = *first.entry(&step.id).or_insert(&step.place);
            // Variants of one plan do the same step differently.
            let is_twice = !here.insert(&step.id);
            if is_twice || (before != &step.place && !plan.is_whole()) {
                let found = format!("step {} is there twice", step.id);
                faults.push(Fault::new(&step.place, found, format!("the other is at {before}")));
            }
        }
    }
}

impl Ids<'_> {
    fn step(&self, plan: &Plan, step: &Step, near: &BTreeSet<&str>, faults: &mut Vec<Fault>) {
        let mut conditions = vec![&step.needs, &step.when, &step.done];
        match &step.kind {
            Kind::Run(run) => {
                for choice in &run.choices {
                    conditions.push(&choice.when);
                    self.script(&choice.command.program, faults);
                }
            }
            Kind::Gate(gate) => conditions.push(&gate.checks),
            Kind::Verify(verify) => conditions.extend(&verify.checks),
            Kind::Wait(wait) => conditions.push(&wait.until),
            Kind::Inventory(form) => {
                for field in &form.fields {
                    self.variable(&step.place, &field.variable, faults);
                    let rule = field.rule.iter().filter(|rule| !self.knows_code(rule));
                    faults.extend(rule.map(|rule| self.no_check(&step.place, rule)));
                }
            }
            Kind::Console(_) | Kind::Patch(_) | Kind::Call(_) => {}
        }
        for condition in conditions {
            self.condition(condition, near, faults);
        }
        for variable in &step.variables {
            self.variable(&step.place, variable, faults);
        }
        let known = |list: &[String], what: &str, ids: &BTreeSet<&str>, faults: &mut Vec<Fault>| {
            for id in list.iter().filter(|id| !ids.contains(id.as_str())) {
                faults.push(Fault::word(&step.place, what, id, ids.iter().copied()));
            }
        };
        known(&step.interlocks, "interlock", &self.interlocks, faults);
        known(&step.duties, "duty", &self.duties, faults);
        for other in &step.beside {
            self.some_step(&step.place, other, near, faults);
            if needs_done(&step.needs, other) {
                let found = format!("{} goes on beside {other} and needs it done", step.id);
                faults.push(Fault::new(&step.place, found, "one of both can be reached"));
            }
        }
        for choice in &step.after_failure {
            if let Choice::Step(other) = choice {
                self.way_on(&step.place, other, faults);
            }
        }
        for symptom in &step.symptoms {
            if let Some(other) = &symptom.step {
                self.way_on(&step.place, other, faults);
            }
        }
        for state in &step.states {
            self.condition(&state.enter, near, faults);
        }
        for other in step.branches.iter().filter_map(|branch| branch.step.as_ref()) {
            self.way_on(&step.place, other, faults);
        }
        for template in step.kind.templates().into_iter().chain(&step.object) {
            self.names(plan, step, template, faults);
        }
        for condition in [&step.needs, &step.when, &step.done] {
            self.names_of_condition(plan, step, condition, faults);
        }
        no_secret_in_arguments(plan, step, faults);
    }

    /// A step or a whole plan that is the way on after a failure.
    fn way_on(&self, place: &Place, id: &str, faults: &mut Vec<Fault>) {
        if !self.plans.contains(id) {
            self.some_step(place, id, &self.steps, faults);
        }
    }

    fn some_step(&self, place: &Place, id: &str, near: &BTreeSet<&str>, faults: &mut Vec<Fault>) {
        if near.contains(id) {
            return;
        }
        let mut fault = Fault::word(place, "step", id, near.iter().copied());
        if self.steps.contains(id) {
            fault.sentence = format!("step `{id}` is of another plan");
            fault.accepted = "steps of a plan rest on steps of the same plan".to_owned();
        } else if fault.accepted.is_empty() {
            fault.accepted = "`shopfloor plan show PLAN` lists a plan's steps".to_owned();
        }
        faults.push(fault);
    }

    fn script(&self, program: &Program, faults: &mut Vec<Fault>) {
        if let Program::Script { name, .. } = program {
            self.script_name(&name.place, &name.text, faults);
        }
    }

    fn script_name(&self, place: &Place, name: &str, faults: &mut Vec<Fault>) {
        if !self.scripts.contains(name) {
            let known = self.scripts.iter().copied();
            let mut fault = Fault::word(place, "script", name, known);
            if self.scripts.is_empty() || fault.accepted.is_empty() {
                fault.accepted = "scripts stand in `scripts/` beside the plans".to_owned();
            }
            faults.push(fault);
        }
    }

    fn names_of_condition(&self, plan: &Plan, step: &Step, expr: &Expr, faults: &mut Vec<Fault>) {
        for Leaf { ask, place } in expr.leaves() {
            let texts: Vec<&String> = match ask {
                Ask::Confirmed { words, .. } => vec![words],
                Ask::Seen(pattern) => vec![pattern],
                Ask::Script { arguments, stdin, .. } => arguments.iter().chain(stdin).collect(),
                Ask::Output { is: GivenTest::Is(text) | GivenTest::Contains(text), .. } => {
                    vec![text]
                }
                _ => Vec::new(),
            };
            for text in texts {
                let template = Template { text: text.clone(), place: place.clone() };
                self.names(plan, step, &template, faults);
            }
        }
    }

    fn names(&self, plan: &Plan, step: &Step, template: &Template, faults: &mut Vec<Fault>) {
        // Where a command runs now is always known.
        for name in template.names().into_iter().filter(|name| *name != "AT") {
            match plan.values.get(name).map(|meaning| &meaning.source) {
                None => {
                    let known: Vec<&str> = plan.values.keys().map(String::as_str).collect();
                    let near = nearest(name, known.iter().copied());
                    let found = format!("`<{name}>` means nothing in plan {}", plan.id);
                    let accepted = match near {
                        Some(near) => format!("did you mean `<{near}>`?"),
                        None => format!(
                            "`values:` of {} says what names mean",
                            plan.place.file.display()
                        ),
                    };
                    faults.push(Fault::new(&template.place, found, accepted));
                }
                Some(Source::Each(_)) if step.for_each.is_none() => {
                    let found = format!("`<{name}>` is a target, and {} is done once", step.id);
                    faults.push(Fault::new(&template.place, found, "`for_each:` repeats a step"));
                }
                Some(_) => {}
            }
        }
    }

    fn values(&self, plan: &Plan, near: &BTreeSet<&str>, faults: &mut Vec<Fault>) {
        for (name, meaning) in &plan.values {
            let place = &meaning.place;
            match &meaning.source {
                Source::Variable { path, .. } => self.variable(place, path, faults),
                Source::Output { step, name, .. } => self.output(place, step, name, faults),
                Source::Ask { step: Some(step), .. } => self.some_step(place, step, near, faults),
                Source::Text(text) => {
                    let text = Template { text: text.clone(), place: place.clone() };
                    let inner = text.names();
                    let means = |inner: &str| plan.values.contains_key(inner) && inner != name;
                    for inner in inner.into_iter().filter(|inner| !means(inner)) {
                        let found = format!("`<{inner}>` means nothing in plan {}", plan.id);
                        faults.push(Fault::new(place, found, "another name under `values:`"));
                    }
                }
                Source::Ask { .. }
                | Source::Host { .. }
                | Source::PublicKeyOf { .. }
                | Source::File { .. }
                | Source::Secret(_)
                | Source::Each(_) => {}
            }
        }
    }

    fn output(&self, place: &Place, step: &str, name: &str, faults: &mut Vec<Fault>) {
        let path = format!("{step}/{name}");
        if !self.outputs.contains(&path) {
            let known = self.outputs.iter().map(String::as_str);
            faults.push(Fault::word(place, "output of a step", &path, known));
        }
    }

    fn variable(&self, place: &Place, path: &str, faults: &mut Vec<Fault>) {
        let catalogue = self.known.inventory;
        let root = path.split(['.', '[']).next().unwrap_or(path);
        if !catalogue.knows(root) {
            let mut fault = Fault::word(place, "variable of the inventory", path, []);
            if let Some(near) = nearest(root, catalogue.names()) {
                fault.accepted = format!("did you mean `{near}`?");
            } else {
                fault.accepted = "`docs/inventory.md` lists them".to_owned();
            }
            faults.push(fault);
        }
    }

    fn condition(&self, condition: &Expr, near: &BTreeSet<&str>, faults: &mut Vec<Fault>) {
        for Leaf { ask, place } in condition.leaves() {
            match ask {
                Ask::Step { step, .. } => self.some_step(place, step, near, faults),
                Ask::Check { check, at, .. } => {
                    if !self.knows_code(check) {
                        faults.push(self.no_check(place, check));
                    }
                    // Hosts and groups of a site cannot be known here; a slip can.
                    if let Some(at) = at.as_deref()
                        && !TARGETS.contains(&at)
                        && !FACTORY_GROUPS.contains(&at)
                        && nearest(at, TARGETS).is_some()
                    {
                        faults.push(Fault::word(place, "list of targets", at, TARGETS));
                    }
                }
                Ask::Rule(rule) if !self.knows_code(rule) => {
                    faults.push(self.no_check(place, rule));
                }
                Ask::Variable { path, .. } => self.variable(place, path, faults),
                Ask::UrlExpiresAfter { variable, step } => {
                    self.variable(place, variable, faults);
                    self.some_step(place, step, near, faults);
                }
                Ask::Output { step, name, .. } => self.output(place, step, name, faults),
                Ask::Script { name, .. } => self.script_name(place, name, faults),
                _ => {}
            }
        }
    }

    /// Whether there is such a check or rule. Of an area that no record is there for yet,
    /// every code is.
    fn knows_code(&self, code: &str) -> bool {
        if code.starts_with("V-") {
            return self.known.inventory.rule(code).is_some();
        }
        let checks = &self.known.checks.checks;
        let area = code.split('-').next().unwrap_or(code);
        checks.contains_key(code)
            || (checks::areas::layer_of(code).is_some()
                && !checks.keys().any(|known| known.split('-').next() == Some(area)))
    }

    fn no_check(&self, place: &Place, code: &str) -> Fault {
        let rules = self.known.inventory.rules().iter().map(|rule| rule.id.as_str());
        let checks = self.known.checks.checks.keys().map(String::as_str);
        let (what, near) = if code.starts_with("V-") {
            ("rule of the inventory", nearest(code, rules))
        } else {
            ("check", nearest(code, checks))
        };
        let mut fault = Fault::word(place, what, code, []);
        fault.accepted = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`shopfloor check --list` lists the checks".to_owned(),
        };
        fault
    }
}

/// Secrets never stand in an argument vector: everybody on the machine can read it (IL-25).
fn no_secret_in_arguments(plan: &Plan, step: &Step, faults: &mut Vec<Fault>) {
    let Kind::Run(run) = &step.kind else { return };
    for command in run.choices.iter().map(|choice| &choice.command) {
        let words = match &command.program {
            Program::Argv(words) => words,
            Program::Script { arguments, .. } => arguments,
            Program::Make { .. } => continue,
        };
        for word in words {
            for name in word.names() {
                if plan.values.get(name).is_some_and(|one| matches!(one.source, Source::Secret(_)))
                {
                    let found = format!("the secret `<{name}>` stands in an argument");
                    faults.push(Fault::new(&word.place, found, "give it on `stdin`"));
                }
            }
        }
    }
}

/// Whether a condition cannot hold before a step is done.
fn needs_done(condition: &Expr, other: &str) -> bool {
    match condition {
        Expr::All(parts) => parts.iter().any(|part| needs_done(part, other)),
        Expr::Any(parts) => parts.iter().all(|part| needs_done(part, other)),
        Expr::Not(_) => false,
        Expr::Leaf(leaf) => {
            matches!(&leaf.ask, Ask::Step { step, wanted: Wanted::Done } if step == other)
        }
    }
}

/// Whether a condition can come to hold while only these steps are ever done.
fn can_hold(condition: &Expr, done: &BTreeSet<&str>, own: &BTreeSet<&str>) -> bool {
    match condition {
        Expr::All(parts) => parts.iter().all(|part| can_hold(part, done, own)),
        Expr::Any(parts) => parts.iter().any(|part| can_hold(part, done, own)),
        Expr::Not(_) => true,
        Expr::Leaf(Leaf { ask: Ask::Step { step, wanted }, .. }) => {
            *wanted == Wanted::NotRunning
                || done.contains(step.as_str())
                || !own.contains(step.as_str())
        }
        Expr::Leaf(_) => true,
    }
}

/// Steps that can never start: those of a cycle, and those behind it.
fn reachable(plan: &Plan, faults: &mut Vec<Fault>) {
    let own: BTreeSet<&str> = plan.steps().map(|step| step.id.as_str()).collect();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    loop {
        let more: Vec<&str> = plan
            .steps()
            .filter(|step| !done.contains(step.id.as_str()))
            .filter(|step| can_hold(&step.needs, &done, &own))
            .map(|step| step.id.as_str())
            .collect();
        if more.is_empty() {
            break;
        }
        done.extend(more);
    }
    let stuck: Vec<&Step> = plan.steps().filter(|step| !done.contains(step.id.as_str())).collect();
    let next = |step: &Step| -> Option<&Step> {
        step.needs.leaves().into_iter().find_map(|leaf| match &leaf.ask {
            Ask::Step { step, .. } => stuck.iter().find(|one| one.id == *step).copied(),
            _ => None,
        })
    };
    for step in &stuck {
        let mut way = vec![step.id.as_str()];
        let mut at = *step;
        let is_cycle = loop {
            let Some(found) = next(at) else { break false };
            if found.id == step.id {
                break true;
            }
            if way.contains(&found.id.as_str()) {
                break false;
            }
            way.push(&found.id);
            at = found;
        };
        let (found, accepted) = if is_cycle {
            way.push(&step.id);
            (format!("a cycle: {}", way.join(" needs ")), "one of them must not need the other")
        } else {
            let last = way.get(1).copied().unwrap_or_default();
            (
                format!("{} can never start: it needs {last}, which never can", step.id),
                "mend the cycle that it stands behind",
            )
        };
        faults.push(Fault::new(&step.place, found, accepted));
    }
}
