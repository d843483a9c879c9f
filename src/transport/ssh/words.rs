//! Splitting text into words as `ssh_config` and a shell do.

/// Whose rules of quoting hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoting {
    /// `ssh_config`: a backslash only escapes quotes, spaces and itself; `#` at
    /// the start of a word begins a comment.
    Config,
    /// Words of a command line, as Ansible splits them: POSIX shell quoting.
    Shell,
}

/// The words of a text; none when a quote is not closed.
pub(super) fn split(text: &str, quoting: Quoting) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None | Some('"'), '\\') if escapes(chars.peek(), quote, quoting) => {
                word.get_or_insert_default().extend(chars.next());
            }
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, '#') if word.is_none() && quoting == Quoting::Config => break,
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

/// Whether a backslash before this character takes away its meaning.
fn escapes(next: Option<&char>, quote: Option<char>, quoting: Quoting) -> bool {
    match (next, quoting, quote) {
        (None, ..) => false,
        (Some('"' | '\\'), ..) => true,
        (Some('\'' | ' '), Quoting::Config, None) => true,
        (Some(_), Quoting::Shell, None) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Option<Vec<String>> {
        split(text, Quoting::Config)
    }

    fn shell(text: &str) -> Option<Vec<String>> {
        split(text, Quoting::Shell)
    }

    #[test]
    fn words_and_quotes() {
        assert_eq!(config(r#"~/.ssh/a "b c" d"e"f"#).unwrap(), ["~/.ssh/a", "b c", "def"]);
        assert_eq!(
            shell(r#"-o 'ProxyJump=a b' -F x\ y "" "#).unwrap(),
            ["-o", "ProxyJump=a b", "-F", "x y", ""]
        );
        assert_eq!(config("a # the rest").unwrap(), ["a"]);
        assert_eq!(shell("a #b").unwrap(), ["a", "#b"]);
        assert_eq!(config(r"C:\keys\id").unwrap(), [r"C:\keys\id"]);
        assert_eq!(shell(r#""a\"b\c""#).unwrap(), [r#"a"b\c"#]);
        assert_eq!(config(""), Some(vec![]));
    }

    #[test]
    fn an_open_quote_is_no_word() {
        assert_eq!(config("\"a b"), None);
        assert_eq!(shell("'a"), None);
        assert_eq!(shell("a\\").unwrap(), ["a\\"]);
    }
}
