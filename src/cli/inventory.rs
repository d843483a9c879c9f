//! `shopfloor inventory check|show|explain|set`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;

use crate::domain::CauseWord;
use crate::inventory::problem::RULE_VAULT;
use crate::inventory::site::open_site;
use crate::inventory::variables::Catalogue;
use crate::inventory::{Inventory, Problem, Settings, compare, edit, explain, report};
use crate::runtime::inventory_rules::problems_of;
use crate::runtime::load::{LoadOptions, prove_named_password};
use crate::transport::local::{self, Program};

use super::{InventoryCommand, exit, print};

/// How long ansible-inventory may take; it starts slowly and reads every host.
const ANSIBLE_PATIENCE: Duration = Duration::from_secs(120);

/// The example of an inventory, as the repository has it.
const EXAMPLE: &str = include_str!("../../inventory.example.yml");

/// Runs a subcommand.
///
/// # Errors
/// A sentence: the inventory cannot be read, a name is unknown, the output refuses.
pub async fn run(load: &LoadOptions, command: &InventoryCommand) -> Result<u8, String> {
    match command {
        InventoryCommand::Check { step, strict, json } => {
            check(load, step.as_deref(), *strict, *json)
        }
        InventoryCommand::Example => {
            print::text(EXAMPLE)?;
            Ok(exit::DONE)
        }
        InventoryCommand::Show { name, json } => show(load, name.as_deref(), *json),
        InventoryCommand::Explain { host, compare, json } => {
            explain_host(load, host, *compare, *json).await
        }
        InventoryCommand::Set { path, value, dry_run } => set(load, path, value, *dry_run),
    }
}

fn check(
    load: &LoadOptions,
    step: Option<&str>,
    strict: bool,
    as_json: bool,
) -> Result<u8, String> {
    let variables = Catalogue::shipped().map_err(str::to_owned)?;
    if let Some(step) = step
        && !variables.steps().iter().any(|known| known == step)
    {
        return Err(format!(
            "there is no step `{step}` in the procedure; steps are written like HW-5.0"
        ));
    }
    let opened = open_site(&load.directory, &load.vault()?);
    let problems =
        problems_of(&load.directory, &opened, step).map_err(|error| error.to_string())?;
    let file = match &opened.inventory {
        Ok(inventory) => inventory.file.clone(),
        Err(_) => load.directory.join("inventory.yml"),
    };
    // The program ends with this answer; to take a large site apart first would only cost time.
    std::mem::forget(opened);
    print_problems(&file, &problems, variables, as_json)?;
    Ok(report::exit_status(&problems, strict))
}

fn print_problems(
    file: &std::path::Path,
    problems: &[Problem],
    variables: &Catalogue,
    as_json: bool,
) -> Result<(), String> {
    if as_json {
        return print::json(&report::json(file, problems));
    }
    let sources = report::Sources::read(problems, variables);
    print::text(&report::text(problems, &sources, &report::Colours::default()))
}

fn load_inventory(load: &LoadOptions) -> Result<Inventory, String> {
    let opened = open_site(&load.directory, &load.vault()?);
    prove_named_password(load, &opened)?;
    // What the settings name counts like what is named here: it is needed to read sealed files.
    let of_vault = opened.built.problems.iter().find(|problem| problem.rule == RULE_VAULT);
    if let Some(problem) = of_vault {
        return Err(problem.line());
    }
    opened.inventory.map_err(|error| error.to_string())
}

fn show(load: &LoadOptions, name: Option<&str>, as_json: bool) -> Result<u8, String> {
    let inventory = load_inventory(load)?;
    if as_json {
        print::json(&explain::show_json(&inventory, name)?)?;
    } else {
        print::text(&explain::show_text(&inventory, name)?)?;
    }
    Ok(exit::DONE)
}

async fn explain_host(
    load: &LoadOptions,
    host: &str,
    compared: bool,
    as_json: bool,
) -> Result<u8, String> {
    let inventory = load_inventory(load)?;
    if !compared {
        if as_json {
            print::json(&explain::explain_json(&inventory, host)?)?;
        } else {
            print::text(&explain::explain_text(&inventory, host)?)?;
        }
        return Ok(exit::DONE);
    }
    // An unknown name is ours to tell; Ansible need not be there for it.
    explain::explain(&inventory, host)?;
    let output = local::run(&ansible_inventory(load, host)?).await.map_err(|cause| {
        let next = match cause.word {
            CauseWord::CommandMissing => "install ansible-core, which brings it",
            _ => &cause.next,
        };
        format!("{}; {next}", cause.sentence)
    })?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let differences = compare::compare_host(&inventory, host, &printed).map_err(|sentence| {
        let said = crate::domain::untrusted::printable(&String::from_utf8_lossy(&output.stderr));
        format!("{sentence}; ansible-inventory said: {said}")
    })?;
    if as_json {
        let differences: Vec<_> = differences
            .iter()
            .map(
                |d| json!({ "host": d.host, "path": d.path, "ours": d.ours, "ansible": d.ansible }),
            )
            .collect();
        print::json(&json!({ "schema": 1, "host": host, "differences": differences }))?;
    } else if differences.is_empty() {
        print::text(&format!("{host}: no difference to ansible-inventory\n"))?;
    } else {
        for difference in &differences {
            print::text(&format!("{difference}\n"))?;
        }
    }
    Ok(if differences.is_empty() { exit::DONE } else { exit::FOUND })
}

/// `ansible-inventory` for one host. It runs in the site's directory: Ansible
/// also reads `group_vars/` and `host_vars/` of the directory it is started in,
/// and `ansible.cfg`.
fn ansible_inventory(load: &LoadOptions, host: &str) -> Result<Program, String> {
    let whole = |path: &Path| {
        std::fs::canonicalize(path).map_err(|error| {
            format!("{} cannot be found: {error}; name another path", path.display())
        })
    };
    let directory = whole(&load.directory)?;
    let host = format!("--host={host}");
    let mut argv = vec!["ansible-inventory".to_owned(), "-i".into(), "inventory.yml".into(), host];
    // The path of the password, never the password.
    let settings = Settings::load(&load.directory);
    if let Some(file) = load.vault_password_file.as_ref().or(settings.vault_password_file.as_ref())
    {
        argv.extend(["--vault-password-file".to_owned(), whole(file)?.display().to_string()]);
    }
    Ok(Program {
        directory: Some(directory),
        timeout: ANSIBLE_PATIENCE,
        max_output: 64 << 20,
        ..Program::new(argv)
    })
}

fn set(load: &LoadOptions, path: &str, value: &str, dry_run: bool) -> Result<u8, String> {
    let file: PathBuf = load.directory.join("inventory.yml");
    let edit = edit::set(&file, path, value).map_err(|error| error.to_string())?;
    if !dry_run {
        edit.write().map_err(|error| error.to_string())?;
    }
    print::text(&edit.diff())?;
    Ok(exit::DONE)
}
