//! Host patterns of an inventory: `node[01:48]`, `[a:f]`, steps, several
//! ranges in one name, `name:port` (`parsing/utils/addresses.py` and
//! `expand_hostname_range` of ansible-core).

use std::sync::LazyLock;

use regex::Regex;

/// The most hosts that one pattern may mean; more is a slip of the finger.
const MOST: usize = 100_000;

/// What one key under `hosts` means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expanded {
    /// The names, in order.
    pub names: Vec<String>,
    /// The port of `name:port`.
    pub port: Option<i64>,
}

macro_rules! address {
    () => {
        concat!(
            // IPv4, each part a number or a range
            r"(?:(?:[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5]|\[[0-9]+:[0-9]+(?::[0-9]+)?\])\.){3}",
            r"(?:[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5]|\[[0-9]+:[0-9]+(?::[0-9]+)?\])"
        )
    };
}

/// A label begins with a word character or a range and does not end with `_` or `-`.
const LABEL: &str = r"(?:\w|R)(?:(?:[\w-]|R)*(?:[^\W_]|R))?";
const RANGE: &str = r"\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\]";

static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    // A lone `_` is refused by Ansible: a label may not end with it.
    let label = LABEL.replace('R', RANGE);
    Regex::new(&format!(r"(?i)^(?:{}|{label}(?:\.{label})*)$", address!())).ok()
});
static BRACKETED_PORT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\[(.+)\]:([0-9]+)$").ok());
static PORT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^((?:[^:\[\]]|\[[^\]]*\])*):([0-9]+)$").ok());

/// The hosts that a key under `hosts` means.
///
/// # Errors
/// A sentence when Ansible would refuse the pattern, or when it means more than 100,000 hosts.
pub fn expand(pattern: &str) -> Result<Expanded, String> {
    let (pattern, port) = split_port(pattern);
    let mut names = Vec::new();
    expand_into(pattern, &mut names)?;
    Ok(Expanded { names, port })
}

/// `name:port` only where what is before the colon is a name or an address, as in Ansible.
fn split_port(pattern: &str) -> (&str, Option<i64>) {
    let mut found = None;
    for expression in [&BRACKETED_PORT, &PORT] {
        if let Some(captures) = expression.as_ref().and_then(|e| e.captures(pattern)) {
            found = captures.get(1).zip(captures.get(2));
            break;
        }
    }
    let Some((name, port)) = found else { return (pattern, None) };
    let (name, port) = (name.as_str(), port.as_str());
    let known = NAME.as_ref().is_some_and(|e| e.is_match(name)) || is_ipv6(name);
    if known { (name, port.parse().ok()) } else { (pattern, None) }
}

fn is_ipv6(name: &str) -> bool {
    name.parse::<std::net::Ipv6Addr>().is_ok()
}

fn expand_into(pattern: &str, names: &mut Vec<String>) -> Result<(), String> {
    let Some((head, rest)) = pattern.split_once('[') else {
        if names.len() >= MOST {
            return Err(format!("this host range means more than {MOST} hosts"));
        }
        names.push(pattern.to_owned());
        return Ok(());
    };
    let (range, tail) =
        rest.split_once(']').ok_or_else(|| "this host range has no closing `]`".to_owned())?;
    for middle in items(range)? {
        expand_into(&format!("{head}{middle}{tail}"), names)?;
    }
    Ok(())
}

/// The middles of `[begin:end:step]`.
fn items(range: &str) -> Result<Vec<String>, String> {
    let accepted = "a host range is `[begin:end]` or `[begin:end:step]`";
    let mut bounds = range.split(':');
    let (Some(begin), Some(end)) = (bounds.next(), bounds.next()) else {
        return Err(format!("`[{range}]` is no host range; {accepted}"));
    };
    let step = bounds.next();
    if bounds.next().is_some() {
        return Err(format!("`[{range}]` is no host range; {accepted}"));
    }
    if end.is_empty() {
        return Err(format!("the host range `[{range}]` has no end; {accepted}"));
    }
    let begin = if begin.is_empty() { "0" } else { begin };
    let step: usize = match step {
        None => 1,
        Some(step) => step
            .trim()
            .parse()
            .ok()
            .filter(|step| *step > 0)
            .ok_or_else(|| format!("the step of `[{range}]` is not a number above 0"))?,
    };
    let width = if begin.len() > 1 && begin.starts_with('0') { begin.len() } else { 0 };
    if width > 0 && width != end.len() {
        return Err(format!("begin and end of the host range `[{range}]` differ in length"));
    }
    if let Some((first, last)) = letter(begin).zip(letter(end)) {
        if first > last {
            return Err(format!("the host range `[{range}]` begins after its end"));
        }
        return Ok((first..=last).step_by(step).map(letter_at).collect());
    }
    let number = |text: &str| {
        text.trim()
            .parse::<u64>()
            .map_err(|_| format!("`[{range}]` is no host range; {accepted} of numbers or letters"))
    };
    let (first, last) = (number(begin)?, number(end)?);
    if last.saturating_sub(first) / step as u64 >= MOST as u64 {
        return Err(format!("the host range `[{range}]` means more than {MOST} hosts"));
    }
    Ok((first..=last).step_by(step).map(|n| format!("{n:0width$}")).collect())
}

/// Where a single letter stands in `a…zA…Z`, Python's order.
fn letter(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [c @ b'a'..=b'z'] => Some(c - b'a'),
        [c @ b'A'..=b'Z'] => Some(c - b'A' + 26),
        _ => None,
    }
}

fn letter_at(position: u8) -> String {
    let c = if position < 26 { b'a' + position } else { b'A' + (position - 26) };
    char::from(c).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(pattern: &str) -> Vec<String> {
        expand(pattern).unwrap().names
    }

    #[test]
    fn ranges_count_as_in_ansible() {
        assert_eq!(names("gpu-[08:11]"), ["gpu-08", "gpu-09", "gpu-10", "gpu-11"]);
        assert_eq!(names("n[1:10:4].x"), ["n1.x", "n5.x", "n9.x"]);
        assert_eq!(names("r[a:c]"), ["ra", "rb", "rc"]);
        assert_eq!(names("r[y:B]"), ["ry", "rz", "rA", "rB"]);
        assert_eq!(names("a[1:2]b[x:y]"), ["a1bx", "a1by", "a2bx", "a2by"]);
        assert_eq!(names("n[:2]"), ["n0", "n1", "n2"]);
        assert_eq!(names("n[5:3]"), Vec::<String>::new());
        assert_eq!(names("jump.site[004:100].icn").len(), 97);
    }

    #[test]
    fn a_port_is_split_off_names_and_addresses_only() {
        let port = |pattern: &str| {
            let expanded = expand(pattern).unwrap();
            (expanded.names, expanded.port)
        };
        assert_eq!(port("a.b:2222"), (vec!["a.b".to_owned()], Some(2222)));
        assert_eq!(port("10.0.0.[1:2]:22").0, ["10.0.0.1", "10.0.0.2"]);
        assert_eq!(port("[fd00::1]:2222"), (vec!["fd00::1".to_owned()], Some(2222)));
        assert_eq!(port("fd00::1"), (vec!["fd00::1".to_owned()], None));
        assert_eq!(port("bad-:22"), (vec!["bad-:22".to_owned()], None));
        assert_eq!(port("n[1:2]:22"), (vec!["n1".to_owned(), "n2".to_owned()], Some(22)));
    }

    #[test]
    fn what_ansible_refuses_is_refused_with_a_sentence() {
        for pattern in ["n[1]", "n[1:2", "n[1:]", "n[01:100]", "n[c:a]", "n[1:x]", "n[1:9:0]"] {
            let sentence = expand(pattern).unwrap_err();
            assert!(sentence.contains("range") || sentence.contains("step"), "{sentence}");
        }
        assert!(expand("n[1:999999999999]").unwrap_err().contains("more than 100000 hosts"));
        assert!(expand("[1:999][1:999]").unwrap_err().contains("more than 100000 hosts"));
    }

    proptest::proptest! {
        #[test]
        fn no_pattern_panics(pattern in "[a-c0-9\\[\\]:.-]{0,14}") {
            let _ = expand(&pattern);
        }

        #[test]
        fn a_number_range_has_as_many_hosts_as_numbers(
            first in 0_u32..500, more in 0_u32..500, step in 1_u32..20
        ) {
            let names = expand(&format!("h[{first}:{}:{step}]", first + more)).unwrap().names;
            proptest::prop_assert_eq!(names.len() as u32, more / step + 1);
            proptest::prop_assert_eq!(&names[0], &format!("h{first}"));
        }
    }
}
