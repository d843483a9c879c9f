//! Everything that conditions of a plan are judged on today.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::past::{Progress, StepKey};
use crate::domain::{Judgement, Role, Site, Stamp, Target, TargetKind};
use crate::install::expression::{Setting, Truth};
use crate::install::plan::template::{Source, fill};
use crate::install::plan::{Library, Plan};
use crate::inventory::{Inventory, Kind, Node, Problem, Vars, reference};

/// How a step goes now, as whoever watches its run says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// Its run.
    pub run: u64,
    /// The state of its wait (`key-needed`), where it has some.
    pub state: Option<String>,
    /// Whether it waits for a person.
    pub waits: bool,
}

/// What a step's last command printed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Printed {
    /// The output, or as much of its end as was read.
    pub text: String,
    /// Whether every recap line is clean, with a sentence; `None` without a recap.
    pub recap: Option<(bool, String)>,
}

/// What is known today. What is `None` cannot be looked at, and what rests on it is unknown.
#[derive(Debug, Clone, Default)]
pub struct Today<'a> {
    /// The inventory.
    pub inventory: Option<&'a Inventory>,
    /// What the rules of the inventory say; `None` where they were not applied.
    pub problems: Option<&'a [Problem]>,
    /// What checks say.
    pub judgements: Vec<&'a Judgement>,
    /// Steps that run now.
    pub live: BTreeMap<StepKey, Live>,
    /// What steps printed.
    pub printed: BTreeMap<StepKey, Printed>,
    /// What read-only scripts said, by their condition as it is shown.
    pub scripts: BTreeMap<String, (Truth, String)>,
    /// Whether nothing else runs that changes the site, with a sentence.
    pub no_run: Option<(Truth, String)>,
    /// The version of the unpacked release package.
    pub release: Option<String>,
    /// Public halves of private keys (one line each), by the file's path as the inventory has it.
    pub public_keys: BTreeMap<String, String>,
    /// Values of files of the release directory, by `PATH` or `PATH/KEY`.
    pub files: BTreeMap<String, String>,
    /// The time.
    pub now: Stamp,
}

/// A plan, what happened in it, and what is known today.
pub struct World<'a> {
    /// All plans.
    pub library: &'a Library,
    /// The plan.
    pub plan: &'a Plan,
    /// What happened in it.
    pub progress: &'a Progress,
    /// The site.
    pub site: &'a Site,
    /// What is known today.
    pub today: Today<'a>,
    /// Steps that are being judged, so that none rests on itself.
    pub(super) judging: RefCell<BTreeSet<StepKey>>,
    /// What was judged already.
    pub(super) judged: RefCell<BTreeMap<StepKey, (Truth, String)>>,
}

impl<'a> World<'a> {
    /// Puts it together.
    pub fn new(
        library: &'a Library,
        plan: &'a Plan,
        progress: &'a Progress,
        site: &'a Site,
        today: Today<'a>,
    ) -> World<'a> {
        let (judging, judged) = (RefCell::default(), RefCell::default());
        World { library, plan, progress, site, today, judging, judged }
    }

    /// The names behind a word for several targets (`control_nodes`), a group or a
    /// host; `None` where the site does not say who they are.
    pub fn targets(&self, word: &str) -> Option<Vec<String>> {
        let of = |is_wanted: &dyn Fn(&Target) -> bool| -> Option<Vec<String>> {
            let names: Vec<String> = self
                .site
                .targets
                .iter()
                .filter(|target| is_wanted(target))
                .map(|target| target.name.clone())
                .collect();
            (!names.is_empty()).then_some(names)
        };
        let host = |target: &Target| target.kind == TargetKind::Host;
        let in_group = |target: &Target, group: &str| target.groups.iter().any(|one| one == group);
        match word {
            "switches" => of(&|target| target.kind == TargetKind::Switch),
            "bmcs" => of(&|target| target.kind == TargetKind::Bmc),
            "storage_nodes" => of(&|target| target.is(Role::Storage)),
            "control_nodes" => of(&|target| target.is(Role::Control)),
            "compute_nodes" => of(&|target| target.is(Role::Compute)),
            "gpu_nodes" => of(&|target| in_group(target, "gpu") || in_group(target, "gpu_nodes"))
                .or_else(|| of(&|target| target.is(Role::Compute))),
            "servers" | "nodes" => of(&|target| {
                target.is(Role::Storage) || target.is(Role::Control) || target.is(Role::Compute)
            }),
            "routers" => of(&|target| target.is(Role::RouterVm)),
            "monitors" => self.list("ceph_mon_hosts"),
            "operators" => self.list("operator_users"),
            "gateways" | "tenants" | "service_names" => None,
            word => of(&|target| host(target) && in_group(target, word))
                .or_else(|| of(&|target| target.name == word)),
        }
    }

    /// The entries of a list of the inventory, as text.
    fn list(&self, path: &str) -> Option<Vec<String>> {
        let (node, vars) = self.find(path)?;
        let names: Vec<String> = node
            .items()
            .iter()
            .filter_map(|item| {
                let item = ["name", "email"].iter().find_map(|key| item.get(key)).unwrap_or(item);
                reference::text(item, &vars).map(|text| text.into_owned())
            })
            .collect();
        (!names.is_empty()).then_some(names)
    }

    /// A variable of the inventory by its dotted path, wherever it stands: `all`
    /// first, then groups, then hosts.
    fn find(&self, path: &str) -> Option<(Node, Vars)> {
        let inventory = self.today.inventory?;
        let (root, rest) = match path.split_once('.') {
            Some((root, rest)) => (root, Some(rest)),
            None => (path, None),
        };
        let pick = |vars: &Vars| -> Option<Node> {
            let value = vars.get(root)?;
            let found = match rest {
                Some(rest) => value.at(rest)?,
                None => value,
            };
            Some(found.clone())
        };
        if let Some(node) = pick(inventory.all_vars()) {
            return Some((node, inventory.all_vars().clone()));
        }
        for name in inventory.groups.keys() {
            let vars = inventory.group_vars(name);
            if let Some(node) = pick(&vars) {
                return Some((node, vars));
            }
        }
        inventory.hosts.iter().find_map(|host| {
            let vars = inventory.host_vars(&host.name)?;
            pick(&vars).map(|node| (node, Vars::clone(&vars)))
        })
    }

    /// How an inventory variable is set.
    pub fn setting(&self, path: &str) -> Setting {
        if self.today.inventory.is_none() {
            return Setting::Unreadable;
        }
        let Some((node, vars)) = self.find(path) else { return Setting::NotSet };
        match &node.kind {
            Kind::Null => Setting::NotSet,
            Kind::Vault(_) => Setting::Sealed,
            Kind::List(items) if items.is_empty() => Setting::NotSet,
            Kind::Map(entries) if entries.is_empty() => Setting::NotSet,
            Kind::List(_) | Kind::Map(_) => Setting::Is("…".to_owned()),
            Kind::Bool(yes) => Setting::Is(yes.to_string()),
            _ => match reference::text(&node, &vars) {
                Some(text) => Setting::Is(text.into_owned()),
                None => Setting::Unreadable,
            },
        }
    }

    /// A variable of the first host of a group; `name` is the host's own name.
    pub fn of_first_host(&self, group: &str, field: &str) -> Option<String> {
        let inventory = self.today.inventory?;
        let host = inventory.hosts_in(group).into_iter().next()?;
        if field == "name" {
            return Some(host.name.clone());
        }
        let vars = inventory.host_vars(&host.name)?;
        let root = field.split('.').next()?;
        let node = vars.get(root)?;
        let node = match field.split_once('.') {
            Some((_, rest)) => node.at(rest)?,
            None => node,
        };
        reference::text(node, &vars).map(|text| text.into_owned())
    }

    /// What a name of the plan means now; `None` while nobody knows. A secret is
    /// never known here.
    pub fn value(&self, name: &str, target: Option<&str>) -> Option<String> {
        self.value_within(name, target, 0)
    }

    fn value_within(&self, name: &str, target: Option<&str>, depth: u8) -> Option<String> {
        // Names made of names end; a test of the loader does not follow rings of them.
        if depth > 8 {
            return None;
        }
        match &self.plan.values.get(name)?.source {
            Source::Variable { path, default } => match self.setting(path) {
                Setting::Is(value) => Some(value),
                Setting::NotSet | Setting::Unreadable => default.clone(),
                Setting::Sealed => None,
            },
            Source::Host { group, field } => self.of_first_host(group, field),
            Source::PublicKeyOf { group, is_fingerprint } => {
                let file = self.of_first_host(group, "ansible_ssh_private_key_file")?;
                let line = self.today.public_keys.get(&file)?;
                if *is_fingerprint { fingerprint(line) } else { Some(line.clone()) }
            }
            Source::Output { step, name, is_list } => {
                let given = self.progress.of(&StepKey::new(step, None)).gave.get(name)?;
                if *is_list { Some(given.join("\n")) } else { given.last().cloned() }
            }
            Source::File { path, field } => {
                let key = match field {
                    Some(field) => format!("{path}/{field}"),
                    None => path.clone(),
                };
                self.today.files.get(&key).cloned()
            }
            Source::Ask { default, .. } => {
                self.progress.answers.get(name).or(default.as_ref()).cloned()
            }
            Source::Secret(_) => None,
            Source::Each(None) => target.map(str::to_owned),
            Source::Each(Some(field)) => self.of_target(target?, field),
            Source::Text(text) => {
                let mut is_whole = true;
                let filled = fill(text, &mut |inner| {
                    let value = self.value_within(inner, target, depth + 1);
                    is_whole &= value.is_some();
                    value
                });
                is_whole.then_some(filled)
            }
        }
    }

    /// A property of a target.
    fn of_target(&self, target: &str, field: &str) -> Option<String> {
        let found = self.site.find(target).ok();
        match field {
            "name" => Some(target.to_owned()),
            "serial" => found?.serial.clone(),
            "address" => found?.ssh.as_ref().map(|ssh| ssh.address.clone()),
            "bmc" => {
                let found = found?;
                let bmc =
                    if found.bmc.is_some() { Some(found) } else { self.site.bmc_of(&found.id) };
                bmc?.bmc.as_ref().map(|bmc| bmc.host.clone())
            }
            field => found?.wanted.get(field).cloned(),
        }
    }
}

/// The fingerprint of a public key line, as `ssh-keygen -l` writes it.
fn fingerprint(line: &str) -> Option<String> {
    use base64::Engine as _;
    use sha2::Digest as _;
    let blob = line.split_whitespace().nth(1)?;
    let blob = base64::engine::general_purpose::STANDARD.decode(blob).ok()?;
    let digest = sha2::Sha256::digest(blob);
    Some(format!("SHA256:{}", base64::engine::general_purpose::STANDARD_NO_PAD.encode(digest)))
}
