//! A connection's bytes, watched: what was said first, how long we kept the
//! other side waiting, and a way to end it from outside.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::{CancellationToken, PollSemaphore, WaitForCancellationFutureOwned};

/// How much of the first words is kept: SSH allows lines of 255 bytes before
/// and in the banner.
const FIRST_WORDS: usize = 1024;

/// What is known about a connection from its bytes alone.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Ends the connection when cancelled.
    pub end: CancellationToken,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    first: Vec<u8>,
    /// Leave to do the costly key exchange; given back when it is over.
    leave: Option<OwnedSemaphorePermit>,
    waiting_since: Option<Instant>,
    waited: Duration,
}

impl Watch {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps words up to the banner; whether more are to be kept.
    fn hear(&self, words: &[u8]) -> bool {
        let mut seen = self.seen();
        let room = FIRST_WORDS.saturating_sub(seen.first.len());
        seen.first.extend(words.iter().take(room));
        seen.first.len() < FIRST_WORDS && banner(&seen.first).is_none()
    }

    /// The banner, when it came.
    pub fn banner(&self) -> Option<String> {
        banner(&self.seen().first)
    }

    /// The first bytes that came.
    pub fn first_words(&self) -> Vec<u8> {
        self.seen().first.clone()
    }

    /// How long the other side waited for us to have leave; not its fault.
    pub fn waited(&self) -> Duration {
        let seen = self.seen();
        seen.waited + seen.waiting_since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// The key exchange is over.
    pub fn give_back(&self) {
        self.seen().leave = None;
    }
}

/// A stream with a [`Watch`] on it.
pub(super) struct Wire<S> {
    inner: S,
    watch: Arc<Watch>,
    gate: Option<PollSemaphore>,
    held: Vec<u8>,
    /// Whether the banner is still to come, so that words before it are kept.
    listening: bool,
    end_reading: Pin<Box<WaitForCancellationFutureOwned>>,
    end_writing: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl<S> Wire<S> {
    /// Watches a stream. The first bytes are passed on only when `gate` gives
    /// leave: hosts that say nothing do not stand in the way of those that do.
    pub fn new(inner: S, watch: Arc<Watch>, gate: Arc<Semaphore>) -> Wire<S> {
        let ended = || Box::pin(watch.end.clone().cancelled_owned());
        let (end_reading, end_writing) = (ended(), ended());
        let gate = Some(PollSemaphore::new(gate));
        Wire { inner, watch, gate, held: Vec::new(), listening: true, end_reading, end_writing }
    }
}

/// The line with which an SSH server begins; other lines may go before it.
pub(super) fn banner(words: &[u8]) -> Option<String> {
    let mut lines = words.split_inclusive(|byte| *byte == b'\n');
    let line = lines.find(|line| line.starts_with(b"SSH-") && line.ends_with(b"\n"))?;
    Some(crate::domain::untrusted::printable(&String::from_utf8_lossy(line)))
}

fn ended() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "ended from here")
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.end_reading.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(ended()));
        }
        let Some(gate) = &mut this.gate else {
            let before = buffer.filled().len();
            ready!(Pin::new(&mut this.inner).poll_read(context, buffer))?;
            if this.listening {
                let fresh = buffer.filled().get(before..).unwrap_or_default();
                this.listening = this.watch.hear(fresh);
            }
            return Poll::Ready(Ok(()));
        };
        if this.held.is_empty() {
            let mut space = [0; FIRST_WORDS];
            // What does not fit now must not be read yet.
            let space = space.get_mut(..buffer.remaining().min(FIRST_WORDS)).unwrap_or_default();
            let mut first = ReadBuf::new(space);
            ready!(Pin::new(&mut this.inner).poll_read(context, &mut first))?;
            if first.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            this.held = first.filled().to_vec();
            this.listening = this.watch.hear(&this.held);
            this.watch.seen().waiting_since = Some(Instant::now());
        }
        let leave = ready!(gate.poll_acquire(context));
        let mut seen = this.watch.seen();
        seen.leave = leave;
        seen.waited = seen.waiting_since.take().map_or(Duration::ZERO, |since| since.elapsed());
        drop(seen);
        this.gate = None;
        buffer.put_slice(&this.held);
        this.held = Vec::new();
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.end_writing.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(ended()));
        }
        Pin::new(&mut this.inner).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.end_writing.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(ended()));
        }
        Pin::new(&mut this.inner).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.watch.end.is_cancelled() {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut this.inner).poll_shutdown(context)
    }
}

/// How many key exchanges may go on at once.
#[derive(Debug)]
pub(super) struct Gate {
    leaves: Arc<Semaphore>,
    limit: usize,
    crowded: Mutex<Crowded>,
}

#[derive(Debug, Default)]
struct Crowded {
    withdrawn: usize,
    last: Option<Instant>,
}

impl Gate {
    /// OpenSSH's default `MaxStartups 10:30:100` drops no one below ten.
    const FEWEST: usize = 10;
    /// How long fewer are let through after a server said it was too many.
    const CAUTION: Duration = Duration::from_secs(30);

    pub fn new(limit: usize) -> Gate {
        let limit = limit.max(1);
        Gate {
            leaves: Arc::new(Semaphore::new(limit)),
            limit,
            crowded: Mutex::new(Crowded::default()),
        }
    }

    pub fn leaves(&self) -> Arc<Semaphore> {
        Arc::clone(&self.leaves)
    }

    /// A server said that it was too many at once: half as many from now on.
    pub fn crowded(&self) {
        let mut crowded = self.crowded.lock().unwrap_or_else(PoisonError::into_inner);
        crowded.last = Some(Instant::now());
        let left = self.limit.saturating_sub(crowded.withdrawn);
        if left > Self::FEWEST {
            crowded.withdrawn += self.leaves.forget_permits((left / 2).min(left - Self::FEWEST));
        }
    }

    /// A key exchange went well; after a while of these all may go on again.
    pub fn eased(&self) {
        let mut crowded = self.crowded.lock().unwrap_or_else(PoisonError::into_inner);
        if crowded.withdrawn > 0 && crowded.last.is_none_or(|last| last.elapsed() > Self::CAUTION) {
            self.leaves.add_permits(std::mem::take(&mut crowded.withdrawn));
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn the_first_words_wait_for_leave_and_are_kept() {
        let (mut far, near) = tokio::io::duplex(4096);
        let gate = Gate::new(1);
        let taken = gate.leaves().acquire_owned().await.unwrap();
        let watch = Arc::new(Watch::default());
        let mut wire = Wire::new(near, Arc::clone(&watch), gate.leaves());
        far.write_all(b"SSH-2.0-test\r\n").await.unwrap();
        let mut buffer = [0; 64];
        let early = tokio::time::timeout(Duration::from_millis(50), wire.read(&mut buffer)).await;
        assert!(early.is_err(), "no leave yet");
        assert_eq!(watch.first_words(), b"SSH-2.0-test\r\n");
        assert!(watch.waited() >= Duration::from_millis(40));
        drop(taken);
        assert_eq!(wire.read(&mut buffer).await.unwrap(), 14);
        assert_eq!(gate.leaves().available_permits(), 0);
        watch.give_back();
        assert_eq!(gate.leaves().available_permits(), 1);
    }

    #[tokio::test]
    async fn ending_it_wakes_reader_and_writer() {
        let (_far, near) = tokio::io::duplex(1);
        let watch = Arc::new(Watch::default());
        let wire = Wire::new(near, Arc::clone(&watch), Gate::new(1).leaves());
        let (mut reader, mut writer) = tokio::io::split(wire);
        let reading = tokio::spawn(async move { reader.read_u8().await.unwrap_err().kind() });
        let writing =
            tokio::spawn(async move { writer.write_all(&[0; 100]).await.unwrap_err().kind() });
        tokio::time::sleep(Duration::from_millis(20)).await;
        watch.end.cancel();
        assert_eq!(reading.await.unwrap(), io::ErrorKind::ConnectionAborted);
        assert_eq!(writing.await.unwrap(), io::ErrorKind::ConnectionAborted);
    }

    #[test]
    fn a_crowd_halves_the_leaves_but_never_below_ten() {
        let gate = Gate::new(64);
        for expected in [32, 16, 10, 10] {
            gate.crowded();
            assert_eq!(gate.leaves().available_permits(), expected);
        }
        gate.eased();
        assert_eq!(gate.leaves().available_permits(), 10, "too early");
    }
}
