//! Takes the answer of the batched script apart. Pure; believes nothing.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::domain::untrusted::printable;
use crate::domain::{Cause, CauseWord};

/// What the script may print at most, in bytes; it cuts itself off there.
pub const MOST: usize = 1_000_000;

/// A word that nobody on the host could have written into a file before it was
/// asked: random per process, and new for every ask.
pub(crate) fn nonce() -> String {
    static ASKS: AtomicU64 = AtomicU64::new(0);
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u64(ASKS.fetch_add(1, Ordering::Relaxed));
    format!("{:016x}", hasher.finish())
}

/// The output of one section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The section's name.
    pub name: &'a str,
    /// Its exit status.
    pub status: i32,
    /// What it printed.
    pub text: &'a str,
}

/// The frames of an answer in their order, or why it cannot be understood.
/// Whatever stands before the first frame (a greeting, a warning of the login
/// shell) is left out. `on` is the host, for the sentence.
pub fn frames<'a>(answer: &'a str, nonce: &str, on: &str) -> Result<Vec<Frame<'a>>, Cause> {
    let mark = format!("@@{nonce} ");
    let mut frames: Vec<Frame<'a>> = Vec::new();
    let mut open: Option<(&'a str, usize)> = None;
    let mut at = 0;
    for line in answer.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let Some(rest) = line.trim_end_matches(['\n', '\r']).strip_prefix(&mark) else { continue };
        match (open, rest.split_once(" = ")) {
            (None, Some((".", "0"))) => return Ok(frames),
            (None, None) => open = Some((rest, at)),
            (Some((name, from)), Some((same, status))) if name == same => {
                let Ok(status) = status.parse() else {
                    return Err(torn(on, name, answer));
                };
                let text = answer.get(from..start).unwrap_or_default();
                frames.push(Frame { name, status, text });
                open = None;
            }
            (Some((name, _)), _) => return Err(torn(on, name, answer)),
            (None, Some((name, _))) => return Err(torn(on, name, answer)),
        }
    }
    Err(if answer.len() >= MOST {
        Cause::new(
            CauseWord::TooLarge,
            format!("{on} answered with more than {} MB", MOST / 1_000_000),
            format!("log in to {on} and see what is unusually long there: mounts, units, packages"),
        )
    } else if let Some((name, _)) = open {
        torn(on, name, answer)
    } else if let Some(last) = frames.last() {
        torn(on, last.name, answer)
    } else {
        nonsense(on, answer)
    })
}

/// Whether the end of the answer under this nonce has been printed.
pub fn is_whole(printed: &[u8], nonce: &str) -> bool {
    let end = format!("\n@@{nonce} . = 0\n");
    printed.windows(end.len()).any(|window| window == end.as_bytes())
}

fn torn(on: &str, section: &str, answer: &str) -> Cause {
    let tail: String = tail(answer, 200);
    Cause::new(
        CauseWord::Garbled,
        format!("{on} answered in part: its answer is torn at {}", printable(section)),
        format!("look again; if it stays so, log in to {on} and run: exec sh -s"),
    )
    .with_detail(format!("last words: {tail}"))
}

fn nonsense(on: &str, answer: &str) -> Cause {
    let first = answer.lines().map(printable).find(|line| !line.is_empty());
    let sentence = match &first {
        Some(line) => {
            let short: String = line.chars().take(60).collect();
            format!("{on} lets us in and answers something else: {short}")
        }
        None => format!("{on} lets us in and answers nothing"),
    };
    let cause = Cause::new(
        CauseWord::Garbled,
        sentence,
        format!("log in to {on} by hand: its account may have no shell, or a shell that talks"),
    );
    match first {
        Some(line) => cause.with_detail(line),
        None => cause,
    }
}

fn tail(text: &str, most: usize) -> String {
    let mut last: Vec<char> = text.chars().rev().take(most).collect();
    last.reverse();
    last.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_asks_share_a_nonce() {
        let (one, two) = (nonce(), nonce());
        assert_ne!(one, two);
        assert!(one.len() == 16 && one.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }

    const WHOLE: &str =
        "motd\n@@f0 kernel\n6.14\n\n@@f0 kernel = 0\n@@f0 swap\n\n@@f0 swap = 127\n@@f0 . = 0\n";

    #[test]
    fn a_whole_answer_comes_apart() {
        let frames = frames(WHOLE, "f0", "gpu-07").unwrap();
        assert_eq!(
            frames,
            [
                Frame { name: "kernel", status: 0, text: "6.14\n\n" },
                Frame { name: "swap", status: 127, text: "\n" }
            ]
        );
    }

    #[test]
    fn an_answer_cut_anywhere_is_never_taken_for_whole() {
        for end in 0..WHOLE.len() - 1 {
            let cut = &WHOLE[..end];
            let cause = frames(cut, "f0", "gpu-07").unwrap_err();
            assert_eq!(cause.word, CauseWord::Garbled, "{cut:?}");
            assert!(cause.sentence.starts_with("gpu-07 "), "{}", cause.sentence);
        }
    }

    #[test]
    fn nobody_else_can_fake_a_frame() {
        let faked = WHOLE.replace("6.14", "@@f1 kernel = 0\n@@f1 . = 0");
        let frames = frames(&faked, "f0", "gpu-07").unwrap();
        assert_eq!(frames[0].text, "@@f1 kernel = 0\n@@f1 . = 0\n\n");
    }

    #[test]
    fn frames_in_the_wrong_order_are_torn() {
        for answer in [
            "@@f0 a\n@@f0 b\n@@f0 b = 0\n@@f0 a = 0\n@@f0 . = 0\n",
            "@@f0 a = 0\n@@f0 . = 0\n",
            "@@f0 a\n@@f0 a = zero\n@@f0 . = 0\n",
            "@@f0 a\n@@f0 . = 0\n",
        ] {
            let cause = frames(answer, "f0", "gpu-07").unwrap_err();
            assert_eq!(cause.sentence, "gpu-07 answered in part: its answer is torn at a");
        }
    }

    #[test]
    fn what_came_instead_is_told_safely() {
        let cause = frames("\u{1b}[31mThis account is not available.\n", "f0", "gpu-07");
        assert_eq!(
            cause.unwrap_err().sentence,
            "gpu-07 lets us in and answers something else: This account is not available."
        );
        let cause = frames("", "f0", "gpu-07").unwrap_err();
        assert_eq!(cause.sentence, "gpu-07 lets us in and answers nothing");
        let much = "x".repeat(MOST + 1);
        assert_eq!(frames(&much, "f0", "gpu-07").unwrap_err().word, CauseWord::TooLarge);
    }
}
