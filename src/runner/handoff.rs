//! What the guardian hands to the runner: the order, and the lease itself.

use std::io::{self, IoSlice, IoSliceMut, Read as _, Write as _};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

use super::order::Order;

/// What the runner was given.
pub struct Handoff {
    /// What is to be run.
    pub order: Order,
    /// Its number.
    pub run: u64,
    /// A descriptor that keeps the lease.
    pub lease: OwnedFd,
    /// Ends when the guardian does.
    pub guardian: UnixStream,
}

/// Sends everything; the guardian keeps its end open for as long as it lives.
///
/// # Errors
/// When the runner is gone already.
pub fn send(to: &mut UnixStream, order: &Order, run: u64, lease: &OwnedFd) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let descriptors = [lease.as_fd()];
    if !control.push(SendAncillaryMessage::ScmRights(&descriptors)) {
        return Err(io::Error::other("no room for a descriptor"));
    }
    sendmsg(&*to, &[IoSlice::new(b"L")], &mut control, SendFlags::empty())?;
    let json = serde_json::to_vec(&(run, order)).map_err(io::Error::other)?;
    to.write_all(&(json.len() as u64).to_be_bytes())?;
    to.write_all(&json)
}

/// Receives everything on this process's standard input.
///
/// # Errors
/// When that is no guardian's.
pub fn receive() -> io::Result<Handoff> {
    let mut guardian = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    recvmsg(&guardian, &mut [IoSliceMut::new(&mut byte)], &mut control, RecvFlags::CMSG_CLOEXEC)?;
    let lease = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        _ => None,
    });
    let lease = lease.ok_or_else(|| io::Error::other("no lease was handed over"))?;
    let mut length = [0; 8];
    guardian.read_exact(&mut length)?;
    let mut json = vec![0; usize::try_from(u64::from_be_bytes(length)).map_err(io::Error::other)?];
    guardian.read_exact(&mut json)?;
    let (run, order) = serde_json::from_slice(&json).map_err(io::Error::other)?;
    Ok(Handoff { order, run, lease, guardian })
}
