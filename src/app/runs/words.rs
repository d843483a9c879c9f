//! A typed line as the words of a command: quotes and backslashes as in a
//! POSIX shell, and nothing else of one.

/// The words of a line.
///
/// # Errors
/// A sentence when a quote is not closed, or a backslash ends the line.
pub fn split(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        match c {
            c if c.is_whitespace() => words.extend(word.take()),
            '\'' => loop {
                let word = word.get_or_insert_default();
                match rest.next() {
                    Some('\'') => break,
                    Some(c) => word.push(c),
                    None => return Err("a quote (') is not closed".to_owned()),
                }
            },
            '"' => loop {
                let word = word.get_or_insert_default();
                match rest.next() {
                    Some('"') => break,
                    Some('\\') => match rest.next() {
                        Some(c @ ('"' | '\\' | '$' | '`')) => word.push(c),
                        Some(c) => word.extend(['\\', c]),
                        None => return Err("a quote (\") is not closed".to_owned()),
                    },
                    Some(c) => word.push(c),
                    None => return Err("a quote (\") is not closed".to_owned()),
                }
            },
            '\\' => match rest.next() {
                Some(c) => word.get_or_insert_default().push(c),
                None => return Err("the line ends with a backslash".to_owned()),
            },
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::ansible::shell_word;

    #[test]
    fn words_are_those_of_a_shell_without_its_meanings() {
        for (line, words) in [
            ("make -j 4  all", vec!["make", "-j", "4", "all"]),
            ("sh -c 'echo \"$HOME\" | wc'", vec!["sh", "-c", "echo \"$HOME\" | wc"]),
            (r#"echo "a \"b\" \n" c\ d ''"#, vec!["echo", r#"a "b" \n"#, "c d", ""]),
            ("ls *.yml > x", vec!["ls", "*.yml", ">", "x"]),
            ("  ", vec![]),
        ] {
            assert_eq!(split(line).unwrap(), words, "{line}");
        }
        for line in ["echo 'a", "echo \"a", "echo a\\"] {
            assert!(split(line).is_err(), "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_quoted_comes_back_as_it_was(words in proptest::collection::vec("[ -~]{1,9}", 1..6)) {
            let line = words.iter().map(|word| shell_word(word)).collect::<Vec<_>>().join(" ");
            proptest::prop_assert_eq!(split(&line).unwrap(), words);
        }
    }
}
