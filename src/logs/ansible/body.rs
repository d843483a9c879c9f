//! What stands in the body of a failed result: JSON or YAML, perhaps cut.
//!
//! No parser of whole documents: a body may end anywhere, may be longer than
//! what was kept of it, and only a handful of its top-level keys matter.

/// The keys that matter.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Fields {
    pub message: Option<String>,
    pub stderr: Option<String>,
    pub stdout: Option<String>,
    pub module_stderr: Option<String>,
    pub module_stdout: Option<String>,
    pub rc: Option<i64>,
    pub changed: bool,
}

impl Fields {
    fn put(&mut self, key: &str, value: &str) {
        let text = || Some(value.to_owned());
        match key {
            "msg" => self.message = text(),
            // Some modules have nothing better; `msg` wins, and comes before these in sorted JSON.
            "reason" | "censored" if self.message.is_none() => self.message = text(),
            "stderr" => self.stderr = text(),
            "stdout" => self.stdout = text(),
            "module_stderr" => self.module_stderr = text(),
            "module_stdout" => self.module_stdout = text(),
            "rc" => self.rc = value.trim().parse().ok(),
            "changed" => self.changed = value.trim() == "true",
            _ => {}
        }
    }
}

/// The fields of a body that begins with `{` (JSON, on one line or several) or is YAML or plain text.
pub(super) fn fields(text: &str) -> Fields {
    let text = text.trim_end();
    if text.trim_start().starts_with('{') {
        json(text)
    } else if text.starts_with([' ', '\n']) {
        yaml(text)
    } else {
        Fields { message: Some(text.to_owned()), ..Fields::default() }
    }
}

/// Scans JSON for its top-level keys.
fn json(text: &str) -> Fields {
    let mut fields = Fields::default();
    let mut scan = Scan { bytes: text.as_bytes(), text, at: 0 };
    scan.blanks();
    scan.at += 1;
    loop {
        scan.blanks();
        let Some(b'"') = scan.peek() else { return fields };
        let Some((key, true)) = scan.string() else { return fields };
        scan.blanks();
        if scan.peek() != Some(b':') {
            return fields;
        }
        scan.at += 1;
        scan.blanks();
        match scan.peek() {
            Some(b'"') => {
                let Some((value, whole)) = scan.string() else { return fields };
                fields.put(&key, &value);
                if !whole {
                    return fields;
                }
            }
            Some(_) => {
                let from = scan.at;
                scan.value();
                let value = text.get(from..scan.at).unwrap_or("");
                fields.put(&key, value);
            }
            None => return fields,
        }
        scan.blanks();
        if scan.peek() != Some(b',') {
            return fields;
        }
        scan.at += 1;
    }
}

struct Scan<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// The string that begins here, unfolded, and whether it has an end.
    fn string(&mut self) -> Option<(String, bool)> {
        let from = self.at + 1;
        self.at = from;
        while let Some(byte) = self.peek() {
            match byte {
                b'\\' => self.at += 2,
                b'"' => break,
                _ => self.at += 1,
            }
        }
        let end = self.at.min(self.bytes.len());
        let whole = self.peek() == Some(b'"');
        self.at = end + usize::from(whole);
        let raw = self.text.get(from..end)?;
        Some((unfolded(raw), whole))
    }

    /// Passes over a number, a word, a list or an object.
    fn value(&mut self) {
        let mut depth = 0usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.string();
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth > 0 => depth -= 1,
                b'}' | b']' | b',' if depth == 0 => return,
                _ => {}
            }
            self.at += 1;
        }
    }
}

/// The text of a JSON string: its escapes resolved, unknown ones kept.
fn unfolded(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('b' | 'f') => {}
            Some('u') => {
                let digits: String = chars.by_ref().take(4).collect();
                let letter = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                out.push(letter.unwrap_or('\u{fffd}'));
            }
            Some(c) => out.push(c),
            None => {}
        }
    }
    out
}

/// Reads the top-level keys of indented YAML as Ansible writes it.
fn yaml(text: &str) -> Fields {
    let mut fields = Fields::default();
    let mut lines = text.lines().filter(|line| !line.is_empty()).peekable();
    let Some(indent) = lines.peek().map(|line| depth(line)) else { return fields };
    let mut lines = text.lines().skip_while(|line| line.is_empty()).peekable();
    while let Some(line) = lines.next() {
        if depth(line) != indent {
            continue;
        }
        let line = line.get(indent..).unwrap_or("");
        let Some((key, value)) = line.split_once(':') else { continue };
        let mut own = Vec::new();
        // A list of the key stands at the same depth, after a dash.
        while let Some(next) = lines.next_if(|next| {
            next.trim().is_empty()
                || depth(next) > indent
                || next.get(indent..).is_some_and(|rest| rest.starts_with("- "))
        }) {
            own.push(next);
        }
        fields.put(key.trim_matches(['\'', '"']), &scalar(value.trim(), &own));
    }
    fields
}

fn depth(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// A value: the rest of the key's line and the lines that belong to it.
fn scalar(head: &str, own: &[&str]) -> String {
    let is_block = head.starts_with('|') || head.starts_with('>');
    if is_block {
        let indent = own
            .iter()
            .filter(|line| !line.trim().is_empty())
            .map(|line| depth(line))
            .min()
            .unwrap_or(0);
        let lines: Vec<&str> = own.iter().map(|line| line.get(indent..).unwrap_or("")).collect();
        return lines.join("\n").trim_end().to_owned();
    }
    let mut text = head.to_owned();
    for line in own {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(line.trim());
    }
    if let Some(inner) = text.strip_prefix('\'') {
        return inner.strip_suffix('\'').unwrap_or(inner).replace("''", "'");
    }
    if let Some(inner) = text.strip_prefix('"') {
        // A line of a double-quoted value that ends in a backslash goes on without a blank.
        return unfolded(&inner.strip_suffix('"').unwrap_or(inner).replace("\\ \\", ""));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_on_one_line_and_cut() {
        let whole = r#"{"changed": true, "cmd": ["a", "}\""], "msg": "non-zero return code", "rc": 22, "stderr": "a\nb \"q\" \u00fc", "stdout": ""}"#;
        let read = fields(whole);
        assert_eq!(read.message.as_deref(), Some("non-zero return code"));
        assert_eq!(read.stderr.as_deref(), Some("a\nb \"q\" ü"));
        assert_eq!((read.rc, read.changed), (Some(22), true));
        for end in 0..whole.len() {
            if let Some(cut) = whole.get(..end) {
                fields(cut);
            }
        }
        assert_eq!(fields(r#"{"msg": "half of i"#).message.as_deref(), Some("half of i"));
        assert_eq!(fields(r#"{"msg": {"a": 1}, "rc": 1}"#).message.as_deref(), Some(r#"{"a": 1}"#));
    }

    #[test]
    fn yaml_with_blocks_quotes_and_lists() {
        let text = "\n    changed: true\n    cmd:\n    - /bin/false\n    msg: 'it''s: gone'\n    rc: 3\n    stderr: |-\n        one\n\n          two\n    stdout: plain text\n        that goes on\n    stdout_lines: <omitted>";
        let read = fields(text);
        assert_eq!(read.message.as_deref(), Some("it's: gone"));
        assert_eq!(read.stderr.as_deref(), Some("one\n\n  two"));
        assert_eq!(read.stdout.as_deref(), Some("plain text that goes on"));
        assert_eq!((read.rc, read.changed), (Some(3), true));
    }

    #[test]
    fn anything_else_is_the_message() {
        assert_eq!(fields("just words").message.as_deref(), Some("just words"));
    }
}
