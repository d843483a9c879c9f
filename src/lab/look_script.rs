//! The batched look as the wire has it: a script on standard input whose
//! first line is `# shopfloor look 1 NONCE` and whose sections begin with a
//! comment line `#: NAME`; the answer frames every section's output with
//! `@@NONCE NAME` and `@@NONCE NAME = STATUS`, and ends with `@@NONCE . = 0`.
//! A line `# shopfloor look 1 NONCE` further on begins another part.

/// What one part of a script asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookScript<'a> {
    /// The word that makes this answer's marks its own.
    pub nonce: &'a str,
    /// What stands before the first section: preparation and parameters.
    head: &'a str,
    /// The sections in the order of the script.
    pub sections: Vec<&'a str>,
    whole: &'a str,
}

impl<'a> LookScript<'a> {
    /// Reads a script, part by part; nothing when it is not a look.
    pub fn read(script: &'a str) -> Vec<LookScript<'a>> {
        let head = script.split_once("\n#: ").map_or(script, |(head, _)| head);
        let mut parts: Vec<LookScript<'a>> = Vec::new();
        for (at, line) in script.lines().enumerate() {
            if let Some(nonce) = line.strip_prefix("# shopfloor look 1 ") {
                let nonce = nonce.trim();
                if nonce.is_empty() || !nonce.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                    return Vec::new();
                }
                parts.push(LookScript { nonce, head, sections: Vec::new(), whole: script });
            } else if at == 0 {
                return Vec::new();
            } else if let (Some(name), Some(part)) = (line.strip_prefix("#: "), parts.last_mut()) {
                part.sections.push(name.trim());
            }
        }
        parts
    }

    /// The value of a parameter line `NAME='VALUE'`; empty where there is none.
    pub fn parameter(&self, name: &str) -> &'a str {
        self.head
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
            .map_or("", |value| value.trim().trim_matches('\''))
    }

    /// What a section of documented commands runs; empty where there is none.
    pub fn body(&self, section: &str) -> &'a str {
        let begin = format!("\n#: {section}\nq() {{\n");
        let body = self.whole.split_once(begin.as_str()).map_or("", |(_, body)| body);
        body.split_once("\n}\nb ").map_or("", |(body, _)| body)
    }

    /// The framed answer, with output and exit status of each section.
    pub fn answer(&self, mut section: impl FnMut(&str) -> (String, u32)) -> String {
        use std::fmt::Write as _;
        let mut out = String::new();
        let nonce = self.nonce;
        let is_documented = !self.parameter("ASKS").is_empty();
        for name in &self.sections {
            let (text, status) = section(name);
            let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
            // A documented command that fails says why on standard error.
            if is_documented && status != 0 {
                let _ = writeln!(
                    out,
                    "@@{nonce} {name}\n@@{nonce} {name} = {status}\n@@{nonce} {name}!\n{text}{gap}@@{nonce} {name}! = 0"
                );
                continue;
            }
            let _ = writeln!(out, "@@{nonce} {name}\n{text}{gap}@@{nonce} {name} = {status}");
        }
        let _ = writeln!(out, "@@{nonce} . = 0");
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_answered_in_order_with_their_status() {
        let script =
            "# shopfloor look 1 f00d\nNAMES='ghcr.io ctl-01'\n#: kernel\nuname -r\n#: nothing\nx\n";
        let parts = LookScript::read(script);
        let [look] = parts.as_slice() else { panic!("{parts:?}") };
        assert_eq!(look.nonce, "f00d");
        assert_eq!(look.sections, ["kernel", "nothing"]);
        assert_eq!(look.parameter("NAMES"), "ghcr.io ctl-01");
        assert_eq!(look.parameter("NIC"), "");
        let answer = look.answer(|name| match name {
            "kernel" => ("6.14".into(), 0),
            _ => (String::new(), 127),
        });
        assert_eq!(
            answer,
            "@@f00d kernel\n6.14\n@@f00d kernel = 0\n@@f00d nothing\n@@f00d nothing = 127\n@@f00d . = 0\n"
        );
    }

    #[test]
    fn another_script_is_no_look() {
        assert_eq!(LookScript::read("uname -r\n"), []);
        assert_eq!(LookScript::read("# shopfloor look 1 \n"), []);
        assert_eq!(LookScript::read(""), []);
    }

    #[test]
    fn each_part_has_its_own_answer_and_the_parameters_of_the_first() {
        let script = "# shopfloor look 1 f00d\nNIC='0000:58:00.0'\n#: kernel\nuname -r\n\
                      # shopfloor look 1 beef\nN='beef'\n#: nic\nlspci\n#: sudo\nx\n";
        let parts = LookScript::read(script);
        let told: Vec<_> = parts.iter().map(|part| (part.nonce, part.sections.clone())).collect();
        assert_eq!(told, [("f00d", vec!["kernel"]), ("beef", vec!["nic", "sudo"])]);
        assert_eq!(parts[1].parameter("NIC"), "0000:58:00.0");
    }
}
