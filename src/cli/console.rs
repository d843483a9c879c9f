//! `shopfloor console`: one console, full screen.

use std::path::Path;

use crate::app::consoles::{Place, SMALLEST_ALONE, places_of};
use crate::app::site_index::SiteIndex;
use crate::console::place::BAUD;
use crate::domain::{Role, Site, Target};
use crate::runtime::load::{LoadOptions, load_site};
use crate::runtime::terminal;

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
