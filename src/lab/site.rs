//! A demo site that runs: its directory, its servers, its faults.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::blueprint::Blueprint;
use super::control::Control;
use super::keys::{self, Authority};
use super::ports::{self, Addresses, Ports};
use super::redfish_server::RedfishServer;
use super::site_files::{self, SiteFiles};
use super::ssh_server::SshServer;
use super::state::{State, WELL};
use super::{credentials, files};
use crate::domain::faults::{Fault, FaultFuture, FaultLab};
use crate::inventory::Inventory;

/// How a demo site is started.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DemoOptions {
    /// Its directory; a temporary one, removed at the end, where none is named.
    pub directory: Option<PathBuf>,
    /// The situation to begin with. In a directory that was served before,
    /// `None` goes on with the faults of then; `well` ends them.
    pub scenario: Option<String>,
    /// What tells one demo site from another; the same seed gives the same values.
    pub seed: u64,
}

/// A demo site that runs until it is dropped.
#[derive(Debug)]
pub struct DemoSite {
    // The order of the fields is the order of the end: servers stop, files go, the lock opens.
    servers: JoinSet<()>,
    directory: SiteDirectory,
    addresses: Addresses,
    port: u16,
    state: Arc<State>,
    _lock: File,
}

impl DemoSite {
    /// Starts the simulated machines and writes the site's directory.
    ///
    /// # Errors
    /// A sentence when the directory cannot be used, is served already, the
    /// situation is unknown, or no port is free.
    pub async fn start(options: DemoOptions) -> Result<DemoSite, String> {
        let directory = SiteDirectory::open(options.directory.as_deref())?;
        let lab = directory.path.join(".lab");
        files::private_directory(&lab)?;
        let lock = lock(&lab, &directory.path)?;

        let inventory = Inventory::parse(site_files::EXAMPLE, Path::new("inventory.example.yml"))
            .map_err(|error| format!("the demo site cannot be made: {error}"))?;
        let blueprint = Blueprint::of(&inventory);
        let state = Arc::new(State::open(&lab, &blueprint, options.seed)?);
        if let Some(scenario) = &options.scenario {
            state.inject(WELL)?;
            state.inject(scenario)?;
        }
        let addresses = Addresses::of(&blueprint);
        let ports = ports::listen(&addresses, state.port()).await?;
        let port = ports.number;
        state.set_port(port)?;

        let names = blueprint.machines.iter().map(|planned| planned.name.as_str());
        let host_keys = keys::host_keys(&lab, names)?;
        let client = keys::ssh_key(&directory.path.join(site_files::name::KEY), "operator@demo")?;
        let authority = Authority::open(&lab, &directory.path.join(site_files::name::CA))?;
        SiteFiles {
            directory: &directory.path,
            blueprint: &blueprint,
            addresses: &addresses,
            port,
            host_keys: host_keys
                .iter()
                .map(|(name, keys)| (name.as_str(), keys.recorded.public_key()))
                .collect(),
        }
        .write()?;

        let mut site =
            DemoSite { servers: JoinSet::new(), directory, addresses, port, state, _lock: lock };
        let authorization = credentials::authorization(&inventory)?;
        site.serve(&blueprint, ports, &host_keys, client.public_key(), &authority, &authorization)?;
        Ok(site)
    }

    fn serve(
        &mut self,
        blueprint: &Blueprint,
        mut ports: Ports,
        host_keys: &std::collections::BTreeMap<String, keys::HostKeys>,
        client: &russh::keys::PublicKey,
        authority: &Authority,
        authorization: &Arc<str>,
    ) -> Result<(), String> {
        for planned in &blueprint.machines {
            let name = &planned.name;
            if let (Some(address), Some(keys)) =
                (self.addresses.hosts.get(name), host_keys.get(name))
                && let Some(port) = ports.open.remove(address)
            {
                let server = SshServer {
                    machine: name.clone(),
                    role: planned.role,
                    user: planned.user.clone(),
                    keys: keys.clone(),
                    client: client.clone(),
                    state: self.state.clone(),
                };
                self.servers.spawn(server.serve(port));
            }
            if let (Some(address), Some((_, host))) =
                (self.addresses.controllers.get(name), &planned.bmc)
                && let Some(port) = ports.open.remove(address)
            {
                let server = RedfishServer {
                    machine: name.clone(),
                    tls: authority.server(host, IpAddr::V4(*address))?,
                    authorization: authorization.clone(),
                    state: self.state.clone(),
                };
                self.servers.spawn(server.serve(port));
            }
        }
        Ok(())
    }

    /// Lets other processes put faults into this site, through a socket in its directory.
    ///
    /// # Errors
    /// A sentence when the socket cannot be opened.
    pub fn open_control(&mut self) -> Result<(), String> {
        let control = Control::open(&self.directory.path, self.state.clone())?;
        self.servers.spawn(control.serve());
        Ok(())
    }

    /// The site's directory, absolute.
    pub fn directory(&self) -> &Path {
        &self.directory.path
    }

    /// Who can break and mend this site.
    pub fn faults(&self) -> Arc<dyn FaultLab> {
        self.state.clone()
    }

    /// What the site is like, for tests that compare it with what was seen.
    pub fn state(&self) -> &Arc<State> {
        &self.state
    }

    /// Where a machine's SSH server listens.
    pub fn ssh_address(&self, machine: &str) -> Option<SocketAddr> {
        self.addresses.hosts.get(machine).map(|address| (*address, self.port).into())
    }

    /// Where the Redfish server of a machine's management controller listens.
    pub fn bmc_address(&self, machine: &str) -> Option<SocketAddr> {
        self.addresses.controllers.get(machine).map(|address| (*address, self.port).into())
    }
}

impl FaultLab for DemoSite {
    fn list(&self) -> FaultFuture<'_, Result<Vec<Fault>, String>> {
        FaultLab::list(self.state.as_ref())
    }

    fn inject(&self, name: String) -> FaultFuture<'_, Result<(), String>> {
        FaultLab::inject(self.state.as_ref(), name)
    }

    fn heal(&self, name: String) -> FaultFuture<'_, Result<(), String>> {
        FaultLab::heal(self.state.as_ref(), name)
    }
}

/// The directory of a site, removed at the end when it is a temporary one.
#[derive(Debug)]
struct SiteDirectory {
    path: PathBuf,
    temporary: bool,
}

impl SiteDirectory {
    fn open(named: Option<&Path>) -> Result<SiteDirectory, String> {
        let Some(named) = named else { return SiteDirectory::temporary() };
        // Looked at before anything is written: a real site's files are never replaced.
        let stranger = named.join(site_files::name::INVENTORY).exists()
            && !named.join(".lab").join("state.json").exists();
        if stranger {
            return Err(format!(
                "{} holds an inventory that is not a demo site's; name an empty directory",
                named.display()
            ));
        }
        files::private_directory(named)?;
        let path = named
            .canonicalize()
            .map_err(|error| format!("{} cannot be used: {error}", named.display()))?;
        // ssh and Ansible split the options of the inventory at spaces and quotes.
        let text = path.to_string_lossy();
        if text.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\\' | '%')) {
            return Err(format!(
                "the path {text} has a space, quote, backslash or percent sign in it, which SSH's options cannot carry; choose another directory"
            ));
        }
        Ok(SiteDirectory { path, temporary: false })
    }

    fn temporary() -> Result<SiteDirectory, String> {
        let parent = std::env::temp_dir();
        for number in 0..1_000 {
            let path = parent.join(format!("shopfloor-demo-{}-{number}", std::process::id()));
            match std::fs::DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(SiteDirectory { path, temporary: true }),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    return Err(format!(
                        "{} cannot be made for the demo site: {error}; name a directory with --serve",
                        path.display()
                    ));
                }
            }
        }
        Err(format!("{} is full of demo sites; remove shopfloor-demo-*", parent.display()))
    }
}

impl Drop for SiteDirectory {
    fn drop(&mut self) {
        if self.temporary {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// Why a site cannot be served from this directory now: another process does.
/// `None` when nobody serves it.
pub fn served_already(directory: &Path) -> Option<String> {
    let mut file = File::open(directory.join(".lab").join("lock")).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(served_by(&mut file, directory)),
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

/// Says who serves a directory; the holder's process stands in the lock.
fn served_by(lock: &mut File, directory: &Path) -> String {
    let mut holder = String::new();
    let _ = lock.read_to_string(&mut holder);
    format!(
        "{} is served already by process {}; stop that one first, or use `shopfloor demo --site {} --list`",
        directory.display(),
        holder.trim(),
        directory.display()
    )
}

/// Takes the directory for this process, or says who has it.
fn lock(lab: &Path, directory: &Path) -> Result<File, String> {
    let path = lab.join("lock");
    let broken = |error: std::io::Error| format!("{} cannot be used: {error}", path.display());
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(files::PRIVATE)
        .open(&path)
        .map_err(broken)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(served_by(&mut file, directory));
        }
        Err(TryLockError::Error(error)) => return Err(broken(error)),
    }
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(broken)?;
    Ok(file)
}
