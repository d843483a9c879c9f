//! What runner and watchers say to each other over the run's socket: frames of
//! one kind byte, four bytes of length (big endian) and that many bytes.

use std::io;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use zeroize::Zeroizing;

use crate::console::Place;
use crate::install::journal::{Person, StopLevel};

/// The version of the protocol. The lower one of both sides is spoken: what a
/// side does not know is not sent to it ([`Frame::since`]), so that an output can
/// be watched whatever was updated meanwhile.
///
/// 1: output, journal, keys, pen, stop. 2: answers to one prompt, whose keys
/// count, consoles.
pub const VERSION: u32 = 2;

/// The longest frame, in bytes.
pub const LONGEST: usize = 1 << 20;

/// How a watcher begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The protocol's version.
    pub version: u32,
    /// What the person is called.
    pub name: String,
    /// The first byte of output that is wanted; `None` for none at all.
    pub output_from: Option<u64>,
    /// The first byte of the journal that is wanted.
    pub journal_from: u64,
    /// Columns and rows that the watcher can show.
    pub size: Option<(u16, u16)>,
    /// Whether it counts as somebody who watches; a question in passing does not.
    pub is_watcher: bool,
}

/// What the runner answers first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The protocol's version.
    pub version: u32,
    /// The run.
    pub run: u64,
    /// Who the runner takes the watcher for.
    pub you: Person,
    /// Columns and rows of the child's terminal.
    pub size: (u16, u16),
}

/// What a watcher can ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "ask")]
pub enum Request {
    /// Leave to act.
    TakePen,
    /// An answer to somebody who asks for it.
    GivePen {
        /// Whether they get it.
        yes: bool,
    },
    /// Give it back.
    ReleasePen,
    /// The watcher's terminal has another size.
    Resize {
        /// Columns.
        columns: u16,
        /// Rows.
        rows: u16,
    },
    /// Stop the run.
    Stop {
        /// How hard.
        level: StopLevel,
    },
    /// Open a console in the run and show it; one connection shows one console.
    OpenConsole {
        /// Where it goes.
        place: Box<Place>,
        /// Columns and rows.
        size: (u16, u16),
    },
    /// Show a console of the run.
    ShowConsole {
        /// Its number; the last that is open when `None`.
        console: Option<u64>,
        /// Columns and rows.
        size: (u16, u16),
        /// Connect again what ended; `Some(true)` takes a serial line that somebody else holds.
        again: Option<bool>,
    },
    /// Leave to type in the console that is shown.
    TakeKeys,
    /// An answer to somebody who asks for that.
    GiveKeys {
        /// Whether they get it.
        yes: bool,
    },
    /// End a console of the run.
    EndConsole {
        /// Its number.
        console: u64,
    },
}

/// What a watcher is told of the console that it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "console")]
pub enum ConsoleWord {
    /// It is that one.
    Is {
        /// Its number in the run.
        number: u64,
        /// What it is called.
        name: String,
    },
    /// What follows is everything, for an empty screen.
    Anew {
        /// Columns.
        columns: u16,
        /// Rows.
        rows: u16,
        /// What is recorded, in words.
        recorded: String,
    },
    /// It has another size.
    Size {
        /// Columns.
        columns: u16,
        /// Rows.
        rows: u16,
    },
    /// Its line is being opened.
    Opening,
    /// Its line is open.
    Open,
    /// Its line ended.
    Ended {
        /// How, one sentence.
        why: String,
    },
    /// Whether keys of this watcher go to its program.
    Keys {
        /// Whether they do.
        yours: bool,
    },
    /// Something worth knowing.
    Said {
        /// One sentence.
        sentence: String,
    },
}

/// A secret that a console needs, kept in the runner's memory only.
#[derive(Clone, PartialEq, Eq)]
pub struct Lent {
    /// Its name.
    pub name: String,
    /// The secret.
    pub secret: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Lent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lent({})", self.name)
    }
}

/// How a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It was done.
    Done,
    /// It is under way, or was done in part.
    Open,
    /// It was not done.
    Refused,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// How it stands.
    pub standing: Standing,
    /// What became of it, one sentence.
    pub sentence: String,
}

/// The answer to a prompt; it goes straight to the child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The prompt that the person saw: the `seq` of its line in the journal.
    pub prompt: u64,
    /// Whether it was typed unseen; it is then given only where the child's terminal hides it too.
    pub is_hidden: bool,
    /// What was typed, without its line end.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// The watcher's first.
    Hello(Hello),
    /// The runner's first.
    Welcome(Welcome),
    /// Output from that byte on.
    Output(u64, Vec<u8>),
    /// Bytes of the journal, in order; a line may be cut between two frames.
    Journal(Vec<u8>),
    /// Keys for the child; only the one who has the pen may.
    Input(Zeroizing<Vec<u8>>),
    /// The answer to one prompt and no other.
    Answer(Answer),
    /// A request.
    Request(Request),
    /// What became of it.
    Reply(Reply),
    /// The child's terminal has this size now.
    Size(u16, u16),
    /// Whether this watcher has the pen now; a person may watch at two screens.
    Pen(bool),
    /// A secret that consoles need.
    Lend(Lent),
    /// Keys for the console that is shown.
    Keys(Zeroizing<Vec<u8>>),
    /// What the console shows.
    Shown(Vec<u8>),
    /// A word about the console.
    Console(ConsoleWord),
    /// The run is over and everything was sent.
    End,
    /// Something that a later version sends; it means nothing here.
    Later(u8),
}

impl Frame {
    /// The version of the protocol that brought it.
    pub fn since(&self) -> u32 {
        match self {
            Frame::Answer(_)
            | Frame::Pen(_)
            | Frame::Lend(_)
            | Frame::Keys(_)
            | Frame::Shown(_)
            | Frame::Console(_)
            | Frame::Later(_) => 2,
            Frame::Request(
                Request::OpenConsole { .. }
                | Request::ShowConsole { .. }
                | Request::TakeKeys
                | Request::GiveKeys { .. }
                | Request::EndConsole { .. },
            ) => 2,
            _ => 1,
        }
    }

    fn parts(&self) -> io::Result<(u8, Zeroizing<Vec<u8>>)> {
        let json = |value: serde_json::Result<Vec<u8>>| value.map_err(io::Error::other);
        let (kind, bytes) = match self {
            Frame::Hello(hello) => (b'H', json(serde_json::to_vec(hello))?),
            Frame::Welcome(welcome) => (b'W', json(serde_json::to_vec(welcome))?),
            Frame::Output(offset, bytes) => {
                (b'O', [offset.to_be_bytes().as_slice(), bytes].concat())
            }
            Frame::Journal(bytes) => (b'J', bytes.clone()),
            Frame::Input(bytes) => (b'I', bytes.to_vec()),
            Frame::Answer(answer) => {
                let mut bytes = Vec::with_capacity(9 + answer.bytes.len());
                bytes.extend_from_slice(&answer.prompt.to_be_bytes());
                bytes.push(u8::from(answer.is_hidden));
                bytes.extend_from_slice(&answer.bytes);
                (b'A', bytes)
            }
            Frame::Request(request) => (b'Q', json(serde_json::to_vec(request))?),
            Frame::Reply(reply) => (b'R', json(serde_json::to_vec(reply))?),
            Frame::Size(columns, rows) => {
                (b'S', [columns.to_be_bytes(), rows.to_be_bytes()].concat())
            }
            Frame::Pen(has) => (b'P', vec![u8::from(*has)]),
            Frame::Lend(lent) => {
                let mut bytes = Vec::with_capacity(lent.name.len() + 1 + lent.secret.len());
                bytes.extend_from_slice(lent.name.as_bytes());
                bytes.push(0);
                bytes.extend_from_slice(&lent.secret);
                (b'l', bytes)
            }
            Frame::Keys(bytes) => (b'k', bytes.to_vec()),
            Frame::Shown(bytes) => (b'o', bytes.clone()),
            Frame::Console(word) => (b'c', json(serde_json::to_vec(word))?),
            Frame::End => (b'E', Vec::new()),
            Frame::Later(kind) => (*kind, Vec::new()),
        };
        Ok((kind, Zeroizing::new(bytes)))
    }

    fn of(kind: u8, bytes: Zeroizing<Vec<u8>>) -> Option<Frame> {
        Some(match kind {
            b'H' => Frame::Hello(serde_json::from_slice(&bytes).ok()?),
            b'W' => Frame::Welcome(serde_json::from_slice(&bytes).ok()?),
            b'O' => {
                let (offset, rest) = bytes.split_first_chunk::<8>()?;
                Frame::Output(u64::from_be_bytes(*offset), rest.to_vec())
            }
            b'J' => Frame::Journal(bytes.to_vec()),
            b'I' => Frame::Input(bytes),
            b'A' => {
                let (prompt, rest) = bytes.split_first_chunk::<8>()?;
                let (is_hidden, rest) = rest.split_first()?;
                Frame::Answer(Answer {
                    prompt: u64::from_be_bytes(*prompt),
                    is_hidden: *is_hidden != 0,
                    bytes: Zeroizing::new(rest.to_vec()),
                })
            }
            b'Q' => Frame::Request(serde_json::from_slice(&bytes).ok()?),
            b'R' => Frame::Reply(serde_json::from_slice(&bytes).ok()?),
            b'S' => {
                let (columns, rest) = bytes.split_first_chunk::<2>()?;
                let (rows, _) = rest.split_first_chunk::<2>()?;
                Frame::Size(u16::from_be_bytes(*columns), u16::from_be_bytes(*rows))
            }
            b'P' => Frame::Pen(bytes.first() == Some(&1)),
            b'E' => Frame::End,
            b'l' => {
                let end = memchr::memchr(0, &bytes)?;
                let (name, secret) = bytes.split_at(end);
                let name = String::from_utf8(name.to_vec()).ok()?;
                Frame::Lend(Lent { name, secret: Zeroizing::new(secret.get(1..)?.to_vec()) })
            }
            b'k' => Frame::Keys(bytes),
            b'o' => Frame::Shown(bytes.to_vec()),
            b'c' => Frame::Console(serde_json::from_slice(&bytes).ok()?),
            later if later.is_ascii_alphabetic() => Frame::Later(later),
            _ => return None,
        })
    }
}

/// Sends a frame.
///
/// # Errors
/// When the other side is gone.
pub async fn send(to: &mut (impl AsyncWrite + Unpin), frame: &Frame) -> io::Result<()> {
    let (kind, bytes) = frame.parts()?;
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    let mut all = Zeroizing::new(Vec::with_capacity(bytes.len() + 5));
    all.push(kind);
    all.extend_from_slice(&length.to_be_bytes());
    all.extend_from_slice(&bytes);
    to.write_all(&all).await
}

/// Receives a frame; `None` at an orderly end. Not safe to drop half-way: give it a task of its own.
///
/// # Errors
/// When the line is cut, or what comes is no frame.
pub async fn receive(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Frame>> {
    let mut head = [0; 5];
    match from.read_exact(&mut head).await {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let [kind, length @ ..] = head;
    let length = usize::try_from(u32::from_be_bytes(length)).map_err(io::Error::other)?;
    if length > LONGEST {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "a frame is longer than any may be",
        ));
    }
    let mut bytes = Zeroizing::new(vec![0; length]);
    from.read_exact(&mut bytes).await?;
    Frame::of(kind, bytes)
        .map(Some)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "what came is no frame"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_frame_comes_back_as_it_was_sent() {
        let hello = Hello {
            version: VERSION,
            name: "eve".into(),
            output_from: Some(7),
            journal_from: 0,
            size: Some((80, 24)),
            is_watcher: true,
        };
        let you = Person { name: "eve".into(), account: "ops".into() };
        let frames = [
            Frame::Hello(hello),
            Frame::Welcome(Welcome { version: VERSION, run: 8, you, size: (200, 60) }),
            Frame::Output(1 << 40, b"\x1b[1m".to_vec()),
            Frame::Journal(b"{}\n".to_vec()),
            Frame::Input(Zeroizing::new(b"y".to_vec())),
            Frame::Answer(Answer {
                prompt: 17,
                is_hidden: true,
                bytes: Zeroizing::new(b"hunter2".to_vec()),
            }),
            Frame::Request(Request::Stop { level: StopLevel::Term }),
            Frame::Reply(Reply { standing: Standing::Refused, sentence: "no".into() }),
            Frame::Size(200, 60),
            Frame::Pen(true),
            Frame::Pen(false),
            Frame::Request(Request::OpenConsole {
                place: Box::new(Place::Local(vec!["sh".into()])),
                size: (80, 24),
            }),
            Frame::Request(Request::ShowConsole { console: Some(2), size: (80, 24), again: None }),
            Frame::Lend(Lent {
                name: "ssh-key /home/eve/.ssh/id".into(),
                secret: Zeroizing::new(b"hunter2\0x".to_vec()),
            }),
            Frame::Keys(Zeroizing::new(b"\x1b[A".to_vec())),
            Frame::Shown(b"\x1b[1m".to_vec()),
            Frame::Console(ConsoleWord::Anew {
                columns: 80,
                rows: 24,
                recorded: "recorded".into(),
            }),
            Frame::Later(b'z'),
            Frame::End,
        ];
        let (mut a, mut b) = tokio::io::duplex(1 << 16);
        for frame in &frames {
            send(&mut a, frame).await.unwrap();
        }
        drop(a);
        for frame in frames {
            assert_eq!(receive(&mut b).await.unwrap(), Some(frame));
        }
        assert_eq!(receive(&mut b).await.unwrap(), None);
    }

    #[tokio::test]
    async fn what_a_later_version_sends_is_passed_over_and_secrets_are_never_shown() {
        let mut bytes: &[u8] = b"z\0\0\0\x03abcE\0\0\0\0";
        assert_eq!(receive(&mut bytes).await.unwrap(), Some(Frame::Later(b'z')));
        assert_eq!(receive(&mut bytes).await.unwrap(), Some(Frame::End));
        let lent = Lent { name: "vm".into(), secret: Zeroizing::new(b"hunter2".to_vec()) };
        assert!(!format!("{:?}", Frame::Lend(lent)).contains("104"));
        assert_eq!(Frame::Request(Request::TakePen).since(), 1);
        assert_eq!(Frame::Request(Request::TakeKeys).since(), 2);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_refused_or_read(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..64)) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let mut from = bytes.as_slice();
                while let Ok(Some(_)) = receive(&mut from).await {}
            });
        }
    }
}
