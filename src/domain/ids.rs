//! Names that stay the same: of targets, checks, probes, fact keys, secrets.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Cow<'static, str>);

        impl $name {
            /// A name known when the program is built.
            pub const fn fixed(name: &'static str) -> Self {
                Self(Cow::Borrowed(name))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self(Cow::Owned(name.to_owned()))
            }
        }

        impl From<String> for $name {
            fn from(name: String) -> Self {
                Self(Cow::Owned(name))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

name_type! {
    /// A target of the site: an inventory name (`gpu-07`), or `bmc:` and the
    /// name of a management controller (`bmc:gpu-07`).
    TargetId
}
name_type! {
    /// A check: its id is its code everywhere (`HOST-05`, `IPMI-50`).
    CheckId
}
name_type! {
    /// A kind of probe (`host.look`, `bmc.redfish`); with a target it is a [`ProbeId`].
    ProbeName
}
name_type! {
    /// The key of a fact (`host.kernel`), declared in `domain::keys`.
    KeyName
}
name_type! {
    /// A secret the operator was asked for (`ssh-key /home/ops/.ssh/id_ed25519`,
    /// `vault default`). The name is public; the secret never is.
    SecretName
}

impl SecretName {
    /// Whether it is a password of the vault (`vault default`), which opens other secrets.
    pub fn is_vault(&self) -> bool {
        self.0.starts_with("vault ")
    }
}

/// One probe asking one target; at most one ask of it is in flight.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ProbeId {
    /// Who is asked.
    pub target: TargetId,
    /// What is asked.
    pub probe: ProbeName,
}

impl fmt::Display for ProbeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.probe, self.target)
    }
}
