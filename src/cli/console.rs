//! `shopfloor console`: one console, full screen.

use std::path::Path;

use crate::app::consoles::{Place, SMALLEST_ALONE, places_of};
use crate::app::site_index::SiteIndex;
use crate::console::place::BAUD;
use crate::domain::{Role, Site, Target};
use crate::runner::Known;
use crate::runtime::load::{LoadOptions, load_site};
use crate::runtime::{run_store, terminal};

use super::ConsoleArgs;

/// Where the console goes that was asked for.
///
/// # Errors
/// A sentence when the site has no such target, or the terminal has no room.
pub async fn place(load: &LoadOptions, args: &ConsoleArgs) -> Result<Place, String> {
    let (columns, rows) = terminal::size();
    let (least, most) = SMALLEST_ALONE;
    if columns < least || rows < most {
        return Err(format!(
            "a console needs a terminal of {least}x{most}; this one has {columns}x{rows}"
        ));
    }
    if let Some(run) = args.run {
        let known = run_of(load, run)?;
        let is_new =
            args.local || args.target.is_some() || args.virsh.is_some() || args.serial.is_some();
        if !is_new {
            return back_to(&known, args.number);
        }
        let here = ConsoleArgs { run: None, ..args.clone() };
        return Ok(Box::pin(place(load, &here)).await?.in_run(run));
    }
    if args.local {
        return Ok(Place::Local(args.command.clone()));
    }
    if let Some(file) = &args.replay {
        crate::console::recording::Playback::open(file)?;
        return Ok(Place::Replay(absolute(file)));
    }
    let load = load.clone();
    let loaded = tokio::task::spawn_blocking(move || load_site(&load)).await;
    let loaded = loaded.map_err(|error| format!("reading the site failed: {error}"))??;
    let place = of_site(&loaded.site, args)?;
    Ok(place)
}

/// A run that holds consoles, or could.
fn run_of(load: &LoadOptions, run: u64) -> Result<Known, String> {
    let runs =
        run_store::find(&load.directory).ok_or("no run yet; `shopfloor run start` starts one")?;
    let known = runs.read(run).map_err(|trouble| trouble.to_string())?;
    if !known.has_runner {
        let word = known.word().word();
        return Err(format!(
            "run {run} is {word} and holds no console; without --run it is opened here"
        ));
    }
    Ok(known)
}

/// A console that the run holds already.
fn back_to(known: &Known, number: Option<u64>) -> Result<Place, String> {
    let run = known.run.id;
    let mut there = known.run.consoles.iter().filter(|console| !console.is_closed);
    let console = match number {
        Some(number) => there.find(|console| console.number == number),
        None => {
            let all: Vec<_> = there.collect();
            all.iter().rfind(|console| console.ended.is_none()).or(all.last()).copied()
        }
    };
    match (console, number) {
        (Some(console), _) => Ok(Place::InRun {
            run,
            console: Some(console.number),
            name: console.name.clone(),
            to: None,
        }),
        (None, Some(number)) => Err(format!("run {run} holds no console {number}")),
        (None, None) => Err(format!(
            "run {run} holds no console; `shopfloor console TARGET --run {run}` opens one in it"
        )),
    }
}

fn absolute(file: &Path) -> std::path::PathBuf {
    std::path::absolute(file).unwrap_or_else(|_| file.to_owned())
}

fn of_site(site: &Site, args: &ConsoleArgs) -> Result<Place, String> {
    let index = SiteIndex::of(site);
    let target = args.target.as_deref().map(|name| site.find(name)).transpose()?;
    let ssh_of = |target: &Target| {
        let name = &target.name;
        target.ssh.clone().ok_or_else(|| format!("{name} is not reached over SSH"))
    };
    if let Some(domain) = &args.virsh {
        let on = target.or_else(|| site.router_box()).ok_or_else(|| {
            "the inventory names no router box; name the hypervisor before --virsh".to_owned()
        })?;
        if !crate::console::virsh::is_name(domain) {
            return Err(format!("`{domain}` is no name of a virtual machine"));
        }
        return Ok(Place::Virsh { on: ssh_of(on)?, domain: domain.clone() });
    }
    if let Some(line) = &args.serial {
        let known =
            site.serial_lines.iter().find(|known| known.id == *line || known.target == *line);
        let id = known.map_or_else(|| line.clone(), |known| known.id.clone());
        let what = known.map(|known| known.target.clone()).unwrap_or_default();
        let baud = args.baud.or_else(|| known.and_then(|known| known.baud)).unwrap_or(BAUD);
        let on = target.map(ssh_of).transpose()?;
        return Ok(Place::Serial { on, line: id, baud, what });
    }
    let target = target.ok_or_else(|| "name a target".to_owned())?;
    let places = places_of(site, &index, target);
    let wanted = |place: &&Place| match place {
        Place::Sol { .. } => args.sol,
        Place::Ssh(_) => !args.sol,
        _ => false,
    };
    match (places.iter().find(wanted), args.sol) {
        (Some(place), _) => Ok(place.clone()),
        (None, true) => Err(format!(
            "the inventory knows no management controller of {} that offers IPMI",
            target.name
        )),
        (None, false) if target.is(Role::RouterBox) || target.ssh.is_none() => Err(format!(
            "{} is not reached over SSH; --sol, --serial and --virsh lead elsewhere",
            target.name
        )),
        (None, false) => Err(format!("no console leads to {}", target.name)),
    }
}
