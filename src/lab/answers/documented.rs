//! What the documented commands print on the machines of the demo site. Each
//! system of the site gives its [`Answers`] from the one changing state; what
//! is asked by a look and what a person types at a console are the same commands.

use super::{Printed, Scene};

/// A section of documented commands as it is asked.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The look that asks (`fabric.look`).
    pub asks: &'a str,
    /// The section's name.
    pub section: &'a str,
    /// Finds the value of a parameter of the script; empty where it has none.
    pub given: &'a dyn Fn(&str) -> &'a str,
}

/// What one system of the site answers.
pub struct Answers {
    /// Output and exit status of a section; `None` leaves it to its commands.
    pub section: fn(&Scene<'_>, &Asked<'_>) -> Option<Printed>,
    /// Output and exit status of one command, given as its words; `None` for a
    /// command that is not this system's, or not on this machine.
    pub command: fn(&Scene<'_>, &[&str]) -> Option<Printed>,
}

/// The systems that answer. A new one is one line here and one file.
const REGISTRY: &[Answers] = &[
    super::fabric::ANSWERS,
    super::openwrt::ANSWERS,
    super::ceph::ANSWERS,
    super::openstack::ANSWERS,
    super::services::ANSWERS,
];

/// What a section prints, and its exit status: what a system says to it as a
/// whole, else what the commands of its script say one after the other. `None`
/// when one of them is not on this machine.
pub fn section(scene: &Scene<'_>, asked: &Asked<'_>, script: &str) -> Option<Printed> {
    if let Some(printed) = REGISTRY.iter().find_map(|system| (system.section)(scene, asked)) {
        return Some(printed);
    }
    let mut all = (String::new(), 0);
    let lines = script.lines().map(str::trim);
    for each in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (text, status) = line(scene, each)?;
        all.0.push_str(&text);
        all.1 = status;
    }
    Some(all)
}

/// What one command line prints. Of a pipeline the first command counts, of
/// redirections nothing: what is printed is what the tool itself prints.
pub fn line(scene: &Scene<'_>, line: &str) -> Option<Printed> {
    let words = words(line);
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    // The shorthands of the script, and becoming root.
    while matches!(words.first(), Some(&("t" | "r" | "sudo" | "-n"))) {
        words.remove(0);
    }
    match words.first_mut() {
        Some(first) if *first == "k" => *first = "kubectl",
        Some(first) if *first == "o" => *first = "openstack",
        _ => {}
    }
    REGISTRY.iter().find_map(|system| (system.command)(scene, &words))
}

/// The words of a command line up to a pipe or the next command, without
/// quotes and redirections.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut is_word = false;
    let mut quote = None;
    for c in line.chars() {
        match quote {
            Some(end) if c == end => quote = None,
            Some(_) => word.push(c),
            None if c == '\'' || c == '"' => (quote, is_word) = (Some(c), true),
            None if matches!(c, '|' | ';' | '&') && !word.ends_with('>') => break,
            None if c.is_whitespace() => {
                if is_word {
                    words.push(std::mem::take(&mut word));
                }
                is_word = false;
            }
            None => {
                word.push(c);
                is_word = true;
            }
        }
    }
    if is_word {
        words.push(word);
    }
    words.retain(|word| !word.contains('>') || word.contains(' '));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_its_first_command_without_quotes_and_redirections() {
        for (line, wanted) in [
            ("kubectl get agents -o json", &["kubectl", "get", "agents", "-o", "json"][..]),
            ("t uci -q show dhcp 2>/dev/null | grep x", &["t", "uci", "-q", "show", "dhcp"]),
            (
                "k get x -o jsonpath='{.a} {.b}' 2>&1; true",
                &["k", "get", "x", "-o", "jsonpath={.a} {.b}"],
            ),
            ("", &[]),
        ] {
            assert_eq!(words(line), wanted, "{line}");
        }
    }
}
