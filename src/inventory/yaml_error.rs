//! The YAML parser's complaints as sentences for operators.

use std::path::Path;

use serde_yaml::granit_parser::{ErrorKind, Marker, ScanError};

use super::Problem;
use crate::domain::Place;
use crate::domain::untrusted::printable;

/// A place of the parser as a place in a file.
pub(super) fn place(mark: &Marker, file: &Path) -> Place {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Place {
        file: file.to_path_buf(),
        line: number(mark.line().max(1)),
        column: number(mark.col().saturating_add(1)),
    }
}

/// A complaint of the parser: what was found, what is accepted, what to do.
pub(super) fn problem(error: &ScanError, text: &str, file: &Path) -> Box<Problem> {
    use ErrorKind as K;
    let mut place = place(error.marker(), file);
    let (sentence, hint) = match error.kind() {
        K::TabNotAllowed
        | K::TabInBlockIndentation
        | K::TabInIndentation
        | K::TabAtBlockScalarStart
        | K::TabInPlainScalar => {
            // The parser stops behind the tab; people look for the tab itself.
            let line = text.lines().nth(place.line.saturating_sub(1) as usize).unwrap_or_default();
            if let Some(at) = line.chars().position(|c| c == '\t') {
                place.column = u32::try_from(at + 1).unwrap_or(place.column);
            }
            (
                "a tab stands here, and only spaces are accepted as indentation".to_owned(),
                "replace the tabs of this line by spaces",
            )
        }
        K::UnexpectedEofFlowSequence
        | K::UnexpectedEofFlowMapping
        | K::UnexpectedEofImplicitFlowMapping
        | K::UnclosedFlowCollection { .. } => (
            "a `[` or `{` is opened and never closed".to_owned(),
            "close it, or restore the end of the file",
        ),
        K::UnclosedQuotedScalar => (
            "a quoted text begins and its closing quote never comes".to_owned(),
            "close the quote, or restore the end of the file",
        ),
        K::InvalidQuotedScalarIndent => (
            "a quoted text that begins above runs on to here: its closing quote is missing, or this \
             line is not indented"
                .to_owned(),
            "close the quote on the line where it begins",
        ),
        K::UnexpectedEof | K::UnexpectedEofBlockMapping | K::UnexpectedEofBlockSequence => (
            "the file ends in the middle of a value".to_owned(),
            "complete what is begun above this place, or restore the file",
        ),
        K::MappingValueNotAllowed | K::InvalidColonPlacement => (
            "a second `: ` stands on this line, and one key and one value are accepted".to_owned(),
            "put the value in quotes, or move it to a line of its own",
        ),
        K::SimpleKeyExpected | K::InvalidSimpleKey | K::ExpectedBlockMappingKey => (
            "a line stands here without the `:` that ends a key, or with other indentation than \
             the lines above it"
                .to_owned(),
            "write `key: value`, indented like its neighbours",
        ),
        K::InvalidIndentation | K::ExpectedBlockSequenceEntry => (
            "this line is indented differently from the lines it belongs to".to_owned(),
            "give all entries of a list or mapping the same indentation, in spaces",
        ),
        K::UnknownAnchor => (
            "this alias names an anchor that does not stand above it".to_owned(),
            "define it first with `&name`, or put text that begins with `*` in quotes",
        ),
        K::RecursionLimitExceeded => (
            "values are nested deeper than 255 levels here".to_owned(),
            "check for brackets that are never closed",
        ),
        K::UnknownQuotedScalarEscape | K::InvalidQuotedScalarHexEscape => (
            "a backslash stands here before a letter that is no escape".to_owned(),
            "use single quotes for text with backslashes, or double the backslash",
        ),
        _ => (
            format!("this cannot be read as YAML ({})", printable(&error.info())),
            "compare the line with its neighbours: indentation, quotes and brackets",
        ),
    };
    Problem::refusal(place, sentence, hint)
}
