//! Why something could not be looked at.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Place, untrusted};

macro_rules! cause_words {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)+) => {
        /// The closed list of causes (`docs/causes.md`), and what each system adds.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CauseWord {
            $($(#[$doc])* $variant,)+
            /// A cause of one system, documented in `docs/`.
            System(String),
        }

        impl CauseWord {
            /// The words that belong to no particular system.
            pub const COMMON: &'static [&'static str] = &[$($word),+];

            /// The word as JSON has it.
            pub fn word(&self) -> &str {
                match self {
                    $(CauseWord::$variant => $word,)+
                    CauseWord::System(word) => word,
                }
            }

            /// The cause a word names.
            pub fn from_word(word: &str) -> CauseWord {
                match word {
                    $($word => CauseWord::$variant,)+
                    other => CauseWord::System(other.to_owned()),
                }
            }
        }
    };
}

cause_words! {
    /// Nothing listens on the port.
    Refused = "refused",
    /// The network says there is no way there.
    NoRoute = "no-route",
    /// No answer in time.
    TimedOut = "timed-out",
    /// The name has no address.
    NameUnknown = "name-unknown",
    /// The other side dropped the connection at once.
    Reset = "reset",
    /// The host's key is not in known_hosts.
    KeyUnknown = "key-unknown",
    /// The host's key differs from the recorded one, or is revoked.
    KeyChanged = "key-changed",
    /// None of our keys or passwords was taken.
    AuthRefused = "auth-refused",
    /// The port is open but no banner came.
    NoBanner = "no-banner",
    /// Accepts connections but never answers.
    Silent = "silent",
    /// The connection ended while a command ran.
    Cut = "cut",
    /// The command is not on the target.
    CommandMissing = "command-missing",
    /// sudo asks for a password that we do not have.
    SudoPassword = "sudo-password",
    /// An answer that cannot be understood.
    Garbled = "garbled",
    /// More output than we take.
    TooLarge = "too-large",
    /// A secret that is needed is sealed in a vault or behind a passphrase.
    PasswordSealed = "password-sealed",
}

impl fmt::Display for CauseWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl Serialize for CauseWord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for CauseWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(CauseWord::from_word(&String::deserialize(deserializer)?))
    }
}

/// The word for a secret that nobody has: it is in no file, or its file cannot be read.
pub const PASSWORD_MISSING: &str = "password-missing";

/// The key with which a host could not prove who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedKey {
    /// The name it was looked up under, as known_hosts has it: `[10.0.1.17]:2222`.
    pub host: String,
    /// Its algorithm, `ssh-ed25519`.
    pub algorithm: String,
    /// Its fingerprint, `SHA256:…`.
    pub fingerprint: String,
    /// The entry that says otherwise; none when the host is unknown.
    pub conflict: Option<Place>,
    /// Whether that entry revokes the key: it cannot be accepted then.
    pub revoked: bool,
}

/// Why a look failed: a word for programs, a sentence for people, one thing to try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{sentence}")]
pub struct Cause {
    /// The closed word.
    pub word: CauseWord,
    /// A whole sentence without a full stop, naming the target: `gpu-07 refuses
    /// connections on 10.0.1.17 port 22`.
    pub sentence: String,
    /// What to try next, an imperative sentence without a full stop.
    pub next: String,
    /// More, line by line: keys tried, fingerprints, the other side's last words.
    /// Already stripped of control characters.
    pub detail: Vec<String>,
    /// The jump host whose trouble it is, when the target itself was never
    /// reached: nothing is known of the target then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind: Option<Box<str>>,
    /// The key that was shown and not accepted, where that is why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered: Option<Box<OfferedKey>>,
}

impl Cause {
    /// A cause without details. Names and addresses in its sentences come from
    /// files, so the sentences are made safe for a screen.
    pub fn new(word: CauseWord, sentence: impl Into<String>, next: impl Into<String>) -> Cause {
        let (mut sentence, mut next) = (sentence.into(), next.into());
        untrusted::scrub(&mut sentence);
        untrusted::scrub(&mut next);
        Cause { word, sentence, next, detail: Vec::new(), behind: None, offered: None }
    }

    /// The same cause, about this key.
    #[must_use]
    pub fn offering(mut self, key: OfferedKey) -> Cause {
        self.offered = Some(Box::new(key));
        self
    }

    /// The same cause with one more line of detail, made safe for a screen.
    #[must_use]
    pub fn with_detail(mut self, line: impl AsRef<str>) -> Cause {
        self.detail.push(untrusted::printable(line.as_ref()));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_a_sentence_cannot_reach_the_terminal_as_a_command() {
        let name = "ceph\u{1b}]52;c;AAAA\u{7}-01\u{202e}";
        let cause =
            Cause::new(CauseWord::Refused, format!("{name} refuses"), format!("ask {name}"));
        assert_eq!(
            (cause.sentence.as_str(), cause.next.as_str()),
            ("ceph-01 refuses", "ask ceph-01")
        );
    }

    #[test]
    fn words_go_there_and_back() {
        for word in CauseWord::COMMON {
            let cause = CauseWord::from_word(word);
            assert!(!matches!(cause, CauseWord::System(_)), "{word}");
            assert_eq!(cause.word(), *word);
        }
        assert_eq!(
            CauseWord::from_word("tls-untrusted"),
            CauseWord::System("tls-untrusted".into())
        );
    }
}
