//! The runner's side of a run's socket. A watcher is shown what is on the
//! disk, from wherever it wants, as fast as it reads: it can slow down nobody
//! but itself.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot, watch};

use crate::domain::untrusted::printable;
use crate::install::journal::Person;

use super::client::socket_path;
use super::journal_file::is_same;
use super::machine;
use super::output::Progress;
use super::pen::WatcherId;
use super::protocol::{self, Frame, Hello, Reply, Standing, Welcome};
use super::store::{Runs, open_unfollowed};

/// Read from the disk at once.
const PIECE: usize = 64 * 1024;

/// Answers that may wait for a watcher that does not read.
const NOTICES: usize = 32;

/// Pieces of a console that may wait for a watcher; whoever shows it waits in turn.
const PIECES: usize = 4;

/// What the server tells the conductor.
pub enum News {
    /// Somebody came.
    Came {
        /// The connection.
        watcher: WatcherId,
        /// How they introduced themselves.
        hello: Hello,
        /// Who they are.
        person: Person,
        /// Where answers to them go.
        notices: mpsc::Sender<Frame>,
        /// Where what a console shows goes.
        console: mpsc::Sender<Frame>,
        /// What to greet them with.
        greet: oneshot::Sender<Welcome>,
    },
    /// Somebody sent something.
    Sent(WatcherId, Frame),
    /// Somebody is gone.
    Left(WatcherId),
}

/// How far everything is that watchers are shown.
#[derive(Clone)]
pub struct Shown {
    /// The output.
    pub output: watch::Receiver<Progress>,
    /// Bytes of the journal.
    pub journal: watch::Receiver<u64>,
    /// Bytes of output at the end of the run, once it is over.
    pub end: watch::Receiver<Option<u64>>,
}

/// Opens the socket of a run and serves it until the runner ends.
///
/// # Errors
/// When it cannot be opened.
pub fn serve(runs: &Runs, run: u64, shown: Shown, news: mpsc::Sender<News>) -> io::Result<()> {
    let listener = open(runs, run)?;
    let (directory, group) = (runs.directory(run), runs.group());
    tokio::spawn(async move {
        let mut next = 0;
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    next += 1;
                    let watching = Watching {
                        id: next,
                        directory: directory.clone(),
                        group,
                        shown: shown.clone(),
                        news: news.clone(),
                    };
                    tokio::spawn(watching.serve(stream));
                }
                // No descriptor is free; one may be soon.
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(200)).await,
            }
        }
    });
    Ok(())
}

fn open(runs: &Runs, run: u64) -> io::Result<UnixListener> {
    let (opened, path) = socket_path(&runs.directory(run))?;
    let listener = UnixListener::bind(&path)?;
    if let Some(group) = runs.group() {
        rustix::fs::chown(path.as_str(), None, Some(rustix::fs::Gid::from_raw(group)))?;
    }
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(runs.file_mode()))?;
    drop(opened);
    Ok(listener)
}

struct Watching {
    id: WatcherId,
    directory: PathBuf,
    group: Option<u32>,
    shown: Shown,
    news: mpsc::Sender<News>,
}

impl Watching {
    async fn serve(self, mut stream: UnixStream) {
        let Some(account) = self.admitted(&stream) else {
            let sentence = "this run belongs to another account; nothing of it is shown".to_owned();
            let refusal = Frame::Reply(Reply { standing: Standing::Refused, sentence });
            // Whoever hung up already needs no word.
            let _ = protocol::send(&mut stream, &refusal).await;
            return;
        };
        let (mut from, mut to) = stream.into_split();
        let Ok(Ok(Some(Frame::Hello(hello)))) =
            tokio::time::timeout(std::time::Duration::from_secs(10), protocol::receive(&mut from))
                .await
        else {
            return;
        };
        let name = printable(&hello.name);
        let name = if name.is_empty() { account.clone() } else { name };
        let (notices, noticed) = mpsc::channel(NOTICES);
        let (console, shown) = mpsc::channel(PIECES);
        let (greet, greeting) = oneshot::channel();
        let came = News::Came {
            watcher: self.id,
            hello: hello.clone(),
            person: Person { name, account },
            notices,
            console,
            greet,
        };
        if self.news.send(came).await.is_err() {
            return;
        }
        let reader = {
            let (news, id) = (self.news.clone(), self.id);
            tokio::spawn(async move {
                while let Ok(Some(frame)) = protocol::receive(&mut from).await {
                    if news.send(News::Sent(id, frame)).await.is_err() {
                        return;
                    }
                }
            })
        };
        if let Ok(welcome) = greeting.await {
            tokio::select! {
                _ = self.show(&hello, welcome, (noticed, shown), &mut to) => {}
                // Only shutting the line ends a reader.
                () = ended(reader) => {}
            }
        }
        let _ = self.news.send(News::Left(self.id)).await;
    }

    /// The account of who connects, if they may: the run's own, root, and the group it is shared with.
    fn admitted(&self, stream: &UnixStream) -> Option<String> {
        let peer = stream.peer_cred().ok()?;
        let me = rustix::process::geteuid().as_raw();
        let is_in_group = |group: u32| {
            peer.gid() == group
                || peer.pid().is_some_and(|pid| machine::groups_of(pid).contains(&group))
        };
        let may = peer.uid() == me || peer.uid() == 0 || self.group.is_some_and(is_in_group);
        may.then(|| machine::account_name(peer.uid()))
    }

    async fn show(
        &self,
        hello: &Hello,
        welcome: Welcome,
        (mut noticed, mut console): (mpsc::Receiver<Frame>, mpsc::Receiver<Frame>),
        to: &mut (impl tokio::io::AsyncWrite + Unpin),
    ) -> io::Result<()> {
        // The lower version of both is spoken.
        let knows = |frame: &Frame| frame.since() <= hello.version;
        protocol::send(to, &Frame::Welcome(welcome)).await?;
        let mut shown = self.shown.clone();
        let mut journal = Follower::open(self.directory.join("journal.jsonl"), hello.journal_from)?;
        let mut output =
            Follower::open(self.directory.join("output"), hello.output_from.unwrap_or(u64::MAX))?;
        let mut is_told = false;
        loop {
            let (progress, lines) =
                (*shown.output.borrow_and_update(), *shown.journal.borrow_and_update());
            let end = *shown.end.borrow_and_update();
            let mut is_moving = false;
            if let Some((_, bytes)) = journal.next(lines)? {
                protocol::send(to, &Frame::Journal(bytes)).await?;
                is_moving = true;
            }
            if let Some((offset, bytes)) = output.next(progress.written)? {
                protocol::send(to, &Frame::Output(offset, bytes)).await?;
                is_moving = true;
            }
            while let Ok(notice) = noticed.try_recv() {
                if knows(&notice) {
                    protocol::send(to, &notice).await?;
                }
            }
            if is_moving {
                continue;
            }
            if end.is_some_and(|end| output.at >= end || hello.output_from.is_none()) && !is_told {
                is_told = true;
                protocol::send(to, &Frame::End).await?;
            }
            tokio::select! {
                changed = shown.output.changed() => if changed.is_err() { return Ok(()) },
                changed = shown.journal.changed() => if changed.is_err() { return Ok(()) },
                changed = shown.end.changed() => if changed.is_err() { return Ok(()) },
                notice = noticed.recv() => match notice {
                    Some(notice) if knows(&notice) => protocol::send(to, &notice).await?,
                    Some(_) => {}
                    None => return Ok(()),
                },
                Some(frame) = console.recv() => protocol::send(to, &frame).await?,
            }
        }
    }
}

async fn ended(task: tokio::task::JoinHandle<()>) {
    let _ = task.await;
}

/// Reads a file that grows, also when it was removed and made again.
struct Follower {
    path: PathBuf,
    file: File,
    at: u64,
}

impl Follower {
    fn open(path: PathBuf, at: u64) -> io::Result<Follower> {
        let file = open_unfollowed(&mut File::options(), &path)?;
        Ok(Follower { path, file, at })
    }

    /// What comes next, up to `end`.
    fn next(&mut self, end: u64) -> io::Result<Option<(u64, Vec<u8>)>> {
        let wanted = end.saturating_sub(self.at).min(PIECE as u64);
        if wanted == 0 {
            return Ok(None);
        }
        let mut bytes = vec![0; usize::try_from(wanted).map_err(io::Error::other)?];
        let mut count = self.file.read_at(&mut bytes, self.at)?;
        if count == 0 && !is_same(&self.file, Path::new(&self.path)) {
            self.file = open_unfollowed(&mut File::options(), &self.path)?;
            count = self.file.read_at(&mut bytes, self.at)?;
        }
        bytes.truncate(count);
        let offset = self.at;
        self.at += count as u64;
        Ok((count > 0).then_some((offset, bytes)))
    }
}
