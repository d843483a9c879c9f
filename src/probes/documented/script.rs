//! Puts together the script that is asked at a place.

use std::fmt::Write as _;

use super::{Batch, Section};
use crate::probes::hosts::script::functions;

/// What an answer may have at most, in bytes; the script cuts itself off there.
pub(super) const MOST: usize = 12_000_000;

/// A value of the site that a script gets as a shell variable: words, separated by spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Its name, upper case (`SWITCHES`).
    pub name: &'static str,
    /// Its words. Those that could mean something to a shell are left out.
    pub words: Vec<String>,
}

impl Given {
    /// A value of these words.
    pub fn new<T: Into<String>>(name: &'static str, words: impl IntoIterator<Item = T>) -> Given {
        let words = words.into_iter().map(Into::into).filter(|word: &String| is_safe(word));
        Given { name, words: words.collect() }
    }
}

/// Whether a word means nothing to a shell between quotes or bare, and cannot
/// pass for an option. The inventory may hold anything; nothing of it may
/// become shell text.
fn is_safe(word: &str) -> bool {
    !word.is_empty()
        && !word.starts_with('-')
        && word.chars().all(|c| c.is_ascii_alphanumeric() || "._:-/@=,+%".contains(c))
}

/// The sections of a batch that can be asked with these values.
pub(super) fn asked(batch: &'static Batch, given: &[Given]) -> Vec<&'static Section> {
    let has = |name: &str| given.iter().any(|value| value.name == name && !value.words.is_empty());
    batch.sections.iter().filter(|section| section.needs.iter().all(|name| has(name))).collect()
}

/// The script that asks for these sections of a batch under this nonce. `sudo`
/// says whether the account may be asked to become root.
pub fn script(
    batch: &Batch,
    sections: &[&Section],
    given: &[Given],
    sudo: bool,
    nonce: &str,
) -> String {
    let inner = inner(batch, sections, given, sudo, nonce);
    let way = batch.place.way();
    if way.is_empty() {
        return inner;
    }
    let mut text = head(batch, given, sudo, nonce);
    let _ = write!(
        text,
        "INTO= W=0\n{way}\
         if [ \"$W\" != 0 ]; then b way; e way \"$W\"; printf '@@%s . = 0\\n' \"$N\"; exit 0; fi\n\
         exec $INTO sh -s <<'@@{nonce}@@'\n{inner}@@{nonce}@@\n"
    );
    text
}

fn head(batch: &Batch, given: &[Given], sudo: bool, nonce: &str) -> String {
    let sudo = if sudo { "yes" } else { "no" };
    let asks = batch.spec.info.name;
    let mut text = format!("# shopfloor look 1 {nonce}\nN='{nonce}'\nASKS='{asks}'\nSUDO={sudo}\n");
    for Given { name, words } in given {
        let _ = writeln!(text, "{name}='{}'", words.join(" "));
    }
    text.push_str("LC_ALL=C\nPATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin\nexport LC_ALL PATH\n");
    let said = functions().lines().filter(|line| !line.trim_start().starts_with('#'));
    for line in said {
        let _ = writeln!(text, "{line}");
    }
    // The limit that the functions know is that of a host's own small commands.
    let _ = writeln!(text, "[ -z \"$T\" ] || T='timeout {}'", batch.command_s);
    text
}

fn inner(batch: &Batch, sections: &[&Section], given: &[Given], sudo: bool, nonce: &str) -> String {
    let mut text = head(batch, given, sudo, nonce);
    // Read to its end before it is run: what runs may read standard input.
    text.push_str("{\nexec </dev/null\nwho\n");
    text.push_str(batch.place.preparation());
    for Section { name, script, .. } in sections {
        let script = script.trim_end();
        // Standard error goes into a variable while standard output goes on.
        let _ = write!(
            text,
            "#: {name}\nq() {{\n{script}\n}}\nb {name}\n\
             {{ E=$(q 2>&1 1>&3 3>&-); X=$?; }} 3>&1\ne {name} \"$X\"\n\
             [ -z \"$E\" ] || {{ b '{name}!'; printf %.2000s \"$E\"; e '{name}!' 0; }}\n"
        );
    }
    let _ = write!(text, "printf '@@%s . = 0\\n' \"$N\"\n}} | head -c {MOST}\n");
    text
}
