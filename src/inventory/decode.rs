//! Bytes of a file to text: size, binary, encoding, characters that YAML forbids.

use std::io::{ErrorKind, Read};
use std::path::Path;

use super::{LoadError, Problem};
use crate::domain::Place;

/// The largest file that is read, in bytes. 100,000 hosts with a dozen
/// variables each fit; what is larger is not an inventory.
pub const LARGEST_FILE: u64 = 32 * 1024 * 1024;

/// Reads a text file of the site.
///
/// # Errors
/// [`LoadError::Missing`] when there is none, [`LoadError::Unreadable`] when it
/// cannot be read, is no regular file, is too large, binary or not UTF-8, and
/// [`LoadError::Invalid`] when it holds a character that YAML forbids.
pub fn read_text(file: &Path) -> Result<String, LoadError> {
    let unreadable = |sentence: String, hint: &str| LoadError::Unreadable {
        file: file.to_path_buf(),
        sentence,
        hint: hint.to_owned(),
    };
    let metadata = std::fs::metadata(file).map_err(|error| match error.kind() {
        ErrorKind::NotFound => LoadError::Missing(file.to_path_buf()),
        _ => unreadable(
            format!("cannot be read ({error})"),
            "check the owner and the mode of the file",
        ),
    })?;
    if !metadata.is_file() {
        let what = if metadata.is_dir() { "a directory" } else { "no regular file" };
        return Err(unreadable(
            format!("this is {what}, and a text file is expected"),
            "name the site's directory, or put the inventory there as a file",
        ));
    }
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file)
        .and_then(|opened| opened.take(LARGEST_FILE + 1).read_to_end(&mut bytes));
    if let Err(error) = opened {
        let hint = "check the owner and the mode of the file";
        return Err(unreadable(format!("cannot be read ({error})"), hint));
    }
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(unreadable(
            format!(
                "the file has {} MB, and at most {} MiB are read",
                metadata.len() / 1_000_000,
                LARGEST_FILE / (1024 * 1024)
            ),
            "split it into `group_vars/` and `host_vars/`, or name the right file",
        ));
    }
    text_of(bytes, file)
}

/// The text in the bytes of a file.
///
/// # Errors
/// As [`read_text`], for what is wrong with the bytes.
pub fn text_of(bytes: Vec<u8>, file: &Path) -> Result<String, LoadError> {
    let unreadable = |sentence: String, hint: &str| LoadError::Unreadable {
        file: file.to_path_buf(),
        sentence,
        hint: hint.to_owned(),
    };
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(unreadable(
            "the text is UTF-16, and UTF-8 is expected".to_owned(),
            "save the file as UTF-8",
        ));
    }
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Err(unreadable(
            format!("this is a binary file (a zero byte at offset {at}), and text is expected"),
            "name the right file, or restore it from a backup",
        ));
    }
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..good).unwrap_or_default();
        let place = place_after(&String::from_utf8_lossy(before), file);
        unreadable(
            format!(
                "line {} column {} is not UTF-8, and UTF-8 text is expected",
                place.line, place.column
            ),
            "save the file as UTF-8",
        )
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    if let Some((at, c)) = text.char_indices().find(|(_, c)| !is_allowed(*c)) {
        let before = text.get(..at).unwrap_or_default();
        return Err(LoadError::Invalid(vec![Problem::parse_error(
            place_after(before, file),
            format!(
                "the control character U+{:04X} stands here, and YAML forbids it",
                u32::from(c)
            ),
            "remove it; inside double quotes it can be written as an escape (`\\x1b`)",
        )]));
    }
    Ok(text)
}

/// The place right after a text.
fn place_after(before: &str, file: &Path) -> Place {
    let line = before.matches('\n').count() + 1;
    let last = before.rsplit('\n').next().unwrap_or_default();
    Place {
        file: file.to_path_buf(),
        line: u32::try_from(line).unwrap_or(u32::MAX),
        column: u32::try_from(last.chars().count() + 1).unwrap_or(u32::MAX),
    }
}

/// The characters that YAML 1.1 calls printable.
fn is_allowed(c: char) -> bool {
    matches!(c,
        '\t' | '\n' | '\r' | '\u{20}'..='\u{7e}' | '\u{85}' | '\u{a0}'..='\u{d7ff}'
        | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(bytes: &[u8]) -> String {
        text_of(bytes.to_vec(), Path::new("inventory.yml")).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_text_is_said_in_one_sentence_with_its_place() {
        assert!(sentence(b"all:\n\0").contains("a binary file (a zero byte at offset 5)"));
        assert!(sentence(b"all:\n  a\xff: 1\n").contains("line 2 column 4 is not UTF-8"));
        assert!(sentence(&[0xff, 0xfe, b'a', 0]).contains("UTF-16"));
        assert_eq!(
            sentence(b"all:\n  x: \x1b[31m\n"),
            "inventory.yml:2:6: the control character U+001B stands here, and YAML forbids it; remove it; \
             inside double quotes it can be written as an escape (`\\x1b`)"
        );
    }

    #[test]
    fn a_byte_order_mark_is_not_part_of_the_text() {
        let text = text_of("\u{feff}all: {}\n".into(), Path::new("i")).unwrap();
        assert_eq!(text, "all: {}\n");
    }

    #[test]
    fn a_missing_file_is_a_start_and_a_directory_is_not_readable() {
        let directory = tempfile::tempdir().unwrap();
        let missing = read_text(&directory.path().join("inventory.yml")).unwrap_err();
        assert!(matches!(missing, LoadError::Missing(_)));
        assert_eq!(missing.exit_status(), 4);
        let error = read_text(directory.path()).unwrap_err();
        assert!(error.to_string().contains("this is a directory"), "{error}");
        assert!(matches!(error, LoadError::Unreadable { .. }));
    }

    #[test]
    fn a_file_of_fifty_megabytes_is_refused_before_it_is_parsed() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("inventory.yml");
        std::fs::File::create(&file).unwrap().set_len(50_000_000).unwrap();
        let error = read_text(&file).unwrap_err();
        assert!(error.to_string().contains("has 50 MB, and at most 32 MiB"), "{error}");
        assert_eq!(error.exit_status(), 4);
    }
}
