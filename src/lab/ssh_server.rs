//! The machines' SSH servers: real ones, one address each, that take the
//! site's key, run commands and open a small shell. They answer from the site's state.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use russh::keys::{PrivateKey, PublicKey};
use russh::server::{Auth, ChannelOpenHandle, Handler, Msg, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId, ChannelOpenFailure, Pty, SshId};
use tokio::net::TcpStream;

use super::commands;
use super::doors::{self, hold};
use super::keys::HostKeys;
use super::ports::{self, Port};
use super::shell::{self, Shell};
use super::state::State;
use super::world::{Door, SshDoor, World};
use crate::domain::Role;

/// The longest script a machine takes, in bytes.
const LONGEST_SCRIPT: usize = 1024 * 1024;

/// One machine's server.
pub struct SshServer {
    /// The machine.
    pub machine: String,
    /// What it is there for; the bastion is a jump host.
    pub role: Role,
    /// Its account.
    pub user: String,
    /// Its keys.
    pub keys: HostKeys,
    /// The key it takes.
    pub client: PublicKey,
    /// The site.
    pub state: Arc<State>,
}

impl SshServer {
    /// Serves until dropped. The port is closed while a fault says so, and
    /// open connections end when the way the machine answers changes.
    pub async fn serve(self, port: Port) {
        let recorded = config(&self.keys.recorded);
        let changed = config(&self.keys.changed);
        let server = Arc::new(self);
        let (state, machine) = (server.state.clone(), server.machine.clone());
        let look = move |world: &World| world.ssh_door(&machine);
        doors::serve(
            state,
            port,
            look,
            |way| way.door,
            move |way, stream| {
                let config = if way.changed_key { &changed } else { &recorded };
                server.clone().talk(config.clone(), way.clone(), stream)
            },
        )
        .await;
    }

    async fn talk(
        self: Arc<Self>,
        config: Arc<russh::server::Config>,
        door: SshDoor,
        stream: TcpStream,
    ) {
        if door.door == Door::Silent {
            hold(stream).await;
            return;
        }
        // Small packets go at once; a failure only makes it slower.
        let _ = stream.set_nodelay(true);
        tokio::time::sleep(Duration::from_millis(door.delay_ms)).await;
        let login = Login {
            server: self,
            door,
            scripts: HashMap::new(),
            sizes: HashMap::new(),
            shells: HashMap::new(),
        };
        // A connection that ends early is the other side's business.
        if let Ok(session) = russh::server::run_stream(config, stream, login).await {
            let guard = Disconnect(session.handle());
            let _ = session.await;
            drop(guard);
        }
    }
}

/// Ends a connection when the task that serves it is dropped.
struct Disconnect(russh::server::Handle);

impl Drop for Disconnect {
    fn drop(&mut self) {
        let handle = self.0.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let reason = russh::Disconnect::ByApplication;
                let _ = handle.disconnect(reason, "connection closed".into(), String::new()).await;
            });
        }
    }
}

fn config(key: &PrivateKey) -> Arc<russh::server::Config> {
    Arc::new(russh::server::Config {
        server_id: SshId::Standard("SSH-2.0-OpenSSH_9.6p1 Ubuntu-3ubuntu13.14".into()),
        auth_rejection_time: Duration::from_millis(50),
        auth_rejection_time_initial: Some(Duration::ZERO),
        methods: (&[russh::MethodKind::PublicKey][..]).into(),
        keys: vec![key.clone()],
        inactivity_timeout: None,
        ..russh::server::Config::default()
    })
}

/// One connection.
struct Login {
    server: Arc<SshServer>,
    door: SshDoor,
    scripts: HashMap<ChannelId, Vec<u8>>,
    sizes: HashMap<ChannelId, (u32, u32)>,
    shells: HashMap<ChannelId, Shell>,
}

impl Login {
    /// Sends a command's end after what the network adds.
    fn reply(&self, channel: ChannelId, reply: commands::Reply, session: &Session) {
        let handle = session.handle();
        let delay = Duration::from_millis(self.door.delay_ms);
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            let commands::Reply { output, error, status } = reply;
            // The other side may be gone; then nobody waits for this.
            if !output.is_empty() {
                let _ = handle.data(channel, output).await;
            }
            if !error.is_empty() {
                let _ = handle.extended_data(channel, 1, error).await;
            }
            let _ = handle.exit_status_request(channel, status).await;
            let _ = handle.eof(channel).await;
            let _ = handle.close(channel).await;
        });
    }

    fn run(&self, command: &str, input: &str) -> commands::Reply {
        let world = self.server.state.world();
        let now = self.server.state.now();
        commands::run(&world, &self.server.machine, now, command, input)
    }
}

impl Handler for Login {
    type Error = russh::Error;

    async fn auth_publickey(
        &mut self,
        user: &str,
        key: VerifiedPublicKey<'_>,
    ) -> Result<Auth, Self::Error> {
        let known = key.public_key.key_data() == self.server.client.key_data();
        let welcome = known && user == self.server.user && !self.door.refuses_keys;
        Ok(if welcome { Auth::Accept } else { Auth::reject() })
    }

    async fn channel_open_session(
        &mut self,
        _channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        data: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_success(channel)?;
        let command = String::from_utf8_lossy(data).trim().to_owned();
        if let (Some(domain), Some(size)) = (shell::console_of(&command), self.sizes.get(&channel))
        {
            let (shell, first) = Shell::console(domain, *size);
            session.data(channel, first)?;
            self.shells.insert(channel, shell);
            return Ok(());
        }
        if commands::reads_script(&command) {
            self.scripts.insert(channel, Vec::new());
        } else {
            self.reply(channel, self.run(&command, ""), session);
        }
        Ok(())
    }

    /// The bastion is a jump host to the other machines of the site, and to nothing else.
    async fn channel_open_direct_tcpip(
        &mut self,
        channel: Channel<Msg>,
        host: &str,
        port: u32,
        _originator: &str,
        _originator_port: u32,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        let is_jump = self.server.role == Role::Bastion;
        let inside = host.parse().ok().filter(|to| is_jump && ports::is_ours(*to));
        let (Some(to), Ok(port)) = (inside, u16::try_from(port)) else {
            reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
            return Ok(());
        };
        tokio::spawn(async move {
            match TcpStream::connect((to, port)).await {
                Ok(mut stream) => {
                    let _ = stream.set_nodelay(true);
                    reply.accept().await;
                    // Either end may hang up; then there is nothing left to carry.
                    let _ = tokio::io::copy_bidirectional(&mut channel.into_stream(), &mut stream)
                        .await;
                }
                Err(_) => reply.reject(ChannelOpenFailure::ConnectFailed).await,
            }
        });
        Ok(())
    }

    async fn pty_request(
        &mut self,
        channel: ChannelId,
        _term: &str,
        columns: u32,
        rows: u32,
        _width: u32,
        _height: u32,
        _modes: &[(Pty, u32)],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        self.sizes.insert(channel, (columns, rows));
        session.channel_success(channel)
    }

    async fn window_change_request(
        &mut self,
        channel: ChannelId,
        columns: u32,
        rows: u32,
        _width: u32,
        _height: u32,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        if let Some(shell) = self.shells.get_mut(&channel) {
            shell.resize(columns, rows);
        }
        session.channel_success(channel)
    }

    async fn subsystem_request(
        &mut self,
        channel: ChannelId,
        _name: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(channel)
    }

    async fn shell_request(
        &mut self,
        channel: ChannelId,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_success(channel)?;
        let size = self.sizes.get(&channel).copied().unwrap_or((80, 24));
        let hostname = match self.server.state.world().machine(&self.server.machine) {
            Some(machine) => machine.hostname.clone(),
            None => self.server.machine.clone(),
        };
        let (shell, first) = Shell::login(&self.server.user, &hostname, size);
        session.data(channel, first)?;
        self.shells.insert(channel, shell);
        Ok(())
    }

    async fn data(
        &mut self,
        channel: ChannelId,
        data: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        if let Some(mut shell) = self.shells.remove(&channel) {
            let said = shell.take(data, |line| self.run(line, ""));
            match said.ended {
                Some(status) => self.reply(
                    channel,
                    commands::Reply { output: said.output, error: Vec::new(), status },
                    session,
                ),
                None => {
                    session.data(channel, said.output)?;
                    self.shells.insert(channel, shell);
                }
            }
            return Ok(());
        }
        if let Some(script) = self.scripts.get_mut(&channel)
            && script.len() + data.len() <= LONGEST_SCRIPT
        {
            script.extend_from_slice(data);
        }
        Ok(())
    }

    async fn channel_eof(
        &mut self,
        channel: ChannelId,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        if let Some(script) = self.scripts.remove(&channel) {
            let script = String::from_utf8_lossy(&script).into_owned();
            let reply = if self.door.door == Door::Garbled {
                commands::nonsense()
            } else {
                self.run("sh -s", &script)
            };
            self.reply(channel, reply, session);
        }
        Ok(())
    }

    async fn channel_close(
        &mut self,
        channel: ChannelId,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        self.scripts.remove(&channel);
        self.sizes.remove(&channel);
        self.shells.remove(&channel);
        Ok(())
    }
}
