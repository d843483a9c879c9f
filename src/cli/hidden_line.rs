//! A line typed unseen on the terminal, for the answer to a prompt.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::net::unix::pipe::Receiver;
use zeroize::Zeroizing;

/// The longest answer, in bytes; a terminal's line is no longer.
const LONGEST: usize = 4096;

/// The terminal while it shows nothing of what is typed. It shows it again when
/// this goes, and what was typed until then is forgotten, by the terminal too.
pub struct HiddenLine {
    /// Read as a pipe is, so that the reading can be left.
    terminal: Receiver,
    before: Termios,
    typed: Zeroizing<Vec<u8>>,
}

impl HiddenLine {
    /// Takes the terminal of this process; a plain question (`hides` is `false`) is answered visibly.
    ///
    /// # Errors
    /// When there is none, or it refuses.
    pub fn open(hides: bool) -> io::Result<HiddenLine> {
        let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
        HiddenLine::on(OpenOptions::new().read(true).custom_flags(flags).open("/dev/tty")?, hides)
    }

    /// On this terminal, which was opened without blocking.
    fn on(terminal: File, hides: bool) -> io::Result<HiddenLine> {
        let before = tcgetattr(&terminal)?;
        let mut hidden = before.clone();
        if hides {
            hidden.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL);
        }
        let terminal = Receiver::from_file_unchecked(terminal)?;
        tcsetattr(&terminal, OptionalActions::Flush, &hidden)?;
        Ok(HiddenLine { terminal, before, typed: Zeroizing::new(Vec::with_capacity(LONGEST)) })
    }

    /// The line, without its end; an empty one is an answer as well. `None`
    /// when the terminal ended it (Ctrl-D). May be left at any time and asked again.
    pub async fn next(&mut self) -> Option<Zeroizing<Vec<u8>>> {
        let mut piece = Zeroizing::new([0; 256]);
        loop {
            self.terminal.readable().await.ok()?;
            let count = match self.terminal.try_read(piece.as_mut_slice()) {
                Ok(0) => return None,
                Ok(count) => count,
                Err(error) if is_for_later(&error) => continue,
                Err(_) => return None,
            };
            let bytes = piece.get(..count).unwrap_or_default();
            let end = memchr::memchr(b'\n', bytes);
            let line = bytes.get(..end.unwrap_or(count)).unwrap_or_default();
            let room = LONGEST.saturating_sub(self.typed.len());
            self.typed.extend(line.iter().take(room));
            if end.is_some() {
                return Some(std::mem::take(&mut self.typed));
            }
        }
    }
}

fn is_for_later(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock)
}

impl Drop for HiddenLine {
    fn drop(&mut self) {
        // The terminal must not stay silent; one that is gone needs nothing. What was half
        // typed must not become the next command of a shell.
        let _ = tcsetattr(&self.terminal, OptionalActions::Flush, &self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use std::io::{Read as _, Write as _};
    use std::os::fd::OwnedFd;

    /// Both ends of a terminal; the second one opened without blocking.
    fn terminal() -> (File, File) {
        let keys: OwnedFd = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&keys).unwrap();
        unlockpt(&keys).unwrap();
        let name = ptsname(&keys, Vec::new()).unwrap();
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        let side = OpenOptions::new()
            .read(true)
            .custom_flags(i32::try_from(flags.bits()).unwrap())
            .open(name.to_str().unwrap())
            .unwrap();
        (File::from(keys), side)
    }

    fn echoes(terminal: &File) -> bool {
        tcgetattr(terminal).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    #[tokio::test]
    async fn a_line_an_empty_one_and_the_end_are_told_apart() {
        let (mut keys, side) = terminal();
        let mut line = HiddenLine::on(side.try_clone().unwrap(), true).unwrap();
        assert!(!echoes(&side));
        keys.write_all(b"hunter2\n").unwrap();
        assert_eq!(line.next().await.unwrap().as_slice(), b"hunter2");
        keys.write_all(b"\n").unwrap();
        assert_eq!(line.next().await.unwrap().as_slice(), b"");
        keys.write_all(b"\x04").unwrap();
        assert!(line.next().await.is_none());
        drop(line);
        assert!(echoes(&side));
    }

    #[tokio::test]
    async fn what_was_half_typed_is_forgotten_and_the_terminal_speaks_again() {
        let (mut keys, mut side) = terminal();
        let mut line = HiddenLine::on(side.try_clone().unwrap(), true).unwrap();
        keys.write_all(b"half").unwrap();
        tokio::select! {
            _ = line.next() => panic!("no line was typed"),
            () = tokio::task::yield_now() => {}
        }
        drop(line);
        assert!(echoes(&side));
        keys.write_all(b"\n").unwrap();
        let mut rest = [0; 16];
        let count = loop {
            match side.read(&mut rest) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => std::thread::yield_now(),
                other => break other.unwrap(),
            }
        };
        assert_eq!(&rest[..count], b"\n");
    }
}
