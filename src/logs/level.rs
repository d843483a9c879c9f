//! How bad a line says it is: from the word loggers write, else from words
//! that only bad news has.

use std::sync::LazyLock;

use regex::bytes::Regex;
use serde::{Deserialize, Serialize};

/// What a line says of itself.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Nothing.
    #[default]
    Plain,
    /// For developers.
    Debug,
    /// Goes as it should.
    Info,
    /// Somebody should look.
    Warn,
    /// Something failed.
    Error,
}

/// How far into a line the logger's own word is looked for, in bytes.
const HEAD: usize = 160;

/// How far into a line words of bad news are looked for, in bytes.
const BODY: usize = 4096;

/// The pattern of lines that may be errors, for a search over whole files; each is looked at again.
pub const MAY_BE_ERROR: &str =
    r"(?i-u)err|fatal|fail|crit|emerg|alert|panic|unreachable|traceback|^[EF]\d{4} ";

/// The same for warnings and worse.
pub const MAY_BE_WARNING: &str =
    r"(?i-u)warn|deprecat|err|fatal|fail|crit|emerg|alert|panic|unreachable|traceback|^[WEF]\d{4} ";

fn regex(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

/// A logger's own word: upper case, in brackets, or after `level=`.
static WORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r#"(?x-u)
        (?: \b(?: level | lvl | severity )"?\s*[=:]\s*"?(?P<key>[A-Za-z]+) )
        | (?: \b(?P<upper>EMERG(?:ENCY)?|ALERT|CRIT(?:ICAL)?|FATAL|PANIC|ERROR|ERR|WARN(?:ING)?|NOTICE|INFO|DEBUG|TRACE)\b )
        | (?: [\[<(](?P<marked>(?i:emerg|alert|crit(?:ical)?|fatal|panic|err(?:or)?|warn(?:ing)?|notice|info|debug|trace|deprecation\x20warning))[\]>)] )
        | (?: \x20(?P<lower>error|err|warn|warning|notice|info|debug)\x20{1,4} )
        "#,
    )
});

/// Ansible's own ways to say it, at the beginning of a line.
static ANSIBLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"^(?:\[?ERROR\]?[:!]|fatal: |failed: |\s*(?P<warn>\[(?:WARNING|DEPRECATION WARNING)\]:|FAILED - RETRYING))",
    )
});

/// Words of bad news anywhere in a line.
static BAD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"(?i-u)\b(?:(?P<error>errors?|fatal|failed|failure|critical|emergency|panic|unreachable|traceback)|warn(?:ing)?s?|deprecated)\b",
    )
});

/// What a line says of itself.
pub fn level_of(line: &[u8]) -> Level {
    let line = skip_colour(line);
    let head = line.get(..line.len().min(HEAD)).unwrap_or(line);
    if let Some(level) = klog(head).or_else(|| ansible(head)).or_else(|| own_word(head)) {
        return level;
    }
    let body = line.get(..line.len().min(BODY)).unwrap_or(line);
    let Some(bad) = BAD.as_ref() else { return Level::Plain };
    let mut worst = Level::Plain;
    for found in bad.captures_iter(body) {
        let Some(word) = found.get(0) else { continue };
        if is_denied(body, word.start(), word.end()) {
            continue;
        }
        if found.name("error").is_some() {
            return Level::Error;
        }
        worst = Level::Warn;
    }
    worst
}

/// Sequences of colour before the first letter.
fn skip_colour(line: &[u8]) -> &[u8] {
    let mut rest = line;
    while rest.first() == Some(&0x1b) {
        match super::escape::read(rest) {
            Some((len, _)) => rest = rest.get(len..).unwrap_or(&[]),
            None => break,
        }
    }
    rest
}

/// `E0305 13:53:55.400123   …`, as Kubernetes components write.
fn klog(head: &[u8]) -> Option<Level> {
    let [letter, a, b, c, d, b' ', ..] = head else { return None };
    if ![a, b, c, d].into_iter().all(u8::is_ascii_digit) {
        return None;
    }
    match letter {
        b'E' | b'F' => Some(Level::Error),
        b'W' => Some(Level::Warn),
        b'I' => Some(Level::Info),
        _ => None,
    }
}

fn ansible(head: &[u8]) -> Option<Level> {
    let found = ANSIBLE.as_ref()?.captures(head)?;
    Some(if found.name("warn").is_some() { Level::Warn } else { Level::Error })
}

fn own_word(head: &[u8]) -> Option<Level> {
    let found = WORD.as_ref()?.captures(head)?;
    let names = ["key", "upper", "marked", "lower"];
    let word = names.into_iter().find_map(|name| found.name(name))?;
    if is_denied(head, word.start(), word.end()) {
        return None;
    }
    let word = word.as_bytes().to_ascii_lowercase();
    let starts = |with: &[&str]| with.iter().any(|start| word.starts_with(start.as_bytes()));
    Some(if starts(&["emerg", "alert", "crit", "fatal", "panic", "err"]) {
        Level::Error
    } else if starts(&["warn", "deprecation"]) {
        Level::Warn
    } else if starts(&["notice", "info"]) {
        Level::Info
    } else if starts(&["debug", "trace"]) {
        Level::Debug
    } else {
        return None;
    })
}

/// Whether what stands around a word takes it back: `failed=0`, `no error`, `0 warnings`, `"failed": false`.
fn is_denied(line: &[u8], start: usize, end: usize) -> bool {
    let after = line.get(end..).unwrap_or(&[]);
    let after = after.strip_prefix(b"\"").unwrap_or(after);
    let value = match after {
        [b'=' | b':', rest @ ..] => rest,
        _ => &[],
    };
    let value = value.strip_prefix(b" ").unwrap_or(value);
    let value = value.strip_prefix(b"\"").unwrap_or(value);
    let is_zero = matches!(value, [b'0'] | [b'0', b' ' | b',' | b'}' | b'"' | b'\t' | 0x1b, ..]);
    if is_zero || value.starts_with(b"false") || value.starts_with(b"null") {
        return true;
    }
    let before = line.get(..start).unwrap_or(&[]).trim_ascii_end();
    let word = before.rsplit(|byte| !byte.is_ascii_alphanumeric()).next().unwrap_or(&[]);
    matches!(word, b"0" | b"no" | b"No" | b"NO" | b"without" | b"any")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loggers_words_are_read() {
        for (line, level) in [
            ("2026-03-05T13:53:55Z ERROR nova.compute no host", Level::Error),
            ("13:48:58.004 ceph-03    ERR   osd.17 bdev aio_submit", Level::Error),
            ("13:54:31.007 fabric-ctl info  eslag-1 forwarding after error", Level::Info),
            ("13:54:05.401 fabric-ctl warn  leaf-02 missed heartbeat", Level::Warn),
            ("E0305 13:53:55.400123       1 leader.go:12] lost", Level::Error),
            ("I0305 13:53:55.400123       1 reflector.go:12] error is gone", Level::Info),
            ("{\"level\":\"warning\",\"msg\":\"x\"}", Level::Warn),
            ("time=x level=error msg=y", Level::Error),
            ("<err> kernel: nvme3n1", Level::Error),
            ("[DEBUG] x", Level::Debug),
            ("fatal: [gpu-07]: FAILED! => {}", Level::Error),
            ("\u{1b}[0;31mfatal: [gpu-07]: UNREACHABLE! => {}", Level::Error),
            ("failed: [gpu-07] (item=a) => {}", Level::Error),
            ("[WARNING]: Could not match", Level::Warn),
            ("\u{1b}[1;30mFAILED - RETRYING: [gpu-07]: wait (3 retries left).", Level::Warn),
            ("Mar  5 13:53:55 ceph-03 kernel: nvme3n1 I/O error sector", Level::Error),
            ("Traceback (most recent call last):", Level::Error),
        ] {
            assert_eq!(level_of(line.as_bytes()), level, "{line}");
        }
    }

    #[test]
    fn words_that_are_taken_back_are_no_bad_news() {
        for line in [
            "gpu-07 : ok=12 changed=3 unreachable=0 failed=0 skipped=1 rescued=0 ignored=0",
            "ok: [gpu-07] => {\"failed\": false, \"changed\": false}",
            "scrub found no errors",
            "3 files, 0 errors, 0 warnings",
            "plain words",
            "interrogation",
            "",
        ] {
            assert_eq!(level_of(line.as_bytes()), Level::Plain, "{line}");
        }
    }

    #[test]
    fn the_patterns_of_whole_files_leave_nothing_out() {
        let may_error = Regex::new(MAY_BE_ERROR).unwrap();
        let may_warn = Regex::new(MAY_BE_WARNING).unwrap();
        for line in [
            "x ALERT y",
            "E0305 x",
            "fatal: [a]",
            "CRIT disk",
            "<emerg> x",
            "level=panic",
            "host unreachable",
            "Traceback",
            "F0102 x",
        ] {
            assert_eq!(level_of(line.as_bytes()), Level::Error, "{line}");
            assert!(may_error.is_match(line.as_bytes()), "{line}");
        }
        for line in ["W0305 x", "a warning", "deprecated", "[DEPRECATION WARNING]: x"] {
            assert_eq!(level_of(line.as_bytes()), Level::Warn, "{line}");
            assert!(may_warn.is_match(line.as_bytes()), "{line}");
        }
    }
}
