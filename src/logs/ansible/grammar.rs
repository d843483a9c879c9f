//! The grammar of one line. It looks at the left edge only: the width of a
//! banner is that of a terminal, and the rest is other people's text.

use super::outline::{Kind, State};

/// What a line is, with its parts.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Line<'a> {
    Blank,
    Playbook,
    Play(&'a str),
    Task {
        kind: Kind,
        title: &'a str,
    },
    Result(Outcome<'a>),
    Included {
        hosts: &'a str,
        item: bool,
    },
    Ignoring,
    Retry {
        host: Option<&'a str>,
        left: u32,
        opens: bool,
    },
    Async {
        host: &'a str,
        polling: bool,
    },
    TaskPath(&'a str),
    Pause(u64),
    NoHostsMatched,
    NoMoreHosts,
    RecapHead,
    Warning(&'a str),
    Deprecation(&'a str),
    /// `[ERROR]: `, of a task or of ansible itself.
    Error(&'a str),
    /// `ERROR! `: of ansible itself, and the last thing it says.
    Fatal(&'a str),
    Interrupted,
    Took(u64),
    /// The line above the longest tasks of `profile_tasks`.
    ProfileHead,
    /// Of no interest.
    Decoration,
    DiffHead,
    Other,
}

/// A line about one host.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome<'a> {
    pub state: State,
    pub host: &'a str,
    pub delegated: Option<&'a str>,
    pub item: Option<&'a str>,
    pub body: Body<'a>,
}

/// What follows a result.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Body<'a> {
    None,
    /// On the same line.
    Inline(&'a str),
    /// In the next lines, up to a `}` in column 0.
    Json,
    /// In the next lines, as long as they are indented; `changed=…` of the yaml callback before them.
    Yaml {
        changed: bool,
    },
}

/// What the line is.
pub(super) fn classify(text: &str) -> Line<'_> {
    let Some(first) = text.bytes().next() else { return Line::Blank };
    let found = match first {
        b'o' => tail(text, "ok: [").and_then(|rest| result(State::Ok, rest)),
        b'c' => tail(text, "changed: [").and_then(|rest| result(State::Changed, rest)),
        b's' => skipping(text),
        b'f' => fatal(text).or_else(|| item_failed(text)),
        b'i' => included(text),
        b'F' => retry(text),
        b'T' => tail(text, "TASK [").and_then(|rest| banner(rest, Kind::Task)),
        b'R' => tail(text, "RUNNING HANDLER [").and_then(|rest| banner(rest, Kind::Handler)),
        b'C' => tail(text, "CLEANUP TASK [").and_then(|rest| banner(rest, Kind::Task)),
        b'P' => play(text),
        b'N' => (text.starts_with("NO MORE HOSTS LEFT") && text.ends_with('*'))
            .then_some(Line::NoMoreHosts),
        b'D' => (text.starts_with("DRY RUN *") && text.ends_with('*')).then_some(Line::Decoration),
        b'A' => polled(text),
        b'.' => (text.trim_end() == "...ignoring").then_some(Line::Ignoring),
        b'[' => note(text),
        b' ' => tail(text, " [ERROR]: ").and_then(interruption),
        b'E' => tail(text, "ERROR! ").map(Line::Fatal),
        b't' => tail(text, "task path: ").map(|path| Line::TaskPath(path.trim_end())),
        b'=' => text.trim_end().bytes().all(|byte| byte == b'=').then_some(Line::ProfileHead),
        b'(' => text.starts_with("(ctrl+C then 'C'").then_some(Line::Decoration),
        b'-' => text.starts_with("--- before").then_some(Line::DiffHead),
        b'+' => text.starts_with("+++ after").then_some(Line::DiffHead),
        _ => None,
    };
    found.unwrap_or(Line::Other)
}

fn tail<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    text.strip_prefix(start)
}

/// `NAME] ***`: the name ends at the last bracket before the stars.
fn starred(rest: &str) -> Option<&str> {
    let name = rest.trim_end().strip_suffix("***")?.trim_end_matches('*').strip_suffix(' ')?;
    let name = name.strip_suffix(" [CHECK MODE]").unwrap_or(name);
    name.strip_suffix(']')
}

fn banner(rest: &str, kind: Kind) -> Option<Line<'_>> {
    starred(rest).map(|title| Line::Task { kind, title: title.trim() })
}

fn play(text: &str) -> Option<Line<'_>> {
    if let Some(rest) = tail(text, "PLAY [") {
        return starred(rest).map(|name| Line::Play(name.trim()));
    }
    if let Some(rest) = tail(text, "Pausing for ") {
        let seconds = rest.split(' ').next()?.parse().ok()?;
        return rest.contains(" second").then_some(Line::Pause(seconds));
    }
    if let Some(rest) = tail(text, "Playbook run took ") {
        return super::timing::run_length(rest).map(Line::Took);
    }
    let head = text.trim_end().strip_suffix("***")?.trim_end_matches('*').strip_suffix(' ')?;
    match head {
        "PLAY RECAP" => Some(Line::RecapHead),
        "PLAY" | "PLAY [CHECK MODE]" => Some(Line::Play("")),
        _ => head.starts_with("PLAYBOOK: ").then_some(Line::Playbook),
    }
}

/// `HOST`, or `HOST -> OTHER`, up to the bracket, and what follows it.
fn hosts(rest: &str) -> Option<(&str, Option<&str>, &str)> {
    let (inside, after) = rest.split_once(']')?;
    let (host, delegated) = match inside.split_once(" -> ") {
        Some((host, other)) => (host, Some(other)),
        None => (inside, None),
    };
    let fits =
        |name: &str| !name.is_empty() && name.len() <= 253 && !name.contains([' ', ',', '[']);
    (fits(host) && delegated.is_none_or(fits)).then_some((host, delegated, after))
}

/// `(item=LABEL)` and what follows; the label may hold anything.
fn item(rest: &str) -> Option<(&str, &str)> {
    let rest = tail(rest, "(item=")?;
    let whole = rest.trim_end();
    // A body on the next lines: the label ends at the last bracket before it.
    for end in [") => {", ") =>", ") => changed=true", ") => changed=false"] {
        if let Some(label) = whole.strip_suffix(end) {
            return Some((label, whole.get(label.len() + 1..)?));
        }
    }
    // A body on this line is JSON.
    if let Some(at) = rest.find(") => {") {
        return Some((rest.get(..at)?, rest.get(at + 1..)?));
    }
    // A label that goes on in the next line has no bracket here.
    Some((whole.strip_suffix(')').unwrap_or(whole), ""))
}

fn body(rest: &str) -> Body<'_> {
    let Some(text) = rest.trim_start().strip_prefix("=>").map(str::trim) else { return Body::None };
    match text {
        "{" => Body::Json,
        "" | "changed=false" => Body::Yaml { changed: false },
        "changed=true" => Body::Yaml { changed: true },
        text => Body::Inline(text),
    }
}

fn result(state: State, rest: &str) -> Option<Line<'_>> {
    let (host, delegated, after) = hosts(rest)?;
    let (item, body) = if after.trim_end().is_empty() {
        (None, Body::None)
    } else {
        let tail = after.strip_prefix(" => ")?;
        match item(tail) {
            Some((label, rest)) => (Some(label), body(rest)),
            None => (None, body(after)),
        }
    };
    Some(Line::Result(Outcome { state, host, delegated, item, body }))
}

fn skipping(text: &str) -> Option<Line<'_>> {
    if text.trim_end() == "skipping: no hosts matched" {
        return Some(Line::NoHostsMatched);
    }
    tail(text, "skipping: [").and_then(|rest| result(State::Skipped, rest))
}

fn fatal(text: &str) -> Option<Line<'_>> {
    let (host, delegated, after) = hosts(tail(text, "fatal: [")?)?;
    let after = after.strip_prefix(": ")?;
    let (state, rest) = match after.strip_prefix("FAILED!") {
        Some(rest) => (State::Failed, rest),
        None => (State::Unreachable, after.strip_prefix("UNREACHABLE!")?),
    };
    Some(Line::Result(Outcome { state, host, delegated, item: None, body: body(rest) }))
}

fn item_failed(text: &str) -> Option<Line<'_>> {
    let (host, delegated, after) = hosts(tail(text, "failed: [")?)?;
    // Before 2.14 a colon or an arrow could stand here.
    let after = after.trim_start_matches(':').trim_start();
    let after = after.strip_prefix("=> ").unwrap_or(after);
    let (label, rest) = item(after)?;
    Some(Line::Result(Outcome {
        state: State::Failed,
        host,
        delegated,
        item: Some(label),
        body: body(rest),
    }))
}

fn included(text: &str) -> Option<Line<'_>> {
    let rest = tail(text, "included: ")?;
    // The label of an item may hold " for ".
    let label = rest.split_once(" => (item=");
    let rest = label.map_or(rest, |(before, _)| before);
    let (_, hosts) = rest.rsplit_once(" for ")?;
    Some(Line::Included { hosts: hosts.trim_end(), item: label.is_some() })
}

fn retry(text: &str) -> Option<Line<'_>> {
    let rest = tail(text, "FAILED - RETRYING: ")?;
    let (host, rest) = match rest.strip_prefix('[').and_then(hosts) {
        Some((host, _, rest)) => (Some(host), rest),
        // Before 2.12 the host is not named.
        None => (None, rest),
    };
    let (_, left) = rest
        .rsplit_once(" (")
        .filter(|(_, left)| left.contains(" retries left)"))
        .or_else(|| {
            let at = rest.find(" retries left).")?;
            rest.get(..at)?.rsplit_once(" (")
        })?;
    let digits = left.split(' ').next()?;
    Some(Line::Retry {
        host,
        left: digits.parse().ok()?,
        opens: text.trim_end().ends_with("=> {") || rest.trim_end().ends_with('{'),
    })
}

fn polled(text: &str) -> Option<Line<'_>> {
    let rest = tail(text, "ASYNC ")?;
    let (what, rest) = rest.split_once(" on ")?;
    let (host, _) = rest.split_once(": jid=")?;
    let polling = match what {
        "POLL" => true,
        "OK" | "FAILED" => false,
        _ => return None,
    };
    Some(Line::Async { host, polling })
}

fn note(text: &str) -> Option<Line<'_>> {
    if let Some(rest) = tail(text, "[WARNING]: ") {
        return Some(Line::Warning(rest));
    }
    if let Some(rest) = tail(text, "[DEPRECATION WARNING]: ") {
        return Some(Line::Deprecation(rest));
    }
    let rest = tail(text, "[ERROR]: ")?;
    interruption(rest).or(Some(Line::Error(rest)))
}

fn interruption(rest: &str) -> Option<Line<'_>> {
    rest.starts_with("User interrupted execution").then_some(Line::Interrupted)
}

/// Whether the line asks for something to be typed: such a line has no end.
pub(super) fn is_prompt(text: &str) -> bool {
    let from = text.ceil_char_boundary(text.len().saturating_sub(400));
    let end = text.get(from..).unwrap_or("").to_ascii_lowercase();
    let asks_secret = end.contains("password") || end.contains("passphrase");
    (asks_secret && end.trim_end().ends_with(':'))
        || end.ends_with("(yes/no/[fingerprint])? ")
        || end.ends_with("press enter to continue, ctrl+c to interrupt:")
        // A question of `vars_prompt`, with or without a default.
        || end.ends_with("]: ")
        || end.ends_with(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(text: &str) -> Outcome<'_> {
        match classify(text) {
            Line::Result(outcome) => outcome,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn banners_of_any_width_and_mode() {
        assert_eq!(classify("PLAY [a] ***"), Line::Play("a"));
        assert_eq!(classify("PLAY ****************"), Line::Play(""));
        assert_eq!(classify("PLAY [] ****"), Line::Play(""));
        assert_eq!(classify("PLAY RECAP ******"), Line::RecapHead);
        assert_eq!(
            classify("TASK [x [y] * z] [CHECK MODE] ***"),
            Line::Task { kind: Kind::Task, title: "x [y] * z" }
        );
        assert_eq!(
            classify("RUNNING HANDLER [r : n] ***"),
            Line::Task { kind: Kind::Handler, title: "r : n" }
        );
        assert_eq!(classify("TASK [cut off"), Line::Other);
    }

    #[test]
    fn results_with_items_and_delegation() {
        let delegated = outcome("ok: [a -> b]");
        assert_eq!((delegated.host, delegated.delegated, delegated.item), ("a", Some("b"), None));
        assert_eq!(outcome("skipping: [a] => (item=b) ").item, Some("b"));
        let label = outcome("ok: [a] => (item={'k': '(x) y'}) => {\"changed\": false}");
        assert_eq!(
            (label.item, label.body),
            (Some("{'k': '(x) y'}"), Body::Inline("{\"changed\": false}"))
        );
        let arrow = outcome("ok: [a] => (item=x (for a) => ok) => {");
        assert_eq!((arrow.item, arrow.body), (Some("x (for a) => ok"), Body::Json));
        assert_eq!(outcome("failed: [a] (item=x) => {").body, Body::Json);
        assert_eq!(outcome("failed: [a -> b] (item=x) => {\"a\": 1}").delegated, Some("b"));
        assert_eq!(outcome("fatal: [a]: UNREACHABLE! => {\"m\": 1}").state, State::Unreachable);
        assert_eq!(outcome("fatal: [a]: FAILED! => ").body, Body::Yaml { changed: false });
        assert_eq!(
            outcome("ok: [a] => (item=x) => changed=true ").body,
            Body::Yaml { changed: true }
        );
        assert_eq!(outcome("ok: [a] => changed=false ").body, Body::Yaml { changed: false });
    }

    #[test]
    fn what_only_looks_alike_is_other_output() {
        for text in [
            "ok: [a] b",
            "ok: [two words]",
            "ok: [",
            "fatal: [a] x",
            "failed: 3 of 4",
            "included: nothing",
            "changed: []",
            "PLAY it",
            "skipping: x",
        ] {
            assert_eq!(classify(text), Line::Other, "{text}");
        }
    }

    #[test]
    fn retries_of_every_form() {
        let named = classify("FAILED - RETRYING: [a -> b]: Wait (for it) (60 retries left).");
        assert_eq!(named, Line::Retry { host: Some("a"), left: 60, opens: false });
        let old = classify("FAILED - RETRYING: Wait (3 retries left).");
        assert_eq!(old, Line::Retry { host: None, left: 3, opens: false });
        let loud = classify("FAILED - RETRYING: [a]: W (3 retries left).Result was: {");
        assert_eq!(loud, Line::Retry { host: Some("a"), left: 3, opens: true });
        let flat =
            classify("FAILED - RETRYING: [a]: W (3 retries left).Result was: {\"msg\": \"x (y\"}");
        assert_eq!(flat, Line::Retry { host: Some("a"), left: 3, opens: false });
    }

    #[test]
    fn prompts_are_known_by_their_end() {
        assert!(
            is_prompt("Vault password: ")
                && is_prompt("BECOME password[defaults to SSH password]: ")
        );
        assert!(is_prompt("Enter passphrase for key 'id': ") && !is_prompt("ok: [a]"));
    }
}
