//! Addresses and ports: one address per machine in 127.0.0.0/8, one port for
//! all of them, and listeners that a fault can close and open again.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

use super::blueprint::Blueprint;

/// Second octet of the demo site's addresses: 127.77.RACK.NUMBER for
/// machines, 127.77.(100 + RACK).NUMBER for their management controllers.
const NET: u8 = 77;
/// Ports that are tried: below the range that Linux gives to outgoing connections.
const PORTS: std::ops::Range<u16> = 20_022..32_000;

/// Whether an address may be one of a demo site.
pub fn is_ours(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    (first, second) == (127, NET)
}

/// Where machines and management controllers listen, by machine name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Addresses {
    /// SSH.
    pub hosts: BTreeMap<String, Ipv4Addr>,
    /// Redfish.
    pub controllers: BTreeMap<String, Ipv4Addr>,
}

impl Addresses {
    /// The addresses of a blueprint's machines: always the same for the same inventory.
    pub fn of(blueprint: &Blueprint) -> Addresses {
        let mut racks: BTreeMap<&str, u8> = BTreeMap::new();
        let mut addresses = Addresses::default();
        let mut filled: BTreeMap<u8, u8> = BTreeMap::new();
        for planned in &blueprint.machines {
            let next = u8::try_from(racks.len()).unwrap_or(u8::MAX).min(99);
            let rack = *racks.entry(planned.rack.as_str()).or_insert(next);
            let number = filled.entry(rack).or_insert(0);
            *number = number.saturating_add(1);
            let host = Ipv4Addr::new(127, NET, rack, *number);
            addresses.hosts.insert(planned.name.clone(), host);
            if planned.bmc.is_some() {
                let controller = Ipv4Addr::new(127, NET, rack + 100, *number);
                addresses.controllers.insert(planned.name.clone(), controller);
            }
        }
        addresses
    }

    fn all(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.hosts.values().chain(self.controllers.values()).copied()
    }
}

/// A listener that can be closed and opened again on the same address.
#[derive(Debug)]
pub struct Port {
    address: SocketAddr,
    wanted: bool,
    listener: Option<TcpListener>,
}

impl Port {
    /// Opens or closes it. What cannot be opened at once is tried again by [`Port::accept`].
    pub async fn set_open(&mut self, open: bool) {
        self.wanted = open;
        match (open, &self.listener) {
            (false, _) => self.listener = None,
            (true, None) => self.listener = TcpListener::bind(self.address).await.ok(),
            (true, Some(_)) => {}
        }
    }

    /// The next connection; never, while it is closed. Where somebody else
    /// took the port meanwhile, it is tried again until it is free.
    pub async fn accept(&mut self) -> TcpStream {
        if !self.wanted {
            return std::future::pending().await;
        }
        loop {
            match &self.listener {
                Some(listener) => {
                    if let Ok((stream, _)) = listener.accept().await {
                        return stream;
                    }
                    // Out of descriptors, or the other side gave up: not the listener's end.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                None => match TcpListener::bind(self.address).await {
                    Ok(listener) => self.listener = Some(listener),
                    Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
                },
            }
        }
    }
}

/// Listeners on one port that is free on all addresses.
#[derive(Debug)]
pub struct Ports {
    /// The port.
    pub number: u16,
    /// By address.
    pub open: BTreeMap<Ipv4Addr, Port>,
}

/// Finds a port that is free on every address and listens there; `wanted` is tried first.
///
/// # Errors
/// A sentence when there is none, or when the addresses cannot be used at all.
pub async fn listen(addresses: &Addresses, wanted: Option<u16>) -> Result<Ports, String> {
    let span = PORTS.end - PORTS.start;
    let start = u16::try_from(std::process::id() % u32::from(span)).unwrap_or(0);
    let mut last = String::new();
    let tried = (0..span).step_by(37).map(|step| PORTS.start + (start + step) % span);
    for number in wanted.into_iter().chain(tried) {
        match listen_on(addresses, number).await {
            Ok(ports) => return Ok(ports),
            Err(error) => last = error,
        }
    }
    Err(format!("no port is free on all addresses of the demo site: {last}"))
}

async fn listen_on(addresses: &Addresses, number: u16) -> Result<Ports, String> {
    let mut open = BTreeMap::new();
    for address in addresses.all() {
        let socket = SocketAddr::from((address, number));
        let listener =
            TcpListener::bind(socket).await.map_err(|error| format!("{socket}: {error}"))?;
        open.insert(address, Port { address: socket, wanted: true, listener: Some(listener) });
    }
    Ok(Ports { number, open })
}
