//! Faults of a site that another process serves: a socket in its directory,
//! one JSON object per line in each direction.

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;

use super::state::State;
use crate::domain::faults::{Fault, FaultFuture, FaultLab};

/// The longest line that is taken, in bytes.
const LONGEST: u64 = 64 * 1024;
/// How long the other side may take.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
enum Request {
    List,
    Inject { name: String },
    Heal { name: String },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Answer {
    Faults(Vec<Fault>),
    Refused(String),
}

/// Where the socket of a site is.
fn socket(directory: &Path) -> PathBuf {
    directory.join(".lab").join("control.sock")
}

/// A short way to a socket: the kernel takes at most 107 bytes.
fn short(socket: &Path) -> io::Result<(Option<std::fs::File>, PathBuf)> {
    use std::os::fd::AsRawFd as _;
    if socket.as_os_str().len() <= 100 {
        return Ok((None, socket.to_path_buf()));
    }
    let directory = std::fs::File::open(socket.parent().unwrap_or(Path::new(".")))?;
    let path = format!("/proc/self/fd/{}/control.sock", directory.as_raw_fd());
    Ok((Some(directory), path.into()))
}

/// The served end; the socket is removed when this is dropped.
#[derive(Debug)]
pub struct Control {
    socket: PathBuf,
    listener: UnixListener,
    state: Arc<State>,
}

impl Control {
    /// Opens the socket. The caller holds the directory's lock, so one that is there is a leftover.
    ///
    /// # Errors
    /// A sentence when it cannot be opened.
    pub fn open(directory: &Path, state: Arc<State>) -> Result<Control, String> {
        let socket = socket(directory);
        let _ = std::fs::remove_file(&socket);
        let bind = || {
            let (_held, path) = short(&socket)?;
            let listener = UnixListener::bind(path)?;
            std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o600))?;
            Ok(listener)
        };
        let listener =
            bind().map_err(|error: io::Error| format!("{}: {error}", socket.display()))?;
        Ok(Control { socket, listener, state })
    }

    /// Serves until dropped.
    pub async fn serve(self) {
        let mut callers = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => { callers.spawn(converse(stream, self.state.clone())); }
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                },
                Some(_) = callers.join_next() => {}
            }
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.socket);
    }
}

async fn converse(stream: UnixStream, state: Arc<State>) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read.take(LONGEST)).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let done = match serde_json::from_str(&line) {
            Ok(Request::List) => Ok(()),
            Ok(Request::Inject { name }) => FaultLab::inject(&*state, name).await,
            Ok(Request::Heal { name }) => FaultLab::heal(&*state, name).await,
            Err(error) => Err(format!("the demo site does not understand the request: {error}")),
        };
        let answer = match done {
            Ok(()) => Answer::Faults(state.list()),
            Err(sentence) => Answer::Refused(sentence),
        };
        let Ok(mut text) = serde_json::to_vec(&answer) else { return };
        text.push(b'\n');
        if write.write_all(&text).await.is_err() {
            return;
        }
    }
}

/// The faults of a site that another process serves.
#[derive(Debug)]
pub struct RemoteLab {
    directory: PathBuf,
}

impl RemoteLab {
    /// The faults of the site in this directory.
    ///
    /// # Errors
    /// A sentence when nobody serves it.
    pub async fn connect(directory: &Path) -> Result<RemoteLab, String> {
        let lab = RemoteLab { directory: directory.to_path_buf() };
        lab.ask(&Request::List).await?;
        Ok(lab)
    }

    async fn ask(&self, request: &Request) -> Result<Vec<Fault>, String> {
        let socket = socket(&self.directory);
        let talk = async {
            let (_held, path) = short(&socket)?;
            let mut stream = UnixStream::connect(path).await?;
            let mut text = serde_json::to_vec(request)?;
            text.push(b'\n');
            stream.write_all(&text).await?;
            let mut line = String::new();
            BufReader::new(stream.take(LONGEST)).read_line(&mut line).await?;
            Ok::<_, io::Error>(serde_json::from_str(&line)?)
        };
        let nobody = |why: String| {
            format!(
                "nobody serves a demo site in {} ({why}); start one with: shopfloor demo --serve {}",
                self.directory.display(),
                self.directory.display()
            )
        };
        match tokio::time::timeout(PATIENCE, talk).await {
            Ok(Ok(Answer::Faults(faults))) => Ok(faults),
            Ok(Ok(Answer::Refused(sentence))) => Err(sentence),
            Ok(Err(error)) => Err(nobody(error.to_string())),
            Err(_) => Err(nobody("no answer within 5 s".into())),
        }
    }
}

impl FaultLab for RemoteLab {
    fn list(&self) -> FaultFuture<'_, Result<Vec<Fault>, String>> {
        Box::pin(async { self.ask(&Request::List).await })
    }

    fn inject(&self, name: String) -> FaultFuture<'_, Result<(), String>> {
        Box::pin(async { self.ask(&Request::Inject { name }).await.map(|_| ()) })
    }

    fn heal(&self, name: String) -> FaultFuture<'_, Result<(), String>> {
        Box::pin(async { self.ask(&Request::Heal { name }).await.map(|_| ()) })
    }
}

/// The state of a site that runs in this process breaks and mends itself.
impl FaultLab for State {
    fn list(&self) -> FaultFuture<'_, Result<Vec<Fault>, String>> {
        Box::pin(async { Ok(State::list(self)) })
    }

    fn inject(&self, name: String) -> FaultFuture<'_, Result<(), String>> {
        Box::pin(async move {
            State::inject(self, &name)?;
            self.settle().await;
            Ok(())
        })
    }

    fn heal(&self, name: String) -> FaultFuture<'_, Result<(), String>> {
        Box::pin(async move {
            State::heal(self, &name)?;
            self.settle().await;
            Ok(())
        })
    }
}
